/* SPDX-License-Identifier: MIT */
#ifndef RT_SIM_RUN_H
#define RT_SIM_RUN_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/sim/app.h"
#include "tools/sim/faults.h"
#include "tools/sim/peers.h"
#include "tools/sim/plan.h"
#include "tools/sim/stream.h"
#include "tools/sim/world.h"

/*
 * One story: a world is made as the plan says, applications do what they like
 * while things go wrong; then nothing goes wrong any more, and everything has
 * to end; then it must still be possible to connect. After each step of a host
 * all that always holds is looked at.
 */

enum sim_phase {
	SIM_PHASE_FAULTS,
	SIM_PHASE_QUIET, /* no more faults, nothing new; all has to end */
	SIM_PHASE_PROOF, /* a connection between any two */
	SIM_PHASE_OVER,
};

struct sim_run {
	struct sim_plan plan;
	const struct sim_options *options;
	struct world *w;
	enum sim_phase phase;
	uint64_t start_us;
	struct sim_app app[WORLD_HOSTS_MAX];
	struct sim_peer peer[2];
	struct sim_faults faults;
	struct sim_streams streams;
	bool restarted[WORLD_HOSTS_MAX]; /* since nothing goes wrong */
	uint64_t trace; /* of all packets and of what applications hear */
	uint64_t steps;
	uint64_t opened; /* connections */
	jmp_buf end;
	char what[320]; /* what is wrong */
};

struct sim_result {
	bool failed;
	char what[320];
	uint64_t failed_us; /* since the story's beginning */
	uint64_t trace;
	uint64_t virtual_us;
	uint64_t steps;
	uint64_t packets;
	uint64_t opened;
	uint64_t octets;
	uint64_t faults; /* that took place */
	sim_features features;
	enum sim_role role;
};

/*
 * Tells the story of a seed. A result that failed leaves memory behind: the
 * story ended where it was.
 */
void sim_run_seed(uint64_t seed, const struct sim_options *options,
		  struct sim_result *ret_result);

/* Makes the controller of node `index` what the plan says that it is. */
void sim_run_set_personality(struct sim_run *run, unsigned int index);

/* Ends the story: something is wrong. */
void sim_fail(struct sim_run *run, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* Tells what happens, if somebody wants to hear it; it is in the trace too. */
void sim_say(struct sim_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
