/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/pair_rig.h"

#include <errno.h>

#include "hci/link.h"

/* rt_sec_pair(): bonds that our user asks for. */

/* The link opens, and the peer's features are read. */
static void open_link(void)
{
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	sec_rig.link = rt_hci_link_by_addr(rig.hci, rig_addr(1));
	sec_features(SEC_PEER_SSP);
}

/* Up to the exchange of IO capabilities. */
static void begin(bool mitm, bool keep)
{
	ck_assert_int_eq(pair_bond(mitm, keep), 0);
	open_link();
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
}

/* Just works, up to the key. */
static void make_key(uint8_t bonding, uint8_t peer_bonding)
{
	pair_expect_io(3, 0, bonding);
	pair_io_response(3, 0, peer_bonding);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
}

static void encrypt(void)
{
	sec_authenticated(0);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
}

/* GAP/IDLE/BON/BV-03-C, BV-05-C */
START_TEST(a_dedicated_bond_lets_go_of_the_link)
{
	const bool keep = _i;

	pair_begin(RT_SEC_IO_NONE);
	begin(false, keep);
	make_key(keep ? 4 : 2, 4);
	encrypt();
	ck_assert_uint_eq(pair_rig.dones, 0);
	sec_step();
	pair_expect_bonded();
	pair_expect_paired(1, true);
	if (keep) {
		rig_expect_none();
		ck_assert_int_eq(rt_hci_link_state(sec_rig.link),
				 RT_HCI_LINK_OPEN);
		return;
	}
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	rig_pass_us(0);
	pair_expect_bonded();
}
END_TEST

/* GAP/IDLE/BON/BV-04-C, BV-06-C */
START_TEST(a_bond_with_protection_asks_for_it)
{
	pair_begin(RT_SEC_IO_DISPLAY_YES_NO);
	begin(true, _i);
	pair_expect_io(1, 0, _i ? 5 : 3);
	pair_io_response(1, 0, 5);
	pair_confirmation(77);
	pair_expect_asked(RT_SEC_ASK_CONFIRM);
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	encrypt();
	sec_step();
	pair_expect_bonded();
}
END_TEST

START_TEST(a_link_that_others_use_stays)
{
	pair_begin(RT_SEC_IO_NONE);
	begin(false, false);
	rt_hci_link_set_used(sec_rig.link, true);
	make_key(2, 2);
	encrypt();
	sec_step();
	pair_expect_bonded();
	sec_expect_quiet();
}
END_TEST

/* Over a link that is open already, with a key that is there. */
START_TEST(a_bond_is_made_anew_if_our_user_says_so)
{
	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	sec_store(RT_SEC_KEY_P192, 16);
	ck_assert_int_eq(pair_bond(false, true), 0);
	rig_expect_none();
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
	make_key(4, 4);
	encrypt();
	sec_step();
	pair_expect_bonded();
	ck_assert_uint_eq(pair_rig.key.key[15], 16);
}
END_TEST

START_TEST(a_peer_that_does_not_bond_fails_it)
{
	pair_begin(RT_SEC_IO_NONE);
	begin(false, true);
	make_key(4, 0);
	encrypt();
	sec_step();
	ck_assert_uint_eq(pair_rig.stores, 0);
	pair_expect_not_bonded(RT_SEC_CODE_NOT_BONDED);
}
END_TEST

/* The peer lets go as soon as it has the key: so it is done (C:6.5). */
START_TEST(a_bond_has_succeeded_when_its_key_is_stored)
{
	pair_begin(RT_SEC_IO_NONE);
	begin(false, false);
	make_key(2, 2);
	switch (_i) {
	case 0:
		break;
	case 1:
		sec_authenticated(0);
		break;
	case 2:
		sec_authenticated(0x13);
		break;
	default:
		sec_authenticated(0);
		sec_expect_encryption(1);
		sec_encrypted(0x13, 0);
	}
	rig_disconnection_complete(1, 0x13);
	sec_step();
	pair_expect_bonded();
	pair_expect_paired(1, true);
	ck_assert_ptr_nonnull(rt_sec_key_find(rig.hci, rig_addr(1)));
}
END_TEST

START_TEST(encryption_that_fails_fails_the_bond)
{
	pair_begin(RT_SEC_IO_NONE);
	begin(false, true);
	make_key(4, 4);
	sec_authenticated(0);
	sec_expect_encryption(1);
	sec_encrypted(0x25, 0);
	sec_step();
	ck_assert_uint_eq(pair_rig.dones, 1);
	ck_assert_uint_eq(pair_rig.done_why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(pair_rig.done_why.code, 0x25);
}
END_TEST

START_TEST(a_peer_that_can_not_be_reached_fails_it)
{
	pair_begin(RT_SEC_IO_NONE);
	ck_assert_int_eq(pair_bond(false, false), 0);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(4, 0, 1);
	ck_assert_uint_eq(pair_rig.dones, 0);
	sec_step();
	ck_assert_uint_eq(pair_rig.dones, 1);
	ck_assert_uint_eq(pair_rig.done_why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(pair_rig.done_why.code, 4);
	ck_assert_uint_eq(pair_rig.pairings, 0);
}
END_TEST

START_TEST(protection_that_nobody_here_can_give_fails_it)
{
	pair_begin(RT_SEC_IO_NONE);
	ck_assert_int_eq(pair_bond(true, true), 0);
	open_link();
	sec_step();
	sec_step();
	pair_expect_not_bonded(RT_SEC_CODE_NOT_AUTHENTICATED);
	rig_expect_none();
}
END_TEST

static void never(void *user, const struct rt_reason *why)
{
	ck_abort_msg("%p %d", user, why->err);
}

START_TEST(what_can_not_be_asked_for_is_refused_at_once)
{
	struct rt_sec_pair_params params = { .addr = rig_addr(1) };
	rt_handle handle = 7;

	pair_begin(RT_SEC_IO_NONE);
	ck_assert_int_eq(rt_sec_pair(rig.hci, &params, &handle), -EINVAL);
	params.done = never;
	params.addr = (struct rt_addr){ { 0 } };
	ck_assert_int_eq(rt_sec_pair(rig.hci, &params, &handle), -EINVAL);
	params.addr = rt_hci_get_info(rig.hci)->addr;
	ck_assert_int_eq(rt_sec_pair(rig.hci, &params, &handle), -EINVAL);
	ck_assert_uint_eq(handle, 7);
	ck_assert_int_eq(pair_bond(false, false), 0);
	ck_assert_int_eq(pair_bond(false, false), -EBUSY);
	params.addr = rig_addr(1);
	rt_hci_lost(rig.hci, -EIO);
	ck_assert_int_eq(rt_sec_pair(rig.hci, &params, &handle), -ENETDOWN);
	sec_step();
	ck_assert_uint_eq(pair_rig.dones, 1);
	ck_assert_int_lt(pair_rig.done_why.err, 0);
}
END_TEST

START_TEST(there_are_as_many_bonds_as_links)
{
	struct rt_sec_pair_params params = { .done = never };
	rt_handle handles[9];

	pair_begin(RT_SEC_IO_NONE);
	for (uint8_t i = 0; i < 8; i++) {
		params.addr = rig_addr((uint8_t)(i + 10));
		ck_assert_int_eq(rt_sec_pair(rig.hci, &params, &handles[i]),
				 i < 7 ? 0 : -EMLINK);
	}
	for (size_t i = 0; i < 7; i++)
		rt_sec_pair_cancel(rig.hci, handles[i]);
	/* Stale ones do nothing. */
	rt_sec_pair_cancel(rig.hci, handles[0]);
	rt_sec_pair_cancel(rig.hci, 0);
	rig_expect_none();
}
END_TEST

START_TEST(a_bond_without_room_for_its_key_is_refused)
{
	struct rt_sec_key key = {
		.type = RT_SEC_KEY_P192,
		.key = { 1 },
	};

	pair_begin(RT_SEC_IO_NONE);
	rig.env->limits.bonded_keys = 2;
	key.addr = rig_addr(8);
	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), 0);
	key.addr = rig_addr(9);
	ck_assert_int_eq(rt_sec_key_add(rig.hci, &key), 0);
	ck_assert_int_eq(pair_bond(false, false), -ENOSPC);
	rig.env->limits.bonded_keys = 3;
	ck_assert_int_eq(pair_bond(false, false), 0);
	rt_sec_pair_cancel(rig.hci, pair_rig.bond);
	rig_answer_all();
}
END_TEST

/* Given up at each step: done is not called, and nothing stays behind. */
START_TEST(a_bond_can_be_given_up_at_any_time)
{
	const int last = _i;
	int step = 0;

	pair_begin(RT_SEC_IO_DISPLAY_YES_NO);
	ck_assert_int_eq(pair_bond(true, false), 0);
	if (step++ == last)
		goto cancel;
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	if (step++ == last)
		goto cancel;
	rig_connection_complete(0, 1, 1);
	if (step++ == last)
		goto cancel;
	sec_features(SEC_PEER_SSP);
	if (step++ == last)
		goto cancel;
	sec_expect_authentication();
	if (step++ == last)
		goto cancel;
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
	pair_expect_io(1, 0, 3);
	if (step++ == last)
		goto cancel;
	pair_io_response(1, 0, 3);
	pair_confirmation(1);
	if (step++ == last)
		goto cancel;
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	pair_expect_confirmed();
	if (step++ == last)
		goto cancel;
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192_MITM);
	if (step++ == last)
		goto cancel;
	encrypt();
cancel:
	rt_sec_pair_cancel(rig.hci, pair_rig.bond);
	rt_sec_pair_cancel(rig.hci, pair_rig.bond);
	for (int i = 0; i < 3; i++) {
		rig_answer_all();
		rig_pass_us(0);
	}
	ck_assert_uint_eq(pair_rig.dones, 0);
	if (rt_hci_link_by_handle(rig.hci, 1))
		rig_disconnection_complete(1, 0x16);
	rig_pass_us(0);
	ck_assert_uint_eq(pair_rig.dones, 0);
	ck_assert_int_eq(pair_bond(false, false), 0);
}
END_TEST

/* Others wait for the same pairing: it is not ours alone to give up. */
START_TEST(giving_up_leaves_what_others_wait_for)
{
	struct sec_waiter *waiter;

	pair_open(RT_SEC_IO_NONE, SEC_PEER_SSP);
	waiter = sec_ask(2);
	ck_assert_int_eq(pair_bond(false, false), 0);
	sec_expect_authentication();
	pair_key_request();
	pair_expect_no_key();
	pair_io_request();
	pair_expect_io(3, 0, 2);
	rt_sec_pair_cancel(rig.hci, pair_rig.bond);
	pair_io_response(3, 0, 4);
	pair_confirmation(0);
	pair_expect_confirmed();
	pair_complete(0);
	pair_key(KEY, RT_SEC_KEY_P192);
	encrypt();
	sec_step();
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	ck_assert_uint_eq(pair_rig.dones, 0);
	sec_expect_quiet();
}
END_TEST

/* Each allocation fails in turn: of the bond, and of its link. */
START_TEST(a_bond_without_memory_is_refused)
{
	size_t live;

	pair_begin(RT_SEC_IO_NONE);
	live = rig.env->live;
	for (size_t n = 0; n < 2; n++) {
		rig.fake.allocs_left = n;
		ck_assert_int_eq(pair_bond(false, false), -ENOMEM);
		ck_assert_uint_eq(rig.env->live, live);
	}
	rig.fake.allocs_left = 2;
	ck_assert_int_eq(pair_bond(false, false), 0);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_dedicated_bond_lets_go_of_the_link, 2 },
		{ &a_bond_with_protection_asks_for_it, 2 },
		{ &a_link_that_others_use_stays, 1 },
		{ &a_bond_is_made_anew_if_our_user_says_so, 1 },
		{ &a_peer_that_does_not_bond_fails_it, 1 },
		{ &a_bond_has_succeeded_when_its_key_is_stored, 4 },
		{ &encryption_that_fails_fails_the_bond, 1 },
		{ &a_peer_that_can_not_be_reached_fails_it, 1 },
		{ &protection_that_nobody_here_can_give_fails_it, 1 },
		{ &what_can_not_be_asked_for_is_refused_at_once, 1 },
		{ &there_are_as_many_bonds_as_links, 1 },
		{ &a_bond_without_room_for_its_key_is_refused, 1 },
		{ &a_bond_can_be_given_up_at_any_time, 10 },
		{ &giving_up_leaves_what_others_wait_for, 1 },
		{ &a_bond_without_memory_is_refused, 1 },
	};

	return rig_run("unit/security/pair_bond", cases, RT_ARRAY_SIZE(cases));
}
