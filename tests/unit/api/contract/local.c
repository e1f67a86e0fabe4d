/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/end.h"
#include "tests/support/wire.h"
#include "tests/unit/api/contract/contract.h"

/* Rows about a host, its keys, and what the system sees of a socket. */

static struct wire *wire;
static struct end client;
static struct rt_server *server;
static char dir[] = "/tmp/rawtooth-contract-XXXXXX";

static void setup(void)
{
	struct rt_host_options options = { .size = sizeof(options) };

	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	options.key_dir = dir;
	wire = wire_new(&options);
	memset(&client, 0, sizeof(client));
	server = NULL;
}

static void remove_keys(void)
{
	char path[128], addr[RT_ADDR_STR_BYTES];

	for (unsigned int i = 0; i < WIRE_HOSTS; i++) {
		rt_addr_format(wire_addr(wire, i), addr);
		snprintf(path, sizeof(path), "%s/%s.keys", dir, addr);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

static void teardown(void)
{
	end_free(&client);
	rt_server_free(server);
	remove_keys();
	wire_free(wire);
}

static bool has_pending(void *arg)
{
	return rt_server_has_pending(arg);
}

static struct rt_socket *connect_them(enum rt_protocol protocol)
{
	server = rt_server_new(wire->node[1].host, protocol, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	wire_run(wire, 20);
	end_open(&client, wire->node[0].host, protocol);
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1),
					   rt_server_port(server)),
			 0);
	ck_assert(wire_run_until(wire, end_is_connected, &client));
	ck_assert(wire_run_until(wire, has_pending, server));
	return rt_server_next_pending(server);
}

CONTRACT(descriptor_unconnected, "socketDescriptor: -ENOTCONN unless CONNECTED")
{
	end_open(&client, wire->node[0].host, (enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_descriptor(client.s), -ENOTCONN);
}
END_TEST

CONTRACT(descriptor_kind,
	 "socketDescriptor: a real AF_UNIX descriptor, stream for RFCOMM, "
	 "seqpacket for L2CAP; the caller owns it; from then on read and "
	 "write give -EBUSY")
{
	struct rt_socket *s = connect_them((enum rt_protocol)_i);
	const int fd = rt_socket_descriptor(client.s);
	int type = 0;
	socklen_t bytes = sizeof(type);
	char c;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes), 0);
	ck_assert_int_eq(type, _i == RT_PROTOCOL_RFCOMM ? SOCK_STREAM
							: SOCK_SEQPACKET);
	ck_assert_int_eq(rt_socket_read(client.s, &c, 1), -EBUSY);
	ck_assert_int_eq(rt_socket_write(client.s, "x", 1), -EBUSY);
	close(fd);
	rt_socket_free(s);
}
END_TEST

CONTRACT(descriptor_end,
	 "socketDescriptor: end of stream either way is mapped: the peer's "
	 "close is the end of the file behind all that came")
{
	struct rt_socket *s = connect_them((enum rt_protocol)_i);
	const int fd = rt_socket_descriptor(client.s);
	char buf[8];
	ssize_t n = -1;

	ck_assert_int_eq(rt_socket_write(s, "hello", 5), 5);
	rt_socket_close(s);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	for (int i = 0; i < 500 && n < 0; i++) {
		wire_run(wire, 10);
		n = read(fd, buf, sizeof(buf));
	}
	ck_assert_int_eq(n, 5);
	ck_assert_mem_eq(buf, "hello", 5);
	n = -1;
	for (int i = 0; i < 500 && n < 0; i++) {
		wire_run(wire, 10);
		n = read(fd, buf, sizeof(buf));
	}
	ck_assert_int_eq(n, 0);
	close(fd);
	rt_socket_free(s);
}
END_TEST

CONTRACT(opening_says_what_to_do, "opening a host: failures say what to do")
{
	static const char *const specs[] = {
		"",
		"nonsense:1",
		"unix:/nowhere",
		"tcp-client:127.0.0.1",
		"serial:/dev/nowhere,115200",
		"fd:x",
	};
	char message[RT_MESSAGE_BYTES] = "";
	struct rt_host *host;

	ck_assert_int_lt(rt_host_open(specs[_i], NULL, &host, message), 0);
	ck_assert_uint_gt(strlen(message), 10);
}
END_TEST

CONTRACT(local_device,
	 "QBluetoothLocalDevice: name, address, class of device, mode (off, "
	 "connectable, discoverable, limited), connected devices")
{
	struct rt_host *host = wire->node[0].host;
	struct rt_controller_info info = { .size = sizeof(info) };
	struct rt_addr peers[2];
	struct rt_socket *s = connect_them((enum rt_protocol)_i);

	rt_host_controller_info(host, &info);
	ck_assert(rt_addr_equal(info.addr, wire_addr(wire, 0)));
	ck_assert_int_eq(rt_host_set_name(host, "Name"), 0);
	ck_assert_str_eq(rt_host_name(host), "Name");
	ck_assert_uint_eq(rt_host_class_of_device(host) & 0x1fff, 0x100);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_DISCOVERABLE), 0);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_DISCOVERABLE);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_LIMITED), 0);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_LIMITED);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE), 0);
	ck_assert_int_eq(rt_host_mode(host), RT_HOST_MODE_CONNECTABLE);
	ck_assert_uint_eq(rt_host_connected(host, peers, 2), 1);
	ck_assert(rt_addr_equal(peers[0], wire_addr(wire, 1)));
	rt_socket_free(s);
}
END_TEST

static bool is_off(void *arg)
{
	return rt_host_state(arg) == RT_HOST_OFF;
}

static bool is_up(void *arg)
{
	return rt_host_state(arg) == RT_HOST_UP;
}

CONTRACT(local_device_power,
	 "QBluetoothLocalDevice: power: off ends servers with POWERED_OFF, "
	 "another mode brings the host up again")
{
	struct rt_host *host = wire->node[1].host;

	server = rt_server_new(host, RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_OFF), 0);
	ck_assert(wire_run_until(wire, is_off, host));
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_POWERED_OFF);
	ck_assert_int_eq(rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE), 0);
	ck_assert(wire_run_until(wire, is_up, host));
}
END_TEST

static void on_paired(struct rt_pairing *pairing,
		      const struct rt_error_info *info, void *user_data)
{
	(void)pairing;
	*(int *)user_data = info->err;
}

static bool is_done(void *arg)
{
	return *(int *)arg != 1;
}

CONTRACT(keys,
	 "link keys: the default keeps a file, mode 0600, in a directory of "
	 "mode 0700; pair, unpair")
{
	static const struct rt_pairing_policy policy = {
		.size = sizeof(policy),
		.bondable = true,
		.accept_just_works = true,
	};
	int result = 1;
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_paired,
		.user_data = &result,
	};
	char path[128], addr[RT_ADDR_STR_BYTES];
	struct rt_pairing *pairing;
	struct stat status;

	ck_assert_int_eq(
		rt_host_set_pairing_policy(wire->node[1].host, &policy), 0);
	rt_host_set_connectable(wire->node[1].host, true);
	wire_run(wire, 20);
	ck_assert_int_eq(rt_pairing_start(wire->node[0].host,
					  wire_addr(wire, 1), &options,
					  &pairing),
			 0);
	ck_assert(wire_run_until(wire, is_done, &result));
	ck_assert_int_eq(result, 0);
	rt_pairing_free(pairing);
	rt_addr_format(wire_addr(wire, 0), addr);
	snprintf(path, sizeof(path), "%s/%s.keys", dir, addr);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(dir, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	ck_assert_int_eq(rt_host_unpair(wire->node[0].host, wire_addr(wire, 1)),
			 0);
	ck_assert_int_eq(rt_host_unpair(wire->node[0].host, wire_addr(wire, 1)),
			 -ENOENT);
}
END_TEST

int main(void)
{
	static const struct contract_row rows[] = {
		ROW_BOTH(descriptor_unconnected),
		ROW_BOTH(descriptor_kind),
		ROW_BOTH(descriptor_end),
		ROW_TIMES(opening_says_what_to_do, 6),
		ROW_BOTH(local_device),
		ROW(local_device_power),
		ROW(keys),
	};

	return contract_run("contract: local", rows,
			    sizeof(rows) / sizeof(rows[0]), setup, teardown);
}
