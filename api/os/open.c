/* SPDX-License-Identifier: MIT */
#include "hci/os/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rawtooth/host.h>

#include "api/error.h"
#include "api/os/runtime.h"

/* Opening a host by the name of its controller. */

#define SPEC_BYTES 32

/* The number in "fd:N", or -1 if `spec` is not of that form. */
static int spec_fd(const char *spec)
{
	char *end;
	long fd;

	if (strncmp(spec, "fd:", 3) != 0)
		return -1;
	errno = 0;
	fd = strtol(spec + 3, &end, 10);
	if (errno != 0 || end == spec + 3 || *end || fd < 0 || fd > INT_MAX)
		return -1;
	return (int)fd;
}

static int open_spec(const char *spec, const struct rt_host_options *options,
		     struct rt_transport **ret, char *message)
{
	const size_t bytes = message ? RT_MESSAGE_BYTES : 0;
	struct rt_host_options own;

	rt_api_copy_in(&own, sizeof(own), options);
	return own.take ? rt_transport_take(spec, ret, message, bytes)
			: rt_transport_open(spec, ret, message, bytes);
}

/*
 * A descriptor that is handed over belongs to the host if all goes well, and
 * stays the caller's if not: so the host gets a duplicate.
 */
static int open_copy(int fd, const struct rt_host_options *options,
		     struct rt_transport **ret, char *message)
{
	const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	char spec[SPEC_BYTES];
	int err;

	if (copy < 0) {
		err = -errno;
		rt_api_runtime_explain(message,
				       "descriptor %d can't be used: %s", fd,
				       strerror(-err));
		return err;
	}
	snprintf(spec, sizeof(spec), "fd:%d", copy);
	err = open_spec(spec, options, ret, message);
	if (err < 0)
		close(copy);
	return err;
}

int rt_host_open(const char *spec, const struct rt_host_options *options,
		 struct rt_host **ret_host, char *message)
{
	const int fd = spec ? spec_fd(spec) : -1;
	struct rt_transport *transport = NULL;
	int err;

	if (!spec)
		return -EINVAL;
	err = fd >= 0 ? open_copy(fd, options, &transport, message)
		      : open_spec(spec, options, &transport, message);
	if (err < 0)
		return err;
	snprintf(transport->name, sizeof(transport->name), "%s", spec);
	err = rt_api_runtime_open(transport, options, ret_host, message);
	if (err == 0 && fd >= 0)
		close(fd);
	return err;
}
