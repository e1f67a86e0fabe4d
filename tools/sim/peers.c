/* SPDX-License-Identifier: MIT */
#include "tools/sim/peers.h"

#include <string.h>

#include "tools/sim/random.h"
#include "tools/sim/run.h"

#define PIECE_MAX 2048

/* What it serves, on the ports that applications connect to. */
#define SERVICES_WITHOUT_ERTM 3 /* the first ones */
static const struct model_service services[] = {
	{ .channel = 1, .role = MODEL_ECHO },
	{ .channel = 9, .role = MODEL_ECHO },
	{ .psm = 0x1001, .role = MODEL_ECHO, .mode = MODEL_BASIC },
	{ .psm = 0x1003, .role = MODEL_ECHO, .mode = MODEL_ERTM },
	{ .psm = 0x1005, .role = MODEL_ECHO, .mode = MODEL_STREAMING },
};

static struct sim_peer_chan *find(struct sim_peer *peer, uint32_t chan)
{
	for (unsigned int i = 0; i < SIM_PEER_CHANS; i++) {
		if (peer->chan[i].chan == chan)
			return &peer->chan[i];
	}
	return NULL;
}

/* --- what it says ------------------------------------------------------- */

static void send_some(struct sim_peer *peer, struct sim_peer_chan *chan)
{
	uint8_t buf[PIECE_MAX];
	size_t bytes;
	size_t n;

	while (chan->chan != 0 && chan->out && chan->budget > 0) {
		if (chan->sdu_max == 0) {
			bytes = 1 + sim_below(&peer->dice, PIECE_MAX);
			bytes = RT_MIN(bytes, (size_t)chan->budget);
			sim_stream_fill(chan->out, chan->out->sent, buf, bytes);
		} else {
			bytes = SIM_DATAGRAM_HEADER +
				sim_below(&peer->dice,
					  RT_MIN(chan->sdu_max, PIECE_MAX) -
						  SIM_DATAGRAM_HEADER + 1);
			sim_stream_datagram(chan->out, buf, bytes);
		}
		n = model_send(peer->model, chan->chan, rt_bytes(buf, bytes));
		if (n == 0)
			return;
		chan->out->sent += chan->sdu_max ? 1 : n;
		chan->budget -= chan->sdu_max ? 1 : n;
	}
	if (chan->chan != 0 && chan->budget == 0 && chan->close_after) {
		chan->close_after = false;
		model_close(peer->model, chan->chan);
	}
}

static void on_opened(void *user, uint32_t id,
		      const struct model_chan_info *info)
{
	struct sim_peer *peer = user;
	struct sim_peer_chan *chan = find(peer, id);
	struct sim_run *run = peer->run;

	sim_say(run, "peer %u: channel %u is open", peer->node->index, id);
	/* What it serves speaks for itself. */
	if (info->incoming || !chan)
		return;
	chan->out =
		sim_stream_new(&run->streams, peer->node->index, !info->rfcomm);
	if (!chan->out)
		sim_fail(run, "the machine is out of memory");
	chan->out->may_gap = !info->rfcomm && info->mode != MODEL_ERTM;
	chan->sdu_max = info->rfcomm ? 0 : info->tx_max;
	chan->budget = sim_below(&peer->dice, info->rfcomm ? 60000 : 60);
	chan->close_after = sim_below(&peer->dice, 2) == 0;
	send_some(peer, chan);
}

static void check(struct sim_peer *peer, const struct sim_peer_chan *chan,
		  const char *wrong)
{
	if (wrong)
		sim_fail(peer->run, "peer %u channel %u: %s", peer->node->index,
			 chan->chan, wrong);
}

static void take_stream(struct sim_peer *peer, struct sim_peer_chan *chan,
			struct rt_bytes data)
{
	struct sim_streams *streams = &peer->run->streams;
	size_t n = 0;

	if (!chan->in) {
		n = RT_MIN(data.len, sizeof(chan->head) - chan->head_bytes);
		memcpy(chan->head + chan->head_bytes, data.ptr, n);
		chan->head_bytes += n;
		if (chan->head_bytes < sizeof(chan->head))
			return;
		chan->in = sim_stream_find(streams, chan->head,
					   sizeof(chan->head), chan);
		if (!chan->in || chan->in->datagrams) {
			check(peer, chan, "octets that nobody sent to it");
			return;
		}
		check(peer, chan,
		      sim_stream_take(streams, chan->in, chan->head,
				      sizeof(chan->head), false));
	}
	check(peer, chan,
	      sim_stream_take(streams, chan->in, data.ptr + n, data.len - n,
			      false));
}

static void on_received(void *user, uint32_t id, struct rt_bytes data)
{
	struct sim_peer *peer = user;
	struct sim_peer_chan *chan = find(peer, id);
	struct sim_streams *streams = &peer->run->streams;

	if (!chan || !chan->out || !sim_plan_is_faithful(&peer->run->plan))
		return;
	if (chan->sdu_max == 0) {
		take_stream(peer, chan, data);
		return;
	}
	if (!chan->in)
		chan->in = sim_stream_find(streams, data.ptr, data.len, chan);
	if (!chan->in || !chan->in->datagrams) {
		check(peer, chan, "a datagram that nobody sent to it");
		return;
	}
	check(peer, chan,
	      sim_stream_take(streams, chan->in, data.ptr, data.len, false));
}

static void on_writable(void *user, uint32_t id)
{
	struct sim_peer *peer = user;
	struct sim_peer_chan *chan = find(peer, id);

	if (chan)
		send_some(peer, chan);
}

static void on_end(void *user, uint32_t id, enum model_end why)
{
	struct sim_peer *peer = user;
	struct sim_peer_chan *chan = find(peer, id);

	sim_say(peer->run, "peer %u: channel %u ends: %d", peer->node->index,
		id, why);
	if (chan)
		memset(chan, 0, sizeof(*chan));
}

/* The model does not know credits in L2CAP: being asked, it refuses. */
static bool is_explained(const char *what)
{
	return strcmp(what, "l2cap: command 0x17") == 0;
}

static void on_violation(void *user, struct rt_addr addr, const char *what)
{
	struct sim_peer *peer = user;

	(void)addr;
	sim_say(peer->run, "peer %u: violation: %s", peer->node->index, what);
	/* Who is lied to may be led astray. */
	if (peer->run->plan.role == SIM_ROLE_MODEL && !is_explained(what))
		sim_fail(peer->run, "peer %u: a violation: %s",
			 peer->node->index, what);
}

/* --- what it does ------------------------------------------------------- */

static void deed(struct sim_peer *peer)
{
	static const enum model_mode modes[] = { MODEL_BASIC, MODEL_ERTM,
						 MODEL_STREAMING };
	struct sim_run *run = peer->run;
	const unsigned int host = sim_below(&peer->dice, run->plan.hosts);
	const struct rt_addr addr = run->w->node[host].addr;
	struct sim_peer_chan *chan = find(peer, 0);
	const uint32_t kind = sim_below(&peer->dice, 12);

	if (kind < 4 && chan) {
		chan->chan = model_connect_rfcomm(peer->model, addr, 1);
	} else if (kind == 4 || (kind < 7 && !peer->no_features)) {
		if (!chan)
			return;
		chan->chan = model_connect_l2cap(
			peer->model, addr, (uint16_t)(0x1001 + 2 * (kind - 4)),
			modes[kind - 4],
			(uint16_t)(48 + sim_below(&peer->dice, 3000)));
	} else if (kind == 7) {
		model_sdp_search(peer->model, addr, 0x1101);
	} else if (kind < 10) {
		chan = &peer->chan[sim_below(&peer->dice, SIM_PEER_CHANS)];
		if (chan->chan != 0)
			model_close(peer->model, chan->chan);
	} else if (kind == 10) {
		model_disconnect_link(peer->model, addr);
	} else if (sim_plan_has(&run->plan, SIM_KEY_LOST)) {
		model_forget_key(peer->model, addr);
	}
}

bool sim_peer_advance(struct sim_peer *peer)
{
	const uint64_t now_us = peer->run->w->now_us;

	if (peer->run->phase != SIM_PHASE_FAULTS || now_us < peer->deed_us)
		return false;
	peer->deed_us = now_us + 1 +
			sim_below(&peer->dice, 2000 * peer->run->plan.deed_ms);
	if (!model_is_up(peer->model))
		return false;
	deed(peer);
	return true;
}

/* --- a node of the world ------------------------------------------------ */

static void peer_advance(void *user, uint64_t now_us)
{
	model_advance(((struct sim_peer *)user)->model, now_us);
}

static void peer_rx(void *user, enum rt_packet_type type,
		    struct rt_bytes packet)
{
	model_rx(((struct sim_peer *)user)->model, type, packet);
}

static bool peer_tx(void *user, enum rt_packet_type *ret_type,
		    struct rt_bytes *ret_packet)
{
	return model_tx(((struct sim_peer *)user)->model, ret_type, ret_packet);
}

static bool peer_next_timer(void *user, uint64_t *ret_due_us)
{
	return model_next_timer(((struct sim_peer *)user)->model, ret_due_us);
}

static const struct world_peer_ops ops = {
	.advance = peer_advance,
	.rx = peer_rx,
	.tx = peer_tx,
	.next_timer = peer_next_timer,
};

static void draw_behaviour(struct sim_peer *peer, struct model_behaviour *b)
{
	uint64_t *dice = &peer->dice;
	const sim_features noise =
		SIM_BIT(SIM_FLUSH) | SIM_BIT(SIM_FRAME_LOST) |
		SIM_BIT(SIM_FRAME_TWICE) | SIM_BIT(SIM_FRAME_LATE) |
		SIM_BIT(SIM_FRAME_SPOILT);

	b->no_security = sim_below(dice, 8) == 0;
	b->bonding = sim_below(dice, 2) == 0;
	b->no_features = sim_below(dice, 8) == 0;
	b->no_fcs = sim_below(dice, 4) == 0;
	b->no_credits = sim_below(dice, 6) == 0;
	b->credits = (uint8_t)sim_below(dice, 40);
	b->n1 = (uint16_t)(sim_below(dice, 2) ? 42 + sim_below(dice, 900) : 0);
	b->window = (uint8_t)sim_below(dice, 64);
	b->mps = (uint16_t)(sim_below(dice, 2) ? 48 + sim_below(dice, 900) : 0);
	b->transmits = (uint8_t)sim_below(dice, 10);
	b->sdp_part =
		(uint16_t)(sim_below(dice, 2) ? 8 + sim_below(dice, 99) : 0);
	b->noisy = (peer->run->plan.features & noise) != 0;
}

void sim_peer_add(struct sim_peer *peer, struct sim_run *run)
{
	static const struct model_events events = {
		.opened = on_opened,
		.received = on_received,
		.writable = on_writable,
		.closed = on_end,
		.failed = on_end,
		.violation = on_violation,
	};
	struct model_options options = {
		.service_count = RT_ARRAY_SIZE(services),
		.record_channel = 1,
		.events = &events,
		.user = peer,
	};
	const unsigned int index = run->w->count;

	memset(peer, 0, sizeof(*peer));
	peer->run = run;
	peer->dice = sim_random_split(run->plan.seed, 200 + index);
	options.seed = sim_random(&peer->dice);
	memcpy(options.service, services, sizeof(services));
	draw_behaviour(peer, &options.behaviour);
	peer->no_features = options.behaviour.no_features;
	if (peer->no_features)
		options.service_count = SERVICES_WITHOUT_ERTM;
	if (sim_plan_has(&run->plan, SIM_LIES)) {
		options.lies.permille = run->plan.permille[SIM_LIES];
		/* Three of four, or so. */
		options.lies.mask = sim_random(&peer->dice);
		options.lies.mask |= sim_random(&peer->dice);
	}
	peer->model = model_new(&options, run->w->now_us);
	if (!peer->model)
		sim_fail(run, "a model can't be made");
	peer->node = world_add_peer(run->w, &run->plan.controller[index], &ops,
				    peer);
}

void sim_peer_quieten(struct sim_peer *peer)
{
	const struct model_lies none = { 0 };

	model_set_lies(peer->model, &none);
}

void sim_peer_end(struct sim_peer *peer)
{
	model_free(peer->model);
	peer->model = NULL;
}
