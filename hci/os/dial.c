/* SPDX-License-Identifier: MIT */
#include "hci/os/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "stack/os/env_linux.h"

static int explain_unix(int err, const char *path, struct rt_message message)
{
	switch (err) {
	case ENOENT:
		return rt_message_fail(message, -err,
				       "there is no socket %s: start `rawtooth "
				       "air %s`, or whatever serves it",
				       path, path);
	case ECONNREFUSED:
		return rt_message_fail(message, -err,
				       "nobody listens at %s (any more): start "
				       "its server anew",
				       path);
	case EACCES:
		return rt_message_fail(message, -err,
				       "no permission to use %s: look at its "
				       "owner and mode",
				       path);
	case EPROTOTYPE:
		return rt_message_fail(message, -err,
				       "%s is no stream socket: H4 needs one",
				       path);
	case EAGAIN:
		return rt_message_fail(message, -ETIMEDOUT,
				       "the server at %s takes no connections",
				       path);
	default:
		return rt_message_fail(message, -err, "can't connect to %s: %s",
				       path, strerror(err));
	}
}

int rt_dial_unix(const char *path, struct rt_message message)
{
	const struct timeval limit = { .tv_sec = RT_DIAL_MS / 1000 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err;

	if (path[0] == '\0')
		return rt_message_fail(message, -EINVAL,
				       "a path is missing: unix:/path");
	if (strlen(path) >= sizeof(addr.sun_path))
		return rt_message_fail(message, -ENAMETOOLONG,
				       "the path of a socket has at most %zu "
				       "octets",
				       sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return explain_unix(errno, path, message);
	/* The limit counts for connect(), too: a full backlog blocks. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const void *)&addr, sizeof(addr)) == 0)
		return fd;
	err = errno;
	close(fd);
	return explain_unix(err, path, message);
}

static int remaining_ms(uint64_t end_us)
{
	uint64_t now_us = rt_env_linux_now_us();

	return now_us < end_us ? (int)((end_us - now_us + 999) / 1000) : 0;
}

/* Waits for a connect() under way. Returns 0 or a negative errno. */
static int await(int fd, uint64_t end_us)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int err = 0, n;
	socklen_t len = sizeof(err);

	do {
		n = poll(&p, 1, remaining_ms(end_us));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

static int dial_one(const struct addrinfo *info, uint64_t end_us)
{
	const int on = 1;
	int fd, err = 0;

	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	if (connect(fd, info->ai_addr, info->ai_addrlen) < 0)
		err = errno == EINPROGRESS ? await(fd, end_us) : -errno;
	if (err < 0) {
		close(fd);
		return err;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return fd;
}

/* Splits "host:port" or "[host]:port" in place. */
static bool split(char *target, char **ret_host, char **ret_port)
{
	char *colon = strrchr(target, ':');
	char *end;

	if (!colon || colon == target || colon[1] == '\0')
		return false;
	*colon = '\0';
	*ret_port = colon + 1;
	*ret_host = target;
	if (target[0] != '[')
		return !strchr(target, ':');
	end = colon - 1;
	if (*end != ']' || end == target + 1)
		return false;
	*end = '\0';
	(*ret_host)++;
	return true;
}

static int dial_all(const struct addrinfo *list)
{
	uint64_t end_us = rt_env_linux_now_us() + RT_MS(RT_DIAL_MS);
	int r = -EADDRNOTAVAIL;

	for (const struct addrinfo *i = list; i; i = i->ai_next) {
		r = dial_one(i, end_us);
		if (r >= 0)
			break;
	}
	return r;
}

int rt_dial_tcp(const char *target, struct rt_message message)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM };
	char copy[300], *host = NULL, *port = NULL;
	struct addrinfo *list;
	int r;

	if (strlen(target) >= sizeof(copy))
		return rt_message_fail(message, -EINVAL,
				       "the name of the host is too long");
	memcpy(copy, target, strlen(target) + 1);
	if (!split(copy, &host, &port))
		return rt_message_fail(message, -EINVAL,
				       "a TCP controller is written "
				       "tcp-client:host:port");
	r = getaddrinfo(host, port, &hints, &list);
	if (r != 0)
		return rt_message_fail(message, -EADDRNOTAVAIL,
				       "can't find %s, port %s: %s", host, port,
				       gai_strerror(r));
	r = dial_all(list);
	freeaddrinfo(list);
	if (r == -ECONNREFUSED)
		return rt_message_fail(message, r,
				       "nobody listens on port %s of %s", port,
				       host);
	if (r == -ETIMEDOUT)
		return rt_message_fail(message, r,
				       "%s does not answer on port %s", host,
				       port);
	if (r < 0)
		return rt_message_fail(message, r,
				       "can't connect to %s, port %s: %s", host,
				       port, strerror(-r));
	return r;
}
