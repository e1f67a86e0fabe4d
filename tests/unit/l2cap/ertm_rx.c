/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: the receiver, what it asks for and what it acknowledges. */

/* L2CAP/ERM/BV-02-C, L2CAP/ECF/BV-01-C */
START_TEST(ERM_BV_02_segments_make_up_an_sdu)
{
	ertm_open_default();
	rx_frame("I0 r0 start : 0500 0102");
	ertm_told("");
	rx_frame("I1 r0 cont : 03");
	ertm_told("");
	rx_frame("I2 r0 end : 0405");
	ertm_told("rx:0102030405");
	rx_frame("I3 r0");
	ertm_told("rx:");
}
END_TEST

/* L2CAP/ERM/BV-03-C */
START_TEST(ERM_BV_03_an_acknowledgement_leaves_after_200_ms)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_told("rx:00");
	tx_no_frame();
	ertm_wait_ms(199);
	tx_no_frame();
	ertm_wait_ms(1);
	tx_frame("RR r1");
	tx_no_frame();
	ertm_wait_ms(10000);
	tx_no_frame();
}
END_TEST

START_TEST(an_i_frame_takes_the_acknowledgement_along)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_write("aa");
	tx_frame("I0 r1 : aa");
	ertm_wait_ms(1000);
	tx_no_frame();
}
END_TEST

/* A window stalls if nothing is acknowledged before it is used up. */
START_TEST(no_window_stalls_for_want_of_an_acknowledgement)
{
	static const struct {
		uint16_t window;
		unsigned int frames;
	} rows[] = {
		{ 1, 1 }, { 2, 1 },  { 3, 1 },	{ 4, 1 },  { 7, 1 },
		{ 8, 2 }, { 12, 3 }, { 31, 7 }, { 32, 8 }, { 63, 8 },
	};
	char text[20];

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		ertm_anew();
		ertm_open_window(rows[i].window);
		for (unsigned int seq = 0; seq < rows[i].frames - 1; seq++) {
			ertm_rx_i(seq);
			tx_no_frame();
		}
		ertm_rx_i(rows[i].frames - 1);
		snprintf(text, sizeof(text), "RR r%u", rows[i].frames);
		tx_frame(text);
		tx_no_frame();
	}
}
END_TEST

START_TEST(acknowledgements_that_wait_become_one)
{
	ertm_open_default();
	for (unsigned int seq = 0; seq < 7; seq++)
		ertm_rx_i(seq);
	tx_frame("RR r7");
	tx_no_frame();
	ertm_wait_ms(1000);
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-09-C */
START_TEST(ERM_BV_09_a_poll_is_answered)
{
	ertm_open_default();
	rx_frame("RR r0 P");
	tx_frame("RR r0 F");
	tx_no_frame();
	ertm_rx_i(0);
	rx_frame("RNR r0 P");
	tx_frame("RR r1 F");
	tx_no_frame();
	rx_frame("REJ r0 P");
}
END_TEST

START_TEST(a_poll_is_answered_by_an_i_frame_if_one_may_leave)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_window = 1;
	ertm_open(agreed);
	ertm_rx_i(0);
	ertm_write("aa");
	ertm_write("bb");
	rx_frame("RR r0 P");
	tx_frame("I0 r1 F : aa");
	tx_no_frame();
	rx_frame("RR r0 P");
	tx_frame("RR r1 F");
	tx_no_frame();
	rx_frame("RR r1 P");
	tx_frame("I1 r1 F : bb");
}
END_TEST

START_TEST(a_poll_of_a_peer_that_waits_for_our_answer_is_answered_by_rr)
{
	ertm_open_default();
	ertm_write("aa");
	tx_frame("I0 r0 : aa");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	ertm_write("bb");
	rx_frame("RR r0 P");
	tx_frame("RR r0 F");
	tx_no_frame();
	rx_frame("RR r0 F");
	tx_frame("I0 r0 : aa");
	tx_frame("I1 r0 : bb");
}
END_TEST

/* L2CAP/ERM/BV-17-C */
START_TEST(ERM_BV_17_one_missing_frame_is_asked_for_by_srej)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_rx_i(2);
	ertm_in("XMIT SREJ_SENT");
	ertm_told("rx:00");
	tx_frame("SREJ r1");
	ertm_rx_i(3);
	tx_no_frame();
	ertm_rx_i(1);
	ertm_in("XMIT RECV");
	ertm_told("rx:01 rx:02 rx:03");
	tx_frame("RR r4");
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().rx_frames, 4);
	ck_assert_uint_eq(ertm_info().rx_duplicates, 0);
}
END_TEST

/* L2CAP/ERM/BV-16-C */
START_TEST(ERM_BV_16_several_missing_frames_are_asked_for_by_rej)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_rx_i(3);
	ertm_in("XMIT REJ_SENT");
	tx_frame("REJ r1");
	ertm_rx_i(4);
	tx_no_frame();
	ertm_told("rx:00");
	ertm_rx_i(1);
	ertm_in("XMIT RECV");
	ertm_rx_i(2);
	ertm_rx_i(3);
	ertm_told("rx:01 rx:02 rx:03");
}
END_TEST

START_TEST(rej_is_not_sent_if_the_frame_came_before_it_left)
{
	ertm_open_default();
	ertm_rx_i(2);
	ertm_rx_i(0);
	tx_no_frame();
	ertm_told("rx:00");
}
END_TEST

/* L2CAP/ERM/BI-01-C */
START_TEST(ERM_BI_01_rej_was_lost_the_poll_is_answered_by_rr)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_rx_i(3);
	tx_frame("REJ r1");
	rx_frame("RR r0 P");
	tx_frame("RR r1 F");
	ertm_rx_i(1);
	ertm_in("XMIT RECV");
	ertm_told("rx:00 rx:01");
}
END_TEST

/* REJ and RR would make the peer send all again, twice. */
START_TEST(a_poll_before_rej_has_left_is_answered_by_rej)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_rx_i(3);
	rx_frame("RR r0 P");
	tx_frame("REJ r1 F");
	tx_no_frame();
}
END_TEST

START_TEST(a_gap_that_was_filled_before_srej_left_is_not_asked_for)
{
	ertm_open_default();
	ertm_rx_i(1);
	ertm_rx_i(3);
	ertm_rx_i(2);
	tx_frame("SREJ r0");
	tx_no_frame();
	ertm_rx_i(0);
	ertm_told("rx:00 rx:01 rx:02 rx:03");
}
END_TEST

/* L2CAP/ERM/BI-02-C */
START_TEST(ERM_BI_02_srej_was_lost_the_poll_is_answered_by_srej)
{
	ertm_open_default();
	ertm_rx_i(0);
	ertm_rx_i(2);
	tx_frame("SREJ r1");
	rx_frame("RR r0 P");
	tx_frame("SREJ r1 F");
	ertm_rx_i(1);
	ertm_told("rx:00 rx:01 rx:02");
}
END_TEST

START_TEST(a_poll_before_srej_has_left_takes_it_along)
{
	ertm_open_default();
	ertm_rx_i(1);
	ertm_rx_i(3);
	rx_frame("RR r0 P");
	tx_frame("SREJ r0");
	tx_frame("SREJ r2 F");
	tx_no_frame();
}
END_TEST

START_TEST(each_of_several_single_gaps_is_asked_for)
{
	ertm_open_default();
	ertm_rx_i(1);
	tx_frame("SREJ r0");
	ertm_rx_i(3);
	tx_frame("SREJ r2");
	ertm_rx_i(5);
	tx_frame("SREJ r4");
	rx_frame("RR r0 P");
	tx_frame("SREJ r4 F");
	/* The one before it must have been lost again. */
	ertm_rx_i(2);
	tx_frame("SREJ r0");
	tx_no_frame();
	ertm_rx_i(4);
	tx_no_frame();
	ertm_rx_i(0);
	ertm_told("rx:00 rx:01 rx:02 rx:03 rx:04 rx:05");
	ertm_in("XMIT RECV");
	tx_frame("RR r6");
}
END_TEST

START_TEST(in_srej_sent_a_wider_gap_waits_until_the_first_is_filled)
{
	ertm_open_default();
	ertm_rx_i(1);
	tx_frame("SREJ r0");
	ertm_rx_i(4);
	tx_no_frame();
	ertm_rx_i(0);
	ertm_told("rx:00 rx:01");
	tx_frame("RR r2");
	ertm_rx_i(4);
	tx_frame("REJ r2");
}
END_TEST

START_TEST(in_srej_sent_rnr_is_acknowledged)
{
	ertm_open_default();
	ertm_rx_i(1);
	tx_frame("SREJ r0");
	rx_frame("RNR r0");
	tx_frame("RR r0");
	tx_no_frame();
	rx_frame("RNR r0 P");
	tx_frame("SREJ r0 F");
	tx_no_frame();
}
END_TEST

START_TEST(no_more_gaps_are_asked_for_than_there_is_room_to_note)
{
	unsigned int seq;

	ertm_open_window(62);
	for (seq = 1; seq < 2 * RT_L2CAP_ERTM_SREJ_MAX; seq += 2) {
		ertm_rx_i(seq);
		ck_assert_uint_gt(tx_discard_one(), 0);
	}
	ertm_rx_i(seq);
	tx_no_frame();
	ertm_told("");
	ertm_rx_i(0);
	ertm_told("rx:00 rx:01");
	ertm_rx_i(seq);
	tx_frame("SREJ r32");
}
END_TEST

START_TEST(duplicates_are_dropped_and_counted)
{
	ertm_open_default();
	for (unsigned int seq = 0; seq < 5; seq++)
		ertm_rx_i(seq);
	ck_assert_uint_gt(tx_discard_one(), 0);
	eb.user.log[0] = '\0';
	for (unsigned int seq = 0; seq < 5; seq++)
		ertm_rx_i(seq);
	ertm_rx_i(6);
	tx_frame("SREJ r5");
	ertm_rx_i(6);
	ertm_rx_i(4);
	ertm_told("");
	ck_assert_uint_eq(ertm_info().rx_duplicates, 7);
	ertm_rx_i(5);
	ertm_told("rx:05 rx:06");
}
END_TEST

START_TEST(a_frame_repeated_at_once_is_a_duplicate_in_every_window)
{
	for (uint16_t window = 1; window <= 63; window++) {
		ertm_anew();
		ertm_open_window(window);
		for (unsigned int seq = 0; seq < 200; seq++) {
			ertm_rx_i(seq % 64);
			ertm_rx_i(seq % 64);
			(void)tx_discard_one();
			eb.user.log[0] = '\0';
		}
		ck_assert_uint_eq(ertm_info().rx_frames, 200);
		ck_assert_uint_eq(ertm_info().rx_duplicates, 200);
		ertm_in("XMIT RECV");
	}
}
END_TEST

START_TEST(with_the_largest_window_srej_is_used_in_the_first_round_only)
{
	ertm_open_window(63);
	ertm_rx_i(1);
	tx_frame("SREJ r0");
	ertm_rx_i(0);
	for (unsigned int seq = 2; seq < 70; seq++) {
		ertm_rx_i(seq % 64);
		(void)tx_discard_one();
		eb.user.log[0] = '\0';
	}
	ertm_rx_i(7);
	tx_frame("REJ r6");
}
END_TEST

START_TEST(extended_control_fields_work_alike)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();
	struct rt_l2cap_ertm *e;

	agreed.extended = true;
	agreed.fcs = true;
	agreed.rx_window = 1000;
	ertm_open(agreed);
	e = eb.chan->mode_state;
	e->rx.buffer_seq = e->rx.expected_tx_seq = e->rx.acked_seq = 16382;
	ertm_rx_i(16382);
	ertm_rx_i(0);
	tx_frame("SREJ r16383");
	ertm_rx_i(16383);
	ertm_told("rx:fe rx:ff rx:00");
	ertm_rx_i(500);
	tx_frame("REJ r1");
	rx_frame("RR r0 P");
	tx_frame("RR r1 F");
	ertm_rx_i(1001);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ERM_BV_02_segments_make_up_an_sdu,
		ERM_BV_03_an_acknowledgement_leaves_after_200_ms,
		an_i_frame_takes_the_acknowledgement_along,
		no_window_stalls_for_want_of_an_acknowledgement,
		acknowledgements_that_wait_become_one,
		ERM_BV_09_a_poll_is_answered,
		a_poll_is_answered_by_an_i_frame_if_one_may_leave,
		a_poll_of_a_peer_that_waits_for_our_answer_is_answered_by_rr,
		ERM_BV_17_one_missing_frame_is_asked_for_by_srej,
		ERM_BV_16_several_missing_frames_are_asked_for_by_rej,
		rej_is_not_sent_if_the_frame_came_before_it_left,
		ERM_BI_01_rej_was_lost_the_poll_is_answered_by_rr,
		a_poll_before_rej_has_left_is_answered_by_rej,
		a_gap_that_was_filled_before_srej_left_is_not_asked_for,
		ERM_BI_02_srej_was_lost_the_poll_is_answered_by_srej,
		a_poll_before_srej_has_left_takes_it_along,
		each_of_several_single_gaps_is_asked_for,
		in_srej_sent_a_wider_gap_waits_until_the_first_is_filled,
		in_srej_sent_rnr_is_acknowledged,
		no_more_gaps_are_asked_for_than_there_is_room_to_note,
		duplicates_are_dropped_and_counted,
		a_frame_repeated_at_once_is_a_duplicate_in_every_window,
		with_the_largest_window_srej_is_used_in_the_first_round_only,
		extended_control_fields_work_alike,
	};

	return suite_run("l2cap/ertm_rx", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
