/* SPDX-License-Identifier: MIT */
#include "hci/policy.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/timers.h"
#include "tests/unit/hci/rig.h"

/* Wishes for links: supervision timeout, sniff mode, role, idle time. */

static void role_change(uint8_t status, uint8_t last, uint8_t role)
{
	rig_inject("04 12 08 %02x %02x0100000000 %02x", status, last, role);
}

static void mode_change(uint8_t status, uint8_t mode)
{
	rig_inject("04 14 06 %02x 0100 %02x 2003", status, mode);
}

/* Our link to peer 1 with the handle 1; security has asked what it asks. */
static struct rt_hci_link *begin(void)
{
	struct rt_hci_link *link;

	rig_bring_up();
	link = rig_connect(1, 1);
	rig_answer_all();
	return link;
}

static struct rt_hci_link *begin_accepted(void)
{
	struct rt_hci_link *link;

	rig_bring_up();
	link = rig_accept(1, 1);
	rig_answer_all();
	return link;
}

START_TEST(the_central_sets_the_supervision_timeout)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_supervision(link, 0x1234);
	rig_expect("01 370c 04 0100 3412");
	rig_complete(0x0c37);
	rig_expect_none();
	rt_hci_link_set_supervision(link, 0);
	rig_expect_none();
}
END_TEST

START_TEST(a_peripheral_sets_it_as_soon_as_it_is_central)
{
	struct rt_hci_link *link = begin_accepted();

	ck_assert_int_eq(rt_hci_link_role(link), RT_HCI_ROLE_PERIPHERAL);
	rt_hci_link_set_supervision(link, 0x1234);
	rig_expect_none();
	role_change(0, 1, 0);
	ck_assert_int_eq(rt_hci_link_role(link), RT_HCI_ROLE_CENTRAL);
	rig_expect("01 370c 04 0100 3412");
	rig_complete(0x0c37);
	rig_expect_none();
}
END_TEST

START_TEST(wishes_are_kept_until_the_link_is_open)
{
	struct rt_hci_link *link;

	rig_bring_up();
	link = rig_want(1);
	rt_hci_link_set_supervision(link, 0x1234);
	rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	/* The peer that is paged may not become central. */
	rig_expect("01 0504 0d 010100000000 18cc 02 00 0000 00");
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	rig_expect("01 370c 04 0100 3412");
	rig_complete(0x0c37);
	/* Nor later. */
	rig_expect("01 0d08 04 0100 0400");
	rig_complete(0x080d);
	rig_answer_all();
	ck_assert_uint_eq(rig_stats()->policy_refused, 0);
	rt_hci_link_set_used(link, true);
}
END_TEST

START_TEST(links_of_peers_are_accepted_as_central_if_wished)
{
	rig_bring_up();
	rt_hci_set_accept_role(rig.hci, RT_HCI_ROLE_CENTRAL);
	rig_connection_request(1);
	rig_expect("01 0904 07 010100000000 00");
	rig_status(0x0409, 0);
	role_change(0, 1, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_int_eq(rt_hci_link_role(rig.links[0].link),
			 RT_HCI_ROLE_CENTRAL);
	rt_hci_set_accept_role(rig.hci, RT_HCI_ROLE_LEAVE);
	rig_answer_all();
	rig_connection_request(2);
	rig_expect("01 0904 07 020100000000 01");
}
END_TEST

START_TEST(a_role_is_switched_and_kept)
{
	struct rt_hci_link *link = begin_accepted();

	rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	rig_expect("01 0b08 07 010100000000 00");
	rig_status(0x080b, 0);
	rig_expect_none();
	role_change(0, 1, 0);
	rig_expect("01 0d08 04 0100 0400");
	rig_complete(0x080d);
	ck_assert_int_eq(rt_hci_link_role(link), RT_HCI_ROLE_CENTRAL);
	/* No wish any more: the peer may have it. */
	rt_hci_link_switch_role(link, RT_HCI_ROLE_LEAVE);
	rig_expect("01 0d08 04 0100 0500");
	rig_complete(0x080d);
	rig_expect_none();
}
END_TEST

/* Command Status, Role Change, or nothing at all. */
START_TEST(a_role_that_is_refused_is_counted_and_the_link_stays)
{
	struct rt_hci_link *link = begin_accepted();

	rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	rig_expect_command(0x080b);
	rig_status(0x080b, _i == 0 ? 0x0c : 0);
	if (_i == 1)
		role_change(0x21, 1, 1);
	else if (_i == 2)
		rig_pass_us(RT_MS(RT_HCI_POLICY_MS));
	ck_assert_uint_eq(rig_stats()->policy_refused, 1);
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
	ck_assert_int_eq(rt_hci_link_role(link), RT_HCI_ROLE_PERIPHERAL);
	rig_pass_us(RT_MS(60000));
	rig_expect_none();
}
END_TEST

START_TEST(sniff_can_be_forbidden)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_NEVER);
	rig_expect("01 0d08 04 0100 0100");
	rig_complete(0x080d);
	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_ALLOW);
	rig_expect("01 0d08 04 0100 0500");
	rig_complete(0x080d);
	mode_change(0, 2);
	rig_expect_none();
	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_NEVER);
	rig_expect("01 0408 02 0100");
	rig_status(0x0804, 0);
	mode_change(0, 0);
	rig_expect("01 0d08 04 0100 0100");
	rig_complete(0x080d);
	rig_expect_none();
}
END_TEST

START_TEST(a_quiet_link_sniffs_and_data_wake_it)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_PREFER);
	rig_expect_none();
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS));
	rig_expect("01 0308 0a 0100 2003 9001 0400 0100");
	rig_status(0x0803, 0);
	mode_change(0, 2);
	rig_pass_us(RT_MS(5000));
	rig_expect_none();
	rig_send(link, 9, 10);
	rig_take_acl();
	rig_expect("01 0408 02 0100");
	rig_status(0x0804, 0);
	mode_change(0, 0);
	rig_completed(1, 1);
	rig_expect_none();
	/* Not while there is traffic. */
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS / 2));
	rig_send(link, 9, 10);
	rig_take_acl();
	rig_completed(1, 1);
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS / 2));
	rig_expect_none();
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS));
	rig_expect_command(0x0803);
	rig_status(0x0803, 0);
	mode_change(0, 2);
}
END_TEST

START_TEST(a_sniff_mode_that_is_refused_is_not_asked_for_again)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_PREFER);
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS));
	rig_expect_command(0x0803);
	rig_status(0x0803, _i == 0 ? 0x1a : 0);
	if (_i == 1)
		mode_change(0x24, 0);
	else if (_i == 2)
		rig_pass_us(RT_MS(RT_HCI_POLICY_MS));
	ck_assert_uint_eq(rig_stats()->policy_refused, 1);
	rig_pass_us(RT_MS(60000));
	rig_expect_none();
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
	/* Unless somebody wishes anew. */
	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_PREFER);
	rig_pass_us(RT_MS(2 * RT_HCI_QUIET_MS));
	rig_expect_command(0x0803);
}
END_TEST

START_TEST(sniff_intervals_stay_below_the_supervision_timeout)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_supervision(link, 1000);
	rig_expect_command(0x0c37);
	rig_complete(0x0c37);
	rt_hci_link_set_sniff(link, RT_HCI_SNIFF_PREFER);
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS));
	/* 250 slots at most. */
	rig_expect("01 0308 0a 0100 fa00 fa00 0400 0100");
}
END_TEST

START_TEST(a_role_waits_for_the_end_of_sniff_mode)
{
	struct rt_hci_link *link = begin_accepted();

	mode_change(0, 2);
	rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	rig_expect_none();
	rig_pass_us(RT_MS(RT_HCI_POLICY_AGAIN_MS));
	rig_expect_none();
	mode_change(0, 0);
	rig_expect_command(0x080b);
	rig_status(0x080b, 0);
	role_change(0, 1, 0);
	rig_expect_command(0x080d);
}
END_TEST

START_TEST(a_link_is_kept_unused_as_long_as_wished)
{
	struct rt_hci_link *link = begin();

	rt_hci_link_set_idle(link, 7000);
	rt_hci_link_set_used(link, false);
	rig_pass_us(RT_MS(6999));
	rig_expect_none();
	rig_pass_us(RT_MS(1));
	rig_expect("01 0604 03 0100 13");
}
END_TEST

START_TEST(nothing_is_left_of_a_link_that_goes_meanwhile)
{
	struct rt_hci_link *link = _i == 0 ? begin_accepted() : begin();

	if (_i == 0)
		rt_hci_link_switch_role(link, RT_HCI_ROLE_CENTRAL);
	else
		rt_hci_link_set_sniff(link, RT_HCI_SNIFF_PREFER);
	rig_pass_us(RT_MS(RT_HCI_QUIET_MS));
	rig_expect_command(_i == 0 ? 0x080b : 0x0803);
	rig_disconnection_complete(1, 0x08);
	rig_reap();
	rig_status(_i == 0 ? 0x080b : 0x0803, 0);
	role_change(0, 1, 0);
	mode_change(0, 2);
	rig_pass_us(RT_MS(60000));
	rig_expect_none();
}
END_TEST

static const struct rig_case cases[] = {
	{ &the_central_sets_the_supervision_timeout, 1 },
	{ &a_peripheral_sets_it_as_soon_as_it_is_central, 1 },
	{ &wishes_are_kept_until_the_link_is_open, 1 },
	{ &links_of_peers_are_accepted_as_central_if_wished, 1 },
	{ &a_role_is_switched_and_kept, 1 },
	{ &a_role_that_is_refused_is_counted_and_the_link_stays, 3 },
	{ &sniff_can_be_forbidden, 1 },
	{ &a_quiet_link_sniffs_and_data_wake_it, 1 },
	{ &a_sniff_mode_that_is_refused_is_not_asked_for_again, 3 },
	{ &sniff_intervals_stay_below_the_supervision_timeout, 1 },
	{ &a_role_waits_for_the_end_of_sniff_mode, 1 },
	{ &a_link_is_kept_unused_as_long_as_wished, 1 },
	{ &nothing_is_left_of_a_link_that_goes_meanwhile, 2 },
};

int main(void)
{
	return rig_run("hci policy", cases, RT_ARRAY_SIZE(cases));
}
