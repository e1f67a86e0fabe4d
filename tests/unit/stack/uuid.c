/* SPDX-License-Identifier: MIT */
#include "stack/uuid.h"

#include <errno.h>

#include "stack/base.h"
#include "tests/unit/stack/suite.h"

static const struct rt_uuid serial_port = {
	{ 0x00, 0x00, 0x11, 0x01, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00,
	  0x80, 0x5f, 0x9b, 0x34, 0xfb }
};
static const struct rt_uuid long_one = { { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
					   0xde, 0xf0, 0x01, 0x23, 0x45, 0x67,
					   0x89, 0xab, 0xcd, 0xef } };

START_TEST(a_short_form_stands_in_the_base_uuid)
{
	uint32_t value = 0;

	ck_assert(rt_uuid_equal(rt_uuid_from_short(0x1101), serial_port));
	ck_assert(rt_uuid_to_short(serial_port, &value));
	ck_assert_uint_eq(value, 0x1101);
	ck_assert(rt_uuid_to_short(rt_uuid_from_short(0xfedcba98), &value));
	ck_assert_uint_eq(value, 0xfedcba98);
}
END_TEST

START_TEST(a_uuid_with_another_base_has_no_short_form)
{
	struct rt_uuid uuid;
	uint32_t value = 7;

	for (size_t i = 4; i < sizeof(uuid.b); i++) {
		uuid = serial_port;
		uuid.b[i] ^= 0x01;
		ck_assert(!rt_uuid_to_short(uuid, &value));
		ck_assert(!rt_uuid_equal(uuid, serial_port));
	}
	ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(a_uuid_is_printed_in_its_shortest_form)
{
	char str[RT_UUID_STR_BYTES];

	ck_assert_ptr_eq(rt_uuid_format(serial_port, str), str);
	ck_assert_str_eq(str, "0x1101");
	ck_assert_str_eq(rt_uuid_format(rt_uuid_from_short(0), str), "0x0000");
	ck_assert_str_eq(rt_uuid_format(rt_uuid_from_short(0x10000), str),
			 "0x00010000");
	ck_assert_str_eq(rt_uuid_format(long_one, str),
			 "12345678-9abc-def0-0123-456789abcdef");
}
END_TEST

START_TEST(each_form_is_read_in_either_case)
{
	static const char *const forms[] = {
		"1101",
		"0x1101",
		"0X1101",
		"00001101",
		"0x00001101",
		"00001101-0000-1000-8000-00805f9b34fb",
		"00001101-0000-1000-8000-00805F9B34FB",
	};
	struct rt_uuid uuid;

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++) {
		uuid = long_one;
		ck_assert_int_eq(rt_uuid_parse(forms[i], &uuid), 0);
		ck_assert(rt_uuid_equal(uuid, serial_port));
	}
	ck_assert_int_eq(rt_uuid_parse("12345678-9ABC-def0-0123-456789abcdef",
				       &uuid),
			 0);
	ck_assert(rt_uuid_equal(uuid, long_one));
}
END_TEST

START_TEST(what_is_no_uuid_is_refused_and_changes_nothing)
{
	static const char *const wrong[] = {
		"",
		"0x",
		"1",
		"110",
		"11011",
		"0x110",
		"110g",
		" 1101",
		"1101 ",
		"000011011",
		"0x000011011",
		"-1101",
		"0x-101",
		"00001101-0000-1000-8000-00805f9b34f",
		"00001101-0000-1000-8000-00805f9b34fb0",
		"00001101-0000-1000-8000_00805f9b34fb",
		"0000110100001000800000805f9b34fb",
		"0000-1101-0000-1000-8000-00805f9b34fb",
		"0x00001101-0000-1000-8000-00805f9b34fb",
	};
	struct rt_uuid uuid = long_one;

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(rt_uuid_parse(wrong[i], &uuid), -EINVAL);
		ck_assert(rt_uuid_equal(uuid, long_one));
	}
}
END_TEST

START_TEST(a_uuid_cut_short_anywhere_is_refused)
{
	static const char whole[] = "12345678-9abc-def0-0123-456789abcdef";
	char part[sizeof(whole)];
	struct rt_uuid uuid = serial_port;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(part, whole, n);
		part[n] = '\0';
		if (n == 4 || n == 8) /* a short form */
			continue;
		ck_assert_int_eq(rt_uuid_parse(part, &uuid), -EINVAL);
	}
	ck_assert(rt_uuid_equal(uuid, serial_port));
}
END_TEST

START_TEST(every_octet_survives_printing_and_reading)
{
	struct rt_uuid uuid = long_one;
	struct rt_uuid back;
	char str[RT_UUID_STR_BYTES];

	for (unsigned int i = 0; i < 256; i++) {
		uuid.b[i % 16] = (uint8_t)i;
		ck_assert_int_eq(
			rt_uuid_parse(rt_uuid_format(uuid, str), &back), 0);
		ck_assert(rt_uuid_equal(uuid, back));
	}
}
END_TEST

START_TEST(only_the_uuid_of_zeros_is_zero)
{
	struct rt_uuid uuid = { { 0 } };

	ck_assert(rt_uuid_is_zero(uuid));
	/* The short form 0 is a UUID of the base. */
	ck_assert(!rt_uuid_is_zero(rt_uuid_from_short(0)));
	for (size_t i = 0; i < sizeof(uuid.b); i++) {
		uuid = (struct rt_uuid){ { 0 } };
		uuid.b[i] = 0x80;
		ck_assert(!rt_uuid_is_zero(uuid));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_short_form_stands_in_the_base_uuid,
		a_uuid_with_another_base_has_no_short_form,
		a_uuid_is_printed_in_its_shortest_form,
		each_form_is_read_in_either_case,
		what_is_no_uuid_is_refused_and_changes_nothing,
		a_uuid_cut_short_anywhere_is_refused,
		every_octet_survives_printing_and_reading,
		only_the_uuid_of_zeros_is_zero,
	};

	return suite_run("stack/uuid", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
