/* SPDX-License-Identifier: MIT */
/* The grammar of api: what a sensible application does; and other arguments. */
#include "stack/base.h"
#include "tests/fuzz/api.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/user_mutate.h"

static size_t make(uint64_t *state, uint8_t *record)
{
	size_t n = 1;

	record[2] = (uint8_t)(8 + mutate_below(state, 8));
	if (mutate_below(state, 6) == 0)
		record[0] = USER_ACTS;
	else
		n = user_make_act(state, &record[0], record + 2);
	if (mutate_below(state, 3) == 0)
		record[0] |= RECORD_OTHER;
	if (mutate_below(state, 8) == 0)
		record[0] |= RECORD_AT_ONCE;
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	return mutate_lie_in_body(state, record, len, 0);
}

const struct mutate_grammar mutate_grammar = {
	.head = HEAD_BYTES,
	.make = make,
	.lie = lie,
};
