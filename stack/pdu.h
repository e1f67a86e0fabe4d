/* SPDX-License-Identifier: MIT */
#ifndef RT_PDU_H
#define RT_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/slots.h"

/*
 * A PDU on its way down. The top layer fills in the body; every layer below
 * puts its header in front. Nothing is copied: the body is made of slices of
 * the socket's ring, or of a control packet that the PDU owns.
 *
 * A PDU is filled only when it can be sent. The body stays where it is until
 * rt_<layer>_ops.completed has been called for it.
 */

/* L2CAP's: header, extended control field, length of an SDU. */
#define RT_PDU_L2CAP_BYTES 10

/* With a short frame of a layer above, which may stand here without a body. */
#define RT_PDU_HEAD_BYTES 32

/* Whose octets these are; comes back with the completion. */
struct rt_done {
	rt_handle chan; /* L2CAP channel; 0: signalling */
	rt_handle dlc;	/* RFCOMM DLC; 0: not RFCOMM, or its control frames */
	uint32_t bytes; /* octets of the user: what "written" counts */
};

struct rt_pdu {
	uint8_t head[RT_PDU_HEAD_BYTES];
	uint8_t head_off; /* headers stand at head[head_off ...] */
	uint8_t tail_len;
	uint8_t tail[2]; /* FCS */
	struct rt_bytes body[2];
	struct rt_pkt *owned; /* freed when the PDU has left; may be NULL */
	bool flushable; /* the controller may give it up (Core Vol 2 Part B
			   7.6.3); not so unless it is set */
	struct rt_done done;
};

/* Prepares an empty PDU. */
void rt_pdu_init(struct rt_pdu *pdu);

/*
 * Room for a header of `n` octets in front of those there are. More than
 * RT_PDU_HEAD_BYTES in all is a bug of ours.
 */
uint8_t *rt_pdu_push(struct rt_pdu *pdu, size_t n);

/* Room for `n` octets behind the body; at most two in all. */
uint8_t *rt_pdu_append(struct rt_pdu *pdu, size_t n);

/* Octets of the body alone. */
size_t rt_pdu_body_bytes(const struct rt_pdu *pdu);

/* Octets of headers, body and tail. */
size_t rt_pdu_bytes(const struct rt_pdu *pdu);

/*
 * Adds the octets [from, from + n) of the PDU to the packet as slices. The
 * range lies within the PDU, and the packet has room: at most four slices.
 */
void rt_pdu_slice(const struct rt_pdu *pdu, size_t from, size_t n,
		  struct rt_packet *packet);

/* A control packet: built once, queued, sent, freed. */
struct rt_pkt {
	struct rt_list node;
	uint16_t len;
	uint16_t cap;
	uint8_t data[];
};

/* A packet with room for `cap` octets, or NULL. Freed with rt_env_free(). */
struct rt_pkt *rt_pkt_new(struct rt_env *env, uint16_t cap) RT_MUST_CHECK;

/* Makes the packet the body of the PDU, which owns it from now on. */
void rt_pdu_own(struct rt_pdu *pdu, struct rt_pkt *pkt);

/* Frees the packets of a list made of rt_pkt.node. */
void rt_pkt_free_all(struct rt_env *env, struct rt_list *list);

#endif
