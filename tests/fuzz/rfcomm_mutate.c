/* SPDX-License-Identifier: MIT */
/*
 * The mutator of rfcomm_session: takes records away, doubles them, and puts
 * new ones in. Nine of ten new frames are right in every octet, lengths and FCS
 * included; of the tenth exactly one thing is not.
 */
#include <stdbool.h>
#include <string.h>

#include "stack/base.h"
#include "tests/fuzz/rfcomm_rig.h"
#include "tests/fuzz/rfcomm_session.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

#define RECORD_MAX (2 + 80)

static uint32_t chance(uint64_t *state, uint32_t n)
{
	/* splitmix64 */
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

/* DLCIs: of the multiplexer, of the three DLCs, and of nobody. */
static uint8_t some_dlci(uint64_t *state)
{
	static const uint8_t dlcis[] = { 0, 2, 3, 4, 5, 6,  7,	2,
					 4, 6, 8, 9, 1, 61, 62, 63 };

	return dlcis[chance(state, sizeof(dlcis))];
}

/* A multiplexer message of right length. Returns its length. */
static size_t make_message(uint64_t *state, uint8_t *p)
{
	static const struct {
		uint8_t octet, len;
	} messages[] = {
		{ 0x83, 8 }, { 0x81, 8 }, { 0xe3, 2 }, { 0xe3, 3 }, { 0xe1, 2 },
		{ 0x93, 1 }, { 0x93, 8 }, { 0x91, 8 }, { 0x53, 2 }, { 0x51, 2 },
		{ 0x23, 5 }, { 0x21, 1 }, { 0xa3, 0 }, { 0x63, 0 }, { 0xa1, 0 },
		{ 0x61, 0 }, { 0xc3, 0 }, { 0x11, 1 }, { 0x13, 1 }, { 0x43, 1 },
	};
	const size_t i = chance(state, RT_ARRAY_SIZE(messages));
	const size_t len = messages[i].len;
	const uint8_t dlci = some_dlci(state);

	p[0] = messages[i].octet;
	p[1] = (uint8_t)(len << 1 | 1);
	for (size_t k = 0; k < len; k++)
		p[2 + k] = (uint8_t)chance(state, 256);
	if (len > 0)
		p[2] = (uint8_t)(dlci << 2 | 3);
	if (p[0] == 0x83 || p[0] == 0x81) {
		p[2] = dlci;
		p[3] = (uint8_t)(chance(state, 3) << 4 | 0xe0);
		p[7] &= 3;
		p[9] &= 7;
	}
	if (p[0] == 0x11)
		p[2] = messages[chance(state, 16)].octet;
	return 2 + len;
}

/* A frame that is right, without FCS. Returns its length. */
static size_t make_frame(uint64_t *state, uint8_t *p)
{
	static const uint8_t controls[] = { 0x3f, 0x73, 0x1f, 0x53,
					    0xef, 0xef, 0xff, 0xff };
	const uint8_t dlci = some_dlci(state);
	const bool cr = chance(state, 2);
	size_t n = 3;
	size_t info = 0;

	p[0] = (uint8_t)(dlci << 2 | cr << 1 | 1);
	p[1] = controls[chance(state, sizeof(controls))];
	if ((p[1] & 0xef) == 0xef && dlci == 0) {
		p[1] = 0xef;
		info = make_message(state, p + n);
	} else if ((p[1] & 0xef) == 0xef) {
		if (p[1] == 0xff)
			p[n++] = (uint8_t)chance(state, 256);
		info = chance(state, 40);
		memset(p + n, 'x', info);
	}
	p[2] = (uint8_t)(info << 1 | 1);
	return n + info;
}

/* One thing of a frame is wrong, FCS apart: that is 0 here. */
static size_t break_one(uint64_t *state, uint8_t *p, size_t len)
{
	switch (chance(state, 7)) {
	case 0:
		p[2] = (uint8_t)chance(state, 256);
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
		return 1 + chance(state, (uint32_t)len);
	case 5:
		p[len] = (uint8_t)chance(state, 256);
		return len + 1;
	default:
		/* Within: lengths and values of messages. */
		p[len - 1 - chance(state, len > 5 ? 5 : 1)] ^=
			(uint8_t)(1 << chance(state, 8));
		return len;
	}
}

/* A record. Returns its length. */
static size_t make_record(uint64_t *state, uint8_t *p)
{
	const bool wrong = chance(state, 10) == 0;
	size_t len;

	if (chance(state, 3) == 0) {
		p[0] = (uint8_t)(RECORD_TX + chance(state, 4));
		/* L2CAP ends all too often otherwise. */
		if (p[0] == RECORD_CHANNEL && chance(state, 8))
			p[0] = RECORD_TX;
		p[1] = 2;
		p[2] = (uint8_t)chance(state, 256);
		p[3] = (uint8_t)chance(state, 256);
		return 4;
	}
	p[0] = RECORD_FRAME;
	len = make_frame(state, p + 2);
	if (wrong && chance(state, 8))
		len = break_one(state, p + 2, len);
	p[2 + len] = rig_fcs(p + 2, len);
	if (wrong && chance(state, 8) == 0)
		p[2 + len] ^= (uint8_t)(1 + chance(state, 255));
	p[1] = (uint8_t)(len + 1);
	return 2 + len + 1;
}

/* Where record `n` begins, or the end if there are fewer. */
static size_t place_of(const uint8_t *data, size_t size, size_t n)
{
	size_t at = 1;

	for (; n > 0 && at + 2 <= size; n--)
		at += 2U + data[at + 1];
	return RT_MIN(at, size);
}

static size_t count_of(const uint8_t *data, size_t size)
{
	size_t n = 0;

	while (place_of(data, size, n) + 2 <= size)
		n++;
	return n;
}

/* Puts octets in at a place. Returns the new size. */
static size_t put_in(uint8_t *data, size_t size, size_t at,
		     struct rt_bytes what)
{
	memmove(data + at + what.len, data + at, size - at);
	memcpy(data + at, what.ptr, what.len);
	return size + what.len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	uint64_t state = seed;
	uint8_t record[RECORD_MAX + 16];
	size_t len;
	size_t from;
	size_t to;
	size_t n;

	if (size == 0 || chance(&state, 4) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	n = chance(&state, (uint32_t)count_of(data, size) + 1);
	from = place_of(data, size, n);
	to = place_of(data, size, n + 1);
	len = make_record(&state, record);
	switch (chance(&state, 8)) {
	case 0:
		memmove(data + from, data + to, size - to);
		return size - (to - from);
	case 1:
		len = RT_MIN(to - from, sizeof(record));
		memcpy(record, data + from, len);
		break;
	case 2:
		memmove(data + from, data + to, size - to);
		size -= to - from;
		break;
	default:
		break;
	}
	if (size + len > max_size)
		return size;
	return put_in(data, size, from, rt_bytes(record, len));
}
