/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/ertm_tx.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: frames that should not be. */

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

			ertm_anew();
			ertm_open_window(windows[w]);
			for (unsigned int i = 0; i < 10; i++) {
				ertm_rx_i(i);
				(void)tx_discard_one();
			}
			ertm_wait_ms(200);
			(void)tx_discard_one();
			/* An S-frame between, so that it is no repetition. */
			rx_frame("RR r0");
			eb.user.log[0] = '\0';
			ertm_rx_i(seq);
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
		}
	}
}
END_TEST

START_TEST(the_window_begins_with_what_was_acknowledged)
{
	ertm_open_window(8);
	rx_frame("I0 r0 : 00");
	/* Not acknowledged yet: 7 is the last that may come, 8 is not. */
	ertm_rx_i(8);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(a_wrong_req_seq_ends_the_channel)
{
	ertm_open_default();
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

	ertm_anew();
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
		return;
	}
	if (strcmp(kind, "SREJ") != 0) {
		ck_assert_uint_eq(e->tx.expected_ack_seq, req_seq);
		ck_assert_uint_eq(rt_l2cap_ertm_tx_unacked(e), unacked - ahead);
	} else {
		ertm_told("");
	}
	eb.user.log[0] = '\0';
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
	ertm_rx_i(0);
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
			ertm_anew();
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
		}
	}
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
		ertm_anew();
		ertm_open_default();
		for (int k = 0; k < 3 && ways[i][k]; k++)
			rx_frame(ways[i][k]);
		ertm_failed(RT_L2CAP_BAD_PEER);
	}
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

int main(void)
{
	const TTest *const tests[] = {
		every_tx_seq_is_classified_in_every_window,
		the_window_begins_with_what_was_acknowledged,
		a_wrong_req_seq_ends_the_channel,
		every_req_seq_is_judged_by_what_is_unacknowledged,
		a_wrong_fcs_is_dropped_and_counted,
		frames_cut_short_anywhere_are_dropped,
		malformed_frames_are_dropped,
		parts_that_make_no_sdu_end_the_channel,
		an_sdu_is_as_long_as_the_mtu_and_no_longer,
	};

	return suite_run("l2cap/ertm_bad", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
