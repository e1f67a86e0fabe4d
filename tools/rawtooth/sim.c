/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/rawtooth/commands.h"
#include "tools/sim/jobs.h"
#include "tools/sim/shrink.h"

#define SEEDS_DEFAULT 1000
#define AGAIN_DEFAULT 1

enum {
	OPT_FIRST = 0x100,
	OPT_AGAIN,
	OPT_CAPTURE,
	OPT_FAILURES,
	OPT_FEATURES,
	OPT_FOR,
	OPT_LENGTH,
	OPT_ROLE,
	OPT_SHRINK,
	OPT_WITHOUT,
};

struct sim {
	struct sim_jobs jobs;
	uint64_t seed;
	bool one; /* --seed */
	bool shrink;
	bool log;
	bool shown; /* a line of progress stands on the terminal */
};

/* --- options ------------------------------------------------------------ */

static int read_number(const char *what, const char *str, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(str, &end, 0);
	if (errno == 0 && end != str && *end == '\0' && str[0] != '-')
		return 0;
	rt_tool_error("%s is a number, not \"%s\"", what, str);
	return -EINVAL;
}

static int read_without(struct sim *sim, char *list)
{
	enum sim_feature feature;
	char *rest = list;
	char *name;

	while ((name = strtok_r(rest, ",", &rest))) {
		feature = sim_feature_by_name(name);
		if (feature == SIM_FEATURE_COUNT) {
			rt_tool_error("no story has \"%s\"; --features lists "
				      "what they have",
				      name);
			return -EINVAL;
		}
		sim->jobs.sim.without |= SIM_BIT(feature);
	}
	return 0;
}

static int read_role(struct sim *sim, const char *name)
{
	for (unsigned int i = 0; i < SIM_ROLES; i++) {
		if (strcmp(name, sim_role_name((enum sim_role)i)) == 0) {
			sim->jobs.sim.roles |= 1U << i;
			return 0;
		}
	}
	rt_tool_error("the role is own, model, liar or controller, not \"%s\"",
		      name);
	return -EINVAL;
}

static int list_features(void)
{
	for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++) {
		const enum sim_feature feature = (enum sim_feature)i;

		if (sim_feature_name(feature))
			printf("%-18s %s\n", sim_feature_name(feature),
			       sim_feature_text(feature));
		else
			putchar('\n');
	}
	return RT_EXIT_OK;
}

/* An option with a small number. */
static int read_small(const char *what, uint32_t most, uint32_t *ret_number)
{
	return rt_args_number(what, optarg, 0, most, ret_number);
}

/* 0, or -EINVAL after a message. */
static int take_option(struct sim *sim, int option)
{
	uint32_t number = 0;
	int err = 0;

	switch (option) {
	case 's':
		sim->one = true;
		return read_number("a seed", optarg, &sim->seed);
	case 'n':
		return read_number("the number of seeds", optarg,
				   &sim->jobs.seeds);
	case OPT_FIRST:
		return read_number("the first seed", optarg, &sim->jobs.first);
	case 'j':
		return rt_args_number("the number of processes", optarg, 1, 64,
				      &sim->jobs.jobs);
	case 'l':
		sim->log = true;
		return 0;
	case OPT_AGAIN:
		return read_small("the percentage", 100, &sim->jobs.again);
	case OPT_CAPTURE:
		sim->jobs.sim.capture = optarg;
		return 0;
	case OPT_FAILURES:
		return read_small("the number of failures", UINT32_MAX,
				  &sim->jobs.failures);
	case OPT_FOR:
		return read_small("the time", UINT32_MAX, &sim->jobs.seconds);
	case OPT_LENGTH:
		err = rt_args_seconds("the length", optarg, 1000000, &number);
		sim->jobs.sim.faults_ms = number;
		return err;
	case OPT_ROLE:
		return read_role(sim, optarg);
	case OPT_SHRINK:
		sim->shrink = true;
		return 0;
	case OPT_WITHOUT:
		return read_without(sim, optarg);
	default:
		return -EINVAL;
	}
}

/* --- output ------------------------------------------------------------- */

static void print_options(const struct sim_options *options)
{
	if (options->faults_ms > 0)
		printf(" --length %u.%03u", options->faults_ms / 1000,
		       options->faults_ms % 1000);
	for (unsigned int i = 0; i < SIM_ROLES; i++) {
		if (options->roles & 1U << i)
			printf(" --role %s", sim_role_name((enum sim_role)i));
	}
	for (unsigned int i = 0, any = 0; i < SIM_FEATURE_COUNT; i++) {
		if ((options->without & SIM_BIT(i)) == 0 || i == SIM_DEEDS)
			continue;
		printf("%s%s", any++ ? "," : " --without ",
		       sim_feature_name((enum sim_feature)i));
	}
}

static void print_failure(const struct sim_options *options, uint64_t seed,
			  const struct sim_result *result)
{
	printf("seed %" PRIu64 " FAILED", seed);
	if (result->failed_us > 0)
		printf(" after %.6f s", (double)result->failed_us / 1e6);
	printf(": %s\n  again: rawtooth sim --seed %" PRIu64, result->what,
	       seed);
	print_options(options);
	printf(" --log\n");
	fflush(stdout);
}

static void clear_line(struct sim *sim)
{
	if (sim->shown)
		fprintf(stderr, "\r\033[K");
	sim->shown = false;
}

static void on_failed(void *user, uint64_t seed,
		      const struct sim_result *result)
{
	struct sim *sim = user;

	clear_line(sim);
	print_failure(&sim->jobs.sim, seed, result);
}

static void on_progress(void *user, uint64_t done)
{
	struct sim *sim = user;

	if (done % 64 != 0 || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " seeds", done,
		sim->jobs.seeds);
	sim->shown = true;
}

static void print_sum(const struct sim_sum *sum)
{
	const double virtual_s = (double)sum->virtual_us / 1e6;
	const double real_s = (double)sum->real_us / 1e6;

	printf("%" PRIu64 " seeds, %" PRIu64 " failed; %" PRIu64
	       " told again, their traces equal\n",
	       sum->seeds, sum->failed, sum->again);
	printf("%.0f s of virtual time in %.1f s: %.0f times real time\n",
	       virtual_s, real_s, virtual_s / real_s);
	printf("%" PRIu64 " connections, %" PRIu64 " octets received, %" PRIu64
	       " packets, %" PRIu64 " faults, invariants looked at %" PRIu64
	       " times\n",
	       sum->opened, sum->octets, sum->packets, sum->faults, sum->steps);
	for (unsigned int i = 0; i < SIM_ROLES; i++)
		printf("%s%s %" PRIu64,
		       i ? ", " : "roles: ", sim_role_name((enum sim_role)i),
		       sum->of_role[i]);
	printf("\n");
}

/* --- what it does ------------------------------------------------------- */

static int run_one(struct sim *sim)
{
	struct sim_result result;

	sim->jobs.sim.log = sim->log;
	sim_run_seed(sim->seed, &sim->jobs.sim, &result);
	if (result.failed) {
		print_failure(&sim->jobs.sim, sim->seed, &result);
		return RT_EXIT_FAILED;
	}
	printf("seed %" PRIu64 " passed: %s, %.3f s, %" PRIu64
	       " connections, %" PRIu64 " octets, %" PRIu64 " packets, %" PRIu64
	       " faults, trace %016" PRIx64 "\n",
	       sim->seed, sim_role_name(result.role),
	       (double)result.virtual_us / 1e6, result.opened, result.octets,
	       result.packets, result.faults, result.trace);
	return RT_EXIT_OK;
}

static int run_shrink(struct sim *sim)
{
	struct sim_result result;
	int tried;

	tried = sim_shrink(sim->seed, &sim->jobs.sim, &result);
	if (tried == -ENOENT) {
		printf("seed %" PRIu64 " passes: nothing to shrink\n",
		       sim->seed);
		return RT_EXIT_OK;
	}
	if (tried < 0) {
		rt_tool_error("cannot run: %s", strerror(-tried));
		return RT_EXIT_FAILED;
	}
	printf("the shortest of %d stories that fail:\n", tried);
	print_failure(&sim->jobs.sim, sim->seed, &result);
	return RT_EXIT_FAILED;
}

static int run_many(struct sim *sim)
{
	struct sim_sum sum;
	int err;

	sim->jobs.failed = on_failed;
	sim->jobs.progress = on_progress;
	sim->jobs.user = sim;
	err = sim_jobs_run(&sim->jobs, &sum);
	clear_line(sim);
	if (err < 0) {
		rt_tool_error("cannot run: %s", strerror(-err));
		return RT_EXIT_FAILED;
	}
	print_sum(&sum);
	return sum.failed == 0 && sum.seeds > 0 ? RT_EXIT_OK : RT_EXIT_FAILED;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct sim sim = {
		.jobs = {
			.first = 1,
			.seeds = SEEDS_DEFAULT,
			.jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN),
			.again = AGAIN_DEFAULT,
		},
	};
	struct rt_args args;
	int option;

	rt_args_init(&args, tool, &rt_command_sim, argc, argv);
	while ((option = rt_args_next(&args)) != RT_ARGS_END) {
		if (option == RT_ARGS_STOP)
			return args.status;
		if (option == OPT_FEATURES)
			return list_features();
		if (take_option(&sim, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (optind < argc)
		return rt_args_wrong(&rt_command_sim, "what is \"%s\"?",
				     argv[optind]);
	if (!sim.one && (sim.log || sim.shrink || sim.jobs.sim.capture))
		return rt_args_wrong(&rt_command_sim,
				     "--log, --capture and --shrink are for "
				     "one --seed");
	if (sim.shrink)
		return run_shrink(&sim);
	return sim.one ? run_one(&sim) : run_many(&sim);
}

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "seeds", required_argument, NULL, 'n' },
	{ "first", required_argument, NULL, OPT_FIRST },
	{ "jobs", required_argument, NULL, 'j' },
	{ "log", no_argument, NULL, 'l' },
	{ "again", required_argument, NULL, OPT_AGAIN },
	{ "capture", required_argument, NULL, OPT_CAPTURE },
	{ "failures", required_argument, NULL, OPT_FAILURES },
	{ "features", no_argument, NULL, OPT_FEATURES },
	{ "for", required_argument, NULL, OPT_FOR },
	{ "length", required_argument, NULL, OPT_LENGTH },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "shrink", no_argument, NULL, OPT_SHRINK },
	{ "without", required_argument, NULL, OPT_WITHOUT },
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"Tells stories in a world of virtual controllers and virtual time: "
	"hosts\n"
	"connect, pair, carry data and close at random while things go wrong; "
	"then\n"
	"nothing goes wrong any more, everything has to end, and it must be "
	"possible\n"
	"to connect. All that always holds is looked at after each step. A "
	"seed tells\n"
	"the same story each time.\n"
	"\n"
	"  -n, --seeds COUNT    so many stories (1000)\n"
	"      --first SEED     from this one on (1)\n"
	"      --for SECONDS    begin no new one after so long\n"
	"  -j, --jobs COUNT     processes at a time (processors)\n"
	"      --again PERCENT  tell so many a second time, and compare (1)\n"
	"      --failures N     give up after so many; 0: go on (0)\n"
	"  -s, --seed SEED      this story alone\n"
	"  -l, --log            tell it, with what the hosts log\n"
	"      --capture FILE   its packets, for btmon -r or Wireshark\n"
	"      --shrink         leave out all that it fails without\n"
	"      --length SECONDS things go wrong for so long (5 to 30, as "
	"drawn)\n"
	"      --without LIST   leave these out: drop,memory,...\n"
	"      --features       list what stories have\n"
	"      --role ROLE      only hosts among themselves (own), with an "
	"independent\n"
	"                       peer (model), one that lies (liar), or with "
	"hostile\n"
	"                       controllers (controller); may be given several "
	"times\n"
	"\n"
	"Exit status: 0 all passed, 1 one failed, 2 wrong usage.\n";

const struct rt_command rt_command_sim = {
	.name = "sim",
	.arguments = "[options]",
	.summary =
		"Try the stack in a simulated world in which things go wrong.",
	.help = help_text,
	.short_options = "s:n:j:l",
	.long_options = long_options,
	.run = run,
};
