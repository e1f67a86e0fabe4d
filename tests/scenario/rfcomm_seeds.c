/* SPDX-License-Identifier: MIT */
/*
 * RFCOMM by the seed: what chance does to two engines, and to an engine and a
 * model of a peer, in virtual time. A seed that fails is named.
 *
 *	scenario_rfcomm_seeds [-n COUNT] [-f FIRST] [-m] [--seed S]
 *
 * -m: a million frames instead. --seed: one of them again, with a log. The
 * environment variable RAWTOOTH_TEST_SEEDS, if there is one, stands for COUNT.
 */
#include "tests/scenario/rfcomm_seeds.h"

#include <check.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 10000

struct seed_totals seed_totals;
bool seed_verbose;

void seed_log(const char *fmt, ...)
{
	va_list args;

	if (!seed_verbose)
		return;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static const char *name_of(uint8_t control)
{
	switch (control) {
	case 0x3f:
		return "SABM";
	case 0x73:
		return "UA";
	case 0x1f:
		return "DM";
	case 0x53:
		return "DISC";
	}
	return "UIH";
}

void seed_log_frame(uint64_t now_us, const char *who, const uint8_t *octets,
		    size_t len)
{
	char hex[3 * 24 + 1] = "";

	if (!seed_verbose)
		return;
	for (size_t i = 0; i < len && i < 24; i++)
		snprintf(hex + 3 * i, 4, "%02X ", octets[i]);
	seed_log("%12.6f %-6s %-4s DLCI %2u, %4zu octets: %s",
		 (double)now_us / 1e6, who, name_of(octets[1]), octets[0] >> 2,
		 len, hex);
}

static void log_line(void *ctx, enum rt_log_level level, const char *line)
{
	(void)level;
	seed_log("%12.6f %s",
		 (double)((struct fake_env *)ctx)->env.now_us / 1e6, line);
}

void seed_log_engine(struct fake_env *fake)
{
	if (seed_verbose)
		fake->env.hooks.log = log_line;
}

static void play(uint64_t seed)
{
	if (seed % 2)
		seed_model(seed);
	else
		seed_pair(seed);
}

static int print_totals(uint64_t count)
{
	const struct seed_totals *t = &seed_totals;

	printf("%llu seeds: %llu opened, %llu closed, %llu cut off, "
	       "%llu frames, %llu octets, %llu steps, %llu checks of credits, "
	       "%llu stalls\n",
	       (unsigned long long)count, (unsigned long long)t->opened,
	       (unsigned long long)t->closed, (unsigned long long)t->cut,
	       (unsigned long long)t->frames, (unsigned long long)t->bytes,
	       (unsigned long long)t->steps, (unsigned long long)t->checks,
	       (unsigned long long)t->stalls);
	/* Chance gets somewhere. */
	if (count >= 100 &&
	    (t->opened < count || t->cut < count / 20 || t->stalls < count ||
	     t->frames < 20 * count || t->checks < 50 * count)) {
		printf("too little happened\n");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/*
 * In a process of its own: whatever ends it, an assertion of the engine or a
 * sanitizer, the seed can be named.
 */
static int run_all(uint64_t first, uint64_t count)
{
	volatile uint64_t *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (at == MAP_FAILED)
		return EXIT_FAILURE;
	pid = fork();
	if (pid == 0) {
		for (*at = first; *at < first + count; (*at)++)
			play(*at);
		exit(print_totals(count));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return EXIT_FAILURE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return EXIT_SUCCESS;
	printf("seed %llu failed; to see how: --seed %llu\n",
	       (unsigned long long)*at, (unsigned long long)*at);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	const char *env = getenv("RAWTOOTH_TEST_SEEDS");
	uint64_t count = COUNT;
	uint64_t first = 1;
	int opt;

	while ((opt = getopt_long(argc, argv, "n:f:m", options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			count = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			first = strtoull(optarg, NULL, 10);
			break;
		case 'm':
			seed_million(false);
			seed_million(true);
			return EXIT_SUCCESS;
		case 's':
			seed_verbose = true;
			play(strtoull(optarg, NULL, 10));
			return EXIT_SUCCESS;
		default:
			return 2;
		}
	}
	return run_all(first, env ? strtoull(env, NULL, 10) : count);
}
