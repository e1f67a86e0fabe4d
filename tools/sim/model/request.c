/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/*
 * Signalling that we send: requests, repeated until they are answered (Core
 * Vol 3 Part A 4, 6.2), and responses.
 */

#define SENDS_MAX 4
#define RTX_PART 15 /* of our patience: 1 + 2 + 4 + 8 */
#define ERTX_US RT_SECONDS(120)

static uint8_t next_id(struct model_link *link)
{
	uint8_t id = link->next_id;

	link->next_id = id == 255 ? 1 : (uint8_t)(id + 1);
	return id;
}

void model_send_command(struct model *m, struct model_link *link, uint8_t code,
			uint8_t id, struct rt_bytes data)
{
	uint8_t buf[4 + 700];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, code);
	model_out_u8(&out, id);
	model_out_le16(&out, (unsigned int)data.len);
	model_out_put(&out, data);
	if (out.full)
		return;
	(void)model_outbox(m, link, KIND_SIG, CID_SIGNALLING,
			   model_out_bytes(&out));
}

/* Sends a request, of SIG_MTU octets at most, about a channel of ours. */
static void ask(struct model *m, struct model_link *link, uint8_t code,
		uint16_t scid, struct rt_bytes data)
{
	struct model_request *r = NULL;
	struct model_out out;

	for (unsigned int i = 0; i < REQUESTS_MAX && !r; i++) {
		if (link->request[i].code == 0)
			r = &link->request[i];
	}
	if (!r) {
		m->stats.stumbled++;
		return;
	}
	r->code = code;
	r->id = next_id(link);
	r->sends = 1;
	r->scid = scid;
	link->resent[r->id / 8] &= (uint8_t) ~(1U << r->id % 8);
	out = model_out(r->command, sizeof(r->command));
	model_out_put(&out, data);
	r->bytes = (uint8_t)out.len;
	model_arm(m, &r->due_us, model_patience_us(m) / RTX_PART);
	model_send_command(m, link, code, r->id, model_out_bytes(&out));
}

struct model_request *model_request_find(struct model_link *link, uint8_t id,
					 uint8_t code)
{
	for (unsigned int i = 0; i < REQUESTS_MAX; i++) {
		struct model_request *r = &link->request[i];

		if (r->code != 0 && r->id == id &&
		    (code == 0 || r->code == code))
			return r;
	}
	return NULL;
}

bool model_was_resent(const struct model_link *link, uint8_t id)
{
	return link->resent[id / 8] >> id % 8 & 1;
}

void model_request_done(struct model *m, struct model_request *r)
{
	r->code = 0;
	model_disarm(m, &r->due_us);
}

void model_request_pending(struct model *m, struct model_request *r)
{
	r->sends = SENDS_MAX;
	model_arm(m, &r->due_us, ERTX_US);
}

void model_requests_drop(struct model *m, struct model_link *link,
			 uint16_t scid)
{
	for (unsigned int i = 0; i < REQUESTS_MAX; i++) {
		struct model_request *r = &link->request[i];

		if (r->code != 0 && r->scid == scid) {
			/* An answer may be on its way. */
			link->resent[r->id / 8] |= (uint8_t)(1U << r->id % 8);
			model_request_done(m, r);
		}
	}
}

void model_request_failed(struct model *m, struct model_link *link,
			  const struct model_request *r, enum model_end why)
{
	struct model_chan *chan = model_chan_by_scid(m, link, r->scid);

	if (r->code == SIG_INFO_REQ) {
		model_info_known(m, link, 0);
		return;
	}
	if (!chan)
		return;
	if (r->code == SIG_CONFIG_REQ)
		model_chan_close(m, chan, why);
	else if (r->code == SIG_DISCONNECT_REQ || chan->given_up)
		model_chan_end(m, chan, chan->why);
	else
		model_chan_end(m, chan, why);
}

static void on_rtx(struct model *m, struct model_link *link,
		   struct model_request *r)
{
	struct model_request was = *r;

	if (r->sends >= SENDS_MAX) {
		model_request_done(m, r);
		model_request_failed(m, link, &was, MODEL_END_TIMEOUT);
		return;
	}
	link->resent[r->id / 8] |= (uint8_t)(1U << r->id % 8);
	model_arm(m, &r->due_us, (model_patience_us(m) / RTX_PART) << r->sends);
	r->sends++;
	model_send_command(m, link, r->code, r->id,
			   rt_bytes(r->command, r->bytes));
}

void model_requests_timer(struct model *m, struct model_link *link)
{
	for (unsigned int i = 0; i < REQUESTS_MAX; i++) {
		if (link->request[i].code != 0 &&
		    model_is_due(m, &link->request[i].due_us))
			on_rtx(m, link, &link->request[i]);
	}
}

/* --- the requests --- */

void model_send_connect(struct model *m, struct model_chan *chan)
{
	uint8_t data[4];

	model_put_le16(data, chan->psm);
	model_put_le16(data + 2, chan->scid);
	ask(m, chan->link, SIG_CONNECT_REQ, chan->scid, rt_bytes(data, 4));
}

void model_send_config(struct model *m, struct model_chan *chan,
		       struct rt_bytes options)
{
	uint8_t buf[SIG_MTU];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_le16(&out, chan->dcid);
	model_out_le16(&out, 0);
	model_out_put(&out, options);
	ask(m, chan->link, SIG_CONFIG_REQ, chan->scid, model_out_bytes(&out));
}

void model_send_disconnect(struct model *m, struct model_chan *chan)
{
	uint8_t data[4];

	model_put_le16(data, chan->dcid);
	model_put_le16(data + 2, chan->scid);
	ask(m, chan->link, SIG_DISCONNECT_REQ, chan->scid, rt_bytes(data, 4));
}

void model_info_ask(struct model *m, struct model_link *link)
{
	uint8_t data[2];

	if (link->info_asked)
		return;
	link->info_asked = true;
	model_put_le16(data, INFO_FEATURES);
	ask(m, link, SIG_INFO_REQ, 0, rt_bytes(data, 2));
	model_arm(m, &link->due[LINK_INFO], RT_SECONDS(4));
}

void model_info_known(struct model *m, struct model_link *link,
		      uint32_t features)
{
	model_disarm(m, &link->due[LINK_INFO]);
	link->info_known = true;
	link->peer_features = features;
	model_chans_wake(m, link);
}

void model_info_timer(struct model *m, struct model_link *link)
{
	/* It goes on without; an answer may come yet. */
	model_requests_drop(m, link, 0);
	model_info_known(m, link, 0);
}

/* --- responses --- */

void model_send_connect_rsp(struct model *m, struct model_link *link,
			    uint8_t id, const uint16_t value[4])
{
	uint8_t data[8];

	for (size_t i = 0; i < 4; i++)
		model_put_le16(data + 2 * i, value[i]);
	model_send_command(m, link, SIG_CONNECT_RSP, id, rt_bytes(data, 8));
}

void model_send_reject(struct model *m, struct model_link *link, uint8_t id,
		       uint16_t reason, struct rt_bytes data)
{
	uint8_t buf[8];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_le16(&out, reason);
	model_out_put(&out, data);
	model_send_command(m, link, SIG_REJECT, id, model_out_bytes(&out));
}

void model_send_reject_cid(struct model *m, struct model_link *link, uint8_t id,
			   uint16_t local, uint16_t remote)
{
	uint8_t data[4];

	model_put_le16(data, local);
	model_put_le16(data + 2, remote);
	model_send_reject(m, link, id, REJECT_CID, rt_bytes(data, 4));
}
