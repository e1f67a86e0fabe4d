/* SPDX-License-Identifier: MIT */
#ifndef RT_SLOTS_H
#define RT_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * Handles checked by generation: what names an engine's object where a
 * pointer could outlive it. A handle is index + 1 in the low 16 bits and the
 * slot's generation in the high 16; 0 names nothing. A handle whose object is
 * gone finds NULL, also after its slot has been used again.
 */
typedef uint32_t rt_handle;

struct rt_slot {
	void *object;
	uint16_t generation;
	uint16_t next_free;
};

struct rt_slots {
	struct rt_slot *slot;
	uint16_t count; /* of slots: the limit of the resource */
	uint16_t used;
	uint16_t first_free;
	uint16_t last_free;
};

struct rt_env;

/*
 * Makes a table of `count` slots, 1 to 65534. Returns 0 or -ENOMEM.
 */
int rt_slots_init(struct rt_env *env, struct rt_slots *slots,
		  uint16_t count) RT_MUST_CHECK;

/* Frees the table, which must be empty. */
void rt_slots_fini(struct rt_env *env, struct rt_slots *slots);

/*
 * Gives `object` a slot: the one that has been free for the longest time.
 * Returns 0 and sets *ret_handle, or -ENOSPC if all are taken.
 */
int rt_slots_add(struct rt_slots *slots, void *object,
		 rt_handle *ret_handle) RT_MUST_CHECK;

/* The object of the handle, or NULL if it is gone or never was. */
void *rt_slots_get(const struct rt_slots *slots, rt_handle handle);

/* Frees the slot of the handle; does nothing for a stale one. */
void rt_slots_del(struct rt_slots *slots, rt_handle handle);

#endif
