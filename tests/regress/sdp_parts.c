/* SPDX-License-Identifier: MIT */
#include "tests/regress/sdp_tables.h"
#include "tests/unit/sdp/talk.h"

/*
 * Answers in parts: continuation states that are forged, that belong to
 * something else, that nobody fetches; and parts of any size.
 */

#define ALL "0a0000ffff"

static uint8_t whole[65536];
static uint8_t parts[65536];

/* A request whose answer has parts, and the state after the first of them. */
static void begin(struct talk_request *request, uint8_t id)
{
	struct talk_response response;

	*request = (struct talk_request){ .id = id,
					  .pattern = "190100",
					  .handle = 0x00010001,
					  .max = 20,
					  .ids = ALL };
	if (id == 2)
		request->max = 40;
	talk(request, &response);
	ck_assert_uint_eq(response.id, id + 1);
	ck_assert_uint_gt(response.cont.len, 0);
	request->cont_len = (uint8_t)response.cont.len;
	memcpy(request->cont, response.cont.ptr, response.cont.len);
}

static void setup(void)
{
	bench_setup();
	for (int i = 0; i < 30; i++)
		bench_publish(50);
	bench_accept(100);
}

/* As it is with the state it was given: still good. */
static void expect_served(const struct talk_request *request)
{
	struct talk_response response;

	talk(request, &response);
	ck_assert_uint_eq(response.id, request->id + 1);
}

/*
 * SDP-01: one in 21 for each transaction of them here; unit/sdp/server_parts
 * goes through all that an offset can be.
 */
START_TEST(no_state_of_two_octets_is_served)
{
	struct talk_request request;

	for (uint8_t id = 2; id <= 6; id += 2) {
		begin(&request, id);
		request.cont_len = 2;
		for (uint32_t state = id; state <= 0xffff; state += 21) {
			request.cont[0] = (uint8_t)(state >> 8);
			request.cont[1] = (uint8_t)state;
			talk_refused(&request, 5);
		}
	}
}
END_TEST

/* SDP-01: the state that was given, but for two octets side by side. */
START_TEST(no_state_with_another_offset_is_served)
{
	struct talk_request given;
	struct talk_request request;

	begin(&given, 6);
	for (unsigned int at = 0; at < 4; at++) {
		request = given;
		for (uint32_t value = 0; value <= 0xffff; value += 61) {
			request.cont[at] = (uint8_t)(value >> 8);
			request.cont[at + 1] = (uint8_t)value;
			if (memcmp(request.cont, given.cont, given.cont_len))
				talk_refused(&request, 5);
		}
	}
	expect_served(&given);
}
END_TEST

/* SDP-01: each octet of it wrong, cut short, and with more behind it. */
START_TEST(no_state_with_a_wrong_octet_or_length_is_served)
{
	struct talk_request given;
	struct talk_request request;

	for (uint8_t id = 2; id <= 6; id += 2) {
		begin(&given, id);
		for (unsigned int at = 0; at < given.cont_len; at++) {
			for (unsigned int wrong = 1; wrong < 256; wrong <<= 1) {
				request = given;
				request.cont[at] ^= (uint8_t)wrong;
				talk_refused(&request, 5);
			}
		}
		for (unsigned int n = 1; n <= 255; n++) {
			request = given;
			request.cont_len = (uint8_t)n;
			if (n != given.cont_len)
				talk_refused(&request, 5);
		}
		expect_served(&given);
	}
}
END_TEST

/* SDP-02 */
START_TEST(a_state_is_good_for_its_request_only)
{
	static const char *const patterns[] = { "191101", "191002",
						"190100191101", "1a00000100" };
	struct talk_request given;
	struct talk_request request;

	for (uint8_t id = 2; id <= 6; id += 4) {
		begin(&given, id);
		for (size_t i = 0; i < RT_ARRAY_SIZE(patterns); i++) {
			request = given;
			request.pattern = patterns[i];
			talk_refused(&request, 5);
		}
		request = given;
		request.max++;
		talk_refused(&request, 5);
		expect_served(&given);
	}
}
END_TEST

/* SDP-02 */
START_TEST(a_state_is_good_on_its_channel_only)
{
	struct talk_request request;

	for (uint8_t id = 2; id <= 6; id += 2) {
		const rt_handle first = bench.chan;

		begin(&request, id);
		bench_accept(100);
		talk_refused(&request, 5);
		bench_hang_up();
		bench.chan = first;
		expect_served(&request);
		bench_hang_up();
		bench_accept(100);
		talk_refused(&request, 5);
	}
}
END_TEST

/* SDP-02: the records change under it, the one asked for above all. */
START_TEST(a_state_is_good_for_records_as_they_were)
{
	struct talk_request request;

	for (uint8_t id = 2; id <= 6; id += 2) {
		begin(&request, id);
		rt_sdp_remove(bench.sdp, 0x00010002);
		bench_publish(50);
		talk_refused(&request, 5);
		begin(&request, id);
		bench_publish(1);
		talk_refused(&request, 5);
	}
	begin(&request, 4);
	rt_sdp_remove(bench.sdp, 0x00010001);
	talk_refused(&request, 2);
}
END_TEST

/* SDP-03: from each transaction to each other, and to other attributes. */
START_TEST(a_state_is_good_for_its_transaction_only)
{
	struct talk_request given;
	struct talk_request request;

	for (uint8_t from = 2; from <= 6; from += 2) {
		begin(&given, from);
		for (uint8_t to = 2; to <= 6; to += 2) {
			request = given;
			request.id = to;
			if (to != from)
				talk_refused(&request, 5);
		}
		if (from == 2)
			continue;
		request = given;
		request.ids = "0a0000fffe";
		talk_refused(&request, 5);
		request.ids = ALL;
		request.handle++;
		if (from == 4)
			talk_refused(&request, 5);
	}
}
END_TEST

/* SDP-04: no part is longer than it may be, for any that may be asked for. */
START_TEST(no_part_is_longer_than_what_was_asked_for)
{
	struct talk_request request;
	struct talk_response response;

	bench_hang_up();
	bench_accept(65535);
	for (uint8_t id = 4; id <= 6; id += 2) {
		request = (struct talk_request){ .id = id,
						 .pattern = "190100",
						 .handle = 0x00010001,
						 .ids = ALL };
		for (uint32_t max = 0; max <= 0xffff;
		     max += max < 700 ? 1 : 131) {
			request.max = (uint16_t)max;
			if (max < 7) {
				talk_refused(&request, 3);
				continue;
			}
			talk(&request, &response);
			ck_assert_uint_eq(response.id, id + 1);
			ck_assert_uint_le(response.octets.len, max);
		}
	}
}
END_TEST

/* SDP-04: all records, in ranges of many kinds and parts of many sizes. */
START_TEST(all_records_are_whole_in_parts_of_any_size)
{
	static const char *const ids[] = { ALL, "0a00000000",
					   "0a000100040a01000100",
					   "0a00010001090100", "0a0100ffff" };
	struct talk_request request = { .id = 6, .pattern = "190100" };
	size_t responses;
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(ids); i++) {
		request.ids = ids[i];
		request.max = 65535;
		bench_hang_up();
		bench_accept(65535);
		n = talk_whole(&request, whole, sizeof(whole), &responses);
		ck_assert(rt_element_is_valid(whole, n));
		for (uint16_t mtu = 48; mtu < 4000; mtu += 97) {
			bench_hang_up();
			bench_accept(mtu);
			request.max = (uint16_t)(7 + mtu % 601);
			ck_assert_uint_eq(talk_whole(&request, parts,
						     sizeof(parts), &responses),
					  n);
			ck_assert_mem_eq(parts, whole, n);
		}
	}
}
END_TEST

/* SDP-05 */
START_TEST(answers_that_nobody_fetches_cost_nothing)
{
	struct talk_request request;
	struct talk_response response;
	size_t live;
	size_t bytes;

	for (uint8_t id = 2; id <= 6; id += 2) {
		begin(&request, id);
		request.cont_len = 0;
		live = bench.env->live;
		bytes = bench.env->live_bytes;
		for (int i = 0; i < 1500; i++) {
			talk(&request, &response);
			ck_assert_uint_gt(response.cont.len, 0);
			ck_assert_uint_eq(bench.env->live, live);
			ck_assert_uint_eq(bench.env->live_bytes, bytes);
		}
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP-01", "A", no_state_of_two_octets_is_served),
	TAGGED("SDP-01", "A", no_state_with_another_offset_is_served),
	TAGGED("SDP-01", "A", no_state_with_a_wrong_octet_or_length_is_served),
	TAGGED("SDP-02", "A", a_state_is_good_for_its_request_only),
	TAGGED("SDP-02", "A", a_state_is_good_on_its_channel_only),
	TAGGED("SDP-02", "A", a_state_is_good_for_records_as_they_were),
	TAGGED("SDP-03", "A", a_state_is_good_for_its_transaction_only),
	TAGGED("SDP-04", "A", no_part_is_longer_than_what_was_asked_for),
	TAGGED("SDP-04", "A", all_records_are_whole_in_parts_of_any_size),
	TAGGED("SDP-05", "A", answers_that_nobody_fetches_cost_nothing),
};

const struct tagged_table sdp_parts_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = setup,
	.teardown = bench_teardown,
};
