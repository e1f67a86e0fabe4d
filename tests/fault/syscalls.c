/* SPDX-License-Identifier: MIT */
/*
 * System calls that fail: hosts with their loops on descriptors, a capture,
 * key files, an exported descriptor. Whatever call fails, in whatever way, it
 * goes on or somebody is told; no descriptor is lost, and no memory.
 *
 *	fault_syscalls [-a] STORY [CALL N WHAT once|always]
 *
 * The n-th call of that name fails: from each place in the program those that
 * is_chosen() says; -a: all. A case that fails is printed as the command line
 * that plays it again, and the others go on.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stack/base.h"
#include "tests/fault/calls.h"
#include "tests/fault/runner.h"
#include "tests/fault/system.h"

#define CASE_SECONDS 60

static const struct what {
	const char *name;
	int what;
} whats[] = {
	{ "EINTR", EINTR },   { "EAGAIN", EAGAIN },    { "EIO", EIO },
	{ "ENODEV", ENODEV }, { "ENOSPC", ENOSPC },    { "EMFILE", EMFILE },
	{ "EPERM", EPERM },   { "short", CALL_SHORT }, { "zero", CALL_ZERO },
};

#define WHATS RT_ARRAY_SIZE(whats)

/* Shared with the processes that play. */
struct progress {
	const struct system_story *story;
	bool all; /* every call, not a choice of them */
	/* Of one case that is asked for; n is 0: all. */
	enum call call;
	unsigned int n;
	size_t what;
	bool for_good;

	struct calls_log log; /* of the story with nothing wrong */
	uint64_t cases;
	uint64_t went_on;
	uint64_t told;
	unsigned int failed[CALLS]; /* cases in which it failed */
};

/* Which call a number stands for: one of the log, a way, once or for good. */
static size_t row_of(uint64_t number)
{
	return (size_t)((number - 1) / (2 * WHATS));
}

static size_t what_of(uint64_t number)
{
	return (size_t)((number - 1) / 2 % WHATS);
}

static bool is_for_good(uint64_t number)
{
	return (number - 1) % 2;
}

/* The how-manieth call of its name it is, and of its name from that place. */
static unsigned int nth(const struct calls_log *log, size_t row, bool of_site)
{
	unsigned int n = 0;

	for (size_t i = 0; i <= row; i++) {
		if (log->row[i].call == log->row[row].call &&
		    (!of_site || log->row[i].site == log->row[row].site))
			n++;
	}
	return n;
}

/* From each place the calls 1, 2, 3, 5, 8, 13, ...: all would take long. */
static bool is_chosen(unsigned int n)
{
	unsigned int a = 1;
	unsigned int b = 2;

	while (a < n) {
		const unsigned int c = a + b;

		a = b;
		b = c;
	}
	return a == n;
}

/* What can happen to a call, and is not forbidden by how it is used. */
static bool is_applicable(const struct progress *progress, uint64_t number)
{
	const enum call call = progress->log.row[row_of(number)].call;
	const int what = whats[what_of(number)].what;
	const unsigned int n = nth(&progress->log, row_of(number), false);

	/* recv() is of pumps: 0 is the end that its user has made. */
	if (what == CALL_ZERO && call == CALL_recv)
		return false;
	/* A datagram is whole or not there. */
	if (what == CALL_SHORT && (call == CALL_recv || call == CALL_send) &&
	    progress->story->datagrams)
		return false;
	if (what <= 0)
		return calls_is_data(call) && !is_for_good(number);
	/* What is interrupted every time never comes to an end. */
	if (what == EINTR && is_for_good(number))
		return false;
	/*
	 * It has worked when the host was opened: from then on there is no
	 * host without randomness (stack/os/env_linux.c).
	 */
	if (call == CALL_getrandom && n > 1)
		return what == EINTR;
	/* A line on which nothing ever comes is no fault that shows. */
	return !(call == CALL_recv && what == EAGAIN && is_for_good(number));
}

static bool is_wanted(const struct progress *progress, uint64_t number)
{
	const size_t row = row_of(number);

	if (progress->n > 0)
		return progress->log.row[row].call == progress->call &&
		       nth(&progress->log, row, false) == progress->n &&
		       what_of(number) == progress->what &&
		       is_for_good(number) == progress->for_good;
	return (progress->all || is_chosen(nth(&progress->log, row, true))) &&
	       is_applicable(progress, number);
}

/* Tells the story. True if it went as it should. */
static bool tell(const struct progress *progress, unsigned int *ret_told)
{
	const unsigned int descriptors = calls_count_descriptors();
	const long live = calls.live;
	struct loops *loops = loops_new();
	const bool fine = progress->story->tell(loops);

	*ret_told = loops->told;
	loops_free(loops);
	ck_assert_uint_eq(calls_count_descriptors(), descriptors);
	ck_assert_int_eq(calls.live, live);
	return fine;
}

/* A data call that moves less, or is to be asked again, is no failure. */
static bool must_go_on(enum call call, int what, bool for_good)
{
	if (for_good)
		return false;
	switch (call) {
	case CALL_recv:
	case CALL_send:
	case CALL_recvmsg:
	case CALL_sendmsg:
		return what == EINTR || what == EAGAIN || what == CALL_SHORT;
	case CALL_read:
	case CALL_write:
	case CALL_epoll_wait:
		return what == EINTR || what == CALL_SHORT;
	default:
		return false;
	}
}

static void play_case(struct progress *progress, uint64_t number)
{
	const size_t row = row_of(number);
	const enum call call = progress->log.row[row].call;
	const int what = whats[what_of(number)].what;
	unsigned int told;
	bool fine;

	calls.made = 0;
	calls.failed = false;
	calls.at = (unsigned int)row + 1;
	calls.what = what;
	calls.for_good = is_for_good(number);
	fine = tell(progress, &told);
	calls.at = 0;
	ck_assert(calls.failed);
	ck_assert_msg(calls.kind == call, "%s is another call this time",
		      calls_name(calls.kind));
	ck_assert_msg(fine || told > 0, "nobody was told");
	ck_assert(fine || !must_go_on(call, what, calls.for_good));
	progress->cases++;
	progress->went_on += fine;
	progress->told += told > 0;
	progress->failed[call]++;
}

static bool play(void *shared, uint64_t number)
{
	struct progress *progress = shared;
	unsigned int told;

	if (number == 0) {
		calls.log = &progress->log;
		ck_assert_msg(tell(progress, &told), "it fails by itself");
		ck_assert_uint_eq(told, 0);
		ck_assert_uint_lt(progress->log.count, CALLS_LOG_MAX);
		calls.log = NULL;
		return true;
	}
	if (row_of(number) >= progress->log.count)
		return false;
	if (is_wanted(progress, number))
		play_case(progress, number);
	return true;
}

static void name(const void *shared, uint64_t number, char *str, size_t cap)
{
	const struct progress *progress = shared;
	const struct calls_log *log = &progress->log;
	const size_t row = row_of(number);

	if (number == 0)
		snprintf(str, cap, "fault_syscalls %s: fails by itself",
			 progress->story->name);
	else if (row >= log->count)
		snprintf(str, cap, "fault_syscalls %s: leaks",
			 progress->story->name);
	else
		snprintf(str, cap, "fault_syscalls %s %s %u %s %s",
			 progress->story->name, calls_name(log->row[row].call),
			 nth(log, row, false), whats[what_of(number)].name,
			 is_for_good(number) ? "always" : "once");
}

static unsigned int count_sites(const struct calls_log *log)
{
	unsigned int sites = 0;

	for (size_t i = 0; i < log->count; i++)
		sites += nth(log, i, true) == 1;
	return sites;
}

static void print_counts(const struct progress *progress, uint64_t failed)
{
	printf("%s: %zu calls from %u places; %llu cases: %llu went on, "
	       "%llu told of it, %llu failed\n ",
	       progress->story->name, progress->log.count,
	       count_sites(&progress->log), (unsigned long long)progress->cases,
	       (unsigned long long)progress->went_on,
	       (unsigned long long)progress->told, (unsigned long long)failed);
	for (int i = 0; i < CALLS; i++) {
		if (progress->failed[i])
			printf(" %s %u", calls_name((enum call)i),
			       progress->failed[i]);
	}
	printf("\n");
}

static int usage(void)
{
	fprintf(stderr, "usage: fault_syscalls [-a] STORY "
			"[CALL N WHAT once|always]\nstories:");
	for (size_t i = 0; i < system_story_count; i++)
		fprintf(stderr, " %s", system_stories[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static bool parse_case(char **argv, struct progress *progress)
{
	bool known = false;

	for (int i = 0; i < CALLS; i++) {
		if (strcmp(calls_name((enum call)i), argv[0]) == 0) {
			progress->call = (enum call)i;
			known = true;
		}
	}
	progress->n = (unsigned int)atoi(argv[1]);
	progress->what = WHATS;
	for (size_t i = 0; i < WHATS; i++) {
		if (strcmp(whats[i].name, argv[2]) == 0)
			progress->what = i;
	}
	progress->for_good = strcmp(argv[3], "always") == 0;
	return known && progress->n > 0 && progress->what < WHATS;
}

int main(int argc, char **argv)
{
	static const struct runner runner = { play, name, CASE_SECONDS };
	struct progress *progress = runner_shared(sizeof(*progress));
	uint64_t failed;
	int opt;

	if (!progress)
		return EXIT_FAILURE;
	while ((opt = getopt(argc, argv, "a")) != -1) {
		if (opt != 'a')
			return usage();
		progress->all = true;
	}
	argc -= optind;
	argv += optind;
	for (size_t i = 0; argc > 0 && i < system_story_count; i++) {
		if (strcmp(argv[0], system_stories[i].name) == 0)
			progress->story = &system_stories[i];
	}
	if (!progress->story || (argc != 1 && argc != 5) ||
	    (argc == 5 && !parse_case(argv + 1, progress)))
		return usage();
	failed = runner_run(&runner, progress);
	print_counts(progress, failed);
	return failed || progress->cases == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
