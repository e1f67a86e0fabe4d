/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/unit/model/duo.h"

/*
 * A model that lies, and a host of ours: the host lives, holds nothing in the
 * end, and gets along with the same model as soon as that is honest.
 */

#define HOSTILE_US RT_SECONDS(150)
#define PARTS 15
#define SOCKETS 3
#ifndef SEEDS
#define SEEDS 100
#endif

static const struct mode ertm = { RT_SOCKET_MODE_ERTM, MODEL_ERTM,
				  RT_FCS_DEFAULT, 0, 0 };
static const struct mode streaming = { RT_SOCKET_MODE_STREAMING,
				       MODEL_STREAMING, RT_FCS_DEFAULT, 0, 0 };

/* --- the host's side: sockets that are opened again and again --- */

static struct end outgoing[SOCKETS], incoming[SOCKETS];
static struct rt_server *servers[2];
static struct rt_service_search *search;
static bool search_is_over;

/* Reads whatever there is, and does not care. */
static void drain(struct end *end, char what)
{
	static uint8_t buf[65536];

	if (what != 'r' || !end->s)
		return;
	while (rt_socket_read(end->s, buf, sizeof(buf)) >= 0)
		;
}

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct rt_socket *s = rt_server_next_pending(server);

	(void)user_data;
	for (unsigned int i = 0; i < SOCKETS; i++) {
		if (incoming[i].s)
			continue;
		memset(&incoming[i], 0, sizeof(incoming[i]));
		incoming[i].then = drain;
		incoming[i].piece = 40;
		end_attach(&incoming[i], s);
		end_send(&incoming[i], duo.sent[1], 20000);
		return;
	}
	rt_socket_free(s);
}

static const struct rt_server_callbacks server_callbacks = {
	.size = sizeof(server_callbacks),
	.on_new_connection = on_new_connection,
};

static void make_servers(const struct mode *mode)
{
	static const enum rt_protocol protocols[2] = { RT_PROTOCOL_RFCOMM,
						       RT_PROTOCOL_L2CAP };

	for (unsigned int i = 0; i < 2; i++) {
		servers[i] = rt_server_new(world_host(duo.w, 0), protocols[i],
					   &server_callbacks, NULL);
		ck_assert_ptr_nonnull(servers[i]);
	}
	duo.listener = servers[1];
	duo_set_mode(NULL, mode);
	duo.listener = NULL;
	ck_assert_int_eq(rt_server_listen_uuid(
				 servers[0],
				 rt_uuid_from_short(RT_UUID_SERIAL_PORT), NULL),
			 0);
	ck_assert_int_eq(rt_server_listen(servers[1], HOST_PSM), 0);
}

static void host_connects(unsigned int i, const struct mode *mode)
{
	static const uint16_t ports[SOCKETS] = { CHANNEL, PSM, CHANNEL_ECHO };
	struct end *end = &outgoing[i];
	enum rt_protocol protocol =
		i == 1 ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM;

	if (end->s && rt_socket_state(end->s) != RT_SOCKET_UNCONNECTED)
		return;
	end_free(end);
	memset(end, 0, sizeof(*end));
	end->then = drain;
	end->piece = 40;
	end_open(end, world_host(duo.w, 0), protocol);
	if (i == 1)
		duo_set_mode(end->s, mode);
	end_send(end, duo.sent[1], 20000);
	(void)!rt_socket_connect(end->s, duo.peer.addr, ports[i]);
}

static void on_search_done(struct rt_service_search *it,
			   const struct rt_error_info *info, void *user_data)
{
	(void)it;
	(void)info;
	(void)user_data;
	search_is_over = true;
}

static const struct rt_service_search_callbacks search_callbacks = {
	.size = sizeof(search_callbacks),
	.on_done = on_search_done,
};

static void host_searches(void)
{
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &search_callbacks,
		.addr = duo.peer.addr,
	};

	if (search && !search_is_over)
		return;
	rt_service_search_free(search);
	search = NULL;
	search_is_over = false;
	(void)!rt_service_search_start(world_host(duo.w, 0), &options, &search);
}

static void free_all(void)
{
	for (unsigned int i = 0; i < SOCKETS; i++) {
		end_free(&outgoing[i]);
		end_free(&incoming[i]);
	}
	for (unsigned int i = 0; i < 2; i++) {
		rt_server_free(servers[i]);
		servers[i] = NULL;
	}
	rt_service_search_free(search);
	search = NULL;
}

/* --- the model's side --- */

/* A channel to the host, with data on it; forgets the ones that are over. */
static void model_connects(unsigned int i, const struct mode *mode)
{
	struct rt_addr addr = world_addr(duo.w, 0);
	struct peer *peer = &duo.peer;
	struct peer_chan *chan;
	uint32_t number;

	if (peer->chans == PEER_CHANS) {
		memset(peer->chan, 0, sizeof(peer->chan));
		peer->chans = 0;
		peer->forgetful = true;
	}
	number = i ? model_connect_l2cap(peer->m, addr, HOST_PSM, mode->theirs,
					 0)
		   : model_connect_rfcomm(peer->m, addr,
					  (uint8_t)rt_server_port(servers[0]));
	if (number == 0)
		return;
	chan = peer_chan(peer, number);
	chan->piece = 40;
	peer_send(peer, chan, duo.sent[0], 20000);
}

/* --- the story --- */

static void forget_incoming(void)
{
	for (unsigned int i = 0; i < SOCKETS; i++) {
		if (incoming[i].s &&
		    rt_socket_state(incoming[i].s) == RT_SOCKET_UNCONNECTED)
			end_free(&incoming[i]);
	}
}

static void begin(const struct model_lies *lies, uint64_t seed,
		  const struct mode *mode)
{
	duo_begin(mode, NULL, seed, seed % 2 ? 400 : 0);
	duo.peer.forgetful = true;
	duo.peer.rx_default = NULL;
	duo.peer.rx_default_cap = 0;
	memset(outgoing, 0, sizeof(outgoing));
	memset(incoming, 0, sizeof(incoming));
	make_servers(mode);
	model_set_lies(duo.peer.m, lies);
}

static void be_hostile(const struct mode *mode)
{
	for (unsigned int part = 0; part < PARTS; part++) {
		forget_incoming();
		for (unsigned int i = 0; i < SOCKETS; i++)
			host_connects(i, mode);
		host_searches();
		model_connects(part % 2, mode);
		(void)!model_sdp_search(duo.peer.m, world_addr(duo.w, 0),
					RT_UUID_SERIAL_PORT);
		world_run(duo.w, HOSTILE_US / PARTS);
	}
}

/* An honest model again: all that was begun ends, and a transfer succeeds. */
static void be_honest(void)
{
	const struct model_lies none = { 0 };

	model_set_lies(duo.peer.m, &none);
	free_all();
	world_run(duo.w, RT_SECONDS(120));
	ck_assert_msg(model_is_idle(duo.peer.m), "the model is not idle");
	memset(duo.peer.chan, 0, sizeof(duo.peer.chan));
	duo.peer.chans = 0;
	duo.peer.forgetful = false;
	duo.peer.rx_default = duo.got[1];
	duo.peer.rx_default_cap = BYTES;
	duo_host_connects(RT_PROTOCOL_RFCOMM, CHANNEL, NULL);
	duo_talk(&duo.client, peer_accepted(&duo.peer), 0);
	duo_end();
}

static void one_lie(enum model_lie lie)
{
	static const unsigned int permilles[] = { 200, 1000 };
	const bool about_streaming = lie % 2;
	const struct mode *mode = about_streaming ? &streaming : &ertm;
	struct model_lies lies = { .mask = MODEL_LIE_BIT(lie) };
	uint32_t told = 0;

	for (size_t i = 0; i < RT_ARRAY_SIZE(permilles); i++) {
		lies.permille = permilles[i];
		begin(&lies, lie, i == 0 ? &ertm : mode);
		be_hostile(i == 0 ? &ertm : mode);
		told += model_lie_count(duo.peer.m, lie);
		be_honest();
	}
	ck_assert_msg(told > 0, "%s was never told", model_lie_name(lie));
}

START_TEST(the_host_survives_each_lie_told_alone)
{
	if (getenv("RAWTOOTH_TEST_LOG"))
		fprintf(stderr, "lie %s\n", model_lie_name((enum model_lie)_i));
	one_lie((enum model_lie)_i);
}
END_TEST

START_TEST(the_host_survives_all_lies_in_a_mixture)
{
	static const unsigned int permilles[] = { 10, 30, 100, 400 };
	const struct model_lies lies = {
		.permille = permilles[_i % 4],
	};
	const struct mode *mode = _i % 3 ? &ertm : &streaming;

	begin(&lies, (uint64_t)_i + 1000, mode);
	be_hostile(mode);
	ck_assert_uint_gt(model_get_stats(duo.peer.m)->lies, 0);
	be_honest();
}
END_TEST

START_TEST(each_lie_has_a_name_of_its_own)
{
	for (unsigned int i = 0; i < MODEL_LIE_COUNT; i++) {
		const char *name = model_lie_name((enum model_lie)i);

		ck_assert_ptr_nonnull(name);
		for (unsigned int k = 0; k < i; k++)
			ck_assert_str_ne(name,
					 model_lie_name((enum model_lie)k));
	}
	ck_assert_ptr_null(model_lie_name(MODEL_LIE_COUNT));
	ck_assert_uint_ge(MODEL_LIE_COUNT, 40);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model/lies");
	TCase *tcase = tcase_create("lies");

	tcase_add_test(tcase, each_lie_has_a_name_of_its_own);
	tcase_add_loop_test(tcase, the_host_survives_each_lie_told_alone, 0,
			    MODEL_LIE_COUNT);
	tcase_add_loop_test(tcase, the_host_survives_all_lies_in_a_mixture, 0,
			    SEEDS);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
