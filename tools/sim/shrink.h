/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_SHRINK_H
#define RT_SIM_SHRINK_H

#include <stdint.h>

#include "tools/sim/plan.h"
#include "tools/sim/run.h"

/*
 * Leaves out of a story that fails whatever it fails without: first features,
 * then time. `options` are changed to those of the shortest story found that
 * still fails, and *ret_result is its. Returns how many were tried, or a
 * negative errno; -ENOENT if the story does not fail at all.
 */
int sim_shrink(uint64_t seed, struct sim_options *options,
	       struct sim_result *ret_result);

#endif
