/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/vctl/model.h"

struct rt_air *rt_air_new(const struct rt_air_options *options)
{
	struct rt_air *air = calloc(1, sizeof(*air));

	if (!air)
		return NULL;
	rt_list_init(&air->vctls);
	if (options) {
		air->random = options->seed;
		air->latency_us = options->latency_us;
	}
	return air;
}

void rt_air_free(struct rt_air *air)
{
	struct rt_vctl *v;

	if (!air)
		return;
	while ((v = RT_LIST_FIRST(&air->vctls, struct rt_vctl, node)))
		rt_vctl_free(v);
	free(air);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
uint32_t rt_vctl_air_random(struct rt_air *air)
{
	uint64_t z = air->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32);
}

struct rt_vctl *rt_vctl_air_find(struct rt_air *air, struct rt_addr addr)
{
	struct rt_vctl *v;

	RT_LIST_EACH (v, &air->vctls, node) {
		if (rt_addr_equal(v->options.addr, addr))
			return v;
	}
	return NULL;
}

bool rt_vctl_air_hears(const struct rt_vctl *a, const struct rt_vctl *b)
{
	return !a->fault[RT_VCTL_OUT_OF_RANGE] &&
	       !b->fault[RT_VCTL_OUT_OF_RANGE];
}

void rt_vctl_air_arm(struct rt_air *air, struct rt_timer *timer,
		     uint64_t delay_us)
{
	rt_timer_arm_at(&air->timers, timer, air->now_us + delay_us);
}

void rt_vctl_air_stop(struct rt_air *air, struct rt_timer *timer)
{
	rt_timer_stop(&air->timers, timer);
}

uint64_t rt_vctl_slots_us(uint32_t n)
{
	return (uint64_t)n * 625;
}

static void look_around(struct rt_air *air)
{
	struct rt_vctl *v;

	RT_LIST_EACH (v, &air->vctls, node) {
		rt_vctl_page_poll(v);
		rt_vctl_inquiry_poll(v);
	}
}

void rt_vctl_air_settle(struct rt_air *air)
{
	uint64_t due_us;

	for (;;) {
		if (air->changed) {
			air->changed = false;
			look_around(air);
			continue;
		}
		if (!rt_timers_next(&air->timers, &due_us) ||
		    due_us > air->now_us)
			return;
		rt_timers_run(&air->timers, air->now_us);
	}
}

void rt_air_advance(struct rt_air *air, uint64_t now_us)
{
	uint64_t due_us;

	/* Instant by instant, so that what follows from what keeps its pace. */
	rt_vctl_air_settle(air);
	while (rt_timers_next(&air->timers, &due_us) && due_us <= now_us) {
		air->now_us = due_us;
		rt_vctl_air_settle(air);
	}
	air->now_us = RT_MAX(air->now_us, now_us);
}

bool rt_air_next(const struct rt_air *air, uint64_t *ret_due_us)
{
	return rt_timers_next(&air->timers, ret_due_us);
}
