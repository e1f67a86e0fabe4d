/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_WIRE_H
#define RT_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/vctl/h4.h"
#include "tools/vctl/vctl.h"

/*
 * Hosts with their loops, in real time, each connected by a socket pair that
 * carries H4 to a virtual controller. Everything runs in one thread: a turn
 * moves what is there and dispatches the hosts.
 */

#define WIRE_HOSTS 2

struct wire_node {
	struct rt_vctl *vctl;
	struct rt_host *host; /* NULL: closed */
	int fd;		      /* the controller's end; -1: closed */
	struct rt_vctl_h4 rx;
	uint64_t packets; /* from the host */
	uint8_t last[4];  /* the last command's first octets, with H4's */
	bool stalled;	  /* the controller does not read */
};

struct wire {
	struct rt_air *air;
	struct wire_node node[WIRE_HOSTS];
};

/*
 * Opens both hosts by rt_host_open("fd:N"), and waits until they are up.
 * `options` may be NULL; it is that of both.
 */
struct wire *wire_new(const struct rt_host_options *options);

/* Closes what is open. */
void wire_free(struct wire *wire);

/* Moves octets and dispatches, once. */
void wire_turn(struct wire *wire);

/* Moves octets between the controllers and their descriptors only. */
void wire_turn_controllers(struct wire *wire);

/* Turns until `done(arg)`, 5 s at most. Returns whether it came true. */
bool wire_run_until(struct wire *wire, bool (*done)(void *arg), void *arg);

/*
 * Turns until there was nothing to do for so many milliseconds in all, however
 * late the machine lets this process run; 5 s at most.
 */
void wire_run(struct wire *wire, unsigned int ms);

/* The address of the controller of host `i`. */
struct rt_addr wire_addr(const struct wire *wire, unsigned int i);

/* Descriptors that this process has open. */
unsigned int wire_count_descriptors(void);

#endif
