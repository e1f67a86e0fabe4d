/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: polls, timers, a peer that is busy. */

/* L2CAP/ERM/BV-08-C */
START_TEST(ERM_BV_08_without_an_acknowledgement_we_poll)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(1999);
	tx_no_frame();
	ertm_wait_ms(1);
	ertm_in("WAIT_F RECV");
	tx_frame("RR r0 P");
	tx_no_frame();
	rx_frame("RR r1 F");
	ertm_in("XMIT RECV");
	ertm_told("written:1");
	tx_no_frame();
	ertm_wait_ms(100000);
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().retransmitted, 0);
	ck_assert_uint_eq(ertm_info().polls, 0);
}
END_TEST

START_TEST(each_frame_and_each_acknowledgement_starts_the_timer_anew)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(1500);
	ertm_write("02");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(1500);
	rx_frame("RR r1");
	ertm_wait_ms(1999);
	tx_no_frame();
	ertm_wait_ms(1);
	tx_frame("RR r0 P");
}
END_TEST

/* L2CAP/ERM/BV-10-C */
START_TEST(ERM_BV_10_a_poll_without_an_answer_is_sent_again)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	ertm_wait_ms(11999);
	tx_no_frame();
	ertm_wait_ms(1);
	tx_frame("RR r0 P");
	ertm_wait_ms(12000);
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_told("written:1");
	ck_assert_uint_eq(ertm_info().polls, 2);
}
END_TEST

/* L2CAP/ERM/BV-11-C */
START_TEST(ERM_BV_11_polls_are_counted_against_max_transmit)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.max_transmit = 1;
	ertm_open(agreed);
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	ertm_wait_ms(12000);
	ertm_failed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(a_silent_peer_gets_as_many_polls_as_max_transmit)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	for (int i = 0; i < 3; i++) {
		tx_frame("RR r0 P");
		ertm_wait_ms(12000);
	}
	ertm_failed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(without_max_transmit_we_poll_for_ever)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.max_transmit = 0;
	ertm_open(agreed);
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	for (int i = 0; i < 1000; i++) {
		tx_frame("RR r0 P");
		ertm_wait_ms(12000);
	}
	tx_frame("RR r0 P");
	rx_frame("RR r0 F");
	tx_frame("I0 r0 : 01");
	ck_assert_uint_eq(ertm_info().polls, 1000);
}
END_TEST

/* L2CAP/ERM/BV-12-C */
START_TEST(ERM_BV_12_no_frame_is_sent_more_often_than_max_transmit)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.max_transmit = 1;
	ertm_open(agreed);
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("RR r0 F");
	ertm_failed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(rej_and_srej_are_counted_against_max_transmit)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.max_transmit = 3;
	ertm_open(agreed);
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r0");
	ertm_failed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

/* L2CAP/ERM/BV-18-C */
START_TEST(ERM_BV_18_rr_that_answers_and_does_not_acknowledge)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_told("written:1");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-19-C */
START_TEST(ERM_BV_19_an_i_frame_that_answers_and_does_not_acknowledge)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("I0 r0 F : aa");
	ertm_told("rx:aa");
	tx_frame("I0 r1 : 01");
	tx_no_frame();
}
END_TEST

START_TEST(nothing_new_leaves_while_a_poll_is_unanswered)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	ertm_write("02");
	tx_no_frame();
	rx_frame("RR r0");
	tx_no_frame();
	rx_frame("RR r1 F");
	tx_frame("I1 r0 : 02");
}
END_TEST

START_TEST(an_acknowledgement_without_f_does_not_end_the_wait)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("RR r1");
	ertm_told("written:1");
	ertm_in("WAIT_F RECV");
	ertm_wait_ms(12000);
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_in("XMIT RECV");
}
END_TEST

START_TEST(f_that_answers_nothing_says_nothing)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("RR r0 F");
	tx_no_frame();
	rx_frame("I0 r0 F : aa");
	ertm_told("rx:aa");
	ertm_wait_ms(2000);
	ertm_in("WAIT_F RECV");
	/* The poll has not left yet: what comes answers an older one. */
	rx_frame("RR r0 F");
	ertm_in("WAIT_F RECV");
	tx_frame("RR r1 P");
	rx_frame("RR r1 F");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-20-C */
START_TEST(ERM_BV_20_nothing_is_sent_to_a_peer_that_is_busy)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("RNR r0");
	ertm_write("02");
	tx_no_frame();
	ertm_wait_ms(100000);
	tx_no_frame();
	rx_frame("RNR r1");
	ertm_told("written:1");
	tx_no_frame();
	rx_frame("RR r1");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
	ck_assert_uint_ge(ertm_info().stalled_peer_us, RT_MS(100000));
}
END_TEST

START_TEST(when_a_busy_peer_is_ready_again_the_timer_runs)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("RNR r0");
	ertm_wait_ms(10000);
	rx_frame("RR r0");
	tx_no_frame();
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("RNR r0 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
	ertm_wait_ms(100000);
	tx_no_frame();
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
}
END_TEST

START_TEST(a_frame_asked_for_waits_while_the_peer_is_busy)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r0");
	rx_frame("RNR r0");
	tx_no_frame();
	rx_frame("RR r0");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r0 P");
	rx_frame("RNR r0");
	tx_frame("RR r0 F");
	rx_frame("RR r0");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ERM_BV_08_without_an_acknowledgement_we_poll,
		each_frame_and_each_acknowledgement_starts_the_timer_anew,
		ERM_BV_10_a_poll_without_an_answer_is_sent_again,
		ERM_BV_11_polls_are_counted_against_max_transmit,
		a_silent_peer_gets_as_many_polls_as_max_transmit,
		without_max_transmit_we_poll_for_ever,
		ERM_BV_12_no_frame_is_sent_more_often_than_max_transmit,
		rej_and_srej_are_counted_against_max_transmit,
		ERM_BV_18_rr_that_answers_and_does_not_acknowledge,
		ERM_BV_19_an_i_frame_that_answers_and_does_not_acknowledge,
		nothing_new_leaves_while_a_poll_is_unanswered,
		an_acknowledgement_without_f_does_not_end_the_wait,
		f_that_answers_nothing_says_nothing,
		ERM_BV_20_nothing_is_sent_to_a_peer_that_is_busy,
		when_a_busy_peer_is_ready_again_the_timer_runs,
		a_frame_asked_for_waits_while_the_peer_is_busy,
	};

	return suite_run("l2cap/ertm_poll", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
