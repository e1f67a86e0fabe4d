/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/*
 * Paging (Core Vol 2 Part B 8.3): for a connection or just for a name. A
 * controller pages one device at a time.
 */

#define SCAN_PAGE 0x02

static void finish(struct rt_vctl *v, uint8_t status, const uint8_t *name)
{
	bool for_name = v->page.name;

	rt_vctl_page_stop(v);
	if (for_name)
		rt_vctl_name_complete(v, status, v->page.addr, name);
	else if (status != RT_VERR_OK)
		rt_vctl_connection_complete(v, v->page.addr, 0, status);
}

static void on_ripe(struct rt_timer *timer)
{
	struct rt_vctl *v = RT_CONTAINER_OF(timer, struct rt_vctl, page.ripe);

	rt_vctl_page_poll(v);
}

static void on_end(struct rt_timer *timer)
{
	struct rt_vctl *v = RT_CONTAINER_OF(timer, struct rt_vctl, page.end);

	finish(v, v->page.reason, NULL);
}

void rt_vctl_page_init(struct rt_vctl *vctl)
{
	rt_timer_init(&vctl->page.ripe, on_ripe);
	rt_timer_init(&vctl->page.end, on_end);
}

uint8_t rt_vctl_page_start(struct rt_vctl *vctl, struct rt_addr addr, bool name,
			   bool may_switch)
{
	struct rt_vctl_page *p = &vctl->page;
	struct rt_air *air = vctl->air;
	uint64_t takes_us = RT_MS(vctl->options.page_ms) + air->latency_us;

	if (p->active)
		return RT_VERR_DISALLOWED;
	if (rt_addr_equal(addr, vctl->options.addr))
		return RT_VERR_UNACCEPTABLE_ADDR;
	if (name)
		takes_us += 2 * (uint64_t)air->latency_us;
	p->active = true;
	p->name = name;
	p->may_switch = may_switch;
	p->addr = addr;
	p->reason = RT_VERR_PAGE_TIMEOUT;
	p->earliest_us = air->now_us + takes_us;
	rt_vctl_air_arm(air, &p->ripe, takes_us);
	rt_vctl_air_arm(air, &p->end, rt_vctl_slots_us(vctl->set.page_timeout));
	return RT_VERR_OK;
}

void rt_vctl_page_stop(struct rt_vctl *vctl)
{
	vctl->page.active = false;
	rt_vctl_air_stop(vctl->air, &vctl->page.ripe);
	rt_vctl_air_stop(vctl->air, &vctl->page.end);
}

void rt_vctl_page_cancel(struct rt_vctl *vctl, uint8_t reason)
{
	vctl->page.reason = reason;
	rt_vctl_air_stop(vctl->air, &vctl->page.ripe);
	rt_vctl_air_arm(vctl->air, &vctl->page.end, 0);
	vctl->page.earliest_us = UINT64_MAX;
}

/* The one that is paged, if it answers. */
static struct rt_vctl *answerer(struct rt_vctl *v)
{
	struct rt_vctl *to = rt_vctl_air_find(v->air, v->page.addr);

	if (!to || !rt_vctl_air_hears(v, to) ||
	    !(to->set.scan_enable & SCAN_PAGE) ||
	    to->event_count >= RT_VCTL_EVENTS_MAX)
		return NULL;
	return to;
}

struct rt_addr rt_vctl_page_addr(const struct rt_vctl *vctl)
{
	return rt_addr_is_zero(vctl->alias) ? vctl->options.addr : vctl->alias;
}

static void connect(struct rt_vctl *v, struct rt_vctl *to)
{
	struct rt_vctl_link *old = rt_vctl_link_to(to, rt_vctl_page_addr(v));

	/* It thinks that we are still there, but we have forgotten it. */
	if (old && !old->peer)
		rt_vctl_link_close(old, old->wait.armed
						? old->reason
						: RT_VERR_CONNECTION_TIMEOUT);
	else if (old)
		finish(v, RT_VERR_CONNECTION_EXISTS, NULL);
	if (!v->page.active)
		return;
	if (rt_vctl_link_count(to) >= RT_VCTL_LINKS_MAX)
		return;
	if (rt_vctl_link_join(v, to))
		finish(v, RT_VERR_OK, NULL);
	else
		finish(v, RT_VERR_LIMITED_RESOURCES, NULL);
}

void rt_vctl_page_poll(struct rt_vctl *vctl)
{
	struct rt_vctl_page *p = &vctl->page;
	struct rt_vctl *to;

	if (!p->active || vctl->air->now_us < p->earliest_us)
		return;
	/* Both paged each other, and the other one was first. */
	if (!p->name && rt_vctl_link_to(vctl, p->addr)) {
		finish(vctl, RT_VERR_CONNECTION_EXISTS, NULL);
		return;
	}
	to = answerer(vctl);
	if (!to)
		return;
	if (p->name) {
		rt_vctl_host_features(vctl, to);
		finish(vctl, RT_VERR_OK, to->set.name);
	} else {
		connect(vctl, to);
	}
}
