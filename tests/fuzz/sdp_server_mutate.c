/* SPDX-License-Identifier: MIT */
/* The grammar of sdp_server: requests that are right, in any order. */
#include <stdbool.h>

#include "stack/base.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/sdp_mutate.h"

#define FIT_LENGTH 0x80 /* of the first octet of a record: see sdp_server.c */
#define LAST_STATE 0x40
#define HEADER_BYTES 5

static size_t put_max(uint64_t *state, uint8_t *p)
{
	const bool few = mutate_below(state, 2) > 0;

	p[0] = few ? 0 : 0xff;
	p[1] = (uint8_t)(few ? 7 + mutate_below(state, 60) : 0xff);
	return 2;
}

static size_t make_request(uint64_t *state, uint8_t *p)
{
	const uint8_t pdu = (uint8_t)(2 + 2 * mutate_below(state, 3));
	size_t n = HEADER_BYTES;

	p[0] = pdu;
	p[1] = 0;
	p[2] = (uint8_t)mutate_below(state, 4);
	p[3] = 0;
	p[4] = 0;
	if (pdu != 4) {
		n += sdp_make_uuids(state, p + n);
	} else {
		p[n++] = 0;
		p[n++] = 1;
		p[n++] = 0;
		p[n++] = (uint8_t)mutate_below(state, 4);
	}
	n += put_max(state, p + n);
	if (pdu != 2)
		n += sdp_make_ids(state, p + n);
	p[n++] = 0; /* no continuation, or the last response's */
	return n;
}

static size_t make(uint64_t *state, uint8_t *record)
{
	size_t n;

	record[0] = (uint8_t)mutate_below(state, 256);
	record[1] = 0;
	if (mutate_below(state, 5) == 0)
		return 2;
	n = make_request(state, record + 2);
	record[0] = FIT_LENGTH;
	if (mutate_below(state, 2))
		record[0] |= LAST_STATE;
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	/* The parameter length, or what is in the parameters. */
	if (mutate_below(state, 4) == 0)
		record[0] &= (uint8_t)~FIT_LENGTH;
	else
		len = mutate_lie_in_body(state, record, len, 0);
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = 2,
	.make = make,
	.lie = lie,
};
