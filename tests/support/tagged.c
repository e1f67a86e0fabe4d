/* SPDX-License-Identifier: MIT */
#include "tests/support/tagged.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The arguments ID ROLES, as often as they come; without any all is wanted. */
struct wanted {
	char **args;
	int count;
};

static bool is_wanted(const struct tagged *row, const struct wanted *wanted)
{
	if (wanted->count == 0)
		return true;
	for (int i = 0; i < wanted->count; i += 2) {
		if (strcmp(row->id, wanted->args[i]) == 0)
			return true;
	}
	return false;
}

/* Each test once a role; the role is the number of the loop. */
static void add(Suite *suite, const struct tagged_table *table,
		const struct wanted *wanted)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct tagged *row = &table->rows[i];
		const char *role;
		TCase *tcase;

		if (!is_wanted(row, wanted))
			continue;
		tcase = tcase_create(row->id);
		tcase_add_checked_fixture(tcase, table->setup, table->teardown);
		for (role = row->roles; *role; role++)
			tcase_add_loop_test(tcase, *row->test, *role,
					    *role + 1);
		suite_add_tcase(suite, tcase);
	}
}

static bool has_test(const struct tagged_table *const *tables, size_t count,
		     const char *id, char role)
{
	size_t i;
	size_t k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < tables[i]->count; k++) {
			const struct tagged *row = &tables[i]->rows[k];

			if (strcmp(row->id, id) == 0 &&
			    strchr(row->roles, role))
				return true;
		}
	}
	return false;
}

static bool covers(const struct tagged_table *const *tables, size_t count,
		   const char *id, const char *roles)
{
	bool all = true;

	for (; *roles; roles++) {
		if (has_test(tables, count, id, *roles))
			continue;
		fprintf(stderr, "%s: no test for role %c\n", id, *roles);
		all = false;
	}
	return all;
}

static void list(const struct tagged_table *const *tables, size_t count)
{
	size_t i;
	size_t k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < tables[i]->count; k++)
			printf("%s %s\n", tables[i]->rows[k].id,
			       tables[i]->rows[k].roles);
	}
}

static int run(const struct tagged_table *const *tables, size_t count,
	       const struct wanted *wanted)
{
	Suite *suite =
		suite_create(wanted->count == 2 ? wanted->args[0] : "rows");
	SRunner *runner = srunner_create(suite);
	int failed;
	int ran;
	size_t i;

	for (i = 0; i < count; i++)
		add(suite, tables[i], wanted);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int tagged_main(int argc, char **argv, const struct tagged_table *const *tables,
		size_t count)
{
	const struct wanted wanted = { argv + 1, argc - 1 };

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list(tables, count);
		return EXIT_SUCCESS;
	}
	if (argc % 2 == 0) {
		fprintf(stderr, "usage: %s [--list | [ID ROLES]...]\n",
			argv[0]);
		return 2;
	}
	for (int i = 0; i < wanted.count; i += 2) {
		if (!covers(tables, count, wanted.args[i], wanted.args[i + 1]))
			return EXIT_FAILURE;
	}
	return run(tables, count, &wanted);
}
