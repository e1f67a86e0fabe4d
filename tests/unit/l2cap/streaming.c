/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* Streaming mode. */

static struct rt_l2cap_agreed agreed_streaming(void)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.mode = RT_L2CAP_MODE_STREAMING;
	agreed.tx_mps = 2;
	agreed.rx_mps = 2;
	return agreed;
}

static void open_default(void)
{
	ertm_open(agreed_streaming());
}

/* L2CAP/STM/BV-01-C */
START_TEST(STM_BV_01_frames_are_sent_once_and_nothing_is_waited_for)
{
	open_default();
	ertm_write("01");
	ertm_write("0203");
	ertm_write("");
	tx_frame("I0 r0 : 01");
	ertm_told("written:1");
	tx_frame("I1 r0 : 0203");
	tx_frame("I2 r0");
	ertm_told("written:2 written:0");
	tx_no_frame();
	ertm_wait_ms(100000);
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().tx_frames, 3);
}
END_TEST

/* L2CAP/STM/BV-02-C */
START_TEST(STM_BV_02_segments_make_up_an_sdu)
{
	open_default();
	rx_frame("I0 r0 start : 0500 0102");
	rx_frame("I1 r0 cont : 0304");
	rx_frame("I2 r0 end : 05");
	ertm_told("rx:0102030405");
	rx_frame("I3 r0 : 06");
	ertm_told("rx:06");
	ertm_wait_ms(1000);
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().rx_frames, 4);
	ck_assert_uint_eq(ertm_info().rx_lost, 0);
}
END_TEST

/* L2CAP/STM/BV-03-C */
START_TEST(STM_BV_03_an_sdu_longer_than_the_mps_is_cut)
{
	open_default();
	ertm_write("010203040506");
	ertm_write("070809");
	tx_frame("I0 r0 start : 0600 0102");
	tx_frame("I1 r0 cont : 0304");
	ertm_told("");
	tx_frame("I2 r0 end : 0506");
	ertm_told("written:6");
	tx_frame("I3 r0 start : 0300 0708");
	tx_frame("I4 r0 end : 09");
	ertm_told("written:3");
}
END_TEST

/* L2CAP/STM/BV-11-C to 13 */
START_TEST(STM_BV_11_extended_control_fields_and_fcs)
{
	struct rt_l2cap_agreed agreed = agreed_streaming();

	agreed.extended = true;
	agreed.fcs = true;
	ertm_open(agreed);
	ertm_write("010203");
	tx_frame("I0 r0 start : 0300 0102");
	tx_frame("I1 r0 end : 03");
	rx_frame("I0 r0 start : 0300 0102");
	rx_frame("I1 r0 end : 03");
	ertm_told("written:3 rx:010203");
}
END_TEST

START_TEST(an_sdu_that_lacks_a_part_is_dropped_whole)
{
	static const char *const parts[] = {
		"I0 r0 start : 0500 0102",
		"I1 r0 cont : 0304",
		"I2 r0 end : 05",
	};

	for (int lost = 0; lost < 3; lost++) {
		ertm_anew();
		open_default();
		for (int i = 0; i < 3; i++) {
			if (i != lost)
				rx_frame(parts[i]);
		}
		rx_frame("I3 r0 : 06");
		ertm_told("rx:06");
		ck_assert_uint_eq(ertm_info().rx_lost, 1);
	}
}
END_TEST

START_TEST(tx_seq_runs_round)
{
	char text[20];

	open_default();
	for (int i = 0; i < 130; i++) {
		ertm_write("01");
		snprintf(text, sizeof(text), "I%d r0 : 01", i % 64);
		tx_frame(text);
		rx_frame(text);
		ertm_told("written:1 rx:01");
	}
	rx_frame("I0 r0 : 02");
	ertm_told("rx:02");
	ck_assert_uint_eq(ertm_info().rx_lost, 62);
}
END_TEST

START_TEST(parts_that_make_no_sdu_are_lost_and_the_channel_goes_on)
{
	open_default();
	rx_frame("I0 r0 end : 01");
	rx_frame("I1 r0 start : 00");
	rx_frame("I2 r0 start : 0300 0102");
	rx_frame("I3 r0 end : 0304");
	rx_frame("I4 r0 end : 03");
	rx_frame("I5 r0 start : a102 01");
	rx_frame("I6 r0 : 01");
	ertm_told("rx:01");
	ck_assert_uint_eq(ertm_info().rx_lost, 4);
}
END_TEST

START_TEST(wrong_malformed_and_supervisory_frames_are_dropped)
{
	struct rt_l2cap_agreed agreed = agreed_streaming();

	agreed.fcs = true;
	ertm_open(agreed);
	rx_bad_fcs("I0 r0 : 01");
	rx_frame("I0 r0 : 010203");
	rx_frame("RR r0 P");
	rx_frame("RR r9 : 01");
	rx_frame("I0 r55 F : 01");
	ertm_told("rx:01");
	tx_no_frame();
	ck_assert_uint_eq(ertm_info().rx_bad_fcs, 1);
}
END_TEST

START_TEST(the_room_of_the_user_is_of_no_account)
{
	open_default();
	ertm_room(0);
	rx_frame("I0 r0 : 01");
	ertm_told("rx:01");
	tx_no_frame();
}
END_TEST

START_TEST(what_has_not_left_is_lost_when_the_channel_ends)
{
	bench.hold = HOLD_ALL;
	open_default();
	ertm_write("01");
	ertm_write("020304");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 start : 0300 0203");
	ertm_told("");
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	ertm_told("lost:1 lost:3 closed");
}
END_TEST

static void close_it(struct user *who)
{
	rt_l2cap_close(bench.l2cap, who->chan);
}

static void abandon_it(struct user *who)
{
	rt_l2cap_abandon(bench.l2cap, who->chan);
}

static void end_in(const char *on, void (*then)(struct user *who))
{
	open_default();
	eb.user.on = on;
	eb.user.then = then;
	if (strcmp(on, "pull") == 0)
		ertm_write("010203");
	rx_frame("I0 r0 start : 0300 0102");
	rx_frame("I1 r0 end : 03");
	tx("06 04 0400 4100 4000");
	tx_nothing();
	rx("07 04 0400 4100 4000");
	bench_step();
	ck_assert(bench.l2cap->chans.used == 0);
}

START_TEST(the_user_may_close_it_in_pull)
{
	end_in("pull", close_it);
	ertm_told("rx:010203 lost:3 closed");
}
END_TEST

START_TEST(the_user_may_abandon_it_in_pull)
{
	end_in("pull", abandon_it);
	ertm_told("rx:010203");
}
END_TEST

START_TEST(the_user_may_close_it_in_rx)
{
	end_in("rx:", close_it);
	ertm_told("rx:010203 closed");
}
END_TEST

START_TEST(without_memory_sending_goes_on_later)
{
	for (size_t n = 0; n < 2; n++) {
		ertm_anew();
		open_default();
		ertm_write("01");
		bench.fake.allocs_left = n;
		tx_no_frame();
		bench.fake.allocs_left = SIZE_MAX;
		tx_no_frame();
		ertm_wait_ms(200);
		tx_frame("I0 r0 : 01");
		ertm_told("written:1");
	}
}
END_TEST

START_TEST(without_memory_an_sdu_is_lost)
{
	open_default();
	bench.fake.allocs_left = 0;
	rx_frame("I0 r0 start : 0300 0102");
	bench.fake.allocs_left = SIZE_MAX;
	rx_frame("I1 r0 end : 03");
	rx_frame("I2 r0 : 04");
	ertm_told("rx:04");
	ck_assert_uint_eq(ertm_info().rx_lost, 1);
}
END_TEST

START_TEST(configured_anew_it_goes_on_where_it_stands)
{
	open_default();
	ertm_write("010203");
	tx_frame("I0 r0 start : 0300 0102");
	ertm_reopen(agreed_streaming());
	tx_frame("I1 r0 end : 03");
	ertm_told("written:3");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		STM_BV_01_frames_are_sent_once_and_nothing_is_waited_for,
		STM_BV_02_segments_make_up_an_sdu,
		STM_BV_03_an_sdu_longer_than_the_mps_is_cut,
		STM_BV_11_extended_control_fields_and_fcs,
		an_sdu_that_lacks_a_part_is_dropped_whole,
		tx_seq_runs_round,
		parts_that_make_no_sdu_are_lost_and_the_channel_goes_on,
		wrong_malformed_and_supervisory_frames_are_dropped,
		the_room_of_the_user_is_of_no_account,
		what_has_not_left_is_lost_when_the_channel_ends,
		the_user_may_close_it_in_pull,
		the_user_may_abandon_it_in_pull,
		the_user_may_close_it_in_rx,
		without_memory_sending_goes_on_later,
		without_memory_an_sdu_is_lost,
		configured_anew_it_goes_on_where_it_stands,
	};

	return suite_run("l2cap/streaming", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
