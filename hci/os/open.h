/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_OPEN_H
#define RT_HCI_OS_OPEN_H

#include "hci/transport.h"
#include "stack/base.h"

/*
 * Opens the transport that `spec` names:
 *
 *	hci-socket:0, hci0, 0		user channel of the kernel's driver
 *	unix:/path			H4 on a unix stream socket
 *	tcp-client:host:port		H4 on a TCP connection
 *	serial:/dev/x[,115200][,rtscts]	H4 on a serial line
 *	fd:N				an open descriptor, which it takes over
 *
 * The descriptor of fd:N is a user channel (SO_DOMAIN says so), a socket that
 * carries H4 (stream) or packets with their type octet (seqpacket), or a
 * terminal that is set up already.
 *
 * Opening may block: a user channel for RT_USER_CHANNEL_RETRY_MS while the
 * device is busy, a connection for RT_DIAL_MS and what its name server takes.
 *
 * On failure `message` gets a sentence that says what to do; it may be NULL
 * with `message_bytes` 0, and holds 256 octets for whole sentences.
 *
 * Returns 0, or a negative errno: -EINVAL (spec), -EPERM, -EACCES, -EBUSY,
 * -ENODEV, -ERFKILL, -EAFNOSUPPORT, -ENOENT, -ECONNREFUSED, -ETIMEDOUT,
 * -ENOTTY, -EBADF, -EOPNOTSUPP, -ENOMEM, ... The descriptor of fd:N is still
 * the caller's then.
 */
int rt_transport_open(const char *spec, struct rt_transport **ret,
		      char *message, size_t message_bytes) RT_MUST_CHECK;

/*
 * The same; but a device of the kernel that is up is powered down first, which
 * takes it away from the kernel's stack. No difference for others.
 */
int rt_transport_take(const char *spec, struct rt_transport **ret,
		      char *message, size_t message_bytes) RT_MUST_CHECK;

#endif
