/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/hci/rig.h"

/* How links share the buffers of the controller. */

#define BYTES 27

static struct rt_hci_link *one;
static struct rt_hci_link *two;

/* Two links, and a controller with `packets` buffers of 27 octets. */
static void begin(uint8_t packets)
{
	static char ret[64];
	static const struct rig_answer answers[] = { { 0x1005, ret },
						     { 0, NULL } };

	snprintf(ret, sizeof(ret), "00 1b00 00 %02x00 0000", packets);
	rig.answers = answers;
	rig_bring_up();
	one = rig_connect(1, 1);
	two = rig_accept(2, 2);
}

/* So many packets leave, of as many PDUs, and then none. */
static void expect_packets(struct rt_hci_link *link, unsigned int count)
{
	const uint16_t handle = rt_hci_link_handle(link);

	for (unsigned int i = 0; i < count; i++)
		rig_expect_acl(handle, 0, BYTES);
	rig_expect_none();
}

static void send_some(struct rt_hci_link *link, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		rig_send(link, 7, BYTES);
}

/* A peer that takes nothing more holds nobody up but itself. */
START_TEST(a_buffer_is_left_for_each_link_that_has_none)
{
	struct rt_hci_link *three;

	begin(8);
	three = rig_connect(3, 3);
	send_some(one, 20);
	expect_packets(one, 6);
	send_some(two, 6);
	expect_packets(two, 1);
	/* They go on with what they have, as fast as their peers take it. */
	for (int i = 0; i < 5; i++) {
		rig_completed(2, 1);
		expect_packets(two, 1);
	}
	send_some(three, 2);
	expect_packets(three, 1);
	rig_completed(3, 1);
	expect_packets(three, 1);
	/* Whoever has some takes what is left, and no more. */
	rig_completed(1, 3);
	expect_packets(one, 3);
	rig_completed(3, 1);
	rig_expect_none();
	rig_completed(2, 1);
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->acl_free, 2);
	/* A link that has gone needs none. */
	rig_disconnection_complete(3, 0x13);
	rig_reap();
	expect_packets(one, 1);
}
END_TEST

START_TEST(time_in_which_buffers_are_left_to_others_is_counted)
{
	begin(4);
	send_some(one, 4);
	expect_packets(one, 3);
	rig_pass_us(1000);
	ck_assert_uint_eq(rig_stats()->stalled_us, 0);
	rig_completed(1, 1);
	ck_assert_uint_eq(rig_stats()->stalled_us, 1000);
	expect_packets(one, 1);
}
END_TEST

int main(void)
{
	const struct rig_case cases[] = {
		{ &a_buffer_is_left_for_each_link_that_has_none, 1 },
		{ &time_in_which_buffers_are_left_to_others_is_counted, 1 },
	};

	return rig_run("hci acl_share", cases, RT_ARRAY_SIZE(cases));
}
