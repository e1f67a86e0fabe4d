/* SPDX-License-Identifier: MIT */
#include "tools/vctl/transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packets delivered by one receive(). */
#define RECEIVE_MAX 64
#define PACKET_BYTES_MAX (4 + 65535)

struct vctl_transport {
	struct rt_transport base;
	struct rt_vctl *vctl;
	int err; /* negative: unplugged */
	uint8_t packet[PACKET_BYTES_MAX];
};

static struct vctl_transport *own(struct rt_transport *transport)
{
	return RT_CONTAINER_OF(transport, struct vctl_transport, base);
}

static int transport_send(struct rt_transport *transport,
			  const struct rt_packet *packet)
{
	struct vctl_transport *t = own(transport);
	size_t len = 0;

	if (t->err)
		return t->err;
	for (unsigned i = 0; i < packet->count; i++) {
		struct rt_bytes s = packet->slice[i];

		if (s.len > sizeof(t->packet) - len)
			return -EMSGSIZE;
		if (s.len > 0)
			memcpy(t->packet + len, s.ptr, s.len);
		len += s.len;
	}
	rt_vctl_rx(t->vctl, (enum rt_packet_type)packet->type,
		   rt_bytes(t->packet, len));
	return 0;
}

static int transport_flush(struct rt_transport *transport)
{
	return own(transport)->err;
}

static int transport_receive(struct rt_transport *transport,
			     const struct rt_transport_sink *sink)
{
	struct vctl_transport *t = own(transport);
	enum rt_packet_type type;
	struct rt_bytes packet;

	for (int i = 0; i < RECEIVE_MAX; i++) {
		if (t->err)
			return t->err;
		if (!rt_vctl_tx(t->vctl, &type, &packet))
			return 0;
		sink->packet(sink->user, type, packet);
	}
	return 1;
}

static void transport_close(struct rt_transport *transport)
{
	free(own(transport));
}

static const struct rt_transport_ops ops = {
	.send = transport_send,
	.flush = transport_flush,
	.receive = transport_receive,
	.close = transport_close,
};

struct rt_transport *rt_vctl_transport_new(struct rt_vctl *vctl)
{
	struct vctl_transport *t = calloc(1, sizeof(*t));
	char addr[RT_ADDR_STR_BYTES];

	if (!t)
		return NULL;
	t->vctl = vctl;
	t->base.ops = &ops;
	t->base.fd = -1;
	snprintf(t->base.name, sizeof(t->base.name), "virtual:%s",
		 rt_addr_format(rt_vctl_addr(vctl), addr));
	return &t->base;
}

void rt_vctl_transport_fail(struct rt_transport *transport, int err)
{
	own(transport)->err = err;
}
