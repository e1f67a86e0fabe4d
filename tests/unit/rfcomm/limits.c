/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/rfcomm/bench.h"

/*
 * What runs out: server channels, DLCs, memory.
 */

#define DLCS_MAX 64

static struct user users[DLCS_MAX];
static struct user listener;

static void setup(void)
{
	for (size_t i = 0; i < DLCS_MAX; i++)
		users[i] = (struct user){ .name = "user", .quiet = true };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

static int listen_channel(uint8_t channel, uint8_t *ret_channel)
{
	const struct rt_rfcomm_params params = { .ops = &listener_ops,
						 .user = &listener };

	return rt_rfcomm_listen(bench.rfcomm, channel, &params, ret_channel);
}

START_TEST(server_channels_are_given_out_until_none_is_left)
{
	uint8_t channel = 0;

	ck_assert_int_eq(listen_channel(3, &channel), 0);
	for (uint8_t i = 1; i <= RT_RFCOMM_CHANNEL_MAX; i++) {
		if (i == 3)
			continue;
		ck_assert_int_eq(listen_channel(0, &channel), 0);
		ck_assert_uint_eq(channel, i);
	}
	channel = 99;
	ck_assert_int_eq(listen_channel(0, &channel), -ENOSPC);
	ck_assert_int_eq(listen_channel(7, &channel), -EADDRINUSE);
	ck_assert_int_eq(listen_channel(31, &channel), -EINVAL);
	ck_assert_uint_eq(channel, 99);
	rt_rfcomm_unlisten(bench.rfcomm, 7);
	rt_rfcomm_unlisten(bench.rfcomm, 7);
	rt_rfcomm_unlisten(bench.rfcomm, 0);
	rt_rfcomm_unlisten(bench.rfcomm, 31);
	ck_assert_int_eq(listen_channel(0, &channel), 0);
	ck_assert_uint_eq(channel, 7);
}
END_TEST

START_TEST(a_listener_needs_ops_and_a_frame_size_that_there_is)
{
	struct rt_rfcomm_params params = { .user = &listener };
	uint8_t channel;

	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 -EINVAL);
	params.ops = &user_ops;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 -EINVAL);
	params.ops = &listener_ops;
	params.frame_bytes = 22;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 -EINVAL);
	params.frame_bytes = 23;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 0);
}
END_TEST

START_TEST(a_channel_that_is_not_listened_on_any_more_is_refused)
{
	listen_on(&listener, &users[0], 1, 0);
	listen_on(&listener, &users[0], 2, 0);
	session_in();
	dlc_in(2, 0);
	told(&listener, "incoming");
	told(&users[0], "opened");
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	tx("0B 1F 01");
	rx("0B 3F 01");
	tx("0B 1F 01");
	rt_rfcomm_unlisten(bench.rfcomm, 2);
	tx_nothing();
	ck_assert(info_of(&users[0]).open);
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->refused, 2);
}
END_TEST

static void few_dlcs(struct rt_limits *limits)
{
	limits->dlcs = 3;
	limits->dlcs_session = 5;
}

START_TEST(dlcs_are_limited)
{
	bench_restart(few_dlcs);
	for (uint8_t i = 1; i <= 3; i++)
		ck_assert_int_eq(connect_to(&users[i], i, 0), 0);
	ck_assert_int_eq(connect_to(&users[4], 4, 0), -ENOSPC);
	rt_rfcomm_close(bench.rfcomm, users[1].dlc);
	ck_assert_int_eq(connect_to(&users[4], 4, 0), -ENOSPC);
	bench_step();
	told(&users[1], "closed");
	ck_assert_int_eq(connect_to(&users[4], 4, 0), 0);
}
END_TEST

static void few_dlcs_a_session(struct rt_limits *limits)
{
	limits->dlcs_session = 3;
}

START_TEST(dlcs_of_a_session_are_limited)
{
	const struct rt_rfcomm_params params = { .ops = &user_ops,
						 .user = &users[5] };

	bench_restart(few_dlcs_a_session);
	for (uint8_t i = 1; i <= 3; i++)
		ck_assert_int_eq(connect_to(&users[i], i, 0), 0);
	ck_assert_int_eq(connect_to(&users[4], 4, 0), -ENOSPC);
	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(2), 1,
					   &params, &users[5].dlc),
			 0);
}
END_TEST

START_TEST(dlcs_of_the_peer_are_limited)
{
	bench_restart(few_dlcs);
	listener.adopter = NULL;
	for (uint8_t i = 1; i <= 5; i++)
		listen_on(&listener, NULL, i, 0);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 07");
	rx("03 EF 15 83 11 04 F0 07 00 F3 03 00 07");
	rx("03 EF 15 83 11 06 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 3);
	rx("03 EF 15 83 11 08 F0 07 00 F3 03 00 07");
	tx("23 1F 01");
	rx("23 3F 01");
	tx("23 1F 01");
	/* A peer that goes makes room at once. */
	rx("0B 53 01");
	tx("0B 73 01");
	rx("03 EF 15 83 11 08 F0 07 00 F3 03 00 07");
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

/* At most four PN are out, so that no answer is lost to a limit. */
START_TEST(negotiations_queue_up)
{
	for (uint8_t i = 1; i <= 6; i++)
		ck_assert_int_eq(connect_to(&users[i], i, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 4);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	tx("03 EF 15 83 11 0A F0 0F 00 F3 03 00 00");
	tx_nothing();
	/* One that is refused makes room as well, and one that is closed. */
	rx("13 1F 01");
	tx("03 EF 15 83 11 0C F0 0F 00 F3 03 00 00");
	bench_step();
	told(&users[2], "closed");
	tx_nothing();
}
END_TEST

START_TEST(the_engine_is_made_or_not_at_all)
{
	struct rt_rfcomm *rfcomm = NULL;
	const size_t live = bench.env->live;

	bench.l2cap.listen_err = -EADDRINUSE;
	ck_assert_int_eq(rt_rfcomm_new(bench.env, &bench.l2cap, &rfcomm),
			 -EADDRINUSE);
	bench.l2cap.listen_err = 0;
	for (size_t allocs = 0; allocs < 2; allocs++) {
		bench.fake.allocs_left = allocs;
		ck_assert_int_eq(rt_rfcomm_new(bench.env, &bench.l2cap,
					       &rfcomm),
				 -ENOMEM);
		ck_assert_uint_eq(bench.env->live, live);
	}
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_ptr_null(rfcomm);
}
END_TEST

START_TEST(a_connect_that_finds_no_memory_leaves_nothing)
{
	for (size_t allocs = 0; allocs < 2; allocs++) {
		bench.fake.allocs_left = allocs;
		ck_assert_int_eq(connect_to(&users[0], 1, 0), -ENOMEM);
		ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	}
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_uint_eq(users[0].dlc, 0);
}
END_TEST

/*
 * A whole life with the n-th allocation failing, and then all from the n-th
 * on: it may end early, and by a timer, but it ends, and leaves nothing.
 */
static void live(void)
{
	static const uint8_t octets[100];
	const struct rt_reason why = page_timeout();
	struct rt_rfcomm_info info;
	uint8_t frame[1100];

	if (connect_to(&users[0], 1, 4 * N1))
		return;
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	while (tx_take(frame, sizeof(frame)) > 0)
		;
	rx("03 73 01");
	tx_discard();
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx_discard();
	rx("0B 73 01");
	tx_discard();
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	tx_discard();
	rx("01 EF 15 83 11 03 F0 07 00 F3 03 00 07");
	rx("0D 3F 01");
	tx_discard();
	rx("09 EF 03 41");
	if (!rt_rfcomm_get_info(bench.rfcomm, users[0].dlc, &info) && info.open)
		write_out(&users[0], octets, sizeof(octets));
	tx_discard();
	bench_wait_us(RT_SECONDS(200));
	tx_discard();
	rt_rfcomm_close(bench.rfcomm, users[0].dlc);
	tx_discard();
	bench_wait_us(RT_SECONDS(200));
	if (fake_find(&bench.l2cap, bench.chan))
		fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
}

START_TEST(without_memory_at_any_point_everything_still_ends)
{
	for (size_t from = 0; from < 40; from++) {
		bench_teardown();
		setup();
		listen_on(&listener, &users[1], 1, 0);
		bench.fake.allocs_left = from;
		live();
		bench.fake.allocs_left = SIZE_MAX;
		bench_wait_us(RT_SECONDS(200));
		ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
		users[0].log[0] = '\0';
		users[1].log[0] = '\0';
		listener.log[0] = '\0';
	}
}
END_TEST

/* The session's reserve is filled when its first frame is made. */
START_TEST(what_opens_and_closes_a_dlc_needs_no_memory)
{
	ck_assert_int_eq(connect_to(&users[0], 1, 0), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	bench.fake.allocs_left = 0;
	tx("03 3F 01");
	rx("03 73 01");
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 00");
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	told(&users[0], "opened");
	rt_rfcomm_close(bench.rfcomm, users[0].dlc);
	tx("0B 53 01");
	rx("0B 73 01");
	bench_step();
	told(&users[0], "closed");
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

/* Nine SABMs for DLCIs that nobody serves. */
static void ask_nine(void)
{
	char sabm[] = "0B 3F 01";

	for (unsigned int dlci = 2; dlci < 20; dlci += 2) {
		snprintf(sabm, sizeof(sabm), "%02X 3F 01", dlci << 2 | 3);
		rx(sabm);
	}
}

START_TEST(the_reserve_has_an_end_and_is_there_again)
{
	session_in();
	bench.fake.allocs_left = 0;
	for (int i = 0; i < 2; i++) {
		ask_nine();
		tx("0B 1F 01");
		ck_assert_uint_eq(tx_discard(), 7);
		ck_assert_str_eq(bench.fake.log_line,
				 "rfcomm: no memory for DM");
	}
	bench.fake.allocs_left = SIZE_MAX;
	ask_nine();
	ck_assert_uint_eq(tx_discard(), 9);
}
END_TEST

/* What a user asks for may fail: the reserve is not for it. */
START_TEST(who_can_ask_again_leaves_the_reserve_alone)
{
	session_in();
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(rt_rfcomm_send_raw(bench.rfcomm, bench_addr(1),
					    rt_bytes((const uint8_t *)"", 1)),
			 -ENOMEM);
	ask_nine();
	ck_assert_uint_eq(tx_discard(), 8);
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

/* The peer has lowered its MTU meanwhile. */
START_TEST(a_frame_of_the_reserve_that_is_dropped_goes_back)
{
	session_in();
	bench.fake.allocs_left = 0;
	for (int i = 0; i < 2; i++) {
		ask_nine();
		fake_find(&bench.l2cap, bench.chan)->omtu = 2;
		tx_nothing();
		fake_find(&bench.l2cap, bench.chan)->omtu = MTU;
	}
	ask_nine();
	ck_assert_uint_eq(tx_discard(), 8);
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(data_need_no_memory_to_be_sent)
{
	dlc_out(&users[0], 1, 0, 5);
	bench.fake.allocs_left = 0;
	write_out(&users[0], "abc", 3);
	tx("0B EF 07 61 62 63");
	tx_nothing();
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

START_TEST(a_stop_without_memory_is_sent_when_there_is_some)
{
	ck_assert_int_eq(connect_to(&users[0], 1, 1000), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 00 07 00 64 00 00 00");
	tx("0B 3F 01");
	rx("0B 73 01");
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(&users[0], "opened");
	ck_assert_uint_eq(tx_discard(), 2);
	rt_rfcomm_set_room(bench.rfcomm, users[0].dlc, 10);
	bench.fake.allocs_left = 0;
	tx_nothing();
	bench.fake.allocs_left = SIZE_MAX;
	bench_wait_us(RT_MS(100));
	tx("03 EF 09 E3 05 0B 8F");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		server_channels_are_given_out_until_none_is_left,
		a_listener_needs_ops_and_a_frame_size_that_there_is,
		a_channel_that_is_not_listened_on_any_more_is_refused,
		dlcs_are_limited,
		dlcs_of_a_session_are_limited,
		dlcs_of_the_peer_are_limited,
		negotiations_queue_up,
		the_engine_is_made_or_not_at_all,
		a_connect_that_finds_no_memory_leaves_nothing,
		without_memory_at_any_point_everything_still_ends,
		what_opens_and_closes_a_dlc_needs_no_memory,
		the_reserve_has_an_end_and_is_there_again,
		who_can_ask_again_leaves_the_reserve_alone,
		a_frame_of_the_reserve_that_is_dropped_goes_back,
		data_need_no_memory_to_be_sent,
		a_stop_without_memory_is_sent_when_there_is_some,
	};

	return suite_run("limits", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
