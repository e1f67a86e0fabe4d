/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/tables.h"

/* ServiceSearch (Core Vol 3 Part B 4.5), and browsing by it. */

#define SEARCH 0x02

static struct lower_answer answer;

START_TEST(a_service_that_exists_is_found)
{
	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search((enum lower_uuid)size, LOWER_CLASS, LOWER_MAX,
			     &answer);
		ck_assert_uint_eq(answer.total, 1);
		ck_assert(lower_has(&answer, lower_handle));
		lower_search((enum lower_uuid)size, LOWER_SERVER, LOWER_MAX,
			     &answer);
		ck_assert_uint_eq(answer.total, 1);
		ck_assert(lower_has(&answer, 0));
	}
}
END_TEST

/* 20 more records: their handles do not fit one part of 48 octets. */
START_TEST(handles_come_in_parts_and_all_of_them)
{
	uint32_t handles[20];

	for (int i = 0; i < 20; i++)
		handles[i] = bench_publish(3);
	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search((enum lower_uuid)size, LOWER_BROWSE, LOWER_MAX,
			     &answer);
		ck_assert_uint_gt(answer.parts, 1);
		for (int i = 0; i < 20; i++)
			ck_assert(lower_has(&answer, handles[i]));
		ck_assert(lower_has(&answer, lower_handle));
	}
	lower_search(LOWER_UUID16, LOWER_BROWSE, 5, &answer);
	ck_assert_uint_eq(answer.total, 5);
}
END_TEST

START_TEST(a_service_that_does_not_exist_has_no_handles)
{
	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search((enum lower_uuid)size, LOWER_ABSENT, LOWER_MAX,
			     &answer);
		ck_assert_uint_eq(answer.total, 0);
		ck_assert_uint_eq(answer.parts, 1);
	}
}
END_TEST

START_TEST(a_parameter_length_that_is_wrong_is_an_invalid_size)
{
	uint8_t params[64];

	for (int size = 0; size < LOWER_UUIDS; size++) {
		const size_t n = lower_search_params((enum lower_uuid)size,
						     LOWER_CLASS, 5, params);

		params[n] = 0;
		ck_assert_uint_eq(lower_error(SEARCH, params, n + 1, (int)n),
				  0x0004);
		ck_assert_uint_eq(
			lower_error(SEARCH, params, n + 1, (int)n + 2), 0x0004);
		ck_assert_uint_eq(lower_error(SEARCH, params, n + 1, 0),
				  0x0004);
	}
}
END_TEST

START_TEST(a_broken_pattern_is_invalid_syntax)
{
	uint8_t params[64];

	for (int size = 0; size < LOWER_UUIDS; size++) {
		const size_t n = lower_search_params((enum lower_uuid)size,
						     LOWER_CLASS, 5, params);

		params[n] = 0;
		params[0] = 0x25; /* a text */
		ck_assert_uint_eq(lower_error(SEARCH, params, n + 1, -1),
				  0x0003);
		params[0] = 0x35;
		params[2] = 0x1f; /* a UUID of no size that there is */
		ck_assert_uint_eq(lower_error(SEARCH, params, n + 1, -1),
				  0x0003);
		params[2] = 0x09; /* a number */
		ck_assert_uint_eq(lower_error(SEARCH, params, n + 1, -1),
				  0x0003);
	}
}
END_TEST

/* The browse root, then the attributes of what was found. */
START_TEST(the_public_services_are_browsed_by_search_and_attribute)
{
	struct lower_answer record;
	uint8_t want[64] = { 0x35, 0, 0x09, 0x00, 0x01 };
	size_t n;

	for (int size = 0; size < LOWER_UUIDS; size++) {
		lower_search((enum lower_uuid)size, LOWER_BROWSE, LOWER_MAX,
			     &answer);
		ck_assert(lower_has(&answer, lower_handle));
		lower_attributes(lower_handle, 0x0001, 0x0001, LOWER_MAX,
				 &record);
		n = 5 + lower_value(0x0001, want + 5);
		want[1] = (uint8_t)(n - 2);
		ck_assert_uint_eq(record.bytes, n);
		ck_assert_mem_eq(record.octets, want, n);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP/SR/SS/BV-01-C", "A", a_service_that_exists_is_found),
	TAGGED("SDP/SR/SS/BV-03-C", "A", handles_come_in_parts_and_all_of_them),
	TAGGED("SDP/SR/SS/BV-04-C", "A",
	       a_service_that_does_not_exist_has_no_handles),
	TAGGED("SDP/SR/SS/BI-01-C", "A",
	       a_parameter_length_that_is_wrong_is_an_invalid_size),
	TAGGED("SDP/SR/SS/BI-02-C", "A", a_broken_pattern_is_invalid_syntax),
	TAGGED("SDP/SR/BRW/BV-01-C", "A",
	       the_public_services_are_browsed_by_search_and_attribute),
};

const struct tagged_table search_table = TABLE(rows);
