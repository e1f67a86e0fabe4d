/* SPDX-License-Identifier: MIT */
/*
 * libcheck's assertions without libcheck, for programs of cases and seeds: its
 * macros need its runner around them, and a write each. One that fails ends
 * the program.
 */
#include <check.h>
#include <stdarg.h>
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
	va_list args;

	fprintf(stderr, "%s:%d: %s", file, line, expr);
	if (msg) {
		va_start(args, msg);
		fputs(": ", stderr);
		vfprintf(stderr, msg, args);
		va_end(args);
	}
	fputc('\n', stderr);
	abort();
}
