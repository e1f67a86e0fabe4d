/* SPDX-License-Identifier: MIT */
/*
 * Signalling, in every state of channels of all modes. The input is a list of
 * steps: an octet that chooses one of the table below, how many octets follow,
 * and these, from which the step takes what it needs; zeros if there are none
 * left. Commands are valid by default, made of what a peer knows; an octet of
 * each frame says whether it shall be changed in one place, and where.
 */
#include <stdlib.h>
#include <string.h>

#include "stack/wr.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/l2cap_bed.h"
#include "tests/fuzz/l2cap_signalling.h"

#define FRAME_MAX 800
#define CODES 0x20

static struct rt_rd in;

static uint8_t take(void)
{
	return rt_rd_u8(&in);
}

/* One of the channels, 0 and 0 if there are none. */
static void choose(uint16_t *ret_ours, uint16_t *ret_peers)
{
	const size_t count = RT_MIN(bed.pairs, (size_t)BED_CHANS);
	const size_t i = count ? take() % count : 0;

	*ret_ours = count ? bed.pair[i].ours : 0;
	*ret_peers = count ? bed.pair[i].peers : 0;
}

static void put_options(struct rt_wr *w)
{
	static const uint8_t rfc[] = { 0x04, 9, 3, 8, 3, 0, 0, 0, 0, 100, 0 };
	static const uint8_t mtu[] = { 0x01, 2, 0x00, 0x01 };
	static const uint8_t fcs[] = { 0x05, 1, 0 };
	static const uint8_t flush[] = { 0x02, 2, 0xff, 0xff };
	static const uint8_t window[] = { 0x07, 2, 0x64, 0x00 };
	static const uint8_t efs[] = { 0x06, 2, 1, 1, 0x90, 1, 7 };
	const uint8_t which = take();
	uint8_t mode[sizeof(rfc)];

	memcpy(mode, rfc, sizeof(mode));
	mode[2] = which & 0x80 ? 4 : 3;
	if (which & 1)
		rt_wr_put(w, rt_bytes(mtu, sizeof(mtu)));
	if (which & 2)
		rt_wr_put(w, rt_bytes(mode, sizeof(mode)));
	if (which & 4)
		rt_wr_put(w, rt_bytes(fcs, sizeof(fcs)));
	if (which & 8)
		rt_wr_put(w, rt_bytes(flush, sizeof(flush)));
	if (which & 16)
		rt_wr_put(w, rt_bytes(window, sizeof(window)));
	if (which & 32)
		rt_wr_put(w, rt_bytes(efs, sizeof(efs)));
}

/* Numbers of an enhanced credit based request or response. */
static void put_credit(struct rt_wr *w)
{
	const uint8_t which = take();

	rt_wr_le16(w, which & 1 ? 64 : 200);
	rt_wr_le16(w, which & 2 ? 64 : 100);
	rt_wr_le16(w, which & 4 ? 1 : 10);
}

/* Some octets as they stand. */
static struct rt_bytes take_some(void)
{
	const size_t want = take();

	return rt_rd_take(&in, RT_MIN(want, rt_rd_left(&in)));
}

static void put_request(struct rt_wr *w, uint8_t code)
{
	static const uint16_t psms[] = { 0x1001, 0x1003, 0x1005, 0x1007 };
	uint16_t ours;
	uint16_t peers;
	size_t n;

	choose(&ours, &peers);
	switch (code) {
	case 0x02:
		rt_wr_le16(w, psms[take() % RT_ARRAY_SIZE(psms)]);
		rt_wr_le16(w, (uint16_t)(0x200 + take()));
		break;
	case 0x04:
		rt_wr_le16(w, ours);
		rt_wr_le16(w, take() % 8 == 0);
		put_options(w);
		break;
	case 0x06:
		rt_wr_le16(w, ours);
		rt_wr_le16(w, peers);
		break;
	case 0x0a:
		rt_wr_le16(w, take() % 5);
		break;
	case 0x16:
		rt_wr_le16(w, peers);
		rt_wr_le16(w, take());
		break;
	case 0x17:
		rt_wr_le16(w, 0x1005);
		put_credit(w);
		n = 1 + take() % 5;
		for (size_t i = 0; i < n; i++) {
			bed.asked[i] = (uint16_t)(0x300u + 8u * take() + i);
			rt_wr_le16(w, bed.asked[i]);
		}
		break;
	case 0x19:
		rt_wr_le16(w, (uint16_t)(200 + take()));
		rt_wr_le16(w, (uint16_t)(64 + take()));
		rt_wr_le16(w, peers);
		break;
	default:
		rt_wr_put(w, take_some());
		break;
	}
}

static void put_response(struct rt_wr *w, uint8_t code)
{
	uint16_t ours;
	uint16_t peers;
	uint8_t result;

	choose(&ours, &peers);
	result = take();
	result = result < 0xa0 ? 0 : result % 16;
	switch (code) {
	case 0x03:
		rt_wr_le16(w, peers);
		rt_wr_le16(w, ours);
		rt_wr_le16(w, result);
		rt_wr_le16(w, 0);
		break;
	case 0x05:
		rt_wr_le16(w, ours);
		rt_wr_le16(w, 0);
		rt_wr_le16(w, result);
		put_options(w);
		break;
	case 0x07:
		rt_wr_le16(w, peers);
		rt_wr_le16(w, ours);
		break;
	case 0x0b:
		rt_wr_le16(w, 2);
		rt_wr_le16(w, result);
		rt_wr_le32(w, 0x7b8);
		break;
	case 0x18:
		put_credit(w);
		rt_wr_le16(w, result);
		for (uint8_t n = 1 + take() % 5; n > 0; n--)
			rt_wr_le16(w, peers++);
		break;
	default:
		rt_wr_le16(w, result);
		break;
	}
}

/* The request that a code answers; 0: it is none. */
static uint8_t request_of(uint8_t code)
{
	static const uint8_t responses[] = { 0x03, 0x05, 0x07, 0x09,
					     0x0b, 0x18, 0x1a };

	if (code == 0x01)
		return 0x02;
	return memchr(responses, code, sizeof(responses)) ? code - 1 : 0;
}

/* A command, its length right. */
static void put_command(struct rt_wr *w)
{
	uint8_t buf[300];
	struct rt_wr data = rt_wr_init(buf, sizeof(buf));
	const uint8_t code = take() % CODES;
	const uint8_t request = request_of(code);

	if (request)
		put_response(&data, code);
	else
		put_request(&data, code);
	rt_wr_u8(w, code);
	rt_wr_u8(w, request ? bed.ident[request] : take());
	rt_wr_le16(w, (uint16_t)rt_wr_bytes(&data).len);
	rt_wr_put(w, rt_wr_bytes(&data));
}

#ifdef RAWTOOTH_CANARY
#define WHOLE 3 /* planted: the length may end behind the frame */
#else
#define WHOLE 4
#endif

/*
 * The commands that stand whole in a frame, as a peer would count them: there
 * are never more answers than that, and one for the rest.
 */
static size_t count_commands(const uint8_t *p, size_t len)
{
	size_t at = 0;
	size_t n = 0;

	while (at + WHOLE <= len) {
		at += 4 + (size_t)(p[at + 2] | p[at + 3] << 8);
		n++;
	}
	return n;
}

static void send_frame(const uint8_t *p, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	size_t commands;

	if (!exact)
		abort();
	if (len > 0)
		memcpy(exact, p, len);
	commands = count_commands(exact, len);
	bed_rx(1, exact, len);
	/* Beside the answers there may be a request a channel. */
	if (bed.replies > commands + 1 + BED_CHANS)
		abort();
	free(exact);
}

/*
 * One to four commands; one octet of all may be changed, or some cut off:
 * which, stands in front of them.
 */
static void commands(void)
{
	uint8_t buf[FRAME_MAX];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	const uint8_t how = take();
	const uint8_t lie = how & FRAME_LIES;
	const size_t place =
		lie == FRAME_CUT || lie == FRAME_OTHER ? take() : 0;
	const uint8_t value = lie == FRAME_OTHER ? take() : 0;
	size_t len;

	for (unsigned int n = 1 + how % 4; n > 0; n--)
		put_command(&w);
	len = rt_wr_bytes(&w).len;
	if (lie == FRAME_OTHER && len > 0)
		buf[place % len] = value;
	if (lie == FRAME_CUT)
		len -= RT_MIN(len, place);
	send_frame(buf, len);
}

static void raw(void)
{
	const struct rt_bytes some = take_some();

	send_frame(some.ptr, some.len);
}

static void data(void)
{
	uint16_t ours;
	uint16_t peers;
	struct rt_bytes some;

	choose(&ours, &peers);
	some = take_some();
	bed_rx(ours, some.ptr, some.len);
}

static void connects(void)
{
	static const enum rt_l2cap_mode modes[] = {
		RT_L2CAP_MODE_BASIC,
		RT_L2CAP_MODE_ERTM,
		RT_L2CAP_MODE_STREAMING,
		RT_L2CAP_MODE_CREDIT,
	};
	const uint8_t how = take();

	bed_connect((uint16_t)(0x1001 + 2 * (how & 3)), modes[how >> 2 & 3],
		    how & 16, 1 + (how >> 5) % 5);
	bed_pull();
}

static rt_handle any(void)
{
	return bed.chans ? bed.chan[take() % bed.chans].handle : take();
}

static void user_acts(void)
{
	const uint8_t what = take();
	const rt_handle chan = any();

	switch (what % 6) {
	case 0:
		rt_l2cap_close(bench.l2cap, chan);
		break;
	case 1:
		(void)!rt_l2cap_accept(bench.l2cap, chan);
		break;
	case 2:
		bed.to_send = 20 + take();
		rt_l2cap_ready(bench.l2cap, chan);
		break;
	case 3:
		rt_l2cap_set_room(bench.l2cap, chan, 4 * (size_t)take());
		break;
	case 4:
		(void)!rt_l2cap_reconfigure(bench.l2cap, &chan, 1,
					    (uint16_t)(300 + take()), 100);
		break;
	default:
		rt_l2cap_close(bench.l2cap, chan);
		rt_l2cap_ready(bench.l2cap, chan);
		break;
	}
	if (what & 0x80)
		bed_pull();
	bed_check();
}

static void time_passes(void)
{
	bench_wait_ms(UINT64_C(1) << take() % 18);
	bed_pull();
}

static void step(uint8_t what)
{
	switch ((enum step)(what % STEPS)) {
	case STEP_COMMANDS:
	case STEP_COMMANDS_2:
	case STEP_COMMANDS_3:
	case STEP_COMMANDS_4:
		commands();
		return;
	case STEP_RAW:
		raw();
		return;
	case STEP_DATA:
		data();
		return;
	case STEP_USER:
		user_acts();
		return;
	case STEP_TIME:
		time_passes();
		return;
	case STEP_CONNECT:
		connects();
		return;
	case STEP_BREAK:
		bed_break();
		return;
	case STEPS:
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(input, size));

	bed_begin();
	bed_listen(0x1001, RT_L2CAP_MODE_BASIC, false);
	bed_listen(0x1003, RT_L2CAP_MODE_ERTM, false);
	bed_listen(0x1005, RT_L2CAP_MODE_CREDIT, true);
	bed_listen(0x1007, RT_L2CAP_MODE_STREAMING, true);
	for (int i = 0; i < STEPS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		in = rt_rd_init(rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
		step(what);
	}
	bed_end();
	return 0;
}
