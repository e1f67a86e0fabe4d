/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "hci/link.h"
#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * The contract of a socket, row by row: what QBluetoothSocket does, ours must
 * do too. Each case is tagged with the function of Qt that its row is about.
 */

static struct world *w;
static struct end end;

static const struct rt_addr zero = { { 0 } };
static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };

static void setup(void)
{
	w = world_new(NULL);
	memset(&end, 0, sizeof(end));
}

static void teardown(void)
{
	end_free(&end);
	world_finish(w);
}

static void open_socket(enum rt_protocol protocol)
{
	end_open(&end, world_host(w, 0), protocol);
}

static void check_fresh(const struct rt_socket *s)
{
	const struct rt_addr addr = rt_socket_peer_address(s);

	ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_UNCONNECTED);
	ck_assert_int_eq(rt_socket_error(s), RT_SOCKET_ERROR_NONE);
	ck_assert_str_eq(rt_socket_error_string(s), "");
	ck_assert(rt_addr_equal(addr, zero));
	ck_assert_uint_eq(rt_socket_peer_port(s), 0);
	ck_assert_uint_eq(rt_socket_local_port(s), 0);
	ck_assert_str_eq(rt_socket_peer_name(s), "");
	ck_assert_uint_eq(rt_socket_bytes_available(s), 0);
	ck_assert_uint_eq(rt_socket_bytes_to_write(s), 0);
	ck_assert(!rt_socket_can_read_line(s));
	ck_assert_int_eq(rt_socket_next_datagram_bytes(s), -EAGAIN);
}

/* QBluetoothSocket() */
START_TEST(a_fresh_socket_is_unconnected_and_empty)
{
	uint8_t octet;

	open_socket((enum rt_protocol)_i);
	check_fresh(end.s);
	ck_assert_ptr_eq(rt_socket_host(end.s), world_host(w, 0));
	ck_assert_int_eq(rt_socket_protocol(end.s), _i);
	ck_assert_str_eq(rt_socket_local_name(end.s), "rawtooth");
	ck_assert(rt_addr_equal(rt_socket_local_address(end.s),
				world_addr(w, 0)));
	ck_assert_int_eq(rt_socket_read(end.s, &octet, 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
}
END_TEST

/* connectToService: unsupported protocol, whatever the address */
START_TEST(a_connect_without_a_protocol_is_unsupported)
{
	open_socket(RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_connect(end.s, _i ? nobody : zero, 1),
			 -EPROTONOSUPPORT);
	ck_assert_int_eq(rt_socket_error(end.s),
			 RT_SOCKET_ERROR_UNSUPPORTED_PROTOCOL);
	ck_assert_str_ne(rt_socket_error_string(end.s), "");
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
	ck_assert_str_eq(end.log, "");
	world_settle(w);
	ck_assert_str_eq(end.log, "E6");
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
}
END_TEST

struct target {
	enum rt_protocol protocol;
	uint16_t port;
};

/* connectToService(address, port): what can't be a port sends nothing */
START_TEST(a_port_that_cannot_be_is_an_operation_error)
{
	static const struct target targets[] = {
		{ RT_PROTOCOL_RFCOMM, 0 },    { RT_PROTOCOL_RFCOMM, 31 },
		{ RT_PROTOCOL_RFCOMM, 256 },  { RT_PROTOCOL_RFCOMM, 65535 },
		{ RT_PROTOCOL_L2CAP, 0 },     { RT_PROTOCOL_L2CAP, 2 },
		{ RT_PROTOCOL_L2CAP, 4096 },  { RT_PROTOCOL_L2CAP, 0x0101 },
		{ RT_PROTOCOL_L2CAP, 65535 },
	};
	const uint64_t packets = w->packets;

	open_socket(targets[_i].protocol);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1),
					   targets[_i].port),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	world_run(w, RT_SECONDS(1));
	ck_assert_str_eq(end.log, "E7");
	ck_assert_uint_eq(w->packets, packets);
}
END_TEST

START_TEST(an_address_that_cannot_be_is_an_operation_error)
{
	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, zero, 1), -EINVAL);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 0), 1),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
	world_settle(w);
	ck_assert_str_eq(end.log, "E7");
}
END_TEST

/* A host that is not up refuses at once, without a callback. */
START_TEST(a_connect_while_the_host_is_down_is_refused)
{
	open_socket(RT_PROTOCOL_RFCOMM);
	world_unplug(w, 0, -ENODEV);
	world_settle(w);
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), -ENETDOWN);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_NETWORK);
	world_settle(w);
	ck_assert_str_eq(end.log, "");
	ck_assert(rt_addr_equal(rt_socket_local_address(end.s), zero));
}
END_TEST

/* connectToService on a busy socket disturbs nothing */
START_TEST(a_connect_on_a_busy_socket_disturbs_nothing)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTING);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, 2),
			 -EALREADY);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
	ck_assert(rt_addr_equal(rt_socket_peer_address(pair.client.s),
				world_addr(w, 1)));
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CE7K+");
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, 2), -EISCONN);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CE7K+E7");
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTED);
	pair_free(&pair);
}
END_TEST

/* error(): NONE after a connect was begun */
START_TEST(a_connect_forgets_the_error_before_it)
{
	open_socket(RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 2), -EINVAL);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), 0);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_NONE);
	ck_assert_str_eq(rt_socket_error_string(end.s), "");
}
END_TEST

/* localPort, peerPort, peerAddress, peerName */
START_TEST(each_side_knows_the_other)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	ck_assert(rt_addr_equal(rt_socket_peer_address(pair.client.s),
				world_addr(w, 1)));
	ck_assert(rt_addr_equal(rt_socket_peer_address(pair.server.s),
				world_addr(w, 0)));
	ck_assert_uint_eq(rt_socket_peer_port(pair.client.s), pair.port);
	ck_assert_uint_eq(rt_socket_local_port(pair.client.s), 0);
	ck_assert_uint_eq(rt_socket_local_port(pair.server.s), pair.port);
	ck_assert_uint_eq(rt_socket_peer_port(pair.server.s), 0);
	ck_assert_str_eq(rt_socket_peer_name(pair.client.s), "");
	rt_socket_abort(pair.client.s);
	ck_assert(rt_addr_is_zero(rt_socket_peer_address(pair.client.s)));
	ck_assert_uint_eq(rt_socket_peer_port(pair.client.s), 0);
	pair_free(&pair);
}
END_TEST

/* connected, disconnected, stateChanged: after the state, once each */
START_TEST(a_connection_is_told_of_in_order)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	ck_assert_str_eq(pair.client.log, "CK+");
	/* Taken from a server it is connected already. */
	ck_assert_str_eq(pair.server.log, "");
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(5)));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	ck_assert_int_eq(rt_socket_error(pair.client.s), RT_SOCKET_ERROR_NONE);
	ck_assert_int_eq(rt_socket_error(pair.server.s),
			 RT_SOCKET_ERROR_REMOTE_HOST_CLOSED);
	pair_free(&pair);
}
END_TEST

/* abort: UNCONNECTED when it returns, told from dispatch */
START_TEST(an_abort_is_at_once)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	rt_socket_abort(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
	ck_assert_str_eq(pair.client.log, "CK+");
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CK+U-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	pair_free(&pair);
}
END_TEST

/* A connect that is given up is neither connected nor an error. */
START_TEST(a_connect_given_up_is_heard_of_no_more)
{
	open_socket((enum rt_protocol)(1 + _i % 2));
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), 0);
	if (_i < 2)
		world_settle(w);
	if (_i % 4 < 2)
		rt_socket_close(end.s);
	else
		rt_socket_abort(end.s);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
	world_run(w, RT_SECONDS(30));
	ck_assert_str_eq(end.log, _i < 2 ? "CU" : "");
}
END_TEST

/* Opened and closed again before anything was told: neither. */
START_TEST(a_close_before_connected_was_told_hides_it)
{
	struct rt_server *server;

	server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 1), 0);
	open_socket(RT_PROTOCOL_RFCOMM);
	/* No callbacks yet: the state is looked at. */
	rt_socket_set_callbacks(end.s, NULL, NULL);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 1), 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_CONNECTED);
	end_attach(&end, end.s);
	rt_socket_close(end.s);
	world_run(w, RT_SECONDS(5));
	/* It had been told, to nobody: the end of it is told. */
	ck_assert_str_eq(end.log, "XU-");
	rt_server_free(server);
}
END_TEST

/* The peer ends the link, with `reason`, while we are closing. */
static void lose_while_closing(struct pair *pair, uint8_t reason)
{
	struct rt_hci *hci = world_host(w, 1)->hci;

	pair_init(pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(pair);
	rt_socket_close(pair->client.s);
	rt_hci_link_disconnect(rt_hci_link_by_addr(hci, world_addr(w, 0)),
			       reason);
	world_run(w, RT_SECONDS(5));
}

START_TEST(a_peer_that_ends_the_link_while_we_close_is_no_error)
{
	struct pair pair = { .w = NULL };

	lose_while_closing(&pair, 0x13);
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	pair_free(&pair);
}
END_TEST

/* Low Resources, Power Off: what was under way may be lost. */
START_TEST(a_peer_that_breaks_down_while_we_close_is_one)
{
	struct pair pair = { .w = NULL };

	lose_while_closing(&pair, (uint8_t)_i);
	ck_assert_str_eq(pair.client.log, "CK+XE2U-");
	pair_free(&pair);
}
END_TEST

static void close_at_state_connected(struct end *client, char what)
{
	struct rt_hci *hci = world_host(w, 1)->hci;

	if (what != 'K')
		return;
	rt_socket_close(client->s);
	rt_hci_link_disconnect(rt_hci_link_by_addr(hci, world_addr(w, 0)),
			       0x14);
}

/* It came first: a connect then ends in neither of connected and error. */
START_TEST(closed_before_connected_is_told_it_hears_of_no_error)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair.client.then = close_at_state_connected;
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CKXU");
	pair_free(&pair);
}
END_TEST

/* Connect during CLOSING waits for the close. */
START_TEST(a_connect_while_closing_waits)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 -EALREADY);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CK+XE7U-CK+");
	pair_free(&pair);
}
END_TEST

START_TEST(a_connect_while_closing_can_be_taken_back)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	pair_free(&pair);
}
END_TEST

/* The DLC of an aborted connection is still being closed with the peer. */
START_TEST(a_connect_right_after_an_abort_succeeds)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	for (int i = 0; i < 5; i++) {
		rt_socket_abort(pair.client.s);
		ck_assert_int_eq(rt_socket_connect(pair.client.s,
						   world_addr(w, 1), pair.port),
				 0);
		ck_assert_int_eq(rt_socket_state(pair.client.s),
				 RT_SOCKET_CONNECTING);
	}
	end_free(&pair.server);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.client.log, "CK+U-CK+");
	pair_free(&pair);
}
END_TEST

/* A caller that asks again and again without letting events out. */
START_TEST(calls_without_dispatch_need_no_memory)
{
	size_t live;

	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), 0);
	rt_socket_abort(end.s);
	world_settle(w);
	live = w->node[0].memory.live;
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), 0);
		rt_socket_close(end.s);
		ck_assert_int_eq(rt_socket_connect(end.s, zero, 1), -EINVAL);
	}
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(w->node[0].memory.live, live);
	ck_assert_str_eq(end.log, "E7");
}
END_TEST

static TCase *tcase(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	return tc;
}

static void add_connecting(Suite *suite)
{
	TCase *tc = tcase("connect");

	tcase_add_loop_test(tc, a_fresh_socket_is_unconnected_and_empty, 0, 3);
	tcase_add_loop_test(tc, a_connect_without_a_protocol_is_unsupported, 0,
			    2);
	tcase_add_loop_test(tc, a_port_that_cannot_be_is_an_operation_error, 0,
			    9);
	tcase_add_test(tc, an_address_that_cannot_be_is_an_operation_error);
	tcase_add_test(tc, a_connect_while_the_host_is_down_is_refused);
	tcase_add_test(tc, a_connect_on_a_busy_socket_disturbs_nothing);
	tcase_add_test(tc, a_connect_forgets_the_error_before_it);
	tcase_add_loop_test(tc, each_side_knows_the_other, 1, 3);
	tcase_add_loop_test(tc, a_connection_is_told_of_in_order, 1, 3);
	tcase_add_loop_test(tc, an_abort_is_at_once, 1, 3);
	tcase_add_loop_test(tc, a_connect_given_up_is_heard_of_no_more, 0, 4);
	tcase_add_test(tc, a_close_before_connected_was_told_hides_it);
	tcase_add_test(tc,
		       a_peer_that_ends_the_link_while_we_close_is_no_error);
	tcase_add_loop_test(tc, a_peer_that_breaks_down_while_we_close_is_one,
			    0x14, 0x16);
	tcase_add_loop_test(
		tc, closed_before_connected_is_told_it_hears_of_no_error, 1, 3);
	tcase_add_loop_test(tc, a_connect_while_closing_waits, 1, 3);
	tcase_add_test(tc, a_connect_while_closing_can_be_taken_back);
	tcase_add_loop_test(tc, a_connect_right_after_an_abort_succeeds, 1, 3);
	tcase_add_test(tc, calls_without_dispatch_need_no_memory);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	Suite *suite = suite_create("unit/api/socket");

	add_connecting(suite);
	return suite_run(suite);
}
