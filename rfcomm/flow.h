/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_FLOW_H
#define RT_RFCOMM_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * Flow control of a DLC, both directions: a few numbers and the rules for
 * them, without frames.
 *
 * With credits (R:6.5) each frame with information costs its sender one. We
 * grant as many as whole frames fit into the user's room. Without, the FC bit
 * of MSC stops a sender (T:5.4.6.3.7); what was under way arrives all the
 * same, so we say stop while there is room left.
 */

/* Initial credits in PN: three bits. */
#define RT_RFCOMM_INITIAL_CREDITS_MAX 7

/* N1 where nothing was negotiated (R:5.3). */
#define RT_RFCOMM_FRAME_BYTES_DEFAULT 127

/*
 * Credits of a DLC since PN. What one side has granted is what the other was
 * given and what is under way; what one has used, what the other has taken and
 * what is under way.
 */
struct rt_rfcomm_credits {
	uint64_t granted; /* to the peer */
	uint64_t taken;	  /* of these, by frames that came */
	uint64_t given;	  /* by the peer */
	uint64_t used;	  /* of these, by frames of ours */
};

struct rt_rfcomm_flow {
	bool credits; /* credit based */
	bool stopped; /* without: the peer's FC is set, we may not send */
	bool holding; /* without: ours is, as far as the peer was told */
	uint16_t tx_frame_bytes; /* N1 of what we send */
	uint16_t rx_frame_bytes; /* N1 of what we receive */
	uint32_t limit;		 /* credits outstanding at most */
	uint32_t tx;		 /* frames we may send */
	uint32_t rx;		 /* frames the peer may send */
	size_t room;	 /* octets the user can take, beyond what it has */
	size_t room_max; /* the most it ever had */
	struct rt_rfcomm_credits total;
};

enum rt_rfcomm_flow_verdict {
	RT_RFCOMM_FLOW_OK,
	RT_RFCOMM_FLOW_NO_CREDIT, /* or, without credits, no room */
	RT_RFCOMM_FLOW_TOO_LONG,  /* longer than N1 */
};

/* Prepares a DLC that has not negotiated: N1 = 127, no credits. */
void rt_rfcomm_flow_init(struct rt_rfcomm_flow *flow, uint32_t limit,
			 size_t room);

/* Both directions have the N1 `frame_bytes`, which is not 0, from now on. */
void rt_rfcomm_flow_set_frame(struct rt_rfcomm_flow *flow,
			      uint16_t frame_bytes);

/* Initial credits that we can give in PN: 0 to 7. */
uint8_t rt_rfcomm_flow_initial(const struct rt_rfcomm_flow *flow);

/* PN agreed on credits: `tx` from the peer, `rx` from us. */
void rt_rfcomm_flow_agree(struct rt_rfcomm_flow *flow, uint8_t tx, uint8_t rx);

/* The user can take `room` octets now. */
void rt_rfcomm_flow_set_room(struct rt_rfcomm_flow *flow, size_t room);

/* Credits that can be granted now: 0 to 255. */
uint8_t rt_rfcomm_flow_grantable(const struct rt_rfcomm_flow *flow);

/*
 * True if credits should be granted even without data to ride on: the peer
 * has used up half of what it could have.
 */
bool rt_rfcomm_flow_grant_is_due(const struct rt_rfcomm_flow *flow);

/* Credits were granted. */
void rt_rfcomm_flow_granted(struct rt_rfcomm_flow *flow, uint8_t credits);

/* The peer grants credits. The sum stops at its limit, and never wraps. */
void rt_rfcomm_flow_add(struct rt_rfcomm_flow *flow, uint8_t credits);

/* True if a frame with information may be sent. */
bool rt_rfcomm_flow_may_send(const struct rt_rfcomm_flow *flow);

/* A frame with information was sent, which was allowed. */
void rt_rfcomm_flow_sent(struct rt_rfcomm_flow *flow);

/* A frame with `bytes` octets of information, not 0, has come. */
enum rt_rfcomm_flow_verdict rt_rfcomm_flow_take(struct rt_rfcomm_flow *flow,
						size_t bytes) RT_MUST_CHECK;

/*
 * Without credits: true if the FC bit that the peer was told is not what it
 * should be.
 */
bool rt_rfcomm_flow_hold_is_due(const struct rt_rfcomm_flow *flow);

/* The peer is told the other value of the FC bit. */
void rt_rfcomm_flow_hold_told(struct rt_rfcomm_flow *flow);

#endif
