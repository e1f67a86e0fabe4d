/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/host.h"
#include "api/os/runtime.h"
#include "api/socket.h"

/*
 * The pump of an exported connection: it carries octets between a socket and
 * one end of a socket pair, whose other end is the caller's. Neither side is
 * read faster than the other takes, so back-pressure holds all the way.
 */

#define HINT_TOO_LONG \
	"a datagram longer than the peer's MTU was written to the descriptor"
#define HINT_SYSTEM "the system refuses the exported descriptor its service"
#define HINT_REFUSED                                                        \
	"a descriptor is had once of a connection, and from a host with a " \
	"loop"
#define STREAM_BYTES 16384
#define PIECES_A_CALL 32 /* then others get their turn */

struct pump {
	struct rt_socket *sock;
	struct rt_runtime *rt;
	struct rt_watch watch;
	int user_fd; /* the number the caller got; it may be closed by now */
	dev_t user_dev;
	ino_t user_ino;
	bool datagrams;
	bool to_user_full;
	bool from_user_ended; /* closed, or shut down for writing */
	bool to_user_ended;   /* nobody reads there any more */
	bool sock_full;
	bool sock_ended; /* what has arrived remains to be carried */
	bool failed;
	size_t cap;
	uint8_t buf[];
};

/*
 * Makes the end of the file an error for the caller. A descriptor of AF_UNIX
 * reports ECONNRESET if its other end is closed with something unread, so
 * something unread is put there, through a duplicate of the caller's own
 * descriptor: if it is still the one he got. If he has given it away there is
 * no other way, and he sees the end of the file.
 */
static void poison(const struct pump *pump)
{
	const int fd = dup(pump->user_fd);
	struct stat st;

	if (fd < 0)
		return;
	/* It fails if the pair is full, which is unread data enough. */
	if (fstat(fd, &st) == 0 && st.st_dev == pump->user_dev &&
	    st.st_ino == pump->user_ino)
		(void)send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void on_gone(struct rt_socket *s, void *user)
{
	struct pump *pump = user;

	if (pump->failed || !pump->sock_ended || pump->to_user_full)
		poison(pump);
	rt_loop_remove(&pump->rt->loop, &pump->watch);
	close(pump->watch.fd);
	rt_env_free(&s->host->env, pump);
}

static void finish(struct pump *pump)
{
	rt_api_socket_set_tap(pump->sock, NULL, NULL);
}

/* The connection can't be carried on: silence would be a lie. */
static void fail(struct pump *pump, int err, const char *hint)
{
	pump->failed = true;
	/* Without a connection only the reader is left, who gets a reset. */
	if (pump->sock->conn)
		rt_api_socket_break(pump->sock, err, hint);
}

static void update_watch(struct pump *pump)
{
	uint32_t events = 0;
	int err;

	if (!pump->from_user_ended && !pump->sock_full && !pump->sock_ended)
		events |= EPOLLIN;
	if (pump->to_user_full)
		events |= EPOLLOUT;
	if (events == pump->watch.events)
		return;
	err = rt_loop_change(&pump->rt->loop, &pump->watch, events);
	if (err < 0)
		fail(pump, err, HINT_SYSTEM);
}

/*
 * Sends what is in the buffer to the caller's end. Returns the octets that
 * need not be kept, or -EAGAIN.
 */
static ptrdiff_t send_to_user(struct pump *pump, size_t bytes)
{
	ssize_t n;

	if (pump->to_user_ended)
		return (ptrdiff_t)bytes;
	if (bytes == 0) {
		/* It would look like the end of the file. */
		pump->sock->stats.rx_dropped++;
		return 0;
	}
	n = send(pump->watch.fd, pump->buf, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		return n;
	if (n == 0 || errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		return -EAGAIN;
	pump->to_user_ended = true;
	if (errno != EPIPE && errno != ECONNRESET)
		fail(pump, -errno, HINT_SYSTEM);
	return (ptrdiff_t)bytes;
}

/* Carries one piece or datagram. False if there is none, or no room. */
static bool carry_to_user(struct pump *pump)
{
	struct rt_socket *s = pump->sock;
	ptrdiff_t n = rt_api_socket_take(s, pump->buf, pump->cap, false);

	if (n == -ENOBUFS)
		return true; /* a gap: it is counted in the figures */
	if (n < 0)
		return false;
	n = send_to_user(pump, (size_t)n);
	if (n < 0) {
		pump->to_user_full = true;
		return false;
	}
	if (pump->datagrams)
		n = (ptrdiff_t)pump->cap;
	return rt_api_socket_take(s, pump->buf, (size_t)n, true) >= 0;
}

static void pump_to_user(struct pump *pump)
{
	pump->to_user_full = false;
	for (int i = 0; i < PIECES_A_CALL; i++) {
		if (!carry_to_user(pump))
			return;
	}
	/* The loop calls again. */
	pump->to_user_full = true;
}

/* Octets that can be taken from the caller's end now; 0 if none. */
static size_t room(struct pump *pump)
{
	const struct rt_api_conn *conn = pump->sock->conn;
	ssize_t n;

	if (!pump->datagrams)
		return RT_MIN(rt_api_queue_room(&conn->tx), pump->cap);
	n = recv(pump->watch.fd, pump->buf, 0,
		 MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	/* What is no datagram, the reading below finds out. */
	if (n <= 0 || rt_api_queue_fits(&conn->tx, (size_t)n))
		return pump->cap;
	/* One that will never fit is refused by the writing below. */
	if ((size_t)n > rt_api_conn_datagram_max(conn))
		return pump->cap;
	return 0;
}

/* True if there is nothing more to come, rather than an empty datagram. */
static bool at_end(const struct pump *pump)
{
	struct pollfd poll_fd = { .fd = pump->watch.fd, .events = POLLRDHUP };
	int bytes = 0;

	if (!pump->datagrams)
		return true;
	if (poll(&poll_fd, 1, 0) == 0)
		return false;
	return ioctl(pump->watch.fd, FIONREAD, &bytes) < 0 || bytes == 0;
}

/* Carries one piece or datagram. False if there is none, or no room. */
static bool carry_from_user(struct pump *pump)
{
	struct rt_socket *s = pump->sock;
	struct rt_iovec iov = { pump->buf, room(pump) };
	ssize_t n;

	if (iov.bytes == 0) {
		pump->sock_full = true;
		rt_api_socket_want_writable(s);
		return false;
	}
	n = recv(pump->watch.fd, pump->buf, iov.bytes,
		 MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == 0 && !at_end(pump))
		return true;
	/* A reset is how a user ends who has not read everything. */
	if (n < 0 && errno != ECONNRESET) {
		fail(pump, -errno, HINT_SYSTEM);
		return false;
	}
	if (n <= 0) {
		pump->from_user_ended = true;
		rt_socket_close(s);
		return false;
	}
	iov.bytes = (size_t)n;
	if ((size_t)n > pump->cap || rt_api_socket_put(s, &iov, 1) != n) {
		fail(pump, -EMSGSIZE, HINT_TOO_LONG);
		return false;
	}
	return true;
}

static void pump_from_user(struct pump *pump)
{
	pump->sock_full = false;
	for (int i = 0; i < PIECES_A_CALL; i++) {
		if (pump->from_user_ended || pump->failed ||
		    pump->sock->state != RT_SOCKET_CONNECTED)
			return;
		if (!carry_from_user(pump))
			return;
	}
}

static void settle(struct pump *pump)
{
	if (pump->sock_ended && !pump->to_user_full)
		finish(pump);
	else
		update_watch(pump);
}

static void on_watch(struct rt_watch *watch, uint32_t events)
{
	struct pump *pump = watch->user;

	if (events & ~(uint32_t)EPOLLIN)
		pump_to_user(pump);
	if (events & ~(uint32_t)EPOLLOUT)
		pump_from_user(pump);
	settle(pump);
}

static void on_event(struct rt_socket *s, enum rt_api_socket_news what,
		     void *user)
{
	struct pump *pump = user;

	switch (what) {
	case RT_API_SOCKET_READABLE:
		if (!pump->to_user_full)
			pump_to_user(pump);
		break;
	case RT_API_SOCKET_WRITABLE:
		pump_from_user(pump);
		break;
	case RT_API_SOCKET_ERROR:
		if (s->error.code != RT_SOCKET_ERROR_REMOTE_HOST_CLOSED)
			pump->failed = true;
		break;
	case RT_API_SOCKET_DISCONNECTED:
		pump->sock_ended = true;
		if (!pump->to_user_full)
			pump_to_user(pump);
		break;
	case RT_API_SOCKET_STATE:
	case RT_API_SOCKET_CONNECTED:
	case RT_API_SOCKET_WRITTEN:
	case RT_API_SOCKET_MODEM:
	case RT_API_SOCKET_BREAK:
	case RT_API_SOCKET_LINE:
	case RT_API_SOCKET_LINE_STATUS:
	case RT_API_SOCKET_LINE_ANSWERED:
		break;
	}
	settle(pump);
}

static const struct rt_api_tap tap = { .event = on_event, .gone = on_gone };

/* Room in the system for a few of the largest datagrams, each way. */
static void set_buffers(int fd, size_t bytes)
{
	int size = (int)RT_MAX(2 * bytes, (size_t)STREAM_BYTES);

	/* If the system's limit is lower, large datagrams wait longer. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static struct pump *new_pump(struct rt_socket *s)
{
	const bool datagrams = s->protocol == RT_PROTOCOL_L2CAP;
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	size_t cap = STREAM_BYTES;
	struct pump *pump;

	rt_socket_get_stats(s, &stats);
	if (datagrams)
		cap = RT_MAX(stats.rx_mtu, stats.tx_mtu);
	pump = rt_env_alloc(&s->host->env, sizeof(*pump) + cap);
	if (!pump)
		return NULL;
	pump->sock = s;
	pump->rt = rt_api_runtime_of(s->host);
	pump->datagrams = datagrams;
	pump->cap = cap;
	/* What has arrived already is carried by the next dispatch. */
	pump->to_user_full = true;
	pump->watch = (struct rt_watch){
		.events = EPOLLIN | EPOLLOUT,
		.fn = on_watch,
		.user = pump,
	};
	return pump;
}

static int connect_pump(struct pump *pump, const int fds[2])
{
	struct stat st;

	if (fstat(fds[1], &st) < 0)
		return -errno;
	pump->watch.fd = fds[0];
	pump->user_fd = fds[1];
	pump->user_dev = st.st_dev;
	pump->user_ino = st.st_ino;
	set_buffers(fds[0], pump->cap);
	set_buffers(fds[1], pump->cap);
	return rt_loop_add(&pump->rt->loop, &pump->watch);
}

static int check(const struct rt_socket *s)
{
	if (!rt_api_runtime_of(s->host))
		return -ENOSYS;
	if (s->tap)
		return -EBUSY;
	return s->state == RT_SOCKET_CONNECTED ? 0 : -ENOTCONN;
}

int rt_socket_descriptor(struct rt_socket *s)
{
	const int type =
		s->protocol == RT_PROTOCOL_L2CAP ? SOCK_SEQPACKET : SOCK_STREAM;
	struct pump *pump;
	int fds[2];
	int err;

	err = check(s);
	if (err < 0)
		return (int)rt_api_socket_refuse_operation(s, err,
							   HINT_REFUSED);
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pump = new_pump(s);
	err = pump ? connect_pump(pump, fds) : -ENOMEM;
	if (err < 0) {
		rt_env_free(&s->host->env, pump);
		close(fds[0]);
		close(fds[1]);
		return err;
	}
	rt_api_socket_set_tap(s, &tap, pump);
	return fds[1];
}
