/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_H4_H
#define RT_VCTL_H4_H

#include "stack/base.h"
#include "stack/env.h"
#include "stack/rd.h"

/*
 * The controller's side of H4 (Core Vol 4 Part A 2): packets of hosts out of
 * a stream of octets that comes in any pieces.
 */

#define RT_VCTL_H4_BYTES (1 + 4 + 65535)

struct rt_vctl_h4 {
	size_t len;
	uint8_t buf[RT_VCTL_H4_BYTES]; /* a packet that is not whole yet */
};

/*
 * Takes octets from `in` up to the end of a packet.
 *
 * Returns 1 with a packet, valid until the next call; 0 if `in` is used up;
 * or -EILSEQ for a packet type that a host never sends: the stream is lost.
 */
int rt_vctl_h4_next(struct rt_vctl_h4 *h4, struct rt_rd *in,
		    enum rt_packet_type *ret_type,
		    struct rt_bytes *ret_packet) RT_MUST_CHECK;

#endif
