/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/ertm.h"

/* What is received in the modes with sequence numbers. */

#define HEAD 4

/* --- SDUs --- */

static void sdu_begin(struct model_chan *chan, size_t all)
{
	chan->sdu_len = 0;
	chan->sdu_all = all;
}

/* Octets of an SDU in parts, which ends with this one or does not. */
static void sdu_part(struct model *m, struct model_chan *chan,
		     struct rt_bytes data, bool last)
{
	if (data.len > chan->sdu_all - chan->sdu_len) {
		model_chan_broken(m, chan, "l2cap: parts longer than the SDU");
		return;
	}
	memcpy(chan->sdu + chan->sdu_len, data.ptr, data.len);
	chan->sdu_len += data.len;
	if (!last)
		return;
	if (chan->sdu_len != chan->sdu_all) {
		model_chan_broken(m, chan, "l2cap: parts shorter than the SDU");
		return;
	}
	chan->sdu_all = 0;
	model_deliver_sdu(m, chan, rt_bytes(chan->sdu, chan->sdu_len));
}

static void on_sar(struct model *m, struct model_chan *chan, unsigned int sar,
		   struct rt_bytes data)
{
	struct model_in in = model_in(data);
	bool open = chan->sdu_all > 0;
	uint16_t all;

	switch (sar) {
	case SAR_WHOLE:
	case SAR_START:
		if (open) {
			model_chan_broken(m, chan,
					  "l2cap: an SDU inside of an SDU");
			return;
		}
		break;
	default:
		if (!open) {
			model_chan_broken(m, chan,
					  "l2cap: a part without a start");
			return;
		}
		sdu_part(m, chan, data, sar == SAR_END);
		return;
	}
	all = sar == SAR_START ? model_in_le16(&in) : (uint16_t)data.len;
	if (in.bad || all == 0 || all > chan->ours.mtu) {
		if (sar == SAR_WHOLE && all == 0) {
			model_deliver_sdu(m, chan, data);
			return;
		}
		model_chan_broken(m, chan, "l2cap: an SDU over our MTU");
		return;
	}
	sdu_begin(chan, all);
	sdu_part(m, chan, model_in_rest(&in), sar == SAR_WHOLE);
}

static bool check_mps(struct model *m, struct model_chan *chan,
		      unsigned int sar, struct rt_bytes data)
{
	size_t max = chan->ours.mps;

	/* The length of the SDU is no information payload (3.3.6). */
	if (sar == SAR_START)
		max += SDU_LENGTH_BYTES;
	if (data.len <= max)
		return true;
	model_blame(m, chan->link, "l2cap: %zu octets in a frame, MPS %u",
		    data.len, chan->ours.mps);
	model_chan_close(m, chan, MODEL_END_PROTOCOL);
	return false;
}

/* --- enhanced retransmission --- */

/* F: the answer to a poll of ours, after which all is sent again or nothing. */
static void on_final(struct model *m, struct model_chan *chan, bool all_again)
{
	struct model_ertm *e = &chan->ertm;

	if (e->finals_due == 0) {
		model_blame(m, chan->link, "l2cap: F that answers no poll");
		return;
	}
	e->finals_due--;
	if (!e->wait_f)
		return;
	e->wait_f = false;
	e->polls = 0;
	model_disarm(m, &chan->due[CHAN_MONITOR]);
	if (all_again && !e->rej_done)
		model_ertm_send_again(chan, e->expected_ack);
	e->rej_done = false;
	model_ertm_watch(m, chan);
}

static bool on_reqseq(struct model *m, struct model_chan *chan, uint8_t seq)
{
	if (model_ertm_acknowledge(m, chan, seq))
		return true;
	model_chan_broken(m, chan, "l2cap: ReqSeq outside the window");
	return false;
}

/* Whether a frame is the next one; says what is wrong with it otherwise. */
static bool is_next(struct model *m, struct model_chan *chan, uint8_t seq)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t window = chan->ours.window;
	uint8_t ahead = model_ertm_ahead(e->expected_tx, seq);
	uint8_t behind = model_ertm_ahead(seq, e->expected_tx);

	if (ahead < window && model_ertm_ahead(e->acked, seq) >= window) {
		model_chan_broken(m, chan,
				  "l2cap: more frames than the window");
		return false;
	}
	if (ahead == 0)
		return true;
	if (ahead < window) {
		if (!e->dropped && !e->rejecting)
			model_blame_lost(m, chan->link,
					 "l2cap: TxSeq %u after %u", seq,
					 e->expected_tx);
		if (!e->rejecting && !e->local_busy)
			e->owe_reject = true;
		e->rejecting = e->rejecting || e->owe_reject;
		return false;
	}
	if (behind > window)
		model_chan_broken(m, chan, "l2cap: TxSeq outside the window");
	return false;
}

static void on_i(struct model *m, struct model_chan *chan, uint16_t ctrl,
		 struct rt_bytes data)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t seq = ctrl >> 1 & SEQ_MASK;
	unsigned int sar = ctrl >> 14;

	model_bump(&e->seen[seq]);
	if (chan->ours.transmits != 0 && e->seen[seq] > chan->ours.transmits)
		model_blame_lost(m, chan->link, "l2cap: TxSeq %u sent %u times",
				 seq, e->seen[seq]);
	if (!on_reqseq(m, chan, ctrl >> 8 & SEQ_MASK))
		return;
	if (ctrl & CTRL_F)
		on_final(m, chan, true);
	if (!is_next(m, chan, seq) || chan->state != CHAN_OPEN)
		return;
	if (e->local_busy) {
		e->dropped = true;
		return;
	}
	if (!check_mps(m, chan, sar, data))
		return;
	e->expected_tx = (uint8_t)((seq + 1) & SEQ_MASK);
	e->rejecting = false;
	e->dropped = false;
	model_ertm_ack_later(m, chan);
	on_sar(m, chan, sar, data);
	if (chan->state == CHAN_OPEN)
		model_ertm_look_at_room(m, chan);
}

static void on_rr(struct model *m, struct model_chan *chan, uint16_t ctrl)
{
	struct model_ertm *e = &chan->ertm;

	if (!on_reqseq(m, chan, ctrl >> 8 & SEQ_MASK))
		return;
	e->remote_busy = false;
	if (ctrl & CTRL_F)
		on_final(m, chan, true);
	model_ertm_watch(m, chan);
}

static void on_rnr(struct model *m, struct model_chan *chan, uint16_t ctrl)
{
	if (!on_reqseq(m, chan, ctrl >> 8 & SEQ_MASK))
		return;
	chan->ertm.remote_busy = true;
	if (ctrl & CTRL_F)
		on_final(m, chan, false);
	model_ertm_watch(m, chan);
}

static void on_rej(struct model *m, struct model_chan *chan, uint16_t ctrl)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t seq = ctrl >> 8 & SEQ_MASK;

	if (!on_reqseq(m, chan, seq))
		return;
	e->remote_busy = false;
	if (ctrl & CTRL_F) {
		on_final(m, chan, true);
	} else {
		model_ertm_send_again(chan, seq);
		e->rej_done = e->wait_f;
	}
	model_ertm_watch(m, chan);
}

static void on_srej(struct model *m, struct model_chan *chan, uint16_t ctrl)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t seq = ctrl >> 8 & SEQ_MASK;

	/* Only with P does it acknowledge what is before it (8.6.1.4). */
	if ((ctrl & CTRL_P) && !on_reqseq(m, chan, seq))
		return;
	e->remote_busy = false;
	if (ctrl & CTRL_F) {
		bool done = e->srej_done && e->srej_seq == seq;

		on_final(m, chan, false);
		e->srej_done = false;
		if (done)
			return;
	}
	if (!model_ertm_send_one_again(chan, seq)) {
		model_chan_broken(m, chan, "l2cap: SREJ of a frame not sent");
		return;
	}
	if (ctrl & CTRL_P)
		e->final_with = true;
	if (e->wait_f && !(ctrl & CTRL_F)) {
		e->srej_done = true;
		e->srej_seq = seq;
	}
	model_ertm_watch(m, chan);
}

static void on_s(struct model *m, struct model_chan *chan, uint16_t ctrl,
		 struct rt_bytes data)
{
	if (data.len > 0 || (ctrl & CTRL_S_RESERVED))
		model_blame_always(m, chan->link,
				   "l2cap: S-frame %04x with %zu octets", ctrl,
				   data.len);
	if ((ctrl & CTRL_P) && (ctrl & CTRL_F))
		model_blame(m, chan->link, "l2cap: S-frame with P and F");
	if (ctrl & CTRL_P)
		chan->ertm.owe_final = true;
	switch (ctrl >> 2 & 3) {
	case S_RR:
		on_rr(m, chan, ctrl);
		return;
	case S_RNR:
		on_rnr(m, chan, ctrl);
		return;
	case S_REJ:
		on_rej(m, chan, ctrl);
		return;
	default:
		on_srej(m, chan, ctrl);
	}
}

/* --- streaming --- */

static void on_streaming(struct model *m, struct model_chan *chan,
			 uint16_t ctrl, struct rt_bytes data)
{
	struct model_ertm *e = &chan->ertm;
	uint8_t seq = ctrl >> 1 & SEQ_MASK;
	unsigned int sar = ctrl >> 14;

	if ((ctrl & CTRL_S) || (ctrl & CTRL_F) || (ctrl >> 8 & SEQ_MASK)) {
		model_blame(m, chan->link,
			    "l2cap: control field %04x in streaming mode",
			    ctrl);
		return;
	}
	if (!check_mps(m, chan, sar, data))
		return;
	if (seq != e->expected_tx) {
		model_blame_lost(m, chan->link, "l2cap: TxSeq %u after %u", seq,
				 e->expected_tx);
		chan->sdu_all = 0;
		e->dropped = true;
	}
	e->expected_tx = (uint8_t)((seq + 1) & SEQ_MASK);
	/* The rest of an SDU whose beginning is lost. */
	if (e->dropped && (sar == SAR_MIDDLE || sar == SAR_END))
		return;
	e->dropped = false;
	on_sar(m, chan, sar, data);
}

/* --- frames --- */

static bool check_fcs(struct model *m, struct model_chan *chan,
		      struct rt_bytes *payload)
{
	uint8_t head[HEAD];
	uint16_t crc;

	if (!chan->fcs)
		return true;
	model_put_le16(head, (unsigned int)payload->len);
	model_put_le16(head + 2, chan->scid);
	payload->len -= FCS_BYTES;
	crc = model_crc16(model_crc16(0, rt_bytes(head, HEAD)), *payload);
	if (crc == model_get_le16(payload->ptr + payload->len))
		return true;
	model_blame_always(m, chan->link, "l2cap: wrong FCS");
	return false;
}

void model_ertm_rx(struct model *m, struct model_chan *chan,
		   struct rt_bytes payload)
{
	size_t least = CTRL_BYTES + (chan->fcs ? FCS_BYTES : 0);
	struct model_in in;
	uint16_t ctrl;

	if (payload.len < least) {
		model_blame_always(m, chan->link,
				   "l2cap: a frame of %zu octets", payload.len);
		return;
	}
	if (!check_fcs(m, chan, &payload))
		return;
	in = model_in(payload);
	ctrl = model_in_le16(&in);
	m->quiet = false;
	if (chan->ours.mode == MODEL_STREAMING)
		on_streaming(m, chan, ctrl, model_in_rest(&in));
	else if (ctrl & CTRL_S)
		on_s(m, chan, ctrl, model_in_rest(&in));
	else
		on_i(m, chan, ctrl, model_in_rest(&in));
}
