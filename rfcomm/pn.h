/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_PN_H
#define RT_RFCOMM_PN_H

#include "rfcomm/dlc.h"
#include "rfcomm/mcc.h"
#include "rfcomm/session.h"

/*
 * Parameter negotiation (T:5.4.6.3.1, R:5.5.3): the frame size of a DLC, and
 * whether it has credit based flow control, before its SABM.
 *
 * The high nibble of `flow` is 0xF in a command that offers credits and 0xE in
 * the response that agrees; all else means none. What the first DLC gets holds
 * for what we offer on the session from then on (R:6.5).
 */

/* Sends our PN for a DLC in PN_SENT. */
void rt_rfcomm_pn_propose(struct rt_rfcomm_dlc *dlc);

/* The peer's PN: makes a DLC for a server of ours, or refuses by DM. */
void rt_rfcomm_pn_on_command(struct rt_rfcomm_session *session,
			     const struct rt_rfcomm_mcc_pn *pn);

/* The answer to ours. */
void rt_rfcomm_pn_on_response(struct rt_rfcomm_session *session,
			      const struct rt_rfcomm_mcc_pn *pn);

/* NSC came instead of an answer: the defaults have to do. */
void rt_rfcomm_pn_not_known(struct rt_rfcomm_dlc *dlc);

/*
 * The peer sent SABM without PN, which some do: a DLC for a server of ours
 * with the defaults of TS 07.10. NULL if it was refused by DM.
 */
struct rt_rfcomm_dlc *rt_rfcomm_pn_missing(struct rt_rfcomm_session *session,
					   uint8_t dlci);

#endif
