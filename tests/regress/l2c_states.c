/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/stages.h"
#include "tests/regress/l2cap_tables.h"

/*
 * L2C-21: in each state of a channel each command, with one of its fields
 * changed, or with garbage behind it. Whatever is made of it, the link goes
 * on, and the channel is open or gone in the end.
 */

#define GARBAGE_MAX 8

static const uint16_t values[] = { 0x0000, 0x0001, 0x0002, 0x003f, 0x0040,
				   0x0041, 0x0042, 0x0050, 0x00ff, 0x1001,
				   0x7fff, 0x8000, 0xffff };

static const enum rt_l2cap_mode modes[] = {
	RT_L2CAP_MODE_BASIC,
	RT_L2CAP_MODE_ERTM,
};

static uint8_t frame[64];
static bool we_initiate;

static void deliver(size_t len)
{
	fake_link_rx(bench.link, 1, frame, len);
	rt_env_reap(bench.env);
}

static void settles(void)
{
	lt_forget();
	ck_assert_int_eq(bench.link->reason, -1);
	lt_ping();
	lt_wait(200000);
	for (size_t i = 0; i < app.count; i++)
		ck_assert_uint_eq(app.chan[i].closed || app.chan[i].opened ||
					  app.answer == -EAGAIN,
				  1);
	lt_forget();
	lt_ping();
	lt_teardown();
	lt_setup();
}

/* All changes of one command in one state. */
static void change_all(enum stage stage, enum rt_l2cap_mode mode,
		       const char *hex)
{
	size_t len = hex_read(hex, frame, sizeof(frame));

	for (size_t at = 4; at + 2 <= len; at += 2) {
		for (size_t v = 0; v < RT_ARRAY_SIZE(values); v++) {
			lt_mode(mode, true);
			stage_reach(stage, we_initiate);
			hex_read(hex, frame, sizeof(frame));
			frame[at] = (uint8_t)values[v];
			frame[at + 1] = (uint8_t)(values[v] >> 8);
			deliver(len);
			settles();
		}
	}
	for (size_t tail = 1; tail <= 2 * GARBAGE_MAX; tail++) {
		const size_t more = (tail + 1) / 2;

		lt_mode(mode, true);
		stage_reach(stage, we_initiate);
		hex_read(hex, frame, sizeof(frame));
		for (size_t i = 0; i < more; i++)
			frame[len + i] = (uint8_t)(0xa5 + 17 * i);
		if (tail % 2)
			frame[2] = (uint8_t)(frame[2] + more);
		deliver(len + more);
		settles();
	}
}

static void change_in_all_states(enum rt_l2cap_mode mode)
{
	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < stage_command_count; i++)
			change_all((enum stage)stage, mode, stage_commands[i]);
	}
}

START_TEST(a_changed_command_in_any_state_of_a_channel_of_ours_does_no_harm)
{
	we_initiate = true;
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++)
		change_in_all_states(modes[m]);
}
END_TEST

START_TEST(a_changed_command_in_any_state_of_a_channel_of_a_peer_does_no_harm)
{
	we_initiate = false;
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++)
		change_in_all_states(modes[m]);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-21", "A",
	       a_changed_command_in_any_state_of_a_channel_of_ours_does_no_harm),
	TAGGED("L2C-21", "A",
	       a_changed_command_in_any_state_of_a_channel_of_a_peer_does_no_harm),
};

const struct tagged_table l2c_states_table = L2CAP_TABLE(rows);
