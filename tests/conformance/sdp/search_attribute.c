/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/tables.h"

/* ServiceSearchAttribute (Core Vol 3 Part B 4.7), and browsing by it. */

#define SEARCH_ATTRIBUTE 0x06

static struct lower_answer answer;

/* The lists that hold one attribute of our record; octets of them. */
static size_t lists_of(uint16_t id, uint8_t *buf)
{
	const uint8_t head[] = { 0x35,	     0,	   0x35,
				 0,	     0x09, (uint8_t)(id >> 8),
				 (uint8_t)id };
	size_t n;

	memcpy(buf, head, sizeof(head));
	n = sizeof(head) + lower_value(id, buf + sizeof(head));
	buf[1] = (uint8_t)(n - 2);
	buf[3] = (uint8_t)(n - 4);
	return n;
}

/* In one part, in parts of 7 octets, and by UUIDs of every size. */
static void check(uint16_t id)
{
	uint8_t want[64];
	const size_t n = lists_of(id, want);
	static const uint16_t limits[] = { 7, 20, LOWER_MAX };

	for (int i = 0; i < 3 * LOWER_UUIDS; i++) {
		lower_search_attributes((enum lower_uuid)(i / 3), LOWER_CLASS,
					id, id, limits[i % 3], &answer);
		ck_assert_uint_eq(answer.bytes, n);
		ck_assert_mem_eq(answer.octets, want, n);
	}
}

/* An attribute of the server's own record: there, and of this type. */
static void check_own(uint16_t id, uint8_t type)
{
	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search_attributes((enum lower_uuid)size, LOWER_SERVER, id,
					id, LOWER_MAX, &answer);
		ck_assert_uint_gt(answer.bytes, 8);
		ck_assert_uint_eq(answer.octets[0], 0x35);
		ck_assert_uint_eq(answer.octets[2], 0x35);
		ck_assert_uint_eq(lower_get16(answer.octets + 5), id);
		ck_assert_uint_eq(answer.octets[7], type);
	}
}

static void check_empty(uint32_t uuid, uint16_t id)
{
	static const uint8_t empty[] = { 0x35, 0x00 };

	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search_attributes((enum lower_uuid)size, uuid, id, id,
					LOWER_MAX, &answer);
		ck_assert_uint_eq(answer.bytes, sizeof(empty));
		ck_assert_mem_eq(answer.octets, empty, sizeof(empty));
	}
}

START_TEST(no_service_gives_an_empty_list)
{
	check_empty(LOWER_ABSENT, 0x0001);
}
END_TEST

START_TEST(no_attribute_gives_an_empty_list)
{
	check_empty(LOWER_CLASS, LOWER_NO_ATTRIBUTE);
}
END_TEST

START_TEST(neither_gives_an_empty_list)
{
	check_empty(LOWER_ABSENT, LOWER_NO_ATTRIBUTE);
}
END_TEST

START_TEST(both_give_the_attribute)
{
	check(0x0001);
}
END_TEST

START_TEST(a_whole_record_comes_in_parts)
{
	struct lower_answer parts;

	lower_search_attributes(LOWER_UUID16, LOWER_CLASS, 0, 0xffff, LOWER_MAX,
				&answer);
	ck_assert_uint_gt(answer.parts, 1);
	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search_attributes((enum lower_uuid)size, LOWER_CLASS, 0,
					0xffff, 7, &parts);
		ck_assert_uint_eq(parts.bytes, answer.bytes);
		ck_assert_mem_eq(parts.octets, answer.octets, answer.bytes);
	}
}
END_TEST

#include "tests/conformance/sdp/attributes.def"

START_TEST(a_version_number_list)
{
	check_own(0x0200, 0x35);
}
END_TEST

START_TEST(a_database_state)
{
	check_own(0x0201, 0x0a);
}
END_TEST

START_TEST(a_broken_pattern_or_list_is_invalid_syntax)
{
	uint8_t params[64];

	for (int size = 0; size < LOWER_UUIDS; size++) {
		const size_t n = lower_search_attribute_params(
			(enum lower_uuid)size, LOWER_CLASS, 1, 1, 100, params);

		params[n] = 0;
		params[0] = 0x09;
		ck_assert_uint_eq(lower_error(SEARCH_ATTRIBUTE, params, n + 1,
					      -1),
				  0x0003);
		params[0] = 0x35;
		params[n - 5] = 0x19; /* a UUID for the list of ids */
		ck_assert_uint_eq(lower_error(SEARCH_ATTRIBUTE, params, n + 1,
					      -1),
				  0x0003);
	}
}
END_TEST

START_TEST(a_parameter_length_that_is_wrong_is_an_invalid_size)
{
	uint8_t params[64];

	for (int size = 0; size < LOWER_UUIDS; size++) {
		const size_t n = lower_search_attribute_params(
			(enum lower_uuid)size, LOWER_CLASS, 1, 1, 100, params);

		params[n] = 0;
		ck_assert_uint_eq(lower_error(SEARCH_ATTRIBUTE, params, n + 1,
					      (int)n),
				  0x0004);
		ck_assert_uint_eq(lower_error(SEARCH_ATTRIBUTE, params, n + 1,
					      (int)n + 2),
				  0x0004);
	}
}
END_TEST

static uint32_t noise = 1;

static uint8_t random_octet(void)
{
	noise = noise * 1664525 + 1013904223;
	return (uint8_t)(noise >> 24);
}

/*
 * 17 octets, which no state has, and octets of the length that ours have, ten
 * times each: an error, and afterwards the server answers as before.
 */
START_TEST(invented_continuations_are_refused)
{
	uint8_t params[64];

	for (int i = 0; i < 20 * LOWER_UUIDS; i++) {
		const enum lower_uuid size = (enum lower_uuid)(i / 20);
		const size_t n = lower_search_attribute_params(
			size, LOWER_CLASS, 0, 0xffff, 7, params);
		size_t bytes = 17;

		params[n] = 0;
		ck_assert_uint_eq(
			lower_error(SEARCH_ATTRIBUTE, params, n + 1, -1), 0);
		if (i & 1) /* bytes, 7 of a list, then the continuation */
			bytes = bench.got[5 + 2 + 7];
		params[n] = (uint8_t)bytes;
		for (size_t k = 0; k < bytes; k++)
			params[n + 1 + k] = random_octet();
		ck_assert_uint_eq(lower_error(SEARCH_ATTRIBUTE, params,
					      n + 1 + bytes, -1),
				  0x0005);
	}
	check(0x0001);
}
END_TEST

START_TEST(the_public_services_are_browsed_at_once)
{
	uint8_t want[64];
	const size_t n = lists_of(0x0100, want) - 2;
	bool found = false;

	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search_attributes((enum lower_uuid)size, LOWER_BROWSE,
					0x0100, 0x0100, LOWER_MAX, &answer);
		found = false;
		for (size_t i = 2; i + n <= answer.bytes; i++)
			found |= memcmp(answer.octets + i, want + 2, n) == 0;
		ck_assert(found);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP/SR/SSA/BV-01-C", "A", no_service_gives_an_empty_list),
	TAGGED("SDP/SR/SSA/BV-02-C", "A", no_attribute_gives_an_empty_list),
	TAGGED("SDP/SR/SSA/BV-03-C", "A", neither_gives_an_empty_list),
	TAGGED("SDP/SR/SSA/BV-04-C", "A", both_give_the_attribute),
	TAGGED("SDP/SR/SSA/BV-06-C", "A", a_whole_record_comes_in_parts),
	TAGGED("SDP/SR/SSA/BV-10-C", "A", a_service_id),
	TAGGED("SDP/SR/SSA/BV-11-C", "A", a_protocol_descriptor_list),
	TAGGED("SDP/SR/SSA/BV-07-C", "A", a_service_record_state),
	TAGGED("SDP/SR/SSA/BV-09-C", "A", a_time_to_live),
	TAGGED("SDP/SR/SSA/BV-12-C", "A", a_browse_group_list),
	TAGGED("SDP/SR/SSA/BV-13-C", "A", a_language_base_list),
	TAGGED("SDP/SR/SSA/BV-14-C", "A", an_availability),
	TAGGED("SDP/SR/SSA/BV-15-C", "A", an_icon_url),
	TAGGED("SDP/SR/SSA/BV-16-C", "A", a_service_name),
	TAGGED("SDP/SR/SSA/BV-17-C", "A", a_service_description),
	TAGGED("SDP/SR/SSA/BV-18-C", "A", a_provider_name),
	TAGGED("SDP/SR/SSA/BV-20-C", "A", a_profile_descriptor_list),
	TAGGED("SDP/SR/SSA/BV-21-C", "A", a_documentation_url),
	TAGGED("SDP/SR/SSA/BV-22-C", "A", a_client_executable_url),
	TAGGED("SDP/SR/SSA/BV-23-C", "A", additional_protocol_lists),
	TAGGED("SDP/SR/SSA/BV-19-C", "A", a_version_number_list),
	TAGGED("SDP/SR/SSA/BV-08-C", "A", a_database_state),
	TAGGED("SDP/SR/SSA/BI-01-C", "A",
	       a_broken_pattern_or_list_is_invalid_syntax),
	TAGGED("SDP/SR/SSA/BI-02-C", "A",
	       a_parameter_length_that_is_wrong_is_an_invalid_size),
	TAGGED("SDP/SR/SSA/BI-03-C", "A", invented_continuations_are_refused),
	TAGGED("SDP/SR/BRW/BV-02-C", "A",
	       the_public_services_are_browsed_at_once),
};

const struct tagged_table search_attribute_table = TABLE(rows);
