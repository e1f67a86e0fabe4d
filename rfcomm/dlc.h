/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_DLC_H
#define RT_RFCOMM_DLC_H

#include <stdbool.h>
#include <stdint.h>

#include "rfcomm/engine.h"
#include "rfcomm/flow.h"
#include "rfcomm/frame.h"
#include "rfcomm/mcc.h"
#include "rfcomm/port.h"
#include "stack/pdu.h"
#include "stack/reason.h"

/*
 * A data link connection: a stream in each direction on a session.
 *
 * PN, SABM and UA, MSC both ways, data, DISC and UA. A DLC that is over leaves
 * its session at once; `closed` is called from a timer, when all that was
 * pulled has completed. So it never comes from inside a call of the user or
 * while somebody walks over DLCs.
 *
 * Calls of the user's ops stand last in their functions, or look the DLC up
 * anew after them. The handle is good until `closed` has returned.
 */

struct rt_rfcomm_session;

enum rt_rfcomm_dlc_state {
#define STATE(name, stay_us, next) RT_RFCOMM_DLC_##name,
#define WHY(name, text)
#include "rfcomm/dlc.def"
#undef STATE
#undef WHY
};

/* Why a state was entered; for the log. */
enum rt_rfcomm_dlc_why {
#define STATE(name, stay_us, next)
#define WHY(name, text) RT_RFCOMM_DLC_WHY_##name,
#include "rfcomm/dlc.def"
#undef STATE
#undef WHY
};

/* Why a DLC may not send what it has to. */
enum rt_rfcomm_stall {
	RT_RFCOMM_STALL_NONE,
	RT_RFCOMM_STALL_CREDITS,
	RT_RFCOMM_STALL_PEER, /* its FC bit, or FCOFF */
	RT_RFCOMM_STALLS,
};

struct rt_rfcomm_dlc {
	struct rt_list node; /* of its session's dlcs */
	struct rt_list all;  /* of rt_rfcomm.dlcs */
	struct rt_grave grave;
	struct rt_timer timer; /* of the state */
	struct rt_timer gate;  /* suspended, or the gate is to be asked again */
	struct rt_rfcomm *rfcomm;
	struct rt_rfcomm_session *session; /* NULL when it has ended */
	const struct rt_rfcomm_ops *ops;   /* NULL: nobody wants to hear */
	void *user;
	rt_handle handle;
	struct rt_addr peer;
	uint8_t state;	 /* enum rt_rfcomm_dlc_state */
	uint8_t channel; /* server channel */
	uint8_t dlci;	 /* 0: not known yet */
	bool incoming;
	bool asked;	      /* our user has been, about the peer's */
	bool accepted;	      /* by our user, after -EAGAIN */
	bool adopted;	      /* has a user other than the listener's */
	bool suspended;	      /* by the gate (gate.h) */
	bool blocked;	      /* by the gate for `refusal`: to be ended */
	bool waited_again;    /* for another session, after PN */
	bool credits_offered; /* in our PN */
	bool msc_answered;    /* ours */
	bool msc_seen;	      /* the peer's */
	bool msc_missing;
	bool wants;	      /* the user may have something to pull */
	bool more;	      /* it has: it said so, or filled the last frame */
	uint8_t stall;	      /* enum rt_rfcomm_stall, since stalled_at_us */
	uint16_t frame_bytes; /* N1 to propose; 0: fills baseband packets */
	uint32_t pulled;      /* PDUs that have not completed */
	struct rt_rfcomm_flow flow;
	struct rt_rfcomm_port port;
	struct rt_sec_need need;
	struct rt_reason refusal;
	struct rt_reason why; /* it ended */
	uint64_t began_us;    /* the phase, see rt_reason */
	uint64_t stalled_at_us;
	uint64_t stalled_us[RT_RFCOMM_STALLS];
	uint32_t stalls; /* times that it came to that */
	uint32_t serial; /* of our PN, see rt_rfcomm_command */
	uint64_t tx_frames, rx_frames;
	uint64_t tx_bytes, rx_bytes;
};

/*
 * Makes a DLC on a session: ours in WAIT, or the peer's in NEGOTIATED, with
 * `dlci` and no user yet.
 *
 * Returns 0, -ENOSPC (limits) or -ENOMEM.
 */
int rt_rfcomm_dlc_new(struct rt_rfcomm_session *session, uint8_t channel,
		      uint8_t incoming_dlci,
		      const struct rt_rfcomm_params *params,
		      struct rt_rfcomm_dlc **ret) RT_MUST_CHECK;

/* Frees a DLC at once, telling nobody. */
void rt_rfcomm_dlc_free(struct rt_rfcomm_dlc *dlc);

/*
 * Begins to negotiate in an open session. False if it has to wait still,
 * because a DLC of the same DLCI is closing.
 */
bool rt_rfcomm_dlc_start(struct rt_rfcomm_dlc *dlc);

/* Assigns the state, which is a legal successor, and arms its timer. */
void rt_rfcomm_dlc_enter(struct rt_rfcomm_dlc *dlc, enum rt_rfcomm_dlc_state to,
			 enum rt_rfcomm_dlc_why why);

/* The peer's SABM is answered by UA. */
void rt_rfcomm_dlc_accept(struct rt_rfcomm_dlc *dlc);

/*
 * Our security ends it: DM if the peer waits for an answer to SABM, else DISC.
 * For the reason of the gate, or, if that is none, for `code`.
 */
void rt_rfcomm_dlc_block(struct rt_rfcomm_dlc *dlc,
			 const struct rt_reason *refusal, uint16_t code);

/* PN is agreed on, or the peer does not know it: sends SABM. */
void rt_rfcomm_dlc_connect(struct rt_rfcomm_dlc *dlc,
			   enum rt_rfcomm_dlc_why why);

/* Ends a DLC that the peer may hold for alive: sends DISC, and waits not. */
void rt_rfcomm_dlc_fail(struct rt_rfcomm_dlc *dlc, uint16_t code,
			enum rt_rfcomm_dlc_why why);

/*
 * The DLC is over for a reason of enum rt_rfcomm_code; nothing is sent. One
 * without a user is gone when this returns.
 */
void rt_rfcomm_dlc_end(struct rt_rfcomm_dlc *dlc, uint16_t code,
		       enum rt_rfcomm_dlc_why why);

/* The session is gone because L2CAP closed for the reason `why`. */
void rt_rfcomm_dlc_lost(struct rt_rfcomm_dlc *dlc, const struct rt_reason *why);

/* We refuse a DLC of the peer's that nobody above knows: sends DM. */
void rt_rfcomm_dlc_drop(struct rt_rfcomm_dlc *dlc);

/*
 * The session closes: true if the DLC can wait for the next one, which it
 * does from now on. Once, where PN had been sent.
 */
bool rt_rfcomm_dlc_wait_again(struct rt_rfcomm_dlc *dlc);

/* Closes for the user; see rt_rfcomm_close(). */
void rt_rfcomm_dlc_close(struct rt_rfcomm_dlc *dlc);

/* A frame for the DLC, which has not ended, with the right C/R and P/F. */
void rt_rfcomm_dlc_on_frame(struct rt_rfcomm_dlc *dlc,
			    const struct rt_rfcomm_frame *frame);

/* MSC of the peer, which has been answered. */
void rt_rfcomm_dlc_on_msc(struct rt_rfcomm_dlc *dlc,
			  const struct rt_rfcomm_mcc_msc *msc);

/* Our MSC has been answered, or the peer does not know it. */
void rt_rfcomm_dlc_on_msc_answer(struct rt_rfcomm_dlc *dlc);

/*
 * The peer sends data already: whatever it still owes, the DLC is open. True
 * if it is when the user has heard of it.
 */
bool rt_rfcomm_dlc_open_early(struct rt_rfcomm_dlc *dlc) RT_MUST_CHECK;

/* The DLC of a completion, gone or not; a PDU less is under way. */
void rt_rfcomm_dlc_completed(struct rt_rfcomm *rfcomm,
			     const struct rt_done *done, bool written);

/* The figures as of now. */
void rt_rfcomm_dlc_get_info(const struct rt_rfcomm_dlc *dlc,
			    struct rt_rfcomm_info *ret_info);

#endif
