# SPDX-License-Identifier: MIT
set(hci_bed SOURCES hci_bed.c hci_act.c lie.c fcs.c random.c
	LINK rawtooth_sim_world unit_stack_support rawtooth_hci)
rt_fuzz(hci_events 500 ${hci_bed} GRAMMAR hci_mutate.c)
target_sources(fuzz_hci_events PRIVATE fields.c)
rt_fuzz(hci_answers 1000 ${hci_bed})
target_sources(fuzz_hci_answers PRIVATE hci_provoke.c)
rt_fuzz(hci_acl 500 ${hci_bed} GRAMMAR hci_acl_mutate.c)
rt_fuzz(eir 2000 ${hci_bed} GRAMMAR eir_mutate.c)

rt_fuzz(packet_socket 2000 LINK rawtooth_hci_os GRAMMAR packet_socket_mutate.c)
foreach(function recvmsg sendmsg fcntl close setsockopt getsockopt)
	target_link_options(fuzz_packet_socket PRIVATE -Wl,--wrap=${function})
endforeach()
