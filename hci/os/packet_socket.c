/* SPDX-License-Identifier: MIT */
#include "hci/os/packet_socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stack/os/fd.h"

#define WRITE_BYTES_MAX (1 + 4 + RT_PACKET_SOCKET_ACL_BYTES)
#define PACKET_BYTES_MAX (1 + 4 + 65535)
#define RECEIVE_MAX 64 /* packets by one receive() */
#define RECEIVE_BUFFER_BYTES (8 * 1024 * 1024)
/*
 * What one packet of up to 1023 octets takes of the receive buffer: the kernel
 * counts its structures and rounds up. Half of the buffer is for events, and
 * for what nobody has thought of.
 */
#define PACKET_COST_BYTES (2 * 2304)

struct packet_socket {
	struct rt_transport base;
	int err;			   /* negative: failed for good */
	uint8_t buf[PACKET_BYTES_MAX + 1]; /* one more shows a longer one */
};

static struct packet_socket *own(struct rt_transport *transport)
{
	return RT_CONTAINER_OF(transport, struct packet_socket, base);
}

static int fail(struct packet_socket *s, int err)
{
	s->err = err;
	return err;
}

static int socket_send(struct rt_transport *transport,
		       const struct rt_packet *packet)
{
	struct packet_socket *s = own(transport);
	struct iovec iov[1 + RT_SLICES_MAX];
	uint8_t type = packet->type;
	struct msghdr msg = { .msg_iov = iov };
	ssize_t n;

	if (s->err < 0)
		return s->err;
	assert(1 + packet->len <= WRITE_BYTES_MAX);
	iov[msg.msg_iovlen].iov_base = &type;
	iov[msg.msg_iovlen++].iov_len = 1;
	for (unsigned i = 0; i < packet->count; i++) {
		/* The layout is the same, but the pointer is not const. */
		memcpy(&iov[msg.msg_iovlen].iov_base, &packet->slice[i].ptr,
		       sizeof(void *));
		iov[msg.msg_iovlen++].iov_len = packet->slice[i].len;
	}
	do {
		n = sendmsg(s->base.fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ||
	    errno == ENOMEM)
		return -EAGAIN;
	return fail(s, -errno);
}

/* Nothing is ever kept: a packet is written whole or not at all. */
static int socket_flush(struct rt_transport *transport)
{
	return own(transport)->err;
}

/* Returns the octets of the next packet, 0 if there is none, or an error. */
static ssize_t receive_one(struct packet_socket *s)
{
	struct iovec iov = { .iov_base = s->buf, .iov_len = sizeof(s->buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	do {
		n = recvmsg(s->base.fd, &msg, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		return fail(s, -errno);
	if (n == 0)
		return fail(s, -EPIPE);
	/* A packet with a hole would be worse than none. */
	if ((msg.msg_flags & MSG_TRUNC) || (size_t)n > PACKET_BYTES_MAX)
		return fail(s, -EMSGSIZE);
	return n;
}

static int socket_receive(struct rt_transport *transport,
			  const struct rt_transport_sink *sink)
{
	struct packet_socket *s = own(transport);
	ssize_t n;

	if (s->err < 0)
		return s->err;
	for (int i = 0; i < RECEIVE_MAX; i++) {
		n = receive_one(s);
		if (n <= 0)
			return (int)n;
		/* Other types, vendors' diagnostics for one, are not for us. */
		if (s->buf[0] >= RT_PACKET_ACL && s->buf[0] <= RT_PACKET_ISO)
			sink->packet(sink->user, (enum rt_packet_type)s->buf[0],
				     rt_bytes(s->buf + 1, (size_t)n - 1));
	}
	return 1;
}

static void socket_close(struct rt_transport *transport)
{
	struct packet_socket *s = own(transport);

	close(s->base.fd);
	free(s);
}

static const struct rt_transport_ops ops = {
	.send = socket_send,
	.flush = socket_flush,
	.receive = socket_receive,
	.close = socket_close,
};

uint16_t rt_packet_socket_capacity(int rcvbuf_bytes)
{
	int packets = rcvbuf_bytes / PACKET_COST_BYTES;

	return (uint16_t)RT_MAX(RT_MIN(packets, 0xffff), 1);
}

/* As large as we may, and then as large as it has become. */
static uint16_t enlarge_buffer(int fd)
{
	int bytes = RECEIVE_BUFFER_BYTES;
	socklen_t len = sizeof(bytes);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, len) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, len);
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len) < 0)
		bytes = 0;
	return rt_packet_socket_capacity(bytes);
}

int rt_packet_socket_new(int fd, bool lossy, const char *name,
			 struct rt_transport **ret)
{
	const int err = rt_fd_prepare(fd);
	struct packet_socket *s;

	if (err < 0)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.ops = &ops;
	s->base.fd = fd;
	s->base.acl_bytes_max = RT_PACKET_SOCKET_ACL_BYTES;
	if (lossy)
		s->base.acl_rx_packets_max = enlarge_buffer(fd);
	snprintf(s->base.name, sizeof(s->base.name), "%s", name);
	*ret = &s->base;
	return 0;
}
