/* SPDX-License-Identifier: MIT */
#include "tests/interop/ours/side.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UP_MS 20000
/* Sessions and links are kept a while when nobody uses them. */
#define IDLE_MS 60000

_Noreturn void side_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

long side_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *count_alloc(void *ctx, size_t bytes)
{
	struct side *side = ctx;
	void *ptr = calloc(1, bytes);

	if (ptr)
		side->live++;
	return ptr;
}

static void count_free(void *ctx, void *ptr)
{
	struct side *side = ctx;

	if (ptr)
		side->live--;
	free(ptr);
}

static void on_log(enum rt_level level, const char *line, void *user_data)
{
	(void)user_data;
	if (level <= RT_LEVEL_INFO)
		fprintf(stderr, "%6ld %s\n", side_now_ms() % 1000000, line);
}

static const struct rt_host_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_log = on_log,
};

static void turn(struct side *side, int fd, long limit_ms)
{
	struct pollfd fds[2] = {
		{ .fd = rt_host_fd(side->host), .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (limit_ms < 0)
		limit_ms = 0;
	if (poll(fds, 2, (int)limit_ms) < 0)
		side_fail("poll failed");
	if (rt_host_dispatch(side->host) != 0)
		side_fail("the loop failed");
}

void side_turn(struct side *side, int fd, long limit_ms)
{
	turn(side, fd, limit_ms);
	if (rt_host_state(side->host) == RT_HOST_DOWN)
		side_fail("the host is down");
}

void side_open(struct side *side, const char *device)
{
	const struct rt_host_options options = {
		.size = sizeof(options),
		.forget_keys = true,
		.callbacks = &callbacks,
		.alloc = count_alloc,
		.free = count_free,
		.ctx = side,
	};
	struct rt_controller_info info = { .size = sizeof(info) };
	const long end = side_now_ms() + UP_MS;
	char message[RT_MESSAGE_BYTES];

	memset(side, 0, sizeof(*side));
	if (rt_host_open(device, &options, &side->host, message) != 0)
		side_fail("%s", message);
	while (rt_host_state(side->host) != RT_HOST_UP) {
		if (side_now_ms() > end)
			side_fail("the controller does not come up");
		side_turn(side, -1, end - side_now_ms());
	}
	rt_host_controller_info(side->host, &info);
	side->addr = info.addr;
	side->idle = side->live;
}

void side_finish(struct side *side)
{
	const long begun = side_now_ms();
	const long end = begun + IDLE_MS;

	while (side->live > side->idle || rt_host_timeout(side->host) >= 0) {
		if (side_now_ms() > end)
			side_fail("left: %zu allocations, not %zu; next timer "
				  "in %d ms",
				  side->live, side->idle,
				  rt_host_timeout(side->host));
		side_turn(side, -1, end - side_now_ms());
	}
	printf("idle after %ld ms\n", side_now_ms() - begun);
	rt_host_shutdown(side->host);
	while (rt_host_state(side->host) != RT_HOST_DOWN)
		turn(side, -1, 1000);
	rt_host_close(side->host);
	if (side->live != 0)
		side_fail("%zu allocations left", side->live);
}
