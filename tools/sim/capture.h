/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_CAPTURE_H
#define RT_SIM_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "stack/addr.h"
#include "stack/base.h"
#include "stack/env.h"

/*
 * Captures of a world: btsnoop, as btmon reads it, with its virtual time.
 */

/* Opens a capture. NULL and errno if it can't be written. */
FILE *sim_capture_open(const char *path);

/* Says that controller `index` is there. `file` may be NULL: nothing. */
void sim_capture_adapter(FILE *file, unsigned int index, struct rt_addr addr);

/* A packet of controller `index`. `file` may be NULL: nothing. */
void sim_capture_packet(FILE *file, unsigned int index, uint64_t now_us,
			bool from_controller, enum rt_packet_type type,
			struct rt_bytes packet);

#endif
