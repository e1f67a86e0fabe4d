# SPDX-License-Identifier: MIT
rt_fuzz(sdp_element 2000 LINK unit_sdp_support)
rt_fuzz(sdp_server 2000 SOURCES sdp_mutate.c LINK unit_sdp_support
	GRAMMAR sdp_server_mutate.c)
rt_fuzz(sdp_client 2000 SOURCES sdp_mutate.c LINK unit_sdp_support
	GRAMMAR sdp_client_mutate.c)
