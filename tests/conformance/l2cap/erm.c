/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/*
 * Enhanced Retransmission Mode without loss (A:8.6): L2CAP/ERM. The tester
 * grants 2 s and 12 s for the timers, a window of 8 and three transmissions
 * unless a test says otherwise. Our timers may be 10 % early or late.
 */

static void open_ertm(bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt_open(we_initiate);
}

/* `n` SDUs of ours, which are their numbers; those that fit are sent. */
static void send_many(unsigned int n, unsigned int fit)
{
	static const char *const sdus[] = { "00", "01", "02", "03",
					    "04", "05", "06", "07" };

	for (unsigned int i = 0; i < n; i++)
		app_send(sdus[i]);
	for (unsigned int i = 0; i < fit; i++)
		expect_i(i, 0, UNSEGMENTED, sdus[i]);
	lt_nothing();
}

/* The retransmission timer of a frame just sent expires: a poll. */
static void expect_poll(void)
{
	lt_quiet(1800);
	lt_wait(400);
	expect_s(RR, 0, P);
	lt_nothing();
}

START_TEST(i_frames_carry_the_right_control_field)
{
	open_ertm(WE_INITIATE);
	app_send("0102");
	expect_i(0, 0, UNSEGMENTED, "0102");
	lt_i(0, 1, UNSEGMENTED, "a1");
	app_received(1, "a1");
	app_send("0304");
	expect_i(1, 1, UNSEGMENTED, "0304");
	lt_i(1, 2, UNSEGMENTED, "a2");
	app_received(2, "a2");
	app_send("0506");
	expect_i(2, 2, UNSEGMENTED, "0506");
	lt_s(RR, 3, 0);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 3);
}
END_TEST

START_TEST(a_segmented_sdu_is_reassembled)
{
	lt.params.mps = 48;
	open_ertm(WE_INITIATE);
	ck_assert_uint_eq(lt.want.mps, 48);
	lt_i_bytes(0, START, 0, 46, 130);
	lt_i_bytes(1, CONTINUATION, 46, 48, 0);
	ck_assert_uint_eq(APP->rx_count, 0);
	lt_i_bytes(2, END, 94, 36, 0);
	app_received_bytes(1, 130);
	expect_ack(3, 1900);
}
END_TEST

START_TEST(an_i_frame_is_acknowledged)
{
	open_ertm(WE_INITIATE);
	lt_i(0, 0, UNSEGMENTED, "a1");
	expect_ack(1, 1900);
	lt_quiet(30000);
	app_received(1, "a1");
}
END_TEST

START_TEST(a_full_window_is_opened_by_rr)
{
	lt.tx_window = 1;
	open_ertm(WE_INITIATE);
	ck_assert_uint_eq(lt_info().tx_window, 1);
	send_many(2, 1);
	lt_quiet(1000);
	lt_s(RR, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(a_full_window_is_opened_by_an_i_frame)
{
	lt.tx_window = 1;
	open_ertm(WE_INITIATE);
	send_many(2, 1);
	lt_quiet(1000);
	lt_i(0, 1, UNSEGMENTED, "a1");
	expect_i(1, 1, UNSEGMENTED, "01");
	app_received(1, "a1");
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

/* The application has no room: the tester is told, at its next frame at last.
 * Returns the ReqSeq of the RNR. */
static unsigned int become_busy(void)
{
	struct lt_frame f;

	app_room(0);
	lt_wait(1900);
	if (lt.queued == 0) {
		lt_i(0, 0, UNSEGMENTED, "a1");
		lt_wait(1900);
	}
	f = lt_read_frame(lt_expect_pdu(lt.cid));
	ck_assert(f.supervisory);
	ck_assert_int_eq(f.function, RNR);
	ck_assert_uint_eq(f.bits, 0);
	lt_nothing();
	return f.req;
}

START_TEST(an_application_without_room_is_told_by_rnr)
{
	open_ertm(WE_INITIATE);
	ck_assert_uint_le(become_busy(), 1);
	/* A poll is answered in the same way. */
	lt_s(RR, 0, P);
	lt_pump();
	ck_assert_int_eq(lt_read_frame(lt_expect_pdu(lt.cid)).function, RNR);
}
END_TEST

START_TEST(an_unacknowledged_frame_is_asked_for)
{
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_s(RR, 1, F);
	lt_quiet(60000);
	ck_assert_uint_eq(APP->written, 1);
	ck_assert_uint_eq(lt_info().retransmitted, 0);
}
END_TEST

START_TEST(a_poll_is_answered)
{
	open_ertm(WE_INITIATE);
	lt_s(RR, 0, P);
	expect_s(RR, 0, F);
	lt_nothing();
	lt_i(0, 0, UNSEGMENTED, "a1");
	lt_s(RR, 0, P);
	expect_s(RR, 1, F);
	lt_quiet(30000);
}
END_TEST

START_TEST(an_unanswered_poll_is_repeated)
{
	lt.max_transmit = 2;
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_quiet(10500);
	lt_wait(2700);
	expect_s(RR, 0, P);
	lt_s(RR, 1, F);
	lt_quiet(60000);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(the_last_unanswered_poll_ends_the_channel)
{
	lt.max_transmit = 1;
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_quiet(10500);
	lt_wait(2700);
	lt_is_closed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(a_frame_that_was_sent_often_enough_ends_the_channel)
{
	lt.max_transmit = 1;
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_s(RR, 0, F);
	lt_is_closed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(rej_brings_all_frames_from_there_on)
{
	open_ertm(WE_INITIATE);
	send_many(3, 3);
	lt_s(REJ, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	expect_i(2, 0, UNSEGMENTED, "02");
	lt_nothing();
	lt_s(RR, 3, 0);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 3);
	ck_assert_uint_eq(lt_info().retransmitted, 2);
}
END_TEST

START_TEST(srej_with_p_brings_one_frame_and_acknowledges)
{
	lt.tx_window = 3;
	open_ertm(WE_INITIATE);
	send_many(4, 3);
	lt_s(SREJ, 1, P);
	expect_i(1, 0, UNSEGMENTED | F, "01");
	expect_i(3, 0, UNSEGMENTED, "03");
	lt_nothing();
	lt_s(RR, 4, 0);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 4);
}
END_TEST

START_TEST(srej_without_p_brings_one_frame)
{
	lt.tx_window = 3;
	open_ertm(WE_INITIATE);
	send_many(4, 3);
	lt_s(SREJ, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_nothing();
	lt_s(RR, 3, 0);
	expect_i(3, 0, UNSEGMENTED, "03");
	lt_s(RR, 4, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(rr_with_f_that_acknowledges_nothing_brings_it_again)
{
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_s(RR, 0, F);
	expect_i(0, 0, UNSEGMENTED, "00");
	lt_nothing();
	lt_s(RR, 1, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(an_i_frame_with_f_that_acknowledges_nothing_brings_it_again)
{
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_i(0, 0, UNSEGMENTED | F, "a1");
	expect_i(0, 1, UNSEGMENTED, "00");
	app_received(1, "a1");
	lt_s(RR, 1, 0);
	lt_quiet(30000);
}
END_TEST

/* Polls may come; I-frames may not. */
static void no_i_frames(uint64_t ms)
{
	lt_wait(ms);
	while (lt.queued > 0)
		ck_assert(lt_read_frame(lt_expect_pdu(lt.cid)).supervisory);
}

START_TEST(a_busy_peer_gets_no_frame_again)
{
	open_ertm(WE_INITIATE);
	send_many(1, 1);
	expect_poll();
	lt_s(RNR, 0, F);
	app_send("01");
	no_i_frames(1900);
	lt_s(RR, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(a_peer_that_becomes_busy_unasked_gets_no_frame_again)
{
	open_ertm(WE_INITIATE);
	send_many(2, 2);
	lt_s(RNR, 0, 0);
	no_i_frames(1900);
	lt_s(RR, 2, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(room_again_is_told_by_a_poll)
{
	unsigned int req;
	bool lost;

	open_ertm(WE_INITIATE);
	req = become_busy();
	app_room(100000);
	expect_s(RR, req, P);
	lt_s(RR, 0, F);
	lost = APP->rx_count == 0;
	lt_i(req, 0, UNSEGMENTED, "a2");
	app_received(lost ? 1 : 2, "a2");
	expect_ack(req + 1, 1900);
}
END_TEST

/* Three segments of an SDU of 148 octets, each alone in its window. */
static void takes_three(unsigned int tx)
{
	static const unsigned int sar[] = { START, CONTINUATION, END };
	size_t sum = 0;
	struct lt_frame f;
	size_t skip;

	for (unsigned int i = 0; i < 3; i++) {
		f = expect_i_any(tx + i, 0, sar[i]);
		skip = sar[i] == START ? 2 : 0;
		if (skip)
			ck_assert_uint_eq(f.text[0] | f.text[1] << 8, 148);
		ck_assert_uint_le(f.len - skip, 50);
		for (size_t k = skip; k < f.len; k++)
			ck_assert_uint_eq(f.text[k], lt_octet(sum++));
		lt_nothing();
		lt_s(RR, tx + i + 1, 0);
	}
	ck_assert_uint_eq(sum, 148);
}

START_TEST(an_sdu_longer_than_the_peers_mps_is_segmented)
{
	lt.mps = 50;
	lt.tx_window = 1;
	open_ertm(WE_INITIATE);
	app_send_bytes(148);
	app_send_bytes(148);
	takes_three(0);
	takes_three(3);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 2);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/ERM/BV-01-C", "IA",
	       i_frames_carry_the_right_control_field),
	TAGGED("L2CAP/ERM/BV-02-C", "IA", a_segmented_sdu_is_reassembled),
	TAGGED("L2CAP/ERM/BV-03-C", "IA", an_i_frame_is_acknowledged),
	TAGGED("L2CAP/ERM/BV-05-C", "IA", a_full_window_is_opened_by_rr),
	TAGGED("L2CAP/ERM/BV-06-C", "IA",
	       a_full_window_is_opened_by_an_i_frame),
	TAGGED("L2CAP/ERM/BV-07-C", "IA",
	       an_application_without_room_is_told_by_rnr),
	TAGGED("L2CAP/ERM/BV-08-C", "IA", an_unacknowledged_frame_is_asked_for),
	TAGGED("L2CAP/ERM/BV-09-C", "IA", a_poll_is_answered),
	TAGGED("L2CAP/ERM/BV-10-C", "IA", an_unanswered_poll_is_repeated),
	TAGGED("L2CAP/ERM/BV-11-C", "IA",
	       the_last_unanswered_poll_ends_the_channel),
	TAGGED("L2CAP/ERM/BV-12-C", "IA",
	       a_frame_that_was_sent_often_enough_ends_the_channel),
	TAGGED("L2CAP/ERM/BV-13-C", "IA", rej_brings_all_frames_from_there_on),
	TAGGED("L2CAP/ERM/BV-14-C", "IA",
	       srej_with_p_brings_one_frame_and_acknowledges),
	TAGGED("L2CAP/ERM/BV-15-C", "IA", srej_without_p_brings_one_frame),
	TAGGED("L2CAP/ERM/BV-18-C", "IA",
	       rr_with_f_that_acknowledges_nothing_brings_it_again),
	TAGGED("L2CAP/ERM/BV-19-C", "IA",
	       an_i_frame_with_f_that_acknowledges_nothing_brings_it_again),
	TAGGED("L2CAP/ERM/BV-20-C", "IA", a_busy_peer_gets_no_frame_again),
	TAGGED("L2CAP/ERM/BV-20-C", "IA",
	       a_peer_that_becomes_busy_unasked_gets_no_frame_again),
	TAGGED("L2CAP/ERM/BV-22-C", "IA", room_again_is_told_by_a_poll),
	TAGGED("L2CAP/ERM/BV-23-C", "IA",
	       an_sdu_longer_than_the_peers_mps_is_segmented),
};

const struct tagged_table erm_table = LT_TABLE(rows);
