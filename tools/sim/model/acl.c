/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/*
 * ACL data (Core Vol 4 Part E 5.4.2): PDUs cut into packets as the controller
 * has buffers, and put together again (Vol 3 Part A 7.2).
 */

#define PB_START_NON_FLUSHABLE 0
#define PB_CONTINUING 1
#define PB_START 2
#define L2CAP_HEAD 4

/* --- what comes --- */

static void begin(struct model_link *link)
{
	link->rx_len = 0;
	link->rx_all = 0;
	link->rx_drop = false;
}

static bool is_pending(const struct model_link *link)
{
	return link->rx_len > 0 || link->rx_drop;
}

static void complete(struct model *m, struct model_link *link)
{
	const struct rt_bytes pdu = rt_bytes(link->rx, link->rx_all);
	bool drop = link->rx_drop;

	begin(link);
	if (!drop)
		model_l2cap_rx(m, link, pdu);
}

static void append(struct model *m, struct model_link *link,
		   struct rt_bytes data)
{
	size_t n = data.len;

	if (link->rx_len < PDU_MAX) {
		n = RT_MIN(n, PDU_MAX - link->rx_len);
		memcpy(link->rx + link->rx_len, data.ptr, n);
	}
	link->rx_len += data.len;
	if (link->rx_all == 0 && link->rx_len >= L2CAP_HEAD)
		link->rx_all = L2CAP_HEAD + (size_t)model_get_le16(link->rx);
	if (link->rx_all == 0)
		return;
	if (link->rx_all > PDU_MAX && !link->rx_drop) {
		model_blame(m, link, "l2cap: a PDU of %zu octets",
			    link->rx_all);
		link->rx_drop = true;
	}
	if (link->rx_len > link->rx_all) {
		model_blame_always(m, link, "acl: %zu octets of a PDU of %zu",
				   link->rx_len, link->rx_all);
		begin(link);
		return;
	}
	if (link->rx_len == link->rx_all)
		complete(m, link);
}

static void on_start(struct model *m, struct model_link *link,
		     struct rt_bytes data)
{
	if (is_pending(link))
		model_blame_always(m, link,
				   "acl: a start, %zu of %zu octets pending",
				   link->rx_len, link->rx_all);
	begin(link);
	if (data.len == 0) {
		model_blame_always(m, link, "acl: a start of no octets");
		return;
	}
	append(m, link, data);
}

void model_acl_rx(struct model *m, struct rt_bytes packet)
{
	struct model_in in = model_in(packet);
	uint16_t head = model_in_le16(&in);
	uint16_t bytes = model_in_le16(&in);
	struct model_link *link = model_link_by_handle(m, head & 0x0fff);

	if (in.bad || !link || link->state == LINK_FREE)
		return;
	if (bytes != in.left || head >> 14 != 0) {
		model_blame_always(m, link, "acl: bad packet header %04x %04x",
				   head, bytes);
		return;
	}
	switch (head >> 12 & 3) {
	case PB_START:
	case PB_START_NON_FLUSHABLE:
		on_start(m, link, model_in_rest(&in));
		return;
	case PB_CONTINUING:
		break;
	default:
		model_blame_always(m, link, "acl: PB flag 3");
		return;
	}
	if (!is_pending(link)) {
		model_blame_always(m, link, "acl: a continuation of nothing");
		return;
	}
	append(m, link, model_in_rest(&in));
}

/* --- what goes --- */

static size_t fragment_bytes(const struct model *m,
			     const struct model_link *link)
{
	size_t left = link->tx_len - link->tx_at;

	switch (link->trick) {
	case TRICK_NONE:
	case TRICK_ORPHAN:
		break;
	case TRICK_EMPTY:
		return 0;
	case TRICK_CRUMBS:
		return RT_MIN(left, 1);
	case TRICK_TWICE:
	case TRICK_DROP:
		left = (left + 1) / 2;
		break;
	}
	return RT_MIN(left, m->acl_bytes);
}

/* True if the PDU goes on after this fragment. */
static bool play_trick(struct model *m, struct model_link *link)
{
	switch (link->trick) {
	case TRICK_NONE:
	case TRICK_CRUMBS:
		return true;
	case TRICK_TWICE:
		link->tx_at = 0;
		break;
	case TRICK_DROP:
		link->trick = TRICK_NONE;
		model_link_disconnect(m, link);
		return false;
	case TRICK_ORPHAN:
	case TRICK_EMPTY:
		break;
	}
	link->trick = TRICK_NONE;
	return true;
}

static struct rt_bytes fragment(struct model *m, struct model_link *link)
{
	size_t n = fragment_bytes(m, link);
	unsigned int pb = link->tx_at == 0 ? PB_START : PB_CONTINUING;

	if (link->trick == TRICK_ORPHAN)
		pb = PB_CONTINUING;
	model_put_le16(m->out, link->handle | pb << 12);
	model_put_le16(m->out + 2, (unsigned int)n);
	memcpy(m->out + 4, link->tx + link->tx_at, n);
	link->tx_at += n;
	if (!play_trick(m, link) || link->tx_at >= link->tx_len) {
		link->tx_len = 0;
		link->tx_at = 0;
		link->trick = TRICK_NONE;
	}
	return rt_bytes(m->out, 4 + n);
}

bool model_acl_tx(struct model *m, struct rt_bytes *ret_packet)
{
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		unsigned int at = (m->link_turn + i) % LINKS_MAX;
		struct model_link *link = m->link[at];

		if (m->acl_free == 0 || m->acl_bytes == 0)
			return false;
		if (!link || link->state != LINK_OPEN)
			continue;
		if (link->tx_len == 0 && !model_l2cap_pull(m, link))
			continue;
		/* A lie may have ended the link meanwhile. */
		if (link->state != LINK_OPEN || link->tx_len == 0)
			continue;
		*ret_packet = fragment(m, link);
		link->outstanding++;
		m->acl_free--;
		m->link_turn = at + 1;
		return true;
	}
	return false;
}
