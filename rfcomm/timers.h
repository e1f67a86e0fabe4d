/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_TIMERS_H
#define RT_RFCOMM_TIMERS_H

#include "stack/base.h"

/*
 * Every time limit of the layer, in microseconds. Each waiting state of a
 * session or a DLC has one (session.def and dlc.def say which), or waits for
 * L2CAP, which has limits of its own; so nothing waits for ever.
 *
 * RFCOMM sends nothing twice (N2 is 0, R:5.3): L2CAP loses nothing while its
 * channel lives, and a peer that is late is not helped by a second request.
 */

/* T1 (R:5.3, 10 to 60 s): SABM and DISC on DLCI 0, and DISC on a DLC. */
#define RT_RFCOMM_T1_US RT_SECONDS(20)

/*
 * T1 of SABM on a DLC (R:5.3, 60 to 300 s): the peer may ask its user or pair
 * before it answers.
 */
#define RT_RFCOMM_T1_DLC_US RT_SECONDS(60)

/*
 * T2 (R:5.3, 10 to 60 s): the answers to PN and to the first MSC, without which
 * the DLC ends; and, after ours was answered, the peer's own MSC, without which
 * a DLC opens all the same. Also the answers to MSC, RPN, RLS and TEST of an
 * open DLC or session: no data depends on these, so when T2 is over they are
 * not waited for any more, and the user is told.
 */
#define RT_RFCOMM_T2_US RT_SECONDS(20)

/*
 * As long as a peer may wait with the SABM that must follow: on DLCI 0 after
 * it opened the L2CAP channel, and on a DLC after its PN. Memory is held
 * meanwhile, so it ends, but pairing may run inside.
 */
#define RT_RFCOMM_SABM_WAIT_US RT_SECONDS(60)

/*
 * The security gate may say "wait". A peer's SABM gets its answer within 15 s,
 * whoever decides on it: T1 of many peers is 20 s, and after that UA would find
 * nobody. SABM of ours waits for as long as L2CAP lets a channel of ours wait:
 * that is a pairing with its users. A DLC that was allowed and is not any more
 * is suspended for 5 s at most, as L2CAP does it.
 */
#define RT_RFCOMM_ASKED_US RT_SECONDS(15)
#define RT_RFCOMM_GATE_US RT_SECONDS(60)
#define RT_RFCOMM_SUSPEND_US RT_SECONDS(5)

/*
 * A session without a DLC. Whoever closes the last DLC closes the session
 * (R:5.2.2), so we do at once; where it was the peer, it gets time to do it,
 * little if we opened the session. A session that the peer opened may stay
 * without a DLC for as long as its user might need to choose one.
 */
#define RT_RFCOMM_IDLE_INITIATOR_US RT_SECONDS(2)
#define RT_RFCOMM_IDLE_RESPONDER_US RT_SECONDS(20)
#define RT_RFCOMM_IDLE_FIRST_US RT_SECONDS(60)

/*
 * After DISC and UA on DLCI 0 the initiator closes the L2CAP channel
 * (R:5.2.2). As responder we wait this long for it to do so; as initiator for
 * our UA to leave.
 */
#define RT_RFCOMM_LINGER_US RT_SECONDS(5)

/*
 * Both sides open a channel to PSM 3 at once: neither knows whether the other
 * holds its answer back as we do. After a random time we give up ours and take
 * the peer's. The span is many round trips wide, so that two stacks which act
 * alike hardly ever do so in the same moment, and shorter than what other
 * stacks wait (2 s and more).
 */
#define RT_RFCOMM_CROSS_MIN_US RT_MS(200)
#define RT_RFCOMM_CROSS_SPAN_US RT_MS(1600)

/* Where both gave up all the same: until the next attempt. */
#define RT_RFCOMM_RETRY_MIN_US RT_MS(100)
#define RT_RFCOMM_RETRY_SPAN_US RT_MS(1000)

/* Both sent SABM on DLCI 0, both answered DM (R:5.2.1): until the next SABM. */
#define RT_RFCOMM_BACKOFF_MIN_US RT_MS(20)
#define RT_RFCOMM_BACKOFF_SPAN_US RT_MS(500)

/* No memory for a frame that could be sent: until we look again. */
#define RT_RFCOMM_MEMORY_US RT_MS(100)

/* Attempts of either kind before a session is given up. */
#define RT_RFCOMM_TRIES 5

#endif
