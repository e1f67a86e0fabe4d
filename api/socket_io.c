/* SPDX-License-Identifier: MIT */
#include "api/socket.h"

#include <errno.h>

#include "api/host.h"

/* Reading and writing. */

#define HINT_NOT_CONNECTED "the socket is not connected"
#define HINT_NOTHING "there is nothing to write: no octets were given"
#define HINT_NO_BUFFER "there is no buffer to read into"
#define HINT_EXPORTED "the connection was exported as a descriptor"
#define HINT_TOO_LONG "the datagram is longer than the peer or the queue takes"
#define HINT_NO_LINES "datagrams have no lines"

#define HINT_OUTRUN "the peer sent more than it had been given room for"

void rt_api_socket_received(struct rt_socket *s, struct rt_bytes data)
{
	if (!rt_api_queue_fits(&s->rx, data.len)) {
		/*
		 * A datagram that finds no room is lost, and the reader is
		 * told so. In a stream nobody could see the hole, and where
		 * there is flow control there shall be none.
		 */
		if (rt_api_conn_waits(s->conn)) {
			rt_api_socket_break(s, -EPROTO, HINT_OUTRUN);
			return;
		}
		rt_api_queue_lose(&s->rx);
		s->stats.rx_dropped++;
		return;
	}
	rt_api_queue_begin(&s->rx, data.len);
	rt_api_queue_put(&s->rx, data);
	s->stats.rx_bytes += data.len;
	s->stats.rx_frames++;
	/* The layer below counts no marks. */
	if (s->rx.datagrams)
		rt_api_conn_set_room(s->conn, &s->rx);
	rt_api_socket_tell(s, RT_API_SOCKET_READABLE, 0);
}

void rt_api_socket_received_last(struct rt_socket *s, struct rt_bytes data)
{
	if (rt_api_queue_stretch(&s->host->env, &s->rx, data.len) == 0) {
		rt_api_socket_received(s, data);
		return;
	}
	/* The end comes next, as an orderly one: the gap is told in reading. */
	rt_api_queue_lose(&s->rx);
	s->stats.rx_dropped++;
}

/* What reading finds where nothing is queued. */
static ptrdiff_t nothing_to_read(const struct rt_socket *s)
{
	if (s->state == RT_SOCKET_CONNECTED || s->state == RT_SOCKET_CLOSING)
		return -EAGAIN;
	return -ENOTCONN;
}

ptrdiff_t rt_api_socket_take(struct rt_socket *s, void *buf, size_t bytes,
			     bool take)
{
	const bool datagrams = s->protocol == RT_PROTOCOL_L2CAP;
	ptrdiff_t n;

	if ((!buf && bytes > 0) || (!datagrams && bytes == 0))
		return -EINVAL;
	if (!rt_api_queue_ready(&s->rx))
		return nothing_to_read(s);
	n = rt_api_queue_read(&s->rx, buf, bytes, take);
	if (n == -EAGAIN)
		return nothing_to_read(s);
	if (n >= 0 && take && s->conn) {
		rt_api_host_enter(s->host);
		rt_api_conn_set_room(s->conn, &s->rx);
		rt_api_host_touch(s->host);
	}
	return n;
}

static ptrdiff_t read_or_refuse(struct rt_socket *s, void *buf, size_t bytes,
				bool take)
{
	ptrdiff_t n;

	if (s->tap)
		return rt_api_socket_refuse_operation(s, -EBUSY, HINT_EXPORTED);
	n = rt_api_socket_take(s, buf, bytes, take);
	if (n == -ENOTCONN)
		return rt_api_socket_refuse_operation(s, n, HINT_NOT_CONNECTED);
	if (n == -EINVAL)
		return rt_api_socket_refuse_operation(s, n, HINT_NO_BUFFER);
	return n;
}

ptrdiff_t rt_socket_read(struct rt_socket *s, void *buf, size_t bytes)
{
	return read_or_refuse(s, buf, bytes, true);
}

ptrdiff_t rt_socket_peek(struct rt_socket *s, void *buf, size_t bytes)
{
	return read_or_refuse(s, buf, bytes, false);
}

ptrdiff_t rt_socket_read_line(struct rt_socket *s, char *buf, size_t bytes)
{
	size_t line;
	ptrdiff_t n;

	if (s->protocol != RT_PROTOCOL_RFCOMM)
		return rt_api_socket_refuse_operation(s, -EOPNOTSUPP,
						      HINT_NO_LINES);
	if (!buf || bytes < 2)
		return rt_api_socket_refuse_operation(s, -EINVAL,
						      HINT_NO_BUFFER);
	line = rt_api_queue_line_bytes(&s->rx);
	if (line == 0)
		line = bytes - 1;
	n = read_or_refuse(s, buf, RT_MIN(line, bytes - 1), true);
	if (n > 0)
		buf[n] = '\0';
	return n;
}

bool rt_socket_can_read_line(const struct rt_socket *s)
{
	return rt_api_queue_line_bytes(&s->rx) > 0;
}

size_t rt_socket_bytes_available(const struct rt_socket *s)
{
	return s->rx.bytes;
}

ptrdiff_t rt_socket_next_datagram_bytes(const struct rt_socket *s)
{
	if (!rt_api_queue_ready(&s->rx))
		return -EAGAIN;
	return rt_api_queue_first_bytes(&s->rx);
}

size_t rt_socket_bytes_to_write(const struct rt_socket *s)
{
	return s->conn ? s->conn->tx.bytes : 0;
}

void rt_api_socket_want_writable(struct rt_socket *s)
{
	s->want_writable = true;
}

/* Adds the pieces up. False if that is more than can be returned. */
static bool total(const struct rt_iovec *iov, size_t count, size_t *ret_bytes)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (!iov[i].base && iov[i].bytes > 0)
			return false;
		if (iov[i].bytes > (size_t)PTRDIFF_MAX - sum)
			return false;
		sum += iov[i].bytes;
	}
	*ret_bytes = sum;
	return true;
}

/* Puts the first `n` octets of the pieces, which fit. */
static void put(struct rt_api_queue *q, const struct rt_iovec *iov,
		size_t count, size_t n)
{
	size_t part;

	rt_api_queue_begin(q, n);
	for (size_t i = 0; i < count; i++) {
		part = RT_MIN(n, iov[i].bytes);
		rt_api_queue_put(q, rt_bytes(iov[i].base, part));
		n -= part;
	}
}

/* How many of `bytes` octets are accepted now, or a negative errno. */
static ptrdiff_t accepted(struct rt_socket *s, size_t bytes)
{
	const struct rt_api_queue *tx = &s->conn->tx;
	size_t n = bytes;

	if (!tx->datagrams)
		n = RT_MIN(bytes, rt_api_queue_room(tx));
	else if (bytes > rt_api_conn_datagram_max(s->conn))
		return -EMSGSIZE;
	else if (!rt_api_queue_fits(tx, bytes))
		n = 0;
	if (n < bytes)
		s->want_writable = true;
	return n > 0 ? (ptrdiff_t)n : -EAGAIN;
}

ptrdiff_t rt_api_socket_put(struct rt_socket *s, const struct rt_iovec *iov,
			    size_t count)
{
	size_t bytes = 0;
	ptrdiff_t n;

	if (s->state != RT_SOCKET_CONNECTED)
		return -ENOTCONN;
	if (!iov || !total(iov, count, &bytes) || bytes == 0)
		return -EINVAL;
	n = accepted(s, bytes);
	if (n < 0)
		return n;
	rt_api_host_enter(s->host);
	put(&s->conn->tx, iov, count, (size_t)n);
	rt_api_conn_ready(s->conn);
	rt_api_host_touch(s->host);
	return n;
}

ptrdiff_t rt_socket_writev(struct rt_socket *s, const struct rt_iovec *iov,
			   size_t count)
{
	ptrdiff_t n;

	if (s->tap)
		return rt_api_socket_refuse_operation(s, -EBUSY, HINT_EXPORTED);
	n = rt_api_socket_put(s, iov, count);
	if (n == -ENOTCONN)
		return rt_api_socket_refuse_operation(s, n, HINT_NOT_CONNECTED);
	if (n == -EINVAL)
		return rt_api_socket_refuse_operation(s, n, HINT_NOTHING);
	if (n == -EMSGSIZE)
		return rt_api_socket_refuse_operation(s, n, HINT_TOO_LONG);
	return n;
}

ptrdiff_t rt_socket_write(struct rt_socket *s, const void *buf, size_t bytes)
{
	const struct rt_iovec iov = { buf, bytes };

	return rt_socket_writev(s, &iov, 1);
}

void rt_api_socket_sent(struct rt_socket *s, size_t bytes, bool written)
{
	if (written) {
		s->written += bytes;
		s->stats.tx_bytes += bytes;
		s->stats.tx_frames++;
		rt_api_socket_tell(s, RT_API_SOCKET_WRITTEN, 0);
	}
	if (s->state == RT_SOCKET_CLOSING) {
		if (s->conn->tx.bytes == 0)
			rt_api_socket_drained(s);
		return;
	}
	if (s->want_writable && rt_api_queue_half_empty(&s->conn->tx)) {
		s->want_writable = false;
		rt_api_socket_tell(s, RT_API_SOCKET_WRITABLE, 0);
	}
}
