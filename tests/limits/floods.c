/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stack/wr.h"

#define ACL_HEADER_BYTES 4
#define L2CAP_HEADER_BYTES 4

static const struct flood_kind *const tables[] = {
	flood_kinds_signalling,
	flood_kinds_data,
	flood_kinds_services,
	flood_kinds_hci,
};

const struct flood_kind *flood_kind(size_t i)
{
	for (size_t t = 0; t < RT_ARRAY_SIZE(tables); t++) {
		for (const struct flood_kind *it = tables[t]; it->name; it++) {
			if (i-- == 0)
				return it;
		}
	}
	return NULL;
}

void flood_begin(struct flood *flood, const struct flood_kind *kind)
{
	memset(flood, 0, sizeof(*flood));
	flood->kind = kind;
	flood->crowd = crowd_new(NULL);
	kind->begin(flood);
	world_settle(flood->crowd->w);
}

void flood_send(struct flood *flood, unsigned int n)
{
	flood->kind->send(flood, n);
}

void flood_end(struct flood *flood)
{
	if (flood->inquiry)
		rt_inquiry_free(flood->inquiry);
	for (size_t i = 0; i < FLOOD_SERVICES; i++)
		rt_service_free(flood->service[i]);
	rt_server_free(flood->server);
	crowd_free(flood->crowd);
}

void flood_fill(struct flood *flood, size_t bytes, const char *hex)
{
	uint8_t one[600];
	const size_t len = hex_read(hex, one, sizeof(one));
	struct rt_wr w = rt_wr_init(flood->frame, bytes);

	ck_assert_uint_le(bytes, sizeof(flood->frame));
	while (rt_wr_room(&w) >= len)
		rt_wr_put(&w, rt_bytes(one, len));
	flood->frame_bytes = rt_wr_bytes(&w).len;
}

static void put(struct flood *flood, uint16_t cid)
{
	flood->packet_bytes =
		ACL_HEADER_BYTES + L2CAP_HEADER_BYTES + flood->frame_bytes;
	crowd_put(flood->peer, cid, rt_bytes(flood->frame, flood->frame_bytes));
}

void flood_signal(struct flood *flood, unsigned int n)
{
	(void)n;
	put(flood, 0x0001);
}

void flood_data(struct flood *flood, unsigned int n)
{
	(void)n;
	put(flood, flood->chan->dcid);
}

void flood_event(struct flood *flood, const char *fmt, ...)
{
	char hex[3 * 260];
	uint8_t buf[260];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(hex, sizeof(hex), fmt, ap);
	va_end(ap);
	flood->packet_bytes = hex_read(hex, buf, sizeof(buf));
	crowd_event(flood->crowd, "%s", hex);
}
