/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/interop/cue.h"
#include "tests/interop/ours/stories.h"

#define TAKEN 8
#define ATTEMPT_MS 60000
/* After so long without a DLC there is no session either. */
#define SESSION_MS 2500

struct cross {
	struct side *side;
	const struct plan *plan;
	uint64_t random;
	struct cue cue;
	char letter; /* the last one taken */
	struct rt_server *server;
	struct flow own;
	struct flow taken[TAKEN];
	unsigned int good;
	unsigned int failed;
	long slowest_ms;
};

static void take(struct cross *cross)
{
	for (unsigned int i = 0; i < TAKEN; i++) {
		struct flow *flow = &cross->taken[i];

		if (flow->s && flow->over)
			flow_free(flow);
		if (flow->s || !rt_server_has_pending(cross->server))
			continue;
		flow->echoes = true;
		flow_take(flow, cross->server);
	}
}

static void work_on_own(struct cross *cross)
{
	struct flow *own = &cross->own;

	if (!own->s || own->over)
		return;
	if (flow_is_whole(own))
		rt_socket_close(own->s);
	else if (side_now_ms() - own->begun_ms > ATTEMPT_MS)
		side_fail("an attempt does not end");
}

static void turn(struct cross *cross, long limit_ms)
{
	char letter;

	side_turn(cross->side, cross->cue.take, limit_ms);
	take(cross);
	work_on_own(cross);
	letter = cue_take(&cross->cue);
	if (letter)
		cross->letter = letter;
}

static void run(struct cross *cross, long ms)
{
	const long end = side_now_ms() + ms;

	while (side_now_ms() < end)
		turn(cross, end - side_now_ms());
}

/* Waits for one of the letters, and takes it. */
static char await_letter(struct cross *cross, const char *letters)
{
	const long end = side_now_ms() + 2 * ATTEMPT_MS;
	char letter;

	while (!cross->letter) {
		if (side_now_ms() > end)
			side_fail("waited in vain for \"%s\"", letters);
		turn(cross, 1000);
	}
	letter = cross->letter;
	cross->letter = 0;
	if (!strchr(letters, letter))
		side_fail("\"%c\" instead of \"%s\"", letter, letters);
	return letter;
}

static void attempt(struct cross *cross, bool must)
{
	struct flow *own = &cross->own;
	long ms;

	own->tx = own->rx =
		cross->plan->them ? story_their_pattern : story_our_pattern;
	own->most = own->expected = STORY_ECHO_BYTES;
	flow_connect(own, cross->side, cross->plan->addr, cross->plan->channel);
	while (!own->over)
		turn(cross, 1000);
	ms = side_now_ms() - own->begun_ms;
	if (ms > cross->slowest_ms)
		cross->slowest_ms = ms;
	printf("%s: %s after %ld ms %s\n", must ? "alone" : "crossing",
	       flow_is_whole(own) ? "good" : "failed", ms, own->why);
	if (flow_is_whole(own)) {
		cross->good++;
	} else {
		cross->failed++;
		if (must || own->connected)
			side_fail("sent %llu received %llu: %s",
				  (unsigned long long)own->sent,
				  (unsigned long long)own->received, own->why);
	}
	flow_free(own);
}

static bool none_taken(const struct cross *cross)
{
	for (unsigned int i = 0; i < TAKEN; i++) {
		if (cross->taken[i].s)
			return false;
	}
	return true;
}

/* Every other round begins without a session. */
static void lead(struct cross *cross)
{
	for (unsigned int i = 0; i < cross->plan->count; i++) {
		cue_give(&cross->cue, STORY_CROSS);
		run(cross, story_jitter_ms(&cross->random));
		attempt(cross, false);
		await_letter(cross, (char[]){ STORY_DONE, 0 });
		while (!none_taken(cross))
			turn(cross, 1000);
		attempt(cross, true);
		cue_give(&cross->cue, STORY_ALONE);
		await_letter(cross, (char[]){ STORY_DONE, 0 });
		while (!none_taken(cross))
			turn(cross, 1000);
		if (i % 2 == 0)
			run(cross, SESSION_MS);
	}
	cue_give(&cross->cue, STORY_END);
}

static void follow(struct cross *cross)
{
	const char letters[] = { STORY_CROSS, STORY_ALONE, STORY_END, 0 };
	char letter;

	while ((letter = await_letter(cross, letters)) != STORY_END) {
		if (letter == STORY_CROSS)
			run(cross, story_jitter_ms(&cross->random));
		attempt(cross, letter == STORY_ALONE);
		cue_give(&cross->cue, STORY_DONE);
	}
}

/* An L2CAP channel that keeps the link up: it has nothing else to do. */
static struct rt_socket *hold(struct cross *cross)
{
	struct rt_socket *s =
		rt_socket_new(cross->side->host, RT_PROTOCOL_L2CAP);
	const long end = side_now_ms() + ATTEMPT_MS;

	if (!s || rt_socket_connect(s, cross->plan->addr, STORY_PSM) != 0)
		side_fail("no L2CAP channel");
	while (rt_socket_state(s) != RT_SOCKET_CONNECTED) {
		if (side_now_ms() > end)
			side_fail("the L2CAP channel does not come up: %s",
				  rt_socket_error_string(s));
		turn(cross, 1000);
	}
	return s;
}

void story_cross(struct side *side, const struct plan *plan)
{
	struct cross cross = {
		.side = side,
		.plan = plan,
		.random = plan->number,
		.server = flow_listen(side, plan->own_channel),
	};
	struct rt_server *psm = NULL;
	struct rt_socket *holder = NULL;

	if (cue_open(&cross.cue, plan->give, plan->take) != 0)
		side_fail("no cue");
	if (plan->them) {
		psm = rt_server_new(side->host, RT_PROTOCOL_L2CAP, NULL, NULL);
		if (!psm || rt_server_listen(psm, STORY_PSM) != 0)
			side_fail("no L2CAP server");
		follow(&cross);
	} else {
		holder = hold(&cross);
		lead(&cross);
	}
	while (!none_taken(&cross))
		turn(&cross, 1000);
	rt_socket_free(holder);
	rt_server_free(psm);
	rt_server_free(cross.server);
	printf("%u attempts good, %u failed, %ld ms at most\n", cross.good,
	       cross.failed, cross.slowest_ms);
}
