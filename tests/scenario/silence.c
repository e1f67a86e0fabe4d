/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/*
 * Peers and controllers that do not answer, or say no: every wait ends by its
 * timer, with the right error and a sentence that helps.
 */

static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };

struct expected {
	enum rt_socket_error error;
	int err;
	const char *layer;
	const char *text; /* the error's text begins with this */
};

static struct world *quiet_world(void)
{
	const struct world_options options = { .seed = 3, .latency_us = 1250 };

	return world_new(&options);
}

/* The end has heard of a connect that failed, and of nothing else. */
static void expect_failure(const struct end *end,
			   const struct expected *expected)
{
	struct rt_error_info info = { .size = sizeof(info) };

	ck_assert_int_eq(strncmp(end->log, "CUE", 3), 0);
	ck_assert_uint_eq(strlen(end->log), 4);
	rt_socket_error_info(end->s, &info);
	ck_assert_int_eq(end->error, expected->error);
	ck_assert_int_eq(rt_socket_error(end->s), expected->error);
	ck_assert_int_eq(info.err, expected->err);
	ck_assert_str_eq(info.layer, expected->layer);
	ck_assert_msg(strncmp(end->error_string, expected->text,
			      strlen(expected->text)) == 0,
		      "%s", end->error_string);
}

/* Connects the client to the port of the peer, and waits for the failure. */
static void fail_to(struct world *w, enum rt_protocol protocol, uint16_t port,
		    const struct expected *expected)
{
	struct end client = { .s = NULL };

	end_open(&client, world_host(w, 0), protocol);
	ck_assert_int_eq(rt_socket_connect(client.s, world_addr(w, 1), port),
			 0);
	ck_assert(world_run_until(w, end_has_failed, &client, RT_SECONDS(130)));
	expect_failure(&client, expected);
	end_free(&client);
}

START_TEST(nobody_at_the_address_is_a_page_timeout)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_HOST_NOT_FOUND, -EHOSTDOWN, "HCI",
		"page timeout after 5.12 s: the peer is off, out of range"
	};
	struct world *w = quiet_world();
	struct end client = { .s = NULL };
	const uint64_t start_us = w->now_us;

	end_open(&client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(client.s, nobody, 1), 0);
	ck_assert(world_run_until(w, end_has_failed, &client, RT_SECONDS(20)));
	ck_assert_uint_ge(w->now_us - start_us, RT_MS(5120));
	ck_assert_uint_lt(w->now_us - start_us, RT_MS(5200));
	expect_failure(&client, &expected);
	end_free(&client);
	world_finish(w);
}
END_TEST

START_TEST(a_host_where_nobody_listens_is_not_connectable)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_HOST_NOT_FOUND, -EHOSTDOWN, "HCI",
		"page timeout after 5.12 s"
	};
	struct world *w = quiet_world();

	fail_to(w, RT_PROTOCOL_L2CAP, PAIR_PSM, &expected);
	world_finish(w);
}
END_TEST

/* Strangers may come to the peer, but not for the port that is asked for. */
static struct rt_server *listen_elsewhere(struct world *w,
					  enum rt_protocol protocol)
{
	struct rt_server *server =
		rt_server_new(world_host(w, 1), protocol, NULL, NULL);

	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, 0), 0);
	return server;
}

START_TEST(a_psm_that_nobody_listens_on_is_no_service)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_SERVICE_NOT_FOUND, -ECONNREFUSED, "L2CAP",
		"connection refused - PSM not supported"
	};
	struct world *w = quiet_world();
	struct rt_server *server = listen_elsewhere(w, RT_PROTOCOL_L2CAP);

	fail_to(w, RT_PROTOCOL_L2CAP, PAIR_PSM, &expected);
	rt_server_free(server);
	world_finish(w);
}
END_TEST

START_TEST(a_channel_that_nobody_listens_on_is_no_service)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_SERVICE_NOT_FOUND, -ECONNREFUSED, "RFCOMM",
		"refused"
	};
	struct world *w = quiet_world();
	struct rt_server *server = listen_elsewhere(w, RT_PROTOCOL_RFCOMM);

	fail_to(w, RT_PROTOCOL_RFCOMM, PAIR_CHANNEL, &expected);
	rt_server_free(server);
	world_finish(w);
}
END_TEST

START_TEST(a_host_that_does_not_answer_the_page_is_a_timeout)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_NETWORK, -ETIMEDOUT, "HCI",
		"connection accept timeout exceeded after "
	};
	struct world *w = quiet_world();

	rt_host_set_connectable(world_host(w, 1), true);
	world_settle(w);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
	fail_to(w, RT_PROTOCOL_L2CAP, PAIR_PSM, &expected);
	world_free(w);
}
END_TEST

START_TEST(a_host_that_does_not_answer_l2cap_is_a_timeout)
{
	static const struct expected expected = {
		RT_SOCKET_ERROR_NETWORK, -ETIMEDOUT, "L2CAP",
		"response timeout (RTX) after "
	};
	struct world *w = quiet_world();
	struct pair pair = { .w = NULL };

	/* The link is there, so that the silence begins above it. */
	pair_init(&pair, w, RT_PROTOCOL_L2CAP);
	pair_connect(&pair);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
	fail_to(w, RT_PROTOCOL_L2CAP, PAIR_PSM, &expected);
	pair_free(&pair);
	world_free(w);
}
END_TEST

START_TEST(a_host_that_does_not_answer_rfcomm_is_a_timeout)
{
	static const struct expected expected = { RT_SOCKET_ERROR_NETWORK,
						  -ETIMEDOUT, "RFCOMM",
						  "timeout T2" };
	struct world *w = quiet_world();
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_MUTE, true);
	fail_to(w, RT_PROTOCOL_RFCOMM, PAIR_CHANNEL + 1, &expected);
	pair_free(&pair);
	world_free(w);
}
END_TEST

START_TEST(a_peer_that_leaves_is_a_link_timeout)
{
	struct world *w = quiet_world();
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_OUT_OF_RANGE, true);
	ck_assert(
		world_run_until(w, pair_is_unconnected, &pair, RT_SECONDS(30)));
	ck_assert_str_eq(pair.client.log, "CK+E5XU-");
	ck_assert_str_eq(pair.server.log, "E5XU-");
	ck_assert_int_eq(strncmp(pair.client.error_string,
				 "connection timeout after ", 25),
			 0);
	pair_free(&pair);
	world_finish(w);
}
END_TEST

START_TEST(a_controller_that_falls_silent_is_brought_up_anew)
{
	struct world *w = quiet_world();
	struct pair pair = { .w = NULL };
	struct end other = { .s = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	pair_connect(&pair);
	rt_vctl_set_fault(w->node[0].vctl, RT_VCTL_MUTE, true);
	end_open(&other, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(other.s, nobody, PAIR_PSM), 0);
	ck_assert(world_run_until(w, end_has_failed, &other, RT_SECONDS(10)));
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_RECOVERING);
	ck_assert_str_eq(other.log, "CUE5");
	ck_assert_str_eq(pair.client.log, "CK+E5XU-");
	/* Waits for the controller, and then for nobody. */
	ck_assert_int_eq(rt_socket_connect(other.s, nobody, PAIR_PSM), 0);
	rt_vctl_set_fault(w->node[0].vctl, RT_VCTL_MUTE, false);
	ck_assert(world_run_until_up(w));
	world_settle(w);
	ck_assert_str_eq(w->node[0].states, "URU");
	/* The reset took the link down, as the peer has noticed. */
	world_run(w, RT_SECONDS(30));
	ck_assert_str_eq(pair.server.log, "E5XU-");
	ck_assert_str_eq(other.log, "CUE5CUE3");
	end_free(&other);
	pair_free(&pair);
	world_finish(w);
}
END_TEST

static bool is_down(void *host)
{
	return rt_host_state(host) == RT_HOST_DOWN;
}

/* Sockets in every state: connected, connecting, closing. */
START_TEST(a_controller_that_vanishes_is_one_error_for_every_socket)
{
	static const uint8_t data[40000];
	struct world *w = quiet_world();
	struct pair rfcomm = { .w = NULL };
	struct pair l2cap = { .w = NULL };
	struct end paging = { .s = NULL };
	struct end closing = { .s = NULL };
	struct rt_error_info info = { .size = sizeof(info) };

	pair_init(&rfcomm, w, RT_PROTOCOL_RFCOMM);
	pair_init(&l2cap, w, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_server_set_max_pending(l2cap.listener, 2), 0);
	pair_connect(&rfcomm);
	pair_connect(&l2cap);
	end_open(&closing, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_connect(closing.s, world_addr(w, 1), PAIR_PSM), 0);
	ck_assert(
		world_run_until(w, end_is_connected, &closing, RT_SECONDS(5)));
	rfcomm.server.paused = true;
	end_send(&rfcomm.client, data, sizeof(data));
	closing.piece = 500;
	end_send(&closing, data, sizeof(data));
	rt_socket_close(closing.s);
	end_open(&paging, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(paging.s, nobody, 3), 0);
	world_settle(w);

	world_unplug(w, 0, -ENODEV);
	ck_assert(world_run_until(w, is_down, world_host(w, 0), RT_SECONDS(1)));
	world_settle(w);
	ck_assert_str_eq(rfcomm.client.log, "CK+E5XU-");
	ck_assert_str_eq(l2cap.client.log, "CK+E5XU-");
	ck_assert_str_eq(closing.log, "CK+XE5U-");
	ck_assert_str_eq(paging.log, "CUE5");
	rt_host_error_info(world_host(w, 0), &info);
	ck_assert_int_eq(info.err, -ENODEV);
	ck_assert_str_eq(info.layer, "transport");
	world_run(w, RT_SECONDS(60));
	ck_assert_str_eq(rfcomm.server.log, "E5XU-");
	ck_assert_str_eq(l2cap.server.log, "E5XU-");
	end_free(&paging);
	end_free(&closing);
	pair_free(&rfcomm);
	pair_free(&l2cap);
	world_finish(w);
}
END_TEST

START_TEST(a_server_of_a_host_that_is_down_does_not_listen)
{
	struct world *w = quiet_world();
	struct pair pair = { .w = NULL };

	pair_init(&pair, w, RT_PROTOCOL_RFCOMM);
	world_unplug(w, 1, -EPIPE);
	world_settle(w);
	ck_assert(!rt_server_is_listening(pair.listener));
	ck_assert_int_eq(rt_server_error(pair.listener),
			 RT_SERVER_ERROR_INPUT_OUTPUT);
	ck_assert_int_eq(rt_server_listen(pair.listener, 4), -ENETDOWN);
	ck_assert_int_eq(rt_server_error(pair.listener),
			 RT_SERVER_ERROR_POWERED_OFF);
	pair_free(&pair);
	world_finish(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario/silence");
	TCase *tc = tcase_create("silence");

	tcase_add_test(tc, nobody_at_the_address_is_a_page_timeout);
	tcase_add_test(tc, a_host_where_nobody_listens_is_not_connectable);
	tcase_add_test(tc, a_psm_that_nobody_listens_on_is_no_service);
	tcase_add_test(tc, a_channel_that_nobody_listens_on_is_no_service);
	tcase_add_test(tc, a_host_that_does_not_answer_the_page_is_a_timeout);
	tcase_add_test(tc, a_host_that_does_not_answer_l2cap_is_a_timeout);
	tcase_add_test(tc, a_host_that_does_not_answer_rfcomm_is_a_timeout);
	tcase_add_test(tc, a_peer_that_leaves_is_a_link_timeout);
	tcase_add_test(tc, a_controller_that_falls_silent_is_brought_up_anew);
	tcase_add_test(
		tc, a_controller_that_vanishes_is_one_error_for_every_socket);
	tcase_add_test(tc, a_server_of_a_host_that_is_down_does_not_listen);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
