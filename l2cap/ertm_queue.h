/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ERTM_QUEUE_H
#define RT_L2CAP_ERTM_QUEUE_H

#include "l2cap/ertm.h"

/*
 * What an ERTM channel has received, until the user has it and the peer knows:
 * frames behind others that are missing, frames that wait for room, the SDU
 * that is being put together, and the list of what is missing.
 *
 * Frames that come while our user has no room are kept, not acknowledged, up
 * to the window: nobody has to send them again. Nothing is kept beyond it.
 */

/* A frame that waits for others, or for room. */
struct rt_l2cap_ertm_kept {
	struct rt_list node; /* on rx.kept, by TxSeq */
	struct rt_l2cap_control control;
	uint16_t len;
	uint8_t data[];
};

/* True if the user has room for the longest SDU. */
bool rt_l2cap_ertm_queue_has_room(const struct rt_l2cap_ertm *e);

/* Where in the list of missing frames (SrejList) one is; -1: not there. */
int rt_l2cap_ertm_queue_missing(const struct rt_l2cap_ertm *e, uint16_t tx_seq);

/* Takes the next number of that list that has not been asked for. */
uint16_t rt_l2cap_ertm_queue_next_missing(struct rt_l2cap_ertm *e);

/*
 * Takes in the frame that is expected. Its payload is not copied if it can be
 * taken out before anybody else is called. False without memory: it is lost.
 */
bool rt_l2cap_ertm_queue_accept(struct rt_l2cap_ertm *e,
				const struct rt_l2cap_control *control,
				struct rt_bytes payload);

/*
 * Takes in the frame behind the one that is expected, which is missing from
 * now on. False without memory.
 */
bool rt_l2cap_ertm_queue_skip(struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control,
			      struct rt_bytes payload);

/*
 * Takes in a frame that was missing. Those that were asked for before it are
 * to be asked for once more. False without memory.
 */
bool rt_l2cap_ertm_queue_fill(struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control,
			      struct rt_bytes payload);

/*
 * Takes frames out while there are any and room. Returns 1 and sets *ret_whole
 * when an SDU is complete; 0 if there is nothing (more) to take; or -EBADMSG,
 * -EMSGSIZE.
 */
int rt_l2cap_ertm_queue_take(struct rt_l2cap_ertm *e,
			     struct rt_l2cap_whole *ret_whole) RT_MUST_CHECK;

/* An acknowledgement is to be sent now. */
void rt_l2cap_ertm_queue_owe_ack(struct rt_l2cap_ertm *e);

/* All that was taken out is acknowledged by what is being sent. */
void rt_l2cap_ertm_queue_acked(struct rt_l2cap_ertm *e);

/* Frees everything. */
void rt_l2cap_ertm_queue_free(struct rt_l2cap_ertm *e);

/* What must hold: NULL, or the sentence that does not. */
const char *rt_l2cap_ertm_queue_check(const struct rt_l2cap_ertm *e);

#endif
