/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/bench.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2cap/check.h"

#define PDU_MAX 66000

struct bench bench;

static void start(void)
{
	fake_hci_init(&bench.hci, bench.env);
	ck_assert_int_eq(rt_l2cap_new(bench.env, &bench.hci, &bench.l2cap), 0);
}

void bench_setup(void)
{
	memset(&bench, 0, sizeof(bench));
	fake_env_init(&bench.fake);
	bench.env = &bench.fake.env;
	start();
}

static void stop(void)
{
	rt_l2cap_free(bench.l2cap);
	rt_env_reap(bench.env);
	fake_hci_fini(&bench.hci);
}

void bench_restart(void (*change)(struct rt_limits *limits))
{
	stop();
	change(&bench.env->limits);
	start();
}

void bench_teardown(void)
{
	stop();
	fake_env_assert_idle(&bench.fake);
}

struct rt_addr bench_addr(uint8_t n)
{
	const struct rt_addr addr = { { n, 0, 0, 0, 0, 0xc0 } };

	return addr;
}

/* The end of a step. */
static void reap(void)
{
	const char *wrong;

	rt_env_reap(bench.env);
	wrong = rt_l2cap_check(bench.l2cap);
	ck_assert_msg(!wrong, "does not hold: %s", wrong);
}

void bench_step(void)
{
	while (rt_timers_run(&bench.env->timers, bench.env->now_us) > 0)
		;
	reap();
}

void bench_wait_us(uint64_t us)
{
	const uint64_t end_us = bench.env->now_us + us;
	uint64_t due_us;

	bench_step();
	while (rt_timers_next(&bench.env->timers, &due_us) &&
	       due_us <= end_us) {
		bench.env->now_us = due_us;
		bench_step();
	}
	bench.env->now_us = end_us;
}

void bench_wait_ms(uint64_t ms)
{
	bench_wait_us(RT_MS(ms));
}

static const char *hex_of(const uint8_t *p, size_t n)
{
	static char str[3 * 80 + 1];

	str[0] = '\0';
	for (size_t i = 0; i < RT_MIN(n, (size_t)80); i++)
		snprintf(str + 3 * i, 4, "%02x ", p[i]);
	return str;
}

void rx_cid(uint16_t cid, const char *hex)
{
	static uint8_t buf[PDU_MAX];
	const size_t n = hex_read(hex, buf, sizeof(buf));

	fake_link_rx(bench.link, cid, buf, n);
	reap();
}

void rx(const char *hex)
{
	rx_cid(RT_L2CAP_CID_SIGNALLING, hex);
}

static size_t pull(uint8_t *buf)
{
	const size_t n = fake_link_pull(bench.link, buf, PDU_MAX);

	if (bench.hold == HOLD_NOTHING)
		fake_link_complete(bench.link, bench.link->sent_count, true);
	else if (bench.hold == HOLD_DATA)
		fake_link_complete_signalling(bench.link);
	reap();
	return n;
}

void tx_cid(uint16_t cid, const char *hex)
{
	static uint8_t want[PDU_MAX];
	static uint8_t buf[PDU_MAX];
	const size_t want_len = hex_read(hex, want, sizeof(want));
	const size_t len = pull(buf);

	ck_assert_msg(len > 0, "nothing sent; wanted %s", hex);
	ck_assert_msg((buf[2] | buf[3] << 8) == cid,
		      "sent %s; wanted channel id 0x%04x", hex_of(buf, len),
		      cid);
	ck_assert_msg(len - 4 == want_len &&
			      memcmp(buf + 4, want, want_len) == 0,
		      "sent %s; wanted %s", hex_of(buf + 4, len - 4), hex);
}

void tx(const char *hex)
{
	tx_cid(RT_L2CAP_CID_SIGNALLING, hex);
}

void tx_nothing(void)
{
	static uint8_t buf[PDU_MAX];
	const size_t len = pull(buf);

	ck_assert_msg(len == 0, "sent %s", hex_of(buf, len));
}

size_t tx_discard(void)
{
	static uint8_t buf[PDU_MAX];
	size_t n = 0;

	while (pull(buf) > 0)
		n++;
	return n;
}

static void tell(struct user *user, const char *text)
{
	const size_t len = strlen(user->log);

	snprintf(user->log + len, sizeof(user->log) - len, "%s%s",
		 len > 0 ? " " : "", text);
	if (user->on && strncmp(text, user->on, strlen(user->on)) == 0)
		user->then(user);
}

static void check_chan(const struct user *user, rt_handle chan)
{
	ck_assert(user->many || chan == user->chan);
}

static void on_opened(void *ctx, rt_handle chan)
{
	struct user *user = ctx;

	check_chan(user, chan);
	tell(user, "opened");
}

static void on_closed(void *ctx, rt_handle chan, const struct rt_reason *why)
{
	struct user *user = ctx;
	struct rt_l2cap_info info;

	check_chan(user, chan);
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, chan, &info), 0);
	ck_assert(!info.open);
	user->why = *why;
	tell(user, "closed");
}

static void on_rx(void *ctx, rt_handle chan, struct rt_bytes sdu)
{
	struct user *user = ctx;
	char text[3 + 2 * 64 + 1] = "rx:";

	check_chan(user, chan);
	for (size_t i = 0; i < RT_MIN(sdu.len, (size_t)64); i++)
		snprintf(text + 3 + 2 * i, 3, "%02x", sdu.ptr[i]);
	tell(user, text);
}

static void on_rx_last(void *ctx, rt_handle chan, struct rt_bytes sdu)
{
	tell(ctx, "last:");
	on_rx(ctx, chan, sdu);
}

static bool on_pull(void *ctx, rt_handle chan, size_t max, struct rt_pdu *pdu)
{
	struct user *user = ctx;
	uint8_t *body = user->body[user->pulled % 2];
	size_t n;

	check_chan(user, chan);
	if (!user->sdus || !user->sdus[0])
		return false;
	n = hex_read(user->sdus[0], body, sizeof(user->body[0]));
	ck_assert_uint_le(n, max);
	user->sdus++;
	user->pulled++;
	pdu->body[0] = rt_bytes(body, n / 2);
	pdu->body[1] = rt_bytes(body + n / 2, n - n / 2);
	pdu->done.bytes = (uint32_t)n;
	if (user->on && strcmp(user->on, "pull") == 0)
		user->then(user);
	return true;
}

static void on_completed(void *ctx, rt_handle chan, const struct rt_done *done,
			 bool written)
{
	struct user *user = ctx;
	char text[20];

	check_chan(user, chan);
	ck_assert_uint_eq(chan, done->chan);
	snprintf(text, sizeof(text), "%s:%u", written ? "written" : "lost",
		 done->bytes);
	tell(user, text);
}

static int on_incoming(void *ctx, rt_handle chan)
{
	struct user *user = ctx;

	user->chan = chan;
	if (user->adopter) {
		user->adopter->chan = chan;
		rt_l2cap_set_user(bench.l2cap, chan, &user_ops, user->adopter);
	}
	tell(user, "incoming");
	return user->answer;
}

const struct rt_l2cap_ops user_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.rx_last = on_rx_last,
	.pull = on_pull,
	.completed = on_completed,
};

const struct rt_l2cap_ops listener_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

void told(struct user *user, const char *what)
{
	ck_assert_str_eq(user->log, what);
	user->log[0] = '\0';
}

void told_closed(struct user *user, uint16_t code, enum rt_phase phase)
{
	told(user, "closed");
	ck_assert_uint_eq(user->why.layer, RT_LAYER_L2CAP);
	ck_assert_msg(user->why.code == code, "closed with 0x%04x (%s)",
		      user->why.code, rt_l2cap_code_name(user->why.code));
	ck_assert_int_eq(user->why.err, rt_l2cap_code_errno(code));
	ck_assert_uint_eq(user->why.phase, phase);
}

struct rt_l2cap_info info_of(const struct user *user)
{
	struct rt_l2cap_info ret = { .scid = 0 };

	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, user->chan, &ret), 0);
	return ret;
}

void taken_down(struct user *user, const char *req, const char *rsp,
		uint16_t code)
{
	tx(req);
	tx_nothing();
	told(user, "");
	rx(rsp);
	told_closed(user, code, RT_PHASE_CONFIGURE);
	tx_nothing();
}

int connect_to(struct user *user, uint16_t psm)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = user,
	};
	int ret = rt_l2cap_connect(bench.l2cap, bench_addr(1), psm, &params,
				   &user->chan);

	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	return ret;
}

void listen_on(struct user *user, uint16_t psm)
{
	const struct rt_l2cap_params params = {
		.ops = &listener_ops,
		.user = user,
	};
	uint16_t got;

	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, psm, &params, &got), 0);
	ck_assert_uint_eq(got, psm);
}

void link_in(void)
{
	bench.link = fake_hci_incoming(&bench.hci, bench_addr(1));
}

void to_wait_link(struct user *user)
{
	ck_assert_int_eq(connect_to(user, 0x1001), 0);
	told(user, "");
}

void to_wait_connect_rsp(struct user *user)
{
	to_wait_link(user);
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	tx_nothing();
}

void to_config(struct user *user)
{
	to_wait_connect_rsp(user);
	rx("03 01 0800 4100 4000 0000 0000");
	tx("04 03 0800 4100 0000 0102 a002");
	tx_nothing();
}

void to_open(struct user *user)
{
	to_config(user);
	rx("05 03 0600 4000 0000 0000");
	rx("04 01 0400 4000 0000");
	tx("05 01 0600 4100 0000 0000");
	tx_nothing();
	told(user, "opened");
}

void to_wait_disconnect(struct user *user)
{
	to_open(user);
	rt_l2cap_close(bench.l2cap, user->chan);
	tx("06 04 0400 4100 4000");
	tx_nothing();
	told(user, "");
}

void to_wait_connect(struct user *listener)
{
	ck_assert_int_eq(listener->answer, -EAGAIN);
	listen_on(listener, 0x1001);
	link_in();
	rx("02 01 0400 0110 4100");
	tx("03 01 0800 4000 4100 0100 0200");
	tx_nothing();
	told(listener, "incoming");
}
