/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "tools/vctl/model.h"

#define ACL_BYTES_MIN 27
#define ACL_BYTES_DEFAULT 1021
#define ACL_PACKETS_DEFAULT 8
#define SUPERVISION_MS_DEFAULT 20000
#define RSSI_DEFAULT (-60)
#define GIAC 0x9e8b33

/* The time has come for a held event: rt_vctl_has_tx() sees it by itself. */
static void on_wake(struct rt_timer *timer)
{
	(void)timer;
}

static const struct rt_vctl_settings defaults = {
	.event_mask = 0x00001fffffffffff,
	.iac_count = 1,
	.iac = { GIAC },
	.page_timeout = 0x2000,
	.accept_timeout = 0x1f40,
	.voice = 0x0060,
	.page_scan_interval = 0x0800,
	.page_scan_window = 0x0012,
	.inquiry_scan_interval = 0x1000,
	.inquiry_scan_window = 0x0012,
};

void rt_vctl_reset(struct rt_vctl *vctl)
{
	struct rt_vctl_link *link;

	rt_vctl_page_stop(vctl);
	rt_vctl_inquiry_stop(vctl);
	while ((link = RT_LIST_FIRST(&vctl->links, struct rt_vctl_link, node)))
		rt_vctl_link_free(link);
	rt_vctl_queue_clear(vctl);
	rt_vctl_air_stop(vctl->air, &vctl->merge);
	rt_vctl_air_stop(vctl->air, &vctl->wake);
	vctl->merge_ready = false;
	vctl->command_free = true;
	vctl->resets++;
	vctl->set = defaults;
	memcpy(vctl->set.name, vctl->name, sizeof(vctl->name));
}

static struct rt_addr free_addr(struct rt_air *air)
{
	struct rt_addr addr = { { 0, 0, 0, 0x01, 0xaa, 0x00 } };

	for (uint32_t n = 0; rt_vctl_air_find(air, addr); n++) {
		addr.b[0] = (uint8_t)n;
		addr.b[1] = (uint8_t)(n >> 8);
		addr.b[2] = (uint8_t)(n >> 16);
	}
	return addr;
}

static void set_options(struct rt_vctl *v,
			const struct rt_vctl_options *options)
{
	struct rt_vctl_options *o = &v->options;

	if (options)
		*o = *options;
	if (rt_addr_is_zero(o->addr))
		o->addr = free_addr(v->air);
	if (o->name)
		snprintf(v->name, sizeof(v->name), "%s", o->name);
	else
		snprintf(v->name, sizeof(v->name), "Virtual Controller %u",
			 v->serial);
	o->name = v->name;
	if (o->acl_bytes == 0)
		o->acl_bytes = ACL_BYTES_DEFAULT;
	o->acl_bytes = RT_MAX(o->acl_bytes, (uint16_t)ACL_BYTES_MIN);
	if (o->acl_packets == 0)
		o->acl_packets = ACL_PACKETS_DEFAULT;
	if (o->supervision_ms == 0)
		o->supervision_ms = SUPERVISION_MS_DEFAULT;
	if (o->rssi == 0)
		o->rssi = RSSI_DEFAULT;
}

struct rt_vctl *rt_vctl_new(struct rt_air *air,
			    const struct rt_vctl_options *options)
{
	struct rt_vctl *v;

	if (options && !rt_addr_is_zero(options->addr) &&
	    rt_vctl_air_find(air, options->addr))
		return NULL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->air = air;
	v->serial = ++air->serial;
	v->clock = rt_vctl_air_random(air);
	/* Handles differ from one controller to the next: mix-ups show. */
	v->next_handle = (uint16_t)(v->serial % 0xe0 * 0x10 + 1);
	rt_list_init(&v->links);
	rt_list_init(&v->events);
	rt_list_init(&v->acl);
	rt_timer_init(&v->wake, on_wake);
	rt_vctl_acl_init(v);
	rt_vctl_page_init(v);
	rt_vctl_inquiry_init(v);
	set_options(v, options);
	rt_vctl_reset(v);
	rt_list_init(&v->node);
	rt_list_append(&air->vctls, &v->node);
	return v;
}

void rt_vctl_free(struct rt_vctl *vctl)
{
	struct rt_air *air;

	if (!vctl)
		return;
	air = vctl->air;
	rt_vctl_reset(vctl);
	rt_list_del(&vctl->node);
	free(vctl);
	rt_vctl_air_settle(air);
}

struct rt_addr rt_vctl_addr(const struct rt_vctl *vctl)
{
	return vctl->options.addr;
}

void rt_vctl_rx(struct rt_vctl *vctl, enum rt_packet_type type,
		struct rt_bytes packet)
{
	/* What it has taken goes on its way. */
	if (vctl->fault[RT_VCTL_MUTE] && type != RT_PACKET_ACL)
		return;
	switch (type) {
	case RT_PACKET_COMMAND:
		rt_vctl_command(vctl, packet);
		break;
	case RT_PACKET_ACL:
		rt_vctl_acl_rx(vctl, packet);
		break;
	case RT_PACKET_SCO:
	case RT_PACKET_EVENT:
	case RT_PACKET_ISO:
		vctl->stats.unexpected++;
		break;
	}
	rt_vctl_air_settle(vctl->air);
}

void rt_vctl_set_security(struct rt_vctl *vctl,
			  const struct rt_vctl_security *security)
{
	vctl->options.security = *security;
}

void rt_vctl_set_alias(struct rt_vctl *vctl, struct rt_addr alias)
{
	vctl->alias = alias;
}

static void on_range(struct rt_vctl *v)
{
	struct rt_vctl_link *link;

	RT_LIST_EACH (link, &v->links, node) {
		rt_vctl_link_check(link);
		if (link->peer)
			rt_vctl_link_check(link->peer);
	}
	v->air->changed = true;
}

void rt_vctl_set_fault(struct rt_vctl *vctl, enum rt_vctl_fault fault, bool on)
{
	if (vctl->fault[fault] == on)
		return;
	vctl->fault[fault] = on;
	if (fault == RT_VCTL_OUT_OF_RANGE)
		on_range(vctl);
	if (fault == RT_VCTL_MERGE_COMPLETIONS)
		rt_vctl_air_arm(vctl->air, &vctl->merge, 0);
	rt_vctl_air_settle(vctl->air);
}

/* An end that is alive, or NULL. */
static struct rt_vctl_link *live_link(struct rt_vctl *v)
{
	struct rt_vctl_link *link;

	RT_LIST_EACH (link, &v->links, node) {
		if (link->state != RT_VLINK_DEAD)
			return link;
	}
	return NULL;
}

void rt_vctl_drop_links(struct rt_vctl *vctl)
{
	struct rt_vctl_link *link, *peer;

	while ((link = live_link(vctl))) {
		peer = link->peer;
		rt_vctl_link_close(link, RT_VERR_CONNECTION_TIMEOUT);
		if (peer)
			rt_vctl_link_close(peer, RT_VERR_CONNECTION_TIMEOUT);
	}
	rt_vctl_air_settle(vctl->air);
}

const struct rt_vctl_stats *rt_vctl_get_stats(const struct rt_vctl *vctl)
{
	return &vctl->stats;
}
