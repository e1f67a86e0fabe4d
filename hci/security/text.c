/* SPDX-License-Identifier: MIT */
#include "hci/security/text.h"

#include <stdio.h>
#include <string.h>

#include "stack/hex.h"

void rt_sec_text_word(struct rt_rd *r, const char *word)
{
	const struct rt_bytes v = rt_rd_take(r, strlen(word));

	if (v.len > 0 && memcmp(v.ptr, word, v.len) != 0)
		r->bad = true;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

uint32_t rt_sec_text_number(struct rt_rd *r, size_t digits)
{
	uint32_t number = 0;
	size_t n = 0;

	while (n < digits && n < rt_rd_left(r) && is_digit(r->p[n]))
		n++;
	if (n == 0 || (n > 1 && r->p[0] == '0')) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		number = number * 10 + (uint32_t)(rt_rd_u8(r) - '0');
	return number;
}

static int hex_value(uint8_t c, bool any_case)
{
	return c >= 'a' && !any_case ? -1 : rt_hex_digit((char)c);
}

void rt_sec_text_octets(struct rt_rd *r, bool any_case, size_t count,
			uint8_t *ret_octets)
{
	int high;
	int low;

	for (size_t i = 0; i < count; i++) {
		high = hex_value(rt_rd_u8(r), any_case);
		low = hex_value(rt_rd_u8(r), any_case);
		if (high < 0 || low < 0)
			r->bad = true;
		else
			ret_octets[i] = (uint8_t)(high << 4 | low);
	}
	if (r->bad)
		memset(ret_octets, 0, count);
}

struct rt_addr rt_sec_text_addr(struct rt_rd *r)
{
	struct rt_addr addr = { { 0 } };

	for (size_t i = sizeof(addr.b); i > 0; i--) {
		rt_sec_text_octets(r, false, 1, &addr.b[i - 1]);
		if (i > 1)
			rt_sec_text_word(r, ":");
	}
	return addr;
}

struct rt_bytes rt_sec_text_line(struct rt_rd *r)
{
	const size_t left = rt_rd_left(r);
	const uint8_t *end = left > 0 ? memchr(r->p, '\n', left) : NULL;
	struct rt_bytes line;

	if (!end)
		return rt_rd_rest(r);
	line = rt_rd_take(r, (size_t)(end - r->p));
	rt_rd_u8(r);
	return line;
}

void rt_sec_text_put_word(struct rt_wr *w, const char *word)
{
	rt_wr_put(w, rt_bytes(word, strlen(word)));
}

void rt_sec_text_put_number(struct rt_wr *w, uint32_t number)
{
	char str[16];

	snprintf(str, sizeof(str), "%lu", (unsigned long)number);
	rt_sec_text_put_word(w, str);
}

void rt_sec_text_put_octets(struct rt_wr *w, const uint8_t *octets,
			    size_t count)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < count; i++) {
		rt_wr_u8(w, (uint8_t)digits[octets[i] >> 4]);
		rt_wr_u8(w, (uint8_t)digits[octets[i] & 0x0f]);
	}
}

void rt_sec_text_put_addr(struct rt_wr *w, struct rt_addr addr)
{
	for (size_t i = sizeof(addr.b); i > 0; i--) {
		rt_sec_text_put_octets(w, &addr.b[i - 1], 1);
		if (i > 1)
			rt_sec_text_put_word(w, ":");
	}
}
