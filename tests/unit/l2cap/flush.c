/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/talk.h"

/*
 * The flush timeout (Core Vol 3 Part A 5.2): told to the peer, set in the
 * controller, and heeded for the channels that have one.
 */

static void open_with(uint16_t flush_timeout_ms, const char *ours)
{
	talk.params.flush_timeout_ms = flush_timeout_ms;
	talk_connected();
	talk_features("00000000");
	tx_req(3, ours);
	rx_rsp(3, 0, "");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
}

/* Our next PDU: its octets may be flushed, or not. */
static void next_is(bool flushable)
{
	uint8_t buf[100];

	ck_assert_uint_gt(fake_link_pull(bench.link, buf, sizeof(buf)), 0);
	ck_assert(bench.link->sent[0].pdu.flushable == flushable);
	fake_link_complete(bench.link, 1, true);
}

START_TEST(a_channel_without_a_timeout_is_never_flushed)
{
	static const char *const sdus[] = { "0102", NULL };

	open_with(0, "0102 a002");
	ck_assert_uint_eq(bench.link->flush_ms, 0);
	talk.user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, talk.user.chan);
	next_is(false);
}
END_TEST

START_TEST(data_of_a_channel_with_a_timeout_are_flushed_and_signalling_is_not)
{
	static const char *const sdus[] = { "0102", NULL };

	open_with(100, "0102 a002 0202 6400");
	ck_assert_uint_eq(bench.link->flush_ms, 100);
	talk.user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, talk.user.chan);
	rx("08 55 0000");
	next_is(false);
	next_is(true);
	told(&talk.user, "written:2");
}
END_TEST

START_TEST(the_controller_has_it_as_long_as_the_channel_is_open)
{
	talk.params.flush_timeout_ms = 100;
	talk_connected();
	ck_assert_uint_eq(bench.link->flush_ms, 0);
	bench_teardown();

	talk_setup();
	open_with(100, "0102 a002 0202 6400");
	rt_l2cap_close(bench.l2cap, talk.user.chan);
	ck_assert_uint_eq(bench.link->flush_ms, 0);
}
END_TEST

START_TEST(of_several_channels_the_shortest_timeout_counts)
{
	struct user other = { .answer = 0 };
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &other,
		.flush_timeout_ms = 20,
	};

	open_with(100, "0102 a002 0202 6400");
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &other.chan),
			 0);
	tx("02 04 0400 0110 4100");
	rx("03 04 0800 4200 4100 0000 0000");
	tx("04 05 0c00 4200 0000 0102 a002 0202 1400");
	rx("05 05 0600 4100 0000 0000");
	rx("04 06 0400 4100 0000");
	tx("05 06 0600 4200 0000 0000");
	told(&other, "opened");
	ck_assert_uint_eq(bench.link->flush_ms, 20);
	rx("06 07 0400 4100 4200");
	told(&other, "closed");
	ck_assert_uint_eq(bench.link->flush_ms, 100);
}
END_TEST

START_TEST(a_timeout_that_the_peer_wants_is_the_one_that_counts)
{
	talk_connected();
	talk_features("00000000");
	tx_req(3, "0102 a002");
	rx_rsp(3, 1, "0202 3200");
	tx_req(4, "0102 a002 0202 3200");
	rx_rsp(4, 0, "");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	ck_assert_uint_eq(bench.link->flush_ms, 50);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_channel_without_a_timeout_is_never_flushed,
		data_of_a_channel_with_a_timeout_are_flushed_and_signalling_is_not,
		the_controller_has_it_as_long_as_the_channel_is_open,
		of_several_channels_the_shortest_timeout_counts,
		a_timeout_that_the_peer_wants_is_the_one_that_counts,
	};

	return suite_run("l2cap/flush", tests, RT_ARRAY_SIZE(tests), talk_setup,
			 bench_teardown);
}
