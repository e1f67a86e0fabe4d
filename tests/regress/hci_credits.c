/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/engine.h"
#include "hci/link.h"
#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_tables.h"

/*
 * Number Of Completed Packets that lies. Free buffers and those that links
 * hold add up to what the controller has, whatever it says.
 */

#define BUFFERS 4 /* of the rig's controller */
#define EVENT_BYTES 257
#define HANDLES 0x10000

static uint8_t event[EVENT_BYTES];
static struct rt_hci_link *link_1;

/* An engine that is up, with a link of handle 1. */
static void begin(void)
{
	hci_fresh(NULL);
	rig_bring_up();
	link_1 = rig_connect(1, 1);
}

/* As many packets are with the controller. */
static void send_packets(unsigned int packets)
{
	rig.completed_count = 0;
	rig.tx_first = 0;
	rig.tx_count = 0;
	for (unsigned int i = 0; i < packets; i++)
		rig_send(link_1, 7, 20);
	for (unsigned int i = 0; i < packets; i++)
		rig_take_acl();
}

static void expect_sum(void)
{
	uint32_t sum = rig_stats()->acl_free;
	struct rt_hci_link *link;

	RT_LIST_EACH (link, &rig.hci->links, node)
		sum += link->tx.packets;
	if (sum != BUFFERS)
		ck_abort_msg("%u buffers of %u", sum, BUFFERS);
}

static void complete(uint16_t handle, unsigned int packets)
{
	rig_completed(handle, (uint16_t)packets);
	expect_sum();
}

/* The event says `count` handles, and has room for as many as it likes. */
static void inject_pairs(unsigned int count, unsigned int len)
{
	memset(event, 0, sizeof(event));
	event[0] = 0x13;
	event[1] = (uint8_t)len;
	event[2] = (uint8_t)count;
	for (size_t at = 3; at + 4 <= EVENT_BYTES; at += 4) {
		event[at] = 1;
		event[at + 2] = 1;
	}
	rig_inject_bytes(RT_PACKET_EVENT, event, 2 + len);
	expect_sum();
}

/* HCI-06: each handle stands for one packet of the link. */
START_TEST(every_count_of_handles_with_every_length_adds_up)
{
	uint32_t malformed = 0;
	uint32_t surplus = 0;
	unsigned int held = 0;
	unsigned int done;
	bool fits;

	begin();
	for (unsigned int count = 0; count < 256; count++) {
		for (unsigned int len = 0; len < 256; len++) {
			if (held == 0)
				send_packets(held = BUFFERS);
			inject_pairs(count, len);
			fits = len >= 1 && 1 + 4 * count <= len;
			done = fits ? RT_MIN(count, held) : 0;
			malformed += !fits;
			surplus += fits ? count - done : 0;
			held -= done;
			if (rig_stats()->events_malformed != malformed ||
			    rig_stats()->completed_surplus != surplus ||
			    rig_stats()->acl_free != BUFFERS - held ||
			    rig.completed_count != BUFFERS - held)
				ck_abort_msg("%u handles in %u octets", count,
					     len);
		}
	}
	ck_assert_uint_gt(surplus, 1000);
	complete(1, held);
	hci_expect_works();
}
END_TEST

/* HCI-07: of any number of packets held, any number are said to be done. */
START_TEST(more_packets_than_there_were_free_no_more_buffers)
{
	static const unsigned int more[] = { 0,	     1,	     2,	     3,	    4,
					     5,	     8,	     254,    255,   256,
					     0x7fff, 0x8000, 0xfffe, 0xffff };
	uint32_t surplus = 0;

	begin();
	for (unsigned int held = 0; held <= BUFFERS; held++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(more); i++) {
			const unsigned int done = RT_MIN(more[i], held);

			send_packets(held);
			rig.fake.log_lines = 0;
			complete(1, more[i]);
			surplus += more[i] - done;
			ck_assert_uint_eq(rig.completed_count, done);
			ck_assert_uint_eq(rig_stats()->completed_surplus,
					  surplus);
			/* It is in the log, and that is all. */
			ck_assert(rig.fake.log_lines > 0 || more[i] <= held);
			complete(1, held - done);
			ck_assert_uint_eq(rig.completed_count, held);
			ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
		}
	}
	/* No more packets are sent for it than there are buffers. */
	rig.tx_count = 0;
	for (unsigned int i = 0; i < BUFFERS + 1; i++)
		rig_send(link_1, 7, 20);
	for (unsigned int i = 0; i < BUFFERS; i++)
		rig_take_acl();
	rig_expect_none();
	complete(1, 0xffff);
	rig_take_acl();
	rig_expect_none();
	complete(1, 0xffff);
	ck_assert_uint_eq(rig.downs, 0);
	hci_expect_works();
}
END_TEST

/* HCI-08: all handles but the one; its flags are no part of it. */
START_TEST(completions_of_handles_that_nobody_has_change_nothing)
{
	uint32_t surplus = 0;

	begin();
	send_packets(3);
	for (unsigned int handle = 0; handle < HANDLES; handle++) {
		if ((handle & 0x0fff) == 1)
			continue;
		complete((uint16_t)handle, 1);
		surplus++;
		if (rig_stats()->acl_free != BUFFERS - 3 ||
		    rig_stats()->completed_surplus != surplus)
			ck_abort_msg("handle 0x%04x", handle);
	}
	ck_assert_uint_eq(rig.completed_count, 0);
	complete(1, 3);
	ck_assert_uint_eq(rig.completed_count, 3);
	hci_expect_works();
}
END_TEST

/* HCI-08: it goes with packets that the controller says are done afterwards. */
START_TEST(completions_of_a_link_that_is_gone_change_nothing)
{
	begin();
	for (unsigned int held = 0; held <= BUFFERS; held++) {
		const uint32_t surplus = rig_stats()->completed_surplus;

		send_packets(held);
		rig_disconnection_complete(1, 0x13);
		ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
		ck_assert_uint_eq(rig.completed_count, held);
		if (held > 0)
			ck_assert(!rig.completed[0].written);
		complete(1, held);
		hci_forget_links();
		complete(1, held);
		ck_assert_uint_eq(rig_stats()->completed_surplus,
				  surplus + 2 * held);
		/* The next one with this handle begins with nothing. */
		link_1 = rig_connect(1, 1);
		complete(1, held);
		ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
		send_packets(1);
		ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS - 1);
		complete(1, 1);
		ck_assert_uint_eq(rig.completed_count, 1);
		ck_assert(rig.completed[0].written);
	}
	hci_expect_works();
}
END_TEST

/* HCI-08: each packet is completed twice, one by one and all together. */
START_TEST(a_packet_that_is_completed_twice_was_one)
{
	begin();
	for (unsigned int held = 1; held <= BUFFERS; held++) {
		for (unsigned int at_once = 1; at_once <= held; at_once++) {
			send_packets(held);
			for (unsigned int i = 0; i < held; i += at_once) {
				complete(1, at_once);
				/* The second time it says so of another. */
				complete(1, at_once);
			}
			ck_assert_uint_eq(rig.completed_count, held);
			ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
			complete(1, held);
			ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
		}
	}
	hci_expect_works();
}
END_TEST

/* HCI-08: with the same handle several times in an event, and two links. */
START_TEST(packets_of_one_link_are_no_packets_of_another)
{
	struct rt_hci_link *link_2;

	begin();
	link_2 = rig_connect(2, 2);
	send_packets(2);
	rig_send(link_2, 8, 20);
	rig_take_acl();
	ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS - 3);
	rig_inject("04 13 11 04 0100 0000 0100 ffff 0300 0100 0100 0100");
	expect_sum();
	ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS - 1);
	ck_assert_uint_eq(rig.completed_count, 2);
	complete(2, 1);
	ck_assert_uint_eq(rig.completed_count, 3);
	ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS);
	hci_expect_works();
}
END_TEST

static const struct rt_hci_options bounded = {
	.name = "rig",
	.acl_rx_packets_max = 8,
};

/*
 * HCI-09: Host Number Of Completed Packets is not answered, but some answer.
 * Nothing is taken from it but how many commands there may be.
 */
START_TEST(an_answer_to_what_needs_none_is_ignored)
{
	uint32_t unexpected;

	hci_fresh(&bounded);
	rig_bring_up();
	ck_assert(rt_hci_get_info(rig.hci)->host_flow_control);
	link_1 = rig_connect(1, 1);
	for (unsigned int value = 0; value < 256; value++) {
		send_packets(2);
		rig_inject("02 0120 0700 03004000 616263");
		rig_expect("01 350c 05 01 0100 0100");
		rt_hci_set_class(rig.hci, value + 1);
		rig_expect_command(0x0c24);
		unexpected = rig_stats()->events_unexpected;
		rig_inject("04 0e 04 01 350c %02x", value);
		rig_inject("04 0e 08 01 350c %02x 0100ffff", value);
		rig_inject("04 0e 03 01 350c");
		rig_inject("04 0f 04 %02x 01 350c", value);
		ck_assert_uint_eq(rig_stats()->events_unexpected,
				  unexpected + 4);
		/* One command is out, and one may be: neither another one, */
		rt_hci_set_class(rig.hci, value + 2);
		rig_expect_none();
		/* nor is it answered, nor are packets of ours. */
		expect_sum();
		ck_assert_uint_eq(rig_stats()->acl_free, BUFFERS - 2);
		ck_assert_uint_eq(rig.completed_count, 0);
		rig_complete(0x0c24);
		rig_expect_command(0x0c24);
		rig_complete(0x0c24);
		complete(1, 2);
		ck_assert_uint_eq(rig.completed_count, 2);
	}
	/* The host's own count goes on where it was. */
	rig_inject("02 0120 0700 03004000 616263");
	rig_inject("02 0120 0700 03004000 616263");
	rig_expect("01 350c 05 01 0100 0200");
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->commands_timed_out, 0);
	rig_disconnection_complete(1, 0x13);
	hci_fresh(NULL);
	rig_bring_up();
	hci_expect_works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-06", "A", every_count_of_handles_with_every_length_adds_up),
	TAGGED("HCI-07", "A",
	       more_packets_than_there_were_free_no_more_buffers),
	TAGGED("HCI-08", "A",
	       completions_of_handles_that_nobody_has_change_nothing),
	TAGGED("HCI-08", "A",
	       completions_of_a_link_that_is_gone_change_nothing),
	TAGGED("HCI-08", "A", a_packet_that_is_completed_twice_was_one),
	TAGGED("HCI-08", "A", packets_of_one_link_are_no_packets_of_another),
	TAGGED("HCI-09", "A", an_answer_to_what_needs_none_is_ignored),
};

const struct tagged_table hci_credits_table = HCI_RIG_TABLE(rows);
