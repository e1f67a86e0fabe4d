/* SPDX-License-Identifier: MIT */
#include "stack/base.h"
#include "tests/regress/hci_tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&hci_frames_table,  &hci_events_table,	    &hci_lengths_table,
		&hci_credits_table, &hci_commands_table,    &hci_bringup_table,
		&hci_early_table,   &hci_answers_table,	    &hci_memory_table,
		&hci_power_table,   &hci_reopen_table,	    &hci_resets_table,
		&hci_death_table,   &hci_channels_table,    &hci_crossing_table,
		&hci_limits_table,  &hci_disconnects_table, &hci_gone_table,
		&hci_adapter_table, &hci_faults_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
