/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "l2cap/check.h"
#include "tests/unit/l2cap/ecfc_fuzz.h"

/*
 * A peer that knows credit-based channels and mostly keeps to the rules, users
 * that do as they please, a tap, a gate, a link that breaks and memory that
 * runs out: whatever happens, what each user is told fits together, no reader
 * is overrun, and nothing is left.
 */

#define SEEDS 400
#define STEPS 250

struct fuzz_chan fuzz_chans[FUZZ_CHANS];
static uint64_t seed;
static uint8_t body[200];

/* That the test does what it is for. */
static unsigned int opened;
static unsigned int received;
static unsigned int written;

unsigned int fuzz_roll(unsigned int n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned int)(seed >> 33) % n;
}

static struct fuzz_chan *by_handle(rt_handle handle)
{
	for (size_t i = 0; i < FUZZ_CHANS; i++) {
		if (fuzz_chans[i].there && fuzz_chans[i].handle == handle)
			return &fuzz_chans[i];
	}
	ck_abort_msg("a channel that has closed is told something");
	return NULL;
}

static struct fuzz_chan *free_chan(void)
{
	for (size_t i = 0; i < FUZZ_CHANS; i++) {
		if (!fuzz_chans[i].there)
			return &fuzz_chans[i];
	}
	return NULL;
}

static void forget(struct fuzz_chan *chan)
{
	*chan = (struct fuzz_chan){ .there = false };
}

/* What a user may do in any of its calls. */
static void meddle(void)
{
	struct fuzz_chan *chan = &fuzz_chans[fuzz_roll(FUZZ_CHANS)];

	if (!chan->there || fuzz_roll(12) > 0)
		return;
	if (fuzz_roll(2)) {
		rt_l2cap_close(bench.l2cap, chan->handle);
		return;
	}
	rt_l2cap_abandon(bench.l2cap, chan->handle);
	forget(chan);
}

static void on_opened(void *ctx, rt_handle handle)
{
	struct fuzz_chan *chan = by_handle(handle);

	(void)ctx;
	ck_assert(!chan->opened);
	chan->opened = true;
	opened++;
	rt_l2cap_ready(bench.l2cap, handle);
	meddle();
}

static void on_closed(void *ctx, rt_handle handle, const struct rt_reason *why)
{
	struct fuzz_chan *chan = by_handle(handle);

	(void)ctx;
	ck_assert_uint_ne(why->layer, RT_LAYER_NONE);
	ck_assert_uint_eq(chan->pulled, chan->completed);
	forget(chan);
	meddle();
}

static void on_rx(void *ctx, rt_handle handle, struct rt_bytes sdu)
{
	struct fuzz_chan *chan = by_handle(handle);

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
	struct fuzz_chan *chan = by_handle(handle);
	const size_t wish = fuzz_roll(sizeof(body));
	const size_t len = RT_MIN(wish, max);

	(void)ctx;
	if (fuzz_roll(3) == 0) {
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
	struct fuzz_chan *chan = by_handle(handle);

	(void)ctx;
	written += is_written;
	ck_assert_uint_eq(done->chan, handle);
	chan->completed++;
	ck_assert_uint_le(chan->completed, chan->pulled);
	meddle();
}

static void set_room(struct fuzz_chan *chan)
{
	chan->room = fuzz_roll(4) ? fuzz_roll(500) : 100000;
	rt_l2cap_set_room(bench.l2cap, chan->handle, chan->room);
}

static int on_incoming(void *ctx, rt_handle handle)
{
	static const int answers[] = { 0, 0, 0, -EAGAIN, -EACCES, -ENOBUFS };
	const int answer = answers[fuzz_roll(RT_ARRAY_SIZE(answers))];
	struct fuzz_chan *chan = free_chan();

	(void)ctx;
	if (!chan || (answer < 0 && answer != -EAGAIN))
		return -ENOBUFS;
	*chan = (struct fuzz_chan){ .handle = handle, .there = true };
	set_room(chan);
	if (fuzz_roll(10) == 0)
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
		.mps = (uint16_t)(64 + fuzz_roll(40)),
		.credits = (uint16_t)fuzz_roll(4),
		.security = { .level = fuzz_roll(8) == 0 ? 2 : 0 },
	};

	return params;
}

static enum rt_l2cap_verdict
on_check(void *ctx, const struct rt_l2cap_gate_request *request,
	 struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)ctx;
	(void)request;
	return fuzz_roll(3) ? RT_L2CAP_ALLOW
			    : (enum rt_l2cap_verdict)fuzz_roll(
				      RT_L2CAP_NO_ENCRYPTION + 1);
}

static const struct rt_sec_need none;
static const struct rt_l2cap_gate gate = { .check = on_check };

static bool on_pdu(void *ctx, struct rt_addr peer, bool sent, uint16_t cid,
		   struct rt_bytes payload)
{
	(void)ctx;
	(void)peer;
	(void)sent;
	(void)cid;
	(void)payload;
	return fuzz_roll(8) > 0;
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
	const size_t count = 1 + fuzz_roll(5);
	rt_handle handles[5];
	struct fuzz_chan *chan;

	if (rt_l2cap_connect_many(bench.l2cap, bench_addr(1), 0x1001, &params,
				  count, handles) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		chan = free_chan();
		if (!chan) {
			rt_l2cap_abandon(bench.l2cap, handles[i]);
			continue;
		}
		*chan = (struct fuzz_chan){ .handle = handles[i],
					    .there = true };
		set_room(chan);
	}
}

static void reconfigure(void)
{
	rt_handle handles[5];
	const size_t count = 1 + fuzz_roll(3);

	for (size_t i = 0; i < count; i++)
		handles[i] = fuzz_chans[fuzz_roll(FUZZ_CHANS)].handle;
	if (rt_l2cap_reconfigure(bench.l2cap, handles, count,
				 (uint16_t)(150 + fuzz_roll(50)),
				 (uint16_t)(64 + fuzz_roll(60))) == 0)
		return;
}

static void act(void)
{
	struct fuzz_chan *chan = &fuzz_chans[fuzz_roll(FUZZ_CHANS)];
	const rt_handle handle = chan->handle;

	switch (fuzz_roll(10)) {
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
		if (rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), 0x1001, &none,
				      rt_bytes(body, fuzz_roll(40))) < 0)
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

/* Takes what we send; some of it stays with the controller for a while. */
static void pull_some(void)
{
	uint8_t pdu[400];
	size_t len;

	for (unsigned int i = fuzz_roll(10); i > 0; i--) {
		if (bench.link->state != RT_HCI_LINK_OPEN ||
		    bench.link->sent_count > 40)
			break;
		len = fake_link_pull(bench.link, pdu, sizeof(pdu));
		if (len >= 16 - 4 && pdu[2] == 1 && pdu[3] == 0 && len < 64)
			fuzz_peer_answers(pdu, RT_MAX(len, 16));
	}
	if (bench.link->sent_count > 0)
		fake_link_complete(
			bench.link,
			fuzz_roll((unsigned int)bench.link->sent_count + 1),
			fuzz_roll(10) > 0);
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
	switch (fuzz_roll(8)) {
	case 0:
		act();
		return;
	case 1:
	case 2:
		act();
		pull_some();
		return;
	case 3:
		bench_wait_ms(fuzz_roll(30) ? fuzz_roll(300)
					    : fuzz_roll(70000));
		return;
	case 4:
		bench.fake.allocs_left =
			fuzz_roll(10) ? SIZE_MAX : fuzz_roll(5);
		fuzz_peer_acts();
		pull_some();
		bench.fake.allocs_left = SIZE_MAX;
		return;
	case 5:
		rt_l2cap_set_tap(bench.l2cap, fuzz_roll(20) ? NULL : &tap,
				 NULL);
		if (fuzz_roll(40) == 0)
			fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
		return;
	default:
		fuzz_peer_acts();
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
	memset(fuzz_chans, 0, sizeof(fuzz_chans));
	ck_assert_int_eq(rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm),
			 0);
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1001, &none,
					     &ucd_ops, NULL),
			 0);
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	for (unsigned int i = 0; i < STEPS; i++) {
		move();
		step();
	}
}

static void finish(void)
{
	if (fuzz_roll(2) && bench.link->state == RT_HCI_LINK_OPEN) {
		fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
		step();
		for (size_t i = 0; i < FUZZ_CHANS; i++)
			ck_assert(!fuzz_chans[i].there);
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
