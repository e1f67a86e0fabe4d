/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/request.h"

#include "stack/wr.h"
#include "tests/unit/sdp/bench.h"

/*
 * Lists of attribute ids are put in order when they are read, so that a long
 * one makes little work: each must ask for what the peer has written.
 */

#define RANGES_MAX 64
#define LISTS 1000

static uint32_t seed = 7;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Ids from a small part of all, so that ranges meet; the ends of it, too. */
static uint16_t some_id(void)
{
	static const uint16_t base[] = { 0x0000, 0x0100, 0xff80 };

	return (uint16_t)(base[chance(3)] + chance(128));
}

/* SDP_SERVICE_ATTR_REQ for so many ranges. */
static void read_list(const struct rt_sdp_range *range, size_t count,
		      struct rt_sdp_request *ret_request)
{
	uint8_t params[400];
	struct rt_wr w = rt_wr_init(params, sizeof(params));
	struct rt_sdp_pdu pdu = { .id = RT_SDP_ATTR_REQ };

	rt_wr_be(&w, 0x00010001, 4);
	rt_wr_be(&w, 0xffff, 2);
	rt_wr_u8(&w, RT_ELEMENT_SEQUENCE << 3 | 6);
	rt_wr_be(&w, 5 * count, 2);
	for (size_t i = 0; i < count; i++) {
		rt_wr_u8(&w, RT_ELEMENT_UINT << 3 | 2);
		rt_wr_be(&w, range[i].first, 2);
		rt_wr_be(&w, range[i].last, 2);
	}
	rt_wr_u8(&w, 0);
	ck_assert(rt_wr_ok(&w));
	pdu.params = rt_wr_bytes(&w);
	ck_assert_uint_eq(rt_sdp_request_read(&pdu, ret_request), 0);
}

static bool has(const struct rt_sdp_range *range, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (id >= range[i].first && id <= range[i].last)
			return true;
	}
	return false;
}

START_TEST(a_list_asks_for_what_one_of_its_ranges_has_whatever_their_order)
{
	struct rt_sdp_range range[RANGES_MAX];
	struct rt_sdp_request request;

	for (int n = 0; n < LISTS; n++) {
		const size_t count = 1 + chance(RANGES_MAX);

		for (size_t i = 0; i < count; i++) {
			const uint16_t a = some_id();
			const uint16_t b = chance(2) ? a : some_id();

			range[i].first = RT_MIN(a, b);
			range[i].last = RT_MAX(a, b);
		}
		read_list(range, count, &request);
		for (uint32_t id = 0; id <= 0xffff;
		     id += id == 0x200 ? 0xfd00 : 1)
			ck_assert_msg(rt_sdp_ids_have(&request.ids,
						      (uint16_t)id) ==
					      has(range, count, id),
				      "list %d, id 0x%04x", n, id);
	}
}
END_TEST

START_TEST(ranges_ascend_and_do_not_overlap)
{
	static const struct rt_sdp_range range[] = {
		{ 0x300, 0x3ff }, { 0x100, 0x100 }, { 0x3ff, 0x400 },
		{ 0x100, 0x100 }, { 0x000, 0x001 }, { 0x2ff, 0x300 },
	};
	struct rt_sdp_request request;
	const struct rt_sdp_ids *ids = &request.ids;

	read_list(range, RT_ARRAY_SIZE(range), &request);
	ck_assert_uint_eq(ids->count, 3);
	ck_assert_uint_eq(ids->range[0].first, 0x000);
	ck_assert_uint_eq(ids->range[0].last, 0x001);
	ck_assert_uint_eq(ids->range[1].first, 0x100);
	ck_assert_uint_eq(ids->range[1].last, 0x100);
	ck_assert_uint_eq(ids->range[2].first, 0x2ff);
	ck_assert_uint_eq(ids->range[2].last, 0x400);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_list_asks_for_what_one_of_its_ranges_has_whatever_their_order,
		ranges_ascend_and_do_not_overlap,
	};

	return suite_run("sdp/request", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
