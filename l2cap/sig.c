/* SPDX-License-Identifier: MIT */
#include "l2cap/sig.h"

#include <assert.h>

#include "l2cap/chan.h"
#include "l2cap/config.h"
#include "l2cap/connect.h"
#include "l2cap/credit.h"
#include "l2cap/ecfc.h"
#include "l2cap/ecfc_ask.h"
#include "l2cap/ecfc_offer.h"
#include "l2cap/ecfc_reconf.h"
#include "l2cap/echo.h"
#include "l2cap/link.h"
#include "l2cap/peer.h"
#include "l2cap/req.h"
#include "stack/rd.h"
#include "stack/wr.h"

#define RT_CODEC_FILE "l2cap/sig.def"
#define RT_CODEC_NAME(name) rt_l2cap_##name
#define RT_CODEC_CODE(NAME) RT_L2CAP_##NAME
#define RT_CODEC_TABLE rt_l2cap_sig_table
#include "stack/codec_tables.h"

union message {
	struct rt_l2cap_cmd_rej cmd_rej;
	struct rt_l2cap_conn_req conn_req;
	struct rt_l2cap_conn_rsp conn_rsp;
	struct rt_l2cap_conf_req conf_req;
	struct rt_l2cap_conf_rsp conf_rsp;
	struct rt_l2cap_disc_req disc_req;
	struct rt_l2cap_disc_rsp disc_rsp;
	struct rt_l2cap_echo_req echo_req;
	struct rt_l2cap_echo_rsp echo_rsp;
	struct rt_l2cap_info_req info_req;
	struct rt_l2cap_info_rsp info_rsp;
	struct rt_l2cap_credit_ind credit_ind;
	struct rt_l2cap_ecfc_conn_req ecfc_conn_req;
	struct rt_l2cap_ecfc_conn_rsp ecfc_conn_rsp;
	struct rt_l2cap_ecfc_reconf_req ecfc_reconf_req;
	struct rt_l2cap_ecfc_reconf_rsp ecfc_reconf_rsp;
};

/* What the command is made of; NULL if we do not know it, or not now. */
static const struct rt_codec_msg *find(const struct rt_l2cap_cmd *cmd)
{
	const bool is_ecfc = cmd->code >= RT_L2CAP_CREDIT_IND &&
			     cmd->code <= RT_L2CAP_ECFC_RECONF_RSP;

	if (is_ecfc && !rt_l2cap_ecfc_is_on(cmd->link))
		return NULL;
	return rt_codec_find(&rt_l2cap_sig_table, cmd->code);
}

/* What we do not know is a request. */
static bool is_response(const struct rt_l2cap_cmd *cmd)
{
	switch (cmd->code) {
	case RT_L2CAP_CMD_REJ:
	case RT_L2CAP_CONN_RSP:
	case RT_L2CAP_CONF_RSP:
	case RT_L2CAP_DISC_RSP:
	case RT_L2CAP_ECHO_RSP:
	case RT_L2CAP_INFO_RSP:
	case RT_L2CAP_ECFC_CONN_RSP:
	case RT_L2CAP_ECFC_RECONF_RSP:
		return find(cmd);
	}
	return false;
}

void rt_l2cap_sig_unexpected(const struct rt_l2cap_cmd *cmd)
{
	cmd->link->l2cap->stats.sig_unexpected++;
}

void rt_l2cap_sig_malformed(const struct rt_l2cap_cmd *cmd)
{
	cmd->link->l2cap->stats.sig_malformed++;
}

uint16_t rt_l2cap_sig_encode(const struct rt_codec_msg *desc, const void *msg,
			     uint8_t ident, uint8_t *buf)
{
	struct rt_wr data = rt_wr_init(buf + RT_L2CAP_SIG_HEADER_BYTES,
				       RT_L2CAP_SIG_DATA_BYTES);
	struct rt_wr w = rt_wr_init(buf, RT_L2CAP_SIG_HEADER_BYTES);

	rt_codec_encode(desc, msg, &data);
	assert(rt_wr_ok(&data));
	rt_wr_u8(&w, (uint8_t)desc->code);
	rt_wr_u8(&w, ident);
	rt_wr_le16(&w, (uint16_t)rt_wr_bytes(&data).len);
	return (uint16_t)(w.len + rt_wr_bytes(&data).len);
}

void rt_l2cap_sig_queue(struct rt_l2cap_link *link, struct rt_pkt *reply)
{
	if (!link->hci) {
		rt_env_free(link->l2cap->env, reply);
		return;
	}
	if (reply->data[0] == RT_L2CAP_ECHO_RSP)
		link->echo_queued = true;
	link->reply_count++;
	rt_list_append(&link->replies, &reply->node);
	rt_l2cap_link_wake(link);
}

void rt_l2cap_sig_answer(struct rt_l2cap_cmd *cmd,
			 const struct rt_codec_msg *desc, const void *msg)
{
	struct rt_pkt *reply = cmd->reply;

	if (!reply)
		return;
	cmd->reply = NULL;
	reply->len = rt_l2cap_sig_encode(desc, msg, cmd->ident, reply->data);
	rt_l2cap_sig_queue(cmd->link, reply);
}

static void reject(struct rt_l2cap_cmd *cmd, enum rt_l2cap_rej_reason reason,
		   struct rt_bytes data)
{
	const struct rt_l2cap_cmd_rej msg = {
		.tail = data,
		.reason = (uint16_t)reason,
	};

	rt_l2cap_sig_answer(cmd, &rt_l2cap_cmd_rej_msg, &msg);
}

void rt_l2cap_sig_reject_cid(struct rt_l2cap_cmd *cmd, uint16_t local,
			     uint16_t remote)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, local);
	rt_wr_le16(&w, remote);
	reject(cmd, RT_L2CAP_REJ_INVALID_CID, rt_wr_bytes(&w));
}

void rt_l2cap_sig_reject_malformed(struct rt_l2cap_cmd *cmd)
{
	rt_l2cap_sig_malformed(cmd);
	reject(cmd, RT_L2CAP_REJ_NOT_UNDERSTOOD, rt_bytes(NULL, 0));
}

/* Reserves the answer. False: the request is to be dropped. */
static bool reserve(struct rt_l2cap_cmd *cmd)
{
	struct rt_l2cap_link *link = cmd->link;
	struct rt_env *env = link->l2cap->env;

	if (link->reply_count < env->limits.sig_replies)
		cmd->reply = rt_pkt_new(env, RT_L2CAP_SIG_BYTES);
	if (!cmd->reply)
		link->l2cap->stats.sig_dropped++;
	return cmd->reply;
}

static void on_malformed(struct rt_l2cap_cmd *cmd)
{
	/* No answer without an identifier, and none to a response (4.1). */
	if (cmd->ident != 0 && !is_response(cmd))
		reserve(cmd);
	rt_l2cap_sig_reject_malformed(cmd);
}

/*
 * The answer carries the data of the request as far as they fit into 48
 * octets. Its data are optional (4.9), a C-frame longer than the peer's MTUsig
 * is not allowed, and 48 is what every peer must take; Linux rejects more.
 */
static void on_echo_req(struct rt_l2cap_cmd *cmd,
			const struct rt_l2cap_echo_req *msg)
{
	const struct rt_l2cap_echo_rsp rsp = {
		.tail = rt_bytes(msg->tail.ptr,
				 RT_MIN(msg->tail.len,
					(size_t)RT_L2CAP_SIG_DATA_BYTES)),
	};

	/* One at a time: nobody needs more, but a flood is made of them. */
	if (cmd->link->echo_queued) {
		cmd->link->l2cap->stats.sig_dropped++;
		return;
	}
	rt_l2cap_sig_answer(cmd, &rt_l2cap_echo_rsp_msg, &rsp);
}

static void on_cmd_rej(struct rt_l2cap_cmd *cmd,
		       const struct rt_l2cap_cmd_rej *msg)
{
	if (!rt_l2cap_req_reject(cmd->link, cmd->ident, msg->reason))
		rt_l2cap_sig_unexpected(cmd);
}

static void on_response(struct rt_l2cap_cmd *cmd, const union message *msg)
{
	switch (cmd->code) {
	case RT_L2CAP_CMD_REJ:
		on_cmd_rej(cmd, &msg->cmd_rej);
		return;
	case RT_L2CAP_CONN_RSP:
		rt_l2cap_connect_on_rsp(cmd, &msg->conn_rsp);
		return;
	case RT_L2CAP_CONF_RSP:
		rt_l2cap_config_on_rsp(cmd, &msg->conf_rsp);
		return;
	case RT_L2CAP_DISC_RSP:
		rt_l2cap_chan_on_disc_rsp(cmd, &msg->disc_rsp);
		return;
	case RT_L2CAP_ECHO_RSP:
		rt_l2cap_echo_on_rsp(cmd, &msg->echo_rsp);
		return;
	case RT_L2CAP_INFO_RSP:
		rt_l2cap_peer_on_rsp(cmd, &msg->info_rsp);
		return;
	case RT_L2CAP_ECFC_CONN_RSP:
		rt_l2cap_ecfc_ask_on_rsp(cmd, &msg->ecfc_conn_rsp);
		return;
	case RT_L2CAP_ECFC_RECONF_RSP:
		rt_l2cap_ecfc_reconf_on_rsp(cmd, &msg->ecfc_reconf_rsp);
		return;
	}
}

static void on_request(struct rt_l2cap_cmd *cmd, const union message *msg)
{
	switch (cmd->code) {
	case RT_L2CAP_CONN_REQ:
		rt_l2cap_connect_on_req(cmd, &msg->conn_req);
		return;
	case RT_L2CAP_CONF_REQ:
		rt_l2cap_config_on_req(cmd, &msg->conf_req);
		return;
	case RT_L2CAP_DISC_REQ:
		rt_l2cap_chan_on_disc_req(cmd, &msg->disc_req);
		return;
	case RT_L2CAP_ECHO_REQ:
		on_echo_req(cmd, &msg->echo_req);
		return;
	case RT_L2CAP_INFO_REQ:
		rt_l2cap_peer_on_req(cmd, &msg->info_req);
		return;
	case RT_L2CAP_ECFC_CONN_REQ:
		rt_l2cap_ecfc_offer_on_req(cmd, &msg->ecfc_conn_req);
		return;
	case RT_L2CAP_ECFC_RECONF_REQ:
		rt_l2cap_ecfc_reconf_on_req(cmd, &msg->ecfc_reconf_req);
		return;
	}
}

static void on_command(struct rt_l2cap_cmd *cmd)
{
	const struct rt_codec_msg *desc = find(cmd);
	union message msg;

	if (cmd->ident == 0 || !desc ||
	    rt_codec_decode(desc, cmd->data, &msg) < 0) {
		on_malformed(cmd);
		return;
	}
	if (is_response(cmd))
		on_response(cmd, &msg);
	else if (cmd->code == RT_L2CAP_CREDIT_IND)
		rt_l2cap_ecfc_on_credit_ind(cmd, &msg.credit_ind);
	else if (reserve(cmd))
		on_request(cmd, &msg);
}

/*
 * Takes the next command. False if it is cut short: code and identifier are
 * those that were there, else 0.
 */
static bool read_command(struct rt_rd *r, struct rt_l2cap_cmd *cmd)
{
	uint16_t len;

	cmd->code = rt_rd_u8(r);
	cmd->ident = rt_rd_u8(r);
	len = rt_rd_le16(r);
	cmd->data = rt_rd_take(r, len);
	cmd->reply = NULL;
	return rt_rd_ok(r);
}

static void drop_unused_reply(struct rt_l2cap_cmd *cmd)
{
	rt_env_free(cmd->link->l2cap->env, cmd->reply);
	cmd->reply = NULL;
}

/*
 * A C-frame longer than our MTUsig gets one Command Reject with the identifier
 * of the first request in it; one of responses only is dropped (4.1).
 */
static void on_oversized(struct rt_l2cap_link *link, struct rt_bytes frame)
{
	const uint32_t limit = link->l2cap->env->limits.sig_mtu;
	struct rt_rd r = rt_rd_init(frame);
	struct rt_l2cap_cmd cmd = { .link = link };
	uint8_t buf[2];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	bool whole = true;

	rt_l2cap_sig_malformed(&cmd);
	rt_wr_le16(&w, (uint16_t)RT_MIN(limit, UINT16_MAX));
	while (whole && rt_rd_left(&r) > 0) {
		whole = read_command(&r, &cmd);
		if (cmd.ident == 0 || is_response(&cmd))
			continue;
		if (reserve(&cmd))
			reject(&cmd, RT_L2CAP_REJ_MTU_EXCEEDED,
			       rt_wr_bytes(&w));
		return;
	}
}

void rt_l2cap_sig_rx(struct rt_l2cap_link *link, struct rt_bytes frame)
{
	struct rt_rd r = rt_rd_init(frame);
	struct rt_l2cap_cmd cmd = { .link = link };

	if (frame.len > link->l2cap->env->limits.sig_mtu) {
		on_oversized(link, frame);
		return;
	}
	if (frame.len == 0)
		rt_l2cap_sig_malformed(&cmd);

	/* What a command sets off may bring the link down. */
	while (rt_rd_left(&r) > 0 && link->hci) {
		if (read_command(&r, &cmd))
			on_command(&cmd);
		else
			on_malformed(&cmd);
		drop_unused_reply(&cmd);
	}
}

static struct rt_pkt *pull_reply(struct rt_l2cap_link *link)
{
	struct rt_pkt *reply =
		RT_LIST_FIRST(&link->replies, struct rt_pkt, node);

	if (!reply)
		return NULL;
	rt_list_del(&reply->node);
	link->reply_count--;
	if (reply->data[0] == RT_L2CAP_ECHO_RSP)
		link->echo_queued = false;
	return reply;
}

bool rt_l2cap_sig_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu)
{
	struct rt_pkt *pkt = pull_reply(link);

	if (!pkt && rt_l2cap_credit_pull(link, pdu))
		return true;
	if (!pkt)
		pkt = rt_l2cap_req_pull(link);
	if (!pkt)
		return false;
	rt_pdu_own(pdu, pkt);
	return true;
}
