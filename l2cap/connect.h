/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CONNECT_H
#define RT_L2CAP_CONNECT_H

#include "l2cap/chan.h"
#include "l2cap/sig.h"

/*
 * Connection requests, ours and the peers' (Core Vol 3 Part A 4.2, 4.3).
 *
 * One of a peer is checked in this order: its channel id (0x0006, 0x0007), the
 * PSM and who listens there (0x0002), limits (0x0004), the security gate
 * (pending, or 0x0003); then the listener's user is asked.
 */

/* The link of a channel of ours is open: CONNECTION_REQ, if it waited for it.
 */
void rt_l2cap_connect_on_up(struct rt_l2cap_chan *chan);

/* A channel of ours that was given up is undone: others may have waited. */
void rt_l2cap_connect_next(struct rt_l2cap_link *link);

/* What the security gate says may be different: asks soon, if it waits. */
void rt_l2cap_connect_ask_again(struct rt_l2cap_chan *chan);

/* The timer of a channel that waits for the gate: asks it, or gives up. */
void rt_l2cap_connect_on_gate(struct rt_l2cap_chan *chan);

/* CONNECTION_REQ has arrived. */
void rt_l2cap_connect_on_req(struct rt_l2cap_cmd *cmd,
			     const struct rt_l2cap_conn_req *msg);

/* CONNECTION_RSP has arrived. */
void rt_l2cap_connect_on_rsp(struct rt_l2cap_cmd *cmd,
			     const struct rt_l2cap_conn_rsp *msg);

/* The user accepts a channel that was answered "pending". */
void rt_l2cap_connect_accept(struct rt_l2cap_chan *chan);

/* The user refuses it: the peer is told; the caller ends the channel. */
void rt_l2cap_connect_refuse(struct rt_l2cap_chan *chan);

#endif
