/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/l2cap/talk.h"

/* What a listener offers, and both sides that connect at once. */

static struct rt_l2cap_params listener_params(struct user *user, uint16_t imtu)
{
	return (struct rt_l2cap_params){
		.ops = &listener_ops,
		.user = user,
		.imtu = imtu,
	};
}

START_TEST(channels_get_what_their_listener_says_when_they_are_made)
{
	struct user user = { .many = true };
	struct rt_l2cap_params params = listener_params(&user, 256);
	uint16_t psm;

	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 0);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0000 0000");
	tx("04 01 0800 4100 0000 0102 0001");
	tx("0a 02 0200 0200");

	params.imtu = 512;
	ck_assert_int_eq(rt_l2cap_relisten(bench.l2cap, 0x1001, &params), 0);
	rx("02 02 0400 0110 4200");
	tx("03 02 0800 4100 4200 0000 0000");
	tx("04 03 0800 4200 0000 0102 0002");

	/* The first keeps what it had. */
	rx("05 01 0600 4000 0000 0100");
	tx("04 04 0800 4100 0000 0102 0001");
}
END_TEST

START_TEST(a_listener_is_not_changed_to_what_cannot_be)
{
	struct user user = { .many = true };
	struct rt_l2cap_params params = listener_params(&user, 256);
	uint16_t psm;

	ck_assert_int_eq(rt_l2cap_relisten(bench.l2cap, 0x1001, &params),
			 -ENOENT);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 0);
	params.imtu = 47;
	ck_assert_int_eq(rt_l2cap_relisten(bench.l2cap, 0x1001, &params),
			 -EINVAL);
	params.imtu = 0;
	params.ops = &user_ops;
	ck_assert_int_eq(rt_l2cap_relisten(bench.l2cap, 0x1001, &params),
			 -EINVAL);
}
END_TEST

START_TEST(both_sides_may_connect_to_the_same_psm_at_once)
{
	struct user listener = { .answer = 0 };
	struct user user = { .answer = 0 };

	listen_on(&listener, 0x1001);
	link_in();
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	/* The same channel id and identifier at the other end. */
	rx("02 01 0400 0110 4000");
	tx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4000 0000 0102 a002");
	told(&listener, "incoming");
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 04 0800 4100 0000 0102 a002");

	rx("05 04 0600 4000 0000 0000 05 03 0600 4100 0000 0000");
	rx("04 05 0400 4000 0000 04 06 0400 4100 0000");
	tx("05 05 0600 4100 0000 0000");
	tx("05 06 0600 4000 0000 0000");
	told(&user, "opened");
	told(&listener, "opened");
	rx_cid(0x40, "aa");
	rx_cid(0x41, "bb");
	told(&user, "rx:aa");
	told(&listener, "rx:bb");
}
END_TEST

START_TEST(a_peer_may_make_five_channels_at_once)
{
	struct user user = { .many = true };
	char hex[80];

	listen_on(&user, 0x1001);
	link_in();
	for (unsigned int i = 0; i < 5; i++) {
		snprintf(hex, sizeof(hex), "02 %02x 0400 0110 %02x00", i + 1,
			 i + 0x50);
		rx(hex);
	}
	for (unsigned int i = 0; i < 5; i++) {
		snprintf(hex, sizeof(hex),
			 "03 %02x 0800 %02x00 %02x00 00000000", i + 1, i + 0x40,
			 i + 0x50);
		tx(hex);
	}
}
END_TEST

static void tear_down_psm(struct user *user)
{
	(void)user;
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
}

START_TEST(a_listener_may_stop_when_it_hears_of_a_channel)
{
	struct user user = {
		.on = "incoming",
		.then = tear_down_psm,
	};

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 0000 4100 0300 0000");
	bench_step();
	tx_nothing();
	told(&user, "incoming");
	ck_assert_uint_eq(bench.l2cap->chans.used, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		channels_get_what_their_listener_says_when_they_are_made,
		a_listener_is_not_changed_to_what_cannot_be,
		both_sides_may_connect_to_the_same_psm_at_once,
		a_peer_may_make_five_channels_at_once,
		a_listener_may_stop_when_it_hears_of_a_channel,
	};

	return suite_run("l2cap/service", tests, RT_ARRAY_SIZE(tests),
			 talk_setup, bench_teardown);
}
