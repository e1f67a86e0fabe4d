/* SPDX-License-Identifier: MIT */
/*
 * The framer of the host side: the first octet chooses a serial line or a
 * stream, then come pieces, each a length octet and that many octets; a length
 * of 255 stands for an HCI Reset that the host sends.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hci/os/h4.h"
#include "stack/rd.h"
#include "tests/fuzz/fuzz.h"

#define SEND_RESET 255

/* What is delivered is a whole packet of a type that a controller sends. */
static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);

	(void)user;
	switch (type) {
	case RT_PACKET_EVENT:
		rt_rd_u8(&r);
		rt_rd_take(&r, rt_rd_u8(&r));
		break;
	case RT_PACKET_ACL:
		rt_rd_le16(&r);
		rt_rd_take(&r, rt_rd_le16(&r));
		break;
	case RT_PACKET_SCO:
		rt_rd_le16(&r);
		rt_rd_take(&r, rt_rd_u8(&r));
		break;
	case RT_PACKET_ISO:
		rt_rd_le16(&r);
		rt_rd_take(&r, rt_rd_le16(&r) & 0x3fff);
		break;
	case RT_PACKET_COMMAND:
		abort();
	}
	if (!rt_rd_done(&r))
		abort();
}

static void on_resync(void *user)
{
	(void)user;
}

static void send_reset(struct rt_h4 *h4)
{
	static const uint8_t reset[] = { 0x03, 0x0c, 0x00 };
	const struct rt_packet packet = {
		.type = RT_PACKET_COMMAND,
		.count = 1,
		.len = sizeof(reset),
		.slice = { { reset, sizeof(reset) } },
	};

	rt_h4_sent(h4, &packet);
}

static int feed(struct rt_h4 *h4, struct rt_bytes piece)
{
	const struct rt_transport_sink sink = {
		.packet = on_packet,
		.resync = on_resync,
	};
	size_t room_bytes;
	uint8_t *room = rt_h4_room(h4, &room_bytes);

	if (room_bytes < RT_H4_PACKET_BYTES)
		abort();
	if (piece.len > 0)
		memcpy(room, piece.ptr, piece.len);
	return rt_h4_fed(h4, piece.len, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	struct rt_h4 *h4 = malloc(sizeof(*h4));
	uint8_t len;

	if (!h4)
		return 0;
	rt_h4_init(h4, rt_rd_u8(&r) & 1);
	while (rt_rd_left(&r) > 0) {
		len = rt_rd_u8(&r);
		if (len == SEND_RESET) {
			send_reset(h4);
			continue;
		}
		len = (uint8_t)RT_MIN(len, rt_rd_left(&r));
		if (feed(h4, rt_rd_take(&r, len)) < 0)
			break;
	}
	free(h4);
	return 0;
}
