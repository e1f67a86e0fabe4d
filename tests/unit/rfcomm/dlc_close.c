/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/stages.h"

/*
 * A DLC of ours to DLCI 2 that its user closes or abandons, or that is lost.
 */

static struct user a, b;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	bench_setup();
}

START_TEST(disc_without_an_answer_ends_by_t1)
{
	to_disc_sent(&a);
	bench_wait_us(RT_RFCOMM_T1_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T1, RT_PHASE_DISCONNECT);
	tx("03 53 01");
}
END_TEST

START_TEST(close_while_pn_is_out_takes_it_back)
{
	to_pn_sent(&a);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx_nothing();
	rx("0B 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	tx("03 53 01");
}
END_TEST

START_TEST(close_while_sabm_is_out_takes_it_back)
{
	to_sabm_sent(&a);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	rx("0B 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	tx("03 53 01");
}
END_TEST

START_TEST(close_twice_is_close_once)
{
	to_disc_sent(&a);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx_nothing();
	rx("0B 73 01");
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(closed_never_comes_from_inside_a_call)
{
	to_open(&a);
	rx("09 53 01");
	told(&a, "");
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	told(&a, "");
	bench_step();
	told(&a, "closed");
}
END_TEST

START_TEST(a_stale_handle_finds_nothing)
{
	struct rt_rfcomm_info info;
	rt_handle stale;

	to_disc_sent(&a);
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
	stale = a.dlc;
	tx_discard();
	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, stale, &info),
			 -ENOENT);
	rt_rfcomm_close(bench.rfcomm, stale);
	rt_rfcomm_abandon(bench.rfcomm, stale);
	rt_rfcomm_ready(bench.rfcomm, stale);
	rt_rfcomm_set_room(bench.rfcomm, stale, 1);
	rt_rfcomm_set_user(bench.rfcomm, stale, &user_ops, &b);
	tx_nothing();
}
END_TEST

START_TEST(a_connect_waits_for_the_dlc_that_closes)
{
	to_disc_sent(&a);
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	tx_nothing();
	rx("0B 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	told(&b, "");
}
END_TEST

START_TEST(an_abandoned_dlc_closes_in_silence)
{
	for (size_t state = 0; state <= DISC_SENT; state++) {
		bench_teardown();
		setup();
		stages[state](&a);
		rt_rfcomm_abandon(bench.rfcomm, a.dlc);
		if (state != DISC_SENT)
			tx("0B 53 01");
		rx("09 EF 03 41");
		rx("0B 73 01");
		bench_step();
		tx("03 53 01");
		told(&a, "");
	}
}
END_TEST

START_TEST(a_user_may_be_abandoned_while_it_is_to_be_told)
{
	to_open(&a);
	rx("09 53 01");
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
	bench_step();
	told(&a, "");
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(closed_waits_for_what_was_pulled)
{
	to_open(&a);
	bench.l2cap.hold = true;
	write_out(&a, "abc", 3);
	tx("0B EF 07 61 62 63");
	rx("09 53 01");
	bench_step();
	told(&a, "");
	fake_complete(&bench.l2cap, bench.chan, true);
	bench_step();
	told(&a, "written:3 closed");
	ck_assert_uint_eq(tx_discard(), 1);
	fake_complete(&bench.l2cap, bench.chan, true);
}
END_TEST

START_TEST(disc_leaves_after_what_was_pulled)
{
	to_open(&a);
	bench.l2cap.hold = true;
	write_out(&a, "abc", 3);
	tx("0B EF 07 61 62 63");
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&a, "");
	fake_complete(&bench.l2cap, bench.chan, true);
	bench_step();
	told(&a, "written:3 closed");
	fake_complete(&bench.l2cap, bench.chan, true);
	tx_discard();
}
END_TEST

START_TEST(what_was_not_pulled_is_not_sent_after_close)
{
	to_open(&a);
	write_out(&a, "abc", 3);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	tx_nothing();
	rt_rfcomm_ready(bench.rfcomm, a.dlc);
	tx_nothing();
}
END_TEST

START_TEST(a_lost_link_tells_what_was_not_written)
{
	const struct rt_reason why = page_timeout();

	to_open(&a);
	bench.l2cap.hold = true;
	write_out(&a, "abc", 3);
	tx("0B EF 07 61 62 63");
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&a, "lost:3 closed");
	same_reason(&a.why, &why);
}
END_TEST

START_TEST(a_link_that_dies_during_our_close_is_told)
{
	const struct rt_reason why = page_timeout();

	to_disc_sent(&a);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&a, "closed");
	same_reason(&a.why, &why);
}
END_TEST

START_TEST(a_peer_that_drops_l2cap_instead_of_an_answer_has_closed)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	to_disc_sent(&a);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
}
END_TEST

START_TEST(what_an_abandoned_user_gave_leaves_before_the_handle_is_stale)
{
	static const uint8_t octets[3] = { 'a', 'b', 'c' };
	struct rt_rfcomm_info info;

	to_open(&a);
	bench.l2cap.hold = true;
	write_out(&a, octets, 3);
	tx("0B EF 07 61 62 63");
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, a.dlc, &info), 0);
	fake_complete(&bench.l2cap, bench.chan, true);
	fake_complete(&bench.l2cap, bench.chan, true);
	bench_step();
	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, a.dlc, &info),
			 -ENOENT);
	told(&a, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		disc_without_an_answer_ends_by_t1,
		close_while_pn_is_out_takes_it_back,
		close_while_sabm_is_out_takes_it_back,
		close_twice_is_close_once,
		closed_never_comes_from_inside_a_call,
		a_stale_handle_finds_nothing,
		a_connect_waits_for_the_dlc_that_closes,
		an_abandoned_dlc_closes_in_silence,
		a_user_may_be_abandoned_while_it_is_to_be_told,
		closed_waits_for_what_was_pulled,
		disc_leaves_after_what_was_pulled,
		what_was_not_pulled_is_not_sent_after_close,
		a_lost_link_tells_what_was_not_written,
		a_link_that_dies_during_our_close_is_told,
		a_peer_that_drops_l2cap_instead_of_an_answer_has_closed,
		what_an_abandoned_user_gave_leaves_before_the_handle_is_stale,
	};

	return suite_run("dlc close", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
