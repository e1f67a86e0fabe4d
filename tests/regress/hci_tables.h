/* SPDX-License-Identifier: MIT */
#ifndef REGRESS_HCI_TABLES_H
#define REGRESS_HCI_TABLES_H

#include "tests/support/tagged.h"

/* The tests of the rows HCI-*, a table a file. */
extern const struct tagged_table hci_frames_table;	/* hci_frames.c */
extern const struct tagged_table hci_events_table;	/* hci_events.c */
extern const struct tagged_table hci_lengths_table;	/* hci_lengths.c */
extern const struct tagged_table hci_credits_table;	/* hci_credits.c */
extern const struct tagged_table hci_commands_table;	/* hci_commands.c */
extern const struct tagged_table hci_bringup_table;	/* hci_bringup.c */
extern const struct tagged_table hci_early_table;	/* hci_early.c */
extern const struct tagged_table hci_answers_table;	/* hci_answers.c */
extern const struct tagged_table hci_memory_table;	/* hci_memory.c */
extern const struct tagged_table hci_power_table;	/* hci_power.c */
extern const struct tagged_table hci_reopen_table;	/* hci_reopen.c */
extern const struct tagged_table hci_resets_table;	/* hci_resets.c */
extern const struct tagged_table hci_death_table;	/* hci_death.c */
extern const struct tagged_table hci_channels_table;	/* hci_channels.c */
extern const struct tagged_table hci_crossing_table;	/* hci_crossing.c */
extern const struct tagged_table hci_limits_table;	/* hci_crossing.c */
extern const struct tagged_table hci_disconnects_table; /* hci_disconnects.c */
extern const struct tagged_table hci_gone_table;	/* hci_disconnects.c */
extern const struct tagged_table hci_adapter_table;	/* hci_adapter.c */
extern const struct tagged_table hci_faults_table;	/* hci_faults.c */

#endif
