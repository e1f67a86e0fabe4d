/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How often the settings of a pseudo terminal are looked at: it can't tell. */
#define LINE_MS 250

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A signal as the side that sends it calls it, and the side that gets it. */
static const struct signal_name {
	uint8_t bit;
	const char *ours;
	const char *peers;
} signal_names[] = {
	{ RT_MODEM_RTC, "dtr", "DSR" },
	{ RT_MODEM_RTR, "rts", "CTS" },
	{ RT_MODEM_DV, "dcd", "DCD" },
	{ RT_MODEM_IC, "ri", "RI" },
};

static const struct {
	uint8_t bit;
	const char *name;
} error_names[] = {
	{ RT_LINE_OVERRUN, "overrun" },
	{ RT_LINE_PARITY, "parity" },
	{ RT_LINE_FRAMING, "framing" },
};

static uint8_t find_signal(const char *word, size_t length)
{
	for (size_t i = 0; i < COUNT(signal_names); i++) {
		if (strlen(signal_names[i].ours) == length &&
		    strncmp(signal_names[i].ours, word, length) == 0)
			return signal_names[i].bit;
	}
	return 0;
}

int rt_port_read_signals(const char *text, uint8_t *ret_signals)
{
	const char *word = text;
	uint8_t signals = 0;
	uint8_t bit;
	size_t length;

	if (strcmp(text, "none") == 0) {
		*ret_signals = 0;
		return 0;
	}
	for (;;) {
		length = strcspn(word, ",");
		bit = find_signal(word, length);
		if (bit == 0) {
			rt_tool_error("signals are some of dtr,rts,dcd,ri, or "
				      "none, not \"%s\"",
				      text);
			return -EINVAL;
		}
		signals |= bit;
		if (word[length] == '\0')
			break;
		word += length + 1;
	}
	*ret_signals = signals;
	return 0;
}

/* ---- what the peer's port does ----------------------------------------- */

static void on_modem_changed(struct rt_socket *socket, uint8_t signals,
			     void *user_data)
{
	struct rt_port *port = user_data;

	(void)socket;
	if (!port->quiet) {
		printf("Signals:");
		for (size_t i = 0; i < COUNT(signal_names); i++) {
			if (signals & signal_names[i].bit)
				printf(" %s", signal_names[i].peers);
		}
		putchar('\n');
	}
	if (!(signals & RT_MODEM_DV) && rt_pty_heeds_carrier(port->pty))
		port->carrier_lost = true;
}

static void on_break(struct rt_socket *socket, unsigned int units,
		     void *user_data)
{
	const struct rt_port *port = user_data;

	(void)socket;
	if (!port->quiet)
		printf("Break of %u ms\n", units * 200);
}

static void on_line_status(struct rt_socket *socket, uint8_t errors,
			   void *user_data)
{
	const struct rt_port *port = user_data;

	(void)socket;
	if (port->quiet)
		return;
	printf("Line errors:");
	for (size_t i = 0; i < COUNT(error_names); i++) {
		if (errors & error_names[i].bit)
			printf(" %s", error_names[i].name);
	}
	putchar('\n');
}

static void on_line_changed(struct rt_socket *socket, void *user_data)
{
	struct rt_port *port = user_data;
	struct rt_line line;

	if (port->keeps_line || rt_socket_get_line(socket, &line) < 0)
		return;
	rt_pty_set_line(port->pty, &line);
	/* What the peer has said is not to be said back. */
	(void)rt_pty_get_line(port->pty, &port->line);
	if (!port->quiet)
		printf("Line: %u baud\n", (unsigned int)line.baud);
}

static void on_line_answered(struct rt_socket *socket, int err,
			     const struct rt_line *line, void *user_data)
{
	const struct rt_port *port = user_data;

	(void)socket;
	(void)line;
	if (err < 0 && port->tool->verbose > 0)
		fprintf(stderr, "%s has not taken the line's settings: %s\n",
			port->peer, strerror(-err));
}

static bool is_same_line(const struct rt_line *a, const struct rt_line *b)
{
	return a->baud == b->baud && a->stop_bits == b->stop_bits &&
	       a->rtscts == b->rtscts && a->xonxoff == b->xonxoff &&
	       a->xon == b->xon && a->xoff == b->xoff;
}

/* Tells the peer of settings that a program has changed. */
static void follow_line(struct rt_port *port)
{
	struct rt_line line;

	/* Of what a pseudo terminal has no place for, what was agreed stays. */
	if (port->keeps_line || rt_socket_get_line(port->socket, &line) < 0 ||
	    !rt_pty_get_line(port->pty, &line))
		return;
	if (is_same_line(&line, &port->line))
		return;
	/* Busy with the change before: this one is seen next time. */
	if (rt_socket_set_line(port->socket, &line) != -EBUSY)
		port->line = line;
}

/* ---- the connection ---------------------------------------------------- */

static void on_connected(struct rt_socket *socket, void *user_data)
{
	struct rt_port *port = user_data;

	(void)socket;
	port->connected = true;
	/* A program may have set something while we were connecting. */
	port->line = port->pty->fresh;
}

static void on_disconnected(struct rt_socket *socket, void *user_data)
{
	struct rt_port *port = user_data;

	(void)socket;
	port->over = true;
}

static void on_error(struct rt_socket *socket, enum rt_socket_error error,
		     void *user_data)
{
	struct rt_port *port = user_data;

	if (!port->connected) {
		rt_tool_error("cannot connect to %s: %s", port->peer,
			      rt_socket_error_string(socket));
		port->failed = true;
		port->over = true;
		return;
	}
	if (error == RT_SOCKET_ERROR_REMOTE_HOST_CLOSED)
		return;
	rt_tool_error("the connection with %s was lost: %s", port->peer,
		      rt_socket_error_string(socket));
	port->failed = true;
}

bool rt_port_begin(struct rt_port *port, struct rt_socket *socket)
{
	static const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_connected = on_connected,
		.on_disconnected = on_disconnected,
		.on_error = on_error,
	};
	static const struct rt_serial_callbacks serial_callbacks = {
		.size = sizeof(serial_callbacks),
		.on_modem_changed = on_modem_changed,
		.on_break = on_break,
		.on_line_changed = on_line_changed,
		.on_line_status = on_line_status,
		.on_line_answered = on_line_answered,
	};

	if (!socket) {
		rt_tool_error("out of memory, or too many connections");
		return false;
	}
	port->socket = socket;
	rt_socket_set_callbacks(socket, &callbacks, port);
	rt_socket_set_serial_callbacks(socket, &serial_callbacks);
	if (rt_socket_set_option(socket, RT_OPTION_MODEM_SIGNALS,
				 port->signals) < 0)
		rt_tool_error("the signals could not be set: %s",
			      rt_socket_error_string(socket));
	if (rt_socket_state(socket) != RT_SOCKET_UNCONNECTED)
		rt_addr_format(rt_socket_peer_address(socket), port->peer);
	if (rt_socket_state(socket) == RT_SOCKET_CONNECTED)
		on_connected(socket, port);
	return true;
}

void rt_port_end(struct rt_port *port)
{
	rt_socket_free(port->socket);
	port->socket = NULL;
	port->connected = false;
	port->over = false;
	port->carrier_lost = false;
	port->to_peer.used = 0;
	port->to_peer.done = 0;
	port->to_tty.used = 0;
	port->to_tty.done = 0;
}

/* ---- carrying ---------------------------------------------------------- */

static bool is_empty(const struct rt_port_block *block)
{
	return block->done == block->used;
}

static bool is_sending(const struct rt_port *port)
{
	return port->socket &&
	       rt_socket_state(port->socket) == RT_SOCKET_CONNECTED;
}

/* False if there is nothing to be sent. */
static bool fill_from_tty(struct rt_port *port)
{
	struct rt_port_block *block = &port->to_peer;
	ptrdiff_t count;

	if (!is_empty(block))
		return true;
	if (port->users == RT_PTY_NOBODY)
		return false;
	count = rt_pty_read(port->pty, block->data, sizeof(block->data));
	if (count == -EIO)
		port->users = RT_PTY_NOBODY;
	if (count <= 0)
		return false;
	block->used = (size_t)count;
	block->done = 0;
	return true;
}

static void carry_to_peer(struct rt_port *port)
{
	struct rt_port_block *block = &port->to_peer;
	ptrdiff_t count;

	while (is_sending(port) && fill_from_tty(port)) {
		/* Settings apply to what is written behind them. */
		follow_line(port);
		count = rt_socket_write(port->socket, block->data + block->done,
					block->used - block->done);
		if (count < 0)
			return;
		block->done += (size_t)count;
	}
}

/* False if there is nothing to be written. */
static bool fill_from_peer(struct rt_port *port)
{
	struct rt_port_block *block = &port->to_tty;
	ptrdiff_t count;

	if (!is_empty(block))
		return true;
	count = rt_socket_read(port->socket, block->data, sizeof(block->data));
	if (count <= 0)
		return false;
	block->used = (size_t)count;
	block->done = 0;
	return true;
}

static void carry_to_tty(struct rt_port *port)
{
	struct rt_port_block *block = &port->to_tty;
	ptrdiff_t count;

	while (port->users == RT_PTY_OPEN && fill_from_peer(port)) {
		count = rt_pty_write(port->pty, block->data + block->done,
				     block->used - block->done);
		if (count < 0)
			return;
		block->done += (size_t)count;
	}
}

void rt_port_carry(struct rt_port *port)
{
	port->users = rt_pty_look(port->pty);
	if (!port->socket || !port->connected)
		return;
	if (is_sending(port) && port->users == RT_PTY_OPEN)
		follow_line(port);
	carry_to_peer(port);
	carry_to_tty(port);
}

int rt_port_ask(const struct rt_port *port, struct pollfd fds[RT_PORT_FDS])
{
	short events = 0;

	if (is_sending(port) && port->users != RT_PTY_NOBODY &&
	    is_empty(&port->to_peer))
		events |= POLLIN;
	if (port->users == RT_PTY_OPEN && !is_empty(&port->to_tty))
		events |= POLLOUT;
	if (port->over) {
		/* Looking at what is unread opens it: that is no news. */
		fds[0] = (struct pollfd){ .fd = -1 };
		fds[1] = (struct pollfd){ .fd = -1 };
		return RT_PORT_DRAIN_MS;
	}
	/* Nothing is asked of one that nobody has open: it always answers. */
	fds[0] = (struct pollfd){
		.fd = events ? port->pty->fd : -1,
		.events = events,
	};
	fds[1] = (struct pollfd){ .fd = port->pty->opens, .events = POLLIN };
	if (is_sending(port) && port->users == RT_PTY_OPEN && !port->keeps_line)
		return LINE_MS;
	return -1;
}

bool rt_port_is_left(const struct rt_port *port)
{
	return port->users == RT_PTY_NOBODY && is_empty(&port->to_peer);
}

bool rt_port_is_drained(const struct rt_port *port)
{
	return port->users != RT_PTY_OPEN ||
	       (is_empty(&port->to_tty) &&
		rt_socket_bytes_available(port->socket) == 0 &&
		rt_pty_is_drained(port->pty));
}
