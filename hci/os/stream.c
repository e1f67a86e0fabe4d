/* SPDX-License-Identifier: MIT */
#include "hci/os/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hci/os/h4.h"
#include "stack/os/fd.h"

#define SAVED_BYTES_MAX 64
#define BATCH_BYTES 16384
#define BATCH_BYTES_SERIAL 1 /* commands shall overtake data that wait */

struct stream {
	struct rt_transport base;
	enum rt_stream_kind kind;
	int err; /* negative: failed for good */
	void (*restore)(int fd, const void *saved);
	_Alignas(8) uint8_t saved[SAVED_BYTES_MAX];
	size_t batch_bytes; /* kept back at most, but for the last packet */
	bool blocked;	    /* the line took no more when it was last asked */
	size_t out_off;	    /* octets of `out` that have left */
	size_t out_len;
	uint8_t out[BATCH_BYTES + RT_H4_PACKET_BYTES];
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
static ssize_t write_some(struct stream *s, const uint8_t *buf, size_t len)
{
	ssize_t n;

	do {
		if (s->kind == RT_STREAM_SERIAL)
			n = write(s->base.fd, buf, len);
		else
			n = send(s->base.fd, buf, len, MSG_NOSIGNAL);
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
	ssize_t n;

	while (s->err == 0 && s->out_off < s->out_len) {
		n = write_some(s, s->out + s->out_off, s->out_len - s->out_off);
		s->blocked = n == -EAGAIN;
		if (n < 0)
			return (int)n;
		s->out_off += (size_t)n;
	}
	s->out_off = 0;
	s->out_len = 0;
	return s->err;
}

static void append(struct stream *s, struct rt_bytes octets)
{
	if (octets.len > 0)
		memcpy(s->out + s->out_len, octets.ptr, octets.len);
	s->out_len += octets.len;
}

/*
 * Copying a packet costs far less than a system call for it. A line that takes
 * no more gets no more until all that waits has left.
 */
static int stream_send(struct rt_transport *transport,
		       const struct rt_packet *packet)
{
	struct stream *s = own(transport);
	const bool full = s->blocked || s->out_len >= s->batch_bytes;
	const int err = full ? stream_flush(transport) : s->err;

	if (err < 0)
		return err;
	assert(packet->len < RT_H4_PACKET_BYTES);
	append(s, rt_bytes(&packet->type, 1));
	for (unsigned i = 0; i < packet->count; i++)
		append(s, packet->slice[i]);
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
	const int err = rt_fd_prepare(fd);
	struct stream *s;

	if (err < 0)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->base.ops = &ops;
	s->base.fd = fd;
	snprintf(s->base.name, sizeof(s->base.name), "%s", name);
	s->kind = kind;
	s->batch_bytes =
		kind == RT_STREAM_SERIAL ? BATCH_BYTES_SERIAL : BATCH_BYTES;
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
