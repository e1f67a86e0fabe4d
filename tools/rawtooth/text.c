/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define REPLACEMENT 0xfffd

/* Octets that follow the first one of a character; -1: it can't be first. */
static int followers(uint8_t first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first < 0xe0)
		return 1;
	if (first >= 0xe0 && first < 0xf0)
		return 2;
	if (first >= 0xf0 && first < 0xf5)
		return 3;
	return -1;
}

static bool is_scalar(uint32_t code, int count)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	return code >= least[count] && code <= 0x10ffff &&
	       (code < 0xd800 || code > 0xdfff);
}

/*
 * Takes one character off *str (RFC 3629). An octet that begins none counts
 * as U+FFFD.
 */
static uint32_t next_character(const char **str)
{
	const uint8_t *p = (const uint8_t *)*str;
	int count = followers(p[0]);
	uint32_t code;

	*str += 1;
	if (count < 0)
		return REPLACEMENT;
	code = count == 0 ? p[0] : p[0] & (0x3fu >> count);
	for (int i = 1; i <= count; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (!is_scalar(code, count))
		return REPLACEMENT;
	*str += count;
	return code;
}

static void put_utf8(FILE *file, uint32_t code)
{
	if (code < 0x80) {
		putc((int)code, file);
		return;
	}
	if (code < 0x800) {
		putc((int)(0xc0 | code >> 6), file);
	} else if (code < 0x10000) {
		putc((int)(0xe0 | code >> 12), file);
		putc((int)(0x80 | (code >> 6 & 0x3f)), file);
	} else {
		putc((int)(0xf0 | code >> 18), file);
		putc((int)(0x80 | (code >> 12 & 0x3f)), file);
		putc((int)(0x80 | (code >> 6 & 0x3f)), file);
	}
	putc((int)(0x80 | (code & 0x3f)), file);
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Marks and overrides of the writing direction, which disguise text. */
static bool is_direction(uint32_t code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void rt_text_print(FILE *file, const char *str)
{
	uint32_t code;

	while (*str != '\0') {
		code = next_character(&str);
		if (is_control(code))
			fprintf(file, "\\x%02" PRIx32, code);
		else if (is_direction(code))
			fprintf(file, "\\u%04" PRIx32, code);
		else
			put_utf8(file, code);
	}
}

void rt_text_json(FILE *file, const char *str)
{
	uint32_t code;

	if (!str) {
		fputs("null", file);
		return;
	}
	putc('"', file);
	while (*str != '\0') {
		code = next_character(&str);
		if (is_control(code) || is_direction(code)) {
			fprintf(file, "\\u%04" PRIx32, code);
			continue;
		}
		if (code == '"' || code == '\\')
			putc('\\', file);
		put_utf8(file, code);
	}
	putc('"', file);
}

char *rt_text_bytes(uint64_t bytes, char *str)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(str, RT_TEXT_BYTES, "%" PRIu64 " B", bytes);
		return str;
	}
	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	snprintf(str, RT_TEXT_BYTES, "%.1f %s", value, units[unit]);
	return str;
}

char *rt_text_rate(uint64_t bytes, uint64_t elapsed_us, char *str)
{
	double per_second;

	if (elapsed_us == 0)
		elapsed_us = 1;
	per_second = (double)bytes * 1e6 / (double)elapsed_us;
	if (per_second < 1e6)
		snprintf(str, RT_TEXT_BYTES, "%.1f kB/s", per_second / 1e3);
	else
		snprintf(str, RT_TEXT_BYTES, "%.1f MB/s", per_second / 1e6);
	return str;
}
