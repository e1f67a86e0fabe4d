/* SPDX-License-Identifier: MIT */
#include "tests/unit/model/peer.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* --- the door of a node --- */

static void guest_rx(void *guest, enum rt_packet_type type,
		     struct rt_bytes packet)
{
	model_rx(((struct peer *)guest)->m, type, packet);
}

static bool guest_tx(void *guest, enum rt_packet_type *ret_type,
		     struct rt_bytes *ret_packet)
{
	return model_tx(((struct peer *)guest)->m, ret_type, ret_packet);
}

static void guest_advance(void *guest, uint64_t now_us)
{
	model_advance(((struct peer *)guest)->m, now_us);
}

static bool guest_next_timer(void *guest, uint64_t *ret_due_us)
{
	return model_next_timer(((struct peer *)guest)->m, ret_due_us);
}

static const struct world_peer_ops guest_ops = {
	.rx = guest_rx,
	.tx = guest_tx,
	.advance = guest_advance,
	.next_timer = guest_next_timer,
};

/* --- what the model tells --- */

/* The record of a channel; NULL if it may have been forgotten. */
static struct peer_chan *record(struct peer *peer, uint32_t number)
{
	for (unsigned int i = 0; i < peer->chans; i++) {
		if (peer->chan[i].number == number)
			return &peer->chan[i];
	}
	return peer->forgetful ? NULL : peer_chan(peer, number);
}

static void on_up(void *user)
{
	((struct peer *)user)->ups++;
}

static void on_link_up(void *user, struct rt_addr peer)
{
	(void)peer;
	((struct peer *)user)->links_up++;
}

static void on_link_down(void *user, struct rt_addr peer, uint8_t reason)
{
	(void)peer;
	(void)reason;
	((struct peer *)user)->links_down++;
}

static void push(struct peer *peer, struct peer_chan *chan)
{
	size_t n, done;

	while (chan->open && chan->tx_at < chan->tx_bytes) {
		n = chan->tx_bytes - chan->tx_at;
		if (chan->piece != 0 && n > chan->piece)
			n = chan->piece;
		done = model_send(peer->m, chan->number,
				  rt_bytes(chan->tx + chan->tx_at, n));
		if (done == 0)
			return;
		ck_assert_uint_le(done, n);
		chan->tx_at += done;
	}
	if (chan->open && chan->close_when_sent &&
	    chan->tx_at == chan->tx_bytes)
		model_close(peer->m, chan->number);
}

static void on_opened(void *user, uint32_t number,
		      const struct model_chan_info *info)
{
	struct peer *peer = user;
	struct peer_chan *chan = record(peer, number);

	if (!chan)
		return;
	ck_assert_uint_eq(chan->opened, 0);
	ck_assert_uint_eq(chan->failed, 0);
	chan->opened++;
	chan->open = true;
	chan->info = *info;
	if (info->incoming && !chan->rx)
		peer_keep(chan, peer->rx_default, peer->rx_default_cap);
	push(peer, chan);
}

static void on_received(void *user, uint32_t number, struct rt_bytes data)
{
	struct peer_chan *chan = record(user, number);

	if (!chan)
		return;
	ck_assert(chan->open);
	chan->sdus++;
	if (!chan->rx)
		return;
	ck_assert_uint_le(data.len, chan->rx_cap - chan->rx_bytes);
	if (data.len > 0)
		memcpy(chan->rx + chan->rx_bytes, data.ptr, data.len);
	chan->rx_bytes += data.len;
}

static void on_writable(void *user, uint32_t number)
{
	struct peer_chan *chan = record(user, number);

	if (chan)
		push(user, chan);
}

static void on_closed(void *user, uint32_t number, enum model_end why)
{
	struct peer_chan *chan = record(user, number);

	if (!chan)
		return;
	ck_assert_uint_eq(chan->opened, 1);
	ck_assert_uint_eq(chan->closed, 0);
	chan->closed++;
	chan->open = false;
	chan->why = why;
}

static void on_failed(void *user, uint32_t number, enum model_end why)
{
	struct peer_chan *chan = record(user, number);

	if (!chan)
		return;
	ck_assert_uint_eq(chan->opened, 0);
	ck_assert_uint_eq(chan->failed, 0);
	chan->failed++;
	chan->why = why;
}

static void on_sdp_result(void *user, uint32_t query,
			  const struct model_sdp_result *result)
{
	struct peer *peer = user;

	(void)query;
	peer->results++;
	peer->result = *result;
	peer->result.lists.ptr = NULL; /* borrowed */
}

static void on_violation(void *user, struct rt_addr addr, const char *what)
{
	struct peer *peer = user;
	const size_t at = strlen(peer->violation);

	(void)addr;
	peer->violations++;
	snprintf(peer->violation + at, sizeof(peer->violation) - at, "%s\n",
		 what);
	ck_assert_msg(!peer->blame_is_fatal, "node %u: %s", peer->node, what);
}

static const struct model_events events = {
	.up = on_up,
	.link_up = on_link_up,
	.link_down = on_link_down,
	.opened = on_opened,
	.received = on_received,
	.writable = on_writable,
	.closed = on_closed,
	.failed = on_failed,
	.sdp_result = on_sdp_result,
	.violation = on_violation,
};

/* --- for tests --- */

static bool is_up(void *arg)
{
	return model_is_up(((struct peer *)arg)->m);
}

void peer_init(struct peer *peer, struct world *w,
	       const struct model_options *given)
{
	struct model_options options = *given;

	memset(peer, 0, sizeof(*peer));
	peer->w = w;
	peer->blame_is_fatal = true;
	options.events = &events;
	options.user = peer;
	peer->m = model_new(&options, w->now_us);
	ck_assert_ptr_nonnull(peer->m);
	peer->node =
		world_add_peer(w, &w->controllers, &guest_ops, peer)->index;
	ck_assert(world_run_until(w, is_up, peer, RT_SECONDS(5)));
	peer->addr = world_addr(w, peer->node);
	ck_assert(rt_addr_equal(peer->addr, model_addr(peer->m)));
}

void peer_finish(struct peer *peer)
{
	const struct model_stats *stats = model_get_stats(peer->m);

	ck_assert_uint_eq(stats->stumbled, 0);
	ck_assert_uint_eq(stats->violations, peer->violations);
	if (peer->blame_is_fatal)
		ck_assert_uint_eq(peer->violations, 0);
	model_free(peer->m);
	peer->m = NULL;
}

struct peer_chan *peer_chan(struct peer *peer, uint32_t number)
{
	struct peer_chan *chan;

	ck_assert_uint_ne(number, 0);
	for (unsigned int i = 0; i < peer->chans; i++) {
		if (peer->chan[i].number == number)
			return &peer->chan[i];
	}
	ck_assert_uint_lt(peer->chans, PEER_CHANS);
	chan = &peer->chan[peer->chans++];
	chan->number = number;
	return chan;
}

struct peer_chan *peer_accepted(struct peer *peer)
{
	for (unsigned int i = 0; i < peer->chans; i++) {
		if (peer->chan[i].opened > 0 && peer->chan[i].info.incoming)
			return &peer->chan[i];
	}
	return NULL;
}

void peer_send(struct peer *peer, struct peer_chan *chan, const void *data,
	       size_t bytes)
{
	chan->tx = data;
	chan->tx_bytes = bytes;
	chan->tx_at = 0;
	push(peer, chan);
}

void peer_keep(struct peer_chan *chan, void *buf, size_t bytes)
{
	chan->rx = buf;
	chan->rx_cap = bytes;
	chan->rx_bytes = 0;
}

bool peer_chan_is_open(void *chan)
{
	return ((struct peer_chan *)chan)->open;
}

bool peer_chan_is_full(void *arg)
{
	const struct peer_chan *chan = arg;

	return chan->rx_bytes == chan->rx_cap;
}

bool peer_chan_is_over(void *arg)
{
	const struct peer_chan *chan = arg;

	return chan->closed + chan->failed > 0;
}

bool peer_is_idle(void *peer)
{
	return model_is_idle(((struct peer *)peer)->m);
}

bool peer_has_result(void *peer)
{
	return ((struct peer *)peer)->results > 0;
}
