/* SPDX-License-Identifier: MIT */
#ifndef RT_ENV_LINUX_H
#define RT_ENV_LINUX_H

#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"

/*
 * The environment of an ordinary process: memory of the C library, randomness
 * of the kernel, log lines to standard error.
 */
struct rt_env_linux {
	enum rt_log_level log_level; /* lines above it are not written */
};

/*
 * Prepares the hooks; their context is `self`, which lives as long as they
 * are used and may be a member of the caller's object. There is no tap.
 *
 * The variable RAWTOOTH_LOG (error, warning, info or debug) says which log
 * lines are written; without it, or with anything else, it is warning.
 *
 * Returns 0, or a negative errno if the kernel gives no random octets.
 */
int rt_env_linux_init(struct rt_env_linux *self,
		      struct rt_env_hooks *ret_hooks) RT_MUST_CHECK;

/* Microseconds of CLOCK_MONOTONIC: what engines call now. */
uint64_t rt_env_linux_now_us(void);

/* Microseconds since 1970-01-01 UTC: what captures are stamped with. */
uint64_t rt_env_linux_wall_us(void);

#endif
