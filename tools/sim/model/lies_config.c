/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/lies.h"

/* Lies about configuration. */

#define CMD_HEAD 4
#define REQ_HEAD (CMD_HEAD + 4) /* channel id, flags */
#define RSP_HEAD (CMD_HEAD + 6) /* channel id, flags, result */
#define OPT_MTU 0x01
#define OPT_RFC 0x04
#define RFC_BYTES 9
#define RFC_WINDOW 1 /* offsets in it */
#define RFC_MPS 7
#define ENDLESS 4

static bool is_request(const struct lie *lie)
{
	return lie->p[0] == SIG_CONFIG_REQ && lie->n >= REQ_HEAD;
}

static bool is_response(const struct lie *lie)
{
	return lie->p[0] == SIG_CONFIG_RSP && lie->n >= RSP_HEAD;
}

static bool append(struct lie *lie, struct rt_bytes option)
{
	if ((!is_request(lie) && !is_response(lie)) ||
	    lie->n + option.len > PAYLOAD_MAX)
		return false;
	memcpy(lie->p + lie->n, option.ptr, option.len);
	model_lie_resize(lie, lie->n + option.len);
	model_put_le16(lie->p + 2, (unsigned int)(lie->n - CMD_HEAD));
	return true;
}

/* The value of the retransmission option, which is there after this. */
static uint8_t *rfc_of(struct lie *lie)
{
	static const uint8_t option[2 + RFC_BYTES] = {
		OPT_RFC, RFC_BYTES, 3, 8, 3, 0, 0, 0, 0, 0xf0, 0x00,
	};
	size_t at = is_request(lie) ? REQ_HEAD : RSP_HEAD;

	while (at + 2 + RFC_BYTES <= lie->n) {
		if (lie->p[at] == OPT_RFC && lie->p[at + 1] == RFC_BYTES)
			return lie->p + at + 2;
		at += 2U + lie->p[at + 1];
	}
	at = lie->n;
	if (!append(lie, rt_bytes(option, sizeof(option))))
		return NULL;
	return lie->p + at + 2;
}

static bool option_length(struct lie *lie)
{
	static const uint8_t options[][3] = {
		{ OPT_MTU, 0x01, 0x30 }, { OPT_MTU, 0x00, 0x00 },
		{ OPT_RFC, 0x01, 0x03 }, { OPT_RFC, 0xff, 0x03 },
		{ 0x05, 0x00, 0x02 },
	};

	return append(
		lie,
		rt_bytes(options[model_lie_random(lie, RT_ARRAY_SIZE(options))],
			 3));
}

static bool option_unknown(struct lie *lie)
{
	const uint8_t option[] = {
		(uint8_t)LIE_PICK(lie, 0x08, 0x33, 0x7f, 0xb3), 2, 0xaa, 0x55
	};

	return append(lie, rt_bytes(option, sizeof(option)));
}

static bool endless(const struct lie *lie)
{
	uint8_t request[REQ_HEAD + 4] = { SIG_CONFIG_REQ, 0, 8, 0 };
	const struct model_chan *chan = NULL;

	for (unsigned int i = 0; i < CHANS_MAX && !chan; i++) {
		if (lie->m->chan[i].state >= CHAN_CONFIG &&
		    lie->m->chan[i].link == lie->link)
			chan = &lie->m->chan[i];
	}
	if (!chan)
		return false;
	for (unsigned int i = 0; i < ENDLESS; i++) {
		request[1] = (uint8_t)(1 + model_lie_random(lie, 255));
		model_put_le16(request + CMD_HEAD, chan->dcid);
		model_put_le16(request + CMD_HEAD + 2, 0);
		request[REQ_HEAD] = OPT_MTU;
		request[REQ_HEAD + 1] = 2;
		model_put_le16(request + REQ_HEAD + 2,
			       48 + model_lie_random(lie, 2000));
		model_lie_add(lie, CID_SIGNALLING,
			      rt_bytes(request, sizeof(request)));
	}
	return true;
}

static bool refuse(struct lie *lie)
{
	const uint8_t mtu[] = { OPT_MTU, 2,
				(uint8_t)(48 + model_lie_random(lie, 200)), 0 };

	if (!is_response(lie))
		return false;
	model_lie_resize(lie, RSP_HEAD);
	model_put_le16(lie->p + CMD_HEAD + 4, LIE_PICK(lie, 1, 1, 2, 3, 4, 9));
	return append(lie, rt_bytes(mtu, sizeof(mtu)));
}

static bool more(struct lie *lie)
{
	if (!is_request(lie) && !is_response(lie))
		return false;
	lie->p[CMD_HEAD + 2] |= 1;
	return true;
}

static bool mtu(struct lie *lie)
{
	const uint8_t option[] = { OPT_MTU, 2,
				   (uint8_t)LIE_PICK(lie, 0, 1, 23, 47), 0 };

	return append(lie, rt_bytes(option, sizeof(option)));
}

static bool about_rfc(struct lie *lie, enum model_lie which)
{
	uint8_t *rfc;

	if (!is_request(lie) && !is_response(lie))
		return false;
	rfc = rfc_of(lie);
	if (!rfc)
		return false;
	if (which == MODEL_LIE_CONFIG_WINDOW)
		rfc[RFC_WINDOW] = (uint8_t)LIE_PICK(lie, 0, 64, 255);
	else if (which == MODEL_LIE_CONFIG_MPS)
		model_put_le16(rfc + RFC_MPS, LIE_PICK(lie, 0, 1, 2, 0xffff));
	else
		rfc[0] = (uint8_t)LIE_PICK(lie, 0, 1, 2, 3, 4, 5, 0xff);
	return true;
}

bool model_lie_about_config(struct lie *lie, enum model_lie which)
{
	if (lie->n < CMD_HEAD)
		return false;
	switch (which) {
	case MODEL_LIE_CONFIG_OPTION_LENGTH:
		return option_length(lie);
	case MODEL_LIE_CONFIG_OPTION_UNKNOWN:
		return option_unknown(lie);
	case MODEL_LIE_CONFIG_ENDLESS:
		return endless(lie);
	case MODEL_LIE_CONFIG_REFUSE:
		return refuse(lie);
	case MODEL_LIE_CONFIG_MORE:
		return more(lie);
	case MODEL_LIE_CONFIG_MTU:
		return mtu(lie);
	default:
		return about_rfc(lie, which);
	}
}
