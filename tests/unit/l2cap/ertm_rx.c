/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/ertm_tx.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: the receiver, acknowledgements, a user without room. */

static void open_default(void)
{
	ertm_open(ertm_agreed());
}

static void open_window(uint16_t window)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.rx_window = window;
	ertm_open(agreed);
}

/* I-frame `tx_seq` with one octet, its own number. */
static void rx_i(unsigned int tx_seq)
{
	char text[40];

	snprintf(text, sizeof(text), "I%u r0 : %02x", tx_seq, tx_seq & 0xff);
	rx_frame(text);
}

/* L2CAP/ERM/BV-02-C, L2CAP/ECF/BV-01-C */
START_TEST(ERM_BV_02_segments_make_up_an_sdu)
{
	open_default();
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
	open_default();
	rx_i(0);
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
	open_default();
	rx_i(0);
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
		ertm_setup();
		open_window(rows[i].window);
		for (unsigned int seq = 0; seq < rows[i].frames - 1; seq++) {
			rx_i(seq);
			tx_no_frame();
		}
		rx_i(rows[i].frames - 1);
		snprintf(text, sizeof(text), "RR r%u", rows[i].frames);
		tx_frame(text);
		tx_no_frame();
		ertm_teardown();
	}
	ertm_setup();
}
END_TEST

START_TEST(acknowledgements_that_wait_become_one)
{
	open_default();
	for (unsigned int seq = 0; seq < 7; seq++)
		rx_i(seq);
	tx_frame("RR r7");
	tx_no_frame();
	ertm_wait_ms(1000);
	tx_no_frame();
}
END_TEST

/* L2CAP/ERM/BV-09-C */
START_TEST(ERM_BV_09_a_poll_is_answered)
{
	open_default();
	rx_frame("RR r0 P");
	tx_frame("RR r0 F");
	tx_no_frame();
	rx_i(0);
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
	rx_i(0);
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
	open_default();
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
	open_default();
	rx_i(0);
	rx_i(2);
	ertm_in("XMIT SREJ_SENT");
	ertm_told("rx:00");
	tx_frame("SREJ r1");
	rx_i(3);
	tx_no_frame();
	rx_i(1);
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
	open_default();
	rx_i(0);
	rx_i(3);
	ertm_in("XMIT REJ_SENT");
	tx_frame("REJ r1");
	rx_i(4);
	tx_no_frame();
	ertm_told("rx:00");
	rx_i(1);
	ertm_in("XMIT RECV");
	rx_i(2);
	rx_i(3);
	ertm_told("rx:01 rx:02 rx:03");
}
END_TEST

START_TEST(rej_is_not_sent_if_the_frame_came_before_it_left)
{
	open_default();
	rx_i(2);
	rx_i(0);
	tx_no_frame();
	ertm_told("rx:00");
}
END_TEST

/* L2CAP/ERM/BI-01-C */
START_TEST(ERM_BI_01_rej_was_lost_the_poll_is_answered_by_rr)
{
	open_default();
	rx_i(0);
	rx_i(3);
	tx_frame("REJ r1");
	rx_frame("RR r0 P");
	tx_frame("RR r1 F");
	rx_i(1);
	ertm_in("XMIT RECV");
	ertm_told("rx:00 rx:01");
}
END_TEST

/* L2CAP/ERM/BI-02-C */
START_TEST(ERM_BI_02_srej_was_lost_the_poll_is_answered_by_srej)
{
	open_default();
	rx_i(0);
	rx_i(2);
	tx_frame("SREJ r1");
	rx_frame("RR r0 P");
	tx_frame("SREJ r1 F");
	rx_i(1);
	ertm_told("rx:00 rx:01 rx:02");
}
END_TEST

START_TEST(a_poll_before_srej_has_left_takes_it_along)
{
	open_default();
	rx_i(1);
	rx_i(3);
	rx_frame("RR r0 P");
	tx_frame("SREJ r0");
	tx_frame("SREJ r2 F");
	tx_no_frame();
}
END_TEST

START_TEST(each_of_several_single_gaps_is_asked_for)
{
	open_default();
	rx_i(1);
	tx_frame("SREJ r0");
	rx_i(3);
	tx_frame("SREJ r2");
	rx_i(5);
	tx_frame("SREJ r4");
	rx_frame("RR r0 P");
	tx_frame("SREJ r4 F");
	/* The one before it must have been lost again. */
	rx_i(2);
	tx_frame("SREJ r0");
	tx_no_frame();
	rx_i(4);
	tx_no_frame();
	rx_i(0);
	ertm_told("rx:00 rx:01 rx:02 rx:03 rx:04 rx:05");
	ertm_in("XMIT RECV");
	tx_frame("RR r6");
}
END_TEST

START_TEST(in_srej_sent_a_wider_gap_waits_until_the_first_is_filled)
{
	open_default();
	rx_i(1);
	tx_frame("SREJ r0");
	rx_i(4);
	tx_no_frame();
	rx_i(0);
	ertm_told("rx:00 rx:01");
	tx_frame("RR r2");
	rx_i(4);
	tx_frame("REJ r2");
}
END_TEST

START_TEST(in_srej_sent_rnr_is_acknowledged)
{
	open_default();
	rx_i(1);
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

	open_window(62);
	for (seq = 1; seq < 2 * RT_L2CAP_ERTM_SREJ_MAX; seq += 2) {
		rx_i(seq);
		ck_assert_uint_gt(tx_discard_one(), 0);
	}
	rx_i(seq);
	tx_no_frame();
	ertm_told("");
	rx_i(0);
	ertm_told("rx:00 rx:01");
	rx_i(seq);
	tx_frame("SREJ r32");
}
END_TEST

START_TEST(duplicates_are_dropped_and_counted)
{
	open_default();
	for (unsigned int seq = 0; seq < 5; seq++)
		rx_i(seq);
	ck_assert_uint_gt(tx_discard_one(), 0);
	eb.user.log[0] = '\0';
	for (unsigned int seq = 0; seq < 5; seq++)
		rx_i(seq);
	rx_i(6);
	tx_frame("SREJ r5");
	rx_i(6);
	rx_i(4);
	ertm_told("");
	ck_assert_uint_eq(ertm_info().rx_duplicates, 7);
	rx_i(5);
	ertm_told("rx:05 rx:06");
}
END_TEST

START_TEST(a_frame_repeated_at_once_is_a_duplicate_in_every_window)
{
	for (uint16_t window = 1; window <= 63; window++) {
		ertm_setup();
		open_window(window);
		for (unsigned int seq = 0; seq < 200; seq++) {
			rx_i(seq % 64);
			rx_i(seq % 64);
			(void)tx_discard_one();
			eb.user.log[0] = '\0';
		}
		ck_assert_uint_eq(ertm_info().rx_frames, 200);
		ck_assert_uint_eq(ertm_info().rx_duplicates, 200);
		ertm_in("XMIT RECV");
		ertm_teardown();
	}
	ertm_setup();
}
END_TEST

/*
 * What a TxSeq means to a receiver with this window that has received up to
 * 10, and acknowledged so.
 */
START_TEST(every_tx_seq_is_classified_in_every_window)
{
	static const uint16_t windows[] = { 1, 2, 3, 8, 31, 32, 33, 62, 63 };

	for (size_t w = 0; w < RT_ARRAY_SIZE(windows); w++) {
		for (unsigned int seq = 0; seq < 64; seq++) {
			const unsigned int window = windows[w];
			const unsigned int ahead = (seq - 10) & 63;
			const unsigned int behind = (10 - seq) & 63;

			ertm_setup();
			open_window(windows[w]);
			for (unsigned int i = 0; i < 10; i++) {
				rx_i(i);
				(void)tx_discard_one();
			}
			ertm_wait_ms(200);
			(void)tx_discard_one();
			/* An S-frame between, so that it is no repetition. */
			rx_frame("RR r0");
			eb.user.log[0] = '\0';
			rx_i(seq);
			if (ahead == 0)
				ertm_told("rx:0a");
			else if (ahead < window && ahead == 1)
				ertm_in("XMIT SREJ_SENT");
			else if (ahead < window)
				ertm_in("XMIT REJ_SENT");
			else if (behind <= window)
				ck_assert_uint_eq(ertm_info().rx_duplicates, 1);
			else
				ertm_failed(RT_L2CAP_BAD_PEER);
			ertm_teardown();
		}
	}
	ertm_setup();
}
END_TEST

START_TEST(the_window_begins_with_what_was_acknowledged)
{
	open_window(8);
	rx_frame("I0 r0 : 00");
	/* Not acknowledged yet: 7 is the last that may come, 8 is not. */
	rx_i(8);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(with_the_largest_window_srej_is_used_in_the_first_round_only)
{
	open_window(63);
	rx_i(1);
	tx_frame("SREJ r0");
	rx_i(0);
	for (unsigned int seq = 2; seq < 70; seq++) {
		rx_i(seq % 64);
		(void)tx_discard_one();
		eb.user.log[0] = '\0';
	}
	rx_i(7);
	tx_frame("REJ r6");
}
END_TEST

START_TEST(a_wrong_req_seq_ends_the_channel)
{
	open_default();
	rx_frame("RR r1");
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

/* Unacknowledged are the `unacked` frames from `first` on. */
static void try_req_seq(unsigned int first, unsigned int unacked,
			const char *kind, unsigned int req_seq)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();
	const unsigned int ahead = (req_seq - first) & 63;
	const bool asks = strcmp(kind, "REJ") == 0 || strcmp(kind, "SREJ") == 0;
	const bool valid = asks ? ahead < unacked : ahead <= unacked;
	struct rt_l2cap_ertm *e;
	char text[40];

	ertm_setup();
	agreed.tx_window = 63;
	ertm_open(agreed);
	e = eb.chan->mode_state;
	e->tx.next_tx_seq = (uint16_t)first;
	e->tx.expected_ack_seq = (uint16_t)first;
	for (unsigned int i = 0; i < unacked; i++)
		ertm_write("01");
	for (unsigned int i = 0; i < unacked; i++)
		ck_assert_uint_gt(tx_discard_one(), 0);
	snprintf(text, sizeof(text), "%s r%u", kind, req_seq);
	rx_frame(text);
	if (!valid) {
		ertm_failed(RT_L2CAP_BAD_PEER);
		ertm_teardown();
		return;
	}
	if (strcmp(kind, "SREJ") != 0) {
		ck_assert_uint_eq(e->tx.expected_ack_seq, req_seq);
		ck_assert_uint_eq(rt_l2cap_ertm_tx_unacked(e), unacked - ahead);
	} else {
		ertm_told("");
	}
	eb.user.log[0] = '\0';
	ertm_teardown();
}

START_TEST(every_req_seq_is_judged_by_what_is_unacknowledged)
{
	static const unsigned int unacked[] = { 0, 1, 2, 8, 32, 62, 63 };
	static const unsigned int first[] = { 0, 40 };
	static const char *const kinds[] = { "RR", "REJ", "RNR", "SREJ", "I0" };

	for (size_t f = 0; f < RT_ARRAY_SIZE(first); f++)
		for (size_t u = 0; u < RT_ARRAY_SIZE(unacked); u++)
			for (unsigned int seq = 0; seq < 64; seq++)
				try_req_seq(first[f], unacked[u],
					    kinds[(seq + u) % 5], seq);
	for (unsigned int seq = 0; seq < 64; seq++)
		for (size_t k = 0; k < RT_ARRAY_SIZE(kinds); k++)
			try_req_seq(61, 8, kinds[k], seq);
	ertm_setup();
}
END_TEST

START_TEST(a_wrong_fcs_is_dropped_and_counted)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.fcs = true;
	ertm_open(agreed);
	rx_bad_fcs("I0 r0 : 01");
	rx_bad_fcs("RR r9");
	ertm_told("");
	ck_assert_uint_eq(ertm_info().rx_bad_fcs, 2);
	rx_i(0);
	ertm_told("rx:00");
	ertm_wait_ms(200);
	tx_frame("RR r1");
}
END_TEST

START_TEST(frames_cut_short_anywhere_are_dropped)
{
	static const uint8_t octets[] = { 0x02, 0x40, 0x05, 0x00, 0x01,
					  0x02, 0x03, 0x04, 0x05 };
	struct rt_l2cap_agreed agreed = ertm_agreed();

	for (int i = 0; i < 4; i++) {
		for (size_t n = 0; n < 4; n++) {
			ertm_setup();
			agreed.fcs = i & 1;
			agreed.extended = i & 2;
			ertm_open(agreed);
			if (n < (agreed.fcs ? 2U : 0) +
					(agreed.extended ? 4U : 2U)) {
				fake_link_rx(bench.link, 0x0040, octets, n);
				bench_step();
			}
			tx_no_frame();
			ertm_told("");
			ertm_teardown();
		}
	}
	ertm_setup();
}
END_TEST

START_TEST(malformed_frames_are_dropped)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.rx_mps = 3;
	ertm_open(agreed);
	rx_frame("RR r9 : 01");
	rx_frame("RR r0 P F");
	rx_frame("I0 r0 : 01020304");
	rx_frame("I0 r0 start : 0500 01020304");
	ertm_told("");
	tx_no_frame();
	rx_frame("I0 r0 : 010203");
	rx_frame("I1 r0 start : 0400 010203");
	rx_frame("I2 r0 end : 04");
	ertm_told("rx:010203 rx:01020304");
	ertm_in("XMIT RECV");
}
END_TEST

START_TEST(parts_that_make_no_sdu_end_the_channel)
{
	static const char *const ways[][3] = {
		{ "I0 r0 end : 01" },
		{ "I0 r0 cont : 01" },
		{ "I0 r0 start : 00" },
		{ "I0 r0 start : 0000" },
		{ "I0 r0 start : 0100 01" },
		{ "I0 r0 start : 0100 0102" },
		{ "I0 r0 start : 0300 01", "I1 r0 : 02" },
		{ "I0 r0 start : 0300 01", "I1 r0 start : 0300 02" },
		{ "I0 r0 start : 0300 01", "I1 r0 end : 02" },
		{ "I0 r0 start : 0300 01", "I1 r0 end : 020304" },
		{ "I0 r0 start : 0300 01", "I1 r0 cont : 0203" },
		{ "I0 r0 start : 0300 01", "I1 r0 cont : 02", "I2 r0 : 03" },
		{ "I0 r0 start : a102 01" },
		{ "I0 r0 start : ffff 01" },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(ways); i++) {
		ertm_setup();
		open_default();
		for (int k = 0; k < 3 && ways[i][k]; k++)
			rx_frame(ways[i][k]);
		ertm_failed(RT_L2CAP_BAD_PEER);
		ertm_teardown();
	}
	ertm_setup();
}
END_TEST

START_TEST(an_sdu_is_as_long_as_the_mtu_and_no_longer)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.rx_mps = 1000;
	ertm_open(agreed);
	eb.chan->imtu = 4;
	rx_frame("I0 r0 : 01020304");
	rx_frame("I1 r0 start : 0400 0102");
	rx_frame("I2 r0 end : 0304");
	ertm_told("rx:01020304 rx:01020304");
	rx_frame("I3 r0 : 0102030405");
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

/* L2CAP/ERM/BV-07-C, L2CAP/ERM/BV-22-C */
START_TEST(ERM_BV_07_BV_22_without_room_rnr_and_a_poll_when_there_is_room)
{
	open_default();
	ertm_room(672);
	rx_i(0);
	ertm_told("rx:00");
	tx_frame("RNR r1");
	tx_no_frame();
	ertm_wait_ms(10000);
	tx_no_frame();
	ertm_room(671);
	tx_no_frame();
	ertm_room(672);
	ertm_in("WAIT_F RECV");
	tx_frame("RR r1 P");
	tx_no_frame();
	rx_frame("RR r0 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().busy_us, RT_MS(10000));
}
END_TEST

START_TEST(what_comes_without_room_is_kept_and_not_acknowledged)
{
	open_default();
	ertm_room(0);
	tx_frame("RNR r0");
	rx_i(0);
	rx_i(1);
	rx_i(2);
	ertm_told("");
	ertm_wait_ms(1000);
	tx_no_frame();
	rx_frame("RR r0 P");
	tx_frame("RNR r0 F");
	/* Room for one: 672, and an octet less behind it. */
	ertm_room(672);
	ertm_told("rx:00");
	tx_no_frame();
	ertm_wait_ms(200);
	tx_frame("RNR r1");
	ertm_room(673);
	ertm_told("rx:01 rx:02");
	tx_frame("RNR r3");
	ertm_room(SIZE_MAX);
	tx_frame("RR r3 P");
	rx_frame("RR r0 F");
	ck_assert_uint_eq(ertm_info().rx_frames, 3);
}
END_TEST

START_TEST(room_that_is_back_before_rnr_has_left_is_not_told)
{
	open_default();
	ertm_room(0);
	ertm_room(1000);
	tx_no_frame();
	ertm_in("XMIT RECV");
}
END_TEST

START_TEST(room_that_is_back_while_a_poll_waits_is_told_behind_it)
{
	open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_room(0);
	tx_frame("RNR r0");
	ertm_wait_ms(2000);
	tx_frame("RNR r0 P");
	ertm_room(1000);
	tx_no_frame();
	rx_frame("RR r1 F");
	ertm_in("WAIT_F RECV");
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_in("XMIT RECV");
	tx_no_frame();
}
END_TEST

START_TEST(without_room_nothing_is_asked_for)
{
	open_default();
	ertm_room(0);
	tx_frame("RNR r0");
	rx_i(1);
	rx_i(3);
	tx_no_frame();
	ertm_in("XMIT RECV");
	ertm_room(1000);
	tx_frame("RR r0 P");
	rx_frame("RR r0 F");
	rx_i(1);
	tx_frame("SREJ r0");
	ertm_room(0);
	tx_frame("RNR r0");
	rx_frame("RR r0 P");
	tx_frame("RNR r0 F");
	rx_i(0);
	ertm_in("XMIT RECV");
	ertm_told("");
	ertm_room(1000);
	ertm_told("rx:00 rx:01");
	tx_frame("RR r2 P");
}
END_TEST

START_TEST(no_more_than_the_window_is_kept)
{
	open_window(3);
	ertm_room(0);
	tx_frame("RNR r0");
	rx_i(0);
	rx_i(1);
	rx_i(2);
	rx_i(3);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

static void take_room(struct user *who)
{
	rt_l2cap_set_room(bench.l2cap, who->chan, 0);
}

START_TEST(the_user_may_tell_its_room_from_rx)
{
	open_default();
	rx_i(1);
	rx_i(2);
	tx_frame("SREJ r0");
	eb.user.on = "rx:";
	eb.user.then = take_room;
	rx_i(0);
	ertm_told("rx:00");
	tx_frame("RNR r1");
	eb.user.on = NULL;
	ertm_room(1000);
	ertm_told("rx:01 rx:02");
	tx_frame("RR r3 P");
}
END_TEST

START_TEST(without_memory_a_frame_is_lost)
{
	open_default();
	bench.fake.allocs_left = 0;
	rx_frame("I0 r0 start : 0200 aa");
	rx_i(1);
	ertm_in("XMIT REJ_SENT");
	bench.fake.allocs_left = SIZE_MAX;
	tx_frame("REJ r0");
	rx_frame("I0 r0 start : 0200 aa");
	rx_frame("I1 r0 end : bb");
	ertm_told("rx:aabb");
	rx_i(3);
	tx_frame("SREJ r2");
	bench.fake.allocs_left = 0;
	rx_i(4);
	rx_i(2);
	ertm_in("XMIT SREJ_SENT");
	bench.fake.allocs_left = SIZE_MAX;
	rx_i(4);
	rx_i(2);
	ertm_told("rx:02 rx:03 rx:04");
}
END_TEST

START_TEST(without_memory_for_an_sdu_we_are_busy)
{
	open_default();
	ertm_room(0);
	tx_frame("RNR r0");
	rx_frame("I0 r0 start : 0200 aa");
	rx_frame("I1 r0 end : bb");
	bench.fake.allocs_left = 0;
	ertm_room(1000);
	ertm_told("");
	tx_no_frame();
	ertm_wait_ms(200);
	tx_no_frame();
	bench.fake.allocs_left = SIZE_MAX;
	ertm_wait_ms(200);
	ertm_told("rx:aabb");
	tx_frame("RR r2 P");
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
	rx_i(16382);
	rx_i(0);
	tx_frame("SREJ r16383");
	rx_i(16383);
	ertm_told("rx:fe rx:ff rx:00");
	rx_i(500);
	tx_frame("REJ r1");
	rx_frame("RR r0 P");
	tx_frame("RR r1 F");
	rx_i(1001);
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
		ERM_BI_02_srej_was_lost_the_poll_is_answered_by_srej,
		a_poll_before_srej_has_left_takes_it_along,
		each_of_several_single_gaps_is_asked_for,
		in_srej_sent_a_wider_gap_waits_until_the_first_is_filled,
		in_srej_sent_rnr_is_acknowledged,
		no_more_gaps_are_asked_for_than_there_is_room_to_note,
		duplicates_are_dropped_and_counted,
		a_frame_repeated_at_once_is_a_duplicate_in_every_window,
		every_tx_seq_is_classified_in_every_window,
		the_window_begins_with_what_was_acknowledged,
		with_the_largest_window_srej_is_used_in_the_first_round_only,
		a_wrong_req_seq_ends_the_channel,
		every_req_seq_is_judged_by_what_is_unacknowledged,
		a_wrong_fcs_is_dropped_and_counted,
		frames_cut_short_anywhere_are_dropped,
		malformed_frames_are_dropped,
		parts_that_make_no_sdu_end_the_channel,
		an_sdu_is_as_long_as_the_mtu_and_no_longer,
		ERM_BV_07_BV_22_without_room_rnr_and_a_poll_when_there_is_room,
		what_comes_without_room_is_kept_and_not_acknowledged,
		room_that_is_back_before_rnr_has_left_is_not_told,
		room_that_is_back_while_a_poll_waits_is_told_behind_it,
		without_room_nothing_is_asked_for,
		no_more_than_the_window_is_kept,
		the_user_may_tell_its_room_from_rx,
		without_memory_a_frame_is_lost,
		without_memory_for_an_sdu_we_are_busy,
		extended_control_fields_work_alike,
	};

	return suite_run("l2cap/ertm_rx", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
