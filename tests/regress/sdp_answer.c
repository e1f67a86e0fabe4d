/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/regress/sdp_tables.h"
#include "tests/unit/sdp/asker.h"

/* Devices that answer our queries with what once broke others. */

static struct asker a;

/* Begins a query whose request has left, on a channel of its own. */
static void begin(void)
{
	asker_ask(&a, 1);
	if (!bench.chan)
		asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
}

/* A part of an answer: `bytes` octets of the lists, and a state. */
static void answer(const uint8_t *octets, size_t bytes, const uint8_t *state,
		   uint8_t state_bytes)
{
	uint8_t *pdu = malloc(5 + 2 + bytes + 1 + state_bytes);
	const size_t params = 2 + bytes + 1 + state_bytes;

	ck_assert_ptr_nonnull(pdu);
	pdu[0] = 7;
	memcpy(pdu + 1, bench.got + 1, 2);
	pdu[3] = (uint8_t)(params >> 8);
	pdu[4] = (uint8_t)params;
	pdu[5] = (uint8_t)(bytes >> 8);
	pdu[6] = (uint8_t)bytes;
	if (bytes > 0)
		memcpy(pdu + 7, octets, bytes);
	pdu[7 + bytes] = state_bytes;
	if (state_bytes > 0)
		memcpy(pdu + 8 + bytes, state, state_bytes);
	rx_octets(pdu, 5 + params);
	free(pdu);
}

static void answer_hex(const char *hex)
{
	uint8_t octets[512];

	answer(octets, hex_read(hex, octets, sizeof(octets)), NULL, 0);
}

/* A part with this number as its state. */
static void answer_part(const uint8_t *octets, size_t bytes, unsigned int state)
{
	const uint8_t number[2] = { (uint8_t)(state >> 8), (uint8_t)state };

	answer(octets, bytes, number, 2);
}

static void expect_malformed(void)
{
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
}

static const char record[] =
	"351b 3519 090000 0a00010001 090004 350c 3503190100 3505190003 0803";

static size_t record_octets(uint8_t *buf)
{
	return hex_read(record, buf, 64);
}

/* SDP-12: every octet of it one less and one more; lengths above all. */
START_TEST(a_length_that_lies_at_any_level_is_malformed)
{
	/* The lists, the list, a sequence of protocols, each of them. */
	static const size_t lengths[] = { 1, 3, 16, 18, 23 };
	uint8_t octets[64];

	for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
		for (int by = -1; by <= 1; by += 2) {
			const size_t n = record_octets(octets);

			octets[lengths[i]] = (uint8_t)(octets[lengths[i]] + by);
			begin();
			answer(octets, n, NULL, 0);
			expect_malformed();
		}
	}
	begin();
	answer(octets, record_octets(octets), NULL, 0);
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
}
END_TEST

static bool is_header(size_t at)
{
	static const uint8_t headers[] = { 0,  2,  4,  7,  12, 15,
					   17, 19, 22, 24, 27 };

	return memchr(headers, (int)at, sizeof(headers)) != NULL;
}

/* SDP-10: each header of an element another, and all else a little. */
START_TEST(any_octet_of_an_answer_may_be_another)
{
	uint8_t octets[64];
	const size_t n = record_octets(octets);

	for (size_t at = 0; at < n; at++) {
		const unsigned int step = is_header(at) ? 1 : 37;

		for (unsigned int value = 0; value < 256; value += step) {
			record_octets(octets);
			octets[at] = (uint8_t)value;
			begin();
			answer(octets, n, NULL, 0);
			ck_assert_uint_eq(a.done, 1);
			ck_assert(a.why.err == 0 || a.records == 0);
		}
	}
}
END_TEST

/* SDP-13: 1500 sequences in one another, in 4500 octets. */
START_TEST(nested_sequences_are_malformed_at_any_depth)
{
	static uint8_t octets[4500];
	unsigned int state = 0;

	for (unsigned int depth = 10; depth <= 1500; depth += 149) {
		size_t left = 3 * (size_t)depth;
		const uint8_t *next = octets;

		for (unsigned int i = 0; i < depth; i++) {
			const unsigned int inside = 3 * (depth - i - 1);

			octets[3 * i] = 0x36;
			octets[3 * i + 1] = (uint8_t)(inside >> 8);
			octets[3 * i + 2] = (uint8_t)inside;
		}
		begin();
		for (; left > 600; left -= 600, next += 600) {
			answer_part(next, 600, state++);
			ck_assert_uint_gt(tx_take(), 0);
		}
		answer(next, left, NULL, 0);
		expect_malformed();
	}
}
END_TEST

/* SDP-14, SDP-15 */
START_TEST(a_length_that_reaches_too_far_is_malformed)
{
	static const char *const wrong[] = {
		"377fffffff 3500",
		"3780000000 3500",
		"37ffffffff 3500",
		"37fffffffb 3500",
		"3505 37ffffffff",
		"350a 3508 090100 27ffffffff",
		"350a 3508 090100 2780000000",
		"350a 3508 090100 277fffffff",
		"3507 3505 090100 25ff",
		"3507 3505 090100 2501",
		"3508 3506 090100 26ffff",
		"3507 3505 090100 4501",
		"3508 3506 090100 1911",
		"3506 3504 090100 1c",
		"3506 3504 090100 0c",
		"ff",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		begin();
		answer_hex(wrong[i]);
		expect_malformed();
	}
}
END_TEST

/* SDP-18: 100000 alternatives, in four answers of 50 KiB each. */
START_TEST(alternatives_leave_nothing_behind)
{
	static uint8_t octets[50010] = { 0x36, 0xc3, 0x57, 0x36, 0xc3, 0x54,
					 0x09, 0x00, 0x04, 0x36, 0xc3, 0x4e };
	size_t bytes = 0;

	for (size_t i = 12; i < sizeof(octets); i += 2) {
		octets[i] = 0x3d;
		octets[i + 1] = 0;
	}
	for (int round = 0; round < 4; round++) {
		unsigned int state = 0;
		size_t at = 0;

		begin();
		for (; sizeof(octets) - at > 900; at += 900) {
			answer_part(octets + at, 900, state++);
			ck_assert_uint_gt(tx_take(), 0);
		}
		answer(octets + at, sizeof(octets) - at, NULL, 0);
		asker_assert_well(&a);
		ck_assert_uint_eq(a.records, 1);
		if (round == 0)
			bytes = bench.env->live_bytes;
		ck_assert_uint_eq(bench.env->live_bytes, bytes);
	}
}
END_TEST

/* SDP-19: an octet a round, for ever. */
START_TEST(a_device_that_never_ends_is_given_up)
{
	unsigned int rounds = 0;

	begin();
	while (!a.done) {
		answer_part((const uint8_t *)"5", 1, rounds++);
		ck_assert_uint_eq(tx_take() > 0, !a.done);
	}
	ck_assert_uint_eq(rounds, 64);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
}
END_TEST

/* SDP-19: as much as fits, for ever. */
START_TEST(a_device_that_sends_without_end_is_given_up)
{
	static const uint8_t octets[1000] = { 0x36, 0xff, 0xff };
	const size_t before = bench.env->live_bytes;
	unsigned int state = 0;

	begin();
	while (!a.done) {
		answer_part(octets, sizeof(octets), state++);
		tx_take();
		ck_assert_uint_le(bench.env->live_bytes - before, 140000);
	}
	ck_assert_uint_le(state, 66);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
}
END_TEST

/* SDP-19 */
START_TEST(a_part_that_brings_nothing_ends_it)
{
	begin();
	answer_part(NULL, 0, 1);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
	begin();
	answer_part((const uint8_t *)"5", 1, 1);
	ck_assert_uint_gt(tx_take(), 0);
	answer_part(NULL, 0, 2);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
}
END_TEST

/* SDP-19: at any distance. */
START_TEST(a_state_that_comes_twice_ends_it)
{
	for (unsigned int apart = 1; apart < 60; apart++) {
		begin();
		for (unsigned int i = 0; i < apart; i++) {
			answer_part((const uint8_t *)"5", 1, i);
			ck_assert_uint_gt(tx_take(), 0);
		}
		answer_part((const uint8_t *)"5", 1, 0);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_NO_PROGRESS);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP-10", "I", any_octet_of_an_answer_may_be_another),
	TAGGED("SDP-12", "I", a_length_that_lies_at_any_level_is_malformed),
	TAGGED("SDP-13", "I", nested_sequences_are_malformed_at_any_depth),
	TAGGED("SDP-14", "I", a_length_that_reaches_too_far_is_malformed),
	TAGGED("SDP-15", "I", a_length_that_reaches_too_far_is_malformed),
	TAGGED("SDP-18", "I", alternatives_leave_nothing_behind),
	TAGGED("SDP-19", "I", a_device_that_never_ends_is_given_up),
	TAGGED("SDP-19", "I", a_device_that_sends_without_end_is_given_up),
	TAGGED("SDP-19", "I", a_part_that_brings_nothing_ends_it),
	TAGGED("SDP-19", "I", a_state_that_comes_twice_ends_it),
};

const struct tagged_table sdp_answer_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = bench_setup,
	.teardown = bench_teardown,
};
