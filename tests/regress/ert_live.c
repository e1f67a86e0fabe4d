/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "tests/conformance/l2cap/frames.h"
#include "tests/regress/l2cap_tables.h"
#include "tests/unit/stack/suite.h"

/*
 * ERT-05, ERT-08: whatever is lost, it goes on; and a peer that acknowledges
 * nothing is left when it has been asked often enough.
 */

#define SEEDS 300
#define SDUS 40
#define LOSS_PERCENT 20

static void open_ertm(bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt_open(we_initiate);
}

START_TEST(a_busy_peer_that_comes_back_gets_what_waits)
{
	open_ertm(WE_INITIATE);
	app_send("00");
	expect_i(0, 0, UNSEGMENTED, "00");
	lt_s(RNR, 0, 0);
	app_send("01");
	lt_wait(60000);
	while (lt.queued > 0)
		ck_assert(lt_read_frame(lt_expect_pdu(lt.cid)).supervisory);
	ck_assert_uint_eq(APP->closed, 0);
	lt_s(RR, 0, P | 0);
	lt_pump();
	lt_s(RR, 0, F); /* if we have polled */
	lt_wait(3000);
	lt_forget();
	lt_s(RR, 2, 0);
	lt_s(RR, 2, F);
	lt_wait(30000);
	ck_assert_uint_eq(APP->closed, 0);
	ck_assert_uint_eq(APP->written, 2);
}
END_TEST

START_TEST(a_lost_word_that_we_have_room_again_is_repeated)
{
	struct lt_frame f;

	lt.max_transmit = 0;
	open_ertm(WE_INITIATE);
	app_room(0);
	lt_i(0, 0, UNSEGMENTED, "a1");
	lt_wait(3000);
	lt_forget();
	app_room(100000);
	f = lt_read_frame(lt_expect_pdu(lt.cid));
	ck_assert(f.supervisory && f.function == RR && f.bits & P);
	lt_wait(13500); /* it was lost */
	f = lt_read_frame(lt_expect_pdu(lt.cid));
	ck_assert(f.supervisory && f.function == RR && f.bits & P);
	lt_s(RR, 0, F);
	lt_i(f.req, 0, UNSEGMENTED, "a2");
	ck_assert_uint_ge(APP->rx_count, 1);
	expect_ack(f.req + 1, 1900);
}
END_TEST

/* A peer that receives, and loses what goes by either way. */
struct receiver {
	uint64_t random;
	unsigned int expected; /* TxSeq */
	unsigned int got;      /* SDUs, each its number */
	bool rejected;
};

static bool is_lost(struct receiver *peer)
{
	return suite_random(&peer->random) % 100 < LOSS_PERCENT;
}

static void peer_says(struct receiver *peer, enum lt_function function,
		      unsigned int bits)
{
	if (!is_lost(peer))
		lt_s(function, peer->expected, bits);
}

static void peer_takes(struct receiver *peer, const struct lt_frame *f)
{
	if (f->supervisory) {
		if (f->bits & P) {
			peer->rejected = false;
			peer_says(peer, RR, F);
		}
		return;
	}
	if (f->tx == peer->expected) {
		ck_assert_uint_eq(f->len, 1);
		ck_assert_uint_eq(f->text[0], peer->got & 0xff);
		peer->got++;
		peer->expected = (peer->expected + 1) % 64;
		peer->rejected = false;
		peer_says(peer, RR, 0);
	} else if ((f->tx - peer->expected) % 64 < lt.tx_window &&
		   !peer->rejected) {
		peer->rejected = true;
		peer_says(peer, REJ, 0);
	}
}

static void transfer(uint64_t seed, bool we_initiate)
{
	struct receiver peer = { .random = seed };
	struct lt_frame f;
	char hex[3];

	lt.max_transmit = 0;
	open_ertm(we_initiate);
	for (unsigned int i = 0; i < SDUS; i++) {
		snprintf(hex, sizeof(hex), "%02x", i);
		app_send(hex);
	}
	for (int i = 0; i < 4000 && APP->written < SDUS; i++) {
		lt_pump();
		while (lt.queued > 0) {
			f = lt_read_frame(lt_expect_pdu(lt.cid));
			if (!is_lost(&peer))
				peer_takes(&peer, &f);
		}
		lt_wait(250);
	}
	ck_assert_uint_eq(peer.got, SDUS);
	ck_assert_uint_eq(APP->written, SDUS);
	ck_assert_uint_eq(APP->closed, 0);
}

START_TEST(whatever_is_lost_everything_arrives_once_and_in_order)
{
	const char *const one = getenv("RAWTOOTH_TEST_SEED");
	const char *const many = getenv("RAWTOOTH_TEST_SEEDS");
	const unsigned long seeds = many ? strtoul(many, NULL, 10) : SEEDS;

	if (one) {
		transfer(strtoull(one, NULL, 10), WE_INITIATE);
		return;
	}
	for (unsigned long seed = 1; seed <= seeds; seed++) {
		transfer(seed * UINT64_C(0x9e3779b97f4a7c15), WE_INITIATE);
		lt_teardown();
		lt_setup();
	}
}
END_TEST

/* Counts our polls until we give up; how long that took, in ms. */
static unsigned int polls_until_the_end(uint64_t *ret_ms)
{
	const uint64_t begin_us = bench.env->now_us;
	unsigned int polls = 0;
	struct lt_frame f;

	app_send("00");
	expect_i(0, 0, UNSEGMENTED, "00");
	while (!lt_has(DISC_REQ) && polls < 1000) {
		lt_wait(100);
		while (lt.queued > 0 && lt.queue[0].cid != 1) {
			f = lt_read_frame(lt_expect_pdu(lt.cid));
			ck_assert(f.supervisory && f.bits & P);
			polls++;
		}
		if (bench.env->now_us - begin_us > RT_MS(4000000))
			break;
	}
	*ret_ms = (bench.env->now_us - begin_us) / 1000;
	return polls;
}

START_TEST(a_silent_peer_is_left_after_max_transmit)
{
	uint64_t ms;

	for (unsigned int max = 1; max <= 255; max += max < 6 ? 1 : 83) {
		lt.max_transmit = (uint8_t)max;
		open_ertm(false);
		ck_assert_uint_eq(polls_until_the_end(&ms), max);
		ck_assert_uint_ge(ms, 1800 + max * 10800);
		ck_assert_uint_le(ms, 2300 + max * 13300);
		lt_is_closed(RT_L2CAP_MAX_TRANSMIT);
		ck_assert_uint_eq(APP->lost, 1);
		lt_teardown();
		lt_setup();
	}
}
END_TEST

START_TEST(a_silent_peer_without_max_transmit_is_asked_until_the_link_ends)
{
	uint64_t ms;

	lt.max_transmit = 0;
	open_ertm(false);
	ck_assert_uint_ge(polls_until_the_end(&ms), 250);
	ck_assert_uint_eq(APP->closed, 0);
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	bench_step();
	ck_assert_uint_eq(APP->closed, 1);
	ck_assert_uint_eq(APP->lost, 1);
}
END_TEST

START_TEST(a_peer_that_answers_and_acknowledges_nothing_is_left)
{
	unsigned int sent = 0;
	struct lt_frame f;

	lt.max_transmit = 3;
	open_ertm(false);
	app_send("00");
	for (int i = 0; i < 1000 && !lt_has(DISC_REQ); i++) {
		lt_wait(100);
		while (lt.queued > 0 && lt.queue[0].cid != 1) {
			f = lt_read_frame(lt_expect_pdu(lt.cid));
			sent += !f.supervisory;
			if (f.supervisory)
				lt_s(RR, 0, F);
		}
	}
	ck_assert_uint_eq(sent, 3);
	lt_is_closed(RT_L2CAP_MAX_TRANSMIT);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("ERT-05", "IA", a_busy_peer_that_comes_back_gets_what_waits),
	TAGGED("ERT-05", "IA", a_lost_word_that_we_have_room_again_is_repeated),
	TAGGED("ERT-05", "IA",
	       whatever_is_lost_everything_arrives_once_and_in_order),
	TAGGED("ERT-08", "A", a_silent_peer_is_left_after_max_transmit),
	TAGGED("ERT-08", "A",
	       a_silent_peer_without_max_transmit_is_asked_until_the_link_ends),
	TAGGED("ERT-08", "A",
	       a_peer_that_answers_and_acknowledges_nothing_is_left),
};

const struct tagged_table ert_live_table = L2CAP_TABLE(rows);
