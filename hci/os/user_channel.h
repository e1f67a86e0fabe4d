/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_OS_USER_CHANNEL_H
#define RT_HCI_OS_USER_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/os/message.h"
#include "stack/addr.h"

/*
 * The HCI user channel of Linux: a Bluetooth device for one program alone. The
 * kernel's driver still does USB or UART and loads firmware; its protocol
 * stack stands aside.
 *
 * user_channel.c is the one file that includes libbluetooth's header. A build
 * with RAWTOOTH_USER_CHANNEL off has user_channel_off.c in its place, where
 * everything fails with -EOPNOTSUPP and says so.
 */

/* A device that has just been plugged in is busy for a moment: so long. */
#define RT_USER_CHANNEL_RETRY_MS 1000

/*
 * Opens the user channel of hci<index>. While the device is busy this tries
 * again, so that it may block for RT_USER_CHANNEL_RETRY_MS. `take` powers the
 * device down first, if the kernel has it up.
 *
 * Returns a descriptor, or a negative errno with a sentence in `message` that
 * says what to do: -EPERM, -EBUSY, -ENODEV, -ERFKILL, -EAFNOSUPPORT, ...
 */
int rt_user_channel_open(uint16_t index, bool take,
			 struct rt_message message) RT_MUST_CHECK;

struct rt_user_channel_device {
	uint16_t index;	     /* of hciN */
	char name[16];	     /* "hci0" */
	struct rt_addr addr; /* zero while it is not known */
	bool up;	     /* somebody has it, the kernel's stack for one */
	uint8_t bus;	     /* 0 virtual, 1 USB, 3 UART, ... */
};

/*
 * Lists the devices of the kernel by their numbers, at most `max`. Returns how
 * many, or a negative errno with a sentence in `message`.
 */
int rt_user_channel_list(struct rt_user_channel_device *ret, size_t max,
			 struct rt_message message) RT_MUST_CHECK;

#endif
