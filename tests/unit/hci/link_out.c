/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <errno.h>

#include "tests/unit/hci/rig.h"

#define PAGE_US UINT64_C(5120000) /* page timeout 0x2000 */

static void begin(void)
{
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}

START_TEST(a_link_of_ours_is_paged_for_and_opens)
{
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_CONNECTING);
	ck_assert_uint_eq(rt_hci_link_handle(link), 0xffff);
	ck_assert(!rt_hci_link_is_incoming(link));
	rig_expect("01 0504 0d 010100000000 18cc 02 00 0000 01");
	rig_expect_none();
	rig_status(0x0405, 0);
	ck_assert_uint_eq(rig_link(link)->ups, 0);
	rig_connection_complete(0, 0x0eff, 1);
	ck_assert_uint_eq(rig_link(link)->ups, 1);
	ck_assert_uint_eq(rt_hci_link_handle(link), 0x0eff);
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
	ck_assert(rt_addr_equal(rt_hci_link_addr(link), rig_addr(1)));
	rig_expect_none();
}
END_TEST

START_TEST(a_page_timeout_says_so)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(PAGE_US);
	ck_assert_uint_eq(known->downs, 0);
	rig_connection_complete(0x04, 0, 1);
	rig_expect_down(known, 0x04, -EHOSTDOWN);
	ck_assert_uint_eq(known->why.phase, RT_PHASE_PAGE);
	ck_assert_uint_eq(known->why.elapsed_us, PAGE_US);
	ck_assert_uint_eq(known->why.frame, rig.env->frame);
	ck_assert_uint_eq(known->ups, 0);
	rig_expect_none();
}
END_TEST

START_TEST(create_connection_that_is_refused_closes_the_link)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0x09);
	rig_expect_down(known, 0x09, -EMLINK);
}
END_TEST

START_TEST(an_address_has_one_link)
{
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	ck_assert_ptr_eq(rig_want(1), link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_ptr_eq(rig_want(1), link);
	ck_assert_uint_eq(rig_link(link)->ups, 1);
	rig_expect_none();
}
END_TEST

START_TEST(a_connect_that_cannot_be_is_refused_at_once)
{
	const struct rt_addr own = { { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 } };
	const struct rt_addr zero = { { 0 } };
	struct rt_hci_link *link = NULL;

	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(1), &link),
			 -ENETDOWN);
	begin();
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, own, &link), -EINVAL);
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, zero, &link), -EINVAL);
	rig.fake.allocs_left = 0;
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(1), &link),
			 -ENOMEM);
	ck_assert_ptr_null(link);
	rig_expect_none();
}
END_TEST

START_TEST(as_many_links_as_the_limit_and_no_more)
{
	struct rt_hci_link *link = NULL;
	const uint8_t max = (uint8_t)rig.env->limits.links;

	begin();
	for (uint8_t i = 1; i < max; i++)
		rig_connect(i, i);
	rig_accept(max, max);
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(99), &link),
			 -EMLINK);
	rig_connection_request(99);
	rig_expect("01 0a04 07 630100000000 0d");
	rig_status(0x040a, 0);
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	rig_connect(99, 99);
}
END_TEST

START_TEST(only_so_many_peers_set_up_at_once)
{
	const uint8_t max = (uint8_t)rig.env->limits.links_setup;

	begin();
	for (uint8_t i = 1; i <= max; i++) {
		rig_connection_request(i);
		rig_expect_command(0x0409);
		rig_status(0x0409, 0);
	}
	rig_connection_request(0x77);
	rig_expect("01 0a04 07 770100000000 0d");
	rig_status(0x040a, 0);
	rig_connection_complete(0, 1, 1);
	rig_connection_request(0x77);
	rig_expect("01 0904 07 770100000000 01");
}
END_TEST

START_TEST(pages_go_one_after_the_other)
{
	struct rig_link *first;
	struct rig_link *second;

	begin();
	first = rig_link(rig_want(1));
	second = rig_link(rig_want(2));
	rig_expect("01 0504 0d 010100000000 18cc 02 00 0000 01");
	rig_status(0x0405, 0);
	rig_expect_none();
	rig_connection_complete(0x04, 0, 1);
	ck_assert_uint_eq(first->downs, 1);
	rig_expect("01 0504 0d 020100000000 18cc 02 00 0000 01");
	rig_status(0x0405, 0);
	rig_connection_complete(0, 2, 2);
	ck_assert_uint_eq(second->ups, 1);
}
END_TEST

START_TEST(a_link_that_never_has_its_turn_gives_up)
{
	const struct rt_hci_options options = { .page_timeout_slots = 0xffff };
	struct rig_link *third;

	rig_renew(&options);
	begin();
	rig_want(1);
	rig_want(2);
	third = rig_link(rig_want(3));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(40959375);
	rig_connection_complete(0x04, 0, 1);
	rig_expect("01 0504 0d 020100000000 18cc 02 00 0000 01");
	rig_status(0x0405, 0);
	rig_pass_us(60000000 - 40959375 - 1);
	ck_assert_uint_eq(third->downs, 0);
	rig_pass_us(1);
	rig_expect_down(third, 0x10, -ETIMEDOUT);
}
END_TEST

START_TEST(a_controller_that_is_silent_about_a_page_is_told_to_stop)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(PAGE_US + 14999999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0804 06 010100000000");
	rig_inject("04 0e 0a 01 0804 00 010100000000");
	rig_connection_complete(0x02, 0, 1);
	rig_expect_down(known, 0x10, -ETIMEDOUT);
}
END_TEST

START_TEST(a_controller_that_is_silent_about_the_cancel_too_is_given_up)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(PAGE_US + 15000000);
	rig_expect_command(0x0408);
	rig_status(0x0408, 0x0c);
	rig_pass_us(4999999);
	ck_assert_uint_eq(known->downs, 0);
	rig_pass_us(1);
	rig_expect_down(known, 0x10, -ETIMEDOUT);
	/* It comes up after all: nobody wants it any more. */
	rig_connection_complete(0, 1, 1);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	ck_assert_uint_eq(known->ups, 0);
}
END_TEST

START_TEST(cancel_before_the_command_is_sent_needs_none)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rt_hci_link_cancel(link);
	rt_hci_link_cancel(link);
	ck_assert_uint_eq(known->downs, 0);
	rig_expect_none();
	rig_pass_us(0);
	ck_assert_uint_eq(known->downs, 1);
	rig_expect_none();
}
END_TEST

START_TEST(cancel_without_a_credit_takes_the_command_back)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	rig_inject("04 0e 03 00 0000");
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_none();
	rt_hci_link_cancel(link);
	rig_pass_us(0);
	ck_assert_uint_eq(known->downs, 1);
	rig_inject("04 0e 03 01 0000");
	rig_expect_none();
}
END_TEST

START_TEST(cancel_while_paging_ends_with_connection_complete)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_cancel(link);
	rig_expect("01 0804 06 010100000000");
	rig_expect_none();
	rig_inject("04 0e 0a 01 0804 00 010100000000");
	ck_assert_uint_eq(known->downs, 0);
	rig_connection_complete(0x02, 0, 1);
	rig_expect_down(known, 0x02, -ENOTCONN);
}
END_TEST

START_TEST(cancel_answered_by_command_status_only_is_enough)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_cancel(link);
	rig_expect_command(0x0408);
	rig_status(0x0408, 0);
	rig_connection_complete(0x02, 0, 1);
	ck_assert_uint_eq(known->downs, 1);
	rig_connect(2, 2);
	rig_pass_us(3000000);
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(cancel_that_comes_too_late_leaves_the_link_open)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_cancel(link);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
	rig_expect_none();
	rt_hci_link_cancel(link);
	rig_expect_none();
	ck_assert_int_eq(rt_hci_link_state(link), RT_HCI_LINK_OPEN);
}
END_TEST

START_TEST(a_cancelled_link_that_is_wanted_again_is_paged_for_again)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_cancel(link);
	ck_assert_ptr_eq(rig_want(1), link);
	rig_expect_command(0x0408);
	rig_inject("04 0e 0a 01 0804 00 010100000000");
	rig_connection_complete(0x02, 0, 1);
	ck_assert_uint_eq(known->downs, 0);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
}
END_TEST

START_TEST(disconnect_of_a_link_being_opened_gives_it_up)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_disconnect(link, 0x15);
	rig_expect_command(0x0408);
	/* Too late, but it was not wanted: it never counts as up. */
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 0);
	rig_inject("04 0e 0a 01 0804 0b 010100000000");
	rig_expect("01 0604 03 0100 15");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	rig_expect_down(known, 0x16, 0);
}
END_TEST

START_TEST(a_page_given_up_too_early_can_still_succeed)
{
	struct rig_link *known;
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	known = rig_link(link);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rt_hci_link_cancel(link);
	ck_assert_ptr_eq(rig_want(1), link);
	rig_expect_command(0x0408);
	rig_status(0x0408, 0x0c);
	rig_pass_us(5000000);
	ck_assert_uint_eq(known->downs, 0);
	rig_connection_complete(0x02, 0, 1);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
	rig_expect_none();
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_link_of_ours_is_paged_for_and_opens, 1 },
	{ &a_page_timeout_says_so, 1 },
	{ &create_connection_that_is_refused_closes_the_link, 1 },
	{ &an_address_has_one_link, 1 },
	{ &a_connect_that_cannot_be_is_refused_at_once, 1 },
	{ &as_many_links_as_the_limit_and_no_more, 1 },
	{ &only_so_many_peers_set_up_at_once, 1 },
	{ &pages_go_one_after_the_other, 1 },
	{ &a_link_that_never_has_its_turn_gives_up, 1 },
	{ &a_controller_that_is_silent_about_a_page_is_told_to_stop, 1 },
	{ &a_controller_that_is_silent_about_the_cancel_too_is_given_up, 1 },
	{ &cancel_before_the_command_is_sent_needs_none, 1 },
	{ &cancel_without_a_credit_takes_the_command_back, 1 },
	{ &cancel_while_paging_ends_with_connection_complete, 1 },
	{ &cancel_answered_by_command_status_only_is_enough, 1 },
	{ &cancel_that_comes_too_late_leaves_the_link_open, 1 },
	{ &a_cancelled_link_that_is_wanted_again_is_paged_for_again, 1 },
	{ &disconnect_of_a_link_being_opened_gives_it_up, 1 },
	{ &a_page_given_up_too_early_can_still_succeed, 1 },
};

int main(void)
{
	return rig_run("hci link out", cases, RT_ARRAY_SIZE(cases));
}
