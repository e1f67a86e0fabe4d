/* SPDX-License-Identifier: MIT */
#include "stack/os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int rt_fd_write_all(int fd, struct rt_bytes view)
{
	ssize_t n;

	while (view.len > 0) {
		n = write(fd, view.ptr, view.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		view.ptr += n;
		view.len -= (size_t)n;
	}
	return 0;
}

int rt_fd_prepare(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	return 0;
}
