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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/case.h"
#include "tests/fault/runner.h"

#define EVENTS_MAX 32
#define CASE_SECONDS 60

/* What is asked for. */
struct wanted {
	const char *flow;
	const char *event;
	uint64_t first, last;
	uint64_t step;
};

/* Of one flow, shared with the processes that play it. */
struct progress {
	struct wanted wanted;
	size_t flow;
	struct reference reference;
	uint64_t cases;
	uint64_t failed;
	uint64_t count[EVENTS_MAX][CASE_VERDICTS];
};

/*
 * Number 0 is the flow without an event; then come its packets one by one, and
 * of each the events one by one.
 */
static const struct event *event_of(uint64_t number)
{
	return &events[(number - 1) % event_count];
}

static uint64_t packet_of(uint64_t number)
{
	return (number - 1) / event_count;
}

static bool is_wanted(const struct progress *progress, uint64_t number)
{
	const struct wanted *wanted = &progress->wanted;

	if (wanted->event && strcmp(wanted->event, event_of(number)->name) != 0)
		return false;
	if (packet_of(number) < wanted->first ||
	    packet_of(number) > wanted->last)
		return false;
	return (number + progress->flow) % wanted->step == 0;
}

static bool play(void *shared, uint64_t number)
{
	struct progress *progress = shared;
	const struct flow *flow = &flows[progress->flow];
	enum verdict verdict;

	if (number == 0) {
		case_reference(flow, &progress->reference);
		return true;
	}
	if (progress->reference.packets == 0 ||
	    packet_of(number) > progress->reference.packets)
		return false;
	if (!is_wanted(progress, number))
		return true;
	verdict = case_play(flow, event_of(number), packet_of(number),
			    &progress->reference);
	progress->cases++;
	progress->count[(number - 1) % event_count][verdict]++;
	return true;
}

static void name(const void *shared, uint64_t number, char *str, size_t cap)
{
	const struct progress *progress = shared;
	const char *flow = flows[progress->flow].name;

	if (number == 0)
		snprintf(str, cap, "fault_matrix %s: fails without any event",
			 flow);
	else if (packet_of(number) > progress->reference.packets)
		snprintf(str, cap, "fault_matrix %s: leaks", flow);
	else
		snprintf(str, cap, "fault_matrix %s %s %llu", flow,
			 event_of(number)->name,
			 (unsigned long long)packet_of(number));
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

		if (count[0] + count[1] + count[2] == 0)
			continue;
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
static uint64_t play_flow(struct progress *progress)
{
	static const struct runner runner = { play, name, CASE_SECONDS };
	const struct wanted *wanted = &progress->wanted;
	const struct flow *flow = &flows[progress->flow];
	const bool all = !wanted->event && wanted->step == 1;

	progress->failed = runner_run(&runner, progress);
	print_counts(flow, progress);
	if (progress->failed == 0 && all && is_vacuous(flow, progress))
		return 1;
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
	struct progress *progress = runner_shared(sizeof(*progress));
	uint64_t failed = 0;
	size_t played = 0;

	if (!progress)
		return EXIT_FAILURE;
	for (size_t i = 0; i < flow_count; i++) {
		if (wanted->flow && strcmp(wanted->flow, flows[i].name) != 0)
			continue;
		memset(progress, 0, sizeof(*progress));
		progress->wanted = *wanted;
		progress->flow = i;
		failed += play_flow(progress);
		played++;
	}
	if (played == 0)
		return usage();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct wanted wanted = { .last = UINT64_MAX, .step = 1 };
	int opt;

	if (event_count > EVENTS_MAX)
		return usage();
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
