/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_EVENT_H
#define RT_TESTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fault/flow.h"

/*
 * What happens to a host in the middle of a flow, and the watch over packets
 * that says when: behind the n-th packet between that host and its controller.
 */

#define EVENT_PACKET_BYTES 1200
#define EVENT_ANSWERS 32
#define EVENT_SOCKETS 300

/* A packet, kept. */
struct event_packet {
	enum rt_packet_type type;
	bool from_controller;
	size_t len;
	uint8_t octets[EVENT_PACKET_BYTES];
};

struct event;

/* The watch over one run. */
struct watch {
	struct run *run;
	const struct event *event; /* NULL: nothing happens */
	uint64_t at;		   /* behind this packet; 0: before the first */
	uint64_t packets;	   /* of that host, since the flow began */
	bool happened;
	unsigned int stalls; /* that are still to come */
	bool awaits;	     /* it happens when the peer has got `last` */
	uint16_t handle[2];  /* of the link by host, or those it will have */
	uint8_t ident;	     /* of the host's last signalling request */
	size_t fail_at;	     /* the allocation that is to fail; 0: none */
	struct event_packet last;
	struct event_packet heard; /* the last from the controller */
	struct event_packet answer[EVENT_ANSWERS];
	size_t answers;
	struct rt_socket *taken[EVENT_SOCKETS]; /* by the limit's event */
	size_t taken_count;
};

struct event {
	const char *name;
	void (*happen)(struct watch *watch);
	/* The end of it, after so many seconds; may be NULL. */
	void (*end)(struct watch *watch);
	unsigned int seconds;
	/* What is known of every flow: that some cases end, or go on. */
	bool some_end;
	bool some_go_on;
	bool most_go_on;
	bool needs_link; /* not of one in which there is no link */
	bool repeats;	 /* a packet comes twice */
	bool loses;	 /* a packet that was taken does not come */
};

extern const struct event events[];
extern const size_t event_count;

/* Watches from now on. The watch is zeroed but for event, at and handle. */
void watch_begin(struct watch *watch, struct run *run);

/* Nothing happens any more. */
void watch_end(struct watch *watch);

/* Seconds that the event lasts in this case. */
unsigned int event_seconds(const struct watch *watch);

#endif
