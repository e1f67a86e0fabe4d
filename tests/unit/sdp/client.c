/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/sdp/asker.h"

static struct asker a;
static struct asker b;
static struct asker c;

static const struct rt_reason refused = { .layer = RT_LAYER_L2CAP,
					  .phase = RT_PHASE_CONNECT,
					  .code = RT_L2CAP_PSM_NOT_SUPPORTED,
					  .err = -ECONNREFUSED };
static const struct rt_reason lost = { .layer = RT_LAYER_HCI,
				       .phase = RT_PHASE_TRANSFER,
				       .code = 0x08,
				       .err = -ETIMEDOUT };

/* The answer to asker_ask(): a record with handle 5, and one without. */
#define FOUND "0018 3516 350c 090000 0a00000005 090100 00 3506 090100 25016e"

static void assert_found(const struct asker *asker)
{
	asker_assert_well(asker);
	ck_assert_uint_eq(asker->records, 2);
	ck_assert_uint_eq(asker->handle[0], 5);
	ck_assert_uint_eq(asker->handle[1], 0);
}

/* SDP/CL/SSA/BV-01-C */
START_TEST(a_search_for_attributes_is_asked_and_told)
{
	asker_ask(&a, 1);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	tx_nothing();
	rx("07 0001 001b" FOUND "00");
	assert_found(&a);
	ck_assert_uint_eq(a.bytes, 12 + 6);
	tx_nothing();
}
END_TEST

/* SDP/CL/SA/BV-01-C */
START_TEST(attributes_of_a_record_are_asked_and_told)
{
	static const struct rt_sdp_range ranges[] = { { 0x0001, 0x0001 },
						      { 0x0004, 0x0009 },
						      { 0x0100, 0x0100 } };
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_ATTRIBUTES,
		.handle = 0x00010005,
		.ranges = ranges,
		.range_count = 3,
		.max_bytes = 7,
	};

	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), 0);
	asker_open(MTU);
	tx("04 0001 0014 00010005 0007 350b 090001 0a00040009 090100 00");
	rx("05 0001 000b 0008 3506 090100 25016e 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
	ck_assert_uint_eq(a.handle[0], 0x00010005);
	ck_assert_uint_eq(a.bytes, 6);
	/* A record that has none of them is there all the same. */
	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), 0);
	ck_assert_uint_gt(tx_take(), 0);
	rx("05 0002 0005 0002 3500 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
	ck_assert_uint_eq(a.bytes, 0);
}
END_TEST

static void search(struct asker *asker, uint16_t max)
{
	const struct rt_uuid uuids[] = { rt_uuid_from_short(0x0100),
					 rt_uuid_from_short(0x12345678) };
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH,
		.uuids = uuids,
		.uuid_count = 2,
		.max_handles = max,
	};

	asker_init(asker);
	ck_assert_int_eq(asker_try(asker, 1, &query), 0);
}

START_TEST(a_search_is_asked_and_told)
{
	search(&a, 0);
	asker_open(MTU);
	tx("02 0001 000d 3508 190100 1a12345678 0100 00");
	rx("03 0001 000d 0002 0002 00000007 00000009 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 2);
	ck_assert_uint_eq(a.handle[0], 7);
	ck_assert_uint_eq(a.handle[1], 9);
	search(&a, 1);
	tx("02 0002 000d 3508 190100 1a12345678 0001 00");
	rx("03 0002 0005 0000 0000 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 0);
}
END_TEST

START_TEST(handles_in_parts_are_told_when_all_are_there)
{
	search(&a, 0);
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	rx("03 0001 000b 0002 0001 00000007 02abcd");
	ck_assert_uint_eq(a.records, 0);
	tx("02 0002 000f 3508 190100 1a12345678 0100 02abcd");
	rx("03 0002 0009 0002 0001 00000009 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 2);
}
END_TEST

START_TEST(an_answer_in_any_two_parts_is_the_same)
{
	uint8_t octets[64];
	uint8_t pdu[80];
	const size_t n = hex_read(FOUND, octets, sizeof(octets)) - 2;

	for (size_t cut = 1; cut < n; cut++) {
		asker_ask(&a, 1);
		if (cut == 1)
			asker_open(MTU);
		ck_assert_uint_gt(tx_take(), 0);
		memcpy(pdu,
		       (uint8_t[]){ 7, bench.got[1], bench.got[2], 0,
				    (uint8_t)(2 + cut + 2), 0, (uint8_t)cut },
		       7);
		memcpy(pdu + 7, octets + 2, cut);
		pdu[7 + cut] = 1;
		pdu[8 + cut] = (uint8_t)cut;
		rx_octets(pdu, 9 + cut);
		ck_assert_uint_eq(a.records + a.done, 0);
		ck_assert_uint_gt(tx_take(), 0);
		/* Only the continuation is another. */
		ck_assert_uint_eq(bench.got[4], 0x10);
		ck_assert_uint_eq(bench.got[20], cut);
		memcpy(pdu,
		       (uint8_t[]){ 7, bench.got[1], bench.got[2], 0,
				    (uint8_t)(2 + n - cut + 1), 0,
				    (uint8_t)(n - cut) },
		       7);
		memcpy(pdu + 7, octets + 2 + cut, n - cut);
		pdu[7 + n - cut] = 0;
		rx_octets(pdu, 8 + n - cut);
		assert_found(&a);
	}
	ck_assert_uint_eq(bench.l2cap.connects, 1);
}
END_TEST

START_TEST(a_record_without_any_attribute_is_not_told_of_in_a_search)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	rx("07 0001 000f 000c 350a 3500 3506 090100 25016e 00");
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
}
END_TEST

START_TEST(queries_to_one_device_take_turns_on_one_channel)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	asker_open(MTU);
	asker_ask(&c, 1);
	tx("06 0001 000f" ASKED "00");
	tx_nothing();
	rx("07 0001 001b" FOUND "00");
	assert_found(&a);
	ck_assert_uint_eq(b.done, 0);
	tx("06 0002 000f" ASKED "00");
	tx_nothing();
	rx("07 0002 001b" FOUND "00");
	assert_found(&b);
	tx("06 0003 000f" ASKED "00");
	rx("07 0003 001b" FOUND "00");
	assert_found(&c);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
}
END_TEST

START_TEST(devices_do_not_wait_for_one_another)
{
	rt_handle first;

	asker_ask(&a, 1);
	asker_open(MTU);
	first = bench.chan;
	tx("06 0001 000f" ASKED "00");
	asker_ask(&b, 2);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 001b" FOUND "00");
	assert_found(&b);
	ck_assert_uint_eq(a.done, 0);
	bench.chan = first;
	rx("07 0001 001b" FOUND "00");
	assert_found(&a);
	ck_assert_uint_eq(bench.l2cap.connects, 2);
}
END_TEST

START_TEST(the_channel_stays_for_two_seconds)
{
	asker_ask(&a, 1);
	ck_assert(!rt_sdp_is_idle(bench.sdp));
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 001b" FOUND "00");
	bench_wait_us(RT_MS(1999));
	asker_ask(&b, 1);
	tx("06 0002 000f" ASKED "00");
	rx("07 0002 001b" FOUND "00");
	assert_found(&b);
	bench_wait_us(RT_MS(1999));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 1);
	bench_wait_us(RT_MS(1));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
	asker_ask(&c, 1);
	ck_assert_uint_eq(bench.l2cap.connects, 2);
}
END_TEST

START_TEST(a_device_that_refuses_sdp_is_passed_on_as_l2cap_says_it)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_closed(&bench.l2cap, bench.chan, &refused);
	asker_assert_failed(&a, RT_LAYER_L2CAP, RT_L2CAP_PSM_NOT_SUPPORTED);
	asker_assert_failed(&b, RT_LAYER_L2CAP, RT_L2CAP_PSM_NOT_SUPPORTED);
	ck_assert_int_eq(a.why.err, -ECONNREFUSED);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(a_link_that_is_lost_ends_all_queries_of_the_device)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	bench_wait_us(RT_SECONDS(3));
	fake_closed(&bench.l2cap, bench.chan, &lost);
	asker_assert_failed(&a, RT_LAYER_HCI, 0x08);
	asker_assert_failed(&b, RT_LAYER_HCI, 0x08);
	ck_assert_uint_eq(a.why.elapsed_us, RT_SECONDS(3));
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

static void hang_up_open(rt_handle chan, uint16_t code, int err)
{
	const struct rt_reason why = { .layer = RT_LAYER_L2CAP,
				       .phase = RT_PHASE_TRANSFER,
				       .code = code,
				       .err = err };

	fake_closed(&bench.l2cap, chan, &why);
	rt_env_reap(bench.env);
}

START_TEST(a_channel_closed_in_the_middle_ends_the_query_once)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 000b 0007 3515 350b 090000 01aa");
	hang_up_open(bench.chan, RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	asker_assert_failed(&a, RT_LAYER_L2CAP, RT_L2CAP_PEER_DISCONNECTED);
	ck_assert(rt_sdp_is_idle(bench.sdp));
	/* Also where it is closed in order, which is no success. */
	asker_ask(&a, 1);
	asker_open(MTU);
	hang_up_open(bench.chan, RT_L2CAP_CLOSED, 0);
	asker_assert_failed(&a, RT_LAYER_L2CAP, RT_L2CAP_CLOSED);
}
END_TEST

START_TEST(a_request_that_crosses_the_peers_close_is_asked_again)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 001b" FOUND "00");
	asker_ask(&b, 1);
	asker_ask(&c, 1);
	tx("06 0002 000f" ASKED "00");
	hang_up_open(bench.chan, RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	ck_assert_uint_eq(b.done, 0);
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	asker_open(MTU);
	tx("06 0003 000f" ASKED "00");
	/* Not for ever: on this channel nothing has been answered. */
	hang_up_open(bench.chan, RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	asker_assert_failed(&b, RT_LAYER_L2CAP, RT_L2CAP_PEER_DISCONNECTED);
	asker_assert_failed(&c, RT_LAYER_L2CAP, RT_L2CAP_PEER_DISCONNECTED);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(a_peer_that_closes_after_each_answer_is_asked_on)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	rx("07 0001 001b" FOUND "00");
	assert_found(&a);
	hang_up_open(bench.chan, RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	asker_open(MTU);
	tx("06 0003 000f" ASKED "00");
	rx("07 0003 001b" FOUND "00");
	assert_found(&b);
	hang_up_open(bench.chan, RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(a_new_channel_that_cannot_be_had_ends_the_queries)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	bench.l2cap.connect_err = -ENOSPC;
	bench_wait_us(RT_SECONDS(30));
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TIMEOUT);
	asker_assert_failed(&b, RT_LAYER_API, 0);
	ck_assert_int_eq(b.why.err, -ENOSPC);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(no_answer_within_thirty_seconds_is_a_timeout)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	bench_wait_us(RT_MS(29999));
	ck_assert_uint_eq(a.done, 0);
	bench_wait_us(RT_MS(1));
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TIMEOUT);
	ck_assert_int_eq(a.why.err, -ETIMEDOUT);
	ck_assert_uint_eq(a.why.elapsed_us, RT_SECONDS(30));
	/* The next one has a new channel, and a time of its own. */
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	ck_assert_uint_eq(bench.l2cap.abandons, 1);
	asker_open(MTU);
	tx("06 0002 000f" ASKED "00");
	bench_wait_us(RT_SECONDS(20));
	rx("07 0002 001b" FOUND "00");
	assert_found(&b);
}
END_TEST

START_TEST(each_part_has_thirty_seconds)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	tx("06 0001 000f" ASKED "00");
	bench_wait_us(RT_SECONDS(29));
	rx("07 0001 000b 0007 3515 350b 090000 01aa");
	tx("06 0002 0010" ASKED "01aa");
	bench_wait_us(RT_SECONDS(29));
	ck_assert_uint_eq(a.done, 0);
	bench_wait_us(RT_SECONDS(1));
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TIMEOUT);
}
END_TEST

START_TEST(errors_of_the_peer_are_told)
{
	char rsp[] = "01 0001 0002 0000";
	uint16_t code;

	for (code = 1; code <= 6; code++) {
		asker_ask(&a, 1);
		if (code == 1)
			asker_open(MTU);
		ck_assert_uint_gt(tx_take(), 0);
		rsp[6] = (char)('0' + code);
		rsp[16] = (char)('0' + code);
		rx(rsp);
		asker_assert_failed(&a, RT_LAYER_SDP, code);
		ck_assert_int_eq(a.why.err, rt_sdp_code_errno(code));
	}
	/* Codes that nobody knows are none, and never one of ours. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const unknown[] = { "01 0007 0002 0000",
						       "01 0008 0002 0007",
						       "01 0009 0002 0100" };

		asker_ask(&a, 1);
		ck_assert_uint_gt(tx_take(), 0);
		rx(unknown[i]);
		asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_MALFORMED);
	}
	/* With information behind it, it is an error like any other. */
	asker_ask(&a, 1);
	ck_assert_uint_gt(tx_take(), 0);
	rx("01 000a 0004 0002 1234");
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_BAD_HANDLE);
}
END_TEST

/* Sends the first part of an answer, and then error 5. */
static void change(uint16_t tid)
{
	char rsp[64];

	ck_assert_uint_gt(tx_take(), 0);
	ck_assert_uint_eq(bench.got[19], 0); /* no continuation */
	snprintf(rsp, sizeof(rsp), "07 %04x 000b 0007 3515350b090000 01aa",
		 tid);
	rx(rsp);
	ck_assert_uint_gt(tx_take(), 0);
	snprintf(rsp, sizeof(rsp), "01 %04x 0002 0005", tid + 1);
	rx(rsp);
}

START_TEST(a_query_begins_anew_when_the_records_change)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	change(1);
	change(3);
	change(5);
	ck_assert_uint_eq(a.done, 0);
	tx("06 0007 000f" ASKED "00");
	rx("07 0007 001b" FOUND "00");
	assert_found(&a);
}
END_TEST

START_TEST(a_query_begins_anew_three_times_at_most)
{
	asker_ask(&a, 1);
	asker_open(MTU);
	for (uint16_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(a.done, 0);
		change((uint16_t)(1 + 2 * i));
	}
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_CHANGED);
	tx_nothing();
}
END_TEST

START_TEST(what_cannot_be_asked_is_refused)
{
	const struct rt_uuid uuids[13] = { { { 1 } } };
	struct rt_sdp_range ranges[17];
	struct rt_sdp_query query;
	const struct rt_sdp_query good = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = uuids,
		.uuid_count = 12,
		.ranges = ranges,
		.range_count = 16,
		.max_bytes = 7,
	};

	for (uint16_t i = 0; i < 17; i++)
		ranges[i] = (struct rt_sdp_range){ (uint16_t)(2 * i),
						   (uint16_t)(2 * i + 1) };
	asker_init(&a);
	query = good;
	query.uuid_count = 13;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	query.uuid_count = 0;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	query = good;
	query.range_count = 17;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	query = good;
	query.max_bytes = 6;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	query = good;
	ranges[3].first = ranges[2].last;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	ranges[3].first = (uint16_t)(ranges[3].last + 1);
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	ranges[3].first = ranges[3].last;
	query.transaction = (enum rt_sdp_transaction)3;
	ck_assert_int_eq(asker_try(&a, 1, &query), -EINVAL);
	query = good;
	ck_assert_int_eq(rt_sdp_query(bench.sdp, &query, &asker_ops, &a,
				      &a.query),
			 -EINVAL); /* no address */
	ck_assert_int_eq(asker_try(&a, 1, &good), 0);
	asker_open(400);
	/* The longest request there is. */
	ck_assert_uint_eq(tx_take(), 5 + 2 + 12 * 17 + 2 + 2 + 15 * 5 + 3 + 1);
}
END_TEST

START_TEST(a_request_longer_than_the_peers_mtu_is_not_sent)
{
	const struct rt_uuid uuids[12] = { { { 1 } } };
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH,
		.uuids = uuids,
		.uuid_count = 12,
	};

	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), 0);
	asker_ask(&b, 1);
	asker_open(48);
	tx_nothing();
	bench_wait_us(0);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
	tx("06 0002 000f" ASKED "00");
	rx("07 0002 001b" FOUND "00");
	assert_found(&b);
}
END_TEST

START_TEST(after_the_shutdown_nothing_is_asked)
{
	const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = { .uuids = &uuid, .uuid_count = 1 };

	asker_ask(&a, 1);
	asker_ask(&b, 2);
	rt_sdp_shutdown(bench.sdp);
	asker_assert_failed(&a, RT_LAYER_API, 0);
	asker_assert_failed(&b, RT_LAYER_API, 0);
	ck_assert_int_eq(a.why.err, -ESHUTDOWN);
	ck_assert(rt_sdp_is_idle(bench.sdp));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), -ESHUTDOWN);
}
END_TEST

START_TEST(a_link_that_cannot_be_had_is_said_at_once)
{
	const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = { .uuids = &uuid, .uuid_count = 1 };

	asker_init(&a);
	bench.l2cap.connect_err = -ENETDOWN;
	ck_assert_int_eq(asker_try(&a, 1, &query), -ENETDOWN);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_search_for_attributes_is_asked_and_told,
		attributes_of_a_record_are_asked_and_told,
		a_search_is_asked_and_told,
		handles_in_parts_are_told_when_all_are_there,
		an_answer_in_any_two_parts_is_the_same,
		a_record_without_any_attribute_is_not_told_of_in_a_search,
		queries_to_one_device_take_turns_on_one_channel,
		devices_do_not_wait_for_one_another,
		the_channel_stays_for_two_seconds,
		a_device_that_refuses_sdp_is_passed_on_as_l2cap_says_it,
		a_link_that_is_lost_ends_all_queries_of_the_device,
		a_channel_closed_in_the_middle_ends_the_query_once,
		a_request_that_crosses_the_peers_close_is_asked_again,
		a_peer_that_closes_after_each_answer_is_asked_on,
		a_new_channel_that_cannot_be_had_ends_the_queries,
		no_answer_within_thirty_seconds_is_a_timeout,
		each_part_has_thirty_seconds,
		errors_of_the_peer_are_told,
		a_query_begins_anew_when_the_records_change,
		a_query_begins_anew_three_times_at_most,
		what_cannot_be_asked_is_refused,
		a_request_longer_than_the_peers_mtu_is_not_sent,
		after_the_shutdown_nothing_is_asked,
		a_link_that_cannot_be_had_is_said_at_once,
	};

	return suite_run("sdp/client", tests, RT_ARRAY_SIZE(tests), bench_setup,
			 bench_teardown);
}
