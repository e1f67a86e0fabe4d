/* SPDX-License-Identifier: MIT */
#include "l2cap/suspend.h"

#include "l2cap/blame.h"
#include "l2cap/data.h"
#include "l2cap/engine.h"
#include "l2cap/gate.h"
#include "l2cap/link.h"

/* True if the gate has said yes, and the channel lives on that. */
static bool was_allowed(const struct rt_l2cap_chan *chan)
{
	switch (chan->state) {
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
	case RT_L2CAP_CHAN_WAIT_CONNECT:
	case RT_L2CAP_CHAN_CONFIG:
	case RT_L2CAP_CHAN_OPEN:
		return true;
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_WAIT_LINK:
	case RT_L2CAP_CHAN_WAIT_GATE:
	case RT_L2CAP_CHAN_GIVEN_UP:
	case RT_L2CAP_CHAN_WAIT_SECURITY:
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
	case RT_L2CAP_CHAN_DRAIN:
	case RT_L2CAP_CHAN_CLOSED:
		break;
	}
	return false;
}

/* Ends the channel with the peer; its user hears of it later. */
static void expel(struct rt_l2cap_chan *chan, uint16_t code)
{
	if (rt_l2cap_chan_exists(chan)) {
		rt_l2cap_chan_disconnect(chan, code);
		return;
	}
	rt_l2cap_blame(chan, code);
	rt_l2cap_chan_close(chan);
}

static void on_timer(struct rt_timer *timer)
{
	expel(RT_CONTAINER_OF(timer, struct rt_l2cap_chan, suspension),
	      RT_L2CAP_GATE_TIMEOUT);
}

void rt_l2cap_suspend_init(struct rt_l2cap_chan *chan)
{
	rt_timer_init(&chan->suspension, on_timer);
}

static void suspend(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;

	if (chan->suspended)
		return;
	rt_log(env, RT_LOG_INFO, "chan 0x%04x suspended: security has changed",
	       chan->scid);
	chan->suspended = true;
	rt_list_del(&chan->ready);
	rt_env_arm(env, &chan->suspension, RT_MS(RT_L2CAP_SUSPEND_MS));
	if (chan->mode && chan->mode->suspend)
		chan->mode->suspend(chan);
}

static void resume(struct rt_l2cap_chan *chan)
{
	if (!chan->suspended)
		return;
	rt_log(chan->l2cap->env, RT_LOG_INFO, "chan 0x%04x goes on",
	       chan->scid);
	rt_l2cap_suspend_stop(chan);
	if (chan->mode && chan->mode->resume)
		chan->mode->resume(chan);
	rt_l2cap_mode_ready(chan);
}

void rt_l2cap_suspend_review(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_gate_request request = {
		.peer = chan->link->addr,
		.psm = chan->psm,
		.need = chan->params.security,
		.incoming = chan->incoming,
		.established = true,
	};
	enum rt_l2cap_verdict verdict;
	struct rt_reason why;

	if (!was_allowed(chan) || request.need.level == 0)
		return;
	verdict = rt_l2cap_gate_check(chan->l2cap, &request, &why);
	if (verdict == RT_L2CAP_ALLOW) {
		resume(chan);
	} else if (rt_l2cap_gate_waits(verdict)) {
		suspend(chan);
	} else {
		rt_l2cap_blame_gate(chan, &why);
		expel(chan, RT_L2CAP_GATE_REFUSED);
	}
}

void rt_l2cap_suspend_rx(struct rt_l2cap_chan *chan)
{
	chan->l2cap->stats.rx_suspended++;
	if (!chan->mode || !chan->mode->may_lose)
		expel(chan, RT_L2CAP_INSECURE_DATA);
}

void rt_l2cap_suspend_stop(struct rt_l2cap_chan *chan)
{
	rt_env_stop(chan->l2cap->env, &chan->suspension);
	chan->suspended = false;
}
