/* SPDX-License-Identifier: MIT */
#include "l2cap/fcs.h"

#include <string.h>

#include "tests/unit/l2cap/bench.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* The FCS of hexadecimal octets. */
static unsigned int fcs_of(const char *hex)
{
	uint8_t buf[64];
	const size_t n = hex_read(hex, buf, sizeof(buf));

	return rt_l2cap_fcs_add(0, rt_bytes(buf, n));
}

/* The examples of Core Vol 3 Part A 3.3.5. */
START_TEST(the_examples_of_the_specification)
{
	ck_assert_uint_eq(fcs_of("0e00 4000 0200 000102030405060708 09"),
			  0x6138);
	ck_assert_uint_eq(fcs_of("0400 4000 0101"), 0x14d4);
	ck_assert_uint_eq(fcs_of(""), 0);
}
END_TEST

START_TEST(every_octet_does_what_the_shift_register_does)
{
	uint8_t payload[300];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t len = 0; len < sizeof(payload); len++) {
		const uint16_t fcs = rt_l2cap_fcs_add(
			rt_l2cap_fcs_of_header((uint16_t)(len + 2), 0x1234),
			rt_bytes(payload, len));

		ck_assert_uint_eq(fcs, ertm_fcs(0x1234, payload, len));
	}
}
END_TEST

START_TEST(slices_add_up)
{
	uint8_t octets[20] = { 0 };
	const struct rt_bytes all = rt_bytes(octets, sizeof(octets));
	uint16_t fcs;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(200 - i);
	for (size_t at = 0; at <= sizeof(octets); at++) {
		fcs = rt_l2cap_fcs_add(0, rt_bytes(octets, at));
		fcs = rt_l2cap_fcs_add(fcs, rt_bytes(octets + at,
						     sizeof(octets) - at));
		ck_assert_uint_eq(fcs, rt_l2cap_fcs_add(0, all));
	}
}
END_TEST

START_TEST(a_right_fcs_is_taken_off)
{
	const uint8_t frame[] = { 0x01, 0x01, 0xd4, 0x14 };
	struct rt_bytes payload = rt_bytes(frame, sizeof(frame));

	ck_assert(rt_l2cap_fcs_check(0x0040, &payload));
	ck_assert_uint_eq(payload.len, 2);
	ck_assert_ptr_eq(payload.ptr, frame);
}
END_TEST

START_TEST(every_wrong_bit_is_found)
{
	uint8_t frame[] = { 0x01, 0x01, 0xd4, 0x14 };
	struct rt_bytes payload = rt_bytes(frame, sizeof(frame));

	for (unsigned int bit = 0; bit < 8 * sizeof(frame); bit++) {
		frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert(!rt_l2cap_fcs_check(0x0040, &payload));
		ck_assert_uint_eq(payload.len, sizeof(frame));
		frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	ck_assert(!rt_l2cap_fcs_check(0x0041, &payload));
	ck_assert(rt_l2cap_fcs_check(0x0040, &payload));
}
END_TEST

START_TEST(a_frame_too_short_for_an_fcs_has_none)
{
	const uint8_t octet = 0;
	struct rt_bytes payload = rt_bytes(NULL, 0);

	ck_assert(!rt_l2cap_fcs_check(0x0040, &payload));
	payload = rt_bytes(&octet, 1);
	ck_assert(!rt_l2cap_fcs_check(0x0040, &payload));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_examples_of_the_specification,
		every_octet_does_what_the_shift_register_does,
		slices_add_up,
		a_right_fcs_is_taken_off,
		every_wrong_bit_is_found,
		a_frame_too_short_for_an_fcs_has_none,
	};

	return suite_run("l2cap/fcs", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
