/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hci/security.h"
#include "tests/unit/stack/suite.h"

START_TEST(wiped_octets_are_zero_and_those_beside_them_are_not)
{
	uint8_t octets[34];

	memset(octets, 0xa5, sizeof(octets));
	rt_sec_wipe(octets + 1, sizeof(octets) - 2);
	ck_assert_uint_eq(octets[0], 0xa5);
	ck_assert_uint_eq(octets[33], 0xa5);
	for (size_t i = 1; i <= 32; i++)
		ck_assert_uint_eq(octets[i], 0);
}
END_TEST

START_TEST(wiping_nothing_at_no_place_does_nothing)
{
	rt_sec_wipe(NULL, 0);
}
END_TEST

START_TEST(octets_differ_by_any_one_bit)
{
	uint8_t a[16];
	uint8_t b[16];

	memset(a, 0x3c, sizeof(a));
	memcpy(b, a, sizeof(b));
	ck_assert(rt_sec_equal(a, b, sizeof(a)));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1u << bit % 8);
		ck_assert(!rt_sec_equal(a, b, sizeof(a)));
		ck_assert(rt_sec_equal(a, b, bit / 8));
		b[bit / 8] = a[bit / 8];
	}
}
END_TEST

START_TEST(no_octets_are_equal)
{
	ck_assert(rt_sec_equal(NULL, NULL, 0));
}
END_TEST

START_TEST(every_code_has_a_name_an_errno_and_a_hint)
{
	for (uint16_t code = RT_SEC_CODE_NOT_ENCRYPTED;
	     code <= RT_SEC_CODE_CANCELLED; code++) {
		ck_assert_str_ne(rt_sec_code_name(code), "Reserved");
		ck_assert_uint_gt(strlen(rt_sec_code_name(code)), 0);
		ck_assert_uint_gt(strlen(rt_sec_code_hint(code)), 0);
		ck_assert_int_lt(rt_sec_code_errno(code), 0);
		for (uint16_t other = 1; other < code; other++)
			ck_assert_str_ne(rt_sec_code_name(code),
					 rt_sec_code_name(other));
	}
}
END_TEST

START_TEST(errors_say_whether_it_was_refused_or_lost_or_too_late)
{
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_KEY_TOO_SHORT), -EACCES);
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_REFUSED), -EACCES);
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_TIMEOUT), -ETIMEDOUT);
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_NO_ANSWER), -ETIMEDOUT);
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_ENCRYPTION_LOST),
			 -ECONNRESET);
	ck_assert_int_eq(rt_sec_code_errno(RT_SEC_CODE_CANCELLED), -ECANCELED);
}
END_TEST

START_TEST(a_code_that_is_none_is_reserved)
{
	const uint16_t none[] = { 0, RT_SEC_CODE_CANCELLED + 1, UINT16_MAX };

	for (size_t i = 0; i < RT_ARRAY_SIZE(none); i++) {
		ck_assert_str_eq(rt_sec_code_name(none[i]), "Reserved");
		ck_assert_str_eq(rt_sec_code_hint(none[i]), "");
		ck_assert_int_eq(rt_sec_code_errno(none[i]), -EACCES);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		wiped_octets_are_zero_and_those_beside_them_are_not,
		wiping_nothing_at_no_place_does_nothing,
		octets_differ_by_any_one_bit,
		no_octets_are_equal,
		every_code_has_a_name_an_errno_and_a_hint,
		errors_say_whether_it_was_refused_or_lost_or_too_late,
		a_code_that_is_none_is_reserved,
	};

	return suite_run("security/secret", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
