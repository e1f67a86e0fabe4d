/* SPDX-License-Identifier: MIT */
#include "hci/bringup.h"

#include <errno.h>

#include "tests/unit/hci/rig.h"

#define HEX_64_FF                          \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff" \
	"ffffffffffffffffffffffffffffffff"

/* Commands of the bring-up that a controller must answer well. */
static const uint16_t required[] = { 0x0c03, 0x1001, 0x1003, 0x1005, 0x1009 };

static const uint16_t optional[] = {
	0x1002, 0x1004, 0x0c01, 0x0c33, 0x0c31, 0x0c13,
	0x0c24, 0x0c18, 0x0c45, 0x0c52, 0x080f, 0x0c1a,
};

static const struct rt_hci_options bounded = {
	.name = "rig",
	.acl_rx_packets_max = 20,
};

START_TEST(optional_commands_that_are_unknown_are_tolerated)
{
	struct rig_answer answers[RT_ARRAY_SIZE(optional) + 1] = { { 0,
								     NULL } };

	for (size_t i = 0; i < RT_ARRAY_SIZE(optional); i++)
		answers[i] = (struct rig_answer){ optional[i], "01" };
	rig_renew(&bounded);
	rig.answers = answers;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert(!rt_hci_get_info(rig.hci)->host_flow_control);
}
END_TEST

START_TEST(a_required_command_that_fails_ends_it_with_the_reason)
{
	const uint16_t opcode = required[_i];
	struct rig_answer answers[] = { { opcode, "0c" }, { 0, NULL } };

	rig.answers = answers;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 0);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(rig.why.phase, RT_PHASE_OPEN);
	ck_assert_uint_eq(rig.why.code, 0x0c);
	ck_assert_int_eq(rig.why.err, -EBUSY);
	ck_assert_uint_ne(rig.why.frame, 0);
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_expect_none();
}
END_TEST

/* The answer to each command of the bring-up, in full. */
static const struct rig_answer whole[] = {
	{ 0x0c03, "00" },
	{ 0x1001, "00 0b 0102 0b 05f1 0304" },
	{ 0x1002, "00 " HEX_64_FF },
	{ 0x1003, "00 bffe8ffed83f5b87" },
	{ 0x1004, "00 01 02 0100000000000000" },
	{ 0x1005, "00 fd03 40 0400 0800" },
	{ 0x1009, "00 112233445566" },
	{ 0x0c01, "00" },
	{ 0x0c33, "00" },
	{ 0x0c31, "00" },
	{ 0x0c13, "00" },
	{ 0x0c1a, "00" },
};

static bool is_required(uint16_t opcode)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(required); i++) {
		if (required[i] == opcode)
			return true;
	}
	return false;
}

START_TEST(an_answer_cut_short_anywhere_is_refused_or_done_without)
{
	char hex[256];
	struct rig_answer answers[] = { { whole[_i].opcode, hex },
					{ 0, NULL } };
	size_t n = 0;

	for (const char *p = whole[_i].ret; *p; p++) {
		if (*p != ' ')
			hex[n++] = *p;
	}
	rig.answers = answers;
	for (n -= 2;; n -= 2) {
		hex[n] = '\0';
		rig_renew(&bounded);
		rig.ups = 0;
		rig.finals = 0;
		rig_bring_up();
		if (is_required(whole[_i].opcode)) {
			ck_assert_uint_eq(rig.finals, 1);
			ck_assert_int_lt(rig.why.err, 0);
		} else {
			ck_assert_uint_eq(rig.ups, 1);
		}
		if (n == 0)
			break;
	}
}
END_TEST

START_TEST(a_reset_that_is_never_answered_ends_it)
{
	rt_hci_start(rig.hci);
	for (int i = 0; i < 3; i++) {
		rig_expect("01 030c 00");
		rig_pass_us(1999999);
		ck_assert_uint_eq(rig.finals, 0);
		rig_expect_none();
		rig_pass_us(1);
	}
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
	ck_assert_uint_eq(rig_stats()->commands_timed_out, 3);
	rig_expect_none();
}
END_TEST

START_TEST(a_late_answer_to_reset_does_no_harm)
{
	rt_hci_start(rig.hci);
	rig_expect("01 030c 00");
	rig_pass_us(2000000);
	rig_expect("01 030c 00");
	rig_complete(0x0c03);
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rig.downs, 0);
}
END_TEST

START_TEST(an_optional_command_that_is_never_answered_is_left_out_in_the_end)
{
	struct rig_answer answers[] = { { optional[_i], NULL }, { 0, NULL } };

	rig_renew(&bounded);
	rig.answers = answers;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 0);
	for (int i = 0; i < 2 && rig.ups == 0; i++) {
		rig_pass_us(2000000);
		rig_answer_all();
	}
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rig.downs, 0);
	ck_assert_uint_ge(rig_stats()->resets, 1);
}
END_TEST

START_TEST(a_command_left_unanswered_once_is_sent_again)
{
	static const struct rig_answer silent[] = { { 0x0c24, NULL },
						    { 0, NULL } };
	static const struct rig_answer sound[] = { { 0, NULL } };

	rig.answers = silent;
	rig_bring_up();
	ck_assert_uint_eq(rig.ups, 0);
	rig.answers = sound;
	rig_pass_us(2000000);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rig_stats()->resets, 1);
	/* It has been answered since, so the next time is the first again. */
	rt_hci_set_class(rig.hci, 1);
	rig_expect("01 240c 03 010000");
	rig_pass_us(2000000);
	rig.answers = silent;
	rig_answer_all();
	rig_pass_us(2000000);
	rig.answers = sound;
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	rt_hci_set_class(rig.hci, 2);
	rig_expect("01 240c 03 020000");
}
END_TEST

START_TEST(a_required_command_that_is_never_answered_ends_it)
{
	struct rig_answer answers[] = { { required[_i], NULL }, { 0, NULL } };

	rig.answers = answers;
	rig_bring_up();
	for (int i = 0; i < 20 && rig.finals == 0; i++) {
		rig_pass_us(2000000);
		rig_answer_all();
	}
	ck_assert_uint_eq(rig.ups, 0);
	ck_assert_uint_eq(rig.finals, 1);
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_int_eq(rig.why.err, -ETIMEDOUT);
}
END_TEST

START_TEST(answers_that_come_twice_change_nothing)
{
	rt_hci_start(rig.hci);
	while (rig.ups == 0) {
		rig_answer_one();
		/* The same again, with another value at its end. */
		rig_repeat_answer();
	}
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->acl_bytes, 1021);
	ck_assert_uint_eq(rt_hci_get_info(rig.hci)->sco_packets, 8);
	ck_assert_uint_gt(rig_stats()->events_unexpected, 10);
	rig_expect_none();
}
END_TEST

START_TEST(every_allocation_that_fails_is_reported)
{
	const struct rt_hci_options options = { .name = "rig" };
	struct rt_hci *hci = NULL;
	const size_t live = rig.env->live;
	size_t n = 0;
	int err;

	do {
		rig.fake.allocs_left = n++;
		err = rt_hci_new(rig.env, &options, NULL, NULL, &hci);
		if (err < 0) {
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_uint_eq(rig.env->live, live);
		}
	} while (err < 0 && n < 20);
	ck_assert_int_eq(err, 0);
	ck_assert_uint_gt(n, 2);
	rt_hci_free(hci);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(nothing_but_the_answer_to_reset_counts_while_resetting)
{
	rt_hci_start(rig.hci);
	rig_expect("01 030c 00");
	rig_inject("04 10 01 42");
	rig_connection_request(1);
	rig_connection_complete(0, 1, 1);
	rig_inject("02 0120 0400 00004000");
	rig_expect_none();
	ck_assert_uint_eq(rig_stats()->events_unexpected, 0);
	rig_complete(0x0c03);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_uint_eq(rig_stats()->resets, 0);
}
END_TEST

START_TEST(a_command_left_unanswered_twice_is_not_sent_for_settings_either)
{
	rig.answers = (const struct rig_answer[]){ { 0x0c13, NULL },
						   { 0x0c52, NULL },
						   { 0x0c1a, NULL },
						   { 0x0c24, "01" },
						   { 0, NULL } };
	rig_bring_up();
	for (int i = 0; i < 6; i++) {
		ck_assert_uint_eq(rig.ups, 0);
		rig_pass_us(2000000);
		rig_answer_all();
	}
	ck_assert_uint_eq(rig.ups, 1);
	ck_assert_int_eq(rt_hci_set_name(rig.hci, "other"), 0);
	rt_hci_set_scan(rig.hci, true, true);
	rt_hci_set_class(rig.hci, 1);
	rig_expect("01 240c 03 010000");
	rig_expect_none();
	rt_hci_stop(rig.hci);
	rig_status(0x0c24, 0x01);
	rig_pass_us(0);
	rig_expect("01 030c 00");
}
END_TEST

START_TEST(a_command_left_unanswered_is_tried_again_when_started_anew)
{
	rig.answers = (const struct rig_answer[]){ { 0x0c01, NULL },
						   { 0x0c13, NULL },
						   { 0, NULL } };
	rig_bring_up();
	for (int i = 0; i < 6 && rig.ups == 0; i++) {
		rig_pass_us(2000000);
		rig_answer_all();
	}
	ck_assert_uint_eq(rig.ups, 1);
	/* Not after an error, */
	rig_inject("04 10 01 42");
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	/* but after an orderly end. */
	rt_hci_stop(rig.hci);
	rig_pass_us(0);
	rig_answer_all();
	ck_assert_uint_eq(rig.finals, 1);
	rt_hci_start(rig.hci);
	for (int i = 0; i < 8; i++)
		rig_answer_one();
	rig_expect_command(0x0c01);
}
END_TEST

static const struct rig_case cases[] = {
	{ &optional_commands_that_are_unknown_are_tolerated, 1 },
	{ &a_required_command_that_fails_ends_it_with_the_reason,
	  RT_ARRAY_SIZE(required) },
	{ &an_answer_cut_short_anywhere_is_refused_or_done_without,
	  RT_ARRAY_SIZE(whole) },
	{ &a_reset_that_is_never_answered_ends_it, 1 },
	{ &a_late_answer_to_reset_does_no_harm, 1 },
	{ &an_optional_command_that_is_never_answered_is_left_out_in_the_end,
	  RT_ARRAY_SIZE(optional) },
	{ &a_required_command_that_is_never_answered_ends_it,
	  RT_ARRAY_SIZE(required) },
	{ &answers_that_come_twice_change_nothing, 1 },
	{ &every_allocation_that_fails_is_reported, 1 },
	{ &nothing_but_the_answer_to_reset_counts_while_resetting, 1 },
	{ &a_command_left_unanswered_once_is_sent_again, 1 },
	{ &a_command_left_unanswered_twice_is_not_sent_for_settings_either, 1 },
	{ &a_command_left_unanswered_is_tried_again_when_started_anew, 1 },
};

int main(void)
{
	return rig_run("hci bringup fail", cases, RT_ARRAY_SIZE(cases));
}
