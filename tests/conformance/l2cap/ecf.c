/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/* The control field of four octets (A:3.3.2): L2CAP/ECF. */

static void open_extended(bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt.params.window = 100;
	lt.params.extended_window = true;
	lt.window_option = 100;
	lt_open(we_initiate);
	ck_assert(lt.extended);
	ck_assert(lt_info().extended);
}

static void send_three(void)
{
	app_send("00");
	app_send("01");
	app_send("02");
	expect_i(0, 0, UNSEGMENTED, "00");
	expect_i(1, 0, UNSEGMENTED, "01");
	expect_i(2, 0, UNSEGMENTED, "02");
	lt_nothing();
}

START_TEST(i_frames_are_received)
{
	open_extended(WE_INITIATE);
	for (unsigned int i = 0; i < 70; i++) {
		lt_i(i, 0, UNSEGMENTED, "a1");
		app_received(i + 1, "a1");
		lt_forget();
	}
	lt_s(RR, 0, P);
	expect_s(RR, 70, F);
}
END_TEST

START_TEST(i_frames_are_sent)
{
	open_extended(WE_INITIATE);
	for (unsigned int i = 0; i < 70; i++) {
		app_send("0b");
		expect_i(i, 0, UNSEGMENTED, "0b");
	}
	lt_s(RR, 70, 0);
	lt_quiet(30000);
	ck_assert_uint_eq(APP->written, 70);
}
END_TEST

START_TEST(frames_are_acknowledged)
{
	open_extended(WE_INITIATE);
	lt_i(0, 0, UNSEGMENTED, "a1");
	expect_ack(1, 1900);
	lt_quiet(30000);
}
END_TEST

START_TEST(an_unacknowledged_frame_is_asked_for)
{
	open_extended(WE_INITIATE);
	app_send("00");
	expect_i(0, 0, UNSEGMENTED, "00");
	lt_quiet(1800);
	lt_wait(400);
	expect_s(RR, 0, P);
	lt_s(RR, 1, F);
	lt_quiet(60000);
}
END_TEST

START_TEST(rej_brings_all_frames_from_there_on)
{
	open_extended(WE_INITIATE);
	send_three();
	lt_s(REJ, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	expect_i(2, 0, UNSEGMENTED, "02");
	lt_s(RR, 3, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(srej_with_p_brings_one_frame)
{
	open_extended(WE_INITIATE);
	send_three();
	lt_s(SREJ, 1, P);
	expect_i(1, 0, UNSEGMENTED | F, "01");
	lt_nothing();
	lt_s(RR, 3, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(srej_without_p_brings_one_frame)
{
	open_extended(WE_INITIATE);
	send_three();
	lt_s(SREJ, 1, 0);
	expect_i(1, 0, UNSEGMENTED, "01");
	lt_nothing();
	lt_s(RR, 3, 0);
	lt_quiet(30000);
}
END_TEST

START_TEST(long_sdus_are_segmented)
{
	struct lt_frame f;
	size_t sum = 0;

	lt.mps = 50;
	open_extended(WE_INITIATE);
	app_send_bytes(148);
	f = expect_i_any(0, 0, START);
	ck_assert_uint_eq(f.text[0] | f.text[1] << 8, 148);
	sum += f.len - 2;
	sum += expect_i_any(1, 0, CONTINUATION).len;
	sum += expect_i_any(2, 0, END).len;
	ck_assert_uint_eq(sum, 148);
	lt_s(RR, 3, 0);
	lt_quiet(30000);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/ECF/BV-01-C", "IA", i_frames_are_received),
	TAGGED("L2CAP/ECF/BV-02-C", "IA", i_frames_are_sent),
	TAGGED("L2CAP/ECF/BV-03-C", "IA", frames_are_acknowledged),
	TAGGED("L2CAP/ECF/BV-04-C", "IA", an_unacknowledged_frame_is_asked_for),
	TAGGED("L2CAP/ECF/BV-05-C", "IA", rej_brings_all_frames_from_there_on),
	TAGGED("L2CAP/ECF/BV-06-C", "IA", srej_with_p_brings_one_frame),
	TAGGED("L2CAP/ECF/BV-07-C", "IA", srej_without_p_brings_one_frame),
	TAGGED("L2CAP/ECF/BV-08-C", "IA", long_sdus_are_segmented),
};

const struct tagged_table ecf_table = LT_TABLE(rows);
