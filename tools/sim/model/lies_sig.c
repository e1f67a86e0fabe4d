/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/lies.h"

/* Lies about signalling. A C-frame of ours has one command. */

#define CMD_HEAD 4
#define FLOOD 168

static struct model_chan *some_chan(const struct lie *lie)
{
	struct model *m = lie->m;
	uint32_t first = model_lie_random(lie, CHANS_MAX);

	for (uint32_t i = 0; i < CHANS_MAX; i++) {
		struct model_chan *chan = &m->chan[(first + i) % CHANS_MAX];

		if (chan->state >= CHAN_CONFIG && chan->link == lie->link)
			return chan;
	}
	return NULL;
}

static uint8_t some_id(const struct lie *lie)
{
	return (uint8_t)(1 + model_lie_random(lie, 255));
}

static void add_command(const struct lie *lie, uint8_t code, uint8_t id,
			struct rt_bytes data)
{
	uint8_t buf[CMD_HEAD + 1024];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, code);
	model_out_u8(&out, id);
	model_out_le16(&out, (unsigned int)data.len);
	model_out_put(&out, data);
	model_lie_add(lie, CID_SIGNALLING, model_out_bytes(&out));
}

/* A request about two numbers. */
static bool add_pair(const struct lie *lie, uint8_t code, uint16_t a,
		     uint16_t b)
{
	uint8_t data[4];

	model_put_le16(data, a);
	model_put_le16(data + 2, b);
	add_command(lie, code, some_id(lie), rt_bytes(data, 4));
	return true;
}

static bool tail(struct lie *lie)
{
	static const uint8_t octets[] = { 0x08, 0x77, 0x08, 0x00, 0x01 };

	if (lie->n + sizeof(octets) > PAYLOAD_MAX)
		return false;
	memcpy(lie->p + lie->n, octets, sizeof(octets));
	model_lie_resize(lie, lie->n + sizeof(octets));
	return true;
}

static bool flood(const struct lie *lie)
{
	uint8_t buf[FLOOD * CMD_HEAD];
	uint8_t id = some_id(lie);

	for (size_t at = 0; at < sizeof(buf); at += CMD_HEAD) {
		buf[at] = SIG_ECHO_REQ;
		buf[at + 1] = id;
		model_put_le16(buf + at + 2, 0);
		id = id == 255 ? 1 : (uint8_t)(id + 1);
	}
	model_lie_add(lie, CID_SIGNALLING, rt_bytes(buf, sizeof(buf)));
	return true;
}

static bool unsolicited(const struct lie *lie)
{
	static const uint8_t bytes[] = {
		[SIG_CONNECT_RSP] = 8,	  [SIG_CONFIG_RSP] = 6,
		[SIG_DISCONNECT_RSP] = 4, [SIG_ECHO_RSP] = 0,
		[SIG_INFO_RSP] = 8,
	};
	const struct model_chan *chan = some_chan(lie);
	uint8_t code =
		(uint8_t)(SIG_CONNECT_RSP + 2 * model_lie_random(lie, 5));
	uint8_t data[8] = { 0 };

	model_put_le16(data, chan ? chan->scid : 0x0041);
	model_put_le16(data + 2, chan ? chan->dcid : 0x0042);
	add_command(lie, code, some_id(lie), rt_bytes(data, bytes[code]));
	return true;
}

static bool reject(struct lie *lie)
{
	lie->p[0] = SIG_REJECT;
	model_put_le16(lie->p + 2, 2);
	model_put_le16(lie->p + 4, LIE_PICK(lie, 0, 1, 2, 3));
	model_lie_resize(lie, 6);
	return true;
}

static bool too_long(const struct lie *lie)
{
	uint8_t data[1000];

	memset(data, 0x5a, sizeof(data));
	add_command(lie, SIG_ECHO_REQ, some_id(lie),
		    rt_bytes(data, sizeof(data)));
	return true;
}

static bool connect_used(const struct lie *lie)
{
	const struct model_chan *chan = some_chan(lie);

	return chan && add_pair(lie, SIG_CONNECT_REQ, chan->psm, chan->scid);
}

static bool connect_flood(const struct lie *lie)
{
	uint16_t cid = (uint16_t)(0x4000 + model_lie_random(lie, 0x4000));

	for (uint16_t i = 0; i < 20; i++)
		(void)add_pair(lie, SIG_CONNECT_REQ,
			       LIE_PICK(lie, 1, 3, 0x1005),
			       (uint16_t)(cid + i));
	return true;
}

static bool pending(struct lie *lie)
{
	if (lie->p[0] != SIG_CONNECT_RSP)
		return false;
	model_put_le16(lie->p + 8, 1);
	model_put_le16(lie->p + 10, LIE_PICK(lie, 0, 1, 2, 3));
	return true;
}

static bool response_cid(struct lie *lie)
{
	if (lie->p[0] != SIG_CONNECT_RSP && lie->p[0] != SIG_CONFIG_RSP &&
	    lie->p[0] != SIG_DISCONNECT_RSP)
		return false;
	model_put_le16(lie->p + CMD_HEAD,
		       LIE_PICK(lie, 0, 1, 0x003f, 0x0077, 0x0fff, 0xffff));
	if (model_lie_random(lie, 2) && lie->p[0] != SIG_CONFIG_RSP)
		model_put_le16(lie->p + CMD_HEAD + 2,
			       LIE_PICK(lie, 0, 1, 0x0077, 0xffff));
	return true;
}

static bool disconnect_wrong(const struct lie *lie)
{
	const struct model_chan *chan = some_chan(lie);

	if (!chan || model_lie_random(lie, 2))
		return add_pair(lie, SIG_DISCONNECT_REQ, 0x0fee, 0x0040);
	return add_pair(lie, SIG_DISCONNECT_REQ, chan->dcid,
			(uint16_t)(chan->scid + 1));
}

static bool about_request(struct lie *lie, enum model_lie which)
{
	switch (which) {
	case MODEL_LIE_CONNECT_SCID_USED:
		return connect_used(lie);
	case MODEL_LIE_CONNECT_SCID_RESERVED:
		return add_pair(lie, SIG_CONNECT_REQ, LIE_PICK(lie, 1, 3),
				LIE_PICK(lie, 0, 1, 2, 0x003f));
	case MODEL_LIE_CONNECT_PSM:
		return add_pair(
			lie, SIG_CONNECT_REQ,
			LIE_PICK(lie, 0, 2, 0x0101, 0x7ff1, 0xffff),
			(uint16_t)(0x2000 + model_lie_random(lie, 0x1000)));
	case MODEL_LIE_CONNECT_FLOOD:
		return connect_flood(lie);
	case MODEL_LIE_CONNECT_PENDING:
		return pending(lie);
	case MODEL_LIE_RESPONSE_CID:
		return response_cid(lie);
	default:
		return disconnect_wrong(lie);
	}
}

bool model_lie_about_signalling(struct lie *lie, enum model_lie which)
{
	uint8_t *p = lie->p;

	if (lie->n < CMD_HEAD)
		return false;
	switch (which) {
	case MODEL_LIE_SIG_WRONG_ID:
		p[1] = (uint8_t)(p[1] % 255 + 1);
		return true;
	case MODEL_LIE_SIG_ZERO_ID:
		p[1] = 0;
		return true;
	case MODEL_LIE_SIG_TWICE:
		model_lie_add(lie, CID_SIGNALLING, rt_bytes(p, lie->n));
		return true;
	case MODEL_LIE_SIG_MUTE:
		lie->link->tx_len = 0;
		return true;
	case MODEL_LIE_SIG_CODE:
		p[0] = (uint8_t)LIE_PICK(lie, 0x00, 0x0c, 0x0e, 0x10, 0x12,
					 0x14, 0x16, 0x1b, 0x80, 0xff);
		return true;
	case MODEL_LIE_SIG_LENGTH:
		model_put_le16(p + 2,
			       LIE_PICK(lie, 0, 1, 0xffff,
					(uint16_t)(lie->n - CMD_HEAD + 1)));
		return true;
	case MODEL_LIE_SIG_TAIL:
		return tail(lie);
	case MODEL_LIE_SIG_ECHO_FLOOD:
		return flood(lie);
	case MODEL_LIE_SIG_UNSOLICITED:
		return unsolicited(lie);
	case MODEL_LIE_SIG_REJECT:
		return reject(lie);
	case MODEL_LIE_SIG_TOO_LONG:
		return too_long(lie);
	default:
		return about_request(lie, which);
	}
}
