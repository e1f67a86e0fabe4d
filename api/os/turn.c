/* SPDX-License-Identifier: MIT */
#include "api/os/runtime.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rawtooth/doors.h>

/*
 * One turn of the loop: every kind of work gets its share, so that a flood of
 * one kind can't starve another.
 */

#define POSTS_A_TURN 32
#define EVENTS_A_TURN 64
#define PACKETS_A_TURN 64

static void lose_transport(struct rt_runtime *rt, int err)
{
	if (rt->lost)
		return;
	rt->lost = true;
	rt_loop_remove(&rt->loop, &rt->watch);
	rt_host_transport_lost(rt->host, err);
}

/*
 * A transport without a descriptor is asked in each turn. So is one that the
 * loop could not be told about: better slow than silent.
 */
static void watch_for(struct rt_runtime *rt, uint32_t events)
{
	int err;

	if (!rt->watched || rt->lost || rt->watch.events == events)
		return;
	err = rt_loop_change(&rt->loop, &rt->watch, events);
	if (err < 0)
		lose_transport(rt, err);
}

static void on_transport(struct rt_watch *watch, uint32_t events)
{
	struct rt_runtime *rt = watch->user;

	/* An error or a hangup is told by reading. */
	if (events & ~(uint32_t)EPOLLOUT)
		rt->may_receive = true;
}

int rt_api_runtime_watch(struct rt_runtime *rt)
{
	int err;

	if (rt->transport->fd < 0)
		return 0;
	rt->watch = (struct rt_watch){
		.fd = rt->transport->fd,
		.events = EPOLLIN,
		.fn = on_transport,
		.user = rt,
	};
	err = rt_loop_add(&rt->loop, &rt->watch);
	rt->watched = err == 0;
	return err;
}

static bool run_posts(struct rt_runtime *rt)
{
	struct rt_api_post post;
	int n;

	for (n = 0; n < POSTS_A_TURN && !rt->close_asked; n++) {
		if (!rt_api_posts_take(&rt->posts, &post))
			break;
		post.fn(post.arg);
	}
	return n > 0;
}

static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	struct rt_runtime *rt = user;

	rt_host_rx(rt->host, (uint8_t)type, packet.ptr, packet.len);
}

static void on_resync(void *user)
{
	struct rt_runtime *rt = user;

	rt_host_transport_resync(rt->host);
}

static bool receive(struct rt_runtime *rt)
{
	const struct rt_transport_sink sink = {
		.packet = on_packet,
		.resync = on_resync,
		.user = rt,
	};
	int n;

	if (rt->lost || (rt->watched && !rt->may_receive))
		return false;
	n = rt->transport->ops->receive(rt->transport, &sink);
	rt->may_receive = n > 0;
	if (n < 0)
		lose_transport(rt, n);
	return n != 0;
}

static bool make_callbacks(struct rt_runtime *rt)
{
	int n;

	for (n = 0; n < EVENTS_A_TURN && !rt->close_asked; n++) {
		if (!rt_host_next_event(rt->host))
			break;
	}
	return n > 0;
}

static void keep(struct rt_runtime *rt, const struct rt_packet *packet)
{
	struct rt_api_kept *kept = &rt->kept;

	assert(packet->len <= sizeof(kept->data));
	kept->type = packet->type;
	kept->len = 0;
	for (size_t i = 0; i < packet->count; i++) {
		if (packet->slice[i].len == 0)
			continue;
		memcpy(kept->data + kept->len, packet->slice[i].ptr,
		       packet->slice[i].len);
		kept->len += packet->slice[i].len;
	}
}

/*
 * Sends what is kept, in the transport and here. Returns 0 if nothing is kept
 * any more.
 */
static int send_kept(struct rt_runtime *rt)
{
	const struct rt_packet packet = {
		.type = rt->kept.type,
		.count = 1,
		.len = rt->kept.len,
		.slice = { { rt->kept.data, rt->kept.len } },
	};
	int err = rt->transport->ops->flush(rt->transport);

	if (err == 0 && rt->kept.len > 0)
		err = rt->transport->ops->send(rt->transport, &packet);
	if (err == 0)
		rt->kept.len = 0;
	return err;
}

/* Sends packets of the host. Returns 0 or what the transport said. */
static int send_packets(struct rt_runtime *rt, int *ret_count)
{
	struct rt_packet packet;
	int err = send_kept(rt);
	int n;

	for (n = 0; n < PACKETS_A_TURN && err == 0; n++) {
		if (!rt_host_tx(rt->host, &packet))
			break;
		err = rt->transport->ops->send(rt->transport, &packet);
		if (err == -EAGAIN)
			keep(rt, &packet);
	}
	*ret_count = n;
	return err == 0 ? rt->transport->ops->flush(rt->transport) : err;
}

static bool transmit(struct rt_runtime *rt)
{
	int n;
	int err;

	if (rt->lost)
		return false;
	err = send_packets(rt, &n);
	if (err < 0 && err != -EAGAIN)
		lose_transport(rt, err);
	watch_for(rt, err == -EAGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return n > 0;
}

/* "hci0" and the like for the capture; other transports have no number. */
static void adapter_name(const char *transport, char *ret_name, size_t cap)
{
	const char *digits = strpbrk(transport, "0123456789");

	if (strncmp(transport, "hci", 3) != 0 || !digits)
		digits = "0";
	snprintf(ret_name, cap, "hci%.3s", digits);
}

static void tell_adapter(struct rt_runtime *rt)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char name[8];

	if (!rt->capture || rt->adapter_told ||
	    rt_host_state(rt->host) != RT_HOST_UP)
		return;
	rt->adapter_told = true;
	rt_host_controller_info(rt->host, &info);
	adapter_name(info.transport, name, sizeof(name));
	rt_capture_adapter(rt->capture, rt_env_linux_wall_us(), info.addr,
			   info.manufacturer, name);
}

bool rt_api_runtime_turn(struct rt_runtime *rt)
{
	bool more;

	rt_host_advance(rt->host, rt_env_linux_now_us());
	more = run_posts(rt);
	more = receive(rt) || more;
	tell_adapter(rt);
	more = make_callbacks(rt) || more;
	if (rt->close_asked)
		return false;
	more = transmit(rt) || more;
	rt_host_end_step(rt->host);
	return more;
}

void rt_api_runtime_send_reset(struct rt_runtime *rt)
{
	/* HCI_Reset (Core Vol 4 Part E 7.3.2). */
	static const uint8_t reset[] = { 0x03, 0x0c, 0x00 };
	const struct rt_packet packet = {
		.type = RT_PACKET_COMMAND,
		.count = 1,
		.len = sizeof(reset),
		.slice = { { reset, sizeof(reset) } },
	};

	if (rt->lost || send_kept(rt) < 0)
		return;
	if (rt->transport->ops->send(rt->transport, &packet) < 0 ||
	    rt->transport->ops->flush(rt->transport) < 0)
		return;
	if (rt->capture)
		rt_capture_packet(rt->capture, rt_env_linux_wall_us(), false,
				  &packet);
}

void rt_api_runtime_flush_capture(struct rt_runtime *rt)
{
	int err;

	if (!rt->capture || rt->capture_ended)
		return;
	err = rt_capture_flush(rt->capture);
	if (err == 0)
		return;
	rt->capture_ended = true;
	rt_log(&rt->host->env, RT_LOG_ERROR, "the capture ends here: errno %d",
	       -err);
}
