/* SPDX-License-Identifier: MIT */
#ifndef RT_RFCOMM_MCC_H
#define RT_RFCOMM_MCC_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/codec.h"
#include "stack/rd.h"
#include "stack/wr.h"

/*
 * Multiplexer commands (T:5.4.6): what UIH frames on DLCI 0 carry, one or
 * more a frame.
 *
 *	type | length, 1 or 2 | value
 *
 * The type octet is (type << 2) | C/R << 1 | EA. Its C/R says whether this is
 * a command or a response, whichever side sends it.
 */

#define RT_CODEC_FILE "rfcomm/mcc.def"
#define RT_CODEC_NAME(name) rt_rfcomm_mcc_##name
#define RT_CODEC_CODE(NAME) RT_RFCOMM_MCC_##NAME
#define RT_CODEC_TABLE rt_rfcomm_mcc_table
#include "stack/codec_types.h"

/* Bits of `signals` in MSC (T:5.4.6.3.7). */
#define RT_RFCOMM_V24_EA 0x01
#define RT_RFCOMM_V24_FC 0x02  /* the sender cannot take frames */
#define RT_RFCOMM_V24_RTC 0x04 /* ready to communicate: DSR, DTR */
#define RT_RFCOMM_V24_RTR 0x08 /* ready to receive: RTS, CTS */
#define RT_RFCOMM_V24_IC 0x40  /* incoming call: RI */
#define RT_RFCOMM_V24_DV 0x80  /* data valid: DCD */

/* Octets of the longest header: type and a length of two octets. */
#define RT_RFCOMM_MCC_HEADER_BYTES 3

struct rt_rfcomm_mcc {
	uint8_t octet; /* the type octet as received */
	uint8_t type;  /* 6 bits */
	bool command;
	struct rt_bytes value;
};

/*
 * Reads the next message of a frame; the value points into it.
 *
 * Returns 0, or -EBADMSG if octets are missing or the type is not of one
 * octet; *ret_mcc is untouched then, and the rest cannot be read.
 */
int rt_rfcomm_mcc_next(struct rt_rd *r,
		       struct rt_rfcomm_mcc *ret_mcc) RT_MUST_CHECK;

/* The type octet of a message. */
uint8_t rt_rfcomm_mcc_octet(uint8_t type, bool command);

/* True if a type octet is that of a command. */
bool rt_rfcomm_mcc_is_command(uint8_t octet);

/* Octets that a message with a value of `value_bytes` takes. */
size_t rt_rfcomm_mcc_bytes(size_t value_bytes);

/* Writes a message. The value has at most 32767 octets. */
void rt_rfcomm_mcc_write(struct rt_wr *w, uint8_t octet, struct rt_bytes value);

/* The address octet of MSC, RPN and RLS: (DLCI << 2) | 3. */
uint8_t rt_rfcomm_mcc_address(uint8_t dlci);

/*
 * The DLCI of an address octet.
 *
 * Returns 0, or -EBADMSG if EA is missing or it is no DLCI of a data link
 * connection. C/R is not looked at: peers disagree about it.
 */
int rt_rfcomm_mcc_dlci(uint8_t address, uint8_t *ret_dlci) RT_MUST_CHECK;

#endif
