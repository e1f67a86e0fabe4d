/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/ecfc_fuzz.h"

/* The peer: it knows what it may send, and mostly does that. */

struct frame {
	uint8_t data[200];
	size_t len;
};

static void put16(struct frame *f, unsigned int x)
{
	f->data[f->len++] = (uint8_t)x;
	f->data[f->len++] = (uint8_t)(x >> 8);
}

/* A command whose data are put behind it; sent by send(). */
static struct frame command(unsigned int code, uint8_t ident)
{
	struct frame f = { .data = { (uint8_t)code, ident }, .len = 4 };

	return f;
}

static void send(struct frame *f)
{
	f->data[2] = (uint8_t)(f->len - 4);
	if (fuzz_roll(30) == 0)
		f->data[fuzz_roll((unsigned int)f->len)] ^=
			(uint8_t)(1 + fuzz_roll(255));
	if (fuzz_roll(40) == 0)
		f->len = fuzz_roll((unsigned int)f->len + 1);
	fake_link_rx(bench.link, 0x0001, f->data, f->len);
}

/* The ids of the peer's channels. */
static unsigned int their_cid(void)
{
	return fuzz_roll(20) ? 0x50 + fuzz_roll(30) : fuzz_roll(0x60);
}

static unsigned int our_cid(void)
{
	return fuzz_roll(20) ? 0x40 + fuzz_roll(20) : fuzz_roll(0x60);
}

static void peer_connects(void)
{
	struct frame f = command(0x17, (uint8_t)(1 + fuzz_roll(4)));
	const unsigned int count = 1 + fuzz_roll(5);

	put16(&f, fuzz_roll(10) ? 0x1001 : 0x1003);
	put16(&f, fuzz_roll(10) ? 180 : 60);
	put16(&f, fuzz_roll(10) ? 70 : 60);
	put16(&f, fuzz_roll(5));
	for (unsigned int i = 0; i < count; i++)
		put16(&f, their_cid());
	send(&f);
}

static void peer_reconfigures(void)
{
	struct frame f = command(0x19, (uint8_t)(1 + fuzz_roll(4)));
	const unsigned int count = 1 + fuzz_roll(3);

	put16(&f, 170 + fuzz_roll(40));
	put16(&f, 60 + fuzz_roll(40));
	for (unsigned int i = 0; i < count; i++)
		put16(&f, their_cid());
	send(&f);
}

static void peer_gives(void)
{
	struct frame f = command(0x16, (uint8_t)(1 + fuzz_roll(4)));

	put16(&f, their_cid());
	put16(&f, fuzz_roll(100) ? fuzz_roll(6) : 0xffff);
	send(&f);
}

static void peer_disconnects(void)
{
	struct frame f = command(0x06, (uint8_t)(1 + fuzz_roll(4)));

	put16(&f, our_cid());
	put16(&f, their_cid());
	send(&f);
}

/* A K-frame of any kind to any channel. */
static void peer_errs(void)
{
	struct frame f = { .len = 0 };
	const unsigned int len = fuzz_roll(70);

	if (fuzz_roll(2))
		put16(&f, fuzz_roll(3) ? len : len + fuzz_roll(80));
	memset(f.data + f.len, 0xd5, len);
	fake_link_rx(bench.link, (uint16_t)our_cid(), f.data, f.len + len);
}

/* The next K-frame of an SDU, if the peer has a credit for it. */
static void peer_sends(void)
{
	struct fuzz_chan *chan = &fuzz_chans[fuzz_roll(FUZZ_CHANS)];
	struct frame f = { .len = 0 };
	struct rt_l2cap_info info;
	unsigned int len;

	if (fuzz_roll(150) == 0) {
		peer_errs();
		return;
	}
	if (!chan->opened ||
	    rt_l2cap_get_info(bench.l2cap, chan->handle, &info) < 0 ||
	    !info.open || info.rx_credits == 0)
		return;
	if (chan->rest == 0) {
		chan->rest = fuzz_roll(info.imtu + 1U);
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

	put16(&f, fuzz_roll(4) ? 0x1001 : 0x1003);
	fake_link_rx(bench.link, 0x0002, f.data, f.len + fuzz_roll(10));
}

void fuzz_peer_answers(const uint8_t *pdu, size_t len)
{
	struct frame f = { .len = 0 };
	const uint8_t ident = pdu[5];
	const uint8_t *data = pdu + 8;
	const unsigned int ids = (unsigned int)(len - 16) / 2;

	if (fuzz_roll(6) == 0)
		return;
	switch (pdu[4]) {
	case 0x06:
		f = command(0x07, ident);
		memcpy(f.data + 4, data, 4);
		f.len = 8;
		break;
	case 0x0a:
		f = command(0x0b, ident);
		put16(&f, data[0]);
		put16(&f, 0);
		put16(&f, data[0] == 2 ? 0x0780 : 100);
		if (data[0] == 2)
			put16(&f, 0);
		break;
	case 0x17:
		f = command(0x18, ident);
		put16(&f, 180);
		put16(&f, 70);
		put16(&f, fuzz_roll(5));
		put16(&f, fuzz_roll(3) ? 0 : fuzz_roll(18));
		for (unsigned int i = 0; i < ids; i++)
			put16(&f, fuzz_roll(6) ? their_cid() : 0);
		break;
	case 0x19:
		f = command(0x1a, ident);
		put16(&f, fuzz_roll(3) ? 0 : fuzz_roll(5));
		break;
	default:
		return;
	}
	send(&f);
}

void fuzz_peer_acts(void)
{
	switch (fuzz_roll(12)) {
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
