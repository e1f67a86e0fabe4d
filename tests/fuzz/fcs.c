/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fcs.h"

static unsigned int divide(const uint8_t *octets, size_t len, unsigned int reg,
			   unsigned int polynomial)
{
	for (size_t i = 0; i < 8 * len; i++) {
		const unsigned int octet = octets[i / 8];
		const unsigned int bit = (octet >> i % 8 ^ reg) & 1;

		reg = reg >> 1 ^ (bit ? polynomial : 0);
	}
	return reg;
}

uint8_t fcs_of_rfcomm(const uint8_t *frame, size_t len)
{
	const size_t n = len > 1 && (frame[1] & 0xef) == 0xef ? 2 : len;

	return (uint8_t)(0xff - divide(frame, n, 0xff, 0xe0));
}

uint16_t fcs_of_l2cap(const uint8_t *pdu, size_t len)
{
	return (uint16_t)divide(pdu, len, 0, 0xa001);
}
