/* SPDX-License-Identifier: MIT */
#include "tests/limits/floods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * limits_bench_floods --list: the kinds of floods, one a line.
 * limits_bench_floods N COUNT: so many packets of kind N, whose octets it
 * prints at the end. tests/bench/floods.py runs it under callgrind.
 */

static unsigned int kind_number;
static unsigned int count;

START_TEST(flood_it)
{
	struct flood flood;
	unsigned int n = 0;

	flood_begin(&flood, flood_kind(kind_number));
	for (; n < count; n++) {
		if (flood.peer && !flood.peer->linked &&
		    !flood.crowd->hold_setup)
			break;
		flood_send(&flood, n);
		world_settle(flood.crowd->w);
	}
	printf("packets %u octets %zu\n", n, flood.packet_bytes);
	fflush(stdout);
	flood_end(&flood);
}
END_TEST

static int list(void)
{
	for (size_t i = 0; flood_kind(i); i++)
		puts(flood_kind(i)->name);
	return 0;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("bench");
	TCase *tc = tcase_create("bench");
	SRunner *runner;
	int failed;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc != 3)
		return 2;
	kind_number = (unsigned int)strtoul(argv[1], NULL, 10);
	count = (unsigned int)strtoul(argv[2], NULL, 10);
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, flood_it);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
