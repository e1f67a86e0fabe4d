/* SPDX-License-Identifier: MIT */
#include "tests/interop/vm/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROTO_L2CAP 0
#define PROTO_RFCOMM 3
#define LEVEL_L2CAP 6
#define LEVEL_BLUETOOTH 274
#define L2CAP_OPTIONS 1
#define BT_MODE 15
#define BT_MODE_EXT_FLOWCTL 4

struct address_rfcomm {
	uint16_t family;
	uint8_t bdaddr[6];
	uint8_t channel;
};

struct address_l2cap {
	uint16_t family;
	uint8_t psm[2];
	uint8_t bdaddr[6];
	uint16_t cid;
	uint8_t bdaddr_type;
};

struct options {
	uint16_t omtu;
	uint16_t imtu;
	uint16_t flush_to;
	uint8_t mode;
	uint8_t fcs;
	uint8_t max_tx;
	uint16_t txwin_size;
};

_Noreturn void kernel_fail(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

long kernel_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void parse_address(const char *text, uint8_t *ret_bdaddr)
{
	unsigned int octet[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &octet[5], &octet[4],
		   &octet[3], &octet[2], &octet[1], &octet[0]) != 6) {
		errno = EINVAL;
		kernel_fail(text);
	}
	for (int i = 0; i < 6; i++)
		ret_bdaddr[i] = (uint8_t)octet[i];
}

/* Calls bind() or connect() with the address of the socket's protocol. */
static int with_address(int fd, bool rfcomm, const char *address, int port,
			int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct address_rfcomm to_channel = { .family = AF_BLUETOOTH };
	struct address_l2cap to_psm = { .family = AF_BLUETOOTH };
	uint8_t bdaddr[6] = { 0 };

	if (address)
		parse_address(address, bdaddr);
	if (rfcomm) {
		to_channel.channel = (uint8_t)port;
		memcpy(to_channel.bdaddr, bdaddr, sizeof(bdaddr));
		return call(fd, (const struct sockaddr *)&to_channel,
			    sizeof(to_channel));
	}
	to_psm.psm[0] = (uint8_t)(port & 0xff);
	to_psm.psm[1] = (uint8_t)(port >> 8);
	memcpy(to_psm.bdaddr, bdaddr, sizeof(bdaddr));
	return call(fd, (const struct sockaddr *)&to_psm, sizeof(to_psm));
}

/*
 * Basic and Streaming mode have no flow control: what comes faster than this
 * program reads is lost where the buffer is full.
 */
static void widen(int fd)
{
	int size = 8 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		kernel_fail("SO_RCVBUFFORCE");
}

/*
 * The mode is required rather than preferred for SOCK_STREAM only: with
 * SOCK_SEQPACKET the kernel gives in to Basic mode.
 */
static void set_options(int fd, const struct kernel_socket *kind)
{
	const struct options options = {
		.omtu = kind->mtu,
		.imtu = kind->mtu,
		.mode = (uint8_t)kind->mode,
		.fcs = kind->fcs,
		.max_tx = kind->max_transmit,
		.txwin_size = kind->window,
	};
	const uint8_t mode = BT_MODE_EXT_FLOWCTL;

	if (kind->mode == KERNEL_CREDIT) {
		if (setsockopt(fd, LEVEL_BLUETOOTH, BT_MODE, &mode,
			       sizeof(mode)) < 0)
			kernel_fail("BT_MODE");
		return;
	}
	if (setsockopt(fd, LEVEL_L2CAP, L2CAP_OPTIONS, &options,
		       sizeof(options)) < 0)
		kernel_fail("L2CAP_OPTIONS");
}

static int make_socket(const struct kernel_socket *kind, int port)
{
	int fd;

	if (kind->rfcomm)
		fd = socket(AF_BLUETOOTH, SOCK_STREAM, PROTO_RFCOMM);
	else
		fd = socket(AF_BLUETOOTH,
			    kind->stream ? SOCK_STREAM : SOCK_SEQPACKET,
			    PROTO_L2CAP);
	if (fd < 0)
		kernel_fail("socket");
	if (!kind->rfcomm)
		widen(fd);
	if (port >= 0 && with_address(fd, kind->rfcomm, NULL, port, bind) < 0)
		kernel_fail("bind");
	if (!kind->rfcomm && kind->options)
		set_options(fd, kind);
	return fd;
}

int kernel_listen(const struct kernel_socket *kind, int port)
{
	int fd = make_socket(kind, port);

	if (listen(fd, 5) < 0)
		kernel_fail("listen");
	return fd;
}

int kernel_accept(int fd, int limit_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(int);
	int protocol = 0;
	int conn;

	if (poll(&ready, 1, limit_ms) != 1)
		return -1;
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		kernel_fail("accept");
	if (getsockopt(conn, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) < 0)
		kernel_fail("SO_PROTOCOL");
	if (protocol == PROTO_L2CAP)
		widen(conn);
	fcntl(conn, F_SETFL, O_NONBLOCK);
	return conn;
}

/* Not blocking: a connect() that blocks may sleep through its own failure. */
int kernel_begin(const struct kernel_socket *kind, const char *address,
		 int port)
{
	/* Without a port of its own, BT_MODE would not be taken. */
	int fd = make_socket(kind, kind->mode == KERNEL_CREDIT ? 0 : -1);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (with_address(fd, kind->rfcomm, address, port, connect) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

int kernel_connected(int fd, int limit_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(errno);
	int err = 0;

	if (poll(&ready, 1, limit_ms) != 1)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		kernel_fail("SO_ERROR");
	return err;
}

/*
 * What is queued would be thrown away by close(). For Bluetooth the kernel
 * answers TIOCOUTQ with the room that is left rather than with what is queued.
 */
bool kernel_has_sent(int fd)
{
	socklen_t len = sizeof(int);
	int limit = 0;
	int room = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &limit, &len) < 0 ||
	    ioctl(fd, TIOCOUTQ, &room) < 0)
		kernel_fail("TIOCOUTQ");
	return room >= limit;
}
