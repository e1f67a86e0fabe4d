/* SPDX-License-Identifier: MIT */
#include "l2cap/ours.h"

#include "l2cap/config.h"
#include "l2cap/link.h"
#include "l2cap/peer.h"

static void send(struct rt_l2cap_chan *chan, const struct rt_l2cap_opts *opts)
{
	uint8_t buf[RT_L2CAP_CONF_OPTIONS_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_l2cap_conf_req msg = { .dcid = chan->dcid };

	if (chan->config.asked_count >= rt_l2cap_config_rounds(chan)) {
		rt_l2cap_chan_disconnect(chan, RT_L2CAP_CONFIG_ROUNDS);
		return;
	}
	chan->config.asked_count++;
	rt_l2cap_opts_write(opts, &w);
	msg.tail = rt_wr_bytes(&w);
	rt_l2cap_req_send(&chan->req, chan->link, &rt_l2cap_conf_req_msg, &msg);
}

struct rt_l2cap_opt_rfc rt_l2cap_ours_rfc(const struct rt_l2cap_chan *chan,
					  enum rt_l2cap_mode mode)
{
	const struct rt_l2cap_config *config = &chan->config;
	struct rt_l2cap_opt_rfc rfc = { .mode = (uint8_t)mode };

	if (mode == RT_L2CAP_MODE_BASIC)
		return rfc;

	/* Both timers are the peer's to say, in its response (5.4). */
	rfc.mps = RT_MIN(config->mps, chan->imtu);
	if (mode == RT_L2CAP_MODE_ERTM) {
		rfc.tx_window =
			(uint8_t)RT_MIN(config->window, RT_L2CAP_WINDOW_MAX);
		rfc.max_transmit = config->max_transmit;
	}
	return rfc;
}

/* The FCS option is for peers that know it (5.5). */
static bool says_fcs(const struct rt_l2cap_chan *chan)
{
	return chan->config.fcs != RT_L2CAP_FCS_OMIT &&
	       rt_l2cap_peer_features(chan->link) & RT_L2CAP_FEATURE_FCS;
}

/* The MTU is always told, also where it is the default. */
void rt_l2cap_ours_ask(struct rt_l2cap_chan *chan)
{
	struct rt_l2cap_config *config = &chan->config;
	const bool basic = config->mode == RT_L2CAP_MODE_BASIC;

	config->waits = false;
	config->ours_done = false;
	config->answered = (struct rt_l2cap_opts){ .has_mtu = false };
	config->asked = (struct rt_l2cap_opts){
		.has_mtu = true,
		.has_flush = config->flush_timeout != RT_L2CAP_FLUSH_NEVER,
		.has_rfc = !basic,
		.has_fcs = !basic && says_fcs(chan),
		.has_window =
			config->mode == RT_L2CAP_MODE_ERTM && config->extended,
		.mtu.mtu = chan->imtu,
		.flush.timeout = config->flush_timeout,
		.rfc = rt_l2cap_ours_rfc(chan, config->mode),
		.fcs.type = config->fcs == RT_L2CAP_FCS_NONE
				    ? RT_L2CAP_FCS_TYPE_NONE
				    : RT_L2CAP_FCS_TYPE_16BIT,
		.window.frames = config->window,
	};
	send(chan, &config->asked);
}

/* The peer has more to answer: an empty request fetches it (4.4). */
static void ask_rest(struct rt_l2cap_chan *chan)
{
	const struct rt_l2cap_opts none = { .has_mtu = false };

	send(chan, &none);
}

void rt_l2cap_ours_begin(struct rt_l2cap_chan *chan)
{
	const uint32_t features = rt_l2cap_peer_features(chan->link);
	struct rt_l2cap_config *config = &chan->config;

	/* What the peer has asked for decides, and it has what it asks for. */
	if (!config->theirs_done &&
	    !rt_l2cap_policy_ask(config->wish, features, &config->mode)) {
		rt_l2cap_config_fail_mode(chan);
		return;
	}
	config->extended = rt_l2cap_config_takes_window(chan) &&
			   config->window > RT_L2CAP_WINDOW_MAX &&
			   features & RT_L2CAP_FEATURE_EXTENDED_WINDOW;
	if (!config->extended)
		config->window = RT_MIN(config->window, RT_L2CAP_WINDOW_MAX);
	rt_l2cap_ours_ask(chan);
}

/* Lowers what we ask for to what the peer wants, if it is a value at all. */
static void lower(uint16_t *value, uint16_t wanted)
{
	if (wanted > 0)
		*value = RT_MIN(*value, wanted);
}

/* The peer wants other values for the mode that we ask for. */
static void adapt_rfc(struct rt_l2cap_config *config,
		      const struct rt_l2cap_opt_rfc *rfc)
{
	lower(&config->mps, rfc->mps);
	if (config->mode != RT_L2CAP_MODE_ERTM)
		return;
	if (!config->extended)
		lower(&config->window, rfc->tx_window);
	config->max_transmit = rfc->max_transmit;
}

/*
 * The peer wants other values. A smaller MTU can be had, a larger one can't.
 * What we can't follow is asked for again, until the rounds are used up.
 */
static void adapt(struct rt_l2cap_chan *chan, const struct rt_l2cap_opts *opts)
{
	struct rt_l2cap_config *config = &chan->config;
	const uint16_t mtu = opts->mtu.mtu;

	if (opts->has_mtu && mtu >= RT_L2CAP_MTU_MIN && mtu <= chan->imtu_max)
		chan->imtu = mtu;
	if (opts->has_flush && opts->flush.timeout != RT_L2CAP_FLUSH_RESERVED)
		config->flush_timeout = opts->flush.timeout;
	if (opts->has_fcs && opts->fcs.type == RT_L2CAP_FCS_TYPE_16BIT)
		config->fcs = RT_L2CAP_FCS_16BIT;
	if (opts->has_window && config->extended)
		lower(&config->window, opts->window.frames);
	if (opts->has_rfc)
		adapt_rfc(config, &opts->rfc);
	config->ask_again = true;
}

/*
 * The peer does not take the mode that we ask for, but this one. False: the
 * channel has been ended. A peer that refuses one mode and asks for another
 * itself makes no sense (5.4).
 */
static bool change_mode(struct rt_l2cap_chan *chan, uint8_t mode)
{
	struct rt_l2cap_config *config = &chan->config;
	const enum rt_l2cap_policy policy =
		rt_l2cap_policy_on_refusal(config->wish, mode);

	if (policy == RT_L2CAP_POLICY_CLOSE ||
	    (config->theirs_done && config->heard_mode != mode)) {
		rt_l2cap_config_fail_mode(chan);
		return false;
	}
	config->mode = (enum rt_l2cap_mode)mode;
	config->ask_again = true;
	return true;
}

static void on_unacceptable(struct rt_l2cap_chan *chan,
			    const struct rt_l2cap_opts *opts)
{
	const uint8_t asked = chan->config.asked.rfc.mode;

	if (opts->has_rfc && opts->rfc.mode != asked &&
	    !change_mode(chan, opts->rfc.mode))
		return;
	adapt(chan, opts);
}

/* True, and *flag is false then, if the peer does not know the option. */
static bool drop(struct rt_bytes names, uint8_t type, bool *flag)
{
	if (!*flag || !rt_l2cap_opts_names(names, type))
		return false;
	*flag = false;
	return true;
}

/*
 * The peer does not know an option. All of ours but the MTU can be left out;
 * without the RFC option the mode is Basic.
 */
static void on_unknown(struct rt_l2cap_chan *chan, struct rt_bytes names)
{
	struct rt_l2cap_config *config = &chan->config;
	struct rt_l2cap_opts *asked = &config->asked;

	if (drop(names, RT_L2CAP_OPT_RFC, &asked->has_rfc)) {
		change_mode(chan, RT_L2CAP_MODE_BASIC);
		return;
	}
	if (drop(names, RT_L2CAP_OPT_WINDOW, &asked->has_window)) {
		config->extended = false;
		config->window = RT_MIN(config->window, RT_L2CAP_WINDOW_MAX);
		config->ask_again = true;
	}
	if (drop(names, RT_L2CAP_OPT_FCS, &asked->has_fcs)) {
		config->fcs = RT_L2CAP_FCS_OMIT;
		config->ask_again = true;
	}
	if (drop(names, RT_L2CAP_OPT_FLUSH, &asked->has_flush)) {
		config->flush_timeout = RT_L2CAP_FLUSH_NEVER;
		config->ask_again = true;
	}
	if (!config->ask_again)
		rt_l2cap_config_fail(chan, RT_L2CAP_CONF_UNKNOWN);
}

/*
 * The peer agrees. Its answer may say how it will go about it: the timers that
 * we must use, and the window that it needs (5.4). One that agrees and names
 * another mode has refused.
 */
static void on_success(struct rt_l2cap_chan *chan,
		       const struct rt_l2cap_opts *opts)
{
	const struct rt_l2cap_opts *asked = &chan->config.asked;

	chan->config.answered = *opts;
	if (asked->has_rfc && opts->has_rfc &&
	    opts->rfc.mode != asked->rfc.mode)
		change_mode(chan, opts->rfc.mode);
}

/* An answer has been taken in. */
static void go_on(struct rt_l2cap_chan *chan, uint16_t flags)
{
	struct rt_l2cap_config *config = &chan->config;

	if (chan->state != RT_L2CAP_CHAN_CONFIG)
		return;
	rt_l2cap_chan_resume(chan);
	if (flags & RT_L2CAP_CONF_CONTINUATION) {
		ask_rest(chan);
		return;
	}
	/* The peer's own request may have changed the mode meanwhile. */
	if (config->ask_again || config->asked.rfc.mode != config->mode) {
		config->ask_again = false;
		rt_l2cap_ours_ask(chan);
		return;
	}
	config->ours_done = true;
	rt_l2cap_config_check(chan);
}

void rt_l2cap_ours_on_rsp(struct rt_l2cap_chan *chan,
			  const struct rt_l2cap_conf_rsp *msg)
{
	const bool agrees = msg->result == RT_L2CAP_CONF_SUCCESS;
	struct rt_l2cap_opts opts = { .has_mtu = false };

	/* An agreement may come in parts; what is no list says nothing. */
	if (agrees)
		opts = chan->config.answered;
	opts.takes_window = chan->config.asked.has_window;
	if (msg->result != RT_L2CAP_CONF_UNKNOWN &&
	    rt_l2cap_opts_read(msg->tail, &opts) < 0)
		rt_log(chan->l2cap->env, RT_LOG_WARNING,
		       "chan 0x%04x: options that are none", chan->scid);
	if (agrees)
		on_success(chan, &opts);
	else if (msg->result == RT_L2CAP_CONF_UNACCEPTABLE)
		on_unacceptable(chan, &opts);
	else if (msg->result == RT_L2CAP_CONF_UNKNOWN)
		on_unknown(chan, msg->tail);
	else
		rt_l2cap_config_fail(chan, msg->result);
	go_on(chan, msg->flags);
}
