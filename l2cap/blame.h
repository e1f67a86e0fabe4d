/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_BLAME_H
#define RT_L2CAP_BLAME_H

#include "l2cap/chan.h"

/*
 * Why a channel ends. The first reason counts: what follows from it is none.
 */

/* A reason of this layer: enum rt_l2cap_code. */
void rt_l2cap_blame(struct rt_l2cap_chan *chan, uint16_t code);

/* What the gate gave as its reason, if it did. */
void rt_l2cap_blame_gate(struct rt_l2cap_chan *chan,
			 const struct rt_reason *why);

/* The link has gone for this reason, in the middle of what we did. */
void rt_l2cap_blame_link(struct rt_l2cap_chan *chan,
			 const struct rt_reason *why);

#endif
