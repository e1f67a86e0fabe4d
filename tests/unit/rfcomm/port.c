/* SPDX-License-Identifier: MIT */
#include "rfcomm/port.h"

#include <string.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * The serial port that a DLC emulates: modem signals and break (MSC), and when
 * its user hears of it. `a` is a DLC of ours, DLCI 2.
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a", .port = true };
	b = (struct user){ .name = "b", .port = true };
	listener = (struct user){ .name = "listener", .port = true };
	bench_setup();
}

static void set_modem(struct user *user, uint8_t signals)
{
	const struct rt_rfcomm_modem modem = { .signals = signals };

	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, user->dlc, &modem),
			 0);
}

static void send_break(struct user *user, uint8_t signals, uint8_t units)
{
	const struct rt_rfcomm_modem modem = {
		.signals = signals,
		.has_break = true,
		.break_units = units,
	};

	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, user->dlc, &modem),
			 0);
}

static int set_line(struct user *user, uint8_t baud, uint8_t bits, uint8_t flow)
{
	const struct rt_rfcomm_line line = {
		.baud = baud,
		.bits = bits,
		.flow = flow,
		.xon = 0x28,
		.xoff = 0xc8,
	};

	return rt_rfcomm_set_line(bench.rfcomm, user->dlc, &line);
}

static int report(uint8_t status)
{
	return rt_rfcomm_send_line_status(bench.rfcomm, a.dlc, status);
}

static uint32_t unexpected(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected;
}

/* Open, and told of the signals that the peer begins with. */
static void open_a(void)
{
	ck_assert_int_eq(connect_to(&a, 1, 10000), 0);
	session_out();
	tx_discard();
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 07");
	tx("0B 3F 01");
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	rx("01 EF 09 E1 05 0B 8D");
	told(&a, "");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened modem:8C");
	tx("03 EF 09 E1 05 0B 8D");
	tx_nothing();
}

START_TEST(our_signals_go_out_when_they_change)
{
	open_a();
	set_modem(&a, 0x8c);
	tx_nothing();
	set_modem(&a, 0x80);
	tx("03 EF 09 E3 05 0B 81");
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).ours.signals, 0x80);
	rx("01 EF 09 E1 05 0B 81");
	tx_nothing();
	told(&a, "");
}
END_TEST

START_TEST(changes_while_one_is_not_answered_are_merged)
{
	open_a();
	set_modem(&a, 0x88);
	tx("03 EF 09 E3 05 0B 89");
	set_modem(&a, 0x80);
	set_modem(&a, 0x84);
	set_modem(&a, 0xc4);
	tx_nothing();
	rx("01 EF 09 E1 05 0B 89");
	tx("03 EF 09 E3 05 0B C5");
	tx_nothing();
	rx("01 EF 09 E1 05 0B C5");
	tx_nothing();
}
END_TEST

START_TEST(a_change_and_back_while_one_is_not_answered_is_none)
{
	open_a();
	set_modem(&a, 0x88);
	tx("03 EF 09 E3 05 0B 89");
	set_modem(&a, 0x80);
	set_modem(&a, 0x88);
	rx("01 EF 09 E1 05 0B 89");
	tx_nothing();
}
END_TEST

START_TEST(changes_before_any_leaves_are_one)
{
	open_a();
	set_modem(&a, 0x88);
	set_modem(&a, 0x80);
	tx("03 EF 09 E3 05 0B 81");
	tx_nothing();
}
END_TEST

START_TEST(a_break_goes_out_in_its_octet_once)
{
	open_a();
	send_break(&a, 0x8c, 3);
	ck_assert(info_of(&a).ours.has_break);
	ck_assert_uint_eq(info_of(&a).ours.break_units, 3);
	tx("03 EF 0B E3 07 0B 8D 33");
	ck_assert(!info_of(&a).ours.has_break);
	rx("01 EF 0B E1 07 0B 8D 33");
	tx_nothing();
	/* Of no stated length, while another one is under way. */
	send_break(&a, 0x8c, 15);
	send_break(&a, 0x0c, 0);
	tx("03 EF 0B E3 07 0B 0D 03");
	send_break(&a, 0x0c, 1);
	tx_nothing();
	rx("01 EF 0B E1 07 0B 0D 03");
	tx("03 EF 0B E3 07 0B 0D 13");
	tx_nothing();
}
END_TEST

START_TEST(signals_set_before_the_dlc_is_open_go_out_with_the_first_msc)
{
	a.signals = RT_RFCOMM_RTC;
	ck_assert_int_eq(connect_to(&a, 1, 10000), 0);
	send_break(&a, RT_RFCOMM_RTC | RT_RFCOMM_IC, 2);
	session_out();
	tx_discard();
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 07");
	tx("0B 3F 01");
	rx("0B 73 01");
	tx("03 EF 0B E3 07 0B 45 23");
	/* And after it, when the DLC is open. */
	set_modem(&a, RT_RFCOMM_RTR);
	rx("01 EF 0B E1 07 0B 45 23");
	tx_nothing();
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened modem:8C");
	tx("03 EF 09 E1 05 0B 8D");
	tx("03 EF 09 E3 05 0B 09");
	tx_nothing();
}
END_TEST

START_TEST(a_user_can_begin_with_signals_of_its_own)
{
	listener.signals = RT_RFCOMM_DV;
	listen_on(&listener, &a, 1, 10000);
	session_in();
	rx("0B 3F 01");
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 81");
	told(&listener, "incoming");
	rx("03 EF 09 E1 05 0B 81");
	rx("03 EF 09 E3 05 0B 01");
	tx("01 EF 09 E1 05 0B 01");
	/* The peer has none, and so tells nothing new. */
	told(&a, "opened");
}
END_TEST

START_TEST(signals_that_there_are_not_are_refused)
{
	const struct rt_rfcomm_modem bits = { .signals = RT_RFCOMM_V24_FC };
	const struct rt_rfcomm_modem long_break = {
		.has_break = true,
		.break_units = 16,
	};

	open_a();
	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, a.dlc, &bits),
			 -EINVAL);
	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, a.dlc, &long_break),
			 -EINVAL);
	tx_nothing();
	b.signals = 0x01;
	ck_assert_int_eq(connect_to(&b, 2, 0), -EINVAL);
	b.signals = 0x30;
	ck_assert_int_eq(connect_to(&b, 2, 0), -EINVAL);
}
END_TEST

START_TEST(an_msc_without_an_answer_is_waited_for_until_t2)
{
	open_a();
	set_modem(&a, 0x88);
	tx("03 EF 09 E3 05 0B 89");
	set_modem(&a, 0x80);
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("03 EF 09 E3 05 0B 81");
	/* The DLC is none the worse for it. */
	told(&a, "");
	ck_assert(info_of(&a).open);
	rx("01 EF 09 E1 05 0B 81");
	ck_assert_uint_eq(unexpected(), 0);
	rx("01 EF 09 E1 05 0B 89");
	ck_assert_uint_eq(unexpected(), 1);
}
END_TEST

/* Data has opened the DLC: T2 begins anew for the MSC that is under way. */
START_TEST(an_early_open_waits_for_the_answer_still)
{
	ck_assert_int_eq(connect_to(&a, 1, 10000), 0);
	session_out();
	tx_discard();
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 07");
	rx("0B 73 01");
	tx_discard();
	a.quiet = true;
	rx("09 EF 03 41");
	told(&a, "opened");
	set_modem(&a, 0x80);
	tx_nothing();
	bench_wait_us(RT_RFCOMM_T2_US);
	tx("03 EF 09 E3 05 0B 81");
	rx("01 EF 09 E1 05 0B 81");
}
END_TEST

START_TEST(a_peer_that_does_not_know_msc_hears_the_latest_all_the_same)
{
	open_a();
	set_modem(&a, 0x88);
	tx("03 EF 09 E3 05 0B 89");
	set_modem(&a, 0x80);
	rx("01 EF 07 11 03 E3");
	tx("03 EF 09 E3 05 0B 81");
	rx("01 EF 07 11 03 E3");
	ck_assert_uint_eq(unexpected(), 0);
	rx("01 EF 07 11 03 E3");
	ck_assert_uint_eq(unexpected(), 1);
}
END_TEST

START_TEST(the_peers_signals_are_told_when_they_change)
{
	open_a();
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "");
	rx("01 EF 09 E3 05 0B 49");
	told(&a, "modem:48");
	ck_assert_uint_eq(info_of(&a).peers.signals, 0x48);
	/* Reserved bits and FC are no signals. */
	rx("01 EF 09 E3 05 0B 7B");
	told(&a, "");
	ck_assert_uint_eq(tx_discard(), 3);
}
END_TEST

START_TEST(a_break_of_the_peer_is_told_each_time)
{
	open_a();
	rx("01 EF 0B E3 07 0B 8D 53");
	told(&a, "modem:8C+break5");
	rx("01 EF 0B E3 07 0B 8D 03");
	told(&a, "modem:8C+break0");
	/* The octet is there, and says that there is no break. */
	rx("01 EF 0B E3 07 0B 8D F1");
	told(&a, "");
	ck_assert(!info_of(&a).peers.has_break);
	tx("03 EF 0B E1 07 0B 8D 53");
	tx("03 EF 0B E1 07 0B 8D 03");
	tx("03 EF 0B E1 07 0B 8D F1");
}
END_TEST

START_TEST(what_came_before_the_dlc_was_open_is_told_after)
{
	listen_on(&listener, &a, 1, 10000);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	rx("03 EF 0B E3 07 0B 49 23");
	rx("03 EF 09 E3 05 0B 45");
	rx("03 EF 15 93 11 0B 07 03 00 11 13 7F 3F");
	told(&listener, "");
	rx("0B 3F 01");
	told(&listener, "incoming");
	told(&a, "");
	tx_discard();
	rx("03 EF 09 E1 05 0B 8D");
	told(&a, "opened line:0703001113 modem:44+break2");
	ck_assert_uint_eq(info_of(&a).peers.signals, 0x44);
}
END_TEST

START_TEST(a_dlc_that_ends_answers_no_rpn)
{
	open_a();
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	ck_assert_int_eq(rt_rfcomm_send_line_status(bench.rfcomm, a.dlc, 0), 0);
	set_modem(&a, 0x80);
	ck_assert_uint_eq(tx_discard(), 3);
	rx("09 53 01");
	tx("09 73 01");
	bench_wait_us(RT_RFCOMM_T2_US);
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), -ENOENT);
	ck_assert_int_eq(rt_rfcomm_send_line_status(bench.rfcomm, a.dlc, 0),
			 -ENOENT);
	ck_assert_int_eq(set_line(&a, 7, 3, 0), -ENOENT);
	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, a.dlc,
					     &(struct rt_rfcomm_modem){ 0 }),
			 -ENOENT);
}
END_TEST

START_TEST(nothing_is_told_once_we_close)
{
	open_a();
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	ck_assert_int_eq(report(0), 0);
	set_modem(&a, 0x80);
	tx_discard();
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	rx("01 EF 15 91 11 0B 04 03 00 11 13 00 00");
	rx("01 EF 09 E3 05 0B 01");
	rx("01 EF 15 93 11 0B 07 03 00 11 13 7F 3F");
	rx("01 EF 09 53 05 0B 03");
	told(&a, "");
	/* Nor is any answer waited for. */
	ck_assert_uint_eq(unexpected(), 1);
	rx("01 EF 09 51 05 0B 03");
	rx("01 EF 09 E1 05 0B 81");
	ck_assert_uint_eq(unexpected(), 3);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), -ENOTCONN);
	ck_assert_int_eq(set_line(&a, 7, 3, 0), -ENOTCONN);
	ck_assert_int_eq(rt_rfcomm_send_line_status(bench.rfcomm, a.dlc, 0),
			 -ENOTCONN);
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
}
END_TEST

static void close_it(struct user *user)
{
	rt_rfcomm_close(bench.rfcomm, user->dlc);
}

static void abandon_it(struct user *user)
{
	rt_rfcomm_abandon(bench.rfcomm, user->dlc);
}

START_TEST(a_user_that_goes_in_an_op_hears_no_more)
{
	static void (*const ways[])(struct user * user) = { close_it,
							    abandon_it };
	static const char *const ops[] = { "opened", "line" };

	for (size_t i = 0; i < 4; i++) {
		bench_teardown();
		setup();
		a.on = ops[i / 2];
		a.then = ways[i % 2];
		listen_on(&listener, &a, 1, 10000);
		session_in();
		rx("03 EF 15 93 11 0B 06 1B 00 28 C8 7F 3F");
		tx_discard();
		rx("0B 3F 01");
		told(&listener, "incoming");
		tx_discard();
		rx("03 EF 09 E1 05 0B 8D");
		rx("03 EF 09 E3 05 0B 8D");
		told(&a, i < 2 ? "opened" : "opened line:061B0028C8");
		tx_discard();
		rx("09 73 01");
		bench_step();
		told(&a, i % 2 ? "" : "closed");
	}
}
END_TEST

START_TEST(nobody_has_to_listen_to_the_port)
{
	a.port = false;
	dlc_out(&a, 1, 10000, 7);
	rx("01 EF 09 E3 05 0B 01");
	rx("01 EF 15 93 11 0B 07 03 00 11 13 7F 3F");
	rx("01 EF 09 53 05 0B 03");
	ck_assert_uint_eq(tx_discard(), 3);
	ck_assert_int_eq(set_line(&a, 8, 3, 0), 0);
	tx_discard();
	rx("01 EF 15 91 11 0B 08 03 00 28 C8 7F 3F");
	ck_assert_uint_eq(info_of(&a).line.baud, 8);
	ck_assert_uint_eq(info_of(&a).peers.signals, 0);
	told(&a, "");
}
END_TEST

/* Without memory a change waits; a command is refused, and can come again. */
START_TEST(without_memory_nothing_is_lost)
{
	dlc_out(&a, 1, 10000, 7);
	bench.fake.allocs_left = 0;
	set_modem(&a, 0x80);
	tx_nothing();
	ck_assert_int_eq(set_line(&a, 7, 3, 0), -ENOMEM);
	ck_assert_int_eq(report(0), -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	bench_wait_us(RT_RFCOMM_MEMORY_US);
	tx("03 EF 09 E3 05 0B 81");
	ck_assert_int_eq(set_line(&a, 7, 3, 0), 0);
	ck_assert_int_eq(report(0), 0);
	ck_assert_uint_eq(tx_discard(), 2);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		our_signals_go_out_when_they_change,
		changes_while_one_is_not_answered_are_merged,
		a_change_and_back_while_one_is_not_answered_is_none,
		changes_before_any_leaves_are_one,
		a_break_goes_out_in_its_octet_once,
		signals_set_before_the_dlc_is_open_go_out_with_the_first_msc,
		a_user_can_begin_with_signals_of_its_own,
		signals_that_there_are_not_are_refused,
		an_msc_without_an_answer_is_waited_for_until_t2,
		an_early_open_waits_for_the_answer_still,
		a_peer_that_does_not_know_msc_hears_the_latest_all_the_same,
		the_peers_signals_are_told_when_they_change,
		a_break_of_the_peer_is_told_each_time,
		what_came_before_the_dlc_was_open_is_told_after,
		a_dlc_that_ends_answers_no_rpn,
		nothing_is_told_once_we_close,
		a_user_that_goes_in_an_op_hears_no_more,
		nobody_has_to_listen_to_the_port,
		without_memory_nothing_is_lost,
	};

	return suite_run("port", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
