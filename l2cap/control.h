/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_CONTROL_H
#define RT_L2CAP_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/chan.h"
#include "l2cap/sar.h"
#include "stack/pdu.h"
#include "stack/rd.h"
#include "stack/wr.h"

/*
 * The control field of I-frames and S-frames (Core Vol 3 Part A 3.3.2): two
 * octets, or four if an extended window was agreed on.
 */

#define RT_L2CAP_CONTROL_BYTES 2
#define RT_L2CAP_CONTROL_EXTENDED_BYTES 4

/* Largest sequence number; all arithmetic is modulo one more. */
#define RT_L2CAP_SEQ_MAX 63
#define RT_L2CAP_SEQ_EXTENDED_MAX 16383

/* Supervisory functions, as they are coded. */
enum rt_l2cap_function {
	RT_L2CAP_RR = 0,   /* receiver ready */
	RT_L2CAP_REJ = 1,  /* reject: all from ReqSeq on are wanted again */
	RT_L2CAP_RNR = 2,  /* receiver not ready */
	RT_L2CAP_SREJ = 3, /* selective reject: one frame is wanted again */
};

struct rt_l2cap_control {
	bool supervisory;		 /* S-frame; otherwise an I-frame */
	bool final;			 /* F: answers a poll */
	bool poll;			 /* P; S-frames only */
	enum rt_l2cap_function function; /* S-frames only */
	enum rt_l2cap_sar sar;		 /* I-frames only */
	uint16_t req_seq; /* the next frame expected of who reads this */
	uint16_t tx_seq;  /* I-frames only */
};

/* Octets of the longest frame to the channel, from control field to FCS. */
uint16_t rt_l2cap_control_limit(const struct rt_l2cap_chan *chan);

/* Octets of a control field. */
size_t rt_l2cap_control_bytes(bool extended);

/*
 * Reads a control field, and sets *ret_control; reserved bits are ignored.
 * Returns 0, or -EBADMSG if octets are missing.
 */
int rt_l2cap_control_read(struct rt_rd *r, bool extended,
			  struct rt_l2cap_control *ret_control) RT_MUST_CHECK;

/*
 * Takes a frame to the channel apart, as was agreed on: control field, FCS.
 * *payload becomes what stands between them. Returns 0, -EILSEQ (FCS wrong, or
 * no room for it), or -EBADMSG: not a frame of 3.3, or longer than the MPS;
 * *ret_control and *payload are untouched then.
 */
int rt_l2cap_control_take(const struct rt_l2cap_chan *chan,
			  struct rt_bytes *payload,
			  struct rt_l2cap_control *ret_control) RT_MUST_CHECK;

/*
 * Makes what is in *pdu a frame of the channel: puts a control field in front,
 * and FCS behind if that was agreed on.
 */
void rt_l2cap_control_put(const struct rt_l2cap_chan *chan,
			  const struct rt_l2cap_control *control,
			  struct rt_pdu *pdu);

/* Appends a control field. */
void rt_l2cap_control_write(const struct rt_l2cap_control *control,
			    bool extended, struct rt_wr *w);

#endif
