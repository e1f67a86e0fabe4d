/* SPDX-License-Identifier: MIT */
#include "tests/unit/sdp/bench.h"

#include <stdio.h>

struct bench bench;

static void start(const struct rt_limits *limits)
{
	fake_env_init(&bench.fake);
	bench.env = &bench.fake.env;
	if (limits)
		bench.env->limits = *limits;
	fake_init(&bench.l2cap, bench.env, RT_L2CAP_PSM_SDP);
	ck_assert_int_eq(rt_sdp_new(bench.env, &bench.l2cap, &bench.sdp), 0);
	bench.chan = 0;
}

static void stop(void)
{
	rt_sdp_free(bench.sdp);
	rt_env_reap(bench.env);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert_ptr_null(bench.l2cap.listener.ops);
	fake_env_assert_idle(&bench.fake);
}

void bench_setup(void)
{
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
}

struct rt_addr bench_addr(uint8_t n)
{
	return (struct rt_addr){ { n, 0x22, 0x33, 0x44, 0x55, 0x66 } };
}

static void step(void)
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
		step();
	}
	bench.env->now_us = end_us;
	step();
}

void bench_accept(uint16_t mtu)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, mtu);
}

void bench_hang_up(void)
{
	const struct rt_reason why = { .layer = RT_LAYER_L2CAP,
				       .code = RT_L2CAP_PEER_DISCONNECTED,
				       .err = -ECONNRESET };

	fake_closed(&bench.l2cap, bench.chan, &why);
	rt_env_reap(bench.env);
	bench.chan = 0;
}

void rx_octets(const void *octets, size_t bytes)
{
	bench.env->frame++;
	fake_rx(&bench.l2cap, bench.chan, rt_bytes(octets, bytes));
	rt_env_reap(bench.env);
}

void rx(const char *hex)
{
	uint8_t octets[2048];

	rx_octets(octets, hex_read(hex, octets, sizeof(octets)));
}

size_t tx_take(void)
{
	return fake_pull(&bench.l2cap, bench.chan, bench.got);
}

void tx(const char *hex)
{
	uint8_t expected[2048];
	char want[6200];
	char got[6200];
	const size_t len = hex_read(hex, expected, sizeof(expected));
	const size_t n = tx_take();

	hex_write(expected, len, want, sizeof(want));
	hex_write(bench.got, n, got, sizeof(got));
	ck_assert_str_eq(got, want);
}

void tx_nothing(void)
{
	ck_assert_uint_eq(tx_take(), 0);
}

void ask(const char *request, const char *response)
{
	rx(request);
	tx(response);
	tx_nothing();
}

static void put_uuid(struct rt_element_writer *w, uint32_t value)
{
	rt_element_put_uuid(w, rt_uuid_from_short(value));
}

static void put_protocols(struct rt_element_writer *w)
{
	rt_element_put_uint(w, 2, RT_SDP_PROTOCOL_LIST);
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	put_uuid(w, RT_SDP_UUID_L2CAP);
	rt_element_end(w);
	rt_element_begin(w, RT_ELEMENT_SEQUENCE);
	put_uuid(w, RT_SDP_UUID_RFCOMM);
	rt_element_put_uint(w, 1, 3);
	rt_element_end(w);
	rt_element_end(w);
}

size_t bench_serial_port(uint8_t *buf, size_t cap, size_t name_bytes)
{
	struct rt_element_writer w = rt_element_writer_init(buf, cap);
	char name[4096];

	ck_assert_uint_le(name_bytes, sizeof(name));
	memset(name, 'n', sizeof(name));
	rt_element_put_uint(&w, 2, RT_SDP_CLASS_ID_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	put_uuid(&w, RT_SDP_UUID_SERIAL_PORT);
	rt_element_end(&w);
	put_protocols(&w);
	rt_element_put_uint(&w, 2, RT_SDP_BROWSE_GROUP_LIST);
	rt_element_begin(&w, RT_ELEMENT_SEQUENCE);
	put_uuid(&w, RT_SDP_UUID_PUBLIC_BROWSE_ROOT);
	rt_element_end(&w);
	rt_element_put_uint(&w, 2, RT_SDP_SERVICE_NAME);
	rt_element_put_text(&w, RT_ELEMENT_TEXT, name, name_bytes);
	ck_assert(rt_element_writer_done(&w));
	return w.len;
}

uint32_t bench_publish(size_t name_bytes)
{
	uint8_t attributes[8192];
	const size_t bytes =
		bench_serial_port(attributes, sizeof(attributes), name_bytes);
	uint32_t handle = 0;

	ck_assert_int_eq(
		rt_sdp_add(bench.sdp, rt_bytes(attributes, bytes), &handle), 0);
	return handle;
}
