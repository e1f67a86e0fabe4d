/* SPDX-License-Identifier: MIT */
#include "api/text.h"

#include <stdint.h>
#include <string.h>

#define CHARACTER_BYTES_MAX 4

static bool is_continuation(uint8_t octet)
{
	return (octet & 0xc0) == 0x80;
}

/*
 * The second octet of three or four is limited by the first: no character in
 * more octets than it needs, no surrogates, none beyond U+10FFFF (RFC 3629 4).
 */
static bool is_second(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

/* Octets that a character has which begins with this one; 0: none does. */
static size_t length_of(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* Octets of the character at the head of `text`; 0 if it is invalid. */
static size_t head(struct rt_bytes text)
{
	const size_t n = length_of(text.ptr[0]);

	if (n == 0 || n > text.len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (!is_continuation(text.ptr[i]))
			return 0;
	}
	return n > 2 && !is_second(text.ptr[0], text.ptr[1]) ? 0 : n;
}

bool rt_api_text_is_utf8(struct rt_bytes text)
{
	size_t n;

	while (text.len > 0) {
		n = head(text);
		if (n == 0)
			return false;
		text = rt_bytes(text.ptr + n, text.len - n);
	}
	return true;
}

/* Takes one character off the head of *text; returns its octets in UTF-8. */
static size_t take(struct rt_bytes *text, unsigned int encoding,
		   uint8_t ret_character[CHARACTER_BYTES_MAX])
{
	static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };
	const uint8_t first = text->ptr[0];
	size_t used = 1;
	size_t n = head(*text);

	if (encoding == RT_API_TEXT_LATIN1 && first >= 0x80) {
		ret_character[0] = (uint8_t)(0xc0 | first >> 6);
		ret_character[1] = (uint8_t)(0x80 | (first & 0x3f));
		n = 2;
	} else if (n == 0) {
		n = sizeof(replacement);
		memcpy(ret_character, replacement, n);
	} else {
		used = n;
		memcpy(ret_character, text->ptr, n);
	}
	*text = rt_bytes(text->ptr + used, text->len - used);
	return n;
}

size_t rt_api_text_copy(struct rt_bytes text, unsigned int encoding, char *str,
			size_t cap)
{
	uint8_t character[CHARACTER_BYTES_MAX];
	size_t written = 0;
	size_t needed = 0;
	size_t n;

	while (text.len > 0 && text.ptr[0] != 0) {
		n = take(&text, encoding, character);
		if (needed == written && n < cap - written) {
			memcpy(str + written, character, n);
			written += n;
		}
		needed += n;
	}
	if (cap > 0)
		str[written] = '\0';
	return needed;
}
