/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_PATTERN_H
#define RT_INTEROP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Octets that tell their place: units of a fixed size (the last one may be
 * shorter), each beginning with its number, the rest made from the seed, the
 * number and the place in the unit. What is lost, doubled, out of order or
 * changed shows at once, and two streams of different seeds can't be taken for
 * each other.
 */
struct pattern {
	uint32_t seed;
	size_t unit_bytes;
};

/* Writes the octets from place `at` of the stream. */
void pattern_fill(const struct pattern *pattern, uint64_t at, uint8_t *ret_buf,
		  size_t bytes);

/* True if these are the octets from place `at`. */
bool pattern_is(const struct pattern *pattern, uint64_t at, const uint8_t *buf,
		size_t bytes);

/* The octets of the unit that begins at `at`, in a stream of `total`. */
size_t pattern_unit(const struct pattern *pattern, uint64_t at, uint64_t total);

/* The next number of a sequence that the seed alone decides; xorshift64*. */
uint32_t pattern_random(uint64_t *state);

#endif
