/* SPDX-License-Identifier: MIT */
#include "rfcomm/line.h"

#include <errno.h>

#include "stack/base.h"

#define BAUD_MAX 8 /* 230400 */
#define BITS 0x3f
#define FLOW 0x3f

/* Where the settings of the mask bits 1 to 4 stand in `bits`. */
static const struct {
	uint8_t mask;
	uint8_t place;
} bits_of[] = {
	{ RT_RFCOMM_RPN_DATA_BITS, 0x03 },
	{ RT_RFCOMM_RPN_STOP_BITS, 0x04 },
	{ RT_RFCOMM_RPN_PARITY, 0x08 },
	{ RT_RFCOMM_RPN_PARITY_TYPE, 0x30 },
};

const struct rt_rfcomm_line rt_rfcomm_line_default = {
	.baud = 3,
	.bits = 0x03,
	.flow = 0,
	.xon = 0x11,
	.xoff = 0x13,
};

/* The bits of `now` where `place` has zeros, those of `want` elsewhere. */
static uint8_t merge(uint8_t now, uint8_t want, uint8_t place)
{
	return (uint8_t)((now & ~place) | (want & place));
}

bool rt_rfcomm_line_equal(const struct rt_rfcomm_line *a,
			  const struct rt_rfcomm_line *b)
{
	return a->baud == b->baud && a->bits == b->bits && a->flow == b->flow &&
	       a->xon == b->xon && a->xoff == b->xoff;
}

bool rt_rfcomm_line_is_valid(const struct rt_rfcomm_line *line)
{
	return line->baud <= BAUD_MAX && (line->bits & ~BITS) == 0 &&
	       (line->flow & ~FLOW) == 0;
}

int rt_rfcomm_line_read(const struct rt_rfcomm_mcc_rpn *response,
			struct rt_rfcomm_line *ret_line)
{
	const struct rt_rfcomm_line line = {
		.baud = response->baud,
		.bits = response->line & BITS,
		.flow = response->flow & FLOW,
		.xon = response->xon,
		.xoff = response->xoff,
	};

	if (!rt_rfcomm_line_is_valid(&line))
		return -EBADMSG;
	*ret_line = line;
	return 0;
}

void rt_rfcomm_line_negotiate(struct rt_rfcomm_line *line,
			      const struct rt_rfcomm_mcc_rpn *request,
			      struct rt_rfcomm_mcc_rpn *ret_response)
{
	uint16_t accepted = request->mask & RT_RFCOMM_RPN_ALL;

	if (request->baud > BAUD_MAX)
		accepted &= (uint16_t)~RT_RFCOMM_RPN_BAUD;
	if (accepted & RT_RFCOMM_RPN_BAUD)
		line->baud = request->baud;
	for (size_t i = 0; i < RT_ARRAY_SIZE(bits_of); i++) {
		if (accepted & bits_of[i].mask)
			line->bits = merge(line->bits, request->line,
					   bits_of[i].place);
	}
	line->flow = merge(line->flow, request->flow,
			   (uint8_t)((accepted & RT_RFCOMM_RPN_FLOW) >> 8));
	/* Any character will do: testers send 0x28 and 0xc8. */
	if (accepted & RT_RFCOMM_RPN_XON)
		line->xon = request->xon;
	if (accepted & RT_RFCOMM_RPN_XOFF)
		line->xoff = request->xoff;

	rt_rfcomm_line_report(line, request->address, ret_response);
	ret_response->mask = accepted;
}

void rt_rfcomm_line_report(const struct rt_rfcomm_line *line, uint8_t address,
			   struct rt_rfcomm_mcc_rpn *ret_rpn)
{
	*ret_rpn = (struct rt_rfcomm_mcc_rpn){
		.address = address,
		.baud = line->baud,
		.line = line->bits,
		.flow = line->flow,
		.xon = line->xon,
		.xoff = line->xoff,
		.mask = RT_RFCOMM_RPN_ALL,
	};
}
