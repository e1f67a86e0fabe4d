/* SPDX-License-Identifier: MIT */
#include "l2cap/sdp/client.h"

#include <assert.h>
#include <errno.h>

#include "l2cap/sdp/lookup.h"
#include "l2cap/sdp/timers.h"

/* The longest request: 12 UUIDs, 16 ranges, a continuation state. */
#define REQUEST_BYTES 320

static const char *const why_text[] = {
#define STATE(name, stay_us, next)
#define WHY(name, text) [RT_SDP_CLIENT_WHY_##name] = (text),
#include "l2cap/sdp/client.def"
#undef STATE
#undef WHY
};

static const struct {
	const char *name;
	uint64_t stay_us;
	uint32_t next;
} states[] = {
#define B(name) 1U << RT_SDP_CLIENT_##name
#define STATE(name, stay_us, next) \
	[RT_SDP_CLIENT_##name] = { #name, stay_us, next },
#define WHY(name, text)
#include "l2cap/sdp/client.def"
#undef B
#undef STATE
#undef WHY
};

static void enter(struct rt_sdp_client *client, enum rt_sdp_client_state to,
		  enum rt_sdp_client_why why)
{
	struct rt_env *env = client->sdp->env;
	char addr[RT_ADDR_STR_BYTES];

	assert(states[client->state].next & 1U << to);
	if (rt_env_logs(env))
		rt_log(env, RT_LOG_DEBUG, "sdp client %s %s -> %s (%s)",
		       rt_addr_format(client->addr, addr),
		       states[client->state].name, states[to].name,
		       why_text[why]);
	client->state = (uint8_t)to;
	rt_env_stop(env, &client->timer);
	if (states[to].stay_us > 0)
		rt_env_arm(env, &client->timer, states[to].stay_us);
}

static struct rt_sdp_lookup *first(const struct rt_sdp_client *client)
{
	return RT_LIST_FIRST(&client->lookups, struct rt_sdp_lookup, node);
}

/* Takes the first lookup out of the line. */
static struct rt_sdp_lookup *take_first(struct rt_sdp_client *client)
{
	struct rt_sdp_lookup *lookup = first(client);

	rt_list_del(&lookup->node);
	lookup->client = NULL;
	return lookup;
}

/* Has the next request of the first lookup sent. */
static void ask(struct rt_sdp_client *client, enum rt_sdp_client_why why)
{
	enter(client, RT_SDP_CLIENT_ASKING, why);
	client->unsent = true;
	client->err = 0;
	client->tid++;
	rt_l2cap_ready(client->sdp->l2cap, client->chan);
}

/* The channel is free for whoever is next. */
static void serve_next(struct rt_sdp_client *client, enum rt_sdp_client_why why)
{
	if (rt_list_empty(&client->lookups)) {
		enter(client, RT_SDP_CLIENT_IDLE, RT_SDP_CLIENT_WHY_DONE);
		return;
	}
	rt_sdp_lookup_restart(first(client));
	ask(client, why);
}

static void drop_channel(struct rt_sdp_client *client)
{
	if (client->chan)
		rt_l2cap_abandon(client->sdp->l2cap, client->chan);
	client->chan = 0;
	client->answers = 0;
}

static void free_buried(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_sdp_client, grave));
}

/* Ends the client. Lookups that are still in line know it no more. */
static void close_client(struct rt_sdp_client *client,
			 enum rt_sdp_client_why why)
{
	enter(client, RT_SDP_CLIENT_CLOSED, why);
	drop_channel(client);
	rt_list_del(&client->node);
	rt_env_bury(client->sdp->env, &client->grave, free_buried);
}

/*
 * What is below SDP says why. While the device was paged or paired that is
 * the better description; what happened to our channel is part of the lookup.
 */
static struct rt_reason adapt(const struct rt_sdp_lookup *lookup,
			      const struct rt_reason *why)
{
	struct rt_reason reason = *why;

	if (why->phase == RT_PHASE_PAGE || why->phase == RT_PHASE_PAIR)
		return reason;
	reason.phase = RT_PHASE_LOOKUP;
	reason.elapsed_us = lookup->sdp->env->now_us - lookup->began_us;
	/* In order or not, the lookup did not succeed. */
	if (reason.err == 0)
		reason.err = -ECONNRESET;
	return reason;
}

/*
 * All lookups end for the same reason. New ones, which users may begin when
 * they hear of it, get another client.
 */
static void fail_all(struct rt_sdp_client *client, enum rt_sdp_client_why state,
		     const struct rt_reason *why)
{
	const struct rt_reason copy = *why;
	struct rt_sdp_lookup *lookup;
	struct rt_reason reason;

	close_client(client, state);
	while (!rt_list_empty(&client->lookups)) {
		lookup = take_first(client);
		reason = adapt(lookup, &copy);
		rt_sdp_lookup_end(lookup, &reason);
	}
}

static const struct rt_l2cap_ops ops;

static int connect(struct rt_sdp_client *client)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.user = client,
		.imtu = RT_SDP_CLIENT_MTU,
	};

	return rt_l2cap_connect(client->sdp->l2cap, client->addr,
				RT_L2CAP_PSM_SDP, &params, &client->chan);
}

/* Takes a new channel for the lookups in line, if there are any. */
static void renew(struct rt_sdp_client *client, enum rt_sdp_client_why why)
{
	struct rt_reason reason;
	int err;

	if (rt_list_empty(&client->lookups)) {
		close_client(client, why);
		return;
	}
	drop_channel(client);
	enter(client, RT_SDP_CLIENT_OPENING, why);
	err = connect(client);
	if (!err)
		return;
	reason = rt_sdp_lookup_reason_errno(first(client), err);
	fail_all(client, RT_SDP_CLIENT_WHY_NO_CHANNEL, &reason);
}

static void on_opened(void *user, rt_handle chan)
{
	(void)chan;
	serve_next(user, RT_SDP_CLIENT_WHY_OPENED);
}

/*
 * A peer may close a channel that has served, and may do so while our next
 * request is on its way to it. What it has not begun to answer is asked again.
 */
static bool may_renew(const struct rt_sdp_client *client,
		      const struct rt_reason *why)
{
	return why->layer == RT_LAYER_L2CAP &&
	       why->code == RT_L2CAP_PEER_DISCONNECTED &&
	       (client->answers > 0 || client->state == RT_SDP_CLIENT_DRAIN);
}

static void on_closed(void *user, rt_handle chan, const struct rt_reason *why)
{
	struct rt_sdp_client *client = user;
	struct rt_sdp_lookup *lookup = NULL;
	struct rt_reason reason;

	(void)chan;
	client->chan = 0;
	if (!may_renew(client, why)) {
		fail_all(client, RT_SDP_CLIENT_WHY_CLOSED, why);
		return;
	}
	if (client->state == RT_SDP_CLIENT_ASKING && first(client)->rounds > 0)
		lookup = take_first(client);
	if (lookup)
		reason = adapt(lookup, why);
	renew(client, RT_SDP_CLIENT_WHY_CLOSED);
	if (lookup)
		rt_sdp_lookup_end(lookup, &reason);
}

/* An answer has come that was waited for. */
static void take_answer(struct rt_sdp_client *client,
			const struct rt_sdp_pdu *pdu)
{
	struct rt_sdp_lookup *lookup = first(client);
	struct rt_reason why;

	switch (rt_sdp_lookup_take(lookup, pdu, &why)) {
	case RT_SDP_ASK_ON:
		ask(client, RT_SDP_CLIENT_WHY_MORE);
		return;
	case RT_SDP_WHOLE:
		take_first(client);
		serve_next(client, RT_SDP_CLIENT_WHY_NEXT);
		rt_sdp_lookup_tell(lookup);
		return;
	case RT_SDP_FAILED:
		if (why.layer == RT_LAYER_SDP && why.code >= RT_SDP_MALFORMED)
			client->sdp->stats.malformed++;
		take_first(client);
		serve_next(client, RT_SDP_CLIENT_WHY_NEXT);
		rt_sdp_lookup_end(lookup, &why);
		return;
	}
}

static void on_rx(void *user, rt_handle chan, struct rt_bytes sdu)
{
	struct rt_sdp_client *client = user;
	struct rt_sdp *sdp = client->sdp;
	struct rt_sdp_pdu pdu;
	const bool whole = rt_sdp_pdu_read(sdu, &pdu);
	const bool waits =
		client->state == RT_SDP_CLIENT_DRAIN ||
		(client->state == RT_SDP_CLIENT_ASKING && !client->unsent);

	(void)chan;
	if (!waits || !pdu.named || !rt_sdp_pdu_is_response(pdu.id) ||
	    pdu.tid != client->tid) {
		sdp->stats.malformed++;
		rt_log(sdp->env, RT_LOG_WARNING,
		       "sdp: PDU 0x%02x dropped, nobody waits for it", pdu.id);
		return;
	}
	client->answers++;
	if (client->state == RT_SDP_CLIENT_DRAIN) {
		serve_next(client, RT_SDP_CLIENT_WHY_NEXT);
		return;
	}
	/* What a wrong length leaves is no response to any request. */
	if (!whole)
		pdu.params = rt_bytes(NULL, 0);
	take_answer(client, &pdu);
}

/* The request cannot be sent: said from a fresh stack. */
static bool give_up(struct rt_sdp_client *client, int err)
{
	client->err = err;
	rt_env_arm(client->sdp->env, &client->timer, 0);
	return false;
}

static bool on_pull(void *user, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct rt_sdp_client *client = user;
	struct rt_pkt *pkt;
	struct rt_wr w;

	(void)chan;
	if (client->state != RT_SDP_CLIENT_ASKING || !client->unsent ||
	    client->err)
		return false;
	pkt = rt_pkt_new(client->sdp->env, REQUEST_BYTES);
	if (!pkt)
		return give_up(client, -ENOMEM);
	w = rt_wr_init(pkt->data, pkt->cap);
	rt_sdp_request_write(&w, client->tid, &first(client)->request);
	assert(rt_wr_ok(&w));
	pkt->len = (uint16_t)rt_wr_bytes(&w).len;
	if (pkt->len > max) {
		rt_env_free(client->sdp->env, pkt);
		return give_up(client, -EMSGSIZE);
	}
	rt_pdu_own(pdu, pkt);
	client->unsent = false;
	return true;
}

static void on_completed(void *user, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	(void)user;
	(void)chan;
	(void)done;
	(void)written;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

/* The lookup that is served ends without an answer. */
static void end_first(struct rt_sdp_client *client)
{
	struct rt_sdp_lookup *lookup = take_first(client);
	struct rt_reason why;

	if (client->err == 0) {
		/* The answer may come late: not to the next lookup. */
		why = rt_sdp_lookup_reason(lookup, RT_SDP_TIMEOUT, false);
		renew(client, RT_SDP_CLIENT_WHY_TIMEOUT);
	} else {
		why = client->err == -EMSGSIZE
			      ? rt_sdp_lookup_reason(lookup, RT_SDP_TOO_LONG,
						     false)
			      : rt_sdp_lookup_reason_errno(lookup, client->err);
		serve_next(client, RT_SDP_CLIENT_WHY_NEXT);
	}
	rt_sdp_lookup_end(lookup, &why);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_sdp_client *client =
		RT_CONTAINER_OF(timer, struct rt_sdp_client, timer);

	switch ((enum rt_sdp_client_state)client->state) {
	case RT_SDP_CLIENT_ASKING:
		end_first(client);
		return;
	case RT_SDP_CLIENT_IDLE:
		close_client(client, RT_SDP_CLIENT_WHY_TIMEOUT);
		return;
	case RT_SDP_CLIENT_DRAIN:
		renew(client, RT_SDP_CLIENT_WHY_TIMEOUT);
		return;
	case RT_SDP_CLIENT_OPENING:
	case RT_SDP_CLIENT_CLOSED:
		return;
	}
}

static struct rt_sdp_client *find(const struct rt_sdp *sdp, struct rt_addr addr)
{
	struct rt_sdp_client *client;

	RT_LIST_EACH (client, &sdp->clients, node) {
		if (rt_addr_equal(client->addr, addr))
			return client;
	}
	return NULL;
}

/* A client whose channel is being opened. */
static int new_client(struct rt_sdp *sdp, struct rt_addr addr,
		      struct rt_sdp_client **ret)
{
	struct rt_sdp_client *client = rt_env_alloc(sdp->env, sizeof(*client));
	int err;

	if (!client)
		return -ENOMEM;
	client->sdp = sdp;
	client->addr = addr;
	client->state = RT_SDP_CLIENT_OPENING;
	rt_timer_init(&client->timer, on_timer);
	rt_list_init(&client->lookups);
	err = connect(client);
	if (err) {
		rt_env_free(sdp->env, client);
		return err;
	}
	rt_list_append(&sdp->clients, &client->node);
	*ret = client;
	return 0;
}

int rt_sdp_client_add(struct rt_sdp *sdp, struct rt_addr addr,
		      struct rt_sdp_lookup *lookup)
{
	struct rt_sdp_client *client = find(sdp, addr);
	int err;

	if (!client) {
		err = new_client(sdp, addr, &client);
		if (err)
			return err;
	}
	rt_list_append(&client->lookups, &lookup->node);
	lookup->client = client;
	if (client->state == RT_SDP_CLIENT_IDLE)
		serve_next(client, RT_SDP_CLIENT_WHY_NEXT);
	return 0;
}

void rt_sdp_client_cancel(struct rt_sdp_lookup *lookup)
{
	struct rt_sdp_client *client = lookup->client;
	const bool served = client && first(client) == lookup &&
			    client->state == RT_SDP_CLIENT_ASKING;

	rt_sdp_lookup_forget(lookup);
	if (served && client->unsent)
		serve_next(client, RT_SDP_CLIENT_WHY_GIVEN_UP);
	else if (served)
		enter(client, RT_SDP_CLIENT_DRAIN, RT_SDP_CLIENT_WHY_GIVEN_UP);
	else if (client && client->state == RT_SDP_CLIENT_OPENING &&
		 rt_list_empty(&client->lookups))
		close_client(client, RT_SDP_CLIENT_WHY_GIVEN_UP);
}

void rt_sdp_client_shutdown(struct rt_sdp *sdp)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_API,
		.phase = RT_PHASE_LOOKUP,
		.err = -ESHUTDOWN,
	};

	while (!rt_list_empty(&sdp->clients))
		fail_all(RT_LIST_FIRST(&sdp->clients, struct rt_sdp_client,
				       node),
			 RT_SDP_CLIENT_WHY_SHUTDOWN, &why);
}

void rt_sdp_client_free_all(struct rt_sdp *sdp)
{
	struct rt_sdp_client *client;

	while (!rt_list_empty(&sdp->clients)) {
		client = RT_LIST_FIRST(&sdp->clients, struct rt_sdp_client,
				       node);
		while (!rt_list_empty(&client->lookups))
			rt_sdp_lookup_free(first(client));
		rt_env_stop(sdp->env, &client->timer);
		drop_channel(client);
		rt_list_del(&client->node);
		rt_env_free(sdp->env, client);
	}
}
