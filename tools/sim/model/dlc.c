/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/sim/model/rfcomm.h"

/* Data link connections: their lives, credits, data (R:5.3, R:5.4, R:6.5). */

#define HEAD 4
#define CREDITS_DEFAULT 10
#define N1_WANTED 1000

/* --- finding and making --- */

const struct model_dlc *model_dlc_look(const struct model *m, uint32_t number)
{
	const struct model_dlc *dlc;

	if (!model_number_is(number, NUMBER_DLC, DLCS_MAX))
		return NULL;
	dlc = &m->dlc[number & NUMBER_SLOT];
	if (dlc->state == DLC_FREE || dlc->number != number)
		return NULL;
	return dlc;
}

struct model_dlc *model_dlc_find(struct model *m, uint32_t number)
{
	return model_dlc_look(m, number) ? &m->dlc[number & NUMBER_SLOT] : NULL;
}

struct model_dlc *model_dlc_of(struct model *m, const struct model_link *link,
			       uint8_t dlci)
{
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		struct model_dlc *dlc = &m->dlc[i];

		if (dlc->state != DLC_FREE && dlc->state != DLC_WAIT &&
		    dlc->link == link && dlc->dlci == dlci)
			return dlc;
	}
	return NULL;
}

static struct model_dlc *make(struct model *m, struct model_link *link,
			      uint8_t channel, enum model_dlc_state state)
{
	struct model_dlc *dlc = NULL;
	uint8_t *memory;

	for (unsigned int i = 0; i < DLCS_MAX && !dlc; i++) {
		if (m->dlc[i].state == DLC_FREE)
			dlc = &m->dlc[i];
	}
	if (!dlc)
		return NULL;
	memory = dlc->memory ? dlc->memory : malloc(DLC_RING_BYTES);
	if (!memory)
		return NULL;
	memset(dlc, 0, sizeof(*dlc));
	dlc->memory = memory;
	dlc->tx.buf = memory;
	dlc->tx.cap = DLC_RING_BYTES;
	dlc->link = link;
	dlc->channel = channel;
	dlc->state = state;
	dlc->n1 = N1_DEFAULT;
	dlc->number = model_number(m, NUMBER_DLC, (unsigned int)(dlc - m->dlc));
	m->stats.chans++;
	m->quiet = false;
	model_disarm(m, &link->due[LINK_IDLE]);
	model_disarm(m, &link->due[LINK_MUX]);
	return dlc;
}

uint16_t model_n1(const struct model *m)
{
	uint16_t n1 = m->options.behaviour.n1;

	return n1 ? n1 : N1_WANTED;
}

uint16_t model_dlc_n1(const struct model *m, const struct model_link *link)
{
	uint16_t n1 = model_n1(m);
	const struct model_chan *chan = link->mux.chan;
	uint16_t mtu = RT_MIN(chan->ours.mtu, chan->theirs.mtu);

	return (uint16_t)RT_MIN(n1, mtu - FRAME_EXTRA);
}

static uint32_t credits_max(const struct model *m)
{
	uint8_t credits = m->options.behaviour.credits;

	return credits ? credits : CREDITS_DEFAULT;
}

uint8_t model_dlc_first_credits(const struct model *m)
{
	return (uint8_t)RT_MIN(credits_max(m), CREDITS_FIRST_MAX);
}

/* --- the beginning --- */

struct model_dlc *model_dlc_connect(struct model *m, struct model_link *link,
				    uint8_t channel)
{
	struct model_dlc *dlc = make(m, link, channel, DLC_WAIT);

	if (!dlc)
		return NULL;
	model_arm(m, &dlc->due_us, 2 * model_patience_us(m));
	return dlc;
}

struct model_dlc *model_dlc_accept(struct model *m, struct model_link *link,
				   uint8_t dlci)
{
	const struct model_service *service;
	struct model_dlc *dlc;

	service = model_service_find(m, 0, dlci >> 1);
	if (!service)
		return NULL;
	dlc = make(m, link, dlci >> 1, DLC_ASKED);
	if (!dlc)
		return NULL;
	dlc->dlci = dlci;
	dlc->incoming = true;
	dlc->service = service;
	link->mux.used |= UINT64_C(1) << dlci;
	link->mux.closed &= ~(UINT64_C(1) << dlci);
	model_arm(m, &dlc->due_us, model_patience_us(m));
	return dlc;
}

void model_dlc_start(struct model *m, struct model_dlc *dlc)
{
	struct model_mux *mux = &dlc->link->mux;
	uint8_t dlci = (uint8_t)((unsigned int)dlc->channel << 1 |
				 (mux->initiator ? 0U : 1U));

	if (model_dlc_of(m, dlc->link, dlci)) {
		model_dlc_end(m, dlc, MODEL_END_REFUSED);
		return;
	}
	dlc->dlci = dlci;
	dlc->state = DLC_PN;
	mux->used |= UINT64_C(1) << dlci;
	mux->closed &= ~(UINT64_C(1) << dlci);
	model_disarm(m, &dlc->link->due[LINK_MUX]);
	model_arm(m, &dlc->due_us, model_patience_us(m));
	model_mcc_send_pn(m, dlc);
}

void model_dlc_sabm(struct model *m, struct model_dlc *dlc)
{
	dlc->state = DLC_SABM;
	model_arm(m, &dlc->due_us, model_patience_us(m));
	model_rfcomm_send(m, dlc->link, FRAME_SABM, dlc->dlci);
}

void model_dlc_established(struct model *m, struct model_dlc *dlc)
{
	dlc->state = DLC_MSC;
	model_arm(m, &dlc->due_us, model_patience_us(m));
	model_mcc_send_msc(m, dlc);
}

void model_dlc_check_open(struct model *m, struct model_dlc *dlc)
{
	const struct model_chan_info info = {
		.peer = dlc->link->addr,
		.rfcomm = true,
		.incoming = dlc->incoming,
		.port = dlc->channel,
		.tx_max = dlc->n1,
		.rx_max = dlc->n1,
	};

	if (dlc->state != DLC_MSC || !dlc->msc_seen || !dlc->msc_acked)
		return;
	dlc->state = DLC_OPEN;
	dlc->told = true;
	m->quiet = false;
	model_disarm(m, &dlc->due_us);
	if (m->events.opened)
		m->events.opened(m->options.user, dlc->number, &info);
}

/* --- the end --- */

void model_dlc_end(struct model *m, struct model_dlc *dlc, enum model_end why)
{
	struct model_link *link = dlc->link;
	uint32_t number = dlc->number;
	bool told = dlc->told;

	if (dlc->state == DLC_SABM || dlc->state == DLC_DISC)
		link->mux.late |= UINT64_C(1) << dlc->dlci;
	model_disarm(m, &dlc->due_us);
	dlc->state = DLC_FREE;
	m->stats.chans--;
	m->quiet = false;
	model_tell_end(m, number, told, why);
	model_mux_unused(m, link);
	model_link_unused(m, link);
}

static void disconnect(struct model *m, struct model_dlc *dlc,
		       enum model_end why)
{
	dlc->why = why;
	dlc->state = DLC_DISC;
	model_arm(m, &dlc->due_us, model_patience_us(m));
	model_rfcomm_send(m, dlc->link, FRAME_DISC, dlc->dlci);
}

void model_dlc_kick(struct model *m, struct model_dlc *dlc)
{
	struct model_link *link = dlc->link;

	switch (dlc->state) {
	case DLC_WAIT:
		if (dlc->closing)
			model_dlc_end(m, dlc, MODEL_END_OURS);
		else if (link->mux.state == MUX_OPEN)
			model_dlc_start(m, dlc);
		else
			model_mux_want(m, link);
		return;
	case DLC_PN:
	case DLC_ASKED:
		if (dlc->closing)
			disconnect(m, dlc, MODEL_END_OURS);
		return;
	case DLC_FREE:
	case DLC_SABM:
	case DLC_MSC:
	case DLC_OPEN:
	case DLC_DISC:
		return;
	}
}

void model_dlc_timer(struct model *m, struct model_dlc *dlc)
{
	if (!model_is_due(m, &dlc->due_us))
		return;
	switch (dlc->state) {
	case DLC_FREE:
	case DLC_OPEN:
		return;
	case DLC_SABM:
	case DLC_MSC:
		disconnect(m, dlc, MODEL_END_TIMEOUT);
		return;
	case DLC_DISC:
		model_dlc_end(m, dlc, dlc->why);
		return;
	case DLC_WAIT:
	case DLC_PN:
	case DLC_ASKED:
		model_dlc_end(m, dlc, MODEL_END_TIMEOUT);
		return;
	}
}

/* --- what comes --- */

static void check_data(struct model *m, struct model_dlc *dlc,
		       const struct frame *f)
{
	struct model_link *link = dlc->link;

	if (f->info.len > dlc->n1)
		model_blame(m, link, "rfcomm: %zu octets on DLCI %u, N1 is %u",
			    f->info.len, dlc->dlci, dlc->n1);
	if (f->info.len == 0)
		return;
	if (link->mux.credits && dlc->rx_credits == 0)
		model_blame(m, link, "rfcomm: data on DLCI %u without a credit",
			    dlc->dlci);
	dlc->rx_credits -= dlc->rx_credits > 0;
	if (dlc->state != DLC_OPEN)
		model_blame(m, link, "rfcomm: data on DLCI %u before MSC",
			    dlc->dlci);
}

/* Without credits the FC bit has to do (R:6.3). */
static void tell_flow(struct model *m, struct model_dlc *dlc)
{
	bool full = dlc->paused;

	if (dlc->link->mux.credits || dlc->state != DLC_OPEN)
		return;
	if (dlc->service && dlc->service->role == MODEL_ECHO)
		full = full || dlc->tx.len > (dlc->fc_sent ? TX_RING_BYTES / 8
							   : TX_RING_BYTES / 4);
	if (full == dlc->fc_sent)
		return;
	dlc->fc_sent = full;
	model_mcc_send_msc(m, dlc);
}

static void deliver(struct model *m, struct model_dlc *dlc,
		    struct rt_bytes data)
{
	const struct model_service *service = dlc->service;

	m->stats.rx_bytes += data.len;
	if (service && service->role == MODEL_ECHO &&
	    !model_ring_put(&dlc->tx, data))
		m->stats.dropped++;
	tell_flow(m, dlc);
	if (m->events.received)
		m->events.received(m->options.user, dlc->number, data);
}

void model_dlc_rx(struct model *m, struct model_dlc *dlc, const struct frame *f)
{
	if (dlc->state == DLC_DISC)
		return;
	if (dlc->state < DLC_MSC) {
		model_blame(m, dlc->link,
			    "rfcomm: data on DLCI %u before it is open",
			    dlc->dlci);
		return;
	}
	check_data(m, dlc, f);
	m->quiet = false;
	if (f->has_credits)
		dlc->tx_credits =
			RT_MIN(dlc->tx_credits + f->credits, UINT16_MAX);
	if (f->info.len > 0 && dlc->state == DLC_OPEN)
		deliver(m, dlc, f->info);
}

/* --- what goes --- */

/* Frames that we can give to the peer now. */
static uint8_t grant(const struct model *m, const struct model_dlc *dlc)
{
	uint32_t max = credits_max(m);
	size_t room;

	if (!dlc->link->mux.credits || dlc->paused || dlc->closing ||
	    dlc->withhold)
		return 0;
	if (dlc->service && dlc->service->role == MODEL_ECHO) {
		room = model_ring_room(&dlc->tx) / dlc->n1;
		max = (uint32_t)RT_MIN(max, room);
	}
	/* Not one at a time, unless that is all there ever is. */
	if (dlc->rx_credits > max / 2 || dlc->rx_credits >= max)
		return 0;
	return (uint8_t)(max - dlc->rx_credits);
}

static void feed(struct model_dlc *dlc)
{
	const struct model_service *service = dlc->service;
	uint8_t octets[512];
	size_t n;

	if (!service || service->role != MODEL_SOURCE || dlc->closing)
		return;
	while (dlc->source_at < service->source_bytes &&
	       dlc->tx.len < TX_RING_BYTES / 4) {
		n = RT_MIN(sizeof(octets),
			   service->source_bytes - dlc->source_at);
		for (size_t i = 0; i < n; i++)
			octets[i] = model_pattern(dlc->source_at + i);
		(void)model_ring_put(&dlc->tx, rt_bytes(octets, n));
		dlc->source_at += n;
	}
	if (dlc->source_at >= service->source_bytes && service->close_when_sent)
		dlc->closing = true;
}

static bool may_send(const struct model_dlc *dlc)
{
	const struct model_mux *mux = &dlc->link->mux;

	if (mux->peer_off || dlc->tx.len == 0)
		return false;
	return mux->credits ? dlc->tx_credits > 0 : !dlc->fc;
}

static unsigned int pull(struct model *m, struct model_dlc *dlc)
{
	struct model_link *link = dlc->link;
	struct frame frame = { .dlci = dlc->dlci, .type = FRAME_UIH };
	size_t n;

	feed(dlc);
	tell_flow(m, dlc);
	frame.credits = grant(m, dlc);
	frame.has_credits = frame.credits > 0;
	if (may_send(dlc)) {
		n = model_ring_take(&dlc->tx, m->scratch, dlc->n1);
		frame.info = rt_bytes(m->scratch, n);
		dlc->tx_credits -= dlc->tx_credits > 0;
		m->stats.tx_bytes += n;
	}
	if (frame.info.len == 0 && !frame.has_credits) {
		if (dlc->closing && dlc->tx.len == 0)
			disconnect(m, dlc, MODEL_END_OURS);
		return 0;
	}
	dlc->rx_credits += frame.credits;
	n = model_rfcomm_put(&link->mux, link->tx + HEAD, &frame);
	model_put_head(link, link->mux.chan->dcid, n);
	if (dlc->starved && dlc->tx.len < TX_RING_BYTES / 2) {
		dlc->starved = false;
		if (m->events.writable)
			m->events.writable(m->options.user, dlc->number);
	}
	return KIND_RFCOMM;
}

unsigned int model_rfcomm_pull(struct model *m, struct model_link *link)
{
	unsigned int kind = 0;

	if (link->mux.state != MUX_OPEN)
		return 0;
	for (unsigned int i = 0; i < DLCS_MAX && kind == 0; i++) {
		unsigned int at = (link->mux.turn + i) % DLCS_MAX;
		struct model_dlc *dlc = &m->dlc[at];

		if (dlc->state != DLC_OPEN || dlc->link != link)
			continue;
		kind = pull(m, dlc);
		if (kind != 0)
			link->mux.turn = (uint8_t)(at + 1);
	}
	return kind;
}

/* --- users --- */

size_t model_dlc_room(const struct model_dlc *dlc)
{
	if (dlc->state != DLC_OPEN || dlc->closing)
		return 0;
	return model_ring_room(&dlc->tx);
}

size_t model_dlc_send(struct model *m, struct model_dlc *dlc,
		      struct rt_bytes data)
{
	size_t n = RT_MIN(data.len, model_dlc_room(dlc));

	if (dlc->state != DLC_OPEN || dlc->closing)
		return 0;
	if (n < data.len)
		dlc->starved = true;
	if (!model_ring_put(&dlc->tx, rt_bytes(data.ptr, n)))
		return 0;
	m->quiet = false;
	return n;
}
