/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/fake_gate.h"

/*
 * SEC-19: DLCs that the gate has allowed, when the link is not what it was.
 */

static struct user a;
static struct user b;

static void setup(void)
{
	bench_setup();
	gate_setup();
	a = (struct user){ .name = "a", .need.level = 2 };
	b = (struct user){ .name = "b", .need.level = 3 };
}

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

static void a_open(size_t room)
{
	dlc_out(&a, 1, room, 7);
	gate.asked = 0;
}

START_TEST(an_open_dlc_is_asked_about_again)
{
	a_open(0);
	allows();
	ck_assert_uint_eq(gate.asked, 1);
	ck_assert(gate.request.established);
	ck_assert(!gate.request.incoming);
	ck_assert_uint_eq(gate.request.channel, 1);
	gate.verdict = RT_L2CAP_NO_AUTHENTICATION;
	rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(2));
	ck_assert_uint_eq(gate.asked, 1);
	tx_nothing();
}
END_TEST

/* SEC-16: level 1 needs encryption, which may have ended. */
START_TEST(a_dlc_of_any_level_is_asked_about_again)
{
	for (uint8_t level = 1; level <= RT_SEC_LEVEL_MAX; level++) {
		bench_teardown();
		setup();
		a.need.level = level;
		a_open(0);
		waits();
		ck_assert_uint_eq(gate.asked, 1);
		ck_assert_uint_eq(gate.request.need.level, level);
		ck_assert(info_of(&a).suspended);
	}
}
END_TEST

START_TEST(one_without_a_need_is_not)
{
	a.need.level = 0;
	a_open(0);
	says(RT_L2CAP_NO_AUTHENTICATION);
	ck_assert_uint_eq(gate.asked, 0);
	tx_nothing();
}
END_TEST

START_TEST(no_ends_an_open_dlc_with_disc)
{
	a_open(0);
	write_out(&a, "hi", 2);
	gate.why = (struct rt_reason){
		.layer = RT_LAYER_SECURITY,
		.code = RT_SEC_CODE_ENCRYPTION_LOST,
		.err = -EACCES,
	};
	says(RT_L2CAP_NO_ENCRYPTION);
	told(&a, "");
	/* Not the data. */
	tx("0B 53 01");
	tx_nothing();
	bench_step();
	told(&a, "closed");
	ck_assert_uint_eq(a.why.code, RT_SEC_CODE_ENCRYPTION_LOST);
	tx("03 53 01");
}
END_TEST

START_TEST(no_for_one_leaves_the_other_alone)
{
	a_open(0);
	dlc_out(&b, 2, 0, 7);
	gate.strict = 2;
	says(RT_L2CAP_KEY_TOO_SHORT);
	tx("13 53 01");
	bench_step();
	told_closed(&b, RT_RFCOMM_GATE_REFUSED, RT_PHASE_TRANSFER);
	write_out(&a, "hi", 2);
	tx("0B EF 05 68 69");
	told(&a, "written:2");
}
END_TEST

START_TEST(no_may_end_all_of_them)
{
	a_open(0);
	dlc_out(&b, 2, 0, 7);
	says(RT_L2CAP_NO_AUTHENTICATION);
	ck_assert_uint_eq(tx_discard(), 2);
	bench_step();
	told_closed(&a, RT_RFCOMM_GATE_REFUSED, RT_PHASE_TRANSFER);
	told_closed(&b, RT_RFCOMM_GATE_REFUSED, RT_PHASE_TRANSFER);
}
END_TEST

/* No byte is sent in clear: from the very call on. */
START_TEST(a_suspended_dlc_sends_no_data_until_the_gate_says_yes)
{
	a_open(0);
	write_out(&a, "hi", 2);
	waits();
	tx_nothing();
	ck_assert(info_of(&a).suspended);
	ck_assert(info_of(&a).open);
	rt_rfcomm_ready(bench.rfcomm, a.dlc);
	bench_wait_us(RT_RFCOMM_SUSPEND_US - 1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).stalled_us, 0);
	allows();
	ck_assert(!info_of(&a).suspended);
	tx("0B EF 05 68 69");
	told(&a, "written:2");
	bench_wait_us(RT_SECONDS(60));
	tx_nothing();
}
END_TEST

START_TEST(it_grants_no_credits_and_sends_no_signals)
{
	const struct rt_rfcomm_modem modem = { .has_break = true };

	a_open(N1);
	waits();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 10 * (size_t)N1);
	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, a.dlc, &modem), 0);
	tx_nothing();
	allows();
	ck_assert_uint_eq(tx_discard(), 2);
	ck_assert_uint_eq(info_of(&a).rx_credits, 10);
}
END_TEST

START_TEST(what_it_receives_ends_it)
{
	a_open(3 * (size_t)N1);
	waits();
	rx("09 FF 01 02");
	told(&a, "");
	rx("09 EF 05 68 69");
	tx("0B 53 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_INSECURE_DATA, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(stats()->frames_suspended, 1);
}
END_TEST

START_TEST(commands_of_the_peer_are_answered_meanwhile)
{
	a_open(0);
	waits();
	rx("01 EF 07 23 03 55");
	tx("03 EF 07 21 03 55");
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	allows();
	tx_nothing();
}
END_TEST

START_TEST(after_5_s_without_a_yes_it_ends)
{
	a_open(0);
	waits();
	bench_wait_us(RT_SECONDS(4));
	waits();
	bench_wait_us(RT_SECONDS(1) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("0B 53 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_GATE_TIMEOUT, RT_PHASE_TRANSFER);
}
END_TEST

START_TEST(a_yes_just_in_time_saves_it)
{
	a_open(0);
	for (int i = 0; i < 3; i++) {
		waits();
		bench_wait_us(RT_RFCOMM_SUSPEND_US - 1);
		allows();
	}
	ck_assert(info_of(&a).open);
	tx_nothing();
}
END_TEST

START_TEST(its_user_may_close_it)
{
	a_open(0);
	waits();
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	allows();
	tx("03 53 01");
}
END_TEST

START_TEST(the_session_may_go_meanwhile)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_GATE_TIMEOUT, -ETIMEDOUT);

	a_open(0);
	waits();
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&a, "closed");
	ck_assert_uint_eq(a.why.layer, RT_LAYER_L2CAP);
	ck_assert_uint_eq(a.why.code, RT_L2CAP_GATE_TIMEOUT);
}
END_TEST

START_TEST(the_engine_may_be_freed_meanwhile)
{
	a_open(0);
	waits();
	/* No timer may be armed then. */
	bench_teardown();
	setup();
}
END_TEST

START_TEST(a_dlc_may_open_while_suspended)
{
	ck_assert_int_eq(connect_to(&a, 1, 5000), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	waits();
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	ck_assert(info_of(&a).suspended);
	tx("03 EF 09 E1 05 0B 8D");
	write_out(&a, "hi", 2);
	tx_nothing();
	allows();
	tx("0B EF 05 68 69");
	told(&a, "written:2");
}
END_TEST

START_TEST(sabm_that_was_sent_may_be_forbidden)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	says(RT_L2CAP_NO_AUTHENTICATION);
	tx("0B 53 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_GATE_REFUSED, RT_PHASE_NEGOTIATE);
}
END_TEST

/* What is owed and has no memory is not sent; all ends by its timers. */
START_TEST(without_memory_everything_ends_all_the_same)
{
	for (int v = 0; v <= RT_L2CAP_NO_ENCRYPTION; v++) {
		a_open(0);
		bench.fake.allocs_left = 0;
		says((enum rt_l2cap_verdict)v);
		bench_wait_us(RT_RFCOMM_SUSPEND_US);
		bench_step();
		bench.fake.allocs_left = SIZE_MAX;
		told(&a, v == 0 ? "" : "closed");
		bench_teardown();
		setup();
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_open_dlc_is_asked_about_again,
		a_dlc_of_any_level_is_asked_about_again,
		one_without_a_need_is_not,
		no_ends_an_open_dlc_with_disc,
		no_for_one_leaves_the_other_alone,
		no_may_end_all_of_them,
		a_suspended_dlc_sends_no_data_until_the_gate_says_yes,
		it_grants_no_credits_and_sends_no_signals,
		what_it_receives_ends_it,
		commands_of_the_peer_are_answered_meanwhile,
		after_5_s_without_a_yes_it_ends,
		a_yes_just_in_time_saves_it,
		its_user_may_close_it,
		the_session_may_go_meanwhile,
		the_engine_may_be_freed_meanwhile,
		a_dlc_may_open_while_suspended,
		sabm_that_was_sent_may_be_forbidden,
		without_memory_everything_ends_all_the_same,
	};

	return suite_run("suspend", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
