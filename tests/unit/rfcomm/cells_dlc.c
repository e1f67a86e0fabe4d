/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "rfcomm/dlc.h"
#include "rfcomm/session.h"
#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Every state of dlc.def and every event that can meet it there. A cell says
 * which state follows ("-": the DLC is gone), what we send, and what the user
 * is told. Whatever happens, everything ends by itself afterwards, or when the
 * user closes.
 */

#define ROOM ((size_t)4 * N1)

static struct user a, listener;
static bool as_responder;
static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ctx;
	(void)request;
	(void)ret_why;
	return verdict;
}

static void setup(void)
{
	static const struct rt_l2cap_gate gate = { .check = check_gate };

	verdict = RT_L2CAP_ALLOW;
	a = (struct user){ .name = "a", .port = true, .need.level = 2 };
	listener = (struct user){
		.name = "listener",
		.port = true,
		.need.level = 2,
	};
	as_responder = false;
	bench_setup();
	rt_rfcomm_set_gate(bench.rfcomm, &gate, NULL);
}

static void to_wait(void)
{
	ck_assert_int_eq(connect_to(&a, 1, ROOM), 0);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, MTU);
}

static void to_pn_sent(void)
{
	ck_assert_int_eq(connect_to(&a, 1, ROOM), 0);
	session_out();
}

static void to_sabm_sent(void)
{
	to_pn_sent();
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
}

static void to_wait_gate(void)
{
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	to_sabm_sent();
}

/* Those that the peer asks for: we are the responder. */
static void to_negotiated(void)
{
	as_responder = true;
	listen_on(&listener, &a, 1, ROOM);
	session_in();
	rx("03 EF 15 83 11 02 F0 07 00 F3 03 00 05");
	a.dlc = rt_rfcomm_session_find_dlc(
			rt_rfcomm_session_find(bench.rfcomm, bench_addr(1)), 2)
			->handle;
}

/* The gate decides: nobody above knows of it. */
static void to_asked(void)
{
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	to_negotiated();
	rx("0B 3F 01");
}

static void to_msc(void)
{
	to_sabm_sent();
	rx("0B 73 01");
}

static void to_open(void)
{
	to_msc();
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened modem:8C");
}

static void to_disc_sent(void)
{
	to_open();
	rt_rfcomm_close(bench.rfcomm, a.dlc);
}

/* Not told yet: a PDU of its is still under way. */
static void to_ended(void)
{
	to_open();
	tx_discard();
	bench.l2cap.hold = true;
	a.quiet = true;
	write_out(&a, "x", 1);
	ck_assert_uint_eq(tx_discard(), 1);
	rx("09 53 01");
}

/* In the order of dlc.def. */
static const struct {
	const char *name;
	void (*reach)(void);
} states[] = {
	{ "WAIT", to_wait },
	{ "PN_SENT", to_pn_sent },
	{ "WAIT_GATE", to_wait_gate },
	{ "SABM_SENT", to_sabm_sent },
	{ "NEGOTIATED", to_negotiated },
	{ "ASKED", to_asked },
	{ "MSC", to_msc },
	{ "OPEN", to_open },
	{ "DISC_SENT", to_disc_sent },
	{ "ENDED", to_ended },
};

#define STATES RT_ARRAY_SIZE(states)

/* A frame of the peer, whose address depends on who opened the session. */
static void frame(bool response, const char *rest)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "%s %s",
		 response == as_responder ? "09" : "0B", rest);
	rx(hex);
}

/* A multiplexer message of the peer. */
static void message(const char *rest)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "%s EF %s", as_responder ? "03" : "01",
		 rest);
	rx(hex);
}

static void sabm(void)
{
	frame(false, "3F 01");
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

static void data(void)
{
	frame(false, "EF 03 41");
}

static void credits(void)
{
	frame(false, "FF 01 01");
}

static void too_long(void)
{
	rx_data(as_responder ? 0x0b : 0x09, 0, N1 + 1);
}

static void pn(void)
{
	message("15 83 11 02 F0 07 00 64 00 00 05");
}

static void pn_too_small(void)
{
	message("15 83 11 02 F0 07 00 16 00 00 05");
}

static void pn_answer(void)
{
	message("15 81 11 02 E0 07 00 64 00 00 05");
}

static void msc(void)
{
	message("09 E3 05 0B 0D");
}

static void msc_answer(void)
{
	message("09 E1 05 0B 8D");
}

static void rpn(void)
{
	message("15 93 11 0B 07 03 00 11 13 7F 3F");
}

static void rpn_answer(void)
{
	message("15 91 11 0B 07 03 00 11 13 7F 3F");
}

static void rls(void)
{
	message("09 53 05 0B 03");
}

static void rls_answer(void)
{
	message("09 51 05 0B 03");
}

static void nsc_pn(void)
{
	message("07 11 03 83");
}

static void nsc_msc(void)
{
	message("07 11 03 E3");
}

static void nsc_rpn(void)
{
	message("07 11 03 93");
}

static void fcoff(void)
{
	message("05 63 01");
}

static void disc_session(void)
{
	rx(as_responder ? "03 53 01" : "01 53 01");
}

static void link_lost(void)
{
	const struct rt_reason why = page_timeout();

	fake_closed(&bench.l2cap, bench.chan, &why);
}

static void channel_closed(void)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	fake_closed(&bench.l2cap, bench.chan, &why);
}

/* Only as long as a state may last by itself. */
static void time_passes(void)
{
	uint64_t due_us;

	if (rt_timers_next(&bench.env->timers, &due_us))
		bench_wait_us(due_us - bench.env->now_us);
}

static void user_closes(void)
{
	rt_rfcomm_close(bench.rfcomm, a.dlc);
}

static void user_goes(void)
{
	rt_rfcomm_abandon(bench.rfcomm, a.dlc);
}

static void user_writes(void)
{
	write_out(&a, "y", 1);
}

static void user_reads(void)
{
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 5 * ROOM);
}

static void user_sets_modem(void)
{
	const struct rt_rfcomm_modem modem = { .has_break = true };

	ck_assert_int_eq(rt_rfcomm_set_modem(bench.rfcomm, a.dlc, &modem), 0);
}

static void user_asks_line(void)
{
	const int err = rt_rfcomm_query_line(bench.rfcomm, a.dlc);

	ck_assert(err == 0 || err == -ENOTCONN);
}

static void user_reports(void)
{
	const int err = rt_rfcomm_send_line_status(bench.rfcomm, a.dlc, 3);

	ck_assert(err == 0 || err == -ENOTCONN);
}

static void user_connects(void)
{
	struct user again = { .name = "again" };
	const int err = connect_to(&again, 1, 0);

	ck_assert(err == 0 || err == -EADDRINUSE);
	if (err == 0)
		rt_rfcomm_abandon(bench.rfcomm, again.dlc);
}

static void gate_allows(void)
{
	verdict = RT_L2CAP_ALLOW;
	rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(1));
}

static void gate_waits(void)
{
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(1));
}

static void gate_refuses(void)
{
	verdict = RT_L2CAP_NO_AUTHENTICATION;
	rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(1));
}

static void completed(void)
{
	struct fake_chan *chan = fake_find(&bench.l2cap, bench.chan);

	if (chan && chan->under_way_count > 0)
		fake_complete(&bench.l2cap, bench.chan, true);
}

static const char *state_name(void)
{
	const struct rt_rfcomm_dlc *dlc =
		rt_slots_get(&bench.rfcomm->slots, a.dlc);

	return dlc ? states[dlc->state].name : "-";
}

/* Puts what we send to `str`: "0B7301 03EF09E3050B8D". */
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

/* Nothing is left once time has passed and the user has closed. */
static void assert_it_ends(void)
{
	const struct rt_reason why = l2cap_reason(RT_L2CAP_CLOSED, 0);

	bench.l2cap.hold = false;
	for (int i = 0; i < 3; i++) {
		rt_rfcomm_abandon(bench.rfcomm, a.dlc);
		while (fake_find(&bench.l2cap, bench.chan) &&
		       fake_find(&bench.l2cap, bench.chan)->under_way_count > 0)
			fake_complete(&bench.l2cap, bench.chan, true);
		bench_wait_us(RT_RFCOMM_T1_DLC_US + RT_SECONDS(1));
		bench_check();
		tx_discard();
		if (fake_in_state(&bench.l2cap, FAKE_CLOSING))
			fake_closed(&bench.l2cap, bench.chan, &why);
		bench_step();
	}
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}

/* Throws an event in a state: "OPEN | 0B7301 | opened". */
static void run_cell(size_t state, void (*event)(void), char *str, size_t cap)
{
	char sent[600];

	setup();
	states[state].reach();
	tx_discard();
	bench_check();
	ck_assert_str_eq(state_name(), states[state].name);
	event();
	bench_step();
	collect(sent, sizeof(sent));
	snprintf(str, cap, "%s|%s|%s%s%s", state_name(), sent, a.log,
		 strstr(a.log, "closed") ? "=" : "",
		 strstr(a.log, "closed")
			 ? (a.why.layer == RT_LAYER_RFCOMM
				    ? rt_rfcomm_code_name(a.why.code)
				    : "link")
			 : "");
	listener.log[0] = '\0';
	assert_it_ends();
	a.log[0] = '\0';
	bench_teardown();
}

struct row {
	const char *name;
	void (*event)(void);
	const char *cell[STATES];
};

static const struct row rows[] = {
#define ROW(event, ...) { #event, event, { __VA_ARGS__ } },
#include "tests/unit/rfcomm/cells_dlc.def"
#undef ROW
};

static void test_cell(const struct row *row, size_t state)
{
	char got[4000];

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
	static const char *const names[] = {
#define STATE(name, stay_us, next) #name,
#define WHY(name, text)
#include "rfcomm/dlc.def"
#undef STATE
#undef WHY
	};

	ck_assert_uint_eq(STATES, RT_ARRAY_SIZE(names));
	for (size_t i = 0; i < STATES; i++)
		ck_assert_str_eq(states[i].name, names[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_event_does_in_each_state_what_its_cell_says,
		each_state_has_a_column,
	};

	return suite_run("cells_dlc", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
