/* SPDX-License-Identifier: MIT */
#include "tests/conformance/rfcomm/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX 33000

struct script script;

static const struct {
	const char *name;
	uint8_t control;
	bool is_command;
} types[] = {
	{ "SABM", 0x3f, true }, { "UA", 0x73, false }, { "DM", 0x1f, false },
	{ "DISC", 0x53, true }, { "UIH", 0xef, true }, { "MCC", 0xef, true },
};

void script_setup(void)
{
	script = (struct script){
		.a = { .name = "a" },
		.b = { .name = "b" },
		.listener = { .name = "listener" },
	};
	bench_setup();
}

void script_teardown(void)
{
	bench_teardown();
}

static uint8_t address_of(bool ours, bool is_command, unsigned long dlci)
{
	const bool by_initiator = ours == script.initiator;

	return (uint8_t)(dlci << 2 | (is_command == by_initiator ? 2 : 0) | 1);
}

size_t script_frame(bool ours, const char *what, uint8_t *buf, size_t cap)
{
	unsigned long credits = 0;
	unsigned long dlci = 0;
	bool has_credits;
	size_t info;
	size_t n = 0;
	char *rest;
	size_t i;

	for (i = 0; i < RT_ARRAY_SIZE(types); i++) {
		if (strncmp(what, types[i].name, strlen(types[i].name)) == 0)
			break;
	}
	ck_assert_msg(i < RT_ARRAY_SIZE(types), "what is \"%s\"?", what);
	rest = (char *)what + strlen(types[i].name);
	has_credits = *rest == '+';
	if (has_credits)
		credits = strtoul(rest + 1, &rest, 10);
	if (strcmp(types[i].name, "MCC") != 0)
		dlci = strtoul(rest, &rest, 10);
	ck_assert_uint_ge(cap, 6);
	buf[n++] = address_of(ours, types[i].is_command, dlci);
	buf[n++] = (uint8_t)(types[i].control | (has_credits ? 0x10 : 0));
	/* The length goes in when it is known: it may take two octets. */
	info = hex_read(rest, buf + 6, cap - 6);
	if (info <= 127) {
		buf[n++] = (uint8_t)(info << 1 | 1);
	} else {
		buf[n++] = (uint8_t)(info << 1);
		buf[n++] = (uint8_t)(info >> 7);
	}
	if (has_credits)
		buf[n++] = (uint8_t)credits;
	memmove(buf + n, buf + 6, info);
	return n + info;
}

void peer_octets(const uint8_t *octets, size_t len)
{
	bench.env->frame++;
	fake_rx(&bench.l2cap, bench.chan, rt_bytes(octets, len));
	rt_env_reap(bench.env);
	bench_check();
}

void peer_frame(uint8_t *frame, size_t len)
{
	frame[len] = bench_fcs(frame, len);
	peer_octets(frame, len + 1);
}

void peer(const char *what)
{
	uint8_t frame[2048];
	const size_t len = script_frame(false, what, frame, sizeof(frame) - 1);

	peer_frame(frame, len);
}

void we(const char *what)
{
	uint8_t frame[2048];
	const size_t len = script_frame(true, what, frame, sizeof(frame));
	char hex[3 * sizeof(frame)];

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 3 * i, 4, "%02X ", frame[i]);
	tx(hex);
}

void peer_data(uint8_t dlci, uint8_t credits, size_t len)
{
	rx_data(address_of(false, true, dlci), credits, len);
}

void we_data(uint8_t dlci, uint8_t credits, size_t len)
{
	static uint8_t frame[DATA_MAX];
	const size_t head = 3U + (len > 127) + (credits > 0);

	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), head + len);
	ck_assert_uint_eq(frame[0], address_of(true, true, dlci));
	ck_assert_uint_eq(frame[1], credits ? 0xff : 0xef);
	if (credits)
		ck_assert_uint_eq(frame[head - 1], credits);
	if (len <= 127)
		ck_assert_uint_eq(frame[2], len << 1 | 1);
	else
		ck_assert_uint_eq(frame[2] | (size_t)frame[3] << 8, len << 1);
}

static void on_modem(void *user, rt_handle dlc,
		     const struct rt_rfcomm_modem *modem)
{
	ck_assert_uint_eq(((struct user *)user)->dlc, dlc);
	script.modems++;
	script.modem = *modem;
}

static void on_line(void *user, rt_handle dlc,
		    const struct rt_rfcomm_line *line)
{
	ck_assert_uint_eq(((struct user *)user)->dlc, dlc);
	script.lines++;
	script.line = *line;
}

static void on_line_status(void *user, rt_handle dlc, uint8_t status)
{
	ck_assert_uint_eq(((struct user *)user)->dlc, dlc);
	script.statuses++;
	script.status = status;
}

static void on_line_answered(void *user, rt_handle dlc, int err,
			     const struct rt_rfcomm_line *line)
{
	ck_assert_uint_eq(((struct user *)user)->dlc, dlc);
	script.answers++;
	script.answer_err = err;
	script.line = *line;
}

static const struct rt_rfcomm_port_ops port_ops = {
	.modem = on_modem,
	.line = on_line,
	.line_status = on_line_status,
	.line_answered = on_line_answered,
};

void connect_port(struct user *user, uint8_t channel, size_t room)
{
	const struct rt_rfcomm_params params = {
		.ops = &user_ops,
		.port_ops = &port_ops,
		.user = user,
		.room_bytes = room,
	};

	ck_assert_int_eq(rt_rfcomm_connect(bench.rfcomm, bench_addr(1), channel,
					   &params, &user->dlc),
			 0);
}

static void listen_port(size_t room)
{
	const struct rt_rfcomm_params params = {
		.ops = &listener_ops,
		.port_ops = &port_ops,
		.user = &script.listener,
		.room_bytes = room,
	};
	uint8_t channel;

	script.listener.adopter = &script.a;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 0);
}

static void open_channel(void)
{
	if (script.initiator)
		bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	else
		ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1),
					       &bench.chan),
				 0);
	ck_assert_uint_ne(bench.chan, 0);
	fake_open(&bench.l2cap, bench.chan, MTU);
}

static void start_session(void)
{
	open_channel();
	if (script.initiator) {
		we("SABM 0");
		tx_nothing();
		peer("UA 0");
	} else {
		tx_nothing();
		peer("SABM 0");
		we("UA 0");
		tx_nothing();
	}
}

void open_session(bool we_initiate)
{
	script.initiator = we_initiate;
	if (we_initiate)
		connect_port(&script.a, 1, 4 * N1);
	start_session();
	if (we_initiate)
		we("MCC 83 11 02 F0 07 00 F3 03 00 04");
	tx_nothing();
}

/* SABM, UA and modem status after PN. */
static void open_rest(uint8_t peers_signals)
{
	char msc[32];

	snprintf(msc, sizeof(msc), "MCC E3 05 0B %02X", peers_signals);
	if (script.initiator) {
		we("SABM 2");
		peer("UA 2");
	} else {
		peer("SABM 2");
		told(&script.listener, "incoming");
		we("UA 2");
	}
	we("MCC E3 05 0B 8D");
	peer("MCC E1 05 0B 8D");
	told(&script.a, "");
	peer(msc);
	told(&script.a, "opened");
	memcpy(strstr(msc, "E3"), "E1", 2);
	we(msc);
}

/* Up to PN, which the peer sends or answers. */
static void open_dlci(bool we_initiate, size_t room, const char *pn)
{
	script.initiator = we_initiate;
	if (we_initiate)
		connect_port(&script.a, 1, room);
	else
		listen_port(room);
	start_session();
	if (we_initiate)
		ck_assert_uint_eq(tx_discard(), 1);
	peer(pn);
	if (!we_initiate)
		ck_assert_uint_eq(tx_discard(), 1);
}

void open_dlc(bool we_initiate, size_t room, uint8_t credits)
{
	char pn[64];

	snprintf(pn, sizeof(pn), "MCC %s 07 00 F3 03 00 %02X",
		 we_initiate ? "81 11 02 E0" : "83 11 02 F0", credits);
	open_dlci(we_initiate, room, pn);
	open_rest(0x8d);
}

void open_dlc_without_credits(bool we_initiate, size_t room, uint8_t signals)
{
	open_dlci(we_initiate, room,
		  we_initiate ? "MCC 81 11 02 00 07 00 64 00 00 00"
			      : "MCC 83 11 02 00 07 00 64 00 00 00");
	open_rest(signals);
}

void open_port(bool we_initiate)
{
	open_dlc(we_initiate, 4 * N1, 7);
	ck_assert_uint_eq(script.modems, 1);
	ck_assert_uint_eq(script.modem.signals, 0x8c);
}

void works(void)
{
	const bool was_quiet = script.a.quiet;
	const size_t received = script.a.received;
	uint8_t frame[8];
	size_t len;

	ck_assert(info_of(&script.a).open);
	script.a.quiet = true;
	peer("UIH 2 41 42 43");
	ck_assert_uint_eq(script.a.received, received + 3);
	write_out(&script.a, "abc", 3);
	/* Credits may ride on it. */
	len = tx_take(frame, sizeof(frame));
	ck_assert(len == 6 || len == 7);
	ck_assert_uint_eq(frame[0], address_of(true, true, 2));
	ck_assert_uint_eq(frame[1], len == 6 ? 0xef : 0xff);
	ck_assert_mem_eq(frame + len - 3, "abc", 3);
	tx_nothing();
	script.a.quiet = was_quiet;
}

void channel_goes(void)
{
	const struct rt_reason why =
		l2cap_reason(RT_L2CAP_PEER_DISCONNECTED, -ECONNRESET);

	if (script.initiator) {
		l2cap_closes();
		return;
	}
	/* It is the peer's business: we wait. */
	ck_assert_uint_eq(fake_in_state(&bench.l2cap, FAKE_CLOSING), 0);
	fake_closed(&bench.l2cap, bench.chan, &why);
	bench_step();
}

void wind_up(void)
{
	we("DISC 0");
	tx_nothing();
	peer("UA 0");
	channel_goes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
