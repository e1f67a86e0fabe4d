/* SPDX-License-Identifier: MIT */
/*
 * The grammar of eir: records of a controller. Those that are not for a
 * controller are structures of an EIR as well, near enough: kind and length
 * change places.
 */
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/mutate.h"

/* An address, and what stands in front of an EIR. */
#define DEVICE_BYTES 14

static size_t make_structure(uint64_t *state, uint8_t *p)
{
	static const uint8_t types[] = { 0x02, 0x03, 0x04, 0x05, 0x06,
					 0x07, 0x08, 0x09, 0x0a, 0xff };
	static const uint8_t sizes[] = { 4, 2, 4, 8, 16, 16, 8, 20, 1, 5 };
	const size_t i = mutate_below(state, sizeof(types));
	const size_t len = sizes[i];

	p[0] = (uint8_t)(1 + len);
	p[1] = types[i];
	for (size_t k = 0; k < len; k++)
		p[2 + k] = (uint8_t)(mutate_below(state, 8) > 0
					     ? 'a' + mutate_below(state, 4)
					     : mutate_below(state, 256));
	return 2 + len;
}

static size_t make(uint64_t *state, uint8_t *record)
{
	uint8_t *p = record + 2;
	size_t n = DEVICE_BYTES;

	record[0] = (uint8_t)mutate_below(state, 6);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)mutate_below(state, i == 0 ? 4 : 2);
	if (record[0] == 3) {
		for (uint32_t i = mutate_below(state, 5); i > 0; i--)
			n += make_structure(state, p + n);
	} else if (record[0] == 4) {
		record[0] |= 0x20;
		n = make_structure(state, p);
	}
	record[1] = (uint8_t)n;
	return 2 + n;
}

static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (mutate_below(state, 3) == 0)
		record[0] |= 0x80;
	return mutate_lie_in_body(state, record, len, 0);
}

const struct mutate_grammar mutate_grammar = {
	.head = 1,
	.make = make,
	.lie = lie,
};
