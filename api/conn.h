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
 * What can be set on a socket, and on a server for the sockets to come: one
 * member an option, the values of the public interface.
 */
struct rt_api_options {
	uint32_t linger_ms;
	uint32_t write_queue_bytes;
	uint32_t read_queue_bytes;
	/* L2CAP */
	uint32_t mtu;
	uint32_t flush_timeout_ms;
	uint32_t mode; /* enum rt_l2cap_socket_mode */
	uint32_t mode_required;
	uint32_t fcs; /* enum rt_fcs */
	uint32_t window;
	uint32_t extended_window;
	uint32_t max_transmit; /* 0: without end */
	uint32_t retransmission_ms;
	uint32_t monitor_ms;
	uint32_t mps; /* 0: as the layer likes it */
	/* RFCOMM */
	uint32_t frame_bytes; /* N1; 0: as the layer likes it */
	uint32_t credits_max;
	uint32_t modem_signals; /* RT_MODEM_ */
	/* The link */
	uint32_t fips;
	uint32_t min_key_bytes; /* 0: by the level */
	uint32_t bonded_only;
	uint32_t supervision_ms; /* 0: as it is */
	uint32_t sniff;		 /* enum rt_sniff */
	uint32_t role;		 /* enum rt_role */
	uint32_t idle_hold_ms;	 /* 0: the host's */
	uint32_t security; /* RT_SECURITY_: not an option, but set like one */
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
 * Takes a connection that a peer is opening for a socket. It has no write queue
 * yet: what a peer can have made by asking for it shall be small. Returns 0,
 * -ENOMEM, or -ENOENT for a stale handle.
 */
int rt_api_conn_adopt(struct rt_socket *s, rt_handle handle, uint16_t port,
		      struct rt_api_conn **ret_conn) RT_MUST_CHECK;

/* Makes the write queue of a connection that was taken so. 0 or -ENOMEM. */
int rt_api_conn_make_tx(struct rt_api_conn *conn) RT_MUST_CHECK;

/* Takes an incoming connection that had to wait. -ENOENT if it is gone. */
int rt_api_conn_accept(struct rt_api_conn *conn) RT_MUST_CHECK;

/* Closes with the peer; rt_api_socket_lost() follows. */
void rt_api_conn_close(struct rt_api_conn *conn);

/* Parts it from its socket, drops what is unsent, and closes with the peer. */
void rt_api_conn_orphan(struct rt_api_conn *conn);

/* Frees it, telling nobody: the layers below are gone already. */
void rt_api_conn_destroy(struct rt_api_conn *conn);

/* There is something to send. */
void rt_api_conn_ready(struct rt_api_conn *conn);

/* Says how much the socket can take: what its read queue has room for. */
void rt_api_conn_set_room(struct rt_api_conn *conn,
			  const struct rt_api_queue *rx);

/* Says how much the read queue will take when it is made. */
void rt_api_conn_promise_room(struct rt_api_conn *conn, size_t bytes);

/*
 * True if the peer waits for a slow reader: a stream, or datagrams of a mode
 * with flow control. What does not fit the room then is a broken promise.
 */
bool rt_api_conn_waits(const struct rt_api_conn *conn);

/* The longest datagram that may be written. */
size_t rt_api_conn_datagram_max(const struct rt_api_conn *conn);

/* Fills in what the layer below knows of the connection. */
void rt_api_conn_get_stats(const struct rt_api_conn *conn,
			   struct rt_socket_stats *stats);

/*
 * The value of an option as it was agreed with the peer. False if the option
 * is not one that is agreed on, or the connection is gone.
 */
bool rt_api_conn_get_agreed(const struct rt_api_conn *conn,
			    enum rt_option option, int64_t *ret_value);

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
