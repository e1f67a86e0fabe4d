/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"

/*
 * HCI-10: a Hardware Error at every packet of the stories, and a controller
 * that answers the Reset which follows at once, late, or never.
 */

#define PACKETS_MAX 400
#define SLOW_US RT_MS(1900)
#define LATE_US RT_MS(2500)
#define NEVER_US UINT64_MAX

struct error {
	uint64_t hold_us; /* the answer to Reset; 0: not at all */
	bool twice;	  /* another error while Reset is awaited */
	bool done;
	unsigned int held; /* answers to Reset */
	uint64_t due_us;
};

static const uint8_t hardware_error[] = { 0x10, 1, 0x42 };
static const uint8_t reset_complete[] = { 0x0e, 4, 1, 0x03, 0x0c, 0 };

static void break_down(struct world *w, void *arg)
{
	struct stage *stage = arg;
	struct error *error = stage->user;

	(void)w;
	error->done = true;
	stage_inject(stage, hardware_error, sizeof(hardware_error));
	if (error->twice)
		stage_inject(stage, hardware_error, sizeof(hardware_error));
}

/*
 * Keeps back what the controller answers to the Reset: the first time only,
 * if it is just late.
 */
static struct rt_bytes hold(struct world *w, const struct world_packet *packet,
			    void *arg)
{
	struct stage *stage = arg;
	struct error *error = stage->user;

	if (!error->done || error->hold_us == 0 || packet->node != STAGE_HOST ||
	    !packet->from_controller ||
	    packet->octets.len != sizeof(reset_complete) ||
	    memcmp(packet->octets.ptr, reset_complete,
		   sizeof(reset_complete)) != 0)
		return packet->octets;
	if (error->held > 0 && error->hold_us != NEVER_US)
		return packet->octets;
	error->held++;
	error->due_us = w->now_us + error->hold_us;
	return (struct rt_bytes){ .ptr = NULL };
}

static void tick(struct stage *stage)
{
	struct error *error = stage->user;

	if (error->held != 1 || error->hold_us == NEVER_US ||
	    stage->w->now_us < error->due_us)
		return;
	error->held++;
	stage_inject(stage, reset_complete, sizeof(reset_complete));
}

static uint32_t resets_of(const struct stage *stage)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };

	rt_host_get_stats(stage_host(stage), &stats);
	return stats.resets;
}

static void expect_outcome(const struct stage *stage, const struct error *error)
{
	struct rt_error_info info = { .size = sizeof(info) };
	struct rt_host *host = stage_host(stage);

	if (error->hold_us == NEVER_US && error->held > 0) {
		ck_assert_int_eq(rt_host_state(host), RT_HOST_DOWN);
		rt_host_error_info(host, &info);
		ck_assert_int_eq(info.err, -ETIMEDOUT);
		return;
	}
	/* Where the power went off there may have been nothing to reset. */
	if (stage->off)
		return;
	/* An answer that comes when all is well again says that it is not. */
	if (error->hold_us == LATE_US)
		ck_assert_uint_eq(resets_of(stage), 2);
	else
		ck_assert_uint_eq(resets_of(stage), 1);
}

/* False if the story has fewer packets. */
static bool try_error(const struct story *story, uint64_t packet,
		      uint64_t hold_us, bool twice)
{
	struct error error = { .hold_us = hold_us, .twice = twice };
	struct stage stage;

	stage_open(&stage, story, NULL);
	stage.user = &error;
	stage.tick = tick;
	stage.w->meddle = hold;
	stage.w->meddle_arg = &stage;
	stage.w->at_packet = stage.w->packets + packet;
	stage.w->then = break_down;
	stage.w->arg = &stage;
	stage_play(&stage);
	for (int i = 0; i < 80; i++) {
		world_run(stage.w, RT_MS(100));
		tick(&stage);
	}
	if (error.done)
		expect_outcome(&stage, &error);
	stage_end(&stage);
	return error.done;
}

static void try_all(const struct story *story, uint64_t hold_us, bool twice)
{
	uint64_t packet = 1;

	while (packet < PACKETS_MAX && try_error(story, packet, hold_us, twice))
		packet++;
	ck_assert_uint_gt(packet, 3);
	ck_assert_uint_lt(packet, PACKETS_MAX);
}

/* All stories. */
START_TEST(an_error_at_any_packet_ends_all_once)
{
	for (size_t i = 0; i < stage_story_count; i++)
		try_all(&stage_stories[i], 0, false);
}
END_TEST

static const char *const chosen[] = { "power", "connect", "be connected",
				      "look around", "compare" };

START_TEST(a_second_error_during_the_reset_is_part_of_the_first)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(chosen); i++)
		try_all(stage_story(chosen[i]), 0, true);
}
END_TEST

START_TEST(a_reset_may_be_answered_slowly)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(chosen); i++)
		try_all(stage_story(chosen[i]), SLOW_US, false);
}
END_TEST

/* The second one is answered at once, and then the first one is again. */
START_TEST(a_reset_may_be_answered_when_there_is_another)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(chosen); i++)
		try_all(stage_story(chosen[i]), LATE_US, true);
}
END_TEST

START_TEST(a_reset_that_is_never_answered_is_the_end)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(chosen); i++)
		try_all(stage_story(chosen[i]), NEVER_US, false);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-10", "A", an_error_at_any_packet_ends_all_once),
	TAGGED("HCI-10", "A",
	       a_second_error_during_the_reset_is_part_of_the_first),
	TAGGED("HCI-10", "A", a_reset_may_be_answered_slowly),
	TAGGED("HCI-10", "A", a_reset_may_be_answered_when_there_is_another),
	TAGGED("HCI-10", "A", a_reset_that_is_never_answered_is_the_end),
};

const struct tagged_table hci_resets_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
