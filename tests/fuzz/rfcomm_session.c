/* SPDX-License-Identifier: MIT */
/*
 * A session with three DLCs, and what happens to it: frames, answers, time,
 * users and L2CAP. rfcomm_session.h has the layout, rfcomm_mutate.c makes
 * inputs that are right but for one thing.
 */
#include "tests/fuzz/rfcomm_session.h"

#include "stack/rd.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rfcomm_rig.h"

static uint8_t octet(struct rt_bytes bytes, size_t i)
{
	return i < bytes.len ? bytes.ptr[i] : 0;
}

static void play(uint8_t what, struct rt_bytes body)
{
	switch ((enum record)(what % RECORDS)) {
	case RECORD_FRAME:
		rig_rx(body);
		return;
	case RECORD_SEALED:
		rig_rx_frame(body);
		return;
	case RECORD_MUX:
		rig_rx_mux(body);
		return;
	case RECORD_TX:
		rig_tx(octet(body, 0) % 32, octet(body, 1) & 1);
		return;
	case RECORD_WAIT:
		rig_wait(UINT64_C(1000) << octet(body, 0) % 17);
		return;
	case RECORD_ACT:
		rig_act(octet(body, 0), octet(body, 1));
		return;
	case RECORD_CHANNEL:
		rig_channel(octet(body, 0));
		return;
	case RECORDS:
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));

	if (size == 0)
		return 0;
	rig_open(rt_rd_u8(&r));
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	rig_tx(200, true);
	rig_wait(RT_SECONDS(200));
	rig_close();
	return 0;
}
