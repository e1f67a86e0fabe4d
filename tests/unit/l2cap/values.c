/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/talk.h"

/*
 * The values that belong to a mode (Core Vol 3 Part A 5.4), at first and when
 * an open channel is configured anew. See talk.h.
 */

START_TEST(values_of_a_peer_are_taken_or_cut_to_what_fits)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk.params.imtu = 4096;
	talk.params.window = 8;
	talk.params.max_transmit = RT_L2CAP_MAX_TRANSMIT_INFINITE;
	talk.params.retransmission_ms = 3000;
	talk.params.monitor_ms = 100;
	talk_configuring(TALK_FEATURES);
	tx_req(3, "0102 0010 0409 03 08 00 0000 0000 f303");
	/* Timers in a request mean nothing and do no harm. */
	rx_req(0x11, "0102 0010 0409 03 01 ff 0100 0100 ffff");
	tx_rsp(0x11, 0, "0102 0010 0409 03 01 ff b80b 6400 f303");
	/* Its answer: a smaller window; less than 100 ms is not heeded. */
	rx_rsp(3, 0, "0102 0010 0409 03 04 03 9600 6300 6400");
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->tx_window, 1);
	ck_assert_uint_eq(agreed()->rx_window, 4);
	ck_assert_uint_eq(agreed()->max_transmit, 255);
	ck_assert_uint_eq(agreed()->tx_mps, 1011);
	ck_assert_uint_eq(agreed()->rx_mps, 1011);
	ck_assert_uint_eq(agreed()->retransmission_ms, 150);
	ck_assert_uint_eq(agreed()->monitor_ms, 100);
}
END_TEST

START_TEST(an_mps_over_the_peers_mtu_is_cut_and_not_refused)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, "0102 0001 0409 03 3f 00 0000 0000 f203");
	tx_rsp(0x11, 0, "0102 0001 0409 03 3f 00 d007 e02e 0001");
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->tx_mps, 256);
	ck_assert_uint_eq(agreed()->max_transmit, 0);
}
END_TEST

START_TEST(windows_and_mps_that_cannot_be_are_refused)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, "0409 03 00 03 0000 0000 f203");
	tx_rsp(0x11, 1, "0409 03 3f 03 0000 0000 f203");
	rx_req(0x12, "0409 03 40 03 0000 0000 f203");
	tx_rsp(0x12, 1, "0409 03 3f 03 0000 0000 f203");
	rx_req(0x13, "0409 03 01 03 0000 0000 0000");
	tx_rsp(0x13, 1, "0409 03 01 03 0000 0000 a002");
	rx_req(0x14, ERTM_THEIRS);
	tx_rsp(0x14, 0, ERTM_OK);
}
END_TEST

START_TEST(an_answer_without_the_option_means_the_usual_values)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, "");
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->rx_window, 63);
	ck_assert_uint_eq(agreed()->retransmission_ms, 2000);
	ck_assert_uint_eq(agreed()->monitor_ms, 12000);
}
END_TEST

START_TEST(an_agreement_may_come_in_parts)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx("05 03 1100 4000 0100 0000 0409 03 05 03 b80b 983a f203");
	tx_req(4, "");
	rx_rsp(4, 0, "0102 a002");
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->rx_window, 5);
	ck_assert_uint_eq(agreed()->retransmission_ms, 3000);
	ck_assert_uint_eq(agreed()->monitor_ms, 15000);
}
END_TEST

START_TEST(the_largest_mps_leaves_room_for_what_stands_beside_it)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk.params.imtu = 0xffff;
	talk.params.mps = 0xffff;
	talk_configuring(TALK_FEATURES);
	tx_req(3, "0102 ffff 0409 03 3f 03 0000 0000 f7ff");
	rx_rsp(3, 0, "");
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->rx_mps, 0xfff7);
}
END_TEST

START_TEST(timers_of_zero_in_an_answer_mean_the_usual_values)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, "0409 03 00 00 0000 0000 0000");
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->rx_window, 63);
	ck_assert_uint_eq(agreed()->retransmission_ms, 2000);
	ck_assert_uint_eq(agreed()->monitor_ms, 12000);
}
END_TEST

START_TEST(an_agreement_that_names_another_mode_is_a_refusal)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, BASIC_THEIRS);
	tx_req(4, "0102 a002");
	talk_restart();
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 0, BASIC_THEIRS);
	talk_ends(4, RT_L2CAP_MODE_REFUSED);
}
END_TEST

START_TEST(timers_are_three_times_the_flush_timeout_of_who_sends)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	/* 100 ms make no difference; 1000 ms make 3000; 60 s don't fit. */
	rx_req(0x11, "0202 6400 " ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_req(0x12, "0202 e803 " ERTM_THEIRS);
	tx_rsp(0x12, 0, "0409 03 3f 03 b80b e02e a002");
	rx_req(0x13, "0202 60ea " ERTM_THEIRS);
	tx_rsp(0x13, 0, "0409 03 3f 03 ffff ffff a002");
	rx_req(0x14, "0202 ffff " ERTM_THEIRS);
	tx_rsp(0x14, 0, ERTM_OK);
}
END_TEST

START_TEST(values_that_the_peer_wants_smaller_are_asked_for_so)
{
	talk_want(RT_L2CAP_MODE_ERTM, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_rsp(3, 1, "0409 03 10 05 0000 0000 6400");
	tx_req(4, "0102 a002 0409 03 10 05 0000 0000 6400");
	/* Larger ones, and none, are not taken. */
	rx_rsp(4, 1, "0409 03 3f 05 0000 0000 f203");
	tx_req(5, "0102 a002 0409 03 10 05 0000 0000 6400");
	rx_rsp(5, 1, "0409 03 00 05 0000 0000 0000");
	tx_req(6, "0102 a002 0409 03 10 05 0000 0000 6400");
	rx_rsp(6, 0, "");
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	talk_opens(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->rx_window, 16);
	ck_assert_uint_eq(agreed()->rx_mps, 100);
}
END_TEST

static void ertm_open(void)
{
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, ERTM_THEIRS);
	tx_rsp(0x11, 0, ERTM_OK);
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
}

START_TEST(an_open_channel_takes_another_mtu_and_keeps_its_mode)
{
	ertm_open();
	rx_req(0x12, "0102 0002");
	tx_rsp(0x12, 0, "0102 0002");
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 0, ERTM_YES);
	tx_nothing();
	told(&talk.user, "");
	ck_assert_uint_eq(info_of(&talk.user).omtu, 512);
	ck_assert_int_eq(agreed()->mode, RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(agreed()->tx_window, 63);
	ck_assert(info_of(&talk.user).open);
}
END_TEST

START_TEST(a_request_that_changes_nothing_is_answered_and_no_more)
{
	ertm_open();
	rx_req(0x12, ERTM_THEIRS);
	tx_rsp(0x12, 0, ERTM_OK);
	rx_req(0x13, "");
	tx_rsp(0x13, 0, "");
	tx_nothing();
	ck_assert(info_of(&talk.user).open);
}
END_TEST

START_TEST(an_open_channel_changes_neither_mode_nor_window_nor_mps)
{
	ertm_open();
	rx_req(0x12, "0409 03 08 03 0000 0000 f203");
	tx_rsp(0x12, 1, "0409 03 3f 03 0000 0000 a002");
	tx_req(4, ERTM_OURS);
	talk_restart();
	ertm_open();
	rx_req(0x12, "0409 03 3f 03 0000 0000 6400");
	tx_rsp(0x12, 1, "0409 03 3f 03 0000 0000 a002");
	tx_req(4, ERTM_OURS);
	rx_req(0x13, BASIC_THEIRS);
	tx_rsp(0x13, 1, "0409 03 3f 03 0000 0000 a002");
	rx_req(0x14, BASIC_THEIRS);
	talk_ends(5, RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

START_TEST(a_frozen_mode_is_not_given_up_for_a_refusal)
{
	ertm_open();
	rx_req(0x12, "0102 0002");
	tx_rsp(0x12, 0, "0102 0002");
	tx_req(4, ERTM_OURS);
	rx_rsp(4, 1, BASIC_THEIRS);
	talk_ends(5, RT_L2CAP_CONFIG_FAILED + 1);
}
END_TEST

START_TEST(peers_with_streaming_take_no_window_and_no_timers)
{
	talk_want(RT_L2CAP_MODE_STREAMING, true);
	talk_configuring(TALK_FEATURES);
	tx_req(3, STREAMING_OURS);
	rx_req(0x11, "0409 04 3f ff d007 e02e 0000");
	tx_rsp(0x11, 1, "0409 04 3f ff d007 e02e a002");
	rx_req(0x12, "0409 04 00 ff d007 e02e 3000");
	tx_rsp(0x12, 0, "0409 04 00 ff 0000 0000 3000");
}
END_TEST

START_TEST(params_out_of_their_range_are_refused)
{
	static const struct rt_l2cap_params bad[] = {
		{ .imtu = 47 },
		{ .mode = (enum rt_l2cap_mode)1 },
		{ .mode = (enum rt_l2cap_mode)5 },
		{ .fcs = (enum rt_l2cap_fcs)3 },
		{ .window = 64 },
		{ .window = 1025, .extended_window = true },
		{ .max_transmit = 0x101 },
		{ .retransmission_ms = 99 },
		{ .monitor_ms = 99 },
		{ .security = { .level = 5 } },
		{ .mode = RT_L2CAP_MODE_CREDIT, .imtu = 63 },
		{ .mode = RT_L2CAP_MODE_CREDIT, .mps = 63 },
	};
	struct rt_l2cap_params p;
	rt_handle chan;
	uint16_t psm;

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		p = bad[i];
		p.ops = &listener_ops;
		ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1),
						  0x1001, &p, &chan),
				 -EINVAL);
		ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &p, &psm),
				 -EINVAL);
	}
	p = (struct rt_l2cap_params){
		.ops = &listener_ops,
		.window = 1024,
		.extended_window = true,
		.max_transmit = 0x100,
		.retransmission_ms = 100,
		.monitor_ms = 100,
		.mps = 1,
		.security = { .level = 4 },
	};
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &p, &psm), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		values_of_a_peer_are_taken_or_cut_to_what_fits,
		an_mps_over_the_peers_mtu_is_cut_and_not_refused,
		windows_and_mps_that_cannot_be_are_refused,
		an_answer_without_the_option_means_the_usual_values,
		an_agreement_may_come_in_parts,
		the_largest_mps_leaves_room_for_what_stands_beside_it,
		timers_of_zero_in_an_answer_mean_the_usual_values,
		an_agreement_that_names_another_mode_is_a_refusal,
		timers_are_three_times_the_flush_timeout_of_who_sends,
		values_that_the_peer_wants_smaller_are_asked_for_so,
		an_open_channel_takes_another_mtu_and_keeps_its_mode,
		a_request_that_changes_nothing_is_answered_and_no_more,
		an_open_channel_changes_neither_mode_nor_window_nor_mps,
		a_frozen_mode_is_not_given_up_for_a_refusal,
		peers_with_streaming_take_no_window_and_no_timers,
		params_out_of_their_range_are_refused,
	};

	return suite_run("l2cap/values", tests, RT_ARRAY_SIZE(tests),
			 talk_setup, bench_teardown);
}
