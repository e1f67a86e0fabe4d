# SPDX-License-Identifier: MIT
foreach(name element server client)
	rt_fuzz(sdp_${name} 2000 unit_sdp_support)
endforeach()
