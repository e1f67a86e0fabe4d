/* SPDX-License-Identifier: MIT */
#include "tests/unit/security/sec_rig.h"

START_TEST(a_stored_key_serves)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(2);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_E0);
	ck_assert_uint_eq(sec_facts().key_type, RT_SEC_KEY_P192);
	ck_assert_uint_eq(sec_facts().key_bytes, 16);
	ck_assert(sec_facts().bonded);
	ck_assert(sec_facts().consented);
	sec_expect_quiet();
}
END_TEST

START_TEST(one_sequence_serves_all_that_wait)
{
	const struct rt_sec_request bonded = {
		.need = { .level = 1, .bonded_only = true },
	};
	struct sec_waiter *first;
	struct sec_waiter *second;
	struct sec_waiter *third;

	sec_begin();
	sec_store(RT_SEC_KEY_P192_MITM, 0);
	sec_connect();
	first = sec_ask(1);
	sec_features(SEC_PEER_SSP);
	second = sec_ask(3);
	third = sec_ask_for(&bonded);
	sec_encrypt(1, 16);
	ck_assert_int_eq(first->answer, RT_SEC_YES);
	ck_assert_int_eq(second->answer, RT_SEC_YES);
	ck_assert_int_eq(third->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_plain_link_to_an_old_peer_serves_level_1)
{
	sec_open(SEC_PEER_OLD);
	ck_assert_int_eq(sec_ask(1)->answer, RT_SEC_YES);
	ck_assert_int_eq(sec_ask_incoming(1)->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_peer_from_before_ssp_is_authenticated_by_us)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_COMBINATION, 0);
	sec_accept();
	sec_features(SEC_PEER_OLD);
	waiter = sec_ask_incoming(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_encrypt(1, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

START_TEST(level_4_takes_aes_ccm)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P256_MITM, 0);
	sec_connect();
	sec_features(SEC_PEER_SC);
	waiter = sec_ask(4);
	sec_encrypt(2, 16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_AES_CCM);
	sec_expect_quiet();
}
END_TEST

/* SEC-02: bonded with Secure Connections, and E0 now. */
START_TEST(e0_with_a_key_of_secure_connections_is_a_downgrade)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P256, 0);
	if (_i == 0)
		sec_connect();
	else
		sec_accept();
	sec_features(SEC_PEER_SC);
	waiter = sec_ask(1);
	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_expect_no(waiter, RT_SEC_CODE_DOWNGRADE);
	sec_size(16);
	sec_expect_no(sec_ask_incoming(1), RT_SEC_CODE_DOWNGRADE);
	ck_assert_ptr_nonnull(rt_sec_key_find(rig.hci, rig_addr(1)));
	sec_expect_drop();
}
END_TEST

/* SEC-01, SEC-17: whoever has asked for it, in either role. */
START_TEST(keys_that_are_too_short_are_refused)
{
	const uint8_t octets = (uint8_t)(_i % 16 + 1);
	const bool incoming = _i / 16;
	struct sec_waiter *one;
	struct sec_waiter *two;
	struct sec_waiter *ten;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	if (incoming)
		sec_accept();
	else
		sec_connect();
	sec_features(SEC_PEER_SSP);
	one = sec_ask(1);
	two = sec_ask(2);
	ten = sec_ask_for(&(struct rt_sec_request){
		.need = { .level = 2, .min_key_bytes = 10 } });
	sec_encrypt(1, octets);
	if (octets < 7) {
		sec_expect_no(one, RT_SEC_CODE_KEY_TOO_SHORT);
		sec_expect_no(two, RT_SEC_CODE_KEY_TOO_SHORT);
		sec_expect_no(ten, RT_SEC_CODE_KEY_TOO_SHORT);
		ck_assert_uint_eq(sec_rig.stored, 0);
		sec_expect_drop();
		return;
	}
	ck_assert_int_eq(one->answer, RT_SEC_YES);
	if (octets < 16)
		sec_expect_no(two, RT_SEC_CODE_KEY_TOO_SHORT);
	else
		ck_assert_int_eq(two->answer, RT_SEC_YES);
	if (octets < 10)
		sec_expect_no(ten, RT_SEC_CODE_KEY_TOO_SHORT);
	else
		ck_assert_int_eq(ten->answer, RT_SEC_YES);
	sec_expect_quiet();
}
END_TEST

/* Nobody waits, and the link goes all the same. */
START_TEST(the_key_size_is_read_when_only_the_peer_encrypts)
{
	sec_open_incoming(SEC_PEER_SSP);
	sec_encrypted(0, 1);
	sec_size(6);
	sec_expect_drop();
}
END_TEST

static const char *const bad_sizes[] = {
	"04 0e 04 01 0814 01",	       /* Unknown HCI Command */
	"04 0e 07 01 0814 1f 0100 10", /* an error, but a size */
	"04 0e 07 01 0814 00 0100 00", /* 0 */
	"04 0e 07 01 0814 00 0100 11", /* 17 */
	"04 0e 07 01 0814 00 0200 10", /* of another link */
	"04 0e 06 01 0814 00 0100",    /* cut short */
	"04 0f 04 01 01 0814",	       /* Command Status */
};

/* SEC-18 */
START_TEST(a_key_size_that_is_not_told_is_none)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_step();
	rig_expect("01 0814 02 0100");
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	rig_inject("%s", bad_sizes[_i]);
	sec_expect_no(waiter, RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	ck_assert_int_eq(sec_ask(0)->answer, RT_SEC_YES);
	sec_step();
	rig_expect_none();
	/* Who asks again has the same answer; who asks later, another try. */
	sec_expect_no(sec_ask(2), RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	sec_step();
	rig_expect_none();
	sec_later();
	waiter = sec_ask(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_step();
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

/* SEC-18 */
START_TEST(a_controller_that_never_tells_is_asked_twice)
{
	struct sec_waiter *waiter;

	sec_open_incoming(SEC_PEER_SSP);
	for (unsigned int times = 1; times <= 2; times++) {
		sec_encrypted(0, 1);
		rig_expect("01 0814 02 0100");
		rig_pass_us(2000000);
		rig_answer_all();
		ck_assert_uint_eq(rig.ups, 1 + times);
		sec_accept();
		sec_features(SEC_PEER_SSP);
	}
	sec_store(RT_SEC_KEY_P192, 0);
	waiter = sec_ask(1);
	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_controller_that_was_silent_once_is_asked_again)
{
	sec_open_incoming(SEC_PEER_SSP);
	for (unsigned int times = 1; times <= 3; times++) {
		sec_encrypted(0, 1);
		rig_expect("01 0814 02 0100");
		rig_pass_us(2000000);
		rig_answer_all();
		ck_assert_uint_eq(rig.ups, 1 + times);
		sec_accept();
		sec_features(SEC_PEER_SSP);
		sec_encrypted(0, 1);
		sec_size(16);
		sec_encrypted(0, 0);
	}
}
END_TEST

/* SEC-18 */
START_TEST(a_controller_without_the_command_tells_nothing)
{
	/* All commands but 20.4 (6.27). */
	static const struct rig_answer lacks[] = {
		{ 0x1002, "00 ffffffffffffffffffffffffffffffff"
			  "ffffffffefffffffffffffffffffffff"
			  "ffffffffffffffffffffffffffffffff"
			  "ffffffffffffffffffffffffffffffff" },
		{ 0, NULL },
	};
	struct sec_waiter *waiter;

	rig.answers = lacks;
	rig.sees_features = true;
	sec_listen();
	rig_bring_up();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_authenticate();
	sec_expect_encryption(1);
	sec_encrypted(0, 1);
	sec_step();
	sec_expect_no(waiter, RT_SEC_CODE_KEY_SIZE_UNKNOWN);
	sec_expect_quiet();
}
END_TEST

START_TEST(version_2_of_the_event_brings_the_size)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(2);
	sec_authenticate();
	sec_expect_encryption(1);
	rig_inject("04 59 05 00 0100 01 10");
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(version_2_of_the_event_with_an_impossible_size_is_not_believed)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(2);
	sec_authenticate();
	sec_expect_encryption(1);
	rig_inject("04 59 05 00 0100 01 %02x", _i == 0 ? 0 : 17);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(what_the_peer_has_encrypted_serves)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 0);
	sec_accept();
	sec_features(SEC_PEER_SSP);
	sec_give_key();
	sec_encrypted(0, 1);
	waiter = sec_ask_incoming(2);
	ck_assert_int_eq(waiter->answer, RT_SEC_WAIT);
	sec_size(16);
	ck_assert_int_eq(waiter->answer, RT_SEC_YES);
	sec_step();
	sec_expect_quiet();
}
END_TEST

START_TEST(a_peer_of_security_mode_3_has_encrypted_before_the_link_is_up)
{
	sec_begin();
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_inject("04 03 0b 00 0100 010100000000 01 01");
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_E0);
	sec_size(16);
	rig_expect_command(0x041b);
	ck_assert_uint_eq(sec_facts().key_bytes, 16);
}
END_TEST

START_TEST(the_key_size_is_remembered)
{
	sec_begin();
	sec_store(RT_SEC_KEY_P192, _i == 0 ? 0 : 7);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	ck_assert_int_eq(sec_ask(1)->answer, RT_SEC_WAIT);
	sec_encrypt(1, 9);
	ck_assert_uint_eq(sec_rig.stored, 1);
	ck_assert_uint_eq(sec_rig.key.key_bytes, 9);
	ck_assert_uint_eq(sec_rig.key.type, RT_SEC_KEY_P192);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->key_bytes, 9);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_key_size_that_is_known_is_not_stored_again)
{
	sec_begin();
	sec_store(RT_SEC_KEY_P192, 9);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	ck_assert_int_eq(sec_ask(1)->answer, RT_SEC_WAIT);
	sec_encrypt(1, 9);
	ck_assert_uint_eq(sec_rig.stored, 0);
	sec_expect_quiet();
}
END_TEST

/* SEC-02 */
START_TEST(a_shorter_key_than_before_is_a_downgrade)
{
	struct sec_waiter *waiter;

	sec_begin();
	sec_store(RT_SEC_KEY_P192, 16);
	sec_connect();
	sec_features(SEC_PEER_SSP);
	waiter = sec_ask(1);
	sec_encrypt(1, 15);
	sec_expect_no(waiter, RT_SEC_CODE_DOWNGRADE);
	ck_assert_uint_eq(sec_rig.stored, 0);
	ck_assert_uint_eq(rt_sec_key_find(rig.hci, rig_addr(1))->key_bytes, 16);
	sec_expect_drop();
}
END_TEST

START_TEST(encryption_of_no_link_is_counted)
{
	sec_open(SEC_PEER_SSP);
	rig_inject("04 08 04 00 0200 01");
	rig_inject("04 59 05 00 0200 01 10");
	rig_inject("04 30 03 00 0200");
	rig_inject("04 06 03 00 0200");
	ck_assert_uint_eq(rig_stats()->events_unexpected, 4);
	rig_inject("04 08 04 05 0100 00"); /* nobody has tried */
	rig_inject("04 30 03 00 0100");	   /* a plain link */
	rig_inject("04 06 03 00 0100");
	ck_assert_uint_eq(rig_stats()->events_unexpected, 7);
	ck_assert_uint_eq(sec_facts().encryption, RT_SEC_PLAIN);
	sec_expect_quiet();
}
END_TEST

START_TEST(a_size_that_comes_after_the_link_has_gone_is_nobody_s)
{
	sec_open(SEC_PEER_SSP);
	sec_encrypted(0, 1);
	rig_expect("01 0814 02 0100");
	rig_disconnection_complete(1, 0x13);
	rig_pass_us(0);
	rig_inject("04 0f 04 00 05 0000"); /* it takes more commands */
	sec_connect();
	rig_inject("04 0e 07 01 0814 00 0100 10");
	ck_assert_uint_eq(sec_facts().key_bytes, 0);
	sec_features(SEC_PEER_SSP);
	sec_expect_quiet();
}
END_TEST

int main(void)
{
	static const struct rig_case cases[] = {
		{ &a_stored_key_serves, 1 },
		{ &one_sequence_serves_all_that_wait, 1 },
		{ &a_plain_link_to_an_old_peer_serves_level_1, 1 },
		{ &a_peer_from_before_ssp_is_authenticated_by_us, 1 },
		{ &level_4_takes_aes_ccm, 1 },
		{ &e0_with_a_key_of_secure_connections_is_a_downgrade, 2 },
		{ &keys_that_are_too_short_are_refused, 32 },
		{ &the_key_size_is_read_when_only_the_peer_encrypts, 1 },
		{ &a_key_size_that_is_not_told_is_none,
		  RT_ARRAY_SIZE(bad_sizes) },
		{ &a_controller_that_never_tells_is_asked_twice, 1 },
		{ &a_controller_that_was_silent_once_is_asked_again, 1 },
		{ &a_controller_without_the_command_tells_nothing, 1 },
		{ &version_2_of_the_event_brings_the_size, 1 },
		{ &version_2_of_the_event_with_an_impossible_size_is_not_believed,
		  2 },
		{ &what_the_peer_has_encrypted_serves, 1 },
		{ &a_peer_of_security_mode_3_has_encrypted_before_the_link_is_up,
		  1 },
		{ &the_key_size_is_remembered, 2 },
		{ &a_key_size_that_is_known_is_not_stored_again, 1 },
		{ &a_shorter_key_than_before_is_a_downgrade, 1 },
		{ &encryption_of_no_link_is_counted, 1 },
		{ &a_size_that_comes_after_the_link_has_gone_is_nobody_s, 1 },
	};

	return rig_run("security link encrypt", cases, RT_ARRAY_SIZE(cases));
}
