/* SPDX-License-Identifier: MIT */
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

static struct user a, b;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	bench_setup();
}

START_TEST(the_initiator_opens_psm_3_and_sends_sabm)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	ck_assert_uint_eq(fake_find(&bench.l2cap, bench.chan)->imtu, 1017);
	tx_nothing();
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	tx_nothing();
	rx("03 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	tx_nothing();
}
END_TEST

START_TEST(the_responder_answers_sabm_with_ua)
{
	session_in();
	ck_assert(!rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(sabm_without_an_answer_ends_by_t1)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	bench_wait_us(1000);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	bench_wait_us(RT_RFCOMM_T1_US - 1);
	told(&a, "");
	bench_wait_us(1);
	told_closed(&a, RT_RFCOMM_TIMEOUT_T1, RT_PHASE_SESSION);
	ck_assert_uint_eq(a.why.elapsed_us, 1000 + RT_RFCOMM_T1_US);
	ck_assert_uint_eq(a.why.frame, 0);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(an_answer_in_the_last_microsecond_of_t1_is_taken)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	bench_wait_us(RT_RFCOMM_T1_US - 1);
	rx("03 73 01");
	bench_wait_us(1);
	ck_assert_uint_eq(tx_discard(), 1);
	told(&a, "");
}
END_TEST

START_TEST(a_session_that_is_refused_ends_its_dlcs)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 1F 01");
	told(&a, "");
	bench_step();
	told_closed(&a, RT_RFCOMM_REFUSED, RT_PHASE_SESSION);
	told_closed(&b, RT_RFCOMM_REFUSED, RT_PHASE_SESSION);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_dm_without_f_is_a_dm)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	rx("03 0F 01");
	bench_step();
	told_closed(&a, RT_RFCOMM_REFUSED, RT_PHASE_SESSION);
	l2cap_closes();
}
END_TEST

START_TEST(a_page_timeout_reaches_the_user_unchanged)
{
	const struct rt_reason why = page_timeout();

	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	fake_closed(&bench.l2cap, fake_in_state(&bench.l2cap, FAKE_CONNECTING),
		    &why);
	told(&a, "");
	bench_step();
	told(&a, "closed");
	told(&b, "closed");
	same_reason(&a.why, &why);
	same_reason(&b.why, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_link_that_dies_ends_every_dlc_with_its_reason)
{
	const struct rt_reason why = page_timeout();

	dlc_out(&a, 1, 0, 0);
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&a, "closed");
	told(&b, "closed");
	same_reason(&a.why, &why);
	same_reason(&b.why, &why);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(the_peers_l2cap_disconnect_is_told_as_such)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	dlc_out(&a, 1, 0, 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&a, "closed");
	same_reason(&a.why, &why);
}
END_TEST

START_TEST(a_session_is_lost_only_where_nothing_better_is_known)
{
	const struct rt_reason closed = l2cap_reason(RT_L2CAP_CLOSED, 0);
	const struct rt_reason none = { .layer = RT_LAYER_NONE };

	dlc_out(&a, 1, 0, 0);
	fake_closed(&bench.l2cap, bench.chan, &closed);
	bench_step();
	told_closed(&a, RT_RFCOMM_SESSION_LOST, RT_PHASE_TRANSFER);

	ck_assert_int_eq(connect_to(&b, 1, 0), 0);
	fake_closed(&bench.l2cap, fake_in_state(&bench.l2cap, FAKE_CONNECTING),
		    &none);
	bench_step();
	told_closed(&b, RT_RFCOMM_SESSION_LOST, RT_PHASE_SESSION);
}
END_TEST

START_TEST(a_peer_that_opens_l2cap_and_nothing_else_is_closed)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
	bench_wait_us(RT_RFCOMM_SABM_WAIT_US - 1);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	bench_wait_us(1);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

START_TEST(a_second_dlc_uses_the_session_there_is)
{
	dlc_out(&a, 1, 0, 0);
	dlc_out(&b, 2, 0, 0);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	rt_rfcomm_close(bench.rfcomm, a.dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&a, "closed");
	tx_nothing();
}
END_TEST

START_TEST(sabm_on_an_open_session_is_answered_and_changes_nothing)
{
	listen_on(&a, &b, 1, 0);
	session_in();
	dlc_in(1, 0);
	told(&a, "incoming");
	told(&b, "opened");
	rx("03 3F 01");
	tx("03 73 01");
	tx_nothing();
	ck_assert(info_of(&b).open);
}
END_TEST

START_TEST(frames_before_sabm_are_ignored)
{
	const struct rt_rfcomm_stats *stats = rt_rfcomm_get_stats(bench.rfcomm);

	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
	rx("0B 3F 01");
	rx("0B EF 03 41");
	rx("03 EF 0B 23 07 01 02 03");
	rx("01 73 01");
	rx("01 1F 01");
	tx_nothing();
	ck_assert_uint_eq(stats->frames_unexpected, 5);
	rx("03 53 01");
	tx("03 1F 01");
	rx("01 3F 01");
	tx_nothing();
	ck_assert_uint_eq(stats->frames_unexpected, 6);
	rx("03 3F 01");
	tx("03 73 01");
}
END_TEST

START_TEST(sabm_ua_and_disc_without_p_f_are_dropped)
{
	const struct rt_rfcomm_stats *stats = rt_rfcomm_get_stats(bench.rfcomm);

	session_in();
	rx("03 43 01");
	rx("03 2F 01");
	rx("0B 2F 01");
	rx("0B 43 01");
	rx("0B 63 01");
	tx_nothing();
	ck_assert_uint_eq(stats->frames_unexpected, 5);
}
END_TEST

START_TEST(a_wrong_c_r_drops_all_but_uih)
{
	const struct rt_rfcomm_stats *stats = rt_rfcomm_get_stats(bench.rfcomm);

	dlc_out(&a, 1, 4 * N1, 0);
	ck_assert_uint_eq(stats->frames_unexpected, 0);
	/* We are the initiator: commands of the peer have 0, answers 1. */
	rx("03 53 01");
	rx("01 73 01");
	rx("01 1F 01");
	rx("0B 53 01");
	rx("09 73 01");
	rx("09 1F 01");
	rx("0B 3F 01");
	ck_assert_uint_eq(stats->frames_unexpected, 7);
	tx_nothing();
	rx("09 EF 03 41");
	told(&a, "rx:41");
	rx("0B EF 03 42");
	told(&a, "rx:42");
	rx("03 EF 0B 23 07 01 02 03");
	tx("03 EF 0B 21 07 01 02 03");
}
END_TEST

START_TEST(a_bad_fcs_is_counted_logged_and_dropped)
{
	const struct rt_rfcomm_stats *stats = rt_rfcomm_get_stats(bench.rfcomm);
	size_t lines;

	session_in();
	lines = bench.fake.log_lines;
	rx_raw("03 53 01 FC");
	rx_raw("03 EF 0B 23 07 01 02 03 71");
	tx_nothing();
	ck_assert_uint_eq(stats->frames_bad_fcs, 2);
	ck_assert_uint_eq(bench.fake.log_lines, lines + 2);
	ck_assert_int_eq(bench.fake.log_level, RT_LOG_WARNING);
	rx_raw("03");
	rx_raw("");
	ck_assert_uint_eq(stats->frames_malformed, 2);
}
END_TEST

/* RFC-19: every address and control octet against an open session. */
START_TEST(no_address_or_control_octet_does_harm)
{
	listen_on(&a, &b, 1, 4 * N1);
	for (unsigned int address = 0; address < 256; address++) {
		session_in();
		for (unsigned int control = 0; control < 256; control++) {
			uint8_t frame[] = { (uint8_t)address, (uint8_t)control,
					    0x01, 0 };

			frame[3] = bench_fcs(frame, 3);
			if (fake_find(&bench.l2cap, bench.chan)->state !=
			    FAKE_OPEN)
				break;
			fake_rx(&bench.l2cap, bench.chan, rt_bytes(frame, 4));
			tx_discard();
			bench_step();
		}
		fake_closed(&bench.l2cap, bench.chan,
			    &(const struct rt_reason){ .layer = RT_LAYER_HCI });
		bench_step();
		ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
		a.log[0] = '\0';
		b.log[0] = '\0';
	}
}
END_TEST

START_TEST(several_peers_have_sessions_of_their_own)
{
	const struct rt_rfcomm_params params = { .ops = &user_ops, .user = &b };
	const struct rt_reason why = page_timeout();
	rt_handle first;

	dlc_out(&a, 1, 0, 0);
	first = bench.chan;
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(2), 1,
					   &params, &b.dlc),
			 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
	told(&b, "closed");
	told(&a, "");
	bench.chan = first;
	ck_assert(info_of(&a).open);
}
END_TEST

static void two_sessions(struct rt_limits *limits)
{
	limits->rfcomm_sessions = 2;
}

START_TEST(sessions_are_limited)
{
	const struct rt_rfcomm_params params = { .ops = &user_ops, .user = &b };
	rt_handle chan;

	bench_restart(two_sessions);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(2), &chan), 0);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(3), &chan),
			 -ENOBUFS);
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(4), 1,
					   &params, &b.dlc),
			 -ENOSPC);
	/* One that is there already is no new one. */
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
}
END_TEST

START_TEST(what_l2cap_refuses_at_once_is_returned)
{
	bench.l2cap.connect_err = -EMLINK;
	ck_assert_int_eq(connect_to(&a, 1, 0), -EMLINK);
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	ck_assert_uint_eq(a.dlc, 0);
}
END_TEST

START_TEST(a_large_frame_asks_for_a_large_mtu)
{
	const struct rt_rfcomm_params params = {
		.ops = &user_ops,
		.user = &a,
		.frame_bytes = 4000,
	};

	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1), 1,
					   &params, &a.dlc),
			 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	ck_assert_uint_eq(fake_find(&bench.l2cap, bench.chan)->imtu, 4006);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_initiator_opens_psm_3_and_sends_sabm,
		the_responder_answers_sabm_with_ua,
		sabm_without_an_answer_ends_by_t1,
		an_answer_in_the_last_microsecond_of_t1_is_taken,
		a_session_that_is_refused_ends_its_dlcs,
		a_dm_without_f_is_a_dm,
		a_page_timeout_reaches_the_user_unchanged,
		a_link_that_dies_ends_every_dlc_with_its_reason,
		the_peers_l2cap_disconnect_is_told_as_such,
		a_session_is_lost_only_where_nothing_better_is_known,
		a_peer_that_opens_l2cap_and_nothing_else_is_closed,
		a_second_dlc_uses_the_session_there_is,
		sabm_on_an_open_session_is_answered_and_changes_nothing,
		frames_before_sabm_are_ignored,
		sabm_ua_and_disc_without_p_f_are_dropped,
		a_wrong_c_r_drops_all_but_uih,
		a_bad_fcs_is_counted_logged_and_dropped,
		no_address_or_control_octet_does_harm,
		several_peers_have_sessions_of_their_own,
		sessions_are_limited,
		what_l2cap_refuses_at_once_is_returned,
		a_large_frame_asks_for_a_large_mtu,
	};

	return suite_run("session", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
