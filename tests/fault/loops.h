/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_LOOPS_H
#define RT_TESTS_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/vctl/h4.h"
#include "tools/vctl/vctl.h"

/*
 * Hosts with their loops on virtual controllers, over descriptors of the
 * system, in one thread and in time that stands still until nobody has
 * anything to do (calls.h). A host is dispatched when its descriptor is
 * readable, and not else: a wakeup that is lost is a loop that hangs.
 */

#define LOOPS_HOSTS 2

/* What a controller is connected by. */
enum loops_line {
	LOOPS_STREAM,  /* a socket pair of octets */
	LOOPS_PACKETS, /* one of packets */
	LOOPS_UNIX,    /* a socket with a path */
	LOOPS_TCP,
	LOOPS_SERIAL, /* a terminal that is played */
};

struct loops_node {
	struct loops *loops;
	struct rt_vctl *vctl;
	struct rt_host *host; /* NULL: closed */
	enum loops_line line;
	int fd;		       /* the controller's end; -1: closed */
	unsigned int refusals; /* of dispatches, in a row */
	struct rt_vctl_h4 rx;
};

struct loops {
	struct rt_air *air;
	struct loops_node node[LOOPS_HOSTS];
	char dir[64];	   /* for keys, captures, sockets */
	unsigned int told; /* times that anybody heard of something wrong */
};

/* Makes an air with controllers, and a directory. Hosts come later. */
struct loops *loops_new(void);

/* Closes what is open, and removes the directory. */
void loops_free(struct loops *loops);

/*
 * Opens host `i` on a line, with `callbacks` of its own: whatever it says of
 * failures counts as told. `keys` and `capture`: with files in the directory.
 * False if that fails, which has been told then.
 */
bool loops_open(struct loops *loops, unsigned int i, enum loops_line line,
		bool files);

/* Closes host `i`, and the controller's end of its line. */
void loops_close(struct loops *loops, unsigned int i);

/* Runs until `done(arg)`, at most `limit_us`. Whether it came true. */
bool loops_run_until(struct loops *loops, bool (*done)(void *arg), void *arg,
		     uint64_t limit_us);

/* Lets so much time pass. */
void loops_run(struct loops *loops, uint64_t us);

/* The address of the controller of host `i`. */
struct rt_addr loops_addr(const struct loops *loops, unsigned int i);

/* True if the host is there and UP. */
bool loops_is_up(const struct loops *loops, unsigned int i);

/* True if a line LOOPS_SERIAL has got its settings back. */
bool loops_terminal_is_as_it_was(void);

/* Something was refused with this errno, and said so. */
void loops_tell(struct loops *loops, int err);

#endif
