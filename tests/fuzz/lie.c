/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/lie.h"

#include <string.h>

#include "tests/fuzz/fcs.h"

#define EVENT_HEADER_BYTES 2
#define ACL_HEADER_BYTES 4
#define L2CAP_HEADER_BYTES 4

/* The low bits of `which`: what is computed anew behind a change. */
enum seal {
	SEAL_NOTHING,
	SEAL_RFCOMM, /* the last octet is the FCS of TS 07.10 */
	SEAL_L2CAP,  /* the last two are the FCS of L2CAP */
	SEALS,
};

void liar_arm(struct liar *liar, const uint8_t p[LIE_BYTES])
{
	liar->lie = (struct lie){
		.what = p[0] % LIES,
		.which = p[1],
		.where = p[2],
		.value = p[3],
	};
	liar->left = liar->lie.which / SEALS;
	liar->armed = liar->lie.what != LIE_NONE;
}

static void seal(const struct lie *lie, struct lie_packet *packet)
{
	const size_t header = ACL_HEADER_BYTES + L2CAP_HEADER_BYTES;
	uint8_t *pdu = packet->octets + ACL_HEADER_BYTES;
	const size_t len = packet->len - ACL_HEADER_BYTES;
	unsigned int fcs;

	if (packet->type != RT_PACKET_ACL || packet->len < header + 4)
		return;
	switch ((enum seal)(lie->which % SEALS)) {
	case SEAL_NOTHING:
		return;
	case SEAL_RFCOMM:
		packet->octets[packet->len - 1] = fcs_of_rfcomm(
			packet->octets + header, packet->len - header - 1);
		return;
	case SEAL_L2CAP:
		fcs = fcs_of_l2cap(pdu, len - 2);
		pdu[len - 2] = (uint8_t)fcs;
		pdu[len - 1] = (uint8_t)(fcs >> 8);
		return;
	case SEALS:
		return;
	}
}

/* Lengths that fit: HCI's, and in a PDU that is one fragment L2CAP's. */
static void fit(const struct lie *lie, struct lie_packet *packet, bool whole)
{
	const size_t len = packet->len;
	uint8_t *p = packet->octets;

	if (packet->type == RT_PACKET_EVENT) {
		p[1] = (uint8_t)(len - EVENT_HEADER_BYTES);
		return;
	}
	p[2] = (uint8_t)(len - ACL_HEADER_BYTES);
	p[3] = (uint8_t)((len - ACL_HEADER_BYTES) >> 8);
	if (lie->what == LIE_CUT_INNER || !whole ||
	    len < ACL_HEADER_BYTES + L2CAP_HEADER_BYTES)
		return;
	p[4] = (uint8_t)(len - ACL_HEADER_BYTES - L2CAP_HEADER_BYTES);
	p[5] = (uint8_t)((len - ACL_HEADER_BYTES - L2CAP_HEADER_BYTES) >> 8);
}

static size_t header_of(const struct lie_packet *packet)
{
	return packet->type == RT_PACKET_EVENT ? EVENT_HEADER_BYTES
					       : ACL_HEADER_BYTES;
}

/* True if the ACL packet is a whole PDU. */
static bool is_whole(const struct lie_packet *packet)
{
	const uint8_t *p = packet->octets;

	return packet->type == RT_PACKET_ACL &&
	       packet->len >= ACL_HEADER_BYTES + L2CAP_HEADER_BYTES &&
	       packet->len == ACL_HEADER_BYTES + L2CAP_HEADER_BYTES +
				      (size_t)(p[4] | p[5] << 8);
}

static void change(const struct lie *lie, struct lie_packet *packet)
{
	const size_t header = header_of(packet);
	const size_t body = packet->len - header;
	const bool whole = is_whole(packet);

	switch ((enum lie_what)lie->what) {
	case LIE_OCTET:
		packet->octets[lie->where % packet->len] ^= lie->value;
		break;
	case LIE_CUT:
	case LIE_CUT_INNER:
		packet->len = header + (body ? lie->where % body : 0);
		fit(lie, packet, whole);
		break;
	case LIE_CUT_OUTER:
		packet->len = lie->where % packet->len;
		return;
	case LIE_LONGER:
		if (packet->type == RT_PACKET_EVENT && body == UINT8_MAX)
			return;
		packet->octets[packet->len++] = lie->value;
		fit(lie, packet, whole);
		break;
	case LIE_LONGER_OUTER:
		packet->octets[packet->len++] = lie->value;
		return;
	case LIE_NONE:
	case LIE_DROP:
	case LIE_TWICE:
	case LIE_LATE:
	case LIE_AGAIN:
	case LIES:
		return;
	}
	seal(lie, packet);
}

static void keep(struct lie_packet *to, enum rt_packet_type type,
		 struct rt_bytes packet)
{
	to->type = type;
	to->len = packet.len;
	memcpy(to->octets, packet.ptr, packet.len);
}

static void hand_over(struct world_node *node, const struct lie_packet *packet)
{
	world_to_host(node, packet->type,
		      rt_bytes(packet->octets, packet->len));
}

static void release(struct liar *liar, struct world_node *node)
{
	struct lie_packet packet = liar->late;

	liar->late.len = 0;
	if (packet.len > 0)
		hand_over(node, &packet);
}

static void tell(struct liar *liar, struct world_node *node,
		 struct lie_packet *packet)
{
	const struct lie_packet last = liar->last;

	liar->armed = false;
	liar->told++;
	change(&liar->lie, packet);
	switch ((enum lie_what)liar->lie.what) {
	case LIE_DROP:
		return;
	case LIE_LATE:
		release(liar, node);
		liar->late = *packet;
		return;
	case LIE_TWICE:
		hand_over(node, packet);
		hand_over(node, packet);
		return;
	case LIE_AGAIN:
		hand_over(node, packet);
		if (last.len > 0)
			hand_over(node, &last);
		return;
	case LIE_NONE:
	case LIE_OCTET:
	case LIE_CUT:
	case LIE_CUT_INNER:
	case LIE_CUT_OUTER:
	case LIE_LONGER:
	case LIE_LONGER_OUTER:
	case LIES:
		hand_over(node, packet);
		return;
	}
}

bool liar_meddle(struct liar *liar, struct world_node *node,
		 enum rt_packet_type type, struct rt_bytes packet)
{
	struct lie_packet kept;

	if ((type != RT_PACKET_EVENT && type != RT_PACKET_ACL) ||
	    packet.len + 1 > LIE_PACKET_MAX || packet.len < ACL_HEADER_BYTES)
		return false;
	if (!liar->armed && liar->late.len == 0) {
		keep(&liar->last, type, packet);
		return false;
	}
	keep(&kept, type, packet);
	if (liar->armed && liar->left-- == 0) {
		tell(liar, node, &kept);
	} else {
		hand_over(node, &kept);
		release(liar, node);
	}
	keep(&liar->last, type, packet);
	return true;
}

void liar_rest(struct liar *liar, struct world_node *node)
{
	liar->armed = false;
	release(liar, node);
}
