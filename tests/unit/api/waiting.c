/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/support/pair.h"
#include "tests/support/suite.h"

/* A connect that is asked for before the controller is up. */

static struct world *w;
static struct pair pair;

static const struct rt_addr nobody = { { 9, 9, 9, 9, 9, 9 } };

static void setup(void)
{
	const struct world_options options = { .seed = 5, .down = true };

	w = world_new(&options);
	memset(&pair, 0, sizeof(pair));
}

static void teardown(void)
{
	pair_free(&pair);
	world_finish(w);
}

START_TEST(a_connect_waits_for_the_controller_to_come_up)
{
	struct rt_addr addr;

	pair_init(&pair, w, (enum rt_protocol)_i);
	/* The other one is up already: its address is known. */
	addr = w->node[1].addr;
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_STARTING);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, addr, pair.port), 0);
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_CONNECTING);
	ck_assert_uint_eq(rt_socket_peer_port(pair.client.s), pair.port);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, addr, pair.port),
			 -EALREADY);
	ck_assert(world_run_until(w, pair_is_connected, &pair, RT_SECONDS(30)));
	ck_assert_str_eq(pair.client.log, "CE7K+");
}
END_TEST

/* The controller thinks about the command that it has just got. */
static void pause_controller(struct world *world, void *arg)
{
	(void)arg;
	world->node[0].vctl = NULL;
}

static void answer_one_command(struct rt_vctl *vctl, unsigned int packets)
{
	w->at_packet = w->packets + packets;
	w->then = pause_controller;
	w->node[0].vctl = vctl;
	world_settle(w);
}

/* A controller that takes nearly as long as it may for every command. */
START_TEST(it_waits_20_seconds)
{
	struct rt_vctl *vctl = w->node[0].vctl;
	const uint64_t begin_us = w->now_us;

	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, 1), 0);
	answer_one_command(vctl, 1);
	while (w->now_us < begin_us + RT_SECONDS(19)) {
		world_run(w, RT_MS(1900));
		answer_one_command(vctl, 2);
	}
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_STARTING);
	world_run(w, begin_us + RT_SECONDS(20) - 1 - w->now_us);
	ck_assert_str_eq(pair.client.log, "C");
	world_run(w, 1);
	ck_assert_str_eq(pair.client.log, "CUE5");
	ck_assert_ptr_nonnull(
		strstr(pair.client.error_string, "did not come up"));
	w->node[0].vctl = vctl;
	w->then = NULL;
}
END_TEST

/* One that answers nothing is given up before that. */
START_TEST(it_fails_when_the_controller_is_given_up)
{
	rt_vctl_set_fault(w->node[0].vctl, RT_VCTL_MUTE, true);
	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, nobody, 1), 0);
	world_run(w, RT_SECONDS(19));
	ck_assert_int_eq(rt_host_state(world_host(w, 0)), RT_HOST_DOWN);
	ck_assert_str_eq(pair.client.log, "CUE5");
}
END_TEST

START_TEST(it_fails_at_once_when_the_controller_goes)
{
	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(
		rt_socket_connect(pair.client.s, w->node[1].addr, PAIR_PSM), 0);
	world_unplug(w, 0, -ENODEV);
	world_settle(w);
	ck_assert_str_eq(pair.client.log, "CUE5");
	ck_assert_int_eq(rt_socket_connect(pair.client.s, w->node[1].addr,
					   PAIR_PSM),
			 -ENETDOWN);
}
END_TEST

START_TEST(it_can_be_given_up)
{
	end_open(&pair.client, world_host(w, 0), RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(pair.client.s, w->node[1].addr, 1),
			 0);
	if (_i == 0)
		rt_socket_close(pair.client.s);
	else if (_i == 1)
		rt_socket_abort(pair.client.s);
	else
		rt_host_shutdown(world_host(w, 0));
	ck_assert_int_eq(rt_socket_state(pair.client.s), RT_SOCKET_UNCONNECTED);
	world_run(w, RT_SECONDS(60));
	/* What nobody had heard of begins and ends without a word. */
	ck_assert_str_eq(pair.client.log, _i < 2 ? "" : "CUE5");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/waiting");
	TCase *tc = tcase_create("waiting");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_connect_waits_for_the_controller_to_come_up,
			    RT_PROTOCOL_L2CAP, RT_PROTOCOL_RFCOMM + 1);
	tcase_add_test(tc, it_waits_20_seconds);
	tcase_add_test(tc, it_fails_when_the_controller_is_given_up);
	tcase_add_test(tc, it_fails_at_once_when_the_controller_goes);
	tcase_add_loop_test(tc, it_can_be_given_up, 0, 3);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
