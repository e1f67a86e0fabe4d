/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_JOBS_H
#define RT_SIM_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/sim/run.h"

/*
 * Many seeds, in processes of their own, so that one that crashes is a result
 * like any other.
 */

struct sim_jobs {
	struct sim_options sim;
	uint64_t first;	       /* seed */
	uint64_t seeds;	       /* how many */
	unsigned int jobs;     /* processes at a time */
	uint32_t seconds;      /* no new seeds after so long; 0: all */
	unsigned int again;    /* of a hundred: told twice, must be the same */
	unsigned int failures; /* give up after so many; 0: go on */
	/* Called for each seed that failed, and now and then. May be NULL. */
	void (*failed)(void *user, uint64_t seed,
		       const struct sim_result *result);
	void (*progress)(void *user, uint64_t done);
	void *user;
};

struct sim_sum {
	uint64_t seeds;
	uint64_t failed;
	uint64_t again;
	uint64_t virtual_us;
	uint64_t real_us;
	uint64_t steps;
	uint64_t packets;
	uint64_t opened;
	uint64_t octets;
	uint64_t faults;
	uint64_t of_role[SIM_ROLES];
	/* Seeds that had the feature. */
	uint64_t of_feature[SIM_FEATURE_COUNT];
};

/* Tells them all. Returns 0, or a negative errno if it can't. */
int sim_jobs_run(const struct sim_jobs *jobs, struct sim_sum *ret_sum);

/*
 * Tells one seed in a process of its own. Returns 0, also if it failed, or a
 * negative errno.
 */
int sim_jobs_try(uint64_t seed, const struct sim_options *options,
		 struct sim_result *ret_result);

#endif
