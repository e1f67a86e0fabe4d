/* SPDX-License-Identifier: MIT */
#include "stack/env.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_BYTES 200

/* In front of each allocation: its size, as wide as the strictest type. */
union header {
	size_t bytes;
	max_align_t align;
};

void rt_env_init(struct rt_env *env, const struct rt_env_hooks *hooks,
		 uint64_t now_us)
{
	assert(hooks->alloc && hooks->free && hooks->random);
	*env = (struct rt_env){
		.hooks = *hooks,
		.now_us = now_us,
		.limits = rt_limits_default,
	};
	rt_list_init(&env->ready);
	rt_list_init(&env->graveyard);
}

void *rt_env_alloc(struct rt_env *env, size_t bytes)
{
	union header *header;

	if (bytes > SIZE_MAX - sizeof(*header))
		return NULL;
	header = env->hooks.alloc(env->hooks.ctx, sizeof(*header) + bytes);
	if (!header)
		return NULL;
	header->bytes = bytes;
	env->live++;
	env->live_bytes += bytes;
	return header + 1;
}

void rt_env_free(struct rt_env *env, void *ptr)
{
	union header *header;

	if (!ptr)
		return;
	header = (union header *)ptr - 1;
	assert(env->live > 0 && env->live_bytes >= header->bytes);
	env->live--;
	env->live_bytes -= header->bytes;
	env->hooks.free(env->hooks.ctx, header);
}

void rt_env_arm(struct rt_env *env, struct rt_timer *timer, uint64_t delay_us)
{
	const uint64_t delay = RT_MIN(delay_us, UINT64_MAX - env->now_us);

	rt_timer_arm_at(&env->timers, timer, env->now_us + delay);
}

void rt_env_stop(struct rt_env *env, struct rt_timer *timer)
{
	rt_timer_stop(&env->timers, timer);
}

uint32_t rt_env_random32(struct rt_env *env)
{
	uint32_t number = 0;

	env->hooks.random(env->hooks.ctx, &number, sizeof(number));
	return number;
}

bool rt_env_logs(const struct rt_env *env)
{
	return env->hooks.log;
}

/* Peers choose names, and terminals obey control characters. */
static void keep_one_line(char *line)
{
	for (; *line; line++) {
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
	}
}

void rt_log(struct rt_env *env, enum rt_log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_BYTES + 1];
	va_list args;

	if (!env->hooks.log)
		return;
	line[0] = '\0';
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	keep_one_line(line);
	env->hooks.log(env->hooks.ctx, level, line);
}

void rt_env_bury(struct rt_env *env, struct rt_grave *grave,
		 void (*free)(struct rt_env *env, struct rt_grave *grave))
{
	grave->free = free;
	rt_list_append(&env->graveyard, &grave->node);
}

void rt_env_reap(struct rt_env *env)
{
	struct rt_grave *grave;

	while (!rt_list_empty(&env->graveyard)) {
		grave = RT_LIST_FIRST(&env->graveyard, struct rt_grave, node);
		rt_list_del(&grave->node);
		grave->free(env, grave);
	}
}
