/* SPDX-License-Identifier: MIT */
#include "hci/os/h4.h"

#include <errno.h>
#include <string.h>

#include "stack/rd.h"

/* Command Complete of HCI Reset: any number of commands, status success. */
#define ANSWER_BYTES 7
#define ANY_OCTET 3

void rt_h4_init(struct rt_h4 *h4, bool resyncs)
{
	h4->resyncs = resyncs;
	h4->state = RT_H4_FRAMED;
	h4->len = 0;
}

uint8_t *rt_h4_room(struct rt_h4 *h4, size_t *ret_bytes)
{
	*ret_bytes = sizeof(h4->buf) - h4->len;
	return h4->buf + h4->len;
}

/*
 * Looks at the start of a packet. Returns its octets with the type, 0 if more
 * are needed to know, or -EILSEQ for a type that controllers do not send.
 */
static int packet_bytes(struct rt_bytes view)
{
	struct rt_rd r = rt_rd_init(view);
	uint8_t type = rt_rd_u8(&r);
	size_t head = 1, len = 0;

	switch (type) {
	case RT_PACKET_EVENT:
		head += 2;
		rt_rd_u8(&r);
		len = rt_rd_u8(&r);
		break;
	case RT_PACKET_SCO:
		head += 3;
		rt_rd_le16(&r);
		len = rt_rd_u8(&r);
		break;
	case RT_PACKET_ACL:
		head += 4;
		rt_rd_le16(&r);
		len = rt_rd_le16(&r);
		break;
	case RT_PACKET_ISO:
		head += 4;
		rt_rd_le16(&r);
		len = rt_rd_le16(&r) & 0x3fff;
		break;
	default:
		return -EILSEQ;
	}
	return rt_rd_ok(&r) ? (int)(head + len) : 0;
}

static bool is_answer(const uint8_t *p)
{
	static const uint8_t answer[ANSWER_BYTES] = { 0x04, 0x0e, 0x04, 0,
						      0x03, 0x0c, 0x00 };

	for (size_t i = 0; i < ANSWER_BYTES; i++) {
		if (p[i] != answer[i] && i != ANY_OCTET)
			return false;
	}
	return true;
}

/*
 * Throws away what is no answer to Reset. Returns octets used; what may be
 * the beginning of the answer is not.
 */
static size_t discard(struct rt_h4 *h4, struct rt_bytes view)
{
	if (h4->state == RT_H4_LOST)
		return view.len;
	for (size_t i = 0; i + ANSWER_BYTES <= view.len; i++) {
		if (is_answer(view.ptr + i)) {
			h4->state = RT_H4_FRAMED;
			return i;
		}
	}
	return view.len < ANSWER_BYTES ? 0 : view.len - (ANSWER_BYTES - 1);
}

/*
 * Delivers the first packet of the view. Returns octets used, 0 if it is not
 * whole, -EILSEQ if it is none.
 */
static int deliver(struct rt_bytes view, const struct rt_transport_sink *sink)
{
	int n = view.len > 0 ? packet_bytes(view) : 0;

	if (n <= 0 || (size_t)n > view.len)
		return n < 0 ? n : 0;
	sink->packet(sink->user, (enum rt_packet_type)view.ptr[0],
		     rt_bytes(view.ptr + 1, (size_t)n - 1));
	return n;
}

/*
 * One step over the view. Returns octets used, 0 if nothing can be done, or
 * -EILSEQ.
 */
static int step(struct rt_h4 *h4, struct rt_bytes view,
		const struct rt_transport_sink *sink)
{
	int n;

	if (h4->state != RT_H4_FRAMED)
		return (int)discard(h4, view);
	n = deliver(view, sink);
	if (n >= 0 || !h4->resyncs)
		return n;
	h4->state = RT_H4_LOST;
	sink->resync(sink->user);
	return (int)view.len;
}

int rt_h4_fed(struct rt_h4 *h4, size_t n, const struct rt_transport_sink *sink)
{
	enum rt_h4_state before;
	size_t off = 0;
	int used;

	h4->len += n;
	do {
		before = h4->state;
		used = step(h4, rt_bytes(h4->buf + off, h4->len - off), sink);
		if (used < 0)
			return used;
		off += (size_t)used;
	} while (used > 0 || h4->state != before);
	h4->len -= off;
	memmove(h4->buf, h4->buf + off, h4->len);
	return 0;
}

void rt_h4_sent(struct rt_h4 *h4, const struct rt_packet *packet)
{
	static const uint8_t reset[3] = { 0x03, 0x0c, 0x00 };
	size_t at = 0;

	if (h4->state != RT_H4_LOST || packet->type != RT_PACKET_COMMAND ||
	    packet->len != sizeof(reset))
		return;
	for (unsigned i = 0; i < packet->count; i++) {
		const struct rt_bytes s = packet->slice[i];

		if (at + s.len > sizeof(reset) ||
		    (s.len > 0 && memcmp(s.ptr, reset + at, s.len) != 0))
			return;
		at += s.len;
	}
	h4->state = RT_H4_WAITING;
}
