/* SPDX-License-Identifier: MIT */
#include "hci/hci.h"

#include "tests/unit/hci/everything.h"

START_TEST(stop_ends_in_order)
{
	rig_bring_up();
	rig_connect(1, 1);
	rig_accept(2, 2);
	rt_hci_stop(rig.hci);
	rt_hci_stop(rig.hci);
	ck_assert(!rt_hci_is_idle(rig.hci));
	ck_assert(!rt_hci_is_up(rig.hci));
	rig_expect_none();
	rig_pass_us(0);
	rig_expect("01 1a0c 01 00");
	rig_complete(0x0c1a);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_expect("01 0604 03 0200 13");
	rig_status(0x0406, 0);
	rig_connection_request(3);
	rig_expect("01 0a04 07 030100000000 0d");
	rig_status(0x040a, 0);
	rig_disconnection_complete(1, 0x16);
	rig_expect_none();
	rig_disconnection_complete(2, 0x16);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_uint_eq(rig.links[1].downs, 1);
	ck_assert_int_eq(rig.links[1].why.err, 0);
	rig_expect("01 030c 00");
	ck_assert(!rt_hci_is_idle(rig.hci));
	rig_complete(0x0c03);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_int_eq(rig.why.err, 0);
	rig_expect_none();
}
END_TEST

START_TEST(stop_ends_everything_within_three_seconds)
{
	everything_begin();
	rt_hci_stop(rig.hci);
	ck_assert_uint_eq(everything.inquiries_done, 0);
	ck_assert_uint_eq(everything.names_done, 0);
	rig_pass_us(0);
	ck_assert_uint_eq(everything.inquiries_done, 1);
	ck_assert_uint_eq(everything.names_done, 1);
	rig_answer_all();
	rig_pass_us(1999999);
	ck_assert(!rt_hci_is_idle(rig.hci));
	rig_pass_us(1);
	everything_expect_gone();
	rig_expect("01 030c 00");
	rig_pass_us(999999);
	ck_assert(!rt_hci_is_idle(rig.hci));
	rig_pass_us(1);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 1);
}
END_TEST

START_TEST(stop_of_everything_in_order)
{
	everything_begin();
	rt_hci_stop(rig.hci);
	rig_pass_us(0);
	rig_expect("01 1a0c 01 00");
	rig_complete(0x0c1a);
	rig_expect("01 0604 03 0100 13");
	rig_status(0x0406, 0);
	rig_expect("01 0804 06 040100000000");
	rig_inject("04 0e 0a 01 0804 00 040100000000");
	rig_connection_complete(0x02, 0, 4);
	rig_expect("01 0204 00");
	rig_complete(0x0402);
	rig_completed(3, 1);
	rig_expect("01 0604 03 0300 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	rig_disconnection_complete(2, 0x16);
	rig_disconnection_complete(3, 0x16);
	/* It has just been accepted: it opens, and is closed. */
	rig_connection_complete(0, 6, 6);
	rig_expect("01 0604 03 0600 13");
	rig_status(0x0406, 0);
	rig_disconnection_complete(6, 0x16);
	for (size_t i = 0; i < EVERYTHING_LINKS; i++)
		ck_assert_uint_eq(rig.links[i].downs, 1);
	ck_assert_uint_eq(rig.links[5].ups, 0);
	rig_expect("01 030c 00");
	rig_complete(0x0c03);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_int_eq(rig.why.err, 0);
}
END_TEST

START_TEST(stop_in_the_bring_up_resets)
{
	rt_hci_start(rig.hci);
	rig_expect("01 030c 00");
	if (_i == 1) {
		rig_complete(0x0c03);
		rig_expect_command(0x1001);
	}
	rt_hci_stop(rig.hci);
	rig_expect("01 030c 00");
	rig_complete(0x0c03);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.ups, 0);
	ck_assert_uint_eq(rig.finals, 1);
	rig_expect_none();
}
END_TEST

START_TEST(a_controller_that_fails_while_stopping_stops)
{
	rig_bring_up();
	rig_connect(1, 1);
	rt_hci_stop(rig.hci);
	rig_pass_us(0);
	rig_inject("04 10 01 42");
	ck_assert_uint_eq(rig.links[0].downs, 1);
	rig_expect("01 030c 00");
	rig_inject("04 10 01 42");
	rig_expect_none();
	rig_status(0x0c03, 0x0c);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig.downs, 1);
}
END_TEST

static void stop(struct rt_hci_link *link)
{
	(void)link;
	rt_hci_stop(rig.hci);
}

START_TEST(the_engine_can_be_stopped_in_a_callback)
{
	rig_bring_up();
	rig.on_up = stop;
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_connection_complete(0, 1, 1);
	rig_pass_us(0);
	rig_expect_command(0x0c1a);
	rig_complete(0x0c1a);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_disconnection_complete(1, 0x16);
	rig_expect_command(0x0c03);
	rig_complete(0x0c03);
	ck_assert_uint_eq(rig.finals, 1);
}
END_TEST

static const struct rig_case cases[] = {
	{ &stop_ends_in_order, 1 },
	{ &stop_ends_everything_within_three_seconds, 1 },
	{ &stop_of_everything_in_order, 1 },
	{ &stop_in_the_bring_up_resets, 2 },
	{ &a_controller_that_fails_while_stopping_stops, 1 },
	{ &the_engine_can_be_stopped_in_a_callback, 1 },
};

int main(void)
{
	return rig_run("hci stop", cases, RT_ARRAY_SIZE(cases));
}
