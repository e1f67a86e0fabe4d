/* SPDX-License-Identifier: MIT */
#include "hci/gap.h"

#include <errno.h>
#include <stdio.h>

#include "hci/engine.h"
#include "tests/unit/hci/rig.h"

static char names[8][RT_GAP_NAME_BYTES + 1];
static bool name_good[8];
static struct rt_reason name_why[8];
static size_t name_count;

static void on_result(void *user, const struct rt_gap_device *device)
{
	(void)user;
	(void)device;
}

static void on_done(void *user, const struct rt_reason *why)
{
	(void)user;
	ck_assert_int_eq(why->err, 0);
}

static void on_name(void *user, const char *name, const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, names);
	ck_assert_uint_lt(name_count, RT_ARRAY_SIZE(names));
	name_good[name_count] = name != NULL;
	if (name)
		snprintf(names[name_count], sizeof(names[0]), "%s", name);
	name_why[name_count++] = *why;
}

static const struct rt_gap_inquiry_ops inquiry_ops = { on_result, on_done };
static const struct rt_gap_name_ops name_ops = { on_name };

static void begin(void)
{
	name_count = 0;
	rig_bring_up();
}

static void start_inquiry(void)
{
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &inquiry_ops, NULL),
			 0);
}

static rt_handle ask(uint8_t last)
{
	rt_handle handle = 0;

	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(last), &name_ops,
					     names, &handle),
			 0);
	ck_assert_uint_ne(handle, 0);
	return handle;
}

/* A name request is under way. */
static rt_handle begin_asking(void)
{
	rt_handle handle;

	begin();
	handle = ask(1);
	rig_expect("01 1904 0a 010100000000 02 00 0000");
	rig_status(0x0419, 0);
	return handle;
}

START_TEST(a_name_is_asked_for_and_told)
{
	begin_asking();
	rig_inject("04 07 ff 00 010100000000 42c3a472 00 %0*d", 488 - 2, 0);
	ck_assert_uint_eq(name_count, 1);
	ck_assert(name_good[0]);
	ck_assert_str_eq(names[0], "B\xc3\xa4r");
	ck_assert_int_eq(name_why[0].err, 0);
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_expect_none();
}
END_TEST

START_TEST(a_short_or_wild_name_is_taken_and_made_valid)
{
	begin_asking();
	rig_inject("04 07 09 00 010100000000 61ff");
	ck_assert_uint_eq(name_count, 1);
	ck_assert_str_eq(names[0], "a\xef\xbf\xbd");
}
END_TEST

START_TEST(a_name_that_cannot_be_had_says_why)
{
	begin_asking();
	rig_pass_us(5120000);
	rig_inject("04 07 07 04 010100000000");
	ck_assert_uint_eq(name_count, 1);
	ck_assert(!name_good[0]);
	ck_assert_uint_eq(name_why[0].code, 0x04);
	ck_assert_int_eq(name_why[0].err, -EHOSTDOWN);
	ck_assert_uint_eq(name_why[0].phase, RT_PHASE_PAGE);
	ck_assert_uint_eq(name_why[0].elapsed_us, 5120000);
}
END_TEST

START_TEST(a_name_request_that_is_refused_says_why)
{
	begin();
	ask(1);
	rig_expect_command(0x0419);
	rig_status(0x0419, 0x0c);
	ck_assert_uint_eq(name_count, 1);
	ck_assert_int_eq(name_why[0].err, -EBUSY);
}
END_TEST

START_TEST(a_name_request_is_refused_at_once)
{
	const struct rt_addr zero = { { 0 } };
	rt_handle handle = 0;

	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(1), &name_ops,
					     names, &handle),
			 -ENETDOWN);
	begin();
	ck_assert_int_eq(rt_gap_name_request(rig.hci, zero, &name_ops, names,
					     &handle),
			 -EINVAL);
	ck_assert_int_eq(rt_gap_name_request(rig.hci,
					     rt_hci_get_info(rig.hci)->addr,
					     &name_ops, names, &handle),
			 -EINVAL);
	rig.fake.allocs_left = 0;
	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(1), &name_ops,
					     names, &handle),
			 -ENOMEM);
	rig.fake.allocs_left = SIZE_MAX;
	ck_assert_uint_eq(handle, 0);
	rig_expect_none();
}
END_TEST

START_TEST(as_many_name_requests_as_the_limit_wait)
{
	const uint32_t max = rig.env->limits.name_requests;
	rt_handle handle = 0;

	begin();
	for (uint8_t i = 1; i <= max; i++)
		ask(i);
	ck_assert_int_eq(rt_gap_name_request(rig.hci, rig_addr(99), &name_ops,
					     names, &handle),
			 -ENOSPC);
	rig_expect_command(0x0419);
	rig_status(0x0419, 0);
	rig_expect_none();
	rig_inject("04 07 07 00 010100000000");
	ck_assert(name_good[0]);
	ck_assert_str_eq(names[0], "");
	ask(99);
	rig_expect("01 1904 0a 020100000000 02 00 0000");
}
END_TEST

START_TEST(names_wait_for_inquiry_and_pages_and_they_for_names)
{
	begin();
	start_inquiry();
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	ask(1);
	rig_expect_none();
	rig_want(2);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_inject("04 01 01 00");
	rig_expect_none();
	rig_connection_complete(0x04, 0, 2);
	rig_expect_command(0x0419);
	rig_status(0x0419, 0);
	rig_want(3);
	start_inquiry();
	rig_expect_none();
	rig_inject("04 07 07 04 010100000000");
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_expect_command(0x0401);
}
END_TEST

START_TEST(answers_about_others_are_not_taken)
{
	begin_asking();
	rig_inject("04 07 09 00 020100000000 6162");
	ck_assert_uint_eq(name_count, 0);
	ck_assert_uint_eq(rig_stats()->events_unexpected, 1);
	rig_inject("04 07 09 00 010100000000 6162");
	ck_assert_uint_eq(name_count, 1);
	rig_inject("04 07 09 00 010100000000 6162");
	ck_assert_uint_eq(rig_stats()->events_unexpected, 2);
}
END_TEST

START_TEST(a_name_request_under_way_can_be_cancelled)
{
	rt_handle handle = begin_asking();

	ask(2);
	rt_gap_name_cancel(rig.hci, handle);
	rt_gap_name_cancel(rig.hci, handle);
	rt_gap_name_cancel(rig.hci, 0);
	rig_expect("01 1a04 06 010100000000");
	rig_inject("04 0e 0a 01 1a04 00 010100000000");
	rig_expect_none();
	rig_inject("04 07 07 02 010100000000");
	ck_assert_uint_eq(name_count, 0);
	rig_expect("01 1904 0a 020100000000 02 00 0000");
}
END_TEST

START_TEST(a_cancel_that_changes_nothing_does_not_block_the_next)
{
	rt_handle handle = begin_asking();

	ask(2);
	rt_gap_name_cancel(rig.hci, handle);
	rig_expect_command(0x041a);
	rig_inject("04 0e 0a 01 1a04 0c 010100000000");
	rig_pass_us(1999999);
	rig_expect_none();
	rig_pass_us(1);
	rig_expect("01 1904 0a 020100000000 02 00 0000");
}
END_TEST

START_TEST(a_name_request_that_waits_is_cancelled_without_a_word)
{
	rt_handle handle;

	begin_asking();
	handle = ask(2);
	rt_gap_name_cancel(rig.hci, handle);
	rig_expect_none();
	rig_inject("04 07 07 00 010100000000");
	rig_expect_none();
	ck_assert_uint_eq(name_count, 1);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(a_name_request_without_a_credit_is_taken_back)
{
	rt_handle handle;

	begin();
	rig_inject("04 0e 03 00 0000");
	handle = ask(1);
	rig_expect_none();
	rt_gap_name_cancel(rig.hci, handle);
	rig_inject("04 0e 03 01 0000");
	rig_expect_none();
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(a_name_that_never_comes_is_cancelled)
{
	begin_asking();
	ask(2);
	rig_pass_us(5120000 + 14999999);
	ck_assert_uint_eq(name_count, 0);
	rig_pass_us(1);
	ck_assert_uint_eq(name_count, 1);
	ck_assert_int_eq(name_why[0].err, -ETIMEDOUT);
	rig_expect("01 1a04 06 010100000000");
	rig_inject("04 0e 0a 01 1a04 00 010100000000");
	rig_pass_us(2000000);
	rig_expect("01 1904 0a 020100000000 02 00 0000");
	ck_assert_uint_eq(name_count, 1);
}
END_TEST

START_TEST(a_name_that_was_told_is_over)
{
	begin_asking();
	rig_inject("04 07 09 00 010100000000 6162");
	rig_pass_us(100000000);
	rig_expect_none();
	ck_assert_uint_eq(name_count, 1);
}
END_TEST

START_TEST(a_reset_ends_requests_and_lets_new_ones_begin)
{
	begin_asking();
	ask(2);
	rt_hci_resync(rig.hci);
	ck_assert_uint_eq(name_count, 2);
	ck_assert_int_eq(name_why[0].err, -EILSEQ);
	ck_assert_int_eq(name_why[1].err, -EILSEQ);
	rig_answer_all();
	ck_assert_uint_eq(rig.ups, 2);
	rig_pass_us(100000000);
	rig_expect_none();
	ask(3);
	rig_expect("01 1904 0a 030100000000 02 00 0000");
}
END_TEST

START_TEST(a_stop_cancels_the_request_under_way)
{
	begin_asking();
	ask(2);
	rt_hci_stop(rig.hci);
	ck_assert_uint_eq(name_count, 0);
	rig_pass_us(0);
	ck_assert_uint_eq(name_count, 2);
	rig_expect("01 1a0c 01 00");
	rig_complete(0x0c1a);
	rig_expect("01 1a04 06 010100000000");
	rig_inject("04 0e 0a 01 1a04 00 010100000000");
	rig_expect_none();
	rig_inject("04 07 07 02 010100000000");
	rig_expect("01 030c 00");
	ck_assert_uint_eq(name_count, 2);
}
END_TEST

static const struct rig_case cases[] = {
	{ &a_name_is_asked_for_and_told, 1 },
	{ &a_short_or_wild_name_is_taken_and_made_valid, 1 },
	{ &a_name_that_cannot_be_had_says_why, 1 },
	{ &a_name_request_that_is_refused_says_why, 1 },
	{ &a_name_request_is_refused_at_once, 1 },
	{ &as_many_name_requests_as_the_limit_wait, 1 },
	{ &names_wait_for_inquiry_and_pages_and_they_for_names, 1 },
	{ &answers_about_others_are_not_taken, 1 },
	{ &a_name_request_under_way_can_be_cancelled, 1 },
	{ &a_cancel_that_changes_nothing_does_not_block_the_next, 1 },
	{ &a_name_request_that_waits_is_cancelled_without_a_word, 1 },
	{ &a_name_request_without_a_credit_is_taken_back, 1 },
	{ &a_name_that_never_comes_is_cancelled, 1 },
	{ &a_name_that_was_told_is_over, 1 },
	{ &a_reset_ends_requests_and_lets_new_ones_begin, 1 },
	{ &a_stop_cancels_the_request_under_way, 1 },
};

int main(void)
{
	return rig_run("hci name", cases, RT_ARRAY_SIZE(cases));
}
