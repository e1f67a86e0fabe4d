/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * How sessions end, who ends them, and what follows.
 */

static struct user a, b;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	bench_setup();
}

/* The session closes as initiators do it, after DISC has been sent. */
static void close_out(void)
{
	tx("03 53 01");
	rx("03 73 01");
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}

/* RFCOMM/DEVA-DEVB/RFC/BV-04-C */
START_TEST(who_closes_the_last_dlc_closes_the_session_at_once)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	close_out();
}
END_TEST

START_TEST(as_responder_we_leave_l2cap_to_the_initiator)
{
	struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	listen_on(&a, &b, 1, 0);
	session_in();
	dlc_in(1, 0);
	told(&a, "incoming");
	told(&b, "opened");
	rt_rfcomm_close(bench.rfcomm, b.dlc);
	tx("09 53 01");
	rx("09 73 01");
	bench_step();
	told_closed(&b, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	tx("01 53 01");
	rx("01 73 01");
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(as_responder_we_close_l2cap_if_nobody_does)
{
	session_in();
	rx("03 53 01");
	tx("03 73 01");
	bench_wait_us(RT_RFCOMM_LINGER_US - 1);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	bench_wait_us(1);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(as_initiator_we_close_l2cap_when_our_ua_has_left)
{
	dlc_out(&a, 1, 0, 0);
	bench.l2cap.hold = true;
	rx("01 53 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(a.why.frame, bench.env->frame);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	tx("01 73 01");
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	fake_complete(&bench.l2cap, bench.chan, true);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_ua_that_never_leaves_does_not_keep_the_session)
{
	dlc_out(&a, 1, 0, 0);
	bench.l2cap.hold = true;
	rx("01 53 01");
	bench_step();
	told(&a, "closed");
	bench_wait_us(RT_RFCOMM_LINGER_US - 1);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	bench_wait_us(1);
	l2cap_closes();
}
END_TEST

/* RFC-13: both sides close the session at once. */
START_TEST(disc_that_crosses_ours_ends_the_session_for_the_initiator)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
	tx("03 53 01");
	rx("01 53 01");
	tx("01 73 01");
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(disc_that_crosses_ours_ends_the_session_for_the_responder)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	session_in();
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US);
	tx("01 53 01");
	rx("03 53 01");
	tx("03 73 01");
	/* The answer to ours may follow, or not. */
	rx("01 73 01");
	rx("03 53 01");
	tx("03 73 01");
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_disc_without_an_answer_ends_by_t1)
{
	session_in();
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US);
	tx("01 53 01");
	bench_wait_us(RT_RFCOMM_T1_US - 1);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	bench_wait_us(1);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(dm_answers_disc_as_well_as_ua)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	tx("03 53 01");
	rx("03 1F 01");
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_peer_that_closed_the_last_dlc_gets_two_seconds_as_responder)
{
	dlc_out(&a, 1, 0, 0);
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US - 1);
	tx_nothing();
	bench_wait_us(1);
	close_out();
}
END_TEST

START_TEST(a_peer_that_closed_the_last_dlc_gets_twenty_seconds_as_initiator)
{
	listen_on(&a, &b, 1, 0);
	session_in();
	dlc_in(1, 0);
	told(&a, "incoming");
	told(&b, "opened");
	rx("0B 53 01");
	tx("0B 73 01");
	bench_step();
	told_closed(&b, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	bench_wait_us(RT_RFCOMM_IDLE_RESPONDER_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("01 53 01");
}
END_TEST

START_TEST(a_session_of_the_peer_may_stay_without_a_dlc_for_a_minute)
{
	session_in();
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("01 53 01");
}
END_TEST

START_TEST(a_dlc_in_time_keeps_an_idle_session)
{
	dlc_out(&a, 1, 0, 0);
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told(&a, "closed");
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US - 1);
	dlc_out(&b, 2, 0, 0);
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US);
	tx_nothing();
}
END_TEST

START_TEST(a_dlc_in_the_same_step_keeps_the_session)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	dlc_out(&b, 2, 0, 0);
	bench_step();
	told(&a, "closed");
	tx_nothing();
}
END_TEST

START_TEST(a_connect_while_the_session_closes_waits_for_the_next_one)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
	tx("03 53 01");

	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	tx_nothing();
	rx("03 73 01");
	l2cap_closes();
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	told(&b, "");
}
END_TEST

START_TEST(a_connect_while_l2cap_closes_waits_for_the_next_one)
{
	const struct rt_reason why = page_timeout();

	dlc_out(&a, 1, 0, 0);
	rx("01 53 01");
	tx("01 73 01");
	bench_step();
	told(&a, "closed");
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	/* However the channel ends: the link it was on is not ours. */
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&b, "");
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(a_dlc_that_waits_for_the_next_session_hears_why_there_is_none)
{
	dlc_out(&a, 1, 0, 0);
	rx("01 53 01");
	tx("01 73 01");
	bench_step();
	told(&a, "closed");
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	bench.l2cap.connect_err = -ENETDOWN;
	l2cap_closes();
	told(&b, "closed");
	ck_assert_int_eq(b.why.err, -ENETDOWN);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(the_next_session_knows_nothing_of_the_last_one)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	/* Without credits, stopped as a whole. */
	rx("01 EF 15 81 11 02 00 07 00 F3 03 00 00");
	rx("01 EF 05 63 01");
	ck_assert_uint_eq(tx_discard(), 2);
	rx("01 53 01");
	bench_step();
	told(&a, "closed");
	tx("01 73 01");
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	l2cap_closes();
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	rx("0B 73 01");
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(&b, "opened");
	ck_assert_uint_eq(tx_discard(), 2);
	write_out(&b, "hi", 2);
	tx("0B EF 05 68 69");
	told(&b, "written:2");
}
END_TEST

/* The peer closes an idle session while we begin to use it. */
START_TEST(a_dlc_whose_pn_crossed_disc_waits_for_the_next_session)
{
	dlc_out(&a, 1, 0, 0);
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told(&a, "closed");
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	rx("01 53 01");
	tx("01 73 01");
	l2cap_closes();
	told(&b, "");
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");

	/* Once: a peer that always does so has refused. */
	rx("01 53 01");
	bench_step();
	told_closed(&b, RT_RFCOMM_PEER_DISC, RT_PHASE_NEGOTIATE);
	tx("01 73 01");
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(dm_on_an_open_session_ends_it)
{
	dlc_out(&a, 1, 0, 0);
	rx("03 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(close_down_is_answered_and_closes_the_session)
{
	dlc_out(&a, 1, 0, 0);
	rx("01 EF 05 C3 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	tx("03 EF 05 C1 01");
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(commands_behind_close_down_are_not_handled)
{
	struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	listen_on(&a, &b, 1, 0);
	session_in();
	/* CLD, PN for the server, TEST. */
	rx("03 EF 1D C3 01 83 11 02 F0 07 00 F3 03 00 07 23 01");
	tx("01 EF 05 C1 01");
	tx_nothing();
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_user_that_closes_early_closes_the_session)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	told(&a, "");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_SESSION);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CLOSING);
	l2cap_closes();

	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_SESSION);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_user_that_closes_and_connects_again_gets_a_new_channel)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_SESSION);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CLOSING);
	l2cap_closes();
	told(&b, "");
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		who_closes_the_last_dlc_closes_the_session_at_once,
		as_responder_we_leave_l2cap_to_the_initiator,
		as_responder_we_close_l2cap_if_nobody_does,
		as_initiator_we_close_l2cap_when_our_ua_has_left,
		a_ua_that_never_leaves_does_not_keep_the_session,
		disc_that_crosses_ours_ends_the_session_for_the_initiator,
		disc_that_crosses_ours_ends_the_session_for_the_responder,
		a_disc_without_an_answer_ends_by_t1,
		dm_answers_disc_as_well_as_ua,
		a_peer_that_closed_the_last_dlc_gets_two_seconds_as_responder,
		a_peer_that_closed_the_last_dlc_gets_twenty_seconds_as_initiator,
		a_session_of_the_peer_may_stay_without_a_dlc_for_a_minute,
		a_dlc_in_time_keeps_an_idle_session,
		a_dlc_in_the_same_step_keeps_the_session,
		a_connect_while_the_session_closes_waits_for_the_next_one,
		a_connect_while_l2cap_closes_waits_for_the_next_one,
		a_dlc_that_waits_for_the_next_session_hears_why_there_is_none,
		the_next_session_knows_nothing_of_the_last_one,
		a_dlc_whose_pn_crossed_disc_waits_for_the_next_session,
		dm_on_an_open_session_ends_it,
		close_down_is_answered_and_closes_the_session,
		commands_behind_close_down_are_not_handled,
		a_user_that_closes_early_closes_the_session,
		a_user_that_closes_and_connects_again_gets_a_new_channel,
	};

	return suite_run("closing", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
