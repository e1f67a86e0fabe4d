/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/bench.h"

/* The end of a channel, from either side. Ids: 0x0040 here, 0x0041 there. */

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

/* L2CAP/COS/CED/BV-04-C */
START_TEST(CED_BV_04_our_request_names_both_ends_the_right_way_round)
{
	to_open(&user);
	bench_wait_ms(5);
	rt_l2cap_close(bench.l2cap, user.chan);
	told(&user, "");
	tx("06 04 0400 4100 4000");
	tx_nothing();
	bench_wait_ms(7);
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
	ck_assert_int_eq(user.why.err, 0);
	ck_assert_uint_eq(user.why.frame, 0);
	ck_assert_uint_eq(user.why.elapsed_us, RT_MS(5));
	ck_assert(!bench.link->used);
	tx_nothing();
}
END_TEST

/* L2CAP/COS/CED/BV-07-C */
START_TEST(CED_BV_07_the_peers_request_is_answered_with_both_ids)
{
	to_open(&user);
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_TRANSFER);
	ck_assert_int_eq(user.why.err, -ECONNRESET);
	ck_assert_uint_eq(user.why.frame, bench.env->frame);
	ck_assert(!bench.link->used);
	tx_nothing();
}
END_TEST

START_TEST(a_request_ends_a_channel_only_if_it_knows_both_ends)
{
	to_open(&user);
	rx("06 11 0400 4000 4200"); /* ours right, the peer's wrong */
	tx_nothing();
	rx("06 12 0400 4200 4100"); /* ours wrong, the peer's right */
	tx("01 12 0600 0200 4200 4100");
	rx("06 13 0400 4100 4000"); /* the wrong way round */
	tx("01 13 0600 0200 4100 4000");
	rx("06 14 0400 0000 0000");
	tx("01 14 0600 0200 0000 0000");
	tx_nothing();
	told(&user, "");
	rx("06 15 0400 4000 4100");
	tx("07 15 0400 4000 4100");
	told(&user, "closed");
}
END_TEST

START_TEST(a_request_for_a_channel_that_is_gone_is_rejected)
{
	to_open(&user);
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	told(&user, "closed");
	rx("06 11 0400 4000 4100");
	tx("01 11 0600 0200 4000 4100");
	tx_nothing();
}
END_TEST

START_TEST(a_channel_without_an_id_at_the_peer_cannot_be_ended_by_it)
{
	to_wait_connect_rsp(&user);
	rx("06 11 0400 4000 0000");
	rx("06 12 0400 4000 4100");
	tx_nothing();
	told(&user, "");
}
END_TEST

START_TEST(a_channel_may_be_ended_by_the_peer_while_it_is_configured)
{
	to_config(&user);
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_CONFIGURE);
	bench_wait_ms(60000);
	tx_nothing();
}
END_TEST

START_TEST(a_channel_may_be_ended_by_us_while_it_is_configured)
{
	to_config(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	tx("06 04 0400 4100 4000");
	rx("05 03 0600 4000 0000 0000"); /* nobody waits for it any more */
	rx("04 11 0400 4000 0000");
	tx("01 11 0600 0200 4000 4100");
	told(&user, "");
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONFIGURE);
	tx_nothing();
}
END_TEST

START_TEST(requests_of_both_sides_that_cross_end_the_channel)
{
	to_wait_disconnect(&user);
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
	rx("07 04 0400 4100 4000"); /* what the peer answers to ours */
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
	tx_nothing();
}
END_TEST

START_TEST(a_request_of_the_peer_makes_one_of_ours_needless)
{
	to_open(&user);
	rt_l2cap_close(bench.l2cap, user.chan); /* not sent yet */
	rx("06 11 0400 4000 4100");
	tx("07 11 0400 4000 4100");
	tx_nothing();
	told(&user, "closed");
}
END_TEST

START_TEST(a_response_that_does_not_match_is_ignored)
{
	to_wait_disconnect(&user);
	rx("07 05 0400 4100 4000"); /* identifier */
	rx("07 04 0400 4000 4100"); /* the wrong way round */
	rx("07 04 0400 4100 4100");
	rx("07 04 0400 4000 4000");
	rx("03 04 0800 4100 4000 0000 0000");
	ck_assert_uint_eq(stats()->sig_unexpected, 5);
	told(&user, "");
	rx("07 04 0400 4100 4000");
	told(&user, "closed");
}
END_TEST

START_TEST(a_reject_means_that_the_channel_is_gone)
{
	to_wait_disconnect(&user);
	rx("01 04 0600 0200 4100 4000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);

	bench_teardown();
	setup();
	to_wait_disconnect(&user);
	rx("01 04 0200 0000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
}
END_TEST

START_TEST(a_silent_peer_is_asked_four_times_and_left_after_30_s)
{
	to_wait_disconnect(&user);
	rx("0b 02 0400 0200 0100");
	for (unsigned int wait_ms = 2000; wait_ms <= 8000; wait_ms *= 2) {
		bench_wait_us(RT_MS(wait_ms) - 1);
		tx_nothing();
		bench_wait_us(1);
		tx("06 04 0400 4100 4000");
	}
	bench_wait_us(RT_MS(16000) - 1);
	told(&user, "");
	bench_wait_us(1);
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(data_that_come_while_we_end_the_channel_are_dropped)
{
	to_wait_disconnect(&user);
	rx_cid(0x0040, "01");
	told(&user, "");
	rx("07 04 0400 4100 4000");
	told(&user, "closed");
	rx_cid(0x0040, "");
	ck_assert_uint_eq(stats()->rx_unknown_cid, 1);
}
END_TEST

START_TEST(a_channel_that_is_ended_is_closed_to_configuration)
{
	to_wait_disconnect(&user);
	rx("04 11 0400 4000 0000");
	tx("01 11 0600 0200 4000 4100");
	rx("04 12 0400 4000 0100");
	tx("01 12 0600 0200 4000 4100");
	tx_nothing();
}
END_TEST

START_TEST(the_peers_id_is_free_again_when_the_channel_has_ended)
{
	struct user listener = { .answer = 0 };

	listen_on(&listener, 0x1001);
	to_open(&user);
	rx("06 11 0400 4000 4100 02 12 0400 0110 4100");
	tx("07 11 0400 4000 4100");
	tx("03 12 0800 4100 4100 0000 0000");
	told(&user, "closed");
	told(&listener, "incoming");
}
END_TEST

START_TEST(the_request_waits_for_no_answer_that_is_on_the_way)
{
	to_open(&user);
	rx("0a 21 0200 0200");
	rt_l2cap_close(bench.l2cap, user.chan);
	tx("0b 21 0800 0200 0000 b8000000");
	tx("06 04 0400 4100 4000");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BV_04_our_request_names_both_ends_the_right_way_round,
		CED_BV_07_the_peers_request_is_answered_with_both_ids,
		a_request_ends_a_channel_only_if_it_knows_both_ends,
		a_request_for_a_channel_that_is_gone_is_rejected,
		a_channel_without_an_id_at_the_peer_cannot_be_ended_by_it,
		a_channel_may_be_ended_by_the_peer_while_it_is_configured,
		a_channel_may_be_ended_by_us_while_it_is_configured,
		requests_of_both_sides_that_cross_end_the_channel,
		a_request_of_the_peer_makes_one_of_ours_needless,
		a_response_that_does_not_match_is_ignored,
		a_reject_means_that_the_channel_is_gone,
		a_silent_peer_is_asked_four_times_and_left_after_30_s,
		data_that_come_while_we_end_the_channel_are_dropped,
		a_channel_that_is_ended_is_closed_to_configuration,
		the_peers_id_is_free_again_when_the_channel_has_ended,
		the_request_waits_for_no_answer_that_is_on_the_way,
	};

	return suite_run("l2cap/disconnect", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
