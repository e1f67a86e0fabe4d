/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * What holds somebody up, and for how long: FCOFF and FC in sessions without
 * credits, starvation as the figures show it, the limit of credits; and how
 * long a session is held that nobody uses.
 */

static struct user a, b, listener;
static uint8_t octets[20000];

static void setup(void)
{
	a = (struct user){ .name = "a", .quiet = true };
	b = (struct user){ .name = "b", .quiet = true };
	listener = (struct user){ .name = "listener", .quiet = true };
	memset(octets, 'o', sizeof(octets));
	bench_setup();
}

/* Our DLC to `channel`, 1 or 2, without credits; N1 is 100. */
static void plain_dlc(struct user *user, uint8_t channel, size_t room)
{
	const bool first = channel == 1;

	ck_assert_int_eq(connect_to(user, channel, room), 0);
	if (fake_in_state(&bench.l2cap, FAKE_CONNECTING))
		session_out();
	tx_discard();
	rx(first ? "01 EF 15 81 11 02 00 07 00 64 00 00 00"
		 : "01 EF 15 81 11 04 00 07 00 64 00 00 00");
	rx(first ? "0B 73 01" : "13 73 01");
	rx(first ? "01 EF 09 E1 05 0B 8D" : "01 EF 09 E1 05 13 8D");
	rx(first ? "01 EF 09 E3 05 0B 8D" : "01 EF 09 E3 05 13 8D");
	told(user, "opened");
	tx_discard();
}

/* The peer fills half the room of 400 octets of a DLC. */
static void fill(uint8_t address)
{
	rx_data(address, 0, 100);
	rx_data(address, 0, 100);
	rx_data(address, 0, 1);
}

START_TEST(fcoff_goes_out_when_the_last_dlc_is_full)
{
	plain_dlc(&a, 1, 400);
	plain_dlc(&b, 2, 400);
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	tx_nothing();
	fill(0x11);
	tx("03 EF 09 E3 05 13 8F");
	tx("03 EF 05 63 01");
	rx("01 EF 05 61 01");
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, b.dlc, 400);
	tx("03 EF 09 E3 05 13 8D");
	tx("03 EF 05 A3 01");
	rx("01 EF 05 A1 01");
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 400);
	tx("03 EF 09 E3 05 0B 8D");
	tx_nothing();
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  0);
}
END_TEST

START_TEST(a_dlc_that_goes_may_leave_none_with_room)
{
	plain_dlc(&a, 1, 400);
	plain_dlc(&b, 2, 400);
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	rx("11 53 01");
	tx("11 73 01");
	tx("03 EF 05 63 01");
	bench_step();
	told(&b, "closed");
	/* And one that comes brings room. */
	plain_dlc(&b, 2, 400);
}
END_TEST

START_TEST(a_dlc_that_comes_lifts_fcoff)
{
	plain_dlc(&a, 1, 400);
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	tx("03 EF 05 63 01");
	ck_assert_int_eq(connect_to(&b, 2, 400), 0);
	tx_discard();
	rx("01 EF 15 81 11 04 00 07 00 64 00 00 00");
	tx("13 3F 01");
	rx("13 73 01");
	tx("03 EF 09 E3 05 13 8D");
	tx("03 EF 05 A3 01");
	tx_nothing();
}
END_TEST

START_TEST(a_peer_that_does_not_know_fcoff_is_not_told_again)
{
	plain_dlc(&a, 1, 400);
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	tx("03 EF 05 63 01");
	rx("01 EF 07 11 03 63");
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 400);
	tx("03 EF 09 E3 05 0B 8D");
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	tx_nothing();
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  0);
	rx("01 EF 07 11 03 63");
	rx("01 EF 05 61 01");
	rx("01 EF 05 A1 01");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  3);
}
END_TEST

START_TEST(with_credits_there_is_no_fcoff)
{
	dlc_out(&a, 1, 3000, 7);
	rx_data(0x09, 0, 1000);
	rx_data(0x09, 0, 1000);
	tx_nothing();
	/* One DLC without credits does not stop one that has some. */
	ck_assert_int_eq(connect_to(&b, 2, 400), 0);
	tx_discard();
	rx("01 EF 15 81 11 04 00 07 00 64 00 00 00");
	rx("13 73 01");
	rx("01 EF 09 E1 05 13 8D");
	rx("01 EF 09 E3 05 13 8D");
	told(&b, "opened");
	tx_discard();
	fill(0x11);
	tx("03 EF 09 E3 05 13 8F");
	tx_nothing();
}
END_TEST

START_TEST(without_memory_fcoff_comes_with_the_next_occasion)
{
	plain_dlc(&a, 1, 400);
	fill(0x09);
	bench.fake.allocs_left = 1;
	tx("03 EF 09 E3 05 0B 8F");
	tx_nothing();
	bench.fake.allocs_left = SIZE_MAX;
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 400);
	tx("03 EF 09 E3 05 0B 8D");
	fill(0x09);
	tx("03 EF 09 E3 05 0B 8F");
	tx("03 EF 05 63 01");
}
END_TEST

START_TEST(a_stop_does_not_wait_for_the_answer_to_a_start)
{
	plain_dlc(&a, 1, 400);
	for (int i = 0; i < 300; i++) {
		fill(0x09);
		tx("03 EF 09 E3 05 0B 8F");
		rt_rfcomm_set_room(bench.rfcomm, a.dlc, 400);
		tx_discard();
	}
	rx("01 EF 09 E1 05 0B 8D");
	bench_wait_us(RT_RFCOMM_T2_US);
	ck_assert(info_of(&a).open);
}
END_TEST

START_TEST(starvation_is_counted_by_its_cause)
{
	struct rt_rfcomm_info info;

	dlc_out(&a, 1, 3000, 1);
	write_out(&a, octets, 10000);
	ck_assert_uint_eq(info_of(&a).stalls, 0);
	ck_assert_uint_eq(tx_discard(), 1);
	bench_wait_us(500);
	ck_assert_uint_eq(info_of(&a).stalls, 1);
	/* FCOFF while there are no credits: it is the credits still. */
	rx("01 EF 05 63 01");
	bench_wait_us(30);
	rx("09 FF 01 02");
	/* Now it is FCOFF alone. */
	bench_wait_us(7);
	info = info_of(&a);
	ck_assert_uint_eq(info.stalled_credits_us, 530);
	ck_assert_uint_eq(info.stalled_peer_us, 7);
	ck_assert_uint_eq(info.stalled_us, 537);
	ck_assert_uint_eq(info.stalls, 1);
	rx("01 EF 05 A3 01");
	ck_assert_uint_eq(tx_discard(), 4);
	bench_wait_us(1);
	info = info_of(&a);
	ck_assert_uint_eq(info.stalled_credits_us, 531);
	ck_assert_uint_eq(info.stalls, 2);
	/* With nothing to send nobody starves. */
	rx("09 FF 01 64");
	write_out(&a, octets, 10);
	tx_discard();
	bench_wait_us(1000);
	ck_assert_uint_eq(info_of(&a).stalled_us, 538);
}
END_TEST

START_TEST(no_more_credits_are_granted_than_the_user_wants)
{
	a.credits_max = 2;
	ck_assert_int_eq(connect_to(&a, 1, 100000), 0);
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 02");
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 07");
	rx("0B 73 01");
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	tx_discard();
	tx_nothing();
	rx_data(0x09, 0, 1);
	/* One is half of two, so another one is due. */
	tx("0B FF 01 01");
	ck_assert_uint_eq(info_of(&a).rx_credits, 2);
}
END_TEST

START_TEST(the_limit_holds_whatever_the_user_wants)
{
	listener.credits_max = 1000;
	listen_on(&listener, &a, 1, 10000000);
	session_in();
	dlc_in(1, 7);
	told(&listener, "incoming");
	told(&a, "opened");
	tx("09 FF 01 19");
	ck_assert_uint_eq(info_of(&a).rx_credits,
			  rt_limits_default.rfcomm_credits);
	tx_nothing();
}
END_TEST

START_TEST(a_session_is_held_as_long_as_we_are_told)
{
	rt_rfcomm_set_idle_hold(bench.rfcomm, 5000);
	dlc_out(&a, 1, 10000, 7);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_wait_us(RT_MS(4999));
	told(&a, "closed");
	tx_nothing();
	/* The next DLC finds it, and it is held again after that. */
	dlc_out(&a, 1, 10000, 7);
	bench_wait_us(RT_MS(9000));
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_wait_us(RT_MS(4999));
	tx_nothing();
	bench_wait_us(RT_MS(1));
	tx("03 53 01");
	told(&a, "closed");
}
END_TEST

START_TEST(a_peer_that_closes_gets_the_longer_of_both_times)
{
	static const uint32_t holds_ms[] = { 1, 9000 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(holds_ms); i++) {
		bench_teardown();
		setup();
		rt_rfcomm_set_idle_hold(bench.rfcomm, holds_ms[i]);
		dlc_out(&a, 1, 10000, 7);
		rx("09 53 01");
		tx("09 73 01");
		bench_wait_us(
			(i == 0 ? RT_RFCOMM_IDLE_INITIATOR_US : RT_MS(9000)) -
			1);
		tx_nothing();
		bench_wait_us(1);
		tx("03 53 01");
		told(&a, "closed");
	}
}
END_TEST

START_TEST(another_hold_holds_for_sessions_that_are_held)
{
	rt_rfcomm_set_idle_hold(bench.rfcomm, 5000);
	dlc_out(&a, 1, 10000, 7);
	/* One in use is not touched. */
	rt_rfcomm_set_idle_hold(bench.rfcomm, 4000);
	bench_wait_us(RT_MS(4000));
	tx_nothing();
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_wait_us(RT_MS(3000));
	rt_rfcomm_set_idle_hold(bench.rfcomm, 2000);
	bench_wait_us(RT_MS(1999));
	tx_nothing();
	rt_rfcomm_set_idle_hold(bench.rfcomm, 0);
	bench_step();
	tx("03 53 01");
	told(&a, "closed");
}
END_TEST

START_TEST(where_the_peer_has_to_close_the_hold_changes_nothing)
{
	session_in();
	rt_rfcomm_set_idle_hold(bench.rfcomm, 0);
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("01 53 01");
}
END_TEST

START_TEST(a_shutdown_closes_what_nobody_uses)
{
	session_in();
	rt_rfcomm_shutdown(bench.rfcomm);
	bench_step();
	tx("01 53 01");
	/* The answer to a DISC that crosses is sent before we are idle. */
	rx("03 53 01");
	ck_assert(!rt_rfcomm_is_idle(bench.rfcomm));
	tx("03 73 01");
	bench_wait_us(RT_RFCOMM_LINGER_US);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_shutdown_takes_and_opens_nothing)
{
	const struct rt_reason why = page_timeout();
	rt_handle chan;

	dlc_out(&a, 1, 10000, 7);
	rt_rfcomm_shutdown(bench.rfcomm);
	bench_step();
	/* What is in use is the user's to close. */
	tx_nothing();
	ck_assert_int_eq(connect_to(&b, 2, 0), -ESHUTDOWN);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(2), &chan),
			 -ENOBUFS);
	/* The peer closes the DLC: we don't wait for it to close the session.
	 */
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told(&a, "closed");
	tx("03 53 01");
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_shutdown_refuses_the_session_that_would_follow)
{
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);
	rt_handle parked;

	session_in();
	rx("03 53 01");
	tx("03 73 01");
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &parked),
			 -EAGAIN);
	rt_rfcomm_shutdown(bench.rfcomm);
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert_ptr_null(fake_find(&bench.l2cap, parked));
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_shutdown_waits_for_no_sabm)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
	rt_rfcomm_shutdown(bench.rfcomm);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

/* A DLC of ours or the peer's, with room for four frames of it. */
static void open_either(bool we_initiate)
{
	bench_teardown();
	setup();
	if (we_initiate) {
		dlc_out(&a, 1, 4 * N1, 7);
		return;
	}
	listen_on(&listener, &a, 1, 4 * N1);
	session_in();
	dlc_in(1, 7);
	told(&a, "opened");
	told(&listener, "incoming");
}

/*
 * RFC-11 of the known attacks, below the sockets: nobody reads. Data comes as
 * far as credits were granted at the start, no further credits follow, and what
 * is held is no more than that.
 */
START_TEST(a_dlc_that_nobody_reads_grants_no_more)
{
	for (int role = 0; role < 2; role++) {
		const uint8_t address = role ? 0x09 : 0x0b;
		size_t live_bytes;
		uint32_t held;

		open_either(role);
		tx_discard();
		live_bytes = bench.env->live_bytes;
		held = info_of(&a).rx_credits;
		ck_assert_uint_eq(held, 4);
		/* The user was given it and made no room: it does not read. */
		for (; held > 0; held--) {
			rx_data(address, 1, N1);
			tx_nothing();
			bench_wait_us(RT_SECONDS(100));
			ck_assert_uint_eq(info_of(&a).rx_credits, held - 1);
		}
		ck_assert_uint_eq(bench.env->live_bytes, live_bytes);
		ck_assert_uint_eq(a.received, 4 * N1);
		/* The session is as good as ever. */
		rx(role ? "01 EF 07 23 03 41" : "03 EF 07 23 03 41");
		tx(role ? "03 EF 07 21 03 41" : "01 EF 07 21 03 41");
		tx_nothing();
		rx_data(address, 0, 1);
		bench_step();
		told_closed(&a, RT_RFCOMM_CREDITS, RT_PHASE_TRANSFER);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_dlc_that_nobody_reads_grants_no_more,
		fcoff_goes_out_when_the_last_dlc_is_full,
		a_dlc_that_goes_may_leave_none_with_room,
		a_dlc_that_comes_lifts_fcoff,
		a_peer_that_does_not_know_fcoff_is_not_told_again,
		with_credits_there_is_no_fcoff,
		without_memory_fcoff_comes_with_the_next_occasion,
		a_stop_does_not_wait_for_the_answer_to_a_start,
		starvation_is_counted_by_its_cause,
		no_more_credits_are_granted_than_the_user_wants,
		the_limit_holds_whatever_the_user_wants,
		a_session_is_held_as_long_as_we_are_told,
		a_peer_that_closes_gets_the_longer_of_both_times,
		another_hold_holds_for_sessions_that_are_held,
		where_the_peer_has_to_close_the_hold_changes_nothing,
		a_shutdown_closes_what_nobody_uses,
		a_shutdown_takes_and_opens_nothing,
		a_shutdown_refuses_the_session_that_would_follow,
		a_shutdown_waits_for_no_sabm,
	};

	return suite_run("hold", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
