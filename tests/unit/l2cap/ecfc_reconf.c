/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* Credit-based channels that are changed, by us and by the peer. */

static struct user user;
static rt_handle chans[5];

/* Two channels, 0x0040 and 0x0041, the peer's 0x0050 and 0x0051. */
static void setup(void)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.mode = RT_L2CAP_MODE_CREDIT,
		.imtu = 100,
		.mps = 80,
		.credits = 40,
	};

	bench_setup();
	user = (struct user){ .many = true };
	ck_assert_int_eq(rt_l2cap_connect_many(bench.l2cap, bench_addr(1),
					       0x1001, &params, 2, chans),
			 0);
	user.chan = chans[0];
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	fake_link_up(bench.link);
	tx("17 01 0c00 0110 6400 5000 2800 4000 4100");
	rx("18 01 0c00 c800 5000 0200 0000 5000 5100");
	told(&user, "opened opened");
}

static struct rt_l2cap_info info_at(size_t i)
{
	struct rt_l2cap_info ret = { .scid = 0 };

	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, chans[i], &ret), 0);
	return ret;
}

static void we_receive(size_t i, uint16_t mtu, uint16_t mps)
{
	ck_assert_uint_eq(info_at(i).imtu, mtu);
	ck_assert_uint_eq(info_at(i).rx_mps, mps);
}

static void we_send(size_t i, uint16_t mtu, uint16_t mps)
{
	ck_assert_uint_eq(info_at(i).omtu, mtu);
	ck_assert_uint_eq(info_at(i).tx_mps, mps);
}

static int reconfigure(size_t count, uint16_t mtu, uint16_t mps)
{
	return rt_l2cap_reconfigure(bench.l2cap, chans, count, mtu, mps);
}

/* L2CAP/ECFC/BV-58-C */
START_TEST(ECFC_BV_58_we_raise_the_mtu)
{
	ck_assert_int_eq(reconfigure(2, 300, 80), 0);
	tx("19 02 0800 2c01 5000 4000 4100");
	tx_nothing();
	we_receive(0, 100, 80);
	rx("1a 02 0200 0000");
	we_receive(0, 300, 80);
	we_receive(1, 300, 80);
	told(&user, "");
	rx_cid(0x0040, "0200 aabb");
	told(&user, "rx:aabb");
}
END_TEST

/* L2CAP/ECFC/BV-60-C */
START_TEST(ECFC_BV_60_we_change_the_mps)
{
	ck_assert_int_eq(reconfigure(2, 100, 90), 0);
	tx("19 02 0800 6400 5a00 4000 4100");
	rx("1a 02 0200 0000");
	we_receive(0, 100, 90);

	/* A smaller one, for a single channel. */
	ck_assert_int_eq(reconfigure(1, 100, 64), 0);
	tx("19 03 0600 6400 4000 4000");
	we_receive(0, 100, 90);
	rx("1a 03 0200 0000");
	we_receive(0, 100, 64);
	we_receive(1, 100, 90);
}
END_TEST

START_TEST(what_the_peer_sends_before_it_agrees_may_be_as_before)
{
	ck_assert_int_eq(reconfigure(1, 100, 64), 0);
	tx("19 02 0600 6400 4000 4000");
	rx_cid(0x0040, "4600 0000000000000000000000000000000000000000000000000"
		       "00000000000000000000000000000000000000000000000000000"
		       "00000000000000000000000000000000000000");
	ck_assert_uint_eq(strlen(user.log), 3 + 2 * 64);
	ck_assert(info_at(0).open);
}
END_TEST

START_TEST(every_refusal_leaves_all_as_it_was)
{
	static const char *const rsps[] = {
		"1a 02 0200 0100", "1a 02 0200 0200", "1a 02 0200 0300",
		"1a 02 0200 0400", "1a 02 0200 ffff", "01 02 0200 0000",
	};

	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(rsps); i++) {
		setup();
		ck_assert_int_eq(reconfigure(2, 300, 90), 0);
		tx("19 02 0800 2c01 5a00 4000 4100");
		rx(rsps[i]);
		tx_nothing();
		told(&user, "");
		we_receive(0, 100, 80);
		ck_assert_int_eq(reconfigure(1, 300, 90), 0);
		tx("19 03 0600 2c01 5a00 4000");
		bench_teardown();
	}
	setup();
}
END_TEST

START_TEST(no_answer_leaves_all_as_it_was)
{
	ck_assert_int_eq(reconfigure(2, 300, 90), 0);
	bench_wait_ms(30000);
	tx_discard();
	we_receive(0, 100, 80);
	told(&user, "");
	rx("1a 02 0200 0000");
	we_receive(0, 100, 80);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->sig_unexpected, 1);
}
END_TEST

START_TEST(a_response_of_the_wrong_size_or_identifier_is_ignored)
{
	ck_assert_int_eq(reconfigure(1, 300, 90), 0);
	tx("19 02 0600 2c01 5a00 4000");
	rx("1a 02 0000");
	rx("1a 02 0100 00");
	rx("1a 02 0300 0000 00");
	rx("1a 03 0200 0000");
	rx("1a 00 0200 0000");
	tx_nothing();
	we_receive(0, 100, 80);
	rx("1a 02 0200 0000");
	we_receive(0, 300, 90);
}
END_TEST

START_TEST(one_change_of_a_channel_is_under_way)
{
	ck_assert_int_eq(reconfigure(2, 300, 90), 0);
	ck_assert_int_eq(reconfigure(1, 300, 90), -EBUSY);
	chans[0] = chans[1];
	ck_assert_int_eq(reconfigure(1, 300, 90), -EBUSY);
	tx("19 02 0800 2c01 5a00 4000 4100");
	rx("1a 02 0200 0000");
	ck_assert_int_eq(reconfigure(1, 400, 90), 0);
}
END_TEST

START_TEST(two_channels_may_change_at_the_same_time)
{
	const rt_handle second = chans[1];

	ck_assert_int_eq(reconfigure(1, 300, 90), 0);
	ck_assert_int_eq(rt_l2cap_reconfigure(bench.l2cap, &second, 1, 400, 90),
			 0);
	tx("19 02 0600 2c01 5a00 4000");
	tx("19 03 0600 9001 5a00 4100");
	rx("1a 03 0200 0000");
	rx("1a 02 0200 0000");
	we_receive(0, 300, 90);
	we_receive(1, 400, 90);
}
END_TEST

START_TEST(what_the_rules_forbid_is_not_asked_for)
{
	const rt_handle first = chans[0];
	struct user basic = { .answer = 0 };

	ck_assert_int_eq(reconfigure(0, 300, 90), -EINVAL);
	ck_assert_int_eq(reconfigure(6, 300, 90), -EINVAL);
	ck_assert_int_eq(reconfigure(1, 99, 80), -EINVAL);
	ck_assert_int_eq(reconfigure(1, 63, 80), -EINVAL);
	ck_assert_int_eq(reconfigure(1, 100, 63), -EINVAL);
	ck_assert_int_eq(reconfigure(1, 100, 65534), -EINVAL);
	ck_assert_int_eq(reconfigure(2, 100, 79), -EINVAL);
	chans[0] = chans[1];
	ck_assert_int_eq(reconfigure(2, 300, 90), -EINVAL);
	chans[0] = 12345;
	ck_assert_int_eq(reconfigure(1, 300, 90), -ENOENT);
	ck_assert_int_eq(connect_to(&basic, 0x1003), 0);
	chans[0] = basic.chan;
	ck_assert_int_eq(reconfigure(1, 300, 90), -EINVAL);
	tx_discard();
	chans[0] = first;
	rt_l2cap_close(bench.l2cap, first);
	ck_assert_int_eq(reconfigure(1, 300, 90), -EINVAL);
}
END_TEST

START_TEST(channels_of_two_links_do_not_change_together)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
		.mode = RT_L2CAP_MODE_CREDIT,
	};

	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(2), 0x1001,
					  &params, &chans[1]),
			 0);
	bench.link = fake_hci_find(&bench.hci, bench_addr(2));
	fake_link_up(bench.link);
	tx_discard();
	rx("18 01 0a00 c800 5000 0200 0000 5000");
	told(&user, "opened");
	ck_assert_int_eq(reconfigure(2, 1000, 1000), -EINVAL);
}
END_TEST

START_TEST(a_change_without_memory_is_refused)
{
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(reconfigure(2, 300, 90), -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	tx_nothing();
	ck_assert_int_eq(reconfigure(2, 300, 90), 0);
}
END_TEST

START_TEST(a_channel_that_closes_meanwhile_does_not_change)
{
	ck_assert_int_eq(reconfigure(2, 300, 90), 0);
	tx("19 02 0800 2c01 5a00 4000 4100");
	rt_l2cap_close(bench.l2cap, chans[0]);
	tx("06 03 0400 5000 4000");
	rx("1a 02 0200 0000");
	we_receive(1, 300, 90);
	rx("07 03 0400 5000 4000");
	told(&user, "closed");
}
END_TEST

START_TEST(a_link_that_goes_down_ends_a_change)
{
	ck_assert_int_eq(reconfigure(2, 300, 90), 0);
	tx("19 02 0800 2c01 5a00 4000 4100");
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	told(&user, "closed closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

/* L2CAP/ECFC/BV-59-C */
START_TEST(ECFC_BV_59_the_peer_raises_its_mtu)
{
	rx("19 07 0800 2c01 5000 5000 5100");
	tx("1a 07 0200 0000");
	we_send(0, 300, 80);
	we_send(1, 300, 80);
	told(&user, "");
}
END_TEST

/* L2CAP/ECFC/BV-61-C */
START_TEST(ECFC_BV_61_the_peer_changes_its_mps)
{
	static const char *const sdus[] = {
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
		"1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b"
		"3c3d3e3f",
		NULL,
	};

	rx("19 07 0800 c800 6400 5000 5100");
	tx("1a 07 0200 0000");
	we_send(0, 200, 100);
	rx("19 08 0600 c800 4000 5000");
	tx("1a 08 0200 0000");
	we_send(0, 200, 64);
	we_send(1, 200, 100);
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, chans[0]);
	tx_cid(0x0050, "4000 000102030405060708090a0b0c0d0e0f1011121314151617"
		       "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031"
		       "32333435363738393a3b3c3d");
	tx_cid(0x0050, "3e3f");
	told(&user, "written:64");
}
END_TEST

static void refused(const char *req, const char *rsp)
{
	rx(req);
	tx(rsp);
	tx_nothing();
	we_send(0, 200, 80);
	we_send(1, 200, 80);
	told(&user, "");
}

/* L2CAP/ECFC/BI-12-C */
START_TEST(ECFC_BI_12_a_smaller_mtu_is_refused)
{
	refused("19 07 0800 c700 5000 5000 5100", "1a 07 0200 0100");
	refused("19 07 0600 3f00 5000 5000", "1a 07 0200 0100");
	refused("19 07 0600 0000 0000 5000", "1a 07 0200 0100");
}
END_TEST

/* L2CAP/ECFC/BI-13-C, BI-16-C */
START_TEST(ECFC_BI_13_a_smaller_mps_of_several_channels_is_refused)
{
	refused("19 07 0800 c800 4f00 5000 5100", "1a 07 0200 0200");

	/* Also if it is smaller for one of them only. */
	rx("19 08 0600 c800 5a00 5000");
	tx("1a 08 0200 0000");
	rx("19 09 0800 c800 5500 5000 5100");
	tx("1a 09 0200 0200");
	we_send(0, 200, 90);
	we_send(1, 200, 80);
}
END_TEST

/* L2CAP/ECFC/BI-14-C */
START_TEST(ECFC_BI_14_an_id_that_is_none_is_refused)
{
	struct user basic = { .answer = 0 };

	refused("19 07 0600 2c01 5a00 5200", "1a 07 0200 0300");
	refused("19 07 0800 2c01 5a00 5000 4000", "1a 07 0200 0300");
	refused("19 07 0800 2c01 5a00 5000 0000", "1a 07 0200 0300");
	refused("19 07 0800 2c01 5a00 5000 5000", "1a 07 0200 0300");
	ck_assert_int_eq(connect_to(&basic, 0x1003), 0);
	tx_discard();
	rx("03 02 0800 6000 4200 0000 0000");
	tx_discard();
	refused("19 07 0600 2c01 5a00 6000", "1a 07 0200 0300");
}
END_TEST

/* L2CAP/ECFC/BI-15-C */
START_TEST(ECFC_BI_15_an_mps_below_64_is_refused)
{
	refused("19 07 0600 c800 3f00 5000", "1a 07 0200 0400");
	refused("19 07 0800 c800 3f00 5000 5100", "1a 07 0200 0400");
}
END_TEST

/* L2CAP/ECFC/BI-09-C */
START_TEST(ECFC_BI_09_a_request_of_the_wrong_size_is_rejected)
{
	static const char *const bad[] = {
		"19 07 0000",
		"19 07 0300 2c01 5a",
		"19 07 0400 2c01 5a00",
		"19 07 0500 2c01 5a00 50",
		"19 07 0700 2c01 5a00 5000 51",
		"19 07 1000 2c01 5a00 5000 5100 5200 5300 5400 5500",
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(bad); i++)
		refused(bad[i], "01 07 0200 0000");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_58_we_raise_the_mtu,
		ECFC_BV_60_we_change_the_mps,
		what_the_peer_sends_before_it_agrees_may_be_as_before,
		every_refusal_leaves_all_as_it_was,
		no_answer_leaves_all_as_it_was,
		a_response_of_the_wrong_size_or_identifier_is_ignored,
		one_change_of_a_channel_is_under_way,
		two_channels_may_change_at_the_same_time,
		what_the_rules_forbid_is_not_asked_for,
		channels_of_two_links_do_not_change_together,
		a_change_without_memory_is_refused,
		a_channel_that_closes_meanwhile_does_not_change,
		a_link_that_goes_down_ends_a_change,
		ECFC_BV_59_the_peer_raises_its_mtu,
		ECFC_BV_61_the_peer_changes_its_mps,
		ECFC_BI_12_a_smaller_mtu_is_refused,
		ECFC_BI_13_a_smaller_mps_of_several_channels_is_refused,
		ECFC_BI_14_an_id_that_is_none_is_refused,
		ECFC_BI_15_an_mps_below_64_is_refused,
		ECFC_BI_09_a_request_of_the_wrong_size_is_rejected,
	};

	return suite_run("l2cap/ecfc_reconf", tests, RT_ARRAY_SIZE(tests),
			 setup, bench_teardown);
}
