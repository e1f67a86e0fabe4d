/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/stages.h"
#include "tests/regress/l2cap_tables.h"

/*
 * L2C-14 to L2C-17, L2C-19: something goes away while something else still
 * means it.
 */

static const enum rt_l2cap_mode modes[] = {
	RT_L2CAP_MODE_BASIC,
	RT_L2CAP_MODE_ERTM,
	RT_L2CAP_MODE_STREAMING,
};

static void again(void)
{
	lt_teardown();
	lt_setup();
}

/* Calls all there is for a channel that may have gone. */
static void call_everything(rt_handle chan)
{
	struct rt_l2cap_info info;
	const rt_handle chans[] = { chan };

	rt_l2cap_ready(bench.l2cap, chan);
	rt_l2cap_set_room(bench.l2cap, chan, 10);
	(void)!rt_l2cap_get_info(bench.l2cap, chan, &info);
	(void)!rt_l2cap_accept(bench.l2cap, chan);
	(void)!rt_l2cap_reconfigure(bench.l2cap, chans, 1, 100, 100);
	(void)!rt_l2cap_send_raw(bench.l2cap, bench_addr(1), 0x40,
				 rt_bytes((const uint8_t *)"x", 1));
	rt_l2cap_close(bench.l2cap, chan);
	rt_l2cap_abandon(bench.l2cap, chan);
	rt_l2cap_close(bench.l2cap, chan);
}

static void link_breaks(void)
{
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	bench.link = NULL;
}

START_TEST(a_link_that_breaks_before_the_answer_is_sent_does_no_harm)
{
	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < stage_command_count; i++) {
			stage_reach((enum stage)stage, WE_INITIATE);
			lt_raw(1, "%s", stage_commands[i]);
			link_breaks(); /* before anything is pulled */
			bench_step();
			ck_assert_uint_eq(APP->closed,
					  APP->handle != 0 ? 1 : 0);
			lt_wait(400000);
			again();
		}
	}
}
END_TEST

START_TEST(a_link_that_breaks_while_the_answer_is_sent_does_no_harm)
{
	uint8_t pdu[100];

	for (int stage = 0; stage < STAGES; stage++) {
		for (size_t i = 0; i < stage_command_count; i++) {
			stage_reach((enum stage)stage, WE_INITIATE);
			lt_raw(1, "%s", stage_commands[i]);
			while (fake_link_pull(bench.link, pdu, sizeof(pdu)) > 0)
				;
			link_breaks(); /* they are not completed */
			lt_wait(400000);
			again();
		}
	}
}
END_TEST

START_TEST(calls_in_the_instant_in_which_the_link_breaks_do_no_harm)
{
	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (int stage = STAGE_CONNECTING; stage < STAGES; stage++) {
			lt_mode(modes[m], true);
			stage_reach((enum stage)stage, WE_INITIATE);
			link_breaks();
			call_everything(APP->handle);
			bench_step();
			call_everything(APP->handle);
			ck_assert_uint_eq(APP->closed, 1);
			ck_assert(rt_l2cap_is_idle(bench.l2cap) ||
				  !WE_INITIATE);
			again();
		}
	}
}
END_TEST

enum ending {
	WE_CLOSE,
	WE_ABANDON,
	PEER_CLOSES,
	LINK_BREAKS,
	ENDINGS,
};

static void end(enum ending ending)
{
	switch (ending) {
	case WE_CLOSE:
		rt_l2cap_close(bench.l2cap, APP->handle);
		break;
	case WE_ABANDON:
		rt_l2cap_abandon(bench.l2cap, APP->handle);
		break;
	case PEER_CLOSES:
		lt_ask(DISC_REQ, "%04x %04x", LE(lt.iut), LE(LT_CID));
		break;
	case LINK_BREAKS:
		link_breaks();
		break;
	case ENDINGS:
		break;
	}
}

/* The channel ends in the instant in which timer number `n` is due. */
static void end_at_timer(enum ending ending, int n, bool timer_first)
{
	uint64_t due_us;

	for (int i = 0; i <= n; i++) {
		if (!rt_timers_next(&bench.env->timers, &due_us))
			return;
		bench.env->now_us = RT_MAX(due_us, bench.env->now_us);
		if (i < n) {
			bench_step();
			lt_pump();
		}
	}
	if (timer_first)
		bench_step();
	if (!APP->closed)
		end(ending);
	bench_step();
	lt_wait(400000);
	ck_assert_uint_eq(APP->closed, ending == WE_ABANDON ? APP->closed : 1);
}

START_TEST(a_timer_in_the_instant_of_the_end_does_no_harm)
{
	for (int i = 0; i < STAGES * ENDINGS * 6 * 2; i++) {
		const enum stage stage = (enum stage)(i % STAGES);
		const enum ending ending = (enum ending)(i / STAGES % ENDINGS);

		if (stage == STAGE_LINK)
			continue;
		for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
			lt_mode(modes[m], true);
			stage_reach(stage, WE_INITIATE);
			if (stage == STAGE_OPEN) {
				app_send_bytes(20);
				if (modes[m] == RT_L2CAP_MODE_ERTM)
					lt_i(0, 0, UNSEGMENTED, "a1");
				lt_pump();
			}
			end_at_timer(ending, i / STAGES / ENDINGS % 6,
				     i / STAGES / ENDINGS / 6);
			again();
		}
	}
}
END_TEST

START_TEST(a_listener_that_goes_while_a_peer_waits_is_not_called)
{
	unsigned int told;

	for (int stage = 0; stage < STAGES; stage++) {
		stage_reach((enum stage)stage, false);
		rt_l2cap_unlisten(bench.l2cap, LT_PSM);
		told = APP->opened + APP->closed;
		if (stage < STAGE_OPEN)
			told = 0;
		/* Whatever the peer goes on with. */
		lt_answer(0, "%s", "");
		lt_ask(CONF_REQ, "%04x 0000", LE(lt.iut));
		lt_wait(400000);
		if (stage < STAGE_OPEN)
			ck_assert_uint_eq(APP->opened + APP->closed, told);
		lt_forget();
		lt_ping();
		again();
	}
}
END_TEST

START_TEST(a_channel_that_goes_while_features_are_awaited_does_no_harm)
{
	for (int ending = 0; ending < ENDINGS; ending++) {
		lt.silent = true;
		lt_mode(RT_L2CAP_MODE_ERTM, false);
		lt_connect(WE_INITIATE);
		end((enum ending)ending);
		lt_wait(60000); /* the information request times out */
		ck_assert_uint_eq(APP->opened, 0);
		again();
	}
}
END_TEST

/* A peer that falls silent, again and again, at this point. */
static void silent_peer(enum stage stage, bool we_initiate)
{
	for (int i = 0; i < 40; i++) {
		lt.cid = (uint16_t)(LT_CID + i);
		app_forget();
		app.answer = 0;
		if (we_initiate) {
			app_connect();
			lt_expect(CONN_REQ);
			lt.iut = lt_le16(&lt.last, 2);
			if (stage > STAGE_CONNECTING)
				lt_send(CONN_RSP, lt.last.ident,
					"%04x %04x 0000 0000", LE(lt.cid),
					LE(lt.iut));
		} else {
			lt_ask(CONN_REQ, "%04x %04x", LE(LT_PSM), LE(lt.cid));
			lt_expect(CONN_RSP);
			lt.iut = lt_le16(&lt.last, 0);
		}
		if (stage > STAGE_CONFIGURING && lt_has(CONF_REQ)) {
			lt_expect_conf_req();
			lt_agree();
		}
		if (stage == STAGE_OPEN)
			lt_configure("%s", "");
		lt_wait(100000);
		ck_assert(APP->closed == 1 || APP->opened == 1);
		ck_assert(stage == STAGE_OPEN || APP->closed == 1);
		if (stage == STAGE_OPEN)
			rt_l2cap_close(bench.l2cap, APP->handle);
		lt_wait(100000);
		ck_assert_uint_eq(APP->closed, 1);
		lt_forget();
	}
}

START_TEST(channels_of_a_peer_that_falls_silent_open_or_close)
{
	for (int stage = STAGE_CONNECTING; stage <= STAGE_OPEN; stage++) {
		app_listen();
		lt_link();
		if (stage != STAGE_CONNECTING || WE_INITIATE)
			silent_peer((enum stage)stage, WE_INITIATE);
		again();
	}
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-14", "IA",
	       a_link_that_breaks_before_the_answer_is_sent_does_no_harm),
	TAGGED("L2C-14", "IA",
	       a_link_that_breaks_while_the_answer_is_sent_does_no_harm),
	TAGGED("L2C-15", "IA",
	       calls_in_the_instant_in_which_the_link_breaks_do_no_harm),
	TAGGED("L2C-16", "IA", a_timer_in_the_instant_of_the_end_does_no_harm),
	TAGGED("L2C-17", "IA",
	       a_listener_that_goes_while_a_peer_waits_is_not_called),
	TAGGED("L2C-17", "IA",
	       a_channel_that_goes_while_features_are_awaited_does_no_harm),
	TAGGED("L2C-19", "IA",
	       channels_of_a_peer_that_falls_silent_open_or_close),
};

const struct tagged_table l2c_life_table = L2CAP_TABLE(rows);
