/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_STREAM_H
#define RT_RFCOMM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/dlc.h"
#include "rfcomm/frame.h"
#include "rfcomm/mcc.h"
#include "stack/pdu.h"

/*
 * Data on a DLC: UIH frames, credits, and the FC bit where there are none.
 */

/* A UIH frame has come. */
void rt_rfcomm_stream_rx(struct rt_rfcomm_dlc *dlc,
			 const struct rt_rfcomm_frame *frame);

/*
 * The next frame to send, as rt_l2cap_ops.pull: data with credits on it, or
 * credits alone.
 */
bool rt_rfcomm_stream_pull(struct rt_rfcomm_dlc *dlc, size_t max,
			   struct rt_pdu *pdu);

/* There may be something to send: after news from the user or the peer. */
void rt_rfcomm_stream_kick(struct rt_rfcomm_dlc *dlc);

/* The DLC closes: no more data. */
void rt_rfcomm_stream_stop(struct rt_rfcomm_dlc *dlc);

/* Time with data to send that the peer did not let us, by cause, in all. */
uint64_t rt_rfcomm_stream_stalled_us(const struct rt_rfcomm_dlc *dlc,
				     enum rt_rfcomm_stall cause);

/*
 * What a DLC holds back from its peer has changed, or which DLCs there are:
 * FCOFF where all of an open session do, FCON where that is over.
 */
void rt_rfcomm_stream_aggregate(struct rt_rfcomm_session *session);

#endif
