/* SPDX-License-Identifier: MIT */
#include "hci/acl_rx.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/hci/rig.h"

#define FIRST 0x2000
#define CONTINUING 0x1000

static struct rt_hci_link *the_link;
static uint8_t pdu[RIG_RX_BYTES];

/* A link with the handle 1, and a PDU with `payload` octets in `pdu`. */
static void begin(size_t payload)
{
	rig_bring_up();
	the_link = rig_connect(1, 1);
	for (size_t i = 0; i < sizeof(pdu); i++)
		pdu[i] = (uint8_t)(i * 11 + i / 256);
	pdu[0] = (uint8_t)payload;
	pdu[1] = (uint8_t)(payload >> 8);
	pdu[2] = 0x40;
	pdu[3] = 0x00;
}

static void fragment(uint16_t handle_flags, const uint8_t *data, size_t len)
{
	static uint8_t packet[RIG_RX_BYTES];

	packet[0] = (uint8_t)handle_flags;
	packet[1] = (uint8_t)(handle_flags >> 8);
	packet[2] = (uint8_t)len;
	packet[3] = (uint8_t)(len >> 8);
	memcpy(packet + 4, data, len);
	rig_inject_bytes(RT_PACKET_ACL, packet, 4 + len);
}

static void first(const uint8_t *data, size_t len)
{
	fragment(1 | FIRST, data, len);
}

static void next(const uint8_t *data, size_t len)
{
	fragment(1 | CONTINUING, data, len);
}

/* So many PDUs have come up, the last of them whole. */
static void expect_rx(size_t count, size_t payload)
{
	ck_assert_uint_eq(rig.rx_count, count);
	if (count == 0)
		return;
	ck_assert_uint_eq(rig.rx_len[(count - 1) % RIG_RX_MAX], 4 + payload);
	ck_assert(memcmp(rig.rx[(count - 1) % RIG_RX_MAX], pdu, 4 + payload) ==
		  0);
}

static void expect_recovery(void)
{
	const size_t count = rig.rx_count;

	pdu[0] = 8;
	pdu[1] = 0;
	first(pdu, 8);
	next(pdu + 8, 4);
	expect_rx(count + 1, 8);
}

START_TEST(a_pdu_in_one_fragment_is_handed_up_uncopied)
{
	begin(100);
	rig.fake.allocs_left = 0;
	first(pdu, 104);
	expect_rx(1, 100);
	pdu[0] = 0;
	first(pdu, 4);
	expect_rx(2, 0);
}
END_TEST

START_TEST(a_pdu_in_two_fragments_is_whole_wherever_it_is_split)
{
	begin(60);
	for (size_t i = 0; i <= 64; i++) {
		first(pdu, i);
		ck_assert_uint_eq(rig.rx_count, i + (i == 64));
		if (i < 64)
			next(pdu + i, 64 - i);
		expect_rx(i + 1, 60);
	}
	ck_assert_uint_eq(rig_stats()->acl_orphans, 0);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 0);
}
END_TEST

START_TEST(a_pdu_in_three_fragments_is_whole_wherever_it_is_split)
{
	size_t count = 0;

	begin(16);
	for (size_t i = 0; i <= 20; i++) {
		for (size_t j = i; j < 20; j++) {
			first(pdu, i);
			if (i == 20)
				break;
			next(pdu + i, j - i);
			next(pdu + j, 20 - j);
			expect_rx(++count, 16);
		}
	}
	ck_assert_uint_eq(rig_stats()->acl_orphans, 0);
}
END_TEST

START_TEST(a_pdu_octet_by_octet_takes_one_allocation)
{
	begin(200);
	rig.fake.allocs_left = 1;
	first(pdu, 0);
	for (size_t i = 0; i < 204; i++)
		next(pdu + i, 1);
	expect_rx(1, 200);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(the_longest_pdu_is_received)
{
	begin(65535);
	first(pdu, 1021);
	for (size_t i = 1021; i < 65539; i += 1021)
		next(pdu + i, RT_MIN((size_t)1021, 65539 - i));
	expect_rx(1, 65535);
}
END_TEST

START_TEST(lengths_near_the_end_of_the_numbers_do_not_wrap)
{
	for (uint32_t payload = 0xfff8; payload <= 0xffff; payload++) {
		if (payload == 0xfff8)
			begin(payload);
		pdu[0] = (uint8_t)payload;
		first(pdu, 3);
		next(pdu + 3, 2);
		next(pdu + 5, 1000);
		ck_assert_uint_eq(rig.rx_count, 0);
	}
	ck_assert_uint_eq(rig_stats()->acl_orphans, 7);
	expect_recovery();
}
END_TEST

/* L2CAP/COS/CED/BI-03-C */
START_TEST(a_fragment_longer_than_its_pdu_is_dropped)
{
	begin(3);
	first(pdu, 8);
	expect_rx(0, 0);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 1);
	expect_recovery();
	ck_assert_uint_eq(rig_stats()->acl_orphans, 0);
}
END_TEST

/* L2CAP/COS/CED/BI-06-C */
START_TEST(fragments_longer_than_their_pdu_are_dropped)
{
	begin(7);
	first(pdu, 4);
	next(pdu + 4, 8);
	expect_rx(0, 0);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 1);
	pdu[0] = 8;
	first(pdu, 8);
	next(pdu + 8, 4);
	expect_rx(1, 8);
}
END_TEST

START_TEST(a_header_that_is_split_and_its_pdu_too_long_is_dropped)
{
	begin(2);
	first(pdu, 3);
	next(pdu + 3, 4);
	expect_rx(0, 0);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 1);
	expect_recovery();
}
END_TEST

/* L2CAP/COS/CED/BI-07-C */
START_TEST(a_second_start_drops_the_first_and_orphans_are_dropped)
{
	begin(20);
	first(pdu, 10);
	first(pdu, 10);
	next(pdu + 10, 14);
	expect_rx(1, 20);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 1);
	next(pdu, 10);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 2);
	next(pdu, 0);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 3);
	first(pdu, 2);
	first(pdu, 24);
	expect_rx(2, 20);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 4);
	expect_recovery();
}
END_TEST

START_TEST(other_starting_flags_start_too)
{
	begin(20);
	fragment(0x0001, pdu, 24);
	fragment(0x3001, pdu, 24);
	fragment(0x0001, pdu, 20);
	next(pdu + 20, 4);
	expect_rx(3, 20);
}
END_TEST

START_TEST(more_than_is_wanted_is_neither_kept_nor_delivered)
{
	begin(101);
	rig.limit = 100;
	rig.fake.allocs_left = 0;
	first(pdu, 105);
	first(pdu, 20);
	next(pdu + 20, 80);
	next(pdu + 100, 5);
	first(pdu, 3);
	next(pdu + 3, 102);
	expect_rx(0, 0);
	ck_assert_uint_eq(rig_stats()->acl_oversized, 3);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 0);
	pdu[0] = 100;
	first(pdu, 104);
	expect_rx(1, 100);
	rig.fake.allocs_left = SIZE_MAX;
	first(pdu, 50);
	next(pdu + 50, 54);
	expect_rx(2, 100);
}
END_TEST

/* The rest has to be there, but it needs no memory. */
START_TEST(a_pdu_may_be_wanted_in_part)
{
	static const size_t cuts[] = { 1, 46, 96, 97, 1000, 65000 };

	begin(65535);
	rig.limit = 100;
	rig.cut = 100;
	for (size_t i = 0; i < RT_ARRAY_SIZE(cuts); i++) {
		const size_t live = rig.env->live_bytes;

		first(pdu, cuts[i]);
		next(pdu + cuts[i], 3);
		ck_assert_uint_le(rig.env->live_bytes, live + 104);
		expect_rx(i, 100);
		next(pdu + cuts[i] + 3, 65539 - cuts[i] - 3);
		expect_rx(i + 1, 100);
		ck_assert_uint_eq(rig.env->live_bytes, live);
	}
	/* Also if it comes in one piece, or is shorter than that. */
	pdu[0] = 101;
	pdu[1] = 0;
	first(pdu, 105);
	expect_rx(RT_ARRAY_SIZE(cuts) + 1, 100);
	pdu[0] = 99;
	first(pdu, 50);
	next(pdu + 50, 53);
	expect_rx(RT_ARRAY_SIZE(cuts) + 2, 99);
	ck_assert_uint_eq(rig_stats()->acl_oversized, 0);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 0);
	first(pdu, 50);
	next(pdu + 50, 54);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 1);
}
END_TEST

START_TEST(an_unwanted_pdu_can_be_too_long_as_well)
{
	begin(101);
	rig.limit = 100;
	first(pdu, 50);
	next(pdu + 50, 60);
	ck_assert_uint_eq(rig_stats()->acl_malformed, 1);
	next(pdu, 1);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 1);
	expect_recovery();
}
END_TEST

START_TEST(without_memory_the_link_ends_instead_of_the_data)
{
	begin(100);
	rig.fake.allocs_left = 0;
	first(pdu, 50);
	rig_expect("01 0604 03 0100 14");
	next(pdu + 50, 54);
	expect_rx(0, 0);
	rig.fake.allocs_left = SIZE_MAX;
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_int_eq(rig_link(the_link)->why.err, -ENOMEM);
}
END_TEST

START_TEST(a_link_that_closes_takes_its_half_pdu_along)
{
	begin(100);
	first(pdu, 50);
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	the_link = rig_connect(1, 1);
	next(pdu + 50, 54);
	expect_rx(0, 0);
	ck_assert_uint_eq(rig_stats()->acl_orphans, 1);
	expect_recovery();
}
END_TEST

START_TEST(links_do_not_mix)
{
	begin(20);
	rig_accept(2, 2);
	first(pdu, 10);
	fragment(2 | FIRST, pdu, 7);
	next(pdu + 10, 14);
	expect_rx(1, 20);
	fragment(2 | CONTINUING, pdu + 7, 17);
	expect_rx(2, 20);
	ck_assert_uint_eq(rig_stats()->acl_rx_packets, 4);
	ck_assert_uint_eq(rig_stats()->acl_rx_bytes, 48);
}
END_TEST

START_TEST(packets_that_cannot_be_are_counted)
{
	begin(4);
	rig_inject("02");
	rig_inject("02 01");
	rig_inject("02 0120");
	rig_inject("02 0120 04");
	rig_inject("02 0120 0400");
	rig_inject("02 0120 0400 000040");
	rig_inject("02 0120 0400 00004000 00");
	rig_inject("02 0120 0400 01004000 00");
	rig_inject("02 0120 0600 01004000 00");
	rig_inject("02 0160 0400 00004000");
	rig_inject("02 01a0 0400 00004000");
	rig_inject("02 002f 0400 00004000");
	ck_assert_uint_eq(rig_stats()->acl_malformed, 12);
	expect_rx(0, 0);
	rig_inject("02 ff2e 0400 00004000");
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
	expect_recovery();
}
END_TEST

START_TEST(packets_of_any_other_type_are_harmless)
{
	begin(4);
	for (unsigned int type = 0; type <= 255; type++) {
		if (type == RT_PACKET_ACL || type == RT_PACKET_EVENT)
			continue;
		rig_inject("%02x 0100 0100 00", type);
		rig_inject("%02x", type);
	}
	ck_assert_uint_eq(rig_stats()->events_malformed, 2);
	expect_recovery();
}
END_TEST

static void disconnect_in_rx(struct rt_hci_link *link)
{
	(void)link;
	rt_hci_link_disconnect(the_link, 0x13);
}

START_TEST(data_on_a_link_that_is_closing_is_dropped)
{
	begin(20);
	first(pdu, 10);
	disconnect_in_rx(the_link);
	next(pdu + 10, 14);
	first(pdu, 24);
	expect_rx(0, 0);
}
END_TEST

/* Someone is calling: data may come before the link. */
static void begin_early(size_t payload)
{
	begin(payload);
	rig_connection_request(2);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
}

START_TEST(data_before_connection_complete_waits_for_it)
{
	begin_early(20);
	fragment(2 | FIRST, pdu, 10);
	rig_pass_us(5000);
	fragment(2 | CONTINUING, pdu + 10, 14);
	rig_pass_us(4999);
	expect_rx(0, 0);
	rig_connection_complete(0, 2, 2);
	expect_rx(1, 20);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 0);
}
END_TEST

START_TEST(data_before_connection_complete_waits_ten_milliseconds)
{
	begin_early(20);
	fragment(2 | FIRST, pdu, 24);
	rig_pass_us(9999);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 0);
	fragment(2 | FIRST, pdu, 24);
	rig_pass_us(1);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
	rig_connection_complete(0, 2, 2);
	expect_rx(1, 20);
}
END_TEST

START_TEST(data_before_connection_complete_wait_up_to_the_limit)
{
	const uint32_t max = rig.env->limits.early_acl;

	begin_early(20);
	for (uint32_t i = 0; i < max; i++)
		fragment(2 | FIRST, pdu, 24);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 0);
	fragment(2 | FIRST, pdu, 24);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
	rig_connection_complete(0, 2, 2);
	expect_rx(max, 20);
}
END_TEST

START_TEST(data_before_connection_complete_wait_up_to_so_many_octets)
{
	begin_early(4084);
	fragment(2 | FIRST, pdu, 4088);
	fragment(3 | FIRST, pdu, 4092);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 0);
	pdu[0] = 0;
	pdu[1] = 0;
	fragment(2 | FIRST, pdu, 4);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
}
END_TEST

START_TEST(data_on_an_unknown_handle_is_dropped_when_nobody_calls)
{
	begin(20);
	fragment(2 | FIRST, pdu, 24);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
	rig_connection_request(2);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 2, 2);
	expect_rx(0, 0);
}
END_TEST

START_TEST(early_data_without_memory_is_dropped)
{
	begin_early(20);
	rig.fake.allocs_left = 0;
	fragment(2 | FIRST, pdu, 24);
	ck_assert_uint_eq(rig_stats()->acl_unknown_handle, 1);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(early_data_goes_with_a_reset)
{
	begin_early(20);
	fragment(2 | FIRST, pdu, 24);
	rt_hci_resync(rig.hci);
	rig_expect("01 030c 00");
	ck_assert_uint_eq(rig.downs, 1);
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);

	/* It is not for the next link with the handle. */
	rig_accept(2, 2);
	expect_rx(0, 0);
}
END_TEST

START_TEST(consumed_packets_are_reported_merged_by_link)
{
	const struct rt_hci_options options = { .acl_rx_packets_max = 50 };

	rig_renew(&options);
	begin(20);
	rig_accept(2, 2);
	rig_expect_none();
	first(pdu, 10);
	next(pdu + 10, 14);
	next(pdu, 1);
	fragment(2 | FIRST, pdu, 24);
	fragment(9 | FIRST, pdu, 24);
	rig_expect("01 350c 09 02 0100 0300 0200 0100");
	rig_expect_none();
	fragment(2 | FIRST, pdu, 24);
	rig_disconnection_complete(2, 0x13);
	rig_expect_none();
	first(pdu, 24);
	rig_send(the_link, 1, 50);
	rig_expect("01 350c 05 01 0100 0100");
	rig_expect_acl(0x0001, 0, 50);
}
END_TEST

START_TEST(data_replayed_counts_as_consumed)
{
	const struct rt_hci_options options = { .acl_rx_packets_max = 50 };

	rig_renew(&options);
	begin_early(20);
	fragment(2 | FIRST, pdu, 24);
	rig_expect_none();
	rig_connection_complete(0, 2, 2);
	rig_expect("01 350c 05 01 0200 0100");
}
END_TEST

START_TEST(without_host_flow_control_nothing_is_reported)
{
	begin(20);
	first(pdu, 24);
	rig_expect_none();
}
END_TEST

START_TEST(early_data_makes_room_when_it_goes)
{
	begin_early(4000);
	for (uint32_t i = 0; i < 10; i++) {
		fragment(2 | FIRST, pdu, 4004);
		rig_pass_us(10000);
		ck_assert_uint_eq(rig_stats()->acl_unknown_handle, i + 1);
	}
	fragment(2 | FIRST, pdu, 4004);
	fragment(2 | FIRST, pdu, 4004);
	rig_connection_complete(0, 2, 2);
	expect_rx(2, 4000);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_pdu_in_one_fragment_is_handed_up_uncopied, 1 },
	{ &a_pdu_in_two_fragments_is_whole_wherever_it_is_split, 1 },
	{ &a_pdu_in_three_fragments_is_whole_wherever_it_is_split, 1 },
	{ &a_pdu_octet_by_octet_takes_one_allocation, 1 },
	{ &the_longest_pdu_is_received, 1 },
	{ &lengths_near_the_end_of_the_numbers_do_not_wrap, 1 },
	{ &a_fragment_longer_than_its_pdu_is_dropped, 1 },
	{ &fragments_longer_than_their_pdu_are_dropped, 1 },
	{ &a_header_that_is_split_and_its_pdu_too_long_is_dropped, 1 },
	{ &a_second_start_drops_the_first_and_orphans_are_dropped, 1 },
	{ &other_starting_flags_start_too, 1 },
	{ &more_than_is_wanted_is_neither_kept_nor_delivered, 1 },
	{ &a_pdu_may_be_wanted_in_part, 1 },
	{ &an_unwanted_pdu_can_be_too_long_as_well, 1 },
	{ &without_memory_the_link_ends_instead_of_the_data, 1 },
	{ &a_link_that_closes_takes_its_half_pdu_along, 1 },
	{ &links_do_not_mix, 1 },
	{ &packets_that_cannot_be_are_counted, 1 },
	{ &packets_of_any_other_type_are_harmless, 1 },
	{ &data_on_a_link_that_is_closing_is_dropped, 1 },
	{ &data_before_connection_complete_waits_for_it, 1 },
	{ &data_before_connection_complete_waits_ten_milliseconds, 1 },
	{ &data_before_connection_complete_wait_up_to_the_limit, 1 },
	{ &data_before_connection_complete_wait_up_to_so_many_octets, 1 },
	{ &data_on_an_unknown_handle_is_dropped_when_nobody_calls, 1 },
	{ &early_data_without_memory_is_dropped, 1 },
	{ &early_data_goes_with_a_reset, 1 },
	{ &consumed_packets_are_reported_merged_by_link, 1 },
	{ &data_replayed_counts_as_consumed, 1 },
	{ &without_host_flow_control_nothing_is_reported, 1 },
	{ &early_data_makes_room_when_it_goes, 1 },
};

int main(void)
{
	return rig_run("hci acl_rx", cases, RT_ARRAY_SIZE(cases));
}
