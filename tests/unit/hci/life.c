/* SPDX-License-Identifier: MIT */
#include "hci/link.h"

#include <errno.h>

#include "tests/unit/hci/everything.h"

/* What happens to links when the controller goes, and at the end. */

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
	everything_begin();
	rig_inject("04 10 01 42");
	everything_expect_gone();
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
	everything_begin();
	rt_hci_resync(rig.hci);
	everything_expect_gone();
	ck_assert_uint_eq(rig.links[0].why.layer, RT_LAYER_TRANSPORT);
	ck_assert_int_eq(rig.links[0].why.err, -EILSEQ);
	rt_hci_resync(rig.hci);
	ck_assert_uint_eq(rig.downs, 1);
	expect_up_again();
}
END_TEST

START_TEST(a_mute_controller_closes_everything_and_brings_up_anew)
{
	everything_begin();
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rig_pass_us(2000000);
	everything_expect_gone();
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	expect_up_again();
}
END_TEST

START_TEST(a_controller_that_stays_mute_is_given_up)
{
	everything_begin();
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rig_pass_us(2000000);
	ck_assert_uint_eq(rig.finals, 0);
	for (int i = 0; i < 3; i++) {
		rig_expect_command(0x0c03);
		rig_pass_us(2000000);
	}
	everything_expect_gone();
	ck_assert_uint_eq(rig.downs, 2);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(a_lost_transport_is_the_end)
{
	struct rt_hci_link *link = NULL;
	rt_handle handle;
	uint64_t due_us;

	everything_begin();
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rt_hci_lost(rig.hci, -ENODEV);
	everything_expect_gone();
	ck_assert(!rt_timers_next(&rig.env->timers, &due_us));
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.why.layer, RT_LAYER_TRANSPORT);
	ck_assert_uint_eq(rig.why.code, ENODEV);
	ck_assert_int_eq(rig.why.err, -ENODEV);
	ck_assert_int_eq(rig.links[0].why.err, -ENODEV);
	ck_assert_int_eq(everything.inquiry_why.err, -ENODEV);
	ck_assert_int_eq(everything.name_why.err, -ENODEV);
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
					      &everything_inquiry_ops, NULL),
			 -ENETDOWN);
	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(1),
					     &everything_name_ops, NULL,
					     &handle),
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
	everything_begin();
	rig.on_down = connect_in_down;
	rig_inject("04 10 01 42");
	everything_expect_gone();
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

/* Steps of a bring-up with everything. */
#define STEPS 18

START_TEST(a_hardware_error_at_any_step_begins_anew)
{
	struct rt_packet tx;

	rt_hci_start(rig.hci);
	for (int step = 0; step <= STEPS; step++) {
		if (step == _i) {
			rig_inject("04 10 01 42");
			break;
		}
		rig_answer_one();
	}
	/* In the answer to Reset there is nothing to begin anew yet. */
	ck_assert_uint_eq(rig_stats()->resets, _i > 0);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, _i == STEPS ? 2 : 1);
	ck_assert(!rt_hci_tx(rig.hci, &tx));
}
END_TEST

static void lose(struct rt_hci_link *link)
{
	(void)link;
	rt_hci_lost(rig.hci, -EPIPE);
}

START_TEST(the_transport_can_be_lost_in_any_callback)
{
	rig_bring_up();
	if (_i == 0)
		rig.on_up = lose;
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_inject("02 0120 0400 00004000");
	rig_connection_complete(0, 1, 1);
	if (_i > 0) {
		rig_accept(2, 2);
		rig_send(rig.links[0].link, 7, 10);
		rig_send(rig.links[0].link, 8, 10);
		rig_take_acl();
		rig_take_acl();
	}
	if (_i == 1)
		rig.on_completed = lose;
	if (_i == 2)
		rig.on_down = lose;
	if (_i == 3)
		rig.on_rx = lose;
	if (_i == 1)
		rig_completed(1, 2);
	if (_i == 2)
		rig_inject("04 10 01 42");
	if (_i == 3)
		rig_inject("02 0120 0400 00004000");
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.downs, 1);
	for (size_t i = 0; i < rig.link_count; i++)
		ck_assert_uint_eq(rig.links[i].downs, 1);
	ck_assert_uint_eq(rig.completed_count, _i > 0 ? 2 : 0);
	rig_expect_none();
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

/* The peer's next link ends the one whose end was lost, which is heard of. */
START_TEST(the_transport_can_be_lost_when_a_predecessor_ends)
{
	rig_bring_up();
	rt_hci_link_disconnect(rig_accept(1, 1), 0x13);
	rig_expect_command(0x0406);
	rig_status(0x0406, 0);
	rig_connection_request(1);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig.on_down = lose;
	rig_connection_complete(0, 2, 1);
	ck_assert_uint_eq(rig.finals, 1);
	for (size_t i = 0; i < rig.link_count; i++) {
		ck_assert_uint_eq(rig.links[i].downs, 1);
		ck_assert_uint_eq(rig.links[i].ups, i == 0);
	}
	rig_expect_none();
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

#define WATCH_US 20000000

/* An engine that watches, with a link whose user has nothing to say. */
static void begin_watch(void)
{
	const struct rt_hci_options options = {
		.name = "rig",
		.watch_ms = WATCH_US / 1000,
	};

	rig_renew(&options);
	rig_bring_up();
	rig_connect(1, 1);
	rig_expect_none();
}

START_TEST(a_controller_that_is_silent_while_there_are_links_is_asked)
{
	begin_watch();
	for (int i = 0; i < 3; i++) {
		rig_pass_us(WATCH_US - 1);
		rig_expect_none();
		rig_pass_us(1);
		rig_expect("01 0910 00");
		rig_inject("04 0e 0a 01 0910 00 112233445566");
		rig_expect_none();
	}
	ck_assert_uint_eq(rig.downs, 0);
	rig_disconnection_complete(1, 0x13);
	rig_pass_us(10 * WATCH_US);
	rig_expect_none();
}
END_TEST

START_TEST(a_controller_that_has_died_while_there_are_links_is_reset)
{
	begin_watch();
	rig_pass_us(WATCH_US);
	rig_expect("01 0910 00");
	rig_pass_us(2000000);
	ck_assert_uint_eq(rig.links[0].downs, 1);
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	expect_up_again();
}
END_TEST

START_TEST(whatever_a_controller_says_is_a_sign_of_life)
{
	static const char *const signs[] = { "02 0120 0400 00004000",
					     "04 13 05 01 0100 0000",
					     "04 ff 00" };

	begin_watch();
	for (size_t i = 0; i < RT_ARRAY_SIZE(signs); i++) {
		rig_pass_us(WATCH_US - 1);
		rig_inject("%s", signs[i]);
	}
	rig_pass_us(WATCH_US - 1);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 0910 00");
}
END_TEST

START_TEST(a_command_that_waits_is_question_enough)
{
	begin_watch();
	rig_pass_us(WATCH_US - 1000000);
	rt_hci_set_scan(rig.hci, true, true);
	rig_expect_command(0x0c1a);
	rig_pass_us(1000000);
	rig_expect_none();
	rig_complete(0x0c1a);
	rig_expect_none();
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(a_controller_without_links_is_left_in_peace)
{
	uint64_t due_us;

	begin_watch();
	rig_disconnection_complete(1, 0x13);
	rig_reap();
	ck_assert(!rt_timers_next(&rig.env->timers, &due_us));
	rig_pass_us(10 * WATCH_US);
	rig_expect_none();
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
	{ &an_engine_that_is_not_started_is_idle, 1 },
	{ &every_packet_is_tapped_once, 1 },
	{ &an_engine_without_a_layer_above_takes_all, 1 },
	{ &a_hardware_error_at_any_step_begins_anew, STEPS + 1 },
	{ &the_transport_can_be_lost_in_any_callback, 4 },
	{ &the_transport_can_be_lost_when_a_predecessor_ends, 1 },
	{ &a_controller_that_is_silent_while_there_are_links_is_asked, 1 },
	{ &a_controller_that_has_died_while_there_are_links_is_reset, 1 },
	{ &whatever_a_controller_says_is_a_sign_of_life, 1 },
	{ &a_command_that_waits_is_question_enough, 1 },
	{ &a_controller_without_links_is_left_in_peace, 1 },
};

int main(void)
{
	return rig_run("hci life", cases, RT_ARRAY_SIZE(cases));
}
