/* SPDX-License-Identifier: MIT */
/* The reader of captures, with a file of any content. */
#include "stack/btsnoop.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	struct rt_btsnoop_record record;
	enum rt_btsnoop_datalink datalink;
	volatile uint8_t sink = 0;

	if (rt_btsnoop_read_header(&r, &datalink) < 0)
		return 0;
	while (rt_btsnoop_read(&r, datalink, &record) > 0) {
		for (size_t i = 0; i < record.data.len; i++)
			sink = (uint8_t)(sink ^ record.data.ptr[i]);
	}
	return 0;
}
