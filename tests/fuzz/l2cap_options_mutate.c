/* SPDX-License-Identifier: MIT */
/* The grammar of l2cap_options: an option is a record already. */
#include "stack/base.h"
#include "tests/fuzz/mutate.h"

static size_t make(uint64_t *state, uint8_t *record)
{
	static const uint8_t sizes[] = { 0, 2, 2, 22, 9, 1, 16, 2 };
	const uint32_t type = mutate_below(state, RT_ARRAY_SIZE(sizes) + 2);

	record[0] = (uint8_t)type;
	if (mutate_below(state, 4) == 0)
		record[0] |= 0x80; /* a hint */
	if (type < RT_ARRAY_SIZE(sizes))
		record[1] = sizes[type];
	else
		record[1] = (uint8_t)mutate_below(state, 8);
	for (size_t i = 0; i < record[1]; i++)
		record[2 + i] = (uint8_t)mutate_below(state, 256);
	return 2 + (size_t)record[1];
}

/* A length that is not the type's, or not that of the octets there. */
static size_t lie(uint64_t *state, uint8_t *record, size_t len)
{
	if (mutate_below(state, 2))
		return mutate_lie_in_body(state, record, len, 0);
	record[1] = (uint8_t)mutate_below(state, 256);
	return len;
}

const struct mutate_grammar mutate_grammar = {
	.head = 1,
	.make = make,
	.lie = lie,
};
