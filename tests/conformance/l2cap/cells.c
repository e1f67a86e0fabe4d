/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/check.h"
#include "l2cap/link.h"
#include "tests/conformance/l2cap/script.h"
#include "tests/unit/stack/suite.h"

/*
 * Each event in each state of a channel (l2cap/chan.def). A row is an event
 * and the state that follows, for each state in the order of STATES below:
 *
 *	L WAIT_LINK  G WAIT_GATE  R WAIT_CONNECT_RSP  U GIVEN_UP
 *	S WAIT_SECURITY  A WAIT_CONNECT  C CONFIG  O OPEN
 *	D WAIT_DISCONNECT  N DRAIN	- gone	x cannot be: no link is up
 *
 * In NEW and CLOSED a channel never is between two calls: NEW is left before
 * the call that makes it returns, and CLOSED is freed at the end of the step.
 *
 * In each cell what must always hold does (l2cap/check.h), before and after;
 * the state machine itself asserts that the step is legal; and when everybody
 * falls silent then, the channel is open or gone, and the link still works.
 */

#define STATES "LGRUSACODN"
#define COUNT (sizeof(STATES) - 1)

static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict on_check(void *user,
				      const struct rt_l2cap_gate_request *req,
				      struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	(void)req;
	return verdict;
}

static void gate(enum rt_l2cap_verdict what)
{
	static const struct rt_l2cap_gate ops = { .check = on_check };

	verdict = what;
	rt_l2cap_set_gate(bench.l2cap, &ops, NULL);
}

static char letter(enum rt_l2cap_chan_state state)
{
	switch (state) {
	case RT_L2CAP_CHAN_WAIT_LINK:
		return 'L';
	case RT_L2CAP_CHAN_WAIT_GATE:
		return 'G';
	case RT_L2CAP_CHAN_WAIT_CONNECT_RSP:
		return 'R';
	case RT_L2CAP_CHAN_GIVEN_UP:
		return 'U';
	case RT_L2CAP_CHAN_WAIT_SECURITY:
		return 'S';
	case RT_L2CAP_CHAN_WAIT_CONNECT:
		return 'A';
	case RT_L2CAP_CHAN_CONFIG:
		return 'C';
	case RT_L2CAP_CHAN_OPEN:
		return 'O';
	case RT_L2CAP_CHAN_WAIT_DISCONNECT:
		return 'D';
	case RT_L2CAP_CHAN_DRAIN:
		return 'N';
	case RT_L2CAP_CHAN_NEW:
	case RT_L2CAP_CHAN_CLOSED:
		break;
	}
	return '?';
}

/* The first channel of the link, NULL if there is none. */
static struct rt_l2cap_chan *the_channel(void)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(bench.link);

	if (!link || rt_list_empty(&link->chans))
		return NULL;
	return RT_LIST_FIRST(&link->chans, struct rt_l2cap_chan, node);
}

static char state_now(void)
{
	const struct rt_l2cap_chan *chan = the_channel();

	return chan ? letter(chan->state) : '-';
}

static void holds(void)
{
	const char *wrong;

	rt_env_reap(bench.env);
	wrong = rt_l2cap_check(bench.l2cap);
	if (wrong)
		ck_abort_msg("%s", wrong);
}

/* The peer asks and is told "pending". */
static void ask_and_wait(void)
{
	lt_link();
	lt_ask(CONN_REQ, "%04x %04x", LE(LT_PSM), LE(LT_CID));
	lt_expect(CONN_RSP);
	lt.iut = lt_le16(&lt.last, 0);
}

static void reach_ours(char state)
{
	app_connect();
	lt_pump();
	lt.iut = the_channel()->scid;
	if (state == 'U')
		rt_l2cap_close(bench.l2cap, APP->handle);
}

/* An SDU is with the controller, and the peer has closed. */
static void drain(void)
{
	uint8_t pdu[100];

	app_send("01");
	while (fake_link_pull(bench.link, pdu, sizeof(pdu)) > 0)
		;
	lt_ask(DISC_REQ, "%04x %04x", LE(lt.iut), LE(LT_CID));
}

/* The same in CREDIT mode, where there is no CONFIG. */
static void reach_credit(char state)
{
	switch (state) {
	case 'L':
		app_ask();
		break;
	case 'G':
		gate(RT_L2CAP_WAIT_AUTHENTICATION);
		app_connect();
		break;
	case 'R':
	case 'U':
		reach_ours(state);
		break;
	case 'S':
	case 'A':
		if (state == 'S')
			gate(RT_L2CAP_WAIT_AUTHENTICATION);
		app.answer = -EAGAIN;
		app_listen();
		lt_link();
		lt_ask(CREDIT_CONN_REQ, "0110 4000 4000 0100 %04x", LE(LT_CID));
		lt.iut = the_channel()->scid;
		break;
	default:
		reach_ours('R');
		lt_expect(CREDIT_CONN_REQ);
		lt_send(CREDIT_CONN_RSP, lt.last.ident,
			"c800 4000 0a00 0000 %04x", LE(LT_CID));
		if (state == 'D')
			rt_l2cap_close(bench.l2cap, APP->handle);
		break;
	}
}

static void reach_configured(char state)
{
	switch (state) {
	case 'L':
		app_ask();
		break;
	case 'G':
		gate(RT_L2CAP_WAIT_AUTHENTICATION);
		app_connect();
		break;
	case 'R':
	case 'U':
		reach_ours(state);
		break;
	case 'S':
		gate(RT_L2CAP_WAIT_AUTHENTICATION);
		app_listen();
		ask_and_wait();
		break;
	case 'A':
		app.answer = -EAGAIN;
		app_listen();
		ask_and_wait();
		break;
	case 'C':
		lt_connect(true);
		break;
	default:
		lt_open(true);
		if (state == 'D')
			rt_l2cap_close(bench.l2cap, APP->handle);
		if (state == 'N')
			drain();
		break;
	}
}

static void reach(char state)
{
	if (lt.params.mode == RT_L2CAP_MODE_CREDIT)
		reach_credit(state);
	else
		reach_configured(state);
	if (state != 'N' && state != 'L')
		lt_forget();
	holds();
	if (state_now() != state)
		ck_abort_msg("in %c instead of %c", state_now(), state);
}

/* The identifier of the channel's request. */
static uint8_t ident(void)
{
	const struct rt_l2cap_chan *chan = the_channel();

	return chan && chan->req.ident ? chan->req.ident : 0x55;
}

#define SIGNALLING(name, code, id, ...)         \
	static void name(void)                  \
	{                                       \
		lt_send(code, id, __VA_ARGS__); \
	}

SIGNALLING(rejected, CMD_REJ, ident(), "0000")
SIGNALLING(cid_rejected, CMD_REJ, ident(), "0200 %04x %04x", LE(LT_CID),
	   LE(lt.iut))
SIGNALLING(asked_again, CONN_REQ, 0x71, "0110 %04x", LE(LT_CID))
SIGNALLING(connected, CONN_RSP, ident(), "%04x %04x 0000 0000", LE(LT_CID),
	   LE(lt.iut))
SIGNALLING(pending, CONN_RSP, ident(), "%04x %04x 0100 0000", LE(LT_CID),
	   LE(lt.iut))
SIGNALLING(refused, CONN_RSP, ident(), "0000 %04x 0200 0000", LE(lt.iut))
SIGNALLING(configured, CONF_REQ, 0x72, "%04x 0000", LE(lt.iut))
SIGNALLING(part, CONF_REQ, 0x72, "%04x 0100 0102 0002", LE(lt.iut))
SIGNALLING(too_small, CONF_REQ, 0x72, "%04x 0000 0102 0100", LE(lt.iut))
SIGNALLING(agreed, CONF_RSP, ident(), "%04x 0000 0000", LE(lt.iut))
SIGNALLING(unacceptable, CONF_RSP, ident(), "%04x 0000 0100 0102 0001",
	   LE(lt.iut))
SIGNALLING(config_refused, CONF_RSP, ident(), "%04x 0000 0200", LE(lt.iut))
SIGNALLING(config_unknown, CONF_RSP, ident(), "%04x 0000 0300 0100", LE(lt.iut))
SIGNALLING(config_pending, CONF_RSP, ident(), "%04x 0000 0400", LE(lt.iut))
SIGNALLING(disconnected, DISC_REQ, 0x73, "%04x %04x", LE(lt.iut), LE(LT_CID))
SIGNALLING(half_disconnected, DISC_REQ, 0x73, "%04x 7777", LE(lt.iut))
SIGNALLING(disconnection_answered, DISC_RSP, ident(), "%04x %04x", LE(LT_CID),
	   LE(lt.iut))
SIGNALLING(echo_asked, ECHO_REQ, 0x74, "0102")
SIGNALLING(echo_answered, ECHO_RSP, ident(), "0102")
SIGNALLING(info_asked, INFO_REQ, 0x75, "0200")
SIGNALLING(info_answered, INFO_RSP, ident(), "0200 0000 b807 0000")
SIGNALLING(credits_given, CREDIT_IND, 0x76, "%04x 0100", LE(LT_CID))
SIGNALLING(credit_asked, CREDIT_CONN_REQ, 0x77, "0110 4000 4000 0100 %04x",
	   LE(LT_CID))
SIGNALLING(credit_answered, CREDIT_CONN_RSP, ident(),
	   "4000 4000 0100 0000 %04x", LE(LT_CID))
SIGNALLING(reconf_asked, CREDIT_RECONF_REQ, 0x78, "4000 4000 %04x", LE(LT_CID))
SIGNALLING(reconf_answered, CREDIT_RECONF_RSP, ident(), "0000")
SIGNALLING(unknown_code, 0x30, 0x79, "0000")

static void data(void)
{
	lt_raw(lt.iut, "0102");
}

static void user_closes(void)
{
	rt_l2cap_close(bench.l2cap, APP->handle);
}

static void user_abandons(void)
{
	rt_l2cap_abandon(bench.l2cap, APP->handle);
}

static void user_accepts(void)
{
	(void)!rt_l2cap_accept(bench.l2cap, APP->handle);
}

static void user_has_data(void)
{
	app_send("01");
}

static void user_has_no_room(void)
{
	rt_l2cap_set_room(bench.l2cap, APP->handle, 0);
}

static void user_reconfigures(void)
{
	(void)!rt_l2cap_reconfigure(bench.l2cap, &APP->handle, 1, 100, 100);
}

static void listener_goes(void)
{
	rt_l2cap_unlisten(bench.l2cap, LT_PSM);
}

static void gate_opens(void)
{
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step(); /* it is asked on a fresh stack */
}

static void gate_shuts(void)
{
	gate(RT_L2CAP_NO_AUTHENTICATION);
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step(); /* it is asked on a fresh stack */
}

static void timer_expires(void)
{
	uint64_t due_us;

	if (!rt_timers_next(&bench.env->timers, &due_us))
		return;
	bench.env->now_us = RT_MAX(due_us, bench.env->now_us);
	bench_step();
}

static void half_a_minute(void)
{
	bench_wait_ms(30000);
}

static void controller_is_done(void)
{
	fake_link_complete(bench.link, bench.link->sent_count, true);
}

static void link_opens(void)
{
	if (bench.link->state == RT_HCI_LINK_CONNECTING)
		fake_link_up(bench.link);
}

static void link_breaks(void)
{
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
}

/* What happens, whether it needs a link that is up, and what follows. */
static const struct event {
	const char *name;
	void (*happens)(void);
	bool needs_link;
	const char *next;
} events[] = {
#define EVENT(name, next) { #name, name, true, next },
#define LOCAL(name, next) { #name, name, false, next },
#include "tests/conformance/l2cap/cells.def"
#undef EVENT
#undef LOCAL
};

/* Everybody is silent: the channel is open or gone, the link works. */
static void is_live(void)
{
	char state;

	if (bench.link->state == RT_HCI_LINK_CLOSED) {
		ck_assert_int_eq(state_now(), '-');
		return;
	}
	if (bench.link->state != RT_HCI_LINK_OPEN)
		return; /* HCI will end it */
	lt_wait(400000);
	holds();
	state = state_now();
	if (state != 'O' && state != '-' &&
	    !(state == 'N' && bench.link->sent_count > 0))
		ck_abort_msg("for ever in %c", state);
	lt_forget();
	lt_ping();
}

/*
 * Cells that cannot be: no link is up; CREDIT is not configured; the other
 * modes keep no SDU of the user with the controller.
 */
static bool cannot_be(const struct event *event, char state,
		      enum rt_l2cap_mode mode)
{
	return (state == 'L' && event->needs_link) ||
	       (state == 'C' && mode == RT_L2CAP_MODE_CREDIT) ||
	       (state == 'N' && mode != RT_L2CAP_MODE_BASIC);
}

static char cell(const struct event *event, char state, enum rt_l2cap_mode mode)
{
	char next;

	if (cannot_be(event, state, mode))
		return 'x';
	lt_setup();
	lt_mode(mode, true);
	reach(state);
	event->happens();
	holds();
	next = state_now();
	is_live();
	lt_teardown();
	return next;
}

START_TEST(every_event_in_every_state_leads_where_it_shall)
{
	const struct event *event = &events[_i];
	char next[COUNT + 1] = "";

	for (size_t i = 0; i < COUNT; i++)
		next[i] = cell(event, STATES[i], RT_L2CAP_MODE_BASIC);
	ck_assert_msg(strcmp(next, event->next) == 0, "%s: %s, wanted %s",
		      event->name, next, event->next);
}
END_TEST

START_TEST(every_event_in_every_state_is_survived_in_every_mode)
{
	static const enum rt_l2cap_mode modes[] = {
		RT_L2CAP_MODE_ERTM,
		RT_L2CAP_MODE_STREAMING,
		RT_L2CAP_MODE_CREDIT,
	};

	for (size_t m = 0; m < RT_ARRAY_SIZE(modes); m++) {
		for (size_t i = 0; i < COUNT; i++)
			cell(&events[_i], STATES[i], modes[m]);
	}
}
END_TEST

/* Each state of chan.def is a column here, or one of the two above. */
START_TEST(every_state_has_a_column)
{
	static const enum rt_l2cap_chan_state states[] = {
#define STATE(name, stay_ms, next) RT_L2CAP_CHAN_##name,
#define WHY(name, text)
#include "l2cap/chan.def"
#undef STATE
#undef WHY
	};

	ck_assert_uint_eq(RT_ARRAY_SIZE(states), COUNT + 2);
	for (size_t i = 0; i < RT_ARRAY_SIZE(states); i++)
		ck_assert(letter(states[i]) == '?' ||
			  strchr(STATES, letter(states[i])));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("l2cap/cells");
	TCase *tcase = tcase_create("cells");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, every_state_has_a_column);
	tcase_add_loop_test(tcase,
			    every_event_in_every_state_leads_where_it_shall, 0,
			    RT_ARRAY_SIZE(events));
	tcase_add_loop_test(
		tcase, every_event_in_every_state_is_survived_in_every_mode, 0,
		RT_ARRAY_SIZE(events));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
