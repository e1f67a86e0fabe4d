/* SPDX-License-Identifier: MIT */
#include "stack/env.h"

#include <string.h>

#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

static struct fake_env fake;

static void setup(void)
{
	fake_env_init(&fake);
}

static void teardown(void)
{
	fake_env_assert_idle(&fake);
}

START_TEST(a_new_environment_is_idle_and_has_the_default_limits)
{
	ck_assert_uint_eq(fake.env.frame, 0);
	ck_assert_mem_eq(&fake.env.limits, &rt_limits_default,
			 sizeof(rt_limits_default));
#define X(name, value, why) ck_assert_uint_eq(fake.env.limits.name, value);
	RT_LIMITS(X)
#undef X
}
END_TEST

START_TEST(live_memory_is_counted)
{
	void *a = rt_env_alloc(&fake.env, 10);
	void *b = rt_env_alloc(&fake.env, 0);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(fake.env.live, 2);
	ck_assert_uint_eq(fake.env.live_bytes, 10);
	rt_env_free(&fake.env, a);
	ck_assert_uint_eq(fake.env.live, 1);
	ck_assert_uint_eq(fake.env.live_bytes, 0);
	rt_env_free(&fake.env, b);
}
END_TEST

START_TEST(memory_is_zeroed_and_aligned_for_everything)
{
	static const uint8_t zeros[64];
	void *p = rt_env_alloc(&fake.env, sizeof(zeros));

	ck_assert_ptr_nonnull(p);
	ck_assert_mem_eq(p, zeros, sizeof(zeros));
	ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
	rt_env_free(&fake.env, p);
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
	rt_env_free(&fake.env, NULL);
	ck_assert_uint_eq(fake.env.live, 0);
}
END_TEST

START_TEST(memory_that_is_not_there_is_null_and_not_counted)
{
	volatile size_t huge = SIZE_MAX;

	ck_assert_ptr_null(rt_env_alloc(&fake.env, huge));
	fake.allocs_left = 0;
	ck_assert_ptr_null(rt_env_alloc(&fake.env, 1));
	ck_assert_uint_eq(fake.env.live, 0);
}
END_TEST

static void ignore(struct rt_timer *timer)
{
	(void)timer;
}

START_TEST(a_delay_counts_from_now)
{
	struct rt_timer timer;

	rt_timer_init(&timer, ignore);
	fake.env.now_us = 1000;
	rt_env_arm(&fake.env, &timer, 500);
	ck_assert_uint_eq(timer.due_us, 1500);
	rt_env_stop(&fake.env, &timer);
	ck_assert(!timer.armed);
}
END_TEST

START_TEST(a_delay_beyond_the_end_of_time_does_not_wrap)
{
	struct rt_timer timer;

	rt_timer_init(&timer, ignore);
	fake.env.now_us = 1000;
	rt_env_arm(&fake.env, &timer, UINT64_MAX);
	ck_assert_uint_eq(timer.due_us, UINT64_MAX);
	rt_env_stop(&fake.env, &timer);
}
END_TEST

START_TEST(random_numbers_come_from_the_hook)
{
	const uint8_t octets[4] = { 0, 1, 2, 3 };
	uint32_t number = rt_env_random32(&fake.env);

	ck_assert_mem_eq(&number, octets, sizeof(number));
	ck_assert_uint_ne(rt_env_random32(&fake.env), number);
}
END_TEST

START_TEST(a_log_line_is_formatted)
{
	ck_assert(rt_env_logs(&fake.env));
	rt_log(&fake.env, RT_LOG_INFO, "chan 0x%04x %s", 0x41, "OPEN");
	ck_assert_uint_eq(fake.log_lines, 1);
	ck_assert_int_eq(fake.log_level, RT_LOG_INFO);
	ck_assert_str_eq(fake.log_line, "chan 0x0041 OPEN");
}
END_TEST

START_TEST(a_log_line_is_cut_after_200_octets)
{
	char text[300];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rt_log(&fake.env, RT_LOG_DEBUG, "%.200s", text);
	ck_assert_uint_eq(strlen(fake.log_line), 200);
	rt_log(&fake.env, RT_LOG_DEBUG, "%s", text);
	ck_assert_uint_eq(strlen(fake.log_line), 200);
}
END_TEST

START_TEST(control_characters_do_not_reach_the_log)
{
	rt_log(&fake.env, RT_LOG_WARNING, "name \"%s\"",
	       "a\nb\rc\x1b[2Jd\x7f \xc3\xa9");
	ck_assert_str_eq(fake.log_line, "name \"a?b?c?[2Jd? \xc3\xa9\"");
}
END_TEST

START_TEST(without_a_log_hook_nothing_is_logged)
{
	fake.env.hooks.log = NULL;
	ck_assert(!rt_env_logs(&fake.env));
	rt_log(&fake.env, RT_LOG_ERROR, "unheard");
	ck_assert_uint_eq(fake.log_lines, 0);
}
END_TEST

struct corpse {
	struct rt_grave grave;
	struct corpse *heir; /* buried when this one is freed */
	int number;
};

static int freed[4];
static size_t freed_count;

static void free_corpse(struct rt_env *env, struct rt_grave *grave)
{
	struct corpse *c = RT_CONTAINER_OF(grave, struct corpse, grave);

	freed[freed_count++] = c->number;
	if (c->heir)
		rt_env_bury(env, &c->heir->grave, free_corpse);
	rt_env_free(env, c);
}

static struct corpse *new_corpse(int number)
{
	struct corpse *c = rt_env_alloc(&fake.env, sizeof(*c));

	ck_assert_ptr_nonnull(c);
	c->number = number;
	return c;
}

START_TEST(what_is_buried_lives_until_the_reap)
{
	struct corpse *a = new_corpse(1);
	struct corpse *b = new_corpse(2);

	freed_count = 0;
	rt_env_bury(&fake.env, &a->grave, free_corpse);
	rt_env_bury(&fake.env, &b->grave, free_corpse);
	ck_assert_uint_eq(fake.env.live, 2);
	ck_assert_int_eq(a->number, 1);
	rt_env_reap(&fake.env);
	ck_assert_uint_eq(freed_count, 2);
	ck_assert_int_eq(freed[0], 1);
	ck_assert_int_eq(freed[1], 2);
	rt_env_reap(&fake.env);
	ck_assert_uint_eq(freed_count, 2);
}
END_TEST

START_TEST(what_is_buried_by_a_reap_goes_in_the_same_reap)
{
	struct corpse *a = new_corpse(1);

	freed_count = 0;
	a->heir = new_corpse(2);
	rt_env_bury(&fake.env, &a->grave, free_corpse);
	rt_env_reap(&fake.env);
	ck_assert_uint_eq(freed_count, 2);
	ck_assert_uint_eq(fake.env.live, 0);
}
END_TEST

START_TEST(objects_are_popped_in_the_order_of_their_first_raise)
{
	struct rt_ready object[3];
	uint32_t events = 77;

	for (uint8_t i = 0; i < 3; i++)
		rt_ready_init(&object[i], i);
	ck_assert_ptr_null(rt_ready_pop(&fake.env, &events));
	ck_assert_uint_eq(events, 77);
	rt_ready_raise(&fake.env, &object[2], 0x01);
	rt_ready_raise(&fake.env, &object[0], 0x02);
	rt_ready_raise(&fake.env, &object[1], 0x04);
	rt_ready_raise(&fake.env, &object[2], 0x10);
	ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object[2]);
	ck_assert_uint_eq(events, 0x11);
	ck_assert_uint_eq(object[2].events, 0);
	ck_assert_uint_eq(object[2].kind, 2);
	ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object[0]);
	ck_assert_uint_eq(events, 0x02);
	ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object[1]);
	ck_assert_uint_eq(events, 0x04);
	ck_assert_ptr_null(rt_ready_pop(&fake.env, &events));
}
END_TEST

START_TEST(an_object_popped_can_be_raised_again)
{
	struct rt_ready object;
	uint32_t events;

	rt_ready_init(&object, 0);
	for (uint32_t i = 1; i < 4; i++) {
		rt_ready_raise(&fake.env, &object, i);
		ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object);
		ck_assert_uint_eq(events, i);
	}
}
END_TEST

START_TEST(a_cancelled_object_is_not_popped_and_forgets_its_bits)
{
	struct rt_ready object[2];
	uint32_t events;

	rt_ready_init(&object[0], 0);
	rt_ready_init(&object[1], 1);
	rt_ready_raise(&fake.env, &object[0], 1);
	rt_ready_raise(&fake.env, &object[1], 2);
	rt_ready_cancel(&object[0]);
	rt_ready_cancel(&object[0]);
	ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object[1]);
	ck_assert_ptr_null(rt_ready_pop(&fake.env, &events));
	rt_ready_raise(&fake.env, &object[0], 8);
	ck_assert_ptr_eq(rt_ready_pop(&fake.env, &events), &object[0]);
	ck_assert_uint_eq(events, 8);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_new_environment_is_idle_and_has_the_default_limits,
		live_memory_is_counted,
		memory_is_zeroed_and_aligned_for_everything,
		freeing_nothing_is_allowed,
		memory_that_is_not_there_is_null_and_not_counted,
		a_delay_counts_from_now,
		a_delay_beyond_the_end_of_time_does_not_wrap,
		random_numbers_come_from_the_hook,
		a_log_line_is_formatted,
		a_log_line_is_cut_after_200_octets,
		control_characters_do_not_reach_the_log,
		without_a_log_hook_nothing_is_logged,
		what_is_buried_lives_until_the_reap,
		what_is_buried_by_a_reap_goes_in_the_same_reap,
		objects_are_popped_in_the_order_of_their_first_raise,
		an_object_popped_can_be_raised_again,
		a_cancelled_object_is_not_popped_and_forgets_its_bits,
	};

	return suite_run("stack/env", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
