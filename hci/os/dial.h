/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_DIAL_H
#define RT_HCI_OS_DIAL_H

#include "hci/os/message.h"

/* Connections to somebody who speaks H4. */

/* A connection that takes longer than this is given up. */
#define RT_DIAL_MS 5000

/*
 * Connects to the unix stream socket at `path`. Returns a descriptor, or a
 * negative errno with a sentence in `message`.
 */
int rt_dial_unix(const char *path, struct rt_message message) RT_MUST_CHECK;

/*
 * Connects to "host:port" by TCP; an IPv6 address stands in brackets. All
 * addresses of the host are tried, within RT_DIAL_MS together (the name server
 * has its own time). Returns a descriptor, or a negative errno with a sentence
 * in `message`.
 */
int rt_dial_tcp(const char *target, struct rt_message message) RT_MUST_CHECK;

#endif
