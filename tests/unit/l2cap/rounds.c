/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/*
 * How long and how often channels are configured, and how it goes on when they
 * are open. The channel is that of config.c.
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

/* L2CAP/COS/CED/BV-08-C */
START_TEST(CED_BV_08_a_silent_peer_is_asked_four_times_and_disconnected)
{
	to_config(&user);
	rx("0b 02 0400 0200 0100");
	for (unsigned int wait_ms = 2000; wait_ms <= 8000; wait_ms *= 2) {
		bench_wait_us(RT_MS(wait_ms) - 1);
		tx_nothing();
		bench_wait_us(1);
		tx("04 03 0800 4100 0000 0102 a002");
		tx_nothing();
	}
	bench_wait_us(RT_MS(16000) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("06 04 0400 4100 4000");
	for (unsigned int wait_ms = 2000; wait_ms <= 8000; wait_ms *= 2) {
		bench_wait_ms(wait_ms);
		tx("06 04 0400 4100 4000");
		tx_nothing();
	}
	rx("04 11 0400 4000 0000"); /* too late */
	tx("01 11 0600 0200 4000 4100");
	told(&user, "");
	bench_wait_ms(16000);
	told_closed(&user, RT_L2CAP_TIMEOUT_RTX, RT_PHASE_CONFIGURE);
	ck_assert_uint_eq(user.why.elapsed_us, RT_SECONDS(30));
	rx("04 12 0400 4000 0000");
	tx("01 12 0600 0200 4000 0000");
	tx_nothing();
}
END_TEST

START_TEST(a_peer_that_never_asks_is_disconnected_after_30_s)
{
	to_config(&user);
	bench_wait_ms(1000);
	ours_agreed();
	bench_wait_us(RT_SECONDS(29) - 1);
	tx_nothing();
	bench_wait_us(1);
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_TIMEOUT_RTX);
}
END_TEST

START_TEST(a_pending_answer_is_waited_for_120_s)
{
	to_config(&user);
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	bench_wait_ms(1000);
	rx("05 03 0600 4000 0000 0400");
	bench_wait_us(RT_SECONDS(120) - 1);
	tx_nothing();
	bench_wait_us(1);
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_TIMEOUT_ERTX);
}
END_TEST

START_TEST(a_pending_answer_may_be_followed_by_success)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0400");
	bench_wait_ms(100000);
	tx_nothing();
	rx("05 03 0600 4000 0000 0400");
	bench_wait_ms(100000);
	tx_nothing();
	rx("05 03 0600 4000 0000 0000");

	/* From now on there are 30 s again. */
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_nothing();
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(after_pending_and_an_answer_the_30_s_run_again)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0400");
	bench_wait_ms(100000);
	rx("05 03 0a00 4000 0000 0100 0102 0001");
	tx("04 04 0800 4100 0000 0102 0001");
	rx("05 04 0600 4000 0000 0000");
	bench_wait_ms(30000);
	tx("06 05 0400 4100 4000");
}
END_TEST

START_TEST(responses_that_do_not_match_are_ignored)
{
	to_config(&user);
	rx("05 04 0600 4000 0000 0000");
	rx("05 00 0600 4000 0000 0000");
	rx("05 03 0600 4100 0000 0000");
	rx("03 03 0800 4100 4000 0000 0000");
	ck_assert_uint_eq(stats()->sig_unexpected, 3);
	rx("04 11 0400 4000 0000");
	tx("05 11 0600 4100 0000 0000");
	told(&user, "");
	ours_agreed();
	told(&user, "opened");
	rx("05 03 0600 4000 0000 0200");
	ck_assert_uint_eq(stats()->sig_unexpected, 4);
	tx_nothing();
	told(&user, "");
}
END_TEST

START_TEST(a_reject_of_the_request_ends_the_channel)
{
	to_config(&user);
	rx("01 03 0200 0000");
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_REJECTED);
}
END_TEST

START_TEST(a_peer_that_does_not_know_the_channel_has_closed_it)
{
	to_config(&user);
	rx("01 03 0600 0200 4100 4000");
	told_closed(&user, RT_L2CAP_REJECTED + 2, RT_PHASE_CONFIGURE);
	tx_nothing();
}
END_TEST

START_TEST(a_peer_that_was_content_may_change_its_mind)
{
	to_config(&user);
	rx("04 11 0800 4000 0000 0102 0002");
	tx("05 11 0a00 4100 0000 0000 0102 0002");
	rx("04 12 0800 4000 0000 0102 2f00");
	tx("05 12 0a00 4100 0000 0100 0102 3000");
	ours_agreed();
	told(&user, "");
	rx("04 13 0800 4000 0000 0102 3000");
	tx("05 13 0a00 4100 0000 0000 0102 3000");
	told(&user, "opened");
	ck_assert_uint_eq(info_of(&user).omtu, 48);
}
END_TEST

START_TEST(eight_values_are_refused_and_the_ninth_ends_the_channel)
{
	to_config(&user);
	for (int i = 0; i < 8; i++) {
		rx("04 11 0800 4000 0000 0102 2f00");
		tx("05 11 0a00 4100 0000 0100 0102 3000");
	}
	rx("04 11 0800 4000 0000 0102 2f00");
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_CONFIG_ROUNDS);
}
END_TEST

START_TEST(sixteen_requests_are_answered_and_the_17th_ends_the_channel)
{
	to_config(&user);
	for (int i = 0; i < 16; i++) {
		rx("04 11 0400 4000 0000");
		tx("05 11 0600 4100 0000 0000");
	}
	rx("04 11 0400 4000 0000");
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_CONFIG_ROUNDS);
}
END_TEST

START_TEST(a_thousand_requests_that_never_agree_end_soon)
{
	size_t answers = 0;

	to_config(&user);
	for (int i = 0; i < 1000; i++) {
		rx("04 11 0800 4000 0000 7702 ffff");
		answers += tx_discard();
	}
	/* 16 answers, DISCONNECTION_REQ, and rejects for the rest. */
	ck_assert_uint_eq(answers, 16 + 1 + 983);
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_CONFIG_ROUNDS, RT_PHASE_CONFIGURE);
}
END_TEST

START_TEST(we_ask_eight_times_and_then_end_the_channel)
{
	char rsp[40];

	to_config(&user);
	for (unsigned int ident = 3; ident < 3 + 7; ident++) {
		snprintf(rsp, sizeof(rsp), "05 %02x 0600 4000 0000 0100",
			 ident);
		rx(rsp);
		ck_assert_uint_eq(tx_discard(), 1);
		told(&user, "");
	}
	rx("05 0a 0600 4000 0000 0100");
	taken_down(&user, "06 0b 0400 4100 4000", "07 0b 0400 4100 4000",
		   RT_L2CAP_CONFIG_ROUNDS);
}
END_TEST

START_TEST(answers_in_endless_parts_end_the_channel)
{
	char rsp[40];

	to_config(&user);
	for (unsigned int ident = 3; ident < 3 + 7; ident++) {
		snprintf(rsp, sizeof(rsp), "05 %02x 0600 4000 0100 0000",
			 ident);
		rx(rsp);
		ck_assert_uint_eq(tx_discard(), 1);
	}
	rx("05 0a 0600 4000 0100 0000");
	taken_down(&user, "06 0b 0400 4100 4000", "07 0b 0400 4100 4000",
		   RT_L2CAP_CONFIG_ROUNDS);
}
END_TEST

START_TEST(an_open_channel_is_configured_anew_in_both_halves)
{
	static const char *const sdus[] = { "0102", NULL };

	to_open(&user);
	rx("04 12 0800 4000 0000 0102 3000");
	tx("05 12 0a00 4100 0000 0000 0102 3000");
	tx("04 04 0800 4100 0000 0102 a002");
	tx_nothing();
	ck_assert(!info_of(&user).open);

	/* We send nothing meanwhile, but take in what comes. */
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_nothing();
	rx_cid(0x0040, "aa");
	told(&user, "rx:aa");
	rx("05 04 0600 4000 0000 0000");
	tx_cid(0x0041, "0102");
	told(&user, "written:2");
	ck_assert(info_of(&user).open);
	ck_assert_uint_eq(info_of(&user).omtu, 48);
}
END_TEST

START_TEST(a_request_that_changes_nothing_is_answered_and_that_is_all)
{
	to_open(&user);
	rx("04 12 0400 4000 0000");
	tx("05 12 0600 4100 0000 0000");
	tx_nothing();
	rx("04 13 0800 4000 0000 0102 a002");
	tx("05 13 0a00 4100 0000 0000 0102 a002");
	tx_nothing();
	ck_assert(info_of(&user).open);
}
END_TEST

START_TEST(what_a_new_configuration_does_not_name_stays_as_it_was)
{
	to_config(&user);
	ours_agreed();
	rx("04 11 0800 4000 0000 0102 0004");
	tx_discard();
	told(&user, "opened");
	rx("04 12 0800 4000 0000 7702 aabb");
	tx("05 12 0800 4100 0000 0300 7700");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("04 13 0400 4000 0000");
	tx("05 13 0600 4100 0000 0000");
	rx("05 04 0600 4000 0000 0000");
	ck_assert(info_of(&user).open);
	ck_assert_uint_eq(info_of(&user).omtu, 1024);
}
END_TEST

START_TEST(a_new_configuration_that_fails_ends_the_channel)
{
	to_open(&user);
	rx("04 12 0800 4000 0000 0102 2f00");
	tx("05 12 0a00 4100 0000 0100 0102 3000");
	tx("04 04 0800 4100 0000 0102 a002");
	rx("05 04 0600 4000 0000 0000");
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_nothing();
	bench_wait_us(1);
	taken_down(&user, "06 05 0400 4100 4000", "07 05 0400 4100 4000",
		   RT_L2CAP_TIMEOUT_RTX);
}
END_TEST

START_TEST(a_new_configuration_has_rounds_of_its_own)
{
	char hex[48];

	to_open(&user);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(hex, sizeof(hex), "04 12 0800 4000 0000 0102 %02x00",
			 48 + i);
		rx(hex);
		ck_assert(!info_of(&user).open);
		ck_assert_uint_eq(tx_discard(), 2);
		snprintf(hex, sizeof(hex), "05 %02x 0600 4000 0000 0000",
			 4 + i);
		rx(hex);
		ck_assert(info_of(&user).open);
	}
	told(&user, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BV_08_a_silent_peer_is_asked_four_times_and_disconnected,
		a_peer_that_never_asks_is_disconnected_after_30_s,
		a_pending_answer_is_waited_for_120_s,
		a_pending_answer_may_be_followed_by_success,
		after_pending_and_an_answer_the_30_s_run_again,
		responses_that_do_not_match_are_ignored,
		a_reject_of_the_request_ends_the_channel,
		a_peer_that_does_not_know_the_channel_has_closed_it,
		a_peer_that_was_content_may_change_its_mind,
		eight_values_are_refused_and_the_ninth_ends_the_channel,
		sixteen_requests_are_answered_and_the_17th_ends_the_channel,
		a_thousand_requests_that_never_agree_end_soon,
		we_ask_eight_times_and_then_end_the_channel,
		answers_in_endless_parts_end_the_channel,
		an_open_channel_is_configured_anew_in_both_halves,
		a_request_that_changes_nothing_is_answered_and_that_is_all,
		what_a_new_configuration_does_not_name_stays_as_it_was,
		a_new_configuration_that_fails_ends_the_channel,
		a_new_configuration_has_rounds_of_its_own,
	};

	return suite_run("l2cap/rounds", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
