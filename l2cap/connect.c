/* SPDX-License-Identifier: MIT */
#include "l2cap/connect.h"

#include <errno.h>

#include "l2cap/blame.h"
#include "l2cap/config.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/gate.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/peer.h"

/* Results (4.3) beside those that refuse, which enum rt_l2cap_code has. */
#define RESULT_SUCCESS 0x0000
#define RESULT_PENDING 0x0001
#define RESULT_MAX 0x00ff /* of those that have room in rt_l2cap_code */

#define STATUS_NONE 0x0000
#define STATUS_AUTHENTICATION 0x0001
#define STATUS_AUTHORIZATION 0x0002

static void configure(struct rt_l2cap_chan *chan, enum rt_l2cap_chan_why why)
{
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_CONFIG, why);
	rt_l2cap_config_begin(chan);
	rt_l2cap_peer_ask(chan->link);
}

static enum rt_l2cap_verdict ask_gate(struct rt_l2cap_chan *chan,
				      struct rt_reason *ret_why)
{
	const enum rt_l2cap_verdict verdict =
		rt_l2cap_gate_ask(chan->link, chan->psm, &chan->params.security,
				  chan->incoming, ret_why);

	chan->verdict = (uint8_t)verdict;
	return verdict;
}

static void request(struct rt_l2cap_chan *chan, enum rt_l2cap_chan_why why)
{
	const struct rt_l2cap_conn_req msg = {
		.psm = chan->psm,
		.scid = chan->scid,
	};

	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_CONNECT_RSP, why);
	rt_l2cap_req_send(&chan->req, chan->link, &rt_l2cap_conn_req_msg, &msg);
	rt_l2cap_peer_ask(chan->link);
}

/* A channel of ours is requested if the gate allows it. */
static void pass(struct rt_l2cap_chan *chan, enum rt_l2cap_chan_why why)
{
	struct rt_reason refusal;
	const enum rt_l2cap_verdict verdict = ask_gate(chan, &refusal);

	if (verdict == RT_L2CAP_ALLOW) {
		request(chan, why);
	} else if (!rt_l2cap_gate_waits(verdict)) {
		rt_l2cap_blame_gate(chan, &refusal);
		rt_l2cap_chan_over_soon(chan, RT_L2CAP_GATE_REFUSED,
					RT_L2CAP_WHY_REFUSED);
	} else if (chan->state == RT_L2CAP_CHAN_WAIT_GATE) {
		rt_l2cap_chan_keep_deadline(chan);
	} else {
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_GATE,
				    RT_L2CAP_WHY_INSECURE);
	}
}

/* In this mode others do what stands here (ecfc.h). */
static bool is_credit(const struct rt_l2cap_chan *chan)
{
	return chan->params.mode == RT_L2CAP_MODE_CREDIT;
}

/* The peer may take two requests for two users, and refuse the second. */
static bool is_behind(const struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_chan *other;

	if (!chan->params.one_at_a_time)
		return false;
	RT_LIST_EACH (other, &chan->link->chans, node) {
		if (other->state == RT_L2CAP_CHAN_GIVEN_UP &&
		    other->psm == chan->psm)
			return true;
	}
	return false;
}

void rt_l2cap_connect_next(struct rt_l2cap_link *link)
{
	struct rt_l2cap_chan *chan;

	if (!rt_l2cap_link_is_open(link))
		return;
	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->params.one_at_a_time)
			rt_l2cap_connect_on_up(chan);
	}
}

void rt_l2cap_connect_on_up(struct rt_l2cap_chan *chan)
{
	if (is_credit(chan)) {
		rt_l2cap_ecfc_on_up(chan);
		return;
	}
	if (chan->state != RT_L2CAP_CHAN_NEW &&
	    chan->state != RT_L2CAP_CHAN_WAIT_LINK)
		return;
	if (!is_behind(chan))
		pass(chan, RT_L2CAP_WHY_LINK_UP);
	else if (chan->state == RT_L2CAP_CHAN_NEW)
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_LINK,
				    RT_L2CAP_WHY_BEHIND);
}

void rt_l2cap_connect_ask_again(struct rt_l2cap_chan *chan)
{
	if (is_credit(chan))
		return;
	if (chan->state != RT_L2CAP_CHAN_WAIT_GATE &&
	    chan->state != RT_L2CAP_CHAN_WAIT_SECURITY)
		return;
	chan->gate_changed = true;
	rt_env_arm(chan->l2cap->env, &chan->timer, 0);
}

/* The peer has given its end of the channel an id. */
static void on_success(struct rt_l2cap_chan *chan, uint16_t dcid)
{
	/* Taking it down would hit another channel of the peer, or none. */
	if (dcid < RT_L2CAP_CID_DYNAMIC ||
	    rt_l2cap_chan_by_dcid(chan->link, dcid)) {
		rt_l2cap_chan_over(chan, RT_L2CAP_BAD_PEER,
				   RT_L2CAP_WHY_FAILED);
		return;
	}
	chan->dcid = dcid;
	if (chan->state != RT_L2CAP_CHAN_GIVEN_UP) {
		configure(chan, RT_L2CAP_WHY_PEER_ACCEPTS);
		return;
	}
	rt_l2cap_chan_disconnect(chan, RT_L2CAP_CLOSED);
	rt_l2cap_connect_next(chan->link);
}

void rt_l2cap_connect_on_rsp(struct rt_l2cap_cmd *cmd,
			     const struct rt_l2cap_conn_rsp *msg)
{
	struct rt_l2cap_req *req =
		rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_CONN_REQ);
	const bool refused = msg->result > RESULT_PENDING;
	struct rt_l2cap_chan *chan;

	if (!req) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	chan = RT_CONTAINER_OF(req, struct rt_l2cap_chan, req);

	/* Some peers refuse without saying what. */
	if (msg->scid != chan->scid && !(refused && msg->scid == 0)) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	if (msg->result == RESULT_PENDING) {
		rt_l2cap_req_extend(req);
		return;
	}
	rt_l2cap_req_stop(req);
	if (refused)
		rt_l2cap_chan_over(chan, RT_MIN(msg->result, RESULT_MAX),
				   RT_L2CAP_WHY_FAILED);
	else
		on_success(chan, msg->dcid);
}

/* Why a channel that is not accepted yet is "pending" (4.3). */
static uint16_t status_of(const struct rt_l2cap_chan *chan)
{
	return chan->verdict == RT_L2CAP_WAIT_AUTHENTICATION
		       ? STATUS_AUTHENTICATION
		       : STATUS_AUTHORIZATION;
}

static void answer(struct rt_l2cap_cmd *cmd, const struct rt_l2cap_chan *chan,
		   uint16_t result)
{
	const struct rt_l2cap_conn_rsp rsp = {
		.dcid = chan->scid,
		.scid = chan->dcid,
		.result = result,
		.status = result == RESULT_PENDING ? status_of(chan)
						   : STATUS_NONE,
	};

	rt_l2cap_sig_answer(cmd, &rt_l2cap_conn_rsp_msg, &rsp);
}

static void answer_refused(struct rt_l2cap_cmd *cmd, uint16_t scid,
			   uint16_t result)
{
	const struct rt_l2cap_conn_rsp rsp = { .scid = scid, .result = result };

	cmd->link->l2cap->stats.refused++;
	rt_l2cap_sig_answer(cmd, &rt_l2cap_conn_rsp_msg, &rsp);
}

/* The answer to a request that was kept waiting, in room kept for it. */
static void answer_late(struct rt_l2cap_chan *chan, uint16_t result)
{
	const bool refused = result != RESULT_SUCCESS;
	const struct rt_l2cap_conn_rsp rsp = {
		.dcid = refused ? 0 : chan->scid,
		.scid = chan->dcid,
		.result = result,
	};
	struct rt_pkt *reply = chan->answer;

	chan->answer = NULL;
	reply->len = rt_l2cap_sig_encode(&rt_l2cap_conn_rsp_msg, &rsp,
					 chan->ident, reply->data);
	rt_l2cap_sig_queue(chan->link, reply);
}

/* The link is going down, and with it each channel, one after the other. */
static bool is_doomed(const struct rt_l2cap_chan *chan)
{
	return !chan->link->hci;
}

void rt_l2cap_connect_accept(struct rt_l2cap_chan *chan)
{
	if (is_doomed(chan))
		return;
	if (is_credit(chan)) {
		rt_l2cap_ecfc_accept(chan);
		return;
	}
	answer_late(chan, RESULT_SUCCESS);
	configure(chan, RT_L2CAP_WHY_ACCEPTED);
}

void rt_l2cap_connect_refuse(struct rt_l2cap_chan *chan)
{
	if (is_doomed(chan))
		return;
	if (is_credit(chan)) {
		rt_l2cap_ecfc_refuse(chan);
		return;
	}
	chan->l2cap->stats.refused++;
	answer_late(chan, RT_L2CAP_SECURITY_BLOCK);
}

/* The peer's channel is refused before its user has heard of it, or by it. */
static void turn_away(struct rt_l2cap_chan *chan, uint16_t result)
{
	chan->l2cap->stats.refused++;
	answer_late(chan, result);
	rt_l2cap_chan_discard(chan);
}

static bool is_full(const struct rt_l2cap_link *link)
{
	const struct rt_limits *limits = &link->l2cap->env->limits;
	const struct rt_l2cap_chan *chan;
	uint32_t half_open = 0;
	uint32_t count = 0;

	RT_LIST_EACH (chan, &link->chans, node) {
		count++;
		if (chan->incoming && !chan->opened)
			half_open++;
	}
	return count >= limits->channels_link ||
	       link->l2cap->chans.used >= link->l2cap->chans.count ||
	       half_open >= limits->channels_half_open;
}

/* What speaks against the request before anybody is asked; 0: nothing. */
static uint16_t objection(const struct rt_l2cap_link *link,
			  const struct rt_l2cap_conn_req *msg)
{
	const struct rt_l2cap_listener *listener =
		rt_l2cap_listener_find(link->l2cap, msg->psm);

	if (msg->scid < RT_L2CAP_CID_DYNAMIC)
		return RT_L2CAP_INVALID_SCID;
	if (rt_l2cap_chan_by_dcid(link, msg->scid))
		return RT_L2CAP_SCID_IN_USE;
	if (!listener || listener->params.mode == RT_L2CAP_MODE_CREDIT)
		return RT_L2CAP_PSM_NOT_SUPPORTED;
	if (is_full(link))
		return RT_L2CAP_NO_RESOURCES;
	return RESULT_SUCCESS;
}

/* Room for an answer that comes later. False: no memory. */
static bool reserve(struct rt_l2cap_chan *chan)
{
	if (!chan->answer)
		chan->answer = rt_pkt_new(chan->l2cap->env, RT_L2CAP_SIG_BYTES);
	return chan->answer;
}

/*
 * Asks the listener's user. Returns the result to answer. Room for a later
 * answer is reserved before: a user that wants to decide later can.
 */
static uint16_t ask_user(struct rt_l2cap_chan *chan)
{
	const enum rt_l2cap_chan_state state = chan->state;
	int ret;

	if (!reserve(chan))
		return RT_L2CAP_NO_RESOURCES;
	chan->hidden = false;
	ret = chan->ops->incoming(chan->user, chan->handle);

	/* Closed meanwhile by the user, or with its listener or its link. */
	if (chan->state != state)
		return RT_L2CAP_SECURITY_BLOCK;
	if (ret == -EAGAIN)
		return RESULT_PENDING;
	if (ret == -EACCES)
		return RT_L2CAP_SECURITY_BLOCK;
	return ret < 0 ? RT_L2CAP_NO_RESOURCES : RESULT_SUCCESS;
}

static void admit(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan)
{
	const uint16_t dcid = chan->dcid;
	const uint16_t result = ask_user(chan);

	if (result > RESULT_PENDING) {
		if (chan->state == RT_L2CAP_CHAN_NEW)
			rt_l2cap_chan_discard(chan);
		answer_refused(cmd, dcid, result);
		return;
	}
	answer(cmd, chan, result);
	if (result == RESULT_PENDING) {
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_CONNECT,
				    RT_L2CAP_WHY_UNDECIDED);
		return;
	}
	rt_env_free(chan->l2cap->env, chan->answer);
	chan->answer = NULL;
	configure(chan, RT_L2CAP_WHY_PEER_CONNECTS);
}

/* The same when the peer has been kept waiting for the gate before. */
static void admit_late(struct rt_l2cap_chan *chan)
{
	const uint16_t result = ask_user(chan);

	if (chan->state != RT_L2CAP_CHAN_WAIT_SECURITY)
		return;
	if (result > RESULT_PENDING)
		turn_away(chan, result);
	else if (result == RESULT_PENDING)
		rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_CONNECT,
				    RT_L2CAP_WHY_UNDECIDED);
	else
		rt_l2cap_connect_accept(chan);
}

/* The gate wants a new channel of the peer to wait. */
static void put_off(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan)
{
	const uint16_t dcid = chan->dcid;

	if (!reserve(chan)) {
		rt_l2cap_chan_discard(chan);
		answer_refused(cmd, dcid, RT_L2CAP_NO_RESOURCES);
		return;
	}
	answer(cmd, chan, RESULT_PENDING);
	chan->hidden = true;
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_WAIT_SECURITY,
			    RT_L2CAP_WHY_INSECURE);
}

void rt_l2cap_connect_on_gate(struct rt_l2cap_chan *chan)
{
	const bool late = !chan->gate_changed;
	enum rt_l2cap_verdict verdict;
	struct rt_reason why;

	if (is_credit(chan)) {
		rt_l2cap_ecfc_on_gate(chan);
		return;
	}
	chan->gate_changed = false;
	if (late && chan->incoming) {
		turn_away(chan, RT_L2CAP_SECURITY_BLOCK);
		return;
	}
	if (late) {
		rt_l2cap_chan_over(chan, RT_L2CAP_GATE_TIMEOUT,
				   RT_L2CAP_WHY_FAILED);
		return;
	}
	if (!chan->incoming) {
		pass(chan, RT_L2CAP_WHY_SECURE);
		return;
	}
	verdict = ask_gate(chan, &why);
	if (verdict == RT_L2CAP_ALLOW)
		admit_late(chan);
	else if (rt_l2cap_gate_waits(verdict))
		rt_l2cap_chan_keep_deadline(chan);
	else
		turn_away(chan, RT_L2CAP_SECURITY_BLOCK);
}

/*
 * The peer sends a request again whose answer it has not seen yet: it gets the
 * same answer again (6.2.1), not that its channel id is in use.
 */
static bool is_repeated(const struct rt_l2cap_chan *chan,
			const struct rt_l2cap_cmd *cmd,
			const struct rt_l2cap_conn_req *msg)
{
	return chan->incoming && chan->ident == cmd->ident &&
	       chan->psm == msg->psm &&
	       (chan->state == RT_L2CAP_CHAN_WAIT_SECURITY ||
		chan->state == RT_L2CAP_CHAN_WAIT_CONNECT ||
		(chan->state == RT_L2CAP_CHAN_CONFIG && !chan->opened));
}

void rt_l2cap_connect_on_req(struct rt_l2cap_cmd *cmd,
			     const struct rt_l2cap_conn_req *msg)
{
	struct rt_l2cap_link *link = cmd->link;
	struct rt_l2cap_chan *chan = rt_l2cap_chan_by_dcid(link, msg->scid);
	const struct rt_l2cap_params *params;
	enum rt_l2cap_verdict verdict;
	struct rt_reason why;
	uint16_t result;

	if (chan && is_repeated(chan, cmd, msg)) {
		answer(cmd, chan,
		       chan->state == RT_L2CAP_CHAN_CONFIG ? RESULT_SUCCESS
							   : RESULT_PENDING);
		return;
	}
	result = objection(link, msg);
	if (result != RESULT_SUCCESS) {
		answer_refused(cmd, msg->scid, result);
		return;
	}
	params = &rt_l2cap_listener_find(link->l2cap, msg->psm)->params;
	verdict = rt_l2cap_gate_ask(link, msg->psm, &params->security, true,
				    &why);
	if (verdict != RT_L2CAP_ALLOW && !rt_l2cap_gate_waits(verdict)) {
		answer_refused(cmd, msg->scid, RT_L2CAP_SECURITY_BLOCK);
		return;
	}
	if (rt_l2cap_chan_new(link->l2cap, msg->psm, params, &chan) < 0) {
		answer_refused(cmd, msg->scid, RT_L2CAP_NO_RESOURCES);
		return;
	}
	chan->incoming = true;
	chan->dcid = msg->scid;
	chan->ident = cmd->ident;
	chan->verdict = (uint8_t)verdict;
	rt_l2cap_chan_attach(chan, link);
	if (verdict == RT_L2CAP_ALLOW)
		admit(cmd, chan);
	else
		put_off(cmd, chan);
}
