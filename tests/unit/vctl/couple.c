/* SPDX-License-Identifier: MIT */
#include "tests/unit/vctl/couple.h"

#include <stdio.h>
#include <string.h>

struct couple couple;

static void set_up(struct rt_vctl *v, enum couple_ability ability)
{
	tell_complete(v, "01 01 0c 08 ff ff ff ff ff ff ff ff");
	if (ability >= COUPLE_SSP)
		tell_complete(v, "01 56 0c 01 01");
	if (ability >= COUPLE_SECURE)
		tell_complete(v, "01 7a 0c 01 01");
	tell_complete(v, "01 1a 0c 01 02");
}

/* join() of radio.h is for an air without latency. */
static uint16_t hear_handle(struct rt_vctl *v)
{
	enum rt_packet_type type;
	struct rt_bytes p;

	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_uint_eq(p.len, 13);
	ck_assert_uint_eq(p.ptr[0], 0x03);
	ck_assert_uint_eq(p.ptr[2], 0x00);
	return (uint16_t)(p.ptr[3] | p.ptr[4] << 8);
}

static void connect_couple(void)
{
	tell_status(A, 0, "01 05 04 0d " ADDR_B " 18 cc 01 00 00 00 00");
	pass_ms(1000);
	hear(B, "04 04 0a " ADDR_A " 00 00 00 01");
	tell_status(B, 0, "01 09 04 07 " ADDR_A " 01");
	pass_ms(1000);
	couple.a = hear_handle(A);
	couple.b = hear_handle(B);
	/* Role switches are allowed. */
	tell_complete(A, "01 0d 08 04 %02x %02x 01 00", LE(couple.a));
	tell_complete(B, "01 0d 08 04 %02x %02x 01 00", LE(couple.b));
}

void couple_make(enum couple_ability ability, const struct rt_air_options *air,
		 const struct rt_vctl_options *a,
		 const struct rt_vctl_options *b)
{
	radio_restart(air, NULL, 0);
	A = rt_vctl_new(radio.air, a);
	B = rt_vctl_new(radio.air, b);
	set_up(A, ability);
	set_up(B, ability);
	connect_couple();
}

void couple_reset(enum couple_ability ability)
{
	tell_complete(A, "01 03 0c 00");
	tell_complete(B, "01 03 0c 00");
	set_up(A, ability);
	set_up(B, ability);
	connect_couple();
}

void couple_setup_old(void)
{
	couple_make(COUPLE_OLD, NULL, NULL, NULL);
}

void couple_setup_ssp(void)
{
	couple_make(COUPLE_SSP, NULL, NULL, NULL);
}

void couple_setup_secure(void)
{
	couple_make(COUPLE_SECURE, NULL, NULL, NULL);
}

static uint16_t handle_of(const struct rt_vctl *v)
{
	return v == A ? couple.a : couple.b;
}

void authenticate(struct rt_vctl *v)
{
	tell_status(v, 0, "01 11 04 02 %02x %02x", LE(handle_of(v)));
}

void hear_authenticated(struct rt_vctl *v, uint8_t status)
{
	hear(v, "04 06 03 %02x %02x %02x", status, LE(handle_of(v)));
}

void begin_pairing(void)
{
	authenticate(A);
	hear(A, KEY_REQUEST ADDR_B);
	tell_complete(A, NO_KEY ADDR_B);
	hear(A, IO_REQUEST ADDR_B);
	hear_nothing(B);
}

void exchange_io(const char *a, const char *b)
{
	tell_complete(A, GIVE_IO ADDR_B " %s", a);
	hear(B, IO_RESPONSE ADDR_A " %s", a);
	hear(B, IO_REQUEST ADDR_A);
	tell_complete(B, GIVE_IO ADDR_A " %s", b);
	hear(A, IO_RESPONSE ADDR_B " %s", b);
}

uint32_t hear_number(struct rt_vctl *v, uint8_t event)
{
	enum rt_packet_type type;
	struct rt_bytes p;
	uint32_t number;

	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_int_eq(type, RT_PACKET_EVENT);
	ck_assert_uint_eq(p.len, 12);
	ck_assert_uint_eq(p.ptr[0], event);
	number = (uint32_t)(p.ptr[8] | p.ptr[9] << 8 | p.ptr[10] << 16);
	ck_assert_uint_eq(p.ptr[11], 0);
	ck_assert_uint_lt(number, 1000000);
	return number;
}

uint8_t hear_key(struct rt_vctl *v, uint8_t ret_key[16])
{
	enum rt_packet_type type;
	struct rt_bytes p;

	ck_assert_msg(rt_vctl_tx(v, &type, &p), "no key");
	ck_assert_int_eq(type, RT_PACKET_EVENT);
	ck_assert_uint_eq(p.ptr[0], 0x18);
	ck_assert_uint_eq(p.len, 2 + 6 + 16 + 1);
	memcpy(ret_key, p.ptr + 8, 16);
	return p.ptr[24];
}

uint8_t confirm_both(uint8_t ret_key[16])
{
	uint8_t key[16];
	uint8_t type;

	ck_assert_uint_eq(hear_number(A, 0x33), hear_number(B, 0x33));
	tell_complete(B, CONFIRM ADDR_A);
	hear_nothing(A);
	tell_complete(A, CONFIRM ADDR_B);
	hear(A, PAIRED "00 " ADDR_B);
	hear(B, PAIRED "00 " ADDR_A);
	type = hear_key(A, ret_key);
	hear_authenticated(A, 0);
	ck_assert_uint_eq(hear_key(B, key), type);
	ck_assert_mem_eq(key, ret_key, 16);
	hear_nothing(A);
	hear_nothing(B);
	return type;
}

const char *key_text(const uint8_t key[16])
{
	static char text[16 * 3 + 1];

	for (size_t i = 0; i < 16; i++)
		snprintf(text + 3 * i, 4, "%02x ", key[i]);
	return text;
}

void pair_couple(void)
{
	uint8_t key[16];

	begin_pairing();
	exchange_io("03 00 00", "03 00 00");
	confirm_both(key);
}

void encrypt_couple(uint8_t mode)
{
	tell_status(A, 0, "01 13 04 03 %02x %02x 01", LE(couple.a));
	hear(A, "04 08 04 00 %02x %02x %02x", LE(couple.a), mode);
	hear(B, "04 08 04 00 %02x %02x %02x", LE(couple.b), mode);
}
