/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

#include <string.h>

/*
 * Connectionless data (A:3.2, 7.7) and waiting after a refusal: L2CAP/CLS,
 * TIM.
 */

static const struct rt_sec_need need = { .level = 2 };

static struct {
	unsigned int count;
	uint16_t psm;
	size_t len;
	uint8_t data[64];
} received;

static enum rt_l2cap_verdict verdict;
static unsigned int asked_for;

static void on_data(void *user, struct rt_addr peer, uint16_t psm,
		    struct rt_bytes data)
{
	(void)user;
	ck_assert(rt_addr_equal(peer, bench_addr(1)));
	received.count++;
	received.psm = psm;
	received.len = RT_MIN(data.len, sizeof(received.data));
	memcpy(received.data, data.ptr, received.len);
}

static enum rt_l2cap_verdict on_check(void *user,
				      const struct rt_l2cap_gate_request *req,
				      struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	asked_for += req->connectionless;
	return verdict;
}

static void let(enum rt_l2cap_verdict what)
{
	static const struct rt_l2cap_gate gate = { .check = on_check };

	verdict = what;
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
}

static void receive(void)
{
	static const struct rt_l2cap_ucd_ops ops = { .rx = on_data };

	memset(&received, 0, sizeof(received));
	ck_assert_int_eq(
		rt_l2cap_ucd_listen(bench.l2cap, LT_PSM, &need, &ops, NULL), 0);
}

static uint8_t our_features(void)
{
	lt_ask(INFO_REQ, "0200");
	lt_expect(INFO_RSP);
	return lt.last.data[5];
}

/* A link on which the features of both sides are known. */
static void link_with_features(void)
{
	lt_open(true);
	ck_assert(lt.informed & 1u << 2);
}

static int send_data(void)
{
	static const uint8_t data[] = { 0x11, 0x22, 0x33 };

	return rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), 0x1003, &need,
				 rt_bytes(data, sizeof(data)));
}

static void expect_data(void)
{
	const struct lt_pdu *pdu = lt_expect_pdu(0x0002);

	ck_assert_uint_eq(pdu->len, 5);
	ck_assert(memcmp(pdu->data, "\x03\x10\x11\x22\x33", 5) == 0);
	lt_nothing();
}

START_TEST(connectionless_data_have_their_psm_in_front)
{
	let(RT_L2CAP_ALLOW);
	link_with_features();
	ck_assert_int_eq(send_data(), 0);
	expect_data();
}
END_TEST

START_TEST(connectionless_data_are_received_while_somebody_wants_them)
{
	let(RT_L2CAP_ALLOW);
	lt_link();
	ck_assert_uint_eq(our_features() & 2, 0);
	lt_raw(2, "0110 a1a2");
	receive();
	ck_assert_uint_eq(our_features() & 2, 2);
	lt_raw(2, "0110 a1a2a3");
	lt_raw(2, "0310 a1a2a3a4"); /* nobody's PSM */
	ck_assert_uint_eq(received.count, 1);
	ck_assert_uint_eq(received.psm, LT_PSM);
	ck_assert_uint_eq(received.len, 3);
	rt_l2cap_ucd_unlisten(bench.l2cap, LT_PSM);
	ck_assert_uint_eq(our_features() & 2, 0);
	lt_raw(2, "0110 a1a2a3");
	ck_assert_uint_eq(received.count, 1);
	lt_nothing();
}
END_TEST

START_TEST(connectionless_data_that_the_gate_refuses_are_dropped)
{
	let(RT_L2CAP_NO_AUTHENTICATION);
	lt_link();
	receive();
	lt_raw(2, "0110 a1a2a3");
	ck_assert_uint_eq(received.count, 0);
	ck_assert_uint_eq(asked_for, 1);
	rt_l2cap_ucd_unlisten(bench.l2cap, LT_PSM);
}
END_TEST

START_TEST(connectionless_data_need_no_encryption_where_the_gate_needs_none)
{
	let(RT_L2CAP_ALLOW);
	link_with_features();
	ck_assert_int_eq(send_data(), 0);
	ck_assert_uint_eq(asked_for, 1);
	expect_data();
}
END_TEST

START_TEST(connectionless_data_leave_only_when_the_gate_allows)
{
	let(RT_L2CAP_ALLOW);
	link_with_features();
	let(RT_L2CAP_NO_ENCRYPTION);
	ck_assert_int_eq(send_data(), -EACCES);
	lt_nothing();
	let(RT_L2CAP_WAIT_AUTHENTICATION);
	if (send_data() == 0) {
		lt_nothing();
		verdict = RT_L2CAP_ALLOW;
		rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
		bench_step();
	} else {
		verdict = RT_L2CAP_ALLOW;
		ck_assert_int_eq(send_data(), 0);
	}
	expect_data();
}
END_TEST

START_TEST(data_on_other_channel_ids_are_ignored)
{
	static const uint16_t cids[] = { 0x0000, 0x0001, 0x0003, 0x0007, 0x0020,
					 0x003f, 0x0040, 0x1000, 0xffff };

	let(RT_L2CAP_ALLOW);
	lt_link();
	receive();
	for (size_t i = 0; i < RT_ARRAY_SIZE(cids); i++) {
		if (cids[i] != 1)
			lt_raw(cids[i], "0110 a1a2a3");
	}
	lt_raw(2, "%s", ""); /* too short for a PSM */
	lt_raw(2, "01");
	lt_nothing();
	ck_assert_uint_eq(received.count, 0);
	lt_ping();
	lt_raw(2, "0110");
	ck_assert_uint_eq(received.count, 1);
	ck_assert_uint_eq(received.len, 0);
	rt_l2cap_ucd_unlisten(bench.l2cap, LT_PSM);
}
END_TEST

/*
 * Each side asks the other for the same PSM, and both refuse for want of
 * resources. Who tries again, and when, is the application's choice: we never
 * do of ourselves, so that the 100 ms that have to be left are.
 */
START_TEST(a_refusal_of_both_sides_is_not_followed_by_another_try)
{
	app.answer = -ENOBUFS;
	if (WE_INITIATE) {
		app_connect();
		app_listen();
	} else {
		lt_link();
		app_listen();
		app_connect();
	}
	lt_ask(CONN_REQ, "%04x %04x", LE(LT_PSM), LE(LT_CID));
	lt_expect(CONN_RSP);
	ck_assert_uint_eq(lt_le16(&lt.last, 4), 4);
	lt_expect(CONN_REQ);
	lt_send(CONN_RSP, lt.last.ident, "0000 %04x 0400 0000",
		LE(lt_le16(&lt.last, 2)));
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_NO_RESOURCES);
	lt_wait(60000);
	lt_nothing();
}
END_TEST

START_TEST(a_refusal_of_both_sides_in_credit_mode_is_not_followed_by_another)
{
	lt_mode(RT_L2CAP_MODE_CREDIT, true);
	app.answer = -ENOBUFS;
	if (WE_INITIATE) {
		app_connect();
		app_listen();
	} else {
		lt_link();
		app_listen();
		app_connect();
	}
	lt_ask(CREDIT_CONN_REQ, "0110 4000 4000 0100 4100");
	lt_expect(CREDIT_CONN_RSP);
	ck_assert_uint_eq(lt_le16(&lt.last, 6), 4);
	lt_expect(CREDIT_CONN_REQ);
	lt_send(CREDIT_CONN_RSP, lt.last.ident, "0000 0000 0000 0400 0000");
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->why.code, RT_L2CAP_CREDIT_RESULT + 4);
	lt_wait(60000);
	lt_nothing();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/CLS/CLR/BV-01-C", "I",
	       connectionless_data_have_their_psm_in_front),
	TAGGED("L2CAP/CLS/UCD/BV-01-C", "A",
	       connectionless_data_are_received_while_somebody_wants_them),
	TAGGED("L2CAP/CLS/UCD/BV-01-C", "A",
	       connectionless_data_that_the_gate_refuses_are_dropped),
	TAGGED("L2CAP/CLS/UCD/BV-02-C", "I",
	       connectionless_data_need_no_encryption_where_the_gate_needs_none),
	TAGGED("L2CAP/CLS/UCD/BV-03-C", "I",
	       connectionless_data_leave_only_when_the_gate_allows),
	TAGGED("L2CAP/CLS/CID/BV-01-C", "A",
	       data_on_other_channel_ids_are_ignored),
	TAGGED("L2CAP/TIM/BV-01-C", "IA",
	       a_refusal_of_both_sides_is_not_followed_by_another_try),
	TAGGED("L2CAP/TIM/BV-02-C", "IA",
	       a_refusal_of_both_sides_in_credit_mode_is_not_followed_by_another),
};

static void setup(void)
{
	lt_setup();
	asked_for = 0;
}

const struct tagged_table cls_table = { rows, RT_ARRAY_SIZE(rows), setup,
					lt_teardown };
