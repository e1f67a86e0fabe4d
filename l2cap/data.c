/* SPDX-License-Identifier: MIT */
#include "l2cap/data.h"

#include <assert.h>
#include <string.h>

#include "l2cap/engine.h"
#include "l2cap/link.h"

/*
 * A peer may take the channel for open a little before we do: once it has
 * agreed to our half of the configuration it knows what we receive. What it
 * sends then is kept until we are open: so many SDUs, and so many octets as
 * one SDU may have.
 */
#define EARLY_MAX 4

static void hold(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	struct rt_env *env = chan->l2cap->env;
	struct rt_pkt *pkt = NULL;

	if (chan->early_count < EARLY_MAX &&
	    chan->early_bytes + sdu.len <= chan->imtu)
		pkt = rt_pkt_new(env, (uint16_t)sdu.len);
	if (!pkt) {
		rt_log(env, RT_LOG_WARNING,
		       "chan 0x%04x: %zu octets before it was open are lost",
		       chan->scid, sdu.len);
		return;
	}
	if (sdu.len > 0)
		memcpy(pkt->data, sdu.ptr, sdu.len);
	pkt->len = (uint16_t)sdu.len;
	chan->early_count++;
	chan->early_bytes += pkt->len;
	rt_list_append(&chan->early, &pkt->node);
}

void rt_l2cap_data_rx(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	if (!rt_l2cap_chan_exists(chan))
		return;
	if (sdu.len > chan->imtu)
		chan->l2cap->stats.rx_oversized++;
	else if (chan->opened)
		chan->ops->rx(chan->user, chan->handle, sdu);
	else if (chan->config.ours_done)
		hold(chan, sdu);
}

/* The first SDU kept, if the channel is there and open; to be freed. */
static struct rt_pkt *take_early(const struct rt_l2cap *l2cap, rt_handle handle)
{
	struct rt_l2cap_chan *chan = rt_l2cap_chan_get(l2cap, handle);
	struct rt_pkt *pkt;

	if (!chan || chan->state != RT_L2CAP_CHAN_OPEN)
		return NULL;
	pkt = RT_LIST_FIRST(&chan->early, struct rt_pkt, node);
	if (pkt)
		rt_list_del(&pkt->node);
	return pkt;
}

void rt_l2cap_data_begin(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const rt_handle handle = chan->handle;
	struct rt_pkt *pkt;

	/* Each of these calls may end the channel. */
	if (chan->ops)
		chan->ops->opened(chan->user, handle);
	while ((pkt = take_early(l2cap, handle))) {
		chan->ops->rx(chan->user, handle,
			      rt_bytes(pkt->data, pkt->len));
		rt_env_free(l2cap->env, pkt);
	}
}

void rt_l2cap_data_queue(struct rt_l2cap_chan *chan)
{
	chan->wants = true;
	if (chan->state == RT_L2CAP_CHAN_OPEN && rt_list_empty(&chan->ready))
		rt_list_append(&chan->link->ready, &chan->ready);
}

bool rt_l2cap_data_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	if (chan->state != RT_L2CAP_CHAN_OPEN || !chan->ops)
		return false;
	chan->wants = false;
	if (!chan->ops->pull(chan->user, chan->handle, chan->omtu, pdu))
		return false;

	/* A user that has gone meanwhile takes its octets with it. */
	if (!chan->ops) {
		rt_env_free(chan->l2cap->env, pdu->owned);
		rt_pdu_init(pdu);
		return false;
	}
	assert(rt_pdu_bytes(pdu) <= chan->omtu);
	pdu->done.chan = chan->handle;
	chan->in_flight++;
	return true;
}

void rt_l2cap_data_completed(struct rt_l2cap_chan *chan,
			     const struct rt_done *done, bool written)
{
	struct rt_l2cap *l2cap = chan->l2cap;
	const rt_handle handle = chan->handle;

	if (chan->in_flight > 0)
		chan->in_flight--;
	if (chan->ops)
		chan->ops->completed(chan->user, handle, done, written);

	/* The user may have ended the channel. */
	chan = rt_slots_get(&l2cap->chans, handle);
	if (chan && chan->in_flight == 0)
		rt_l2cap_chan_drained(chan);
}
