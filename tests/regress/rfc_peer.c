/* SPDX-License-Identifier: MIT */
#include "tests/regress/rfc_peer.h"

#include <string.h>

#define FRAME_MAX 40000

#define STRANGERS 24

/* Users of the DLCs that the peer opens beside the first. */
static struct user strangers[STRANGERS];
static size_t stranger_count;

static void answer(uint8_t *frame, size_t len)
{
	const struct fake_chan *chan = fake_find(&bench.l2cap, bench.chan);

	if (chan && chan->state == FAKE_OPEN)
		peer_frame(frame, len);
}

/* Our multiplexer command; frame[3] is its type octet. */
static void answer_command(uint8_t *frame, size_t len)
{
	frame[0] ^= 2;
	frame[3] ^= 2;
	/* PN: what credits are offered are agreed on. */
	if (frame[3] == 0x81)
		frame[6] = (uint8_t)(frame[6] ? 0xe0 : 0);
	answer(frame, len);
	if (frame[3] != 0xe1)
		return;
	frame[3] ^= 2;
	answer(frame, len);
}

bool peer_answers(void)
{
	static uint8_t frame[FRAME_MAX];
	const size_t len = tx_take(frame, sizeof(frame) - 1);

	if (len == 0)
		return false;
	if (frame[1] == 0x3f || frame[1] == 0x53) {
		frame[1] = 0x73;
		answer(frame, len);
	} else if (frame[1] == 0xef && frame[0] >> 2 == 0 && frame[3] & 2 &&
		   frame[2] & 1) {
		answer_command(frame, len);
	}
	return true;
}

size_t peer_answers_some(size_t max)
{
	size_t n = 0;

	while (n < max && peer_answers())
		n++;
	return n;
}

bool peer_opens_channel(void)
{
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	if (!bench.chan)
		return false;
	script.initiator = true;
	fake_open(&bench.l2cap, bench.chan, MTU);
	return true;
}

void forget_told(void)
{
	script.a.log[0] = '\0';
	script.b.log[0] = '\0';
	script.listener.log[0] = '\0';
	for (size_t i = 0; i < stranger_count; i++)
		strangers[i].log[0] = '\0';
}

static void close_users(void)
{
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	rt_rfcomm_close(bench.rfcomm, script.b.dlc);
	for (size_t i = 0; i < stranger_count; i++)
		rt_rfcomm_close(bench.rfcomm, strangers[i].dlc);
}

static void close_channels(void)
{
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);

	for (size_t i = 0; i < FAKE_CHANS; i++) {
		if (bench.l2cap.chan[i].state == FAKE_CLOSING)
			fake_closed(&bench.l2cap, bench.l2cap.chan[i].handle,
				    &why);
	}
	rt_env_reap(bench.env);
}

static void lose_channels(void)
{
	const struct rt_reason why = page_timeout();

	for (size_t i = 0; i < FAKE_CHANS; i++) {
		const enum fake_state state = bench.l2cap.chan[i].state;

		/* L2CAP has limits for what is not open, as here. */
		if (state == FAKE_CONNECTING || state == FAKE_PENDING ||
		    state == FAKE_ACCEPTED)
			fake_closed(&bench.l2cap, bench.l2cap.chan[i].handle,
				    &why);
	}
	rt_env_reap(bench.env);
}

void end_all(void)
{
	close_users();
	for (int i = 0; i < 30 && !rt_rfcomm_is_idle(bench.rfcomm); i++) {
		forget_told();
		close_channels();
		lose_channels();
		bench_wait_us(RT_SECONDS(20));
	}
	forget_told();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
}

/* The first DLC of the peer's is that of script.a, if that has none. */
static int on_incoming(void *user, rt_handle dlc)
{
	struct user *u = &script.a;

	(void)user;
	if (script.a.dlc) {
		ck_assert_uint_lt(stranger_count, STRANGERS);
		u = &strangers[stranger_count++];
		*u = (struct user){ .quiet = true };
	}
	u->dlc = dlc;
	rt_rfcomm_set_user(bench.rfcomm, dlc, &user_ops, u);
	return 0;
}

static void listen_for_all(void)
{
	static struct rt_rfcomm_ops ops;
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.room_bytes = 4 * N1,
	};
	uint8_t channel;

	ops = listener_ops;
	ops.incoming = on_incoming;
	stranger_count = 0;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 0);
}

void reach(bool we_initiate, enum stage stage)
{
	static const char *const ours[] = {
		NULL,
		"UA 0",
		"MCC 81 11 02 E0 07 00 F3 03 00 07",
		"UA 2",
	};
	static const char *const theirs[] = {
		NULL,
		"SABM 0",
		"MCC 83 11 02 F0 07 00 F3 03 00 07",
		"SABM 2",
	};

	script_teardown();
	script_setup();
	script.initiator = we_initiate;
	script.a.quiet = true;
	listen_for_all();
	if (we_initiate)
		connect_port(&script.a, 1, 4 * N1);
	else
		ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1),
					       &bench.chan),
				 0);
	if (we_initiate)
		bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx_discard();
	for (int i = STAGE_SESSION; i <= STAGE_SABM && i <= (int)stage; i++) {
		peer(we_initiate ? ours[i] : theirs[i]);
		tx_discard();
	}
	if (stage >= STAGE_MSC)
		peer("MCC E1 05 0B 8D");
	if (stage >= STAGE_OPEN)
		peer("MCC E3 05 0B 8D");
	tx_discard();
	if (stage >= STAGE_DISC)
		rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	tx_discard();
	if (stage >= STAGE_DISC_0)
		peer("UA 2");
	bench_step();
	tx_discard();
	forget_told();
}

/* What the other end of L2CAP does. False if there is nothing to do. */
static bool channels_go_on(void)
{
	const struct rt_reason lost =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);

	for (size_t i = 0; i < FAKE_CHANS; i++) {
		const struct fake_chan *chan = &bench.l2cap.chan[i];
		const enum fake_state state = chan->state;

		if (state == FAKE_CLOSING)
			fake_closed(&bench.l2cap, chan->handle, &why);
		else if (state == FAKE_PENDING || state == FAKE_ACCEPTED)
			fake_closed(&bench.l2cap, chan->handle, &lost);
		else
			continue;
		rt_env_reap(bench.env);
		return true;
	}
	return peer_opens_channel();
}

/* Channels and frames, one after the other. False if nothing moves. */
static bool moves(void)
{
	bool any = false;

	while (channels_go_on())
		any = true;
	bench.chan = fake_in_state(&bench.l2cap, FAKE_OPEN);
	if (bench.chan)
		any |= peer_answers_some(100) > 0;
	return any;
}

static void be_honest(uint64_t us)
{
	const uint64_t end_us = bench.env->now_us + us;
	uint64_t due_us;

	for (;;) {
		while (moves())
			;
		/* To the next thing that happens by itself. */
		if (!rt_timers_next(&bench.env->timers, &due_us) ||
		    due_us > end_us)
			return;
		bench_wait_us(RT_MAX(due_us, bench.env->now_us) -
			      bench.env->now_us);
	}
}

void recover(void)
{
	close_users();
	be_honest(RT_SECONDS(120));
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	forget_told();
	connect_port(&script.b, 1, 4 * N1);
	be_honest(RT_SECONDS(1));
	told(&script.b, "opened");
	rt_rfcomm_close(bench.rfcomm, script.b.dlc);
	be_honest(RT_SECONDS(10));
	told(&script.b, "closed");
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
}

void snapshot_take(struct snapshot *snapshot)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->live = (uint32_t)bench.env->live;
	snapshot->live_bytes = bench.env->live_bytes;
	(void)!rt_timers_next(&bench.env->timers, &snapshot->due_us);
	snapshot->chans = fake_count(&bench.l2cap);
	snapshot->has_dlc = rt_rfcomm_get_info(bench.rfcomm, script.a.dlc,
					       &snapshot->info) == 0;
}

void snapshot_compare(const struct snapshot *before, const char *what)
{
	struct snapshot now;

	snapshot_take(&now);
	ck_assert_msg(now.live == before->live &&
			      now.live_bytes == before->live_bytes,
		      "memory after %s", what);
	ck_assert_msg(now.due_us == before->due_us, "timers after %s", what);
	ck_assert_msg(now.chans == before->chans, "channels after %s", what);
	ck_assert_msg(now.has_dlc == before->has_dlc, "DLC after %s", what);
	ck_assert_msg(memcmp(&now.info, &before->info, sizeof(now.info)) == 0,
		      "figures of the DLC after %s", what);
}
