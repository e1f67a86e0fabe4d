/* SPDX-License-Identifier: MIT */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs the tests as one suite, each between `setup` and `teardown`, which may
 * be NULL. Returns what main() returns.
 */
int suite_run(const char *name, const TTest *const *tests, size_t count,
	      void (*setup)(void), void (*teardown)(void));

/* A repeatable number; `state` begins with anything but 0 (xorshift64*). */
uint32_t suite_random(uint64_t *state);

#endif
