/* SPDX-License-Identifier: MIT */
#include "l2cap/peer.h"

#include "l2cap/link.h"
#include "l2cap/timers.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* Types (4.10) and results (4.11) of the information exchange. */
#define TYPE_FEATURES 0x0002
#define TYPE_FIXED 0x0003
#define RESULT_SUCCESS 0x0000
#define RESULT_NOT_SUPPORTED 0x0001

#define FEATURES_BYTES 4
#define FIXED_BYTES 8

/* What we can do; nothing is claimed that is not there. */
#define OUR_FEATURES RT_L2CAP_FEATURE_FIXED_CHANNELS
#define OUR_FIXED (UINT64_C(1) << RT_L2CAP_CID_SIGNALLING)

static void ask(struct rt_l2cap_link *link, uint16_t type)
{
	const struct rt_l2cap_info_req msg = { .type = type };

	rt_l2cap_req_send(&link->peer.req, link, &rt_l2cap_info_req_msg, &msg);
}

/*
 * The question that was under way is settled. Whoever has no fixed channels
 * to tell of, is not asked for them.
 */
static void go_on(struct rt_l2cap_link *link)
{
	struct rt_l2cap_peer *peer = &link->peer;
	const bool more = peer->state == RT_L2CAP_PEER_ASKED_FEATURES &&
			  peer->features & RT_L2CAP_FEATURE_FIXED_CHANNELS;

	if (more) {
		peer->state = RT_L2CAP_PEER_ASKED_FIXED;
		ask(link, TYPE_FIXED);
		return;
	}
	peer->state = RT_L2CAP_PEER_KNOWN;
	rt_log(link->l2cap->env, RT_LOG_DEBUG,
	       "peer features 0x%08x fixed channels 0x%016llx",
	       (unsigned int)peer->features, (unsigned long long)peer->fixed);
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
	*peer = (struct rt_l2cap_peer){ .state = RT_L2CAP_PEER_UNKNOWN };
	rt_l2cap_req_init(&peer->req, &req_ops, RT_L2CAP_INFO_MS, 1);
}

void rt_l2cap_peer_ask(struct rt_l2cap_link *link)
{
	if (link->peer.state != RT_L2CAP_PEER_UNKNOWN)
		return;
	link->peer.state = RT_L2CAP_PEER_ASKED_FEATURES;
	ask(link, TYPE_FEATURES);
}

void rt_l2cap_peer_on_req(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_req *msg)
{
	struct rt_l2cap_info_rsp rsp = { .type = msg->type };
	uint8_t buf[FIXED_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (msg->type == TYPE_FEATURES)
		rt_wr_le32(&w, OUR_FEATURES);
	else if (msg->type == TYPE_FIXED)
		rt_wr_le(&w, OUR_FIXED, FIXED_BYTES);
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

void rt_l2cap_peer_on_rsp(struct rt_l2cap_cmd *cmd,
			  const struct rt_l2cap_info_rsp *msg)
{
	struct rt_l2cap_peer *peer = &cmd->link->peer;
	const uint16_t asked = peer->state == RT_L2CAP_PEER_ASKED_FIXED
				       ? TYPE_FIXED
				       : TYPE_FEATURES;

	if (!rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_INFO_REQ) ||
	    msg->type != asked) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	rt_l2cap_req_stop(&peer->req);
	if (asked == TYPE_FEATURES)
		peer->features = (uint32_t)value_of(cmd, msg, FEATURES_BYTES);
	else
		peer->fixed = value_of(cmd, msg, FIXED_BYTES);
	go_on(cmd->link);
}
