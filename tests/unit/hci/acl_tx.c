/* SPDX-License-Identifier: MIT */
#include "hci/acl_tx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/hci/rig.h"

#define BYTES 27

static struct rt_hci_link *one;
static struct rt_hci_link *two;

/* One link, and a controller with `packets` buffers of 27 octets. */
static void begin_alone(uint8_t packets)
{
	static char ret[64];
	static const struct rig_answer answers[] = { { 0x1005, ret },
						     { 0, NULL } };

	snprintf(ret, sizeof(ret), "00 1b00 00 %02x00 0000", packets);
	rig.answers = answers;
	rig_bring_up();
	one = rig_connect(1, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, packets);
}

/* The same with two links. */
static void begin(uint8_t packets)
{
	begin_alone(packets);
	two = rig_accept(2, 2);
}

/* The next so many completions are of this channel. */
static void expect_completed(size_t count, rt_handle chan, bool written)
{
	ck_assert_uint_ge(rig.completed_count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(rig.completed[i].done.chan, chan);
		ck_assert_int_eq(rig.completed[i].written, written);
	}
	rig.completed_count -= count;
	memmove(rig.completed, rig.completed + count,
		rig.completed_count * sizeof(rig.completed[0]));
}

START_TEST(a_pdu_of_any_length_leaves_in_fragments_that_fill_buffers)
{
	begin_alone(8);
	for (uint16_t len = 4; len < 8 * BYTES; len++) {
		uint16_t count = 0;

		rig.tx_count = 0;
		rig_send(one, len % 2, len);
		for (size_t from = 0; from < len; from += BYTES) {
			rig_expect_acl(from > 0 ? 0x1001 : 0x0001, from,
				       RT_MIN((size_t)BYTES, len - from));
			count++;
		}
		rig_expect_none();
		ck_assert_uint_eq(rig.completed_count, 0);
		rig_completed(1, count);
		ck_assert_uint_eq(rig.completed[0].done.bytes, len);
		expect_completed(1, len % 2, true);
		ck_assert_uint_eq(rig_stats()->acl_free, 8);
	}
}
END_TEST

START_TEST(without_the_feature_the_first_fragment_is_flushable)
{
	rig.answers =
		(const struct rig_answer[]){ { 0x1003, "00 bffe8ffed83f1b87" },
					     { 0, NULL } };
	rig_bring_up();
	one = rig_connect(1, 1);
	rig_send(one, 1, 1100);
	rig_expect_acl(0x2001, 0, 1021);
	rig_expect_acl(0x1001, 1021, 79);
}
END_TEST

START_TEST(a_pdu_that_may_be_flushed_says_so)
{
	begin(8);
	rig.flushable = true;
	rig_send(one, 1, 40);
	rig_expect_acl(0x2001, 0, 27);
	rig_expect_acl(0x1001, 27, 13);
	rig.flushable = false;
	rig.tx_count = 0;
	rig_send(one, 1, 4);
	rig_expect_acl(0x0001, 0, 4);
}
END_TEST

START_TEST(no_more_packets_are_sent_than_there_are_buffers)
{
	begin_alone(3);
	rig_send(one, 7, 5 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_expect_acl(0x1001, 2 * BYTES, BYTES);
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->acl_free, 0);
	rig_completed(1, 2);
	rig_expect_acl(0x1001, 3 * BYTES, BYTES);
	rig_expect_acl(0x1001, 4 * BYTES, BYTES);
	rig_expect_none();
	rig_completed(1, 2);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_completed(1, 1);
	expect_completed(1, 7, true);
	ck_assert_uint_eq(rig_stats()->acl_free, 3);
	ck_assert_uint_eq(rig_stats()->acl_tx_packets, 5);
	ck_assert_uint_eq(rig_stats()->acl_tx_bytes, 5 * BYTES);
}
END_TEST

START_TEST(nothing_is_pulled_without_a_free_buffer)
{
	begin(1);
	rig_send(one, 7, 20);
	rig_send(one, 7, 20);
	rig_expect_acl(0x0001, 0, 20);
	ck_assert_uint_eq(rig.pulls, 1);
	rig_expect_none();
	ck_assert_uint_eq(rig.pulls, 1);
	rig_completed(1, 1);
	rig_expect_acl(0x0001, 0, 20);
	rig_expect_none();
	rig_completed(1, 1);
	rig_expect_none();
	ck_assert_uint_eq(rig.pulls, 3);
	rig_expect_none();
	ck_assert_uint_eq(rig.pulls, 3);
}
END_TEST

START_TEST(links_take_turns)
{
	begin(8);
	rig_send(one, 7, 3 * BYTES);
	rig_send(one, 7, BYTES);
	rig_send(two, 8, 2 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_acl(0x0002, 0, BYTES);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_expect_acl(0x1002, BYTES, BYTES);
	rig_expect_acl(0x1001, 2 * BYTES, BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_none();
}
END_TEST

START_TEST(commands_go_first)
{
	begin(8);
	rig_send(one, 7, 2 * BYTES);
	rt_hci_link_disconnect(two, 0x13);
	rig_expect_command(0x0406);
	rig_expect_acl(0x0001, 0, BYTES);
	rt_hci_set_scan(rig.hci, true, false);
	rig_status(0x0406, 0);
	rig_expect_command(0x0c1a);
	rig_expect_acl(0x1001, BYTES, BYTES);
}
END_TEST

START_TEST(to_be_ready_twice_costs_nothing)
{
	begin(8);
	rt_hci_link_ready(one);
	rt_hci_link_ready(one);
	rig_expect_none();
	ck_assert_uint_eq(rig.pulls, 1);
}
END_TEST

START_TEST(completions_come_in_order_and_by_pdu)
{
	begin(8);
	rig_send(one, 7, 2 * BYTES);
	rig_send(one, 8, BYTES);
	rig_send(one, 9, 3 * BYTES);
	for (int i = 0; i < 6; i++)
		rig_take_acl();
	rig_completed(1, 1);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_completed(1, 3);
	expect_completed(1, 7, true);
	expect_completed(1, 8, true);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_completed(1, 2);
	expect_completed(1, 9, true);
}
END_TEST

START_TEST(one_event_serves_several_links)
{
	begin(8);
	rig_send(one, 7, 2 * BYTES);
	rig_send(two, 8, BYTES);
	for (int i = 0; i < 3; i++)
		rig_take_acl();
	rig_inject("04 13 0d 03 0200 0100 0300 0100 0100 0200");
	expect_completed(1, 8, true);
	expect_completed(1, 7, true);
	ck_assert_uint_eq(rig_stats()->completed_surplus, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 8);
}
END_TEST

START_TEST(more_completions_than_packets_are_counted_and_harmless)
{
	begin(4);
	rig_completed(1, 1);
	rig_completed(9, 3);
	rig_completed(1, 0);
	ck_assert_uint_eq(rig_stats()->completed_surplus, 4);
	rig_send(one, 7, BYTES);
	rig_send(two, 8, BYTES);
	rig_take_acl();
	rig_take_acl();
	rig_completed(1, 0xffff);
	ck_assert_uint_eq(rig_stats()->completed_surplus, 4 + 0xfffe);
	ck_assert_uint_eq(rig_stats()->acl_free, 3);
	rig_completed(1, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 3);
	expect_completed(1, 7, true);
	ck_assert_uint_eq(rig.completed_count, 0);
}
END_TEST

START_TEST(a_count_of_handles_that_does_not_fit_changes_nothing)
{
	uint8_t event[258] = { 0x13 };

	begin_alone(8);
	rig_send(one, 7, 8 * BYTES);
	for (int i = 0; i < 8; i++)
		rig_take_acl();
	for (size_t i = 3; i < sizeof(event); i += 4)
		event[i] = 0x99;
	for (unsigned int len = 0; len <= 255; len++) {
		for (unsigned int count = 0; count <= 255; count++) {
			const uint32_t before = rig_stats()->events_malformed;
			const bool bad = len < 1 + 4 * count;

			event[1] = (uint8_t)len;
			event[2] = (uint8_t)count;
			rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
			ck_assert_uint_eq(rig_stats()->events_malformed,
					  before + bad);
		}
	}
	ck_assert_uint_eq(rig_stats()->acl_free, 0);
	ck_assert_uint_eq(rig.completed_count, 0);
}
END_TEST

START_TEST(a_closed_link_returns_its_buffers_and_what_was_not_written)
{
	begin(4);
	rig_send(one, 7, BYTES);
	rig_send(one, 8, 5 * BYTES);
	for (int i = 0; i < 3; i++)
		rig_take_acl();
	rig_expect_none();
	rig_disconnection_complete(1, 0x13);
	expect_completed(1, 7, false);
	expect_completed(1, 8, false);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 4);
	rig_completed(1, 4);
	ck_assert_uint_eq(rig_stats()->acl_free, 4);
	ck_assert_uint_eq(rig_stats()->completed_surplus, 4);
	rig_send(two, 9, BYTES);
	rig_expect_acl(0x0002, 0, BYTES);
}
END_TEST

START_TEST(a_controller_that_keeps_packets_loses_them_after_a_while)
{
	begin_alone(2);
	rig_send(one, 7, 2 * BYTES);
	rig_take_acl();
	rig_take_acl();
	rig_pass_us(29999999);
	rig_completed(1, 1);
	rig_pass_us(29999999);
	ck_assert_uint_eq(rig_stats()->completed_overdue, 0);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_pass_us(1);
	ck_assert_uint_eq(rig_stats()->completed_overdue, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 2);
	expect_completed(1, 7, true);
	/* They come after all. */
	rig_completed(1, 1);
	ck_assert_uint_eq(rig_stats()->completed_surplus, 1);
	ck_assert_uint_eq(rig_stats()->acl_free, 2);
}
END_TEST

START_TEST(a_pdu_under_way_survives_the_write_off)
{
	begin(1);
	rig_send(one, 7, 2 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_pass_us(30000000);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_completed(1, 1);
	expect_completed(1, 7, true);
}
END_TEST

START_TEST(disown_keeps_the_rest_of_the_pdu_and_tells_nobody)
{
	begin(8);
	rig_send(one, 7, BYTES);
	rig_send(one, 8, 3 * BYTES);
	rig_send(two, 8, BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_acl(0x0002, 0, BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rt_hci_link_disown(one, 8);
	/* Its memory may be anything now. */
	for (size_t i = BYTES; i < sizeof(rig.tx_body); i++)
		rig.tx_body[i] ^= 0xff;
	struct rt_packet tx;
	ck_assert(rt_hci_tx(rig.hci, &tx));
	ck_assert_uint_eq(tx.slice[0].ptr[1] >> 4, 1);
	ck_assert_uint_eq(tx.len, 4 + BYTES);
	ck_assert_uint_eq(tx.slice[1].ptr[0], (uint8_t)(BYTES * 7));
	ck_assert(rt_hci_tx(rig.hci, &tx));
	ck_assert_uint_eq(tx.slice[1].ptr[0], (uint8_t)(2 * BYTES * 7));
	rig_completed(1, 4);
	rig_completed(2, 1);
	expect_completed(1, 7, true);
	expect_completed(1, 8, true);
	ck_assert_uint_eq(rig.completed_count, 0);
}
END_TEST

START_TEST(disown_of_an_owned_pdu_copies_nothing)
{
	begin(8);
	rig_send(one, 0, 3 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig.fake.allocs_left = 0;
	rt_hci_link_disown(one, 0);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_expect_acl(0x1001, 2 * BYTES, BYTES);
	rig_completed(1, 3);
	ck_assert_uint_eq(rig.completed_count, 0);
}
END_TEST

START_TEST(disown_without_memory_cuts_the_pdu_off)
{
	begin(8);
	rig_send(one, 8, 3 * BYTES);
	rig_send(one, 9, BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig.fake.allocs_left = 0;
	rt_hci_link_disown(one, 8);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_none();
	rig_completed(1, 2);
	expect_completed(1, 9, true);
	ck_assert_uint_eq(rig.completed_count, 0);
}
END_TEST

START_TEST(disown_without_memory_of_what_was_completed_so_far_is_the_end)
{
	begin(8);
	rig_send(one, 8, 3 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_completed(1, 1);
	rt_hci_link_disconnect(one, 0x13);
	rig.fake.allocs_left = 0;
	rt_hci_link_disown(one, 8);
	/* Nothing is on its way any more: the link can go. */
	rig_expect("01 0604 03 0100 13");
}
END_TEST

START_TEST(disown_of_another_channel_changes_nothing)
{
	begin(8);
	rig_send(one, 8, 2 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig.fake.allocs_left = 0;
	rt_hci_link_disown(one, 9);
	rt_hci_link_disown(two, 8);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_completed(1, 2);
	expect_completed(1, 8, true);
}
END_TEST

static void disown_all(struct rt_hci_link *link)
{
	rig.on_completed = NULL;
	rt_hci_link_disown(link, 8);
}

START_TEST(disown_while_completions_are_told_holds_at_once)
{
	begin(8);
	rig_send(one, 7, BYTES);
	rig_send(one, 8, BYTES);
	rig_send(one, 9, BYTES);
	rig_send(one, 8, 2 * BYTES);
	for (int i = 0; i < 4; i++)
		rig_take_acl();
	rig.fake.allocs_left = 0;
	rig.on_completed = disown_all;
	rig_completed(1, 4);
	expect_completed(1, 7, true);
	expect_completed(1, 9, true);
	ck_assert_uint_eq(rig.completed_count, 0);
	ck_assert_uint_eq(rig_stats()->acl_free, 8);
}
END_TEST

static void send_more(struct rt_hci_link *link)
{
	rig.on_completed = NULL;
	rig_send(link, 9, BYTES);
}

START_TEST(a_completion_may_ask_for_more)
{
	begin(1);
	rig_send(one, 7, BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig.on_completed = send_more;
	rig_completed(1, 1);
	rig_expect_acl(0x0001, 0, BYTES);
}
END_TEST

static void disconnect(struct rt_hci_link *link)
{
	rt_hci_link_disconnect(link, 0x13);
}

START_TEST(a_completion_may_disconnect_the_link)
{
	begin(4);
	rig_send(one, 7, BYTES);
	rig_send(one, 7, BYTES);
	rig_take_acl();
	rig_take_acl();
	rig.on_completed = disconnect;
	rig_completed(1, 2);
	ck_assert_uint_eq(rig.completed_count, 2);
	rig_expect("01 0604 03 0100 13");
	rig_expect_none();
}
END_TEST

START_TEST(as_many_pdus_are_on_their_way_as_there_are_buffers)
{
	begin_alone(64);
	for (int i = 0; i < 64; i++)
		rig_send(one, (rt_handle)(100 + i), 4);
	rig_send(one, 99, 2 * BYTES);
	for (int i = 0; i < 64; i++)
		rig_expect_acl(0x0001, 0, 4);
	rig_expect_none();
	rig_completed(1, 1);
	expect_completed(1, 100, true);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_expect_none();
	rig_completed(1, 64);
	for (int i = 1; i < 64; i++)
		expect_completed(1, (rt_handle)(100 + i), true);
	ck_assert_uint_eq(rig.completed_count, 0);
	rig_expect_acl(0x1001, BYTES, BYTES);
	rig_completed(1, 1);
	expect_completed(1, 99, true);
}
END_TEST

START_TEST(time_without_a_buffer_is_counted)
{
	begin(1);
	rig_send(one, 7, 2 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig_pass_us(500);
	rig_expect_none();
	rig_pass_us(300);
	rig_expect_none();
	rig_completed(1, 1);
	ck_assert_uint_eq(rig_stats()->stalled_us, 300);
	rig_pass_us(1000);
	rig_expect_acl(0x1001, BYTES, BYTES);
	ck_assert_uint_eq(rig_stats()->stalled_us, 300);
}
END_TEST

START_TEST(a_link_that_is_not_open_sends_nothing)
{
	struct rt_hci_link *link;

	begin(4);
	link = rig_want(3);
	rig_send(link, 7, BYTES);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_expect_none();
	ck_assert_uint_eq(rig.pulls, 0);
	rig_connection_complete(0, 3, 3);
	rig_expect_none();
	rt_hci_link_ready(link);
	rig_expect_acl(0x0003, 0, BYTES);
}
END_TEST

START_TEST(engines_freed_in_the_middle_leave_nothing)
{
	begin(2);
	rig_send(one, 0, 5 * BYTES);
	rig_send(two, 8, 5 * BYTES);
	rig_take_acl();
	rig_take_acl();
	rig_inject("02 0120 0600 64004000 0102");
	rig_want(4);
	/* The teardown looks for the rest. */
}
END_TEST

static void disown_closed(struct rt_hci_link *link)
{
	rt_hci_link_disown(link, 8);
}

START_TEST(disown_of_a_link_that_closes_under_a_pdu_is_safe)
{
	begin(1);
	rig_send(one, 8, 3 * BYTES);
	rig_expect_acl(0x0001, 0, BYTES);
	rig.on_down = disown_closed;
	rig_disconnection_complete(1, 0x13);
	rt_hci_link_disown(one, 8);
	expect_completed(1, 8, false);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_pdu_of_any_length_leaves_in_fragments_that_fill_buffers, 1 },
	{ &without_the_feature_the_first_fragment_is_flushable, 1 },
	{ &a_pdu_that_may_be_flushed_says_so, 1 },
	{ &no_more_packets_are_sent_than_there_are_buffers, 1 },
	{ &nothing_is_pulled_without_a_free_buffer, 1 },
	{ &links_take_turns, 1 },
	{ &commands_go_first, 1 },
	{ &to_be_ready_twice_costs_nothing, 1 },
	{ &completions_come_in_order_and_by_pdu, 1 },
	{ &one_event_serves_several_links, 1 },
	{ &more_completions_than_packets_are_counted_and_harmless, 1 },
	{ &a_count_of_handles_that_does_not_fit_changes_nothing, 1 },
	{ &a_closed_link_returns_its_buffers_and_what_was_not_written, 1 },
	{ &a_controller_that_keeps_packets_loses_them_after_a_while, 1 },
	{ &a_pdu_under_way_survives_the_write_off, 1 },
	{ &disown_keeps_the_rest_of_the_pdu_and_tells_nobody, 1 },
	{ &disown_of_an_owned_pdu_copies_nothing, 1 },
	{ &disown_without_memory_cuts_the_pdu_off, 1 },
	{ &disown_without_memory_of_what_was_completed_so_far_is_the_end, 1 },
	{ &disown_of_another_channel_changes_nothing, 1 },
	{ &disown_while_completions_are_told_holds_at_once, 1 },
	{ &a_completion_may_ask_for_more, 1 },
	{ &a_completion_may_disconnect_the_link, 1 },
	{ &as_many_pdus_are_on_their_way_as_there_are_buffers, 1 },
	{ &time_without_a_buffer_is_counted, 1 },
	{ &a_link_that_is_not_open_sends_nothing, 1 },
	{ &engines_freed_in_the_middle_leave_nothing, 1 },
	{ &disown_of_a_link_that_closes_under_a_pdu_is_safe, 1 },
};

int main(void)
{
	return rig_run("hci acl_tx", cases, RT_ARRAY_SIZE(cases));
}
