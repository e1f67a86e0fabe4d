/* SPDX-License-Identifier: MIT */
#ifndef RT_CODE_H
#define RT_CODE_H

#include <stddef.h>
#include <stdint.h>

/* What a layer knows of one of its codes (struct rt_reason). */
struct rt_code {
	uint16_t value;
	int err;	  /* negative errno */
	const char *name; /* by its specification */
	const char *hint; /* a sentence that helps, or "" */
};

/* The row of a code in a table of `count`; NULL if it has none. */
static inline const struct rt_code *rt_code_find(const struct rt_code *codes,
						 size_t count, uint16_t value)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i].value == value)
			return &codes[i];
	}
	return NULL;
}

#endif
