/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/record.h"

#include <stdlib.h>

#include "tests/unit/sdp/bench.h"

/* Attributes in memory of exactly their size, so that reading on is seen. */
struct attributes {
	uint8_t *octets;
	struct rt_bytes bytes;
};

static struct attributes attributes(const char *hex)
{
	uint8_t buf[2048];
	const size_t n = hex_read(hex, buf, sizeof(buf));
	struct attributes a = { malloc(n + (n == 0)), { NULL, 0 } };

	ck_assert_ptr_nonnull(a.octets);
	memcpy(a.octets, buf, n);
	a.bytes = rt_bytes(a.octets, n);
	return a;
}

static bool is_valid(const char *hex, enum rt_sdp_order order)
{
	struct attributes a = attributes(hex);
	const bool valid = rt_sdp_record_is_valid(a.bytes, order);

	free(a.octets);
	return valid;
}

START_TEST(attributes_are_pairs_of_an_id_and_a_value)
{
	static const char *const good[] = {
		"",
		"09 0001 00",
		"09 0001 08 05 09 0002 25 01 61",
		"09 ffff 35 00",
	};
	static const char *const bad[] = {
		"09 0001",		    /* no value */
		"08 01 00",		    /* an id of 8 bits */
		"0a 00000001 00",	    /* of 32 */
		"11 0001 00",		    /* a signed one */
		"19 0001 00",		    /* a UUID */
		"00 00",		    /* none */
		"09 0001 08 05 09 0002",    /* half an attribute at the end */
		"09 0001 09 0002 08 05",    /* a value too many */
		"09 0001 35 02 08",	    /* cut in a sequence */
		"09 0001 35 03 35 02 08",   /* in an inner one */
		"09 0001 35 02 35 05 08 01" /* reaches out */
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(good); i++)
		ck_assert(is_valid(good[i], RT_SDP_ASCENDING));
	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++)
		ck_assert(!is_valid(bad[i], RT_SDP_ANY_ORDER));
}
END_TEST

START_TEST(ids_ascend_and_come_once)
{
	ck_assert(is_valid("09 0001 00 09 0002 00", RT_SDP_ASCENDING));
	ck_assert(!is_valid("09 0002 00 09 0001 00", RT_SDP_ASCENDING));
	ck_assert(!is_valid("09 0001 00 09 0001 00", RT_SDP_ASCENDING));
	ck_assert(is_valid("09 0002 00 09 0001 00", RT_SDP_ANY_ORDER));
}
END_TEST

START_TEST(attributes_cut_short_anywhere_are_refused_but_between_two)
{
	uint8_t buf[256];
	const size_t n = bench_serial_port(buf, sizeof(buf), 20);
	struct rt_sdp_attributes walk = rt_sdp_attributes_of(rt_bytes(buf, n));
	struct rt_sdp_attribute_view attribute;
	bool between[256] = { [0] = true };
	uint8_t *exact;

	while (rt_sdp_attributes_next(&walk, &attribute))
		between[attribute.octets.ptr + attribute.octets.len - buf] =
			true;
	ck_assert(!walk.broken);
	for (size_t cut = 0; cut <= n; cut++) {
		exact = malloc(cut + (cut == 0));
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, buf, cut);
		ck_assert_int_eq(rt_sdp_record_is_valid(rt_bytes(exact, cut),
							RT_SDP_ASCENDING),
				 between[cut]);
		free(exact);
	}
}
END_TEST

START_TEST(an_attribute_is_found_by_its_id)
{
	struct attributes a = attributes("09 0001 08 05 09 0100 25 01 61");
	struct rt_element value;

	ck_assert(rt_sdp_attribute_find(a.bytes, 0x0100, &value));
	ck_assert_int_eq(value.type, RT_ELEMENT_TEXT);
	ck_assert_uint_eq(value.bytes, 1);
	ck_assert(!rt_sdp_attribute_find(a.bytes, 0x0002, &value));
	free(a.octets);
}
END_TEST

static bool has_uuid(const char *hex, uint32_t uuid)
{
	struct attributes a = attributes(hex);
	const bool has =
		rt_sdp_record_has_uuid(a.bytes, rt_uuid_from_short(uuid));

	free(a.octets);
	return has;
}

START_TEST(a_uuid_is_found_in_any_value_and_at_any_depth)
{
	ck_assert(has_uuid("09 0001 19 1101", 0x1101));
	ck_assert(has_uuid("09 0001 1a 00001101", 0x1101));
	ck_assert(has_uuid("09 0001 1c 0000110100001000800000805f9b34fb",
			   0x1101));
	ck_assert(has_uuid("09 0001 35 03 19 1101", 0x1101));
	ck_assert(has_uuid("09 0001 3d 03 19 1101", 0x1101));
	ck_assert(has_uuid("09 0001 00 09 0002 35 07 35 02 08 01 19 1101",
			   0x1101));
	ck_assert(has_uuid("09 0001 35 0f 35 0d 35 0b 35 09 35 07 35 05 35 03"
			   "19 1101",
			   0x1101));
	ck_assert(!has_uuid("09 0001 19 1102", 0x1101));
	/* What looks like one is none: a number, a text, an id. */
	ck_assert(!has_uuid("09 1101 09 1101", 0x1101));
	ck_assert(!has_uuid("09 0001 25 03 19 11 01", 0x1101));
	ck_assert(!has_uuid("09 0001 1a 00011101", 0x1101));
}
END_TEST

static bool access(const char *hex, struct rt_sdp_access *ret)
{
	struct attributes a = attributes(hex);
	const bool found = rt_sdp_record_access(a.bytes, ret);

	free(a.octets);
	return found;
}

START_TEST(a_stack_with_rfcomm_is_reached_by_its_server_channel)
{
	static const char *const forms[] = {
		/* as it shall be */
		"09 0004 35 0c 35 03 19 0100 35 05 19 0003 08 07",
		/* OBEX on top */
		"09 0004 35 11 35 03 19 0100 35 05 19 0003 08 07"
		"35 03 19 0008",
		/* L2CAP with its PSM; channel of 16 bits; UUIDs of 128 */
		"09 0004 35 2a 35 06 19 0100 09 0003"
		"35 14 1c 0000000300001000800000805f9b34fb 09 0007"
		"35 0a 1a 00000008 1a 00000001",
		/* alternatives: the first that we can use */
		"09 0004 3d 20 35 08 35 06 19 0100 09 0002"
		"35 06 35 04 19 00 17 00 35 0c 35 03 19 0100 35 05 19 0003"
		"08 07",
		/* one sequence too many */
		"09 0004 35 0e 35 0c 35 03 19 0100 35 05 19 0003 08 07",
	};
	struct rt_sdp_access found;

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++) {
		found = (struct rt_sdp_access){ 0 };
		ck_assert_msg(access(forms[i], &found), "form %zu", i);
		ck_assert(found.rfcomm);
		ck_assert_uint_eq(found.port, 7);
		ck_assert_uint_eq(found.version, 0);
	}
}
END_TEST

START_TEST(a_stack_without_rfcomm_is_reached_by_its_psm)
{
	struct rt_sdp_access found;

	ck_assert(access("09 0004 35 10 35 06 19 0100 09 0019"
			 "35 06 19 0019 09 0103",
			 &found));
	ck_assert(!found.rfcomm);
	ck_assert_uint_eq(found.port, 0x0019);
}
END_TEST

START_TEST(what_cannot_be_connected_to_gives_no_access)
{
	static const char *const forms[] = {
		"",
		"09 0001 35 03 19 1101",
		"09 0004 35 00",
		"09 0004 08 01",
		"09 0004 35 03 35 01 00",
		/* RFCOMM without a channel, or with one that none has */
		"09 0004 35 0a 35 03 19 0100 35 03 19 0003",
		"09 0004 35 0c 35 03 19 0100 35 05 19 0003 08 00",
		"09 0004 35 0c 35 03 19 0100 35 05 19 0003 08 1f",
		"09 0004 35 0c 35 03 19 0100 35 05 19 0003 10 07",
		"09 0004 35 0f 35 03 19 0100 35 08 19 0003 0a 00010007",
		/* L2CAP without a PSM, or with what is none */
		"09 0004 35 0a 35 03 19 0100 35 03 19 0019",
		"09 0004 35 08 35 06 19 0100 09 0018",
		"09 0004 35 08 35 06 19 0100 09 0101",
		/* no transport of ours */
		"09 0004 35 05 35 03 19 0009",
	};
	struct rt_sdp_access found = { true, 9, 9 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++)
		ck_assert_msg(!access(forms[i], &found), "form %zu", i);
	ck_assert_uint_eq(found.port, 9);
}
END_TEST

#define RFCOMM_7 "09 0004 35 0c 35 03 19 0100 35 05 19 0003 08 07 "

START_TEST(the_version_is_that_of_the_first_profile)
{
	struct rt_sdp_access found;

	ck_assert(access(RFCOMM_7 "09 0009 35 10 35 06 19 1101 09 0102"
				  "35 06 19 1103 09 0100",
			 &found));
	ck_assert_uint_eq(found.version, 0x0102);
	/* Devices forget the outer sequence. */
	ck_assert(access(RFCOMM_7 "09 0009 35 06 19 1101 09 0102", &found));
	ck_assert_uint_eq(found.version, 0x0102);
	/* A version of the future is one. */
	ck_assert(
		access(RFCOMM_7 "09 0009 35 08 35 06 19 1101 09 ffff", &found));
	ck_assert_uint_eq(found.version, 0xffff);
	ck_assert(access(RFCOMM_7 "09 0009 35 00", &found));
	ck_assert_uint_eq(found.version, 0);
	ck_assert(access(RFCOMM_7 "09 0009 35 05 35 03 19 1101", &found));
	ck_assert_uint_eq(found.version, 0);
}
END_TEST

START_TEST(classes_are_found_in_one_sequence_too_many)
{
	static const char *const forms[] = {
		"09 0001 35 06 19 1101 19 1103",
		"09 0001 35 08 35 06 19 1101 19 1103", /* Toyota G Block */
		"09 0001 35 08 1a 00001101 19 1103",
	};
	struct rt_uuid uuids[3];
	struct attributes a;

	for (size_t i = 0; i < RT_ARRAY_SIZE(forms); i++) {
		a = attributes(forms[i]);
		ck_assert_uint_eq(rt_sdp_record_classes(a.bytes, uuids, 3), 2);
		ck_assert(rt_uuid_equal(uuids[0], rt_uuid_from_short(0x1101)));
		ck_assert(rt_uuid_equal(uuids[1], rt_uuid_from_short(0x1103)));
		ck_assert_uint_eq(rt_sdp_record_classes(a.bytes, uuids, 1), 1);
		free(a.octets);
	}
	a = attributes("09 0002 00");
	ck_assert_uint_eq(rt_sdp_record_classes(a.bytes, uuids, 3), 0);
	free(a.octets);
}
END_TEST

START_TEST(any_octets_are_looked_at_without_harm)
{
	uint64_t random = 3;
	uint8_t whole[256];
	const size_t n = bench_serial_port(whole, sizeof(whole), 20);
	struct rt_sdp_access found;
	struct rt_uuid uuids[2];
	uint8_t *octets;

	for (int i = 0; i < 50000; i++) {
		octets = malloc(n);
		ck_assert_ptr_nonnull(octets);
		memcpy(octets, whole, n);
		for (int k = 0; k < 3; k++)
			octets[suite_random(&random) % n] =
				(uint8_t)suite_random(&random);
		(void)rt_sdp_record_is_valid(rt_bytes(octets, n),
					     RT_SDP_ASCENDING);
		(void)rt_sdp_record_has_uuid(rt_bytes(octets, n),
					     rt_uuid_from_short(0x1001));
		(void)rt_sdp_record_access(rt_bytes(octets, n), &found);
		(void)rt_sdp_record_classes(rt_bytes(octets, n), uuids, 2);
		free(octets);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		attributes_are_pairs_of_an_id_and_a_value,
		ids_ascend_and_come_once,
		attributes_cut_short_anywhere_are_refused_but_between_two,
		an_attribute_is_found_by_its_id,
		a_uuid_is_found_in_any_value_and_at_any_depth,
		a_stack_with_rfcomm_is_reached_by_its_server_channel,
		a_stack_without_rfcomm_is_reached_by_its_psm,
		what_cannot_be_connected_to_gives_no_access,
		the_version_is_that_of_the_first_profile,
		classes_are_found_in_one_sequence_too_many,
		any_octets_are_looked_at_without_harm,
	};

	return suite_run("sdp/record", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
