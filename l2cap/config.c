/* SPDX-License-Identifier: MIT */
#include "l2cap/config.h"

#include <errno.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/link.h"

/* Results of a configuration response (4.5). */
#define RESULT_SUCCESS 0x0000
#define RESULT_UNACCEPTABLE 0x0001
#define RESULT_UNKNOWN 0x0003
#define RESULT_PENDING 0x0004
#define RESULT_MAX 0x00ff /* of those that have room in rt_l2cap_code */

#define FLAG_CONTINUATION 0x0001 /* all other flags are reserved */

#define OPTIONS_BYTES (RT_L2CAP_SIG_DATA_BYTES - 6) /* in a response */

static uint32_t rounds(const struct rt_l2cap_chan *chan)
{
	return RT_MAX(chan->l2cap->env->limits.config_rounds, 1);
}

static void fail(struct rt_l2cap_chan *chan, uint16_t result)
{
	rt_l2cap_chan_disconnect(chan, (uint16_t)(RT_L2CAP_CONFIG_FAILED +
						  RT_MIN(result, RESULT_MAX)));
}

/* Makes a request of ours. */
static void ask(struct rt_l2cap_chan *chan, const struct rt_l2cap_opts *opts)
{
	uint8_t buf[OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_l2cap_conf_req msg = { .dcid = chan->dcid };

	if (chan->config.asked >= rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	chan->config.asked++;
	rt_l2cap_opts_write(opts, &w);
	msg.tail = rt_wr_bytes(&w);
	rt_l2cap_req_send(&chan->req, chan->link, &rt_l2cap_conf_req_msg, &msg);
}

/* The MTU is always told, also where it is the default. */
static void ask_all(struct rt_l2cap_chan *chan)
{
	const uint16_t flush = chan->config.flush_timeout;
	const struct rt_l2cap_opts opts = {
		.has_mtu = true,
		.has_flush = flush != RT_L2CAP_FLUSH_NEVER,
		.mtu.mtu = chan->imtu,
		.flush.timeout = flush,
	};

	ask(chan, &opts);
}

/* The peer has more to answer: an empty request fetches it (4.4). */
static void ask_rest(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_opts none = { .has_mtu = false };

	ask(chan, &none);
}

void rt_l2cap_config_begin(struct rt_l2cap_chan *chan)
{
	chan->config = (struct rt_l2cap_config){
		.flush_timeout = chan->config.flush_timeout,
	};
	ask_all(chan);
}

static void check_done(struct rt_l2cap_chan *chan)
{
	if (chan->config.ours_done && chan->config.theirs_done)
		rt_l2cap_chan_open(chan);
}

/* What of the peer's wishes we can't have, and what we would take instead. */
static bool object(const struct rt_l2cap_opts *asked,
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
	if (asked->has_rfc && asked->rfc.mode != RT_L2CAP_MODE_BASIC) {
		ret->has_rfc = true;
		ret->rfc.mode = RT_L2CAP_MODE_BASIC;
	}
	if (asked->has_qos && asked->qos.service > RT_L2CAP_QOS_BEST_EFFORT) {
		ret->has_qos = true;
		ret->qos.service = RT_L2CAP_QOS_BEST_EFFORT;
		ret->qos.latency = UINT32_MAX;
		ret->qos.delay_variation = UINT32_MAX;
	}
	return ret->has_mtu || ret->has_flush || ret->has_rfc || ret->has_qos;
}

static void answer(struct rt_l2cap_cmd *cmd, const struct rt_l2cap_chan *chan,
		   uint16_t flags, uint16_t result, struct rt_bytes options)
{
	const struct rt_l2cap_conf_rsp rsp = {
		.tail = options,
		.scid = chan->dcid,
		.flags = flags,
		.result = result,
	};

	rt_l2cap_sig_answer(cmd, &rt_l2cap_conf_rsp_msg, &rsp);
}

static void refuse(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan,
		   const struct rt_l2cap_opts *counter)
{
	struct rt_l2cap_config *config = &chan->config;
	uint8_t buf[OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (counter->has_rfc && config->mode_refused) {
		fail(chan, RESULT_UNACCEPTABLE);
		return;
	}
	if (config->refused >= rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	config->refused++;
	config->mode_refused |= counter->has_rfc;
	rt_l2cap_opts_write(counter, &w);
	answer(cmd, chan, 0, RESULT_UNACCEPTABLE, rt_wr_bytes(&w));
}

static void refuse_unknown(struct rt_l2cap_cmd *cmd,
			   const struct rt_l2cap_chan *chan,
			   const struct rt_l2cap_opts *opts)
{
	uint8_t buf[OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write_unknown(opts, &w);
	answer(cmd, chan, 0, RESULT_UNKNOWN, rt_wr_bytes(&w));
}

static void agree(struct rt_l2cap_cmd *cmd, const struct rt_l2cap_chan *chan,
		  const struct rt_l2cap_opts *opts)
{
	const struct rt_l2cap_opts agreed = {
		.has_mtu = opts->has_mtu,
		.mtu = opts->mtu,
	};
	uint8_t buf[OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_l2cap_opts_write(&agreed, &w);
	answer(cmd, chan, 0, RESULT_SUCCESS, rt_wr_bytes(&w));
}

static void accept(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan,
		   const struct rt_l2cap_opts *opts)
{
	if (opts->has_mtu)
		chan->omtu = opts->mtu.mtu;
	agree(cmd, chan, opts);
	chan->config.theirs_done = true;
	check_done(chan);
}

/* The peer has said all it wants in this round. */
static void decide(struct rt_l2cap_cmd *cmd, struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_opts opts = chan->config.opts;
	struct rt_l2cap_opts counter = { .has_mtu = false };

	memset(&chan->config.opts, 0, sizeof(chan->config.opts));
	chan->config.theirs_done = false;
	if (opts.unknown_count > 0)
		refuse_unknown(cmd, chan, &opts);
	else if (object(&opts, &counter))
		refuse(cmd, chan, &counter);
	else
		accept(cmd, chan, &opts);
}

/* An open channel is configured anew, in both halves (7.1.4). */
static void reconfigure(struct rt_l2cap_chan *chan)
{
	rt_l2cap_chan_enter(chan, RT_L2CAP_CHAN_CONFIG,
			    RT_L2CAP_WHY_RECONFIGURE);
	rt_l2cap_config_begin(chan);
}

/*
 * A request on an open channel that says no more than what is agreed. It is
 * answered and sets off no request of ours: else two hosts, each of which takes
 * the other's request for the beginning of a new configuration, would never
 * come to an end.
 */
static bool is_settled(const struct rt_l2cap_chan *chan, uint16_t flags,
		       const struct rt_l2cap_opts *opts)
{
	struct rt_l2cap_opts counter = { .has_mtu = false };

	return chan->state == RT_L2CAP_CHAN_OPEN &&
	       !(flags & FLAG_CONTINUATION) && opts->unknown_count == 0 &&
	       !object(opts, &counter) &&
	       (!opts->has_mtu || opts->mtu.mtu == chan->omtu);
}

void rt_l2cap_config_on_req(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_req *msg)
{
	struct rt_l2cap_chan *chan =
		rt_l2cap_chan_by_scid(cmd->link, msg->dcid);
	struct rt_l2cap_opts opts = { .has_mtu = false };

	if (!chan || !rt_l2cap_chan_exists(chan)) {
		rt_l2cap_sig_reject_cid(cmd, msg->dcid, chan ? chan->dcid : 0);
		return;
	}
	if (chan->state == RT_L2CAP_CHAN_CONFIG)
		opts = chan->config.opts;
	if (rt_l2cap_opts_read(msg->tail, &opts) < 0) {
		rt_l2cap_sig_reject_malformed(cmd);
		return;
	}

	if (is_settled(chan, msg->flags, &opts)) {
		agree(cmd, chan, &opts);
		return;
	}
	if (chan->state == RT_L2CAP_CHAN_OPEN)
		reconfigure(chan);
	if (chan->config.heard >= 2 * rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	chan->config.heard++;
	chan->config.opts = opts;
	if (msg->flags & FLAG_CONTINUATION)
		answer(cmd, chan, FLAG_CONTINUATION, RESULT_SUCCESS,
		       rt_bytes(NULL, 0));
	else
		decide(cmd, chan);
}

/*
 * The peer wants other values. A smaller MTU can be had, another mode can't.
 * What we can't follow is asked for again, until the rounds are used up.
 */
static void adapt(struct rt_l2cap_chan *chan, const struct rt_l2cap_opts *opts)
{
	const uint16_t mtu = opts->mtu.mtu;

	if (opts->has_mtu && mtu >= RT_L2CAP_MTU_MIN && mtu <= chan->imtu_max)
		chan->imtu = mtu;
	if (opts->has_flush && opts->flush.timeout != RT_L2CAP_FLUSH_RESERVED)
		chan->config.flush_timeout = opts->flush.timeout;
	chan->config.ask_again = true;
}

static void on_unacceptable(struct rt_l2cap_chan *chan,
			    const struct rt_l2cap_opts *opts)
{
	if (opts->has_rfc && opts->rfc.mode != RT_L2CAP_MODE_BASIC)
		fail(chan, RESULT_UNACCEPTABLE);
	else
		adapt(chan, opts);
}

/* Of our options a peer may only be ignorant of the flush timeout. */
static void on_unknown(struct rt_l2cap_chan *chan)
{
	if (chan->config.flush_timeout == RT_L2CAP_FLUSH_NEVER) {
		fail(chan, RESULT_UNKNOWN);
		return;
	}
	chan->config.flush_timeout = RT_L2CAP_FLUSH_NEVER;
	chan->config.ask_again = true;
}

/* An answer has been taken in. */
static void go_on(struct rt_l2cap_chan *chan, uint16_t flags)
{
	if (chan->state != RT_L2CAP_CHAN_CONFIG)
		return;
	rt_l2cap_chan_resume(chan);
	if (flags & FLAG_CONTINUATION) {
		ask_rest(chan);
	} else if (chan->config.ask_again) {
		chan->config.ask_again = false;
		ask_all(chan);
	} else {
		chan->config.ours_done = true;
		check_done(chan);
	}
}

static void on_result(struct rt_l2cap_chan *chan,
		      const struct rt_l2cap_conf_rsp *msg,
		      const struct rt_l2cap_opts *opts)
{
	if (msg->result == RESULT_UNACCEPTABLE)
		on_unacceptable(chan, opts);
	else if (msg->result == RESULT_UNKNOWN)
		on_unknown(chan);
	else if (msg->result != RESULT_SUCCESS)
		fail(chan, msg->result);
	go_on(chan, msg->flags);
}

void rt_l2cap_config_on_rsp(struct rt_l2cap_cmd *cmd,
			    const struct rt_l2cap_conf_rsp *msg)
{
	struct rt_l2cap_req *req =
		rt_l2cap_req_find(cmd->link, cmd->ident, RT_L2CAP_CONF_REQ);
	struct rt_l2cap_opts opts = { .has_mtu = false };
	struct rt_l2cap_chan *chan;

	if (!req) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	chan = RT_CONTAINER_OF(req, struct rt_l2cap_chan, req);
	if (msg->scid != chan->scid) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	/* Only a counter-proposal is made of options that matter to us. */
	if (msg->result == RESULT_UNACCEPTABLE &&
	    rt_l2cap_opts_read(msg->tail, &opts) < 0) {
		rt_l2cap_sig_malformed(cmd);
		return;
	}
	if (msg->result == RESULT_PENDING) {
		rt_l2cap_chan_pause(chan);
		return;
	}
	rt_l2cap_req_stop(req);
	on_result(chan, msg, &opts);
}
