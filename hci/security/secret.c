/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hci/security.h"

void rt_sec_wipe(void *ptr, size_t bytes)
{
	if (bytes > 0)
		explicit_bzero(ptr, bytes);
}

bool rt_sec_equal(const void *a, const void *b, size_t bytes)
{
	/* Read as volatile, so that no compiler stops at the first one. */
	const volatile uint8_t *p = a;
	const volatile uint8_t *q = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < bytes; i++)
		difference = (uint8_t)(difference | (p[i] ^ q[i]));
	return difference == 0;
}
