/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/cont.h"

#include "stack/rd.h"

#define VERSION 1

static uint64_t code_of(const uint8_t key[RT_SIPHASH_KEY_BYTES],
			const struct rt_sdp_cont_of *of, uint16_t offset)
{
	struct rt_siphash hash;

	rt_siphash_init(&hash, key);
	rt_siphash_add_number(&hash, VERSION, 1);
	rt_siphash_add_number(&hash, offset, 2);
	rt_siphash_add_number(&hash, of->connection, 4);
	rt_siphash_add_number(&hash, of->generation, 4);
	rt_siphash_add_number(&hash, of->pdu_id, 1);
	rt_siphash_add(&hash, of->request);
	return rt_siphash_end(&hash);
}

void rt_sdp_cont_write(struct rt_wr *w, const uint8_t key[RT_SIPHASH_KEY_BYTES],
		       const struct rt_sdp_cont_of *of, uint16_t offset)
{
	rt_wr_u8(w, VERSION);
	rt_wr_be(w, offset, 2);
	rt_wr_be(w, code_of(key, of, offset), 8);
}

bool rt_sdp_cont_read(struct rt_bytes state,
		      const uint8_t key[RT_SIPHASH_KEY_BYTES],
		      const struct rt_sdp_cont_of *of, uint16_t *ret_offset)
{
	struct rt_rd r = rt_rd_init(state);
	uint64_t difference;
	uint16_t offset;

	if (state.len == 0) {
		*ret_offset = 0;
		return true;
	}
	difference = rt_rd_u8(&r) ^ VERSION;
	offset = (uint16_t)rt_rd_be(&r, 2);
	/* All octets at once: how long it takes says nothing about the code. */
	difference |= rt_rd_be(&r, 8) ^ code_of(key, of, offset);
	if (!rt_rd_done(&r) || difference != 0)
		return false;
	*ret_offset = offset;
	return true;
}
