# SPDX-License-Identifier: MIT
set(user SOURCES user.c user_socket.c user_server.c user_security.c user_host.c
	user_mutate.c LINK rawtooth_sim_world rawtooth_api_os)
rt_fuzz(api 500 ${user} GRAMMAR api_mutate.c)
