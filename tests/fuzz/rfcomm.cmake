# SPDX-License-Identifier: MIT
foreach(name frame mcc session)
	rt_fuzz(rfcomm_${name} 2000 unit_rfcomm_support)
	target_sources(fuzz_rfcomm_${name} PRIVATE rfcomm_rig.c random.c)
endforeach()
if(RAWTOOTH_FUZZ)
	target_sources(fuzz_rfcomm_session PRIVATE rfcomm_mutate.c)
endif()
