/* SPDX-License-Identifier: MIT */
/*
 * One SDU for the RFCOMM engine. The first octet says how far a session has
 * got; its uppermost bit, that the FCS is made right.
 */
#include <stdlib.h>
#include <string.h>

#include "rfcomm/frame.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rfcomm_rig.h"

/* What was understood says the same when it is written again. */
static void write_again(struct rt_bytes sdu)
{
	struct rt_rfcomm_frame frame;
	struct rt_rfcomm_head head;
	struct rt_bytes info;
	uint8_t octets[8];
	struct rt_wr w = rt_wr_init(octets, sizeof(octets));
	uint8_t credits;

	if (rt_rfcomm_frame_parse(sdu, &frame))
		return;
	if (rt_rfcomm_frame_info(&frame, true, &credits, &info))
		return;
	head = (struct rt_rfcomm_head){
		.type = frame.type,
		.dlci = frame.dlci,
		.cr = frame.cr,
		.pf = frame.pf,
		.has_credits = frame.type == RT_RFCOMM_UIH && frame.pf &&
			       frame.dlci != 0,
		.credits = credits,
		.len = frame.len,
	};
	if (info.len != frame.len ||
	    rt_rfcomm_frame_head_fcs(&head) != sdu.ptr[sdu.len - 1])
		abort();
	rt_rfcomm_frame_write_head(&w, &head);
	/* A short length may have come in the long form. */
	if (!(sdu.ptr[2] & 1) && frame.len <= 127)
		return;
	if (rt_wr_bytes(&w).len + info.len + 1 != sdu.len ||
	    memcmp(octets, sdu.ptr, rt_wr_bytes(&w).len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_bytes sdu;

	if (size == 0)
		return 0;
	sdu = rt_bytes(data + 1, size - 1);
	write_again(sdu);
	rig_open(data[0] & 0x7f);
	if (data[0] & 0x80)
		rig_rx_frame(sdu);
	else
		rig_rx(sdu);
	rig_tx(100, false);
	rig_wait(RT_SECONDS(100));
	rig_close();
	return 0;
}
