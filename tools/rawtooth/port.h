/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_PORT_H
#define RT_TOOL_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/rawtooth/pty.h"
#include "tools/rawtooth/tool.h"

/*
 * A connection as a serial port: an RFCOMM socket and a pseudo terminal, and
 * what is carried between them. Neither is read faster than the other takes.
 *
 * While nobody has the pseudo terminal open, what the peer sends stays with the
 * peer; nothing that was read is dropped.
 */

#define RT_PORT_BLOCK_BYTES 4096

/* Descriptors that rt_port_ask() asks to be waited for. */
#define RT_PORT_FDS 2

struct rt_port_block {
	uint8_t data[RT_PORT_BLOCK_BYTES];
	size_t used;
	size_t done; /* of those used */
};

struct rt_port {
	/* Set by the owner. */
	struct rt_tool *tool;
	struct rt_pty *pty;
	bool quiet;
	bool keeps_line; /* settings are not carried */
	uint8_t signals; /* ours, RT_MODEM_ */

	struct rt_socket *socket; /* NULL: none */
	char peer[RT_ADDR_STR_BYTES];
	bool connected;
	bool over;	   /* the socket is UNCONNECTED again */
	bool failed;	   /* and not in order: it has been said why */
	bool carrier_lost; /* the program has to be hung up for it */
	enum rt_pty_users users;
	struct rt_line line; /* as the pseudo terminal was seen last */
	struct rt_port_block to_peer;
	struct rt_port_block to_tty;
};

/*
 * Takes a socket, which may be connected already, and owns it until
 * rt_port_end(). False, with a message, if it is NULL.
 */
bool rt_port_begin(struct rt_port *port, struct rt_socket *socket);

/* Carries what can be carried without waiting. */
void rt_port_carry(struct rt_port *port);

/* Asks for what there is to wait for. Returns the milliseconds, or -1. */
int rt_port_ask(const struct rt_port *port, struct pollfd fds[RT_PORT_FDS]);

/*
 * The connection is over: true once the program has read everything, or is
 * gone. To be asked every RT_PORT_DRAIN_MS.
 */
bool rt_port_is_drained(const struct rt_port *port);

#define RT_PORT_DRAIN_MS 20

/* True if nobody has it open, and what was written to it has been taken. */
bool rt_port_is_left(const struct rt_port *port);

/* Frees the socket and forgets what was of it. */
void rt_port_end(struct rt_port *port);

/*
 * Reads "dtr,rts,dcd,ri", some of them, or "none". Returns 0, or -EINVAL after
 * a message.
 */
int rt_port_read_signals(const char *text, uint8_t *ret_signals);

#endif
