/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * The contract of a socket, the rows about data, options and figures. Each case
 * is tagged with the function of Qt that its row is about.
 */

static struct world *w;
static struct end end;

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

/* write: not connected, nothing, NULL */
START_TEST(a_write_that_cannot_be_is_refused)
{
	struct pair pair = { .w = NULL };

	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_write(end.s, "x", 1), -ENOTCONN);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_write(pair.client.s, NULL, 1), -EINVAL);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "x", 0), -EINVAL);
	ck_assert_int_eq(rt_socket_writev(pair.client.s, NULL, 3), -EINVAL);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CK+");
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTED);
	pair_free(&pair);
}
END_TEST

START_TEST(pieces_whose_sum_overflows_are_refused)
{
	const struct rt_iovec iov[] = { { "a", 1 },
					{ "b", SIZE_MAX },
					{ "c", 2 } };
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_writev(pair.client.s, iov, 3), -EINVAL);
	pair_free(&pair);
}
END_TEST

/* bytesToWrite, bytesWritten, bytesAvailable, peek, read, readAll */
START_TEST(octets_are_counted_on_their_way)
{
	const struct rt_iovec iov[] = { { "hel", 3 },
					{ NULL, 0 },
					{ "lo", 2 } };
	struct pair pair = { .w = NULL };
	char buf[16];

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_writev(pair.client.s, iov, 3), 5);
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 5);
	ck_assert_uint_eq(pair.client.written, 0);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_to_write(pair.client.s), 0);
	ck_assert_uint_eq(pair.client.written, 5);
	ck_assert_uint_eq(pair.server.readable, 1);
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 5);
	ck_assert_int_eq(rt_socket_peek(pair.server.s, buf, sizeof(buf)), 5);
	ck_assert_mem_eq(buf, "hello", 5);
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 5);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)), 5);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, sizeof(buf)),
			 -EAGAIN);
	ck_assert_int_eq(rt_socket_read(pair.server.s, NULL, 5), -EINVAL);
	pair_free(&pair);
}
END_TEST

/* read: L2CAP keeps datagrams, and one too long for the buffer */
START_TEST(a_read_of_l2cap_is_one_datagram)
{
	struct pair pair = { .w = NULL };
	char buf[16];

	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "first", 5), 5);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "no 2", 4), 4);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_available(pair.server.s), 9);
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), 5);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 4), -EMSGSIZE);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 5), 5);
	ck_assert_mem_eq(buf, "first", 5);
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), 4);
	ck_assert_int_eq(rt_socket_read(pair.server.s, buf, 16), 4);
	ck_assert_mem_eq(buf, "no 2", 4);
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 16),
			 -EOPNOTSUPP);
	pair_free(&pair);
}
END_TEST

/* write: a datagram over the peer's MTU */
START_TEST(a_datagram_over_the_mtu_is_refused)
{
	static const uint8_t data[2000];
	struct pair pair = { .w = NULL };
	int64_t mtu;

	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	rt_server_close(pair.listener);
	ck_assert_int_eq(
		rt_server_set_option(pair.listener, RT_OPTION_MTU, 1000), 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	pair_connect(&pair);
	ck_assert_int_eq(
		rt_socket_get_option(pair.server.s, RT_OPTION_MTU, &mtu), 0);
	ck_assert_int_eq(mtu, 1000);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 1001), -EMSGSIZE);
	ck_assert_int_eq(rt_socket_error(pair.client.s),
			 RT_SOCKET_ERROR_OPERATION);
	ck_assert_int_eq(rt_socket_write(pair.client.s, data, 1000), 1000);
	ck_assert_int_eq(rt_socket_write(pair.server.s, data, 673), -EMSGSIZE);
	ck_assert_int_eq(rt_socket_write(pair.server.s, data, 672), 672);
	world_run(w, RT_SECONDS(1));
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.server.s), 1000);
	ck_assert_int_eq(rt_socket_next_datagram_bytes(pair.client.s), 672);
	pair_free(&pair);
}
END_TEST

/* readLine, canReadLine */
START_TEST(lines_are_read_whole)
{
	struct pair pair = { .w = NULL };
	char buf[16];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_write(pair.client.s, "one\n\ntw", 7), 7);
	world_run(w, RT_SECONDS(1));
	ck_assert(rt_socket_can_read_line(pair.server.s));
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 1), -EINVAL);
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 16), 4);
	ck_assert_str_eq(buf, "one\n");
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 16), 1);
	ck_assert_str_eq(buf, "\n");
	ck_assert(!rt_socket_can_read_line(pair.server.s));
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 2), 1);
	ck_assert_str_eq(buf, "t");
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 16), 1);
	ck_assert_str_eq(buf, "w");
	ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf, 16), -EAGAIN);
	pair_free(&pair);
}
END_TEST

/* A line may stand across the end of the ring. */
START_TEST(lines_are_found_anywhere_in_the_ring)
{
	static const char text[] = "0123456789 a line of some length\n";
	struct pair pair = { .w = NULL };
	char buf[64];

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_READ_QUEUE_BYTES, 1024),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	pair_connect(&pair);
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(rt_socket_write(pair.client.s, text,
						 sizeof(text) - 1),
				 sizeof(text) - 1);
		world_run(w, RT_MS(10));
		ck_assert(rt_socket_can_read_line(pair.server.s));
		ck_assert_int_eq(rt_socket_read_line(pair.server.s, buf,
						     sizeof(buf)),
				 sizeof(text) - 1);
		ck_assert_str_eq(buf, text);
	}
	pair_free(&pair);
}
END_TEST

/* socketDescriptor: only with a loop */
START_TEST(a_host_without_a_loop_has_no_descriptors)
{
	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_descriptor(end.s), -ENOSYS);
}
END_TEST

/* setPreferredSecurityFlags, preferredSecurityFlags */
START_TEST(security_flags_are_those_that_were_set)
{
	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_uint_eq(rt_socket_security_flags(end.s), RT_SECURITY_NONE);
	for (unsigned int flags = 0; flags < 2 * RT_SECURITY_MITM; flags++) {
		ck_assert_int_eq(rt_socket_set_security(end.s, flags), 0);
		ck_assert_uint_eq(rt_socket_security_flags(end.s), flags);
	}
	ck_assert_int_eq(rt_socket_set_security(end.s, 2 * RT_SECURITY_MITM),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	ck_assert_uint_eq(rt_socket_security_flags(end.s),
			  2 * RT_SECURITY_MITM - 1);
}
END_TEST

struct option_case {
	enum rt_protocol protocol;
	enum rt_option option;
	int64_t min, max, standard;
};

static const struct option_case option_cases[] = {
	{ RT_PROTOCOL_L2CAP, RT_OPTION_MTU, 48, 65535, 672 },
	{ RT_PROTOCOL_RFCOMM, RT_OPTION_FRAME_BYTES, 23, 32767, 0 },
	{ RT_PROTOCOL_RFCOMM, RT_OPTION_LINGER_MS, 0, 86400000, 20000 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_WRITE_QUEUE_BYTES, 1024, 16777216,
	  65536 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_READ_QUEUE_BYTES, 1024, 16777216,
	  65536 },
	{ RT_PROTOCOL_L2CAP, RT_OPTION_FLUSH_TIMEOUT_MS, 0, 1279, 0 },
};

START_TEST(options_have_ranges_and_defaults)
{
	const struct option_case *it = &option_cases[_i];
	int64_t value = -1;

	open_socket(it->protocol);
	ck_assert_int_eq(rt_socket_get_option(end.s, it->option, &value), 0);
	ck_assert_int_eq(value, it->standard);
	ck_assert_int_eq(rt_socket_set_option(end.s, it->option, it->min - 1),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, it->option, it->max + 1),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, it->option, it->max), 0);
	ck_assert_int_eq(rt_socket_get_option(end.s, it->option, &value), 0);
	ck_assert_int_eq(value, it->max);
	ck_assert_int_eq(rt_socket_set_option(end.s, it->option, it->min), 0);
}
END_TEST

START_TEST(options_of_another_protocol_are_refused)
{
	int64_t value = 7;

	open_socket(RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MTU, 1000),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_get_option(end.s, RT_OPTION_MTU, &value),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, (enum rt_option)99, 1),
			 -ENOSYS);
	ck_assert_int_eq(rt_socket_get_option(end.s, (enum rt_option)99,
					      &value),
			 -ENOSYS);
	ck_assert_int_eq(value, 7);
	ck_assert_int_eq(rt_socket_error(end.s), RT_SOCKET_ERROR_OPERATION);
	world_settle(w);
	ck_assert_str_eq(end.log, "");
}
END_TEST

START_TEST(options_are_set_before_a_connect)
{
	open_socket(RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, nobody, 1), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_MTU, 1000),
			 -EISCONN);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_LINGER_MS, 1),
			 0);
}
END_TEST

START_TEST(frame_size_is_what_was_agreed)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	struct pair pair = { .w = NULL };
	int64_t value;

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_FRAME_BYTES, 127),
			 0);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_get_option(pair.server.s,
					      RT_OPTION_FRAME_BYTES, &value),
			 0);
	ck_assert_int_eq(value, 127);
	ck_assert_int_eq(rt_socket_write(pair.client.s, w, sizeof(*w)),
			 sizeof(*w));
	world_run(w, RT_SECONDS(1));
	rt_socket_get_stats(pair.server.s, &stats);
	ck_assert_uint_eq(stats.rx_bytes, sizeof(*w));
	ck_assert_uint_eq(stats.rx_mtu, 127);
	ck_assert_uint_ge(stats.rx_frames, (sizeof(*w) + 126) / 127);
	ck_assert(!stats.msc_missing);
	rt_socket_get_stats(pair.client.s, &stats);
	ck_assert_uint_eq(stats.tx_bytes, sizeof(*w));
	ck_assert_uint_gt(stats.tx_credits, 0);
	pair_free(&pair);
}
END_TEST

/* Structures of an older program are filled as far as they go. */
START_TEST(stats_are_filled_as_far_as_the_size_goes)
{
	struct rt_socket_stats stats;

	open_socket(RT_PROTOCOL_RFCOMM);
	memset(&stats, 0x55, sizeof(stats));
	stats.size = offsetof(struct rt_socket_stats, tx_frames);
	rt_socket_get_stats(end.s, &stats);
	ck_assert_uint_eq(stats.size,
			  offsetof(struct rt_socket_stats, tx_frames));
	ck_assert_uint_eq(stats.rx_bytes, 0);
	ck_assert_uint_eq(stats.tx_frames, UINT64_C(0x5555555555555555));
}
END_TEST

static TCase *tcase(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	return tc;
}

static void add_data(Suite *suite)
{
	TCase *tc = tcase("data");

	tcase_add_loop_test(tc, a_write_that_cannot_be_is_refused, 1, 3);
	tcase_add_loop_test(tc, pieces_whose_sum_overflows_are_refused, 1, 3);
	tcase_add_loop_test(tc, octets_are_counted_on_their_way, 1, 3);
	tcase_add_test(tc, a_read_of_l2cap_is_one_datagram);
	tcase_add_test(tc, a_datagram_over_the_mtu_is_refused);
	tcase_add_test(tc, lines_are_read_whole);
	tcase_add_test(tc, lines_are_found_anywhere_in_the_ring);
	tcase_add_test(tc, a_host_without_a_loop_has_no_descriptors);
	suite_add_tcase(suite, tc);
}

static void add_options(Suite *suite)
{
	TCase *tc = tcase("options");

	tcase_add_test(tc, security_flags_are_those_that_were_set);
	tcase_add_loop_test(tc, options_have_ranges_and_defaults, 0, 6);
	tcase_add_test(tc, options_of_another_protocol_are_refused);
	tcase_add_test(tc, options_are_set_before_a_connect);
	tcase_add_test(tc, frame_size_is_what_was_agreed);
	tcase_add_test(tc, stats_are_filled_as_far_as_the_size_goes);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	Suite *suite = suite_create("unit/api/data");

	add_data(suite);
	add_options(suite);
	return suite_run(suite);
}
