/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/talk.h"

/* What rt_l2cap_get_info() tells, and when. */

static struct rt_l2cap_info at_end;

static void look(struct user *u)
{
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, u->chan, &at_end), 0);
	/* For everything else it is stale. */
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, u->chan), -ENOENT);
	rt_l2cap_close(bench.l2cap, u->chan);
	rt_l2cap_set_room(bench.l2cap, u->chan, 0);
}

static void ertm_open(void)
{
	talk.user.on = "closed";
	talk.user.then = look;
	talk_want(RT_L2CAP_MODE_ERTM, false);
	talk_configuring(TALK_FEATURES);
	tx_req(3, ERTM_OURS);
	rx_req(0x11, "0102 0002 " ERTM_THEIRS);
	tx_rsp(0x11, 0, "0102 0002 0409 03 3f 03 d007 e02e 0002");
	rx_rsp(3, 0, ERTM_YES);
	talk_opens(RT_L2CAP_MODE_ERTM);
}

START_TEST(it_tells_what_was_agreed)
{
	struct rt_l2cap_info info;

	ertm_open();
	info = info_of(&talk.user);
	ck_assert(rt_addr_equal(info.peer, bench_addr(1)));
	ck_assert(info.open);
	ck_assert(!info.incoming);
	ck_assert_uint_eq(info.psm, 0x1001);
	ck_assert_uint_eq(info.scid, 0x40);
	ck_assert_uint_eq(info.dcid, 0x41);
	ck_assert_uint_eq(info.imtu, 672);
	ck_assert_uint_eq(info.omtu, 512);
	ck_assert(info.fcs);
	ck_assert(!info.extended);
	ck_assert_uint_eq(info.tx_window, 63);
	ck_assert_uint_eq(info.rx_window, 63);
	ck_assert_uint_eq(info.tx_mps, 512);
	ck_assert_uint_eq(info.rx_mps, 672);
	ck_assert_uint_eq(info.max_transmit, 3);
}
END_TEST

START_TEST(the_figures_of_an_end_are_there_until_it_has_been_told)
{
	struct rt_l2cap_info info;

	ertm_open();
	rx_cid(0x40, "0000 aabb 0f1e"); /* its FCS is wrong */
	rt_l2cap_close(bench.l2cap, talk.user.chan);
	info = info_of(&talk.user);
	ck_assert(!info.open);
	ck_assert_int_eq(info.mode, RT_L2CAP_MODE_ERTM);
	tx_discard();
	rx("07 04 0400 4100 4000");
	told(&talk.user, "closed");
	ck_assert_int_eq(at_end.mode, RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(at_end.omtu, 512);
	ck_assert_uint_eq(at_end.rx_bad_fcs, 1);
	ck_assert(!at_end.open);
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, talk.user.chan, &info),
			 -ENOENT);
}
END_TEST

START_TEST(frames_of_basic_mode_are_counted)
{
	static const char *const sdus[] = { "01", "02", NULL };

	talk.user.on = "closed";
	talk.user.then = look;
	talk_connected();
	talk_features("00000000");
	tx_req(3, "0102 a002");
	rx_rsp(3, 0, "");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
	talk.user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, talk.user.chan);
	tx_cid(0x41, "01");
	tx_cid(0x41, "02");
	rx_cid(0x40, "aabb");
	ck_assert_uint_eq(info_of(&talk.user).tx_frames, 2);
	ck_assert_uint_eq(info_of(&talk.user).rx_frames, 1);
	talk.user.log[0] = '\0';
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&talk.user, "closed");
	ck_assert_uint_eq(at_end.tx_frames, 2);
	ck_assert_uint_eq(at_end.rx_frames, 1);
}
END_TEST

START_TEST(a_channel_that_never_opened_has_an_end_too)
{
	talk.user.on = "closed";
	talk.user.then = look;
	talk_connected();
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&talk.user, "closed");
	ck_assert_uint_eq(at_end.psm, 0x1001);
	ck_assert_uint_eq(at_end.dcid, 0x41);
	ck_assert_int_eq(at_end.mode, RT_L2CAP_MODE_BASIC);
}
END_TEST

START_TEST(basic_mode_takes_no_notice_of_the_room)
{
	talk_connected();
	talk_features("00000000");
	tx_req(3, "0102 a002");
	rx_rsp(3, 0, "");
	rx_req(0x11, "");
	tx_rsp(0x11, 0, "");
	talk_opens(RT_L2CAP_MODE_BASIC);
	rt_l2cap_set_room(bench.l2cap, talk.user.chan, 0);
	rx_cid(0x40, "aabb");
	told(&talk.user, "rx:aabb");
	rt_l2cap_set_room(bench.l2cap, talk.user.chan + 1, 0); /* stale */
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		it_tells_what_was_agreed,
		the_figures_of_an_end_are_there_until_it_has_been_told,
		frames_of_basic_mode_are_counted,
		a_channel_that_never_opened_has_an_end_too,
		basic_mode_takes_no_notice_of_the_room,
	};

	return suite_run("l2cap/info", tests, RT_ARRAY_SIZE(tests), talk_setup,
			 bench_teardown);
}
