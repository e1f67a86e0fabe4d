/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "rfcomm/session.h"
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Every state of session.def, some in two forms, and every event that can meet
 * it there. A cell says which state follows ("-": the session is gone), what
 * we send, and what the users are told: `a`, whose DLC brought the session
 * there, and `b`, which connects. NULL: L2CAP makes sure that it can't happen.
 * Whatever happens, everything ends by itself afterwards, or when the users
 * close.
 */

#define ROOM ((size_t)4 * N1)

static struct user a, b;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	bench_setup();
}

static struct rt_rfcomm_session *session(void)
{
	return rt_rfcomm_session_find(bench.rfcomm, bench_addr(1));
}

/* Ours is being opened. */
static void to_connect(void)
{
	ck_assert_int_eq(connect_to(&a, 1, ROOM), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
}

/* And so is the peer's. */
static void to_parked(void)
{
	rt_handle chan;

	to_connect();
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &chan),
			 -EAGAIN);
}

static void to_coming(void)
{
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
}

static void to_accept(void)
{
	to_coming();
	fake_open(&bench.l2cap, bench.chan, MTU);
}

/* We take the peer's, for which it gives up its own: so did we. */
static void to_retry(void)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	to_parked();
	bench_wait_us(RT_RFCOMM_CROSS_MIN_US + RT_RFCOMM_CROSS_SPAN_US);
	fake_closed(&bench.l2cap, fake_in_state(&bench.l2cap, FAKE_ACCEPTED),
		    &why);
	bench.chan = 0;
}

static void to_sabm_sent(void)
{
	to_connect();
	fake_open(&bench.l2cap, bench.chan, MTU);
	tx("03 3F 01");
}

static void to_backoff(void)
{
	to_sabm_sent();
	rx("03 3F 01");
	tx("03 1F 01");
	rx("03 1F 01");
}

static void to_open(void)
{
	session_in();
}

/* Its only DLC was closed by the peer. */
static void to_open_out(void)
{
	dlc_out(&a, 1, ROOM, 7);
	rx("09 53 01");
	tx("09 73 01");
	bench_step();
	told(&a, "closed");
}

static void to_disconnect(void)
{
	to_open_out();
	bench_wait_us(RT_RFCOMM_IDLE_INITIATOR_US);
	tx("03 53 01");
}

static void to_flush(void)
{
	to_open_out();
	bench.l2cap.hold = true;
	rx("01 53 01");
	tx("01 73 01");
}

static void to_linger(void)
{
	session_in();
	rx("03 53 01");
	tx("03 73 01");
}

static void to_release(void)
{
	to_disconnect();
	rx("03 73 01");
}

static const struct {
	const char *name;
	void (*reach)(void);
	uint8_t state;
} states[] = {
	{ "CONNECT", to_connect, RT_RFCOMM_SESSION_CONNECT },
	{ "PARKED", to_parked, RT_RFCOMM_SESSION_CONNECT },
	{ "COMING", to_coming, RT_RFCOMM_SESSION_ACCEPT },
	{ "ACCEPT", to_accept, RT_RFCOMM_SESSION_ACCEPT },
	{ "RETRY", to_retry, RT_RFCOMM_SESSION_RETRY },
	{ "SABM_SENT", to_sabm_sent, RT_RFCOMM_SESSION_SABM_SENT },
	{ "BACKOFF", to_backoff, RT_RFCOMM_SESSION_BACKOFF },
	{ "OPEN", to_open, RT_RFCOMM_SESSION_OPEN },
	{ "OPEN_OUT", to_open_out, RT_RFCOMM_SESSION_OPEN },
	{ "DISCONNECT", to_disconnect, RT_RFCOMM_SESSION_DISCONNECT },
	{ "FLUSH", to_flush, RT_RFCOMM_SESSION_FLUSH },
	{ "LINGER", to_linger, RT_RFCOMM_SESSION_LINGER },
	{ "RELEASE", to_release, RT_RFCOMM_SESSION_RELEASE },
};

#define STATES RT_ARRAY_SIZE(states)

static const char *const names[] = {
#define STATE(name, stay_us, next) [RT_RFCOMM_SESSION_##name] = #name,
#define WHY(name, text)
#include "rfcomm/session.def"
#undef STATE
#undef WHY
};

/* A frame on DLCI 0; its address depends on who opened the session. */
static void frame(bool response, const char *rest)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "%s %s",
		 response == session()->initiator ? "03" : "01", rest);
	rx(hex);
}

static void opened(void)
{
	fake_open(&bench.l2cap, bench.chan, MTU);
}

static void closes(uint16_t code, int err)
{
	const struct rt_reason why = l2cap_reason(code, err);

	fake_closed(&bench.l2cap, bench.chan, &why);
}

static void refused(void)
{
	closes(RT_L2CAP_NO_RESOURCES, -ECONNREFUSED);
}

static void channel_closed(void)
{
	closes(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);
}

/* With all channels, the one that is held back first. */
static void link_lost(void)
{
	const struct rt_reason why = page_timeout();
	const rt_handle parked = session()->parked;

	if (parked)
		fake_closed(&bench.l2cap, parked, &why);
	if (fake_find(&bench.l2cap, bench.chan))
		fake_closed(&bench.l2cap, bench.chan, &why);
}

static void parked_closed(void)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	fake_closed(&bench.l2cap, session()->parked, &why);
}

static void second_channel(void)
{
	rt_handle chan = 0;
	const int err = fake_incoming(&bench.l2cap, bench_addr(1), &chan);

	snprintf(b.log, sizeof(b.log), "%s",
		 err == 0	  ? "taken"
		 : err == -EAGAIN ? "held"
				  : "refused");
	if (err == 0)
		bench.chan = chan;
}

static void sabm(void)
{
	if (session()->state == RT_RFCOMM_SESSION_OPEN)
		frame(false, "3F 01");
	else
		rx("03 3F 01");
}

static void ua(void)
{
	frame(true, "73 01");
}

static void dm(void)
{
	frame(true, "1F 01");
}

static void disc(void)
{
	frame(false, "53 01");
}

static void cld(void)
{
	frame(false, "EF 05 C3 01");
}

static void test_command(void)
{
	frame(false, "EF 07 23 03 41");
}

static void dlc_sabm(void)
{
	rx(session()->initiator ? "09 3F 01" : "0B 3F 01");
}

static void dlc_disc(void)
{
	rx(session()->initiator ? "09 53 01" : "0B 53 01");
}

static void frames_leave(void)
{
	struct fake_chan *chan = fake_find(&bench.l2cap, bench.chan);

	while (chan && chan->state == FAKE_OPEN && chan->under_way_count > 0)
		fake_complete(&bench.l2cap, bench.chan, true);
}

static void time_passes(void)
{
	uint64_t due_us;

	if (rt_timers_next(&bench.env->timers, &due_us))
		bench_wait_us(due_us - bench.env->now_us);
}

static void user_connects(void)
{
	ck_assert_int_eq(connect_to(&b, 2, 0), 0);
}

static void user_goes(void)
{
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
}

static void shut_down(void)
{
	rt_rfcomm_shutdown(bench.rfcomm);
}

/* Puts what we send to `str`: "037301 03EF09E3050B8D". */
static void collect(char *str, size_t cap)
{
	uint8_t octets[2048];
	size_t n = 0;
	size_t len;

	str[0] = '\0';
	while ((len = tx_take(octets, sizeof(octets))) > 0) {
		n += (size_t)snprintf(str + n, cap - n, n ? " " : "");
		for (size_t i = 0; i < len && n + 8 < cap; i++)
			n += (size_t)snprintf(str + n, cap - n, "%02X",
					      octets[i]);
	}
}

static void close_all(void)
{
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);

	for (size_t i = 0; i < FAKE_CHANS; i++) {
		const struct fake_chan *chan = &bench.l2cap.chan[i];

		if (chan->state == FAKE_CLOSING ||
		    chan->state == FAKE_CONNECTING)
			fake_closed(&bench.l2cap, chan->handle, &why);
	}
}

/* Nothing is left once time has passed and the users have closed. */
static void assert_it_ends(void)
{
	bench.l2cap.hold = false;
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
	rt_rfcomm_abandon(bench.rfcomm, b.dlc);
	for (int i = 0; i < 4 && !rt_rfcomm_is_idle(bench.rfcomm); i++) {
		frames_leave();
		bench_wait_us(RT_RFCOMM_T1_DLC_US + RT_SECONDS(1));
		tx_discard();
		close_all();
		bench_step();
	}
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}

static const char *why_of(const struct user *user)
{
	if (!strstr(user->log, "closed"))
		return "";
	return user->why.layer == RT_LAYER_RFCOMM
		       ? rt_rfcomm_code_name(user->why.code)
		       : "L2CAP";
}

/* Throws an event in a state: "OPEN|037301|closed Refused". */
static void run_cell(size_t state, void (*event)(void), char *str, size_t cap)
{
	char sent[600];

	setup();
	states[state].reach();
	bench_check();
	ck_assert_uint_eq(session()->state, states[state].state);
	event();
	bench_step();
	collect(sent, sizeof(sent));
	snprintf(str, cap, "%s|%s|%s%s%s%s",
		 session() ? names[session()->state] : "-", sent, a.log,
		 why_of(&a), b.log, why_of(&b));
	a.log[0] = '\0';
	b.log[0] = '\0';
	assert_it_ends();
	a.log[0] = '\0';
	b.log[0] = '\0';
	bench_teardown();
}

struct row {
	const char *name;
	void (*event)(void);
	const char *cell[STATES];
};

static const struct row rows[] = {
#define ROW(event, ...) { #event, event, { __VA_ARGS__ } },
#include "tests/unit/rfcomm/cells_session.def"
#undef ROW
};

static void test_cell(const struct row *row, size_t state)
{
	char got[4000];

	if (!row->cell[state])
		return;
	run_cell(state, row->event, got, sizeof(got));
	ck_assert_msg(strcmp(got, row->cell[state]) == 0,
		      "%s in %s: %s, not %s", row->name, states[state].name,
		      got, row->cell[state]);
}

START_TEST(each_event_does_in_each_state_what_its_cell_says)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		for (size_t j = 0; j < STATES; j++)
			test_cell(&rows[i], j);
	}
}
END_TEST

/* A column a state, so that none is forgotten. */
START_TEST(each_state_has_a_column)
{
	for (size_t i = 0; i < RT_ARRAY_SIZE(names); i++) {
		bool found = i == RT_RFCOMM_SESSION_CLOSED;

		for (size_t j = 0; j < STATES; j++)
			found |= states[j].state == i;
		ck_assert_msg(found, "%s has none", names[i]);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_event_does_in_each_state_what_its_cell_says,
		each_state_has_a_column,
	};

	return suite_run("cells_session", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
