/* SPDX-License-Identifier: MIT */
#ifndef RT_API_SOCKET_H
#define RT_API_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/socket.h>

#include "api/conn.h"
#include "api/error.h"
#include "api/lookup.h"
#include "api/news.h"
#include "api/queue.h"
#include "api/serial.h"
#include "hci/security.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"
#include "stack/timer.h"

struct rt_server;
struct rt_socket;

/*
 * What a socket has to tell. STATE and ERROR carry a value; those about data
 * and about the serial port merge.
 */
enum rt_api_socket_news {
	RT_API_SOCKET_STATE,
	RT_API_SOCKET_CONNECTED,
	RT_API_SOCKET_DISCONNECTED,
	RT_API_SOCKET_ERROR,
	RT_API_SOCKET_READABLE,
	RT_API_SOCKET_WRITABLE,
	RT_API_SOCKET_WRITTEN,
	RT_API_SOCKET_MODEM,
	RT_API_SOCKET_BREAK,
	RT_API_SOCKET_LINE,
	RT_API_SOCKET_LINE_STATUS,
	RT_API_SOCKET_LINE_ANSWERED,
};

/*
 * Somebody who takes the data instead of the application: the pump of a
 * descriptor. It hears everything before the application does, from dispatch;
 * data events reach nobody else.
 */
struct rt_api_tap {
	/* Something happened; `what` is of enum rt_api_socket_news. */
	void (*event)(struct rt_socket *s, enum rt_api_socket_news what,
		      void *user);
	/* The socket forgets the tap; it must not be used any more. */
	void (*gone)(struct rt_socket *s, void *user);
};

struct rt_socket {
	struct rt_list node;	  /* host->sockets */
	struct rt_list wait_node; /* host->waiting */
	struct rt_list pend_node; /* server->embryos or server->pending */
	struct rt_host *host;
	struct rt_server *server; /* until it has been taken */

	struct rt_ready ready;
	struct rt_socket_callbacks callbacks;
	void *user_data;
	const struct rt_api_tap *tap;
	void *tap_user;
	struct rt_api_news news;
	size_t written;			 /* not told yet */
	enum rt_socket_state told_state; /* what the application knows */
	bool told_connected;
	bool announced; /* the server has told of it */

	bool incoming;
	bool want_writable;
	enum rt_protocol protocol;
	enum rt_socket_state state;
	struct rt_addr peer; /* of the connection, or to connect to */
	uint16_t port;
	struct rt_api_target wait; /* while on host->waiting */
	struct rt_api_lookup lookup;
	bool looked_up; /* this connect began with SERVICE_LOOKUP */
	struct rt_api_conn *conn;
	/* The end of patience: with a close, or with a host not yet up. */
	struct rt_timer patience;
	const char *break_hint;
	int break_err; /* see rt_api_socket_break(); 0: whole */
	struct rt_api_options options;
	struct rt_api_error error;
	struct rt_api_queue rx;
	struct rt_api_serial serial;
	struct rt_socket_stats stats;
};

/* A fresh socket; NULL if there is no memory or the limit is reached. */
struct rt_socket *rt_api_socket_new(struct rt_host *host,
				    enum rt_protocol protocol) RT_MUST_CHECK;

/* Frees the memory and nothing else: connection and server are gone. */
void rt_api_socket_destroy(struct rt_socket *s);

/*
 * Makes an incoming connection the socket's, without queues: the one to read
 * from is made when it opens, the one to write to when somebody takes it.
 * Returns 0 or a negative errno.
 */
int rt_api_socket_adopt(struct rt_socket *s, rt_handle handle,
			uint16_t port) RT_MUST_CHECK;

/* Makes the queue to read from. Returns 0 or -ENOMEM. */
int rt_api_socket_make_rx(struct rt_socket *s) RT_MUST_CHECK;

/* The connection is open. */
void rt_api_socket_opened(struct rt_socket *s);

/* The connection has gone, or never came; `unsent` octets went with it. */
void rt_api_socket_lost(struct rt_socket *s, const struct rt_reason *why,
			size_t unsent);

/* Octets or a datagram have arrived. */
void rt_api_socket_received(struct rt_socket *s, struct rt_bytes data);

/* The same, as the peer has closed the connection: there is room for it. */
void rt_api_socket_received_last(struct rt_socket *s, struct rt_bytes data);

/* `bytes` octets have left, or (not `written`) never will. */
void rt_api_socket_sent(struct rt_socket *s, size_t bytes, bool written);

/*
 * The connection can't go on as agreed. It is broken off with `err` and the
 * sentence `hint` (which lives for ever) soon, but not before this returns.
 */
void rt_api_socket_break(struct rt_socket *s, int err, const char *hint);

/* Another state, if it is another one, and the news of it. */
void rt_api_socket_enter(struct rt_socket *s, enum rt_socket_state state);

/* Has the last error told. */
void rt_api_socket_tell_error(struct rt_socket *s);

/* True if a connect waits until it can begin. */
bool rt_api_socket_is_waiting(const struct rt_socket *s);

/* Connects: see rt_socket_connect() and rt_socket_connect_uuid(). */
int rt_api_socket_connect(struct rt_socket *s,
			  const struct rt_api_target *target) RT_MUST_CHECK;

/*
 * Refuses a connect with an error; only OPERATION and UNSUPPORTED_PROTOCOL are
 * told of. Returns `err`.
 */
int rt_api_socket_refuse_connect(struct rt_socket *s, enum rt_socket_error code,
				 int err, const char *hint);

/* A connect that had been accepted fails without having begun. */
void rt_api_socket_fail_connect(struct rt_socket *s, int err, const char *hint);

/*
 * State SERVICE_LOOKUP, and the service has been found: goes on to connect to
 * this port of the peer.
 */
void rt_api_socket_connect_found(struct rt_socket *s, enum rt_protocol protocol,
				 uint16_t port);

/* Begins the connects that waited and can begin now. */
void rt_api_socket_retry_waiting(struct rt_host *host);

/* State CLOSING, and everything has left: closes with the peer. */
void rt_api_socket_drained(struct rt_socket *s);

/* Ends what the socket does because the host ends. */
void rt_api_socket_host_stops(struct rt_socket *s);

/* Ends it at once: the host's patience is over. */
void rt_api_socket_host_ends(struct rt_socket *s);

/* Makes one callback, if there is one. In tail position. */
void rt_api_socket_deliver(struct rt_socket *s);

/* Adds news, and has them delivered. */
void rt_api_socket_tell(struct rt_socket *s, enum rt_api_socket_news what,
			uint8_t value);

/* Puts on the ready list what the socket has to tell. */
void rt_api_socket_wake(struct rt_socket *s);

/* Sets the last error; says nothing of it. */
void rt_api_socket_refuse(struct rt_socket *s, enum rt_socket_error code,
			  int err, const char *hint);

/*
 * Sets the last error to OPERATION, unless one is still to be told of. Returns
 * `err`.
 */
ptrdiff_t rt_api_socket_refuse_operation(struct rt_socket *s, ptrdiff_t err,
					 const char *hint);

/* Gives the data to somebody else, or (NULL) back to the application. */
void rt_api_socket_set_tap(struct rt_socket *s, const struct rt_api_tap *tap,
			   void *user);

/* Has WRITABLE told when there is room again. */
void rt_api_socket_want_writable(struct rt_socket *s);

/*
 * Reads as rt_socket_read() does or (not `take`) peeks, tap or no tap, and
 * leaves the last error alone.
 */
ptrdiff_t rt_api_socket_take(struct rt_socket *s, void *buf, size_t bytes,
			     bool take) RT_MUST_CHECK;

/* Writes as rt_socket_writev() does, likewise. */
ptrdiff_t rt_api_socket_put(struct rt_socket *s, const struct rt_iovec *iov,
			    size_t count) RT_MUST_CHECK;

/* The defaults, which depend on nothing. */
extern const struct rt_api_options rt_api_options_default;

/* Sets an option. Returns 0, -EINVAL or -ENOSYS. */
int rt_api_options_set(struct rt_api_options *options,
		       enum rt_protocol protocol, enum rt_option option,
		       int64_t value) RT_MUST_CHECK;

/*
 * True if the option can be set at any time, rather than before a connection.
 */
bool rt_api_options_at_any_time(enum rt_option option);

/*
 * True unless the mode is CREDIT and the MTU or the MPS is less than that mode
 * has (Core Vol 3 Part A 4.25).
 */
bool rt_api_options_fit_credit(const struct rt_api_options *options);

/* Sets the flags of RT_SECURITY_. -EINVAL if one is unknown. */
int rt_api_options_set_security(struct rt_api_options *options,
				unsigned int flags) RT_MUST_CHECK;

/* What these options ask of the link. */
struct rt_sec_need rt_api_options_need(const struct rt_api_options *options);

/* Octets that the receive queue needs with these options. */
size_t rt_api_options_rx_bytes(const struct rt_api_options *options,
			       enum rt_protocol protocol);

/* The RFCOMM frame size to ask for with these options. */
uint16_t rt_api_options_frame_bytes(const struct rt_api_options *options);

#endif
