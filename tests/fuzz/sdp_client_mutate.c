/* SPDX-License-Identifier: MIT */
/* The grammar of sdp_client: responses that fit one of our requests. */
#include "stack/base.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/sdp_mutate.h"

#define FIT_LENGTH 0x80 /* of the first octet of a record: see sdp_client.c */
#define LAST_TID 0x40
#define OTHER_DEVICE 0x20
#define HEADER_BYTES 5

static size_t put_be16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
	return 2;
}

static size_t make_handles(uint64_t *state, uint8_t *p)
{
	const uint32_t count = mutate_below(state, 6);
	size_t n = put_be16(p, count);

	n += put_be16(p + n, count);
	for (uint32_t i = 0; i < count; i++) {
		n += put_be16(p + n, 1);
		n += put_be16(p + n, i);
	}
	return n;
}

static size_t make_response(uint64_t *state, uint8_t *p)
{
	const uint8_t pdu = (uint8_t)(3 + 2 * mutate_below(state, 3));
	size_t n = HEADER_BYTES;
	size_t len;

	p[0] = pdu;
	p[1] = 0;
	p[2] = 0;
	p[3] = 0;
	p[4] = 0;
	if (pdu == 3) {
		n += make_handles(state, p + n);
	} else {
		len = sdp_make_lists(state, p + n + 2);
		(void)put_be16(p + n, len);
		n += 2 + len;
	}
	p[n] = (uint8_t)(mutate_below(state, 4) == 0 ? 2 : 0);
	len = p[n++];
	for (; len > 0; len--)
		p[n++] = (uint8_t)mutate_below(state, 256);
	return n;
}

static size_t make(uint64_t *state, uint8_t *record)
{
	size_t n;

	record[0] = (uint8_t)mutate_below(state, 256);
	record[1] = 0;
	if (mutate_below(state, 4) == 0)
		return 2;
	n = make_response(state, record + 2);
	record[0] = FIT_LENGTH | LAST_TID;
	if (mutate_below(state, 4) == 0)
		record[0] |= OTHER_DEVICE;
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	const uint32_t how = mutate_below(state, 6);

	if (how == 0)
		record[0] &= (uint8_t)~FIT_LENGTH;
	else if (how == 1)
		record[0] &= (uint8_t)~LAST_TID;
	else
		len = mutate_lie_in_body(state, record, len, 0);
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = 1,
	.make = make,
	.lie = lie,
};
