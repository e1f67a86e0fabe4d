/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/lies.h"

/* Which lie is told when, and those about ACL packets and L2CAP PDUs. */

#define ADDED_MAX 200

static const struct {
	const char *name;
	unsigned int kinds;
} table[] = {
#define X(id, name, kinds) { name, KIND_##kinds },
	MODEL_LIES(X)
#undef X
};

const char *model_lie_name(enum model_lie lie)
{
	return (unsigned int)lie < MODEL_LIE_COUNT ? table[lie].name : NULL;
}

uint32_t model_lie_count(const struct model *m, enum model_lie lie)
{
	return (unsigned int)lie < MODEL_LIE_COUNT ? m->lie_count[lie] : 0;
}

/* --- what all of them use --- */

void model_lie_resize(struct lie *lie, size_t n)
{
	lie->n = RT_MIN(n, (size_t)PAYLOAD_MAX);
	model_put_le16(lie->link->tx, (unsigned int)lie->n);
	lie->link->tx_len = PDU_HEAD + lie->n;
}

/*
 * What a lie adds is answered, and what answers that is lied about again: so
 * much a second and no more, that this does not go on for ever in one instant.
 */
static bool has_budget(struct model *m)
{
	if (m->now_us >= m->lies_from_us + RT_SECONDS(1)) {
		m->lies_from_us = m->now_us;
		m->lies_added = 0;
	}
	if (m->lies_added >= ADDED_MAX)
		return false;
	m->lies_added++;
	return true;
}

void model_lie_add(const struct lie *lie, uint16_t cid, struct rt_bytes payload)
{
	if (!has_budget(lie->m))
		return;
	(void)model_outbox(lie->m, lie->link, KIND_LIE, cid, payload);
}

struct model_chan *model_lie_chan(const struct lie *lie)
{
	return model_chan_by_dcid(lie->m, lie->link,
				  model_get_le16(lie->link->tx + 2));
}

/* --- ACL packets and PDUs --- */

static bool lie_about_length(struct lie *lie)
{
	unsigned int n = model_get_le16(lie->link->tx);

	n = n == 0 || model_lie_random(lie, 2) ? n + 1 : n - 1;
	model_put_le16(lie->link->tx, n);
	return true;
}

static bool lie_cut(struct lie *lie)
{
	if (lie->n == 0)
		return false;
	lie->link->tx_len -= 1 + model_lie_random(lie, (uint32_t)lie->n);
	return true;
}

static bool lie_trick(struct lie *lie, enum model_trick trick)
{
	lie->link->trick = trick;
	return true;
}

static bool lie_about_pdu(struct lie *lie, enum model_lie which)
{
	switch (which) {
	case MODEL_LIE_PDU_CUT:
		return lie_cut(lie);
	case MODEL_LIE_PDU_LENGTH:
		return lie_about_length(lie);
	case MODEL_LIE_PDU_LENGTH_MAX:
		model_put_le16(lie->link->tx, 0xffff);
		return true;
	case MODEL_LIE_PDU_EMPTY:
		model_lie_resize(lie, 0);
		return true;
	case MODEL_LIE_ACL_START_TWICE:
		return lie_trick(lie, TRICK_TWICE);
	case MODEL_LIE_ACL_ORPHAN:
		return lie_trick(lie, TRICK_ORPHAN);
	case MODEL_LIE_ACL_CRUMBS:
		return lie_trick(lie, TRICK_CRUMBS);
	case MODEL_LIE_ACL_EMPTY:
		return lie_trick(lie, TRICK_EMPTY);
	case MODEL_LIE_LINK_DROP:
		return lie_trick(lie, TRICK_DROP);
	default: /* CID_STRANGE */
		model_put_le16(lie->link->tx + 2,
			       LIE_PICK(lie, 0x0000, 0x0002, 0x0003, 0x0004,
					0x0005, 0x0006, 0x0007, 0x003f, 0x0040,
					0x0777, 0xffff));
		return true;
	}
}

/* --- one of many --- */

static bool tell(struct lie *lie, enum model_lie which)
{
	if (which <= MODEL_LIE_LINK_DROP)
		return lie_about_pdu(lie, which);
	if (which >= MODEL_LIE_CONFIG_OPTION_LENGTH &&
	    which <= MODEL_LIE_CONFIG_MODE)
		return model_lie_about_config(lie, which);
	if (which <= MODEL_LIE_DISCONNECT_WRONG)
		return model_lie_about_signalling(lie, which);
	if (which <= MODEL_LIE_ERTM_MPS)
		return model_lie_about_frame(lie, which);
	if (which <= MODEL_LIE_RFC_UNSOLICITED)
		return model_lie_about_rfcomm(lie, which);
	return model_lie_about_sdp(lie, which);
}

static bool goes(const struct model_lies *lies, unsigned int kind,
		 unsigned int which)
{
	if (!(table[which].kinds & kind))
		return false;
	return lies->mask == 0 || (lies->mask & MODEL_LIE_BIT(which));
}

void model_lie(struct model *m, struct model_link *link, unsigned int kind)
{
	const struct model_lies *lies = &m->options.lies;
	struct lie lie = {
		.m = m,
		.link = link,
		.kind = kind,
		.p = link->tx + PDU_HEAD,
		.n = link->tx_len - PDU_HEAD,
	};
	unsigned int first;

	if (lies->permille == 0 || (kind & KIND_LIE) ||
	    model_random(m) % 1000 >= lies->permille)
		return;
	/* From a place of its choice on, the first that goes with the PDU. */
	first = model_random(m) % MODEL_LIE_COUNT;
	for (unsigned int i = 0; i < MODEL_LIE_COUNT; i++) {
		unsigned int which = (first + i) % MODEL_LIE_COUNT;

		if (!goes(lies, kind, which) ||
		    !tell(&lie, (enum model_lie)which))
			continue;
		link->spoiled = true;
		m->lie_count[which]++;
		m->stats.lies++;
		return;
	}
}
