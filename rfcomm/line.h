/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_LINE_H
#define RT_RFCOMM_LINE_H

#include <stdint.h>

#include "rfcomm/mcc.h"

/*
 * Settings of the emulated serial line, as RPN carries them (T:5.4.6.3.9,
 * R:5.5.1). No line is behind a DLC, so whatever has a meaning is accepted.
 */

/* Bits of the parameter mask, which say what a message is about. */
#define RT_RFCOMM_RPN_BAUD 0x0001
#define RT_RFCOMM_RPN_DATA_BITS 0x0002
#define RT_RFCOMM_RPN_STOP_BITS 0x0004
#define RT_RFCOMM_RPN_PARITY 0x0008
#define RT_RFCOMM_RPN_PARITY_TYPE 0x0010
#define RT_RFCOMM_RPN_XON 0x0020
#define RT_RFCOMM_RPN_XOFF 0x0040
#define RT_RFCOMM_RPN_FLOW 0x3f00 /* a bit for each kind */
#define RT_RFCOMM_RPN_ALL 0x3f7f

struct rt_rfcomm_line {
	uint8_t baud; /* 0: 2400 to 8: 230400 */
	uint8_t bits; /* data bits - 5, stop bits << 2, parity << 3, type << 4
		       */
	uint8_t flow; /* the same bits as RT_RFCOMM_RPN_FLOW >> 8 */
	uint8_t xon;
	uint8_t xoff;
};

/* What a line has until somebody says otherwise: 9600 8N1, no flow control. */
extern const struct rt_rfcomm_line rt_rfcomm_line_default;

/*
 * Takes over what `request` asks for and makes sense, and makes the response:
 * the settings as they are from now on, and in the mask what was accepted.
 */
void rt_rfcomm_line_negotiate(struct rt_rfcomm_line *line,
			      const struct rt_rfcomm_mcc_rpn *request,
			      struct rt_rfcomm_mcc_rpn *ret_response);

/* Makes the response to a query. */
void rt_rfcomm_line_report(const struct rt_rfcomm_line *line, uint8_t address,
			   struct rt_rfcomm_mcc_rpn *ret_response);

#endif
