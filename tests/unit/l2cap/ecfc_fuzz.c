/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "l2cap/check.h"
#include "tests/unit/l2cap/bench.h"

/*
 * A peer that knows credit-based channels and mostly keeps to the rules, users
 * that do as they please, a tap, a gate, a link that breaks and memory that
 * runs out: whatever happens, what each user is told fits together, no reader
 * is overrun, and nothing is left.
 */

#define SEEDS 400
#define STEPS 250
#define CHANS 24

struct chan {
	rt_handle handle;
	bool there;
	bool opened;
	size_t room; /* as we have told */
	unsigned int pulled;
	unsigned int completed;
	unsigned int rest; /* of the SDU that the peer is sending */
};

static struct chan chans[CHANS];
static uint64_t seed;
static uint8_t body[200];
static uint8_t last_ident; /* of a request of ours */

/* That the test does what it is for. */
static unsigned int opened;
static unsigned int received;
static unsigned int written;

static unsigned int roll(unsigned int n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned int)(seed >> 33) % n;
}

static struct chan *by_handle(rt_handle handle)
{
	for (size_t i = 0; i < CHANS; i++) {
		if (chans[i].there && chans[i].handle == handle)
			return &chans[i];
	}
	ck_abort_msg("a channel that has closed is told something");
	return NULL;
}

static struct chan *free_chan(void)
{
	for (size_t i = 0; i < CHANS; i++) {
		if (!chans[i].there)
			return &chans[i];
	}
	return NULL;
}

static void forget(struct chan *chan)
{
	*chan = (struct chan){ .there = false };
}

/* What a user may do in any of its calls. */
static void meddle(void)
{
	struct chan *chan = &chans[roll(CHANS)];

	if (!chan->there || roll(12) > 0)
		return;
	if (roll(2)) {
		rt_l2cap_close(bench.l2cap, chan->handle);
		return;
	}
	rt_l2cap_abandon(bench.l2cap, chan->handle);
	forget(chan);
}

static void on_opened(void *ctx, rt_handle handle)
{
	struct chan *chan = by_handle(handle);

	(void)ctx;
	ck_assert(!chan->opened);
	chan->opened = true;
	opened++;
	rt_l2cap_ready(bench.l2cap, handle);
	meddle();
}

static void on_closed(void *ctx, rt_handle handle, const struct rt_reason *why)
{
	struct chan *chan = by_handle(handle);

	(void)ctx;
	ck_assert_uint_ne(why->layer, RT_LAYER_NONE);
	ck_assert_uint_eq(chan->pulled, chan->completed);
	forget(chan);
	meddle();
}

static void on_rx(void *ctx, rt_handle handle, struct rt_bytes sdu)
{
	struct chan *chan = by_handle(handle);

	(void)ctx;
	ck_assert(chan->opened);
	ck_assert_uint_le(sdu.len, chan->room);
	chan->room -= sdu.len;
	received += sdu.len > 64;
	for (size_t i = 0; i < sdu.len; i++)
		ck_assert_uint_eq(sdu.ptr[i], 0xd5);
	meddle();
}

static bool on_pull(void *ctx, rt_handle handle, size_t max, struct rt_pdu *pdu)
{
	struct chan *chan = by_handle(handle);
	const size_t wish = roll(sizeof(body));
	const size_t len = RT_MIN(wish, max);

	(void)ctx;
	if (roll(3) == 0) {
		meddle();
		return false;
	}
	pdu->body[0] = rt_bytes(body, len);
	pdu->done.bytes = (uint32_t)len;
	chan->pulled++;
	meddle();
	return true;
}

static void on_completed(void *ctx, rt_handle handle,
			 const struct rt_done *done, bool is_written)
{
	struct chan *chan = by_handle(handle);

	(void)ctx;
	written += is_written;
	ck_assert_uint_eq(done->chan, handle);
	chan->completed++;
	ck_assert_uint_le(chan->completed, chan->pulled);
	meddle();
}

static void set_room(struct chan *chan)
{
	chan->room = roll(4) ? roll(500) : 100000;
	rt_l2cap_set_room(bench.l2cap, chan->handle, chan->room);
}

static int on_incoming(void *ctx, rt_handle handle)
{
	static const int answers[] = { 0, 0, 0, -EAGAIN, -EACCES, -ENOBUFS };
	const int answer = answers[roll(RT_ARRAY_SIZE(answers))];
	struct chan *chan = free_chan();

	(void)ctx;
	if (!chan || (answer < 0 && answer != -EAGAIN))
		return -ENOBUFS;
	*chan = (struct chan){ .handle = handle, .there = true };
	set_room(chan);
	if (roll(10) == 0)
		rt_l2cap_close(bench.l2cap, handle);
	return answer;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static struct rt_l2cap_params params_of(void)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.mode = RT_L2CAP_MODE_CREDIT,
		.imtu = 150,
		.mps = (uint16_t)(64 + roll(40)),
		.credits = (uint16_t)roll(4),
	};

	return params;
}

static enum rt_l2cap_verdict
on_check(void *ctx, const struct rt_l2cap_gate_request *request)
{
	(void)ctx;
	(void)request;
	return roll(3) ? RT_L2CAP_ALLOW
		       : (enum rt_l2cap_verdict)roll(RT_L2CAP_NO_ENCRYPTION +
						     1);
}

static const struct rt_l2cap_gate gate = { .check = on_check };

static bool on_pdu(void *ctx, struct rt_addr peer, bool sent, uint16_t cid,
		   struct rt_bytes payload)
{
	(void)ctx;
	(void)peer;
	(void)sent;
	(void)cid;
	(void)payload;
	return roll(8) > 0;
}

static const struct rt_l2cap_tap tap = { .pdu = on_pdu };

static void on_ucd(void *ctx, struct rt_addr peer, uint16_t psm,
		   struct rt_bytes data)
{
	(void)ctx;
	(void)peer;
	(void)data;
	ck_assert_uint_eq(psm, 0x1001);
}

static const struct rt_l2cap_ucd_ops ucd_ops = { .rx = on_ucd };

static void step(void)
{
	const char *wrong;

	bench_step();
	wrong = rt_l2cap_check(bench.l2cap);
	ck_assert_msg(!wrong, "seed: %s", wrong);
}

static void connect_some(void)
{
	const struct rt_l2cap_params params = params_of();
	const size_t count = 1 + roll(5);
	rt_handle handles[5];
	struct chan *chan;

	if (rt_l2cap_connect_many(bench.l2cap, bench_addr(1), 0x1001, &params,
				  count, handles) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		chan = free_chan();
		if (!chan) {
			rt_l2cap_abandon(bench.l2cap, handles[i]);
			continue;
		}
		*chan = (struct chan){ .handle = handles[i], .there = true };
		set_room(chan);
	}
}

static void reconfigure(void)
{
	rt_handle handles[5];
	const size_t count = 1 + roll(3);

	for (size_t i = 0; i < count; i++)
		handles[i] = chans[roll(CHANS)].handle;
	if (rt_l2cap_reconfigure(bench.l2cap, handles, count,
				 (uint16_t)(150 + roll(50)),
				 (uint16_t)(64 + roll(60))) == 0)
		return;
}

static void act(void)
{
	struct chan *chan = &chans[roll(CHANS)];
	const rt_handle handle = chan->handle;

	switch (roll(10)) {
	case 0:
		connect_some();
		return;
	case 1:
		rt_l2cap_close(bench.l2cap, handle);
		return;
	case 2:
		rt_l2cap_abandon(bench.l2cap, handle);
		forget(chan);
		return;
	case 3:
		reconfigure();
		return;
	case 4:
		if (rt_l2cap_accept(bench.l2cap, handle) < 0)
			return;
		return;
	case 5:
		rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
		return;
	case 6:
		if (rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), 0x1001, 0,
				      rt_bytes(body, roll(40))) < 0)
			return;
		return;
	default:
		if (!chan->there)
			return;
		set_room(chan);
		rt_l2cap_ready(bench.l2cap, handle);
		return;
	}
}

struct frame {
	uint8_t data[200];
	size_t len;
};

static void put16(struct frame *f, unsigned int x)
{
	f->data[f->len++] = (uint8_t)x;
	f->data[f->len++] = (uint8_t)(x >> 8);
}

/* A command whose data are put behind it; closed by end_command(). */
static struct frame command(unsigned int code, uint8_t ident)
{
	struct frame f = { .data = { (uint8_t)code, ident }, .len = 4 };

	return f;
}

static void send(struct frame *f)
{
	f->data[2] = (uint8_t)(f->len - 4);
	if (roll(30) == 0)
		f->data[roll((unsigned int)f->len)] ^= (uint8_t)(1 + roll(255));
	if (roll(40) == 0)
		f->len = roll((unsigned int)f->len + 1);
	fake_link_rx(bench.link, 0x0001, f->data, f->len);
}

/* The ids of the peer's channels. */
static unsigned int their_cid(void)
{
	return roll(20) ? 0x50 + roll(30) : roll(0x60);
}

static unsigned int our_cid(void)
{
	return roll(20) ? 0x40 + roll(20) : roll(0x60);
}

static void peer_connects(void)
{
	struct frame f = command(0x17, (uint8_t)(1 + roll(4)));
	const unsigned int count = 1 + roll(5);

	put16(&f, roll(10) ? 0x1001 : 0x1003);
	put16(&f, roll(10) ? 180 : 60);
	put16(&f, roll(10) ? 70 : 60);
	put16(&f, roll(5));
	for (unsigned int i = 0; i < count; i++)
		put16(&f, their_cid());
	send(&f);
}

static void peer_reconfigures(void)
{
	struct frame f = command(0x19, (uint8_t)(1 + roll(4)));
	const unsigned int count = 1 + roll(3);

	put16(&f, 170 + roll(40));
	put16(&f, 60 + roll(40));
	for (unsigned int i = 0; i < count; i++)
		put16(&f, their_cid());
	send(&f);
}

static void peer_gives(void)
{
	struct frame f = command(0x16, (uint8_t)(1 + roll(4)));

	put16(&f, their_cid());
	put16(&f, roll(100) ? roll(6) : 0xffff);
	send(&f);
}

static void peer_disconnects(void)
{
	struct frame f = command(0x06, (uint8_t)(1 + roll(4)));

	put16(&f, our_cid());
	put16(&f, their_cid());
	send(&f);
}

/* A K-frame of any kind to any channel. */
static void peer_errs(void)
{
	struct frame f = { .len = 0 };
	const unsigned int len = roll(70);

	if (roll(2))
		put16(&f, roll(3) ? len : len + roll(80));
	memset(f.data + f.len, 0xd5, len);
	fake_link_rx(bench.link, (uint16_t)our_cid(), f.data, f.len + len);
}

/* The next K-frame of an SDU, if the peer has a credit for it. */
static void peer_sends(void)
{
	struct chan *chan = &chans[roll(CHANS)];
	struct frame f = { .len = 0 };
	struct rt_l2cap_info info;
	unsigned int len;

	if (roll(150) == 0) {
		peer_errs();
		return;
	}
	if (!chan->opened ||
	    rt_l2cap_get_info(bench.l2cap, chan->handle, &info) < 0 ||
	    !info.open || info.rx_credits == 0)
		return;
	if (chan->rest == 0) {
		chan->rest = roll(info.imtu + 1U);
		put16(&f, chan->rest);
	}
	len = RT_MIN(chan->rest, (unsigned int)(info.rx_mps - f.len));
	chan->rest -= len;
	memset(f.data + f.len, 0xd5, len);
	fake_link_rx(bench.link, info.scid, f.data, f.len + len);
}

static void peer_ucd(void)
{
	struct frame f = { .len = 0 };

	put16(&f, roll(4) ? 0x1001 : 0x1003);
	fake_link_rx(bench.link, 0x0002, f.data, f.len + roll(10));
}

/* Answers a request of ours, mostly as it should. */
static void peer_answers(const uint8_t *pdu, size_t len)
{
	struct frame f = { .len = 0 };
	const uint8_t *data = pdu + 8;
	const unsigned int ids = (unsigned int)(len - 16) / 2;

	last_ident = pdu[5];
	if (roll(6) == 0)
		return;
	switch (pdu[4]) {
	case 0x06:
		f = command(0x07, last_ident);
		memcpy(f.data + 4, data, 4);
		f.len = 8;
		break;
	case 0x0a:
		f = command(0x0b, last_ident);
		put16(&f, data[0]);
		put16(&f, 0);
		put16(&f, data[0] == 2 ? 0x0780 : 100);
		if (data[0] == 2)
			put16(&f, 0);
		break;
	case 0x17:
		f = command(0x18, last_ident);
		put16(&f, 180);
		put16(&f, 70);
		put16(&f, roll(5));
		put16(&f, roll(3) ? 0 : roll(18));
		for (unsigned int i = 0; i < ids; i++)
			put16(&f, roll(6) ? their_cid() : 0);
		break;
	case 0x19:
		f = command(0x1a, last_ident);
		put16(&f, roll(3) ? 0 : roll(5));
		break;
	default:
		return;
	}
	send(&f);
}

/* Takes what we send; some of it stays with the controller for a while. */
static void pull_some(void)
{
	uint8_t pdu[400];
	size_t len;

	for (unsigned int i = roll(10); i > 0; i--) {
		if (bench.link->state != RT_HCI_LINK_OPEN ||
		    bench.link->sent_count > 40)
			break;
		len = fake_link_pull(bench.link, pdu, sizeof(pdu));
		if (len >= 16 - 4 && pdu[2] == 1 && pdu[3] == 0 && len < 64)
			peer_answers(pdu, RT_MAX(len, 16));
	}
	if (bench.link->sent_count > 0)
		fake_link_complete(
			bench.link,
			roll((unsigned int)bench.link->sent_count + 1),
			roll(10) > 0);
}

static void peer_acts(void)
{
	switch (roll(12)) {
	case 0:
		peer_connects();
		return;
	case 1:
		peer_reconfigures();
		return;
	case 2:
		peer_disconnects();
		return;
	case 3:
		peer_ucd();
		return;
	case 4:
	case 5:
		peer_gives();
		return;
	default:
		peer_sends();
		return;
	}
}

static void new_link(void)
{
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	if (!bench.link)
		link_in();
	else if (bench.link->state == RT_HCI_LINK_CONNECTING)
		fake_link_up(bench.link);
}

static void move(void)
{
	new_link();
	switch (roll(8)) {
	case 0:
		act();
		return;
	case 1:
	case 2:
		act();
		pull_some();
		return;
	case 3:
		bench_wait_ms(roll(30) ? roll(300) : roll(70000));
		return;
	case 4:
		bench.fake.allocs_left = roll(10) ? SIZE_MAX : roll(5);
		peer_acts();
		pull_some();
		bench.fake.allocs_left = SIZE_MAX;
		return;
	case 5:
		rt_l2cap_set_tap(bench.l2cap, roll(20) ? NULL : &tap, NULL);
		if (roll(40) == 0)
			fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
		return;
	default:
		peer_acts();
		pull_some();
		return;
	}
}

static void play(void)
{
	const struct rt_l2cap_params params = params_of();
	uint16_t psm;

	bench_setup();
	bench.hci.raw = true;
	memset(chans, 0, sizeof(chans));
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 0);
	ck_assert_int_eq(
		rt_l2cap_ucd_listen(bench.l2cap, 0x1001, 0, &ucd_ops, NULL), 0);
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	for (unsigned int i = 0; i < STEPS; i++) {
		move();
		step();
	}
}

static void finish(void)
{
	if (roll(2) && bench.link->state == RT_HCI_LINK_OPEN) {
		fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
		step();
		for (size_t i = 0; i < CHANS; i++)
			ck_assert(!chans[i].there);
		ck_assert(rt_l2cap_is_idle(bench.l2cap));
	}
	bench_teardown();
}

START_TEST(whatever_happens_it_fits_together)
{
	for (unsigned int n = 0; n < SEEDS; n++) {
		seed = n;
		play();
		finish();
	}
	ck_assert_msg(opened > SEEDS && received > SEEDS && written > SEEDS,
		      "opened %u received %u written %u", opened, received,
		      written);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		whatever_happens_it_fits_together,
	};

	return suite_run("l2cap/ecfc_fuzz", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
