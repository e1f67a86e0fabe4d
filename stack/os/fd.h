/* SPDX-License-Identifier: MIT */
#ifndef RT_FD_H
#define RT_FD_H

#include "stack/base.h"

/*
 * Writes all octets of `view` to the descriptor, as often as it takes.
 *
 * Returns 0, or the negative errno of the write that failed; some octets may
 * have been written then.
 */
int rt_fd_write_all(int fd, struct rt_bytes view) RT_MUST_CHECK;

/*
 * Takes over a descriptor: it does not wait, and is not inherited.
 *
 * Returns 0, or the negative errno of the system's refusal.
 */
int rt_fd_prepare(int fd) RT_MUST_CHECK;

#endif
