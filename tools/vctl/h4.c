/* SPDX-License-Identifier: MIT */
#include "tools/vctl/h4.h"

#include <errno.h>

/* Octets of type and header; 0 for a type that hosts do not send. */
static size_t head_bytes(uint8_t type)
{
	switch (type) {
	case RT_PACKET_COMMAND:
	case RT_PACKET_SCO:
		return 1 + 3;
	case RT_PACKET_ACL:
	case RT_PACKET_ISO:
		return 1 + 4;
	default:
		return 0;
	}
}

/* Octets of the packet whose type and header are in `buf`. */
static size_t packet_bytes(const uint8_t *buf)
{
	size_t len = buf[3];

	if (buf[0] == RT_PACKET_ACL)
		len |= (size_t)buf[4] << 8;
	if (buf[0] == RT_PACKET_ISO)
		len |= (size_t)(buf[4] & 0x3f) << 8;
	return head_bytes(buf[0]) + len;
}

/* Fills the buffer up to `target` octets. True if it is that full. */
static bool fill(struct rt_vctl_h4 *h4, struct rt_rd *in, size_t target)
{
	size_t n = RT_MIN(target - h4->len, rt_rd_left(in));
	struct rt_bytes v = rt_rd_take(in, n);

	if (v.len > 0)
		memcpy(h4->buf + h4->len, v.ptr, v.len);
	h4->len += v.len;
	return h4->len == target;
}

int rt_vctl_h4_next(struct rt_vctl_h4 *h4, struct rt_rd *in,
		    enum rt_packet_type *ret_type, struct rt_bytes *ret_packet)
{
	size_t head;

	if (h4->len == 0 && !fill(h4, in, 1))
		return 0;
	head = head_bytes(h4->buf[0]);
	if (head == 0)
		return -EILSEQ;
	if (h4->len < head && !fill(h4, in, head))
		return 0;
	if (!fill(h4, in, packet_bytes(h4->buf)))
		return 0;
	*ret_type = (enum rt_packet_type)h4->buf[0];
	*ret_packet = rt_bytes(h4->buf + 1, h4->len - 1);
	h4->len = 0;
	return 1;
}
