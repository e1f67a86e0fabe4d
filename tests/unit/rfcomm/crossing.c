/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Both sides at once: channels to PSM 3, SABM on DLCI 0. Here against a peer
 * that is played; two_engines.c has both sides ours.
 */

static struct user a, b, listener;
static rt_handle ours, theirs;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

/* Our channel is asked for, and the peer's comes. */
static void cross(void)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ours = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 -EAGAIN);
}

/* The session on their channel: we are the responder. */
static void open_theirs(void)
{
	bench.chan = theirs;
	fake_open(&bench.l2cap, theirs, MTU);
	tx_nothing();
	rx("03 3F 01");
	tx("03 73 01");
}

START_TEST(our_channel_that_opens_first_is_kept)
{
	cross();
	session_out();
	ck_assert_ptr_null(fake_find(&bench.l2cap, theirs));
	ck_assert_uint_eq(bench.l2cap.abandons, 1);
	/* DLCI 2: the server is the responder's. */
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
}
END_TEST

START_TEST(if_ours_is_refused_theirs_is_taken_and_dlcis_change)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_NO_RESOURCES, -ECONNREFUSED);

	cross();
	fake_closed(&bench.l2cap, ours, &why);
	bench_step();
	told(&a, "");
	open_theirs();
	/* DLCI 3: the server is the initiator's. */
	tx("01 EF 15 83 11 03 F0 07 00 F3 03 00 00");
	ck_assert_uint_eq(info_of(&a).dlci, 3);
}
END_TEST

START_TEST(where_nothing_happens_we_give_way)
{
	cross();
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US - 1);
	ck_assert_ptr_nonnull(fake_find(&bench.l2cap, ours));
	bench_wait_us(1 + RT_RFCOMM_CROSS_SPAN_US);
	ck_assert_ptr_null(fake_find(&bench.l2cap, ours));
	/* The peer is the initiator, and so are its C/R bits. */
	bench.chan = theirs;
	fake_open(&bench.l2cap, theirs, MTU);
	rx("03 53 01");
	tx("03 1F 01");
	rx("01 3F 01");
	tx_nothing();
	rx("03 3F 01");
	tx("03 73 01");
	tx("01 EF 15 83 11 03 F0 07 00 F3 03 00 00");
	told(&a, "");
}
END_TEST

START_TEST(if_theirs_closes_first_ours_goes_on)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	fake_closed(&bench.l2cap, theirs, &why);
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	ck_assert_ptr_nonnull(fake_find(&bench.l2cap, ours));
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(a_link_that_dies_with_both_channels_is_told_once)
{
	const struct rt_reason why = page_timeout();

	cross();
	fake_closed(&bench.l2cap, theirs, &why);
	fake_closed(&bench.l2cap, ours, &why);
	bench_step();
	told(&a, "closed");
	same_reason(&a.why, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

/* The other order: theirs, that we have taken meanwhile, follows. */
START_TEST(a_link_that_dies_with_ours_first_is_told_once)
{
	const struct rt_reason why = page_timeout();

	cross();
	fake_closed(&bench.l2cap, ours, &why);
	fake_closed(&bench.l2cap, theirs, &why);
	bench_step();
	told(&a, "closed");
	same_reason(&a.why, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_third_channel_is_refused)
{
	rt_handle third;

	cross();
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &third),
			 -ENOBUFS);
}
END_TEST

START_TEST(a_second_channel_to_an_open_session_is_refused)
{
	rt_handle second;

	session_in();
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &second),
			 -ENOBUFS);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(2), &second),
			 0);
}
END_TEST

START_TEST(where_both_gave_way_we_try_again)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	fake_closed(&bench.l2cap, theirs, &why);
	bench_step();
	told(&a, "");
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	bench_wait_us(RT_RFCOMM_RETRY_MIN_US - 1);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	bench_wait_us(1 + RT_RFCOMM_RETRY_SPAN_US);
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
}
END_TEST

START_TEST(where_both_gave_way_the_peer_may_come_first)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	fake_closed(&bench.l2cap, theirs, &why);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 0);
	bench_wait_us(RT_RFCOMM_RETRY_MIN_US + RT_RFCOMM_RETRY_SPAN_US);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	open_theirs();
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(a_user_that_gives_up_meanwhile_leaves_nothing)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	fake_closed(&bench.l2cap, theirs, &why);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	bench_step();
	told_closed(&a, RT_RFCOMM_CLOSED, RT_PHASE_SESSION);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(attempts_come_to_an_end)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	for (unsigned int i = 0; !*a.log; i++) {
		ck_assert_uint_lt(i, RT_RFCOMM_TRIES + 1);
		bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
		fake_closed(&bench.l2cap, theirs, &why);
		bench_step();
		if (*a.log)
			break;
		bench_wait_us(RT_RFCOMM_RETRY_MIN_US + RT_RFCOMM_RETRY_SPAN_US);
		ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1),
					       &theirs),
				 -EAGAIN);
	}
	told(&a, "closed");
	same_reason(&a.why, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(theirs_that_cannot_be_taken_is_no_loss)
{
	cross();
	bench.l2cap.accept_err = -ENOMEM;
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US +
		      RT_RFCOMM_RETRY_MIN_US + RT_RFCOMM_RETRY_SPAN_US);
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	ck_assert_ptr_null(fake_find(&bench.l2cap, theirs));
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(a_dlc_joins_a_session_that_the_peer_opens)
{
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 0);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_uint_eq(bench.l2cap.connects, 0);
	open_theirs();
	tx("01 EF 15 83 11 03 F0 07 00 F3 03 00 00");
}
END_TEST

START_TEST(a_session_that_the_peer_does_not_open_ends_its_dlcs)
{
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 0);
	bench.chan = theirs;
	fake_open(&bench.l2cap, theirs, MTU);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench_wait_us(RT_RFCOMM_SABM_WAIT_US);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T1, RT_PHASE_SESSION);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_channel_that_comes_while_the_session_closes_is_the_next_one)
{
	dlc_out(&a, 1, 0, 0);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
	tx("03 53 01");
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 -EAGAIN);
	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	rx("03 73 01");
	l2cap_closes();
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	open_theirs();
	tx("01 EF 15 83 11 03 F0 07 00 F3 03 00 00");
}
END_TEST

/* X-RFCOMM/RFC/BV-31: SABM on DLCI 0 from both sides of one channel. */
START_TEST(two_sabms_are_answered_dm_and_ours_goes_out_again)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
	tx_nothing();
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US - 1);
	tx_nothing();
	bench_wait_us(1 + RT_RFCOMM_BACKOFF_SPAN_US);
	tx("03 3F 01");
	rx("03 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	told(&a, "");
}
END_TEST

START_TEST(after_two_sabms_the_peer_may_be_the_initiator)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
	rx("03 3F 01");
	tx("03 73 01");
	tx("01 EF 15 83 11 03 F0 07 00 F3 03 00 00");
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US + RT_RFCOMM_BACKOFF_SPAN_US);
	tx_nothing();
}
END_TEST

/* Linux has no collision rule: it answers UA. */
START_TEST(a_peer_that_answers_ua_all_the_same_makes_us_the_initiator)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
}
END_TEST

START_TEST(dm_after_a_collision_that_is_over_is_a_refusal)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US + RT_RFCOMM_BACKOFF_SPAN_US);
	tx("03 3F 01");
	rx("03 1F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_REFUSED, RT_PHASE_SESSION);
	l2cap_closes();
}
END_TEST

START_TEST(collisions_come_to_an_end)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	for (unsigned int i = 0; i < RT_RFCOMM_TRIES; i++) {
		tx("03 3F 01");
		rx("03 3F 01");
		tx("03 1F 01");
		told(&a, "");
		rx("03 1F 01");
		bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US +
			      RT_RFCOMM_BACKOFF_SPAN_US);
	}
	told_closed(&a, RT_RFCOMM_REFUSED, RT_PHASE_SESSION);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_collision_that_is_not_answered_ends_by_t1)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	bench_wait_us(RT_RFCOMM_T1_US);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T1, RT_PHASE_SESSION);
	l2cap_closes();
}
END_TEST

/* DISC and DM where the session is being opened, and the like. */
START_TEST(frames_that_cross_the_start_change_nothing)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("01 53 01");
	tx("01 1F 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
	rx("03 1F 01");
	rx("03 73 01");
	rx("01 53 01");
	tx("01 1F 01");
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US + RT_RFCOMM_BACKOFF_SPAN_US);
	tx("03 3F 01");
	rx("03 73 01");
	ck_assert_uint_eq(tx_discard(), 1);
	told(&a, "");
}
END_TEST

START_TEST(sabm_that_crosses_disc_is_answered_dm)
{
	session_in();
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US);
	tx("01 53 01");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("01 73 01");
	rx("03 3F 01");
	tx_nothing();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		our_channel_that_opens_first_is_kept,
		if_ours_is_refused_theirs_is_taken_and_dlcis_change,
		where_nothing_happens_we_give_way,
		if_theirs_closes_first_ours_goes_on,
		a_link_that_dies_with_both_channels_is_told_once,
		a_link_that_dies_with_ours_first_is_told_once,
		a_third_channel_is_refused,
		a_second_channel_to_an_open_session_is_refused,
		where_both_gave_way_we_try_again,
		where_both_gave_way_the_peer_may_come_first,
		a_user_that_gives_up_meanwhile_leaves_nothing,
		attempts_come_to_an_end,
		theirs_that_cannot_be_taken_is_no_loss,
		a_dlc_joins_a_session_that_the_peer_opens,
		a_session_that_the_peer_does_not_open_ends_its_dlcs,
		a_channel_that_comes_while_the_session_closes_is_the_next_one,
		two_sabms_are_answered_dm_and_ours_goes_out_again,
		after_two_sabms_the_peer_may_be_the_initiator,
		a_peer_that_answers_ua_all_the_same_makes_us_the_initiator,
		dm_after_a_collision_that_is_over_is_a_refusal,
		collisions_come_to_an_end,
		a_collision_that_is_not_answered_ends_by_t1,
		frames_that_cross_the_start_change_nothing,
		sabm_that_crosses_disc_is_answered_dm,
	};

	return suite_run("crossing", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
