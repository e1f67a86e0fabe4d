/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_TX_H
#define RT_RFCOMM_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rfcomm/frame.h"
#include "stack/codec.h"
#include "stack/list.h"
#include "stack/pdu.h"

/*
 * What a session sends. Control frames (all but UIH on a DLC) are built when
 * they are due and wait in one queue, in order; data frames are built when
 * L2CAP pulls, DLC by DLC in turn, and only when the queue is empty.
 *
 * Packets for short control frames are kept in reserve, for times without
 * memory: what a peer has to be told, or is waiting for, goes into one of
 * these. Where there is none left either, or its class is full, a frame is not
 * sent, and whoever waits for the answer is ended by its timer: ours by
 * timers.h, the peer by its own.
 */

struct rt_rfcomm_session;
struct rt_rfcomm_dlc;

/* What a control frame is, and so how many may wait. */
enum rt_rfcomm_tx_class {
	RT_RFCOMM_TX_OWN,    /* our requests: a few a DLC */
	RT_RFCOMM_TX_REPLY,  /* to multiplexer commands: limits.mcc_replies */
	RT_RFCOMM_TX_ANSWER, /* UA and DM: one a DLCI */
	RT_RFCOMM_TX_RAW,    /* made by hand: limits.rfcomm_raw */
	RT_RFCOMM_TX_CLASSES,
};

struct rt_rfcomm_tx {
	struct rt_list queue; /* of rt_pkt */
	uint32_t waiting[RT_RFCOMM_TX_CLASSES];
	uint32_t under_way;	/* control frames pulled and not completed */
	struct rt_list reserve; /* of rt_pkt */
	uint8_t reserved;	/* packets of it, in use or not */
};

/* Prepares an empty queue. */
void rt_rfcomm_tx_init(struct rt_rfcomm_tx *tx);

/* Drops what is queued, and the reserve. */
void rt_rfcomm_tx_clear(struct rt_rfcomm_session *session);

/*
 * Queues SABM, DISC, UA or DM with P/F = 1 for a DLCI; the C/R is the one of
 * our role.
 */
void rt_rfcomm_tx_frame(struct rt_rfcomm_session *session,
			enum rt_rfcomm_frame_type type, uint8_t dlci);

/* The same with a C/R that is not the one of our role. */
void rt_rfcomm_tx_frame_cr(struct rt_rfcomm_session *session,
			   enum rt_rfcomm_frame_type type, uint8_t dlci,
			   bool cr);

/*
 * Queues a command of ours that `desc` describes; at most eight octets. The
 * reserve is not for it. Returns 0, -ENOSPC (limit) or -ENOMEM.
 */
int rt_rfcomm_tx_command(struct rt_rfcomm_session *session,
			 const struct rt_codec_msg *desc,
			 const void *msg) RT_MUST_CHECK;

/*
 * The same for one that opens a DLC (PN, the first MSC), and is not made
 * again: the reserve is for it.
 */
int rt_rfcomm_tx_opening(struct rt_rfcomm_session *session,
			 const struct rt_codec_msg *desc,
			 const void *msg) RT_MUST_CHECK;

/* Queues a response that `desc` describes; at most eight octets. */
void rt_rfcomm_tx_response(struct rt_rfcomm_session *session,
			   const struct rt_codec_msg *desc, const void *msg);

/*
 * Queues the response of type `type` (6 bits) with the octets of `value`. One
 * that would not fit into an L2CAP SDU is not sent.
 */
void rt_rfcomm_tx_echo(struct rt_rfcomm_session *session, uint8_t type,
		       struct rt_bytes value);

/*
 * Queues a message with the type octet `octet` and these octets, as one of
 * `class`. Returns 0, -EMSGSIZE (does not fit into an L2CAP SDU), -ENOSPC
 * (limit) or -ENOMEM.
 */
int rt_rfcomm_tx_value(struct rt_rfcomm_session *session,
		       enum rt_rfcomm_tx_class class, uint8_t octet,
		       struct rt_bytes value) RT_MUST_CHECK;

/*
 * Queues a frame as it is, FCS included. Returns 0, -EMSGSIZE, -ENOSPC (limit)
 * or -ENOMEM.
 */
int rt_rfcomm_tx_raw(struct rt_rfcomm_session *session,
		     struct rt_bytes frame) RT_MUST_CHECK;

/* There may be something to pull: tells L2CAP. */
void rt_rfcomm_tx_kick(struct rt_rfcomm_session *session);

/* The next frame, as rt_l2cap_ops.pull. */
bool rt_rfcomm_tx_pull(struct rt_rfcomm_session *session, size_t max,
		       struct rt_pdu *pdu);

/* Control frames that are queued or under way. */
bool rt_rfcomm_tx_is_empty(const struct rt_rfcomm_session *session);

#endif
