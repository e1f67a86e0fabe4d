/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/mutate.h"

#include <string.h>

#include "stack/base.h"

#define HEADER_BYTES 2

enum change {
	CHANGE_HEAD,
	CHANGE_ANY,  /* without regard to records */
	CHANGE_LESS, /* a record is taken out */
	CHANGE_BODY, /* a record is other within itself */
	CHANGE_MOVE,
	CHANGE_DOUBLE,
	CHANGE_INSTEAD, /* a new record in the place of one */
	CHANGE_NEW,
};

/* How often each of them is made: lengths stay right in nine of ten. */
static const uint8_t changes[] = {
	CHANGE_HEAD, CHANGE_ANY,    CHANGE_LESS,    CHANGE_LESS,
	CHANGE_BODY, CHANGE_BODY,   CHANGE_BODY,    CHANGE_MOVE,
	CHANGE_MOVE, CHANGE_DOUBLE, CHANGE_INSTEAD, CHANGE_NEW,
	CHANGE_NEW,  CHANGE_NEW,    CHANGE_NEW,	    CHANGE_NEW,
};

uint32_t mutate_below(uint64_t *state, uint32_t n)
{
	/* splitmix64 */
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

/* Where record `n` begins, or the end if there are fewer. */
static size_t place_of(const uint8_t *data, size_t size, size_t n)
{
	size_t at = RT_MIN(mutate_grammar.head, size);

	for (; n > 0 && at + HEADER_BYTES <= size; n--)
		at += HEADER_BYTES + (size_t)data[at + 1];
	return RT_MIN(at, size);
}

static size_t count_of(const uint8_t *data, size_t size)
{
	size_t at = mutate_grammar.head;
	size_t n = 0;

	for (; at + HEADER_BYTES <= size; n++)
		at += HEADER_BYTES + (size_t)data[at + 1];
	return n;
}

size_t mutate_lie_in_body(uint64_t *state, uint8_t *record, size_t len,
			  size_t skip)
{
	const size_t fixed = HEADER_BYTES + skip;

	if (len > fixed && mutate_below(state, 4) == 0) {
		len = fixed + mutate_below(state, (uint32_t)(len - fixed));
	} else if (len > fixed && mutate_below(state, 3) > 0) {
		const uint32_t octets = (uint32_t)(len - fixed);

		record[fixed + mutate_below(state, octets)] ^=
			(uint8_t)(1 + mutate_below(state, 255));
	} else if (len < MUTATE_RECORD_MAX) {
		record[len++] = (uint8_t)mutate_below(state, 256);
	}
	record[1] = (uint8_t)(len - HEADER_BYTES);
	return len;
}

static size_t make_record(uint64_t *state, uint8_t *record)
{
	const size_t len = mutate_grammar.make(state, record);

	if (mutate_below(state, 10) > 0)
		return len;
	return mutate_grammar.lie(state, record, len);
}

/* Puts octets in at a place. Returns the new size. */
static size_t put_in(uint8_t *data, size_t size, size_t at,
		     struct rt_bytes what)
{
	memmove(data + at + what.len, data + at, size - at);
	memcpy(data + at, what.ptr, what.len);
	return size + what.len;
}

static size_t take_out(uint8_t *data, size_t size, size_t from, size_t to)
{
	memmove(data + from, data + to, size - to);
	return size - (to - from);
}

/* Another head, at random: it chooses the scene. */
static size_t change_head(uint64_t *state, uint8_t *data, size_t size,
			  size_t max)
{
	const size_t head = mutate_grammar.head;

	if (head == 0 || max < head)
		return LLVMFuzzerMutate(data, size, max);
	while (size < head)
		data[size++] = 0;
	data[mutate_below(state, (uint32_t)head)] =
		(uint8_t)mutate_below(state, 256);
	return size;
}

/* An octet or more of a record's body is other; its length stays right. */
static size_t change_body(uint8_t *record, size_t len)
{
	if (len < HEADER_BYTES)
		return len;
	len = LLVMFuzzerMutate(record + HEADER_BYTES, len - HEADER_BYTES,
			       MUTATE_BODY_MAX);
	record[1] = (uint8_t)len;
	return HEADER_BYTES + len;
}

/* What is put in: the record that was there, changed or not, or a new one. */
static size_t choose(uint64_t *state, enum change how, uint8_t *record,
		     size_t len)
{
	switch (how) {
	case CHANGE_BODY:
		return change_body(record, len);
	case CHANGE_MOVE:
	case CHANGE_DOUBLE:
		return len;
	default:
		return make_record(state, record);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed)
{
	uint64_t state = seed;
	uint8_t record[MUTATE_RECORD_MAX];
	const enum change how = changes[mutate_below(&state, sizeof(changes))];
	size_t n;
	size_t from;
	size_t to;
	size_t len;

	if (size < mutate_grammar.head || how == CHANGE_HEAD)
		return change_head(&state, data, size, max);
	if (how == CHANGE_ANY)
		return LLVMFuzzerMutate(data, size, max);
	n = mutate_below(&state, (uint32_t)count_of(data, size) + 1);
	from = place_of(data, size, n);
	to = place_of(data, size, n + 1);
	len = RT_MIN(to - from, sizeof(record));
	if (len > 0)
		memcpy(record, data + from, len);
	if (how != CHANGE_DOUBLE && how != CHANGE_NEW)
		size = take_out(data, size, from, to);
	if (how == CHANGE_LESS)
		return size;
	if (how == CHANGE_MOVE || how == CHANGE_DOUBLE) /* near or far */
		from = place_of(
			data, size,
			mutate_below(&state,
				     (uint32_t)count_of(data, size) + 1));
	len = choose(&state, how, record, len);
	if (size + len > max)
		return size;
	return put_in(data, size, from, rt_bytes(record, len));
}
