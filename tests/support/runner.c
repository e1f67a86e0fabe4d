/* SPDX-License-Identifier: MIT */
/*
 * Runs suites without libcheck, which the memory sanitizer can't look into:
 * the few of its functions that the tests use, in one process. The first
 * assertion that fails ends it (tests/support/assert.c).
 *
 *	CK_RUN_CASE	only the case of this name, as with libcheck
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TESTS_MAX 512  /* of a case */
#define CASES_MAX 4096 /* of a suite */
#define FIXTURES_MAX 4 /* of a case */

struct TCase {
	const char *name;
	size_t tests;
	struct {
		const TTest *test;
		int from, to;
	} test[TESTS_MAX];
	size_t fixtures;
	struct {
		SFun setup, teardown;
	} fixture[FIXTURES_MAX];
};

struct Suite {
	const char *name;
	size_t cases;
	TCase *tcase[CASES_MAX];
};

struct SRunner {
	Suite *suite;
	int run;
};

static void *zeroed(size_t bytes)
{
	void *ptr = calloc(1, bytes);

	if (!ptr)
		abort();
	return ptr;
}

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

Suite *suite_create(const char *name)
{
	Suite *suite = zeroed(sizeof(*suite));

	suite->name = name;
	return suite;
}

TCase *tcase_create(const char *name)
{
	TCase *tcase = zeroed(sizeof(*tcase));

	tcase->name = name;
	return tcase;
}

void suite_add_tcase(Suite *suite, TCase *tcase)
{
	must(suite->cases < CASES_MAX, "too many cases");
	suite->tcase[suite->cases++] = tcase;
}

void tcase_add_checked_fixture(TCase *tcase, SFun setup, SFun teardown)
{
	must(tcase->fixtures < FIXTURES_MAX, "too many fixtures");
	tcase->fixture[tcase->fixtures].setup = setup;
	tcase->fixture[tcase->fixtures++].teardown = teardown;
}

void _tcase_add_test(TCase *tcase, const TTest *test, int signal, int status,
		     int from, int to)
{
	must(signal == 0 && status == 0, "tests that end otherwise");
	must(tcase->tests < TESTS_MAX, "too many tests");
	tcase->test[tcase->tests].test = test;
	tcase->test[tcase->tests].from = from;
	tcase->test[tcase->tests++].to = to;
}

void tcase_set_timeout(TCase *tcase, double seconds)
{
	/* Nothing is timed here: ctest is patient enough. */
	(void)tcase;
	(void)seconds;
}

SRunner *srunner_create(Suite *suite)
{
	SRunner *runner = zeroed(sizeof(*runner));

	runner->suite = suite;
	return runner;
}

void srunner_set_fork_status(SRunner *runner, enum fork_status status)
{
	(void)runner;
	must(status == CK_NOFORK, "tests run in this process");
}

static void run_once(const TCase *tcase, const TTest *test, int i)
{
	if (getenv("CK_VERBOSITY"))
		fprintf(stderr, "%s:%s:%d\n", tcase->name, test->name, i);
	for (size_t k = 0; k < tcase->fixtures; k++) {
		if (tcase->fixture[k].setup)
			tcase->fixture[k].setup();
	}
	test->fn(i);
	for (size_t k = tcase->fixtures; k > 0; k--) {
		if (tcase->fixture[k - 1].teardown)
			tcase->fixture[k - 1].teardown();
	}
}

void srunner_run_all(SRunner *runner, enum print_output mode)
{
	const char *only = getenv("CK_RUN_CASE");

	(void)mode;
	for (size_t c = 0; c < runner->suite->cases; c++) {
		const TCase *tcase = runner->suite->tcase[c];

		if (only && strcmp(only, tcase->name) != 0)
			continue;
		for (size_t t = 0; t < tcase->tests; t++) {
			for (int i = tcase->test[t].from; i < tcase->test[t].to;
			     i++, runner->run++)
				run_once(tcase, tcase->test[t].test, i);
		}
	}
	printf("%s: %d tests\n", runner->suite->name, runner->run);
}

int srunner_ntests_failed(SRunner *runner)
{
	/* A test that fails ends the program. */
	(void)runner;
	return 0;
}

int srunner_ntests_run(SRunner *runner)
{
	return runner->run;
}

void srunner_free(SRunner *runner)
{
	for (size_t c = 0; c < runner->suite->cases; c++)
		free(runner->suite->tcase[c]);
	free(runner->suite);
	free(runner);
}
