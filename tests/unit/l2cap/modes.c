/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/talk.h"

/*
 * Which mode a channel gets, and with which values. See talk.h.
 */

/* L2CAP/CMC/BV-01-C */
START_TEST(CMC_BV_01_we_ask_for_ertm)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring("b8000000");
	tx("0a 03 0200 0300");
	tx_req(4, ERTM_OURS);
	tx_nothing();
}
END_TEST

/* L2CAP/CMC/BV-02-C */
START_TEST(CMC_BV_02_ertm_of_the_peer_is_accepted)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	told(&talk.user, "");
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(agreed()->fcs);
	ck_assert(!agreed()->extended);
	ck_assert_uint_eq(agreed()->tx_window, 63);
	ck_assert_uint_eq(agreed()->rx_window, 63);
	ck_assert_uint_eq(agreed()->max_transmit, 3);
	ck_assert_uint_eq(agreed()->tx_mps, 672);
	ck_assert_uint_eq(agreed()->rx_mps, 672);
	ck_assert_uint_eq(agreed()->retransmission_ms, 2000);
	ck_assert_uint_eq(agreed()->monitor_ms, 12000);
}
END_TEST

/* L2CAP/CMC/BV-04-C, BV-05-C */
START_TEST(CMC_BV_04_05_streaming_is_asked_for_and_accepted)
{
	talk_want(RT_L2CAP_MODE_STREAMING, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, STREAMING_OURS);
	rx_rsp(3, 0, "0409 04 00 00 0000 0000 6400");
	rx_req(0x11, STREAMING_THEIRS);
	tx_rsp(0x11, 0, "0409 04 00 00 0000 0000 a002");
	talk_opens(RT_L2CAP_MODE_STREAMING);
	ck_assert(agreed()->fcs);
	ck_assert_uint_eq(agreed()->tx_mps, 672);
}
END_TEST

static void falls_back(enum rt_l2cap_mode mode, const char *ours)
{
	talk_want(mode, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ours);
	rx_rsp(3, 1, BASIC_THEIRS);
	tx_req(4, "0102 a002");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	rx_rsp(4, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}

/* L2CAP/CMC/BV-03-C */
START_TEST(CMC_BV_03_ertm_that_is_refused_becomes_basic_if_it_may)
{
	falls_back(RT_L2CAP_MODE_ERTM, ERTM_OURS);
}
END_TEST

/* L2CAP/CMC/BV-06-C */
START_TEST(CMC_BV_06_streaming_that_is_refused_becomes_basic_if_it_may)
{
	falls_back(RT_L2CAP_MODE_STREAMING, STREAMING_OURS);
}
END_TEST

static void yields(enum rt_l2cap_mode mode, const char *ours,
		   const char *request)
{
	talk_want(mode, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ours);
	rx_req(0x11, request);
	tx_rsp(0x11, 0, "");
	tx_nothing();
	rx_rsp(3, 1, BASIC_THEIRS);
	tx_req(4, "0102 a002");
	rx_rsp(4, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}

/* L2CAP/CMC/BV-07-C */
START_TEST(CMC_BV_07_a_peer_that_asks_for_basic_gets_it_if_ertm_is_optional)
{
	yields(RT_L2CAP_MODE_ERTM, ERTM_OURS, BASIC_THEIRS);
	talk_restart();
	yields(RT_L2CAP_MODE_ERTM, ERTM_OURS, "");
}
END_TEST

/* L2CAP/CMC/BV-08-C */
START_TEST(CMC_BV_08_the_same_for_streaming)
{
	yields(RT_L2CAP_MODE_STREAMING, STREAMING_OURS, BASIC_THEIRS);
}
END_TEST

START_TEST(a_peer_that_agrees_to_what_it_did_not_ask_for_is_asked_again)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	rx_rsp(3, 0, ERTM_YES);
	tx_req(4, "0102 a002");
	rx_rsp(4, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(our_half_follows_the_peer_also_when_it_was_done)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, ERTM_YES);
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	tx_req(4, "0102 a002");
	rx_rsp(4, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}
END_TEST

static void not_attempted(enum rt_l2cap_mode mode, const char *mask)
{
	talk_want(mode, false);
	talk_configuring(mask);
	tx_req(3, "0102 a002");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	rx_rsp(3, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}

/* L2CAP/CMC/BV-10-C */
START_TEST(CMC_BV_10_ertm_is_not_tried_on_a_peer_without_it)
{
	not_attempted(RT_L2CAP_MODE_ERTM, "30000000");
}
END_TEST

/* L2CAP/CMC/BV-11-C */
START_TEST(CMC_BV_11_streaming_is_not_tried_on_a_peer_without_it)
{
	not_attempted(RT_L2CAP_MODE_STREAMING, "28000000");
}
END_TEST

static void not_there(enum rt_l2cap_mode mode, const char *mask)
{
	talk_want(mode, true);
	talk_configuring(mask);
	talk_ends(3, RT_L2CAP_MODE_REFUSED);
}

/* L2CAP/CMC/BV-12-C */
START_TEST(CMC_BV_12_a_peer_without_the_ertm_that_must_be_is_left)
{
	not_there(RT_L2CAP_MODE_ERTM, "30000000");
}
END_TEST

/* L2CAP/CMC/BV-13-C */
START_TEST(CMC_BV_13_a_peer_without_the_streaming_that_must_be_is_left)
{
	not_there(RT_L2CAP_MODE_STREAMING, "28000000");
}
END_TEST

/* L2CAP/CMC/BV-14-C */
START_TEST(CMC_BV_14_ertm_is_taken_instead_of_streaming)
{
	talk_want(RT_L2CAP_MODE_STREAMING, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, STREAMING_OURS);
	rx_rsp(3, 1, ERTM_THEIRS);
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
}
END_TEST

/* L2CAP/CMC/BV-15-C */
START_TEST(CMC_BV_15_ertm_that_the_peer_asks_for_is_taken_too)
{
	talk_want(RT_L2CAP_MODE_STREAMING, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, STREAMING_OURS);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_rsp(3, 1, ERTM_THEIRS);
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
}
END_TEST

static void refused(enum rt_l2cap_mode mode, const char *ours,
		    const char *named)
{
	talk_want(mode, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ours);
	rx_rsp(3, 1, named);
	talk_ends(4, RT_L2CAP_MODE_REFUSED);
}

/* L2CAP/CMC/BI-01-C */
START_TEST(CMC_BI_01_without_the_ertm_that_must_be_there_is_no_channel)
{
	refused(RT_L2CAP_MODE_ERTM, ERTM_OURS, BASIC_THEIRS);
	talk_restart();
	refused(RT_L2CAP_MODE_ERTM, ERTM_OURS, STREAMING_THEIRS);
}
END_TEST

/* L2CAP/CMC/BI-03-C */
START_TEST(CMC_BI_03_without_the_streaming_that_must_be_there_is_no_channel)
{
	refused(RT_L2CAP_MODE_STREAMING, STREAMING_OURS, BASIC_THEIRS);
	talk_restart();
	refused(RT_L2CAP_MODE_STREAMING, STREAMING_OURS, ERTM_THEIRS);
}
END_TEST

static void basic_instead(enum rt_l2cap_mode mode, const char *ours)
{
	talk_want(mode, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ours);
	rx_req(0x11, "");
	talk_ends(4, RT_L2CAP_MODE_REFUSED);
}

/* L2CAP/CMC/BI-02-C */
START_TEST(CMC_BI_02_a_peer_that_asks_for_basic_where_ertm_must_be_is_left)
{
	basic_instead(RT_L2CAP_MODE_ERTM, ERTM_OURS);
}
END_TEST

/* L2CAP/CMC/BI-04-C */
START_TEST(CMC_BI_04_the_same_for_streaming)
{
	basic_instead(RT_L2CAP_MODE_STREAMING, STREAMING_OURS);
}
END_TEST

START_TEST(streaming_is_refused_with_ertm_named_and_once_more_ends_it)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, STREAMING_THEIRS);
	tx_rsp(0x11, 1, "0409 03 3f 03 0000 0000 a002");
	rx_req(0x12, STREAMING_THEIRS);
	talk_ends(4, RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

START_TEST(the_two_old_modes_are_refused_with_ours_named)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, "0409 01 3f 03 d007 e02e f203");
	tx_rsp(0x11, 1, "0409 03 3f 03 0000 0000 a002");
	rx_req(0x12, ERTM_THEIRS);
	tx_rsp(0x12, 0, ERTM_OK);
	rx_req(0x13, "0409 02 3f 03 d007 e02e f203");
	talk_ends(4, RT_L2CAP_MODE_REFUSED);
}
END_TEST

START_TEST(a_peer_that_refuses_one_mode_and_asks_for_another_is_left)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_rsp(3, 1, BASIC_THEIRS);
	talk_ends(4, RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

START_TEST(a_peer_that_does_not_know_the_option_gets_basic_if_it_may)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 3, "04 00");
	tx_req(4, "0102 a002");
	talk_restart();
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 3, "04");
	talk_ends(4, RT_L2CAP_MODE_REFUSED);
}
END_TEST

START_TEST(we_ask_4_s_after_a_peer_that_never_tells_its_features)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_connected();
	bench_wait_us(RT_MS(4000) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx_req(3, "0102 a002");
}
END_TEST

START_TEST(a_peer_that_rejects_the_question_is_asked_for_basic)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_connected();
	rx("01 02 0200 0000");
	tx_req(3, "0102 a002");
}
END_TEST

START_TEST(what_a_peer_asks_for_it_has_whatever_its_features_say)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_connected();
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	tx_nothing();
	talk_features("00000000");
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(nobody_waits_for_features_when_the_peer_asks_for_basic)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_connected();
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	tx_req(3, "0102 a002");
	rx_rsp(3, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(a_listener_has_the_mode_that_it_wants)
{
	uint16_t psm;

	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk.params.ops = &listener_ops;
	ck_assert_int_eq(
		rt_l2cap_listen(bench.l2cap, 0x1001, &talk.params, &psm), 0);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0000 0000");
	tx("0a 01 0200 0200");
	tx_nothing();
	rx("0b 01 0800 0200 0000 38000000");
	tx_req(2, ERTM_OURS);
	rx_rsp(2, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	told(&talk.user, "incoming opened");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CMC_BV_01_we_ask_for_ertm,
		CMC_BV_02_ertm_of_the_peer_is_accepted,
		CMC_BV_04_05_streaming_is_asked_for_and_accepted,
		CMC_BV_03_ertm_that_is_refused_becomes_basic_if_it_may,
		CMC_BV_06_streaming_that_is_refused_becomes_basic_if_it_may,
		CMC_BV_07_a_peer_that_asks_for_basic_gets_it_if_ertm_is_optional,
		CMC_BV_08_the_same_for_streaming,
		a_peer_that_agrees_to_what_it_did_not_ask_for_is_asked_again,
		our_half_follows_the_peer_also_when_it_was_done,
		CMC_BV_10_ertm_is_not_tried_on_a_peer_without_it,
		CMC_BV_11_streaming_is_not_tried_on_a_peer_without_it,
		CMC_BV_12_a_peer_without_the_ertm_that_must_be_is_left,
		CMC_BV_13_a_peer_without_the_streaming_that_must_be_is_left,
		CMC_BV_14_ertm_is_taken_instead_of_streaming,
		CMC_BV_15_ertm_that_the_peer_asks_for_is_taken_too,
		CMC_BI_01_without_the_ertm_that_must_be_there_is_no_channel,
		CMC_BI_03_without_the_streaming_that_must_be_there_is_no_channel,
		CMC_BI_02_a_peer_that_asks_for_basic_where_ertm_must_be_is_left,
		CMC_BI_04_the_same_for_streaming,
		streaming_is_refused_with_ertm_named_and_once_more_ends_it,
		the_two_old_modes_are_refused_with_ours_named,
		a_peer_that_refuses_one_mode_and_asks_for_another_is_left,
		a_peer_that_does_not_know_the_option_gets_basic_if_it_may,
		we_ask_4_s_after_a_peer_that_never_tells_its_features,
		a_peer_that_rejects_the_question_is_asked_for_basic,
		what_a_peer_asks_for_it_has_whatever_its_features_say,
		nobody_waits_for_features_when_the_peer_asks_for_basic,
		a_listener_has_the_mode_that_it_wants,
	};

	return suite_run("l2cap/modes", tests, RT_ARRAY_SIZE(tests), talk_setup,
			 bench_teardown);
}
