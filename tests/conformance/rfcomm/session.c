/* SPDX-License-Identifier: MIT */
#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Sessions: start-up and close-down (R:5.2).
 */

/* RFCOMM/DEVA/RFC/BV-01-C */
START_TEST(we_open_psm_3_and_send_sabm_on_dlci_0)
{
	open_session(true);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
	peer("DM 2");
	bench_step();
	told(&script.a, "closed");
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US);
	wind_up();
}
END_TEST

/* RFCOMM/DEVB/RFC/BV-02-C */
START_TEST(sabm_on_dlci_0_is_answered_with_ua)
{
	open_session(false);
	ck_assert_uint_eq(bench.l2cap.connects, 0);
	bench_wait_us(RT_RFCOMM_IDLE_FIRST_US);
	wind_up();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-03-C */
START_TEST(disc_on_dlci_0_is_answered_and_the_initiator_closes_l2cap)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("DISC 0");
	we("UA 0");
	tx_nothing();
	bench_step();
	told_closed(&script.a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	channel_goes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-04-C */
START_TEST(shutting_down_is_disc_on_the_dlc_then_on_dlci_0_then_l2cap)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	bench_wait_us(RT_SECONDS(1));
	tx_nothing();
	peer("UA 2");
	bench_step();
	told_closed(&script.a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	wind_up();
}
END_TEST

/* X-RFCOMM/RFC/BV-30, where the peer goes on with ours. */
static void keep_ours(rt_handle theirs)
{
	script.initiator = true;
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	ck_assert_ptr_null(fake_find(&bench.l2cap, theirs));
	we("SABM 0");
	peer("UA 0");
	we("MCC 83 11 02 F0 07 00 F3 03 00 04");
	peer("MCC 81 11 02 E0 07 00 F3 03 00 07");
	we("SABM 2");
}

/* Where we go on with theirs: its D bit is the other one. */
static void take_theirs(rt_handle theirs)
{
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CONNECTING), 0);
	script.initiator = false;
	bench.chan = theirs;
	fake_open(&bench.l2cap, theirs, MTU);
	peer("SABM 0");
	we("UA 0");
	we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	peer("MCC 81 11 03 E0 07 00 F3 03 00 07");
	we("SABM 3");
}

/* X-RFCOMM/RFC/BV-30 */
START_TEST(of_two_channels_to_psm_3_one_becomes_the_session)
{
	rt_handle theirs;

	connect_port(&script.a, 1, 4 * N1);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 -EAGAIN);
	if (WE_INITIATE)
		keep_ours(theirs);
	else
		take_theirs(theirs);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 1);
	told(&script.a, "");
}
END_TEST

/*
 * X-RFCOMM/RFC/BV-31: the peer sends SABM although it did not open the
 * channel. Both answer DM and wait; whoever is first with the next one is the
 * initiator.
 */
START_TEST(two_sabms_on_dlci_0_are_answered_with_dm_and_one_tries_again)
{
	script.initiator = true;
	connect_port(&script.a, 1, 4 * N1);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	we("SABM 0");
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
	tx_nothing();
	if (WE_INITIATE) {
		bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US +
			      RT_RFCOMM_BACKOFF_SPAN_US);
		we("SABM 0");
		peer("UA 0");
		we("MCC 83 11 02 F0 07 00 F3 03 00 04");
	} else {
		script.initiator = false;
		peer("SABM 0");
		we("UA 0");
		we("MCC 83 11 03 F0 07 00 F3 03 00 04");
		bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US +
			      RT_RFCOMM_BACKOFF_SPAN_US);
	}
	tx_nothing();
	told(&script.a, "");
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFCOMM/DEVA/RFC/BV-01-C", "I",
	       we_open_psm_3_and_send_sabm_on_dlci_0),
	TAGGED("RFCOMM/DEVB/RFC/BV-02-C", "A",
	       sabm_on_dlci_0_is_answered_with_ua),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-03-C", "IA",
	       disc_on_dlci_0_is_answered_and_the_initiator_closes_l2cap),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-04-C", "IA",
	       shutting_down_is_disc_on_the_dlc_then_on_dlci_0_then_l2cap),
	TAGGED("X-RFCOMM/RFC/BV-30", "IA",
	       of_two_channels_to_psm_3_one_becomes_the_session),
	TAGGED("X-RFCOMM/RFC/BV-31", "IA",
	       two_sabms_on_dlci_0_are_answered_with_dm_and_one_tries_again),
};

const struct tagged_table session_table = TABLE(rows);
