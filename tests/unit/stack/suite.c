/* SPDX-License-Identifier: MIT */
#include "tests/unit/stack/suite.h"

#include <stdlib.h>

int suite_run(const char *name, const TTest *const *tests, size_t count,
	      void (*setup)(void), void (*teardown)(void))
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	TCase *tcase;
	int failed;

	for (size_t i = 0; i < count; i++) {
		tcase = tcase_create(tests[i]->name);
		tcase_add_checked_fixture(tcase, setup, teardown);
		tcase_add_test(tcase, tests[i]);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint32_t suite_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)(x * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}
