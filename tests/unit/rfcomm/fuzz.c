/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/rfcomm/bench.h"

/*
 * A peer and users that do anything at any time, by chance under fixed seeds.
 * What we send is well formed, users hear what they may, and in the end
 * nothing is left.
 */

#define SEEDS 120
#define STEPS 250
#define USERS 24
#define SERVERS 4

static struct user users[USERS];
static struct user listener;
static size_t user_count;
static uint64_t seed;

static uint32_t chance(uint32_t n)
{
	return suite_random(&seed) % n;
}

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ctx;
	(void)request;
	(void)ret_why;
	return chance(8) ? RT_L2CAP_ALLOW
			 : (enum rt_l2cap_verdict)chance(
				   RT_L2CAP_NO_ENCRYPTION + 1);
}

static void setup(void)
{
	static const struct rt_l2cap_gate gate = { .check = check_gate };

	bench_setup();
	rt_rfcomm_set_gate(bench.rfcomm, &gate, NULL);
}

/* Of the protocol: what a peer might send, before it is spoilt. */
static const char *const vocabulary[] = {
	"03 3F 01",
	"03 73 01",
	"01 73 01",
	"03 1F 01",
	"03 53 01",
	"01 53 01",
	"0B 3F 01",
	"0B 73 01",
	"09 73 01",
	"0B 53 01",
	"09 53 01",
	"0B 1F 01",
	"09 1F 01",
	"0F 3F 01",
	"0D 3F 01",
	"0F 73 01",
	"0D 53 01",
	"13 3F 01",
	"0B EF 07 61 62 63",
	"09 EF 07 61 62 63",
	"0B FF 01 05",
	"09 FF 01 FF",
	"09 FF 05 03 61 62",
	"0D FF 03 01 61",
	"03 EF 15 83 11 02 F0 07 00 F3 03 00 07",
	"03 EF 15 83 11 03 F0 07 00 64 00 00 01",
	"03 EF 15 83 11 04 00 07 00 17 00 00 00",
	"01 EF 15 81 11 02 E0 07 00 F3 03 00 05",
	"01 EF 15 81 11 03 E0 07 00 F3 03 00 05",
	"01 EF 15 81 11 04 00 07 00 F3 03 00 00",
	"01 EF 09 E3 05 0B 8D",
	"01 EF 09 E1 05 0B 8D",
	"03 EF 09 E3 05 0F 8F",
	"03 EF 09 E1 05 0F 8D",
	"03 EF 09 E3 05 13 8D",
	"01 EF 09 E1 05 13 8D",
	"03 EF 07 93 03 0B",
	"03 EF 15 93 11 0B 03 03 00 11 13 7F 3F",
	"03 EF 09 53 05 0B 09",
	"03 EF 0B 23 07 01 02 03",
	"03 EF 05 A3 01",
	"03 EF 05 63 01",
	"03 EF 05 C3 01",
	"03 EF 07 11 03 83",
	"03 EF 07 11 03 E3",
	"03 EF 05 FF 01",
	"03 EF 0B E3 07 0B 8D 33",
	"03 EF 15 91 11 0B 03 03 00 11 13 7F 3F",
	"01 EF 15 91 11 0F 03 03 00 11 13 7F 3F",
	"03 EF 15 93 11 0F 05 03 00 11 13 7F 3F",
	"03 EF 09 51 05 0B 09",
	"01 EF 07 21 03 00",
	"01 EF 07 11 03 93",
	"01 EF 07 11 03 53",
	"01 EF 07 11 03 23",
	"01 EF 07 11 03 63",
	"01 EF 05 61 01",
	"01 EF 05 A1 01",
	"01 EF 15 81 11 02 00 07 00 64 00 00 00",
};

static void spoil(uint8_t *frame, size_t *len, size_t cap)
{
	switch (chance(6)) {
	case 0:
		frame[chance((uint32_t)*len)] ^= (uint8_t)(1 << chance(8));
		return;
	case 1:
		frame[chance((uint32_t)*len)] = (uint8_t)chance(256);
		return;
	case 2:
		*len = 2 + chance((uint32_t)*len - 1);
		return;
	case 3:
		while (*len < cap && chance(4))
			frame[(*len)++] = (uint8_t)chance(256);
		return;
	case 4:
		/* Another DLC. */
		frame[0] = (uint8_t)(frame[0] & 3) | (uint8_t)(chance(10) << 2);
		return;
	default:
		if (*len > 5)
			frame[5] = (uint8_t)(chance(10) << 2 | 3);
		return;
	}
}

static void peer_sends(void)
{
	uint8_t frame[64];
	size_t len = hex_read(vocabulary[chance(RT_ARRAY_SIZE(vocabulary))],
			      frame, sizeof(frame));

	while (chance(3) == 0)
		spoil(frame, &len, sizeof(frame) - 1);
	/* Mostly with the right FCS, or nothing would come of it. */
	frame[len] = chance(20) ? bench_fcs(frame, len) : (uint8_t)chance(256);
	bench.env->frame++;
	fake_rx(&bench.l2cap, bench.chan, rt_bytes(frame, len + 1));
	rt_env_reap(bench.env);
}

static void connect_one(void)
{
	struct user *user;

	if (user_count == USERS)
		return;
	user = &users[user_count];
	if (!connect_to(user, (uint8_t)(1 + chance(3)), chance(9) * 500))
		user_count++;
}

static void tested(void *user, int err, struct rt_bytes data)
{
	unsigned int *pending = user;

	(void)err;
	(void)data;
	ck_assert_uint_eq(*pending, 1);
	*pending = 0;
}

static unsigned int tests_pending;

static void test_peer(void)
{
	static const uint8_t octets[2000];
	const struct rt_rfcomm_test_params params = {
		.done = tested,
		.user = &tests_pending,
		.data = rt_bytes(octets, chance(chance(4) ? 20 : 1200)),
	};

	if (chance(8) == 0) {
		rt_rfcomm_test_cancel(bench.rfcomm, bench_addr(1));
		tests_pending = 0;
	}
	if (!rt_rfcomm_test(bench.rfcomm, bench_addr(1), &params)) {
		ck_assert_uint_eq(tests_pending, 0);
		tests_pending = 1;
	}
}

/* What it gives is of no interest: stale, busy, not open. */
static void use_port(struct user *user)
{
	const struct rt_rfcomm_modem modem = {
		.signals = (uint8_t)(chance(256) & 0xcc),
		.has_break = chance(3) == 0,
		.break_units = (uint8_t)chance(16),
	};
	const struct rt_rfcomm_line line = {
		.baud = (uint8_t)chance(10),
		.bits = (uint8_t)chance(0x40),
	};
	int err = 0;

	switch (chance(4)) {
	case 0:
		err = rt_rfcomm_set_modem(bench.rfcomm, user->dlc, &modem);
		break;
	case 1:
		err = rt_rfcomm_set_line(bench.rfcomm, user->dlc, &line);
		break;
	case 2:
		err = rt_rfcomm_query_line(bench.rfcomm, user->dlc);
		break;
	default:
		err = rt_rfcomm_send_line_status(bench.rfcomm, user->dlc,
						 (uint8_t)chance(16));
		break;
	}
	ck_assert_int_le(err, 0);
}

static void user_acts(void)
{
	static const uint8_t octets[5000];
	struct user *user;

	if (user_count == 0)
		return;
	user = &users[chance((uint32_t)user_count)];
	switch (chance(12)) {
	case 10:
		rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(1));
		return;
	case 11:
		if (rt_rfcomm_accept(bench.rfcomm, user->dlc))
			return;
		return;
	case 6:
		test_peer();
		return;
	case 7:
	case 8:
		use_port(user);
		return;
	case 9:
		rt_rfcomm_set_idle_hold(bench.rfcomm, chance(3) * 1000);
		return;
	case 0:
		rt_rfcomm_close(bench.rfcomm, user->dlc);
		return;
	case 1:
		rt_rfcomm_set_room(bench.rfcomm, user->dlc, chance(9) * 700);
		return;
	case 2:
		if (chance(4) == 0)
			rt_rfcomm_abandon(bench.rfcomm, user->dlc);
		return;
	default:
		write_out(user, octets, chance(sizeof(octets)));
		return;
	}
}

static void l2cap_acts(void)
{
	const struct rt_reason lost = page_timeout();
	const struct rt_reason closed = l2cap_reason(RT_L2CAP_CLOSED, 0);
	struct fake_chan *chan = &bench.l2cap.chan[chance(3)];
	rt_handle ignored;

	switch (chan->state) {
	case FAKE_FREE:
		if (chance(3) == 0)
			(void)fake_incoming(&bench.l2cap, bench_addr(1),
					    &ignored);
		return;
	case FAKE_CONNECTING:
	case FAKE_ACCEPTED:
		if (chance(6) == 0)
			fake_closed(&bench.l2cap, chan->handle, &lost);
		else
			fake_open(&bench.l2cap, chan->handle,
				  (uint16_t)(chance(5) ? MTU : 48));
		break;
	case FAKE_PENDING:
		if (chance(6) == 0)
			fake_closed(&bench.l2cap, chan->handle, &lost);
		break;
	case FAKE_OPEN:
		if (chance(40) == 0)
			fake_closed(&bench.l2cap, chan->handle, &lost);
		else if (chan->under_way_count > 0)
			fake_complete(&bench.l2cap, chan->handle,
				      chance(20) != 0);
		break;
	case FAKE_CLOSING:
		fake_closed(&bench.l2cap, chan->handle, &closed);
		break;
	}
	rt_env_reap(bench.env);
}

static void deliver(uint8_t *frame, size_t len)
{
	const struct fake_chan *chan = fake_find(&bench.l2cap, bench.chan);

	if (!chan || chan->state != FAKE_OPEN)
		return;
	frame[len] = bench_fcs(frame, len);
	fake_rx(&bench.l2cap, bench.chan, rt_bytes(frame, len + 1));
	rt_env_reap(bench.env);
}

/* What a good peer says to a frame of ours. */
static void answer(uint8_t *frame, size_t len)
{
	switch (frame[1]) {
	case 0x3f: /* SABM */
	case 0x53: /* DISC */
		frame[1] = 0x73;
		deliver(frame, len);
		return;
	case 0xef: /* a command to the multiplexer */
		if (frame[0] >> 2 != 0 || !(frame[3] & 2))
			return;
		frame[0] ^= 2;
		frame[3] ^= 2;
		if (frame[3] == 0x81)
			frame[6] = (uint8_t)(frame[6] ? 0xe0 : 0);
		deliver(frame, len);
		if (frame[3] != 0xe1)
			return;
		frame[3] ^= 2;
		deliver(frame, len);
		return;
	default:
		return;
	}
}

static void pull_some(void)
{
	uint8_t frame[1100];

	for (uint32_t n = chance(6); n > 0; n--) {
		const struct fake_chan *chan =
			fake_find(&bench.l2cap, bench.chan);
		size_t len;

		if (!chan || chan->under_way_count >= FAKE_UNDER_WAY / 2)
			return;
		len = tx_take(frame, sizeof(frame));
		if (len == 0)
			return;
		if (chance(8))
			answer(frame, len);
	}
}

static void step(void)
{
	bench.chan = fake_in_state(&bench.l2cap, FAKE_OPEN);
	switch (chance(8)) {
	case 0:
		if (!listener.log[0])
			connect_one();
		return;
	case 1:
		user_acts();
		return;
	case 2:
		l2cap_acts();
		return;
	case 3:
		bench_wait_us(chance(12) ? chance(100000) : chance(30000000));
		return;
	default:
		break;
	}
	if (bench.chan && chance(3) == 0)
		peer_sends();
	pull_some();
}

static void run(void)
{
	const struct rt_reason lost = page_timeout();

	user_count = 0;
	for (size_t i = 0; i < USERS; i++)
		users[i] = (struct user){
			.name = "user",
			.need.level = (uint8_t)chance(3),
			.quiet = true,
			.port = true,
		};
	listener = (struct user){
		.name = "listener",
		.need.level = 2,
		.quiet = true,
		.port = true,
	};
	tests_pending = 0;
	for (uint8_t i = 1; i <= SERVERS; i++)
		listen_on(&listener, NULL, i, 3000);
	bench.l2cap.hold = true;
	for (int i = 0; i < STEPS; i++) {
		/* Each DLC of the peer's gets a user, while there are some. */
		listener.adopter = &users[RT_MIN(user_count, USERS - 1)];
		listener.answer =
			user_count < USERS && chance(8) ? 0 : -ECONNREFUSED;
		if (listener.answer == 0 && chance(4) == 0)
			listener.answer = -EAGAIN;
		step();
		if (listener.log[0] && listener.answer != -ECONNREFUSED)
			user_count++;
		listener.log[0] = '\0';
	}
	/* The end: nobody connects any more, and the link is lost. */
	for (int i = 0; i < 20; i++) {
		for (size_t j = 0; j < FAKE_CHANS; j++) {
			if (bench.l2cap.chan[j].state != FAKE_FREE)
				fake_closed(&bench.l2cap,
					    bench.l2cap.chan[j].handle, &lost);
		}
		bench_wait_us(RT_SECONDS(60));
	}
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	ck_assert_uint_eq(tests_pending, 0);
}

/* Each user opened at most once, and closed at most once, in this order. */
static void look(const struct user *user)
{
	static const char *const lives[] = { "", "opened", "closed",
					     "opened closed" };

	for (size_t i = 0; i < RT_ARRAY_SIZE(lives); i++) {
		if (strcmp(user->log, lives[i]) == 0)
			return;
	}
	ck_abort_msg("a user was told \"%s\"", user->log);
}

START_TEST(whatever_a_peer_sends_and_users_do_everything_ends)
{
	unsigned int opened = 0;

	for (uint64_t i = 1; i <= SEEDS; i++) {
		bench_teardown();
		setup();
		seed = i * 0x9e3779b97f4a7c15;
		run();
		for (size_t j = 0; j < user_count; j++) {
			look(&users[j]);
			opened += users[j].log[0] == 'o';
			users[j].log[0] = '\0';
		}
	}
	/* Chance gets somewhere. */
	ck_assert_uint_gt(opened, 100);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		whatever_a_peer_sends_and_users_do_everything_ends,
	};

	return suite_run("fuzz", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
