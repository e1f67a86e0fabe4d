/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <rawtooth/research.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* The life of a host, and what can be asked of it. */

static struct world *w;

static void setup(void)
{
	w = world_new(NULL);
}

static void teardown(void)
{
	world_finish(w);
}

static void *no_memory(void *ctx, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	return NULL;
}

static void no_free(void *ctx, void *ptr)
{
	(void)ctx;
	(void)ptr;
}

static void no_random(void *ctx, void *buf, size_t bytes)
{
	(void)ctx;
	memset(buf, 0, bytes);
}

static const struct rt_host_options good = {
	.size = sizeof(good),
	.alloc = no_memory,
	.free = no_free,
	.random = no_random,
};

START_TEST(options_out_of_range_are_refused)
{
	char name[250];
	struct rt_host_options options[7];
	struct rt_host *host = NULL;

	memset(name, 'x', sizeof(name));
	name[249] = '\0';
	for (int i = 0; i < 7; i++)
		options[i] = good;
	options[0].alloc = NULL;
	options[1].random = NULL;
	options[2].page_timeout_ms = 40960;
	options[3].supervision_ms = 40960;
	options[4].class_of_device = 0x1000000;
	options[5].name = name;
	options[6].size = sizeof(size_t);
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(rt_host_new_core(&options[i], 0, &host),
				 -EINVAL);
	ck_assert_int_eq(rt_host_new_core(NULL, 0, &host), -EINVAL);
	ck_assert_int_eq(rt_host_new_core(&good, 0, &host), -ENOMEM);
	ck_assert_ptr_null(host);
	rt_host_free_core(NULL);
}
END_TEST

START_TEST(a_host_that_is_up_tells_of_its_controller)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	struct rt_error_info error = { .size = sizeof(error) };
	struct rt_host *host = world_host(w, 0);

	ck_assert_str_eq(w->node[0].states, "U");
	ck_assert_int_eq(rt_host_state(host), RT_HOST_UP);
	rt_host_error_info(host, &error);
	ck_assert_int_eq(error.err, 0);
	rt_host_controller_info(host, &info);
	ck_assert(rt_addr_equal(info.addr, world_addr(w, 0)));
	ck_assert_uint_eq(info.acl_bytes, 1021);
	ck_assert_uint_eq(info.acl_packets, 8);
	ck_assert_str_ne(info.hci_version_name, "");
	ck_assert_str_eq(info.transport, "");
}
END_TEST

START_TEST(a_host_that_is_not_up_tells_nothing)
{
	const struct world_options options = { .seed = 1, .down = true };
	struct rt_controller_info info;
	struct world *fresh = world_new(&options);

	memset(&info, 0x55, sizeof(info));
	info.size = sizeof(info);
	ck_assert_int_eq(rt_host_state(world_host(fresh, 0)), RT_HOST_STARTING);
	rt_host_controller_info(world_host(fresh, 0), &info);
	ck_assert(rt_addr_is_zero(info.addr));
	ck_assert_str_eq(info.hci_version_name, "");
	ck_assert_uint_eq(info.acl_bytes, 0);
	world_finish(fresh);
}
END_TEST

START_TEST(a_name_has_248_octets_at_most)
{
	struct rt_host *host = world_host(w, 0);
	char name[250];

	memset(name, 'x', sizeof(name));
	name[249] = '\0';
	ck_assert_str_eq(rt_host_name(host), "rawtooth");
	ck_assert_int_eq(rt_host_set_name(host, name), -EINVAL);
	ck_assert_int_eq(rt_host_set_name(host, NULL), -EINVAL);
	ck_assert_int_eq(rt_host_set_name(host, "\xff\xfe"), -EINVAL);
	ck_assert_int_eq(rt_host_set_name(host, "caf\xc3"), -EINVAL);
	ck_assert_str_eq(rt_host_name(host), "rawtooth");
	name[248] = '\0';
	ck_assert_int_eq(rt_host_set_name(host, name), 0);
	ck_assert_str_eq(rt_host_name(host), name);
	ck_assert_int_eq(rt_host_set_name(host, "caf\xc3\xa9"), 0);
	ck_assert_str_eq(rt_host_name(host), "caf\xc3\xa9");
	ck_assert_int_eq(rt_host_set_name(host, ""), 0);
	ck_assert_str_eq(rt_host_name(host), "");
}
END_TEST

/*
 * Pages succeed while a server listens, or the application says so; then there
 * is SDP in any case.
 */
static bool is_connectable(void)
{
	struct end end = { .s = NULL };
	bool result;

	/* The peer's controller has heard of it. */
	world_settle(w);
	end_open(&end, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 1), 0);
	world_run(w, RT_SECONDS(10));
	result = end.connected;
	ck_assert(result || end.error == RT_SOCKET_ERROR_HOST_NOT_FOUND);
	end_free(&end);
	/* Until the link has gone. */
	world_run(w, RT_SECONDS(60));
	return result;
}

START_TEST(a_host_is_connectable_while_a_server_listens)
{
	struct rt_host *host = world_host(w, 1);
	struct rt_server *server[2];

	ck_assert(!is_connectable());
	for (int i = 0; i < 2; i++) {
		server[i] = rt_server_new(host, RT_PROTOCOL_RFCOMM, NULL, NULL);
		ck_assert_int_eq(rt_server_listen(server[i], 0), 0);
	}
	ck_assert(is_connectable());
	rt_server_close(server[0]);
	ck_assert(is_connectable());
	rt_server_free(server[1]);
	ck_assert(!is_connectable());
	rt_host_set_connectable(host, true);
	ck_assert(is_connectable());
	rt_host_set_connectable(host, false);
	ck_assert(!is_connectable());
	rt_server_free(server[0]);
}
END_TEST

START_TEST(figures_count)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_host_get_stats(world_host(w, 0), &stats);
	ck_assert_uint_gt(stats.acl_tx_packets, 5);
	ck_assert_uint_gt(stats.acl_tx_bytes, 5 * stats.acl_tx_packets);
	ck_assert_uint_gt(stats.acl_rx_packets, 5);
	ck_assert_uint_eq(stats.resets, 0);
	ck_assert_uint_eq(stats.malformed, 0);
	ck_assert_uint_gt(stats.memory_bytes, 2 * 65536);
	pair_free(&pair);
}
END_TEST

START_TEST(garbage_from_the_controller_is_counted)
{
	static const uint8_t short_event[] = { 0x13, 9, 1 };
	static const uint8_t short_acl[] = { 1, 0, 9 };
	struct rt_host_stats stats = { .size = sizeof(stats) };
	struct rt_host *host = world_host(w, 0);

	rt_host_rx(host, 4, short_event, sizeof(short_event));
	rt_host_rx(host, 2, short_acl, sizeof(short_acl));
	rt_host_rx(host, 4, NULL, 0);
	rt_host_rx(host, 77, short_acl, sizeof(short_acl));
	rt_host_rx(host, 0, NULL, 0);
	world_run(w, RT_SECONDS(10));
	rt_host_get_stats(host, &stats);
	ck_assert_uint_ge(stats.malformed, 3);
	ck_assert_int_eq(rt_host_state(host), RT_HOST_UP);
}
END_TEST

static bool is_down(void *host)
{
	return rt_host_state(host) == RT_HOST_DOWN;
}

START_TEST(a_shutdown_closes_with_the_peers)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, (enum rt_protocol)_i);
	pair_connect(&pair);
	rt_host_shutdown(world_host(w, 0));
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_STOPPING);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CLOSING);
	ck_assert(world_run_until(w, is_down, world_host(w, 0), RT_SECONDS(5)));
	world_settle(w);
	ck_assert_str_eq(w->node[0].states, "UPD");
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_str_eq(pair.server.log, "E2XU-");
	pair_free(&pair);
	ck_assert(rt_host_is_idle(world_host(w, 0)));
}
END_TEST

/* On DLCI 0: DISC, whoever sent it, and the other one's UA. */
struct session_end {
	unsigned int asked;
	unsigned int answered;
	bool by_us;
};

static bool watch_session(const struct rt_tap_pdu *pdu, void *user_data)
{
	struct session_end *end = user_data;

	if (pdu->layer != RT_TAP_RFCOMM || pdu->id != 0 || pdu->bytes < 2)
		return true;
	if (pdu->data[1] == 0x53) {
		end->asked++;
		end->by_us = pdu->sent;
	}
	/* That to SABM came before. */
	if (pdu->data[1] == 0x73 && end->asked > 0 && pdu->sent != end->by_us)
		end->answered++;
	return true;
}

static void shut_down_at_the_end(struct end *end, char what)
{
	if (what == '-')
		rt_host_shutdown(rt_socket_host(end->s));
}

/* R:5.2.2: after its last DLC the session is closed as well. */
START_TEST(a_shutdown_closes_the_session_in_order)
{
	const struct world_options options = { .seed = 2, .latency_us = 5000 };
	struct session_end end = { .asked = 0 };
	struct world *slow = world_new(&options);
	struct pair pair = { .w = NULL };

	pair_init(&pair, slow, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_host_set_tap(world_host(slow, 0), watch_session, &end);
	pair.server.then = shut_down_at_the_end;
	rt_socket_close(pair.client.s);
	world_run(slow, RT_SECONDS(30));
	ck_assert_int_eq(rt_host_state(world_host(slow, 1)), RT_HOST_DOWN);
	ck_assert_uint_eq(end.asked, 1);
	ck_assert_uint_eq(end.answered, 1);
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	pair_free(&pair);
	world_finish(slow);
}
END_TEST

START_TEST(a_session_is_held_for_as_long_as_was_asked_for)
{
	const struct world_options options = { .session_hold_ms = 3000 };
	struct session_end end = { .asked = 0 };
	struct world *holding = world_new(&options);
	struct pair pair = { .w = NULL };

	pair_init(&pair, holding, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_host_set_tap(world_host(holding, 0), watch_session, &end);
	rt_socket_close(pair.client.s);
	world_run(holding, RT_MS(2900));
	ck_assert_str_eq(pair.client.log, "CK+XU-");
	ck_assert_uint_eq(end.asked, 0);
	world_run(holding, RT_MS(200));
	ck_assert_uint_eq(end.asked, 1);
	ck_assert(end.by_us);
	rt_host_set_tap(world_host(holding, 0), NULL, NULL);
	pair_free(&pair);
	world_finish(holding);
}
END_TEST

static void vanish(struct end *end, char what)
{
	struct world *slow = end->user;

	if (what == '-')
		rt_vctl_set_fault(slow->node[0].vctl, RT_VCTL_OUT_OF_RANGE,
				  true);
	shut_down_at_the_end(end, what);
}

START_TEST(a_shutdown_waits_little_for_the_session_of_a_peer_that_vanished)
{
	const struct world_options options = { .seed = 2, .latency_us = 5000 };
	struct world *slow = world_new(&options);
	struct pair pair = { .w = NULL };

	pair_init(&pair, slow, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	pair.server.then = vanish;
	pair.server.user = slow;
	rt_socket_close(pair.client.s);
	ck_assert(world_run_until(slow, is_down, world_host(slow, 1),
				  RT_SECONDS(8)));
	pair_free(&pair);
	world_free(slow);
}
END_TEST

START_TEST(a_shutdown_has_patience_but_not_for_ever)
{
	static const uint8_t data[30000];
	struct pair pair = { .w = NULL };
	const uint64_t start_us = w->now_us;

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	rt_server_close(pair.listener);
	ck_assert_int_eq(rt_server_set_option(pair.listener,
					      RT_OPTION_READ_QUEUE_BYTES, 1024),
			 0);
	ck_assert_int_eq(rt_server_listen(pair.listener, pair.port), 0);
	pair_connect(&pair);
	ck_assert_int_eq(rt_socket_set_option(pair.client.s,
					      RT_OPTION_LINGER_MS, 3600000),
			 0);
	end_send(&pair.client, data, sizeof(data));
	world_run(w, RT_SECONDS(1));
	rt_host_shutdown(world_host(w, 0));
	ck_assert(
		world_run_until(w, is_down, world_host(w, 0), RT_SECONDS(25)));
	ck_assert_uint_ge(w->now_us - start_us, RT_SECONDS(20));
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CK+XE5U-");
	ck_assert_ptr_nonnull(
		strstr(pair.client.error_string, "octets were not sent"));
	pair_free(&pair);
}
END_TEST

START_TEST(a_shutdown_of_a_mute_controller_ends)
{
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	pair_connect(&pair);
	rt_vctl_set_fault(w->node[0].vctl, RT_VCTL_MUTE, true);
	rt_host_shutdown(world_host(w, 0));
	ck_assert(
		world_run_until(w, is_down, world_host(w, 0), RT_SECONDS(25)));
	world_settle(w);
	ck_assert_uint_eq(pair.client.disconnected, 1);
	pair_free(&pair);
}
END_TEST

START_TEST(a_stopped_host_takes_nothing_new)
{
	struct end end = { .s = NULL };
	struct rt_server *server;

	rt_host_shutdown(world_host(w, 0));
	rt_host_shutdown(world_host(w, 0));
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), 1),
			 -ENETDOWN);
	server =
		rt_server_new(world_host(w, 0), RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_int_eq(rt_server_listen(server, 1), -ENETDOWN);
	ck_assert_int_eq(rt_server_error(server), RT_SERVER_ERROR_POWERED_OFF);
	rt_server_free(server);
	end_free(&end);
}
END_TEST

START_TEST(a_shutdown_before_the_host_is_up_ends)
{
	const struct world_options options = { .seed = 1, .down = true };
	struct world *fresh = world_new(&options);

	rt_host_shutdown(world_host(fresh, 0));
	ck_assert(world_run_until(fresh, is_down, world_host(fresh, 0),
				  RT_SECONDS(10)));
	world_finish(fresh);
}
END_TEST

/* Functions that need a loop say so. */
START_TEST(a_host_without_a_loop_says_so)
{
	struct rt_host *host = world_host(w, 0);

	ck_assert_int_eq(rt_host_fd(host), -ENOSYS);
	ck_assert_int_eq(rt_host_dispatch(host), -ENOSYS);
	ck_assert_int_eq(rt_host_run(host, 0), -ENOSYS);
	ck_assert_int_eq(rt_host_timeout(host), -1);
	ck_assert_int_eq(rt_host_post(host, NULL, NULL), -ENOSYS);
	rt_host_wakeup(host);
	rt_host_quit(host);
	rt_host_close(host);
	w->node[0].host = NULL;
	ck_assert_uint_eq(w->node[0].memory.live, 0);
}
END_TEST

START_TEST(time_does_not_go_back)
{
	struct rt_host *host = world_host(w, 0);
	struct rt_echo *echo;
	const struct rt_echo_options options = { .size = sizeof(options) };
	uint64_t due_us;
	uint64_t again_us;

	ck_assert_int_eq(rt_echo_start(host, world_addr(w, 1), &options, &echo),
			 0);
	world_settle(w);
	ck_assert(rt_host_next_timer(host, &due_us));
	rt_host_advance(host, 1);
	ck_assert(rt_host_next_timer(host, &again_us));
	ck_assert_uint_eq(due_us, again_us);
	rt_echo_free(echo);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/host");
	TCase *tc = tcase_create("host");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, options_out_of_range_are_refused);
	tcase_add_test(tc, a_host_that_is_up_tells_of_its_controller);
	tcase_add_test(tc, a_host_that_is_not_up_tells_nothing);
	tcase_add_test(tc, a_name_has_248_octets_at_most);
	tcase_add_test(tc, a_host_is_connectable_while_a_server_listens);
	tcase_add_test(tc, figures_count);
	tcase_add_test(tc, garbage_from_the_controller_is_counted);
	tcase_add_loop_test(tc, a_shutdown_closes_with_the_peers, 1, 3);
	tcase_add_test(tc, a_shutdown_closes_the_session_in_order);
	tcase_add_test(
		tc,
		a_shutdown_waits_little_for_the_session_of_a_peer_that_vanished);
	tcase_add_test(tc, a_session_is_held_for_as_long_as_was_asked_for);
	tcase_add_test(tc, a_shutdown_has_patience_but_not_for_ever);
	tcase_add_test(tc, a_shutdown_of_a_mute_controller_ends);
	tcase_add_test(tc, a_stopped_host_takes_nothing_new);
	tcase_add_test(tc, a_shutdown_before_the_host_is_up_ends);
	tcase_add_test(tc, a_host_without_a_loop_says_so);
	tcase_add_test(tc, time_does_not_go_back);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
