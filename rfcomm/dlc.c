/* SPDX-License-Identifier: MIT */
#include "rfcomm/dlc.h"

#include <assert.h>
#include <errno.h>

#include "rfcomm/code.h"
#include "rfcomm/gate.h"
#include "rfcomm/pn.h"
#include "rfcomm/session.h"
#include "rfcomm/stream.h"
#include "rfcomm/timers.h"

static const char *const why_text[] = {
#define STATE(name, stay_us, next)
#define WHY(name, text) [RT_RFCOMM_DLC_WHY_##name] = (text),
#include "rfcomm/dlc.def"
#undef STATE
#undef WHY
};

static const struct {
	const char *name;
	uint64_t stay_us;
	uint32_t next;
} states[] = {
#define B(name) 1U << RT_RFCOMM_DLC_##name
#define STATE(name, stay_us, next) \
	[RT_RFCOMM_DLC_##name] = { #name, stay_us, next },
#define WHY(name, text)
#include "rfcomm/dlc.def"
#undef B
#undef STATE
#undef WHY
};

static void on_timer(struct rt_timer *timer);

static enum rt_phase phase_of(uint8_t state)
{
	switch ((enum rt_rfcomm_dlc_state)state) {
	case RT_RFCOMM_DLC_WAIT:
		return RT_PHASE_SESSION;
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_SABM_SENT:
	case RT_RFCOMM_DLC_NEGOTIATED:
	case RT_RFCOMM_DLC_ASKED:
	case RT_RFCOMM_DLC_MSC:
		return RT_PHASE_NEGOTIATE;
	case RT_RFCOMM_DLC_OPEN:
		return RT_PHASE_TRANSFER;
	case RT_RFCOMM_DLC_DISC_SENT:
		return RT_PHASE_DISCONNECT;
	case RT_RFCOMM_DLC_ENDED:
		break;
	}
	return RT_PHASE_NONE;
}

/* The one place that assigns the state. */
void rt_rfcomm_dlc_enter(struct rt_rfcomm_dlc *dlc, enum rt_rfcomm_dlc_state to,
			 enum rt_rfcomm_dlc_why why)
{
	struct rt_env *env = dlc->rfcomm->env;
	char addr[RT_ADDR_STR_BYTES];

	assert(states[dlc->state].next & 1U << to);
	if (rt_env_logs(env))
		rt_log(env, RT_LOG_DEBUG,
		       "rfcomm dlc %s channel %u DLCI %u %s -> %s (%s)",
		       rt_addr_format(dlc->peer, addr), dlc->channel, dlc->dlci,
		       states[dlc->state].name, states[to].name, why_text[why]);
	if (phase_of(dlc->state) != phase_of((uint8_t)to))
		dlc->began_us = env->now_us;
	dlc->state = (uint8_t)to;
	rt_env_stop(env, &dlc->timer);
	if (states[to].stay_us > 0)
		rt_env_arm(env, &dlc->timer, states[to].stay_us);
	rt_rfcomm_gate_entered(dlc);
}

static uint32_t credits_limit(const struct rt_env *env, uint32_t wanted)
{
	if (wanted == 0)
		return env->limits.rfcomm_credits;
	return RT_MIN(wanted, env->limits.rfcomm_credits);
}

/* Settings that the peer made by RPN before it asked for the DLC. */
static void take_early_line(struct rt_rfcomm_dlc *dlc)
{
	struct rt_rfcomm_line *early = &dlc->session->early[dlc->channel];

	dlc->port.line_news =
		!rt_rfcomm_line_equal(early, &rt_rfcomm_line_default);
	dlc->port.line = *early;
	*early = rt_rfcomm_line_default;
}

int rt_rfcomm_dlc_new(struct rt_rfcomm_session *session, uint8_t channel,
		      uint8_t incoming_dlci,
		      const struct rt_rfcomm_params *params,
		      struct rt_rfcomm_dlc **ret)
{
	struct rt_rfcomm *rfcomm = session->rfcomm;
	struct rt_env *env = rfcomm->env;
	struct rt_rfcomm_dlc *dlc;
	int err;

	if (rt_rfcomm_session_dlc_count(session) >= env->limits.dlcs_session)
		return -ENOSPC;
	dlc = rt_env_alloc(env, sizeof(*dlc));
	if (!dlc)
		return -ENOMEM;
	err = rt_slots_add(&rfcomm->slots, dlc, &dlc->handle);
	if (err) {
		rt_env_free(env, dlc);
		return err;
	}
	dlc->rfcomm = rfcomm;
	dlc->session = session;
	dlc->peer = session->peer;
	dlc->channel = channel;
	dlc->dlci = incoming_dlci;
	dlc->incoming = incoming_dlci != 0;
	dlc->state =
		dlc->incoming ? RT_RFCOMM_DLC_NEGOTIATED : RT_RFCOMM_DLC_WAIT;
	dlc->frame_bytes = params->frame_bytes;
	dlc->need = params->security;
	dlc->began_us = env->now_us;
	rt_timer_init(&dlc->timer, on_timer);
	rt_rfcomm_gate_init(dlc);
	if (states[dlc->state].stay_us > 0)
		rt_env_arm(env, &dlc->timer, states[dlc->state].stay_us);
	rt_rfcomm_flow_init(&dlc->flow, credits_limit(env, params->credits_max),
			    params->room_bytes);
	rt_rfcomm_port_init(dlc, params->port_ops, params->signals);
	if (dlc->incoming)
		take_early_line(dlc);
	rt_list_append(&session->dlcs, &dlc->node);
	rt_list_append(&rfcomm->dlcs, &dlc->all);
	*ret = dlc;
	return 0;
}

/* Takes the DLC off everything that knows it. */
static void detach(struct rt_rfcomm_dlc *dlc)
{
	rt_env_stop(dlc->rfcomm->env, &dlc->timer);
	rt_env_stop(dlc->rfcomm->env, &dlc->gate);
	rt_rfcomm_port_stop(dlc);
	rt_slots_del(&dlc->rfcomm->slots, dlc->handle);
	rt_list_del(&dlc->node);
	rt_list_del(&dlc->all);
}

void rt_rfcomm_dlc_free(struct rt_rfcomm_dlc *dlc)
{
	detach(dlc);
	rt_env_free(dlc->rfcomm->env, dlc);
}

static void free_buried(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_rfcomm_dlc, grave));
}

static void bury(struct rt_rfcomm_dlc *dlc)
{
	detach(dlc);
	rt_env_bury(dlc->rfcomm->env, &dlc->grave, free_buried);
}

/* The DLC has ended: goes as soon as it may. */
static void settle(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->pulled > 0)
		return;
	if (dlc->ops)
		rt_env_arm(dlc->rfcomm->env, &dlc->timer, 0);
	else
		bury(dlc);
}

static void tell(struct rt_rfcomm_dlc *dlc)
{
	const struct rt_reason why = dlc->why;

	if (dlc->ops)
		dlc->ops->closed(dlc->user, dlc->handle, &why);
	bury(dlc);
}

static void finish(struct rt_rfcomm_dlc *dlc, const struct rt_reason *reason,
		   enum rt_rfcomm_dlc_why why)
{
	struct rt_rfcomm_session *session = dlc->session;
	/* Or it asked for the DLC, and may want another one instead. */
	const bool by_peer = dlc->state == RT_RFCOMM_DLC_ASKED ||
			     (reason->layer == RT_LAYER_RFCOMM &&
			      (reason->code == RT_RFCOMM_PEER_DISC ||
			       reason->code == RT_RFCOMM_REFUSED));

	rt_rfcomm_stream_stop(dlc);
	rt_rfcomm_port_stop(dlc);
	dlc->why = *reason;
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_ENDED, why);
	rt_list_del(&dlc->node);
	dlc->session = NULL;
	settle(dlc);
	rt_rfcomm_session_left(session, by_peer);
}

void rt_rfcomm_dlc_end(struct rt_rfcomm_dlc *dlc, uint16_t code,
		       enum rt_rfcomm_dlc_why why)
{
	const bool by_packet = code != RT_RFCOMM_CLOSED &&
			       code != RT_RFCOMM_TIMEOUT_T1 &&
			       code != RT_RFCOMM_TIMEOUT_T2 &&
			       code != RT_RFCOMM_GATE_REFUSED &&
			       code != RT_RFCOMM_GATE_TIMEOUT;
	struct rt_reason reason;

	/* We are closing it: however the peer puts it, this is what we want. */
	if (dlc->state == RT_RFCOMM_DLC_DISC_SENT && by_packet)
		code = RT_RFCOMM_CLOSED;
	reason = rt_rfcomm_reason(dlc->rfcomm->env, code, phase_of(dlc->state),
				  dlc->began_us, by_packet);
	finish(dlc, &reason, why);
}

void rt_rfcomm_dlc_lost(struct rt_rfcomm_dlc *dlc, const struct rt_reason *why)
{
	/* The peer may close all instead of answering the last DISC. */
	if (dlc->state == RT_RFCOMM_DLC_DISC_SENT &&
	    !rt_rfcomm_reason_is_link(why))
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_CLOSED,
				  RT_RFCOMM_DLC_WHY_SESSION_LOST);
	else if (rt_rfcomm_reason_tells(why))
		finish(dlc, why, RT_RFCOMM_DLC_WHY_SESSION_LOST);
	else
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_SESSION_LOST,
				  RT_RFCOMM_DLC_WHY_SESSION_LOST);
}

bool rt_rfcomm_dlc_wait_again(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->state == RT_RFCOMM_DLC_WAIT)
		return true;
	if (dlc->waited_again || (dlc->state != RT_RFCOMM_DLC_PN_SENT &&
				  dlc->state != RT_RFCOMM_DLC_WAIT_GATE))
		return false;
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_WAIT,
			    RT_RFCOMM_DLC_WHY_SESSION_CLOSES);
	dlc->waited_again = true;
	dlc->dlci = 0;
	return true;
}

void rt_rfcomm_dlc_fail(struct rt_rfcomm_dlc *dlc, uint16_t code,
			enum rt_rfcomm_dlc_why why)
{
	rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DISC, dlc->dlci);
	rt_rfcomm_dlc_end(dlc, code, why);
}

void rt_rfcomm_dlc_drop(struct rt_rfcomm_dlc *dlc)
{
	dlc->rfcomm->stats.refused++;
	rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DM, dlc->dlci);
	rt_rfcomm_dlc_end(dlc, RT_RFCOMM_REFUSED, RT_RFCOMM_DLC_WHY_DROPPED);
}

void rt_rfcomm_dlc_block(struct rt_rfcomm_dlc *dlc,
			 const struct rt_reason *refusal, uint16_t code)
{
	const bool asked = dlc->state == RT_RFCOMM_DLC_ASKED;

	dlc->rfcomm->stats.refused += asked;
	rt_rfcomm_tx_frame(dlc->session, asked ? RT_RFCOMM_DM : RT_RFCOMM_DISC,
			   dlc->dlci);
	if (refusal->layer != RT_LAYER_NONE)
		finish(dlc, refusal, RT_RFCOMM_DLC_WHY_BLOCKED);
	else
		rt_rfcomm_dlc_end(dlc, code, RT_RFCOMM_DLC_WHY_BLOCKED);
}

bool rt_rfcomm_dlc_start(struct rt_rfcomm_dlc *dlc)
{
	const bool initiator = dlc->session->initiator;
	/* The direction bit of the peer's servers (R:5.4). */
	const uint8_t dlci = (uint8_t)(dlc->channel << 1 | !initiator);

	if (rt_rfcomm_session_find_dlc(dlc->session, dlci))
		return false;
	dlc->dlci = dlci;
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_PN_SENT,
			    RT_RFCOMM_DLC_WHY_SESSION_OPEN);
	rt_rfcomm_pn_propose(dlc);
	return true;
}

void rt_rfcomm_dlc_connect(struct rt_rfcomm_dlc *dlc,
			   enum rt_rfcomm_dlc_why why)
{
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_SABM_SENT, why);
	rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_SABM, dlc->dlci);
	rt_rfcomm_session_advance(dlc->session);
}

void rt_rfcomm_dlc_close(struct rt_rfcomm_dlc *dlc)
{
	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_WAIT:
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_CLOSED,
				  RT_RFCOMM_DLC_WHY_CLOSED);
		return;
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_SABM_SENT:
	case RT_RFCOMM_DLC_MSC:
	case RT_RFCOMM_DLC_OPEN:
		/* What was pulled is ahead of it in the channel. */
		rt_rfcomm_stream_stop(dlc);
		rt_rfcomm_port_stop(dlc);
		rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_DISC_SENT,
				    RT_RFCOMM_DLC_WHY_CLOSED);
		rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DISC, dlc->dlci);
		rt_rfcomm_session_advance(dlc->session);
		return;
	case RT_RFCOMM_DLC_NEGOTIATED:
	case RT_RFCOMM_DLC_ASKED:
		/* Instead of the answer to SABM. */
		rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DM, dlc->dlci);
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_CLOSED,
				  RT_RFCOMM_DLC_WHY_CLOSED);
		return;
	case RT_RFCOMM_DLC_DISC_SENT:
	case RT_RFCOMM_DLC_ENDED:
		return;
	}
}

static void opened(struct rt_rfcomm_dlc *dlc, enum rt_rfcomm_dlc_why why)
{
	struct rt_rfcomm *rfcomm = dlc->rfcomm;
	const rt_handle handle = dlc->handle;

	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_OPEN, why);
	dlc->msc_missing = !dlc->msc_seen;
	rt_rfcomm_port_opened(dlc);
	rt_rfcomm_stream_kick(dlc);
	dlc->ops->opened(dlc->user, handle);
	rt_rfcomm_port_tell(rfcomm, handle);
}

bool rt_rfcomm_dlc_open_early(struct rt_rfcomm_dlc *dlc)
{
	struct rt_rfcomm *rfcomm = dlc->rfcomm;
	const rt_handle handle = dlc->handle;

	opened(dlc, RT_RFCOMM_DLC_WHY_DATA);
	dlc = rt_slots_get(&rfcomm->slots, handle);
	return dlc && dlc->state == RT_RFCOMM_DLC_OPEN;
}

static void on_timer(struct rt_timer *timer)
{
	static const struct rt_reason no_reason = { .layer = RT_LAYER_NONE };
	struct rt_rfcomm_dlc *dlc =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_dlc, timer);

	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_PN_SENT:
		rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_TIMEOUT_T2,
				   RT_RFCOMM_DLC_WHY_T2);
		return;
	case RT_RFCOMM_DLC_SABM_SENT:
		/* DISC, lest the peer's late UA leave it with half a DLC. */
		rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_TIMEOUT_T1,
				   RT_RFCOMM_DLC_WHY_T1);
		return;
	case RT_RFCOMM_DLC_NEGOTIATED:
		rt_rfcomm_dlc_drop(dlc);
		return;
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_ASKED:
		rt_rfcomm_dlc_block(dlc, &no_reason, RT_RFCOMM_GATE_TIMEOUT);
		return;
	case RT_RFCOMM_DLC_MSC:
		if (dlc->msc_answered)
			opened(dlc, RT_RFCOMM_DLC_WHY_MSC_MISSING);
		else
			rt_rfcomm_dlc_fail(dlc, RT_RFCOMM_TIMEOUT_T2,
					   RT_RFCOMM_DLC_WHY_T2);
		return;
	case RT_RFCOMM_DLC_DISC_SENT:
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_TIMEOUT_T1,
				  RT_RFCOMM_DLC_WHY_T1);
		return;
	case RT_RFCOMM_DLC_ENDED:
		tell(dlc);
		return;
	case RT_RFCOMM_DLC_WAIT:
	case RT_RFCOMM_DLC_OPEN:
		return;
	}
}

/* Connected: the exchange of modem status follows (R:4.3). */
static void connected(struct rt_rfcomm_dlc *dlc, enum rt_rfcomm_dlc_why why)
{
	rt_rfcomm_dlc_enter(dlc, RT_RFCOMM_DLC_MSC, why);
	/* Without memory for it, T2 ends the DLC. */
	if (!rt_rfcomm_port_send_msc(dlc))
		rt_rfcomm_stream_aggregate(dlc->session);
}

void rt_rfcomm_dlc_accept(struct rt_rfcomm_dlc *dlc)
{
	rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_UA, dlc->dlci);
	connected(dlc, RT_RFCOMM_DLC_WHY_ACCEPTED);
}

/*
 * TS 07.10 would reset the DLC. Stacks disagree (UA, DM, silence); the same
 * answer again disturbs nothing. But if there were data, the peer has lost the
 * end of this connection: what it sends on the next is not the rest of this.
 */
static void on_sabm_again(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->rx_bytes == 0 && dlc->tx_bytes == 0) {
		rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_UA, dlc->dlci);
		return;
	}
	rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DM, dlc->dlci);
	rt_rfcomm_dlc_end(dlc, RT_RFCOMM_BEGUN_ANEW,
			  RT_RFCOMM_DLC_WHY_BEGUN_ANEW);
}

static void on_sabm(struct rt_rfcomm_dlc *dlc)
{
	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_NEGOTIATED:
		rt_rfcomm_gate_on_sabm(dlc);
		return;
	case RT_RFCOMM_DLC_ASKED:
		/* It will have its answer. */
		return;
	case RT_RFCOMM_DLC_SABM_SENT:
		/* It wants what we want. Our own UA is still to come. */
	case RT_RFCOMM_DLC_MSC:
	case RT_RFCOMM_DLC_OPEN:
		on_sabm_again(dlc);
		return;
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_DISC_SENT:
		rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_DM, dlc->dlci);
		return;
	case RT_RFCOMM_DLC_WAIT:
	case RT_RFCOMM_DLC_ENDED:
		return;
	}
}

static void on_ua(struct rt_rfcomm_dlc *dlc)
{
	if (dlc->state == RT_RFCOMM_DLC_SABM_SENT)
		connected(dlc, RT_RFCOMM_DLC_WHY_UA);
	else if (dlc->state == RT_RFCOMM_DLC_DISC_SENT)
		rt_rfcomm_dlc_end(dlc, RT_RFCOMM_CLOSED, RT_RFCOMM_DLC_WHY_UA);
	else
		dlc->rfcomm->stats.frames_unexpected++;
}

/* What it means for us that the peer sent DM or DISC. */
static uint16_t refusal_code(const struct rt_rfcomm_dlc *dlc)
{
	switch ((enum rt_rfcomm_dlc_state)dlc->state) {
	case RT_RFCOMM_DLC_WAIT:
	case RT_RFCOMM_DLC_PN_SENT:
	case RT_RFCOMM_DLC_WAIT_GATE:
	case RT_RFCOMM_DLC_SABM_SENT:
		return RT_RFCOMM_REFUSED;
	case RT_RFCOMM_DLC_NEGOTIATED:
	case RT_RFCOMM_DLC_ASKED:
	case RT_RFCOMM_DLC_MSC:
	case RT_RFCOMM_DLC_OPEN:
	case RT_RFCOMM_DLC_DISC_SENT:
	case RT_RFCOMM_DLC_ENDED:
		break;
	}
	return RT_RFCOMM_PEER_DISC;
}

void rt_rfcomm_dlc_on_frame(struct rt_rfcomm_dlc *dlc,
			    const struct rt_rfcomm_frame *frame)
{
	switch ((enum rt_rfcomm_frame_type)frame->type) {
	case RT_RFCOMM_SABM:
		on_sabm(dlc);
		return;
	case RT_RFCOMM_UA:
		on_ua(dlc);
		return;
	case RT_RFCOMM_DM:
		rt_rfcomm_dlc_end(dlc, refusal_code(dlc), RT_RFCOMM_DLC_WHY_DM);
		return;
	case RT_RFCOMM_DISC:
		/* Crossing ours, too: each side has answered the other. */
		rt_rfcomm_tx_frame(dlc->session, RT_RFCOMM_UA, dlc->dlci);
		rt_rfcomm_dlc_end(dlc, refusal_code(dlc),
				  RT_RFCOMM_DLC_WHY_DISC);
		return;
	case RT_RFCOMM_UIH:
		rt_rfcomm_stream_rx(dlc, frame);
		return;
	}
}

void rt_rfcomm_dlc_on_msc(struct rt_rfcomm_dlc *dlc,
			  const struct rt_rfcomm_mcc_msc *msc)
{
	dlc->msc_seen = true;
	dlc->msc_missing = false;
	dlc->flow.stopped = msc->signals & RT_RFCOMM_V24_FC;
	rt_rfcomm_port_on_msc(dlc, msc);
	if (dlc->state == RT_RFCOMM_DLC_MSC && dlc->msc_answered) {
		opened(dlc, RT_RFCOMM_DLC_WHY_MSC_BOTH);
		return;
	}
	rt_rfcomm_stream_kick(dlc);
	rt_rfcomm_port_tell(dlc->rfcomm, dlc->handle);
}

void rt_rfcomm_dlc_on_msc_answer(struct rt_rfcomm_dlc *dlc)
{
	if (!rt_rfcomm_port_on_msc_answer(dlc)) {
		dlc->rfcomm->stats.frames_unexpected++;
		return;
	}
	if (dlc->state != RT_RFCOMM_DLC_MSC) {
		rt_rfcomm_stream_kick(dlc);
		return;
	}
	dlc->msc_answered = true;
	if (dlc->msc_seen)
		opened(dlc, RT_RFCOMM_DLC_WHY_MSC_BOTH);
	else
		rt_env_arm(dlc->rfcomm->env, &dlc->timer, RT_RFCOMM_T2_US);
}

void rt_rfcomm_dlc_completed(struct rt_rfcomm *rfcomm,
			     const struct rt_done *done, bool written)
{
	struct rt_rfcomm_dlc *dlc = rt_slots_get(&rfcomm->slots, done->dlc);

	if (!dlc)
		return;
	dlc->pulled--;
	if (dlc->ops)
		dlc->ops->completed(dlc->user, dlc->handle, done, written);
	dlc = rt_slots_get(&rfcomm->slots, done->dlc);
	if (dlc && dlc->state == RT_RFCOMM_DLC_ENDED)
		settle(dlc);
}

void rt_rfcomm_dlc_get_info(const struct rt_rfcomm_dlc *dlc,
			    struct rt_rfcomm_info *ret_info)
{
	*ret_info = (struct rt_rfcomm_info){
		.peer = dlc->peer,
		.incoming = dlc->incoming,
		.open = dlc->state == RT_RFCOMM_DLC_OPEN,
		.suspended = dlc->suspended,
		.channel = dlc->channel,
		.dlci = dlc->dlci,
		.frame_bytes = dlc->flow.tx_frame_bytes,
		.credit_flow = dlc->flow.credits,
		.msc_missing = dlc->msc_missing,
		.tx_credits = dlc->flow.credits ? dlc->flow.tx : 0,
		.rx_credits = dlc->flow.credits ? dlc->flow.rx : 0,
		.tx_frames = dlc->tx_frames,
		.rx_frames = dlc->rx_frames,
		.tx_bytes = dlc->tx_bytes,
		.rx_bytes = dlc->rx_bytes,
		.stalls = dlc->stalls,
		.ours = dlc->port.ours,
		.peers = dlc->port.peers,
		.line = dlc->port.line,
	};
	ret_info->stalled_credits_us =
		rt_rfcomm_stream_stalled_us(dlc, RT_RFCOMM_STALL_CREDITS);
	ret_info->stalled_peer_us =
		rt_rfcomm_stream_stalled_us(dlc, RT_RFCOMM_STALL_PEER);
	ret_info->stalled_us =
		ret_info->stalled_credits_us + ret_info->stalled_peer_us;
}
