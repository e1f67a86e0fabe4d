/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_CONTRACT_H
#define RT_TESTS_CONTRACT_H

#include <check.h>
#include <stddef.h>

/*
 * The contract of the socket API, row by row: what a program that was written
 * for Qt's classes of Bluetooth may rely on. A test is named after its row,
 * which is the part of Qt's interface it is about, and what that promises.
 */

/* A test with a name of any characters; ends in END_TEST. */
#define CONTRACT(id, row)                                                     \
	static void id##_fn(int _i);                                          \
	static const TTest id##_ttest = { row, id##_fn, __FILE__, __LINE__ }; \
	static const TTest *const id = &id##_ttest;                           \
	static void id##_fn(int _i CK_ATTRIBUTE_UNUSED)

/* A test and the numbers that it is run with. */
struct contract_row {
	const TTest *const *test;
	int from, to;
};

#define ROW(id)             \
	{                   \
		&(id), 0, 1 \
	}
#define ROW_TIMES(id, count)      \
	{                         \
		&(id), 0, (count) \
	}
/* Once with L2CAP and once with RFCOMM. */
#define ROW_BOTH(id)        \
	{                   \
		&(id), 1, 3 \
	}

/* Runs the rows, each in its fixture. Returns what main() returns. */
int contract_run(const char *name, const struct contract_row *rows,
		 size_t count, void (*setup)(void), void (*teardown)(void));

#endif
