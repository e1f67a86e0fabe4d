/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hci/gap/eir.h"
#include "tests/unit/hci/rig.h"

/* Service class UUIDs in extended inquiry responses, both ways. */

static struct rt_uuid uuids[RT_GAP_EIR_UUIDS_MAX];
static size_t count;
static bool complete;
static uint8_t eir[RT_GAP_EIR_BYTES];

/* Reads from memory that ends where the octets end. */
static void read_from(const void *ptr, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, ptr, len);
	count = rt_gap_eir_uuids(rt_bytes(copy, len), uuids, &complete);
	free(copy);
}

static struct rt_uuid long_uuid(uint8_t last)
{
	struct rt_uuid uuid = { { 0xaa, 0xbb, 0xcc } };

	uuid.b[15] = last;
	return uuid;
}

static bool has(struct rt_uuid uuid)
{
	for (size_t i = 0; i < count; i++) {
		if (rt_uuid_equal(uuids[i], uuid))
			return true;
	}
	return false;
}

static const uint8_t all_lists[] =
	"\x05\x03\x05\x11\x01\x11"			    /* 0x1105, 0x1101 */
	"\x05\x05\x78\x56\x34\x12"			    /* 0x12345678 */
	"\x11\x07\x09\0\0\0\0\0\0\0\0\0\0\0\0\xcc\xbb\xaa"; /* long_uuid(9) */

START_TEST(lists_of_all_sizes_are_read)
{
	read_from(all_lists, sizeof(all_lists) - 1);
	ck_assert_uint_eq(count, 4);
	ck_assert(complete);
	ck_assert(rt_uuid_equal(uuids[0], rt_uuid_from_short(0x1105)));
	ck_assert(rt_uuid_equal(uuids[1], rt_uuid_from_short(0x1101)));
	ck_assert(rt_uuid_equal(uuids[2], rt_uuid_from_short(0x12345678)));
	ck_assert(rt_uuid_equal(uuids[3], long_uuid(9)));
}
END_TEST

START_TEST(lists_cut_short_anywhere_lose_what_is_not_whole)
{
	for (size_t len = 0; len < sizeof(all_lists) - 1; len++) {
		read_from(all_lists, len);
		ck_assert_uint_eq(count, len < 6 ? 0 : len < 12 ? 2 : 3);
		ck_assert_uint_eq(complete, len >= 6);
	}
}
END_TEST

START_TEST(one_incomplete_list_makes_all_incomplete)
{
	read_from("\x03\x03\x05\x11\x05\x04\x78\x56\x34\x12", 10);
	ck_assert_uint_eq(count, 2);
	ck_assert(!complete);
	read_from("\x03\x02\x05\x11", 4);
	ck_assert_uint_eq(count, 1);
	ck_assert(!complete);
	read_from("\x01\x03", 2);
	ck_assert_uint_eq(count, 0);
	ck_assert(complete);
	read_from("\x02\x0a\x04", 3);
	ck_assert(!complete);
}
END_TEST

START_TEST(duplicates_count_once_and_torn_uuids_not_at_all)
{
	read_from("\x07\x03\x05\x11\x01\x11\x05\x11"
		  "\x04\x02\x01\x11\x55"
		  "\x05\x05\x05\x11\0\0",
		  19);
	ck_assert_uint_eq(count, 2);
	ck_assert(has(rt_uuid_from_short(0x1105)));
	ck_assert(has(rt_uuid_from_short(0x1101)));
}
END_TEST

START_TEST(no_eir_holds_more_uuids_than_there_is_room_for)
{
	uint8_t bytes[255];
	uint64_t seed = 7;

	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 239;
	bytes[1] = 0x03;
	for (uint8_t i = 0; i < 119; i++)
		bytes[2 + 2 * i] = (uint8_t)(i + 1);
	read_from(bytes, 240);
	ck_assert_uint_eq(count, RT_GAP_EIR_UUIDS_MAX);
	for (int round = 0; round < 20000; round++) {
		const size_t len = suite_random(&seed) % 256;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(suite_random(&seed) %
					     (round % 2 ? 256 : 8));
		read_from(bytes, len);
		ck_assert_uint_le(count, RT_GAP_EIR_UUIDS_MAX);
	}
}
END_TEST

static void build(const char *name, const struct rt_uuid *list, size_t n)
{
	const struct rt_gap_eir_source source = {
		.name = name,
		.uuids = list,
		.uuid_count = n,
	};

	rt_gap_eir_build(&source, eir);
	read_from(eir, sizeof(eir));
}

START_TEST(what_is_built_is_read_again)
{
	const struct rt_uuid list[] = {
		long_uuid(9),
		rt_uuid_from_short(0x1105),
		rt_uuid_from_short(0x12345678),
		rt_uuid_from_short(0x1101),
	};

	build("abc", list, RT_ARRAY_SIZE(list));
	ck_assert_mem_eq(eir,
			 "\x04\x09"
			 "abc",
			 5);
	ck_assert_mem_eq(eir + 5, all_lists, sizeof(all_lists) - 1);
	ck_assert_uint_eq(eir[5 + sizeof(all_lists) - 1], 0);
	ck_assert_uint_eq(count, 4);
	ck_assert(complete);
}
END_TEST

START_TEST(a_long_name_yields_to_uuids_but_not_all_of_it)
{
	struct rt_uuid list[20];
	char name[249];
	struct rt_gap_device device = { .has_rssi = false };

	memset(name, 'x', 248);
	name[248] = '\0';
	for (uint8_t i = 0; i < RT_ARRAY_SIZE(list); i++)
		list[i] = long_uuid(i);
	for (size_t n = 0; n <= RT_ARRAY_SIZE(list); n++) {
		build(name, list, n);
		rt_gap_eir_parse(rt_bytes(eir, sizeof(eir)), &device);
		ck_assert(device.has_name);
		ck_assert(!device.name_complete);
		ck_assert_uint_ge(strlen(device.name), 48);
		/* (240 - 50 - 2) / 16 */
		ck_assert_uint_eq(count, RT_MIN(n, 11));
		ck_assert_uint_eq(complete, n > 0 && n <= 11);
	}
}
END_TEST

START_TEST(more_services_than_are_kept_are_never_called_complete)
{
	const struct rt_uuid uuid = rt_uuid_from_short(0x1105);
	const struct rt_gap_eir_source source = {
		.name = "",
		.uuids = &uuid,
		.uuid_count = 1,
		.more_uuids = true,
	};

	rt_gap_eir_build(&source, eir);
	ck_assert_mem_eq(eir, "\x03\x02\x05\x11\x00", 5);
}
END_TEST

struct bits {
	uint32_t uuid;
	uint32_t bits;
};

static const struct bits services[] = {
	{ 0x1101, 0x000000 }, { 0x1105, 0x100000 }, { 0x110a, 0x080000 },
	{ 0x110b, 0x040000 }, { 0x1103, 0x420000 }, { 0x1116, 0x020000 },
	{ 0x111e, 0x200000 }, { 0x111f, 0x600000 }, { 0x1136, 0x010000 },
	{ 0x1113, 0x800000 }, { 0xffff, 0x000000 },
};

START_TEST(services_have_their_bits_in_the_class_of_device)
{
	ck_assert_uint_eq(
		rt_gap_service_bits(rt_uuid_from_short(services[_i].uuid)),
		services[_i].bits);
	ck_assert_uint_eq(rt_gap_service_bits(long_uuid(1)), 0);
}
END_TEST

static const struct rig_case cases[] = {
	{ &lists_of_all_sizes_are_read, 1 },
	{ &lists_cut_short_anywhere_lose_what_is_not_whole, 1 },
	{ &one_incomplete_list_makes_all_incomplete, 1 },
	{ &duplicates_count_once_and_torn_uuids_not_at_all, 1 },
	{ &no_eir_holds_more_uuids_than_there_is_room_for, 1 },
	{ &what_is_built_is_read_again, 1 },
	{ &a_long_name_yields_to_uuids_but_not_all_of_it, 1 },
	{ &more_services_than_are_kept_are_never_called_complete, 1 },
	{ &services_have_their_bits_in_the_class_of_device,
	  RT_ARRAY_SIZE(services) },
};

int main(void)
{
	return rig_run("hci eir uuids", cases, RT_ARRAY_SIZE(cases));
}
