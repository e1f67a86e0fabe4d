/* SPDX-License-Identifier: MIT */
/*
 * The client, on a fake L2CAP: two devices are asked. The first octet chooses
 * what; then come PDUs, each an octet of what to do with it and one of its
 * length. Bit 7 gives it the right parameter length, bit 6 the transaction id
 * of the last request, bit 5 chooses the device. A length of 0 stands for
 * something else, by the lower bits: another query, one given up, time that
 * passes, a channel that opens or closes.
 */
#include <string.h>

#include "l2cap/sdp/pdu.h"
#include "l2cap/sdp/record.h"
#include "stack/rd.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sdp/bench.h"

#define PDU_MAX 256
#define ASKERS 8

/* Who asks. Everyone hears of the end once, or not if it was given up. */
struct asker {
	rt_handle query; /* 0: not under way */
	bool gives_up;	 /* in its first record */
	bool asks_on;	 /* when it is over */
};

static struct {
	struct asker asker[ASKERS];
	size_t next;
	uint8_t transaction;
	uint16_t tid[2]; /* of the last request to a device */
} now;

static void inquire(uint8_t how);

static void on_record(void *user, uint32_t handle, struct rt_bytes attributes)
{
	struct asker *asker = user;

	(void)handle;
	ck_assert(asker->query != 0);
	ck_assert(rt_sdp_record_is_valid(attributes, RT_SDP_ANY_ORDER));
	if (!asker->gives_up)
		return;
	rt_sdp_cancel(bench.sdp, asker->query);
	asker->query = 0;
}

static void on_done(void *user, const struct rt_reason *why)
{
	struct asker *asker = user;

	ck_assert(asker->query != 0 && why->err <= 0);
	asker->query = 0;
	if (asker->asks_on)
		inquire(0);
}

static const struct rt_sdp_query_ops ops = { .record = on_record,
					     .done = on_done };

static void inquire(uint8_t how)
{
	const struct rt_uuid uuid = rt_uuid_from_short(0x1101);
	const struct rt_sdp_query query = {
		.transaction = (enum rt_sdp_transaction)(
			(now.transaction + now.next) % 3),
		.addr = bench_addr((uint8_t)(1 + (how >> 5 & 1))),
		.uuids = &uuid,
		.uuid_count = 1,
	};
	struct asker *asker = &now.asker[now.next % ASKERS];

	if (asker->query || now.next >= 100)
		return;
	now.next++;
	asker->gives_up = how & 0x40;
	asker->asks_on = how & 0x80;
	if (rt_sdp_query(bench.sdp, &query, &ops, asker, &asker->query))
		asker->query = 0;
}

static struct fake_chan *chan_of(size_t device)
{
	for (size_t i = 0; i < FAKE_CHANS; i++) {
		struct fake_chan *chan = &bench.l2cap.chan[i];

		if (chan->state != FAKE_FREE && !chan->incoming &&
		    chan->peer.b[0] == 1 + device)
			return chan;
	}
	return NULL;
}

/* Takes what both devices are asked. */
static void take(void)
{
	for (size_t device = 0; device < 2; device++) {
		const struct fake_chan *chan = chan_of(device);
		size_t n;

		if (!chan)
			continue;
		n = fake_pull(&bench.l2cap, chan->handle, bench.got);
		if (n == 0)
			continue;
		ck_assert(n >= 5 && bench.got[0] % 2 == 0);
		ck_assert((size_t)(bench.got[3] << 8 | bench.got[4]) == n - 5);
		now.tid[device] = (uint16_t)(bench.got[1] << 8 | bench.got[2]);
	}
}

static void hand_over(uint8_t how, struct rt_bytes octets)
{
	const size_t device = how >> 5 & 1;
	const struct fake_chan *chan = chan_of(device);
	uint8_t pdu[PDU_MAX];

	if (!chan || chan->state != FAKE_OPEN)
		return;
	memcpy(pdu, octets.ptr, octets.len);
	if (how & 0x40 && octets.len >= 3) {
		pdu[1] = (uint8_t)(now.tid[device] >> 8);
		pdu[2] = (uint8_t)now.tid[device];
	}
	if (how & 0x80 && octets.len >= RT_SDP_HEADER_BYTES) {
		pdu[3] = 0;
		pdu[4] = (uint8_t)(octets.len - RT_SDP_HEADER_BYTES);
	}
	bench.env->frame++;
	fake_rx(&bench.l2cap, chan->handle, rt_bytes(pdu, octets.len));
	rt_env_reap(bench.env);
}

static void channel(uint8_t how)
{
	static const struct rt_reason reasons[] = {
		{ .layer = RT_LAYER_L2CAP,
		  .code = RT_L2CAP_PEER_DISCONNECTED,
		  .err = -ECONNRESET },
		{ .layer = RT_LAYER_L2CAP, .code = RT_L2CAP_CLOSED },
		{ .layer = RT_LAYER_HCI, .code = 8, .err = -ETIMEDOUT },
	};
	struct fake_chan *chan = chan_of(how >> 5 & 1);

	if (!chan)
		return;
	if (chan->state == FAKE_CONNECTING && !(how & 0x40))
		fake_open(&bench.l2cap, chan->handle, how & 0x80 ? 48 : 672);
	else
		fake_closed(&bench.l2cap, chan->handle,
			    &reasons[how % RT_ARRAY_SIZE(reasons)]);
	rt_env_reap(bench.env);
}

static void change(uint8_t how)
{
	struct asker *asker = &now.asker[how >> 3 & 7];

	switch (how & 7) {
	case 0:
	case 1:
		inquire(how);
		return;
	case 2:
		rt_sdp_cancel(bench.sdp, asker->query);
		asker->query = 0;
		return;
	case 3:
		bench_wait_us(RT_SECONDS(1));
		return;
	case 4:
		bench_wait_us(RT_SECONDS(29));
		return;
	default:
		channel(how);
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));

	memset(&now, 0, sizeof(now));
	bench_setup();
	now.transaction = rt_rd_u8(&r) % 3;
	inquire(0);
	channel(0);
	take();
	while (rt_rd_left(&r) > 0) {
		const uint8_t how = rt_rd_u8(&r);
		const size_t n = rt_rd_u8(&r);

		if (n == 0)
			change(how);
		else
			hand_over(how,
				  rt_rd_take(&r, RT_MIN(n, rt_rd_left(&r))));
		take();
	}
	bench_teardown();
	return 0;
}
