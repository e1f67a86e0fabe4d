/* SPDX-License-Identifier: MIT */
/*
 * The reader of captures, with a file of any content. What it reads is written
 * anew, to a file of either kind that can hold it, and must come out the same.
 */
#include <stdlib.h>
#include <string.h>

#include "stack/btsnoop.h"
#include "tests/fuzz/fuzz.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void compare(const struct rt_btsnoop_record *a,
		    const struct rt_btsnoop_record *b)
{
	must(a->time_us == b->time_us && a->drops == b->drops);
	must(a->opcode == b->opcode && a->data.len == b->data.len);
	must(a->original_bytes == b->original_bytes);
	must(a->data.len == 0 ||
	     memcmp(a->data.ptr, b->data.ptr, a->data.len) == 0);
}

static void write_again(enum rt_btsnoop_datalink datalink,
			const struct rt_btsnoop_record *record)
{
	static uint8_t file[RT_BTSNOOP_HEADER_BYTES + RT_BTSNOOP_RECORD_BYTES +
			    RT_BTSNOOP_RECORD_MAX];
	uint8_t header[RT_BTSNOOP_RECORD_BYTES + 1];
	size_t len = RT_BTSNOOP_HEADER_BYTES;
	enum rt_btsnoop_datalink read;
	struct rt_btsnoop_record again;
	struct rt_rd r;
	size_t n;

	/* The octet that tells its kind may not fit into the count any more. */
	n = rt_btsnoop_record_header(datalink, record, header);
	if (n == 0 ||
	    (datalink == RT_BTSNOOP_H4 && record->original_bytes == UINT32_MAX))
		return;
	rt_btsnoop_header(datalink, file);
	memcpy(file + len, header, n);
	len += n;
	if (record->data.len > 0)
		memcpy(file + len, record->data.ptr, record->data.len);
	len += record->data.len;
	r = rt_rd_init(rt_bytes(file, len));
	must(rt_btsnoop_read_header(&r, &read) == 0 && read == datalink);
	must(rt_btsnoop_read(&r, read, &again) == 1);
	compare(record, &again);
	must(datalink == RT_BTSNOOP_H4 || again.index == record->index);
	must(rt_btsnoop_read(&r, read, &again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	struct rt_btsnoop_record record;
	enum rt_btsnoop_datalink datalink;

	if (rt_btsnoop_read_header(&r, &datalink) < 0)
		return 0;
	while (rt_btsnoop_read(&r, datalink, &record) > 0) {
		write_again(RT_BTSNOOP_MONITOR, &record);
		write_again(RT_BTSNOOP_H4, &record);
	}
	return 0;
}
