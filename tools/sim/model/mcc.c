/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/rfcomm.h"

/* Multiplexer messages (T:5.4.6.3, R:4.3, R:5.5). */

#define VALUE_MAX 1024
#define PN_BYTES 8
#define RPN_BYTES 8
#define RPN_MASK 0x3f7f

struct message {
	uint8_t octet; /* the type as it came */
	uint8_t type;
	bool command;
	struct rt_bytes value;
};

static uint8_t dlci_octet(uint8_t dlci)
{
	return (uint8_t)(dlci << 2 | 3);
}

/* --- sent --- */

static uint8_t *awaited(struct model_mux *mux, unsigned int type)
{
	return &mux->awaited[type & 63];
}

void model_mcc_send(struct model *m, struct model_link *link, unsigned int type,
		    bool command, struct rt_bytes value)
{
	uint8_t buf[VALUE_MAX + 3];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, type << 2 | (command ? 2U : 0U) | 1U);
	if (value.len > 127)
		model_out_le16(&out, (unsigned int)value.len << 1);
	else
		model_out_u8(&out, (unsigned int)value.len << 1 | 1);
	model_out_put(&out, value);
	if (out.full)
		return;
	if (command)
		model_bump(awaited(&link->mux, type));
	model_rfcomm_send_info(m, link, model_out_bytes(&out));
}

struct pn {
	uint8_t dlci;
	uint8_t cl; /* with the type of frame */
	uint8_t priority;
	uint8_t t1;
	uint16_t n1;
	uint8_t n2;
	uint8_t k;
};

static void send_pn(struct model *m, struct model_link *link, bool command,
		    const struct pn *pn)
{
	uint8_t buf[PN_BYTES];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_u8(&out, pn->dlci);
	model_out_u8(&out, pn->cl);
	model_out_u8(&out, pn->priority);
	model_out_u8(&out, 0);
	model_out_le16(&out, pn->n1);
	model_out_u8(&out, 0);
	model_out_u8(&out, pn->k);
	model_mcc_send(m, link, MCC_PN, command, model_out_bytes(&out));
}

void model_mcc_send_pn(struct model *m, struct model_dlc *dlc)
{
	bool credits = !m->options.behaviour.no_credits;
	const struct pn pn = {
		.dlci = dlc->dlci,
		.cl = credits ? CL_REQUEST : 0,
		.priority = (uint8_t)(dlc->dlci / 8 * 8 + 7),
		.n1 = model_dlc_n1(m, dlc->link),
		.k = credits ? model_dlc_first_credits(m) : 0,
	};

	dlc->n1 = pn.n1;
	dlc->rx_credits = pn.k;
	send_pn(m, dlc->link, true, &pn);
}

void model_mcc_send_msc(struct model *m, struct model_dlc *dlc)
{
	const uint8_t value[2] = {
		dlci_octet(dlc->dlci),
		MSC_SIGNALS | (dlc->fc_sent ? MSC_FC : 0),
	};

	model_mcc_send(m, dlc->link, MCC_MSC, true, rt_bytes(value, 2));
}

/* --- PN --- */

static bool take_pn(struct rt_bytes value, struct pn *pn)
{
	struct model_in in = model_in(value);

	pn->dlci = model_in_u8(&in);
	pn->cl = model_in_u8(&in);
	pn->priority = model_in_u8(&in);
	pn->t1 = model_in_u8(&in);
	pn->n1 = model_in_le16(&in);
	pn->n2 = model_in_u8(&in);
	pn->k = model_in_u8(&in);
	return model_in_done(&in);
}

static void check_pn(struct model *m, struct model_link *link,
		     const struct pn *pn, bool command)
{
	uint8_t cl = command ? CL_REQUEST : CL_RESPONSE;

	if (pn->dlci < DLCI_MIN || pn->dlci > DLCI_MAX || pn->priority > 63 ||
	    pn->n1 < N1_MIN || pn->n1 > N1_MAX || pn->k > CREDITS_FIRST_MAX ||
	    (pn->cl != cl && pn->cl != 0) || pn->t1 != 0 || pn->n2 != 0)
		model_blame(m, link,
			    "rfcomm: PN of DLCI %u: CL 0x%02x, "
			    "priority %u, N1 %u, K %u",
			    pn->dlci, pn->cl, pn->priority, pn->n1, pn->k);
}

static void on_pn_command(struct model *m, struct model_link *link,
			  struct pn *pn)
{
	struct model_mux *mux = &link->mux;
	struct model_dlc *dlc = model_dlc_of(m, link, pn->dlci);
	bool credits = pn->cl == CL_REQUEST && !m->options.behaviour.no_credits;

	check_pn(m, link, pn, true);
	if (pn->dlci < DLCI_MIN || pn->dlci > DLCI_MAX)
		return;
	if (dlc && dlc->state != DLC_ASKED) {
		/* It is there: nothing changes (R:5.5.3). */
		pn->cl = 0;
		pn->k = 0;
		pn->n1 = RT_MIN(pn->n1, dlc->n1);
		send_pn(m, link, false, pn);
		return;
	}
	if ((pn->dlci & 1) != mux->initiator)
		model_blame(m, link, "rfcomm: PN of DLCI %u, of its own",
			    pn->dlci);
	else if (!dlc)
		dlc = model_dlc_accept(m, link, pn->dlci);
	if (!dlc) {
		model_rfcomm_send(m, link, FRAME_DM, pn->dlci);
		return;
	}
	if (!mux->pn_seen)
		mux->credits = credits;
	mux->pn_seen = true;
	dlc->n1 = RT_MIN(RT_MAX(pn->n1, N1_MIN), model_dlc_n1(m, link));
	dlc->tx_credits = mux->credits ? pn->k & CREDITS_FIRST_MAX : 0;
	dlc->rx_credits = mux->credits ? model_dlc_first_credits(m) : 0;
	pn->cl = mux->credits && credits ? CL_RESPONSE : 0;
	pn->n1 = RT_MIN(pn->n1, dlc->n1);
	pn->k = (uint8_t)dlc->rx_credits;
	send_pn(m, link, false, pn);
}

static void on_pn_response(struct model *m, struct model_link *link,
			   const struct pn *pn)
{
	struct model_mux *mux = &link->mux;
	struct model_dlc *dlc = model_dlc_of(m, link, pn->dlci);

	check_pn(m, link, pn, false);
	if (!dlc || dlc->state != DLC_PN)
		return;
	if (pn->n1 > dlc->n1)
		model_blame(m, link, "rfcomm: N1 %u answered with %u", dlc->n1,
			    pn->n1);
	dlc->n1 = RT_MIN(RT_MAX(pn->n1, N1_MIN), dlc->n1);
	if (!mux->pn_seen)
		mux->credits = pn->cl == CL_RESPONSE &&
			       !m->options.behaviour.no_credits;
	mux->pn_seen = true;
	dlc->tx_credits = mux->credits ? pn->k & CREDITS_FIRST_MAX : 0;
	if (!mux->credits)
		dlc->rx_credits = 0;
	model_dlc_sabm(m, dlc);
}

static void on_pn(struct model *m, struct model_link *link,
		  const struct message *message)
{
	struct pn pn;

	if (!take_pn(message->value, &pn)) {
		model_blame(m, link, "rfcomm: PN of %zu octets",
			    message->value.len);
		return;
	}
	pn.dlci &= 63;
	if (message->command)
		on_pn_command(m, link, &pn);
	else
		on_pn_response(m, link, &pn);
}

/* --- the others --- */

static bool check_dlci_octet(struct model *m, struct model_link *link,
			     const struct message *message)
{
	uint8_t octet = message->value.len > 0 ? message->value.ptr[0] : 0;

	if ((octet & 3) == 3)
		return true;
	model_blame(m, link, "rfcomm: message 0x%02x for octet 0x%02x",
		    message->octet, octet);
	return false;
}

static void on_msc(struct model *m, struct model_link *link,
		   const struct message *message)
{
	struct rt_bytes value = message->value;
	struct model_dlc *dlc;

	if (value.len < 2 || value.len > 3 ||
	    !check_dlci_octet(m, link, message)) {
		model_blame(m, link, "rfcomm: MSC of %zu octets", value.len);
		return;
	}
	dlc = model_dlc_of(m, link, value.ptr[0] >> 2);
	if (!(value.ptr[1] & 1))
		model_blame(m, link, "rfcomm: EA of signals is 0");
	if (message->command) {
		if (!dlc && !(link->mux.used >> (value.ptr[0] >> 2) & 1))
			model_blame(m, link,
				    "rfcomm: MSC for DLCI %u, that "
				    "never was",
				    value.ptr[0] >> 2);
		model_mcc_send(m, link, MCC_MSC, false, value);
	}
	if (!dlc || dlc->state < DLC_MSC)
		return;
	if (message->command) {
		dlc->msc_seen = true;
		dlc->fc = value.ptr[1] & MSC_FC;
	} else {
		dlc->msc_acked = true;
	}
	model_dlc_check_open(m, dlc);
}

static void on_rpn(struct model *m, struct model_link *link,
		   const struct message *message)
{
	static const uint8_t defaults[RPN_BYTES - 1] = { 0x03, 0x03, 0x00, 0x11,
							 0x13, 0x7f, 0x3f };
	struct rt_bytes value = message->value;
	uint8_t answer[RPN_BYTES];
	unsigned int mask;

	if ((value.len != 1 && value.len != RPN_BYTES) ||
	    (!message->command && value.len == 1) ||
	    !check_dlci_octet(m, link, message)) {
		model_blame(m, link, "rfcomm: RPN of %zu octets", value.len);
		return;
	}
	if (!message->command)
		return;
	answer[0] = value.ptr[0];
	memcpy(answer + 1, defaults, sizeof(defaults));
	if (value.len == RPN_BYTES) {
		memcpy(answer, value.ptr, RPN_BYTES);
		mask = model_get_le16(value.ptr + 6) & RPN_MASK;
		model_put_le16(answer + 6, mask);
	}
	model_mcc_send(m, link, MCC_RPN, false, rt_bytes(answer, RPN_BYTES));
}

static void on_rls(struct model *m, struct model_link *link,
		   const struct message *message)
{
	if (message->value.len != 2 || !check_dlci_octet(m, link, message)) {
		model_blame(m, link, "rfcomm: RLS of %zu octets",
			    message->value.len);
		return;
	}
	if (message->command)
		model_mcc_send(m, link, MCC_RLS, false, message->value);
}

static void on_flow(struct model *m, struct model_link *link,
		    const struct message *message)
{
	if (message->value.len != 0)
		model_blame(m, link,
			    "rfcomm: message 0x%02x of %zu "
			    "octets",
			    message->octet, message->value.len);
	if (!message->command)
		return;
	link->mux.peer_off = message->type == MCC_FCOFF;
	m->quiet = false;
	model_mcc_send(m, link, message->type, false, rt_bytes(NULL, 0));
}

static void on_unknown(struct model *m, struct model_link *link,
		       const struct message *message)
{
	model_blame(m, link, "rfcomm: message 0x%02x", message->octet);
	if (message->command)
		model_mcc_send(m, link, MCC_NSC, false,
			       rt_bytes(&message->octet, 1));
}

static void on_message(struct model *m, struct model_link *link,
		       const struct message *message)
{
	uint8_t *due = awaited(&link->mux, message->type);

	if (!message->command && message->type != MCC_NSC && *due == 0)
		model_blame(m, link, "rfcomm: response 0x%02x to nothing",
			    message->octet);
	if (!message->command)
		*due = (uint8_t)(*due - (*due > 0));
	switch (message->type) {
	case MCC_PN:
		on_pn(m, link, message);
		return;
	case MCC_MSC:
		on_msc(m, link, message);
		return;
	case MCC_RPN:
		on_rpn(m, link, message);
		return;
	case MCC_RLS:
		on_rls(m, link, message);
		return;
	case MCC_TEST:
		if (message->command)
			model_mcc_send(m, link, MCC_TEST, false,
				       message->value);
		return;
	case MCC_FCON:
	case MCC_FCOFF:
		on_flow(m, link, message);
		return;
	default:
		on_unknown(m, link, message);
	}
}

static bool take_message(struct model_in *in, struct message *ret)
{
	uint8_t low;
	size_t n;

	ret->octet = model_in_u8(in);
	ret->type = ret->octet >> 2;
	ret->command = ret->octet & 2;
	low = model_in_u8(in);
	n = low >> 1;
	if (!(low & 1))
		n |= (size_t)model_in_u8(in) << 7;
	ret->value = model_in_take(in, n);
	return !in->bad && (ret->octet & 1);
}

void model_mcc_rx(struct model *m, struct model_link *link,
		  struct rt_bytes info)
{
	struct model_in in = model_in(info);
	struct message message;

	/* There may be several in one frame (T:5.4.6.2). */
	do {
		if (!take_message(&in, &message)) {
			model_blame(m, link,
				    "rfcomm: messages of %zu octets that do "
				    "not read",
				    info.len);
			return;
		}
		on_message(m, link, &message);
	} while (in.left > 0);
}
