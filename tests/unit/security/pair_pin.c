/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>
#include <string.h>

/* Pairing by PIN, with peers from before Secure Simple Pairing. */

static void allow_pins(bool bondable)
{
	pair_policy(&(struct rt_sec_policy){
		.io = RT_SEC_IO_NONE,
		.legacy = true,
		.bondable = bondable,
	});
}

static int answer(const char *pin)
{
	return rt_sec_answer_pin(rig.hci, rig_addr(1),
				 rt_bytes(pin, strlen(pin)));
}

/* A pairing of ours up to the PIN. */
static struct sec_waiter *initiate(void)
{
	struct sec_waiter *waiter = sec_ask(2);

	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_pin_request();
	return waiter;
}

/* SEC-05, SEC-09 */
START_TEST(pins_are_off_unless_the_policy_has_them_on)
{
	pair_open_incoming(RT_SEC_IO_KEYBOARD_ONLY, SEC_PEER_OLD);
	pair_policy(&(struct rt_sec_policy){ .io = RT_SEC_IO_KEYBOARD_ONLY,
					     .bondable = true });
	pair_pin_request();
	pair_expect_no_pin();
	ck_assert_uint_eq(pair_rig.asks, 0);
	pair_expect_failed(1, RT_SEC_CODE_LEGACY_OFF);
	sec_expect_quiet();
}
END_TEST

START_TEST(ours_is_not_begun_while_pins_are_off)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_KEYBOARD_ONLY, SEC_PEER_OLD);
	waiter = sec_ask(2);
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_LEGACY_OFF);
	rig_expect_none();
}
END_TEST

/* A PIN proves too little, whoever has agreed on it. */
START_TEST(a_pin_never_serves_level_3)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_KEYBOARD_ONLY, SEC_PEER_OLD);
	allow_pins(true);
	waiter = sec_ask((uint8_t)(3 + _i));
	sec_step();
	sec_expect_no(waiter, _i == 0 ? RT_SEC_CODE_NOT_AUTHENTICATED
				      : RT_SEC_CODE_NOT_SECURE_CONNECTIONS);
	rig_expect_none();
}
END_TEST

/* SEC-05: both can do better (CVE-2022-25837). */
START_TEST(no_pin_is_asked_for_with_a_peer_that_has_ssp)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	allow_pins(true);
	pair_pin_request();
	pair_expect_no_pin();
	pair_expect_failed(1, RT_SEC_CODE_LEGACY_OFF);
	ck_assert_uint_eq(pair_rig.asks, 0);
}
END_TEST

/* GAP/IDLE/BON/BV-02-C, but for who begins. */
START_TEST(a_pin_makes_a_bond)
{
	/* What the controller says that the key is. */
	static const enum rt_sec_key_type types[] = {
		RT_SEC_KEY_COMBINATION,
		RT_SEC_KEY_P192,
		RT_SEC_KEY_P256_MITM,
	};
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(false);
	waiter = initiate();
	pair_expect_asked(RT_SEC_ASK_PIN);
	ck_assert(pair_rig.question.initiated);
	ck_assert(pair_rig.question.bonding);
	ck_assert_uint_eq(pair_rig.question.level, 2);
	ck_assert_int_eq(answer("0000"), 0);
	pair_expect_pin("30303030");
	pair_key(KEY, (uint8_t)types[_i]);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.overs, 1);
	ck_assert_uint_eq(pair_rig.key.type, RT_SEC_KEY_COMBINATION);
	ck_assert_uint_eq(pair_rig.key.pin_bytes, 4);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}
END_TEST

START_TEST(a_peer_bonds_by_pin_if_we_are_bondable)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(_i == 0);
	if (_i == 1)
		rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_pin_request();
	if (_i == 2) { /* neither */
		pair_expect_no_pin();
		pair_expect_failed(1, RT_SEC_CODE_NOT_BONDABLE);
		return;
	}
	pair_expect_asked(RT_SEC_ASK_PIN);
	ck_assert(!pair_rig.question.initiated);
	ck_assert_int_eq(answer("1"), 0);
	pair_expect_pin("31");
	pair_key(KEY, RT_SEC_KEY_COMBINATION);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.key.pin_bytes, 1);
}
END_TEST

START_TEST(a_pin_has_1_to_16_octets_of_any_value)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_pin_request();
	ck_assert_int_eq(answer(""), -EINVAL);
	ck_assert_int_eq(answer("12345678901234567"), -EINVAL);
	/* A number is no PIN. */
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 1234),
			 -EINVAL);
	rig_expect_none();
	ck_assert_int_eq(rt_sec_answer_pin(rig.hci, rig_addr(1),
					   rt_bytes("\0a\0", 3)),
			 0);
	pair_expect_pin("006100");
	ck_assert_int_eq(answer("1"), -ENOENT);
}
END_TEST

START_TEST(the_longest_pin_goes_out_whole)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_pin_request();
	ck_assert_int_eq(answer("abcdefghijklmnop"), 0);
	pair_expect_pin("6162636465666768696a6b6c6d6e6f70");
}
END_TEST

/* SEC-05: they could be the passkey that the other side shows. */
START_TEST(six_digits_are_no_pin_for_a_peer_that_may_have_ssp)
{
	static const struct {
		const char *pin;
		int err;
	} cases[] = {
		{ "123456", -EINVAL }, { "12345", 0 },	{ "1234567", 0 },
		{ "12345a", 0 },       { "/23456", 0 }, { "12345:", 0 },
	};

	/* Its features are not known yet. */
	pair_begin(RT_SEC_IO_NONE);
	sec_accept();
	allow_pins(true);
	rig_expect("01 1b04 02 0100");
	rig_status(0x041b, 0);
	pair_pin_request();
	pair_expect_asked(RT_SEC_ASK_PIN);
	ck_assert_int_eq(answer(cases[_i].pin), cases[_i].err);
}
END_TEST

START_TEST(six_digits_are_a_pin_for_an_old_peer)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_pin_request();
	ck_assert_int_eq(answer("123456"), 0);
	pair_expect_pin("313233343536");
}
END_TEST

START_TEST(a_pin_that_is_not_given_ends_the_pairing)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_pin_request();
	if (_i == 0) {
		ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), false, 0),
				 0);
		pair_expect_no_pin();
		ck_assert_uint_eq(pair_rig.pairings, 0);
		sec_step();
		pair_expect_failed(1, RT_SEC_CODE_REFUSED);
	} else {
		rig_pass_us(24999999);
		rig_expect_none();
		rig_pass_us(1);
		pair_expect_no_pin();
		pair_expect_failed(1, RT_SEC_CODE_NO_ANSWER);
	}
	ck_assert_uint_eq(pair_rig.overs, 1);
	sec_expect_quiet();
}
END_TEST

START_TEST(without_a_user_there_is_no_pin)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_without_user();
	pair_pin_request();
	pair_expect_no_pin();
	pair_expect_failed(1, RT_SEC_CODE_NO_AGENT);
}
END_TEST

/* Nobody says that the PINs differed, but for the next request. */
START_TEST(another_request_says_that_the_pin_was_wrong)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	pair_pin_request();
	ck_assert_int_eq(answer("1"), 0);
	pair_expect_pin("31");
	pair_pin_request();
	pair_expect_no_pin();
	pair_expect_hci_failed(1, 5);
	pair_pin_request();
	ck_assert_uint_eq(pair_rig.asks, 2);
}
END_TEST

/* SEC-09: a bond by SSP is not traded for one by PIN. */
START_TEST(a_pin_does_not_replace_a_better_bond)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_OLD);
	allow_pins(true);
	sec_store(RT_SEC_KEY_P192, 16);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_pin_request();
	pair_expect_no_pin();
	pair_expect_failed(1, RT_SEC_CODE_WEAKER_KEY);
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &pins_are_off_unless_the_policy_has_them_on, 1 },
		{ &ours_is_not_begun_while_pins_are_off, 1 },
		{ &a_pin_never_serves_level_3, 2 },
		{ &no_pin_is_asked_for_with_a_peer_that_has_ssp, 1 },
		{ &a_pin_makes_a_bond, 3 },
		{ &a_peer_bonds_by_pin_if_we_are_bondable, 3 },
		{ &a_pin_has_1_to_16_octets_of_any_value, 1 },
		{ &the_longest_pin_goes_out_whole, 1 },
		{ &six_digits_are_no_pin_for_a_peer_that_may_have_ssp, 6 },
		{ &six_digits_are_a_pin_for_an_old_peer, 1 },
		{ &a_pin_that_is_not_given_ends_the_pairing, 2 },
		{ &without_a_user_there_is_no_pin, 1 },
		{ &another_request_says_that_the_pin_was_wrong, 1 },
		{ &a_pin_does_not_replace_a_better_bond, 1 },
	};

	return rig_run("unit/security/pair_pin", cases, RT_ARRAY_SIZE(cases));
}
