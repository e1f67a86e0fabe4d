/* SPDX-License-Identifier: MIT */
#include "tools/sim/shrink.h"

#include <errno.h>

#include "tools/sim/jobs.h"

#define SHORTEST_MS 50

struct shrink {
	uint64_t seed;
	struct sim_options *best;
	struct sim_result *result;
	int tried;
};

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The same thing is wrong: numbers may be others. */
static bool is_alike(const char *a, const char *b)
{
	for (;;) {
		while (is_digit(*a))
			a++;
		while (is_digit(*b))
			b++;
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

/* Keeps the options if the story fails with them. 1, 0 or an errno. */
static int try_with(struct shrink *shrink, const struct sim_options *options)
{
	struct sim_result result;
	int err;

	shrink->tried++;
	err = sim_jobs_try(shrink->seed, options, &result);
	if (err < 0)
		return err;
	if (!result.failed ||
	    (shrink->tried > 1 && !is_alike(result.what, shrink->result->what)))
		return 0;
	*shrink->best = *options;
	*shrink->result = result;
	return 1;
}

/* What the best story has; a crash leaves no word of it. */
static sim_features features(const struct shrink *shrink)
{
	struct sim_plan plan;

	sim_plan_draw(&plan, shrink->seed, shrink->best);
	return plan.features;
}

static int leave_out(struct shrink *shrink)
{
	int any = 1;

	/* Once more after a success: what needed it may go now. */
	while (any > 0) {
		any = 0;
		for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++) {
			struct sim_options options = *shrink->best;
			int kept;

			if ((features(shrink) & SIM_BIT(i)) == 0)
				continue;
			options.without |= SIM_BIT(i);
			kept = try_with(shrink, &options);
			if (kept < 0)
				return kept;
			any += kept;
		}
	}
	return 0;
}

static int cut(struct shrink *shrink, uint32_t faults_ms)
{
	uint32_t least = SHORTEST_MS;
	uint32_t most = faults_ms;
	int kept;

	while (most > least + least / 20) {
		struct sim_options options = *shrink->best;

		options.faults_ms = least + (most - least) / 2;
		kept = try_with(shrink, &options);
		if (kept < 0)
			return kept;
		if (kept)
			most = options.faults_ms;
		else
			least = options.faults_ms + 1;
	}
	return 0;
}

int sim_shrink(uint64_t seed, struct sim_options *options,
	       struct sim_result *ret_result)
{
	const struct sim_options given = *options;
	struct shrink shrink = {
		.seed = seed,
		.best = options,
		.result = ret_result,
	};
	struct sim_plan plan;
	int kept = try_with(&shrink, &given);

	if (kept <= 0)
		return kept < 0 ? kept : -ENOENT;
	sim_plan_draw(&plan, seed, options);
	kept = cut(&shrink, plan.faults_ms);
	if (kept == 0)
		kept = leave_out(&shrink);
	if (kept == 0 && options->faults_ms > 0)
		kept = cut(&shrink, options->faults_ms);
	return kept < 0 ? kept : shrink.tried;
}
