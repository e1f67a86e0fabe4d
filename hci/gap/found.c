/* SPDX-License-Identifier: MIT */
#include "hci/gap/found.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/gap/eir.h"

#define PAGE_SCAN_R2 0x02 /* right for any device, if slow */
#define CLOCK_OFFSET_VALID 0x8000

struct found {
	struct rt_list node;
	uint32_t round; /* the inquiry it was reported in last */
	struct rt_gap_device device;
};

static struct found *find(const struct rt_hci *hci, struct rt_addr addr)
{
	struct found *found;

	RT_LIST_EACH (found, &hci->inquiry.found, node) {
		if (rt_addr_equal(found->device.addr, addr))
			return found;
	}
	return NULL;
}

static void forget(struct rt_hci *hci, struct found *found)
{
	rt_list_del(&found->node);
	hci->inquiry.found_count--;
	rt_env_free(hci->env, found);
}

static struct found *add(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_gap_inquiry *inquiry = &hci->inquiry;
	struct found *found;

	while (inquiry->found_count > 0 &&
	       inquiry->found_count >= hci->env->limits.inquiry_results)
		forget(hci, RT_LIST_FIRST(&inquiry->found, struct found, node));
	found = rt_env_alloc(hci->env, sizeof(*found));
	if (!found)
		return NULL;
	found->device.addr = addr;
	rt_list_append(&inquiry->found, &found->node);
	inquiry->found_count++;
	return found;
}

/* Takes over an EIR. Returns whether it differs from the one known. */
static bool take_eir(struct rt_gap_device *device,
		     const struct rt_gap_device *result)
{
	const bool same =
		device->eir_bytes == result->eir_bytes &&
		memcmp(device->eir, result->eir, sizeof(device->eir)) == 0;

	device->eir_bytes = result->eir_bytes;
	memcpy(device->eir, result->eir, sizeof(device->eir));
	device->has_name = result->has_name;
	device->name_complete = result->name_complete;
	memcpy(device->name, result->name, sizeof(device->name));
	return !same;
}

const struct rt_gap_device *
rt_gap_found_merge(struct rt_hci *hci, const struct rt_gap_device *result,
		   bool has_eir)
{
	struct found *found = find(hci, result->addr);
	struct rt_gap_device *device;
	bool news;

	if (!found)
		found = add(hci, result->addr);
	if (!found)
		return result;
	device = &found->device;
	news = found->round != hci->inquiry.round ||
	       device->class_of_device != result->class_of_device ||
	       (result->has_rssi && !device->has_rssi);
	device->class_of_device = result->class_of_device;
	device->clock_offset = result->clock_offset;
	device->page_scan_repetition = result->page_scan_repetition;
	if (result->has_rssi) {
		device->has_rssi = true;
		device->rssi = result->rssi;
	}
	if (has_eir && take_eir(device, result))
		news = true;
	found->round = hci->inquiry.round;
	rt_list_del(&found->node);
	rt_list_append(&hci->inquiry.found, &found->node);
	return news ? device : NULL;
}

void rt_gap_found_free_all(struct rt_hci *hci)
{
	struct rt_list *list = &hci->inquiry.found;

	while (!rt_list_empty(list))
		forget(hci, RT_LIST_FIRST(list, struct found, node));
}

void rt_gap_found_page_hints(const struct rt_hci *hci, struct rt_addr addr,
			     uint8_t *ret_page_scan_repetition,
			     uint16_t *ret_clock_offset)
{
	const struct found *found = find(hci, addr);

	*ret_page_scan_repetition = PAGE_SCAN_R2;
	*ret_clock_offset = 0;
	if (!found)
		return;
	if (found->device.page_scan_repetition < PAGE_SCAN_R2)
		*ret_page_scan_repetition = found->device.page_scan_repetition;
	*ret_clock_offset = found->device.clock_offset | CLOCK_OFFSET_VALID;
}
