/* SPDX-License-Identifier: MIT */
#include "rfcomm/test.h"

#include <stdio.h>
#include <string.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * TEST of our own: sent in one frame of any length that fits, and over once.
 */

static struct user a;
static char heard_log[200];
static size_t came_back;
static bool again; /* start another one from inside `done` */

static int start(size_t len);

static void done(void *user, int err, struct rt_bytes data)
{
	const size_t len = strlen(heard_log);

	ck_assert_ptr_eq(user, heard_log);
	came_back = data.len;
	snprintf(heard_log + len, sizeof(heard_log) - len, "%s:%.*s ",
		 bench_errno_name(err), data.len < 20 ? (int)data.len : 0,
		 data.len ? (const char *)data.ptr : "");
	if (!again)
		return;
	again = false;
	ck_assert_int_eq(start(1), 0);
}

static void heard(const char *what)
{
	ck_assert_str_eq(heard_log, what);
	heard_log[0] = '\0';
}

static int start(size_t len)
{
	static char octets[40000];
	const struct rt_rfcomm_test_params params = {
		.done = done,
		.user = heard_log,
		.data = rt_bytes((const uint8_t *)octets, len),
	};

	memset(octets, 'T', sizeof(octets));
	return rt_rfcomm_test(bench.rfcomm, bench_addr(1), &params);
}

static void setup(void)
{
	a = (struct user){ .name = "a" };
	heard_log[0] = '\0';
	again = false;
	bench_setup();
}

START_TEST(what_comes_back_is_handed_on)
{
	session_in();
	ck_assert_int_eq(start(3), 0);
	tx("01 EF 0B 23 07 54 54 54");
	ck_assert_int_eq(start(3), -EBUSY);
	rx("03 EF 0B 21 07 54 54 54");
	heard("0:TTT ");
	/* Whatever it is: some stacks give back less. */
	ck_assert_int_eq(start(3), 0);
	tx_discard();
	rx("03 EF 07 21 03 41");
	heard("0:A ");
	bench_wait_us(RT_RFCOMM_T2_US);
	heard("");
}
END_TEST

START_TEST(any_length_fits_that_the_frame_has_room_for)
{
	static const size_t lengths[] = { 0, 1, 125, 126, 127, 128, 1009 };
	static const size_t most = MTU - 5 - 3;
	uint8_t frame[2 * MTU];

	session_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
		const size_t n = lengths[i];
		const size_t info = n + (n > 127 ? 3 : 2);
		const size_t head = info > 127 ? 4 : 3;

		ck_assert_int_eq(start(n), 0);
		ck_assert_uint_eq(tx_take(frame, sizeof(frame)), head + info);
		ck_assert_uint_eq(frame[head], 0x23);
		frame[0] = 0x03;
		frame[head] = 0x21;
		frame[head + info] = bench_fcs(frame, head + info);
		fake_rx(&bench.l2cap, bench.chan,
			rt_bytes(frame, head + info + 1));
		ck_assert_uint_eq(came_back, n);
		ck_assert_str_ne(heard_log, "");
		heard_log[0] = '\0';
	}
	ck_assert_int_eq(start(most), 0);
	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), MTU - 1);
	rx("03 EF 05 21 01");
	heard("0: ");
	ck_assert_int_eq(start(most + 1), -EMSGSIZE);
	tx_nothing();
}
END_TEST

START_TEST(the_length_of_a_frame_has_fifteen_bits)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, 40000);
	rx("03 3F 01");
	ck_assert_int_eq(start(32767 - 3 + 1), -EMSGSIZE);
	ck_assert_int_eq(start(32767 - 3), 0);
	rt_rfcomm_test_cancel(bench.rfcomm, bench_addr(1));
}
END_TEST

START_TEST(no_answer_ends_it_by_t2)
{
	session_in();
	ck_assert_int_eq(start(1), 0);
	tx_discard();
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	heard("");
	bench_wait_us(1);
	heard("ETIMEDOUT: ");
	rx("03 EF 07 21 03 54");
	heard("");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  1);
}
END_TEST

START_TEST(nsc_ends_it)
{
	session_in();
	ck_assert_int_eq(start(1), 0);
	tx_discard();
	rx("03 EF 07 11 03 23");
	heard("EOPNOTSUPP: ");
	rx("03 EF 07 11 03 23");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  1);
}
END_TEST

START_TEST(the_end_of_the_session_ends_it)
{
	session_in();
	ck_assert_int_eq(start(1), 0);
	tx_discard();
	rx("03 53 01");
	/* From a timer, never from inside. */
	heard("");
	tx("03 73 01");
	/* An answer is too late by now. */
	ck_assert_int_eq(start(1), -ENOTCONN);
	bench_step();
	heard("ECONNRESET: ");
}
END_TEST

START_TEST(a_lost_link_ends_it)
{
	const struct rt_reason why = page_timeout();

	session_in();
	ck_assert_int_eq(start(1), 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	ck_assert(!rt_rfcomm_is_idle(bench.rfcomm));
	bench_step();
	heard("ECONNRESET: ");
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

/* The next session opens before the last one's test has been told. */
START_TEST(an_answer_on_the_next_session_is_not_for_it)
{
	const struct rt_reason why = page_timeout();

	session_in();
	ck_assert_int_eq(start(1), 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	session_in();
	ck_assert_int_eq(start(1), -EBUSY);
	rx("03 EF 07 21 03 54");
	heard("");
	bench_step();
	heard("ECONNRESET: ");
}
END_TEST

START_TEST(a_test_that_is_forgotten_tells_nothing)
{
	session_in();
	rt_rfcomm_test_cancel(bench.rfcomm, bench_addr(1));
	ck_assert_int_eq(start(1), 0);
	rt_rfcomm_test_cancel(bench.rfcomm, bench_addr(2));
	rt_rfcomm_test_cancel(bench.rfcomm, bench_addr(1));
	tx_discard();
	rx("03 EF 07 21 03 54");
	bench_wait_us(RT_RFCOMM_T2_US);
	heard("");
}
END_TEST

START_TEST(another_one_may_follow_at_once)
{
	session_in();
	ck_assert_int_eq(start(1), 0);
	tx_discard();
	again = true;
	rx("03 EF 07 21 03 54");
	heard("0:T ");
	tx("01 EF 07 23 03 54");
	again = true;
	bench_wait_us(RT_RFCOMM_T2_US);
	heard("ETIMEDOUT: ");
	tx("01 EF 07 23 03 54");
	rx("03 EF 07 21 03 54");
	heard("0:T ");
}
END_TEST

START_TEST(it_takes_an_open_session_and_memory)
{
	ck_assert_int_eq(start(1), -ENOTCONN);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(start(1), -ENOTCONN);
	session_out();
	tx_discard();
	for (size_t i = 0; i < 2; i++) {
		bench.fake.allocs_left = i;
		ck_assert_int_eq(start(1), -ENOMEM);
	}
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_int_eq(start(1), 0);
	tx("03 EF 07 23 03 54");
}
END_TEST

START_TEST(it_may_be_under_way_when_the_engine_goes)
{
	session_in();
	ck_assert_int_eq(start(1), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_comes_back_is_handed_on,
		any_length_fits_that_the_frame_has_room_for,
		the_length_of_a_frame_has_fifteen_bits,
		no_answer_ends_it_by_t2,
		nsc_ends_it,
		the_end_of_the_session_ends_it,
		a_lost_link_ends_it,
		an_answer_on_the_next_session_is_not_for_it,
		a_test_that_is_forgotten_tells_nothing,
		another_one_may_follow_at_once,
		it_takes_an_open_session_and_memory,
		it_may_be_under_way_when_the_engine_goes,
	};

	return suite_run("test", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
