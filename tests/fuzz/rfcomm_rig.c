/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/rfcomm_rig.h"

#include <check.h>
#include <errno.h>
#include <string.h>

#include "rfcomm/check.h"
#include "rfcomm/rfcomm.h"
#include "tests/fuzz/fcs.h"
#include "tests/support/fake_l2cap.h"
#include "tests/unit/stack/fake_env.h"

#define USERS 24
#define MTU 1017
#define ROOM 4044

struct user {
	rt_handle dlc;
	size_t left; /* to send */
	size_t room;
};

static struct {
	struct fake_env fake;
	struct rt_env *env;
	struct rt_l2cap l2cap;
	struct rt_rfcomm *rfcomm;
	rt_handle chan;
	struct user user[USERS];
	size_t user_count;
} rig;

static void on_opened(void *user, rt_handle dlc)
{
	ck_assert(((struct user *)user)->dlc == dlc);
	rt_rfcomm_ready(rig.rfcomm, dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct user *u = user;

	ck_assert(u->dlc == dlc && why->layer != 0);
	u->dlc = 0;
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct user *u = user;
	volatile uint8_t sink = 0;

	ck_assert(u->dlc == dlc && data.len > 0 && data.len <= u->room);
	for (size_t i = 0; i < data.len; i++)
		sink = (uint8_t)(sink ^ data.ptr[i]);
	u->room -= data.len;
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	static const uint8_t zeros[MTU];
	struct user *u = user;
	const size_t n = RT_MIN(RT_MIN(max, u->left), sizeof(zeros));

	ck_assert(u->dlc == dlc);
	if (n == 0)
		return false;
	pdu->body[0] = rt_bytes(zeros, n);
	pdu->done.bytes = (uint32_t)n;
	u->left -= n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	(void)written;
	ck_assert(((struct user *)user)->dlc == dlc && done->dlc == dlc);
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

static void on_modem(void *user, rt_handle dlc,
		     const struct rt_rfcomm_modem *peer)
{
	ck_assert(((struct user *)user)->dlc == dlc);
	ck_assert((peer->signals & 0x33) == 0 && peer->break_units < 16);
}

static void on_line(void *user, rt_handle dlc,
		    const struct rt_rfcomm_line *line)
{
	ck_assert(((struct user *)user)->dlc == dlc && line->baud <= 8);
}

static void on_line_status(void *user, rt_handle dlc, uint8_t status)
{
	(void)status;
	ck_assert(((struct user *)user)->dlc == dlc);
}

static void on_line_answered(void *user, rt_handle dlc, int err,
			     const struct rt_rfcomm_line *line)
{
	ck_assert(((struct user *)user)->dlc == dlc && line && err <= 0);
}

static const struct rt_rfcomm_port_ops port_ops = {
	.modem = on_modem,
	.line = on_line,
	.line_status = on_line_status,
	.line_answered = on_line_answered,
};

static struct user *new_user(void)
{
	struct user *user;

	if (rig.user_count == USERS)
		return NULL;
	user = &rig.user[rig.user_count++];
	*user = (struct user){ .left = 3000, .room = ROOM };
	return user;
}

/* The user of a DLC of ours, or of the peer's once it was accepted. */
static int on_incoming(void *user, rt_handle dlc)
{
	struct user *u = new_user();

	(void)user;
	if (!u)
		return -ECONNREFUSED;
	u->dlc = dlc;
	rt_rfcomm_set_user(rig.rfcomm, dlc, &ops, u);
	return 0;
}

static struct rt_addr addr(void)
{
	return (struct rt_addr){ { 1, 2, 3, 4, 5, 6 } };
}

static void connect(uint8_t channel)
{
	struct user *user = new_user();
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.port_ops = &port_ops,
		.user = user,
		.room_bytes = ROOM,
	};

	if (user &&
	    rt_rfcomm_connect(rig.rfcomm, addr(), channel, &params, &user->dlc))
		user->dlc = 0;
}

static void check(void)
{
	const char *broken = rt_rfcomm_check(rig.rfcomm);

	ck_assert_msg(!broken, "%s", broken);
}

/* What a frame of ours must be. `len` counts its FCS. */
static void look(const uint8_t *frame, size_t len)
{
	size_t head = 3;
	size_t info;

	ck_assert(len >= 4 && len <= MTU && frame[0] & 1);
	info = frame[2] >> 1;
	if (!(frame[2] & 1))
		info |= (size_t)frame[head++] << 7;
	if (frame[1] == 0xff)
		head++;
	ck_assert(len == head + info + 1);
	ck_assert(frame[len - 1] == fcs_of_rfcomm(frame, len - 1));
	switch (frame[1]) {
	case 0x3f:
	case 0x73:
	case 0x1f:
	case 0x53:
		ck_assert(info == 0);
		return;
	case 0xff:
		ck_assert(frame[0] >> 2 != 0);
		return;
	default:
		ck_assert(frame[1] == 0xef && info > 0);
		return;
	}
}

static void deliver(uint8_t *frame, size_t len)
{
	const struct fake_chan *chan = fake_find(&rig.l2cap, rig.chan);

	if (!chan || (chan->state != FAKE_OPEN && chan->state != FAKE_CLOSING))
		return;
	rig.env->frame++;
	fake_rx(&rig.l2cap, rig.chan, rt_bytes(frame, len));
	rt_env_reap(rig.env);
	check();
}

/* What a good peer says to a frame of ours, whose FCS is off. */
static void answer(uint8_t *frame, size_t len)
{
	if (frame[1] == 0x3f || frame[1] == 0x53) {
		frame[1] = 0x73;
		rig_rx_frame(rt_bytes(frame, len));
	}
	if (frame[1] != 0xef || frame[0] >> 2 != 0 || !(frame[2] & 1) ||
	    !(frame[3] & 2))
		return;
	frame[0] ^= 2;
	frame[3] ^= 2;
	if (frame[3] == 0x81)
		frame[6] = (uint8_t)(frame[6] ? 0xe0 : 0);
	rig_rx_frame(rt_bytes(frame, len));
	if (frame[3] == 0xe1) {
		frame[3] ^= 2;
		rig_rx_frame(rt_bytes(frame, len));
	}
}

static bool take(bool honest)
{
	uint8_t frame[MTU];
	const size_t len = fake_pull(&rig.l2cap, rig.chan, frame);

	check();
	if (len == 0)
		return false;
	look(frame, len);
	if (honest)
		answer(frame, len - 1);
	return true;
}

void rig_tx(size_t max, bool honest)
{
	while (max > 0 && take(honest))
		max--;
}

void rig_rx(struct rt_bytes sdu)
{
	uint8_t octets[MTU];
	const size_t len = RT_MIN(sdu.len, sizeof(octets));

	if (len > 0)
		memcpy(octets, sdu.ptr, len);
	deliver(octets, len);
}

void rig_rx_frame(struct rt_bytes frame)
{
	uint8_t octets[MTU];
	const size_t len = RT_MIN(frame.len, sizeof(octets) - 1);

	if (len > 0)
		memcpy(octets, frame.ptr, len);
	octets[len] = fcs_of_rfcomm(octets, len);
	deliver(octets, len + 1);
}

void rig_rx_mux(struct rt_bytes info)
{
	uint8_t frame[MTU];
	const size_t len = RT_MIN(info.len, sizeof(frame) - 5);
	size_t n = 0;

	frame[n++] = 0x03;
	frame[n++] = 0xef;
	frame[n++] = (uint8_t)(len << 1 | (len <= 127));
	if (len > 127)
		frame[n++] = (uint8_t)(len >> 7);
	if (len > 0)
		memcpy(frame + n, info.ptr, len);
	rig_rx_frame(rt_bytes(frame, n + len));
}

void rig_wait(uint64_t us)
{
	const uint64_t end_us = rig.env->now_us + us;
	uint64_t due_us;

	while (rt_timers_next(&rig.env->timers, &due_us) && due_us <= end_us) {
		rig.env->now_us = RT_MAX(due_us, rig.env->now_us);
		while (rt_timers_run(&rig.env->timers, rig.env->now_us) > 0)
			;
		rt_env_reap(rig.env);
		check();
	}
	rig.env->now_us = end_us;
}

static void on_test(void *user, int err, struct rt_bytes data)
{
	ck_assert(user == &rig && err <= 0 && (err == 0 || data.len == 0));
}

static void act_on_port(uint8_t what, rt_handle dlc)
{
	const struct rt_rfcomm_modem modem = {
		.signals = what & 0xcc,
		.has_break = what & 1,
		.break_units = what & 15,
	};
	const struct rt_rfcomm_line line = { .baud = what % 9, .bits = 3 };
	const struct rt_rfcomm_test_params test = {
		.done = on_test,
		.user = &rig,
		.data = rt_bytes(&what, 1),
	};

	switch (what >> 4 & 7) {
	case 0:
	case 1:
		(void)!rt_rfcomm_set_modem(rig.rfcomm, dlc, &modem);
		return;
	case 2:
		(void)!rt_rfcomm_set_line(rig.rfcomm, dlc, &line);
		return;
	case 3:
		(void)!rt_rfcomm_query_line(rig.rfcomm, dlc);
		return;
	case 4:
		(void)!rt_rfcomm_send_line_status(rig.rfcomm, dlc, what & 15);
		return;
	case 5:
		rt_rfcomm_test_cancel(rig.rfcomm, addr());
		return;
	default:
		(void)!rt_rfcomm_test(rig.rfcomm, addr(), &test);
		return;
	}
}

void rig_act(uint8_t what, uint8_t who)
{
	struct user *user = &rig.user[who % USERS];

	if (what & 0x80) {
		act_on_port(what, user->dlc);
		check();
		return;
	}
	switch (what % 6) {
	case 0:
		rt_rfcomm_close(rig.rfcomm, user->dlc);
		break;
	case 1:
		rt_rfcomm_abandon(rig.rfcomm, user->dlc);
		user->dlc = 0;
		break;
	case 2:
		user->room = ROOM;
		rt_rfcomm_set_room(rig.rfcomm, user->dlc, ROOM);
		break;
	case 3:
		user->left = 3000;
		rt_rfcomm_ready(rig.rfcomm, user->dlc);
		break;
	case 4:
		connect((uint8_t)(1 + who % 4));
		break;
	default:
		rt_rfcomm_set_idle_hold(rig.rfcomm, who * 100U);
		break;
	}
	check();
}

void rig_channel(uint8_t what)
{
	static const struct rt_reason reasons[] = {
		{ .layer = RT_LAYER_L2CAP, .code = RT_L2CAP_CLOSED },
		{ .layer = RT_LAYER_L2CAP,
		  .code = RT_L2CAP_PEER_DISCONNECTED,
		  .err = -ECONNRESET },
		{ .layer = RT_LAYER_HCI, .code = 8, .err = -ETIMEDOUT },
	};
	struct fake_chan *chan = &rig.l2cap.chan[what % 4];
	const struct rt_reason *why = &reasons[what / 4 % 3];
	rt_handle handle;

	switch (chan->state) {
	case FAKE_FREE:
		(void)!fake_incoming(&rig.l2cap, addr(), &handle);
		break;
	case FAKE_CONNECTING:
	case FAKE_ACCEPTED:
		if (what & 0x80)
			fake_closed(&rig.l2cap, chan->handle, why);
		else
			fake_open(&rig.l2cap, chan->handle,
				  what & 0x40 ? 48 : MTU);
		break;
	case FAKE_PENDING:
	case FAKE_OPEN:
	case FAKE_CLOSING:
		fake_closed(&rig.l2cap, chan->handle, why);
		break;
	}
	rt_env_reap(rig.env);
	rig.chan = 0;
	for (size_t i = 0; i < FAKE_CHANS && !rig.chan; i++) {
		if (rig.l2cap.chan[i].state == FAKE_OPEN)
			rig.chan = rig.l2cap.chan[i].handle;
	}
	check();
}

static void open_session(bool initiator, enum rig_stage stage)
{
	static const uint8_t sabm[] = { 0x03, 0x3f, 0x01 };

	if (initiator)
		rig.chan = rig.l2cap.chan[0].handle;
	else
		ck_assert(fake_incoming(&rig.l2cap, addr(), &rig.chan) == 0);
	fake_open(&rig.l2cap, rig.chan, MTU);
	if (stage == RIG_CHANNEL)
		return;
	if (initiator)
		rig_tx(1, true);
	else
		rig_rx_frame(rt_bytes(sabm, sizeof(sabm)));
	rig_tx(1, false);
}

/* The peer's PN, SABM and MSC for channel 3, whoever is the initiator. */
static void open_theirs(bool initiator, bool credits)
{
	const uint8_t dlci = initiator ? 7 : 6;
	const uint8_t cr = initiator ? 0 : 2;
	const uint8_t pn[] = { 0x83, 0x11, dlci, credits ? 0xf0 : 0, 7, 0,
			       0xf3, 0x03, 0,	 credits ? 5 : 0 };
	const uint8_t sabm[] = { (uint8_t)(dlci << 2 | cr | 1), 0x3f, 0x01 };
	const uint8_t msc[] = { 0xe3, 0x05, (uint8_t)(dlci << 2 | 3), 0x8d };

	rig_rx_mux(rt_bytes(pn, sizeof(pn)));
	rig_rx_frame(rt_bytes(sabm, sizeof(sabm)));
	rig_rx_mux(rt_bytes(msc, sizeof(msc)));
	rig_tx(10, true);
}

void rig_open(uint8_t setup)
{
	const bool initiator = setup & 1;
	const enum rig_stage stage =
		(enum rig_stage)((setup >> 1) % RIG_STAGES);
	struct rt_rfcomm_params params = {
		.ops = &ops,
		.port_ops = &port_ops,
		.room_bytes = ROOM,
	};
	uint8_t channel;

	memset(&rig, 0, sizeof(rig));
	fake_env_init(&rig.fake);
	rig.env = &rig.fake.env;
	fake_init(&rig.l2cap, rig.env, RT_L2CAP_PSM_RFCOMM);
	ck_assert(rt_rfcomm_new(rig.env, &rig.l2cap, &rig.rfcomm) == 0);
	for (uint8_t i = 1; i <= 4; i++)
		ck_assert(rt_rfcomm_listen(rig.rfcomm, i, &params, &channel) ==
			  0);
	if (initiator)
		connect(1);
	open_session(initiator, stage);
	if (stage < RIG_PLAIN)
		return;
	/* PN is out already where we are the initiator. */
	if (stage == RIG_PLAIN)
		open_theirs(initiator, false);
	if (!initiator)
		connect(1);
	connect(2);
	rig_tx(30, true);
	if (stage == RIG_CREDITS)
		open_theirs(initiator, true);
	rig_tx(30, true);
}

void rig_close(void)
{
	rt_rfcomm_free(rig.rfcomm);
	rt_env_reap(rig.env);
	ck_assert(fake_count(&rig.l2cap) == 0);
	fake_env_assert_idle(&rig.fake);
}
