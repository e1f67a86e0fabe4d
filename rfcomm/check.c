/* SPDX-License-Identifier: MIT */
#include "rfcomm/check.h"

#include <errno.h>

#include "rfcomm/dlc.h"
#include "rfcomm/session.h"

/* What an object's timer has to be in its state. */
enum must {
	MUST_REST,
	MUST_RUN,
	MUST_OPEN, /* nothing is asked */
};

static bool fits(const struct rt_timer *timer, enum must must)
{
	return must == MUST_OPEN || timer->armed == (must == MUST_RUN);
}

/* T2 of our commands runs on open DLCs, as long as an answer is due. */
static bool command_fits(const struct rt_rfcomm_dlc *dlc,
			 const struct rt_rfcomm_command *command)
{
	const bool runs =
		dlc->state == RT_RFCOMM_DLC_OPEN && command->unanswered > 0;

	return command->timer.armed == runs;
}

static const char *check_credits(const struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_flow *flow = &dlc->flow;
	const struct rt_rfcomm_credits *total = &flow->total;

	if (flow->limit > dlc->rfcomm->env->limits.rfcomm_credits)
		return "a DLC may grant more credits than the limit";
	if (!flow->credits)
		return NULL;
	if (flow->rx > flow->limit)
		return "the peer holds more credits than the limit";
	if (total->granted - total->taken != flow->rx)
		return "the peer's credits are not granted less taken";
	if (total->given - total->used != flow->tx)
		return "our credits are not given less used";
	return NULL;
}

static enum must dlc_timer(const struct rt_rfcomm_dlc *dlc)
{
	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_WAIT:
	case RT_RFCOMM_DLC_OPEN:
		return MUST_REST;
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_SABM_SENT:
	case RT_RFCOMM_DLC_NEGOTIATED:
	case RT_RFCOMM_DLC_ASKED:
	case RT_RFCOMM_DLC_MSC:
	case RT_RFCOMM_DLC_DISC_SENT:
		return MUST_RUN;
	case RT_RFCOMM_DLC_ENDED:
		break;
	}
	if (dlc->pulled > 0)
		return MUST_REST;
	/* Its user may have been taken away since. */
	return dlc->ops ? MUST_RUN : MUST_OPEN;
}

/* The gate's timer: to ask it again, or the end of a suspension. */
static const char *check_gate(const struct rt_rfcomm_dlc *dlc)
{
	const bool waits = dlc->state == RT_RFCOMM_DLC_WAIT_GATE ||
			   dlc->state == RT_RFCOMM_DLC_ASKED;

	if (dlc->blocked)
		return "a DLC that the gate has refused lives on";
	if (dlc->suspended && dlc->state != RT_RFCOMM_DLC_SABM_SENT &&
	    dlc->state != RT_RFCOMM_DLC_MSC && dlc->state != RT_RFCOMM_DLC_OPEN)
		return "a DLC is suspended that was never allowed, or has "
		       "ended";
	if (dlc->suspended && dlc->need.level == 0)
		return "a DLC is suspended that asks for nothing";
	if (!waits && dlc->gate.armed != dlc->suspended)
		return "a suspension has no timer, or another has it";
	return NULL;
}

/* A DLC that has ended or not, wherever it is. */
static const char *check_dlc(const struct rt_rfcomm_dlc *dlc)
{
	const bool ended = dlc->state == RT_RFCOMM_DLC_ENDED;
	const char *broken = check_gate(dlc);

	if (dlc->state > RT_RFCOMM_DLC_ENDED)
		return "a DLC is in no state";
	if (rt_slots_get(&dlc->rfcomm->slots, dlc->handle) != dlc)
		return "a DLC's handle is not its own";
	if (ended != !dlc->session)
		return "a DLC has no session, or one after it has ended";
	if (ended != rt_list_empty(&dlc->node))
		return "a DLC is on a session's list and should not, or not";
	if (!fits(&dlc->timer, dlc_timer(dlc)))
		return "a DLC's timer is not what its state asks for";
	if (!command_fits(dlc, &dlc->port.msc) ||
	    !command_fits(dlc, &dlc->port.rpn) ||
	    !command_fits(dlc, &dlc->port.rls))
		return "T2 of a DLC's command runs without cause, or not";
	if (dlc->flow.tx_frame_bytes == 0 || dlc->flow.rx_frame_bytes == 0)
		return "a DLC has no frame size";
	return broken ? broken : check_credits(dlc);
}

/* A DLC on the list of its session. */
static const char *check_member(const struct rt_rfcomm_session *session,
				const struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_dlc *other;

	if (dlc->session != session)
		return "a DLC is on the list of another session";
	if (dlc->state == RT_RFCOMM_DLC_WAIT)
		return dlc->incoming ? "an incoming DLC waits" : NULL;
	if (session->state != RT_RFCOMM_SESSION_OPEN)
		return "a DLC goes on in a session that is not open";
	if (dlc->dlci < RT_RFCOMM_DLCI_MIN || dlc->dlci > RT_RFCOMM_DLCI_MAX)
		return "a DLC has a DLCI that there is not";
	if (dlc->channel != dlc->dlci >> 1)
		return "a DLC's DLCI is not its channel's";
	if ((dlc->dlci & 1) == (session->initiator != dlc->incoming))
		return "a DLC's direction bit is wrong";
	RT_LIST_EACH (other, &session->dlcs, node) {
		if (other != dlc && other->dlci == dlc->dlci)
			return "two DLCs of a session have the same DLCI";
	}
	return NULL;
}

static enum must session_timer(const struct rt_rfcomm_session *session)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_CONNECT:
		return session->parked ? MUST_RUN : MUST_REST;
	case RT_RFCOMM_SESSION_OPEN:
		return rt_list_empty(&session->dlcs) ? MUST_RUN : MUST_REST;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
		return MUST_RUN;
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		break;
	}
	return MUST_REST;
}

/* True if the peer's second channel may wait in this state. */
static bool may_park(const struct rt_rfcomm_session *session)
{
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_CONNECT:
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
		return true;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_RETRY:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
	case RT_RFCOMM_SESSION_OPEN:
	case RT_RFCOMM_SESSION_CLOSED:
		break;
	}
	return false;
}

static const char *check_queue(const struct rt_rfcomm_session *session)
{
	uint32_t waiting = 0;
	const struct rt_pkt *pkt;

	for (size_t i = 0; i < RT_RFCOMM_TX_CLASSES; i++)
		waiting += session->tx.waiting[i];
	RT_LIST_EACH (pkt, &session->tx.queue, node)
		waiting--;
	if (waiting != 0)
		return "the queue of control frames is not as long as counted";
	return NULL;
}

static const char *check_session(const struct rt_rfcomm *rfcomm,
				 const struct rt_rfcomm_session *session)
{
	const struct rt_rfcomm_session *other;
	const struct rt_rfcomm_dlc *dlc;
	const char *broken = NULL;

	if (session->state >= RT_RFCOMM_SESSION_CLOSED)
		return "a session that is over is still known";
	if (!session->chan != (session->state == RT_RFCOMM_SESSION_RETRY))
		return "a session has no L2CAP channel, or one to spare";
	if (session->parked && !may_park(session))
		return "a session holds a channel back that it does not need";
	if (!fits(&session->timer, session_timer(session)))
		return "a session's timer is not what its state asks for";
	RT_LIST_EACH (other, &rfcomm->sessions, node) {
		if (other != session &&
		    rt_addr_equal(other->peer, session->peer))
			return "two sessions have the same peer";
	}
	broken = check_queue(session);
	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (!broken)
			broken = check_member(session, dlc);
	}
	return broken;
}

const char *rt_rfcomm_check(const struct rt_rfcomm *rfcomm)
{
	const struct rt_rfcomm_session *session;
	const struct rt_rfcomm_dlc *dlc;
	const char *broken = NULL;

	RT_LIST_EACH (session, &rfcomm->sessions, node) {
		if (!broken)
			broken = check_session(rfcomm, session);
	}
	RT_LIST_EACH (dlc, &rfcomm->dlcs, all) {
		if (!broken)
			broken = check_dlc(dlc);
	}
	return broken;
}

int rt_rfcomm_check_credits(const struct rt_rfcomm *rfcomm, rt_handle dlc,
			    struct rt_rfcomm_credits *ret_total)
{
	const struct rt_rfcomm_dlc *found = rt_slots_get(&rfcomm->slots, dlc);

	if (!found)
		return -ENOENT;
	*ret_total = found->flow.total;
	return 0;
}
