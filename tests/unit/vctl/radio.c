/* SPDX-License-Identifier: MIT */
#include "tests/unit/vctl/radio.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 4096
#define ANY (-1)

struct radio radio;

void radio_restart(const struct rt_air_options *air,
		   const struct rt_vctl_options *each, int count)
{
	radio_teardown();
	radio.air = rt_air_new(air);
	ck_assert_ptr_nonnull(radio.air);
	radio.now_us = 0;
	for (int i = 0; i < count; i++) {
		radio.v[i] = rt_vctl_new(radio.air, each);
		ck_assert_ptr_nonnull(radio.v[i]);
		tell_complete(radio.v[i], "01 1a 0c 01 02");
	}
}

void radio_setup(void)
{
	radio_restart(NULL, NULL, 2);
}

void radio_teardown(void)
{
	rt_air_free(radio.air);
	memset(&radio, 0, sizeof(radio));
}

void pass_ms(uint64_t ms)
{
	radio.now_us += RT_MS(ms);
	rt_air_advance(radio.air, radio.now_us);
}

/* Reads text into octets. Returns how many; *ret_rest for a trailing "*". */
static size_t parse(const char *text, int *octet, bool *ret_rest)
{
	size_t n = 0;

	*ret_rest = false;
	while (*text) {
		if (*text == '*')
			*ret_rest = true;
		if (*text == ' ' || *text == '*') {
			text++;
			continue;
		}
		ck_assert_msg(text[1], "odd text: %s", text);
		if (text[0] == '.')
			octet[n++] = ANY;
		else
			octet[n++] = (int)strtol(
				(char[]){ text[0], text[1], 0 }, NULL, 16);
		text += 2;
	}
	return n;
}

static void tell_text(struct rt_vctl *v, const char *text)
{
	static int octet[TEXT_BYTES];
	static uint8_t packet[TEXT_BYTES];
	bool rest;
	size_t n = parse(text, octet, &rest);

	for (size_t i = 0; i < n; i++)
		packet[i] = (uint8_t)octet[i];
	ck_assert_uint_ge(n, 1);
	rt_vctl_rx(v, (enum rt_packet_type)packet[0],
		   rt_bytes(packet + 1, n - 1));
}

static void print(char *str, size_t cap, enum rt_packet_type type,
		  struct rt_bytes packet)
{
	int n = snprintf(str, cap, "%02x", type);

	for (size_t i = 0; i < packet.len && (size_t)n + 4 < cap; i++)
		n += snprintf(str + n, cap - (size_t)n, " %02x", packet.ptr[i]);
}

static void hear_text(struct rt_vctl *v, const char *text)
{
	static int octet[TEXT_BYTES];
	static char got[TEXT_BYTES];
	enum rt_packet_type type = RT_PACKET_COMMAND;
	struct rt_bytes packet;
	bool rest, match;
	size_t n = parse(text, octet, &rest);

	ck_assert_msg(rt_vctl_has_tx(v), "nothing instead of %s", text);
	ck_assert(rt_vctl_tx(v, &type, &packet));
	print(got, sizeof(got), type, packet);
	match = rest ? packet.len + 1 >= n : packet.len + 1 == n;
	for (size_t i = 0; match && i < n; i++)
		match = octet[i] == ANY ||
			octet[i] == (i ? packet.ptr[i - 1] : (int)type);
	ck_assert_msg(match, "got %s instead of %s", got, text);
}

#define FORMAT(text, fmt)                                 \
	do {                                              \
		va_list args;                             \
                                                          \
		va_start(args, fmt);                      \
		vsnprintf(text, sizeof(text), fmt, args); \
		va_end(args);                             \
	} while (0)

void tell(struct rt_vctl *v, const char *fmt, ...)
{
	char text[TEXT_BYTES];

	FORMAT(text, fmt);
	tell_text(v, text);
}

void hear(struct rt_vctl *v, const char *fmt, ...)
{
	char text[TEXT_BYTES];

	FORMAT(text, fmt);
	hear_text(v, text);
}

void hear_nothing(struct rt_vctl *v)
{
	char got[TEXT_BYTES];
	enum rt_packet_type type;
	struct rt_bytes packet;

	if (!rt_vctl_tx(v, &type, &packet)) {
		ck_assert(!rt_vctl_has_tx(v));
		return;
	}
	print(got, sizeof(got), type, packet);
	ck_abort_msg("got %s instead of nothing", got);
}

void tell_status(struct rt_vctl *v, uint8_t status, const char *fmt, ...)
{
	char text[TEXT_BYTES];

	FORMAT(text, fmt);
	tell_text(v, text);
	hear(v, "04 0f 04 %02x 01 %.5s", status, text + 3);
}

void tell_complete(struct rt_vctl *v, const char *fmt, ...)
{
	char text[TEXT_BYTES];

	FORMAT(text, fmt);
	tell_text(v, text);
	hear(v, "04 0e .. 01 %.5s 00 *", text + 3);
}

static uint16_t hear_connected(struct rt_vctl *v)
{
	enum rt_packet_type type;
	struct rt_bytes p;

	ck_assert(rt_vctl_tx(v, &type, &p));
	ck_assert_int_eq(type, RT_PACKET_EVENT);
	ck_assert_uint_eq(p.len, 13);
	ck_assert_uint_eq(p.ptr[0], 0x03);
	ck_assert_uint_eq(p.ptr[2], 0x00);
	return (uint16_t)(p.ptr[3] | p.ptr[4] << 8);
}

static void print_addr(const struct rt_vctl *v, char str[18])
{
	struct rt_addr a = rt_vctl_addr(v);

	snprintf(str, 18, "%02x %02x %02x %02x %02x %02x", a.b[0], a.b[1],
		 a.b[2], a.b[3], a.b[4], a.b[5]);
}

void join(struct rt_vctl *a, struct rt_vctl *b, uint16_t *ret_a,
	  uint16_t *ret_b)
{
	char addr_a[18], addr_b[18];

	print_addr(a, addr_a);
	print_addr(b, addr_b);
	tell_status(a, 0, "01 05 04 0d %s 18 cc 01 00 00 00 00", addr_b);
	hear(b, "04 04 0a %s 00 00 00 01", addr_a);
	tell_status(b, 0, "01 09 04 07 %s 01", addr_a);
	*ret_a = hear_connected(a);
	*ret_b = hear_connected(b);
	hear_nothing(a);
	hear_nothing(b);
}

void send_acl(struct rt_vctl *v, uint16_t handle, bool start, size_t len,
	      uint8_t fill)
{
	static uint8_t packet[4 + 65535];

	packet[0] = (uint8_t)handle;
	packet[1] = (uint8_t)(handle >> 8 | (start ? 0x00 : 0x10));
	packet[2] = (uint8_t)len;
	packet[3] = (uint8_t)(len >> 8);
	memset(packet + 4, fill, len);
	rt_vctl_rx(v, RT_PACKET_ACL, rt_bytes(packet, 4 + len));
}

void hear_acl(struct rt_vctl *v, uint16_t handle, bool start, size_t len,
	      uint8_t fill)
{
	enum rt_packet_type type = RT_PACKET_EVENT;
	struct rt_bytes p;
	unsigned head = handle | (start ? 0x2000U : 0x1000U);

	ck_assert_msg(rt_vctl_tx(v, &type, &p), "no data");
	ck_assert_int_eq(type, RT_PACKET_ACL);
	ck_assert_uint_eq(p.len, 4 + len);
	ck_assert_uint_eq(p.ptr[0] | (unsigned)p.ptr[1] << 8, head);
	ck_assert_uint_eq(p.ptr[2] | (unsigned)p.ptr[3] << 8, len);
	for (size_t i = 0; i < len; i++)
		ck_assert_uint_eq(p.ptr[4 + i], fill);
}
