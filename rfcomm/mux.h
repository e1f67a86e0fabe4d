/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_MUX_H
#define RT_RFCOMM_MUX_H

#include "rfcomm/session.h"
#include "stack/base.h"

/*
 * Multiplexer commands and responses that arrive (T:5.4.6.3). Each command is
 * answered once: by its response, or by NSC if we do not know it. What is
 * malformed is counted and gets no answer; the rest of its frame, too.
 */

/* The information of a UIH frame on DLCI 0 of an open session. */
void rt_rfcomm_mux_rx(struct rt_rfcomm_session *session, struct rt_bytes info);

#endif
