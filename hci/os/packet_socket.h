/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_PACKET_SOCKET_H
#define RT_HCI_OS_PACKET_SOCKET_H

#include "hci/transport.h"

/*
 * A socket that carries one packet, type octet first, with each read and
 * write: an HCI user channel, wherever it was opened; or a seqpacket socket to
 * somebody who has one.
 *
 * A user channel loses packets without a word when its receive buffer is full.
 * The buffer is made large, and `acl_rx_packets_max` says how many ACL packets
 * it is sure to hold, so that the controller can be kept from sending more.
 *
 * The kernel reports a controller that is gone once: the first error is final
 * here, and nothing is read or written afterwards.
 */

/* The kernel takes 1028 octets in one write: type, ACL header, this. */
#define RT_PACKET_SOCKET_ACL_BYTES 1023

/*
 * Makes a transport of an open socket, which it owns from now on and sets
 * non-blocking. `lossy` says that a full receive buffer loses packets. `name`
 * is copied.
 *
 * Returns 0, -ENOMEM, or what fcntl() says; the socket is still the caller's
 * then.
 */
int rt_packet_socket_new(int fd, bool lossy, const char *name,
			 struct rt_transport **ret) RT_MUST_CHECK;

/*
 * ACL packets that a receive buffer of `rcvbuf_bytes` (as getsockopt() says)
 * is sure to hold, whatever their size; at least 1.
 */
uint16_t rt_packet_socket_capacity(int rcvbuf_bytes);

#endif
