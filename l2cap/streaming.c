/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/control.h"
#include "l2cap/engine.h"
#include "l2cap/mode.h"
#include "l2cap/sar.h"

/*
 * Streaming mode (Core Vol 3 Part A 8.7): I-frames that nobody acknowledges,
 * and no other frames. TxSeq runs, so that the receiver sees what is missing:
 * an SDU that lacks a part is dropped whole.
 *
 * An SDU counts as written when the controller has sent its last frame. All
 * frames carry copies, so HCI never holds octets of the user.
 */

/* Without memory for a frame, sending goes on after this time. */
#define RETRY_MS 200

struct streaming {
	struct rt_l2cap_chan *chan;
	struct rt_timer retry;
	uint16_t next_tx_seq;
	uint16_t expected_tx_seq;
	struct rt_l2cap_sdu *cut; /* the SDU whose frames are being sent */
	size_t cut_at;
	struct rt_l2cap_reassembly sdu;
	bool skips; /* until the next SDU begins */
	uint64_t tx_frames;
	uint64_t rx_frames;
	uint64_t bad_fcs;
	uint64_t lost;
};

static uint16_t seq_max(const struct rt_l2cap_chan *chan)
{
	return chan->agreed.extended ? RT_L2CAP_SEQ_EXTENDED_MAX
				     : RT_L2CAP_SEQ_MAX;
}

static void try_later(struct streaming *s)
{
	rt_env_stop(s->chan->l2cap->env, &s->retry);
	rt_env_arm(s->chan->l2cap->env, &s->retry, RT_MS(RETRY_MS));
}

static void on_retry(struct rt_timer *timer)
{
	rt_l2cap_mode_ready(
		RT_CONTAINER_OF(timer, struct streaming, retry)->chan);
}

/* The SDU to be cut next; NULL: none, or the mode has ended. */
static struct rt_l2cap_sdu *next_sdu(struct streaming *s)
{
	int ret;

	if (s->cut)
		return s->cut;
	ret = rt_l2cap_sdu_take(s->chan, &s->cut);
	if (ret < 0)
		try_later(s);
	if (ret <= 0)
		return NULL;
	s->cut_at = 0;
	return s->cut;
}

/* The last frame of an SDU brings the SDU's completion. */
static void finish_sdu(struct streaming *s, struct rt_pdu *pdu)
{
	struct rt_env *env = s->chan->l2cap->env;

	pdu->done = s->cut->pdu.done;
	rt_env_free(env, s->cut->pdu.owned);
	rt_env_free(env, s->cut);
	s->cut = NULL;
}

static bool pull(struct rt_l2cap_chan *chan, struct rt_pdu *pdu)
{
	struct streaming *s = chan->mode_state;
	struct rt_l2cap_control control = { .supervisory = false };
	struct rt_l2cap_sdu *sdu = next_sdu(s);
	struct rt_pkt *pkt;
	size_t len;
	size_t n;

	if (!sdu)
		return false;
	len = rt_pdu_bytes(&sdu->pdu);
	n = RT_MIN(len - s->cut_at, chan->agreed.tx_mps);
	pkt = rt_pkt_new(chan->l2cap->env, (uint16_t)n);
	if (!pkt) {
		try_later(s);
		return false;
	}
	control.sar = rt_l2cap_sar_of(len, s->cut_at, n);
	control.tx_seq = s->next_tx_seq;
	rt_l2cap_sar_fill(&sdu->pdu, s->cut_at, pkt, pdu);
	rt_l2cap_control_put(chan, &control, pdu);
	s->next_tx_seq = (uint16_t)(s->next_tx_seq + 1) & seq_max(chan);
	s->tx_frames++;
	s->cut_at += n;
	if (s->cut_at == len)
		finish_sdu(s, pdu);
	return true;
}

/* The SDU under way lacks a part, or does not fit together. */
static void lose(struct streaming *s, uint64_t frames)
{
	s->lost += frames;
	s->skips = true;
	rt_l2cap_reassembly_drop(&s->sdu, s->chan->l2cap->env);
}

static bool begins_sdu(const struct rt_l2cap_control *control)
{
	return control->sar == RT_L2CAP_UNSEGMENTED ||
	       control->sar == RT_L2CAP_START;
}

static void on_frame(struct streaming *s,
		     const struct rt_l2cap_control *control,
		     struct rt_bytes payload)
{
	struct rt_l2cap_chan *chan = s->chan;
	struct rt_env *env = chan->l2cap->env;
	const uint16_t max = seq_max(chan);
	const uint16_t gap =
		(uint16_t)(control->tx_seq - s->expected_tx_seq) & max;
	struct rt_l2cap_whole whole;
	int ret;

	s->rx_frames++;
	s->expected_tx_seq = (uint16_t)(control->tx_seq + 1) & max;
	if (gap > 0)
		lose(s, gap);
	if (begins_sdu(control))
		s->skips = false;
	if (s->skips)
		return;
	ret = rt_l2cap_reassembly_put(&s->sdu, env, chan->imtu, control->sar,
				      payload, &whole);
	if (ret < 0)
		lose(s, 1);
	if (ret <= 0)
		return;
	/* The user may read on after it has ended the channel. */
	rt_l2cap_sdu_deliver(chan, whole.sdu);
	rt_env_free(env, whole.memory);
}

static void rx(struct rt_l2cap_chan *chan, struct rt_bytes payload)
{
	struct streaming *s = chan->mode_state;
	struct rt_l2cap_control control;
	const int ret = rt_l2cap_control_take(chan, &payload, &control);

	if (ret == -EILSEQ)
		s->bad_fcs++;
	if (ret < 0 || control.supervisory)
		return;
	on_frame(s, &control, payload);
}

static int begin(struct rt_l2cap_chan *chan)
{
	struct streaming *s = chan->mode_state;

	if (!s) {
		s = rt_env_alloc(chan->l2cap->env, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->chan = chan;
		rt_timer_init(&s->retry, on_retry);
		chan->mode_state = s;
	}
	chan->rx_limit = rt_l2cap_control_limit(chan);
	return 0;
}

static void end(struct rt_l2cap_chan *chan)
{
	struct streaming *s = chan->mode_state;
	struct rt_env *env = chan->l2cap->env;

	chan->mode_state = NULL;
	rt_env_stop(env, &s->retry);
	rt_l2cap_reassembly_drop(&s->sdu, env);
	if (s->cut) {
		rt_env_free(env, s->cut->pdu.owned);
		s->cut->pdu.owned = NULL;
		rt_l2cap_sdu_unsent(chan, s->cut);
	}
	rt_env_free(env, s);
}

static void info(const struct rt_l2cap_chan *chan,
		 struct rt_l2cap_info *ret_info)
{
	const struct streaming *s = chan->mode_state;

	ret_info->tx_frames = s->tx_frames;
	ret_info->rx_frames = s->rx_frames;
	ret_info->rx_bad_fcs = s->bad_fcs;
	ret_info->rx_lost = s->lost;
}

const struct rt_l2cap_mode_ops rt_l2cap_streaming_ops = {
	.begin = begin,
	.end = end,
	.rx = rx,
	.pull = pull,
	.may_lose = true,
	.info = info,
};
