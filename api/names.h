/* SPDX-License-Identifier: MIT */
#ifndef RT_API_NAMES_H
#define RT_API_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"

/*
 * Names of devices that have been heard: the last few. They come from peers
 * and are worth as much: UTF-8, made valid, no more.
 */
#define RT_API_NAMES_MAX 32

struct rt_api_name {
	struct rt_addr addr;
	uint32_t heard; /* 0: the place is free */
	bool complete;
	char name[249];
};

struct rt_api_names {
	uint32_t clock;
	struct rt_api_name item[RT_API_NAMES_MAX];
};

/*
 * Remembers a name, in the place of the one not heard for the longest time. One
 * that is not complete does not replace one that is.
 */
void rt_api_names_put(struct rt_api_names *names, struct rt_addr addr,
		      const char *name, bool complete);

/* What is remembered of a device, or NULL. */
const struct rt_api_name *rt_api_names_find(const struct rt_api_names *names,
					    struct rt_addr addr);

/* The name of a device, or "". */
const char *rt_api_names_get(const struct rt_api_names *names,
			     struct rt_addr addr);

#endif
