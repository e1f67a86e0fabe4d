/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_TRANSPORT_H
#define RT_HCI_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"
#include "stack/env.h"

/*
 * The seam between a host and what carries its packets to a controller. A
 * transport is opened by its maker (hci/os, the virtual controllers) and owned
 * by the host that it is given to; it knows packets and nothing of HCI beyond
 * their lengths.
 */

struct rt_transport;

/* Where a transport delivers; both may be called from receive() only. */
struct rt_transport_sink {
	/* A whole packet; `type` is 2 to 5; valid until the call returns. */
	void (*packet)(void *user, enum rt_packet_type type,
		       struct rt_bytes packet);
	/*
	 * The framing of a serial line is lost. The host drops all links and
	 * sends HCI Reset; until its Command Complete has come the transport
	 * discards what it reads. A stream transport has no such hope: it
	 * fails with -EILSEQ.
	 */
	void (*resync)(void *user);
	void *user;
};

struct rt_transport_ops {
	/*
	 * Takes a whole packet or none of it. The octets are copied or sent
	 * before the call returns; they leave with flush() at the latest, so
	 * that packets which are sent together can leave together.
	 *
	 * Returns 0, -EAGAIN if it can't take one now (wait until the
	 * descriptor is writable, then flush), or another negative errno: the
	 * controller is gone and every later call fails.
	 */
	int (*send)(struct rt_transport *transport,
		    const struct rt_packet *packet);

	/*
	 * Sends what send() has kept back; to be called behind the last send()
	 * of a turn. Returns 0 when nothing is kept, -EAGAIN, or another
	 * negative errno as send() does.
	 */
	int (*flush)(struct rt_transport *transport);

	/*
	 * Reads what is there, a bounded amount, and delivers it.
	 *
	 * Returns 1 if there may be more, 0 if not, or a negative errno: the
	 * controller is gone (-EPIPE end of file, -ENODEV unplugged, -EILSEQ
	 * framing lost, ...). What was complete before has been delivered.
	 */
	int (*receive)(struct rt_transport *transport,
		       const struct rt_transport_sink *sink);

	/* Closes and frees the transport. */
	void (*close)(struct rt_transport *transport);
};

struct rt_transport {
	const struct rt_transport_ops *ops;
	/* Descriptor to poll, or -1: the owner drives it by other means. */
	int fd;
	/* Largest ACL data length that send() takes; 0: no limit of its own. */
	uint16_t acl_bytes_max;
	/*
	 * ACL packets that wait in the system's receive buffer at most before
	 * one is lost; 0: none is ever lost. Bounds the controller-to-host
	 * flow control.
	 */
	uint16_t acl_rx_packets_max;
	char name[64]; /* the specification it was opened by */
};

#endif
