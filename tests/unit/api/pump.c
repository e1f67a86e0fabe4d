/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tests/support/wire.h"

/* Connections exported as descriptors: the row of socketDescriptor. */

#define DATA_BYTES 200000

static struct wire *wire;
static struct end client;
static struct end server;
static struct rt_server *listener;
static uint8_t data[DATA_BYTES];
static uint8_t received[DATA_BYTES];

static void setup(void)
{
	wire = wire_new(NULL);
	memset(&client, 0, sizeof(client));
	memset(&server, 0, sizeof(server));
	listener = NULL;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 11 + i / 256);
	memset(received, 0, sizeof(received));
}

static void teardown(void)
{
	end_free(&client);
	end_free(&server);
	rt_server_free(listener);
	wire_free(wire);
}

static bool has_pending(void *arg)
{
	return rt_server_has_pending(arg);
}

/* Connects; the server's end keeps what arrives. */
static void connect_in_mode(enum rt_protocol protocol,
			    enum rt_l2cap_socket_mode mode)
{
	const uint16_t port = protocol == RT_PROTOCOL_RFCOMM ? 1 : 0x1001;

	listener = rt_server_new(wire->node[1].host, protocol, NULL, NULL);
	end_open(&client, wire->node[0].host, protocol);
	if (protocol == RT_PROTOCOL_L2CAP) {
		ck_assert_int_eq(rt_server_set_option(listener, RT_OPTION_MODE,
						      mode),
				 0);
		ck_assert_int_eq(rt_socket_set_option(client.s, RT_OPTION_MODE,
						      mode),
				 0);
	}
	ck_assert_int_eq(rt_server_listen(listener, port), 0);
	/* The controller shall know that it is connectable. */
	wire_run(wire, 20);
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1), port),
			 0);
	ck_assert(wire_run_until(wire, end_is_connected, &client));
	ck_assert(wire_run_until(wire, has_pending, listener));
	end_attach(&server, rt_server_next_pending(listener));
	server.rx = received;
	server.rx_cap = sizeof(received);
}

static void connect_ends(enum rt_protocol protocol)
{
	connect_in_mode(protocol, RT_SOCKET_MODE_BASIC);
}

static int export(void)
{
	const int fd = rt_socket_descriptor(client.s);

	ck_assert_int_ge(fd, 0);
	return fd;
}

struct reader {
	int fd;
	size_t bytes;
	uint8_t buf[DATA_BYTES];
	ssize_t last;
	int err;
};

static struct reader reader;

static void reader_start(int fd)
{
	memset(&reader, 0, sizeof(reader));
	reader.fd = fd;
	reader.last = 1;
}

/* Reads what is there; true at the end of the file, or an error. */
static bool reader_is_at_end(void *arg)
{
	struct reader *r = arg;

	for (;;) {
		r->last = recv(r->fd, r->buf + r->bytes,
			       sizeof(r->buf) - r->bytes, MSG_DONTWAIT);
		r->err = r->last < 0 ? errno : 0;
		if (r->last <= 0)
			break;
		r->bytes += (size_t)r->last;
		if (r->bytes == sizeof(r->buf))
			return true;
	}
	return r->last == 0 || r->err != EAGAIN;
}

/* Writes what can be written; true when all is. */
static bool writer_is_done(void *arg)
{
	struct reader *wr = arg;
	ssize_t n;

	while (wr->bytes < DATA_BYTES) {
		const size_t left = DATA_BYTES - wr->bytes;

		n = send(wr->fd, data + wr->bytes, left < 600 ? left : 600,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		wr->bytes += (size_t)n;
	}
	return true;
}

START_TEST(a_descriptor_needs_a_connection)
{
	end_open(&client, wire->node[0].host, (enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_descriptor(client.s), -ENOTCONN);
}
END_TEST

START_TEST(a_descriptor_is_of_the_right_type)
{
	uint8_t octet;
	int type;
	socklen_t len = sizeof(type);
	int fd;

	connect_ends((enum rt_protocol)_i);
	fd = export();
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	ck_assert_int_eq(type, _i == RT_PROTOCOL_L2CAP ? SOCK_SEQPACKET
						       : SOCK_STREAM);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	/* From now on the socket itself is taken. */
	ck_assert_int_eq(rt_socket_read(client.s, &octet, 1), -EBUSY);
	ck_assert_int_eq(rt_socket_peek(client.s, &octet, 1), -EBUSY);
	ck_assert_int_eq(rt_socket_write(client.s, "x", 1), -EBUSY);
	ck_assert_int_eq(rt_socket_descriptor(client.s), -EBUSY);
	close(fd);
}
END_TEST

static bool no_memory;

static void *alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return no_memory ? NULL : calloc(1, bytes);
}

static void give_back(void *ctx, void *ptr)
{
	(void)ctx;
	free(ptr);
}

START_TEST(an_export_that_fails_leaves_nothing_open)
{
	const struct rt_host_options options = {
		.size = sizeof(options),
		.alloc = alloc,
		.free = give_back,
	};
	unsigned int before;
	int err;

	wire_free(wire);
	wire = wire_new(&options);
	connect_ends((enum rt_protocol)_i);
	before = wire_count_descriptors();
	no_memory = true;
	err = rt_socket_descriptor(client.s);
	no_memory = false;
	ck_assert_int_eq(err, -ENOMEM);
	ck_assert_uint_eq(wire_count_descriptors(), before);
	close(export());
}
END_TEST

START_TEST(octets_go_both_ways)
{
	char buf[16];
	int fd;

	connect_ends((enum rt_protocol)_i);
	/* What arrived before the export is not lost. */
	ck_assert_int_eq(rt_socket_write(server.s, "early", 5), 5);
	wire_run(wire, 20);
	fd = export();
	client.readable = 0;
	wire_run(wire, 5);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), 5);
	ck_assert_int_eq(send(fd, "ping", 4, 0), 4);
	wire_run(wire, 20);
	ck_assert_uint_eq(server.rx_bytes, 4);
	ck_assert_mem_eq(received, "ping", 4);
	ck_assert_int_eq(rt_socket_write(server.s, "pong!", 5), 5);
	wire_run(wire, 20);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), 5);
	ck_assert_mem_eq(buf, "pong!", 5);
	/* The application hears of neither. */
	ck_assert_uint_eq(client.readable + client.writable, 0);
	ck_assert_uint_eq(client.written, 0);
	close(fd);
}
END_TEST

START_TEST(a_file_goes_out_and_the_end_closes_in_order)
{
	const unsigned int before = wire_count_descriptors();

	connect_ends((enum rt_protocol)_i);
	reader_start(export());
	ck_assert(wire_run_until(wire, writer_is_done, &reader));
	if (_i == RT_PROTOCOL_RFCOMM) {
		ck_assert_int_eq(shutdown(reader.fd, SHUT_WR), 0);
		ck_assert(wire_run_until(wire, end_is_full, &server));
	}
	close(reader.fd);
	ck_assert(wire_run_until(wire, end_is_full, &server));
	ck_assert_mem_eq(received, data, sizeof(data));
	ck_assert(wire_run_until(wire, end_is_unconnected, &client));
	wire_run(wire, 20);
	ck_assert_str_eq(client.log, "CK+XU-");
	ck_assert_str_eq(server.log, "E2XU-");
	ck_assert_uint_eq(wire_count_descriptors(), before);
}
END_TEST

START_TEST(a_file_comes_in_and_ends_with_the_end_of_the_file)
{
	connect_ends(RT_PROTOCOL_RFCOMM);
	reader_start(export());
	server.close_when_sent = true;
	end_send(&server, data, sizeof(data) - 1);
	ck_assert(wire_run_until(wire, reader_is_at_end, &reader));
	ck_assert_int_eq(reader.last, 0);
	ck_assert_uint_eq(reader.bytes, sizeof(data) - 1);
	ck_assert_mem_eq(reader.buf, data, sizeof(data) - 1);
	wire_run(wire, 20);
	ck_assert_str_eq(client.log, "CK+E2XU-");
	ck_assert_str_eq(server.log, "XU-");
	close(reader.fd);
	/* The socket is free for another connection. */
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1), 1), 0);
}
END_TEST

START_TEST(a_reader_that_stops_stops_the_peer)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	size_t accepted;

	connect_ends(RT_PROTOCOL_RFCOMM);
	reader_start(export());
	end_send(&server, data, sizeof(data));
	wire_run(wire, 100);
	accepted = server.tx_at;
	wire_run(wire, 50);
	ck_assert_uint_eq(server.tx_at, accepted);
	rt_socket_get_stats(server.s, &stats);
	ck_assert_uint_eq(stats.tx_credits, 0);
	ck_assert(wire_run_until(wire, reader_is_at_end, &reader));
	ck_assert_uint_eq(reader.bytes, sizeof(data));
	ck_assert_mem_eq(reader.buf, data, sizeof(data));
	close(reader.fd);
}
END_TEST

/* In both modes that have flow control: ERTM and CREDIT. */
START_TEST(a_reader_of_datagrams_that_stops_stops_the_peer)
{
	size_t accepted;

	connect_in_mode(RT_PROTOCOL_L2CAP,
			_i ? RT_SOCKET_MODE_CREDIT : RT_SOCKET_MODE_ERTM);
	reader_start(export());
	/* Less than all queues on the way hold would show nothing. */
	ck_assert_int_eq(setsockopt(reader.fd, SOL_SOCKET, SO_SNDBUF,
				    &(int){ 4096 }, sizeof(int)),
			 0);
	server.piece = 600;
	end_send(&server, data, sizeof(data));
	wire_run(wire, 200);
	accepted = server.tx_at;
	wire_run(wire, 100);
	ck_assert_uint_eq(server.tx_at, accepted);
	ck_assert_uint_lt(accepted, sizeof(data));
	ck_assert(wire_run_until(wire, reader_is_at_end, &reader));
	ck_assert_uint_eq(reader.bytes, sizeof(data));
	ck_assert_mem_eq(reader.buf, data, sizeof(data));
	close(reader.fd);
}
END_TEST

START_TEST(a_peer_that_does_not_read_stops_the_writer)
{
	size_t before = SIZE_MAX;

	connect_ends(RT_PROTOCOL_RFCOMM);
	reader_start(export());
	server.paused = true;
	/* More than all queues on the way hold. */
	ck_assert_int_eq(setsockopt(reader.fd, SOL_SOCKET, SO_SNDBUF,
				    &(int){ 4096 }, sizeof(int)),
			 0);
	while (reader.bytes != before) {
		before = reader.bytes;
		ck_assert(!writer_is_done(&reader));
		wire_run(wire, 30);
	}
	server.paused = false;
	end_pull(&server);
	ck_assert(wire_run_until(wire, writer_is_done, &reader));
	ck_assert(wire_run_until(wire, end_is_full, &server));
	ck_assert_mem_eq(received, data, sizeof(data));
	close(reader.fd);
}
END_TEST

/* Between error and end of the file a reader can tell. */
START_TEST(an_error_is_a_reset_behind_the_data)
{
	char buf[8];
	ssize_t n;
	int fd;

	connect_ends((enum rt_protocol)_i);
	fd = export();
	ck_assert_int_eq(rt_socket_write(server.s, "last", 4), 4);
	wire_run(wire, 20);
	rt_vctl_drop_links(wire->node[1].vctl);
	wire_run(wire, 20);
	ck_assert_str_eq(client.log, "CK+E5XU-");
	n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n == 4)
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
}
END_TEST

START_TEST(an_abort_is_a_reset)
{
	char buf[8];
	int fd;

	connect_ends((enum rt_protocol)_i);
	fd = export();
	if (_i == RT_PROTOCOL_RFCOMM)
		rt_socket_abort(client.s);
	else
		end_free(&client);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
}
END_TEST

START_TEST(a_host_that_is_closed_is_a_reset)
{
	char buf[8];
	int fd;

	connect_ends(RT_PROTOCOL_RFCOMM);
	fd = export();
	rt_host_close(wire->node[0].host);
	wire->node[0].host = NULL;
	client.s = NULL;
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
}
END_TEST

/* The number may belong to another file by then: that one is left alone. */
START_TEST(a_descriptor_that_was_given_away_is_not_touched)
{
	int other[2];
	char buf[8];
	int fd;
	int moved;

	connect_ends(RT_PROTOCOL_RFCOMM);
	fd = export();
	moved = dup(fd);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
	ck_assert_int_eq(dup2(other[0], fd), fd);
	rt_socket_abort(client.s);
	ck_assert_int_eq(recv(moved, buf, sizeof(buf), MSG_DONTWAIT), 0);
	ck_assert_int_eq(recv(other[1], buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	close(fd);
	close(moved);
	close(other[0]);
	close(other[1]);
}
END_TEST

START_TEST(datagrams_keep_their_limits)
{
	char buf[700];
	int fd;

	connect_ends(RT_PROTOCOL_L2CAP);
	server.rx = NULL;
	fd = export();
	ck_assert_int_eq(send(fd, data, 672, 0), 672);
	ck_assert_int_eq(send(fd, data, 1, 0), 1);
	wire_run(wire, 20);
	ck_assert_int_eq(rt_socket_read(server.s, buf, sizeof(buf)), 672);
	ck_assert_int_eq(rt_socket_read(server.s, buf, sizeof(buf)), 1);
	ck_assert_int_eq(rt_socket_write(server.s, "ab", 2), 2);
	ck_assert_int_eq(rt_socket_write(server.s, "cde", 3), 3);
	wire_run(wire, 20);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 2);
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 3);
	close(fd);
}
END_TEST

/* One of no octets would be taken for the end, either way. */
START_TEST(a_datagram_of_no_octets_is_no_end)
{
	int fd;

	connect_ends(RT_PROTOCOL_L2CAP);
	fd = export();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(send(fd, "", 0, 0), 0);
	wire_run(wire, 20);
	ck_assert_int_eq(rt_socket_state(client.s), RT_SOCKET_CONNECTED);
	ck_assert_int_eq(send(fd, "x", 1, 0), 1);
	ck_assert_int_eq(send(fd, "", 0, 0), 0);
	close(fd);
	wire_run(wire, 20);
	ck_assert_uint_eq(server.rx_bytes, 1);
	ck_assert_str_eq(client.log, "CK+XU-");
}
END_TEST

START_TEST(a_datagram_over_the_mtu_ends_it_with_an_error)
{
	char buf[8];
	int fd;

	connect_ends(RT_PROTOCOL_L2CAP);
	fd = export();
	ck_assert_int_eq(send(fd, data, 673, 0), 673);
	wire_run(wire, 20);
	ck_assert_str_eq(client.log, "CK+E5XU-");
	ck_assert_ptr_nonnull(strstr(client.error_string, "MTU"));
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
}
END_TEST

/* A child process with the descriptor as its standard input and output. */
START_TEST(a_program_can_use_it)
{
	static const char text[] = "hello, cat\n";
	int status;
	pid_t pid;
	int fd;

	connect_ends(RT_PROTOCOL_RFCOMM);
	fd = export();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(fd, 0);
		dup2(fd, 1);
		execlp("cat", "cat", (char *)NULL);
		_exit(127);
	}
	close(fd);
	server.rx_cap = sizeof(text) - 1;
	end_send(&server, text, sizeof(text) - 1);
	ck_assert(wire_run_until(wire, end_is_full, &server));
	ck_assert_mem_eq(received, text, sizeof(text) - 1);
	rt_socket_close(server.s);
	ck_assert(wire_run_until(wire, end_is_unconnected, &client));
	wire_run(wire, 20);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/pump");
	TCase *tc = tcase_create("pump");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, a_descriptor_needs_a_connection, 1, 3);
	tcase_add_loop_test(tc, a_descriptor_is_of_the_right_type, 1, 3);
	tcase_add_loop_test(tc, an_export_that_fails_leaves_nothing_open, 1, 3);
	tcase_add_loop_test(tc, octets_go_both_ways, 1, 3);
	tcase_add_loop_test(tc, a_file_goes_out_and_the_end_closes_in_order, 1,
			    3);
	tcase_add_test(tc, a_file_comes_in_and_ends_with_the_end_of_the_file);
	tcase_add_test(tc, a_reader_that_stops_stops_the_peer);
	tcase_add_loop_test(tc, a_reader_of_datagrams_that_stops_stops_the_peer,
			    0, 2);
	tcase_add_test(tc, a_peer_that_does_not_read_stops_the_writer);
	tcase_add_loop_test(tc, an_error_is_a_reset_behind_the_data, 1, 3);
	tcase_add_loop_test(tc, an_abort_is_a_reset, 1, 3);
	tcase_add_test(tc, a_host_that_is_closed_is_a_reset);
	tcase_add_test(tc, a_descriptor_that_was_given_away_is_not_touched);
	tcase_add_test(tc, datagrams_keep_their_limits);
	tcase_add_test(tc, a_datagram_of_no_octets_is_no_end);
	tcase_add_test(tc, a_datagram_over_the_mtu_ends_it_with_an_error);
	tcase_add_test(tc, a_program_can_use_it);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
