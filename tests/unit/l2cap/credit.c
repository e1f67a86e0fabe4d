/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/credit_bench.h"

/* K-frames and the credits that they cost. */

/* L2CAP/COS/ECFC/BV-05-C */
START_TEST(ECFC_BV_05_an_sdu_longer_than_the_mps_goes_in_pieces)
{
	static const size_t sdus[] = { 150, SIZE_MAX };

	credit_open(3, 10, SIZE_MAX);
	credit_send(sdus);
	credit_tx("9600", 0, 62);
	credit_tx("", 62, 64);
	told(&credit_user, "");
	credit_tx("", 126, 24);
	told(&credit_user, "written:150");
	tx_nothing();
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 7);
	ck_assert_uint_eq(info_of(&credit_user).tx_frames, 3);
}
END_TEST

START_TEST(an_sdu_that_fits_goes_in_one_frame)
{
	static const size_t sdus[] = { 62, 1, 0, SIZE_MAX };

	credit_open(3, 10, SIZE_MAX);
	credit_send(sdus);
	credit_tx("3e00", 0, 62);
	credit_tx("0100", 0, 1);
	credit_tx("0000", 0, 0);
	tx_nothing();
	told(&credit_user, "written:62 written:1 written:0");
}
END_TEST

START_TEST(the_length_counts_in_the_mps)
{
	static const size_t sdus[] = { 63, 64, SIZE_MAX };

	credit_open(3, 10, SIZE_MAX);
	credit_send(sdus);
	credit_tx("3f00", 0, 62);
	credit_tx("", 62, 1);
	credit_tx("4000", 0, 62);
	credit_tx("", 62, 2);
	tx_nothing();
	told(&credit_user, "written:63 written:64");
}
END_TEST

/* L2CAP/ECFC/BV-49-C */
START_TEST(ECFC_BV_49_a_frame_is_sent_for_each_credit)
{
	static const size_t sdus[] = { 150, 20, SIZE_MAX };

	credit_open(3, 1, SIZE_MAX);
	credit_send(sdus);
	credit_tx("9600", 0, 62);
	tx_nothing();
	rx("16 09 0400 5000 0100");
	credit_tx("", 62, 64);
	tx_nothing();
	bench_wait_ms(100);
	ck_assert_uint_eq(info_of(&credit_user).stalled_peer_us, RT_MS(100));
	rx("16 0a 0400 5000 0900");
	credit_tx("", 126, 24);
	credit_tx("1400", 0, 20);
	tx_nothing();
	told(&credit_user, "written:150 written:20");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 7);
	ck_assert_uint_eq(info_of(&credit_user).stalled_peer_us, RT_MS(100));
}
END_TEST

START_TEST(without_any_credit_nothing_is_sent)
{
	static const size_t sdus[] = { 1, SIZE_MAX };

	credit_open(3, 0, SIZE_MAX);
	credit_send(sdus);
	tx_nothing();
	rx("16 09 0400 5000 0200");
	credit_tx("0100", 0, 1);
	tx_nothing();
	told(&credit_user, "written:1");
}
END_TEST

/* L2CAP/ECFC/BI-10-C */
START_TEST(ECFC_BI_10_no_credits_are_ignored_and_too_many_disconnect)
{
	credit_open(3, 1, SIZE_MAX);
	rx("16 09 0400 5000 0000");
	tx_nothing();
	rx("16 09 0400 5000 feff");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 65535);
	rx("16 09 0400 5000 0000");
	tx_nothing();
	rx("16 09 0400 5000 0100");
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(credits_for_no_channel_of_ours_change_nothing)
{
	struct user basic = { .answer = 0 };

	credit_open(3, 1, SIZE_MAX);
	rx("16 09 0400 4000 0100");
	rx("16 09 0400 5100 0100");
	rx("16 09 0400 0000 0100");
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->sig_unexpected, 3);
	tx_nothing();

	/* One in another mode takes none. */
	ck_assert_int_eq(connect_to(&basic, 0x1003), 0);
	tx_discard();
	rx("03 02 0800 6000 4100 0000 0000");
	tx_discard();
	rx("16 09 0400 6000 0100");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 1);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->sig_unexpected, 4);
}
END_TEST

START_TEST(an_indication_of_the_wrong_size_is_rejected)
{
	static const char *const bad[] = {
		"16 09 0000",
		"16 09 0200 5000",
		"16 09 0300 5000 01",
		"16 09 0500 5000 0100 00",
	};

	credit_open(3, 1, SIZE_MAX);
	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		rx(bad[i]);
		tx("01 09 0200 0000");
		tx_nothing();
	}
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 1);
}
END_TEST

static void no_replies(struct rt_limits *limits)
{
	limits->sig_replies = 0;
}

START_TEST(credits_need_no_room_for_an_answer)
{
	bench_restart(no_replies);
	credit_open(3, 1, SIZE_MAX);
	bench.fake.allocs_left = 0;
	rx("16 09 0400 5000 0100");
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 2);
}
END_TEST

/* L2CAP/COS/ECFC/BV-06-C */
START_TEST(ECFC_BV_06_an_sdu_in_pieces_is_put_together)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("6400", 0, 62);
	credit_rx("", 62, 30);
	credit_rx("", 92, 0);
	told(&credit_user, "");
	credit_rx("", 92, 8);
	told(&credit_user, credit_hex("rx:", 0, 64));
	ck_assert_uint_eq(info_of(&credit_user).rx_frames, 4);
}
END_TEST

/* L2CAP/COS/ECFC/BV-08-C */
START_TEST(ECFC_BV_08_an_sdu_in_one_frame_is_taken)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("0300", 0, 3);
	credit_rx("0000", 0, 0);
	credit_rx("3e00", 0, 62);
	told(&credit_user, credit_hex("rx:000102 rx: rx:", 0, 62));
}
END_TEST

/* L2CAP/ECFC/BV-81-C */
START_TEST(ECFC_BV_81_an_sdu_of_the_length_of_the_mps_is_taken)
{
	credit_open(40, 1, SIZE_MAX);
	credit_rx("4000", 0, 62);
	credit_rx("", 62, 2);
	told(&credit_user, credit_hex("rx:", 0, 64));
	tx_nothing();
}
END_TEST

/* L2CAP/ECFC/BI-11-C */
START_TEST(ECFC_BI_11_a_frame_without_a_credit_disconnects)
{
	credit_open(2, 1, SIZE_MAX);
	credit_rx("0100", 0, 1);
	credit_rx("0100", 0, 1);
	told(&credit_user, "rx:00 rx:00");
	credit_rx("0100", 0, 1);
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(credits_that_have_not_left_are_no_credits)
{
	credit_open(2, 1, SIZE_MAX);
	credit_rx("0100", 0, 1);
	tx("16 02 0400 4000 3f00");
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 64);
}
END_TEST

/* L2CAP/ECFC/BV-76-C */
START_TEST(ECFC_BV_76_an_sdu_longer_than_the_mtu_disconnects)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("6500", 0, 3);
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

/* L2CAP/ECFC/BV-77-C */
START_TEST(ECFC_BV_77_a_payload_longer_than_the_mps_disconnects)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("6400", 0, 62);
	credit_rx("", 62, 38);
	told(&credit_user, credit_hex("rx:", 0, 64));
	credit_rx("6400", 0, 63);
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

/* L2CAP/ECFC/BV-78-C */
START_TEST(ECFC_BV_78_more_than_the_length_of_the_sdu_disconnects)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("6400", 0, 62);
	credit_rx("", 62, 39);
	credit_ended(RT_L2CAP_BAD_PEER);
	credit_restart();
	credit_open(9, 1, SIZE_MAX);
	credit_rx("0300", 0, 4);
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(a_first_frame_without_a_length_disconnects)
{
	credit_open(9, 1, SIZE_MAX);
	credit_rx("", 0, 0);
	credit_ended(RT_L2CAP_BAD_PEER);
	credit_restart();
	credit_open(9, 1, SIZE_MAX);
	credit_rx("", 0, 1);
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(the_octets_of_the_user_are_copied_frame_by_frame)
{
	static const size_t sdus[] = { 100, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	bench.hold = HOLD_ALL;
	credit_send(sdus);
	credit_tx("6400", 0, 62);
	credit_octets[0] = 0xee;
	credit_tx("", 62, 38);
	fake_link_complete(bench.link, 1, true);
	told(&credit_user, "");
	fake_link_complete(bench.link, 1, true);
	told(&credit_user, "written:100");
}
END_TEST

START_TEST(a_frame_without_memory_is_sent_a_little_later)
{
	static const size_t sdus[] = { 100, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	credit_send(sdus);
	bench.fake.allocs_left = 0;
	tx_nothing();
	bench.fake.allocs_left = SIZE_MAX;
	bench_wait_ms(99);
	tx_nothing();
	bench_wait_ms(1);
	credit_tx("6400", 0, 62);
	bench.fake.allocs_left = 0;
	tx_nothing();
	bench.fake.allocs_left = SIZE_MAX;
	bench_wait_ms(100);
	credit_tx("", 62, 38);
	told(&credit_user, "written:100");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 0);
}
END_TEST

/* L2CAP/COS/ECFC/BV-07-C */
START_TEST(ECFC_BV_07_two_channels_do_not_touch_each_other)
{
	static const char *const sdus[] = { "a1a2", NULL };
	struct user other = { .sdus = sdus };
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &other,
		.mode = RT_L2CAP_MODE_CREDIT,
		.imtu = 100,
		.mps = 64,
		.credits = 2,
	};
	static const size_t mine[] = { 100, SIZE_MAX };

	credit_open(3, 3, SIZE_MAX);
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &other.chan),
			 0);
	tx_discard();
	rx("18 02 0a00 c800 4000 0100 0000 5100");
	told(&other, "opened");
	credit_send(mine);
	rt_l2cap_ready(bench.l2cap, other.chan);
	credit_tx("6400", 0, 62);
	tx_cid(0x0051, "0200 a1a2");
	credit_tx("", 62, 38);
	rx_cid(0x0040, "0400 0102");
	rx_cid(0x0041, "0300 aa");
	rx_cid(0x0040, "0304");
	rx_cid(0x0041, "bbcc");
	told(&credit_user, "written:100 rx:01020304");
	told(&other, "written:2 rx:aabbcc");
	ck_assert_uint_eq(info_of(&credit_user).tx_credits, 1);
	ck_assert_uint_eq(info_of(&other).tx_credits, 0);
}
END_TEST

START_TEST(an_mps_of_its_own_fits_the_mtu_and_baseband_packets)
{
	struct rt_l2cap_params params = {
		.ops = &credit_ops,
		.user = &credit_user,
		.mode = RT_L2CAP_MODE_CREDIT,
	};

	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &credit_user.chan),
			 0);
	tx("17 01 0a00 0110 a002 a202 4000 4000");
	params.imtu = 0xffff;
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &credit_user.chan),
			 0);
	tx("17 02 0a00 0110 ffff f903 4000 4100");
	params.mps = 0xffff;
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &credit_user.chan),
			 0);
	tx("17 03 0a00 0110 ffff fdff 0200 4200");
}
END_TEST

START_TEST(a_flush_timeout_does_not_hold_in_this_mode)
{
	static const char *const sdus[] = { "aabb", NULL };
	struct user u = { .sdus = sdus };
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &u,
		.mode = RT_L2CAP_MODE_CREDIT,
		.flush_timeout_ms = 100,
	};

	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &u.chan),
			 0);
	tx_discard();
	rx("18 01 0a00 c800 4000 0100 0000 5000");
	rt_l2cap_ready(bench.l2cap, u.chan);
	bench.hold = HOLD_ALL;
	tx_cid(0x0050, "0200 aabb");
	ck_assert_uint_eq(bench.link->sent_count, 1);
	ck_assert(!bench.link->sent[0].pdu.flushable);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_05_an_sdu_longer_than_the_mps_goes_in_pieces,
		an_sdu_that_fits_goes_in_one_frame,
		the_length_counts_in_the_mps,
		ECFC_BV_49_a_frame_is_sent_for_each_credit,
		without_any_credit_nothing_is_sent,
		ECFC_BI_10_no_credits_are_ignored_and_too_many_disconnect,
		credits_for_no_channel_of_ours_change_nothing,
		an_indication_of_the_wrong_size_is_rejected,
		credits_need_no_room_for_an_answer,
		ECFC_BV_06_an_sdu_in_pieces_is_put_together,
		ECFC_BV_08_an_sdu_in_one_frame_is_taken,
		ECFC_BV_81_an_sdu_of_the_length_of_the_mps_is_taken,
		ECFC_BI_11_a_frame_without_a_credit_disconnects,
		credits_that_have_not_left_are_no_credits,
		ECFC_BV_76_an_sdu_longer_than_the_mtu_disconnects,
		ECFC_BV_77_a_payload_longer_than_the_mps_disconnects,
		ECFC_BV_78_more_than_the_length_of_the_sdu_disconnects,
		a_first_frame_without_a_length_disconnects,
		the_octets_of_the_user_are_copied_frame_by_frame,
		a_frame_without_memory_is_sent_a_little_later,
		ECFC_BV_07_two_channels_do_not_touch_each_other,
		an_mps_of_its_own_fits_the_mtu_and_baseband_packets,
		a_flush_timeout_does_not_hold_in_this_mode,
	};

	return suite_run("l2cap/credit", tests, RT_ARRAY_SIZE(tests),
			 credit_setup, bench_teardown);
}
