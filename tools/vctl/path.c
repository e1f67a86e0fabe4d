/* SPDX-License-Identifier: MIT */
#include "tools/vctl/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 16

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* True for a socket file that its server has left behind. */
static bool is_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, err;

	if (lstat(addr->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = new_socket();
	if (fd < 0)
		return false;
	err = connect(fd, (const void *)addr, sizeof(*addr)) < 0 ? errno : 0;
	close(fd);
	return err == ECONNREFUSED;
}

static int bind_path(int fd, const struct sockaddr_un *addr)
{
	if (bind(fd, (const void *)addr, sizeof(*addr)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	if (!is_stale(addr) || unlink(addr->sun_path) < 0)
		return -EADDRINUSE;
	return bind(fd, (const void *)addr, sizeof(*addr)) < 0 ? -errno : 0;
}

static void explain(int err, const char *path, char *message, size_t bytes)
{
	struct stat st;

	if (err == -EADDRINUSE && lstat(path, &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		snprintf(message, bytes, "%s exists and is no socket", path);
	else if (err == -EADDRINUSE)
		snprintf(message, bytes, "another program listens at %s", path);
	else
		snprintf(message, bytes, "can't listen at %s: %s", path,
			 strerror(-err));
}

int rt_vctl_path_listen(const char *path, struct rt_vctl_path *ret_path,
			char *message, size_t message_bytes)
{
	struct rt_vctl_path p = { .addr.sun_family = AF_UNIX };
	struct stat st;
	int fd, r;

	if (strlen(path) >= sizeof(p.addr.sun_path)) {
		snprintf(message, message_bytes,
			 "the path of a socket has at most %zu octets",
			 sizeof(p.addr.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(p.addr.sun_path, path, strlen(path));
	fd = new_socket();
	if (fd < 0) {
		r = -errno;
		goto fail;
	}
	r = bind_path(fd, &p.addr);
	if (r == 0 && (listen(fd, BACKLOG) < 0 || lstat(path, &st) < 0))
		r = -errno;
	if (r < 0)
		goto fail;
	p.dev = st.st_dev;
	p.ino = st.st_ino;
	*ret_path = p;
	return fd;
fail:
	explain(r, path, message, message_bytes);
	if (fd >= 0)
		close(fd);
	return r;
}

void rt_vctl_path_close(const struct rt_vctl_path *path, int fd)
{
	struct stat st;

	close(fd);
	if (lstat(path->addr.sun_path, &st) == 0 && st.st_dev == path->dev &&
	    st.st_ino == path->ino)
		(void)unlink(path->addr.sun_path);
}
