/* SPDX-License-Identifier: MIT */
#include "stack/btsnoop.h"

#include <errno.h>
#include <string.h>

#include "stack/wr.h"

#define VERSION 1

/* Microseconds from the year 0, where btsnoop begins, to 1970. */
#define EPOCH_US UINT64_C(0x00dcddb30f2f8000)

/* Flags of a record of datalink 1002. */
#define FLAG_RECEIVED 0x01
#define FLAG_COMMAND_OR_EVENT 0x02

#define NAME_BYTES 8

static const uint8_t magic[8] = { 'b', 't', 's', 'n', 'o', 'o', 'p', '\0' };

void rt_btsnoop_header(enum rt_btsnoop_datalink datalink,
		       uint8_t ret[RT_BTSNOOP_HEADER_BYTES])
{
	struct rt_wr w = rt_wr_init(ret, RT_BTSNOOP_HEADER_BYTES);

	rt_wr_put(&w, rt_bytes(magic, sizeof(magic)));
	rt_wr_be(&w, VERSION, 4);
	rt_wr_be(&w, datalink, 4);
}

/*
 * The H4 octet and flags of an opcode. Returns false for what has none:
 * records that are not packets.
 */
static bool h4_of(uint16_t opcode, uint8_t *ret_type, uint32_t *ret_flags)
{
	switch ((enum rt_btsnoop_opcode)opcode) {
	case RT_BTSNOOP_COMMAND:
		*ret_type = RT_PACKET_COMMAND;
		*ret_flags = FLAG_COMMAND_OR_EVENT;
		return true;
	case RT_BTSNOOP_EVENT:
		*ret_type = RT_PACKET_EVENT;
		*ret_flags = FLAG_COMMAND_OR_EVENT | FLAG_RECEIVED;
		return true;
	case RT_BTSNOOP_ACL_TX:
	case RT_BTSNOOP_ACL_RX:
		*ret_type = RT_PACKET_ACL;
		*ret_flags = opcode == RT_BTSNOOP_ACL_RX ? FLAG_RECEIVED : 0;
		return true;
	case RT_BTSNOOP_SCO_TX:
	case RT_BTSNOOP_SCO_RX:
		*ret_type = RT_PACKET_SCO;
		*ret_flags = opcode == RT_BTSNOOP_SCO_RX ? FLAG_RECEIVED : 0;
		return true;
	case RT_BTSNOOP_ISO_TX:
	case RT_BTSNOOP_ISO_RX:
		*ret_type = RT_PACKET_ISO;
		*ret_flags = opcode == RT_BTSNOOP_ISO_RX ? FLAG_RECEIVED : 0;
		return true;
	case RT_BTSNOOP_NEW_INDEX:
	case RT_BTSNOOP_DEL_INDEX:
	case RT_BTSNOOP_OPEN_INDEX:
	case RT_BTSNOOP_CLOSE_INDEX:
	case RT_BTSNOOP_INDEX_INFO:
	case RT_BTSNOOP_SYSTEM_NOTE:
		return false;
	}
	return false;
}

size_t rt_btsnoop_record_header(enum rt_btsnoop_datalink datalink,
				const struct rt_btsnoop_record *record,
				uint8_t ret[RT_BTSNOOP_RECORD_BYTES + 1])
{
	struct rt_wr w = rt_wr_init(ret, RT_BTSNOOP_RECORD_BYTES + 1);
	const size_t original =
		RT_MAX(record->original_bytes, record->data.len);
	const size_t h4 = datalink == RT_BTSNOOP_H4 ? 1 : 0;
	uint32_t flags = (uint32_t)record->index << 16 | record->opcode;
	uint8_t type = 0;

	if (h4 && !h4_of(record->opcode, &type, &flags))
		return 0;
	if (record->data.len > RT_BTSNOOP_RECORD_MAX - h4)
		return 0;
	rt_wr_be(&w, original + h4, 4);
	rt_wr_be(&w, record->data.len + h4, 4);
	rt_wr_be(&w, flags, 4);
	rt_wr_be(&w, record->drops, 4);
	rt_wr_be(&w, record->time_us + EPOCH_US, 8);
	if (h4)
		rt_wr_u8(&w, type);
	return rt_wr_bytes(&w).len;
}

enum rt_btsnoop_opcode rt_btsnoop_opcode(enum rt_packet_type type,
					 bool from_controller)
{
	switch (type) {
	case RT_PACKET_COMMAND:
		return RT_BTSNOOP_COMMAND;
	case RT_PACKET_EVENT:
		return RT_BTSNOOP_EVENT;
	case RT_PACKET_ACL:
		return from_controller ? RT_BTSNOOP_ACL_RX : RT_BTSNOOP_ACL_TX;
	case RT_PACKET_SCO:
		return from_controller ? RT_BTSNOOP_SCO_RX : RT_BTSNOOP_SCO_TX;
	case RT_PACKET_ISO:
		return from_controller ? RT_BTSNOOP_ISO_RX : RT_BTSNOOP_ISO_TX;
	}
	return RT_BTSNOOP_SYSTEM_NOTE;
}

void rt_btsnoop_new_index(struct rt_addr addr, const char *name,
			  uint8_t ret[16])
{
	struct rt_wr w = rt_wr_init(ret, 16);
	uint8_t field[NAME_BYTES] = { 0 };
	size_t len = 0;

	/* The last octet of the name stays zero. */
	while (len < sizeof(field) - 1 && name[len])
		len++;
	memcpy(field, name, len);
	rt_wr_u8(&w, 0); /* type: primary controller */
	rt_wr_u8(&w, 0); /* bus: virtual */
	rt_wr_addr(&w, addr);
	rt_wr_put(&w, rt_bytes(field, sizeof(field)));
}

void rt_btsnoop_index_info(struct rt_addr addr, uint16_t manufacturer,
			   uint8_t ret[8])
{
	struct rt_wr w = rt_wr_init(ret, 8);

	rt_wr_addr(&w, addr);
	rt_wr_le16(&w, manufacturer);
}

int rt_btsnoop_read_header(struct rt_rd *r,
			   enum rt_btsnoop_datalink *ret_datalink)
{
	const struct rt_bytes id = rt_rd_take(r, sizeof(magic));
	const uint64_t version = rt_rd_be(r, 4);
	const uint64_t datalink = rt_rd_be(r, 4);

	if (!rt_rd_ok(r) || memcmp(id.ptr, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	if (version != VERSION)
		return -EBADMSG;
	if (datalink != RT_BTSNOOP_H4 && datalink != RT_BTSNOOP_MONITOR)
		return -EBADMSG;
	*ret_datalink = (enum rt_btsnoop_datalink)datalink;
	return 0;
}

/* Takes the H4 octet off a record and sets its opcode by it. */
static int remove_h4(struct rt_btsnoop_record *record, uint32_t flags)
{
	struct rt_rd r = rt_rd_init(record->data);
	const uint8_t type = rt_rd_u8(&r);

	if (!rt_rd_ok(&r))
		return -EBADMSG;
	if (type < RT_PACKET_COMMAND || type > RT_PACKET_ISO)
		return -EBADMSG;
	record->index = 0;
	record->opcode = (uint16_t)rt_btsnoop_opcode((enum rt_packet_type)type,
						     flags & FLAG_RECEIVED);
	record->original_bytes--;
	record->data = rt_rd_rest(&r);
	return 0;
}

int rt_btsnoop_read(struct rt_rd *r, enum rt_btsnoop_datalink datalink,
		    struct rt_btsnoop_record *ret_record)
{
	struct rt_btsnoop_record record = { .time_us = 0 };
	uint64_t included;
	uint64_t time;
	uint32_t flags;

	if (rt_rd_done(r))
		return 0;
	record.original_bytes = (uint32_t)rt_rd_be(r, 4);
	included = rt_rd_be(r, 4);
	flags = (uint32_t)rt_rd_be(r, 4);
	record.drops = (uint32_t)rt_rd_be(r, 4);
	time = rt_rd_be(r, 8);
	if (included > RT_BTSNOOP_RECORD_MAX ||
	    included > record.original_bytes)
		return -EBADMSG;
	record.data = rt_rd_take(r, (size_t)included);
	if (!rt_rd_ok(r))
		return -EBADMSG;
	record.time_us = time > EPOCH_US ? time - EPOCH_US : 0;
	record.index = (uint16_t)(flags >> 16);
	record.opcode = (uint16_t)flags;
	if (datalink == RT_BTSNOOP_H4 && remove_h4(&record, flags) < 0)
		return -EBADMSG;
	*ret_record = record;
	return 1;
}
