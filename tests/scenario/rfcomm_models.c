/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "rfcomm/check.h"
#include "rfcomm/rfcomm.h"
#include "tests/scenario/rfcomm_model.h"
#include "tests/scenario/rfcomm_seeds.h"
#include "tests/support/fake_l2cap.h"
#include "tests/unit/stack/fake_env.h"

/*
 * An engine and a model of a peer. Frames of the engine arrive at once, those
 * of the model when chance has it, in order. After each step the credits of
 * both sides and of what is between them add up.
 */

#define STEPS 150	 /* while anything may happen */
#define HONEST_STEPS 700 /* until all must have arrived */
#define MTU 1017

enum ending {
	ENDING_NONE,
	ENDING_MODEL_DISC,
	ENDING_MODEL_DM,
	ENDING_MODEL_DISC_0,
	ENDING_MODEL_L2CAP,
	ENDING_LINK,
	ENDING_CLOSE,
	ENDING_ABANDON,
	ENDINGS,
};

struct end {
	rt_handle dlc;
	uint8_t dlci;
	bool used, opened, closed, abandoned;
	size_t length, pulled, received, unread, room_max;
	struct rt_reason why;
};

static struct {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_rfcomm *rfcomm;
	rt_handle chan;
	struct model model;
	struct end end[MODEL_DLCS]; /* as the model's DLCs */
	bool cut;		    /* the link was, or L2CAP */
} s;

static uint32_t chance(uint32_t n)
{
	return model_chance(&s.model, n);
}

static void on_opened(void *user, rt_handle dlc)
{
	struct end *end = user;
	struct rt_rfcomm_info info;

	ck_assert(end->dlc == dlc && !end->opened && !end->closed);
	ck_assert(rt_rfcomm_get_info(s.rfcomm, dlc, &info) == 0);
	end->opened = true;
	end->dlci = info.dlci;
	seed_totals.opened++;
	rt_rfcomm_ready(s.rfcomm, dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct end *end = user;

	ck_assert(end->dlc == dlc && !end->closed && !end->abandoned);
	end->closed = true;
	end->why = *why;
	seed_totals.closed++;
	seed_log("closed: %s", why->layer == RT_LAYER_RFCOMM
				       ? rt_rfcomm_code_name(why->code)
				       : "another layer");
	/* The model keeps to the rules, so it is never told otherwise. */
	ck_assert(why->layer != RT_LAYER_RFCOMM ||
		  (why->code != RT_RFCOMM_CREDITS &&
		   why->code != RT_RFCOMM_BAD_PEER));
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct end *end = user;

	ck_assert(end->dlc == dlc && end->opened && !end->closed &&
		  !end->abandoned);
	for (size_t i = 0; i < data.len; i++)
		ck_assert_msg(data.ptr[i] == model_octet(end->dlci, true,
							 end->received + i),
			      "octet %zu", end->received + i);
	end->received += data.len;
	end->unread += data.len;
	seed_totals.bytes += data.len;
	seed_totals.frames++;
	ck_assert(end->unread <= end->room_max);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	static uint8_t octets[MODEL_FRAME_MAX];
	struct end *end = user;
	const size_t left = end->length - end->pulled;
	const size_t n = left < max ? left : max;

	ck_assert(end->dlc == dlc && end->opened && !end->closed &&
		  !end->abandoned);
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		octets[i] = model_octet(end->dlci, false, end->pulled + i);
	/* Good until it has completed, which it does at once. */
	pdu->body[0] = rt_bytes(octets, n);
	pdu->done.bytes = (uint32_t)n;
	end->pulled += n;
	seed_totals.bytes += n;
	seed_totals.frames++;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	const struct end *end = user;

	(void)done;
	(void)written;
	ck_assert(end->dlc == dlc && !end->closed && !end->abandoned);
}

static int on_incoming(void *user, rt_handle dlc);

static const struct rt_rfcomm_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static int on_incoming(void *user, rt_handle dlc)
{
	struct end *end = user;

	ck_assert(!end->used);
	end->used = true;
	end->dlc = dlc;
	return 0;
}

static void log_frame(const char *who, const uint8_t *octets, size_t len)
{
	seed_log_frame(s.env->now_us, who, octets, len);
}

static struct rt_addr addr(void)
{
	return (struct rt_addr){ { 1, 2, 3, 4, 5, 6 } };
}

static void begin(uint64_t seed)
{
	struct rt_rfcomm_params params = { .ops = &ops };
	uint8_t channel;

	memset(&s, 0, sizeof(s));
	fake_env_init(&s.fake);
	s.fake.next_random = (uint8_t)seed;
	s.env = &s.fake.env;
	fake_init(&s.l2cap, s.env, RT_L2CAP_PSM_RFCOMM);
	ck_assert(rt_rfcomm_new(s.env, &s.l2cap, &s.rfcomm) == 0);
	model_init(&s.model, seed);
	if (seed_verbose)
		s.model.log = log_frame;
	seed_log_engine(&s.fake);
	for (int i = 0; i < MODEL_DLCS; i++) {
		struct end *end = &s.end[i];

		end->length = chance(4) ? chance(20000) : 0;
		/* Without credits, room for what comes after a stop. */
		end->room_max =
			s.model.knows_credits ? 1011 * (1 + chance(12)) : 40000;
	}
	params.user = &s.end[1];
	params.room_bytes = s.end[1].room_max;
	ck_assert(rt_rfcomm_listen(s.rfcomm, 2, &params, &channel) == 0);
}

/* The engine opens its DLC, with the session if it is the initiator. */
static void connect_end(void)
{
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.user = &s.end[0],
		.room_bytes = s.end[0].room_max,
	};

	if (s.end[0].used)
		return;
	s.end[0].used = true;
	ck_assert(rt_rfcomm_connect(s.rfcomm, addr(), 1, &params,
				    &s.end[0].dlc) == 0);
}

static void open_channel(void)
{
	if (s.model.initiator) {
		ck_assert(fake_incoming(&s.l2cap, addr(), &s.chan) == 0);
	} else {
		connect_end();
		s.chan = fake_in_state(&s.l2cap, FAKE_CONNECTING);
	}
	fake_open(&s.l2cap, s.chan, MTU);
	model_start(&s.model);
}

static void check_credits(const struct end *end, const struct model_dlc *dlc)
{
	struct rt_rfcomm_info info;
	uint32_t frames;
	uint32_t credits;

	if (!end->opened || end->closed || end->abandoned ||
	    dlc->state != MODEL_UP || !dlc->credits ||
	    rt_rfcomm_get_info(s.rfcomm, end->dlc, &info) || !info.open)
		return;
	model_in_flight(&s.model, dlc, &frames, &credits);
	ck_assert_msg(info.tx_credits + credits == dlc->granted,
		      "we hold %u, %u come, the model gave %u", info.tx_credits,
		      credits, dlc->granted);
	ck_assert_msg(info.rx_credits == dlc->tx + frames,
		      "we gave %u, the model holds %u, %u frames come",
		      info.rx_credits, dlc->tx, frames);
	seed_totals.checks++;
}

static void check(void)
{
	const char *broken = rt_rfcomm_check(s.rfcomm);

	ck_assert_msg(!broken, "%s", broken);
	for (int i = 0; i < MODEL_DLCS; i++)
		check_credits(&s.end[i], &s.model.dlc[i]);
	seed_totals.steps++;
}

static void read_some(struct end *end)
{
	size_t n = end->unread;

	if (!end->opened || end->closed || end->abandoned || n == 0)
		return;
	if (!s.model.honest)
		n = chance(3) ? 0 : chance((uint32_t)n + 1);
	if (n == 0)
		return;
	end->unread -= n;
	rt_rfcomm_set_room(s.rfcomm, end->dlc, end->room_max - end->unread);
}

static const struct rt_reason by_us = {
	.layer = RT_LAYER_L2CAP,
	.code = RT_L2CAP_CLOSED,
};

static const struct rt_reason by_peer = {
	.layer = RT_LAYER_L2CAP,
	.code = RT_L2CAP_PEER_DISCONNECTED,
	.err = -ECONNRESET,
};

static const struct rt_reason refused = {
	.layer = RT_LAYER_L2CAP,
	.code = RT_L2CAP_NO_RESOURCES,
	.err = -ECONNREFUSED,
};

static const struct rt_reason link_lost = {
	.layer = RT_LAYER_HCI,
	.code = 0x08, /* supervision timeout */
	.err = -ETIMEDOUT,
};

static void close_channel(const struct rt_reason *why)
{
	if (fake_find(&s.l2cap, s.chan))
		fake_closed(&s.l2cap, s.chan, why);
	rt_env_reap(s.env);
}

/* Frames of the engine, as many as chance or the need has it. */
static void move_frames(void)
{
	uint8_t octets[2048];
	uint32_t n = s.model.honest ? 20 : chance(5);
	const struct model_frame *frame;
	size_t len;

	while (n > 0 && s.model.count < MODEL_QUEUE / 2 &&
	       (len = fake_pull(&s.l2cap, s.chan, octets)) > 0) {
		model_rx(&s.model, octets, len);
		check();
		n--;
	}
	n = s.model.honest ? 20 : chance(5);
	while (n > 0 && (frame = model_next(&s.model))) {
		const struct model_frame copy = *frame;
		const struct fake_chan *chan = fake_find(&s.l2cap, s.chan);

		model_delivered(&s.model);
		if (chan &&
		    (chan->state == FAKE_OPEN || chan->state == FAKE_CLOSING))
			fake_rx(&s.l2cap, s.chan,
				rt_bytes(copy.octets, copy.len));
		rt_env_reap(s.env);
		check();
		n--;
	}
}

static void pass_time(uint64_t us)
{
	const uint64_t end_us = s.env->now_us + us;
	uint64_t due_us;

	while (rt_timers_next(&s.env->timers, &due_us) && due_us <= end_us) {
		if (due_us > s.env->now_us)
			s.env->now_us = due_us;
		while (rt_timers_run(&s.env->timers, s.env->now_us) > 0)
			;
		rt_env_reap(s.env);
		check();
	}
	s.env->now_us = end_us;
}

static void port_acts(const struct end *end)
{
	const struct rt_rfcomm_modem modem = {
		.signals = (uint8_t)(chance(2) ? RT_RFCOMM_RTC : RT_RFCOMM_DV),
		.has_break = chance(2),
		.break_units = (uint8_t)chance(16),
	};

	if (!end->opened || end->closed || end->abandoned || chance(10))
		return;
	switch (chance(3)) {
	case 0:
		(void)!rt_rfcomm_set_modem(s.rfcomm, end->dlc, &modem);
		return;
	case 1:
		(void)!rt_rfcomm_query_line(s.rfcomm, end->dlc);
		return;
	default:
		(void)!rt_rfcomm_send_line_status(s.rfcomm, end->dlc, 0x09);
		return;
	}
}

/* The engine tries again, where the model has closed: it is refused. */
static void refuse_another(void)
{
	const rt_handle chan = fake_in_state(&s.l2cap, FAKE_CONNECTING);

	if (chan)
		fake_closed(&s.l2cap, chan, &refused);
	rt_env_reap(s.env);
}

static void step(void)
{
	const struct fake_chan *chan;

	for (int i = 0; i < (s.model.honest ? 8 : 1); i++)
		model_tick(&s.model);
	move_frames();
	for (int i = 0; i < MODEL_DLCS; i++) {
		read_some(&s.end[i]);
		if (!s.model.honest)
			port_acts(&s.end[i]);
	}
	pass_time(s.model.honest ? 50000 : 1 + chance(60000));
	chan = fake_find(&s.l2cap, s.chan);
	if (chan && chan->state == FAKE_CLOSING)
		close_channel(&by_us);
	else if (chan && s.model.closed && s.model.initiator &&
		 !model_next(&s.model))
		close_channel(&by_peer);
	refuse_another();
	check();
}

static void close_end(struct end *end)
{
	if (end->used && !end->closed && !end->abandoned)
		rt_rfcomm_close(s.rfcomm, end->dlc);
}

static void abandon_end(struct end *end)
{
	if (!end->used || end->closed || end->abandoned)
		return;
	end->abandoned = true;
	rt_rfcomm_abandon(s.rfcomm, end->dlc);
}

static void finish_by(enum ending ending)
{
	const uint32_t i = chance(MODEL_DLCS);

	seed_log("ending %d of DLC %u", (int)ending, i);
	switch (ending) {
	case ENDING_NONE:
	case ENDINGS:
		return;
	case ENDING_MODEL_DISC:
		model_disc(&s.model, &s.model.dlc[i]);
		return;
	case ENDING_MODEL_DM:
		model_dm(&s.model, &s.model.dlc[i]);
		return;
	case ENDING_MODEL_DISC_0:
		model_disc_0(&s.model);
		return;
	case ENDING_MODEL_L2CAP:
	case ENDING_LINK:
		s.cut = true;
		seed_totals.cut++;
		s.model.open = false;
		s.model.closed = true;
		close_channel(ending == ENDING_LINK ? &link_lost : &by_peer);
		return;
	case ENDING_CLOSE:
		close_end(&s.end[i]);
		return;
	case ENDING_ABANDON:
		abandon_end(&s.end[i]);
		return;
	}
}

/* What arrived, against what was sent. */
static void compare(const struct end *end, const struct model_dlc *dlc,
		    bool whole)
{
	ck_assert(end->received <= dlc->sent && dlc->received <= end->pulled);
	if (whole) {
		ck_assert_msg(end->received == dlc->length,
			      "%zu octets of %zu arrived here", end->received,
			      dlc->length);
		ck_assert_msg(dlc->received == end->length,
			      "%zu octets of %zu arrived there", dlc->received,
			      end->length);
	}
	/* Closed in order: all that was sent before. */
	if (end->closed && end->why.layer == RT_LAYER_RFCOMM &&
	    end->why.code == RT_RFCOMM_PEER_DISC && !s.cut)
		ck_assert(end->received == dlc->sent);
	if (dlc->disc_seen)
		ck_assert(dlc->received == end->pulled);
}

static bool is_whole(int i)
{
	const struct end *end = &s.end[i];

	return end->opened && end->received == s.model.dlc[i].length &&
	       s.model.dlc[i].received == end->length;
}

/* The peer is honest: whoever is still there gets all. */
static void be_honest(void)
{
	bool whole = false;

	s.model.honest = true;
	for (int n = 0; n < HONEST_STEPS && !whole; n++) {
		step();
		whole = true;
		for (int i = 0; i < MODEL_DLCS; i++)
			whole &= !s.end[i].used || s.end[i].closed ||
				 s.end[i].abandoned || is_whole(i);
	}
	for (int i = 0; i < MODEL_DLCS; i++) {
		const struct end *end = &s.end[i];

		if (!end->used || s.model.dlc[i].state == MODEL_NONE)
			continue;
		compare(end, &s.model.dlc[i],
			end->opened && !end->closed && !end->abandoned);
		/* Nothing hangs. */
		ck_assert(end->opened || end->closed || end->abandoned);
	}
}

static void end(void)
{
	struct rt_rfcomm_info info;

	for (int i = 0; i < MODEL_DLCS; i++) {
		if (rt_rfcomm_get_info(s.rfcomm, s.end[i].dlc, &info) == 0)
			seed_totals.stalls += info.stalls;
		if (chance(2))
			close_end(&s.end[i]);
		else
			model_disc(&s.model, &s.model.dlc[i]);
	}
	for (int n = 0; n < 1000 && !rt_rfcomm_is_idle(s.rfcomm); n++)
		step();
	ck_assert(rt_rfcomm_is_idle(s.rfcomm));
	for (int i = 0; i < MODEL_DLCS; i++) {
		ck_assert(!s.end[i].used || s.end[i].closed ||
			  s.end[i].abandoned);
		compare(&s.end[i], &s.model.dlc[i], false);
	}
	rt_rfcomm_free(s.rfcomm);
	rt_env_reap(s.env);
	ck_assert(fake_count(&s.l2cap) == 0);
	fake_env_assert_idle(&s.fake);
}

void seed_model(uint64_t seed)
{
	uint32_t ending_at;
	enum ending ending;

	begin(seed);
	ending = (enum ending)chance(ENDINGS);
	ending_at = chance(STEPS);
	open_channel();
	for (uint32_t n = 0; n < STEPS; n++) {
		step();
		if (n == ending_at)
			finish_by(ending);
		if (s.model.open && chance(8) == 0)
			model_connect(&s.model);
		if (!s.cut && s.model.open && chance(8) == 0)
			connect_end();
	}
	be_honest();
	end();
}
