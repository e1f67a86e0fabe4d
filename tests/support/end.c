/* SPDX-License-Identifier: MIT */
#include "tests/support/end.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * In each callback and write: every ck_assert() that holds costs a system
 * call.
 */
#define MUST(condition)                           \
	do {                                      \
		if (!(condition))                 \
			ck_abort_msg(#condition); \
	} while (false)

static void note(struct end *end, const char *text)
{
	const size_t len = strlen(end->log);

	snprintf(end->log + len, sizeof(end->log) - len, "%s", text);
}

static void then(struct end *end, char what)
{
	if (end->then)
		end->then(end, what);
}

static void on_state_changed(struct rt_socket *s, enum rt_socket_state state,
			     void *user_data)
{
	static const char *const letters[] = {
		[RT_SOCKET_UNCONNECTED] = "U", [RT_SOCKET_SERVICE_LOOKUP] = "L",
		[RT_SOCKET_CONNECTING] = "C",  [RT_SOCKET_CONNECTED] = "K",
		[RT_SOCKET_BOUND] = "B",       [RT_SOCKET_CLOSING] = "X",
		[RT_SOCKET_LISTENING] = "?",
	};
	struct end *end = user_data;

	MUST(s == end->s);
	note(end, letters[state]);
	then(end, letters[state][0]);
}

static void on_connected(struct rt_socket *s, void *user_data)
{
	struct end *end = user_data;

	MUST(s == end->s);
	end->connected++;
	note(end, "+");
	end_push(end);
	then(end, '+');
}

static void on_disconnected(struct rt_socket *s, void *user_data)
{
	struct end *end = user_data;

	MUST(s == end->s);
	end->disconnected++;
	note(end, "-");
	then(end, '-');
}

static void on_error(struct rt_socket *s, enum rt_socket_error error,
		     void *user_data)
{
	struct end *end = user_data;
	char text[8];

	MUST(s == end->s);
	end->errors++;
	end->error = error;
	snprintf(end->error_string, sizeof(end->error_string), "%s",
		 rt_socket_error_string(s));
	snprintf(text, sizeof(text), "E%d", (int)error);
	note(end, text);
	then(end, 'E');
}

static void on_readable(struct rt_socket *s, void *user_data)
{
	struct end *end = user_data;

	MUST(s == end->s);
	end->readable++;
	if (!end->paused && end->rx)
		end_pull(end);
	then(end, 'r');
}

static void on_writable(struct rt_socket *s, void *user_data)
{
	struct end *end = user_data;

	MUST(s == end->s);
	end->writable++;
	end_push(end);
	then(end, 'w');
}

static void on_bytes_written(struct rt_socket *s, size_t bytes, void *user_data)
{
	struct end *end = user_data;

	MUST(s == end->s);
	MUST(bytes > 0);
	end->written += bytes;
	then(end, 'b');
}

static const struct rt_socket_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state_changed,
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_error = on_error,
	.on_readable = on_readable,
	.on_writable = on_writable,
	.on_bytes_written = on_bytes_written,
};

void end_attach(struct end *end, struct rt_socket *s)
{
	end->s = s;
	if (s)
		rt_socket_set_callbacks(s, &callbacks, end);
}

void end_open(struct end *end, struct rt_host *host, enum rt_protocol protocol)
{
	struct rt_socket *s = rt_socket_new(host, protocol);

	ck_assert_ptr_nonnull(s);
	end_attach(end, s);
}

void end_free(struct end *end)
{
	rt_socket_free(end->s);
	end->s = NULL;
}

void end_send(struct end *end, const void *data, size_t bytes)
{
	end->tx = data;
	end->tx_bytes = bytes;
	end->tx_at = 0;
	end_push(end);
}

void end_push(struct end *end)
{
	size_t n;
	ptrdiff_t done;

	while (end->tx_at < end->tx_bytes &&
	       rt_socket_state(end->s) == RT_SOCKET_CONNECTED) {
		n = end->tx_bytes - end->tx_at;
		if (end->piece != 0 && n > end->piece)
			n = end->piece;
		done = rt_socket_write(end->s, end->tx + end->tx_at, n);
		if (done == -EAGAIN)
			return;
		if (done <= 0)
			ck_abort_msg("write: %td", done);
		end->tx_at += (size_t)done;
	}
	if (end->close_when_sent && end->tx_at == end->tx_bytes)
		rt_socket_close(end->s);
}

void end_pull(struct end *end)
{
	ptrdiff_t n;

	while (end->rx_bytes <= end->rx_cap) {
		/* An octet too many shall show. */
		uint8_t more;
		const bool full = end->rx_bytes == end->rx_cap;

		n = rt_socket_read(end->s,
				   full ? &more : end->rx + end->rx_bytes,
				   full ? 1 : end->rx_cap - end->rx_bytes);
		if (n == -ENOBUFS) {
			end->gaps++;
			continue;
		}
		if (n == -EAGAIN || n == -ENOTCONN)
			return;
		if (n < 0)
			ck_abort_msg("read: %td", n);
		MUST(!full || n == 0);
		end->rx_bytes += (size_t)n;
	}
}

bool end_is_connected(void *end)
{
	return ((struct end *)end)->connected > 0;
}

bool end_has_failed(void *end)
{
	return ((struct end *)end)->errors > 0;
}

bool end_is_unconnected(void *end)
{
	return rt_socket_state(((struct end *)end)->s) == RT_SOCKET_UNCONNECTED;
}

bool end_is_full(void *end)
{
	return ((struct end *)end)->rx_bytes == ((struct end *)end)->rx_cap;
}
