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

/* Octets of the H4 packet at the start of `octets`; 0 if not all there. */
static size_t packet_bytes(struct rt_bytes octets)
{
	struct rt_rd r = rt_rd_init(octets);
	const uint8_t type = rt_rd_u8(&r);
	size_t payload;
	size_t header;

	if (type == RT_PACKET_COMMAND) {
		rt_rd_le16(&r);
		payload = rt_rd_u8(&r);
		header = 4;
	} else {
		ck_assert_uint_eq(type, RT_PACKET_ACL);
		rt_rd_le16(&r);
		payload = rt_rd_le16(&r);
		header = 5;
	}
	if (!rt_rd_ok(&r) || octets.len < header + payload)
		return 0;
	return header + payload;
}

static void take_packets(struct wire_node *node)
{
	size_t used = 0;
	size_t n;

	while (used < node->rx_bytes) {
		const uint8_t *p = node->rx + used;

		n = packet_bytes(rt_bytes(p, node->rx_bytes - used));
		if (n == 0)
			break;
		node->packets++;
		memcpy(node->last, p, sizeof(node->last));
		rt_vctl_rx(node->vctl, (enum rt_packet_type)p[0],
			   rt_bytes(p + 1, n - 1));
		used += n;
	}
	memmove(node->rx, node->rx + used, node->rx_bytes - used);
	node->rx_bytes -= used;
}

static void read_host(struct wire_node *node)
{
	ssize_t n;

	if (node->fd < 0 || node->stalled)
		return;
	n = recv(node->fd, node->rx + node->rx_bytes,
		 sizeof(node->rx) - node->rx_bytes, MSG_DONTWAIT);
	if (n <= 0)
		return;
	node->rx_bytes += (size_t)n;
	take_packets(node);
}

static void write_host(struct wire_node *node)
{
	enum rt_packet_type type;
	struct rt_bytes packet;
	uint8_t h4[1 + 4 + 65535];

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
