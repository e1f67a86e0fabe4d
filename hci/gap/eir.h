/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_GAP_EIR_H
#define RT_HCI_GAP_EIR_H

#include "hci/gap.h"
#include "stack/base.h"

/*
 * Extended Inquiry Response (Core Vol 3 Part C 8): a list of structures of
 * length, type and data, ended by a length of zero.
 */

#define RT_GAP_EIR_BYTES 240

/* Writes an EIR that holds the name, whole or shortened, padded with zeros. */
void rt_gap_eir_build(const char *name, uint8_t ret[RT_GAP_EIR_BYTES]);

/*
 * Takes over the EIR to the device: its significant part and the name in it.
 * A structure that is cut short ends the list; what stood before counts.
 */
void rt_gap_eir_parse(struct rt_bytes eir, struct rt_gap_device *device);

#endif
