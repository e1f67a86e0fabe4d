/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_EIR_H
#define RT_HCI_GAP_EIR_H

#include "hci/gap.h"
#include "stack/base.h"
#include "stack/uuid.h"

/*
 * Extended Inquiry Response (Core Vol 3 Part C 8; data types: Core Supplement
 * Part A 1.1, 1.2): a list of structures of length, type and data, ended by a
 * length of zero.
 */

#define RT_GAP_EIR_BYTES 240

/* What our EIR tells. */
struct rt_gap_eir_source {
	const char *name; /* UTF-8 */
	const struct rt_uuid *uuids;
	size_t uuid_count;
	bool more_uuids; /* than these: no list is complete */
};

/*
 * Writes an EIR that holds the name and the UUIDs in lists by size, padded
 * with zeros. If not everything fits, the name is shortened to 48 octets or
 * what is left by the UUIDs, then the lists are cut and called incomplete.
 */
void rt_gap_eir_build(const struct rt_gap_eir_source *source,
		      uint8_t ret[RT_GAP_EIR_BYTES]);

/*
 * Takes over the EIR to the device: its significant part and the name in it.
 * A structure that is cut short ends the list; what stood before counts.
 */
void rt_gap_eir_parse(struct rt_bytes eir, struct rt_gap_device *device);

#endif
