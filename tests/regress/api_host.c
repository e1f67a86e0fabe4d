/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tests/support/tagged.h"
#include "tools/sim/world.h"

/*
 * The rows of the catalogue in which a link goes, or memory runs out, at a bad
 * moment of a whole host: a search of services, a pairing, a connection.
 */

struct story {
	struct world *w;
	struct agent agent[2];
	struct rt_server *server;
	struct rt_service_search *search;
	struct end client;
	unsigned int found;
	unsigned int done;
	bool acted;
	bool frees; /* the application, in a callback */
	bool connect_accepted;
};

static uint8_t data[20000];

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct story *story = user_data;

	ck_assert_uint_eq(story->done, 0);
	ck_assert(rt_service_has_uuid(service, rt_uuid_from_short(0x0100)));
	story->found++;
	if (!story->frees)
		return;
	rt_service_search_free(search);
	story->search = NULL;
	rt_vctl_drop_links(story->w->node[0].vctl);
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct story *story = user_data;

	(void)search;
	ck_assert(info->err <= 0);
	story->done++;
}

static const struct rt_service_search_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_service = on_service,
	.on_done = on_done,
};

static void start(struct story *story, const struct world_options *options)
{
	struct world_options chosen = *options;

	chosen.seed = 11;
	chosen.latency_us = 1250;
	memset(story, 0, sizeof(*story));
	story->w = world_new(&chosen);
	world_run(story->w, RT_SECONDS(20));
}

/* Host 1 has a service by UUID, with these flags. */
static bool serve(struct story *story, unsigned int flags)
{
	struct rt_host *host = world_host(story->w, 1);

	story->server = rt_server_new(host, RT_PROTOCOL_RFCOMM, NULL, NULL);
	return story->server &&
	       rt_server_set_security(story->server, flags) == 0 &&
	       rt_server_listen_uuid(story->server,
				     rt_uuid_from_short(RT_UUID_SERIAL_PORT),
				     "port") == 0;
}

static void search(struct story *story)
{
	const struct rt_uuid uuid = rt_uuid_from_short(0x0100);
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = story,
		.addr = world_addr(story->w, 1),
		.uuids = &uuid,
		.uuid_count = 1,
	};

	if (rt_service_search_start(world_host(story->w, 0), &options,
				    &story->search) < 0)
		story->search = NULL;
}

static void finish(struct story *story)
{
	rt_service_search_free(story->search);
	end_free(&story->client);
	rt_server_free(story->server);
	world_run(story->w, RT_SECONDS(60));
	for (unsigned int i = 0; i < 2; i++)
		story->w->node[i].memory.fail_at = 0;
	world_finish(story->w);
}

static void drop_now(struct world *w, void *arg)
{
	struct story *story = arg;

	story->acted = true;
	rt_vctl_drop_links(w->node[0].vctl);
}

/* True if there was a packet with that number. */
static bool search_until(uint64_t packet, bool frees)
{
	const struct world_options options = { 0 };
	struct story story;
	bool acted;

	start(&story, &options);
	story.frees = frees;
	ck_assert(serve(&story, RT_SECURITY_NONE));
	story.w->at_packet = story.w->packets + packet;
	story.w->then = drop_now;
	story.w->arg = &story;
	search(&story);
	ck_assert_ptr_nonnull(story.search);
	world_run(story.w, RT_SECONDS(60));
	story.w->then = NULL;
	acted = story.acted;
	if (story.search)
		ck_assert_uint_eq(story.done, 1);
	else
		ck_assert(frees && story.done == 0);
	finish(&story);
	return acted;
}

/* SDP-11: the link goes at each packet of a search, and in its callback. */
START_TEST(a_link_may_go_at_any_packet_of_a_search)
{
	for (int frees = 0; frees < 2; frees++) {
		uint64_t packet = 1;

		while (packet < 500 && search_until(packet, frees))
			packet++;
		ck_assert_uint_gt(packet, 20);
		ck_assert_uint_lt(packet, 500);
	}
}
END_TEST

/* API-04: the controller still has packets of a link that is gone. */
START_TEST(what_is_sent_ends_with_its_link)
{
	const struct world_options options = { .acl_packets = 2 };

	for (uint64_t packet = 1; packet < 60; packet += 3) {
		/* Completed packets of the handle that there was. */
		static const uint8_t event[] = { 0x13, 5, 1, 0x01, 0x00, 2, 0 };
		struct story story;

		start(&story, &options);
		ck_assert(serve(&story, RT_SECURITY_NONE));
		end_open(&story.client, world_host(story.w, 0),
			 RT_PROTOCOL_RFCOMM);
		end_send(&story.client, data, sizeof(data));
		ck_assert_int_eq(
			rt_socket_connect_uuid(
				story.client.s, world_addr(story.w, 1),
				rt_uuid_from_short(RT_UUID_SERIAL_PORT)),
			0);
		ck_assert(world_run_until(story.w, end_is_connected,
					  &story.client, RT_SECONDS(60)));
		story.w->at_packet = story.w->packets + packet;
		story.w->then = drop_now;
		story.w->arg = &story;
		world_run(story.w, RT_SECONDS(30));
		ck_assert(story.acted);
		rt_vctl_inject_event(story.w->node[0].vctl,
				     rt_bytes(event, sizeof(event)));
		end_push(&story.client);
		world_run(story.w, RT_SECONDS(30));
		ck_assert_int_eq(rt_socket_state(story.client.s),
				 RT_SOCKET_UNCONNECTED);
		finish(&story);
	}
}
END_TEST

/* A service is found by UUID, and takes a bond with compared numbers. */
static void connect_with_proof(struct story *story)
{
	struct rt_host *host[2] = { world_host(story->w, 0),
				    world_host(story->w, 1) };

	if (!host[0] || !host[1])
		return;
	for (unsigned int i = 0; i < 2; i++) {
		const struct rt_pairing_policy policy = {
			.size = sizeof(policy),
			.bondable = true,
		};

		(void)!rt_host_set_pairing_policy(host[i], &policy);
		agent_attach(&story->agent[i], host[i], AGENT_CONFIRM);
	}
	if (!serve(story, RT_SECURITY_MITM))
		return;
	search(story);
	end_attach(&story->client, rt_socket_new(host[0], RT_PROTOCOL_RFCOMM));
	if (!story->client.s ||
	    rt_socket_set_security(story->client.s, RT_SECURITY_MITM) < 0)
		return;
	story->connect_accepted =
		rt_socket_connect_uuid(
			story->client.s, world_addr(story->w, 1),
			rt_uuid_from_short(RT_UUID_SERIAL_PORT)) == 0;
}

/* False if there was no allocation with that number. */
static bool starve(unsigned int node, size_t number, bool later)
{
	const struct world_options options = {
		.fail_node = node,
		.fail_at = number,
		.fail_later = later,
		.down = true,
	};
	struct rt_security_info info = { .size = sizeof(info) };
	struct story story;
	size_t failed;

	start(&story, &options);
	connect_with_proof(&story);
	world_run(story.w, RT_SECONDS(100));
	if (story.search)
		ck_assert_uint_eq(story.done, 1);
	if (story.connect_accepted)
		ck_assert_uint_eq(RT_MIN(story.client.connected, 1) +
					  (story.client.connected == 0 &&
					   story.client.errors == 1),
				  1);
	/* Whatever failed: nobody is connected without a proof. */
	if (story.client.s &&
	    rt_socket_state(story.client.s) == RT_SOCKET_CONNECTED) {
		ck_assert_int_eq(rt_socket_security(story.client.s, &info), 0);
		ck_assert(info.encrypted && info.authenticated);
	}
	failed = story.w->node[node].memory.failed;
	finish(&story);
	return failed > 0;
}

static void starve_all(unsigned int node, bool later)
{
	size_t number = 1;

	while (number < 2000 && starve(node, number, later))
		number++;
	ck_assert_uint_gt(number, 20);
	ck_assert_uint_lt(number, 2000);
}

/* API-05: I: memory fails at the one that connects; A: at the other. */
START_TEST(any_allocation_of_a_pairing_may_fail)
{
	starve_all(WE_INITIATE ? 0 : 1, false);
}
END_TEST

START_TEST(memory_may_end_at_any_allocation_of_a_pairing)
{
	starve_all(WE_INITIATE ? 0 : 1, true);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("SDP-11", "I", a_link_may_go_at_any_packet_of_a_search),
	TAGGED("API-04", "I", what_is_sent_ends_with_its_link),
	TAGGED("API-05", "IA", any_allocation_of_a_pairing_may_fail),
	TAGGED("API-05", "IA", memory_may_end_at_any_allocation_of_a_pairing),
};

int main(int argc, char **argv)
{
	const struct tagged_table table = {
		.rows = rows,
		.count = RT_ARRAY_SIZE(rows),
	};
	const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, 1);
}
