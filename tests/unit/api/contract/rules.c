/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/pair.h"
#include "tests/unit/api/contract/contract.h"

/* The rules that hold for all sockets. */

static struct world *w;
static struct pair pair;

static const struct rt_addr zero = { { 0 } };
static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };
static const struct rt_uuid own = {
	{ 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 },
};

static void setup(void)
{
	w = world_new(NULL);
	memset(&pair, 0, sizeof(pair));
}

static void teardown(void)
{
	pair_free(&pair);
	world_finish(w);
}

static void open_pair(int protocol)
{
	pair_init(&pair, w, (enum rt_protocol)protocol);
	pair_connect(&pair);
}

CONTRACT(no_protocol, "rules: a connect on an UNKNOWN socket is "
		      "UNSUPPORTED_PROTOCOL, whatever the address; the state "
		      "stays UNCONNECTED")
{
	const struct rt_addr addrs[] = { zero, nobody, world_addr(w, 1) };

	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_UNKNOWN);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, addrs[_i], 1),
			 -EPROTONOSUPPORT);
	ck_assert_str_ne(rt_socket_error_string(pair.client.s), "");
	ck_assert_str_eq(pair.client.log, "");
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "E6");
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
}
END_TEST

CONTRACT(busy, "rules: a connect on a busy socket is OPERATION and disturbs "
	       "nothing")
{
	open_pair(_i);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, pair.port),
			 -EISCONN);
	ck_assert_int_eq(rt_socket_connect_uuid(pair.client.s, nobody, own),
			 -EISCONN);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CK+E7");
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 1), 1);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 1);
}
END_TEST

CONTRACT(not_connected, "rules: write or read while not connected is "
			"OPERATION, except buffered data")
{
	char octet;

	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 1), 1);
	rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(rt_socket_write(pair.server.s, "y", 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_error(pair.server.s),
			 RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_read(pair.server.s, &octet, 1), 1);
	ck_assert_int_eq(rt_socket_read(pair.server.s, &octet, 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "y", 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
}
END_TEST

CONTRACT(peer_closes, "rules: the peer closes: REMOTE_HOST_CLOSED, CLOSING, "
		      "UNCONNECTED, disconnected")
{
	open_pair(_i);
	rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(pair.server.log, "E2XU-");
	ck_assert_int_eq(pair.server.error, RT_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}
END_TEST

CONTRACT(refusals, "rules: a refusal at once is a negative errno with error "
		   "and string, and no callback but for UNSUPPORTED_PROTOCOL "
		   "and OPERATION on connect")
{
	struct rt_socket *s;
	char octet;

	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	s = pair.client.s;
	ck_assert_int_eq(rt_socket_read(s, &octet, 1), -ENOTCONN);
	ck_assert_str_ne(rt_socket_error_string(s), "");
	ck_assert_int_eq(rt_socket_write(s, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_set_option(s, RT_OPTION_MTU, 100), -EINVAL);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "");
	/* Nor one that the state of the host is to blame for. */
	world_unplug(w, 0, -ENODEV);
	world_settle(w);
	ck_assert_int_eq(rt_socket_connect(s, nobody, 1), -ENETDOWN);
	ck_assert_int_eq(rt_socket_connect_uuid(s, nobody, own), -ENETDOWN);
	ck_assert_int_eq(rt_socket_error(s), RT_SOCKET_ERROR_NETWORK);
	ck_assert_str_ne(rt_socket_error_string(s), "");
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "");
}
END_TEST

/* By port and by UUID, to somebody and to nobody. */
CONTRACT(exactly_one, "rules: a connect that returned 0 ends in exactly one "
		      "of connected and error")
{
	const bool by_uuid = _i & 1;
	const bool there = _i & 2;
	const struct rt_addr addr = there ? world_addr(w, 1) : nobody;
	int err;

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_listen_uuid(pair.listener, own, "x"), 0);
	if (by_uuid)
		err = rt_socket_connect_uuid(pair.client.s, addr, own);
	else
		err = rt_socket_connect(pair.client.s, addr,
					rt_server_port(pair.listener));
	ck_assert_int_eq(err, 0);
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(pair.client.connected, there ? 1 : 0);
	ck_assert_uint_eq(pair.client.errors, there ? 0 : 1);
}
END_TEST

CONTRACT(neither, "rules: abort, close or free before: neither of connected "
		  "and error")
{
	const int deed = _i % 3;
	const uint64_t after_us = (uint64_t)(_i / 3) * 2000;

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	world_run(w, after_us);
	if (pair.client.connected)
		return;
	if (deed == 0)
		rt_socket_close(pair.client.s);
	else if (deed == 1)
		rt_socket_abort(pair.client.s);
	else
		end_free(&pair.client);
	world_run(w, RT_SECONDS(60));
	ck_assert_uint_eq(pair.client.connected, 0);
	ck_assert_uint_eq(pair.client.errors, 0);
}
END_TEST

CONTRACT(while_closing, "rules: a connect during CLOSING waits for the close")
{
	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 1), 1);
	rt_socket_close(pair.client.s);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	end_free(&pair.server);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	pair.client.connected = 0;
	ck_assert(world_run_until(w, end_is_connected, &pair.client,
				  RT_SECONDS(20)));
	ck_assert_ptr_nonnull(strstr(pair.client.log, "U-CK+"));
}
END_TEST

/* Frees the socket in the callback of its number. */
static unsigned int until_free;

static void free_end(struct end *end, char what)
{
	(void)what;
	if (--until_free == 0)
		end_free(end);
}

CONTRACT(free_anywhere, "rules: callbacks come only from dispatch; the socket "
			"may be freed in any of them")
{
	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	until_free = (unsigned int)_i;
	pair.client.then = free_end;
	ck_assert_int_eq(rt_socket_connect(pair.client.s, world_addr(w, 1),
					   pair.port),
			 0);
	ck_assert_str_eq(pair.client.log, "");
	world_run(w, RT_SECONDS(2));
	if (pair.client.s)
		rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(20));
	ck_assert_ptr_null(pair.client.s);
	ck_assert_uint_eq(until_free, 0);
}
END_TEST

static const struct contract_row rows[] = {
	ROW_TIMES(no_protocol, 3),
	ROW_BOTH(busy),
	ROW_BOTH(not_connected),
	ROW_BOTH(peer_closes),
	ROW(refusals),
	ROW_TIMES(exactly_one, 4),
	ROW_TIMES(neither, 15),
	ROW_BOTH(while_closing),
	{ &free_anywhere, 1, 7 },
};

int main(void)
{
	return contract_run("unit/api/contract/rules", rows,
			    RT_ARRAY_SIZE(rows), setup, teardown);
}
