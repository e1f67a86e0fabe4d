/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/* Enhanced Retransmission Mode with loss: L2CAP/ERM. */

static void open_ertm(bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt_open(we_initiate);
}

/*
 * One frame is missing: SREJ asks for it. Of many the first is asked for by
 * REJ, which brings all from there on.
 */
#define FEW 1
#define MANY 6

/* Frame 0 and then, behind a gap of `lost`, one more. */
static void lose(unsigned int lost)
{
	lt_i(0, 0, UNSEGMENTED, "a0");
	lt_forget(); /* it may be acknowledged now, or later */
	lt_i(1 + lost, 0, UNSEGMENTED, "af");
	app_received(1, "a0");
}

START_TEST(a_gap_is_told_by_rej)
{
	open_ertm(WE_INITIATE);
	lose(MANY);
	expect_s(REJ, 1, 0);
	lt_nothing();
	for (unsigned int i = 1; i <= MANY + 1; i++)
		lt_i(i, 0, UNSEGMENTED, "a1");
	ck_assert_uint_eq(APP->rx_count, MANY + 2);
	expect_ack(MANY + 2, 1900);
	lt_quiet(30000);
}
END_TEST

START_TEST(a_gap_is_told_by_srej)
{
	open_ertm(WE_INITIATE);
	lose(FEW);
	expect_s(SREJ, 1, 0);
	lt_nothing();
	lt_i(1, 0, UNSEGMENTED, "a1");
	app_received(3, "af");
	expect_ack(3, 1900);
	lt_quiet(30000);
}
END_TEST

START_TEST(a_poll_after_a_lost_rej_is_answered_by_what_is_in_sequence)
{
	open_ertm(WE_INITIATE);
	lose(MANY);
	expect_s(REJ, 1, 0);
	lt_s(RR, 0, P);
	expect_s(RR, 1, F);
	for (unsigned int i = 1; i <= MANY + 1; i++)
		lt_i(i, 0, UNSEGMENTED, "a1");
	ck_assert_uint_eq(APP->rx_count, MANY + 2);
	expect_ack(MANY + 2, 1900);
}
END_TEST

START_TEST(a_poll_after_a_lost_srej_is_answered_by_another)
{
	open_ertm(WE_INITIATE);
	lose(FEW);
	expect_s(SREJ, 1, 0);
	lt_s(RR, 0, P);
	expect_s(SREJ, 1, F);
	lt_nothing();
	lt_i(1, 0, UNSEGMENTED, "a1");
	app_received(3, "af");
	expect_ack(3, 1900);
}
END_TEST

/* Two frames are sent and the timer expires: we poll. */
static void two_and_a_poll(void)
{
	app_send("00");
	app_send("01");
	expect_i(0, 0, UNSEGMENTED, "00");
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_wait(2200);
	expect_s(RR, 0, P);
	lt_nothing();
}

START_TEST(a_frame_asked_for_twice_by_srej_is_sent_once)
{
	open_ertm(WE_INITIATE);
	two_and_a_poll();
	lt_s(SREJ, 0, 0);
	expect_i(0, 0, UNSEGMENTED, "00");
	lt_s(SREJ, 0, F);
	lt_nothing();
	lt_s(RR, 2, 0);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 2);
}
END_TEST

/* The frames that REJ asked for are sent; the answer to the poll is to come. */
static void rejected_and_sent(bool we_initiate)
{
	open_ertm(we_initiate);
	two_and_a_poll();
	lt_s(REJ, 0, 0);
	expect_i(0, 0, UNSEGMENTED, "00");
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_nothing();
}

START_TEST(frames_that_rej_asked_for_are_not_sent_again_after_rr)
{
	rejected_and_sent(WE_INITIATE);
	lt_s(RR, 0, F);
	lt_nothing();
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(frames_that_rej_asked_for_are_not_sent_again_after_an_i_frame)
{
	rejected_and_sent(WE_INITIATE);
	lt_i(0, 0, UNSEGMENTED | F, "a0");
	app_received(1, "a0");
	expect_ack(1, 1900);
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/ERM/BV-16-C", "IA", a_gap_is_told_by_rej),
	TAGGED("L2CAP/ERM/BV-17-C", "IA", a_gap_is_told_by_srej),
	TAGGED("L2CAP/ERM/BI-01-C", "IA",
	       a_poll_after_a_lost_rej_is_answered_by_what_is_in_sequence),
	TAGGED("L2CAP/ERM/BI-02-C", "IA",
	       a_poll_after_a_lost_srej_is_answered_by_another),
	TAGGED("L2CAP/ERM/BI-03-C", "IA",
	       a_frame_asked_for_twice_by_srej_is_sent_once),
	TAGGED("L2CAP/ERM/BI-04-C", "IA",
	       frames_that_rej_asked_for_are_not_sent_again_after_rr),
	TAGGED("L2CAP/ERM/BI-05-C", "IA",
	       frames_that_rej_asked_for_are_not_sent_again_after_an_i_frame),
};

const struct tagged_table erm_lost_table = LT_TABLE(rows);
