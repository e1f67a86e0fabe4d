/* SPDX-License-Identifier: MIT */
#ifndef RAWTOOTH_DOORS_H
#define RAWTOOTH_DOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rawtooth/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A host without a loop: its owner brings time and packets. The same calls in
 * the same order give the same packets, always: simulation, replay and tests
 * stand on this, and rt_host_open() is a loop around it.
 *
 * A step: rt_host_advance(), rt_host_rx(), calls of the application;
 * rt_host_next_event() until false; rt_host_tx() until false or the transport
 * is full; rt_host_end_step().
 */

/*
 * Makes a host in state STARTING at the instant `now_us`. `options` must have
 * alloc, free and random; `snoop` and `take` are not looked at.
 *
 * Returns 0 and a host to be freed with rt_host_free_core(), -EINVAL or
 * -ENOMEM.
 */
RT_API_CHECK int rt_host_new_core(const struct rt_host_options *options,
				  uint64_t now_us, struct rt_host **ret_host);

/*
 * Frees the host with everything on it, at once; from inside a callback, as
 * soon as rt_host_next_event(), which made it, returns: with false then, and
 * the host gone. NULL is allowed.
 */
RT_API void rt_host_free_core(struct rt_host *host);

/* Sets the time, which never goes back, and runs the timers that are due. */
RT_API void rt_host_advance(struct rt_host *host, uint64_t now_us);

/* True, and sets *ret_due_us, if a timer is armed. */
RT_API bool rt_host_next_timer(const struct rt_host *host,
			       uint64_t *ret_due_us);

/* A packet from the controller, H4 type and octets, borrowed. */
RT_API void rt_host_rx(struct rt_host *host, uint8_t type, const void *packet,
		       size_t bytes);

struct rt_packet;

/*
 * The next packet for the controller; its slices are valid until the next
 * call for the host. False if there is none.
 */
RT_API_CHECK bool rt_host_tx(struct rt_host *host,
			     struct rt_packet *ret_packet);

/* Makes one callback that is due. False if there was none. */
RT_API bool rt_host_next_event(struct rt_host *host);

/* Frees what has closed in this step. */
RT_API void rt_host_end_step(struct rt_host *host);

/* The transport has failed with a negative errno: the host goes DOWN. */
RT_API void rt_host_transport_lost(struct rt_host *host, int err);

/* The transport lost its framing: see hci/transport.h. */
RT_API void rt_host_transport_resync(struct rt_host *host);

/*
 * True if nothing is open or under way: no socket, server, request, link.
 * A host that is DOWN and idle holds nothing but itself and what it remembers
 * of devices it has found.
 */
RT_API bool rt_host_is_idle(const struct rt_host *host);

#ifdef __cplusplus
}
#endif

#endif
