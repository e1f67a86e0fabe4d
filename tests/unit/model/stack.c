/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/suite.h"
#include "tests/unit/model/duo.h"

/* A model and a host of ours: data arrive, and the model finds nothing wrong.
 */

static const struct mode modes[] = {
	{ RT_SOCKET_MODE_BASIC, MODEL_BASIC, RT_FCS_DEFAULT, 0, 0 },
	{ RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_DEFAULT, 0, 0 },
	{ RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_NONE, 1, 100 },
	{ RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_NONE, 5, 1010 },
	{ RT_SOCKET_MODE_ERTM, MODEL_ERTM, RT_FCS_16BIT, 63, 48 },
	{ RT_SOCKET_MODE_STREAMING, MODEL_STREAMING, RT_FCS_DEFAULT, 0, 0 },
	{ RT_SOCKET_MODE_STREAMING, MODEL_STREAMING, RT_FCS_NONE, 0, 333 },
};

/* --- RFCOMM --- */

START_TEST(the_host_opens_an_rfcomm_stream_to_the_model)
{
	static const struct model_behaviour behaviours[] = {
		{ 0 },
		{ .credits = 1, .n1 = 50 },
		{ .no_credits = true },
		{ .credits = 200, .n1 = 4000 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(behaviours); i++) {
		duo_begin(NULL, &behaviours[i], 3, i % 2 ? 3000 : 0);
		duo_host_connects(RT_PROTOCOL_RFCOMM, CHANNEL, NULL);
		duo_talk(&duo.client, peer_accepted(&duo.peer), 0);
		rt_socket_close(duo.client.s);
		ck_assert(world_run_until(duo.w, peer_chan_is_over,
					  peer_accepted(&duo.peer),
					  RT_SECONDS(30)));
		ck_assert_int_eq(peer_accepted(&duo.peer)->why, MODEL_END_PEER);
		ck_assert_uint_eq(model_get_stats(duo.peer.m)->pairings, 1);
		duo_end();
	}
}
END_TEST

START_TEST(the_model_opens_an_rfcomm_stream_to_the_host)
{
	static const struct model_behaviour behaviours[] = {
		{ 0 },
		{ .credits = 3, .n1 = 1000 },
		{ .no_credits = true },
	};
	struct peer_chan *chan;

	for (size_t i = 0; i < RT_ARRAY_SIZE(behaviours); i++) {
		duo_begin(NULL, &behaviours[i], 3, i % 2 ? 3000 : 0);
		duo_listen(RT_PROTOCOL_RFCOMM, HOST_CHANNEL, NULL);
		chan = duo_model_connects(model_connect_rfcomm(
			duo.peer.m, world_addr(duo.w, 0), HOST_CHANNEL));
		duo_talk(&duo.server, chan, 0);
		model_close(duo.peer.m, chan->number);
		ck_assert(world_run_until(duo.w, peer_chan_is_over, chan,
					  RT_SECONDS(30)));
		ck_assert_int_eq(chan->why, MODEL_END_OURS);
		ck_assert(world_run_until(duo.w, end_is_unconnected,
					  &duo.server, RT_SECONDS(5)));
		duo_end();
	}
}
END_TEST

START_TEST(an_echo_of_the_model_gives_the_host_everything_back)
{
	duo_begin(NULL, NULL, 3, 500);
	duo.peer.rx_default = NULL;
	duo.peer.rx_default_cap = 0;
	duo.client.rx = duo.got[0];
	duo.client.rx_cap = BYTES;
	duo_host_connects(RT_PROTOCOL_RFCOMM, CHANNEL_ECHO, NULL);
	end_send(&duo.client, duo.sent[0], BYTES);
	ck_assert(world_run_until(duo.w, end_is_full, &duo.client,
				  RT_SECONDS(600)));
	ck_assert_mem_eq(duo.got[0], duo.sent[0], BYTES);
	duo_end();
}
END_TEST

/* --- L2CAP --- */

START_TEST(the_host_opens_an_l2cap_channel_in_each_mode)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(modes); i++) {
		duo_begin(&modes[i], NULL, 3, i % 2 ? 1000 : 0);
		duo_host_connects(RT_PROTOCOL_L2CAP, PSM, &modes[i]);
		ck_assert_int_eq(peer_accepted(&duo.peer)->info.mode,
				 modes[i].theirs);
		duo_talk(&duo.client, peer_accepted(&duo.peer), SDU);
		rt_socket_close(duo.client.s);
		ck_assert(world_run_until(duo.w, peer_chan_is_over,
					  peer_accepted(&duo.peer),
					  RT_SECONDS(30)));
		duo_end();
	}
}
END_TEST

START_TEST(the_model_opens_an_l2cap_channel_in_each_mode)
{
	struct peer_chan *chan;

	for (size_t i = 0; i < RT_ARRAY_SIZE(modes); i++) {
		duo_begin(&modes[i], NULL, 3, i % 2 ? 1000 : 0);
		duo_listen(RT_PROTOCOL_L2CAP, HOST_PSM, &modes[i]);
		chan = duo_model_connects(
			model_connect_l2cap(duo.peer.m, world_addr(duo.w, 0),
					    HOST_PSM, modes[i].theirs, 1800));
		ck_assert_int_eq(chan->info.mode, modes[i].theirs);
		duo_talk(&duo.server, chan, SDU);
		model_close(duo.peer.m, chan->number);
		ck_assert(world_run_until(duo.w, peer_chan_is_over, chan,
					  RT_SECONDS(30)));
		ck_assert_int_eq(chan->why, MODEL_END_OURS);
		duo_end();
	}
}
END_TEST

/* I- and S-frames get lost on their way to either side. */
static void lose_some(const struct world_node *node, bool from_controller,
		      enum rt_packet_type type, uint8_t *packet, size_t *bytes,
		      void *arg)
{
	unsigned int *lost = arg;

	(void)node;
	if (!from_controller || type != RT_PACKET_ACL || *bytes < 10 ||
	    packet[6] < 0x40 || world_random(duo.w) % 100 >= 8)
		return;
	*bytes = 0;
	(*lost)++;
}

START_TEST(what_the_air_loses_is_sent_again_by_both)
{
	const struct model_behaviour behaviour = {
		.lossy = true,
		.transmits = 100,
	};
	struct peer_chan *chan;
	unsigned int lost = 0;

	for (unsigned int seed = 1; seed <= 4; seed++) {
		duo_begin(&modes[1], &behaviour, seed, 300);
		duo_listen(RT_PROTOCOL_L2CAP, 0, &modes[1]);
		duo_set(NULL, RT_OPTION_MAX_TRANSMIT, 100);
		ck_assert_int_eq(rt_server_listen(duo.listener, HOST_PSM), 0);
		chan = duo_model_connects(
			model_connect_l2cap(duo.peer.m, world_addr(duo.w, 0),
					    HOST_PSM, MODEL_ERTM, 1800));
		duo.w->filter = lose_some;
		duo.w->filter_arg = &lost;
		duo_talk(&duo.server, chan, 700);
		ck_assert_uint_gt(lost, 10);
		ck_assert_uint_gt(model_get_stats(duo.peer.m)->retransmitted,
				  0);
		duo.w->filter = NULL;
		duo_end();
	}
}
END_TEST

/* --- SDP --- */

static unsigned int services;
static uint16_t service_port;
static int search_err;
static bool search_done;

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)user_data;
	services++;
	service_port = rt_service_port(service);
	ck_assert_int_eq(rt_service_protocol(service), RT_PROTOCOL_RFCOMM);
	ck_assert_str_eq(rt_service_name(service), "Model");
}

static void on_search_done(struct rt_service_search *search,
			   const struct rt_error_info *info, void *user_data)
{
	(void)search;
	(void)user_data;
	search_err = info->err;
	search_done = true;
}

static bool is_search_done(void *arg)
{
	(void)arg;
	return search_done;
}

START_TEST(the_host_finds_the_models_record_in_one_part_and_in_many)
{
	static const struct rt_service_search_callbacks search_callbacks = {
		.size = sizeof(search_callbacks),
		.on_service = on_service,
		.on_done = on_search_done,
	};
	static const uint16_t parts[] = { 0, 20, 3 };
	struct model_behaviour behaviour = { 0 };
	struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &search_callbacks,
	};
	struct rt_service_search *search;

	for (size_t i = 0; i < RT_ARRAY_SIZE(parts); i++) {
		services = 0;
		search_done = false;
		behaviour.sdp_part = parts[i];
		duo_begin(NULL, &behaviour, 3, 0);
		options.addr = duo.peer.addr;
		ck_assert_int_eq(rt_service_search_start(world_host(duo.w, 0),
							 &options, &search),
				 0);
		ck_assert(world_run_until(duo.w, is_search_done, NULL,
					  RT_SECONDS(60)));
		ck_assert_int_eq(search_err, 0);
		ck_assert_uint_eq(services, 1);
		ck_assert_uint_eq(service_port, CHANNEL);
		rt_service_search_free(search);
		duo_end();
	}
}
END_TEST

START_TEST(the_model_finds_the_hosts_record_in_one_part_and_in_many)
{
	static const uint16_t asks[] = { 0, 50, 7 };
	static const unsigned int parts_min[] = { 1, 2, 10 };
	struct model_behaviour behaviour = { 0 };
	const struct rt_uuid spp = rt_uuid_from_short(RT_UUID_SERIAL_PORT);

	for (size_t i = 0; i < RT_ARRAY_SIZE(asks); i++) {
		behaviour.sdp_ask = asks[i];
		duo_begin(NULL, &behaviour, 3, 0);
		duo_listen(RT_PROTOCOL_RFCOMM, 0, NULL);
		ck_assert_int_eq(rt_server_listen_uuid(duo.listener, spp, "It"),
				 0);
		ck_assert_uint_ne(model_sdp_search(duo.peer.m,
						   world_addr(duo.w, 0),
						   RT_UUID_SERIAL_PORT),
				  0);
		ck_assert(world_run_until(duo.w, peer_has_result, &duo.peer,
					  RT_SECONDS(60)));
		ck_assert(duo.peer.result.ok);
		ck_assert_uint_eq(duo.peer.result.records, 1);
		ck_assert_uint_eq(duo.peer.result.rfcomm_channel,
				  rt_server_port(duo.listener));
		ck_assert_uint_ge(duo.peer.result.parts, parts_min[i]);
		duo_end();
	}
}
END_TEST

START_TEST(the_host_connects_by_uuid)
{
	const struct rt_uuid spp = rt_uuid_from_short(RT_UUID_SERIAL_PORT);

	duo_begin(NULL, NULL, 3, 100);
	end_open(&duo.client, world_host(duo.w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(
		rt_socket_connect_uuid(duo.client.s, duo.peer.addr, spp), 0);
	ck_assert(
		world_run_until(duo.w, duo_is_accepted, NULL, RT_SECONDS(30)));
	duo_talk(&duo.client, peer_accepted(&duo.peer), 0);
	duo_end();
}
END_TEST

/* --- pairing --- */

static void pair_and_connect(unsigned int pairings)
{
	struct peer_chan *chan;

	chan = duo_model_connects(model_connect_rfcomm(
		duo.peer.m, world_addr(duo.w, 0), HOST_CHANNEL));
	ck_assert_uint_eq(model_get_stats(duo.peer.m)->pairings, pairings);
	model_disconnect_link(duo.peer.m, world_addr(duo.w, 0));
	ck_assert(world_run_until(duo.w, peer_chan_is_over, chan,
				  RT_SECONDS(30)));
	world_run(duo.w, RT_SECONDS(3));
	end_free(&duo.server);
}

START_TEST(a_bond_is_used_again_and_one_that_the_host_forgot_is_made_anew)
{
	const struct model_behaviour behaviour = { .bonding = true };
	const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = true,
	};
	struct peer_chan *chan;

	duo_begin(NULL, &behaviour, 3, 0);
	ck_assert_int_eq(
		rt_host_set_pairing_policy(world_host(duo.w, 0), &policy), 0);
	duo_listen(RT_PROTOCOL_RFCOMM, HOST_CHANNEL, NULL);
	pair_and_connect(1);
	pair_and_connect(1);
	ck_assert_int_eq(rt_host_unpair(world_host(duo.w, 0), duo.peer.addr),
			 0);
	pair_and_connect(2);
	/* Whoever says to be a bonded device, and has no key, is not let in. */
	model_forget_key(duo.peer.m, world_addr(duo.w, 0));
	chan = peer_chan(&duo.peer,
			 model_connect_rfcomm(duo.peer.m, world_addr(duo.w, 0),
					      HOST_CHANNEL));
	ck_assert(world_run_until(duo.w, peer_chan_is_over, chan,
				  RT_SECONDS(30)));
	ck_assert_int_eq(chan->why, MODEL_END_SECURITY);
	ck_assert_uint_eq(model_get_stats(duo.peer.m)->pairings, 2);
	duo_end();
}
END_TEST

/* Both ask for an RFCOMM channel of the other at the same instant. */
START_TEST(connections_that_cross_are_both_made)
{
	static const uint32_t latencies[] = { 0, 700, 20000 };
	struct peer_chan *chan;

	for (size_t i = 0; i < RT_ARRAY_SIZE(latencies); i++) {
		duo_begin(NULL, NULL, 3, latencies[i]);
		duo_listen(RT_PROTOCOL_RFCOMM, HOST_CHANNEL, NULL);
		chan = peer_chan(&duo.peer,
				 model_connect_rfcomm(duo.peer.m,
						      world_addr(duo.w, 0),
						      HOST_CHANNEL));
		duo.peer.rx_default = NULL;
		end_open(&duo.client, world_host(duo.w, 0), RT_PROTOCOL_RFCOMM);
		ck_assert_int_eq(rt_socket_connect(duo.client.s, duo.peer.addr,
						   CHANNEL),
				 0);
		ck_assert(world_run_until(duo.w, duo_is_served, chan,
					  RT_SECONDS(60)));
		ck_assert(world_run_until(duo.w, duo_is_accepted, NULL,
					  RT_SECONDS(60)));
		duo_end();
	}
}
END_TEST

/* Of a socket whose queue takes a part of it only. */
START_TEST(a_slow_reader_of_the_host_holds_the_model_up)
{
	const struct mode *ertm = &modes[1];
	struct peer_chan *chan;

	for (unsigned int i = 0; i < 2; i++) {
		duo_begin(ertm, NULL, 3, 200);
		duo_listen(i ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM, 0,
			   i ? ertm : NULL);
		duo_set(NULL, RT_OPTION_READ_QUEUE_BYTES, 8192);
		ck_assert_int_eq(rt_server_listen(duo.listener,
						  i ? HOST_PSM : HOST_CHANNEL),
				 0);
		duo.server.paused = true;
		chan = duo_model_connects(
			i ? model_connect_l2cap(duo.peer.m,
						world_addr(duo.w, 0), HOST_PSM,
						MODEL_ERTM, 1800)
			  : model_connect_rfcomm(duo.peer.m,
						 world_addr(duo.w, 0),
						 HOST_CHANNEL));
		chan->piece = 800;
		peer_send(&duo.peer, chan, duo.sent[0], BYTES);
		world_run(duo.w, RT_SECONDS(100));
		ck_assert_uint_gt(BYTES - chan->tx_at +
					  model_unsent(duo.peer.m,
						       chan->number),
				  BYTES - 16384);
		duo.server.paused = false;
		duo.server.rx = duo.got[0];
		duo.server.rx_cap = BYTES;
		end_pull(&duo.server);
		ck_assert(world_run_until(duo.w, end_is_full, &duo.server,
					  RT_SECONDS(600)));
		ck_assert_mem_eq(duo.got[0], duo.sent[0], BYTES);
		duo_end();
	}
}
END_TEST

START_TEST(a_slow_reader_of_the_model_holds_the_host_up)
{
	struct peer_chan *chan;

	for (unsigned int i = 0; i < 2; i++) {
		duo_begin(&modes[1], NULL, 3, 200);
		duo_host_connects(i ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM,
				  i ? PSM : CHANNEL, i ? &modes[1] : NULL);
		chan = peer_accepted(&duo.peer);
		model_pause(duo.peer.m, chan->number, true);
		duo.client.piece = SDU;
		end_send(&duo.client, duo.sent[0], BYTES);
		world_run(duo.w, RT_SECONDS(100));
		ck_assert_uint_lt(chan->rx_bytes, 20000);
		model_pause(duo.peer.m, chan->number, false);
		ck_assert(world_run_until(duo.w, peer_chan_is_full, chan,
					  RT_SECONDS(600)));
		ck_assert_mem_eq(duo.got[1], duo.sent[0], BYTES);
		duo_end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model/stack");
	TCase *tcase = tcase_create("stack");
	const TTest *const tests[] = {
		the_host_opens_an_rfcomm_stream_to_the_model,
		the_model_opens_an_rfcomm_stream_to_the_host,
		an_echo_of_the_model_gives_the_host_everything_back,
		the_host_opens_an_l2cap_channel_in_each_mode,
		the_model_opens_an_l2cap_channel_in_each_mode,
		what_the_air_loses_is_sent_again_by_both,
		the_host_finds_the_models_record_in_one_part_and_in_many,
		the_model_finds_the_hosts_record_in_one_part_and_in_many,
		the_host_connects_by_uuid,
		a_bond_is_used_again_and_one_that_the_host_forgot_is_made_anew,
		connections_that_cross_are_both_made,
		a_slow_reader_of_the_host_holds_the_model_up,
		a_slow_reader_of_the_model_holds_the_host_up,
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
