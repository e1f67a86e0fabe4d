/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/support/end.h"
#include "tests/support/tagged.h"
#include "tests/support/wire.h"

/*
 * The rows of the catalogue about descriptors, threads and assertions: hosts
 * with their loops, in real time.
 */

#define THREADS 4
#define POSTS 500
#define PSM 0x1021

static struct wire *wire;

static struct rt_host *host(unsigned int i)
{
	return wire->node[i].host;
}

static struct rt_server *listen_on(enum rt_protocol protocol, uint16_t port)
{
	struct rt_server *server = rt_server_new(host(1), protocol, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, port), 0);
	return server;
}

/* Ways in which a connection ends. */
#define WAYS 6

static void go(struct end *client, struct rt_socket *taken, unsigned int way)
{
	switch (way) {
	case 0:
		rt_socket_close(client->s);
		break;
	case 1:
		rt_socket_abort(client->s);
		break;
	case 2:
		rt_socket_close(taken);
		break;
	case 3:
		rt_vctl_drop_links(wire->node[0].vctl);
		break;
	case 4:
		rt_host_shutdown(host(0));
		break;
	default:
		return;
	}
	wire_run(wire, 20);
}

/* A connection whose sockets have descriptors of their own, and its end. */
static void live_and_go(enum rt_protocol protocol, unsigned int way)
{
	const uint16_t port = protocol == RT_PROTOCOL_RFCOMM ? 3 : PSM;
	struct rt_server *server;
	struct rt_socket *taken;
	struct end client;

	memset(&client, 0, sizeof(client));
	wire = wire_new(NULL);
	server = listen_on(protocol, port);
	end_open(&client, host(0), protocol);
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1), port),
			 0);
	ck_assert(wire_run_until(wire, end_is_connected, &client));
	wire_run(wire, 5);
	taken = rt_server_next_pending(server);
	ck_assert_ptr_nonnull(taken);
	go(&client, taken, way);
	rt_socket_free(taken);
	end_free(&client);
	rt_server_free(server);
	wire_free(wire);
}

/* API-01 */
START_TEST(no_way_to_end_leaves_a_descriptor_open)
{
	unsigned int before;

	/* What a library opens once is open then. */
	live_and_go(RT_PROTOCOL_RFCOMM, 0);
	before = wire_count_descriptors();
	for (unsigned int way = 0; way < WAYS; way++) {
		live_and_go(RT_PROTOCOL_RFCOMM, way);
		ck_assert_uint_eq(wire_count_descriptors(), before);
		live_and_go(RT_PROTOCOL_L2CAP, way);
		ck_assert_uint_eq(wire_count_descriptors(), before);
	}
}
END_TEST

/* API-01: hosts that can not be opened. */
START_TEST(a_failed_open_leaves_no_descriptor_open)
{
	static const char *const specs[] = {
		"fd:99999",
		"fd:-1",
		"fd:",
		"unix:/nowhere/at/all",
		"serial:/nowhere/at/all,115200",
		"tcp-client:127.0.0.1:1",
		"hci-socket:65000",
		"",
	};
	const unsigned int before = wire_count_descriptors();
	char message[RT_MESSAGE_BYTES];

	for (size_t i = 0; i < RT_ARRAY_SIZE(specs); i++) {
		struct rt_host *none = NULL;

		ck_assert_int_lt(rt_host_open(specs[i], NULL, &none, message),
				 0);
		ck_assert_ptr_null(none);
		ck_assert_str_ne(message, "");
		ck_assert_uint_eq(wire_count_descriptors(), before);
	}
}
END_TEST

struct poster {
	pthread_t thread;
	atomic_uint refused;
	unsigned int called; /* in the loop's thread alone */
};

static void count(void *arg)
{
	struct poster *poster = arg;

	poster->called++;
}

static void *post(void *arg)
{
	struct poster *poster = arg;

	for (unsigned int i = 0; i < POSTS; i++) {
		rt_host_wakeup(host(0));
		/* The loop empties the queue meanwhile. */
		while (rt_host_post(host(0), count, poster) == -EAGAIN) {
			atomic_fetch_add(&poster->refused, 1);
			sched_yield();
		}
	}
	return NULL;
}

static bool all_called(void *arg)
{
	const struct poster *posters = arg;

	for (int i = 0; i < THREADS; i++) {
		if (posters[i].called < POSTS)
			return false;
	}
	return true;
}

/*
 * API-02: posts and wake-ups are all that other threads may do; they race with
 * a host that connects, sends and closes. Nothing is called twice or lost.
 */
START_TEST(posts_of_many_threads_race_with_sockets_that_come_and_go)
{
	struct poster posters[THREADS];
	struct rt_server *server;
	struct end client;

	memset(posters, 0, sizeof(posters));
	wire = wire_new(NULL);
	server = listen_on(RT_PROTOCOL_L2CAP, PSM);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&posters[i].thread, NULL, post,
						&posters[i]),
				 0);
	for (int i = 0; i < 5; i++) {
		memset(&client, 0, sizeof(client));
		end_open(&client, host(0), RT_PROTOCOL_L2CAP);
		ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1),
						   PSM),
				 0);
		ck_assert(wire_run_until(wire, end_is_connected, &client));
		rt_socket_free(rt_server_next_pending(server));
		end_free(&client);
	}
	ck_assert(wire_run_until(wire, all_called, posters));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(posters[i].thread, NULL);
		ck_assert_uint_eq(posters[i].called, POSTS);
	}
	rt_server_free(server);
	wire_free(wire);
}
END_TEST

/*
 * API-03: what a caller may do wrong is refused with an error whether or not
 * assertions are compiled in; and this program says whether they are.
 */
START_TEST(mistakes_are_refused_without_the_help_of_assertions)
{
	const struct rt_addr none = { { 0 } };
	struct rt_server *server;
	struct rt_socket *s;
	bool evaluated = false;
	char name[250] = "";

	assert((evaluated = true));
#ifdef NDEBUG
	ck_assert(!evaluated);
#else
	ck_assert(evaluated);
#endif
	wire = wire_new(NULL);
	s = rt_socket_new(host(0), RT_PROTOCOL_L2CAP);
	server = rt_server_new(host(0), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_socket_connect(s, none, PSM), -EINVAL);
	ck_assert_int_eq(rt_socket_connect(s, wire_addr(wire, 1), 0x1020),
			 -EINVAL);
	ck_assert_int_eq(rt_server_listen(server, 0x1020), -EINVAL);
	ck_assert_int_lt(rt_socket_write(s, "x", 1), 0);
	ck_assert_int_lt(rt_socket_set_option(s, (enum rt_option)9999, 1), 0);
	memset(name, 'n', sizeof(name) - 1);
	ck_assert_int_eq(rt_host_set_name(host(0), name), -EINVAL);
	ck_assert_int_eq(rt_host_answer(host(0), wire_addr(wire, 1), true),
			 -ENOENT);
	ck_assert_int_eq(rt_host_unpair(host(0), wire_addr(wire, 1)), -ENOENT);
	rt_socket_free(s);
	rt_socket_free(NULL);
	rt_server_free(server);
	rt_server_free(NULL);
	wire_free(wire);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("API-01", "IA", no_way_to_end_leaves_a_descriptor_open),
	TAGGED("API-01", "IA", a_failed_open_leaves_no_descriptor_open),
	TAGGED("API-02", "I",
	       posts_of_many_threads_race_with_sockets_that_come_and_go),
	TAGGED("API-03", "I",
	       mistakes_are_refused_without_the_help_of_assertions),
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
