/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_SYSTEM_H
#define RT_TESTS_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/fault/loops.h"

/*
 * Stories of hosts with their loops, in which any call of the system may fail
 * (calls.h).
 */

struct system_story {
	const char *name;
	/* True if all was as it should be; else somebody was told. */
	bool (*tell)(struct loops *loops);
	bool datagrams; /* what is exported carries them */
};

extern const struct system_story system_stories[];
extern const size_t system_story_count;

#endif
