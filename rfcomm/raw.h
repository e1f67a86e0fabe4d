/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_RAW_H
#define RT_RFCOMM_RAW_H

#include <stdbool.h>

#include "rfcomm/session.h"
#include "stack/pdu.h"

/*
 * For research: the tap, and frames that somebody else makes. What is made by
 * hand passes the engine's state by, and no tap sees it.
 */

/* Shows a frame that has come to the tap. False: it is not to be acted on. */
bool rt_rfcomm_raw_lets_in(struct rt_rfcomm_session *session,
			   struct rt_bytes sdu);

/*
 * Shows a frame that was pulled to the tap. False: it is not to be sent. Where
 * there is no memory to lay it out, it leaves unseen.
 */
bool rt_rfcomm_raw_lets_out(struct rt_rfcomm_session *session,
			    const struct rt_pdu *pdu);

/*
 * Drops a frame that was pulled: its octets will never be with the peer. The
 * DLC may be gone afterwards, the session is not.
 */
void rt_rfcomm_raw_drop(struct rt_rfcomm_session *session, struct rt_pdu *pdu);

#endif
