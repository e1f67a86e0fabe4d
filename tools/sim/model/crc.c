/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/* The frame check sequences of L2CAP and of TS 07.10. */

uint16_t model_crc16(uint16_t crc, struct rt_bytes bytes)
{
	/* x^16 + x^15 + x^2 + 1, least significant bit first, 4 at a time */
	static const uint16_t step[16] = {
		0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
		0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
	};

	for (size_t i = 0; i < bytes.len; i++) {
		crc = (uint16_t)(crc >> 4 ^ step[(crc ^ bytes.ptr[i]) & 15]);
		crc = (uint16_t)(crc >> 4 ^
				 step[(crc ^ bytes.ptr[i] >> 4) & 15]);
	}
	return crc;
}

uint8_t model_crc8(struct rt_bytes bytes)
{
	/* x^8 + x^2 + x + 1, least significant bit first, a bit at a time */
	uint8_t crc = 0xff;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= bytes.ptr[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = (uint8_t)(crc & 1 ? crc >> 1 ^ 0xe0 : crc >> 1);
	}
	return (uint8_t)~crc;
}
