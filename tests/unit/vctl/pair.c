/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/couple.h"

#include <stdio.h>
#include <string.h>

/* Secure Simple Pairing (Core Vol 2 Part C 4.2.7, Part H 7). */

#define YES_NO_MITM "01 00 01"
#define DISPLAY_MITM "00 00 01"
#define KEYBOARD_MITM "02 00 01"
#define NOTHING "03 00 00"

/* Both hosts hear that stage 1 has failed. */
static void hear_failed(uint8_t status)
{
	hear(A, PAIRED "%02x " ADDR_B, status);
	hear_authenticated(A, status);
	hear(B, PAIRED "%02x " ADDR_A, status);
	hear_nothing(A);
	hear_nothing(B);
}

START_TEST(just_works_asks_both_hosts_and_makes_an_unauthenticated_key)
{
	uint8_t key[16];

	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	ck_assert_uint_eq(confirm_both(key), 0x04);
}
END_TEST

START_TEST(numeric_comparison_makes_an_authenticated_key)
{
	uint8_t key[16];

	begin_pairing();
	exchange_io(YES_NO_MITM, "01 00 00");
	ck_assert_uint_eq(confirm_both(key), 0x05);
}
END_TEST

START_TEST(the_new_key_authenticates)
{
	uint8_t key[16];

	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	confirm_both(key);
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " %s", key_text(key));
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " %s", key_text(key));
	hear_authenticated(B, 0);
}
END_TEST

START_TEST(each_pairing_has_another_number_and_another_key)
{
	uint8_t first[16], second[16];
	uint32_t number;

	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	confirm_both(first);
	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	confirm_both(second);
	ck_assert_mem_ne(first, second, 16);
	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	number = hear_number(A, 0x33);
	ck_assert_uint_eq(hear_number(B, 0x33), number);
	tell_complete(A, NO_CONFIRM ADDR_B);
	hear_failed(0x05);
	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	ck_assert_uint_ne(hear_number(A, 0x33), number);
}
END_TEST

/* --- who can do what (Vol 3 Part C 5.2.2.6) --- */

static bool is_keyboard(unsigned capability)
{
	return capability == 2;
}

/* Works through stage 1; the number of what is typed is what is shown. */
static void type_passkey(unsigned a, unsigned b)
{
	uint32_t number = 123456;

	if (!is_keyboard(a))
		number = hear_number(A, 0x3b);
	if (!is_keyboard(b))
		number = hear_number(B, 0x3b);
	if (is_keyboard(b)) {
		hear(B, PASSKEY_REQUEST ADDR_A);
		tell_complete(B, GIVE_PASSKEY ADDR_A " %02x %02x %02x 00",
			      LE(number), number >> 16);
	}
	if (is_keyboard(a)) {
		hear(A, PASSKEY_REQUEST ADDR_B);
		tell_complete(A, GIVE_PASSKEY ADDR_B " %02x %02x %02x 00",
			      LE(number), number >> 16);
	}
}

static uint8_t hear_paired(void)
{
	uint8_t key_a[16], key_b[16];
	uint8_t type;

	hear(A, PAIRED "00 " ADDR_B);
	hear(B, PAIRED "00 " ADDR_A);
	type = hear_key(A, key_a);
	hear_authenticated(A, 0);
	ck_assert_uint_eq(hear_key(B, key_b), type);
	ck_assert_mem_eq(key_a, key_b, 16);
	return type;
}

static uint8_t pair_as(unsigned a, unsigned b, unsigned mitm)
{
	char io_a[24], io_b[24];
	bool passkey =
		mitm && a < 3 && b < 3 && (is_keyboard(a) || is_keyboard(b));
	uint8_t key[16];

	snprintf(io_a, sizeof(io_a), "%02x 00 %02x", a, mitm & 1);
	snprintf(io_b, sizeof(io_b), "%02x 00 %02x", b, mitm >> 1);
	begin_pairing();
	exchange_io(io_a, io_b);
	if (!passkey)
		return confirm_both(key);
	type_passkey(a, b);
	return hear_paired();
}

START_TEST(the_key_is_as_good_as_capabilities_and_requirements_of_both)
{
	/* Initiator's rows, responder's columns; 1: authenticated. */
	static const uint8_t table[4][4] = {
		{ 0, 0, 1, 0 },
		{ 0, 1, 1, 0 },
		{ 1, 1, 1, 0 },
		{ 0, 0, 0, 0 },
	};

	for (unsigned i = 0; i < 64; i++) {
		unsigned a = i % 4, b = i / 4 % 4, mitm = i / 16;
		unsigned good = mitm ? table[a][b] : 0;

		ck_assert_uint_eq(pair_as(a, b, mitm), 0x04 + good);
	}
}
END_TEST

START_TEST(secure_connections_on_both_sides_make_p_256_keys)
{
	couple_setup_secure();
	ck_assert_uint_eq(pair_as(3, 3, 0), 0x07);
	ck_assert_uint_eq(pair_as(1, 1, 3), 0x08);
	ck_assert_uint_eq(pair_as(2, 0, 1), 0x08);
}
END_TEST

START_TEST(a_controller_without_secure_connections_makes_p_192_keys)
{
	const struct rt_vctl_options old = {
		.security = { .no_secure_connections = true },
	};

	couple_make(COUPLE_SSP, NULL, NULL, &old);
	tell_status(B, 0x01, "01 7a 0c 01 01");
	tell(B, "01 04 10 01 01");
	hear(B, "04 0e 0e 01 04 10 00 01 01 01 *");
	tell_complete(A, "01 1a 0c 01 00");
	ck_assert_uint_eq(pair_as(1, 1, 3), 0x05);
}
END_TEST

START_TEST(a_controller_without_simple_pairing_asks_for_a_pin)
{
	const struct rt_vctl_options old = { .security = { .no_ssp = true } };

	couple_make(COUPLE_OLD, NULL, NULL, &old);
	tell_complete(A, "01 56 0c 01 01");
	tell_status(B, 0x01, "01 56 0c 01 01");
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	hear_nothing(B);
}
END_TEST

/* --- failures --- */

START_TEST(the_initiator_s_no_is_told_at_once)
{
	begin_pairing();
	exchange_io(YES_NO_MITM, YES_NO_MITM);
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	tell_complete(A, NO_CONFIRM ADDR_B);
	hear_failed(0x05);
	tell(B, CONFIRM ADDR_A);
	hear(B, "04 0e 0a 01 2c 04 0c " ADDR_A);
}
END_TEST

START_TEST(the_responder_s_no_answers_the_initiator_s_yes)
{
	begin_pairing();
	exchange_io(YES_NO_MITM, YES_NO_MITM);
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	tell_complete(B, NO_CONFIRM ADDR_A);
	hear_nothing(A);
	hear_nothing(B);
	tell_complete(A, CONFIRM ADDR_B);
	hear_failed(0x05);
}
END_TEST

START_TEST(refused_capabilities_end_it_on_both_sides_with_the_reason)
{
	begin_pairing();
	tell_complete(A, GIVE_IO ADDR_B " " NOTHING);
	hear(B, IO_RESPONSE ADDR_A " " NOTHING);
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(B, NO_IO ADDR_A " 18");
	hear_failed(0x18);
	begin_pairing();
	tell_complete(A, NO_IO ADDR_B " 37");
	hear(A, PAIRED "37 " ADDR_B);
	hear_authenticated(A, 0x37);
	hear_nothing(B);
}
END_TEST

START_TEST(a_host_that_has_left_simple_pairing_is_not_asked)
{
	begin_pairing();
	tell_complete(B, "01 56 0c 01 00");
	tell_complete(A, GIVE_IO ADDR_B " " NOTHING);
	hear(A, PAIRED "37 " ADDR_B);
	hear_authenticated(A, 0x37);
	hear_nothing(B);
}
END_TEST

START_TEST(a_host_that_has_masked_the_requests_does_not_pair)
{
	tell_complete(B, "01 01 0c 08 ff ff ff ff ff 1f 00 00");
	begin_pairing();
	tell_complete(A, GIVE_IO ADDR_B " " NOTHING);
	hear(A, PAIRED "18 " ADDR_B);
	hear_authenticated(A, 0x18);
	hear_nothing(B);
}
END_TEST

START_TEST(a_host_that_never_confirms_is_waited_for_30_seconds)
{
	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	pass_ms(20000);
	tell_complete(A, CONFIRM ADDR_B);
	pass_ms(29999);
	hear_nothing(A);
	pass_ms(1);
	hear_failed(0x22);
}
END_TEST

START_TEST(a_disconnection_ends_the_pairing_on_both_sides_first)
{
	begin_pairing();
	exchange_io(NOTHING, NOTHING);
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	tell_status(B, 0, "01 06 04 03 %02x %02x 13", LE(couple.b));
	hear(A, PAIRED "13 " ADDR_B);
	hear_authenticated(A, 0x13);
	hear(A, "04 05 04 00 %02x %02x 13", LE(couple.a));
	hear(B, PAIRED "16 " ADDR_A);
	hear(B, "04 05 04 00 %02x %02x 16", LE(couple.b));
}
END_TEST

START_TEST(the_simple_pairing_of_the_central_wins)
{
	const struct rt_air_options slow = { .latency_us = 1000 };

	couple_make(COUPLE_SSP, &slow, NULL, NULL);
	begin_pairing();
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, NO_KEY ADDR_A);
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(A, GIVE_IO ADDR_B " " NOTHING);
	tell_complete(B, GIVE_IO ADDR_A " " NOTHING);
	pass_ms(1);
	hear_authenticated(B, 0x23);
	hear(B, IO_RESPONSE ADDR_A " " NOTHING);
	hear(B, IO_REQUEST ADDR_A);
	hear_nothing(A);
	tell_complete(B, GIVE_IO ADDR_A " " NOTHING);
	pass_ms(1);
	hear(A, IO_RESPONSE ADDR_B " " NOTHING);
	pass_ms(10);
	ck_assert_uint_eq(hear_number(A, 0x33), hear_number(B, 0x33));
}
END_TEST

/* --- passkeys --- */

static void begin_passkey(void)
{
	begin_pairing();
	exchange_io(DISPLAY_MITM, KEYBOARD_MITM);
}

START_TEST(a_wrong_passkey_fails_on_both_sides)
{
	uint32_t number;

	begin_passkey();
	number = hear_number(A, 0x3b) ^ 1;
	hear(B, PASSKEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_PASSKEY ADDR_A " %02x %02x %02x 00", LE(number),
		      number >> 16);
	hear_failed(0x05);
}
END_TEST

START_TEST(a_passkey_that_is_refused_fails_on_both_sides)
{
	begin_passkey();
	hear_number(A, 0x3b);
	hear(B, PASSKEY_REQUEST ADDR_A);
	tell_complete(B, NO_PASSKEY ADDR_A);
	hear_failed(0x05);
	begin_pairing();
	exchange_io(KEYBOARD_MITM, DISPLAY_MITM);
	hear_number(B, 0x3b);
	hear(A, PASSKEY_REQUEST ADDR_B);
	tell_complete(A, NO_PASSKEY ADDR_B);
	hear_failed(0x05);
}
END_TEST

START_TEST(keypresses_are_told_and_take_their_time)
{
	begin_passkey();
	hear_number(A, 0x3b);
	hear(B, PASSKEY_REQUEST ADDR_A);
	for (unsigned what = 0; what <= 4; what++) {
		pass_ms(20000);
		tell_complete(B, "01 60 0c 07 " ADDR_A " %02x", what);
		hear(A, "04 3c 07 " ADDR_B " %02x", what);
	}
	tell(A, "01 60 0c 07 " ADDR_B " 00");
	hear(A, "04 0e 0a 01 60 0c 0c " ADDR_B);
	pass_ms(30000);
	hear_failed(0x22);
}
END_TEST

/* --- out of band --- */

/* Takes the local data: C and R, for one curve or both. */
static void read_oob(struct rt_vctl *v, uint8_t opcode, char *ret, size_t bytes)
{
	enum rt_packet_type type;
	struct rt_bytes p;

	tell(v, "01 %02x 0c 00", opcode);
	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_uint_eq(p.len, 6 + bytes);
	ck_assert_uint_eq(p.ptr[5], 0);
	for (size_t i = 0; i < bytes; i++)
		snprintf(ret + 3 * i, 4, " %02x", p.ptr[6 + i]);
}

START_TEST(out_of_band_data_of_one_side_make_an_authenticated_key)
{
	char data[32 * 3 + 1];

	read_oob(B, 0x57, data, 32);
	begin_pairing();
	exchange_io("03 01 00", NOTHING);
	hear_nothing(B);
	hear(A, OOB_REQUEST ADDR_B);
	tell_complete(A, "01 30 04 26 " ADDR_B "%s", data);
	ck_assert_uint_eq(hear_paired(), 0x05);
}
END_TEST

START_TEST(out_of_band_data_of_both_sides_are_both_checked)
{
	char a[64 * 3 + 1], b[64 * 3 + 1];

	couple_setup_secure();
	read_oob(A, 0x7d, a, 64);
	read_oob(B, 0x7d, b, 64);
	begin_pairing();
	tell_complete(A, GIVE_IO ADDR_B " 03 02 00");
	hear(B, IO_RESPONSE ADDR_A " 03 01 00");
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(B, GIVE_IO ADDR_A " 03 03 00");
	hear(A, IO_RESPONSE ADDR_B " 03 01 00");
	hear(A, OOB_REQUEST ADDR_B);
	hear(B, OOB_REQUEST ADDR_A);
	tell_complete(A, "01 45 04 46 " ADDR_B "%s", b);
	tell_complete(B, "01 45 04 46 " ADDR_A "%s", a);
	ck_assert_uint_eq(hear_paired(), 0x08);
}
END_TEST

START_TEST(wrong_out_of_band_data_fail_on_both_sides)
{
	char data[32 * 3 + 1];

	read_oob(B, 0x57, data, 32);
	data[1] = data[1] == '0' ? '1' : '0';
	begin_pairing();
	exchange_io("03 01 00", NOTHING);
	hear(A, OOB_REQUEST ADDR_B);
	tell_complete(A, "01 30 04 26 " ADDR_B "%s", data);
	hear_failed(0x05);
	/* Those of somebody else. */
	read_oob(A, 0x57, data, 32);
	begin_pairing();
	exchange_io("03 01 00", NOTHING);
	hear(A, OOB_REQUEST ADDR_B);
	tell_complete(A, "01 30 04 26 " ADDR_B "%s", data);
	hear_failed(0x05);
}
END_TEST

START_TEST(out_of_band_data_end_with_the_next_reset)
{
	char data[32 * 3 + 1];

	read_oob(B, 0x57, data, 32);
	couple_reset(COUPLE_SSP);
	begin_pairing();
	exchange_io("03 01 00", NOTHING);
	hear(A, OOB_REQUEST ADDR_B);
	tell_complete(A, "01 30 04 26 " ADDR_B "%s", data);
	hear_failed(0x05);
}
END_TEST

START_TEST(a_refusal_of_out_of_band_data_fails_on_both_sides)
{
	begin_pairing();
	exchange_io(NOTHING, "03 01 00");
	hear(B, OOB_REQUEST ADDR_A);
	hear_nothing(A);
	tell_complete(B, "01 33 04 06 " ADDR_A);
	hear_failed(0x05);
}
END_TEST

START_TEST(data_for_the_other_curve_are_not_used)
{
	uint8_t key[16];

	begin_pairing();
	tell_complete(A, GIVE_IO ADDR_B " 03 02 00");
	hear(B, IO_RESPONSE ADDR_A " 03 00 00");
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(B, GIVE_IO ADDR_A " " NOTHING);
	hear(A, IO_RESPONSE ADDR_B " " NOTHING);
	ck_assert_uint_eq(confirm_both(key), 0x04);
}
END_TEST

/* --- and the rest --- */

START_TEST(debug_mode_makes_debug_keys)
{
	tell_complete(B, "01 04 18 01 01");
	ck_assert_uint_eq(pair_as(1, 1, 3), 0x03);
	tell_complete(B, "01 04 18 01 00");
	ck_assert_uint_eq(pair_as(1, 1, 3), 0x05);
}
END_TEST

START_TEST(features_tell_what_the_host_does)
{
	couple_setup_secure();
	tell_status(A, 0, "01 1c 04 03 %02x %02x 01", LE(couple.a));
	hear(A, "04 23 0d 00 %02x %02x 01 02 09 00 00 00 00 00 00 00",
	     LE(couple.a));
	tell_status(A, 0, "01 1c 04 03 %02x %02x 02", LE(couple.a));
	hear(A, "04 23 0d 00 %02x %02x 02 02 00 01 00 00 00 00 00 00",
	     LE(couple.a));
}
END_TEST

START_TEST(a_name_without_a_link_comes_with_the_host_s_features)
{
	const struct rt_vctl_options options = { .name = "c" };

	radio.v[2] = rt_vctl_new(radio.air, &options);
	tell_complete(radio.v[2], "01 56 0c 01 01");
	tell_complete(radio.v[2], "01 1a 0c 01 02");
	tell_status(A, 0, "01 19 04 0a 02 00 00 01 aa 00 01 00 00 00");
	hear(A, "04 3d 0e 02 00 00 01 aa 00 01 00 00 00 00 00 00 00");
	hear(A, "04 07 ff 00 02 00 00 01 aa 00 63 00 *");
	tell_status(A, 0, "01 19 04 0a " ADDR_B " 01 00 00 00");
	hear(A, "04 07 ff 00 " ADDR_B " *");
}
END_TEST

START_TEST(secure_connections_are_not_changed_when_peers_may_know)
{
	struct rt_vctl *v = rt_vctl_new(radio.air, NULL);

	radio.v[2] = v;
	tell(A, "01 7a 0c 01 01");
	hear(A, "04 0e 04 01 7a 0c 0c");
	tell_complete(v, "01 7a 0c 01 01");
	tell(v, "01 79 0c 00");
	hear(v, "04 0e 05 01 79 0c 00 01");
	tell_complete(v, "01 1a 0c 01 02");
	tell(v, "01 7a 0c 01 00");
	hear(v, "04 0e 04 01 7a 0c 0c");
}
END_TEST

START_TEST(there_is_no_room_for_stored_keys)
{
	tell(A, "01 0d 0c 07 00 00 00 00 00 00 01");
	hear(A, "04 0e 08 01 0d 0c 00 00 00 00 00");
	tell(A, "01 12 0c 07 00 00 00 00 00 00 01");
	hear(A, "04 0e 06 01 12 0c 00 00 00");
	tell(A, "01 11 0c 17 01 " ADDR_B
		" 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	hear(A, "04 0e 05 01 11 0c 00 00");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		just_works_asks_both_hosts_and_makes_an_unauthenticated_key,
		numeric_comparison_makes_an_authenticated_key,
		the_new_key_authenticates,
		each_pairing_has_another_number_and_another_key,
		the_key_is_as_good_as_capabilities_and_requirements_of_both,
		secure_connections_on_both_sides_make_p_256_keys,
		a_controller_without_secure_connections_makes_p_192_keys,
		a_controller_without_simple_pairing_asks_for_a_pin,
		the_initiator_s_no_is_told_at_once,
		the_responder_s_no_answers_the_initiator_s_yes,
		refused_capabilities_end_it_on_both_sides_with_the_reason,
		a_host_that_has_left_simple_pairing_is_not_asked,
		a_host_that_has_masked_the_requests_does_not_pair,
		a_host_that_never_confirms_is_waited_for_30_seconds,
		a_disconnection_ends_the_pairing_on_both_sides_first,
		the_simple_pairing_of_the_central_wins,
		a_wrong_passkey_fails_on_both_sides,
		a_passkey_that_is_refused_fails_on_both_sides,
		keypresses_are_told_and_take_their_time,
		out_of_band_data_of_one_side_make_an_authenticated_key,
		out_of_band_data_of_both_sides_are_both_checked,
		wrong_out_of_band_data_fail_on_both_sides,
		out_of_band_data_end_with_the_next_reset,
		a_refusal_of_out_of_band_data_fails_on_both_sides,
		data_for_the_other_curve_are_not_used,
		debug_mode_makes_debug_keys,
		features_tell_what_the_host_does,
		a_name_without_a_link_comes_with_the_host_s_features,
		secure_connections_are_not_changed_when_peers_may_know,
		there_is_no_room_for_stored_keys,
	};

	return suite_run("vctl/pair", tests, RT_ARRAY_SIZE(tests),
			 couple_setup_ssp, radio_teardown);
}
