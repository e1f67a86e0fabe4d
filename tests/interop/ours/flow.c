/* SPDX-License-Identifier: MIT */
#include "tests/interop/ours/flow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PENDING 16

static void push(struct flow *flow)
{
	uint8_t buf[4096];
	size_t bytes;
	ptrdiff_t n;

	while (flow->sent < flow->most) {
		bytes = sizeof(buf);
		if (flow->most - flow->sent < bytes)
			bytes = (size_t)(flow->most - flow->sent);
		pattern_fill(&flow->tx, flow->sent, buf, bytes);
		n = rt_socket_write(flow->s, buf, bytes);
		if (n <= 0)
			return;
		flow->sent += (uint64_t)n;
	}
}

static void echo(struct flow *flow, const uint8_t *buf, size_t bytes)
{
	if (rt_socket_write(flow->s, buf, bytes) != (ptrdiff_t)bytes &&
	    rt_socket_state(flow->s) == RT_SOCKET_CONNECTED)
		side_fail("an echo of %zu octets finds no room", bytes);
}

static void pull(struct flow *flow)
{
	uint8_t buf[4096];
	ptrdiff_t n;

	while ((n = rt_socket_read(flow->s, buf, sizeof(buf))) > 0) {
		if (flow->echoes)
			echo(flow, buf, (size_t)n);
		else if (!pattern_is(&flow->rx, flow->received, buf, (size_t)n))
			side_fail("%td octets at %llu are not as sent", n,
				  (unsigned long long)flow->received);
		flow->received += (uint64_t)n;
	}
}

static void on_connected(struct rt_socket *s, void *user_data)
{
	struct flow *flow = user_data;

	(void)s;
	flow->connected = true;
	push(flow);
}

static void on_disconnected(struct rt_socket *s, void *user_data)
{
	struct flow *flow = user_data;

	(void)s;
	pull(flow);
	flow->over = true;
}

static void on_error(struct rt_socket *s, enum rt_socket_error error,
		     void *user_data)
{
	struct flow *flow = user_data;

	(void)error;
	snprintf(flow->why, sizeof(flow->why), "%s", rt_socket_error_string(s));
	if (flow->why[0] == '\0')
		side_fail("an error without a name");
	if (!flow->connected)
		flow->over = true;
}

static void on_readable(struct rt_socket *s, void *user_data)
{
	(void)s;
	pull(user_data);
}

static void on_writable(struct rt_socket *s, void *user_data)
{
	(void)s;
	push(user_data);
}

static const struct rt_socket_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_error = on_error,
	.on_readable = on_readable,
	.on_writable = on_writable,
};

void flow_connect(struct flow *flow, struct side *side, struct rt_addr addr,
		  int channel)
{
	int err;

	flow->s = rt_socket_new(side->host, RT_PROTOCOL_RFCOMM);
	if (!flow->s)
		side_fail("no socket");
	rt_socket_set_callbacks(flow->s, &callbacks, flow);
	flow->begun_ms = side_now_ms();
	err = side->frame_bytes == 0
		      ? 0
		      : rt_socket_set_option(flow->s, RT_OPTION_FRAME_BYTES,
					     side->frame_bytes);
	if (err == 0)
		err = rt_socket_connect(flow->s, addr, (uint16_t)channel);
	if (err != 0)
		side_fail("connect: %s", strerror(-err));
}

void flow_take(struct flow *flow, struct rt_server *server)
{
	flow->s = rt_server_next_pending(server);
	flow->begun_ms = side_now_ms();
	flow->connected = true;
	rt_socket_set_callbacks(flow->s, &callbacks, flow);
	push(flow);
}

bool flow_is_whole(const struct flow *flow)
{
	return flow->connected && flow->sent == flow->most &&
	       flow->received == flow->expected &&
	       (flow->over || rt_socket_bytes_to_write(flow->s) == 0);
}

void flow_free(struct flow *flow)
{
	rt_socket_free(flow->s);
	memset(flow, 0, sizeof(*flow));
}

struct rt_server *flow_listen(struct side *side, int channel)
{
	struct rt_server *server =
		rt_server_new(side->host, RT_PROTOCOL_RFCOMM, NULL, NULL);
	int err;

	if (!server)
		side_fail("no server");
	err = rt_server_set_max_pending(server, PENDING);
	if (err == 0 && side->frame_bytes != 0)
		err = rt_server_set_option(server, RT_OPTION_FRAME_BYTES,
					   side->frame_bytes);
	if (err == 0)
		err = rt_server_listen(server, (uint16_t)channel);
	if (err != 0)
		side_fail("channel %d: %s", channel, strerror(-err));
	return server;
}
