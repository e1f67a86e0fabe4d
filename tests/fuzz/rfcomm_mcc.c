/* SPDX-License-Identifier: MIT */
/*
 * Multiplexer messages for the RFCOMM engine, as many as stand in one frame.
 * The first octet says how far a session has got; its uppermost bit, that
 * commands of ours wait for their answers.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rfcomm_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t acts[] = { 0x84, 0xa7, 0xb0, 0xc9, 0xe1, 4 };

	if (size == 0)
		return 0;
	rig_open(data[0] & 0x7f);
	if (data[0] & 0x80) {
		for (uint8_t i = 0; i < sizeof(acts); i++)
			rig_act(acts[i], i % 3);
		rig_tx(100, false);
	}
	rig_rx_mux(rt_bytes(data + 1, size - 1));
	rig_tx(100, false);
	rig_wait(RT_SECONDS(100));
	rig_close();
	return 0;
}
