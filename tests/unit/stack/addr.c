/* SPDX-License-Identifier: MIT */
#include "stack/addr.h"

#include <errno.h>

#include "stack/base.h"
#include "tests/unit/stack/suite.h"

static const struct rt_addr sample = { { 0x66, 0x55, 0x44, 0x33, 0xb2, 0xa1 } };

START_TEST(an_address_is_printed_most_significant_octet_first)
{
	char str[RT_ADDR_STR_BYTES];

	ck_assert_ptr_eq(rt_addr_format(sample, str), str);
	ck_assert_str_eq(str, "A1:B2:33:44:55:66");
}
END_TEST

START_TEST(an_address_is_read_in_either_case_and_with_any_separator)
{
	static const char *const forms[] = {
		"A1:B2:33:44:55:66",
		"a1:b2:33:44:55:66",
		"a1-B2-33-44-55-66",
		"A1_b2_33_44_55_66",
	};
	struct rt_addr addr;

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++) {
		addr = (struct rt_addr){ { 0 } };
		ck_assert_int_eq(rt_addr_parse(forms[i], &addr), 0);
		ck_assert(rt_addr_equal(addr, sample));
	}
}
END_TEST

START_TEST(what_is_no_address_is_refused_and_changes_nothing)
{
	static const char *const wrong[] = {
		"A1:B2:33:44:55:66 ", " A1:B2:33:44:55:66",
		"A1:B2:33:44:55:66:", "A1:B2:33:44:55:66:77",
		"A1:B2-33:44:55:66",  "A1 B2 33 44 55 66",
		"A1:B2:33:44:55:6G",  "A1:B2:33:44:55:G6",
		"A1:B2:33:44:5:66",   "A1B233445566",
		"A1::B2:33:44:55:66", "-1:B2:33:44:55:66",
		"A1.B2.33.44.55.66",  "+1:B2:33:44:55:66",
	};
	struct rt_addr addr = sample;

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		ck_assert_int_eq(rt_addr_parse(wrong[i], &addr), -EINVAL);
		ck_assert(rt_addr_equal(addr, sample));
	}
}
END_TEST

START_TEST(an_address_cut_short_anywhere_is_refused)
{
	static const char whole[] = "A1:B2:33:44:55:66";
	char part[sizeof(whole)];
	struct rt_addr addr = sample;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(part, whole, n);
		part[n] = '\0';
		ck_assert_int_eq(rt_addr_parse(part, &addr), -EINVAL);
	}
}
END_TEST

START_TEST(every_octet_survives_printing_and_reading)
{
	char str[RT_ADDR_STR_BYTES];
	struct rt_addr addr = { { 0 } };
	struct rt_addr back;

	for (unsigned int i = 0; i < 256; i++) {
		addr.b[i % 6] = (uint8_t)i;
		ck_assert_int_eq(
			rt_addr_parse(rt_addr_format(addr, str), &back), 0);
		ck_assert(rt_addr_equal(addr, back));
	}
}
END_TEST

START_TEST(addresses_are_equal_only_in_all_octets)
{
	struct rt_addr other;

	ck_assert(rt_addr_equal(sample, sample));
	for (size_t i = 0; i < sizeof(other.b); i++) {
		other = sample;
		other.b[i] ^= 0x01;
		ck_assert(!rt_addr_equal(sample, other));
	}
}
END_TEST

START_TEST(only_the_address_of_zeros_is_zero)
{
	struct rt_addr addr = { { 0 } };

	ck_assert(rt_addr_is_zero(addr));
	for (size_t i = 0; i < sizeof(addr.b); i++) {
		addr = (struct rt_addr){ { 0 } };
		addr.b[i] = 0x80;
		ck_assert(!rt_addr_is_zero(addr));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_address_is_printed_most_significant_octet_first,
		an_address_is_read_in_either_case_and_with_any_separator,
		what_is_no_address_is_refused_and_changes_nothing,
		an_address_cut_short_anywhere_is_refused,
		every_octet_survives_printing_and_reading,
		addresses_are_equal_only_in_all_octets,
		only_the_address_of_zeros_is_zero,
	};

	return suite_run("stack/addr", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
