/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/credit.h"
#include "tests/regress/l2cap_tables.h"

/* L2C-09 to L2C-12, L2C-18, L2C-23: ids that are wrong, taken, or nobody's. */

#define PSM_NOT_SUPPORTED 2
#define INVALID_SCID 6
#define SCID_IN_USE 7

/* Asks for a channel. Returns the result, when it is not "pending". */
static uint16_t ask(uint16_t psm, uint16_t scid)
{
	uint16_t result;

	lt_ask(CONN_REQ, "%04x %04x", LE(psm), LE(scid));
	do {
		lt_expect(CONN_RSP);
		ck_assert_uint_eq(lt.last.ident, lt.ident);
		ck_assert_uint_eq(lt_le16(&lt.last, 2), scid);
		result = lt_le16(&lt.last, 4);
	} while (result == 1);
	if (result != 0)
		ck_assert_uint_eq(lt_le16(&lt.last, 0), 0);
	return result;
}

START_TEST(no_psm_but_the_one_that_is_listened_on_gets_a_channel)
{
	size_t live;

	app_listen();
	lt_link();
	ask(0x1003, LT_CID);
	live = bench.env->live;
	for (unsigned int psm = 0; psm <= 0xffff; psm++) {
		if (psm != LT_PSM)
			ck_assert_uint_eq(ask((uint16_t)psm, LT_CID),
					  PSM_NOT_SUPPORTED);
	}
	ck_assert_uint_eq(bench.env->live, live);
	ck_assert_uint_eq(app.incoming, 0);
	ck_assert_uint_eq(ask(LT_PSM, LT_CID), 0);
}
END_TEST

START_TEST(an_spsm_is_checked_like_a_psm)
{
	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	app_listen();
	lt_link();
	for (unsigned int psm = 0; psm <= 0xffff; psm++) {
		if (psm == LT_PSM)
			continue;
		lt_ask(CREDIT_CONN_REQ, "%04x 4000 4000 0100 4100", LE(psm));
		lt_expect(CREDIT_CONN_RSP);
		ck_assert_uint_eq(lt_le16(&lt.last, 6), PSM_NOT_SUPPORTED);
	}
	ck_assert_uint_eq(app.incoming, 0);
}
END_TEST

START_TEST(a_channel_id_below_0x40_is_invalid)
{
	app_listen();
	lt_link();
	for (uint16_t scid = 0; scid < 0x40; scid++)
		ck_assert_uint_eq(ask(LT_PSM, scid), INVALID_SCID);
	ck_assert_uint_eq(app.incoming, 0);
}
END_TEST

START_TEST(a_channel_id_that_is_taken_is_in_use)
{
	lt_open(false);
	ck_assert_uint_eq(ask(LT_PSM, LT_CID), SCID_IN_USE);
	ck_assert_uint_eq(ask(LT_PSM, LT_CID + 1), 0);
	ck_assert_uint_eq(ask(LT_PSM, LT_CID + 1), SCID_IN_USE);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(a_response_to_nothing_is_ignored)
{
	lt_open(true);
	for (unsigned int ident = 0; ident <= 0xff; ident++) {
		lt_send(CONN_RSP, (uint8_t)ident, "%04x %04x 0000 0000",
			LE(0x0050), LE(lt.iut));
		lt_send(CONN_RSP, (uint8_t)ident, "%04x %04x 0200 0000",
			LE(LT_CID), LE(lt.iut));
	}
	lt_nothing();
	ck_assert_uint_eq(APP->closed, 0);
	ck_assert_uint_eq(lt_info().dcid, LT_CID);
}
END_TEST

START_TEST(a_response_that_fits_by_half_is_ignored)
{
	app_connect();
	lt_expect(CONN_REQ);
	lt.iut = lt_le16(&lt.last, 2);
	/* The right identifier, but no channel of this request. */
	lt_send(CONN_RSP, lt.last.ident, "4100 %04x 0000 0000", LE(lt.iut + 1));
	lt_send(CONN_RSP, lt.last.ident, "4100 0000 0000 0000");
	/* The right channel, but no request with this identifier. */
	lt_send(CONN_RSP, (uint8_t)(lt.last.ident + 7), "4100 %04x 0000 0000",
		LE(lt.iut));
	ck_assert(!lt_has(CONF_REQ));
	ck_assert_uint_eq(APP->closed, 0);
	lt_send(CONN_RSP, lt.last.ident, "4100 %04x 0000 0000", LE(lt.iut));
	lt_expect(CONF_REQ);
}
END_TEST

/* Connects a second channel; the tester answers with this channel id. */
static void second_gets(uint16_t dcid)
{
	lt_open(true);
	app_connect();
	lt_expect(CONN_REQ);
	lt_send(CONN_RSP, lt.last.ident, "%04x %04x 0000 0000", LE(dcid),
		LE(lt_le16(&lt.last, 2)));
	lt_wait(90000);
	ck_assert_uint_eq(app.chan[1].opened, 0);
	ck_assert_uint_eq(app.chan[1].closed, 1);
	lt_forget();
	ck_assert_uint_eq(APP->closed, 0);
	app_send("01");
	ck_assert_uint_eq(lt_expect_pdu(LT_CID)->len, 1);
	lt_ping();
}

START_TEST(a_channel_id_that_the_peer_gives_twice_is_refused)
{
	second_gets(LT_CID);
}
END_TEST

START_TEST(a_channel_id_of_the_peer_below_0x40_is_refused)
{
	for (uint16_t dcid = 0; dcid < 0x40; dcid = (uint16_t)(dcid + 7)) {
		second_gets(dcid);
		lt_teardown();
		lt_setup();
	}
}
END_TEST

START_TEST(an_mtu_below_48_is_refused)
{
	for (unsigned int mtu = 0; mtu < 48; mtu++) {
		lt_connect(true);
		lt_expect_conf_req();
		lt_agree();
		lt_configure("0102 %04x", LE(mtu));
		ck_assert_uint_eq(lt.result, 1);
		ck_assert_uint_eq(APP->opened, 0);
		lt_teardown();
		lt_setup();
	}
}
END_TEST

START_TEST(a_request_of_more_than_five_channels_is_refused)
{
	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	app_listen();
	lt_link();
	lt_ask(CREDIT_CONN_REQ, "0110 4000 4000 0100 5000 5100 5200 5300 5400"
				"5500");
	if (lt_has(CREDIT_CONN_RSP))
		ck_assert_uint_ne(lt_le16(lt_expect(CREDIT_CONN_RSP), 6), 0);
	else
		lt_expect(CMD_REJ);
	ck_assert_uint_eq(app.incoming, 0);
	lt_ask(CREDIT_CONN_REQ, "0110 4000 4000 0100 5000 5100 5200 5300 5400"
				"5500 5600 5700 5800 5900 5a00 5b00 5c00");
	lt_forget();
	lt_ask(CREDIT_RECONF_REQ, "4000 4000 5000 5100 5200 5300 5400 5500");
	lt_forget();
	ck_assert_uint_eq(app.incoming, 0);
	lt_ping();
}
END_TEST

START_TEST(a_request_cut_short_is_refused)
{
	static const uint8_t whole[] = { 0x01, 0x10, 0x40, 0x00, 0x40, 0x00,
					 0x01, 0x00, 0x50, 0x00, 0x51, 0x00 };
	uint8_t frame[4 + sizeof(whole)] = { CREDIT_CONN_REQ, 0x71 };

	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	app_listen();
	lt_link();
	for (size_t len = 0; len < sizeof(whole); len++) {
		if (len == 10)
			continue; /* one channel */
		frame[2] = (uint8_t)len;
		for (size_t i = 0; i < len; i++)
			frame[4 + i] = whole[i];
		fake_link_rx(bench.link, 1, frame, 4 + len);
		lt_forget();
		ck_assert_uint_eq(app.incoming, 0);
	}
	lt_ping();
}
END_TEST

START_TEST(a_first_frame_without_an_sdu_length_ends_the_channel)
{
	for (size_t len = 0; len < 2; len++) {
		lt_teardown();
		credit_setup();
		credit_open(false, 1);
		credit_k(0, -1, 0, len);
		credit_is_disconnected(0);
	}
}
END_TEST

START_TEST(credit_based_codes_are_unknown_when_nobody_listens)
{
	static const uint8_t codes[] = { CREDIT_IND, CREDIT_CONN_REQ,
					 CREDIT_CONN_RSP, CREDIT_RECONF_REQ,
					 CREDIT_RECONF_RSP };

	app_listen(); /* in Basic mode */
	lt_link();
	for (size_t i = 0; i < RT_ARRAY_SIZE(codes); i++) {
		lt_ask(codes[i], "0110 4000 4000 0100 5000");
		lt_expect_answer(CMD_REJ, "0000");
		lt_nothing();
	}
	ck_assert_uint_eq(app.incoming, 0);
}
END_TEST

/* Each end right (0) or wrong. */
static void disconnect(unsigned int dcid, unsigned int scid)
{
	lt_ask(DISC_REQ, "%04x %04x", LE(lt.iut + dcid), LE(LT_CID + scid));
}

START_TEST(only_the_right_pair_of_ids_disconnects)
{
	lt_open(false);
	disconnect(0, 1);
	lt_nothing();
	ck_assert_uint_eq(APP->closed, 0);
	disconnect(1, 0);
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 2);
	disconnect(1, 1);
	lt_expect(CMD_REJ);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), 2);
	ck_assert_uint_eq(APP->closed, 0);
	lt_raw(lt.iut, "a1");
	app_received(1, "a1");
	disconnect(0, 0);
	lt_expect_answer(DISC_RSP, "%04x %04x", LE(lt.iut), LE(LT_CID));
	ck_assert_uint_eq(APP->closed, 1);
	lt_nothing();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-09", "A",
	       no_psm_but_the_one_that_is_listened_on_gets_a_channel),
	TAGGED("L2C-09", "A", an_spsm_is_checked_like_a_psm),
	TAGGED("L2C-10", "A", a_channel_id_below_0x40_is_invalid),
	TAGGED("L2C-10", "A", a_channel_id_that_is_taken_is_in_use),
	TAGGED("L2C-11", "I", a_response_to_nothing_is_ignored),
	TAGGED("L2C-11", "I", a_response_that_fits_by_half_is_ignored),
	TAGGED("L2C-12", "I",
	       a_channel_id_that_the_peer_gives_twice_is_refused),
	TAGGED("L2C-12", "I", a_channel_id_of_the_peer_below_0x40_is_refused),
	TAGGED("L2C-12", "I", an_mtu_below_48_is_refused),
	TAGGED("L2C-18", "A", a_request_of_more_than_five_channels_is_refused),
	TAGGED("L2C-18", "A", a_request_cut_short_is_refused),
	TAGGED("L2C-18", "A",
	       a_first_frame_without_an_sdu_length_ends_the_channel),
	TAGGED("L2C-18", "A",
	       credit_based_codes_are_unknown_when_nobody_listens),
	TAGGED("L2C-23", "A", only_the_right_pair_of_ids_disconnects),
};

const struct tagged_table l2c_connect_table = L2CAP_TABLE(rows);
