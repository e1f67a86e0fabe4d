/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_TEMPLATE_H
#define RT_TOOL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A packet written by hand: hexadecimal digits in pairs, between which may be
 * blanks and colons, and names in braces of what its author can't know.
 */

#define RT_TEMPLATE_BYTES 65535

struct rt_template_values {
	bool frame;	  /* of RFCOMM; else the payload of an L2CAP PDU */
	bool has_cids;	  /* of a channel that is open */
	bool has_address; /* of a DLC that is open */
	uint16_t scid;
	uint16_t dcid;
	uint16_t cid; /* the channel that it is sent to */
	uint8_t ident;
	uint8_t address; /* octet of our commands on that DLC */
};

struct rt_template_packet {
	size_t bytes;
	uint8_t data[RT_TEMPLATE_BYTES];
};

/*
 * Makes the octets of the text:
 *
 *	{scid} {dcid}	channel ids, ours and the peer's: two octets
 *	{ident}		an identifier for a signalling command
 *	{address}	address octet of the DLC that is open
 *	{address0}	the same for DLCI 0
 *	{len}		octets that follow, without an FCS: two octets, or in a
 *			frame one, as it writes lengths
 *	{fcs}		FCS of a frame, or (two octets) of an I- or S-frame
 *
 * Returns 0, or -EINVAL after an error message: what *ret_packet holds then is
 * not to be looked at.
 */
int rt_template_expand(const char *text,
		       const struct rt_template_values *values,
		       struct rt_template_packet *ret_packet);

#endif
