/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail: in each story, on each host, every one of them once,
 * and from every one of them on; and all of them by chance.
 *
 *	fault_memory [-c SEEDS] STORY [once|later|chance [HOST [FIRST [LAST]]]]
 *
 * The numbers are those of allocations from power on, or seeds. -c: how many
 * seeds (2000). A case that fails is printed as the command line that plays it
 * again, and the others go on.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/host.h"
#include "tests/fault/event.h"
#include "tests/fault/flow.h"
#include "tests/fault/oracle.h"
#include "tests/fault/runner.h"

#define SEEDS 2000
/* Of them: one in a hundred fails; then one in ten, once the hosts are up. */
#define SEEDS_FEW 1000
#define CASE_SECONDS 60
#define ALLOCATIONS_MAX 5000 /* there are fewer, or there is no end */
#define LOSS_PERMILLE 100

enum special {
	SPECIAL_NOTHING,
	SPECIAL_LOSS,	 /* an air that loses frames */
	SPECIAL_RESET,	 /* a Hardware Error in the middle, and once more */
	SPECIAL_REFUSAL, /* one of the two people says no */
};

struct story {
	struct flow flow;
	size_t bytes;
	enum special special;
};

/* clang-format off */

static const struct story stories[] = {
#define STORY(story, what, how, which, how_sent, octets, what_else) { \
	.flow = {                                                     \
		.name = story,                                        \
		.kind = FLOW_##what,                                  \
		.link = FLOW_##how,                                   \
		.protocol = RT_PROTOCOL_##which,                      \
		.mode = RT_SOCKET_MODE_##how_sent,                    \
		.flush_ms = SPECIAL_##what_else == SPECIAL_LOSS       \
			    ? 40 : 0,                                 \
	},                                                            \
	.bytes = octets,                                              \
	.special = SPECIAL_##what_else,                               \
},
#include "tests/fault/stories.def"
#undef STORY
};

/* clang-format on */

enum way {
	ONCE,
	LATER, /* that one and all after it */
	CHANCE,
	WAYS,
};

static const char *const way_names[] = { "once", "later", "chance" };

/* What is played, shared with the processes that play it. */
struct progress {
	size_t story;
	enum way way;
	unsigned int host;
	uint64_t first, last; /* the first is 1 */
	uint64_t cases;
	uint64_t failures;  /* of allocations */
	uint64_t succeeded; /* the story came to its own end all the same */
};

/* One telling of a story. */
struct telling {
	const struct story *story;
	struct run run;
	struct rt_pairing *pairing;
	unsigned int paired; /* times told */
};

/* --- the stories ---------------------------------------------------------- */

static void on_paired(struct rt_pairing *pairing,
		      const struct rt_error_info *info, void *user_data)
{
	struct telling *t = user_data;

	ck_assert_ptr_eq(pairing, t->pairing);
	ck_assert_int_lt(info->err, 0);
	ck_assert_str_ne(info->hint, "");
	t->paired++;
}

/* A pairing by hand, which the other side refuses as well. */
static void pair_again(struct telling *t)
{
	const struct rt_pairing_options options = {
		.size = sizeof(options),
		.on_done = on_paired,
		.user_data = t,
		.mitm = true,
	};
	struct run *run = &t->run;

	if (rt_pairing_start(world_host(run->w, 0), world_addr(run->w, 1),
			     &options, &t->pairing) < 0)
		t->pairing = NULL;
}

static bool is_half_through(void *arg)
{
	const struct run *run = arg;

	return run->end_count > 0 &&
	       run->ends[0].end.rx_bytes >= run->bytes / 2;
}

static void break_controller(struct telling *t)
{
	static const uint8_t event[] = { 0x10, 1, 0x2a };
	struct run *run = &t->run;

	world_run_until(run->w, is_half_through, run, RT_SECONDS(10));
	rt_vctl_inject_event(run->w->node[0].vctl,
			     rt_bytes(event, sizeof(event)));
	world_run(run->w, RT_SECONDS(30));
}

static void connect_again(struct run *run)
{
	struct run_end *end = flow_end(run, 0, run->bytes);

	ck_assert_ptr_nonnull(end);
	flow_connect(end, FLOW_PORT_MAIN);
}

static void make_noise(struct run *run, unsigned int permille)
{
	for (unsigned int i = 0; i < 2; i++)
		rt_vctl_set_loss(run->w->node[i].vctl, permille);
}

/* All that happens while allocations fail. */
static void play_on(struct telling *t)
{
	struct run *run = &t->run;

	if (!world_host(run->w, 0) || !world_host(run->w, 1))
		return;
	if (!flow_set_up(run))
		return;
	run->agent[1].refuse = t->story->special == SPECIAL_REFUSAL;
	make_noise(run, t->story->special == SPECIAL_LOSS ? LOSS_PERMILLE : 0);
	world_run(run->w, RT_SECONDS(1));
	if (!flow_start(run))
		return;
	if (t->story->special == SPECIAL_RESET) {
		break_controller(t);
		connect_again(run);
	}
	world_run(run->w, RT_SECONDS(30));
	if (t->story->special == SPECIAL_REFUSAL)
		pair_again(t);
	world_run(run->w, RT_SECONDS(100));
}

/* --- what holds of them --------------------------------------------------- */

static void fail_permille(struct world *w, unsigned int permille)
{
	for (unsigned int i = 0; i < w->count; i++)
		w->node[i].memory.fail_permille = permille;
}

static void enough_memory(struct world *w)
{
	fail_permille(w, 0);
	for (unsigned int i = 0; i < w->count; i++)
		w->node[i].memory.fail_at = 0;
}

/* Where the mode itself says that datagrams may be lost, they may be. */
static const struct event *excuse(const struct story *story)
{
	static const struct event lost = { .loses = true };
	const struct flow *flow = &story->flow;

	return flow->protocol == RT_PROTOCOL_L2CAP &&
			       (flow->mode == RT_SOCKET_MODE_BASIC ||
				flow->mode == RT_SOCKET_MODE_STREAMING)
		       ? &lost
		       : NULL;
}

static bool is_served(const struct run *run, unsigned int i)
{
	return i < run->end_count && run->ends[i].end.rx_bytes == run->bytes;
}

static uint32_t lost(const struct run *run, unsigned int host)
{
	return rt_vctl_get_stats(run->w->node[host].vctl)->acl_flushed;
}

/* Whether the story came to the end that it has with enough memory. */
static bool has_succeeded(const struct telling *t)
{
	const struct run *run = &t->run;

	switch (t->story->special) {
	case SPECIAL_NOTHING:
		return is_served(run, 0) && is_served(run, 1);
	case SPECIAL_LOSS:
		return is_served(run, 0) && is_served(run, 1) &&
		       lost(run, 0) + lost(run, 1) > 0;
	case SPECIAL_RESET:
		return run->end_count == 4 && run->ends[0].end.errors == 1 &&
		       is_served(run, 2) && is_served(run, 3);
	case SPECIAL_REFUSAL:
		return run->end_count == 1 && run->ends[0].end.errors == 1 &&
		       run->ends[0].end.error ==
			       RT_SOCKET_ERROR_MISSING_PERMISSIONS &&
		       t->paired == 1;
	}
	return false;
}

static void check(struct telling *t)
{
	struct run *run = &t->run;

	oracle_told(run);
	oracle_data(run, excuse(t->story));
	oracle_quiet(run);
	if (t->pairing)
		ck_assert_uint_eq(t->paired, 1);
	rt_pairing_free(t->pairing);
	make_noise(run, 0);
	run->agent[1].refuse = false;
	oracle_usable(run);
}

/*
 * Once the hosts are up, so many of a thousand allocations fail by chance.
 * Returns how many failed in all, and whether the story succeeded.
 */
static size_t tell(const struct story *story,
		   const struct world_options *options, unsigned int permille,
		   bool *ret_succeeded)
{
	static uint8_t room[FLOW_ENDS][FLOW_BYTES_MAX + 1000];
	static struct telling t;
	struct run *run = &t.run;
	size_t failed = 0;

	memset(&t, 0, sizeof(t));
	t.story = story;
	run->flow = &story->flow;
	run->bytes = story->bytes;
	run->room = room[0];
	run->room_bytes = sizeof(room[0]);
	run->w = world_new(options);
	world_run(run->w, RT_SECONDS(20));
	fail_permille(run->w, permille);
	play_on(&t);
	enough_memory(run->w);
	world_run(run->w, RT_SECONDS(120));
	*ret_succeeded = has_succeeded(&t);
	check(&t);
	for (unsigned int i = 0; i < run->w->count; i++)
		failed += run->w->node[i].memory.failed;
	flow_free(run);
	world_finish(run->w);
	return failed;
}

/* --- cases ---------------------------------------------------------------- */

static bool play(void *shared, uint64_t number)
{
	struct progress *progress = shared;
	const struct story *story = &stories[progress->story];
	struct world_options options = flow_world(&story->flow);
	const uint64_t at = progress->first + number;
	unsigned int late = 0;
	bool succeeded = false;
	size_t failed;

	if (at > progress->last)
		return false;
	ck_assert_uint_lt(at, ALLOCATIONS_MAX);
	options.down = true;
	if (progress->way == CHANCE) {
		options.seed = at;
		options.fail_permille = at <= SEEDS_FEW ? 10 : 0;
		late = at <= SEEDS_FEW ? 10 : 100;
	} else {
		options.fail_node = progress->host;
		options.fail_at = at;
		options.fail_later = progress->way == LATER;
	}
	failed = tell(story, &options, late, &succeeded);
	/* With enough memory it has to go well. */
	ck_assert(failed > 0 || succeeded);
	progress->cases++;
	progress->failures += failed;
	progress->succeeded += succeeded;
	return failed > 0 || progress->way == CHANCE;
}

static void name(const void *shared, uint64_t number, char *str, size_t cap)
{
	const struct progress *progress = shared;

	snprintf(str, cap, "fault_memory %s %s %u %llu",
		 stories[progress->story].flow.name, way_names[progress->way],
		 progress->host,
		 (unsigned long long)(progress->first + number));
}

/* Returns how many failed. */
static uint64_t play_way(struct progress *progress)
{
	static const struct runner runner = { play, name, CASE_SECONDS };
	const uint64_t failed = runner_run(&runner, progress);

	printf("%s %s", stories[progress->story].flow.name,
	       way_names[progress->way]);
	if (progress->way != CHANCE)
		printf(" host %u", progress->host);
	printf(": %llu cases, %llu allocations failed, %llu went well "
	       "all the same, %llu wrong\n",
	       (unsigned long long)progress->cases,
	       (unsigned long long)progress->failures,
	       (unsigned long long)progress->succeeded,
	       (unsigned long long)failed);
	return failed;
}

/* What is asked for; -1: all. */
struct wanted {
	int way;
	int host;
	uint64_t first, last;
	uint64_t seeds;
};

static uint64_t play_story(size_t story, const struct wanted *wanted,
			   struct progress *progress)
{
	uint64_t failed = 0;

	for (int i = 0; i < 2 * WAYS; i++) {
		const enum way way = (enum way)(i / 2);
		const unsigned int host = (unsigned int)i % 2;

		if (wanted->way >= 0 && wanted->way != (int)way)
			continue;
		if (wanted->host >= 0 && wanted->host != (int)host)
			continue;
		/* Chance does not ask for a host. */
		if (way == CHANCE && host == 1)
			continue;
		*progress = (struct progress){
			.story = story,
			.way = way,
			.host = host,
			.first = wanted->first,
			.last = way == CHANCE && wanted->last == UINT64_MAX
					? wanted->seeds
					: wanted->last,
		};
		failed += play_way(progress);
		/* There are that many allocations at least. */
		if (wanted->first == 1 && wanted->last > 20 &&
		    progress->failures < 20) {
			printf("too few allocations have failed\n");
			failed++;
		}
	}
	return failed;
}

static int usage(void)
{
	fprintf(stderr, "usage: fault_memory [-c SEEDS] STORY "
			"[once|later|chance [HOST [FIRST [LAST]]]]\nstories:");
	for (size_t i = 0; i < RT_ARRAY_SIZE(stories); i++)
		fprintf(stderr, " %s", stories[i].flow.name);
	fprintf(stderr, "\n");
	return 2;
}

static bool parse(int argc, char **argv, struct wanted *wanted)
{
	for (int i = 0; argc > 1 && i < WAYS; i++) {
		if (strcmp(argv[1], way_names[i]) == 0)
			wanted->way = i;
	}
	if (argc < 1 || argc > 5 || (argc > 1 && wanted->way < 0))
		return false;
	if (argc > 2)
		wanted->host = atoi(argv[2]);
	if (argc > 3)
		wanted->first = wanted->last = strtoull(argv[3], NULL, 10);
	if (argc > 4)
		wanted->last = strtoull(argv[4], NULL, 10);
	return wanted->first > 0;
}

int main(int argc, char **argv)
{
	struct progress *progress = runner_shared(sizeof(*progress));
	struct wanted wanted = {
		.way = -1,
		.host = -1,
		.first = 1,
		.last = UINT64_MAX,
		.seeds = SEEDS,
	};
	int opt;

	while ((opt = getopt(argc, argv, "c:")) != -1) {
		if (opt != 'c')
			return usage();
		wanted.seeds = strtoull(optarg, NULL, 10);
	}
	if (!progress || !parse(argc - optind, argv + optind, &wanted))
		return usage();
	for (size_t i = 0; i < RT_ARRAY_SIZE(stories); i++) {
		if (strcmp(argv[optind], stories[i].flow.name) == 0)
			return play_story(i, &wanted, progress) ? EXIT_FAILURE
								: EXIT_SUCCESS;
	}
	return usage();
}
