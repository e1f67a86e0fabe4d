/* SPDX-License-Identifier: MIT */
#include "l2cap/ecfc_ask.h"

#include <errno.h>

#include "l2cap/blame.h"
#include "l2cap/chan.h"
#include "l2cap/credit.h"
#include "l2cap/data.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/gate.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/req.h"
#include "l2cap/timers.h"

#define CODE_MAX 0xff /* of what is added to a base in enum rt_l2cap_code */
#define CHANNELS_MAX RT_L2CAP_CREDIT_CHANNELS_MAX

struct ask {
	struct rt_list node; /* on l2cap->asks */
	struct rt_l2cap *l2cap;
	struct rt_l2cap_req req;
	struct rt_timer timer; /* the gate may say something else */
	size_t count;
	rt_handle chan[CHANNELS_MAX]; /* as in the request; 0: gone */
	struct rt_grave grave;
};

/* The channels of a request that is over, and what they get. */
struct answer {
	struct rt_l2cap *l2cap;
	size_t count;
	rt_handle chan[CHANNELS_MAX];
	uint16_t code[CHANNELS_MAX];  /* why it ends; 0: it does not */
	rt_handle twin[CHANNELS_MAX]; /* ends with it; 0: none */
};

static struct ask *find(const struct rt_l2cap_chan *chan, size_t *ret_at)
{
	struct ask *ask;

	RT_LIST_EACH (ask, &chan->l2cap->asks, node) {
		for (size_t i = 0; i < ask->count; i++) {
			if (ask->chan[i] != chan->handle)
				continue;
			*ret_at = i;
			return ask;
		}
	}
	return NULL;
}

/* The first channel that is still there: there always is one. */
static struct rt_l2cap_chan *first(const struct ask *ask)
{
	struct rt_l2cap_chan *chan = NULL;

	for (size_t i = 0; i < ask->count && !chan; i++)
		chan = rt_slots_get(&ask->l2cap->chans, ask->chan[i]);
	return chan;
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct ask, grave));
}

/* The request is over; who called may still look at it. */
static void bury(struct ask *ask)
{
	struct rt_env *env = ask->l2cap->env;

	rt_env_stop(env, &ask->timer);
	rt_l2cap_req_stop(&ask->req);
	rt_list_del(&ask->node);
	rt_env_bury(env, &ask->grave, free_grave);
}

/* The same, for those who go on with the channels. */
static struct answer take(struct ask *ask)
{
	struct answer answer = { .l2cap = ask->l2cap, .count = ask->count };

	for (size_t i = 0; i < ask->count; i++)
		answer.chan[i] = ask->chan[i];
	bury(ask);
	return answer;
}

static struct rt_l2cap_chan *chan_at(const struct answer *answer, size_t i)
{
	return rt_slots_get(&answer->l2cap->chans, answer->chan[i]);
}

/* It may have ended already, and only wait for the controller. */
static void end(const struct answer *answer, rt_handle handle, uint16_t code)
{
	struct rt_l2cap_chan *chan =
		rt_slots_get(&answer->l2cap->chans, handle);

	if (chan && rt_l2cap_chan_needs_link(chan))
		rt_l2cap_chan_over(chan, code, RT_L2CAP_WHY_FAILED);
}

/* Ends all channels. What ends one may end others. */
static void fail(struct ask *ask, uint16_t code)
{
	const struct answer answer = take(ask);

	for (size_t i = 0; i < answer.count; i++)
		end(&answer, answer.chan[i], code);
}

static void on_expired(struct rt_l2cap_req *req, bool pending)
{
	fail(RT_CONTAINER_OF(req, struct ask, req),
	     pending ? RT_L2CAP_TIMEOUT_ERTX : RT_L2CAP_TIMEOUT_RTX);
}

static void on_rejected(struct rt_l2cap_req *req, uint16_t reason)
{
	fail(RT_CONTAINER_OF(req, struct ask, req),
	     (uint16_t)(RT_L2CAP_REJECTED + RT_MIN(reason, CODE_MAX)));
}

static const struct rt_l2cap_req_ops req_ops = {
	.rejected = on_rejected,
	.expired = on_expired,
};

/* Makes the request, or makes it anew: for the channels there are. */
static void send(struct ask *ask)
{
	struct rt_l2cap_chan *chan = first(ask);
	struct rt_l2cap_ecfc_conn_req msg = {
		.spsm = chan->psm,
		.mtu = chan->imtu,
		.mps = chan->agreed.rx_mps,
		.credits = UINT16_MAX,
	};
	struct rt_l2cap_cids scids = { .count = ask->count };
	uint8_t buf[sizeof(scids.cid)];
	struct rt_l2cap_link *link = chan->link;

	for (size_t i = 0; i < ask->count; i++) {
		chan = rt_slots_get(&ask->l2cap->chans, ask->chan[i]);
		scids.cid[i] = chan->scid;
		msg.credits =
			RT_MIN(msg.credits, rt_l2cap_credit_initial(chan));
	}
	for (size_t i = 0; i < ask->count; i++) {
		chan = rt_slots_get(&ask->l2cap->chans, ask->chan[i]);
		chan->agreed.rx_credits = msg.credits;
	}
	msg.tail = rt_l2cap_ecfc_write_cids(&scids, buf);
	rt_l2cap_req_send(&ask->req, link, &rt_l2cap_ecfc_conn_req_msg, &msg);
}

static void enter(const struct ask *ask, enum rt_l2cap_chan_state state,
		  enum rt_l2cap_chan_why why)
{
	for (size_t i = 0; i < ask->count; i++)
		rt_l2cap_chan_enter(rt_slots_get(&ask->l2cap->chans,
						 ask->chan[i]),
				    state, why);
}

/* The user hears of it on a fresh stack, as it may be the caller. */
static void refuse(struct ask *ask, const struct rt_reason *why)
{
	const struct answer answer = take(ask);

	for (size_t i = 0; i < answer.count; i++) {
		rt_l2cap_blame_gate(chan_at(&answer, i), why);
		rt_l2cap_chan_over_soon(chan_at(&answer, i),
					RT_L2CAP_GATE_REFUSED,
					RT_L2CAP_WHY_REFUSED);
	}
}

/* The link is open: the peer is asked if the gate allows it. */
static void pass(struct ask *ask, enum rt_l2cap_chan_why why)
{
	const struct rt_l2cap_chan *chan = first(ask);
	struct rt_reason refusal;
	const enum rt_l2cap_verdict verdict = rt_l2cap_gate_ask(
		chan->link, chan->psm, &chan->params.security, false, &refusal);

	if (verdict == RT_L2CAP_ALLOW) {
		enter(ask, RT_L2CAP_CHAN_WAIT_CONNECT_RSP, why);
		send(ask);
	} else if (!rt_l2cap_gate_waits(verdict)) {
		refuse(ask, &refusal);
	} else if (chan->state != RT_L2CAP_CHAN_WAIT_GATE) {
		enter(ask, RT_L2CAP_CHAN_WAIT_GATE, RT_L2CAP_WHY_INSECURE);
	}
}

void rt_l2cap_ecfc_ask_on_up(struct rt_l2cap_chan *chan)
{
	size_t at;
	struct ask *ask = find(chan, &at);

	/* The first of its channels has done it for all. */
	if (ask && (chan->state == RT_L2CAP_CHAN_NEW ||
		    chan->state == RT_L2CAP_CHAN_WAIT_LINK))
		pass(ask, RT_L2CAP_WHY_LINK_UP);
}

static void on_timer(struct rt_timer *timer)
{
	struct ask *ask = RT_CONTAINER_OF(timer, struct ask, timer);

	if (first(ask)->state == RT_L2CAP_CHAN_WAIT_GATE)
		pass(ask, RT_L2CAP_WHY_SECURE);
}

void rt_l2cap_ecfc_ask_gate_changed(struct rt_l2cap_link *link)
{
	struct ask *ask;

	RT_LIST_EACH (ask, &link->l2cap->asks, node) {
		if (first(ask)->link == link)
			rt_env_arm(link->l2cap->env, &ask->timer, 0);
	}
}

bool rt_l2cap_ecfc_ask_is_sent(const struct rt_l2cap_chan *chan)
{
	size_t at;
	const struct ask *ask = find(chan, &at);

	return ask && ask->req.ident != 0;
}

/* Before the request has left there are no gaps. */
static void close_gap(struct ask *ask, size_t at)
{
	ask->count--;
	for (size_t i = at; i < ask->count; i++)
		ask->chan[i] = ask->chan[i + 1];
}

void rt_l2cap_ecfc_ask_leave(struct rt_l2cap_chan *chan)
{
	size_t at;
	struct ask *ask = find(chan, &at);

	if (!ask)
		return;
	if (ask->req.ident == 0)
		close_gap(ask, at);
	else
		ask->chan[at] = 0;
	if (!first(ask))
		bury(ask);
	else if (ask->req.link && ask->req.ident == 0)
		send(ask);
}

/* The peer gives two channels the same id: so has another of its answer. */
static bool is_repeated(const struct rt_l2cap_cids *dcids, size_t at)
{
	for (size_t i = 0; i < dcids->count; i++) {
		if (i != at && dcids->cid[i] == dcids->cid[at])
			return true;
	}
	return false;
}

/* The channel is the peer's too: it is open, or on its way to be closed. */
static void accept(struct rt_l2cap_chan *chan, uint16_t dcid,
		   const struct rt_l2cap_ecfc_conn_rsp *msg)
{
	chan->dcid = dcid;
	chan->omtu = msg->mtu;
	chan->agreed.mode = RT_L2CAP_MODE_CREDIT;
	chan->agreed.tx_mps = msg->mps;
	chan->agreed.tx_credits = msg->credits;
	if (chan->state == RT_L2CAP_CHAN_GIVEN_UP)
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CLOSED);
	else if (msg->mtu < RT_L2CAP_CREDIT_MTU_MIN ||
		 msg->mps < RT_L2CAP_CREDIT_MTU_MIN)
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_BAD_PEER);
	else
		(void)rt_l2cap_chan_start(chan);
}

static uint16_t refusal(uint16_t result)
{
	if (result == RT_L2CAP_ECFC_SUCCESS)
		return RT_L2CAP_BAD_PEER;
	return (uint16_t)(RT_L2CAP_CREDIT_RESULT + RT_MIN(result, CODE_MAX));
}

/*
 * One channel gets what the peer says. If its id is that of a channel there is
 * already, then neither the old one nor the new one can be used any more, nor
 * be taken down: what one says would hit the other (4.26).
 */
static void settle(struct answer *answer, size_t i,
		   const struct rt_l2cap_cids *dcids,
		   const struct rt_l2cap_ecfc_conn_rsp *msg)
{
	struct rt_l2cap_chan *chan = chan_at(answer, i);
	const uint16_t dcid = i < dcids->count ? dcids->cid[i] : 0;
	const struct rt_l2cap_chan *twin;

	if (!chan)
		return;
	if ((msg->result != RT_L2CAP_ECFC_SUCCESS &&
	     !rt_l2cap_ecfc_is_of_some(msg->result)) ||
	    dcid == 0) {
		answer->code[i] = refusal(msg->result);
		return;
	}
	twin = rt_l2cap_chan_by_dcid(chan->link, dcid);
	if (dcid >= RT_L2CAP_CID_DYNAMIC && !is_repeated(dcids, i) && !twin) {
		accept(chan, dcid, msg);
		return;
	}
	answer->code[i] = RT_L2CAP_BAD_PEER;
	answer->twin[i] = twin ? twin->handle : 0;
}

/* All channels are where they belong: any user may do anything now. */
static void tell(const struct answer *answer)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < answer->count; i++) {
		if (answer->code[i] != 0) {
			end(answer, answer->twin[i], answer->code[i]);
			end(answer, answer->chan[i], answer->code[i]);
			continue;
		}
		chan = chan_at(answer, i);
		if (chan && chan->state == RT_L2CAP_CHAN_OPEN)
			rt_l2cap_data_begin(chan);
	}
}

void rt_l2cap_ecfc_ask_on_rsp(struct rt_l2cap_cmd *cmd,
			      const struct rt_l2cap_ecfc_conn_rsp *msg)
{
	struct rt_l2cap_req *req = rt_l2cap_req_find(cmd->link, cmd->ident,
						     RT_L2CAP_ECFC_CONN_REQ);
	struct rt_l2cap_cids dcids;
	struct answer answer;

	if (!req) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	if (rt_l2cap_ecfc_is_pending(msg->result)) {
		rt_l2cap_req_extend(req);
		return;
	}
	if (!rt_l2cap_ecfc_read_cids(msg->tail, 0, &dcids) ||
	    dcids.count > RT_CONTAINER_OF(req, struct ask, req)->count) {
		rt_l2cap_sig_malformed(cmd);
		return;
	}
	answer = take(RT_CONTAINER_OF(req, struct ask, req));
	for (size_t i = 0; i < answer.count; i++)
		settle(&answer, i, &dcids, msg);
	tell(&answer);
}

static int new_chans(struct ask *ask, uint16_t psm,
		     const struct rt_l2cap_params *params, size_t count)
{
	struct rt_l2cap_chan *chan;
	int ret = 0;

	for (; ask->count < count; ask->count++) {
		ret = rt_l2cap_chan_new(ask->l2cap, psm, params, &chan);
		if (ret < 0)
			return ret;
		chan->agreed.rx_mps = rt_l2cap_credit_mps(chan);
		ask->chan[ask->count] = chan->handle;
	}
	return 0;
}

static void free_ask(struct ask *ask)
{
	struct rt_l2cap *l2cap = ask->l2cap;

	rt_list_del(&ask->node);
	for (size_t i = 0; i < ask->count; i++)
		rt_l2cap_chan_free(rt_slots_get(&l2cap->chans, ask->chan[i]));
	rt_env_free(l2cap->env, ask);
}

static void attach(struct ask *ask, struct rt_l2cap_link *link)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < ask->count; i++) {
		chan = rt_slots_get(&ask->l2cap->chans, ask->chan[i]);
		rt_l2cap_chan_attach(chan, link);
	}
	if (rt_l2cap_link_is_open(link))
		pass(ask, RT_L2CAP_WHY_CONNECT);
	else
		enter(ask, RT_L2CAP_CHAN_WAIT_LINK, RT_L2CAP_WHY_CONNECT);
}

static struct ask *new_ask(struct rt_l2cap *l2cap)
{
	struct ask *ask = rt_env_alloc(l2cap->env, sizeof(*ask));

	if (!ask)
		return NULL;
	ask->l2cap = l2cap;
	rt_list_init(&ask->node);
	rt_timer_init(&ask->timer, on_timer);
	rt_l2cap_req_init(&ask->req, &req_ops, RT_L2CAP_RTX_FIRST_MS,
			  RT_L2CAP_RTX_SENDS);
	return ask;
}

int rt_l2cap_connect_many(struct rt_l2cap *l2cap, struct rt_addr addr,
			  uint16_t psm, const struct rt_l2cap_params *params,
			  size_t count, rt_handle *ret_chans)
{
	struct rt_l2cap_link *link;
	struct ask *ask;
	int ret;

	if (!rt_l2cap_psm_is_valid(psm) ||
	    !rt_l2cap_params_are_valid(l2cap, params) ||
	    params->mode != RT_L2CAP_MODE_CREDIT || count < 1 ||
	    count > CHANNELS_MAX)
		return -EINVAL;
	ask = new_ask(l2cap);
	if (!ask)
		return -ENOMEM;
	ret = new_chans(ask, psm, params, count);
	if (ret < 0)
		goto failed;
	ret = rt_l2cap_link_get(l2cap, addr, &link);
	if (ret < 0)
		goto failed;
	rt_list_append(&l2cap->asks, &ask->node);
	for (size_t i = 0; i < count; i++)
		ret_chans[i] = ask->chan[i];
	attach(ask, link);
	return 0;

failed:
	free_ask(ask);
	return ret;
}
