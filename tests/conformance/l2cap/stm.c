/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/* Streaming Mode (A:8.7): L2CAP/STM. */

static void open_streaming(bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_STREAMING, true);
	lt_open(we_initiate);
}

START_TEST(frames_are_sent_once_and_nobody_acknowledges)
{
	open_streaming(true);
	app_send("0102");
	app_send("0304");
	app_send("0506");
	expect_i(0, 0, UNSEGMENTED, "0102");
	expect_i(1, 0, UNSEGMENTED, "0304");
	expect_i(2, 0, UNSEGMENTED, "0506");
	lt_quiet(120000);
	ck_assert_uint_eq(APP->written, 3);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(a_segmented_sdu_is_received)
{
	lt.params.mps = 48;
	open_streaming(false);
	lt_i_bytes(0, START, 0, 46, 130);
	lt_i_bytes(1, CONTINUATION, 46, 48, 0);
	ck_assert_uint_eq(APP->rx_count, 0);
	lt_i_bytes(2, END, 94, 36, 0);
	app_received_bytes(1, 130);
	lt_quiet(60000);
}
END_TEST

START_TEST(an_sdu_of_which_a_segment_is_lost_is_dropped_and_the_next_is_not)
{
	lt.params.mps = 48;
	open_streaming(false);
	lt_i_bytes(0, START, 0, 46, 130);
	lt_i_bytes(2, END, 94, 36, 0);
	ck_assert_uint_eq(APP->rx_count, 0);
	lt_i_bytes(3, UNSEGMENTED, 0, 20, 0);
	app_received_bytes(1, 20);
	lt_quiet(60000);
}
END_TEST

/* Three segments of an SDU of 148 octets. */
static void takes_three(unsigned int tx)
{
	static const unsigned int sar[] = { START, CONTINUATION, END };
	size_t sum = 0;
	struct lt_frame f;

	for (unsigned int i = 0; i < 3; i++) {
		f = expect_i_any(tx + i, 0, sar[i]);
		for (size_t k = sar[i] == START ? 2 : 0; k < f.len; k++)
			ck_assert_uint_eq(f.text[k], lt_octet(sum++));
		if (sar[i] == START)
			ck_assert_uint_eq(f.text[0] | f.text[1] << 8, 148);
	}
	ck_assert_uint_eq(sum, 148);
}

START_TEST(long_sdus_are_segmented)
{
	lt.mps = 50;
	open_streaming(true);
	app_send_bytes(148);
	app_send_bytes(148);
	takes_three(0);
	takes_three(3);
	lt_quiet(60000);
	ck_assert_uint_eq(APP->written, 2);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/STM/BV-01-C", "I",
	       frames_are_sent_once_and_nobody_acknowledges),
	TAGGED("L2CAP/STM/BV-02-C", "A", a_segmented_sdu_is_received),
	TAGGED("L2CAP/STM/BV-02-C", "A",
	       an_sdu_of_which_a_segment_is_lost_is_dropped_and_the_next_is_not),
	TAGGED("L2CAP/STM/BV-03-C", "I", long_sdus_are_segmented),
};

const struct tagged_table stm_table = LT_TABLE(rows);
