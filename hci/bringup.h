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
	uint32_t skip; /* optional steps that this controller leaves open */
	bool knows_commands;   /* info.commands is valid */
	bool has_host_buffers; /* Host Buffer Size was accepted */
};

/* Begins with the first step. HCI Reset has been answered. */
void rt_hci_bringup_start(struct rt_hci *hci);

/*
 * Whether the step with this command is for the controller: the command is
 * supported and has not been left unanswered.
 */
bool rt_hci_bringup_knows(const struct rt_hci *hci, uint16_t opcode);

/*
 * Whether the controller has a command, by its place among the supported ones
 * (Core Vol 4 Part E 6.27). One that can't tell counts as having all.
 */
bool rt_hci_bringup_has_command(const struct rt_hci *hci, uint8_t octet,
				uint8_t bit);

/*
 * The command of the step under way was not answered: it is left out the next
 * time, unless it is required.
 */
void rt_hci_bringup_skip(struct rt_hci *hci, uint16_t opcode);

#endif
