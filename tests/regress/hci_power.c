/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"

/*
 * HCI-22: the power goes, or the host does, in each callback that a host makes
 * in the stories.
 */

#define CALLBACKS_MAX 300

enum deed {
	POWER_OFF,
	POWER_CYCLE, /* off and on again, in the same callback */
	SHUT_DOWN,
	LOSE, /* the transport */
	FREE, /* the host */
	DEEDS,
};

struct plan {
	enum deed deed;
	unsigned int at; /* the callback, counted from 1 */
	unsigned int count;
	bool kinds[STAGE_CALLBACKS]; /* in which something was done */
};

static void act(struct stage *stage, enum deed deed)
{
	struct rt_host *host = stage_host(stage);

	stage->off = true;
	switch (deed) {
	case POWER_OFF:
	case POWER_CYCLE:
		(void)!rt_host_set_mode(host, RT_HOST_MODE_OFF);
		if (deed == POWER_CYCLE)
			(void)!rt_host_set_mode(host, RT_HOST_MODE_CONNECTABLE);
		return;
	case SHUT_DOWN:
		stage->stopped = true;
		rt_host_shutdown(host);
		return;
	case LOSE:
		rt_host_transport_lost(host, -EPIPE);
		return;
	case FREE:
		stage_free_host(stage);
		return;
	case DEEDS:
		break;
	}
}

static void on_callback(struct stage *stage, enum stage_callback what)
{
	struct plan *plan = stage->user;

	if (++plan->count != plan->at)
		return;
	plan->kinds[what] = true;
	act(stage, plan->deed);
}

/* False if there were fewer callbacks in the story. */
static bool try_callback(const struct story *story, struct plan *plan)
{
	struct stage stage;

	plan->count = 0;
	stage_open(&stage, story, NULL);
	stage.user = plan;
	stage.then = on_callback;
	stage_play(&stage);
	stage_expect_ends(&stage);
	if (plan->count >= plan->at && plan->deed == FREE)
		ck_assert_uint_eq(stage.w->node[STAGE_HOST].memory.live, 0);
	if (plan->count >= plan->at && plan->deed == LOSE)
		ck_assert_int_eq(rt_host_state(stage_host(&stage)),
				 RT_HOST_DOWN);
	stage_expect_works(&stage);
	stage_close(&stage);
	return plan->count >= plan->at;
}

START_TEST(the_power_may_go_in_any_callback)
{
	for (int deed = 0; deed < DEEDS; deed++) {
		struct plan plan = { .deed = (enum deed)deed };

		for (size_t i = 0; i < stage_story_count; i++) {
			plan.at = 1;
			while (try_callback(&stage_stories[i], &plan))
				ck_assert_uint_lt(plan.at++, CALLBACKS_MAX);
		}
		for (int kind = 0; kind < STAGE_CALLBACKS; kind++)
			ck_assert_msg(plan.kinds[kind],
				      "callback %d never came", kind);
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-22", "A", the_power_may_go_in_any_callback),
};

const struct tagged_table hci_power_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
