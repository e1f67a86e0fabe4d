/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "api/server.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

/*
 * Connecting and closing.
 *
 *	UNCONNECTED -> CONNECTING -> CONNECTED -> CLOSING -> UNCONNECTED
 *
 * A socket that shall connect while it is still closing, while an orphan of
 * RFCOMM holds the same DLC, or while the controller comes up, is on the host's
 * list of waiting ones.
 */

/* How long a connect waits for a host that is coming up. */
#define HOST_WAIT_MS 20000

#define HINT_UNKNOWN "the socket has no protocol: choose RFCOMM or L2CAP"
#define HINT_BUSY "the socket is busy: close it before it connects anew"
#define HINT_ADDRESS "this is not the address of a device to connect to"
#define HINT_CHANNEL "an RFCOMM server channel is a number from 1 to 30"
#define HINT_PSM "a PSM has an odd low octet and an even high octet"
#define HINT_IN_USE "a connection to this channel of the peer exists"
#define HINT_LIMIT "too many links, channels or sockets are open"
#define HINT_MEMORY "there is no memory"
#define HINT_LINGER "the peer took no more data before the linger limit"
#define HINT_STOPS "the host is shutting down"
#define HINT_HOST_WAIT "the controller did not come up in time"
#define HINT_CREDIT "MTU and MPS of credit based channels are 64 or more"

static void enter(struct rt_socket *s, enum rt_socket_state state)
{
	if (s->state == state)
		return;
	s->state = state;
	rt_api_socket_tell(s, RT_API_SOCKET_STATE, (uint8_t)state);
}

static void tell_error(struct rt_socket *s)
{
	rt_api_socket_tell(s, RT_API_SOCKET_ERROR, (uint8_t)s->error.code);
}

/* From CONNECTED or CLOSING, when the connection has gone. */
static void enter_disconnected(struct rt_socket *s)
{
	rt_env_stop(&s->host->env, &s->patience);
	enter(s, RT_SOCKET_CLOSING);
	enter(s, RT_SOCKET_UNCONNECTED);
	rt_api_socket_tell(s, RT_API_SOCKET_DISCONNECTED, 0);
}

static bool is_waiting(const struct rt_socket *s)
{
	return !rt_list_empty(&s->wait_node);
}

/* True if it is worth waiting for the host. */
static bool is_coming_up(const struct rt_host *host)
{
	return host->state == RT_HOST_STARTING ||
	       host->state == RT_HOST_RECOVERING;
}

/* Breaks the connection off with an error that is set already. */
static void break_off(struct rt_socket *s)
{
	rt_api_error_add_unsent(&s->error, rt_socket_bytes_to_write(s));
	rt_api_conn_orphan(s->conn);
	tell_error(s);
	enter_disconnected(s);
	rt_api_host_touch(s->host);
}

/* A connect that had been accepted fails without having begun. */
static void fail_connect(struct rt_socket *s, int err, const char *hint)
{
	rt_env_stop(&s->host->env, &s->patience);
	rt_api_socket_refuse(s,
			     err == -EINVAL ? RT_SOCKET_ERROR_OPERATION
					    : RT_SOCKET_ERROR_NETWORK,
			     err, hint);
	if (s->state == RT_SOCKET_CONNECTING)
		enter(s, RT_SOCKET_UNCONNECTED);
	tell_error(s);
}

static void on_patience(struct rt_timer *timer)
{
	struct rt_socket *s =
		RT_CONTAINER_OF(timer, struct rt_socket, patience);

	if (!s->conn) {
		rt_list_del(&s->wait_node);
		fail_connect(s, -ETIMEDOUT, HINT_HOST_WAIT);
		return;
	}
	if (s->break_err < 0)
		rt_api_socket_refuse(s, RT_SOCKET_ERROR_NETWORK, s->break_err,
				     s->break_hint);
	else
		rt_api_socket_refuse(s, RT_SOCKET_ERROR_NETWORK, -ETIMEDOUT,
				     HINT_LINGER);
	break_off(s);
}

struct rt_socket *rt_api_socket_new(struct rt_host *host,
				    enum rt_protocol protocol)
{
	struct rt_socket *s;

	if (host->socket_count >= host->env.limits.sockets)
		return NULL;
	s = rt_env_alloc(&host->env, sizeof(*s));
	if (!s)
		return NULL;
	s->host = host;
	s->protocol = protocol;
	s->options = rt_api_options_default;
	rt_list_init(&s->wait_node);
	rt_list_init(&s->pend_node);
	rt_ready_init(&s->ready, RT_API_SOCKET);
	rt_timer_init(&s->patience, on_patience);
	rt_list_append(&host->sockets, &s->node);
	host->socket_count++;
	return s;
}

/* A refused connect: only an OPERATION and an unknown protocol are told of. */
static int refuse(struct rt_socket *s, enum rt_socket_error code, int err,
		  const char *hint)
{
	rt_api_socket_refuse(s, code, err, hint);
	if (code != RT_SOCKET_ERROR_NETWORK)
		tell_error(s);
	rt_api_host_touch(s->host);
	return err;
}

/* The sentence for what the layers below refuse at once. */
static const char *connect_hint(int err)
{
	switch (err) {
	case -EINVAL:
		return HINT_ADDRESS;
	case -EADDRINUSE:
		return HINT_IN_USE;
	case -ENETDOWN:
		return RT_API_HINT_NOT_UP;
	case -ENOMEM:
		return HINT_MEMORY;
	default:
		return HINT_LIMIT;
	}
}

static enum rt_socket_error connect_class(int err)
{
	return err == -EINVAL ? RT_SOCKET_ERROR_OPERATION
			      : RT_SOCKET_ERROR_NETWORK;
}

/* Forgets what was left of the connection before. */
static void begin(struct rt_socket *s, struct rt_api_conn *conn,
		  const struct rt_api_queue *rx)
{
	rt_api_queue_fini(&s->host->env, &s->rx);
	s->rx = *rx;
	s->conn = conn;
	s->written = 0;
	s->want_writable = false;
	s->break_err = 0;
	s->incoming = conn->incoming;
	s->peer = conn->peer;
	s->port = conn->port;
	s->stats = (struct rt_socket_stats){ .size = sizeof(s->stats) };
	rt_api_serial_begin(&s->serial);
	s->error = (struct rt_api_error){ .code = RT_SOCKET_ERROR_NONE };
}

static int init_rx(struct rt_socket *s, struct rt_api_queue *rx)
{
	return rt_api_queue_init(&s->host->env, rx,
				 rt_api_options_rx_bytes(&s->options,
							 s->protocol),
				 s->protocol == RT_PROTOCOL_L2CAP);
}

/* Begins to connect to s->peer, or leaves everything as it is. */
static int start(struct rt_socket *s, struct rt_addr addr, uint16_t port)
{
	struct rt_api_conn *conn;
	struct rt_api_queue rx;
	int err;

	if (!rt_api_host_is_up(s->host))
		return -ENETDOWN;
	err = init_rx(s, &rx);
	if (err < 0)
		return err;
	err = rt_api_conn_open(s, addr, port, &conn);
	if (err < 0) {
		rt_api_queue_fini(&s->host->env, &rx);
		return err;
	}
	rt_api_socket_set_tap(s, NULL, NULL);
	begin(s, conn, &rx);
	rt_env_stop(&s->host->env, &s->patience);
	if (s->protocol == RT_PROTOCOL_L2CAP)
		rt_api_conn_set_room(conn, &s->rx);
	enter(s, RT_SOCKET_CONNECTING);
	return 0;
}

static void wait(struct rt_socket *s, struct rt_addr addr, uint16_t port)
{
	s->wait_addr = addr;
	s->wait_port = port;
	rt_list_append(&s->host->waiting, &s->wait_node);
}

/* Waits in state CONNECTING for an orphan to go, or for the host. */
static void wait_connecting(struct rt_socket *s, struct rt_addr addr,
			    uint16_t port)
{
	wait(s, addr, port);
	if (is_coming_up(s->host) && !s->patience.armed)
		rt_env_arm(&s->host->env, &s->patience, RT_MS(HOST_WAIT_MS));
	if (s->state == RT_SOCKET_CONNECTING)
		return;
	s->peer = addr;
	s->port = port;
	s->incoming = false;
	s->error = (struct rt_api_error){ .code = RT_SOCKET_ERROR_NONE };
	enter(s, RT_SOCKET_CONNECTING);
}

static int check_target(const struct rt_socket *s, struct rt_addr addr,
			uint16_t port, const char **ret_hint)
{
	if (rt_addr_is_zero(addr)) {
		*ret_hint = HINT_ADDRESS;
		return -EINVAL;
	}
	if (s->protocol == RT_PROTOCOL_RFCOMM &&
	    (port < 1 || port > RT_RFCOMM_CHANNEL_MAX)) {
		*ret_hint = HINT_CHANNEL;
		return -EINVAL;
	}
	if (s->protocol == RT_PROTOCOL_L2CAP && !rt_l2cap_psm_is_valid(port)) {
		*ret_hint = HINT_PSM;
		return -EINVAL;
	}
	if (s->protocol == RT_PROTOCOL_L2CAP &&
	    !rt_api_options_fit_credit(&s->options)) {
		*ret_hint = HINT_CREDIT;
		return -EINVAL;
	}
	return 0;
}

/* True if a connect can neither begin nor fail now. */
static bool must_wait(const struct rt_socket *s, struct rt_addr addr,
		      uint16_t port)
{
	if (is_coming_up(s->host))
		return true;
	return rt_api_host_is_up(s->host) &&
	       rt_api_conn_blocks(s->host, s->protocol, addr, port);
}

static int connect_now(struct rt_socket *s, struct rt_addr addr, uint16_t port)
{
	if (!must_wait(s, addr, port))
		return start(s, addr, port);
	wait_connecting(s, addr, port);
	return 0;
}

int rt_socket_connect(struct rt_socket *s, struct rt_addr addr, uint16_t port)
{
	const char *hint;
	int err;

	rt_api_host_enter(s->host);
	if (s->protocol != RT_PROTOCOL_RFCOMM &&
	    s->protocol != RT_PROTOCOL_L2CAP)
		return refuse(s, RT_SOCKET_ERROR_UNSUPPORTED_PROTOCOL,
			      -EPROTONOSUPPORT, HINT_UNKNOWN);
	if (s->state == RT_SOCKET_CONNECTED)
		return refuse(s, RT_SOCKET_ERROR_OPERATION, -EISCONN,
			      HINT_BUSY);
	if (s->state == RT_SOCKET_CONNECTING || is_waiting(s))
		return refuse(s, RT_SOCKET_ERROR_OPERATION, -EALREADY,
			      HINT_BUSY);
	err = check_target(s, addr, port, &hint);
	if (err < 0)
		return refuse(s, RT_SOCKET_ERROR_OPERATION, err, hint);
	if (s->state == RT_SOCKET_CLOSING) {
		wait(s, addr, port);
		return 0;
	}
	err = connect_now(s, addr, port);
	if (err < 0)
		return refuse(s, connect_class(err), err, connect_hint(err));
	rt_api_host_touch(s->host);
	return 0;
}

static void retry(struct rt_socket *s)
{
	int err;

	if (s->state == RT_SOCKET_CLOSING) {
		rt_list_append(&s->host->waiting, &s->wait_node);
		return;
	}
	if (must_wait(s, s->wait_addr, s->wait_port)) {
		wait_connecting(s, s->wait_addr, s->wait_port);
		return;
	}
	err = start(s, s->wait_addr, s->wait_port);
	if (err < 0)
		fail_connect(s, err, connect_hint(err));
}

void rt_api_socket_retry_waiting(struct rt_host *host)
{
	struct rt_list todo;
	struct rt_socket *s;

	rt_list_init(&todo);
	while (!rt_list_empty(&host->waiting)) {
		s = RT_LIST_FIRST(&host->waiting, struct rt_socket, wait_node);
		rt_list_del(&s->wait_node);
		rt_list_append(&todo, &s->wait_node);
	}
	while (!rt_list_empty(&todo)) {
		s = RT_LIST_FIRST(&todo, struct rt_socket, wait_node);
		rt_list_del(&s->wait_node);
		retry(s);
	}
}

int rt_api_socket_adopt(struct rt_socket *s, rt_handle handle, uint16_t port)
{
	struct rt_api_conn *conn;
	struct rt_api_queue rx;
	int err = init_rx(s, &rx);

	if (err < 0)
		return err;
	err = rt_api_conn_adopt(s, handle, port, &conn);
	if (err < 0) {
		rt_api_queue_fini(&s->host->env, &rx);
		return err;
	}
	begin(s, conn, &rx);
	if (s->protocol == RT_PROTOCOL_L2CAP)
		rt_api_conn_set_room(conn, &s->rx);
	s->state = RT_SOCKET_CONNECTING;
	return 0;
}

void rt_api_socket_opened(struct rt_socket *s)
{
	rt_api_serial_opened(s);
	if (s->server) {
		/* Whoever takes it gets it connected. */
		s->state = RT_SOCKET_CONNECTED;
		s->told_state = RT_SOCKET_CONNECTED;
		s->told_connected = true;
		rt_api_server_opened(s->server, s);
		return;
	}
	enter(s, RT_SOCKET_CONNECTED);
	rt_api_socket_tell(s, RT_API_SOCKET_CONNECTED, 0);
}

/* True if an end in state CLOSING is what the application asked for. */
static bool is_orderly(const struct rt_reason *why, size_t unsent)
{
	return unsent == 0 &&
	       rt_api_error_class(why) == RT_SOCKET_ERROR_REMOTE_HOST_CLOSED &&
	       why->layer != RT_LAYER_TRANSPORT;
}

void rt_api_socket_lost(struct rt_socket *s, const struct rt_reason *why,
			size_t unsent)
{
	const enum rt_socket_state state = s->state;

	s->conn = NULL;
	rt_env_stop(&s->host->env, &s->patience);
	if (s->server && rt_api_server_lost(s))
		return;
	if (state != RT_SOCKET_CLOSING || !is_orderly(why, unsent)) {
		rt_api_error_from_reason(&s->error, why);
		rt_api_error_add_unsent(&s->error, unsent);
		if (state == RT_SOCKET_CONNECTING)
			enter(s, RT_SOCKET_UNCONNECTED);
		tell_error(s);
	}
	if (state != RT_SOCKET_CONNECTING)
		enter_disconnected(s);
}

void rt_api_socket_break(struct rt_socket *s, int err, const char *hint)
{
	if (s->break_err < 0)
		return;
	s->break_err = err;
	s->break_hint = hint;
	rt_env_arm(&s->host->env, &s->patience, 0);
}

/*
 * The application ends a connection of whose success or failure it has not
 * heard yet: it won't hear of it any more.
 */
static void forget_outcome(struct rt_socket *s)
{
	if (s->told_connected)
		return;
	rt_api_news_drop(&s->news, RT_API_SOCKET_CONNECTED);
	rt_api_news_drop(&s->news, RT_API_SOCKET_ERROR);
}

static void give_up(struct rt_socket *s)
{
	rt_list_del(&s->wait_node);
	rt_env_stop(&s->host->env, &s->patience);
	if (s->conn)
		rt_api_conn_orphan(s->conn);
	s->state = RT_SOCKET_UNCONNECTED;
	/* What nobody has heard of need not be taken back. */
	if (!rt_api_news_undo(&s->news, RT_API_SOCKET_STATE,
			      RT_SOCKET_CONNECTING))
		rt_api_socket_tell(s, RT_API_SOCKET_STATE,
				   RT_SOCKET_UNCONNECTED);
}

void rt_api_socket_drained(struct rt_socket *s)
{
	rt_env_stop(&s->host->env, &s->patience);
	rt_api_conn_close(s->conn);
}

static void close_connected(struct rt_socket *s)
{
	const uint32_t ms = s->break_err < 0 ? 0 : s->options.linger_ms;

	enter(s, RT_SOCKET_CLOSING);
	rt_env_arm(&s->host->env, &s->patience, RT_MS(ms));
	if (s->conn->tx.bytes == 0)
		rt_api_socket_drained(s);
}

void rt_socket_close(struct rt_socket *s)
{
	rt_api_host_enter(s->host);
	switch (s->state) {
	case RT_SOCKET_CONNECTING:
		give_up(s);
		break;
	case RT_SOCKET_CONNECTED:
		close_connected(s);
		break;
	case RT_SOCKET_UNCONNECTED:
	case RT_SOCKET_CLOSING:
		rt_list_del(&s->wait_node);
		break;
	case RT_SOCKET_SERVICE_LOOKUP:
	case RT_SOCKET_BOUND:
	case RT_SOCKET_LISTENING:
		break;
	}
	forget_outcome(s);
	rt_api_host_touch(s->host);
}

void rt_socket_abort(struct rt_socket *s)
{
	rt_api_host_enter(s->host);
	rt_list_del(&s->wait_node);
	rt_api_socket_set_tap(s, NULL, NULL);
	if (s->state == RT_SOCKET_UNCONNECTED) {
		forget_outcome(s);
		return;
	}
	rt_env_stop(&s->host->env, &s->patience);
	if (s->conn)
		rt_api_conn_orphan(s->conn);
	s->state = RT_SOCKET_UNCONNECTED;
	s->written = 0;
	rt_api_news_clear(&s->news);
	rt_ready_cancel(&s->ready);
	if (s->told_state != RT_SOCKET_UNCONNECTED)
		rt_api_socket_tell(s, RT_API_SOCKET_STATE,
				   RT_SOCKET_UNCONNECTED);
	if (s->told_connected)
		rt_api_socket_tell(s, RT_API_SOCKET_DISCONNECTED, 0);
	rt_api_host_touch(s->host);
}

void rt_api_socket_host_stops(struct rt_socket *s)
{
	const bool waits = is_waiting(s);

	rt_list_del(&s->wait_node);
	if (s->state == RT_SOCKET_CONNECTED)
		close_connected(s);
	if (s->conn && s->state == RT_SOCKET_CONNECTING)
		rt_api_conn_orphan(s->conn);
	else if (!waits)
		return;
	fail_connect(s, -ENETDOWN, HINT_STOPS);
}

void rt_api_socket_host_ends(struct rt_socket *s)
{
	if (!s->conn)
		return;
	if (rt_socket_bytes_to_write(s) > 0) {
		rt_api_socket_refuse(s, RT_SOCKET_ERROR_NETWORK, -ENETDOWN,
				     HINT_STOPS);
		break_off(s);
		return;
	}
	rt_api_conn_orphan(s->conn);
	enter_disconnected(s);
}
