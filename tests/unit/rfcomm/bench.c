/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rfcomm/frame.h"

#define USERS_MAX 64
#define FRAME_MAX 40000

struct bench bench;

/* Who was told something since the setup; the teardown looks at them. */
static struct user *users[USERS_MAX];
static size_t user_count;

static void start(const struct rt_limits *limits)
{
	fake_env_init(&bench.fake);
	bench.env = &bench.fake.env;
	if (limits)
		bench.env->limits = *limits;
	fake_init(&bench.l2cap, bench.env);
	ck_assert_int_eq(rt_rfcomm_new(bench.env, &bench.l2cap, &bench.rfcomm),
			 0);
	bench.chan = 0;
}

static void stop(void)
{
	rt_rfcomm_free(bench.rfcomm);
	rt_env_reap(bench.env);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert_ptr_null(bench.l2cap.listener.ops);
	fake_env_assert_idle(&bench.fake);
}

void bench_setup(void)
{
	user_count = 0;
	start(NULL);
}

void bench_restart(void (*change)(struct rt_limits *limits))
{
	struct rt_limits limits = rt_limits_default;

	stop();
	change(&limits);
	start(&limits);
}

void bench_teardown(void)
{
	stop();
	for (size_t i = 0; i < user_count; i++)
		ck_assert_str_eq(users[i]->log, "");
}

struct rt_addr bench_addr(uint8_t n)
{
	return (struct rt_addr){ { n, 0x22, 0x33, 0x44, 0x55, 0x66 } };
}

void bench_step(void)
{
	while (rt_timers_run(&bench.env->timers, bench.env->now_us) > 0)
		;
	rt_env_reap(bench.env);
}

void bench_wait_us(uint64_t us)
{
	const uint64_t end_us = bench.env->now_us + us;
	uint64_t due_us;

	while (rt_timers_next(&bench.env->timers, &due_us) &&
	       due_us <= end_us) {
		bench.env->now_us = RT_MAX(due_us, bench.env->now_us);
		bench_step();
	}
	bench.env->now_us = end_us;
	bench_step();
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	ck_assert_msg(p && c, "not hexadecimal: %c", c);
	return (int)(p - digits);
}

size_t bench_unhex(const char *hex, uint8_t *buf, size_t cap)
{
	size_t len = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		ck_assert_uint_lt(len, cap);
		buf[len++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
		hex++;
	}
	return len;
}

/* Bit by bit, as T:annex B has the shift register. */
static uint8_t crc(const uint8_t *p, size_t len)
{
	uint8_t reg = 0xff;

	for (size_t i = 0; i < 8 * len; i++) {
		const int bit = (p[i / 8] >> (i % 8) ^ reg) & 1;

		reg = (uint8_t)(reg >> 1 ^ (bit ? 0xe0 : 0));
	}
	return (uint8_t)(0xff - reg);
}

uint8_t bench_fcs(const uint8_t *frame, size_t len)
{
	if ((frame[1] & ~0x10) == 0xef)
		return crc(frame, 2);
	return crc(frame, len);
}

static void deliver(const uint8_t *octets, size_t len)
{
	bench.env->frame++;
	fake_rx(&bench.l2cap, bench.chan, rt_bytes(octets, len));
	rt_env_reap(bench.env);
}

void rx(const char *hex)
{
	uint8_t frame[2048];
	size_t len = bench_unhex(hex, frame, sizeof(frame) - 1);

	frame[len] = bench_fcs(frame, len);
	deliver(frame, len + 1);
}

void rx_raw(const char *hex)
{
	uint8_t octets[2048];
	const size_t len = bench_unhex(hex, octets, sizeof(octets));

	deliver(octets, len);
}

void rx_data(uint8_t address, uint8_t credits, size_t len)
{
	uint8_t frame[FRAME_MAX];
	size_t n = 0;

	frame[n++] = address;
	frame[n++] = credits ? 0xff : 0xef;
	if (len <= 127) {
		frame[n++] = (uint8_t)(len << 1 | 1);
	} else {
		frame[n++] = (uint8_t)(len << 1);
		frame[n++] = (uint8_t)(len >> 7);
	}
	if (credits)
		frame[n++] = credits;
	memset(frame + n, 'x', len);
	n += len;
	frame[n] = bench_fcs(frame, n);
	deliver(frame, n + 1);
}

static void hex_of(const uint8_t *octets, size_t len, char *str, size_t cap)
{
	size_t n = 0;

	str[0] = '\0';
	for (size_t i = 0; i < len && n + 4 < cap; i++)
		n += (size_t)snprintf(str + n, cap - n, "%s%02X", i ? " " : "",
				      octets[i]);
}

size_t tx_take(uint8_t *buf, size_t cap)
{
	uint8_t frame[FRAME_MAX];
	const size_t len = fake_pull(&bench.l2cap, bench.chan, frame);
	size_t covered = len - 1;

	if (len == 0)
		return 0;
	ck_assert_uint_ge(len, 4);
	ck_assert_uint_le(len, cap);
	/* The length covers what is there, but for credits and FCS. */
	ck_assert_uint_eq(frame[len - 1], bench_fcs(frame, covered));
	memcpy(buf, frame, len - 1);
	return len - 1;
}

void tx(const char *hex)
{
	uint8_t expected[2048];
	uint8_t frame[FRAME_MAX];
	char want[6200];
	char got[6200];
	const size_t len = bench_unhex(hex, expected, sizeof(expected));
	const size_t n = tx_take(frame, sizeof(frame));

	hex_of(expected, len, want, sizeof(want));
	hex_of(frame, n, got, sizeof(got));
	ck_assert_str_eq(got, want);
}

void tx_nothing(void)
{
	tx("");
}

size_t tx_discard(void)
{
	uint8_t frame[FRAME_MAX];
	size_t count = 0;

	while (tx_take(frame, sizeof(frame)) > 0)
		count++;
	return count;
}

static void note(struct user *user, const char *fmt, ...) RT_PRINTF(2, 3);

/* Appends to the user's log, and does what it wants to do then. */
static void note(struct user *user, const char *fmt, ...)
{
	size_t len = strlen(user->log);
	char *start;
	va_list args;
	size_t i;

	for (i = 0; i < user_count && users[i] != user; i++)
		;
	if (i == user_count) {
		ck_assert_uint_lt(user_count, USERS_MAX);
		users[user_count++] = user;
	}
	if (len > 0)
		len += (size_t)snprintf(user->log + len,
					sizeof(user->log) - len, " ");
	ck_assert_uint_lt(len, sizeof(user->log));
	start = user->log + len;
	va_start(args, fmt);
	vsnprintf(start, sizeof(user->log) - len, fmt, args);
	va_end(args);
	if (user->on && strncmp(start, user->on, strlen(user->on)) == 0)
		user->then(user);
}

static void on_opened(void *user, rt_handle dlc)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	note(u, "opened");
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct user *u = user;
	struct rt_rfcomm_info info;

	ck_assert_uint_eq(u->dlc, dlc);
	u->why = *why;
	/* The figures can be had for the last time. */
	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, dlc, &info), 0);
	ck_assert(!info.open);
	note(u, "closed");
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct user *u = user;
	char hex[400] = "";

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert_uint_gt(data.len, 0);
	u->received += data.len;
	if (u->quiet)
		return;
	for (size_t i = 0; i < data.len && i < 100; i++)
		snprintf(hex + 2 * i, 3, "%02X", data.ptr[i]);
	note(u, "rx:%s", hex);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	struct user *u = user;
	size_t n = RT_MIN(max, u->out_len);
	size_t first;

	ck_assert_uint_eq(u->dlc, dlc);
	if (u->out_max > 0)
		n = RT_MIN(n, u->out_max);
	if (n == 0)
		return false;
	/* In two slices, as a ring has it. */
	first = (n + 1) / 2;
	pdu->body[0] = rt_bytes(u->out, first);
	pdu->body[1] = rt_bytes(u->out + first, n - first);
	pdu->done.bytes = (uint32_t)n;
	u->out += n;
	u->out_len -= n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert_uint_eq(done->dlc, dlc);
	if (!u->quiet)
		note(u, "%s:%u", written ? "written" : "lost", done->bytes);
}

static int on_incoming(void *user, rt_handle dlc)
{
	struct user *u = user;

	u->dlc = dlc;
	if (u->answer == 0 && u->adopter) {
		u->adopter->dlc = dlc;
		rt_rfcomm_set_user(bench.rfcomm, dlc, &user_ops, u->adopter);
	}
	note(u, "incoming");
	return u->answer;
}

const struct rt_rfcomm_ops user_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};

const struct rt_rfcomm_ops listener_ops = {
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
	ck_assert_int_eq(user->why.layer, RT_LAYER_RFCOMM);
	ck_assert_str_eq(rt_rfcomm_code_name(user->why.code),
			 rt_rfcomm_code_name(code));
	ck_assert_int_eq(user->why.err, rt_rfcomm_code_errno(code));
	ck_assert_int_eq(user->why.phase, phase);
}

int connect_to(struct user *user, uint8_t channel, size_t room)
{
	const struct rt_rfcomm_params params = {
		.ops = &user_ops,
		.user = user,
		.room_bytes = room,
	};

	return rt_rfcomm_connect(bench.rfcomm, bench_addr(1), channel, &params,
				 &user->dlc);
}

void listen_on(struct user *user, struct user *adopter, uint8_t channel,
	       size_t room)
{
	const struct rt_rfcomm_params params = {
		.ops = &listener_ops,
		.user = user,
		.room_bytes = room,
	};
	uint8_t got;

	user->adopter = adopter;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, channel, &params, &got),
			 0);
	ck_assert_uint_eq(got, channel);
}

void write_out(struct user *user, const void *octets, size_t len)
{
	user->out = octets;
	user->out_len = len;
	rt_rfcomm_ready(bench.rfcomm, user->dlc);
}

struct rt_rfcomm_info info_of(const struct user *user)
{
	struct rt_rfcomm_info info;

	ck_assert_int_eq(rt_rfcomm_get_info(bench.rfcomm, user->dlc, &info), 0);
	return info;
}

void session_in(void)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx_nothing();
	rx("03 3F 01");
	tx("03 73 01");
	tx_nothing();
}

void session_out(void)
{
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	ck_assert_uint_ne(bench.chan, 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
	tx_nothing();
	rx("03 73 01");
}

/* The same with numbers in them. */
static void rxf(const char *fmt, ...) RT_PRINTF(1, 2);
static void txf(const char *fmt, ...) RT_PRINTF(1, 2);

static void rxf(const char *fmt, ...)
{
	char hex[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(hex, sizeof(hex), fmt, args);
	va_end(args);
	rx(hex);
}

static void txf(const char *fmt, ...)
{
	char hex[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(hex, sizeof(hex), fmt, args);
	va_end(args);
	tx(hex);
}

void dlc_out(struct user *user, uint8_t channel, size_t room, uint8_t credits)
{
	const unsigned int dlci = channel * 2U;
	const unsigned int address = dlci << 2 | 3;
	const unsigned int k = (unsigned int)RT_MIN(room / N1, 7);
	const unsigned int priority = RT_MIN(dlci | 7, 61);

	ck_assert_int_eq(connect_to(user, channel, room), 0);
	if (fake_in_state(&bench.l2cap, FAKE_CONNECTING))
		session_out();
	txf("03 EF 15 83 11 %02X F0 %02X 00 F3 03 00 %02X", dlci, priority, k);
	rxf("01 EF 15 81 11 %02X E0 %02X 00 F3 03 00 %02X", dlci, priority,
	    credits);
	txf("%02X 3F 01", address);
	rxf("%02X 73 01", address);
	txf("03 EF 09 E3 05 %02X 8D", address);
	rxf("01 EF 09 E1 05 %02X 8D", address);
	told(user, "");
	rxf("01 EF 09 E3 05 %02X 8D", address);
	told(user, "opened");
	txf("03 EF 09 E1 05 %02X 8D", address);
}

void dlc_in(uint8_t channel, uint8_t credits)
{
	const unsigned int dlci = channel * 2U;
	const unsigned int address = dlci << 2 | 3;

	rxf("03 EF 15 83 11 %02X F0 07 00 F3 03 00 %02X", dlci, credits);
	ck_assert_uint_eq(tx_discard(), 1);
	rxf("%02X 3F 01", address);
	txf("%02X 73 01", address);
	txf("01 EF 09 E3 05 %02X 8D", address);
	rxf("03 EF 09 E1 05 %02X 8D", address);
	rxf("03 EF 09 E3 05 %02X 8D", address);
	txf("01 EF 09 E1 05 %02X 8D", address);
}

struct rt_reason l2cap_reason(uint16_t code, int err)
{
	return (struct rt_reason){
		.layer = RT_LAYER_L2CAP,
		.code = code,
		.err = err,
	};
}

struct rt_reason page_timeout(void)
{
	return (struct rt_reason){
		.layer = RT_LAYER_HCI,
		.phase = RT_PHASE_PAGE,
		.code = 0x04,
		.err = -EHOSTDOWN,
		.frame = 7,
		.elapsed_us = 5120000,
	};
}

void l2cap_closes(void)
{
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);

	ck_assert_uint_ne(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	ck_assert_uint_eq(bench.chan,
			  fake_in_state(&bench.l2cap, FAKE_CLOSING));
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
}
