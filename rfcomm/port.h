/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_PORT_H
#define RT_RFCOMM_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "rfcomm/line.h"
#include "rfcomm/mcc.h"
#include "rfcomm/rfcomm.h"
#include "stack/timer.h"

/*
 * The serial port that a DLC emulates: modem signals and break (MSC), the
 * settings of the line (RPN), its errors (RLS).
 *
 * Of each of our commands one is under way; what changes meanwhile goes out
 * merged when its answer has come. The FC bit of MSC alone waits for nobody.
 * An answer that does not come within T2 is not waited for any longer, and the
 * DLC lives on: the data does not depend on it.
 *
 * The user hears nothing before `opened`: what the peer said until then comes
 * right after it.
 */

struct rt_rfcomm_dlc;
struct rt_rfcomm_session;

/* A command of ours that waits for its answer. */
struct rt_rfcomm_command {
	struct rt_timer timer; /* T2 */
	uint32_t serial;       /* of the oldest: who is first to get an NSC */
	uint8_t unanswered;
};

struct rt_rfcomm_port {
	const struct rt_rfcomm_port_ops *ops; /* may be NULL */
	struct rt_rfcomm_modem ours;	      /* break: still to be sent */
	struct rt_rfcomm_modem peers;	      /* break: still to be told */
	uint8_t told; /* our signals as the peer has them from MSC */
	bool modem_news;
	bool line_news;
	struct rt_rfcomm_line line;
	struct rt_rfcomm_command msc;
	struct rt_rfcomm_command rpn;
	struct rt_rfcomm_command rls;
};

/* True if these bits are modem signals. */
bool rt_rfcomm_port_signals_are_valid(uint8_t signals);

/* Prepares the port of a new DLC. `signals` 0: ready, and carrier. */
void rt_rfcomm_port_init(struct rt_rfcomm_dlc *dlc,
			 const struct rt_rfcomm_port_ops *ops, uint8_t signals);

/* The DLC has ended: nothing is waited for any more. */
void rt_rfcomm_port_stop(struct rt_rfcomm_dlc *dlc);

/*
 * The DLC has opened: from now on T2 runs for the MSC that the peer may not
 * have answered yet.
 */
void rt_rfcomm_port_opened(struct rt_rfcomm_dlc *dlc);

/*
 * Tells the user of an open DLC what it has not heard yet. Afterwards the DLC
 * may be gone.
 */
void rt_rfcomm_port_tell(struct rt_rfcomm *rfcomm, rt_handle handle);

/* True if the peer should have an MSC from an open DLC now. */
bool rt_rfcomm_port_msc_is_due(const struct rt_rfcomm_dlc *dlc);

/*
 * Queues the MSC that says how the DLC stands on our side. Returns 0, -ENOSPC
 * or -ENOMEM.
 */
int rt_rfcomm_port_send_msc(struct rt_rfcomm_dlc *dlc) RT_MUST_CHECK;

/* Takes over what an MSC of the peer says; the user is not told yet. */
void rt_rfcomm_port_on_msc(struct rt_rfcomm_dlc *dlc,
			   const struct rt_rfcomm_mcc_msc *msc);

/*
 * An MSC of ours was answered, or the peer does not know MSC. False if there
 * is none that waits for it.
 */
bool rt_rfcomm_port_on_msc_answer(struct rt_rfcomm_dlc *dlc) RT_MUST_CHECK;

/* RPN of the peer with `value`: answers it, and tells the user. */
void rt_rfcomm_port_on_rpn(struct rt_rfcomm_session *session,
			   struct rt_bytes value);

/* The answer to RPN of ours. False if there is none that waits for it. */
bool rt_rfcomm_port_on_rpn_answer(struct rt_rfcomm_dlc *dlc,
				  struct rt_bytes value) RT_MUST_CHECK;

/* The peer does not know RPN, which we sent. */
void rt_rfcomm_port_rpn_not_known(struct rt_rfcomm_dlc *dlc);

/* RLS of the peer, which has been answered: tells the user. */
void rt_rfcomm_port_on_rls(struct rt_rfcomm_dlc *dlc, uint8_t status);

/*
 * RLS of ours was answered, or the peer does not know it. False if there is
 * none.
 */
bool rt_rfcomm_port_on_rls_answer(struct rt_rfcomm_dlc *dlc) RT_MUST_CHECK;

/* See rt_rfcomm_set_modem(). */
int rt_rfcomm_port_set_modem(struct rt_rfcomm_dlc *dlc,
			     const struct rt_rfcomm_modem *modem) RT_MUST_CHECK;

/* See rt_rfcomm_set_line(), and with NULL rt_rfcomm_query_line(). */
int rt_rfcomm_port_send_rpn(struct rt_rfcomm_dlc *dlc,
			    const struct rt_rfcomm_line *line) RT_MUST_CHECK;

/* See rt_rfcomm_send_line_status(). */
int rt_rfcomm_port_send_rls(struct rt_rfcomm_dlc *dlc,
			    uint8_t status) RT_MUST_CHECK;

#endif
