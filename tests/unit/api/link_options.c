/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "api/host.h"
#include "hci/link.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tools/sim/world.h"

/* Options of sockets that are about the link, on two real engines. */

#define PORT 5
#define MODE_ACTIVE 0
#define MODE_SNIFF 2

static struct world *w;
static struct rt_server *server;
static struct end end;

static void setup(void)
{
	const struct world_options options = { .seed = 5, .latency_us = 1250 };

	w = world_new(&options);
	server =
		rt_server_new(world_host(w, 1), RT_PROTOCOL_RFCOMM, NULL, NULL);
	ck_assert_ptr_nonnull(server);
	ck_assert_int_eq(rt_server_listen(server, PORT), 0);
	world_settle(w);
	end = (struct end){ .s = NULL };
	end_open(&end, world_host(w, 0), RT_PROTOCOL_RFCOMM);
}

static void teardown(void)
{
	end_free(&end);
	rt_server_free(server);
	world_finish(w);
}

static void connect_with(enum rt_option option, int64_t value)
{
	int64_t set = -1;

	ck_assert_int_eq(rt_socket_set_option(end.s, option, value), 0);
	ck_assert_int_eq(rt_socket_get_option(end.s, option, &set), 0);
	ck_assert_int_eq(set, value);
	ck_assert_int_eq(rt_socket_connect(end.s, world_addr(w, 1), PORT), 0);
	ck_assert(world_run_until(w, end_is_connected, &end, RT_SECONDS(30)));
	ck_assert_int_eq(rt_socket_set_option(end.s, option, value), -EISCONN);
}

static const struct rt_hci_link *link_at(unsigned int i)
{
	return rt_hci_link_find(world_host(w, i)->hci, world_addr(w, 1 - i));
}

START_TEST(a_quiet_link_sniffs_on_both_sides_and_carries_data_again)
{
	connect_with(RT_OPTION_SNIFF, RT_SNIFF_PREFER);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(link_at(0)->policy.mode, MODE_SNIFF);
	ck_assert_uint_eq(link_at(1)->policy.mode, MODE_SNIFF);
	ck_assert_int_eq(rt_socket_write(end.s, "hello", 5), 5);
	world_run(w, RT_MS(300));
	ck_assert_uint_eq(end.written, 5);
	ck_assert_uint_eq(link_at(0)->policy.mode, MODE_ACTIVE);
	world_run(w, RT_SECONDS(5));
	ck_assert_uint_eq(link_at(0)->policy.mode, MODE_SNIFF);
}
END_TEST

START_TEST(a_peer_that_never_sniffs_is_left_in_peace)
{
	rt_server_close(server);
	ck_assert_int_eq(rt_server_set_option(server, RT_OPTION_SNIFF,
					      RT_SNIFF_NEVER),
			 0);
	ck_assert_int_eq(rt_server_listen(server, PORT), 0);
	world_settle(w);
	connect_with(RT_OPTION_SNIFF, RT_SNIFF_PREFER);
	world_run(w, RT_SECONDS(10));
	ck_assert_uint_eq(link_at(0)->policy.mode, MODE_ACTIVE);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_CONNECTED);
	ck_assert_uint_eq(
		rt_hci_get_stats(world_host(w, 0)->hci)->policy_refused, 1);
}
END_TEST

START_TEST(a_role_is_taken_by_who_connects)
{
	connect_with(RT_OPTION_ROLE, RT_ROLE_PERIPHERAL);
	world_run(w, RT_SECONDS(5));
	ck_assert_int_eq(rt_hci_link_role(link_at(0)), RT_HCI_ROLE_PERIPHERAL);
	ck_assert_int_eq(rt_hci_link_role(link_at(1)), RT_HCI_ROLE_CENTRAL);
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_CONNECTED);
}
END_TEST

START_TEST(a_peer_that_vanishes_is_missed_after_the_supervision_timeout)
{
	connect_with(RT_OPTION_SUPERVISION_MS, 3000);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_OUT_OF_RANGE, true);
	world_run(w, RT_MS(2900));
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_CONNECTED);
	world_run(w, RT_MS(200));
	ck_assert_int_eq(rt_socket_state(end.s), RT_SOCKET_UNCONNECTED);
	rt_vctl_set_fault(w->node[1].vctl, RT_VCTL_OUT_OF_RANGE, false);
	world_run(w, RT_SECONDS(30));
}
END_TEST

START_TEST(a_link_without_a_user_is_kept_as_long_as_asked_for)
{
	struct rt_addr addr;

	/* The peer keeps it longer than we do. */
	rt_server_close(server);
	ck_assert_int_eq(
		rt_server_set_option(server, RT_OPTION_IDLE_HOLD_MS, 60000), 0);
	ck_assert_int_eq(rt_server_listen(server, PORT), 0);
	world_settle(w);
	connect_with(RT_OPTION_IDLE_HOLD_MS, 10000);
	rt_socket_close(end.s);
	ck_assert(world_run_until(w, end_is_unconnected, &end, RT_SECONDS(5)));
	world_run(w, RT_MS(9500));
	ck_assert_uint_eq(rt_host_connected(world_host(w, 0), &addr, 1), 1);
	world_run(w, RT_SECONDS(3));
	ck_assert_uint_eq(rt_host_connected(world_host(w, 0), &addr, 1), 0);
}
END_TEST

START_TEST(link_options_have_limits)
{
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_SNIFF, 4),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_ROLE, 3),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_SUPERVISION_MS,
					      40960),
			 -EINVAL);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_SUPERVISION_MS,
					      99),
			 -EINVAL);
	ck_assert_int_eq(
		rt_socket_set_option(end.s, RT_OPTION_SUPERVISION_MS, 0), 0);
	ck_assert_int_eq(rt_socket_set_option(end.s, RT_OPTION_IDLE_HOLD_MS,
					      -1),
			 -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unit/api/link_options");
	TCase *tc = tcase_create("link_options");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
		tc, a_quiet_link_sniffs_on_both_sides_and_carries_data_again);
	tcase_add_test(tc, a_peer_that_never_sniffs_is_left_in_peace);
	tcase_add_test(tc, a_role_is_taken_by_who_connects);
	tcase_add_test(
		tc,
		a_peer_that_vanishes_is_missed_after_the_supervision_timeout);
	tcase_add_test(tc, a_link_without_a_user_is_kept_as_long_as_asked_for);
	tcase_add_test(tc, link_options_have_limits);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
