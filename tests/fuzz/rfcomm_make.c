/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/rfcomm_make.h"

#include <stdbool.h>
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/mutate.h"

/* DLCIs: of the multiplexer, of the three DLCs, and of nobody. */
static uint8_t some_dlci(uint64_t *state)
{
	static const uint8_t dlcis[] = { 0, 2, 3, 4, 5, 6,  7,	2,
					 4, 6, 8, 9, 1, 61, 62, 63 };

	return dlcis[mutate_below(state, sizeof(dlcis))];
}

size_t rfcomm_make_message(uint64_t *state, uint8_t *p)
{
	static const struct {
		uint8_t octet, len;
	} messages[] = {
		{ 0x83, 8 }, { 0x81, 8 }, { 0xe3, 2 }, { 0xe3, 3 }, { 0xe1, 2 },
		{ 0x93, 1 }, { 0x93, 8 }, { 0x91, 8 }, { 0x53, 2 }, { 0x51, 2 },
		{ 0x23, 5 }, { 0x21, 1 }, { 0xa3, 0 }, { 0x63, 0 }, { 0xa1, 0 },
		{ 0x61, 0 }, { 0xc3, 0 }, { 0x11, 1 }, { 0x13, 1 }, { 0x43, 1 },
	};
	const size_t i = mutate_below(state, RT_ARRAY_SIZE(messages));
	const size_t len = messages[i].len;
	const uint8_t dlci = some_dlci(state);

	p[0] = messages[i].octet;
	p[1] = (uint8_t)(len << 1 | 1);
	for (size_t k = 0; k < len; k++)
		p[2 + k] = (uint8_t)mutate_below(state, 256);
	if (len > 0)
		p[2] = (uint8_t)(dlci << 2 | 3);
	if (p[0] == 0x83 || p[0] == 0x81) {
		p[2] = dlci;
		p[3] = (uint8_t)(mutate_below(state, 3) << 4 | 0xe0);
		p[7] &= 3;
		p[9] &= 7;
	}
	if (p[0] == 0x11)
		p[2] = messages[mutate_below(state, 16)].octet;
	return 2 + len;
}

size_t rfcomm_make_frame(uint64_t *state, uint8_t *p)
{
	static const uint8_t controls[] = { 0x3f, 0x73, 0x1f, 0x53,
					    0xef, 0xef, 0xff, 0xff };
	const uint8_t dlci = some_dlci(state);
	const bool cr = mutate_below(state, 2);
	size_t n = 3;
	size_t info = 0;

	p[0] = (uint8_t)(dlci << 2 | cr << 1 | 1);
	p[1] = controls[mutate_below(state, sizeof(controls))];
	if ((p[1] & 0xef) == 0xef && dlci == 0) {
		p[1] = 0xef;
		info = rfcomm_make_message(state, p + n);
	} else if ((p[1] & 0xef) == 0xef) {
		if (p[1] == 0xff)
			p[n++] = (uint8_t)mutate_below(state, 256);
		info = mutate_below(state, 40);
		memset(p + n, 'x', info);
	}
	p[2] = (uint8_t)(info << 1 | 1);
	return n + info;
}
