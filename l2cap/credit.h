/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CREDIT_H
#define RT_L2CAP_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/pdu.h"

/*
 * Enhanced Credit Based Flow Control mode (Core Vol 3 Part A 2.4, 3.4, 10.2):
 * an SDU goes in K-frames, the first of which begins with its length; each
 * costs its sender a credit, and only its receiver gives new ones.
 *
 * Sending. The octets of a K-frame are copied into a packet that HCI owns, so
 * that a user who leaves in the middle of an SDU takes nothing away from under
 * it; the SDU is "written" when HCI has completed its last frame, those before
 * have been completed by then. A frame must not be lost, so one for which
 * there is no memory is made a little later.
 *
 * Receiving. Credits are given for what the user has room for: as many as the
 * frames of SDUs that fill it, if it takes the longest SDU, and always those
 * that an SDU which has begun still needs; for a user without end, as many as
 * fill limits.rx_queue_bytes and one SDU more. They are given when half of them
 * are used up, so that a quick reader's peer never waits. Room that shrinks
 * after that, and a credit that had to be given when there was none (a channel
 * begins with one at least), are no harm: an SDU without room waits here.
 *
 * A peer that sends without a credit, more than the MPS, more than the MTU or
 * more than the length of the SDU, or gives more than 65535 credits, is
 * disconnected (3.4.3, 4.24, 10.1).
 */

struct rt_l2cap_chan;
struct rt_l2cap_link;

/* Octets of a K-frame's payload at most; the length field takes two. */
#define RT_L2CAP_CREDIT_MPS_MAX 65533

/* The MPS that a channel of these parameters offers. */
uint16_t rt_l2cap_credit_mps(const struct rt_l2cap_chan *chan);

/* The credits that the peer gets when the channel opens: 1 at least. */
uint16_t rt_l2cap_credit_initial(const struct rt_l2cap_chan *chan);

/* The peer gives credits to the open channel: 1 at least. */
void rt_l2cap_credit_add(struct rt_l2cap_chan *chan, uint16_t credits);

/*
 * Fills *pdu with FLOW_CONTROL_CREDIT_IND if a channel of the link has credits
 * to give.
 */
bool rt_l2cap_credit_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu);

#endif
