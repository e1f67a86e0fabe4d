/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "stack/base.h"
#include "tests/support/pair.h"
#include "tests/unit/api/contract/contract.h"

/* Rows about reading, writing and options. */

static struct world *w;
static struct pair pair;

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

static void send_to_server(const char *text)
{
	const size_t bytes = strlen(text);

	ck_assert_int_eq(rt_socket_write(pair.client.s, text, bytes),
			 (ptrdiff_t)bytes);
	world_run(w, RT_SECONDS(1));
}

CONTRACT(stream, "socket/read, readAll, bytesAvailable: RFCOMM is a stream")
{
	char buf[16] = "";

	open_pair(RT_PROTOCOL_RFCOMM);
	send_to_server("one");
	send_to_server("two");
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 6);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 4), 4);
	ck_assert_str_eq(buf, "onet");
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 2);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 1), -EAGAIN);
}
END_TEST

CONTRACT(datagrams, "socket/read: L2CAP keeps datagrams; a buffer that is too "
		    "small gives -EMSGSIZE and keeps it")
{
	char buf[16] = "";

	open_pair(RT_PROTOCOL_L2CAP);
	send_to_server("one");
	send_to_server("three");
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), 3);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 2), -EMSGSIZE);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 3);
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), 5);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 5);
	ck_assert_str_eq(buf, "three");
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), -EAGAIN);
}
END_TEST

CONTRACT(lines, "socket/readLine, canReadLine, peek: a line is there when its "
		"end is")
{
	char buf[16];

	open_pair(RT_PROTOCOL_RFCOMM);
	send_to_server("hel");
	ck_assert(!rt_socket_can_read_line(pair.server.s));
	send_to_server("lo\nworld");
	ck_assert(rt_socket_can_read_line(pair.server.s));
	ck_assert_int_eq(rt_socket_peek(pair.server.s, buf, 5), 5);
	ck_assert_mem_eq(buf, "hello", 5);
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, sizeof(buf)),
			 6);
	ck_assert_str_eq(buf, "hello\n");
	ck_assert(!rt_socket_can_read_line(pair.server.s));
}
END_TEST

CONTRACT(read_after_close, "socket/read: what arrived before the peer closed "
			   "stays readable")
{
	char buf[16] = "";

	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "last", 4), 4);
	rt_socket_close(pair.client.s);
	world_run(w, RT_SECONDS(10));
	ck_assert_int_eq(rt_socket_state(pair.server.s), RT_SOCKET_UNCONNECTED);
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 4);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 4);
	ck_assert_str_eq(buf, "last");
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 1), -ENOTCONN);
}
END_TEST

CONTRACT(write_limit, "socket/write: accepts up to the limit of the write "
		      "queue, then a short count or -EAGAIN; WRITABLE follows")
{
	static uint8_t data[3000];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_WRITE_QUEUE_BYTES,
					      2048),
			 0);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, sizeof(data)),
			 2048);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 1), -EAGAIN);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 2048);
	ck_assert_uint_eq(pair.client.writable, 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_ge(pair.client.writable, 1);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 0);
}
END_TEST

CONTRACT(write_nothing, "socket/write: NULL or no octets are OPERATION")
{
	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, NULL, 5), -EINVAL);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 0), -EINVAL);
	world_settle(w);
	ck_assert_uint_eq(pair.client.errors, 0);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTED);
}
END_TEST

CONTRACT(write_mtu, "socket/write: a datagram over the peer's MTU is "
		    "-EMSGSIZE")
{
	static uint8_t data[673];

	open_pair(RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 673), -EMSGSIZE);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 672), 672);
}
END_TEST

/* The controller of the writer has sent it, the peer need not have read it. */
CONTRACT(written, "socket/bytesWritten: when the controller has sent it, never "
		  "when it is merely queued")
{
	open_pair(_i);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "12345", 5), 5);
	ck_assert_uint_eq(pair.client.written, 0);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 5);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(pair.client.written, 5);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 0);
}
END_TEST

CONTRACT(flags, "socket/setPreferredSecurityFlags: NONE is the default; any "
		"combination; before a connect")
{
	pair_init(&pair, w, (enum rt_protocol)_i);
	ck_assert_uint_eq(rt_socket_security_flags(pair.client.s), 0);
	ck_assert_int_eq(rt_socket_set_security(pair.client.s,
						RT_SECURITY_ENCRYPTION |
							RT_SECURITY_MITM),
			 0);
	ck_assert_uint_eq(rt_socket_security_flags(pair.client.s),
			  RT_SECURITY_ENCRYPTION | RT_SECURITY_MITM);
	ck_assert_int_eq(rt_socket_set_security(pair.client.s, 32), -EINVAL);
	ck_assert_int_eq(rt_socket_set_security(pair.client.s, 0), 0);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_set_security(pair.client.s, 0), -EISCONN);
}
END_TEST

/* Secure Simple Pairing by just works: nobody is asked. */
CONTRACT(level_1, "socket/setPreferredSecurityFlags: NONE is encrypted by just "
		  "works, and the key is not stored")
{
	struct rt_security_info info = { .size = sizeof(info) };
	const struct rt_addr none = { { 0 } };
	struct rt_link_key key = { .size = sizeof(key) };

	open_pair(_i);
	ck_assert_int_eq(rt_socket_security(pair.client.s, &info), 0);
	ck_assert(info.encrypted);
	ck_assert(!info.authenticated);
	ck_assert(!info.bonded);
	ck_assert_uint_ge(info.level, 1);
	ck_assert_uint_eq(info.key_bytes, 16);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 0), none, &key),
			 -ENOENT);
	ck_assert_int_eq(rt_host_next_key(world_host(w, 1), none, &key),
			 -ENOENT);
}
END_TEST

CONTRACT(security_options, "socket/setSocketOption: FIPS, least key size, "
			   "bonded only")
{
	int64_t value;

	end_open(&pair.client, world_host(w, 0), (enum rt_protocol)_i);
	ck_assert_int_eq(rt_socket_get_option(pair.client.s,
					      RT_OPTION_MIN_KEY_BYTES, &value),
			 0);
	ck_assert_int_eq(value, 0);
	for (int bytes = 7; bytes <= 16; bytes++)
		ck_assert_int_eq(rt_socket_set_option(pair.client.s,
						      RT_OPTION_MIN_KEY_BYTES,
						      bytes),
				 0);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_MIN_KEY_BYTES, 6),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_MIN_KEY_BYTES, 17),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_FIPS, 1),
			 0);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s, RT_OPTION_FIPS, 2),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_BONDED_ONLY, 1),
			 0);
	ck_assert_int_eq(
		rt_socket_get_option(pair.client.s, RT_OPTION_FIPS, &value), 0);
	ck_assert_int_eq(value, 1);
}
END_TEST

CONTRACT(figures, "socket/stats: frames, octets, MTU and credits")
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };

	open_pair(_i);
	send_to_server("12345");
	rt_socket_get_stats(pair.client.s, &stats);
	ck_assert_uint_eq(stats.tx_bytes, 5);
	ck_assert_uint_eq(stats.tx_frames, 1);
	ck_assert_uint_gt(stats.tx_mtu, 0);
	ck_assert_uint_gt(stats.rx_mtu, 0);
	ck_assert_int_eq(stats.tx_credits > 0, _i == RT_PROTOCOL_RFCOMM);
}
END_TEST

static const struct contract_row rows[] = {
	ROW(stream),
	ROW(datagrams),
	ROW(lines),
	ROW_BOTH(read_after_close),
	ROW(write_limit),
	ROW_BOTH(write_nothing),
	ROW(write_mtu),
	ROW_BOTH(written),
	ROW_BOTH(flags),
	ROW_BOTH(level_1),
	ROW_BOTH(security_options),
	ROW_BOTH(figures),
};

int main(void)
{
	return contract_run("unit/api/contract/data", rows, RT_ARRAY_SIZE(rows),
			    setup, teardown);
}
