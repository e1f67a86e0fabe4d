/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/ertm_bench.h"

/* ERTM: a user without room, and we without memory. */

/* L2CAP/ERM/BV-07-C, L2CAP/ERM/BV-22-C */
START_TEST(ERM_BV_07_BV_22_without_room_rnr_and_a_poll_when_there_is_room)
{
	ertm_open_default();
	ertm_room(672);
	ertm_rx_i(0);
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
	ertm_open_default();
	ertm_room(0);
	tx_frame("RNR r0");
	ertm_rx_i(0);
	ertm_rx_i(1);
	ertm_rx_i(2);
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
	ertm_open_default();
	ertm_room(0);
	ertm_room(1000);
	tx_no_frame();
	ertm_in("XMIT RECV");
}
END_TEST

START_TEST(room_that_is_back_while_a_poll_waits_is_told_behind_it)
{
	ertm_open_default();
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
	ertm_open_default();
	ertm_room(0);
	tx_frame("RNR r0");
	ertm_rx_i(1);
	ertm_rx_i(3);
	tx_no_frame();
	ertm_in("XMIT RECV");
	ertm_room(1000);
	tx_frame("RR r0 P");
	rx_frame("RR r0 F");
	ertm_rx_i(1);
	tx_frame("SREJ r0");
	ertm_room(0);
	tx_frame("RNR r0");
	rx_frame("RR r0 P");
	tx_frame("RNR r0 F");
	ertm_rx_i(0);
	ertm_in("XMIT RECV");
	ertm_told("");
	ertm_room(1000);
	ertm_told("rx:00 rx:01");
	tx_frame("RR r2 P");
}
END_TEST

START_TEST(no_more_than_the_window_is_kept)
{
	ertm_open_window(3);
	ertm_room(0);
	tx_frame("RNR r0");
	ertm_rx_i(0);
	ertm_rx_i(1);
	ertm_rx_i(2);
	ertm_rx_i(3);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

static void take_room(struct user *who)
{
	rt_l2cap_set_room(bench.l2cap, who->chan, 0);
}

START_TEST(the_user_may_tell_its_room_from_rx)
{
	ertm_open_default();
	ertm_rx_i(1);
	ertm_rx_i(2);
	tx_frame("SREJ r0");
	eb.user.on = "rx:";
	eb.user.then = take_room;
	ertm_rx_i(0);
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
	ertm_open_default();
	bench.fake.allocs_left = 0;
	rx_frame("I0 r0 start : 0200 aa");
	ertm_rx_i(1);
	ertm_in("XMIT REJ_SENT");
	tx_frame("REJ r0");
	rx_frame("RR r0");
	rx_frame("I0 r0 start : 0200 aa");
	ertm_in("XMIT RECV");
	rx_frame("RR r0");
	ertm_rx_i(2);
	ertm_in("XMIT REJ_SENT");
	bench.fake.allocs_left = SIZE_MAX;
	tx_frame("REJ r0");
	rx_frame("I0 r0 start : 0200 aa");
	rx_frame("I1 r0 end : bb");
	ertm_told("rx:aabb");
	ertm_rx_i(3);
	tx_frame("SREJ r2");
	bench.fake.allocs_left = 0;
	ertm_rx_i(4);
	ertm_rx_i(2);
	ertm_in("XMIT SREJ_SENT");
	bench.fake.allocs_left = SIZE_MAX;
	ertm_rx_i(4);
	ertm_rx_i(2);
	ertm_told("rx:02 rx:03 rx:04");
}
END_TEST

START_TEST(without_memory_for_an_sdu_we_are_busy)
{
	ertm_open_default();
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

int main(void)
{
	const TTest *const tests[] = {
		ERM_BV_07_BV_22_without_room_rnr_and_a_poll_when_there_is_room,
		what_comes_without_room_is_kept_and_not_acknowledged,
		room_that_is_back_before_rnr_has_left_is_not_told,
		room_that_is_back_while_a_poll_waits_is_told_behind_it,
		without_room_nothing_is_asked_for,
		no_more_than_the_window_is_kept,
		the_user_may_tell_its_room_from_rx,
		without_memory_a_frame_is_lost,
		without_memory_for_an_sdu_we_are_busy,
	};

	return suite_run("l2cap/ertm_busy", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
