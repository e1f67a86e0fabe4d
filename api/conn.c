/* SPDX-License-Identifier: MIT */
#include "api/conn.h"

#include <errno.h>

#include "api/gate.h"
#include "api/host.h"
#include "api/serial.h"
#include "api/server.h"
#include "api/socket.h"
#include "l2cap/l2cap.h"
#include "rfcomm/rfcomm.h"

#define MARKS_BYTES ((size_t)RT_API_QUEUE_MARKS * RT_API_QUEUE_MARK_BYTES)
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

static void rx_last(void *user, rt_handle handle, struct rt_bytes data)
{
	struct rt_api_conn *conn = user;

	(void)handle;
	if (conn->sock)
		rt_api_socket_received_last(conn->sock, data);
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
	.rx_last = rx_last,
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

	if (!conn)
		return -ENOMEM;
	conn->host = s->host;
	conn->sock = s;
	conn->protocol = s->protocol;
	rt_list_init(&conn->node);
	*ret_conn = conn;
	return 0;
}

int rt_api_conn_make_tx(struct rt_api_conn *conn)
{
	return rt_api_queue_init(&conn->host->env, &conn->tx,
				 conn->sock->options.write_queue_bytes,
				 conn->protocol == RT_PROTOCOL_L2CAP);
}

void rt_api_conn_destroy(struct rt_api_conn *conn)
{
	struct rt_env *env = &conn->host->env;

	rt_list_del(&conn->node);
	rt_api_queue_fini(env, &conn->tx);
	rt_env_free(env, conn);
}

static struct rt_rfcomm_params rfcomm_params(const struct rt_api_options *o)
{
	return (struct rt_rfcomm_params){
		.port_ops = &rt_api_serial_ops,
		.frame_bytes = rt_api_options_frame_bytes(o),
		.room_bytes = rt_api_options_rx_bytes(o, RT_PROTOCOL_RFCOMM),
		.credits_max = o->credits_max,
		.signals = (uint8_t)o->modem_signals,
		.security = rt_api_options_need(o),
	};
}

static enum rt_l2cap_mode l2cap_mode(enum rt_l2cap_socket_mode mode)
{
	switch (mode) {
	case RT_SOCKET_MODE_BASIC:
		return RT_L2CAP_MODE_BASIC;
	case RT_SOCKET_MODE_ERTM:
		return RT_L2CAP_MODE_ERTM;
	case RT_SOCKET_MODE_STREAMING:
		return RT_L2CAP_MODE_STREAMING;
	case RT_SOCKET_MODE_CREDIT:
		return RT_L2CAP_MODE_CREDIT;
	}
	return RT_L2CAP_MODE_BASIC;
}

static enum rt_l2cap_fcs l2cap_fcs(enum rt_fcs fcs)
{
	switch (fcs) {
	case RT_FCS_DEFAULT:
		return RT_L2CAP_FCS_OMIT;
	case RT_FCS_NONE:
		return RT_L2CAP_FCS_NONE;
	case RT_FCS_16BIT:
		return RT_L2CAP_FCS_16BIT;
	}
	return RT_L2CAP_FCS_OMIT;
}

/* Service discovery is for everybody (Core Vol 3 Part C 5.2.2.8). */
static struct rt_sec_need l2cap_need(const struct rt_api_options *o,
				     uint16_t psm)
{
	struct rt_sec_need need = rt_api_options_need(o);

	if (psm == RT_L2CAP_PSM_SDP && o->security == RT_SECURITY_NONE &&
	    need.level == 1)
		need.level = 0;
	return need;
}

static struct rt_l2cap_params l2cap_params(const struct rt_api_options *o,
					   uint16_t psm)
{
	return (struct rt_l2cap_params){
		.imtu = (uint16_t)o->mtu,
		.flush_timeout_ms = (uint16_t)o->flush_timeout_ms,
		.mode = l2cap_mode((enum rt_l2cap_socket_mode)o->mode),
		.mode_required = o->mode_required,
		.fcs = l2cap_fcs((enum rt_fcs)o->fcs),
		.window = (uint16_t)o->window,
		.extended_window = o->extended_window,
		.max_transmit = o->max_transmit
					? (uint16_t)o->max_transmit
					: RT_L2CAP_MAX_TRANSMIT_INFINITE,
		.mps = (uint16_t)o->mps,
		.retransmission_ms = (uint16_t)o->retransmission_ms,
		.monitor_ms = (uint16_t)o->monitor_ms,
		.security = l2cap_need(o, psm),
		.room_bytes = rt_api_options_rx_bytes(o, RT_PROTOCOL_L2CAP) -
			      MARKS_BYTES,
	};
}

static int connect_rfcomm(struct rt_api_conn *conn, struct rt_addr addr,
			  uint16_t port)
{
	struct rt_rfcomm_params params = rfcomm_params(&conn->sock->options);

	params.ops = &rfcomm_ops;
	params.user = conn;
	return rt_rfcomm_connect(conn->host->rfcomm, addr, (uint8_t)port,
				 &params, &conn->handle);
}

static int connect_l2cap(struct rt_api_conn *conn, struct rt_addr addr,
			 uint16_t port)
{
	struct rt_l2cap_params params =
		l2cap_params(&conn->sock->options, port);

	params.ops = &l2cap_ops;
	params.user = conn;
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
	err = rt_api_conn_make_tx(conn);
	if (err == 0 && s->protocol == RT_PROTOCOL_RFCOMM)
		err = connect_rfcomm(conn, addr, port);
	else if (err == 0)
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

int rt_api_conn_accept(struct rt_api_conn *conn)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		return rt_rfcomm_accept(conn->host->rfcomm, conn->handle);
	return rt_l2cap_accept(conn->host->l2cap, conn->handle);
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

/*
 * Octets of datagrams that fit, however many datagrams they are: a peer with
 * credits for so many octets may send short ones, and each has its mark.
 */
static size_t datagram_room(const struct rt_api_queue *rx)
{
	const size_t room = rt_api_queue_room(rx);

	return room - RT_MIN(room, MARKS_BYTES);
}

void rt_api_conn_set_room(struct rt_api_conn *conn,
			  const struct rt_api_queue *rx)
{
	if (conn->protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_set_room(conn->host->rfcomm, conn->handle,
				   rt_api_queue_room(rx));
	else
		rt_l2cap_set_room(conn->host->l2cap, conn->handle,
				  datagram_room(rx));
}

void rt_api_conn_promise_room(struct rt_api_conn *conn, size_t bytes)
{
	/* RFCOMM has been told with the parameters of the DLC. */
	if (conn->protocol == RT_PROTOCOL_L2CAP)
		rt_l2cap_set_room(conn->host->l2cap, conn->handle, bytes);
}

size_t rt_api_conn_datagram_max(const struct rt_api_conn *conn)
{
	struct rt_l2cap_info info;

	if (rt_l2cap_get_info(conn->host->l2cap, conn->handle, &info) < 0)
		return 0;
	return RT_MIN(info.omtu, rt_api_queue_max(&conn->tx));
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
	struct rt_rfcomm_params params = rfcomm_params(options);
	uint8_t channel;
	int err;

	params.ops = &rfcomm_listener_ops;
	params.user = user;
	err = rt_rfcomm_listen(host->rfcomm, (uint8_t)port, &params, &channel);
	if (err == 0)
		*ret_port = channel;
	return err;
}

static int listen_l2cap(struct rt_host *host, uint16_t port,
			const struct rt_api_options *options, void *user,
			uint16_t *ret_port)
{
	struct rt_l2cap_params params = l2cap_params(options, port);

	params.ops = &l2cap_listener_ops;
	params.user = user;
	return rt_l2cap_listen(host->l2cap, port, &params, ret_port);
}

int rt_api_conn_listen(struct rt_host *host, enum rt_protocol protocol,
		       uint16_t port, const struct rt_api_options *options,
		       void *user, uint16_t *ret_port)
{
	int err;

	if (protocol == RT_PROTOCOL_RFCOMM)
		err = listen_rfcomm(host, port, options, user, ret_port);
	else
		err = listen_l2cap(host, port, options, user, ret_port);
	if (err == 0)
		rt_api_gate_update_floor(host);
	return err;
}

void rt_api_conn_unlisten(struct rt_host *host, enum rt_protocol protocol,
			  uint16_t port)
{
	if (protocol == RT_PROTOCOL_RFCOMM)
		rt_rfcomm_unlisten(host->rfcomm, (uint8_t)port);
	else
		rt_l2cap_unlisten(host->l2cap, port);
	rt_api_gate_update_floor(host);
}
