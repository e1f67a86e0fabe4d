/* SPDX-License-Identifier: MIT */
#include "tools/vctl/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/stack/suite.h"

/* Controllers on a unix socket, with real sockets and injected time. */

static char dir[64], path[96], last_line[128], message[200];
static struct rt_loop loop;
static struct rt_air *air;
static struct rt_vctl_server *server;
static uint64_t now_us;
static unsigned lines;

static void on_line(void *user, const char *line)
{
	ck_assert_ptr_eq(user, &lines);
	snprintf(last_line, sizeof(last_line), "%s", line);
	lines++;
}

static struct rt_vctl_server_options options = {
	.controller = { .acl_bytes = 500, .acl_packets = 4 },
	.clients_max = 3,
	.send_buffer_bytes = 4096,
	.log = on_line,
	.user = &lines,
};

static void setup(void)
{
	lines = 0;
	now_us = 1000000;
	snprintf(dir, sizeof(dir), "/tmp/rawtooth-vctl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/air", dir);
	ck_assert_int_eq(rt_loop_init(&loop), 0);
	air = rt_air_new(NULL);
	options.air = air;
	ck_assert_int_eq(rt_vctl_server_open(&loop, path, &options, &server,
					     message, sizeof(message)),
			 0);
}

static void teardown(void)
{
	rt_vctl_server_close(server);
	rt_air_free(air);
	ck_assert_uint_eq(loop.watches, 0);
	rt_loop_fini(&loop);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* Until nothing is left to do. */
static void run(void)
{
	do {
		(void)rt_vctl_server_step(server, now_us);
	} while (rt_loop_dispatch(&loop, 0) > 0);
}

static int dial(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (void *)&addr, sizeof(addr)), 0);
	run();
	return fd;
}

static void put(int fd, const void *octets, size_t len)
{
	ck_assert_int_eq(send(fd, octets, len, MSG_NOSIGNAL), (ssize_t)len);
	run();
}

static void get(int fd, void *octets, size_t len)
{
	run();
	ck_assert_int_eq(recv(fd, octets, len, 0), (ssize_t)len);
}

static void get_exactly(int fd, const void *octets, size_t len)
{
	uint8_t buf[512];

	get(fd, buf, len);
	ck_assert_mem_eq(buf, octets, len);
}

static void get_nothing(int fd)
{
	uint8_t octet;

	run();
	ck_assert_int_eq(recv(fd, &octet, 1, 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
}

/* The server has hung up. */
static void get_end(int fd)
{
	uint8_t octet;

	run();
	ck_assert_int_eq(recv(fd, &octet, 1, 0), 0);
	close(fd);
}

#define PUT(fd, text) put(fd, text, sizeof(text) - 1)
#define GET(fd, text) get_exactly(fd, text, sizeof(text) - 1)

START_TEST(each_connection_is_a_controller_of_its_own)
{
	int a = dial(), b = dial();

	ck_assert_uint_eq(rt_vctl_server_clients(server), 2);
	ck_assert_str_eq(last_line, "00:AA:01:00:00:01: on the air");
	PUT(a, "\x01\x09\x10\x00");
	GET(a, "\x04\x0e\x0a\x01\x09\x10\x00\x00\x00\x00\x01\xaa\x00");
	PUT(b, "\x01\x09\x10\x00");
	GET(b, "\x04\x0e\x0a\x01\x09\x10\x00\x01\x00\x00\x01\xaa\x00");
	PUT(b, "\x01\x05\x10\x00");
	GET(b, "\x04\x0e\x0b\x01\x05\x10\x00\xf4\x01\x00\x04\x00\x00\x00");
	get_nothing(a);
	close(a);
	close(b);
	run();
	ck_assert_uint_eq(rt_vctl_server_clients(server), 0);
	ck_assert_str_eq(last_line, "00:AA:01:00:00:01: off the air");
}
END_TEST

/* Links a to b; the handles of a fresh pair are 0x0011 and 0x0021. */
static void join(int a, int b)
{
	uint8_t skip[14];

	PUT(b, "\x01\x1a\x0c\x01\x02");
	GET(b, "\x04\x0e\x04\x01\x1a\x0c\x00");
	PUT(a, "\x01\x05\x04\x0d\x01\x00\x00\x01\xaa\x00\x18\xcc\x01\x00\x00"
	       "\x00\x00");
	GET(a, "\x04\x0f\x04\x00\x01\x05\x04");
	GET(b, "\x04\x04\x0a\x00\x00\x00\x01\xaa\x00\x00\x00\x00\x01");
	PUT(b, "\x01\x09\x04\x07\x00\x00\x00\x01\xaa\x00\x01");
	GET(b, "\x04\x0f\x04\x00\x01\x09\x04");
	get(a, skip, sizeof(skip));
	ck_assert_uint_eq(skip[4], 0x11);
	get(b, skip, sizeof(skip));
	ck_assert_uint_eq(skip[4], 0x21);
}

START_TEST(two_hosts_meet_on_the_air)
{
	int a = dial(), b = dial();

	join(a, b);
	PUT(a, "\x02\x11\x00\x03\x00xyz");
	GET(b, "\x02\x21\x20\x03\x00xyz");
	GET(a, "\x04\x13\x05\x01\x11\x00\x01\x00");
	close(a);
	close(b);
}
END_TEST

START_TEST(a_host_that_hangs_up_takes_its_controller_off_the_air)
{
	int a = dial(), b = dial();

	join(a, b);
	close(a);
	run();
	get_nothing(b);
	now_us += RT_SECONDS(19);
	get_nothing(b);
	now_us += RT_SECONDS(1);
	GET(b, "\x04\x05\x04\x00\x21\x00\x08");
	close(b);
}
END_TEST

START_TEST(a_page_timeout_is_measured_from_the_command_however_late_it_is_read)
{
	int a = dial();
	uint64_t due_us;

	now_us += RT_SECONDS(100);
	PUT(a, "\x01\x05\x04\x0d\x09\x00\x00\x01\xaa\x00\x18\xcc\x01\x00\x00"
	       "\x00\x00");
	GET(a, "\x04\x0f\x04\x00\x01\x05\x04");
	due_us = rt_vctl_server_step(server, now_us);
	ck_assert_uint_eq(due_us, now_us + RT_MS(5120));
	now_us = due_us - 1;
	get_nothing(a);
	now_us = due_us;
	GET(a, "\x04\x03\x0b\x04\x00\x00\x09\x00\x00\x01\xaa\x00\x01\x00");
	ck_assert_uint_eq(rt_vctl_server_step(server, now_us),
			  RT_LOOP_NO_DEADLINE);
	close(a);
}
END_TEST

START_TEST(a_host_that_dies_with_octets_unread_is_off_the_air_too)
{
	int a = dial();

	PUT(a, "\x01\x03\x0c\x00");
	close(a);
	run();
	ck_assert_uint_eq(rt_vctl_server_clients(server), 0);
	ck_assert_str_eq(last_line,
			 "00:AA:01:00:00:00: off the air: connection lost");
}
END_TEST

START_TEST(commands_may_come_octet_by_octet)
{
	static const uint8_t command[] = { 0x01, 0x09, 0x10, 0x00 };
	int a = dial();

	for (size_t i = 0; i < sizeof(command); i++) {
		get_nothing(a);
		put(a, command + i, 1);
	}
	GET(a, "\x04\x0e\x0a\x01\x09\x10\x00\x00\x00\x00\x01\xaa\x00");
	close(a);
}
END_TEST

START_TEST(garbage_ends_that_connection_only_and_is_reported)
{
	int b = dial();

	for (unsigned type = 0; type <= 0xff; type++) {
		uint8_t octets[] = { 0x01, 0x03, 0x0c, 0x00, (uint8_t)type };
		char line[96];
		int a;

		if (type == 1 || type == 2 || type == 3 || type == 5)
			continue;
		a = dial();
		put(a, octets, sizeof(octets));
		snprintf(line, sizeof(line),
			 "00:AA:01:00:00:01: hung up: no host sends packets "
			 "of type 0x%02x",
			 type);
		ck_assert_str_eq(last_line, line);
		get_end(a);
	}
	PUT(b, "\x01\x03\x0c\x00");
	GET(b, "\x04\x0e\x04\x01\x03\x0c\x00");
	close(b);
}
END_TEST

START_TEST(random_octets_do_no_harm)
{
	uint64_t state = 7;

	for (int i = 0; i < 200; i++) {
		int a = dial();

		for (int k = 0; k < 20; k++) {
			uint8_t octets[64];

			for (size_t n = 0; n < sizeof(octets); n++)
				octets[n] = (uint8_t)suite_random(&state);
			octets[0] = 1;
			octets[1] = (uint8_t)(suite_random(&state) % 0x60);
			octets[2] = 0x0c;
			octets[3] = 60;
			(void)send(a, octets, sizeof(octets), MSG_NOSIGNAL);
			run();
			now_us += 1000;
		}
		close(a);
	}
	run();
	ck_assert_uint_eq(rt_vctl_server_clients(server), 0);
}
END_TEST

/* Sends numbered data packets up to `max`, with credits as a good host. */
static void send_while_possible(int fd, unsigned max, unsigned *credits,
				unsigned *next)
{
	uint8_t packet[505] = { 0x02, 0x11, 0x00, 0xf4, 0x01 };
	uint8_t event[8];

	for (; *next < max; (*next)++, (*credits)--) {
		run();
		while (recv(fd, event, sizeof(event), 0) > 0) {
			ck_assert_uint_eq(event[1], 0x13);
			*credits += event[6];
		}
		if (*credits == 0)
			break;
		packet[5] = (uint8_t)*next;
		packet[6] = (uint8_t)(*next >> 8);
		put(fd, packet, sizeof(packet));
	}
}

/* Takes up to `max` octets of data packets; they are numbered from *next on. */
static void read_slowly(int fd, size_t max, unsigned *next)
{
	static uint8_t packet[505];
	static size_t have;
	ssize_t n;

	n = recv(fd, packet + have, RT_MIN(sizeof(packet) - have, max), 0);
	if (n > 0)
		have += (size_t)n;
	if (have < sizeof(packet))
		return;
	ck_assert_uint_eq(packet[5] | (unsigned)packet[6] << 8, *next);
	have = 0;
	(*next)++;
}

START_TEST(a_slow_reader_loses_nothing_and_holds_the_sender_back)
{
	int a = dial(), b = dial();
	unsigned credits = 4, sent = 0, got = 0;

	join(a, b);
	send_while_possible(a, 300, &credits, &sent);
	ck_assert_uint_gt(sent, 4);
	ck_assert_uint_lt(sent, 100);
	while (got < 300) {
		run();
		read_slowly(b, 77, &got);
		send_while_possible(a, 300, &credits, &sent);
		ck_assert_uint_lt(sent - got, 100);
	}
	ck_assert_uint_eq(sent, 300);
	get_nothing(b);
	close(a);
	close(b);
}
END_TEST

START_TEST(a_host_that_never_reads_is_not_read_from_either)
{
	/* Each of them is answered, though no credit is needed for it. */
	static const uint8_t bad[] = { 0x01, 0x35, 0x0c, 0x01, 0x07 };
	int a = dial(), b = dial();
	size_t sent = 0;
	ssize_t n;

	for (;;) {
		n = send(a, bad, sizeof(bad), MSG_NOSIGNAL);
		if (n != (ssize_t)sizeof(bad))
			break;
		sent++;
		ck_assert_uint_lt(sent, 1000000);
		run();
	}
	ck_assert_int_eq(errno, EAGAIN);
	PUT(b, "\x01\x03\x0c\x00");
	GET(b, "\x04\x0e\x04\x01\x03\x0c\x00");
	for (size_t i = 0; i < sent; i++)
		GET(a, "\x04\x0e\x04\x01\x35\x0c\x12");
	get_nothing(a);
	close(a);
	close(b);
}
END_TEST

START_TEST(one_host_too_many_is_turned_away)
{
	int fd[3] = { dial(), dial(), dial() };
	int extra = dial();

	ck_assert_str_eq(last_line, "a host was turned away: too many");
	get_end(extra);
	close(fd[0]);
	run();
	fd[0] = dial();
	ck_assert_str_eq(last_line, "00:AA:01:00:00:00: on the air");
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}
END_TEST

START_TEST(without_descriptors_the_server_waits_and_then_goes_on)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct rlimit old, tight;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)fd + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (void *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_uint_eq(rt_vctl_server_step(server, now_us), now_us + 100000);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	now_us += 100000;
	run();
	ck_assert_uint_eq(rt_vctl_server_clients(server), 1);
	close(fd);
}
END_TEST

static int open_again(struct rt_vctl_server **ret)
{
	message[0] = 0;
	return rt_vctl_server_open(&loop, path, &options, ret, message,
				   sizeof(message));
}

START_TEST(a_path_where_somebody_listens_is_left_alone)
{
	struct rt_vctl_server *second;
	char want[160];

	ck_assert_int_eq(open_again(&second), -EADDRINUSE);
	snprintf(want, sizeof(want), "another program listens at %s", path);
	ck_assert_str_eq(message, want);
	close(dial());
}
END_TEST

START_TEST(a_socket_file_left_behind_is_replaced)
{
	struct rt_vctl_server *second;
	char kept[128];

	snprintf(kept, sizeof(kept), "%s/kept", dir);
	ck_assert_int_eq(link(path, kept), 0);
	rt_vctl_server_close(server);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(rename(kept, path), 0);
	ck_assert_int_eq(open_again(&second), 0);
	server = second;
	close(dial());
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone)
{
	struct rt_vctl_server *second;
	char want[160];

	rt_vctl_server_close(server);
	server = NULL;
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ck_assert_int_eq(open_again(&second), -EADDRINUSE);
	snprintf(want, sizeof(want), "%s exists and is no socket", path);
	ck_assert_str_eq(message, want);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_file_that_took_our_place_survives_our_end)
{
	ck_assert_int_eq(unlink(path), 0);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	rt_vctl_server_close(server);
	server = NULL;
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(an_impossible_path_is_explained)
{
	struct rt_vctl_server *second;
	char name[200];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ck_assert_int_eq(rt_vctl_server_open(&loop, name, &options, &second,
					     message, sizeof(message)),
			 -ENAMETOOLONG);
	ck_assert_str_eq(message,
			 "the path of a socket has at most 107 octets");
	ck_assert_int_eq(rt_vctl_server_open(&loop, "/nonexistent/air",
					     &options, &second, message,
					     sizeof(message)),
			 -ENOENT);
	ck_assert_str_eq(message, "can't listen at /nonexistent/air: "
				  "No such file or directory");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_connection_is_a_controller_of_its_own,
		two_hosts_meet_on_the_air,
		a_host_that_hangs_up_takes_its_controller_off_the_air,
		a_page_timeout_is_measured_from_the_command_however_late_it_is_read,
		a_host_that_dies_with_octets_unread_is_off_the_air_too,
		commands_may_come_octet_by_octet,
		garbage_ends_that_connection_only_and_is_reported,
		random_octets_do_no_harm,
		a_slow_reader_loses_nothing_and_holds_the_sender_back,
		a_host_that_never_reads_is_not_read_from_either,
		one_host_too_many_is_turned_away,
		without_descriptors_the_server_waits_and_then_goes_on,
		a_path_where_somebody_listens_is_left_alone,
		a_socket_file_left_behind_is_replaced,
		a_file_that_is_no_socket_is_left_alone,
		a_file_that_took_our_place_survives_our_end,
		an_impossible_path_is_explained,
	};

	return suite_run("vctl/server", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
