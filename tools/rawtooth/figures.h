/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_FIGURES_H
#define RT_TOOL_FIGURES_H

#include <stdbool.h>
#include <stdio.h>

#include <rawtooth/socket.h>

/*
 * Prints the figures of a socket that its protocol has, by the names of struct
 * rt_socket_stats: a line with name and value each, or as one JSON object on a
 * line.
 */
void rt_figures_print(FILE *file, const struct rt_socket *s, bool json);

#endif
