/* SPDX-License-Identifier: MIT */
#ifndef RT_TESTS_RUNNER_H
#define RT_TESTS_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Plays numbered cases in a process of its own, and goes on in another one
 * behind a case that ended it: an assertion, a sanitizer, a signal, or too much
 * time. Assertions are libcheck's macros; libcheck itself isn't there.
 */

struct runner {
	/* Plays a case. False: there is none with that number, nor after. */
	bool (*play)(void *shared, uint64_t number);
	/* Writes the command line that plays the case alone. */
	void (*name)(const void *shared, uint64_t number, char *str,
		     size_t cap);
	unsigned int seconds; /* real ones that a case may take */
};

/* Memory, zeroed, that survives those processes. NULL if there is none. */
void *runner_shared(size_t bytes);

/*
 * Plays all cases from 0 on, and prints the name of each that fails. Returns
 * how many did.
 */
uint64_t runner_run(const struct runner *runner, void *shared);

#endif
