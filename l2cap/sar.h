/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_SAR_H
#define RT_L2CAP_SAR_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"
#include "stack/pdu.h"

/*
 * Segmentation and reassembly of SDUs (Core Vol 3 Part A 7.3). The first part
 * of an SDU says how long the whole is; memory for that much is taken then,
 * never more than the MTU, and nothing is ever written beyond it.
 */

#define RT_L2CAP_SDU_LENGTH_BYTES 2

/* What part of an SDU an I-frame is: the values of the control field (3.3.2).
 */
enum rt_l2cap_sar {
	RT_L2CAP_UNSEGMENTED = 0,
	RT_L2CAP_START = 1, /* the payload begins with the SDU's length */
	RT_L2CAP_END = 2,
	RT_L2CAP_CONTINUATION = 3,
};

/* An SDU that comes in parts. All zero: there is none. */
struct rt_l2cap_reassembly {
	uint8_t *buf; /* NULL: no SDU is under way */
	uint16_t len; /* of the whole SDU */
	uint16_t have;
};

/* A whole SDU. */
struct rt_l2cap_whole {
	struct rt_bytes sdu; /* in `memory`, or in the frame that carried it */
	void *memory;	     /* NULL, or to be freed with rt_env_free() */
};

/*
 * Begins an SDU of `len` octets; none is under way. Returns 0, or -EMSGSIZE
 * (over `mtu`) or -ENOMEM: nothing has changed.
 */
int rt_l2cap_reassembly_begin(struct rt_l2cap_reassembly *ra,
			      struct rt_env *env, uint16_t len,
			      uint16_t mtu) RT_MUST_CHECK;

/*
 * Adds a part. Returns 0, or -EBADMSG if there is no SDU under way or the part
 * goes beyond its end: nothing has changed.
 */
int rt_l2cap_reassembly_add(struct rt_l2cap_reassembly *ra,
			    struct rt_bytes part) RT_MUST_CHECK;

/* True if an SDU is under way. */
bool rt_l2cap_reassembly_is_active(const struct rt_l2cap_reassembly *ra);

/* True if an SDU is under way and nothing of it is missing. */
bool rt_l2cap_reassembly_is_whole(const struct rt_l2cap_reassembly *ra);

/* Hands the SDU, which is whole, over with its memory. */
struct rt_l2cap_whole rt_l2cap_reassembly_take(struct rt_l2cap_reassembly *ra);

/* Forgets the SDU under way, if any. */
void rt_l2cap_reassembly_drop(struct rt_l2cap_reassembly *ra,
			      struct rt_env *env);

/*
 * Takes in the payload of an I-frame. Returns 1 and sets *ret_whole if an SDU
 * is complete with it; 0 if more has to come; or, with nothing changed,
 * -EBADMSG (the part cannot come here, has no SDU length, or does not add up
 * to it), -EMSGSIZE (over `mtu`) or -ENOMEM.
 */
int rt_l2cap_reassembly_put(struct rt_l2cap_reassembly *ra, struct rt_env *env,
			    uint16_t mtu, enum rt_l2cap_sar sar,
			    struct rt_bytes payload,
			    struct rt_l2cap_whole *ret_whole) RT_MUST_CHECK;

/*
 * Makes pkt->cap octets of an SDU, from `from` on, the body of *pdu, which
 * owns the packet from then on; a start gets the SDU's length in front. The
 * SDU is not needed for that PDU any more.
 */
void rt_l2cap_sar_fill(const struct rt_pdu *sdu, size_t from,
		       struct rt_pkt *pkt, struct rt_pdu *pdu);

/* What the `n` octets at `from` of an SDU of `len` octets are. */
enum rt_l2cap_sar rt_l2cap_sar_of(size_t len, size_t from, size_t n);

#endif
