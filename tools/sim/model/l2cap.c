/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/*
 * L2CAP PDUs: to whom one that comes belongs, which goes next (Core Vol 3 Part
 * A 3); what users send and get.
 */

#define HEAD 4
#define PULLS_MAX 64

/* --- what comes --- */

/* A PDU for a channel that is not there. */
static void stray(struct model *m, struct model_link *link, uint16_t cid)
{
	unsigned int at = (unsigned int)cid - CID_DYNAMIC;

	if (cid < CID_DYNAMIC) {
		model_blame(m, link,
			    "l2cap: a PDU for channel 0x%04x, "
			    "that we do not claim",
			    cid);
		return;
	}
	if (at >= CIDS || !(link->cids_used[at / 64] >> at % 64 & 1)) {
		model_blame(m, link,
			    "l2cap: a PDU for channel 0x%04x, "
			    "that never was",
			    cid);
		return;
	}
	for (unsigned int i = 0; i < CLOSED_MAX; i++) {
		if (link->closed[i].cid == cid && link->closed[i].peer_knows)
			model_blame(m, link,
				    "l2cap: data for channel 0x%04x "
				    "after its disconnection",
				    cid);
	}
}

static void on_basic(struct model *m, struct model_chan *chan,
		     struct rt_bytes sdu)
{
	if (sdu.len > chan->ours.mtu) {
		model_blame(m, chan->link, "l2cap: %zu octets, our MTU is %u",
			    sdu.len, chan->ours.mtu);
		return;
	}
	switch (chan->kind) {
	case CHAN_USER:
		model_deliver_sdu(m, chan, sdu);
		return;
	case CHAN_MUX:
		model_rfcomm_rx(m, chan->link, sdu);
		return;
	case CHAN_SERVER:
		model_sdp_asked(m, chan, sdu);
		return;
	case CHAN_CLIENT:
		model_sdp_answered(m, chan, sdu);
		return;
	}
}

static void on_channel(struct model *m, struct model_chan *chan,
		       struct rt_bytes payload)
{
	switch (chan->state) {
	case CHAN_FREE:
	case CHAN_DISCONNECT:
		return;
	case CHAN_LINK:
	case CHAN_CONNECT:
	case CHAN_CONFIG:
		model_blame(m, chan->link,
			    "l2cap: data for channel 0x%04x before it is open",
			    chan->scid);
		return;
	case CHAN_OPEN:
		break;
	}
	if (chan->ours.mode == MODEL_BASIC)
		on_basic(m, chan, payload);
	else
		model_ertm_rx(m, chan, payload);
}

void model_l2cap_rx(struct model *m, struct model_link *link,
		    struct rt_bytes pdu)
{
	struct model_in in = model_in(pdu);
	struct model_chan *chan;
	uint16_t cid;

	(void)model_in_le16(&in);
	cid = model_in_le16(&in);
	if (in.bad || link->state != LINK_OPEN)
		return;
	if (cid == CID_SIGNALLING) {
		model_sig_rx(m, link, model_in_rest(&in));
		return;
	}
	chan = model_chan_by_scid(m, link, cid);
	if (chan)
		on_channel(m, chan, model_in_rest(&in));
	else
		stray(m, link, cid);
}

/* --- what goes --- */

bool model_outbox(struct model *m, struct model_link *link, unsigned int kind,
		  uint16_t cid, struct rt_bytes payload)
{
	uint8_t head[5];
	struct model_out out = model_out(head, sizeof(head));

	m->quiet = false;
	model_out_le16(&out, (unsigned int)payload.len);
	model_out_u8(&out, kind);
	model_out_le16(&out, cid);
	if (payload.len > PDU_MAX - HEAD ||
	    model_ring_room(&link->outbox) < sizeof(head) + payload.len)
		return false;
	return model_ring_put(&link->outbox, model_out_bytes(&out)) &&
	       model_ring_put(&link->outbox, payload);
}

static unsigned int pull_outbox(struct model_link *link)
{
	uint8_t head[5];
	size_t n;

	if (model_ring_take(&link->outbox, head, sizeof(head)) < sizeof(head))
		return 0;
	n = model_get_le16(head);
	model_put_le16(link->tx, (unsigned int)n);
	memcpy(link->tx + 2, head + 3, 2);
	link->tx_len =
		HEAD + model_ring_take(&link->outbox, link->tx + HEAD, n);
	return head[2];
}

void model_put_head(struct model_link *link, uint16_t cid, size_t payload)
{
	model_put_le16(link->tx, (unsigned int)payload);
	model_put_le16(link->tx + 2, cid);
	link->tx_len = HEAD + payload;
}

static unsigned int pull_basic(struct model *m, struct model_chan *chan)
{
	struct model_link *link = chan->link;
	uint8_t length[2];
	size_t n;

	if (!model_ring_sdu(&chan->tx, &n))
		return 0;
	(void)model_ring_take(&chan->tx, length, sizeof(length));
	n = model_ring_take(&chan->tx, link->tx + HEAD, n);
	chan->queued -= n;
	model_put_head(link, chan->dcid, n);
	m->stats.tx_bytes += n;
	model_chan_drained(m, chan);
	return KIND_BASIC;
}

static unsigned int pull_chan(struct model *m, struct model_chan *chan)
{
	if (chan->state != CHAN_OPEN)
		return 0;
	if (chan->kind == CHAN_MUX)
		return model_rfcomm_pull(m, chan->link);
	if (chan->kind != CHAN_USER)
		return 0;
	model_feed_chan(m, chan);
	if (chan->closing && model_chan_is_done(chan)) {
		model_chan_close(m, chan, MODEL_END_OURS);
		return 0;
	}
	return chan->ours.mode == MODEL_BASIC ? pull_basic(m, chan)
					      : model_ertm_pull(m, chan);
}

static unsigned int pull(struct model *m, struct model_link *link)
{
	unsigned int kind = pull_outbox(link);

	for (unsigned int i = 0; i < CHANS_MAX && kind == 0; i++) {
		unsigned int at = (link->turn + i) % CHANS_MAX;
		struct model_chan *chan = &m->chan[at];

		if (chan->state == CHAN_FREE || chan->link != link)
			continue;
		kind = pull_chan(m, chan);
		if (kind != 0)
			link->turn = (uint8_t)(at + 1);
	}
	/* A channel may have left something instead of sending. */
	return kind != 0 ? kind : pull_outbox(link);
}

bool model_l2cap_pull(struct model *m, struct model_link *link)
{
	unsigned int kind;

	/* A lie may take the PDU away: then the next one. */
	for (unsigned int i = 0; i < PULLS_MAX; i++) {
		kind = pull(m, link);
		if (kind == 0)
			return false;
		link->tx_at = 0;
		link->trick = TRICK_NONE;
		model_lie(m, link, kind);
		if (link->state != LINK_OPEN)
			return false;
		if (link->tx_len > 0)
			return true;
	}
	/* There may be more, for the next call. */
	m->quiet = false;
	return false;
}

/* --- users --- */

size_t model_chan_unsent(const struct model_chan *chan)
{
	size_t n = chan->queued;

	for (uint8_t i = 0; i < WINDOW_MAX; i++)
		n += chan->ertm.slot[i].bytes;
	return n;
}

bool model_chan_is_done(const struct model_chan *chan)
{
	if (chan->ours.mode == MODEL_ERTM &&
	    chan->ertm.expected_ack != chan->ertm.next_tx)
		return false;
	return chan->tx.len == 0 && !chan->ertm.sdu_started;
}

/* All or nothing. */
static bool queue_sdu(struct model_chan *chan, struct rt_bytes sdu)
{
	if (!model_ring_put_sdu(&chan->tx, sdu))
		return false;
	chan->queued += sdu.len;
	return true;
}

void model_chan_drained(struct model *m, struct model_chan *chan)
{
	if (chan->starved && chan->tx.len < TX_RING_BYTES / 2) {
		chan->starved = false;
		if (m->events.writable)
			m->events.writable(m->options.user, chan->number);
	}
}

size_t model_chan_room(const struct model_chan *chan)
{
	size_t room = model_ring_room(&chan->tx);
	size_t max = RT_MIN(chan->theirs.mtu, MODEL_SDU_MAX);

	if (chan->state != CHAN_OPEN || chan->closing || room < 2)
		return 0;
	return RT_MIN(room - 2, max);
}

size_t model_chan_send(struct model *m, struct model_chan *chan,
		       struct rt_bytes sdu)
{
	size_t max = RT_MIN(chan->theirs.mtu, MODEL_SDU_MAX);

	if (chan->state != CHAN_OPEN || chan->closing || sdu.len > max)
		return 0;
	if (!queue_sdu(chan, sdu)) {
		chan->starved = true;
		return 0;
	}
	m->quiet = false;
	return sdu.len;
}

void model_feed_chan(struct model *m, struct model_chan *chan)
{
	const struct model_service *service = chan->service;
	uint8_t sdu[1024];
	size_t n;

	if (!service || service->role != MODEL_SOURCE || chan->closing)
		return;
	while (chan->source_at < service->source_bytes &&
	       chan->tx.len < TX_RING_BYTES / 4) {
		n = 1 + model_random(m) % sizeof(sdu);
		n = RT_MIN(n, chan->theirs.mtu);
		n = RT_MIN(n, service->source_bytes - chan->source_at);
		for (size_t i = 0; i < n; i++)
			sdu[i] = model_pattern(chan->source_at + i);
		if (!queue_sdu(chan, rt_bytes(sdu, n)))
			return;
		chan->source_at += n;
	}
	if (chan->source_at >= service->source_bytes &&
	    service->close_when_sent)
		chan->closing = true;
}

void model_deliver_sdu(struct model *m, struct model_chan *chan,
		       struct rt_bytes sdu)
{
	const struct model_service *service = chan->service;

	m->stats.rx_bytes += sdu.len;
	if (service && service->role == MODEL_ECHO &&
	    (sdu.len > chan->theirs.mtu || !queue_sdu(chan, sdu)))
		m->stats.dropped++;
	if (m->events.received)
		m->events.received(m->options.user, chan->number, sdu);
}
