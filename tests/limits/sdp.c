/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/asker.h"

/* What an SDP client takes of a device, as much as it is by default. */

#define PART 1008 /* octets of an answer that fit into our MTU of 1017 */

static struct asker a;

static void begin(void)
{
	static const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = &uuid,
		.uuid_count = 1,
	};

	asker_init(&a);
	ck_assert_int_eq(asker_try(&a, 1, &query), 0);
	if (!bench.chan)
		asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
}

/* Part number `i`, of `n` octets; there is more if `more`. */
static void answer(const uint8_t *octets, size_t n, uint8_t i, bool more)
{
	static uint8_t pdu[PART + 16];
	size_t at = 7;

	pdu[0] = 7;
	pdu[1] = bench.got[1];
	pdu[2] = bench.got[2];
	pdu[3] = (uint8_t)((n + 3 + more) >> 8);
	pdu[4] = (uint8_t)(n + 3 + more);
	pdu[5] = (uint8_t)(n >> 8);
	pdu[6] = (uint8_t)n;
	memcpy(pdu + at, octets, n);
	at += n;
	pdu[at++] = more;
	if (more)
		pdu[at++] = i;
	/* The length counts what stands behind it. */
	pdu[3] = (uint8_t)((at - 5) >> 8);
	pdu[4] = (uint8_t)(at - 5);
	rx_octets(pdu, at);
}

/* An answer of so many octets: one record whose attribute is a text. */
static void answer_whole(size_t bytes)
{
	static uint8_t octets[70000];
	const size_t record = bytes - 5; /* a 32 bit length in front of it */
	const size_t text = record - 5 - 3 - 5;
	uint8_t part = 0;

	memset(octets, 'x', sizeof(octets));
	octets[0] = 0x37;
	octets[1] = 0;
	octets[2] = (uint8_t)(record >> 16);
	octets[3] = (uint8_t)(record >> 8);
	octets[4] = (uint8_t)record;
	octets[5] = 0x37;
	octets[6] = 0;
	octets[7] = (uint8_t)((record - 5) >> 16);
	octets[8] = (uint8_t)((record - 5) >> 8);
	octets[9] = (uint8_t)(record - 5);
	octets[10] = 0x09;
	octets[11] = 0x01;
	octets[12] = 0x00;
	octets[13] = 0x27;
	octets[14] = 0;
	octets[15] = (uint8_t)(text >> 16);
	octets[16] = (uint8_t)(text >> 8);
	octets[17] = (uint8_t)text;
	for (size_t from = 0; from < bytes && !a.done; from += PART) {
		const size_t n = RT_MIN(bytes - from, (size_t)PART);

		answer(octets + from, n, part++, from + n < bytes);
		if (from + n < bytes && !a.done)
			ck_assert_uint_gt(tx_take(), 0);
	}
}

/*
 * 64 parts of our MTU are less than the limit of octets, which thus is for who
 * changes one of these: unit/sdp/client_bad has it with a smaller value.
 */
START_TEST(an_answer_has_64_full_parts_and_one_octet_more_ends_the_query)
{
	const size_t most = rt_limits_default.sdp_rounds * (size_t)PART;

	ck_assert_uint_le(most, rt_limits_default.sdp_client_bytes);
	begin();
	answer_whole(most);
	asker_assert_well(&a);
	ck_assert_uint_eq(a.records, 1);
	ck_assert_uint_eq(a.bytes, most - 10);
	begin();
	answer_whole(most + 1);
	asker_assert_failed(&a, RT_LAYER_SDP, RT_SDP_TOO_LONG);
	tx_nothing();
	/* The next one has as many again. */
	begin();
	answer_whole(most);
	asker_assert_well(&a);
}
END_TEST

START_TEST(there_are_32_queries_and_the_33rd_is_refused)
{
	static struct asker many[33];
	static const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = { .uuids = &uuid, .uuid_count = 1 };
	const size_t limit = rt_limits_default.sdp_queries;
	size_t live;

	for (size_t i = 0; i <= limit; i++)
		asker_init(&many[i]);
	for (size_t i = 0; i < limit; i++)
		ck_assert_int_eq(asker_try(&many[i], 1, &query), 0);
	live = bench.env->live;
	ck_assert_int_eq(asker_try(&many[limit], 1, &query), -ENOSPC);
	ck_assert_uint_eq(bench.env->live, live);
	rt_sdp_cancel(bench.sdp, many[3].query);
	ck_assert_int_eq(asker_try(&many[limit], 1, &query), 0);
	for (size_t i = 0; i <= limit; i++)
		rt_sdp_cancel(bench.sdp, many[i].query);
}
END_TEST

static int publish(const uint8_t *octets, size_t bytes, uint32_t *ret_handle)
{
	return rt_sdp_add(bench.sdp, rt_bytes(octets, bytes), ret_handle);
}

START_TEST(there_are_64_records_and_the_65th_is_refused)
{
	static const uint8_t octets[] = { 0x09, 0x01, 0x00, 0x25, 0x00 };
	const size_t limit = rt_limits_default.sdp_records;
	uint32_t handle = 0;
	size_t count = 0;
	size_t live;

	/* The server's own is one of them. */
	while (publish(octets, sizeof(octets), &handle) == 0)
		count++;
	ck_assert_uint_eq(count, limit);
	live = bench.env->live;
	ck_assert_int_eq(publish(octets, sizeof(octets), &handle), -ENOSPC);
	ck_assert_uint_eq(bench.env->live, live);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_int_eq(publish(octets, sizeof(octets), &handle), 0);
}
END_TEST

/* Each record has eight octets more: header and handle. */
START_TEST(records_have_57344_octets_together_and_no_more)
{
	static uint8_t octets[4096] = { 0x09, 0x01, 0x00, 0x26 };
	const size_t limit = rt_limits_default.sdp_bytes;
	uint32_t handle = 0;
	size_t used = 0;
	size_t rest;

	octets[4] = (4088 - 6) >> 8;
	octets[5] = (4088 - 6) & 0xff;
	while (used + 4096 < limit) {
		ck_assert_int_eq(publish(octets, 4088, &handle), 0);
		used += 4096;
	}
	rest = limit - used - 8;
	/* An octet too many, and then as many as there is room for. */
	octets[4] = (uint8_t)((rest + 1 - 6) >> 8);
	octets[5] = (uint8_t)(rest + 1 - 6);
	ck_assert_int_eq(publish(octets, rest + 1, &handle), -ENOSPC);
	octets[4] = (uint8_t)((rest - 6) >> 8);
	octets[5] = (uint8_t)(rest - 6);
	ck_assert_int_eq(publish(octets, rest, &handle), 0);
	rt_sdp_remove(bench.sdp, handle);
	ck_assert_int_eq(publish(octets, rest, &handle), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_answer_has_64_full_parts_and_one_octet_more_ends_the_query,
		there_are_32_queries_and_the_33rd_is_refused,
		there_are_64_records_and_the_65th_is_refused,
		records_have_57344_octets_together_and_no_more,
	};

	return suite_run("limits/sdp", tests, RT_ARRAY_SIZE(tests), bench_setup,
			 bench_teardown);
}
