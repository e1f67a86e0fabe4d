/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_FUZZ_FCS_H
#define RT_TESTS_FUZZ_FCS_H

#include <stddef.h>
#include <stdint.h>

/* Check sums, bit by bit, by none of the stack's tables. */

/* That of an RFCOMM frame without it: of the first two octets for UIH. */
uint8_t fcs_of_rfcomm(const uint8_t *frame, size_t len);

/* That of an L2CAP PDU with its header (Core Vol 3 Part A 3.3.5). */
uint16_t fcs_of_l2cap(const uint8_t *pdu, size_t len);

#endif
