/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

#include <string.h>

#define RTX_MAX_US RT_MS(60000)

/* Basic operation of connection-oriented channels: L2CAP/COS/CED/BV. */

START_TEST(a_channel_is_opened_with_an_mtu_of_48)
{
	app_connect();
	lt_expect(CONN_REQ);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), LT_PSM);
	lt.iut = lt_le16(&lt.last, 2);
	ck_assert_uint_ge(lt.iut, 0x0040);
	lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000", LE(LT_CID),
		LE(lt.iut));
	lt_expect_conf_req();
	lt_agree();
	lt_configure("0102 3000");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(lt_info().omtu, 48);
	app_send_bytes(48);
	ck_assert_uint_eq(lt_expect_pdu(LT_CID)->len, 48);
}
END_TEST

START_TEST(data_goes_to_the_peers_channel_id)
{
	const struct lt_pdu *pdu;

	lt_open(WE_INITIATE);
	app_send("0102030405");
	pdu = lt_expect_pdu(LT_CID);
	ck_assert_uint_eq(pdu->len, 5);
	ck_assert(memcmp(pdu->data, "\1\2\3\4\5", 5) == 0);
	ck_assert_uint_eq(APP->written, 1);
	lt_nothing();
}
END_TEST

START_TEST(a_channel_that_we_close_is_disconnected)
{
	lt_open(WE_INITIATE);
	rt_l2cap_close(bench.l2cap, APP->handle);
	lt_is_closed(RT_L2CAP_CLOSED);
}
END_TEST

START_TEST(a_peer_that_connects_gets_a_channel)
{
	lt_open(false);
	lt_raw(lt.iut, "010203");
	app_received(1, "010203");
}
END_TEST

START_TEST(a_disconnection_request_is_answered_at_once)
{
	lt_open(false);
	lt_ask(DISC_REQ, "%04x %04x", LE(lt.iut), LE(LT_CID));
	lt_expect_answer(DISC_RSP, "%04x %04x", LE(lt.iut), LE(LT_CID));
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_PEER_DISCONNECTED);
	lt_ping();
}
END_TEST

/* Collects the configuration requests of `ms`, which nobody answers. */
static size_t silence(uint64_t ms, struct lt_cmd *sent, size_t cap)
{
	size_t n = 0;

	lt_wait(ms);
	while (lt_has(CONF_REQ)) {
		ck_assert_uint_lt(n, cap);
		sent[n++] = *lt_expect(CONF_REQ);
	}
	return n;
}

/* Is the channel, or the link, being given up? */
static bool is_given_up(void)
{
	return lt_has(DISC_REQ) || bench.link->reason >= 0;
}

START_TEST(an_unanswered_configuration_request_is_repeated_and_given_up)
{
	struct lt_cmd sent[16];
	uint64_t wait_us = 0;
	uint64_t this_us;
	size_t n;

	lt_connect(WE_INITIATE);
	n = silence(300000, sent, RT_ARRAY_SIZE(sent));
	ck_assert_uint_ge(n, 2);
	for (size_t i = 1; i < n; i++) {
		this_us = sent[i].at_us - sent[i - 1].at_us;
		ck_assert_uint_ge(this_us, RT_MAX(2 * wait_us, RT_MS(1000)));
		ck_assert_uint_le(this_us, RTX_MAX_US);
		ck_assert_uint_eq(sent[i].ident, sent[0].ident);
		ck_assert_uint_eq(sent[i].len, sent[0].len);
		ck_assert(memcmp(sent[i].data, sent[0].data, sent[0].len) == 0);
		wait_us = this_us;
	}
	ck_assert(is_given_up());
	ck_assert_uint_eq(APP->closed, 1);
	lt_forget();
	lt_wait(65000);
	lt_forget();
	lt_ask(CONF_REQ, "%04x 0000", LE(lt.iut));
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt.last.ident, lt.ident);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 2);
	ck_assert_uint_eq(lt.last.len, 6);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), lt.iut);
}
END_TEST

START_TEST(two_commands_in_a_frame_are_both_taken)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_raw(1, "05 %02x 0600 %04x 0000 0000 04 71 0400 %04x 0000",
	       lt.asked.ident, LE(lt.iut), LE(lt.iut));
	lt.ident = 0x71;
	lt_expect_answer(CONF_RSP, "%04x 0000 0000", LE(LT_CID));
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_response_and_an_echo_in_a_frame_are_both_taken)
{
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	lt_raw(1, "05 %02x 0600 %04x 0000 0000 08 72 0300 010203",
	       lt.asked.ident, LE(lt.iut));
	lt.ident = 0x72;
	lt_expect_answer(ECHO_RSP, "010203");
	lt_configure("%s", "");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_larger_mtu_of_the_peer_is_taken_and_ours_told)
{
	lt.params.imtu = 1000;
	lt_connect(WE_INITIATE);
	lt_expect_conf_req();
	ck_assert(lt.want.has_mtu);
	ck_assert_uint_eq(lt.want.mtu, 1000);
	lt_agree();
	lt_configure("0102 e803");
	ck_assert_uint_eq(lt.result, 0);
	lt_is_open(RT_L2CAP_MODE_BASIC);
	ck_assert_uint_eq(lt_info().omtu, 1000);
	app_send_bytes(1000);
	ck_assert_uint_eq(lt_expect_pdu(LT_CID)->len, 1000);
}
END_TEST

/* Connects and is refused. Returns the identifier of the request. */
static uint8_t be_refused(void)
{
	lt_expect(CONN_REQ);
	lt_send(CONN_RSP, lt.last.ident, "0000 %04x 0200 0000",
		LE(lt_le16(&lt.last, 2)));
	return lt.last.ident;
}

START_TEST(responses_count_only_with_the_right_identifier)
{
	app_connect();
	lt_expect(CONN_REQ);
	lt.iut = lt_le16(&lt.last, 2);
	for (unsigned int ident = 0; ident <= 0xff; ident++) {
		if (ident == lt.last.ident)
			continue;
		lt_send(CONN_RSP, (uint8_t)ident, "%04x %04x 0000 0000",
			LE(LT_CID), LE(lt.iut));
	}
	ck_assert(!lt_has(CONF_REQ));
	lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000", LE(LT_CID),
		LE(lt.iut));
	lt_expect(CONF_REQ);
	/* The same once more, and one for another channel id of the tester. */
	lt_send(CONN_RSP, 1, "%04x %04x 0000 0000", LE(LT_CID), LE(lt.iut));
	lt_send(CONN_RSP, 1, "%04x %04x 0000 0000", LE(LT_CID + 1), LE(lt.iut));
	ck_assert(!lt_has(CONF_REQ));
	ck_assert_uint_eq(lt_info().dcid, LT_CID);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(two_hundred_and_fifty_five_identifiers_are_used_before_one_again)
{
	bool used[256] = { true };
	uint8_t ident;

	lt.silent = true;
	app_connect();
	lt.features = 0;
	used[be_refused()] = true;
	used[2] = true; /* the information request behind it */
	for (int i = 0; i < 253; i++) {
		app_forget();
		lt_wait(1);
		app_connect();
		ident = be_refused();
		ck_assert_msg(!used[ident], "0x%02x again", ident);
		used[ident] = true;
	}
	app_forget();
	app_connect();
	ck_assert(used[be_refused()]);
}
END_TEST

START_TEST(a_connection_request_that_is_rejected_fails)
{
	app_connect();
	lt_expect(CONN_REQ);
	lt_send(CMD_REJ, lt.last.ident, "0200 0000 0000");
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_REJECTED + 2);
	ck_assert_int_ne(APP->why.err, 0);
	lt_ping();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/CED/BV-01-C", "I",
	       a_channel_is_opened_with_an_mtu_of_48),
	TAGGED("L2CAP/COS/CED/BV-03-C", "IA",
	       data_goes_to_the_peers_channel_id),
	TAGGED("L2CAP/COS/CED/BV-04-C", "IA",
	       a_channel_that_we_close_is_disconnected),
	TAGGED("L2CAP/COS/CED/BV-05-C", "A",
	       a_peer_that_connects_gets_a_channel),
	TAGGED("L2CAP/COS/CED/BV-07-C", "A",
	       a_disconnection_request_is_answered_at_once),
	TAGGED("L2CAP/COS/CED/BV-08-C", "IA",
	       an_unanswered_configuration_request_is_repeated_and_given_up),
	TAGGED("L2CAP/COS/CED/BV-09-C", "IA",
	       two_commands_in_a_frame_are_both_taken),
	TAGGED("L2CAP/COS/CED/BV-09-C", "IA",
	       a_response_and_an_echo_in_a_frame_are_both_taken),
	TAGGED("L2CAP/COS/CED/BV-11-C", "IA",
	       a_larger_mtu_of_the_peer_is_taken_and_ours_told),
	TAGGED("L2CAP/COS/CED/BI-28-C", "I",
	       responses_count_only_with_the_right_identifier),
	TAGGED("L2CAP/COS/CED/BI-28-C", "I",
	       two_hundred_and_fifty_five_identifiers_are_used_before_one_again),
	TAGGED("L2CAP/COS/CED/BI-30-C", "I",
	       a_connection_request_that_is_rejected_fails),
};

const struct tagged_table ced_table = LT_TABLE(rows);
