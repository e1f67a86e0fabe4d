/* SPDX-License-Identifier: MIT */
#include "l2cap/element.h"

#include <stdio.h>
#include <stdlib.h>

#include "stack/base.h"
#include "tests/unit/sdp/bench.h"

/* Octets of the value that a header octet announces; -1: it is illegal. */
static int value_bytes(uint8_t header)
{
	static const int numbers[] = { 1, 2, 4, 8, 16, -1, -1, -1 };
	const unsigned int index = header & 7;

	switch (header >> 3) {
	case 0:
		return index == 0 ? 0 : -1;
	case 1:
	case 2:
		return numbers[index];
	case 3:
		return index == 1 || index == 2 || index == 4 ? numbers[index]
							      : -1;
	case 5:
		return index == 0 ? 1 : -1;
	case 4:
	case 6:
	case 7:
	case 8:
		/* The octets of the length, which is 0 here. */
		return index >= 5 ? 1 << (index - 5) : -1;
	default:
		return -1;
	}
}

START_TEST(each_type_has_its_sizes_and_no_others)
{
	const uint8_t zeros[40] = { 0 };
	uint8_t octets[40];
	struct rt_elements row;
	struct rt_element element;
	int bytes;

	for (unsigned int header = 0; header < 256; header++) {
		memcpy(octets, zeros, sizeof(octets));
		octets[0] = (uint8_t)header;
		bytes = value_bytes((uint8_t)header);
		for (size_t n = 1; n < sizeof(octets); n++)
			ck_assert_int_eq(rt_element_is_valid(octets, n),
					 (int)n == 1 + bytes);
		row = rt_elements_of(octets, 1 + (size_t)RT_MAX(bytes, 0));
		ck_assert_int_eq(rt_elements_next(&row, &element), bytes >= 0);
		ck_assert_int_eq(row.broken, bytes < 0);
		if (bytes >= 0)
			ck_assert_int_eq((int)element.type, (int)header >> 3);
	}
}
END_TEST

/* What a row of one element says that it is. */
static struct rt_element only(const char *hex, uint8_t *buf, size_t cap)
{
	const size_t n = hex_read(hex, buf, cap);
	struct rt_elements row = rt_elements_of(buf, n);
	struct rt_element element;

	ck_assert(rt_elements_next(&row, &element));
	ck_assert_uint_eq(row.left, 0);
	return element;
}

START_TEST(numbers_are_read_with_their_sign)
{
	static const struct {
		const char *hex;
		int64_t value;
	} rows[] = {
		{ "10 00", 0 },
		{ "10 7f", 127 },
		{ "10 80", -128 },
		{ "10 ff", -1 },
		{ "11 8000", -32768 },
		{ "11 7fff", 32767 },
		{ "12 ffffffff", -1 },
		{ "12 80000000", INT32_MIN },
		{ "13 ffffffffffffffff", -1 },
		{ "13 8000000000000000", INT64_MIN },
		{ "13 7fffffffffffffff", INT64_MAX },
	};
	uint8_t buf[32];
	struct rt_element element;
	int64_t value;
	uint64_t unsigned_value;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		element = only(rows[i].hex, buf, sizeof(buf));
		ck_assert(rt_element_int(&element, &value));
		ck_assert_int_eq(value, rows[i].value);
		ck_assert(!rt_element_uint(&element, &unsigned_value));
	}
	element = only("0b fedcba9876543210", buf, sizeof(buf));
	ck_assert(rt_element_uint(&element, &unsigned_value));
	ck_assert_uint_eq(unsigned_value, UINT64_C(0xfedcba9876543210));
	ck_assert(!rt_element_int(&element, &value));
}
END_TEST

START_TEST(numbers_of_16_octets_are_left_to_the_user)
{
	uint8_t buf[32];
	struct rt_element element = only("0c 00000000 00000000 00000000"
					 "00000001",
					 buf, sizeof(buf));
	uint64_t value = 7;

	ck_assert(!rt_element_uint(&element, &value));
	ck_assert_uint_eq(value, 7);
	ck_assert_uint_eq(element.bytes, 16);
	ck_assert_uint_eq(element.value[15], 1);
}
END_TEST

START_TEST(uuids_of_each_size_are_the_same_uuid)
{
	static const char *const forms[] = {
		"19 1101",
		"1a 00001101",
		"1c 00001101 00001000 80000080 5f9b34fb",
	};
	uint8_t buf[32];
	struct rt_element element;
	struct rt_uuid uuid;

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++) {
		element = only(forms[i], buf, sizeof(buf));
		ck_assert(rt_element_uuid(&element, &uuid));
		ck_assert(rt_uuid_equal(uuid, rt_uuid_from_short(0x1101)));
	}
}
END_TEST

/* AOSP 6afad4b377: a value of one type or size taken for another. */
START_TEST(a_value_of_another_type_is_refused)
{
	static const char *const forms[] = {
		"00",	    "08 01", "09 0001", "10 01", "19 1101",
		"25 01 61", "28 01", "35 00",	"3d 00", "45 01 61",
	};
	uint8_t buf[32];
	struct rt_element element;
	struct rt_uuid uuid;
	uint64_t u;
	int64_t i;
	bool b;

	for (size_t n = 0; n < RT_ARRAY_SIZE(forms); n++) {
		element = only(forms[n], buf, sizeof(buf));
		ck_assert_int_eq(rt_element_uint(&element, &u),
				 element.type == RT_ELEMENT_UINT);
		ck_assert_int_eq(rt_element_int(&element, &i),
				 element.type == RT_ELEMENT_INT);
		ck_assert_int_eq(rt_element_bool(&element, &b),
				 element.type == RT_ELEMENT_BOOL);
		ck_assert_int_eq(rt_element_uuid(&element, &uuid),
				 element.type == RT_ELEMENT_UUID);
	}
	/* One that a user has put together. */
	element = (struct rt_element){ RT_ELEMENT_UINT, buf, 0 };
	ck_assert(!rt_element_uint(&element, &u));
	element = (struct rt_element){ RT_ELEMENT_UUID, buf, 9 };
	ck_assert(!rt_element_uuid(&element, &uuid));
}
END_TEST

/* SDP-10: the octets of a UUID, under the header of something else. */
START_TEST(sixteen_octets_of_another_type_are_no_uuid)
{
	static const char *const headers[] = { "0c",	"14",	 "25 10",
					       "35 10", "3d 10", "45 10" };
	uint8_t octets[16];
	uint8_t buf[32];
	char hex[64];
	struct rt_element element;
	struct rt_uuid uuid;

	memcpy(octets, rt_uuid_from_short(0x1101).b, sizeof(octets));
	for (size_t i = 0; i < RT_ARRAY_SIZE(headers); i++) {
		snprintf(hex, sizeof(hex), "%s %s", headers[i],
			 "00001101 00001000 80000080 5f9b34fb");
		element = only(hex, buf, sizeof(buf));
		ck_assert_uint_eq(element.bytes, sizeof(octets));
		ck_assert_mem_eq(element.value, octets, sizeof(octets));
		ck_assert(!rt_element_uuid(&element, &uuid));
	}
}
END_TEST

START_TEST(any_octet_but_zero_is_true)
{
	uint8_t buf[4];
	struct rt_element element = only("28 00", buf, sizeof(buf));
	bool value = true;

	ck_assert(rt_element_bool(&element, &value));
	ck_assert(!value);
	element = only("28 02", buf, sizeof(buf));
	ck_assert(rt_element_bool(&element, &value));
	ck_assert(value);
}
END_TEST

/* CVE-2008-2374, BlueZ PR 2094: lengths that are trusted, or are negative. */
START_TEST(a_length_beyond_the_end_is_refused)
{
	static const char *const wrong[] = {
		"25 01",
		"25 02 61",
		"26 0001",
		"26 ffff 61",
		"27 00000001",
		"27 7fffffff 61",
		"27 80000000 61",
		"27 ffffffff 61",
		"37 7fffffff 00",
		"37 80000000 00",
		"37 ffffffff 00",
		"37 fffffffb 00",
		"3f ffffffff 00",
		"47 ffffffff 00",
		"35 03 27 ffffffff",
		"35 06 37 ffffffff 00",
	};
	uint8_t buf[32];
	uint8_t *exact;
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(wrong); i++) {
		n = hex_read(wrong[i], buf, sizeof(buf));
		exact = malloc(n);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, buf, n);
		ck_assert(!rt_element_is_valid(exact, n));
		free(exact);
	}
}
END_TEST

#define NESTED "35 13 3d 0a 36 0007 35 02 00 00 08 05 00 35 03 19 1101 28"

START_TEST(an_element_cut_short_anywhere_is_refused)
{
	uint8_t buf[64];
	const size_t n = hex_read(NESTED " 01", buf, sizeof(buf));
	uint8_t *exact;

	/* The outermost length is that of all that follows. */
	buf[1] = (uint8_t)(n - 2);
	ck_assert(rt_element_is_valid(buf, n));
	for (size_t cut = 0; cut < n; cut++) {
		exact = malloc(cut + (cut == 0));
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, buf, cut);
		ck_assert(!rt_element_is_valid(exact, cut));
		/* Nor is it, if the outermost length says that it is. */
		if (cut > 2) {
			exact[1] = (uint8_t)(cut - 2);
			(void)rt_element_is_valid(exact, cut);
		}
		free(exact);
	}
}
END_TEST

/* CVE-2024-6137. */
START_TEST(a_length_that_is_wrong_by_one_at_any_level_is_refused)
{
	/* Four levels; a text fills the innermost. */
	static const uint8_t whole[] = { 0x35, 0x0c, 0x36, 0x00, 0x09,
					 0x3d, 0x07, 0x35, 0x05, 0x25,
					 0x03, 'a',  'b',  'c' };
	static const size_t lengths[] = { 1, 4, 6, 8, 10 };
	uint8_t octets[sizeof(whole)];

	ck_assert(rt_element_is_valid(whole, sizeof(whole)));
	for (size_t i = 0; i < RT_ARRAY_SIZE(lengths); i++) {
		memcpy(octets, whole, sizeof(octets));
		octets[lengths[i]]++;
		ck_assert(!rt_element_is_valid(octets, sizeof(octets)));
		octets[lengths[i]] = (uint8_t)(octets[lengths[i]] - 2);
		ck_assert(!rt_element_is_valid(octets, sizeof(octets)));
	}
}
END_TEST

START_TEST(sequences_stand_eight_deep_and_no_deeper)
{
	uint8_t octets[2 * (RT_ELEMENT_DEPTH_MAX + 2)];
	size_t n = 0;

	for (size_t depth = 0; depth <= RT_ELEMENT_DEPTH_MAX + 1; depth++) {
		for (size_t i = 0; i < depth; i++) {
			octets[2 * i] = i % 2 ? 0x3d : 0x35;
			octets[2 * i + 1] = (uint8_t)(2 * (depth - 1 - i));
		}
		n = 2 * depth;
		if (depth > 0)
			ck_assert_int_eq(rt_element_is_valid(octets, n),
					 depth <= RT_ELEMENT_DEPTH_MAX);
	}
}
END_TEST

/* bumble 914. */
START_TEST(a_thousand_sequences_in_one_another_are_refused)
{
	static uint8_t octets[3 * 1500];

	for (size_t i = 0; i < 1500; i++) {
		const size_t inside = 3 * (1499 - i);

		octets[3 * i] = 0x36;
		octets[3 * i + 1] = (uint8_t)(inside >> 8);
		octets[3 * i + 2] = (uint8_t)inside;
	}
	ck_assert(!rt_element_is_valid(octets, sizeof(octets)));
}
END_TEST

/* BlueZ 387: each alternative cost memory. */
START_TEST(a_hundred_thousand_alternatives_are_read_in_place)
{
	static uint8_t octets[5 + 200000];
	struct rt_elements row;
	struct rt_element element;
	size_t count = 0;

	octets[0] = 0x37;
	octets[2] = 0x03;
	octets[3] = 0x0d;
	octets[4] = 0x40;
	for (size_t i = 5; i < sizeof(octets); i += 2)
		octets[i] = 0x3d;
	ck_assert(rt_element_is_valid(octets, sizeof(octets)));
	row = rt_elements_of(octets, sizeof(octets));
	ck_assert(rt_elements_next(&row, &element));
	row = rt_elements_in(&element);
	while (rt_elements_next(&row, &element))
		count++;
	ck_assert(!row.broken);
	ck_assert_uint_eq(count, 100000);
}
END_TEST

START_TEST(what_is_no_sequence_has_nothing_in_it)
{
	uint8_t buf[8];
	const struct rt_element text = only("25 02 08 01", buf, sizeof(buf));
	struct rt_elements row = rt_elements_in(&text);
	struct rt_element element;

	ck_assert(!rt_elements_next(&row, &element));
	ck_assert(!row.broken);
}
END_TEST

START_TEST(a_broken_row_stays_broken)
{
	const uint8_t octets[] = { 0x08, 0x01, 0xff, 0x08, 0x01 };
	struct rt_elements row = rt_elements_of(octets, sizeof(octets));
	struct rt_element element;

	ck_assert(rt_elements_next(&row, &element));
	ck_assert(!rt_elements_next(&row, &element));
	ck_assert(row.broken);
	row.next = octets + 3;
	row.left = 2;
	ck_assert(!rt_elements_next(&row, &element));
}
END_TEST

START_TEST(any_octets_are_read_without_harm)
{
	uint64_t random = 1;
	uint8_t buf[64];
	size_t valid = 0;

	for (int i = 0; i < 200000; i++) {
		const size_t n = suite_random(&random) % 12;
		uint8_t *octets = malloc(n + (n == 0));

		ck_assert_ptr_nonnull(octets);
		for (size_t k = 0; k < n; k++)
			octets[k] = (uint8_t)suite_random(&random);
		if (n > 1 && i % 2) {
			octets[0] = 0x35;
			octets[1] = (uint8_t)(n - 2);
		}
		if (rt_element_is_valid(octets, n)) {
			struct rt_element_writer w =
				rt_element_writer_init(buf, sizeof(buf));

			valid++;
			rt_element_put_raw(&w, octets, n);
			ck_assert(rt_element_writer_done(&w));
			ck_assert_mem_eq(buf, octets, n);
		}
		free(octets);
	}
	ck_assert_uint_gt(valid, 1000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_type_has_its_sizes_and_no_others,
		numbers_are_read_with_their_sign,
		numbers_of_16_octets_are_left_to_the_user,
		uuids_of_each_size_are_the_same_uuid,
		a_value_of_another_type_is_refused,
		sixteen_octets_of_another_type_are_no_uuid,
		any_octet_but_zero_is_true,
		a_length_beyond_the_end_is_refused,
		an_element_cut_short_anywhere_is_refused,
		a_length_that_is_wrong_by_one_at_any_level_is_refused,
		sequences_stand_eight_deep_and_no_deeper,
		a_thousand_sequences_in_one_another_are_refused,
		a_hundred_thousand_alternatives_are_read_in_place,
		what_is_no_sequence_has_nothing_in_it,
		a_broken_row_stays_broken,
		any_octets_are_read_without_harm,
	};

	return suite_run("sdp/element", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
