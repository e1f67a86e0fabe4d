/* SPDX-License-Identifier: MIT */
#include "l2cap/chan.h"
#include "l2cap/timers.h"
#include "tests/unit/l2cap/ecfc_bench.h"

/*
 * SEC-19: several credit-based channels of one request that the gate has
 * allowed, and then not any more.
 */

static struct {
	enum rt_l2cap_verdict verdict;
	unsigned int asked;
	unsigned int no_from; /* from this question on it says no */
	unsigned int level;   /* of the last question */
} gate;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ctx;
	(void)ret_why;
	gate.level = request->need.level;
	return ++gate.asked >= gate.no_from ? RT_L2CAP_NO_AUTHENTICATION
					    : gate.verdict;
}

static void set_gate(void)
{
	static const struct rt_l2cap_gate ops = { .check = check_gate };

	gate.verdict = RT_L2CAP_ALLOW;
	gate.asked = 0;
	gate.no_from = 1000;
	rt_l2cap_set_gate(bench.l2cap, &ops, NULL);
}

static void setup(void)
{
	offer_setup();
	set_gate();
}

static void says(enum rt_l2cap_verdict verdict)
{
	gate.verdict = verdict;
	gate.asked = 0;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
}

static void open_two(void)
{
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 6400 4000 0300 0000 4000 4100");
	told(&offer_user, "incoming incoming opened opened");
}

START_TEST(each_open_channel_is_asked_about)
{
	open_two();
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	ck_assert_uint_eq(gate.asked, 2);
	ck_assert(offer_info(0).suspended);
	ck_assert(offer_info(1).suspended);
	bench_wait_ms(4999);
	tx_nothing();
	says(RT_L2CAP_ALLOW);
	bench_step();
	ck_assert(!offer_info(0).suspended);
	ck_assert(!offer_info(1).suspended);
}
END_TEST

START_TEST(one_may_end_and_the_other_go_on)
{
	open_two();
	gate.no_from = 2;
	says(RT_L2CAP_ALLOW);
	tx("06 01 0400 5100 4100");
	tx_nothing();
	rx("07 01 0400 5100 4100");
	told(&offer_user, "closed");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_GATE_REFUSED);
	ck_assert(offer_info(0).open);
}
END_TEST

START_TEST(all_end_after_5_s)
{
	open_two();
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	bench_wait_us(RT_MS(RT_L2CAP_SUSPEND_MS) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("06 01 0400 5000 4000");
	tx("06 02 0400 5100 4100");
	rx("07 01 0400 5000 4000");
	rx("07 02 0400 5100 4100");
	told(&offer_user, "closed closed");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_GATE_TIMEOUT);
}
END_TEST

START_TEST(those_that_wait_for_their_user_are_refused)
{
	offer_answers = "yl";
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0f00 0000 0000");
	told(&offer_user, "incoming incoming");
	says(RT_L2CAP_NO_AUTHENTICATION);
	bench_step();
	tx("18 01 0c00 0000 0000 0000 0600 0000 0000");
	told(&offer_user, "closed closed");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_GATE_REFUSED);
}
END_TEST

/* What counts is what the one who gets the channels asks for. */
START_TEST(another_listener_may_have_taken_the_place_meanwhile)
{
	uint16_t psm;

	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0e00 0000 0000");
	ck_assert_uint_eq(gate.level, 2);
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	offer_params.security.level = 3;
	ck_assert_int_eq(
		rt_l2cap_listen(bench.l2cap, 0x1001, &offer_params, &psm), 0);
	says(RT_L2CAP_ALLOW);
	bench_step();
	ck_assert_uint_eq(gate.level, 3);
	tx("18 01 0c00 6400 4000 0300 0000 4000 4100");
	told(&offer_user, "incoming incoming opened opened");
	/* And so it stays. */
	says(RT_L2CAP_ALLOW);
	ck_assert_uint_eq(gate.asked, 2);
	ck_assert_uint_eq(gate.level, 3);
}
END_TEST

/* The order of checks: security is not set up for what can't be had. */
START_TEST(the_gate_is_not_asked_if_no_channel_id_is_free)
{
	open_two();
	gate.asked = 0;
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("17 02 0c00 0110 c800 5000 0200 3f00 5000");
	tx("18 02 0c00 0000 0000 0000 0900 0000 0000");
	ck_assert_uint_eq(gate.asked, 0);
	rx("17 03 0c00 0110 c800 5000 0200 5000 5200");
	ck_assert_uint_eq(gate.asked, 1);
	tx("18 03 0c00 0000 0000 0000 0e00 0000 0000");
	told(&offer_user, "");
}
END_TEST

START_TEST(a_request_of_ours_opens_its_channels_suspended)
{
	struct rt_l2cap_chan *chan;

	bench_teardown();
	ask_setup();
	set_gate();
	ask_sent(2);
	for (size_t i = 0; i < 2; i++) {
		chan = rt_slots_get(&bench.l2cap->chans, ask_chans[i]);
		chan->params.security.level = 2;
	}
	says(RT_L2CAP_WAIT_AUTHENTICATION);
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "opened opened");
	ck_assert(ask_info(0).suspended);
	ck_assert(ask_info(1).suspended);
	tx_nothing();
	says(RT_L2CAP_NO_AUTHENTICATION);
	ck_assert_uint_eq(tx_discard(), 2);
	told(&ask_user, "");
}
END_TEST

START_TEST(a_request_of_ours_that_is_forbidden_now_is_undone)
{
	struct rt_l2cap_chan *chan;

	bench_teardown();
	ask_setup();
	set_gate();
	ask_sent(2);
	for (size_t i = 0; i < 2; i++) {
		chan = rt_slots_get(&bench.l2cap->chans, ask_chans[i]);
		chan->params.security.level = 2;
	}
	says(RT_L2CAP_NO_AUTHENTICATION);
	bench_step();
	told(&ask_user, "closed closed");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	ck_assert_uint_eq(tx_discard(), 2);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_open_channel_is_asked_about,
		one_may_end_and_the_other_go_on,
		all_end_after_5_s,
		those_that_wait_for_their_user_are_refused,
		another_listener_may_have_taken_the_place_meanwhile,
		the_gate_is_not_asked_if_no_channel_id_is_free,
		a_request_of_ours_opens_its_channels_suspended,
		a_request_of_ours_that_is_forbidden_now_is_undone,
	};

	return suite_run("suspend_ecfc", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
