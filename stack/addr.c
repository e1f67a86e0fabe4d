/* SPDX-License-Identifier: MIT */
#include "stack/addr.h"

#include <errno.h>
#include <stddef.h>

#include "stack/hex.h"

static const char hex_digits[] = "0123456789ABCDEF";

char *rt_addr_format(struct rt_addr addr, char *str)
{
	char *p = str;

	for (size_t i = sizeof(addr.b); i > 0; i--) {
		*p++ = hex_digits[addr.b[i - 1] >> 4];
		*p++ = hex_digits[addr.b[i - 1] & 0x0f];
		*p++ = i > 1 ? ':' : '\0';
	}
	return str;
}

int rt_addr_parse(const char *str, struct rt_addr *ret_addr)
{
	struct rt_addr addr;
	char separator = '\0';
	int high;
	int low;

	for (size_t i = sizeof(addr.b); i > 0; i--) {
		high = rt_hex_digit(str[0]);
		low = high < 0 ? -1 : rt_hex_digit(str[1]);
		if (low < 0)
			return -EINVAL;
		addr.b[i - 1] = (uint8_t)(high << 4 | low);
		str += 2;
		if (i == sizeof(addr.b)) {
			separator = *str;
			if (separator != ':' && separator != '-' &&
			    separator != '_')
				return -EINVAL;
		}
		if (*str != (i > 1 ? separator : '\0'))
			return -EINVAL;
		str++;
	}
	*ret_addr = addr;
	return 0;
}
