/* SPDX-License-Identifier: MIT */
#include "hci/gap/eir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/gap/utf8.h"
#include "tests/unit/hci/rig.h"

static struct rt_gap_device device;

/* Parses octets that stand at the end of their memory. */
static void parse(const void *ptr, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, ptr, len);
	memset(&device, 0xaa, sizeof(device));
	rt_gap_eir_parse(rt_bytes(copy, len), &device);
	free(copy);
}

START_TEST(the_complete_name_is_found)
{
	parse("\x02\x01\x06\x05\x09"
	      "abcd\x00\x00",
	      11);
	ck_assert(device.has_name);
	ck_assert(device.name_complete);
	ck_assert_str_eq(device.name, "abcd");
	ck_assert_uint_eq(device.eir_bytes, 9);
	ck_assert(memcmp(device.eir,
			 "\x02\x01\x06\x05\x09"
			 "abcd\x00",
			 10) == 0);
}
END_TEST

START_TEST(a_shortened_name_is_found_and_yields_to_the_complete_one)
{
	parse("\x03\x08"
	      "ab",
	      4);
	ck_assert(device.has_name);
	ck_assert(!device.name_complete);
	ck_assert_str_eq(device.name, "ab");
	parse("\x03\x08"
	      "ab\x04\x09"
	      "abc\x03\x08"
	      "xy\x03\x09"
	      "zz",
	      17);
	ck_assert(device.name_complete);
	ck_assert_str_eq(device.name, "abc");
}
END_TEST

START_TEST(without_a_name_there_is_none)
{
	parse("", 0);
	ck_assert(!device.has_name);
	ck_assert_uint_eq(device.eir_bytes, 0);
	ck_assert_str_eq(device.name, "");
	parse("\x00\x09"
	      "abc",
	      5);
	ck_assert(!device.has_name);
	parse("\x01\xff\x02\x0a\x04", 5);
	ck_assert(!device.has_name);
	ck_assert_uint_eq(device.eir_bytes, 5);
}
END_TEST

START_TEST(an_empty_name_is_a_name)
{
	parse("\x01\x09", 2);
	ck_assert(device.has_name);
	ck_assert_str_eq(device.name, "");
}
END_TEST

START_TEST(an_eir_cut_short_anywhere_keeps_what_is_whole)
{
	static const uint8_t eir[] = "\x02\x0a\x04\x04\x09"
				     "abc\x03\x02\x11";

	for (size_t len = 0; len < sizeof(eir); len++) {
		parse(eir, len);
		ck_assert_uint_eq(device.has_name, len >= 8);
		ck_assert_uint_eq(device.eir_bytes, len < 3    ? 0
						    : len < 8  ? 3
						    : len < 12 ? 8
							       : 12);
	}
}
END_TEST

START_TEST(no_eir_breaks_anything)
{
	uint8_t eir[255];
	uint64_t seed = 5;

	for (int i = 0; i < 20000; i++) {
		const size_t len = suite_random(&seed) % 256;

		for (size_t j = 0; j < len; j++)
			eir[j] = (uint8_t)(suite_random(&seed) %
					   (i % 2 ? 256 : 12));
		parse(eir, len);
		if (strlen(device.name) > RT_GAP_NAME_BYTES ||
		    device.eir_bytes > RT_MIN(len, 240))
			ck_abort_msg("too long");
	}
}
END_TEST

static void build_name(const char *name, uint8_t eir[RT_GAP_EIR_BYTES])
{
	const struct rt_gap_eir_source source = { .name = name };

	rt_gap_eir_build(&source, eir);
}

START_TEST(a_name_that_fits_is_built_whole_and_else_shortened)
{
	char name[249];
	uint8_t eir[RT_GAP_EIR_BYTES];

	memset(name, 0, sizeof(name));
	build_name(name, eir);
	ck_assert_uint_eq(eir[0], 0);
	for (size_t len = 1; len <= 248; len++) {
		const size_t fit = RT_MIN(len, (size_t)238);

		name[len - 1] = (char)('a' + len % 26);
		build_name(name, eir);
		ck_assert_uint_eq(eir[0], 1 + fit);
		ck_assert_uint_eq(eir[1], len > 238 ? 0x08 : 0x09);
		ck_assert(memcmp(eir + 2, name, fit) == 0);
		parse(eir, sizeof(eir));
		ck_assert_uint_eq(device.eir_bytes, 2 + fit);
	}
	/* Not in the middle of a character. */
	memset(name, 'x', 248);
	memcpy(name + 236, "\xe2\x82\xac", 3);
	build_name(name, eir);
	ck_assert_uint_eq(eir[0], 1 + 236);
}
END_TEST

struct utf8 {
	const char *from;
	const char *to;
};

#define BAD "\xef\xbf\xbd"

static const struct utf8 texts[] = {
	{ "abc", "abc" },
	{ "B\xc3\xa4r", "B\xc3\xa4r" },
	{ "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "\xf0\x9f\x8e\xa7", "\xf0\x9f\x8e\xa7" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "\x80", BAD },
	{ "a\xffz", "a" BAD "z" },
	{ "\xc3", BAD },
	{ "\xc3z", BAD "z" },
	{ "\xc0\xaf", BAD BAD }, /* overlong */
	{ "\xc1\xbf", BAD BAD },
	{ "\xe0\x9f\xbf", BAD BAD BAD },
	{ "\xf0\x8f\xbf\xbf", BAD BAD BAD BAD },
	{ "\xed\xa0\x80", BAD BAD BAD }, /* surrogate */
	{ "\xed\x9f\xbf", "\xed\x9f\xbf" },
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD }, /* beyond the last */
	{ "\xf5\x80\x80\x80", BAD BAD BAD BAD },
	{ "\xe2\x82", BAD BAD },
	{ "\xe2\x82z", BAD BAD "z" },
	{ "\xf0\x9f\x8e", BAD BAD BAD },
};

START_TEST(text_is_made_valid)
{
	char to[64];

	rt_gap_utf8_copy(rt_bytes(texts[_i].from, strlen(texts[_i].from)), to,
			 sizeof(to));
	ck_assert_str_eq(to, texts[_i].to);
}
END_TEST

START_TEST(text_ends_at_a_zero_and_where_it_does_not_fit)
{
	char to[6];

	rt_gap_utf8_copy(rt_bytes("ab\0cd", 5), to, sizeof(to));
	ck_assert_str_eq(to, "ab");
	rt_gap_utf8_copy(rt_bytes("abcdefgh", 8), to, sizeof(to));
	ck_assert_str_eq(to, "abcde");
	rt_gap_utf8_copy(rt_bytes("abc\xe2\x82\xac", 6), to, sizeof(to));
	ck_assert_str_eq(to, "abc");
	rt_gap_utf8_copy(rt_bytes("abc\xff"
				  "d",
				  5),
			 to, sizeof(to));
	ck_assert_str_eq(to, "abc");
	rt_gap_utf8_copy(rt_bytes("ab\xe2\x82\xac", 5), to, sizeof(to));
	ck_assert_str_eq(to, "ab\xe2\x82\xac");
}
END_TEST

static const struct rig_case cases[] = {
	{ &the_complete_name_is_found, 1 },
	{ &a_shortened_name_is_found_and_yields_to_the_complete_one, 1 },
	{ &without_a_name_there_is_none, 1 },
	{ &an_empty_name_is_a_name, 1 },
	{ &an_eir_cut_short_anywhere_keeps_what_is_whole, 1 },
	{ &no_eir_breaks_anything, 1 },
	{ &a_name_that_fits_is_built_whole_and_else_shortened, 1 },
	{ &text_is_made_valid, RT_ARRAY_SIZE(texts) },
	{ &text_ends_at_a_zero_and_where_it_does_not_fit, 1 },
};

int main(void)
{
	return rig_run("hci eir", cases, RT_ARRAY_SIZE(cases));
}
