/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * L2CAP sockets in the modes beyond Basic: what flow control promises, both
 * ways at once, and what is agreed on.
 */

#define FILE_BYTES (1024 * 1024)
#define QUEUE_BYTES 8192
#define PIECE 600

static struct world *w;
static struct pair pair;

struct choice {
	enum rt_option option;
	int64_t value;
};

#define CHOICES 8

static void choose(const struct choice choices[CHOICES])
{
	for (int i = 0; i < CHOICES && choices[i].value; i++) {
		ck_assert_int_eq(rt_socket_set_option(pair.client.s,
						      choices[i].option,
						      choices[i].value),
				 0);
		ck_assert_int_eq(rt_server_set_option(pair.listener,
						      choices[i].option,
						      choices[i].value),
				 0);
	}
}

static void start(const struct choice choices[CHOICES], const char *name)
{
	const struct world_options options = {
		.name = name,
		.seed = 3,
		.latency_us = 1250,
	};

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	rt_server_close(pair.listener);
	choose(choices);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
}

static void give_file(struct end *end, size_t bytes)
{
	uint8_t *data = malloc(bytes);

	ck_assert(data);
	world_random_bytes(w, data, bytes);
	end->tx = data;
	end->tx_bytes = bytes;
	end->piece = PIECE;
}

static void take_file(struct end *end, size_t bytes)
{
	end->rx = calloc(1, bytes);
	ck_assert(end->rx);
	end->rx_cap = bytes;
}

static void finish(void)
{
	free(pair.client.rx);
	free(pair.server.rx);
	free((void *)(uintptr_t)pair.client.tx);
	free((void *)(uintptr_t)pair.server.tx);
	pair_free(&pair);
	world_finish(w);
}

static struct rt_socket_stats stats_of(const struct end *end)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };

	rt_socket_get_stats(end->s, &stats);
	return stats;
}

/* Reads in bursts, with longer and longer pauses between them. */
static void read_slowly(struct end *end, size_t bytes)
{
	uint64_t pause_us = RT_MS(50);

	while (end->rx_bytes < bytes && w->now_us < RT_SECONDS(7200)) {
		end->paused = true;
		world_run(w, pause_us);
		end->paused = false;
		end_pull(end);
		pause_us = pause_us < RT_SECONDS(1) ? pause_us + RT_MS(10)
						    : RT_MS(50);
		ck_assert_uint_eq(end->errors, 0);
	}
}

static const struct choice reliable[][CHOICES] = {
	{ { RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
	  { RT_OPTION_MODE_REQUIRED, 1 },
	  { RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES } },
	{ { RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
	  { RT_OPTION_MODE_REQUIRED, 1 },
	  { RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES },
	  { RT_OPTION_FCS, RT_FCS_NONE },
	  { RT_OPTION_WINDOW, 5 } },
	{ { RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
	  { RT_OPTION_MODE_REQUIRED, 1 },
	  { RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES },
	  { RT_OPTION_EXTENDED_WINDOW, 1 },
	  { RT_OPTION_WINDOW, 500 },
	  { RT_OPTION_MPS, 100 } },
	{ { RT_OPTION_MODE, RT_SOCKET_MODE_CREDIT },
	  { RT_OPTION_MODE_REQUIRED, 1 },
	  { RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES } },
	{ { RT_OPTION_MODE, RT_SOCKET_MODE_CREDIT },
	  { RT_OPTION_MODE_REQUIRED, 1 },
	  { RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES },
	  { RT_OPTION_MPS, 64 } },
};

static const char *const names[] = {
	"ertm_slow", NULL, NULL, "credit_slow", NULL,
};

START_TEST(a_slow_reader_loses_nothing_in_a_mode_with_flow_control)
{
	start(reliable[_i], names[_i]);
	give_file(&pair.client, FILE_BYTES);
	give_file(&pair.server, FILE_BYTES);
	take_file(&pair.client, FILE_BYTES);
	take_file(&pair.server, FILE_BYTES);
	pair_connect(&pair);
	read_slowly(&pair.server, FILE_BYTES);
	ck_assert(world_run_until(w, pair_is_full, &pair, RT_SECONDS(3600)));
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, FILE_BYTES);
	ck_assert_mem_eq(pair.client.rx, pair.server.tx, FILE_BYTES);
	ck_assert_uint_eq(pair.client.gaps + pair.server.gaps, 0);
	ck_assert_uint_eq(stats_of(&pair.server).rx_dropped, 0);
	ck_assert_int_eq(stats_of(&pair.server).mode, reliable[_i][0].value);
	ck_assert_uint_gt(stats_of(&pair.server).busy_us, 0);
	world_run(w, RT_SECONDS(30));
	ck_assert_uint_eq(pair.client.written, FILE_BYTES);
	ck_assert_uint_eq(pair.server.written, FILE_BYTES);
	rt_socket_close(pair.client.s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(30)));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	/* The figures outlive the connection. */
	ck_assert_int_eq(stats_of(&pair.server).mode, reliable[_i][0].value);
	ck_assert_uint_eq(stats_of(&pair.server).rx_bytes, FILE_BYTES);
	ck_assert_uint_gt(stats_of(&pair.server).busy_us, 0);
	ck_assert_uint_ge(stats_of(&pair.client).tx_mtu, PIECE);
	finish();
}
END_TEST

/* Datagrams of a few octets need marks in the queue: those count as well. */
START_TEST(many_small_datagrams_find_room)
{
	size_t bytes = 20000;

	start(reliable[_i], NULL);
	give_file(&pair.client, bytes);
	pair.client.piece = 3;
	take_file(&pair.server, bytes);
	pair.server.paused = true;
	pair_connect(&pair);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_lt(rt_socket_bytes_available(pair.server.s), bytes);
	ck_assert_uint_gt(rt_socket_bytes_available(pair.server.s), 0);
	read_slowly(&pair.server, bytes);
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, bytes);
	ck_assert_uint_eq(pair.server.gaps, 0);
	finish();
}
END_TEST

/*
 * Each frame one datagram, as large as it can be: their marks are more than the
 * lengths that the frames have in their stead.
 */
START_TEST(datagrams_of_one_frame_each_find_room)
{
	const size_t bytes = 62000;

	start(reliable[4], NULL);
	give_file(&pair.client, bytes);
	pair.client.piece = 62;
	take_file(&pair.server, bytes);
	pair.server.paused = true;
	pair_connect(&pair);
	world_run(w, RT_SECONDS(20));
	ck_assert_uint_eq(pair.server.errors, 0);
	ck_assert_uint_gt(rt_socket_bytes_available(pair.server.s),
			  QUEUE_BYTES * 8 / 10);
	read_slowly(&pair.server, bytes);
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, bytes);
	finish();
}
END_TEST

START_TEST(a_reader_that_reads_nothing_holds_the_peer_up)
{
	size_t taken;

	start(reliable[_i], NULL);
	give_file(&pair.client, FILE_BYTES);
	take_file(&pair.server, FILE_BYTES);
	pair.server.paused = true;
	pair_connect(&pair);
	world_run(w, RT_SECONDS(60));
	taken = pair.client.tx_at;
	/* A read queue, a write queue, and a window on the way. */
	ck_assert_uint_lt(taken, 200000);
	world_run(w, RT_SECONDS(600));
	ck_assert_uint_eq(pair.client.tx_at, taken);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTED);
	ck_assert_uint_ge(stats_of(&pair.client).stalled_peer_us +
				  stats_of(&pair.client).stalled_credits_us,
			  RT_SECONDS(600));
	pair.server.paused = false;
	end_pull(&pair.server);
	ck_assert(
		world_run_until(w, end_is_full, &pair.server, RT_SECONDS(600)));
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, FILE_BYTES);
	finish();
}
END_TEST

START_TEST(written_is_what_the_peer_has_acknowledged)
{
	static const struct choice ertm[CHOICES] = {
		{ RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
		{ RT_OPTION_MODE_REQUIRED, 1 },
		{ RT_OPTION_MAX_TRANSMIT, 20 },
	};

	start(ertm, NULL);
	give_file(&pair.client, 6000);
	take_file(&pair.server, 7000);
	pair_connect(&pair);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(pair.client.written, 6000);
	/* Nobody acknowledges any more: the controller has it, no peer. */
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "more", 4), 4);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(pair.client.written, 6000);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 4);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, false);
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(60));
	finish();
}
END_TEST

START_TEST(streaming_sends_on_and_loses_what_nobody_reads)
{
	static const struct choice streaming[CHOICES] = {
		{ RT_OPTION_MODE, RT_SOCKET_MODE_STREAMING },
		{ RT_OPTION_MODE_REQUIRED, 1 },
		{ RT_OPTION_READ_QUEUE_BYTES, QUEUE_BYTES },
	};
	const size_t bytes = 60000;

	start(streaming, "streaming");
	give_file(&pair.client, bytes);
	take_file(&pair.server, 3 * bytes);
	pair_connect(&pair);
	world_run(w, RT_SECONDS(9));
	ck_assert_uint_eq(pair.server.rx_bytes, bytes);
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, bytes);
	ck_assert_int_eq(stats_of(&pair.server).mode, RT_SOCKET_MODE_STREAMING);
	ck_assert_uint_eq(stats_of(&pair.server).rx_lost, 0);
	pair.server.paused = true;
	pair.client.tx_at = 0;
	end_push(&pair.client);
	world_run(w, RT_SECONDS(9));
	ck_assert_uint_eq(pair.client.written, 2 * bytes);
	ck_assert_uint_gt(stats_of(&pair.server).rx_dropped, 0);
	end_pull(&pair.server);
	ck_assert_uint_eq(pair.server.gaps, 1);
	finish();
}
END_TEST

START_TEST(what_was_agreed_on_can_be_read)
{
	static const struct choice ertm[CHOICES] = {
		{ RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
		{ RT_OPTION_MODE_REQUIRED, 1 },
		{ RT_OPTION_FCS, RT_FCS_NONE },
		{ RT_OPTION_WINDOW, 17 },
		{ RT_OPTION_MPS, 333 },
		{ RT_OPTION_MTU, 2000 },
	};
	static const struct choice expected[] = {
		{ RT_OPTION_MODE, RT_SOCKET_MODE_ERTM },
		{ RT_OPTION_FCS, RT_FCS_NONE },
		{ RT_OPTION_WINDOW, 17 },
		{ RT_OPTION_MPS, 333 },
		{ RT_OPTION_MTU, 2000 },
		{ RT_OPTION_EXTENDED_WINDOW, 0 },
	};
	int64_t value;

	start(ertm, NULL);
	pair_connect(&pair);
	for (size_t i = 0; i < RT_ARRAY_SIZE(expected); i++) {
		ck_assert_int_eq(rt_socket_get_option(pair.client.s,
						      expected[i].option,
						      &value),
				 0);
		ck_assert_int_eq(value, expected[i].value);
	}
	ck_assert(!stats_of(&pair.client).fcs);
	ck_assert_uint_eq(stats_of(&pair.client).tx_window, 17);
	ck_assert_uint_eq(stats_of(&pair.client).rx_window, 17);
	finish();
}
END_TEST

START_TEST(a_mode_that_is_only_preferred_gives_way)
{
	static const struct choice nothing[CHOICES] = { { RT_OPTION_MODE, 0 } };
	int64_t value = -1;

	start(nothing, NULL);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_MODE,
					      RT_SOCKET_MODE_STREAMING),
			 0);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_MODE_REQUIRED, 1),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	pair_connect(&pair);
	ck_assert_int_eq(
		rt_socket_get_option(pair.client.s, RT_OPTION_MODE, &value), 0);
	ck_assert_int_eq(value, RT_SOCKET_MODE_BASIC);
	finish();
}
END_TEST

START_TEST(a_mode_that_is_required_is_that_or_nothing)
{
	static const struct choice nothing[CHOICES] = { { RT_OPTION_MODE, 0 } };

	start(nothing, NULL);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_MODE,
					      RT_SOCKET_MODE_ERTM),
			 0);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_MODE_REQUIRED, 1),
			 0);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_MODE_REQUIRED, 1),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert(world_run_until(w, end_has_failed, &pair.client,
				  RT_SECONDS(60)));
	ck_assert_str_ne(pair.client.error_string, "");
	ck_assert_ptr_null(pair.server.s);
	finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/modes");
	TCase *tc = tcase_create("modes");
	const int count = (int)RT_ARRAY_SIZE(reliable);

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
		tc, a_slow_reader_loses_nothing_in_a_mode_with_flow_control, 0,
		count);
	tcase_add_loop_test(tc, many_small_datagrams_find_room, 0, count);
	tcase_add_test(tc, datagrams_of_one_frame_each_find_room);
	tcase_add_loop_test(tc, a_reader_that_reads_nothing_holds_the_peer_up,
			    0, count);
	tcase_add_test(tc, written_is_what_the_peer_has_acknowledged);
	tcase_add_test(tc, streaming_sends_on_and_loses_what_nobody_reads);
	tcase_add_test(tc, what_was_agreed_on_can_be_read);
	tcase_add_test(tc, a_mode_that_is_only_preferred_gives_way);
	tcase_add_test(tc, a_mode_that_is_required_is_that_or_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
