/* SPDX-License-Identifier: MIT */
#include "l2cap/ertm.h"

#include <errno.h>

#include "l2cap/ertm_queue.h"
#include "l2cap/ertm_rx.h"
#include "l2cap/ertm_tx.h"
#include "l2cap/mode.h"

static struct rt_env *env_of(const struct rt_l2cap_ertm *e)
{
	return e->chan->l2cap->env;
}

void rt_l2cap_ertm_clock_set(struct rt_l2cap_ertm_clock *clock, bool on,
			     uint64_t now_us)
{
	if (clock->on == on)
		return;
	if (clock->on)
		clock->total_us += now_us - clock->since_us;
	clock->on = on;
	clock->since_us = now_us;
}

static uint64_t clock_read(const struct rt_l2cap_ertm_clock *clock,
			   uint64_t now_us)
{
	return clock->total_us + (clock->on ? now_us - clock->since_us : 0);
}

void rt_l2cap_ertm_fail(struct rt_l2cap_ertm *e, uint16_t code)
{
	if (e->failed == 0)
		e->failed = code;
}

void rt_l2cap_ertm_retry(struct rt_l2cap_ertm *e)
{
	if (!e->resume.armed)
		rt_env_arm(env_of(e), &e->resume,
			   RT_MS(RT_L2CAP_ERTM_RETRY_MS));
}

static bool is_srej(const struct rt_l2cap_control *control)
{
	return control->supervisory && control->function == RT_L2CAP_SREJ;
}

/* What the peer knows of us when it has the frame. */
static void note_sent(struct rt_l2cap_ertm *e,
		      const struct rt_l2cap_control *control)
{
	if (!is_srej(control))
		rt_l2cap_ertm_queue_acked(e);
	if (control->final) {
		e->tx.owes_final = false;
		e->tx.final_is_frame = false;
	}
	if (!control->supervisory)
		return;
	if (control->function == RT_L2CAP_RNR)
		e->rx.told_busy = true;
	else if (control->poll)
		e->rx.told_busy = false;
}

void rt_l2cap_ertm_put(struct rt_l2cap_ertm *e,
		       struct rt_l2cap_control *control, struct rt_pdu *pdu)
{
	if (!is_srej(control))
		control->req_seq = e->rx.buffer_seq;
	rt_l2cap_control_put(e->chan, control, pdu);
	note_sent(e, control);
}

/* Send IorRRorRNR (F=1); in SREJ_SENT, SREJ takes the place of RR. */
static bool pull_final(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_control control = {
		.supervisory = true,
		.function = RT_L2CAP_RR,
		.final = true,
	};
	struct rt_l2cap_chan *chan = e->chan;

	if (!e->tx.owes_final)
		return false;
	if (rt_l2cap_ertm_tx_pull_final(e, pdu) ||
	    rt_l2cap_ertm_rx_pull_final(e, pdu) ||
	    rt_l2cap_ertm_tx_pull_new(e, true, pdu))
		return true;
	if (!chan->mode_state)
		return false;
	rt_l2cap_ertm_put(e, &control, pdu);
	return true;
}

static bool pull_any(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_chan *chan = e->chan;

	if (pull_final(e, pdu))
		return true;
	if (!chan->mode_state)
		return false;
	if (rt_l2cap_ertm_rx_pull_request(e, pdu) ||
	    rt_l2cap_ertm_tx_pull_poll(e, pdu) ||
	    rt_l2cap_ertm_tx_pull_again(e, pdu) ||
	    rt_l2cap_ertm_tx_pull_new(e, false, pdu))
		return true;
	return chan->mode_state && rt_l2cap_ertm_rx_pull_ack(e, pdu);
}

static bool pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	const bool pulled = pull_any(chan->mode_state, pdu);

	if (chan->mode_state)
		rt_l2cap_ertm_tx_settle(chan->mode_state);
	return pulled;
}

/* What is there of a channel after a call of its user. */
static struct rt_l2cap_ertm *look_up(const struct rt_l2cap *l2cap,
				     rt_handle handle)
{
	const struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, handle);

	return chan ? chan->mode_state : NULL;
}

static void tell_written(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct rt_l2cap_ertm *e;
	struct rt_l2cap_sdu *sdu;
	struct rt_done done;

	while ((e = look_up(l2cap, handle)) &&
	       (sdu = RT_LIST_FIRST(&e->tx.written, struct rt_l2cap_sdu,
				    node))) {
		done = sdu->pdu.done;
		rt_list_del(&sdu->node);
		rt_env_free(l2cap->env, sdu->pdu.owned);
		rt_env_free(l2cap->env, sdu);
		rt_l2cap_sdu_completed(e->chan, &done, true);
	}
}

static void deliver(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct rt_l2cap_whole whole;
	struct rt_l2cap_ertm *e;
	int ret;

	while ((e = look_up(l2cap, handle))) {
		ret = rt_l2cap_ertm_queue_take(e, &whole);
		if (ret < 0)
			rt_l2cap_ertm_fail(e, RT_L2CAP_BAD_PEER);
		if (ret <= 0)
			return;
		/* The user may read on after it has ended the channel. */
		rt_l2cap_sdu_deliver(e->chan, whole.sdu);
		rt_env_free(l2cap->env, whole.memory);
	}
}

void rt_l2cap_ertm_settle(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap *l2cap = e->chan->l2cap;
	const rt_handle handle = e->chan->handle;

	tell_written(l2cap, handle);
	deliver(l2cap, handle);
	e = look_up(l2cap, handle);
	if (!e)
		return;
	if (e->failed != 0) {
		rt_l2cap_mode_fail(e->chan, e->failed);
		return;
	}
	rt_l2cap_ertm_rx_update_busy(e);
	rt_l2cap_ertm_tx_settle(e);
	if (rt_l2cap_ertm_tx_has_work(e) || rt_l2cap_ertm_rx_has_work(e))
		rt_l2cap_mode_ready(e->chan);
}

static void on_resume(struct rt_timer *timer)
{
	rt_l2cap_ertm_settle(
		RT_CONTAINER_OF(timer, struct rt_l2cap_ertm, resume));
}

static void drop(const struct rt_l2cap_ertm *e, const char *why)
{
	rt_log(env_of(e), RT_LOG_WARNING, "chan 0x%04x: %s: dropped",
	       e->chan->scid, why);
}

/*
 * REJ or SREJ, the same as the frame before it: nothing has happened since
 * that would make the peer ask again, unless we have polled. Each asks for one
 * transmission.
 */
static bool is_repeated(const struct rt_l2cap_ertm *e,
			const struct rt_l2cap_control *control)
{
	const struct rt_l2cap_control *last = &e->rx.last;

	return e->rx.has_last && control->supervisory && last->supervisory &&
	       (control->function == RT_L2CAP_REJ ||
		control->function == RT_L2CAP_SREJ) &&
	       control->function == last->function &&
	       control->req_seq == last->req_seq &&
	       control->poll == last->poll && control->final == last->final;
}

/* A whole frame with the right FCS. */
static void on_frame(struct rt_l2cap_ertm *e,
		     const struct rt_l2cap_control *as_sent,
		     struct rt_bytes payload)
{
	struct rt_l2cap_control control = *as_sent;
	bool repeated;

	/* F is valid as the answer to a poll that has left. */
	if (e->tx.state != RT_L2CAP_ERTM_WAIT_F || e->tx.owes_poll)
		control.final = false;
	repeated = !control.final && is_repeated(e, as_sent);
	if (repeated) {
		drop(e, "repeated request");
	} else if (rt_l2cap_ertm_tx_refuses(e, &control)) {
		rt_l2cap_ertm_fail(e, RT_L2CAP_BAD_PEER);
	} else {
		rt_l2cap_ertm_rx_event(e,
				       rt_l2cap_ertm_rx_classify(e, &control),
				       &control, payload);
	}
	e->rx.has_last = true;
	e->rx.last = *as_sent;
	rt_l2cap_ertm_settle(e);
}

static void rx(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct rt_l2cap_ertm *e = chan->mode_state;
	struct rt_l2cap_control control;
	const int ret = rt_l2cap_control_take(chan, &payload, &control);

	if (ret == -EILSEQ)
		e->rx.bad_fcs++;
	else if (ret < 0)
		drop(e, "malformed frame");
	else
		on_frame(e, &control, payload);
}

/* More room is looked at on a fresh stack: this is a call of the user. */
static void room(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_ertm *e = chan->mode_state;

	if (!rt_l2cap_ertm_queue_has_room(e)) {
		rt_l2cap_ertm_rx_update_busy(e);
		if (rt_l2cap_ertm_rx_has_work(e))
			rt_l2cap_mode_ready(chan);
	} else if (e->rx.local_busy) {
		rt_env_stop(env_of(e), &e->resume);
		rt_env_arm(env_of(e), &e->resume, 0);
	}
}

static void suspend(struct rt_l2cap_chan *chan)
{
	rt_l2cap_ertm_tx_suspend(chan->mode_state);
	rt_l2cap_ertm_rx_suspend(chan->mode_state);
}

static void resume(struct rt_l2cap_chan *chan)
{
	rt_l2cap_ertm_tx_resume(chan->mode_state);
	rt_l2cap_ertm_rx_resume(chan->mode_state);
}

static int begin_new(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_ertm *e = rt_env_alloc(chan->l2cap->env, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->chan = chan;
	rt_timer_init(&e->resume, on_resume);
	rt_l2cap_ertm_tx_init(e);
	rt_l2cap_ertm_rx_init(e);
	chan->mode_state = e;
	return 0;
}

/* Configured anew, the channel goes on where it stands. */
static int begin(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_agreed *agreed = &chan->agreed;
	struct rt_l2cap_ertm *e;
	int ret = 0;

	if (!chan->mode_state)
		ret = begin_new(chan);
	if (ret < 0)
		return ret;
	e = chan->mode_state;
	e->seq_max =
		agreed->extended ? RT_L2CAP_SEQ_EXTENDED_MAX : RT_L2CAP_SEQ_MAX;
	e->tx.shrunk = rt_l2cap_ertm_tx_unacked(e) > rt_l2cap_ertm_tx_window(e);
	chan->rx_limit = rt_l2cap_control_limit(chan);
	rt_l2cap_ertm_rx_update_busy(e);
	return 0;
}

static void end(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_ertm *e = chan->mode_state;

	chan->mode_state = NULL;
	rt_env_stop(env_of(e), &e->resume);
	rt_l2cap_ertm_rx_fini(e);
	rt_l2cap_ertm_tx_fini(e);
	rt_env_free(env_of(e), e);
}

static void info(const struct rt_l2cap_chan *chan,
		 struct rt_l2cap_info *ret_info)
{
	const struct rt_l2cap_ertm *e = chan->mode_state;
	const uint64_t now_us = env_of(e)->now_us;

	ret_info->tx_frames = e->tx.frames;
	ret_info->rx_frames = e->rx.frames;
	ret_info->retransmitted = e->tx.retransmitted;
	ret_info->rx_bad_fcs = e->rx.bad_fcs;
	ret_info->rx_duplicates = e->rx.duplicates;
	ret_info->polls = e->tx.polls;
	ret_info->stalled_peer_us = clock_read(&e->tx.stalled, now_us);
	ret_info->busy_us = clock_read(&e->rx.busy, now_us);
}

const char *rt_l2cap_ertm_check(const struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_ertm *e = chan->mode_state;
	const char *fault;

	if (chan->mode != &rt_l2cap_ertm_ops)
		return NULL;
	if (e->failed != 0)
		return "a channel that has failed is closed";
	fault = rt_l2cap_ertm_tx_check(e);
	return fault ? fault : rt_l2cap_ertm_rx_check(e);
}

const struct rt_l2cap_mode_ops rt_l2cap_ertm_ops = {
	.begin = begin,
	.end = end,
	.rx = rx,
	.pull = pull,
	.suspend = suspend,
	.resume = resume,
	.may_lose = true,
	.room = room,
	.info = info,
};
