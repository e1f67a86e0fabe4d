/* SPDX-License-Identifier: MIT */
#include "l2cap/blame.h"

#include "l2cap/engine.h"

static enum rt_phase phase_of(enum rt_l2cap_chan_state state)
{
	switch (state) {
	case RT_L2CAP_CHAN_WAIT_LINK:
		return RT_PHASE_PAGE;
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
	case RT_L2CAP_CHAN_GIVEN_UP:
	case RT_L2CAP_CHAN_WAIT_GATE:
	case RT_L2CAP_CHAN_WAIT_SECURITY:
	case RT_L2CAP_CHAN_WAIT_CONNECT:
		return RT_PHASE_CONNECT;
	case RT_L2CAP_CHAN_CONFIG:
		return RT_PHASE_CONFIGURE;
	case RT_L2CAP_CHAN_OPEN:
		return RT_PHASE_TRANSFER;
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
	case RT_L2CAP_CHAN_DRAIN:
	case RT_L2CAP_CHAN_CLOSED:
		return RT_PHASE_DISCONNECT;
	}
	return RT_PHASE_NONE;
}

/* True unless it is by our own doing, or for want of a packet. */
static bool is_by_packet(uint16_t code)
{
	return code != RT_L2CAP_TIMEOUT_RTX && code != RT_L2CAP_TIMEOUT_ERTX &&
	       code != RT_L2CAP_CLOSED &&
	       (code < RT_L2CAP_MAX_TRANSMIT || code > RT_L2CAP_GATE_TIMEOUT);
}

/* What follows from the first reason is none. */
void rt_l2cap_blame(struct rt_l2cap_chan *chan, uint16_t code)
{
	const struct rt_env *env = chan->l2cap->env;

	if (chan->why.layer != RT_LAYER_NONE)
		return;
	chan->why = (struct rt_reason){
		.layer = RT_LAYER_L2CAP,
		.phase = (uint8_t)phase_of(chan->state),
		.code = code,
		.err = rt_l2cap_code_errno(code),
		.frame = is_by_packet(code) ? env->frame : 0,
		.elapsed_us = env->now_us - chan->since_us,
	};
}

void rt_l2cap_blame_gate(struct rt_l2cap_chan *chan,
			 const struct rt_reason *why)
{
	if (chan->why.layer == RT_LAYER_NONE)
		chan->why = *why;
}

void rt_l2cap_blame_link(struct rt_l2cap_chan *chan,
			 const struct rt_reason *why)
{
	if (chan->why.layer != RT_LAYER_NONE)
		return;
	chan->why = *why;
	chan->why.phase = (uint8_t)phase_of(chan->state);
	chan->why.elapsed_us = chan->l2cap->env->now_us - chan->since_us;
}
