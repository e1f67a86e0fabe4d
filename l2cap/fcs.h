/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_FCS_H
#define RT_L2CAP_FCS_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * The frame check sequence of ERTM and Streaming (Core Vol 3 Part A 3.3.5):
 * CRC-16 with x^16 + x^15 + x^2 + 1, least significant bit first, from 0, over
 * the L2CAP header, the control field and the payload. It follows them, low
 * octet first, and counts in the header's length.
 */

#define RT_L2CAP_FCS_BYTES 2

/* The FCS of what `fcs` covered, 0 at the start, and of `slice` behind it. */
uint16_t rt_l2cap_fcs_add(uint16_t fcs, struct rt_bytes slice);

/* The FCS of the L2CAP header: the payload's length and the channel id. */
uint16_t rt_l2cap_fcs_of_header(uint16_t len, uint16_t cid);

/*
 * Takes the FCS off the end of *payload, which came on channel id `cid`. True
 * if it is right; false, and *payload is untouched, if wrong or not there.
 */
bool rt_l2cap_fcs_check(uint16_t cid, struct rt_bytes *payload) RT_MUST_CHECK;

#endif
