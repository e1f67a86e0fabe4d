/* SPDX-License-Identifier: MIT */
#include "l2cap/ecfc_offer.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/credit.h"
#include "l2cap/data.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/gate.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"

enum verdict {
	REFUSED,
	UNASKED, /* the gate comes first */
	UNDECIDED,
	ACCEPTED,
};

/* One channel of a request. */
struct item {
	rt_handle chan;	 /* 0: refused */
	uint16_t scid;	 /* the peer's */
	uint16_t result; /* if refused */
	enum verdict verdict;
};

struct offer {
	struct rt_list node; /* on link->ecfc.offers */
	struct rt_l2cap_link *link;
	struct rt_timer timer; /* what is to be done on a fresh stack */
	struct rt_pkt *answer; /* room for the one after "pending" */
	struct item item[RT_L2CAP_CREDIT_CHANNELS_MAX];
	size_t count;
	uint16_t pending; /* as the peer was told; 0: not yet */
	uint16_t psm;
	uint8_t ident;
	struct rt_grave grave;
};

static struct rt_l2cap_chan *chan_of(const struct offer *offer,
				     const struct item *item)
{
	return rt_slots_get(&offer->link->l2cap->chans, item->chan);
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct offer, grave));
}

/* It is over; who called may still look at it. */
static void bury(struct offer *offer)
{
	struct rt_env *env = offer->link->l2cap->env;

	rt_env_stop(env, &offer->timer);
	rt_list_del(&offer->node);
	rt_env_free(env, offer->answer);
	offer->answer = NULL;
	rt_env_bury(env, &offer->grave, free_grave);
}

void rt_l2cap_ecfc_offer_free_all(struct rt_l2cap_link *link)
{
	struct offer *offer;

	while ((offer = RT_LIST_FIRST(&link->ecfc.offers, struct offer, node)))
		bury(offer);
}

static bool has(const struct offer *offer, enum verdict verdict)
{
	for (size_t i = 0; i < offer->count; i++) {
		if (offer->item[i].verdict == verdict)
			return true;
	}
	return false;
}

/* Takes a channel out of the request; the caller ends the channel. */
static void strike(struct item *item, uint16_t result)
{
	item->chan = 0;
	item->verdict = REFUSED;
	item->result = result;
}

/*
 * The result for all: that of the first that was refused. If others were not,
 * it has to be one that says so.
 */
static uint16_t result_of(const struct offer *offer)
{
	const bool some = has(offer, ACCEPTED);

	for (size_t i = 0; i < offer->count; i++) {
		if (offer->item[i].verdict != REFUSED)
			continue;
		return some && !rt_l2cap_ecfc_is_of_some(offer->item[i].result)
			       ? RT_L2CAP_ECFC_NO_RESOURCES
			       : offer->item[i].result;
	}
	return RT_L2CAP_ECFC_SUCCESS;
}

/* Writes the answer, to the command or to the room kept for it. */
static void answer(struct offer *offer, struct rt_l2cap_cmd *cmd,
		   const struct rt_l2cap_ecfc_conn_rsp *msg)
{
	struct rt_pkt *reply = offer->answer;

	if (cmd) {
		rt_l2cap_sig_answer(cmd, &rt_l2cap_ecfc_conn_rsp_msg, msg);
		return;
	}
	offer->answer = NULL;
	reply->len = rt_l2cap_sig_encode(&rt_l2cap_ecfc_conn_rsp_msg, msg,
					 offer->ident, reply->data);
	rt_l2cap_sig_queue(offer->link, reply);
}

/* No channel, and one of the results that say so. */
static struct rt_l2cap_ecfc_conn_rsp refusal(uint16_t result, size_t count,
					     uint8_t *buf)
{
	const struct rt_l2cap_cids none = { .count = count };
	const struct rt_l2cap_ecfc_conn_rsp rsp = {
		.result = result,
		.tail = rt_l2cap_ecfc_write_cids(&none, buf),
	};

	return rsp;
}

static void answer_refused(struct rt_l2cap_cmd *cmd, uint16_t result,
			   size_t count)
{
	uint8_t buf[2 * RT_L2CAP_CREDIT_CHANNELS_MAX];
	const struct rt_l2cap_ecfc_conn_rsp rsp = refusal(result, count, buf);

	cmd->link->l2cap->stats.refused += (uint32_t)count;
	rt_l2cap_sig_answer(cmd, &rt_l2cap_ecfc_conn_rsp_msg, &rsp);
}

/* What all channels have in common in the answer, and which there are. */
static void answer_decided(struct offer *offer, struct rt_l2cap_cmd *cmd)
{
	struct rt_l2cap_cids dcids = { .count = offer->count };
	uint8_t buf[sizeof(dcids.cid)];
	struct rt_l2cap_ecfc_conn_rsp rsp = { .result = result_of(offer) };
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (!chan)
			continue;
		dcids.cid[i] = chan->scid;
		rsp.mtu = chan->imtu;
		rsp.mps = chan->agreed.rx_mps;
		if (rsp.credits == 0 || rsp.credits > chan->agreed.rx_credits)
			rsp.credits = chan->agreed.rx_credits;
	}
	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (chan)
			chan->agreed.rx_credits = rsp.credits;
		else
			offer->link->l2cap->stats.refused++;
	}
	rsp.tail = rt_l2cap_ecfc_write_cids(&dcids, buf);
	answer(offer, cmd, &rsp);
}

/*
 * What a channel needs to open is there before the peer hears that it does.
 * Its user, who has taken it, hears if it is not.
 */
static void prepare(struct offer *offer, struct item *item)
{
	struct rt_l2cap_chan *chan = chan_of(offer, item);

	if (!chan)
		return;
	chan->agreed.rx_credits = rt_l2cap_credit_initial(chan);
	if (rt_l2cap_data_prepare(chan) == 0)
		return;
	strike(item, RT_L2CAP_ECFC_NO_RESOURCES);
	rt_l2cap_chan_over(chan, RT_L2CAP_NO_MEMORY, RT_L2CAP_WHY_FAILED);
}

/* The channels that were taken open; the user of one may end another. */
static void open_all(struct rt_l2cap *l2cap, const rt_handle *chans,
		     size_t count)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < count; i++) {
		chan = rt_slots_get(&l2cap->chans, chans[i]);
		if (chan)
			(void)rt_l2cap_chan_start(chan);
	}
	for (size_t i = 0; i < count; i++) {
		chan = rt_slots_get(&l2cap->chans, chans[i]);
		if (chan && chan->state == RT_L2CAP_CHAN_OPEN)
			rt_l2cap_data_begin(chan);
	}
}

/* All is decided: tells the peer, then the users. */
static void finish(struct offer *offer, struct rt_l2cap_cmd *cmd)
{
	rt_handle open[RT_L2CAP_CREDIT_CHANNELS_MAX];
	const size_t count = offer->count;

	for (size_t i = 0; i < count; i++)
		prepare(offer, &offer->item[i]);
	if (!offer->link->hci)
		return;
	for (size_t i = 0; i < count; i++)
		open[i] = offer->item[i].chan;
	answer_decided(offer, cmd);
	bury(offer);
	open_all(offer->link->l2cap, open, count);
}

/* Tells the peer to wait, if it has not been told, and in which words. */
static void answer_pending(struct offer *offer, struct rt_l2cap_cmd *cmd,
			   uint16_t result)
{
	uint8_t buf[2 * RT_L2CAP_CREDIT_CHANNELS_MAX];
	const struct rt_l2cap_ecfc_conn_rsp rsp =
		refusal(result, offer->count, buf);

	offer->pending = result;
	rt_l2cap_sig_answer(cmd, &rt_l2cap_ecfc_conn_rsp_msg, &rsp);
}

/* Asks the listener's user about a channel; it may end this or others. */
static void ask_user(struct offer *offer, struct item *item)
{
	struct rt_l2cap_chan *chan = chan_of(offer, item);
	int ret;

	item->verdict = UNDECIDED;
	ret = chan->ops->incoming(chan->user, chan->handle);
	if (item->verdict == REFUSED || ret == -EAGAIN)
		return;
	if (ret == 0) {
		item->verdict = ACCEPTED;
		return;
	}
	strike(item, ret == -EACCES ? RT_L2CAP_ECFC_NO_AUTHORIZATION
				    : RT_L2CAP_ECFC_NO_RESOURCES);
	rt_l2cap_chan_discard(chan);
}

/*
 * Its user has decided, but not those of the others: it waits with them, and a
 * little longer than they may.
 */
static void keep(struct rt_l2cap_chan *chan)
{
	rt_env_arm(chan->l2cap->env, &chan->timer,
		   RT_MS(RT_L2CAP_ACCEPT_MS) + RT_SECONDS(1));
}

static void wait_for_users(struct offer *offer)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (!chan)
			continue;
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_CONNECT,
				    RT_L2CAP_WHY_UNDECIDED);
		if (offer->item[i].verdict == ACCEPTED)
			keep(chan);
	}
}

static void ask_users(struct offer *offer, struct rt_l2cap_cmd *cmd)
{
	for (size_t i = 0; i < offer->count; i++) {
		if (offer->item[i].verdict == UNASKED)
			ask_user(offer, &offer->item[i]);
	}
	/* What users do may bring the link down. */
	if (!offer->link->hci)
		return;
	if (!has(offer, UNDECIDED)) {
		finish(offer, cmd);
		return;
	}
	wait_for_users(offer);
	if (cmd)
		answer_pending(offer, cmd, RT_L2CAP_ECFC_PENDING_AUTHORIZATION);
}

/* Refuses what nobody has been asked about. */
static void refuse_all(struct offer *offer, uint16_t result)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (!chan)
			continue;
		strike(&offer->item[i], result);
		rt_l2cap_chan_discard(chan);
	}
	finish(offer, NULL);
}

/* The gate allows it: the channels have a user, perhaps not the first one. */
static void admit(struct offer *offer, const struct rt_l2cap_params *params)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (!chan)
			continue;
		chan->ops = params->ops;
		chan->user = params->user;
		chan->params.security = params->security;
	}
	ask_users(offer, NULL);
}

static void ask_gate_again(struct offer *offer)
{
	const struct rt_l2cap_listener *listener =
		rt_l2cap_ecfc_listener(offer->link->l2cap, offer->psm);
	enum rt_l2cap_verdict verdict;
	struct rt_reason why;

	if (!listener) {
		refuse_all(offer, RT_L2CAP_ECFC_NO_SPSM);
		return;
	}
	verdict = rt_l2cap_gate_ask(offer->link, offer->psm,
				    &listener->params.security, true, &why);
	if (verdict == RT_L2CAP_ALLOW)
		admit(offer, &listener->params);
	else if (!rt_l2cap_gate_waits(verdict))
		refuse_all(offer, rt_l2cap_ecfc_result_of(verdict));
}

static void on_timer(struct rt_timer *timer)
{
	struct offer *offer = RT_CONTAINER_OF(timer, struct offer, timer);

	if (has(offer, UNASKED))
		ask_gate_again(offer);
	else if (!has(offer, UNDECIDED))
		finish(offer, NULL);
}

static void go_on_soon(struct offer *offer)
{
	rt_env_arm(offer->link->l2cap->env, &offer->timer, 0);
}

void rt_l2cap_ecfc_offer_gate_changed(struct rt_l2cap_link *link)
{
	struct offer *offer;

	RT_LIST_EACH (offer, &link->ecfc.offers, node) {
		if (has(offer, UNASKED))
			go_on_soon(offer);
	}
}

static struct item *find(const struct rt_l2cap_chan *chan,
			 struct offer **ret_offer)
{
	struct offer *offer;

	if (!chan->link)
		return NULL;
	RT_LIST_EACH (offer, &chan->link->ecfc.offers, node) {
		for (size_t i = 0; i < offer->count; i++) {
			if (offer->item[i].chan != chan->handle)
				continue;
			*ret_offer = offer;
			return &offer->item[i];
		}
	}
	return NULL;
}

void rt_l2cap_ecfc_offer_accept(struct rt_l2cap_chan *chan)
{
	struct offer *offer;
	struct item *item = find(chan, &offer);

	if (!item || item->verdict != UNDECIDED)
		return;
	item->verdict = ACCEPTED;
	keep(chan);
	if (!has(offer, UNDECIDED))
		go_on_soon(offer);
}

void rt_l2cap_ecfc_offer_refuse(struct rt_l2cap_chan *chan)
{
	struct offer *offer;
	struct item *item = find(chan, &offer);

	if (!item)
		return;
	strike(item, offer->pending == RT_L2CAP_ECFC_PENDING_AUTHENTICATION
			     ? RT_L2CAP_ECFC_NO_AUTHENTICATION
			     : RT_L2CAP_ECFC_NO_AUTHORIZATION);

	/* If the peer has had no answer yet, the one who asks goes on. */
	if (offer->pending != 0 && !has(offer, UNASKED) &&
	    !has(offer, UNDECIDED))
		go_on_soon(offer);
}

static uint32_t count(const struct rt_list *list)
{
	uint32_t n = 0;

	for (const struct rt_list *e = list->next; e != list; e = e->next)
		n++;
	return n;
}

/* What speaks against one channel; else it is made. */
static uint16_t new_chan(struct offer *offer, struct item *item,
			 const struct rt_l2cap_params *params,
			 const struct rt_l2cap_ecfc_conn_req *msg)
{
	struct rt_l2cap_link *link = offer->link;
	struct rt_l2cap *l2cap = link->l2cap;
	struct rt_l2cap_chan *chan;

	if (item->scid < RT_L2CAP_CID_DYNAMIC)
		return RT_L2CAP_ECFC_INVALID_SCID;
	if (rt_l2cap_chan_by_dcid(link, item->scid))
		return RT_L2CAP_ECFC_SCID_IN_USE;
	if (count(&link->chans) >= l2cap->env->limits.channels_link ||
	    rt_l2cap_chan_new(l2cap, msg->spsm, params, &chan) < 0)
		return RT_L2CAP_ECFC_NO_RESOURCES;
	chan->incoming = true;
	chan->dcid = item->scid;
	chan->ident = offer->ident;
	chan->omtu = msg->mtu;
	chan->agreed.mode = RT_L2CAP_MODE_CREDIT;
	chan->agreed.tx_mps = msg->mps;
	chan->agreed.rx_mps = rt_l2cap_credit_mps(chan);
	chan->agreed.tx_credits = msg->credits;
	rt_l2cap_chan_attach(chan, link);
	item->chan = chan->handle;
	item->verdict = UNASKED;
	return RT_L2CAP_ECFC_SUCCESS;
}

static struct offer *new_offer(const struct rt_l2cap_cmd *cmd, uint16_t psm)
{
	struct rt_env *env = cmd->link->l2cap->env;
	struct offer *offer = rt_env_alloc(env, sizeof(*offer));

	if (!offer)
		return NULL;
	offer->answer = rt_pkt_new(env, RT_L2CAP_SIG_BYTES);
	if (!offer->answer) {
		rt_env_free(env, offer);
		return NULL;
	}
	offer->link = cmd->link;
	offer->ident = cmd->ident;
	offer->psm = psm;
	rt_timer_init(&offer->timer, on_timer);
	rt_list_init(&offer->node);
	rt_list_append(&cmd->link->ecfc.offers, &offer->node);
	return offer;
}

/* The gate wants the peer to wait: the channels have no user until then. */
static void wait_for_gate(struct offer *offer)
{
	struct rt_l2cap_chan *chan;

	for (size_t i = 0; i < offer->count; i++) {
		chan = chan_of(offer, &offer->item[i]);
		if (!chan)
			continue;
		chan->ops = NULL;
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_SECURITY,
				    RT_L2CAP_WHY_INSECURE);
	}
}

/*
 * The peer sends a request again that has not had its last answer: it gets
 * "pending" again (6.2.1), not that its channel ids are in use.
 */
static struct offer *find_repeated(const struct rt_l2cap_cmd *cmd,
				   const struct rt_l2cap_ecfc_conn_req *msg,
				   const struct rt_l2cap_cids *scids)
{
	struct offer *offer;
	bool same;

	RT_LIST_EACH (offer, &cmd->link->ecfc.offers, node) {
		same = offer->ident == cmd->ident && offer->psm == msg->spsm &&
		       offer->count == scids->count;
		for (size_t i = 0; same && i < scids->count; i++)
			same = offer->item[i].scid == scids->cid[i];
		if (same)
			return offer;
	}
	return NULL;
}

/* What speaks against the whole request before the gate is asked. */
static uint16_t objection(const struct rt_l2cap_link *link,
			  const struct rt_l2cap_ecfc_conn_req *msg)
{
	if (msg->mtu < RT_L2CAP_CREDIT_MTU_MIN ||
	    msg->mps < RT_L2CAP_CREDIT_MTU_MIN)
		return RT_L2CAP_ECFC_INVALID;
	if (!rt_l2cap_ecfc_listener(link->l2cap, msg->spsm))
		return RT_L2CAP_ECFC_NO_SPSM;
	if (count(&link->ecfc.offers) >=
	    link->l2cap->env->limits.channels_half_open)
		return RT_L2CAP_ECFC_NO_RESOURCES;
	return RT_L2CAP_ECFC_SUCCESS;
}

/* Makes the channels, as far as nothing speaks against them. */
static void judge(struct offer *offer, const struct rt_l2cap_cids *scids,
		  const struct rt_l2cap_params *params,
		  const struct rt_l2cap_ecfc_conn_req *msg)
{
	struct item *item;

	offer->count = scids->count;
	for (size_t i = 0; i < scids->count; i++) {
		item = &offer->item[i];
		item->scid = scids->cid[i];
		item->result = new_chan(offer, item, params, msg);
	}
}

void rt_l2cap_ecfc_offer_on_req(struct rt_l2cap_cmd *cmd,
				const struct rt_l2cap_ecfc_conn_req *msg)
{
	const struct rt_l2cap_params *params;
	struct rt_l2cap_cids scids;
	struct offer *offer;
	struct rt_reason why;
	uint16_t result;
	bool waits;

	if (!rt_l2cap_ecfc_read_cids(msg->tail, 1, &scids)) {
		rt_l2cap_sig_reject_malformed(cmd);
		return;
	}
	offer = find_repeated(cmd, msg, &scids);
	if (offer) {
		answer_pending(offer, cmd, offer->pending);
		return;
	}
	result = objection(cmd->link, msg);
	if (result != RT_L2CAP_ECFC_SUCCESS) {
		answer_refused(cmd, result, scids.count);
		return;
	}
	params = &rt_l2cap_ecfc_listener(cmd->link->l2cap, msg->spsm)->params;
	/* Security is not set up for what can't be had. */
	if (rt_l2cap_ecfc_any_is_free(cmd->link, &scids))
		result = rt_l2cap_ecfc_result_of(rt_l2cap_gate_ask(
			cmd->link, msg->spsm, &params->security, true, &why));
	waits = rt_l2cap_ecfc_is_pending(result);
	if (result != RT_L2CAP_ECFC_SUCCESS && !waits) {
		answer_refused(cmd, result, scids.count);
		return;
	}
	offer = new_offer(cmd, msg->spsm);
	if (!offer) {
		answer_refused(cmd, RT_L2CAP_ECFC_NO_RESOURCES, scids.count);
		return;
	}
	judge(offer, &scids, params, msg);
	if (waits && has(offer, UNASKED)) {
		wait_for_gate(offer);
		answer_pending(offer, cmd, result);
	} else {
		ask_users(offer, cmd);
	}
}
