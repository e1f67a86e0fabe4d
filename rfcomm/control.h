/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_CONTROL_H
#define RT_RFCOMM_CONTROL_H

#include <stdbool.h>

#include "rfcomm/frame.h"
#include "rfcomm/session.h"

/*
 * Start-up and close-down of a session: SABM, UA, DM and DISC on DLCI 0
 * (R:5.2).
 */

/* The L2CAP channel that we opened is open: sends SABM. */
void rt_rfcomm_control_start(struct rt_rfcomm_session *session,
			     enum rt_rfcomm_session_why why);

/* Nobody needs the session any more: sends DISC. It is open. */
void rt_rfcomm_control_stop(struct rt_rfcomm_session *session);

/* A frame other than UIH on DLCI 0, with the right C/R and P/F. */
void rt_rfcomm_control_on_frame(struct rt_rfcomm_session *session,
				const struct rt_rfcomm_frame *frame);

/*
 * The peer closes an open session, which has been answered: by DISC, or by
 * CLD, which RFCOMM does not use but some send.
 */
void rt_rfcomm_control_closed_by_peer(struct rt_rfcomm_session *session);

/* True if the C/R of a frame is that of the peer's role (T:5.2.1.2). */
bool rt_rfcomm_control_cr_is_right(const struct rt_rfcomm_session *session,
				   const struct rt_rfcomm_frame *frame);

#endif
