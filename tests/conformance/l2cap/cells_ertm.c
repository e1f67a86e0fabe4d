/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/ertm.h"
#include "l2cap/link.h"
#include "tests/conformance/l2cap/frames.h"
#include "tests/unit/stack/suite.h"

/*
 * Each event in each state of the Enhanced Retransmission machines
 * (l2cap/ertm.def). A row is an event and what follows it in the six pairs of
 * states of transmitter (X XMIT, W WAIT_F) and receiver (R RECV, J REJ_SENT,
 * S SREJ_SENT), in the order XR XJ XS WR WJ WS; CC is a channel that is being
 * configured anew, DD one that is being disconnected, -- none.
 *
 * Before the event three I-frames of ours, 0 to 2, are not acknowledged, and
 * the tester's frame 0 has been received; of its others 1 is the next (R), or
 * 1 to 6 are missing (J), or 1 is, and 2 is kept (S). Each cell is tried with
 * room and without; without, the states are as legal, but not in the table.
 *
 * In each cell what must always hold does, and afterwards a peer that does as
 * it should gets everything through, once and in order, both ways.
 */

#define PAIRS 6
#define WINDOW 16
#define MISSING 6

static const char *const pairs[PAIRS] = { "XR", "XJ", "XS", "WR", "WJ", "WS" };

/* What the tester has sent and received. */
static struct {
	unsigned int fresh; /* TxSeq behind all that it has sent */
	unsigned int rx;    /* it awaits */
	bool sent[64];
} peer;

static struct rt_l2cap_chan *the_channel(void)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(bench.link);

	if (!link || rt_list_empty(&link->chans))
		return NULL;
	return RT_LIST_FIRST(&link->chans, struct rt_l2cap_chan, node);
}

static const char *state_now(void)
{
	const struct rt_l2cap_chan *chan = the_channel();
	static char text[3];
	const struct rt_l2cap_ertm *e;

	if (!chan)
		return "--";
	if (chan->state == RT_L2CAP_CHAN_CONFIG)
		return "CC";
	if (chan->state != RT_L2CAP_CHAN_OPEN)
		return "DD";
	e = chan->mode_state;
	text[0] = e->tx.state == RT_L2CAP_ERTM_XMIT ? 'X' : 'W';
	text[1] = e->rx.state == RT_L2CAP_ERTM_RECV	  ? 'R'
		  : e->rx.state == RT_L2CAP_ERTM_REJ_SENT ? 'J'
							  : 'S';
	return text;
}

static void holds(void)
{
	const char *wrong;

	rt_env_reap(bench.env);
	wrong = rt_l2cap_check(bench.l2cap);
	if (wrong)
		ck_abort_msg("%s", wrong);
}

/* The tester's frame number `tx`: always the same. */
static void frame(unsigned int tx, unsigned int req, unsigned int bits)
{
	char hex[3];

	snprintf(hex, sizeof(hex), "%02x", tx);
	peer.sent[tx] = true;
	if (tx >= peer.fresh)
		peer.fresh = tx + 1;
	lt_i(tx, req, bits, hex);
}

static void reach(const char *pair)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt.params.window = WINDOW;
	lt.max_transmit = 0;
	lt_open(true);
	memset(&peer, 0, sizeof(peer));
	frame(0, 0, UNSEGMENTED);
	lt_wait(300);
	for (int i = 0; i < 3; i++)
		app_send("0a");
	lt_forget();
	if (pair[1] == 'J')
		frame(1 + MISSING, 0, UNSEGMENTED);
	if (pair[1] == 'S')
		frame(2, 0, UNSEGMENTED);
	if (pair[0] == 'W')
		lt_wait(2100);
	lt_forget();
	holds();
	if (strcmp(state_now(), pair) != 0)
		ck_abort_msg("in %s instead of %s", state_now(), pair);
}

static bool is_kept(void)
{
	return strchr(state_now(), 'S');
}

/* The next new frame: behind what is kept, or what was dropped. */
static unsigned int next(void)
{
	return is_kept() ? 3 : 1;
}

static void i_expected(void)
{
	frame(next(), 0, UNSEGMENTED);
}

static void i_expected_final(void)
{
	frame(next(), 0, F);
}

static void i_expected_acks(void)
{
	frame(next(), 3, UNSEGMENTED);
}

static void i_missing(void)
{
	frame(1, 0, UNSEGMENTED);
}

static void i_missing_final(void)
{
	frame(1, 0, F);
}

static void i_gap(void)
{
	frame(next() + 1, 0, UNSEGMENTED);
}

static void i_gap_final(void)
{
	frame(next() + 1, 0, F);
}

static void i_far(void)
{
	frame(next() + MISSING, 0, UNSEGMENTED);
}

static void i_again(void)
{
	frame(0, 0, UNSEGMENTED);
}

static void i_again_final(void)
{
	frame(0, 0, F);
}

static void i_invalid(void)
{
	lt_i(40, 0, UNSEGMENTED, "ff");
}

static void i_wrong_req(void)
{
	lt_i(next(), 20, UNSEGMENTED, "ff");
}

static void i_start(void)
{
	lt_i(next(), 0, START, "0200 ff");
}

static void i_end_of_nothing(void)
{
	lt_i(next(), 0, END, "ff");
}

#define SUPERVISORY(name, function, req, bits)   \
	static void name(void)                   \
	{                                        \
		lt_s((function), (req), (bits)); \
	}

SUPERVISORY(rr, RR, 0, 0)
SUPERVISORY(rr_acks, RR, 3, 0)
SUPERVISORY(rr_final, RR, 0, F)
SUPERVISORY(rr_final_acks, RR, 3, F)
SUPERVISORY(rr_poll, RR, 0, P)
SUPERVISORY(rr_wrong, RR, 20, 0)
SUPERVISORY(rej, REJ, 1, 0)
SUPERVISORY(rej_final, REJ, 1, F)
SUPERVISORY(rej_poll, REJ, 1, P)
SUPERVISORY(rej_wrong, REJ, 3, 0)
SUPERVISORY(rnr, RNR, 1, 0)
SUPERVISORY(rnr_final, RNR, 1, F)
SUPERVISORY(rnr_poll, RNR, 1, P)
SUPERVISORY(rnr_wrong, RNR, 20, 0)
SUPERVISORY(srej, SREJ, 1, 0)
SUPERVISORY(srej_final, SREJ, 1, F)
SUPERVISORY(srej_poll, SREJ, 1, P)
SUPERVISORY(srej_wrong, SREJ, 3, 0)
SUPERVISORY(poll_and_final, RR, 0, P | F)

static void bad_fcs(void)
{
	lt_raw(lt.iut, "0100 ffff");
}

static void too_short(void)
{
	lt_raw(lt.iut, "01");
}

static void local_busy(void)
{
	app_room(0);
}

static void local_busy_clear(void)
{
	app_room(100000);
}

static void data_request(void)
{
	app_send("0b");
	lt_pump();
}

static void retransmission_timer(void)
{
	lt_wait(2100);
}

static void monitor_timer(void)
{
	lt_wait(14200);
}

static void reconfigured(void)
{
	lt_ask(CONF_REQ, "%04x 0000 0102 0002", LE(lt.iut));
}

static void user_closes(void)
{
	rt_l2cap_close(bench.l2cap, APP->handle);
}

static void peer_closes(void)
{
	lt_ask(DISC_REQ, "%04x %04x", LE(lt.iut), LE(LT_CID));
}

static void link_breaks(void)
{
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
}

static const struct event {
	const char *name;
	void (*happens)(void);
	const char *next;
} events[] = {
#define EVENT(name, next) { #name, name, next },
#include "tests/conformance/l2cap/cells_ertm.def"
#undef EVENT
};

/* A frame of ours, to a peer that does as it should. */
static void answer(const struct lt_frame *f)
{
	if (!f->supervisory) {
		if (f->tx == peer.rx)
			peer.rx++;
		return;
	}
	for (unsigned int tx = f->req; f->function == REJ && tx < peer.fresh;
	     tx++)
		frame(tx, peer.rx, UNSEGMENTED);
	if (f->function == SREJ)
		frame(f->req, peer.rx, UNSEGMENTED);
	if (f->bits & P)
		lt_s(RR, peer.rx, F);
}

/* Signalling of ours, if that is next. False if the channel is given up. */
static bool signalled(void)
{
	if (lt_has(DISC_REQ))
		return false;
	if (lt_has(CONF_REQ)) {
		lt_expect_conf_req();
		lt_agree();
	} else {
		lt.queued = 0; /* an answer of ours */
	}
	return true;
}

/* Rounds in which the peer does as it should. */
static void cooperate(void)
{
	struct lt_frame f;

	for (int i = 0; i < 40; i++) {
		for (lt_pump(); lt.queued > 0; lt_pump()) {
			if (lt.queue[0].cid == 1) {
				if (!signalled())
					return;
				continue;
			}
			f = lt_read_frame(lt_expect_pdu(lt.cid));
			answer(&f);
		}
		lt_s(RR, peer.rx, i % 4 == 3 ? P : 0);
		lt_wait(700);
	}
}

/* All that the tester sent has arrived, and so has all of ours. */
static void gets_through(void)
{
	for (unsigned int tx = 1; tx < peer.fresh; tx++)
		frame(tx, peer.rx, UNSEGMENTED);
	cooperate();
	if (APP->closed || strcmp(state_now(), "DD") == 0)
		return;
	ck_assert_uint_eq(APP->rx_count, peer.fresh);
	for (size_t i = 0; i < APP->rx_count; i++)
		ck_assert_uint_eq(APP->rx[i][0], i);
	ck_assert_uint_eq(APP->written, APP->tx_count);
	ck_assert_str_eq(state_now(), "XR");
}

static void is_live(const struct event *event)
{
	if (bench.link->state != RT_HCI_LINK_OPEN) {
		ck_assert_uint_eq(APP->closed, 1);
		return;
	}
	app_room(100000);
	if (event->happens == i_start || event->happens == i_invalid ||
	    event->happens == i_end_of_nothing) {
		lt_wait(400000); /* the sequence is spoilt: quiet is enough */
	} else if (strcmp(state_now(), "DD") != 0 &&
		   strcmp(state_now(), "--") != 0) {
		gets_through();
	}
	lt_wait(1000);
	if (lt_has(DISC_REQ))
		lt_is_gone();
	holds();
	lt.queued = 0;
	lt_ping();
}

/* Returns the states that follow. */
static const char *cell(const struct event *event, const char *pair, bool busy)
{
	static char next_states[3];

	lt_setup();
	reach(pair);
	if (busy) {
		app_room(0);
		lt_forget();
	}
	event->happens();
	holds();
	strcpy(next_states, state_now());
	is_live(event);
	lt_teardown();
	return next_states;
}

START_TEST(every_event_in_every_state_leads_where_it_shall)
{
	const struct event *event = &events[_i];
	char row[3 * PAIRS + 1] = "";

	for (size_t i = 0; i < PAIRS; i++) {
		if (i > 0)
			strcat(row, " ");
		strcat(row, cell(event, pairs[i], false));
	}
	ck_assert_msg(strcmp(row, event->next) == 0, "%s: %s, wanted %s",
		      event->name, row, event->next);
}
END_TEST

START_TEST(every_event_without_room_is_survived)
{
	for (size_t i = 0; i < PAIRS; i++)
		cell(&events[_i], pairs[i], true);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("l2cap/cells_ertm");
	TCase *tcase = tcase_create("cells");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase,
			    every_event_in_every_state_leads_where_it_shall, 0,
			    RT_ARRAY_SIZE(events));
	tcase_add_loop_test(tcase, every_event_without_room_is_survived, 0,
			    RT_ARRAY_SIZE(events));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
