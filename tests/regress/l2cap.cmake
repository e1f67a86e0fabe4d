# SPDX-License-Identifier: MIT
rt_tagged(NAME regress/l2cap
	TABLES l2cap.txt
	SOURCES l2cap_main.c acl_pdus.c l2c_options.c
		l2c_config.c l2c_connect.c l2c_commands.c l2c_life.c
		l2c_states.c ert_frames.c ert_live.c
	LINK conformance_l2cap_script unit_l2cap_support)
rt_tagged(NAME regress/acl
	TABLES acl.txt
	SOURCES acl_fragments.c
	LINK unit_hci_rig)
