/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_EVENT_H
#define RT_HCI_EVENT_H

#include <stdint.h>

#include "stack/base.h"

/*
 * Events (Core Vol 4 Part E 7.7): one table of who handles which. An event is
 * decoded completely before anybody sees it.
 */

struct rt_hci;

/* Handles an event packet: code, length, parameters (5.4.4). */
void rt_hci_event_rx(struct rt_hci *hci, struct rt_bytes packet);

/*
 * The event mask (7.3.1) that lets through the events of the table, without
 * those that belong to features which the controller lacks.
 */
void rt_hci_event_mask(const struct rt_hci *hci, uint8_t ret_mask[8]);

/*
 * Page 2 of the event mask (7.3.69): Encryption Change v2, which brings the
 * key size.
 */
void rt_hci_event_mask_page_2(uint8_t ret_mask[8]);

#endif
