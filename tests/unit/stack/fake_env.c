/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/fake_env.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static void *hook_alloc(void *ctx, size_t bytes)
{
	struct fake_env *fake = ctx;

	if (fake->allocs_left == 0)
		return NULL;
	if (fake->allocs_left != SIZE_MAX)
		fake->allocs_left--;
	return calloc(1, bytes);
}

static void hook_free(void *ctx, void *ptr)
{
	(void)ctx;
	free(ptr);
}

static void hook_random(void *ctx, void *buf, size_t bytes)
{
	struct fake_env *fake = ctx;
	uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i++)
		p[i] = fake->next_random++;
}

static void hook_log(void *ctx, enum rt_log_level level, const char *line)
{
	struct fake_env *fake = ctx;

	fake->log_level = level;
	fake->log_lines++;
	snprintf(fake->log_line, sizeof(fake->log_line), "%s", line);
}

void fake_env_init(struct fake_env *fake)
{
	const struct rt_env_hooks hooks = {
		.alloc = hook_alloc,
		.free = hook_free,
		.random = hook_random,
		.log = hook_log,
		.ctx = fake,
	};

	*fake = (struct fake_env){ .allocs_left = SIZE_MAX };
	rt_env_init(&fake->env, &hooks, 0);
}

void fake_env_assert_idle(const struct fake_env *fake)
{
	uint64_t due_us;

	ck_assert_uint_eq(fake->env.live, 0);
	ck_assert_uint_eq(fake->env.live_bytes, 0);
	ck_assert(!rt_timers_next(&fake->env.timers, &due_us));
	ck_assert(rt_list_empty(&fake->env.ready));
	ck_assert(rt_list_empty(&fake->env.graveyard));
}
