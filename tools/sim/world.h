/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_WORLD_H
#define RT_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rawtooth/doors.h>
#include <rawtooth/rawtooth.h>

#include "tools/vctl/vctl.h"

/*
 * A world in virtual time: hosts on virtual controllers on one air, all in
 * this process. The same seed gives the same world, always. The tests'
 * scenarios live in it, and the simulator's seeds (run.h).
 *
 * If the environment variable RAWTOOTH_TEST_SNOOP_DIR names a directory, each
 * world that has a name leaves a capture there.
 */

#define WORLD_HOSTS_MAX 8

struct world;
struct world_node;

/* What host number i uses of memory, and when it shall get none. */
struct world_memory {
	size_t live;	 /* allocations not freed */
	size_t asked;	 /* allocations asked for so far */
	size_t fail_at;	 /* this one fails, counted from 1; 0: none */
	bool fail_later; /* and all after it */
	/* Each fails with this probability, of a thousand. */
	unsigned int fail_permille;
	size_t failed;
};

/*
 * Something else than a host on a controller. `rx` gets what the controller
 * sends, `tx` gives what it is to have, valid until the next call.
 */
struct world_peer_ops {
	void (*advance)(void *peer, uint64_t now_us);
	void (*rx)(void *peer, enum rt_packet_type type,
		   struct rt_bytes packet);
	bool (*tx)(void *peer, enum rt_packet_type *ret_type,
		   struct rt_bytes *ret_packet);
	bool (*next_timer)(void *peer, uint64_t *ret_due_us);
};

struct world_node {
	struct world *world;
	unsigned int index;
	struct rt_vctl *vctl; /* NULL: unplugged */
	struct rt_addr addr;
	struct rt_host *host; /* NULL: freed, or there is a peer */
	const struct world_peer_ops *peer_ops; /* NULL: no peer */
	void *peer;
	struct world_memory memory;
	uint64_t asleep_us; /* it does not run before this; its controller does
			     */
	size_t memory_idle; /* live allocations of a host that does nothing */
	uint64_t random;
	char states[64]; /* letters of the states heard: S U R P D O */
};

/* A packet that has been handed over between a host and its controller. */
struct world_packet {
	unsigned int node;
	enum rt_packet_type type;
	bool from_controller;
	struct rt_bytes octets;
};

/*
 * What the owner of a world has to do with what happens in it. Any may be
 * NULL.
 */
struct world_hooks {
	/*
	 * Something is wrong with a host, a rule of this file's or the
	 * machine's memory. Does not return; NULL: says it and aborts.
	 */
	void (*broken)(void *user, const char *what);
	void (*state)(void *user, struct world_node *node,
		      enum rt_host_state state);
	void (*log)(void *user, const struct world_node *node,
		    enum rt_level level, const char *line);
	/* A packet is about to be handed over; before `meddle`. */
	void (*packet)(void *user, struct world_node *node,
		       bool from_controller, enum rt_packet_type type,
		       struct rt_bytes packet);
	/*
	 * Stands between a host and its controller. True: it has taken the
	 * packet, and hands on what it likes, by world_to_host() and
	 * world_to_controller(), now or later.
	 */
	bool (*meddle)(void *user, struct world_node *node,
		       bool from_controller, enum rt_packet_type type,
		       struct rt_bytes packet);
	/* A step of a host is over. */
	void (*stepped)(void *user, struct world_node *node);
	/* Time has come to world.now_us; true: something was done. */
	bool (*advanced)(void *user);
	/* As rt_air_next(), for what the owner means to do. */
	bool (*next)(void *user, uint64_t *ret_due_us);
	void *user;
};

struct world_options {
	const char *name;	  /* of the capture; NULL: none */
	const char *capture_path; /* of a capture wherever; NULL: none */
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
	bool empty;		/* nobody yet: world_add_host(), _add_peer() */
	unsigned int fail_node; /* which host gets no memory, and when */
	size_t fail_at;		/* see world_memory */
	bool fail_later;
	unsigned int fail_permille;	 /* of all hosts */
	const struct world_hooks *hooks; /* or NULL */
};

struct world {
	struct rt_air *air;
	uint64_t now_us;
	uint64_t random;
	uint64_t chance;	    /* of allocations that fail */
	unsigned int fail_permille; /* of hosts that are made from now on */
	struct world_hooks hooks;
	unsigned int count;
	struct world_node node[WORLD_HOSTS_MAX];
	FILE *capture;
	uint64_t packets; /* between hosts and controllers, both ways */
	/*
	 * Called once, when `at_packet` of them have been handed over: between
	 * two steps of an engine, where an application may call too. `last` is
	 * that packet, until the call returns.
	 */
	uint64_t at_packet;
	struct world_packet last;
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
	/*
	 * Sees each packet between a node and its controller before whom it is
	 * for, and may change it: *bytes, up to WORLD_FILTER_MORE more than
	 * there are; 0 takes it away.
	 */
	void (*filter)(const struct world_node *node, bool from_controller,
		       enum rt_packet_type type, uint8_t *packet, size_t *bytes,
		       void *arg);
	void *filter_arg;
	struct rt_vctl_options controllers; /* as world_options said */
};

#define WORLD_FILTER_MORE 64

/*
 * Makes a world, and (unless options->down) runs it until all hosts are up.
 * `given` may be NULL.
 */
struct world *world_new(const struct world_options *given);

/*
 * Adds a host on a controller of its own, with the next index. Memory,
 * randomness, callbacks and their context are the world's; the rest of
 * `host_options` is taken as it is. A host that gets no memory is NULL.
 */
struct world_node *world_add_host(struct world *w,
				  const struct rt_vctl_options *vctl_options,
				  const struct rt_host_options *host_options);

/* Adds something else on a controller. It is never freed by the world. */
struct world_node *world_add_peer(struct world *w,
				  const struct rt_vctl_options *vctl_options,
				  const struct world_peer_ops *ops, void *peer);

/* A controller for a node that has none. */
void world_plug_in(struct world_node *node,
		   const struct rt_vctl_options *vctl_options);

/* A host again for a node that has none: as after a restart of its process. */
void world_restart_host(struct world_node *node,
			const struct rt_host_options *host_options);

/* Hands a packet to the node's host or peer, past `meddle`. */
void world_to_host(struct world_node *node, enum rt_packet_type type,
		   struct rt_bytes packet);

/* Hands a packet to the node's controller, past `meddle`. */
void world_to_controller(struct world_node *node, enum rt_packet_type type,
			 struct rt_bytes packet);

/* Says that a rule is broken: see world_hooks. */
void world_broken(struct world *w, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/*
 * Shuts the hosts down in order, lets time pass, sees to it that they are idle,
 * that no timer is armed and that nothing is allocated, and frees the world.
 * Sockets and all other objects have been freed before.
 */
void world_finish(struct world *w);

/* Frees the hosts as they are, sees that no memory is left, and the rest. */
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
