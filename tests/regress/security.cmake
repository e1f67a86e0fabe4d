# SPDX-License-Identifier: MIT
# SDP, pairing and encryption, and what all layers share.
rt_tagged(NAME regress/sdp TABLES sdp.txt
	SOURCES sdp_main.c sdp_parts.c sdp_request.c sdp_element.c sdp_answer.c
	LINK unit_sdp_support)
rt_tagged(NAME regress/security TABLES security.txt
	SOURCES sec_main.c sec_peers.c sec_key.c sec_pair.c sec_gate.c
	LINK rawtooth_test_support)
rt_tagged(NAME regress/api_host TABLES api_host.txt
	SOURCES api_host.c LINK rawtooth_test_support)
rt_tagged(NAME regress/api_threads TABLES api_threads.txt
	SOURCES api_threads.c LINK rawtooth_test_wire)
