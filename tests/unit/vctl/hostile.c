/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"
#include "tests/unit/vctl/couple.h"

#include <string.h>

/* What controllers do wrong in security, on purpose; and much at random. */

#define ENCRYPT "01 13 04 03 "
#define READ_KEY_SIZE "01 08 14 02 "
#define CREATE_B "01 05 04 0d " ADDR_B " 18 cc 01 00 00 00 00"

static void encrypted_couple(void)
{
	pair_couple();
	encrypt_couple(1);
}

START_TEST(the_key_size_is_not_to_be_had)
{
	encrypted_couple();
	rt_vctl_set_fault(A, RT_VCTL_KEY_SIZE_FAILS, true);
	tell(A, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	hear(A, "04 0e 07 01 08 14 1f %02x %02x 00", LE(couple.a));
	rt_vctl_set_fault(A, RT_VCTL_KEY_SIZE_FAILS, false);
	rt_vctl_set_fault(A, RT_VCTL_KEY_SIZE_UNKNOWN, true);
	tell_status(A, 0x01, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	tell(A, "01 02 10 00");
	hear(A, "04 0e 44 01 02 10 00 b3 ff f9 01 8c df e1 ff 3f 3f e4 1f f0"
		" 03 f8 be 00 e7 81 bf 0c *");
	rt_vctl_set_fault(A, RT_VCTL_KEY_SIZE_UNKNOWN, false);
	rt_vctl_set_fault(A, RT_VCTL_KEY_SIZE_UNANSWERED, true);
	tell(A, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	pass_ms(60000);
	hear_nothing(A);
	tell(A, "01 09 10 00");
	hear_nothing(A);
	tell_complete(A, "01 03 0c 00");
}
END_TEST

START_TEST(the_key_size_is_said_to_be_anything)
{
	encrypted_couple();
	for (unsigned size = 1; size <= 255; size++) {
		rt_vctl_set_key_size_answer(B, (uint8_t)size);
		tell(B, READ_KEY_SIZE "%02x %02x", LE(couple.b));
		hear(B, "04 0e 07 01 08 14 00 %02x %02x %02x", LE(couple.b),
		     size);
	}
	rt_vctl_set_key_size_answer(B, 0);
	tell(B, READ_KEY_SIZE "%02x %02x", LE(couple.b));
	hear(B, "04 0e 07 01 08 14 00 %02x %02x 10", LE(couple.b));
}
END_TEST

static uint8_t keys_of_a_pairing(uint8_t ret_a[16], uint8_t ret_b[16])
{
	uint8_t type;

	begin_pairing();
	exchange_io("03 00 00", "03 00 00");
	hear_number(A, 0x33);
	hear_number(B, 0x33);
	tell_complete(A, CONFIRM ADDR_B);
	tell_complete(B, CONFIRM ADDR_A);
	hear(A, PAIRED "00 " ADDR_B);
	hear(B, PAIRED "00 " ADDR_A);
	ck_assert_uint_eq(hear_key(A, ret_a), 0x04);
	hear_authenticated(A, 0);
	type = hear_key(B, ret_b);
	return type;
}

START_TEST(a_key_is_said_to_be_zero_or_of_a_debugger)
{
	static const uint8_t zeros[16];
	uint8_t a[16], b[16];

	rt_vctl_set_fault(B, RT_VCTL_ZERO_KEY, true);
	ck_assert_uint_eq(keys_of_a_pairing(a, b), 0x04);
	ck_assert_mem_eq(b, zeros, 16);
	ck_assert_mem_ne(a, zeros, 16);
	rt_vctl_set_fault(B, RT_VCTL_ZERO_KEY, false);
	rt_vctl_set_fault(B, RT_VCTL_DEBUG_KEY, true);
	ck_assert_uint_eq(keys_of_a_pairing(a, b), 0x03);
	ck_assert_mem_eq(a, b, 16);
	encrypt_couple(1);
}
END_TEST

START_TEST(encryption_starts_without_a_key_if_one_of_them_is_bad)
{
	rt_vctl_set_fault(B, RT_VCTL_ENCRYPT_ANYHOW, true);
	encrypt_couple(1);
	couple_setup_ssp();
	rt_vctl_set_fault(A, RT_VCTL_ENCRYPT_ANYHOW, true);
	encrypt_couple(1);
}
END_TEST

START_TEST(a_peer_turns_the_tables_when_it_is_challenged)
{
	rt_vctl_set_fault(B, RT_VCTL_SWITCH_WHEN_CHALLENGED, true);
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B
		      " 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10");
	hear(B, "04 12 08 00 " ADDR_A " 00");
	hear(A, "04 12 08 00 " ADDR_B " 01");
	hear_authenticated(A, 0x23);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, GIVE_KEY ADDR_B
		      " 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10");
	hear_nothing(A);
	hear_nothing(B);
	tell_status(B, 0, ENCRYPT "%02x %02x 01", LE(couple.b));
	hear(B, "04 08 04 00 %02x %02x 01", LE(couple.b));
	hear(A, "04 08 04 00 %02x %02x 01", LE(couple.a));
}
END_TEST

START_TEST(encryption_is_said_to_change_without_a_command)
{
	encrypted_couple();
	ck_assert(rt_vctl_fake_encryption(A, rt_vctl_addr(B), 0, 0));
	hear(A, "04 08 04 00 %02x %02x 00", LE(couple.a));
	hear_nothing(B);
	tell(A, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	hear(A, "04 0e 07 01 08 14 2f *");
	ck_assert(rt_vctl_fake_encryption(A, rt_vctl_addr(B), 0, 2));
	hear(A, "04 08 04 00 %02x %02x 02", LE(couple.a));
	ck_assert(rt_vctl_fake_encryption(A, rt_vctl_addr(B), 0x1f, 0));
	hear(A, "04 08 04 1f %02x %02x 00", LE(couple.a));
	tell(A, READ_KEY_SIZE "%02x %02x", LE(couple.a));
	hear(A, "04 0e 07 01 08 14 00 %02x %02x 10", LE(couple.a));
	ck_assert(!rt_vctl_fake_encryption(A, rt_vctl_addr(A), 0, 0));
}
END_TEST

START_TEST(a_key_is_said_to_be_refreshed_without_a_command)
{
	encrypted_couple();
	ck_assert(rt_vctl_fake_refresh(B, rt_vctl_addr(A), 0, 5));
	hear(B, "04 30 03 00 %02x %02x", LE(couple.b));
	tell(B, READ_KEY_SIZE "%02x %02x", LE(couple.b));
	hear(B, "04 0e 07 01 08 14 00 %02x %02x 05", LE(couple.b));
	ck_assert(rt_vctl_fake_refresh(B, rt_vctl_addr(A), 0x05, 1));
	hear(B, "04 30 03 05 %02x %02x", LE(couple.b));
	tell(B, READ_KEY_SIZE "%02x %02x", LE(couple.b));
	hear(B, "04 0e 07 01 08 14 00 %02x %02x 05", LE(couple.b));
	ck_assert(!rt_vctl_fake_refresh(B, rt_vctl_addr(B), 0, 0));
	hear_nothing(A);
}
END_TEST

START_TEST(an_impostor_pages_with_another_s_address)
{
	struct rt_vctl *c = rt_vctl_new(radio.air, NULL);

	rt_vctl_free(A);
	radio.v[0] = NULL;
	rt_vctl_set_alias(c, (struct rt_addr){ { 0, 0, 0, 1, 0xaa, 0 } });
	tell_status(c, 0, CREATE_B);
	hear(B, "04 05 04 00 %02x %02x 08", LE(couple.b));
	hear(B, "04 04 0a " ADDR_A " 00 00 00 01");
	tell_status(B, 0, "01 09 04 07 " ADDR_A " 01");
	hear(c, "04 03 0b 00 .. .. " ADDR_B " 01 00");
	hear(B, "04 03 0b 00 .. .. " ADDR_A " 01 00");
	rt_vctl_free(c);
}
END_TEST

START_TEST(a_host_is_paged_with_its_own_address)
{
	struct rt_vctl *c = rt_vctl_new(radio.air, NULL);

	rt_vctl_set_alias(c, rt_vctl_addr(B));
	tell_status(c, 0, CREATE_B);
	hear(B, "04 04 0a " ADDR_B " 00 00 00 01");
	tell_status(B, 0, "01 0a 04 07 " ADDR_B " 0f");
	hear(c, "04 03 0b 0f 00 00 " ADDR_B " 01 00");
	hear(B, "04 03 0b 0f 00 00 " ADDR_B " 01 00");
	rt_vctl_free(c);
}
END_TEST

START_TEST(an_address_that_is_connected_is_not_connected_again)
{
	struct rt_vctl *c = rt_vctl_new(radio.air, NULL);

	rt_vctl_set_alias(c, rt_vctl_addr(A));
	tell_status(c, 0, CREATE_B);
	hear(c, "04 03 0b 0b 00 00 " ADDR_B " 01 00");
	hear_nothing(B);
	rt_vctl_set_alias(c, (struct rt_addr){ { 0 } });
	tell_status(c, 0, CREATE_B);
	hear(B, "04 04 0a 02 00 00 01 aa 00 00 00 00 01");
	rt_vctl_free(c);
}
END_TEST

START_TEST(a_peer_loses_secure_connections)
{
	const struct rt_vctl_security none = { .no_secure_connections = true };
	uint8_t key[16];

	couple_setup_secure();
	rt_vctl_set_security(B, &none);
	begin_pairing();
	exchange_io("03 00 00", "03 00 00");
	ck_assert_uint_eq(confirm_both(key), 0x04);
	encrypt_couple(1);
	tell_status(A, 0, "01 1c 04 03 %02x %02x 01", LE(couple.a));
	hear(A, "04 23 0d 00 %02x %02x 01 01 01 *", LE(couple.a));
}
END_TEST

/* --- hosts that do anything --- */

/* What one of the hosts has heard. */
struct tally {
	int authenticating;
	unsigned paired;
	unsigned changed;
};

static const char *const anything[] = {
	"11 04 02 %02x %02x", "13 04 03 %02x %02x 01", "13 04 03 %02x %02x 00",
	"53 0c 02 %02x %02x", "11 04 02 %02x %02x",    "13 04 03 %02x %02x 01",
};

static const char *const answers[] = {
	"0b 04 16 %s 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	"0c 04 06 %s",
	"0c 04 06 %s",
	"0d 04 17 %s 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	"0e 04 06 %s",
	"2b 04 09 %s 01 00 01",
	"2b 04 09 %s 02 00 01",
	"2b 04 09 %s 03 00 00",
	"2b 04 09 %s 01 01 00",
	"34 04 07 %s 18",
	"2c 04 06 %s",
	"2c 04 06 %s",
	"2d 04 06 %s",
	"2e 04 0a %s 00 00 00 00",
	"2f 04 06 %s",
	"33 04 06 %s",
	"60 0c 07 %s 02",
	"0b 08 07 %s 00",
	"0b 08 07 %s 01",
};

static void count(struct tally *t, struct rt_bytes p)
{
	if (p.ptr[0] == 0x0f && p.ptr[2] == 0)
		t->authenticating += p.ptr[4] == 0x11 && p.ptr[5] == 0x04;
	t->authenticating -= p.ptr[0] == 0x06;
	t->paired += p.ptr[0] == 0x18;
	t->changed += p.ptr[0] == 0x08 && p.ptr[2] == 0;
	ck_assert_int_ge(t->authenticating, 0);
	ck_assert_int_le(t->authenticating, 1);
}

static void listen(struct tally tally[2])
{
	enum rt_packet_type type;
	struct rt_bytes p;

	for (int i = 0; i < 2; i++) {
		while (rt_vctl_tx(radio.v[i], &type, &p)) {
			if (type == RT_PACKET_EVENT)
				count(&tally[i], p);
		}
	}
}

static void do_anything(uint64_t *state)
{
	bool b = suite_random(state) & 1;
	uint16_t handle = b ? couple.b : couple.a;
	uint32_t n = suite_random(state);
	char text[128] = "01 ";

	if (suite_random(state) % 4) {
		strcat(text, answers[n % RT_ARRAY_SIZE(answers)]);
		tell(radio.v[b], text, b ? ADDR_A : ADDR_B);
	} else {
		strcat(text, anything[n % RT_ARRAY_SIZE(anything)]);
		tell(radio.v[b], text, LE(handle));
	}
	if (n % 8 == 0)
		send_acl(radio.v[b], handle, true, 20, 1);
}

START_TEST(whatever_hosts_do_each_authentication_ends_once)
{
	static const struct rt_air_options air[] = { { .latency_us = 0 },
						     { .latency_us = 2000 } };
	struct tally tally[2] = { { 0 } };
	uint64_t state = 99;

	for (int round = 0; round < 40; round++) {
		couple_make(round % 3 ? COUPLE_SSP : COUPLE_OLD,
			    &air[round % 2], NULL, NULL);
		for (int i = 0; i < 1000; i++) {
			do_anything(&state);
			pass_ms(suite_random(&state) % 4);
			listen(tally);
		}
		pass_ms(100000);
		listen(tally);
		ck_assert_int_eq(tally[0].authenticating, 0);
		ck_assert_int_eq(tally[1].authenticating, 0);
		/* Nothing is left that would be in the way. */
		authenticate(A);
		tally[0].authenticating = 0;
		pass_ms(1);
		hear(A, KEY_REQUEST ADDR_B);
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_gt(tally[i].paired, 20);
		ck_assert_uint_gt(tally[i].changed, 20);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_key_size_is_not_to_be_had,
		the_key_size_is_said_to_be_anything,
		a_key_is_said_to_be_zero_or_of_a_debugger,
		encryption_starts_without_a_key_if_one_of_them_is_bad,
		a_peer_turns_the_tables_when_it_is_challenged,
		encryption_is_said_to_change_without_a_command,
		a_key_is_said_to_be_refreshed_without_a_command,
		an_impostor_pages_with_another_s_address,
		a_host_is_paged_with_its_own_address,
		an_address_that_is_connected_is_not_connected_again,
		a_peer_loses_secure_connections,
		whatever_hosts_do_each_authentication_ends_once,
	};

	return suite_run("vctl/hostile", tests, RT_ARRAY_SIZE(tests),
			 couple_setup_ssp, radio_teardown);
}
