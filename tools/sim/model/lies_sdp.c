/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/lies.h"
#include "tools/sim/model/sdp.h"

/* Lies about SDP PDUs. */

#define HEAD 5
#define LEVELS 1000
#define LEVEL_BYTES 3 /* a sequence with a length of 16 bits */
#define CONT_MAX 17

static void put_be16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static bool is_response(const struct lie *lie)
{
	return lie->p[0] & 1;
}

/* Where the continuation state stands; 0: there is none. */
static size_t cont_at(const struct lie *lie)
{
	size_t at = HEAD + 2;

	if (lie->p[0] == SDP_ERROR || lie->n < HEAD + 3)
		return 0;
	/* A request of ours ends with a list of one range and the state. */
	if (!is_response(lie))
		return HEAD + 14U;
	if (lie->p[0] == SDP_SEARCH_REQ + 1)
		return lie->n - 1;
	return at + (size_t)(lie->p[HEAD] << 8 | lie->p[HEAD + 1]);
}

static void finish(struct lie *lie, size_t n)
{
	model_lie_resize(lie, n);
	put_be16(lie->p + 3, n - HEAD);
}

static bool continuation(struct lie *lie)
{
	size_t at = cont_at(lie);
	size_t n = LIE_PICK(lie, 1, 4, 8, 16, CONT_MAX);

	if (at == 0 || at >= lie->n || at + 1 + CONT_MAX > PAYLOAD_MAX)
		return false;
	lie->p[at] = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		lie->p[at + 1 + i] = (uint8_t)model_lie_random(lie, 256);
	finish(lie, at + 1 + n);
	return true;
}

/* As many sequences in each other as the peer's MTU carries. */
static bool nested(struct lie *lie)
{
	const struct model_chan *chan = model_lie_chan(lie);
	size_t from = is_response(lie) ? HEAD + 2 : HEAD;
	size_t room = chan ? chan->theirs.mtu : 0;
	size_t levels, at;

	if (lie->p[0] == SDP_ERROR || room < from + 64)
		return false;
	room = RT_MIN(room, (size_t)PAYLOAD_MAX) - from - 16;
	levels = RT_MIN(room / LEVEL_BYTES, (size_t)LEVELS);
	at = from;
	for (size_t i = levels; i > 0; i--) {
		lie->p[at] = 0x36;
		put_be16(lie->p + at + 1, (i - 1) * LEVEL_BYTES);
		at += LEVEL_BYTES;
	}
	if (is_response(lie)) {
		put_be16(lie->p + HEAD, levels * LEVEL_BYTES);
	} else {
		memcpy(lie->p + at, "\xff\xff\x35\x03\x09\x00\x01", 7);
		at += 7;
	}
	lie->p[at++] = 0;
	finish(lie, at);
	return true;
}

static bool transaction(struct lie *lie)
{
	if (model_lie_random(lie, 2))
		lie->p[2] ^= (uint8_t)(1 + model_lie_random(lie, 255));
	else
		lie->p[0] = (uint8_t)LIE_PICK(lie, 0, 1, 2, 3, 4, 5, 6, 8, 255);
	return true;
}

static bool length(struct lie *lie)
{
	uint16_t said = (uint16_t)(lie->p[3] << 8 | lie->p[4]);

	if (model_lie_random(lie, 2) || lie->n < HEAD + 2)
		put_be16(lie->p + 3, LIE_PICK(lie, 0, (uint16_t)(said + 1),
					      (uint16_t)(said - 1), 0xffff));
	else
		put_be16(lie->p + HEAD, LIE_PICK(lie, 0, 1, 0x7fff, 0xffff));
	return true;
}

bool model_lie_about_sdp(struct lie *lie, enum model_lie which)
{
	if (lie->n < HEAD)
		return false;
	switch (which) {
	case MODEL_LIE_SDP_CONTINUATION:
		return continuation(lie);
	case MODEL_LIE_SDP_NESTED:
		return nested(lie);
	case MODEL_LIE_SDP_TRANSACTION:
		return transaction(lie);
	default:
		return length(lie);
	}
}
