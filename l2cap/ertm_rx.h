/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ERTM_RX_H
#define RT_L2CAP_ERTM_RX_H

#include "l2cap/ertm.h"

/*
 * The receiver of ERTM (Core Vol 3 Part A 8.6.5).
 *
 * When an I-frame shows that exactly one before it is missing, that one is
 * asked for by SREJ and what follows is kept; when more are missing, REJ asks
 * for all from the first on. Nothing is asked for while we are busy.
 */

/* Prepares a receiver in RECV that has received nothing. */
void rt_l2cap_ertm_rx_init(struct rt_l2cap_ertm *e);

/* Stops the timers and frees. */
void rt_l2cap_ertm_rx_fini(struct rt_l2cap_ertm *e);

/* Which event a frame is, by its function or its TxSeq. */
enum rt_l2cap_ertm_rx_event
rt_l2cap_ertm_rx_classify(const struct rt_l2cap_ertm *e,
			  const struct rt_l2cap_control *control);

/*
 * A frame has arrived; its ReqSeq and its F bit are valid. The payload of an
 * I-frame is what follows the control field.
 */
void rt_l2cap_ertm_rx_event(struct rt_l2cap_ertm *e,
			    enum rt_l2cap_ertm_rx_event event,
			    const struct rt_l2cap_control *control,
			    struct rt_bytes payload);

/* Finds out whether we are busy, and tells the transmitter if that changed. */
void rt_l2cap_ertm_rx_update_busy(struct rt_l2cap_ertm *e);

/* The channel is suspended: no acknowledgement is under way. */
void rt_l2cap_ertm_rx_suspend(struct rt_l2cap_ertm *e);

/* It goes on: what waits to be acknowledged is, at once. */
void rt_l2cap_ertm_rx_resume(struct rt_l2cap_ertm *e);

/* True if the receiver has an S-frame to send, not counting F. */
bool rt_l2cap_ertm_rx_has_work(const struct rt_l2cap_ertm *e);

/*
 * Fills *pdu with the S-frame that answers a poll (F=1), unless an I-frame may
 * do that; or with a request that goes before it.
 */
bool rt_l2cap_ertm_rx_pull_final(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/* Fills *pdu with SREJ, REJ or RNR if one is owed. */
bool rt_l2cap_ertm_rx_pull_request(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/* Fills *pdu with an acknowledgement if one is owed. */
bool rt_l2cap_ertm_rx_pull_ack(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/* What must hold of the receiver: NULL, or the sentence that does not. */
const char *rt_l2cap_ertm_rx_check(const struct rt_l2cap_ertm *e);

#endif
