/* SPDX-License-Identifier: MIT */
#include "hci/security/backoff.h"

#include <errno.h>

#include "tests/unit/security/pair_rig.h"

/* Failed pairings make the next one wait. */

/* One that our user refuses. */
static void fail_once(void)
{
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), false, 0), 0);
	pair_expect_not_confirmed();
	pair_complete(5);
}

static void open_bondable(void)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){ .io = RT_SEC_IO_NONE,
					     .bondable = true });
}

START_TEST(the_third_failure_makes_the_peer_wait_for_8_s)
{
	struct sec_waiter *waiter;

	open_bondable();
	for (int i = 0; i < 3; i++)
		fail_once();
	rig_pass_us(7999999);
	pair_respond(3, 4);
	pair_expect_no_io(0x17);
	pair_complete(0x17);
	pair_expect_failed(4, RT_SEC_CODE_BACK_OFF);
	waiter = sec_ask(2);
	sec_expect_no(waiter, RT_SEC_CODE_BACK_OFF);
	rig_pass_us(1);
	fail_once();
	/* What was refused has not counted: the fourth waits for 16 s. */
	rig_pass_us(15999999);
	pair_respond(3, 4);
	pair_expect_no_io(0x17);
	pair_complete(0x17);
	rig_pass_us(1);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
}
END_TEST

START_TEST(success_is_a_new_beginning)
{
	open_bondable();
	fail_once();
	fail_once();
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(3, true);
	ck_assert_int_eq(rt_sec_key_remove(rig.hci, rig_addr(1)), 0);
	fail_once();
	fail_once();
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
}
END_TEST

/* Who guesses and hangs up before he is told, has guessed all the same. */
START_TEST(a_link_that_goes_counts)
{
	open_bondable();
	fail_once();
	fail_once();
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	rig_disconnection_complete(1, 0x13);
	rig_pass_us(0);
	sec_accept();
	sec_features(SEC_PEER_SSP);
	pair_respond(3, 4);
	pair_expect_no_io(0x17);
}
END_TEST

/* What never was tried tells a peer nothing. */
START_TEST(what_we_do_not_begin_does_not_count)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	for (int i = 0; i < 8; i++) {
		pair_respond(3, 4);
		pair_expect_no_io(0x18);
		pair_complete(0x18);
	}
	pair_expect_failed(8, RT_SEC_CODE_NOT_BONDABLE);
}
END_TEST

START_TEST(a_peer_that_waits_is_not_asked_for_a_pin)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	pair_policy(&(struct rt_sec_policy){
		.io = RT_SEC_IO_NONE, .legacy = true, .bondable = true });
	for (int i = 0; i < 3; i++) {
		pair_pin_request();
		ck_assert_int_eq(rt_sec_answer_pin(rig.hci, rig_addr(1),
						   rt_bytes("1", 1)),
				 0);
		pair_expect_pin("31");
		pair_pin_request();
		pair_expect_no_pin();
	}
	ck_assert_uint_eq(pair_rig.asks, 3);
	pair_pin_request();
	pair_expect_no_pin();
	pair_expect_failed(4, RT_SEC_CODE_BACK_OFF);
	ck_assert_uint_eq(pair_rig.asks, 3);
}
END_TEST

START_TEST(the_wait_doubles_up_to_5_minutes)
{
	static const uint64_t waits_s[] = { 0,	 8,   16,  32,	64,
					    128, 256, 300, 300, 300 };
	struct rt_sec_backoff backoff;

	ck_assert_int_eq(rt_sec_backoff_init(rig.env, &backoff), 0);
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(1));
	for (size_t i = 0; i < RT_ARRAY_SIZE(waits_s); i++) {
		rt_sec_backoff_failed(rig.env, &backoff, rig_addr(1));
		if (waits_s[i] > 0) {
			rig.env->now_us += RT_SECONDS(waits_s[i]) - 1;
			ck_assert(rt_sec_backoff_waits(rig.env, &backoff,
						       rig_addr(1)));
			rig.env->now_us++;
		}
		ck_assert(
			!rt_sec_backoff_waits(rig.env, &backoff, rig_addr(1)));
	}
	rt_sec_backoff_fini(rig.env, &backoff);
}
END_TEST

START_TEST(failures_are_forgotten_after_10_minutes)
{
	struct rt_sec_backoff backoff;

	ck_assert_int_eq(rt_sec_backoff_init(rig.env, &backoff), 0);
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(1));
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(1));
	rig.env->now_us += RT_SECONDS(600) - (uint64_t)_i;
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(1));
	ck_assert_int_eq(rt_sec_backoff_waits(rig.env, &backoff, rig_addr(1)),
			 _i);
	rt_sec_backoff_fini(rig.env, &backoff);
}
END_TEST

/* At the limit, and one more. */
START_TEST(a_full_table_forgets_whose_failure_is_the_oldest)
{
	const uint32_t rows = rig.env->limits.pairing_failures;
	struct rt_sec_backoff backoff;

	ck_assert_int_eq(rt_sec_backoff_init(rig.env, &backoff), 0);
	for (uint8_t i = 0; i < rows; i++) {
		rig.env->now_us++;
		for (int n = 0; n < 3; n++)
			rt_sec_backoff_failed(rig.env, &backoff, rig_addr(i));
	}
	for (uint8_t i = 0; i < rows; i++)
		ck_assert(rt_sec_backoff_waits(rig.env, &backoff, rig_addr(i)));
	rig.env->now_us++;
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(0));
	rt_sec_backoff_failed(rig.env, &backoff, rig_addr(200));
	ck_assert(rt_sec_backoff_waits(rig.env, &backoff, rig_addr(0)));
	ck_assert(!rt_sec_backoff_waits(rig.env, &backoff, rig_addr(1)));
	ck_assert(rt_sec_backoff_waits(rig.env, &backoff, rig_addr(2)));
	ck_assert(!rt_sec_backoff_waits(rig.env, &backoff, rig_addr(200)));
	rt_sec_backoff_fini(rig.env, &backoff);
}
END_TEST

START_TEST(a_table_without_memory_is_told)
{
	struct rt_sec_backoff backoff;

	rig.fake.allocs_left = 0;
	ck_assert_int_eq(rt_sec_backoff_init(rig.env, &backoff), -ENOMEM);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &the_third_failure_makes_the_peer_wait_for_8_s, 1 },
		{ &success_is_a_new_beginning, 1 },
		{ &a_link_that_goes_counts, 1 },
		{ &what_we_do_not_begin_does_not_count, 1 },
		{ &a_peer_that_waits_is_not_asked_for_a_pin, 1 },
		{ &the_wait_doubles_up_to_5_minutes, 1 },
		{ &failures_are_forgotten_after_10_minutes, 2 },
		{ &a_full_table_forgets_whose_failure_is_the_oldest, 1 },
		{ &a_table_without_memory_is_told, 1 },
	};

	return rig_run("unit/security/backoff", cases, RT_ARRAY_SIZE(cases));
}
