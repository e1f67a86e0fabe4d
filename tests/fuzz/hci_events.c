/* SPDX-License-Identifier: MIT */
/*
 * A controller that does not behave (F-03): an engine that was brought up, in
 * the middle of its links, inquiries and pairings with honest peers, gets
 * events that are late, twice, cut, changed, or made up. hci_events.h has the
 * layout of an input.
 */
#include "tests/fuzz/hci_events.h"

#include <string.h>

#include "stack/rd.h"
#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hci_bed.h"

#define EVENT_MAX 260

/*
 * Events (Core Vol 4 Part E 7.7) and their fields: S a status of 0, H the
 * handle of a link, A the address of a peer, 1 the octet 1, and so many free
 * octets: x one, y two, c four, e eight, k sixteen, and n as many as there are.
 */
static const struct {
	uint8_t code;
	const char *fields;
} events[EVENTS] = {
	{ 0x01, "S" },	    { 0x02, "1Acyx" }, { 0x03, "SHA1x" },
	{ 0x04, "Ayx1" },   { 0x05, "SHx" },   { 0x06, "SH" },
	{ 0x07, "SAn" },    { 0x08, "SHx" },   { 0x0b, "SHe" },
	{ 0x0c, "SHcx" },   { 0x0e, "1yn" },   { 0x0f, "S1y" },
	{ 0x10, "x" },	    { 0x11, "H" },     { 0x12, "SAx" },
	{ 0x13, "1Hy" },    { 0x14, "SHxy" },  { 0x16, "A" },
	{ 0x17, "A" },	    { 0x18, "Akx" },   { 0x1a, "x" },
	{ 0x1b, "Hx" },	    { 0x22, "1Acyx" }, { 0x23, "SHyen" },
	{ 0x2f, "1Acycn" }, { 0x30, "SH" },    { 0x31, "A" },
	{ 0x32, "Ayx" },    { 0x33, "Ac" },    { 0x34, "A" },
	{ 0x35, "A" },	    { 0x36, "SA" },    { 0x3b, "Ac" },
	{ 0x59, "SHy" },
};

static uint16_t handle_of(uint8_t which)
{
	const struct bed_link *known = bed_link(&bed.engine[0], which);

	return known ? rt_hci_link_handle(known->link) & 0x0fff : which;
}

static void put_free(struct rt_wr *w, struct rt_rd *r, size_t n)
{
	while (n-- > 0)
		rt_wr_u8(w, rt_rd_u8(r));
}

static void put_field(struct rt_wr *w, struct rt_rd *r, char kind,
		      uint8_t which)
{
	switch (kind) {
	case 'S':
		rt_wr_u8(w, 0);
		return;
	case 'H':
		rt_wr_le16(w, handle_of(which));
		return;
	case 'A':
		rt_wr_addr(w, bed_addr(which));
		return;
	case '1':
		rt_wr_u8(w, 1);
		return;
	case 'x':
		put_free(w, r, 1);
		return;
	case 'y':
		put_free(w, r, 2);
		return;
	case 'c':
		put_free(w, r, 4);
		return;
	case 'e':
		put_free(w, r, 8);
		return;
	case 'k':
		put_free(w, r, 16);
		return;
	default:
		rt_wr_put(w, rt_rd_rest(r));
		return;
	}
}

static void send_event(struct rt_rd *r)
{
	uint8_t buf[EVENT_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const uint8_t number = rt_rd_u8(r) % EVENTS;
	const uint8_t which = rt_rd_u8(r);

	rt_wr_u8(&w, events[number].code);
	rt_wr_u8(&w, 0);
	for (const char *kind = events[number].fields; *kind; kind++)
		put_field(&w, r, *kind, which);
	buf[1] = (uint8_t)(rt_wr_bytes(&w).len - 2);
	world_to_host(bed.engine[0].node, RT_PACKET_EVENT, rt_wr_bytes(&w));
}

static void take_lie(struct rt_rd *r)
{
	uint8_t lie[LIE_BYTES];

	for (size_t i = 0; i < LIE_BYTES; i++)
		lie[i] = rt_rd_u8(r);
	liar_arm(&bed.liar, lie);
}

static void act(struct rt_rd *r)
{
	const uint8_t engine = rt_rd_u8(r);
	const uint8_t what = rt_rd_u8(r);
	const uint8_t a = rt_rd_u8(r);
	const uint8_t b = rt_rd_u8(r);

	take_lie(r);
	bed_act(engine, what, a, b);
}

static void play(uint8_t what, struct rt_bytes body)
{
	struct rt_rd r = rt_rd_init(body);
	uint64_t us;

	switch ((enum record)(what % RECORDS)) {
	case RECORD_ACT:
		act(&r);
		break;
	case RECORD_TIME:
		us = UINT64_C(1000) << rt_rd_u8(&r) % 16;
		take_lie(&r);
		bed_wait(us);
		break;
	case RECORD_EVENT:
		send_event(&r);
		break;
	case RECORD_RAW:
		world_to_host(bed.engine[0].node, RT_PACKET_EVENT, body);
		break;
	case RECORD_DATA:
		world_to_host(bed.engine[0].node, RT_PACKET_ACL, body);
		break;
	case RECORDS:
		return;
	}
	bed_settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));

	bed_begin(3);
	for (unsigned int i = 0; i < 3; i++)
		bed_act(i, 9, 5, 0x13);
	if (size >= HEAD_BYTES) {
		bed_act(0, 9, data[0] >> 4, data[0] & 0x4f);
		bed_act(1, 9, data[1] >> 4, data[1] & 0x4f);
		(void)rt_rd_take(&r, HEAD_BYTES);
	}
	bed_start(10);
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	bed_end();
	return 0;
}
