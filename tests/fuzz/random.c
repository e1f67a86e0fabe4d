/* SPDX-License-Identifier: MIT */
/*
 * For programs that bring assert.c in place of libcheck: the same numbers as
 * those of unit/stack/suite.c, which would bring libcheck's runner along.
 */
#include "tests/unit/stack/suite.h"

uint32_t suite_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)(x * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}
