/* SPDX-License-Identifier: MIT */
#include "l2cap/data.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/suspend.h"

/*
 * A peer may take the channel for open a little before we do: once it has
 * agreed to our half of the configuration it knows what we receive. What it
 * sends then is kept until we are open: so many SDUs, and so many octets as
 * one SDU may have.
 */
#define EARLY_MAX 4

static void hold(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct rt_env *env = chan->l2cap->env;
	const uint32_t most = RT_MAX(chan->imtu, chan->rx_limit);
	struct rt_pkt *pkt = NULL;

	if (chan->early_count < EARLY_MAX &&
	    chan->early_bytes + payload.len <= most)
		pkt = rt_pkt_new(env, (uint16_t)payload.len);
	if (!pkt) {
		rt_log(env, RT_LOG_WARNING,
		       "chan 0x%04x: %zu octets before it was open are lost",
		       chan->scid, payload.len);
		return;
	}
	if (payload.len > 0)
		memcpy(pkt->data, payload.ptr, payload.len);
	pkt->len = (uint16_t)payload.len;
	chan->early_count++;
	chan->early_bytes += pkt->len;
	rt_list_append(&chan->early, &pkt->node);
}

void rt_l2cap_data_rx(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	if (!rt_l2cap_chan_exists(chan))
		return;
	if (chan->suspended) {
		rt_l2cap_suspend_rx(chan);
		return;
	}
	if (payload.len > chan->rx_limit)
		chan->l2cap->stats.rx_oversized++;
	else if (chan->opened)
		chan->mode->rx(chan, payload);
	else if (chan->config.ours_done)
		hold(chan, payload);
}

static const struct rt_l2cap_mode_ops *ops_of(enum rt_l2cap_mode mode)
{
	switch (mode) {
	case RT_L2CAP_MODE_BASIC:
		break;
	case RT_L2CAP_MODE_CREDIT:
		return &rt_l2cap_credit_ops;
	case RT_L2CAP_MODE_ERTM:
		return &rt_l2cap_ertm_ops;
	case RT_L2CAP_MODE_STREAMING:
		return &rt_l2cap_streaming_ops;
	}
	return &rt_l2cap_basic_ops;
}

int rt_l2cap_data_prepare(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_mode_ops *mode = ops_of(chan->agreed.mode);
	const int ret = mode->begin(chan);

	if (ret == 0)
		chan->mode = mode;
	return ret;
}

/* The first SDU kept, if the channel is there and open; to be freed. */
static struct rt_pkt *take_early(const struct rt_l2cap *l2cap, rt_handle handle)
{
	struct rt_l2cap_chan *chan = rt_l2cap_chan_get(l2cap, handle);
	struct rt_pkt *pkt;

	if (!chan || chan->state != RT_L2CAP_CHAN_OPEN)
		return NULL;
	pkt = RT_LIST_FIRST(&chan->early, struct rt_pkt, node);
	if (!pkt)
		return NULL;
	rt_list_del(&pkt->node);
	chan->early_count--;
	chan->early_bytes -= pkt->len;
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
		chan->mode->rx(chan, rt_bytes(pkt->data, pkt->len));
		rt_env_free(l2cap->env, pkt);
	}
}

void rt_l2cap_data_requeue(struct rt_l2cap_chan *chan)
{
	if (chan->state == RT_L2CAP_CHAN_OPEN && !chan->suspended &&
	    rt_list_empty(&chan->ready))
		rt_list_append(&chan->link->ready, &chan->ready);
}

void rt_l2cap_data_queue(struct rt_l2cap_chan *chan)
{
	chan->wants = true;
	rt_l2cap_data_requeue(chan);
}

bool rt_l2cap_data_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	return chan->state == RT_L2CAP_CHAN_OPEN && !chan->suspended &&
	       chan->mode->pull(chan, pdu);
}

void rt_l2cap_mode_ready(struct rt_l2cap_chan *chan)
{
	rt_l2cap_data_requeue(chan);
	rt_l2cap_link_wake(chan->link);
}

void rt_l2cap_mode_fail(struct rt_l2cap_chan *chan, uint16_t code)
{
	rt_l2cap_chan_disconnect(chan, code);
}

bool rt_l2cap_sdu_pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	if (!chan->ops || !chan->wants)
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
	chan->wants = true;
	chan->in_flight++;
	return true;
}

int rt_l2cap_sdu_take(struct rt_l2cap_chan *chan, struct rt_l2cap_sdu **ret_sdu)
{
	struct rt_env *env = chan->l2cap->env;
	struct rt_l2cap_sdu *sdu;

	if (!chan->ops || !chan->wants)
		return 0;
	sdu = rt_env_alloc(env, sizeof(*sdu));
	if (!sdu)
		return -ENOMEM;
	rt_list_init(&sdu->node);
	rt_pdu_init(&sdu->pdu);
	if (!rt_l2cap_sdu_pull(chan, &sdu->pdu)) {
		rt_env_free(env, sdu);
		return 0;
	}
	sdu->pdu.done.chan = chan->handle;
	if (!chan->mode_state) {
		rt_env_free(env, sdu->pdu.owned);
		sdu->pdu.owned = NULL;
		rt_l2cap_sdu_unsent(chan, sdu);
		return 0;
	}
	*ret_sdu = sdu;
	return 1;
}

void rt_l2cap_sdu_completed(struct rt_l2cap_chan *chan,
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

void rt_l2cap_sdu_unsent(struct rt_l2cap_chan *chan, struct rt_l2cap_sdu *sdu)
{
	/* None is counted any more if the user or the link has gone. */
	if (chan->in_flight > 0)
		chan->in_flight--;
	rt_list_append(&chan->unsent, &sdu->node);
}

void rt_l2cap_data_tell_unsent(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;
	struct rt_l2cap_sdu *sdu;

	while ((sdu = RT_LIST_FIRST(&chan->unsent, struct rt_l2cap_sdu,
				    node))) {
		rt_list_del(&sdu->node);
		if (chan->ops)
			chan->ops->completed(chan->user, chan->handle,
					     &sdu->pdu.done, sdu->written);
		rt_env_free(env, sdu);
	}
}

void rt_l2cap_data_free(struct rt_l2cap_chan *chan)
{
	struct rt_env *env = chan->l2cap->env;
	struct rt_l2cap_sdu *sdu;

	rt_pkt_free_all(env, &chan->early);
	while ((sdu = RT_LIST_FIRST(&chan->unsent, struct rt_l2cap_sdu,
				    node))) {
		rt_list_del(&sdu->node);
		rt_env_free(env, sdu);
	}
}

void rt_l2cap_sdu_deliver(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	if (chan->room != SIZE_MAX)
		chan->room -= RT_MIN(chan->room, sdu.len);
	if (chan->ops)
		chan->ops->rx(chan->user, chan->handle, sdu);
}

void rt_l2cap_sdu_deliver_last(struct rt_l2cap_chan *chan, struct rt_bytes sdu)
{
	if (chan->ops && chan->ops->rx_last)
		chan->ops->rx_last(chan->user, chan->handle, sdu);
}

size_t rt_l2cap_sdu_room(const struct rt_l2cap_chan *chan)
{
	return chan->room;
}
