/* SPDX-License-Identifier: MIT */
#include "tests/support/hex.h"

#include <check.h>
#include <stdio.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t hex_read(const char *hex, uint8_t *buf, size_t cap)
{
	size_t n = 0;

	for (const char *p = hex; *p; p += *p == ' ' ? 1 : 2) {
		if (*p == ' ')
			continue;
		/* An assertion for each octet takes its time. */
		if (n == cap || digit(p[0]) < 0 || digit(p[1]) < 0)
			ck_abort_msg("not hexadecimal, or too long: %s", hex);
		buf[n++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
	}
	return n;
}

void hex_write(const uint8_t *octets, size_t len, char *str, size_t cap)
{
	size_t n = 0;

	str[0] = '\0';
	for (size_t i = 0; i < len && n + 4 < cap; i++)
		n += (size_t)snprintf(str + n, cap - n, "%s%02x", i ? " " : "",
				      octets[i]);
}
