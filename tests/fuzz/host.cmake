# SPDX-License-Identifier: MIT
set(user SOURCES user.c user_socket.c user_server.c user_security.c user_host.c
	user_mutate.c LINK rawtooth_sim_world rawtooth_api_os)
rt_fuzz(api 500 ${user} GRAMMAR api_mutate.c)
rt_fuzz(stack 300 ${user} GRAMMAR stack_mutate.c)
target_sources(fuzz_stack PRIVATE fields.c lie.c fcs.c rfcomm_make.c)
rt_fuzz(air 200 ${user} GRAMMAR air_mutate.c)
