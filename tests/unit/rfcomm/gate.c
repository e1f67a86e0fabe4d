/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/fake_gate.h"

/*
 * The security gate of DLCs, before they are connected. SEC-16: the channel's
 * need counts, not what the link has already.
 */

static struct user a;
static struct user b;
static struct user listener;

static void setup(void)
{
	bench_setup();
	gate_setup();
	a = (struct user){ .name = "a", .need.level = 2 };
	b = (struct user){ .name = "b", .need.level = 3 };
	listener = (struct user){ .name = "listener", .need.level = 2 };
}

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

/* The peer has asked for our channel 1, and the gate wants it to wait. */
static void sabm_waits(struct user *adopter)
{
	listen_on(&listener, adopter, 1, 5000);
	session_in();
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("0B 3F 01");
	tx_nothing();
	told(&listener, "");
}

/* The peer has asked for our channel 1, and our user wants time. */
static void user_waits(void)
{
	listener.answer = -EAGAIN;
	listen_on(&listener, &a, 1, 5000);
	session_in();
	rx("0B 3F 01");
	tx_nothing();
	told(&listener, "incoming");
}

static void expect_ua(void)
{
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 8D");
	tx_nothing();
}

START_TEST(the_gate_is_asked_before_the_user_hears_of_sabm)
{
	listen_on(&listener, &a, 1, 5000);
	session_in();
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	/* PN tells nothing that SDP does not. */
	ck_assert_uint_eq(gate.asked, 0);
	ck_assert_uint_eq(tx_discard(), 1);
	rx("0B 3F 01");
	ck_assert_uint_eq(gate.asked, 1);
	ck_assert(rt_addr_equal(gate.request.peer, bench_addr(1)));
	ck_assert_uint_eq(gate.request.psm, RT_L2CAP_PSM_RFCOMM);
	ck_assert_uint_eq(gate.request.channel, 1);
	ck_assert_uint_eq(gate.request.need.level, 2);
	ck_assert(gate.request.incoming);
	ck_assert(!gate.request.established);
	tx("0B 1F 01");
	tx_nothing();
	bench_step();
	told(&listener, "");
	ck_assert_uint_eq(stats()->refused, 1);
}
END_TEST

START_TEST(a_sabm_without_pn_is_asked_about_too)
{
	listen_on(&listener, &a, 1, 5000);
	session_in();
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rx("0B 3F 01");
	tx("0B 1F 01");
	told(&listener, "");
}
END_TEST

START_TEST(a_peer_gets_no_answer_until_the_gate_says_yes)
{
	sabm_waits(&a);
	bench_wait_us(RT_SECONDS(10));
	waits();
	bench_step();
	tx_nothing();
	allows();
	told(&listener, "incoming");
	expect_ua();
	rx("03 EF 09 E1 05 0B 8D");
	rx("03 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	tx("01 EF 09 E1 05 0B 8D");
	ck_assert_uint_eq(gate.asked, 3);
}
END_TEST

/* T1 of the peer is 20 s. */
START_TEST(it_gets_dm_after_15_s)
{
	sabm_waits(&a);
	bench_wait_us(RT_RFCOMM_ASKED_US - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("0B 1F 01");
	bench_wait_us(1);
	tx_nothing();
	told(&listener, "");
	ck_assert_uint_eq(stats()->refused, 1);
}
END_TEST

START_TEST(it_gets_dm_when_the_gate_says_no)
{
	sabm_waits(&a);
	says(RT_L2CAP_KEY_TOO_SHORT);
	/* Not from inside the call. */
	tx_nothing();
	bench_step();
	tx("0B 1F 01");
	told(&listener, "");
}
END_TEST

START_TEST(sabm_again_changes_nothing)
{
	sabm_waits(&a);
	bench_wait_us(RT_SECONDS(14));
	rx("0B 3F 01");
	tx_nothing();
	bench_wait_us(RT_SECONDS(1));
	tx("0B 1F 01");
	tx_nothing();
}
END_TEST

START_TEST(data_before_the_answer_end_it)
{
	sabm_waits(&a);
	rx("09 EF 05 68 69");
	tx("0B 1F 01");
	allows();
	tx_nothing();
	told(&listener, "");
}
END_TEST

START_TEST(the_peer_may_give_it_up)
{
	sabm_waits(&a);
	rx("0B 53 01");
	tx("0B 73 01");
	allows();
	tx_nothing();
	told(&listener, "");
}
END_TEST

START_TEST(the_listener_may_go_before_the_gate_has_decided)
{
	sabm_waits(&a);
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	tx("0B 1F 01");
	allows();
	tx_nothing();
	told(&listener, "");
}
END_TEST

START_TEST(the_user_may_take_its_time)
{
	user_waits();
	told(&a, "");
	bench_wait_us(RT_SECONDS(14));
	ck_assert_int_eq(rt_rfcomm_accept(bench.rfcomm, a.dlc), 0);
	expect_ua();
	ck_assert_int_eq(rt_rfcomm_accept(bench.rfcomm, a.dlc), -ENOENT);
}
END_TEST

START_TEST(the_gate_and_the_user_share_15_s)
{
	listener.answer = -EAGAIN;
	sabm_waits(&a);
	bench_wait_us(RT_SECONDS(10));
	allows();
	told(&listener, "incoming");
	tx_nothing();
	bench_wait_us(RT_SECONDS(5) - 1);
	tx_nothing();
	told(&a, "");
	bench_wait_us(1);
	tx("0B 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_GATE_TIMEOUT, RT_PHASE_NEGOTIATE);
}
END_TEST

START_TEST(the_user_may_refuse_later)
{
	user_waits();
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 1F 01");
	tx_nothing();
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_NEGOTIATE);
}
END_TEST

START_TEST(a_user_that_accepts_waits_for_the_gate_if_that_has_changed)
{
	user_waits();
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	ck_assert_int_eq(rt_rfcomm_accept(bench.rfcomm, a.dlc), 0);
	ck_assert(gate.request.established);
	tx_nothing();
	allows();
	expect_ua();
}
END_TEST

START_TEST(the_gate_may_say_no_while_the_user_decides)
{
	user_waits();
	gate.why = (struct rt_reason){
		.layer = RT_LAYER_SECURITY,
		.code = RT_SEC_CODE_ENCRYPTION_LOST,
		.err = -EACCES,
	};
	says(RT_L2CAP_NO_ENCRYPTION);
	bench_step();
	tx("0B 1F 01");
	bench_step();
	told(&a, "closed");
	ck_assert_uint_eq(a.why.layer, RT_LAYER_SECURITY);
	ck_assert_uint_eq(a.why.code, RT_SEC_CODE_ENCRYPTION_LOST);
}
END_TEST

START_TEST(the_listener_takes_what_nobody_has_adopted)
{
	listener.answer = -EAGAIN;
	listen_on(&listener, NULL, 1, 0);
	session_in();
	rx("0B 3F 01");
	told(&listener, "incoming");
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	tx("0B 1F 01");
	bench_step();
	told(&listener, "");
}
END_TEST

START_TEST(what_somebody_has_adopted_outlives_the_listener)
{
	user_waits();
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	tx_nothing();
	ck_assert_int_eq(rt_rfcomm_accept(bench.rfcomm, a.dlc), 0);
	expect_ua();
}
END_TEST

/* Ours: PN was answered, and SABM waits. */
static void ours_waits(void)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	ck_assert_uint_eq(gate.asked, 1);
	tx_nothing();
}

START_TEST(ours_waits_with_sabm_until_the_gate_says_yes)
{
	ours_waits();
	ck_assert(!gate.request.incoming);
	ck_assert_uint_eq(gate.request.channel, 1);
	bench_wait_us(RT_SECONDS(50));
	waits();
	bench_step();
	tx_nothing();
	allows();
	tx("0B 3F 01");
}
END_TEST

START_TEST(ours_waits_for_60_s_in_all)
{
	ours_waits();
	bench_wait_us(RT_SECONDS(30));
	waits();
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("0B 53 01");
	tx("03 53 01");
	told_closed(&a, RT_RFCOMM_GATE_TIMEOUT, RT_PHASE_NEGOTIATE);
}
END_TEST

START_TEST(ours_ends_with_the_gates_reason_and_no_sabm)
{
	ours_waits();
	gate.why = (struct rt_reason){
		.layer = RT_LAYER_SECURITY,
		.code = RT_SEC_CODE_REFUSED,
		.err = -EACCES,
	};
	says(RT_L2CAP_NO_AUTHENTICATION);
	bench_step();
	tx("0B 53 01");
	bench_step();
	told(&a, "closed");
	ck_assert_uint_eq(a.why.layer, RT_LAYER_SECURITY);
	ck_assert_uint_eq(a.why.code, RT_SEC_CODE_REFUSED);
}
END_TEST

START_TEST(ours_may_be_refused_at_once)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 53 01");
	told(&a, "");
	bench_step();
	told_closed(&a, RT_RFCOMM_GATE_REFUSED, RT_PHASE_NEGOTIATE);
}
END_TEST

START_TEST(ours_that_waits_may_be_refused_by_the_peer)
{
	ours_waits();
	rx("0B 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_REFUSED, RT_PHASE_NEGOTIATE);
}
END_TEST

/* SEC-16: linux 7af8479d9eb4 looked at the link. */
START_TEST(a_second_channel_with_a_higher_need_is_asked_about_itself)
{
	listen_on(&listener, &a, 1, 5000);
	session_in();
	dlc_in(1, 7);
	told(&listener, "incoming");
	told(&a, "opened");
	listener.adopter = &b;
	listener.need.level = 3;
	listen_on(&listener, &b, 2, 5000);
	gate.strict = 2;
	gate.verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("13 3F 01");
	ck_assert_uint_eq(gate.request.channel, 2);
	ck_assert_uint_eq(gate.request.need.level, 3);
	tx_nothing();
	/* The first goes on. */
	write_out(&a, "hi", 2);
	tx("09 EF 05 68 69");
	told(&a, "written:2");
	allows();
	told(&listener, "incoming");
	tx("13 73 01");
	tx("01 EF 09 E3 05 13 8D");
}
END_TEST

START_TEST(psm_3_follows_the_weakest_of_those_that_listen)
{
	struct rt_sec_need *need = &bench.l2cap.listener.security;

	ck_assert_uint_eq(need->level, 2);
	listener.need.level = 4;
	listen_on(&listener, NULL, 1, 0);
	ck_assert_uint_eq(need->level, 4);
	listener.need.level = 1;
	listen_on(&listener, NULL, 2, 0);
	ck_assert_uint_eq(need->level, 1);
	listener.need.level = 3;
	listen_on(&listener, NULL, 3, 0);
	ck_assert_uint_eq(need->level, 1);
	rt_rfcomm_unlisten(bench.rfcomm, 2);
	ck_assert_uint_eq(need->level, 3);
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	rt_rfcomm_unlisten(bench.rfcomm, 3);
	ck_assert_uint_eq(need->level, 2);
}
END_TEST

START_TEST(a_session_asks_for_what_its_first_dlc_needs)
{
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_uint_eq(bench.l2cap.connected.security.level, 3);
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
	rt_rfcomm_abandon(bench.rfcomm, b.dlc);
}
END_TEST

START_TEST(needs_that_there_are_not_are_refused)
{
	static const struct rt_sec_need rows[] = {
		{ .level = 5 },
		{ .level = 2, .min_key_bytes = 6 },
		{ .level = 2, .min_key_bytes = 17 },
	};
	struct rt_rfcomm_params params = { .ops = &listener_ops };
	rt_handle dlc;
	uint8_t channel;

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		params.security = rows[i];
		ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params,
						  &channel),
				 -EINVAL);
		ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1),
						   1, &params, &dlc),
				 -EINVAL);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_gate_is_asked_before_the_user_hears_of_sabm,
		a_sabm_without_pn_is_asked_about_too,
		a_peer_gets_no_answer_until_the_gate_says_yes,
		it_gets_dm_after_15_s,
		it_gets_dm_when_the_gate_says_no,
		sabm_again_changes_nothing,
		data_before_the_answer_end_it,
		the_peer_may_give_it_up,
		the_listener_may_go_before_the_gate_has_decided,
		the_user_may_take_its_time,
		the_gate_and_the_user_share_15_s,
		the_user_may_refuse_later,
		a_user_that_accepts_waits_for_the_gate_if_that_has_changed,
		the_gate_may_say_no_while_the_user_decides,
		the_listener_takes_what_nobody_has_adopted,
		what_somebody_has_adopted_outlives_the_listener,
		ours_waits_with_sabm_until_the_gate_says_yes,
		ours_waits_for_60_s_in_all,
		ours_ends_with_the_gates_reason_and_no_sabm,
		ours_may_be_refused_at_once,
		ours_that_waits_may_be_refused_by_the_peer,
		a_second_channel_with_a_higher_need_is_asked_about_itself,
		psm_3_follows_the_weakest_of_those_that_listen,
		a_session_asks_for_what_its_first_dlc_needs,
		needs_that_there_are_not_are_refused,
	};

	return suite_run("gate", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
