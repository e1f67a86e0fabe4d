/* SPDX-License-Identifier: MIT */
#include "l2cap/config.h"

#include "l2cap/chan.h"
#include "l2cap/link.h"
#include "l2cap/ours.h"
#include "l2cap/peer.h"
#include "l2cap/theirs.h"

#define RESULT_MAX 0xff /* of those that have room in rt_l2cap_code */

/*
 * Octets of a PDU that fills 3-DH5 packets, the longest of the baseband. Where
 * the controller's buffers are smaller, a PDU is sent in fragments: that costs
 * less than more PDUs, each with headers and an acknowledgement.
 */
#define PDU_BYTES 1021

#define CONTROL_BYTES 2
#define CONTROL_EXTENDED_BYTES 4
#define SDU_LENGTH_BYTES 2
#define FCS_BYTES 2

/* What stands in a payload beside the octets of an SDU, at most. */
static uint16_t overhead(bool extended, bool fcs)
{
	return (uint16_t)((extended ? CONTROL_EXTENDED_BYTES : CONTROL_BYTES) +
			  SDU_LENGTH_BYTES + (fcs ? FCS_BYTES : 0));
}

uint16_t rt_l2cap_config_mps(bool extended)
{
	return (uint16_t)(PDU_BYTES - RT_L2CAP_HEADER_BYTES -
			  overhead(extended, true));
}

uint32_t rt_l2cap_config_rounds(const struct rt_l2cap_chan *chan)
{
	return RT_MAX(chan->l2cap->env->limits.config_rounds, 1);
}

bool rt_l2cap_config_takes_window(const struct rt_l2cap_chan *chan)
{
	return chan->opened ? chan->agreed.extended
			    : chan->params.extended_window;
}

void rt_l2cap_config_fail(struct rt_l2cap_chan *chan, uint16_t result)
{
	rt_l2cap_chan_disconnect(chan, (uint16_t)(RT_L2CAP_CONFIG_FAILED +
						  RT_MIN(result, RESULT_MAX)));
}

void rt_l2cap_config_fail_mode(struct rt_l2cap_chan *chan)
{
	if (chan->params.mode_required)
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_MODE_REFUSED);
	else
		rt_l2cap_config_fail(chan, RT_L2CAP_CONF_UNACCEPTABLE);
}

static uint16_t window_of(const struct rt_l2cap_chan *chan)
{
	const uint32_t limit = RT_MIN(chan->l2cap->env->limits.ertm_window,
				      RT_LIMIT_ERTM_WINDOW_MAX);
	const uint16_t window =
		chan->params.window ? chan->params.window : RT_L2CAP_WINDOW_MAX;

	return (uint16_t)RT_MIN(window, RT_MAX(limit, 1));
}

/* The payload that the octets of an SDU are part of has a length field. */
static uint16_t mps_of(const struct rt_l2cap_chan *chan)
{
	const uint16_t most = (uint16_t)(UINT16_MAX - overhead(true, true));

	if (chan->params.mps == 0)
		return rt_l2cap_config_mps(rt_l2cap_config_takes_window(chan));
	return RT_MIN(chan->params.mps, most);
}

static uint8_t max_transmit_of(const struct rt_l2cap_params *params)
{
	if (params->max_transmit == 0)
		return RT_L2CAP_MAX_TRANSMIT_DEFAULT;
	if (params->max_transmit == RT_L2CAP_MAX_TRANSMIT_INFINITE)
		return 0;
	return (uint8_t)params->max_transmit;
}

void rt_l2cap_config_init(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_params *params = &chan->params;

	chan->config = (struct rt_l2cap_config){
		.wish = rt_l2cap_policy_wish(params->mode,
					     params->mode_required),
		.mode = params->mode == RT_L2CAP_MODE_CREDIT
				? RT_L2CAP_MODE_BASIC
				: params->mode,
		.fcs = params->fcs,
		.flush_timeout = params->flush_timeout_ms
					 ? params->flush_timeout_ms
					 : RT_L2CAP_FLUSH_NEVER,
		.window = window_of(chan),
		.mps = mps_of(chan),
		.max_transmit = max_transmit_of(params),
	};
}

void rt_l2cap_config_begin(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_config *config = &chan->config;

	if (config->mode == RT_L2CAP_MODE_BASIC ||
	    rt_l2cap_peer_is_known(chan->link)) {
		rt_l2cap_ours_begin(chan);
		return;
	}
	config->waits = true;
	rt_l2cap_peer_ask(chan->link);
}

void rt_l2cap_config_on_features(struct rt_l2cap_link *link)
{
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->state == RT_L2CAP_CHAN_CONFIG && chan->config.waits)
			rt_l2cap_ours_begin(chan);
	}
}

/* 0 of a timer is what a peer says that does not know better. */
static uint32_t timer_ms(const struct rt_l2cap_opts *answered,
			 uint16_t answered_ms, uint32_t standard_ms)
{
	if (!answered->has_rfc || answered_ms == 0)
		return standard_ms;
	return RT_MAX(answered_ms, RT_L2CAP_ERTM_TIMER_MS_MIN);
}

/* I-frames that the peer sends before it needs an acknowledgement. */
static uint16_t rx_window(const struct rt_l2cap_config *config)
{
	const struct rt_l2cap_opts *answered = &config->answered;
	uint16_t needed = 0;

	if (config->asked.has_window && answered->has_window)
		needed = answered->window.frames;
	else if (!config->asked.has_window && answered->has_rfc)
		needed = answered->rfc.tx_window;
	return needed > 0 ? RT_MIN(config->window, needed) : config->window;
}

/* Both halves have been agreed on for the first time (7.1). */
static void settle(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_config *config = &chan->config;
	const struct rt_l2cap_opts *answered = &config->answered;
	const bool no_fcs = config->asked.has_fcs && config->heard.has_fcs &&
			    config->asked.fcs.type == RT_L2CAP_FCS_TYPE_NONE &&
			    config->heard.fcs.type == RT_L2CAP_FCS_TYPE_NONE;
	struct rt_l2cap_agreed *agreed = &chan->agreed;

	*agreed = (struct rt_l2cap_agreed){ .mode = config->mode };
	if (config->mode == RT_L2CAP_MODE_BASIC)
		return;
	agreed->fcs = !no_fcs;
	agreed->extended = config->asked.has_window || config->heard.has_window;
	agreed->tx_mps = rt_l2cap_theirs_mps(chan, &config->heard);
	agreed->rx_mps = config->asked.rfc.mps;
	chan->rx_limit = (uint16_t)(agreed->rx_mps +
				    overhead(agreed->extended, agreed->fcs));
	if (config->mode != RT_L2CAP_MODE_ERTM)
		return;
	agreed->tx_window = rt_l2cap_theirs_window(chan, &config->heard);
	agreed->rx_window = rx_window(config);
	agreed->max_transmit = config->heard.rfc.max_transmit;
	agreed->retransmission_ms =
		timer_ms(answered, answered->rfc.retransmission_ms,
			 RT_L2CAP_RETRANSMISSION_MS_DEFAULT);
	agreed->monitor_ms = timer_ms(answered, answered->rfc.monitor_ms,
				      RT_L2CAP_MONITOR_MS_DEFAULT);
}

/* The peer may send as soon as it has agreed, a little before we are open. */
static void widen_rx_limit(struct rt_l2cap_chan *chan)
{
	if (chan->config.asked.has_rfc && !chan->opened)
		chan->rx_limit = (uint16_t)(chan->config.asked.rfc.mps +
					    overhead(true, true));
}

void rt_l2cap_config_check(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_config *config = &chan->config;

	if (config->ours_done)
		widen_rx_limit(chan);
	if (!config->ours_done || !config->theirs_done)
		return;
	if (!chan->opened)
		settle(chan);
	rt_l2cap_chan_open(chan);
}

/* Configures an open channel anew: both halves (7.1.4). */
static void reconfigure(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_config *config = &chan->config;

	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_CONFIG,
			    RT_L2CAP_WHY_RECONFIGURE);
	config->wish = rt_l2cap_policy_keep(chan->agreed.mode);
	config->mode = chan->agreed.mode;
	config->asked_count = 0;
	config->heard_count = 0;
	config->refused_count = 0;
	config->mode_refused = false;
	config->theirs_done = false;
	rt_l2cap_ours_ask(chan);
}

void rt_l2cap_config_on_req(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_req *msg)
{
	const bool goes_on = msg->flags & RT_L2CAP_CONF_CONTINUATION;
	struct rt_l2cap_chan *chan =
		rt_l2cap_chan_by_scid(cmd->link, msg->dcid);
	struct rt_l2cap_opts opts = { .has_mtu = false };

	if (!chan || !rt_l2cap_chan_exists(chan)) {
		rt_l2cap_sig_reject_cid(cmd, msg->dcid, chan ? chan->dcid : 0);
		return;
	}
	if (chan->state == RT_L2CAP_CHAN_CONFIG)
		opts = chan->config.parts;
	opts.takes_window = rt_l2cap_config_takes_window(chan);
	if (rt_l2cap_opts_read(msg->tail, &opts) < 0) {
		rt_l2cap_sig_reject_malformed(cmd);
		return;
	}

	if (chan->state == RT_L2CAP_CHAN_OPEN && !goes_on &&
	    rt_l2cap_theirs_answer_settled(cmd, chan, &opts))
		return;
	if (chan->state == RT_L2CAP_CHAN_OPEN)
		reconfigure(chan);
	if (chan->config.heard_count >= 2 * rt_l2cap_config_rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	chan->config.heard_count++;
	chan->config.parts = opts;
	if (goes_on)
		rt_l2cap_theirs_answer_part(cmd, chan);
	else
		rt_l2cap_theirs_decide(cmd, chan);
}

/* The channel whose request this answers, or NULL. */
static struct rt_l2cap_chan *answered_chan(const struct rt_l2cap_cmd *cmd,
					   const struct rt_l2cap_conf_rsp *msg)
{
	struct rt_l2cap_req *req =
		rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_CONF_REQ);
	struct rt_l2cap_chan *chan =
		req ? RT_CONTAINER_OF(req, struct rt_l2cap_chan, req) : NULL;

	return chan && msg->scid == chan->scid ? chan : NULL;
}

void rt_l2cap_config_on_rsp(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_rsp *msg)
{
	struct rt_l2cap_chan *chan = answered_chan(cmd, msg);
	struct rt_l2cap_opts opts = { .has_mtu = false };

	if (!chan) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	/* Only a counter-proposal is made of options that matter to us. */
	if (msg->result == RT_L2CAP_CONF_UNACCEPTABLE &&
	    rt_l2cap_opts_read(msg->tail, &opts) < 0) {
		rt_l2cap_sig_malformed(cmd);
		return;
	}
	if (msg->result == RT_L2CAP_CONF_PENDING) {
		rt_l2cap_chan_pause(chan);
		return;
	}
	rt_l2cap_req_stop(&chan->req);
	rt_l2cap_ours_on_rsp(chan, msg);
}
