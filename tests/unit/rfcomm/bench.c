/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rfcomm/check.h"
#include "rfcomm/frame.h"

#define FRAME_MAX 40000

struct bench bench;

static void start(const struct rt_limits *limits)
{
	fake_env_init(&bench.fake);
	bench.env = &bench.fake.env;
	if (limits)
		bench.env->limits = *limits;
	fake_init(&bench.l2cap, bench.env, RT_L2CAP_PSM_RFCOMM);
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
	users_forget();
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
	users_assert_heard();
}

void bench_check(void)
{
	const char *broken = rt_rfcomm_check(bench.rfcomm);

	ck_assert_msg(!broken, "%s", broken);
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
	bench_check();
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
	bench_check();
}

void rx(const char *hex)
{
	uint8_t frame[2048];
	size_t len = hex_read(hex, frame, sizeof(frame) - 1);

	frame[len] = bench_fcs(frame, len);
	deliver(frame, len + 1);
}

void rx_raw(const char *hex)
{
	uint8_t octets[2048];
	const size_t len = hex_read(hex, octets, sizeof(octets));

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

size_t tx_take(uint8_t *buf, size_t cap)
{
	uint8_t frame[FRAME_MAX];
	const size_t len = fake_pull(&bench.l2cap, bench.chan, frame);
	size_t covered = len - 1;

	bench_check();
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
	const size_t len = hex_read(hex, expected, sizeof(expected));
	const size_t n = tx_take(frame, sizeof(frame));

	hex_write(expected, len, want, sizeof(want));
	hex_write(frame, n, got, sizeof(got));
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
	told(user, user->port ? "opened modem:8C" : "opened");
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

void same_reason(const struct rt_reason *a, const struct rt_reason *b)
{
	ck_assert_uint_eq(a->layer, b->layer);
	ck_assert_uint_eq(a->phase, b->phase);
	ck_assert_uint_eq(a->code, b->code);
	ck_assert_int_eq(a->err, b->err);
	ck_assert_uint_eq(a->frame, b->frame);
	ck_assert_uint_eq(a->elapsed_us, b->elapsed_us);
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
