/* SPDX-License-Identifier: MIT */
/* The grammar of air: nine of ten frames get through. */
#include "stack/base.h"
#include "tests/fuzz/air.h"
#include "tests/fuzz/mutate.h"

static uint8_t some_decision(uint64_t *state)
{
	if (mutate_below(state, 10) > 0)
		return 0;
	return (uint8_t)(DECIDE_DROP + mutate_below(state, 4) +
			 8 * mutate_below(state, 32));
}

static size_t make(uint64_t *state, uint8_t *record)
{
	static const uint8_t kinds[] = {
		RECORD_WRITE, RECORD_WRITE,  RECORD_WRITE,
		RECORD_TIME,  RECORD_TIME,   RECORD_DECIDE,
		RECORD_PAUSE, RECORD_STREAM, RECORD_WRITE,
	};
	uint8_t *p = record + 2;
	size_t n = 2;

	record[0] = kinds[mutate_below(state, sizeof(kinds))];
	if (mutate_below(state, 30) == 0)
		record[0] = RECORD_CLOSE;
	p[0] = (uint8_t)mutate_below(state, 256);
	p[1] = (uint8_t)mutate_below(state, 256);
	if (record[0] == RECORD_DECIDE) {
		n = 1 + mutate_below(state, 60);
		for (size_t i = 0; i < n; i++)
			p[i] = some_decision(state);
	}
	record[1] = (uint8_t)n;
	return 2 + n;
}

/* A bad link: one decision is another, or all are the same. */
static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (record[0] != RECORD_DECIDE || mutate_below(state, 2))
		return mutate_lie_in_body(state, record, len, 0);
	for (size_t i = 3; i < len; i++)
		record[i] = record[2];
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = HEAD_BYTES,
	.make = make,
	.lie = lie,
};
