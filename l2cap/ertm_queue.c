/* SPDX-License-Identifier: MIT */
#include "l2cap/ertm_queue.h"

#include <errno.h>
#include <string.h>

static struct rt_env *env_of(const struct rt_l2cap_ertm *e)
{
	return e->chan->l2cap->env;
}

/*
 * The list of what is missing (SrejList), in the order in which it was asked
 * for: the peer sends it again in that order.
 */

int rt_l2cap_ertm_queue_missing(const struct rt_l2cap_ertm *e, uint16_t tx_seq)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;

	for (int i = 0; i < rx->srej_count; i++) {
		if (rx->srej[i] == tx_seq)
			return i;
	}
	return -1;
}

static void forget_missing(struct rt_l2cap_ertm_rx *rx, int i)
{
	if (i >= rx->srej_count - rx->srej_owed)
		rx->srej_owed--;
	rx->srej_count--;
	for (; i < rx->srej_count; i++)
		rx->srej[i] = rx->srej[i + 1];
}

static void ask_for(struct rt_l2cap_ertm_rx *rx, uint16_t tx_seq)
{
	rx->srej[rx->srej_count++] = tx_seq;
	rx->srej_owed++;
}

/*
 * A missing frame has come. Those asked for before it have been lost again, or
 * the requests were: they are asked for once more.
 */
static void found(struct rt_l2cap_ertm *e, uint16_t tx_seq)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;
	const int i = rt_l2cap_ertm_queue_missing(e, tx_seq);
	const bool asked = i < rx->srej_count - rx->srej_owed;
	uint16_t seq;

	forget_missing(rx, i);
	for (int n = asked ? i : 0; n > 0; n--) {
		seq = rx->srej[0];
		forget_missing(rx, 0);
		ask_for(rx, seq);
	}
}

uint16_t rt_l2cap_ertm_queue_next_missing(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;

	return rx->srej[rx->srej_count - rx->srej_owed--];
}

/* Keeps a frame, by its TxSeq among the others; false without memory. */
static bool keep(struct rt_l2cap_ertm *e,
		 const struct rt_l2cap_control *control,
		 struct rt_bytes payload)
{
	const uint16_t at =
		rt_l2cap_ertm_steps(e, e->rx.buffer_seq, control->tx_seq);
	struct rt_list *before = e->rx.kept.prev;
	const struct rt_l2cap_ertm_kept *other;
	struct rt_l2cap_ertm_kept *kept;

	kept = rt_env_alloc(env_of(e), sizeof(*kept) + payload.len);
	if (!kept)
		return false;
	kept->control = *control;
	kept->len = (uint16_t)payload.len;
	if (payload.len > 0)
		memcpy(kept->data, payload.ptr, payload.len);
	for (; before != &e->rx.kept; before = before->prev) {
		other = RT_CONTAINER_OF(before, struct rt_l2cap_ertm_kept,
					node);
		if (rt_l2cap_ertm_steps(e, e->rx.buffer_seq,
					other->control.tx_seq) < at)
			break;
	}
	rt_list_init(&kept->node);
	rt_list_append(before->next, &kept->node);
	return true;
}

bool rt_l2cap_ertm_queue_has_room(const struct rt_l2cap_ertm *e)
{
	return rt_l2cap_sdu_room(e->chan) >= e->chan->imtu;
}

bool rt_l2cap_ertm_queue_accept(struct rt_l2cap_ertm *e,
				const struct rt_l2cap_control *control,
				struct rt_bytes payload)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;

	if (rx->buffer_seq == rx->expected_tx_seq &&
	    rt_list_empty(&e->tx.written) && rt_l2cap_ertm_queue_has_room(e)) {
		rx->has_fresh = true;
		rx->fresh_control = *control;
		rx->fresh = payload;
	} else if (!keep(e, control, payload)) {
		return false;
	}
	rx->expected_tx_seq = rt_l2cap_ertm_next(e, rx->expected_tx_seq);
	rx->frames++;
	return true;
}

bool rt_l2cap_ertm_queue_skip(struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control,
			      struct rt_bytes payload)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;

	if (!keep(e, control, payload))
		return false;
	ask_for(rx, rx->expected_tx_seq);
	rx->expected_tx_seq = rt_l2cap_ertm_next(e, control->tx_seq);
	rx->frames++;
	return true;
}

bool rt_l2cap_ertm_queue_fill(struct rt_l2cap_ertm *e,
			      const struct rt_l2cap_control *control,
			      struct rt_bytes payload)
{
	if (!keep(e, control, payload))
		return false;
	e->rx.frames++;
	found(e, control->tx_seq);
	return true;
}

void rt_l2cap_ertm_queue_owe_ack(struct rt_l2cap_ertm *e)
{
	e->rx.owes_ack = true;
	rt_env_stop(env_of(e), &e->rx.ack);
}

/* A frame has been taken out: it may be acknowledged. */
static void taken(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;
	const uint16_t quarter = e->chan->agreed.rx_window / 4;
	const uint16_t most = RT_MIN(quarter, RT_L2CAP_ERTM_ACK_FRAMES_MAX);

	rx->buffer_seq = rt_l2cap_ertm_next(e, rx->buffer_seq);
	if (rx->owes_ack)
		return;
	if (rt_l2cap_ertm_steps(e, rx->acked_seq, rx->buffer_seq) >= most)
		rt_l2cap_ertm_queue_owe_ack(e);
	else if (!rx->ack.armed && !e->chan->suspended)
		rt_env_arm(env_of(e), &rx->ack, RT_MS(RT_L2CAP_ERTM_ACK_MS));
}

static int take_fresh(struct rt_l2cap_ertm *e, struct rt_l2cap_whole *ret_whole)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;
	const int ret =
		rt_l2cap_reassembly_put(&rx->sdu, env_of(e), e->chan->imtu,
					rx->fresh_control.sar, rx->fresh,
					ret_whole);

	rx->has_fresh = false;
	if (ret >= 0) {
		taken(e);
	} else if (ret == -ENOMEM) {
		/* As if it had been lost. */
		rx->expected_tx_seq = rx->buffer_seq;
		rx->frames--;
	}
	return ret;
}

static int take_kept(struct rt_l2cap_ertm *e, struct rt_l2cap_ertm_kept *kept,
		     struct rt_l2cap_whole *ret_whole)
{
	struct rt_l2cap_ertm_rx *rx = &e->rx;
	const struct rt_bytes payload = rt_bytes(kept->data, kept->len);
	const int ret =
		rt_l2cap_reassembly_put(&rx->sdu, env_of(e), e->chan->imtu,
					kept->control.sar, payload, ret_whole);

	rx->no_memory = ret == -ENOMEM;
	if (ret == -ENOMEM)
		rt_l2cap_ertm_retry(e);
	if (ret < 0)
		return ret;
	taken(e);
	rt_list_del(&kept->node);
	if (ret > 0 && !ret_whole->memory)
		ret_whole->memory = kept;
	else
		rt_env_free(env_of(e), kept);
	return ret;
}

int rt_l2cap_ertm_queue_take(struct rt_l2cap_ertm *e,
			     struct rt_l2cap_whole *ret_whole)
{
	struct rt_l2cap_ertm_kept *kept;
	int ret = 0;

	while (ret == 0 && rt_l2cap_ertm_queue_has_room(e)) {
		kept = RT_LIST_FIRST(&e->rx.kept, struct rt_l2cap_ertm_kept,
				     node);
		if (e->rx.has_fresh)
			ret = take_fresh(e, ret_whole);
		else if (kept && kept->control.tx_seq == e->rx.buffer_seq)
			ret = take_kept(e, kept, ret_whole);
		else
			break;
	}
	return ret == -ENOMEM ? 0 : ret;
}

void rt_l2cap_ertm_queue_acked(struct rt_l2cap_ertm *e)
{
	e->rx.acked_seq = e->rx.buffer_seq;
	e->rx.owes_ack = false;
	rt_env_stop(env_of(e), &e->rx.ack);
}

void rt_l2cap_ertm_queue_free(struct rt_l2cap_ertm *e)
{
	struct rt_l2cap_ertm_kept *kept;

	while ((kept = RT_LIST_FIRST(&e->rx.kept, struct rt_l2cap_ertm_kept,
				     node))) {
		rt_list_del(&kept->node);
		rt_env_free(env_of(e), kept);
	}
	rt_l2cap_reassembly_drop(&e->rx.sdu, env_of(e));
}

const char *rt_l2cap_ertm_queue_check(const struct rt_l2cap_ertm *e)
{
	const struct rt_l2cap_ertm_rx *rx = &e->rx;
	const struct rt_l2cap_ertm_kept *kept;
	const uint16_t all =
		rt_l2cap_ertm_steps(e, rx->buffer_seq, rx->expected_tx_seq);
	uint16_t count = 0;
	int last = -1;
	int at;

	RT_LIST_EACH (kept, &rx->kept, node) {
		at = rt_l2cap_ertm_steps(e, rx->buffer_seq,
					 kept->control.tx_seq);
		if (at <= last || at >= all)
			return "frames kept are in sequence";
		if (rt_l2cap_ertm_queue_missing(e, kept->control.tx_seq) >= 0)
			return "no frame kept is missing";
		if (at == 0 && !rx->local_busy)
			return "what can be delivered is delivered";
		last = at;
		count++;
	}
	if (count + rx->srej_count != all)
		return "every frame of the window is kept or asked for";
	return NULL;
}
