/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <stdio.h>

#include "tests/support/suite.h"

/*
 * What one packet makes us do: the basic blocks of the engines that run until
 * it is dealt with, counted by the compiler's own hooks. The engines are built
 * a second time for it; the number does not depend on the machine.
 */

#define PACKETS 40

static uint64_t steps;

/* Called at the begin of each basic block of what is built so. */
void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

START_TEST(one_packet_makes_little_work)
{
	const struct flood_kind *kind = flood_kind((size_t)_i);
	uint64_t most = 0;
	const uint64_t limit = kind->steps ? kind->steps : FLOOD_STEPS;
	uint64_t most_after = 0;
	struct flood flood;
	uint64_t taken;

	flood_begin(&flood, kind);
	ck_assert_uint_gt(steps, 1000);
	for (unsigned int n = 0; n < PACKETS; n++) {
		if (flood.peer && !flood.peer->linked &&
		    !flood.crowd->hold_setup)
			break;
		steps = 0;
		flood_send(&flood, n);
		taken = steps;
		steps = 0;
		world_settle(flood.crowd->w);
		ck_assert_msg(taken <= limit, "%s: %llu steps", kind->name,
			      (unsigned long long)taken);
		ck_assert_msg(steps <= limit, "%s: %llu steps for what follows",
			      kind->name, (unsigned long long)steps);
		most = RT_MAX(most, taken);
		most_after = RT_MAX(most_after, steps);
	}
	ck_assert_uint_gt(most, 0);
	printf("%-42s %6zu %6llu %6llu\n", kind->name, flood.packet_bytes,
	       (unsigned long long)most, (unsigned long long)most_after);
	fflush(stdout);
	flood_end(&flood);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/work");
	TCase *tc = tcase_create("work");
	int count = 0;

	while (flood_kind((size_t)count))
		count++;
	printf("%-42s %6s %6s %6s\n", "", "octets", "steps", "after");
	fflush(stdout);
	tcase_add_loop_test(tc, one_packet_makes_little_work, 0, count);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
