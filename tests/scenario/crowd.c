/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* Many at once: sockets on one link, hosts that connect to each other. */

#define LANES 3 /* each way, of each protocol; a fifth half-open is refused */
#define LANE_BYTES 20000

struct lane {
	struct end client;
	struct end server;
	struct rt_server *listener;
	uint8_t forth[LANE_BYTES];
	uint8_t back[LANE_BYTES];
	uint8_t client_rx[LANE_BYTES];
	uint8_t server_rx[LANE_BYTES];
};

static void on_new_connection(struct rt_server *server, void *user_data)
{
	struct lane *lane = user_data;

	ck_assert_ptr_null(lane->server.s);
	end_attach(&lane->server, rt_server_next_pending(server));
	end_push(&lane->server);
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

static void lane_open(struct lane *lane, struct world *w, unsigned int from,
		      enum rt_protocol protocol)
{
	const unsigned int to = 1 - from;
	uint16_t port;

	lane->listener =
		rt_server_new(world_host(w, to), protocol, &callbacks, lane);
	ck_assert_int_eq(rt_server_listen(lane->listener, 0), 0);
	port = rt_server_port(lane->listener);
	ck_assert_uint_ne(port, 0);
	world_random_bytes(w, lane->forth, LANE_BYTES);
	world_random_bytes(w, lane->back, LANE_BYTES);
	lane->client.tx = lane->forth;
	lane->server.tx = lane->back;
	lane->client.tx_bytes = lane->server.tx_bytes = LANE_BYTES;
	lane->client.rx = lane->client_rx;
	lane->server.rx = lane->server_rx;
	lane->client.rx_cap = lane->server.rx_cap = LANE_BYTES;
	if (protocol == RT_PROTOCOL_L2CAP)
		lane->client.piece = lane->server.piece = 600;
	end_open(&lane->client, world_host(w, from), protocol);
	ck_assert_int_eq(
		rt_socket_connect(lane->client.s, world_addr(w, to), port), 0);
}

static void lane_check_and_free(struct lane *lane)
{
	ck_assert_str_eq(lane->client.log, "CK+");
	ck_assert_mem_eq(lane->server_rx, lane->forth, LANE_BYTES);
	ck_assert_mem_eq(lane->client_rx, lane->back, LANE_BYTES);
	end_free(&lane->client);
	end_free(&lane->server);
	rt_server_free(lane->listener);
}

static struct lane lanes[2 * 2 * LANES];

static bool lanes_are_done(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++) {
		if (!end_is_full(&lanes[i].client) ||
		    !end_is_full(&lanes[i].server))
			return false;
	}
	return true;
}

/* Both hosts page each other, and all lanes open at once. */
START_TEST(twelve_connections_both_ways_at_once)
{
	static const uint32_t page_ms[] = { 0, 20, 640 };
	const struct world_options options = {
		.seed = 5,
		.name = _i == 1 ? "crowd" : NULL,
		.latency_us = 1250,
		.page_ms = page_ms[_i],
		.acl_packets = 4,
	};
	struct world *w = world_new(&options);
	const size_t count = sizeof(lanes) / sizeof(lanes[0]);

	memset(lanes, 0, sizeof(lanes));
	for (size_t i = 0; i < count; i++)
		lane_open(&lanes[i], w, i % 2,
			  i % 4 < 2 ? RT_PROTOCOL_RFCOMM : RT_PROTOCOL_L2CAP);
	ck_assert(world_run_until(w, lanes_are_done, NULL, RT_SECONDS(600)));
	for (size_t i = 0; i < count; i++)
		lane_check_and_free(&lanes[i]);
	world_finish(w);
}
END_TEST

/*
 * Two hosts connect to each other at instants that differ by up to a few
 * latencies, so that pages, requests and sessions cross in every way.
 */
static void cross(enum rt_protocol protocol, uint32_t page_ms,
		  uint64_t delay_us)
{
	const struct world_options options = {
		.seed = delay_us + page_ms,
		.latency_us = 1250,
		.page_ms = page_ms,
	};
	struct world *w = world_new(&options);
	const uint16_t port = protocol == RT_PROTOCOL_RFCOMM ? 3 : 0x1003;
	struct rt_server *server[2];
	struct end end[2] = { { .s = NULL }, { .s = NULL } };

	for (unsigned int i = 0; i < 2; i++) {
		server[i] =
			rt_server_new(world_host(w, i), protocol, NULL, NULL);
		ck_assert_int_eq(rt_server_listen(server[i], port), 0);
		end_open(&end[i], world_host(w, i), protocol);
	}
	world_settle(w);
	ck_assert_int_eq(rt_socket_connect(end[0].s, world_addr(w, 1), port),
			 0);
	world_run(w, delay_us);
	ck_assert_int_eq(rt_socket_connect(end[1].s, world_addr(w, 0), port),
			 0);
	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_msg(world_run_until(w, end_is_connected, &end[i],
					      RT_SECONDS(30)),
			      "page %u ms, delay %llu us: %s, %s: %s", page_ms,
			      (unsigned long long)delay_us, end[0].log,
			      end[1].log, end[i].error_string);
		ck_assert(rt_server_has_pending(server[1 - i]));
	}
	for (unsigned int i = 0; i < 2; i++) {
		end_free(&end[i]);
		rt_server_free(server[i]);
	}
	world_finish(w);
}

START_TEST(hosts_that_connect_to_each_other_both_succeed)
{
	static const uint32_t page_ms[] = { 0, 2, 11 };
	const enum rt_protocol protocol =
		_i % 2 ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM;

	for (uint64_t delay_us = 0; delay_us < 40000; delay_us += 625)
		cross(protocol, page_ms[_i / 2], delay_us);
}
END_TEST

/* A channel that one socket has is not another's. */
START_TEST(a_second_connection_to_one_channel_is_in_use)
{
	struct world *w = world_new(NULL);
	struct pair pair = { .w = NULL };
	struct end second = { .s = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	end_open(&second, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(second.s, world_addr(w, 1),
					   PAIR_CHANNEL),
			 -EADDRINUSE);
	ck_assert_int_eq(rt_socket_error(second.s), RT_SOCKET_ERROR_NETWORK);
	world_settle(w);
	ck_assert_str_eq(second.log, "");
	ck_assert_str_eq(pair.client.log, "CK+");
	end_free(&second);
	pair_free(&pair);
	world_finish(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/crowd");
	TCase *tc = tcase_create("crowd");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, twelve_connections_both_ways_at_once, 0, 3);
	tcase_add_loop_test(tc, hosts_that_connect_to_each_other_both_succeed,
			    0, 6);
	tcase_add_test(tc, a_second_connection_to_one_channel_is_in_use);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
