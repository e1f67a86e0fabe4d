/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>

#include "api/host.h"
#include "hci/hci.h"

/* A socket's life, what it tells, and what can be asked of it. */

void rt_api_socket_wake(struct rt_socket *s)
{
	/* Nobody has set callbacks before it has been taken. */
	if (!s->server && !rt_api_news_empty(&s->news))
		rt_ready_raise(&s->host->env, &s->ready, 1);
}

void rt_api_socket_tell(struct rt_socket *s, enum rt_api_socket_news what,
			uint8_t value)
{
	switch (what) {
	case RT_API_SOCKET_STATE:
	case RT_API_SOCKET_CONNECTED:
	case RT_API_SOCKET_DISCONNECTED:
	case RT_API_SOCKET_ERROR:
		rt_api_news_add(&s->news, (uint8_t)what, value);
		break;
	case RT_API_SOCKET_READABLE:
	case RT_API_SOCKET_WRITABLE:
	case RT_API_SOCKET_WRITTEN:
	case RT_API_SOCKET_MODEM:
	case RT_API_SOCKET_BREAK:
	case RT_API_SOCKET_LINE:
	case RT_API_SOCKET_LINE_STATUS:
	case RT_API_SOCKET_LINE_ANSWERED:
		rt_api_news_merge(&s->news, (uint8_t)what);
		break;
	}
	rt_api_socket_wake(s);
}

void rt_api_socket_refuse(struct rt_socket *s, enum rt_socket_error code,
			  int err, const char *hint)
{
	rt_api_error_from_here(&s->error, code, err, hint);
}

ptrdiff_t rt_api_socket_refuse_operation(struct rt_socket *s, ptrdiff_t err,
					 const char *hint)
{
	/*
	 * The end of a connection that is still to be told of is not hidden by
	 * a read that goes on until nothing is left.
	 */
	if (!rt_api_news_has(&s->news, RT_API_SOCKET_ERROR))
		rt_api_socket_refuse(s, RT_SOCKET_ERROR_OPERATION, (int)err,
				     hint);
	return err;
}

void rt_api_socket_set_tap(struct rt_socket *s, const struct rt_api_tap *tap,
			   void *user)
{
	const struct rt_api_tap *old = s->tap;
	void *old_user = s->tap_user;

	s->tap = tap;
	s->tap_user = user;
	if (old)
		old->gone(s, old_user);
}

/*
 * Callbacks are called in tail position: the socket, or the host, may be gone
 * when they return.
 */
static void tell_state(struct rt_socket *s, uint8_t value)
{
	const enum rt_socket_state state = (enum rt_socket_state)value;

	s->told_state = state;
	if (s->callbacks.on_state_changed)
		s->callbacks.on_state_changed(s, state, s->user_data);
}

static void tell_connected(struct rt_socket *s)
{
	s->told_connected = true;
	if (s->callbacks.on_connected)
		s->callbacks.on_connected(s, s->user_data);
}

static void tell_disconnected(struct rt_socket *s)
{
	/* Of a connection that it never heard of it hears no end. */
	if (!s->told_connected)
		return;
	s->told_connected = false;
	if (s->callbacks.on_disconnected)
		s->callbacks.on_disconnected(s, s->user_data);
}

static void tell_written(struct rt_socket *s)
{
	const size_t bytes = s->written;

	s->written = 0;
	if (bytes > 0 && s->callbacks.on_bytes_written)
		s->callbacks.on_bytes_written(s, bytes, s->user_data);
}

static void tell_error(struct rt_socket *s, uint8_t value)
{
	if (s->callbacks.on_error)
		s->callbacks.on_error(s, (enum rt_socket_error)value,
				      s->user_data);
}

static void tell_readable(struct rt_socket *s)
{
	if (s->callbacks.on_readable)
		s->callbacks.on_readable(s, s->user_data);
}

static void tell_writable(struct rt_socket *s)
{
	if (s->callbacks.on_writable)
		s->callbacks.on_writable(s, s->user_data);
}

/* Data events of an exported connection are not for the application. */
static bool is_for_tap(enum rt_api_socket_news what)
{
	return what == RT_API_SOCKET_READABLE ||
	       what == RT_API_SOCKET_WRITABLE || what == RT_API_SOCKET_WRITTEN;
}

static void tell(struct rt_socket *s, const struct rt_api_news_item *item)
{
	switch ((enum rt_api_socket_news)item->kind) {
	case RT_API_SOCKET_STATE:
		tell_state(s, item->value);
		break;
	case RT_API_SOCKET_CONNECTED:
		tell_connected(s);
		break;
	case RT_API_SOCKET_DISCONNECTED:
		tell_disconnected(s);
		break;
	case RT_API_SOCKET_ERROR:
		tell_error(s, item->value);
		break;
	case RT_API_SOCKET_READABLE:
		tell_readable(s);
		break;
	case RT_API_SOCKET_WRITABLE:
		tell_writable(s);
		break;
	case RT_API_SOCKET_WRITTEN:
		tell_written(s);
		break;
	case RT_API_SOCKET_MODEM:
		rt_api_serial_tell_modem(s);
		break;
	case RT_API_SOCKET_BREAK:
		rt_api_serial_tell_break(s);
		break;
	case RT_API_SOCKET_LINE:
		rt_api_serial_tell_line(s);
		break;
	case RT_API_SOCKET_LINE_STATUS:
		rt_api_serial_tell_status(s);
		break;
	case RT_API_SOCKET_LINE_ANSWERED:
		rt_api_serial_tell_answer(s);
		break;
	}
}

void rt_api_socket_deliver(struct rt_socket *s)
{
	struct rt_api_news_item item;
	enum rt_api_socket_news what;
	bool tapped;

	if (!rt_api_news_take(&s->news, &item))
		return;
	rt_api_socket_wake(s);
	what = (enum rt_api_socket_news)item.kind;
	tapped = s->tap;
	if (tapped)
		s->tap->event(s, what, s->tap_user);
	if (!tapped || !is_for_tap(what))
		tell(s, &item);
}

struct rt_socket *rt_socket_new(struct rt_host *host, enum rt_protocol protocol)
{
	return rt_api_socket_new(host, protocol);
}

void rt_socket_free(struct rt_socket *s)
{
	if (!s)
		return;
	rt_socket_abort(s);
	rt_api_socket_destroy(s);
}

void rt_api_socket_destroy(struct rt_socket *s)
{
	struct rt_host *host = s->host;

	rt_api_socket_set_tap(s, NULL, NULL);
	rt_env_stop(&host->env, &s->patience);
	rt_ready_cancel(&s->ready);
	rt_list_del(&s->node);
	rt_list_del(&s->wait_node);
	rt_list_del(&s->pend_node);
	rt_api_queue_fini(&host->env, &s->rx);
	host->socket_count--;
	rt_env_free(&host->env, s);
}

void rt_socket_set_callbacks(struct rt_socket *s,
			     const struct rt_socket_callbacks *callbacks,
			     void *user_data)
{
	rt_api_copy_in(&s->callbacks, sizeof(s->callbacks), callbacks);
	s->user_data = user_data;
}

struct rt_host *rt_socket_host(const struct rt_socket *s)
{
	return s->host;
}

enum rt_protocol rt_socket_protocol(const struct rt_socket *s)
{
	return s->protocol;
}

enum rt_socket_state rt_socket_state(const struct rt_socket *s)
{
	return s->state;
}

enum rt_socket_error rt_socket_error(const struct rt_socket *s)
{
	return s->error.code;
}

const char *rt_socket_error_string(const struct rt_socket *s)
{
	return s->error.text;
}

void rt_socket_error_info(const struct rt_socket *s,
			  struct rt_error_info *ret_info)
{
	struct rt_error_info info;

	rt_api_error_describe(&s->error.why, s->error.hint, &info);
	rt_api_copy_out(ret_info, &info, sizeof(info));
}

struct rt_addr rt_socket_local_address(const struct rt_socket *s)
{
	const struct rt_addr zero = { { 0 } };

	if (!rt_api_host_is_up(s->host))
		return zero;
	return rt_hci_get_info(s->host->hci)->addr;
}

uint16_t rt_socket_local_port(const struct rt_socket *s)
{
	if (s->state == RT_SOCKET_UNCONNECTED || !s->incoming)
		return 0;
	return s->port;
}

const char *rt_socket_local_name(const struct rt_socket *s)
{
	return s->host->name;
}

struct rt_addr rt_socket_peer_address(const struct rt_socket *s)
{
	const struct rt_addr zero = { { 0 } };

	return s->state == RT_SOCKET_UNCONNECTED ? zero : s->peer;
}

uint16_t rt_socket_peer_port(const struct rt_socket *s)
{
	if (s->state == RT_SOCKET_UNCONNECTED || s->incoming)
		return 0;
	return s->port;
}

const char *rt_socket_peer_name(const struct rt_socket *s)
{
	if (s->state == RT_SOCKET_UNCONNECTED)
		return "";
	return rt_api_names_get(&s->host->names, s->peer);
}
