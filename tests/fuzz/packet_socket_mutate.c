/* SPDX-License-Identifier: MIT */
/* The grammar of packet_socket: packets that fit, and calls. */
#include "stack/base.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/packet_socket.h"

static size_t make(uint64_t *state, uint8_t *record)
{
	uint8_t *p = record + 2;
	size_t n = 1;

	record[0] = (uint8_t)mutate_below(state, RECORDS);
	p[0] = (uint8_t)(2 + mutate_below(state, 4));
	if (record[0] == RECORD_PACKET) {
		const uint8_t len = (uint8_t)mutate_below(state, 40);

		p[0] = 4;
		p[1] = (uint8_t)mutate_below(state, 256);
		p[2] = len;
		for (n = 3; n < 3U + len; n++)
			p[n] = (uint8_t)n;
	} else if (record[0] == RECORD_LONG) {
		n = 5;
		p[1] = (uint8_t)mutate_below(state, 256);
		p[2] = (uint8_t)mutate_below(state, 5);
		p[3] = 0;
		p[4] = 0;
	} else if (record[0] == RECORD_SEND) {
		n += mutate_below(state, 6);
		for (size_t i = 1; i < n; i++)
			p[i] = (uint8_t)mutate_below(state, 256);
	} else if (record[0] != RECORD_RECEIVE) {
		/* What means to try again. */
		p[0] = (uint8_t)mutate_below(state, 3);
	}
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (record[0] == RECORD_ERROR || record[0] == RECORD_SEND_ERROR) {
		record[2] = (uint8_t)mutate_below(state, 256);
		return len;
	}
	if (record[0] == RECORD_LONG) {
		record[4] = (uint8_t)mutate_below(state, 4);
		record[5] = (uint8_t)mutate_below(state, 2);
		return len;
	}
	return mutate_lie_in_body(state, record, len, 0);
}

const struct mutate_grammar mutate_grammar = {
	.head = HEAD_BYTES,
	.make = make,
	.lie = lie,
};
