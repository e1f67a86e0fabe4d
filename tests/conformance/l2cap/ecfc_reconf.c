/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/credit.h"
#include "tests/conformance/l2cap/tables.h"

/*
 * The values of enhanced credit based channels, at first and changed
 * (A:4.25 to 4.28): L2CAP/ECFC. A request to change them names the channels by
 * the ids of who asks.
 */

enum {
	RECONFIGURED = 0x0000,
	MTU_REDUCED = 0x0001,
	MPS_REDUCED = 0x0002,
	INVALID_CID = 0x0003,
	OTHER = 0x0004,
};

#define INVALID_PARAMETERS 0x000c

static void reconfigure(uint16_t mtu, uint16_t mps, size_t count)
{
	rt_handle handles[CREDIT_CHANS];

	for (size_t i = 0; i < count; i++)
		handles[i] = app.chan[i].handle;
	ck_assert_int_eq(
		rt_l2cap_reconfigure(bench.l2cap, handles, count, mtu, mps), 0);
	lt_expect(CREDIT_RECONF_REQ);
	ck_assert_uint_eq(lt.last.len, 4 + 2 * count);
	ck_assert_uint_eq(lt_le16(&lt.last, 0), mtu);
	ck_assert_uint_eq(lt_le16(&lt.last, 2), mps);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(lt_le16(&lt.last, 4 + 2 * i), credit.iut[i]);
	lt_send(CREDIT_RECONF_RSP, lt.last.ident, "0000");
	lt_nothing();
}

START_TEST(our_mtu_is_raised)
{
	credit_open(true, 2);
	reconfigure(300, 64, 2);
	ck_assert_uint_eq(lt_info().imtu, 300);
	credit_k(0, 300, 0, 62);
	for (size_t at = 62; at < 300; at += 64)
		credit_k(0, -1, at, RT_MIN((size_t)64, 300 - at));
	app_received_bytes(1, 300);
}
END_TEST

START_TEST(the_peers_mtu_is_raised)
{
	credit_open(false, 1);
	ck_assert_uint_eq(credit_reconfigure(300, 64, 0, 1), RECONFIGURED);
	ck_assert_uint_eq(lt_info().omtu, 300);
	app_send_bytes(300);
	ck_assert_uint_eq(credit_expect_sdu(0, 300), 5);
}
END_TEST

START_TEST(our_mps_is_changed)
{
	credit_open(true, 1);
	reconfigure(CREDIT_MTU, 100, 1);
	credit_k(0, 98, 0, 98);
	app_received_bytes(1, 98);
	lt_forget();
	reconfigure(CREDIT_MTU, 80, 1);
	ck_assert_uint_eq(lt_info().rx_mps, 80);
}
END_TEST

START_TEST(the_peers_mps_is_changed)
{
	credit.mps = 100;
	credit_open(false, 1);
	app_send_bytes(150);
	ck_assert_uint_eq(credit_expect_sdu(0, 150), 2);
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 64, 0, 1),
			  RECONFIGURED);
	credit.mps = 64;
	app_send_bytes(150);
	ck_assert_uint_eq(credit_expect_sdu(0, 150), 3);
}
END_TEST

START_TEST(values_that_cannot_be_are_invalid)
{
	app_listen();
	lt_link();
	credit.mtu = 63;
	credit_request(1, LT_CID);
	ck_assert_uint_eq(credit.result, INVALID_PARAMETERS);
	credit.mtu = 64;
	credit.mps = 63;
	credit_request(1, LT_CID);
	ck_assert_uint_eq(credit.result, INVALID_PARAMETERS);
	credit.mps = 64;
	credit_request(1, LT_CID);
	ck_assert_uint_eq(credit.result, 0);
}
END_TEST

/* "Unacceptable" is for a minimum of our own, which we do not have. */
START_TEST(the_least_legal_values_are_acceptable)
{
	app_listen();
	lt_link();
	credit.mtu = 64;
	credit.mps = 64;
	credit_request(5, LT_CID);
	ck_assert_uint_eq(credit.result, 0);
	app_send_bytes(64);
	ck_assert_uint_eq(credit_expect_sdu(0, 64), 2);
}
END_TEST

START_TEST(a_smaller_mtu_is_refused)
{
	credit_open(false, 1);
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU - 1, 64, 0, 1),
			  MTU_REDUCED);
	ck_assert_uint_eq(lt_info().omtu, CREDIT_MTU);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

/* Two channels with an MPS of 100. */
static void open_two(void)
{
	credit.mps = 100;
	credit_open(false, 2);
}

static void still_open(size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(app.chan[i].closed, 0);
	lt_nothing();
	app_send_bytes(98);
	ck_assert_uint_eq(credit_expect_sdu(0, 98), 1);
}

START_TEST(a_smaller_mps_of_several_channels_is_refused)
{
	open_two();
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 80, 0, 2),
			  MPS_REDUCED);
	still_open(2);
	/* The second alone may have less; then between both is less again. */
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 70, 1, 1),
			  RECONFIGURED);
	ck_assert_uint_ne(credit_reconfigure(CREDIT_MTU, 90, 0, 2),
			  RECONFIGURED);
	still_open(2);
}
END_TEST

START_TEST(an_mps_smaller_than_that_of_one_of_several_is_refused)
{
	open_two();
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 70, 1, 1),
			  RECONFIGURED);
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 90, 0, 2),
			  MPS_REDUCED);
	still_open(2);
}
END_TEST

START_TEST(an_unknown_channel_id_is_refused)
{
	credit_open(false, 1);
	credit.cid[1] = 0x7777;
	ck_assert_uint_eq(credit_reconfigure(300, 64, 0, 2), INVALID_CID);
	ck_assert_uint_eq(lt_info().omtu, CREDIT_MTU);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

START_TEST(an_mps_that_cannot_be_is_refused)
{
	credit_open(false, 1);
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 63, 0, 1), OTHER);
	ck_assert_uint_eq(credit_reconfigure(CREDIT_MTU, 0, 0, 1), OTHER);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

/* Neither opens anything: a reject, or a response that refuses. */
static void wrong_size(uint8_t code, const char *data)
{
	const size_t channels = app.count;

	lt_ask(code, "%s", data);
	if (lt_has(CMD_REJ))
		lt_expect(CMD_REJ);
	else
		ck_assert_uint_ne(lt_le16(lt_expect(code + 1), 6), 0);
	ck_assert_uint_eq(lt.last.ident, lt.ident);
	ck_assert_uint_eq(app.count, channels);
	lt_nothing();
	lt_ping();
}

START_TEST(requests_of_the_wrong_size_are_refused)
{
	credit_open(false, 1);
	wrong_size(CREDIT_CONN_REQ, "");
	wrong_size(CREDIT_CONN_REQ, "0110 4000 4000 01");
	wrong_size(CREDIT_CONN_REQ, "0110 4000 4000 0100");
	wrong_size(CREDIT_CONN_REQ, "0110 4000 4000 0100 50");
	wrong_size(CREDIT_CONN_REQ, "0110 4000 4000 0100 5000 51");
	wrong_size(CREDIT_CONN_REQ, "0110 4000 4000 0100 5000 5100 5200 5300"
				    "5400 5500");
	lt_ask(CREDIT_IND, "4100 01");
	lt_ask(CREDIT_IND, "4100 0100 00");
	lt_forget();
	ck_assert_uint_eq(lt_info().tx_credits, 10);
	lt_ask(CREDIT_RECONF_REQ, "c800 4000");
	lt_ask(CREDIT_RECONF_REQ, "2c01 4000 41");
	lt_ask(CREDIT_RECONF_REQ, "2c01 4000 4100 00");
	lt_forget();
	ck_assert_uint_eq(lt_info().omtu, CREDIT_MTU);
	ck_assert_uint_eq(APP->closed, 0);
	lt_ping();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/ECFC/BV-58-C", "I", our_mtu_is_raised),
	TAGGED("L2CAP/ECFC/BV-59-C", "A", the_peers_mtu_is_raised),
	TAGGED("L2CAP/ECFC/BV-60-C", "I", our_mps_is_changed),
	TAGGED("L2CAP/ECFC/BV-61-C", "A", the_peers_mps_is_changed),
	TAGGED("L2CAP/ECFC/BV-62-C", "A", values_that_cannot_be_are_invalid),
	TAGGED("L2CAP/ECFC/BV-63-C", "A",
	       the_least_legal_values_are_acceptable),
	TAGGED("L2CAP/ECFC/BI-09-C", "A",
	       requests_of_the_wrong_size_are_refused),
	TAGGED("L2CAP/ECFC/BI-12-C", "A", a_smaller_mtu_is_refused),
	TAGGED("L2CAP/ECFC/BI-13-C", "A",
	       a_smaller_mps_of_several_channels_is_refused),
	TAGGED("L2CAP/ECFC/BI-14-C", "A", an_unknown_channel_id_is_refused),
	TAGGED("L2CAP/ECFC/BI-15-C", "A", an_mps_that_cannot_be_is_refused),
	TAGGED("L2CAP/ECFC/BI-16-C", "A",
	       an_mps_smaller_than_that_of_one_of_several_is_refused),
};

const struct tagged_table ecfc_reconf_table = { rows, RT_ARRAY_SIZE(rows),
						credit_setup, lt_teardown };
