/* SPDX-License-Identifier: MIT */
#include "api/os/runtime.h"

#include "api/os/keys.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rawtooth/doors.h>

#include "api/error.h"

/* Turns in one dispatch: how long a caller's own loop has to wait for us. */
#define TURNS_A_DISPATCH 16

static void touched(void *user)
{
	struct rt_runtime *rt = user;

	/* A dispatch looks for itself, before it returns. */
	if (!rt->dispatching)
		rt_loop_set_deadline(&rt->loop, 0);
}

struct rt_runtime *rt_api_runtime_of(const struct rt_host *host)
{
	return host->os.touched == touched ? host->os.user : NULL;
}

static uint64_t now_us(void *user)
{
	(void)user;
	return rt_env_linux_now_us();
}

static void log_line(void *user, enum rt_log_level level, const char *line)
{
	struct rt_runtime *rt = user;

	rt->linux_hooks.log(rt->linux_hooks.ctx, level, line);
}

static void tap(void *user, bool from_controller,
		const struct rt_packet *packet)
{
	struct rt_runtime *rt = user;

	if (!rt->capture)
		return;
	if (rt->capture_ended)
		rt->host->capture_failed++;
	else
		rt_capture_packet(rt->capture, rt_env_linux_wall_us(),
				  from_controller, packet);
}

/* The path in a capture's specification, "" for none; NULL if malformed. */
static const char *capture_path(const char *spec)
{
	static const char prefix[] = "btsnoop:file:";

	if (!spec)
		spec = getenv("RAWTOOTH_SNOOP");
	if (!spec || !spec[0])
		return "";
	if (strncmp(spec, prefix, sizeof(prefix) - 1) == 0)
		spec += sizeof(prefix) - 1;
	else if (strncmp(spec, "btsnoop:", strlen("btsnoop:")) == 0)
		return NULL;
	return spec[0] ? spec : NULL;
}

void rt_api_runtime_explain(char *message, const char *fmt, ...)
{
	va_list args;

	if (!message)
		return;
	va_start(args, fmt);
	vsnprintf(message, RT_MESSAGE_BYTES, fmt, args);
	va_end(args);
}

static int open_capture(struct rt_runtime *rt, const char *spec, char *message)
{
	const char *path = capture_path(spec);
	int err;

	if (!path) {
		rt_api_runtime_explain(message, "a capture is named "
						"btsnoop:file:PATH, or PATH");
		return -EINVAL;
	}
	if (!path[0])
		return 0;
	err = rt_capture_open(path, RT_BTSNOOP_MONITOR, &rt->capture);
	if (err < 0)
		rt_api_runtime_explain(message,
				       "the capture file %s can't be written: "
				       "%s",
				       path, strerror(-err));
	return err;
}

/* Fills in what the caller leaves to the system. */
static int complete_options(struct rt_runtime *rt,
			    struct rt_host_options *options)
{
	if (!options->alloc != !options->free)
		return -EINVAL;
	if (!options->alloc) {
		options->alloc = rt->linux_hooks.alloc;
		options->free = rt->linux_hooks.free;
	}
	if (!options->random)
		options->random = rt->linux_hooks.random;
	if (options->key_dir) {
		rt->key_dir = strdup(options->key_dir);
		if (!rt->key_dir)
			return -ENOMEM;
	}
	return 0;
}

static int make_host(struct rt_runtime *rt,
		     const struct rt_host_options *options)
{
	const struct rt_api_os os = {
		.now_us = now_us,
		.touched = touched,
		.log = log_line,
		.tap = tap,
		.load_keys = rt_api_os_load_keys,
		.save_keys = rt_api_os_save_keys,
		.user = rt,
		.transport = rt->transport->name,
		.acl_bytes_max = rt->transport->acl_bytes_max,
		.acl_rx_packets_max = rt->transport->acl_rx_packets_max,
	};

	return rt_api_host_new(options, &os, rt_env_linux_now_us(), &rt->host);
}

static void close_capture(struct rt_runtime *rt)
{
	/* There is nobody left to tell of a disk that is full. */
	if (rt->capture && rt_capture_close(rt->capture) < 0)
		rt->capture_ended = true;
	rt->capture = NULL;
}

/* Everything but the transport, which the caller still owns. */
static int start(struct rt_runtime *rt, const struct rt_host_options *given,
		 char *message)
{
	struct rt_host_options options;
	int err;

	rt_api_copy_in(&options, sizeof(options), given);
	options.size = sizeof(options);
	err = rt_env_linux_init(&rt->linux_env, &rt->linux_hooks);
	if (err == 0)
		err = complete_options(rt, &options);
	if (err == 0)
		err = open_capture(rt, options.snoop, message);
	if (err < 0)
		return err;
	err = rt_api_runtime_watch(rt);
	if (err == 0)
		err = make_host(rt, &options);
	if (err < 0) {
		rt_loop_remove(&rt->loop, &rt->watch);
		close_capture(rt);
	}
	return err;
}

static int new_runtime(struct rt_runtime **ret_rt)
{
	struct rt_runtime *rt = calloc(1, sizeof(*rt));
	int err;

	if (!rt)
		return -ENOMEM;
	err = rt_loop_init(&rt->loop);
	if (err < 0) {
		free(rt);
		return err;
	}
	err = rt_api_posts_init(&rt->posts);
	if (err < 0) {
		rt_loop_fini(&rt->loop);
		free(rt);
		return err;
	}
	*ret_rt = rt;
	return 0;
}

static void free_runtime(struct rt_runtime *rt)
{
	rt_api_posts_fini(&rt->posts);
	rt_loop_fini(&rt->loop);
	free(rt->key_dir);
	free(rt);
}

static void explain_error(char *message, int err)
{
	if (err == -EINVAL)
		rt_api_runtime_explain(message, "an option of the host is out "
						"of range");
	else
		rt_api_runtime_explain(message, "the host can't be started: %s",
				       strerror(-err));
}

int rt_api_runtime_open(struct rt_transport *transport,
			const struct rt_host_options *options,
			struct rt_host **ret_host, char *message)
{
	struct rt_runtime *rt = NULL;
	int err = new_runtime(&rt);

	if (message)
		message[0] = '\0';
	if (err == 0) {
		rt->transport = transport;
		err = start(rt, options, message);
		if (err < 0)
			free_runtime(rt);
	}
	if (err < 0) {
		if (message && !message[0])
			explain_error(message, err);
		transport->ops->close(transport);
		return err;
	}
	touched(rt);
	*ret_host = rt->host;
	return 0;
}

int rt_host_open_transport(struct rt_transport *transport,
			   const struct rt_host_options *options,
			   struct rt_host **ret_host)
{
	return rt_api_runtime_open(transport, options, ret_host, NULL);
}

static void close_now(struct rt_runtime *rt)
{
	if (rt_host_state(rt->host) != RT_HOST_DOWN)
		rt_api_runtime_send_reset(rt);
	rt_loop_remove(&rt->loop, &rt->watch);
	rt->transport->ops->close(rt->transport);
	rt_host_free_core(rt->host);
	close_capture(rt);
	free_runtime(rt);
}

void rt_host_close(struct rt_host *host)
{
	struct rt_runtime *rt;

	if (!host)
		return;
	rt = rt_api_runtime_of(host);
	if (!rt)
		rt_host_free_core(host);
	else if (rt->dispatching || rt->running)
		rt->close_asked = true;
	else
		close_now(rt);
}

int rt_host_fd(const struct rt_host *host)
{
	const struct rt_runtime *rt = rt_api_runtime_of(host);

	return rt ? rt_loop_fd(&rt->loop) : -ENOSYS;
}

static void set_deadline(struct rt_runtime *rt, bool more)
{
	uint64_t due_us = RT_LOOP_NO_DEADLINE;

	if (more)
		due_us = 0;
	else if (!rt_host_next_timer(rt->host, &due_us))
		due_us = RT_LOOP_NO_DEADLINE;
	rt_loop_set_deadline(&rt->loop, due_us);
}

/* Waits, at most so long, and does what there is to do. */
static int step(struct rt_runtime *rt, int timeout_ms)
{
	bool more = true;
	int err;

	rt->dispatching = true;
	err = rt_loop_dispatch(&rt->loop, timeout_ms);
	for (int i = 0; i < TURNS_A_DISPATCH && more; i++)
		more = rt_api_runtime_turn(rt);
	rt->dispatching = false;
	if (!rt->close_asked) {
		rt_api_runtime_flush_capture(rt);
		set_deadline(rt, more);
	}
	return err < 0 ? err : 0;
}

int rt_host_dispatch(struct rt_host *host)
{
	struct rt_runtime *rt = rt_api_runtime_of(host);
	int err;

	if (!rt)
		return -ENOSYS;
	if (rt->dispatching || rt->running)
		return -EBUSY;
	err = step(rt, 0);
	if (rt->close_asked)
		close_now(rt);
	return err;
}

int rt_host_timeout(const struct rt_host *host)
{
	const struct rt_runtime *rt = rt_api_runtime_of(host);
	uint64_t now_us;
	uint64_t ms;

	if (!rt || rt->loop.deadline_us == RT_LOOP_NO_DEADLINE)
		return -1;
	now_us = rt_env_linux_now_us();
	if (rt->loop.deadline_us <= now_us)
		return 0;
	ms = (rt->loop.deadline_us - now_us + 999) / 1000;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* True when everything has been told and nothing more will come. */
static bool is_over(const struct rt_runtime *rt)
{
	return rt_host_state(rt->host) == RT_HOST_DOWN &&
	       rt_list_empty(&rt->host->env.ready);
}

/* Milliseconds until the instant, rounded up; -1 for no limit. */
static int wait_ms(uint64_t end_us)
{
	const uint64_t now_us = rt_env_linux_now_us();
	uint64_t ms;

	if (end_us == UINT64_MAX)
		return -1;
	if (end_us <= now_us)
		return 0;
	ms = (end_us - now_us + 999) / 1000;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int run(struct rt_runtime *rt, uint64_t end_us)
{
	int err = 0;
	int ms = 0;

	while (err == 0 && !rt->quit && !rt->close_asked && !is_over(rt)) {
		ms = wait_ms(end_us);
		err = step(rt, ms);
		if (ms == 0)
			break;
	}
	if (err < 0 || rt->quit || rt->close_asked || is_over(rt))
		return err;
	return -ETIMEDOUT;
}

int rt_host_run(struct rt_host *host, int timeout_ms)
{
	struct rt_runtime *rt = rt_api_runtime_of(host);
	uint64_t end_us = UINT64_MAX;
	int err;

	if (!rt)
		return -ENOSYS;
	if (rt->dispatching || rt->running)
		return -EBUSY;
	if (timeout_ms >= 0)
		end_us = rt_env_linux_now_us() + RT_MS(timeout_ms);
	rt->running = true;
	rt->quit = false;
	err = run(rt, end_us);
	rt->running = false;
	if (rt->close_asked)
		close_now(rt);
	return err;
}

void rt_host_quit(struct rt_host *host)
{
	struct rt_runtime *rt = rt_api_runtime_of(host);

	if (rt)
		rt->quit = true;
}

int rt_host_post(struct rt_host *host, void (*fn)(void *arg), void *arg)
{
	struct rt_runtime *rt = rt_api_runtime_of(host);
	int err;

	if (!rt)
		return -ENOSYS;
	err = rt_api_posts_add(&rt->posts, (struct rt_api_post){ fn, arg });
	if (err == 0)
		rt_loop_wakeup(&rt->loop);
	return err;
}

void rt_host_wakeup(struct rt_host *host)
{
	struct rt_runtime *rt = rt_api_runtime_of(host);

	if (rt)
		rt_loop_wakeup(&rt->loop);
}
