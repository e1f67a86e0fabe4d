/* SPDX-License-Identifier: MIT */
#include "stack/os/env_linux.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "stack/os/fd.h"

#define LINE_BYTES 256

static const char *const level_names[] = {
	[RT_LOG_ERROR] = "error",
	[RT_LOG_WARNING] = "warning",
	[RT_LOG_INFO] = "info",
	[RT_LOG_DEBUG] = "debug",
};

static void *hook_alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return calloc(1, bytes);
}

static void hook_free(void *ctx, void *ptr)
{
	(void)ctx;
	free(ptr);
}

static int fill_random(void *buf, size_t bytes)
{
	uint8_t *p = buf;
	ssize_t n;

	while (bytes > 0) {
		n = getrandom(p, bytes, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static void hook_random(void *ctx, void *buf, size_t bytes)
{
	(void)ctx;
	/*
	 * It has worked once, so only a sandbox put up since can forbid it.
	 * Keys out of predictable octets would be worse than no process.
	 */
	if (fill_random(buf, bytes) < 0)
		abort();
}

static void hook_log(void *ctx, enum rt_log_level level, const char *line)
{
	const struct rt_env_linux *self = ctx;
	char text[LINE_BYTES];
	size_t len;
	int n;

	if (level > self->log_level)
		return;
	n = snprintf(text, sizeof(text) - 1, "rawtooth: %s: %s",
		     level_names[level], line);
	if (n < 0)
		return;
	len = RT_MIN((size_t)n, sizeof(text) - 2);
	text[len++] = '\n';
	/* One write a line, so that lines of several threads do not mix. */
	if (rt_fd_write_all(STDERR_FILENO, rt_bytes(text, len)) < 0)
		return; /* there is nobody left to tell */
}

static enum rt_log_level level_by_name(const char *name)
{
	for (size_t i = 0; name && i < RT_ARRAY_SIZE(level_names); i++) {
		if (strcmp(name, level_names[i]) == 0)
			return (enum rt_log_level)i;
	}
	return RT_LOG_WARNING;
}

int rt_env_linux_init(struct rt_env_linux *self, struct rt_env_hooks *ret_hooks)
{
	uint32_t trial;
	int err = fill_random(&trial, sizeof(trial));

	if (err < 0)
		return err;
	self->log_level = level_by_name(getenv("RAWTOOTH_LOG"));
	*ret_hooks = (struct rt_env_hooks){
		.alloc = hook_alloc,
		.free = hook_free,
		.random = hook_random,
		.log = hook_log,
		.ctx = self,
	};
	return 0;
}

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts = { .tv_sec = 0 };

	/* It cannot fail for the two clocks that are asked for here. */
	(void)clock_gettime(id, &ts);
	return RT_SECONDS(ts.tv_sec) + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t rt_env_linux_now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t rt_env_linux_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}
