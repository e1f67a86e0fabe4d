/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/l2cap/talk.h"

/*
 * The extended window option (Core Vol 3 Part A 5.7), which the user has to
 * ask for. See talk.h.
 */

#define FEATURES "38010000" /* and extended windows */

#define WIDE_OURS "0102 a002 0409 03 3f 03 0000 0000 a002 0702 0001"
#define WIDE_THEIRS ERTM_THEIRS " 0702 e803"

static void want_wide(uint16_t window)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk.params.extended_window = true;
	talk.params.window = window;
}

/* L2CAP/EWC/BV-01-C */
START_TEST(EWC_BV_01_a_large_window_is_offered)
{
	want_wide(256);
	talk_configuring(FEATURES);
	tx_req(3, WIDE_OURS);
	rx_rsp(3, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(agreed()->extended);
	ck_assert_uint_eq(agreed()->rx_window, 256);
	ck_assert_uint_eq(agreed()->tx_window, 63);
}
END_TEST

/* L2CAP/EWC/BV-02-C */
START_TEST(EWC_BV_02_the_peers_large_window_is_accepted)
{
	want_wide(0);
	talk_configuring(FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, WIDE_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK " 0702 e803");
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(agreed()->extended);
	ck_assert_uint_eq(agreed()->tx_window, 1000);
	ck_assert_uint_eq(agreed()->rx_window, 63);
}
END_TEST

/* L2CAP/EWC/BV-03-C */
START_TEST(EWC_BV_03_it_is_not_offered_to_a_peer_without_the_feature)
{
	want_wide(256);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(!agreed()->extended);
	ck_assert_uint_eq(agreed()->rx_window, 63);
}
END_TEST

START_TEST(who_has_not_asked_for_it_does_not_know_the_option)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, WIDE_THEIRS);
	tx_rsp(0x11, 3, "0700");
	/* As a hint it is skipped. */
	rx_req(0x12, ERTM_THEIRS " 8702 e803");
	tx_rsp(0x12, 0, ERTM_OK);
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(!agreed()->extended);
}
END_TEST

START_TEST(a_peer_that_does_not_know_it_after_all_gets_63)
{
	want_wide(256);
	talk_configuring(FEATURES);
	tx_req(3, WIDE_OURS);
	rx_rsp(3, 3, "07");
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert(!agreed()->extended);
	ck_assert_uint_eq(agreed()->rx_window, 63);
}
END_TEST

START_TEST(windows_that_cannot_be_are_refused)
{
	want_wide(256);
	talk_configuring(FEATURES);
	tx_req(3, WIDE_OURS);
	rx_req(0x11, ERTM_THEIRS " 0702 0000");
	tx_rsp(0x11, 1, "0702 3f00");
	rx_req(0x12, ERTM_THEIRS " 0702 0040");
	tx_rsp(0x12, 1, "0702 3f00");
	/* The window of the other option means nothing beside it. */
	rx_req(0x13, "0409 03 00 03 0000 0000 f203 0702 ff3f");
	tx_rsp(0x13, 0, "0409 03 00 03 d007 e02e a002 0702 0004");
	rx_rsp(3, 0, ERTM_YES " 0702 8000");
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->tx_window, 1024);
	ck_assert_uint_eq(agreed()->rx_window, 128);
}
END_TEST

START_TEST(a_smaller_window_that_the_peer_wants_is_asked_for)
{
	want_wide(256);
	talk_configuring(FEATURES);
	tx_req(3, WIDE_OURS);
	rx_rsp(3, 1, "0702 8000");
	tx_req(4, ERTM_OURS " 0702 8000");
	rx_rsp(4, 1, "0702 0000 0409 03 08 03 0000 0000 f203");
	tx_req(5, ERTM_OURS " 0702 8000");
}
END_TEST

START_TEST(streaming_has_the_long_control_field_if_the_peer_wants_it)
{
	want_wide(256);
	talk_want(RT_L2CAP_MODE_STREAMING, true);
	talk_configuring(FEATURES);
	tx_req(3, STREAMING_OURS);
	rx_req(0x11, STREAMING_THEIRS " 0702 e803");
	tx_rsp(0x11, 0, "0409 04 00 00 0000 0000 a002 0702 e803");
	rx_rsp(3, 0, "");
	talk_opens(RT_L2CAP_MODE_STREAMING);
	ck_assert(agreed()->extended);
}
END_TEST

START_TEST(in_basic_mode_it_means_nothing)
{
	want_wide(256);
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring("00000000");
	tx_req(3, "0102 a002");
	rx_req(0x11, "0702 0000");
	tx_rsp(0x11, 0, "");
	rx_rsp(3, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
	ck_assert(!agreed()->extended);
}
END_TEST

START_TEST(an_open_channel_keeps_its_control_field)
{
	want_wide(0);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	rx_req(0x12, WIDE_THEIRS);
	tx_rsp(0x12, 3, "0700");
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	rx_req(0x13, "");
	tx_rsp(0x13, 0, "");
	ck_assert(info_of(&talk.user).open);
	ck_assert(!info_of(&talk.user).extended);
}
END_TEST

/* What we answer to the question for our features. */
static void features_are(const char *mask)
{
	char hex[60];

	rx("0a 71 0200 0200");
	snprintf(hex, sizeof(hex), "0b 71 0800 0200 0000 %s", mask);
	tx(hex);
}

START_TEST(the_feature_is_there_while_somebody_asks_for_it)
{
	uint16_t psm;

	want_wide(0);
	link_in();
	features_are("b8000000");
	talk.params.ops = &listener_ops;
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &talk.params, &psm),
			 0);
	features_are("b8010000");
	rt_l2cap_unlisten(bench.l2cap, psm);
	features_are("b8000000");

	talk.params.ops = &user_ops;
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &talk.params, &talk.user.chan),
			 0);
	tx_discard();
	features_are("b8010000");
	rx("03 01 0800 0000 4000 0200 0000");
	features_are("b8000000");
}
END_TEST

START_TEST(the_feature_of_credit_mode_is_there_while_somebody_listens)
{
	uint16_t psm;

	link_in();
	talk.params.ops = &listener_ops;
	talk.params.mode = RT_L2CAP_MODE_CREDIT;
	ck_assert_int_eq(
		rt_l2cap_listen(bench.l2cap, 0x1001, &talk.params, &psm), 0);
	features_are("b8040000");
	/* Only its own request connects to it. */
	rx("02 11 0400 0110 4100");
	tx("03 11 0800 0000 4100 0200 0000");
	rt_l2cap_unlisten(bench.l2cap, psm);
	features_are("b8000000");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		EWC_BV_01_a_large_window_is_offered,
		EWC_BV_02_the_peers_large_window_is_accepted,
		EWC_BV_03_it_is_not_offered_to_a_peer_without_the_feature,
		who_has_not_asked_for_it_does_not_know_the_option,
		a_peer_that_does_not_know_it_after_all_gets_63,
		windows_that_cannot_be_are_refused,
		a_smaller_window_that_the_peer_wants_is_asked_for,
		streaming_has_the_long_control_field_if_the_peer_wants_it,
		in_basic_mode_it_means_nothing,
		an_open_channel_keeps_its_control_field,
		the_feature_is_there_while_somebody_asks_for_it,
		the_feature_of_credit_mode_is_there_while_somebody_listens,
	};

	return suite_run("l2cap/window_option", tests, RT_ARRAY_SIZE(tests),
			 talk_setup, bench_teardown);
}
