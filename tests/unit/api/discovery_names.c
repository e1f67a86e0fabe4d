/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "hci/gap.h"
#include "hci/hci.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/*
 * Inquiries that ask for names, and what they tell. Host 0 looks; 1 has its
 * name in the EIR; 2 and 3 are from before the EIR, and tell their names only
 * when asked.
 */

#define HOSTS 4

struct heard {
	unsigned int devices;
	unsigned int tells[HOSTS];
	char name[HOSTS][250];
	bool name_complete[HOSTS];
	size_t uuid_count[HOSTS];
	struct rt_uuid uuid[HOSTS];
	unsigned int done;
	int err;
};

static struct world *w;
static struct heard heard;
static struct rt_inquiry *inquiry;
static struct rt_inquiry *free_in_device;

static void setup(void)
{
	const struct world_options options = {
		.seed = 4,
		.hosts = HOSTS,
		.page_ms = 200,
	};
	char name[8];

	w = world_new(&options);
	memset(&heard, 0, sizeof(heard));
	inquiry = NULL;
	free_in_device = NULL;
	for (unsigned int i = 1; i < HOSTS; i++) {
		if (i > 1)
			rt_vctl_set_fault(w->node[i].vctl, RT_VCTL_NO_EXTENDED,
					  true);
		snprintf(name, sizeof(name), "host %u", i);
		ck_assert_int_eq(rt_host_set_name(world_host(w, i), name), 0);
		ck_assert_int_eq(rt_host_set_mode(world_host(w, i),
						  RT_HOST_MODE_DISCOVERABLE),
				 0);
	}
	world_settle(w);
}

static void teardown(void)
{
	rt_inquiry_free(inquiry);
	for (unsigned int i = 0; i < HOSTS; i++)
		w->node[i].memory_idle += HOSTS;
	world_finish(w);
}

static unsigned int index_of(struct rt_addr addr)
{
	for (unsigned int i = 0; i < HOSTS; i++) {
		if (rt_addr_equal(addr, world_addr(w, i)))
			return i;
	}
	ck_abort_msg("who is that?");
	return 0;
}

static void on_device(struct rt_inquiry *it, const struct rt_device *device,
		      void *user_data)
{
	struct heard *h = user_data;
	const unsigned int i = index_of(device->addr);

	ck_assert_uint_eq(h->done, 0);
	h->devices++;
	h->tells[i]++;
	snprintf(h->name[i], sizeof(h->name[i]), "%s", device->name);
	h->name_complete[i] = device->name_complete;
	h->uuid_count[i] = device->uuid_count;
	if (device->uuid_count > 0)
		h->uuid[i] = device->uuids[0];
	if (it == free_in_device) {
		rt_inquiry_free(it);
		inquiry = NULL;
	}
}

static void on_done(struct rt_inquiry *it, const struct rt_error_info *info,
		    void *user_data)
{
	struct heard *h = user_data;

	ck_assert(!rt_inquiry_is_active(it));
	h->done++;
	h->err = info->err;
}

static const struct rt_inquiry_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_device = on_device,
	.on_done = on_done,
};

static void start(uint32_t names_ms)
{
	const struct rt_inquiry_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &heard,
		.seconds = 2,
		.names = true,
		.names_ms = names_ms,
	};

	rt_inquiry_free(inquiry);
	memset(&heard, 0, sizeof(heard));
	ck_assert_int_eq(
		rt_inquiry_start_with(world_host(w, 0), &options, &inquiry), 0);
}

static bool is_done(void *arg)
{
	(void)arg;
	return heard.done > 0;
}

static void finish(void)
{
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(120)));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, 0);
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(heard.done, 1);
}

START_TEST(names_that_are_not_in_the_eir_are_asked_for)
{
	start(0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(heard.devices, 3);
	ck_assert_str_eq(heard.name[1], "host 1");
	ck_assert_str_eq(heard.name[2], "");
	finish();
	/* New; and with its name, where that came later. */
	ck_assert_uint_eq(heard.tells[1], 1);
	ck_assert_uint_eq(heard.tells[2], 2);
	ck_assert_uint_eq(heard.tells[3], 2);
	ck_assert_str_eq(heard.name[2], "host 2");
	ck_assert_str_eq(heard.name[3], "host 3");
	ck_assert(heard.name_complete[3]);
	/* They are known now. */
	start(0);
	world_run(w, RT_SECONDS(1));
	ck_assert_str_eq(heard.name[3], "host 3");
	finish();
	ck_assert_uint_eq(heard.devices, 3);
}
END_TEST

START_TEST(without_the_wish_no_name_is_asked_for)
{
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 2, false,
					  &callbacks, &heard, &inquiry),
			 0);
	finish();
	ck_assert_uint_eq(heard.devices, 3);
	ck_assert_str_eq(heard.name[2], "");
}
END_TEST

START_TEST(a_device_that_is_gone_does_not_end_it)
{
	start(0);
	world_run(w, RT_SECONDS(1));
	rt_vctl_set_fault(w->node[2].vctl, RT_VCTL_OUT_OF_RANGE, true);
	finish();
	ck_assert_uint_eq(heard.tells[2], 1);
	ck_assert_str_eq(heard.name[2], "");
	ck_assert_str_eq(heard.name[3], "host 3");
	rt_vctl_set_fault(w->node[2].vctl, RT_VCTL_OUT_OF_RANGE, false);
}
END_TEST

START_TEST(names_have_their_time)
{
	start(1000);
	world_run(w, RT_SECONDS(1));
	rt_vctl_set_fault(w->node[2].vctl, RT_VCTL_OUT_OF_RANGE, true);
	/* 2 s are two units of 1.28 s. */
	world_run(w, RT_MS(2560 + 999) - RT_SECONDS(1));
	ck_assert_uint_eq(heard.done, 0);
	world_run(w, RT_MS(2));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_str_eq(heard.name[3], "");
	finish();
	rt_vctl_set_fault(w->node[2].vctl, RT_VCTL_OUT_OF_RANGE, false);
}
END_TEST

/* Each 100 ms of its life: in the inquiry, between, during each name. */
START_TEST(it_can_be_stopped_at_any_time)
{
	struct heard before;

	start(0);
	world_run(w, RT_MS(100) * (uint64_t)_i);
	ck_assert(rt_inquiry_is_active(inquiry) || heard.done);
	rt_inquiry_stop(inquiry);
	ck_assert(!rt_inquiry_is_active(inquiry));
	rt_inquiry_stop(inquiry);
	before = heard;
	world_run(w, RT_SECONDS(60));
	ck_assert_mem_eq(&heard, &before, sizeof(heard));
	ck_assert_uint_eq(rt_hci_is_idle(world_host(w, 0)->hci), 1);
	/* Another one can begin. */
	start(0);
	finish();
	ck_assert_str_eq(heard.name[3], "host 3");
}
END_TEST

START_TEST(a_second_one_waits_for_the_names_of_the_first)
{
	struct rt_inquiry *second = NULL;

	start(0);
	world_run(w, RT_MS(2700));
	ck_assert_uint_eq(heard.done, 0);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 1, false, NULL,
					  NULL, &second),
			 -EBUSY);
	finish();
}
END_TEST

/* It is freed in its first callback, or in that of the first name. */
START_TEST(it_may_be_freed_in_a_callback)
{
	start(0);
	if (_i == 1)
		world_run(w, RT_SECONDS(2));
	free_in_device = inquiry;
	world_run(w, RT_SECONDS(60));
	ck_assert_ptr_null(inquiry);
	ck_assert_uint_eq(heard.devices, _i == 0 ? 1 : 4);
	ck_assert_uint_eq(heard.done, 0);
}
END_TEST

START_TEST(it_waits_if_all_name_requests_are_taken)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	struct rt_name_request *requests[16];

	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(rt_name_request_start(world_host(w, 0), nobody,
						       NULL, NULL,
						       &requests[i]),
				 0);
	start(0);
	world_run(w, RT_SECONDS(4));
	for (int i = 0; i < 16; i++)
		rt_name_request_free(requests[i]);
	finish();
	ck_assert_str_eq(heard.name[3], "host 3");
}
END_TEST

/* Shut down, without its transport, or without power: while names come. */
START_TEST(it_ends_with_its_host)
{
	start(0);
	world_run(w, RT_MS(2700));
	ck_assert_uint_eq(heard.done, 0);
	if (_i == 0)
		rt_host_shutdown(world_host(w, 0));
	else if (_i == 1)
		world_unplug(w, 0, -ENODEV);
	else
		ck_assert_int_eq(rt_host_set_mode(world_host(w, 0),
						  RT_HOST_MODE_OFF),
				 0);
	world_settle(w);
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, _i == 1 ? -ENODEV : -ENETDOWN);
}
END_TEST

START_TEST(services_are_told)
{
	struct rt_server *server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	const struct rt_uuid push = rt_uuid_from_short(0x1105);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen_uuid(server, push, "Push"), 0);
	world_settle(w);
	start(0);
	finish();
	ck_assert_uint_ge(heard.uuid_count[1], 1);
	ck_assert(rt_uuid_equal(heard.uuid[1], push));
	ck_assert_uint_eq(heard.uuid_count[2], 0);
	ck_assert_uint_eq(rt_host_class_of_device(world_host(w, 1)) & 0xff0000,
			  0x100000);
	rt_server_free(server);
	world_settle(w);
	start(0);
	finish();
	ck_assert_uint_eq(heard.uuid_count[1], 0);
	ck_assert_uint_eq(rt_host_class_of_device(world_host(w, 1)) & 0xff0000,
			  0);
}
END_TEST

START_TEST(options_out_of_range_are_refused)
{
	struct rt_inquiry_options options = { .size = sizeof(options) };
	struct rt_inquiry *it = NULL;

	options.seconds = 62;
	ck_assert_int_eq(rt_inquiry_start_with(world_host(w, 0), &options, &it),
			 -EINVAL);
	ck_assert_ptr_null(it);
	ck_assert_int_eq(rt_inquiry_start_with(world_host(w, 0), NULL, &it), 0);
	rt_inquiry_free(it);
}
END_TEST

START_TEST(classes_have_names)
{
	ck_assert_str_eq(rt_class_of_device_name(0x5a020c), "Phone");
	ck_assert_str_eq(rt_class_of_device_name(0x000100), "Computer");
	ck_assert_str_eq(rt_class_of_device_name(0xffffff), "Uncategorized");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/discovery_names");
	TCase *tc = tcase_create("discovery_names");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_that_are_not_in_the_eir_are_asked_for);
	tcase_add_test(tc, without_the_wish_no_name_is_asked_for);
	tcase_add_test(tc, a_device_that_is_gone_does_not_end_it);
	tcase_add_test(tc, names_have_their_time);
	tcase_add_loop_test(tc, it_can_be_stopped_at_any_time, 0, 36);
	tcase_add_test(tc, a_second_one_waits_for_the_names_of_the_first);
	tcase_add_loop_test(tc, it_may_be_freed_in_a_callback, 0, 2);
	tcase_add_test(tc, it_waits_if_all_name_requests_are_taken);
	tcase_add_loop_test(tc, it_ends_with_its_host, 0, 3);
	tcase_add_test(tc, services_are_told);
	tcase_add_test(tc, options_out_of_range_are_refused);
	tcase_add_test(tc, classes_have_names);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
