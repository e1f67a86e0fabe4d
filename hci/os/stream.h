/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_STREAM_H
#define RT_HCI_OS_STREAM_H

#include "hci/os/message.h"
#include "hci/transport.h"

/*
 * H4 over a descriptor that is a stream of octets: a unix or TCP socket, or a
 * serial line.
 */

enum rt_stream_kind {
	RT_STREAM_SOCKET, /* lost framing is the end: -EILSEQ */
	RT_STREAM_SERIAL, /* lost framing: Reset, see hci/os/h4.h */
};

/*
 * Makes a transport of an open descriptor, which it owns from now on and sets
 * non-blocking. `name` is copied.
 *
 * Returns 0, -ENOMEM, or what fcntl() says; the descriptor is still the
 * caller's then.
 */
int rt_stream_new(int fd, enum rt_stream_kind kind, const char *name,
		  struct rt_transport **ret) RT_MUST_CHECK;

/*
 * `restore` is called with the descriptor before it is closed, so that a
 * serial line gets its settings back. `saved` is copied; at most 64 octets.
 */
void rt_stream_restore(struct rt_transport *transport,
		       void (*restore)(int fd, const void *saved),
		       const void *saved, size_t saved_bytes);

#endif
