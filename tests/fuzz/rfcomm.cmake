# SPDX-License-Identifier: MIT
set(rig SOURCES rfcomm_rig.c fcs.c random.c LINK unit_rfcomm_support)
rt_fuzz(rfcomm_frame 2000 ${rig})
rt_fuzz(rfcomm_mcc 2000 ${rig})
rt_fuzz(rfcomm_session 2000 ${rig} GRAMMAR rfcomm_mutate.c)
target_sources(fuzz_rfcomm_session PRIVATE rfcomm_make.c)
