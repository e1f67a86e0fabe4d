/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/stages.h"

/*
 * One DLC after the other, as initiator to DLCI 2 (server channel 1 of the
 * peer) and as responder on DLCI 2 (server channel 1 of ours).
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

static void assert_counted(uint32_t n)
{
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  n);
}

/* What a frame does in a state: what is answered, and how the DLC ends. */
static void expect(size_t state, const char *frame, const char *answer,
		   uint16_t code)
{
	static const enum rt_phase phases[] = {
		RT_PHASE_NEGOTIATE, RT_PHASE_NEGOTIATE,	 RT_PHASE_NEGOTIATE,
		RT_PHASE_TRANSFER,  RT_PHASE_DISCONNECT,
	};

	setup();
	stages[state](&a);
	rx(frame);
	bench_step();
	if (code)
		told_closed(&a, code, phases[state]);
	else
		told(&a, "");
	tx(answer);
	/* Was it the last one, the session closes: at once, or later. */
	if (!code)
		tx_nothing();
	a.log[0] = '\0';
	bench_teardown();
}

START_TEST(disc_ends_a_dlc_in_every_state)
{
	bench_teardown();
	expect(PN_SENT, "09 53 01", "09 73 01", RT_RFCOMM_REFUSED);
	expect(SABM_SENT, "09 53 01", "09 73 01", RT_RFCOMM_REFUSED);
	expect(MSC, "09 53 01", "09 73 01", RT_RFCOMM_PEER_DISC);
	expect(OPEN, "09 53 01", "09 73 01", RT_RFCOMM_PEER_DISC);
	expect(DISC_SENT, "09 53 01", "09 73 01", RT_RFCOMM_CLOSED);
	setup();
}
END_TEST

START_TEST(dm_ends_a_dlc_in_every_state)
{
	bench_teardown();
	expect(PN_SENT, "0B 1F 01", "", RT_RFCOMM_REFUSED);
	expect(SABM_SENT, "0B 1F 01", "", RT_RFCOMM_REFUSED);
	expect(MSC, "0B 1F 01", "", RT_RFCOMM_PEER_DISC);
	expect(OPEN, "0B 1F 01", "", RT_RFCOMM_PEER_DISC);
	expect(DISC_SENT, "0B 1F 01", "03 53 01", RT_RFCOMM_CLOSED);
	/* F may be missing. */
	expect(PN_SENT, "0B 0F 01", "", RT_RFCOMM_REFUSED);
	setup();
}
END_TEST

START_TEST(ua_counts_only_where_it_is_waited_for)
{
	bench_teardown();
	expect(PN_SENT, "0B 73 01", "", 0);
	expect(SABM_SENT, "0B 73 01", "03 EF 09 E3 05 0B 8D", 0);
	expect(MSC, "0B 73 01", "", 0);
	expect(OPEN, "0B 73 01", "", 0);
	expect(DISC_SENT, "0B 73 01", "03 53 01", RT_RFCOMM_CLOSED);
	setup();
}
END_TEST

START_TEST(sabm_is_answered_in_every_state_and_changes_none)
{
	bench_teardown();
	expect(PN_SENT, "09 3F 01", "09 1F 01", 0);
	expect(SABM_SENT, "09 3F 01", "09 73 01", 0);
	expect(OPEN, "09 3F 01", "09 73 01", 0);
	expect(DISC_SENT, "09 3F 01", "09 1F 01", 0);
	setup();
}
END_TEST

/* What the peer began anew has heard no MSC of ours. */
START_TEST(sabm_before_the_end_of_msc_is_followed_by_it_again)
{
	to_msc(&a);
	rx("09 3F 01");
	tx("09 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	tx_nothing();
}
END_TEST

/* The peer has lost the old connection: its data and the new one's don't mix.
 */
START_TEST(sabm_behind_data_ends_what_was_there)
{
	to_open(&a);
	rx("09 EF 03 41");
	a.log[0] = '\0';
	rx("09 3F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_BEGUN_ANEW, RT_PHASE_TRANSFER);
	tx("09 1F 01");
}
END_TEST

START_TEST(data_is_taken_only_where_the_dlc_is_connected)
{
	bench_teardown();
	expect(PN_SENT, "09 EF 03 41", "", 0);
	expect(SABM_SENT, "09 EF 03 41", "", 0);
	expect(DISC_SENT, "09 EF 03 41", "", 0);
	expect(DISC_SENT, "09 FF 03 05 41", "", 0);
	setup();
}
END_TEST

START_TEST(pn_is_answered_without_credits_where_it_comes_late)
{
	bench_teardown();
	expect(PN_SENT, "01 EF 15 83 11 02 F0 2A 00 7F 00 00 07",
	       "03 EF 15 81 11 02 00 2A 00 7F 00 00 00", 0);
	expect(SABM_SENT, "01 EF 15 83 11 02 F0 2A 00 7F 00 00 07",
	       "03 EF 15 81 11 02 00 2A 00 7F 00 00 00", 0);
	expect(OPEN, "01 EF 15 83 11 02 F0 2A 00 FF 7F 00 07",
	       "03 EF 15 81 11 02 00 2A 00 F3 03 00 00", 0);
	expect(DISC_SENT, "01 EF 15 83 11 02 F0 2A 00 7F 00 00 07", "09 1F 01",
	       0);
	/* N1 that is none is ignored. */
	expect(OPEN, "01 EF 15 83 11 02 F0 2A 00 16 00 00 07", "", 0);
	setup();
}
END_TEST

START_TEST(responses_that_nobody_waits_for_are_counted)
{
	to_open(&a);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	rx("01 EF 15 81 11 04 E0 07 00 F3 03 00 05");
	assert_counted(2);
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E1 05 13 8D");
	assert_counted(4);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).tx_credits, 5);
}
END_TEST

START_TEST(pn_without_an_answer_ends_by_t2)
{
	to_pn_sent(&a);
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T2, RT_PHASE_NEGOTIATE);
	ck_assert_uint_eq(a.why.elapsed_us, RT_RFCOMM_T2_US);
	tx("0B 53 01");
	tx("03 53 01");
}
END_TEST

START_TEST(sabm_without_an_answer_ends_by_t1)
{
	to_sabm_sent(&a);
	bench_wait_us(RT_RFCOMM_T1_DLC_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T1, RT_PHASE_NEGOTIATE);
	tx("0B 53 01");
	tx("03 53 01");
}
END_TEST

START_TEST(a_late_ua_after_t1_does_no_harm)
{
	to_sabm_sent(&a);
	bench_wait_us(RT_RFCOMM_T1_DLC_US);
	told(&a, "closed");
	tx("0B 53 01");
	rx("0B 73 01");
	rx("0B 73 01");
	tx("03 53 01");
}
END_TEST

START_TEST(our_msc_without_an_answer_ends_by_t2)
{
	to_msc(&a);
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T2, RT_PHASE_NEGOTIATE);
	tx("0B 53 01");
}
END_TEST

START_TEST(a_peer_that_sends_no_msc_is_open_after_t2)
{
	to_msc(&a);
	bench_wait_us(1000);
	rx("01 EF 09 E1 05 0B 8D");
	bench_wait_us(RT_RFCOMM_T2_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told(&a, "opened");
	ck_assert(info_of(&a).msc_missing);
	/* It may come after all. */
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	told(&a, "");
	ck_assert(!info_of(&a).msc_missing);
}
END_TEST

START_TEST(msc_may_come_in_either_order)
{
	to_msc(&a);
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	told(&a, "");
	rx("01 EF 09 E1 05 0B 8D");
	told(&a, "opened");
	ck_assert(!info_of(&a).msc_missing);
}
END_TEST

START_TEST(msc_that_comes_before_ua_counts)
{
	to_sabm_sent(&a);
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	rx("01 EF 09 E1 05 0B 8D");
	told(&a, "opened");
}
END_TEST

START_TEST(data_says_that_the_peer_takes_the_dlc_for_open)
{
	to_msc(&a);
	/* Credits alone say nothing. */
	rx("09 FF 01 03");
	told(&a, "");
	rx("09 EF 03 41");
	told(&a, "opened rx:41");
	ck_assert(info_of(&a).msc_missing);
	ck_assert_uint_eq(info_of(&a).tx_credits, 8);
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	told(&a, "");
}
END_TEST

static void close_it(struct user *user)
{
	rt_rfcomm_close(bench.rfcomm, user->dlc);
}

START_TEST(a_user_that_closes_when_it_is_open_gets_no_data)
{
	a.on = "opened";
	a.then = close_it;
	to_msc(&a);
	rx("09 EF 03 41");
	told(&a, "opened");
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
}
END_TEST

START_TEST(a_channel_can_be_connected_to_once)
{
	to_open(&a);
	ck_assert_int_eq(connect_to(&b, 1, 0), -EADDRINUSE);
	ck_assert_uint_eq(b.dlc, 0);
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct rt_rfcomm_params params = { .ops = &user_ops, .user = &a };
	const struct rt_addr zero = { { 0 } };
	rt_handle dlc = 77;

	ck_assert_int_eq(connect_to(&a, 0, 0), -EINVAL);
	ck_assert_int_eq(connect_to(&a, 31, 0), -EINVAL);
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, zero, 1, &params,
					   &dlc),
			 -EINVAL);
	params.frame_bytes = 22;
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1), 1,
					   &params, &dlc),
			 -EINVAL);
	params.frame_bytes = 32768;
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1), 1,
					   &params, &dlc),
			 -EINVAL);
	params = (struct rt_rfcomm_params){ .user = &a };
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1), 1,
					   &params, &dlc),
			 -EINVAL);
	ck_assert_uint_eq(dlc, 77);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(as_responder_we_connect_to_odd_dlcis)
{
	session_in();
	ck_assert_int_eq(connect_to(&a, 5, 0), 0);
	tx("01 EF 15 83 11 0B F0 0F 00 F3 03 00 00");
	rx("03 EF 15 81 11 0B E0 0F 00 F3 03 00 02");
	tx("2D 3F 01");
	rx("2D 73 01");
	tx("01 EF 09 E3 05 2F 8D");
	rx("03 EF 09 E1 05 2F 8D");
	rx("03 EF 09 E3 05 2F 8D");
	told(&a, "opened");
	tx("01 EF 09 E1 05 2F 8D");
	write_out(&a, "x", 1);
	tx("2D EF 03 78");
	told(&a, "written:1");
	rx("2F 53 01");
	tx("2F 73 01");
	bench_step();
	told(&a, "closed");
}
END_TEST

START_TEST(the_user_can_be_changed)
{
	to_open(&a);
	rt_rfcomm_set_user(bench.rfcomm, a.dlc, &user_ops, &b);
	b.dlc = a.dlc;
	rx("09 EF 03 41");
	told(&a, "");
	told(&b, "rx:41");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		disc_ends_a_dlc_in_every_state,
		dm_ends_a_dlc_in_every_state,
		ua_counts_only_where_it_is_waited_for,
		sabm_is_answered_in_every_state_and_changes_none,
		sabm_before_the_end_of_msc_is_followed_by_it_again,
		sabm_behind_data_ends_what_was_there,
		data_is_taken_only_where_the_dlc_is_connected,
		pn_is_answered_without_credits_where_it_comes_late,
		responses_that_nobody_waits_for_are_counted,
		pn_without_an_answer_ends_by_t2,
		sabm_without_an_answer_ends_by_t1,
		a_late_ua_after_t1_does_no_harm,
		our_msc_without_an_answer_ends_by_t2,
		a_peer_that_sends_no_msc_is_open_after_t2,
		msc_may_come_in_either_order,
		msc_that_comes_before_ua_counts,
		data_says_that_the_peer_takes_the_dlc_for_open,
		a_user_that_closes_when_it_is_open_gets_no_data,
		a_channel_can_be_connected_to_once,
		bad_arguments_are_refused,
		as_responder_we_connect_to_odd_dlcis,
		the_user_can_be_changed,
	};

	return suite_run("dlc", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
