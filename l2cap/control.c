/* SPDX-License-Identifier: MIT */
#include "l2cap/control.h"

#include <errno.h>

#include "l2cap/fcs.h"

/* Where the parts stand (3.3.2), least significant bit first. */
struct layout {
	uint8_t final;
	uint8_t req_seq;
	uint8_t sar; /* of I-frames; S-frames have their function elsewhere */
	uint8_t function;
	uint8_t tx_seq;
	uint8_t poll;
	uint16_t seq_max;
};

static const struct layout standard = {
	.tx_seq = 1,
	.function = 2,
	.poll = 4,
	.final = 7,
	.req_seq = 8,
	.sar = 14,
	.seq_max = RT_L2CAP_SEQ_MAX,
};

static const struct layout extended = {
	.final = 1,
	.req_seq = 2,
	.sar = 16,
	.function = 16,
	.tx_seq = 18,
	.poll = 18,
	.seq_max = RT_L2CAP_SEQ_EXTENDED_MAX,
};

#define SUPERVISORY 0x1
#define TWO_BITS 0x3

static const struct layout *layout_of(bool is_extended)
{
	return is_extended ? &extended : &standard;
}

size_t rt_l2cap_control_bytes(bool is_extended)
{
	return is_extended ? RT_L2CAP_CONTROL_EXTENDED_BYTES
			   : RT_L2CAP_CONTROL_BYTES;
}

int rt_l2cap_control_read(struct rt_rd *r, bool is_extended,
			  struct rt_l2cap_control *ret_control)
{
	const struct layout *at = layout_of(is_extended);
	const size_t n = rt_l2cap_control_bytes(is_extended);
	const uint32_t field = (uint32_t)rt_rd_le(r, n);
	struct rt_l2cap_control control = {
		.supervisory = field & SUPERVISORY,
		.final = field >> at->final & 1,
		.req_seq = (uint16_t)(field >> at->req_seq & at->seq_max),
	};

	if (!rt_rd_ok(r))
		return -EBADMSG;
	if (control.supervisory) {
		control.function = field >> at->function & TWO_BITS;
		control.poll = field >> at->poll & 1;
	} else {
		control.sar = field >> at->sar & TWO_BITS;
		control.tx_seq = (uint16_t)(field >> at->tx_seq & at->seq_max);
	}
	*ret_control = control;
	return 0;
}

void rt_l2cap_control_write(const struct rt_l2cap_control *control,
			    bool is_extended, struct rt_wr *w)
{
	const struct layout *at = layout_of(is_extended);
	uint32_t field = (uint32_t)control->final << at->final |
			 (uint32_t)control->req_seq << at->req_seq;

	if (control->supervisory)
		field |= SUPERVISORY |
			 (uint32_t)control->function << at->function |
			 (uint32_t)control->poll << at->poll;
	else
		field |= (uint32_t)control->sar << at->sar |
			 (uint32_t)control->tx_seq << at->tx_seq;
	rt_wr_le(w, field, rt_l2cap_control_bytes(is_extended));
}

/* Invalid frames: 3.3.6. */
static bool is_valid(const struct rt_l2cap_chan *chan,
		     const struct rt_l2cap_control *control, size_t len)
{
	size_t most = chan->agreed.rx_mps;

	if (control->supervisory)
		return len == 0 && !(control->poll && control->final);
	if (control->sar == RT_L2CAP_START)
		most += RT_L2CAP_SDU_LENGTH_BYTES;
	return len <= most;
}

int rt_l2cap_control_take(const struct rt_l2cap_chan *chan,
			  struct rt_bytes *payload,
			  struct rt_l2cap_control *ret_control)
{
	struct rt_bytes frame = *payload;
	struct rt_l2cap_control control;
	struct rt_bytes rest;
	struct rt_rd r;

	if (chan->agreed.fcs && !rt_l2cap_fcs_check(chan->scid, &frame))
		return -EILSEQ;
	r = rt_rd_init(frame);
	if (rt_l2cap_control_read(&r, chan->agreed.extended, &control) < 0)
		return -EBADMSG;
	rest = rt_rd_rest(&r);
	if (!is_valid(chan, &control, rest.len))
		return -EBADMSG;
	*payload = rest;
	*ret_control = control;
	return 0;
}

uint16_t rt_l2cap_control_limit(const struct rt_l2cap_chan *chan)
{
	const size_t most = rt_l2cap_control_bytes(chan->agreed.extended) +
			    RT_L2CAP_SDU_LENGTH_BYTES +
			    (size_t)chan->agreed.rx_mps +
			    (chan->agreed.fcs ? RT_L2CAP_FCS_BYTES : 0);

	return (uint16_t)RT_MIN(most, UINT16_MAX);
}

static void put_fcs(const struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	const size_t covered = rt_pdu_bytes(pdu);
	struct rt_packet packet = { .count = 0 };
	struct rt_wr w;
	uint16_t fcs;

	rt_pdu_slice(pdu, 0, covered, &packet);
	fcs = rt_l2cap_fcs_of_header((uint16_t)(covered + RT_L2CAP_FCS_BYTES),
				     chan->dcid);
	for (size_t i = 0; i < packet.count; i++)
		fcs = rt_l2cap_fcs_add(fcs, packet.slice[i]);
	w = rt_wr_init(rt_pdu_append(pdu, RT_L2CAP_FCS_BYTES),
		       RT_L2CAP_FCS_BYTES);
	rt_wr_le16(&w, fcs);
}

void rt_l2cap_control_put(const struct rt_l2cap_chan *chan,
			  const struct rt_l2cap_control *control,
			  struct rt_pdu *pdu)
{
	const size_t n = rt_l2cap_control_bytes(chan->agreed.extended);
	struct rt_wr w = rt_wr_init(rt_pdu_push(pdu, n), n);

	rt_l2cap_control_write(control, chan->agreed.extended, &w);
	if (chan->agreed.fcs)
		put_fcs(chan, pdu);
}
