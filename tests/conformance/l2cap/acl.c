/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "l2cap/l2cap.h"
#include "tests/support/tagged.h"
#include "tests/unit/hci/rig.h"

/*
 * Test cases about fragments of a PDU, on the real HCI engine: the tester
 * writes ACL data packets. The link has the handle 1.
 */

#define PSM 0x1001

static struct rt_l2cap *l2cap;

static struct {
	rt_handle chan;
	unsigned int opened;
	unsigned int closed;
	unsigned int count;
	size_t len;
	uint8_t sdu[100];
} app;

static void on_opened(void *user, rt_handle chan)
{
	(void)user;
	app.chan = chan;
	app.opened++;
}

static void on_closed(void *user, rt_handle chan, const struct rt_reason *why)
{
	(void)user;
	(void)chan;
	(void)why;
	app.closed++;
}

static void on_rx(void *user, rt_handle chan, struct rt_bytes sdu)
{
	(void)user;
	(void)chan;
	app.count++;
	app.len = sdu.len;
	ck_assert_uint_le(sdu.len, sizeof(app.sdu));
	memcpy(app.sdu, sdu.ptr, sdu.len);
}

static bool on_pull(void *user, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	(void)user;
	(void)chan;
	(void)max;
	(void)pdu;
	return false;
}

static void on_completed(void *user, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	(void)user;
	(void)chan;
	(void)done;
	(void)written;
}

static int on_incoming(void *user, rt_handle chan)
{
	(void)user;
	(void)chan;
	return 0;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static void listen_in(enum rt_l2cap_mode mode)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.mode = mode,
		.imtu = 80,
		.credits = 10,
	};
	uint16_t psm;

	ck_assert_int_eq(rt_l2cap_listen(l2cap, PSM, &params, &psm), 0);
}

/* The tester sends a fragment: the first of a PDU, or a further one. */
static void first(const char *hex)
{
	const size_t octets = strlen(hex) / 2;

	rig_inject("02 0120 %02x00 %s", (unsigned int)octets, hex);
}

static void next(const char *hex)
{
	const size_t octets = strlen(hex) / 2;

	rig_inject("02 0110 %02x00 %s", (unsigned int)octets, hex);
}

/* We must send this L2CAP PDU, in one packet; it is completed. */
static void sent(const char *hex)
{
	char text[200];

	snprintf(text, sizeof(text), "02 0100 %02x00 %s",
		 (unsigned int)(strlen(hex) / 2), hex);
	rig_expect(text);
	rig_completed(1, 1);
}

/* An echo in one fragment is answered: we have recovered. */
static void ping(void)
{
	first("0600010008770200abcd");
	sent("0600010009770200abcd");
	rig_expect_none();
	ck_assert_uint_eq(app.closed, 0);
}

static void setup(void)
{
	memset(&app, 0, sizeof(app));
	rig_setup();
	rig_bring_up();
	ck_assert_int_eq(rt_l2cap_new(rig.env, rig.hci, &l2cap), 0);
	rig_connection_request(1);
	rig_answer_all();
	rig_connection_complete(0, 1, 1);
	rig_answer_all();
}

static void teardown(void)
{
	rig_disconnection_complete(1, 0x13);
	rt_l2cap_free(l2cap);
	rt_env_reap(rig.env);
	rig_teardown();
}

/* A channel in Basic mode: 0x0040 here, 0x0041 at the tester. */
static void open_basic(void)
{
	listen_in(RT_L2CAP_MODE_BASIC);
	first("08000100"
	      "0201040001104100");
	sent("0c000100"
	     "030108004000410000000000");
	sent("0c000100"
	     "040108004100000001025000");
	first("0a000100"
	      "05010600400000000000");
	first("08000100"
	      "0402040040000000");
	sent("0a000100"
	     "05020600410000000000");
	sent("06000100"
	     "0a0202000200");
	rig_expect_none();
	ck_assert_uint_eq(app.opened, 1);
}

START_TEST(a_command_in_two_fragments_is_answered)
{
	static const char echo[] = "0a00010008770600010203040506";
	char head[40];

	for (size_t at = 1; at < 14; at++) {
		snprintf(head, sizeof(head), "%.*s", (int)(2 * at), echo);
		first(head);
		rig_expect_none();
		next(echo + 2 * at);
		sent("0a00010009770600010203040506");
	}
	ping();
}
END_TEST

START_TEST(data_in_two_fragments_are_delivered_once)
{
	open_basic();
	first("0a00400001020304");
	ck_assert_uint_eq(app.count, 0);
	next("05060708090a");
	ck_assert_uint_eq(app.count, 1);
	ck_assert_uint_eq(app.len, 10);
	ck_assert(memcmp(app.sdu, "\1\2\3\4\5\6\7\10\11\12", 10) == 0);
	ping();
}
END_TEST

START_TEST(data_of_which_more_arrive_than_the_length_says_are_dropped)
{
	open_basic();
	first("0300400001020304");
	ck_assert_uint_eq(app.count, 0);
	first("03004000070809");
	ck_assert_uint_eq(app.count, 1);
	ck_assert_uint_eq(app.len, 3);
	ping();
}
END_TEST

START_TEST(an_echo_in_a_pdu_one_octet_too_short_does_no_harm)
{
	first("07000100"
	      "0871040001020304");
	rig_expect_none();
	ping();
}
END_TEST

START_TEST(more_fragments_than_the_length_says_are_dropped)
{
	open_basic();
	first("0b00400001020304");
	next("05060708090a0b0c");
	ck_assert_uint_eq(app.count, 0);
	first("0c0040000102030405060708");
	next("090a0b0c");
	ck_assert_uint_eq(app.count, 1);
	ck_assert_uint_eq(app.len, 12);
	ping();
}
END_TEST

START_TEST(a_start_in_place_of_the_rest_and_an_orphan_do_no_harm)
{
	open_basic();
	first("0a00400001020304"); /* will never be whole */
	first("04004000a1a2a3a4");
	ck_assert_uint_eq(app.count, 1);
	ck_assert_uint_eq(app.len, 4);
	next("05060708090a"); /* belongs to nothing */
	ck_assert_uint_eq(app.count, 1);
	first("06004000010203");
	next("040506");
	ck_assert_uint_eq(app.count, 2);
	ck_assert_uint_eq(app.len, 6);
	ping();
}
END_TEST

/* A request of one channel: answered with ours, 0x0040. */
static void ask_for_credit_channel(void)
{
	listen_in(RT_L2CAP_MODE_CREDIT);
	first("0e000100"
	      "17010a00");
	rig_expect_none();
	next("01108000");
	next("400005004100");
}

START_TEST(a_credit_based_request_in_fragments_is_answered)
{
	ask_for_credit_channel();
	rig_take_acl();
	rig_completed(1, 1);
	rig_expect_none();
	ck_assert_uint_eq(app.opened, 1);
	ping();
}
END_TEST

START_TEST(credit_based_data_in_fragments_are_delivered)
{
	ask_for_credit_channel();
	rig_take_acl();
	rig_completed(1, 1);
	first("0c0040000a000102");
	ck_assert_uint_eq(app.count, 0);
	next("0304050607");
	next("08090a");
	ck_assert_uint_eq(app.count, 1);
	ck_assert_uint_eq(app.len, 10);
	ck_assert_uint_eq(app.closed, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/CED/BV-12-C", "A",
	       a_command_in_two_fragments_is_answered),
	TAGGED("L2CAP/COS/CED/BV-13-C", "A",
	       data_in_two_fragments_are_delivered_once),
	TAGGED("L2CAP/COS/CED/BI-03-C", "A",
	       data_of_which_more_arrive_than_the_length_says_are_dropped),
	TAGGED("L2CAP/COS/CED/BI-04-C", "A",
	       an_echo_in_a_pdu_one_octet_too_short_does_no_harm),
	TAGGED("L2CAP/COS/CED/BI-06-C", "A",
	       more_fragments_than_the_length_says_are_dropped),
	TAGGED("L2CAP/COS/CED/BI-07-C", "A",
	       a_start_in_place_of_the_rest_and_an_orphan_do_no_harm),
	TAGGED("L2CAP/ECFC/BV-40-C", "A",
	       a_credit_based_request_in_fragments_is_answered),
	TAGGED("L2CAP/ECFC/BV-42-C", "A",
	       credit_based_data_in_fragments_are_delivered),
};

int main(int argc, char **argv)
{
	static const struct tagged_table table = { rows, RT_ARRAY_SIZE(rows),
						   setup, teardown };
	static const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, 1);
}
