/* SPDX-License-Identifier: MIT */
#include "l2cap/timers.h"
#include "tests/unit/l2cap/ertm_bench.h"

/*
 * SEC-19: ERTM and Streaming channels that the security gate suspends. Every
 * word looks whether timers are where they belong: a suspended one has none.
 */

static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ctx;
	(void)request;
	(void)ret_why;
	return verdict;
}

static void open_as(struct rt_l2cap_agreed agreed)
{
	static const struct rt_l2cap_gate gate = { .check = check_gate };

	ertm_open(agreed);
	eb.chan->params.security.level = 2;
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
}

static void open_default(void)
{
	open_as(ertm_agreed());
}

static void open_streaming(void)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.mode = RT_L2CAP_MODE_STREAMING;
	open_as(agreed);
}

static void suspend(void)
{
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
}

static void resume(void)
{
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
}

/* Nothing leaves for as long as a suspension may last. */
static void nothing_leaves(void)
{
	for (int i = 0; i < 49; i++) {
		tx_no_frame();
		ertm_wait_ms(100);
	}
	tx_no_frame();
}

START_TEST(an_idle_channel_goes_on_with_a_poll)
{
	open_default();
	suspend();
	nothing_leaves();
	resume();
	ertm_in("WAIT_F RECV");
	tx_frame("RR r0 P");
	tx_no_frame();
	rx_frame("RR r0 F");
	ertm_in("XMIT RECV");
	ertm_wait_ms(100000);
	tx_no_frame();
}
END_TEST

START_TEST(what_was_not_acknowledged_is_sent_again_if_the_peer_lacks_it)
{
	open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	ertm_wait_ms(1999);
	suspend();
	nothing_leaves();
	/* An acknowledgement nobody can vouch for. */
	rx_frame("RR r2");
	ertm_told("");
	ertm_in("XMIT RECV");
	resume();
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_told("written:1");
	tx_frame("I1 r0 : 02");
	rx_frame("RR r2");
	ertm_told("written:1");
	ck_assert_uint_eq(ertm_info().retransmitted, 1);
}
END_TEST

START_TEST(a_poll_that_was_out_is_sent_again_and_not_counted_twice)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.max_transmit = 2;
	open_as(agreed);
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	ertm_wait_ms(11999);
	suspend();
	ertm_in("WAIT_F RECV");
	nothing_leaves();
	resume();
	tx_frame("RR r0 P");
	ertm_wait_ms(12000);
	/* The second: the one sent anew is still the first. */
	tx_frame("RR r0 P");
	ertm_wait_ms(11999);
	tx_no_frame();
	ertm_wait_ms(1);
	ertm_failed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

START_TEST(a_poll_that_was_owed_leaves_later)
{
	open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	suspend();
	nothing_leaves();
	resume();
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_told("written:1");
	tx_no_frame();
}
END_TEST

/* The acknowledgement may be among what was dropped. */
START_TEST(what_was_to_be_sent_again_waits_for_the_answer_to_the_poll)
{
	open_default();
	ertm_write("01");
	ertm_write("02");
	tx_frame("I0 r0 : 01");
	tx_frame("I1 r0 : 02");
	rx_frame("REJ r0");
	suspend();
	rx_frame("RR r1");
	nothing_leaves();
	resume();
	tx_frame("RR r0 P");
	tx_no_frame();
	rx_frame("RR r1 F");
	ertm_told("written:1");
	tx_frame("I1 r0 : 02");
	tx_no_frame();
	rx_frame("RR r2");
	ertm_told("written:1");
}
END_TEST

START_TEST(so_does_what_was_asked_for_while_a_poll_was_out)
{
	open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	ertm_wait_ms(2000);
	tx_frame("RR r0 P");
	rx_frame("REJ r0");
	suspend();
	nothing_leaves();
	resume();
	tx_frame("RR r0 P");
	tx_no_frame();
	rx_frame("RR r0 F");
	tx_frame("I0 r0 : 01");
	tx_no_frame();
	rx_frame("RR r1");
	ertm_told("written:1");
}
END_TEST

START_TEST(an_acknowledgement_that_was_due_rides_on_the_poll)
{
	open_default();
	rx_frame("I0 r0 : 01");
	ertm_told("rx:01");
	suspend();
	nothing_leaves();
	resume();
	tx_frame("RR r1 P");
	rx_frame("RR r0 F");
	ertm_wait_ms(1000);
	tx_no_frame();
}
END_TEST

START_TEST(a_request_of_the_peer_is_not_heard)
{
	open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	suspend();
	rx_frame("RR r0 P");
	rx_frame("REJ r0");
	rx_frame("I0 r0 : 0a");
	rx_frame("I9 r9 : 0b");
	ertm_told("");
	nothing_leaves();
	ck_assert_uint_eq(ertm_info().rx_frames, 0);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->rx_suspended, 4);
	resume();
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	ertm_told("written:1");
	/* It has not been acknowledged: it comes again, and is new. */
	rx_frame("I0 r1 : 0a");
	ertm_told("rx:0a");
}
END_TEST

START_TEST(what_is_owed_to_the_peer_waits)
{
	open_default();
	rx_frame("RR r0 P");
	rx_frame("I2 r0 : 02");
	suspend();
	nothing_leaves();
	resume();
	tx_frame("REJ r0 F");
	tx_frame("RR r0 P");
	tx_no_frame();
}
END_TEST

START_TEST(room_that_comes_and_goes_meanwhile_is_told_later)
{
	open_default();
	suspend();
	ertm_room(10);
	nothing_leaves();
	ertm_room(1000);
	bench_step();
	tx_no_frame();
	ertm_room(10);
	bench_step();
	tx_no_frame();
	resume();
	tx_frame("RNR r0");
	tx_frame("RNR r0 P");
	rx_frame("RR r0 F");
	tx_no_frame();
}
END_TEST

START_TEST(what_is_kept_for_want_of_room_may_go_to_the_user)
{
	open_default();
	ertm_room(48);
	rx_frame("I0 r0 : 01");
	ertm_told("");
	suspend();
	ertm_room(1000);
	bench_step();
	ertm_told("rx:01");
	nothing_leaves();
	resume();
	ck_assert(tx_discard() > 0);
}
END_TEST

START_TEST(an_sdu_in_pieces_goes_on_where_it_was)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.tx_mps = 2;
	open_as(agreed);
	ertm_write("01020304");
	tx_frame("I0 r0 start : 0400 0102");
	suspend();
	nothing_leaves();
	resume();
	tx_frame("RR r0 P");
	rx_frame("RR r1 F");
	tx_frame("I1 r0 end : 0304");
	rx_frame("RR r2");
	ertm_told("written:4");
}
END_TEST

START_TEST(after_5_s_it_ends_and_its_sdus_are_lost)
{
	open_default();
	ertm_write("01");
	tx_frame("I0 r0 : 01");
	suspend();
	ertm_wait_ms(RT_L2CAP_SUSPEND_MS - 1);
	tx_no_frame();
	ertm_told("");
	bench_wait_ms(1);
	ck_assert_uint_eq(tx_discard(), 1);
	bench_wait_ms(60000);
	tx_discard();
	ertm_told("lost:1 closed");
	ck_assert_uint_eq(eb.user.why.code, RT_L2CAP_GATE_TIMEOUT);
}
END_TEST

START_TEST(streaming_loses_what_comes_and_keeps_what_goes)
{
	open_streaming();
	rx_frame("I0 r0 start : 0400 0102");
	ertm_write("01");
	suspend();
	rx_frame("I1 r0 end : 0304");
	rx_frame("I2 r0 : 05");
	nothing_leaves();
	ertm_told("");
	resume();
	tx_frame("I0 r0 : 01");
	ertm_told("written:1");
	rx_frame("I3 r0 : 06");
	ertm_told("rx:06");
	ck_assert_uint_eq(ertm_info().rx_lost, 2);
	tx_no_frame();
}
END_TEST

START_TEST(without_memory_either_mode_waits_for_it_in_peace)
{
	for (int streaming = 0; streaming < 2; streaming++) {
		if (streaming)
			open_streaming();
		else
			open_default();
		ertm_write("01");
		bench.fake.allocs_left = 0;
		tx_no_frame();
		bench.fake.allocs_left = SIZE_MAX;
		suspend();
		nothing_leaves();
		resume();
		if (!streaming)
			tx_frame("RR r0 P");
		if (!streaming)
			rx_frame("RR r0 F");
		tx_frame("I0 r0 : 01");
		ertm_anew();
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_idle_channel_goes_on_with_a_poll,
		what_was_not_acknowledged_is_sent_again_if_the_peer_lacks_it,
		a_poll_that_was_out_is_sent_again_and_not_counted_twice,
		a_poll_that_was_owed_leaves_later,
		what_was_to_be_sent_again_waits_for_the_answer_to_the_poll,
		so_does_what_was_asked_for_while_a_poll_was_out,
		an_acknowledgement_that_was_due_rides_on_the_poll,
		a_request_of_the_peer_is_not_heard,
		what_is_owed_to_the_peer_waits,
		room_that_comes_and_goes_meanwhile_is_told_later,
		what_is_kept_for_want_of_room_may_go_to_the_user,
		an_sdu_in_pieces_goes_on_where_it_was,
		after_5_s_it_ends_and_its_sdus_are_lost,
		streaming_loses_what_comes_and_keeps_what_goes,
		without_memory_either_mode_waits_for_it_in_peace,
	};

	return suite_run("suspend_ertm", tests, RT_ARRAY_SIZE(tests),
			 ertm_setup, ertm_teardown);
}
