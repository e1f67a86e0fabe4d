/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/ecfc_bench.h"

/*
 * Credit-based channels that we open, and users, links, gates and memory that
 * do otherwise.
 */

START_TEST(a_channel_given_up_before_the_link_is_there_is_not_asked_for)
{
	ck_assert_int_eq(ask_for(3), 0);
	rt_l2cap_close(bench.l2cap, ask_chans[1]);
	told(&ask_user, "");
	bench_step();
	told(&ask_user, "closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_CLOSED);
	fake_link_up(bench.link);
	tx("17 01 0c00 0110 6400 4000 0300 4000 4200");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5200");
	told(&ask_user, "opened opened");
	ck_assert_uint_eq(ask_info(2).dcid, 0x52);
}
END_TEST

START_TEST(a_channel_given_up_before_the_request_left_is_not_asked_for)
{
	ck_assert_int_eq(ask_for(3), 0);
	fake_link_up(bench.link);
	rt_l2cap_close(bench.l2cap, ask_chans[0]);
	rt_l2cap_abandon(bench.l2cap, ask_chans[2]);
	tx("17 01 0a00 0110 6400 4000 0300 4100");
	bench_step();
	told(&ask_user, "closed");
	rx("18 01 0a00 c800 5000 0200 0000 5100");
	told(&ask_user, "opened");
	ck_assert_uint_eq(ask_info(1).dcid, 0x51);
}
END_TEST

START_TEST(if_all_are_given_up_nothing_is_asked_for)
{
	ck_assert_int_eq(ask_for(2), 0);
	fake_link_up(bench.link);
	rt_l2cap_close(bench.l2cap, ask_chans[0]);
	rt_l2cap_close(bench.l2cap, ask_chans[1]);
	tx_nothing();
	bench_step();
	told(&ask_user, "closed closed");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_channel_given_up_too_late_is_disconnected)
{
	ask_sent(2);
	rt_l2cap_close(bench.l2cap, ask_chans[0]);
	told(&ask_user, "");
	bench_step();
	told(&ask_user, "closed");
	tx_nothing();
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "opened");
	tx("06 02 0400 5000 4000");
	rx("07 02 0400 5000 4000");
	tx_nothing();
	told(&ask_user, "");
}
END_TEST

START_TEST(a_channel_given_up_too_late_may_be_refused)
{
	ask_sent(2);
	rt_l2cap_close(bench.l2cap, ask_chans[0]);
	bench_step();
	told(&ask_user, "closed");
	rx("18 01 0c00 c800 5000 0200 0400 0000 5100");
	told(&ask_user, "opened");
	tx_nothing();
}
END_TEST

START_TEST(channels_given_up_and_never_answered_are_forgotten)
{
	ask_sent(2);
	rt_l2cap_close(bench.l2cap, ask_chans[0]);
	rt_l2cap_abandon(bench.l2cap, ask_chans[1]);
	bench_wait_ms(30000);
	told(&ask_user, "closed");
	tx_discard();
	ck_assert(!bench.link->used);

	/* Nobody uses the mode any more. */
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	tx("01 01 0200 0000");
	tx_nothing();
}
END_TEST

START_TEST(a_link_that_goes_down_closes_all)
{
	ask_sent(3);
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&ask_user, "closed closed closed");
	ck_assert_uint_eq(ask_user.why.layer, RT_LAYER_HCI);
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_link_that_cannot_be_opened_closes_all)
{
	ck_assert_int_eq(ask_for(3), 0);
	fake_link_down(bench.link, FAKE_HCI_PAGE_TIMEOUT);
	told(&ask_user, "closed closed closed");
	ck_assert_uint_eq(ask_user.why.phase, RT_PHASE_PAGE);
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(channels_move_with_their_request_to_another_link_attempt)
{
	struct user other = { .answer = 0 };
	struct rt_hci_link *first;

	ck_assert_int_eq(connect_to(&other, 0x1001), 0);
	first = bench.link;
	rt_l2cap_close(bench.l2cap, other.chan);
	bench_step();
	ck_assert_int_eq(first->cancels, 1);
	ck_assert_int_eq(ask_for(2), 0);
	fake_link_down(first, 0x02);
	bench_step();
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert_ptr_ne(bench.link, first);
	fake_link_up(bench.link);
	tx("17 01 0c00 0110 6400 4000 0300 4000 4100");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "opened opened");
}
END_TEST

static void close_second(struct user *u)
{
	u->on = NULL;
	rt_l2cap_close(bench.l2cap, ask_chans[1]);
}

START_TEST(the_user_of_one_may_close_another_that_has_just_opened)
{
	ask_user.on = "opened";
	ask_user.then = close_second;
	ask_sent(3);
	rx("18 01 0e00 c800 5000 0200 0000 5000 5100 5200");
	told(&ask_user, "opened opened");
	tx("06 02 0400 5100 4100");
	rx("07 02 0400 5100 4100");
	told(&ask_user, "closed");
}
END_TEST

START_TEST(the_user_of_one_may_close_another_that_is_refused)
{
	ask_user.on = "opened";
	ask_user.then = close_second;
	ask_sent(2);
	rx("18 01 0c00 c800 5000 0200 0400 5000 0000");
	bench_step();
	told(&ask_user, "opened closed");
	tx_nothing();
}
END_TEST

static void abandon_second(struct user *u)
{
	u->on = NULL;
	rt_l2cap_abandon(bench.l2cap, ask_chans[1]);
}

START_TEST(the_user_of_a_failed_one_may_abandon_another)
{
	ask_user.on = "closed";
	ask_user.then = abandon_second;
	ask_sent(3);
	rx("01 01 0200 0000");
	bench_step();
	told(&ask_user, "closed closed");
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)ctx;
	ck_assert(rt_addr_equal(request->peer, bench_addr(1)));
	ck_assert_uint_eq(request->psm, 0x1001);
	ck_assert(!request->incoming && !request->connectionless);
	return verdict;
}

static const struct rt_l2cap_gate gate = { .check = check_gate };

START_TEST(channels_wait_for_the_gate_together)
{
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	ck_assert_int_eq(ask_for(3), 0);
	fake_link_up(bench.link);
	tx_nothing();
	bench_wait_ms(59000);
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx_nothing();
	rt_l2cap_close(bench.l2cap, ask_chans[2]);
	bench_step();
	told(&ask_user, "closed");
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(2));
	bench_step();
	tx_nothing();
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx("17 01 0c00 0110 6400 4000 0300 4000 4100");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "opened opened");
}
END_TEST

START_TEST(a_gate_that_refuses_closes_on_a_fresh_stack)
{
	link_in();
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_NO_ENCRYPTION;
	ck_assert_int_eq(ask_for(2), 0);
	told(&ask_user, "");
	bench_step();
	told(&ask_user, "closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_GATE_REFUSED);
	tx_nothing();
}
END_TEST

START_TEST(a_gate_that_never_decides_is_a_time_out)
{
	link_in();
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_WAIT_AUTHORIZATION;
	ck_assert_int_eq(ask_for(2), 0);
	bench_wait_ms(59999);
	told(&ask_user, "");
	bench_wait_ms(1);
	told(&ask_user, "closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_GATE_TIMEOUT);
	tx_nothing();
}
END_TEST

START_TEST(any_allocation_of_a_request_may_fail)
{
	size_t n = 0;
	int ret;

	link_in();
	do {
		bench.fake.allocs_left = n++;
		ret = ask_for(3);
		bench.fake.allocs_left = SIZE_MAX;
		ck_assert(ret == 0 || ret == -ENOMEM);
		if (ret < 0)
			tx_nothing();
	} while (ret < 0);
	ck_assert_uint_eq(n, 5);
	tx("17 01 0e00 0110 6400 4000 0300 4000 4100 4200");
}
END_TEST

START_TEST(a_channel_without_memory_to_open_is_disconnected)
{
	for (size_t n = 0; n < 4; n++) {
		ask_sent(2);
		bench.fake.allocs_left = n;
		rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
		bench.fake.allocs_left = SIZE_MAX;
		told(&ask_user, n < 2 ? "" : "opened");
		if (n < 2) {
			tx("06 02 0400 5000 4000");
			tx("06 03 0400 5100 4100");
			rx("07 02 0400 5000 4000");
			rx("07 03 0400 5100 4100");
			told(&ask_user, "closed closed");
		} else {
			tx("06 02 0400 5100 4100");
			rx("07 02 0400 5100 4100");
			told(&ask_user, "closed");
		}
		ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_NO_MEMORY);
		bench_teardown();
		ask_setup();
	}
}
END_TEST

/* L2CAP/COS/CED/BI-01-C */
START_TEST(CED_BI_01_the_codes_are_rejected_while_nobody_uses_the_mode)
{
	static const char *const reqs[] = {
		"16 05 0400 4000 0100",
		"17 05 0a00 0110 6400 4000 0300 4000",
		"18 05 0a00 6400 4000 0300 0000 4000",
		"19 05 0600 6400 4000 4000",
		"1a 05 0200 0000",
		/* AMP, LE, and what nobody has */
		"0c 05 0500 0110 4000 00",
		"0d 05 0800 4000 4100 0000 0000",
		"0e 05 0300 4000 00",
		"0f 05 0400 4000 0000",
		"10 05 0400 4000 0000",
		"11 05 0200 4000",
		"12 05 0000",
		"14 05 0000",
		"15 05 0000",
		"1b 05 0000",
		"ff 05 0000",
	};
	struct user basic = { .answer = 0 };

	listen_on(&basic, 0x1001);
	link_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(reqs); i++) {
		rx(reqs[i]);
		tx("01 05 0200 0000");
		tx_nothing();
	}
	told(&basic, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_channel_given_up_before_the_link_is_there_is_not_asked_for,
		a_channel_given_up_before_the_request_left_is_not_asked_for,
		if_all_are_given_up_nothing_is_asked_for,
		a_channel_given_up_too_late_is_disconnected,
		a_channel_given_up_too_late_may_be_refused,
		channels_given_up_and_never_answered_are_forgotten,
		a_link_that_goes_down_closes_all,
		a_link_that_cannot_be_opened_closes_all,
		channels_move_with_their_request_to_another_link_attempt,
		the_user_of_one_may_close_another_that_has_just_opened,
		the_user_of_one_may_close_another_that_is_refused,
		the_user_of_a_failed_one_may_abandon_another,
		channels_wait_for_the_gate_together,
		a_gate_that_refuses_closes_on_a_fresh_stack,
		a_gate_that_never_decides_is_a_time_out,
		any_allocation_of_a_request_may_fail,
		a_channel_without_memory_to_open_is_disconnected,
		CED_BI_01_the_codes_are_rejected_while_nobody_uses_the_mode,
	};

	return suite_run("l2cap/ecfc_ask_end", tests, RT_ARRAY_SIZE(tests),
			 ask_setup, bench_teardown);
}
