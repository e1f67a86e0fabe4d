/* SPDX-License-Identifier: MIT */
#include "stack/slots.h"

#include <assert.h>
#include <errno.h>

#include "stack/env.h"

#define NO_SLOT 0xffff
#define COUNT_MAX 65534

/* Free slots form a queue, so that a number comes back as late as possible. */
static void append_free(struct rt_slots *slots, uint16_t index)
{
	slots->slot[index].next_free = NO_SLOT;
	if (slots->first_free == NO_SLOT)
		slots->first_free = index;
	else
		slots->slot[slots->last_free].next_free = index;
	slots->last_free = index;
}

static rt_handle handle_of(const struct rt_slots *slots, uint16_t index)
{
	return (rt_handle)slots->slot[index].generation << 16 |
	       (rt_handle)(index + 1);
}

/* The slot that the handle names, or NULL if it is stale. */
static struct rt_slot *find(const struct rt_slots *slots, rt_handle handle)
{
	const uint32_t number = handle & 0xffff;
	struct rt_slot *slot;

	if (number == 0 || number > slots->count)
		return NULL;
	slot = &slots->slot[number - 1];
	if (!slot->object || slot->generation != handle >> 16)
		return NULL;
	return slot;
}

int rt_slots_init(struct rt_env *env, struct rt_slots *slots, uint16_t count)
{
	struct rt_slot *slot;

	assert(count >= 1 && count <= COUNT_MAX);
	slot = rt_env_alloc(env, count * sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slots = (struct rt_slots){
		.slot = slot,
		.count = count,
		.first_free = NO_SLOT,
		.last_free = NO_SLOT,
	};
	for (uint16_t i = 0; i < count; i++)
		append_free(slots, i);
	return 0;
}

void rt_slots_fini(struct rt_env *env, struct rt_slots *slots)
{
	assert(slots->used == 0);
	rt_env_free(env, slots->slot);
	*slots = (struct rt_slots){ .slot = NULL };
}

int rt_slots_add(struct rt_slots *slots, void *object, rt_handle *ret_handle)
{
	const uint16_t index = slots->first_free;
	struct rt_slot *slot;

	assert(object);
	if (slots->used == slots->count)
		return -ENOSPC;
	slot = &slots->slot[index];
	slots->first_free = slot->next_free;
	slot->next_free = NO_SLOT;
	slot->object = object;
	slots->used++;
	*ret_handle = handle_of(slots, index);
	return 0;
}

void *rt_slots_get(const struct rt_slots *slots, rt_handle handle)
{
	const struct rt_slot *slot = find(slots, handle);

	return slot ? slot->object : NULL;
}

void rt_slots_del(struct rt_slots *slots, rt_handle handle)
{
	struct rt_slot *slot = find(slots, handle);

	if (!slot)
		return;
	slot->object = NULL;
	slot->generation++;
	slots->used--;
	append_free(slots, (uint16_t)(slot - slots->slot));
}
