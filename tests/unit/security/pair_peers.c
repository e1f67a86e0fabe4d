/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>

/* Pairings that the peer begins. */

static void set_bondable(enum rt_sec_io io)
{
	pair_policy(&(struct rt_sec_policy){ .io = io, .bondable = true });
}

/* GAP/MOD/NBON/BV-02-C, SEC-14 */
START_TEST(nobody_bonds_with_a_host_that_is_not_bondable)
{
	/* Dedicated and general bonding, without and with protection. */
	pair_open_incoming(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	pair_listen(1);
	pair_respond(3, (uint8_t)(2 + _i));
	pair_expect_no_io(0x18);
	pair_complete(0x18);
	pair_expect_failed(1, RT_SEC_CODE_NOT_BONDABLE);
	ck_assert_uint_eq(pair_rig.asks, 0);
	sec_expect_quiet();
}
END_TEST

/* GAP/MOD/NBON/BV-03-C */
START_TEST(a_temporary_key_is_made_for_services_that_need_no_more)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_listen((uint8_t)_i);
	pair_respond(1, 0);
	pair_expect_io(3, 0, 0);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, false);
	ck_assert_uint_eq(pair_rig.asks, 0);
	ck_assert_uint_eq(pair_rig.stores, 0);
	ck_assert(!sec_facts().consented);
	ck_assert(!sec_facts().bonded);
}
END_TEST

/* SEC-11, SEC-14: no service wants so little. */
START_TEST(a_temporary_key_needs_consent_if_all_services_want_more)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	if (_i > 0)
		pair_listen((uint8_t)(_i + 1));
	pair_respond(1, 0);
	pair_expect_io(3, 0, 0);
	pair_confirmation(0);
	pair_expect_asked(RT_SEC_ASK_CONSENT);
	ck_assert(!pair_rig.question.bonding);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, false);
	ck_assert(sec_facts().consented);
}
END_TEST

START_TEST(without_a_user_only_the_least_is_paired_for)
{
	pair_open_incoming(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SSP);
	pair_without_user();
	switch (_i) {
	case 0: /* a temporary key that no service wants */
		pair_respond(1, 0);
		pair_expect_no_io(0x18);
		pair_complete(0x18);
		pair_expect_failed(1, RT_SEC_CODE_NOT_BONDABLE);
		return;
	case 1: /* one that is enough */
		pair_listen(1);
		pair_respond(1, 1);
		pair_expect_io(3, 0, 0);
		pair_confirmation(0);
		pair_expect_confirmed();
		return;
	default: /* a bond */
		set_bondable(RT_SEC_IO_DISPLAY_YES_NO);
		pair_respond(1, 5);
		pair_expect_io(3, 0, 4);
		pair_confirmation(0);
		pair_expect_not_confirmed();
		pair_complete(5);
		pair_expect_failed(1, RT_SEC_CODE_NO_AGENT);
	}
}
END_TEST

START_TEST(a_bondable_host_bonds_with_consent)
{
	const uint8_t bonding = _i % 2 ? 2 : 4;
	const bool yes = _i / 2;

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	set_bondable(RT_SEC_IO_NONE);
	pair_respond(3, bonding);
	pair_expect_io(3, 0, bonding);
	pair_confirmation(0);
	pair_expect_asked(RT_SEC_ASK_CONSENT);
	ck_assert(pair_rig.question.bonding);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), yes, 0), 0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), yes, 0), -ENOENT);
	if (!yes) {
		pair_expect_not_confirmed();
		pair_complete(5);
		pair_expect_failed(1, RT_SEC_CODE_REFUSED);
		ck_assert_uint_eq(pair_rig.overs, 1);
		return;
	}
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.stores, 1);
	ck_assert_uint_eq(pair_rig.overs, 1);
	ck_assert(sec_facts().bonded);
	ck_assert(sec_facts().consented);
	rig_expect_none();
}
END_TEST

/* SEC-14: one peer, for a while. */
START_TEST(a_window_lets_one_peer_bond_and_closes)
{
	const struct rt_addr any = { { 0 } };

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	rt_sec_open_window(rig.hci, _i == 0 ? any : rig_addr(1), 1000);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	pair_expect_asked(RT_SEC_ASK_CONSENT);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, true);
	pair_respond(3, 4);
	pair_expect_no_io(0x18);
	pair_complete(0x18);
	pair_expect_failed(2, RT_SEC_CODE_NOT_BONDABLE);
}
END_TEST

START_TEST(a_window_is_for_its_peer_alone)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	rt_sec_open_window(rig.hci, rig_addr(2), 1000);
	pair_respond(3, 4);
	pair_expect_no_io(0x18);
}
END_TEST

START_TEST(a_window_closes_in_time)
{
	static const struct {
		uint32_t window_ms;
		uint64_t after_us;
		bool open;
	} cases[] = {
		{ 1000, 999999, true },
		{ 1000, 1000000, false },
		{ 120000, 119999999, true },
		{ 120000, 120000000, false },
		{ 4000000, 119999999, true },
		{ 4000000, 120000000, false },
		{ 0, 0, false },
	};

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	rt_sec_open_window(rig.hci, rig_addr(1), 120000);
	rt_sec_open_window(rig.hci, rig_addr(1), cases[_i].window_ms);
	rig_pass_us(cases[_i].after_us);
	pair_respond(3, 4);
	if (cases[_i].open)
		pair_expect_io(3, 0, 4);
	else
		pair_expect_no_io(0x18);
}
END_TEST

/* SEC-13: the bond that there is stays, whatever the peer says. */
START_TEST(just_works_does_not_replace_a_bond)
{
	const struct rt_addr any = { { 0 } };

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	set_bondable(RT_SEC_IO_NONE);
	pair_listen(1);
	sec_store(RT_SEC_KEY_P192, 16);
	if (_i >= 2)
		rt_sec_open_window(rig.hci, any, 1000);
	pair_respond(3, _i % 2 ? 0 : 4);
	pair_expect_no_io(0x18);
	pair_complete(0x18);
	pair_expect_failed(1, RT_SEC_CODE_ALREADY_BONDED);
	ck_assert_uint_eq(pair_rig.asks, 0);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->key[0], 1);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->key[4], 0);
}
END_TEST

START_TEST(a_window_for_the_very_peer_lets_it_bond_again)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	pair_expect_asked(RT_SEC_ASK_CONSENT);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.key.key[15], 16);
}
END_TEST

/* A key with protection is not given up for one without, in a window either. */
START_TEST(an_authenticated_bond_is_not_made_weaker)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	sec_store(RT_SEC_KEY_P256_MITM, 16);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_respond(3, 4);
	pair_expect_no_io(0x18);
	pair_complete(0x18);
	pair_expect_failed(1, RT_SEC_CODE_WEAKER_KEY);
}
END_TEST

/* Both would have taken P-256; the peer's half is gone. */
START_TEST(a_key_weaker_than_the_stored_one_drops_the_link)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	sec_store(RT_SEC_KEY_P256, 16);
	rt_sec_open_window(rig.hci, rig_addr(1), 1000);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_failed(1, RT_SEC_CODE_WEAKER_KEY);
	ck_assert_uint_eq(pair_rig.stores, 0);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->type,
			  RT_SEC_KEY_P256);
	sec_expect_drop();
}
END_TEST

START_TEST(compared_numbers_may_replace_a_bond)
{
	pair_open_incoming(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SC);
	set_bondable(RT_SEC_IO_DISPLAY_YES_NO);
	sec_store(RT_SEC_KEY_P256_MITM, 16);
	/* Protection is asked for by us, where the bond has it. */
	pair_respond(1, 4);
	pair_expect_io(1, 0, 5);
	pair_confirmation(11);
	pair_expect_asked(RT_SEC_ASK_CONFIRM);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P256_MITM);
	pair_expect_paired(1, true);
	ck_assert_uint_eq(pair_rig.stores, 1);
}
END_TEST

/* GAP/SEC/SEM/BV-11-C, BV-12-C: nothing less than level 4. */
START_TEST(secure_connections_only_pairs_for_nothing_less)
{
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_DISPLAY_YES_NO,
		.bondable = true,
		.secure_connections_only = true,
	};

	pair_open_incoming(RT_SEC_IO_DISPLAY_YES_NO, SEC_PEER_SC);
	pair_policy(&policy);
	if (_i == 0) { /* just works is all there is */
		pair_respond(3, 4);
		pair_expect_no_io(0x18);
		pair_complete(0x18);
		pair_expect_failed(1, RT_SEC_CODE_NOT_AUTHENTICATED);
		return;
	}
	pair_respond(1, 4);
	pair_expect_io(1, 0, 5);
	pair_confirmation(11);
	ck_assert_uint_eq(pair_rig.question.level, 4);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	if (_i == 1) {
		pair_key(KEY, RT_SEC_KEY_P256_MITM);
		pair_expect_paired(1, true);
		return;
	}
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	pair_expect_failed(1, RT_SEC_CODE_NOT_SECURE_CONNECTIONS);
	sec_expect_drop();
}
END_TEST

/* Our user's time, to the microsecond. */
START_TEST(no_answer_in_time_is_a_no)
{
	const uint64_t time_us = _i == 0 ? 25000000 : 5000000;

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_policy(&(struct rt_sec_policy){
		.io = RT_SEC_IO_NONE,
		.bondable = true,
		.answer_ms = _i == 0 ? 0 : 5000,
	});
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	rig_pass_us(time_us - 1);
	rig_expect_none();
	ck_assert_uint_eq(pair_rig.overs, 0);
	rig_pass_us(1);
	pair_expect_not_confirmed();
	ck_assert_uint_eq(pair_rig.overs, 1);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), -ENOENT);
	rig_expect_none();
	pair_complete(5);
	pair_expect_failed(1, RT_SEC_CODE_NO_ANSWER);
}
END_TEST

START_TEST(an_answer_just_in_time_counts)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	set_bondable(RT_SEC_IO_NONE);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	rig_pass_us(24999999);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	rig_pass_us(1);
	rig_expect_none();
}
END_TEST

static void answer_yes(const struct rt_sec_question *question)
{
	ck_assert_int_eq(rt_sec_answer(rig.hci, question->addr, true, 0), 0);
}

START_TEST(a_question_may_be_answered_from_inside)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	set_bondable(RT_SEC_IO_NONE);
	pair_rig.on_ask = answer_yes;
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	ck_assert_uint_eq(pair_rig.overs, 0);
	pair_expect_confirmed();
	sec_step();
	ck_assert_uint_eq(pair_rig.overs, 1);
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	pair_expect_paired(1, true);
}
END_TEST

/* The controller, or the peer, has lost its way. */
START_TEST(a_pairing_that_goes_silent_is_over_after_40_s)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	set_bondable(RT_SEC_IO_NONE);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	if (_i > 0) {
		pair_confirmation(0);
		ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0),
				 0);
		pair_expect_confirmed();
		sec_step();
	}
	if (_i > 1)
		pair_complete(0);
	rig_pass_us(39999999);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	rig_pass_us(1);
	pair_expect_failed(1, RT_SEC_CODE_TIMEOUT);
	sec_expect_drop();
	pair_expect_failed(1, RT_SEC_CODE_TIMEOUT);
}
END_TEST

START_TEST(a_link_that_goes_while_we_ask_ends_the_question)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	set_bondable(RT_SEC_IO_NONE);
	pair_respond(3, 4);
	pair_expect_io(3, 0, 4);
	pair_confirmation(0);
	rig_disconnection_complete(1, 0x13);
	ck_assert_uint_eq(pair_rig.overs, 1);
	pair_expect_hci_failed(1, 0x13);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), -ENOENT);
	rig_pass_us(60000000);
	rig_expect_none();
}
END_TEST

/* Nobody tells us how it ends: it is used when the peer encrypts. */
START_TEST(a_stored_key_is_given_to_a_peer_that_authenticates)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	sec_give_key();
	sec_encrypted(0, 1);
	sec_size(16);
	sec_step();
	ck_assert(sec_facts().bonded);
	ck_assert(sec_facts().consented);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	sec_expect_quiet();
}
END_TEST

START_TEST(keys_of_a_refused_type_are_not_given)
{
	static const struct {
		uint8_t type;
		bool debug;
		bool sc_only;
		bool given;
	} cases[] = {
		{ RT_SEC_KEY_COMBINATION, false, false, true },
		{ RT_SEC_KEY_LOCAL_UNIT, false, false, false },
		{ RT_SEC_KEY_REMOTE_UNIT, false, false, false },
		{ RT_SEC_KEY_DEBUG, false, false, false },
		{ RT_SEC_KEY_DEBUG, true, false, true },
		{ RT_SEC_KEY_P192, false, false, true },
		{ RT_SEC_KEY_P192_MITM, false, true, false },
		{ RT_SEC_KEY_P256, false, true, false },
		{ RT_SEC_KEY_P256_MITM, false, true, true },
	};

	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SC);
	pair_policy(&(struct rt_sec_policy){
		.io = RT_SEC_IO_NONE,
		.debug_keys = cases[_i].debug,
		.secure_connections_only = cases[_i].sc_only,
	});
	sec_store((enum rt_sec_key_type)cases[_i].type, 16);
	if (cases[_i].given) {
		sec_give_key();
		return;
	}
	pair_key_request();
	pair_expect_no_key();
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_NONE);
}
END_TEST

/* Change Connection Link Key, by either side. */
START_TEST(a_changed_key_keeps_its_type)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192_MITM, 16);
	sec_give_key();
	pair_key(KEY, RT_SEC_KEY_CHANGED);
	ck_assert_uint_eq(pair_rig.stores, 1);
	ck_assert_uint_eq(pair_rig.key.type, RT_SEC_KEY_P192_MITM);
	ck_assert_uint_eq(pair_rig.key.key[15], 16);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->key[15], 16);
}
END_TEST

START_TEST(a_changed_key_of_no_bond_is_not_stored)
{
	pair_open_incoming(RT_SEC_IO_NONE, SEC_PEER_SSP);
	pair_key(KEY, RT_SEC_KEY_CHANGED);
	ck_assert_uint_eq(pair_rig.stores, 0);
	ck_assert_uint_eq(pair_rig.pairings, 0);
	ck_assert_ptr_null(rt_sec_key_find(rig.hci, rig_addr(1)));
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &nobody_bonds_with_a_host_that_is_not_bondable, 4 },
		{ &a_temporary_key_is_made_for_services_that_need_no_more, 2 },
		{ &a_temporary_key_needs_consent_if_all_services_want_more, 4 },
		{ &without_a_user_only_the_least_is_paired_for, 3 },
		{ &a_bondable_host_bonds_with_consent, 4 },
		{ &a_window_lets_one_peer_bond_and_closes, 2 },
		{ &a_window_is_for_its_peer_alone, 1 },
		{ &a_window_closes_in_time, 7 },
		{ &just_works_does_not_replace_a_bond, 4 },
		{ &a_window_for_the_very_peer_lets_it_bond_again, 1 },
		{ &an_authenticated_bond_is_not_made_weaker, 1 },
		{ &a_key_weaker_than_the_stored_one_drops_the_link, 1 },
		{ &compared_numbers_may_replace_a_bond, 1 },
		{ &secure_connections_only_pairs_for_nothing_less, 3 },
		{ &no_answer_in_time_is_a_no, 2 },
		{ &an_answer_just_in_time_counts, 1 },
		{ &a_question_may_be_answered_from_inside, 1 },
		{ &a_pairing_that_goes_silent_is_over_after_40_s, 3 },
		{ &a_link_that_goes_while_we_ask_ends_the_question, 1 },
		{ &a_stored_key_is_given_to_a_peer_that_authenticates, 1 },
		{ &keys_of_a_refused_type_are_not_given, 9 },
		{ &a_changed_key_keeps_its_type, 1 },
		{ &a_changed_key_of_no_bond_is_not_stored, 1 },
	};

	return rig_run("unit/security/pair_peers", cases, RT_ARRAY_SIZE(cases));
}
