/* SPDX-License-Identifier: MIT */
#include "api/server.h"

#include <errno.h>

#include <rawtooth/service.h>

#include "api/agent.h"
#include "api/error.h"
#include "api/host.h"
#include "api/link_options.h"
#include "api/socket.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

#define MAX_PENDING_DEFAULT 1
#define HINT_MEMORY "there is no memory for the write queue"

struct rt_server *rt_server_new(struct rt_host *host, enum rt_protocol protocol,
				const struct rt_server_callbacks *callbacks,
				void *user_data)
{
	struct rt_server *server = rt_env_alloc(&host->env, sizeof(*server));

	if (!server)
		return NULL;
	server->host = host;
	server->protocol = protocol;
	server->user_data = user_data;
	server->max_pending = MAX_PENDING_DEFAULT;
	server->options = rt_api_options_default;
	rt_api_copy_in(&server->callbacks, sizeof(server->callbacks),
		       callbacks);
	rt_ready_init(&server->ready, RT_API_SERVER);
	rt_list_init(&server->embryos);
	rt_list_init(&server->pending);
	rt_list_append(&host->servers, &server->node);
	return server;
}

void rt_api_server_destroy(struct rt_server *server)
{
	rt_ready_cancel(&server->ready);
	rt_list_del(&server->node);
	rt_env_free(&server->host->env, server);
}

void rt_server_free(struct rt_server *server)
{
	if (!server)
		return;
	rt_server_close(server);
	rt_api_server_destroy(server);
}

static int fail(struct rt_server *server, enum rt_server_error error, int err)
{
	server->error = error;
	return err;
}

static enum rt_server_error error_class(int err)
{
	switch (err) {
	case -EADDRINUSE:
		return RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED;
	case -EPROTONOSUPPORT:
		return RT_SERVER_ERROR_UNSUPPORTED_PROTOCOL;
	case -ENETDOWN:
		return RT_SERVER_ERROR_POWERED_OFF;
	case -ENOSPC:
	case -ENOMEM:
		return RT_SERVER_ERROR_INPUT_OUTPUT;
	default:
		return RT_SERVER_ERROR_UNKNOWN;
	}
}

static int check_port(const struct rt_server *server, uint16_t port)
{
	switch (server->protocol) {
	case RT_PROTOCOL_RFCOMM:
		return port <= RT_RFCOMM_CHANNEL_MAX ? 0 : -EINVAL;
	case RT_PROTOCOL_L2CAP:
		return port == 0 || rt_l2cap_psm_is_valid(port) ? 0 : -EINVAL;
	case RT_PROTOCOL_UNKNOWN:
		break;
	}
	return -EPROTONOSUPPORT;
}

int rt_server_listen(struct rt_server *server, uint16_t port)
{
	struct rt_host *host = server->host;
	int err;

	rt_api_host_enter(host);
	if (server->listening)
		return fail(server, RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED,
			    -EALREADY);
	err = check_port(server, port);
	if (err == 0 &&
	    (host->state == RT_HOST_STOPPING || host->state == RT_HOST_DOWN ||
	     host->state == RT_HOST_OFF))
		err = -ENETDOWN;
	if (err == 0)
		err = rt_api_conn_listen(host, server->protocol, port,
					 &server->options, server,
					 &server->port);
	if (err < 0)
		return fail(server, error_class(err), err);
	server->listening = true;
	server->error = RT_SERVER_ERROR_NONE;
	rt_api_host_update_scan(host);
	return 0;
}

static void drop_all(struct rt_list *list)
{
	struct rt_socket *s;

	while (!rt_list_empty(list)) {
		s = RT_LIST_FIRST(list, struct rt_socket, pend_node);
		s->server = NULL;
		rt_socket_free(s);
	}
}

void rt_server_close(struct rt_server *server)
{
	rt_api_host_enter(server->host);
	rt_api_agent_forget(server->host, server, 0);
	drop_all(&server->embryos);
	drop_all(&server->pending);
	if (!server->listening)
		return;
	server->listening = false;
	rt_service_free(server->service);
	rt_api_conn_unlisten(server->host, server->protocol, server->port);
	server->port = 0;
	rt_api_host_update_scan(server->host);
}

void rt_api_server_host_ends(struct rt_server *server,
			     enum rt_server_error error)
{
	if (!server->listening)
		return;
	rt_server_close(server);
	server->error = error;
}

bool rt_server_is_listening(const struct rt_server *server)
{
	return server->listening;
}

uint16_t rt_server_port(const struct rt_server *server)
{
	return server->port;
}

enum rt_server_error rt_server_error(const struct rt_server *server)
{
	return server->error;
}

int rt_server_set_max_pending(struct rt_server *server, unsigned int count)
{
	if (count < 1 || count > server->host->env.limits.backlog)
		return -EINVAL;
	server->max_pending = count;
	return 0;
}

unsigned int rt_server_max_pending(const struct rt_server *server)
{
	return server->max_pending;
}

bool rt_server_has_pending(const struct rt_server *server)
{
	return !rt_list_empty(&server->pending);
}

struct rt_socket *rt_server_next_pending(struct rt_server *server)
{
	struct rt_socket *s =
		RT_LIST_FIRST(&server->pending, struct rt_socket, pend_node);

	if (!s)
		return NULL;
	rt_api_host_enter(server->host);
	rt_list_del(&s->pend_node);
	s->server = NULL;
	if (s->conn && rt_api_conn_make_tx(s->conn) < 0)
		rt_api_socket_break(s, -ENOMEM, HINT_MEMORY);
	rt_api_socket_wake(s);
	rt_api_host_touch(server->host);
	return s;
}

int rt_server_set_option(struct rt_server *server, enum rt_option option,
			 int64_t value)
{
	struct rt_api_options options = server->options;
	int err = rt_api_options_set(&options, server->protocol, option, value);

	if (err < 0)
		return err;
	if (server->listening && option != RT_OPTION_LINGER_MS)
		return -EISCONN;
	server->options = options;
	return 0;
}

int rt_server_set_security(struct rt_server *server, unsigned int flags)
{
	struct rt_api_options options = server->options;
	int err = rt_api_options_set_security(&options, flags);

	if (err < 0)
		return err;
	if (server->listening)
		return -EISCONN;
	server->options = options;
	return 0;
}

static unsigned int count(const struct rt_list *list)
{
	const struct rt_list *it;
	unsigned int n = 0;

	for (it = list->next; it != list; it = it->next)
		n++;
	return n;
}

/* The connection is not the socket's any more: the layer below refuses it. */
static void give_back(struct rt_socket *s)
{
	rt_api_conn_destroy(s->conn);
	rt_api_socket_destroy(s);
}

/* Asks the agent, if that is what the server wants. */
static int authorize(struct rt_server *server, struct rt_socket *s)
{
	int err;

	if (!(server->options.security & RT_SECURITY_AUTHORIZATION))
		return 0;
	err = rt_api_agent_authorize(server->host, server, s->conn->handle,
				     s->peer);
	if (err == 0)
		return -EAGAIN;
	give_back(s);
	return server->protocol == RT_PROTOCOL_RFCOMM ? -ECONNREFUSED : -EACCES;
}

int rt_api_server_incoming(struct rt_server *server, rt_handle handle)
{
	const int refusal = server->protocol == RT_PROTOCOL_RFCOMM
				    ? -ECONNREFUSED
				    : -ENOBUFS;
	struct rt_socket *s;

	if (count(&server->embryos) + count(&server->pending) >=
	    server->max_pending)
		return refusal;
	s = rt_api_socket_new(server->host, server->protocol);
	if (!s)
		return refusal;
	s->options = server->options;
	s->server = server;
	if (rt_api_socket_adopt(s, handle, server->port) < 0) {
		rt_api_socket_destroy(s);
		return refusal;
	}
	rt_list_append(&server->embryos, &s->pend_node);
	return authorize(server, s);
}

static struct rt_socket *find_embryo(const struct rt_server *server,
				     rt_handle handle)
{
	struct rt_socket *s;

	RT_LIST_EACH (s, &server->embryos, pend_node) {
		if (s->conn && s->conn->handle == handle)
			return s;
	}
	return NULL;
}

void rt_api_server_authorized(struct rt_server *server, rt_handle handle,
			      bool yes)
{
	struct rt_socket *s = find_embryo(server, handle);

	if (!s)
		return;
	rt_api_host_enter(server->host);
	if (!yes || rt_api_conn_accept(s->conn) < 0)
		rt_api_conn_close(s->conn);
	rt_api_host_touch(server->host);
}

void rt_api_server_opened(struct rt_server *server, struct rt_socket *s)
{
	rt_list_del(&s->pend_node);
	rt_list_append(&server->pending, &s->pend_node);
	rt_ready_raise(&server->host->env, &server->ready, 1);
	rt_api_link_options_apply(s->host, s->peer, &s->options);
}

bool rt_api_server_lost(struct rt_socket *s, rt_handle handle)
{
	if (s->state == RT_SOCKET_CONNECTED)
		return false;
	rt_api_agent_forget(s->host, s->server, handle);
	rt_api_socket_destroy(s);
	return true;
}

/* The oldest pending connection that has not been told of. */
static struct rt_socket *unannounced(const struct rt_server *server)
{
	struct rt_socket *s;

	RT_LIST_EACH (s, &server->pending, pend_node) {
		if (!s->announced)
			return s;
	}
	return NULL;
}

void rt_api_server_deliver(struct rt_server *server)
{
	struct rt_socket *s = unannounced(server);

	if (!s)
		return;
	s->announced = true;
	if (unannounced(server))
		rt_ready_raise(&server->host->env, &server->ready, 1);
	if (server->callbacks.on_new_connection)
		server->callbacks.on_new_connection(server, server->user_data);
}
