/* SPDX-License-Identifier: MIT */
#include "tests/unit/api/contract/contract.h"

#include "tests/support/suite.h"

#define TIMEOUT_S 60

int contract_run(const char *name, const struct contract_row *rows,
		 size_t count, void (*setup)(void), void (*teardown)(void))
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, TIMEOUT_S);
	for (size_t i = 0; i < count; i++)
		tcase_add_loop_test(tc, *rows[i].test, rows[i].from,
				    rows[i].to);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
