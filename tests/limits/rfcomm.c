/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/rfcomm/bench.h"

/* Sessions and DLCs, as many as there are by default. */

#define USERS 96

static struct user users[USERS];
static struct user listener;

static void setup(void)
{
	for (size_t i = 0; i < USERS; i++)
		users[i] = (struct user){ .name = "user", .quiet = true };
	listener = (struct user){ .name = "listener", .quiet = true };
	bench_setup();
}

/* As connect_to(), for any peer. */
static int connect_with(uint8_t peer, size_t user, uint8_t channel)
{
	const struct rt_rfcomm_params params = { .ops = &user_ops,
						 .user = &users[user] };

	return rt_rfcomm_connect(bench.rfcomm, bench_addr(peer), channel,
				 &params, &users[user].dlc);
}

START_TEST(seven_peers_have_a_session_and_the_eighth_is_refused)
{
	const uint8_t limit = (uint8_t)rt_limits_default.rfcomm_sessions;
	const struct rt_reason why = page_timeout();
	rt_handle chan[8];
	size_t live;

	/* Some are ours, some theirs. */
	for (uint8_t i = 0; i < 3; i++)
		ck_assert_int_eq(connect_with((uint8_t)(i + 1), i, 1), 0);
	for (uint8_t i = 3; i < limit; i++)
		ck_assert_int_eq(fake_incoming(&bench.l2cap,
					       bench_addr((uint8_t)(i + 1)),
					       &chan[i]),
				 0);
	live = bench.env->live;
	ck_assert_int_eq(fake_incoming(&bench.l2cap,
				       bench_addr((uint8_t)(limit + 1)),
				       &chan[7]),
			 -ENOBUFS);
	ck_assert_int_eq(connect_with((uint8_t)(limit + 1), 8, 1), -ENOSPC);
	ck_assert_uint_eq(bench.env->live, live);

	fake_closed(&bench.l2cap, chan[3], &why);
	bench_step();
	ck_assert_int_eq(fake_incoming(&bench.l2cap,
				       bench_addr((uint8_t)(limit + 1)),
				       &chan[7]),
			 0);
}
END_TEST

START_TEST(a_host_has_60_dlcs_and_the_61st_is_refused)
{
	const size_t limit = rt_limits_default.dlcs;
	size_t live;

	for (size_t i = 0; i < limit; i++)
		ck_assert_int_eq(connect_with((uint8_t)(1 + i / 20), i,
					      (uint8_t)(1 + i % 20)),
				 0);
	live = bench.env->live;
	ck_assert_int_eq(connect_with(9, limit, 1), -ENOSPC);
	ck_assert_int_eq(connect_with(1, limit, 30), -ENOSPC);
	ck_assert_uint_eq(bench.env->live, live);
	rt_rfcomm_close(bench.rfcomm, users[5].dlc);
	bench_step();
	told(&users[5], "closed");
	ck_assert_int_eq(connect_with(1, limit, 30), 0);
}
END_TEST

/* PN and SABM of the peer for a server channel of ours. */
static void ask_for(unsigned int channel)
{
	char frame[64];

	snprintf(frame, sizeof(frame),
		 "03 EF 15 83 11 %02X F0 07 00 F3 03 00 07", 2 * channel);
	rx(frame);
}

/* Those of the peer count with ours, on one session. */
START_TEST(a_session_has_30_dlcs_and_the_31st_is_refused)
{
	const size_t limit = rt_limits_default.dlcs_session;
	char frame[16];
	size_t live;

	for (uint8_t i = 1; i <= 30; i++)
		listen_on(&listener, NULL, i, 0);
	session_in();
	for (unsigned int i = 1; i <= 20; i++) {
		ask_for(i);
		ck_assert_uint_eq(tx_discard(), 1);
	}
	for (uint8_t i = 0; i < 10; i++)
		ck_assert_int_eq(connect_with(1, i, (uint8_t)(i + 1)), 0);
	tx_discard();
	live = bench.env->live;
	ck_assert_uint_eq(20 + 10, limit);
	ck_assert_int_eq(connect_with(1, 10, 11), -ENOSPC);
	ask_for(21);
	/* DM, and nothing of it stays. */
	snprintf(frame, sizeof(frame), "%02X 1F 01", 42 << 2 | 3);
	tx(frame);
	ck_assert_uint_eq(bench.env->live, live);

	/* The peer gives one back. */
	snprintf(frame, sizeof(frame), "%02X 53 01", 2 << 2 | 3);
	rx(frame);
	ck_assert_uint_eq(tx_discard(), 1);
	ask_for(21);
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_int_eq(connect_with(1, 10, 11), -ENOSPC);
}
END_TEST

/* There is a frame for each credit, and a credit for each frame taken. */
START_TEST(a_peer_has_32_credits_and_the_33rd_frame_ends_the_dlc)
{
	const uint32_t limit = rt_limits_default.rfcomm_credits;

	dlc_out(&users[0], 1, 1000 * N1, 0);
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_eq(info_of(&users[0]).rx_credits, limit);
	for (uint32_t i = 0; i < limit; i++)
		rx_data(0x09, 0, N1);
	ck_assert_uint_eq(users[0].received, limit * N1);
	ck_assert_uint_eq(info_of(&users[0]).rx_credits, 0);
	/* Credits that have not left are none. */
	rx_data(0x09, 0, 1);
	bench_step();
	ck_assert_uint_eq(users[0].received, limit * N1);
	users[0].quiet = false;
	told_closed(&users[0], RT_RFCOMM_CREDITS, RT_PHASE_TRANSFER);
}
END_TEST

START_TEST(credits_that_were_used_are_32_again)
{
	const uint32_t limit = rt_limits_default.rfcomm_credits;

	dlc_out(&users[0], 1, 1000 * N1, 0);
	tx_discard();
	for (uint32_t i = 0; i < limit; i++)
		rx_data(0x09, 0, N1);
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_eq(info_of(&users[0]).rx_credits, limit);
	rx_data(0x09, 0, N1);
	ck_assert_uint_eq(users[0].received, (limit + 1) * N1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		seven_peers_have_a_session_and_the_eighth_is_refused,
		a_host_has_60_dlcs_and_the_61st_is_refused,
		a_session_has_30_dlcs_and_the_31st_is_refused,
		a_peer_has_32_credits_and_the_33rd_frame_ends_the_dlc,
		credits_that_were_used_are_32_again,
	};

	return suite_run("limits/rfcomm", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
