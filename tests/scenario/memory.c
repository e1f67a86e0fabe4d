/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/*
 * Every allocation of a life fails once: bring-up, listen, connect, transfer
 * and close, on the client's host and on the server's. What the application
 * hears must add up, and nothing may be left behind.
 */

#define DATA_BYTES 5000
#define PORT_L2CAP 0x1001
#define PORT_RFCOMM 1

struct story {
	struct world *w;
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
	struct end client;
	struct end server;
	struct rt_server *listener;
	bool connect_accepted;
	uint8_t rx[2][DATA_BYTES];
};

static uint8_t data[DATA_BYTES];

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct story *story = user_data;
	struct rt_socket *s = rt_server_next_pending(server);

	if (story->server.s) {
		rt_socket_free(s);
		return;
	}
	end_attach(&story->server, s);
	end_push(&story->server);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

static uint16_t port_of(const struct story *story)
{
	return story->protocol == RT_PROTOCOL_RFCOMM ? PORT_RFCOMM : PORT_L2CAP;
}

/* Of both ends; there is nothing to choose for RFCOMM. */
static int choose_mode(struct story *story)
{
	int err;

	if (story->protocol != RT_PROTOCOL_L2CAP)
		return 0;
	err = rt_server_set_option(story->listener, RT_OPTION_MODE,
				   story->mode);
	if (err < 0)
		return err;
	return rt_socket_set_option(story->client.s, RT_OPTION_MODE,
				    story->mode);
}

static void start(struct story *story)
{
	struct rt_host *host[2] = { world_host(story->w, 0),
				    world_host(story->w, 1) };
	const uint16_t port = port_of(story);

	if (!host[0] || !host[1])
		return;
	story->listener =
		rt_server_new(host[1], story->protocol, &callbacks, story);
	end_attach(&story->client, rt_socket_new(host[0], story->protocol));
	if (!story->listener || !story->client.s || choose_mode(story) < 0)
		return;
	if (rt_server_listen(story->listener, port) < 0)
		return;
	story->client.tx = story->server.tx = data;
	story->client.tx_bytes = story->server.tx_bytes = DATA_BYTES;
	story->client.piece = story->server.piece = 600;
	story->client.rx = story->rx[0];
	story->server.rx = story->rx[1];
	story->client.rx_cap = story->server.rx_cap = DATA_BYTES;
	story->connect_accepted =
		rt_socket_connect(story->client.s, world_addr(story->w, 1),
				  port) == 0;
}

static void check(const struct story *story)
{
	const struct end *client = &story->client;

	if (!story->connect_accepted)
		return;
	ck_assert_msg(client->connected + client->errors > 0, "%s",
		      client->log);
	ck_assert_msg(client->connected <= 1 && client->errors <= 1, "%s",
		      client->log);
	/* Octets are never lost without a word. */
	if (client->connected && !client->errors &&
	    (story->protocol == RT_PROTOCOL_RFCOMM ||
	     story->mode == RT_SOCKET_MODE_ERTM ||
	     story->mode == RT_SOCKET_MODE_CREDIT))
		ck_assert_mem_eq(story->rx[0], data, client->rx_bytes);
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
	end_free(&story->server);
	rt_server_free(story->listener);
}

static const struct kind {
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
} kinds[] = {
	{ RT_PROTOCOL_RFCOMM, RT_SOCKET_MODE_BASIC },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_BASIC },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_ERTM },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_STREAMING },
	{ RT_PROTOCOL_L2CAP, RT_SOCKET_MODE_CREDIT },
};

/* Returns false if there was no allocation with that number. */
static bool tell(const struct kind *kind, unsigned int node, size_t number,
		 bool later)
{
	const struct world_options options = {
		.seed = 1,
		.latency_us = 1250,
		.acl_packets = 3,
		.fail_node = node,
		.fail_at = number,
		.fail_later = later,
		.down = true,
	};
	struct story story = { .protocol = kind->protocol, .mode = kind->mode };
	size_t failed;

	story.w = world_new(&options);
	world_run(story.w, RT_SECONDS(20));
	start(&story);
	world_run(story.w, RT_SECONDS(100));
	check(&story);
	stop(&story);
	failed = story.w->node[node].memory.failed;
	story.w->node[node].memory.fail_at = 0;
	world_finish(story.w);
	return failed > 0;
}

START_TEST(any_allocation_may_fail)
{
	const struct kind *kind = &kinds[_i / 4];
	const unsigned int node = (unsigned int)_i % 2;
	const bool later = _i / 2 % 2;
	size_t number = 1;

	while (number < 2000 && tell(kind, node, number, later))
		number++;
	ck_assert_uint_gt(number, 20);
	ck_assert_uint_lt(number, 2000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/memory");
	TCase *tc = tcase_create("memory");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, any_allocation_may_fail, 0,
			    4 * (int)RT_ARRAY_SIZE(kinds));
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
