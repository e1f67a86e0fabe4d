/* SPDX-License-Identifier: MIT */
/*
 * The two calls that any thread may make, rt_host_post() and
 * rt_host_wakeup(), by many threads at once, while the hosts connect, write
 * and close, and while their loops are handed from one thread to another.
 * Every call is made once, in the thread that has the loop, and in the order
 * in which its poster has posted. Meant for the thread sanitizer; without it,
 * the counting is what is tested.
 *
 *	scenario_threads [-n ROUNDS] [-x]
 *
 * -x plants a fault: posters look at a host too, which only its loop may.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/wire.h"

#define POSTERS 6
#define LOOPS 2
#define POSTS 1000 /* of a poster, to each of the hosts */
#define TURNS 20   /* of a loop before another thread has it */
#define PSM 0x1021

struct poster {
	pthread_t thread;
	unsigned int called[WIRE_HOSTS]; /* in the thread of the loop */
	atomic_uint refused;
};

struct call {
	struct poster *poster;
	unsigned int host;
	unsigned int number;
};

/* Guarded by `lock`: whoever holds it has the loop of both hosts. */
static struct {
	pthread_mutex_t lock;
	pthread_t owner;
	struct wire *wire;
	struct rt_server *server;
	struct rt_socket *s;
	unsigned int works;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct poster posters[POSTERS];
static struct call calls[POSTERS][WIRE_HOSTS][POSTS];
static atomic_uint left; /* calls to come */
static bool planted;

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* What an application would post: it has the loop here. */
static void work(void)
{
	struct rt_host *host = loop.wire->node[0].host;

	rt_socket_free(rt_server_next_pending(loop.server));
	if (!loop.s) {
		loop.s = rt_socket_new(host, RT_PROTOCOL_L2CAP);
		expect(rt_socket_connect(loop.s, wire_addr(loop.wire, 1),
					 PSM) == 0,
		       "a connect begins");
	} else if (rt_socket_state(loop.s) == RT_SOCKET_CONNECTED &&
		   loop.works % 7 != 0) {
		(void)!rt_socket_write(loop.s, "hammer", 6);
	} else {
		rt_socket_free(loop.s);
		loop.s = NULL;
	}
	loop.works++;
}

static void on_call(void *arg)
{
	const struct call *call = arg;
	struct poster *poster = call->poster;

	expect(pthread_equal(pthread_self(), loop.owner),
	       "calls are made where the loop is");
	expect(poster->called[call->host]++ == call->number,
	       "once, and in their order");
	if (call->number % 16 == 0)
		work();
	atomic_fetch_sub(&left, 1);
}

static void post(struct call *call)
{
	struct rt_host *host = loop.wire->node[call->host].host;
	struct rt_host_stats stats = { .size = sizeof(stats) };

	if (planted)
		rt_host_get_stats(host, &stats);
	if (call->number % 3 == 0)
		rt_host_wakeup(host);
	while (rt_host_post(host, on_call, call) == -EAGAIN) {
		atomic_fetch_add(&call->poster->refused, 1);
		sched_yield();
	}
}

static void *post_all(void *arg)
{
	const struct poster *poster = arg;
	const size_t p = (size_t)(poster - posters);

	for (unsigned int i = 0; i < POSTS; i++) {
		for (unsigned int host = 0; host < WIRE_HOSTS; host++)
			post(&calls[p][host][i]);
	}
	return NULL;
}

static void *run_loop(void *arg)
{
	(void)arg;
	while (atomic_load(&left) > 0) {
		pthread_mutex_lock(&loop.lock);
		loop.owner = pthread_self();
		for (int i = 0; i < TURNS; i++)
			wire_turn(loop.wire);
		pthread_mutex_unlock(&loop.lock);
		sched_yield();
	}
	return NULL;
}

static void prepare(void)
{
	loop.wire = wire_new(NULL);
	loop.works = 0;
	loop.s = NULL;
	loop.server = rt_server_new(loop.wire->node[1].host, RT_PROTOCOL_L2CAP,
				    NULL, NULL);
	expect(loop.server && rt_server_listen(loop.server, PSM) == 0,
	       "a server listens");
	atomic_store(&left, POSTERS * WIRE_HOSTS * POSTS);
	for (unsigned int p = 0; p < POSTERS; p++) {
		atomic_store(&posters[p].refused, 0);
		for (unsigned int host = 0; host < WIRE_HOSTS; host++) {
			posters[p].called[host] = 0;
			for (unsigned int i = 0; i < POSTS; i++)
				calls[p][host][i] =
					(struct call){ &posters[p], host, i };
		}
	}
}

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	expect(pthread_create(thread, NULL, run, arg) == 0, "a thread");
}

/* Returns how often a queue was full. */
static unsigned int run_round(void)
{
	pthread_t loops[LOOPS];
	unsigned int refused = 0;

	prepare();
	for (unsigned int i = 0; i < POSTERS; i++)
		start(&posters[i].thread, post_all, &posters[i]);
	for (unsigned int i = 0; i < LOOPS; i++)
		start(&loops[i], run_loop, NULL);
	for (unsigned int i = 0; i < POSTERS; i++) {
		pthread_join(posters[i].thread, NULL);
		refused += atomic_load(&posters[i].refused);
	}
	for (unsigned int i = 0; i < LOOPS; i++)
		pthread_join(loops[i], NULL);
	for (unsigned int i = 0; i < POSTERS; i++) {
		for (unsigned int host = 0; host < WIRE_HOSTS; host++)
			expect(posters[i].called[host] == POSTS,
			       "none is lost");
	}
	expect(loop.works > 0, "there was work");
	rt_socket_free(loop.s);
	rt_server_free(loop.server);
	wire_free(loop.wire);
	return refused;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 1;
	unsigned long refused = 0;
	int opt;

	while ((opt = getopt(argc, argv, "n:x")) != -1) {
		if (opt == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (opt == 'x')
			planted = true;
		else
			return 2;
	}
	for (unsigned long i = 0; i < rounds; i++)
		refused += run_round();
	printf("%lu rounds of %d calls, a full queue %lu times\n", rounds,
	       POSTERS * WIRE_HOSTS * POSTS, refused);
	return EXIT_SUCCESS;
}
