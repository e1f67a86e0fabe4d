/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/credit.h"
#include "tests/conformance/l2cap/tables.h"

/*
 * Enhanced credit based channels, how they begin and end: L2CAP/ECFC. Results
 * are those of A:4.26.
 */

enum {
	PSM_NOT_SUPPORTED = 0x0002,
	NO_RESOURCES = 0x0004,
	NO_AUTHENTICATION = 0x0005,
	NO_AUTHORIZATION = 0x0006,
	KEY_TOO_SHORT = 0x0007,
	INVALID_SCID = 0x0009,
	SCID_IN_USE = 0x000a,
	UNACCEPTABLE = 0x000b,
};

static void channel_failed(size_t i, uint16_t code)
{
	ck_assert_uint_eq(app.chan[i].opened, 0);
	ck_assert_uint_eq(app.chan[i].closed, 1);
	ck_assert_uint_eq(app.chan[i].why.code, code);
	ck_assert_int_lt(app.chan[i].why.err, 0);
}

START_TEST(a_request_that_the_peer_does_not_know_fails)
{
	credit_ask(2);
	lt_send(CMD_REJ, lt.last.ident, "0000");
	channel_failed(0, RT_L2CAP_REJECTED);
	channel_failed(1, RT_L2CAP_REJECTED);
	lt_ping();
	lt_nothing();
}
END_TEST

START_TEST(channels_of_ours_open)
{
	credit_open(true, 5);
	for (size_t i = 0; i < 5; i++) {
		app_send_bytes_on(i, 30);
		credit_expect_sdu(i, 30);
	}
}
END_TEST

START_TEST(channels_of_the_peer_open)
{
	credit_open(false, 5);
	ck_assert_uint_ge(credit.iut_mtu, 64);
	ck_assert_uint_ge(credit.iut_mps, 64);
	for (size_t i = 0; i < 5; i++) {
		credit_k(i, 30, 0, 30);
		app_received_bytes_on(i, 1, 30);
	}
}
END_TEST

static void all_refused(uint16_t result)
{
	credit_ask(2);
	credit_respond(result, 0);
	channel_failed(0, (uint16_t)(RT_L2CAP_CREDIT_RESULT + result));
	channel_failed(1, (uint16_t)(RT_L2CAP_CREDIT_RESULT + result));
	lt_nothing();
	lt_ping();
}

/* Result `result` for the second of two channels; the first opens. */
static void second_refused(uint16_t result)
{
	credit_ask(2);
	lt_send(CREDIT_CONN_RSP, lt.last.ident, "%04x %04x %04x %04x 4100 0000",
		LE(credit.mtu), LE(credit.mps), LE(credit.credits), LE(result));
	ck_assert_uint_eq(app.chan[0].opened, 1);
	ck_assert_uint_eq(app.chan[0].closed, 0);
	channel_failed(1, (uint16_t)(RT_L2CAP_CREDIT_RESULT + result));
	credit.cid[0] = LT_CID;
	app_send_bytes_on(0, 30);
	credit_expect_sdu(0, 30);
	lt_nothing();
}

START_TEST(the_peer_has_no_such_spsm)
{
	all_refused(PSM_NOT_SUPPORTED);
}
END_TEST

START_TEST(the_peer_wants_authentication)
{
	all_refused(NO_AUTHENTICATION);
}
END_TEST

START_TEST(the_peer_wants_authorization)
{
	all_refused(NO_AUTHORIZATION);
}
END_TEST

START_TEST(the_peer_wants_a_longer_key)
{
	all_refused(KEY_TOO_SHORT);
}
END_TEST

START_TEST(the_peer_has_no_resources)
{
	all_refused(NO_RESOURCES);
}
END_TEST

START_TEST(the_peer_has_no_resources_for_one_of_two)
{
	second_refused(NO_RESOURCES);
}
END_TEST

START_TEST(the_peer_finds_a_channel_id_invalid)
{
	all_refused(INVALID_SCID);
}
END_TEST

START_TEST(the_peer_finds_one_of_two_channel_ids_invalid)
{
	second_refused(INVALID_SCID);
}
END_TEST

START_TEST(the_peer_finds_a_channel_id_in_use)
{
	all_refused(SCID_IN_USE);
}
END_TEST

START_TEST(the_peer_finds_one_of_two_channel_ids_in_use)
{
	second_refused(SCID_IN_USE);
}
END_TEST

START_TEST(the_peer_finds_the_parameters_unacceptable)
{
	all_refused(UNACCEPTABLE);
}
END_TEST

START_TEST(channel_ids_in_a_refusal_are_ignored)
{
	credit_ask(2);
	credit_respond(PSM_NOT_SUPPORTED, LT_CID);
	channel_failed(0, RT_L2CAP_CREDIT_RESULT + PSM_NOT_SUPPORTED);
	channel_failed(1, RT_L2CAP_CREDIT_RESULT + PSM_NOT_SUPPORTED);
	lt_nothing();
	lt_ping();
}
END_TEST

START_TEST(a_channel_that_we_close_is_disconnected)
{
	credit_open(true, 1);
	rt_l2cap_close(bench.l2cap, APP->handle);
	credit_is_disconnected(0);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_CLOSED);
}
END_TEST

START_TEST(a_disconnection_request_is_answered)
{
	credit_open(false, 2);
	lt_ask(DISC_REQ, "%04x %04x", LE(credit.iut[0]), LE(credit.cid[0]));
	lt_expect_answer(DISC_RSP, "%04x %04x", LE(credit.iut[0]),
			 LE(credit.cid[0]));
	ck_assert_uint_eq(app.chan[0].closed, 1);
	ck_assert_uint_eq(app.chan[1].closed, 0);
	credit_k(1, 30, 0, 30);
	app_received_bytes_on(1, 1, 30);
}
END_TEST

/* All channels of a request are refused. */
static void we_refuse(uint16_t result)
{
	lt_link();
	credit_request(3, LT_CID);
	ck_assert_uint_eq(credit.result, result);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(credit.iut[i], 0);
	for (size_t i = 0; i < app.count; i++)
		ck_assert_uint_eq(app.chan[i].opened, 0);
	lt_nothing();
	lt_ping();
}

static enum rt_l2cap_verdict on_check(void *user,
				      const struct rt_l2cap_gate_request *req,
				      struct rt_reason *ret_why)
{
	(void)ret_why;
	ck_assert(req->incoming);
	ck_assert_uint_eq(req->psm, LT_PSM);
	return *(const enum rt_l2cap_verdict *)user;
}

static void gate_refuses(enum rt_l2cap_verdict verdict, uint16_t result)
{
	static const struct rt_l2cap_gate gate = { .check = on_check };
	static enum rt_l2cap_verdict kept;

	kept = verdict;
	rt_l2cap_set_gate(bench.l2cap, &gate, &kept);
	app_listen();
	we_refuse(result);
}

START_TEST(a_key_that_is_too_short_is_refused)
{
	gate_refuses(RT_L2CAP_KEY_TOO_SHORT, KEY_TOO_SHORT);
}
END_TEST

START_TEST(what_the_application_has_no_room_for_is_refused)
{
	app.answer = -ENOBUFS;
	app_listen();
	we_refuse(NO_RESOURCES);
}
END_TEST

START_TEST(an_spsm_that_nobody_listens_on_is_refused)
{
	app_listen();
	lt.psm = 0x1005;
	we_refuse(PSM_NOT_SUPPORTED);
}
END_TEST

START_TEST(a_channel_id_that_is_in_use_is_refused)
{
	credit_open(false, 1);
	credit_request(2, LT_CID);
	ck_assert_uint_eq(credit.result, SCID_IN_USE);
	ck_assert_uint_eq(credit.iut[0], 0);
	ck_assert_uint_eq(app.chan[0].closed, 0);
}
END_TEST

START_TEST(a_disconnection_request_for_no_channel_is_rejected)
{
	lt_link();
	lt_ask(DISC_REQ, "7a00 4100");
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt.last.ident, lt.ident);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 2);
	lt_ping();
}
END_TEST

START_TEST(channel_ids_are_unique_and_small)
{
	bool used[0x80] = { false };
	size_t first = 0;

	for (size_t count = 5; count > 0; count -= 2, first += 5) {
		credit_ask(count);
		for (size_t i = 0; i < count; i++) {
			ck_assert_uint_ge(credit.iut[i], 0x0040);
			ck_assert_uint_le(credit.iut[i], 0x007f);
			ck_assert(!used[credit.iut[i]]);
			used[credit.iut[i]] = true;
		}
		credit_respond(0, (uint16_t)(LT_CID + first));
		if (count == 1)
			break;
	}
}
END_TEST

START_TEST(a_channel_id_that_the_peer_gives_twice_ends_both_channels)
{
	credit_ask(1);
	credit_respond(0, LT_CID);
	ck_assert_uint_eq(app.chan[0].opened, 1);
	credit_ask(1);
	credit_respond(0, LT_CID);
	lt_pump();
	while (lt_has(DISC_REQ)) {
		lt_expect(DISC_REQ);
		lt_send(DISC_RSP, lt.last.ident, "%04x %04x",
			LE(lt_le16(&lt.last, 0)), LE(lt_le16(&lt.last, 2)));
	}
	ck_assert_uint_eq(app.chan[0].closed, 1);
	ck_assert_uint_eq(app.chan[1].closed, 1);
	ck_assert_uint_eq(app.chan[1].opened, 0);
	rt_l2cap_ready(bench.l2cap, app.chan[0].handle);
	lt_nothing();
	lt_ping();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/ECFC/BV-45-C", "I",
	       a_request_that_the_peer_does_not_know_fails),
	TAGGED("L2CAP/ECFC/BV-46-C", "I", channels_of_ours_open),
	TAGGED("L2CAP/ECFC/BV-47-C", "A", channels_of_the_peer_open),
	TAGGED("L2CAP/ECFC/BV-48-C", "I", the_peer_has_no_such_spsm),
	TAGGED("L2CAP/ECFC/BV-52-C", "I", the_peer_wants_a_longer_key),
	TAGGED("L2CAP/ECFC/BV-53-C", "A",
	       what_the_application_has_no_room_for_is_refused),
	TAGGED("L2CAP/ECFC/BV-54-C", "I", the_peer_finds_a_channel_id_invalid),
	TAGGED("L2CAP/ECFC/BV-54-C", "I",
	       the_peer_finds_one_of_two_channel_ids_invalid),
	TAGGED("L2CAP/ECFC/BV-55-C", "I", the_peer_finds_a_channel_id_in_use),
	TAGGED("L2CAP/ECFC/BV-55-C", "I",
	       the_peer_finds_one_of_two_channel_ids_in_use),
	TAGGED("L2CAP/ECFC/BV-56-C", "A",
	       a_channel_id_that_is_in_use_is_refused),
	TAGGED("L2CAP/ECFC/BV-57-C", "I",
	       the_peer_finds_the_parameters_unacceptable),
	TAGGED("L2CAP/ECFC/BV-64-C", "I",
	       a_channel_id_that_the_peer_gives_twice_ends_both_channels),
	TAGGED("L2CAP/ECFC/BV-65-C", "I",
	       a_channel_that_we_close_is_disconnected),
	TAGGED("L2CAP/ECFC/BV-66-C", "A", a_disconnection_request_is_answered),
	TAGGED("L2CAP/ECFC/BV-67-C", "I", the_peer_wants_authentication),
	TAGGED("L2CAP/ECFC/BV-68-C", "I", the_peer_wants_authorization),
	TAGGED("L2CAP/ECFC/BV-70-C", "A", a_key_that_is_too_short_is_refused),
	TAGGED("L2CAP/ECFC/BV-71-C", "I", the_peer_has_no_resources),
	TAGGED("L2CAP/ECFC/BV-71-C", "I",
	       the_peer_has_no_resources_for_one_of_two),
	TAGGED("L2CAP/ECFC/BV-72-C", "I", channel_ids_in_a_refusal_are_ignored),
	TAGGED("L2CAP/ECFC/BV-72-C", "A",
	       an_spsm_that_nobody_listens_on_is_refused),
	TAGGED("L2CAP/ECFC/BV-73-C", "A",
	       a_disconnection_request_for_no_channel_is_rejected),
	TAGGED("L2CAP/ECFC/BV-79-C", "I", channel_ids_are_unique_and_small),
};

const struct tagged_table ecfc_connect_table = { rows, RT_ARRAY_SIZE(rows),
						 credit_setup, lt_teardown };
