/* SPDX-License-Identifier: MIT */
#include "tests/scenario/rfcomm_model.h"

#include <check.h>
#include <string.h>

#define SABM 0x3f
#define UA 0x73
#define DM 0x1f
#define DISC 0x53
#define UIH 0xef
#define UIH_CREDITS 0xff

#define HOLD 6 /* frames of data in the queue at most: what is on the air */

uint8_t model_octet(uint8_t dlci, bool from_model, size_t at)
{
	return (uint8_t)(at * 31 + (at >> 8) * 7 + dlci * 3 + from_model);
}

uint32_t model_chance(struct model *model, uint32_t n)
{
	uint64_t x = model->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	model->random = x;
	return (uint32_t)(x >> 33) % n;
}

/* The shift register of the frame check, written out. */
static uint8_t fcs(const uint8_t *octets, size_t len)
{
	unsigned int reg = 0xff;

	for (size_t i = 0; i < len; i++) {
		reg ^= octets[i];
		for (int bit = 0; bit < 8; bit++)
			reg = reg & 1 ? reg >> 1 ^ 0xe0 : reg >> 1;
	}
	return (uint8_t)~reg;
}

static void send(struct model *model, uint8_t dlci, uint8_t control,
		 const uint8_t *tail, size_t len)
{
	const bool answer = control == UA || control == DM;
	const bool cr = answer != model->initiator;
	struct model_frame *frame =
		&model->queue[(model->head + model->count) % MODEL_QUEUE];
	uint8_t *p = frame->octets;
	const bool is_uih = (control & 0xef) == UIH;
	const size_t info = len - (control == UIH_CREDITS ? 1 : 0);

	ck_assert(model->count < MODEL_QUEUE);
	model->count++;
	*p++ = (uint8_t)(dlci << 2 | cr << 1 | 1);
	*p++ = control;
	*p++ = (uint8_t)(info << 1 | (info < 128));
	if (info >= 128)
		*p++ = (uint8_t)(info >> 7);
	if (len > 0)
		memcpy(p, tail, len);
	p += len;
	*p++ = is_uih ? fcs(frame->octets, 2) : fcs(frame->octets, 3);
	frame->len = (size_t)(p - frame->octets);
	if (model->log)
		model->log("model", frame->octets, frame->len);
}

static void send_mcc(struct model *model, uint8_t type, const uint8_t *value,
		     size_t len)
{
	uint8_t info[64] = { type, (uint8_t)(len << 1 | 1) };

	ck_assert(len <= 60);
	if (len > 0)
		memcpy(info + 2, value, len);
	send(model, 0, UIH, info, 2 + len);
}

static void send_msc(struct model *model, struct model_dlc *dlc, bool fc)
{
	const uint8_t msc[] = { (uint8_t)(dlc->dlci << 2 | 3),
				fc ? 0x8f : 0x8d };

	dlc->msc_owed = false;
	dlc->msc_sent = true;
	dlc->fc = fc;
	dlc->fc_known = false;
	send_mcc(model, 0xe3, msc, sizeof(msc));
}

void model_init(struct model *model, uint64_t seed)
{
	static const uint8_t grants[] = { 1, 1, 2, 10, 255 };
	static const uint16_t sizes[] = { 23, 50, 127, 128, 500, 1011 };

	memset(model, 0, sizeof(*model));
	model->off_known = true;
	model->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < 4; i++)
		model_chance(model, 2);
	model->initiator = model_chance(model, 2);
	model->knows_pn = model_chance(model, 6) > 0;
	model->knows_credits = model->knows_pn && model_chance(model, 4) > 0;
	model->knows_msc = model_chance(model, 8) > 0;
	model->starts_stopped = model_chance(model, 4) == 0;
	model->stops = model_chance(model, 2);
	model->k =
		(uint8_t)(model_chance(model, 2) ? model_chance(model, 8) : 0);
	model->grant = grants[model_chance(model, sizeof(grants))];
	model->lazy = 1 + model_chance(model, 6);
	model->n1 = sizes[model_chance(model, 6)];
	for (int i = 0; i < MODEL_DLCS; i++) {
		struct model_dlc *dlc = &model->dlc[i];

		dlc->ours = i == 1;
		/* Server channels 1 of ours, 2 of theirs; D is the server's. */
		dlc->dlci = (uint8_t)(2 * (i + 1) +
				      (dlc->ours != model->initiator));
		dlc->n1 = 127;
		dlc->length =
			model_chance(model, 4) ? model_chance(model, 20000) : 0;
	}
}

void model_start(struct model *model)
{
	if (model->initiator)
		send(model, 0, SABM, NULL, 0);
}

static struct model_dlc *find(struct model *model, uint8_t dlci)
{
	for (int i = 0; i < MODEL_DLCS; i++) {
		if (model->dlc[i].dlci == dlci)
			return &model->dlc[i];
	}
	return NULL;
}

static void up(struct model *model, struct model_dlc *dlc)
{
	dlc->state = MODEL_UP;
	dlc->msc_owed = model->knows_msc;
}

static void rx_control(struct model *model, uint8_t dlci, uint8_t control)
{
	struct model_dlc *dlc = find(model, dlci);

	if (dlci == 0) {
		if (control == SABM || control == DISC)
			send(model, 0, UA, NULL, 0);
		if (control == SABM || control == UA)
			model->open = !model->closed;
		if (control == DISC || control == DM)
			model->closed = true;
		model->open &= !model->closed;
		return;
	}
	ck_assert_ptr_nonnull(dlc);
	switch (control) {
	case SABM:
		ck_assert(!dlc->ours && dlc->state == MODEL_NONE);
		send(model, dlci, UA, NULL, 0);
		up(model, dlc);
		return;
	case UA:
		if (dlc->state == MODEL_SABM_SENT)
			up(model, dlc);
		else if (dlc->state == MODEL_DISC_SENT)
			dlc->state = MODEL_DOWN;
		return;
	case DISC:
		send(model, dlci, dlc->state == MODEL_UP ? UA : DM, NULL, 0);
		dlc->disc_seen = dlc->state == MODEL_UP;
		dlc->state = MODEL_DOWN;
		return;
	default:
		dlc->state = MODEL_DOWN;
		return;
	}
}

/* PN for the engine's DLC: 8 octets. */
static void rx_pn(struct model *model, const uint8_t *pn)
{
	const uint16_t n1 = (uint16_t)(pn[4] | pn[5] << 8);
	struct model_dlc *dlc = find(model, pn[0]);
	uint8_t answer[8];

	ck_assert_ptr_nonnull(dlc);
	ck_assert(!dlc->ours && dlc->state == MODEL_NONE);
	ck_assert(n1 >= 23 && (pn[1] == 0xf0 || pn[1] == 0) && pn[7] <= 7);
	if (!model->knows_pn) {
		const uint8_t octet = 0x83;

		send_mcc(model, 0x11, &octet, 1);
		return;
	}
	memcpy(answer, pn, sizeof(answer));
	dlc->n1 = n1 < model->n1 ? n1 : model->n1;
	dlc->credits = model->knows_credits && pn[1] == 0xf0;
	answer[1] = dlc->credits ? 0xe0 : 0;
	answer[4] = (uint8_t)dlc->n1;
	answer[5] = (uint8_t)(dlc->n1 >> 8);
	answer[7] = dlc->credits ? model->k : 0;
	dlc->granted = answer[7];
	dlc->tx = dlc->credits ? pn[7] : 0;
	send_mcc(model, 0x81, answer, sizeof(answer));
}

static void rx_pn_answer(struct model *model, const uint8_t *pn)
{
	const uint16_t n1 = (uint16_t)(pn[4] | pn[5] << 8);
	struct model_dlc *dlc = find(model, pn[0]);

	ck_assert_ptr_nonnull(dlc);
	if (dlc->state != MODEL_PN_SENT)
		return;
	ck_assert(n1 >= 23 && n1 <= model->n1);
	ck_assert(pn[1] == 0xe0 ? model->knows_credits : pn[1] == 0);
	dlc->n1 = n1;
	dlc->credits = pn[1] == 0xe0;
	dlc->granted = dlc->credits ? model->k : 0;
	dlc->tx = dlc->credits ? pn[7] : 0;
	dlc->state = MODEL_SABM_SENT;
	send(model, dlc->dlci, SABM, NULL, 0);
}

static void rx_msc(struct model *model, const uint8_t *value, size_t len,
		   bool command)
{
	struct model_dlc *dlc = find(model, value[0] >> 2);

	ck_assert(len >= 2 && len <= 3 && (value[0] & 3) == 3);
	ck_assert_ptr_nonnull(dlc);
	if (!command) {
		dlc->fc_known = true;
		return;
	}
	dlc->fc_theirs = value[1] & 2;
	send_mcc(model, 0xe1, value, len);
	dlc->theirs_answered = true;
}

static void rx_mcc(struct model *model, const uint8_t *info, size_t len)
{
	const uint8_t *value = info + 2;
	const size_t n = len - 2;

	/* One message a frame, of less than 128 octets. */
	ck_assert(len >= 2 && info[1] == (uint8_t)(n << 1 | 1));
	switch (info[0]) {
	case 0x83:
		ck_assert(n == 8);
		rx_pn(model, value);
		return;
	case 0x81:
		ck_assert(n == 8);
		rx_pn_answer(model, value);
		return;
	case 0xe3:
	case 0xe1:
		rx_msc(model, value, n, info[0] == 0xe3);
		return;
	case 0x63:
	case 0xa3:
		model->off_theirs = info[0] == 0x63;
		send_mcc(model, info[0] & 0xfd, value, n);
		return;
	case 0x61:
	case 0xa1:
		model->off_known = true;
		return;
	case 0x93:
	case 0x53:
	case 0x23:
		send_mcc(model, info[0] & 0xfd, value, n);
		return;
	default:
		/* Nothing else is asked for, so nothing else may be answered.
		 */
		ck_abort_msg("multiplexer message %02x", info[0]);
	}
}

static void rx_data(struct model *model, uint8_t dlci, const uint8_t *info,
		    size_t len)
{
	struct model_dlc *dlc = find(model, dlci);

	ck_assert_ptr_nonnull(dlc);
	if (dlc->state == MODEL_DISC_SENT || dlc->state == MODEL_DOWN)
		return;
	ck_assert(dlc->state == MODEL_UP && len <= dlc->n1);
	if (len == 0)
		return;
	/* Not before modem status has been exchanged. */
	ck_assert(dlc->theirs_answered);
	if (dlc->credits) {
		ck_assert(dlc->granted > 0);
		dlc->granted--;
	} else {
		ck_assert(!(dlc->fc && dlc->fc_known));
	}
	ck_assert(!(model->off && model->off_known));
	for (size_t i = 0; i < len; i++)
		ck_assert_msg(info[i] == model_octet(dlci, false,
						     dlc->received + i),
			      "octet %zu of DLCI %u", dlc->received + i, dlci);
	dlc->received += len;
}

void model_rx(struct model *model, const uint8_t *octets, size_t len)
{
	const uint8_t control = len > 1 ? octets[1] : 0;
	const bool is_uih = (control & 0xef) == UIH;
	const bool answer = control == UA || control == DM;
	const uint8_t dlci = octets[0] >> 2;
	const struct model_dlc *dlc = find(model, dlci);
	size_t head = 3;
	size_t info;

	if (model->log)
		model->log("engine", octets, len);
	ck_assert(len >= 4 && octets[0] & 1);
	ck_assert((bool)(octets[0] & 2) == (answer == model->initiator));
	info = octets[2] >> 1;
	if (!(octets[2] & 1))
		info |= (size_t)octets[head++] << 7;
	ck_assert(info > 127 || head == 3);
	ck_assert(octets[len - 1] == fcs(octets, is_uih ? 2 : 3));
	if (!is_uih) {
		ck_assert(len == 4 && info == 0);
		ck_assert(answer || control == SABM || control == DISC);
		rx_control(model, dlci, control);
		return;
	}
	if (control == UIH_CREDITS) {
		ck_assert(dlc && dlc->credits);
		((struct model_dlc *)dlc)->tx += octets[head++];
	}
	ck_assert(len == head + info + 1);
	if (dlci == 0)
		rx_mcc(model, octets + head, info);
	else
		rx_data(model, dlci, octets + head, info);
}

void model_connect(struct model *model)
{
	struct model_dlc *dlc = &model->dlc[1];
	const uint8_t pn[8] = {
		dlc->dlci,
		model->knows_credits ? 0xf0 : 0,
		7,
		0,
		(uint8_t)model->n1,
		(uint8_t)(model->n1 >> 8),
		0,
		model->knows_credits ? model->k : 0,
	};

	if (!model->open || dlc->state != MODEL_NONE)
		return;
	if (model->knows_pn) {
		dlc->state = MODEL_PN_SENT;
		send_mcc(model, 0x83, pn, sizeof(pn));
	} else {
		dlc->state = MODEL_SABM_SENT;
		send(model, dlc->dlci, SABM, NULL, 0);
	}
}

void model_disc(struct model *model, struct model_dlc *dlc)
{
	if (dlc->state != MODEL_UP)
		return;
	dlc->state = MODEL_DISC_SENT;
	send(model, dlc->dlci, DISC, NULL, 0);
}

void model_dm(struct model *model, struct model_dlc *dlc)
{
	if (dlc->state != MODEL_UP)
		return;
	dlc->state = MODEL_DOWN;
	send(model, dlc->dlci, DM, NULL, 0);
}

void model_disc_0(struct model *model)
{
	if (!model->open)
		return;
	model->open = false;
	model->closed = true;
	send(model, 0, DISC, NULL, 0);
}

/* Whether credits should go to the engine now, and how many. */
static uint8_t grant_now(struct model *model, struct model_dlc *dlc)
{
	const uint8_t grant = model->honest ? 20 : model->grant;

	if (!dlc->credits || dlc->granted > 400)
		return 0;
	if (model->honest)
		return dlc->granted < 5 ? grant : 0;
	return model_chance(model, 3) ? 0 : grant;
}

static bool may_send(const struct model *model, const struct model_dlc *dlc)
{
	if (dlc->sent == dlc->length || model->count >= HOLD)
		return false;
	/* Those that know MSC wait for it; the others begin. */
	if (model->knows_msc && (!dlc->theirs_answered || !dlc->fc_known))
		return false;
	return dlc->credits ? dlc->tx > 0
			    : !dlc->fc_theirs && !model->off_theirs;
}

static void send_data(struct model *model, struct model_dlc *dlc)
{
	uint8_t octets[MODEL_FRAME_MAX];
	const uint8_t credits = grant_now(model, dlc);
	const size_t left = dlc->length - dlc->sent;
	size_t most = dlc->n1 - (credits ? 1U : 0U);
	size_t n = 0;
	size_t len;

	if (!model->honest && model_chance(model, 3) == 0)
		most = 1 + model_chance(model, (uint32_t)most);
	len = left < most ? left : most;
	if (credits)
		octets[n++] = credits;
	for (size_t i = 0; i < len; i++)
		octets[n++] = model_octet(dlc->dlci, true, dlc->sent + i);
	dlc->sent += len;
	dlc->granted += credits;
	if (dlc->credits)
		dlc->tx--;
	send(model, dlc->dlci, credits ? UIH_CREDITS : UIH, octets, n);
}

/* Stop and go, where there are no credits; FCOFF always. */
static void stop_or_go(struct model *model, struct model_dlc *dlc)
{
	const bool want = !model->honest && model_chance(model, 2);

	if (dlc->msc_sent && dlc->fc_known && dlc->fc != want &&
	    (model->honest || model->stops))
		send_msc(model, dlc, want);
	if (model->off == want || !model->off_known ||
	    !(model->honest || model->stops) ||
	    (want && model_chance(model, 4)))
		return;
	model->off = want;
	model->off_known = false;
	send_mcc(model, want ? 0x63 : 0xa3, NULL, 0);
}

static void tick_dlc(struct model *model, struct model_dlc *dlc)
{
	uint8_t credits;

	if (dlc->state != MODEL_UP)
		return;
	if (dlc->msc_owed && (model->honest || model_chance(model, 3) == 0))
		send_msc(model, dlc, model->starts_stopped && !model->honest);
	if (model->honest || model_chance(model, 20) == 0)
		stop_or_go(model, dlc);
	if (may_send(model, dlc)) {
		send_data(model, dlc);
		return;
	}
	credits = grant_now(model, dlc);
	if (credits > 0 && model->count < HOLD) {
		dlc->granted += credits;
		send(model, dlc->dlci, UIH_CREDITS, &credits, 1);
	}
}

void model_tick(struct model *model)
{
	if (!model->open || model->count > MODEL_QUEUE / 4 ||
	    (!model->honest && model_chance(model, model->lazy) > 0))
		return;
	for (int i = 0; i < MODEL_DLCS; i++)
		tick_dlc(model, &model->dlc[i]);
}

const struct model_frame *model_next(const struct model *model)
{
	return model->count > 0 ? &model->queue[model->head] : NULL;
}

void model_delivered(struct model *model)
{
	model->head = (model->head + 1) % MODEL_QUEUE;
	model->count--;
}

void model_in_flight(const struct model *model, const struct model_dlc *dlc,
		     uint32_t *ret_frames, uint32_t *ret_credits)
{
	uint32_t frames = 0;
	uint32_t credits = 0;

	for (size_t i = 0; i < model->count; i++) {
		const uint8_t *p =
			model->queue[(model->head + i) % MODEL_QUEUE].octets;
		const bool is_short = p[2] & 1;

		if (p[0] >> 2 != dlc->dlci || (p[1] & 0xef) != UIH)
			continue;
		frames += !is_short || p[2] > 1;
		if (p[1] == UIH_CREDITS)
			credits += p[is_short ? 3 : 4];
	}
	*ret_frames = frames;
	*ret_credits = credits;
}
