/* SPDX-License-Identifier: MIT */
#ifndef RT_API_MODE_H
#define RT_API_MODE_H

#include <stdbool.h>

#include <rawtooth/host.h>

#include "stack/env.h"

struct rt_host;

/*
 * How others may find and reach a host (rt_host_set_mode()), and whether it has
 * power.
 */

struct rt_api_mode {
	bool connectable;
	bool discoverable;
	bool limited;
	bool was_connectable; /* before it was limited */
	bool was_discoverable;
	struct rt_timer timer;	/* the end of the limited mode */
	enum rt_host_mode told; /* the last that was told */
	bool off;		/* stops, to be off then */
	bool on_again;		/* and to be on after that */
};

/* Prepares the part of a host. */
void rt_api_mode_init(struct rt_host *host);

/* The host loses its power or its life: the limited mode is over. */
void rt_api_mode_end(struct rt_host *host);

/* The mode may be another: tells the application. */
void rt_api_mode_changed(struct rt_host *host);

/* Tells the controller which scans it shall do now. */
void rt_api_host_update_scan(struct rt_host *host);

#endif
