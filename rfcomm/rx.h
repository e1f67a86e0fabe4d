/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_RX_H
#define RT_RFCOMM_RX_H

#include "rfcomm/session.h"
#include "stack/base.h"

/*
 * From an SDU to whom it is for. What breaks the rules of frames is dropped
 * and counted here: malformed, wrong FCS, wrong C/R, P/F missing (T:5.2).
 */

/* An SDU has come on the channel of the session. */
void rt_rfcomm_rx(struct rt_rfcomm_session *session, struct rt_bytes sdu);

#endif
