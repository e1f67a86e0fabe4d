/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Peers as they are, on DLCs and in what they say of them. The names of stacks
 * in the comments say where it was seen.
 */

static const uint8_t octets[20 * N1];

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

/* X-QUIRK/RFCOMM/no-data-before-msc: Linux and Android would drop it. */
START_TEST(no_data_is_sent_before_msc_went_both_ways)
{
	script.a.quiet = true;
	listen_on(&script.listener, &script.a, 1, 4 * N1);
	open_session(WE_INITIATE);
	if (WE_INITIATE) {
		peer("MCC 81 11 02 E0 07 00 F3 03 00 07");
		we("SABM 2");
		peer("UA 2");
	} else {
		peer("MCC 83 11 02 F0 07 00 F3 03 00 07");
		we("MCC 81 11 02 E0 07 00 F3 03 00 04");
		peer("SABM 2");
		told(&script.listener, "incoming");
		we("UA 2");
	}
	we("MCC E3 05 0B 8D");
	write_out(&script.a, octets, 10);
	tx_nothing();
	peer("MCC E3 05 0B 8D");
	we("MCC E1 05 0B 8D");
	tx_nothing();
	peer("MCC E1 05 0B 8D");
	told(&script.a, "opened");
	we_data(2, 0, 10);
}
END_TEST

/* X-QUIRK/RFCOMM/fc-1-until-msc: the FC bit of a peer with credits. */
START_TEST(our_msc_says_that_we_are_ready)
{
	open_port(WE_INITIATE);
	/* 8D: FC is 0. The peer's may say 1, credits are what counts. */
	peer("MCC E3 05 0B 8F");
	we("MCC E1 05 0B 8F");
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/rpn-first: Windows and BTstack probe with it. */
START_TEST(rpn_without_a_dlc_is_answered)
{
	open_session(WE_INITIATE);
	peer("MCC 93 03 53");
	we("MCC 91 11 53 03 03 00 11 13 7F 3F");
	peer("MCC 93 11 53 07 03 00 11 13 7F 3F");
	we("MCC 91 11 53 07 03 00 11 13 7F 3F");
	tx_nothing();
}
END_TEST

/* X-QUIRK/RFCOMM/rpn-after-connect */
START_TEST(rpn_right_after_connect_is_answered_with_the_defaults)
{
	open_port(WE_INITIATE);
	peer("MCC 93 03 0B");
	we("MCC 91 11 0B 03 03 00 11 13 7F 3F");
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/rpn-flow-control: Android tries RTR, then RTC, then none. */
START_TEST(any_flow_control_of_the_line_is_accepted)
{
	char what[80];

	open_port(WE_INITIATE);
	for (unsigned int flow = 0; flow < 64; flow++) {
		snprintf(what, sizeof(what),
			 "MCC 93 11 0B 03 03 %02X 11 13 7F 3F", flow);
		peer(what);
		memcpy(strstr(what, "93"), "91", 2);
		we(what);
	}
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/any-xon-xoff: testers take 0x28 and 0xC8. */
START_TEST(any_character_may_be_xon_or_xoff)
{
	char what[80];

	open_port(WE_INITIATE);
	for (unsigned int c = 0; c < 256; c++) {
		snprintf(what, sizeof(what),
			 "MCC 93 11 0B 03 03 00 %02X %02X 60 00", c, 255 - c);
		peer(what);
		memcpy(strstr(what, "93"), "91", 2);
		we(what);
	}
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/uih-with-wrong-c-r: responders that always send the same. */
START_TEST(uih_is_taken_with_any_c_r)
{
	uint8_t frame[16];
	size_t len;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	len = script_frame(false, "UIH 2 41", frame, sizeof(frame));
	frame[0] ^= 2;
	peer_frame(frame, len);
	told(&script.a, "rx:41");
	len = script_frame(false, "MCC E3 05 0B 0D", frame, sizeof(frame));
	frame[0] ^= 2;
	peer_frame(frame, len);
	we("MCC E1 05 0B 0D");
	ck_assert_uint_eq(stats()->frames_unexpected, 0);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/p-f-without-credits: older kernels read past the end. */
START_TEST(p_f_without_the_octet_of_credits_is_dropped)
{
	uint8_t frame[16];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	script_frame(false, "UIH+1 2", frame, sizeof(frame));
	peer_frame(frame, 3);
	ck_assert_uint_eq(stats()->frames_malformed, 1);
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 7);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/p-f-without-credit-flow: the octet is data then. */
START_TEST(p_f_without_credit_flow_brings_data_only)
{
	uint8_t frame[16];
	size_t len;

	open_dlc_without_credits(WE_INITIATE, 4000, 0x8d);
	len = script_frame(false, "UIH 2 05", frame, sizeof(frame));
	frame[1] |= 0x10;
	peer_frame(frame, len);
	told(&script.a, "rx:05");
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 0);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/p-f-0 */
START_TEST(sabm_ua_and_disc_without_p_f_are_dropped_but_not_dm)
{
	uint8_t frame[16];
	size_t len;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	len = script_frame(false, "DISC 2", frame, sizeof(frame));
	frame[1] &= 0xef;
	peer_frame(frame, len);
	tx_nothing();
	works();
	len = script_frame(false, "DM 2", frame, sizeof(frame));
	frame[1] &= 0xef;
	peer_frame(frame, len);
	bench_step();
	told_closed(&script.a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	tx_nothing();
}
END_TEST

/* X-QUIRK/RFCOMM/bad-fcs: BTstack never looks at it, we do. */
START_TEST(a_bad_fcs_is_dropped_and_counted)
{
	uint8_t frame[16];
	size_t len;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	len = script_frame(false, "UIH 2 41", frame, sizeof(frame));
	frame[len] = (uint8_t)(bench_fcs(frame, len) + 1);
	peer_octets(frame, len + 1);
	tx_nothing();
	ck_assert_uint_eq(stats()->frames_bad_fcs, 1);
	told(&script.a, "");
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/k-0: BTstack and Zephyr give credits after MSC. */
START_TEST(k_0_means_no_data_until_credits_come)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 0);
	write_out(&script.a, octets, 10);
	tx_nothing();
	peer("UIH+10 2");
	we_data(2, 0, 10);
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 9);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/credits-alone: they cost none themselves. */
START_TEST(credits_alone_cost_no_credit)
{
	open_dlc(WE_INITIATE, 4 * N1, 0);
	for (int i = 0; i < 100; i++)
		peer("UIH+1 2");
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 100);
	ck_assert_uint_eq(info_of(&script.a).rx_credits, 4);
	tx_nothing();
	works();
}
END_TEST

/*
 * X-QUIRK/RFCOMM/credits-withheld: the virtual COM port of Windows 10. We wait
 * for as long as the user wants to, and say for how long it has been.
 */
START_TEST(a_peer_that_gives_no_more_credits_is_seen)
{
	struct rt_rfcomm_info info;

	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 1);
	write_out(&script.a, octets, 2 * N1);
	we_data(2, 0, N1);
	bench_wait_us(RT_SECONDS(1000));
	tx_nothing();
	info = info_of(&script.a);
	ck_assert_uint_eq(info.stalled_credits_us, RT_SECONDS(1000));
	ck_assert_uint_eq(info.stalled_peer_us, 0);
	ck_assert_uint_eq(info.stalls, 1);
	/* The rest works, and the DLC can be closed. */
	peer("MCC 23 03 41");
	we("MCC 21 03 41");
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	peer("UA 2");
	bench_step();
	told(&script.a, "closed");
	wind_up();
}
END_TEST

/* X-QUIRK/RFCOMM/credits-beyond-255 */
START_TEST(credits_add_up_beyond_an_octet)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (int i = 0; i < 300; i++)
		peer("UIH+255 2");
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 7 + 300 * 255);
	works();
}
END_TEST

static int test_err;
static size_t test_len;

static void on_test(void *user, int err, struct rt_bytes data)
{
	ck_assert_ptr_eq(user, &script);
	test_err = err;
	test_len = data.len;
}

/* X-QUIRK/RFCOMM/test-cut-short: BTstack echoes four octets. */
START_TEST(a_test_that_comes_back_short_is_told_as_it_is)
{
	static const uint8_t eight[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct rt_rfcomm_test_params params = {
		.done = on_test,
		.user = &script,
		.data = { eight, sizeof(eight) },
	};

	open_dlc(WE_INITIATE, 4 * N1, 7);
	test_err = 1;
	ck_assert_int_eq(rt_rfcomm_test(bench.rfcomm, bench_addr(1), &params),
			 0);
	we("MCC 23 11 01 02 03 04 05 06 07 08");
	peer("MCC 21 09 01 02 03 04");
	bench_step();
	ck_assert_int_eq(test_err, 0);
	ck_assert_uint_eq(test_len, 4);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/nsc-as-command: Android knows it only so. */
START_TEST(nsc_is_taken_as_a_command_too)
{
	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, script.a.dlc), 0);
	we("MCC 93 03 0B");
	peer("MCC 13 03 93");
	ck_assert_uint_eq(script.answers, 1);
	ck_assert_int_eq(script.answer_err, -EOPNOTSUPP);
	works();
}
END_TEST

/*
 * X-QUIRK/RFCOMM/nsc-with-wrong-type: Linux once named type octets with one bit
 * too many. What we asked for ends by T2, and the DLC lives.
 */
START_TEST(nsc_for_what_was_never_sent_changes_nothing)
{
	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, script.a.dlc), 0);
	we("MCC 93 03 0B");
	peer("MCC 11 03 97");
	ck_assert_uint_eq(script.answers, 0);
	works();
	bench_wait_us(RT_RFCOMM_T2_US);
	ck_assert_uint_eq(script.answers, 1);
	ck_assert_int_eq(script.answer_err, -ETIMEDOUT);
	tx_nothing();
	works();
	/* Ours names the octet that came. */
	peer("MCC 07 01");
	we("MCC 11 03 07");
}
END_TEST

/* X-QUIRK/RFCOMM/more-than-127-octets: an iPhone waited for such a one. */
START_TEST(more_than_127_octets_have_a_length_of_two_octets)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t len = 126; len <= 129; len++) {
		write_out(&script.a, octets, len);
		we_data(2, 0, len);
		peer("UIH+1 2");
	}
	/* Short ones may have the long form. */
	rx(WE_INITIATE ? "09 EF 04 00 41 42" : "0B EF 04 00 41 42");
	ck_assert_uint_eq(script.a.received, 2);
	works();
}
END_TEST

/* X-QUIRK/RFCOMM/credit-octet-within-mtu: the bench refuses longer ones. */
START_TEST(a_frame_with_credits_still_fits_the_mtu)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (int i = 0; i < 3; i++) {
		peer_data(2, 0, N1);
		rt_rfcomm_set_room(bench.rfcomm, script.a.dlc, 4 * N1);
		write_out(&script.a, octets, 2 * N1);
		ck_assert_uint_eq(tx_discard(), 3);
		peer("UIH+3 2");
	}
}
END_TEST

/*
 * X-QUIRK/RFCOMM/pn-and-msc-only: Bumble answers nothing else, not even with
 * NSC.
 */
START_TEST(a_peer_that_answers_pn_and_msc_only_is_lived_with)
{
	const struct rt_rfcomm_test_params params = {
		.done = on_test,
		.user = &script,
	};

	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, script.a.dlc), 0);
	ck_assert_int_eq(rt_rfcomm_send_line_status(
				 bench.rfcomm, script.a.dlc,
				 RT_RFCOMM_RLS_ERROR | RT_RFCOMM_RLS_FRAMING),
			 0);
	ck_assert_int_eq(rt_rfcomm_test(bench.rfcomm, bench_addr(1), &params),
			 0);
	ck_assert_uint_eq(tx_discard(), 3);
	bench_wait_us(RT_RFCOMM_T2_US);
	ck_assert_int_eq(script.answer_err, -ETIMEDOUT);
	ck_assert_int_eq(test_err, -ETIMEDOUT);
	works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("X-QUIRK/RFCOMM/no-data-before-msc", "IA",
	       no_data_is_sent_before_msc_went_both_ways),
	TAGGED("X-QUIRK/RFCOMM/fc-1-until-msc", "IA",
	       our_msc_says_that_we_are_ready),
	TAGGED("X-QUIRK/RFCOMM/rpn-first", "IA", rpn_without_a_dlc_is_answered),
	TAGGED("X-QUIRK/RFCOMM/rpn-after-connect", "IA",
	       rpn_right_after_connect_is_answered_with_the_defaults),
	TAGGED("X-QUIRK/RFCOMM/rpn-flow-control", "IA",
	       any_flow_control_of_the_line_is_accepted),
	TAGGED("X-QUIRK/RFCOMM/any-xon-xoff", "IA",
	       any_character_may_be_xon_or_xoff),
	TAGGED("X-QUIRK/RFCOMM/uih-with-wrong-c-r", "IA",
	       uih_is_taken_with_any_c_r),
	TAGGED("X-QUIRK/RFCOMM/p-f-without-credits", "IA",
	       p_f_without_the_octet_of_credits_is_dropped),
	TAGGED("X-QUIRK/RFCOMM/p-f-without-credit-flow", "IA",
	       p_f_without_credit_flow_brings_data_only),
	TAGGED("X-QUIRK/RFCOMM/p-f-0", "IA",
	       sabm_ua_and_disc_without_p_f_are_dropped_but_not_dm),
	TAGGED("X-QUIRK/RFCOMM/bad-fcs", "IA",
	       a_bad_fcs_is_dropped_and_counted),
	TAGGED("X-QUIRK/RFCOMM/k-0", "IA",
	       k_0_means_no_data_until_credits_come),
	TAGGED("X-QUIRK/RFCOMM/credits-alone", "IA",
	       credits_alone_cost_no_credit),
	TAGGED("X-QUIRK/RFCOMM/credits-withheld", "IA",
	       a_peer_that_gives_no_more_credits_is_seen),
	TAGGED("X-QUIRK/RFCOMM/credits-beyond-255", "IA",
	       credits_add_up_beyond_an_octet),
	TAGGED("X-QUIRK/RFCOMM/test-cut-short", "IA",
	       a_test_that_comes_back_short_is_told_as_it_is),
	TAGGED("X-QUIRK/RFCOMM/nsc-as-command", "IA",
	       nsc_is_taken_as_a_command_too),
	TAGGED("X-QUIRK/RFCOMM/nsc-with-wrong-type", "IA",
	       nsc_for_what_was_never_sent_changes_nothing),
	TAGGED("X-QUIRK/RFCOMM/more-than-127-octets", "IA",
	       more_than_127_octets_have_a_length_of_two_octets),
	TAGGED("X-QUIRK/RFCOMM/credit-octet-within-mtu", "IA",
	       a_frame_with_credits_still_fits_the_mtu),
	TAGGED("X-QUIRK/RFCOMM/pn-and-msc-only", "IA",
	       a_peer_that_answers_pn_and_msc_only_is_lived_with),
};

const struct tagged_table quirks_table = TABLE(rows);
