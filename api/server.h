/* SPDX-License-Identifier: MIT */
#ifndef RT_API_SERVER_H
#define RT_API_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/socket.h>

#include "api/conn.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * A listener and the connections that nobody has taken yet: embryos, which the
 * peer is still opening, and pending ones. Both count for the limit, or a peer
 * could open any number half-way.
 */
struct rt_server {
	struct rt_list node; /* host->servers */
	struct rt_host *host;
	struct rt_ready ready;
	struct rt_server_callbacks callbacks;
	void *user_data;
	enum rt_protocol protocol;
	bool listening;
	uint16_t port;
	unsigned int max_pending;
	struct rt_list embryos; /* of rt_socket.pend_node */
	struct rt_list pending;
	struct rt_api_options options;
	struct rt_service *service; /* of rt_server_listen_uuid(), or NULL */
	enum rt_server_error error;
};

/*
 * A peer asks for a connection. Returns 0, -ECONNREFUSED (RFCOMM) or
 * -ENOBUFS (L2CAP) if it can't be had, -EACCES if nobody could allow it, or
 * -EAGAIN if somebody is asked: rt_api_server_authorized() follows.
 */
int rt_api_server_incoming(struct rt_server *server,
			   rt_handle handle) RT_MUST_CHECK;

/*
 * The answer to whether an embryo may go on, which server security asked of the
 * agent. A stale handle does nothing.
 */
void rt_api_server_authorized(struct rt_server *server, rt_handle handle,
			      bool yes);

/* An embryo of the server's is open: it is pending from now on. */
void rt_api_server_opened(struct rt_server *server, struct rt_socket *s);

/*
 * A connection that nobody has taken is gone. An embryo's socket goes with it:
 * true. One that had been open waits on: as with accept(), a peer that came
 * and went is heard of.
 */
bool rt_api_server_lost(struct rt_socket *s, rt_handle handle);

/* The host is down for good. */
void rt_api_server_host_ends(struct rt_server *server,
			     enum rt_server_error error);

/* Makes one callback, if there is one. In tail position. */
void rt_api_server_deliver(struct rt_server *server);

/* Frees the memory and nothing else. */
void rt_api_server_destroy(struct rt_server *server);

#endif
