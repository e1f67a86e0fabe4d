/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_SETTINGS_H
#define RT_HCI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/gap.h"
#include "hci/msg.h"
#include "stack/uuid.h"

/*
 * What the owner wants the controller to be towards others: name, class,
 * services, scans. Kept here and written to the controller in each bring-up and
 * when it changes; several changes before the next packet make one command.
 */

struct rt_hci_settings {
	char name[RT_GAP_NAME_BYTES + 1];
	uint32_t class_of_device; /* of the owner; see rt_gap_class_of_device */
	uint32_t service_bits;	  /* that our services stand for */
	size_t uuid_count;
	bool more_uuids; /* than have room */
	struct rt_uuid uuids[RT_GAP_SERVICES_MAX];
	bool connectable;
	bool discoverable;
	bool limited;
	uint8_t changed; /* bits, private to the file */
};

/* Takes name and class from the options; no scans. */
void rt_hci_settings_init(struct rt_hci *hci,
			  const struct rt_hci_options *options);

/* Nothing has changed since the commands that follow now. */
void rt_hci_settings_begin(struct rt_hci *hci);

/* Queues commands for what has changed since the bring-up. */
void rt_hci_settings_poll(struct rt_hci *hci);

/* Queues the command that ends both scans, for an orderly end. */
void rt_hci_settings_scan_off(struct rt_hci *hci);

/* The parameters of Write Local Name (7.3.11). */
void rt_hci_settings_fill_name(const struct rt_hci *hci,
			       union rt_hci_any_cmd *cmd);

/* The parameters of Write Extended Inquiry Response (7.3.56). */
void rt_hci_settings_fill_eir(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd);

/* The parameters of Write Class Of Device (7.3.26). */
void rt_hci_settings_fill_class(const struct rt_hci *hci,
				union rt_hci_any_cmd *cmd);

/* The parameters of Write Current IAC LAP (7.3.45). */
void rt_hci_settings_fill_iac(const struct rt_hci *hci,
			      union rt_hci_any_cmd *cmd);

/* True if other access codes than that after a Reset are to be answered. */
bool rt_hci_settings_wants_iac(const struct rt_hci *hci);

/* The parameters of Write Scan Enable (7.3.18). */
void rt_hci_settings_fill_scan(const struct rt_hci *hci,
			       union rt_hci_any_cmd *cmd);

#endif
