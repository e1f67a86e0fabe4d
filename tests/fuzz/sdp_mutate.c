/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/sdp_mutate.h"

#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/mutate.h"

/* Puts the header of a sequence in front of `len` octets at p + 2. */
static size_t sequence(uint8_t *p, size_t len)
{
	p[0] = 0x35;
	p[1] = (uint8_t)len;
	return 2 + len;
}

static size_t put_be16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
	return 2;
}

size_t sdp_make_uuids(uint64_t *state, uint8_t *p)
{
	static const uint16_t uuids[] = { 0x1002, 0x1101, 0x0100,
					  0x0003, 0x0001, 0x1124 };
	size_t n = 2;

	for (uint32_t i = 1 + mutate_below(state, 3); i > 0; i--) {
		p[n++] = 0x19;
		n += put_be16(p + n,
			      uuids[mutate_below(state, RT_ARRAY_SIZE(uuids))]);
	}
	return sequence(p, n - 2);
}

size_t sdp_make_ids(uint64_t *state, uint8_t *p)
{
	size_t n = 2;

	for (uint32_t i = 1 + mutate_below(state, 3); i > 0; i--) {
		if (mutate_below(state, 2)) {
			p[n++] = 0x09;
			n += put_be16(p + n, mutate_below(state, 16));
			continue;
		}
		p[n++] = 0x0a;
		n += put_be16(p + n, mutate_below(state, 0x200));
		n += put_be16(p + n, 0x200 + mutate_below(state, 0xfe00));
	}
	return sequence(p, n - 2);
}

/* The value of an attribute: one that connects, or any small one. */
static size_t make_value(uint64_t *state, uint8_t *p)
{
	static const struct {
		uint8_t len, octets[18];
	} values[] = {
		{ 1, { 0x00 } },
		{ 2, { 0x08, 0xff } },
		{ 5, { 0x0a, 0, 1, 0, 4 } },
		{ 9, { 0x13, 1, 2, 3, 4, 5, 6, 7, 8 } },
		{ 2, { 0x28, 1 } },
		{ 5, { 0x35, 3, 0x19, 0x11, 0x01 } },
		{ 6, { 0x25, 4, 'N', 'a', 'm', 'e' } },
		{ 5, { 0x45, 3, 'u', 'r', 'l' } },
		{ 4, { 0x3d, 2, 0x08, 0x01 } },
		{ 14,
		  { 0x35, 12, 0x35, 3, 0x19, 0x01, 0x00, 0x35, 5, 0x19, 0x00,
		    0x03, 0x08, 0x03 } },
		{ 13,
		  { 0x35, 11, 0x35, 6, 0x19, 0x01, 0x00, 0x09, 0x10, 0x01, 0x35,
		    1, 0x00 } },
	};
	const size_t i = mutate_below(state, RT_ARRAY_SIZE(values));

	memcpy(p, values[i].octets, values[i].len);
	return values[i].len;
}

static size_t make_list(uint64_t *state, uint8_t *p)
{
	uint32_t id = 0;
	size_t n = 2;

	for (uint32_t i = mutate_below(state, 5); i > 0; i--) {
		p[n++] = 0x09;
		n += put_be16(p + n, id);
		if (id == 0) {
			memcpy(p + n, "\x0a\x00\x01\x00\x00", 5);
			p[n + 4] = (uint8_t)mutate_below(state, 4);
			n += 5;
		} else {
			n += make_value(state, p + n);
		}
		id += 1 + mutate_below(state, 4);
	}
	return sequence(p, n - 2);
}

size_t sdp_make_lists(uint64_t *state, uint8_t *p)
{
	size_t n = 2;

	if (mutate_below(state, 2))
		return make_list(state, p);
	for (uint32_t i = mutate_below(state, 3); i > 0; i--)
		n += make_list(state, p + n);
	return sequence(p, n - 2);
}
