/* SPDX-License-Identifier: MIT */
#include "tests/unit/hci_os/sink.h"

#include <string.h>

struct heard heard;

static void on_packet(void *user, enum rt_packet_type type,
		      struct rt_bytes packet)
{
	ck_assert_ptr_eq(user, &heard);
	ck_assert_int_ge(type, RT_PACKET_ACL);
	ck_assert_int_le(type, RT_PACKET_ISO);
	heard.packets++;
	heard.total += 1 + packet.len;
	heard.sum = heard.sum * 31 + (uint32_t)type;
	for (size_t i = 0; i < packet.len; i++)
		heard.sum = heard.sum * 31 + packet.ptr[i];
	heard.last_type = (uint8_t)type;
	heard.last_len = packet.len;
	memcpy(heard.last, packet.ptr, RT_MIN(packet.len, HEARD_MAX));
}

static void on_resync(void *user)
{
	ck_assert_ptr_eq(user, &heard);
	heard.resyncs++;
	if (heard.on_resync)
		heard.on_resync();
}

const struct rt_transport_sink sink = {
	.packet = on_packet,
	.resync = on_resync,
	.user = &heard,
};

void heard_reset(void)
{
	memset(&heard, 0, sizeof(heard));
}

void heard_last(unsigned n, uint8_t type, const void *octets, size_t len)
{
	ck_assert_uint_eq(heard.packets, n);
	ck_assert_uint_eq(heard.last_type, type);
	ck_assert_uint_eq(heard.last_len, len);
	ck_assert_mem_eq(heard.last, octets, len);
}

struct rt_packet packet_of(uint8_t type, const void *octets, size_t len)
{
	struct rt_packet p = {
		.type = type,
		.count = 1,
		.len = len,
		.slice = { { octets, len } },
	};

	return p;
}
