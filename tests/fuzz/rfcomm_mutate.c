/* SPDX-License-Identifier: MIT */
/*
 * The grammar of rfcomm_session: frames that are right in every octet, lengths
 * and FCS included, and frames of which exactly one thing is wrong.
 */
#include <stdbool.h>
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/fcs.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/rfcomm_make.h"
#include "tests/fuzz/rfcomm_rig.h"
#include "tests/fuzz/rfcomm_session.h"

/* One thing of a frame is wrong, FCS apart: that is 0 here. */
static size_t break_one(uint64_t *state, uint8_t *p, size_t len)
{
	switch (mutate_below(state, 7)) {
	case 0:
		p[2] = (uint8_t)mutate_below(state, 256);
		return len;
	case 1:
		p[0] ^= 1;
		return len;
	case 2:
		p[0] ^= 2;
		return len;
	case 3:
		p[1] ^= 0x10;
		return len;
	case 4:
		return 1 + mutate_below(state, (uint32_t)len);
	case 5:
		p[len] = (uint8_t)mutate_below(state, 256);
		return len + 1;
	default:
		/* Within: lengths and values of messages. */
		p[len - 1 - mutate_below(state, len > 5 ? 5 : 1)] ^=
			(uint8_t)(1 << mutate_below(state, 8));
		return len;
	}
}

static size_t seal(uint8_t *record, size_t frame_len)
{
	record[2 + frame_len] = fcs_of_rfcomm(record + 2, frame_len);
	record[1] = (uint8_t)(frame_len + 1);
	return 2 + frame_len + 1;
}

static size_t make_record(uint64_t *state, uint8_t *record)
{
	if (mutate_below(state, 3) > 0) {
		record[0] = RECORD_FRAME;
		return seal(record, rfcomm_make_frame(state, record + 2));
	}
	record[0] = (uint8_t)(RECORD_TX + mutate_below(state, 4));
	/* L2CAP ends all too often otherwise. */
	if (record[0] == RECORD_CHANNEL && mutate_below(state, 8) > 0)
		record[0] = RECORD_TX;
	record[1] = 2;
	record[2] = (uint8_t)mutate_below(state, 256);
	record[3] = (uint8_t)mutate_below(state, 256);
	return 4;
}

/* One thing is wrong: mostly of the frame, which then has the right FCS. */
static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (record[0] != RECORD_FRAME)
		return mutate_lie_in_body(state, record, len, 0);
	if (mutate_below(state, 8) > 0)
		return seal(record, break_one(state, record + 2, len - 3));
	record[len - 1] ^= (uint8_t)(1 + mutate_below(state, 255));
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = 1,
	.make = make_record,
	.lie = lie,
};
