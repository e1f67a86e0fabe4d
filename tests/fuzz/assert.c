/* SPDX-License-Identifier: MIT */
/*
 * The test world asserts with libcheck's macros, which need libcheck's runner
 * around them. Here it is the fuzzer that runs: an assertion that fails stops
 * the program.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

void _mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expr,
		       const char *msg, ...)
{
	(void)msg;
	fprintf(stderr, "%s:%d: %s\n", file, line, expr);
	abort();
}
