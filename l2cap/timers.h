/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_TIMERS_H
#define RT_L2CAP_TIMERS_H

/*
 * Every timer of this layer.
 *
 * RTX (Core Vol 3 Part A 6.2.1, initially 1 to 60 s): a request that has not
 * been answered after 2 s is sent again with the same identifier, and again
 * after another 4 and 8 s; each wait is twice the one before. When the wait
 * after the fourth transmission, 16 s, is over as well, the request has
 * failed: 30 s after it was made. It runs from the moment at which the request
 * is handed to the link, sent or not: a controller that takes nothing for that
 * long is as good as a peer that answers nothing.
 *
 *	CONNECTION_REQ		the channel has failed
 *	CONFIGURATION_REQ	DISCONNECTION_REQ
 *	DISCONNECTION_REQ	the channel is closed all the same
 *
 * A peer that goes silent is thus waited for for 60 s at most: 30 s for the
 * configuration and 30 s for the disconnection that follows.
 */
#define RT_L2CAP_RTX_FIRST_MS 2000
#define RT_L2CAP_RTX_SENDS 4

/*
 * ERTX (6.2.2, 60 to 300 s): takes the place of RTX when the peer answers
 * "pending". A peer may answer so again and again; each time it gets 120 s
 * more, but never more than 300 s in all from the first "pending".
 */
#define RT_L2CAP_ERTX_MS 120000
#define RT_L2CAP_ERTX_TOTAL_MS 300000

/*
 * INFORMATION_REQ is sent once. A peer that has not answered after 4 s is
 * taken for one that knows no extended features; nothing else waits for it.
 */
#define RT_L2CAP_INFO_MS 4000

/*
 * A channel stays in CONFIG for 30 s at most: a peer may answer our request
 * and never make its own. While it is "pending", ERTX counts instead, and the
 * 30 s begin anew when it has decided.
 */
#define RT_L2CAP_CONFIG_MS 30000

/*
 * The user has 30 s to accept a channel that a peer is kept waiting for
 * ("pending, authorization"); then it is refused.
 */
#define RT_L2CAP_ACCEPT_MS 30000

/*
 * Security comes first where the gate says "wait". The peer is told "pending"
 * and gets 30 s, as for the user's decision, until it is refused ("security
 * block"). A channel of ours waits 60 s: that is a pairing in which somebody
 * has to find two devices and compare what they show (the controllers' own
 * limit for a step of it is 30 s).
 */
#define RT_L2CAP_GATE_THEIRS_MS 30000
#define RT_L2CAP_GATE_OURS_MS 60000

/*
 * A channel that the gate has allowed and now says "wait" for is suspended for
 * 5 s at most. That is enough to encrypt a link again with a key that both
 * have; nobody is asked anything, and a user whose data stand still should not
 * wait for longer to be told.
 */
#define RT_L2CAP_SUSPEND_MS 5000

/*
 * A channel that its user gave up before CONNECTION_RSP came waits 30 s for
 * it, to send DISCONNECTION_REQ if it says success.
 */
#define RT_L2CAP_GIVEN_UP_MS 30000

/*
 * Retransmission and monitor timers of ERTM (8.6): their values are the
 * peer's to say, in its answer to our configuration; 2000 and 12000 ms if it
 * says nothing. Less than 100 ms is not heeded: no air is as fast as that, and
 * we would poll a peer that says 1 a thousand times a second.
 */
#define RT_L2CAP_ERTM_TIMER_MS_MIN 100

/*
 * Not here: the wait for the link, which HCI's page timeout ends; the wait for
 * completions of SDUs that were pulled, which HCI's own watch over the
 * controller ends; the time limit of an echo, which its user sets; the delay of
 * ERTM's acknowledgements (ertm.h); the pauses before a frame is tried again
 * for which there was no memory (ertm.h, streaming.c, credit.c).
 */

#endif
