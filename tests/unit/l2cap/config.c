/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/*
 * What is configured, in both halves. In most tests the channel is ours, with
 * the ids 0x0040 here and 0x0041 at the peer, and our request with identifier
 * 03 is out.
 */

static struct user user;

static void setup(void)
{
	bench_setup();
	user = (struct user){ .answer = 0 };
}

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

/* The peer agrees to our half. */
static void ours_agreed(void)
{
	rx("05 03 0600 4000 0000 0000");
	tx_nothing();
}

/* L2CAP/COS/CFD/BV-01-C */
START_TEST(CFD_BV_01_a_request_in_parts_is_answered_part_by_part)
{
	to_config(&user);
	ours_agreed();
	rx("04 11 0800 4000 0100 0102 0002");
	tx("05 11 0600 4100 0100 0000");
	rx("04 12 0a00 4000 0100 0202 e803 8800");
	tx("05 12 0600 4100 0100 0000");
	told(&user, "");
	rx("04 13 0400 4000 0000");
	tx("05 13 0a00 4100 0000 0000 0102 0002");
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).omtu, 512);
}
END_TEST

START_TEST(what_is_wrong_in_a_part_is_answered_at_the_end)
{
	to_config(&user);
	rx("04 11 0c00 4000 0100 0102 2f00 7702 aabb");
	tx("05 11 0600 4100 0100 0000");
	rx("04 12 0400 4000 0000");
	tx("05 12 0800 4100 0000 0300 7700");
	rx("04 13 0800 4000 0100 0102 2f00");
	tx("05 13 0600 4100 0100 0000");
	rx("04 14 0400 4000 0000");
	tx("05 14 0a00 4100 0000 0100 0102 3000");
	tx_nothing();
}
END_TEST

/* L2CAP/COS/CFD/BV-02-C */
START_TEST(CFD_BV_02_a_smaller_mtu_that_the_peer_wants_is_taken)
{
	to_config(&user);
	rx("05 03 0a00 4000 0000 0100 0102 0001");
	tx("04 04 0800 4100 0000 0102 0001");
	tx_nothing();
	ck_assert_uint_eq(info_of(&user).imtu, 256);
	rx("05 04 0600 4000 0000 0000");
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(an_mtu_that_cannot_be_is_not_taken)
{
	to_config(&user);
	rx("05 03 0a00 4000 0000 0100 0102 2f00"); /* too small */
	tx("04 04 0800 4100 0000 0102 a002");
	rx("05 04 0a00 4000 0000 0100 0102 a102"); /* more than we want */
	tx("04 05 0800 4100 0000 0102 a002");
	rx("05 05 0600 4000 0000 0100"); /* nothing said */
	tx("04 06 0800 4100 0000 0102 a002");
	ck_assert_uint_eq(info_of(&user).imtu, 672);
}
END_TEST

/* L2CAP/COS/CFD/BV-03-C */
START_TEST(CFD_BV_03_an_empty_request_means_the_defaults)
{
	to_config(&user);
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	ours_agreed();
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).omtu, 672);
}
END_TEST

/* L2CAP/COS/CFD/BV-08-C */
START_TEST(CFD_BV_08_the_peers_request_is_answered_while_ours_is_not)
{
	to_config(&user);
	rx("04 11 0800 4000 0000 0102 0002");
	tx("05 11 0a00 4100 0000 0000 0102 0002");
	tx_nothing();
	told(&user, "");
	ours_agreed();
	told(&user, "opened");
}
END_TEST

/* L2CAP/COS/CFD/BV-09-C */
START_TEST(CFD_BV_09_an_mtu_of_48_both_ways_needs_one_round)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.imtu = 48,
	};

	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &user.chan),
			 0);
	tx_discard();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 3000");
	rx("05 03 0600 4000 0000 0000 04 11 0800 4000 0000 0102 3000");
	tx("05 11 0a00 4100 0000 0000 0102 3000");
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).imtu, 48);
	ck_assert_uint_eq(info_of(&user).omtu, 48);
}
END_TEST

/* L2CAP/COS/CFD/BV-11-C */
START_TEST(CFD_BV_11_an_unacceptable_value_is_answered_with_one_we_take)
{
	to_config(&user);
	rx("04 11 0800 4000 0000 0102 2f00");
	tx("05 11 0a00 4100 0000 0100 0102 3000");
	rx("04 12 0800 4000 0000 0102 0000");
	tx("05 12 0a00 4100 0000 0100 0102 3000");
	rx("04 13 0800 4000 0000 0202 0000");
	tx("05 13 0a00 4100 0000 0100 0202 ffff");
	rx("04 14 0800 4000 0000 0102 3000");
	tx("05 14 0a00 4100 0000 0000 0102 3000");
	ours_agreed();
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).omtu, 48);
}
END_TEST

START_TEST(best_effort_is_the_quality_of_service_we_have)
{
	to_config(&user);
	rx("04 11 1c00 4000 0000"
	   "0316 00 02 e8030000 e8030000 e8030000 10270000 10270000");
	tx("05 11 1e00 4100 0000 0100"
	   "0316 00 01 00000000 00000000 00000000 ffffffff ffffffff");
	rx("04 12 1c00 4000 0000"
	   "0316 00 03 e8030000 e8030000 e8030000 10270000 10270000");
	tx("05 12 1e00 4100 0000 0100"
	   "0316 00 01 00000000 00000000 00000000 ffffffff ffffffff");
	rx("04 13 1c00 4000 0000"
	   "0316 00 01 e8030000 e8030000 e8030000 10270000 10270000");
	tx("05 13 0600 4100 0000 0000");
	rx("04 14 1c00 4000 0000"
	   "0316 00 00 00000000 00000000 00000000 ffffffff ffffffff");
	tx("05 14 0600 4100 0000 0000");
}
END_TEST

START_TEST(an_answer_to_everything_wrong_at_once_fits_48_octets)
{
	to_config(&user);
	rx("04 11 2f00 4000 0000 0102 0000 0202 0000"
	   "0316 00 02 00000000 00000000 00000000 00000000 00000000"
	   "0409 03 3f 03 0000 0000 f203");
	tx("05 11 1900 4100 0000 0100 0102 3000 0202 ffff"
	   "0409 00 00 00 0000 0000 0000");
	/* What did not fit is left for the next round. */
	rx("04 12 1c00 4000 0000"
	   "0316 00 02 00000000 00000000 00000000 00000000 00000000");
	tx("05 12 1e00 4100 0000 0100"
	   "0316 00 01 00000000 00000000 00000000 ffffffff ffffffff");
}
END_TEST

/* L2CAP/COS/CFD/BV-12-C */
START_TEST(CFD_BV_12_hints_are_skipped)
{
	uint8_t req[8 + 10 * 4] = { 0x04, 0x11, 0x04, 0x00, 0x40 };

	to_config(&user);
	ours_agreed();
	for (size_t n = 1; n <= 10; n++) {
		const uint8_t opt[] = { (uint8_t)(0x90 + n), 0x02, 0x01, 0x02 };

		memcpy(req + 4 + 4 * n, opt, sizeof(opt));
		req[2] = (uint8_t)(4 + 4 * n);
		fake_link_rx(bench.link, 1, req, 8 + 4 * n);
		tx("05 11 0600 4100 0000 0000");
	}
	told(&user, "opened");
}
END_TEST

/* L2CAP/COS/CFD/BV-14-C */
START_TEST(CFD_BV_14_ten_rounds_of_unknown_options_are_survived)
{
	uint8_t req[8 + 10 * 4] = { 0x04, 0x11, 0x04, 0x00, 0x40 };
	uint8_t rsp[100];

	to_config(&user);
	ours_agreed();
	for (size_t n = 1; n <= 10; n++) {
		/* Every second one is a hint. */
		const uint8_t type = (uint8_t)(n % 2 ? 0x20 + n : 0xa0 + n);
		const uint8_t opt[] = { type, 0x02, 0x01, 0x02 };
		const size_t named = (n + 1) / 2;

		memcpy(req + 4 + 4 * n, opt, sizeof(opt));
		req[2] = (uint8_t)(4 + 4 * n);
		fake_link_rx(bench.link, 1, req, 8 + 4 * n);
		ck_assert_uint_eq(fake_link_pull(bench.link, rsp, 100),
				  4 + 4 + 6 + 2 * named);
		ck_assert_mem_eq(rsp + 8, "\x41\x00\x00\x00\x03\x00", 6);
		for (size_t i = 0; i < named; i++) {
			ck_assert_uint_eq(rsp[14 + 2 * i], 0x21 + 2 * i);
			ck_assert_uint_eq(rsp[15 + 2 * i], 0);
		}
	}
	told(&user, "");
	rx("04 12 0400 4000 0000");
	fake_link_complete(bench.link, bench.link->sent_count, true);
	tx("05 12 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(flow_specification_and_extended_window_are_unknown_options)
{
	to_config(&user);
	rx("04 11 1600 4000 0000 0610 01010101010101010101010101010101");
	tx("05 11 0800 4100 0000 0300 0600");
	rx("04 12 0800 4000 0000 0702 0004");
	tx("05 12 0800 4100 0000 0300 0700");
}
END_TEST

START_TEST(fcs_is_ignored_and_basic_mode_accepted)
{
	to_config(&user);
	rx("04 11 1200 4000 0000 0501 00 0409 00 00 00 0000 0000 0000");
	tx("05 11 0600 4100 0000 0000");
	ours_agreed();
	told(&user, "opened");
}
END_TEST

/* L2CAP/CMC/BV-09-C */
START_TEST(CMC_BV_09_another_mode_is_answered_with_basic)
{
	char req[80];

	bench_teardown();
	for (unsigned int mode = 1; mode <= 5; mode++) {
		setup();
		to_config(&user);
		snprintf(req, sizeof(req),
			 "04 11 0f00 4000 0000 0409 %02x 3f 03 0000 0000 f203",
			 mode);
		rx(req);
		tx("05 11 1100 4100 0000 0100 0409 00 00 00 0000 0000 0000");
		rx("04 12 0f00 4000 0000 0409 00 00 00 0000 0000 0000");
		tx("05 12 0600 4100 0000 0000");
		ours_agreed();
		told(&user, "opened");
		bench_teardown();
	}
	setup();
}
END_TEST

/* L2CAP/CMC/BI-05-C */
START_TEST(CMC_BI_05_another_mode_once_more_ends_the_channel)
{
	to_config(&user);
	rx("04 11 0f00 4000 0000 0409 03 3f 03 0000 0000 f203");
	tx("05 11 1100 4100 0000 0100 0409 00 00 00 0000 0000 0000");
	rx("04 12 0f00 4000 0000 0409 04 3f 03 0000 0000 f203");
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

/* L2CAP/CMC/BI-06-C */
START_TEST(CMC_BI_06_a_peer_that_refuses_basic_ends_the_channel)
{
	to_config(&user);
	rx("05 03 1100 4000 0000 0100 0409 03 3f 03 0000 0000 f203");
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

START_TEST(a_counter_proposal_of_basic_is_no_refusal)
{
	to_config(&user);
	rx("05 03 1100 4000 0000 0100 0409 00 00 00 0000 0000 0000");
	tx("04 04 0800 4100 0000 0102 a002");
}
END_TEST

static void result_fails(unsigned int result, uint16_t code)
{
	char rsp[40];

	setup();
	to_config(&user);
	snprintf(rsp, sizeof(rsp), "05 03 0600 4000 0000 %02x%02x",
		 result & 0xff, result >> 8);
	rx(rsp);
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000", code);
	bench_teardown();
}

START_TEST(other_results_end_the_channel)
{
	bench_teardown();
	result_fails(2, RT_L2CAP_CONFIG_FAILED + 2);
	result_fails(3, RT_L2CAP_CONFIG_FAILED + 3);
	result_fails(5, RT_L2CAP_CONFIG_FAILED + 5);
	result_fails(6, RT_L2CAP_CONFIG_FAILED + 6);
	result_fails(0x1234, RT_L2CAP_CONFIG_FAILED + 0xff);
	setup();
}
END_TEST

START_TEST(an_unknown_flush_timeout_is_left_out_the_next_time)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.flush_timeout_ms = 5,
	};

	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &user.chan),
			 0);
	tx_discard();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0c00 4100 0000 0102 a002 0202 0500");
	rx("05 03 0800 4000 0000 0300 0200");
	tx("04 04 0800 4100 0000 0102 a002");
	rx("05 04 0800 4000 0000 0300 0100");
	taken_down(&user, "06 05 0400 4100 4000", "07 05 0400 4100 4000",
		   RT_L2CAP_CONFIG_FAILED + 3);
}
END_TEST

START_TEST(a_flush_timeout_that_the_peer_wants_is_taken)
{
	to_config(&user);
	rx("05 03 0a00 4000 0000 0100 0202 6400");
	tx("04 04 0c00 4100 0000 0102 a002 0202 6400");
	rx("05 04 0a00 4000 0000 0100 0202 0000");
	tx("04 05 0c00 4100 0000 0102 a002 0202 6400");
}
END_TEST

START_TEST(an_answer_in_parts_is_fetched_with_empty_requests)
{
	to_config(&user);
	rx("05 03 0a00 4000 0100 0000 0102 a002");
	tx("04 04 0400 4100 0000");
	rx("05 04 0600 4000 0100 0000");
	tx("04 05 0400 4100 0000");
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "");
	rx("05 05 0600 4000 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(a_refusal_in_parts_is_heeded_when_it_is_whole)
{
	to_config(&user);
	rx("05 03 0a00 4000 0100 0100 0102 0002");
	tx("04 04 0400 4100 0000");
	rx("05 04 0a00 4000 0000 0100 0202 0a00");
	tx("04 05 0c00 4100 0000 0102 0002 0202 0a00");
	rx("05 05 0600 4000 0000 0000");
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(a_malformed_counter_proposal_is_ignored)
{
	to_config(&user);
	rx("05 03 0900 4000 0000 0100 0102 00");
	rx("05 03 0800 4000 0000 0100 0100");
	ck_assert_uint_eq(stats()->sig_malformed, 2);
	tx_nothing();
	ours_agreed();
}
END_TEST

/* L2CAP/COS/CED/BV-09-C */
START_TEST(CED_BV_09_response_and_request_in_one_frame_are_both_handled)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0000 08 12 0100 aa");
	tx("09 12 0100 aa");
	rx("08 13 0100 bb 04 11 0400 4000 0000");
	tx("09 13 0100 bb");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

/* L2CAP/COS/CED/BV-11-C */
START_TEST(CED_BV_11_a_large_mtu_of_the_peer_is_taken)
{
	to_config(&user);
	ours_agreed();
	rx("04 11 0800 4000 0000 0102 ffff");
	tx("05 11 0a00 4100 0000 0000 0102 ffff");
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).omtu, 0xffff);
}
END_TEST

START_TEST(a_request_for_no_channel_is_rejected)
{
	to_wait_connect_rsp(&user);
	rx("04 11 0400 4100 0000");
	tx("01 11 0600 0200 4100 0000");
	rx("04 12 0400 4000 0000"); /* before CONNECTION_RSP */
	tx("01 12 0600 0200 4000 0000");
	rx("04 13 0400 0100 0000");
	tx("01 13 0600 0200 0100 0000");
	tx_nothing();
}
END_TEST

START_TEST(malformed_options_are_rejected_and_change_nothing)
{
	static const char *const bad[] = {
		"04 11 0500 4000 0000 01",
		"04 11 0600 4000 0000 0102",
		"04 11 0700 4000 0000 0102 00",
		"04 11 0700 4000 0000 0101 00",
		"04 11 0600 4000 0000 0100",
		"04 11 0900 4000 0000 0103 000000",
		"04 11 0600 4000 0000 0400",
		"04 11 0600 4000 0000 77ff",
		"04 11 0e00 4000 0000 0102 0004 0408 00000000",
		"04 11 0300 4000 00",
	};

	to_config(&user);
	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		rx(bad[i]);
		tx("01 11 0200 0000");
		tx_nothing();
		ck_assert_uint_eq(info_of(&user).omtu, 672);
	}
	rx("04 12 0400 4000 0000");
	tx("05 12 0600 4100 0000 0000");
	ours_agreed();
	told(&user, "opened");

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		rx(bad[i]);
		tx("01 11 0200 0000");
		tx_nothing();
		ck_assert(info_of(&user).open);
	}
}
END_TEST

START_TEST(an_answer_with_650_octets_of_options_is_taken_and_not_echoed)
{
	uint8_t rsp[4 + 6 + 650] = { 0x05, 0x03, 0x90, 0x02, 0x40,
				     0x00, 0x00, 0x00, 0x04, 0x00 };

	to_config(&user);
	for (size_t i = 10; i < sizeof(rsp); i++)
		rsp[i] = i % 2 ? 0x00 : 0x06;
	fake_link_rx(bench.link, 1, rsp, sizeof(rsp));
	tx_nothing();
	rsp[8] = 0x01;
	fake_link_rx(bench.link, 1, rsp, sizeof(rsp));
	tx("04 04 0800 4100 0000 0102 a002");
	tx_nothing();
}
END_TEST

START_TEST(reserved_flags_are_ignored)
{
	to_config(&user);
	rx("04 11 0400 4000 feff");
	tx("05 11 0600 4100 0000 0000");
	rx("05 03 0600 4000 feff 0000");
	told(&user, "opened");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CFD_BV_01_a_request_in_parts_is_answered_part_by_part,
		what_is_wrong_in_a_part_is_answered_at_the_end,
		CFD_BV_02_a_smaller_mtu_that_the_peer_wants_is_taken,
		an_mtu_that_cannot_be_is_not_taken,
		CFD_BV_03_an_empty_request_means_the_defaults,
		CFD_BV_08_the_peers_request_is_answered_while_ours_is_not,
		CFD_BV_09_an_mtu_of_48_both_ways_needs_one_round,
		CFD_BV_11_an_unacceptable_value_is_answered_with_one_we_take,
		best_effort_is_the_quality_of_service_we_have,
		an_answer_to_everything_wrong_at_once_fits_48_octets,
		CFD_BV_12_hints_are_skipped,
		CFD_BV_14_ten_rounds_of_unknown_options_are_survived,
		flow_specification_and_extended_window_are_unknown_options,
		fcs_is_ignored_and_basic_mode_accepted,
		CMC_BV_09_another_mode_is_answered_with_basic,
		CMC_BI_05_another_mode_once_more_ends_the_channel,
		CMC_BI_06_a_peer_that_refuses_basic_ends_the_channel,
		a_counter_proposal_of_basic_is_no_refusal,
		other_results_end_the_channel,
		an_unknown_flush_timeout_is_left_out_the_next_time,
		a_flush_timeout_that_the_peer_wants_is_taken,
		an_answer_in_parts_is_fetched_with_empty_requests,
		a_refusal_in_parts_is_heeded_when_it_is_whole,
		a_malformed_counter_proposal_is_ignored,
		CED_BV_09_response_and_request_in_one_frame_are_both_handled,
		CED_BV_11_a_large_mtu_of_the_peer_is_taken,
		a_request_for_no_channel_is_rejected,
		malformed_options_are_rejected_and_change_nothing,
		an_answer_with_650_octets_of_options_is_taken_and_not_echoed,
		reserved_flags_are_ignored,
	};

	return suite_run("l2cap/config", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
