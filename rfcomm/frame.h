/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_FRAME_H
#define RT_RFCOMM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/pdu.h"
#include "stack/wr.h"

/*
 * Frames of TS 07.10 as RFCOMM has them (T:5.2, R:4.2): no flags, no
 * stuffing, one frame an L2CAP SDU.
 *
 *	address | control | length, 1 or 2 | credits, 0 or 1 | information | FCS
 *
 * The length counts the information alone. The credit octet is there in UIH
 * frames with P/F = 1 on a DLC with credit based flow control, so it takes the
 * DLC to find the information: parse the frame, find the DLC, then ask
 * rt_rfcomm_frame_info().
 */

/* The control octet without P/F. */
enum rt_rfcomm_frame_type {
	RT_RFCOMM_SABM = 0x2f,
	RT_RFCOMM_UA = 0x63,
	RT_RFCOMM_DM = 0x0f,
	RT_RFCOMM_DISC = 0x43,
	RT_RFCOMM_UIH = 0xef,
};

#define RT_RFCOMM_PF 0x10

/* Valid DLCIs of data link connections; 0 is the multiplexer (R:5.4). */
#define RT_RFCOMM_DLCI_MIN 2
#define RT_RFCOMM_DLCI_MAX 61

/* Address, control, length of two octets, credits and FCS. */
#define RT_RFCOMM_OVERHEAD_BYTES 6

#define RT_RFCOMM_LEN_MAX 32767 /* of the information: 15 bits */

struct rt_rfcomm_frame {
	uint8_t type; /* enum rt_rfcomm_frame_type */
	uint8_t dlci;
	bool cr;
	bool pf;
	uint16_t len;	      /* the length field */
	struct rt_bytes body; /* what stands between length field and FCS */
};

/* What a frame of ours begins with. */
struct rt_rfcomm_head {
	uint8_t type; /* enum rt_rfcomm_frame_type */
	uint8_t dlci;
	bool cr;
	bool pf;
	bool has_credits; /* a credit octet follows the length; pf is set */
	uint8_t credits;
	uint16_t len; /* of the information, at most RT_RFCOMM_LEN_MAX */
};

/*
 * The name of a frame type: "SABM"; "?" for other octets.
 */
const char *rt_rfcomm_frame_name(uint8_t type);

/*
 * The frame check sequence of `view` (T:5.2.1.6): CRC-8, polynomial 0x07
 * reflected, complemented.
 */
uint8_t rt_rfcomm_fcs(struct rt_bytes view);

/*
 * Parses an SDU. The body points into it. UIH frames are checked over address
 * and control, the others over the length too (R:5.1.1).
 *
 * Returns 0, -EBADMSG for what is no frame, or -EILSEQ if the FCS is wrong;
 * *ret_frame is untouched then.
 */
int rt_rfcomm_frame_parse(struct rt_bytes sdu,
			  struct rt_rfcomm_frame *ret_frame) RT_MUST_CHECK;

/*
 * Parts the body of a UIH frame in credits and information. `credit_flow`
 * tells whether its DLC has credit based flow control.
 *
 * Returns 0, or -EBADMSG if the length field disagrees with what is there.
 */
int rt_rfcomm_frame_info(const struct rt_rfcomm_frame *frame, bool credit_flow,
			 uint8_t *ret_credits,
			 struct rt_bytes *ret_info) RT_MUST_CHECK;

/*
 * The C/R bit of our frames (T:5.2.1.2): `initiator` says whether we opened
 * the session. A response has the C/R of the other side's commands, and UIH
 * is a command always.
 */
bool rt_rfcomm_frame_cr(uint8_t type, bool initiator);

/* Writes address, control, length and credit octet. */
void rt_rfcomm_frame_write_head(struct rt_wr *w,
				const struct rt_rfcomm_head *head);

/* The FCS of a frame that begins with `head`. */
uint8_t rt_rfcomm_frame_head_fcs(const struct rt_rfcomm_head *head);

/* Puts `head` in front of the body of the PDU and the FCS behind it. */
void rt_rfcomm_frame_wrap(struct rt_pdu *pdu,
			  const struct rt_rfcomm_head *head);

#endif
