/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_PAIR_H
#define RT_TESTS_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tests/support/end.h"
#include "tools/sim/world.h"

/*
 * A client on host 0 and the socket that a server on host 1 takes for it: the
 * beginning of most stories.
 */

#define PAIR_CHANNEL 7
#define PAIR_PSM 0x1005

struct pair {
	struct world *w;
	enum rt_protocol protocol;
	uint16_t port;
	struct end client;
	struct end server;
	struct rt_server *listener;
};

/* Makes the listener and the client, which does not connect yet. */
void pair_init(struct pair *pair, struct world *w, enum rt_protocol protocol);

/* Connects, and waits until both ends are. */
void pair_connect(struct pair *pair);

/* Frees what is there. */
void pair_free(struct pair *pair);

/* True if both ends are connected. For world_run_until(). */
bool pair_is_connected(void *pair);

/* True if both ends have received all they wait for. */
bool pair_is_full(void *pair);

/* True if both ends are UNCONNECTED. */
bool pair_is_unconnected(void *pair);

#endif
