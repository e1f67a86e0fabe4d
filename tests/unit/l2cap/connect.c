/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* Channels that we open, up to CONFIGURATION_REQ. */

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

/* L2CAP/COS/CED/BV-01-C */
START_TEST(CED_BV_01_a_channel_of_ours_opens_with_a_peer_of_mtu_48)
{
	struct user user = { .answer = 0 };
	struct rt_l2cap_info info;

	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	ck_assert(bench.link->used);
	tx_nothing();
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	rx("05 03 0600 4000 0000 0000 04 55 0800 4000 0000 0102 3000");
	tx("05 55 0a00 4100 0000 0000 0102 3000");
	told(&user, "opened");
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, user.chan, &info), 0);
	ck_assert(info.open && !info.incoming);
	ck_assert_uint_eq(info.psm, 0x1001);
	ck_assert_uint_eq(info.scid, 0x0040);
	ck_assert_uint_eq(info.dcid, 0x0041);
	ck_assert_uint_eq(info.imtu, 672);
	ck_assert_uint_eq(info.omtu, 48);
	ck_assert(rt_addr_equal(info.peer, bench_addr(1)));
}
END_TEST

START_TEST(a_link_that_is_open_is_used_at_once)
{
	struct user user = { .answer = 0 };

	link_in();
	ck_assert(!bench.link->used);
	ck_assert_int_eq(connect_to(&user, 0x0003), 0);
	ck_assert(bench.link->used);
	tx("02 01 0400 0300 4000");
	tx("0a 02 0200 0200");
	tx_nothing();
	told(&user, "");
}
END_TEST

START_TEST(channels_get_ids_and_handles_of_their_own)
{
	struct user a = { .answer = 0 };
	struct user b = { .answer = 0 };

	to_wait_link(&a);
	ck_assert_int_eq(connect_to(&b, 0x1001), 0);
	ck_assert_uint_ne(a.chan, b.chan);
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	tx("02 03 0400 0110 4100");
	tx_nothing();
	rx("03 03 0800 5000 4100 0000 0000");
	tx("04 04 0800 5000 0000 0102 a002");
	rx("03 01 0800 5100 4000 0000 0000");
	tx("04 05 0800 5100 0000 0102 a002");
}
END_TEST

START_TEST(an_id_is_used_again_only_after_all_others)
{
	struct user lasting = { .answer = 0 };
	struct user user = { .answer = 0 };
	struct rt_l2cap_info info;
	uint16_t want = 0x0040;

	to_wait_link(&lasting); /* keeps 0x0040 */
	for (uint32_t i = 0; i < 0xffc0; i++) {
		want = want == 0xffff ? 0x0041 : (uint16_t)(want + 1);
		if (connect_to(&user, 0x1001) < 0 ||
		    rt_l2cap_get_info(bench.l2cap, user.chan, &info) < 0 ||
		    info.scid != want)
			ck_abort_msg("not 0x%04x", want);
		rt_l2cap_abandon(bench.l2cap, user.chan);
		bench_step();
	}
	ck_assert_uint_eq(info.scid, 0x0041);
}
END_TEST

static void refused_with(uint16_t result, uint16_t code)
{
	struct user user = { .answer = 0 };
	const uint8_t rsp[] = { 0x03,
				0x01,
				0x08,
				0x00,
				0x00,
				0x00,
				0x40,
				0x00,
				(uint8_t)result,
				(uint8_t)(result >> 8),
				0x00,
				0x00 };

	to_wait_connect_rsp(&user);
	bench_wait_ms(700);
	fake_link_rx(bench.link, 1, rsp, sizeof(rsp));
	told_closed(&user, code, RT_PHASE_CONNECT);
	ck_assert_uint_eq(user.why.frame, bench.env->frame);
	ck_assert_uint_eq(user.why.elapsed_us, RT_MS(700));
	ck_assert(!bench.link->used);
	tx_nothing();
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	rt_env_reap(bench.env);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}

START_TEST(a_refusal_closes_the_channel_with_its_result)
{
	for (uint16_t result = 2; result <= 7; result++)
		refused_with(result, result);
	refused_with(0x00ff, 0x00ff);
	refused_with(0x0100, 0x00ff);
	refused_with(0xffff, 0x00ff);
}
END_TEST

START_TEST(a_refusal_may_come_without_channel_ids)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("03 01 0800 0000 0000 0400 0000");
	told_closed(&user, RT_L2CAP_NO_RESOURCES, RT_PHASE_CONNECT);
}
END_TEST

/* L2CAP/COS/CED/BI-30-C */
START_TEST(CED_BI_30_a_command_reject_is_a_failure)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("01 01 0600 0200 0000 0000");
	told_closed(&user, RT_L2CAP_REJECTED + 2, RT_PHASE_CONNECT);
	ck_assert_int_eq(user.why.err, -ECONNREFUSED);
	tx_nothing();
}
END_TEST

START_TEST(a_command_reject_with_another_identifier_is_ignored)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("01 77 0200 0000");
	rx("01 00 0200 0000");
	told(&user, "");
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
}
END_TEST

/* L2CAP/COS/CED/BI-28-C */
START_TEST(CED_BI_28_responses_that_do_not_match_are_ignored)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("03 00 0800 4100 4000 0000 0000"); /* identifier 0 */
	rx("03 02 0800 4100 4000 0000 0000"); /* that of another request */
	rx("03 03 0800 4100 4000 0000 0000"); /* of none */
	rx("03 01 0800 4100 4100 0000 0000"); /* for another channel */
	rx("03 01 0800 4100 0000 0000 0000");
	rx("03 01 0800 0000 0000 0100 0000"); /* only refusals may lack it */
	rx("05 01 0600 4000 0000 0000");      /* another response */
	rx("07 01 0400 4100 4000");
	told(&user, "");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_unexpected, 7);

	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	rx("03 01 0800 4200 4000 0000 0000"); /* again */
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_unexpected, 8);
	told(&user, "");
}
END_TEST

START_TEST(a_refusal_for_another_channel_is_ignored)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("03 01 0800 0000 4200 0200 0000");
	told(&user, "");
	ck_assert_uint_eq(stats()->sig_unexpected, 1);
}
END_TEST

static void bad_dcid(const char *rsp)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx(rsp);
	told_closed(&user, RT_L2CAP_BAD_PEER, RT_PHASE_CONNECT);
	tx_nothing();
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	rt_env_reap(bench.env);
}

START_TEST(a_success_with_a_channel_id_that_is_none_fails)
{
	bad_dcid("03 01 0800 0000 4000 0000 0000");
	bad_dcid("03 01 0800 0100 4000 0000 0000");
	bad_dcid("03 01 0800 3f00 4000 0000 0000");
}
END_TEST

START_TEST(a_success_with_the_channel_id_of_another_channel_fails)
{
	struct user user = { .answer = 0 };
	struct user second = { .answer = 0 };

	to_open(&user);
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	tx("02 04 0400 0110 4100");
	rx("03 04 0800 4100 4100 0000 0000");
	told_closed(&second, RT_L2CAP_BAD_PEER, RT_PHASE_CONNECT);
	tx_nothing();
	rx_cid(0x0040, "01");
	told(&user, "rx:01");
}
END_TEST

/* L2CAP/COS/CED/BI-28-C */
START_TEST(the_request_is_sent_again_after_2_4_8_s_and_given_up_after_30_s)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0400 0200 0100");
	for (unsigned int wait_ms = 2000; wait_ms <= 8000; wait_ms *= 2) {
		bench_wait_us(RT_MS(wait_ms) - 1);
		tx_nothing();
		bench_wait_us(1);
		tx("02 01 0400 0110 4000");
		tx_nothing();
	}
	bench_wait_us(RT_MS(16000) - 1);
	tx_nothing();
	told(&user, "");
	bench_wait_us(1);
	told_closed(&user, RT_L2CAP_TIMEOUT_RTX, RT_PHASE_CONNECT);
	ck_assert_int_eq(user.why.err, -ETIMEDOUT);
	ck_assert_uint_eq(user.why.elapsed_us, RT_SECONDS(30));
	ck_assert_uint_eq(user.why.frame, 0);
	tx_nothing();
	rx("03 01 0800 4100 4000 0000 0000");
	tx_nothing();
}
END_TEST

START_TEST(an_answer_at_the_last_moment_counts)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_discard();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	told(&user, "");
}
END_TEST

START_TEST(after_pending_the_request_is_not_repeated_and_ertx_runs)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("0b 02 0400 0200 0100");
	bench_wait_ms(2000); /* RTX has expired, but nothing was sent */
	rx("03 01 0800 4100 4000 0100 0200");
	tx_nothing();
	bench_wait_us(RT_SECONDS(120) - 1);
	tx_nothing();
	told(&user, "");
	bench_wait_us(1);
	told_closed(&user, RT_L2CAP_TIMEOUT_ERTX, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(each_pending_starts_ertx_anew_up_to_300_s)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	bench_wait_ms(1000);
	for (int i = 0; i < 3; i++) {
		rx("03 01 0800 0000 4000 0100 0000");
		bench_wait_ms(100000);
	}
	/* 300 s after the first */
	told_closed(&user, RT_L2CAP_TIMEOUT_ERTX, RT_PHASE_CONNECT);
	ck_assert_uint_eq(user.why.elapsed_us, RT_SECONDS(301));
}
END_TEST

START_TEST(success_after_pending_opens_the_same_channel)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("03 01 0800 4100 4000 0100 0100");
	bench_wait_ms(60000);
	tx_nothing();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");

	/* The next request has an RTX of its own. */
	bench_wait_ms(2000);
	tx("04 03 0800 4100 0000 0102 a002");
	rx("05 03 0600 4000 0000 0000 04 01 0400 4000 0000");
	tx("05 01 0600 4100 0000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(refusal_after_pending_closes_the_channel)
{
	struct user user = { .answer = 0 };

	to_wait_connect_rsp(&user);
	rx("03 01 0800 0000 4000 0100 0100");
	rx("03 01 0800 0000 4000 0300 0000");
	told_closed(&user, RT_L2CAP_SECURITY_BLOCK, RT_PHASE_CONNECT);
}
END_TEST

START_TEST(a_page_that_fails_closes_its_channels_with_the_reason)
{
	struct user a = { .answer = 0 };
	struct user b = { .answer = 0 };

	to_wait_link(&a);
	ck_assert_int_eq(connect_to(&b, 0x1003), 0);
	bench_wait_ms(5120);
	fake_link_down(bench.link, FAKE_HCI_PAGE_TIMEOUT);
	told(&a, "closed");
	told(&b, "closed");
	ck_assert_uint_eq(a.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(a.why.code, FAKE_HCI_PAGE_TIMEOUT);
	ck_assert_int_eq(a.why.err, -EHOSTDOWN);
	ck_assert_uint_eq(a.why.phase, RT_PHASE_PAGE);
	ck_assert_uint_eq(a.why.elapsed_us, RT_MS(5120));
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_connect_that_cannot_be_is_refused_and_leaves_nothing)
{
	struct user user = { .answer = 0 };
	struct rt_l2cap_params params = { .ops = &user_ops, .imtu = 47 };
	const struct rt_addr zero = { { 0 } };
	rt_handle chan;

	ck_assert_int_eq(connect_to(&user, 0x1000), -EINVAL);
	ck_assert_int_eq(connect_to(&user, 0x0101), -EINVAL);
	ck_assert_int_eq(connect_to(&user, 0x0000), -EINVAL);
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &chan),
			 -EINVAL);
	params.imtu = 48;
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, zero, 0x1001, &params,
					  &chan),
			 -EINVAL);
	bench.hci.connect_result = -ENETDOWN;
	ck_assert_int_eq(connect_to(&user, 0x1001), -ENETDOWN);
	bench.hci.connect_result = -EMLINK;
	ck_assert_int_eq(connect_to(&user, 0x1001), -EMLINK);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	told(&user, "");
}
END_TEST

START_TEST(a_host_has_64_channels_and_the_65th_is_refused)
{
	struct user user = { .answer = 0 };
	struct user last = { .answer = 0 };

	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	ck_assert_int_eq(connect_to(&last, 0x1001), -ENOSPC);
	rt_l2cap_abandon(bench.l2cap, user.chan);
	bench_step();
	ck_assert_int_eq(connect_to(&last, 0x1001), 0);
}
END_TEST

START_TEST(the_mtu_of_the_user_is_the_one_that_is_told)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.imtu = 48,
		.flush_timeout_ms = 1000,
	};
	rt_handle chan;

	link_in();
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &chan),
			 0);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0c00 4100 0000 0102 3000 0202 e803");
	rt_l2cap_abandon(bench.l2cap, chan);
}
END_TEST

START_TEST(both_sides_may_connect_at_the_same_time)
{
	struct user ours = { .answer = 0 };
	struct user theirs = { .answer = 0 };

	listen_on(&theirs, 0x1001);
	to_wait_connect_rsp(&ours); /* 0x0040 */
	rx("02 01 0400 0110 4000"); /* and the peer's id is the same */
	tx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4000 0000 0102 a002");
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 04 0800 4100 0000 0102 a002");
	rx("04 02 0400 4000 0000 04 03 0400 4100 0000");
	tx("05 02 0600 4100 0000 0000");
	tx("05 03 0600 4000 0000 0000");
	rx("05 04 0600 4000 0000 0000 05 03 0600 4100 0000 0000");
	told(&ours, "opened");
	told(&theirs, "incoming opened");
	rx_cid(0x0040, "01");
	rx_cid(0x0041, "02");
	told(&ours, "rx:01");
	told(&theirs, "rx:02");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BV_01_a_channel_of_ours_opens_with_a_peer_of_mtu_48,
		a_link_that_is_open_is_used_at_once,
		channels_get_ids_and_handles_of_their_own,
		an_id_is_used_again_only_after_all_others,
		a_refusal_closes_the_channel_with_its_result,
		a_refusal_may_come_without_channel_ids,
		CED_BI_30_a_command_reject_is_a_failure,
		a_command_reject_with_another_identifier_is_ignored,
		CED_BI_28_responses_that_do_not_match_are_ignored,
		a_refusal_for_another_channel_is_ignored,
		a_success_with_a_channel_id_that_is_none_fails,
		a_success_with_the_channel_id_of_another_channel_fails,
		the_request_is_sent_again_after_2_4_8_s_and_given_up_after_30_s,
		an_answer_at_the_last_moment_counts,
		after_pending_the_request_is_not_repeated_and_ertx_runs,
		each_pending_starts_ertx_anew_up_to_300_s,
		success_after_pending_opens_the_same_channel,
		refusal_after_pending_closes_the_channel,
		a_page_that_fails_closes_its_channels_with_the_reason,
		a_connect_that_cannot_be_is_refused_and_leaves_nothing,
		a_host_has_64_channels_and_the_65th_is_refused,
		the_mtu_of_the_user_is_the_one_that_is_told,
		both_sides_may_connect_at_the_same_time,
	};

	return suite_run("l2cap/connect", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
