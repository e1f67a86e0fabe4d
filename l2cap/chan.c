/* SPDX-License-Identifier: MIT */
#include "l2cap/chan.h"

#include <assert.h>
#include <errno.h>

#include "l2cap/blame.h"
#include "l2cap/connect.h"
#include "l2cap/data.h"
#include "l2cap/ecfc.h"
#include "l2cap/ecfc_ask.h"
#include "l2cap/engine.h"
#include "l2cap/info.h"
#include "l2cap/link.h"
#include "l2cap/suspend.h"

#define CODE_MAX 0xff /* of a reject reason in enum rt_l2cap_code */

struct state {
	const char *name;
	uint32_t stay_ms;
	uint32_t next; /* bits: states that may follow */
};

#define B(name) (1U << RT_L2CAP_CHAN_##name)

static const struct state states[] = {
#define STATE(name, stay_ms, next) { #name, stay_ms, next },
#define WHY(name, text)
#include "l2cap/chan.def"
#undef STATE
#undef WHY
};

#undef B

static const char *const whys[] = {
#define STATE(name, stay_ms, next)
#define WHY(name, text) text,
#include "l2cap/chan.def"
#undef STATE
#undef WHY
};

static void restart_timer(struct rt_l2cap_chan *chan)
{
	rt_env_stop(chan->l2cap->env, &chan->timer);
	rt_l2cap_chan_resume(chan);
}

static void end_mode(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_mode_ops *mode = chan->mode;

	if (!mode)
		return;
	rt_l2cap_info_keep(chan);
	chan->mode = NULL;
	mode->end(chan);
}

void rt_l2cap_chan_enter(struct rt_l2cap_chan *chan,
			 enum rt_l2cap_chan_state to,
			 enum rt_l2cap_chan_why why)
{
	struct rt_env *env = chan->l2cap->env;

	assert(states[chan->state].next & 1U << to);
	rt_log(env, RT_LOG_DEBUG, "chan 0x%04x %s -> %s (%s)", chan->scid,
	       states[chan->state].name, states[to].name, whys[why]);
	chan->state = to;
	chan->since_us = env->now_us;
	if (to != RT_L2CAP_CHAN_OPEN)
		rt_list_del(&chan->ready);
	rt_l2cap_link_flush(chan->link);
	if (!rt_l2cap_chan_exists(chan))
		end_mode(chan);
	if (to > RT_L2CAP_CHAN_OPEN || to == RT_L2CAP_CHAN_GIVEN_UP)
		rt_l2cap_suspend_stop(chan);
	restart_timer(chan);
}

void rt_l2cap_chan_pause(struct rt_l2cap_chan *chan)
{
	rt_env_stop(chan->l2cap->env, &chan->timer);
	rt_l2cap_req_extend(&chan->req);
}

void rt_l2cap_chan_resume(struct rt_l2cap_chan *chan)
{
	const uint32_t stay_ms = states[chan->state].stay_ms;

	if (stay_ms > 0 && !chan->timer.armed)
		rt_env_arm(chan->l2cap->env, &chan->timer, RT_MS(stay_ms));
}

void rt_l2cap_chan_keep_deadline(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;

	rt_timer_arm_at(&env->timers, &chan->timer,
			chan->since_us + RT_MS(states[chan->state].stay_ms));
}

bool rt_l2cap_chan_start(struct rt_l2cap_chan *chan)
{
	const bool first = !chan->opened;

	if (rt_l2cap_data_prepare(chan) < 0) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_NO_MEMORY);
		return false;
	}
	chan->opened = true;
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_OPEN, RT_L2CAP_WHY_CONFIGURED);

	/* The mode may have got something to send while it waited. */
	if (chan->wants || !first)
		rt_l2cap_mode_ready(chan);
	return true;
}

void rt_l2cap_chan_open(struct rt_l2cap_chan *chan)
{
	const bool first = !chan->opened;

	if (rt_l2cap_chan_start(chan) && first)
		rt_l2cap_data_begin(chan);
}

/* Withdraws its request, or its part in one. */
static void stop_asking(struct rt_l2cap_chan *chan)
{
	rt_l2cap_req_stop(&chan->req);
	rt_l2cap_ecfc_leave(chan);
}

/* Takes the channel out of everything that knows it. */
static void detach(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;

	rt_env_stop(env, &chan->timer);
	rt_l2cap_suspend_stop(chan);
	stop_asking(chan);
	rt_list_del(&chan->ready);
	rt_list_del(&chan->node);
	rt_slots_del(&chan->l2cap->chans, chan->handle);
	rt_l2cap_data_free(chan);
	rt_env_free(env, chan->answer);
	chan->answer = NULL;
	if (chan->link)
		rt_l2cap_link_update(chan->link);
}

void rt_l2cap_chan_free(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;

	end_mode(chan);
	detach(chan);
	rt_env_free(env, chan);
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_l2cap_chan, grave));
}

/* To be called last: the user may do anything. */
static void tell_closed(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const struct rt_l2cap_chan *before = l2cap->closing;
	const struct rt_l2cap_ops *ops = chan->ops;
	const struct rt_reason why = chan->why;

	chan->ops = NULL;
	if (!ops || chan->hidden)
		return;
	l2cap->closing = chan;
	ops->closed(chan->user, chan->handle, &why);
	l2cap->closing = before;
}

static void finish(struct rt_l2cap_chan *chan, enum rt_l2cap_chan_why why)
{
	const bool was_given_up = chan->state == RT_L2CAP_CHAN_GIVEN_UP;
	struct rt_l2cap_link *link = chan->link;

	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_CLOSED, why);
	rt_l2cap_data_tell_unsent(chan);
	detach(chan);
	rt_env_bury(chan->l2cap->env, &chan->grave, free_grave);
	if (was_given_up)
		rt_l2cap_connect_next(link);
	tell_closed(chan);
}

void rt_l2cap_chan_over(struct rt_l2cap_chan *chan, uint16_t code,
			enum rt_l2cap_chan_why why)
{
	rt_l2cap_blame(chan, code);
	stop_asking(chan);

	/* What the mode still holds is not waited for. */
	end_mode(chan);
	if (chan->in_flight == 0) {
		finish(chan, why);
		return;
	}
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_DRAIN, why);
	rt_l2cap_link_update(chan->link);
}

void rt_l2cap_chan_discard(struct rt_l2cap_chan *chan)
{
	chan->ops = NULL;
	rt_l2cap_chan_over(chan, RT_L2CAP_CLOSED, RT_L2CAP_WHY_REFUSED);
}

void rt_l2cap_chan_disconnect(struct rt_l2cap_chan *chan, uint16_t code)
{
	const struct rt_l2cap_disc_req msg = {
		.dcid = chan->dcid,
		.scid = chan->scid,
	};

	rt_l2cap_blame(chan, code);
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_DISCONNECT,
			    code == RT_L2CAP_CLOSED ? RT_L2CAP_WHY_USER_CLOSES
						    : RT_L2CAP_WHY_FAILED);
	rt_l2cap_req_send(&chan->req, chan->link, &rt_l2cap_disc_req_msg, &msg);
}

/* Fires the state's timer at once: the user hears of it on a fresh stack. */
static void fire_soon(struct rt_l2cap_chan *chan)
{
	rt_env_arm(chan->l2cap->env, &chan->timer, 0);
}

void rt_l2cap_chan_over_soon(struct rt_l2cap_chan *chan, uint16_t code,
			     enum rt_l2cap_chan_why why)
{
	rt_l2cap_blame(chan, code);
	stop_asking(chan);
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_DRAIN, why);
	fire_soon(chan);
	rt_l2cap_link_update(chan->link);
}

static void over_soon(struct rt_l2cap_chan *chan)
{
	rt_l2cap_chan_over_soon(chan, RT_L2CAP_CLOSED,
				RT_L2CAP_WHY_USER_CLOSES);
}

/*
 * CONNECTION_REQ may be with the peer: if it succeeds, DISCONNECTION_REQ has
 * to follow, which needs the peer's channel id.
 */
static void give_up(struct rt_l2cap_chan *chan)
{
	if (chan->req.ident == 0 && !rt_l2cap_ecfc_ask_is_sent(chan)) {
		over_soon(chan);
		return;
	}
	rt_l2cap_blame(chan, RT_L2CAP_CLOSED);
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_GIVEN_UP,
			    RT_L2CAP_WHY_USER_CLOSES);
	if (chan->ops)
		fire_soon(chan);
}

void rt_l2cap_chan_close(struct rt_l2cap_chan *chan)
{
	switch (chan->state) {
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_WAIT_LINK:
	case RT_L2CAP_CHAN_WAIT_GATE:
		over_soon(chan);
		return;
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
		give_up(chan);
		return;
	case RT_L2CAP_CHAN_WAIT_SECURITY:
	case RT_L2CAP_CHAN_WAIT_CONNECT:
		rt_l2cap_connect_refuse(chan);
		over_soon(chan);
		return;
	case RT_L2CAP_CHAN_CONFIG:
	case RT_L2CAP_CHAN_OPEN:
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CLOSED);
		return;
	case RT_L2CAP_CHAN_GIVEN_UP:
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
	case RT_L2CAP_CHAN_DRAIN:
	case RT_L2CAP_CHAN_CLOSED:
		return;
	}
}

void rt_l2cap_chan_abandon(struct rt_l2cap_chan *chan)
{
	chan->ops = NULL;
	if (chan->in_flight > 0 && chan->link->hci)
		rt_hci_link_disown(chan->link->hci, chan->handle);
	chan->in_flight = 0;
	if (chan->state == RT_L2CAP_CHAN_DRAIN)
		fire_soon(chan);
	else if (chan->state == RT_L2CAP_CHAN_GIVEN_UP)
		restart_timer(chan);
	else
		rt_l2cap_chan_close(chan);
}

/* What the mode holds is the user's. NULL: that has ended the channel. */
static struct rt_l2cap_chan *deliver_rest(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const rt_handle handle = chan->handle;

	if (chan->mode && chan->mode->flush)
		chan->mode->flush(chan);
	return rt_slots_get(&l2cap->chans, handle);
}

void rt_l2cap_chan_on_down(struct rt_l2cap_chan *chan,
			   const struct rt_reason *why)
{
	rt_l2cap_blame_link(chan, why);
	chan->in_flight = 0;
	chan = deliver_rest(chan);
	if (chan)
		finish(chan, RT_L2CAP_WHY_LINK_DOWN);
}

void rt_l2cap_chan_on_disc_req(struct rt_l2cap_cmd *cmd,
			       const struct rt_l2cap_disc_req *msg)
{
	struct rt_l2cap_chan *chan =
		rt_l2cap_chan_by_scid(cmd->link, msg->dcid);
	const struct rt_l2cap_disc_rsp rsp = {
		.dcid = msg->dcid,
		.scid = msg->scid,
	};

	if (!chan || !rt_l2cap_chan_needs_link(chan)) {
		rt_l2cap_sig_reject_cid(cmd, msg->dcid, msg->scid);
		return;
	}
	/* One that does not know both ends is ignored (4.6). */
	if (chan->dcid == 0 || chan->dcid != msg->scid)
		return;
	rt_l2cap_sig_answer(cmd, &rt_l2cap_disc_rsp_msg, &rsp);
	chan = deliver_rest(chan);
	if (chan && rt_l2cap_chan_needs_link(chan))
		rt_l2cap_chan_over(chan, RT_L2CAP_PEER_DISCONNECTED,
				   RT_L2CAP_WHY_PEER_CLOSES);
}

void rt_l2cap_chan_on_disc_rsp(struct rt_l2cap_cmd *cmd,
			       const struct rt_l2cap_disc_rsp *msg)
{
	struct rt_l2cap_req *req =
		rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_DISC_REQ);
	struct rt_l2cap_chan *chan =
		req ? RT_CONTAINER_OF(req, struct rt_l2cap_chan, req) : NULL;

	if (!chan || chan->dcid != msg->dcid || chan->scid != msg->scid) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	rt_l2cap_chan_over(chan, RT_L2CAP_CLOSED, RT_L2CAP_WHY_PEER_CLOSED);
}

/* The user has been told of the channel it gave up, or the wait is over. */
static void on_given_up(struct rt_l2cap_chan *chan)
{
	if (!chan->ops) {
		rt_l2cap_chan_over(chan, RT_L2CAP_CLOSED, RT_L2CAP_WHY_DONE);
		return;
	}
	rt_l2cap_chan_resume(chan);
	tell_closed(chan);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_l2cap_chan *chan =
		RT_CONTAINER_OF(timer, struct rt_l2cap_chan, timer);

	switch (chan->state) {
	case RT_L2CAP_CHAN_WAIT_GATE:
	case RT_L2CAP_CHAN_WAIT_SECURITY:
		rt_l2cap_connect_on_gate(chan);
		return;
	case RT_L2CAP_CHAN_WAIT_CONNECT:
		rt_l2cap_connect_refuse(chan);
		rt_l2cap_chan_over(chan, RT_L2CAP_TIMEOUT_ERTX,
				   RT_L2CAP_WHY_REFUSED);
		return;
	case RT_L2CAP_CHAN_CONFIG:
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_TIMEOUT_RTX);
		return;
	case RT_L2CAP_CHAN_GIVEN_UP:
		on_given_up(chan);
		return;
	case RT_L2CAP_CHAN_DRAIN:
		if (chan->in_flight == 0)
			finish(chan, RT_L2CAP_WHY_DONE);
		return;
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_WAIT_LINK:
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
	case RT_L2CAP_CHAN_OPEN:
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
	case RT_L2CAP_CHAN_CLOSED:
		return;
	}
}

/*
 * Without an answer, or with a refusal to understand, a configured channel has
 * to be taken down; one that the peer does not have is just gone.
 */
static void on_expired(struct rt_l2cap_req *req, bool pending)
{
	struct rt_l2cap_chan *chan =
		RT_CONTAINER_OF(req, struct rt_l2cap_chan, req);
	const uint16_t code =
		pending ? RT_L2CAP_TIMEOUT_ERTX : RT_L2CAP_TIMEOUT_RTX;

	if (req->code == RT_L2CAP_CONF_REQ)
		rt_l2cap_chan_disconnect(chan, code);
	else
		rt_l2cap_chan_over(chan, code, RT_L2CAP_WHY_FAILED);
}

static void on_rejected(struct rt_l2cap_req *req, uint16_t reason)
{
	struct rt_l2cap_chan *chan =
		RT_CONTAINER_OF(req, struct rt_l2cap_chan, req);
	const uint16_t code =
		(uint16_t)(RT_L2CAP_REJECTED + RT_MIN(reason, CODE_MAX));

	if (req->code == RT_L2CAP_CONF_REQ &&
	    reason != RT_L2CAP_REJ_INVALID_CID)
		rt_l2cap_chan_disconnect(chan, code);
	else
		rt_l2cap_chan_over(chan, code, RT_L2CAP_WHY_FAILED);
}

static const struct rt_l2cap_req_ops req_ops = {
	.rejected = on_rejected,
	.expired = on_expired,
};

int rt_l2cap_chan_new(struct rt_l2cap *l2cap, uint16_t psm,
		      const struct rt_l2cap_params *params,
		      struct rt_l2cap_chan **ret_chan)
{
	struct rt_l2cap_chan *chan = rt_env_alloc(l2cap->env, sizeof(*chan));
	int ret;

	if (!chan)
		return -ENOMEM;
	ret = rt_slots_add(&l2cap->chans, chan, &chan->handle);
	if (ret < 0) {
		rt_env_free(l2cap->env, chan);
		return ret;
	}
	chan->l2cap = l2cap;
	chan->ops = params->ops;
	chan->user = params->user;
	chan->psm = psm;
	chan->imtu_max = params->imtu ? params->imtu : RT_L2CAP_MTU_DEFAULT;
	chan->imtu = chan->imtu_max;
	chan->rx_limit = chan->imtu_max;
	chan->params = *params;
	chan->room = params->room_bytes > 0 ? params->room_bytes : SIZE_MAX;
	chan->omtu = RT_L2CAP_MTU_DEFAULT;
	rt_l2cap_config_init(chan);
	chan->since_us = l2cap->env->now_us;
	rt_list_init(&chan->node);
	rt_list_init(&chan->ready);
	rt_list_init(&chan->early);
	rt_list_init(&chan->unsent);
	rt_timer_init(&chan->timer, on_timer);
	rt_l2cap_suspend_init(chan);
	rt_l2cap_req_init(&chan->req, &req_ops, RT_L2CAP_RTX_FIRST_MS,
			  RT_L2CAP_RTX_SENDS);
	*ret_chan = chan;
	return 0;
}

void rt_l2cap_chan_attach(struct rt_l2cap_chan *chan,
			  struct rt_l2cap_link *link)
{
	chan->scid = chan->params.mode == RT_L2CAP_MODE_CREDIT
			     ? rt_l2cap_ecfc_next_cid(link)
			     : rt_l2cap_link_next_cid(link);
	chan->link = link;
	rt_list_append(&link->chans, &chan->node);
	rt_l2cap_link_update(link);
}

void rt_l2cap_chan_move(struct rt_l2cap_chan *chan, struct rt_l2cap_link *link)
{
	rt_list_del(&chan->node);
	rt_l2cap_chan_attach(chan, link);
}

struct rt_l2cap_chan *rt_l2cap_chan_get(const struct rt_l2cap *l2cap,
					rt_handle handle)
{
	struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, handle);

	return chan && chan->ops ? chan : NULL;
}

struct rt_l2cap_chan *rt_l2cap_chan_by_scid(const struct rt_l2cap_link *link,
					    uint16_t scid)
{
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->scid == scid)
			return chan;
	}
	return NULL;
}

struct rt_l2cap_chan *rt_l2cap_chan_by_dcid(const struct rt_l2cap_link *link,
					    uint16_t dcid)
{
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->dcid == dcid && rt_l2cap_chan_needs_link(chan))
			return chan;
	}
	return NULL;
}

bool rt_l2cap_chan_exists(const struct rt_l2cap_chan *chan)
{
	return chan->state == RT_L2CAP_CHAN_CONFIG ||
	       chan->state == RT_L2CAP_CHAN_OPEN;
}

bool rt_l2cap_chan_needs_link(const struct rt_l2cap_chan *chan)
{
	return chan->state != RT_L2CAP_CHAN_DRAIN &&
	       chan->state != RT_L2CAP_CHAN_CLOSED;
}

void rt_l2cap_chan_drained(struct rt_l2cap_chan *chan)
{
	/* If the timer is armed, the user has ended it: not in its own call. */
	if (chan->state == RT_L2CAP_CHAN_DRAIN && !chan->timer.armed)
		finish(chan, RT_L2CAP_WHY_DONE);
}
