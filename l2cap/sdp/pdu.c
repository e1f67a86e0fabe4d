/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/pdu.h"

#define RT_CODEC_FILE "l2cap/sdp/pdu.def"
#define RT_CODEC_NAME(name) rt_sdp_##name
#define RT_CODEC_CODE(NAME) RT_SDP_##NAME
#define RT_CODEC_TABLE rt_sdp_pdu_table
#include "stack/codec_tables.h"

#define LENGTH_AT 3 /* of the header */

bool rt_sdp_pdu_is_response(uint8_t id)
{
	return id == RT_SDP_ERROR_RSP || id == RT_SDP_SEARCH_RSP ||
	       id == RT_SDP_ATTR_RSP || id == RT_SDP_SEARCH_ATTR_RSP;
}

bool rt_sdp_pdu_read(struct rt_bytes sdu, struct rt_sdp_pdu *ret_pdu)
{
	struct rt_rd r = rt_rd_init(sdu);
	struct rt_sdp_pdu pdu = { 0 };
	size_t length;

	pdu.id = rt_rd_u8(&r);
	pdu.tid = (uint16_t)rt_rd_be(&r, 2);
	pdu.named = rt_rd_ok(&r);
	length = (size_t)rt_rd_be(&r, 2);
	pdu.params = rt_rd_take(&r, length);
	*ret_pdu = pdu;
	return rt_rd_done(&r);
}

void rt_sdp_pdu_begin(struct rt_wr *w, uint8_t id, uint16_t tid)
{
	rt_wr_u8(w, id);
	rt_wr_be(w, tid, 2);
	rt_wr_be(w, 0, 2);
}

void rt_sdp_pdu_end(struct rt_wr *w)
{
	struct rt_wr length;

	if (!rt_wr_ok(w))
		return;
	length = rt_wr_init(w->start + LENGTH_AT, 2);
	rt_wr_be(&length, w->len - RT_SDP_HEADER_BYTES, 2);
}

struct rt_bytes rt_sdp_pdu_take_continuation(struct rt_rd *r)
{
	return rt_rd_take(r, rt_rd_u8(r));
}
