/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/* Signalling that comes: C-frames and requests (Core Vol 3 Part A 4). */

#define CFRAME_MAX 672 /* we take that much, and claim 48 */

#define RESULT_OK 0
#define RESULT_PSM 2
#define RESULT_RESOURCES 4
#define RESULT_SCID 6
#define RESULT_SCID_USED 7

#define FEATURES 0xb8U /* ERTM, Streaming, FCS, fixed channels */
#define FEATURES_FEW 0x80U

struct command {
	uint8_t code;
	uint8_t id;
	bool again; /* a request that came before */
	struct rt_bytes data;
};

/* --- checks --- */

/*
 * 4: an identifier is used again when all others have been, or by the very
 * request sent again (6.2.1).
 */
static bool check_id(struct model *m, struct model_link *link, uint8_t code,
		     uint8_t id, struct rt_bytes data)
{
	const uint32_t hash = model_hash(data, code);
	const uint32_t at = link->peer_at[id];

	if (at != 0 && link->peer_hash[id] == hash &&
	    link->peer_count - at < HISTORY)
		return true;
	if (at != 0 && link->peer_count - at < HISTORY)
		model_blame(m, link,
			    "l2cap: identifier %u used again after %u others",
			    id, link->peer_count - at);
	link->peer_count++;
	link->peer_at[id] = link->peer_count;
	link->peer_hash[id] = hash;
	return false;
}

static bool was_ours(const struct model_link *link, uint16_t cid)
{
	unsigned int at = (unsigned int)cid - CID_DYNAMIC;

	return cid >= CID_DYNAMIC && at < CIDS &&
	       (link->cids_used[at / 64] >> at % 64 & 1);
}

static void malformed(struct model *m, struct model_link *link,
		      const struct command *c)
{
	model_blame_always(m, link, "l2cap: command 0x%02x with %zu octets",
			   c->code, c->data.len);
}

/* --- requests --- */

static void refuse(struct model *m, struct model_link *link, uint8_t id,
		   uint16_t scid, uint16_t result)
{
	const uint16_t value[4] = { 0, scid, result, 0 };

	model_send_connect_rsp(m, link, id, value);
}

struct model_chan *model_chan_accept(struct model *m, struct model_link *link,
				     enum model_chan_kind kind, uint8_t id,
				     uint16_t scid)
{
	struct model_chan *chan = model_chan_new(m, link, kind);
	uint16_t value[4] = { 0, scid, RESULT_OK, 0 };

	if (!chan) {
		refuse(m, link, id, scid, RESULT_RESOURCES);
		return NULL;
	}
	chan->dcid = scid;
	chan->incoming = true;
	chan->state = CHAN_CONFIG;
	value[0] = chan->scid;
	model_send_connect_rsp(m, link, id, value);
	model_arm(m, &chan->due[CHAN_LIFE], model_patience_us(m));
	return chan;
}

static void serve(struct model *m, struct model_link *link, uint8_t id,
		  uint16_t psm, uint16_t scid)
{
	const struct model_service *service = model_service_find(m, psm, 0);
	enum model_chan_kind kind = CHAN_USER;
	struct model_chan *chan;

	if (psm == PSM_RFCOMM && model_serves_rfcomm(m)) {
		model_mux_offered(m, link, id, scid);
		return;
	}
	if (psm == PSM_SDP)
		kind = CHAN_SERVER;
	else if (!service) {
		refuse(m, link, id, scid, RESULT_PSM);
		return;
	}
	chan = model_chan_accept(m, link, kind, id, scid);
	if (!chan)
		return;
	chan->psm = psm;
	chan->service = service;
	if (service) {
		chan->ours.mode = service->mode;
		if (service->mtu != 0)
			chan->ours.mtu = service->mtu;
	}
	model_config_ask(m, chan);
}

static void on_connect(struct model *m, struct model_link *link,
		       const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t psm = model_in_le16(&in);
	uint16_t scid = model_in_le16(&in);
	struct model_chan *chan;

	if (!model_in_done(&in)) {
		malformed(m, link, c);
		return;
	}
	if (!(psm & 0x0001) || (psm & 0x0100))
		model_blame(m, link, "l2cap: connection to PSM 0x%04x", psm);
	if (scid < CID_DYNAMIC) {
		model_blame(m, link, "l2cap: connection from 0x%04x", scid);
		refuse(m, link, c->id, scid, RESULT_SCID);
		return;
	}
	chan = model_chan_by_dcid(m, link, scid);
	if (chan && c->again) {
		const uint16_t value[4] = { chan->scid, scid, RESULT_OK, 0 };

		model_send_connect_rsp(m, link, c->id, value);
		return;
	}
	if (chan) {
		model_blame(m, link, "l2cap: connection from 0x%04x, in use",
			    scid);
		refuse(m, link, c->id, scid, RESULT_SCID_USED);
		return;
	}
	serve(m, link, c->id, psm, scid);
}

static void on_config(struct model *m, struct model_link *link,
		      const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t dcid = model_in_le16(&in);
	uint16_t flags = model_in_le16(&in);
	struct model_chan *chan = model_chan_by_scid(m, link, dcid);

	if (in.bad) {
		malformed(m, link, c);
		return;
	}
	if (!chan || chan->dcid == 0) {
		if (!was_ours(link, dcid))
			model_blame(m, link,
				    "l2cap: configuration of 0x%04x, "
				    "that never was",
				    dcid);
		model_send_reject_cid(m, link, c->id, dcid, 0);
		return;
	}
	if (flags & ~1U)
		model_blame_always(m, link, "l2cap: configuration flags 0x%04x",
				   flags);
	if (chan->state == CHAN_CONFIG || chan->state == CHAN_OPEN)
		model_config_asked(m, chan, c->id, flags & 1,
				   model_in_rest(&in));
	else if (chan->state != CHAN_DISCONNECT)
		model_send_reject_cid(m, link, c->id, dcid, chan->dcid);
}

static void on_disconnect(struct model *m, struct model_link *link,
			  const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t dcid = model_in_le16(&in);
	uint16_t scid = model_in_le16(&in);
	struct model_chan *chan = model_chan_by_scid(m, link, dcid);

	if (!model_in_done(&in)) {
		malformed(m, link, c);
		return;
	}
	if (!chan || chan->dcid == 0) {
		if (!was_ours(link, dcid))
			model_blame(m, link,
				    "l2cap: disconnection of 0x%04x, "
				    "that never was",
				    dcid);
		model_send_reject_cid(m, link, c->id, dcid, scid);
		return;
	}
	if (chan->dcid != scid) {
		model_blame(m, link,
			    "l2cap: disconnection of 0x%04x from 0x%04x", dcid,
			    scid);
		return;
	}
	model_send_command(m, link, SIG_DISCONNECT_RSP, c->id, c->data);
	chan->peer_knows = true;
	model_chan_end(m, chan,
		       chan->state == CHAN_DISCONNECT ? chan->why
						      : MODEL_END_PEER);
}

static void on_info(struct model *m, struct model_link *link,
		    const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t type = model_in_le16(&in);
	uint8_t buf[12];
	struct model_out out = model_out(buf, sizeof(buf));
	bool few = m->options.behaviour.no_features;

	if (!model_in_done(&in)) {
		malformed(m, link, c);
		return;
	}
	model_out_le16(&out, type);
	switch (type) {
	case INFO_FEATURES:
		model_out_le16(&out, 0);
		model_out_le(&out, few ? FEATURES_FEW : FEATURES, 4);
		break;
	case INFO_FIXED:
		model_out_le16(&out, 0);
		model_out_le(&out, 0x02, 4);
		model_out_le(&out, 0, 4);
		break;
	default:
		if (type == 0 || type > INFO_FIXED)
			model_blame(m, link, "l2cap: information of type %u",
				    type);
		model_out_le16(&out, 1);
	}
	model_send_command(m, link, SIG_INFO_RSP, c->id, model_out_bytes(&out));
}

/* --- C-frames --- */

static void on_command(struct model *m, struct model_link *link,
		       struct command *c)
{
	if (c->code >= SIG_CONNECT_REQ && c->code <= SIG_INFO_RSP &&
	    c->code % 2 == 0)
		c->again = check_id(m, link, c->code, c->id, c->data);
	switch (c->code) {
	case SIG_CONNECT_REQ:
		on_connect(m, link, c);
		return;
	case SIG_CONFIG_REQ:
		on_config(m, link, c);
		return;
	case SIG_DISCONNECT_REQ:
		on_disconnect(m, link, c);
		return;
	case SIG_ECHO_REQ:
		model_send_command(m, link, SIG_ECHO_RSP, c->id, c->data);
		return;
	case SIG_INFO_REQ:
		on_info(m, link, c);
		return;
	case SIG_REJECT:
	case SIG_CONNECT_RSP:
	case SIG_CONFIG_RSP:
	case SIG_DISCONNECT_RSP:
	case SIG_ECHO_RSP:
	case SIG_INFO_RSP:
		model_on_response(m, link, c->code, c->id, c->data);
		return;
	default:
		model_blame(m, link, "l2cap: command 0x%02x", c->code);
		model_send_reject(m, link, c->id, REJECT_UNKNOWN,
				  rt_bytes(NULL, 0));
	}
}

void model_sig_rx(struct model *m, struct model_link *link,
		  struct rt_bytes frame)
{
	struct model_in in = model_in(frame);
	struct command c = { 0 };
	size_t bytes;

	if (frame.len > SIG_MTU)
		model_blame_always(m, link, "l2cap: a C-frame of %zu octets",
				   frame.len);
	if (frame.len == 0)
		model_blame_always(m, link, "l2cap: an empty C-frame");
	while (in.left > 0 && link->state == LINK_OPEN) {
		c.code = model_in_u8(&in);
		c.id = model_in_u8(&in);
		bytes = model_in_le16(&in);
		c.data = model_in_take(&in, bytes);
		c.again = false;
		if (in.bad) {
			model_blame_always(m, link,
					   "l2cap: a command cut short");
			return;
		}
		if (c.id == 0)
			model_blame_always(m, link, "l2cap: identifier 0");
		else if (frame.len <= CFRAME_MAX)
			on_command(m, link, &c);
	}
}
