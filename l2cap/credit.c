/* SPDX-License-Identifier: MIT */
#include "l2cap/credit.h"

#include <errno.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/data.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/mode.h"
#include "l2cap/req.h"
#include "stack/rd.h"
#include "stack/wr.h"

#define SDU_LENGTH_BYTES 2 /* in front of an SDU's first octets (3.4) */

/* A K-frame of ours with its header fills a 3-DH5 packet. */
#define MPS_DEFAULT 1017

/* How long a frame waits for memory, or an indication for an identifier. */
#define RETRY_MS 100

struct credit {
	struct rt_l2cap_chan *chan;
	struct rt_list owed; /* on link->ecfc.grants: to be given */
	struct rt_timer timer;

	struct rt_l2cap_sdu *sdu; /* to be sent, if `sending`; or for it */
	bool sending;
	uint32_t sent; /* octets of it */
	uint16_t tx_credits;
	uint64_t tx_frames;
	bool stalled;
	uint64_t stalled_since_us;
	uint64_t stalled_us;

	struct rt_pkt *part; /* an SDU in the making; NULL: none */
	struct rt_list held; /* of rt_pkt.node: SDUs without room */
	size_t held_bytes;
	uint16_t rx_credits; /* that the peer has */
	uint64_t rx_frames;
	bool busy;
	uint64_t busy_since_us;
	uint64_t busy_us;
};

static uint32_t frames_of(size_t bytes, size_t frame_bytes)
{
	return (uint32_t)((bytes + frame_bytes - 1) / frame_bytes);
}

/* Frames of new SDUs that have room, if the longest SDU has. */
static uint32_t frames_in(const struct rt_l2cap_chan *chan, size_t room)
{
	const size_t longest = (size_t)chan->imtu + SDU_LENGTH_BYTES;
	const size_t frame = RT_MIN(chan->agreed.rx_mps, longest);
	const size_t most = (room + SDU_LENGTH_BYTES) / frame;

	if (room < chan->imtu)
		return 0;
	return (uint32_t)RT_MIN(most, (size_t)UINT16_MAX);
}

/*
 * What the user has room for; one that takes everything at once still has no
 * more on the way than so much.
 */
static size_t room_of(const struct rt_l2cap_chan *chan)
{
	const size_t room = rt_l2cap_sdu_room(chan);

	if (room != SIZE_MAX)
		return room;
	return (size_t)chan->l2cap->env->limits.rx_queue_bytes + chan->imtu;
}

/* The credits that the peer shall have now; `c` is NULL before the start. */
static uint16_t wanted(const struct rt_l2cap_chan *chan, const struct credit *c)
{
	const uint32_t most = chan->l2cap->env->limits.credits;
	const size_t room = room_of(chan);
	const struct rt_pkt *part = c ? c->part : NULL;
	const size_t used = (c ? c->held_bytes : 0) + (part ? part->cap : 0);
	uint32_t frames = frames_in(chan, room - RT_MIN(room, used));

	if (part)
		frames += frames_of((size_t)part->cap - part->len,
				    chan->agreed.rx_mps);
	return (uint16_t)RT_MIN(frames, RT_MIN(RT_MAX(most, 1), UINT16_MAX));
}

uint16_t rt_l2cap_credit_mps(const struct rt_l2cap_chan *chan)
{
	const uint32_t longest = (uint32_t)chan->imtu + SDU_LENGTH_BYTES;
	const uint16_t mps = chan->params.mps;

	if (mps == 0)
		return (uint16_t)RT_MIN(longest, MPS_DEFAULT);
	return RT_MIN(mps, RT_L2CAP_CREDIT_MPS_MAX);
}

uint16_t rt_l2cap_credit_initial(const struct rt_l2cap_chan *chan)
{
	if (chan->params.credits > 0)
		return chan->params.credits;
	return RT_MAX(wanted(chan, NULL), 1);
}

/* Keeps count of the time in which a state of affairs lasts. */
static void note_time(const struct rt_env *env, bool now, bool *is,
		      uint64_t *since_us, uint64_t *total_us)
{
	if (*is && !now)
		*total_us += env->now_us - *since_us;
	else if (now && !*is)
		*since_us = env->now_us;
	*is = now;
}

static void note_stalled(struct credit *c, bool stalled)
{
	note_time(c->chan->l2cap->env, stalled, &c->stalled,
		  &c->stalled_since_us, &c->stalled_us);
}

static void note_busy(struct credit *c, bool busy)
{
	note_time(c->chan->l2cap->env, busy, &c->busy, &c->busy_since_us,
		  &c->busy_us);
}

/*
 * Gives credits if the peer has used up half of what it may have; what it gets
 * is counted out when the indication leaves.
 */
static void grant(struct rt_l2cap_chan *chan)
{
	struct credit *c = chan->mode_state;
	const uint16_t want = wanted(chan, c);

	if (chan->state != RT_L2CAP_CHAN_OPEN || chan->suspended)
		return;
	note_busy(c, want == 0 && c->rx_credits == 0);
	if (want <= c->rx_credits || 2 * (want - c->rx_credits) < want)
		return;
	if (rt_list_empty(&c->owed))
		rt_list_append(&chan->link->ecfc.grants, &c->owed);
	rt_l2cap_link_wake(chan->link);
}

/* Takes an SDU to the user, who may do anything; then gives credits. */
static void deliver(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const rt_handle handle = chan->handle;

	rt_l2cap_sdu_deliver(chan, sdu);
	chan = rt_slots_get(&l2cap->chans, handle);
	if (chan && chan->mode_state)
		grant(chan);
}

static struct rt_pkt *first_held(const struct credit *c)
{
	struct rt_pkt *pkt = RT_LIST_FIRST(&c->held, struct rt_pkt, node);

	return pkt && pkt->len <= rt_l2cap_sdu_room(c->chan) ? pkt : NULL;
}

/* Hands over what has waited for room; the user may end the channel. */
static void release(struct rt_l2cap *l2cap, rt_handle handle)
{
	struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, handle);
	struct credit *c = chan ? chan->mode_state : NULL;
	struct rt_pkt *pkt = c ? first_held(c) : NULL;

	while (pkt) {
		rt_list_del(&pkt->node);
		c->held_bytes -= pkt->len;
		deliver(chan, rt_bytes(pkt->data, pkt->len));
		rt_env_free(l2cap->env, pkt);
		chan = rt_slots_get(&l2cap->chans, handle);
		c = chan ? chan->mode_state : NULL;
		pkt = c ? first_held(c) : NULL;
	}
}

static void on_timer(struct rt_timer *timer)
{
	struct credit *c = RT_CONTAINER_OF(timer, struct credit, timer);

	rt_l2cap_mode_ready(c->chan);
	release(c->chan->l2cap, c->chan->handle);
}

static struct credit *new_state(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;
	struct credit *c = rt_env_alloc(env, sizeof(*c));

	if (!c)
		return NULL;
	c->sdu = rt_env_alloc(env, sizeof(*c->sdu));
	if (!c->sdu) {
		rt_env_free(env, c);
		return NULL;
	}
	rt_list_init(&c->sdu->node);
	rt_list_init(&c->owed);
	rt_list_init(&c->held);
	rt_timer_init(&c->timer, on_timer);
	c->chan = chan;
	return c;
}

static int begin(struct rt_l2cap_chan *chan)
{
	struct credit *c = chan->mode_state;

	if (!c)
		c = new_state(chan);
	if (!c)
		return -ENOMEM;
	c->tx_credits = chan->agreed.tx_credits;
	c->rx_credits = chan->agreed.rx_credits;
	chan->mode_state = c;

	/* No frame may be lost: there is nothing that would send it again. */
	chan->config.flush_timeout = RT_L2CAP_FLUSH_NEVER;

	/*
	 * A frame beyond the MPS has to be seen, to end the channel for it:
	 * that costs the memory of one PDU a link, for as long as it arrives.
	 */
	chan->rx_limit = UINT16_MAX;
	return 0;
}

static void end(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;
	struct credit *c = chan->mode_state;

	chan->mode_state = NULL;
	rt_env_stop(env, &c->timer);
	rt_list_del(&c->owed);
	rt_env_free(env, c->part);
	rt_pkt_free_all(env, &c->held);
	if (c->sending) {
		rt_env_free(env, c->sdu->pdu.owned);
		c->sdu->pdu.owned = NULL;
		rt_l2cap_sdu_unsent(chan, c->sdu);
	} else {
		rt_env_free(env, c->sdu);
	}
	rt_env_free(env, c);
}

static struct rt_pkt *copy_of(struct rt_env *env, struct rt_bytes bytes,
			      uint16_t cap)
{
	struct rt_pkt *pkt = rt_pkt_new(env, cap);

	if (!pkt)
		return NULL;
	if (bytes.len > 0)
		memcpy(pkt->data, bytes.ptr, bytes.len);
	pkt->len = (uint16_t)bytes.len;
	return pkt;
}

/* An SDU is whole: it goes to the user, or waits behind others. */
static bool must_wait(const struct rt_l2cap_chan *chan, size_t bytes)
{
	const struct credit *c = chan->mode_state;

	return !rt_list_empty(&c->held) || bytes > rt_l2cap_sdu_room(chan);
}

static void hold(struct rt_l2cap_chan *chan, struct rt_pkt *pkt)
{
	struct credit *c = chan->mode_state;

	rt_list_append(&c->held, &pkt->node);
	c->held_bytes += pkt->len;
	grant(chan);
}

/* An SDU in one K-frame is not copied, unless it has to wait. */
static void on_whole(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	struct rt_pkt *pkt;

	if (!must_wait(chan, sdu.len)) {
		deliver(chan, sdu);
		return;
	}
	pkt = copy_of(chan->l2cap->env, sdu, (uint16_t)sdu.len);
	if (pkt)
		hold(chan, pkt);
	else
		rt_l2cap_mode_fail(chan, RT_L2CAP_NO_MEMORY);
}

static void on_first(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct credit *c = chan->mode_state;
	struct rt_rd r = rt_rd_init(payload);
	const uint16_t len = rt_rd_le16(&r);
	const struct rt_bytes octets = rt_rd_rest(&r);

	if (!rt_rd_done(&r) || len > chan->imtu || octets.len > len) {
		rt_l2cap_mode_fail(chan, RT_L2CAP_BAD_PEER);
		return;
	}
	if (octets.len == len) {
		on_whole(chan, octets);
		return;
	}
	c->part = copy_of(chan->l2cap->env, octets, len);
	if (c->part)
		grant(chan);
	else
		rt_l2cap_mode_fail(chan, RT_L2CAP_NO_MEMORY);
}

static void on_next(struct rt_l2cap_chan *chan, struct rt_bytes octets)
{
	struct rt_env *env = chan->l2cap->env;
	struct credit *c = chan->mode_state;
	struct rt_pkt *part = c->part;

	if (octets.len > (size_t)part->cap - part->len) {
		rt_l2cap_mode_fail(chan, RT_L2CAP_BAD_PEER);
		return;
	}
	if (octets.len > 0)
		memcpy(part->data + part->len, octets.ptr, octets.len);
	part->len = (uint16_t)(part->len + octets.len);
	if (part->len < part->cap) {
		grant(chan);
		return;
	}
	c->part = NULL;
	if (must_wait(chan, part->len)) {
		hold(chan, part);
		return;
	}
	deliver(chan, rt_bytes(part->data, part->len));
	rt_env_free(env, part);
}

/* Takes a frame's credit. False: it has none, or is too long. */
static bool admit(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct credit *c = chan->mode_state;

	if (c->rx_credits == 0 || payload.len > chan->agreed.rx_mps) {
		rt_l2cap_mode_fail(chan, RT_L2CAP_BAD_PEER);
		return false;
	}
	c->rx_credits--;
	return true;
}

static void rx(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct credit *c = chan->mode_state;

	if (!admit(chan, payload))
		return;
	c->rx_frames++;
	if (c->part)
		on_next(chan, payload);
	else
		on_first(chan, payload);
}

/* Gets an SDU from the user, who may end the channel in this call. */
static bool next_sdu(struct rt_l2cap_chan *chan)
{
	const struct credit *c = chan->mode_state;
	struct rt_pdu body;

	rt_pdu_init(&body);
	if (!rt_l2cap_sdu_pull(chan, &body))
		return false;
	body.done.chan = chan->handle;
	if (chan->mode_state != c) {
		rt_env_free(chan->l2cap->env, body.owned);
		rt_l2cap_sdu_completed(chan, &body.done, false);
		return false;
	}
	c->sdu->pdu = body;
	return true;
}

/* The next octets of the SDU, the length in front of the first. */
static void fill(const struct credit *c, size_t octets, struct rt_pkt *pkt)
{
	const struct rt_pdu *body = &c->sdu->pdu;
	struct rt_packet packet = { .count = 0 };
	struct rt_wr w = rt_wr_init(pkt->data, pkt->cap);

	if (c->sent == 0)
		rt_wr_le16(&w, (uint16_t)rt_pdu_bytes(body));
	rt_pdu_slice(body, c->sent, octets, &packet);
	for (size_t i = 0; i < packet.count; i++)
		rt_wr_put(&w, packet.slice[i]);
	pkt->len = (uint16_t)rt_wr_bytes(&w).len;
}

static bool next_frame(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	struct rt_env *env = chan->l2cap->env;
	struct credit *c = chan->mode_state;
	const size_t head = c->sent == 0 ? SDU_LENGTH_BYTES : 0;
	const size_t left = rt_pdu_bytes(&c->sdu->pdu) - c->sent;
	const size_t octets = RT_MIN(left, chan->agreed.tx_mps - head);
	struct rt_pkt *pkt = rt_pkt_new(env, (uint16_t)(head + octets));

	if (!pkt) {
		rt_env_arm(env, &c->timer, RT_MS(RETRY_MS));
		return false;
	}
	fill(c, octets, pkt);
	rt_pdu_own(pdu, pkt);
	c->tx_credits--;
	c->tx_frames++;
	c->sent += (uint32_t)octets;
	if (octets < left)
		return true;
	pdu->done = c->sdu->pdu.done;
	rt_env_free(env, c->sdu->pdu.owned);
	c->sending = false;
	return true;
}

static bool pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	struct credit *c = chan->mode_state;

	if (c->tx_credits == 0) {
		note_stalled(c, c->sending || chan->wants);
		return false;
	}
	if (!c->sending && !next_sdu(chan))
		return false;
	if (!c->sending)
		c->sent = 0;
	c->sending = true;
	return next_frame(chan, pdu);
}

static void room(struct rt_l2cap_chan *chan)
{
	struct credit *c = chan->mode_state;

	/* The user is the caller: it gets nothing from inside its call. */
	if (!rt_list_empty(&c->held))
		rt_env_arm(chan->l2cap->env, &c->timer, 0);
	grant(chan);
}

static void flush(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const rt_handle handle = chan->handle;
	struct credit *c = chan->mode_state;
	struct rt_pkt *pkt;

	while (c && (pkt = RT_LIST_FIRST(&c->held, struct rt_pkt, node))) {
		rt_list_del(&pkt->node);
		c->held_bytes -= pkt->len;
		rt_l2cap_sdu_deliver_last(chan, rt_bytes(pkt->data, pkt->len));
		rt_env_free(l2cap->env, pkt);
		chan = rt_slots_get(&l2cap->chans, handle);
		c = chan ? chan->mode_state : NULL;
	}
}

static void suspend(struct rt_l2cap_chan *chan)
{
	struct credit *c = chan->mode_state;

	rt_list_del(&c->owed);
}

static void info(const struct rt_l2cap_chan *chan,
		 struct rt_l2cap_info *ret_info)
{
	const struct credit *c = chan->mode_state;
	const uint64_t now_us = chan->l2cap->env->now_us;

	ret_info->tx_credits = c->tx_credits;
	ret_info->rx_credits = c->rx_credits;
	ret_info->tx_frames = c->tx_frames;
	ret_info->rx_frames = c->rx_frames;
	ret_info->stalled_peer_us = c->stalled_us;
	ret_info->busy_us = c->busy_us;
	if (c->stalled)
		ret_info->stalled_peer_us += now_us - c->stalled_since_us;
	if (c->busy)
		ret_info->busy_us += now_us - c->busy_since_us;
}

void rt_l2cap_credit_add(struct rt_l2cap_chan *chan, uint16_t credits)
{
	struct credit *c = chan->mode_state;

	if (credits > UINT16_MAX - c->tx_credits) {
		rt_l2cap_mode_fail(chan, RT_L2CAP_BAD_PEER);
		return;
	}
	c->tx_credits = (uint16_t)(c->tx_credits + credits);
	note_stalled(c, false);
	rt_l2cap_mode_ready(chan);
}

static void put_ind(struct rt_pdu *pdu, uint16_t cid, uint16_t credits,
		    uint8_t ident)
{
	const struct rt_l2cap_credit_ind msg = {
		.cid = cid,
		.credits = credits,
	};
	uint8_t buf[RT_L2CAP_SIG_BYTES];
	const uint16_t len =
		rt_l2cap_sig_encode(&rt_l2cap_credit_ind_msg, &msg, ident, buf);

	memcpy(rt_pdu_push(pdu, len), buf, len);
}

bool rt_l2cap_credit_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu)
{
	struct rt_list *grants = &link->ecfc.grants;
	struct credit *c;
	uint16_t want;
	uint8_t ident;

	while ((c = RT_LIST_FIRST(grants, struct credit, owed))) {
		want = wanted(c->chan, c);
		if (want <= c->rx_credits) {
			rt_list_del(&c->owed);
			continue;
		}
		ident = rt_l2cap_req_new_ident(link);
		if (ident == 0) {
			rt_env_arm(link->l2cap->env, &c->timer,
				   RT_MS(RETRY_MS));
			return false;
		}
		rt_list_del(&c->owed);
		put_ind(pdu, c->chan->scid, (uint16_t)(want - c->rx_credits),
			ident);
		c->rx_credits = want;
		return true;
	}
	return false;
}

const struct rt_l2cap_mode_ops rt_l2cap_credit_ops = {
	.begin = begin,
	.end = end,
	.rx = rx,
	.pull = pull,
	.suspend = suspend,
	.resume = grant,
	.flush = flush,
	.room = room,
	.info = info,
};
