/* SPDX-License-Identifier: MIT */
#include "tools/sim/capture.h"

#include "stack/btsnoop.h"

/* Virtual time as btmon shows it: from an instant in November 2023 on. */
#define WALL_US UINT64_C(1700000000000000)

static void put(FILE *file, const struct rt_btsnoop_record *record)
{
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	size_t n;

	n = rt_btsnoop_record_header(RT_BTSNOOP_MONITOR, record, header);
	fwrite(header, 1, n, file);
	fwrite(record->data.ptr, 1, record->data.len, file);
}

FILE *sim_capture_open(const char *path)
{
	uint8_t header[RT_BTSNOOP_HEADER_BYTES];
	FILE *file = fopen(path, "wb");

	if (!file)
		return NULL;
	rt_btsnoop_header(RT_BTSNOOP_MONITOR, header);
	fwrite(header, 1, sizeof(header), file);
	return file;
}

void sim_capture_adapter(FILE *file, unsigned int index, struct rt_addr addr)
{
	struct rt_btsnoop_record record = {
		.time_us = WALL_US,
		.index = (uint16_t)index,
		.opcode = RT_BTSNOOP_NEW_INDEX,
		.original_bytes = 16,
	};
	uint8_t body[16];
	char name[8];

	if (!file)
		return;
	snprintf(name, sizeof(name), "hci%u", index % 10);
	rt_btsnoop_new_index(addr, name, body);
	record.data = rt_bytes(body, sizeof(body));
	put(file, &record);
}

void sim_capture_packet(FILE *file, unsigned int index, uint64_t now_us,
			bool from_controller, enum rt_packet_type type,
			struct rt_bytes packet)
{
	const struct rt_btsnoop_record record = {
		.time_us = WALL_US + now_us,
		.index = (uint16_t)index,
		.opcode = (uint16_t)rt_btsnoop_opcode(type, from_controller),
		.original_bytes = (uint32_t)packet.len,
		.data = packet,
	};

	if (file)
		put(file, &record);
}
