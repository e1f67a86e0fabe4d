/* SPDX-License-Identifier: MIT */
#include "stack/env.h"

void rt_ready_init(struct rt_ready *ready, uint8_t kind)
{
	rt_list_init(&ready->node);
	ready->events = 0;
	ready->kind = kind;
}

void rt_ready_raise(struct rt_env *env, struct rt_ready *ready, uint32_t events)
{
	ready->events |= events;
	if (rt_list_empty(&ready->node))
		rt_list_append(&env->ready, &ready->node);
}

void rt_ready_cancel(struct rt_ready *ready)
{
	rt_list_del(&ready->node);
	ready->events = 0;
}

struct rt_ready *rt_ready_pop(struct rt_env *env, uint32_t *ret_events)
{
	struct rt_ready *ready =
		RT_LIST_FIRST(&env->ready, struct rt_ready, node);

	if (!ready)
		return NULL;
	*ret_events = ready->events;
	rt_ready_cancel(ready);
	return ready;
}
