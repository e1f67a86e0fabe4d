/* SPDX-License-Identifier: MIT */
#include "rfcomm/control.h"

#include "rfcomm/line.h"
#include "rfcomm/timers.h"
#include "rfcomm/tx.h"

void rt_rfcomm_control_start(struct rt_rfcomm_session *session,
			     enum rt_rfcomm_session_why why)
{
	session->collided = false;
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_SABM_SENT, why);
	rt_rfcomm_tx_frame(session, RT_RFCOMM_SABM, 0);
}

void rt_rfcomm_control_stop(struct rt_rfcomm_session *session)
{
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_DISCONNECT,
				RT_RFCOMM_SESSION_WHY_IDLE);
	rt_rfcomm_tx_frame(session, RT_RFCOMM_DISC, 0);
}

/* The multiplexer works from now on. */
static void opened(struct rt_rfcomm_session *session, bool initiator,
		   enum rt_rfcomm_session_why why)
{
	session->initiator = initiator;
	session->credit_flow = RT_RFCOMM_CREDIT_FLOW_UNKNOWN;
	session->stopped = false;
	session->holding = false;
	session->fc_unknown = false;
	session->fc_unanswered = 0;
	session->idle_is_ours = false;
	for (size_t i = 0; i < RT_ARRAY_SIZE(session->early); i++)
		session->early[i] = rt_rfcomm_line_default;
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_OPEN, why);
	if (!initiator)
		rt_rfcomm_tx_frame(session, RT_RFCOMM_UA, 0);
	if (rt_list_empty(&session->dlcs))
		rt_env_arm(session->rfcomm->env, &session->timer,
			   RT_RFCOMM_IDLE_FIRST_US);
	rt_rfcomm_session_advance(session);
}

static void on_sabm(struct rt_rfcomm_session *session, bool cr)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_BACKOFF:
		opened(session, false, RT_RFCOMM_SESSION_WHY_SABM);
		return;
	case RT_RFCOMM_SESSION_SABM_SENT:
		/*
		 * Both want to be the initiator: both answer DM and try again
		 * (R:5.2.1). A peer that answers UA instead makes us it.
		 */
		session->collided = true;
		rt_rfcomm_tx_frame_cr(session, RT_RFCOMM_DM, 0, cr);
		return;
	case RT_RFCOMM_SESSION_OPEN:
		/* As on a DLC: nothing was lost, the answer is the same. */
		rt_rfcomm_tx_frame(session, RT_RFCOMM_UA, 0);
		return;
	case RT_RFCOMM_SESSION_DISCONNECT:
		rt_rfcomm_tx_frame(session, RT_RFCOMM_DM, 0);
		return;
	case RT_RFCOMM_SESSION_CONNECT:
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
}

/* DISC on DLCI 0 has been answered: who opened the session closes L2CAP. */
static void disconnected(struct rt_rfcomm_session *session,
			 enum rt_rfcomm_session_why why)
{
	if (session->initiator)
		rt_rfcomm_session_release(session, why);
	else
		rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_LINGER, why);
}

static void on_ua(struct rt_rfcomm_session *session)
{
	if (session->state == RT_RFCOMM_SESSION_SABM_SENT)
		opened(session, true, RT_RFCOMM_SESSION_WHY_UA);
	else if (session->state == RT_RFCOMM_SESSION_DISCONNECT)
		disconnected(session, RT_RFCOMM_SESSION_WHY_UA);
	else
		session->rfcomm->stats.frames_unexpected++;
}

static void back_off(struct rt_rfcomm_session *session)
{
	if (++session->tries >= RT_RFCOMM_TRIES) {
		rt_rfcomm_session_release(session,
					  RT_RFCOMM_SESSION_WHY_COLLISION);
		rt_rfcomm_session_end_dlcs(session, RT_RFCOMM_REFUSED, false);
		return;
	}
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_BACKOFF,
				RT_RFCOMM_SESSION_WHY_COLLISION);
	rt_rfcomm_session_arm_random(session, RT_RFCOMM_BACKOFF_MIN_US,
				     RT_RFCOMM_BACKOFF_SPAN_US);
}

static void on_dm(struct rt_rfcomm_session *session)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_SABM_SENT:
		if (session->collided) {
			back_off(session);
			return;
		}
		rt_rfcomm_session_release(session,
					  RT_RFCOMM_SESSION_WHY_REFUSED);
		rt_rfcomm_session_end_dlcs(session, RT_RFCOMM_REFUSED, false);
		return;
	case RT_RFCOMM_SESSION_OPEN:
		rt_rfcomm_session_release(session, RT_RFCOMM_SESSION_WHY_DM);
		rt_rfcomm_session_end_dlcs(session, RT_RFCOMM_PEER_DISC, true);
		return;
	case RT_RFCOMM_SESSION_DISCONNECT:
		disconnected(session, RT_RFCOMM_SESSION_WHY_DM);
		return;
	case RT_RFCOMM_SESSION_CONNECT:
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_BACKOFF:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
}

void rt_rfcomm_control_closed_by_peer(struct rt_rfcomm_session *session)
{
	/* In DISCONNECT it crossed ours: each side has answered the other. */
	rt_rfcomm_session_enter(session,
				session->initiator ? RT_RFCOMM_SESSION_FLUSH
						   : RT_RFCOMM_SESSION_LINGER,
				RT_RFCOMM_SESSION_WHY_DISC);
	rt_rfcomm_session_end_dlcs(session, RT_RFCOMM_PEER_DISC, true);
}

static void on_disc(struct rt_rfcomm_session *session)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_OPEN:
	case RT_RFCOMM_SESSION_DISCONNECT:
		rt_rfcomm_tx_frame(session, RT_RFCOMM_UA, 0);
		rt_rfcomm_control_closed_by_peer(session);
		return;
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
		rt_rfcomm_tx_frame(session, RT_RFCOMM_UA, 0);
		return;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
		rt_rfcomm_tx_frame(session, RT_RFCOMM_DM, 0);
		return;
	case RT_RFCOMM_SESSION_CONNECT:
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
}

void rt_rfcomm_control_on_frame(struct rt_rfcomm_session *session,
				const struct rt_rfcomm_frame *frame)
{
	switch ((enum rt_rfcomm_frame_type)frame->type) {
	case RT_RFCOMM_SABM:
		on_sabm(session, frame->cr);
		return;
	case RT_RFCOMM_UA:
		on_ua(session);
		return;
	case RT_RFCOMM_DM:
		on_dm(session);
		return;
	case RT_RFCOMM_DISC:
		on_disc(session);
		return;
	case RT_RFCOMM_UIH:
		return;
	}
}

bool rt_rfcomm_control_cr_is_right(const struct rt_rfcomm_session *session,
				   const struct rt_rfcomm_frame *frame)
{
	const bool by_initiator = !session->initiator;

	/* Whoever sends SABM here takes itself for the initiator. */
	if (frame->type == RT_RFCOMM_SABM && frame->dlci == 0 &&
	    !rt_rfcomm_session_is_open(session))
		return frame->cr;
	/* Several stacks get it wrong in UIH, and nothing depends on it. */
	if (frame->type == RT_RFCOMM_UIH)
		return true;
	return frame->cr == rt_rfcomm_frame_cr(frame->type, by_initiator);
}
