/* SPDX-License-Identifier: MIT */
#include "api/names.h"

#include <stdio.h>

/* The place of the device, or else the one to be given up first. */
static struct rt_api_name *place(struct rt_api_names *names,
				 struct rt_addr addr)
{
	struct rt_api_name *oldest = &names->item[0];
	struct rt_api_name *it;

	for (size_t i = 0; i < RT_ARRAY_SIZE(names->item); i++) {
		it = &names->item[i];
		if (it->heard && rt_addr_equal(it->addr, addr))
			return it;
		if (it->heard < oldest->heard)
			oldest = it;
	}
	return oldest;
}

void rt_api_names_put(struct rt_api_names *names, struct rt_addr addr,
		      const char *name, bool complete)
{
	struct rt_api_name *it = place(names, addr);

	if (it->heard && rt_addr_equal(it->addr, addr) && it->complete &&
	    !complete)
		return;
	it->complete = complete;
	it->addr = addr;
	it->heard = ++names->clock;
	snprintf(it->name, sizeof(it->name), "%s", name);
}

const struct rt_api_name *rt_api_names_find(const struct rt_api_names *names,
					    struct rt_addr addr)
{
	const struct rt_api_name *it;

	for (size_t i = 0; i < RT_ARRAY_SIZE(names->item); i++) {
		it = &names->item[i];
		if (it->heard && rt_addr_equal(it->addr, addr))
			return it;
	}
	return NULL;
}

const char *rt_api_names_get(const struct rt_api_names *names,
			     struct rt_addr addr)
{
	const struct rt_api_name *known = rt_api_names_find(names, addr);

	return known ? known->name : "";
}
