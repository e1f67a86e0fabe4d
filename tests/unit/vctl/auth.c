/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/couple.h"

/* Authentication with keys and with PINs (Core Vol 2 Part C 4.2.1, 4.2.2). */

#define KEY_1 "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10"
#define KEY_2 "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 11"
#define PIN_1234 "04 31 32 33 34 00 00 00 00 00 00 00 00 00 00 00 00"
#define PIN_1235 "04 31 32 33 35 00 00 00 00 00 00 00 00 00 00 00 00"
#define PIN_123 "03 31 32 33 34 00 00 00 00 00 00 00 00 00 00 00 00"

START_TEST(equal_keys_authenticate)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	hear_nothing(B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear_nothing(A);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	hear_authenticated(A, 0);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(keys_that_differ_fail_at_the_one_who_asked)
{
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_2);
	hear_authenticated(B, 0x05);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(a_peer_without_the_key_is_pin_or_key_missing)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, NO_KEY ADDR_A);
	hear_authenticated(A, 0x06);
	hear_nothing(B);
}
END_TEST

/* From A with these PINs, up to where both are given. */
static void exchange_pins(const char *pin_a, const char *pin_b)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	hear_nothing(B);
	tell_complete(A, GIVE_PIN ADDR_B " %s", pin_a);
	hear_nothing(A);
	hear(B, PIN_REQUEST ADDR_A);
	tell_complete(B, GIVE_PIN ADDR_A " %s", pin_b);
}

static void pair_by_pin(uint8_t ret_key[16])
{
	uint8_t key[16];

	exchange_pins(PIN_1234, PIN_1234);
	ck_assert_uint_eq(hear_key(A, ret_key), 0x00);
	hear_authenticated(A, 0);
	ck_assert_uint_eq(hear_key(B, key), 0x00);
	ck_assert_mem_eq(key, ret_key, 16);
	hear_nothing(A);
	hear_nothing(B);
}

START_TEST(without_keys_equal_pins_make_one_that_authenticates)
{
	uint8_t key[16];

	pair_by_pin(key);
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " %s", key_text(key));
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " %s", key_text(key));
	hear_authenticated(B, 0);
}
END_TEST

START_TEST(each_pairing_makes_another_key)
{
	uint8_t first[16], second[16];

	pair_by_pin(first);
	pair_by_pin(second);
	ck_assert_mem_ne(first, second, 16);
}
END_TEST

START_TEST(pins_that_differ_fail_and_the_responder_hears_nothing)
{
	exchange_pins(PIN_1234, PIN_1235);
	hear_authenticated(A, 0x05);
	hear_nothing(B);
	exchange_pins(PIN_1234, PIN_123);
	hear_authenticated(A, 0x05);
	hear_nothing(B);
}
END_TEST

START_TEST(no_pin_on_either_side_is_pin_or_key_missing)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	tell_complete(A, NO_PIN ADDR_B);
	hear_authenticated(A, 0x06);
	hear_nothing(B);
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	tell_complete(A, GIVE_PIN ADDR_B " " PIN_1234);
	hear(B, PIN_REQUEST ADDR_A);
	tell_complete(B, NO_PIN ADDR_A);
	hear_authenticated(A, 0x06);
	hear_nothing(B);
}
END_TEST

START_TEST(simple_pairing_on_one_side_only_means_a_pin)
{
	tell_complete(A, "01 56 0c 01 01");
	exchange_pins(PIN_1234, PIN_1235);
	hear_authenticated(A, 0x05);
	tell_complete(A, "01 56 0c 01 00");
	tell_complete(B, "01 56 0c 01 01");
	exchange_pins(PIN_1234, PIN_1235);
	hear_authenticated(A, 0x05);
}
END_TEST

START_TEST(a_pin_is_not_allowed_where_both_do_simple_pairing)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	tell_complete(A, "01 56 0c 01 01");
	tell_complete(B, "01 56 0c 01 01");
	tell_complete(A, GIVE_PIN ADDR_B " " PIN_1234);
	hear_authenticated(A, 0x18);
	hear_nothing(B);
}
END_TEST

START_TEST(a_host_that_never_answers_is_waited_for_30_seconds)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	pass_ms(29999);
	hear_nothing(A);
	pass_ms(1);
	hear_authenticated(A, 0x22);
	tell(A, NO_KEY ADDR_B);
	hear(A, "04 0e 0a 01 0c 04 0c " ADDR_B);
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear(B, KEY_REQUEST ADDR_A);
	pass_ms(30000);
	hear_authenticated(A, 0x22);
	hear_nothing(B);
	tell(B, NO_KEY ADDR_A);
	hear(B, "04 0e 0a 01 0c 04 0c " ADDR_A);
}
END_TEST

START_TEST(an_answer_that_nobody_asked_for_is_refused)
{
	static const char *const reply[] = {
		"0b 04 16 " ADDR_B " " KEY_1,
		"0c 04 06 " ADDR_B,
		"0d 04 17 " ADDR_B " " PIN_1234,
		"0e 04 06 " ADDR_B,
		"2b 04 09 " ADDR_B " 01 00 00",
		"2c 04 06 " ADDR_B,
		"2d 04 06 " ADDR_B,
		"2e 04 0a " ADDR_B " 00 00 00 00",
		"2f 04 06 " ADDR_B,
		"33 04 06 " ADDR_B,
		"34 04 07 " ADDR_B " 18",
		"60 0c 07 " ADDR_B " 00",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(reply); i++) {
		tell(A, "01 %s", reply[i]);
		hear(A, "04 0e 0a 01 %.5s 0c " ADDR_B, reply[i]);
	}
	tell(B, NO_KEY ADDR_B);
	hear(B, "04 0e 0a 01 0c 04 02 " ADDR_B);
	tell_status(A, 0x02, "01 11 04 02 ff 0e");
}
END_TEST

START_TEST(one_authentication_at_a_time_for_a_host)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_status(A, 0x0c, "01 11 04 02 %02x %02x", LE(couple.a));
	tell_status(A, 0x0c, "01 13 04 03 %02x %02x 01", LE(couple.a));
}
END_TEST

START_TEST(requests_that_are_masked_count_as_refused)
{
	/* All but Link Key Request and PIN Code Request. */
	tell_complete(B, "01 01 0c 08 ff ff 9f ff ff ff ff ff");
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear_authenticated(A, 0x06);
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	tell_complete(A, GIVE_PIN ADDR_B " " PIN_1234);
	hear_authenticated(A, 0x06);
	hear_nothing(B);
}
END_TEST

static void restart_slow(void)
{
	const struct rt_air_options slow = { .latency_us = 10000 };

	couple_make(COUPLE_OLD, &slow, NULL, NULL);
}

START_TEST(of_two_that_cross_on_the_air_the_central_s_goes_on)
{
	restart_slow();
	authenticate(A);
	authenticate(B);
	pass_ms(0);
	hear(A, KEY_REQUEST ADDR_B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	pass_ms(10);
	hear_authenticated(B, 0x23);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	pass_ms(10);
	hear_authenticated(A, 0);
	pass_ms(60000);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(different_beginnings_that_cross_are_a_different_collision)
{
	restart_slow();
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(A, GIVE_PIN ADDR_B " " PIN_1234);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	pass_ms(10);
	hear_authenticated(B, 0x2a);
	hear(B, PIN_REQUEST ADDR_A);
	tell_complete(B, NO_PIN ADDR_A);
	pass_ms(10);
	hear_authenticated(A, 0x06);
	hear_nothing(B);
}
END_TEST

START_TEST(one_that_is_not_on_the_air_yet_waits_for_the_peer_s)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear_nothing(A);
	/* What B is asked already serves for A's. */
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	hear_authenticated(A, 0);
	hear(B, KEY_REQUEST ADDR_A);
	tell_complete(B, GIVE_KEY ADDR_A " " KEY_1);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_2);
	hear_authenticated(B, 0x05);
	hear_nothing(A);
}
END_TEST

START_TEST(a_disconnection_ends_what_is_under_way_first)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B " " KEY_1);
	hear(B, KEY_REQUEST ADDR_A);
	tell_status(B, 0, "01 06 04 03 %02x %02x 05", LE(couple.b));
	hear_authenticated(A, 0x05);
	hear(A, "04 05 04 00 %02x %02x 05", LE(couple.a));
	hear(B, "04 05 04 00 %02x %02x 16", LE(couple.b));
	tell(B, NO_KEY ADDR_A);
	hear(B, "04 0e 0a 01 0c 04 02 " ADDR_A);
}
END_TEST

START_TEST(one_s_own_disconnection_ends_it_as_well)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_status(A, 0, "01 06 04 03 %02x %02x 13", LE(couple.a));
	hear_authenticated(A, 0x16);
	hear(A, "04 05 04 00 %02x %02x 16", LE(couple.a));
	hear(B, "04 05 04 00 %02x %02x 13", LE(couple.b));
}
END_TEST

START_TEST(a_peer_that_is_gone_ends_it_by_supervision)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(B, "01 03 0c 00");
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, PIN_REQUEST ADDR_B);
	pass_ms(20000);
	hear_authenticated(A, 0x08);
	hear(A, "04 05 04 00 %02x %02x 08", LE(couple.a));
}
END_TEST

START_TEST(reset_forgets_what_is_under_way)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, "01 03 0c 00");
	pass_ms(60000);
	hear_nothing(A);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		equal_keys_authenticate,
		keys_that_differ_fail_at_the_one_who_asked,
		a_peer_without_the_key_is_pin_or_key_missing,
		without_keys_equal_pins_make_one_that_authenticates,
		each_pairing_makes_another_key,
		pins_that_differ_fail_and_the_responder_hears_nothing,
		no_pin_on_either_side_is_pin_or_key_missing,
		simple_pairing_on_one_side_only_means_a_pin,
		a_pin_is_not_allowed_where_both_do_simple_pairing,
		a_host_that_never_answers_is_waited_for_30_seconds,
		an_answer_that_nobody_asked_for_is_refused,
		one_authentication_at_a_time_for_a_host,
		requests_that_are_masked_count_as_refused,
		of_two_that_cross_on_the_air_the_central_s_goes_on,
		different_beginnings_that_cross_are_a_different_collision,
		one_that_is_not_on_the_air_yet_waits_for_the_peer_s,
		a_disconnection_ends_what_is_under_way_first,
		one_s_own_disconnection_ends_it_as_well,
		a_peer_that_is_gone_ends_it_by_supervision,
		reset_forgets_what_is_under_way,
	};

	return suite_run("vctl/auth", tests, RT_ARRAY_SIZE(tests),
			 couple_setup_old, radio_teardown);
}
