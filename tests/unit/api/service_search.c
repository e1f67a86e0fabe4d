/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "l2cap/l2cap.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Searches for services, on one device or on all. */

#define HOSTS 5

struct heard {
	unsigned int services;
	char names[512];
	unsigned int devices;
	int device_err[16];
	unsigned int done;
	int err;
	const char *hint;
	struct rt_service *copy;
	unsigned int free_at; /* the callback, from 1, that frees the search */
	unsigned int callbacks;
	struct rt_service_search *search;
};

static struct world *w;
static struct heard heard;

static const struct rt_addr zero = { { 0 } };
static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	const struct world_options options = {
		.seed = 8,
		.hosts = HOSTS,
		.latency_us = 1250,
	};

	w = world_new(&options);
	memset(&heard, 0, sizeof(heard));
}

static void teardown(void)
{
	rt_service_search_free(heard.search);
	rt_service_free(heard.copy);
	for (unsigned int i = 0; i < HOSTS; i++) {
		/* Devices that were found are remembered. */
		w->node[i].memory_idle += HOSTS;
	}
	world_finish(w);
}

static void called(struct heard *h)
{
	if (++h->callbacks != h->free_at)
		return;
	rt_service_search_free(h->search);
	h->search = NULL;
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct heard *h = user_data;
	const size_t len = strlen(h->names);

	ck_assert_ptr_eq(search, h->search);
	ck_assert_uint_eq(h->done, 0);
	/* That of the SDP server itself is of no interest here. */
	if (rt_service_handle(service) == 0)
		return;
	h->services++;
	called(h);
	/* It lives until this returns, whatever became of the search. */
	snprintf(h->names + len, sizeof(h->names) - len, "%s;",
		 rt_service_name(service));
	ck_assert(!rt_addr_is_zero(rt_service_address(service)));
	if (!h->copy)
		h->copy = rt_service_copy(service);
}

static void on_device_done(struct rt_service_search *search,
			   struct rt_addr addr,
			   const struct rt_error_info *info, void *user_data)
{
	struct heard *h = user_data;

	ck_assert_ptr_eq(search, h->search);
	ck_assert_uint_eq(h->done, 0);
	ck_assert(!rt_addr_is_zero(addr));
	if (h->devices < RT_ARRAY_SIZE(h->device_err))
		h->device_err[h->devices] = info->err;
	h->devices++;
	called(h);
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct heard *h = user_data;

	ck_assert_ptr_eq(search, h->search);
	h->done++;
	h->err = info->err;
	h->hint = info->hint;
	called(h);
}

static const struct rt_service_search_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_service = on_service,
	.on_device_done = on_device_done,
	.on_done = on_done,
};

static int start_with(struct rt_addr addr,
		      struct rt_service_search_options options)
{
	options.size = sizeof(options);
	options.callbacks = &callbacks;
	options.user_data = &heard;
	options.addr = addr;
	return rt_service_search_start(world_host(w, 0), &options,
				       &heard.search);
}

static int start(struct rt_addr addr)
{
	return start_with(addr, (struct rt_service_search_options){ 0 });
}

static bool is_done(void *arg)
{
	(void)arg;
	return heard.done > 0;
}

/* Host `i` publishes a service with a name and a class. */
static struct rt_service *publish(unsigned int i, const char *name,
				  struct rt_uuid uuid)
{
	struct rt_service *service = rt_service_new(world_host(w, i));

	ck_assert_ptr_nonnull(service);
	ck_assert_int_eq(rt_service_set_classes(service, &uuid, 1), 0);
	ck_assert_int_eq(rt_service_set_name(service, name), 0);
	ck_assert_int_eq(rt_service_set_description(service, "described"), 0);
	ck_assert_int_eq(
		rt_service_set_attribute(service, 0x300, "\x08\x01", 2), 0);
	ck_assert_int_eq(rt_service_register(service), 0);
	rt_host_set_connectable(world_host(w, i), true);
	rt_host_set_discoverable(world_host(w, i), true);
	world_settle(w);
	return service;
}

START_TEST(the_services_of_one_device_come_one_at_a_time)
{
	struct rt_service *services[] = {
		publish(1, "a", own),
		publish(1, "b", rt_uuid_from_short(0x1101)),
		publish(1, "c", own),
	};

	ck_assert_int_eq(start(world_addr(w, 1)), 0);
	ck_assert_uint_eq(heard.callbacks, 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(20)));
	ck_assert_str_eq(heard.names, "a;b;c;");
	ck_assert_uint_eq(heard.devices, 1);
	ck_assert_int_eq(heard.err, 0);
	ck_assert(rt_addr_equal(rt_service_address(heard.copy),
				world_addr(w, 1)));
	ck_assert_str_eq(rt_service_description(heard.copy), "described");
	for (int i = 0; i < 3; i++)
		rt_service_free(services[i]);
}
END_TEST

START_TEST(all_uuids_must_be_in_a_record)
{
	const struct rt_uuid both[] = { own, rt_uuid_from_short(0x1002) };
	struct rt_service *a = publish(1, "a", own);
	struct rt_service *b = publish(1, "b", rt_uuid_from_short(0x1101));
	const struct rt_service_search_options options = {
		.uuids = both,
		.uuid_count = 2,
	};

	ck_assert_int_eq(start_with(world_addr(w, 1), options), 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(20)));
	ck_assert_str_eq(heard.names, "a;");
	rt_service_free(a);
	rt_service_free(b);
}
END_TEST

START_TEST(a_minimal_search_leaves_out_what_is_not_for_connecting)
{
	struct rt_service *a = publish(1, "a", own);
	const struct rt_service_search_options options = {
		.minimal = _i == 1,
	};
	struct rt_element value;

	ck_assert_int_eq(rt_service_set_port(a, RT_PROTOCOL_RFCOMM, 5), 0);
	ck_assert_int_eq(start_with(world_addr(w, 1), options), 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(20)));
	ck_assert_uint_eq(rt_service_port(heard.copy), 5);
	ck_assert(rt_service_has_uuid(heard.copy, own));
	ck_assert_str_eq(rt_service_name(heard.copy), "a");
	ck_assert_int_eq(rt_service_attribute(heard.copy, 0x300, &value),
			 _i == 1 ? -ENOENT : 0);
	rt_service_free(a);
}
END_TEST

START_TEST(one_record_can_be_asked_for_by_its_handle)
{
	struct rt_service *a = publish(1, "a", own);
	struct rt_service *b = publish(1, "b", own);
	const struct rt_service_search_options options = {
		.handle = rt_service_handle(b),
	};

	ck_assert_int_eq(start_with(zero, options), -EINVAL);
	ck_assert_int_eq(start_with(world_addr(w, 1), options), 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(20)));
	ck_assert_str_eq(heard.names, "b;");
	rt_service_free(a);
	rt_service_free(b);
}
END_TEST

START_TEST(a_found_service_is_not_ours_to_change)
{
	struct rt_service *a = publish(1, "a", own);

	ck_assert_int_eq(start(world_addr(w, 1)), 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(20)));
	ck_assert_int_eq(rt_service_set_name(heard.copy, "x"), -EPERM);
	ck_assert_int_eq(rt_service_set_classes(heard.copy, &own, 1), -EPERM);
	ck_assert_int_eq(rt_service_set_port(heard.copy, RT_PROTOCOL_RFCOMM, 1),
			 -EPERM);
	ck_assert_int_eq(rt_service_set_attribute(heard.copy, 0x300, NULL, 0),
			 -EPERM);
	ck_assert_int_eq(rt_service_register(heard.copy), -EPERM);
	ck_assert_uint_eq(rt_service_handle(heard.copy), rt_service_handle(a));
	rt_service_free(a);
}
END_TEST

START_TEST(a_device_that_is_not_there_ends_the_search)
{
	ck_assert_int_eq(start(nobody), 0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(30)));
	ck_assert_uint_eq(heard.devices, 1);
	ck_assert_int_eq(heard.device_err[0], -EHOSTDOWN);
	ck_assert_int_eq(heard.err, -EHOSTDOWN);
	ck_assert_str_ne(heard.hint, "");
}
END_TEST

START_TEST(all_devices_are_asked_once_an_inquiry_has_found_them)
{
	struct rt_service *services[HOSTS] = { NULL };
	char name[2] = "0";

	for (unsigned int i = 1; i < HOSTS; i++) {
		name[0] = (char)('0' + i);
		services[i] = publish(i, name, own);
	}
	/* This one is found, but can't be reached. */
	rt_host_set_connectable(world_host(w, 3), false);
	world_settle(w);
	ck_assert_int_eq(
		start_with(zero,
			   (struct rt_service_search_options){ .seconds = 2 }),
		0);
	ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(60)));
	ck_assert_uint_eq(heard.services, HOSTS - 2);
	ck_assert_uint_eq(heard.devices, HOSTS - 1);
	ck_assert_int_eq(heard.err, 0);
	for (unsigned int i = 1; i < HOSTS; i++) {
		name[0] = (char)('0' + i);
		ck_assert_int_eq(strstr(heard.names, name) != NULL, i != 3);
		rt_service_free(services[i]);
	}
}
END_TEST

START_TEST(an_inquiry_that_runs_keeps_a_search_from_starting)
{
	struct rt_inquiry *inquiry;

	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 5, false, NULL,
					  NULL, &inquiry),
			 0);
	ck_assert_int_eq(start(zero), -EBUSY);
	rt_inquiry_free(inquiry);
	world_settle(w);
	ck_assert_int_eq(start(zero), 0);
}
END_TEST

START_TEST(bad_options_are_refused)
{
	struct rt_uuid uuids[13] = { own };
	struct rt_service_search_options options = { .uuid_count = 1 };

	ck_assert_int_eq(start_with(nobody, options), -EINVAL);
	options.uuids = uuids;
	options.uuid_count = 2;
	ck_assert_int_eq(start_with(nobody, options), -EINVAL);
	for (int i = 0; i < 13; i++)
		uuids[i] = own;
	options.uuid_count = 13;
	ck_assert_int_eq(start_with(nobody, options), -EINVAL);
	options.uuid_count = 12;
	options.seconds = 62;
	ck_assert_int_eq(start_with(nobody, options), -EINVAL);
	options.seconds = 0;
	ck_assert_int_eq(start_with(world_addr(w, 0), options), -EINVAL);
	ck_assert_int_eq(start_with(nobody, options), 0);
	rt_service_search_free(NULL);
}
END_TEST

/* Each of the callbacks in turn. */
START_TEST(a_search_may_be_freed_in_any_callback)
{
	struct rt_service *a = publish(1, "a", own);
	struct rt_service *b = publish(1, "b", own);

	heard.free_at = (unsigned int)_i;
	ck_assert_int_eq(start(world_addr(w, 1)), 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(heard.callbacks, (unsigned int)_i);
	ck_assert_ptr_null(heard.search);
	rt_service_free(a);
	rt_service_free(b);
}
END_TEST

START_TEST(a_search_may_be_given_up_at_any_moment)
{
	struct rt_service *a = publish(1, "a", own);
	const struct rt_service_search_options options = { .seconds = 1 };
	const uint64_t step_us = _i ? RT_MS(2) : 200;
	unsigned int given_up = 0;
	uint64_t first;

	for (uint64_t packets = 0; packets < 60 && !heard.done; packets++) {
		memset(&heard, 0, sizeof(heard));
		first = w->packets;
		ck_assert_int_eq(
			start_with(_i ? zero : world_addr(w, 1), options), 0);
		while (w->packets < first + packets && !heard.done)
			world_run(w, step_us);
		given_up += !heard.done;
		rt_service_search_free(heard.search);
		heard.search = NULL;
		rt_service_free(heard.copy);
		heard.copy = NULL;
		heard.callbacks = 0;
		world_run(w, RT_SECONDS(20));
		ck_assert_uint_eq(heard.callbacks, 0);
	}
	ck_assert_uint_gt(given_up, 10);
	rt_service_free(a);
}
END_TEST

START_TEST(a_search_ends_with_its_host)
{
	struct rt_service *a = publish(1, "a", own);

	ck_assert_int_eq(start(_i % 2 ? zero : world_addr(w, 1)), 0);
	world_run(w, RT_MS(3));
	if (_i / 2 == 0)
		rt_host_shutdown(world_host(w, 0));
	else if (_i / 2 == 1)
		world_unplug(w, 0, -ENODEV);
	if (_i / 2 < 2) {
		world_run(w, RT_SECONDS(1));
		ck_assert_uint_eq(heard.done, 1);
		ck_assert_int_lt(heard.err, 0);
		ck_assert_str_ne(heard.hint, "");
		rt_service_search_free(heard.search);
		heard.search = NULL;
		ck_assert_int_eq(start(nobody), -ENETDOWN);
	} else {
		world_free_host(w, 0);
		heard.search = NULL;
	}
	rt_service_free(a);
}
END_TEST

/* More services than are held until they are told. */
START_TEST(memory_for_a_service_may_be_lacking)
{
	struct rt_service *a = publish(1, "a", own);
	struct world_memory *memory = &w->node[0].memory;
	unsigned int failures = 0;
	int err;

	for (size_t i = 1; i < 60; i++) {
		memset(&heard, 0, sizeof(heard));
		memory->fail_at = memory->asked + i;
		memory->failed = 0;
		err = start(world_addr(w, 1));
		if (err < 0) {
			ck_assert_int_eq(err, -ENOMEM);
			failures++;
			continue;
		}
		ck_assert(world_run_until(w, is_done, NULL, RT_SECONDS(60)));
		memory->fail_at = 0;
		/* Either all is told, or that something is missing. */
		ck_assert(heard.services == 1 || heard.err < 0);
		rt_service_search_free(heard.search);
		heard.search = NULL;
		rt_service_free(heard.copy);
		heard.copy = NULL;
		world_run(w, RT_SECONDS(20));
		if (memory->failed == 0)
			break;
		failures++;
	}
	ck_assert_uint_gt(failures, 5);
	rt_service_free(a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/service_search");
	TCase *tc = tcase_create("service_search");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_services_of_one_device_come_one_at_a_time);
	tcase_add_test(tc, all_uuids_must_be_in_a_record);
	tcase_add_loop_test(
		tc, a_minimal_search_leaves_out_what_is_not_for_connecting, 0,
		2);
	tcase_add_test(tc, one_record_can_be_asked_for_by_its_handle);
	tcase_add_test(tc, a_found_service_is_not_ours_to_change);
	tcase_add_test(tc, a_device_that_is_not_there_ends_the_search);
	tcase_add_test(tc,
		       all_devices_are_asked_once_an_inquiry_has_found_them);
	tcase_add_test(tc, an_inquiry_that_runs_keeps_a_search_from_starting);
	tcase_add_test(tc, bad_options_are_refused);
	tcase_add_loop_test(tc, a_search_may_be_freed_in_any_callback, 1, 5);
	tcase_add_loop_test(tc, a_search_may_be_given_up_at_any_moment, 0, 2);
	tcase_add_loop_test(tc, a_search_ends_with_its_host, 0, 6);
	tcase_add_test(tc, memory_for_a_service_may_be_lacking);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
