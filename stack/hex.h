/* SPDX-License-Identifier: MIT */
#ifndef RT_HEX_H
#define RT_HEX_H

/* The value of a hexadecimal digit of either case, or -1. */
static inline int rt_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

#endif
