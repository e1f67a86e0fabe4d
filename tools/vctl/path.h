/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_PATH_H
#define RT_VCTL_PATH_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

#include "stack/base.h"

/* A unix socket in the file system: made, found stale, removed. */

struct rt_vctl_path {
	struct sockaddr_un addr;
	dev_t dev; /* the file that we have made */
	ino_t ino;
};

/*
 * Listens at `path`; a socket file that nobody listens at is replaced.
 * Returns a non-blocking descriptor, or a negative errno with a sentence in
 * `message`.
 */
int rt_vctl_path_listen(const char *path, struct rt_vctl_path *ret_path,
			char *message, size_t message_bytes) RT_MUST_CHECK;

/* Closes the descriptor, and removes the file if it is still ours. */
void rt_vctl_path_close(const struct rt_vctl_path *path, int fd);

#endif
