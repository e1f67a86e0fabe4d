/* SPDX-License-Identifier: MIT */
#include "rfcomm/session.h"

#include <assert.h>
#include <errno.h>

#include "rfcomm/channel.h"
#include "rfcomm/control.h"
#include "rfcomm/dlc.h"
#include "rfcomm/stream.h"
#include "rfcomm/test.h"
#include "rfcomm/timers.h"

/*
 * PN commands out at a time. A peer with a bounded queue of answers, such as
 * ours, gets them through even if the application opens thirty DLCs at once.
 */
#define NEGOTIATIONS_MAX 4

static const char *const why_text[] = {
#define STATE(name, stay_us, next)
#define WHY(name, text) [RT_RFCOMM_SESSION_WHY_##name] = (text),
#include "rfcomm/session.def"
#undef STATE
#undef WHY
};

static const struct {
	const char *name;
	uint64_t stay_us;
	uint32_t next;
} states[] = {
#define B(name) 1U << RT_RFCOMM_SESSION_##name
#define STATE(name, stay_us, next) \
	[RT_RFCOMM_SESSION_##name] = { #name, stay_us, next },
#define WHY(name, text)
#include "rfcomm/session.def"
#undef B
#undef STATE
#undef WHY
};

static void on_timer(struct rt_timer *timer);
static void on_memory(struct rt_timer *timer);

void rt_rfcomm_session_enter(struct rt_rfcomm_session *session,
			     enum rt_rfcomm_session_state to,
			     enum rt_rfcomm_session_why why)
{
	struct rt_env *env = session->rfcomm->env;
	char addr[RT_ADDR_STR_BYTES];

	assert(states[session->state].next & 1U << to);
	if (rt_env_logs(env))
		rt_log(env, RT_LOG_DEBUG, "rfcomm session %s %s -> %s (%s)",
		       rt_addr_format(session->peer, addr),
		       states[session->state].name, states[to].name,
		       why_text[why]);
	if (session->state == RT_RFCOMM_SESSION_OPEN)
		rt_rfcomm_test_lost(session->rfcomm, session->peer);
	session->state = (uint8_t)to;
	rt_env_stop(env, &session->timer);
	if (states[to].stay_us > 0)
		rt_env_arm(env, &session->timer, states[to].stay_us);
}

void rt_rfcomm_session_arm_random(struct rt_rfcomm_session *session,
				  uint64_t min_us, uint64_t span_us)
{
	struct rt_env *env = session->rfcomm->env;

	rt_env_arm(env, &session->timer,
		   min_us + rt_env_random32(env) % (uint32_t)span_us);
}

struct rt_rfcomm_session *rt_rfcomm_session_find(const struct rt_rfcomm *rfcomm,
						 struct rt_addr peer)
{
	struct rt_rfcomm_session *session;

	RT_LIST_EACH (session, &rfcomm->sessions, node) {
		if (rt_addr_equal(session->peer, peer))
			return session;
	}
	return NULL;
}

bool rt_rfcomm_session_is_open(const struct rt_rfcomm_session *session)
{
	return session->state == RT_RFCOMM_SESSION_OPEN;
}

struct rt_rfcomm_dlc *
rt_rfcomm_session_find_dlc(const struct rt_rfcomm_session *session,
			   uint8_t dlci)
{
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (dlc->dlci == dlci)
			return dlc;
	}
	return NULL;
}

const struct rt_rfcomm_listener *
rt_rfcomm_session_listener(const struct rt_rfcomm_session *session,
			   uint8_t dlci)
{
	const struct rt_rfcomm_listener *listener;

	if (dlci < RT_RFCOMM_DLCI_MIN || dlci > RT_RFCOMM_DLCI_MAX)
		return NULL;
	/* The direction bit of the initiator's servers is 1 (R:5.4). */
	if ((dlci & 1) != session->initiator)
		return NULL;
	listener = &session->rfcomm->listener[dlci >> 1];
	return listener->used ? listener : NULL;
}

uint32_t rt_rfcomm_session_dlc_count(const struct rt_rfcomm_session *session)
{
	struct rt_rfcomm_dlc *dlc;
	uint32_t count = 0;

	RT_LIST_EACH (dlc, &session->dlcs, node)
		count++;
	return count;
}

int rt_rfcomm_session_new(struct rt_rfcomm *rfcomm, struct rt_addr peer,
			  bool initiator, struct rt_rfcomm_session **ret)
{
	struct rt_rfcomm_session *session;
	uint32_t count = 0;

	RT_LIST_EACH (session, &rfcomm->sessions, node)
		count++;
	if (count >= rfcomm->env->limits.rfcomm_sessions)
		return -ENOSPC;
	session = rt_env_alloc(rfcomm->env, sizeof(*session));
	if (!session)
		return -ENOMEM;
	session->rfcomm = rfcomm;
	session->peer = peer;
	session->state = initiator ? RT_RFCOMM_SESSION_CONNECT
				   : RT_RFCOMM_SESSION_ACCEPT;
	session->imtu = RT_RFCOMM_MTU;
	session->initiator = initiator;
	rt_timer_init(&session->timer, on_timer);
	rt_timer_init(&session->memory, on_memory);
	rt_list_init(&session->dlcs);
	rt_rfcomm_tx_init(&session->tx);
	rt_list_append(&rfcomm->sessions, &session->node);
	if (states[session->state].stay_us > 0)
		rt_env_arm(rfcomm->env, &session->timer,
			   states[session->state].stay_us);
	*ret = session;
	return 0;
}

/* Takes the session off everything that knows it. */
static void detach(struct rt_rfcomm_session *session)
{
	struct rt_env *env = session->rfcomm->env;

	rt_env_stop(env, &session->timer);
	rt_env_stop(env, &session->memory);
	rt_rfcomm_tx_clear(session);
	rt_list_del(&session->node);
	if (session->parked)
		rt_l2cap_abandon(session->rfcomm->l2cap, session->parked);
	if (session->chan)
		rt_l2cap_abandon(session->rfcomm->l2cap, session->chan);
	session->parked = 0;
	session->chan = 0;
}

void rt_rfcomm_session_free(struct rt_rfcomm_session *session)
{
	assert(rt_list_empty(&session->dlcs));
	detach(session);
	rt_env_free(session->rfcomm->env, session);
}

static void free_buried(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env,
		    RT_CONTAINER_OF(grave, struct rt_rfcomm_session, grave));
}

void rt_rfcomm_session_bury(struct rt_rfcomm_session *session,
			    enum rt_rfcomm_session_why reason,
			    const struct rt_reason *why)
{
	struct rt_rfcomm_dlc *dlc;

	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_CLOSED, reason);
	detach(session);
	while (!rt_list_empty(&session->dlcs)) {
		dlc = RT_LIST_FIRST(&session->dlcs, struct rt_rfcomm_dlc, node);
		rt_rfcomm_dlc_lost(dlc, why);
	}
	rt_env_bury(session->rfcomm->env, &session->grave, free_buried);
}

void rt_rfcomm_session_end_dlcs(struct rt_rfcomm_session *session,
				uint16_t code, bool keep)
{
	struct rt_rfcomm_dlc *dlc;
	uint32_t n = rt_rfcomm_session_dlc_count(session);

	for (; n > 0; n--) {
		dlc = RT_LIST_FIRST(&session->dlcs, struct rt_rfcomm_dlc, node);
		rt_list_del(&dlc->node);
		rt_list_append(&session->dlcs, &dlc->node);
		if (keep && rt_rfcomm_dlc_wait_again(dlc))
			continue;
		rt_rfcomm_dlc_end(dlc, code, RT_RFCOMM_DLC_WHY_SESSION_LOST);
	}
}

void rt_rfcomm_session_release(struct rt_rfcomm_session *session,
			       enum rt_rfcomm_session_why why)
{
	rt_rfcomm_session_enter(session, RT_RFCOMM_SESSION_RELEASE, why);
	rt_l2cap_close(session->rfcomm->l2cap, session->chan);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_rfcomm_session *session =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_session, timer);

	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_CONNECT:
		rt_rfcomm_channel_yield(session);
		return;
	case RT_RFCOMM_SESSION_RETRY:
		rt_rfcomm_channel_connect_again(session);
		return;
	case RT_RFCOMM_SESSION_BACKOFF:
		rt_rfcomm_control_start(session, RT_RFCOMM_SESSION_WHY_AGAIN);
		return;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_SABM_SENT:
		rt_rfcomm_session_release(session,
					  RT_RFCOMM_SESSION_WHY_TIMEOUT);
		rt_rfcomm_session_end_dlcs(session, RT_RFCOMM_TIMEOUT_T1,
					   false);
		return;
	case RT_RFCOMM_SESSION_OPEN:
		rt_rfcomm_control_stop(session);
		return;
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
		rt_rfcomm_session_release(session,
					  RT_RFCOMM_SESSION_WHY_TIMEOUT);
		return;
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		return;
	}
}

static void on_memory(struct rt_timer *timer)
{
	rt_rfcomm_tx_kick(
		RT_CONTAINER_OF(timer, struct rt_rfcomm_session, memory));
}

void rt_rfcomm_session_retry_later(struct rt_rfcomm_session *session)
{
	rt_env_arm(session->rfcomm->env, &session->memory, RT_RFCOMM_MEMORY_US);
}

void rt_rfcomm_session_advance(struct rt_rfcomm_session *session)
{
	struct rt_rfcomm_dlc *dlc;
	uint32_t negotiating = 0;

	if (!rt_rfcomm_session_is_open(session))
		return;
	RT_LIST_EACH (dlc, &session->dlcs, node)
		negotiating += dlc->state == RT_RFCOMM_DLC_PN_SENT;
	RT_LIST_EACH (dlc, &session->dlcs, node) {
		if (negotiating >= NEGOTIATIONS_MAX)
			return;
		if (dlc->state == RT_RFCOMM_DLC_WAIT &&
		    rt_rfcomm_dlc_start(dlc))
			negotiating++;
	}
}

void rt_rfcomm_session_joined(struct rt_rfcomm_session *session)
{
	if (rt_rfcomm_session_is_open(session))
		rt_env_stop(session->rfcomm->env, &session->timer);
	rt_rfcomm_session_advance(session);
}

static void arm_idle(struct rt_rfcomm_session *session, bool by_peer)
{
	uint64_t wait_us = 0;

	if (by_peer)
		wait_us = session->initiator ? RT_RFCOMM_IDLE_INITIATOR_US
					     : RT_RFCOMM_IDLE_RESPONDER_US;
	wait_us = RT_MAX(wait_us, session->rfcomm->idle_hold_us);
	if (session->rfcomm->stopping)
		wait_us = 0;
	session->idle_is_ours = !by_peer;
	/* At once, too, means from a fresh stack: something may follow. */
	rt_env_arm(session->rfcomm->env, &session->timer, wait_us);
}

void rt_rfcomm_session_hold_changed(struct rt_rfcomm_session *session)
{
	const bool stopping = session->rfcomm->stopping;

	if (!rt_list_empty(&session->dlcs))
		return;
	if (rt_rfcomm_session_is_open(session) &&
	    (stopping || session->idle_is_ours))
		arm_idle(session, false);
	else if (session->state == RT_RFCOMM_SESSION_ACCEPT && stopping)
		rt_rfcomm_session_release(session, RT_RFCOMM_SESSION_WHY_IDLE);
}

uint32_t rt_rfcomm_session_serial(struct rt_rfcomm_session *session)
{
	return ++session->commands;
}

void rt_rfcomm_session_left(struct rt_rfcomm_session *session, bool by_peer)
{
	if (!rt_list_empty(&session->dlcs)) {
		rt_rfcomm_session_advance(session);
		if (rt_rfcomm_session_is_open(session))
			rt_rfcomm_stream_aggregate(session);
		return;
	}
	switch ((enum rt_rfcomm_session_state)session->state) {
	case RT_RFCOMM_SESSION_CONNECT:
	case RT_RFCOMM_SESSION_SABM_SENT:
	case RT_RFCOMM_SESSION_BACKOFF:
		rt_rfcomm_session_release(session, RT_RFCOMM_SESSION_WHY_IDLE);
		return;
	case RT_RFCOMM_SESSION_RETRY:
		rt_rfcomm_session_bury(session, RT_RFCOMM_SESSION_WHY_IDLE,
				       NULL);
		return;
	case RT_RFCOMM_SESSION_OPEN:
		arm_idle(session, by_peer);
		return;
	case RT_RFCOMM_SESSION_ACCEPT:
	case RT_RFCOMM_SESSION_DISCONNECT:
	case RT_RFCOMM_SESSION_FLUSH:
	case RT_RFCOMM_SESSION_LINGER:
	case RT_RFCOMM_SESSION_RELEASE:
	case RT_RFCOMM_SESSION_CLOSED:
		return;
	}
}
