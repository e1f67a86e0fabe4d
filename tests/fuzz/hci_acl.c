/* SPDX-License-Identifier: MIT */
/*
 * Fragments of ACL data on four links (F-05), against a reassembler of our own
 * that keeps everything it gets. What the layer above hears, and when, must be
 * the same. hci_acl.h has the layout of an input.
 */
#include "tests/fuzz/hci_acl.h"

#include <stdlib.h>
#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hci_bed.h"

#define LINKS 4
#define PACKET_MAX 300
#define PDU_MAX (4 + 65535)
#define HANDLE_MAX 0x0eff
#define CONTINUING 1
#define FRAGMENTS_MAX 300 /* of one PDU: time is dear */
#define CONNECTION_COMPLETE 0x03

/* What the reassembler knows of a link. */
struct way {
	uint16_t handle;
	bool open;
	bool active;
	size_t len;
	uint8_t octets[PDU_MAX + PACKET_MAX];
};

static struct {
	struct way way[LINKS];
	const struct way *due; /* has a PDU that must be told of now */
	bool any;	       /* whatever is told of is right, or nothing */
	unsigned int told;
	/* Connection Complete that is held back. */
	size_t held_len;
	uint8_t held[PACKET_MAX];
} now;

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void on_pdu(struct rt_hci_link *link, struct rt_bytes pdu)
{
	now.told++;
	if (now.any)
		return;
	bed_must(now.due && rt_hci_link_handle(link) == now.due->handle,
		 "a PDU is due on this link");
	bed_must(pdu.len == now.due->len &&
			 memcmp(pdu.ptr, now.due->octets, pdu.len) == 0,
		 "the octets of the fragments, one after the other");
}

/* Adds a fragment. True if that makes a PDU that is wanted. */
static bool add(struct way *way, unsigned int boundary, struct rt_bytes data)
{
	size_t total;

	if (boundary != CONTINUING) {
		way->active = true;
		way->len = 0;
	}
	if (!way->active)
		return false;
	if (data.len > 0)
		memcpy(way->octets + way->len, data.ptr, data.len);
	way->len += data.len;
	if (way->len < 4)
		return false;
	total = 4U + le16(way->octets);
	if (way->len < total)
		return false;
	way->active = false;
	if (way->len > total)
		return false;
	return total - 4 <= (le16(way->octets + 2) == BED_CID_SMALL
				     ? BED_PDU_SMALL
				     : BED_PDU_BYTES);
}

static struct way *find(uint16_t handle)
{
	for (size_t i = 0; i < LINKS; i++) {
		if (now.way[i].open && now.way[i].handle == handle)
			return &now.way[i];
	}
	return NULL;
}

/* What the reassembler makes of a packet: the link with a PDU, or NULL. */
static const struct way *expect(struct rt_bytes packet)
{
	const uint8_t *p = packet.ptr;
	struct way *way;

	if (packet.len < 4 || le16(p + 2) != packet.len - 4)
		return NULL;
	if (le16(p) >> 14 != 0)
		return NULL;
	way = find(le16(p) & 0x0fff);
	if (!way ||
	    !add(way, le16(p) >> 12 & 3, rt_bytes(p + 4, packet.len - 4)))
		return NULL;
	return way;
}

static void receive(struct rt_bytes packet)
{
	now.told = 0;
	now.due = expect(packet);
	world_to_host(bed.engine[0].node, RT_PACKET_ACL, packet);
	if (!now.any)
		bed_must(now.told == (now.due ? 1 : 0), "told once, or not");
	now.due = NULL;
}

static void fragment(uint16_t handle, unsigned int boundary,
		     struct rt_bytes data)
{
	uint8_t buf[PACKET_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_le16(&w, (uint16_t)(handle | (boundary & 3) << 12));
	rt_wr_le16(&w, (uint16_t)data.len);
	rt_wr_put(&w, data);
	receive(rt_wr_bytes(&w));
}

/* A PDU in fragments, or the first of them. */
static void send_pdu(uint16_t handle, struct rt_rd *r)
{
	static uint8_t pdu[PDU_MAX];
	const uint16_t cid = (uint16_t)(0x40 + (rt_rd_u8(r) & 3));
	const uint16_t len = rt_rd_le16(r);
	const size_t piece = 1 + (size_t)rt_rd_u8(r);
	size_t count = rt_rd_u8(r);
	size_t at = 0;

	pdu[0] = (uint8_t)len;
	pdu[1] = (uint8_t)(len >> 8);
	pdu[2] = (uint8_t)cid;
	pdu[3] = 0;
	for (size_t i = 4; i < 4U + len; i++)
		pdu[i] = (uint8_t)(i * 7);
	if (count == 0)
		count = FRAGMENTS_MAX;
	while (at < 4U + len && count-- > 0) {
		const size_t n = RT_MIN(piece, 4U + len - at);

		fragment(handle, at == 0 ? 2 : CONTINUING,
			 rt_bytes(pdu + at, n));
		at += n;
	}
}

/* --- links --------------------------------------------------------------- */

static void open_link(unsigned int i)
{
	const struct rt_hci_link *link;

	bed_act(1 + i, 0, 0, 0);
	bed_settle();
	link = rt_hci_link_find(bed.engine[0].hci, bed_addr(1 + i));
	bed_must(link, "the peer gets through");
	now.way[i].handle = rt_hci_link_handle(link);
	now.way[i].active = false;
	now.way[i].open = true;
}

static void close_link(unsigned int i)
{
	rt_vctl_drop_links(bed.engine[1 + i].node->vctl);
	bed_settle();
	now.way[i].open = false;
}

static bool hold_complete(enum rt_packet_type type, struct rt_bytes packet)
{
	if (type != RT_PACKET_EVENT || packet.ptr[0] != CONNECTION_COMPLETE ||
	    packet.len > sizeof(now.held))
		return false;
	memcpy(now.held, packet.ptr, packet.len);
	now.held_len = packet.len;
	return true;
}

/* Data overtake Connection Complete: they are kept, or lost. */
static void early(unsigned int i, unsigned int boundary, struct rt_bytes data)
{
	struct rt_rd r = rt_rd_init(data);
	uint16_t handle;

	close_link(i);
	now.held_len = 0;
	bed.meddle = hold_complete;
	bed_act(1 + i, 0, 0, 0);
	bed_settle();
	bed.meddle = NULL;
	if (now.held_len == 0)
		return;
	handle = le16(now.held + 3) & 0x0fff;
	now.any = true;
	fragment(handle, boundary, rt_rd_take(&r, data.len / 2));
	fragment(handle, CONTINUING, rt_rd_rest(&r));
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT,
		      rt_bytes(now.held, now.held_len));
	now.any = false;
	/* What is under way is not known: a start puts that right. */
	now.way[i].handle = handle;
	now.way[i].active = false;
	now.way[i].open = true;
	fragment(handle, 2, rt_bytes("\0\0\x40\0", 4));
}

static void play(uint8_t what, struct rt_bytes body)
{
	struct rt_rd r = rt_rd_init(body);
	const unsigned int i = rt_rd_u8(&r) % LINKS;
	unsigned int boundary;

	switch ((enum record)(what % RECORDS)) {
	case RECORD_FRAGMENT:
		boundary = rt_rd_u8(&r);
		fragment(now.way[i].handle, boundary, rt_rd_rest(&r));
		break;
	case RECORD_PDU:
		send_pdu(now.way[i].handle, &r);
		break;
	case RECORD_RAW:
		receive(body);
		break;
	case RECORD_BREAK:
		close_link(i);
		open_link(i);
		break;
	case RECORD_EARLY:
		boundary = rt_rd_u8(&r);
		early(i, boundary, rt_rd_rest(&r));
		break;
	case RECORD_TIME:
		bed_wait(UINT64_C(1000) << rt_rd_u8(&r) % 10);
		break;
	case RECORDS:
		return;
	}
	bed_settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));

	for (size_t i = 0; i < LINKS; i++)
		now.way[i].open = false;
	bed_begin(1 + LINKS);
	bed.pdu = on_pdu;
	bed_start(10);
	for (unsigned int i = 0; i < LINKS; i++)
		open_link(i);
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	now.any = true;
	bed_end();
	now.any = false;
	return 0;
}
