/* SPDX-License-Identifier: MIT */
#include "tools/sim/model/parts.h"

/*
 * Configuration (Core Vol 3 Part A 4.4, 4.5, 5, 7.1). Each channel has one
 * mode that will do; what else a peer wants is taken as far as it is legal.
 */

#define OPT_MTU 0x01
#define OPT_FLUSH 0x02
#define OPT_QOS 0x03
#define OPT_RFC 0x04
#define OPT_FCS 0x05
#define OPT_HINT 0x80

#define RESULT_OK 0
#define RESULT_UNACCEPTABLE 1
#define RESULT_UNKNOWN 3

#define RETRANS_MS 2000
#define MONITOR_MS 12000
#define TIMER_MS_MIN 100
#define REFUSALS_MAX 4
#define ROUNDS_MAX 24
#define RFC_BYTES 9

/* What an option list says. */
struct options {
	bool has_mtu, has_rfc, has_fcs;
	uint16_t mtu;
	uint8_t mode;
	uint8_t window;
	uint8_t transmits;
	uint16_t retrans_ms, monitor_ms;
	uint16_t mps;
	uint8_t fcs;
	uint8_t unknown; /* type of an option that we don't know; 0: none */
};

static uint8_t mode_code(enum model_mode mode)
{
	static const uint8_t codes[] = {
		[MODEL_BASIC] = 0,
		[MODEL_ERTM] = 3,
		[MODEL_STREAMING] = 4,
	};

	return codes[mode];
}

/* --- options --- */

static void put_mtu(struct model_out *out, uint16_t mtu)
{
	model_out_u8(out, OPT_MTU);
	model_out_u8(out, 2);
	model_out_le16(out, mtu);
}

static void put_rfc(struct model_out *out, const struct options *o)
{
	model_out_u8(out, OPT_RFC);
	model_out_u8(out, RFC_BYTES);
	model_out_u8(out, o->mode);
	model_out_u8(out, o->window);
	model_out_u8(out, o->transmits);
	model_out_le16(out, o->retrans_ms);
	model_out_le16(out, o->monitor_ms);
	model_out_le16(out, o->mps);
}

static void take_rfc(struct model_in *in, struct options *o)
{
	o->has_rfc = true;
	o->mode = model_in_u8(in);
	o->window = model_in_u8(in);
	o->transmits = model_in_u8(in);
	o->retrans_ms = model_in_le16(in);
	o->monitor_ms = model_in_le16(in);
	o->mps = model_in_le16(in);
}

/* The octets that an option of this type has; 0 if we don't know it. */
static size_t option_bytes(uint8_t type)
{
	switch (type) {
	case OPT_MTU:
	case OPT_FLUSH:
		return 2;
	case OPT_QOS:
		return 22;
	case OPT_RFC:
		return RFC_BYTES;
	case OPT_FCS:
		return 1;
	default:
		return 0;
	}
}

static void take_option(struct options *o, uint8_t type, struct rt_bytes value)
{
	struct model_in in = model_in(value);

	switch (type) {
	case OPT_MTU:
		o->has_mtu = true;
		o->mtu = model_in_le16(&in);
		return;
	case OPT_RFC:
		take_rfc(&in, o);
		return;
	case OPT_FCS:
		o->has_fcs = true;
		o->fcs = model_in_u8(&in);
		return;
	default:
		return;
	}
}

/* False if the list can't be read. */
static bool take_options(struct model *m, struct model_chan *chan,
			 struct rt_bytes list, struct options *o)
{
	struct model_in in = model_in(list);

	while (in.left > 0) {
		uint8_t type = model_in_u8(&in);
		uint8_t bytes = model_in_u8(&in);
		struct rt_bytes value = model_in_take(&in, bytes);
		size_t known = option_bytes(type & (OPT_HINT - 1));

		if (in.bad || (known != 0 && known != bytes)) {
			model_blame_always(m, chan->link,
					   "l2cap: configuration"
					   " option 0x%02x of %u octets",
					   type, bytes);
			return false;
		}
		if (known == 0) {
			model_blame(m, chan->link,
				    "l2cap: configuration "
				    "option 0x%02x, that we do not claim",
				    type);
			if (!(type & OPT_HINT))
				o->unknown = type;
		}
		take_option(o, type & (OPT_HINT - 1), value);
	}
	return true;
}

/* --- our half --- */

void model_config_ask(struct model *m, struct model_chan *chan)
{
	uint8_t buf[SIG_MTU];
	struct model_out out = model_out(buf, sizeof(buf));
	const bool ertm = chan->ours.mode == MODEL_ERTM;
	const struct options rfc = {
		.mode = mode_code(chan->ours.mode),
		.window = ertm ? chan->ours.window : 0,
		.transmits = ertm ? chan->ours.transmits : 0,
		.mps = chan->ours.mps,
	};
	bool modes = chan->ours.mode != MODEL_BASIC;

	if (chan->ours.mtu != MTU_DEFAULT || modes)
		put_mtu(&out, chan->ours.mtu);
	if (modes)
		put_rfc(&out, &rfc);
	if (modes && chan->ours.no_fcs && !chan->fcs_forbidden) {
		model_out_u8(&out, OPT_FCS);
		model_out_u8(&out, 1);
		model_out_u8(&out, 0);
	}
	chan->ours_done = false;
	model_send_config(m, chan, model_out_bytes(&out));
}

static void check_open(struct model *m, struct model_chan *chan)
{
	if (chan->state == CHAN_CONFIG && chan->ours_done && chan->theirs_done)
		model_chan_opened(m, chan);
}

static void check_answer(struct model *m, const struct model_chan *chan,
			 const struct options *o)
{
	if (chan->ours.mode == MODEL_BASIC)
		return;
	if (!o->has_rfc) {
		model_blame(m, chan->link,
			    "l2cap: success without the "
			    "retransmission option");
		return;
	}
	if (o->mode != mode_code(chan->ours.mode))
		model_blame(m, chan->link, "l2cap: success with mode %u",
			    o->mode);
	if (o->mps > chan->ours.mps || o->mps == 0)
		model_blame(m, chan->link, "l2cap: MPS %u answered with %u",
			    chan->ours.mps, o->mps);
	if (chan->ours.mode != MODEL_ERTM)
		return;
	if (o->window > chan->ours.window || o->window == 0)
		model_blame(m, chan->link, "l2cap: window %u answered with %u",
			    chan->ours.window, o->window);
	if (o->retrans_ms == 0 || o->monitor_ms == 0)
		model_blame(m, chan->link, "l2cap: timers %u and %u ms",
			    o->retrans_ms, o->monitor_ms);
}

static uint32_t timer_us(uint16_t ms, uint16_t otherwise)
{
	if (ms == 0)
		ms = otherwise;
	return RT_MAX(ms, TIMER_MS_MIN) * UINT32_C(1000);
}

static void accepted(struct model *m, struct model_chan *chan,
		     const struct options *o)
{
	check_answer(m, chan, o);
	chan->retrans_us = timer_us(o->retrans_ms, RETRANS_MS);
	chan->monitor_us = timer_us(o->monitor_ms, MONITOR_MS);
	chan->ours_done = true;
	check_open(m, chan);
}

/* True if we can ask for what the peer would rather have. */
static bool meet(struct model_chan *chan, const struct options *o)
{
	if (o->has_rfc && o->mode != mode_code(chan->ours.mode))
		return false;
	if (o->has_mtu && o->mtu >= MTU_MIN && o->mtu <= MODEL_SDU_MAX)
		chan->ours.mtu = o->mtu;
	if (o->has_rfc && o->window >= 1 && o->window < chan->ours.window)
		chan->ours.window = o->window;
	if (o->has_rfc && o->mps >= MTU_MIN && o->mps < chan->ours.mps)
		chan->ours.mps = o->mps;
	if (o->has_fcs && o->fcs == 1)
		chan->fcs_forbidden = true;
	return true;
}

void model_config_answered(struct model *m, struct model_chan *chan,
			   uint16_t result, bool more, struct rt_bytes list)
{
	struct options o = { 0 };

	/* The octets behind RESULT_UNKNOWN are types, in one form or another.
	 */
	if (result != RESULT_UNKNOWN && !take_options(m, chan, list, &o)) {
		model_chan_close(m, chan, MODEL_END_PROTOCOL);
		return;
	}
	if (result > 5)
		model_blame(m, chan->link, "l2cap: configuration result %u",
			    result);
	if (more) {
		model_blame(m, chan->link, "l2cap: an answer in parts");
		return;
	}
	if (result == RESULT_OK) {
		accepted(m, chan, &o);
		return;
	}
	if (++chan->refusals > REFUSALS_MAX) {
		model_chan_close(m, chan, MODEL_END_REFUSED);
		return;
	}
	if (result == RESULT_UNKNOWN && chan->ours.no_fcs &&
	    !chan->fcs_forbidden) {
		chan->fcs_forbidden = true;
		model_config_ask(m, chan);
		return;
	}
	if (result == RESULT_UNACCEPTABLE && meet(chan, &o))
		model_config_ask(m, chan);
	else
		model_chan_close(m, chan, MODEL_END_REFUSED);
}

/* --- the peer's half --- */

static void check_request(struct model *m, const struct model_chan *chan,
			  const struct options *o)
{
	if (o->has_mtu && o->mtu < MTU_MIN)
		model_blame(m, chan->link, "l2cap: an MTU of %u", o->mtu);
	if (o->has_fcs && o->fcs > 1)
		model_blame(m, chan->link, "l2cap: FCS type %u", o->fcs);
	if (!o->has_rfc)
		return;
	if (o->mode > 4 || o->mode == 1 || o->mode == 2 ||
	    (o->mode != 0 && m->options.behaviour.no_features))
		model_blame(m, chan->link,
			    "l2cap: mode %u, that we do not "
			    "claim",
			    o->mode);
	if (o->mode == 3 && (o->window == 0 || o->window > 63))
		model_blame(m, chan->link, "l2cap: a window of %u", o->window);
	if (o->mode >= 3 && o->mps == 0)
		model_blame(m, chan->link, "l2cap: an MPS of 0");
}

static void take_theirs(struct model_chan *chan, const struct options *o)
{
	struct model_conf *theirs = &chan->theirs;

	if (o->has_mtu)
		theirs->mtu = o->mtu;
	if (o->has_fcs)
		theirs->no_fcs = o->fcs == 0;
	if (!o->has_rfc)
		return;
	theirs->has_rfc = true;
	theirs->window = o->window;
	theirs->transmits = o->transmits;
	theirs->mps = o->mps;
	switch (o->mode) {
	case 3:
		theirs->mode = MODEL_ERTM;
		break;
	case 4:
		theirs->mode = MODEL_STREAMING;
		break;
	default:
		theirs->mode = MODEL_BASIC;
	}
}

static void answer(struct model *m, struct model_chan *chan, uint8_t id,
		   const uint16_t flags_result[2], struct rt_bytes options)
{
	uint8_t buf[SIG_MTU];
	struct model_out out = model_out(buf, sizeof(buf));

	model_out_le16(&out, chan->dcid);
	model_out_le16(&out, flags_result[0]);
	model_out_le16(&out, flags_result[1]);
	model_out_put(&out, options);
	model_send_command(m, chan->link, SIG_CONFIG_RSP, id,
			   model_out_bytes(&out));
}

/* What of the peer's wishes won't do, as we would have it; empty: all do. */
static void object(const struct model_chan *chan, const struct options *o,
		   struct model_out *out)
{
	const struct model_conf *theirs = &chan->theirs;
	const struct options rfc = {
		.mode = mode_code(chan->ours.mode),
		.window = chan->ours.window,
		.transmits = chan->ours.transmits,
		.mps = chan->ours.mps,
	};
	bool bad = theirs->mode != chan->ours.mode ||
		   (o->has_rfc && o->mode != rfc.mode);

	if (theirs->mode == MODEL_ERTM &&
	    (theirs->window == 0 || theirs->window > 63))
		bad = true;
	/* A length, a control field and an octet shall fit. */
	if (theirs->mode != MODEL_BASIC && theirs->mps < 8)
		bad = true;
	if (theirs->mtu < MTU_MIN)
		put_mtu(out, MTU_MIN);
	if (bad)
		put_rfc(out, &rfc);
}

static void accept(struct model *m, struct model_chan *chan, uint8_t id)
{
	uint8_t buf[SIG_MTU];
	struct model_out out = model_out(buf, sizeof(buf));
	struct model_conf *theirs = &chan->theirs;
	const uint16_t flags_result[2] = { 0, RESULT_OK };
	const bool ertm = theirs->mode == MODEL_ERTM;
	const struct options rfc = {
		.mode = mode_code(theirs->mode),
		.window = ertm ? RT_MIN(theirs->window, WINDOW_MAX) : 0,
		.transmits = ertm ? theirs->transmits : 0,
		.retrans_ms = ertm ? RETRANS_MS : 0,
		.monitor_ms = ertm ? MONITOR_MS : 0,
		.mps = RT_MIN(theirs->mps, MPS_MAX),
	};

	theirs->mps = rfc.mps;
	put_mtu(&out, theirs->mtu);
	if (theirs->mode != MODEL_BASIC)
		put_rfc(&out, &rfc);
	answer(m, chan, id, flags_result, model_out_bytes(&out));
	chan->theirs_done = true;
	check_open(m, chan);
}

static void refuse_unknown(struct model *m, struct model_chan *chan, uint8_t id,
			   uint8_t type)
{
	const uint16_t flags_result[2] = { 0, RESULT_UNKNOWN };
	const uint8_t option[2] = { type, 0 };

	answer(m, chan, id, flags_result, rt_bytes(option, 2));
}

void model_config_asked(struct model *m, struct model_chan *chan, uint8_t id,
			bool more, struct rt_bytes list)
{
	uint8_t buf[SIG_MTU];
	struct model_out out = model_out(buf, sizeof(buf));
	struct options o = { 0 };
	uint16_t flags_result[2] = { more, RESULT_OK };

	if (!take_options(m, chan, list, &o) || ++chan->rounds > ROUNDS_MAX) {
		model_chan_close(m, chan, MODEL_END_PROTOCOL);
		return;
	}
	check_request(m, chan, &o);
	if (o.unknown != 0) {
		refuse_unknown(m, chan, id, o.unknown);
		return;
	}
	/* Without the option the mode is Basic (5.4). */
	if (!chan->theirs_begun && !o.has_rfc)
		chan->theirs.mode = MODEL_BASIC;
	chan->theirs_begun = more;
	take_theirs(chan, &o);
	if (more) {
		answer(m, chan, id, flags_result, rt_bytes(NULL, 0));
		return;
	}
	object(chan, &o, &out);
	if (out.len == 0) {
		accept(m, chan, id);
		return;
	}
	chan->theirs.mtu = RT_MAX(chan->theirs.mtu, MTU_MIN);
	if (++chan->refusals > REFUSALS_MAX) {
		model_chan_close(m, chan, MODEL_END_REFUSED);
		return;
	}
	flags_result[1] = RESULT_UNACCEPTABLE;
	answer(m, chan, id, flags_result, model_out_bytes(&out));
}
