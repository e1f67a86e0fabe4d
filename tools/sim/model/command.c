/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/* What the owner of a model asks it to do. */

uint32_t model_connect_rfcomm(struct model *m, struct rt_addr addr,
			      uint8_t channel)
{
	struct model_link *link;
	struct model_dlc *dlc;

	if (channel < 1 || channel > 30)
		return 0;
	link = model_link_want(m, addr);
	dlc = link ? model_dlc_connect(m, link, channel) : NULL;
	if (!dlc) {
		if (link)
			model_link_unused(m, link);
		return 0;
	}
	model_want_kick(m);
	return dlc->number;
}

static struct model_chan *new_chan(struct model *m, struct rt_addr addr,
				   enum model_chan_kind kind)
{
	struct model_link *link = model_link_want(m, addr);
	struct model_chan *chan;

	if (!link)
		return NULL;
	chan = model_chan_new(m, link, kind);
	if (!chan)
		model_link_unused(m, link);
	return chan;
}

uint32_t model_connect_l2cap(struct model *m, struct rt_addr addr, uint16_t psm,
			     enum model_mode mode, uint16_t mtu)
{
	struct model_chan *chan;

	if (mtu != 0 && (mtu < MTU_MIN || mtu > MODEL_SDU_MAX))
		return 0;
	chan = new_chan(m, addr, CHAN_USER);
	if (!chan)
		return 0;
	chan->psm = psm;
	chan->ours.mode = mode;
	if (mtu != 0)
		chan->ours.mtu = mtu;
	model_want_kick(m);
	return chan->number;
}

uint32_t model_sdp_search(struct model *m, struct rt_addr addr, uint16_t uuid)
{
	struct model_chan *chan = new_chan(m, addr, CHAN_CLIENT);
	struct model_query *q;

	if (!chan)
		return 0;
	q = model_query_new(m, chan, uuid);
	if (!q) {
		model_chan_end(m, chan, MODEL_END_OURS);
		return 0;
	}
	model_arm(m, &q->due_us, 2 * model_patience_us(m));
	model_want_kick(m);
	return q->number;
}

size_t model_send(struct model *m, uint32_t number, struct rt_bytes data)
{
	struct model_chan *chan = model_chan_find(m, number);
	struct model_dlc *dlc = model_dlc_find(m, number);

	if (chan)
		return model_chan_send(m, chan, data);
	return dlc ? model_dlc_send(m, dlc, data) : 0;
}

size_t model_room(const struct model *m, uint32_t number)
{
	const struct model_chan *chan = model_chan_look(m, number);
	const struct model_dlc *dlc = model_dlc_look(m, number);

	if (chan)
		return model_chan_room(chan);
	return dlc ? model_dlc_room(dlc) : 0;
}

size_t model_unsent(const struct model *m, uint32_t number)
{
	const struct model_chan *chan = model_chan_look(m, number);
	const struct model_dlc *dlc = model_dlc_look(m, number);

	if (chan)
		return model_chan_unsent(chan);
	return dlc ? dlc->tx.len : 0;
}

void model_pause(struct model *m, uint32_t number, bool paused)
{
	struct model_chan *chan = model_chan_find(m, number);
	struct model_dlc *dlc = model_dlc_find(m, number);

	if (chan)
		chan->paused = paused;
	if (dlc)
		dlc->paused = paused;
	model_want_kick(m);
}

void model_close(struct model *m, uint32_t number)
{
	struct model_chan *chan = model_chan_find(m, number);
	struct model_dlc *dlc = model_dlc_find(m, number);

	if (chan)
		chan->closing = true;
	if (dlc)
		dlc->closing = true;
	model_want_kick(m);
}

void model_disconnect_link(struct model *m, struct rt_addr addr)
{
	struct model_link *link = model_link_find(m, addr);

	if (link)
		link->unwanted = true;
	model_want_kick(m);
}

void model_set_lies(struct model *m, const struct model_lies *lies)
{
	m->options.lies = *lies;
	if (lies->permille > 0)
		return;
	/* Whom we have lied to may be in any state: begin anew. */
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		if (m->link[i] && m->link[i]->state == LINK_OPEN &&
		    m->link[i]->spoiled)
			m->link[i]->unwanted = true;
	}
	model_want_kick(m);
}

/* --- what they have asked, carried out where callbacks may come --- */

void model_want_kick(struct model *m)
{
	m->kick = true;
	m->quiet = false;
}

static void kick_chan(struct model *m, struct model_chan *chan)
{
	if (chan->state == CHAN_FREE)
		return;
	if (chan->closing && chan->state != CHAN_OPEN)
		model_chan_close(m, chan, MODEL_END_OURS);
	else if (chan->state == CHAN_LINK)
		model_chan_advance(m, chan);
	else if (chan->state == CHAN_OPEN && chan->ours.mode == MODEL_ERTM)
		model_ertm_kick(m, chan);
}

void model_kick(struct model *m)
{
	m->kick = false;
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = m->link[i];

		if (!link || link->state == LINK_FREE || !link->unwanted)
			continue;
		link->unwanted = false;
		model_link_disconnect(m, link);
	}
	for (unsigned int i = 0; i < CHANS_MAX; i++)
		kick_chan(m, &m->chan[i]);
	for (unsigned int i = 0; i < DLCS_MAX; i++)
		model_dlc_kick(m, &m->dlc[i]);
}
