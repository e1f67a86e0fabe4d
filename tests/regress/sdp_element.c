/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/regress/sdp_tables.h"
#include "tests/unit/sdp/asker.h"
#include "tests/unit/sdp/talk.h"

/* Records and data elements, ours and those that others describe. */

/* An attribute whose value is a text, of `bytes` octets in all. */
static size_t put_text(uint8_t *buf, uint16_t id, size_t bytes)
{
	ck_assert_uint_ge(bytes, 6);
	buf[0] = 0x09;
	buf[1] = (uint8_t)(id >> 8);
	buf[2] = (uint8_t)id;
	buf[3] = 0x26;
	buf[4] = (uint8_t)((bytes - 6) >> 8);
	buf[5] = (uint8_t)(bytes - 6);
	memset(buf + 6, 't', bytes - 6);
	return bytes;
}

/* Puts a record on the heap, where there is nothing behind it. */
static int add(const uint8_t *octets, size_t bytes, uint32_t *ret_handle)
{
	uint8_t *copy = malloc(bytes + !bytes);
	int err;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, octets, bytes);
	err = rt_sdp_add(bench.sdp, rt_bytes(copy, bytes), ret_handle);
	free(copy);
	return err;
}

/* SDP-08: values up to the octets of a record, and one more. */
START_TEST(a_record_takes_what_it_may_and_no_more)
{
	const size_t most = bench.env->limits.sdp_record_bytes;
	static uint8_t octets[8192];
	size_t taken = 0;
	uint32_t handle = 0;

	for (size_t n = most - 20; n <= most + 20; n++) {
		const int err =
			add(octets, put_text(octets, 0x0100, n), &handle);

		ck_assert(err == 0 || err == -EMSGSIZE);
		if (err == 0) {
			ck_assert_uint_le(n, most);
			ck_assert_uint_ge(n, taken);
			taken = n;
			rt_sdp_remove(bench.sdp, handle);
		}
	}
	ck_assert_uint_gt(taken, most - 20);
	ck_assert_int_eq(add(octets, put_text(octets, 0x0100, 8000), &handle),
			 -EMSGSIZE);
}
END_TEST

/* SDP-08: as many attributes as there is room for, and one more. */
START_TEST(attributes_are_as_many_as_there_is_room_for)
{
	const size_t most = bench.env->limits.sdp_record_bytes;
	static uint8_t octets[8192];
	struct talk_request request = { .id = 4,
					.max = 65535,
					.ids = "0a0000ffff" };
	static uint8_t whole[8192];
	uint32_t handle = 0;
	size_t responses;
	size_t n = 0;

	for (uint16_t id = 1; n <= most; id++) {
		octets[n++] = 0x09;
		octets[n++] = (uint8_t)(id >> 8);
		octets[n++] = (uint8_t)id;
		octets[n++] = 0x00;
		/* Handles are ours: added and taken away for each. */
		if (add(octets, n, &handle) < 0)
			break;
		ck_assert_uint_le(n, most);
		request.handle = handle;
		bench_accept(65535);
		ck_assert_uint_ge(talk_whole(&request, whole, sizeof(whole),
					     &responses),
				  n);
		bench_hang_up();
		rt_sdp_remove(bench.sdp, handle);
	}
	ck_assert_uint_gt(n, most - 20);
}
END_TEST

/* SDP-08: one record too many, and every one is still there. */
START_TEST(records_are_as_many_as_the_limit_says)
{
	const unsigned int most = bench.env->limits.sdp_records;
	uint8_t octets[8];
	uint32_t handle = 0;
	unsigned int count = 0;
	struct rt_bytes attributes;

	while (add(octets, put_text(octets, 0x0100, 7), &handle) == 0)
		count++;
	ck_assert_uint_le(count, most);
	ck_assert_uint_ge(count + 1, most);
	handle = 0;
	while (rt_sdp_next(bench.sdp, handle, &handle, &attributes))
		count--;
	ck_assert_uint_eq(count, 0);
}
END_TEST

/* SDP-09 */
START_TEST(we_ask_for_twelve_uuids_at_most)
{
	struct rt_uuid uuids[64];
	struct rt_sdp_range ranges[64];
	static struct asker asker;
	struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.addr = bench_addr(1),
		.uuids = uuids,
	};
	rt_handle handle;

	for (size_t i = 0; i < RT_ARRAY_SIZE(uuids); i++) {
		uuids[i] = rt_uuid_from_short((uint32_t)(0x1101 + i));
		ranges[i].first = ranges[i].last = (uint16_t)(2 * i);
	}
	query.ranges = ranges;
	for (size_t count = 0; count <= RT_ARRAY_SIZE(uuids); count++) {
		query.uuid_count = count;
		for (size_t n = 0; n <= RT_ARRAY_SIZE(ranges); n += 8) {
			const bool fits = count >= 1 && count <= 12 && n <= 16;
			int err;

			query.range_count = n;
			err = rt_sdp_query(bench.sdp, &query, &asker_ops,
					   &asker, &handle);
			ck_assert_int_eq(err, fits ? 0 : -EINVAL);
			if (err == 0)
				rt_sdp_cancel(bench.sdp, handle);
		}
	}
	rt_sdp_shutdown(bench.sdp);
	bench_wait_us(RT_SECONDS(60));
}
END_TEST

/* All that reads a record. */
static void look(struct rt_bytes attributes)
{
	struct rt_uuid classes[8];
	struct rt_sdp_access access;
	struct rt_element value;

	ck_assert_uint_le(rt_sdp_record_classes(attributes, classes, 8), 8);
	(void)rt_sdp_record_version(attributes);
	(void)rt_sdp_record_access(attributes, &access);
	(void)rt_sdp_record_has_uuid(attributes, rt_uuid_from_short(0x1101));
	for (unsigned int id = 0; id < 16; id++)
		(void)rt_sdp_attribute_find(attributes, (uint16_t)id, &value);
}

/* SDP-10: each type and size in place of each octet, on a heap of its own. */
START_TEST(any_type_and_size_in_a_record_is_read_without_harm)
{
	static const char good[] = "090001 3506 191101 191203"
				   "090004 350c 3503190100 3505190003 0803"
				   "090009 3508 3506 191101 090102";
	uint8_t octets[64];
	const size_t n = hex_read(good, octets, sizeof(octets));

	for (size_t at = 0; at < n; at++) {
		for (unsigned int value = 0; value < 256; value++) {
			uint8_t *copy = malloc(n);
			uint32_t handle;

			ck_assert_ptr_nonnull(copy);
			memcpy(copy, octets, n);
			copy[at] = (uint8_t)value;
			look(rt_bytes(copy, n));
			if (rt_sdp_add(bench.sdp, rt_bytes(copy, n), &handle) ==
			    0)
				rt_sdp_remove(bench.sdp, handle);
			free(copy);
		}
	}
}
END_TEST

/* SDP-13: a million sequences in one another need no stack. */
START_TEST(a_million_nested_sequences_are_malformed)
{
	const uint32_t depth = 1000000;
	uint8_t *buf = malloc(5 * depth);
	struct rt_elements row;
	struct rt_element element;

	ck_assert_ptr_nonnull(buf);
	for (uint32_t i = 0; i < depth; i++) {
		const uint32_t inside = 5 * (depth - i - 1);

		buf[5 * i] = 0x37;
		for (unsigned int k = 0; k < 4; k++)
			buf[5 * i + 1 + k] = (uint8_t)(inside >> (24 - 8 * k));
	}
	for (uint32_t at = 0; at < depth; at += 9973)
		ck_assert(!rt_element_is_valid(buf + 5 * at, 5 * (depth - at)));
	ck_assert(rt_element_is_valid(buf + 5 * (depth - 8), 5 * 8));
	ck_assert(!rt_element_is_valid(buf + 5 * (depth - 9), 5 * 9));
	row = rt_elements_of(buf, 5 * depth);
	ck_assert(rt_elements_next(&row, &element));
	ck_assert_uint_eq(element.bytes, 5 * (depth - 1));
	look(rt_bytes(buf, 5 * depth));
	free(buf);
}
END_TEST

/* SDP-14, SDP-15: each length in each size, on a heap of its own. */
START_TEST(a_length_that_reaches_too_far_is_malformed)
{
	static const uint32_t lengths[] = {
		1,	    2,		0x7f,	    0x80,
		0xff,	    0x100,	0x7fff,	    0x8000,
		0xffff,	    0x10000,	0x7fffffff, 0x80000000,
		0x80000001, 0xfffffffa, 0xfffffffb, 0xffffffff,
	};

	for (unsigned int type = 0; type < 32; type++) {
		for (unsigned int size = 5; size < 8; size++) {
			for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
				const unsigned int octets = 1U << (size - 5);
				uint8_t *buf = malloc(1 + octets);
				struct rt_elements row;
				struct rt_element element;

				ck_assert_ptr_nonnull(buf);
				buf[0] = (uint8_t)(type << 3 | size);
				for (unsigned int k = 0; k < octets; k++)
					buf[1 + k] =
						(uint8_t)(lengths[i] >>
							  8 * (octets - 1 - k));
				if (octets < 4 &&
				    lengths[i] >> 8 * octets == 0) {
					ck_assert(!rt_element_is_valid(
						buf, 1 + octets));
				}
				row = rt_elements_of(buf, 1 + octets);
				if (octets == 4)
					ck_assert(!rt_elements_next(&row,
								    &element));
				free(buf);
			}
		}
	}
}
END_TEST

/* SDP-18: alternatives without end, in a record that comes and goes. */
START_TEST(alternatives_leave_nothing_behind)
{
	static uint8_t octets[4004] = { 0x09, 0x00, 0x04, 0x36, 0x0f, 0x9a };
	const size_t live = bench.env->live;
	const size_t bytes = bench.env->live_bytes;
	uint32_t handle;

	/* 3994 octets of empty alternatives: 1997 of them. */
	for (size_t i = 6; i < 4000; i += 2)
		octets[i] = 0x3d;
	for (int i = 0; i < 60; i++) {
		ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, 4000),
					    &handle),
				 0);
		look(rt_bytes(octets, 4000));
		rt_sdp_remove(bench.sdp, handle);
		ck_assert_uint_eq(bench.env->live, live);
		ck_assert_uint_eq(bench.env->live_bytes, bytes);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP-08", "A", a_record_takes_what_it_may_and_no_more),
	TAGGED("SDP-08", "A", attributes_are_as_many_as_there_is_room_for),
	TAGGED("SDP-08", "A", records_are_as_many_as_the_limit_says),
	TAGGED("SDP-09", "I", we_ask_for_twelve_uuids_at_most),
	TAGGED("SDP-10", "A",
	       any_type_and_size_in_a_record_is_read_without_harm),
	TAGGED("SDP-13", "A", a_million_nested_sequences_are_malformed),
	TAGGED("SDP-14", "A", a_length_that_reaches_too_far_is_malformed),
	TAGGED("SDP-15", "A", a_length_that_reaches_too_far_is_malformed),
	TAGGED("SDP-18", "A", alternatives_leave_nothing_behind),
};

const struct tagged_table sdp_element_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
	.setup = bench_setup,
	.teardown = bench_teardown,
};
