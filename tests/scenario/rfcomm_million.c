/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "rfcomm/check.h"
#include "tests/scenario/rfcomm_seeds.h"
#include "tests/unit/rfcomm/pair.h"

/*
 * A million frames, with credits and without a stall: whatever counts frames,
 * credits or octets in too few bits comes to its end on the way.
 */

#define FRAMES 1000000
#define N1 23
#define ROOM 4000
#define PERIOD 251 /* of the octets: no frame is like the one before it */

struct end {
	size_t host;
	rt_handle dlc;
	bool opened, closed;
	uint64_t length, pulled, received;
	struct rt_reason why;
};

static struct end end[2];
static uint8_t pattern[PERIOD + N1];

static struct rt_rfcomm *engine_of(const struct end *e)
{
	return pair.host[e->host].rfcomm;
}

static void on_opened(void *user, rt_handle dlc)
{
	struct end *e = user;

	ck_assert(!e->opened && e->dlc == dlc);
	e->opened = true;
	rt_rfcomm_ready(engine_of(e), dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct end *e = user;

	ck_assert(!e->closed && e->dlc == dlc);
	e->closed = true;
	e->why = *why;
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct end *e = user;

	ck_assert(data.len <= N1);
	ck_assert(memcmp(data.ptr, pattern + e->received % PERIOD, data.len) ==
		  0);
	e->received += data.len;
	rt_rfcomm_set_room(engine_of(e), dlc, ROOM);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	struct end *e = user;
	const size_t n = (size_t)RT_MIN(max, e->length - e->pulled);

	(void)dlc;
	if (n == 0)
		return false;
	pdu->body[0] = rt_bytes(pattern + e->pulled % PERIOD, n);
	pdu->done.bytes = (uint32_t)n;
	e->pulled += n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	(void)user;
	(void)dlc;
	(void)done;
	ck_assert(written);
}

static int on_incoming(void *user, rt_handle dlc);

static const struct rt_rfcomm_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static int on_incoming(void *user, rt_handle dlc)
{
	struct end *e = user;

	e->dlc = dlc;
	return 0;
}

static void start(bool both)
{
	struct rt_rfcomm_params params = {
		.ops = &ops,
		.user = &end[1],
		.frame_bytes = N1,
		.room_bytes = ROOM,
	};
	uint8_t channel;

	pair_setup(1);
	pair.latency_us = 1000;
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i % PERIOD * 89 + 7);
	for (size_t i = 0; i < 2; i++)
		end[i] = (struct end){ .host = i };
	end[0].length = (uint64_t)FRAMES * N1;
	end[1].length = both ? end[0].length : 0;
	ck_assert(rt_rfcomm_listen(pair.host[1].rfcomm, 1, &params, &channel) ==
		  0);
	params.user = &end[0];
	ck_assert(rt_rfcomm_connect(pair.host[0].rfcomm, pair_addr(1), 1,
				    &params, &end[0].dlc) == 0);
}

/* What went through in all adds up, as nothing is on the way any more. */
static void compare_credits(void)
{
	struct rt_rfcomm_credits total[2];

	for (size_t i = 0; i < 2; i++)
		ck_assert(rt_rfcomm_check_credits(engine_of(&end[i]),
						  end[i].dlc, &total[i]) == 0);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(total[i].granted == total[1 - i].given);
		ck_assert(total[i].used == total[1 - i].taken);
	}
}

void seed_million(bool both)
{
	struct rt_rfcomm_info info;
	uint64_t before;

	start(both);
	do {
		before = end[0].received + end[1].received;
		pair_run_us(RT_SECONDS(1));
		/* Something arrives in each second, or it has stalled. */
		ck_assert(end[0].received + end[1].received > before);
	} while (end[1].received < end[0].length ||
		 end[0].received < end[1].length);
	pair_run_us(RT_SECONDS(1));
	ck_assert(end[0].received == end[1].length);
	ck_assert(end[1].received == end[0].length);
	compare_credits();
	ck_assert(rt_rfcomm_get_info(pair.host[0].rfcomm, end[0].dlc, &info) ==
		  0);
	ck_assert(info.tx_frames >= FRAMES);
	ck_assert(info.tx_bytes == end[0].length);
	rt_rfcomm_close(pair.host[0].rfcomm, end[0].dlc);
	pair_run_us(RT_SECONDS(10));
	ck_assert(end[0].closed && end[0].why.code == RT_RFCOMM_CLOSED);
	ck_assert(end[1].closed && end[1].why.code == RT_RFCOMM_PEER_DISC);
	ck_assert(pair_is_idle());
	pair_teardown();
}
