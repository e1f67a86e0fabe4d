/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <errno.h>

#include "tests/unit/hci/rig.h"

static void begin(void)
{
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
}

START_TEST(a_peers_link_is_accepted_as_peripheral)
{
	struct rt_hci_link *link;

	begin();
	rig_connection_request(1);
	rig_expect("01 0904 07 010100000000 01");
	rig_status(0x0409, 0);
	ck_assert_uint_eq(rig.link_count, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(rig.link_count, 1);
	link = rig.links[0].link;
	ck_assert_uint_eq(rig.links[0].ups, 1);
	ck_assert(rt_hci_link_is_incoming(link));
	ck_assert_uint_eq(rt_hci_link_class(link), 0x5a020c);
}
END_TEST

START_TEST(a_peers_link_that_fails_is_nobodys_business)
{
	begin();
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0x0c);
	rig_connection_request(2);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0x10, 0, 2);
	rig_connection_request(3);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_pass_us(19999999);
	ck_assert(!rt_hci_is_idle(rig.hci));
	rig_pass_us(1);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.link_count, 0);
}
END_TEST

START_TEST(a_peers_link_that_we_want_meanwhile_is_told_of)
{
	struct rig_link *known;

	begin();
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	known = rig_link(rig_want(1));
	rig_connection_complete(0x10, 0, 1);
	rig_expect_down(known, 0x10, -ETIMEDOUT);
}
END_TEST

START_TEST(synchronous_connections_are_rejected)
{
	begin();
	rig_inject("04 04 0a 010100000000 0c025a 00");
	rig_expect("01 0a04 07 010100000000 0d");
	rig_status(0x040a, 0);
	rig_inject("04 04 0a 010100000000 0c025a 02");
	rig_expect("01 2a04 07 010100000000 0d");
	rig_status(0x042a, 0);
	rig_inject("04 04 0a 010100000000 0c025a 7f");
	rig_expect("01 0a04 07 010100000000 0d");
}
END_TEST

START_TEST(impossible_callers_are_rejected)
{
	begin();
	rig_inject("04 04 0a 112233445566 0c025a 01");
	rig_expect("01 0a04 07 112233445566 0f");
	rig_status(0x040a, 0);
	rig_inject("04 04 0a 000000000000 0c025a 01");
	rig_expect("01 0a04 07 000000000000 0f");
	rig_status(0x040a, 0);
	rig_connect(1, 1);
	rig_connection_request(1);
	rig_expect("01 0a04 07 010100000000 0d");
	rig_status(0x040a, 0);
	/* What rejecting it brings does not touch the link there is. */
	rig_connection_complete(0x0d, 0, 1);
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_connection_request(2);
	rig_expect_command(0x0409);
	rig_connection_request(2);
	rig_status(0x0409, 0);
	rig_expect("01 0a04 07 020100000000 0d");
}
END_TEST

/* Both sides page each other: the peer's request is accepted. */
static struct rig_link *cross(void)
{
	struct rt_hci_link *link;

	begin();
	link = rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_request(1);
	rig_expect("01 0904 07 010100000000 01");
	rig_status(0x0409, 0);
	return rig_link(link);
}

START_TEST(of_crossing_pages_a_failed_create_first_does_no_harm)
{
	struct rig_link *known = cross();

	rig_connection_complete(0x0b, 0, 1);
	ck_assert_uint_eq(known->downs, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
	ck_assert(!rt_hci_link_is_incoming(known->link));
}
END_TEST

START_TEST(of_crossing_pages_a_failed_create_last_does_no_harm)
{
	struct rig_link *known = cross();

	rig_connection_complete(0, 1, 1);
	rig_connection_complete(0x0b, 0, 1);
	ck_assert_uint_eq(known->ups, 1);
	ck_assert_uint_eq(known->downs, 0);
	ck_assert_int_eq(rt_hci_link_state(known->link), RT_HCI_LINK_OPEN);
	rig_expect_none();
}
END_TEST

START_TEST(of_crossing_pages_both_can_fail)
{
	struct rig_link *known = cross();

	rig_connection_complete(0x04, 0, 1);
	rig_connection_complete(0x08, 0, 1);
	rig_expect_down(known, 0x08, -ETIMEDOUT);
}
END_TEST

START_TEST(of_crossing_pages_both_can_succeed)
{
	struct rig_link *known = cross();

	rig_connection_complete(0, 1, 1);
	rig_connection_complete(0, 2, 1);
	ck_assert_uint_eq(known->ups, 1);
	rig_expect("01 0604 03 0200 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(2, 0x16);
	ck_assert_uint_eq(known->downs, 0);
}
END_TEST

START_TEST(of_crossing_pages_create_can_be_refused_at_once)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_connection_request(1);
	rig_status(0x0405, 0x0b);
	ck_assert_uint_eq(known->downs, 0);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
}
END_TEST

START_TEST(of_crossing_pages_ours_goes_on_when_the_peers_cannot_be_accepted)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0x02);
	ck_assert_uint_eq(known->downs, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
}
END_TEST

START_TEST(a_caller_that_we_wait_to_page_for_is_accepted)
{
	struct rig_link *known;

	begin();
	rig_want(1);
	known = rig_link(rig_want(2));
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_request(2);
	rig_expect("01 0904 07 020100000000 01");
	rig_status(0x0409, 0);
	rig_connection_complete(0, 2, 2);
	ck_assert_uint_eq(known->ups, 1);
	rig_connection_complete(0, 1, 1);
	rig_expect_none();
}
END_TEST

START_TEST(a_caller_whose_page_we_cancel_is_accepted)
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
	rig_inject("04 0e 0a 01 0804 00 010100000000");
	rig_connection_request(1);
	rig_connection_complete(0x02, 0, 1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
	ck_assert_uint_eq(known->downs, 0);
}
END_TEST

START_TEST(a_page_waits_for_a_caller_where_they_cannot_coexist)
{
	begin();
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_want(2);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0x0c);
	rig_expect_none();
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_connection_complete(0, 1, 1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0x04, 0, 2);
	/* It is known by now: the next page waits at once. */
	rig_reap();
	rig_connection_request(3);
	rig_want(2);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_expect_none();
	rig_connection_complete(0x10, 0, 3);
	rig_expect_command(0x0405);
	/* Nothing else can be the reason now. */
	rig_status(0x0405, 0x0c);
	rig_expect_down(&rig.links[2], 0x0c, -EBUSY);
}
END_TEST

/* Our page fails because the peer has just paged us, in both possible ways. */
static struct rig_link *expect_peer(bool at_once)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_status(0x0405, at_once ? 0x0b : 0);
	if (!at_once)
		rig_connection_complete(0x0b, 0, 1);
	ck_assert_uint_eq(known->downs, 0);
	ck_assert_int_eq(rt_hci_link_state(known->link),
			 RT_HCI_LINK_CONNECTING);
	rig_expect_none();
	return known;
}

START_TEST(of_crossing_pages_ours_can_fail_before_the_peers_request_comes)
{
	struct rig_link *known = expect_peer(_i);

	rig_pass_us(1999999);
	rig_connection_request(1);
	rig_expect("01 0904 07 010100000000 01");
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(known->ups, 1);
}
END_TEST

START_TEST(a_link_that_is_said_to_exist_and_never_comes_is_given_up)
{
	struct rig_link *known = expect_peer(_i);

	rig_connection_complete(0x0b, 0, 1);
	rig_pass_us(1999999);
	ck_assert_uint_eq(known->downs, 0);
	/* Others may be paged for meanwhile. */
	rig_want(2);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(1);
	rig_expect_down(known, 0x0b, -EALREADY);
}
END_TEST

START_TEST(a_link_that_is_said_to_exist_can_be_given_up)
{
	struct rig_link *known = expect_peer(_i);

	rt_hci_link_cancel(known->link);
	rig_expect_none();
	rig_pass_us(0);
	ck_assert_uint_eq(known->downs, 1);
	rig_expect_none();
}
END_TEST

START_TEST(of_crossing_pages_one_can_be_refused_and_the_other_fail)
{
	struct rig_link *known;

	begin();
	known = rig_link(rig_want(1));
	rig_expect_command(0x0405);
	rig_connection_request(1);
	rig_status(0x0405, 0x0b);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0x10, 0, 1);
	rig_expect_down(known, 0x10, -ETIMEDOUT);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_peers_link_is_accepted_as_peripheral, 1 },
	{ &a_peers_link_that_fails_is_nobodys_business, 1 },
	{ &a_peers_link_that_we_want_meanwhile_is_told_of, 1 },
	{ &synchronous_connections_are_rejected, 1 },
	{ &impossible_callers_are_rejected, 1 },
	{ &of_crossing_pages_a_failed_create_first_does_no_harm, 1 },
	{ &of_crossing_pages_a_failed_create_last_does_no_harm, 1 },
	{ &of_crossing_pages_both_can_fail, 1 },
	{ &of_crossing_pages_both_can_succeed, 1 },
	{ &of_crossing_pages_create_can_be_refused_at_once, 1 },
	{ &of_crossing_pages_ours_goes_on_when_the_peers_cannot_be_accepted,
	  1 },
	{ &a_caller_that_we_wait_to_page_for_is_accepted, 1 },
	{ &a_caller_whose_page_we_cancel_is_accepted, 1 },
	{ &a_page_waits_for_a_caller_where_they_cannot_coexist, 1 },
	{ &of_crossing_pages_ours_can_fail_before_the_peers_request_comes, 2 },
	{ &a_link_that_is_said_to_exist_and_never_comes_is_given_up, 2 },
	{ &a_link_that_is_said_to_exist_can_be_given_up, 2 },
	{ &of_crossing_pages_one_can_be_refused_and_the_other_fail, 1 },
};

int main(void)
{
	return rig_run("hci link in", cases, RT_ARRAY_SIZE(cases));
}
