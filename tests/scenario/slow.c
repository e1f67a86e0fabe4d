/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* Readers that take their time, queues that fill, limits that are reached. */

#define QUEUE 4096
#define DATA_BYTES 60000

static uint8_t data[DATA_BYTES];
static uint8_t received[DATA_BYTES];

static struct world *w;
static struct pair pair;

static void start(enum rt_protocol protocol)
{
	const struct world_options options = { .seed = 11, .latency_us = 1250 };

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
	memset(received, 0, sizeof(received));
	world_random_bytes(w, data, sizeof(data));
	pair_init(&pair, w, protocol);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_READ_QUEUE_BYTES,
					      QUEUE),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_WRITE_QUEUE_BYTES,
					      QUEUE),
			 0);
	pair.server.rx = received;
	pair.server.rx_cap = sizeof(received);
	pair.server.paused = true;
	pair_connect(&pair);
}

static void finish(void)
{
	pair_free(&pair);
	world_finish(w);
}

START_TEST(a_stream_waits_for_its_reader)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	size_t accepted;

	start(RT_PROTOCOL_RFCOMM);
	end_send(&pair.client, data, sizeof(data));
	world_run(w, RT_SECONDS(10));
	accepted = pair.client.tx_at;
	/* A receive queue, a write queue, and nothing in between. */
	ck_assert_uint_le(accepted, 2 * QUEUE);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), QUEUE);
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s),
			  accepted - QUEUE);
	world_run(w, RT_SECONDS(100));
	ck_assert_uint_eq(pair.client.tx_at, accepted);
	rt_socket_get_stats(pair.client.s, &stats);
	ck_assert_uint_gt(stats.stalled_credits_us, RT_SECONDS(100));
	ck_assert_uint_eq(stats.tx_credits, 0);

	pair.server.paused = false;
	end_pull(&pair.server);
	ck_assert(
		world_run_until(w, end_is_full, &pair.server, RT_SECONDS(60)));
	ck_assert_mem_eq(received, data, sizeof(data));
	ck_assert_uint_eq(pair.client.errors, 0);
	finish();
}
END_TEST

START_TEST(a_reader_that_takes_an_octet_at_a_time_gets_all)
{
	ptrdiff_t n;

	start(RT_PROTOCOL_RFCOMM);
	end_send(&pair.client, data, 12000);
	while (pair.server.rx_bytes < 12000) {
		world_run(w, 1250);
		n = rt_socket_read(pair.server.s,
				   received + pair.server.rx_bytes, 1);
		ck_assert(n == 1 || n == -EAGAIN);
		pair.server.rx_bytes += n > 0;
	}
	ck_assert_mem_eq(received, data, 12000);
	finish();
}
END_TEST

/* Fills the reader's queue with datagrams of 500 octets, and overflows it. */
START_TEST(datagrams_that_find_no_room_are_lost_and_the_reader_is_told)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	size_t kept;

	start(RT_PROTOCOL_L2CAP);
	pair.client.piece = 500;
	end_send(&pair.client, data, 20 * 500);
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(pair.client.written, 20 * 500);
	kept = rt_socket_bytes_available(pair.server.s);
	ck_assert_uint_eq(kept, 8 * 500);
	rt_socket_get_stats(pair.server.s, &stats);
	ck_assert_uint_eq(stats.rx_dropped, 12);
	end_pull(&pair.server);
	ck_assert_uint_eq(pair.server.gaps, 1);
	ck_assert_uint_eq(pair.server.rx_bytes, kept);
	ck_assert_mem_eq(received, data, kept);

	/* Behind the gap it goes on. */
	pair.server.paused = false;
	end_send(&pair.client, data, 500);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(pair.server.gaps, 1);
	ck_assert_uint_eq(pair.server.rx_bytes, kept + 500);
	finish();
}
END_TEST

START_TEST(a_gap_stands_between_the_datagrams_around_it)
{
	uint8_t buf[500];

	start(RT_PROTOCOL_L2CAP);
	pair.client.piece = 500;
	end_send(&pair.client, data, 10 * 500);
	world_run(w, RT_SECONDS(2));
	/* Eight were kept, two were lost; one goes, and one comes. */
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 500);
	end_send(&pair.client, data, 500);
	world_run(w, RT_SECONDS(2));
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(
			rt_socket_read(pair.server.s, buf, sizeof(buf)), 500);
	ck_assert_int_eq(rt_socket_peek(pair.server.s, buf, sizeof(buf)),
			 -ENOBUFS);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 500);
	ck_assert_mem_eq(buf, data, 500);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)),
			 -EAGAIN);
	finish();
}
END_TEST

START_TEST(a_close_waits_for_what_is_unsent)
{
	start(RT_PROTOCOL_RFCOMM);
	pair.client.close_when_sent = true;
	end_send(&pair.client, data, sizeof(data));
	world_run(w, RT_SECONDS(5));
	pair.server.paused = false;
	end_pull(&pair.server);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(60)));
	ck_assert_uint_eq(pair.server.rx_bytes, sizeof(data));
	ck_assert_mem_eq(received, data, sizeof(data));
	ck_assert_uint_eq(pair.client.written, sizeof(data));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	finish();
}
END_TEST

START_TEST(a_close_that_lingers_too_long_says_what_was_lost)
{
	uint64_t start_us;
	char text[64];

	start(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_LINGER_MS, 7000),
			 0);
	end_send(&pair.client, data, sizeof(data));
	world_run(w, RT_SECONDS(5));
	start_us = w->now_us;
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	snprintf(text, sizeof(text), "(%d octets were not sent)", QUEUE);
	ck_assert(world_run_until(w, end_is_unconnected, &pair.client,
				  RT_SECONDS(20)));
	ck_assert_uint_eq(w->now_us - start_us, RT_SECONDS(7));
	ck_assert_str_eq(pair.client.log, "CK+XE5U-");
	ck_assert_ptr_nonnull(strstr(pair.client.error_string, text));
	finish();
}
END_TEST

START_TEST(what_arrived_before_the_close_can_be_read_after_it)
{
	uint8_t buf[1000];

	start(RT_PROTOCOL_RFCOMM);
	pair.client.close_when_sent = true;
	end_send(&pair.client, data, 1000);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(60)));
	ck_assert_str_eq(pair.server.log, "E2XU-");
	ck_assert_uint_eq(pair.server.readable, 1);
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 1000);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 400), 400);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf + 400, 1000), 600);
	ck_assert_mem_eq(buf, data, 1000);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 1), -ENOTCONN);
	finish();
}
END_TEST

START_TEST(writable_comes_when_the_queue_is_half_empty)
{
	start(RT_PROTOCOL_RFCOMM);
	pair.server.paused = false;
	/* Nothing else writes: the end has nothing to send. */
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, DATA_BYTES),
			 QUEUE);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 1), -EAGAIN);
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(pair.client.writable, 1);
	/* A write that was not short is not answered by it. */
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 100), 100);
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(pair.client.writable, 1);
	ck_assert_uint_eq(pair.client.written, QUEUE + 100);
	finish();
}
END_TEST

/* The smallest and odd queues of both protocols still carry everything. */
START_TEST(queues_of_any_size_carry_everything)
{
	static const int64_t sizes[] = { 1024, 1025, 1500, 5000, 16385, 70000 };

	for (int i = 0; i < 6; i++) {
		start(RT_PROTOCOL_RFCOMM);
		rt_socket_abort(pair.client.s);
		world_run(w, RT_SECONDS(1));
		end_free(&pair.server);
		rt_server_close(pair.listener);
		ck_assert_int_eq(rt_server_set_option(
					 pair.listener,
					 RT_OPTION_READ_QUEUE_BYTES, sizes[i]),
				 0);
		ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
		ck_assert_int_eq(
			rt_socket_set_option(pair.client.s,
					     RT_OPTION_WRITE_QUEUE_BYTES,
					     sizes[5 - i]),
			0);
		pair.server.paused = false;
		pair.client.connected = 0;
		pair_connect(&pair);
		end_send(&pair.client, data, sizeof(data));
		ck_assert(world_run_until(w, end_is_full, &pair.server,
					  RT_SECONDS(60)));
		ck_assert_mem_eq(received, data, sizeof(data));
		finish();
	}
}
END_TEST

START_TEST(one_socket_more_than_the_limit_is_refused)
{
	static struct rt_socket *sockets[256];

	w = world_new(NULL);
	for (int i = 0; i < 256; i++) {
		sockets[i] =
			rt_socket_new(world_host(w, 0), RT_PROTOCOL_RFCOMM);
		ck_assert_ptr_nonnull(sockets[i]);
	}
	ck_assert_ptr_null(rt_socket_new(world_host(w, 0), RT_PROTOCOL_L2CAP));
	rt_socket_free(sockets[7]);
	sockets[7] = rt_socket_new(world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_ptr_nonnull(sockets[7]);
	for (int i = 0; i < 256; i++)
		rt_socket_free(sockets[i]);
	world_finish(w);
}
END_TEST

START_TEST(one_pending_connection_more_than_the_limit_is_refused)
{
	struct rt_server *server;
	struct end end[4] = { { .s = NULL } };

	w = world_new(NULL);
	server = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, PAIR_PSM), 0);
	ck_assert_int_eq(rt_server_set_max_pending(server, 0), -EINVAL);
	ck_assert_int_eq(rt_server_set_max_pending(server, 17), -EINVAL);
	ck_assert_int_eq(rt_server_set_max_pending(server, 16), 0);
	ck_assert_int_eq(rt_server_set_max_pending(server, 3), 0);
	for (int i = 0; i < 4; i++) {
		end_open(&end[i], world_host(w, 0), RT_PROTOCOL_L2CAP);
		ck_assert_int_eq(rt_socket_connect(end[i].s, world_addr(w, 1),
						   PAIR_PSM),
				 0);
		world_run(w, RT_SECONDS(1));
		ck_assert_str_eq(end[i].log, i < 3 ? "CK+" : "CUE4");
	}
	ck_assert_ptr_nonnull(strstr(end[3].error_string, "no resources"));
	/* One is taken, and there is room for the next. */
	rt_socket_free(rt_server_next_pending(server));
	ck_assert_int_eq(
		rt_socket_connect(end[3].s, world_addr(w, 1), PAIR_PSM), 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_str_eq(end[3].log, "CUE4CK+");
	for (int i = 0; i < 4; i++)
		end_free(&end[i]);
	rt_server_free(server);
	world_finish(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/slow");
	TCase *tc = tcase_create("slow");

	tcase_add_test(tc, a_stream_waits_for_its_reader);
	tcase_add_test(tc, a_reader_that_takes_an_octet_at_a_time_gets_all);
	tcase_add_test(
		tc,
		datagrams_that_find_no_room_are_lost_and_the_reader_is_told);
	tcase_add_test(tc, a_gap_stands_between_the_datagrams_around_it);
	tcase_add_test(tc, a_close_waits_for_what_is_unsent);
	tcase_add_test(tc, a_close_that_lingers_too_long_says_what_was_lost);
	tcase_add_test(tc, what_arrived_before_the_close_can_be_read_after_it);
	tcase_add_test(tc, writable_comes_when_the_queue_is_half_empty);
	tcase_add_test(tc, queues_of_any_size_carry_everything);
	tcase_add_test(tc, one_socket_more_than_the_limit_is_refused);
	tcase_add_test(tc,
		       one_pending_connection_more_than_the_limit_is_refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
