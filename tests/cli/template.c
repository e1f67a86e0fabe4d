/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tools/rawtooth/pdu.h"
#include "tools/rawtooth/template.h"
#include "tools/rawtooth/tool.h"

/* Packets written by hand: what `rawtooth send` makes of its arguments. */

static unsigned int errors;

void rt_tool_error(const char *format, ...)
{
	(void)format;
	errors++;
}

static struct rt_template_packet packet;

static const struct rt_template_values pdu_values = {
	.has_cids = true,
	.scid = 0x0041,
	.dcid = 0x1234,
	.cid = 0x0040,
	.ident = 0xc7,
};

static const struct rt_template_values frame_values = {
	.frame = true,
	.has_address = true,
	.address = 0x0b,
};

static void expect(const struct rt_template_values *values, const char *text,
		   const char *expected)
{
	char got[200] = "";

	ck_assert_int_eq(rt_template_expand(text, values, &packet), 0);
	for (size_t i = 0; i < packet.bytes; i++)
		snprintf(got + 2 * i, sizeof(got) - 2 * i, "%02x",
			 packet.data[i]);
	ck_assert_str_eq(got, expected);
}

START_TEST(digits_come_in_pairs_with_what_you_like_between)
{
	expect(&pdu_values, "", "");
	expect(&pdu_values, "00", "00");
	expect(&pdu_values, "deadBEEF", "deadbeef");
	expect(&pdu_values, " de:ad : be ef ", "deadbeef");
}
END_TEST

START_TEST(names_stand_for_what_nobody_can_know)
{
	expect(&pdu_values, "{scid}{dcid}{ident}", "41003412c7");
	expect(&pdu_values, "08{ident}{len}cafe", "08c70200cafe");
	expect(&pdu_values, "{len}", "0000");
	expect(&frame_values, "{address}{address0}", "0b03");
	expect(&frame_values, "{address}ef{len}6869{fcs}", "0bef0568699a");
}
END_TEST

/* TS 07.10 5.2.1.6, with the golden values of its annex's kind. */
START_TEST(a_frame_gets_its_fcs)
{
	expect(&frame_values, "033f01{fcs}", "033f011c");
	expect(&frame_values, "037301{fcs}", "037301d7");
	expect(&frame_values, "{address}3f{len}{fcs}", "0b3f0159");
	expect(&frame_values, "{address}53{len}{fcs}", "0b5301b8");
	expect(&frame_values, "01efff61{fcs}", "01efff61aa");
	/* A length of two octets belongs to the header, but not for UIH. */
	expect(&frame_values, "033f0000{fcs}", "033f000048");
}
END_TEST

/* Core Vol 3 Part A 3.3.5: its examples of an I-frame and an S-frame. */
START_TEST(an_i_frame_and_an_s_frame_get_their_fcs)
{
	expect(&pdu_values, "0200 00010203040506070809 {fcs}",
	       "0200000102030405060708093861");
	expect(&pdu_values, "0101 {fcs}", "0101d414");
}
END_TEST

START_TEST(what_is_no_packet_is_refused)
{
	static const char *const texts[] = {
		"0",	      "0g",	    "caf",	    "-1",
		"{",	      "{scid",	    "{}",	    "{nothing}",
		"{scid }",    "{len}{len}", "{fcs}00{fcs}", "{address}",
		"{address0}", "00 1",	    "0x00",	    "00,01",
	};

	errors = 0;
	ck_assert_int_eq(rt_template_expand(texts[_i], &pdu_values, &packet),
			 -EINVAL);
	ck_assert_uint_eq(errors, 1);
}
END_TEST

START_TEST(a_name_needs_what_it_is_of)
{
	const struct rt_template_values nothing = { .frame = true };

	ck_assert_int_eq(rt_template_expand("{scid}", &nothing, &packet),
			 -EINVAL);
	ck_assert_int_eq(rt_template_expand("{dcid}", &nothing, &packet),
			 -EINVAL);
	ck_assert_int_eq(rt_template_expand("{address}", &nothing, &packet),
			 -EINVAL);
	/* An FCS needs a header to cover, and a short length 127 at most. */
	ck_assert_int_eq(rt_template_expand("0301{fcs}", &nothing, &packet),
			 -EINVAL);
}
END_TEST

START_TEST(a_packet_has_65535_octets_at_most)
{
	static char text[2 * RT_TEMPLATE_BYTES + 3];

	memset(text, '5', 2 * (size_t)RT_TEMPLATE_BYTES);
	ck_assert_int_eq(rt_template_expand(text, &pdu_values, &packet), 0);
	ck_assert_uint_eq(packet.bytes, RT_TEMPLATE_BYTES);
	memset(text, '5', 2 * (size_t)RT_TEMPLATE_BYTES + 2);
	ck_assert_int_eq(rt_template_expand(text, &pdu_values, &packet),
			 -EINVAL);
	memcpy(text, "{len}", 5);
	memset(text + 5, '0', 2 * (size_t)128);
	text[5 + 256] = '\0';
	ck_assert_int_eq(rt_template_expand(text, &frame_values, &packet),
			 -EINVAL);
	text[5 + 254] = '\0';
	ck_assert_int_eq(rt_template_expand(text, &frame_values, &packet), 0);
	ck_assert_uint_eq(packet.data[0], 0xff);
}
END_TEST

static void expect_frame(const char *octets, size_t bytes, const char *expected)
{
	char name[RT_PDU_NAME_BYTES];

	rt_pdu_name_frame((const uint8_t *)octets, bytes, name);
	ck_assert_str_eq(name, expected);
}

START_TEST(frames_have_names)
{
	expect_frame("\x03\x3f\x01\x1c", 4, "SABM");
	expect_frame("\x03\x2f\x01\x1c", 4, "SABM");
	expect_frame("\x03\x73\x01\xd7", 4, "UA");
	expect_frame("\x03\x1f\x01\x00", 4, "DM");
	expect_frame("\x0b\x53\x01\xb8", 4, "DISC");
	expect_frame("\x0b\xef\x05hi\x9a", 6, "UIH");
	expect_frame("\x01\xef\x09\xe3\x05\x0b\x8d\xaa", 8, "UIH MSC command");
	expect_frame("\x01\xef\x09\xe1\x05\x0b\x8d\xaa", 8, "UIH MSC response");
	expect_frame("\x01\xef\x05\xff\x01\xaa", 6, "UIH unknown command");
	/* With a length of two octets, and cut short. */
	expect_frame("\x01\xef\x04\x00\x83\x01\xaa", 7, "UIH PN command");
	expect_frame("\x01\xef\x05\x83", 4, "UIH");
	expect_frame("\x01\xef", 2, "UIH");
	expect_frame("\x01", 1, "");
	expect_frame("", 0, "");
}
END_TEST

START_TEST(commands_have_names)
{
	char name[RT_PDU_NAME_BYTES];

	for (unsigned int code = 0; code < 0x100; code++) {
		const uint8_t octet = (uint8_t)code;

		rt_pdu_name_signal(&octet, 1, name);
		ck_assert_int_eq(name[0] != '\0', code >= 1 && code <= 0x1a);
	}
	rt_pdu_name_signal(NULL, 0, name);
	ck_assert_str_eq(name, "");
	ck_assert_int_eq(rt_pdu_find_mcc("msc"), 0x38);
	ck_assert_int_eq(rt_pdu_find_mcc("TEST"), 0x08);
	ck_assert_int_eq(rt_pdu_find_mcc("mscc"), -1);
	ck_assert_str_eq(rt_pdu_mcc_name(0x38), "MSC");
	ck_assert_str_eq(rt_pdu_mcc_name(0x3f), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli/template");
	TCase *tc = tcase_create("template");

	tcase_add_test(tc, digits_come_in_pairs_with_what_you_like_between);
	tcase_add_test(tc, names_stand_for_what_nobody_can_know);
	tcase_add_test(tc, a_frame_gets_its_fcs);
	tcase_add_test(tc, an_i_frame_and_an_s_frame_get_their_fcs);
	tcase_add_loop_test(tc, what_is_no_packet_is_refused, 0, 16);
	tcase_add_test(tc, a_name_needs_what_it_is_of);
	tcase_add_test(tc, a_packet_has_65535_octets_at_most);
	tcase_add_test(tc, frames_have_names);
	tcase_add_test(tc, commands_have_names);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
