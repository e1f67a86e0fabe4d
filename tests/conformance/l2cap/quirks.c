/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

#include <stdio.h>
#include <string.h>

/* The tester plays peers that are known to be as they are. */

/* Both halves without extended features. */
static void open_without_features(void)
{
	lt_expect_conf_req();
	ck_assert(!lt.want.has_rfc || lt.want.mode == 0);
	ck_assert(!lt.want.has_fcs);
	lt_agree();
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}

START_TEST(a_peer_that_never_answers_an_information_request_is_served)
{
	lt.silent = true;
	lt_mode(RT_L2CAP_MODE_ERTM, false);
	lt_connect(WE_INITIATE);
	lt_wait(5000);
	open_without_features();
}
END_TEST

/* The identifier of the information request that was sent first. */
static uint8_t info_ident(void)
{
	ck_assert(lt.informed & 1u << 2);
	return lt.info_ident;
}

START_TEST(a_peer_that_rejects_an_information_request_is_served_at_once)
{
	lt.silent = true;
	lt_mode(RT_L2CAP_MODE_ERTM, false);
	lt_connect(WE_INITIATE);
	lt_send(CMD_REJ, info_ident(), "0000");
	open_without_features();
	ck_assert_uint_lt(bench.env->now_us, RT_MS(1000));
}
END_TEST

START_TEST(a_peer_that_says_pending_first_and_asks_is_served)
{
	app_connect();
	lt_expect(CONN_REQ);
	lt.iut = lt_le16(&lt.last, 2);
	/* Without a channel id yet, as Linux sends it. */
	lt_send(CONN_RSP, lt.last.ident, "0000 %04x 0100 0000", LE(lt.iut));
	lt_send(INFO_REQ, 0x51, "0200");
	lt_expect(INFO_RSP);
	ck_assert_uint_eq(lt.last.ident, 0x51);
	lt_wait(50000); /* longer than RTX, not than ERTX */
	ck_assert_uint_eq(APP->closed, 0);
	ck_assert_uint_eq(lt_info().scid, lt.iut);
	lt_send(CONN_RSP, 1, "%04x %04x 0000 0000", LE(LT_CID), LE(lt.iut));
	lt_expect_conf_req();
	lt_agree();
	lt_configure("%s", "");
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_peer_whose_mtu_is_too_small_is_told_one_that_will_do)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_agree();
	lt_configure("0102 1700"); /* 23, as on LE */
	ck_assert_uint_eq(lt.result, 1);
	ck_assert(lt.reply.has_mtu);
	ck_assert_uint_ge(lt.reply.mtu, 48);
	lt_configure("0102 %04x", LE(lt.reply.mtu));
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_peer_whose_mtu_never_will_do_is_left)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_agree();
	for (int i = 0; i < 20 && !lt_has(DISC_REQ); i++)
		lt_ask(CONF_REQ, "%04x 0000 0102 1700", LE(lt.iut));
	lt_is_gone();
}
END_TEST

START_TEST(a_peer_that_waits_for_its_own_answer_gets_it_first)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_wait(10000);
	lt_forget();
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	ck_assert_uint_eq(APP->opened, 0);
	lt_agree();
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

/* We answer unknown options by type and length; so do not all peers. */
START_TEST(peers_name_unknown_options_in_different_ways)
{
	static const char *const named[] = { "05", "0500", "0501 05",
					     "0501 01" };

	for (size_t i = 0; i < RT_ARRAY_SIZE(named); i++) {
		lt_mode(RT_L2CAP_MODE_ERTM, true);
		lt.params.fcs = RT_L2CAP_FCS_NONE;
		lt_connect(WE_INITIATE);
		lt_expect_conf_req();
		lt_answer(3, "%s", named[i]);
		if (!lt_has(CONF_REQ)) {
			/* Unreadable: not believed, or the channel's end. */
			ck_assert_uint_eq(i, 0);
		} else {
			lt_expect_conf_req();
			lt_agree();
			lt_configure("%s", lt_proposal());
			ck_assert_uint_eq(lt.result, 0);
			lt_is_open(RT_L2CAP_MODE_ERTM);
		}
		lt_teardown();
		lt_setup();
	}
}
END_TEST

START_TEST(a_response_without_the_mode_is_taken_as_agreement)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_answer(0, "%s", "");
	lt_configure("%s", lt_proposal());
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_ERTM);
	lt.fcs = true;
	app_send("01");
	expect_i(0, 0, UNSEGMENTED, "01");
	/* The defaults stand in for the timers that were not told. */
	lt_quiet(1800);
	lt_wait(400);
	expect_s(RR, 0, P);
	lt_s(RR, 1, F);
	lt_quiet(30000);
}
END_TEST

START_TEST(a_frame_whose_last_command_is_short_gets_both_answers)
{
	lt_link();
	lt_raw(1, "0a 61 0200 0200 08 62 0400 0102");
	lt_expect(INFO_RSP);
	ck_assert_uint_eq(lt.last.ident, 0x61);
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt.last.ident, 0x62);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 0);
	lt_nothing();
	lt_ping();
}
END_TEST

/* A C-frame of `len` octets: a command with this code, and padding echoes. */
static void long_frame(uint8_t code, size_t len)
{
	uint8_t frame[2000] = { code, 0x63, 0x04, 0x00 };

	for (size_t at = 8; at + 4 <= len; at += 8) {
		frame[at] = code;
		frame[at + 1] = 0x64;
		frame[at + 2] = (uint8_t)RT_MIN((size_t)4, len - at - 4);
	}
	fake_link_rx(bench.link, 1, frame, len);
}

START_TEST(a_signalling_frame_that_is_too_long_is_rejected_once)
{
	lt_link();
	long_frame(ECHO_REQ, 680);
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt.last.ident, 0x63);
	ck_assert_uint_eq(lt.last.len, 4);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 1);
	ck_assert_uint_ge(lt_le16(&lt.last, 2), 48);
	lt_nothing();
	long_frame(ECHO_RSP, 680);
	lt_nothing();
	lt_ping();
}
END_TEST

static enum rt_l2cap_verdict on_check(void *user,
				      const struct rt_l2cap_gate_request *req,
				      struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	(void)req;
	return RT_L2CAP_KEY_TOO_SHORT;
}

START_TEST(a_peer_with_a_short_key_gets_no_channel)
{
	static const struct rt_l2cap_gate gate = { .check = on_check };

	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	if (WE_INITIATE) {
		app_connect();
		lt_wait(1000);
		ck_assert(!lt_has(CONN_REQ));
		ck_assert_uint_eq(APP->closed, 1);
		return;
	}
	app_listen();
	lt_link();
	lt_ask(CONN_REQ, "%04x %04x", LE(LT_PSM), LE(LT_CID));
	lt_expect(CONN_RSP);
	ck_assert_uint_eq(lt_le16(&lt.last, 4), 3);
	lt_nothing();
	ck_assert_uint_eq(app.incoming, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("X-QUIRK/L2CAP/INFO-SILENT", "IA",
	       a_peer_that_never_answers_an_information_request_is_served),
	TAGGED("X-QUIRK/L2CAP/INFO-REJECTED", "IA",
	       a_peer_that_rejects_an_information_request_is_served_at_once),
	TAGGED("X-QUIRK/L2CAP/CONNECT-PENDING", "I",
	       a_peer_that_says_pending_first_and_asks_is_served),
	TAGGED("X-QUIRK/L2CAP/MTU-TOO-SMALL", "IA",
	       a_peer_whose_mtu_is_too_small_is_told_one_that_will_do),
	TAGGED("X-QUIRK/L2CAP/MTU-TOO-SMALL", "IA",
	       a_peer_whose_mtu_never_will_do_is_left),
	TAGGED("X-QUIRK/L2CAP/CONFIG-DEADLOCK", "IA",
	       a_peer_that_waits_for_its_own_answer_gets_it_first),
	TAGGED("X-QUIRK/L2CAP/UNKNOWN-OPTION", "IA",
	       peers_name_unknown_options_in_different_ways),
	TAGGED("X-QUIRK/L2CAP/RFC-MISSING", "IA",
	       a_response_without_the_mode_is_taken_as_agreement),
	TAGGED("X-QUIRK/L2CAP/LAST-COMMAND-SHORT", "A",
	       a_frame_whose_last_command_is_short_gets_both_answers),
	TAGGED("X-QUIRK/L2CAP/OVER-MTUSIG", "A",
	       a_signalling_frame_that_is_too_long_is_rejected_once),
	TAGGED("X-QUIRK/L2CAP/KEY-TOO-SHORT", "IA",
	       a_peer_with_a_short_key_gets_no_channel),
};

const struct tagged_table quirks_table = LT_TABLE(rows);
