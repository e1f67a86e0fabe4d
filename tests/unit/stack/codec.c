/* SPDX-License-Identifier: MIT */
#include "stack/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/stack/suite.h"

/* clang-format off */
#define RT_CODEC_FILE "tests/unit/stack/sample.def"
#define RT_CODEC_NAME(name) sample_##name
#define RT_CODEC_CODE(NAME) SAMPLE_##NAME
#define RT_CODEC_TABLE sample_table
#include "stack/codec_types.h"

#define RT_CODEC_FILE "tests/unit/stack/sample.def"
#define RT_CODEC_NAME(name) sample_##name
#define RT_CODEC_CODE(NAME) SAMPLE_##NAME
#define RT_CODEC_TABLE sample_table
#include "stack/codec_tables.h"
/* clang-format on */

#define ARRAYS_BYTES (6 + 3 + 8 + 16 + 64 + 240 + 248)

union any_message {
	struct sample_numbers numbers;
	struct sample_arrays arrays;
	struct sample_empty empty;
	struct sample_tailed tailed;
	struct sample_all_tail all_tail;
	struct sample_big big;
};

static const uint8_t numbers_wire[] = { 0x01, 0x03, 0x02, 0x06, 0x05, 0x04,
					0x0a, 0x09, 0x08, 0x07, 0x0b };

static const struct sample_numbers numbers = {
	.one = 0x01,
	.two = 0x0203,
	.three = 0x040506,
	.four = 0x0708090a,
	.odd = 0x0b,
};

/* Octets that differ from one place to the next. */
static void fill(uint8_t *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(i * 7 + 1);
}

/* The octets of a message without its tail. */
static size_t fixed_bytes(const struct rt_codec_msg *desc)
{
	switch (desc->code) {
	case SAMPLE_NUMBERS:
		return sizeof(numbers_wire);
	case SAMPLE_ARRAYS:
		return ARRAYS_BYTES;
	case SAMPLE_TAILED:
		return 3;
	case SAMPLE_BIG:
		return 6;
	}
	return 0;
}

START_TEST(numbers_are_decoded)
{
	struct sample_numbers msg;

	ck_assert_int_eq(
		rt_codec_decode(&sample_numbers_msg,
				rt_bytes(numbers_wire, sizeof(numbers_wire)),
				&msg),
		0);
	ck_assert_uint_eq(msg.one, 0x01);
	ck_assert_uint_eq(msg.two, 0x0203);
	ck_assert_uint_eq(msg.three, 0x040506);
	ck_assert_uint_eq(msg.four, 0x0708090a);
	ck_assert_uint_eq(msg.odd, 0x0b);
	ck_assert_uint_eq(msg.tail.len, 0);
}
END_TEST

START_TEST(numbers_are_encoded)
{
	uint8_t buf[sizeof(numbers_wire)];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_codec_encode(&sample_numbers_msg, &numbers, &w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_uint_eq(rt_wr_bytes(&w).len, sizeof(numbers_wire));
	ck_assert_mem_eq(buf, numbers_wire, sizeof(numbers_wire));
}
END_TEST

START_TEST(a_number_of_24_bits_is_encoded_without_its_top_octet)
{
	struct sample_numbers msg = numbers;
	uint8_t buf[sizeof(numbers_wire)];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	msg.three |= 0xff000000;
	rt_codec_encode(&sample_numbers_msg, &msg, &w);
	ck_assert_mem_eq(buf, numbers_wire, sizeof(numbers_wire));
}
END_TEST

START_TEST(big_endian_numbers_have_their_top_octet_first)
{
	static const uint8_t wire[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06 };
	uint8_t again[sizeof(wire)];
	struct sample_big msg;
	struct rt_wr w = rt_wr_init(again, sizeof(again));

	ck_assert_int_eq(rt_codec_decode(&sample_big_msg,
					 rt_bytes(wire, sizeof(wire)), &msg),
			 0);
	ck_assert_uint_eq(msg.two, 0x0102);
	ck_assert_uint_eq(msg.four, 0x03040506);
	rt_codec_encode(&sample_big_msg, &msg, &w);
	ck_assert_uint_eq(rt_wr_bytes(&w).len, sizeof(wire));
	ck_assert_mem_eq(again, wire, sizeof(wire));
}
END_TEST

START_TEST(octet_arrays_keep_the_order_of_the_wire)
{
	uint8_t wire[ARRAYS_BYTES];
	struct sample_arrays msg;

	fill(wire, sizeof(wire));
	ck_assert_int_eq(rt_codec_decode(&sample_arrays_msg,
					 rt_bytes(wire, sizeof(wire)), &msg),
			 0);
	ck_assert_mem_eq(msg.addr.b, wire, 6);
	ck_assert_mem_eq(msg.b3.b, wire + 6, 3);
	ck_assert_mem_eq(msg.b8.b, wire + 9, 8);
	ck_assert_mem_eq(msg.b16.b, wire + 17, 16);
	ck_assert_mem_eq(msg.b64.b, wire + 33, 64);
	ck_assert_mem_eq(msg.b240.b, wire + 97, 240);
	ck_assert_mem_eq(msg.b248.b, wire + 337, 248);
}
END_TEST

START_TEST(every_message_survives_decoding_and_encoding)
{
	uint8_t wire[ARRAYS_BYTES + 5];
	uint8_t again[sizeof(wire)];
	const struct rt_codec_msg *desc;
	union any_message msg;
	struct rt_wr w;
	size_t n;

	fill(wire, sizeof(wire));
	for (size_t i = 0; i < sample_table.count; i++) {
		desc = sample_table.msg[i];
		n = fixed_bytes(desc) + (desc->end == RT_CODEC_TAIL ? 5 : 0);
		ck_assert_int_eq(rt_codec_decode(desc, rt_bytes(wire, n), &msg),
				 0);
		w = rt_wr_init(again, sizeof(again));
		rt_codec_encode(desc, &msg, &w);
		ck_assert_uint_eq(rt_wr_bytes(&w).len, n);
		ck_assert_mem_eq(again, wire, n);
	}
}
END_TEST

START_TEST(a_message_cut_short_anywhere_is_refused_and_changes_nothing)
{
	uint8_t wire[ARRAYS_BYTES];
	const struct rt_codec_msg *desc;
	union any_message msg;
	union any_message before;
	uint8_t *part;

	fill(wire, sizeof(wire));
	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < sample_table.count; i++) {
		desc = sample_table.msg[i];
		for (size_t n = 0; n < fixed_bytes(desc); n++) {
			part = malloc(n ? n : 1);
			ck_assert_ptr_nonnull(part);
			memcpy(part, wire, n);
			memcpy(&msg, &before, sizeof(msg));
			ck_assert_int_eq(
				rt_codec_decode(desc, rt_bytes(part, n), &msg),
				-EBADMSG);
			ck_assert_mem_eq(&msg, &before, sizeof(msg));
			free(part);
		}
	}
}
END_TEST

START_TEST(a_fixed_message_with_one_octet_too_many_is_refused)
{
	uint8_t wire[ARRAYS_BYTES + 1] = { 0 };
	const struct rt_codec_msg *desc;
	union any_message msg;
	size_t refused = 0;

	for (size_t i = 0; i < sample_table.count; i++) {
		desc = sample_table.msg[i];
		if (desc->end != RT_CODEC_FIXED)
			continue;
		ck_assert_int_eq(
			rt_codec_decode(desc,
					rt_bytes(wire, fixed_bytes(desc) + 1),
					&msg),
			-EBADMSG);
		refused++;
	}
	ck_assert_uint_eq(refused, 4);
}
END_TEST

START_TEST(a_tail_is_a_view_of_what_follows_the_fields)
{
	static const uint8_t wire[] = { 0x34, 0x12, 0x56, 0xaa, 0xbb };
	struct sample_tailed msg;

	ck_assert_int_eq(rt_codec_decode(&sample_tailed_msg,
					 rt_bytes(wire, sizeof(wire)), &msg),
			 0);
	ck_assert_uint_eq(msg.id, 0x1234);
	ck_assert_uint_eq(msg.flags, 0x56);
	ck_assert_ptr_eq(msg.tail.ptr, wire + 3);
	ck_assert_uint_eq(msg.tail.len, 2);

	ck_assert_int_eq(rt_codec_decode(&sample_tailed_msg, rt_bytes(wire, 3),
					 &msg),
			 0);
	ck_assert_uint_eq(msg.tail.len, 0);
}
END_TEST

START_TEST(an_empty_message_is_empty)
{
	struct sample_empty msg;
	struct rt_wr w = rt_wr_init(NULL, 0);

	ck_assert_int_eq(
		rt_codec_decode(&sample_empty_msg, rt_bytes(NULL, 0), &msg), 0);
	rt_codec_encode(&sample_empty_msg, &msg, &w);
	ck_assert(rt_wr_ok(&w));
	ck_assert_uint_eq(sample_empty_msg.field_count, 0);
}
END_TEST

START_TEST(a_message_that_does_not_fit_turns_the_writer_bad)
{
	static const uint8_t rest[] = { 1, 2, 3 };
	const struct sample_tailed tailed = {
		.tail = { rest, sizeof(rest) },
	};
	uint8_t buf[sizeof(numbers_wire)];
	struct rt_wr w;

	for (size_t n = 0; n < sizeof(numbers_wire); n++) {
		w = rt_wr_init(buf, n);
		rt_codec_encode(&sample_numbers_msg, &numbers, &w);
		ck_assert(!rt_wr_ok(&w));
	}
	for (size_t n = 0; n < 6; n++) {
		w = rt_wr_init(buf, n);
		rt_codec_encode(&sample_tailed_msg, &tailed, &w);
		ck_assert(!rt_wr_ok(&w));
	}
}
END_TEST

START_TEST(a_message_is_found_by_its_code)
{
	for (size_t i = 0; i < sample_table.count; i++) {
		ck_assert_ptr_eq(rt_codec_find(&sample_table,
					       sample_table.msg[i]->code),
				 sample_table.msg[i]);
	}
	ck_assert_uint_eq(sample_table.count, 6);
	ck_assert_ptr_null(rt_codec_find(&sample_table, 0x00));
	ck_assert_ptr_null(rt_codec_find(&sample_table, 0x04));
	ck_assert_ptr_null(rt_codec_find(&sample_table, 0x204));
}
END_TEST

START_TEST(a_descriptor_names_its_message_and_fields)
{
	ck_assert_uint_eq(SAMPLE_TAILED, 0x104);
	ck_assert_uint_eq(sample_tailed_msg.code, SAMPLE_TAILED);
	ck_assert_str_eq(sample_tailed_msg.name, "TAILED");
	ck_assert_uint_eq(sample_tailed_msg.field_count, 2);
	ck_assert_str_eq(sample_tailed_msg.fields[1].name, "flags");
	ck_assert_uint_eq(sample_tailed_msg.struct_bytes,
			  sizeof(struct sample_tailed));
}
END_TEST

START_TEST(numbers_are_printed_as_wide_as_they_are_on_the_wire)
{
	char str[128];

	ck_assert_str_eq(rt_codec_print(&sample_numbers_msg, &numbers, str,
					sizeof(str)),
			 "NUMBERS one 0x01 two 0x0203 three 0x040506 "
			 "four 0x0708090a odd 0x0b");
}
END_TEST

START_TEST(addresses_and_octets_are_printed)
{
	struct sample_arrays msg = { .addr = { { 6, 5, 4, 3, 2, 1 } } };
	char str[2048];

	memcpy(msg.b3.b, "\x33\x8b\x9e", 3);
	memcpy(msg.b8.b, "\x00\x01\x02\x03\x04\x05\x06\xff", 8);
	rt_codec_print(&sample_arrays_msg, &msg, str, sizeof(str));
	ck_assert_ptr_eq(strstr(str, "ARRAYS addr 01:02:03:04:05:06 "
				     "b3 338b9e b8 00010203040506ff b16 00"),
			 str);
	ck_assert_uint_eq(strlen(str),
			  strlen("ARRAYS addr 01:02:03:04:05:06 b3  b8  b16 "
				 " b64  b240  b248 ") +
				  2 * (ARRAYS_BYTES - 6));
}
END_TEST

START_TEST(a_tail_is_printed_unless_it_is_empty)
{
	static const uint8_t rest[] = { 0x0a, 0xb0 };
	struct sample_tailed msg = { .id = 1, .flags = 2 };
	char str[64];

	rt_codec_print(&sample_tailed_msg, &msg, str, sizeof(str));
	ck_assert_str_eq(str, "TAILED id 0x0001 flags 0x02");
	msg.tail = rt_bytes(rest, sizeof(rest));
	rt_codec_print(&sample_tailed_msg, &msg, str, sizeof(str));
	ck_assert_str_eq(str, "TAILED id 0x0001 flags 0x02 tail 0ab0");
}
END_TEST

START_TEST(a_print_is_cut_where_its_memory_ends)
{
	char whole[128];
	char str[129];
	size_t n;

	rt_codec_print(&sample_numbers_msg, &numbers, whole, sizeof(whole));
	for (size_t cap = 0; cap < sizeof(whole); cap++) {
		memset(str, 'x', sizeof(str));
		rt_codec_print(&sample_numbers_msg, &numbers, str, cap);
		ck_assert_int_eq(str[cap], 'x');
		if (cap == 0)
			continue;
		n = strnlen(str, cap);
		ck_assert_uint_eq(n, RT_MIN(cap - 1, strlen(whole)));
		ck_assert_mem_eq(str, whole, n);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		numbers_are_decoded,
		numbers_are_encoded,
		a_number_of_24_bits_is_encoded_without_its_top_octet,
		big_endian_numbers_have_their_top_octet_first,
		octet_arrays_keep_the_order_of_the_wire,
		every_message_survives_decoding_and_encoding,
		a_message_cut_short_anywhere_is_refused_and_changes_nothing,
		a_fixed_message_with_one_octet_too_many_is_refused,
		a_tail_is_a_view_of_what_follows_the_fields,
		an_empty_message_is_empty,
		a_message_that_does_not_fit_turns_the_writer_bad,
		a_message_is_found_by_its_code,
		a_descriptor_names_its_message_and_fields,
		numbers_are_printed_as_wide_as_they_are_on_the_wire,
		addresses_and_octets_are_printed,
		a_tail_is_printed_unless_it_is_empty,
		a_print_is_cut_where_its_memory_ends,
	};

	return suite_run("stack/codec", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
