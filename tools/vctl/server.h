/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_SERVER_H
#define RT_VCTL_SERVER_H

#include "stack/os/loop.h"
#include "tools/vctl/vctl.h"

/*
 * Controllers of an air for other processes: each connection to a unix stream
 * socket is one controller, spoken to in H4. When it ends the controller goes
 * off the air as if its battery had died.
 *
 * A host that reads slowly loses nothing: its controller keeps what it has to
 * say, and peers who send to it get no completions until it reads on.
 *
 * The loop only finds out who is ready. All work is done by
 * rt_vctl_server_step(), which the owner calls after each dispatch:
 *
 *	for (;;) {
 *		now_us = ...;
 *		due_us = rt_vctl_server_step(server, now_us);
 *		rt_loop_set_deadline(loop, due_us);
 *		err = rt_loop_dispatch(loop, -1);
 *	}
 */

struct rt_vctl_server;

struct rt_vctl_server_options {
	struct rt_air *air; /* stays the caller's and outlives the server */
	/* What every controller is like. Its address and name are ignored. */
	struct rt_vctl_options controller;
	unsigned clients_max;  /* 0: 64 */
	int send_buffer_bytes; /* SO_SNDBUF of a connection; 0: 32768 */
	/* One line for people, without a newline; NULL: not wanted. */
	void (*log)(void *user, const char *line);
	void *user;
};

/*
 * Listens at `path`. A socket file that nobody listens at is replaced.
 *
 * Returns 0, or a negative errno and a sentence that says what is wrong in
 * `message`: -EADDRINUSE, -ENAMETOOLONG, -ENOMEM, what bind() says, ...
 */
int rt_vctl_server_open(struct rt_loop *loop, const char *path,
			const struct rt_vctl_server_options *options,
			struct rt_vctl_server **ret, char *message,
			size_t message_bytes) RT_MUST_CHECK;

/* Closes all connections, frees their controllers, removes the file. */
void rt_vctl_server_close(struct rt_vctl_server *server);

/*
 * Takes what has come, advances the air to `now_us` and sends what there is
 * to send. Returns when it wants to be called at the latest, or
 * RT_LOOP_NO_DEADLINE.
 */
uint64_t rt_vctl_server_step(struct rt_vctl_server *server, uint64_t now_us);

/* Connections that are open. */
unsigned rt_vctl_server_clients(const struct rt_vctl_server *server);

#endif
