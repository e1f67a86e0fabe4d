/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>

#include "api/host.h"
#include "api/server.h"

/*
 * The states of a socket, and how connections end.
 *
 *	UNCONNECTED [-> SERVICE_LOOKUP] -> CONNECTING -> CONNECTED -> CLOSING
 *	-> UNCONNECTED
 */

#define HINT_LINGER "the peer took no more data before the linger limit"
#define HINT_STOPS "the host is shutting down"
#define HINT_HOST_WAIT "the controller did not come up in time"

void rt_api_socket_enter(struct rt_socket *s, enum rt_socket_state state)
{
	if (s->state == state)
		return;
	s->state = state;
	rt_api_socket_tell(s, RT_API_SOCKET_STATE, (uint8_t)state);
}

void rt_api_socket_tell_error(struct rt_socket *s)
{
	rt_api_socket_tell(s, RT_API_SOCKET_ERROR, (uint8_t)s->error.code);
}

/* From CONNECTED or CLOSING, when the connection has gone. */
static void enter_disconnected(struct rt_socket *s)
{
	rt_env_stop(&s->host->env, &s->patience);
	rt_api_socket_enter(s, RT_SOCKET_CLOSING);
	rt_api_socket_enter(s, RT_SOCKET_UNCONNECTED);
	rt_api_socket_tell(s, RT_API_SOCKET_DISCONNECTED, 0);
}

bool rt_api_socket_is_waiting(const struct rt_socket *s)
{
	return !rt_list_empty(&s->wait_node);
}

/* Breaks the connection off with an error that is set already. */
static void break_off(struct rt_socket *s)
{
	rt_api_error_add_unsent(&s->error, rt_socket_bytes_to_write(s));
	rt_api_conn_orphan(s->conn);
	rt_api_socket_tell_error(s);
	enter_disconnected(s);
	rt_api_host_touch(s->host);
}

static void on_patience(struct rt_timer *timer)
{
	struct rt_socket *s =
		RT_CONTAINER_OF(timer, struct rt_socket, patience);

	if (!s->conn) {
		rt_list_del(&s->wait_node);
		rt_api_socket_fail_connect(s, -ETIMEDOUT, HINT_HOST_WAIT);
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

/* Nobody has heard of it: it is as if it had not been accepted. */
static void turn_away(struct rt_socket *s)
{
	const rt_handle handle = s->conn->handle;

	rt_api_conn_orphan(s->conn);
	(void)rt_api_server_lost(s, handle);
}

void rt_api_socket_opened(struct rt_socket *s)
{
	if (s->server && rt_api_socket_make_rx(s) < 0) {
		turn_away(s);
		return;
	}
	rt_api_serial_opened(s);
	if (s->server) {
		/* Whoever takes it gets it connected. */
		s->state = RT_SOCKET_CONNECTED;
		s->told_state = RT_SOCKET_CONNECTED;
		s->told_connected = true;
		rt_api_server_opened(s->server, s);
		return;
	}
	rt_api_socket_enter(s, RT_SOCKET_CONNECTED);
	rt_api_socket_tell(s, RT_API_SOCKET_CONNECTED, 0);
}

/* The peer could not keep the link: what was under way is lost with it. */
static bool is_breakdown(const struct rt_reason *why)
{
	if (why->layer != RT_LAYER_HCI)
		return false;
	return why->code == 0x14 || /* Low Resources */
	       why->code == 0x15;   /* Power Off */
}

/* True if an end in state CLOSING is what the application asked for. */
static bool is_orderly(const struct rt_reason *why, size_t unsent)
{
	return unsent == 0 && !is_breakdown(why) &&
	       rt_api_error_class(why) == RT_SOCKET_ERROR_REMOTE_HOST_CLOSED &&
	       why->layer != RT_LAYER_TRANSPORT;
}

void rt_api_socket_lost(struct rt_socket *s, const struct rt_reason *why,
			size_t unsent)
{
	const enum rt_socket_state state = s->state;
	const rt_handle handle = s->conn->handle;

	s->conn = NULL;
	rt_env_stop(&s->host->env, &s->patience);
	if (s->server && rt_api_server_lost(s, handle))
		return;
	if (state != RT_SOCKET_CLOSING || !is_orderly(why, unsent)) {
		rt_api_error_from_reason(&s->error, why);
		rt_api_error_add_unsent(&s->error, unsent);
		if (state == RT_SOCKET_CONNECTING)
			rt_api_socket_enter(s, RT_SOCKET_UNCONNECTED);
		/* Closed before it was told of: it hears of no outcome. */
		if (state != RT_SOCKET_CLOSING || s->told_connected)
			rt_api_socket_tell_error(s);
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

/*
 * Takes back the news that a connect has begun. False if the application has
 * heard of it already.
 */
static bool unsay_connect(struct rt_socket *s)
{
	bool unsaid = rt_api_news_undo(&s->news, RT_API_SOCKET_STATE,
				       RT_SOCKET_CONNECTING);

	if (s->looked_up)
		unsaid = rt_api_news_undo(&s->news, RT_API_SOCKET_STATE,
					  RT_SOCKET_SERVICE_LOOKUP);
	return unsaid;
}

static void give_up(struct rt_socket *s)
{
	rt_list_del(&s->wait_node);
	rt_env_stop(&s->host->env, &s->patience);
	rt_api_lookup_cancel(s);
	if (s->conn)
		rt_api_conn_orphan(s->conn);
	s->state = RT_SOCKET_UNCONNECTED;
	if (!unsay_connect(s))
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

	rt_api_socket_enter(s, RT_SOCKET_CLOSING);
	rt_env_arm(&s->host->env, &s->patience, RT_MS(ms));
	if (s->conn->tx.bytes == 0)
		rt_api_socket_drained(s);
}

void rt_socket_close(struct rt_socket *s)
{
	rt_api_host_enter(s->host);
	switch (s->state) {
	case RT_SOCKET_SERVICE_LOOKUP:
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
	rt_api_lookup_cancel(s);
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
	const bool waits = rt_api_socket_is_waiting(s);
	const bool asks = rt_api_lookup_cancel(s);

	rt_list_del(&s->wait_node);
	if (s->state == RT_SOCKET_CONNECTED)
		close_connected(s);
	if (s->conn && s->state == RT_SOCKET_CONNECTING)
		rt_api_conn_orphan(s->conn);
	else if (!waits && !asks)
		return;
	rt_api_socket_fail_connect(s, -ENETDOWN, HINT_STOPS);
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
