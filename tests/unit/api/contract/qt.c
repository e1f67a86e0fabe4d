/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/end.h"
#include "tools/sim/world.h"
#include "tests/unit/api/contract/contract.h"

/*
 * What Qt's own test of QBluetoothSocket looks at, against a server that sends
 * back what it gets, one line or all at once.
 */

#define LINES 5

enum shutdown {
	SHUTDOWN_CLOSE,
	SHUTDOWN_DISCONNECT, /* the same function here */
	SHUTDOWN_ABORT,
	SHUTDOWNS,
};

static const char *const lines[LINES] = {
	"Test line one\n",
	"Test line two, longer\n",
	"3\n",
	"Test line four with \xc3\xa4\xc3\xb6\xc3\xbc\n",
	"last\n",
};

static struct world *w;
static struct end client;
static struct rt_server *server;
static struct rt_socket *echo;

static const struct rt_uuid own = {
	{ 0xe8, 0xe1, 0x0f, 0x95, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
};

static void on_readable(struct rt_socket *s, void *user_data)
{
	char buf[672];
	ptrdiff_t n;

	(void)user_data;
	while ((n = rt_socket_read(s, buf, sizeof(buf))) > 0)
		ck_assert_int_eq(rt_socket_write(s, buf, (size_t)n), n);
}

static const struct rt_socket_callbacks echo_callbacks = {
	.size = sizeof(echo_callbacks),
	.on_readable = on_readable,
};

static void on_new_connection(struct rt_server *srv, void *user_data)
{
	(void)user_data;
	rt_socket_free(echo);
	echo = rt_server_next_pending(srv);
	rt_socket_set_callbacks(echo, &echo_callbacks, NULL);
}

static const struct rt_server_callbacks server_callbacks = {
	.size = sizeof(server_callbacks),
	.on_new_connection = on_new_connection,
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&client, 0, sizeof(client));
	echo = NULL;
	server = NULL;
}

static void teardown(void)
{
	end_free(&client);
	rt_socket_free(echo);
	rt_server_free(server);
	world_finish(w);
}

static void start_echo(enum rt_protocol protocol)
{
	server = rt_server_new(world_host(w, 1), protocol, &server_callbacks,
			       NULL);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "echo"), 0);
	end_open(&client, world_host(w, 0), protocol);
}

static void connect_client(void)
{
	client.connected = 0;
	ck_assert_int_eq(
		rt_socket_connect_uuid(client.s, world_addr(w, 1), own), 0);
	ck_assert(
		world_run_until(w, end_is_connected, &client, RT_SECONDS(20)));
}

static void shut_down(enum shutdown how)
{
	if (how == SHUTDOWN_ABORT)
		rt_socket_abort(client.s);
	else
		rt_socket_close(client.s);
	ck_assert(world_run_until(w, end_is_unconnected, &client,
				  RT_SECONDS(20)));
	world_run(w, RT_SECONDS(1));
}

CONTRACT(construction, "qt/tst_construction: a socket of each type, and none "
		       "left behind")
{
	struct rt_socket *s =
		rt_socket_new(world_host(w, 0), (enum rt_protocol)_i);

	ck_assert_int_eq(rt_socket_protocol(s), _i);
	ck_assert_int_eq(rt_socket_error(s), RT_SOCKET_ERROR_NONE);
	ck_assert_str_eq(rt_socket_error_string(s), "");
	ck_assert_uint_eq(rt_socket_peer_port(s), 0);
	ck_assert_str_eq(rt_socket_peer_name(s), "");
	ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_UNCONNECTED);
	rt_socket_free(s);
}
END_TEST

CONTRACT(connection, "qt/tst_clientConnection: connects by UUID, and the peer "
		     "is who it was")
{
	start_echo((enum rt_protocol)_i);
	connect_client();
	ck_assert_str_eq(client.log, "LCK+");
	ck_assert(rt_addr_equal(rt_socket_peer_address(client.s),
				world_addr(w, 1)));
	ck_assert_uint_eq(rt_socket_peer_port(client.s),
			  rt_server_port(server));
	ck_assert(rt_addr_equal(rt_socket_local_address(client.s),
				world_addr(w, 0)));
	ck_assert_int_eq(rt_socket_error(client.s), RT_SOCKET_ERROR_NONE);
	shut_down(SHUTDOWN_CLOSE);
	ck_assert_str_eq(client.log, "LCK+XU-");
}
END_TEST

static void expect_line(const char *line)
{
	char buf[100];

	world_run(w, RT_SECONDS(1));
	ck_assert(rt_socket_can_read_line(client.s));
	ck_assert_int_eq(rt_socket_read_line(client.s, buf, sizeof(buf)),
			 (ptrdiff_t)strlen(line));
	ck_assert_str_eq(buf, line);
}

CONTRACT(line_by_line, "qt/tst_clientCommunication: each line comes back")
{
	size_t written = 0;

	start_echo(RT_PROTOCOL_RFCOMM);
	connect_client();
	for (int i = 0; i < LINES; i++) {
		const size_t n = strlen(lines[i]);

		ck_assert_int_eq(rt_socket_write(client.s, lines[i], n),
				 (ptrdiff_t)n);
		written += n;
		expect_line(lines[i]);
		ck_assert_uint_eq(client.written, written);
	}
	ck_assert(!rt_socket_can_read_line(client.s));
	ck_assert_uint_eq(rt_socket_bytes_available(client.s), 0);
	shut_down((enum shutdown)_i);
	ck_assert_str_eq(client.log,
			 _i == SHUTDOWN_ABORT ? "LCK+U-" : "LCK+XU-");
}
END_TEST

CONTRACT(all_at_once, "qt/tst_clientCommunication: all lines at once come "
		      "back")
{
	char all[200] = "";
	size_t n;

	start_echo(RT_PROTOCOL_RFCOMM);
	connect_client();
	for (int i = 0; i < LINES; i++) {
		n = strlen(all);
		snprintf(all + n, sizeof(all) - n, "%s", lines[i]);
	}
	n = strlen(all);
	ck_assert_int_eq(rt_socket_write(client.s, all, n), (ptrdiff_t)n);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_available(client.s), n);
	for (int i = 0; i < LINES; i++)
		expect_line(lines[i]);
	ck_assert_uint_eq(client.written, n);
	shut_down((enum shutdown)_i);
}
END_TEST

CONTRACT(datagrams, "qt/tst_clientCommunication: each datagram comes back as "
		    "it went")
{
	char buf[100];

	start_echo(RT_PROTOCOL_L2CAP);
	connect_client();
	for (int i = 0; i < LINES; i++) {
		const size_t n = strlen(lines[i]);

		ck_assert_int_eq(rt_socket_write(client.s, lines[i], n),
				 (ptrdiff_t)n);
	}
	world_run(w, RT_SECONDS(1));
	for (int i = 0; i < LINES; i++) {
		const size_t n = strlen(lines[i]);

		ck_assert_int_eq(rt_socket_read(client.s, buf, sizeof(buf)),
				 (ptrdiff_t)n);
		ck_assert_mem_eq(buf, lines[i], n);
	}
	shut_down((enum shutdown)_i);
}
END_TEST

CONTRACT(again, "qt/tst_clientConnection: the same socket connects again")
{
	start_echo((enum rt_protocol)_i);
	for (int how = 0; how < SHUTDOWNS; how++) {
		connect_client();
		shut_down((enum shutdown)how);
	}
	ck_assert_uint_eq(client.disconnected, 3);
	ck_assert_uint_eq(client.errors, 0);
}
END_TEST

CONTRACT(errors, "qt/tst_error: what is not there, a type that is none, a port "
		 "that is none")
{
	const struct rt_addr nobody = { { 0x12, 0x34, 0x56, 0x78, 0x9a,
					  0xbc } };
	struct end other = { .s = NULL };

	end_open(&client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect_uuid(client.s, nobody, own), 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_int_eq(client.error, RT_SOCKET_ERROR_HOST_NOT_FOUND);
	ck_assert_str_ne(client.error_string, "");
	ck_assert_int_eq(rt_socket_connect(client.s, nobody, 44), -EINVAL);
	world_settle(w);
	ck_assert_int_eq(client.error, RT_SOCKET_ERROR_OPERATION);
	end_open(&other, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_connect(other.s, nobody, 1),
			 -EPROTONOSUPPORT);
	world_settle(w);
	ck_assert_str_eq(other.log, "E6");
	end_free(&other);
}
END_TEST

CONTRACT(unsupported, "qt/tst_unsupportedProtocolError: the state does not "
		      "change, the error is told")
{
	const struct rt_addr zero = { { 0 } };

	end_open(&client, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_error(client.s), RT_SOCKET_ERROR_NONE);
	ck_assert_int_eq(rt_socket_connect(client.s, zero, 1),
			 -EPROTONOSUPPORT);
	world_settle(w);
	ck_assert_str_eq(client.log, "E6");
	ck_assert_str_ne(client.error_string, "");
	ck_assert_int_eq(rt_socket_state(client.s), RT_SOCKET_UNCONNECTED);
}
END_TEST

CONTRACT(flags, "qt/tst_preferredSecurityFlags: those that were set")
{
	end_open(&client, world_host(w, 0), (enum rt_protocol)_i);
	ck_assert_uint_eq(rt_socket_security_flags(client.s), RT_SECURITY_NONE);
	ck_assert_int_eq(
		rt_socket_set_security(client.s, RT_SECURITY_ENCRYPTION), 0);
	ck_assert_uint_eq(rt_socket_security_flags(client.s),
			  RT_SECURITY_ENCRYPTION);
	ck_assert_int_eq(rt_socket_set_security(client.s,
						RT_SECURITY_AUTHENTICATION |
							RT_SECURITY_SECURE),
			 0);
	ck_assert_uint_eq(rt_socket_security_flags(client.s),
			  RT_SECURITY_AUTHENTICATION | RT_SECURITY_SECURE);
}
END_TEST

static const struct contract_row rows[] = {
	ROW_TIMES(construction, 3),
	ROW_BOTH(connection),
	ROW_TIMES(line_by_line, SHUTDOWNS),
	ROW_TIMES(all_at_once, SHUTDOWNS),
	ROW_TIMES(datagrams, SHUTDOWNS),
	ROW_BOTH(again),
	ROW(errors),
	ROW(unsupported),
	ROW_TIMES(flags, 3),
};

int main(void)
{
	return contract_run("unit/api/contract/qt", rows, RT_ARRAY_SIZE(rows),
			    setup, teardown);
}
