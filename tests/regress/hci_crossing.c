/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/regress/hci_rig.h"
#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"
#include "tests/unit/hci/everything.h"

/*
 * HCI-12: a Hardware Error, and something else at the same instant: a time
 * limit of ours that is over, or an event that says that one of the
 * controller's is. Both orders.
 */

#define INSTANTS_MAX 40
#define CODES 256

static const uint8_t hardware_error[] = { 0x10, 1, 0x42 };

/*
 * Goes on to the next instant at which something is due; not into it. False if
 * there is none.
 */
static bool go_to_next(void)
{
	uint64_t due_us;

	if (!rt_timers_next(&rig.env->timers, &due_us))
		return false;
	rig.env->now_us = RT_MAX(rig.env->now_us, due_us);
	return true;
}

static void run_due(void)
{
	rt_timers_run(&rig.env->timers, rig.env->now_us);
}

/* False if the engine has come to its end before that instant. */
static bool try_instant(int instant, bool error_first)
{
	hci_fresh(NULL);
	everything_begin();
	for (int i = 0; i < instant; i++) {
		if (!go_to_next())
			return false;
		run_due();
		rig_reap();
		rig_answer_all();
	}
	if (rig.downs > 0 || !go_to_next())
		return false;
	if (!error_first)
		run_due();
	rig_inject("04 10 01 42");
	if (error_first)
		run_due();
	everything_expect_gone();
	ck_assert_uint_eq(rig.downs, 1);
	ck_assert_uint_eq(rig.finals, 0);
	hci_forget_links();
	hci_recover();
	hci_expect_works();
	return true;
}

START_TEST(an_error_may_cross_any_time_limit)
{
	for (int order = 0; order < 2; order++) {
		int instant = 0;

		while (instant < INSTANTS_MAX && try_instant(instant, order))
			instant++;
		ck_assert_int_ge(instant, 5);
	}
}
END_TEST

struct crossing {
	uint8_t code;	 /* of the event that is crossed */
	unsigned int at; /* the how manieth of them, from 1 */
	unsigned int seen;
	bool error_first;
	bool done;
};

static bool seen_codes[CODES];

/* The error comes in the same instant, just before the event or behind it. */
static struct rt_bytes cross(struct world *w, const struct world_packet *packet,
			     void *arg)
{
	struct stage *stage = arg;
	struct crossing *crossing = stage->user;

	if (packet->node != STAGE_HOST || !packet->from_controller ||
	    packet->type != RT_PACKET_EVENT)
		return packet->octets;
	seen_codes[packet->octets.ptr[0]] = true;
	if (packet->octets.ptr[0] != crossing->code || crossing->done ||
	    ++crossing->seen != crossing->at)
		return packet->octets;
	crossing->done = true;
	if (crossing->error_first)
		rt_host_rx(world_host(w, STAGE_HOST), RT_PACKET_EVENT,
			   hardware_error, sizeof(hardware_error));
	else
		stage_inject(stage, hardware_error, sizeof(hardware_error));
	return packet->octets;
}

/* False if there are fewer of these events in the story. */
static bool try_event(const struct story *story, uint8_t code, unsigned int at,
		      bool error_first)
{
	struct crossing crossing = {
		.code = code,
		.at = at,
		.error_first = error_first,
	};
	struct stage stage;

	stage_open(&stage, story, NULL);
	stage.user = &crossing;
	stage.w->meddle = cross;
	stage.w->meddle_arg = &stage;
	stage_play(&stage);
	stage_end(&stage);
	return crossing.done;
}

/* Connection Complete of a page that nobody answered, above all. */
START_TEST(an_error_may_cross_the_end_of_a_page)
{
	ck_assert(try_event(stage_story("nobody"), 0x03, 1, true));
	ck_assert(try_event(stage_story("nobody"), 0x03, 1, false));
	ck_assert(!try_event(stage_story("nobody"), 0x03, 2, false));
}
END_TEST

static void lose_link(struct stage *stage)
{
	rt_vctl_drop_links(stage->w->node[STAGE_HOST].vctl);
}

/* Disconnection Complete: Connection Timeout. */
START_TEST(an_error_may_cross_the_end_of_a_link)
{
	struct story story = *stage_story("connect");

	story.steps[2] = (struct stage_step){ lose_link, 2000 };
	ck_assert(try_event(&story, 0x05, 1, true));
	ck_assert(try_event(&story, 0x05, 1, false));
}
END_TEST

/* Every code of an event in every story, each of them thrice at most. */
START_TEST(an_error_may_cross_any_event)
{
	unsigned int codes = 0;

	memset(seen_codes, 0, sizeof(seen_codes));
	for (size_t i = 0; i < stage_story_count; i++) {
		const struct story *story = &stage_stories[i];

		(void)try_event(story, 0, 1, false);
		for (unsigned int code = 1; code < CODES; code++) {
			if (!seen_codes[code])
				continue;
			for (unsigned int at = 1; at <= 3; at++) {
				if (!try_event(story, (uint8_t)code, at, true))
					break;
				(void)try_event(story, (uint8_t)code, at,
						false);
			}
		}
	}
	for (unsigned int code = 0; code < CODES; code++)
		codes += seen_codes[code];
	/* There are 32 that we know. */
	ck_assert_uint_ge(codes, 20);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-12", "I", an_error_may_cross_the_end_of_a_page),
	TAGGED("HCI-12", "I", an_error_may_cross_the_end_of_a_link),
	TAGGED("HCI-12", "I", an_error_may_cross_any_event),
};

static const struct tagged rig_rows[] = {
	TAGGED("HCI-12", "A", an_error_may_cross_any_time_limit),
};

const struct tagged_table hci_crossing_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};

const struct tagged_table hci_limits_table = HCI_RIG_TABLE(rig_rows);
