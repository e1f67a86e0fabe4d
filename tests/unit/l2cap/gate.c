/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/bench.h"

/*
 * The security gate: who is asked what and when, and what becomes of channels
 * that have to wait for it.
 */

static struct user user;
static struct user listener;

static struct {
	enum rt_l2cap_verdict verdict;
	unsigned int asked;
	struct rt_l2cap_gate_request request; /* the last */
} gate;

static enum rt_l2cap_verdict check(void *ctx,
				   const struct rt_l2cap_gate_request *request,
				   struct rt_reason *ret_why)
{
	(void)ret_why;
	ck_assert_ptr_eq(ctx, &gate);
	gate.asked++;
	gate.request = *request;
	return gate.verdict;
}

static const struct rt_l2cap_gate ops = { .check = check };

static void setup(void)
{
	bench_setup();
	user = (struct user){ .answer = 0 };
	listener = (struct user){ .answer = 0 };
	gate.verdict = RT_L2CAP_ALLOW;
	gate.asked = 0;
	rt_l2cap_set_gate(bench.l2cap, &ops, &gate);
}

static void says(enum rt_l2cap_verdict verdict)
{
	gate.verdict = verdict;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
}

START_TEST(the_gate_is_asked_before_a_request_of_ours_leaves)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.security = { .level = 3 },
	};

	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &user.chan),
			 0);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert_uint_eq(gate.asked, 0);
	fake_link_up(bench.link);
	ck_assert_uint_eq(gate.asked, 1);
	ck_assert(rt_addr_equal(gate.request.peer, bench_addr(1)));
	ck_assert_uint_eq(gate.request.psm, 0x1001);
	ck_assert_uint_eq(gate.request.need.level, 3);
	ck_assert(!gate.request.incoming);
	ck_assert(!gate.request.connectionless);
	tx("02 01 0400 0110 4000");
}
END_TEST

static void waits_for_gate(void)
{
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	link_in();
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	tx_nothing();
}

START_TEST(a_channel_of_ours_waits_until_the_gate_allows_it)
{
	waits_for_gate();
	bench_wait_ms(30000);
	says(RT_L2CAP_WAIT_AUTHORIZATION);
	tx_nothing();
	says(RT_L2CAP_ALLOW);
	tx("02 01 0400 0110 4000");
	ck_assert_uint_eq(gate.asked, 3);
	told(&user, "");
}
END_TEST

START_TEST(it_does_not_wait_for_more_than_60_s_in_all)
{
	waits_for_gate();
	bench_wait_ms(40000);
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	bench_wait_us(RT_MS(20000) - 1);
	told(&user, "");
	bench_wait_us(1);
	told_closed(&user, RT_L2CAP_GATE_TIMEOUT, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(a_channel_of_ours_that_is_forbidden_ends_on_a_fresh_stack)
{
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	link_in();
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	told(&user, "");
	bench_step();
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(a_channel_of_ours_may_be_forbidden_after_a_wait)
{
	waits_for_gate();
	says(RT_L2CAP_KEY_TOO_SHORT);
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(a_channel_that_waits_may_be_closed)
{
	waits_for_gate();
	rt_l2cap_close(bench.l2cap, user.chan);
	told(&user, "");
	says(RT_L2CAP_ALLOW);
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(a_link_that_breaks_ends_the_wait)
{
	waits_for_gate();
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&user, "closed");
	ck_assert_uint_eq(user.why.layer, RT_LAYER_HCI);
}
END_TEST

START_TEST(news_of_another_peer_concern_nobody)
{
	waits_for_gate();
	gate.verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(2));
	bench_step();
	tx_nothing();
	ck_assert_uint_eq(gate.asked, 1);
}
END_TEST

/* A peer's request, with this verdict; identifier 01, its channel id 0x0041. */
static void asks(enum rt_l2cap_verdict verdict)
{
	gate.verdict = verdict;
	listen_on(&listener, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
}

START_TEST(the_gate_is_asked_before_the_listeners_user)
{
	const struct rt_l2cap_params params = {
		.ops = &listener_ops,
		.user = &listener,
		.security = { .level = 2 },
	};
	uint16_t psm;

	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 0);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0000 0000");
	told(&listener, "incoming");
	ck_assert_uint_eq(gate.asked, 1);
	ck_assert(gate.request.incoming);
	ck_assert_uint_eq(gate.request.need.level, 2);
	ck_assert_uint_eq(gate.request.psm, 0x1001);
}
END_TEST

START_TEST(what_is_refused_anyway_is_no_matter_for_the_gate)
{
	listen_on(&listener, 0x1001);
	link_in();
	rx("02 01 0400 0310 4100");
	tx("03 01 0800 0000 4100 0200 0000");
	rx("02 02 0400 0110 3f00");
	tx("03 02 0800 0000 3f00 0600 0000");
	ck_assert_uint_eq(gate.asked, 0);
}
END_TEST

START_TEST(a_peer_is_told_what_it_waits_for)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx("03 01 0800 4000 4100 0100 0100");
	rx("02 01 0400 0110 4100"); /* once more */
	tx("03 01 0800 4000 4100 0100 0100");
	bench_teardown();
	setup();
	asks(RT_L2CAP_WAIT_AUTHORIZATION);
	tx("03 01 0800 4000 4100 0100 0200");
	told(&listener, "");
}
END_TEST

START_TEST(a_peer_that_waited_gets_its_channel)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_nothing();
	says(RT_L2CAP_ALLOW);
	tx("03 01 0800 4000 4100 0000 0000");
	tx("04 01 0800 4100 0000 0102 a002");
	told(&listener, "incoming");
}
END_TEST

START_TEST(the_user_may_want_to_decide_after_the_gate)
{
	listener.answer = -EAGAIN;
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	says(RT_L2CAP_ALLOW);
	told(&listener, "incoming");
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, listener.chan), 0);
	tx("03 01 0800 4000 4100 0000 0000");
}
END_TEST

START_TEST(the_user_may_refuse_after_the_gate)
{
	listener.answer = -ENOBUFS;
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	says(RT_L2CAP_ALLOW);
	told(&listener, "incoming");
	tx("03 01 0800 0000 4100 0400 0000");
	tx_nothing();
	ck_assert_uint_eq(bench.l2cap->chans.used, 0);
}
END_TEST

static void close_it(struct user *u)
{
	rt_l2cap_close(bench.l2cap, u->chan);
}

START_TEST(the_user_may_close_it_when_it_hears_of_it)
{
	listener.on = "incoming";
	listener.then = close_it;
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	says(RT_L2CAP_ALLOW);
	tx("03 01 0800 0000 4100 0300 0000");
	told(&listener, "incoming closed");
	tx_nothing();
}
END_TEST

START_TEST(a_peer_that_is_forbidden_is_blocked)
{
	asks(RT_L2CAP_NO_ENCRYPTION);
	tx("03 01 0800 0000 4100 0300 0000");
	tx_nothing();
	told(&listener, "");
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->refused, 1);
	bench_teardown();
	setup();
	asks(RT_L2CAP_WAIT_AUTHORIZATION);
	tx_discard();
	says(RT_L2CAP_NO_AUTHORIZATION);
	tx("03 01 0800 0000 4100 0300 0000");
	told(&listener, "");
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->refused, 1);
}
END_TEST

START_TEST(a_peer_waits_for_30_s_at_most)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	bench_wait_ms(20000);
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	bench_wait_us(RT_MS(10000) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("03 01 0800 0000 4100 0300 0000");
	told(&listener, "");
	ck_assert_uint_eq(bench.l2cap->chans.used, 0);
}
END_TEST

START_TEST(a_peer_may_give_its_wait_up)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	rx("06 02 0400 4000 4100");
	tx("07 02 0400 4000 4100");
	told(&listener, "");
	says(RT_L2CAP_ALLOW);
	tx_nothing();
	told(&listener, "");
}
END_TEST

START_TEST(a_link_that_breaks_ends_the_peers_wait_too)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&listener, "");
	ck_assert_uint_eq(bench.l2cap->chans.used, 0);
}
END_TEST

START_TEST(a_listener_that_stops_blocks_who_waits)
{
	asks(RT_L2CAP_WAIT_AUTHENTICATION);
	tx_discard();
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	tx("03 01 0800 0000 4100 0300 0000");
	bench_step();
	told(&listener, "");
}
END_TEST

START_TEST(without_a_gate_channels_are_allowed)
{
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rt_l2cap_set_gate(bench.l2cap, NULL, NULL);
	link_in();
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	tx("02 01 0400 0110 4000");
	ck_assert_uint_eq(gate.asked, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_gate_is_asked_before_a_request_of_ours_leaves,
		a_channel_of_ours_waits_until_the_gate_allows_it,
		it_does_not_wait_for_more_than_60_s_in_all,
		a_channel_of_ours_that_is_forbidden_ends_on_a_fresh_stack,
		a_channel_of_ours_may_be_forbidden_after_a_wait,
		a_channel_that_waits_may_be_closed,
		a_link_that_breaks_ends_the_wait,
		news_of_another_peer_concern_nobody,
		the_gate_is_asked_before_the_listeners_user,
		what_is_refused_anyway_is_no_matter_for_the_gate,
		a_peer_is_told_what_it_waits_for,
		a_peer_that_waited_gets_its_channel,
		the_user_may_want_to_decide_after_the_gate,
		the_user_may_refuse_after_the_gate,
		the_user_may_close_it_when_it_hears_of_it,
		a_peer_that_is_forbidden_is_blocked,
		a_peer_waits_for_30_s_at_most,
		a_peer_may_give_its_wait_up,
		a_link_that_breaks_ends_the_peers_wait_too,
		a_listener_that_stops_blocks_who_waits,
		without_a_gate_channels_are_allowed,
	};

	return suite_run("l2cap/gate", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
