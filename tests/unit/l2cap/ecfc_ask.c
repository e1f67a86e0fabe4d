/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/l2cap/ecfc_bench.h"

/* Credit-based channels that we open, and what peers answer. */

/* L2CAP/ECFC/BV-46-C */
START_TEST(ECFC_BV_46_a_channel_opens_without_configuration)
{
	struct rt_l2cap_info info;

	ask_sent(1);
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&ask_user, "opened");
	tx_nothing();
	info = ask_info(0);
	ck_assert_int_eq(info.mode, RT_L2CAP_MODE_CREDIT);
	ck_assert(info.open && !info.incoming);
	ck_assert_uint_eq(info.scid, 0x0040);
	ck_assert_uint_eq(info.dcid, 0x0050);
	ck_assert_uint_eq(info.imtu, 100);
	ck_assert_uint_eq(info.omtu, 200);
	ck_assert_uint_eq(info.rx_mps, 64);
	ck_assert_uint_eq(info.tx_mps, 80);
	ck_assert_uint_eq(info.rx_credits, 3);
	ck_assert_uint_eq(info.tx_credits, 2);
	ck_assert_uint_eq(info.psm, 0x1001);
	bench_wait_ms(400000);
	told(&ask_user, "");
}
END_TEST

START_TEST(one_channel_is_asked_for_like_any_other)
{
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &ask_params, &ask_user.chan),
			 0);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	fake_link_up(bench.link);
	tx("17 01 0a00 0110 6400 4000 0300 4000");
	rx("18 01 0a00 4000 4000 0100 0000 5000");
	told(&ask_user, "opened");
	ck_assert_uint_eq(info_of(&ask_user).omtu, 64);
}
END_TEST

START_TEST(five_channels_are_asked_for_at_once)
{
	ask_sent(5);
	rx("18 01 1200 c800 5000 0200 0000 5000 5100 5200 5300 5400");
	told(&ask_user, "opened opened opened opened opened");
	for (size_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(ask_info(i).scid, 0x40 + i);
		ck_assert_uint_eq(ask_info(i).dcid, 0x50 + i);
	}
	tx_nothing();
}
END_TEST

START_TEST(what_cannot_be_asked_for_is_refused)
{
	struct rt_l2cap_params p = ask_params;

	ck_assert_int_eq(ask_for(0), -EINVAL);
	ck_assert_int_eq(ask_for(6), -EINVAL);
	p.mode = RT_L2CAP_MODE_BASIC;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1001, &p, 1, ask_chans),
			 -EINVAL);
	p = ask_params;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1000, &p, 1, ask_chans),
			 -EINVAL);
	p.imtu = 63;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1001, &p, 1, ask_chans),
			 -EINVAL);
	p = ask_params;
	p.mps = 63;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1001, &p, 1, ask_chans),
			 -EINVAL);
	p = ask_params;
	p.ops = NULL;
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1001, &p, 1, ask_chans),
			 -EINVAL);
	bench.hci.connect_result = -ENETDOWN;
	ck_assert_int_eq(ask_for(5), -ENETDOWN);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

/*
 * L2CAP/ECFC/BV-48-C, BV-71-C, BV-67-C, BV-68-C, BV-52-C, BV-54-C, BV-55-C,
 * BV-57-C, BV-72-C
 */
START_TEST(ECFC_BV_48_every_refusal_is_reported)
{
	static const uint16_t results[] = {
		0x0002, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009,
		0x000a, 0x000b, 0x000c, 0x0001, 0x0003, 0x0010, 0xffff,
	};
	char rsp[80];

	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(results); i++) {
		ask_setup();
		ask_sent(2);
		snprintf(rsp, sizeof(rsp),
			 "18 01 0c00 0000 0000 0000 %02x%02x 0000 0000",
			 results[i] & 0xff, results[i] >> 8);
		rx(rsp);
		told(&ask_user, "closed closed");
		ck_assert_uint_eq(ask_user.why.layer, RT_LAYER_L2CAP);
		ck_assert_uint_eq(ask_user.why.code,
				  RT_L2CAP_CREDIT_RESULT +
					  RT_MIN(results[i], 0xff));
		ck_assert_uint_eq(ask_user.why.phase, RT_PHASE_CONNECT);
		tx_nothing();
		ck_assert(!bench.link->used);
		bench_teardown();
	}
	ask_setup();
}
END_TEST

START_TEST(a_refusal_may_come_without_channel_ids)
{
	ask_sent(2);
	rx("18 01 0800 0000 0000 0000 0200");
	told(&ask_user, "closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_CREDIT_RESULT + 2);
}
END_TEST

START_TEST(ids_in_a_refusal_of_all_do_not_count)
{
	ask_sent(2);
	rx("18 01 0c00 c800 5000 0200 0500 5000 5100");
	told(&ask_user, "closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_CREDIT_RESULT + 5);
	tx_nothing();
}
END_TEST

START_TEST(some_may_be_refused_and_some_not)
{
	static const char *const rsps[] = {
		"18 01 0e00 c800 5000 0200 0400 5000 0000 5200",
		"18 01 0e00 c800 5000 0200 0900 5000 0000 5200",
		"18 01 0e00 c800 5000 0200 0a00 5000 0000 5200",
	};
	static const uint16_t results[] = { 4, 9, 10 };

	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(rsps); i++) {
		ask_setup();
		ask_sent(3);
		rx(rsps[i]);
		told(&ask_user, "opened closed opened");
		ck_assert_uint_eq(ask_user.why.code,
				  RT_L2CAP_CREDIT_RESULT + results[i]);
		ck_assert(ask_is_there(0) && !ask_is_there(1) &&
			  ask_is_there(2));
		ck_assert_uint_eq(ask_info(2).dcid, 0x52);
		tx_nothing();
		bench_teardown();
	}
	ask_setup();
}
END_TEST

START_TEST(success_without_an_id_is_a_broken_rule)
{
	ask_sent(2);
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&ask_user, "opened closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_BAD_PEER);
	tx_nothing();
}
END_TEST

START_TEST(pending_is_waited_for)
{
	ask_sent(1);
	rx("18 01 0a00 0000 0000 0000 0d00 0000");
	bench_wait_ms(100000);
	rx("18 01 0800 0000 0000 0000 0e00");
	bench_wait_ms(100000);
	rx("18 01 0a00 0000 0000 0000 0f00 0000");
	tx_nothing();
	bench_wait_ms(90000);
	told(&ask_user, "");
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&ask_user, "opened");
}
END_TEST

START_TEST(pending_for_ever_is_a_time_out)
{
	ask_sent(2);
	rx("18 01 0c00 0000 0000 0000 0d00 0000 0000");
	bench_wait_ms(119999);
	told(&ask_user, "");
	bench_wait_ms(1);
	told(&ask_user, "closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_TIMEOUT_ERTX);
	tx_nothing();
}
END_TEST

START_TEST(no_answer_is_a_time_out_after_four_requests)
{
	ask_sent(1);
	for (unsigned int ms = 2000; ms <= 8000; ms *= 2) {
		bench_wait_ms(ms);
		tx("17 01 0a00 0110 6400 4000 0300 4000");
	}
	bench_wait_ms(15999);
	told(&ask_user, "");
	bench_wait_ms(1);
	told_closed(&ask_user, RT_L2CAP_TIMEOUT_RTX, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

/* L2CAP/ECFC/BV-45-C */
START_TEST(ECFC_BV_45_a_command_reject_is_reported)
{
	ask_sent(3);
	rx("01 01 0200 0000");
	told(&ask_user, "closed closed closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_REJECTED);
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

/* L2CAP/ECFC/BV-64-C */
START_TEST(ECFC_BV_64_an_id_given_twice_ends_the_old_and_the_new_channel)
{
	rt_handle old;

	ask_sent(1);
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&ask_user, "opened");
	old = ask_chans[0];
	ck_assert_int_eq(ask_for(2), 0);
	tx("17 02 0c00 0110 6400 4000 0300 4100 4200");
	rx("18 02 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "closed closed opened");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_BAD_PEER);
	ck_assert(!ask_is_there(0) && ask_is_there(1));
	ask_chans[0] = old;
	ck_assert(!ask_is_there(0));
	tx_nothing();

	/* Neither is there for the peer. */
	rx_cid(0x0040, "0100 aa");
	rx_cid(0x0041, "0100 aa");
	told(&ask_user, "");
}
END_TEST

/* It still waits for the controller when it is to end once more. */
START_TEST(an_old_channel_whose_id_is_given_to_two_new_ones_ends_once)
{
	static const char *const sdus[] = { "aa", NULL };

	ask_sent(1);
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&ask_user, "opened");
	bench.hold = HOLD_DATA;
	ask_user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, ask_chans[0]);
	tx_cid(0x0050, "0100 aa");
	ck_assert_int_eq(ask_for(2), 0);
	tx("17 02 0c00 0110 6400 4000 0300 4100 4200");
	rx("18 02 0c00 c800 5000 0200 0000 5000 5000");
	told(&ask_user, "closed closed");
	fake_link_complete(bench.link, 1, true);
	told(&ask_user, "written:1 closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_BAD_PEER);
	tx_nothing();
}
END_TEST

START_TEST(an_id_twice_in_an_answer_opens_neither)
{
	ask_sent(3);
	rx("18 01 0e00 c800 5000 0200 0000 5000 5100 5000");
	told(&ask_user, "closed opened closed");
	ck_assert_uint_eq(ask_user.why.code, RT_L2CAP_BAD_PEER);
	tx_nothing();
}
END_TEST

START_TEST(an_id_that_is_not_dynamic_opens_nothing)
{
	ask_sent(1);
	rx("18 01 0a00 c800 5000 0200 0000 3f00");
	told_closed(&ask_user, RT_L2CAP_BAD_PEER, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(an_mtu_or_mps_below_64_is_disconnected)
{
	static const char *const rsps[] = {
		"18 01 0a00 3f00 4000 0200 0000 5000",
		"18 01 0a00 4000 3f00 0200 0000 5000",
	};

	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(rsps); i++) {
		ask_setup();
		ask_sent(1);
		rx(rsps[i]);
		tx("06 02 0400 5000 4000");
		told(&ask_user, "");
		rx("07 02 0400 5000 4000");
		told_closed(&ask_user, RT_L2CAP_BAD_PEER, RT_PHASE_CONNECT);
		bench_teardown();
	}
	ask_setup();
}
END_TEST

START_TEST(a_response_of_the_wrong_size_is_ignored)
{
	static const char *const bad[] = {
		"18 01 0000",
		"18 01 0700 c800 5000 0200 00",
		"18 01 0900 c800 5000 0200 0000 50",
		"18 01 0b00 c800 5000 0200 0000 5000 51",
		"18 01 0e00 c800 5000 0200 0000 5000 5100 5200",
		"18 01 1400 c800 5000 0200 0000 5000 5100 5200 5300 5400 5500",
	};

	ask_sent(2);
	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++) {
		rx(bad[i]);
		tx_nothing();
		ck_assert_uint_eq(stats()->sig_malformed, i + 1);
	}
	rx("18 02 0c00 c800 5000 0200 0000 5000 5100");
	rx("18 00 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "");
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "opened opened");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&ask_user, "");
	ck_assert_uint_eq(stats()->sig_unexpected, 2);
}
END_TEST

/* L2CAP/ECFC/BV-79-C */
START_TEST(ECFC_BV_79_ids_are_unique_and_between_0x40_and_0x7f)
{
	uint16_t cid = 0x40;
	char rsp[60];

	link_in();
	for (unsigned int i = 0; i < 130; i++) {
		ck_assert_int_eq(ask_for(2), 0);
		ck_assert_uint_eq(ask_info(0).scid, cid);
		cid = cid == 0x7f ? 0x40 : (uint16_t)(cid + 1);
		ck_assert_uint_eq(ask_info(1).scid, cid);
		cid = cid == 0x7f ? 0x40 : (uint16_t)(cid + 1);
		ck_assert_uint_eq(tx_discard(), 1);
		snprintf(rsp, sizeof(rsp), "18 %02x 0800 0000 0000 0000 0200",
			 i + 1);
		rx(rsp);
		told(&ask_user, "closed closed");
	}
}
END_TEST

static void many_channels(struct rt_limits *limits)
{
	limits->channels = 80;
}

START_TEST(more_channels_than_that_get_higher_ids)
{
	bench_restart(many_channels);
	link_in();
	for (unsigned int i = 0; i < 16; i++)
		ck_assert_int_eq(ask_for(5), 0);
	ck_assert_uint_eq(ask_info(4).scid, 0x8f);
	ck_assert_int_eq(ask_for(1), -ENOSPC);
	tx_discard();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_46_a_channel_opens_without_configuration,
		one_channel_is_asked_for_like_any_other,
		five_channels_are_asked_for_at_once,
		what_cannot_be_asked_for_is_refused,
		ECFC_BV_48_every_refusal_is_reported,
		a_refusal_may_come_without_channel_ids,
		ids_in_a_refusal_of_all_do_not_count,
		some_may_be_refused_and_some_not,
		success_without_an_id_is_a_broken_rule,
		pending_is_waited_for,
		pending_for_ever_is_a_time_out,
		no_answer_is_a_time_out_after_four_requests,
		ECFC_BV_45_a_command_reject_is_reported,
		ECFC_BV_64_an_id_given_twice_ends_the_old_and_the_new_channel,
		an_old_channel_whose_id_is_given_to_two_new_ones_ends_once,
		an_id_twice_in_an_answer_opens_neither,
		an_id_that_is_not_dynamic_opens_nothing,
		an_mtu_or_mps_below_64_is_disconnected,
		a_response_of_the_wrong_size_is_ignored,
		ECFC_BV_79_ids_are_unique_and_between_0x40_and_0x7f,
		more_channels_than_that_get_higher_ids,
	};

	return suite_run("l2cap/ecfc_ask", tests, RT_ARRAY_SIZE(tests),
			 ask_setup, bench_teardown);
}
