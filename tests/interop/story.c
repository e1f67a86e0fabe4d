/* SPDX-License-Identifier: MIT */
#include "tests/interop/story.h"

const struct pattern story_our_pattern = { 101, STORY_UNIT_BYTES };
const struct pattern story_their_pattern = { 202, STORY_UNIT_BYTES };

/* Controllers here differ: a connection takes 2 ms, or 40. */
long story_cut_ms(uint64_t *random)
{
	static const uint32_t spans_ms[] = { 4, 40, 150, 150 };
	const uint32_t number = pattern_random(random);

	return number / 4 % spans_ms[number % 4];
}

long story_jitter_ms(uint64_t *random)
{
	static const uint32_t spans_ms[] = { 1, 3, 10, 30 };
	const uint32_t number = pattern_random(random);

	return number / 4 % spans_ms[number % 4];
}
