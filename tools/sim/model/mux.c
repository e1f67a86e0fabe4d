/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/rfcomm.h"

/* RFCOMM sessions: start-up, crossings, close-down (R:5.2). */

#define IDLE_INITIATOR_US RT_MS(500)
#define IDLE_RESPONDER_US RT_SECONDS(25)
#define RESULT_RESOURCES 4

static bool has_dlc(const struct model *m, const struct model_link *link)
{
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		if (m->dlc[i].state != DLC_FREE && m->dlc[i].link == link)
			return true;
	}
	return false;
}

static void forget(struct model *m, struct model_link *link)
{
	struct model_mux *mux = &link->mux;
	uint16_t scid = mux->parked_scid;
	uint8_t id = mux->parked_id;

	memset(mux, 0, sizeof(*mux));
	mux->parked_scid = scid;
	mux->parked_id = id;
	model_disarm(m, &link->due[LINK_MUX]);
}

/* --- start-up --- */

static struct model_chan *carrier(struct model *m, struct model_link *link,
				  struct model_chan *chan)
{
	if (!chan)
		return NULL;
	chan->psm = PSM_RFCOMM;
	chan->ours.mtu = (uint16_t)(model_n1(m) + FRAME_EXTRA);
	link->mux.chan = chan;
	return chan;
}

void model_mux_want(struct model *m, struct model_link *link)
{
	struct model_mux *mux = &link->mux;

	model_disarm(m, &link->due[LINK_MUX]);
	if (mux->state != MUX_NONE)
		return;
	if (!carrier(m, link, model_chan_new(m, link, CHAN_MUX))) {
		model_mux_closed(m, link, MODEL_END_REFUSED);
		return;
	}
	mux->state = MUX_CHAN;
	mux->initiator = true;
	model_chan_advance(m, mux->chan);
}

static void accept(struct model *m, struct model_link *link, uint8_t id,
		   uint16_t scid)
{
	struct model_mux *mux = &link->mux;

	forget(m, link);
	mux->parked_scid = 0;
	if (!carrier(m, link, model_chan_accept(m, link, CHAN_MUX, id, scid)))
		return;
	mux->state = MUX_WAIT;
	model_arm(m, &link->due[LINK_MUX], model_patience_us(m));
	model_config_ask(m, mux->chan);
}

static void refuse(struct model *m, struct model_link *link, uint8_t id,
		   uint16_t scid)
{
	const uint16_t value[4] = { 0, scid, RESULT_RESOURCES, 0 };

	link->mux.refused_scid = scid;
	model_send_connect_rsp(m, link, id, value);
}

/*
 * A channel of ours and one of the peer's at once: the lower address gives way
 * (R:5.2.1 leaves it open), the other one waits what becomes of its own.
 */
void model_mux_offered(struct model *m, struct model_link *link, uint8_t id,
		       uint16_t scid)
{
	struct model_mux *mux = &link->mux;
	struct model_chan *ours = mux->chan;

	/* Asked again: the answer is still to come. */
	if (scid == mux->parked_scid)
		return;
	switch (mux->state) {
	case MUX_NONE:
		accept(m, link, id, scid);
		return;
	case MUX_CHAN:
		if (ours->state > CHAN_CONNECT)
			break;
		if (ours->state == CHAN_CONNECT &&
		    memcmp(m->addr.b, link->addr.b, 6) > 0) {
			mux->parked_scid = scid;
			mux->parked_id = id;
			return;
		}
		mux->chan = NULL;
		model_chan_close(m, ours, MODEL_END_OURS);
		accept(m, link, id, scid);
		return;
	case MUX_DISC:
	case MUX_END:
		mux->parked_scid = scid;
		mux->parked_id = id;
		return;
	case MUX_WAIT:
	case MUX_SABM:
	case MUX_OPEN:
		break;
	}
	if (scid != mux->refused_scid)
		model_blame(m, link, "rfcomm: a second session");
	refuse(m, link, id, scid);
}

void model_mux_chan_opened(struct model *m, struct model_link *link)
{
	struct model_mux *mux = &link->mux;

	if (mux->parked_scid != 0)
		refuse(m, link, mux->parked_id, mux->parked_scid);
	mux->parked_scid = 0;
	if (mux->state != MUX_CHAN)
		return;
	mux->state = MUX_SABM;
	model_rfcomm_send(m, link, FRAME_SABM, 0);
	model_arm(m, &link->due[LINK_MUX], model_patience_us(m));
}

static void opened(struct model *m, struct model_link *link)
{
	link->mux.state = MUX_OPEN;
	model_disarm(m, &link->due[LINK_MUX]);
	model_mux_unused(m, link);
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		if (m->dlc[i].state == DLC_WAIT && m->dlc[i].link == link)
			model_dlc_start(m, &m->dlc[i]);
	}
}

/* --- the end --- */

void model_mux_unused(struct model *m, struct model_link *link)
{
	if (link->mux.state != MUX_OPEN || has_dlc(m, link))
		return;
	model_arm(m, &link->due[LINK_MUX],
		  link->mux.initiator ? IDLE_INITIATOR_US : IDLE_RESPONDER_US);
}

/* DLCs that were on the session end; those that only waited for it may not. */
static void end_dlcs(struct model *m, struct model_link *link,
		     enum model_end why, bool all)
{
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		struct model_dlc *dlc = &m->dlc[i];

		if (dlc->state != DLC_FREE && dlc->link == link &&
		    (all || dlc->state != DLC_WAIT))
			model_dlc_end(m, dlc, why);
	}
}

void model_mux_closed(struct model *m, struct model_link *link,
		      enum model_end why)
{
	struct model_mux *mux = &link->mux;
	bool began = mux->state != MUX_NONE && mux->state != MUX_CHAN &&
		     mux->state != MUX_SABM;
	struct model_chan *chan = mux->chan;

	forget(m, link);
	if (chan)
		model_chan_close(m, chan, why);
	/* A DLC that came while the old session was closing has a new one. */
	end_dlcs(m, link, why, !began);
	if (link->state != LINK_OPEN || mux->state != MUX_NONE)
		return;
	if (mux->parked_scid != 0)
		accept(m, link, mux->parked_id, mux->parked_scid);
	else if (has_dlc(m, link))
		model_mux_want(m, link);
}

void model_mux_chan_ended(struct model *m, struct model_link *link,
			  const struct model_chan *chan, enum model_end why)
{
	struct model_mux *mux = &link->mux;

	if (mux->chan != chan)
		return;
	mux->chan = NULL;
	/* Ours was refused because of the peer's own: that one it is. */
	if (mux->state == MUX_CHAN && mux->parked_scid != 0 &&
	    link->state == LINK_OPEN) {
		accept(m, link, mux->parked_id, mux->parked_scid);
		return;
	}
	model_mux_closed(m, link, why);
}

void model_mux_lost(struct model *m, struct model_link *link,
		    enum model_end why)
{
	link->mux.chan = NULL;
	link->mux.parked_scid = 0;
	forget(m, link);
	end_dlcs(m, link, why, true);
}

void model_mux_timer(struct model *m, struct model_link *link)
{
	struct model_mux *mux = &link->mux;

	switch (mux->state) {
	case MUX_NONE:
	case MUX_CHAN:
		return;
	case MUX_OPEN:
		if (has_dlc(m, link))
			return;
		mux->state = MUX_DISC;
		model_rfcomm_send(m, link, FRAME_DISC, 0);
		model_arm(m, &link->due[LINK_MUX], model_patience_us(m));
		return;
	case MUX_WAIT:
	case MUX_SABM:
	case MUX_DISC:
	case MUX_END:
		break;
	}
	model_mux_closed(m, link, MODEL_END_TIMEOUT);
}

/* --- frames of DLCI 0 --- */

static void on_disc(struct model *m, struct model_link *link)
{
	struct model_mux *mux = &link->mux;
	bool initiator = mux->initiator;

	model_rfcomm_send(m, link, FRAME_UA, 0);
	mux->state = MUX_END;
	end_dlcs(m, link, MODEL_END_PEER, false);
	if (mux->state != MUX_END)
		return;
	/* The initiator closes the channel (R:5.2.2): behind our UA. */
	model_arm(m, &link->due[LINK_MUX],
		  initiator ? RT_MS(50) : model_patience_us(m));
}

void model_mux_control(struct model *m, struct model_link *link,
		       unsigned int type)
{
	struct model_mux *mux = &link->mux;

	if (type == FRAME_SABM && mux->state == MUX_WAIT) {
		model_rfcomm_send(m, link, FRAME_UA, 0);
		opened(m, link);
		return;
	}
	if (type == FRAME_UA && mux->state == MUX_SABM) {
		opened(m, link);
		return;
	}
	if ((type == FRAME_UA || type == FRAME_DM) && mux->state == MUX_DISC) {
		mux->state = MUX_END;
		/* As responder we leave the channel to the initiator. */
		model_arm(m, &link->due[LINK_MUX],
			  mux->initiator ? 1 : RT_SECONDS(10));
		return;
	}
	if (type == FRAME_DM && mux->state == MUX_SABM) {
		model_mux_closed(m, link, MODEL_END_REFUSED);
		return;
	}
	if (type == FRAME_DISC &&
	    (mux->state == MUX_OPEN || mux->state == MUX_DISC)) {
		on_disc(m, link);
		return;
	}
	if (mux->state == MUX_END && type == FRAME_UA)
		return;
	model_blame(m, link, "rfcomm: frame 0x%02x of DLCI 0 in state %d", type,
		    mux->state);
	if (type == FRAME_DISC)
		model_rfcomm_send(m, link, FRAME_UA, 0);
}
