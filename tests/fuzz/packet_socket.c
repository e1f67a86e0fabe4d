/* SPDX-License-Identifier: MIT */
/*
 * The user channel's reads and writes (F-02), with a kernel that is played:
 * packets of any size, errors at any time. What is delivered is what was read,
 * packet by packet, as far as it is for a host; what is written is what was
 * given; the first error that is one is the last word. packet_socket.h has the
 * layout of an input.
 */
#include "tests/fuzz/packet_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "hci/os/packet_socket.h"
#include "stack/rd.h"
#include "tests/fuzz/fuzz.h"

#define FD 4242
#define PACKET_MAX (1 + 4 + 65535)
#define AT_ONCE 64 /* packets of one receive() */

static const int errors[] = {
	EINTR, EAGAIN, EWOULDBLOCK, ENODEV, EIO,    EPIPE,    ECONNRESET,
	EBADF, ENOMEM, ENOBUFS,	    EBUSY,  EFAULT, ENETDOWN, EHOSTUNREACH,
};

/* A read to come: a packet, or an error. */
struct read {
	int err; /* 0: a packet */
	size_t len;
	uint8_t octets[UINT8_MAX]; /* the beginning; behind it, zeros */
};

static struct {
	struct read reads[RECORDS_MAX];
	size_t first, count;
	int rcvbuf;
	int write_err;
	bool closed;
	int failed; /* what every call says from now on; 0: not yet */
	/* What is expected to be delivered, and what was. */
	const struct read *due;
	size_t delivered;
	/* What was written last. */
	size_t written;
	uint8_t octets[2048];
} kernel;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* --- the kernel ---------------------------------------------------------- */

ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	const struct read *read = &kernel.reads[kernel.first];
	size_t room;

	if (fd != FD)
		return __real_recvmsg(fd, msg, flags);
	must(kernel.failed == 0 && !kernel.closed, "no read after the end");
	must(msg->msg_iovlen == 1, "one buffer");
	if (kernel.first == kernel.count) {
		errno = EAGAIN;
		return -1;
	}
	kernel.first++;
	errno = read->err;
	if (read->err)
		return -1;
	room = msg->msg_iov[0].iov_len;
	memset(msg->msg_iov[0].iov_base, 0, RT_MIN(read->len, room));
	memcpy(msg->msg_iov[0].iov_base, read->octets,
	       RT_MIN(RT_MIN(read->len, room), sizeof(read->octets)));
	msg->msg_flags = read->len > room ? MSG_TRUNC : 0;
	return (ssize_t)RT_MIN(read->len, room);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const int err = kernel.write_err;

	if (fd != FD)
		return __real_sendmsg(fd, msg, flags);
	must(kernel.failed == 0 && !kernel.closed, "no write after the end");
	kernel.write_err = 0;
	if (err) {
		errno = err;
		return -1;
	}
	kernel.written = 0;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		const struct iovec *iov = &msg->msg_iov[i];

		must(kernel.written + iov->iov_len <= 1028, "a write's length");
		if (iov->iov_len > 0)
			memcpy(kernel.octets + kernel.written, iov->iov_base,
			       iov->iov_len);
		kernel.written += iov->iov_len;
	}
	return (ssize_t)kernel.written;
}

int __wrap_fcntl(int fd, int command, ...)
{
	va_list args;
	long value;

	va_start(args, command);
	value = va_arg(args, long);
	va_end(args);
	return fd == FD ? 0 : __real_fcntl(fd, command, value);
}

int __wrap_close(int fd)
{
	if (fd != FD)
		return __real_close(fd);
	must(!kernel.closed, "closed once");
	kernel.closed = true;
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len)
{
	if (fd != FD)
		return __real_setsockopt(fd, level, name, value, len);
	errno = EPERM;
	return name == SO_RCVBUFFORCE && kernel.rcvbuf % 2 ? -1 : 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	if (fd != FD)
		return __real_getsockopt(fd, level, name, value, len);
	memcpy(value, &kernel.rcvbuf, sizeof(kernel.rcvbuf));
	return kernel.rcvbuf % 3 ? 0 : -1;
}

/* --- what is to come of it ----------------------------------------------- */

static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	const struct read *read = kernel.due;
	size_t known;

	(void)user;
	while (read->err || read->len == 0 || read->octets[0] < 2 ||
	       read->octets[0] > 5)
		read++;
	must(read < &kernel.reads[kernel.first], "what was read");
	must(type == (enum rt_packet_type)read->octets[0], "its type");
	must(packet.len == read->len - 1, "its length");
	known = RT_MIN(packet.len, sizeof(read->octets) - 1);
	must(known == 0 || memcmp(packet.ptr, read->octets + 1, known) == 0,
	     "its octets");
	for (size_t i = known; i < packet.len; i++)
		must(packet.ptr[i] == 0, "and no others");
	kernel.due = read + 1;
	kernel.delivered++;
}

static void on_resync(void *user)
{
	(void)user;
	must(false, "no framing is lost here");
}

/* What receive() must return, and how many packets it delivers. */
static int expect(size_t *ret_delivered)
{
	size_t n = 0;

	*ret_delivered = 0;
	for (size_t i = kernel.first; n < AT_ONCE; i++) {
		const struct read *read = &kernel.reads[i];

		if (i == kernel.count || read->err == EAGAIN)
			return 0;
		if (read->err == EINTR)
			continue;
		if (read->err)
			return -read->err;
		if (read->len == 0)
			return -EPIPE;
		if (read->len > PACKET_MAX)
			return -EMSGSIZE;
		*ret_delivered += read->octets[0] >= 2 && read->octets[0] <= 5;
		n++;
	}
	return 1;
}

static void receive(struct rt_transport *t)
{
	const struct rt_transport_sink sink = {
		.packet = on_packet,
		.resync = on_resync,
	};
	size_t delivered = 0;
	int want = kernel.failed;
	int ret;

	if (want == 0)
		want = expect(&delivered);
	kernel.due = &kernel.reads[kernel.first];
	kernel.delivered = 0;
	ret = t->ops->receive(t, &sink);
	must(ret == want, "what receive() says");
	must(kernel.delivered == delivered, "all is delivered, and once");
	if (ret < 0)
		kernel.failed = ret;
}

static void send_one(struct rt_transport *t, struct rt_rd *r)
{
	static const uint8_t octets[2048] = { 1, 2, 3, 4, 5 };
	struct rt_packet packet = { .type = rt_rd_u8(r) };
	const int err = kernel.write_err == EINTR ? 0 : kernel.write_err;
	size_t room = 4 + RT_PACKET_SOCKET_ACL_BYTES;
	int want = -err;
	int ret;

	while (rt_rd_left(r) > 0 && packet.count < RT_SLICES_MAX) {
		const size_t some = (size_t)rt_rd_u8(r) * 5;
		const size_t n = RT_MIN(some, room);

		packet.slice[packet.count++] = rt_bytes(octets, n);
		packet.len += n;
		room -= n;
	}
	if (err == EAGAIN || err == ENOBUFS || err == ENOMEM)
		want = -EAGAIN;
	if (kernel.failed)
		want = kernel.failed;
	kernel.written = 0;
	ret = t->ops->send(t, &packet);
	must(ret == want, "what send() says");
	if (ret < 0 && ret != -EAGAIN)
		kernel.failed = ret;
	must(kernel.written == (ret == 0 ? 1 + packet.len : 0), "all, or none");
	must(ret < 0 || kernel.octets[0] == packet.type, "its type in front");
	must(t->ops->flush(t) == kernel.failed, "nothing is kept back");
}

static void add(int err, size_t len, struct rt_bytes octets)
{
	struct read *read = &kernel.reads[kernel.count++];

	read->err = err;
	read->len = len;
	memset(read->octets, 0, sizeof(read->octets));
	if (octets.len > 0)
		memcpy(read->octets, octets.ptr,
		       RT_MIN(octets.len, sizeof(read->octets)));
}

static void play(struct rt_transport *t, uint8_t what, struct rt_bytes body)
{
	struct rt_rd r = rt_rd_init(body);
	uint8_t type;

	switch ((enum record)(what % RECORDS)) {
	case RECORD_PACKET:
		add(0, body.len, body);
		return;
	case RECORD_LONG:
		type = rt_rd_u8(&r);
		add(0, 1 + rt_rd_le32(&r) % (2 * PACKET_MAX),
		    rt_bytes(&type, 1));
		return;
	case RECORD_ERROR:
		add(errors[rt_rd_u8(&r) % RT_ARRAY_SIZE(errors)], 0,
		    rt_bytes(NULL, 0));
		return;
	case RECORD_RECEIVE:
		receive(t);
		return;
	case RECORD_SEND:
		send_one(t, &r);
		return;
	case RECORD_SEND_ERROR:
		kernel.write_err = errors[rt_rd_u8(&r) % RT_ARRAY_SIZE(errors)];
		return;
	case RECORDS:
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	struct rt_transport *t = NULL;

	kernel.first = 0;
	kernel.count = 0;
	kernel.failed = 0;
	kernel.write_err = 0;
	kernel.closed = false;
	kernel.rcvbuf = rt_rd_le16(&r) * 100;
	if (rt_packet_socket_new(FD, kernel.rcvbuf & 1, "fuzz", &t) < 0)
		abort();
	must(!(kernel.rcvbuf & 1) || t->acl_rx_packets_max > 0, "room for one");
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(t, what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	for (int i = 0; i < RECORDS_MAX / AT_ONCE + 1; i++)
		receive(t);
	t->ops->close(t);
	must(kernel.closed, "closed");
	return 0;
}
