/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/interop/ours/stories.h"

#define DLCS_MAX 16
#define LIMIT_MS 240000

struct dlcs {
	const struct plan *plan;
	struct rt_server *server[DLCS_MAX];
	struct flow flow[DLCS_MAX];
	unsigned int stand; /* the most at once */
};

static void prepare(struct dlcs *dlcs, unsigned int i)
{
	const struct plan *plan = dlcs->plan;
	struct flow *flow = &dlcs->flow[i];

	flow->tx = plan->them ? story_their_pattern : story_our_pattern;
	flow->rx = plan->them ? story_our_pattern : story_their_pattern;
	flow->tx.seed += i;
	flow->rx.seed += i;
	flow->most = flow->expected = plan->number;
}

static bool work(struct dlcs *dlcs, unsigned int i)
{
	struct flow *flow = &dlcs->flow[i];

	if (!flow->s) {
		if (rt_server_has_pending(dlcs->server[i]))
			flow_take(flow, dlcs->server[i]);
		return false;
	}
	if (flow->over) {
		if (!flow_is_whole(flow))
			side_fail("DLC %u: sent %llu received %llu: %s", i,
				  (unsigned long long)flow->sent,
				  (unsigned long long)flow->received,
				  flow->why);
		return true;
	}
	if (dlcs->plan->connects && flow_is_whole(flow))
		rt_socket_close(flow->s);
	return false;
}

/* True when all are over. */
static bool work_all(struct dlcs *dlcs)
{
	unsigned int over = 0;
	unsigned int stand = 0;

	for (unsigned int i = 0; i < dlcs->plan->count; i++) {
		over += work(dlcs, i);
		stand += dlcs->flow[i].connected && !dlcs->flow[i].over;
	}
	if (stand > dlcs->stand)
		dlcs->stand = stand;
	return over == dlcs->plan->count;
}

void story_dlcs(struct side *side, const struct plan *plan,
		void (*ready)(const struct side *side))
{
	struct dlcs dlcs = { .plan = plan };
	const long end = side_now_ms() + LIMIT_MS;

	if (plan->count > DLCS_MAX)
		side_fail("too many");
	for (unsigned int i = 0; i < plan->count; i++) {
		prepare(&dlcs, i);
		if (plan->connects)
			flow_connect(&dlcs.flow[i], side, plan->addr,
				     plan->channel + (int)i);
		else
			dlcs.server[i] =
				flow_listen(side, plan->channel + (int)i);
	}
	ready(side);
	while (!work_all(&dlcs)) {
		if (side_now_ms() > end)
			side_fail("not over in time");
		side_turn(side, -1, 1000);
	}
	for (unsigned int i = 0; i < plan->count; i++) {
		flow_free(&dlcs.flow[i]);
		rt_server_free(dlcs.server[i]);
	}
	if (dlcs.stand != plan->count)
		side_fail("only %u stood at once", dlcs.stand);
	printf("%u DLCs at once, %lu octets each way on each\n", plan->count,
	       plan->number);
}
