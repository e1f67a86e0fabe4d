/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_LINE_H
#define RT_RFCOMM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "rfcomm/mcc.h"
#include "rfcomm/rfcomm.h"

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

/* What a line has until somebody says otherwise: 9600 8N1, no flow control. */
extern const struct rt_rfcomm_line rt_rfcomm_line_default;

/* True if two lines have the same settings. */
bool rt_rfcomm_line_equal(const struct rt_rfcomm_line *a,
			  const struct rt_rfcomm_line *b);

/* True if each setting has a meaning. */
bool rt_rfcomm_line_is_valid(const struct rt_rfcomm_line *line);

/*
 * Reads the settings from a response. Reserved bits are dropped. Returns 0, or
 * -EBADMSG if one has no meaning.
 */
int rt_rfcomm_line_read(const struct rt_rfcomm_mcc_rpn *response,
			struct rt_rfcomm_line *ret_line) RT_MUST_CHECK;

/*
 * Takes over what `request` asks for and makes sense, and makes the response:
 * the settings as they are from now on, and in the mask what was accepted.
 */
void rt_rfcomm_line_negotiate(struct rt_rfcomm_line *line,
			      const struct rt_rfcomm_mcc_rpn *request,
			      struct rt_rfcomm_mcc_rpn *ret_response);

/* Says all settings: the response to a query, or a proposal. */
void rt_rfcomm_line_report(const struct rt_rfcomm_line *line, uint8_t address,
			   struct rt_rfcomm_mcc_rpn *ret_rpn);

#endif
