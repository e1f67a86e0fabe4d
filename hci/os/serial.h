/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_SERIAL_H
#define RT_HCI_OS_SERIAL_H

#include "hci/os/message.h"
#include "hci/transport.h"

/*
 * H4 on a serial line (Core Vol 4 Part A 3): 8 data bits, no parity, one stop
 * bit, with RTS/CTS if asked for. The line is taken for this program alone,
 * and gets its settings back in the end.
 */

/*
 * Opens "device[,baud][,rtscts]"; 115200 baud if none is said. `name` is the
 * transport's.
 *
 * Returns 0, or a negative errno with a sentence in `message`.
 */
int rt_serial_open(const char *spec, const char *name,
		   struct rt_transport **ret,
		   struct rt_message message) RT_MUST_CHECK;

#endif
