/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * The line that a DLC emulates: its settings (RPN) and its errors (RLS), of
 * either side. `a` is a DLC of ours, DLCI 2.
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a", .port = true };
	b = (struct user){ .name = "b", .port = true };
	listener = (struct user){ .name = "listener", .port = true };
	bench_setup();
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

START_TEST(settings_of_a_first_probe_hold_for_the_dlc_that_follows)
{
	listen_on(&listener, &a, 1, 10000);
	session_in();
	/* 57600 8E1; the query gives them back. */
	rx("03 EF 15 93 11 0B 06 1B 00 28 C8 7F 3F");
	tx("01 EF 15 91 11 0B 06 1B 00 28 C8 7F 3F");
	rx("03 EF 07 93 03 0B");
	tx("01 EF 15 91 11 0B 06 1B 00 28 C8 7F 3F");
	/* Of other channels not, and not where nobody listens. */
	rx("03 EF 15 93 11 13 06 1B 00 28 C8 7F 3F");
	tx("01 EF 15 91 11 13 06 1B 00 28 C8 7F 3F");
	rx("03 EF 07 93 03 13");
	tx("01 EF 15 91 11 13 03 03 00 11 13 7F 3F");
	told(&listener, "");
	dlc_in(1, 7);
	told(&listener, "incoming");
	told(&a, "opened line:061B0028C8 modem:8C");
	ck_assert_uint_eq(info_of(&a).line.baud, 6);
	/* Once: the next DLC has the defaults. */
	rx("0B 53 01");
	bench_step();
	told(&a, "closed");
	tx("0B 73 01");
	dlc_in(1, 7);
	told(&listener, "incoming");
	told(&a, "opened modem:8C");
	ck_assert_uint_eq(info_of(&a).line.baud, 3);
}
END_TEST

START_TEST(the_line_is_told_when_it_changes)
{
	dlc_out(&a, 1, 10000, 7);
	rx("01 EF 15 93 11 0B 07 03 00 11 13 7F 3F");
	told(&a, "line:0703001113");
	rx("01 EF 15 93 11 0B 07 03 00 11 13 7F 3F");
	rx("01 EF 15 93 11 0B 08 03 3F 11 13 00 00");
	rx("01 EF 07 93 03 0B");
	told(&a, "");
	/* No such speed; the rest is taken. */
	rx("01 EF 15 93 11 0B 09 03 0C 11 13 7F 3F");
	told(&a, "line:07030C1113");
	ck_assert_uint_eq(tx_discard(), 5);
}
END_TEST

START_TEST(we_can_propose_settings)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(set_line(&a, 8, 0x3f, 0x3f), 0);
	tx("03 EF 15 93 11 0B 08 3F 3F 28 C8 7F 3F");
	ck_assert_int_eq(set_line(&a, 7, 3, 0), -EBUSY);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), -EBUSY);
	told(&a, "");
	ck_assert_uint_eq(info_of(&a).line.baud, 3);
	/* The peer has a slower line than that. */
	rx("01 EF 15 91 11 0B 07 FF FF 28 C8 7E 3F");
	told(&a, "answered:0:073F3F28C8");
	ck_assert_uint_eq(info_of(&a).line.baud, 7);
	ck_assert_int_eq(set_line(&a, 7, 3, 0), 0);
	tx_discard();
	rx("01 EF 15 91 11 0B 07 03 00 28 C8 7F 3F");
	told(&a, "answered:0:07030028C8");
}
END_TEST

START_TEST(we_can_ask_for_the_peers_settings)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	tx("03 EF 07 93 03 0B");
	rx("01 EF 15 91 11 0B 04 03 00 11 13 00 00");
	told(&a, "answered:0:0403001113");
	ck_assert_uint_eq(info_of(&a).line.baud, 4);
}
END_TEST

START_TEST(an_answer_to_rpn_that_makes_no_sense_changes_nothing)
{
	static const char *const answers[] = {
		"01 EF 15 91 11 0B 09 03 00 11 13 7F 3F",
		"01 EF 07 91 03 0B",
		"01 EF 13 91 0F 0B 04 03 00 11 13 7F",
	};

	dlc_out(&a, 1, 10000, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(answers); i++) {
		ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
		tx_discard();
		rx(answers[i]);
		told(&a, "answered:EPROTO:0303001113");
	}
	ck_assert_uint_eq(unexpected(), 0);
	/* Nobody waits for these; one of them says of no DLC what it is for. */
	rx("01 EF 15 91 11 0B 04 03 00 11 13 00 00");
	rx("01 EF 15 91 11 13 04 03 00 11 13 00 00");
	ck_assert_uint_eq(unexpected(), 2);
	rx("01 EF 15 91 11 03 04 03 00 11 13 00 00");
	rx("01 EF 05 91 01");
	ck_assert_uint_eq(unexpected(), 2);
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->mcc_malformed, 2);
	told(&a, "");
}
END_TEST

START_TEST(rpn_ends_by_t2_or_nsc)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	tx_discard();
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told(&a, "answered:ETIMEDOUT:0303001113");
	ck_assert_int_eq(set_line(&a, 7, 3, 0), 0);
	tx_discard();
	rx("01 EF 07 11 03 93");
	told(&a, "answered:EOPNOTSUPP:0303001113");
	bench_wait_us(RT_RFCOMM_T2_US);
	told(&a, "");
	ck_assert(info_of(&a).open);
}
END_TEST

START_TEST(an_answer_at_the_last_moment_counts)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	tx_discard();
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	rx("01 EF 15 91 11 0B 04 03 00 11 13 00 00");
	told(&a, "answered:0:0403001113");
	bench_wait_us(RT_RFCOMM_T2_US);
	told(&a, "");
}
END_TEST

START_TEST(settings_without_a_meaning_are_refused)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(set_line(&a, 9, 3, 0), -EINVAL);
	ck_assert_int_eq(set_line(&a, 7, 0x40, 0), -EINVAL);
	ck_assert_int_eq(set_line(&a, 7, 3, 0x40), -EINVAL);
	tx_nothing();
}
END_TEST

START_TEST(line_errors_are_reported_one_at_a_time)
{
	dlc_out(&a, 1, 10000, 7);
	ck_assert_int_eq(report(RT_RFCOMM_RLS_FRAMING), 0);
	/* The bit that says that there is one comes along. */
	tx("03 EF 09 53 05 0B 09");
	ck_assert_int_eq(report(0), -EAGAIN);
	rx("01 EF 09 51 05 0B 09");
	ck_assert_int_eq(report(0), 0);
	tx("03 EF 09 53 05 0B 00");
	rx("01 EF 07 11 03 53");
	ck_assert_int_eq(report(0x10), -EINVAL);
	ck_assert_int_eq(report(RT_RFCOMM_RLS_OVERRUN | RT_RFCOMM_RLS_PARITY),
			 0);
	tx("03 EF 09 53 05 0B 07");
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	ck_assert_int_eq(report(0), -EAGAIN);
	bench_wait_us(1);
	ck_assert_uint_eq(unexpected(), 0);
	rx("01 EF 09 51 05 0B 07");
	rx("01 EF 09 51 05 13 07");
	rx("01 EF 07 11 03 53");
	ck_assert_uint_eq(unexpected(), 3);
	told(&a, "");
}
END_TEST

START_TEST(line_errors_of_the_peer_are_told)
{
	dlc_out(&a, 1, 10000, 7);
	rx("01 EF 09 53 05 0B 03");
	told(&a, "status:03");
	rx("01 EF 09 53 05 0B F9");
	told(&a, "status:09");
	tx("03 EF 09 51 05 0B 03");
	tx("03 EF 09 51 05 0B F9");
	/* Answered for a DLC that there is not, and told nobody. */
	rx("01 EF 09 53 05 13 03");
	tx("03 EF 09 51 05 13 03");
}
END_TEST

/* NSC names no DLC: the commands get theirs in the order they were sent. */
START_TEST(nsc_goes_to_the_dlc_that_has_waited_longest)
{
	dlc_out(&a, 1, 10000, 7);
	dlc_out(&b, 2, 10000, 7);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, b.dlc), 0);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, a.dlc), 0);
	ck_assert_uint_eq(tx_discard(), 2);
	rx("01 EF 07 11 03 93");
	told(&a, "");
	told(&b, "answered:EOPNOTSUPP:0303001113");
	rx("01 EF 07 11 03 93");
	told(&a, "answered:EOPNOTSUPP:0303001113");
	told(&b, "");
	ck_assert_uint_eq(unexpected(), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		settings_of_a_first_probe_hold_for_the_dlc_that_follows,
		the_line_is_told_when_it_changes,
		we_can_propose_settings,
		we_can_ask_for_the_peers_settings,
		an_answer_to_rpn_that_makes_no_sense_changes_nothing,
		rpn_ends_by_t2_or_nsc,
		an_answer_at_the_last_moment_counts,
		settings_without_a_meaning_are_refused,
		line_errors_are_reported_one_at_a_time,
		line_errors_of_the_peer_are_told,
		nsc_goes_to_the_dlc_that_has_waited_longest,
	};

	return suite_run("line", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
