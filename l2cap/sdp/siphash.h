/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_SIPHASH_H
#define RT_SDP_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a short message authentication
 * code. Who does not know the key cannot make one up.
 */

#define RT_SIPHASH_KEY_BYTES 16

struct rt_siphash {
	uint64_t v[4];
	uint64_t word; /* octets that do not make up a word of 64 bits yet */
	size_t bytes;  /* taken in so far */
};

/* Begins a message. */
void rt_siphash_init(struct rt_siphash *hash,
		     const uint8_t key[RT_SIPHASH_KEY_BYTES]);

/* Takes in the next octets of it. */
void rt_siphash_add(struct rt_siphash *hash, struct rt_bytes octets);

/* Takes in a number of `bytes` octets, big endian. */
void rt_siphash_add_number(struct rt_siphash *hash, uint64_t value,
			   size_t bytes);

/* The code of the message. The state is used up. */
uint64_t rt_siphash_end(struct rt_siphash *hash);

#endif
