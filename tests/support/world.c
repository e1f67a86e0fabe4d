/* SPDX-License-Identifier: MIT */
#include "tests/support/world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "stack/btsnoop.h"

/* Rounds at one instant: more means that somebody chases his own tail. */
#define ROUNDS_MAX 200000
#define WALL_US UINT64_C(1700000000000000)

/*
 * For each packet, round and allocation: every ck_assert() that holds costs a
 * system call.
 */
#define MUST(condition)                           \
	do {                                      \
		if (!(condition))                 \
			ck_abort_msg(#condition); \
	} while (false)

static uint64_t next_random(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void *node_alloc(void *ctx, size_t bytes)
{
	struct world_memory *memory = &((struct world_node *)ctx)->memory;
	const size_t number = ++memory->asked;
	void *ptr;

	if (memory->fail_at != 0 &&
	    (number == memory->fail_at ||
	     (memory->fail_later && number > memory->fail_at))) {
		memory->failed++;
		return NULL;
	}
	ptr = calloc(1, bytes);
	MUST(ptr);
	memory->live++;
	return ptr;
}

static void node_free(void *ctx, void *ptr)
{
	struct world_memory *memory = &((struct world_node *)ctx)->memory;

	if (!ptr)
		return;
	MUST(memory->live > 0);
	memory->live--;
	free(ptr);
}

static void fill(uint64_t *state, void *buf, size_t bytes)
{
	uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)next_random(state);
}

static void node_random(void *ctx, void *buf, size_t bytes)
{
	fill(&((struct world_node *)ctx)->random, buf, bytes);
}

static void host_then(const struct world_node *node)
{
	struct world *w = node->world;

	if (w->host_then)
		w->host_then(w, node->index, w->host_arg);
}

static void on_state(struct rt_host *host, enum rt_host_state state,
		     void *user_data)
{
	struct world_node *node = user_data;
	const size_t len = strlen(node->states);

	(void)host;
	if (len + 1 < sizeof(node->states))
		node->states[len] = "SURPDO"[state];
	host_then(node);
}

static void on_mode(struct rt_host *host, enum rt_host_mode mode,
		    void *user_data)
{
	(void)host;
	(void)mode;
	host_then(user_data);
}

static void on_log(enum rt_level level, const char *line, void *user_data)
{
	const struct world_node *node = user_data;

	if (getenv("RAWTOOTH_TEST_LOG"))
		fprintf(stderr, "%10llu host %u <%d> %s\n",
			(unsigned long long)node->world->now_us, node->index,
			level, line);
}

static void capture(const struct world_node *node, enum rt_packet_type type,
		    bool from_controller, struct rt_bytes packet)
{
	const struct world *w = node->world;
	const struct rt_btsnoop_record record = {
		.time_us = WALL_US + w->now_us,
		.index = (uint16_t)node->index,
		.opcode = (uint16_t)rt_btsnoop_opcode(type, from_controller),
		.original_bytes = (uint32_t)packet.len,
		.data = packet,
	};
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	size_t n;

	if (!w->capture)
		return;
	n = rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, &record, header);
	fwrite(header, 1, n, w->capture);
	fwrite(packet.ptr, 1, packet.len, w->capture);
}

static void open_capture(struct world *w, const char *name)
{
	const char *dir = getenv("RAWTOOTH_TEST_SNOOP_DIR");
	uint8_t header[RT_BTSNOOP_HEADER_BYTES];
	char path[512];

	if (!dir || !name)
		return;
	snprintf(path, sizeof(path), "%s/%s.btsnoop", dir, name);
	w->capture = fopen(path, "wb");
	ck_assert_msg(w->capture, "cannot write %s", path);
	rt_btsnoop_header(RT_BTSNOOP_MONITOR, header);
	fwrite(header, 1, sizeof(header), w->capture);
}

static void capture_adapter(const struct world_node *node)
{
	struct world *w = node->world;
	struct rt_btsnoop_record record = {
		.time_us = WALL_US,
		.index = (uint16_t)node->index,
		.opcode = RT_BTSNOOP_NEW_INDEX,
		.original_bytes = 16,
	};
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	uint8_t body[16];
	char name[8];

	if (!w->capture)
		return;
	snprintf(name, sizeof(name), "hci%u", node->index % 10);
	rt_btsnoop_new_index(rt_vctl_addr(node->vctl), name, body);
	record.data = rt_bytes(body, sizeof(body));
	fwrite(header, 1,
	       rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, &record, header),
	       w->capture);
	fwrite(body, 1, sizeof(body), w->capture);
}

static void count_packet(struct world *w)
{
	if (++w->packets == w->at_packet && w->then)
		w->then(w, w->arg);
}

/* What is handed over of a packet; ptr NULL: nothing. */
static struct rt_bytes meddled(const struct world_node *node,
			       bool from_controller, enum rt_packet_type type,
			       struct rt_bytes octets)
{
	struct world *w = node->world;
	const struct world_packet packet = {
		.node = node->index,
		.from_controller = from_controller,
		.type = type,
		.octets = octets,
	};

	return w->meddle ? w->meddle(w, &packet, w->meddle_arg) : octets;
}

static bool receive(struct world_node *node)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	bool any = false;
	uint8_t *copy;

	while (node->host && node->vctl &&
	       rt_vctl_tx(node->vctl, &type, &packet)) {
		any = true;
		packet = meddled(node, true, type, packet);
		if (!packet.ptr)
			continue;
		capture(node, type, true, packet);
		/* In memory of its own, so that a sanitizer sees its end. */
		copy = malloc(packet.len);
		MUST(copy || packet.len == 0);
		memcpy(copy, packet.ptr, packet.len);
		rt_host_rx(node->host, (uint8_t)type, copy, packet.len);
		free(copy);
		count_packet(node->world);
	}
	return any;
}

/* A packet for the controller, whole. */
static void carry(struct world_node *node, enum rt_packet_type type,
		  struct rt_bytes packet)
{
	packet = meddled(node, false, type, packet);
	if (!packet.ptr)
		return;
	capture(node, type, false, packet);
	rt_vctl_rx(node->vctl, type, packet);
	count_packet(node->world);
}

static bool transmit(struct world_node *node)
{
	struct rt_packet packet;
	bool any = false;
	uint8_t *flat;
	size_t len;

	while (node->host && rt_host_tx(node->host, &packet)) {
		any = true;
		if (!node->vctl)
			continue;
		flat = malloc(packet.len);
		MUST(flat || packet.len == 0);
		len = 0;
		for (size_t i = 0; i < packet.count; i++) {
			memcpy(flat + len, packet.slice[i].ptr,
			       packet.slice[i].len);
			len += packet.slice[i].len;
		}
		MUST(len == packet.len);
		carry(node, (enum rt_packet_type)packet.type,
		      rt_bytes(flat, len));
		free(flat);
	}
	return any;
}

/* A step of one host. True if anything has happened. */
static bool step(struct world_node *node)
{
	bool any;

	if (!node->host)
		return false;
	rt_host_advance(node->host, node->world->now_us);
	any = receive(node);
	/* Whoever is called in between may free the host. */
	while (node->host && rt_host_next_event(node->host))
		any = true;
	any = transmit(node) || any;
	if (node->host)
		rt_host_end_step(node->host);
	return any;
}

void world_settle(struct world *w)
{
	bool any = true;

	for (int round = 0; any; round++) {
		if (round == ROUNDS_MAX)
			ck_abort_msg("no end at %llu us",
				     (unsigned long long)w->now_us);
		any = false;
		rt_air_advance(w->air, w->now_us);
		for (unsigned int i = 0; i < w->count; i++)
			any = step(&w->node[i]) || any;
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
		if (w->node[i].host &&
		    rt_host_next_timer(w->node[i].host, &it) && it < due)
			due = it;
	}
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
	w->now_us = end_us;
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

static const struct rt_host_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state,
	.on_log = on_log,
	.on_mode_changed = on_mode,
};

static void make_node(struct world *w, const struct world_options *options,
		      unsigned int i)
{
	struct world_node *node = &w->node[i];
	const struct rt_vctl_options vctl_options = {
		.acl_bytes = options->acl_bytes,
		.acl_packets = options->acl_packets,
		.page_ms = options->page_ms,
		.security = options->security,
	};
	const struct rt_host_options host_options = {
		.size = sizeof(host_options),
		.callbacks = &callbacks,
		.user_data = node,
		.alloc = node_alloc,
		.free = node_free,
		.random = node_random,
		.ctx = node,
		.session_hold_ms = options->session_hold_ms,
		.key_store = i < RT_ARRAY_SIZE(options->key_store)
				     ? options->key_store[i]
				     : NULL,
	};

	node->world = w;
	node->index = i;
	node->random = options->seed * WORLD_HOSTS_MAX + i;
	if (i == options->fail_node) {
		node->memory.fail_at = options->fail_at;
		node->memory.fail_later = options->fail_later;
	}
	node->vctl = rt_vctl_new(w->air, &vctl_options);
	ck_assert_ptr_nonnull(node->vctl);
	node->addr = rt_vctl_addr(node->vctl);
	capture_adapter(node);
	if (rt_host_new_core(&host_options, w->now_us, &node->host) < 0) {
		ck_assert_uint_gt(node->memory.failed, 0);
		node->host = NULL;
	}
	node->memory_idle = node->memory.live;
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

	ck_assert_ptr_nonnull(w);
	w->count = options.hosts ? options.hosts : 2;
	w->random = options.seed;
	/* Not at zero: a time that was never set would go unnoticed. */
	w->now_us = RT_SECONDS(1000);
	w->air = rt_air_new(&air_options);
	ck_assert_ptr_nonnull(w->air);
	rt_air_advance(w->air, w->now_us);
	open_capture(w, options.name);
	for (unsigned int i = 0; i < w->count; i++)
		make_node(w, &options, i);
	if (!options.down)
		ck_assert(world_run_until_up(w));
	return w;
}

static void free_air(struct world *w)
{
	rt_air_free(w->air);
	if (w->capture)
		fclose(w->capture);
	free(w);
}

void world_free_host(struct world *w, unsigned int i)
{
	struct world_node *node = &w->node[i];

	if (!node->host)
		return;
	rt_host_free_core(node->host);
	node->host = NULL;
	ck_assert_uint_eq(node->memory.live, 0);
}

void world_free(struct world *w)
{
	for (unsigned int i = 0; i < w->count; i++) {
		world_free_host(w, i);
		ck_assert_uint_eq(w->node[i].memory.live, 0);
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

/* What a host keeps though nothing is under way: link keys, fixed PINs. */
#define MEMORY_KEPT 2

static void assert_idle(const struct world_node *node)
{
	uint64_t due_us;

	if (!node->host)
		return;
	ck_assert_msg(rt_host_is_idle(node->host), "host %u is not idle",
		      node->index);
	ck_assert_msg(!rt_host_next_timer(node->host, &due_us),
		      "host %u has a timer armed, due in %lld us", node->index,
		      (long long)(due_us - node->world->now_us));
	ck_assert_msg(node->memory.live <= node->memory_idle + MEMORY_KEPT,
		      "host %u holds %zu allocations, %zu at the start",
		      node->index, node->memory.live, node->memory_idle);
}

void world_finish(struct world *w)
{
	for (unsigned int i = 0; i < w->count; i++) {
		if (w->node[i].host)
			rt_host_shutdown(w->node[i].host);
	}
	ck_assert(world_run_until(w, all_down, w, RT_SECONDS(25)));
	for (unsigned int i = 0; i < w->count; i++)
		assert_idle(&w->node[i]);
	world_free(w);
}

void world_unplug(struct world *w, unsigned int i, int err)
{
	struct world_node *node = &w->node[i];

	if (!node->vctl)
		return;
	rt_vctl_free(node->vctl);
	node->vctl = NULL;
	if (node->host)
		rt_host_transport_lost(node->host, err);
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
	return (uint32_t)next_random(&w->random);
}

void world_random_bytes(struct world *w, void *buf, size_t bytes)
{
	fill(&w->random, buf, bytes);
}
