/* SPDX-License-Identifier: MIT */
#include "tools/sim/node.h"

#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "tools/sim/capture.h"
#include "tools/sim/random.h"
#include "tools/sim/written.h"

/* --- what a host gets from its world ------------------------------------ */

static bool fails(struct world_node *node)
{
	struct world_memory *memory = &node->memory;
	const size_t number = ++memory->asked;

	if (memory->fail_at != 0 &&
	    (number == memory->fail_at ||
	     (memory->fail_later && number > memory->fail_at)))
		return true;
	return memory->fail_permille > 0 &&
	       sim_below(&node->world->chance, 1000) < memory->fail_permille;
}

static void *node_alloc(void *ctx, size_t bytes)
{
	struct world_node *node = ctx;
	void *ptr;

	if (fails(node)) {
		node->memory.failed++;
		return NULL;
	}
	ptr = calloc(1, bytes);
	if (!ptr)
		world_broken(node->world, "the machine is out of memory");
	node->memory.live++;
	return ptr;
}

static void node_free(void *ctx, void *ptr)
{
	struct world_node *node = ctx;

	if (!ptr)
		return;
	if (node->memory.live == 0)
		world_broken(node->world, "host %u frees what it has not",
			     node->index);
	node->memory.live--;
	free(ptr);
}

static void node_random(void *ctx, void *buf, size_t bytes)
{
	sim_random_bytes(&((struct world_node *)ctx)->random, buf, bytes);
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
	const struct world_hooks *hooks = &node->world->hooks;
	const size_t len = strlen(node->states);

	(void)host;
	if (len + 1 < sizeof(node->states))
		node->states[len] = "SURPDO"[state];
	if (hooks->state)
		hooks->state(hooks->user, node, state);
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
	const struct world_hooks *hooks = &node->world->hooks;

	if (hooks->log)
		hooks->log(hooks->user, node, level, line);
	else if (getenv("RAWTOOTH_TEST_LOG"))
		fprintf(stderr, "%10llu host %u <%d> %s\n",
			(unsigned long long)node->world->now_us, node->index,
			level, line);
}

static const struct rt_host_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state,
	.on_log = on_log,
	.on_mode_changed = on_mode,
};

/* --- packets ------------------------------------------------------------ */

static void count_packet(const struct world_node *node,
			 enum rt_packet_type type, bool from_controller,
			 struct rt_bytes octets)
{
	struct world *w = node->world;
	uint8_t *copy;

	if (++w->packets != w->at_packet || !w->then)
		return;
	/* Whoever is called may make the controller forget its own. */
	copy = malloc(octets.len + 1);
	if (!copy)
		world_broken(w, "the machine is out of memory");
	memcpy(copy, octets.ptr, octets.len);
	w->last = (struct world_packet){
		.node = node->index,
		.type = type,
		.from_controller = from_controller,
		.octets = rt_bytes(copy, octets.len),
	};
	w->then(w, w->arg);
	free(copy);
}

void world_to_host(struct world_node *node, enum rt_packet_type type,
		   struct rt_bytes packet)
{
	uint8_t *copy;

	sim_capture_packet(node->world->capture, node->index,
			   node->world->now_us, true, type, packet);
	if (node->peer_ops) {
		node->peer_ops->rx(node->peer, type, packet);
		return;
	}
	if (!node->host)
		return;
	/* In memory of its own, so that a sanitizer sees its end. */
	copy = malloc(packet.len + 1);
	if (!copy)
		world_broken(node->world, "the machine is out of memory");
	if (packet.len > 0)
		memcpy(copy + 1, packet.ptr, packet.len);
	rt_host_rx(node->host, (uint8_t)type, copy + 1, packet.len);
	free(copy);
}

void world_to_controller(struct world_node *node, enum rt_packet_type type,
			 struct rt_bytes packet)
{
	sim_capture_packet(node->world->capture, node->index,
			   node->world->now_us, false, type, packet);
	if (node->vctl)
		rt_vctl_rx(node->vctl, type, packet);
}

static void hand_over(struct world_node *node, bool from_controller,
		      enum rt_packet_type type, struct rt_bytes packet)
{
	if (from_controller)
		world_to_host(node, type, packet);
	else
		world_to_controller(node, type, packet);
}

static void pass_filtered(struct world_node *node, bool from_controller,
			  enum rt_packet_type type, struct rt_bytes packet)
{
	struct world *w = node->world;
	size_t bytes = packet.len;
	uint8_t *copy = malloc(bytes + WORLD_FILTER_MORE);

	if (!copy)
		world_broken(w, "the machine is out of memory");
	memcpy(copy, packet.ptr, bytes);
	w->filter(node, from_controller, type, copy, &bytes, w->filter_arg);
	if (bytes > 0 || packet.len == 0)
		hand_over(node, from_controller, type, rt_bytes(copy, bytes));
	free(copy);
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

/* A packet on its way; `packet` is not the controller's or host's any more. */
static void pass(struct world_node *node, bool from_controller,
		 enum rt_packet_type type, struct rt_bytes packet)
{
	const struct world_hooks *hooks = &node->world->hooks;

	if (!from_controller)
		sim_expect_written(packet.ptr, packet.len);
	if (hooks->packet)
		hooks->packet(hooks->user, node, from_controller, type, packet);
	if (hooks->meddle &&
	    hooks->meddle(hooks->user, node, from_controller, type, packet))
		return;
	packet = meddled(node, from_controller, type, packet);
	if (!packet.ptr)
		return;
	if (node->world->filter)
		pass_filtered(node, from_controller, type, packet);
	else
		hand_over(node, from_controller, type, packet);
	count_packet(node, type, from_controller, packet);
}

static bool receive(struct world_node *node)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	bool any = false;

	while ((node->host || node->peer_ops) && node->vctl &&
	       rt_vctl_tx(node->vctl, &type, &packet)) {
		pass(node, true, type, packet);
		any = true;
	}
	return any;
}

static void send_flat(struct world_node *node, const struct rt_packet *packet)
{
	uint8_t *flat = malloc(packet->len + 1);
	size_t len = 0;

	if (!flat)
		world_broken(node->world, "the machine is out of memory");
	for (size_t i = 0; i < packet->count; i++) {
		memcpy(flat + len, packet->slice[i].ptr, packet->slice[i].len);
		len += packet->slice[i].len;
	}
	if (len != packet->len)
		world_broken(node->world, "a packet's slices are not its size");
	pass(node, false, (enum rt_packet_type)packet->type,
	     rt_bytes(flat, len));
	free(flat);
}

static bool transmit(struct world_node *node)
{
	struct rt_packet packet;
	bool any = false;

	while (node->host && rt_host_tx(node->host, &packet)) {
		any = true;
		if (!node->vctl)
			continue;
		send_flat(node, &packet);
	}
	return any;
}

static bool peer_step(struct world_node *node)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	bool any;

	node->peer_ops->advance(node->peer, node->world->now_us);
	any = receive(node);
	while (node->vctl && node->peer_ops->tx(node->peer, &type, &packet)) {
		pass(node, false, type, packet);
		any = true;
	}
	return any;
}

bool world_node_step(struct world_node *node)
{
	const struct world_hooks *hooks = &node->world->hooks;
	bool any;

	if (node->asleep_us > node->world->now_us)
		return false;
	if (node->peer_ops)
		return peer_step(node);
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
	if (any && node->host && hooks->stepped)
		hooks->stepped(hooks->user, node);
	return any;
}

bool world_node_next(const struct world_node *node, uint64_t *ret_due_us)
{
	if (node->asleep_us > node->world->now_us) {
		*ret_due_us = node->asleep_us;
		return true;
	}
	if (node->peer_ops)
		return node->peer_ops->next_timer(node->peer, ret_due_us);
	return node->host && rt_host_next_timer(node->host, ret_due_us);
}

/* --- life --------------------------------------------------------------- */

void world_restart_host(struct world_node *node,
			const struct rt_host_options *host_options)
{
	struct rt_host_options options = *host_options;

	node->memory.fail_permille = node->world->fail_permille;
	options.callbacks = &callbacks;
	options.user_data = node;
	options.alloc = node_alloc;
	options.free = node_free;
	options.random = node_random;
	options.ctx = node;
	if (rt_host_new_core(&options, node->world->now_us, &node->host) < 0) {
		node->host = NULL;
		if (node->memory.failed == 0)
			world_broken(node->world, "host %u can't be made",
				     node->index);
	}
	node->memory_idle = node->memory.live;
}

static struct world_node *add_node(struct world *w,
				   const struct rt_vctl_options *vctl_options)
{
	struct world_node *node = &w->node[w->count];

	node->world = w;
	node->index = w->count++;
	world_plug_in(node, vctl_options);
	return node;
}

struct world_node *world_add_host(struct world *w,
				  const struct rt_vctl_options *vctl_options,
				  const struct rt_host_options *host_options)
{
	struct world_node *node = add_node(w, vctl_options);

	world_restart_host(node, host_options);
	return node;
}

struct world_node *world_add_peer(struct world *w,
				  const struct rt_vctl_options *vctl_options,
				  const struct world_peer_ops *ops, void *peer)
{
	struct world_node *node = add_node(w, vctl_options);

	node->peer_ops = ops;
	node->peer = peer;
	return node;
}

void world_free_host(struct world *w, unsigned int i)
{
	struct world_node *node = &w->node[i];

	if (!node->host)
		return;
	rt_host_free_core(node->host);
	node->host = NULL;
	if (node->memory.live > 0)
		world_broken(w, "host %u leaves %zu allocations behind", i,
			     node->memory.live);
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

void world_plug_in(struct world_node *node,
		   const struct rt_vctl_options *vctl_options)
{
	struct world *w = node->world;

	node->vctl = rt_vctl_new(w->air, vctl_options);
	if (!node->vctl)
		world_broken(w, "a controller can't be made");
	node->addr = rt_vctl_addr(node->vctl);
	sim_capture_adapter(w->capture, node->index, node->addr);
}
