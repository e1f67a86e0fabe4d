/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/tty.h"

/* The stages of a serial port, and rfcomm's lines about them. */

/* A program that reads no more does not hold us up for ever. */
#define DRAIN_MAX_US 20000000

/* ---- beginnings -------------------------------------------------------- */

static int set_frame(void *target, bool server, uint32_t bytes)
{
	if (bytes == 0)
		return 0;
	if (server)
		return rt_server_set_option(target, RT_OPTION_FRAME_BYTES,
					    bytes);
	return rt_socket_set_option(target, RT_OPTION_FRAME_BYTES, bytes);
}

static void begin_connecting(struct rt_tty *t)
{
	int err;

	t->stage = RT_TTY_OVER;
	t->failed = true;
	rt_addr_format(t->addr, t->port.peer);
	if (!rt_port_begin(&t->port,
			   rt_socket_new(t->tool->host, RT_PROTOCOL_RFCOMM)))
		return;
	err = rt_guard_set_up_socket(&t->guard, t->port.socket);
	if (err == 0)
		err = set_frame(t->port.socket, false, t->frame_bytes);
	if (err == 0)
		err = rt_socket_connect(t->port.socket, t->addr,
					(uint16_t)t->channel);
	if (err < 0) {
		rt_tool_explain_connect(t->tool, t->addr, err);
		return;
	}
	t->failed = false;
	t->stage = RT_TTY_CONNECTING;
}

static void begin_listening(struct rt_tty *t)
{
	int err = -ENOMEM;

	t->server =
		rt_server_new(t->tool->host, RT_PROTOCOL_RFCOMM, NULL, NULL);
	if (t->server)
		err = rt_guard_set_up_server(&t->guard, t->server);
	if (err == 0)
		err = set_frame(t->server, true, t->frame_bytes);
	if (err == 0)
		err = rt_server_set_option(t->server, RT_OPTION_MODEM_SIGNALS,
					   t->port.signals);
	if (err == 0)
		err = rt_server_listen(t->server, (uint16_t)t->channel);
	if (err < 0) {
		rt_tool_error("cannot listen on channel %u: %s", t->channel,
			      strerror(-err));
		t->failed = true;
		t->stage = RT_TTY_OVER;
		return;
	}
	printf("Waiting for connection on channel %u\n", t->channel);
	t->stage = RT_TTY_WAITING;
}

static void begin_bound(struct rt_tty *t)
{
	char peer[RT_ADDR_STR_BYTES];

	t->stage = RT_TTY_OVER;
	t->failed = rt_pty_publish(&t->pty) < 0;
	if (t->failed)
		return;
	printf("Bound %s to %s on channel %u\n", t->pty.link,
	       rt_addr_format(t->addr, peer), t->channel);
	t->stage = RT_TTY_IDLE;
}

static void begin(struct rt_tty *t)
{
	switch (t->verb) {
	case RT_TTY_CONNECT:
		begin_connecting(t);
		break;
	case RT_TTY_LISTEN:
	case RT_TTY_WATCH:
		begin_listening(t);
		break;
	case RT_TTY_BIND:
		begin_bound(t);
		break;
	}
}

/* ---- the command ------------------------------------------------------- */

static void start_command(struct rt_tty *t)
{
	char channel[8];
	int err;

	if (!t->command)
		return;
	for (char **arg = t->command; *arg; arg++) {
		if (strcmp(*arg, "{}") == 0)
			*arg = t->pty.link;
	}
	snprintf(channel, sizeof(channel), "%u", t->channel);
	setenv("RAWTOOTH_PEER", t->port.peer, 1);
	setenv("RAWTOOTH_PROTOCOL", "rfcomm", 1);
	setenv("RAWTOOTH_PORT", channel, 1);
	setenv("RAWTOOTH_TTY", t->pty.link, 1);
	err = rt_child_run(t->command, &t->child);
	if (err == 0) {
		t->has_child = true;
		return;
	}
	rt_tool_error("cannot run \"%s\": %s", t->command[0], strerror(-err));
	t->failed = true;
	rt_socket_close(t->port.socket);
	t->stage = RT_TTY_CLOSING;
}

/* ---- a connection ------------------------------------------------------ */

static void greet(struct rt_tty *t)
{
	t->stage = RT_TTY_CONNECTED;
	t->was_connected = true;
	if (!t->pty.published && rt_pty_publish(&t->pty) < 0) {
		t->failed = true;
		rt_socket_close(t->port.socket);
		t->stage = RT_TTY_CLOSING;
		return;
	}
	if (t->server)
		printf("Connection from %s to %s\n", t->port.peer, t->pty.link);
	else
		printf("Connected %s to %s on channel %u\n", t->pty.link,
		       t->port.peer, t->channel);
	if (t->verb != RT_TTY_BIND)
		printf("Press CTRL-C for hangup\n");
	start_command(t);
}

/* What comes when a connection, and the command for it, have ended. */
static void go_on(struct rt_tty *t)
{
	int err = 0;

	switch (t->verb) {
	case RT_TTY_CONNECT:
	case RT_TTY_LISTEN:
		t->stage = RT_TTY_OVER;
		return;
	case RT_TTY_WATCH:
		rt_pty_withdraw(&t->pty);
		t->stage = RT_TTY_WAITING;
		break;
	case RT_TTY_BIND:
		t->stage = RT_TTY_IDLE;
		break;
	}
	/* Whoever has it open hears of the end; nobody gets what was left. */
	if (rt_pty_look(&t->pty) == RT_PTY_NOBODY)
		rt_pty_reset(&t->pty);
	else
		err = rt_pty_hang_up(&t->pty);
	if (t->tool->interrupts > 0 || err < 0)
		t->stage = RT_TTY_OVER;
	if (err < 0)
		t->failed = true;
}

static void end_connection(struct rt_tty *t)
{
	const bool one_of_many =
		t->verb == RT_TTY_BIND || t->verb == RT_TTY_WATCH;

	if (t->port.connected)
		printf("Disconnected\n");
	if (t->port.failed && !one_of_many)
		t->failed = true;
	t->port.failed = false;
	rt_port_end(&t->port);
	if (!t->has_child) {
		go_on(t);
		return;
	}
	rt_child_terminate(&t->child);
	t->stage = RT_TTY_ENDING;
}

static void close_connection(struct rt_tty *t)
{
	rt_socket_close(t->port.socket);
	t->stage = RT_TTY_CLOSING;
}

static void begin_draining(struct rt_tty *t)
{
	t->drain_until_us = rt_tool_now_us() + DRAIN_MAX_US;
	t->drained_us = 0;
	t->stage = RT_TTY_DRAINING;
}

static void work_connecting(struct rt_tty *t)
{
	if (t->port.connected) {
		greet(t);
	} else if (t->port.over) {
		end_connection(t);
	} else if (t->verb == RT_TTY_BIND && rt_port_is_left(&t->port)) {
		/* Opened and closed again: nobody wants it any more. */
		rt_socket_close(t->port.socket);
		end_connection(t);
	}
}

static void work_connected(struct rt_tty *t)
{
	if (t->port.over) {
		begin_draining(t);
	} else if (t->port.carrier_lost) {
		t->port.carrier_lost = false;
		t->failed = rt_pty_hang_up(&t->pty) < 0;
		if (t->failed)
			close_connection(t);
	} else if ((t->verb == RT_TTY_BIND && rt_port_is_left(&t->port)) ||
		   (t->has_child && rt_child_has_ended(&t->child))) {
		close_connection(t);
	}
}

static void work_waiting(struct rt_tty *t)
{
	if (!rt_server_has_pending(t->server))
		return;
	/* Until the socket says who it is, which it can't if it has gone. */
	strcpy(t->port.peer, "?");
	if (!rt_port_begin(&t->port, rt_server_next_pending(t->server))) {
		t->failed = true;
		t->stage = RT_TTY_OVER;
		return;
	}
	/* It may have gone while it waited for us: that is no failure. */
	t->port.connected = true;
	greet(t);
	if (t->verb == RT_TTY_LISTEN)
		rt_server_close(t->server);
}

/* A reader in the middle of a read may make room for more: looks twice. */
static bool stays_drained(struct rt_tty *t, uint64_t now_us)
{
	if (t->port.users != RT_PTY_OPEN)
		return true;
	if (!rt_port_is_drained(&t->port))
		t->drained_us = 0;
	else if (t->drained_us == 0)
		t->drained_us = now_us;
	else
		return now_us - t->drained_us >=
		       RT_PORT_DRAIN_MS * UINT64_C(1000);
	return false;
}

static void work_draining(struct rt_tty *t)
{
	const uint64_t now_us = rt_tool_now_us();

	if (stays_drained(t, now_us) || t->tool->interrupts > 0 ||
	    now_us >= t->drain_until_us)
		end_connection(t);
}

static void work(struct rt_tty *t)
{
	rt_port_carry(&t->port);
	switch (t->stage) {
	case RT_TTY_IDLE:
		if (t->port.users != RT_PTY_NOBODY)
			begin_connecting(t);
		break;
	case RT_TTY_WAITING:
		work_waiting(t);
		break;
	case RT_TTY_CONNECTING:
		work_connecting(t);
		break;
	case RT_TTY_CONNECTED:
		work_connected(t);
		break;
	case RT_TTY_CLOSING:
		if (t->port.over)
			begin_draining(t);
		break;
	case RT_TTY_DRAINING:
		work_draining(t);
		break;
	case RT_TTY_ENDING:
		if (!rt_child_has_ended(&t->child))
			break;
		t->has_child = false;
		go_on(t);
		break;
	case RT_TTY_OVER:
		break;
	}
}

/* ---- the loop ---------------------------------------------------------- */

static void interrupt(struct rt_tty *t)
{
	const bool at_once =
		rt_tool_is_lost(t->tool) || t->tool->interrupts >= 2;

	if (!at_once && t->tool->interrupts == 0)
		return;
	if (!at_once && t->stage == RT_TTY_CONNECTED)
		close_connection(t);
	else if (at_once || t->stage <= RT_TTY_CONNECTING)
		t->stage = RT_TTY_OVER;
}

static void serve(struct rt_tty *t)
{
	struct pollfd fds[RT_PORT_FDS];
	enum rt_tty_stage before;
	int timeout_ms;

	while (t->stage != RT_TTY_OVER) {
		do {
			before = t->stage;
			interrupt(t);
			work(t);
		} while (t->stage != before && t->stage != RT_TTY_OVER);
		if (t->stage == RT_TTY_OVER)
			break;
		timeout_ms = rt_port_ask(&t->port, fds);
		rt_tool_wait(t->tool, fds, RT_PORT_FDS, timeout_ms);
	}
}

static int judge(struct rt_tty *t)
{
	const bool one_of_many =
		t->verb == RT_TTY_BIND || t->verb == RT_TTY_WATCH;

	if (rt_tool_explain_loss(t->tool))
		return RT_EXIT_FAILED;
	if (!t->failed && !t->was_connected && !one_of_many) {
		rt_tool_error("interrupted before there was a connection");
		return RT_EXIT_FAILED;
	}
	return t->failed ? RT_EXIT_FAILED : RT_EXIT_OK;
}

int rt_tty_run(struct rt_tty *t)
{
	int status = RT_EXIT_FAILED;

	if (rt_pty_reserve(&t->pty, t->link, t->number) < 0)
		goto out;
	if (rt_pty_open(&t->pty) < 0 || rt_tool_start(t->tool) < 0 ||
	    rt_person_start(&t->guard.person, t->tool, false) < 0)
		goto out;
	t->port.tool = t->tool;
	t->port.pty = &t->pty;
	begin(t);
	serve(t);
	rt_child_terminate(&t->child);
	rt_port_end(&t->port);
	rt_server_free(t->server);
	status = judge(t);
out:
	rt_pty_close(&t->pty);
	return status;
}
