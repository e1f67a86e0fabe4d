/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_TAGGED_H
#define RT_TESTS_TAGGED_H

#include <check.h>
#include <stddef.h>

/*
 * Tests that carry an id of somebody else's catalogue: a test case of the SIG,
 * or a row of known attacks. The catalogue is a file of lines
 *
 *	ID ROLES			has to be shown for these roles
 *	ID ROLES not-applicable FEATURE	the README lists FEATURE as absent
 *
 * from which CMake makes one test a line (rt_tagged() in tests/CMakeLists.txt).
 * ROLES is "I" (we initiate), "A" (we accept) or "IA". An id that has no test,
 * or not for each role, fails.
 */

struct tagged {
	const char *id;
	const char *roles;
	const TTest *const *test;
};

/* A row of the table: TAGGED("L2CAP/COS/CED/BV-01-C", "I", name_of_the_test) */
#define TAGGED(id, roles, name)        \
	{                              \
		(id), (roles), &(name) \
	}

/* In a test that is there for both roles: do we initiate this time? */
#define WE_INITIATE (_i == 'I')

/* A program of tagged tests; several tables make up one. */
struct tagged_table {
	const struct tagged *rows;
	size_t count;
	void (*setup)(void); /* around each test; may be NULL */
	void (*teardown)(void);
};

/*
 * main() of such a program. `program ID ROLES` runs the tests with this id, of
 * which each role must have one, and more such pairs may follow; `program
 * --list` prints the ids and roles; without arguments all run. Returns the exit
 * status.
 */
int tagged_main(int argc, char **argv, const struct tagged_table *const *tables,
		size_t count);

#endif
