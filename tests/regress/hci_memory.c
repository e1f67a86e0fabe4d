/* SPDX-License-Identifier: MIT */
#include "tests/regress/hci_stage.h"
#include "tests/regress/hci_tables.h"

/*
 * HCI-21: memory fails while a command is made, or its answer taken: what was
 * begun ends all the same, once, and what comes after it works.
 */

#define ALLOCATIONS_MAX 1000

/* False if there was no allocation with that number in the story. */
static bool starve(const struct story *story, size_t number, bool later)
{
	struct world_memory *memory;
	struct stage stage;
	size_t failed;

	stage_open(&stage, story, NULL);
	memory = &stage.w->node[STAGE_HOST].memory;
	memory->fail_at = memory->asked + number;
	memory->fail_later = later;
	stage_play(&stage);
	stage_expect_ends(&stage);
	failed = memory->failed;
	stage_expect_works(&stage);
	stage_close(&stage);
	ck_assert_uint_le(failed, later ? ALLOCATIONS_MAX : 1);
	return failed > 0;
}

static void starve_all(bool later)
{
	size_t sum = 0;

	for (size_t i = 0; i < stage_story_count; i++) {
		size_t number = 1;

		while (number < ALLOCATIONS_MAX &&
		       starve(&stage_stories[i], number, later))
			number++;
		ck_assert_uint_lt(number, ALLOCATIONS_MAX);
		sum += number - 1;
	}
	ck_assert_uint_gt(sum, 200);
}

START_TEST(any_allocation_may_fail_and_all_that_was_begun_ends)
{
	starve_all(false);
}
END_TEST

START_TEST(memory_may_run_out_and_all_that_was_begun_ends)
{
	starve_all(true);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("HCI-21", "A",
	       any_allocation_may_fail_and_all_that_was_begun_ends),
	TAGGED("HCI-21", "A", memory_may_run_out_and_all_that_was_begun_ends),
};

const struct tagged_table hci_memory_table = {
	.rows = rows,
	.count = RT_ARRAY_SIZE(rows),
};
