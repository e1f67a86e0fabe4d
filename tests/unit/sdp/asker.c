/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/asker.h"

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	struct asker *asker = user;

	ck_assert_uint_eq(asker->done, 0);
	ck_assert_uint_lt(asker->records, RT_ARRAY_SIZE(asker->handle));
	ck_assert_uint_le(asker->bytes + attributes.len,
			  sizeof(asker->attributes));
	asker->handle[asker->records++] = handle;
	if (attributes.len > 0)
		memcpy(asker->attributes + asker->bytes, attributes.ptr,
		       attributes.len);
	asker->bytes += attributes.len;
	if (asker->then)
		asker->then(asker);
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct asker *asker = user;

	ck_assert_uint_eq(asker->done, 0);
	asker->done++;
	asker->why = *why;
	ck_assert_int_eq(why->phase, RT_PHASE_LOOKUP);
	if (asker->then)
		asker->then(asker);
}

const struct rt_sdp_query_ops asker_ops = { .record = on_record,
					    .done = on_done };

void asker_init(struct asker *asker)
{
	memset(asker, 0, sizeof(*asker));
}

int asker_try(struct asker *asker, uint8_t n, const struct rt_sdp_query *query)
{
	struct rt_sdp_query copy = *query;
	int err;

	copy.addr = bench_addr(n);
	err = rt_sdp_query(bench.sdp, &copy, &asker_ops, asker, &asker->query);
	ck_assert_uint_eq(asker->done, 0);
	return err;
}

void asker_ask(struct asker *asker, uint8_t n)
{
	const struct rt_uuid uuid = rt_uuid_from_short(RT_SDP_UUID_SERIAL_PORT);
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = &uuid,
		.uuid_count = 1,
	};

	asker_init(asker);
	ck_assert_int_eq(asker_try(asker, n, &query), 0);
}

void asker_open(uint16_t mtu)
{
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	ck_assert_uint_ne(bench.chan, 0);
	fake_open(&bench.l2cap, bench.chan, mtu);
}

void asker_assert_well(const struct asker *asker)
{
	ck_assert_uint_eq(asker->done, 1);
	ck_assert_int_eq(asker->why.err, 0);
	ck_assert_int_eq(asker->why.layer, RT_LAYER_NONE);
}

void asker_assert_failed(const struct asker *asker, enum rt_layer layer,
			 uint16_t code)
{
	ck_assert_uint_eq(asker->done, 1);
	ck_assert_int_lt(asker->why.err, 0);
	ck_assert_int_eq(asker->why.layer, (int)layer);
	ck_assert_uint_eq(asker->why.code, code);
	ck_assert_uint_eq(asker->records, 0);
}
