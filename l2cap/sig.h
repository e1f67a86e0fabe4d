/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_SIG_H
#define RT_L2CAP_SIG_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/pdu.h"

#define RT_CODEC_FILE "l2cap/sig.def"
#define RT_CODEC_NAME(name) rt_l2cap_##name
#define RT_CODEC_CODE(NAME) RT_L2CAP_##NAME
#define RT_CODEC_TABLE rt_l2cap_sig_table
#include "stack/codec_types.h"

/*
 * The signalling channel of a link (Core Vol 3 Part A 4): takes C-frames
 * apart, hands each command to whom it concerns, and sends what is owed to the
 * peer: answers first, then requests, one command a C-frame.
 *
 * For every request an answer is reserved before anybody acts on it. If that
 * is not possible (limit of queued answers, no memory), the request is dropped
 * as if it had been lost: the peer's RTX timer brings it again.
 */

struct rt_l2cap_link;

/* Our C-frames are never longer: every peer must take them (4: MTUsig). */
#define RT_L2CAP_SIG_BYTES 48
#define RT_L2CAP_SIG_HEADER_BYTES 4
#define RT_L2CAP_SIG_DATA_BYTES (RT_L2CAP_SIG_BYTES - RT_L2CAP_SIG_HEADER_BYTES)

/* Reasons of a command reject (4.1). */
enum rt_l2cap_rej_reason {
	RT_L2CAP_REJ_NOT_UNDERSTOOD = 0,
	RT_L2CAP_REJ_MTU_EXCEEDED = 1,
	RT_L2CAP_REJ_INVALID_CID = 2,
};

/* A command that has arrived. */
struct rt_l2cap_cmd {
	struct rt_l2cap_link *link;
	uint8_t code;
	uint8_t ident;
	struct rt_bytes data;
	struct rt_pkt *reply; /* reserved for the answer to a request */
};

/* Takes in the payload of a C-frame. */
void rt_l2cap_sig_rx(struct rt_l2cap_link *link, struct rt_bytes frame);

/* Fills *pdu with the next C-frame that is owed to the peer, if any is. */
bool rt_l2cap_sig_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu);

/* Writes a command to `buf` of RT_L2CAP_SIG_BYTES. Returns its octets. */
uint16_t rt_l2cap_sig_encode(const struct rt_codec_msg *desc, const void *msg,
			     uint8_t ident, uint8_t *buf);

/* Answers a request. Does nothing if that has been done. */
void rt_l2cap_sig_answer(struct rt_l2cap_cmd *cmd,
			 const struct rt_codec_msg *desc, const void *msg);

/*
 * Answers a request that names a channel id which is not valid: Command
 * Reject with the ids as we see them, 0 for one that is not known (4.1).
 */
void rt_l2cap_sig_reject_cid(struct rt_l2cap_cmd *cmd, uint16_t local,
			     uint16_t remote);

/*
 * Answers a request with contents that make no sense, and counts it: Command
 * Reject, "not understood" (4.1).
 */
void rt_l2cap_sig_reject_malformed(struct rt_l2cap_cmd *cmd);

/* Queues an answer that was made before; it does not count for the limit. */
void rt_l2cap_sig_queue(struct rt_l2cap_link *link, struct rt_pkt *reply);

/* Counts a response that nobody waits for, or that does not fit. */
void rt_l2cap_sig_unexpected(const struct rt_l2cap_cmd *cmd);

/* Counts a response with contents that make no sense. */
void rt_l2cap_sig_malformed(const struct rt_l2cap_cmd *cmd);

#endif
