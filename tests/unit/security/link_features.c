/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/sec_rig.h"

START_TEST(a_peer_from_before_ssp_is_known_by_one_page)
{
	sec_open(SEC_PEER_OLD);
	ck_assert_uint_eq(sec_rig.changed, 1);
	ck_assert(sec_facts().features_known);
	ck_assert(!sec_facts().ssp);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_peer_with_ssp_says_so_in_the_second_page)
{
	sec_open(SEC_PEER_SSP);
	ck_assert_uint_eq(sec_rig.changed, 1);
	ck_assert(sec_facts().features_known);
	ck_assert(sec_facts().ssp);
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_PLAIN);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_NONE);
	ck_assert_uint_eq(sec_facts().key_bytes, 0);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_host_that_has_turned_ssp_off_has_none)
{
	sec_begin();
	sec_connect();
	rig_expect("01 1b04 02 0100");
	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b87");
	rig_expect("01 1c04 03 0100 01");
	rig_status(0x041c, 0);
	rig_inject("04 23 0d 00 0100 01 02 0800000000000000");
	ck_assert(sec_facts().features_known);
	ck_assert(!sec_facts().ssp);
}
END_TEST

/* SDP does not wait for it. */
START_TEST(level_0_passes_before_the_features_are_known)
{
	sec_begin();
	sec_connect();
	ck_assert_int_eq(sec_ask(0)->answer, RT_SEC_YES);
	ck_assert_int_eq(sec_ask_incoming(0)->answer, RT_SEC_YES);
	sec_features(SEC_PEER_SSP);
	sec_expect_quiet();
}
END_TEST

START_TEST(what_needs_the_features_waits_for_them)
{
	struct sec_waiter *ours;
	struct sec_waiter *theirs;

	sec_begin();
	sec_connect();
	ours = sec_ask(1);
	theirs = sec_ask_incoming(1);
	ck_assert_int_eq(ours->answer, RT_SEC_WAIT);
	ck_assert_int_eq(theirs->answer, RT_SEC_WAIT);
	sec_features(SEC_PEER_OLD);
	ck_assert_int_eq(ours->answer, RT_SEC_YES);
	ck_assert_int_eq(theirs->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_controller_without_ssp_does_not_ask)
{
	static const struct rig_answer old[] = {
		{ 0x1003, "00 bffe8ffed83f0000" },
		{ 0, NULL },
	};

	rig.sees_features = true;
	rig.answers = old;
	rig_bring_up();
	sec_connect();
	rig_expect_none();
	ck_assert(sec_facts().features_known);
	ck_assert(!sec_facts().ssp);
}
END_TEST

START_TEST(a_controller_that_refuses_ssp_mode_counts_as_without)
{
	static const struct rig_answer refused[] = {
		{ 0x0c56, "0c" },
		{ 0, NULL },
	};

	rig.sees_features = true;
	rig.answers = refused;
	rig_bring_up();
	sec_connect();
	rig_expect_none();
	ck_assert(sec_facts().features_known);
	ck_assert(!sec_facts().ssp);
}
END_TEST

/* Where it can't be told, the peer is not believed to be an old one. */
static void expect_strict(void)
{
	ck_assert(sec_facts().features_known);
	ck_assert(sec_facts().ssp);
	sec_expect_no(sec_ask_incoming(1), RT_SEC_CODE_NOT_ENCRYPTED);
	sec_expect_drop();
}

START_TEST(features_that_are_refused_make_the_peer_no_older)
{
	sec_begin();
	sec_connect();
	rig_expect_command(0x041b);
	rig_status(0x041b, 0x01);
	expect_strict();
}
END_TEST

START_TEST(features_that_fail_make_the_peer_no_older)
{
	sec_begin();
	sec_connect();
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 1a 0100 0000000000000000");
	expect_strict();
}
END_TEST

START_TEST(features_that_never_come_make_the_peer_no_older)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_connect();
	waiter = sec_ask_incoming(2);
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rig_pass_us(9999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_ENCRYPTED);
	sec_expect_drop();
}
END_TEST

START_TEST(a_second_page_that_never_comes_makes_the_peer_no_older)
{
	sec_begin();
	sec_connect();
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b87");
	rig_expect_command(0x041c);
	rig_status(0x041c, 0);
	rig_pass_us(9999999);
	ck_assert(!sec_facts().features_known);
	rig_pass_us(1);
	expect_strict();
}
END_TEST

static const char *const second_pages[] = {
	"04 23 0d 11 0100 01 02 0000000000000000", /* an error */
	"04 23 0d 00 0100 02 02 0000000000000000", /* another page */
	"04 0f 04 0c 01 1c04",			   /* Command Status */
};

START_TEST(a_second_page_that_fails_makes_the_peer_no_older)
{
	sec_begin();
	sec_connect();
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b87");
	rig_expect_command(0x041c);
	if (_i < 2)
		rig_status(0x041c, 0);
	rig_inject("%s", second_pages[_i]);
	expect_strict();
}
END_TEST

START_TEST(a_peer_with_ssp_and_no_second_page_is_no_older)
{
	sec_begin();
	sec_connect();
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b07");
	rig_expect_none();
	expect_strict();
}
END_TEST

/* SEC-03: it was bonded as one that does Secure Connections. */
START_TEST(a_bonded_peer_that_has_lost_secure_connections_is_dropped)
{
	sec_begin();
	sec_store(RT_SEC_KEY_P256, 16);
	sec_connect();
	sec_features(_i == 0 ? SEC_PEER_SSP : SEC_PEER_OLD);
	sec_expect_no(sec_ask(1), RT_SEC_CODE_DOWNGRADE);
	sec_expect_no(sec_ask_incoming(1), RT_SEC_CODE_DOWNGRADE);
	sec_expect_drop();
	ck_assert_ptr_nonnull(rt_sec_key_find(rig.hci, rig_addr(1)));
}
END_TEST

START_TEST(a_bonded_peer_without_it_may_stay_if_we_have_none_either)
{
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_NONE,
		.no_secure_connections = true,
	};

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	sec_begin();
	sec_store(RT_SEC_KEY_P256, 16);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	sec_expect_quiet();
}
END_TEST

START_TEST(events_of_other_links_and_times_change_nothing)
{
	const unsigned int count = 4;

	sec_begin();
	sec_connect();
	rig_inject("04 23 0d 00 0100 01 02 0100000000000000"); /* too early */
	rig_inject("04 0b 0b 00 0200 0000000000000000"); /* another handle */
	rig_inject("04 23 0d 00 0200 01 02 0100000000000000");
	ck_assert(!sec_facts().features_known);
	sec_features(SEC_PEER_SSP);
	rig_inject("04 0b 0b 00 0100 0000000000000000"); /* too late */
	ck_assert(sec_facts().ssp);
	ck_assert_uint_eq(rig_stats()->events_unexpected, count);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_link_that_goes_meanwhile_leaves_nothing)
{
	sec_begin();
	sec_connect();
	if (_i > 0)
		rig_expect_command(0x041b);
	if (_i > 1)
		rig_status(0x041b, 0);
	if (_i > 2)
		rig_inject("04 0b 0b 00 0100 bffe8ffed83f5b87");
	if (_i > 3)
		rig_expect_command(0x041c);
	rig_disconnection_complete(1, 0x08);
	rig_pass_us(0);
	/* The controller answers all the same. */
	if (_i == 1)
		rig_status(0x041b, 0x02);
	rig_inject("04 0b 0b 08 0100 0000000000000000");
	rig_inject("04 23 0d 08 0100 01 02 0000000000000000");
	if (_i == 4)
		rig_status(0x041c, 0x02);
	ck_assert_uint_eq(sec_rig.changed, 0);
	rig_expect_none();
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_peer_from_before_ssp_is_known_by_one_page, 1 },
		{ &a_peer_with_ssp_says_so_in_the_second_page, 1 },
		{ &a_host_that_has_turned_ssp_off_has_none, 1 },
		{ &level_0_passes_before_the_features_are_known, 1 },
		{ &what_needs_the_features_waits_for_them, 1 },
		{ &a_controller_without_ssp_does_not_ask, 1 },
		{ &a_controller_that_refuses_ssp_mode_counts_as_without, 1 },
		{ &features_that_are_refused_make_the_peer_no_older, 1 },
		{ &features_that_fail_make_the_peer_no_older, 1 },
		{ &features_that_never_come_make_the_peer_no_older, 1 },
		{ &a_second_page_that_never_comes_makes_the_peer_no_older, 1 },
		{ &a_second_page_that_fails_makes_the_peer_no_older,
		  RT_ARRAY_SIZE(second_pages) },
		{ &a_peer_with_ssp_and_no_second_page_is_no_older, 1 },
		{ &a_bonded_peer_that_has_lost_secure_connections_is_dropped,
		  2 },
		{ &a_bonded_peer_without_it_may_stay_if_we_have_none_either,
		  1 },
		{ &events_of_other_links_and_times_change_nothing, 1 },
		{ &a_link_that_goes_meanwhile_leaves_nothing, 5 },
	};

	return rig_run("security link features", cases, RT_ARRAY_SIZE(cases));
}
