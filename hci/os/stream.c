/* SPDX-License-Identifier: MIT */
#include "hci/os/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hci/os/h4.h"

#define SAVED_BYTES_MAX 64

struct stream {
	struct rt_transport base;
	enum rt_stream_kind kind;
	int err; /* negative: failed for good */
	void (*restore)(int fd, const void *saved);
	_Alignas(8) uint8_t saved[SAVED_BYTES_MAX];
	size_t out_off; /* the rest of a packet that was sent in part */
	size_t out_len;
	uint8_t out[RT_H4_PACKET_BYTES];
	struct rt_h4 h4;
};

static struct stream *own(struct rt_transport *transport)
{
	return RT_CONTAINER_OF(transport, struct stream, base);
}

static int fail(struct stream *s, int err)
{
	/* A terminal that is gone gives EIO. */
	s->err = err == -EIO ? -ENODEV : err;
	return s->err;
}

/* Octets written, -EAGAIN, or the error that is final. */
static ssize_t write_some(struct stream *s, struct iovec *iov, size_t count)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };
	ssize_t n;

	do {
		if (s->kind == RT_STREAM_SERIAL)
			n = writev(s->base.fd, iov, (int)count);
		else
			n = sendmsg(s->base.fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ||
	    errno == ENOMEM)
		return -EAGAIN;
	return fail(s, errno == ECONNRESET ? -EPIPE : -errno);
}

static int stream_flush(struct rt_transport *transport)
{
	struct stream *s = own(transport);
	struct iovec iov;
	ssize_t n;

	while (s->err == 0 && s->out_off < s->out_len) {
		iov.iov_base = s->out + s->out_off;
		iov.iov_len = s->out_len - s->out_off;
		n = write_some(s, &iov, 1);
		if (n < 0)
			return (int)n;
		s->out_off += (size_t)n;
	}
	return s->err;
}

/* Keeps what has not been written: all behind the first `skip` octets. */
static void keep(struct stream *s, const struct iovec *iov, size_t count,
		 size_t skip)
{
	s->out_off = 0;
	s->out_len = 0;
	for (size_t i = 0; i < count; i++) {
		size_t n = RT_MIN(skip, iov[i].iov_len);
		size_t left = iov[i].iov_len - n;

		skip -= n;
		if (left > 0)
			memcpy(s->out + s->out_len,
			       (const uint8_t *)iov[i].iov_base + n, left);
		s->out_len += left;
	}
}

static int stream_send(struct rt_transport *transport,
		       const struct rt_packet *packet)
{
	struct stream *s = own(transport);
	struct iovec iov[1 + RT_SLICES_MAX];
	uint8_t type = packet->type;
	size_t count = 0;
	int err = stream_flush(transport);
	ssize_t n;

	if (err < 0)
		return err;
	assert(packet->len < RT_H4_PACKET_BYTES);
	iov[count].iov_base = &type;
	iov[count++].iov_len = 1;
	for (unsigned i = 0; i < packet->count; i++) {
		/* The layout is the same, but the pointer is not const. */
		memcpy(&iov[count].iov_base, &packet->slice[i].ptr,
		       sizeof(void *));
		iov[count++].iov_len = packet->slice[i].len;
	}
	n = write_some(s, iov, count);
	if (n < 0)
		return (int)n;
	if ((size_t)n < 1 + packet->len)
		keep(s, iov, count, (size_t)n);
	rt_h4_sent(&s->h4, packet);
	return 0;
}

static int stream_receive(struct rt_transport *transport,
			  const struct rt_transport_sink *sink)
{
	struct stream *s = own(transport);
	size_t room;
	uint8_t *buf = rt_h4_room(&s->h4, &room);
	ssize_t n;
	int err;

	if (s->err < 0)
		return s->err;
	do {
		n = read(s->base.fd, buf, room);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		return fail(s, -EPIPE);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		return fail(s, errno == ECONNRESET ? -EPIPE : -errno);
	err = rt_h4_fed(&s->h4, (size_t)n, sink);
	if (err < 0)
		return fail(s, err);
	return (size_t)n == room;
}

static void stream_close(struct rt_transport *transport)
{
	struct stream *s = own(transport);

	if (s->restore)
		s->restore(s->base.fd, s->saved);
	close(s->base.fd);
	free(s);
}

static const struct rt_transport_ops ops = {
	.send = stream_send,
	.flush = stream_flush,
	.receive = stream_receive,
	.close = stream_close,
};

int rt_stream_new(int fd, enum rt_stream_kind kind, const char *name,
		  struct rt_transport **ret)
{
	int flags = fcntl(fd, F_GETFL);
	struct stream *s;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.ops = &ops;
	s->base.fd = fd;
	snprintf(s->base.name, sizeof(s->base.name), "%s", name);
	s->kind = kind;
	rt_h4_init(&s->h4, kind == RT_STREAM_SERIAL);
	*ret = &s->base;
	return 0;
}

void rt_stream_restore(struct rt_transport *transport,
		       void (*restore)(int fd, const void *saved),
		       const void *saved, size_t saved_bytes)
{
	struct stream *s = own(transport);

	assert(saved_bytes <= sizeof(s->saved));
	memcpy(s->saved, saved, saved_bytes);
	s->restore = restore;
}
