/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_WORLD_H
#define RT_TESTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rawtooth/doors.h>
#include <rawtooth/rawtooth.h>

#include "tools/vctl/vctl.h"

/*
 * A world in virtual time: hosts on virtual controllers on one air, all in
 * this process. The same seed gives the same world, always.
 *
 * If the environment variable RAWTOOTH_TEST_SNOOP_DIR names a directory, each
 * world that has a name leaves a capture there.
 */

#define WORLD_HOSTS_MAX 8

struct world;

/* A packet between a host and its controller. */
struct world_packet {
	unsigned int node;
	bool from_controller;
	enum rt_packet_type type;
	struct rt_bytes octets;
};

/* What host number i uses of memory, and when it shall get none. */
struct world_memory {
	size_t live;	 /* allocations not freed */
	size_t asked;	 /* allocations asked for so far */
	size_t fail_at;	 /* this one fails, counted from 1; 0: none */
	bool fail_later; /* and all after it */
	size_t failed;
};

struct world_node {
	struct world *world;
	unsigned int index;
	struct rt_vctl *vctl; /* NULL: unplugged */
	struct rt_addr addr;
	struct rt_host *host; /* NULL: freed */
	struct world_memory memory;
	size_t memory_idle; /* live allocations of a host that does nothing */
	uint64_t random;
	char states[64]; /* letters of the states heard: S U R P D O */
};

struct world_options {
	const char *name; /* of the capture; NULL: none */
	uint64_t seed;
	unsigned int hosts; /* 0: 2 */
	uint32_t latency_us;
	uint32_t page_ms;
	uint16_t acl_bytes;			 /* 0: 1021 */
	uint16_t acl_packets;			 /* 0: 8 */
	uint32_t session_hold_ms;		 /* of the hosts */
	struct rt_vctl_security security;	 /* of the controllers */
	const struct rt_key_store *key_store[2]; /* of the first hosts */
	bool down;		/* do not wait until the hosts are up */
	unsigned int fail_node; /* which host gets no memory, and when */
	size_t fail_at;		/* see world_memory */
	bool fail_later;
};

struct world {
	struct rt_air *air;
	uint64_t now_us;
	uint64_t random;
	unsigned int count;
	struct world_node node[WORLD_HOSTS_MAX];
	FILE *capture;
	uint64_t packets; /* between hosts and controllers, both ways */
	/*
	 * Called once, when `at_packet` of them have been handed over: between
	 * two steps of an engine, where an application may call too.
	 */
	uint64_t at_packet;
	void (*then)(struct world *w, void *arg);
	void *arg;
	/*
	 * Stands between hosts and controllers, if not NULL: returns what is
	 * handed over in place of the packet. That may be the packet itself,
	 * other octets that live until the next call, or, with ptr NULL,
	 * nothing.
	 */
	struct rt_bytes (*meddle)(struct world *w,
				  const struct world_packet *packet, void *arg);
	void *meddle_arg;
	/* Called at the end of each callback of a host about itself. */
	void (*host_then)(struct world *w, unsigned int node, void *arg);
	void *host_arg;
};

/*
 * Makes a world, and (unless options->down) runs it until all hosts are up.
 * `options` may be NULL.
 */
struct world *world_new(const struct world_options *options);

/*
 * Shuts the hosts down in order, lets time pass, asserts that they are idle,
 * that no timer is armed and that nothing is allocated, and frees the world.
 * Sockets and all other objects have been freed before.
 */
void world_finish(struct world *w);

/* Frees the hosts as they are, asserts that no memory is left, and the rest. */
void world_free(struct world *w);

/* Does what can be done without time passing. */
void world_settle(struct world *w);

/*
 * Runs until `done(arg)` is true, at most `limit_us` of virtual time. Returns
 * whether it is; `done` may be NULL: runs for all of the time.
 */
bool world_run_until(struct world *w, bool (*done)(void *arg), void *arg,
		     uint64_t limit_us);

/* Lets `us` of virtual time pass. */
void world_run(struct world *w, uint64_t us);

/* Runs until all hosts that have a controller are UP; 10 s at most. */
bool world_run_until_up(struct world *w);

/* The controller of host `i` vanishes from its transport. */
void world_unplug(struct world *w, unsigned int i, int err);

/* Frees host `i` at once. */
void world_free_host(struct world *w, unsigned int i);

/* Host `i`. */
struct rt_host *world_host(const struct world *w, unsigned int i);

/* The address of the controller of host `i`. */
struct rt_addr world_addr(const struct world *w, unsigned int i);

/* An unpredictable number that depends on the seed alone. */
uint32_t world_random(struct world *w);

/* Fills `buf` with such octets. */
void world_random_bytes(struct world *w, void *buf, size_t bytes);

#endif
