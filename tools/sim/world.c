/* SPDX-License-Identifier: MIT */
#include "tools/sim/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "hci/engine.h"
#include "tools/sim/capture.h"
#include "tools/sim/node.h"
#include "tools/sim/random.h"

/* Rounds at one instant: more means that somebody chases his own tail. */
#define ROUNDS_MAX 200000

void world_broken(struct world *w, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (w->hooks.broken)
		w->hooks.broken(w->hooks.user, what);
	fprintf(stderr, "at %llu us: %s\n", (unsigned long long)w->now_us,
		what);
	abort();
}

void world_settle(struct world *w)
{
	bool any = true;

	for (int round = 0; any; round++) {
		if (round >= ROUNDS_MAX)
			world_broken(w, "no end of things to do at one time");
		any = w->hooks.advanced && w->hooks.advanced(w->hooks.user);
		rt_air_advance(w->air, w->now_us);
		for (unsigned int i = 0; i < w->count; i++)
			any = world_node_step(&w->node[i]) || any;
	}
}

/* The instant of the next timer of anybody. */
static uint64_t next_due(const struct world *w)
{
	uint64_t due = UINT64_MAX;
	uint64_t it;

	if (rt_air_next(w->air, &it))
		due = it;
	for (unsigned int i = 0; i < w->count; i++) {
		if (world_node_next(&w->node[i], &it) && it < due)
			due = it;
	}
	if (w->hooks.next && w->hooks.next(w->hooks.user, &it) && it < due)
		due = it;
	return due;
}

bool world_run_until(struct world *w, bool (*done)(void *arg), void *arg,
		     uint64_t limit_us)
{
	const uint64_t end_us = w->now_us + limit_us;
	uint64_t due_us;

	for (;;) {
		world_settle(w);
		if (done && done(arg))
			return true;
		due_us = next_due(w);
		if (due_us > end_us)
			break;
		/* What is due now goes on now, but time must not stand. */
		w->now_us = due_us > w->now_us ? due_us : w->now_us + 1;
	}
	/* Whoever was called may have let the clock jump. */
	w->now_us = RT_MAX(w->now_us, end_us);
	world_settle(w);
	return done && done(arg);
}

void world_run(struct world *w, uint64_t us)
{
	(void)world_run_until(w, NULL, NULL, us);
}

static bool all_up(void *arg)
{
	const struct world *w = arg;

	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host && w->node[i].vctl &&
		    rt_host_state(w->node[i].host) != RT_HOST_UP)
			return false;
	}
	return true;
}

bool world_run_until_up(struct world *w)
{
	return world_run_until(w, all_up, w, RT_SECONDS(10));
}

static void open_capture(struct world *w, const struct world_options *options)
{
	const char *dir = getenv("RAWTOOTH_TEST_SNOOP_DIR");
	const char *path = options->capture_path;
	char own[512];

	if (!path && dir && options->name) {
		snprintf(own, sizeof(own), "%s/%s.btsnoop", dir, options->name);
		path = own;
	}
	if (!path)
		return;
	w->capture = sim_capture_open(path);
	if (!w->capture)
		world_broken(w, "cannot write %s: %s", path, strerror(errno));
}

static void make_node(struct world *w, const struct world_options *options,
		      unsigned int i)
{
	const struct rt_host_options host_options = {
		.size = sizeof(host_options),
		.session_hold_ms = options->session_hold_ms,
		.key_store = i < RT_ARRAY_SIZE(options->key_store)
				     ? options->key_store[i]
				     : NULL,
	};

	if (i == options->fail_node) {
		w->node[i].memory.fail_at = options->fail_at;
		w->node[i].memory.fail_later = options->fail_later;
	}
	world_add_host(w, &w->controllers, &host_options);
}

struct world *world_new(const struct world_options *given)
{
	const struct world_options options =
		given ? *given : (struct world_options){ .seed = 1 };
	const struct rt_air_options air_options = {
		.seed = options.seed,
		.latency_us = options.latency_us,
	};
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	if (options.hooks)
		w->hooks = *options.hooks;
	w->controllers = (struct rt_vctl_options){
		.acl_bytes = options.acl_bytes,
		.acl_packets = options.acl_packets,
		.page_ms = options.page_ms,
		.security = options.security,
	};
	w->random = options.seed;
	w->chance = ~options.seed;
	w->fail_permille = options.fail_permille;
	for (unsigned int i = 0; i < WORLD_HOSTS_MAX; i++)
		w->node[i].random = options.seed * WORLD_HOSTS_MAX + i;
	/* Not at zero: a time that was never set would go unnoticed. */
	w->now_us = RT_SECONDS(1000);
	w->air = rt_air_new(&air_options);
	if (!w->air)
		world_broken(w, "the machine is out of memory");
	rt_air_advance(w->air, w->now_us);
	open_capture(w, &options);
	if (options.empty)
		return w;
	for (unsigned int i = 0; i < (options.hosts ? options.hosts : 2); i++)
		make_node(w, &options, i);
	if (!options.down && !world_run_until_up(w))
		world_broken(w, "the hosts don't come up");
	return w;
}

static void free_air(struct world *w)
{
	rt_air_free(w->air);
	if (w->capture)
		fclose(w->capture);
	free(w);
}

void world_free(struct world *w)
{
	for (unsigned int i = 0; i < w->count; i++) {
		world_free_host(w, i);
		if (w->node[i].memory.live > 0)
			world_broken(w, "host %u has left memory behind", i);
	}
	free_air(w);
}

static bool all_down(void *arg)
{
	const struct world *w = arg;

	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host &&
		    rt_host_state(w->node[i].host) != RT_HOST_DOWN)
			return false;
	}
	return true;
}

/* What a host keeps, beside whom it has found: link keys, fixed PINs, who has
 * failed to pair. */
#define MEMORY_KEPT 3

static void expect_idle(const struct world_node *node)
{
	struct world *w = node->world;
	uint64_t due_us;

	if (!node->host)
		return;
	if (!rt_host_is_idle(node->host))
		world_broken(w, "host %u is not idle", node->index);
	if (rt_host_next_timer(node->host, &due_us))
		world_broken(w, "host %u has a timer armed, due in %lld us",
			     node->index, (long long)(due_us - w->now_us));
	if (node->memory.live > node->memory_idle + MEMORY_KEPT +
					node->host->hci->inquiry.found_count)
		world_broken(w, "host %u holds %zu allocations, %zu at first",
			     node->index, node->memory.live, node->memory_idle);
}

void world_finish(struct world *w)
{
	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host)
			rt_host_shutdown(w->node[i].host);
	}
	if (!world_run_until(w, all_down, w, RT_SECONDS(25)))
		world_broken(w, "hosts that are shut down are not down");
	for (unsigned int i = 0; i < w->count; i++)
		expect_idle(&w->node[i]);
	world_free(w);
}

struct rt_host *world_host(const struct world *w, unsigned int i)
{
	return w->node[i].host;
}

struct rt_addr world_addr(const struct world *w, unsigned int i)
{
	return w->node[i].addr;
}

uint32_t world_random(struct world *w)
{
	return (uint32_t)sim_random(&w->random);
}

void world_random_bytes(struct world *w, void *buf, size_t bytes)
{
	sim_random_bytes(&w->random, buf, bytes);
}
