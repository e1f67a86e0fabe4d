/* SPDX-License-Identifier: MIT */
#include "stack/timer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/stack/suite.h"

#define TIMERS 8
#define MODEL_TIMERS 64
#define MODEL_STEPS 20000

struct probe {
	struct rt_timer timer;
	int number;
	void (*then)(struct probe *probe);
	struct probe *other;
	uint64_t rearm_us;
};

static struct rt_timers timers;
static struct probe probes[TIMERS];
static int fired[64];
static size_t fired_count;

static void on_fire(struct rt_timer *timer)
{
	struct probe *p = RT_CONTAINER_OF(timer, struct probe, timer);

	ck_assert(!timer->armed);
	fired[fired_count++] = p->number;
	if (p->then)
		p->then(p);
}

static void setup(void)
{
	memset(&timers, 0, sizeof(timers));
	fired_count = 0;
	for (int i = 0; i < TIMERS; i++) {
		probes[i] = (struct probe){ .number = i };
		rt_timer_init(&probes[i].timer, on_fire);
	}
}

static void teardown(void)
{
	uint64_t due_us;

	for (int i = 0; i < TIMERS; i++)
		rt_timer_stop(&timers, &probes[i].timer);
	ck_assert(!rt_timers_next(&timers, &due_us));
	ck_assert_ptr_null(timers.root);
}

static void arm(int number, uint64_t due_us)
{
	rt_timer_arm_at(&timers, &probes[number].timer, due_us);
}

/* Asserts which timers have fired, in which order, and forgets them. */
static void assert_fired(const int *numbers, size_t count)
{
	ck_assert_uint_eq(fired_count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(fired[i], numbers[i]);
	fired_count = 0;
}

#define FIRED(...)                                 \
	assert_fired((const int[]){ __VA_ARGS__ }, \
		     sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

START_TEST(timers_fire_in_the_order_of_their_instants)
{
	arm(0, 30);
	arm(1, 10);
	arm(2, 20);
	ck_assert_uint_eq(rt_timers_run(&timers, 100), 3);
	FIRED(1, 2, 0);
}
END_TEST

START_TEST(timers_of_one_instant_fire_in_the_order_of_arming)
{
	static const int order[] = { 5, 2, 7, 0, 1, 6, 3, 4 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(order); i++)
		arm(order[i], 50);
	ck_assert_uint_eq(rt_timers_run(&timers, 50), 8);
	FIRED(5, 2, 7, 0, 1, 6, 3, 4);
}
END_TEST

START_TEST(a_timer_fires_at_its_instant_and_not_before)
{
	arm(0, 1000);
	ck_assert_uint_eq(rt_timers_run(&timers, 999), 0);
	ck_assert(probes[0].timer.armed);
	ck_assert_uint_eq(rt_timers_run(&timers, 1000), 1);
	ck_assert(!probes[0].timer.armed);
	ck_assert_uint_eq(rt_timers_run(&timers, 2000), 0);
	FIRED(0);
}
END_TEST

START_TEST(the_next_instant_is_that_of_the_earliest_timer)
{
	uint64_t due_us = 7;

	ck_assert(!rt_timers_next(&timers, &due_us));
	ck_assert_uint_eq(due_us, 7);
	arm(0, 30);
	arm(1, 20);
	ck_assert(rt_timers_next(&timers, &due_us));
	ck_assert_uint_eq(due_us, 20);
	rt_timer_stop(&timers, &probes[1].timer);
	ck_assert(rt_timers_next(&timers, &due_us));
	ck_assert_uint_eq(due_us, 30);
}
END_TEST

START_TEST(a_stopped_timer_does_not_fire)
{
	arm(0, 10);
	arm(1, 10);
	arm(2, 10);
	rt_timer_stop(&timers, &probes[1].timer);
	rt_timer_stop(&timers, &probes[1].timer);
	ck_assert(!probes[1].timer.armed);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 2);
	FIRED(0, 2);
}
END_TEST

START_TEST(a_timer_never_armed_may_be_stopped)
{
	rt_timer_stop(&timers, &probes[0].timer);
	arm(1, 5);
	rt_timer_stop(&timers, &probes[0].timer);
	ck_assert_uint_eq(rt_timers_run(&timers, 5), 1);
	FIRED(1);
}
END_TEST

START_TEST(arming_again_moves_a_timer)
{
	arm(0, 10);
	arm(1, 20);
	arm(0, 30);
	ck_assert_uint_eq(rt_timers_run(&timers, 20), 1);
	FIRED(1);
	arm(0, 25);
	ck_assert_uint_eq(rt_timers_run(&timers, 25), 1);
	FIRED(0);
}
END_TEST

START_TEST(arming_again_for_the_same_instant_goes_behind_its_equals)
{
	arm(0, 10);
	arm(1, 10);
	arm(0, 10);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 2);
	FIRED(1, 0);
}
END_TEST

static void rearm(struct probe *p)
{
	rt_timer_arm_at(&timers, &p->timer, p->rearm_us);
}

START_TEST(a_timer_armed_anew_when_it_fires_waits_for_the_next_run)
{
	probes[0].then = rearm;
	probes[0].rearm_us = 0;
	arm(0, 10);
	arm(1, 10);
	arm(2, 15);
	ck_assert_uint_eq(rt_timers_run(&timers, 20), 3);
	FIRED(0, 1, 2);
	ck_assert_uint_eq(rt_timers_run(&timers, 20), 1);
	FIRED(0);
}
END_TEST

static void stop_other(struct probe *p)
{
	rt_timer_stop(&timers, &p->other->timer);
	ck_assert(!p->other->timer.armed);
}

START_TEST(a_timer_stopped_by_one_of_the_same_run_does_not_fire)
{
	for (int victim = 1; victim < 4; victim++) {
		probes[0].then = stop_other;
		probes[0].other = &probes[victim];
		for (int i = 0; i < 4; i++)
			arm(i, 10);
		ck_assert_uint_eq(rt_timers_run(&timers, 10), 3);
		for (size_t i = 0; i < fired_count; i++)
			ck_assert_int_ne(fired[i], victim);
		fired_count = 0;
	}
}
END_TEST

START_TEST(a_timer_that_fires_may_stop_itself)
{
	probes[0].then = stop_other;
	probes[0].other = &probes[0];
	arm(0, 10);
	arm(1, 10);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 2);
	FIRED(0, 1);
}
END_TEST

static void rearm_other(struct probe *p)
{
	rt_timer_arm_at(&timers, &p->other->timer, p->rearm_us);
}

START_TEST(a_timer_moved_by_one_of_the_same_run_fires_in_the_next)
{
	probes[0].then = rearm_other;
	probes[0].other = &probes[1];
	probes[0].rearm_us = 5;
	arm(0, 10);
	arm(1, 10);
	arm(2, 10);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 2);
	FIRED(0, 2);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 1);
	FIRED(1);
}
END_TEST

START_TEST(a_timer_of_a_later_instant_may_be_stopped_when_one_fires)
{
	probes[0].then = stop_other;
	probes[0].other = &probes[1];
	arm(0, 10);
	arm(1, 20);
	arm(2, 30);
	ck_assert_uint_eq(rt_timers_run(&timers, 10), 1);
	ck_assert_uint_eq(rt_timers_run(&timers, 30), 1);
	FIRED(0, 2);
}
END_TEST

START_TEST(the_last_instant_there_is_can_be_armed)
{
	arm(0, UINT64_MAX);
	ck_assert_uint_eq(rt_timers_run(&timers, UINT64_MAX - 1), 0);
	ck_assert_uint_eq(rt_timers_run(&timers, UINT64_MAX), 1);
	FIRED(0);
}
END_TEST

/* The model: what is armed, as an array that is searched from end to end. */
struct model_timer {
	struct rt_timer timer;
	bool armed;
	uint64_t due_us;
	uint64_t order;
};

static struct model_timer model[MODEL_TIMERS];
static uint64_t model_now_us;
static uint64_t model_seed;
static size_t model_fired;

static struct model_timer *model_first(void)
{
	struct model_timer *first = NULL;

	for (size_t i = 0; i < MODEL_TIMERS; i++) {
		struct model_timer *m = &model[i];

		if (!m->armed)
			continue;
		if (!first || m->due_us < first->due_us ||
		    (m->due_us == first->due_us && m->order < first->order))
			first = m;
	}
	return first;
}

static void model_change(void)
{
	static uint64_t order;
	struct model_timer *m =
		&model[suite_random(&model_seed) % MODEL_TIMERS];

	if (suite_random(&model_seed) % 4 == 0) {
		m->armed = false;
		rt_timer_stop(&timers, &m->timer);
		return;
	}
	m->armed = true;
	/* Never due now: what is armed in a run belongs to the next one. */
	m->due_us = model_now_us + 1 + suite_random(&model_seed) % 50;
	m->order = order++;
	rt_timer_arm_at(&timers, &m->timer, m->due_us);
}

static void model_on_fire(struct rt_timer *timer)
{
	struct model_timer *m =
		RT_CONTAINER_OF(timer, struct model_timer, timer);

	ck_assert_ptr_eq(m, model_first());
	ck_assert_uint_le(m->due_us, model_now_us);
	m->armed = false;
	model_fired++;
	while (suite_random(&model_seed) % 3 == 0)
		model_change();
}

START_TEST(many_timers_behave_like_a_sorted_list)
{
	const struct model_timer *first;
	uint64_t due_us;

	model_seed = 20240229;
	for (size_t i = 0; i < MODEL_TIMERS; i++)
		rt_timer_init(&model[i].timer, model_on_fire);
	for (size_t step = 0; step < MODEL_STEPS; step++) {
		if (suite_random(&model_seed) % 8 == 0) {
			model_now_us += suite_random(&model_seed) % 20;
			rt_timers_run(&timers, model_now_us);
		} else {
			model_change();
		}
		first = model_first();
		ck_assert_int_eq(rt_timers_next(&timers, &due_us),
				 first != NULL);
		if (first)
			ck_assert_uint_eq(due_us, first->due_us);
	}
	ck_assert_uint_gt(model_fired, MODEL_STEPS / 20);
	for (size_t i = 0; i < MODEL_TIMERS; i++)
		rt_timer_stop(&timers, &model[i].timer);
}
END_TEST

START_TEST(a_hundred_thousand_timers_need_no_deep_stack)
{
	const size_t count = 100000;
	struct probe *many = calloc(count, sizeof(*many));
	uint64_t due_us;

	ck_assert_ptr_nonnull(many);
	for (size_t i = 0; i < count; i++) {
		rt_timer_init(&many[i].timer, on_fire);
		rt_timer_arm_at(&timers, &many[i].timer, i);
	}
	for (size_t i = 0; i < count; i++) {
		ck_assert(rt_timers_next(&timers, &due_us));
		ck_assert_uint_eq(due_us, i);
		rt_timer_stop(&timers, &many[i].timer);
	}
	free(many);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		timers_fire_in_the_order_of_their_instants,
		timers_of_one_instant_fire_in_the_order_of_arming,
		a_timer_fires_at_its_instant_and_not_before,
		the_next_instant_is_that_of_the_earliest_timer,
		a_stopped_timer_does_not_fire,
		a_timer_never_armed_may_be_stopped,
		arming_again_moves_a_timer,
		arming_again_for_the_same_instant_goes_behind_its_equals,
		a_timer_armed_anew_when_it_fires_waits_for_the_next_run,
		a_timer_stopped_by_one_of_the_same_run_does_not_fire,
		a_timer_that_fires_may_stop_itself,
		a_timer_moved_by_one_of_the_same_run_fires_in_the_next,
		a_timer_of_a_later_instant_may_be_stopped_when_one_fires,
		the_last_instant_there_is_can_be_armed,
		many_timers_behave_like_a_sorted_list,
		a_hundred_thousand_timers_need_no_deep_stack,
	};

	return suite_run("stack/timer", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
