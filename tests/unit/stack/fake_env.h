/* SPDX-License-Identifier: MIT */
#ifndef TEST_FAKE_ENV_H
#define TEST_FAKE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "stack/env.h"

/*
 * An environment whose randomness counts up, whose memory runs out when the
 * test says so, and which keeps the last log line.
 */
struct fake_env {
	struct rt_env env;
	size_t allocs_left; /* SIZE_MAX: without limit */
	uint8_t next_random;
	enum rt_log_level log_level;
	size_t log_lines;
	char log_line[256];
};

/* Prepares the environment at the instant 0. */
void fake_env_init(struct fake_env *fake);

/* Fails the test if memory is allocated, or a timer armed. */
void fake_env_assert_idle(const struct fake_env *fake);

#endif
