/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/couple.h"

/* Encryption (Core Vol 2 Part C 4.2.5). */

#define ENCRYPT "01 13 04 03 "
#define READ_KEY_SIZE "01 08 14 02 "
#define REFRESH "01 53 0c 02 "
#define CHANGED "04 08 04 "
#define REFRESHED "04 30 03 "

static void hear_key_size(struct rt_vctl *v, uint16_t handle, uint8_t size)
{
	tell(v, READ_KEY_SIZE "%02x %02x", LE(handle));
	hear(v, "04 0e 07 01 08 14 00 %02x %02x %02x", LE(handle), size);
}

static void start(struct rt_vctl *v, uint8_t on)
{
	tell_status(v, 0, ENCRYPT "%02x %02x %02x",
		    LE(v == A ? couple.a : couple.b), on);
}

static void hear_change(struct rt_vctl *v, uint8_t status, uint8_t mode)
{
	hear(v, CHANGED "%02x %02x %02x %02x", status,
	     LE(v == A ? couple.a : couple.b), mode);
}

START_TEST(encryption_needs_a_key)
{
	start(A, 1);
	hear_change(A, 0x06, 0);
	hear_nothing(B);
	tell(A, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	hear(A, "04 0e 07 01 08 14 2f %02x %02x 00", LE(couple.a));
	tell_status(A, 0x02, ENCRYPT "ff 0e 01");
	tell_status(A, 0x12, ENCRYPT "%02x %02x 02", LE(couple.a));
}
END_TEST

START_TEST(either_side_turns_it_on_and_off_and_both_hear_it)
{
	pair_couple();
	start(A, 1);
	hear_change(A, 0, 1);
	hear_change(B, 0, 1);
	hear_key_size(A, couple.a, 16);
	hear_key_size(B, couple.b, 16);
	start(B, 0);
	hear_change(A, 0, 0);
	hear_change(B, 0, 0);
	start(B, 1);
	hear_change(B, 0, 1);
	hear_change(A, 0, 1);
}
END_TEST

START_TEST(what_is_on_already_is_told_to_the_one_who_asked)
{
	pair_couple();
	encrypt_couple(1);
	start(B, 1);
	hear_change(B, 0, 1);
	hear_nothing(A);
}
END_TEST

START_TEST(secure_connections_use_aes_and_are_never_without_it)
{
	couple_setup_secure();
	pair_couple();
	encrypt_couple(2);
	hear_key_size(A, couple.a, 16);
	tell_status(A, 0x25, ENCRYPT "%02x %02x 00", LE(couple.a));
	hear_nothing(B);
}
END_TEST

START_TEST(the_second_version_of_the_event_takes_the_place_of_the_first)
{
	tell_complete(B, "01 63 0c 08 00 00 00 02 00 00 00 00");
	pair_couple();
	start(A, 1);
	hear_change(A, 0, 1);
	hear(B, "04 59 05 00 %02x %02x 01 10", LE(couple.b));
	hear_nothing(B);
}
END_TEST

/* --- key sizes --- */

static void couple_of_sizes(uint8_t max_a, uint8_t min_b)
{
	const struct rt_vctl_options a = {
		.security = { .key_size_max = max_a },
	};
	const struct rt_vctl_options b = {
		.security = { .key_size_min = min_b },
	};

	couple_make(COUPLE_SSP, NULL, &a, &b);
	pair_couple();
}

START_TEST(the_key_is_as_long_as_both_can)
{
	for (uint8_t max = 1; max <= 16; max++) {
		couple_of_sizes(max, 0);
		encrypt_couple(1);
		hear_key_size(A, couple.a, max);
		hear_key_size(B, couple.b, max);
	}
}
END_TEST

START_TEST(a_key_shorter_than_either_s_minimum_is_not_acceptable)
{
	couple_of_sizes(6, 7);
	start(A, 1);
	hear_change(A, 0x25, 0);
	hear_nothing(B);
	start(B, 1);
	hear_change(B, 0x25, 0);
	hear_nothing(A);
	couple_of_sizes(7, 7);
	encrypt_couple(1);
}
END_TEST

START_TEST(the_host_sets_the_minimum)
{
	couple_of_sizes(15, 0);
	tell_complete(B, "01 84 0c 01 10");
	start(A, 1);
	hear_change(A, 0x25, 0);
	tell_complete(B, "01 84 0c 01 0f");
	encrypt_couple(1);
}
END_TEST

/* --- refresh, role switch --- */

START_TEST(a_refresh_is_told_to_both)
{
	tell_status(A, 0x0c, REFRESH "%02x %02x", LE(couple.a));
	pair_couple();
	encrypt_couple(1);
	tell_status(B, 0, REFRESH "%02x %02x", LE(couple.b));
	hear(B, REFRESHED "00 %02x %02x", LE(couple.b));
	hear(A, REFRESHED "00 %02x %02x", LE(couple.a));
	hear_key_size(A, couple.a, 16);
}
END_TEST

START_TEST(a_role_switch_pauses_encryption_and_refreshes_the_key)
{
	pair_couple();
	encrypt_couple(1);
	tell_status(B, 0, "01 0b 08 07 " ADDR_A " 00");
	hear(A, "04 12 08 00 " ADDR_B " 01");
	hear(A, REFRESHED "00 %02x %02x", LE(couple.a));
	hear(B, "04 12 08 00 " ADDR_A " 00");
	hear(B, REFRESHED "00 %02x %02x", LE(couple.b));
	hear_key_size(A, couple.a, 16);
	start(A, 1);
	hear_change(A, 0, 1);
	hear_nothing(B);
}
END_TEST

START_TEST(a_role_switch_without_encryption_refreshes_nothing)
{
	tell_status(B, 0, "01 0b 08 07 " ADDR_A " 00");
	hear(A, "04 12 08 00 " ADDR_B " 01");
	hear(B, "04 12 08 00 " ADDR_A " 00");
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

/* --- both at once --- */

static void restart_slow(void)
{
	const struct rt_air_options slow = { .latency_us = 1000 };

	couple_make(COUPLE_SSP, &slow, NULL, NULL);
	begin_pairing();
	tell_complete(A, GIVE_IO ADDR_B " 03 00 00");
	pass_ms(1);
	hear(B, IO_RESPONSE ADDR_A " 03 00 00");
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(B, GIVE_IO ADDR_A " 03 00 00");
	pass_ms(10);
	hear(A, IO_RESPONSE ADDR_B " 03 00 00");
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	tell_complete(A, CONFIRM ADDR_B);
	tell_complete(B, CONFIRM ADDR_A);
	pass_ms(10);
	for (int i = 0; i < 2; i++) {
		hear(A, "04 *");
		hear(B, "04 *");
	}
	hear_authenticated(A, 0);
	hear_nothing(A);
	hear_nothing(B);
}

START_TEST(of_two_changes_that_cross_the_central_s_goes_on)
{
	restart_slow();
	start(A, 1);
	start(B, 1);
	pass_ms(1);
	hear_change(B, 0x23, 0);
	hear_nothing(A);
	pass_ms(10);
	hear_change(A, 0, 1);
	hear_change(B, 0, 1);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(a_refresh_that_crosses_a_change_is_a_different_collision)
{
	restart_slow();
	start(A, 1);
	pass_ms(10);
	hear_change(A, 0, 1);
	hear_change(B, 0, 1);
	start(A, 0);
	tell_status(B, 0, REFRESH "%02x %02x", LE(couple.b));
	pass_ms(10);
	hear(B, REFRESHED "2a %02x %02x", LE(couple.b));
	hear_change(A, 0, 0);
	hear_change(B, 0, 0);
}
END_TEST

START_TEST(a_role_switch_and_a_change_exclude_each_other)
{
	restart_slow();
	start(A, 1);
	tell_status(A, 0x0c, "01 0b 08 07 " ADDR_B " 01");
	pass_ms(10);
	hear_change(A, 0, 1);
	hear_change(B, 0, 1);
	start(A, 0);
	tell_status(B, 0, "01 0b 08 07 " ADDR_A " 00");
	pass_ms(10);
	hear_change(A, 0x2a, 1);
	hear(B, "04 12 08 2a " ADDR_A " 01");
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

START_TEST(a_change_is_rejected_while_the_peer_authenticates)
{
	restart_slow();
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	start(B, 1);
	pass_ms(10);
	hear_change(B, 0x2a, 0);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, IO_REQUEST ADDR_B);
}
END_TEST

START_TEST(a_change_of_the_central_ends_an_authentication_that_crosses_it)
{
	restart_slow();
	authenticate(B);
	hear(B, KEY_REQUEST ADDR_A);
	start(A, 1);
	tell_complete(B, GIVE_KEY ADDR_A
		      " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	pass_ms(10);
	hear_authenticated(B, 0x2a);
	hear_change(B, 0, 1);
	hear_change(A, 0, 1);
	hear_nothing(A);
	hear_nothing(B);
}
END_TEST

/* --- data, and the end --- */

START_TEST(data_wait_for_the_change_and_keep_their_order)
{
	restart_slow();
	send_acl(B, couple.b, true, 10, 1);
	start(A, 1);
	send_acl(A, couple.a, true, 10, 2);
	send_acl(A, couple.a, true, 10, 3);
	pass_ms(1);
	/* B has agreed, and knows of nothing more. */
	hear_acl(A, couple.a, true, 10, 1);
	send_acl(B, couple.b, true, 10, 4);
	hear_nothing(B);
	pass_ms(1);
	hear_change(A, 0, 1);
	hear_nothing(A);
	hear(B, "04 13 05 01 %02x %02x 01 00", LE(couple.b));
	pass_ms(1);
	hear_change(B, 0, 1);
	hear_acl(B, couple.b, true, 10, 2);
	hear_acl(B, couple.b, true, 10, 3);
	pass_ms(1);
	hear(A, "04 13 05 01 %02x %02x 02 00", LE(couple.a));
	hear_acl(A, couple.a, true, 10, 4);
}
END_TEST

START_TEST(data_go_on_when_the_change_has_failed)
{
	start(A, 1);
	hear_change(A, 0x06, 0);
	send_acl(A, couple.a, true, 10, 1);
	hear_acl(B, couple.b, true, 10, 1);
}
END_TEST

START_TEST(a_disconnection_ends_a_change_first)
{
	restart_slow();
	start(A, 1);
	send_acl(A, couple.a, true, 10, 1);
	tell_status(B, 0, "01 06 04 03 %02x %02x 15", LE(couple.b));
	pass_ms(10);
	hear_change(A, 0x15, 0);
	hear(A, "04 05 04 00 %02x %02x 15", LE(couple.a));
	hear(B, "04 05 04 00 %02x %02x 16", LE(couple.b));
	hear_nothing(B);
}
END_TEST

START_TEST(a_disconnection_ends_a_refresh_first)
{
	restart_slow();
	start(A, 1);
	pass_ms(10);
	hear_change(A, 0, 1);
	hear_change(B, 0, 1);
	tell_status(A, 0, REFRESH "%02x %02x", LE(couple.a));
	tell_status(A, 0x0c, REFRESH "%02x %02x", LE(couple.a));
	rt_vctl_drop_links(B);
	hear(A, REFRESHED "08 %02x %02x", LE(couple.a));
	hear(A, "04 05 04 00 %02x %02x 08", LE(couple.a));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		encryption_needs_a_key,
		either_side_turns_it_on_and_off_and_both_hear_it,
		what_is_on_already_is_told_to_the_one_who_asked,
		secure_connections_use_aes_and_are_never_without_it,
		the_second_version_of_the_event_takes_the_place_of_the_first,
		the_key_is_as_long_as_both_can,
		a_key_shorter_than_either_s_minimum_is_not_acceptable,
		the_host_sets_the_minimum,
		a_refresh_is_told_to_both,
		a_role_switch_pauses_encryption_and_refreshes_the_key,
		a_role_switch_without_encryption_refreshes_nothing,
		of_two_changes_that_cross_the_central_s_goes_on,
		a_refresh_that_crosses_a_change_is_a_different_collision,
		a_role_switch_and_a_change_exclude_each_other,
		a_change_is_rejected_while_the_peer_authenticates,
		a_change_of_the_central_ends_an_authentication_that_crosses_it,
		data_wait_for_the_change_and_keep_their_order,
		data_go_on_when_the_change_has_failed,
		a_disconnection_ends_a_change_first,
		a_disconnection_ends_a_refresh_first,
	};

	return suite_run("vctl/crypt", tests, RT_ARRAY_SIZE(tests),
			 couple_setup_ssp, radio_teardown);
}
