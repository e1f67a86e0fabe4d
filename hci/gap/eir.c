/* SPDX-License-Identifier: MIT */
#include "hci/gap/eir.h"

#include <string.h>

#include "hci/gap/utf8.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* Data types (Assigned Numbers 2.3). */
#define TYPE_NAME_SHORTENED 0x08
#define TYPE_NAME_COMPLETE 0x09

#define STRUCTURE_HEADER_BYTES 2

void rt_gap_eir_build(const char *name, uint8_t ret[RT_GAP_EIR_BYTES])
{
	const size_t len = rt_gap_utf8_fit(
		name, RT_GAP_EIR_BYTES - STRUCTURE_HEADER_BYTES);
	struct rt_wr w = rt_wr_init(ret, RT_GAP_EIR_BYTES);

	memset(ret, 0, RT_GAP_EIR_BYTES);
	if (len == 0)
		return;
	rt_wr_u8(&w, (uint8_t)(1 + len));
	rt_wr_u8(&w,
		 name[len] == '\0' ? TYPE_NAME_COMPLETE : TYPE_NAME_SHORTENED);
	rt_wr_put(&w, rt_bytes(name, len));
}

static void take_name(struct rt_bytes name, bool complete,
		      struct rt_gap_device *device)
{
	/* The complete name wins, and of equals the first. */
	if (device->has_name && (device->name_complete || !complete))
		return;
	rt_gap_utf8_copy(name, device->name, sizeof(device->name));
	device->has_name = true;
	device->name_complete = complete;
}

void rt_gap_eir_parse(struct rt_bytes eir, struct rt_gap_device *device)
{
	struct rt_rd r = rt_rd_init(
		rt_bytes(eir.ptr, RT_MIN(eir.len, (size_t)RT_GAP_EIR_BYTES)));
	size_t significant = 0;
	struct rt_bytes data;
	uint8_t len;
	uint8_t type;

	device->has_name = false;
	device->name_complete = false;
	device->name[0] = '\0';
	for (len = rt_rd_u8(&r); len > 0; len = rt_rd_u8(&r)) {
		type = rt_rd_u8(&r);
		data = rt_rd_take(&r, len - 1U);
		if (!rt_rd_ok(&r))
			break;
		significant += 1U + len;
		if (type == TYPE_NAME_COMPLETE || type == TYPE_NAME_SHORTENED)
			take_name(data, type == TYPE_NAME_COMPLETE, device);
	}
	device->eir_bytes = (uint8_t)significant;
	memset(device->eir, 0, sizeof(device->eir));
	if (significant > 0)
		memcpy(device->eir, eir.ptr, significant);
}
