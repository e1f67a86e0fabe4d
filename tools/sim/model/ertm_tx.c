/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/ertm.h"

/* What is sent in the modes with sequence numbers, and what is sent again. */

#define HEAD 4
#define ACK_MS 20

static uint8_t *slot_data(const struct model_chan *chan, uint8_t seq)
{
	return chan->frames + (size_t)(seq % WINDOW_MAX) * MPS_MAX;
}

static struct model_slot *slot_of(struct model_chan *chan, uint8_t seq)
{
	return &chan->ertm.slot[seq % WINDOW_MAX];
}

/* --- frames --- */

static void put_fcs(struct model_chan *chan, size_t payload)
{
	struct model_link *link = chan->link;
	uint16_t crc;

	if (!chan->fcs) {
		model_put_head(link, chan->dcid, payload);
		return;
	}
	model_put_head(link, chan->dcid, payload + FCS_BYTES);
	crc = model_crc16(0, rt_bytes(link->tx, HEAD + payload));
	model_put_le16(link->tx + HEAD + payload, crc);
}

/* All that is ours to acknowledge rides on every frame. */
static void acknowledged(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;

	for (; e->acked != e->expected_tx; e->acked = (e->acked + 1) & SEQ_MASK)
		e->seen[e->acked] = 0;
	e->since_ack = 0;
	e->owe_ack = false;
	model_disarm(m, &chan->due[CHAN_ACK]);
}

static unsigned int put_s(struct model *m, struct model_chan *chan,
			  unsigned int function, unsigned int bits)
{
	struct model_ertm *e = &chan->ertm;

	model_put_le16(chan->link->tx + HEAD,
		       CTRL_S | function << 2 | bits |
			       (unsigned int)e->expected_tx << 8);
	put_fcs(chan, CTRL_BYTES);
	if (function == S_RNR)
		e->rnr_sent = true;
	acknowledged(m, chan);
	return KIND_FRAME;
}

static unsigned int put_i(struct model *m, struct model_chan *chan, uint8_t seq)
{
	struct model_ertm *e = &chan->ertm;
	struct model_slot *slot = slot_of(chan, seq);
	bool streaming = chan->ours.mode == MODEL_STREAMING;
	uint8_t *at = chan->link->tx + HEAD;
	unsigned int ctrl = (unsigned int)seq << 1 | (unsigned int)slot->sar
							     << 14;
	size_t n = CTRL_BYTES;

	if (!streaming)
		ctrl |= (unsigned int)e->expected_tx << 8;
	if (e->final_with)
		ctrl |= CTRL_F;
	model_put_le16(at, ctrl);
	if (slot->sar == SAR_START) {
		model_put_le16(at + n, slot->sdu_bytes);
		n += SDU_LENGTH_BYTES;
	}
	memcpy(at + n, slot_data(chan, seq), slot->bytes);
	put_fcs(chan, n + slot->bytes);
	if (streaming)
		return KIND_FRAME | KIND_IFRAME;
	if (e->final_with)
		e->owe_final = false;
	e->final_with = false;
	slot->again = false;
	model_bump(&slot->sends);
	acknowledged(m, chan);
	return KIND_FRAME | KIND_IFRAME;
}

/* The next part of an SDU as a frame of its own; false if there is none. */
static bool cut(struct model_chan *chan, uint8_t seq)
{
	struct model_ertm *e = &chan->ertm;
	struct model_slot *slot = slot_of(chan, seq);
	size_t max = RT_MIN(chan->theirs.mps, MPS_MAX);
	size_t n;

	memset(slot, 0, sizeof(*slot));
	if (!e->sdu_started) {
		if (!model_ring_sdu(&chan->tx, &e->sdu_left))
			return false;
		model_ring_drop(&chan->tx, 2);
		slot->sar = SAR_WHOLE;
		slot->sdu_bytes = (uint16_t)e->sdu_left;
		if (e->sdu_left > max)
			slot->sar = SAR_START;
	} else {
		slot->sar = e->sdu_left > max ? SAR_MIDDLE : SAR_END;
	}
	n = RT_MIN(max, e->sdu_left);
	n = model_ring_take(&chan->tx, slot_data(chan, seq), n);
	slot->bytes = (uint16_t)n;
	chan->queued -= n;
	e->sdu_left -= n;
	e->sdu_started = e->sdu_left > 0;
	return true;
}

static unsigned int put_new(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t seq = e->next_tx;

	if (!cut(chan, seq))
		return 0;
	m->stats.tx_bytes += slot_of(chan, seq)->bytes;
	e->next_tx = (uint8_t)((seq + 1) & SEQ_MASK);
	return put_i(m, chan, seq);
}

/* --- what goes next --- */

static bool has_again(const struct model_chan *chan)
{
	for (unsigned int i = 0; i < WINDOW_MAX; i++) {
		if (chan->ertm.slot[i].again)
			return true;
	}
	return false;
}

static unsigned int put_again(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;

	for (uint8_t i = 0; i < model_ertm_unacked(e); i++) {
		uint8_t seq = (uint8_t)((e->expected_ack + i) & SEQ_MASK);
		struct model_slot *slot = slot_of(chan, seq);

		if (!slot->again)
			continue;
		if (chan->theirs.transmits != 0 &&
		    slot->sends >= chan->theirs.transmits) {
			model_chan_close(m, chan, MODEL_END_TIMEOUT);
			return 0;
		}
		m->stats.retransmitted++;
		return put_i(m, chan, seq);
	}
	return 0;
}

static unsigned int pull_ertm(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;
	unsigned int ready = e->local_busy ? S_RNR : S_RR;
	unsigned int kind;

	/* F rides on the frame that SREJ wants, if there still is one. */
	if (e->owe_final && !(e->final_with && has_again(chan))) {
		e->owe_final = false;
		e->final_with = false;
		return put_s(m, chan, ready, CTRL_F);
	}
	if (e->owe_reject) {
		e->owe_reject = false;
		return put_s(m, chan, S_REJ, 0);
	}
	if (e->owe_poll) {
		e->owe_poll = false;
		model_bump(&e->finals_due);
		return put_s(m, chan, ready, CTRL_P);
	}
	if (e->owe_rnr) {
		e->owe_rnr = false;
		return put_s(m, chan, S_RNR, 0);
	}
	kind = e->remote_busy ? 0 : put_again(m, chan);
	if (kind == 0 && chan->state == CHAN_OPEN && !e->wait_f &&
	    !e->remote_busy && model_ertm_unacked(e) < chan->tx_window)
		kind = put_new(m, chan);
	if (kind != 0)
		model_ertm_watch(m, chan);
	else if (e->owe_ack && chan->state == CHAN_OPEN)
		kind = put_s(m, chan, ready, 0);
	return kind;
}

unsigned int model_ertm_pull(struct model *m, struct model_chan *chan)
{
	unsigned int kind;

	kind = chan->ours.mode == MODEL_ERTM ? pull_ertm(m, chan)
					     : put_new(m, chan);
	if (kind & KIND_IFRAME) {
		model_chan_drained(m, chan);
		if (chan->ours.mode == MODEL_STREAMING)
			slot_of(chan, (uint8_t)(chan->ertm.next_tx - 1))
				->bytes = 0;
	}
	if (chan->state == CHAN_OPEN && chan->ours.mode == MODEL_ERTM)
		model_ertm_look_at_room(m, chan);
	return kind;
}

/* --- what comes back --- */

bool model_ertm_acknowledge(struct model *m, struct model_chan *chan,
			    uint8_t seq)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t n = model_ertm_ahead(e->expected_ack, seq);

	if (n > model_ertm_unacked(e))
		return false;
	if (n == 0)
		return true;
	for (; e->expected_ack != seq;
	     e->expected_ack = (e->expected_ack + 1) & SEQ_MASK)
		memset(slot_of(chan, e->expected_ack), 0,
		       sizeof(struct model_slot));
	model_disarm(m, &chan->due[CHAN_RETRANS]);
	model_ertm_watch(m, chan);
	m->quiet = false;
	return true;
}

void model_ertm_send_again(struct model_chan *chan, uint8_t seq)
{
	const struct model_ertm *e = &chan->ertm;
	uint8_t from = model_ertm_ahead(e->expected_ack, seq);

	for (uint8_t i = from; i < model_ertm_unacked(e); i++)
		slot_of(chan, (uint8_t)((e->expected_ack + i) & SEQ_MASK))
			->again = true;
}

bool model_ertm_send_one_again(struct model_chan *chan, uint8_t seq)
{
	const struct model_ertm *e = &chan->ertm;

	if (model_ertm_ahead(e->expected_ack, seq) >= model_ertm_unacked(e))
		return false;
	slot_of(chan, seq)->again = true;
	return true;
}

/* --- timers --- */

void model_ertm_watch(struct model *m, struct model_chan *chan)
{
	const struct model_ertm *e = &chan->ertm;
	uint64_t *due = &chan->due[CHAN_RETRANS];

	if (model_ertm_unacked(e) == 0 || e->wait_f || e->remote_busy)
		model_disarm(m, due);
	else if (*due == 0)
		model_arm(m, due, chan->retrans_us);
}

void model_ertm_poll(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;

	e->wait_f = true;
	e->owe_poll = true;
	e->rej_done = false;
	e->srej_done = false;
	m->quiet = false;
	model_disarm(m, &chan->due[CHAN_RETRANS]);
	model_arm(m, &chan->due[CHAN_MONITOR], chan->monitor_us);
}

void model_ertm_look_at_room(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;
	const struct model_service *service = chan->service;
	bool busy = chan->paused;

	if (service && service->role == MODEL_ECHO &&
	    model_ring_room(&chan->tx) < (size_t)chan->ours.mtu + 2)
		busy = true;
	if (busy == e->local_busy)
		return;
	e->local_busy = busy;
	m->quiet = false;
	if (busy) {
		e->owe_rnr = true;
		return;
	}
	e->owe_rnr = false;
	if (!e->rnr_sent)
		return;
	e->rnr_sent = false;
	e->polls = 1;
	model_ertm_poll(m, chan);
}

void model_ertm_kick(struct model *m, struct model_chan *chan)
{
	model_ertm_look_at_room(m, chan);
}

void model_ertm_timers(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;

	if (model_is_due(m, &chan->due[CHAN_ACK])) {
		e->owe_ack = true;
		m->quiet = false;
	}
	if (model_is_due(m, &chan->due[CHAN_RETRANS])) {
		e->polls = 1;
		model_ertm_poll(m, chan);
	}
	if (!model_is_due(m, &chan->due[CHAN_MONITOR]))
		return;
	if (chan->theirs.transmits != 0 && e->polls >= chan->theirs.transmits) {
		model_chan_close(m, chan, MODEL_END_TIMEOUT);
		return;
	}
	model_bump(&e->polls);
	model_ertm_poll(m, chan);
}

void model_ertm_ack_later(struct model *m, struct model_chan *chan)
{
	struct model_ertm *e = &chan->ertm;
	uint32_t ms = m->options.behaviour.ack_ms;

	e->since_ack++;
	if (e->since_ack >= (chan->ours.window + 1) / 2) {
		e->owe_ack = true;
		return;
	}
	if (chan->due[CHAN_ACK] == 0)
		model_arm(m, &chan->due[CHAN_ACK], RT_MS(ms ? ms : ACK_MS));
}
