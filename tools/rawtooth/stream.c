/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/rawtooth/tool.h"

static int classify(struct rt_stream *stream, const char *name)
{
	struct stat st;

	if (fstat(stream->fd, &st) < 0) {
		rt_tool_error("%s: %s", name, strerror(errno));
		return -errno;
	}
	stream->regular = S_ISREG(st.st_mode);
	stream->socket = S_ISSOCK(st.st_mode);
	return 0;
}

static bool is_dev_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

static int open_path(const char *path, int flags, struct rt_stream *ret_stream)
{
	struct rt_stream stream = { .owned = true };
	int err;

	stream.fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	if (stream.fd < 0) {
		err = -errno;
		rt_tool_error("%s: %s", path, strerror(-err));
		return err;
	}
	err = classify(&stream, path);
	if (err < 0) {
		close(stream.fd);
		return err;
	}
	*ret_stream = stream;
	return 0;
}

int rt_stream_open_input(const char *path, struct rt_stream *ret_stream)
{
	struct rt_stream stream = { .fd = STDIN_FILENO };
	int err;

	if (path)
		return open_path(path, O_RDONLY, ret_stream);
	if (is_dev_null(STDIN_FILENO)) {
		*ret_stream = (struct rt_stream){ .fd = -1 };
		return 0;
	}
	err = classify(&stream, "standard input");
	if (err == 0)
		*ret_stream = stream;
	return err;
}

int rt_stream_open_output(const char *path, struct rt_stream *ret_stream)
{
	struct rt_stream stream = { .fd = STDOUT_FILENO };
	int err;

	if (path)
		return open_path(path, O_WRONLY | O_CREAT | O_TRUNC,
				 ret_stream);
	err = classify(&stream, "standard output");
	if (err == 0)
		*ret_stream = stream;
	return err;
}

bool rt_stream_rewind(const struct rt_stream *stream)
{
	return stream->fd >= 0 && stream->owned &&
	       lseek(stream->fd, 0, SEEK_SET) == 0;
}

bool rt_stream_is_terminal(const struct rt_stream *stream)
{
	return stream->fd >= 0 && isatty(stream->fd);
}

static bool is_ready(const struct rt_stream *stream, short events)
{
	struct pollfd fd = { .fd = stream->fd, .events = events };

	return stream->regular || poll(&fd, 1, 0) == 1;
}

ptrdiff_t rt_stream_read(const struct rt_stream *stream, void *buf,
			 size_t bytes)
{
	ssize_t count;

	if (!is_ready(stream, POLLIN))
		return -EAGAIN;
	count = read(stream->fd, buf, bytes);
	return count < 0 ? -errno : count;
}

ptrdiff_t rt_stream_write(const struct rt_stream *stream, const void *buf,
			  size_t bytes)
{
	ssize_t count;

	if (!is_ready(stream, POLLOUT))
		return -EAGAIN;
	/* A pipe that is writable takes PIPE_BUF octets without waiting. */
	if (stream->socket)
		count = send(stream->fd, buf, bytes, MSG_DONTWAIT);
	else if (stream->regular || bytes <= PIPE_BUF)
		count = write(stream->fd, buf, bytes);
	else
		count = write(stream->fd, buf, PIPE_BUF);
	return count < 0 ? -errno : count;
}

int rt_stream_close(struct rt_stream *stream)
{
	int err = 0;

	if (stream->owned && stream->fd >= 0 && close(stream->fd) < 0)
		err = -errno;
	*stream = (struct rt_stream){ .fd = -1 };
	return err;
}
