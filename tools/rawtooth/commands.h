/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_COMMANDS_H
#define RT_TOOL_COMMANDS_H

#include "tools/rawtooth/args.h"

/* The commands, one a file. */
extern const struct rt_command rt_command_air;
extern const struct rt_command rt_command_info;
extern const struct rt_command rt_command_scan;
extern const struct rt_command rt_command_name;
extern const struct rt_command rt_command_ping;
extern const struct rt_command rt_command_listen;
extern const struct rt_command rt_command_connect;
extern const struct rt_command rt_command_tty;
extern const struct rt_command rt_command_serve;
extern const struct rt_command rt_command_sdp;
extern const struct rt_command rt_command_pair;
extern const struct rt_command rt_command_unpair;
extern const struct rt_command rt_command_keys;
extern const struct rt_command rt_command_send;
extern const struct rt_command rt_command_sim;

#endif
