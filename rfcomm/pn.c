/* SPDX-License-Identifier: MIT */
#include "rfcomm/pn.h"

#include "rfcomm/gate.h"

#define FLOW_MASK 0xf0
#define FLOW_OFFERED 0xf0
#define FLOW_AGREED 0xe0
#define DLCI_MASK 0x3f
#define CREDITS_MASK 0x07
#define PRIORITY_MAX 61

/*
 * N1 that we want for a DLC: what it asks for, or what fills a packet on the
 * air, as far as the MTUs of the session let it through.
 */
static uint16_t wanted(const struct rt_rfcomm_session *session,
		       uint16_t frame_bytes)
{
	const uint16_t asked = frame_bytes ? frame_bytes : RT_RFCOMM_N1_AIR;

	return RT_MIN(asked, session->n1_max);
}

static void decide(struct rt_rfcomm_session *session, bool credits)
{
	if (session->credit_flow == RT_RFCOMM_CREDIT_FLOW_UNKNOWN)
		session->credit_flow = credits ? RT_RFCOMM_CREDIT_FLOW_ON
					       : RT_RFCOMM_CREDIT_FLOW_OFF;
}

void rt_rfcomm_pn_propose(struct rt_rfcomm_dlc *dlc)
{
	struct rt_rfcomm_session *session = dlc->session;
	struct rt_rfcomm_mcc_pn pn = {
		.dlci = dlc->dlci,
		/* Priorities go by groups of eight DLCIs (T:5.6). */
		.priority = (uint8_t)RT_MIN(dlc->dlci | 7, PRIORITY_MAX),
		.frame_bytes = wanted(session, dlc->frame_bytes),
	};

	rt_rfcomm_flow_set_frame(&dlc->flow, pn.frame_bytes);
	dlc->credits_offered =
		session->credit_flow != RT_RFCOMM_CREDIT_FLOW_OFF;
	if (dlc->credits_offered) {
		pn.flow = FLOW_OFFERED;
		pn.credits = rt_rfcomm_flow_initial(&dlc->flow);
	}
	dlc->flow.rx = pn.credits;
	dlc->serial = rt_rfcomm_session_serial(session);
	/* Without memory for it, T2 ends the DLC. */
	if (rt_rfcomm_tx_opening(session, &rt_rfcomm_mcc_pn_msg, &pn))
		return;
}

static void refuse(struct rt_rfcomm_session *session, uint8_t dlci)
{
	session->rfcomm->stats.refused++;
	rt_rfcomm_tx_frame(session, RT_RFCOMM_DM, dlci);
}

static struct rt_rfcomm_dlc *new_incoming(struct rt_rfcomm_session *session,
					  uint8_t dlci)
{
	const struct rt_rfcomm_listener *listener =
		rt_rfcomm_session_listener(session, dlci);
	struct rt_rfcomm_dlc *dlc;

	if (!listener || rt_rfcomm_dlc_new(session, dlci >> 1, dlci,
					   &listener->params, &dlc)) {
		refuse(session, dlci);
		return NULL;
	}
	rt_rfcomm_session_joined(session);
	return dlc;
}

/* What TS 07.10 has where nothing is said, as far as L2CAP lets it through. */
static void set_defaults(struct rt_rfcomm_dlc *dlc)
{
	rt_rfcomm_flow_set_frame(&dlc->flow,
				 RT_MIN(RT_RFCOMM_FRAME_BYTES_DEFAULT,
					dlc->session->n1_max));
	dlc->flow.rx = 0;
}

struct rt_rfcomm_dlc *rt_rfcomm_pn_missing(struct rt_rfcomm_session *session,
					   uint8_t dlci)
{
	struct rt_rfcomm_dlc *dlc = new_incoming(session, dlci);

	if (dlc)
		set_defaults(dlc);
	return dlc;
}

void rt_rfcomm_pn_not_known(struct rt_rfcomm_dlc *dlc)
{
	set_defaults(dlc);
	decide(dlc->session, false);
	rt_rfcomm_gate_connect(dlc, RT_RFCOMM_DLC_WHY_PN_UNKNOWN);
}

static void respond(struct rt_rfcomm_session *session,
		    const struct rt_rfcomm_mcc_pn *command, uint16_t n1,
		    const struct rt_rfcomm_flow *agreed)
{
	const struct rt_rfcomm_mcc_pn pn = {
		.dlci = command->dlci & DLCI_MASK,
		.flow = agreed ? FLOW_AGREED : 0,
		/* Nothing here has a priority; some want theirs back. */
		.priority = command->priority,
		.frame_bytes = n1,
		.credits = agreed ? (uint8_t)agreed->rx : 0,
	};

	rt_rfcomm_tx_response(session, &rt_rfcomm_mcc_pn_msg, &pn);
}

/*
 * True until the DLC has a use. A peer that repeats PN behind SABM takes what
 * we have accepted for refused: DM and its SABM had crossed.
 */
static bool is_negotiable(const struct rt_rfcomm_dlc *dlc)
{
	if (dlc->state == RT_RFCOMM_DLC_NEGOTIATED)
		return true;
	return dlc->incoming && dlc->rx_bytes == 0 &&
	       (dlc->state == RT_RFCOMM_DLC_ASKED ||
		dlc->state == RT_RFCOMM_DLC_MSC);
}

/*
 * PN for a DLC that has been negotiated. Its flow control stays as it is, so
 * the answer offers none; a smaller N1 binds what we send from now on.
 */
static void negotiate_again(struct rt_rfcomm_dlc *dlc,
			    const struct rt_rfcomm_mcc_pn *pn)
{
	const uint16_t n1 = RT_MIN(pn->frame_bytes, dlc->flow.tx_frame_bytes);

	dlc->flow.tx_frame_bytes = n1;
	respond(dlc->session, pn, n1, NULL);
}

/* PN for a DLC that is not in use yet. */
static void negotiate(struct rt_rfcomm_dlc *dlc,
		      const struct rt_rfcomm_mcc_pn *pn)
{
	struct rt_rfcomm_session *session = dlc->session;
	const bool credits = (pn->flow & FLOW_MASK) == FLOW_OFFERED &&
			     session->credit_flow != RT_RFCOMM_CREDIT_FLOW_OFF;
	const uint16_t n1 =
		RT_MIN(pn->frame_bytes, wanted(session, dlc->frame_bytes));

	rt_rfcomm_flow_set_frame(&dlc->flow, n1);
	dlc->flow.credits = false;
	if (credits)
		rt_rfcomm_flow_agree(&dlc->flow, pn->credits & CREDITS_MASK,
				     rt_rfcomm_flow_initial(&dlc->flow));
	decide(session, credits);
	respond(session, pn, n1, credits ? &dlc->flow : NULL);
}

void rt_rfcomm_pn_on_command(struct rt_rfcomm_session *session,
			     const struct rt_rfcomm_mcc_pn *pn)
{
	const uint8_t dlci = pn->dlci & DLCI_MASK;
	struct rt_rfcomm_dlc *dlc;

	/* DM on DLCI 0 would say that there is no session. */
	if (dlci == 0) {
		session->rfcomm->stats.mcc_malformed++;
		return;
	}
	dlc = rt_rfcomm_session_find_dlc(session, dlci);
	if (pn->frame_bytes < RT_RFCOMM_N1_MIN) {
		if (dlc && dlc->state == RT_RFCOMM_DLC_NEGOTIATED)
			rt_rfcomm_dlc_drop(dlc);
		else if (dlc)
			session->rfcomm->stats.mcc_malformed++;
		else
			refuse(session, dlci);
		return;
	}
	if (!dlc)
		dlc = new_incoming(session, dlci);
	if (!dlc)
		return;
	if (is_negotiable(dlc))
		negotiate(dlc, pn);
	else if (dlc->state == RT_RFCOMM_DLC_DISC_SENT)
		rt_rfcomm_tx_frame(session, RT_RFCOMM_DM, dlci);
	else
		negotiate_again(dlc, pn);
}

void rt_rfcomm_pn_on_response(struct rt_rfcomm_session *session,
			      const struct rt_rfcomm_mcc_pn *pn)
{
	struct rt_rfcomm_dlc *dlc =
		rt_rfcomm_session_find_dlc(session, pn->dlci & DLCI_MASK);
	bool credits;

	if (!dlc || dlc->state != RT_RFCOMM_DLC_PN_SENT) {
		session->rfcomm->stats.frames_unexpected++;
		return;
	}
	if (pn->frame_bytes < RT_RFCOMM_N1_MIN) {
		rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_BAD_PEER,
				   RT_RFCOMM_DLC_WHY_VIOLATION);
		return;
	}
	credits = dlc->credits_offered && (pn->flow & FLOW_MASK) == FLOW_AGREED;
	/* An answer may lower N1 only; one that does not is held to it. */
	rt_rfcomm_flow_set_frame(&dlc->flow, RT_MIN(pn->frame_bytes,
						    dlc->flow.tx_frame_bytes));
	if (credits)
		rt_rfcomm_flow_agree(&dlc->flow, pn->credits & CREDITS_MASK,
				     (uint8_t)dlc->flow.rx);
	decide(session, credits);
	rt_rfcomm_gate_connect(dlc, RT_RFCOMM_DLC_WHY_PN_AGREED);
}
