/* SPDX-License-Identifier: MIT */
/*
 * The step matrix: every event behind every packet of every flow.
 *
 *	fault_matrix [-s STEP] [FLOW [EVENT [FIRST [LAST]]]]
 *
 * -s: every STEP-th case only, spread over all flows, events and packets. A
 * case that fails is printed as the command line that plays it again, and the
 * others go on. -l: the flows and the events by name.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/case.h"

#define EVENTS_MAX 32
#define CASE_SECONDS 60 /* real ones: more means that it hangs */
#define REFERENCE UINT64_MAX

/* What is asked for. */
struct wanted {
	const char *flow;
	const char *event;
	uint64_t first, last;
	uint64_t step;
};

/* Of one flow, shared with the process that plays it. */
struct progress {
	uint64_t next; /* the case that is played; REFERENCE: none yet */
	struct reference reference;
	uint64_t cases;
	uint64_t failed;
	uint64_t count[EVENTS_MAX][CASE_VERDICTS];
};

/*
 * In place of libcheck, whose assertions need its runner around them. One that
 * fails ends the process, and its parent names the case.
 */
void _mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expr,
		       const char *msg, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: %s", file, line, expr);
	if (msg) {
		va_start(args, msg);
		fputs(": ", stderr);
		vfprintf(stderr, msg, args);
		va_end(args);
	}
	fputc('\n', stderr);
	abort();
}

/* Cases of a flow are numbered packet by packet, in it event by event. */
static const struct event *event_of(uint64_t number)
{
	return &events[number % event_count];
}

static uint64_t packet_of(uint64_t number)
{
	return number / event_count;
}

static uint64_t case_count(const struct progress *progress)
{
	return (progress->reference.packets + 1) * event_count;
}

static bool is_wanted(const struct wanted *wanted, size_t flow, uint64_t number)
{
	if (wanted->event && strcmp(wanted->event, event_of(number)->name) != 0)
		return false;
	if (packet_of(number) < wanted->first ||
	    packet_of(number) > wanted->last)
		return false;
	return (number + flow) % wanted->step == 0;
}

static void play_case(const struct flow *flow, struct progress *progress)
{
	const uint64_t number = progress->next;
	enum verdict verdict;

	alarm(CASE_SECONDS);
	verdict = case_play(flow, event_of(number), packet_of(number),
			    &progress->reference);
	progress->cases++;
	progress->count[number % event_count][verdict]++;
}

/* In a process of its own: from where the one before it ended. */
static void play_cases(const struct wanted *wanted, size_t flow,
		       struct progress *progress)
{
	static const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	if (progress->next == REFERENCE) {
		alarm(CASE_SECONDS);
		case_reference(&flows[flow], &progress->reference);
		progress->next = 0;
	}
	for (; progress->next < case_count(progress); progress->next++) {
		if (is_wanted(wanted, flow, progress->next))
			play_case(&flows[flow], progress);
	}
	exit(EXIT_SUCCESS);
}

static void report(const struct flow *flow, struct progress *progress)
{
	progress->failed++;
	fflush(stderr);
	if (progress->next == REFERENCE)
		printf("fault_matrix %s: fails without any event\n",
		       flow->name);
	else if (progress->next == case_count(progress))
		printf("fault_matrix %s: fails at the end, as leaks do\n",
		       flow->name);
	else
		printf("fault_matrix %s %s %llu\n", flow->name,
		       event_of(progress->next)->name,
		       (unsigned long long)packet_of(progress->next));
	fflush(stdout);
}

static void print_counts(const struct flow *flow,
			 const struct progress *progress)
{
	printf("%s: %llu packets, %llu cases, %llu failed\n", flow->name,
	       (unsigned long long)progress->reference.packets,
	       (unsigned long long)progress->cases,
	       (unsigned long long)progress->failed);
	for (size_t i = 0; i < event_count; i++) {
		const uint64_t *count = progress->count[i];

		printf("  %-15s %4llu ended, %4llu went on", events[i].name,
		       (unsigned long long)count[CASE_ENDED],
		       (unsigned long long)count[CASE_WENT_ON]);
		if (count[CASE_UNREACHED])
			printf(", %llu had nothing left to fail",
			       (unsigned long long)count[CASE_UNREACHED]);
		printf("\n");
	}
}

/* Events that change nothing anywhere would be no test. */
static bool is_vacuous(const struct flow *flow, const struct progress *progress)
{
	bool vacuous = false;

	for (size_t i = 0; i < event_count; i++) {
		const uint64_t *count = progress->count[i];

		if (events[i].needs_link && flow->kind == FLOW_START)
			continue;
		if ((events[i].some_end && count[CASE_ENDED] == 0) ||
		    (events[i].some_go_on && count[CASE_WENT_ON] == 0) ||
		    (events[i].most_go_on &&
		     10 * count[CASE_ENDED] > count[CASE_WENT_ON])) {
			printf("%s: %s has no effect, or too much\n",
			       flow->name, events[i].name);
			vacuous = true;
		}
	}
	return vacuous;
}

/* Returns the cases that failed. */
static uint64_t play_flow(const struct wanted *wanted, size_t flow,
			  struct progress *progress)
{
	const bool all = !wanted->event && wanted->step == 1;
	int status = 0;
	pid_t pid;

	memset(progress, 0, sizeof(*progress));
	progress->next = REFERENCE;
	do {
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			play_cases(wanted, flow, progress);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return progress->failed + 1;
		if (status == 0)
			break;
		report(&flows[flow], progress);
	} while (progress->next != REFERENCE &&
		 ++progress->next < case_count(progress));
	print_counts(&flows[flow], progress);
	if (progress->failed == 0 && all && is_vacuous(&flows[flow], progress))
		progress->failed++;
	if (progress->failed == 0 && progress->cases == 0) {
		printf("no such case\n");
		return 1;
	}
	return progress->failed;
}

static int list(void)
{
	for (size_t i = 0; i < flow_count; i++)
		printf("%s\n", flows[i].name);
	for (size_t i = 0; i < event_count; i++)
		printf("  %s\n", events[i].name);
	return EXIT_SUCCESS;
}

static bool is_event(const char *name)
{
	for (size_t i = 0; i < event_count; i++) {
		if (strcmp(events[i].name, name) == 0)
			return true;
	}
	return false;
}

static int usage(void)
{
	fprintf(stderr, "usage: fault_matrix [-l] [-s STEP] "
			"[FLOW [EVENT [FIRST [LAST]]]]\n");
	return 2;
}

static int play_all(const struct wanted *wanted)
{
	struct progress *progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t failed = 0;
	size_t played = 0;

	if (progress == MAP_FAILED)
		return EXIT_FAILURE;
	for (size_t i = 0; i < flow_count; i++) {
		if (wanted->flow && strcmp(wanted->flow, flows[i].name) != 0)
			continue;
		played++;
		failed += play_flow(wanted, i, progress);
	}
	munmap(progress, sizeof(*progress));
	if (played == 0)
		return usage();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct wanted wanted = { .last = UINT64_MAX, .step = 1 };
	int opt;

	ck_assert_uint_le(event_count, EVENTS_MAX);
	while ((opt = getopt(argc, argv, "ls:")) != -1) {
		if (opt == 'l')
			return list();
		if (opt != 's' || atoi(optarg) < 1)
			return usage();
		wanted.step = (uint64_t)atoi(optarg);
	}
	argc -= optind;
	argv += optind;
	if (argc > 4 || (argc > 1 && !is_event(argv[1])))
		return usage();
	if (argc > 0)
		wanted.flow = argv[0];
	if (argc > 1)
		wanted.event = argv[1];
	if (argc > 2)
		wanted.first = wanted.last = strtoull(argv[2], NULL, 10);
	if (argc > 3)
		wanted.last = strtoull(argv[3], NULL, 10);
	return play_all(&wanted);
}
