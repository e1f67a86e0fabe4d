/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_UCD_H
#define RT_L2CAP_UCD_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"
#include "stack/base.h"
#include "stack/list.h"
#include "stack/timer.h"

/*
 * Unicast connectionless data (Core Vol 3 Part A 3.2, 7.7): G-frames on
 * channel id 0x0002, each with the PSM that it is for. Nothing is set up,
 * nothing is acknowledged.
 *
 * We take it while anybody listens, and say so by a feature bit and the MTU;
 * without a listener it is not even stored. We send it to peers that have
 * said the same. Nothing passes without the security gate, in either
 * direction. What the gate holds up keeps the link in use and waits as long as
 * a channel of ours would (RT_L2CAP_GATE_OURS_MS); then it is lost.
 */

struct rt_l2cap;
struct rt_l2cap_link;

/* What a link keeps for it. */
struct rt_l2cap_ucd {
	struct rt_list waiting; /* data of ours, for the gate */
	uint32_t count;		/* of it */
	struct rt_timer timer;
};

/* Prepares the part of a link. */
void rt_l2cap_ucd_init(struct rt_l2cap_ucd *ucd);

/* The link is down, or goes: what waits is lost. */
void rt_l2cap_ucd_free(struct rt_l2cap_link *link);

/* The engine goes: frees the listeners. */
void rt_l2cap_ucd_free_listeners(struct rt_l2cap *l2cap);

/* True while anybody listens. */
bool rt_l2cap_ucd_is_on(const struct rt_l2cap *l2cap);

/* What the listener at `index` asks for; false: there are no more. */
bool rt_l2cap_ucd_need_at(const struct rt_l2cap *l2cap, size_t index,
			  struct rt_sec_need *ret_need);

/* True if data wait for the gate. */
bool rt_l2cap_ucd_needs_link(const struct rt_l2cap_link *link);

/* The longest payload that is wanted, asked once for each: PSM and data. */
uint16_t rt_l2cap_ucd_limit(struct rt_l2cap *l2cap);

/* The payload of a PDU has arrived. */
void rt_l2cap_ucd_rx(struct rt_l2cap_link *link, struct rt_bytes payload);

/* The gate may say something else: what waits asks it again, soon. */
void rt_l2cap_ucd_gate_changed(struct rt_l2cap_link *link);

#endif
