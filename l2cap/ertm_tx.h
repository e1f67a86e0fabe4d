/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_ERTM_TX_H
#define RT_L2CAP_ERTM_TX_H

#include "l2cap/ertm.h"

/*
 * The transmitter of ERTM (Core Vol 3 Part A 8.6.5): I-frames until they are
 * acknowledged, polls, and the timers that wait for either.
 */

/* An I-frame that was sent and not acknowledged. */
struct rt_l2cap_ertm_frame {
	struct rt_list node;	  /* on tx.unacked */
	struct rt_l2cap_sdu *sdu; /* whose octets it carries */
	size_t from;
	uint16_t len;
	uint16_t tx_seq;
	enum rt_l2cap_sar sar;
	uint32_t sent;	      /* times */
	struct rt_list again; /* on tx.again, if to be sent once more */
};

/* Prepares a transmitter in XMIT that has sent nothing. */
void rt_l2cap_ertm_tx_init(struct rt_l2cap_ertm *e);

/*
 * Stops the timers, frees, and hands SDUs that the user has not been told of
 * to rt_l2cap_sdu_unsent().
 */
void rt_l2cap_ertm_tx_fini(struct rt_l2cap_ertm *e);

/* An event; *control is the frame's, NULL if it is none. */
void rt_l2cap_ertm_tx_event(struct rt_l2cap_ertm *e,
			    enum rt_l2cap_ertm_tx_event event,
			    const struct rt_l2cap_control *control);

/* True if ReqSeq is none that the peer may send with that frame (8.6.5). */
bool rt_l2cap_ertm_tx_refuses(const struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control);

/* Retransmit-I-frames: all that are unacknowledged. */
void rt_l2cap_ertm_tx_again_all(struct rt_l2cap_ertm *e);

/*
 * Retransmit-Requested-I-frame: the one with this number. Frames leave again
 * in the order in which they were asked for: the peer takes one that comes out
 * of turn for a sign that those before it were lost.
 */
void rt_l2cap_ertm_tx_again(struct rt_l2cap_ertm *e, uint16_t tx_seq);

/* I-frames that are unacknowledged. */
uint16_t rt_l2cap_ertm_tx_unacked(const struct rt_l2cap_ertm *e);

/* I-frames that may be unacknowledged. */
uint16_t rt_l2cap_ertm_tx_window(const struct rt_l2cap_ertm *e);

/* True if a poll or an I-frame may leave now, as far as is known. */
bool rt_l2cap_ertm_tx_has_work(const struct rt_l2cap_ertm *e);

/* Fills *pdu with a poll if one is owed. */
bool rt_l2cap_ertm_tx_pull_poll(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/*
 * Fills *pdu with the I-frame that SREJ with P=1 asked for, with F=1; false if
 * it may not be sent now.
 */
bool rt_l2cap_ertm_tx_pull_final(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/* Fills *pdu with an I-frame to be sent again, if there is one. */
bool rt_l2cap_ertm_tx_pull_again(struct rt_l2cap_ertm *e, struct rt_pdu *pdu);

/*
 * Fills *pdu with a new I-frame, if one may leave, with F as given. Asks the
 * user, who may end the channel: if false is returned, look whether the mode
 * is still there.
 */
bool rt_l2cap_ertm_tx_pull_new(struct rt_l2cap_ertm *e, bool final,
			       struct rt_pdu *pdu);

/*
 * The channel is suspended: no timer runs. A poll that waited for its answer
 * is owed again.
 */
void rt_l2cap_ertm_tx_suspend(struct rt_l2cap_ertm *e);

/*
 * It goes on, with a poll, and without what was to be sent again: the peer may
 * have it by now, and have said so meanwhile. A frame that it has got is one
 * that it has not, further on, where sequence numbers come round.
 */
void rt_l2cap_ertm_tx_resume(struct rt_l2cap_ertm *e);

/* Arms and stops the retransmission timer as the state wants it. */
void rt_l2cap_ertm_tx_settle(struct rt_l2cap_ertm *e);

/* What must hold of the transmitter: NULL, or the sentence that does not. */
const char *rt_l2cap_ertm_tx_check(const struct rt_l2cap_ertm *e);

#endif
