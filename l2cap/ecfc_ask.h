/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ECFC_ASK_H
#define RT_L2CAP_ECFC_ASK_H

#include "l2cap/sig.h"

/*
 * CREDIT_BASED_CONNECTION_REQ of ours (Core Vol 3 Part A 4.25, 4.26), for the
 * channels that one call of the user made. It exists while at least one of
 * them waits: for the link, for the security gate, for the answer.
 *
 * A channel that the user gives up before the request has left is taken out of
 * it; one that is given up later is disconnected if the answer says success.
 */

struct rt_l2cap_chan;
struct rt_l2cap_link;

/* The link of the channels is open: asks the gate, then the peer. */
void rt_l2cap_ecfc_ask_on_up(struct rt_l2cap_chan *chan);

/* The gate may say something else: requests that wait ask it again, soon. */
void rt_l2cap_ecfc_ask_gate_changed(struct rt_l2cap_link *link);

/* The channel ends. */
void rt_l2cap_ecfc_ask_leave(struct rt_l2cap_chan *chan);

/* True if the request of the channel may be with the peer. */
bool rt_l2cap_ecfc_ask_is_sent(const struct rt_l2cap_chan *chan);

/* CREDIT_BASED_CONNECTION_RSP has arrived. */
void rt_l2cap_ecfc_ask_on_rsp(struct rt_l2cap_cmd *cmd,
			      const struct rt_l2cap_ecfc_conn_rsp *msg);

#endif
