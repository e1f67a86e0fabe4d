/* SPDX-License-Identifier: MIT */
#include "hci/os/user_channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>

#define RETRY_EVERY_MS 20
#define DEVICES_MAX 64

static int hci_socket(void)
{
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

	return fd < 0 ? -errno : fd;
}

static bool is_up(int fd, uint16_t index)
{
	struct hci_dev_info info = { .dev_id = index };

	return ioctl(fd, HCIGETDEVINFO, &info) == 0 &&
	       (info.flags & 1U << HCI_UP);
}

static int explain_socket(int err, struct rt_message message)
{
	switch (err) {
	case -EAFNOSUPPORT:
		return rt_message_fail(message, err,
				       "no Bluetooth here: the kernel has none "
				       "(modprobe bluetooth), or this is a "
				       "container with a network of its own; "
				       "fd:N takes a channel opened outside");
	case -EPROTONOSUPPORT:
		return rt_message_fail(message, err,
				       "this kernel's Bluetooth has no HCI "
				       "sockets");
	case -EPERM:
	case -EACCES:
		return rt_message_fail(message, err,
				       "no permission to open HCI sockets: "
				       "run as root or with CAP_NET_ADMIN");
	default:
		return rt_message_fail(message, err,
				       "can't open an HCI socket: %s",
				       strerror(-err));
	}
}

/* "hci0, hci2" */
static void print_devices(char *str, size_t cap)
{
	struct rt_user_channel_device list[8];
	struct rt_message none = { NULL, 0 };
	int n = rt_user_channel_list(list, RT_ARRAY_SIZE(list), none);
	size_t len = 0;

	snprintf(str, cap, "none");
	for (int i = 0; i < n && len < cap; i++)
		len += (size_t)snprintf(str + len, cap - len, "%s%s",
					i ? ", " : "", list[i].name);
}

static int explain_bind(int err, uint16_t index, bool up,
			struct rt_message message)
{
	char devices[80];

	switch (err) {
	case -EPERM:
	case -EACCES:
		return rt_message_fail(message, err,
				       "taking hci%u needs CAP_NET_ADMIN: run "
				       "as root, or setcap cap_net_admin+ep on "
				       "the program",
				       index);
	case -ENODEV:
		print_devices(devices, sizeof(devices));
		return rt_message_fail(message, err,
				       "there is no hci%u; there is: %s", index,
				       devices);
	case -EBUSY:
	case -EUSERS:
		if (up)
			return rt_message_fail(
				message, err,
				"hci%u is up: the kernel's stack (bluetoothd) "
				"or another program has it; `hciconfig hci%u "
				"down` or --take",
				index, index);
		return rt_message_fail(message, err,
				       "hci%u is busy starting up, or another "
				       "program has it: try again",
				       index);
	case -ERFKILL:
		return rt_message_fail(message, err,
				       "hci%u is blocked: `rfkill unblock "
				       "bluetooth`, or its switch",
				       index);
	default:
		return rt_message_fail(message, err, "can't take hci%u: %s",
				       index, strerror(-err));
	}
}

static int bind_once(int fd, uint16_t index)
{
	const struct sockaddr_hci addr = {
		.hci_family = AF_BLUETOOTH,
		.hci_dev = index,
		.hci_channel = HCI_CHANNEL_USER,
	};

	return bind(fd, (const void *)&addr, sizeof(addr)) < 0 ? -errno : 0;
}

/* Busy may be a device that the kernel is still setting up. */
static int bind_patiently(int fd, uint16_t index)
{
	const struct timespec pause = { .tv_nsec = RETRY_EVERY_MS * 1000000L };
	int err;

	for (int ms = 0;; ms += RETRY_EVERY_MS) {
		err = bind_once(fd, index);
		if (err != -EBUSY || ms >= RT_USER_CHANNEL_RETRY_MS)
			return err;
		(void)nanosleep(&pause, NULL);
	}
}

static int power_down(int fd, uint16_t index, struct rt_message message)
{
	int err;

	if (!is_up(fd, index) || ioctl(fd, HCIDEVDOWN, (long)index) == 0)
		return 0;
	err = -errno;
	if (err == -EBUSY)
		return rt_message_fail(message, err,
				       "hci%u can't be powered down: another "
				       "program has its user channel",
				       index);
	return explain_bind(err, index, true, message);
}

int rt_user_channel_open(uint16_t index, bool take, struct rt_message message)
{
	int fd = hci_socket();
	int err = 0;

	if (fd < 0)
		return explain_socket(fd, message);
	if (take)
		err = power_down(fd, index, message);
	if (err == 0) {
		err = bind_patiently(fd, index);
		if (err == 0)
			return fd;
		err = explain_bind(err, index, is_up(fd, index), message);
	}
	close(fd);
	return err;
}

static bool describe(int fd, uint16_t index, struct rt_user_channel_device *ret)
{
	struct hci_dev_info info = { .dev_id = index };

	if (ioctl(fd, HCIGETDEVINFO, &info) < 0)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->index = index;
	snprintf(ret->name, sizeof(ret->name), "hci%u", index);
	memcpy(ret->addr.b, info.bdaddr.b, sizeof(ret->addr.b));
	ret->up = info.flags & 1U << HCI_UP;
	ret->bus = info.type & 0x0f;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct hci_dev_req *x = a;
	const struct hci_dev_req *y = b;

	return (int)x->dev_id - (int)y->dev_id;
}

int rt_user_channel_list(struct rt_user_channel_device *ret, size_t max,
			 struct rt_message message)
{
	union {
		struct hci_dev_list_req req;
		uint8_t space[sizeof(struct hci_dev_list_req) +
			      DEVICES_MAX * sizeof(struct hci_dev_req)];
	} list = { .req.dev_num = DEVICES_MAX };
	int fd = hci_socket();
	int n = 0;

	if (fd < 0)
		return explain_socket(fd, message);
	if (ioctl(fd, HCIGETDEVLIST, &list) < 0) {
		n = -errno;
		close(fd);
		return rt_message_fail(message, n,
				       "can't list the Bluetooth devices: %s",
				       strerror(-n));
	}
	qsort(list.req.dev_req, list.req.dev_num, sizeof(struct hci_dev_req),
	      compare);
	for (unsigned i = 0; i < list.req.dev_num && (size_t)n < max; i++) {
		if (describe(fd, list.req.dev_req[i].dev_id, &ret[n]))
			n++;
	}
	close(fd);
	return n;
}
