/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Inquiries, names and echoes. */

#define HOSTS 4

struct heard {
	unsigned int devices;
	struct rt_addr addr[16];
	char name[256];
	unsigned int done;
	int err;
	size_t bytes;
	uint8_t data[64];
};

static struct world *w;
static struct heard heard;

static void setup(void)
{
	const struct world_options options = { .seed = 2, .hosts = HOSTS };

	w = world_new(&options);
	memset(&heard, 0, sizeof(heard));
}

static void teardown(void)
{
	for (unsigned int i = 0; i < HOSTS; i++) {
		/* Devices that were found are remembered. */
		w->node[i].memory_idle += HOSTS;
	}
	world_finish(w);
}

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	struct heard *h = user_data;

	(void)inquiry;
	ck_assert_uint_eq(h->done, 0);
	ck_assert_uint_ge(device->size, sizeof(*device));
	ck_assert_ptr_nonnull(device->name);
	ck_assert(device->has_rssi);
	if (h->devices < 16)
		h->addr[h->devices] = device->addr;
	h->devices++;
	snprintf(h->name, sizeof(h->name), "%s", device->name);
}

static void on_done(struct rt_inquiry *inquiry,
		    const struct rt_error_info *info, void *user_data)
{
	struct heard *h = user_data;

	(void)inquiry;
	h->done++;
	h->err = info->err;
}

static const struct rt_inquiry_callbacks inquiry_callbacks = {
	.size = sizeof(inquiry_callbacks),
	.on_device = on_device,
	.on_done = on_done,
};

START_TEST(an_inquiry_finds_the_discoverable_once_each)
{
	struct rt_inquiry *inquiry;

	for (unsigned int i = 1; i < HOSTS; i++)
		rt_host_set_discoverable(world_host(w, i), i != 2);
	world_settle(w);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 5, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 0);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 5, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 -EBUSY);
	world_run(w, RT_SECONDS(8));
	ck_assert_uint_eq(heard.devices, HOSTS - 2);
	ck_assert_str_eq(heard.name, "rawtooth");
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, 0);
	rt_inquiry_free(inquiry);
}
END_TEST

START_TEST(an_inquiry_that_is_freed_is_heard_of_no_more)
{
	struct rt_inquiry *inquiry;

	rt_host_set_discoverable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 10, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 0);
	rt_inquiry_free(inquiry);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(heard.devices, 0);
	ck_assert_uint_eq(heard.done, 0);
	/* And the next one can run. */
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 1, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(heard.done, 1);
	rt_inquiry_free(inquiry);
}
END_TEST

START_TEST(an_inquiry_takes_1_to_61_seconds)
{
	struct rt_inquiry *inquiry;
	uint64_t start_us;

	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 0, false, NULL,
					  NULL, &inquiry),
			 -EINVAL);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 62, false, NULL,
					  NULL, &inquiry),
			 -EINVAL);
	for (unsigned int seconds = 1; seconds <= 61; seconds += 20) {
		start_us = w->now_us;
		heard.done = 0;
		ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), seconds,
						  false, &inquiry_callbacks,
						  &heard, &inquiry),
				 0);
		while (!heard.done)
			world_run(w, RT_MS(10));
		ck_assert_uint_ge(w->now_us - start_us, RT_SECONDS(seconds));
		ck_assert_uint_le(w->now_us - start_us,
				  RT_SECONDS(seconds) + RT_MS(1300));
		rt_inquiry_free(inquiry);
	}
}
END_TEST

START_TEST(an_inquiry_ends_with_its_host)
{
	struct rt_inquiry *inquiry;

	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 30, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 0);
	world_settle(w);
	if (_i == 0)
		rt_host_shutdown(world_host(w, 0));
	else
		world_unplug(w, 0, -ENODEV);
	world_settle(w);
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, _i == 0 ? -ENETDOWN : -ENODEV);
	rt_inquiry_free(inquiry);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 30, false,
					  &inquiry_callbacks, &heard, &inquiry),
			 -ENETDOWN);
}
END_TEST

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	struct heard *h = user_data;

	(void)request;
	h->done++;
	h->err = info->err;
	snprintf(h->name, sizeof(h->name), "%s", name ? name : "(none)");
}

static const struct rt_name_callbacks name_callbacks = {
	.size = sizeof(name_callbacks),
	.on_name = on_name,
};

START_TEST(a_name_is_asked_for_and_remembered)
{
	struct rt_name_request *request;
	struct end end = { .s = NULL };

	ck_assert_int_eq(rt_host_set_name(world_host(w, 1), "Printer 7"), 0);
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(
		rt_name_request_start(world_host(w, 0), world_addr(w, 1),
				      &name_callbacks, &heard, &request),
		0);
	world_run(w, RT_SECONDS(10));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, 0);
	ck_assert_str_eq(heard.name, "Printer 7");
	rt_name_request_free(request);
	/* A socket to that device knows it. */
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 1), 0);
	ck_assert_str_eq(rt_socket_peer_name(end.s), "Printer 7");
	end_free(&end);
}
END_TEST

START_TEST(a_device_that_is_not_there_has_no_name)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	const struct rt_addr zero = { { 0 } };
	struct rt_name_request *request;

	ck_assert_int_eq(rt_name_request_start(world_host(w, 0), zero,
					       &name_callbacks, &heard,
					       &request),
			 -EINVAL);
	ck_assert_int_eq(rt_name_request_start(world_host(w, 0), nobody,
					       &name_callbacks, &heard,
					       &request),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, -EHOSTDOWN);
	ck_assert_str_eq(heard.name, "(none)");
	rt_name_request_free(request);
}
END_TEST

START_TEST(one_name_request_more_than_the_limit_is_refused)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	struct rt_name_request *requests[17];

	for (int i = 0; i < 17; i++)
		ck_assert_int_eq(rt_name_request_start(world_host(w, 0), nobody,
						       &name_callbacks, &heard,
						       &requests[i]),
				 i < 16 ? 0 : -ENOSPC);
	for (int i = 0; i < 16; i++)
		rt_name_request_free(requests[i]);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(heard.done, 0);
}
END_TEST

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	struct heard *h = user_data;

	(void)echo;
	h->done++;
	h->err = info->err;
	h->bytes = bytes;
	ck_assert_uint_le(bytes, sizeof(h->data));
	memcpy(h->data, data, bytes);
}

static const struct rt_echo_callbacks echo_callbacks = {
	.size = sizeof(echo_callbacks),
	.on_reply = on_reply,
};

static int send_echo(struct rt_addr addr, const void *data, size_t bytes,
		     struct rt_echo **ret_echo)
{
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &echo_callbacks,
		.user_data = &heard,
		.data = data,
		.bytes = bytes,
		.timeout_ms = 3000,
	};

	return rt_echo_start(world_host(w, 0), addr, &options, ret_echo);
}

START_TEST(an_echo_comes_back_as_it_went)
{
	static const uint8_t data[45] = { 1, 2, 3, [44] = 9 };
	const size_t bytes = (size_t)_i * 22;
	struct rt_echo *echo;

	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(send_echo(world_addr(w, 1), data, 45, &echo),
			 -EMSGSIZE);
	ck_assert_int_eq(send_echo(world_addr(w, 1), NULL, 1, &echo), -EINVAL);
	ck_assert_int_eq(send_echo(world_addr(w, 1), data, bytes, &echo), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, 0);
	ck_assert_uint_eq(heard.bytes, bytes);
	ck_assert_mem_eq(heard.data, data, bytes);
	rt_echo_free(echo);
}
END_TEST

START_TEST(an_echo_that_is_not_answered_times_out)
{
	struct rt_echo *echo;
	struct rt_echo *second;

	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	ck_assert_int_eq(send_echo(world_addr(w, 1), "x", 1, &echo), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(heard.err, 0);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
	heard.done = 0;
	ck_assert_int_eq(send_echo(world_addr(w, 1), "x", 1, &second), 0);
	world_run(w, RT_SECONDS(4));
	ck_assert_uint_eq(heard.done, 1);
	ck_assert_int_eq(heard.err, -ETIMEDOUT);
	rt_echo_free(echo);
	rt_echo_free(second);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, false);
}
END_TEST

/* Freed under way, or left behind with the host. */
START_TEST(requests_may_be_given_up)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	struct rt_name_request *request;
	struct rt_inquiry *inquiry;
	struct rt_echo *echo;

	ck_assert_int_eq(send_echo(nobody, "x", 1, &echo), 0);
	ck_assert_int_eq(rt_name_request_start(world_host(w, 0), nobody,
					       &name_callbacks, &heard,
					       &request),
			 0);
	ck_assert_int_eq(rt_inquiry_start(world_host(w, 0), 30, true,
					  &inquiry_callbacks, &heard, &inquiry),
			 0);
	world_settle(w);
	if (_i == 0) {
		rt_echo_free(echo);
		rt_name_request_free(request);
		rt_inquiry_free(inquiry);
	} else {
		world_free_host(w, 0);
	}
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(heard.done, 0);
}
END_TEST

START_TEST(requests_of_a_host_that_stops_are_answered)
{
	const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
	struct rt_name_request *request;
	struct rt_echo *echo;

	ck_assert_int_eq(send_echo(nobody, "x", 1, &echo), 0);
	ck_assert_int_eq(rt_name_request_start(world_host(w, 0), nobody,
					       &name_callbacks, &heard,
					       &request),
			 0);
	rt_host_shutdown(world_host(w, 0));
	world_settle(w);
	ck_assert_uint_eq(heard.done, 2);
	ck_assert_int_eq(heard.err, -ENETDOWN);
	rt_echo_free(echo);
	rt_name_request_free(request);
	rt_echo_free(NULL);
	rt_name_request_free(NULL);
	rt_inquiry_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/discovery");
	TCase *tc = tcase_create("discovery");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_inquiry_finds_the_discoverable_once_each);
	tcase_add_test(tc, an_inquiry_that_is_freed_is_heard_of_no_more);
	tcase_add_test(tc, an_inquiry_takes_1_to_61_seconds);
	tcase_add_loop_test(tc, an_inquiry_ends_with_its_host, 0, 2);
	tcase_add_test(tc, a_name_is_asked_for_and_remembered);
	tcase_add_test(tc, a_device_that_is_not_there_has_no_name);
	tcase_add_test(tc, one_name_request_more_than_the_limit_is_refused);
	tcase_add_loop_test(tc, an_echo_comes_back_as_it_went, 0, 3);
	tcase_add_test(tc, an_echo_that_is_not_answered_times_out);
	tcase_add_loop_test(tc, requests_may_be_given_up, 0, 2);
	tcase_add_test(tc, requests_of_a_host_that_stops_are_answered);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
