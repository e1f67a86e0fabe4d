/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * Enhanced Credit Based Flow Control between two whole hosts: MTUs and MPSs
 * in pairs, credits conserved, connections that cross or break off.
 */

#define FILE_BYTES (256 * 1024)

struct size {
	uint16_t mtu;
	uint16_t mps; /* 0: as the layer likes it */
	uint16_t acl_bytes;
	uint16_t acl_packets;
};

static const struct size sizes[] = {
	{ 64, 64, 1021, 8 },	 { 64, 0, 27, 1 },     { 672, 64, 1021, 8 },
	{ 672, 0, 1021, 8 },	 { 672, 674, 27, 1 },  { 4096, 1000, 192, 3 },
	{ 4096, 0, 1021, 8 },	 { 65535, 64, 27, 4 }, { 65535, 0, 1021, 8 },
	{ 65535, 60000, 27, 1 },
};

static struct world *w;
static struct pair pair;

static void set(enum rt_option option, int64_t value)
{
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, option, value), 0);
	ck_assert_int_eq(rt_server_set_option(pair.listener, option, value), 0);
}

static void start(const struct size *size, const char *name)
{
	const struct world_options options = {
		.name = name,
		.seed = 23,
		.latency_us = 1250,
		.acl_bytes = size->acl_bytes,
		.acl_packets = size->acl_packets,
	};

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	rt_server_close(pair.listener);
	set(RT_OPTION_MODE, RT_SOCKET_MODE_CREDIT);
	set(RT_OPTION_MODE_REQUIRED, 1);
	set(RT_OPTION_READ_QUEUE_BYTES, 262144);
	set(RT_OPTION_WRITE_QUEUE_BYTES, 262144);
	set(RT_OPTION_MTU, size->mtu);
	set(RT_OPTION_MPS, size->mps);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
}

static void give_file(struct end *end, size_t piece)
{
	uint8_t *data = malloc(FILE_BYTES);

	ck_assert_ptr_nonnull(data);
	world_random_bytes(w, data, FILE_BYTES);
	end->tx = data;
	end->tx_bytes = FILE_BYTES;
	end->piece = piece;
	end->rx = calloc(1, FILE_BYTES);
	ck_assert_ptr_nonnull(end->rx);
	end->rx_cap = FILE_BYTES;
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

/* Nothing is under way: what one side may send, the other has given. */
static void check_credits(void)
{
	const struct rt_socket_stats client = stats_of(&pair.client);
	const struct rt_socket_stats server = stats_of(&pair.server);

	ck_assert_uint_eq(client.tx_credits, server.rx_credits);
	ck_assert_uint_eq(server.tx_credits, client.rx_credits);
	ck_assert_uint_eq(client.tx_frames, server.rx_frames);
	ck_assert_uint_eq(server.tx_frames, client.rx_frames);
	ck_assert_uint_gt(client.tx_credits, 0);
	ck_assert_uint_gt(server.tx_credits, 0);
	ck_assert_int_eq(client.mode, RT_SOCKET_MODE_CREDIT);
	ck_assert_int_eq(server.mode, RT_SOCKET_MODE_CREDIT);
}

START_TEST(a_file_crosses_both_ways_and_credits_are_conserved)
{
	const struct size *size = &sizes[_i];

	start(size, _i == 3 ? "credit_file" : NULL);
	give_file(&pair.client, size->mtu);
	give_file(&pair.server, size->mtu);
	pair_connect(&pair);
	ck_assert_uint_eq(stats_of(&pair.client).tx_mtu, size->mtu);
	ck_assert_uint_eq(stats_of(&pair.client).rx_mtu, size->mtu);
	ck_assert(world_run_until(w, pair_is_full, &pair, RT_SECONDS(3600)));
	world_run(w, RT_SECONDS(1));
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, FILE_BYTES);
	ck_assert_mem_eq(pair.client.rx, pair.server.tx, FILE_BYTES);
	ck_assert_uint_eq(pair.client.written, FILE_BYTES);
	ck_assert_uint_eq(pair.server.written, FILE_BYTES);
	check_credits();
	rt_socket_close(pair.client.s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(10)));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	finish();
}
END_TEST

/*
 * What the controller has sent before the close has arrived: none of it is lost
 * because nobody has read yet, however much there was room for.
 */
START_TEST(what_was_sent_before_a_close_waits_for_a_slow_reader)
{
	const struct size size = { 672, _i == 1 ? 674 : 0, 1021, 8 };
	const size_t pieces[] = { 1, 300, 672 };
	struct end *reader = _i < 3 ? &pair.client : &pair.server;
	struct end *writer = _i < 3 ? &pair.server : &pair.client;
	uint8_t rx[4096];

	start(&size, NULL);
	rt_server_close(pair.listener);
	set(RT_OPTION_READ_QUEUE_BYTES, 1024 + 128 * _i);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	/* On a link that is there the request leaves at once. */
	pair_connect(&pair);
	rt_socket_abort(pair.client.s);
	world_run(w, RT_MS(100));
	end_free(&pair.server);
	pair.client.connected = 0;
	give_file(writer, pieces[_i % 3]);
	pair_connect(&pair);
	/* As much as there are credits for. */
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_gt(writer->written, 0);
	ck_assert_int_eq(
		rt_socket_set_option(writer->s, RT_OPTION_LINGER_MS, 1), 0);
	rt_socket_close(writer->s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(10)));
	reader->rx = rx;
	reader->rx_cap = sizeof(rx);
	end_pull(reader);
	reader->rx = NULL;
	ck_assert_uint_gt(reader->rx_bytes, 0);
	ck_assert_uint_eq(reader->rx_bytes, writer->written);
	finish();
}
END_TEST

/* Datagrams of all sizes, as many as are taken. Returns their octets. */
static void write_datagrams(struct end *writer)
{
	static uint8_t data[4096];
	uint16_t draw;
	ptrdiff_t n;

	do {
		world_random_bytes(w, (uint8_t *)&draw, sizeof(draw));
		n = rt_socket_write(writer->s, data, 1 + draw % sizeof(data));
	} while (n > 0);
}

/* Marks of datagrams take room in the queue that credits don't know of. */
START_TEST(whatever_sizes_were_sent_before_a_close_they_wait_for_the_reader)
{
	const struct size size = { 4096, 0, 1021, 8 };
	static uint8_t rx[16384];

	for (int i = 0; i < 100; i++) {
		start(&size, NULL);
		rt_server_close(pair.listener);
		set(RT_OPTION_READ_QUEUE_BYTES, 4096 + 41 * i);
		ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
		pair_connect(&pair);
		write_datagrams(&pair.server);
		world_run(w, RT_SECONDS(5));
		ck_assert_int_eq(rt_socket_set_option(pair.server.s,
						      RT_OPTION_LINGER_MS, 1),
				 0);
		rt_socket_close(pair.server.s);
		ck_assert(world_run_until(w, pair_is_unconnected, &pair,
					  RT_SECONDS(10)));
		pair.client.rx = rx;
		pair.client.rx_cap = sizeof(rx);
		end_pull(&pair.client);
		pair.client.rx = NULL;
		ck_assert_uint_eq(pair.client.rx_bytes, pair.server.written);
		finish();
	}
}
END_TEST

/* Reads all there is. True if the reader was told that something is missing. */
static bool reads_a_gap(struct end *reader)
{
	static uint8_t rx[16384];
	bool gap = false;
	ptrdiff_t n;

	do {
		n = rt_socket_read(reader->s, rx, sizeof(rx));
		if (n > 0)
			reader->rx_bytes += (size_t)n;
		gap = gap || n == -ENOBUFS;
	} while (n > 0 || n == -ENOBUFS);
	return gap;
}

START_TEST(without_memory_for_what_came_before_a_close_there_is_a_gap)
{
	const struct size size = { 4096, 0, 1021, 8 };
	int gaps = 0;
	bool gap;

	for (size_t i = 1; i < 12; i++) {
		start(&size, NULL);
		rt_server_close(pair.listener);
		set(RT_OPTION_READ_QUEUE_BYTES, 4096);
		ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
		pair_connect(&pair);
		write_datagrams(&pair.server);
		world_run(w, RT_SECONDS(5));
		ck_assert_int_eq(rt_socket_set_option(pair.server.s,
						      RT_OPTION_LINGER_MS, 1),
				 0);
		w->node[0].memory.fail_at = w->node[0].memory.asked + i;
		rt_socket_close(pair.server.s);
		world_run(w, RT_SECONDS(60));
		gap = reads_a_gap(&pair.client);
		gaps += gap;
		ck_assert(gap == (pair.client.rx_bytes < pair.server.written));
		finish();
	}
	ck_assert_int_gt(gaps, 0);
}
END_TEST

/* Breaks a transfer off at all points of it, and then it works again. */
START_TEST(a_transfer_may_break_off_anywhere)
{
	const struct size size = { 672, 64, 192, 2 };

	start(&size, NULL);
	give_file(&pair.client, 672);
	give_file(&pair.server, 672);
	rt_socket_abort(pair.client.s);
	for (unsigned int i = 0; i < 40; i++) {
		end_free(&pair.server);
		pair.server.tx_at = 0;
		pair.server.rx_bytes = 0;
		pair.client.tx_at = 0;
		pair.client.rx_bytes = 0;
		pair.client.connected = 0;
		pair_connect(&pair);
		world_run(w, RT_MS(7) * i);
		if (i % 2)
			rt_socket_abort(pair.client.s);
		else
			rt_socket_abort(pair.server.s);
		ck_assert(world_run_until(w, pair_is_unconnected, &pair,
					  RT_SECONDS(60)));
	}
	finish();
}
END_TEST

START_TEST(a_server_in_another_mode_is_not_found)
{
	const struct size size = { 672, 0, 1021, 8 };

	start(&size, NULL);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_MODE_REQUIRED, 0),
			 0);
	ck_assert_int_eq(rt_server_set_option(pair.listener, RT_OPTION_MODE,
					      RT_SOCKET_MODE_ERTM),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert(world_run_until(w, end_has_failed, &pair.client,
				  RT_SECONDS(60)));
	ck_assert_ptr_null(pair.server.s);
	finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/credit_pair");
	TCase *tc = tcase_create("credit_pair");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc,
			    a_file_crosses_both_ways_and_credits_are_conserved,
			    0, (int)(sizeof(sizes) / sizeof(sizes[0])));
	tcase_add_loop_test(
		tc, what_was_sent_before_a_close_waits_for_a_slow_reader, 0, 6);
	tcase_add_test(
		tc,
		whatever_sizes_were_sent_before_a_close_they_wait_for_the_reader);
	tcase_add_test(
		tc, without_memory_for_what_came_before_a_close_there_is_a_gap);
	tcase_add_test(tc, a_transfer_may_break_off_anywhere);
	tcase_add_test(tc, a_server_in_another_mode_is_not_found);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
