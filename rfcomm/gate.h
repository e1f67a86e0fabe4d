/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_GATE_H
#define RT_RFCOMM_GATE_H

#include "rfcomm/dlc.h"

/*
 * The security gate (rt_l2cap_gate of l2cap.h), as it is asked about each DLC:
 * a link that is good enough for one server channel may not be for another.
 *
 * The peer's SABM has come (state ASKED): the gate first, then the listener's
 * user, then UA; whoever wants time gets it, within the one deadline of the
 * state. PN before it tells nothing but that there is a server, and is
 * answered. Ours: before SABM leaves (state WAIT_GATE). A DLC that has been
 * allowed is reviewed when the link has changed; see rt_rfcomm_gate_changed().
 */

/* Prepares a new DLC. */
void rt_rfcomm_gate_init(struct rt_rfcomm_dlc *dlc);

/* The DLC is in another state: a suspension may be over with it. */
void rt_rfcomm_gate_entered(struct rt_rfcomm_dlc *dlc);

/* PN of ours is over: SABM, if the gate allows it. */
void rt_rfcomm_gate_connect(struct rt_rfcomm_dlc *dlc,
			    enum rt_rfcomm_dlc_why why);

/* SABM for a server of ours has come, in NEGOTIATED. */
void rt_rfcomm_gate_on_sabm(struct rt_rfcomm_dlc *dlc);

/* Data have come for a DLC that is suspended. */
void rt_rfcomm_gate_on_data(struct rt_rfcomm_dlc *dlc);

/* The user accepts a DLC in ASKED. */
void rt_rfcomm_gate_accept(struct rt_rfcomm_dlc *dlc);

#endif
