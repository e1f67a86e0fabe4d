/* SPDX-License-Identifier: MIT */
/*
 * The grammar of l2cap_signalling: what a step takes is chosen so that it is
 * valid; a lie is one octet of a frame, or its end.
 */
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/l2cap_signalling.h"
#include "tests/fuzz/mutate.h"

#define COMMAND_OCTETS 14 /* that a command takes at most, mostly */

/* Codes of signalling, those that lead on more often. */
static uint8_t some_code(uint64_t *state)
{
	static const uint8_t codes[] = {
		0x02, 0x02, 0x02, 0x03, 0x03, 0x04, 0x04, 0x04, 0x05, 0x05,
		0x05, 0x06, 0x06, 0x07, 0x17, 0x17, 0x17, 0x18, 0x18, 0x19,
		0x19, 0x1a, 0x16, 0x16, 0x0a, 0x0b, 0x08, 0x09, 0x01,
	};

	return mutate_below(state, 20) > 0
		       ? codes[mutate_below(state, sizeof(codes))]
		       : (uint8_t)mutate_below(state, 0x20);
}

static size_t make(uint64_t *state, uint8_t *record)
{
	static const uint8_t steps[] = {
		STEP_COMMANDS, STEP_COMMANDS, STEP_COMMANDS, STEP_COMMANDS,
		STEP_COMMANDS, STEP_CONNECT,  STEP_CONNECT,  STEP_USER,
		STEP_DATA,     STEP_TIME,
	};
	size_t n = 1 + mutate_below(state, 8);

	record[0] = steps[mutate_below(state, sizeof(steps))];
	if (mutate_below(state, 40) == 0)
		record[0] = STEP_BREAK;
	if (record[0] == STEP_COMMANDS)
		n = 2 + COMMAND_OCTETS;
	for (size_t i = 0; i < n; i++)
		record[2 + i] = (uint8_t)mutate_below(state, 256);
	if (record[0] == STEP_COMMANDS) {
		/* Mostly one: where the second begins depends on the first. */
		record[2] = mutate_below(state, 8) == 0;
		record[3] = some_code(state);
	}
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (record[0] != STEP_COMMANDS)
		return mutate_lie_in_body(state, record, len, 0);
	memmove(record + 5, record + 3, len - 3);
	record[2] |= FRAME_OTHER;
	record[3] = (uint8_t)mutate_below(state, 24);
	record[4] = (uint8_t)mutate_below(state, 256);
	if (mutate_below(state, 4) == 0) {
		record[2] ^= FRAME_CUT ^ FRAME_OTHER;
		memmove(record + 4, record + 5, len - 3);
		len--;
	}
	record[1] = (uint8_t)len;
	return len + 2;
}

const struct mutate_grammar mutate_grammar = {
	.head = 0,
	.make = make,
	.lie = lie,
};
