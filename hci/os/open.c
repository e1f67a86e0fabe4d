/* SPDX-License-Identifier: MIT */
#include "hci/os/open.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hci/os/dial.h"
#include "hci/os/message.h"
#include "hci/os/packet_socket.h"
#include "hci/os/serial.h"
#include "hci/os/stream.h"
#include "hci/os/user_channel.h"

#define CHANNEL_USER 1

/* What follows the prefix of a specification, or NULL. */
static const char *behind(const char *spec, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(spec, prefix, len) == 0 ? spec + len : NULL;
}

/* A whole decimal number up to `max`. */
static bool parse_number(const char *str, unsigned max, unsigned *ret)
{
	unsigned long x;
	char *end;

	if (str[0] < '0' || str[0] > '9')
		return false;
	errno = 0;
	x = strtoul(str, &end, 10);
	if (errno != 0 || *end != '\0' || x > max)
		return false;
	*ret = (unsigned)x;
	return true;
}

/* The descriptor is ours to close if it does not become a transport. */
static int finish(int err, int fd, struct rt_message message)
{
	if (err == 0)
		return 0;
	close(fd);
	return rt_message_fail(message, err, "can't use the connection: %s",
			       strerror(-err));
}

static int open_user_channel(const char *spec, const char *number, bool take,
			     struct rt_transport **ret,
			     struct rt_message message)
{
	unsigned index;
	int fd;

	if (!parse_number(number, 0xfffe, &index))
		return rt_message_fail(message, -EINVAL,
				       "\"%s\" is no number of a device: write "
				       "hci0",
				       number);
	fd = rt_user_channel_open((uint16_t)index, take, message);
	if (fd < 0)
		return fd;
	return finish(rt_packet_socket_new(fd, true, spec, ret), fd, message);
}

static int open_stream(const char *spec, int fd, struct rt_transport **ret,
		       struct rt_message message)
{
	if (fd < 0)
		return fd;
	return finish(rt_stream_new(fd, RT_STREAM_SOCKET, spec, ret), fd,
		      message);
}

/*
 * Returns 0 for a user channel. The address is that of <bluetooth/hci.h>:
 * family, device, channel.
 */
static int check_channel(int fd)
{
	union {
		struct sockaddr any;
		uint16_t word[3];
	} addr = { .word = { 0 } };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.any, &len) < 0)
		return -errno;
	if (len < sizeof(addr.word) || addr.word[2] != CHANNEL_USER)
		return -EPROTOTYPE;
	return 0;
}

static int open_hci_fd(const char *spec, int fd, struct rt_transport **ret)
{
	int err = check_channel(fd);

	return err < 0 ? err : rt_packet_socket_new(fd, true, spec, ret);
}

static int open_socket_fd(const char *spec, int fd, struct rt_transport **ret)
{
	int domain = 0, type = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	if (domain == AF_BLUETOOTH)
		return open_hci_fd(spec, fd, ret);
	if (type == SOCK_SEQPACKET)
		return rt_packet_socket_new(fd, false, spec, ret);
	if (type == SOCK_STREAM)
		return rt_stream_new(fd, RT_STREAM_SOCKET, spec, ret);
	return -EPROTOTYPE;
}

static int open_fd(const char *spec, const char *number,
		   struct rt_transport **ret, struct rt_message message)
{
	unsigned fd;
	int err;

	if (!parse_number(number, 0x7fffffff, &fd))
		return rt_message_fail(message, -EINVAL,
				       "\"%s\" is no descriptor: write fd:3",
				       number);
	err = open_socket_fd(spec, (int)fd, ret);
	if (err == -ENOTSOCK && isatty((int)fd))
		err = rt_stream_new((int)fd, RT_STREAM_SERIAL, spec, ret);
	switch (err) {
	case 0:
		return 0;
	case -EBADF:
		return rt_message_fail(message, err,
				       "descriptor %u is not open: does "
				       "whoever opened it hand it on?",
				       fd);
	case -ENOTSOCK:
	case -EPROTOTYPE:
		return rt_message_fail(message, err,
				       "descriptor %u is neither an HCI user "
				       "channel nor a stream that could carry "
				       "H4",
				       fd);
	default:
		return rt_message_fail(message, err,
				       "can't use descriptor %u: %s", fd,
				       strerror(-err));
	}
}

static int open_any(const char *spec, bool take, struct rt_transport **ret,
		    struct rt_message message)
{
	const char *rest;

	rest = behind(spec, "hci-socket:");
	if (!rest)
		rest = behind(spec, "hci");
	if (!rest && spec[0] >= '0' && spec[0] <= '9')
		rest = spec;
	if (rest)
		return open_user_channel(spec, rest, take, ret, message);
	rest = behind(spec, "unix:");
	if (rest)
		return open_stream(spec, rt_dial_unix(rest, message), ret,
				   message);
	rest = behind(spec, "tcp-client:");
	if (rest)
		return open_stream(spec, rt_dial_tcp(rest, message), ret,
				   message);
	rest = behind(spec, "serial:");
	if (rest)
		return rt_serial_open(rest, spec, ret, message);
	rest = behind(spec, "fd:");
	if (rest)
		return open_fd(spec, rest, ret, message);
	return rt_message_fail(
		message, -EINVAL,
		"\"%.60s\" names no controller; known are hci0, "
		"hci-socket:0, unix:/path, tcp-client:host:port, "
		"serial:/dev/ttyUSB0,115200 and fd:N",
		spec);
}

static struct rt_message message_at(char *str, size_t bytes)
{
	struct rt_message message;

	message.str = str;
	message.bytes = bytes;
	return message;
}

int rt_transport_open(const char *spec, struct rt_transport **ret,
		      char *message, size_t message_bytes)
{
	return open_any(spec, false, ret, message_at(message, message_bytes));
}

int rt_transport_take(const char *spec, struct rt_transport **ret,
		      char *message, size_t message_bytes)
{
	return open_any(spec, true, ret, message_at(message, message_bytes));
}
