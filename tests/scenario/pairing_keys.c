/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/scenario/pairing_duo.h"

/* What keys are good for after the pairing, and pairing by PIN. */

#define FIRST (&duo.side[0])
#define SECOND (&duo.side[1])

/* A bond by just works, whose link is closed. */
static void bond(void)
{
	duo_policy(1, RT_SEC_IO_NONE, true, false);
	duo_bond(false, false);
	ck_assert_int_eq(FIRST->done_why.err, 0);
}

START_TEST(a_bonded_peer_is_recognized)
{
	struct rt_sec_facts facts = { 0 };

	bond();
	duo_connect(2);
	ck_assert_int_eq(FIRST->answer, RT_SEC_YES);
	ck_assert_uint_eq(FIRST->pairings, 1);
	ck_assert_uint_eq(SECOND->pairings, 1);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(rt_sec_get_facts(duo.side[i].hci,
					   duo.side[1 - i].addr, &facts));
		ck_assert(facts.bonded);
		ck_assert(facts.consented);
		ck_assert_uint_eq(facts.encryption, RT_SEC_AES_CCM);
		ck_assert_uint_eq(facts.key_type, RT_SEC_KEY_P256);
	}
	duo_disconnect();
}
END_TEST

/* SEC-09: at either side, and kept where it is. */
START_TEST(a_key_that_one_side_has_lost_is_no_key)
{
	struct duo_side *loser = &duo.side[_i];
	struct duo_side *keeper = &duo.side[1 - _i];

	bond();
	ck_assert_int_eq(rt_sec_key_remove(loser->hci, keeper->addr), 0);
	duo_connect(2);
	ck_assert_int_eq(FIRST->answer, RT_SEC_NO);
	ck_assert_ptr_nonnull(rt_sec_key_find(keeper->hci, loser->addr));
	ck_assert_ptr_null(rt_sec_key_find(loser->hci, keeper->addr));
	if (_i == 1) /* PIN or Key Missing */
		ck_assert_uint_eq(FIRST->answer_why.code, 0x06);
	else /* just works, over a bond */
		ck_assert_uint_eq(SECOND->why.code, RT_SEC_CODE_ALREADY_BONDED);
}
END_TEST

START_TEST(a_wrong_key_fails)
{
	const struct rt_sec_key wrong = {
		.addr = FIRST->addr,
		.type = RT_SEC_KEY_P256,
		.key = { 1, 2, 3 },
	};

	bond();
	ck_assert_int_eq(rt_sec_key_add(SECOND->hci, &wrong), 0);
	duo_connect(2);
	ck_assert_int_eq(FIRST->answer, RT_SEC_NO);
	ck_assert_uint_eq(FIRST->answer_why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(FIRST->answer_why.code, 0x05);
	ck_assert_uint_eq(FIRST->pairings, 1);
	ck_assert_ptr_nonnull(rt_sec_key_find(FIRST->hci, SECOND->addr));
}
END_TEST

/* A link for everybody: no bond, and nothing that needs one. */
START_TEST(level_1_pairs_for_the_link_alone)
{
	const struct rt_sec_need floor = { .level = 1 };
	struct rt_sec_facts facts = { 0 };

	rt_sec_set_floor(SECOND->hci, &floor);
	duo_connect(1);
	ck_assert_int_eq(FIRST->answer, RT_SEC_YES);
	duo_expect_no_keys();
	ck_assert_uint_eq(FIRST->asks + SECOND->asks, 0);
	ck_assert(rt_sec_get_facts(SECOND->hci, FIRST->addr, &facts));
	ck_assert(!facts.bonded);
	ck_assert(!facts.consented);
	duo_disconnect();
}
END_TEST

/* The lost key is made anew if the other side's user says so. */
START_TEST(a_window_heals_a_bond)
{
	bond();
	ck_assert_int_eq(rt_sec_key_remove(FIRST->hci, SECOND->addr), 0);
	rt_sec_open_window(SECOND->hci, FIRST->addr, 60000);
	FIRST->dones = 0;
	duo_bond(false, false);
	ck_assert_int_eq(FIRST->done_why.err, 0);
	duo_expect_same_keys(RT_SEC_KEY_P256);
}
END_TEST

/* SEC-08 */
START_TEST(a_key_of_zeros_is_never_used)
{
	rt_vctl_set_fault(duo.side[_i].vctl, RT_VCTL_ZERO_KEY, true);
	duo_policy(1, RT_SEC_IO_NONE, true, false);
	duo_bond(false, true);
	ck_assert_ptr_null(
		rt_sec_key_find(duo.side[_i].hci, duo.side[1 - _i].addr));
	ck_assert_uint_eq(duo.side[_i].why.code, RT_SEC_CODE_BAD_KEY);
}
END_TEST

/* SEC-21 */
START_TEST(a_debug_key_is_never_used)
{
	rt_vctl_set_fault(duo.side[_i].vctl, RT_VCTL_DEBUG_KEY, true);
	duo_policy(1, RT_SEC_IO_NONE, true, false);
	duo_bond(false, true);
	ck_assert_ptr_null(
		rt_sec_key_find(duo.side[_i].hci, duo.side[1 - _i].addr));
	ck_assert_uint_eq(duo.side[_i].why.code, RT_SEC_CODE_DEBUG_KEY);
}
END_TEST

START_TEST(a_pin_makes_a_bond)
{
	duo_policy(0, RT_SEC_IO_NONE, false, true);
	duo_policy(1, RT_SEC_IO_NONE, true, true);
	FIRST->user.pin = "1234";
	SECOND->user.pin = "1234";
	duo_bond(false, false);
	ck_assert_int_eq(FIRST->done_why.err, 0);
	duo_expect_same_keys(RT_SEC_KEY_COMBINATION);
	duo_connect(2);
	ck_assert_int_eq(FIRST->answer, RT_SEC_YES);
	ck_assert_uint_eq(FIRST->pairings, 1);
	duo_disconnect();
}
END_TEST

/* SEC-05: off at either side. */
START_TEST(no_pin_where_they_are_off)
{
	duo_policy(0, RT_SEC_IO_NONE, false, _i == 1);
	duo_policy(1, RT_SEC_IO_NONE, true, _i == 0);
	FIRST->user.pin = "1234";
	SECOND->user.pin = "1234";
	duo_bond(false, false);
	ck_assert_int_lt(FIRST->done_why.err, 0);
	duo_expect_no_keys();
	if (_i == 0)
		ck_assert_uint_eq(FIRST->done_why.code, RT_SEC_CODE_LEGACY_OFF);
}
END_TEST

START_TEST(different_pins_fail)
{
	duo_policy(0, RT_SEC_IO_NONE, false, true);
	duo_policy(1, RT_SEC_IO_NONE, true, true);
	FIRST->user.pin = "1234";
	SECOND->user.pin = "12345";
	duo_bond(false, false);
	ck_assert_uint_eq(FIRST->done_why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(FIRST->done_why.code, 0x05);
	duo_expect_no_keys();
	ck_assert_uint_eq(SECOND->pairings, 1);
	ck_assert_int_lt(SECOND->why.err, 0);
}
END_TEST

static void add(TCase *tcase, const TTest *const *test, int loops)
{
	tcase_add_loop_test(tcase, *test, 0, loops);
}

int main(void)
{
	Suite *suite = suite_create("scenario/pairing_keys");
	TCase *ssp = tcase_create("ssp");
	TCase *old = tcase_create("old");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(ssp, duo_setup, duo_teardown);
	add(ssp, &a_bonded_peer_is_recognized, 1);
	add(ssp, &a_key_that_one_side_has_lost_is_no_key, 2);
	add(ssp, &a_wrong_key_fails, 1);
	add(ssp, &level_1_pairs_for_the_link_alone, 1);
	add(ssp, &a_window_heals_a_bond, 1);
	add(ssp, &a_key_of_zeros_is_never_used, 2);
	add(ssp, &a_debug_key_is_never_used, 2);
	suite_add_tcase(suite, ssp);
	tcase_add_checked_fixture(old, duo_setup_old, duo_teardown);
	add(old, &a_pin_makes_a_bond, 1);
	add(old, &no_pin_where_they_are_off, 2);
	add(old, &different_pins_fail, 1);
	suite_add_tcase(suite, old);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
