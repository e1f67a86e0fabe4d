/* SPDX-License-Identifier: MIT */
#include "tests/limits/crowd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/limits/crowd_peer.h"

#define HANDLE_FIRST 0x800

/* The host told nobody so, but controllers have such buffers. */
#define ACL_BYTES 1021

struct rt_host *crowd_host(const struct crowd *crowd)
{
	return world_host(crowd->w, 0);
}

static size_t held(const struct crowd *crowd)
{
	const struct rt_host *host = crowd_host(crowd);

	return host ? host->env.live_bytes : 0;
}

size_t crowd_live(const struct crowd *crowd)
{
	const size_t bytes = held(crowd);

	return bytes - RT_MIN(bytes, crowd->idle_bytes);
}

static void sample(struct crowd *crowd)
{
	const size_t live = crowd_live(crowd);

	crowd->peak_bytes = RT_MAX(crowd->peak_bytes, live);
}

void crowd_idle(struct crowd *crowd)
{
	world_settle(crowd->w);
	crowd->idle_bytes = held(crowd);
	crowd->peak_bytes = 0;
}

/* Straight to the host: what comes of it is seen before anything leaves. */
static void to_host(struct crowd *crowd, enum rt_packet_type type,
		    struct rt_bytes packet)
{
	world_to_host(&crowd->w->node[0], type, packet);
	sample(crowd);
}

void crowd_queue_event(struct crowd *crowd, struct rt_bytes event)
{
	const unsigned int i = crowd->event_count++;

	ck_assert_uint_lt(i, CROWD_EVENTS);
	ck_assert_uint_le(event.len, sizeof(crowd->event[i].data));
	memcpy(crowd->event[i].data, event.ptr, event.len);
	crowd->event[i].len = event.len;
}

void crowd_event(struct crowd *crowd, const char *fmt, ...)
{
	char hex[3 * 260];
	uint8_t buf[260];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(hex, sizeof(hex), fmt, ap);
	va_end(ap);
	len = hex_read(hex, buf, sizeof(buf));
	to_host(crowd, RT_PACKET_EVENT, rt_bytes(buf, len));
}

/* Events that the crowd owes; those that follow from them come next time. */
static bool send_events(struct crowd *crowd)
{
	const unsigned int count = crowd->event_count;

	for (unsigned int i = 0; i < count; i++)
		to_host(crowd, RT_PACKET_EVENT,
			rt_bytes(crowd->event[i].data, crowd->event[i].len));
	crowd->event_count -= count;
	memmove(crowd->event, crowd->event + count,
		crowd->event_count * sizeof(crowd->event[0]));
	return count > 0;
}

void crowd_complete(struct crowd_peer *peer)
{
	const unsigned int owed = peer->owed;

	peer->owed = 0;
	if (owed > 0 && peer->linked)
		crowd_event(peer->crowd, "13 05 01 %02x%02x %02x%02x",
			    peer->handle & 0xffU,
			    (unsigned int)peer->handle >> 8, owed & 0xffU,
			    owed >> 8);
}

static bool advanced(void *user)
{
	struct crowd *crowd = user;
	bool any = send_events(crowd);

	for (unsigned int i = 0; i < CROWD_PEERS; i++) {
		struct crowd_peer *peer = &crowd->peer[i];

		any = crowd_peer_acts(peer) || any;
		if (peer->owed > 0 && !peer->slow) {
			crowd_complete(peer);
			any = true;
		}
	}
	return any;
}

static struct crowd_peer *peer_by_handle(struct crowd *crowd, uint16_t handle)
{
	for (unsigned int i = 0; i < CROWD_PEERS; i++) {
		if (crowd->peer[i].crowd && crowd->peer[i].handle == handle)
			return &crowd->peer[i];
	}
	return NULL;
}

static struct crowd_peer *peer_by_addr(struct crowd *crowd,
				       struct rt_bytes parameters)
{
	struct rt_rd r = rt_rd_init(parameters);
	const struct rt_addr addr = rt_rd_addr(&r);

	for (unsigned int i = 0; i < CROWD_PEERS && rt_rd_ok(&r); i++) {
		if (crowd->peer[i].crowd &&
		    rt_addr_equal(crowd->peer[i].addr, addr))
			return &crowd->peer[i];
	}
	return NULL;
}

/* True if the command is about a peer of the crowd, which answers it. */
static bool take_command(struct crowd *crowd, struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);
	const uint16_t opcode = rt_rd_le16(&r);
	const uint8_t len = rt_rd_u8(&r);
	const struct rt_bytes parameters = rt_rd_rest(&r);
	struct crowd_peer *peer = peer_by_addr(crowd, parameters);

	crowd->commands++;
	memcpy(crowd->command_octets, packet.ptr, packet.len);
	crowd->command = rt_bytes(crowd->command_octets, packet.len);
	if (!peer && len >= 2 && opcode >> 10 != 0) {
		r = rt_rd_init(parameters);
		/* Host Number Of Completed Packets has a count in front. */
		if (opcode == 0x0c35)
			rt_rd_u8(&r);
		peer = peer_by_handle(crowd, rt_rd_le16(&r));
	}
	if (peer)
		crowd_peer_commanded(peer, opcode, parameters);
	return peer;
}

static bool take_data(struct crowd *crowd, struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);
	const uint16_t flags = rt_rd_le16(&r);
	struct crowd_peer *peer = peer_by_handle(crowd, flags & 0x0fff);

	rt_rd_le16(&r);
	if (peer)
		crowd_peer_receives(peer, (flags >> 12 & 3) != 1,
				    rt_rd_rest(&r));
	return peer;
}

static bool meddle(void *user, struct world_node *node, bool from_controller,
		   enum rt_packet_type type, struct rt_bytes packet)
{
	struct crowd *crowd = user;

	(void)node;
	if (from_controller)
		return false;
	if (type == RT_PACKET_COMMAND)
		return take_command(crowd, packet);
	return type == RT_PACKET_ACL && take_data(crowd, packet);
}

static void on_packet(void *user, struct world_node *node, bool from_controller,
		      enum rt_packet_type type, struct rt_bytes packet)
{
	struct crowd *crowd = user;

	sample(crowd);
	if (crowd->hooks.packet)
		crowd->hooks.packet(crowd->hooks.user, node, from_controller,
				    type, packet);
}

static void on_stepped(void *user, struct world_node *node)
{
	(void)node;
	sample(user);
}

struct crowd *crowd_new(const struct rt_host_options *options)
{
	static const struct rt_host_options none = { .size = sizeof(none) };
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	const struct world_hooks hooks = {
		.packet = on_packet,
		.meddle = meddle,
		.stepped = on_stepped,
		.advanced = advanced,
		.user = crowd,
	};
	const struct world_options world_options = {
		.seed = 5,
		.empty = true,
		.hooks = &hooks,
	};

	ck_assert_ptr_nonnull(crowd);
	crowd->w = world_new(&world_options);
	world_add_host(crowd->w, NULL, options ? options : &none);
	ck_assert(world_run_until_up(crowd->w));
	/* Peers are let in whether or not there is a server. */
	rt_host_set_connectable(crowd_host(crowd), true);
	crowd_idle(crowd);
	return crowd;
}

void crowd_free(struct crowd *crowd)
{
	for (unsigned int i = 0; i < CROWD_PEERS; i++) {
		if (crowd->peer[i].linked)
			crowd_leave(&crowd->peer[i]);
	}
	world_run(crowd->w, RT_SECONDS(60));
	if (crowd->remembers)
		world_free(crowd->w);
	else
		world_finish(crowd->w);
	free(crowd);
}

struct rt_server *crowd_serve(struct crowd *crowd, enum rt_protocol protocol,
			      uint16_t port, unsigned int max_pending)
{
	struct rt_server *server =
		rt_server_new(crowd_host(crowd), protocol, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_max_pending(server, max_pending), 0);
	ck_assert_int_eq(rt_server_listen(server, port), 0);
	return server;
}

void crowd_run(struct crowd *crowd, uint64_t us)
{
	world_run(crowd->w, us);
}

/* --- links -------------------------------------------------------------- */

static struct crowd_peer *stranger(struct crowd *crowd)
{
	for (unsigned int i = 0; i < CROWD_PEERS; i++) {
		struct crowd_peer *peer = &crowd->peer[i];

		if (peer->crowd && !peer->refused)
			continue;
		memset(peer, 0, sizeof(*peer));
		peer->crowd = crowd;
		peer->addr = (struct rt_addr){ { 0xc0, 0, 0, 0, 0,
						 (uint8_t)(i + 1) } };
		peer->handle = (uint16_t)(HANDLE_FIRST + i);
		return peer;
	}
	ck_abort_msg("no more than %d peers", CROWD_PEERS);
	return NULL;
}

struct crowd_peer *crowd_page(struct crowd *crowd)
{
	struct crowd_peer *peer = stranger(crowd);
	char addr[13];

	crowd_peer_print_addr(peer, addr);
	crowd_event(crowd, "04 0a %s 0c025a 01", addr);
	world_settle(crowd->w);
	return peer;
}

struct crowd_peer *crowd_join(struct crowd *crowd)
{
	struct crowd_peer *peer = crowd_page(crowd);

	ck_assert(peer->linked);
	return peer;
}

void crowd_come_up(struct crowd_peer *peer)
{
	crowd_peer_comes_up(peer);
	world_settle(peer->crowd->w);
}

void crowd_leave(struct crowd_peer *peer)
{
	struct crowd *crowd = peer->crowd;

	ck_assert(peer->linked);
	crowd_event(crowd, "05 04 00 %02x%02x 13", peer->handle & 0xffU,
		    (unsigned int)peer->handle >> 8);
	peer->linked = false;
	peer->crowd = NULL;
	world_settle(crowd->w);
}

/* --- data --------------------------------------------------------------- */

void crowd_acl(struct crowd_peer *peer, unsigned int flags,
	       struct rt_bytes data)
{
	uint8_t buf[4 + 65535];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)(peer->handle | flags << 12));
	rt_wr_le16(&w, (uint16_t)data.len);
	rt_wr_put(&w, data);
	if (!rt_wr_ok(&w))
		ck_abort_msg("%zu octets are too many", data.len);
	to_host(peer->crowd, RT_PACKET_ACL, rt_wr_bytes(&w));
}

void crowd_put(struct crowd_peer *peer, uint16_t cid, struct rt_bytes payload)
{
	uint8_t buf[4 + 65535];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_rd r;
	unsigned int flags = 2;

	rt_wr_le16(&w, (uint16_t)payload.len);
	rt_wr_le16(&w, cid);
	rt_wr_put(&w, payload);
	if (!rt_wr_ok(&w))
		ck_abort_msg("%zu octets are too many", payload.len);
	r = rt_rd_init(rt_wr_bytes(&w));
	while (rt_rd_left(&r) > 0) {
		crowd_acl(peer, flags,
			  rt_rd_take(&r, RT_MIN(rt_rd_left(&r),
						(size_t)ACL_BYTES)));
		flags = 1;
	}
}

void crowd_send(struct crowd_peer *peer, uint16_t cid, struct rt_bytes payload)
{
	crowd_put(peer, cid, payload);
	world_settle(peer->crowd->w);
}

void crowd_say(struct crowd_peer *peer, uint16_t cid, const char *fmt, ...)
{
	char hex[4096];
	uint8_t buf[sizeof(hex) / 2];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	vsnprintf(hex, sizeof(hex), fmt, ap);
	va_end(ap);
	len = hex_read(hex, buf, sizeof(buf));
	crowd_send(peer, cid, rt_bytes(buf, len));
}
