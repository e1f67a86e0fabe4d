/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/*
 * Every allocation of a life with services fails once, or all from one on: a
 * server by UUID, a search, a connect by UUID, and their ends, on either host.
 * What the application hears must add up, and nothing may be left behind.
 */

#define SERVICES 3

struct story {
	struct world *w;
	enum rt_protocol protocol;
	struct end client;
	struct rt_server *listener;
	struct rt_service *more[SERVICES - 1];
	struct rt_service_search *search;
	unsigned int found;
	unsigned int devices;
	unsigned int done;
	int err;
	bool connect_accepted;
	bool published; /* all of them */
};

static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct story *story = user_data;

	ck_assert_ptr_eq(search, story->search);
	ck_assert_uint_eq(story->done, 0);
	if (rt_service_handle(service) != 0)
		story->found++;
}

static void on_device_done(struct rt_service_search *search,
			   struct rt_addr addr,
			   const struct rt_error_info *info, void *user_data)
{
	struct story *story = user_data;

	(void)search;
	(void)addr;
	(void)info;
	story->devices++;
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct story *story = user_data;

	(void)search;
	story->done++;
	story->err = info->err;
	ck_assert(info->err == 0 || info->hint[0]);
}

static const struct rt_service_search_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_service = on_service,
	.on_device_done = on_device_done,
	.on_done = on_done,
};

static bool publish(struct story *story, struct rt_host *host)
{
	struct rt_service **more = story->more;

	story->listener = rt_server_new(host, story->protocol, NULL, NULL);
	if (!story->listener ||
	    rt_server_listen_uuid(story->listener, own, "first") < 0)
		return false;
	for (int i = 0; i < SERVICES - 1; i++) {
		more[i] = rt_service_new(host);
		if (!more[i] || rt_service_set_classes(more[i], &own, 1) < 0 ||
		    rt_service_set_name(more[i], "more") < 0 ||
		    rt_service_register(more[i]) < 0)
			return false;
	}
	return true;
}

static void start(struct story *story)
{
	struct rt_host *host[2] = { world_host(story->w, 0),
				    world_host(story->w, 1) };
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = story,
		.addr = story->w->node[1].addr,
	};

	if (!host[0] || !host[1])
		return;
	story->published = publish(story, host[1]);
	world_run(story->w, RT_SECONDS(1));
	if (rt_service_search_start(host[0], &options, &story->search) < 0)
		story->search = NULL;
	end_attach(&story->client, rt_socket_new(host[0], RT_PROTOCOL_UNKNOWN));
	if (!story->client.s)
		return;
	story->connect_accepted =
		rt_socket_connect_uuid(story->client.s, story->w->node[1].addr,
				       own) == 0;
}

static void check(const struct story *story)
{
	const struct end *client = &story->client;

	if (story->search) {
		ck_assert_uint_eq(story->done, 1);
		ck_assert_uint_le(story->devices, 1);
		/* Nothing is missing without a word. */
		if (story->err == 0 && story->published)
			ck_assert_uint_eq(story->found, SERVICES);
	}
	if (!story->connect_accepted)
		return;
	ck_assert_msg(client->connected + client->errors > 0, "%s",
		      client->log);
	ck_assert_msg(client->connected <= 1 && client->errors <= 1, "%s",
		      client->log);
}

static void stop(struct story *story)
{
	if (story->client.s)
		rt_socket_close(story->client.s);
	world_run(story->w, RT_SECONDS(100));
	if (story->client.s)
		ck_assert_int_eq(rt_socket_state(story->client.s),
				 RT_SOCKET_UNCONNECTED);
	end_free(&story->client);
	rt_service_search_free(story->search);
	rt_server_free(story->listener);
	for (int i = 0; i < SERVICES - 1; i++)
		rt_service_free(story->more[i]);
}

/* Returns false if there was no allocation with that number. */
static bool tell(enum rt_protocol protocol, unsigned int node, size_t number,
		 bool later)
{
	const struct world_options options = {
		.seed = 1,
		.latency_us = 1250,
		.fail_node = node,
		.fail_at = number,
		.fail_later = later,
		.down = true,
	};
	struct story story = { .protocol = protocol };
	size_t failed;

	story.w = world_new(&options);
	world_run(story.w, RT_SECONDS(20));
	start(&story);
	world_run(story.w, RT_SECONDS(150));
	check(&story);
	stop(&story);
	failed = story.w->node[node].memory.failed;
	story.w->node[node].memory.fail_at = 0;
	world_finish(story.w);
	return failed > 0;
}

START_TEST(any_allocation_may_fail)
{
	const enum rt_protocol protocol =
		_i / 4 ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP;
	const unsigned int node = (unsigned int)_i % 2;
	const bool later = _i / 2 % 2;
	size_t number = 1;

	while (number < 2000 && tell(protocol, node, number, later))
		number++;
	ck_assert_uint_gt(number, 20);
	ck_assert_uint_lt(number, 2000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/service_memory");
	TCase *tc = tcase_create("service_memory");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, any_allocation_may_fail, 0, 8);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
