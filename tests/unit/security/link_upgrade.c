/* SPDX-License-Identifier: MIT */
#include "hci/security/link.h"
#include "tests/unit/security/sec_rig.h"

/*
 * SEC-16: a link that is encrypted, and not well enough for what is asked now.
 * Only another key helps, and only once the encryption goes by it.
 */

/* An encrypted link that serves level 2; our user can compare numbers. */
static void begin(enum sec_peer peer)
{
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_DISPLAY_YES_NO,
		.legacy = true,
	};

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	sec_begin();
	sec_store(peer == SEC_PEER_OLD ? RT_SEC_KEY_COMBINATION
				       : RT_SEC_KEY_P192,
		  0);
	sec_connect();
	sec_features(peer);
	ck_assert_int_eq(sec_ask(2)->answer, RT_SEC_WAIT);
	sec_encrypt(1, 16);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	sec_rig.waiters[0].request.established = true;
}

/* The whole of a numeric comparison. */
static void compare(enum rt_sec_key_type type)
{
	sec_expect_authentication();
	rig_inject("04 17 06 010100000000");
	rig_expect("01 0c04 06 010100000000");
	rig_complete(0x040c);
	rig_inject("04 31 06 010100000000");
	rig_expect_command(0x042b);
	rig_complete(0x042b);
	rig_inject("04 32 09 010100000000 01 00 05");
	rig_inject("04 33 0a 010100000000 40e20100");
	ck_assert_int_eq(rt_sec_answer(rig.hci, rig_addr(1), true, 0), 0);
	rig_expect("01 2c04 06 010100000000");
	rig_complete(0x042c);
	rig_inject("04 36 07 00 010100000000");
	rig_inject("04 18 17 010100000000 0f0e0d0c0b0a09080706050403020100 "
		   "%02x",
		   type);
	sec_authenticated(0);
}

START_TEST(a_stronger_key_is_made_and_encryption_goes_on_with_it)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = _i == 0 ? sec_ask(3) : sec_ask_incoming(3);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	compare(RT_SEC_KEY_P192_MITM);
	/* Not yet: the old key's encryption is still on. */
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
	sec_step();
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_refreshed(0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192_MITM);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* What was allowed is not weaker because something stronger was made. */
START_TEST(a_key_of_secure_connections_is_no_downgrade_before_its_use)
{
	begin(SEC_PEER_SC);
	ck_assert_int_eq(sec_ask(4)->answer, RT_SEC_WAIT);
	compare(RT_SEC_KEY_P256_MITM);
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_E0);
	ck_assert(!sec_facts().stored_sc);
	ck_assert_int_eq(sec_ask(2)->answer, RT_SEC_YES);
}
END_TEST

/* Some controllers do it by themselves after the pairing. */
START_TEST(a_refresh_by_the_controller_is_enough)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192_MITM);
	sec_refreshed(0);
	sec_step();
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_refresh_that_crosses_is_tried_again)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192_MITM);
	sec_step();
	rig_expect("01 530c 02 0100");
	if (_i == 0) {
		rig_status(0x0c53, 0x2a);
	} else {
		rig_status(0x0c53, 0);
		sec_refreshed(0x23);
	}
	rig_pass_us(1999999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0);
	sec_refreshed(0);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_refresh_that_is_refused_is_told)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192_MITM);
	sec_step();
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0x11);
	sec_expect_hci_no(waiter, 0x11);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* As emulators are, which have one key for a peer and no more to do. */
START_TEST(a_controller_that_knows_no_refresh_has_proved_the_key)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192_MITM);
	sec_step();
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0x01);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192_MITM);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_refresh_that_never_comes_has_failed)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192_MITM);
	sec_step();
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0);
	rig_pass_us(9999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1);
	sec_expect_no(waiter, RT_SEC_CODE_TIMEOUT);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* SEC-15: just works instead of what was asked for. */
START_TEST(a_new_key_that_is_no_stronger_is_no_use)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	compare(RT_SEC_KEY_P192);
	sec_step();
	ck_assert_int_eq(waiter->answer, RT_SEC_NO);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
}
END_TEST

START_TEST(a_failed_upgrade_leaves_what_there_was)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(3);
	sec_expect_authentication();
	sec_authenticated(0x05);
	sec_expect_hci_no(waiter, 0x05);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	ck_assert_int_eq(sec_ask(2)->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(level_4_can_not_be_had_of_a_peer_without_secure_connections)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	waiter = sec_ask(4);
	sec_step();
	if (waiter->answer == RT_SEC_WAIT)
		compare(RT_SEC_KEY_P192_MITM);
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_NOT_SECURE_CONNECTIONS);
}
END_TEST

/* The peer pairs anew on the encrypted link, and does not refresh. */
START_TEST(a_key_that_the_peer_has_made_is_used_when_it_is_needed)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_SSP);
	rt_sec_link_key_used(sec_rig.link, RT_SEC_KEY_P192_MITM, true, true);
	sec_step();
	rig_expect_none();
	waiter = sec_ask_incoming(3);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_step();
	rig_expect("01 530c 02 0100");
	rig_status(0x0c53, 0);
	sec_refreshed(0);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* A key without our user's consent takes the place of one with it. */
START_TEST(a_weaker_key_ends_what_was_allowed)
{
	begin(SEC_PEER_SSP);
	rt_sec_link_key_used(sec_rig.link, RT_SEC_KEY_P192, false, false);
	sec_refreshed(0);
	sec_size(16);
	sec_expect_no(&sec_rig.waiters[0], RT_SEC_CODE_REFUSED);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* Before encryption could pause there was off and on. */
START_TEST(with_an_old_peer_encryption_goes_off_and_on)
{
	struct sec_waiter *waiter;

	begin(SEC_PEER_OLD);
	rt_sec_link_key_used(sec_rig.link, RT_SEC_KEY_COMBINATION, false, true);
	waiter = sec_ask_for(&(struct rt_sec_request){ .need.level = 3 });
	sec_expect_encryption(0);
	sec_encrypted(0, 0);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_WAIT);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(sec_rig.waiters[0].answer, RT_SEC_YES);
	ck_assert(!sec_facts().bonded);
	sec_step();
	/* A PIN gives no more than level 2. */
	ck_assert_int_eq(waiter->answer, RT_SEC_NO);
	sec_step();
	sec_expect_quiet();
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_stronger_key_is_made_and_encryption_goes_on_with_it, 2 },
		{ &a_key_of_secure_connections_is_no_downgrade_before_its_use,
		  1 },
		{ &a_refresh_by_the_controller_is_enough, 1 },
		{ &a_refresh_that_crosses_is_tried_again, 2 },
		{ &a_refresh_that_is_refused_is_told, 1 },
		{ &a_controller_that_knows_no_refresh_has_proved_the_key, 1 },
		{ &a_refresh_that_never_comes_has_failed, 1 },
		{ &a_new_key_that_is_no_stronger_is_no_use, 1 },
		{ &a_failed_upgrade_leaves_what_there_was, 1 },
		{ &level_4_can_not_be_had_of_a_peer_without_secure_connections,
		  1 },
		{ &a_key_that_the_peer_has_made_is_used_when_it_is_needed, 1 },
		{ &a_weaker_key_ends_what_was_allowed, 1 },
		{ &with_an_old_peer_encryption_goes_off_and_on, 1 },
	};

	return rig_run("security link upgrade", cases, RT_ARRAY_SIZE(cases));
}
