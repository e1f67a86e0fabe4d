/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/text.h"

static void expect(void (*print)(FILE *, const char *), const char *str,
		   const char *expected)
{
	char *got = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&got, &bytes);

	ck_assert_ptr_nonnull(file);
	print(file, str);
	fclose(file);
	ck_assert_str_eq(got, expected);
	free(got);
}

START_TEST(text_of_all_lengths_of_utf8_is_printed_as_it_is)
{
	expect(rt_text_print, "", "");
	expect(rt_text_print, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z",
	       "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
}
END_TEST

START_TEST(control_characters_are_shown_and_not_obeyed)
{
	expect(rt_text_print, "\x1b[2J\a\r\n\t\x7f",
	       "\\x1b[2J\\x07\\x0d\\x0a\\x09\\x7f");
	/* U+009B, which some terminals take for ESC [ */
	expect(rt_text_print, "\xc2\x9b", "\\x9b");
}
END_TEST

START_TEST(text_cannot_turn_its_direction_around)
{
	expect(rt_text_print, "\xe2\x80\xae", "\\u202e");
	expect(rt_text_print, "\xe2\x81\xa6", "\\u2066");
}
END_TEST

START_TEST(octets_that_are_not_utf8_are_replaced_one_by_one)
{
	static const char *const bad[] = {
		"\x80",
		"\xff",
		"\xc3",
		"\xc0\x80",
		"\xe0\x80\x80",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"\xe2\x82",
	};
	char expected[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		expected[0] = '\0';
		for (size_t n = 0; n < strlen(bad[i]); n++)
			strcat(expected, "\xef\xbf\xbd");
		expect(rt_text_print, bad[i], expected);
	}
}
END_TEST

START_TEST(json_strings_are_escaped)
{
	expect(rt_text_json, "a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	expect(rt_text_json, "\n\x1f\x7f", "\"\\u000a\\u001f\\u007f\"");
	expect(rt_text_json, "\xe2\x82\xac", "\"\xe2\x82\xac\"");
	expect(rt_text_json, "\xff", "\"\xef\xbf\xbd\"");
	expect(rt_text_json, NULL, "null");
}
END_TEST

START_TEST(quantities_are_short)
{
	char str[RT_TEXT_BYTES];

	ck_assert_str_eq(rt_text_bytes(0, str), "0 B");
	ck_assert_str_eq(rt_text_bytes(1023, str), "1023 B");
	ck_assert_str_eq(rt_text_bytes(1024, str), "1.0 KiB");
	ck_assert_str_eq(rt_text_bytes(3 << 19, str), "1.5 MiB");
	ck_assert_str_eq(rt_text_bytes(UINT64_MAX, str), "16777216.0 TiB");
}
END_TEST

START_TEST(rates_are_in_thousands_as_in_l2test)
{
	char str[RT_TEXT_BYTES];

	ck_assert_str_eq(rt_text_rate(31400, 1000000, str), "31.4 kB/s");
	ck_assert_str_eq(rt_text_rate(5000000, 2000000, str), "2.5 MB/s");
	ck_assert_str_eq(rt_text_rate(0, 0, str), "0.0 kB/s");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli/text");
	TCase *tcase = tcase_create("text");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, text_of_all_lengths_of_utf8_is_printed_as_it_is);
	tcase_add_test(tcase, control_characters_are_shown_and_not_obeyed);
	tcase_add_test(tcase, text_cannot_turn_its_direction_around);
	tcase_add_test(tcase, octets_that_are_not_utf8_are_replaced_one_by_one);
	tcase_add_test(tcase, json_strings_are_escaped);
	tcase_add_test(tcase, quantities_are_short);
	tcase_add_test(tcase, rates_are_in_thousands_as_in_l2test);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
