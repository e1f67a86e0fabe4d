/* SPDX-License-Identifier: MIT */
#include "l2cap/ertm_rx.h"

#include <assert.h>

#include "l2cap/ertm_queue.h"
#include "l2cap/ertm_tx.h"

#define B(name) (1U << RT_L2CAP_ERTM_##name)

static const struct {
	const char *name;
	uint32_t next; /* bits: states that may follow */
} states[] = {
#define TX_STATE(name, next)
#define TX_EVENT(name)
#define RX_STATE(name, next) { #name, next },
#define RX_EVENT(name)
#include "l2cap/ertm.def"
#undef TX_STATE
#undef TX_EVENT
#undef RX_STATE
#undef RX_EVENT
};

static struct rt_env *env_of(const struct rt_l2cap_ertm *e)
{
	return e->chan->l2cap->env;
}

static void enter(struct rt_l2cap_ertm *e, enum rt_l2cap_ertm_rx_state to)
{
	assert(states[e->rx.state].next & 1U << to);
	rt_log(env_of(e), RT_LOG_DEBUG, "chan 0x%04x %s -> %s", e->chan->scid,
	       states[e->rx.state].name, states[to].name);
	e->rx.state = to;
}

/*
 * True if one frame alone is missing, and may be asked for by SREJ.
 *
 * With the largest window a frame that the peer repeats, not knowing that we
 * have acknowledged it, may look like the second one of the next round. SREJ
 * would have it kept as that; REJ does no harm.
 */
static bool may_ask_alone(const struct rt_l2cap_ertm *e,
			  const struct rt_l2cap_control *control)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;

	return rt_l2cap_ertm_steps(e, rx->expected_tx_seq, control->tx_seq) ==
		       1 &&
	       rx->srej_count < RT_L2CAP_ERTM_SREJ_MAX &&
	       (e->chan->agreed.rx_window < e->seq_max ||
		rx->frames < e->seq_max);
}

/* PassToTx */
static void pass_to_tx(struct rt_l2cap_ertm *e,
		       const struct rt_l2cap_control *control)
{
	rt_l2cap_ertm_tx_event(e, RT_L2CAP_ERTM_RECV_REQSEQ_AND_FBIT, control);
}

/*
 * The same for frames whose F says: what you sent before the poll and I have
 * not acknowledged, I have not got. Unless REJ has said so already.
 */
static void pass_final_to_tx(struct rt_l2cap_ertm *e,
			     const struct rt_l2cap_control *control)
{
	const bool done = e->tx.rej_actioned;

	pass_to_tx(e, control);
	if (!control->final)
		return;
	e->tx.rej_actioned = false;
	if (!done)
		rt_l2cap_ertm_tx_again_all(e);
}

static void on_poll(struct rt_l2cap_ertm *e,
		    const struct rt_l2cap_control *control)
{
	if (control->poll)
		e->tx.owes_final = true;
}

static void on_rr(struct rt_l2cap_ertm *e,
		  const struct rt_l2cap_control *control)
{
	e->tx.remote_busy = false;
	pass_final_to_tx(e, control);
	on_poll(e, control);
}

static void on_rej(struct rt_l2cap_ertm *e,
		   const struct rt_l2cap_control *control)
{
	e->tx.remote_busy = false;
	pass_final_to_tx(e, control);
	on_poll(e, control);
	if (control->final)
		return;
	rt_l2cap_ertm_tx_again_all(e);
	e->tx.rej_actioned = e->tx.state == RT_L2CAP_ERTM_WAIT_F;
}

static void on_rnr(struct rt_l2cap_ertm *e,
		   const struct rt_l2cap_control *control)
{
	e->tx.remote_busy = true;
	pass_to_tx(e, control);
	on_poll(e, control);
}

/* Its ReqSeq acknowledges only if it is a poll. */
static void on_srej(struct rt_l2cap_ertm *e,
		    const struct rt_l2cap_control *control)
{
	struct rt_l2cap_ertm_tx *tx = &e->tx;
	const bool done =
		tx->srej_actioned && tx->srej_save_req_seq == control->req_seq;

	tx->remote_busy = false;
	if (control->poll) {
		pass_to_tx(e, control);
		tx->owes_final = true;
		tx->final_is_frame = true;
		tx->final_seq = control->req_seq;
	} else {
		rt_l2cap_ertm_tx_event(e, RT_L2CAP_ERTM_RECV_FBIT, control);
	}
	if (control->final && done) {
		tx->srej_actioned = false;
		return;
	}
	rt_l2cap_ertm_tx_again(e, control->req_seq);
	if (!control->final && tx->state == RT_L2CAP_ERTM_WAIT_F) {
		tx->srej_actioned = true;
		tx->srej_save_req_seq = control->req_seq;
	}
}

/* 8.6.5, state RECV */
static void in_recv(struct rt_l2cap_ertm *e, enum rt_l2cap_ertm_rx_event event,
		    const struct rt_l2cap_control *control,
		    struct rt_bytes payload)
{
	switch (event) {
	case RT_L2CAP_ERTM_RECV_I_EXPECTED:
		pass_final_to_tx(e, control);
		(void)rt_l2cap_ertm_queue_accept(e, control, payload);
		return;
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED:
		pass_final_to_tx(e, control);
		if (e->rx.local_busy)
			return;
		if (may_ask_alone(e, control) &&
		    rt_l2cap_ertm_queue_skip(e, control, payload)) {
			enter(e, RT_L2CAP_ERTM_SREJ_SENT);
			return;
		}
		e->rx.owes_rej = true;
		enter(e, RT_L2CAP_ERTM_REJ_SENT);
		return;
	case RT_L2CAP_ERTM_RECV_I_EXPECTED_SREJ:
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED_SREJ:
		/* Nothing was asked for by SREJ. */
	case RT_L2CAP_ERTM_RECV_I_DUPLICATE:
		pass_final_to_tx(e, control);
		e->rx.duplicates++;
		return;
	case RT_L2CAP_ERTM_RECV_I_INVALID:
		rt_l2cap_ertm_fail(e, RT_L2CAP_BAD_PEER);
		return;
	case RT_L2CAP_ERTM_RECV_RR:
		on_rr(e, control);
		return;
	case RT_L2CAP_ERTM_RECV_REJ:
		on_rej(e, control);
		return;
	case RT_L2CAP_ERTM_RECV_RNR:
		on_rnr(e, control);
		return;
	case RT_L2CAP_ERTM_RECV_SREJ:
		on_srej(e, control);
		return;
	}
}

/* 8.6.5, state REJ_SENT: as RECV, but later frames are of no use. */
static void in_rej_sent(struct rt_l2cap_ertm *e,
			enum rt_l2cap_ertm_rx_event event,
			const struct rt_l2cap_control *control,
			struct rt_bytes payload)
{
	switch (event) {
	case RT_L2CAP_ERTM_RECV_I_EXPECTED:
		pass_final_to_tx(e, control);
		if (!rt_l2cap_ertm_queue_accept(e, control, payload))
			return;
		e->rx.owes_rej = false;
		enter(e, RT_L2CAP_ERTM_RECV);
		return;
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED:
		pass_final_to_tx(e, control);
		return;
	case RT_L2CAP_ERTM_RECV_I_EXPECTED_SREJ:
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED_SREJ:
	case RT_L2CAP_ERTM_RECV_I_DUPLICATE:
	case RT_L2CAP_ERTM_RECV_I_INVALID:
	case RT_L2CAP_ERTM_RECV_RR:
	case RT_L2CAP_ERTM_RECV_REJ:
	case RT_L2CAP_ERTM_RECV_RNR:
	case RT_L2CAP_ERTM_RECV_SREJ:
		in_recv(e, event, control, payload);
		return;
	}
}

static void on_missing(struct rt_l2cap_ertm *e,
		       const struct rt_l2cap_control *control,
		       struct rt_bytes payload)
{
	if (rt_l2cap_ertm_queue_fill(e, control, payload) &&
	    e->rx.srej_count == 0)
		enter(e, RT_L2CAP_ERTM_RECV);
}

/* 8.6.5, state SREJ_SENT */
static void in_srej_sent(struct rt_l2cap_ertm *e,
			 enum rt_l2cap_ertm_rx_event event,
			 const struct rt_l2cap_control *control,
			 struct rt_bytes payload)
{
	switch (event) {
	case RT_L2CAP_ERTM_RECV_I_EXPECTED:
		pass_final_to_tx(e, control);
		(void)rt_l2cap_ertm_queue_accept(e, control, payload);
		return;
	case RT_L2CAP_ERTM_RECV_I_EXPECTED_SREJ:
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED_SREJ:
		pass_final_to_tx(e, control);
		on_missing(e, control, payload);
		return;
	case RT_L2CAP_ERTM_RECV_I_UNEXPECTED:
		pass_final_to_tx(e, control);
		if (!e->rx.local_busy && may_ask_alone(e, control))
			(void)rt_l2cap_ertm_queue_skip(e, control, payload);
		return;
	case RT_L2CAP_ERTM_RECV_RNR:
		on_rnr(e, control);
		if (!control->poll)
			rt_l2cap_ertm_queue_owe_ack(e);
		return;
	case RT_L2CAP_ERTM_RECV_I_DUPLICATE:
	case RT_L2CAP_ERTM_RECV_I_INVALID:
	case RT_L2CAP_ERTM_RECV_RR:
	case RT_L2CAP_ERTM_RECV_REJ:
	case RT_L2CAP_ERTM_RECV_SREJ:
		in_recv(e, event, control, payload);
		return;
	}
}

void rt_l2cap_ertm_rx_event(struct rt_l2cap_ertm *e,
			    enum rt_l2cap_ertm_rx_event event,
			    const struct rt_l2cap_control *control,
			    struct rt_bytes payload)
{
	switch (e->rx.state) {
	case RT_L2CAP_ERTM_RECV:
		in_recv(e, event, control, payload);
		return;
	case RT_L2CAP_ERTM_REJ_SENT:
		in_rej_sent(e, event, control, payload);
		return;
	case RT_L2CAP_ERTM_SREJ_SENT:
		in_srej_sent(e, event, control, payload);
		return;
	}
}

/* The I-frame that came just before has come once more. */
static bool is_repeated(const struct rt_l2cap_ertm_rx *rx, uint16_t tx_seq)
{
	return rx->has_last && !rx->last.supervisory &&
	       rx->last.tx_seq == tx_seq;
}

static enum rt_l2cap_ertm_rx_event classify_i(const struct rt_l2cap_ertm *e,
					      uint16_t tx_seq)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;
	const uint16_t window = e->chan->agreed.rx_window;
	const uint16_t ahead = rt_l2cap_ertm_steps(e, rx->acked_seq, tx_seq);
	const uint16_t behind =
		rt_l2cap_ertm_steps(e, tx_seq, rx->expected_tx_seq);
	const int missing = rt_l2cap_ertm_queue_missing(e, tx_seq);

	if (is_repeated(rx, tx_seq) && tx_seq != rx->expected_tx_seq &&
	    missing < 0)
		return RT_L2CAP_ERTM_RECV_I_DUPLICATE;
	/* Sent before the peer knew how far we have acknowledged. */
	if (ahead >= window)
		return behind > 0 && behind <= window
			       ? RT_L2CAP_ERTM_RECV_I_DUPLICATE
			       : RT_L2CAP_ERTM_RECV_I_INVALID;
	if (tx_seq == rx->expected_tx_seq)
		return RT_L2CAP_ERTM_RECV_I_EXPECTED;
	if (missing >= 0)
		return missing == 0 ? RT_L2CAP_ERTM_RECV_I_EXPECTED_SREJ
				    : RT_L2CAP_ERTM_RECV_I_UNEXPECTED_SREJ;
	if (ahead < rt_l2cap_ertm_steps(e, rx->acked_seq, rx->expected_tx_seq))
		return RT_L2CAP_ERTM_RECV_I_DUPLICATE;
	return RT_L2CAP_ERTM_RECV_I_UNEXPECTED;
}

enum rt_l2cap_ertm_rx_event
rt_l2cap_ertm_rx_classify(const struct rt_l2cap_ertm *e,
			  const struct rt_l2cap_control *control)
{
	if (!control->supervisory)
		return classify_i(e, control->tx_seq);
	switch (control->function) {
	case RT_L2CAP_RR:
		return RT_L2CAP_ERTM_RECV_RR;
	case RT_L2CAP_REJ:
		return RT_L2CAP_ERTM_RECV_REJ;
	case RT_L2CAP_RNR:
		return RT_L2CAP_ERTM_RECV_RNR;
	case RT_L2CAP_SREJ:
		return RT_L2CAP_ERTM_RECV_SREJ;
	}
	return RT_L2CAP_ERTM_RECV_RR;
}

void rt_l2cap_ertm_rx_update_busy(struct rt_l2cap_ertm *e)
{
	const bool busy = !rt_l2cap_ertm_queue_has_room(e) || e->rx.no_memory;

	if (busy == e->rx.local_busy)
		return;
	e->rx.local_busy = busy;
	rt_l2cap_ertm_clock_set(&e->rx.busy, busy, env_of(e)->now_us);
	rt_l2cap_ertm_tx_event(e,
			       busy ? RT_L2CAP_ERTM_LOCAL_BUSY_DETECTED
				    : RT_L2CAP_ERTM_LOCAL_BUSY_CLEAR,
			       NULL);
}

bool rt_l2cap_ertm_rx_has_work(const struct rt_l2cap_ertm *e)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;

	if (rx->local_busy)
		return rx->owes_ack || !rx->told_busy;
	return rx->owes_ack || rx->srej_owed > 0 || rx->owes_rej;
}

static void put_s(struct rt_l2cap_ertm *e, enum rt_l2cap_function function,
		  bool final, struct rt_pdu *pdu)
{
	struct rt_l2cap_control control = {
		.supervisory = true,
		.function = function,
		.final = final,
	};

	rt_l2cap_ertm_put(e, &control, pdu);
}

static void put_srej(struct rt_l2cap_ertm *e, uint16_t tx_seq, bool final,
		     struct rt_pdu *pdu)
{
	struct rt_l2cap_control control = {
		.supervisory = true,
		.function = RT_L2CAP_SREJ,
		.final = final,
		.req_seq = tx_seq,
	};

	rt_l2cap_ertm_put(e, &control, pdu);
}

bool rt_l2cap_ertm_rx_pull_final(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;
	uint16_t seq;

	if (rx->local_busy) {
		put_s(e, RT_L2CAP_RNR, true, pdu);
		return true;
	}
	/* One frame that says both: either alone has all sent again. */
	if (rx->owes_rej) {
		rx->owes_rej = false;
		put_s(e, RT_L2CAP_REJ, true, pdu);
		return true;
	}
	if (rx->state != RT_L2CAP_ERTM_SREJ_SENT)
		return false;
	seq = rx->srej_owed > 0 ? rt_l2cap_ertm_queue_next_missing(e)
				: rx->srej[rx->srej_count - 1];
	put_srej(e, seq, rx->srej_owed == 0, pdu);
	return true;
}

bool rt_l2cap_ertm_rx_pull_request(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;

	if (rx->local_busy && rx->told_busy)
		return false;
	if (rx->local_busy) {
		put_s(e, RT_L2CAP_RNR, false, pdu);
	} else if (rx->srej_owed > 0) {
		put_srej(e, rt_l2cap_ertm_queue_next_missing(e), false, pdu);
	} else if (rx->owes_rej) {
		rx->owes_rej = false;
		put_s(e, RT_L2CAP_REJ, false, pdu);
	} else {
		return false;
	}
	return true;
}

bool rt_l2cap_ertm_rx_pull_ack(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	if (!e->rx.owes_ack)
		return false;
	put_s(e, e->rx.local_busy ? RT_L2CAP_RNR : RT_L2CAP_RR, false, pdu);
	return true;
}

static void on_ack(struct rt_timer *timer)
{
	struct rt_l2cap_ertm *e =
		RT_CONTAINER_OF(timer, struct rt_l2cap_ertm, rx.ack);

	rt_l2cap_ertm_queue_owe_ack(e);
	rt_l2cap_ertm_settle(e);
}

void rt_l2cap_ertm_rx_init(struct rt_l2cap_ertm *e)
{
	rt_list_init(&e->rx.kept);
	rt_timer_init(&e->rx.ack, on_ack);
}

void rt_l2cap_ertm_rx_suspend(struct rt_l2cap_ertm *e)
{
	rt_env_stop(env_of(e), &e->rx.ack);
}

void rt_l2cap_ertm_rx_resume(struct rt_l2cap_ertm *e)
{
	if (e->rx.acked_seq != e->rx.buffer_seq)
		rt_l2cap_ertm_queue_owe_ack(e);
}

void rt_l2cap_ertm_rx_fini(struct rt_l2cap_ertm *e)
{
	rt_env_stop(env_of(e), &e->rx.ack);
	rt_l2cap_ertm_queue_free(e);
}

const char *rt_l2cap_ertm_rx_check(const struct rt_l2cap_ertm *e)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;
	const bool unacked = rx->acked_seq != rx->buffer_seq;

	if (rt_l2cap_ertm_steps(e, rx->acked_seq, rx->expected_tx_seq) >
	    e->chan->agreed.rx_window)
		return "no more is received than the window";
	if ((rx->state == RT_L2CAP_ERTM_SREJ_SENT) != (rx->srej_count > 0))
		return "in SREJ_SENT something is asked for, and only there";
	if (rx->owes_rej && rx->state != RT_L2CAP_ERTM_REJ_SENT)
		return "REJ is owed in REJ_SENT alone";
	if (rx->ack.armed != (unacked && !rx->owes_ack && !e->chan->suspended))
		return "the acknowledgement timer runs exactly while one waits";
	if (rx->has_fresh)
		return "no payload is kept beyond the frame";
	if (!rx->local_busy && !rt_l2cap_ertm_queue_has_room(e))
		return "without room we are busy";
	if (rx->local_busy && rt_l2cap_ertm_queue_has_room(e) &&
	    !rx->no_memory && !e->resume.armed)
		return "with room we are not busy";
	return rt_l2cap_ertm_queue_check(e);
}
