/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_CHILD_H
#define RT_TOOL_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* A program that has a connection as its standard input and output. */
struct rt_child {
	pid_t pid;  /* 0: none, or it has ended */
	int status; /* of waitpid() */
};

/*
 * Runs `command` by /bin/sh with `fd` as standard input and output; standard
 * error stays ours. The descriptor remains the caller's.
 *
 * Returns 0 or a negative errno.
 */
int rt_child_start(const char *command, int fd, struct rt_child *ret_child);

/*
 * Runs the program `argv`, found as a shell would, with our own standard
 * descriptors. Returns 0 or a negative errno.
 */
int rt_child_run(char *const argv[], struct rt_child *ret_child);

/* True once the program has ended, and never before rt_child_start(). */
bool rt_child_has_ended(struct rt_child *child);

/* Asks the program to end (SIGTERM). */
void rt_child_terminate(const struct rt_child *child);

/* True if it ended with status 0; if not, prints how it ended. */
bool rt_child_succeeded(const struct rt_child *child, const char *command);

#endif
