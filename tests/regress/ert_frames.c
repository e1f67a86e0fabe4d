/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/l2cap/credit.h"
#include "tests/conformance/l2cap/frames.h"
#include "tests/regress/l2cap_tables.h"

/*
 * ERT-01 to ERT-04, ERT-06, ERT-07: frames that are too short, segments that
 * do not fit each other, acknowledgements of what was not sent.
 */

static const enum rt_l2cap_mode modes[] = {
	RT_L2CAP_MODE_ERTM,
	RT_L2CAP_MODE_STREAMING,
};

static void again(void)
{
	lt_teardown();
	lt_setup();
}

static void open_in(enum rt_l2cap_mode mode, bool fcs, bool extended,
		    bool we_initiate)
{
	lt_mode(mode, true);
	lt.params.imtu = 200;
	lt.params.mps = 60;
	lt.params.fcs = fcs ? RT_L2CAP_FCS_16BIT : RT_L2CAP_FCS_NONE;
	lt.fcs_option = fcs;
	if (extended && mode == RT_L2CAP_MODE_ERTM) {
		lt.params.window = 100;
		lt.params.extended_window = true;
		lt.window_option = 100;
	}
	lt_open(we_initiate);
}

/* The link goes on, and the channel is open or was disconnected. */
static void survived(void)
{
	lt_pump();
	if (lt_has(DISC_REQ))
		lt_is_gone();
	lt_forget();
	lt_ping();
}

START_TEST(an_application_that_closes_while_it_is_told_does_no_harm)
{
	for (unsigned int held = 0; held < 8; held++) {
		open_in(RT_L2CAP_MODE_ERTM, true, false, WE_INITIATE);
		app.close_on_rx = true;
		/* So many wait for frame 0, and come up all at once. */
		for (unsigned int i = 1; i <= held; i++)
			lt_i(i, 0, i % 2 ? START : END,
			     i % 2 ? "0200 a1" : "a2");
		lt_i(0, 0, UNSEGMENTED, "a0");
		ck_assert_uint_eq(APP->rx_count, 1);
		lt_is_closed(RT_L2CAP_CLOSED);
		again();
	}
}
END_TEST

START_TEST(an_application_that_closes_at_any_segment_does_no_harm)
{
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (unsigned int at = 0; at <= 3; at++) {
			open_in(modes[m], true, false, WE_INITIATE);
			lt_i(0, 0, START, "0600 a1a2");
			if (at == 1)
				rt_l2cap_close(bench.l2cap, APP->handle);
			lt_i(1, 0, CONTINUATION, "a3a4");
			if (at == 2)
				rt_l2cap_close(bench.l2cap, APP->handle);
			app.close_on_rx = at == 3;
			lt_i(2, 0, END, "a5a6");
			ck_assert_uint_eq(APP->rx_count, at == 0 || at == 3);
			if (at > 0)
				lt_is_closed(RT_L2CAP_CLOSED);
			again();
		}
	}
}
END_TEST

/* Any payload of 0 to 8 octets, its FCS right if there is room for one. */
static void tiny(size_t len, uint8_t first)
{
	uint8_t header[4] = { (uint8_t)len, 0, (uint8_t)lt.iut,
			      (uint8_t)(lt.iut >> 8) };
	uint8_t frame[8] = { first, 0, 0, 0, 0, 0, 0, 0 };
	uint16_t fcs;

	if (lt.fcs && len >= 2) {
		fcs = lt_crc(lt_crc(0, header, 4), frame, len - 2);
		frame[len - 2] = (uint8_t)fcs;
		frame[len - 1] = (uint8_t)(fcs >> 8);
	}
	fake_link_rx(bench.link, lt.iut, frame, len);
	rt_env_reap(bench.env);
}

START_TEST(frames_of_up_to_eight_octets_do_no_harm)
{
	for (int i = 0; i < 8; i++) {
		for (unsigned int first = 0; first <= 0xff; first++) {
			open_in(modes[i % 2], i & 2, i & 4, false);
			for (size_t len = 0; len <= 8; len++)
				tiny(len, (uint8_t)first);
			survived();
			again();
		}
	}
}
END_TEST

static void start_of(size_t sdu, size_t bytes)
{
	lt_i_bytes(0, START, 0, bytes, sdu);
}

START_TEST(an_sdu_length_that_cannot_be_delivers_nothing)
{
	static const size_t sdus[] = { 0,   1,	 2,	 60,	 199,
				       200, 201, 0x7fff, 0xfffe, 0xffff };

	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(sdus); i++) {
			for (size_t bytes = 0; bytes <= 58; bytes += 29) {
				open_in(modes[m], true, false, false);
				start_of(sdus[i], bytes);
				if (sdus[i] > 200)
					ck_assert(modes[m] !=
							  RT_L2CAP_MODE_ERTM ||
						  lt_has(DISC_REQ));
				lt_i_bytes(1, END, bytes, 1, 0);
				if (bytes + 1 != sdus[i])
					ck_assert_uint_eq(APP->rx_count, 0);
				survived();
				again();
			}
		}
	}
}
END_TEST

START_TEST(segments_of_another_sum_deliver_nothing)
{
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (size_t sdu = 1; sdu <= 200; sdu += 13) {
			open_in(modes[m], true, false, false);
			start_of(sdu, 50);
			lt_i_bytes(1, CONTINUATION, 50, 50, 0);
			lt_i_bytes(2, CONTINUATION, 100, 50, 0);
			lt_i_bytes(3, END, 150, 40, 0);
			ck_assert_uint_eq(APP->rx_count, 0);
			survived();
			again();
		}
	}
}
END_TEST

/* Three frames with these SAR bits; SDUs are counted as they may come. */
static size_t expected_sdus(const unsigned int sar[3])
{
	bool inside = false;
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		switch (sar[i]) {
		case UNSEGMENTED:
			n += !inside;
			inside = false;
			break;
		case START:
			inside = !inside;
			break;
		case CONTINUATION:
			break;
		default:
			n += inside;
			inside = false;
			break;
		}
	}
	return n;
}

START_TEST(every_order_of_segments_delivers_whole_sdus_only)
{
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (unsigned int i = 0; i < 64; i++) {
			const unsigned int sar[] = { i & 3, i >> 2 & 3,
						     i >> 4 };

			open_in(modes[m], true, false, false);
			for (unsigned int k = 0; k < 3; k++)
				lt_i(k, 0, sar[k],
				     sar[k] == START ? "0200 a1" : "a2");
			ck_assert_uint_le(APP->rx_count, 3);
			if (!lt_has(DISC_REQ) && sar[0] != CONTINUATION &&
			    sar[0] != END && sar[1] == UNSEGMENTED &&
			    sar[2] == UNSEGMENTED)
				ck_assert_uint_ge(APP->rx_count,
						  expected_sdus(sar));
			for (size_t k = 0; k < APP->rx_count; k++)
				ck_assert_uint_le(APP->rx_len[k], 2);
			survived();
			again();
		}
	}
}
END_TEST

START_TEST(segments_that_sum_up_past_the_sdu_are_not_kept)
{
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		open_in(modes[m], true, false, false);
		start_of(200, 58);
		for (unsigned int i = 1; i < 60; i++)
			lt_i_bytes(i, CONTINUATION, 0, 60, 0);
		ck_assert_uint_eq(APP->rx_count, 0);
		survived();
		again();
	}
}
END_TEST

START_TEST(k_frames_that_sum_up_past_the_sdu_end_the_channel)
{
	for (int sdu = 63; sdu < 200; sdu += 9) {
		lt_teardown();
		credit_setup();
		credit_open(false, 1);
		credit_k(0, sdu, 0, 62);
		for (int i = 0; i < 4 && !lt_has(DISC_REQ); i++)
			credit_k(0, -1, 0, 64);
		if (APP->rx_count == 0)
			credit_is_disconnected(0);
	}
}
END_TEST

/* Three frames of ours are out, one of them acknowledged: 1 and 2 wait. */
static void three_out(bool extended)
{
	open_in(RT_L2CAP_MODE_ERTM, true, extended, false);
	for (unsigned int i = 0; i < 3; i++) {
		app_send("00");
		expect_i(i, 0, UNSEGMENTED, "00");
	}
	lt_s(RR, 1, 0);
	lt_nothing();
}

/* ReqSeq `req` in a frame of this kind. */
static void acknowledge(unsigned int kind, unsigned int req)
{
	if (kind == 4)
		lt_i(0, req, UNSEGMENTED, "a1");
	else
		lt_s((enum lt_function)kind, req, 0);
	lt_pump();
}

START_TEST(an_acknowledgement_outside_the_window_ends_the_channel)
{
	static const unsigned int far[] = { 0, 4, 64, 1000, 8191, 16383 };

	for (unsigned int kind = 0; kind <= 4; kind++) {
		for (unsigned int req = 0; req < 64; req++) {
			three_out(false);
			acknowledge(kind, req);
			if (req >= 1 && req <= 2)
				ck_assert(!lt_has(DISC_REQ));
			else if (req == 3 && kind != REJ && kind != SREJ)
				ck_assert_uint_eq(APP->written, 3);
			else
				lt_is_closed(RT_L2CAP_BAD_PEER);
			again();
		}
		for (size_t i = 0; i < RT_ARRAY_SIZE(far); i++) {
			three_out(true);
			acknowledge(kind, far[i]);
			lt_is_closed(RT_L2CAP_BAD_PEER);
			again();
		}
	}
}
END_TEST

START_TEST(a_frame_outside_the_window_is_not_delivered)
{
	for (unsigned int tx = 0; tx < 64; tx++) {
		lt.params.window = 8;
		open_in(RT_L2CAP_MODE_ERTM, true, false, false);
		lt_i(tx, 0, UNSEGMENTED, "a1");
		ck_assert_uint_eq(APP->rx_count, tx == 0);
		survived();
		again();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("ERT-01", "IA",
	       an_application_that_closes_while_it_is_told_does_no_harm),
	TAGGED("ERT-01", "IA",
	       an_application_that_closes_at_any_segment_does_no_harm),
	TAGGED("ERT-02", "A", frames_of_up_to_eight_octets_do_no_harm),
	TAGGED("ERT-03", "A", an_sdu_length_that_cannot_be_delivers_nothing),
	TAGGED("ERT-03", "A", segments_of_another_sum_deliver_nothing),
	TAGGED("ERT-04", "A", every_order_of_segments_delivers_whole_sdus_only),
	TAGGED("ERT-06", "A", segments_that_sum_up_past_the_sdu_are_not_kept),
	TAGGED("ERT-06", "A",
	       k_frames_that_sum_up_past_the_sdu_end_the_channel),
	TAGGED("ERT-07", "A",
	       an_acknowledgement_outside_the_window_ends_the_channel),
	TAGGED("ERT-07", "A", a_frame_outside_the_window_is_not_delivered),
};

const struct tagged_table ert_frames_table = L2CAP_TABLE(rows);
