/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

/*
 * Malformed signalling: L2CAP/COS/CED/BI. Where the specification leaves the
 * answer open, the test holds us to ours; the link always recovers.
 */

/* What we answer to the whole of a frame: "not understood". */
static void rejected(uint8_t ident)
{
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt.last.ident, ident);
	ck_assert_uint_eq(lt.last.len, 2);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 0);
}

static void recovered(void)
{
	lt_nothing();
	ck_assert_int_eq(bench.link->reason, -1);
	lt_ping();
	lt_nothing();
}

START_TEST(every_code_that_is_none_is_rejected)
{
	lt_link();
	for (unsigned int code = 0; code <= 0xff; code++) {
		if (code >= CMD_REJ && code <= INFO_RSP)
			continue;
		if (code >= CREDIT_IND && code <= CREDIT_RECONF_RSP)
			continue; /* below */
		lt_send((uint8_t)code, 0x21, "01020304");
		rejected(0x21);
		lt_nothing();
	}
	recovered();
}
END_TEST

START_TEST(credit_based_codes_are_rejected_when_nobody_listens)
{
	lt_link();
	lt_send(CREDIT_IND, 0x21, "4000 0100");
	rejected(0x21);
	lt_send(CREDIT_CONN_REQ, 0x22, "0110 4000 4000 0100 4100");
	rejected(0x22);
	lt_send(CREDIT_CONN_RSP, 0x23, "4000 4000 0100 0000 4100");
	rejected(0x23);
	lt_send(CREDIT_RECONF_REQ, 0x24, "4000 4000 4000");
	rejected(0x24);
	lt_send(CREDIT_RECONF_RSP, 0x25, "0000");
	rejected(0x25);
	recovered();
}
END_TEST

START_TEST(a_frame_too_short_for_a_header_is_dropped)
{
	lt_link();
	lt_raw(1, "%s", "");
	lt_raw(1, "02");
	lt_nothing();
	recovered();
}
END_TEST

START_TEST(a_whole_command_is_answered_and_the_rest_rejected)
{
	app_listen();
	lt_link();
	lt_raw(1, "02 31 0400 0110 4100 02 32 0400 000000");
	lt_expect(CONN_RSP);
	ck_assert_uint_eq(lt.last.ident, 0x31);
	rejected(0x32);
	lt_forget();
	lt_ping();
}
END_TEST

START_TEST(an_echo_longer_than_its_frame_is_rejected)
{
	lt_link();
	lt_raw(1, "08 33 0800 01020304");
	rejected(0x33);
	recovered();
	lt_raw(1, "08 34 ffff 01020304");
	rejected(0x34);
	recovered();
}
END_TEST

START_TEST(a_disconnection_request_of_five_octets_is_rejected)
{
	lt_open(false);
	lt_raw(1, "06 35 0500 %04x %04x 00", LE(lt.iut), LE(LT_CID));
	rejected(0x35);
	recovered();
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_stray_octet_behind_an_echo_does_no_harm)
{
	lt_link();
	lt_raw(1, "08 36 0400 01020304 00");
	lt.ident = 0x36;
	lt_expect_answer(ECHO_RSP, "01020304");
	recovered();
}
END_TEST

START_TEST(of_two_echoes_the_truncated_one_is_rejected)
{
	lt_link();
	lt_raw(1, "08 37 0400 01020304 08 38 0400 0102");
	lt.ident = 0x37;
	lt_expect_answer(ECHO_RSP, "01020304");
	rejected(0x38);
	recovered();
}
END_TEST

START_TEST(a_truncated_disconnection_request_behind_an_echo_is_rejected)
{
	lt_open(false);
	lt_raw(1, "08 39 0200 0102 06 3a 0400 %04x", LE(lt.iut));
	lt.ident = 0x39;
	lt_expect_answer(ECHO_RSP, "0102");
	rejected(0x3a);
	recovered();
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/CED/BI-01-C", "A",
	       every_code_that_is_none_is_rejected),
	TAGGED("L2CAP/COS/CED/BI-01-C", "A",
	       credit_based_codes_are_rejected_when_nobody_listens),
	TAGGED("L2CAP/COS/CED/BI-02-C", "A",
	       a_frame_too_short_for_a_header_is_dropped),
	TAGGED("L2CAP/COS/CED/BI-02-C", "A",
	       a_whole_command_is_answered_and_the_rest_rejected),
	TAGGED("L2CAP/COS/CED/BI-08-C", "A",
	       an_echo_longer_than_its_frame_is_rejected),
	TAGGED("L2CAP/COS/CED/BI-10-C", "A",
	       a_disconnection_request_of_five_octets_is_rejected),
	TAGGED("L2CAP/COS/CED/BI-12-C", "A",
	       a_stray_octet_behind_an_echo_does_no_harm),
	TAGGED("L2CAP/COS/CED/BI-14-C", "A",
	       of_two_echoes_the_truncated_one_is_rejected),
	TAGGED("L2CAP/COS/CED/BI-15-C", "A",
	       a_truncated_disconnection_request_behind_an_echo_is_rejected),
};

const struct tagged_table ced_bad_table = LT_TABLE(rows);
