/* SPDX-License-Identifier: MIT */
#include "rfcomm/stream.h"

#include <assert.h>

#include "rfcomm/gate.h"
#include "rfcomm/session.h"
#include "stack/wr.h"

static bool may_send(const struct rt_rfcomm_dlc *dlc)
{
	return dlc->state == RT_RFCOMM_DLC_OPEN && !dlc->suspended &&
	       !dlc->session->stopped && rt_rfcomm_flow_may_send(&dlc->flow);
}

/* Stops the clock that runs, and starts that of the cause. */
static void watch(struct rt_rfcomm_dlc *dlc, enum rt_rfcomm_stall cause)
{
	const uint64_t now_us = dlc->rfcomm->env->now_us;

	if (dlc->stall == cause)
		return;
	if (dlc->stall == RT_RFCOMM_STALL_NONE)
		dlc->stalls++;
	else
		dlc->stalled_us[dlc->stall] += now_us - dlc->stalled_at_us;
	dlc->stalled_at_us = now_us;
	dlc->stall = (uint8_t)cause;
}

static void watch_now(struct rt_rfcomm_dlc *dlc)
{
	enum rt_rfcomm_stall cause = RT_RFCOMM_STALL_NONE;

	if (dlc->state == RT_RFCOMM_DLC_OPEN && dlc->more && !dlc->suspended &&
	    !may_send(dlc))
		cause = dlc->flow.credits && dlc->flow.tx == 0
				? RT_RFCOMM_STALL_CREDITS
				: RT_RFCOMM_STALL_PEER;
	watch(dlc, cause);
}

uint64_t rt_rfcomm_stream_stalled_us(const struct rt_rfcomm_dlc *dlc,
				     enum rt_rfcomm_stall cause)
{
	if (dlc->stall != cause)
		return dlc->stalled_us[cause];
	return dlc->stalled_us[cause] + dlc->rfcomm->env->now_us -
	       dlc->stalled_at_us;
}

/* True if no DLC of the session has room for more. */
static bool all_hold(const struct rt_rfcomm_session *session)
{
	const struct rt_rfcomm_dlc *dlc;
	bool any = false;

	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (dlc->state != RT_RFCOMM_DLC_MSC &&
		    dlc->state != RT_RFCOMM_DLC_OPEN)
			continue;
		if (!dlc->flow.holding)
			return false;
		any = true;
	}
	return any;
}

/*
 * The FC bits have said it already, DLC by DLC. But peers from before credits
 * may know only one of the two ways, and one that goes on sending costs it the
 * DLC.
 */
void rt_rfcomm_stream_aggregate(struct rt_rfcomm_session *session)
{
	const struct rt_rfcomm_mcc_fcoff fcoff = { 0 };
	const struct rt_rfcomm_mcc_fcon fcon = { 0 };
	const bool hold = all_hold(session);
	int err;

	if (session->fc_unknown || hold == session->holding)
		return;
	err = hold ? rt_rfcomm_tx_command(session, &rt_rfcomm_mcc_fcoff_msg,
					  &fcoff)
		   : rt_rfcomm_tx_command(session, &rt_rfcomm_mcc_fcon_msg,
					  &fcon);
	if (err)
		return;
	session->holding = hold;
	if (session->fc_unanswered < UINT8_MAX)
		session->fc_unanswered++;
}

void rt_rfcomm_stream_stop(struct rt_rfcomm_dlc *dlc)
{
	watch(dlc, RT_RFCOMM_STALL_NONE);
	dlc->wants = false;
	dlc->more = false;
}

void rt_rfcomm_stream_kick(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->state != RT_RFCOMM_DLC_OPEN)
		return;
	watch_now(dlc);
	if (dlc->suspended)
		return;
	if ((dlc->wants && may_send(dlc)) ||
	    rt_rfcomm_flow_grant_is_due(&dlc->flow) ||
	    rt_rfcomm_port_msc_is_due(dlc))
		rt_rfcomm_tx_kick(dlc->session);
}

static struct rt_rfcomm_head head_of(const struct rt_rfcomm_dlc *dlc,
				     uint8_t credits, size_t len)
{
	return (struct rt_rfcomm_head){
		.type = RT_RFCOMM_UIH,
		.dlci = dlc->dlci,
		.cr = rt_rfcomm_frame_cr(RT_RFCOMM_UIH,
					 dlc->session->initiator),
		.pf = credits > 0,
		.has_credits = credits > 0,
		.credits = credits,
		.len = (uint16_t)len,
	};
}

/* Lets the user fill the body. False if it has nothing, or has gone. */
static bool pull_user(struct rt_rfcomm_dlc *dlc, size_t room,
		      struct rt_pdu *pdu)
{
	if (dlc->ops->pull(dlc->user, dlc->handle, room, pdu) && dlc->ops) {
		assert(rt_pdu_body_bytes(pdu) > 0);
		assert(rt_pdu_body_bytes(pdu) <= room);
		return true;
	}
	dlc->wants = false;
	dlc->more = false;
	rt_env_free(dlc->rfcomm->env, pdu->owned);
	rt_pdu_init(pdu);
	return false;
}

static bool pull_data(struct rt_rfcomm_dlc *dlc, size_t max, struct rt_pdu *pdu)
{
	const uint8_t credits = rt_rfcomm_flow_grantable(&dlc->flow);
	/* Some stacks count the credit octet as one of N1. */
	const size_t n1 = dlc->flow.tx_frame_bytes - (credits > 0 ? 1U : 0U);
	struct rt_rfcomm_head head;
	size_t bytes;
	size_t room;

	if (max <= RT_RFCOMM_OVERHEAD_BYTES)
		return false;
	room = RT_MIN(n1, max - RT_RFCOMM_OVERHEAD_BYTES);
	if (!pull_user(dlc, room, pdu))
		return false;

	bytes = rt_pdu_body_bytes(pdu);
	head = head_of(dlc, credits, bytes);
	rt_rfcomm_frame_wrap(pdu, &head);
	pdu->done.dlc = dlc->handle;
	rt_rfcomm_flow_sent(&dlc->flow);
	rt_rfcomm_flow_granted(&dlc->flow, credits);
	dlc->pulled++;
	dlc->tx_frames++;
	dlc->tx_bytes += bytes;
	dlc->more = bytes == room;
	watch_now(dlc);
	return true;
}

static bool pull_grant(struct rt_rfcomm_dlc *dlc, struct rt_pdu *pdu)
{
	const uint8_t credits = rt_rfcomm_flow_grantable(&dlc->flow);
	const struct rt_rfcomm_head head = head_of(dlc, credits, 0);

	rt_rfcomm_frame_wrap(pdu, &head);
	rt_rfcomm_flow_granted(&dlc->flow, credits);
	return true;
}

bool rt_rfcomm_stream_pull(struct rt_rfcomm_dlc *dlc, size_t max,
			   struct rt_pdu *pdu)
{
	if (dlc->state != RT_RFCOMM_DLC_OPEN)
		return false;
	if (dlc->wants && may_send(dlc) && pull_data(dlc, max, pdu))
		return true;
	return dlc->state == RT_RFCOMM_DLC_OPEN && !dlc->suspended &&
	       rt_rfcomm_flow_grant_is_due(&dlc->flow) && pull_grant(dlc, pdu);
}

/* True if the peer may send this; else it has been told the end. */
static bool take(struct rt_rfcomm_dlc *dlc, struct rt_bytes info)
{
	switch (rt_rfcomm_flow_take(&dlc->flow, info.len)) {
	case RT_RFCOMM_FLOW_OK:
		break;
	case RT_RFCOMM_FLOW_NO_CREDIT:
		rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_CREDITS,
				   RT_RFCOMM_DLC_WHY_CREDITS);
		return false;
	case RT_RFCOMM_FLOW_TOO_LONG:
		rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_BAD_PEER,
				   RT_RFCOMM_DLC_WHY_VIOLATION);
		return false;
	}
	return true;
}

static void deliver(struct rt_rfcomm_dlc *dlc, struct rt_bytes info)
{
	if (!take(dlc, info))
		return;
	dlc->rx_frames++;
	dlc->rx_bytes += info.len;
	rt_rfcomm_stream_kick(dlc);
	dlc->ops->rx(dlc->user, dlc->handle, info);
}

/* UIH where no data may come. */
static void rx_early(struct rt_rfcomm_dlc *dlc)
{
	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_NEGOTIATED:
	case RT_RFCOMM_DLC_ASKED:
		/* Not connected is as good as not there: DM. */
		rt_rfcomm_dlc_drop(dlc);
		return;
	case RT_RFCOMM_DLC_WAIT:
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_SABM_SENT:
		dlc->rfcomm->stats.frames_unexpected++;
		return;
	case RT_RFCOMM_DLC_DISC_SENT:
		/* Our DISC has not reached the peer. */
	case RT_RFCOMM_DLC_MSC:
	case RT_RFCOMM_DLC_OPEN:
	case RT_RFCOMM_DLC_ENDED:
		return;
	}
}

void rt_rfcomm_stream_rx(struct rt_rfcomm_dlc *dlc,
			 const struct rt_rfcomm_frame *frame)
{
	struct rt_bytes info;
	uint8_t credits;

	if (dlc->state != RT_RFCOMM_DLC_MSC &&
	    dlc->state != RT_RFCOMM_DLC_OPEN) {
		rx_early(dlc);
		return;
	}
	if (rt_rfcomm_frame_info(frame, dlc->flow.credits, &credits, &info)) {
		dlc->rfcomm->stats.frames_malformed++;
		return;
	}
	rt_rfcomm_flow_add(&dlc->flow, credits);
	if (credits > 0)
		rt_rfcomm_stream_kick(dlc);
	if (info.len == 0)
		return;
	if (dlc->suspended) {
		rt_rfcomm_gate_on_data(dlc);
		return;
	}
	if (dlc->state == RT_RFCOMM_DLC_MSC && !rt_rfcomm_dlc_open_early(dlc))
		return;
	deliver(dlc, info);
}
