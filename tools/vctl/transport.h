/* SPDX-License-Identifier: MIT */
#ifndef RT_VCTL_TRANSPORT_H
#define RT_VCTL_TRANSPORT_H

#include "hci/transport.h"
#include "tools/vctl/vctl.h"

/*
 * Connects a host in the same process to a virtual controller. The transport
 * has no descriptor: whoever drives the air calls receive() after each thing
 * that may have given the controller something to say.
 */

/*
 * Makes a transport to the controller, which stays the caller's and outlives
 * it. NULL if there is no memory.
 */
struct rt_transport *rt_vctl_transport_new(struct rt_vctl *vctl);

/*
 * Unplugs it: from now on everything returns `err`, a negative errno, and the
 * controller is not touched any more, so that it may be freed first.
 */
void rt_vctl_transport_fail(struct rt_transport *transport, int err);

#endif
