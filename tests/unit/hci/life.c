/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <errno.h>

#include "tests/unit/hci/rig.h"

/* What happens to links when the controller goes, and at the end. */

#define LINKS 6

static unsigned int inquiries_done;
static unsigned int names_done;
static struct rt_reason inquiry_why;
static struct rt_reason name_why;

static void on_result(void *user, const struct rt_gap_device *device)
{
	(void)user;
	(void)device;
}

static void on_done(void *user, const struct rt_reason *why)
{
	(void)user;
	inquiries_done++;
	inquiry_why = *why;
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	(void)user;
	ck_assert_ptr_null(name);
	names_done++;
	name_why = *why;
}

static const struct rt_gap_inquiry_ops inquiry_ops = { on_result, on_done };
static const struct rt_gap_name_ops name_ops = { on_name };

static void ask_name(uint8_t last)
{
	rt_handle handle;

	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(last), &name_ops,
					     NULL, &handle),
			 0);
}

static void inquire(void)
{
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &inquiry_ops, NULL),
			 0);
}

/* One link in each state, and an inquiry with a name request behind it. */
static void begin_with_everything(void)
{
	inquiries_done = 0;
	names_done = 0;
	rig_bring_up();
	rig_connect(1, 1); /* OPEN */
	rig_connect(2, 2); /* DISCONNECTING */
	rt_hci_link_disconnect(rig.links[1].link, 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_connect(3, 3); /* DRAINING */
	rig_send(rig.links[2].link, 9, 100);
	rig_expect_acl(0x0003, 0, 100);
	rt_hci_link_disconnect(rig.links[2].link, 0x13);
	rig_want(4); /* PAGING */
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_want(5);		   /* WAIT */
	rig_connection_request(6); /* ACCEPTING */
	rig_want(6);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	ck_assert_uint_eq(rig.link_count, LINKS);
	inquire();
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	ask_name(1);
	rig_expect_none();
}

static void expect_all_gone(void)
{
	for (size_t i = 0; i < LINKS; i++)
		ck_assert_uint_eq(rig.links[i].downs, 1);
	ck_assert_uint_eq(inquiries_done, 1);
	ck_assert_uint_eq(names_done, 1);
	ck_assert_uint_eq(rig.completed_count, 1);
	ck_assert(!rig.completed[0].written);
}

static void expect_up_again(void)
{
	rig_reap();
	rig_expect("01 030c 00");
	rig_expect_none();
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	ck_assert_uint_eq(rig_stats()->acl_free, 4);
	ck_assert_uint_eq(rig_stats()->resets, 1);
	rig_connect(1, 1);
}

START_TEST(a_hardware_error_closes_everything_and_brings_up_anew)
{
	begin_with_everything();
	rig_inject("04 10 01 42");
	expect_all_gone();
	ck_assert_uint_eq(rig.links[0].why.code, 0x03);
	ck_assert_int_eq(rig.links[0].why.err, -EIO);
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 0);
	ck_assert_uint_eq(rig.why.frame, rig.env->frame);
	expect_up_again();
}
END_TEST

START_TEST(lost_framing_closes_everything_and_brings_up_anew)
{
	begin_with_everything();
	rt_hci_resync(rig.hci);
	expect_all_gone();
	ck_assert_uint_eq(rig.links[0].why.layer, RT_LAYER_TRANSPORT);
	ck_assert_int_eq(rig.links[0].why.err, -EILSEQ);
	rt_hci_resync(rig.hci);
	ck_assert_uint_eq(rig.downs, 1);
	expect_up_again();
}
END_TEST

START_TEST(a_mute_controller_closes_everything_and_brings_up_anew)
{
	begin_with_everything();
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rig_pass_us(2000000);
	expect_all_gone();
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	expect_up_again();
}
END_TEST

START_TEST(a_controller_that_stays_mute_is_given_up)
{
	begin_with_everything();
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rig_pass_us(2000000);
	ck_assert_uint_eq(rig.finals, 0);
	for (int i = 0; i < 3; i++) {
		rig_expect_command(0x0c03);
		rig_pass_us(2000000);
	}
	expect_all_gone();
	ck_assert_uint_eq(rig.downs, 2);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(a_lost_transport_is_the_end)
{
	struct rt_hci_link *link = NULL;
	rt_handle handle;

	begin_with_everything();
	rt_hci_lost(rig.hci, -ENODEV);
	expect_all_gone();
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.why.layer, RT_LAYER_TRANSPORT);
	ck_assert_uint_eq(rig.why.code, ENODEV);
	ck_assert_int_eq(rig.why.err, -ENODEV);
	ck_assert_int_eq(rig.links[0].why.err, -ENODEV);
	ck_assert_int_eq(inquiry_why.err, -ENODEV);
	ck_assert_int_eq(name_why.err, -ENODEV);
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_expect_none();
	rig_inject("04 10 01 42");
	rt_hci_resync(rig.hci);
	rt_hci_stop(rig.hci);
	rt_hci_lost(rig.hci, -EPIPE);
	rig_pass_us(100000000);
	rig_expect_none();
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(1), &link),
			 -ENETDOWN);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 1,
					      &inquiry_ops, NULL),
			 -ENETDOWN);
	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(1), &name_ops,
					     NULL, &handle),
			 -ENETDOWN);
}
END_TEST

START_TEST(a_transport_lost_in_the_bring_up_is_the_end)
{
	rt_hci_start(rig.hci);
	rig_expect_command(0x0c03);
	rt_hci_lost(rig.hci, -EPIPE);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.why.phase, RT_PHASE_OPEN);
	rig_expect_none();
}
END_TEST

START_TEST(an_engine_can_be_started_again)
{
	rig_bring_up();
	rt_hci_lost(rig.hci, -EPIPE);
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 2);
	rt_hci_start(rig.hci);
	rig_expect_none();
	rig_connect(1, 1);
}
END_TEST

static void connect_in_down(struct rt_hci_link *link)
{
	struct rt_hci_link *again = NULL;

	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rt_hci_link_addr(link),
					     &again),
			 -ENETDOWN);
}

START_TEST(nothing_can_be_opened_while_all_closes)
{
	begin_with_everything();
	rig.on_down = connect_in_down;
	rig_inject("04 10 01 42");
	expect_all_gone();
	expect_up_again();
}
END_TEST

START_TEST(a_hardware_error_and_a_timeout_at_once_end_a_link_once)
{
	struct rt_hci_link *link;

	rig_bring_up();
	link = rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	(void)link;
	rig.env->now_us += 5120000 + 15000000;
	if (_i == 0)
		rig_inject("04 10 01 42");
	rt_timers_run(&rig.env->timers, rig.env->now_us);
	if (_i == 1)
		rig_inject("04 10 01 42");
	ck_assert_uint_eq(rig.links[0].downs, 1);
	rig_reap();
	rig_expect("01 030c 00");
	rig_expect_none();
}
END_TEST

START_TEST(hardware_errors_without_end_are_the_end)
{
	unsigned int resets = 0;

	rig_bring_up();
	rig_inject("04 10 01 42");
	while (rig.finals == 0) {
		ck_assert_uint_lt(resets++, 100);
		rig_expect("01 030c 00");
		rig_complete(0x0c03);
		rig_expect_command(0x1001);
		rig_inject("04 10 01 42");
	}
	ck_assert_uint_gt(resets, 3);
	ck_assert_uint_eq(rig.downs, 2);
	ck_assert_uint_eq(rig.ups, 1);
	rig_expect_none();
}
END_TEST

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
	begin_with_everything();
	rt_hci_stop(rig.hci);
	ck_assert_uint_eq(inquiries_done, 0);
	ck_assert_uint_eq(names_done, 0);
	rig_pass_us(0);
	ck_assert_uint_eq(inquiries_done, 1);
	ck_assert_uint_eq(names_done, 1);
	rig_answer_all();
	rig_pass_us(1999999);
	ck_assert(!rt_hci_is_idle(rig.hci));
	rig_pass_us(1);
	expect_all_gone();
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
	begin_with_everything();
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
	for (size_t i = 0; i < LINKS; i++)
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

START_TEST(an_engine_that_is_not_started_is_idle)
{
	ck_assert(rt_hci_is_idle(rig.hci));
	rt_hci_stop(rig.hci);
	rt_hci_lost(rig.hci, -EPIPE);
	rt_hci_resync(rig.hci);
	rig_inject("04 10 01 42");
	rig_expect_none();
	ck_assert_uint_eq(rig.downs, 0);
	rig_bring_up();
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_connect(1, 1);
	ck_assert(!rt_hci_is_idle(rig.hci));
}
END_TEST

static uint32_t tapped;
static uint32_t tapped_rx;

static void on_tap(void *ctx, uint64_t now_us, bool from_controller,
		   const struct rt_packet *packet)
{
	ck_assert_ptr_eq(ctx, &rig.fake);
	ck_assert_uint_eq(now_us, rig.env->now_us);
	ck_assert_uint_gt(packet->count, 0);
	tapped++;
	tapped_rx += from_controller;
	ck_assert_uint_eq(rig.env->frame, tapped);
}

START_TEST(every_packet_is_tapped_once)
{
	tapped = 0;
	tapped_rx = 0;
	rig.env->hooks.tap = on_tap;
	rt_hci_start(rig.hci);
	ck_assert_uint_eq(tapped, 0);
	rig_expect("01 030c 00");
	ck_assert_uint_eq(tapped, 1);
	rig_expect_none();
	ck_assert_uint_eq(tapped, 1);
	rig_complete(0x0c03);
	rig_inject("07");
	ck_assert_uint_eq(tapped_rx, 2);
}
END_TEST

START_TEST(an_engine_without_a_layer_above_takes_all)
{
	const struct rt_hci_options options = { .name = "alone" };
	struct rt_hci_link *link;

	rig_renew(&options);
	rt_hci_set_link_ops(rig.hci, &rt_hci_link_nobody, NULL);
	rig_bring_up();
	ck_assert_int_eq(rt_hci_link_connect(rig.hci, rig_addr(1), &link), 0);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	rig_inject("02 0120 0400 00004000");
	rig_inject("02 0120 0500 01004000 01");
	rt_hci_link_ready(link);
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->acl_oversized, 1);
	ck_assert_ptr_null(rt_hci_link_user(link));
	rt_hci_link_set_user(link, &rig);
	ck_assert_ptr_eq(rt_hci_link_user(link), &rig);
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_hardware_error_closes_everything_and_brings_up_anew, 1 },
	{ &lost_framing_closes_everything_and_brings_up_anew, 1 },
	{ &a_mute_controller_closes_everything_and_brings_up_anew, 1 },
	{ &a_controller_that_stays_mute_is_given_up, 1 },
	{ &a_lost_transport_is_the_end, 1 },
	{ &a_transport_lost_in_the_bring_up_is_the_end, 1 },
	{ &an_engine_can_be_started_again, 1 },
	{ &nothing_can_be_opened_while_all_closes, 1 },
	{ &a_hardware_error_and_a_timeout_at_once_end_a_link_once, 2 },
	{ &hardware_errors_without_end_are_the_end, 1 },
	{ &stop_ends_in_order, 1 },
	{ &stop_ends_everything_within_three_seconds, 1 },
	{ &stop_of_everything_in_order, 1 },
	{ &stop_in_the_bring_up_resets, 2 },
	{ &a_controller_that_fails_while_stopping_stops, 1 },
	{ &an_engine_that_is_not_started_is_idle, 1 },
	{ &every_packet_is_tapped_once, 1 },
	{ &an_engine_without_a_layer_above_takes_all, 1 },
};

int main(void)
{
	return rig_run("hci life", cases, RT_ARRAY_SIZE(cases));
}
