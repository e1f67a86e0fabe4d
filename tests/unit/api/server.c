/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "api/host.h"
#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* The contract of a server, row by row. */

static struct world *w;
static struct rt_server *server;
static unsigned int told;
static struct end ends[4];

static void on_new_connection(struct rt_server *s, void *user_data)
{
	ck_assert_ptr_eq(s, server);
	ck_assert_ptr_eq(user_data, &told);
	told++;
}

static const struct rt_server_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_new_connection = on_new_connection,
};

static void setup(void)
{
	w = world_new(NULL);
	server = NULL;
	told = 0;
	memset(ends, 0, sizeof(ends));
}

static void teardown(void)
{
	for (int i = 0; i < 4; i++)
		end_free(&ends[i]);
	rt_server_free(server);
	world_finish(w);
}

static uint16_t port_of(enum rt_protocol protocol)
{
	return protocol == RT_PROTOCOL_RFCOMM ? PAIR_CHANNEL : PAIR_PSM;
}

static void listen_on(enum rt_protocol protocol, unsigned int max_pending)
{
	server = rt_server_new(world_host(w, 1), protocol, &callbacks, &told);
	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_set_max_pending(server, max_pending), 0);
	ck_assert_int_eq(rt_server_listen(server, port_of(protocol)), 0);
}

static void connect_end(struct end *end, enum rt_protocol protocol)
{
	end_open(end, world_host(w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect(end->s, world_addr(w, 1),
					   port_of(protocol)),
			 0);
	world_run(w, RT_SECONDS(5));
}

START_TEST(a_fresh_server_does_not_listen)
{
	server = rt_server_new(world_host(w, 1), (enum rt_protocol)_i, NULL,
			       NULL);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_uint_eq(rt_server_port(server), 0);
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_NONE);
	ck_assert_uint_eq(rt_server_max_pending(server), 1);
	ck_assert(!rt_server_has_pending(server));
	ck_assert_ptr_null(rt_server_next_pending(server));
}
END_TEST

START_TEST(ports_that_cannot_be_are_refused)
{
	static const uint16_t bad[2][3] = { { 2, 0x0101, 0x1000 },
					    { 31, 32, 65535 } };

	server = rt_server_new(world_host(w, 1), (enum rt_protocol)_i, NULL,
			       NULL);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rt_server_listen(server, bad[_i - 1][i]),
				 -EINVAL);
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_UNKNOWN);
	ck_assert(!rt_server_is_listening(server));
}
END_TEST

START_TEST(a_server_without_a_protocol_is_unsupported)
{
	server = rt_server_new(world_host(w, 1), RT_PROTOCOL_UNKNOWN, NULL,
			       NULL);
	ck_assert_int_eq(rt_server_listen(server, 1), -EPROTONOSUPPORT);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_UNSUPPORTED_PROTOCOL);
}
END_TEST

START_TEST(port_zero_takes_a_free_one)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;
	struct rt_server *other;

	server = rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	other = rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	ck_assert_int_eq(rt_server_listen(other, 0), 0);
	ck_assert_uint_ne(rt_server_port(server), 0);
	ck_assert_uint_ne(rt_server_port(server), rt_server_port(other));
	rt_server_free(other);
}
END_TEST

START_TEST(a_port_that_is_taken_is_refused_and_undisturbed)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;
	struct rt_server *other;

	listen_on(protocol, 1);
	ck_assert_int_eq(rt_server_listen(server, 0), -EALREADY);
	ck_assert_int_eq(rt_server_error(server),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	other = rt_server_new(world_host(w, 1), protocol, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(other, port_of(protocol)),
			 -EADDRINUSE);
	ck_assert_int_eq(rt_server_error(other),
			 RT_SERVER_ERROR_SERVICE_ALREADY_REGISTERED);
	rt_server_free(other);
	ck_assert_uint_eq(rt_server_port(server), port_of(protocol));
	connect_end(&ends[0], protocol);
	ck_assert_str_eq(ends[0].log, "CK+");
}
END_TEST

/* PSM 3 is RFCOMM's, which listens there for all its channels. */
START_TEST(the_psm_of_rfcomm_is_taken)
{
	server = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 3), -EADDRINUSE);
}
END_TEST

START_TEST(every_connection_is_told_of_once)
{
	const enum rt_protocol protocol = RT_PROTOCOL_L2CAP;
	struct rt_socket *s;

	listen_on(protocol, 4);
	for (int i = 0; i < 3; i++)
		end_open(&ends[i], world_host(w, 0), protocol);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rt_socket_connect(ends[i].s, world_addr(w, 1),
						   PAIR_PSM),
				 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(told, 3);
	ck_assert(rt_server_has_pending(server));
	for (int i = 0; i < 3; i++) {
		s = rt_server_next_pending(server);
		ck_assert_ptr_nonnull(s);
		ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_CONNECTED);
		rt_socket_free(s);
	}
	ck_assert(!rt_server_has_pending(server));
	ck_assert_ptr_null(rt_server_next_pending(server));
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(told, 3);
}
END_TEST

START_TEST(data_that_came_before_it_was_taken_is_told_of)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;

	listen_on(protocol, 1);
	connect_end(&ends[0], protocol);
	ck_assert_int_eq(rt_socket_write(ends[0].s, "early", 5), 5);
	world_run(w, RT_SECONDS(1));
	end_attach(&ends[1], rt_server_next_pending(server));
	ck_assert_uint_eq(rt_socket_bytes_available(ends[1].s), 5);
	ck_assert_uint_eq(ends[1].readable, 0);
	world_settle(w);
	ck_assert_uint_eq(ends[1].readable, 1);
	ck_assert_str_eq(ends[1].log, "");
}
END_TEST

START_TEST(one_that_was_closed_with_data_is_taken_closed)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;
	char buf[8];

	listen_on(protocol, 1);
	connect_end(&ends[0], protocol);
	ck_assert_int_eq(rt_socket_write(ends[0].s, "early", 5), 5);
	rt_socket_close(ends[0].s);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(ends[0].log, "CK+XU-");
	ck_assert(rt_server_has_pending(server));
	end_attach(&ends[1], rt_server_next_pending(server));
	ck_assert_int_eq(rt_socket_state(ends[1].s), RT_SOCKET_UNCONNECTED);
	world_settle(w);
	ck_assert_uint_eq(ends[1].readable, 1);
	ck_assert_str_eq(ends[1].log, "E2XU-");
	ck_assert_int_eq(rt_socket_read(ends[1].s, buf, sizeof(buf)), 5);
	ck_assert_mem_eq(buf, "early", 5);
}
END_TEST

/* It came and went at once: as with accept(), it is heard of. */
START_TEST(one_that_was_closed_without_data_is_taken_closed)
{
	const enum rt_protocol protocol = (enum rt_protocol)_i;

	listen_on(protocol, 1);
	connect_end(&ends[0], protocol);
	rt_socket_close(ends[0].s);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(told, 1);
	/* It counts until it is taken. */
	connect_end(&ends[1], protocol);
	ck_assert_str_eq(ends[1].log, "CUE4");
	end_attach(&ends[2], rt_server_next_pending(server));
	ck_assert_int_eq(rt_socket_state(ends[2].s), RT_SOCKET_UNCONNECTED);
	world_settle(w);
	ck_assert_str_eq(ends[2].log, "E2XU-");
	ck_assert_uint_eq(ends[2].readable, 0);
	connect_end(&ends[3], protocol);
	ck_assert_str_eq(ends[3].log, "CK+");
}
END_TEST

START_TEST(a_close_drops_what_is_pending_and_keeps_what_was_taken)
{
	const enum rt_protocol protocol = RT_PROTOCOL_L2CAP;

	listen_on(protocol, 2);
	connect_end(&ends[0], protocol);
	end_attach(&ends[1], rt_server_next_pending(server));
	connect_end(&ends[2], protocol);
	rt_server_close(server);
	ck_assert(!rt_server_is_listening(server));
	ck_assert_uint_eq(rt_server_port(server), 0);
	ck_assert(!rt_server_has_pending(server));
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(ends[0].log, "CK+");
	ck_assert_str_eq(ends[2].log, "CK+E2XU-");
	ck_assert_int_eq(rt_socket_state(ends[1].s), RT_SOCKET_CONNECTED);
	/* And it may listen again. */
	ck_assert_int_eq(rt_server_listen(server, PAIR_PSM), 0);
	connect_end(&ends[3], protocol);
	ck_assert_str_eq(ends[3].log, "CK+");
}
END_TEST

START_TEST(options_are_those_of_the_sockets_to_come)
{
	int64_t value;

	server = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_FRAME_BYTES,
					      100),
			 -EINVAL);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MTU, 47),
			 -EINVAL);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MTU, 500), 0);
	ck_assert_int_eq(rt_server_set_option(server, (enum rt_option)77, 1),
			 -ENOSYS);
	ck_assert_int_eq(rt_server_listen(server, PAIR_PSM), 0);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_MTU, 600),
			 -EISCONN);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_LINGER_MS, 5),
			 0);
	connect_end(&ends[0], RT_PROTOCOL_L2CAP);
	end_attach(&ends[1], rt_server_next_pending(server));
	ck_assert_int_eq(rt_socket_get_option(ends[1].s, RT_OPTION_MTU, &value),
			 0);
	ck_assert_int_eq(value, 500);
	ck_assert_int_eq(rt_socket_get_option(ends[1].s, RT_OPTION_LINGER_MS,
					      &value),
			 0);
	ck_assert_int_eq(value, 5);
}
END_TEST

/* A peer that opens half-way counts: it can't open any number. */
START_TEST(two_servers_do_not_share_their_limits)
{
	struct rt_server *other;

	listen_on(RT_PROTOCOL_L2CAP, 1);
	other = rt_server_new(world_host(w, 1), RT_PROTOCOL_L2CAP, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(other, PAIR_PSM + 2), 0);
	connect_end(&ends[0], RT_PROTOCOL_L2CAP);
	end_open(&ends[1], world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(ends[1].s, world_addr(w, 1),
					   PAIR_PSM + 2),
			 0);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(ends[0].log, "CK+");
	ck_assert_str_eq(ends[1].log, "CK+");
	rt_server_free(other);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(ends[0].log, "CK+");
	ck_assert_str_eq(ends[1].log, "CK+E2XU-");
}
END_TEST

/* What a peer can have made by asking for connections shall be small. */
START_TEST(a_connection_has_no_queues_until_they_are_needed)
{
	const size_t *live = &world_host(w, 1)->env.live_bytes;
	const size_t before = *live;
	struct rt_socket *s;

	listen_on((enum rt_protocol)_i, 1);
	connect_end(&ends[0], (enum rt_protocol)_i);
	ck_assert_uint_gt(*live, before + 65536);
	ck_assert_uint_lt(*live, before + 65536 + 20000);
	s = rt_server_next_pending(server);
	ck_assert_uint_gt(*live, before + 2 * 65536);
	end_attach(&ends[1], s);
	ck_assert_int_eq(rt_socket_write(s, "abc", 3), 3);
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(rt_socket_bytes_available(ends[0].s), 3);
}
END_TEST

START_TEST(without_memory_to_write_what_is_taken_ends)
{
	struct world_memory *memory = &w->node[1].memory;
	struct rt_error_info info = { .size = sizeof(info) };
	struct rt_socket *s;

	listen_on((enum rt_protocol)_i, 1);
	connect_end(&ends[0], (enum rt_protocol)_i);
	memory->fail_at = memory->asked + 1;
	s = rt_server_next_pending(server);
	ck_assert_uint_eq(memory->failed, 1);
	ck_assert_int_eq(rt_socket_state(s), RT_SOCKET_CONNECTED);
	end_attach(&ends[1], s);
	ck_assert_int_eq(rt_socket_write(s, "abc", 3), -EAGAIN);
	world_run(w, RT_SECONDS(5));
	ck_assert_str_eq(ends[1].log, "E5XU-");
	rt_socket_error_info(s, &info);
	ck_assert_int_eq(info.err, -ENOMEM);
	ck_assert_str_eq(ends[0].log, "CK+E2XU-");
	/* The next one finds room again. */
	connect_end(&ends[2], (enum rt_protocol)_i);
	ck_assert_str_eq(ends[2].log, "CK+");
	ck_assert(rt_server_has_pending(server));
}
END_TEST

/* Of a connection that came to nothing only the peer hears. */
START_TEST(without_memory_to_read_nobody_is_told_of_a_connection)
{
	struct world_memory *memory = &w->node[1].memory;
	unsigned int broken = 0;

	listen_on((enum rt_protocol)_i, 1);
	for (size_t i = 1; i == 1 || memory->failed > 0; i++) {
		told = 0;
		memory->failed = 0;
		memory->fail_at = memory->asked + i;
		connect_end(&ends[0], (enum rt_protocol)_i);
		world_run(w, RT_SECONDS(60));
		broken += ends[0].connected && ends[0].disconnected;
		ck_assert_uint_eq(rt_server_has_pending(server), told);
		if (told == 0)
			ck_assert_int_eq(rt_socket_state(ends[0].s),
					 RT_SOCKET_UNCONNECTED);
		rt_socket_free(rt_server_next_pending(server));
		end_free(&ends[0]);
		memset(&ends[0], 0, sizeof(ends[0]));
		world_run(w, RT_SECONDS(60));
	}
	ck_assert_uint_eq(told, 1);
	/* It had opened for the peer, and could not for us. */
	ck_assert_uint_gt(broken, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/server");
	TCase *tc = tcase_create("server");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_fresh_server_does_not_listen, 0, 3);
	tcase_add_loop_test(tc, ports_that_cannot_be_are_refused, 1, 3);
	tcase_add_test(tc, a_server_without_a_protocol_is_unsupported);
	tcase_add_loop_test(tc, port_zero_takes_a_free_one, 1, 3);
	tcase_add_loop_test(tc, a_port_that_is_taken_is_refused_and_undisturbed,
			    1, 3);
	tcase_add_test(tc, the_psm_of_rfcomm_is_taken);
	tcase_add_test(tc, every_connection_is_told_of_once);
	tcase_add_loop_test(tc, data_that_came_before_it_was_taken_is_told_of,
			    1, 3);
	tcase_add_loop_test(tc, one_that_was_closed_with_data_is_taken_closed,
			    1, 3);
	tcase_add_loop_test(
		tc, one_that_was_closed_without_data_is_taken_closed, 1, 3);
	tcase_add_test(tc,
		       a_close_drops_what_is_pending_and_keeps_what_was_taken);
	tcase_add_test(tc, options_are_those_of_the_sockets_to_come);
	tcase_add_test(tc, two_servers_do_not_share_their_limits);
	tcase_add_loop_test(
		tc, a_connection_has_no_queues_until_they_are_needed, 1, 3);
	tcase_add_loop_test(tc, without_memory_to_write_what_is_taken_ends, 1,
			    3);
	tcase_add_loop_test(
		tc, without_memory_to_read_nobody_is_told_of_a_connection, 1,
		3);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
