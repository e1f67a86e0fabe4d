/* SPDX-License-Identifier: MIT */
#include "tests/regress/hci_stage.h"

#include <errno.h>
#include <string.h>

#define LATENCY_US 1250
#define TICK_MS 100
#define PATIENCE_S 60 /* after which all has ended */
#define RECOVERY_S 10
#define DATA_BYTES 500

static uint8_t data[DATA_BYTES];

struct rt_host *stage_host(const struct stage *stage)
{
	return world_host(stage->w, STAGE_HOST);
}

void stage_told(struct stage *stage, enum stage_callback what)
{
	if (stage->then)
		stage->then(stage, what);
}

static void on_host(struct world *w, unsigned int node, void *arg)
{
	(void)w;
	if (node == STAGE_HOST)
		stage_told(arg, STAGE_ON_HOST);
}

static void on_agent(struct agent *agent, char what)
{
	(void)what;
	stage_told(agent->user, STAGE_ON_AGENT);
}

static void on_end(struct end *end, char what)
{
	(void)what;
	stage_told(end->user, STAGE_ON_SOCKET);
}

void stage_watch(struct stage *stage, struct end *end)
{
	end->then = on_end;
	end->user = stage;
}

/* Which end takes what comes to the server. */
static struct end *taker_of(struct stage *stage, const struct rt_server *server)
{
	if (server == stage->peers_server[0])
		return &stage->peers_taken[0];
	if (server == stage->peers_server[1])
		return &stage->peers_taken[1];
	return &stage->taken;
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct stage *stage = user_data;
	struct end *end = taker_of(stage, server);
	struct rt_socket *s = rt_server_next_pending(server);

	if (end->s)
		rt_socket_free(s);
	else
		end_attach(end, s);
	if (end == &stage->taken)
		stage_told(stage, STAGE_ON_SERVER);
}

struct rt_server *stage_serve(struct stage *stage, unsigned int node,
			      enum rt_protocol protocol)
{
	static const struct rt_server_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_new_connection = on_new_connection,
	};

	return rt_server_new(world_host(stage->w, node), protocol, &callbacks,
			     stage);
}

/* The peer has one server of each protocol, and is found by inquiries. */
static void open_peer(struct stage *stage)
{
	struct rt_host *peer = world_host(stage->w, STAGE_PEER);

	stage->peers_server[0] =
		stage_serve(stage, STAGE_PEER, RT_PROTOCOL_L2CAP);
	stage->peers_server[1] =
		stage_serve(stage, STAGE_PEER, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_server_listen(stage->peers_server[0], STAGE_PSM),
			 0);
	ck_assert_int_eq(
		rt_server_listen_uuid(stage->peers_server[1],
				      rt_uuid_from_short(RT_UUID_SERIAL_PORT),
				      "port"),
		0);
	rt_host_set_discoverable(peer, true);
	agent_allow_bonds(peer, true);
}

void stage_open(struct stage *stage, const struct story *story,
		const struct world_options *options)
{
	struct world_options chosen = { 0 };

	if (options)
		chosen = *options;
	chosen.seed = 31;
	chosen.latency_us = LATENCY_US;
	chosen.security = story->security;
	memset(stage, 0, sizeof(*stage));
	stage->story = story;
	stage->w = world_new(&chosen);
	stage->w->host_then = on_host;
	stage->w->host_arg = stage;
	stage->taken.rx = NULL;
	stage_watch(stage, &stage->client[0]);
	stage_watch(stage, &stage->client[1]);
	stage_watch(stage, &stage->taken);
	stage->agent[STAGE_HOST].then = on_agent;
	stage->agent[STAGE_HOST].user = stage;
	open_peer(stage);
	if (story->prepare)
		story->prepare(stage);
	world_run(stage->w, RT_SECONDS(1));
}

void stage_play(struct stage *stage)
{
	const struct stage_step *step = stage->story->steps;

	for (; step->act; step++) {
		if (stage_host(stage) && !stage->over)
			step->act(stage);
		for (uint32_t ms = 0; ms < step->ms; ms += TICK_MS) {
			world_run(stage->w, RT_MS(TICK_MS));
			if (stage->tick)
				stage->tick(stage);
		}
	}
}

void stage_free_host(struct stage *stage)
{
	struct world_node *node = &stage->w->node[STAGE_HOST];

	/* All of it goes with the host. */
	stage->client[0].s = NULL;
	stage->client[1].s = NULL;
	stage->taken.s = NULL;
	stage->server = NULL;
	stage->inquiry = NULL;
	stage->name = NULL;
	stage->pairing = NULL;
	stage->echo = NULL;
	stage->search = NULL;
	stage->stopped = true;
	rt_host_free_core(node->host);
	node->host = NULL;
}

/* A socket of the host that has ended, or is as it was. */
static void expect_ended(const struct end *end)
{
	ck_assert_uint_le(end->errors, 1);
	switch (rt_socket_state(end->s)) {
	case RT_SOCKET_UNCONNECTED:
		ck_assert_msg(end->disconnected == end->connected, "%s",
			      end->log);
		break;
	case RT_SOCKET_CONNECTED:
		ck_assert_msg(end->disconnected == 0, "%s", end->log);
		break;
	case RT_SOCKET_SERVICE_LOOKUP:
	case RT_SOCKET_CONNECTING:
	case RT_SOCKET_BOUND:
	case RT_SOCKET_CLOSING:
	case RT_SOCKET_LISTENING:
		ck_abort_msg("a socket has not ended: %s", end->log);
	}
}

void stage_expect_ends(struct stage *stage)
{
	world_run(stage->w, RT_SECONDS(PATIENCE_S));
	if (!stage_host(stage))
		return;
	/* What is asked of a connection is over with it. */
	if (stage->client[0].disconnected > 0 &&
	    stage->begun[STAGE_LINE] > stage->ended[STAGE_LINE])
		stage->begun[STAGE_LINE] = stage->ended[STAGE_LINE];
	for (int i = 0; i < STAGE_REQUESTS; i++)
		ck_assert_msg(stage->begun[i] == stage->ended[i],
			      "%s: request %d was begun %u times and ended %u",
			      stage->story->name, i, stage->begun[i],
			      stage->ended[i]);
	for (int i = 0; i < 2; i++) {
		const struct end *end = &stage->client[i];

		if (!stage->asked[i])
			continue;
		ck_assert_uint_le(end->connected, 1);
		ck_assert_msg(end->connected + end->errors > 0 ||
				      stage->closed[i],
			      "%s: a connect has no end", stage->story->name);
		expect_ended(end);
	}
	if (stage->taken.s && stage->taken.disconnected == 0)
		ck_assert_int_eq(rt_socket_state(stage->taken.s),
				 RT_SOCKET_CONNECTED);
	if (stage->server && !stage->stopped && !stage->off &&
	    rt_host_state(stage_host(stage)) != RT_HOST_DOWN)
		ck_assert(rt_server_is_listening(stage->server));
}

void stage_free_objects(struct stage *stage)
{
	end_free(&stage->client[0]);
	end_free(&stage->client[1]);
	end_free(&stage->taken);
	rt_server_free(stage->server);
	rt_inquiry_free(stage->inquiry);
	rt_name_request_free(stage->name);
	rt_pairing_free(stage->pairing);
	rt_echo_free(stage->echo);
	rt_service_search_free(stage->search);
	stage->server = NULL;
	stage->inquiry = NULL;
	stage->name = NULL;
	stage->pairing = NULL;
	stage->echo = NULL;
	stage->search = NULL;
	stage->asked[0] = stage->asked[1] = false;
	stage->over = true;
	/* Nothing more is told of them; our own data can't be taken back. */
	for (int i = 0; i < STAGE_REQUESTS; i++) {
		if (i != STAGE_OOB)
			stage->begun[i] = stage->ended[i];
	}
}

void stage_clear(struct stage *stage)
{
	if (stage_host(stage))
		stage_free_objects(stage);
	end_free(&stage->peer);
	end_free(&stage->peers_taken[0]);
	end_free(&stage->peers_taken[1]);
	world_run(stage->w, RT_SECONDS(PATIENCE_S));
}

/* One of them connects to the other, and what it sends arrives. */
static void expect_connects(struct stage *stage, unsigned int from)
{
	struct end client = { .s = NULL };
	struct end *taken =
		from == STAGE_HOST ? &stage->peers_taken[0] : &stage->taken;
	uint8_t got[DATA_BYTES];

	end_open(&client, world_host(stage->w, from), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(client.s,
					   world_addr(stage->w, !from),
					   STAGE_PSM),
			 0);
	ck_assert_msg(world_run_until(stage->w, end_is_connected, &client,
				      RT_SECONDS(30)),
		      "%s: no connection from %u: %s", stage->story->name, from,
		      client.error_string);
	ck_assert_int_eq(rt_socket_write(client.s, data, DATA_BYTES),
			 DATA_BYTES);
	world_run(stage->w, RT_SECONDS(1));
	ck_assert_ptr_nonnull(taken->s);
	ck_assert_int_eq(rt_socket_read(taken->s, got, sizeof(got)),
			 DATA_BYTES);
	ck_assert_mem_eq(got, data, DATA_BYTES);
	end_free(&client);
	end_free(taken);
	world_run(stage->w, RT_SECONDS(5));
}

/* Nobody is hostile any more. */
static void make_peace(struct stage *stage)
{
	struct world *w = stage->w;

	stage->then = NULL;
	stage->tick = NULL;
	w->meddle = NULL;
	w->then = NULL;
	w->node[STAGE_HOST].memory.fail_at = 0;
	for (int fault = 0; fault < RT_VCTL_FAULTS; fault++)
		rt_vctl_set_fault(w->node[STAGE_HOST].vctl,
				  (enum rt_vctl_fault)fault, false);
}

/* A bring-up that was tampered with can leave less than there could be. */
static void set_up_again(struct stage *stage)
{
	struct rt_host *host = stage_host(stage);

	if (stage->anew && rt_host_state(host) != RT_HOST_DOWN) {
		ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
		world_run(stage->w, RT_SECONDS(RECOVERY_S));
	}
	if (rt_host_state(host) == RT_HOST_OFF)
		ck_assert_int_eq(
			rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE), 0);
	world_run(stage->w, RT_SECONDS(RECOVERY_S));
}

/* Nobody is asked any more, and each is a stranger to the other. */
static void part(struct stage *stage)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct rt_host *host = world_host(stage->w, i);

		rt_host_set_agent(host, NULL, NULL);
		ck_assert_int_eq(rt_host_set_peer_oob(
					 host, world_addr(stage->w, !i), NULL),
				 0);
		(void)!rt_host_unpair(host, world_addr(stage->w, !i));
	}
}

void stage_expect_works(struct stage *stage)
{
	struct rt_error_info info = { .size = sizeof(info) };
	struct rt_host *host = stage_host(stage);

	make_peace(stage);
	if (!host)
		return;
	set_up_again(stage);
	if (rt_host_state(host) == RT_HOST_DOWN) {
		rt_host_error_info(host, &info);
		ck_assert(stage->stopped || info.err < 0);
		return;
	}
	ck_assert_msg(rt_host_state(host) == RT_HOST_UP, "%s: state %d",
		      stage->story->name, rt_host_state(host));
	stage_clear(stage);
	part(stage);
	stage->server = stage_serve(stage, STAGE_HOST, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_server_listen(stage->server, STAGE_PSM), 0);
	expect_connects(stage, STAGE_HOST);
	expect_connects(stage, STAGE_PEER);
}

void stage_close(struct stage *stage)
{
	struct world *w = stage->w;

	make_peace(stage);
	stage_clear(stage);
	rt_server_free(stage->peers_server[0]);
	rt_server_free(stage->peers_server[1]);
	/* Devices that were found are remembered, and data out of band. */
	w->node[STAGE_HOST].memory_idle += 1;
	w->node[STAGE_PEER].memory_idle += 1;
	world_finish(w);
}

void stage_end(struct stage *stage)
{
	stage_expect_ends(stage);
	stage_expect_works(stage);
	stage_close(stage);
}

void stage_inject(struct stage *stage, const void *event, size_t bytes)
{
	rt_vctl_inject_event(stage->w->node[STAGE_HOST].vctl,
			     rt_bytes(event, bytes));
}
