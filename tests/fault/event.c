/* SPDX-License-Identifier: MIT */
#include "tests/fault/event.h"

#include <check.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"
#include "tools/sim/check.h"

#define EVENT_CONNECTION_COMPLETE 0x03
#define EVENT_CONNECTION_REQUEST 0x04
#define EVENT_ENCRYPTION_CHANGE 0x08
#define EVENT_HARDWARE_ERROR 0x10
#define EVENT_PIN_REQUEST 0x16
#define EVENT_KEY_REQUEST 0x17
#define EVENT_IO_REQUEST 0x31
#define EVENT_CONFIRM_REQUEST 0x33

#define JUMP_HOUR_US RT_SECONDS(3600)
#define JUMP_WRAP_US RT_MS(UINT64_C(0x100000001)) /* 49.7 days */
#define STALLS 5
#define STALL_US RT_SECONDS(30)

#define CID_SIGNALLING 1
#define SHORT_PDU 60 /* octets; what is longer carries data */

static unsigned int side_of(const struct watch *watch)
{
	return watch->run->flow->side;
}

static struct rt_vctl *vctl_of(const struct watch *watch)
{
	return watch->run->w->node[side_of(watch)].vctl;
}

static struct rt_host *host_of(const struct watch *watch)
{
	return world_host(watch->run->w, side_of(watch));
}

/* --- the watch ------------------------------------------------------------ */

static void keep(struct event_packet *to, const struct world_packet *packet)
{
	ck_assert_uint_le(packet->octets.len, sizeof(to->octets));
	to->type = packet->type;
	to->from_controller = packet->from_controller;
	to->len = packet->octets.len;
	memcpy(to->octets, packet->octets.ptr, to->len);
}

/* True for what is answered, rather than an answer. */
static bool is_question(uint8_t code)
{
	switch (code) {
	case EVENT_CONNECTION_REQUEST:
	case EVENT_PIN_REQUEST:
	case EVENT_KEY_REQUEST:
	case EVENT_IO_REQUEST:
	case EVENT_CONFIRM_REQUEST:
		return true;
	default:
		return false;
	}
}

static bool is_answer(const struct world_packet *packet)
{
	struct rt_rd r = rt_rd_init(packet->octets);
	uint16_t cid;

	if (!packet->from_controller)
		return false;
	if (packet->type == RT_PACKET_EVENT)
		return !is_question(rt_rd_u8(&r));
	rt_rd_le16(&r);
	rt_rd_le16(&r);
	rt_rd_le16(&r);
	cid = rt_rd_le16(&r);
	/* Responses have odd codes (Core Vol 3 Part A table 4.2). */
	if (cid == CID_SIGNALLING)
		return rt_rd_u8(&r) % 2 == 1;
	return packet->octets.len <= SHORT_PDU;
}

static void look_at_event(struct watch *watch,
			  const struct world_packet *packet)
{
	struct rt_rd r = rt_rd_init(packet->octets);
	const uint8_t code = rt_rd_u8(&r);

	rt_rd_u8(&r);
	if (code == EVENT_CONNECTION_COMPLETE && rt_rd_u8(&r) == 0)
		watch->handle[packet->node] = rt_rd_le16(&r);
}

static void look_at_sent(struct watch *watch, struct rt_bytes octets)
{
	struct rt_rd r = rt_rd_init(octets);

	rt_rd_le16(&r);
	rt_rd_le16(&r);
	rt_rd_le16(&r);
	if (rt_rd_le16(&r) == CID_SIGNALLING && rt_rd_u8(&r) % 2 == 0)
		watch->ident = rt_rd_u8(&r);
}

static void record(struct watch *watch, const struct world_packet *packet)
{
	keep(&watch->last, packet);
	if (packet->from_controller)
		keep(&watch->heard, packet);
	if (is_answer(packet) && watch->answers < EVENT_ANSWERS)
		keep(&watch->answer[watch->answers++], packet);
	if (packet->type == RT_PACKET_ACL && !packet->from_controller)
		look_at_sent(watch, packet->octets);
}

/* What holds between any two steps. */
static void check_hosts(const struct world *w)
{
	const char *wrong;

	for (unsigned int i = 0; i < w->count; i++) {
		if (!w->node[i].host)
			continue;
		wrong = rt_check_invariants(w->node[i].host);
		ck_assert_msg(!wrong, "host %u: it does not hold that %s", i,
			      wrong);
	}
}

static void duplicate_now(struct watch *watch, const struct world_packet *last);

static void happen(struct watch *watch)
{
	watch->happened = true;
	watch->event->happen(watch);
}

static void fall_asleep(struct watch *watch)
{
	struct world *w = watch->run->w;

	watch->stalls--;
	w->node[side_of(watch)].asleep_us = w->now_us + STALL_US;
}

static void on_packet(struct world *w, void *arg)
{
	struct watch *watch = arg;

	w->at_packet = w->packets + 1;
	if (w->last.type == RT_PACKET_EVENT)
		look_at_event(watch, &w->last);
	if (w->last.node == side_of(watch)) {
		watch->packets++;
		if (!watch->happened)
			record(watch, &w->last);
		if (watch->stalls > 0)
			fall_asleep(watch);
	}
	if (watch->event && !watch->happened && watch->packets == watch->at)
		happen(watch);
	else if (watch->awaits)
		duplicate_now(watch, &w->last);
	check_hosts(w);
}

void watch_begin(struct watch *watch, struct run *run)
{
	struct world *w = run->w;

	watch->run = run;
	w->then = on_packet;
	w->arg = watch;
	w->at_packet = w->packets + 1;
	if (watch->event && watch->at == 0)
		happen(watch);
}

void watch_end(struct watch *watch)
{
	watch->run->w->then = NULL;
	for (size_t i = 0; i < watch->taken_count; i++)
		rt_socket_free(watch->taken[i]);
	watch->taken_count = 0;
}

/* --- what a controller or a peer does ------------------------------------- */

/* The host gets a packet once more. */
static void repeat(struct watch *watch, const struct event_packet *packet)
{
	const struct rt_bytes octets = rt_bytes(packet->octets, packet->len);

	if (packet->type == RT_PACKET_EVENT)
		rt_vctl_inject_event(vctl_of(watch), octets);
	else
		rt_vctl_inject_acl(vctl_of(watch), octets);
}

static void drop(struct watch *watch)
{
	rt_vctl_drop_links(vctl_of(watch));
}

static void hardware_error(struct watch *watch)
{
	static const uint8_t event[] = { EVENT_HARDWARE_ERROR, 1, 0x2a };

	rt_vctl_inject_event(vctl_of(watch), rt_bytes(event, sizeof(event)));
}

static void mute(struct watch *watch)
{
	rt_vctl_set_fault(vctl_of(watch), RT_VCTL_MUTE, true);
}

static void speak(struct watch *watch)
{
	rt_vctl_set_fault(vctl_of(watch), RT_VCTL_MUTE, false);
}

/* Octets of a data packet behind its handle. */
static struct rt_bytes behind_handle(struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);

	rt_rd_le16(&r);
	return rt_rd_rest(&r);
}

/* True for what the host has sent last, as it comes to the peer. */
static bool is_last_sent(const struct watch *watch,
			 const struct world_packet *packet)
{
	const struct event_packet *last = &watch->last;
	const struct rt_bytes sent =
		behind_handle(rt_bytes(last->octets, last->len));
	const struct rt_bytes came = behind_handle(packet->octets);

	return packet->node != side_of(watch) && packet->from_controller &&
	       packet->type == RT_PACKET_ACL && sent.len == came.len &&
	       memcmp(sent.ptr, came.ptr, sent.len) == 0;
}

/*
 * What was heard last comes once more, or, where the host has sent data, those
 * come to the peer once more as soon as they have come. A controller has one
 * command at a time, so of a command it is the packet before that comes again.
 */
static void duplicate(struct watch *watch)
{
	const struct event_packet *last = &watch->last;

	if (last->from_controller || last->type != RT_PACKET_ACL)
		repeat(watch, &watch->heard);
	else
		watch->awaits = true;
}

static void duplicate_now(struct watch *watch, const struct world_packet *last)
{
	if (!is_last_sent(watch, last))
		return;
	watch->awaits = false;
	rt_vctl_inject_acl(watch->run->w->node[last->node].vctl, last->octets);
}

/* One of the answers so far, a different one from case to case. */
static void stale(struct watch *watch)
{
	if (watch->answers == 0)
		repeat(watch, &watch->heard);
	else
		repeat(watch, &watch->answer[watch->at % watch->answers]);
}

/* "Command not understood" for the last request (Core Vol 3 Part A 4.1). */
static void reject(struct watch *watch)
{
	uint8_t buf[16];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)(watch->handle[side_of(watch)] | 0x2000));
	rt_wr_le16(&w, 10);
	rt_wr_le16(&w, 6);
	rt_wr_le16(&w, CID_SIGNALLING);
	rt_wr_u8(&w, 0x01);
	rt_wr_u8(&w, watch->ident ? watch->ident : 1);
	rt_wr_le16(&w, 2);
	rt_wr_le16(&w, 0);
	rt_vctl_inject_acl(vctl_of(watch), rt_wr_bytes(&w));
}

static void encryption_off(struct watch *watch)
{
	const struct rt_addr peer = world_addr(watch->run->w, !side_of(watch));
	uint8_t buf[8];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (rt_vctl_fake_encryption(vctl_of(watch), peer, 0, 0))
		return;
	/* No link yet, or no more: an event for none. */
	rt_wr_u8(&w, EVENT_ENCRYPTION_CHANGE);
	rt_wr_u8(&w, 4);
	rt_wr_u8(&w, 0);
	rt_wr_le16(&w, watch->handle[side_of(watch)]);
	rt_wr_u8(&w, 0);
	rt_vctl_inject_event(vctl_of(watch), rt_wr_bytes(&w));
}

static void peer_connects(struct watch *watch)
{
	struct run_end *end =
		flow_end(watch->run, !side_of(watch), watch->run->bytes);

	ck_assert_ptr_nonnull(end);
	flow_connect(end, FLOW_PORT_SECOND);
}

/* --- what applications do ------------------------------------------------- */

/* Closes all that the application of a host has. False if it has nothing. */
static bool close_all(struct watch *watch, unsigned int host)
{
	struct run *run = watch->run;
	bool any = false;

	for (unsigned int i = 0; i < run->end_count; i++) {
		struct run_end *end = &run->ends[i];

		if (end->host != host || !end->end.s)
			continue;
		end->let_go = true;
		rt_socket_close(end->end.s);
		any = true;
	}
	if (host == 0 && run->search && !run->search_freed) {
		run->search_freed = true;
		rt_service_search_free(run->search);
		any = true;
	}
	if (host == 1 && run->server) {
		rt_server_close(run->server);
		any = true;
	}
	return any;
}

static void peer_closes(struct watch *watch)
{
	if (!close_all(watch, !side_of(watch)))
		peer_connects(watch);
}

static void close_own(struct watch *watch)
{
	if (watch->run->second)
		rt_server_close(watch->run->second);
	close_all(watch, side_of(watch));
	if (watch->run->flow->kind == FLOW_START)
		rt_host_shutdown(host_of(watch));
}

static void free_own(struct watch *watch)
{
	struct run *run = watch->run;
	const unsigned int host = side_of(watch);

	for (unsigned int i = 0; i < run->end_count; i++) {
		if (run->ends[i].host == host && !run->ends[i].freed)
			flow_free_end(&run->ends[i]);
	}
	if (host == 0 && run->search && !run->search_freed) {
		run->search_freed = true;
		rt_service_search_free(run->search);
	}
	rt_server_free(run->second);
	run->second = NULL;
	if (host == 0)
		return;
	rt_server_free(run->server);
	run->server = NULL;
	for (size_t i = 0; i < FLOW_RECORDS; i++)
		rt_service_free(run->record[i]);
	memset(run->record, 0, sizeof(run->record));
}

static void free_host(struct watch *watch)
{
	struct run *run = watch->run;
	const unsigned int host = side_of(watch);

	/* With everything on it: so nobody may touch that any more. */
	for (unsigned int i = 0; i < run->end_count; i++) {
		if (run->ends[i].host != host)
			continue;
		run->ends[i].freed = true;
		run->ends[i].end.s = NULL;
	}
	if (host == 0)
		run->search_freed = true;
	else
		memset(run->record, 0, sizeof(run->record));
	run->server = host == 1 ? NULL : run->server;
	run->second = NULL;
	world_free_host(run->w, host);
}

/* As the loop around a host does it, or the system after a process is gone. */
static void reset_controller(struct watch *watch)
{
	static const uint8_t reset[] = { 0x03, 0x0c, 0x00 };

	rt_vctl_rx(vctl_of(watch), RT_PACKET_COMMAND,
		   rt_bytes(reset, sizeof(reset)));
}

/* --- time ----------------------------------------------------------------- */

/* Both sides, and the air between them, have slept. */
static void jump(struct watch *watch)
{
	watch->run->w->now_us += watch->at % 2 ? JUMP_HOUR_US : JUMP_WRAP_US;
}

/* The host's process runs for a packet at a time, and then for long not. */
static void stall(struct watch *watch)
{
	watch->stalls = STALLS;
	fall_asleep(watch);
}

static void wake_up(struct watch *watch)
{
	watch->stalls = 0;
}

/* --- what is not there ---------------------------------------------------- */

static void no_memory(struct watch *watch)
{
	struct world_memory *memory =
		&watch->run->w->node[side_of(watch)].memory;

	watch->fail_at = memory->asked + 1 + watch->at % 3;
	memory->fail_at = watch->fail_at;
}

static void memory_again(struct watch *watch)
{
	watch->run->w->node[side_of(watch)].memory.fail_at = 0;
}

/*
 * Every socket that the host may have, and on them every channel or data link
 * connection, to devices that are not there.
 */
static void take_all(struct watch *watch)
{
	const enum rt_protocol protocol =
		watch->at % 2 ? RT_PROTOCOL_L2CAP : RT_PROTOCOL_RFCOMM;
	struct rt_addr nobody = { { 9, 9, 9, 9, 9, 0 } };
	bool full = false;
	struct rt_socket *s;

	while ((s = rt_socket_new(host_of(watch), protocol))) {
		const size_t n = watch->taken_count++;

		ck_assert_uint_lt(n, EVENT_SOCKETS);
		watch->taken[n] = s;
		nobody.b[5] = (uint8_t)(1 + n / 15);
		full = full ||
		       rt_socket_connect(s, nobody,
					 protocol == RT_PROTOCOL_L2CAP
						 ? 0x1011
						 : (uint16_t)(10 + n % 15)) < 0;
	}
	ck_assert(full || rt_host_state(host_of(watch)) != RT_HOST_UP);
}

static void give_back(struct watch *watch)
{
	while (watch->taken_count > 0)
		rt_socket_free(watch->taken[--watch->taken_count]);
}

/* clang-format off */

const struct event events[] = {
	{ .name = "drop", .happen = drop, .some_end = true,
	  .needs_link = true },
	{ .name = "hardware-error", .happen = hardware_error,
	  .some_end = true },
	{ .name = "mute", .happen = mute, .end = speak, .seconds = 1,
	  .some_end = true, .loses = true },
	{ .name = "close", .happen = close_own, .some_end = true },
	{ .name = "free", .happen = free_own, .some_end = true,
	  .needs_link = true },
	{ .name = "free-host", .happen = free_host, .end = reset_controller,
	  .seconds = 1, .some_end = true },
	{ .name = "duplicate", .happen = duplicate, .some_go_on = true,
	  .repeats = true },
	{ .name = "stale", .happen = stale, .some_go_on = true,
	  .repeats = true },
	{ .name = "reject", .happen = reject, .some_go_on = true },
	{ .name = "encryption-off", .happen = encryption_off,
	  .some_go_on = true },
	{ .name = "peer-connects", .happen = peer_connects,
	  .some_go_on = true, .most_go_on = true, .needs_link = true },
	{ .name = "peer-closes", .happen = peer_closes, .some_end = true,
	  .needs_link = true },
	{ .name = "jump", .happen = jump, .some_end = true,
	  .needs_link = true },
	{ .name = "stall", .happen = stall, .end = wake_up,
	  .seconds = (STALLS + 1) * STALL_US / RT_SECONDS(1),
	  .some_end = true, .needs_link = true },
	{ .name = "no-memory", .happen = no_memory, .end = memory_again,
	  .seconds = 60, .some_go_on = true,
	  .needs_link = true },
	{ .name = "limit", .happen = take_all, .end = give_back,
	  .seconds = 10, .some_go_on = true,
	  .needs_link = true },
};

/* clang-format on */

const size_t event_count = RT_ARRAY_SIZE(events);

/*
 * A controller is mute for a moment, until it is noticed, or for long; a host
 * is gone at once, or its controller stays as it was for a while.
 */
unsigned int event_seconds(const struct watch *watch)
{
	static const unsigned int mute_seconds[] = { 1, 5, 100 };
	static const unsigned int gone_seconds[] = { 0, 10 };

	if (watch->event->happen == mute)
		return mute_seconds[watch->at % 3];
	if (watch->event->happen == free_host)
		return gone_seconds[watch->at % 2];
	return watch->event->seconds;
}
