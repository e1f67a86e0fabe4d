/* SPDX-License-Identifier: MIT */
#include "tests/regress/rfc_peer.h"
#include "tests/regress/rfc_tables.h"

/*
 * Frames that cross: both sides do something at once.
 */

static const char *const frames[] = {
	"SABM 0", "UA 0", "DM 0", "DISC 0", "SABM 2", "UA 2", "DM 2", "DISC 2",
};
#define FRAMES 8

/* What we do in between. */
static void act(int what)
{
	switch (what) {
	case 0:
		return;
	case 1:
		rt_rfcomm_close(bench.rfcomm, script.a.dlc);
		return;
	default:
		/* To a channel with the DLCI of the other direction, too. */
		if (rt_rfcomm_get_info(bench.rfcomm, script.b.dlc,
				       &(struct rt_rfcomm_info){ 0 }))
			connect_port(&script.b, 2, 4 * N1);
		return;
	}
}

static void peer_if_open(const char *what)
{
	const struct fake_chan *chan = fake_find(&bench.l2cap, bench.chan);

	if (chan && (chan->state == FAKE_OPEN || chan->state == FAKE_CLOSING))
		peer(what);
}

/* Two frames, and what we do before or between them. The first comes again. */
static void cross(const char *first, const char *second, int what, int when)
{
	act(when == 0 ? what : 0);
	peer_if_open(first);
	act(when == 1 ? what : 0);
	peer_if_open(second);
	tx_discard();
	bench_step();
	peer_if_open(first);
	tx_discard();
	bench_step();
}

/*
 * RFC-13: from each state, each two of SABM, UA, DM and DISC on DLCI 0 and on
 * the DLC, and whatever we do at the same time. Afterwards an honest peer gets
 * us to the end, no channel is left, and the next DLC opens.
 */
START_TEST(whatever_crosses_ends_and_the_next_attempt_works)
{
	for (int stage = 0; stage < STAGES; stage++) {
		for (int i = 0; i < 5 * FRAMES * FRAMES; i++) {
			/* Nothing at any time is the same. */
			const int turn = i / (FRAMES * FRAMES) + 1;

			reach(WE_INITIATE, (enum stage)stage);
			cross(frames[i / FRAMES % FRAMES], frames[i % FRAMES],
			      turn / 2, turn % 2);
			recover();
		}
	}
}
END_TEST

/* RFC-13: the case itself. No channel is left, whether answers come or not. */
START_TEST(disc_on_dlci_0_from_both_sides_leaves_no_channel)
{
	for (int answered = 0; answered < 2; answered++) {
		reach(WE_INITIATE, STAGE_DISC_0);
		peer("DISC 0");
		we("UA 0");
		if (answered)
			peer("UA 0");
		if (!WE_INITIATE)
			bench_wait_us(RT_RFCOMM_LINGER_US);
		l2cap_closes();
		ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-13", "IA",
	       whatever_crosses_ends_and_the_next_attempt_works),
	TAGGED("RFC-13", "IA",
	       disc_on_dlci_0_from_both_sides_leaves_no_channel),
};

const struct tagged_table rfc_cross_table = TABLE(rows);
