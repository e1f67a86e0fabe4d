/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "tests/unit/security/sec_rig.h"

/* A link with a stored key, and a connection of ours that wants level 2. */
static struct sec_waiter *begin(void)
{
	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	return sec_ask(2);
}

static const uint8_t failures[] = { 0x05, 0x06, 0x18, 0x22, 0x25, 0x29, 0x2f };

/* SEC-09: the key stays, and no pairing takes its place. */
START_TEST(a_failed_authentication_is_told_and_the_key_kept)
{
	struct sec_waiter *waiter = begin();

	sec_expect_authentication();
	sec_give_key();
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_authenticated(failures[_i]);
	sec_expect_hci_no(waiter, failures[_i]);
	ck_assert_ptr_nonnull(rt_sec_key_find(rig.hci, rig_addr(1)));
	sec_step();
	rig_expect_none();
	/* Who asks again has the same answer; who asks later, another try. */
	sec_expect_hci_no(sec_ask(2), failures[_i]);
	sec_step();
	rig_expect_none();
	sec_later();
	waiter = sec_ask(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(an_authentication_that_is_refused_is_told)
{
	struct sec_waiter *waiter = begin();

	sec_step();
	rig_expect_command(0x0411);
	rig_status(0x0411, failures[_i]);
	sec_expect_hci_no(waiter, failures[_i]);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(an_encryption_that_is_refused_is_told)
{
	struct sec_waiter *waiter = begin();

	sec_authenticate();
	sec_step();
	rig_expect_command(0x0413);
	rig_status(0x0413, failures[_i]);
	sec_expect_hci_no(waiter, failures[_i]);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_failed_encryption_is_told)
{
	struct sec_waiter *waiter = begin();

	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(failures[_i], 0);
	sec_expect_hci_no(waiter, failures[_i]);
	sec_step();
	rig_expect_none();
	/* From the beginning. */
	sec_later();
	waiter = sec_ask(2);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}
END_TEST

START_TEST(an_authentication_that_never_ends_ends_the_link)
{
	const struct rt_sec_policy policy = { .io = RT_SEC_IO_NONE,
					      .answer_ms = 10000 };
	struct sec_waiter *waiter;

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	waiter = begin();
	sec_expect_authentication();
	rig_pass_us(39999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_expect_none();
	rig_pass_us(1);
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_TIMEOUT);
	sec_expect_drop();
}
END_TEST

START_TEST(an_encryption_that_never_comes_has_failed)
{
	struct sec_waiter *waiter = begin();

	sec_authenticate();
	sec_expect_encryption(1);
	rig_pass_us(9999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1);
	sec_expect_no(waiter, RT_SEC_CODE_TIMEOUT);
	sec_step();
	rig_expect_none();
	/* It comes after all: it is there. */
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(sec_ask(2)->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

static const uint8_t crossings[] = { 0x0c, 0x23, 0x2a };

/* The peer's goes first, and then there is nothing left to do. */
START_TEST(an_authentication_that_crosses_the_peer_s_gives_way)
{
	struct sec_waiter *waiter = begin();

	sec_expect_authentication();
	sec_authenticated(crossings[_i]);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_step();
	rig_expect_none();
	sec_give_key();
	sec_step();
	rig_expect_none();
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(an_authentication_that_crosses_is_tried_again)
{
	struct sec_waiter *waiter = begin();

	for (int i = 0; i < 3; i++) {
		sec_step();
		rig_expect_command(0x0411);
		if (i == 1)
			rig_status(0x0411, 0);
		if (i == 1)
			sec_authenticated(crossings[_i]);
		else
			rig_status(0x0411, crossings[_i]);
		ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
		rig_pass_us(1999999);
		rig_expect_none();
		rig_pass_us(1);
	}
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(an_authentication_that_always_crosses_has_failed)
{
	struct sec_waiter *waiter = begin();

	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
		sec_step();
		rig_expect_command(0x0411);
		rig_status(0x0411, crossings[_i]);
		rig_pass_us(2000000);
	}
	sec_expect_hci_no(waiter, crossings[_i]);
	sec_expect_quiet();
}
END_TEST

START_TEST(an_encryption_that_crosses_the_peer_s_gives_way)
{
	struct sec_waiter *waiter = begin();

	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(crossings[_i], 0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_step();
	rig_expect_none();
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(an_encryption_that_crosses_is_tried_again)
{
	struct sec_waiter *waiter = begin();

	sec_authenticate();
	sec_step();
	rig_expect_command(0x0413);
	rig_status(0x0413, crossings[_i]);
	rig_pass_us(2000000);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/*
 * The peer encrypts while we authenticate. Which key it was nobody says: with a
 * refresh it is the one that was just proved.
 */
START_TEST(encryption_during_authentication_is_refreshed_after_it)
{
	struct sec_waiter *waiter = begin();

	sec_expect_authentication();
	sec_give_key();
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_authenticated(0);
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

/* SEC-03: who is challenged must not become the one who challenges. */
START_TEST(a_role_change_during_authentication_makes_it_void)
{
	struct sec_waiter *waiter = begin();

	sec_expect_authentication();
	sec_give_key();
	rig_inject("04 12 08 00 010100000000 01");
	sec_authenticated(0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_role_change_that_failed_or_came_before_does_not_matter)
{
	struct sec_waiter *waiter = begin();

	rig_inject("04 12 08 00 010100000000 01");
	sec_expect_authentication();
	sec_give_key();
	rig_inject("04 12 08 21 010100000000 01");
	rig_inject("04 12 08 00 020100000000 01"); /* of another */
	sec_authenticated(0);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
}
END_TEST

/* SEC-03 */
START_TEST(a_peer_that_always_changes_roles_is_dropped)
{
	struct sec_waiter *waiter = begin();

	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
		sec_expect_authentication();
		sec_give_key();
		rig_inject("04 12 08 00 010100000000 %02x", i % 2);
		sec_authenticated(0);
	}
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_DOWNGRADE);
	sec_expect_drop();
}
END_TEST

/* The states of the sequence, one more with each number. */
static void advance_to(int state)
{
	if (state > 0)
		sec_expect_authentication();
	if (state > 1)
		sec_give_key();
	if (state > 2)
		sec_authenticated(0);
	if (state > 3)
		sec_expect_encryption(1);
	if (state > 4)
		sec_encrypted(0, 1);
	if (state > 5)
		sec_size(16);
	if (state > 6)
		sec_refreshed(0);
}

#define STATES 8

START_TEST(a_link_that_goes_at_any_time_leaves_nothing)
{
	begin();
	advance_to(_i);
	rig_disconnection_complete(1, 0x08);
	rig_pass_us(0);
	rig_answer_all();
	sec_authenticated(0);
	sec_encrypted(0, 1);
	sec_refreshed(0);
	ck_assert_ptr_null(rig.links[0].link);
	rig_pass_us(100000000);
	rig_expect_none();
}
END_TEST

START_TEST(a_controller_that_goes_at_any_time_leaves_nothing)
{
	struct sec_waiter *waiter = begin();

	advance_to(_i);
	rt_hci_lost(rig.hci, -EIO);
	ck_assert(!rt_hci_is_up(rig.hci));
	rig_pass_us(100000000);
	ck_assert_int_ne(waiter->answer, RT_SEC_NO);
}
END_TEST

START_TEST(a_link_that_we_disconnect_takes_no_further_step)
{
	begin();
	advance_to(_i);
	rig_pass_us(0);
	rt_hci_link_disconnect(sec_rig.link, 0x13);
	rig_answer_all();
	sec_authenticated(0);
	sec_encrypted(0, 1);
	sec_refreshed(0);
	sec_step();
	rig_expect_none();
	rig_disconnection_complete(1, 0x16);
	rig_pass_us(0);
}
END_TEST

/* No event in any state is too much: it counts, or does what it says. */
START_TEST(any_event_in_any_state_is_survived)
{
	static const char *const events[] = {
		"04 06 03 00 0100",
		"04 06 03 05 0100",
		"04 06 03 23 0100",
		"04 08 04 00 0100 00",
		"04 08 04 00 0100 01",
		"04 08 04 00 0100 02",
		"04 08 04 00 0100 ff",
		"04 08 04 05 0100 01",
		"04 59 05 00 0100 02 10",
		"04 59 05 00 0100 01 06",
		"04 30 03 00 0100",
		"04 30 03 23 0100",
		"04 30 03 1f 0100",
		"04 12 08 00 010100000000 00",
		"04 0b 0b 00 0100 0000000000000000",
		"04 23 0d 00 0100 01 01 0000000000000000",
	};
	const int state = _i / (int)RT_ARRAY_SIZE(events);

	begin();
	advance_to(state);
	rig_inject("%s", events[(size_t)_i % RT_ARRAY_SIZE(events)]);
	rig_pass_us(0);
	rig_answer_all();
	rig_pass_us(100000000);
	rig_answer_all();
}
END_TEST

START_TEST(a_link_is_not_idle_while_it_authenticates)
{
	begin();
	rt_hci_link_set_used(sec_rig.link, false);
	sec_expect_authentication();
	rig_pass_us(20000000);
	rig_expect_none();
	sec_give_key();
	sec_authenticated(0x05);
	rig_pass_us(1999999);
	rig_pass_us(2);
	rig_expect("01 0604 03 0100 13");
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_failed_authentication_is_told_and_the_key_kept,
		  RT_ARRAY_SIZE(failures) },
		{ &an_authentication_that_is_refused_is_told,
		  RT_ARRAY_SIZE(failures) },
		{ &an_encryption_that_is_refused_is_told,
		  RT_ARRAY_SIZE(failures) },
		{ &a_failed_encryption_is_told, RT_ARRAY_SIZE(failures) },
		{ &an_authentication_that_never_ends_ends_the_link, 1 },
		{ &an_encryption_that_never_comes_has_failed, 1 },
		{ &an_authentication_that_crosses_the_peer_s_gives_way,
		  RT_ARRAY_SIZE(crossings) },
		{ &an_authentication_that_crosses_is_tried_again,
		  RT_ARRAY_SIZE(crossings) },
		{ &an_authentication_that_always_crosses_has_failed,
		  RT_ARRAY_SIZE(crossings) },
		{ &an_encryption_that_crosses_the_peer_s_gives_way,
		  RT_ARRAY_SIZE(crossings) },
		{ &an_encryption_that_crosses_is_tried_again,
		  RT_ARRAY_SIZE(crossings) },
		{ &encryption_during_authentication_is_refreshed_after_it, 1 },
		{ &a_role_change_during_authentication_makes_it_void, 1 },
		{ &a_role_change_that_failed_or_came_before_does_not_matter,
		  1 },
		{ &a_peer_that_always_changes_roles_is_dropped, 1 },
		{ &a_link_that_goes_at_any_time_leaves_nothing, STATES },
		{ &a_controller_that_goes_at_any_time_leaves_nothing, STATES },
		{ &a_link_that_we_disconnect_takes_no_further_step, STATES },
		{ &any_event_in_any_state_is_survived, STATES * 16 },
		{ &a_link_is_not_idle_while_it_authenticates, 1 },
	};

	return rig_run("security link fail", cases, RT_ARRAY_SIZE(cases));
}
