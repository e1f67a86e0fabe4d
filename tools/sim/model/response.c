/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/* Responses, and what becomes of the requests (Core Vol 3 Part A 4). */

#define RESULT_OK 0
#define RESULT_PENDING 1
#define RESULT_SECURITY 3
#define RESULT_SCID_USED 7

struct command {
	uint8_t code;
	uint8_t id;
	struct rt_bytes data;
};

static void malformed(struct model *m, struct model_link *link,
		      const struct command *c)
{
	model_blame_always(m, link, "l2cap: response 0x%02x with %zu octets",
			   c->code, c->data.len);
}

static void connected(struct model *m, struct model_chan *chan, uint16_t dcid)
{
	if (dcid < CID_DYNAMIC || model_chan_by_dcid(m, chan->link, dcid)) {
		model_blame(m, chan->link,
			    "l2cap: connection accepted by 0x%04x", dcid);
		model_chan_end(m, chan, MODEL_END_PROTOCOL);
		return;
	}
	chan->dcid = dcid;
	chan->state = CHAN_CONFIG;
	model_arm(m, &chan->due[CHAN_LIFE], model_patience_us(m));
	if (chan->given_up)
		model_chan_close(m, chan, chan->why);
	else
		model_config_ask(m, chan);
}

static void on_connect_rsp(struct model *m, struct model_link *link,
			   struct model_request *r, const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t dcid = model_in_le16(&in);
	uint16_t scid = model_in_le16(&in);
	uint16_t result = model_in_le16(&in);
	uint16_t status = model_in_le16(&in);
	struct model_chan *chan = model_chan_by_scid(m, link, r->scid);

	if (!model_in_done(&in)) {
		malformed(m, link, c);
		return;
	}
	if (result > RESULT_SCID_USED || status > 2)
		model_blame(m, link, "l2cap: connection result %u, status %u",
			    result, status);
	if (scid != r->scid && result <= RESULT_PENDING) {
		model_blame(m, link,
			    "l2cap: connection of 0x%04x answered "
			    "with 0x%04x",
			    r->scid, scid);
		return;
	}
	if (result == RESULT_PENDING) {
		model_request_pending(m, r);
		return;
	}
	model_request_done(m, r);
	if (!chan || chan->state != CHAN_CONNECT)
		return;
	if (result == RESULT_OK)
		connected(m, chan, dcid);
	else if (chan->given_up)
		model_chan_end(m, chan, chan->why);
	else
		model_chan_end(m, chan,
			       result == RESULT_SECURITY ? MODEL_END_SECURITY
							 : MODEL_END_REFUSED);
}

static void on_config_rsp(struct model *m, struct model_link *link,
			  struct model_request *r, const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t scid = model_in_le16(&in);
	uint16_t flags = model_in_le16(&in);
	uint16_t result = model_in_le16(&in);
	struct model_chan *chan = model_chan_by_scid(m, link, r->scid);

	if (in.bad) {
		malformed(m, link, c);
		return;
	}
	if (scid != r->scid) {
		model_blame(m, link,
			    "l2cap: configuration of 0x%04x answered "
			    "with 0x%04x",
			    r->scid, scid);
		return;
	}
	if (result == RESULT_CONFIG_PENDING) {
		model_request_pending(m, r);
		return;
	}
	model_request_done(m, r);
	if (chan && (chan->state == CHAN_CONFIG || chan->state == CHAN_OPEN))
		model_config_answered(m, chan, result, flags & 1,
				      model_in_rest(&in));
}

static void on_disconnect_rsp(struct model *m, struct model_link *link,
			      struct model_request *r, const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t dcid = model_in_le16(&in);
	uint16_t scid = model_in_le16(&in);
	struct model_chan *chan = model_chan_by_scid(m, link, r->scid);

	if (!model_in_done(&in)) {
		malformed(m, link, c);
		return;
	}
	if (scid != r->scid || (chan && dcid != chan->dcid)) {
		model_blame(m, link,
			    "l2cap: disconnection answered with "
			    "0x%04x, 0x%04x",
			    dcid, scid);
		return;
	}
	model_request_done(m, r);
	if (!chan)
		return;
	chan->peer_knows = true;
	model_chan_end(m, chan, chan->why);
}

static void on_info_rsp(struct model *m, struct model_link *link,
			struct model_request *r, const struct command *c)
{
	struct model_in in = model_in(c->data);
	uint16_t type = model_in_le16(&in);
	uint16_t result = model_in_le16(&in);
	uint32_t features = 0;

	if (type != INFO_FEATURES || result > 1) {
		model_blame(m, link, "l2cap: information %u, result %u", type,
			    result);
		return;
	}
	if (result == 0)
		features = model_in_le(&in, 4);
	if (!model_in_done(&in))
		malformed(m, link, c);
	model_request_done(m, r);
	model_info_known(m, link, features);
}

static void on_reject(struct model *m, struct model_link *link,
		      const struct command *c)
{
	static const uint8_t rest[] = { 0, 2, 4 };
	struct model_request *r = model_request_find(link, c->id, 0);
	struct model_in in = model_in(c->data);
	uint16_t reason = model_in_le16(&in);
	struct model_request was;

	if (in.bad || reason > REJECT_CID || in.left != rest[reason])
		malformed(m, link, c);
	if (!r) {
		if (!model_was_resent(link, c->id))
			model_blame(m, link,
				    "l2cap: identifier %u rejected, "
				    "that asks nothing",
				    c->id);
		return;
	}
	/* Every host understands what we send, and 48 octets of it (4). */
	if (reason != REJECT_CID)
		model_blame(m, link,
			    "l2cap: command 0x%02x rejected, reason %u",
			    r->code, reason);
	was = *r;
	model_request_done(m, r);
	model_request_failed(m, link, &was, MODEL_END_REFUSED);
}

static void on_response(struct model *m, struct model_link *link,
			const struct command *c)
{
	struct model_request *r;

	r = model_request_find(link, c->id, (uint8_t)(c->code - 1));
	if (!r) {
		if (!model_was_resent(link, c->id))
			model_blame(m, link,
				    "l2cap: response 0x%02x without a "
				    "request, identifier %u",
				    c->code, c->id);
		return;
	}
	switch (c->code) {
	case SIG_CONNECT_RSP:
		on_connect_rsp(m, link, r, c);
		return;
	case SIG_CONFIG_RSP:
		on_config_rsp(m, link, r, c);
		return;
	case SIG_DISCONNECT_RSP:
		on_disconnect_rsp(m, link, r, c);
		return;
	case SIG_INFO_RSP:
		on_info_rsp(m, link, r, c);
		return;
	default:
		model_request_done(m, r);
	}
}

void model_on_response(struct model *m, struct model_link *link, uint8_t code,
		       uint8_t id, struct rt_bytes data)
{
	const struct command c = { .code = code, .id = id, .data = data };

	if (code == SIG_REJECT)
		on_reject(m, link, &c);
	else
		on_response(m, link, &c);
}
