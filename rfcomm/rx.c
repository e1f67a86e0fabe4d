/* SPDX-License-Identifier: MIT */
#include "rfcomm/rx.h"

#include <errno.h>

#include "rfcomm/control.h"
#include "rfcomm/dlc.h"
#include "rfcomm/frame.h"
#include "rfcomm/mux.h"
#include "rfcomm/pn.h"

/* Counts a frame that is dropped, and says so. */
static void drop(struct rt_rfcomm_session *session, uint32_t *counter,
		 const char *what, struct rt_bytes sdu)
{
	struct rt_env *env = session->rfcomm->env;
	char addr[RT_ADDR_STR_BYTES];

	(*counter)++;
	if (!rt_env_logs(env))
		return;
	rt_log(env, RT_LOG_WARNING,
	       "rfcomm session %s: frame dropped, %s (%zu octets, %02x %02x)",
	       rt_addr_format(session->peer, addr), what, sdu.len,
	       sdu.len > 0 ? sdu.ptr[0] : 0U, sdu.len > 1 ? sdu.ptr[1] : 0U);
}

/* Answers and UIH do without P/F: DM (T:5.4.1) says it of itself. */
static bool pf_is_right(const struct rt_rfcomm_frame *frame)
{
	return frame->pf || frame->type == RT_RFCOMM_DM ||
	       frame->type == RT_RFCOMM_UIH;
}

/* A frame for a DLC that there is not. */
static void rx_stranger(struct rt_rfcomm_session *session,
			const struct rt_rfcomm_frame *frame)
{
	struct rt_rfcomm_dlc *dlc;

	switch ((enum rt_rfcomm_frame_type)frame->type) {
	case RT_RFCOMM_SABM:
		dlc = rt_rfcomm_pn_missing(session, frame->dlci);
		if (dlc)
			rt_rfcomm_dlc_on_frame(dlc, frame);
		return;
	case RT_RFCOMM_DISC:
	case RT_RFCOMM_UIH:
		rt_rfcomm_tx_frame(session, RT_RFCOMM_DM, frame->dlci);
		return;
	case RT_RFCOMM_UA:
	case RT_RFCOMM_DM:
		/* Late, to a DISC that we did not wait for. */
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
}

static void rx_mux(struct rt_rfcomm_session *session,
		   const struct rt_rfcomm_frame *frame)
{
	struct rt_rfcomm_stats *stats = &session->rfcomm->stats;
	struct rt_bytes info;
	uint8_t credits;

	if (frame->type != RT_RFCOMM_UIH)
		rt_rfcomm_control_on_frame(session, frame);
	else if (rt_rfcomm_frame_info(frame, false, &credits, &info))
		stats->frames_malformed++;
	else if (rt_rfcomm_session_is_open(session))
		rt_rfcomm_mux_rx(session, info);
	else
		stats->frames_unexpected++;
}

static void rx_dlc(struct rt_rfcomm_session *session,
		   const struct rt_rfcomm_frame *frame)
{
	struct rt_rfcomm_dlc *dlc;

	if (!rt_rfcomm_session_is_open(session)) {
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
	dlc = rt_rfcomm_session_find_dlc(session, frame->dlci);
	if (dlc)
		rt_rfcomm_dlc_on_frame(dlc, frame);
	else
		rx_stranger(session, frame);
}

void rt_rfcomm_rx(struct rt_rfcomm_session *session, struct rt_bytes sdu)
{
	struct rt_rfcomm_stats *stats = &session->rfcomm->stats;
	struct rt_rfcomm_frame frame;

	switch (rt_rfcomm_frame_parse(sdu, &frame)) {
	case 0:
		break;
	case -EILSEQ:
		drop(session, &stats->frames_bad_fcs, "wrong FCS", sdu);
		return;
	default:
		drop(session, &stats->frames_malformed, "malformed", sdu);
		return;
	}
	if (!pf_is_right(&frame))
		drop(session, &stats->frames_unexpected, "P/F is 0", sdu);
	else if (!rt_rfcomm_control_cr_is_right(session, &frame))
		drop(session, &stats->frames_unexpected, "wrong C/R", sdu);
	else if (frame.dlci == 0)
		rx_mux(session, &frame);
	else
		rx_dlc(session, &frame);
}
