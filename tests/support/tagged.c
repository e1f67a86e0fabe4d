/* SPDX-License-Identifier: MIT */
#include "tests/support/tagged.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct tagged *row, const char *id)
{
	return !id || strcmp(row->id, id) == 0;
}

/* Each test once a role; the role is the number of the loop. */
static void add(Suite *suite, const struct tagged_table *table, const char *id)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct tagged *row = &table->rows[i];
		const char *role;
		TCase *tcase;

		if (!is_wanted(row, id))
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

			if (is_wanted(row, id) && strchr(row->roles, role))
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
	       const char *id)
{
	Suite *suite = suite_create(id ? id : "all");
	SRunner *runner = srunner_create(suite);
	int failed;
	int ran;
	size_t i;

	for (i = 0; i < count; i++)
		add(suite, tables[i], id);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int tagged_main(int argc, char **argv, const struct tagged_table *const *tables,
		size_t count)
{
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list(tables, count);
		return EXIT_SUCCESS;
	}
	if (argc == 3 && !covers(tables, count, argv[1], argv[2]))
		return EXIT_FAILURE;
	if (argc != 1 && argc != 3) {
		fprintf(stderr, "usage: %s [--list | ID ROLES]\n", argv[0]);
		return 2;
	}
	return run(tables, count, argc == 3 ? argv[1] : NULL);
}
