/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_BRINGUP_H
#define RT_HCI_BRINGUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The bring-up: what the controller is asked and told after HCI Reset, as a
 * table of steps. It ends in rt_hci_engine_up() or rt_hci_engine_end().
 */

struct rt_hci;

/* ACL buffers of the controller that are used at most. */
#define RT_HCI_ACL_PACKETS_MAX 64

struct rt_hci_bringup {
	uint8_t step;
	uint32_t missed; /* optional steps that were left open the last time */
	uint32_t skip;	 /* those that were left open twice in a row */
	bool knows_commands;   /* info.commands is valid */
	bool has_host_buffers; /* Host Buffer Size was accepted */
};

/* Begins with the first step. HCI Reset has been answered. */
void rt_hci_bringup_start(struct rt_hci *hci);

/*
 * Whether the step with this command is for the controller: the command is
 * supported and has not been left unanswered twice.
 */
bool rt_hci_bringup_knows(const struct rt_hci *hci, uint16_t opcode);

/*
 * Whether the controller has a command, by its place among the supported ones
 * (Core Vol 4 Part E 6.27). One that can't tell counts as having all.
 */
bool rt_hci_bringup_has_command(const struct rt_hci *hci, uint8_t octet,
				uint8_t bit);

/*
 * The command of the step under way was not answered. A controller that was
 * silent for a moment gets it once more; then it is left out, unless it is
 * required.
 */
void rt_hci_bringup_missed(struct rt_hci *hci, uint16_t opcode);

#endif
