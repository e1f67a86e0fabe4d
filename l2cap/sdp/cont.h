/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_CONT_H
#define RT_SDP_CONT_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/sdp/siphash.h"
#include "stack/base.h"
#include "stack/wr.h"

/*
 * The continuation states that our server gives out (Core Vol 3 Part B 4.3).
 * Nothing is remembered of them: a state is the offset in the whole answer,
 * and a code over all that the answer depends on, under a key that only this
 * engine knows. What comes back is ours, for this very request, or refused.
 *
 *	version (1), offset (2, big endian), code (8, big endian)
 */

#define RT_SDP_CONT_BYTES 11

/* What an answer depends on, beyond the key. */
struct rt_sdp_cont_of {
	uint32_t connection; /* which of the peers' channels */
	uint32_t generation; /* of the records */
	uint8_t pdu_id;
	struct rt_bytes request; /* its parameters before the continuation */
};

/* Writes the state that continues at `offset`, without its length. */
void rt_sdp_cont_write(struct rt_wr *w, const uint8_t key[RT_SIPHASH_KEY_BYTES],
		       const struct rt_sdp_cont_of *of, uint16_t offset);

/*
 * Reads a state that a peer sent back. An empty one is the offset 0. False if
 * it is not one of ours for this request and these records.
 */
bool rt_sdp_cont_read(struct rt_bytes state,
		      const uint8_t key[RT_SIPHASH_KEY_BYTES],
		      const struct rt_sdp_cont_of *of, uint16_t *ret_offset);

#endif
