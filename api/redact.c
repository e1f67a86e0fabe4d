/* SPDX-License-Identifier: MIT */
#include "api/redact.h"

#include <string.h>

#define HEADER_COMMAND 3 /* opcode, length */
#define HEADER_EVENT 2	 /* code, length */
#define COMMAND_COMPLETE 0x0e
#define ADDR 6
#define REST 0xff /* to the end */

/* Where secrets stand in the parameters (Core Vol 4 Part E 7.1, 7.3, 7.7). */
struct place {
	uint16_t code; /* opcode, or code of an event */
	uint8_t from;
	uint8_t bytes;
};

static const struct place commands[] = {
	{ 0x040b, ADDR, 16 },	  /* Link Key Request Reply */
	{ 0x040d, ADDR, 1 + 16 }, /* PIN Code Request Reply: its length too */
	{ 0x042e, ADDR, 4 },	  /* User Passkey Request Reply */
	{ 0x0430, ADDR, REST },	  /* Remote OOB Data Request Reply */
	{ 0x0445, ADDR, REST },	  /* Remote OOB Extended Data Request Reply */
	{ 0x0c11, 1, REST },	  /* Write Stored Link Key */
};

/* Return parameters of Command Complete, behind the status. */
static const struct place returns[] = {
	{ 0x0c57, 1, REST }, /* Read Local OOB Data */
	{ 0x0c7d, 1, REST }, /* Read Local OOB Extended Data */
};

static const struct place events[] = {
	{ 0x15, 1 + ADDR, REST }, /* Return Link Keys */
	{ 0x18, ADDR, 16 },	  /* Link Key Notification */
	{ 0x3b, ADDR, 4 },	  /* User Passkey Notification */
};

static void blank(const struct place *places, size_t count, uint16_t code,
		  uint8_t *params, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		const struct place *place = &places[i];
		size_t bytes = place->bytes;

		if (place->code != code || place->from >= len)
			continue;
		if (place->bytes == REST || bytes > len - place->from)
			bytes = len - place->from;
		memset(params + place->from, 0, bytes);
	}
}

static uint16_t le16(const uint8_t *b)
{
	return (uint16_t)(b[0] | b[1] << 8);
}

static void blank_event(uint8_t *packet, size_t len)
{
	uint8_t *params = packet + HEADER_EVENT;
	const size_t skip = 3; /* packets, opcode */

	len -= HEADER_EVENT;
	blank(events, RT_ARRAY_SIZE(events), packet[0], params, len);
	if (packet[0] == COMMAND_COMPLETE && len > skip)
		blank(returns, RT_ARRAY_SIZE(returns), le16(params + 1),
		      params + skip, len - skip);
}

const struct rt_packet *rt_api_redact(const struct rt_packet *packet,
				      uint8_t *buf,
				      struct rt_packet *ret_packet)
{
	size_t len = 0;

	if ((packet->type != RT_PACKET_COMMAND &&
	     packet->type != RT_PACKET_EVENT) ||
	    packet->len > RT_API_REDACT_BYTES)
		return packet;
	for (size_t i = 0; i < packet->count; i++) {
		memcpy(buf + len, packet->slice[i].ptr, packet->slice[i].len);
		len += packet->slice[i].len;
	}
	if (packet->type == RT_PACKET_COMMAND && len > HEADER_COMMAND)
		blank(commands, RT_ARRAY_SIZE(commands), le16(buf),
		      buf + HEADER_COMMAND, len - HEADER_COMMAND);
	else if (packet->type == RT_PACKET_EVENT && len > HEADER_EVENT)
		blank_event(buf, len);
	*ret_packet = (struct rt_packet){
		.type = packet->type,
		.count = 1,
		.len = len,
		.slice = { { buf, len } },
	};
	return ret_packet;
}
