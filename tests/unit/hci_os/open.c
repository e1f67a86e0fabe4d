/* SPDX-License-Identifier: MIT */
#include "hci/os/open.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/hci_os/sink.h"
#include "tests/unit/stack/suite.h"

/* Specifications of transports, and what is said when they can't be opened. */

static char dir[64], path[96], spec[160], text[256];
static struct rt_transport *t;

static void setup(void)
{
	heard_reset();
	t = NULL;
	snprintf(dir, sizeof(dir), "/tmp/rawtooth-open-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/h4", dir);
}

static void teardown(void)
{
	if (t)
		t->ops->close(t);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static int open_spec(const char *s)
{
	text[0] = 0;
	return rt_transport_open(s, &t, text, sizeof(text));
}

static void refused(const char *s, int err, const char *why)
{
	ck_assert_int_eq(open_spec(s), err);
	ck_assert_str_eq(text, why);
	ck_assert_ptr_null(t);
	ck_assert_int_eq(rt_transport_take(s, &t, NULL, 0), err);
	ck_assert_ptr_null(t);
}

/* The transport carries packets to and from `fd`. */
static void works(int fd)
{
	struct rt_packet p = packet_of(RT_PACKET_COMMAND, "\x03\x0c\x00", 3);
	uint8_t buf[16];

	ck_assert_int_eq(t->ops->send(t, &p), 0);
	ck_assert_int_eq(t->ops->flush(t), 0);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 4);
	ck_assert_mem_eq(buf, "\x01\x03\x0c\x00", 4);
	ck_assert_int_eq(send(fd, "\x04\xff\x00", 3, 0), 3);
	ck_assert_int_eq(t->ops->receive(t, &sink), 0);
	heard_last(1, 4, "\xff\x00", 2);
}

START_TEST(what_names_no_controller_is_explained)
{
	static const char *const bad[] = {
		"", "usb:0", "HCI0", "/dev/ttyUSB0", "unix", "virtual:", "-1"
	};
	char want[256];

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		snprintf(want, sizeof(want),
			 "\"%s\" names no controller; known are hci0, "
			 "hci-socket:0, unix:/path, tcp-client:host:port, "
			 "serial:/dev/ttyUSB0,115200 and fd:N",
			 bad[i]);
		refused(bad[i], -EINVAL, want);
	}
}
END_TEST

START_TEST(numbers_of_devices_are_whole_and_small)
{
	static const struct {
		const char *spec, *number;
	} bad[] = {
		{ "hci", "" },
		{ "hci-socket:", "" },
		{ "hci0x", "0x" },
		{ "hci-1", "-1" },
		{ "hci65535", "65535" },
		{ "hci-socket: 1", " 1" },
		{ "0 ", "0 " },
		{ "hci+1", "+1" },
		{ "99999999999999999999", "99999999999999999999" },
	};
	char want[256];

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		snprintf(want, sizeof(want),
			 "\"%s\" is no number of a device: write hci0",
			 bad[i].number);
		refused(bad[i].spec, -EINVAL, want);
	}
}
END_TEST

static int listen_at(int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (void *)&addr, sizeof(addr)), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 4), 0);
	return fd;
}

START_TEST(a_unix_socket_carries_h4)
{
	int server = listen_at(SOCK_STREAM);
	int fd;

	snprintf(spec, sizeof(spec), "unix:%s", path);
	ck_assert_int_eq(open_spec(spec), 0);
	ck_assert_str_eq(t->name, spec);
	fd = accept(server, NULL, NULL);
	works(fd);
	close(fd);
	close(server);
	ck_assert_int_eq(t->ops->receive(t, &sink), -EPIPE);
}
END_TEST

START_TEST(a_unix_socket_that_is_not_served_is_explained)
{
	char want[300];

	snprintf(spec, sizeof(spec), "unix:%s", path);
	snprintf(want, sizeof(text),
		 "there is no socket %s: start `rawtooth air %s`, or whatever "
		 "serves it",
		 path, path);
	refused(spec, -ENOENT, want);

	close(listen_at(SOCK_STREAM));
	snprintf(want, sizeof(want),
		 "nobody listens at %s (any more): start its server anew",
		 path);
	refused(spec, -ECONNREFUSED, want);
}
END_TEST

START_TEST(a_unix_socket_of_the_wrong_kind_is_explained)
{
	int fd = listen_at(SOCK_DGRAM);
	char want[300];

	snprintf(spec, sizeof(spec), "unix:%s", path);
	snprintf(want, sizeof(want), "%s is no stream socket: H4 needs one",
		 path);
	refused(spec, -EPROTOTYPE, want);
	close(fd);
	refused("unix:", -EINVAL, "a path is missing: unix:/path");
	refused("unix:/dev/null/x", -ENOTDIR,
		"can't connect to /dev/null/x: Not a directory");
	snprintf(spec, sizeof(spec), "unix:%0108d", 0);
	refused(spec, -ENAMETOOLONG,
		"the path of a socket has at most 107 octets");
}
END_TEST

static int listen_on(int family, unsigned *ret_port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (void *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (void *)&in, &len), 0);
	*ret_port = ntohs(in.sin_port);
	return fd;
}

START_TEST(a_tcp_connection_carries_h4)
{
	unsigned port;
	int server = listen_on(AF_INET, &port);
	int fd;

	snprintf(spec, sizeof(spec), "tcp-client:127.0.0.1:%u", port);
	ck_assert_int_eq(open_spec(spec), 0);
	fd = accept(server, NULL, NULL);
	works(fd);
	close(fd);
	t->ops->close(t);
	heard_reset();
	snprintf(spec, sizeof(spec), "tcp-client:[127.0.0.1]:%u", port);
	ck_assert_int_eq(open_spec(spec), 0);
	fd = accept(server, NULL, NULL);
	works(fd);
	close(fd);
	close(server);
}
END_TEST

START_TEST(a_port_where_nobody_listens_is_explained)
{
	unsigned port;
	int server = listen_on(AF_INET, &port);
	char want[256];

	close(server);
	snprintf(spec, sizeof(spec), "tcp-client:127.0.0.1:%u", port);
	snprintf(want, sizeof(want), "nobody listens on port %u of 127.0.0.1",
		 port);
	refused(spec, -ECONNREFUSED, want);
}
END_TEST

START_TEST(a_tcp_target_that_is_none_is_explained)
{
	static const char *const bad[] = { "",	    "host",    ":80",
					   "host:", "::1:80",  "[::1]",
					   "[]:80", "[::1:80", "a:b:80" };

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		snprintf(spec, sizeof(spec), "tcp-client:%s", bad[i]);
		refused(spec, -EINVAL,
			"a TCP controller is written tcp-client:host:port");
	}
	ck_assert_int_eq(open_spec("tcp-client:127.0.0.1:nosuchservice"),
			 -EADDRNOTAVAIL);
	ck_assert_ptr_nonnull(
		strstr(text, "can't find 127.0.0.1, port nosuchservice: "));
}
END_TEST

START_TEST(a_descriptor_of_a_stream_carries_h4)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd),
			 0);
	snprintf(spec, sizeof(spec), "fd:%d", fd[0]);
	ck_assert_int_eq(open_spec(spec), 0);
	ck_assert_int_eq(t->fd, fd[0]);
	ck_assert_uint_eq(t->acl_bytes_max, 0);
	works(fd[1]);
	close(fd[1]);
}
END_TEST

START_TEST(a_descriptor_of_packets_carries_packets)
{
	int fd[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	snprintf(spec, sizeof(spec), "fd:%d", fd[0]);
	ck_assert_int_eq(open_spec(spec), 0);
	ck_assert_uint_eq(t->acl_bytes_max, 1023);
	ck_assert_uint_eq(t->acl_rx_packets_max, 0);
	works(fd[1]);
	close(fd[1]);
}
END_TEST

START_TEST(a_descriptor_of_a_terminal_is_a_serial_line)
{
	int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	int fd;

	ck_assert_int_eq(grantpt(controller), 0);
	ck_assert_int_eq(unlockpt(controller), 0);
	ck_assert_int_eq(ptsname_r(controller, name, sizeof(name)), 0);
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	snprintf(spec, sizeof(spec), "fd:%d", fd);
	ck_assert_int_eq(open_spec(spec), 0);
	/* It may be in line mode: whoever opened it has set it up. */
	ck_assert_int_eq(write(controller, "\x99\n", 2), 2);
	ck_assert_int_eq(t->ops->receive(t, &sink), 0);
	ck_assert_uint_eq(heard.resyncs, 1);
	close(controller);
}
END_TEST

static void refused_fd(int fd, int err, const char *fmt)
{
	char want[256];

	snprintf(spec, sizeof(spec), "fd:%d", fd);
	snprintf(want, sizeof(want), fmt, fd);
	refused(spec, err, want);
}

START_TEST(a_descriptor_that_will_not_do_is_explained_and_left_open)
{
	static const char neither[] =
		"descriptor %d is neither an HCI user channel nor a stream "
		"that could carry H4";
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);
	int dgram = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	refused_fd(file, -ENOTSOCK, neither);
	refused_fd(pipes[0], -ENOTSOCK, neither);
	refused_fd(dgram, -EPROTOTYPE, neither);
	ck_assert_int_eq(close(file), 0);
	ck_assert_int_eq(close(dgram), 0);
	ck_assert_int_eq(close(pipes[0]), 0);
	ck_assert_int_eq(close(pipes[1]), 0);
	refused_fd(file, -EBADF,
		   "descriptor %d is not open: does whoever opened it hand it "
		   "on?");
	refused("fd:", -EINVAL, "\"\" is no descriptor: write fd:3");
	refused("fd:3x", -EINVAL, "\"3x\" is no descriptor: write fd:3");
	refused("fd:-1", -EINVAL, "\"-1\" is no descriptor: write fd:3");
}
END_TEST

START_TEST(a_serial_line_is_opened_by_its_specification)
{
	refused("serial:/dev/null,115200", -ENOTTY,
		"/dev/null is no serial line");
	refused("serial:/dev/nonexistent", -ENOENT,
		"there is no /dev/nonexistent: is it plugged in?");
}
END_TEST

START_TEST(a_message_is_cut_to_the_room_there_is)
{
	char small[8] = "1234567";

	ck_assert_int_eq(rt_transport_open("x", &t, small, sizeof(small)),
			 -EINVAL);
	ck_assert_str_eq(small, "\"x\" nam");
	ck_assert_int_eq(rt_transport_open("x", &t, NULL, 0), -EINVAL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_names_no_controller_is_explained,
		numbers_of_devices_are_whole_and_small,
		a_unix_socket_carries_h4,
		a_unix_socket_that_is_not_served_is_explained,
		a_unix_socket_of_the_wrong_kind_is_explained,
		a_tcp_connection_carries_h4,
		a_port_where_nobody_listens_is_explained,
		a_tcp_target_that_is_none_is_explained,
		a_descriptor_of_a_stream_carries_h4,
		a_descriptor_of_packets_carries_packets,
		a_descriptor_of_a_terminal_is_a_serial_line,
		a_descriptor_that_will_not_do_is_explained_and_left_open,
		a_serial_line_is_opened_by_its_specification,
		a_message_is_cut_to_the_room_there_is,
	};

	return suite_run("hci_os/open", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
