/* SPDX-License-Identifier: MIT */
/*
 * The grammar of stack: what both applications do; frames, messages and
 * commands that fit, unasked; and of ten steps one in which somebody lies.
 */
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/fcs.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/rfcomm_make.h"
#include "tests/fuzz/stack.h"
#include "tests/fuzz/user_mutate.h"

#define SEND_RAW 1 /* of USER_RESEARCH */
#define SEND_FRAME 3
#define SEND_MCC 4

/* The peer sends something by hand. */
static size_t make_by_hand(uint64_t *state, uint8_t *p)
{
	size_t n = 3;

	p[0] = (uint8_t)(mutate_below(state, 3) == 0 ? SEND_RAW : SEND_FRAME);
	p[1] = (uint8_t)(0x40 + mutate_below(state, 4));
	p[2] = 0;
	if (mutate_below(state, 3) == 0) {
		uint8_t message[RFCOMM_MADE_MAX];
		const size_t len = rfcomm_make_message(state, message);

		p[0] = SEND_MCC;
		p[1] = message[0] >> 2;
		p[2] = message[0] >> 1 & 1;
		memcpy(p + 3, message + 2, len - 2);
		return n + len - 2;
	}
	n += rfcomm_make_frame(state, p + n);
	p[n] = fcs_of_rfcomm(p + 3, n - 3);
	return n + 1;
}

static size_t make_unasked(uint64_t *state, uint8_t *ret_what, uint8_t *p)
{
	static const uint8_t kinds[] = { STEP_EVENT,   STEP_EVENT, STEP_COMMAND,
					 STEP_COMMAND, STEP_DATA,  STEP_FAULT };
	size_t n = 2 + mutate_below(state, 14);

	*ret_what = kinds[mutate_below(state, sizeof(kinds))];
	if (mutate_below(state, 60) == 0)
		*ret_what = (uint8_t)(STEP_DROP + mutate_below(state, 2));
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(mutate_below(state, 3)
					 ? mutate_below(state, 256)
					 : 0);
	return n;
}

static size_t make(uint64_t *state, uint8_t *record)
{
	uint8_t *p = record + 2 + LIE_BYTES;
	const uint32_t how = mutate_below(state, 16);
	size_t n = 1;

	memset(record + 2, 0, LIE_BYTES);
	p[0] = (uint8_t)(7 + mutate_below(state, 9));
	if (how == 0) {
		record[0] = USER_RESEARCH | STEP_OTHER;
		n = make_by_hand(state, p);
	} else if (how < 3) {
		n = make_unasked(state, &record[0], p);
	} else if (how < 6) {
		record[0] = STEP_TIME;
	} else {
		n = user_make_act(state, &record[0], p);
		if (mutate_below(state, 2))
			record[0] |= STEP_OTHER;
	}
	record[1] = (uint8_t)(LIE_BYTES + n);
	return 2 + LIE_BYTES + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	uint8_t *p = record + 2;

	if (mutate_below(state, 4) == 0)
		return mutate_lie_in_body(state, record, len, LIE_BYTES);
	p[0] = (uint8_t)(1 + mutate_below(state, LIES - 1));
	p[1] = (uint8_t)mutate_below(state, 36);
	p[2] = (uint8_t)mutate_below(state, 40);
	p[3] = (uint8_t)(1 << mutate_below(state, 8));
	if (mutate_below(state, 4) == 0)
		p[3] = (uint8_t)(1 + mutate_below(state, 255));
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = 0,
	.make = make,
	.lie = lie,
};
