/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/interop/ours/stories.h"

#define FLOWS 16
/* An attempt has ended by then: what ends it sooner are the stack's timers. */
#define ATTEMPT_MS 60000
#define LAST 0 /* flow[LAST] is the one that nobody cuts */

struct churn {
	struct side *side;
	const struct plan *plan;
	uint64_t random;
	struct flow flow[FLOWS];
	long cut_ms[FLOWS]; /* when "them" cuts it */
	unsigned int stood;
	unsigned int failed; /* with a name */
	unsigned int cut;
	long slowest_ms;
	unsigned long long received;
};

static void prepare(struct churn *churn, unsigned int i)
{
	struct flow *flow = &churn->flow[i];

	flow->tx = churn->plan->them ? story_their_pattern : story_our_pattern;
	flow->rx = churn->plan->them ? story_our_pattern : story_their_pattern;
	flow->most = i == LAST ? STORY_LAST_BYTES : UINT64_MAX;
	flow->expected = STORY_LAST_BYTES;
	churn->cut_ms[i] = side_now_ms() + story_cut_ms(&churn->random);
}

static void note_end(struct churn *churn, struct flow *flow)
{
	const long ms = side_now_ms() - flow->begun_ms;

	if (flow->connected) {
		churn->stood++;
	} else {
		churn->failed++;
		printf("attempt after %ld ms: %s\n", ms, flow->why);
		if (ms > churn->slowest_ms)
			churn->slowest_ms = ms;
	}
	churn->received += flow->received;
	flow_free(flow);
}

/* Closes in order every other time, and else at once. */
static void cut(struct churn *churn, unsigned int i)
{
	struct flow *flow = &churn->flow[i];

	churn->cut_ms[i] = side_now_ms() + ATTEMPT_MS;
	if (churn->cut++ % 2 == 0 && flow->connected) {
		flow->most = flow->sent;
		rt_socket_close(flow->s);
		return;
	}
	rt_socket_abort(flow->s);
	if (flow->connected)
		churn->stood++;
	churn->received += flow->received;
	flow_free(flow);
}

static void work(struct churn *churn, unsigned int i)
{
	struct flow *flow = &churn->flow[i];

	if (!flow->s)
		return;
	if (flow->over)
		note_end(churn, flow);
	else if (churn->plan->them && side_now_ms() >= churn->cut_ms[i])
		cut(churn, i);
	else if (!flow->connected &&
		 side_now_ms() - flow->begun_ms > ATTEMPT_MS)
		side_fail("an attempt does not end");
}

/* Milliseconds until something is to be cut. */
static long pause_ms(const struct churn *churn)
{
	const long now = side_now_ms();
	long pause = 1000;

	for (unsigned int i = 1; churn->plan->them && i < FLOWS; i++) {
		if (churn->flow[i].s && churn->cut_ms[i] - now < pause)
			pause = churn->cut_ms[i] - now;
	}
	return pause;
}

static void turn(struct churn *churn)
{
	side_turn(churn->side, -1, pause_ms(churn));
	for (unsigned int i = 1; i < FLOWS; i++)
		work(churn, i);
}

static void connect_rounds(struct churn *churn)
{
	const struct plan *plan = churn->plan;
	struct flow *flow = &churn->flow[1];

	for (unsigned int i = 0; i < plan->count; i++) {
		prepare(churn, 1);
		flow_connect(flow, churn->side, plan->addr, plan->channel);
		while (flow->s)
			turn(churn);
	}
	prepare(churn, LAST);
	flow_connect(&churn->flow[LAST], churn->side, plan->addr,
		     plan->channel + 1);
}

static void take(struct churn *churn, struct rt_server *server)
{
	for (unsigned int i = 1; i < FLOWS; i++) {
		if (churn->flow[i].s || !rt_server_has_pending(server))
			continue;
		prepare(churn, i);
		flow_take(&churn->flow[i], server);
	}
}

static void listen_rounds(struct churn *churn, struct rt_server *server,
			  struct rt_server *last)
{
	while (!rt_server_has_pending(last)) {
		take(churn, server);
		turn(churn);
	}
	prepare(churn, LAST);
	flow_take(&churn->flow[LAST], last);
}

static void finish(struct churn *churn)
{
	struct flow *flow = &churn->flow[LAST];
	const long end = side_now_ms() + ATTEMPT_MS;

	while (!flow->over) {
		if (side_now_ms() > end)
			side_fail("at last sent %llu received %llu",
				  (unsigned long long)flow->sent,
				  (unsigned long long)flow->received);
		turn(churn);
		if (churn->plan->them && flow_is_whole(flow))
			rt_socket_close(flow->s);
	}
	if (!flow_is_whole(flow))
		side_fail("at last sent %llu received %llu: %s",
			  (unsigned long long)flow->sent,
			  (unsigned long long)flow->received, flow->why);
	flow_free(flow);
	for (unsigned int i = 1; i < FLOWS; i++)
		flow_free(&churn->flow[i]);
}

void story_churn(struct side *side, const struct plan *plan,
		 void (*ready)(const struct side *side))
{
	struct churn churn = {
		.side = side,
		.plan = plan,
		.random = plan->number,
	};
	struct rt_server *server = NULL;
	struct rt_server *last = NULL;

	if (!plan->connects) {
		server = flow_listen(side, plan->channel);
		last = flow_listen(side, plan->channel + 1);
	}
	ready(side);
	if (plan->connects)
		connect_rounds(&churn);
	else
		listen_rounds(&churn, server, last);
	finish(&churn);
	rt_server_free(server);
	rt_server_free(last);
	printf("%u connections stood, %u attempts failed (%ld ms at most), "
	       "received %llu\n",
	       churn.stood, churn.failed, churn.slowest_ms, churn.received);
}
