/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_FLOW_H
#define RT_INTEROP_FLOW_H

#include "tests/interop/ours/side.h"
#include "tests/interop/pattern.h"

/*
 * One RFCOMM connection: sends a pattern as fast as it is taken, verifies what
 * comes, and remembers how it went. A zeroed one is free.
 */
struct flow {
	struct rt_socket *s;
	struct pattern tx;
	struct pattern rx;
	uint64_t most; /* to send */
	uint64_t sent;
	uint64_t expected;
	uint64_t received;
	bool echoes; /* sends what comes, instead */

	long begun_ms;
	bool connected;
	bool over; /* it has failed, or was closed */
	char why[256];
};

/* Begins to connect. The patterns and figures are set before. */
void flow_connect(struct flow *flow, struct side *side, struct rt_addr addr,
		  int channel);

/* Takes a connection that waits. The same is set before. */
void flow_take(struct flow *flow, struct rt_server *server);

/* True if all is sent, with the controller, and all that is expected came. */
bool flow_is_whole(const struct flow *flow);

/* Frees the socket, and the flow for another use. */
void flow_free(struct flow *flow);

/* A server that listens for RFCOMM. */
struct rt_server *flow_listen(struct side *side, int channel);

#endif
