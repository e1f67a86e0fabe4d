/* SPDX-License-Identifier: MIT */
#include "tests/fault/case.h"

#include <check.h>
#include <string.h>

#include "tests/fault/oracle.h"

#define FLOW_S 10   /* that a flow takes, or less */
#define QUIET_S 120 /* after which everything has come to rest */

struct one_case {
	struct run run;
	struct watch watch;
	uint64_t over_us; /* when the event is over; 0: not known yet */
	bool over;
};

static bool has_happened(void *arg)
{
	return ((struct watch *)arg)->happened;
}

/* Lets the flow run until `end_us`, and ends the event when it is time. */
static void run_to(struct one_case *c, uint64_t end_us)
{
	struct watch *watch = &c->watch;
	struct world *w = c->run.w;

	if (watch->event && !c->over_us &&
	    world_run_until(w, has_happened, watch, end_us - w->now_us))
		c->over_us = w->now_us + RT_SECONDS(event_seconds(watch));
	if (c->over_us && !c->over && c->over_us <= end_us) {
		world_run(w, RT_MAX(c->over_us, w->now_us) - w->now_us);
		if (watch->event->end)
			watch->event->end(watch);
		c->over = true;
	}
	if (w->now_us < end_us)
		world_run(w, end_us - w->now_us);
}

static void play(struct one_case *c, char *outcome, size_t cap)
{
	struct run *run = &c->run;
	const uint64_t start_us = run->w->now_us;

	ck_assert(flow_start(run));
	watch_begin(&c->watch, run);
	run_to(c, start_us + RT_SECONDS(1));
	ck_assert(flow_go_on(run));
	run_to(c, start_us + RT_SECONDS(FLOW_S));
	run_to(c, RT_MAX(c->over_us, run->w->now_us) + RT_SECONDS(QUIET_S));
	oracle_told(run);
	oracle_data(run, c->watch.event);
	oracle_quiet(run);
	flow_outcome(run, outcome, cap);
}

static void finish(struct one_case *c)
{
	struct run *run = &c->run;

	oracle_usable(run);
	watch_end(&c->watch);
	flow_free(run);
	world_finish(run->w);
}

/* One after the other, in memory that is there already. */
static struct one_case *begin(const struct flow *flow)
{
	static uint8_t room[FLOW_ENDS][2 * FLOW_FRESH_BYTES];
	static struct one_case c;
	const struct world_options options = flow_world(flow);
	struct run *run = &c.run;

	memset(&c, 0, sizeof(c));
	run->flow = flow;
	run->bytes = FLOW_BYTES;
	run->room = room[0];
	run->room_bytes = sizeof(room[0]);
	run->w = world_new(&options);
	ck_assert(flow_set_up(run));
	if (flow->kind != FLOW_START)
		world_run(run->w, RT_SECONDS(1));
	return &c;
}

void case_reference(const struct flow *flow, struct reference *ret_reference)
{
	struct one_case *c = begin(flow);

	memset(ret_reference, 0, sizeof(*ret_reference));
	play(c, ret_reference->outcome, sizeof(ret_reference->outcome));
	ck_assert_msg(flow_succeeded(&c->run), "%s fails by itself: %s",
		      flow->name, ret_reference->outcome);
	ret_reference->packets = c->watch.packets;
	memcpy(ret_reference->handle, c->watch.handle,
	       sizeof(ret_reference->handle));
	ret_reference->asked = c->run.w->node[flow->side].memory.asked;
	finish(c);
}

/* False if there was no allocation any more that could have failed. */
static bool was_reached(const struct one_case *c,
			const struct reference *reference)
{
	const struct world_memory *memory =
		&c->run.w->node[c->run.flow->side].memory;

	if (!c->watch.fail_at)
		return true;
	if (memory->failed == 0)
		ck_assert_uint_gt(c->watch.fail_at, reference->asked);
	return memory->failed > 0;
}

/*
 * What crossed the flow, and did no harm to it, has come to no harm either.
 * False if it went over a link that the other side was just about to end.
 */
static bool check_crossing(const struct run *run)
{
	unsigned int extra = 0;

	for (unsigned int i = 0; i < run->end_count; i++) {
		const struct run_end *end = &run->ends[i];

		if (!end->extra)
			continue;
		extra++;
		if (strcmp(end->end.log, "CUE2") == 0)
			return false;
		ck_assert_msg(flow_end_succeeded(end),
			      "the connection that crossed: %s, %zu octets",
			      end->end.log, end->end.rx_bytes);
	}
	ck_assert_uint_eq(extra, 2);
	return true;
}

enum verdict case_play(const struct flow *flow, const struct event *event,
		       uint64_t at, const struct reference *reference)
{
	struct one_case *c = begin(flow);
	char outcome[sizeof(reference->outcome)];
	enum verdict verdict;

	c->watch.event = event;
	c->watch.at = at;
	memcpy(c->watch.handle, reference->handle, sizeof(c->watch.handle));
	play(c, outcome, sizeof(outcome));
	ck_assert_msg(c->watch.happened && !c->watch.awaits,
		      "there is no packet %llu", (unsigned long long)at);
	verdict = strcmp(outcome, reference->outcome) == 0 ? CASE_WENT_ON
							   : CASE_ENDED;
	if (event->most_go_on && flow->kind != FLOW_START &&
	    !check_crossing(&c->run))
		verdict = CASE_ENDED;
	if (!was_reached(c, reference)) {
		ck_assert_int_eq(verdict, CASE_WENT_ON);
		verdict = CASE_UNREACHED;
	}
	finish(c);
	return verdict;
}
