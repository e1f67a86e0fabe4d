/* SPDX-License-Identifier: MIT */
/*
 * Command Complete and Command Status for every command that we send (F-04).
 * The input is four octets: which command, what is done to the answer, how
 * many answers before are left alone, and a number; then octets that the
 * answer is made of. Everything else is honest.
 */
#include "tests/fuzz/hci_answers.h"

#include <string.h>

#include "hci/msg.h"
#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hci_bed.h"

#define EVENT_MAX 257
#define COMMAND_COMPLETE 0x0e
#define COMMAND_STATUS 0x0f
#define VERSION_5_3 0x0c

enum change {
	CHANGE_NOTHING,
	CHANGE_RETURN,	 /* other return parameters, status and all */
	CHANGE_CUT,	 /* only so many of them */
	CHANGE_OCTET,	 /* one of them is other */
	CHANGE_STATUS,	 /* Command Status with this status instead */
	CHANGE_COMPLETE, /* Command Complete instead */
	CHANGE_DROP,
	CHANGE_TWICE,
	CHANGE_LATE,
	CHANGE_OPCODE,
	CHANGE_CREDITS, /* Num_HCI_Command_Packets */
	CHANGE_RAW,	/* the event's parameters are the octets */
	CHANGES,
};

static struct {
	uint16_t opcode;
	enum change change;
	unsigned int skip;
	uint8_t number;
	struct rt_bytes octets;
	bool told;
	unsigned int sent;
	size_t late_len;
	uint8_t late[EVENT_MAX];
} now;

static void hand_over(const uint8_t *event, size_t len)
{
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT,
		      rt_bytes(event, len));
}

/* An event whose length is right. */
static void say(uint8_t code, struct rt_bytes head, struct rt_bytes tail)
{
	uint8_t buf[EVENT_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const size_t room = 255 - head.len;

	rt_wr_u8(&w, code);
	rt_wr_u8(&w, (uint8_t)(head.len + RT_MIN(tail.len, room)));
	rt_wr_put(&w, head);
	rt_wr_put(&w, rt_bytes(tail.ptr, RT_MIN(tail.len, room)));
	hand_over(buf, rt_wr_bytes(&w).len);
}

static void tell(const uint8_t *event, size_t len)
{
	const bool complete = event[0] == COMMAND_COMPLETE;
	const uint8_t *opcode = event + (complete ? 3 : 4);
	const uint8_t head[] = { 1, opcode[0], opcode[1] };
	const uint8_t status[] = { now.number, 1, opcode[0], opcode[1] };
	const struct rt_bytes none = rt_bytes(NULL, 0);
	uint8_t copy[EVENT_MAX];

	memcpy(copy, event, len);
	switch (now.change) {
	case CHANGE_NOTHING:
		hand_over(event, len);
		return;
	case CHANGE_RETURN:
		say(COMMAND_COMPLETE, rt_bytes(head, 3), now.octets);
		return;
	case CHANGE_CUT:
		say(event[0], none,
		    rt_bytes(event + 2, RT_MIN(now.number, len - 2)));
		return;
	case CHANGE_OCTET:
		copy[2 + now.number % (len - 2)] ^=
			now.octets.len ? now.octets.ptr[0] : 1;
		hand_over(copy, len);
		return;
	case CHANGE_STATUS:
		say(COMMAND_STATUS, rt_bytes(status, 4), none);
		return;
	case CHANGE_COMPLETE:
		say(COMMAND_COMPLETE, rt_bytes(head, 3),
		    rt_bytes(&now.number, 1));
		return;
	case CHANGE_DROP:
		return;
	case CHANGE_TWICE:
		hand_over(event, len);
		hand_over(event, len);
		return;
	case CHANGE_LATE:
		memcpy(now.late, event, len);
		now.late_len = len;
		return;
	case CHANGE_OPCODE:
		copy[opcode - event] = now.number;
		copy[opcode - event + 1] =
			now.octets.len ? now.octets.ptr[0] : 0;
		hand_over(copy, len);
		return;
	case CHANGE_CREDITS:
		copy[complete ? 2 : 3] = now.number;
		hand_over(copy, len);
		return;
	case CHANGE_RAW:
		say(event[0], none, now.octets);
		return;
	case CHANGES:
		return;
	}
}

/* A controller of version 5.3, which knows page 2 of the event mask. */
static bool grow_up(struct rt_bytes packet)
{
	uint8_t copy[EVENT_MAX];
	const uint8_t *p = packet.ptr;
	const uint16_t opcode = (uint16_t)(p[3] | p[4] << 8);

	if (p[0] != COMMAND_COMPLETE || p[5] != 0)
		return false;
	memcpy(copy, p, packet.len);
	if (opcode == RT_HCI_CMD_READ_LOCAL_VERSION_INFORMATION)
		copy[6] = VERSION_5_3;
	else if (opcode == RT_HCI_CMD_READ_LOCAL_SUPPORTED_COMMANDS)
		copy[6 + 22] |= 4;
	else
		return false;
	hand_over(copy, packet.len);
	return true;
}

static bool meddle(enum rt_packet_type type, struct rt_bytes packet)
{
	const uint8_t *p = packet.ptr;
	size_t at;

	if (now.opcode == RT_HCI_CMD_SET_EVENT_MASK_PAGE_2 && !now.told &&
	    type == RT_PACKET_EVENT && grow_up(packet))
		return true;
	if (type != RT_PACKET_EVENT || now.told)
		return false;
	at = p[0] == COMMAND_COMPLETE ? 3 : 4;
	if ((p[0] != COMMAND_COMPLETE && p[0] != COMMAND_STATUS) ||
	    packet.len < at + 2 || (p[at] | p[at + 1] << 8) != now.opcode)
		return false;
	if (now.skip > 0) {
		now.skip--;
		return false;
	}
	now.told = true;
	tell(p, packet.len);
	return true;
}

static bool on_command(uint16_t opcode, struct rt_bytes packet)
{
	(void)packet;
	now.sent += opcode == now.opcode;
	return false;
}

/* Each command of the tables can be provoked. */
static void check_table(void)
{
	static const uint16_t opcodes[] = {
#define FIELD(msg, kind, field)
#define END(msg)
#define MSG(code, NAME, name, end) code,
#include "hci/commands.def"
#undef MSG
#undef FIELD
#undef END
	};

	bed_must(provocation_count == RT_ARRAY_SIZE(opcodes), "all commands");
	for (size_t i = 0; i < RT_ARRAY_SIZE(opcodes); i++)
		bed_must(provocations[i].opcode == opcodes[i],
			 "the commands, in their order");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	const struct provocation *row =
		&provocations[rt_rd_u8(&r) % provocation_count];

	memset(&now, 0, sizeof(now));
	now.opcode = row->opcode;
	now.change = (enum change)(rt_rd_u8(&r) % CHANGES);
	now.skip = rt_rd_u8(&r) & 3;
	now.number = rt_rd_u8(&r);
	now.octets = rt_rd_rest(&r);
	check_table();
	bed_begin(2);
	bed.meddle = meddle;
	bed.command = on_command;
	bed_start(20);
	if (row->provoke)
		row->provoke();
	bed_must(now.sent > 0, "it was sent");
	bed_wait(RT_SECONDS(3));
	if (now.late_len > 0)
		hand_over(now.late, now.late_len);
	bed_end();
	return 0;
}
