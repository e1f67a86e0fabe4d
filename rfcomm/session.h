/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_SESSION_H
#define RT_RFCOMM_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "rfcomm/engine.h"
#include "rfcomm/tx.h"
#include "stack/env.h"
#include "stack/list.h"
#include "stack/reason.h"

/*
 * A multiplexer session: one a peer, on one L2CAP channel to PSM 3 (R:5.2).
 * Here: the object, its states, and the DLCs that it holds together. What
 * moves it stands in channel.c (L2CAP) and control.c (SABM, UA, DM and DISC
 * on DLCI 0).
 *
 * The side that sends SABM on DLCI 0 is the initiator: ours if we opened the
 * channel, the peer's otherwise. The role sets the C/R bits and the direction
 * bit of the DLCIs, so both are computed when a frame is built, and a DLC of
 * ours has no DLCI before the session is open.
 *
 * A session outlives its channel where DLCs wait for the next one: when they
 * were asked for while the last one was closing, or when both sides opened a
 * channel and gave it up for the other's.
 */

enum rt_rfcomm_session_state {
#define STATE(name, stay_us, next) RT_RFCOMM_SESSION_##name,
#define WHY(name, text)
#include "rfcomm/session.def"
#undef STATE
#undef WHY
};

/* Why a state was entered; for the log. */
enum rt_rfcomm_session_why {
#define STATE(name, stay_us, next)
#define WHY(name, text) RT_RFCOMM_SESSION_WHY_##name,
#include "rfcomm/session.def"
#undef STATE
#undef WHY
};

/* Whether the peer does credit based flow control (R:6.5). */
enum rt_rfcomm_credit_flow {
	RT_RFCOMM_CREDIT_FLOW_UNKNOWN, /* before the first PN */
	RT_RFCOMM_CREDIT_FLOW_ON,
	RT_RFCOMM_CREDIT_FLOW_OFF,
};

struct rt_rfcomm_session {
	struct rt_list node; /* of rt_rfcomm.sessions */
	struct rt_grave grave;
	struct rt_timer timer;	/* of the state */
	struct rt_timer memory; /* RT_RFCOMM_MEMORY_US */
	struct rt_rfcomm *rfcomm;
	struct rt_addr peer;
	rt_handle chan;	     /* 0: none */
	rt_handle parked;    /* the peer's, whose answer we hold back */
	uint16_t imtu;	     /* proposed on channels that we open */
	uint16_t omtu;	     /* the most the peer receives */
	uint16_t n1_max;     /* N1 that fits both MTUs with a credit octet */
	uint8_t state;	     /* enum rt_rfcomm_session_state */
	uint8_t credit_flow; /* enum rt_rfcomm_credit_flow */
	uint8_t tries;	     /* collisions on the way to this session */
	bool initiator;
	bool collided;	       /* the peer's SABM came while ours was out */
	bool stopped;	       /* the peer's FCOFF: no data on any DLC */
	bool holding;	       /* ours, as far as the peer was told */
	bool fc_unknown;       /* the peer knows neither FCOFF nor FCON */
	bool idle_is_ours;     /* without a DLC: the peer need not close it */
	uint8_t fc_unanswered; /* FCOFF and FCON of ours */
	uint32_t commands;     /* sent on it: rt_rfcomm_session_serial() */
	/* By server channel: settings of the line for the DLC that comes. */
	struct rt_rfcomm_line early[RT_RFCOMM_CHANNEL_MAX + 1];
	struct rt_list dlcs; /* by rt_rfcomm_dlc.node; none that has ended */
	struct rt_rfcomm_tx tx;
};

/*
 * Makes a session with `peer`, with whom there is none: in CONNECT as the
 * initiator, or in ACCEPT as the responder.
 *
 * Returns 0, -ENOSPC (limit) or -ENOMEM.
 */
int rt_rfcomm_session_new(struct rt_rfcomm *rfcomm, struct rt_addr peer,
			  bool initiator,
			  struct rt_rfcomm_session **ret) RT_MUST_CHECK;

/* Frees a session with its channels at once, telling nobody. It has no DLC. */
void rt_rfcomm_session_free(struct rt_rfcomm_session *session);

/*
 * It is over: leaves everything that knows it, ends the DLCs that are left for
 * the reason `why` (NULL if there are none), and is freed in the reap.
 */
void rt_rfcomm_session_bury(struct rt_rfcomm_session *session,
			    enum rt_rfcomm_session_why reason,
			    const struct rt_reason *why);

/* Assigns the state, which is a legal successor, and arms its timer. */
void rt_rfcomm_session_enter(struct rt_rfcomm_session *session,
			     enum rt_rfcomm_session_state to,
			     enum rt_rfcomm_session_why why);

/* Arms the state's timer for min_us and a random part of span_us. */
void rt_rfcomm_session_arm_random(struct rt_rfcomm_session *session,
				  uint64_t min_us, uint64_t span_us);

/* Closes the L2CAP channel: enters RELEASE. */
void rt_rfcomm_session_release(struct rt_rfcomm_session *session,
			       enum rt_rfcomm_session_why why);

/*
 * Ends the DLCs for a reason of enum rt_rfcomm_code, in a state in which the
 * session is closing already. `keep`: those stay that another session can
 * serve, because the peer has not begun with them.
 */
void rt_rfcomm_session_end_dlcs(struct rt_rfcomm_session *session,
				uint16_t code, bool keep);

/* The session with `peer`, in whichever state; NULL if there is none. */
struct rt_rfcomm_session *rt_rfcomm_session_find(const struct rt_rfcomm *rfcomm,
						 struct rt_addr peer);

/* The multiplexer works. */
bool rt_rfcomm_session_is_open(const struct rt_rfcomm_session *session);

/* The DLC with this DLCI that has not ended; NULL if there is none. */
struct rt_rfcomm_dlc *
rt_rfcomm_session_find_dlc(const struct rt_rfcomm_session *session,
			   uint8_t dlci);

/* DLCs of the session that have not ended. */
uint32_t rt_rfcomm_session_dlc_count(const struct rt_rfcomm_session *session);

/*
 * The listener that a DLCI of the peer's commands names; NULL if nobody
 * listens, or it is no DLCI of a server of ours (R:5.4).
 */
const struct rt_rfcomm_listener *
rt_rfcomm_session_listener(const struct rt_rfcomm_session *session,
			   uint8_t dlci);

/* Lets DLCs negotiate that wait for it, as far as they may. */
void rt_rfcomm_session_advance(struct rt_rfcomm_session *session);

/* A DLC has come: the session is not idle any more. */
void rt_rfcomm_session_joined(struct rt_rfcomm_session *session);

/*
 * A DLC has gone. Without any, the session closes: at once, or, where the
 * peer closed the DLC (`by_peer`) and may close the session, after a while.
 */
void rt_rfcomm_session_left(struct rt_rfcomm_session *session, bool by_peer);

/* The number of a command that is being sent. */
uint32_t rt_rfcomm_session_serial(struct rt_rfcomm_session *session);

/*
 * The idle hold is another than before, or the engine shuts down: a session
 * without a DLC closes accordingly.
 */
void rt_rfcomm_session_hold_changed(struct rt_rfcomm_session *session);

/* No memory for data: the session pulls again later. */
void rt_rfcomm_session_retry_later(struct rt_rfcomm_session *session);

#endif
