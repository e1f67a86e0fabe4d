/* SPDX-License-Identifier: MIT */
#include "tests/support/wire.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stack/os/env_linux.h"
#include "stack/rd.h"

static void read_host(struct wire_node *node)
{
	uint8_t octets[RT_VCTL_H4_BYTES];
	enum rt_packet_type type;
	struct rt_bytes packet;
	struct rt_rd r;
	ssize_t n;
	int got;

	if (node->fd < 0 || node->stalled)
		return;
	n = recv(node->fd, octets, sizeof(octets), MSG_DONTWAIT);
	if (n <= 0)
		return;
	r = rt_rd_init(rt_bytes(octets, (size_t)n));
	while ((got = rt_vctl_h4_next(&node->rx, &r, &type, &packet)) > 0) {
		node->packets++;
		node->last[0] = (uint8_t)type;
		memcpy(node->last + 1, packet.ptr, sizeof(node->last) - 1);
		rt_vctl_rx(node->vctl, type, packet);
	}
	ck_assert_int_eq(got, 0);
}

static void write_host(struct wire_node *node)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	uint8_t h4[RT_VCTL_H4_BYTES];

	while (node->fd >= 0 && !node->stalled &&
	       rt_vctl_tx(node->vctl, &type, &packet)) {
		h4[0] = (uint8_t)type;
		memcpy(h4 + 1, packet.ptr, packet.len);
		/* It blocks for as long as the host does not read. */
		if (send(node->fd, h4, 1 + packet.len, MSG_NOSIGNAL) < 0)
			return;
	}
}

void wire_turn_controllers(struct wire *wire)
{
	rt_air_advance(wire->air, rt_env_linux_now_us());
	for (int i = 0; i < WIRE_HOSTS; i++) {
		read_host(&wire->node[i]);
		write_host(&wire->node[i]);
	}
}

void wire_turn(struct wire *wire)
{
	wire_turn_controllers(wire);
	for (int i = 0; i < WIRE_HOSTS; i++) {
		if (wire->node[i].host)
			ck_assert_int_eq(rt_host_dispatch(wire->node[i].host),
					 0);
	}
}

/* Waits until something is there, a millisecond at most; whether it is. */
static bool wait_a_little(const struct wire *wire)
{
	struct pollfd fds[2 * WIRE_HOSTS];
	nfds_t n = 0;

	for (int i = 0; i < WIRE_HOSTS; i++) {
		const struct wire_node *node = &wire->node[i];

		if (node->fd >= 0 && !node->stalled)
			fds[n++] = (struct pollfd){ node->fd, POLLIN, 0 };
		if (node->host)
			fds[n++] = (struct pollfd){ rt_host_fd(node->host),
						    POLLIN, 0 };
	}
	return poll(fds, n, 1) > 0;
}

bool wire_run_until(struct wire *wire, bool (*done)(void *arg), void *arg)
{
	const uint64_t end_us = rt_env_linux_now_us() + RT_SECONDS(5);

	for (;;) {
		wire_turn(wire);
		if (done && done(arg))
			return true;
		if (rt_env_linux_now_us() > end_us)
			return false;
		wait_a_little(wire);
	}
}

void wire_run(struct wire *wire, unsigned int ms)
{
	const uint64_t end_us = rt_env_linux_now_us() + RT_SECONDS(5);

	while (ms > 0 && rt_env_linux_now_us() < end_us) {
		wire_turn(wire);
		if (!wait_a_little(wire))
			ms--;
	}
}

static bool all_up(void *arg)
{
	const struct wire *wire = arg;

	for (int i = 0; i < WIRE_HOSTS; i++) {
		if (rt_host_state(wire->node[i].host) != RT_HOST_UP)
			return false;
	}
	return true;
}

static void open_node(struct wire *wire, int i,
		      const struct rt_host_options *options)
{
	struct wire_node *node = &wire->node[i];
	/* No keys of whoever runs the tests, unless a test says where. */
	struct rt_host_options own = { .size = sizeof(own) };
	char message[RT_MESSAGE_BYTES];
	char spec[32];
	int fds[2];
	int err;

	node->vctl = rt_vctl_new(wire->air, NULL);
	ck_assert_ptr_nonnull(node->vctl);
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	node->fd = fds[0];
	snprintf(spec, sizeof(spec), "fd:%d", fds[1]);
	if (options)
		own = *options;
	own.forget_keys = !own.key_dir && !own.key_store;
	err = rt_host_open(spec, &own, &node->host, message);
	ck_assert_msg(err == 0, "%s", message);
}

struct wire *wire_new(const struct rt_host_options *options)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	ck_assert_ptr_nonnull(wire);
	wire->air = rt_air_new(NULL);
	ck_assert_ptr_nonnull(wire->air);
	for (int i = 0; i < WIRE_HOSTS; i++)
		open_node(wire, i, options);
	ck_assert(wire_run_until(wire, all_up, wire));
	return wire;
}

void wire_free(struct wire *wire)
{
	for (int i = 0; i < WIRE_HOSTS; i++) {
		rt_host_close(wire->node[i].host);
		if (wire->node[i].fd >= 0)
			close(wire->node[i].fd);
	}
	rt_air_free(wire->air);
	free(wire);
}

struct rt_addr wire_addr(const struct wire *wire, unsigned int i)
{
	return rt_vctl_addr(wire->node[i].vctl);
}

unsigned int wire_count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}
