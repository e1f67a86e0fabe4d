/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/bench.h"
#include "tests/unit/sdp/talk.h"

/* SDP/SR/SS/BV-01-C */
START_TEST(a_search_finds_the_handles_of_the_records_that_match)
{
	bench_publish(3);
	bench_publish(4);
	bench_accept(MTU);
	ask("02 0001 0008 3503191000 0010 00",
	    "03 0001 0009 0001 0001 00000000 00");
	ask("02 0002 0008 3503191101 0010 00",
	    "03 0002 000d 0002 0002 00010001 00010002 00");
	ask("02 0003 0008 3503190100 0010 00",
	    "03 0003 0011 0003 0003 00000000 00010001 00010002 00");
}
END_TEST

START_TEST(each_size_of_a_uuid_finds_the_same)
{
	bench_publish(3);
	bench_accept(MTU);
	ask("02 0001 0008 3503191101 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("02 0001 000a 35051a00001101 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("02 0001 0016 3511 1c 0000110100001000800000805f9b34fb 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("02 0001 0016 3511 1c 0000110100001000800000805f9b34fc 0010 00",
	    "03 0001 0005 0000 0000 00");
}
END_TEST

/* SDP/SR/SS/BV-04-C */
START_TEST(a_search_that_finds_nothing_has_no_handles)
{
	bench_accept(MTU);
	ask("02 0001 0008 3503191101 0010 00", "03 0001 0005 0000 0000 00");
}
END_TEST

START_TEST(all_uuids_of_a_pattern_have_to_be_in_the_record)
{
	bench_publish(3);
	bench_accept(MTU);
	ask("02 0001 000e 3509 191101 190003 191002 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("02 0001 000b 3506 191101 191000 0010 00",
	    "03 0001 0005 0000 0000 00");
	/* Twelve of them, each size among them. */
	ask("02 0001 0029 3524 191101 191101 191101 191101 191101 191101"
	    "191101 191101 191101 190100 190003 191002 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
}
END_TEST

/* Zephyr 110849: no handle beyond those there are. */
START_TEST(no_more_handles_than_asked_for_and_than_there_are)
{
	for (int i = 0; i < 3; i++)
		bench_publish(1);
	bench_accept(MTU);
	ask("02 0001 0008 3503191101 0001 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("02 0001 0008 3503191101 0003 00",
	    "03 0001 0011 0003 0003 00010001 00010002 00010003 00");
	ask("02 0001 0008 3503191101 0004 00",
	    "03 0001 0011 0003 0003 00010001 00010002 00010003 00");
	ask("02 0001 0008 3503191101 ffff 00",
	    "03 0001 0011 0003 0003 00010001 00010002 00010003 00");
}
END_TEST

/* SDP/SR/SA/BV-01-C */
START_TEST(an_attribute_is_served_with_its_id)
{
	bench_publish(2);
	bench_accept(MTU);
	ask("04 0001 000c 00010001 0100 3503090100 00",
	    "05 0001 000c 0009 3507 090100 2502 6e6e 00");
	ask("04 0001 000c 00010001 0100 3503090000 00",
	    "05 0001 000d 000a 3508 090000 0a00010001 00");
}
END_TEST

/* SDP/SR/SA/BV-20-C */
START_TEST(an_attribute_that_is_not_there_gives_an_empty_list)
{
	bench_publish(2);
	bench_accept(MTU);
	ask("04 0001 000c 00010001 0100 3503090777 00",
	    "05 0001 0005 0002 3500 00");
}
END_TEST

START_TEST(attributes_come_ascending_and_once_whatever_the_request)
{
	bench_publish(1);
	bench_accept(MTU);
	/* Name first, the handle twice, ranges that overlap. */
	ask("04 0001 0019 00010001 0100 3510 090100 090000 0a00000001"
	    "0a00000000 00",
	    "05 0001 001b 0018 3516 090000 0a00010001 090001 3503 191101"
	    "090100 2501 6e 00");
}
END_TEST

/* SDP/SR/SSA/BV-01-C, -02-C, -03-C: nothing looks the same in each case. */
START_TEST(a_search_for_attributes_that_finds_nothing_is_an_empty_list)
{
	bench_publish(1);
	bench_accept(MTU);
	ask("06 0001 000d 3503191105 0100 3503090100 00",
	    "07 0001 0005 0002 3500 00");
	ask("06 0001 000d 3503191101 0100 3503090777 00",
	    "07 0001 0005 0002 3500 00");
	ask("06 0001 000d 3503191105 0100 3503090777 00",
	    "07 0001 0005 0002 3500 00");
}
END_TEST

/* SDP/SR/SSA/BV-04-C */
START_TEST(a_search_for_attributes_gives_a_list_for_each_record)
{
	bench_publish(1);
	bench_publish(2);
	bench_accept(MTU);
	ask("06 0001 000d 3503191101 0100 3503090100 00",
	    "07 0001 0016 0013 3511 3506 090100 25016e 3507 090100 2502 6e6e"
	    "00");
}
END_TEST

START_TEST(a_record_without_the_attribute_is_left_out)
{
	bench_publish(1);
	bench_accept(MTU);
	/* Only the server's own record has a VersionNumberList. */
	ask("06 0001 000d 3503190100 0100 3503090200 00",
	    "07 0001 000f 000c 350a 3508 090200 3503 090100 00");
}
END_TEST

/* B:5.2 */
START_TEST(the_server_has_a_record_of_its_own)
{
	const struct talk_request request = {
		.id = 4, .handle = 0, .max = 500, .ids = "0a 0000ffff"
	};
	static const uint16_t ids[] = {
		0x0000, 0x0001, 0x0004, 0x0006, 0x0009,
		0x0100, 0x0101, 0x0102, 0x0200, 0x0201,
	};
	struct talk_response response;
	struct rt_elements row;
	struct rt_element element;
	uint64_t value;

	bench_accept(MTU);
	talk(&request, &response);
	row = talk_list(response.octets);
	for (size_t i = 0; i < RT_ARRAY_SIZE(ids); i++) {
		ck_assert(rt_elements_next(&row, &element));
		ck_assert(rt_element_uint(&element, &value));
		ck_assert_uint_eq(value, ids[i]);
		ck_assert(rt_elements_next(&row, &element));
	}
	ck_assert(!rt_elements_next(&row, &element));
	ask("04 0001 000c 00000000 0100 3503090001 00",
	    "05 0001 000d 000a 3508 090001 3503 191000 00");
}
END_TEST

/* SDP/SR/BRW/BV-01-C, -02-C */
START_TEST(browsing_finds_what_is_in_the_public_group)
{
	uint8_t octets[64];
	const size_t n =
		hex_read("09 0001 35 03 19 1105", octets, sizeof(octets));
	uint32_t hidden;

	bench_publish(1);
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, n), &hidden),
			 0);
	bench_accept(MTU);
	ask("02 0001 0008 3503191002 0010 00",
	    "03 0001 0009 0001 0001 00010001 00");
	ask("06 0001 000d 3503191002 0100 3503090001 00",
	    "07 0001 000f 000c 350a 3508 090001 3503191101 00");
	ask("02 0001 0008 3503191105 0010 00",
	    "03 0001 0009 0001 0001 00010002 00");
}
END_TEST

/* SDP/SR/SA/BV-04-C to -24-C, SDP/SR/SSA/BV-07-C to -23-C */
START_TEST(any_attribute_of_any_type_is_stored_and_served)
{
	static const struct {
		const char *id;
		const char *value;
	} rows[] = {
		{ "0002", "0a 00000007" }, /* ServiceRecordState */
		{ "0003", "1c 1234567890abcdef1234567890abcdef" },
		{ "0007", "0a 00000e10" }, /* TimeToLive */
		{ "0008", "08 ff" },	   /* Availability */
		{ "000a", "45 05 613a2f2f62" },
		{ "000b", "45 01 61" },
		{ "000c", "45 01 61" },
		{ "000d", "35 0c 350a 3503 190100 3503 190003" },
		{ "0200", "14 ffffffffffffffffffffffffffffffff" },
		{ "0201", "0c 00000000000000000000000000000001" },
		{ "0300", "00" },
		{ "0301", "28 01" },
		{ "0302", "3d 02 10 80" },
		{ "0303", "13 8000000000000000" },
		{ "ffff", "35 00" },
	};
	char hex[1024] = "";
	uint8_t octets[512];
	struct talk_request request = { .handle = 0x00010001, .max = 600 };
	struct talk_response response;
	uint32_t handle;
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		strcat(hex, "09");
		strcat(hex, rows[i].id);
		strcat(hex, rows[i].value);
	}
	n = hex_read(hex, octets, sizeof(octets));
	ck_assert_int_eq(rt_sdp_add(bench.sdp, rt_bytes(octets, n), &handle),
			 0);
	bench_accept(MTU);
	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		strcpy(hex, "09");
		strcat(hex, rows[i].id);
		request.id = 4;
		request.ids = hex;
		talk(&request, &response);
		n = hex_read(rows[i].value, octets, sizeof(octets));
		ck_assert_uint_eq(response.octets.len, 2 + 3 + n);
		ck_assert_mem_eq(response.octets.ptr + 5, octets, n);
		request.id = 6;
		request.pattern = "1c 1234567890abcdef1234567890abcdef";
		talk(&request, &response);
		ck_assert_uint_eq(response.octets.len, 2 + 2 + 3 + n);
		ck_assert_mem_eq(response.octets.ptr + 7, octets, n);
	}
	request.id = 4;
	request.ids = "0a 0000ffff";
	talk(&request, &response);
	ck_assert(
		rt_element_is_valid(response.octets.ptr, response.octets.len));
}
END_TEST

START_TEST(so_many_peers_ask_and_no_more)
{
	rt_handle chan[4];
	rt_handle one_more = 0;

	for (uint8_t i = 0; i < 4; i++)
		ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(i + 1),
					       &chan[i]),
				 0);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(9), &one_more),
			 -ENOBUFS);
	ck_assert(!rt_sdp_is_idle(bench.sdp));
	bench.chan = chan[0];
	bench_hang_up();
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(9), &one_more),
			 0);
	/* All of them are served. */
	for (uint8_t i = 1; i < 4; i++) {
		fake_open(&bench.l2cap, chan[i], MTU);
		bench.chan = chan[i];
		ask("02 0001 0008 3503191000 0010 00",
		    "03 0001 0009 0001 0001 00000000 00");
	}
}
END_TEST

START_TEST(who_asks_nothing_for_two_minutes_loses_the_place)
{
	bench_accept(MTU);
	bench_wait_us(RT_SECONDS(119));
	ask("02 0001 0008 3503191000 0010 00",
	    "03 0001 0009 0001 0001 00000000 00");
	bench_wait_us(RT_SECONDS(119));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 1);
	bench_wait_us(RT_SECONDS(1));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(after_the_shutdown_nobody_is_served)
{
	rt_handle chan;

	bench_accept(MTU);
	rt_sdp_shutdown(bench.sdp);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &chan),
			 -ENOBUFS);
}
END_TEST

START_TEST(a_channel_that_closes_takes_its_response_along)
{
	bench_accept(MTU);
	rx("02 0001 0008 3503191000 0010 00");
	bench_hang_up();
	bench_accept(MTU);
	tx_nothing();
	rx("02 0001 0007 3503191000 0010 00");
	bench_hang_up();
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

START_TEST(a_server_without_memory_says_so)
{
	rt_handle chan;

	bench_accept(MTU);
	bench.fake.allocs_left = 0;
	ask("02 0001 0008 3503191000 0010 00", "01 0001 0002 0006");
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(2), &chan),
			 -ENOBUFS);
	bench.fake.allocs_left = SIZE_MAX;
	ask("02 0002 0008 3503191000 0010 00",
	    "03 0002 0009 0001 0001 00000000 00");
	ck_assert_uint_eq(rt_sdp_get_stats(bench.sdp)->requests, 1);
	ck_assert_uint_eq(rt_sdp_get_stats(bench.sdp)->refused, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_search_finds_the_handles_of_the_records_that_match,
		each_size_of_a_uuid_finds_the_same,
		a_search_that_finds_nothing_has_no_handles,
		all_uuids_of_a_pattern_have_to_be_in_the_record,
		no_more_handles_than_asked_for_and_than_there_are,
		an_attribute_is_served_with_its_id,
		an_attribute_that_is_not_there_gives_an_empty_list,
		attributes_come_ascending_and_once_whatever_the_request,
		a_search_for_attributes_that_finds_nothing_is_an_empty_list,
		a_search_for_attributes_gives_a_list_for_each_record,
		a_record_without_the_attribute_is_left_out,
		the_server_has_a_record_of_its_own,
		browsing_finds_what_is_in_the_public_group,
		any_attribute_of_any_type_is_stored_and_served,
		so_many_peers_ask_and_no_more,
		who_asks_nothing_for_two_minutes_loses_the_place,
		after_the_shutdown_nobody_is_served,
		a_channel_that_closes_takes_its_response_along,
		a_server_without_memory_says_so,
	};

	return suite_run("sdp/server", tests, RT_ARRAY_SIZE(tests), bench_setup,
			 bench_teardown);
}
