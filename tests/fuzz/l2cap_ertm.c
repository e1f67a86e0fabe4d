/* SPDX-License-Identifier: MIT */
/*
 * Frames and time on a channel in Enhanced Retransmission or Streaming mode.
 * The input is four octets that say what kind of channel it is, and then steps
 * of four octets each: what, two numbers, and a lie. A frame has the right
 * sequence numbers and FCS unless its step lies; then one bit of it is other.
 *
 * Every frame of ours is read by the tester, which knows the specification:
 * FCS, reserved bits, windows.
 */
#include <stdlib.h>
#include <string.h>

#include "l2cap/check.h"
#include "tests/conformance/l2cap/frames.h"
#include "tests/fuzz/fuzz.h"

#define HEAD_BYTES 4
#define STEP_BYTES 4
#define STEPS_MAX 60
#define SDU_MAX 250
#define MTU 300
#define MPS 60

/* libFuzzer's, and ours for it. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);

/* What the tester knows of the sequence. */
static struct {
	unsigned int modulus;
	unsigned int tx;  /* of its next I-frame */
	unsigned int ack; /* of what it has sent, as we have said */
	unsigned int rx;  /* it awaits */
	bool polled;	  /* we wait for F */
} peer;

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Steps in which the tester looks at what was sent. */
static void look(void)
{
	struct lt_frame f;

	lt_pump();
	for (size_t i = 0; i < lt.queued; i++) {
		if (lt.queue[i].cid == 1)
			continue;
		f = lt_read_frame(&lt.queue[i]);
		if (!f.supervisory)
			peer.rx = (f.tx + 1) % peer.modulus;
		if (f.supervisory && f.function != SREJ)
			peer.ack = f.req;
		if (f.supervisory && f.bits & P)
			peer.polled = true;
		must(f.len <= MPS + 2);
	}
	lt.queued = 0;
	must(!rt_l2cap_check(bench.l2cap));
}

/* One bit of the frame is other, or some of it is missing. */
static void send(const struct lt_frame *f, uint8_t lie)
{
	uint8_t buf[LT_PDU_BYTES + 10];
	size_t len = lt_write_frame(lt.iut, f, buf);

	if (lie >= 0xf0)
		len -= RT_MIN(len, (size_t)(lie & 0x0f) + 1);
	else if (lie > 0)
		buf[(lie >> 3) % len] ^= (uint8_t)(1u << (lie & 7));
	fake_link_rx(bench.link, lt.iut, buf, len);
	rt_env_reap(bench.env);
	if (f->bits & F)
		peer.polled = false;
}

/* An I-frame; the lie may be in its sequence numbers, too. */
static void i_frame(uint8_t a, uint8_t b, uint8_t lie)
{
	uint8_t text[SDU_MAX + 2] = { b, 0 };
	const unsigned int sar = a & 3;
	struct lt_frame f = {
		.tx = (peer.tx + (a >> 4)) % peer.modulus,
		.req = peer.rx,
		.bits = sar | (peer.polled && a & 8 ? (unsigned int)F : 0),
		.text = text,
		.len = sar == START ? 2 + b / 3u : b / 4u,
	};

	if (lie == 1)
		f.req = (f.req + b) % peer.modulus;
	send(&f, lie == 1 ? 0 : lie);
	if (a >> 4 == 0 && lie == 0)
		peer.tx = (peer.tx + 1) % peer.modulus;
}

static void s_frame(uint8_t a, uint8_t b, uint8_t lie)
{
	struct lt_frame f = {
		.supervisory = true,
		.function = (enum lt_function)(a & 3),
		.req = (peer.rx + peer.modulus - (b & 3)) % peer.modulus,
		.bits = (a & 4 ? (unsigned int)P : 0) |
			(peer.polled ? (unsigned int)F : 0),
	};

	if (f.function != SREJ && f.function != REJ)
		f.req = peer.rx;
	if (lie == 1)
		f.req = b % peer.modulus;
	if (f.bits == (F | P))
		f.bits = F;
	send(&f, lie == 1 ? 0 : lie);
}

static void app_acts(uint8_t a, uint8_t b)
{
	if (APP->closed)
		return;
	switch (a & 7) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (APP->tx_count < APP_SDUS)
			app_send_bytes(b);
		break;
	case 4:
	case 5:
		app_room(4 * (size_t)b);
		break;
	case 6:
		app_room(100000);
		break;
	default:
		if (b == 0xff)
			rt_l2cap_close(bench.l2cap, APP->handle);
		break;
	}
}

static void step(const uint8_t p[STEP_BYTES])
{
	switch (p[0] % 8) {
	case 0:
	case 1:
	case 2:
		i_frame(p[1], p[2], p[3]);
		break;
	case 3:
	case 4:
		s_frame(p[1], p[2], p[3]);
		break;
	case 5:
		lt_wait(UINT64_C(1) << p[1] % 15);
		break;
	case 6:
		app_acts(p[1], p[2]);
		break;
	default:
		lt_raw(lt.iut, "%02x%02x%02x", p[1], p[2], p[3]);
		break;
	}
	look();
}

static void open_channel(const uint8_t p[HEAD_BYTES])
{
	lt_setup();
	lt_mode(p[0] & 1 ? RT_L2CAP_MODE_STREAMING : RT_L2CAP_MODE_ERTM, true);
	lt.params.imtu = MTU;
	lt.params.mps = MPS;
	lt.params.fcs = RT_L2CAP_FCS_NONE;
	lt.fcs_option = p[0] >> 1 & 1;
	lt.params.window = (uint16_t)(1 + p[1] % 63);
	lt.tx_window = (uint8_t)(1 + p[2] % 63);
	lt.max_transmit = p[3] % 5;
	lt.mps = MPS;
	if (p[0] & 4 && !(p[0] & 1)) {
		lt.params.extended_window = true;
		lt.params.window = (uint16_t)(1 + p[1]);
		lt.window_option = (uint16_t)(1 + p[2]);
	}
	lt_open(p[0] & 8);
	memset(&peer, 0, sizeof(peer));
	peer.modulus = lt.extended ? 16384 : 64;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD_BYTES)
		return 0;
	open_channel(data);
	for (size_t i = 0, at = HEAD_BYTES;
	     i < STEPS_MAX && at + STEP_BYTES <= size && !APP->closed;
	     i++, at += STEP_BYTES)
		step(data + at);
	/* The peer falls silent; we do not. */
	for (int i = 0; i < 100 && !APP->closed; i++) {
		lt_wait(1000);
		look();
	}
	if (!APP->closed)
		rt_l2cap_close(bench.l2cap, APP->handle);
	lt_wait(100000);
	lt.queued = 0;
	must(APP->closed == 1);
	must(APP->written + APP->lost == APP->tx_pulled);
	lt_teardown();
	return 0;
}

#ifdef RAWTOOTH_FUZZ
/* A step is inserted, repeated, removed or changed; at most one lies. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed)
{
	const size_t steps =
		size > HEAD_BYTES ? (size - HEAD_BYTES) / STEP_BYTES : 0;
	const size_t i = steps ? seed / 16 % steps : 0;
	uint8_t *at = data + HEAD_BYTES + i * STEP_BYTES;
	const size_t rest = steps ? (steps - i) * STEP_BYTES : 0;

	if (size < HEAD_BYTES || steps == 0 || seed % 16 == 0)
		return LLVMFuzzerMutate(data, size, max);
	if (seed % 16 == 1) {
		memmove(at, at + STEP_BYTES, rest - STEP_BYTES);
		return HEAD_BYTES + (steps - 1) * STEP_BYTES;
	}
	if (seed % 16 < 6 && size + STEP_BYTES <= max) {
		memmove(at + STEP_BYTES, at, rest);
		size = HEAD_BYTES + (steps + 1) * STEP_BYTES;
	} else if (seed % 16 == 6) {
		LLVMFuzzerMutate(data, HEAD_BYTES, HEAD_BYTES);
		return size;
	}
	LLVMFuzzerMutate(at, STEP_BYTES - 1, STEP_BYTES - 1);
	if (seed >> 8 & 7)
		at[STEP_BYTES - 1] = 0;
	else
		LLVMFuzzerMutate(at + STEP_BYTES - 1, 1, 1);
	return size;
}
#endif
