/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>

#include "api/host.h"
#include "api/link_options.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

/*
 * How connections begin. A socket that shall connect while it is still
 * closing, while an orphan of RFCOMM holds the same DLC, or while the
 * controller comes up, is on the host's list of waiting ones.
 */

/* How long a connect waits for a host that is coming up. */
#define HOST_WAIT_MS 20000

#define HINT_UNKNOWN "the socket has no protocol: choose RFCOMM or L2CAP"
#define HINT_BUSY "the socket is busy: close it before it connects anew"
#define HINT_ADDRESS "this is not the address of a device to connect to"
#define HINT_UUID "a service has a UUID other than zero"
#define HINT_CHANNEL "an RFCOMM server channel is a number from 1 to 30"
#define HINT_PSM "a PSM has an odd low octet and an even high octet"
#define HINT_IN_USE "a connection to this channel of the peer exists"
#define HINT_LIMIT "too many links, channels or sockets are open"
#define HINT_MEMORY "there is no memory"
#define HINT_CREDIT "MTU and MPS of credit based channels are 64 or more"

/* True if it is worth waiting for the host. */
static bool is_coming_up(const struct rt_host *host)
{
	return host->state == RT_HOST_STARTING ||
	       host->state == RT_HOST_RECOVERING;
}

static enum rt_socket_error connect_class(int err)
{
	return err == -EINVAL ? RT_SOCKET_ERROR_OPERATION
			      : RT_SOCKET_ERROR_NETWORK;
}

void rt_api_socket_fail_connect(struct rt_socket *s, int err, const char *hint)
{
	rt_env_stop(&s->host->env, &s->patience);
	rt_api_socket_refuse(s, connect_class(err), err, hint);
	if (s->state == RT_SOCKET_SERVICE_LOOKUP ||
	    s->state == RT_SOCKET_CONNECTING)
		rt_api_socket_enter(s, RT_SOCKET_UNCONNECTED);
	rt_api_socket_tell_error(s);
}

int rt_api_socket_refuse_connect(struct rt_socket *s, enum rt_socket_error code,
				 int err, const char *hint)
{
	rt_api_socket_refuse(s, code, err, hint);
	if (code != RT_SOCKET_ERROR_NETWORK)
		rt_api_socket_tell_error(s);
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

static size_t rx_bytes(const struct rt_socket *s)
{
	return rt_api_options_rx_bytes(&s->options, s->protocol);
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
	rt_api_conn_promise_room(conn, rx_bytes(s));
}

static int init_rx(struct rt_socket *s, struct rt_api_queue *rx)
{
	return rt_api_queue_init(&s->host->env, rx, rx_bytes(s),
				 s->protocol == RT_PROTOCOL_L2CAP);
}

static enum rt_protocol protocol_of(const struct rt_socket *s,
				    const struct rt_api_target *target)
{
	return target->protocol == RT_PROTOCOL_UNKNOWN ? s->protocol
						       : target->protocol;
}

/* The state in which it stands while it gets to the target. */
static void enter_connecting(struct rt_socket *s,
			     const struct rt_api_target *target)
{
	const enum rt_socket_state state = target->by_uuid
						   ? RT_SOCKET_SERVICE_LOOKUP
						   : RT_SOCKET_CONNECTING;

	if (s->state == state)
		return;
	if (s->state != RT_SOCKET_SERVICE_LOOKUP)
		s->looked_up = target->by_uuid;
	s->peer = target->addr;
	s->port = target->port;
	s->incoming = false;
	s->error = (struct rt_api_error){ .code = RT_SOCKET_ERROR_NONE };
	rt_api_socket_enter(s, state);
}

static int open_conn(struct rt_socket *s, const struct rt_api_target *target)
{
	const enum rt_protocol before = s->protocol;
	struct rt_api_conn *conn = NULL;
	struct rt_api_queue rx;
	int err;

	s->protocol = protocol_of(s, target);
	err = init_rx(s, &rx);
	if (err == 0) {
		err = rt_api_conn_open(s, target->addr, target->port, &conn);
		if (err < 0)
			rt_api_queue_fini(&s->host->env, &rx);
	}
	if (err < 0) {
		s->protocol = before;
		return err;
	}
	begin(s, conn, &rx);
	rt_api_link_options_apply(s->host, target->addr, &s->options);
	return 0;
}

/* Begins to connect, or leaves everything as it is. */
static int start(struct rt_socket *s, const struct rt_api_target *target)
{
	int err;

	if (!rt_api_host_is_up(s->host))
		return -ENETDOWN;
	err = target->by_uuid ? rt_api_lookup_start(s, target)
			      : open_conn(s, target);
	if (err < 0)
		return err;
	rt_api_socket_set_tap(s, NULL, NULL);
	rt_env_stop(&s->host->env, &s->patience);
	enter_connecting(s, target);
	return 0;
}

static void wait(struct rt_socket *s, const struct rt_api_target *target)
{
	s->wait = *target;
	rt_list_append(&s->host->waiting, &s->wait_node);
}

/* Waits for an orphan to go, or for the host. */
static void wait_connecting(struct rt_socket *s,
			    const struct rt_api_target *target)
{
	wait(s, target);
	if (is_coming_up(s->host) && !s->patience.armed)
		rt_env_arm(&s->host->env, &s->patience, RT_MS(HOST_WAIT_MS));
	enter_connecting(s, target);
}

static int check_port(enum rt_protocol protocol, uint16_t port,
		      const char **ret_hint)
{
	if (protocol == RT_PROTOCOL_RFCOMM &&
	    (port < 1 || port > RT_RFCOMM_CHANNEL_MAX)) {
		*ret_hint = HINT_CHANNEL;
		return -EINVAL;
	}
	if (protocol == RT_PROTOCOL_L2CAP && !rt_l2cap_psm_is_valid(port)) {
		*ret_hint = HINT_PSM;
		return -EINVAL;
	}
	return 0;
}

static int check_target(const struct rt_socket *s,
			const struct rt_api_target *target,
			const char **ret_hint)
{
	const enum rt_protocol protocol = protocol_of(s, target);

	if (rt_addr_is_zero(target->addr)) {
		*ret_hint = HINT_ADDRESS;
		return -EINVAL;
	}
	if (target->by_uuid && rt_uuid_is_zero(target->uuid)) {
		*ret_hint = HINT_UUID;
		return -EINVAL;
	}
	if (protocol == RT_PROTOCOL_L2CAP &&
	    !rt_api_options_fit_credit(&s->options)) {
		*ret_hint = HINT_CREDIT;
		return -EINVAL;
	}
	return target->by_uuid ? 0
			       : check_port(protocol, target->port, ret_hint);
}

/* True if a connect can neither begin nor fail now. */
static bool must_wait(const struct rt_socket *s,
		      const struct rt_api_target *target)
{
	if (is_coming_up(s->host))
		return true;
	return !target->by_uuid && rt_api_host_is_up(s->host) &&
	       rt_api_conn_blocks(s->host, protocol_of(s, target), target->addr,
				  target->port);
}

static int connect_now(struct rt_socket *s, const struct rt_api_target *target)
{
	if (!must_wait(s, target))
		return start(s, target);
	wait_connecting(s, target);
	return 0;
}

/* Returns 0 if the socket is free for a connect, or will be soon. */
static int check_free(const struct rt_socket *s)
{
	switch (s->state) {
	case RT_SOCKET_CONNECTED:
		return -EISCONN;
	case RT_SOCKET_SERVICE_LOOKUP:
	case RT_SOCKET_CONNECTING:
		return -EALREADY;
	case RT_SOCKET_UNCONNECTED:
	case RT_SOCKET_BOUND:
	case RT_SOCKET_CLOSING:
	case RT_SOCKET_LISTENING:
		break;
	}
	return rt_api_socket_is_waiting(s) ? -EALREADY : 0;
}

int rt_api_socket_connect(struct rt_socket *s,
			  const struct rt_api_target *target)
{
	const char *hint;
	int err;

	rt_api_host_enter(s->host);
	if (protocol_of(s, target) == RT_PROTOCOL_UNKNOWN && !target->by_uuid)
		return rt_api_socket_refuse_connect(
			s, RT_SOCKET_ERROR_UNSUPPORTED_PROTOCOL,
			-EPROTONOSUPPORT, HINT_UNKNOWN);
	err = check_free(s);
	if (err < 0)
		return rt_api_socket_refuse_connect(
			s, RT_SOCKET_ERROR_OPERATION, err, HINT_BUSY);
	err = check_target(s, target, &hint);
	if (err < 0)
		return rt_api_socket_refuse_connect(
			s, RT_SOCKET_ERROR_OPERATION, err, hint);
	if (s->state == RT_SOCKET_CLOSING) {
		wait(s, target);
		return 0;
	}
	err = connect_now(s, target);
	if (err < 0)
		return rt_api_socket_refuse_connect(s, connect_class(err), err,
						    connect_hint(err));
	rt_api_host_touch(s->host);
	return 0;
}

int rt_socket_connect(struct rt_socket *s, struct rt_addr addr, uint16_t port)
{
	const struct rt_api_target target = { .addr = addr, .port = port };

	return rt_api_socket_connect(s, &target);
}

void rt_api_socket_connect_found(struct rt_socket *s, enum rt_protocol protocol,
				 uint16_t port)
{
	const struct rt_api_target target = {
		.addr = s->peer,
		.protocol = protocol,
		.port = port,
	};
	int err = connect_now(s, &target);

	if (err < 0)
		rt_api_socket_fail_connect(s, err, connect_hint(err));
}

static void retry(struct rt_socket *s)
{
	const struct rt_api_target target = s->wait;
	int err;

	if (s->state == RT_SOCKET_CLOSING) {
		rt_list_append(&s->host->waiting, &s->wait_node);
		return;
	}
	err = connect_now(s, &target);
	if (err < 0)
		rt_api_socket_fail_connect(s, err, connect_hint(err));
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
	const struct rt_api_queue none = { .datagrams = false };
	struct rt_api_conn *conn;
	int err = rt_api_conn_adopt(s, handle, port, &conn);

	if (err < 0)
		return err;
	begin(s, conn, &none);
	s->state = RT_SOCKET_CONNECTING;
	return 0;
}

int rt_api_socket_make_rx(struct rt_socket *s)
{
	return init_rx(s, &s->rx);
}
