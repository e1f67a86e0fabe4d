# SPDX-License-Identifier: MIT
# Hostile and broken controllers: the rig of unit/hci, the framer, whole hosts.
rt_tagged(NAME regress/hci TABLES hci.txt
	SOURCES hci_main.c hci_rig.c hci_frames.c hci_events.c hci_lengths.c
		hci_credits.c hci_commands.c hci_bringup.c hci_early.c
		hci_stage.c hci_acts.c hci_stories.c hci_answers.c
		hci_memory.c hci_power.c hci_reopen.c hci_resets.c
		hci_death.c hci_channels.c hci_crossing.c
		hci_disconnects.c hci_adapter.c hci_faults.c
	LINK unit_hci_rig unit_hci_os_support rawtooth_test_wire)
