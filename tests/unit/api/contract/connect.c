/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/pair.h"
#include "tests/unit/api/contract/contract.h"

/* Rows about a socket's life: from construction to its end. */

static struct world *w;
static struct pair pair;
static struct rt_server *server;
static struct rt_service *record;

static const struct rt_addr zero = { { 0 } };
static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&pair, 0, sizeof(pair));
	server = NULL;
	record = NULL;
}

static void teardown(void)
{
	pair_free(&pair);
	rt_server_free(server);
	rt_service_free(record);
	world_finish(w);
}

static void open_client(enum rt_protocol protocol)
{
	end_open(&pair.client, world_host(w, 0), protocol);
}

static void open_pair(int protocol)
{
	pair_init(&pair, w, (enum rt_protocol)protocol);
	pair_connect(&pair);
}

CONTRACT(fresh, "socket/QBluetoothSocket(type): unconnected, no error, nothing "
		"to read or to write, no peer")
{
	struct rt_socket *s;
	char octet;

	open_client((enum rt_protocol)_i);
	s = pair.client.s;
	ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_UNCONNECTED);
	ck_assert_int_eq(rt_socket_error(s), RT_SOCKET_ERROR_NONE);
	ck_assert_str_eq(rt_socket_error_string(s), "");
	ck_assert(rt_addr_is_zero(rt_socket_peer_address(s)));
	ck_assert_uint_eq(rt_socket_peer_port(s), 0);
	ck_assert_str_eq(rt_socket_peer_name(s), "");
	ck_assert_uint_eq(rt_socket_bytes_available(s), 0);
	ck_assert_uint_eq(rt_socket_bytes_to_write(s), 0);
	ck_assert_int_eq(rt_socket_read(s, &octet, 1), -ENOTCONN);
}
END_TEST

CONTRACT(ports, "socket/connectToService(address,port): a port that is none is "
		"OPERATION, and nothing is sent")
{
	static const uint16_t bad[2][4] = {
		{ 0, 2, 0x1000, 0x0101 }, /* PSMs */
		{ 0, 31, 0x101, 0xffff }, /* server channels */
	};
	const uint64_t packets = w->packets;

	open_client((enum rt_protocol)_i);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(rt_socket_connect(pair.client.s,
						   world_addr(w, 1),
						   bad[_i - 1][i]),
				 -EINVAL);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(w->packets, packets);
}
END_TEST

CONTRACT(by_port, "socket/connectToService(address,port): every server channel "
		  "from 1 to 30, every PSM with an odd low octet")
{
	static const uint16_t good[2][3] = {
		{ 0x1001, 0x2eff, 0xfeff },
		{ 1, 17, 30 },
	};

	open_client((enum rt_protocol)_i);
	server = rt_server_new(world_host(w, 1), (enum rt_protocol)_i, NULL,
			       NULL);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(rt_server_listen(server, good[_i - 1][i]), 0);
		pair.client.connected = 0;
		ck_assert_int_eq(rt_socket_connect(pair.client.s,
						   world_addr(w, 1),
						   good[_i - 1][i]),
				 0);
		ck_assert(world_run_until(w, end_is_connected, &pair.client,
					  RT_SECONDS(20)));
		rt_socket_abort(pair.client.s);
		rt_server_close(server);
		world_run(w, RT_SECONDS(1));
	}
}
END_TEST

/* Host 1 publishes a service. */
static void publish(enum rt_protocol protocol, uint16_t port)
{
	record = rt_service_new(world_host(w, 1));
	ck_assert_int_eq(rt_service_set_classes(record, &own, 1), 0);
	if (port)
		ck_assert_int_eq(rt_service_set_port(record, protocol, port),
				 0);
	ck_assert_int_eq(rt_service_register(record), 0);
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
}

CONTRACT(by_uuid, "socket/connectToService(address,uuid): SERVICE_LOOKUP, then "
		  "CONNECTING, then CONNECTED")
{
	server = rt_server_new(world_host(w, 1), (enum rt_protocol)_i, NULL,
			       NULL);
	ck_assert_int_eq(rt_server_listen_uuid(server, own, "x"), 0);
	open_client((enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_connect_uuid(pair.client.s, world_addr(w, 1),
						own),
			 0);
	ck_assert_int_eq(rt_socket_state(pair.client.s),
			 RT_SOCKET_SERVICE_LOOKUP);
	ck_assert(world_run_until(w, end_is_connected, &pair.client,
				  RT_SECONDS(20)));
	ck_assert_str_eq(pair.client.log, "LCK+");
}
END_TEST

CONTRACT(not_found, "socket/connectToService(address,uuid): no record is "
		    "SERVICE_NOT_FOUND, told apart from a record without a "
		    "usable protocol")
{
	const char *const texts[] = { "has no service", "not by a protocol" };

	if (_i == 1)
		publish(RT_PROTOCOL_UNKNOWN, 0);
	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	open_client(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect_uuid(pair.client.s, world_addr(w, 1),
						own),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_str_eq(pair.client.log, "LUE4");
	ck_assert_ptr_nonnull(strstr(pair.client.error_string, texts[_i]));
}
END_TEST

/* What a search finds first, copied. */
static struct rt_service *found;

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	(void)search;
	(void)user_data;
	if (!found)
		found = rt_service_copy(service);
}

static void find_own(void)
{
	const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
	};
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.addr = world_addr(w, 1),
		.uuids = &own,
		.uuid_count = 1,
	};
	struct rt_service_search *search;

	found = NULL;
	ck_assert_int_eq(rt_service_search_start(world_host(w, 0), &options,
						 &search),
			 0);
	world_run(w, RT_SECONDS(5));
	rt_service_search_free(search);
	ck_assert_ptr_nonnull(found);
}

CONTRACT(by_service, "socket/connectToService(service): takes the protocol of "
		     "the service; without a port it is looked up")
{
	const bool lookup = _i / 3;

	server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 9), 0);
	publish(RT_PROTOCOL_RFCOMM, lookup ? 0 : 9);
	find_own();
	if (lookup)
		ck_assert_int_eq(
			rt_service_set_port(record, RT_PROTOCOL_RFCOMM, 9), 0);
	open_client(lookup ? RT_PROTOCOL_UNKNOWN : (enum rt_protocol)(_i % 3));
	ck_assert_int_eq(rt_socket_connect_service(pair.client.s, found), 0);
	rt_service_free(found);
	ck_assert(world_run_until(w, end_is_connected, &pair.client,
				  RT_SECONDS(20)));
	ck_assert_int_eq(rt_socket_protocol(pair.client.s), RT_PROTOCOL_RFCOMM);
	ck_assert_str_eq(pair.client.log, lookup ? "LCK+" : "CK+");
}
END_TEST

CONTRACT(close_sends, "socket/close: CLOSING until what is to be written has "
		      "left, then the channel is closed with the peer")
{
	static uint8_t data[20000];
	static uint8_t rx[sizeof(data)];

	open_pair(RT_PROTOCOL_RFCOMM);
	pair.server.rx = rx;
	pair.server.rx_cap = sizeof(rx);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, sizeof(data)),
			 sizeof(data));
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(20)));
	world_settle(w);
	ck_assert_uint_eq(pair.server.rx_bytes, sizeof(data));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
}
END_TEST

CONTRACT(close_lingers, "socket/close: after the linger limit NETWORK, and the "
			"count of octets that were not sent")
{
	static uint8_t data[65536];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_LINGER_MS, 3000),
			 0);
	pair_connect(&pair);
	/* The other side does not read. */
	for (int i = 0; i < 20; i++) {
		(void)!rt_socket_write(pair.client.s, data, sizeof(data));
		world_run(w, RT_SECONDS(1));
	}
	ck_assert_uint_gt(rt_socket_bytes_to_write(pair.client.s), 0);
	rt_socket_close(pair.client.s);
	world_run(w, RT_MS(2999));
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	world_run(w, RT_MS(2));
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
	ck_assert_int_eq(pair.client.error, RT_SOCKET_ERROR_NETWORK);
	ck_assert_ptr_nonnull(
		strstr(pair.client.error_string, "octets were not sent"));
}
END_TEST

CONTRACT(aborts, "socket/abort: drops what is unsent and is UNCONNECTED at "
		 "once")
{
	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 1), 1);
	rt_socket_abort(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 0);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CK+U-");
}
END_TEST

/* At each state that is told, rt_socket_state() is that one or a later one. */
CONTRACT(states, "socket/state, stateChanged: UNCONNECTED, CONNECTING, "
		 "CONNECTED, CLOSING, UNCONNECTED")
{
	open_pair(_i);
	rt_socket_close(pair.client.s);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(20)));
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CK+XU-");
}
END_TEST

CONTRACT(ends_once, "socket/connected, disconnected: after the change of "
		    "state; once for each connection, only after connected")
{
	open_pair(_i);
	rt_socket_close(pair.client.s);
	rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(5));
	rt_socket_abort(pair.client.s);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(pair.client.connected, 1);
	ck_assert_uint_eq(pair.client.disconnected, 1);
	/* Of one that fails there is none. */
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, pair.port),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_str_eq(pair.client.log, "CK+XU-CUE3");
}
END_TEST

CONTRACT(errors, "socket/error, errorString, errorOccurred: the class of Qt, a "
		 "sentence, and what is known")
{
	struct rt_error_info info = { .size = sizeof(info) };

	open_client((enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, 1), 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_int_eq(pair.client.error, RT_SOCKET_ERROR_HOST_NOT_FOUND);
	ck_assert_str_eq(pair.client.error_string,
			 "page timeout after 5.12 s: the peer is off, out of "
			 "range, not connectable, or busy");
	rt_socket_error_info(pair.client.s, &info);
	ck_assert_str_eq(info.layer, "HCI");
	ck_assert_str_eq(info.code_name, "Page Timeout");
	ck_assert_str_eq(info.phase, "page");
	ck_assert_int_eq(info.err, -EHOSTDOWN);
	ck_assert_uint_gt(info.frame, 0);
	/* A service that nobody has. */
	server = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 0x1201), 0);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1), 5),
			 0);
	world_run(w, RT_SECONDS(20));
	ck_assert_int_eq(pair.client.error, RT_SOCKET_ERROR_SERVICE_NOT_FOUND);
}
END_TEST

CONTRACT(sides, "socket/localAddress/Name/Port, peerAddress/Name/Port: both "
		"sides know each other")
{
	struct rt_socket *client;
	struct rt_socket *peer;

	open_pair(_i);
	client = pair.client.s;
	peer = pair.server.s;
	ck_assert(rt_addr_equal(rt_socket_local_address(client),
				world_addr(w, 0)));
	ck_assert(rt_addr_equal(rt_socket_peer_address(client),
				world_addr(w, 1)));
	ck_assert(
		rt_addr_equal(rt_socket_peer_address(peer), world_addr(w, 0)));
	ck_assert_uint_eq(rt_socket_peer_port(client), pair.port);
	ck_assert_uint_eq(rt_socket_local_port(peer), pair.port);
	ck_assert_str_eq(rt_socket_local_name(client), "rawtooth");
	rt_socket_abort(client);
	ck_assert(rt_addr_equal(rt_socket_peer_address(client), zero));
	ck_assert_uint_eq(rt_socket_peer_port(client), 0);
}
END_TEST

static const struct contract_row rows[] = {
	ROW_TIMES(fresh, 3), ROW_BOTH(ports),	      ROW_BOTH(by_port),
	ROW_BOTH(by_uuid),   ROW_TIMES(not_found, 2), ROW_TIMES(by_service, 4),
	ROW(close_sends),    ROW(close_lingers),      ROW_BOTH(aborts),
	ROW_BOTH(states),    ROW_BOTH(ends_once),     ROW_BOTH(errors),
	ROW_BOTH(sides),
};

int main(void)
{
	return contract_run("unit/api/contract/connect", rows,
			    RT_ARRAY_SIZE(rows), setup, teardown);
}
