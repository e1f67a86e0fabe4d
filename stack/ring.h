/* SPDX-License-Identifier: MIT */
#ifndef RT_RING_H
#define RT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"

/*
 * A ring of octets of fixed capacity: what a socket has received and its
 * program has not read, or has written and the controller has not sent.
 *
 * Octets go through two stations: put at the tail, marked as sent (peeked by
 * rt_ring_unsent and advanced by rt_ring_mark), released at the head. A
 * reader that needs no middle station marks and releases in one.
 */
struct rt_ring {
	uint8_t *data;
	size_t cap;
	size_t head; /* index of the oldest octet */
	size_t used; /* octets held */
	size_t sent; /* of those, counted from the head, are on their way */
};

/* Allocates a ring of `cap` octets. Returns 0 or -ENOMEM. */
int rt_ring_init(struct rt_env *env, struct rt_ring *ring,
		 size_t cap) RT_MUST_CHECK;

/*
 * Gives it `cap` octets, not fewer than it has. Returns 0, or -ENOMEM: nothing
 * has changed.
 */
int rt_ring_grow(struct rt_env *env, struct rt_ring *ring,
		 size_t cap) RT_MUST_CHECK;

/* Frees the memory; safe on a zeroed ring. */
void rt_ring_fini(struct rt_env *env, struct rt_ring *ring);

/* Octets that still fit. */
size_t rt_ring_room(const struct rt_ring *ring);

/* Copies all of `view` to the tail; false, and no octet, if it won't fit. */
bool rt_ring_put(struct rt_ring *ring, struct rt_bytes view) RT_MUST_CHECK;

/* Octets not marked as sent. */
size_t rt_ring_unsent_bytes(const struct rt_ring *ring);

/*
 * The unsent octets [from, from + n) as up to two views in `ret`; views not
 * needed are empty. The range lies within what is unsent.
 */
void rt_ring_unsent(const struct rt_ring *ring, size_t from, size_t n,
		    struct rt_bytes ret[2]);

/* Marks the next `n` unsent octets as sent. */
void rt_ring_mark(struct rt_ring *ring, size_t n);

/* Releases the `n` oldest octets, which are marked as sent. */
void rt_ring_release(struct rt_ring *ring, size_t n);

/* Copies up to `n` unsent octets out without taking them. Returns how many. */
size_t rt_ring_peek(const struct rt_ring *ring, void *buf, size_t n);

/*
 * Takes up to `n` octets: copies, marks, releases. None may be marked as sent
 * before. Returns how many.
 */
size_t rt_ring_take(struct rt_ring *ring, void *buf, size_t n);

#endif
