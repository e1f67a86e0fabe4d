/* SPDX-License-Identifier: MIT */
#include "hci/gap.h"

#include <errno.h>

#include "hci/engine.h"
#include "tests/unit/hci/rig.h"

static struct rt_gap_device devices[RIG_DEVICES_MAX];
static size_t device_count;
static unsigned int dones;
static struct rt_reason done_why;
static bool stop_in_result;
static bool start_in_done;

static void on_result(void *user, const struct rt_gap_device *device)
{
	ck_assert_ptr_eq(user, devices);
	ck_assert_uint_lt(device_count, RIG_DEVICES_MAX);
	devices[device_count++] = *device;
	if (stop_in_result)
		rt_gap_inquiry_stop(rig.hci);
}

static void start(uint8_t length);

static void on_done(void *user, const struct rt_reason *why)
{
	ck_assert_ptr_eq(user, devices);
	dones++;
	done_why = *why;
	if (start_in_done)
		start(1);
}

static const struct rt_gap_inquiry_ops inquiry_ops = { on_result, on_done };

static void begin(void)
{
	device_count = 0;
	dones = 0;
	stop_in_result = false;
	start_in_done = false;
	rig_bring_up();
}

static void start(uint8_t length)
{
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, length,
					      &inquiry_ops, devices),
			 0);
}

/* An inquiry of 8 units that runs. */
static void begin_running(void)
{
	begin();
	start(8);
	rig_expect("01 0104 05 338b9e 08 00");
	rig_status(0x0401, 0);
}

static void result_rssi(uint8_t last, uint8_t rssi)
{
	rig_inject("04 22 0f 01 %02x0100000000 01 00 0c025a 3412 %02x", last,
		   rssi);
}

START_TEST(an_inquiry_runs_and_ends_by_itself)
{
	begin_running();
	rig_expect_none();
	rig_pass_us(8 * 1280000);
	rig_inject("04 01 01 00");
	ck_assert_uint_eq(dones, 1);
	ck_assert_int_eq(done_why.err, 0);
	ck_assert(rt_hci_is_idle(rig.hci));
	rig_expect_none();
	start(1);
	rig_expect("01 0104 05 338b9e 01 00");
}
END_TEST

START_TEST(an_inquiry_is_refused_at_once)
{
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &inquiry_ops, devices),
			 -ENETDOWN);
	begin();
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 0,
					      &inquiry_ops, devices),
			 -EINVAL);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 49,
					      &inquiry_ops, devices),
			 -EINVAL);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, 0x9e8b40, 8,
					      &inquiry_ops, devices),
			 -EINVAL);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_LIAC, 48,
					      &inquiry_ops, devices),
			 0);
	ck_assert_int_eq(rt_gap_inquiry_start(rig.hci, RT_GAP_GIAC, 8,
					      &inquiry_ops, devices),
			 -EBUSY);
	rig_expect("01 0104 05 008b9e 30 00");
	rig_status(0x0401, 0x0c);
	ck_assert_uint_eq(dones, 1);
	ck_assert_int_eq(done_why.err, -EBUSY);
}
END_TEST

START_TEST(results_of_all_kinds_are_reported)
{
	begin_running();
	rig_inject("04 02 1d 02 010100000000 01 02 00 0c025a 3492"
		   " 020100000000 00 02 00 0c0210 0000");
	result_rssi(3, 0xc4);
	rig_inject("04 22 10 01 040100000000 01 02 00 0c025a 3412 c5");
	rig_inject("04 2f 17 01 050100000000 01 00 0c025a 3412 c6"
		   " 05 09 61626364 00 00");
	ck_assert_uint_eq(device_count, 5);
	ck_assert(rt_addr_equal(devices[0].addr, rig_addr(1)));
	ck_assert_uint_eq(devices[0].class_of_device, 0x5a020c);
	ck_assert_uint_eq(devices[0].clock_offset, 0x1234);
	ck_assert_uint_eq(devices[0].page_scan_repetition, 1);
	ck_assert(!devices[0].has_rssi);
	ck_assert(!devices[0].has_name);
	ck_assert_uint_eq(devices[1].class_of_device, 0x10020c);
	ck_assert(devices[2].has_rssi);
	ck_assert_int_eq(devices[2].rssi, -60);
	ck_assert_int_eq(devices[3].rssi, -59);
	ck_assert_uint_eq(devices[3].class_of_device, 0x5a020c);
	ck_assert_int_eq(devices[4].rssi, -58);
	ck_assert_str_eq(devices[4].name, "abcd");
	ck_assert(devices[4].name_complete);
	ck_assert_uint_eq(rig_stats()->events_malformed, 0);
}
END_TEST

START_TEST(results_are_merged_by_address)
{
	begin_running();
	result_rssi(1, 0xc4);
	result_rssi(1, 0xc5);
	ck_assert_uint_eq(device_count, 1);
	rig_inject("04 2f 17 01 010100000000 01 00 0c025a 3412 c6"
		   " 05 09 61626364 00 00");
	rig_inject("04 2f 17 01 010100000000 01 00 0c025a 3412 c7"
		   " 05 09 61626364 00 00");
	ck_assert_uint_eq(device_count, 2);
	ck_assert_str_eq(devices[1].name, "abcd");
	/* What a later result does not carry is kept. */
	rig_inject("04 22 0f 01 010100000000 01 00 000000 3412 c8");
	ck_assert_uint_eq(device_count, 3);
	ck_assert_str_eq(devices[2].name, "abcd");
	ck_assert_int_eq(devices[2].rssi, -56);
	rig_inject("04 01 01 00");
	/* A new inquiry reports anew. */
	start(8);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	rig_inject("04 02 0f 01 010100000000 01 00 00 000000 3412");
	ck_assert_uint_eq(device_count, 4);
	ck_assert(devices[3].has_rssi);
	ck_assert_str_eq(devices[3].name, "abcd");
}
END_TEST

START_TEST(the_first_rssi_is_news)
{
	begin_running();
	rig_inject("04 02 0f 01 010100000000 01 00 00 0c025a 3412");
	rig_inject("04 02 0f 01 010100000000 01 00 00 0c025a 3512");
	ck_assert_uint_eq(device_count, 1);
	result_rssi(1, 0xc4);
	ck_assert_uint_eq(device_count, 2);
}
END_TEST

START_TEST(as_many_devices_are_remembered_as_the_limit)
{
	const uint32_t max = rig.env->limits.inquiry_results;
	size_t live;

	begin_running();
	for (uint32_t i = 0; i < max; i++)
		rig_inject("04 22 0f 01 %02x%02x02000000 01 00 0c025a 3412 c4",
			   i & 0xff, i >> 8);
	ck_assert_uint_eq(device_count, max);
	live = rig.env->live;
	/* The first is heard of again: the second is the oldest now. */
	rig_inject("04 22 0f 01 000002000000 01 00 0c025a 3412 c4");
	ck_assert_uint_eq(device_count, max);
	result_rssi(1, 0xc4);
	ck_assert_uint_eq(rig.env->live, live);
	rig_inject("04 22 0f 01 000002000000 01 00 0c025a 3412 c4");
	ck_assert_uint_eq(device_count, max + 1);
	rig_inject("04 22 0f 01 010002000000 01 00 0c025a 3412 c4");
	ck_assert_uint_eq(device_count, max + 2);
}
END_TEST

START_TEST(without_memory_results_are_reported_unmerged)
{
	begin_running();
	rig.fake.allocs_left = 0;
	result_rssi(1, 0xc4);
	result_rssi(1, 0xc4);
	ck_assert_uint_eq(device_count, 2);
	ck_assert_int_eq(devices[1].rssi, -60);
	rig.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(results_with_a_wrong_count_are_refused)
{
	begin_running();
	rig_inject("04 02 0f 02 010100000000 01 00 00 0c025a 3412");
	rig_inject("04 02 0e 01 010100000000 01 00 00 0c025a 34");
	rig_inject("04 22 0f 02 010100000000 01 00 0c025a 3412 c4");
	rig_inject("04 22 01 ff");
	rig_inject("04 02 01 00");
	rig_inject("04 22 01 00");
	ck_assert_uint_eq(device_count, 0);
	ck_assert_uint_eq(rig_stats()->events_malformed, 4);
}
END_TEST

/* Both kinds of results with a count take 14 octets. */
START_TEST(a_count_of_results_never_wraps)
{
	uint8_t event[2 + UINT8_MAX] = { _i ? 0x22 : 0x02, 1 + 18 * 14 };
	uint32_t malformed = 0;

	begin_running();
	for (unsigned int count = 0; count <= UINT8_MAX; count++) {
		event[2] = (uint8_t)count;
		rig_inject_bytes(RT_PACKET_EVENT, event, 2U + event[1]);
		malformed += count > 18;
		ck_assert_uint_eq(rig_stats()->events_malformed, malformed);
		device_count = 0;
	}
}
END_TEST

START_TEST(stop_cancels_and_tells_nobody)
{
	uint64_t due_us;

	begin_running();
	rt_gap_inquiry_stop(rig.hci);
	rt_gap_inquiry_stop(rig.hci);
	rig_expect("01 0204 00");
	rig_expect_none();
	result_rssi(1, 0xc4);
	rig_inject("04 01 01 00");
	rig_complete(0x0402);
	ck_assert_uint_eq(device_count, 0);
	ck_assert_uint_eq(dones, 0);
	ck_assert(rt_hci_is_idle(rig.hci));
	ck_assert_uint_eq(rig_stats()->events_unexpected, 0);
	ck_assert(!rt_timers_next(&rig.env->timers, &due_us));
	result_rssi(1, 0xc4);
	rig_inject("04 01 01 00");
	ck_assert_uint_eq(rig_stats()->events_unexpected, 2);
	rig_pass_us(100000000);
	rig_expect_none();
}
END_TEST

START_TEST(stop_before_the_command_is_sent_needs_none)
{
	begin();
	start(8);
	rt_gap_inquiry_stop(rig.hci);
	rig_expect_none();
	rig_inject("04 0e 03 00 0000");
	start(8);
	rig_expect_none();
	rt_gap_inquiry_stop(rig.hci);
	rig_inject("04 0e 03 01 0000");
	rig_expect_none();
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(stop_before_the_status_is_safe)
{
	begin();
	start(8);
	rig_expect_command(0x0401);
	rt_gap_inquiry_stop(rig.hci);
	rig_status(0x0401, 0);
	rig_expect("01 0204 00");
	start(4);
	rig_expect_none();
	rig_complete(0x0402);
	rig_expect("01 0104 05 338b9e 04 00");
	rig_status(0x0401, 0);
	rig_inject("04 01 01 00");
	ck_assert_uint_eq(dones, 1);
}
END_TEST

START_TEST(stop_in_a_result_holds_at_once)
{
	begin_running();
	stop_in_result = true;
	rig_inject("04 02 1d 02 010100000000 01 02 00 0c025a 3492"
		   " 020100000000 00 02 00 0c0210 0000");
	ck_assert_uint_eq(device_count, 1);
	rig_expect("01 0204 00");
}
END_TEST

START_TEST(a_new_inquiry_can_begin_where_the_old_one_ends)
{
	begin_running();
	start_in_done = true;
	rig_inject("04 01 01 00");
	start_in_done = false;
	ck_assert_uint_eq(dones, 1);
	rig_expect("01 0104 05 338b9e 01 00");
	rig_status(0x0401, 0);
	rig_inject("04 01 01 00");
	ck_assert_uint_eq(dones, 2);
}
END_TEST

START_TEST(an_inquiry_that_never_ends_is_cancelled)
{
	begin_running();
	rig_pass_us(8 * 1280000 + 4999999);
	ck_assert_uint_eq(dones, 0);
	rig_pass_us(1);
	ck_assert_uint_eq(dones, 1);
	ck_assert_int_eq(done_why.err, -ETIMEDOUT);
	rig_expect("01 0204 00");
	rig_complete(0x0402);
	ck_assert(rt_hci_is_idle(rig.hci));
}
END_TEST

START_TEST(an_inquiry_that_fails_says_why)
{
	begin_running();
	rig_inject("04 01 01 03");
	ck_assert_uint_eq(dones, 1);
	ck_assert_uint_eq(done_why.code, 0x03);
	ck_assert_int_eq(done_why.err, -EIO);
}
END_TEST

START_TEST(an_inquiry_and_a_page_coexist_where_they_can)
{
	begin_running();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(rig.links[0].ups, 1);
	result_rssi(2, 0xc4);
	ck_assert_uint_eq(device_count, 1);
	rig_inject("04 01 01 00");
	ck_assert_uint_eq(dones, 1);
}
END_TEST

START_TEST(an_inquiry_makes_way_for_a_page_where_they_cannot_coexist)
{
	begin_running();
	rig_pass_us(2 * 1280000);
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0x0c);
	ck_assert_uint_eq(rig.links[0].downs, 0);
	rig_expect("01 0204 00");
	rig_expect_none();
	rig_complete(0x0402);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_expect_none();
	rig_pass_us(1280000);
	rig_connection_complete(0, 1, 1);
	ck_assert_uint_eq(rig.links[0].ups, 1);
	rt_hci_link_set_used(rig.links[0].link, true);
	/* It takes up what is left of its time. */
	rig_expect("01 0104 05 338b9e 05 00");
	rig_status(0x0401, 0);
	/* The next page need not try. */
	rig_want(2);
	rig_expect("01 0204 00");
	rig_complete(0x0402);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	rig_pass_us(5 * 1280000 + 5000000);
	/* There was no time left: that is no failure. */
	ck_assert_uint_eq(dones, 1);
	ck_assert_int_eq(done_why.err, 0);
}
END_TEST

/* Stopping it would be of no use: the page could not begin all the same. */
START_TEST(an_inquiry_goes_on_while_a_page_waits_for_an_incoming_link)
{
	begin_running();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0x0c);
	rig_expect("01 0204 00");
	rig_connection_request(2);
	rig_complete(0x0402);
	rig_expect_command(0x0409);
	rig_status(0x0409, 0);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	rig_expect_none();
	/* When the other link is there, it is the page's turn. */
	rig_connection_complete(0, 1, 2);
	rig_expect("01 0204 00");
	rig_complete(0x0402);
	rig_expect_command(0x0405);
}
END_TEST

START_TEST(an_inquiry_waits_for_a_page_where_they_cannot_coexist)
{
	begin();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	start(8);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0x0c);
	ck_assert_uint_eq(dones, 0);
	rig_expect_none();
	rig_connection_complete(0x04, 0, 1);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0);
	rig_inject("04 01 01 00");
	ck_assert_int_eq(done_why.err, 0);
}
END_TEST

START_TEST(an_inquiry_that_never_has_its_turn_fails)
{
	const struct rt_hci_options options = { .page_timeout_slots = 0xffff };

	rig_renew(&options);
	begin();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	start(1);
	rig_expect_command(0x0401);
	rig_status(0x0401, 0x0c);
	rig_pass_us(1280000 + 5000000);
	ck_assert_uint_eq(dones, 1);
	ck_assert_int_eq(done_why.err, -ETIMEDOUT);
}
END_TEST

START_TEST(paging_uses_what_the_inquiry_has_found)
{
	begin_running();
	result_rssi(1, 0xc4);
	rig_inject("04 22 0f 01 020100000000 07 00 0c025a ffff c4");
	rig_want(1);
	rig_expect("01 0504 0d 010100000000 18cc 01 00 3492 01");
	rig_status(0x0405, 0);
	rig_connection_complete(0, 1, 1);
	/* A mode that does not exist is not used. */
	rig_want(2);
	rig_expect("01 0504 0d 020100000000 18cc 02 00 ffff 01");
}
END_TEST

START_TEST(an_inquiry_is_never_of_no_length)
{
	begin_running();
	rig_want(1);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0x0c);
	rig_expect("01 0204 00");
	rig_complete(0x0402);
	rig_expect_command(0x0405);
	rig_status(0x0405, 0);
	/* To the very end of its time, or beyond. */
	rig_pass_us(8 * 1280000 + (uint64_t)_i);
	rig_connection_complete(0x04, 0, 1);
	rig_expect("01 0104 05 338b9e 01 00");
}
END_TEST

static const struct rig_case cases[] = {
	{ &an_inquiry_runs_and_ends_by_itself, 1 },
	{ &an_inquiry_is_refused_at_once, 1 },
	{ &results_of_all_kinds_are_reported, 1 },
	{ &results_are_merged_by_address, 1 },
	{ &the_first_rssi_is_news, 1 },
	{ &as_many_devices_are_remembered_as_the_limit, 1 },
	{ &without_memory_results_are_reported_unmerged, 1 },
	{ &results_with_a_wrong_count_are_refused, 1 },
	{ &a_count_of_results_never_wraps, 2 },
	{ &stop_cancels_and_tells_nobody, 1 },
	{ &stop_before_the_command_is_sent_needs_none, 1 },
	{ &stop_before_the_status_is_safe, 1 },
	{ &stop_in_a_result_holds_at_once, 1 },
	{ &a_new_inquiry_can_begin_where_the_old_one_ends, 1 },
	{ &an_inquiry_that_never_ends_is_cancelled, 1 },
	{ &an_inquiry_that_fails_says_why, 1 },
	{ &an_inquiry_and_a_page_coexist_where_they_can, 1 },
	{ &an_inquiry_makes_way_for_a_page_where_they_cannot_coexist, 1 },
	{ &an_inquiry_goes_on_while_a_page_waits_for_an_incoming_link, 1 },
	{ &an_inquiry_waits_for_a_page_where_they_cannot_coexist, 1 },
	{ &an_inquiry_that_never_has_its_turn_fails, 1 },
	{ &paging_uses_what_the_inquiry_has_found, 1 },
	{ &an_inquiry_is_never_of_no_length, 2 },
};

int main(void)
{
	return rig_run("hci inquiry", cases, RT_ARRAY_SIZE(cases));
}
