/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_KERNEL_H
#define RT_INTEROP_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sockets of the Linux kernel's own Bluetooth. Its structures and numbers are
 * written out in kernel.c, so that no header of BlueZ is needed. What fails is
 * named on standard error and ends the program with 1, unless a comment says
 * otherwise.
 */

/* As the kernel numbers the modes of L2CAP_OPTIONS; CREDIT is set elsewhere. */
enum kernel_mode {
	KERNEL_BASIC = 0,
	KERNEL_ERTM = 3,
	KERNEL_STREAMING = 4,
	KERNEL_CREDIT = 0x80,
};

/* What kind of socket. */
struct kernel_socket {
	bool rfcomm;
	bool stream;  /* L2CAP: SOCK_STREAM in place of SOCK_SEQPACKET */
	bool options; /* L2CAP: what follows is set */
	enum kernel_mode mode;
	uint16_t mtu; /* both ways */
	bool fcs;
	uint8_t max_transmit;
	uint16_t window;
};

/* Ends the program with 1, and names errno. */
_Noreturn void kernel_fail(const char *what);

/* Milliseconds of a clock that only goes forward. */
long kernel_now_ms(void);

/* A socket that listens on a server channel or PSM. */
int kernel_listen(const struct kernel_socket *kind, int port);

/*
 * The next connection of a listening socket, not blocking; -1 if none comes in
 * `limit_ms`.
 */
int kernel_accept(int fd, int limit_ms);

/*
 * A socket, not blocking, that is connecting; -1 and errno if the kernel
 * refuses to begin.
 */
int kernel_begin(const struct kernel_socket *kind, const char *address,
		 int port);

/*
 * Waits until the connection stands or has failed. Returns 0, or the errno;
 * ETIMEDOUT also after `limit_ms`.
 */
int kernel_connected(int fd, int limit_ms);

/* True if the kernel has sent all, and where the mode has it got all acked. */
bool kernel_has_sent(int fd);

#endif
