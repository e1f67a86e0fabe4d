/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/credit_bench.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* Limits of one L2CAP channel, as large as they are by default. */

static void begin(void)
{
	/* Either bench begins with an idle engine. */
	credit_setup();
}

START_TEST(a_peer_has_64_credits_and_the_65th_frame_disconnects)
{
	const uint32_t limit = rt_limits_default.credits;

	/* Nothing leaves, so no credit comes back. */
	credit_open(0, 1, SIZE_MAX);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, limit);
	for (uint32_t i = 0; i < limit; i++) {
		credit_rx("0100", i, 1);
		told(&credit_user, credit_hex("rx:", i, 1));
	}
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 0);
	credit_rx("0100", 0, 1);
	/* The credits that were due go with the channel. */
	credit_ended(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(credits_that_are_given_back_are_64_again)
{
	const uint32_t limit = rt_limits_default.credits;

	credit_open(0, 1, SIZE_MAX);
	for (uint32_t i = 0; i < limit; i++)
		credit_rx("0100", i, 1);
	credit_user.log[0] = '\0';
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, limit);
	credit_rx("0100", 7, 1);
	told(&credit_user, "rx:07");
}
END_TEST

static void rx_numbered(unsigned int tx_seq)
{
	char text[40];

	snprintf(text, sizeof(text), "I%u r0 : %02x", tx_seq, tx_seq & 0xff);
	rx_frame(text);
}

/* Without room for any of them; nothing is acknowledged. */
static void fill_window(uint16_t window)
{
	struct rt_l2cap_agreed agreed = ertm_agreed();

	agreed.rx_window = window;
	agreed.extended = true;
	ertm_open(agreed);
	ertm_room(0);
	for (unsigned int i = 0; i < window; i++)
		rx_numbered(i);
}

START_TEST(a_window_holds_1024_frames_and_the_1025th_disconnects)
{
	const uint16_t window = (uint16_t)rt_limits_default.ertm_window;

	fill_window(window);
	ck_assert(info_of(&eb.user).open);
	tx_frame("RNR r0");
	rx_numbered(window);
	ertm_failed(RT_L2CAP_BAD_PEER);
}
END_TEST

START_TEST(a_window_that_was_read_holds_1024_frames_again)
{
	const uint16_t window = (uint16_t)rt_limits_default.ertm_window;

	fill_window(window);
	tx_frame("RNR r0");
	/* Room for all, and for the longest SDU behind them. */
	ertm_room(1000000);
	eb.user.log[0] = '\0';
	tx_frame("RR r1024 P");
	rx_frame("RR r0 F");
	ertm_room(0);
	for (unsigned int i = window; i < 2U * window; i++)
		rx_numbered(i);
	ck_assert(info_of(&eb.user).open);
}
END_TEST

/* The most that may be asked for is the same. */
START_TEST(a_window_of_1025_can_not_be_asked_for)
{
	struct rt_l2cap_params params = {
		.ops = &listener_ops,
		.mode = RT_L2CAP_MODE_ERTM,
		.window = (uint16_t)rt_limits_default.ertm_window,
		.extended_window = true,
	};
	uint16_t psm;

	ck_assert_uint_eq(params.window, RT_LIMIT_ERTM_WINDOW_MAX);
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm), 0);
	params.window++;
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0, &params, &psm),
			 -EINVAL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_peer_has_64_credits_and_the_65th_frame_disconnects,
		credits_that_are_given_back_are_64_again,
		a_window_holds_1024_frames_and_the_1025th_disconnects,
		a_window_that_was_read_holds_1024_frames_again,
		a_window_of_1025_can_not_be_asked_for,
	};

	return suite_run("limits/channels", tests, RT_ARRAY_SIZE(tests), begin,
			 bench_teardown);
}
