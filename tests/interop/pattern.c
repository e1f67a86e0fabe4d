/* SPDX-License-Identifier: MIT */
#include "tests/interop/pattern.h"

#define NUMBER_BYTES 4

/* Mixes all bits of all three into the low eight. */
static uint8_t octet(const struct pattern *pattern, uint32_t unit,
		     uint32_t place)
{
	uint32_t x = pattern->seed * 0x9e3779b1u;

	if (place < NUMBER_BYTES)
		return (uint8_t)(unit >> 8 * place);
	x ^= unit * 0x85ebca77u ^ place * 0xc2b2ae3du;
	x ^= x >> 15;
	x *= 0x2c1b3c6du;
	x ^= x >> 13;
	return (uint8_t)(x >> 8);
}

void pattern_fill(const struct pattern *pattern, uint64_t at, uint8_t *ret_buf,
		  size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, at++)
		ret_buf[i] =
			octet(pattern, (uint32_t)(at / pattern->unit_bytes),
			      (uint32_t)(at % pattern->unit_bytes));
}

bool pattern_is(const struct pattern *pattern, uint64_t at, const uint8_t *buf,
		size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, at++) {
		if (buf[i] != octet(pattern,
				    (uint32_t)(at / pattern->unit_bytes),
				    (uint32_t)(at % pattern->unit_bytes)))
			return false;
	}
	return true;
}

size_t pattern_unit(const struct pattern *pattern, uint64_t at, uint64_t total)
{
	const uint64_t left = total - at;

	if (left < pattern->unit_bytes)
		return (size_t)left;
	return pattern->unit_bytes;
}

uint32_t pattern_random(uint64_t *state)
{
	uint64_t x = *state + 0x9e3779b97f4a7c15u;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)(x * 0x2545f4914f6cdd1du >> 32);
}
