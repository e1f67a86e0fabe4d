/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/stages.h"

/*
 * Parameter negotiation: frame sizes, and whether there are credits.
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

/* X-RFCOMM/RFC/BV-32 */
START_TEST(pn_on_an_open_dlc_may_make_our_frames_smaller)
{
	static const uint8_t octets[60];

	dlc_out(&a, 1, 4 * N1, 5);
	rx("01 EF 15 83 11 02 F0 07 00 17 00 00 07");
	tx("03 EF 15 81 11 02 00 07 00 17 00 00 00");
	ck_assert(info_of(&a).credit_flow);
	ck_assert_uint_eq(info_of(&a).frame_bytes, 23);
	a.quiet = true;
	write_out(&a, octets, 60);
	for (int i = 0; i < 2; i++) {
		uint8_t frame[64];

		ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 3 + 23);
	}
	/* What the peer sends may still be under way. */
	rx_data(0x09, 0, N1);
	ck_assert_uint_eq(a.received, N1);
}
END_TEST

/* X-RFCOMM/RFC/BV-33 */
START_TEST(sabm_without_pn_gets_the_defaults)
{
	listen_on(&listener, &b, 1, 4 * N1);
	session_in();
	rx("0B 3F 01");
	told(&listener, "incoming");
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 8D");
	rx("03 EF 09 E1 05 0B 8D");
	rx("03 EF 09 E3 05 0B 8D");
	told(&b, "opened");
	tx("01 EF 09 E1 05 0B 8D");
	ck_assert_uint_eq(info_of(&b).frame_bytes, 127);
	ck_assert(!info_of(&b).credit_flow);
}
END_TEST

START_TEST(pn_may_be_repeated_before_sabm)
{
	listen_on(&listener, &b, 1, 4 * N1);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	tx("01 EF 15 81 11 02 E0 07 00 F3 03 00 04");
	rx("03 EF 15 83 11 02 F0 07 00 40 00 00 01");
	tx("01 EF 15 81 11 02 E0 07 00 40 00 00 07");
	rx("03 EF 15 83 11 02 00 07 00 40 00 00 01");
	tx("01 EF 15 81 11 02 00 07 00 40 00 00 00");
	rx("0B 3F 01");
	told(&listener, "incoming");
	ck_assert_uint_eq(info_of(&b).frame_bytes, 64);
	ck_assert(!info_of(&b).credit_flow);
	ck_assert_uint_eq(tx_discard(), 2);
	/* And refused when it makes no sense. */
	rx("03 EF 15 83 11 02 F0 07 00 00 00 00 01");
	tx_nothing();
}
END_TEST

/* The server was made anew between PN and SABM: DM and SABM have crossed. */
START_TEST(pn_behind_a_sabm_that_crossed_dm_agrees_on_credits)
{
	listen_on(&listener, &b, 1, 4 * N1);
	session_in();
	rx("0B 3F 01");
	told(&listener, "incoming");
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 8D");
	rx("03 EF 09 E1 05 0B 8D");
	/* To the peer that DLC has never been. */
	rx("03 EF 15 83 11 02 F0 07 00 40 00 00 03");
	tx("01 EF 15 81 11 02 E0 07 00 40 00 00 07");
	rx("0B 3F 01");
	tx("0B 73 01");
	tx("01 EF 09 E3 05 0B 8D");
	rx("03 EF 09 E1 05 0B 8D");
	rx("03 EF 09 E3 05 0B 8D");
	told(&b, "opened");
	tx("01 EF 09 E1 05 0B 8D");
	ck_assert_uint_eq(info_of(&b).frame_bytes, 64);
	ck_assert(info_of(&b).credit_flow);
	ck_assert_uint_eq(info_of(&b).tx_credits, 3);
}
END_TEST

START_TEST(frame_sizes_are_negotiated_downwards)
{
	static const struct {
		const char *command;
		const char *response;
	} cases[] = {
		{ "03 EF 15 83 11 02 F0 07 00 F4 01 00 07",
		  "01 EF 15 81 11 02 E0 07 00 F4 01 00 00" },
		{ "03 EF 15 83 11 02 F0 07 00 40 00 00 07",
		  "01 EF 15 81 11 02 E0 07 00 40 00 00 00" },
		{ "03 EF 15 83 11 02 F0 07 00 17 00 00 07",
		  "01 EF 15 81 11 02 E0 07 00 17 00 00 00" },
		{ "03 EF 15 83 11 02 F0 07 00 FF 7F 00 07",
		  "01 EF 15 81 11 02 E0 07 00 F3 03 00 00" },
		{ "03 EF 15 83 11 02 F0 07 00 FF FF 00 07",
		  "01 EF 15 81 11 02 E0 07 00 F3 03 00 00" },
		{ "03 EF 15 83 11 02 F0 07 00 16 00 00 07", "0B 1F 01" },
		{ "03 EF 15 83 11 02 F0 07 00 01 00 00 07", "0B 1F 01" },
		{ "03 EF 15 83 11 02 F0 07 00 00 00 00 07", "0B 1F 01" },
	};

	listen_on(&listener, &b, 1, 0);
	session_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		rx(cases[i].command);
		tx(cases[i].response);
		tx_nothing();
	}
}
END_TEST

START_TEST(a_listener_may_want_smaller_frames)
{
	const struct rt_rfcomm_params params = {
		.ops = &listener_ops,
		.user = &listener,
		.frame_bytes = 100,
		.room_bytes = 250,
	};
	uint8_t channel;

	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 0, &params, &channel),
			 0);
	ck_assert_uint_eq(channel, 1);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	tx("01 EF 15 81 11 02 E0 07 00 64 00 00 02");
}
END_TEST

START_TEST(a_small_l2cap_mtu_makes_small_frames)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, 48);
	tx("03 3F 01");
	rx("03 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 2A 00 00 00");
	/* An answer that is not lower is held to what we asked for. */
	rx("01 EF 15 81 11 02 E0 07 00 FF 00 00 03");
	tx("0B 3F 01");
	ck_assert_uint_eq(info_of(&a).frame_bytes, 42);
}
END_TEST

START_TEST(frames_fill_a_packet_on_the_air_where_nobody_asks_for_more)
{
	static const struct {
		uint16_t imtu, omtu, n1;
	} cases[] = {
		{ 5000, 5000, 1011 }, { 1017, 5000, 1011 },
		{ 5000, 1017, 1011 }, { 5000, 1016, 1010 },
		{ 5000, 1013, 1007 }, { 5000, 48, 42 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		struct rt_rfcomm_params params = {
			.ops = &user_ops,
			.user = &b,
			.frame_bytes = (uint16_t)(cases[i].imtu - 6),
		};
		uint8_t frame[64];

		bench_teardown();
		setup();
		ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1),
						   2, &params, &b.dlc),
				 0);
		bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
		fake_open(&bench.l2cap, bench.chan, cases[i].omtu);
		tx("03 3F 01");
		rx("03 73 01");
		tx_discard();
		ck_assert_int_eq(connect_to(&a, 1, 0), 0);
		ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 13);
		ck_assert_int_eq(frame[9] | frame[10] << 8, cases[i].n1);
	}
}
END_TEST

START_TEST(an_answer_to_pn_that_makes_no_sense_ends_the_dlc)
{
	to_pn_sent(&a);
	rx("01 EF 15 81 11 02 E0 07 00 16 00 00 05");
	bench_step();
	told_closed(&a, RT_RFCOMM_BAD_PEER, RT_PHASE_NEGOTIATE);
	tx("0B 53 01");
	tx("03 53 01");
}
END_TEST

/* X-RFCOMM/RFC/BV-36, and a peer that does not know PN at all. */
START_TEST(nsc_for_pn_means_the_defaults)
{
	to_pn_sent(&a);
	rx("01 EF 07 11 03 83");
	tx("0B 3F 01");
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	rx("01 EF 07 11 03 E3");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	tx("03 EF 09 E1 05 0B 8D");
	ck_assert(!info_of(&a).credit_flow);
	ck_assert_uint_eq(info_of(&a).frame_bytes, 127);
	rx("01 EF 07 11 03 83");
	rx("01 EF 07 11 03 E3");
	rx("01 EF 07 11 03 23");
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_unexpected,
			  3);
	/* What the first DLC has got holds for the session. */
	ck_assert_int_eq(connect_to(&b, 2, 4 * N1), 0);
	tx("03 EF 15 83 11 04 00 07 00 F3 03 00 00");
	rx("01 EF 15 81 11 04 E0 07 00 F3 03 00 05");
	tx("13 3F 01");
	ck_assert(!info_of(&b).credit_flow);
}
END_TEST

START_TEST(nsc_for_pn_goes_to_the_dlc_that_has_waited_longest)
{
	to_pn_sent(&a);
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 07 11 03 83");
	tx("0B 3F 01");
	rx("01 EF 07 11 03 83");
	tx("13 3F 01");
}
END_TEST

START_TEST(an_answer_without_credits_means_none)
{
	static const char *const answers[] = {
		"01 EF 15 81 11 02 00 07 00 F3 03 00 05",
		"01 EF 15 81 11 02 F0 07 00 F3 03 00 05",
		"01 EF 15 81 11 02 D0 07 00 F3 03 00 05",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(answers); i++) {
		bench_teardown();
		setup();
		to_pn_sent(&a);
		rx(answers[i]);
		tx("0B 3F 01");
		ck_assert(!info_of(&a).credit_flow);
		ck_assert_uint_eq(info_of(&a).tx_credits, 0);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		pn_on_an_open_dlc_may_make_our_frames_smaller,
		sabm_without_pn_gets_the_defaults,
		pn_may_be_repeated_before_sabm,
		pn_behind_a_sabm_that_crossed_dm_agrees_on_credits,
		frame_sizes_are_negotiated_downwards,
		a_listener_may_want_smaller_frames,
		a_small_l2cap_mtu_makes_small_frames,
		frames_fill_a_packet_on_the_air_where_nobody_asks_for_more,
		an_answer_to_pn_that_makes_no_sense_ends_the_dlc,
		nsc_for_pn_means_the_defaults,
		nsc_for_pn_goes_to_the_dlc_that_has_waited_longest,
		an_answer_without_credits_means_none,
	};

	return suite_run("pn", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
