/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: I-frames leave, and leave again. */

/* L2CAP/ERM/BV-01-C */
START_TEST(ERM_BV_01_i_frames_count_up)
{
	ertm_open_default();
	ertm_write("0102");
	ertm_write("03");
	ertm_write("");
	tx_frame("I0 r0 : 0102");
	tx_frame("I1 r0 : 03");
	tx_frame("I2 r0");
	tx_no_frame();
	ertm_told("");
	rx_frame("RR r2");
	ertm_told("written:2 written:1");
	rx_frame("RR r3");
	ertm_told("written:0");
}
END_TEST

/* L2CAP/ERM/BV-23-C, L2CAP/ECF/BV-08-C */
START_TEST(ERM_BV_23_an_sdu_longer_than_the_mps_is_cut)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_mps = 2;
	agreed.tx_window = 1;
	ertm_open(agreed);
	ertm_write("010203040506");
	ertm_write("0708");
	tx_frame("I0 r0 start : 0600 0102");
	tx_no_frame();
	rx_frame("RR r1");
	tx_frame("I1 r0 cont : 0304");
	tx_no_frame();
	rx_frame("RR r2");
	tx_frame("I2 r0 end : 0506");
	ertm_told("");
	rx_frame("RR r3");
	ertm_told("written:6");
	tx_frame("I3 r0 : 0708");
	tx_no_frame();
}
END_TEST

START_TEST(an_sdu_may_have_a_head_a_tail_and_memory_of_its_own)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_mps = 3;
	eb.rfcomm_like = true;
	ertm_open(agreed);
	ertm_write("01020304");
	tx_frame("I0 r0 start : 0400 010203");
	tx_frame("I1 r0 end : 04");
	rx_frame("REJ r0");
	tx_frame("I0 r0 start : 0400 010203");
	tx_frame("I1 r0 end : 04");
	rx_frame("RR r2");
	ertm_told("written:4");
	ertm_write("01020304");
	tx_frame("I2 r0 start : 0400 010203");
	rt_l2cap_close(bench.l2cap, eb.user.chan);
}
END_TEST

/* L2CAP/ERM/BV-05-C */
START_TEST(ERM_BV_05_a_full_window_waits_for_rr)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_window = 1;
	ertm_open(agreed);
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
	rx_frame("RR r1");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-06-C */
START_TEST(ERM_BV_06_a_full_window_waits_for_an_i_frame)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_window = 1;
	ertm_open(agreed);
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
	rx_frame("I0 r1 : aa");
	ertm_told("written:1 rx:aa");
	tx_frame("I1 r1 : 02");
	tx_no_frame();
}
END_TEST

START_TEST(every_window_is_used_up_and_no_more)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();
	char text[20];

	for (uint16_t window = 1; window <= 63; window++) {
		agreed.tx_window = window;
		if (!eb.chan)
			ertm_open(agreed);
		else
			ertm_reopen(agreed);
		for (int i = 0; i < 70; i++)
			ertm_write("01");
		for (int i = 0; i < window; i++) {
			snprintf(text, sizeof(text), "I%d r0 : 01",
				 (i + (window - 1) * 6) % 64);
			tx_frame(text);
		}
		tx_no_frame();
		for (int left = 70; left > 0; left -= window) {
			snprintf(text, sizeof(text), "RR r%d",
				 (70 - RT_MAX(left - window, 0) +
				  (window - 1) * 6) %
					 64);
			rx_frame(text);
			for (int i = 0; i < RT_MIN(left - window, window); i++)
				ck_assert_uint_gt(tx_discard_one(), 0);
			tx_no_frame();
		}
		eb.user.log[0] = '\0';
	}
}
END_TEST

/* L2CAP/ERM/BV-13-C */
START_TEST(ERM_BV_13_rej_makes_us_send_again_from_req_seq)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	ertm_write("03");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	tx_frame("I2 r0 : 03");
	rx_frame("REJ r1");
	ertm_told("written:1");
	tx_frame("I1 r0 : 02");
	tx_frame("I2 r0 : 03");
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().retransmitted, 2);
	ck_assert_uint_eq(ertm_info().tx_frames, 3);
}
END_TEST

/* L2CAP/ERM/BV-14-C */
START_TEST(ERM_BV_14_srej_that_polls_is_answered_by_the_frame)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_window = 3;
	ertm_open(agreed);
	for (int i = 0; i < 5; i++)
		ertm_write("01");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 01");
	tx_frame("I2 r0 : 01");
	tx_no_frame();
	rx_frame("SREJ r1 P");
	ertm_told("written:1");
	tx_frame("I1 r0 F : 01");
	tx_frame("I3 r0 : 01");
	tx_no_frame();
	rx_frame("RR r4");
	tx_frame("I4 r0 : 01");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-15-C */
START_TEST(ERM_BV_15_srej_makes_us_send_one_frame_again)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	ertm_write("03");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	tx_frame("I2 r0 : 03");
	rx_frame("SREJ r1");
	ertm_told("");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
	rx_frame("RR r3");
	ertm_told("written:1 written:1 written:1");
}
END_TEST

/* L2CAP/ERM/BI-03-C */
START_TEST(ERM_BI_03_srej_and_srej_that_answers_resend_once)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("SREJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r0 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
	rx_frame("RR r2");
	ertm_told("written:1 written:1");
	tx_no_frame();
}
END_TEST

START_TEST(srej_that_answers_for_another_frame_resends_that)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("SREJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("SREJ r1 F");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BI-04-C */
START_TEST(ERM_BI_04_rej_and_rr_that_answers_resend_once)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	rx_frame("RR r0 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("RR r0 F");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
}
END_TEST

START_TEST(rej_and_rej_that_answers_resend_once)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("REJ r0 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("REJ r0 F");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
}
END_TEST

START_TEST(frames_leave_again_in_the_order_in_which_they_were_asked_for)
{
	ertm_open_default();
	for (int i = 0; i < 4; i++)
		ertm_write("01");
	for (int i = 0; i < 4; i++)
		ck_assert_uint_gt(tx_discard_one(), 0);
	rx_frame("SREJ r2");
	rx_frame("SREJ r0");
	rx_frame("SREJ r3");
	tx_frame("I2 r0 : 01");
	tx_frame("I0 r0 : 01");
	tx_frame("I3 r0 : 01");
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BI-05-C */
START_TEST(ERM_BI_05_rej_and_an_i_frame_that_answers_resend_once)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	rx_frame("I0 r0 F : aa");
	ertm_told("rx:aa");
	ertm_in("XMIT RECV");
	tx_no_frame();
}
END_TEST

START_TEST(a_request_repeated_on_the_air_is_met_once)
{
	ertm_open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	rx_frame("REJ r0");
	tx_frame("I0 r0 : 01");
	rx_frame("REJ r0");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
	rx_frame("SREJ r1");
	tx_frame("I1 r0 : 02");
	rx_frame("SREJ r1");
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().retransmitted, 3);
}
END_TEST

START_TEST(a_request_that_comes_before_the_frame_has_left_again_is_met_once)
{
	ertm_open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	rx_frame("REJ r0");
	rx_frame("SREJ r0");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
	rx_frame("REJ r0");
	rx_frame("RR r1");
	tx_no_frame();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ERM_BV_01_i_frames_count_up,
		ERM_BV_23_an_sdu_longer_than_the_mps_is_cut,
		an_sdu_may_have_a_head_a_tail_and_memory_of_its_own,
		ERM_BV_05_a_full_window_waits_for_rr,
		ERM_BV_06_a_full_window_waits_for_an_i_frame,
		every_window_is_used_up_and_no_more,
		ERM_BV_13_rej_makes_us_send_again_from_req_seq,
		ERM_BV_14_srej_that_polls_is_answered_by_the_frame,
		ERM_BV_15_srej_makes_us_send_one_frame_again,
		ERM_BI_03_srej_and_srej_that_answers_resend_once,
		srej_that_answers_for_another_frame_resends_that,
		ERM_BI_04_rej_and_rr_that_answers_resend_once,
		rej_and_rej_that_answers_resend_once,
		frames_leave_again_in_the_order_in_which_they_were_asked_for,
		ERM_BI_05_rej_and_an_i_frame_that_answers_resend_once,
		a_request_repeated_on_the_air_is_met_once,
		a_request_that_comes_before_the_frame_has_left_again_is_met_once,
	};

	return suite_run("l2cap/ertm", tests, RT_ARRAY_SIZE(tests), ertm_setup,
			 ertm_teardown);
}
