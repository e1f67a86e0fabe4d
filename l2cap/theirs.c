/* SPDX-License-Identifier: MIT */
#include "l2cap/theirs.h"

#include <string.h>

#include "l2cap/config.h"
#include "l2cap/link.h"
#include "l2cap/ours.h"

/* Three times the flush timeout, in ERTM, if there is one (8.6.2). */
#define FLUSH_TIMES 3

/* What we can't have of a request. */
struct objection {
	bool mode;		      /* another mode than ours */
	struct rt_l2cap_opts counter; /* what we would take instead */
};

/* The mode that a request is for. */
static uint8_t mode_of(const struct rt_l2cap_chan *chan,
		       const struct rt_l2cap_opts *opts)
{
	if (opts->has_rfc)
		return opts->rfc.mode;
	return (uint8_t)(chan->opened ? chan->agreed.mode
				      : RT_L2CAP_MODE_BASIC);
}

uint16_t rt_l2cap_theirs_window(const struct rt_l2cap_chan *chan,
				const struct rt_l2cap_opts *opts)
{
	const uint32_t limit = RT_MIN(chan->l2cap->env->limits.ertm_window,
				      RT_LIMIT_ERTM_WINDOW_MAX);
	const uint16_t asked =
		opts->has_window ? opts->window.frames : opts->rfc.tx_window;

	return (uint16_t)RT_MIN(asked, RT_MAX(limit, 1));
}

uint16_t rt_l2cap_theirs_mps(const struct rt_l2cap_chan *chan,
			     const struct rt_l2cap_opts *opts)
{
	const bool extended = opts->has_window || chan->config.extended;
	const uint16_t fits = rt_l2cap_config_mps(extended);

	return RT_MIN(RT_MIN(opts->rfc.mps, chan->omtu), fits);
}

static void object_to_values(const struct rt_l2cap_opts *asked,
			     struct rt_l2cap_opts *ret_counter)
{
	struct rt_l2cap_opts *ret = ret_counter;

	if (asked->has_mtu && asked->mtu.mtu < RT_L2CAP_MTU_MIN) {
		ret->has_mtu = true;
		ret->mtu.mtu = RT_L2CAP_MTU_MIN;
	}
	if (asked->has_flush &&
	    asked->flush.timeout == RT_L2CAP_FLUSH_RESERVED) {
		ret->has_flush = true;
		ret->flush.timeout = RT_L2CAP_FLUSH_NEVER;
	}
	if (asked->has_qos && asked->qos.service > RT_L2CAP_QOS_BEST_EFFORT) {
		ret->has_qos = true;
		ret->qos.service = RT_L2CAP_QOS_BEST_EFFORT;
		ret->qos.latency = UINT32_MAX;
		ret->qos.delay_variation = UINT32_MAX;
	}
}

/* Window, MPS and FCS of a mode that we take. */
static void object_to_frames(const struct rt_l2cap_chan *chan,
			     const struct rt_l2cap_opts *asked,
			     struct rt_l2cap_opts *ret_counter)
{
	const struct rt_l2cap_opt_rfc *rfc = &asked->rfc;
	const struct rt_l2cap_opt_rfc ours =
		rt_l2cap_ours_rfc(chan, (enum rt_l2cap_mode)rfc->mode);
	const bool ertm = rfc->mode == RT_L2CAP_MODE_ERTM;
	const bool window_is_wrong =
		ertm && !asked->has_window &&
		(rfc->tx_window == 0 || rfc->tx_window > RT_L2CAP_WINDOW_MAX);
	struct rt_l2cap_opts *ret = ret_counter;

	if (asked->has_rfc && (window_is_wrong || rfc->mps == 0)) {
		ret->has_rfc = true;
		ret->rfc = *rfc;
		if (window_is_wrong)
			ret->rfc.tx_window = ours.tx_window;
		if (rfc->mps == 0)
			ret->rfc.mps = ours.mps;
	}
	if (asked->has_fcs && asked->fcs.type > RT_L2CAP_FCS_TYPE_16BIT) {
		ret->has_fcs = true;
		ret->fcs.type = RT_L2CAP_FCS_TYPE_16BIT;
	}
	if (asked->has_window &&
	    (asked->window.frames == 0 ||
	     asked->window.frames > RT_L2CAP_WINDOW_EXTENDED_MAX)) {
		ret->has_window = true;
		ret->window.frames = RT_L2CAP_WINDOW_MAX;
	}
}

/* What an open channel can't change: frames that are out may be sent again. */
static void object_to_change(const struct rt_l2cap_chan *chan,
			     const struct rt_l2cap_opts *asked,
			     struct rt_l2cap_opts *ret_counter)
{
	const struct rt_l2cap_agreed *agreed = &chan->agreed;
	const uint16_t window =
		asked->has_window ? asked->window.frames : asked->rfc.tx_window;
	const bool ertm = agreed->mode == RT_L2CAP_MODE_ERTM;
	struct rt_l2cap_opts *ret = ret_counter;

	if (asked->has_rfc && (asked->rfc.mps < agreed->tx_mps ||
			       (ertm && window < agreed->tx_window))) {
		ret->has_rfc = true;
		ret->rfc = asked->rfc;
		ret->rfc.mps = agreed->tx_mps;
		ret->rfc.tx_window =
			(uint8_t)RT_MIN(agreed->tx_window, RT_L2CAP_WINDOW_MAX);
	}
	if (asked->has_fcs && !agreed->fcs &&
	    asked->fcs.type != RT_L2CAP_FCS_TYPE_NONE) {
		ret->has_fcs = true;
		ret->fcs.type = RT_L2CAP_FCS_TYPE_NONE;
	}
}

static bool has_any(const struct rt_l2cap_opts *opts)
{
	return opts->has_mtu || opts->has_flush || opts->has_qos ||
	       opts->has_rfc || opts->has_fcs || opts->has_window;
}

/* What of the peer's wishes we can't have, and what we would take instead. */
static bool object(const struct rt_l2cap_chan *chan,
		   const struct rt_l2cap_opts *asked,
		   struct objection *ret_objection)
{
	const struct rt_l2cap_config *config = &chan->config;
	const uint8_t mode = mode_of(chan, asked);
	struct rt_l2cap_opts *counter = &ret_objection->counter;

	object_to_values(asked, counter);
	if (rt_l2cap_policy_on_request(config->wish, mode) !=
	    RT_L2CAP_POLICY_ACCEPT) {
		ret_objection->mode = true;
		counter->has_rfc = true;
		counter->rfc = rt_l2cap_ours_rfc(chan, config->mode);
	} else if (mode != RT_L2CAP_MODE_BASIC) {
		object_to_frames(chan, asked, counter);
		if (chan->opened)
			object_to_change(chan, asked, counter);
	}
	return has_any(counter);
}

static void answer(struct rt_l2cap_cmd *cmd, const struct rt_l2cap_chan *chan,
		   uint16_t result, struct rt_bytes options)
{
	const struct rt_l2cap_conf_rsp rsp = {
		.tail = options,
		.scid = chan->dcid,
		.result = result,
	};

	rt_l2cap_sig_answer(cmd, &rt_l2cap_conf_rsp_msg, &rsp);
}

void rt_l2cap_theirs_answer_part(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_conf_rsp rsp = {
		.scid = chan->dcid,
		.flags = RT_L2CAP_CONF_CONTINUATION,
	};

	rt_l2cap_sig_answer(cmd, &rt_l2cap_conf_rsp_msg, &rsp);
}

static void refuse(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan,
		   const struct objection *objection)
{
	struct rt_l2cap_config *config = &chan->config;
	uint8_t buf[RT_L2CAP_CONF_OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (objection->mode && config->mode_refused) {
		rt_l2cap_config_fail_mode(chan);
		return;
	}
	if (config->refused_count >= rt_l2cap_config_rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	config->refused_count++;
	config->mode_refused |= objection->mode;
	rt_l2cap_opts_write(&objection->counter, &w);
	answer(cmd, chan, RT_L2CAP_CONF_UNACCEPTABLE, rt_wr_bytes(&w));
}

static void refuse_unknown(struct rt_l2cap_cmd *cmd,
			   const struct rt_l2cap_chan *chan,
			   const struct rt_l2cap_opts *opts)
{
	uint8_t buf[RT_L2CAP_CONF_OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write_unknown(opts, &w);
	answer(cmd, chan, RT_L2CAP_CONF_UNKNOWN, rt_wr_bytes(&w));
}

/* A timer of the peer, which sends with this flush timeout. */
static uint16_t timer_ms(uint16_t ours_ms, uint16_t standard_ms,
			 const struct rt_l2cap_opts *opts)
{
	uint32_t ms = ours_ms ? ours_ms : standard_ms;

	if (opts->has_flush && opts->flush.timeout != RT_L2CAP_FLUSH_NEVER)
		ms = RT_MAX(ms, (uint32_t)FLUSH_TIMES * opts->flush.timeout);
	return (uint16_t)RT_MIN(ms, UINT16_MAX);
}

/* How we shall send what the peer receives (5.4, "in a response"). */
static struct rt_l2cap_opt_rfc rfc_of(const struct rt_l2cap_chan *chan,
				      const struct rt_l2cap_opts *opts)
{
	const struct rt_l2cap_params *params = &chan->params;
	struct rt_l2cap_opt_rfc rfc = opts->rfc;

	rfc.mps = chan->opened ? chan->agreed.tx_mps
			       : rt_l2cap_theirs_mps(chan, opts);
	rfc.retransmission_ms = 0;
	rfc.monitor_ms = 0;
	if (rfc.mode != RT_L2CAP_MODE_ERTM)
		return rfc;
	rfc.retransmission_ms =
		timer_ms(params->retransmission_ms,
			 RT_L2CAP_RETRANSMISSION_MS_DEFAULT, opts);
	rfc.monitor_ms =
		timer_ms(params->monitor_ms, RT_L2CAP_MONITOR_MS_DEFAULT, opts);
	if (!opts->has_window)
		rfc.tx_window =
			(uint8_t)(chan->opened
					  ? chan->agreed.tx_window
					  : rt_l2cap_theirs_window(chan, opts));
	return rfc;
}

static void agree(struct rt_l2cap_cmd *cmd, const struct rt_l2cap_chan *chan,
		  const struct rt_l2cap_opts *opts)
{
	const bool basic = mode_of(chan, opts) == RT_L2CAP_MODE_BASIC;
	const struct rt_l2cap_opts agreed = {
		.has_mtu = opts->has_mtu,
		.mtu = opts->mtu,
		.has_rfc = !basic && opts->has_rfc,
		.rfc = rfc_of(chan, opts),
		.has_window = !basic && opts->has_window,
		.window.frames = rt_l2cap_theirs_window(chan, opts),
	};
	uint8_t buf[RT_L2CAP_CONF_OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write(&agreed, &w);
	answer(cmd, chan, RT_L2CAP_CONF_SUCCESS, rt_wr_bytes(&w));
}

/* Our own half follows the mode that the peer has asked for. */
static void follow(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_config *config = &chan->config;
	const enum rt_l2cap_mode mode = (enum rt_l2cap_mode)config->heard_mode;

	config->mode = mode;
	if (config->waits && mode == RT_L2CAP_MODE_BASIC)
		rt_l2cap_ours_begin(chan);
	else if (config->ours_done && config->asked.rfc.mode != mode)
		rt_l2cap_ours_ask(chan);
}

static void accept(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan,
		   const struct rt_l2cap_opts *opts)
{
	if (opts->has_mtu)
		chan->omtu = opts->mtu.mtu;
	agree(cmd, chan, opts);
	chan->config.heard = *opts;
	chan->config.theirs_done = true;
	follow(chan);
	if (chan->state == RT_L2CAP_CHAN_CONFIG)
		rt_l2cap_config_check(chan);
}

void rt_l2cap_theirs_decide(struct rt_l2cap_cmd *cmd,
			    struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_config *config = &chan->config;
	const struct rt_l2cap_opts opts = config->parts;
	struct objection objection = { .mode = false };

	memset(&config->parts, 0, sizeof(config->parts));
	config->theirs_done = false;
	if (opts.unknown_count > 0) {
		refuse_unknown(cmd, chan, &opts);
		return;
	}
	config->heard_mode = mode_of(chan, &opts);
	if (rt_l2cap_policy_on_request(config->wish, config->heard_mode) ==
	    RT_L2CAP_POLICY_CLOSE)
		rt_l2cap_config_fail_mode(chan);
	else if (object(chan, &opts, &objection))
		refuse(cmd, chan, &objection);
	else
		accept(cmd, chan, &opts);
}

/*
 * It sets off no request of ours: else two hosts, each of which takes the
 * other's request for the beginning of a new configuration, would never come
 * to an end.
 */
bool rt_l2cap_theirs_answer_settled(struct rt_l2cap_cmd *cmd,
				    struct rt_l2cap_chan *chan,
				    const struct rt_l2cap_opts *opts)
{
	struct objection objection = { .mode = false };

	if (opts->unknown_count > 0 || object(chan, opts, &objection) ||
	    (opts->has_mtu && opts->mtu.mtu != chan->omtu))
		return false;
	agree(cmd, chan, opts);
	return true;
}
