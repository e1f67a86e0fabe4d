/* SPDX-License-Identifier: MIT */
#include "l2cap/ertm_tx.h"

#include <assert.h>

#include "l2cap/ertm_rx.h"

#define B(name) (1U << RT_L2CAP_ERTM_##name)

static const struct {
	const char *name;
	uint32_t next; /* bits: states that may follow */
} states[] = {
#define TX_STATE(name, next) { #name, next },
#define TX_EVENT(name)
#define RX_STATE(name, next)
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

static void enter(struct rt_l2cap_ertm *e, enum rt_l2cap_ertm_tx_state to)
{
	assert(states[e->tx.state].next & 1U << to);
	rt_log(env_of(e), RT_LOG_DEBUG, "chan 0x%04x %s -> %s", e->chan->scid,
	       states[e->tx.state].name, states[to].name);
	e->tx.state = to;
}

uint16_t rt_l2cap_ertm_tx_unacked(const struct rt_l2cap_ertm *e)
{
	return rt_l2cap_ertm_steps(e, e->tx.expected_ack_seq,
				   e->tx.next_tx_seq);
}

uint16_t rt_l2cap_ertm_tx_window(const struct rt_l2cap_ertm *e)
{
	const uint32_t limit = env_of(e)->limits.ertm_window;
	uint16_t window = RT_MIN(e->chan->agreed.tx_window, e->seq_max);

	window = (uint16_t)RT_MIN(window, limit);
	return RT_MAX(window, 1);
}

static struct rt_l2cap_ertm_frame *first_unacked(const struct rt_l2cap_ertm *e)
{
	return RT_LIST_FIRST(&e->tx.unacked, struct rt_l2cap_ertm_frame, node);
}

static struct rt_l2cap_ertm_frame *find(const struct rt_l2cap_ertm *e,
					uint16_t tx_seq)
{
	struct rt_l2cap_ertm_frame *frame;

	RT_LIST_EACH (frame, &e->tx.unacked, node) {
		if (frame->tx_seq == tx_seq)
			return frame;
	}
	return NULL;
}

/* Start-RetransTimer: anew, also if it runs. */
static void start_retransmission(struct rt_l2cap_ertm *e)
{
	rt_env_stop(env_of(e), &e->tx.retransmission);
	rt_l2cap_ertm_tx_settle(e);
}

void rt_l2cap_ertm_tx_settle(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_tx *tx = &e->tx;
	const uint16_t unacked = rt_l2cap_ertm_tx_unacked(e);
	const bool full = unacked >= rt_l2cap_ertm_tx_window(e);
	const bool runs = tx->state == RT_L2CAP_ERTM_XMIT && unacked > 0 &&
			  !tx->remote_busy && !e->chan->suspended;
	const bool wants = tx->cut || e->chan->wants;

	if (!full)
		tx->shrunk = false;
	rt_l2cap_ertm_clock_set(&tx->stalled,
				wants && (full || tx->remote_busy),
				env_of(e)->now_us);
	if (!runs)
		rt_env_stop(env_of(e), &tx->retransmission);
	else if (!tx->retransmission.armed)
		rt_env_arm(env_of(e), &tx->retransmission,
			   RT_MS(e->chan->agreed.retransmission_ms));
}

static void unlink_frame(struct rt_l2cap_ertm *e,
			 struct rt_l2cap_ertm_frame *frame)
{
	rt_list_del(&frame->again);
	rt_list_del(&frame->node);
	rt_env_free(env_of(e), frame);
}

/* The peer has the SDU: the user gets its octets back, when told. */
static void sdu_is_written(struct rt_l2cap_ertm *e, struct rt_l2cap_sdu *sdu)
{
	rt_list_del(&sdu->node);
	rt_list_append(&e->tx.written, &sdu->node);
}

/* Process-ReqSeq */
static void process_req_seq(struct rt_l2cap_ertm *e, uint16_t req_seq)
{
	struct rt_l2cap_ertm_frame *frame;
	bool progress = false;

	while (e->tx.expected_ack_seq != req_seq) {
		frame = first_unacked(e);
		if (frame->sar == RT_L2CAP_UNSEGMENTED ||
		    frame->sar == RT_L2CAP_END)
			sdu_is_written(e, frame->sdu);
		unlink_frame(e, frame);
		e->tx.expected_ack_seq =
			rt_l2cap_ertm_next(e, e->tx.expected_ack_seq);
		progress = true;
	}
	if (progress)
		start_retransmission(e);
}

/* A poll is to be sent; the monitor timer starts when it has been pulled. */
static void owe_poll(struct rt_l2cap_ertm *e)
{
	rt_env_stop(env_of(e), &e->tx.monitor);
	e->tx.owes_poll = true;
}

void rt_l2cap_ertm_tx_suspend(struct rt_l2cap_ertm *e)
{
	if (e->tx.monitor.armed)
		owe_poll(e);
	rt_l2cap_ertm_tx_settle(e);
}

static void wait_for_final(struct rt_l2cap_ertm *e)
{
	enter(e, RT_L2CAP_ERTM_WAIT_F);
	rt_env_stop(env_of(e), &e->tx.retransmission);
	e->tx.retry_count = 1;
	e->tx.rej_actioned = false;
	e->tx.srej_actioned = false;
	owe_poll(e);
}

/* What was to be sent again, the answer to the poll will say anew. */
static void forget_requests(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_frame *frame;

	RT_LIST_EACH (frame, &e->tx.unacked, node)
		rt_list_del(&frame->again);
	e->tx.rej_actioned = false;
	e->tx.srej_actioned = false;
}

void rt_l2cap_ertm_tx_resume(struct rt_l2cap_ertm *e)
{
	forget_requests(e);
	if (e->tx.state == RT_L2CAP_ERTM_XMIT)
		wait_for_final(e);
}

/*
 * The poll has been answered. If we stopped being busy while we waited for
 * that, the peer has still to be told, by a poll of its own: only its answer
 * shows that the peer knows.
 */
static void leave_wait_f(struct rt_l2cap_ertm *e)
{
	rt_env_stop(env_of(e), &e->tx.monitor);
	enter(e, RT_L2CAP_ERTM_XMIT);
	if (e->rx.told_busy && !e->rx.local_busy)
		wait_for_final(e);
}

static void on_monitor(struct rt_l2cap_ertm *e)
{
	const uint8_t max = e->chan->agreed.max_transmit;

	e->tx.polls++;
	if (max != 0 && e->tx.retry_count >= max) {
		/* The timer stays off; the channel closes at once. */
		e->tx.owes_poll = true;
		rt_l2cap_ertm_fail(e, RT_L2CAP_MAX_TRANSMIT);
		return;
	}
	e->tx.retry_count++;
	owe_poll(e);
}

/* 8.6.5, state XMIT */
static void in_xmit(struct rt_l2cap_ertm *e, enum rt_l2cap_ertm_tx_event event,
		    const struct rt_l2cap_control *control)
{
	switch (event) {
	case RT_L2CAP_ERTM_LOCAL_BUSY_DETECTED:
		/* RNR is owed until the peer has been told. */
		return;
	case RT_L2CAP_ERTM_LOCAL_BUSY_CLEAR:
		if (e->rx.told_busy)
			wait_for_final(e);
		return;
	case RT_L2CAP_ERTM_RECV_REQSEQ_AND_FBIT:
		process_req_seq(e, control->req_seq);
		return;
	case RT_L2CAP_ERTM_RECV_FBIT:
		/* Not valid here, and taken out before. */
		return;
	case RT_L2CAP_ERTM_RETRANS_TIMER_EXPIRES:
		wait_for_final(e);
		return;
	case RT_L2CAP_ERTM_MONITOR_TIMER_EXPIRES:
		/* It does not run here. */
		return;
	}
}

/* 8.6.5, state WAIT_F */
static void in_wait_f(struct rt_l2cap_ertm *e,
		      enum rt_l2cap_ertm_tx_event event,
		      const struct rt_l2cap_control *control)
{
	switch (event) {
	case RT_L2CAP_ERTM_LOCAL_BUSY_DETECTED:
	case RT_L2CAP_ERTM_LOCAL_BUSY_CLEAR:
		/* One poll at a time: leave_wait_f() sees to it. */
		return;
	case RT_L2CAP_ERTM_RECV_REQSEQ_AND_FBIT:
		process_req_seq(e, control->req_seq);
		if (control->final)
			leave_wait_f(e);
		return;
	case RT_L2CAP_ERTM_RECV_FBIT:
		if (control->final)
			leave_wait_f(e);
		return;
	case RT_L2CAP_ERTM_RETRANS_TIMER_EXPIRES:
		/* It does not run here. */
		return;
	case RT_L2CAP_ERTM_MONITOR_TIMER_EXPIRES:
		on_monitor(e);
		return;
	}
}

void rt_l2cap_ertm_tx_event(struct rt_l2cap_ertm *e,
			    enum rt_l2cap_ertm_tx_event event,
			    const struct rt_l2cap_control *control)
{
	switch (e->tx.state) {
	case RT_L2CAP_ERTM_XMIT:
		in_xmit(e, event, control);
		return;
	case RT_L2CAP_ERTM_WAIT_F:
		in_wait_f(e, event, control);
		return;
	}
}

/* REJ and SREJ name a frame that was sent; the others may name the next. */
bool rt_l2cap_ertm_tx_refuses(const struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control)
{
	const uint16_t ahead = rt_l2cap_ertm_steps(e, e->tx.expected_ack_seq,
						   control->req_seq);
	const uint16_t unacked = rt_l2cap_ertm_tx_unacked(e);
	const bool asks =
		control->supervisory && (control->function == RT_L2CAP_REJ ||
					 control->function == RT_L2CAP_SREJ);

	return asks ? ahead >= unacked : ahead > unacked;
}

static void mark(struct rt_l2cap_ertm *e, struct rt_l2cap_ertm_frame *frame)
{
	const uint8_t max = e->chan->agreed.max_transmit;

	if (!rt_list_empty(&frame->again))
		return;
	if (max != 0 && frame->sent >= max) {
		rt_l2cap_ertm_fail(e, RT_L2CAP_MAX_TRANSMIT);
		return;
	}
	rt_list_append(&e->tx.again, &frame->again);
}

void rt_l2cap_ertm_tx_again_all(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_frame *frame;

	RT_LIST_EACH (frame, &e->tx.unacked, node)
		mark(e, frame);
}

void rt_l2cap_ertm_tx_again(struct rt_l2cap_ertm *e, uint16_t tx_seq)
{
	struct rt_l2cap_ertm_frame *frame = find(e, tx_seq);

	if (frame)
		mark(e, frame);
}

static bool may_send_new(const struct rt_l2cap_ertm *e)
{
	return e->tx.state == RT_L2CAP_ERTM_XMIT && !e->tx.remote_busy &&
	       e->failed == 0 &&
	       rt_l2cap_ertm_tx_unacked(e) < rt_l2cap_ertm_tx_window(e);
}

bool rt_l2cap_ertm_tx_has_work(const struct rt_l2cap_ertm *e)
{
	const bool wants = e->chan->ops && e->chan->wants;

	return e->tx.owes_poll || e->tx.owes_final ||
	       (!rt_list_empty(&e->tx.again) && !e->tx.remote_busy) ||
	       ((e->tx.cut || wants) && may_send_new(e));
}

bool rt_l2cap_ertm_tx_pull_poll(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_control control = {
		.supervisory = true,
		.poll = true,
		.function = e->rx.local_busy ? RT_L2CAP_RNR : RT_L2CAP_RR,
	};

	if (!e->tx.owes_poll)
		return false;
	e->tx.owes_poll = false;
	rt_env_arm(env_of(e), &e->tx.monitor,
		   RT_MS(e->chan->agreed.monitor_ms));
	rt_l2cap_ertm_put(e, &control, pdu);
	return true;
}

/* Each transmission has octets of its own: HCI may keep them for long. */
static void send(struct rt_l2cap_ertm *e, struct rt_l2cap_ertm_frame *frame,
		 bool final, struct rt_pkt *pkt, struct rt_pdu *pdu)
{
	struct rt_l2cap_control control = {
		.final = final,
		.sar = frame->sar,
		.tx_seq = frame->tx_seq,
	};

	rt_l2cap_sar_fill(&frame->sdu->pdu, frame->from, pkt, pdu);
	rt_l2cap_ertm_put(e, &control, pdu);
	frame->sent++;
	start_retransmission(e);
}

static bool send_again(struct rt_l2cap_ertm *e,
		       struct rt_l2cap_ertm_frame *frame, bool final,
		       struct rt_pdu *pdu)
{
	struct rt_pkt *pkt = rt_pkt_new(env_of(e), frame->len);

	if (!pkt) {
		rt_l2cap_ertm_retry(e);
		return false;
	}
	rt_list_del(&frame->again);
	e->tx.retransmitted++;
	send(e, frame, final, pkt, pdu);
	return true;
}

bool rt_l2cap_ertm_tx_pull_final(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_ertm_frame *frame;

	if (!e->tx.final_is_frame || e->tx.remote_busy)
		return false;
	frame = find(e, e->tx.final_seq);
	return frame && !rt_list_empty(&frame->again) &&
	       send_again(e, frame, true, pdu);
}

bool rt_l2cap_ertm_tx_pull_again(struct rt_l2cap_ertm *e, struct rt_pdu *pdu)
{
	struct rt_l2cap_ertm_frame *frame =
		RT_LIST_FIRST(&e->tx.again, struct rt_l2cap_ertm_frame, again);

	return frame && !e->tx.remote_busy && e->failed == 0 &&
	       send_again(e, frame, false, pdu);
}

/* The SDU to be cut next; NULL: none, or the mode has ended. */
static struct rt_l2cap_sdu *next_sdu(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_chan *chan = e->chan;
	struct rt_l2cap_sdu *sdu;
	int ret;

	if (e->tx.cut)
		return e->tx.cut;
	ret = rt_l2cap_sdu_take(chan, &sdu);
	if (ret < 0)
		rt_l2cap_ertm_retry(e);
	if (ret <= 0)
		return NULL;
	rt_list_append(&e->tx.sdus, &sdu->node);
	e->tx.cut = sdu;
	e->tx.cut_at = 0;
	return sdu;
}

/* Cuts the next frame, whose length is set, off the SDU. */
static void cut(struct rt_l2cap_ertm *e, struct rt_l2cap_sdu *sdu,
		struct rt_l2cap_ertm_frame *frame)
{
	const size_t len = rt_pdu_bytes(&sdu->pdu);

	rt_list_init(&frame->node);
	rt_list_init(&frame->again);
	frame->sdu = sdu;
	frame->from = e->tx.cut_at;
	frame->tx_seq = e->tx.next_tx_seq;
	frame->sar = rt_l2cap_sar_of(len, frame->from, frame->len);
	rt_list_append(&e->tx.unacked, &frame->node);
	e->tx.next_tx_seq = rt_l2cap_ertm_next(e, e->tx.next_tx_seq);
	e->tx.frames++;
	e->tx.cut_at += frame->len;
	if (e->tx.cut_at == len)
		e->tx.cut = NULL;
}

bool rt_l2cap_ertm_tx_pull_new(struct rt_l2cap_ertm *e, bool final,
			       struct rt_pdu *pdu)
{
	struct rt_env *env = env_of(e);
	struct rt_l2cap_ertm_frame *frame;
	struct rt_l2cap_sdu *sdu;
	struct rt_pkt *pkt;
	size_t left;

	if (!may_send_new(e))
		return false;
	sdu = next_sdu(e);
	if (!sdu)
		return false;
	left = rt_pdu_bytes(&sdu->pdu) - e->tx.cut_at;
	frame = rt_env_alloc(env, sizeof(*frame));
	pkt = rt_pkt_new(env, (uint16_t)RT_MIN(left, e->chan->agreed.tx_mps));
	if (!frame || !pkt) {
		rt_env_free(env, frame);
		rt_env_free(env, pkt);
		rt_l2cap_ertm_retry(e);
		return false;
	}
	frame->len = pkt->cap;
	cut(e, sdu, frame);
	send(e, frame, final, pkt, pdu);
	return true;
}

static void on_retransmission(struct rt_timer *timer)
{
	struct rt_l2cap_ertm *e =
		RT_CONTAINER_OF(timer, struct rt_l2cap_ertm, tx.retransmission);

	rt_l2cap_ertm_tx_event(e, RT_L2CAP_ERTM_RETRANS_TIMER_EXPIRES, NULL);
	rt_l2cap_ertm_settle(e);
}

static void on_monitor_timer(struct rt_timer *timer)
{
	struct rt_l2cap_ertm *e =
		RT_CONTAINER_OF(timer, struct rt_l2cap_ertm, tx.monitor);

	rt_l2cap_ertm_tx_event(e, RT_L2CAP_ERTM_MONITOR_TIMER_EXPIRES, NULL);
	rt_l2cap_ertm_settle(e);
}

void rt_l2cap_ertm_tx_init(struct rt_l2cap_ertm *e)
{
	rt_list_init(&e->tx.unacked);
	rt_list_init(&e->tx.again);
	rt_list_init(&e->tx.sdus);
	rt_list_init(&e->tx.written);
	rt_timer_init(&e->tx.retransmission, on_retransmission);
	rt_timer_init(&e->tx.monitor, on_monitor_timer);
}

/* The user hears of these SDUs when the channel closes. */
static void leave(struct rt_l2cap_ertm *e, struct rt_list *list, bool written)
{
	struct rt_l2cap_sdu *sdu;

	while ((sdu = RT_LIST_FIRST(list, struct rt_l2cap_sdu, node))) {
		rt_list_del(&sdu->node);
		rt_env_free(env_of(e), sdu->pdu.owned);
		sdu->pdu.owned = NULL;
		sdu->written = written;
		rt_l2cap_sdu_unsent(e->chan, sdu);
	}
}

void rt_l2cap_ertm_tx_fini(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_frame *frame;

	rt_env_stop(env_of(e), &e->tx.retransmission);
	rt_env_stop(env_of(e), &e->tx.monitor);
	while ((frame = first_unacked(e)))
		unlink_frame(e, frame);
	e->tx.cut = NULL;
	leave(e, &e->tx.written, true);
	leave(e, &e->tx.sdus, false);
}

static const char *check_unacked(const struct rt_l2cap_ertm *e)
{
	const struct rt_l2cap_ertm_frame *frame;
	uint16_t seq = e->tx.expected_ack_seq;

	RT_LIST_EACH (frame, &e->tx.unacked, node) {
		if (frame->tx_seq != seq)
			return "unacknowledged I-frames are in sequence";
		seq = rt_l2cap_ertm_next(e, seq);
	}
	if (seq != e->tx.next_tx_seq)
		return "I-frames are kept until they are acknowledged";
	if (!e->tx.shrunk &&
	    rt_l2cap_ertm_tx_unacked(e) > rt_l2cap_ertm_tx_window(e))
		return "no more I-frames are unacknowledged than the window";
	return NULL;
}

const char *rt_l2cap_ertm_tx_check(const struct rt_l2cap_ertm *e)
{
	const struct rt_l2cap_ertm_tx *tx = &e->tx;
	const bool xmit = tx->state == RT_L2CAP_ERTM_XMIT;
	const bool waits = xmit && !tx->remote_busy &&
			   rt_l2cap_ertm_tx_unacked(e) > 0 &&
			   !e->chan->suspended;

	if (tx->retransmission.armed != waits)
		return "the retransmission timer runs exactly while XMIT waits";
	if (xmit && (tx->monitor.armed || tx->owes_poll))
		return "in XMIT no poll is under way";
	if (!xmit && tx->monitor.armed == tx->owes_poll)
		return "in WAIT_F a poll is owed or the monitor timer runs";
	if (!rt_list_empty(&tx->written))
		return "the user was told of all SDUs acknowledged";
	if (tx->cut && rt_list_empty(&tx->sdus))
		return "an SDU that is being cut is kept";
	return check_unacked(e);
}
