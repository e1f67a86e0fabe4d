/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FLOW_H
#define RT_TESTS_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/agent.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"

/*
 * Canonical flows between a client on host 0 and a server on host 1: what
 * usually happens, step by step, until the link is gone again. Something
 * unusual happens to one of the two hosts, at any step: event.h.
 */

#define FLOW_PORT_MAIN 0
#define FLOW_PORT_SECOND 1
#define FLOW_PORT_FRESH 2

#define FLOW_PIECE 500	      /* octets a write */
#define FLOW_BYTES 1500	      /* that each end sends */
#define FLOW_FRESH_BYTES 4096 /* the same, afterwards */
#define FLOW_BYTES_MAX 65536
#define FLOW_ENDS 12
#define FLOW_RECORDS 2 /* beside the server's */

/* How the two get to know each other. */
enum flow_link {
	FLOW_PLAIN,	/* controllers from before SSP: nothing is encrypted */
	FLOW_TEMPORARY, /* encrypted, nobody is asked, no key is stored */
	FLOW_BONDED,	/* by keys that are stored */
	FLOW_JUST_WORKS,
	FLOW_NUMERIC, /* two people compare a number */
};

enum flow_kind {
	FLOW_CONNECT, /* connect, both send, the client closes */
	FLOW_SDP,     /* a search, and at once a connect by UUID */
	FLOW_SERVE,   /* a server's life: two clients, one after the other */
	FLOW_START,   /* power on */
};

struct flow {
	const char *name;
	enum flow_kind kind;
	enum flow_link link;
	enum rt_protocol protocol;
	enum rt_l2cap_socket_mode mode;
	unsigned int side; /* the host to which something happens */
	/*
	 * L2CAP: frames may be flushed after this time, as an air that loses
	 * them makes happen; 0: never.
	 */
	uint32_t flush_ms;
};

/* All of them. */
extern const struct flow flows[];
extern const size_t flow_count;

struct run;

/* One end of a connection of a run. */
struct run_end {
	struct end end;
	struct run *run;
	unsigned int host;
	bool accepted; /* a server gave it */
	bool asked;    /* connect returned 0 */
	bool let_go;   /* closed by us, other than the flow does */
	bool freed;    /* all that counts of it is its past */
	bool extra;    /* not of the flow: what crosses it, what follows it */
	size_t want;   /* octets to send and to receive */
};

/* One run of a flow. */
struct run {
	const struct flow *flow;
	struct world *w;
	size_t bytes;  /* that each end of the flow sends */
	uint8_t *room; /* for what they receive: FLOW_ENDS times */
	size_t room_bytes;
	struct agent agent[2];
	struct rt_server *server; /* of host 1; NULL: freed */
	struct rt_server *second; /* of host `flow->side`: for what crosses */
	struct rt_server *fresh;  /* of host 1, afterwards */
	struct rt_service_search *search;
	struct rt_service *record[FLOW_RECORDS]; /* of host 1 */
	unsigned int searches;			 /* begun */
	unsigned int found;
	unsigned int searched; /* told that it is over */
	bool search_freed;
	struct run_end ends[FLOW_ENDS];
	unsigned int end_count;
	bool second_came; /* FLOW_SERVE: the second client */
};

/*
 * Makes what stands in the world before the flow begins: servers, keys,
 * agents. The caller has set the run's flow, world, bytes and room, and zeroed
 * the rest; the hosts are up. False if something was refused.
 */
bool flow_set_up(struct run *run);

/* The options of the flow's world. */
struct world_options flow_world(const struct flow *flow);

/*
 * Begins: returns before anything has been sent. False if something was
 * refused.
 */
bool flow_start(struct run *run);

/*
 * The part that does not come by itself; a second after the start. False as
 * above.
 */
bool flow_go_on(struct run *run);

/* Frees all that the applications of both hosts have. */
void flow_free(struct run *run);

/* What became of it, as one line; two runs that went alike give the same. */
void flow_outcome(const struct run *run, char *str, size_t cap);

/* True if it went as it should: all is there, and closed in order. */
bool flow_succeeded(const struct run *run);

/* True if an end did as it should. */
bool flow_end_succeeded(const struct run_end *end);

/* A new end on the host. NULL if the run has no place for one. */
struct run_end *flow_end(struct run *run, unsigned int host, size_t want);

/* Opens a socket for the end, and connects it to a port of the other host. */
void flow_connect(struct run_end *end, int which);

/*
 * A server of the host on one of the ports, as the flow wants them. NULL if
 * something was refused.
 */
struct rt_server *flow_listen(struct run *run, unsigned int host, int which);

/* The port by that name in the flow's protocol. */
uint16_t flow_port(const struct flow *flow, int which);

/* Frees an end's socket, and looks that nothing more is told. */
void flow_free_end(struct run_end *end);

/* What an end sends, for who receives from it. */
const uint8_t *flow_data(bool accepted);

/* Takes the keys of both hosts away. */
void flow_unpair(struct run *run);

/* True if both hosts have the same key, or none, for each other. */
bool flow_keys_agree(const struct run *run);

#endif
