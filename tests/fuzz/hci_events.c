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
#include "tests/fuzz/fields.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hci_bed.h"

static uint16_t handle_of(uint8_t which)
{
	const struct bed_link *known = bed_link(&bed.engine[0], which);

	return known ? rt_hci_link_handle(known->link) & 0x0fff : which;
}

static void send_event(struct rt_rd *r)
{
	uint8_t buf[FIELDS_EVENT_MAX];
	const uint8_t number = rt_rd_u8(r);
	const uint8_t which = rt_rd_u8(r);
	const struct known known = {
		.handle = handle_of(which),
		.addr = bed_addr(which),
	};

	world_to_host(bed.engine[0].node, RT_PACKET_EVENT,
		      rt_bytes(buf, fields_event(&known, number, r, buf)));
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
