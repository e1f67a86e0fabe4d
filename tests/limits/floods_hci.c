/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <stdio.h>
#include <string.h>

/* Events that a controller, or a peer through it, may send without end. */

static void nobody(struct flood *flood)
{
	(void)flood;
}

static void join(struct flood *flood)
{
	flood->peer = crowd_join(flood->crowd);
}

/* Strangers page, and never get there. */
static void pages(struct flood *flood, unsigned int n)
{
	flood->crowd->hold_setup = true;
	flood_event(flood, "04 0a %02x%02x000000d0 0c025a 01", n & 0xff,
		    n >> 8 & 0xff);
}

static void key_requests(struct flood *flood, unsigned int n)
{
	(void)n;
	flood_event(flood, "17 06 010000 0000c0");
}

static void pin_requests(struct flood *flood, unsigned int n)
{
	(void)n;
	flood_event(flood, "16 06 010000 0000c0");
}

static void io_requests(struct flood *flood, unsigned int n)
{
	(void)n;
	flood_event(flood, "31 06 010000 0000c0");
}

static void confirmations(struct flood *flood, unsigned int n)
{
	flood_event(flood, "33 0a 010000 0000c0 %02x000000", n & 0xff);
}

static void encryptions(struct flood *flood, unsigned int n)
{
	flood_event(flood, "08 04 00 %02x%02x %02x",
		    flood->peer->handle & 0xffU,
		    (unsigned int)flood->peer->handle >> 8, n % 2);
}

static void roles(struct flood *flood, unsigned int n)
{
	flood_event(flood, "12 08 00 010000 0000c0 %02x", n % 2);
}

static void surplus(struct flood *flood, unsigned int n)
{
	char hex[2 * 256] = "";

	(void)n;
	for (int i = 0; i < 63; i++)
		strcat(hex, "0008ffff");
	flood_event(flood, "13 fd 3f %s", hex);
}

static void unknown(struct flood *flood, unsigned int n)
{
	char hex[2 * 256] = "";

	(void)n;
	for (int i = 0; i < 255; i++)
		strcat(hex, "ff");
	flood_event(flood, "fe ff %s", hex);
}

static void completes(struct flood *flood, unsigned int n)
{
	flood_event(flood, "0e 04 01 %02x%02x 00", n & 0xff, 0xfcU);
}

static void on_device(struct rt_inquiry *inquiry,
		      const struct rt_device *device, void *user_data)
{
	(void)inquiry;
	(void)device;
	(void)user_data;
}

static void inquire(struct flood *flood)
{
	const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
	};

	flood->crowd->remembers = true;
	ck_assert_int_eq(rt_inquiry_start(crowd_host(flood->crowd), 10, false,
					  &callbacks, NULL, &flood->inquiry),
			 0);
}

/* Of as many devices as an event can have. */
static void results(struct flood *flood, unsigned int n)
{
	char hex[2 * 256] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < 17; i++)
		len += (size_t)snprintf(hex + len, sizeof(hex) - len,
					"%02x%02x020000c1", i,
					(17 * n + i) & 0xff);
	for (unsigned int i = 0; i < 17; i++)
		len += (size_t)snprintf(hex + len, sizeof(hex) - len,
					"01000c025a0000c4");
	flood_event(flood, "22 ef 11 %s", hex);
}

/* One with an EIR of 240 octets, made of the smallest fields. */
static void extended(struct flood *flood, unsigned int n)
{
	char hex[2 * 256] = "";

	for (int i = 0; i < 120; i++)
		strcat(hex, "01ff");
	flood_event(flood, "2f ff 01 %02x%02x020000c2 0100 0c025a 0000 c4 %s",
		    n & 0xff, n >> 8 & 0xff, hex);
}

static void early(struct flood *flood, unsigned int n)
{
	static const uint8_t octets[1021];

	(void)n;
	flood->packet_bytes = 4 + sizeof(octets);
	crowd_acl(flood->peer, 2, rt_bytes(octets, sizeof(octets)));
}

static void page(struct flood *flood)
{
	flood->crowd->hold_setup = true;
	flood->peer = crowd_page(flood->crowd);
}

const struct flood_kind flood_kinds_hci[] = {
	FLOOD("connection requests", nobody, pages),
	FLOOD("link key requests", join, key_requests),
	FLOOD("PIN requests", join, pin_requests),
	FLOOD("IO capability requests", join, io_requests),
	FLOOD("confirmation requests", join, confirmations),
	FLOOD("encryption on and off", join, encryptions),
	FLOOD("role changes", join, roles),
	FLOOD("63 completions of nothing", join, surplus),
	FLOOD("unknown events of 255 octets", nobody, unknown),
	FLOOD("answers to no command", nobody, completes),
	FLOOD("17 inquiry results each", inquire, results),
	FLOOD("inquiry results with 120 fields", inquire, extended),
	FLOOD("data before the link is up", page, early),
	{ .name = NULL },
};
