# SPDX-License-Identifier: MIT
set(hci_bed SOURCES hci_bed.c hci_act.c lie.c random.c
	LINK rawtooth_sim_world unit_stack_support rawtooth_hci)
rt_fuzz(hci_events 500 ${hci_bed} GRAMMAR hci_mutate.c)
rt_fuzz(hci_answers 1000 ${hci_bed})
target_sources(fuzz_hci_answers PRIVATE hci_provoke.c)
rt_fuzz(hci_acl 500 ${hci_bed} GRAMMAR hci_acl_mutate.c)
