/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/sim/model/parts.h"

/* L2CAP channels: how they begin and end (Core Vol 3 Part A 6.1). */

#define CHAN_MEMORY \
	(TX_RING_BYTES + MODEL_SDU_MAX + (size_t)WINDOW_MAX * MPS_MAX)
#define FEATURE_ERTM 0x08U
#define FEATURE_STREAMING 0x10U
#define GIVEN_UP_US RT_SECONDS(40)

/* --- finding and making --- */

static struct model_chan *by_scid(struct model *m,
				  const struct model_link *link, uint16_t scid)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		struct model_chan *chan = &m->chan[i];

		if (chan->state != CHAN_FREE && chan->link == link &&
		    chan->scid == scid)
			return chan;
	}
	return NULL;
}

struct model_chan *model_chan_by_scid(struct model *m,
				      const struct model_link *link,
				      uint16_t scid)
{
	return scid < CID_DYNAMIC ? NULL : by_scid(m, link, scid);
}

struct model_chan *model_chan_by_dcid(struct model *m,
				      const struct model_link *link,
				      uint16_t dcid)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		struct model_chan *chan = &m->chan[i];

		if (chan->state != CHAN_FREE && chan->link == link &&
		    chan->dcid == dcid && dcid != 0)
			return chan;
	}
	return NULL;
}

const struct model_chan *model_chan_look(const struct model *m, uint32_t number)
{
	const struct model_chan *chan;

	if (!model_number_is(number, NUMBER_CHAN, CHANS_MAX))
		return NULL;
	chan = &m->chan[number & NUMBER_SLOT];
	if (chan->state == CHAN_FREE || chan->number != number)
		return NULL;
	return chan;
}

struct model_chan *model_chan_find(struct model *m, uint32_t number)
{
	return model_chan_look(m, number) ? &m->chan[number & NUMBER_SLOT]
					  : NULL;
}

static void use_cid(struct model_link *link, uint16_t cid)
{
	link->cids_used[(cid - CID_DYNAMIC) / 64] |=
		UINT64_C(1) << (cid - CID_DYNAMIC) % 64;
}

void model_chans_number(struct model *m, struct model_link *link)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state != CHAN_FREE && m->chan[i].link == link)
			use_cid(link, m->chan[i].scid);
	}
}

static uint16_t next_cid(struct model *m, struct model_link *link)
{
	uint16_t cid;

	do {
		cid = link->next_cid++;
		if (link->next_cid == CID_DYNAMIC + CIDS)
			link->next_cid = CID_DYNAMIC;
	} while (by_scid(m, link, cid));
	use_cid(link, cid);
	for (unsigned int i = 0; i < CLOSED_MAX; i++) {
		if (link->closed[i].cid == cid)
			link->closed[i].cid = 0;
	}
	return cid;
}

/* The ring, the SDU and the frames, for channels of users only. */
static bool give_memory(struct model_chan *chan)
{
	if (!chan->memory)
		chan->memory = malloc(CHAN_MEMORY);
	if (!chan->memory)
		return false;
	chan->tx.buf = chan->memory;
	chan->tx.cap = TX_RING_BYTES;
	chan->sdu = chan->memory + TX_RING_BYTES;
	chan->frames = chan->sdu + MODEL_SDU_MAX;
	return true;
}

static void default_conf(const struct model *m, struct model_chan *chan)
{
	const struct model_behaviour *b = &m->options.behaviour;

	chan->ours.mtu = MTU_DEFAULT;
	chan->ours.window = b->window ? b->window : 16;
	chan->ours.transmits = b->transmits ? b->transmits : 3;
	chan->ours.mps = b->mps ? b->mps : 1000;
	chan->ours.no_fcs = b->no_fcs;
	chan->theirs.mtu = MTU_DEFAULT;
}

struct model_chan *model_chan_new(struct model *m, struct model_link *link,
				  enum model_chan_kind kind)
{
	struct model_chan *chan = NULL;
	uint8_t *memory;

	for (unsigned int i = 0; i < CHANS_MAX && !chan; i++) {
		if (m->chan[i].state == CHAN_FREE)
			chan = &m->chan[i];
	}
	if (!chan)
		return NULL;
	memory = chan->memory;
	memset(chan, 0, sizeof(*chan));
	chan->memory = memory;
	if (kind == CHAN_USER && !give_memory(chan))
		return NULL;
	chan->state = CHAN_LINK;
	chan->kind = kind;
	chan->link = link;
	chan->scid = next_cid(m, link);
	default_conf(m, chan);
	if (kind == CHAN_USER)
		chan->number = model_number(m, NUMBER_CHAN,
					    (unsigned int)(chan - m->chan));
	m->stats.chans++;
	m->quiet = false;
	model_disarm(m, &link->due[LINK_IDLE]);
	return chan;
}

/* --- the end --- */

static void remember_closed(const struct model_chan *chan)
{
	struct model_link *link = chan->link;
	struct model_closed *closed;

	closed = &link->closed[link->closed_at++ % CLOSED_MAX];
	closed->cid = chan->scid;
	closed->peer_knows = chan->peer_knows;
}

void model_chan_end(struct model *m, struct model_chan *chan,
		    enum model_end why)
{
	struct model_link *link = chan->link;
	const struct model_chan was = *chan;

	for (unsigned int i = 0; i < CHAN_TIMERS; i++)
		model_disarm(m, &chan->due[i]);
	model_requests_drop(m, link, chan->scid);
	remember_closed(chan);
	chan->state = CHAN_FREE;
	m->stats.chans--;
	m->quiet = false;
	switch (was.kind) {
	case CHAN_MUX:
		model_mux_chan_ended(m, link, chan, why);
		break;
	case CHAN_CLIENT:
		model_query_ended(m, was.query, why);
		break;
	case CHAN_USER:
		model_tell_end(m, was.number, was.told, why);
		break;
	case CHAN_SERVER:
		break;
	}
	model_link_unused(m, link);
}

void model_chan_close(struct model *m, struct model_chan *chan,
		      enum model_end why)
{
	m->quiet = false;
	switch (chan->state) {
	case CHAN_FREE:
	case CHAN_DISCONNECT:
		return;
	case CHAN_LINK:
		model_chan_end(m, chan, why);
		return;
	case CHAN_CONNECT:
		if (chan->given_up)
			return;
		chan->given_up = true;
		chan->why = why;
		model_arm(m, &chan->due[CHAN_LIFE], GIVEN_UP_US);
		return;
	case CHAN_CONFIG:
	case CHAN_OPEN:
		break;
	}
	chan->why = why;
	chan->state = CHAN_DISCONNECT;
	for (unsigned int i = 0; i < CHAN_TIMERS; i++)
		model_disarm(m, &chan->due[i]);
	model_requests_drop(m, chan->link, chan->scid);
	model_send_disconnect(m, chan);
}

void model_chan_broken(struct model *m, struct model_chan *chan,
		       const char *what)
{
	model_blame(m, chan->link, "%s", what);
	model_chan_close(m, chan, MODEL_END_PROTOCOL);
}

void model_chans_lost(struct model *m, struct model_link *link,
		      enum model_end why)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state != CHAN_FREE && m->chan[i].link == link)
			model_chan_end(m, &m->chan[i], why);
	}
	model_mux_lost(m, link, why);
}

/* --- the beginning --- */

static bool may_ask(struct model *m, struct model_chan *chan)
{
	struct model_link *link = chan->link;
	uint32_t feature = chan->ours.mode == MODEL_ERTM ? FEATURE_ERTM
							 : FEATURE_STREAMING;

	if (chan->psm != PSM_SDP && !m->options.behaviour.no_security &&
	    !model_sec_start(m, link))
		return false;
	if (chan->ours.mode == MODEL_BASIC)
		return true;
	if (!link->info_known) {
		model_info_ask(m, link);
		return false;
	}
	if (link->peer_features & feature)
		return true;
	model_chan_end(m, chan, MODEL_END_REFUSED);
	return false;
}

void model_chan_advance(struct model *m, struct model_chan *chan)
{
	if (chan->state != CHAN_LINK || chan->link->state != LINK_OPEN)
		return;
	if (!may_ask(m, chan))
		return;
	chan->state = CHAN_CONNECT;
	model_send_connect(m, chan);
}

void model_chans_wake(struct model *m, struct model_link *link)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state == CHAN_LINK && m->chan[i].link == link)
			model_chan_advance(m, &m->chan[i]);
	}
}

void model_chans_insecure(struct model *m, struct model_link *link)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		struct model_chan *chan = &m->chan[i];

		if (chan->state == CHAN_LINK && chan->link == link &&
		    chan->psm != PSM_SDP)
			model_chan_end(m, chan, MODEL_END_SECURITY);
	}
}

void model_chan_opened(struct model *m, struct model_chan *chan)
{
	const struct model_chan_info info = {
		.peer = chan->link->addr,
		.incoming = chan->incoming,
		.port = chan->psm,
		.mode = chan->ours.mode,
		.tx_max = RT_MIN(chan->theirs.mtu, MODEL_SDU_MAX),
		.rx_max = chan->ours.mtu,
	};

	chan->state = CHAN_OPEN;
	chan->fcs = chan->ours.mode != MODEL_BASIC &&
		    !(chan->ours.no_fcs && chan->theirs.no_fcs);
	chan->tx_window = RT_MIN(chan->theirs.window, WINDOW_MAX);
	model_disarm(m, &chan->due[CHAN_LIFE]);
	switch (chan->kind) {
	case CHAN_MUX:
		model_mux_chan_opened(m, chan->link);
		return;
	case CHAN_CLIENT:
		model_query_opened(m, chan);
		return;
	case CHAN_SERVER:
		return;
	case CHAN_USER:
		break;
	}
	chan->told = true;
	if (m->events.opened)
		m->events.opened(m->options.user, chan->number, &info);
}

/* --- time --- */

void model_chan_timers(struct model *m, struct model_chan *chan)
{
	if (model_is_due(m, &chan->due[CHAN_LIFE])) {
		if (chan->state == CHAN_CONNECT)
			model_chan_end(m, chan, chan->why);
		else
			model_chan_close(m, chan, MODEL_END_TIMEOUT);
	}
	if (chan->state == CHAN_OPEN && chan->ours.mode == MODEL_ERTM)
		model_ertm_timers(m, chan);
}
