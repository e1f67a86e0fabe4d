/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/rawtooth/child.h"
#include "tools/rawtooth/figures.h"
#include "tools/rawtooth/text.h"

#define BLOCK_BYTES 65535
#define STREAM_BLOCK_BYTES 16384
#define PROGRESS_MS 500
#define PROGRESS_US 500000

struct block {
	uint8_t data[BLOCK_BYTES];
	size_t used;
	size_t done; /* of those used */
};

struct rt_session {
	struct rt_tool *tool;
	struct rt_plan *plan;
	struct rt_socket *socket;
	char peer[RT_ADDR_STR_BYTES];
	struct rt_child child;
	bool child_ended; /* or there is none */

	bool opened;	  /* the socket has been connected */
	bool closed;	  /* it is not any more, or never came to be */
	bool input_ended; /* nothing more is read from it */
	bool output_dead;
	bool datagrams_lost;
	bool closing; /* we have asked for the close */
	bool interrupted;
	bool failed; /* and it has been said why */
	bool out_is_terminal;
	bool shows_progress; /* if there is something to show */

	struct block tx; /* from the input, for the socket */
	struct block rx; /* from the socket, for the output */
	size_t block_bytes;
	uint64_t accepted; /* octets, by the socket */
	uint64_t sent;	   /* octets, by the controller */
	uint64_t received;
	uint64_t opened_us;
	uint64_t closed_us;
	uint64_t progress_us; /* when it was last shown; 0: never */
};

static void clear_progress(struct rt_session *session)
{
	if (session->progress_us != 0)
		fputs("\r\033[K", stderr);
	session->progress_us = 0;
}

/* Says what went wrong: once, what follows from that is not news. */
__attribute__((format(printf, 2, 3))) static void
fail(struct rt_session *session, const char *format, ...)
{
	char text[400];
	va_list args;

	if (session->failed)
		return;
	session->failed = true;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clear_progress(session);
	rt_tool_error("%s", text);
}

/* ---- what the socket tells --------------------------------------------- */

/* A connection that did not come about: the reason is the socket's. */
static void refuse(struct rt_session *session)
{
	char port[RT_PLAN_PORT_BYTES];

	session->closed = true;
	fail(session, "cannot connect to %s %s: %s", session->peer,
	     rt_plan_format_port(session->plan, port),
	     rt_socket_error_string(session->socket));
}

static bool is_orderly(const struct rt_session *session)
{
	struct rt_error_info info = { .size = sizeof(info) };

	switch (rt_socket_error(session->socket)) {
	case RT_SOCKET_ERROR_NONE:
		return true;
	case RT_SOCKET_ERROR_REMOTE_HOST_CLOSED:
		/* Not if it dropped the link and left the channel open. */
		rt_socket_error_info(session->socket, &info);
		return strcmp(info.layer, "HCI") != 0;
	case RT_SOCKET_ERROR_UNKNOWN:
	case RT_SOCKET_ERROR_HOST_NOT_FOUND:
	case RT_SOCKET_ERROR_SERVICE_NOT_FOUND:
	case RT_SOCKET_ERROR_NETWORK:
	case RT_SOCKET_ERROR_UNSUPPORTED_PROTOCOL:
	case RT_SOCKET_ERROR_OPERATION:
	case RT_SOCKET_ERROR_MISSING_PERMISSIONS:
		return false;
	}
	return false;
}

static void on_error(struct rt_socket *socket, enum rt_socket_error error,
		     void *user_data)
{
	struct rt_session *session = user_data;

	(void)socket;
	(void)error;
	if (!session->opened)
		refuse(session);
	else if (!is_orderly(session))
		fail(session, "the connection with %s was lost: %s",
		     session->peer, rt_socket_error_string(session->socket));
}

static void on_disconnected(struct rt_socket *socket, void *user_data)
{
	struct rt_session *session = user_data;

	(void)socket;
	session->closed = true;
	session->closed_us = rt_tool_now_us();
}

static void on_bytes_written(struct rt_socket *socket, size_t bytes,
			     void *user_data)
{
	struct rt_session *session = user_data;

	(void)socket;
	session->sent += bytes;
}

/* ---- beginning --------------------------------------------------------- */

static void close_socket(struct rt_session *session)
{
	if (session->closing || session->closed)
		return;
	session->closing = true;
	rt_socket_close(session->socket);
}

/* A datagram has to fit the peer; a stream only likes large pieces. */
static void choose_block(struct rt_session *session)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	const struct rt_plan *plan = session->plan;

	session->block_bytes = plan->chunk_bytes;
	if (plan->protocol == RT_PROTOCOL_RFCOMM) {
		if (plan->chunk_bytes == 0)
			session->block_bytes = STREAM_BLOCK_BYTES;
		return;
	}
	rt_socket_get_stats(session->socket, &stats);
	if (plan->chunk_bytes == 0)
		session->block_bytes = stats.tx_mtu;
	if (plan->chunk_bytes <= stats.tx_mtu)
		return;
	fail(session, "%s takes datagrams of %u octets at most, not %" PRIu32,
	     session->peer, stats.tx_mtu, plan->chunk_bytes);
	close_socket(session);
}

static void start_child(struct rt_session *session)
{
	const struct rt_plan *plan = session->plan;
	char port[8];
	int err;
	int fd;

	snprintf(port, sizeof(port), "%u", plan->port);
	setenv("RAWTOOTH_PEER", session->peer, 1);
	setenv("RAWTOOTH_PORT", port, 1);
	setenv("RAWTOOTH_PROTOCOL",
	       plan->protocol == RT_PROTOCOL_L2CAP ? "l2cap" : "rfcomm", 1);
	fd = rt_socket_descriptor(session->socket);
	err = fd;
	if (fd >= 0) {
		err = rt_child_start(plan->command, fd, &session->child);
		close(fd);
	}
	if (err >= 0)
		return;
	fail(session, "cannot run \"%s\": %s", plan->command, strerror(-err));
	close_socket(session);
}

static void open_session(struct rt_session *session)
{
	const struct rt_plan *plan = session->plan;

	session->opened = true;
	session->opened_us = rt_tool_now_us();
	session->input_ended = plan->in.fd < 0;
	if (plan->command)
		start_child(session);
	else if (plan->probe)
		close_socket(session);
	else
		choose_block(session);
}

static void on_connected(struct rt_socket *socket, void *user_data)
{
	struct rt_session *session = user_data;
	char port[RT_PLAN_PORT_BYTES];

	session->plan->port = rt_socket_peer_port(socket);
	if (!session->plan->quiet)
		fprintf(stderr, "Connected to %s %s\n", session->peer,
			rt_plan_format_port(session->plan, port));
	open_session(session);
}

/* A question to the system each: asked once, not for every packet. */
static void look_at_terminals(struct rt_session *session)
{
	const struct rt_plan *plan = session->plan;

	session->out_is_terminal = rt_stream_is_terminal(&plan->out);
	session->shows_progress =
		isatty(STDERR_FILENO) && !rt_stream_is_terminal(&plan->in);
}

static struct rt_session *new_session(struct rt_tool *tool,
				      struct rt_plan *plan,
				      struct rt_socket *socket)
{
	const struct rt_socket_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_connected = on_connected,
		.on_disconnected = on_disconnected,
		.on_error = on_error,
		.on_bytes_written = on_bytes_written,
	};
	struct rt_session *session = NULL;

	if (socket)
		session = calloc(1, sizeof(*session));
	if (!session) {
		rt_tool_error("out of memory, or too many connections");
		rt_socket_free(socket);
		return NULL;
	}
	session->tool = tool;
	session->plan = plan;
	session->socket = socket;
	look_at_terminals(session);
	rt_socket_set_callbacks(socket, &callbacks, session);
	return session;
}

struct rt_session *rt_session_connect(struct rt_tool *tool,
				      struct rt_plan *plan, struct rt_addr addr)
{
	struct rt_session *session;
	int err;

	session = new_session(tool, plan,
			      rt_socket_new(tool->host, plan->protocol));
	if (!session)
		return NULL;
	rt_addr_format(addr, session->peer);
	err = rt_plan_set_up_socket(plan, session->socket);
	if (err == 0)
		err = plan->has_uuid ? rt_socket_connect_uuid(session->socket,
							      addr, plan->uuid)
				     : rt_socket_connect(session->socket, addr,
							 plan->port);
	if (err == 0)
		return session;
	rt_tool_explain_connect(tool, addr, err);
	rt_socket_free(session->socket);
	free(session);
	return NULL;
}

struct rt_session *rt_session_accept(struct rt_tool *tool, struct rt_plan *plan,
				     struct rt_socket *socket)
{
	struct rt_session *session = new_session(tool, plan, socket);
	char port[RT_PLAN_PORT_BYTES];

	if (!session)
		return NULL;
	rt_addr_format(rt_socket_peer_address(socket), session->peer);
	if (!plan->quiet)
		fprintf(stderr, "Connection from %s to %s\n", session->peer,
			rt_plan_format_port(plan, port));
	open_session(session);
	return session;
}

/* ---- receiving --------------------------------------------------------- */

static bool flush_output(struct rt_session *session)
{
	struct block *rx = &session->rx;
	ptrdiff_t count;

	while (rx->done < rx->used && !session->output_dead) {
		count = rt_stream_write(&session->plan->out,
					rx->data + rx->done,
					rx->used - rx->done);
		if (count == -EAGAIN)
			return false;
		if (count < 0) {
			fail(session, "cannot write what was received: %s",
			     strerror((int)-count));
			session->output_dead = true;
			close_socket(session);
			return true;
		}
		rx->done += (size_t)count;
	}
	return true;
}

static void receive(struct rt_session *session)
{
	struct block *rx = &session->rx;
	ptrdiff_t count;

	while (flush_output(session)) {
		rx->used = 0;
		rx->done = 0;
		count = rt_socket_read(session->socket, rx->data,
				       sizeof(rx->data));
		if (count == -ENOBUFS) {
			session->datagrams_lost = true;
			continue;
		}
		if (count < 0)
			return;
		rx->used = (size_t)count;
		session->received += (uint64_t)count;
	}
}

/* ---- sending ----------------------------------------------------------- */

static bool fill_block(struct rt_session *session)
{
	struct block *tx = &session->tx;
	ptrdiff_t count;

	if (session->input_ended)
		return false;
	count = rt_stream_read(&session->plan->in, tx->data,
			       session->block_bytes);
	if (count == -EAGAIN)
		return false;
	tx->done = 0;
	tx->used = count > 0 ? (size_t)count : 0;
	if (count > 0)
		return true;
	session->input_ended = true;
	if (count < 0)
		fail(session, "cannot read what is to be sent: %s",
		     strerror((int)-count));
	if (count < 0 || !session->plan->wait)
		close_socket(session);
	return false;
}

static void send_input(struct rt_session *session)
{
	struct block *tx = &session->tx;
	ptrdiff_t count;

	while (!session->closing && !session->closed) {
		if (tx->done == tx->used && !fill_block(session))
			return;
		count = rt_socket_write(session->socket, tx->data + tx->done,
					tx->used - tx->done);
		if (count < 0)
			return; /* full, or closing: not lost on us */
		tx->done += (size_t)count;
		session->accepted += (uint64_t)count;
	}
}

/* ---- the owner's side -------------------------------------------------- */

static void interrupt(struct rt_session *session)
{
	if (!session->interrupted) {
		session->interrupted = true;
		session->input_ended = true;
		rt_child_terminate(&session->child);
		close_socket(session);
		/* A connect that is given up ends without a word. */
		if (!session->opened)
			session->closed = true;
	}
	if (session->tool->interrupts >= 2 && !session->closed) {
		session->closed = true;
		rt_socket_abort(session->socket);
	}
}

static bool shows_progress(const struct rt_session *session)
{
	const struct rt_plan *plan = session->plan;

	return session->opened && !session->closed && !plan->quiet &&
	       !plan->command && !plan->probe && session->shows_progress &&
	       (session->received == 0 || !session->out_is_terminal);
}

static int show_progress(struct rt_session *session)
{
	uint64_t now_us = rt_tool_now_us();
	uint64_t last_us = session->progress_us;
	uint64_t total = session->sent + session->received;
	char sent[RT_TEXT_BYTES];
	char received[RT_TEXT_BYTES];
	char rate[RT_TEXT_BYTES];

	if (!shows_progress(session))
		return -1;
	if (last_us == 0)
		last_us = session->opened_us;
	if (now_us - last_us < PROGRESS_US)
		return PROGRESS_MS;
	session->progress_us = now_us;
	fprintf(stderr, "\r%s sent, %s received, %s\033[K",
		rt_text_bytes(session->sent, sent),
		rt_text_bytes(session->received, received),
		rt_text_rate(total, now_us - session->opened_us, rate));
	return PROGRESS_MS;
}

static void ask_for(struct rt_session *session, struct pollfd *fds)
{
	const struct rt_plan *plan = session->plan;
	bool wants_input = session->opened && !session->closing &&
			   !session->closed && !session->input_ended &&
			   session->tx.done == session->tx.used;
	bool wants_output =
		session->rx.done < session->rx.used && !session->output_dead;

	fds[0] = (struct pollfd){
		.fd = wants_input ? plan->in.fd : -1,
		.events = POLLIN,
	};
	fds[1] = (struct pollfd){
		.fd = wants_output ? plan->out.fd : -1,
		.events = POLLOUT,
	};
}

int rt_session_work(struct rt_session *session, struct pollfd *fds)
{
	if (session->tool->interrupts > 0)
		interrupt(session);
	if (session->opened && !session->plan->command) {
		receive(session);
		send_input(session);
	}
	session->child_ended = rt_child_has_ended(&session->child);
	ask_for(session, fds);
	return show_progress(session);
}

bool rt_session_is_over(const struct rt_session *session)
{
	if (rt_tool_is_lost(session->tool))
		return true;
	if (!session->closed || !session->child_ended)
		return false;
	return session->rx.done == session->rx.used || session->output_dead ||
	       session->interrupted;
}

/* ---- the verdict ------------------------------------------------------- */

/* What the peer has not got although it was to be sent, as far as known. */
static uint64_t count_unsent(struct rt_session *session)
{
	uint64_t unsent = session->accepted - session->sent;

	if (session->tx.done == session->tx.used && !session->closing &&
	    !rt_stream_is_terminal(&session->plan->in))
		fill_block(session);
	return unsent + (session->tx.used - session->tx.done);
}

static uint64_t count_lost(const struct rt_session *session)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };

	if (session->plan->protocol != RT_PROTOCOL_L2CAP)
		return 0;
	rt_socket_get_stats(session->socket, &stats);
	return stats.rx_dropped > 0 ? stats.rx_dropped
				    : session->datagrams_lost;
}

/* Frames of streaming mode that never came. */
static void judge_stream(struct rt_session *session)
{
	struct rt_socket_stats stats = { .size = sizeof(stats) };

	rt_socket_get_stats(session->socket, &stats);
	if (stats.rx_lost > 0)
		fail(session,
		     "%" PRIu64 " pieces of what the peer sent were lost on "
		     "the way: streaming mode does not repeat",
		     stats.rx_lost);
}

static void judge_data(struct rt_session *session)
{
	uint64_t lost = count_lost(session);
	uint64_t unsent = 0;

	if (!session->plan->command)
		unsent = count_unsent(session);
	if (unsent > 0)
		fail(session,
		     "%s closed the connection before everything was sent: "
		     "at least %" PRIu64 " octets did not leave",
		     session->peer, unsent);
	if (lost > 0)
		fail(session,
		     "%" PRIu64 " datagrams were lost: the output was too "
		     "slow, and this mode of L2CAP has no flow control",
		     lost);
	judge_stream(session);
}

static void judge(struct rt_session *session)
{
	/* What went wrong may be just that, in other words. */
	if (session->failed && rt_tool_is_lost(session->tool))
		session->tool->explained = true;
	if (rt_tool_explain_loss(session->tool))
		session->failed = true;
	if (session->interrupted)
		fail(session, "interrupted");
	if (session->opened)
		judge_data(session);
	if (!session->failed && session->plan->command)
		session->failed = !rt_child_succeeded(&session->child,
						      session->plan->command);
}

static void summarize(const struct rt_session *session)
{
	uint64_t elapsed_us = session->closed_us - session->opened_us;
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	char rate[RT_TEXT_BYTES];

	if (!session->opened || session->closed_us == 0 ||
	    session->tool->verbose == 0)
		return;
	rt_socket_get_stats(session->socket, &stats);
	fprintf(stderr,
		"Sent %" PRIu64 " octets, received %" PRIu64
		" octets in %.2f s, %s\n",
		stats.tx_bytes, stats.rx_bytes, (double)elapsed_us / 1e6,
		rt_text_rate(stats.tx_bytes + stats.rx_bytes, elapsed_us,
			     rate));
}

int rt_session_finish(struct rt_session *session)
{
	int status;

	clear_progress(session);
	judge(session);
	summarize(session);
	if (session->opened && session->plan->stats)
		rt_figures_print(stderr, session->socket, session->plan->json);
	rt_child_terminate(&session->child);
	rt_socket_free(session->socket);
	status = session->failed ? RT_EXIT_FAILED : RT_EXIT_OK;
	free(session);
	return status;
}
