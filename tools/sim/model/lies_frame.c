/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/ertm.h"
#include "tools/sim/model/lies.h"

/* Lies about frames with sequence numbers. */

#define FAR 20 /* outside of any window of ours */

/* The FCS is right again, after `n` octets of control field and payload. */
static void seal(struct lie *lie, const struct model_chan *chan, size_t n)
{
	uint8_t *tx = lie->link->tx;

	if (!chan->fcs) {
		model_lie_resize(lie, n);
		return;
	}
	model_lie_resize(lie, n + FCS_BYTES);
	model_put_le16(lie->p + n, model_crc16(0, rt_bytes(tx, PDU_HEAD + n)));
}

static void add_s(const struct lie *lie, const struct model_chan *chan,
		  unsigned int function)
{
	uint8_t pdu[PDU_HEAD + CTRL_BYTES + FCS_BYTES];
	size_t n = CTRL_BYTES + (chan->fcs ? FCS_BYTES : 0);

	model_put_le16(pdu, (unsigned int)n);
	model_put_le16(pdu + 2, chan->dcid);
	model_put_le16(pdu + PDU_HEAD,
		       CTRL_S | function << 2 |
			       model_lie_random(lie, SEQ_MASK + 1) << 8);
	model_put_le16(pdu + PDU_HEAD + CTRL_BYTES,
		       model_crc16(0, rt_bytes(pdu, PDU_HEAD + CTRL_BYTES)));
	model_lie_add(lie, chan->dcid, rt_bytes(pdu + PDU_HEAD, n));
}

static unsigned int ctrl_of(const struct lie *lie)
{
	return model_get_le16(lie->p);
}

static unsigned int moved(const struct lie *lie, unsigned int shift)
{
	unsigned int ctrl = ctrl_of(lie);
	unsigned int seq = (ctrl >> shift) + FAR + model_lie_random(lie, FAR);

	return (ctrl & ~(SEQ_MASK << shift)) | (seq & SEQ_MASK) << shift;
}

static bool sdu_length(struct lie *lie, size_t n)
{
	unsigned int ctrl = ctrl_of(lie);

	if (n < CTRL_BYTES + SDU_LENGTH_BYTES)
		return false;
	model_put_le16(lie->p, (ctrl & 0x3fffU) | SAR_START << 14);
	model_put_le16(lie->p + CTRL_BYTES,
		       LIE_PICK(lie, 0, 1, 0xffff,
				(uint16_t)(n + model_lie_random(lie, 100))));
	return true;
}

/* Longer than the peer's MPS. */
static bool too_long(struct lie *lie, const struct model_chan *chan, size_t *n)
{
	size_t all = chan->theirs.mps + 8U;

	if (all <= *n || all + FCS_BYTES > PAYLOAD_MAX)
		return false;
	memset(lie->p + *n, 0x5a, all - *n);
	*n = all;
	return true;
}

static bool about_i(struct lie *lie, const struct model_chan *chan,
		    enum model_lie which, size_t n)
{
	if (ctrl_of(lie) & CTRL_S)
		return false;
	switch (which) {
	case MODEL_LIE_ERTM_TXSEQ:
		model_put_le16(lie->p, moved(lie, 1));
		break;
	case MODEL_LIE_ERTM_SAR:
		model_put_le16(lie->p,
			       ctrl_of(lie) ^ (1 + model_lie_random(lie, 3))
						      << 14);
		break;
	case MODEL_LIE_ERTM_SDU_LENGTH:
		if (!sdu_length(lie, n))
			return false;
		break;
	default: /* ERTM_MPS */
		if (!too_long(lie, chan, &n))
			return false;
	}
	seal(lie, chan, n);
	return true;
}

bool model_lie_about_frame(struct lie *lie, enum model_lie which)
{
	const struct model_chan *chan = model_lie_chan(lie);
	size_t least = CTRL_BYTES + FCS_BYTES;
	size_t n;

	if (!chan || chan->ours.mode == MODEL_BASIC || lie->n < least)
		return false;
	n = lie->n - (chan->fcs ? FCS_BYTES : 0);
	switch (which) {
	case MODEL_LIE_ERTM_REQSEQ:
		model_put_le16(lie->p, moved(lie, 8));
		break;
	case MODEL_LIE_ERTM_FCS:
		lie->p[lie->n - 1] ^= 0x55;
		return chan->fcs;
	case MODEL_LIE_ERTM_FINAL:
		model_put_le16(lie->p,
			       ctrl_of(lie) | CTRL_F |
				       (ctrl_of(lie) & CTRL_S ? CTRL_P : 0));
		break;
	case MODEL_LIE_ERTM_REJECT:
		add_s(lie, chan, model_lie_random(lie, 2) ? S_REJ : S_SREJ);
		return true;
	case MODEL_LIE_ERTM_BUSY:
		if (!(ctrl_of(lie) & CTRL_S)) {
			add_s(lie, chan, S_RNR);
			return true;
		}
		model_put_le16(lie->p, (ctrl_of(lie) & ~0x0cU) | S_RNR << 2);
		break;
	default:
		return about_i(lie, chan, which, n);
	}
	seal(lie, chan, n);
	return true;
}
