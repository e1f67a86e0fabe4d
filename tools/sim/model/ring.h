/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_RING_H
#define RT_SIM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * A queue of octets in memory of a fixed size: streams, and with a length in
 * front of each, datagrams and PDUs.
 */
struct model_ring {
	uint8_t *buf;
	uint32_t cap;
	uint32_t head;
	uint32_t len;
};

/* Octets that fit yet. */
size_t model_ring_room(const struct model_ring *ring);

/* Appends octets, all or none. True if they fitted. */
bool model_ring_put(struct model_ring *ring, struct rt_bytes bytes);

/* Copies up to `n` octets from the front, past the first `skip`. */
size_t model_ring_peek(const struct model_ring *ring, size_t skip, void *ret,
		       size_t n);

/* Drops up to `n` octets from the front. */
void model_ring_drop(struct model_ring *ring, size_t n);

/* Takes up to `n` octets from the front. */
size_t model_ring_take(struct model_ring *ring, void *ret, size_t n);

/* Appends a datagram. True if it fitted. */
bool model_ring_put_sdu(struct model_ring *ring, struct rt_bytes sdu);

/* Octets of the first datagram; false if there is none. */
bool model_ring_sdu(const struct model_ring *ring, size_t *ret_bytes);

#endif
