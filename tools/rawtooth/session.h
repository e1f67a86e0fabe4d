/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_SESSION_H
#define RT_TOOL_SESSION_H

#include <poll.h>
#include <stdbool.h>

#include <rawtooth/addr.h>
#include <rawtooth/socket.h>

#include "tools/rawtooth/plan.h"
#include "tools/rawtooth/tool.h"

/*
 * One connection and what it carries by a plan: input to the peer and what
 * the peer sends to the output, or a program. Nothing is ever held beyond one
 * block in each direction: the input is not read while the socket's queue is
 * full, the socket is not read while the output is busy.
 *
 * The owner, in turn: rt_session_work(); if rt_session_is_over(),
 * rt_session_finish(), and else wait for what the work asked for.
 */
struct rt_session;

/* Descriptors that rt_session_work() asks to be waited for. */
#define RT_SESSION_FDS 2

/*
 * Begins to connect. `plan` outlives the session. NULL after an error message.
 */
struct rt_session *rt_session_connect(struct rt_tool *tool,
				      struct rt_plan *plan,
				      struct rt_addr addr);

/*
 * Takes a connection of a server, and owns the socket whatever happens. NULL
 * after an error message.
 */
struct rt_session *rt_session_accept(struct rt_tool *tool, struct rt_plan *plan,
				     struct rt_socket *socket);

/*
 * Does what can be done without waiting, and fills in RT_SESSION_FDS
 * descriptors to wait for. Returns the milliseconds after which it is to be
 * called again in any case, or -1.
 */
int rt_session_work(struct rt_session *session, struct pollfd *fds);

/* True when there is nothing left to do. */
bool rt_session_is_over(const struct rt_session *session);

/*
 * Says what went wrong, if anything did, and frees the session. Returns the
 * exit status.
 */
int rt_session_finish(struct rt_session *session);

#endif
