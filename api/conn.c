/* SPDX-License-Identifier: MIT */
#include "api/conn.h"

#include <errno.h>

#include "api/host.h"
#include "api/server.h"
#include "api/socket.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

#define HINT_SHRUNK "the peer lowered its MTU below a datagram on its way"

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_api_conn, grave));
}

static void opened(void *user, rt_handle handle)
{
	struct rt_api_conn *conn = user;

	(void)handle;
	if (conn->sock)
		rt_api_socket_opened(conn->sock);
}

static void closed(void *user, rt_handle handle, const struct rt_reason *why)
{
	struct rt_api_conn *conn = user;
	struct rt_host *host = conn->host;
	struct rt_socket *s = conn->sock;
	const size_t unsent = conn->tx.bytes + conn->lost;

	(void)handle;
	if (s)
		rt_api_conn_get_stats(conn, &s->stats);
	rt_list_del(&conn->node);
	rt_api_queue_fini(&host->env, &conn->tx);
	rt_env_bury(&host->env, &conn->grave, free_grave);
	if (s)
		rt_api_socket_lost(s, why, unsent);
}

static void rx(void *user, rt_handle handle, struct rt_bytes data)
{
	struct rt_api_conn *conn = user;

	(void)handle;
	if (conn->sock)
		rt_api_socket_received(conn->sock, data);
}

static bool pull(void *user, rt_handle handle, size_t max, struct rt_pdu *pdu)
{
	struct rt_api_conn *conn = user;
	ptrdiff_t n;

	(void)handle;
	if (!conn->sock)
		return false;
	n = rt_api_queue_pull(&conn->tx, max, pdu->body);
	/* The peer has reconfigured its MTU since the datagram was taken. */
	if (n == -EMSGSIZE)
		rt_api_socket_break(conn->sock, -EMSGSIZE, HINT_SHRUNK);
	if (n < 0)
		return false;
	pdu->done.bytes = (uint32_t)n;
	return true;
}

static void completed(void *user, rt_handle handle, const struct rt_done *done,
		      bool written)
{
	struct rt_api_conn *conn = user;

	(void)handle;
	rt_api_queue_sent(&conn->tx, done->bytes);
	if (!written)
		conn->lost += done->bytes;
	if (conn->sock)
		rt_api_socket_sent(conn->sock, done->bytes, written);
}

static int incoming(void *user, rt_handle handle)
{
	return rt_api_server_incoming(user, handle);
}

/* A listener is told only of what it has not passed on to a socket. */
static void listener_opened(void *user, rt_handle handle)
{
	(void)user;
	(void)handle;
}

static void listener_closed(void *user, rt_handle handle,
			    const struct rt_reason *why)
{
	(void)user;
	(void)handle;
	(void)why;
}

static void listener_rx(void *user, rt_handle handle, struct rt_bytes data)
{
	(void)user;
	(void)handle;
	(void)data;
}

static bool listener_pull(void *user, rt_handle handle, size_t max,
			  struct rt_pdu *pdu)
{
	(void)user;
	(void)handle;
	(void)max;
	(void)pdu;
	return false;
}

static void listener_completed(void *user, rt_handle handle,
			       const struct rt_done *done, bool written)
{
	(void)user;
	(void)handle;
	(void)done;
	(void)written;
}

static const struct rt_l2cap_ops l2cap_ops = {
	.opened = opened,
	.closed = closed,
	.rx = rx,
	.pull = pull,
	.completed = completed,
};

static const struct rt_rfcomm_ops rfcomm_ops = {
	.opened = opened,
	.closed = closed,
	.rx = rx,
	.pull = pull,
	.completed = completed,
};

static const struct rt_l2cap_ops l2cap_listener_ops = {
	.opened = listener_opened,
	.closed = listener_closed,
	.rx = listener_rx,
	.pull = listener_pull,
	.completed = listener_completed,
	.incoming = incoming,
};

static const struct rt_rfcomm_ops rfcomm_listener_ops = {
	.opened = listener_opened,
	.closed = listener_closed,
	.rx = listener_rx,
	.pull = listener_pull,
	.completed = listener_completed,
	.incoming = incoming,
};

static int new_conn(struct rt_socket *s, struct rt_api_conn **ret_conn)
{
	struct rt_env *env = &s->host->env;
	struct rt_api_conn *conn = rt_env_alloc(env, sizeof(*conn));
	int err;

	if (!conn)
		return -ENOMEM;
	err = rt_api_queue_init(env, &conn->tx, s->options.write_queue_bytes,
				s->protocol == RT_PROTOCOL_L2CAP);
	if (err < 0) {
		rt_env_free(env, conn);
		return err;
	}
	conn->host = s->host;
	conn->sock = s;
	conn->protocol = s->protocol;
	rt_list_init(&conn->node);
	*ret_conn = conn;
	return 0;
}

void rt_api_conn_destroy(struct rt_api_conn *conn)
{
	struct rt_env *env = &conn->host->env;

	rt_list_del(&conn->node);
	rt_api_queue_fini(env, &conn->tx);
	rt_env_free(env, conn);
}

static int connect_rfcomm(struct rt_api_conn *conn, struct rt_addr addr,
			  uint16_t port)
{
	const struct rt_api_options *options = &conn->sock->options;
	const struct rt_rfcomm_params params = {
		.ops = &rfcomm_ops,
		.user = conn,
		.frame_bytes = rt_api_options_frame_bytes(options),
		.room_bytes =
			rt_api_options_rx_bytes(options, RT_PROTOCOL_RFCOMM),
	};

	return rt_rfcomm_connect(conn->host->rfcomm, addr, (uint8_t)port,
				 &params, &conn->handle);
}

static int connect_l2cap(struct rt_api_conn *conn, struct rt_addr addr,
			 uint16_t port)
{
	const struct rt_l2cap_params params = {
		.ops = &l2cap_ops,
		.user = conn,
		.imtu = conn->sock->options.mtu,
		.flush_timeout_ms = conn->sock->options.flush_timeout_ms,
	};

	return rt_l2cap_connect(conn->host->l2cap, addr, port, &params,
				&conn->handle);
}

int rt_api_conn_open(struct rt_socket *s, struct rt_addr addr, uint16_t port,
		     struct rt_api_conn **ret_conn)
{
	struct rt_api_conn *conn;
	int err = new_conn(s, &conn);

	if (err < 0)
		return err;
	conn->peer = addr;
	conn->port = port;
	if (s->protocol == RT_PROTOCOL_RFCOMM)
		err = connect_rfcomm(conn, addr, port);
	else
		err = connect_l2cap(conn, addr, port);
	if (err < 0) {
		rt_api_conn_destroy(conn);
		return err;
	}
	rt_list_append(&s->host->conns, &conn->node);
	*ret_conn = conn;
	return 0;
}

static int get_peer(const struct rt_api_conn *conn, struct rt_addr *ret_peer)
{
	struct rt_rfcomm_info rfcomm;
	struct rt_l2cap_info l2cap;
	int err;

	if (conn->protocol == RT_PROTOCOL_RFCOMM) {
		err = rt_rfcomm_get_info(conn->host->rfcomm, conn->handle,
					 &rfcomm);
		if (err == 0)
			*ret_peer = rfcomm.peer;
		return err;
	}
	err = rt_l2cap_get_info(conn->host->l2cap, conn->handle, &l2cap);
	if (err == 0)
		*ret_peer = l2cap.peer;
	return err;
}

int rt_api_conn_adopt(struct rt_socket *s, rt_handle handle, uint16_t port,
		      struct rt_api_conn **ret_conn)
{
	struct rt_host *host = s->host;
	struct rt_api_conn *conn;
	int err = new_conn(s, &conn);

	if (err < 0)
		return err;
	conn->handle = handle;
	conn->port = port;
	conn->incoming = true;
	err = get_peer(conn, &conn->peer);
	if (err < 0) {
		rt_api_conn_destroy(conn);
		return err;
	}
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_set_user(host->rfcomm, handle, &rfcomm_ops, conn);
	else
		rt_l2cap_set_user(host->l2cap, handle, &l2cap_ops, conn);
	rt_list_append(&host->conns, &conn->node);
	*ret_conn = conn;
	return 0;
}

void rt_api_conn_close(struct rt_api_conn *conn)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_close(conn->host->rfcomm, conn->handle);
	else
		rt_l2cap_close(conn->host->l2cap, conn->handle);
}

void rt_api_conn_orphan(struct rt_api_conn *conn)
{
	if (conn->sock) {
		rt_api_conn_get_stats(conn, &conn->sock->stats);
		conn->sock->conn = NULL;
	}
	conn->sock = NULL;
	rt_api_conn_close(conn);
}

void rt_api_conn_ready(struct rt_api_conn *conn)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_ready(conn->host->rfcomm, conn->handle);
	else
		rt_l2cap_ready(conn->host->l2cap, conn->handle);
}

void rt_api_conn_set_room(struct rt_api_conn *conn, size_t room)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_set_room(conn->host->rfcomm, conn->handle, room);
}

size_t rt_api_conn_datagram_max(const struct rt_api_conn *conn)
{
	struct rt_l2cap_info info;

	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return 0;
	return RT_MIN(info.omtu, rt_api_queue_max(&conn->tx));
}

static void get_rfcomm_stats(const struct rt_api_conn *conn,
			     struct rt_socket_stats *stats)
{
	struct rt_rfcomm_info info;

	if (rt_rfcomm_get_info(conn->host->rfcomm, conn->handle, &info) < 0)
		return;
	stats->tx_frames = info.tx_frames;
	stats->rx_frames = info.rx_frames;
	stats->tx_credits = info.tx_credits;
	stats->rx_credits = info.rx_credits;
	stats->rx_mtu = info.frame_bytes;
	stats->tx_mtu = info.frame_bytes;
	stats->stalled_credits_us = info.stalled_us;
	stats->msc_missing = info.msc_missing;
}

void rt_api_conn_get_stats(const struct rt_api_conn *conn,
			   struct rt_socket_stats *stats)
{
	struct rt_l2cap_info info;

	if (conn->protocol == RT_PROTOCOL_RFCOMM) {
		get_rfcomm_stats(conn, stats);
		return;
	}
	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return;
	stats->rx_mtu = info.imtu;
	stats->tx_mtu = info.omtu;
}

bool rt_api_conn_blocks(const struct rt_host *host, enum rt_protocol protocol,
			struct rt_addr addr, uint16_t port)
{
	const struct rt_api_conn *conn;

	if (protocol != RT_PROTOCOL_RFCOMM)
		return false;
	RT_LIST_EACH (conn, &host->conns, node) {
		if (!conn->sock && !conn->incoming &&
		    conn->protocol == protocol && conn->port == port &&
		    rt_addr_equal(conn->peer, addr))
			return true;
	}
	return false;
}

static int listen_rfcomm(struct rt_host *host, uint16_t port,
			 const struct rt_api_options *options, void *user,
			 uint16_t *ret_port)
{
	const struct rt_rfcomm_params params = {
		.ops = &rfcomm_listener_ops,
		.user = user,
		.frame_bytes = rt_api_options_frame_bytes(options),
		.room_bytes =
			rt_api_options_rx_bytes(options, RT_PROTOCOL_RFCOMM),
	};
	uint8_t channel;
	int err = rt_rfcomm_listen(host->rfcomm, (uint8_t)port, &params,
				   &channel);

	if (err == 0)
		*ret_port = channel;
	return err;
}

int rt_api_conn_listen(struct rt_host *host, enum rt_protocol protocol,
		       uint16_t port, const struct rt_api_options *options,
		       void *user, uint16_t *ret_port)
{
	const struct rt_l2cap_params params = {
		.ops = &l2cap_listener_ops,
		.user = user,
		.imtu = options->mtu,
		.flush_timeout_ms = options->flush_timeout_ms,
	};

	if (protocol == RT_PROTOCOL_RFCOMM)
		return listen_rfcomm(host, port, options, user, ret_port);
	return rt_l2cap_listen(host->l2cap, port, &params, ret_port);
}

void rt_api_conn_unlisten(struct rt_host *host, enum rt_protocol protocol,
			  uint16_t port)
{
	if (protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_unlisten(host->rfcomm, (uint8_t)port);
	else
		rt_l2cap_unlisten(host->l2cap, port);
}
