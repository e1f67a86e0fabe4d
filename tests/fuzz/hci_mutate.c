/* SPDX-License-Identifier: MIT */
/*
 * The grammar of hci_events: what owners do, time, and events that fit, all
 * without a lie; a lie is about one packet, or one octet of an event.
 */
#include "stack/base.h"
#include "tests/fuzz/hci_events.h"
#include "tests/fuzz/lie.h"
#include "tests/fuzz/mutate.h"

#define ACT_BYTES (4 + LIE_BYTES)
#define TIME_BYTES (1 + LIE_BYTES)

static size_t make(uint64_t *state, uint8_t *record)
{
	static const uint8_t kinds[] = { RECORD_ACT,  RECORD_ACT,  RECORD_ACT,
					 RECORD_ACT,  RECORD_TIME, RECORD_TIME,
					 RECORD_EVENT };
	const uint8_t kind = kinds[mutate_below(state, sizeof(kinds))];
	size_t n = kind == RECORD_TIME ? TIME_BYTES : ACT_BYTES;
	size_t truth = n - LIE_BYTES;

	if (kind == RECORD_EVENT) {
		n = 2 + mutate_below(state, 20);
		truth = n;
	}
	record[0] = kind;
	record[1] = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		record[2 + i] =
			i < truth ? (uint8_t)mutate_below(state, 256) : 0;
	/* Mostly the victim's owner. */
	if (kind == RECORD_ACT && mutate_below(state, 3) > 0)
		record[2] = 0;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	uint8_t *p = record + len - LIE_BYTES;

	if (record[0] == RECORD_EVENT)
		return mutate_lie_in_body(state, record, len, 2);
	p[0] = (uint8_t)(1 + mutate_below(state, LIES - 1));
	p[1] = (uint8_t)mutate_below(state, 12);
	p[2] = (uint8_t)mutate_below(state, 40);
	p[3] = (uint8_t)(1 << mutate_below(state, 8));
	if (mutate_below(state, 4) == 0)
		p[3] = (uint8_t)(1 + mutate_below(state, 255));
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = HEAD_BYTES,
	.make = make,
	.lie = lie,
};
