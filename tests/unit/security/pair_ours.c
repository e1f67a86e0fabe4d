/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>

/* Pairings that we begin. */

/* A temporary key, at level 1: nobody stores anything. */
START_TEST(level_1_pairs_without_a_bond_and_without_a_question)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	waiter = pair_initiate(1);
	pair_expect_io(3, 0, 0);
	pair_io_response(3, 0, 0);
	pair_confirmation(999999);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	sec_authenticated(0);
	pair_expect_paired(1, false);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	ck_assert(!sec_facts().bonded);
	ck_assert(sec_facts().consented);
	ck_assert_uint_eq(pair_rig.asks, 0);
	ck_assert_uint_eq(pair_rig.stores, 0);
	ck_assert_ptr_null(rt_sec_key_find(rig.hci, rig_addr(1)));
}
END_TEST

/* GAP/IDLE/BON/BV-05-C */
START_TEST(level_2_bonds_if_the_peer_does_so_too)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SC);
	pair_initiate(2);
	pair_expect_io(3, 0, 4);
	pair_io_response(3, 0, _i == 0 ? 0 : 4);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256);
	ck_assert_uint_eq(pair_rig.stores, (unsigned int)_i);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	sec_authenticated(0);
	pair_expect_paired(1, _i == 1);
	if (_i == 0) {
		ck_assert_ptr_null(rt_sec_key_find(rig.hci, rig_addr(1)));
		return;
	}
	ck_assert_uint_eq(pair_rig.key.type, RT_SEC_KEY_P256);
	ck_assert_uint_eq(pair_rig.key.pin_bytes, 0);
	ck_assert_uint_eq(pair_rig.key.key[0], 1);
	ck_assert_uint_eq(pair_rig.key.key[15], 16);
	ck_assert(sec_facts().bonded);
}
END_TEST

START_TEST(the_number_is_compared_by_our_user)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SC);
	waiter = pair_initiate(3);
	pair_expect_io(1, 0, 5);
	pair_io_response(1, 0, 4);
	pair_confirmation(7);
	pair_expect_asked(RT_SEC_ASK_CONFIRM);
	ck_assert_uint_eq(pair_rig.question.number, 7);
	ck_assert_uint_eq(pair_rig.question.level, 3);
	ck_assert(pair_rig.question.bonding);
	rig_expect_none();
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	ck_assert_uint_eq(pair_rig.overs, 0);
	sec_step();
	ck_assert_uint_eq(pair_rig.overs, 1);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256_MITM);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.overs, 1);
	sec_expect_encryption(1);
	sec_encrypted(0, 2);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}
END_TEST

/* SEC-15: the controller says less than it promised. */
START_TEST(a_key_weaker_than_needed_drops_the_link)
{
	static const struct {
		uint8_t level;
		uint8_t type;
		enum rt_sec_code code;
	} cases[] = {
		{ 3, RT_SEC_KEY_P192, RT_SEC_CODE_NOT_AUTHENTICATED },
		{ 3, RT_SEC_KEY_P256, RT_SEC_CODE_NOT_AUTHENTICATED },
		{ 4, RT_SEC_KEY_P192, RT_SEC_CODE_NOT_AUTHENTICATED },
		{ 4, RT_SEC_KEY_P192_MITM, RT_SEC_CODE_NOT_SECURE_CONNECTIONS },
		{ 4, RT_SEC_KEY_P256, RT_SEC_CODE_NOT_AUTHENTICATED },
		{ 1, RT_SEC_KEY_DEBUG, RT_SEC_CODE_DEBUG_KEY }, /* SEC-21 */
		{ 1, RT_SEC_KEY_COMBINATION, RT_SEC_CODE_BAD_KEY },
		{ 1, RT_SEC_KEY_LOCAL_UNIT, RT_SEC_CODE_BAD_KEY },
		{ 1, RT_SEC_KEY_REMOTE_UNIT, RT_SEC_CODE_BAD_KEY },
		{ 1, RT_SEC_KEY_CHANGED, RT_SEC_CODE_BAD_KEY },
		{ 1, 9, RT_SEC_CODE_BAD_KEY },
		{ 1, 0xff, RT_SEC_CODE_BAD_KEY },
	};
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SC);
	waiter = pair_initiate(cases[_i].level);
	rig_expect_command(0x042b);
	rig_complete(0x042b);
	pair_io_response(1, 0, 5);
	pair_confirmation(7);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, cases[_i].type);
	pair_expect_failed(1, cases[_i].code);
	ck_assert_uint_eq(pair_rig.stores, 0);
	sec_authenticated(0);
	sec_expect_drop();
	sec_expect_no(waiter, cases[_i].code);
	pair_expect_failed(1, cases[_i].code);
}
END_TEST

/* SEC-08 */
START_TEST(a_key_of_zeros_drops_the_link)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	waiter = pair_initiate(1);
	rig_expect_command(0x042b);
	rig_complete(0x042b);
	pair_io_response(3, 0, 0);
	pair_confirmation(7);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key("00000000000000000000000000000000", RT_SEC_KEY_P192);
	pair_expect_failed(1, RT_SEC_CODE_BAD_KEY);
	sec_expect_drop();
	sec_expect_no(waiter, RT_SEC_CODE_BAD_KEY);
}
END_TEST

START_TEST(a_debug_key_is_taken_if_the_policy_allows_it)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){ .io = RT_SEC_IO_NONE,
					     .debug_keys = true });
	pair_initiate(1);
	rig_expect_command(0x042b);
	rig_complete(0x042b);
	pair_io_response(3, 0, 0);
	pair_confirmation(7);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_DEBUG);
	sec_authenticated(0);
	pair_expect_paired(1, false);
}
END_TEST

START_TEST(the_passkey_of_the_peer_is_typed_by_our_user)
{
	pair_open(RT_SEC_IO_KEYBOARD_ONLY, SEC_PEER_SSP);
	pair_initiate(3);
	pair_expect_io(2, 0, 5);
	pair_io_response(0, 0, 5);
	pair_passkey_request();
	pair_expect_asked(RT_SEC_ASK_PASSKEY);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 1000000),
			 -EINVAL);
	rig_expect_none();
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 999999), 0);
	pair_expect_passkey(999999);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.overs, 1);
}
END_TEST

START_TEST(our_passkey_is_shown_until_the_pairing_ends)
{
	pair_open(RT_SEC_IO_DISPLAY_ONLY, SEC_PEER_SSP);
	pair_initiate(3);
	pair_expect_io(0, 0, 5);
	pair_io_response(2, 0, 5);
	pair_passkey_shown(1);
	pair_expect_asked(RT_SEC_SHOW_PASSKEY);
	ck_assert_uint_eq(pair_rig.question.number, 1);
	/* It is no question. */
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 1), -ENOENT);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), false, 1),
			 -ENOENT);
	pair_complete(0);
	ck_assert_uint_eq(pair_rig.overs, 1);
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.overs, 1);
}
END_TEST

START_TEST(digits_typed_at_the_peer_are_counted)
{
	static const struct {
		uint8_t type;
		uint8_t count;
	} presses[] = {
		{ 0, 0 }, { 1, 1 }, { 1, 2 }, { 2, 1 }, { 2, 0 }, { 2, 0 },
		{ 1, 1 }, { 3, 0 }, { 1, 1 }, { 1, 2 }, { 1, 3 }, { 1, 4 },
		{ 1, 5 }, { 1, 6 }, { 1, 6 }, { 4, 6 },
	};

	pair_open(RT_SEC_IO_DISPLAY_ONLY, SEC_PEER_SSP);
	pair_initiate(3);
	pair_expect_io(0, 0, 5);
	pair_keypress(1);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 1);
	pair_io_response(2, 0, 5);
	pair_passkey_shown(123456);
	for (unsigned int i = 0; i < RT_ARRAY_SIZE(presses); i++) {
		pair_keypress(presses[i].type);
		ck_assert_uint_eq(pair_rig.asks, i + 2);
		ck_assert_uint_eq(pair_rig.question.keypresses,
				  presses[i].count);
		ck_assert_uint_eq(pair_rig.question.number, 123456);
	}
	pair_keypress(5);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 2);
	ck_assert_uint_eq(pair_rig.asks, 1 + RT_ARRAY_SIZE(presses));
}
END_TEST

/* Not what both have agreed on: method confusion. */
START_TEST(another_method_than_the_agreed_one_is_refused)
{
	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	pair_initiate(3);
	pair_expect_io(1, 0, 5);
	switch (_i) {
	case 0: /* numbers are compared, not typed */
		pair_io_response(1, 0, 5);
		pair_passkey_request();
		pair_expect_no_passkey();
		break;
	case 1: /* a display has no keys */
		pair_io_response(2, 0, 5);
		pair_passkey_request();
		pair_expect_no_passkey();
		break;
	default: /* digits are shown, not compared */
		pair_io_response(2, 0, 5);
		pair_confirmation(7);
		pair_expect_not_confirmed();
	}
	ck_assert_uint_eq(pair_rig.asks, 0);
	pair_complete(5);
	sec_authenticated(5);
	pair_expect_failed(1, RT_SEC_CODE_NOT_AUTHENTICATED);
}
END_TEST

START_TEST(digits_to_show_that_were_not_agreed_on_drop_the_link)
{
	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	pair_initiate(3);
	pair_expect_io(1, 0, 5);
	pair_io_response(_i == 0 ? 1 : 2, 0, 5);
	pair_passkey_shown(_i == 0 ? 1 : 1000000);
	ck_assert_uint_eq(pair_rig.asks, 0);
	pair_expect_failed(1, RT_SEC_CODE_NOT_AUTHENTICATED);
	sec_expect_drop();
}
END_TEST

START_TEST(what_the_peer_says_no_to_is_told_with_its_reason)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	waiter = pair_initiate(2);
	pair_expect_io(3, 0, 4);
	pair_complete(0x18);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	sec_authenticated(0x18);
	pair_expect_hci_failed(1, 0x18);
	sec_expect_hci_no(waiter, 0x18);
	rig_expect_none();
}
END_TEST

/* Consent comes from here: the peer only asked for a service. */
START_TEST(a_pairing_of_ours_for_the_peers_request_needs_consent)
{
	struct sec_waiter *waiter;

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_listen(1);
	/* Encrypted, by a key that nobody has agreed to. */
	pair_respond(3, 0);
	pair_expect_io(3, 0, 0);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, false);
	ck_assert_uint_eq(pair_rig.asks, 0);
	sec_encrypted(0, 1);
	sec_size(16);
	sec_step();
	ck_assert(!sec_facts().consented);
	waiter = sec_ask_incoming(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
	pair_expect_io(3, 0, 4);
	pair_io_response(3, 0, 4);
	pair_confirmation(0);
	pair_expect_asked(RT_SEC_ASK_CONSENT);
	ck_assert_uint_eq(pair_rig.question.level, 2);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), false, 0), 0);
	pair_expect_not_confirmed();
	pair_complete(5);
	sec_authenticated(5);
	pair_expect_failed(2, RT_SEC_CODE_REFUSED);
	sec_expect_no(waiter, RT_SEC_CODE_REFUSED);
}
END_TEST

/* GAP/SEC/SEM/BV-09-C: the bond must not be lost by the upgrade. */
START_TEST(a_bond_made_stronger_stays_a_bond)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	waiter = pair_initiate(3);
	pair_expect_io(1, 0, 5);
	pair_io_response(1, 0, 5);
	pair_confirmation(5);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	ck_assert_uint_eq(pair_rig.stores, 1);
	sec_authenticated(0);
	pair_expect_paired(1, true);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->type,
			  RT_SEC_KEY_P192_MITM);
}
END_TEST

START_TEST(a_stored_key_that_suffices_is_given)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	sec_ask(2);
	sec_expect_authentication();
	sec_give_key();
	sec_authenticated(0);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	ck_assert(sec_facts().bonded);
	ck_assert(sec_facts().consented);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
}
END_TEST

/* SEC-09: it is no reason to forget it, or to pair anew. */
START_TEST(a_stored_key_that_fails_is_kept)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	waiter = sec_ask(2);
	sec_expect_authentication();
	sec_give_key();
	sec_authenticated(_i == 0 ? 5 : 6);
	sec_expect_hci_no(waiter, _i == 0 ? 5 : 6);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	ck_assert_ptr_nonnull(rt_sec_key_find(rig.hci, rig_addr(1)));
	ck_assert_uint_eq(pair_rig.removals, 0);
	sec_expect_quiet();
}
END_TEST

/* A peer who crosses goes first; what our user wants stays consent. */
START_TEST(a_pairing_that_crosses_the_peers_is_still_ours)
{
	static const uint8_t crossings[] = { 0x23, 0x2a };
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	waiter = pair_initiate(2);
	pair_expect_io(3, 0, 4);
	sec_authenticated(crossings[_i]);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, true);
	ck_assert(sec_facts().consented);
	sec_encrypted(0, 1);
	sec_size(16);
	sec_step();
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}
END_TEST

START_TEST(a_link_that_goes_ends_the_pairing)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	waiter = pair_initiate(3);
	pair_expect_io(1, 0, 5);
	pair_io_response(1, 0, 5);
	pair_confirmation(5);
	rig_disconnection_complete(1, 0x08);
	pair_expect_hci_failed(1, 0x08);
	ck_assert_uint_eq(pair_rig.overs, 1);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), -ENOENT);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_expect_none();
}
END_TEST

/* A controller that owes us the next step, and does not deliver. */
START_TEST(a_pairing_that_stops_is_over_after_40_s)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_DISPLAY_ONLY, SEC_PEER_SSP);
	waiter = pair_initiate(3);
	pair_expect_io(0, 0, 5);
	pair_io_response(2, 0, 5);
	pair_passkey_shown(7);
	rig_pass_us(10000000);
	pair_keypress(1);
	rig_pass_us(39999999);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	rig_pass_us(1);
	pair_expect_failed(1, RT_SEC_CODE_TIMEOUT);
	ck_assert_uint_eq(pair_rig.overs, 1);
	sec_expect_drop();
	sec_expect_no(waiter, RT_SEC_CODE_TIMEOUT);
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &level_1_pairs_without_a_bond_and_without_a_question, 1 },
		{ &level_2_bonds_if_the_peer_does_so_too, 2 },
		{ &the_number_is_compared_by_our_user, 1 },
		{ &a_key_weaker_than_needed_drops_the_link, 12 },
		{ &a_key_of_zeros_drops_the_link, 1 },
		{ &a_debug_key_is_taken_if_the_policy_allows_it, 1 },
		{ &the_passkey_of_the_peer_is_typed_by_our_user, 1 },
		{ &our_passkey_is_shown_until_the_pairing_ends, 1 },
		{ &digits_typed_at_the_peer_are_counted, 1 },
		{ &another_method_than_the_agreed_one_is_refused, 3 },
		{ &digits_to_show_that_were_not_agreed_on_drop_the_link, 2 },
		{ &what_the_peer_says_no_to_is_told_with_its_reason, 1 },
		{ &a_pairing_of_ours_for_the_peers_request_needs_consent, 1 },
		{ &a_bond_made_stronger_stays_a_bond, 1 },
		{ &a_stored_key_that_suffices_is_given, 1 },
		{ &a_stored_key_that_fails_is_kept, 2 },
		{ &a_pairing_that_crosses_the_peers_is_still_ours, 2 },
		{ &a_link_that_goes_ends_the_pairing, 1 },
		{ &a_pairing_that_stops_is_over_after_40_s, 1 },
	};

	return rig_run("unit/security/pair_ours", cases, RT_ARRAY_SIZE(cases));
}
