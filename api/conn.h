/* SPDX-License-Identifier: MIT */
#ifndef RT_API_CONN_H
#define RT_API_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/socket.h>

#include "api/queue.h"
#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"
#include "stack/slots.h"

struct rt_host;
struct rt_socket;

/*
 * One L2CAP channel or RFCOMM DLC and the octets that wait to leave by it. It
 * belongs to a socket, and outlives it as an orphan while the layers below
 * close it with the peer: so that a socket can be freed at once, and so that
 * the next connect to the same place knows what it has to wait for.
 */
struct rt_api_conn {
	struct rt_list node; /* host->conns */
	struct rt_grave grave;
	struct rt_host *host;
	struct rt_socket *sock; /* NULL: an orphan */
	enum rt_protocol protocol;
	rt_handle handle;
	struct rt_addr peer;
	uint16_t port;
	bool incoming;
	struct rt_api_queue tx;
	size_t lost; /* octets pulled that never left */
};

/*
 * What of a socket's options matters to a connection; also what is offered to
 * listeners' peers.
 */
struct rt_api_options {
	uint16_t mtu;	      /* L2CAP */
	uint16_t frame_bytes; /* RFCOMM N1; 0: as the layer likes it */
	uint16_t flush_timeout_ms;
	uint32_t linger_ms;
	uint32_t write_queue_bytes;
	uint32_t read_queue_bytes;
};

/*
 * Opens a connection for a socket: ends in rt_api_socket_opened() or _lost(),
 * not before this returns.
 *
 * Returns 0, or an errno of rt_rfcomm_connect() or rt_l2cap_connect().
 */
int rt_api_conn_open(struct rt_socket *s, struct rt_addr addr, uint16_t port,
		     struct rt_api_conn **ret_conn) RT_MUST_CHECK;

/*
 * Takes a connection that a peer is opening for a socket. Returns 0, -ENOMEM,
 * or -ENOENT for a stale handle.
 */
int rt_api_conn_adopt(struct rt_socket *s, rt_handle handle, uint16_t port,
		      struct rt_api_conn **ret_conn) RT_MUST_CHECK;

/* Closes with the peer; rt_api_socket_lost() follows. */
void rt_api_conn_close(struct rt_api_conn *conn);

/* Parts it from its socket, drops what is unsent, and closes with the peer. */
void rt_api_conn_orphan(struct rt_api_conn *conn);

/* Frees it, telling nobody: the layers below are gone already. */
void rt_api_conn_destroy(struct rt_api_conn *conn);

/* There is something to send. */
void rt_api_conn_ready(struct rt_api_conn *conn);

/* Says how many octets of a stream the socket can take. */
void rt_api_conn_set_room(struct rt_api_conn *conn, size_t room);

/* The longest datagram that may be written. */
size_t rt_api_conn_datagram_max(const struct rt_api_conn *conn);

/* Fills in what the layer below knows of the connection. */
void rt_api_conn_get_stats(const struct rt_api_conn *conn,
			   struct rt_socket_stats *stats);

/* True if an orphan stands in the way of a connect. */
bool rt_api_conn_blocks(const struct rt_host *host, enum rt_protocol protocol,
			struct rt_addr addr, uint16_t port);

/*
 * Listens on a port; `user` is given to rt_api_server_incoming(). Returns 0
 * and the port, or an errno of rt_rfcomm_listen() or rt_l2cap_listen().
 */
int rt_api_conn_listen(struct rt_host *host, enum rt_protocol protocol,
		       uint16_t port, const struct rt_api_options *options,
		       void *user, uint16_t *ret_port) RT_MUST_CHECK;

/* Stops listening. */
void rt_api_conn_unlisten(struct rt_host *host, enum rt_protocol protocol,
			  uint16_t port);

#endif
