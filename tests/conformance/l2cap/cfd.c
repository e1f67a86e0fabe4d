/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

#include <stdio.h>

/* Configuration: L2CAP/COS/CFD. */

START_TEST(a_request_in_parts_is_answered_part_by_part)
{
	lt_connect(false);
	lt_expect_conf_req();
	lt_agree();
	lt_ask(CONF_REQ, "%04x 0100 0102 0002", LE(lt.iut));
	lt_expect(CONF_RSP);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), 1);
	ck_assert_uint_eq(lt_le16(&lt.last, 4), 0);
	/* A flush timeout and a hint. */
	lt_ask(CONF_REQ, "%04x 0100 0202 ffff 9002 0102", LE(lt.iut));
	lt_expect(CONF_RSP);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), 1);
	ck_assert_uint_eq(lt_le16(&lt.last, 4), 0);
	ck_assert_uint_eq(APP->opened, 0);
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.flags, 0);
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(lt_info().omtu, 0x200);
}
END_TEST

START_TEST(an_mtu_that_the_peer_finds_unacceptable_is_changed)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_answer(1, "0102 8000");
	lt_expect_conf_req();
	ck_assert(!lt.want.has_mtu || lt.want.mtu == 0x80);
	lt_agree();
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_le(lt_info().imtu, 672);
}
END_TEST

START_TEST(an_empty_request_is_answered)
{
	const uint64_t begin_us = bench.env->now_us;

	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_agree();
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	ck_assert_uint_lt(lt.last.at_us - begin_us, RT_MS(1000));
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(lt_info().omtu, 672);
}
END_TEST

START_TEST(a_request_is_answered_while_ours_is_not)
{
	lt_connect(true);
	lt_expect_conf_req();
	lt_configure("0102 0002");
	ck_assert_uint_eq(lt.result, 0);
	ck_assert_uint_eq(APP->opened, 0);
	lt_agree();
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(an_mtu_of_48_both_ways_takes_one_round)
{
	lt.params.imtu = 48;
	lt_connect(true);
	lt_expect_conf_req();
	ck_assert(lt.want.has_mtu);
	ck_assert_uint_eq(lt.want.mtu, 48);
	lt_agree();
	lt_configure("0102 3000");
	ck_assert_uint_eq(lt.result, 0);
	lt_nothing();
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(lt_info().omtu, 48);
	ck_assert_uint_eq(lt_info().imtu, 48);
}
END_TEST

START_TEST(an_unsupported_value_is_answered_with_a_supported_one)
{
	lt_connect(false);
	lt_expect_conf_req();
	lt_agree();
	lt_configure("0102 1000"); /* less than 48 */
	ck_assert_uint_eq(lt.result, 1);
	ck_assert(lt.reply.has_mtu);
	ck_assert_uint_ge(lt.reply.mtu, 48);
	/* Guaranteed service. */
	lt_configure("0316 00 02 e8030000 e8030000 e8030000 1027000010270000");
	ck_assert_uint_eq(lt.result, 1);
	ck_assert(lt.reply.has_qos);
	lt_configure("0409 05 00 00 0000 0000 0000"); /* no such mode */
	ck_assert_uint_eq(lt.result, 1);
	ck_assert(lt.reply.has_rfc);
	ck_assert_uint_eq(lt.reply.mode, 0);
	lt_configure("0102 3000");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

/* `n` options of unknown types from 0x10 on, each with its own length. */
static const char *unknown(unsigned int n, unsigned int hint)
{
	static char text[400];
	int at = 0;

	for (unsigned int i = 0; i < n; i++) {
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%02x%02x",
			       hint | (0x10 + i), i % 4);
		for (unsigned int k = 0; k < i % 4; k++)
			at += snprintf(text + at, sizeof(text) - (size_t)at,
				       "ee");
	}
	return text;
}

START_TEST(hints_are_skipped)
{
	lt_connect(false);
	lt_expect_conf_req();
	lt_agree();
	for (unsigned int n = 1; n <= 10; n++) {
		lt_ask(CONF_REQ, "%04x 0100 %s", LE(lt.iut), unknown(n, 0x80));
		lt_expect(CONF_RSP);
		ck_assert_uint_eq(lt.last.len, 6);
		ck_assert_uint_eq(lt_le16(&lt.last, 4), 0);
	}
	lt_configure("%s", unknown(10, 0x80));
	ck_assert_uint_eq(lt.result, 0);
	ck_assert_uint_eq(lt.last.len, 6);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(unknown_options_are_named_and_hints_are_not)
{
	struct lt_options named;

	lt_connect(false);
	lt_expect_conf_req();
	lt_agree();
	for (unsigned int n = 1; n <= 10; n++) {
		lt_ask(CONF_REQ, "%04x 0000 a002 0102 %s 0102 0002 a100",
		       LE(lt.iut), unknown(n, 0));
		lt_expect(CONF_RSP);
		ck_assert_uint_eq(lt.last.ident, lt.ident);
		ck_assert_uint_eq(lt_le16(&lt.last, 4), 3);
		/* As a list: PTS wants it so, and bare types cannot be read. */
		lt_read_options(lt.last.data + 6, lt.last.len - 6, &named);
		ck_assert_uint_ge(named.unknown, 1);
		ck_assert(!named.has_mtu);
		for (size_t at = 6; at < lt.last.len;
		     at += 2 + (size_t)lt.last.data[at + 1])
			ck_assert(lt.last.data[at] >= 0x10 &&
				  lt.last.data[at] < 0x10 + n);
	}
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/CFD/BV-01-C", "A",
	       a_request_in_parts_is_answered_part_by_part),
	TAGGED("L2CAP/COS/CFD/BV-02-C", "IA",
	       an_mtu_that_the_peer_finds_unacceptable_is_changed),
	TAGGED("L2CAP/COS/CFD/BV-03-C", "IA", an_empty_request_is_answered),
	TAGGED("L2CAP/COS/CFD/BV-08-C", "I",
	       a_request_is_answered_while_ours_is_not),
	TAGGED("L2CAP/COS/CFD/BV-09-C", "I",
	       an_mtu_of_48_both_ways_takes_one_round),
	TAGGED("L2CAP/COS/CFD/BV-11-C", "A",
	       an_unsupported_value_is_answered_with_a_supported_one),
	TAGGED("L2CAP/COS/CFD/BV-12-C", "A", hints_are_skipped),
	TAGGED("L2CAP/COS/CFD/BV-14-C", "A",
	       unknown_options_are_named_and_hints_are_not),
};

const struct tagged_table cfd_table = LT_TABLE(rows);
