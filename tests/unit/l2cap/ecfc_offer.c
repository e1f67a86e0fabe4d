/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/ecfc_bench.h"

/* Credit-based channels that peers open. */

/* L2CAP/ECFC/BV-47-C */
START_TEST(ECFC_BV_47_a_channel_of_the_peer_opens)
{
	struct rt_l2cap_info info;

	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	tx_nothing();
	told(&offer_user, "incoming opened");
	info = offer_info(0);
	ck_assert_int_eq(info.mode, RT_L2CAP_MODE_CREDIT);
	ck_assert(info.open && info.incoming);
	ck_assert_uint_eq(info.dcid, 0x50);
	ck_assert_uint_eq(info.imtu, 100);
	ck_assert_uint_eq(info.omtu, 200);
	ck_assert_uint_eq(info.tx_mps, 80);
	ck_assert_uint_eq(info.rx_mps, 64);
	ck_assert_uint_eq(info.tx_credits, 2);
	ck_assert_uint_eq(info.rx_credits, 3);
	ck_assert(bench.link->used);
	bench_wait_ms(400000);
	told(&offer_user, "");
}
END_TEST

START_TEST(five_channels_open_at_once)
{
	rx("17 01 1200 0110 c800 5000 0200 5000 5100 5200 5300 5400");
	tx("18 01 1200 6400 4000 0300 0000 4000 4100 4200 4300 4400");
	told(&offer_user, "incoming incoming incoming incoming incoming "
			  "opened opened opened opened opened");
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_eq(offer_info(i).dcid, 0x50 + i);
}
END_TEST

START_TEST(what_a_peer_may_have_at_least_is_taken)
{
	rx("17 01 0a00 0110 4000 4000 0000 ffff");
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	told(&offer_user, "incoming opened");
	ck_assert_uint_eq(offer_info(0).tx_credits, 0);
	ck_assert_uint_eq(offer_info(0).omtu, 64);
}
END_TEST

START_TEST(an_spsm_that_nobody_listens_on_in_this_mode_is_refused)
{
	struct user basic = { .answer = 0 };

	listen_on(&basic, 0x1003);
	offer_refused("17 01 0c00 0510 c800 5000 0200 5000 5100",
		      "18 01 0c00 0000 0000 0000 0200 0000 0000", 2);
	offer_refused("17 02 0a00 0310 c800 5000 0200 5000",
		      "18 02 0a00 0000 0000 0000 0200 0000", 1);
	offer_refused("17 03 0a00 0000 c800 5000 0200 5000",
		      "18 03 0a00 0000 0000 0000 0200 0000", 1);

	/* And the other way round. */
	offer_refused("02 04 0400 0110 5000", "03 04 0800 0000 5000 0200 0000",
		      1);
	told(&offer_user, "");
	told(&basic, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(an_mtu_or_mps_below_64_is_invalid)
{
	offer_refused("17 01 0a00 0110 3f00 5000 0200 5000",
		      "18 01 0a00 0000 0000 0000 0c00 0000", 1);
	offer_refused("17 02 0c00 0110 c800 3f00 0200 5000 5100",
		      "18 02 0c00 0000 0000 0000 0c00 0000 0000", 2);
	told(&offer_user, "");
}
END_TEST

START_TEST(an_id_that_is_not_dynamic_is_refused)
{
	offer_refused("17 01 0a00 0110 c800 5000 0200 3f00",
		      "18 01 0a00 0000 0000 0000 0900 0000", 1);
	offer_refused("17 02 0e00 0110 c800 5000 0200 5000 0000 5200",
		      "18 02 0e00 6400 4000 0300 0900 4000 0000 4100", 1);
	told(&offer_user, "incoming incoming opened opened");
}
END_TEST

/* L2CAP/ECFC/BV-56-C */
START_TEST(ECFC_BV_56_an_id_in_use_is_refused)
{
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	offer_refused("17 02 0a00 0110 c800 5000 0200 5000",
		      "18 02 0a00 0000 0000 0000 0a00 0000", 1);
	offer_refused("17 03 0e00 0110 c800 5000 0200 5100 5000 5100",
		      "18 03 0e00 6400 4000 0300 0a00 4100 0000 0000", 2);
	told(&offer_user, "incoming opened incoming opened");
}
END_TEST

/* L2CAP/ECFC/BV-53-C */
START_TEST(ECFC_BV_53_users_may_refuse_some)
{
	offer_answers = "yfyny";
	offer_refused("17 01 1200 0110 c800 5000 0200 5000 5100 5200 5300 5400",
		      "18 01 1200 6400 4000 0300 0400 4000 0000 4200 0000 4400",
		      2);
	told(&offer_user, "incoming incoming incoming incoming incoming "
			  "opened opened opened");
	ck_assert_uint_eq(offer_info(2).dcid, 0x52);
}
END_TEST

START_TEST(users_may_refuse_all)
{
	offer_answers = "nf";
	offer_refused("17 01 0c00 0110 c800 5000 0200 5000 5100",
		      "18 01 0c00 0000 0000 0000 0600 0000 0000", 2);
	offer_restart();
	offer_answers = "ff";
	offer_refused("17 01 0c00 0110 c800 5000 0200 5000 5100",
		      "18 01 0c00 0000 0000 0000 0400 0000 0000", 2);
	told(&offer_user, "incoming incoming");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_user_that_closes_a_channel_when_asked_has_refused_it)
{
	offer_answers = "xyx";
	rx("17 01 0e00 0110 c800 5000 0200 5000 5100 5200");
	tx("18 01 0e00 6400 4000 0300 0400 0000 4100 0000");
	tx_nothing();
	bench_step();
	told(&offer_user, "incoming incoming incoming opened closed closed");
}
END_TEST

/* L2CAP/ECFC/BI-09-C */
START_TEST(ECFC_BI_09_a_request_of_the_wrong_size_is_rejected)
{
	static const char *const bad[] = {
		"17 01 0000",
		"17 01 0700 0110 c800 5000 02",
		"17 01 0800 0110 c800 5000 0200",
		"17 01 0900 0110 c800 5000 0200 50",
		"17 01 0b00 0110 c800 5000 0200 5000 51",
		"17 01 1400 0110 c800 5000 0200 5000 5100 5200 5300 5400 5500",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		rx(bad[i]);
		tx("01 01 0200 0000");
		tx_nothing();
		ck_assert_uint_eq(stats()->sig_malformed, i + 1);
	}
	told(&offer_user, "");
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	told(&offer_user, "incoming opened");
}
END_TEST

START_TEST(a_user_may_decide_later)
{
	offer_answers = "yly";
	rx("17 01 0e00 0110 c800 5000 0200 5000 5100 5200");
	tx("18 01 0e00 0000 0000 0000 0f00 0000 0000 0000");
	told(&offer_user, "incoming incoming incoming");
	tx_nothing();
	bench_wait_ms(29000);
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[1]), 0);
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[1]), 0);
	tx_nothing();
	told(&offer_user, "");
	bench_step();
	tx("18 01 0e00 6400 4000 0300 0000 4000 4100 4200");
	told(&offer_user, "opened opened opened");
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[1]), -ENOENT);
	bench_wait_ms(400000);
	told(&offer_user, "");
}
END_TEST

START_TEST(all_users_may_decide_later_and_differently)
{
	offer_answers = "lll";
	rx("17 01 0e00 0110 c800 5000 0200 5000 5100 5200");
	tx("18 01 0e00 0000 0000 0000 0f00 0000 0000 0000");
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[2]), 0);
	rt_l2cap_close(bench.l2cap, offer_chans[0]);
	bench_step();
	told(&offer_user, "incoming incoming incoming closed");
	tx_nothing();
	rt_l2cap_abandon(bench.l2cap, offer_chans[1]);
	told(&offer_user, "");
	bench_step();
	tx("18 01 0e00 6400 4000 0300 0400 0000 0000 4200");
	told(&offer_user, "opened");
	tx_nothing();
}
END_TEST

START_TEST(a_user_that_never_decides_has_refused)
{
	offer_answers = "ly";
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0f00 0000 0000");
	bench_wait_ms(29999);
	tx_nothing();
	bench_wait_ms(1);
	told(&offer_user, "incoming incoming closed opened");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_TIMEOUT_ERTX);
	tx("18 01 0c00 6400 4000 0300 0400 0000 4100");
	tx_nothing();
}
END_TEST

START_TEST(a_listener_that_goes_refuses_what_waits)
{
	offer_answers = "lly";
	rx("17 01 0e00 0110 c800 5000 0200 5000 5100 5200");
	tx("18 01 0e00 0000 0000 0000 0f00 0000 0000 0000");
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	tx_nothing();
	bench_step();
	tx("18 01 0e00 0000 0000 0000 0600 0000 0000 0000");
	told(&offer_user, "incoming incoming incoming");
	bench_step();
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_request_sent_again_gets_pending_again)
{
	offer_answers = "l";
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 0000 0000 0000 0f00 0000");
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 0000 0000 0000 0f00 0000");
	tx_nothing();

	/* Any difference makes it another one. */
	rx("17 02 0a00 0110 c800 5000 0200 5000");
	tx("18 02 0a00 0000 0000 0000 0a00 0000");
	rx("17 01 0c00 0110 c800 5000 0200 5000 5000");
	tx("18 01 0c00 0000 0000 0000 0a00 0000 0000");
	told(&offer_user, "incoming");
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[0]), 0);
	bench_step();
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	told(&offer_user, "opened");
}
END_TEST

START_TEST(a_link_that_goes_down_ends_what_waits)
{
	offer_answers = "ly";
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0f00 0000 0000");
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	told(&offer_user, "incoming incoming closed closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(an_engine_may_be_freed_while_users_decide)
{
	offer_answers = "ly";
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0f00 0000 0000");
}
END_TEST

/* L2CAP/ECFC/BV-66-C */
START_TEST(ECFC_BV_66_the_peer_disconnects_a_channel)
{
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 6400 4000 0300 0000 4000 4100");
	rx("06 02 0400 4000 5000");
	tx("07 02 0400 4000 5000");
	told(&offer_user, "incoming incoming opened opened closed");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_PEER_DISCONNECTED);
	ck_assert(offer_info(1).open);
}
END_TEST

/* L2CAP/ECFC/BV-65-C */
START_TEST(ECFC_BV_65_we_disconnect_a_channel)
{
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 6400 4000 0300 0000 4000");
	rt_l2cap_close(bench.l2cap, offer_chans[0]);
	tx("06 01 0400 5000 4000");
	rx("07 01 0400 5000 4000");
	told(&offer_user, "incoming opened closed");
	ck_assert(!bench.link->used);
}
END_TEST

/* L2CAP/ECFC/BV-73-C */
START_TEST(ECFC_BV_73_a_disconnection_of_an_unknown_channel_is_rejected)
{
	rx("06 02 0400 4000 5000");
	tx("01 02 0600 0200 4000 5000");
}
END_TEST

static void close_second(struct user *u)
{
	u->on = NULL;
	rt_l2cap_close(bench.l2cap, offer_chans[1]);
}

static void note_open(struct user *u)
{
	if (strcmp(u->log, "incoming incoming opened") == 0)
		close_second(u);
}

START_TEST(the_user_of_one_may_close_another_that_has_just_opened)
{
	offer_user.on = "opened";
	offer_user.then = note_open;
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 6400 4000 0300 0000 4000 4100");
	tx("06 01 0400 5100 4100");
	rx("07 01 0400 5100 4100");
	told(&offer_user, "incoming incoming opened closed");
}
END_TEST

START_TEST(the_features_tell_whether_anybody_listens)
{
	rx("0a 01 0200 0200");
	tx("0b 01 0800 0200 0000 b804 0000");
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	rx("0a 02 0200 0200");
	tx("0b 02 0800 0200 0000 b800 0000");
}
END_TEST

START_TEST(a_dynamic_listener_gets_a_psm)
{
	uint16_t psm;

	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &offer_params, &psm),
			 0);
	ck_assert_uint_eq(psm, 0x1003);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_47_a_channel_of_the_peer_opens,
		five_channels_open_at_once,
		what_a_peer_may_have_at_least_is_taken,
		an_spsm_that_nobody_listens_on_in_this_mode_is_refused,
		an_mtu_or_mps_below_64_is_invalid,
		an_id_that_is_not_dynamic_is_refused,
		ECFC_BV_56_an_id_in_use_is_refused,
		ECFC_BV_53_users_may_refuse_some,
		users_may_refuse_all,
		a_user_that_closes_a_channel_when_asked_has_refused_it,
		ECFC_BI_09_a_request_of_the_wrong_size_is_rejected,
		a_user_may_decide_later,
		all_users_may_decide_later_and_differently,
		a_user_that_never_decides_has_refused,
		a_listener_that_goes_refuses_what_waits,
		a_request_sent_again_gets_pending_again,
		a_link_that_goes_down_ends_what_waits,
		an_engine_may_be_freed_while_users_decide,
		ECFC_BV_66_the_peer_disconnects_a_channel,
		ECFC_BV_65_we_disconnect_a_channel,
		ECFC_BV_73_a_disconnection_of_an_unknown_channel_is_rejected,
		the_user_of_one_may_close_another_that_has_just_opened,
		the_features_tell_whether_anybody_listens,
		a_dynamic_listener_gets_a_psm,
	};

	return suite_run("l2cap/ecfc_offer", tests, RT_ARRAY_SIZE(tests),
			 offer_setup, bench_teardown);
}
