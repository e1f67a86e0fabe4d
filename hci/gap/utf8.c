/* SPDX-License-Identifier: MIT */
#include "hci/gap/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_continuation(uint8_t octet)
{
	return (octet & 0xc0) == 0x80;
}

/*
 * Octets of the character at the start of the view, 0 if it is not a valid
 * one: too short, overlong, a surrogate, beyond U+10FFFF.
 */
static size_t char_bytes(struct rt_bytes view)
{
	const uint8_t *p = view.ptr;
	uint8_t second_min = 0x80;
	uint8_t second_max = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (view.len < n)
		return 0;
	if (p[0] == 0xe0)
		second_min = 0xa0;
	if (p[0] == 0xed)
		second_max = 0x9f;
	if (p[0] == 0xf0)
		second_min = 0x90;
	if (p[0] == 0xf4)
		second_max = 0x8f;
	if (p[1] < second_min || p[1] > second_max)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!is_continuation(p[i]))
			return 0;
	}
	return n;
}

void rt_gap_utf8_copy(struct rt_bytes view, char *str, size_t cap)
{
	static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };
	size_t len = 0;
	const uint8_t *from;
	size_t n;

	while (view.len > 0 && view.ptr[0] != 0) {
		n = char_bytes(view);
		from = n > 0 ? view.ptr : replacement;
		if (len + (n > 0 ? n : sizeof(replacement)) >= cap)
			break;
		memcpy(str + len, from, n > 0 ? n : sizeof(replacement));
		len += n > 0 ? n : sizeof(replacement);
		n = n > 0 ? n : 1;
		view = rt_bytes(view.ptr + n, view.len - n);
	}
	str[len] = '\0';
}

size_t rt_gap_utf8_fit(const char *str, size_t max)
{
	size_t len = strlen(str);

	if (len <= max)
		return len;
	len = max;
	while (len > 0 && is_continuation((uint8_t)str[len]))
		len--;
	return len;
}
