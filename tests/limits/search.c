/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/limits/crowd.h"
#include "tests/support/suite.h"

/* What others may tell of themselves: devices, and their services. */

#define MANY 257

struct heard {
	unsigned int count;
	unsigned int done;
	int err; /* of the device */
};

/* --- services ----------------------------------------------------------- */

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)service;
	((struct heard *)user_data)->count++;
}

static void on_device_done(struct rt_service_search *search,
			   struct rt_addr addr,
			   const struct rt_error_info *info, void *user_data)
{
	(void)search;
	(void)addr;
	((struct heard *)user_data)->err = info->err;
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	(void)search;
	(void)info;
	((struct heard *)user_data)->done++;
}

static bool is_done(void *heard)
{
	return ((struct heard *)heard)->done > 0;
}

static struct heard look_at(struct world *w)
{
	const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_device_done = on_device_done,
		.on_done = on_done,
	};
	struct heard heard = { 0 };
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = &heard,
		.addr = world_addr(w, 1),
	};
	struct rt_service_search *search;

	ck_assert_int_eq(rt_service_search_start(world_host(w, 0), &options,
						 &search),
			 0);
	ck_assert(world_run_until(w, is_done, &heard, RT_SECONDS(60)));
	rt_service_search_free(search);
	return heard;
}

/* A host that may publish more than others look at. */
static void lift_limits(struct rt_host *host)
{
	host->env.limits.services = MANY + 1;
	host->env.limits.sdp_records = MANY + 1;
}

START_TEST(a_device_has_256_services_and_the_257th_is_left_out)
{
	static const struct rt_uuid uuid = { { 0xaa, 0xbb, 1 } };
	const unsigned int limit = rt_limits_default.search_results;
	struct rt_service *service[MANY];
	struct world *w = world_new(NULL);
	struct heard heard;

	lift_limits(world_host(w, 1));
	for (unsigned int i = 0; i < MANY; i++) {
		service[i] = rt_service_new(world_host(w, 1));
		ck_assert_int_eq(rt_service_set_classes(service[i], &uuid, 1),
				 0);
		ck_assert_int_eq(rt_service_register(service[i]), 0);
	}
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	heard = look_at(w);
	ck_assert_uint_eq(heard.count, limit);
	ck_assert_int_eq(heard.err, -ENOBUFS);
	rt_service_free(service[3]);
	heard = look_at(w);
	ck_assert_uint_eq(heard.count, limit);
	ck_assert_int_eq(heard.err, 0);
	for (unsigned int i = 0; i < MANY; i++) {
		if (i != 3)
			rt_service_free(service[i]);
	}
	world_finish(w);
}
END_TEST

/* --- devices ------------------------------------------------------------ */

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)device;
	((struct heard *)user_data)->count++;
}

/* An inquiry that hears `devices` devices from number `from` on. */
static unsigned int inquire(struct crowd *crowd, unsigned int from,
			    unsigned int devices)
{
	const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
	};
	struct heard heard = { 0 };
	struct rt_inquiry *inquiry;

	ck_assert_int_eq(rt_inquiry_start(crowd_host(crowd), 2, false,
					  &callbacks, &heard, &inquiry),
			 0);
	world_settle(crowd->w);
	for (unsigned int i = from; i < from + devices; i++)
		crowd_event(crowd,
			    "22 0f 01 %02x%02x020000c1 0100 0c025a "
			    "0000 c4",
			    i & 0xff, i >> 8);
	world_settle(crowd->w);
	rt_inquiry_free(inquiry);
	crowd_run(crowd, RT_SECONDS(5));
	return heard.count;
}

START_TEST(an_inquiry_hears_256_devices_and_the_257th_is_left_out)
{
	const unsigned int limit = rt_limits_default.inquiry_results;
	struct crowd *crowd = crowd_new(NULL);
	size_t live;

	crowd->remembers = true;
	ck_assert_uint_eq(inquire(crowd, 0, limit), limit);
	live = crowd_live(crowd);
	ck_assert_uint_eq(inquire(crowd, 0, limit + 1), limit);
	/* What is remembered from one to the next is as much as before. */
	ck_assert_uint_eq(crowd_live(crowd), live);
	ck_assert_uint_eq(inquire(crowd, limit + 1, limit), limit);
	ck_assert_uint_eq(crowd_live(crowd), live);
	crowd_free(crowd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/search");
	TCase *tc = tcase_create("search");

	tcase_add_test(tc, a_device_has_256_services_and_the_257th_is_left_out);
	tcase_add_test(tc,
		       an_inquiry_hears_256_devices_and_the_257th_is_left_out);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
