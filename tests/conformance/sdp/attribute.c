/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/tables.h"

/* ServiceAttribute (Core Vol 3 Part B 4.6). */

#define ATTRIBUTE 0x04

static struct lower_answer answer;

/* The list that holds one attribute of our record; octets of it. */
static size_t list_of(uint16_t id, uint8_t *buf)
{
	const uint8_t head[] = { 0x35, 0, 0x09, (uint8_t)(id >> 8),
				 (uint8_t)id };
	size_t n;

	memcpy(buf, head, sizeof(head));
	n = sizeof(head) + lower_value(id, buf + sizeof(head));
	buf[1] = (uint8_t)(n - 2);
	return n;
}

/* In one part, and in parts of every size there can be. */
static void check(uint16_t id)
{
	uint8_t want[64];
	const size_t n = list_of(id, want);

	for (uint16_t max = 7; max <= 40; max++) {
		lower_attributes(lower_handle, id, id, max, &answer);
		ck_assert_uint_eq(answer.bytes, n);
		ck_assert_mem_eq(answer.octets, want, n);
	}
}

/* An attribute of the server's own record: there, and of this type. */
static void check_own(uint16_t id, uint8_t type)
{
	lower_attributes(0, id, id, LOWER_MAX, &answer);
	ck_assert_uint_gt(answer.bytes, 6);
	ck_assert_uint_eq(answer.octets[0], 0x35);
	ck_assert_uint_eq(answer.octets[1], answer.bytes - 2);
	ck_assert_uint_eq(answer.octets[2], 0x09);
	ck_assert_uint_eq(lower_get16(answer.octets + 3), id);
	ck_assert_uint_eq(answer.octets[5], type);
}

START_TEST(an_attribute_that_exists_comes_within_the_limit)
{
	check(0x0001);
}
END_TEST

START_TEST(a_whole_record_comes_in_parts)
{
	struct lower_answer parts;

	lower_attributes(lower_handle, 0, 0xffff, LOWER_MAX, &answer);
	ck_assert_uint_gt(answer.parts, 1);
	for (uint16_t max = 7; max <= 40; max++) {
		lower_attributes(lower_handle, 0, 0xffff, max, &parts);
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
	uint8_t before[16];
	size_t n;

	check_own(0x0201, 0x0a);
	n = answer.bytes;
	ck_assert_uint_le(n, sizeof(before));
	memcpy(before, answer.octets, n);
	bench_publish(3);
	check_own(0x0201, 0x0a);
	ck_assert_uint_eq(answer.bytes, n);
	ck_assert_mem_ne(answer.octets, before, n);
}
END_TEST

START_TEST(an_attribute_that_does_not_exist_is_an_empty_list)
{
	static const uint8_t empty[] = { 0x35, 0x00 };

	lower_attributes(lower_handle, LOWER_NO_ATTRIBUTE, LOWER_NO_ATTRIBUTE,
			 LOWER_MAX, &answer);
	ck_assert_uint_eq(answer.bytes, sizeof(empty));
	ck_assert_mem_eq(answer.octets, empty, sizeof(empty));
}
END_TEST

START_TEST(a_handle_of_no_record_is_an_invalid_handle)
{
	uint8_t params[64];
	const size_t n =
		lower_attribute_params(lower_handle + 1, 1, 1, 100, params);

	params[n] = 0;
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, -1), 0x0002);
}
END_TEST

START_TEST(a_broken_list_of_ids_is_invalid_syntax)
{
	uint8_t params[64];
	const size_t n =
		lower_attribute_params(lower_handle, 1, 1, 100, params);

	params[n] = 0;
	params[6] = 0x25; /* a text for the list */
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, -1), 0x0003);
	params[6] = 0x35;
	params[8] = 0x0b; /* a number of 64 bits for an id */
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, -1), 0x0003);
	lower_attribute_params(lower_handle, 2, 1, 100, params);
	params[13] = 0; /* a range that ends before it begins */
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, 14, -1), 0x0003);
	lower_attribute_params(lower_handle, 1, 1, 6, params);
	params[n] = 0; /* fewer octets than the least */
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, -1), 0x0003);
}
END_TEST

START_TEST(a_parameter_length_that_is_wrong_is_an_invalid_size)
{
	uint8_t params[64];
	const size_t n =
		lower_attribute_params(lower_handle, 1, 1, 100, params);

	params[n] = 0;
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, (int)n),
			  0x0004);
	ck_assert_uint_eq(lower_error(ATTRIBUTE, params, n + 1, (int)n + 2),
			  0x0004);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP/SR/SA/BV-01-C", "A",
	       an_attribute_that_exists_comes_within_the_limit),
	TAGGED("SDP/SR/SA/BV-03-C", "A", a_whole_record_comes_in_parts),
	TAGGED("SDP/SR/SA/BV-04-C", "A", a_service_id),
	TAGGED("SDP/SR/SA/BV-05-C", "A", a_protocol_descriptor_list),
	TAGGED("SDP/SR/SA/BV-06-C", "A", a_service_record_state),
	TAGGED("SDP/SR/SA/BV-07-C", "A", a_time_to_live),
	TAGGED("SDP/SR/SA/BV-08-C", "A", a_browse_group_list),
	TAGGED("SDP/SR/SA/BV-09-C", "A", a_language_base_list),
	TAGGED("SDP/SR/SA/BV-10-C", "A", an_availability),
	TAGGED("SDP/SR/SA/BV-11-C", "A", an_icon_url),
	TAGGED("SDP/SR/SA/BV-12-C", "A", a_service_name),
	TAGGED("SDP/SR/SA/BV-13-C", "A", a_service_description),
	TAGGED("SDP/SR/SA/BV-14-C", "A", a_provider_name),
	TAGGED("SDP/SR/SA/BV-17-C", "A", a_profile_descriptor_list),
	TAGGED("SDP/SR/SA/BV-18-C", "A", a_documentation_url),
	TAGGED("SDP/SR/SA/BV-19-C", "A", a_client_executable_url),
	TAGGED("SDP/SR/SA/BV-21-C", "A", additional_protocol_lists),
	TAGGED("SDP/SR/SA/BV-15-C", "A", a_version_number_list),
	TAGGED("SDP/SR/SA/BV-16-C", "A", a_database_state),
	TAGGED("SDP/SR/SA/BV-20-C", "A",
	       an_attribute_that_does_not_exist_is_an_empty_list),
	TAGGED("SDP/SR/SA/BI-01-C", "A",
	       a_handle_of_no_record_is_an_invalid_handle),
	TAGGED("SDP/SR/SA/BI-02-C", "A",
	       a_broken_list_of_ids_is_invalid_syntax),
	TAGGED("SDP/SR/SA/BI-03-C", "A",
	       a_parameter_length_that_is_wrong_is_an_invalid_size),
};

const struct tagged_table attribute_table = TABLE(rows);
