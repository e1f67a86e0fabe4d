/* SPDX-License-Identifier: MIT */
#include "l2cap/peer.h"

#include "l2cap/chan.h"
#include "l2cap/config.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/timers.h"
#include "l2cap/ucd.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* Types (4.10) and results (4.11) of the information exchange. */
#define TYPE_UCD_MTU 0x0001
#define TYPE_FEATURES 0x0002
#define TYPE_FIXED 0x0003
#define RESULT_SUCCESS 0x0000
#define RESULT_NOT_SUPPORTED 0x0001

#define UCD_MTU_BYTES 2
#define FEATURES_BYTES 4
#define FIXED_BYTES 8

/* What is asked for in a state. */
static uint16_t type_of(enum rt_l2cap_peer_state state)
{
	switch (state) {
	case RT_L2CAP_PEER_ASKED_FEATURES:
		return TYPE_FEATURES;
	case RT_L2CAP_PEER_ASKED_FIXED:
		return TYPE_FIXED;
	case RT_L2CAP_PEER_ASKED_UCD_MTU:
		return TYPE_UCD_MTU;
	case RT_L2CAP_PEER_UNKNOWN:
	case RT_L2CAP_PEER_KNOWN:
		break;
	}
	return 0;
}

static void ask(struct rt_l2cap_link *link, enum rt_l2cap_peer_state state)
{
	const struct rt_l2cap_info_req msg = { .type = type_of(state) };

	link->peer.state = state;
	rt_l2cap_req_send(&link->peer.req, link, &rt_l2cap_info_req_msg, &msg);
}

/*
 * The question that was under way is settled. Whoever has no fixed channels
 * to tell of, or takes no connectionless data, is not asked for them.
 */
static enum rt_l2cap_peer_state next(const struct rt_l2cap_peer *peer)
{
	if (peer->state == RT_L2CAP_PEER_ASKED_FEATURES &&
	    peer->features & RT_L2CAP_FEATURE_FIXED_CHANNELS)
		return RT_L2CAP_PEER_ASKED_FIXED;
	if (peer->state != RT_L2CAP_PEER_ASKED_UCD_MTU &&
	    peer->features & RT_L2CAP_FEATURE_UCD)
		return RT_L2CAP_PEER_ASKED_UCD_MTU;
	return RT_L2CAP_PEER_KNOWN;
}

static void go_on(struct rt_l2cap_link *link)
{
	struct rt_l2cap_peer *peer = &link->peer;
	const bool news = peer->state == RT_L2CAP_PEER_ASKED_FEATURES;
	const enum rt_l2cap_peer_state state = next(peer);

	if (state != RT_L2CAP_PEER_KNOWN) {
		ask(link, state);
	} else {
		peer->state = state;
		rt_log(link->l2cap->env, RT_LOG_DEBUG,
		       "peer features 0x%08x fixed channels 0x%016llx",
		       (unsigned int)peer->features,
		       (unsigned long long)peer->fixed);
	}
	if (news)
		rt_l2cap_config_on_features(link);
}

static void on_rejected(struct rt_l2cap_req *req, uint16_t reason)
{
	(void)reason;
	go_on(RT_CONTAINER_OF(req, struct rt_l2cap_link, peer.req));
}

static void on_expired(struct rt_l2cap_req *req, bool pending)
{
	(void)pending;
	go_on(RT_CONTAINER_OF(req, struct rt_l2cap_link, peer.req));
}

static const struct rt_l2cap_req_ops req_ops = {
	.rejected = on_rejected,
	.expired = on_expired,
};

void rt_l2cap_peer_init(struct rt_l2cap_peer *peer)
{
	*peer = (struct rt_l2cap_peer){
		.state = RT_L2CAP_PEER_UNKNOWN,
		.ucd_mtu = RT_L2CAP_MTU_MIN,
	};
	rt_l2cap_req_init(&peer->req, &req_ops, RT_L2CAP_INFO_MS, 1);
}

void rt_l2cap_peer_ask(struct rt_l2cap_link *link)
{
	if (link->peer.state != RT_L2CAP_PEER_UNKNOWN)
		return;
	ask(link, RT_L2CAP_PEER_ASKED_FEATURES);
}

bool rt_l2cap_peer_is_known(const struct rt_l2cap_link *link)
{
	return link->peer.state > RT_L2CAP_PEER_ASKED_FEATURES;
}

uint32_t rt_l2cap_peer_features(const struct rt_l2cap_link *link)
{
	return link->peer.features;
}

uint16_t rt_l2cap_peer_ucd_mtu(const struct rt_l2cap_link *link)
{
	return link->peer.ucd_mtu;
}

/* True if a listener, or a channel of ours, would have extended windows. */
static bool wants_extended(const struct rt_l2cap *l2cap)
{
	const struct rt_l2cap_listener *listener;
	const struct rt_l2cap_link *link;
	const struct rt_l2cap_chan *chan;

	RT_LIST_EACH (listener, &l2cap->listeners, node) {
		if (listener->params.extended_window)
			return true;
	}
	RT_LIST_EACH (link, &l2cap->links, node) {
		RT_LIST_EACH (chan, &link->chans, node) {
			if (chan->params.extended_window)
				return true;
		}
	}
	return false;
}

/* True if there is a listener for credit-based channels. */
static bool has_credit(const struct rt_l2cap *l2cap)
{
	const struct rt_l2cap_listener *listener;

	RT_LIST_EACH (listener, &l2cap->listeners, node) {
		if (listener->params.mode == RT_L2CAP_MODE_CREDIT)
			return true;
	}
	return false;
}

uint32_t rt_l2cap_peer_our_features(const struct rt_l2cap *l2cap)
{
	uint32_t features = RT_L2CAP_FEATURE_ERTM | RT_L2CAP_FEATURE_STREAMING |
			    RT_L2CAP_FEATURE_FCS |
			    RT_L2CAP_FEATURE_FIXED_CHANNELS;

	if (wants_extended(l2cap))
		features |= RT_L2CAP_FEATURE_EXTENDED_WINDOW;
	if (rt_l2cap_ucd_is_on(l2cap))
		features |= RT_L2CAP_FEATURE_UCD;
	if (has_credit(l2cap))
		features |= RT_L2CAP_FEATURE_CREDIT;
	return features;
}

static uint64_t our_fixed(const struct rt_l2cap *l2cap)
{
	uint64_t fixed = UINT64_C(1) << RT_L2CAP_CID_SIGNALLING;

	if (rt_l2cap_ucd_is_on(l2cap))
		fixed |= UINT64_C(1) << RT_L2CAP_CID_CONNECTIONLESS;
	return fixed;
}

void rt_l2cap_peer_on_req(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_req *msg)
{
	const struct rt_l2cap *l2cap = cmd->link->l2cap;
	struct rt_l2cap_info_rsp rsp = { .type = msg->type };
	uint8_t buf[FIXED_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (msg->type == TYPE_FEATURES)
		rt_wr_le32(&w, rt_l2cap_peer_our_features(l2cap));
	else if (msg->type == TYPE_FIXED)
		rt_wr_le(&w, our_fixed(l2cap), FIXED_BYTES);
	else if (msg->type == TYPE_UCD_MTU && rt_l2cap_ucd_is_on(l2cap))
		rt_wr_le16(&w, RT_L2CAP_UCD_MTU);
	else
		rsp.result = RESULT_NOT_SUPPORTED;
	rsp.tail = rt_wr_bytes(&w);
	rt_l2cap_sig_answer(cmd, &rt_l2cap_info_rsp_msg, &rsp);
}

/* What the peer answered; 0 if it has no answer, or not of that size. */
static uint64_t value_of(const struct rt_l2cap_cmd *cmd,
			 const struct rt_l2cap_info_rsp *msg, size_t bytes)
{
	struct rt_rd r = rt_rd_init(msg->tail);
	uint64_t value = rt_rd_le(&r, bytes);

	if (msg->result != RESULT_SUCCESS)
		return 0;
	if (rt_rd_done(&r))
		return value;
	rt_l2cap_sig_malformed(cmd);
	return 0;
}

/* Takes in what the peer answered to the question under way. */
static void take(const struct rt_l2cap_cmd *cmd,
		 const struct rt_l2cap_info_rsp *msg)
{
	struct rt_l2cap_peer *peer = &cmd->link->peer;
	uint64_t mtu;

	switch (peer->state) {
	case RT_L2CAP_PEER_ASKED_FEATURES:
		peer->features = (uint32_t)value_of(cmd, msg, FEATURES_BYTES);
		return;
	case RT_L2CAP_PEER_ASKED_FIXED:
		peer->fixed = value_of(cmd, msg, FIXED_BYTES);
		return;
	case RT_L2CAP_PEER_ASKED_UCD_MTU:
		mtu = value_of(cmd, msg, UCD_MTU_BYTES);
		peer->ucd_mtu = (uint16_t)RT_MAX(mtu, RT_L2CAP_MTU_MIN);
		return;
	case RT_L2CAP_PEER_UNKNOWN:
	case RT_L2CAP_PEER_KNOWN:
		return;
	}
}

void rt_l2cap_peer_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_rsp *msg)
{
	struct rt_l2cap_peer *peer = &cmd->link->peer;

	if (!rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_INFO_REQ) ||
	    msg->type != type_of(peer->state)) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	rt_l2cap_req_stop(&peer->req);
	take(cmd, msg);
	go_on(cmd->link);
}
