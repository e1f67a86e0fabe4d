/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/unit/sdp/bench.h"

/*
 * Two engines with what is between them: one asks, the other answers. Octets
 * go from the channel of one fake to that of the other.
 */

struct side {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_sdp *sdp;
	rt_handle chan;
};

static struct side client;
static struct side server;
static uint16_t client_mtu; /* what it receives; 0: as it says */
static size_t requests;

struct heard {
	size_t records;
	uint32_t handle[80];
	size_t bytes;
	uint8_t attributes[65536];
	bool done;
	struct rt_reason why;
};

static struct heard heard;

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	ck_assert_ptr_eq(user, &heard);
	ck_assert_uint_lt(heard.records, RT_ARRAY_SIZE(heard.handle));
	heard.handle[heard.records++] = handle;
	if (attributes.len > 0)
		memcpy(heard.attributes + heard.bytes, attributes.ptr,
		       attributes.len);
	heard.bytes += attributes.len;
}

static void on_done(void *user, const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, &heard);
	ck_assert(!heard.done);
	heard.done = true;
	heard.why = *why;
}

static const struct rt_sdp_query_ops ops = { .record = on_record,
					     .done = on_done };

static void side_setup(struct side *side)
{
	fake_env_init(&side->fake);
	side->env = &side->fake.env;
	fake_init(&side->l2cap, side->env, RT_L2CAP_PSM_SDP);
	ck_assert_int_eq(rt_sdp_new(side->env, &side->l2cap, &side->sdp), 0);
	side->chan = 0;
}

static void setup(void)
{
	side_setup(&client);
	side_setup(&server);
	client_mtu = 0;
}

static void side_teardown(struct side *side)
{
	rt_sdp_free(side->sdp);
	rt_env_reap(side->env);
	ck_assert_uint_eq(fake_count(&side->l2cap), 0);
	fake_env_assert_idle(&side->fake);
}

static void teardown(void)
{
	side_teardown(&client);
	side_teardown(&server);
}

/* The client's channel opens, and so does the server's end of it. */
static void join(void)
{
	const struct fake_chan *chan;

	client.chan = fake_in_state(&client.l2cap, FAKE_CONNECTING);
	chan = fake_find(&client.l2cap, client.chan);
	ck_assert_ptr_nonnull(chan);
	ck_assert_int_eq(
		fake_incoming(&server.l2cap, bench_addr(2), &server.chan), 0);
	fake_open(&server.l2cap, server.chan,
		  client_mtu ? client_mtu : chan->imtu);
	fake_open(&client.l2cap, client.chan, RT_L2CAP_MTU_DEFAULT);
}

static bool move(struct side *from, struct side *to)
{
	static uint8_t sdu[FAKE_SDU_MAX];
	const size_t n = fake_pull(&from->l2cap, from->chan, sdu);

	if (n == 0)
		return false;
	fake_rx(&to->l2cap, to->chan, rt_bytes(sdu, n));
	rt_env_reap(to->env);
	return true;
}

/* Carries octets until nobody has any. */
static void run(void)
{
	requests = 0;
	for (;;) {
		if (move(&client, &server))
			requests++;
		else if (!move(&server, &client))
			return;
	}
}

static void inquire(const struct rt_sdp_query *query)
{
	struct rt_sdp_query copy = *query;
	rt_handle handle;

	memset(&heard, 0, sizeof(heard));
	copy.addr = bench_addr(1);
	ck_assert_int_eq(rt_sdp_query(client.sdp, &copy, &ops, &heard, &handle),
			 0);
	if (!client.chan)
		join();
	run();
	ck_assert(heard.done);
}

static uint32_t publish(size_t name_bytes)
{
	uint8_t octets[4096];
	const size_t n = bench_serial_port(octets, sizeof(octets), name_bytes);
	uint32_t handle;

	ck_assert_int_eq(rt_sdp_add(server.sdp, rt_bytes(octets, n), &handle),
			 0);
	return handle;
}

/* All records of the server, in a row, as it has them itself. */
static size_t all_records(uint8_t *buf)
{
	struct rt_bytes attributes;
	uint32_t handle = 0;
	size_t n = 0;

	while (rt_sdp_next(server.sdp, handle, &handle, &attributes)) {
		memcpy(buf + n, attributes.ptr, attributes.len);
		n += attributes.len;
	}
	return n;
}

static const struct rt_uuid *serial_port(void)
{
	static struct rt_uuid uuid;

	uuid = rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT);
	return &uuid;
}

START_TEST(what_is_published_is_what_is_found)
{
	static uint8_t records[65536];
	struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = serial_port(),
		.uuid_count = 1,
	};
	struct rt_sdp_access access;
	size_t n;

	for (size_t i = 0; i < 12; i++)
		publish(i * i * 5);
	n = all_records(records);
	inquire(&query);
	ck_assert_int_eq(heard.why.err, 0);
	ck_assert_uint_eq(heard.records, 12);
	ck_assert_uint_eq(heard.handle[11], 0x0001000c);
	ck_assert_uint_eq(heard.bytes, n);
	ck_assert_mem_eq(heard.attributes, records, n);
	ck_assert(rt_sdp_record_access(rt_bytes(heard.attributes, n / 12),
				       &access));
	ck_assert_uint_eq(access.port, 3);
	/* In parts of any size it is the same. */
	for (uint16_t max = 70; max < 1000; max += 31) {
		query.max_bytes = max;
		inquire(&query);
		ck_assert_int_eq(heard.why.err, 0);
		ck_assert_uint_eq(heard.bytes, n);
		ck_assert_mem_eq(heard.attributes, records, n);
	}
}
END_TEST

START_TEST(a_search_finds_all_handles_over_the_smallest_mtu)
{
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH,
		.uuids = serial_port(),
		.uuid_count = 1,
	};

	for (int i = 0; i < 40; i++)
		publish(1);
	client_mtu = RT_L2CAP_MTU_MIN;
	inquire(&query);
	ck_assert_int_eq(heard.why.err, 0);
	ck_assert_uint_eq(heard.records, 40);
	ck_assert_uint_gt(requests, 5);
	for (uint32_t i = 0; i < 40; i++)
		ck_assert_uint_eq(heard.handle[i], 0x00010001 + i);
}
END_TEST

START_TEST(attributes_of_each_record_are_found_by_its_handle)
{
	static const struct rt_sdp_range name = { 0x0100, 0x0100 };
	struct rt_sdp_query query = {
		.transaction = RT_SDP_ATTRIBUTES,
		.handle = publish(7),
		.ranges = &name,
		.range_count = 1,
		.max_bytes = 7,
	};
	struct rt_element value;

	inquire(&query);
	ck_assert_int_eq(heard.why.err, 0);
	ck_assert_uint_eq(heard.records, 1);
	ck_assert(rt_sdp_attribute_find(rt_bytes(heard.attributes, heard.bytes),
					0x0100, &value));
	ck_assert_uint_eq(value.bytes, 7);
	query.handle++;
	inquire(&query);
	ck_assert_int_eq(heard.why.layer, RT_LAYER_SDP);
	ck_assert_uint_eq(heard.why.code, RT_SDP_BAD_HANDLE);
	query.handle = 0;
	query.range_count = 0;
	query.max_bytes = 0;
	inquire(&query);
	ck_assert_int_eq(heard.why.err, 0);
	ck_assert_uint_eq(heard.handle[0], 0);
}
END_TEST

START_TEST(an_answer_that_changes_on_the_way_is_fetched_anew)
{
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = serial_port(),
		.uuid_count = 1,
		.addr = bench_addr(1),
	};
	rt_handle handle;

	publish(2000);
	memset(&heard, 0, sizeof(heard));
	ck_assert_int_eq(
		rt_sdp_query(client.sdp, &query, &ops, &heard, &handle), 0);
	join();
	/* Two times in the middle of the answer, and then no more. */
	for (int i = 0; i < 2; i++) {
		ck_assert(move(&client, &server));
		ck_assert(move(&server, &client));
		publish(1);
		ck_assert(move(&client, &server));
		ck_assert(move(&server, &client));
	}
	run();
	ck_assert(heard.done);
	ck_assert_int_eq(heard.why.err, 0);
	ck_assert_uint_eq(heard.records, 3);
}
END_TEST

START_TEST(what_is_too_long_for_us_is_refused_by_us)
{
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = serial_port(),
		.uuid_count = 1,
		.max_bytes = 100,
	};

	for (int i = 0; i < 4; i++)
		publish(2000);
	inquire(&query);
	ck_assert_uint_eq(heard.why.code, RT_SDP_TOO_LONG);
	ck_assert_uint_eq(heard.records, 0);
	ck_assert_uint_eq(requests, 64);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_is_published_is_what_is_found,
		a_search_finds_all_handles_over_the_smallest_mtu,
		attributes_of_each_record_are_found_by_its_handle,
		an_answer_that_changes_on_the_way_is_fetched_anew,
		what_is_too_long_for_us_is_refused_by_us,
	};

	return suite_run("sdp/both", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
