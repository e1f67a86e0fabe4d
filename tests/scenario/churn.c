/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * Everything that can end a connection, at every packet of its life: what the
 * application is told must add up, and nothing may be left behind.
 */

#define DATA_BYTES 3000
/* More packets than a connection, DATA_BYTES each way and the close take. */
#define PACKETS_MAX 400

enum act {
	CLIENT_CLOSES,
	CLIENT_ABORTS,
	CLIENT_IS_FREED,
	CLIENT_RECONNECTS,
	SERVER_CLOSES,
	SERVER_ABORTS,
	LISTENER_IS_FREED,
	CLIENT_UNPLUGGED,
	SERVER_UNPLUGGED,
	CLIENT_HOST_STOPS,
	SERVER_HOST_STOPS,
	CLIENT_HOST_IS_FREED,
	SERVER_HOST_IS_FREED,
	LINKS_DROP,
	SERVER_OUT_OF_RANGE,
	SERVER_MUTE,
	CLIENT_MUTE,
	ACTS,
};

struct story {
	struct pair pair;
	enum act act;
	bool acted;
	bool had_target;      /* there was something to end */
	bool client_ended_it; /* itself, before it heard how it went */
	uint8_t forth[DATA_BYTES];
	uint8_t back[DATA_BYTES];
	uint8_t client_rx[DATA_BYTES];
	uint8_t server_rx[DATA_BYTES];
};

static void note_end(struct story *story)
{
	const struct end *client = &story->pair.client;

	story->client_ended_it = client->connected + client->errors == 0;
}

static void reconnect(struct story *story)
{
	struct pair *pair = &story->pair;
	int err;

	rt_socket_abort(pair->client.s);
	err = rt_socket_connect(pair->client.s, world_addr(pair->w, 1),
				pair->port);
	/* Before the host is up, and when the links are all taken. */
	ck_assert(err == 0 || err == -ENETDOWN || err == -EMLINK);
}

static void act_on_client(struct story *story)
{
	struct pair *pair = &story->pair;

	switch (story->act) {
	case CLIENT_CLOSES:
		note_end(story);
		rt_socket_close(pair->client.s);
		break;
	case CLIENT_ABORTS:
		note_end(story);
		rt_socket_abort(pair->client.s);
		ck_assert_int_eq(rt_socket_state(pair->client.s),
				 RT_SOCKET_UNCONNECTED);
		break;
	case CLIENT_IS_FREED:
		note_end(story);
		end_free(&pair->client);
		break;
	default:
		reconnect(story);
		break;
	}
}

static void act_on_server(struct story *story)
{
	struct pair *pair = &story->pair;

	switch (story->act) {
	case SERVER_CLOSES:
		if (pair->server.s)
			rt_socket_close(pair->server.s);
		break;
	case SERVER_ABORTS:
		if (pair->server.s)
			rt_socket_abort(pair->server.s);
		break;
	default:
		rt_server_free(pair->listener);
		pair->listener = NULL;
		break;
	}
}

static void act_on_hosts(struct story *story)
{
	struct pair *pair = &story->pair;
	struct world *w = pair->w;

	switch (story->act) {
	case CLIENT_UNPLUGGED:
		world_unplug(w, 0, -ENODEV);
		break;
	case SERVER_UNPLUGGED:
		world_unplug(w, 1, -EPIPE);
		break;
	case CLIENT_HOST_STOPS:
		rt_host_shutdown(world_host(w, 0));
		break;
	case SERVER_HOST_STOPS:
		rt_host_shutdown(world_host(w, 1));
		break;
	case CLIENT_HOST_IS_FREED:
		world_free_host(w, 0);
		pair->client.s = NULL;
		break;
	case SERVER_HOST_IS_FREED:
		world_free_host(w, 1);
		pair->server.s = NULL;
		pair->listener = NULL;
		break;
	case LINKS_DROP:
		rt_vctl_drop_links(w->node[0].vctl);
		break;
	case SERVER_OUT_OF_RANGE:
		rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_OUT_OF_RANGE, true);
		break;
	case SERVER_MUTE:
		rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
		break;
	default:
		rt_vctl_set_fault(w->node[0].vctl, RT_VCTL_MUTE, true);
		break;
	}
}

static void act(struct world *w, void *arg)
{
	struct story *story = arg;

	(void)w;
	story->acted = true;
	story->had_target =
		story->act < SERVER_CLOSES ||
		(story->act > SERVER_ABORTS && story->act != LINKS_DROP) ||
		story->pair.server.s;
	if (story->act <= CLIENT_RECONNECTS)
		act_on_client(story);
	else if (story->act <= LISTENER_IS_FREED)
		act_on_server(story);
	else
		act_on_hosts(story);
}

/* The rules of what a socket tells, whatever happened. */
static void check_end(const struct end *end, const struct story *story)
{
	const char *log = end->log;

	if (story->act == CLIENT_RECONNECTS && end == &story->pair.client)
		return;
	ck_assert_msg(end->connected <= 1, "%s", log);
	ck_assert_msg(end->errors <= 1, "%s", log);
	ck_assert_msg(end->disconnected <= 1, "%s", log);
	if (end->s && rt_socket_state(end->s) == RT_SOCKET_UNCONNECTED &&
	    end != &story->pair.server)
		ck_assert_msg(end->connected == end->disconnected, "%s", log);
}

/*
 * Nobody notices that a peer's controller has fallen silent, or that its host
 * has gone without a word, while there is nothing to say.
 */
static bool ends_the_connection(const struct story *story)
{
	switch (story->act) {
	case CLIENT_RECONNECTS:
	case LISTENER_IS_FREED:
	case SERVER_HOST_IS_FREED:
	case SERVER_MUTE:
	case CLIENT_MUTE:
		return false;
	default:
		return story->had_target;
	}
}

static void check(const struct story *story)
{
	const struct pair *pair = &story->pair;
	const struct end *client = &pair->client;

	check_end(&pair->client, story);
	check_end(&pair->server, story);
	if (story->act == CLIENT_HOST_IS_FREED && story->acted)
		return;
	if (story->client_ended_it)
		ck_assert_msg(client->connected + client->errors == 0, "%s",
			      client->log);
	else if (story->act != CLIENT_RECONNECTS)
		ck_assert_msg(client->connected + client->errors > 0, "%s",
			      client->log);
	if (ends_the_connection(story) && client->s)
		ck_assert_msg(rt_socket_state(client->s) ==
				      RT_SOCKET_UNCONNECTED,
			      "%s", client->log);
}

static void prepare(struct story *story, struct world *w,
		    enum rt_protocol protocol)
{
	struct pair *pair = &story->pair;

	pair_init(pair, w, protocol);
	world_random_bytes(w, story->forth, sizeof(story->forth));
	world_random_bytes(w, story->back, sizeof(story->back));
	pair->client.tx = story->forth;
	pair->client.tx_bytes = sizeof(story->forth);
	pair->server.tx = story->back;
	pair->server.tx_bytes = sizeof(story->back);
	pair->client.rx = story->client_rx;
	pair->client.rx_cap = sizeof(story->client_rx);
	pair->server.rx = story->server_rx;
	pair->server.rx_cap = sizeof(story->server_rx);
	if (protocol == RT_PROTOCOL_L2CAP) {
		pair->client.piece = 500;
		pair->server.piece = 500;
	}
}

/* Returns false if the act came too late to happen. */
static bool tell(enum rt_protocol protocol, enum act what, unsigned int packet)
{
	const struct world_options options = {
		.name = "churn",
		.seed = packet * ACTS + what,
		.latency_us = 1250,
		.acl_packets = 2,
	};
	struct world *w = world_new(&options);
	struct story story = { .act = what };
	bool acted;

	w->at_packet = w->packets + packet;
	w->then = act;
	w->arg = &story;
	prepare(&story, w, protocol);
	ck_assert_int_eq(rt_socket_connect(story.pair.client.s,
					   world_addr(w, 1), story.pair.port),
			 0);
	/* All packets of its life; what comes then is asked of controllers. */
	world_run(w, RT_SECONDS(18));
	w->then = NULL;
	/* Longer than every timer of the stack and its retries. */
	world_run(w, RT_SECONDS(200));
	check(&story);
	if (!w->node[0].host)
		story.pair.client.s = NULL;
	pair_free(&story.pair);
	acted = story.acted;
	world_finish(w);
	return acted;
}

static void tell_all(enum rt_protocol protocol, enum act what)
{
	unsigned int packet = 1;

	while (packet < PACKETS_MAX && tell(protocol, what, packet))
		packet++;
	ck_assert_uint_gt(packet, 20);
}

START_TEST(an_end_at_any_packet_of_rfcomm_adds_up)
{
	tell_all(RT_PROTOCOL_RFCOMM, (enum act)_i);
}
END_TEST

START_TEST(an_end_at_any_packet_of_l2cap_adds_up)
{
	tell_all(RT_PROTOCOL_L2CAP, (enum act)_i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/churn");
	TCase *tc = tcase_create("churn");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, an_end_at_any_packet_of_rfcomm_adds_up, 0,
			    ACTS);
	tcase_add_loop_test(tc, an_end_at_any_packet_of_l2cap_adds_up, 0, ACTS);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
