/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ECFC_OFFER_H
#define RT_L2CAP_ECFC_OFFER_H

#include "l2cap/sig.h"

/*
 * CREDIT_BASED_CONNECTION_REQ of a peer (Core Vol 3 Part A 4.25, 4.26), until
 * it has its last answer.
 *
 * It is checked in this order, and refused whole: MTU, MPS (0x000C), who
 * listens on the SPSM in this mode (0x0002), requests that wait already
 * (0x0004), the security gate (0x0005 to 0x0008). What waits for the gate is
 * answered "pending" (0x000E, 0x000F); it is not asked if no channel id is one
 * that can be had. Then channel by channel: its id (0x0009, 0x000A), limits and
 * memory (0x0004), the listener's user, who may take it, refuse it, or want to
 * decide later ("pending", 0x000F).
 *
 * The peer gets one answer for all when the last one is decided; the channels
 * that were taken open then. Each that is not decided has the deadline of its
 * state.
 */

struct rt_l2cap_chan;
struct rt_l2cap_link;

/* CREDIT_BASED_CONNECTION_REQ has arrived. */
void rt_l2cap_ecfc_offer_on_req(struct rt_l2cap_cmd *cmd,
				const struct rt_l2cap_ecfc_conn_req *msg);

/* The user takes a channel that waits for its decision. */
void rt_l2cap_ecfc_offer_accept(struct rt_l2cap_chan *chan);

/*
 * The user, or a deadline, refuses it, or it ends. Does nothing if it is not a
 * part of a request.
 */
void rt_l2cap_ecfc_offer_refuse(struct rt_l2cap_chan *chan);

/* The gate may say something else: requests that wait ask it again, soon. */
void rt_l2cap_ecfc_offer_gate_changed(struct rt_l2cap_link *link);

/* The link is down: nobody waits for an answer. */
void rt_l2cap_ecfc_offer_free_all(struct rt_l2cap_link *link);

#endif
