/* SPDX-License-Identifier: MIT */
#include "rfcomm/gate.h"

#include <errno.h>

#include "rfcomm/session.h"
#include "rfcomm/stream.h"
#include "rfcomm/timers.h"

/* What the gate says; if it is no, dlc->refusal is its reason. */
static enum rt_l2cap_verdict ask(struct rt_rfcomm_dlc *dlc, bool established)
{
	const struct rt_rfcomm *rfcomm = dlc->rfcomm;
	const struct rt_l2cap_gate_request request = {
		.peer = dlc->peer,
		.psm = RT_L2CAP_PSM_RFCOMM,
		.channel = dlc->channel,
		.need = dlc->need,
		.incoming = dlc->incoming,
		.established = established,
	};

	dlc->refusal = (struct rt_reason){ .layer = RT_LAYER_NONE };
	if (!rfcomm->gate)
		return RT_L2CAP_ALLOW;
	return rfcomm->gate->check(rfcomm->gate_user, &request, &dlc->refusal);
}

static bool waits(enum rt_l2cap_verdict verdict)
{
	return verdict == RT_L2CAP_WAIT_AUTHENTICATION ||
	       verdict == RT_L2CAP_WAIT_AUTHORIZATION;
}

static void block(struct rt_rfcomm_dlc *dlc)
{
	const struct rt_reason refusal = dlc->refusal;

	rt_rfcomm_dlc_block(dlc, &refusal, RT_RFCOMM_GATE_REFUSED);
}

void rt_rfcomm_gate_connect(struct rt_rfcomm_dlc *dlc,
			    enum rt_rfcomm_dlc_why why)
{
	const enum rt_l2cap_verdict verdict = ask(dlc, false);

	if (verdict == RT_L2CAP_ALLOW) {
		rt_rfcomm_dlc_connect(dlc, why);
	} else if (!waits(verdict)) {
		block(dlc);
	} else if (dlc->state != RT_RFCOMM_DLC_WAIT_GATE) {
		rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_WAIT_GATE,
				    RT_RFCOMM_DLC_WHY_INSECURE);
		rt_rfcomm_session_advance(dlc->session);
	}
}

/* The gate has said yes: asks the listener's user. */
static void ask_user(struct rt_rfcomm_dlc *dlc,
		     const struct rt_rfcomm_listener *listener)
{
	struct rt_rfcomm *rfcomm = dlc->rfcomm;
	const rt_handle handle = dlc->handle;
	int err;

	dlc->asked = true;
	dlc->ops = listener->params.ops;
	dlc->user = listener->params.user;
	err = dlc->ops->incoming(dlc->user, handle);
	dlc = rt_slots_get(&rfcomm->slots, handle);
	if (!dlc || dlc->state != RT_RFCOMM_DLC_ASKED || err == -EAGAIN)
		return;
	if (err) {
		dlc->ops = NULL;
		rt_rfcomm_dlc_drop(dlc);
		return;
	}
	rt_rfcomm_dlc_accept(dlc);
}

/* Goes on with a DLC in ASKED as far as it may. */
static void consider(struct rt_rfcomm_dlc *dlc)
{
	const struct rt_rfcomm_listener *listener =
		rt_rfcomm_session_listener(dlc->session, dlc->dlci);
	enum rt_l2cap_verdict verdict;

	if (!dlc->asked && !listener) {
		rt_rfcomm_dlc_drop(dlc);
		return;
	}
	if (!dlc->asked)
		dlc->need = listener->params.security;
	verdict = ask(dlc, dlc->asked);
	if (waits(verdict))
		return;
	if (verdict != RT_L2CAP_ALLOW)
		block(dlc);
	else if (!dlc->asked)
		ask_user(dlc, listener);
	else if (dlc->accepted)
		rt_rfcomm_dlc_accept(dlc);
}

void rt_rfcomm_gate_on_sabm(struct rt_rfcomm_dlc *dlc)
{
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_ASKED, RT_RFCOMM_DLC_WHY_SABM);
	consider(dlc);
}

void rt_rfcomm_gate_accept(struct rt_rfcomm_dlc *dlc)
{
	dlc->accepted = true;
	consider(dlc);
}

static void on_timer(struct rt_timer *timer)
{
	static const struct rt_reason none = { .layer = RT_LAYER_NONE };
	struct rt_rfcomm_dlc *dlc =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_dlc, gate);

	if (dlc->suspended)
		rt_rfcomm_dlc_block(dlc, &none, RT_RFCOMM_GATE_TIMEOUT);
	else if (dlc->state == RT_RFCOMM_DLC_ASKED)
		consider(dlc);
	else
		rt_rfcomm_gate_connect(dlc, RT_RFCOMM_DLC_WHY_SECURE);
}

void rt_rfcomm_gate_on_data(struct rt_rfcomm_dlc *dlc)
{
	static const struct rt_reason none = { .layer = RT_LAYER_NONE };

	dlc->rfcomm->stats.frames_suspended++;
	rt_rfcomm_dlc_block(dlc, &none, RT_RFCOMM_INSECURE_DATA);
}

void rt_rfcomm_gate_init(struct rt_rfcomm_dlc *dlc)
{
	rt_timer_init(&dlc->gate, on_timer);
}

/* True if the gate has said yes, and the DLC lives on that. */
static bool was_allowed(const struct rt_rfcomm_dlc *dlc)
{
	return dlc->state == RT_RFCOMM_DLC_SABM_SENT ||
	       dlc->state == RT_RFCOMM_DLC_MSC ||
	       dlc->state == RT_RFCOMM_DLC_OPEN;
}

static void stop(struct rt_rfcomm_dlc *dlc)
{
	rt_env_stop(dlc->rfcomm->env, &dlc->gate);
	dlc->suspended = false;
}

void rt_rfcomm_gate_entered(struct rt_rfcomm_dlc *dlc)
{
	if (!dlc->suspended || !was_allowed(dlc))
		stop(dlc);
}

static void suspend(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->suspended)
		return;
	dlc->suspended = true;
	rt_env_arm(dlc->rfcomm->env, &dlc->gate, RT_RFCOMM_SUSPEND_US);
	rt_rfcomm_stream_kick(dlc);
}

static void resume(struct rt_rfcomm_dlc *dlc)
{
	if (!dlc->suspended)
		return;
	stop(dlc);
	rt_rfcomm_stream_kick(dlc);
}

static void review(struct rt_rfcomm_dlc *dlc)
{
	enum rt_l2cap_verdict verdict;

	if (dlc->need.level == 0)
		return;
	verdict = ask(dlc, true);
	if (verdict == RT_L2CAP_ALLOW)
		resume(dlc);
	else if (waits(verdict))
		suspend(dlc);
	else
		dlc->blocked = true;
}

static struct rt_rfcomm_dlc *first_blocked(const struct rt_rfcomm *rfcomm)
{
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &rfcomm->dlcs, all) {
		if (dlc->blocked)
			return dlc;
	}
	return NULL;
}

/* What waits goes on from a fresh stack: its user may have to be asked. */
static void ask_again(struct rt_rfcomm_dlc *dlc)
{
	struct rt_env *env = dlc->rfcomm->env;

	rt_env_stop(env, &dlc->gate);
	rt_env_arm(env, &dlc->gate, 0);
}

void rt_rfcomm_gate_changed(struct rt_rfcomm *rfcomm, struct rt_addr addr)
{
	struct rt_rfcomm_dlc *dlc;

	RT_LIST_EACH (dlc, &rfcomm->dlcs, all) {
		if (!rt_addr_equal(dlc->peer, addr))
			continue;
		if (was_allowed(dlc))
			review(dlc);
		else if (dlc->state == RT_RFCOMM_DLC_WAIT_GATE ||
			 dlc->state == RT_RFCOMM_DLC_ASKED)
			ask_again(dlc);
	}
	/* Each takes itself off the list. */
	while ((dlc = first_blocked(rfcomm))) {
		dlc->blocked = false;
		block(dlc);
	}
}

void rt_rfcomm_set_gate(struct rt_rfcomm *rfcomm,
			const struct rt_l2cap_gate *gate, void *user)
{
	rfcomm->gate = gate;
	rfcomm->gate_user = user;
}
