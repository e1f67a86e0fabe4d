/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/duo.h"

#include <check.h>
#include <string.h>

struct duo duo;

void duo_begin(const struct mode *mode, const struct model_behaviour *behaviour,
	       uint64_t seed, uint32_t latency_us)
{
	const struct world_options world_options = {
		.seed = seed,
		.hosts = 1,
		.latency_us = latency_us,
		.name = "model_and_stack",
	};
	struct model_options options = {
		.seed = seed + 1,
		.service = {
			{ .channel = CHANNEL },
			{ .psm = PSM, .mtu = 2000 },
			{ .channel = CHANNEL_ECHO, .role = MODEL_ECHO },
		},
		.service_count = 3,
		.record_channel = CHANNEL,
	};

	if (behaviour)
		options.behaviour = *behaviour;
	if (mode) {
		options.service[1].mode = mode->theirs;
		options.behaviour.no_fcs = mode->fcs == RT_FCS_NONE;
		options.behaviour.window = (uint8_t)mode->window;
		options.behaviour.mps = mode->mps;
	}
	memset(&duo, 0, sizeof(duo));
	duo.w = world_new(&world_options);
	peer_init(&duo.peer, duo.w, &options);
	world_random_bytes(duo.w, duo.sent, sizeof(duo.sent));
	duo.peer.rx_default = duo.got[1];
	duo.peer.rx_default_cap = BYTES;
}

void duo_end(void)
{
	const struct rt_vctl_stats *stats;

	end_free(&duo.client);
	end_free(&duo.server);
	rt_server_free(duo.listener);
	ck_assert(world_run_until(duo.w, peer_is_idle, &duo.peer,
				  RT_SECONDS(200)));
	for (unsigned int i = 0; i < duo.w->count; i++) {
		stats = rt_vctl_get_stats(duo.w->node[i].vctl);
		ck_assert_uint_eq(stats->acl_overruns, 0);
		ck_assert_uint_eq(stats->acl_malformed, 0);
		ck_assert_uint_eq(stats->commands_overrun, 0);
		ck_assert_uint_eq(stats->commands_malformed, 0);
		ck_assert_uint_eq(stats->unexpected, 0);
	}
	world_finish(duo.w);
	peer_finish(&duo.peer);
}

/* --- the stack's side --- */

static void on_new_connection(struct rt_server *s, void *user_data)
{
	(void)user_data;
	if (duo.server.s)
		return;
	end_attach(&duo.server, rt_server_next_pending(s));
	end_push(&duo.server);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

void duo_set(struct rt_socket *s, enum rt_option option, int64_t value)
{
	if (s)
		ck_assert_int_eq(rt_socket_set_option(s, option, value), 0);
	else
		ck_assert_int_eq(
			rt_server_set_option(duo.listener, option, value), 0);
}

void duo_set_mode(struct rt_socket *s, const struct mode *mode)
{
	duo_set(s, RT_OPTION_MODE, mode->ours);
	duo_set(s, RT_OPTION_MTU, 1500);
	if (mode->ours == RT_SOCKET_MODE_BASIC)
		return;
	duo_set(s, RT_OPTION_FCS, mode->fcs);
	duo_set(s, RT_OPTION_MODE_REQUIRED, 1);
	if (mode->window)
		duo_set(s, RT_OPTION_WINDOW, mode->window);
	if (mode->mps)
		duo_set(s, RT_OPTION_MPS, mode->mps);
}

void duo_listen(enum rt_protocol protocol, uint16_t port,
		const struct mode *mode)
{
	duo.listener =
		rt_server_new(world_host(duo.w, 0), protocol, &callbacks, NULL);
	ck_assert_ptr_nonnull(duo.listener);
	if (mode)
		duo_set_mode(NULL, mode);
	if (port != 0)
		ck_assert_int_eq(rt_server_listen(duo.listener, port), 0);
}

void duo_begin_connect(enum rt_protocol protocol, uint16_t port,
		       const struct mode *mode)
{
	end_open(&duo.client, world_host(duo.w, 0), protocol);
	if (mode)
		duo_set_mode(duo.client.s, mode);
	ck_assert_int_eq(rt_socket_connect(duo.client.s, duo.peer.addr, port),
			 0);
}

bool duo_is_accepted(void *arg)
{
	(void)arg;
	return duo.client.connected > 0 && peer_accepted(&duo.peer);
}

void duo_host_connects(enum rt_protocol protocol, uint16_t port,
		       const struct mode *mode)
{
	duo_begin_connect(protocol, port, mode);
	ck_assert(
		world_run_until(duo.w, duo_is_accepted, NULL, RT_SECONDS(30)));
}

bool duo_is_served(void *chan)
{
	return duo.server.s && peer_chan_is_open(chan);
}

struct peer_chan *duo_model_connects(uint32_t number)
{
	struct peer_chan *chan = peer_chan(&duo.peer, number);

	peer_keep(chan, duo.got[1], BYTES);
	ck_assert(world_run_until(duo.w, duo_is_served, chan, RT_SECONDS(30)));
	return chan;
}

/* --- the same story for all of them --- */

struct talk {
	struct end *end;
	struct peer_chan *chan;
};

static bool talk_is_over(void *arg)
{
	const struct talk *talk = arg;

	return end_is_full(talk->end) && peer_chan_is_full(talk->chan);
}

void duo_talk(struct end *of_host, struct peer_chan *of_model, size_t piece)
{
	struct talk talk = { of_host, of_model };

	ck_assert_ptr_nonnull(of_host->s);
	of_host->rx = duo.got[0];
	of_host->rx_cap = BYTES;
	of_host->piece = piece;
	of_model->piece = piece;
	if (!of_model->rx)
		peer_keep(of_model, duo.got[1], BYTES);
	end_pull(of_host);
	end_send(of_host, duo.sent[1], BYTES);
	peer_send(&duo.peer, of_model, duo.sent[0], BYTES);
	ck_assert(world_run_until(duo.w, talk_is_over, &talk, RT_SECONDS(900)));
	ck_assert_mem_eq(duo.got[0], duo.sent[0], BYTES);
	ck_assert_mem_eq(duo.got[1], duo.sent[1], BYTES);
}
