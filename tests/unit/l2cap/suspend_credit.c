/* SPDX-License-Identifier: MIT */
#include "l2cap/chan.h"
#include "l2cap/timers.h"
#include "tests/unit/l2cap/credit_bench.h"

/*
 * SEC-19: channels in CREDIT mode that the security gate suspends.
 */

static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ctx;
	(void)request;
	(void)ret_why;
	return verdict;
}

static void open_with(uint16_t rx_credits, uint16_t tx_credits, size_t room)
{
	static const struct rt_l2cap_gate gate = { .check = check_gate };
	struct rt_l2cap_chan *chan;

	credit_open(rx_credits, tx_credits, room);
	chan = rt_slots_get(&bench.l2cap->chans, credit_user.chan);
	chan->params.security.level = 2;
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
}

static void says(enum rt_l2cap_verdict what)
{
	verdict = what;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
}

static void suspend(void)
{
	says(RT_L2CAP_WAIT_AUTHENTICATION);
}

static void resume(void)
{
	says(RT_L2CAP_ALLOW);
}

static uint32_t rx_credits(void)
{
	return info_of(&credit_user).rx_credits;
}

START_TEST(an_sdu_goes_on_where_it_was)
{
	static const size_t sdus[] = { 100, SIZE_MAX };

	open_with(0, 10, SIZE_MAX);
	credit_send(sdus);
	credit_tx("6400", 0, 62);
	suspend();
	tx_nothing();
	rx("16 09 0400 5000 0100");
	bench_wait_ms(4999);
	tx_nothing();
	resume();
	credit_tx("", 62, 38);
	told(&credit_user, "written:100");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 9);
}
END_TEST

START_TEST(no_credits_are_given_until_it_goes_on)
{
	open_with(4, 10, 200);
	credit_rx("0100", 0, 1);
	told(&credit_user, "rx:00");
	suspend();
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 2000);
	bench_wait_ms(4999);
	tx_nothing();
	told(&credit_user, "");
	ck_assert_uint_eq(rx_credits(), 3);
	resume();
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_gt(rx_credits(), 10);
}
END_TEST

START_TEST(credits_that_were_owed_are_given_later)
{
	open_with(1, 10, 200);
	credit_rx("0100", 0, 1);
	told(&credit_user, "rx:00");
	suspend();
	tx_nothing();
	resume();
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_gt(rx_credits(), 0);
}
END_TEST

/* An SDU without it would be a hole. */
START_TEST(what_it_receives_ends_it)
{
	open_with(9, 10, SIZE_MAX);
	credit_rx("6400", 0, 20);
	suspend();
	credit_rx("", 20, 20);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->rx_suspended, 1);
	credit_ended(RT_L2CAP_INSECURE_DATA);
}
END_TEST

START_TEST(what_waited_for_room_may_go_to_the_user)
{
	open_with(4, 10, 0);
	credit_rx("0200", 7, 2);
	told(&credit_user, "");
	suspend();
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 300);
	bench_step();
	told(&credit_user, "rx:0708");
	tx_nothing();
	resume();
	tx_discard();
}
END_TEST

START_TEST(it_ends_after_5_s)
{
	open_with(4, 10, SIZE_MAX);
	suspend();
	bench_wait_us(RT_MS(RT_L2CAP_SUSPEND_MS) - 1);
	tx_nothing();
	bench_wait_us(1);
	credit_ended(RT_L2CAP_GATE_TIMEOUT);
}
END_TEST

START_TEST(no_ends_it_at_once)
{
	open_with(4, 10, SIZE_MAX);
	says(RT_L2CAP_KEY_TOO_SHORT);
	credit_ended(RT_L2CAP_GATE_REFUSED);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_sdu_goes_on_where_it_was,
		no_credits_are_given_until_it_goes_on,
		credits_that_were_owed_are_given_later,
		what_it_receives_ends_it,
		what_waited_for_room_may_go_to_the_user,
		it_ends_after_5_s,
		no_ends_it_at_once,
	};

	return suite_run("suspend_credit", tests, RT_ARRAY_SIZE(tests),
			 credit_setup, bench_teardown);
}
