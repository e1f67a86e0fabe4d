/* SPDX-License-Identifier: MIT */
#include "rfcomm/frame.h"

#include <errno.h>
#include <string.h>

#include "stack/rd.h"

#define EA 0x01
#define CR 0x02

#define HEAD_BYTES_MAX 5

/* x^8 + x^2 + x + 1, bits reversed: what four steps make of a low nibble. */
static const uint8_t crc_nibble[16] = {
	0x00, 0x1c, 0x38, 0x24, 0x70, 0x6c, 0x48, 0x54,
	0xe0, 0xfc, 0xd8, 0xc4, 0x90, 0x8c, 0xa8, 0xb4,
};

const char *rt_rfcomm_frame_name(uint8_t type)
{
	switch (type) {
	case RT_RFCOMM_SABM:
		return "SABM";
	case RT_RFCOMM_UA:
		return "UA";
	case RT_RFCOMM_DM:
		return "DM";
	case RT_RFCOMM_DISC:
		return "DISC";
	case RT_RFCOMM_UIH:
		return "UIH";
	}
	return "?";
}

uint8_t rt_rfcomm_fcs(struct rt_bytes view)
{
	uint8_t crc = 0xff;

	for (size_t i = 0; i < view.len; i++) {
		crc ^= view.ptr[i];
		crc = (uint8_t)(crc >> 4) ^ crc_nibble[crc & 15];
		crc = (uint8_t)(crc >> 4) ^ crc_nibble[crc & 15];
	}
	return (uint8_t)~crc;
}

static bool type_is_known(uint8_t type)
{
	return type == RT_RFCOMM_SABM || type == RT_RFCOMM_UA ||
	       type == RT_RFCOMM_DM || type == RT_RFCOMM_DISC ||
	       type == RT_RFCOMM_UIH;
}

int rt_rfcomm_frame_parse(struct rt_bytes sdu,
			  struct rt_rfcomm_frame *ret_frame)
{
	struct rt_rd r = rt_rd_init(sdu);
	const uint8_t address = rt_rd_u8(&r);
	const uint8_t control = rt_rd_u8(&r);
	const uint8_t low = rt_rd_u8(&r);
	const uint8_t high = low & EA ? 0 : rt_rd_u8(&r);
	struct rt_rfcomm_frame frame = {
		.type = control & (uint8_t)~RT_RFCOMM_PF,
		.dlci = address >> 2,
		.cr = address & CR,
		.pf = control & RT_RFCOMM_PF,
		.len = (uint16_t)(low >> 1 | high << 7),
	};
	size_t covered;
	uint8_t fcs;

	if (rt_rd_left(&r) < 1)
		return -EBADMSG;
	frame.body = rt_rd_take(&r, rt_rd_left(&r) - 1);
	fcs = rt_rd_u8(&r);
	if (!type_is_known(frame.type))
		return -EBADMSG;

	covered =
		frame.type == RT_RFCOMM_UIH ? 2 : sdu.len - frame.body.len - 1;
	if (fcs != rt_rfcomm_fcs(rt_bytes(sdu.ptr, covered)))
		return -EILSEQ;
	if (!(address & EA))
		return -EBADMSG;
	/* No information in the others, and so one octet says its length. */
	if (frame.type != RT_RFCOMM_UIH && (low != EA || frame.body.len != 0))
		return -EBADMSG;
	*ret_frame = frame;
	return 0;
}

int rt_rfcomm_frame_info(const struct rt_rfcomm_frame *frame, bool credit_flow,
			 uint8_t *ret_credits, struct rt_bytes *ret_info)
{
	const bool has_credits = credit_flow && frame->pf &&
				 frame->type == RT_RFCOMM_UIH &&
				 frame->dlci != 0;
	struct rt_rd r = rt_rd_init(frame->body);
	const uint8_t credits = has_credits ? rt_rd_u8(&r) : 0;
	const struct rt_bytes info = rt_rd_take(&r, frame->len);

	if (!rt_rd_done(&r))
		return -EBADMSG;
	*ret_credits = credits;
	*ret_info = info;
	return 0;
}

bool rt_rfcomm_frame_cr(uint8_t type, bool initiator)
{
	if (type == RT_RFCOMM_UA || type == RT_RFCOMM_DM)
		return !initiator;
	return initiator;
}

void rt_rfcomm_frame_write_head(struct rt_wr *w,
				const struct rt_rfcomm_head *head)
{
	rt_wr_u8(w, (uint8_t)(head->dlci << 2 | (head->cr ? CR : 0) | EA));
	rt_wr_u8(w, (uint8_t)(head->type | (head->pf ? RT_RFCOMM_PF : 0)));
	if (head->len <= 127)
		rt_wr_u8(w, (uint8_t)(head->len << 1 | EA));
	else
		rt_wr_le16(w, (uint16_t)(head->len << 1));
	if (head->has_credits)
		rt_wr_u8(w, head->credits);
}

uint8_t rt_rfcomm_frame_head_fcs(const struct rt_rfcomm_head *head)
{
	uint8_t octets[HEAD_BYTES_MAX];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	struct rt_bytes covered;

	rt_rfcomm_frame_write_head(&w, head);
	covered = rt_wr_bytes(&w);
	if (head->type == RT_RFCOMM_UIH)
		covered.len = 2;
	return rt_rfcomm_fcs(covered);
}

void rt_rfcomm_frame_wrap(struct rt_pdu *pdu, const struct rt_rfcomm_head *head)
{
	uint8_t octets[HEAD_BYTES_MAX];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	struct rt_bytes front;

	rt_rfcomm_frame_write_head(&w, head);
	front = rt_wr_bytes(&w);
	memcpy(rt_pdu_push(pdu, front.len), front.ptr, front.len);
	*rt_pdu_append(pdu, 1) = rt_rfcomm_frame_head_fcs(head);
}
