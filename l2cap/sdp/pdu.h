/* SPDX-License-Identifier: MIT */
#ifndef RT_SDP_PDU_H
#define RT_SDP_PDU_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/rd.h"
#include "stack/wr.h"

#define RT_CODEC_FILE "l2cap/sdp/pdu.def"
#define RT_CODEC_NAME(name) rt_sdp_##name
#define RT_CODEC_CODE(NAME) RT_SDP_##NAME
#define RT_CODEC_TABLE rt_sdp_pdu_table
#include "stack/codec_types.h"

/*
 * A PDU of SDP: its header (Core Vol 3 Part B 4.2) and the parameters. All of
 * it is big endian.
 */

#define RT_SDP_HEADER_BYTES 5
#define RT_SDP_CONTINUATION_MAX                      \
	16 /* octets of a continuation state (B:4.3) \
	    */

struct rt_sdp_pdu {
	bool named; /* id and transaction id were there */
	uint8_t id;
	uint16_t tid; /* transaction id */
	struct rt_bytes params;
};

/* True if the id is that of a response, an error response too. */
bool rt_sdp_pdu_is_response(uint8_t id);

/*
 * Takes an SDU apart. True if it is one PDU whose parameter length is right.
 * What there is of its header is set in any case.
 */
bool rt_sdp_pdu_read(struct rt_bytes sdu, struct rt_sdp_pdu *ret_pdu);

/* Begins a PDU in an empty writer: its header, with a length of 0 for now. */
void rt_sdp_pdu_begin(struct rt_wr *w, uint8_t id, uint16_t tid);

/* Completes it: fills in the parameter length. */
void rt_sdp_pdu_end(struct rt_wr *w);

/* Takes a continuation state with the length in front of it (B:4.3). */
struct rt_bytes rt_sdp_pdu_take_continuation(struct rt_rd *r);

#endif
