/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* Channels that peers open, and listeners. */

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

/* L2CAP/COS/CED/BV-05-C */
START_TEST(CED_BV_05_a_peer_connects_and_configures)
{
	struct user user = { .answer = 0 };
	struct rt_l2cap_info info;

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0000 0000");
	tx("04 01 0800 4100 0000 0102 a002");
	tx("0a 02 0200 0200");
	tx_nothing();
	rx("04 02 0800 4000 0000 0102 0004");
	tx("05 02 0a00 4100 0000 0000 0102 0004");
	rx("05 01 0600 4000 0000 0000");
	told(&user, "incoming opened");
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, user.chan, &info), 0);
	ck_assert(info.open && info.incoming);
	ck_assert_uint_eq(info.dcid, 0x0041);
	ck_assert_uint_eq(info.omtu, 1024);
	ck_assert_uint_eq(stats()->refused, 0);
}
END_TEST

static void refused(const char *req, const char *rsp)
{
	const uint32_t before = stats()->refused;

	rx(req);
	tx(rsp);
	tx_nothing();
	ck_assert_uint_eq(stats()->refused, before + 1);
}

START_TEST(a_psm_that_nobody_listens_on_is_refused)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	refused("02 01 0400 0310 4100", "03 01 0800 0000 4100 0200 0000");
	refused("02 02 0400 0100 4100", "03 02 0800 0000 4100 0200 0000");
	told(&user, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(what_is_no_psm_is_refused_as_not_supported)
{
	char req[40];

	link_in();
	for (uint32_t psm = 0; psm <= 0xffff; psm += 0x35) {
		snprintf(req, sizeof(req), "02 01 0400 %02x%02x 4100",
			 psm & 0xff, psm >> 8);
		refused(req, "03 01 0800 0000 4100 0200 0000");
	}
	refused("02 01 0400 ffff 4100", "03 01 0800 0000 4100 0200 0000");
}
END_TEST

START_TEST(a_channel_id_that_is_not_dynamic_is_refused)
{
	struct user user = { .answer = 0 };
	char req[40];
	char rsp[40];

	listen_on(&user, 0x1001);
	link_in();
	for (unsigned int cid = 0; cid < 0x40; cid++) {
		snprintf(req, sizeof(req), "02 09 0400 0110 %02x00", cid);
		snprintf(rsp, sizeof(rsp), "03 09 0800 0000 %02x00 0600 0000",
			 cid);
		refused(req, rsp);
	}
	/* Before anything else is looked at. */
	refused("02 09 0400 0000 3f00", "03 09 0800 0000 3f00 0600 0000");
	told(&user, "");
}
END_TEST

START_TEST(a_channel_id_that_is_in_use_is_refused)
{
	struct user user = { .answer = 0 };
	struct user listener = { .answer = 0 };

	listen_on(&listener, 0x1003);
	to_open(&user); /* the peer's id is 0x0041 */
	refused("02 01 0400 0310 4100", "03 01 0800 0000 4100 0700 0000");
	refused("02 01 0400 0510 4100", "03 01 0800 0000 4100 0700 0000");
	told(&listener, "");
	told(&user, "");
}
END_TEST

START_TEST(the_lowest_and_the_highest_channel_id_are_taken)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4000");
	tx("03 01 0800 4000 4000 0000 0000");
	tx_discard();
	rx("02 02 0400 0110 ffff");
	tx("03 02 0800 4100 ffff 0000 0000");
	tx_discard();
	told(&user, "incoming incoming");
}
END_TEST

START_TEST(the_user_may_refuse)
{
	struct user user = { .answer = -EACCES };

	listen_on(&user, 0x1001);
	link_in();
	refused("02 01 0400 0110 4100", "03 01 0800 0000 4100 0300 0000");
	user.answer = -ENOBUFS;
	refused("02 02 0400 0110 4100", "03 02 0800 0000 4100 0400 0000");
	user.answer = -EIO;
	refused("02 03 0400 0110 4100", "03 03 0800 0000 4100 0400 0000");
	told(&user, "incoming incoming incoming");
	bench_step();
	ck_assert(!bench.link->used);
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_channel_has_the_user_that_adopts_it)
{
	struct user adopter = { .answer = 0 };
	struct user listener = { .adopter = &adopter };

	listen_on(&listener, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx_discard();
	rx("05 01 0600 4000 0000 0000 04 02 0400 4000 0000");
	rx_cid(0x0040, "0102");
	told(&listener, "incoming");
	told(&adopter, "opened rx:0102");
}
END_TEST

START_TEST(a_request_sent_again_gets_the_same_answer_again)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0000 0000");
	tx("03 01 0800 4000 4100 0000 0000");
	tx_discard();
	told(&user, "incoming");

	/* Another request for the same id is another thing. */
	rx("02 02 0400 0110 4100");
	tx("03 02 0800 0000 4100 0700 0000");
	rx("05 01 0600 4000 0000 0000 04 02 0400 4000 0000");
	tx("05 02 0600 4100 0000 0000");
	told(&user, "opened");
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 0000 4100 0700 0000");
	tx_nothing();
}
END_TEST

START_TEST(a_request_sent_again_for_a_channel_that_we_end_is_refused)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx_discard();
	rt_l2cap_close(bench.l2cap, user.chan);
	tx_discard();
	refused("02 01 0400 0110 4100", "03 01 0800 0000 4100 0700 0000");
	told(&user, "incoming");
}
END_TEST

START_TEST(a_peer_is_kept_waiting_until_the_user_accepts)
{
	struct user user = { .answer = -EAGAIN };

	to_wait_connect(&user);
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0100 0200");
	bench_wait_ms(29999);
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, user.chan), 0);
	tx("03 01 0800 4000 4100 0000 0000");
	tx("04 01 0800 4100 0000 0102 a002");
	tx("0a 02 0200 0200");
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, user.chan), -ENOENT);
	rx("05 01 0600 4000 0000 0000 04 02 0400 4000 0000");
	told(&user, "opened");
}
END_TEST

START_TEST(a_user_that_does_not_decide_in_30_s_has_refused)
{
	struct user user = { .answer = -EAGAIN };

	to_wait_connect(&user);
	bench_wait_us(RT_SECONDS(30) - 1);
	told(&user, "");
	bench_wait_us(1);
	told_closed(&user, RT_L2CAP_TIMEOUT_ERTX, RT_PHASE_CONNECT);
	tx("03 01 0800 0000 4100 0300 0000");
	tx_nothing();
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, user.chan), -ENOENT);
	ck_assert_uint_eq(stats()->refused, 1);
}
END_TEST

START_TEST(a_user_that_closes_what_waits_has_refused)
{
	struct user user = { .answer = -EAGAIN };

	to_wait_connect(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	told(&user, "");
	tx("03 01 0800 0000 4100 0300 0000");
	tx_nothing();
	bench_step();
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
	ck_assert_int_eq(user.why.err, 0);
}
END_TEST

START_TEST(a_peer_that_waits_may_give_up)
{
	struct user user = { .answer = -EAGAIN };

	to_wait_connect(&user);
	rx("04 02 0400 4000 0000"); /* not yet: it is not connected */
	tx("01 02 0600 0200 4000 4100");
	rx("06 03 0400 4000 4100");
	tx("07 03 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_CONNECT);
	tx_nothing();
}
END_TEST

START_TEST(eight_channels_of_a_peer_are_half_open_and_the_ninth_is_refused)
{
	struct user user = { .many = true };
	struct user ours = { .answer = 0 };
	char req[40];

	listen_on(&user, 0x1001);
	link_in();
	for (int i = 0; i < 8; i++) {
		snprintf(req, sizeof(req), "02 %02x 0400 0110 %02x00", i + 1,
			 i + 0x50);
		rx(req);
		tx_discard();
	}
	told(&user, "incoming incoming incoming incoming "
		    "incoming incoming incoming incoming");
	refused("02 09 0400 0110 5800", "03 09 0800 0000 5800 0400 0000");
	told(&user, "");

	/* One opens: its place is free. Our own do not count. */
	rx("05 01 0600 4000 0000 0000 04 06 0400 4000 0000");
	tx_discard();
	user.log[0] = '\0';
	ck_assert_int_eq(connect_to(&ours, 0x1001), 0);
	tx_discard();
	rx("02 07 0400 0110 5800");
	tx("03 07 0800 4900 5800 0000 0000");
	tx_discard();
	told(&user, "incoming");
}
END_TEST

static void open_in(unsigned int n, unsigned int first_ident)
{
	char hex[80];

	snprintf(hex, sizeof(hex), "02 11 0400 0110 %02x00", 0x50 + n);
	rx(hex);
	tx_discard();
	snprintf(hex, sizeof(hex), "05 %02x 0600 %02x00 0000 0000", first_ident,
		 0x40 + n);
	rx(hex);
	snprintf(hex, sizeof(hex), "04 12 0400 %02x00 0000", 0x40 + n);
	rx(hex);
	tx_discard();
}

START_TEST(a_link_has_16_channels_and_the_17th_of_the_peer_is_refused)
{
	struct user user = { .many = true };

	listen_on(&user, 0x1001);
	link_in();
	/* The information request takes identifier 2. */
	for (unsigned int i = 0; i < 16; i++)
		open_in(i, i == 0 ? 1 : i + 2);
	told(&user, "incoming opened incoming opened incoming opened "
		    "incoming opened incoming opened incoming opened "
		    "incoming opened incoming opened incoming opened "
		    "incoming opened incoming opened incoming opened "
		    "incoming opened incoming opened incoming opened "
		    "incoming opened");
	refused("02 13 0400 0110 7000", "03 13 0800 0000 7000 0400 0000");
	rx("06 14 0400 4000 5000");
	tx("07 14 0400 4000 5000");
	user.log[0] = '\0';
	rx("02 15 0400 0110 7000");
	tx("03 15 0800 5000 7000 0000 0000");
	tx_discard();
	user.log[0] = '\0';
}
END_TEST

static void two_channels(struct rt_limits *limits)
{
	limits->channels = 2;
}

START_TEST(a_peer_is_refused_when_the_host_has_no_channel_left)
{
	struct user user = { .answer = 0 };

	bench_restart(two_channels);
	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 5000");
	rx("02 02 0400 0110 5100");
	tx_discard();
	told(&user, "incoming incoming");
	refused("02 03 0400 0110 5200", "03 03 0800 0000 5200 0400 0000");
	told(&user, "");
}
END_TEST

START_TEST(a_dynamic_psm_is_the_first_that_is_free)
{
	const struct rt_l2cap_params params = { .ops = &listener_ops };
	struct user user = { .answer = 0 };
	uint16_t psm = 0;

	listen_on(&user, 0x1003);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm), 0);
	ck_assert_uint_eq(psm, 0x1001);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm), 0);
	ck_assert_uint_eq(psm, 0x1005);
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm), 0);
	ck_assert_uint_eq(psm, 0x1001);
}
END_TEST

START_TEST(a_listen_that_cannot_be_is_refused)
{
	struct rt_l2cap_params params = { .ops = &listener_ops };
	struct user user = { .answer = 0 };
	uint16_t psm = 0x5555;

	listen_on(&user, 0x1001);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 -EADDRINUSE);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1002, &params, &psm),
			 -EINVAL);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x0101, &params, &psm),
			 -EINVAL);
	params.imtu = 47;
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1003, &params, &psm),
			 -EINVAL);
	params.imtu = 0;
	params.ops = &user_ops;
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1003, &params, &psm),
			 -EINVAL);
	ck_assert_uint_eq(psm, 0x5555);
	rt_l2cap_unlisten(bench.l2cap, 0x1003);
}
END_TEST

START_TEST(a_host_has_64_listeners_and_the_65th_is_refused)
{
	const struct rt_l2cap_params params = { .ops = &listener_ops };
	uint16_t psm;

	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm),
				 0);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm),
			 -ENOSPC);
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x0001, &params, &psm),
			 0);
}
END_TEST

START_TEST(a_listener_that_goes_refuses_what_waits_and_is_told_nothing)
{
	struct user user = { .answer = -EAGAIN };

	to_wait_connect(&user);
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	tx("03 01 0800 0000 4100 0300 0000");
	bench_step();
	told(&user, "");
	refused("02 02 0400 0110 4200", "03 02 0800 0000 4200 0200 0000");
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, user.chan), -ENOENT);
}
END_TEST

START_TEST(a_listener_that_goes_disconnects_what_is_being_configured)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx_discard();
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	tx("06 03 0400 4100 4000");
	rx("07 03 0400 4100 4000");
	bench_step();
	told(&user, "incoming");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_listener_that_goes_leaves_alone_what_is_open_or_adopted)
{
	struct user adopter = { .answer = 0 };
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	open_in(0, 1);
	told(&user, "incoming opened");
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	rx_cid(0x0040, "05");
	told(&user, "rx:05");

	user.adopter = &adopter;
	user.answer = -EAGAIN;
	listen_on(&user, 0x1001);
	rx("02 01 0400 0110 4200");
	tx_discard();
	told(&user, "incoming");
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, adopter.chan), 0);
	tx("03 01 0800 4100 4200 0000 0000");
}
END_TEST

static void unlisten(struct user *user)
{
	(void)user;
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
}

static void close_it(struct user *user)
{
	rt_l2cap_close(bench.l2cap, user->chan);
}

static void abandon_it(struct user *user)
{
	rt_l2cap_abandon(bench.l2cap, user->chan);
}

static void link_goes_down(struct user *user)
{
	(void)user;
	bench.hci.busy = false;
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	bench.hci.busy = true;
}

START_TEST(a_listener_may_go_while_it_is_asked)
{
	struct user user = { .on = "incoming", .then = unlisten };

	listen_on(&user, 0x1001);
	link_in();
	refused("02 01 0400 0110 4100", "03 01 0800 0000 4100 0300 0000");
	bench_step();
	told(&user, "incoming");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_channel_may_be_closed_while_its_user_is_asked)
{
	struct user user = { .on = "incoming", .then = close_it };

	listen_on(&user, 0x1001);
	link_in();
	refused("02 01 0400 0110 4100", "03 01 0800 0000 4100 0300 0000");
	told(&user, "incoming");
	bench_step();
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);

	user.then = abandon_it;
	refused("02 01 0400 0110 4100", "03 01 0800 0000 4100 0300 0000");
	bench_step();
	told(&user, "incoming");
}
END_TEST

START_TEST(the_link_may_go_down_while_the_user_is_asked)
{
	struct user user = { .on = "incoming", .then = link_goes_down };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100 08 02 0000");
	told(&user, "incoming closed");
	ck_assert_uint_eq(user.why.layer, RT_LAYER_HCI);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BV_05_a_peer_connects_and_configures,
		a_psm_that_nobody_listens_on_is_refused,
		what_is_no_psm_is_refused_as_not_supported,
		a_channel_id_that_is_not_dynamic_is_refused,
		a_channel_id_that_is_in_use_is_refused,
		the_lowest_and_the_highest_channel_id_are_taken,
		the_user_may_refuse,
		a_channel_has_the_user_that_adopts_it,
		a_request_sent_again_gets_the_same_answer_again,
		a_request_sent_again_for_a_channel_that_we_end_is_refused,
		a_peer_is_kept_waiting_until_the_user_accepts,
		a_user_that_does_not_decide_in_30_s_has_refused,
		a_user_that_closes_what_waits_has_refused,
		a_peer_that_waits_may_give_up,
		eight_channels_of_a_peer_are_half_open_and_the_ninth_is_refused,
		a_link_has_16_channels_and_the_17th_of_the_peer_is_refused,
		a_peer_is_refused_when_the_host_has_no_channel_left,
		a_dynamic_psm_is_the_first_that_is_free,
		a_listen_that_cannot_be_is_refused,
		a_host_has_64_listeners_and_the_65th_is_refused,
		a_listener_that_goes_refuses_what_waits_and_is_told_nothing,
		a_listener_that_goes_disconnects_what_is_being_configured,
		a_listener_that_goes_leaves_alone_what_is_open_or_adopted,
		a_listener_may_go_while_it_is_asked,
		a_channel_may_be_closed_while_its_user_is_asked,
		the_link_may_go_down_while_the_user_is_asked,
	};

	return suite_run("l2cap/incoming", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
