/* SPDX-License-Identifier: MIT */
#include "stack/slots.h"

#include <errno.h>

#include "tests/unit/stack/fake_env.h"
#include "tests/unit/stack/suite.h"

#define COUNT 4

static struct fake_env fake;
static struct rt_slots slots;
static int objects[COUNT + 1];
static rt_handle handles[COUNT];

static void setup(void)
{
	fake_env_init(&fake);
	ck_assert_int_eq(rt_slots_init(&fake.env, &slots, COUNT), 0);
	for (size_t i = 0; i < COUNT; i++)
		handles[i] = 0;
}

static void teardown(void)
{
	for (size_t i = 0; i < COUNT; i++)
		rt_slots_del(&slots, handles[i]);
	ck_assert_uint_eq(slots.used, 0);
	rt_slots_fini(&fake.env, &slots);
	fake_env_assert_idle(&fake);
}

static void add(size_t i)
{
	ck_assert_int_eq(rt_slots_add(&slots, &objects[i], &handles[i]), 0);
}

START_TEST(a_handle_finds_its_object)
{
	for (size_t i = 0; i < COUNT; i++)
		add(i);
	for (size_t i = 0; i < COUNT; i++) {
		ck_assert_uint_ne(handles[i], 0);
		ck_assert_ptr_eq(rt_slots_get(&slots, handles[i]), &objects[i]);
	}
}
END_TEST

START_TEST(the_table_holds_n_objects_and_refuses_n_plus_1)
{
	rt_handle one_more = 77;

	for (size_t i = 0; i < COUNT; i++)
		add(i);
	ck_assert_uint_eq(slots.used, COUNT);
	ck_assert_int_eq(rt_slots_add(&slots, &objects[COUNT], &one_more),
			 -ENOSPC);
	ck_assert_uint_eq(one_more, 77);
	rt_slots_del(&slots, handles[2]);
	add(2);
	ck_assert_int_eq(rt_slots_add(&slots, &objects[COUNT], &one_more),
			 -ENOSPC);
}
END_TEST

START_TEST(a_stale_handle_finds_nothing)
{
	add(0);
	rt_slots_del(&slots, handles[0]);
	ck_assert_ptr_null(rt_slots_get(&slots, handles[0]));
	ck_assert_uint_eq(slots.used, 0);
}
END_TEST

START_TEST(a_stale_handle_finds_nothing_after_its_slot_is_used_again)
{
	rt_handle stale;

	add(0);
	stale = handles[0];
	rt_slots_del(&slots, stale);
	for (size_t i = 0; i < COUNT; i++)
		add(i);
	ck_assert_ptr_null(rt_slots_get(&slots, stale));
	rt_slots_del(&slots, stale);
	ck_assert_uint_eq(slots.used, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		ck_assert_ptr_eq(rt_slots_get(&slots, handles[i]), &objects[i]);
}
END_TEST

START_TEST(handles_that_never_were_find_nothing)
{
	static const rt_handle never[] = {
		0,	    COUNT + 1,	0xffff,	    0x10000,	0x10001,
		0x7fff0001, 0xffff0001, 0xffff0000, UINT32_MAX,
	};

	add(0);
	for (size_t i = 0; i < RT_ARRAY_SIZE(never); i++) {
		ck_assert_ptr_null(rt_slots_get(&slots, never[i]));
		rt_slots_del(&slots, never[i]);
	}
	/* The handle that the next object will have. */
	ck_assert_ptr_null(rt_slots_get(&slots, handles[0] + 1));
	rt_slots_del(&slots, handles[0] + 1);
	ck_assert_uint_eq(slots.used, 1);
}
END_TEST

START_TEST(the_slot_free_for_the_longest_time_is_used_first)
{
	uint16_t order[3];

	for (size_t i = 0; i < COUNT; i++)
		add(i);
	order[0] = (uint16_t)handles[2];
	order[1] = (uint16_t)handles[0];
	order[2] = (uint16_t)handles[3];
	rt_slots_del(&slots, handles[2]);
	rt_slots_del(&slots, handles[0]);
	rt_slots_del(&slots, handles[3]);
	add(0);
	add(2);
	add(3);
	ck_assert_uint_eq((uint16_t)handles[0], order[0]);
	ck_assert_uint_eq((uint16_t)handles[2], order[1]);
	ck_assert_uint_eq((uint16_t)handles[3], order[2]);
}
END_TEST

START_TEST(a_handle_comes_back_only_when_the_generation_wraps)
{
	struct rt_slots one;
	rt_handle first;
	rt_handle next;

	ck_assert_int_eq(rt_slots_init(&fake.env, &one, 1), 0);
	ck_assert_int_eq(rt_slots_add(&one, &objects[0], &first), 0);
	next = first;
	for (uint32_t i = 1; i <= 0x10000; i++) {
		rt_slots_del(&one, next);
		ck_assert_int_eq(rt_slots_add(&one, &objects[0], &next), 0);
		ck_assert_uint_ne(next, 0);
		ck_assert_int_eq(next == first, i == 0x10000);
		ck_assert_ptr_eq(rt_slots_get(&one, next), &objects[0]);
	}
	rt_slots_del(&one, next);
	rt_slots_fini(&fake.env, &one);
}
END_TEST

START_TEST(the_largest_table_works_to_its_last_slot)
{
	const uint16_t count = 65534;
	struct rt_slots large;
	rt_handle *all;

	all = rt_env_alloc(&fake.env, count * sizeof(*all));
	ck_assert_ptr_nonnull(all);
	ck_assert_int_eq(rt_slots_init(&fake.env, &large, count), 0);
	for (uint16_t i = 0; i < count; i++)
		ck_assert_int_eq(rt_slots_add(&large, &all[i], &all[i]), 0);
	ck_assert_int_eq(rt_slots_add(&large, &large, &all[0]), -ENOSPC);
	for (uint16_t i = 0; i < count; i++) {
		ck_assert_ptr_eq(rt_slots_get(&large, all[i]), &all[i]);
		rt_slots_del(&large, all[i]);
	}
	rt_slots_fini(&fake.env, &large);
	rt_env_free(&fake.env, all);
}
END_TEST

START_TEST(a_table_without_memory_is_refused)
{
	struct rt_slots none = { .count = 9 };

	fake.allocs_left = 0;
	ck_assert_int_eq(rt_slots_init(&fake.env, &none, 3), -ENOMEM);
	ck_assert_uint_eq(none.count, 9);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_handle_finds_its_object,
		the_table_holds_n_objects_and_refuses_n_plus_1,
		a_stale_handle_finds_nothing,
		a_stale_handle_finds_nothing_after_its_slot_is_used_again,
		handles_that_never_were_find_nothing,
		the_slot_free_for_the_longest_time_is_used_first,
		a_handle_comes_back_only_when_the_generation_wraps,
		the_largest_table_works_to_its_last_slot,
		a_table_without_memory_is_refused,
	};

	return suite_run("stack/slots", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
