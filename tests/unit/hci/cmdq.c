/* SPDX-License-Identifier: MIT */
#include "hci/cmdq.h"

#include <errno.h>

#include "hci/engine.h"
#include "tests/unit/hci/rig.h"

static unsigned int answers;
static struct rt_hci_answer last;

static void on_answer(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	ck_assert_ptr_eq(hci, rig.hci);
	ck_assert_ptr_eq(ctx, &answers);
	answers++;
	last = *answer;
}

static const void *other_told;

static void on_other(struct rt_hci *hci, void *ctx,
		     const struct rt_hci_answer *answer)
{
	(void)hci;
	(void)answer;
	other_told = ctx;
}

/* Queues Write Page Timeout, which does nothing of note. */
static void send_page_timeout(uint16_t slots)
{
	const struct rt_hci_cmd_write_page_timeout cmd = { .slots = slots };

	rt_hci_cmdq_send(rig.hci, &rt_hci_cmd_write_page_timeout_msg, &cmd,
			 on_answer, &answers);
}

static void send_class(uint32_t class_of_device)
{
	const struct rt_hci_cmd_write_class_of_device cmd = {
		.class_of_device = class_of_device,
	};

	rt_hci_cmdq_send(rig.hci, &rt_hci_cmd_write_class_of_device_msg, &cmd,
			 on_answer, &answers);
}

static void send_scan(uint8_t scans)
{
	const struct rt_hci_cmd_write_scan_enable cmd = { .scans = scans };

	rt_hci_cmdq_send(rig.hci, &rt_hci_cmd_write_scan_enable_msg, &cmd,
			 on_answer, &answers);
}

/* Brings it up, and tells the controller's number of command packets. */
static void begin(uint8_t credits)
{
	answers = 0;
	other_told = NULL;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
	rig_inject("04 0e 03 %02x 0000", credits);
}

START_TEST(a_command_waits_for_a_credit)
{
	begin(0);
	send_class(1);
	rig_expect_none();
	rig_inject("04 0e 03 01 0000");
	rig_expect("01 240c 03 010000");
	rig_expect_none();
}
END_TEST

START_TEST(as_many_are_outstanding_as_there_are_credits)
{
	begin(2);
	send_class(1);
	send_scan(0);
	send_page_timeout(1);
	rig_expect_command(0x0c24);
	rig_expect_command(0x0c1a);
	rig_expect_none();
	rig_inject("04 0e 04 02 240c 00");
	rig_expect_command(0x0c18);
	rig_expect_none();
	ck_assert_uint_eq(answers, 1);
}
END_TEST

START_TEST(a_stated_number_counts_what_is_outstanding)
{
	begin(3);
	send_class(1);
	send_scan(0);
	rig_expect_command(0x0c24);
	rig_expect_command(0x0c1a);
	/* It may have said so before it saw either. */
	rig_inject("04 0e 03 02 0000");
	send_page_timeout(1);
	rig_expect_none();
	rig_inject("04 0e 03 03 0000");
	rig_expect_command(0x0c18);
}
END_TEST

START_TEST(an_opcode_is_never_outstanding_twice)
{
	begin(8);
	send_class(1);
	send_class(2);
	send_scan(0);
	rig_expect("01 240c 03 010000");
	rig_expect_none();
	rig_inject("04 0e 04 08 240c 00");
	rig_expect("01 240c 03 020000");
	rig_expect_command(0x0c1a);
}
END_TEST

START_TEST(answers_match_by_opcode_in_any_order)
{
	begin(2);
	send_class(1);
	send_scan(0);
	rig_expect_command(0x0c24);
	rig_expect_command(0x0c1a);
	rig_inject("04 0e 04 01 1a0c 0c");
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(last.status, 0x0c);
	rig_inject("04 0e 04 01 240c 00");
	ck_assert_uint_eq(answers, 2);
	ck_assert_uint_eq(last.status, 0);
}
END_TEST

START_TEST(command_status_with_an_error_is_an_answer)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_status(0x0c24, 0x01);
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(last.status, 0x01);
	ck_assert_uint_eq(last.ret.len, 0);
}
END_TEST

START_TEST(command_status_before_command_complete_is_waited_through)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_status(0x0c24, 0);
	ck_assert_uint_eq(answers, 0);
	rig_pass_us(1999999);
	rig_inject("04 0e 04 01 240c 00");
	ck_assert_uint_eq(answers, 1);
	rig_pass_us(5000000);
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(command_status_instead_of_command_complete_is_enough_in_the_end)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_status(0x0c24, 0);
	/* Its credit serves the next command at once. */
	send_scan(0);
	rig_expect_command(0x0c1a);
	rig_complete(0x0c1a);
	ck_assert_uint_eq(answers, 1);
	rig_pass_us(2000000);
	ck_assert_uint_eq(answers, 2);
	ck_assert_uint_eq(last.status, 0);
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(answers_that_nobody_waits_for_are_counted)
{
	begin(1);
	rig_inject("04 0e 04 01 240c 00");
	rig_inject("04 0f 04 00 01 0504");
	rig_inject("04 0e 05 01 350c 1200");
	rig_inject("04 0e 04 01 fffc 00");
	ck_assert_uint_eq(rig_stats()->events_unexpected, 4);
	ck_assert_uint_eq(rig.downs, 0);
	send_class(1);
	rig_expect_command(0x0c24);
}
END_TEST

START_TEST(an_answer_without_a_status_is_a_failure)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_inject("04 0e 03 01 240c");
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(last.status, 0x1f);
	ck_assert_uint_eq(rig_stats()->events_malformed, 1);
}
END_TEST

static void expect_recovery(void)
{
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 0);
	ck_assert_uint_eq(rig_stats()->resets, 1);
	rig_expect("01 030c 00");
	rig_expect_none();
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
}

START_TEST(a_command_that_is_not_answered_leads_to_a_reset)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_pass_us(1999999);
	ck_assert_uint_eq(rig.downs, 0);
	rig_pass_us(1);
	ck_assert_uint_eq(answers, 0);
	ck_assert_uint_eq(rig_stats()->commands_timed_out, 1);
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	expect_recovery();
}
END_TEST

START_TEST(an_answer_in_the_last_microsecond_is_in_time)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_pass_us(1999999);
	rig_complete(0x0c24);
	rig_pass_us(1);
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(credits_that_never_come_lead_to_a_reset)
{
	begin(0);
	send_class(1);
	rig_expect_none();
	rig_pass_us(2000000);
	expect_recovery();
}
END_TEST

START_TEST(other_answers_do_not_prolong_the_wait)
{
	begin(2);
	send_class(1);
	rig_expect_command(0x0c24);
	for (int i = 0; i < 3; i++) {
		rig_pass_us(600000);
		send_scan(0);
		rig_expect_command(0x0c1a);
		rig_inject("04 0e 04 02 1a0c 00");
	}
	rig_pass_us(200000);
	expect_recovery();
}
END_TEST

START_TEST(an_answer_after_the_reset_does_no_harm)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_pass_us(2000000);
	rig_inject("04 0e 04 01 240c 00");
	rig_expect("01 030c 00");
	rig_inject("04 0e 04 01 240c 00");
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	rig_inject("04 0e 04 01 240c 00");
	ck_assert_uint_eq(answers, 0);
	ck_assert_uint_eq(rig.downs, 1);
}
END_TEST

START_TEST(a_reset_that_nobody_sent_means_the_controller_is_new)
{
	begin(1);
	rig_complete(0x0c03);
	ck_assert_uint_eq(rig.downs, 1);
	rig_expect("01 030c 00");
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
}
END_TEST

START_TEST(a_full_queue_is_the_controllers_fault)
{
	begin(0);
	for (uint32_t i = 0; i < rig.env->limits.commands_queued; i++)
		send_class(i);
	rig_pass_us(0);
	ck_assert_uint_eq(rig.downs, 0);
	send_class(1);
	ck_assert_uint_eq(rig.downs, 0);
	rig_pass_us(0);
	expect_recovery();
}
END_TEST

START_TEST(replies_to_a_flood_leave_half_of_the_queue)
{
	begin(0);
	for (int i = 0; i < 1000; i++)
		rig_inject("04 17 06 010100000000");
	for (uint32_t i = 0; i < rig.env->limits.commands_queued / 2; i++)
		send_class(i);
	rig_pass_us(0);
	ck_assert_uint_eq(rig.downs, 0);
	for (uint32_t i = 0; i < rig.env->limits.commands_queued / 2; i++) {
		rig_inject("04 0e 03 01 0000");
		rig_expect("01 0c04 06 010100000000");
		rig_inject("04 0e 0a 01 0c04 00 010100000000");
	}
	rig_expect_command(0x0c24);
}
END_TEST

START_TEST(what_is_not_sent_can_be_taken_back)
{
	begin(1);
	send_class(1);
	send_scan(1);
	send_page_timeout(1);
	rig_expect_command(0x0c24);
	ck_assert(rt_hci_cmdq_unsend(rig.hci, &answers));
	ck_assert(!rt_hci_cmdq_unsend(rig.hci, &answers));
	rig_complete(0x0c24);
	ck_assert_uint_eq(answers, 1);
	rig_expect_none();
	ck_assert(rt_hci_cmdq_is_idle(rig.hci));
}
END_TEST

START_TEST(a_forgotten_command_is_still_waited_for_but_not_told)
{
	begin(1);
	send_class(1);
	rig_expect_command(0x0c24);
	rt_hci_cmdq_forget(rig.hci, &answers);
	ck_assert(!rt_hci_cmdq_is_idle(rig.hci));
	rig_complete(0x0c24);
	ck_assert_uint_eq(answers, 0);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 0);
}
END_TEST

START_TEST(all_commands_of_an_owner_are_forgotten)
{
	int other;

	begin(3);
	send_class(1);
	rt_hci_cmdq_send(rig.hci, &rt_hci_cmd_read_bd_addr_msg, NULL, on_other,
			 &other);
	send_scan(0);
	rig_expect_command(0x0c24);
	rig_expect_command(0x1009);
	rig_expect_command(0x0c1a);
	rt_hci_cmdq_forget(rig.hci, &answers);
	rig_complete(0x0c24);
	rig_complete(0x0c1a);
	ck_assert_uint_eq(answers, 0);

	/* That of another owner is not. */
	rig_complete(0x1009);
	ck_assert_ptr_eq(other_told, &other);
}
END_TEST

START_TEST(host_number_of_completed_packets_is_outside_the_credits)
{
	const struct rt_hci_options options = { .acl_rx_packets_max = 8 };

	rig_renew(&options);
	begin(1);
	ck_assert(rt_hci_get_info(rig.hci)->host_flow_control);
	rig_connect(1, 0x2a);
	send_class(1);
	rig_expect_command(0x0c24);
	rig_inject("02 2a20 0400 00004000");
	rig_expect("01 350c 05 01 2a00 0100");
	rig_complete(0x0c24);
	rig_pass_us(10000000);
	ck_assert_uint_eq(rig.downs, 0);
	ck_assert_uint_eq(answers, 1);
}
END_TEST

START_TEST(commands_without_end_are_sent)
{
	begin(1);
	for (uint32_t i = 0; i < 3 * rig.env->limits.commands_queued; i++) {
		send_class(i);
		rig_expect_command(0x0c24);
		if (i % 2)
			rig_complete(0x0c24);
		else
			rig_status(0x0c24, 0x0c);
		ck_assert_uint_eq(answers, i + 1);
	}
	ck_assert(rt_hci_cmdq_is_idle(rig.hci));
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_command_waits_for_a_credit, 1 },
	{ &as_many_are_outstanding_as_there_are_credits, 1 },
	{ &a_stated_number_counts_what_is_outstanding, 1 },
	{ &an_opcode_is_never_outstanding_twice, 1 },
	{ &answers_match_by_opcode_in_any_order, 1 },
	{ &command_status_with_an_error_is_an_answer, 1 },
	{ &command_status_before_command_complete_is_waited_through, 1 },
	{ &command_status_instead_of_command_complete_is_enough_in_the_end, 1 },
	{ &answers_that_nobody_waits_for_are_counted, 1 },
	{ &an_answer_without_a_status_is_a_failure, 1 },
	{ &a_command_that_is_not_answered_leads_to_a_reset, 1 },
	{ &an_answer_in_the_last_microsecond_is_in_time, 1 },
	{ &credits_that_never_come_lead_to_a_reset, 1 },
	{ &other_answers_do_not_prolong_the_wait, 1 },
	{ &an_answer_after_the_reset_does_no_harm, 1 },
	{ &a_reset_that_nobody_sent_means_the_controller_is_new, 1 },
	{ &a_full_queue_is_the_controllers_fault, 1 },
	{ &replies_to_a_flood_leave_half_of_the_queue, 1 },
	{ &what_is_not_sent_can_be_taken_back, 1 },
	{ &a_forgotten_command_is_still_waited_for_but_not_told, 1 },
	{ &all_commands_of_an_owner_are_forgotten, 1 },
	{ &host_number_of_completed_packets_is_outside_the_credits, 1 },
	{ &commands_without_end_are_sent, 1 },
};

int main(void)
{
	return rig_run("hci cmdq", cases, RT_ARRAY_SIZE(cases));
}
