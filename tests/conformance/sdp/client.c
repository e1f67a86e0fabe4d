/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/tables.h"

/* What our client sends (Core Vol 3 Part B 4.6.1, 4.7.1). */

static unsigned int done;

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	(void)user;
	(void)handle;
	(void)attributes;
}

static void on_done(void *user, const struct rt_reason *why)
{
	(void)user;
	(void)why;
	done++;
}

static const struct rt_sdp_query_ops ops = {
	.record = on_record,
	.done = on_done,
};

static uint32_t get(const uint8_t *p, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | p[i];
	return value;
}

/*
 * The list of ids at `p` is ascending and without duplicates. Returns the
 * octets of it.
 */
static size_t check_ids(const uint8_t *p)
{
	const size_t bytes = p[1];
	uint32_t next = 0, first, last;
	size_t at = 2;

	ck_assert_uint_eq(p[0], 0x35);
	while (at < 2 + bytes) {
		if (p[at] == 0x0a) {
			first = get(p + at + 1, 2);
			last = get(p + at + 3, 2);
			at += 5;
		} else {
			ck_assert_uint_eq(p[at], 0x09);
			first = last = get(p + at + 1, 2);
			at += 3;
		}
		ck_assert_uint_ge(first, next);
		ck_assert_uint_le(first, last);
		next = last + 1;
	}
	ck_assert_uint_eq(at, 2 + bytes);
	return at;
}

static const struct rt_sdp_range ranges[] = {
	{ 0x0000, 0x0001 },
	{ 0x0004, 0x0004 },
	{ 0x0009, 0x0009 },
	{ 0x0100, 0x0200 },
};

static size_t send_query(const struct rt_sdp_query *query)
{
	rt_handle handle;
	size_t n;

	ck_assert_int_eq(rt_sdp_query(bench.sdp, query, &ops, NULL, &handle),
			 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	n = tx_take();
	ck_assert_uint_ge(n, 5);
	ck_assert_uint_eq(get(bench.got + 3, 2), n - 5);
	return n;
}

static void end_query(void)
{
	rt_sdp_shutdown(bench.sdp);
	ck_assert_uint_eq(done, 1);
}

START_TEST(a_service_attribute_request_is_well_formed)
{
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_ATTRIBUTES,
		.addr = bench_addr(2),
		.handle = 0x00010005,
		.ranges = ranges,
		.range_count = RT_ARRAY_SIZE(ranges),
	};
	size_t n, at;

	n = send_query(&query);
	ck_assert_uint_eq(bench.got[0], 0x04);
	ck_assert_uint_eq(get(bench.got + 5, 4), 0x00010005);
	ck_assert_uint_ge(get(bench.got + 9, 2), 7);
	at = 11 + check_ids(bench.got + 11);
	ck_assert_uint_eq(bench.got[at], 0);
	ck_assert_uint_eq(at + 1, n);
	end_query();
}
END_TEST

START_TEST(a_search_attribute_request_is_well_formed)
{
	struct rt_uuid uuids[RT_SDP_UUIDS_MAX];
	struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.addr = bench_addr(2),
		.uuids = uuids,
		.uuid_count = RT_SDP_UUIDS_MAX,
		.ranges = ranges,
		.range_count = RT_ARRAY_SIZE(ranges),
	};
	rt_handle handle;
	size_t n, at, count = 0;

	for (uint32_t i = 0; i < RT_SDP_UUIDS_MAX; i++)
		uuids[i] = rt_uuid_from_short(0x1101 + i);
	query.uuid_count++;
	ck_assert_int_eq(rt_sdp_query(bench.sdp, &query, &ops, NULL, &handle),
			 -EINVAL);
	query.uuid_count--;
	n = send_query(&query);
	ck_assert_uint_eq(bench.got[0], 0x06);
	ck_assert_uint_eq(bench.got[5], 0x35);
	for (at = 7; at < 7U + bench.got[6]; at += 3, count++)
		ck_assert_uint_eq(bench.got[at], 0x19);
	ck_assert_uint_eq(count, RT_SDP_UUIDS_MAX);
	ck_assert_uint_ge(get(bench.got + at, 2), 7);
	at += 2;
	at += check_ids(bench.got + at);
	ck_assert_uint_eq(bench.got[at], 0);
	ck_assert_uint_eq(at + 1, n);
	end_query();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP/CL/SA/BV-01-C", "I",
	       a_service_attribute_request_is_well_formed),
	TAGGED("SDP/CL/SSA/BV-01-C", "I",
	       a_search_attribute_request_is_well_formed),
};

const struct tagged_table client_table = TABLE(rows);
