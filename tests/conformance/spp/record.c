/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/conformance/spp/story.h"

/* The record of a serial port (SPP 6.1), element by element. */

static struct rt_uuid short_uuid(uint32_t value)
{
	return rt_uuid_from_short(value);
}

/* The record of Serial Port as host 0 receives it. */
static void fetch(void)
{
	const struct rt_uuid uuid = short_uuid(RT_UUID_SERIAL_PORT);

	spp_listen();
	spp_search(&uuid, 1);
	ck_assert_uint_eq(spp.found, 1);
}

static void check(uint16_t id, const char *octets, size_t bytes)
{
	struct rt_element value;

	ck_assert_int_eq(rt_service_attribute(spp.record, id, &value), 0);
	ck_assert_uint_eq(value.bytes, bytes);
	ck_assert_mem_eq(value.value, octets, bytes);
}

#define CHECK(id, octets) check((id), (octets), sizeof(octets) - 1)

/* By each UUID that is in it, and by all of them at once; by browsing. */
START_TEST(the_record_is_found_by_each_of_its_uuids)
{
	const struct rt_uuid uuids[] = {
		short_uuid(0x1101),
		short_uuid(0x0100),
		short_uuid(0x0003),
		short_uuid(0x1002),
	};
	const struct rt_uuid other = short_uuid(0x1105);

	spp_listen();
	for (size_t i = 0; i < RT_ARRAY_SIZE(uuids); i++) {
		spp_search(&uuids[i], 1);
		ck_assert_uint_eq(spp.found, 1);
		ck_assert_str_eq(rt_service_name(spp.record), SPP_NAME);
	}
	spp_search(uuids, RT_ARRAY_SIZE(uuids));
	ck_assert_uint_eq(spp.found, 1);
	spp_search(&other, 1);
	ck_assert_uint_eq(spp.found, 0);
	/* And not when nobody listens any more. */
	rt_server_close(spp.server);
	spp_search(uuids, 1);
	ck_assert_uint_eq(spp.found, 0);
}
END_TEST

START_TEST(the_class_list_has_serial_port)
{
	fetch();
	CHECK(RT_ATTRIBUTE_CLASS_ID_LIST, "\x19\x11\x01");
}
END_TEST

START_TEST(the_protocol_list_has_l2cap_and_the_server_channel)
{
	char list[] = "\x35\x03\x19\x01\x00\x35\x05\x19\x00\x03\x08\x01";

	fetch();
	list[11] = (char)rt_server_port(spp.server);
	check(RT_ATTRIBUTE_PROTOCOL_LIST, list, sizeof(list) - 1);
}
END_TEST

START_TEST(the_profile_list_has_serial_port_1_2)
{
	fetch();
	CHECK(RT_ATTRIBUTE_PROFILE_LIST, "\x35\x06\x19\x11\x01\x09\x01\x02");
	ck_assert_uint_eq(rt_service_profile_version(spp.record), 0x0102);
}
END_TEST

START_TEST(the_browse_group_list_has_the_public_root)
{
	fetch();
	CHECK(RT_ATTRIBUTE_BROWSE_GROUP_LIST, "\x19\x10\x02");
}
END_TEST

/* The name stands at the base of the primary language, plus 0 (B:5.1.14). */
START_TEST(the_name_stands_where_the_language_base_says)
{
	struct rt_element value;
	struct rt_elements row;
	uint64_t part[3];

	fetch();
	ck_assert_int_eq(rt_service_attribute(spp.record,
					      RT_ATTRIBUTE_LANGUAGE_BASE_LIST,
					      &value),
			 0);
	row = rt_elements_in(&value);
	for (int i = 0; i < 3; i++) {
		ck_assert(rt_elements_next(&row, &value));
		ck_assert_uint_eq(value.bytes, 2);
		ck_assert(rt_element_uint(&value, &part[i]));
	}
	ck_assert_uint_eq(part[1], 106); /* UTF-8 */
	ck_assert_int_eq(
		rt_service_attribute(spp.record, (uint16_t)part[2], &value), 0);
	ck_assert_int_eq(value.type, RT_ELEMENT_TEXT);
	ck_assert_uint_eq(value.bytes, strlen(SPP_NAME));
	ck_assert_mem_eq(value.value, SPP_NAME, value.bytes);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SPP/DEVB/SGSIT/SERR/BV-01-C", "A",
	       the_record_is_found_by_each_of_its_uuids),
	TAGGED("SPP/DEVB/SGSIT/ATTR/BV-01-C", "A",
	       the_class_list_has_serial_port),
	TAGGED("SPP/DEVB/SGSIT/ATTR/BV-02-C", "A",
	       the_protocol_list_has_l2cap_and_the_server_channel),
	TAGGED("SPP/DEVB/SGSIT/ATTR/BV-03-C", "A",
	       the_profile_list_has_serial_port_1_2),
	TAGGED("SPP/DEVB/SGSIT/ATTR/BV-04-C", "A",
	       the_browse_group_list_has_the_public_root),
	TAGGED("SPP/DEVB/SGSIT/OFFS/BV-01-C", "A",
	       the_name_stands_where_the_language_base_says),
};

const struct tagged_table record_table = SPP_TABLE(rows);
