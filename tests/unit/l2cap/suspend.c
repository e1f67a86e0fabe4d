/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/timers.h"
#include "tests/unit/l2cap/bench.h"

/*
 * SEC-19: channels that the gate has allowed, when the link is not what it
 * was. Ids: 0x0040 here, 0x0041 at the peer.
 */

static struct user user;

static struct {
	enum rt_l2cap_verdict verdict;
	struct rt_reason why;
	unsigned int asked;
	struct rt_l2cap_gate_request request; /* the last */
} gate;

static enum rt_l2cap_verdict check(void *ctx,
				   const struct rt_l2cap_gate_request *request,
				   struct rt_reason *ret_why)
{
	(void)ctx;
	ck_assert_uint_eq(ret_why->layer, RT_LAYER_NONE);
	gate.asked++;
	gate.request = *request;
	if (gate.verdict > RT_L2CAP_WAIT_AUTHORIZATION)
		*ret_why = gate.why;
	return gate.verdict;
}

static const struct rt_l2cap_gate ops = { .check = check };

static void setup(void)
{
	bench_setup();
	user = (struct user){ .answer = -EAGAIN };
	memset(&gate, 0, sizeof(gate));
	rt_l2cap_set_gate(bench.l2cap, &ops, NULL);
}

static void restart(void)
{
	bench_teardown();
	setup();
}

static void need_level(const struct user *who, uint8_t level)
{
	struct rt_l2cap_chan *chan =
		rt_slots_get(&bench.l2cap->chans, who->chan);

	chan->params.security.level = level;
}

/* The user's channel asks for level 2. */
static void secure(struct user *who)
{
	need_level(who, 2);
}

static void secure_open(void)
{
	to_open(&user);
	secure(&user);
}

static void says(enum rt_l2cap_verdict verdict)
{
	gate.verdict = verdict;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
}

static void waits(void)
{
	says(RT_L2CAP_WAIT_AUTHENTICATION);
}

static void allows(void)
{
	says(RT_L2CAP_ALLOW);
	bench_step();
}

static void writes(const char *const *sdus)
{
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, user.chan);
}

static const char *const sdu[] = { "0102", NULL };

START_TEST(an_open_channel_is_asked_about_again)
{
	secure_open();
	gate.asked = 0;
	allows();
	ck_assert_uint_eq(gate.asked, 1);
	ck_assert(rt_addr_equal(gate.request.peer, bench_addr(1)));
	ck_assert_uint_eq(gate.request.psm, 0x1001);
	ck_assert_uint_eq(gate.request.channel, 0);
	ck_assert_uint_eq(gate.request.need.level, 2);
	ck_assert(gate.request.established);
	ck_assert(!gate.request.incoming);
	ck_assert(!gate.request.connectionless);
	ck_assert(!info_of(&user).suspended);
	tx_nothing();
}
END_TEST

/* SEC-16: level 1 needs encryption, which may have ended. */
START_TEST(a_channel_of_any_level_is_asked_about_again)
{
	for (uint8_t level = 1; level <= RT_SEC_LEVEL_MAX; level++) {
		restart();
		to_open(&user);
		need_level(&user, level);
		gate.asked = 0;
		waits();
		ck_assert_uint_eq(gate.asked, 1);
		ck_assert_uint_eq(gate.request.need.level, level);
		ck_assert(info_of(&user).suspended);
		writes(sdu);
		tx_nothing();
		allows();
		tx_cid(0x0041, "0102");
		told(&user, "written:2");
	}
}
END_TEST

START_TEST(a_channel_without_a_need_is_not)
{
	to_open(&user);
	gate.asked = 0;
	says(RT_L2CAP_NO_AUTHENTICATION);
	waits();
	bench_step();
	ck_assert_uint_eq(gate.asked, 0);
	ck_assert(!info_of(&user).suspended);
	writes(sdu);
	tx_cid(0x0041, "0102");
	told(&user, "written:2");
}
END_TEST

START_TEST(what_changes_on_one_link_is_nothing_to_another)
{
	secure_open();
	gate.asked = 0;
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(2));
	ck_assert_uint_eq(gate.asked, 0);
	tx_nothing();
}
END_TEST

START_TEST(without_a_gate_nothing_is_suspended)
{
	secure_open();
	rt_l2cap_set_gate(bench.l2cap, NULL, NULL);
	says(RT_L2CAP_NO_AUTHENTICATION);
	bench_step();
	ck_assert(!info_of(&user).suspended);
	tx_nothing();
}
END_TEST

/* No byte is sent in clear: from the very call on. */
START_TEST(a_suspended_channel_sends_nothing_until_the_gate_says_yes)
{
	secure_open();
	writes(sdu);
	waits();
	tx_nothing();
	ck_assert(info_of(&user).suspended);
	ck_assert(info_of(&user).open);
	rt_l2cap_ready(bench.l2cap, user.chan);
	bench_wait_ms(4999);
	tx_nothing();
	told(&user, "");
	allows();
	tx_cid(0x0041, "0102");
	told(&user, "written:2");
	ck_assert(!info_of(&user).suspended);
	bench_wait_ms(100000);
	tx_nothing();
}
END_TEST

/* In Basic mode: nothing that it could go on without. */
START_TEST(what_it_receives_ends_it)
{
	secure_open();
	waits();
	rx_cid(0x0040, "01");
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_INSECURE_DATA, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->rx_suspended, 1);
}
END_TEST

START_TEST(after_5_s_without_a_yes_it_ends)
{
	secure_open();
	waits();
	bench_wait_us(RT_MS(RT_L2CAP_SUSPEND_MS) - 1);
	tx_nothing();
	told(&user, "");
	bench_wait_us(1);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_GATE_TIMEOUT, RT_PHASE_TRANSFER);
	bench_wait_us(1);
	tx_nothing();
}
END_TEST

START_TEST(a_yes_just_in_time_saves_it)
{
	secure_open();
	waits();
	bench_wait_us(RT_MS(RT_L2CAP_SUSPEND_MS) - 1);
	allows();
	bench_wait_us(1);
	ck_assert(info_of(&user).open);
	tx_nothing();
}
END_TEST

START_TEST(another_wait_does_not_begin_the_5_s_anew)
{
	secure_open();
	waits();
	bench_wait_ms(4000);
	waits();
	bench_wait_us(RT_MS(1000) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("06 04 0400 4100 4000");
}
END_TEST

START_TEST(each_suspension_has_5_s_of_its_own)
{
	secure_open();
	for (int i = 0; i < 3; i++) {
		waits();
		bench_wait_ms(4999);
		allows();
	}
	ck_assert(info_of(&user).open);
	tx_nothing();
}
END_TEST

START_TEST(no_ends_it_at_once_with_the_gates_reason)
{
	gate.why = (struct rt_reason){
		.layer = RT_LAYER_SECURITY,
		.phase = RT_PHASE_PAIR,
		.code = RT_SEC_CODE_ENCRYPTION_LOST,
		.err = -EACCES,
	};
	secure_open();
	writes(sdu);
	says(RT_L2CAP_NO_ENCRYPTION);
	/* Not the SDU. */
	tx("06 04 0400 4100 4000");
	tx_nothing();
	told(&user, "");
	rx_cid(0x0040, "01");
	rx("07 04 0400 4100 4000");
	told(&user, "closed");
	ck_assert_uint_eq(user.why.layer, RT_LAYER_SECURITY);
	ck_assert_uint_eq(user.why.code, RT_SEC_CODE_ENCRYPTION_LOST);
	ck_assert_int_eq(user.why.err, -EACCES);
	ck_assert_uint_eq(user.why.phase, RT_PHASE_PAIR);
}
END_TEST

START_TEST(no_without_a_reason_is_ours)
{
	secure_open();
	waits();
	says(RT_L2CAP_NO_AUTHENTICATION);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_TRANSFER);
}
END_TEST

START_TEST(crossing_the_peers_disconnection_the_reason_stays)
{
	secure_open();
	says(RT_L2CAP_NO_AUTHENTICATION);
	rx("06 09 0400 4000 4100");
	tx("07 09 0400 4000 4100");
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_TRANSFER);
	/* Ours crosses it only if it had left. */
	tx_nothing();
}
END_TEST

START_TEST(signalling_is_not_suspended)
{
	secure_open();
	waits();
	rx("08 09 0100 aa");
	tx("09 09 0100 aa");
	rx("06 0a 0400 4000 4100");
	tx("07 0a 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_TRANSFER);
	bench_wait_ms(5000);
	tx_nothing();
}
END_TEST

START_TEST(its_user_may_close_it)
{
	secure_open();
	waits();
	rt_l2cap_close(bench.l2cap, user.chan);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
	allows();
	tx_nothing();
}
END_TEST

START_TEST(its_user_may_leave_it)
{
	secure_open();
	waits();
	rt_l2cap_abandon(bench.l2cap, user.chan);
	tx("06 04 0400 4100 4000");
	rx("07 04 0400 4100 4000");
	told(&user, "");
}
END_TEST

START_TEST(the_link_may_go_meanwhile)
{
	secure_open();
	waits();
	fake_link_down(bench.link, 0x05);
	told(&user, "closed");
	ck_assert_uint_eq(user.why.code, 0x05);
}
END_TEST

START_TEST(an_sdu_on_its_way_is_completed_while_suspended)
{
	secure_open();
	bench.hold = HOLD_ALL;
	writes(sdu);
	tx_cid(0x0041, "0102");
	waits();
	told(&user, "");
	fake_link_complete(bench.link, 1, true);
	told(&user, "written:2");
}
END_TEST

START_TEST(a_request_of_ours_that_is_forbidden_now_is_undone)
{
	to_wait_connect_rsp(&user);
	secure(&user);
	says(RT_L2CAP_NO_AUTHENTICATION);
	told(&user, "");
	bench_step();
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_CONNECT);
	tx_nothing();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("06 03 0400 4100 4000");
	rx("07 03 0400 4100 4000");
}
END_TEST

START_TEST(a_channel_may_be_opened_while_suspended)
{
	to_wait_connect_rsp(&user);
	secure(&user);
	waits();
	ck_assert(info_of(&user).suspended);
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	rx("05 03 0600 4000 0000 0000");
	rx("04 01 0400 4000 0000");
	tx("05 01 0600 4100 0000 0000");
	told(&user, "opened");
	writes(sdu);
	tx_nothing();
	bench_wait_ms(4000);
	allows();
	tx_cid(0x0041, "0102");
	told(&user, "written:2");
}
END_TEST

START_TEST(one_that_is_being_configured_ends_after_5_s_too)
{
	to_config(&user);
	secure(&user);
	waits();
	bench_wait_us(RT_MS(RT_L2CAP_SUSPEND_MS) - 1);
	told(&user, "");
	bench_wait_us(1);
	taken_down(&user, "06 04 0400 4100 4000", "07 04 0400 4100 4000",
		   RT_L2CAP_GATE_TIMEOUT);
}
END_TEST

START_TEST(one_that_is_configured_anew_stays_suspended)
{
	secure_open();
	waits();
	rx("04 09 0800 4000 0000 0102 6400");
	tx("05 09 0a00 4100 0000 0000 0102 6400");
	tx("04 04 0800 4100 0000 0102 a002");
	rx("05 04 0600 4000 0000 0000");
	ck_assert(info_of(&user).open);
	ck_assert(info_of(&user).suspended);
	writes(sdu);
	tx_nothing();
	allows();
	tx_cid(0x0041, "0102");
	told(&user, "written:2");
}
END_TEST

START_TEST(a_channel_that_waits_for_its_user_may_be_forbidden)
{
	to_wait_connect(&user);
	secure(&user);
	gate.asked = 0;
	says(RT_L2CAP_NO_AUTHENTICATION);
	ck_assert(gate.request.established);
	ck_assert(gate.request.incoming);
	tx("03 01 0800 0000 4100 0300 0000");
	told(&user, "");
	bench_step();
	told_closed(&user, RT_L2CAP_GATE_REFUSED, RT_PHASE_CONNECT);
}
END_TEST

START_TEST(a_channel_that_waits_for_its_user_may_be_suspended)
{
	to_wait_connect(&user);
	secure(&user);
	waits();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, user.chan), 0);
	tx("03 01 0800 4000 4100 0000 0000");
	ck_assert(info_of(&user).suspended);
	tx_discard();
	bench_wait_ms(5000);
	tx_discard();
	rx("07 03 0400 4100 4000");
	told_closed(&user, RT_L2CAP_GATE_TIMEOUT, RT_PHASE_CONFIGURE);
}
END_TEST

START_TEST(no_verdict_at_any_moment_harms)
{
	static void (*const to[])(struct user *) = {
		to_wait_link, to_wait_connect_rsp, to_config,
		to_open,      to_wait_connect,	   to_wait_disconnect,
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(to); i++) {
		for (int v = 0; v <= RT_L2CAP_NO_ENCRYPTION; v++) {
			to[i](&user);
			secure(&user);
			says((enum rt_l2cap_verdict)v);
			bench_step();
			rt_l2cap_abandon(bench.l2cap, user.chan);
			bench_wait_ms(400000);
			restart();
		}
	}
}
END_TEST

START_TEST(the_weakest_need_is_that_of_all_that_listens)
{
	static const struct rt_l2cap_ucd_ops ucd = { .rx = NULL };
	static const struct {
		struct rt_sec_need a, b, weaker;
	} rows[] = {
		{ { .level = 2 }, { .level = 3 }, { 2, 16, false } },
		{ { .level = 1 }, { .level = 4 }, { 1, 7, false } },
		{ { .level = 4, .min_key_bytes = 7 },
		  { .level = 3 },
		  { 3, 16, false } },
		{ { .level = 2, .min_key_bytes = 9, .bonded_only = true },
		  { .level = 2, .min_key_bytes = 12 },
		  { 2, 9, false } },
		{ { .level = 2, .bonded_only = true },
		  { .level = 2, .bonded_only = true },
		  { 2, 16, true } },
	};
	struct rt_l2cap_params params = { .ops = &listener_ops };
	struct rt_sec_need need = { .level = 9 };
	uint16_t psm;

	ck_assert(!rt_l2cap_weakest_need(bench.l2cap, &need));
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 1, &params, &psm), 0);
	ck_assert(!rt_l2cap_weakest_need(bench.l2cap, &need));
	ck_assert_uint_eq(need.level, 9);
	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		params.security = rows[i].a;
		ck_assert_int_eq(
			rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm), 0);
		ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1003,
						     &rows[i].b, &ucd, NULL),
				 0);
		ck_assert(rt_l2cap_weakest_need(bench.l2cap, &need));
		ck_assert_uint_eq(need.level, rows[i].weaker.level);
		ck_assert_uint_eq(need.min_key_bytes,
				  rows[i].weaker.min_key_bytes);
		ck_assert(need.bonded_only == rows[i].weaker.bonded_only);
		rt_l2cap_unlisten(bench.l2cap, 0x1001);
		rt_l2cap_ucd_unlisten(bench.l2cap, 0x1003);
	}
	rt_l2cap_unlisten(bench.l2cap, 1);
}
END_TEST

/* Nothing is allocated for a request that the gate refuses. */
START_TEST(a_request_that_is_refused_costs_no_memory)
{
	listen_on(&user, 0x1001);
	link_in();
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	for (int i = 0; i < 100; i++) {
		rx("02 01 0400 0110 4100");
		ck_assert_uint_eq(bench.l2cap->chans.used, 0);
		tx("03 01 0800 0000 4100 0300 0000");
	}
	told(&user, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_open_channel_is_asked_about_again,
		a_channel_of_any_level_is_asked_about_again,
		a_channel_without_a_need_is_not,
		what_changes_on_one_link_is_nothing_to_another,
		without_a_gate_nothing_is_suspended,
		a_suspended_channel_sends_nothing_until_the_gate_says_yes,
		what_it_receives_ends_it,
		after_5_s_without_a_yes_it_ends,
		a_yes_just_in_time_saves_it,
		another_wait_does_not_begin_the_5_s_anew,
		each_suspension_has_5_s_of_its_own,
		no_ends_it_at_once_with_the_gates_reason,
		no_without_a_reason_is_ours,
		crossing_the_peers_disconnection_the_reason_stays,
		signalling_is_not_suspended,
		its_user_may_close_it,
		its_user_may_leave_it,
		the_link_may_go_meanwhile,
		an_sdu_on_its_way_is_completed_while_suspended,
		a_request_of_ours_that_is_forbidden_now_is_undone,
		a_channel_may_be_opened_while_suspended,
		one_that_is_being_configured_ends_after_5_s_too,
		one_that_is_configured_anew_stays_suspended,
		a_channel_that_waits_for_its_user_may_be_forbidden,
		a_channel_that_waits_for_its_user_may_be_suspended,
		no_verdict_at_any_moment_harms,
		the_weakest_need_is_that_of_all_that_listens,
		a_request_that_is_refused_costs_no_memory,
	};

	return suite_run("suspend", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
