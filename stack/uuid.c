/* SPDX-License-Identifier: MIT */
#include "stack/uuid.h"

#include <errno.h>
#include <stddef.h>

#include "stack/hex.h"

static const struct rt_uuid base = { { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
				       0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b,
				       0x34, 0xfb } };

static const char hex_digits[] = "0123456789abcdef";

#define SHORT_BYTES 4 /* at the start of the base UUID */

struct rt_uuid rt_uuid_from_short(uint32_t value)
{
	struct rt_uuid uuid = base;

	for (size_t i = 0; i < SHORT_BYTES; i++)
		uuid.b[i] = (uint8_t)(value >> 8 * (SHORT_BYTES - 1 - i));
	return uuid;
}

bool rt_uuid_to_short(struct rt_uuid uuid, uint32_t *ret_value)
{
	uint32_t value = 0;

	if (memcmp(uuid.b + SHORT_BYTES, base.b + SHORT_BYTES,
		   sizeof(base.b) - SHORT_BYTES) != 0)
		return false;
	for (size_t i = 0; i < SHORT_BYTES; i++)
		value = value << 8 | uuid.b[i];
	*ret_value = value;
	return true;
}

bool rt_uuid_is_zero(struct rt_uuid uuid)
{
	static const struct rt_uuid zero = { { 0 } };

	return rt_uuid_equal(uuid, zero);
}

static char *put_octet(char *p, uint8_t octet)
{
	*p++ = hex_digits[octet >> 4];
	*p++ = hex_digits[octet & 0x0f];
	return p;
}

/* A hyphen stands in front of these octets of the long form. */
static bool is_group(size_t i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

char *rt_uuid_format(struct rt_uuid uuid, char *str)
{
	char *p = str;
	uint32_t value;

	if (rt_uuid_to_short(uuid, &value)) {
		*p++ = '0';
		*p++ = 'x';
		for (size_t i = value > 0xffff ? 0 : 2; i < SHORT_BYTES; i++)
			p = put_octet(p, uuid.b[i]);
		*p = '\0';
		return str;
	}
	for (size_t i = 0; i < sizeof(uuid.b); i++) {
		if (is_group(i))
			*p++ = '-';
		p = put_octet(p, uuid.b[i]);
	}
	*p = '\0';
	return str;
}

static int parse_short(const char *str, struct rt_uuid *ret_uuid)
{
	uint32_t value = 0;
	size_t n = 0;

	if (str[0] == '0' && (str[1] == 'x' || str[1] == 'X'))
		str += 2;
	for (; str[n] && n < 8; n++) {
		if (rt_hex_digit(str[n]) < 0)
			return -EINVAL;
		value = value << 4 | (uint32_t)rt_hex_digit(str[n]);
	}
	if (str[n] || (n != 4 && n != 8))
		return -EINVAL;
	*ret_uuid = rt_uuid_from_short(value);
	return 0;
}

static int parse_long(const char *str, struct rt_uuid *ret_uuid)
{
	struct rt_uuid uuid;
	int high;
	int low;

	for (size_t i = 0; i < sizeof(uuid.b); i++) {
		if (is_group(i) && *str++ != '-')
			return -EINVAL;
		high = rt_hex_digit(str[0]);
		low = high < 0 ? -1 : rt_hex_digit(str[1]);
		if (low < 0)
			return -EINVAL;
		uuid.b[i] = (uint8_t)(high << 4 | low);
		str += 2;
	}
	if (*str)
		return -EINVAL;
	*ret_uuid = uuid;
	return 0;
}

int rt_uuid_parse(const char *str, struct rt_uuid *ret_uuid)
{
	/* Only the long form has a hyphen, and behind eight digits. */
	return strchr(str, '-') ? parse_long(str, ret_uuid)
				: parse_short(str, ret_uuid);
}
