/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/tagged.h"

/*
 * The rows of the catalogue in which an application takes its time: a whole
 * host that serves, and one that connects and goes.
 */

#define QUEUE 4096

static uint8_t data[200000];

struct story {
	struct world *w;
	struct rt_server *server;
	struct end client;
	struct rt_socket *taken;
	unsigned int how;
	bool acted; /* at_packet came */
};

static void start(struct story *story, unsigned int how)
{
	const struct world_options options = {
		.seed = 10,
		.latency_us = 1250,
	};

	*story = (struct story){ .how = how };
	story->w = world_new(&options);
	story->server = rt_server_new(world_host(story->w, 1),
				      RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_ptr_nonnull(story->server);
	ck_assert_int_eq(rt_server_set_option(story->server,
					      RT_OPTION_READ_QUEUE_BYTES,
					      QUEUE),
			 0);
	ck_assert_int_eq(rt_server_listen(story->server, PAIR_CHANNEL), 0);
	end_open(&story->client, world_host(story->w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(story->client.s,
					   world_addr(story->w, 1),
					   PAIR_CHANNEL),
			 0);
}

static void wait_connected(struct story *story)
{
	ck_assert(world_run_until(story->w, end_is_connected, &story->client,
				  RT_SECONDS(20)));
	world_run(story->w, RT_MS(100));
}

static void finish(struct story *story)
{
	rt_socket_free(story->taken);
	end_free(&story->client);
	rt_server_free(story->server);
	world_run(story->w, RT_SECONDS(60));
	world_finish(story->w);
}

/* Everything that an application may do with a socket, at once. */
static void use(struct rt_socket *s)
{
	static const struct rt_line line = {
		.baud = 115200,
		.data_bits = 8,
		.stop_bits = 1,
		.xon = 0x11,
		.xoff = 0x13,
	};
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	uint8_t buf[1000];
	struct rt_line now;

	(void)!rt_socket_set_option(s, RT_OPTION_MODEM_SIGNALS, RT_MODEM_RTC);
	(void)!rt_socket_set_option(s, RT_OPTION_BREAK, 2);
	(void)!rt_socket_set_line(s, &line);
	(void)!rt_socket_query_line(s);
	(void)!rt_socket_get_line(s, &now);
	(void)!rt_socket_send_line_status(s, RT_LINE_FRAMING);
	(void)!rt_socket_write(s, data, 3000);
	(void)!rt_socket_read(s, buf, sizeof(buf));
	rt_socket_get_stats(s, &stats);
}

/* Ways in which the peer goes. */
#define WAYS 5

static void go(struct story *story)
{
	switch (story->how % WAYS) {
	case 0:
		rt_socket_close(story->client.s);
		return;
	case 1:
		rt_socket_abort(story->client.s);
		return;
	case 2:
		end_free(&story->client);
		return;
	case 3:
		/* The link is lost, and nobody says so. */
		story->client.s = NULL;
		world_free_host(story->w, 0);
		return;
	default:
		end_send(&story->client, data, 3000);
		story->client.close_when_sent = true;
		end_push(&story->client);
		return;
	}
}

/*
 * RFC-10: the peer closes while the application has not taken the connection;
 * it takes it 0 to 30 s later, and uses it, and closes it.
 */
START_TEST(a_peer_may_close_before_it_is_taken)
{
	static const uint64_t holds_us[] = {
		0,
		1,
		RT_MS(1),
		RT_MS(10),
		RT_MS(100),
		RT_SECONDS(1),
		RT_SECONDS(2),
		RT_SECONDS(5),
		RT_SECONDS(10),
		RT_SECONDS(19),
		RT_SECONDS(20),
		RT_SECONDS(21),
		RT_SECONDS(30),
	};

	for (unsigned int how = 0; how < WAYS; how++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(holds_us); i++) {
			struct story story;

			start(&story, how);
			wait_connected(&story);
			go(&story);
			world_run(story.w, holds_us[i]);
			/* It may be gone, or there and closed. */
			story.taken = rt_server_next_pending(story.server);
			if (story.taken) {
				use(story.taken);
				world_run(story.w, RT_MS(500));
				use(story.taken);
				rt_socket_close(story.taken);
			}
			finish(&story);
		}
	}
}
END_TEST

static void go_now(struct world *w, void *arg)
{
	struct story *story = arg;

	(void)w;
	story->acted = true;
	go(story);
}

static void use_now(struct world *w, void *arg)
{
	struct story *story = arg;

	(void)w;
	story->acted = true;
	if (!story->taken)
		story->taken = rt_server_next_pending(story->server);
	if (story->taken)
		use(story->taken);
}

/* One story in which something happens at a packet. True if it came to it. */
static bool play(unsigned int how, uint64_t packet,
		 void (*then)(struct world *w, void *arg), bool closing)
{
	struct story story;
	start(&story, how);
	if (closing)
		wait_connected(&story);
	story.w->at_packet = story.w->packets + packet;
	story.w->then = then;
	story.w->arg = &story;
	if (closing)
		go(&story);
	world_run(story.w, RT_SECONDS(10));
	story.w->then = NULL;
	if (!story.taken)
		story.taken = rt_server_next_pending(story.server);
	if (story.taken) {
		use(story.taken);
		rt_socket_close(story.taken);
	}
	finish(&story);
	return story.acted;
}

/* RFC-10: the same, at each packet of the way up to the connection. */
START_TEST(a_peer_may_go_at_any_packet_of_the_set_up)
{
	for (unsigned int how = 0; how < 4; how++) {
		uint64_t packet = 1;

		while (packet < 1000 && play(how, packet, go_now, false))
			packet++;
		ck_assert_uint_gt(packet, 40);
	}
}
END_TEST

/* RFC-10: settings, at each packet of the way down. */
START_TEST(settings_at_any_packet_of_the_teardown_do_no_harm)
{
	for (unsigned int how = 0; how < WAYS; how++) {
		uint64_t packet = 1;

		while (packet < 1000 && play(how, packet, use_now, true))
			packet++;
		ck_assert_uint_gt(packet, how == 3 ? 0 : 10);
	}
}
END_TEST

/*
 * RFC-11: data for a connection that nobody has taken stays within its queues,
 * and is there when somebody does.
 */
START_TEST(data_for_what_nobody_has_taken_is_bounded)
{
	struct story story;
	size_t accepted;
	size_t live;
	uint8_t got[QUEUE];
	ptrdiff_t n;

	memset(data, 'd', sizeof(data));
	start(&story, 0);
	wait_connected(&story);
	end_send(&story.client, data, sizeof(data));
	world_run(story.w, RT_SECONDS(10));
	accepted = story.client.tx_at;
	live = story.w->node[1].memory.live;
	/* The peer's queue of 64 KiB, and ours of 4. */
	ck_assert_uint_le(accepted, 65536 + QUEUE);
	world_run(story.w, RT_SECONDS(100));
	ck_assert_uint_eq(story.client.tx_at, accepted);
	ck_assert_uint_le(story.w->node[1].memory.live, live);

	story.taken = rt_server_next_pending(story.server);
	ck_assert_ptr_nonnull(story.taken);
	ck_assert_uint_le(rt_socket_bytes_available(story.taken), QUEUE);
	n = rt_socket_read(story.taken, got, sizeof(got));
	ck_assert_int_gt(n, 0);
	ck_assert_mem_eq(got, data, (size_t)n);
	finish(&story);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-10", "A", a_peer_may_close_before_it_is_taken),
	TAGGED("RFC-10", "A", a_peer_may_go_at_any_packet_of_the_set_up),
	TAGGED("RFC-10", "A",
	       settings_at_any_packet_of_the_teardown_do_no_harm),
	TAGGED("RFC-11", "A", data_for_what_nobody_has_taken_is_bounded),
};

int main(int argc, char **argv)
{
	const struct tagged_table table = {
		.rows = rows,
		.count = RT_ARRAY_SIZE(rows),
	};
	const struct tagged_table *const tables[] = { &table };

	return tagged_main(argc, argv, tables, 1);
}
