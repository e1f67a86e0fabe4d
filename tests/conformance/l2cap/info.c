/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

#include <stdio.h>
#include <string.h>

/*
 * Information, echo, unknown channel ids: L2CAP/COS/IEX, ECH, CID; L2CAP/EXF,
 * FIX.
 */

#define DEFINED_FEATURES 0x7ffu /* A:4.12 */

START_TEST(the_peer_is_asked_for_its_features)
{
	app_connect();
	lt_wait(1000);
	ck_assert(lt.informed & 1u << 2);
}
END_TEST

static uint32_t our_features(void)
{
	lt_ask(INFO_REQ, "0200");
	lt_expect(INFO_RSP);
	ck_assert_uint_eq(lt.last.ident, lt.ident);
	ck_assert_uint_eq(lt.last.len, 8);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 2);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), 0);
	return lt_le16(&lt.last, 4) | (uint32_t)lt_le16(&lt.last, 6) << 16;
}

START_TEST(our_features_are_told)
{
	lt_link();
	our_features();
	lt_ping();
}
END_TEST

START_TEST(a_peer_that_knows_no_features_gets_a_basic_channel)
{
	lt.silent = true;
	lt_mode(RT_L2CAP_MODE_ERTM, false);
	app_connect();
	lt_expect(CONN_REQ);
	lt.iut = lt_le16(&lt.last, 2);
	/* Our first identifiers are 1 and 2, in whichever order. */
	lt_send(INFO_RSP, 1, "0200 0100");
	lt_send(INFO_RSP, 2, "0200 0100");
	lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000", LE(LT_CID),
		LE(lt.iut));
	lt_expect_conf_req();
	ck_assert(!lt.want.has_rfc || lt.want.mode == 0);
	ck_assert(!lt.want.has_fcs);
	lt_agree();
	lt_configure("%s", "");
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(an_echo_is_answered_with_its_identifier)
{
	lt_link();
	for (unsigned int ident = 1; ident <= 0xff; ident++) {
		lt_send(ECHO_REQ, (uint8_t)ident, "%02x01", ident);
		lt.ident = (uint8_t)ident;
		lt_expect_answer(ECHO_RSP, "%02x01", ident);
	}
	lt_ask(ECHO_REQ, "%s", "");
	lt_expect_answer(ECHO_RSP, "%s", "");
	lt_nothing();
}
END_TEST

static unsigned int echoed;

static void on_echoed(void *user, const struct rt_reason *why,
		      struct rt_bytes data)
{
	(void)user;
	ck_assert_int_eq(why->err, 0);
	ck_assert_uint_eq(data.len, 4);
	ck_assert(memcmp(data.ptr, "echo", 4) == 0);
	echoed++;
}

START_TEST(an_echo_of_ours_is_sent_and_its_answer_taken)
{
	static const struct rt_l2cap_echo_ops ops = { .done = on_echoed };
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.data = { (const uint8_t *)"echo", 4 },
		.timeout_ms = 5000,
	};
	rt_handle echo;

	echoed = 0;
	lt_link();
	ck_assert_int_eq(
		rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &echo), 0);
	lt_expect(ECHO_REQ);
	ck_assert_uint_eq(lt.last.len, 4);
	lt_send(ECHO_RSP, lt.last.ident, "6563686f");
	ck_assert_uint_eq(echoed, 1);
	lt_nothing();
}
END_TEST

START_TEST(data_on_channel_ids_that_we_do_not_have_are_ignored)
{
	static const uint16_t cids[] = { 0x0000, 0x0003, 0x0004, 0x0005,
					 0x0006, 0x0007, 0x0008, 0x0019,
					 0x003e, 0x003f, 0x0100, 0xffff };

	lt_open(false);
	for (size_t i = 0; i < RT_ARRAY_SIZE(cids); i++) {
		lt_raw(cids[i], "%s", "");
		lt_raw(cids[i], "01");
		lt_raw(cids[i], "0a 21 0200 0200");
	}
	lt_nothing();
	ck_assert_uint_eq(APP->rx_count, 0);
	ck_assert_int_eq(bench.link->reason, -1);
	lt_ping();
}
END_TEST

START_TEST(our_features_are_those_that_we_have)
{
	uint32_t features;

	/* The extended window is ours while somebody wants it. */
	lt.params.window = 100;
	lt.params.extended_window = true;
	lt_mode(RT_L2CAP_MODE_ERTM, false);
	app_listen();
	lt_link();
	features = our_features();
	ck_assert_uint_eq(features & ~FEATURE_UCD & ~FEATURE_CREDIT,
			  FEATURE_ERTM | FEATURE_STREAMING | FEATURE_FCS |
				  FEATURE_FIXED | FEATURE_WINDOW);
}
END_TEST

START_TEST(no_undefined_feature_is_told)
{
	lt_link();
	ck_assert_uint_eq(our_features() & ~DEFINED_FEATURES, 0);
}
END_TEST

START_TEST(a_peer_with_fixed_channels_is_asked_for_them)
{
	lt_mode(RT_L2CAP_MODE_ERTM, false);
	app_connect();
	lt_wait(1000);
	ck_assert(lt.informed & 1u << 2);
	ck_assert(lt.informed & 1u << 3);
}
END_TEST

START_TEST(our_fixed_channels_are_told)
{
	lt_link();
	lt_ask(INFO_REQ, "0300");
	lt_expect(INFO_RSP);
	ck_assert_uint_eq(lt.last.ident, lt.ident);
	ck_assert_uint_eq(lt.last.len, 12);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 3);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), 0);
	/* Signalling; connectionless reception when anybody receives. */
	ck_assert_uint_eq(lt.last.data[4] & 0x02, 0x02);
	ck_assert_uint_eq(lt.last.data[4] & 0xf9, 0);
	for (size_t i = 5; i < 12; i++)
		ck_assert_uint_eq(lt.last.data[i], 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/IEX/BV-01-C", "I",
	       the_peer_is_asked_for_its_features),
	TAGGED("L2CAP/COS/IEX/BV-02-C", "A", our_features_are_told),
	TAGGED("L2CAP/COS/IEX/BI-01-C", "I",
	       a_peer_that_knows_no_features_gets_a_basic_channel),
	TAGGED("L2CAP/COS/ECH/BV-01-C", "A",
	       an_echo_is_answered_with_its_identifier),
	TAGGED("L2CAP/COS/ECH/BV-02-C", "I",
	       an_echo_of_ours_is_sent_and_its_answer_taken),
	TAGGED("L2CAP/COS/CID/BI-01-C", "A",
	       data_on_channel_ids_that_we_do_not_have_are_ignored),
	TAGGED("L2CAP/EXF/BV-01-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-02-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-03-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-05-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-06-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-07-C", "A", our_features_are_those_that_we_have),
	TAGGED("L2CAP/EXF/BV-08-C", "A", no_undefined_feature_is_told),
	TAGGED("L2CAP/FIX/BV-01-C", "I",
	       a_peer_with_fixed_channels_is_asked_for_them),
	TAGGED("L2CAP/FIX/BV-03-C", "A", our_fixed_channels_are_told),
};

const struct tagged_table info_table = LT_TABLE(rows);
