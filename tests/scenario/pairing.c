/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/scenario/pairing_duo.h"

/* Two hosts of ours pair over virtual controllers. */

#define FIRST (&duo.side[0])
#define SECOND (&duo.side[1])

static void expect_bonded(void)
{
	ck_assert_int_eq(FIRST->done_why.err, 0);
	ck_assert_uint_eq(FIRST->pairings, 1);
	ck_assert_uint_eq(SECOND->pairings, 1);
	ck_assert(FIRST->bonded && SECOND->bonded);
	/* Once as it was made, and once more with the encryption's size. */
	ck_assert_uint_ge(FIRST->stores, 1);
	ck_assert_uint_ge(SECOND->stores, 1);
	ck_assert_uint_eq(FIRST->asks, FIRST->overs);
	ck_assert_uint_eq(SECOND->asks, SECOND->overs);
}

static void expect_failed(enum rt_sec_code code, uint8_t hci_code)
{
	ck_assert_int_lt(FIRST->done_why.err, 0);
	if (FIRST->done_why.layer == RT_LAYER_SECURITY)
		ck_assert_msg(FIRST->done_why.code == code, "got %s",
			      rt_sec_code_name(FIRST->done_why.code));
	else
		ck_assert_msg(FIRST->done_why.code == hci_code, "got %s",
			      rt_hci_error_name((uint8_t)FIRST->done_why.code));
	duo_expect_no_keys();
}

START_TEST(just_works_makes_a_bond)
{
	const bool keep = _i;
	struct rt_sec_facts facts;

	duo_policy(1, RT_SEC_IO_NONE, true, false);
	duo_bond(false, keep);
	expect_bonded();
	duo_expect_same_keys(RT_SEC_KEY_P256);
	ck_assert_uint_eq(FIRST->asks, 0);
	ck_assert_uint_eq(SECOND->asks, 1);
	ck_assert_int_eq(SECOND->question.kind, RT_SEC_ASK_CONSENT);
	ck_assert_int_eq(rt_sec_get_facts(FIRST->hci, SECOND->addr, &facts),
			 keep);
	if (!keep)
		return;
	ck_assert_uint_eq(facts.encryption, RT_SEC_AES_CCM);
	ck_assert_uint_eq(facts.key_bytes, 16);
	ck_assert(facts.bonded);
	duo_disconnect();
}
END_TEST

START_TEST(numbers_are_compared)
{
	duo_policy(0, RT_SEC_IO_DISPLAY_YES_NO, false, false);
	duo_policy(1, RT_SEC_IO_DISPLAY_YES_NO, true, false);
	duo_bond(true, false);
	expect_bonded();
	duo_expect_same_keys(RT_SEC_KEY_P256_MITM);
	ck_assert_int_eq(FIRST->question.kind, RT_SEC_ASK_CONFIRM);
	ck_assert_int_eq(SECOND->question.kind, RT_SEC_ASK_CONFIRM);
}
END_TEST

/* Here, there, or on both sides. */
START_TEST(a_passkey_is_typed)
{
	static const enum rt_sec_io ios[][2] = {
		{ RT_SEC_IO_KEYBOARD_ONLY, RT_SEC_IO_DISPLAY_YES_NO },
		{ RT_SEC_IO_DISPLAY_ONLY, RT_SEC_IO_KEYBOARD_ONLY },
		{ RT_SEC_IO_KEYBOARD_ONLY, RT_SEC_IO_KEYBOARD_ONLY },
	};

	duo_policy(0, ios[_i][0], false, false);
	duo_policy(1, ios[_i][1], true, false);
	if (_i == 2) {
		FIRST->user.agreed = 123456;
		SECOND->user.agreed = 123456;
	}
	duo_bond(true, false);
	expect_bonded();
	duo_expect_same_keys(RT_SEC_KEY_P256_MITM);
}
END_TEST

START_TEST(a_wrong_passkey_fails)
{
	duo_policy(0, RT_SEC_IO_KEYBOARD_ONLY, false, false);
	duo_policy(1, RT_SEC_IO_DISPLAY_ONLY, true, false);
	FIRST->user.mistypes = true;
	duo_bond(true, false);
	expect_failed((enum rt_sec_code)0, 0x05);
	ck_assert_uint_eq(SECOND->pairings, 1);
	ck_assert_int_lt(SECOND->why.err, 0);
}
END_TEST

START_TEST(who_refuses_is_told_to_both)
{
	duo_policy(0, RT_SEC_IO_DISPLAY_YES_NO, false, false);
	duo_policy(1, RT_SEC_IO_DISPLAY_YES_NO, true, false);
	duo.side[_i].user.refuses = true;
	duo_bond(true, false);
	expect_failed(RT_SEC_CODE_REFUSED, 0x05);
	ck_assert_uint_eq(SECOND->pairings, 1);
	ck_assert_int_eq(SECOND->why.layer,
			 _i ? RT_LAYER_SECURITY : RT_LAYER_HCI);
}
END_TEST

/* Before the link managers' patience ends, which is 30 s. */
START_TEST(who_does_not_answer_fails_it)
{
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_DISPLAY_YES_NO,
		.bondable = true,
		.answer_ms = 29000,
	};

	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(rt_sec_set_policy(duo.side[i].hci, &policy),
				 0);
	duo.side[_i].user.silent = true;
	duo_bond(true, false);
	expect_failed(RT_SEC_CODE_NO_ANSWER, 0x05);
}
END_TEST

START_TEST(who_is_not_bondable_does_not_bond)
{
	duo_bond(false, false);
	expect_failed((enum rt_sec_code)0, 0x18);
	ck_assert_uint_eq(SECOND->why.code, RT_SEC_CODE_NOT_BONDABLE);
	ck_assert_uint_eq(SECOND->asks, 0);
}
END_TEST

START_TEST(a_window_lets_one_bond)
{
	rt_sec_open_window(SECOND->hci, FIRST->addr, 60000);
	duo_bond(false, false);
	expect_bonded();
}
END_TEST

static struct rt_sec_oob read_data[2];

static void on_read(void *user, const struct rt_sec_oob *oob,
		    const struct rt_reason *why)
{
	ck_assert_int_eq(why->err, 0);
	*(struct rt_sec_oob *)user = *oob;
}

/* To the one who begins, to the other, or to both. */
START_TEST(data_out_of_band_makes_an_authenticated_bond)
{
	duo_policy(1, RT_SEC_IO_NONE, true, false);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(rt_sec_read_local_oob(duo.side[i].hci, on_read,
						       &read_data[i]),
				 0);
	duo_run(10);
	ck_assert(read_data[0].has_256 && read_data[1].has_256);
	if (_i != 1)
		ck_assert_int_eq(rt_sec_set_peer_oob(FIRST->hci, SECOND->addr,
						     &read_data[1]),
				 0);
	if (_i != 0)
		ck_assert_int_eq(rt_sec_set_peer_oob(SECOND->hci, FIRST->addr,
						     &read_data[0]),
				 0);
	duo_bond(_i != 1, false);
	expect_bonded();
	duo_expect_same_keys(RT_SEC_KEY_P256_MITM);
	ck_assert_uint_eq(FIRST->asks, 0);
	ck_assert_uint_eq(SECOND->asks, 0);
}
END_TEST

START_TEST(wrong_data_out_of_band_fails)
{
	const struct rt_sec_oob wrong = { .has_256 = true, .c256 = { 1 } };

	duo_policy(1, RT_SEC_IO_NONE, true, false);
	ck_assert_int_eq(rt_sec_set_peer_oob(FIRST->hci, SECOND->addr, &wrong),
			 0);
	duo_bond(true, false);
	expect_failed((enum rt_sec_code)0, 0x05);
}
END_TEST

int main(void)
{
	static const struct {
		const TTest *const *test;
		int loops;
	} cases[] = {
		{ &just_works_makes_a_bond, 2 },
		{ &numbers_are_compared, 1 },
		{ &a_passkey_is_typed, 3 },
		{ &a_wrong_passkey_fails, 1 },
		{ &who_refuses_is_told_to_both, 2 },
		{ &who_does_not_answer_fails_it, 2 },
		{ &who_is_not_bondable_does_not_bond, 1 },
		{ &a_window_lets_one_bond, 1 },
		{ &data_out_of_band_makes_an_authenticated_bond, 3 },
		{ &wrong_data_out_of_band_fails, 1 },
	};
	Suite *suite = suite_create("scenario/pairing");
	SRunner *runner;
	TCase *tcase = tcase_create("pairing");
	int failed;

	tcase_add_checked_fixture(tcase, duo_setup, duo_teardown);
	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++)
		tcase_add_loop_test(tcase, *cases[i].test, 0, cases[i].loops);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
