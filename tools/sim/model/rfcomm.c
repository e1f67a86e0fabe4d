/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/rfcomm.h"

/* Frames: written, read, checked, handed to whom they are for (T:5.2, R:4.2).
 */

#define HEAD 4

/* --- written --- */

static bool is_command(unsigned int type)
{
	return type != FRAME_UA && type != FRAME_DM;
}

/* T:5.2.1.2, table 1 */
static bool cr_of(unsigned int type, bool from_initiator)
{
	return is_command(type) == from_initiator;
}

size_t model_rfcomm_put(const struct model_mux *mux, uint8_t *ret,
			const struct frame *frame)
{
	struct model_out out = model_out(ret, PDU_MAX - HEAD);
	bool cr = cr_of(frame->type, mux->initiator);
	bool pf = frame->has_credits || frame->pf;
	size_t n = frame->info.len;

	model_out_u8(&out, 1U | (unsigned int)cr << 1 |
				   (unsigned int)frame->dlci << 2);
	model_out_u8(&out, frame->type | (pf ? FRAME_PF : 0));
	if (n > 127)
		model_out_le16(&out, (unsigned int)n << 1);
	else
		model_out_u8(&out, (unsigned int)n << 1 | 1);
	if (frame->has_credits)
		model_out_u8(&out, frame->credits);
	model_out_put(&out, frame->info);
	/* Of UIH the address and the control field alone (T:5.2.1.6). */
	model_out_u8(&out, model_crc8(rt_bytes(
				   ret, frame->type == FRAME_UIH ? 2 : 3)));
	return out.len;
}

static void send(struct model *m, struct model_link *link,
		 const struct frame *frame)
{
	const struct model_chan *chan = link->mux.chan;
	size_t n;

	if (!chan || chan->state != CHAN_OPEN)
		return;
	n = model_rfcomm_put(&link->mux, m->scratch, frame);
	(void)model_outbox(m, link, KIND_RFCOMM, chan->dcid,
			   rt_bytes(m->scratch, n));
}

void model_rfcomm_send(struct model *m, struct model_link *link,
		       unsigned int type, uint8_t dlci)
{
	const struct frame frame = {
		.dlci = dlci,
		.type = (uint8_t)type,
		.pf = true,
		.info = rt_bytes(NULL, 0),
	};

	send(m, link, &frame);
}

void model_rfcomm_send_info(struct model *m, struct model_link *link,
			    struct rt_bytes info)
{
	const struct frame frame = { .type = FRAME_UIH, .info = info };

	send(m, link, &frame);
}

/* --- read --- */

static const char *take_length(struct model_in *in, size_t *ret_n)
{
	uint8_t low = model_in_u8(in);

	*ret_n = low >> 1;
	if (!(low & 1))
		*ret_n |= (size_t)model_in_u8(in) << 7;
	return in->bad ? "rfcomm: a frame cut short" : NULL;
}

/* What is wrong with a frame; NULL: nothing. */
static const char *take_frame(const struct model_mux *mux,
			      struct rt_bytes bytes, struct frame *f)
{
	struct model_in in = model_in(bytes);
	uint8_t address = model_in_u8(&in);
	uint8_t control = model_in_u8(&in);
	const char *wrong;
	size_t n;

	f->dlci = address >> 2;
	f->cr = address & 2;
	f->type = control & (uint8_t)~FRAME_PF;
	f->pf = control & FRAME_PF;
	wrong = take_length(&in, &n);
	if (wrong)
		return wrong;
	if (!(address & 1))
		return "rfcomm: EA of the address is 0";
	if (f->type == FRAME_UIH && f->pf && f->dlci != 0 && mux->credits) {
		f->has_credits = true;
		f->credits = model_in_u8(&in);
	}
	f->info = model_in_take(&in, n);
	if (in.bad || in.left != 1)
		return "rfcomm: the length is not that of the frame";
	n = f->type == FRAME_UIH ? 2 : 3;
	if (model_crc8(rt_bytes(bytes.ptr, n)) != model_in_u8(&in))
		return "rfcomm: wrong FCS";
	return NULL;
}

static void check_frame(struct model *m, struct model_link *link,
			const struct frame *f)
{
	if (f->cr != cr_of(f->type, !link->mux.initiator))
		model_blame(m, link,
			    "rfcomm: frame 0x%02x of DLCI %u with C/R "
			    "%u",
			    f->type, f->dlci, f->cr);
	if (f->dlci != 0 && (f->dlci < DLCI_MIN || f->dlci > DLCI_MAX))
		model_blame(m, link, "rfcomm: DLCI %u", f->dlci);
	if (f->type == FRAME_UIH) {
		if (f->dlci == 0 && f->pf)
			model_blame(m, link, "rfcomm: credits for DLCI 0");
		if (f->dlci != 0 && f->pf && !link->mux.credits)
			model_blame(m, link,
				    "rfcomm: credits that are not agreed on");
		return;
	}
	if (f->info.len > 0)
		model_blame_always(m, link,
				   "rfcomm: frame 0x%02x with %zu octets",
				   f->type, f->info.len);
	if (!f->pf && f->type != FRAME_DM)
		model_blame_always(m, link, "rfcomm: frame 0x%02x without P/F",
				   f->type);
}

/* --- acted on --- */

static void on_sabm(struct model *m, struct model_link *link, uint8_t dlci)
{
	struct model_dlc *dlc = model_dlc_of(m, link, dlci);
	bool ours_to_serve = (dlci & 1) == link->mux.initiator;

	if (!ours_to_serve) {
		model_blame(m, link, "rfcomm: SABM for DLCI %u, of its own",
			    dlci);
		model_rfcomm_send(m, link, FRAME_DM, dlci);
		return;
	}
	if (dlc && dlc->state != DLC_ASKED) {
		model_blame(m, link, "rfcomm: SABM for DLCI %u, that is there",
			    dlci);
		model_rfcomm_send(m, link, FRAME_UA, dlci);
		return;
	}
	if (!dlc)
		dlc = model_dlc_accept(m, link, dlci);
	if (!dlc) {
		model_rfcomm_send(m, link, FRAME_DM, dlci);
		return;
	}
	model_rfcomm_send(m, link, FRAME_UA, dlci);
	model_dlc_established(m, dlc);
}

static bool was_late(struct model_link *link, uint8_t dlci)
{
	bool late = link->mux.late >> dlci & 1;

	link->mux.late &= ~(UINT64_C(1) << dlci);
	return late;
}

static void on_ua(struct model *m, struct model_link *link, uint8_t dlci)
{
	struct model_dlc *dlc = model_dlc_of(m, link, dlci);

	if (dlc && dlc->state == DLC_SABM) {
		model_dlc_established(m, dlc);
		return;
	}
	if (dlc && dlc->state == DLC_DISC) {
		link->mux.closed |= UINT64_C(1) << dlci;
		dlc->state = DLC_OPEN;
		model_dlc_end(m, dlc, dlc->why);
		return;
	}
	if (!was_late(link, dlci))
		model_blame(m, link,
			    "rfcomm: UA for DLCI %u, that nothing "
			    "asks for",
			    dlci);
}

static void on_dm(struct model *m, struct model_link *link, uint8_t dlci)
{
	struct model_dlc *dlc = model_dlc_of(m, link, dlci);
	enum model_end why = MODEL_END_PEER;

	if (!dlc) {
		/* It may answer what was sent before the end. */
		if (!(link->mux.used >> dlci & 1))
			model_blame(m, link,
				    "rfcomm: DM for DLCI %u, that "
				    "never was",
				    dlci);
		return;
	}
	if (dlc->state == DLC_PN || dlc->state == DLC_SABM)
		why = MODEL_END_REFUSED;
	if (dlc->state == DLC_DISC)
		why = dlc->why;
	link->mux.closed |= UINT64_C(1) << dlci;
	/* One that crossed a SABM does not answer it: a UA may come yet. */
	if (dlc->state == DLC_DISC)
		dlc->state = DLC_OPEN;
	model_dlc_end(m, dlc, why);
}

static void on_disc(struct model *m, struct model_link *link, uint8_t dlci)
{
	struct model_dlc *dlc = model_dlc_of(m, link, dlci);

	if (!dlc) {
		if (!(link->mux.used >> dlci & 1))
			model_blame(m, link,
				    "rfcomm: DISC for DLCI %u, that "
				    "never was",
				    dlci);
		model_rfcomm_send(m, link, FRAME_DM, dlci);
		return;
	}
	model_rfcomm_send(m, link, FRAME_UA, dlci);
	link->mux.closed |= UINT64_C(1) << dlci;
	model_dlc_end(m, dlc,
		      dlc->state == DLC_DISC ? dlc->why : MODEL_END_PEER);
}

static void on_uih(struct model *m, struct model_link *link,
		   const struct frame *f)
{
	struct model_dlc *dlc = model_dlc_of(m, link, f->dlci);

	if (f->dlci == 0) {
		model_mcc_rx(m, link, f->info);
		return;
	}
	if (dlc && dlc->state != DLC_WAIT) {
		model_dlc_rx(m, dlc, f);
		return;
	}
	if (!(link->mux.used >> f->dlci & 1))
		model_blame(m, link, "rfcomm: data for DLCI %u, that never was",
			    f->dlci);
	else if (link->mux.closed >> f->dlci & 1)
		model_blame(m, link, "rfcomm: data for DLCI %u, after its end",
			    f->dlci);
	model_rfcomm_send(m, link, FRAME_DM, f->dlci);
}

void model_rfcomm_rx(struct model *m, struct model_link *link,
		     struct rt_bytes bytes)
{
	struct frame f = { 0 };
	const char *wrong = take_frame(&link->mux, bytes, &f);

	if (wrong) {
		model_blame_always(m, link, "%s", wrong);
		return;
	}
	check_frame(m, link, &f);
	if (f.dlci == 0 && f.type != FRAME_UIH) {
		model_mux_control(m, link, f.type);
		return;
	}
	if (f.dlci != 0 && (f.dlci < DLCI_MIN || f.dlci > DLCI_MAX))
		return;
	if (link->mux.state != MUX_OPEN) {
		if (link->mux.state != MUX_DISC)
			model_blame(m, link,
				    "rfcomm: frame 0x%02x of DLCI %u "
				    "outside of a session",
				    f.type, f.dlci);
		return;
	}
	switch (f.type) {
	case FRAME_SABM:
		on_sabm(m, link, f.dlci);
		return;
	case FRAME_UA:
		on_ua(m, link, f.dlci);
		return;
	case FRAME_DM:
		on_dm(m, link, f.dlci);
		return;
	case FRAME_DISC:
		on_disc(m, link, f.dlci);
		return;
	case FRAME_UIH:
		on_uih(m, link, &f);
		return;
	default:
		model_blame_always(m, link, "rfcomm: frame 0x%02x", f.type);
	}
}
