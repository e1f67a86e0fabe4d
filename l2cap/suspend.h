/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_SUSPEND_H
#define RT_L2CAP_SUSPEND_H

#include "l2cap/chan.h"

/*
 * Channels that the security gate has allowed, when the link is not what it
 * was: encryption is off, the key is another one, or gone.
 *
 * The gate is asked again, with `established`, for each that has a need above
 * level 0, be it open, being configured, or waiting for an answer to what has
 * been sent. "Yes" lets it go on. "No" ends it at once. "Wait" suspends it:
 * it sends nothing and takes nothing, whatever else its state allows, until the
 * gate says yes, for RT_L2CAP_SUSPEND_MS at most. Signalling goes on: it
 * carries nothing of the user's, and peers wait for it. While only the size of
 * the key is not known yet, HCI holds what comes.
 *
 * Timers of ERTM stop meanwhile; it goes on with a poll, which brings out what
 * either side has missed. Streaming has promised nothing. The other modes send
 * nothing twice: one that gets data while suspended ends, for it can neither
 * trust them nor go on without them.
 */

/* Prepares a new channel. */
void rt_l2cap_suspend_init(struct rt_l2cap_chan *chan);

/*
 * Asks the gate about a channel, if it has been allowed, and does what it
 * says. Calls no op.
 */
void rt_l2cap_suspend_review(struct rt_l2cap_chan *chan);

/* A payload has come for a channel that is suspended. */
void rt_l2cap_suspend_rx(struct rt_l2cap_chan *chan);

/* The channel has ended: nothing is waited for any more. */
void rt_l2cap_suspend_stop(struct rt_l2cap_chan *chan);

#endif
