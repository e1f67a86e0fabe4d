/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * L2CAP sockets with a flush timeout on a noisy air: the one way in which a
 * BR/EDR link loses data (Core Vol 2 Part B 7.6.3), whole hosts, both
 * controllers. What each mode promises then.
 */

#define LOSS_PERMILLE 100
#define FLUSH_MS 40
#define FILE_BYTES 65536
#define PIECE 500
#define MPS 200
#define DATAGRAMS 500

static struct world *w;
static struct pair pair;

static void set(enum rt_option option, int64_t value)
{
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, option, value), 0);
	ck_assert_int_eq(rt_server_set_option(pair.listener, option, value), 0);
}

/* A client and a listener in the mode, the air still quiet. */
static void start(enum rt_l2cap_socket_mode mode, uint64_t seed)
{
	const struct world_options options = {
		.seed = seed,
		.latency_us = 1250,
	};

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	rt_server_close(pair.listener);
	set(RT_OPTION_MODE, mode);
	set(RT_OPTION_MODE_REQUIRED, 1);
	set(RT_OPTION_FLUSH_TIMEOUT_MS, FLUSH_MS);
	set(RT_OPTION_MPS, MPS);
	/* One frame in ten is lost: three times in a row now and then. */
	set(RT_OPTION_MAX_TRANSMIT, 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
}

static void make_noise(void)
{
	rt_vctl_set_loss(w->node[0].vctl, LOSS_PERMILLE);
	rt_vctl_set_loss(w->node[1].vctl, LOSS_PERMILLE);
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

static uint32_t flushed(unsigned int i)
{
	return rt_vctl_get_stats(w->node[i].vctl)->acl_flushed;
}

static void give_and_take(struct end *from, struct end *to)
{
	uint8_t *data = malloc(FILE_BYTES);

	ck_assert_ptr_nonnull(data);
	world_random_bytes(w, data, FILE_BYTES);
	from->tx = data;
	from->tx_bytes = FILE_BYTES;
	from->piece = PIECE;
	to->rx = calloc(1, FILE_BYTES);
	ck_assert_ptr_nonnull(to->rx);
	to->rx_cap = FILE_BYTES;
}

START_TEST(enhanced_retransmission_loses_nothing)
{
	start(RT_SOCKET_MODE_ERTM, (uint64_t)_i + 1);
	pair_connect(&pair);
	give_and_take(&pair.client, &pair.server);
	give_and_take(&pair.server, &pair.client);
	make_noise();
	end_push(&pair.client);
	end_push(&pair.server);
	ck_assert(world_run_until(w, pair_is_full, &pair, RT_SECONDS(3600)));
	ck_assert_mem_eq(pair.server.rx, pair.client.tx, FILE_BYTES);
	ck_assert_mem_eq(pair.client.rx, pair.server.tx, FILE_BYTES);
	ck_assert_uint_gt(flushed(0), 0);
	ck_assert_uint_gt(flushed(1), 0);
	ck_assert_uint_gt(stats_of(&pair.client).retransmitted, 0);
	ck_assert_uint_eq(pair.client.gaps + pair.server.gaps, 0);
	finish();
}
END_TEST

/* Numbered datagrams of odd lengths: SDUs of one frame and of several. */
static size_t datagram(unsigned int n, uint8_t *buf)
{
	const size_t len = 4 + n * 37 % 600;

	memset(buf, (int)n, len);
	memcpy(buf, &n, sizeof(n));
	return len;
}

/* Reads what has come. Returns the number of the last one, -1: none so far. */
static int check_datagrams(struct rt_socket *s, int last, unsigned int *count)
{
	uint8_t buf[1024];
	uint8_t want[1024];
	unsigned int n;
	ptrdiff_t len;

	while ((len = rt_socket_read(s, buf, sizeof(buf))) >= 0) {
		memcpy(&n, buf, sizeof(n));
		ck_assert_int_gt((int)n, last);
		ck_assert_uint_eq((size_t)len, datagram(n, want));
		ck_assert_mem_eq(buf, want, (size_t)len);
		last = (int)n;
		(*count)++;
	}
	return last;
}

START_TEST(streaming_delivers_whole_datagrams_in_order_or_not_at_all)
{
	uint8_t buf[1024];
	unsigned int count = 0;
	int last = -1;

	start(RT_SOCKET_MODE_STREAMING, (uint64_t)_i + 1);
	pair_connect(&pair);
	make_noise();
	for (unsigned int n = 0; n < DATAGRAMS; n++) {
		const size_t len = datagram(n, buf);

		ck_assert_int_eq(rt_socket_write(pair.client.s, buf, len),
				 (ptrdiff_t)len);
		world_run(w, RT_MS(20));
		last = check_datagrams(pair.server.s, last, &count);
	}
	ck_assert_uint_gt(count, DATAGRAMS / 2);
	ck_assert_uint_lt(count, DATAGRAMS);
	ck_assert_uint_gt(stats_of(&pair.server).rx_lost, 0);
	ck_assert_uint_gt(flushed(0), 0);
	finish();
}
END_TEST

/* RFCOMM counts on Basic mode without loss: its frames are never flushable. */
START_TEST(rfcomm_on_the_same_link_loses_nothing)
{
	struct pair stream;

	start(RT_SOCKET_MODE_STREAMING, 1);
	pair_connect(&pair);
	make_noise();
	memset(&stream, 0, sizeof(stream));
	pair_init(&stream, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&stream);
	give_and_take(&stream.client, &stream.server);
	end_push(&stream.client);
	ck_assert(world_run_until(w, end_is_full, &stream.server,
				  RT_SECONDS(60)));
	ck_assert_mem_eq(stream.server.rx, stream.client.tx, FILE_BYTES);
	ck_assert_uint_eq(flushed(0), 0);
	free(stream.server.rx);
	free((void *)(uintptr_t)stream.client.tx);
	pair_free(&stream);
	finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("noisy");
	TCase *tc = tcase_create("noisy");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, enhanced_retransmission_loses_nothing, 0, 3);
	tcase_add_loop_test(
		tc, streaming_delivers_whole_datagrams_in_order_or_not_at_all,
		0, 3);
	tcase_add_test(tc, rfcomm_on_the_same_link_loses_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
