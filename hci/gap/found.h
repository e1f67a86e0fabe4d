/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_FOUND_H
#define RT_HCI_GAP_FOUND_H

#include <stdbool.h>

#include "hci/gap.h"

/*
 * The devices that inquiries have found: at most limits.inquiry_results; the
 * one not heard of for the longest time makes room for a new one.
 */

struct rt_hci;

/*
 * Merges what an inquiry result says of a device with what is known. `result`
 * has an EIR only if `has_eir`. Returns the device as it is known now if that
 * is news in this inquiry, else NULL.
 */
const struct rt_gap_device *
rt_gap_found_merge(struct rt_hci *hci, const struct rt_gap_device *result,
		   bool has_eir);

/*
 * What is known of how a device scans, for paging it (7.1.5): the page scan
 * repetition mode, and the clock offset with its valid bit or 0.
 */
void rt_gap_found_page_hints(const struct rt_hci *hci, struct rt_addr addr,
			     uint8_t *ret_page_scan_repetition,
			     uint16_t *ret_clock_offset);

/* Forgets all devices. */
void rt_gap_found_free_all(struct rt_hci *hci);

#endif
