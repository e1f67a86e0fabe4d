/* SPDX-License-Identifier: MIT */
#include "hci/security/link.h"

#include <errno.h>

#include "tests/unit/security/sec_rig.h"

START_TEST(without_an_open_link_the_answer_is_no)
{
	struct sec_waiter *waiter;

	sec_begin();
	waiter = sec_ask(0);
	sec_expect_hci_no(waiter, 0x02);
	rig_want(1);
	sec_expect_hci_no(sec_ask(1), 0x02);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	rig_expect_command(0x041b);
	rig_status(0x041b, 0);
	rt_hci_link_disconnect(rig.links[0].link, 0x13);
	sec_expect_hci_no(sec_ask(1), 0x02);
	ck_assert(!rt_sec_get_facts(rig.hci, rig_addr(1),
				    &(struct rt_sec_facts){ 0 }));
}
END_TEST

START_TEST(the_reason_need_not_be_wanted)
{
	const struct rt_sec_request request = { .peer = rig_addr(1) };

	sec_begin();
	ck_assert_int_eq(rt_sec_ask(rig.hci, &request, NULL), RT_SEC_NO);
}
END_TEST

/* C:5.2.2.2.1: both hosts do SSP, so the peer has to encrypt first. */
START_TEST(a_request_on_a_plain_link_is_refused_and_the_link_dropped)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_accept();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask_incoming((uint8_t)(_i + 1));
	sec_expect_no(waiter, RT_SEC_CODE_NOT_ENCRYPTED);
	/* Nothing else passes meanwhile, but for SDP. */
	sec_expect_no(sec_ask(1), RT_SEC_CODE_NOT_ENCRYPTED);
	ck_assert_int_eq(sec_ask_incoming(0)->answer, RT_SEC_YES);
	sec_expect_drop();
}
END_TEST

START_TEST(a_request_before_the_features_are_known_begins_nothing)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_accept();
	waiter = sec_ask_incoming(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_features(SEC_PEER_SSP);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_ENCRYPTED);
	sec_expect_drop();
}
END_TEST

/* On USB data can be there before the event. */
START_TEST(a_request_waits_for_the_encryption_that_is_due)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_accept();
	sec_features(SEC_PEER_SSP);
	sec_give_key();
	waiter = sec_ask_incoming(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_expect_none();
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_request_does_not_wait_for_ever_for_the_encryption)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_accept();
	sec_features(SEC_PEER_SSP);
	sec_give_key();
	waiter = sec_ask_incoming(2);
	rig_pass_us(1999999);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_ENCRYPTED);
	sec_expect_drop();
}
END_TEST

START_TEST(a_request_waits_while_we_encrypt)
{
	struct sec_waiter *ours;
	struct sec_waiter *theirs;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	ours = sec_ask(2);
	if (_i == 1)
		sec_expect_authentication();
	theirs = sec_ask_incoming(2);
	ck_assert_int_eq(theirs->answer, RT_SEC_WAIT);
	if (_i == 0)
		sec_expect_authentication();
	sec_give_key();
	sec_authenticated(0);
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(ours->answer, RT_SEC_YES);
	ck_assert_int_eq(theirs->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* The peer encrypts, which spares us the same. */
START_TEST(a_connection_of_ours_waits_for_the_peer_s_encryption)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	sec_give_key();
	waiter = sec_ask(2);
	sec_step();
	rig_expect_none();
	sec_encrypted(0, 1);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_connection_of_ours_goes_on_if_the_peer_does_not)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	sec_give_key();
	waiter = sec_ask(2);
	sec_step();
	rig_expect_none();
	rig_pass_us(2000000);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(without_pairing_only_a_stored_key_will_do)
{
	const struct rt_sec_request request = { .need.level = 1,
						.no_pairing = true };
	struct sec_waiter *waiter;

	sec_open(SEC_PEER_SSP);
	sec_expect_no(sec_ask_for(&request), RT_SEC_CODE_NOT_BONDED);
	sec_step();
	rig_expect_none();
	sec_store(RT_SEC_KEY_P192, 0);
	waiter = sec_ask_for(&request);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(without_pairing_the_features_are_read_and_no_more)
{
	const struct rt_sec_request request = { .need.level = 1,
						.no_pairing = true };
	struct sec_waiter *waiter;

	sec_begin();
	sec_connect();
	waiter = sec_ask_for(&request);
	sec_features(SEC_PEER_SSP);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_BONDED);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* SEC-11 */
START_TEST(what_is_for_bonded_peers_begins_no_pairing)
{
	const struct rt_sec_request ours = {
		.need = { .level = 1, .bonded_only = true },
	};
	const struct rt_sec_request theirs = {
		.need = { .level = 1, .bonded_only = true },
		.incoming = true,
	};

	sec_open(SEC_PEER_SSP);
	sec_expect_no(sec_ask_for(&ours), RT_SEC_CODE_NOT_BONDED);
	sec_encrypted(0, 1);
	sec_size(16);
	rt_sec_link_key_used(sec_rig.link, RT_SEC_KEY_P192, false, true);
	sec_refreshed(0);
	sec_size(16);
	ck_assert_int_eq(sec_ask(2)->answer, RT_SEC_YES);
	sec_expect_no(sec_ask_for(&ours), RT_SEC_CODE_NOT_BONDED);
	sec_expect_no(sec_ask_for(&theirs), RT_SEC_CODE_NOT_BONDED);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_failure_for_more_does_not_stop_what_asks_for_less)
{
	struct sec_waiter *more;
	struct sec_waiter *less;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	more = sec_ask(4); /* our user can do nothing */
	less = sec_ask(2);
	sec_features(SEC_PEER_SSP);
	sec_step();
	if (more->answer == RT_SEC_WAIT)
		sec_encrypt(1, 16);
	ck_assert_int_eq(more->answer, RT_SEC_NO);
	ck_assert_int_ne(less->answer, RT_SEC_NO);
	if (less->answer == RT_SEC_WAIT)
		sec_encrypt(1, 16);
	ck_assert_int_eq(less->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(secure_connections_only_makes_every_need_level_4)
{
	const struct rt_sec_policy policy = {
		.io = RT_SEC_IO_NONE,
		.secure_connections_only = true,
	};
	struct sec_waiter *waiter;

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	sec_begin();
	sec_store(RT_SEC_KEY_P256_MITM, 0);
	sec_connect();
	sec_features(SEC_PEER_SC);
	waiter = sec_ask(1);
	sec_encrypt(2, 15);
	sec_expect_no(waiter, RT_SEC_CODE_KEY_TOO_SHORT);
	ck_assert_int_eq(sec_ask(0)->answer, RT_SEC_YES);
}
END_TEST

START_TEST(another_policy_is_told_later)
{
	struct rt_sec_policy policy = { .io = RT_SEC_IO_NONE };
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(2);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	waiter->request.established = true;
	sec_rig.changed = 0;
	policy.secure_connections_only = true;
	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	ck_assert_uint_eq(sec_rig.changed, 0);
	sec_step();
	ck_assert_uint_eq(sec_rig.changed, 1);
	sec_expect_no(waiter, RT_SEC_CODE_NOT_SECURE_CONNECTIONS);
}
END_TEST

START_TEST(a_key_that_is_removed_is_told_later)
{
	struct sec_waiter *bonded;
	struct sec_waiter *any;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	bonded = sec_ask_for(&(struct rt_sec_request){
		.need = { .level = 2, .bonded_only = true } });
	any = sec_ask(2);
	sec_encrypt(1, 16);
	ck_assert_int_eq(bonded->answer, RT_SEC_YES);
	ck_assert_int_eq(any->answer, RT_SEC_YES);
	bonded->request.established = true;
	any->request.established = true;
	sec_rig.changed = 0;
	ck_assert_int_eq(rt_sec_key_remove(rig.hci, rig_addr(1)), 0);
	ck_assert_uint_eq(sec_rig.changed, 0);
	sec_step();
	ck_assert_uint_eq(sec_rig.changed, 1);
	sec_expect_no(bonded, RT_SEC_CODE_NOT_BONDED);
	ck_assert_int_eq(any->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(policies_out_of_range_are_refused)
{
	struct rt_sec_policy policy = { .io = RT_SEC_IO_DISPLAY_YES_NO,
					.answer_ms = 60000 };

	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), 0);
	policy.answer_ms = 60001;
	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), -EINVAL);
	ck_assert_uint_eq(rt_sec_get_policy(rig.hci)->answer_ms, 60000);
	policy.answer_ms = 0;
	policy.io = (enum rt_sec_io)4;
	ck_assert_int_eq(rt_sec_set_policy(rig.hci, &policy), -EINVAL);
	ck_assert_int_eq(rt_sec_get_policy(rig.hci)->io,
			 RT_SEC_IO_DISPLAY_YES_NO);
}
END_TEST

/* SEC-19: what was allowed, on a link that is plain again. */
START_TEST(up_to_level_2_waits_for_encryption_to_come_back)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask((uint8_t)(_i + 1));
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_encrypted(0, 0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_pass_us(1000000);
	rig_expect_none();
	sec_encrypted(0, 1);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

/* SEC-19 */
START_TEST(above_level_2_the_link_is_dropped_when_it_is_plain)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192_MITM, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(3);
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_encrypted(0, 0);
	sec_expect_no(waiter, RT_SEC_CODE_ENCRYPTION_LOST);
	sec_expect_drop();
}
END_TEST

/* SEC-19: no octet in between passes with a key of unknown size. */
START_TEST(what_was_allowed_waits_for_the_new_key_s_size)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(2);
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_refreshed(0);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_refreshed(0);
	sec_size(7); /* of the first one */
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

/* SEC-19 */
START_TEST(a_refresh_to_a_shorter_key_is_a_downgrade)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_refreshed(0);
	sec_size(8);
	sec_expect_no(waiter, RT_SEC_CODE_DOWNGRADE);
	sec_expect_drop();
}
END_TEST

/* SEC-19 */
START_TEST(a_refresh_that_fails_drops_the_link)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_refreshed(0x05);
	sec_expect_no(waiter, RT_SEC_CODE_ENCRYPTION_LOST);
	sec_expect_drop();
}
END_TEST

/* SEC-18, SEC-19 */
START_TEST(a_refresh_whose_size_is_not_told_ends_what_was_allowed)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_encrypt(1, 16);
	waiter->request.established = true;
	sec_refreshed(0);
	rig_expect("01 0814 02 0100");
	rig_inject("04 0e 07 01 0814 1f 0100 10");
	sec_expect_no(waiter, RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	sec_expect_quiet();
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &without_an_open_link_the_answer_is_no, 1 },
		{ &the_reason_need_not_be_wanted, 1 },
		{ &a_request_on_a_plain_link_is_refused_and_the_link_dropped,
		  4 },
		{ &a_request_before_the_features_are_known_begins_nothing, 1 },
		{ &a_request_waits_for_the_encryption_that_is_due, 1 },
		{ &a_request_does_not_wait_for_ever_for_the_encryption, 1 },
		{ &a_request_waits_while_we_encrypt, 2 },
		{ &a_connection_of_ours_waits_for_the_peer_s_encryption, 1 },
		{ &a_connection_of_ours_goes_on_if_the_peer_does_not, 1 },
		{ &without_pairing_only_a_stored_key_will_do, 1 },
		{ &without_pairing_the_features_are_read_and_no_more, 1 },
		{ &what_is_for_bonded_peers_begins_no_pairing, 1 },
		{ &a_failure_for_more_does_not_stop_what_asks_for_less, 1 },
		{ &secure_connections_only_makes_every_need_level_4, 1 },
		{ &another_policy_is_told_later, 1 },
		{ &a_key_that_is_removed_is_told_later, 1 },
		{ &policies_out_of_range_are_refused, 1 },
		{ &up_to_level_2_waits_for_encryption_to_come_back, 2 },
		{ &above_level_2_the_link_is_dropped_when_it_is_plain, 1 },
		{ &what_was_allowed_waits_for_the_new_key_s_size, 1 },
		{ &a_refresh_to_a_shorter_key_is_a_downgrade, 1 },
		{ &a_refresh_that_fails_drops_the_link, 1 },
		{ &a_refresh_whose_size_is_not_told_ends_what_was_allowed, 1 },
	};

	return rig_run("security link ask", cases, RT_ARRAY_SIZE(cases));
}
