/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Peers as they are, while sessions and DLCs are set up and closed. The names
 * of stacks in the comments say where it was seen.
 */

static rt_handle theirs;

/* Our channel is asked for, and the peer's comes. */
static void cross(void)
{
	connect_port(&script.a, 1, 4 * N1);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 -EAGAIN);
}

/* The session on their channel, and our DLC with the other D bit. */
static void open_theirs(void)
{
	script.initiator = false;
	bench.chan = theirs;
	fake_open(&bench.l2cap, theirs, MTU);
	peer("SABM 0");
	we("UA 0");
	we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	peer("MCC 81 11 03 E0 07 00 F3 03 00 07");
	we("SABM 3");
	tx_nothing();
}

/*
 * X-QUIRK/RFCOMM/both-open-psm-3: Android holds our channel back for 2 to
 * 11 s. If it gives its own up meanwhile ours opens, else we have given way
 * long before.
 */
START_TEST(both_open_psm_3_and_neither_is_answered)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	cross();
	if (WE_INITIATE) {
		bench_wait_us(RT_RFCOMM_CROSS_MIN_US - 1);
		fake_closed(&bench.l2cap, theirs, &why);
		bench_wait_us(RT_SECONDS(2));
		script.initiator = true;
		bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
		fake_open(&bench.l2cap, bench.chan, MTU);
		we("SABM 0");
		peer("UA 0");
		we("MCC 83 11 02 F0 07 00 F3 03 00 04");
	} else {
		bench_wait_us(RT_MS(1999));
		open_theirs();
	}
	told(&script.a, "");
}
END_TEST

/* X-QUIRK/RFCOMM/connect-refused-while-theirs-waits: Android again. */
START_TEST(a_refusal_of_ours_means_theirs)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_NO_RESOURCES, -ECONNREFUSED);

	cross();
	fake_closed(&bench.l2cap, fake_in_state(&bench.l2cap, FAKE_CONNECTING),
		    &why);
	bench_step();
	told(&script.a, "");
	open_theirs();
}
END_TEST

/* X-QUIRK/RFCOMM/second-channel-refused: BTstack refuses a second one. */
START_TEST(a_refusal_with_nothing_that_waits_is_tried_no_further)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_NO_RESOURCES, -ECONNREFUSED);

	connect_port(&script.a, 1, 4 * N1);
	fake_closed(&bench.l2cap, fake_in_state(&bench.l2cap, FAKE_CONNECTING),
		    &why);
	bench_step();
	told(&script.a, "closed");
	ck_assert_int_eq(script.a.why.err, -ECONNREFUSED);
	/* The session is the peer's then, and ours comes on it. */
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &theirs),
			 0);
	connect_port(&script.a, 1, 4 * N1);
	open_theirs();
}
END_TEST

static void both_send_sabm(void)
{
	script.initiator = true;
	connect_port(&script.a, 1, 4 * N1);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	we("SABM 0");
	rx("03 3F 01");
	tx("03 1F 01");
}

/* X-QUIRK/RFCOMM/both-send-sabm-0: Fuchsia tries again after 20 ms. */
START_TEST(whoever_comes_back_first_is_the_initiator)
{
	both_send_sabm();
	rx("03 1F 01");
	tx_nothing();
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US - 1);
	theirs = bench.chan;
	script.initiator = false;
	peer("SABM 0");
	we("UA 0");
	we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	bench_wait_us(RT_RFCOMM_BACKOFF_MIN_US + RT_RFCOMM_BACKOFF_SPAN_US);
	tx_nothing();
}
END_TEST

/* X-QUIRK/RFCOMM/sabm-0-answered-ua: Linux has no rule for collisions. */
START_TEST(ua_in_a_collision_makes_us_the_initiator)
{
	both_send_sabm();
	peer("UA 0");
	we("MCC 83 11 02 F0 07 00 F3 03 00 04");
	tx_nothing();
}
END_TEST

/* Frames and messages with a number in them. */
static void peerf(const char *fmt, unsigned int n)
{
	char what[80];

	snprintf(what, sizeof(what), fmt, n);
	peer(what);
}

static void wef(const char *fmt, unsigned int n)
{
	char what[80];

	snprintf(what, sizeof(what), fmt, n);
	we(what);
}

/* X-QUIRK/RFCOMM/sabm-crosses-sabm: each has sent SABM for the same DLCI. */
START_TEST(sabm_for_a_dlci_that_we_sent_sabm_for_is_answered)
{
	const unsigned int dlci = WE_INITIATE ? 2 : 3;

	open_session(WE_INITIATE);
	if (!WE_INITIATE) {
		connect_port(&script.a, 1, 4 * N1);
		we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	}
	peerf("MCC 81 11 %02X E0 07 00 F3 03 00 07", dlci);
	wef("SABM %u", dlci);
	peerf("SABM %u", dlci);
	wef("UA %u", dlci);
	tx_nothing();
	/* Ours is still waited for. */
	told(&script.a, "");
	peerf("UA %u", dlci);
	wef("MCC E3 05 %02X 8D", dlci << 2 | 3);
	tx_nothing();
}
END_TEST

/* X-QUIRK/RFCOMM/sabm-without-pn: Zephyr tests for devices without PN. */
START_TEST(sabm_without_pn_gets_127_octets_and_no_credits)
{
	const unsigned int dlci = WE_INITIATE ? 3 : 2;

	listen_on(&script.listener, &script.b, 1, 4 * N1);
	open_session(WE_INITIATE);
	peerf("SABM %u", dlci);
	told(&script.listener, "incoming");
	wef("UA %u", dlci);
	ck_assert_uint_eq(info_of(&script.b).frame_bytes, 127);
	ck_assert(!info_of(&script.b).credit_flow);
}
END_TEST

/* X-QUIRK/RFCOMM/pn-after-open: convergence layer 0, as Android has it. */
START_TEST(pn_after_open_is_answered_with_cl_0)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("MCC 83 11 02 F0 07 00 64 00 00 07");
	we("MCC 81 11 02 00 07 00 64 00 00 00");
	peer("MCC 83 11 02 00 07 00 64 00 00 00");
	we("MCC 81 11 02 00 07 00 64 00 00 00");
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 7);
	works();
}
END_TEST

/*
 * X-QUIRK/RFCOMM/channel-not-registered: DM, and a headset that does nothing
 * after it is not kept for ever.
 */
START_TEST(a_channel_that_is_not_registered_is_refused_with_dm)
{
	const unsigned int dlci = WE_INITIATE ? 9 : 8;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	peerf("MCC 83 11 %02X F0 07 00 F3 03 00 07", dlci);
	wef("DM %u", dlci);
	peerf("SABM %u", dlci);
	wef("DM %u", dlci);
	works();
	peer("DISC 2");
	we("UA 2");
	bench_step();
	told(&script.a, "closed");
	peerf("SABM %u", dlci);
	wef("DM %u", dlci);
	bench_wait_us(RT_RFCOMM_IDLE_RESPONDER_US);
	wind_up();
}
END_TEST

/* X-QUIRK/RFCOMM/sabm-on-open-dlc */
START_TEST(sabm_on_an_open_dlc_is_answered_again)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("SABM 2");
	we("UA 2");
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/unknown-dlci: what Linux answers with DM, Android in part. */
START_TEST(frames_for_an_unknown_dlci_do_no_harm)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("UA 8");
	tx_nothing();
	peer("DM 8");
	tx_nothing();
	peer("UIH 8 41");
	we("DM 8");
	peer("DISC 8");
	we("DM 8");
	/* The same from the peer, for our late DISC. */
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	peer("DM 2");
	bench_step();
	told_closed(&script.a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	wind_up();
}
END_TEST

/* Our DLC, up to its PN. */
static unsigned int propose(bool we_initiate)
{
	open_session(we_initiate);
	if (we_initiate)
		return 2;
	connect_port(&script.a, 1, 4 * N1);
	we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	return 3;
}

/* X-QUIRK/RFCOMM/pn-answer-larger: held to what we asked for. */
START_TEST(an_answer_to_pn_that_is_larger_is_held_to_ours)
{
	const unsigned int dlci = propose(WE_INITIATE);

	peerf("MCC 81 11 %02X E0 07 00 FF 7F 00 07", dlci);
	wef("SABM %u", dlci);
	ck_assert_uint_eq(info_of(&script.a).frame_bytes, N1);
}
END_TEST

/* X-QUIRK/RFCOMM/pn-without-credits: then nobody on the session has any. */
START_TEST(a_peer_without_credits_has_none_on_any_dlc)
{
	const unsigned int dlci = propose(WE_INITIATE);

	peerf("MCC 81 11 %02X 00 07 00 F3 03 00 00", dlci);
	wef("SABM %u", dlci);
	ck_assert(!info_of(&script.a).credit_flow);
	connect_port(&script.b, 2, 4 * N1);
	wef("MCC 83 11 %02X 00 07 00 F3 03 00 00", dlci + 2);
	ck_assert(!info_of(&script.b).credit_flow);
}
END_TEST

/* X-QUIRK/RFCOMM/pn-answer-not-offered */
START_TEST(an_answer_that_is_not_0xe_is_no_agreement)
{
	const unsigned int dlci = propose(WE_INITIATE);

	peerf("MCC 81 11 %02X F0 07 00 F3 03 00 07", dlci);
	wef("SABM %u", dlci);
	ck_assert(!info_of(&script.a).credit_flow);
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 0);
}
END_TEST

/* X-QUIRK/RFCOMM/pn-priority: some insist on theirs. */
START_TEST(pn_is_answered_with_the_priority_that_came)
{
	const unsigned int dlci = WE_INITIATE ? 3 : 2;
	char what[80];

	listen_on(&script.listener, &script.b, 1, 4 * N1);
	open_session(WE_INITIATE);
	for (unsigned int priority = 0; priority < 64; priority++) {
		snprintf(what, sizeof(what),
			 "MCC 83 11 %02X F0 %02X 00 F3 03 00 07", dlci,
			 priority);
		peer(what);
		snprintf(what, sizeof(what),
			 "MCC 81 11 %02X E0 %02X 00 F3 03 00 04", dlci,
			 priority);
		we(what);
	}
}
END_TEST

/* X-QUIRK/RFCOMM/dlc-from-responder: Redmi Buds open DLCs towards us. */
START_TEST(the_responder_may_open_dlcs_to_our_servers)
{
	listen_on(&script.listener, &script.b, 1, 4 * N1);
	open_dlc(true, 4 * N1, 7);
	peer("MCC 83 11 03 F0 07 00 F3 03 00 07");
	we("MCC 81 11 03 E0 07 00 F3 03 00 04");
	peer("SABM 3");
	told(&script.listener, "incoming");
	we("UA 3");
	we("MCC E3 05 0F 8D");
	peer("MCC E1 05 0F 8D E3 05 0F 8D");
	we("MCC E1 05 0F 8D");
	told(&script.b, "opened");
	peer("UIH 3 41");
	told(&script.b, "rx:41");
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/pairing-within-t1: someone has to type a PIN. */
START_TEST(an_answer_to_sabm_may_take_a_minute)
{
	const unsigned int dlci = propose(WE_INITIATE);

	peerf("MCC 81 11 %02X E0 07 00 F3 03 00 07", dlci);
	wef("SABM %u", dlci);
	bench_wait_us(RT_SECONDS(59));
	told(&script.a, "");
	tx_nothing();
	peerf("UA %u", dlci);
	wef("MCC E3 05 %02X 8D", dlci << 2 | 3);
	/* And so may the first SABM after the peer's channel. */
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(2), &theirs),
			 0);
	fake_open(&bench.l2cap, theirs, MTU);
	bench_wait_us(RT_SECONDS(15));
	ck_assert_int_eq(fake_find(&bench.l2cap, theirs)->state, FAKE_OPEN);
}
END_TEST

/* X-QUIRK/RFCOMM/session-kept: the next DLC comes on the same session. */
START_TEST(a_session_that_is_kept_serves_the_next_dlc)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("DISC 2");
	we("UA 2");
	bench_step();
	told(&script.a, "closed");
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US - 1);
	tx_nothing();
	connect_port(&script.a, 1, 4 * N1);
	wef("MCC 83 11 %02X F0 07 00 F3 03 00 04", WE_INITIATE ? 2 : 3);
	bench_wait_us(RT_SECONDS(19));
	ck_assert_uint_eq(bench.l2cap.connects, WE_INITIATE);
	told(&script.a, "");
}
END_TEST

/* X-QUIRK/RFCOMM/disc-0-crosses: Zephyr left L2CAP open there. */
START_TEST(disc_0_from_both_sides_ends_in_no_channel)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	peer("UA 2");
	bench_step();
	told(&script.a, "closed");
	we("DISC 0");
	peer("DISC 0");
	we("UA 0");
	tx_nothing();
	/* Nobody answers ours, nobody closes: we do in the end. */
	if (!WE_INITIATE)
		bench_wait_us(RT_RFCOMM_LINGER_US);
	l2cap_closes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

/*
 * X-QUIRK/RFCOMM/session-closed-before-dlc: the peer suspects the link key and
 * closes. The DLC is tried once more, and then told.
 */
START_TEST(a_session_closed_before_its_first_dlc_is_told)
{
	const unsigned int dlci = propose(WE_INITIATE);

	peerf("MCC 81 11 %02X E0 07 00 F3 03 00 07", dlci);
	wef("SABM %u", dlci);
	peer("DISC 0");
	we("UA 0");
	bench_step();
	told(&script.a, "closed");
	ck_assert_int_ne(script.a.why.err, 0);
	channel_goes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("X-QUIRK/RFCOMM/both-open-psm-3", "IA",
	       both_open_psm_3_and_neither_is_answered),
	TAGGED("X-QUIRK/RFCOMM/connect-refused-while-theirs-waits", "A",
	       a_refusal_of_ours_means_theirs),
	TAGGED("X-QUIRK/RFCOMM/second-channel-refused", "I",
	       a_refusal_with_nothing_that_waits_is_tried_no_further),
	TAGGED("X-QUIRK/RFCOMM/both-send-sabm-0", "I",
	       whoever_comes_back_first_is_the_initiator),
	TAGGED("X-QUIRK/RFCOMM/sabm-0-answered-ua", "I",
	       ua_in_a_collision_makes_us_the_initiator),
	TAGGED("X-QUIRK/RFCOMM/sabm-crosses-sabm", "IA",
	       sabm_for_a_dlci_that_we_sent_sabm_for_is_answered),
	TAGGED("X-QUIRK/RFCOMM/sabm-without-pn", "IA",
	       sabm_without_pn_gets_127_octets_and_no_credits),
	TAGGED("X-QUIRK/RFCOMM/pn-after-open", "IA",
	       pn_after_open_is_answered_with_cl_0),
	TAGGED("X-QUIRK/RFCOMM/channel-not-registered", "IA",
	       a_channel_that_is_not_registered_is_refused_with_dm),
	TAGGED("X-QUIRK/RFCOMM/sabm-on-open-dlc", "IA",
	       sabm_on_an_open_dlc_is_answered_again),
	TAGGED("X-QUIRK/RFCOMM/unknown-dlci", "IA",
	       frames_for_an_unknown_dlci_do_no_harm),
	TAGGED("X-QUIRK/RFCOMM/pn-answer-larger", "IA",
	       an_answer_to_pn_that_is_larger_is_held_to_ours),
	TAGGED("X-QUIRK/RFCOMM/pn-without-credits", "IA",
	       a_peer_without_credits_has_none_on_any_dlc),
	TAGGED("X-QUIRK/RFCOMM/pn-answer-not-offered", "IA",
	       an_answer_that_is_not_0xe_is_no_agreement),
	TAGGED("X-QUIRK/RFCOMM/pn-priority", "IA",
	       pn_is_answered_with_the_priority_that_came),
	TAGGED("X-QUIRK/RFCOMM/dlc-from-responder", "I",
	       the_responder_may_open_dlcs_to_our_servers),
	TAGGED("X-QUIRK/RFCOMM/pairing-within-t1", "IA",
	       an_answer_to_sabm_may_take_a_minute),
	TAGGED("X-QUIRK/RFCOMM/session-kept", "IA",
	       a_session_that_is_kept_serves_the_next_dlc),
	TAGGED("X-QUIRK/RFCOMM/disc-0-crosses", "IA",
	       disc_0_from_both_sides_ends_in_no_channel),
	TAGGED("X-QUIRK/RFCOMM/session-closed-before-dlc", "IA",
	       a_session_closed_before_its_first_dlc_is_told),
};

const struct tagged_table quirks_setup_table = TABLE(rows);
