/* SPDX-License-Identifier: MIT */
#include "hci/os/user_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hci/os/open.h"
#include "tests/unit/stack/suite.h"

/*
 * Opening the user channel, against a kernel that is played: the linker puts
 * the functions below in the place of socket(), bind(), ioctl() and
 * nanosleep(). Numbers are the kernel's, not BlueZ's header's.
 */

#define REQUEST_DOWN 0x400448caUL
#define REQUEST_LIST 0x800448d2UL
#define REQUEST_INFO 0x800448d3UL
#define FLAG_UP 1U

static struct {
	int socket_err, bind_err, down_err, list_err;
	int busy_binds; /* so many say EBUSY */
	unsigned binds, downs, sockets;
	uint64_t slept_us;
	bool up[4];
	uint16_t devices;
	uint16_t bound;
} kernel;

static char text[256];
static const struct rt_message message = { text, sizeof(text) };

/* In the place of socket(). */
int __wrap_socket(int domain, int type, int protocol);
/* In the place of bind(). */
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len);
/* In the place of ioctl(). */
int __wrap_ioctl(int fd, unsigned long request, ...);
/* In the place of nanosleep(). */
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);

static int refuse(int err)
{
	errno = err;
	return -1;
}

int __wrap_socket(int domain, int type, int protocol)
{
	int fd;

	ck_assert_int_eq(domain, AF_BLUETOOTH);
	ck_assert_int_eq(type & ~SOCK_CLOEXEC, SOCK_RAW);
	ck_assert_int_eq(protocol, 1);
	if (kernel.socket_err)
		return refuse(kernel.socket_err);
	kernel.sockets++;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	uint16_t word[3];

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(len, sizeof(word));
	memcpy(word, addr, sizeof(word));
	ck_assert_uint_eq(word[0], AF_BLUETOOTH);
	ck_assert_uint_eq(word[2], 1);
	kernel.binds++;
	kernel.bound = word[1];
	if (kernel.busy_binds > 0) {
		kernel.busy_binds--;
		return refuse(EBUSY);
	}
	if (kernel.bind_err)
		return refuse(kernel.bind_err);
	if (word[1] >= kernel.devices)
		return refuse(ENODEV);
	return kernel.up[word[1]] ? refuse(EBUSY) : 0;
}

static int list_devices(uint8_t *p)
{
	uint16_t max;

	if (kernel.list_err)
		return refuse(kernel.list_err);
	memcpy(&max, p, sizeof(max));
	ck_assert_uint_ge(max, kernel.devices);
	memcpy(p, &kernel.devices, sizeof(kernel.devices));
	/* The last one first, as the kernel has them. */
	for (uint16_t i = 0; i < kernel.devices; i++)
		memcpy(p + 4 + 8 * (kernel.devices - 1 - i), &i, sizeof(i));
	return 0;
}

/* Layout: number, name, address, flags, type. */
static int describe_device(uint8_t *p)
{
	uint16_t index;
	uint32_t flags;

	memcpy(&index, p, sizeof(index));
	if (index >= kernel.devices)
		return refuse(ENODEV);
	flags = kernel.up[index] ? FLAG_UP : 0;
	memcpy(p + 10, "\x01\x02\x03\x04\x05\x06", 6);
	memcpy(p + 16, &flags, sizeof(flags));
	p[20] = 0x11;
	return 0;
}

static int power_down(long index)
{
	kernel.downs++;
	if (kernel.down_err)
		return refuse(kernel.down_err);
	kernel.up[index] = false;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *p;

	ck_assert_int_ge(fd, 0);
	va_start(args, request);
	p = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case REQUEST_DOWN:
		return power_down((long)p);
	case REQUEST_LIST:
		return list_devices(p);
	case REQUEST_INFO:
		return describe_device(p);
	default:
		ck_abort_msg("ioctl %#lx", request);
		return -1;
	}
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	kernel.slept_us += (uint64_t)time->tv_sec * 1000000 +
			   (uint64_t)time->tv_nsec / 1000;
	return 0;
}

static int free_fd(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	close(fd);
	return fd;
}

static int first_fd;

static void setup(void)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.devices = 2;
	text[0] = 0;
	first_fd = free_fd();
}

static void teardown(void)
{
	/* Whatever failed has left no descriptor open. */
	ck_assert_int_eq(free_fd(), first_fd);
}

static void refused(uint16_t index, bool take, int err, const char *why)
{
	ck_assert_int_eq(rt_user_channel_open(index, take, message), err);
	ck_assert_str_eq(text, why);
}

START_TEST(a_device_that_is_down_is_taken)
{
	int fd = rt_user_channel_open(1, false, message);

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(kernel.bound, 1);
	ck_assert_uint_eq(kernel.downs, 0);
	ck_assert_uint_eq(kernel.slept_us, 0);
	close(fd);
}
END_TEST

START_TEST(a_device_that_is_starting_up_is_waited_for)
{
	int fd;

	kernel.busy_binds = 4;
	fd = rt_user_channel_open(0, false, message);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(kernel.binds, 5);
	ck_assert_uint_gt(kernel.slept_us, 0);
	ck_assert_uint_le(kernel.slept_us, 200000);
	close(fd);
}
END_TEST

START_TEST(one_that_stays_busy_is_given_up_after_a_second)
{
	kernel.bind_err = EBUSY;
	refused(0, false, -EBUSY,
		"hci0 is busy starting up, or another program has it: try "
		"again");
	ck_assert_uint_eq(kernel.slept_us, 1000000);
}
END_TEST

START_TEST(one_that_is_up_says_how_to_get_it)
{
	kernel.up[1] = true;
	refused(1, false, -EBUSY,
		"hci1 is up: the kernel's stack (bluetoothd) or another "
		"program has it; `hciconfig hci1 down` or --take");
	ck_assert_uint_eq(kernel.downs, 0);
}
END_TEST

START_TEST(taking_powers_a_device_down_that_is_up)
{
	int fd;

	kernel.up[1] = true;
	fd = rt_user_channel_open(1, true, message);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(kernel.downs, 1);
	close(fd);
	fd = rt_user_channel_open(0, true, message);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(kernel.downs, 1);
	close(fd);
}
END_TEST

START_TEST(taking_what_another_program_has_is_refused)
{
	kernel.up[0] = true;
	kernel.down_err = EBUSY;
	refused(0, true, -EBUSY,
		"hci0 can't be powered down: another program has its user "
		"channel");
	kernel.down_err = EPERM;
	refused(0, true, -EPERM,
		"taking hci0 needs CAP_NET_ADMIN: run as root, or setcap "
		"cap_net_admin+ep on the program");
	ck_assert_uint_eq(kernel.binds, 0);
}
END_TEST

START_TEST(what_the_kernel_refuses_is_explained)
{
	static const struct {
		int err;
		const char *why;
	} cases[] = {
		{ EPERM, "taking hci0 needs CAP_NET_ADMIN: run as root, or "
			 "setcap cap_net_admin+ep on the program" },
		{ ERFKILL, "hci0 is blocked: `rfkill unblock bluetooth`, or "
			   "its switch" },
		{ EUSERS, "hci0 is busy starting up, or another program has "
			  "it: try again" },
		{ EINVAL, "can't take hci0: Invalid argument" },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		kernel.bind_err = cases[i].err;
		refused(0, false, -cases[i].err, cases[i].why);
	}
	ck_assert_uint_eq(kernel.slept_us, 0);
}
END_TEST

START_TEST(a_device_that_is_not_there_is_told_from_those_that_are)
{
	refused(7, false, -ENODEV, "there is no hci7; there is: hci0, hci1");
	kernel.devices = 0;
	refused(0, true, -ENODEV, "there is no hci0; there is: none");
	ck_assert_uint_eq(kernel.downs, 0);
}
END_TEST

START_TEST(a_kernel_without_bluetooth_is_explained)
{
	static const struct {
		int err;
		const char *why;
	} cases[] = {
		{ EAFNOSUPPORT,
		  "no Bluetooth here: the kernel has none (modprobe "
		  "bluetooth), or this is a container with a network of its "
		  "own; fd:N takes a channel opened outside" },
		{ EPROTONOSUPPORT,
		  "this kernel's Bluetooth has no HCI sockets" },
		{ EPERM, "no permission to open HCI sockets: run as root or "
			 "with CAP_NET_ADMIN" },
		{ EMFILE, "can't open an HCI socket: Too many open files" },
	};
	struct rt_user_channel_device device;

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		kernel.socket_err = cases[i].err;
		refused(0, false, -cases[i].err, cases[i].why);
		text[0] = 0;
		ck_assert_int_eq(rt_user_channel_list(&device, 1, message),
				 -cases[i].err);
		ck_assert_str_eq(text, cases[i].why);
	}
}
END_TEST

START_TEST(devices_are_listed_up_to_the_room_there_is)
{
	struct rt_user_channel_device list[3];

	kernel.devices = 3;
	kernel.up[2] = true;
	ck_assert_int_eq(rt_user_channel_list(list, 2, message), 2);
	ck_assert_int_eq(rt_user_channel_list(list, 3, message), 3);
	for (uint16_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(list[i].index, i);
		ck_assert_int_eq(list[i].name[3], '0' + i);
		ck_assert_mem_eq(list[i].addr.b, "\x01\x02\x03\x04\x05\x06", 6);
		ck_assert_int_eq(list[i].up, i == 2);
		ck_assert_uint_eq(list[i].bus, 1);
	}
	kernel.list_err = EIO;
	ck_assert_int_eq(rt_user_channel_list(list, 3, message), -EIO);
	ck_assert_str_eq(text, "can't list the Bluetooth devices: Input/output "
			       "error");
}
END_TEST

START_TEST(the_specifications_of_a_device_all_lead_there)
{
	static const char *const specs[] = { "hci1", "hci-socket:1", "1" };
	struct rt_transport *t;

	for (size_t i = 0; i < RT_ARRAY_SIZE(specs); i++) {
		kernel.up[1] = i == 2;
		ck_assert_int_eq(i < 2 ? rt_transport_open(specs[i], &t, text,
							   sizeof(text))
				       : rt_transport_take(specs[i], &t, text,
							   sizeof(text)),
				 0);
		ck_assert_uint_eq(kernel.bound, 1);
		ck_assert_str_eq(t->name, specs[i]);
		ck_assert_uint_eq(t->acl_bytes_max, 1023);
		/* /dev/null has no receive buffer: the least is assumed. */
		ck_assert_uint_eq(t->acl_rx_packets_max, 1);
		t->ops->close(t);
	}
	ck_assert_uint_eq(kernel.downs, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_device_that_is_down_is_taken,
		a_device_that_is_starting_up_is_waited_for,
		one_that_stays_busy_is_given_up_after_a_second,
		one_that_is_up_says_how_to_get_it,
		taking_powers_a_device_down_that_is_up,
		taking_what_another_program_has_is_refused,
		what_the_kernel_refuses_is_explained,
		a_device_that_is_not_there_is_told_from_those_that_are,
		a_kernel_without_bluetooth_is_explained,
		devices_are_listed_up_to_the_room_there_is,
		the_specifications_of_a_device_all_lead_there,
	};

	return suite_run("hci_os/user_channel", tests, RT_ARRAY_SIZE(tests),
			 setup, teardown);
}
