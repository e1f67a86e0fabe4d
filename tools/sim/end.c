/* SPDX-License-Identifier: MIT */
#include "tools/sim/end.h"

#include <errno.h>
#include <string.h>

#include "tools/sim/random.h"
#include "tools/sim/run.h"

#define PIECE_MAX 4096

static const char *const states[] = { "UNCONNECTED", "SERVICE_LOOKUP",
				      "CONNECTING",  "CONNECTED",
				      "BOUND",	     "CLOSING",
				      "LISTENING" };

static bool in_quiet(const struct sim_end *end)
{
	return end->app->run->phase != SIM_PHASE_FAULTS;
}

struct sim_end *sim_end_get(struct sim_app *app)
{
	for (unsigned int i = 0; i < SIM_ENDS; i++) {
		if (!app->end[i].s)
			return &app->end[i];
	}
	return NULL;
}

static unsigned int number(const struct sim_end *end)
{
	return (unsigned int)(end - end->app->end);
}

#define SAY(end, fmt, ...)                                                 \
	sim_say((end)->app->run, "app %u end %u: " fmt, (end)->app->index, \
		number(end), __VA_ARGS__)
#define FAIL(end, fmt, ...)                                                 \
	sim_fail((end)->app->run, "app %u end %u: " fmt, (end)->app->index, \
		 number(end), __VA_ARGS__)

/* --- reading ------------------------------------------------------------ */

static void check_taken(struct sim_end *end, const char *wrong)
{
	if (wrong)
		FAIL(end, "%s (stream %08x of %u, %llu of %llu)", wrong,
		     end->in->id, end->in->from,
		     (unsigned long long)end->in->received,
		     (unsigned long long)end->in->sent);
}

/* Octets of a stream whose first ones say which it is. */
static void take_stream(struct sim_end *end, const uint8_t *buf, size_t bytes)
{
	struct sim_streams *streams = &end->app->run->streams;
	size_t n;

	if (!end->in) {
		n = RT_MIN(bytes, sizeof(end->head) - end->head_bytes);
		memcpy(end->head + end->head_bytes, buf, n);
		end->head_bytes += n;
		buf += n;
		bytes -= n;
		if (end->head_bytes < sizeof(end->head))
			return;
		end->in = sim_stream_find(streams, end->head, sizeof(end->head),
					  end);
		if (!end->in || end->in->datagrams)
			FAIL(end, "%s", "octets that nobody sent to it");
		SAY(end, "reads stream %08x", end->in->id);
		check_taken(end, sim_stream_take(streams, end->in, end->head,
						 sizeof(end->head), false));
	}
	check_taken(end, sim_stream_take(streams, end->in, buf, bytes, false));
}

static void take_datagram(struct sim_end *end, const uint8_t *buf, size_t bytes)
{
	struct sim_streams *streams = &end->app->run->streams;

	if (!end->in) {
		end->in = sim_stream_find(streams, buf, bytes, end);
		if (!end->in || !end->in->datagrams)
			FAIL(end, "%s", "a datagram that nobody sent to it");
		SAY(end, "reads stream %08x", end->in->id);
	}
	if (!end->in->datagrams)
		FAIL(end, "%s", "a datagram that nobody sent to it");
	/* An echo leaves out what is too long for us. */
	check_taken(end, sim_stream_take(streams, end->in, buf, bytes,
					 end->gap || end->in == end->out));
	end->gap = false;
}

/* One read. False if there was nothing. */
static bool read_once(struct sim_end *end)
{
	static uint8_t buf[65536];
	size_t cap = sizeof(buf);
	ptrdiff_t n;

	if (end->protocol == RT_PROTOCOL_RFCOMM && !in_quiet(end))
		cap = 1 + sim_below(&end->app->dice, PIECE_MAX);
	n = rt_socket_read(end->s, buf, cap);
	if (n == -ENOBUFS) {
		if (end->mode == RT_SOCKET_MODE_ERTM ||
		    end->mode == RT_SOCKET_MODE_CREDIT)
			FAIL(end, "%s", "a gap in a mode with flow control");
		end->gap = true;
		return true;
	}
	if (n < 0 && n != -EAGAIN && n != -ENOTCONN)
		FAIL(end, "a read fails: %s", strerror((int)-n));
	if (n < 0)
		return false;
	if (!sim_plan_is_faithful(&end->app->run->plan))
		return true;
	if (end->protocol == RT_PROTOCOL_RFCOMM)
		take_stream(end, buf, (size_t)n);
	else
		take_datagram(end, buf, (size_t)n);
	return true;
}

void sim_end_read(struct sim_end *end)
{
	while (end->s && (end->reads_left > 0 || in_quiet(end)) &&
	       read_once(end)) {
		if (end->reads_left > 0)
			end->reads_left--;
	}
}

/* --- writing ------------------------------------------------------------ */

/* A piece to write; 0 if there is nothing. */
static size_t make_piece(struct sim_end *end, uint8_t *buf)
{
	uint64_t *dice = &end->app->dice;
	int64_t frame = 0;
	size_t bytes;

	if (end->budget == 0)
		return 0;
	if (end->protocol == RT_PROTOCOL_RFCOMM) {
		bytes = 1 + sim_below(dice, PIECE_MAX);
		if (bytes > end->budget)
			bytes = (size_t)end->budget;
		sim_stream_fill(end->out, end->out->sent, buf, bytes);
		return bytes;
	}
	struct rt_socket_stats stats = { .size = sizeof(stats) };
	rt_socket_get_stats(end->s, &stats);
	frame = RT_MIN(stats.tx_mtu, PIECE_MAX);
	if (frame < SIM_DATAGRAM_HEADER)
		return 0;
	bytes = SIM_DATAGRAM_HEADER +
		sim_below(dice, (uint32_t)frame - SIM_DATAGRAM_HEADER + 1);
	sim_stream_datagram(end->out, buf, bytes);
	return bytes;
}

void sim_end_write(struct sim_end *end)
{
	uint8_t buf[PIECE_MAX];
	uint64_t count;
	size_t bytes;
	ptrdiff_t n;

	while (end->s && end->connected && !end->closing && end->out) {
		bytes = make_piece(end, buf);
		if (bytes == 0)
			break;
		n = rt_socket_write(end->s, buf, bytes);
		if (n == -EAGAIN || n == -ENOTCONN || n == -ENOMEM)
			return;
		if (n <= 0 || (size_t)n > bytes)
			FAIL(end, "a write of %zu returns %td", bytes, n);
		count = end->out->datagrams ? 1 : (uint64_t)n;
		end->out->sent += count;
		end->budget -= count;
		if ((size_t)n < bytes)
			return;
	}
	if (end->s && end->connected && end->budget == 0 && end->close_after &&
	    !end->closing)
		sim_end_close(end);
}

/* --- what the socket tells ---------------------------------------------- */

/* Which state may follow which, as the application hears of them. */
static bool may_follow(enum rt_socket_state from, enum rt_socket_state to)
{
	switch (to) {
	case RT_SOCKET_SERVICE_LOOKUP:
		return from == RT_SOCKET_UNCONNECTED;
	case RT_SOCKET_CONNECTING:
		return from == RT_SOCKET_UNCONNECTED ||
		       from == RT_SOCKET_SERVICE_LOOKUP;
	case RT_SOCKET_CONNECTED:
		return from == RT_SOCKET_CONNECTING;
	case RT_SOCKET_CLOSING:
		return from == RT_SOCKET_CONNECTED ||
		       from == RT_SOCKET_CONNECTING;
	case RT_SOCKET_UNCONNECTED:
		return from != RT_SOCKET_UNCONNECTED;
	case RT_SOCKET_BOUND:
	case RT_SOCKET_LISTENING:
		break;
	}
	return false;
}

static void maybe_in_callback(struct sim_end *end)
{
	struct sim_app *app = end->app;

	if (!sim_plan_has(&app->run->plan, SIM_IN_CALLBACK) || in_quiet(end) ||
	    sim_below(&app->dice, 20) > 0)
		return;
	switch (sim_below(&app->dice, 5)) {
	case 0:
		sim_end_close(end);
		break;
	case 1:
		sim_end_abort(end);
		break;
	case 2:
		sim_end_free(end);
		break;
	default:
		sim_end_free(&app->end[sim_below(&app->dice, SIM_ENDS)]);
	}
}

static void on_state(struct rt_socket *s, enum rt_socket_state state,
		     void *user_data)
{
	struct sim_end *end = user_data;

	SAY(end, "is %s", states[state]);
	if (s != end->s)
		FAIL(end, "%s", "is told of a socket that it has freed");
	if (!may_follow(end->heard, state))
		FAIL(end, "%s after %s", states[state], states[end->heard]);
	end->heard = state;
	maybe_in_callback(end);
}

/* What it is going to say, and how long it is going to listen. */
static void begin_streams(struct sim_end *end)
{
	struct sim_app *app = end->app;
	const struct sim_plan *plan = &app->run->plan;
	const bool datagrams = end->protocol == RT_PROTOCOL_L2CAP;
	struct rt_socket_stats stats = { .size = sizeof(stats) };

	rt_socket_get_stats(end->s, &stats);
	if (datagrams)
		end->mode = stats.mode;
	end->out = sim_stream_new(&app->run->streams, app->index, datagrams);
	if (!end->out)
		sim_fail(app->run, "the machine is out of memory");
	SAY(end, "writes stream %08x", end->out->id);
	end->out->may_gap =
		datagrams && (end->mode == RT_SOCKET_MODE_BASIC ||
			      end->mode == RT_SOCKET_MODE_STREAMING);
	end->budget = sim_below(&app->dice, datagrams ? 60 : 60000);
	if (!sim_plan_has(plan, SIM_TRANSFER))
		end->budget = 1;
	end->close_after =
		sim_plan_has(plan, SIM_END) && sim_below(&app->dice, 3) == 0;
	end->reads_left = UINT32_MAX;
	if (sim_plan_has(plan, SIM_SLOW) && sim_below(&app->dice, 3) == 0)
		end->reads_left = sim_below(&app->dice, 20);
	end->slow =
		sim_plan_has(plan, SIM_SLOW) && sim_below(&app->dice, 3) == 0;
}

static void on_connected(struct rt_socket *s, void *user_data)
{
	struct sim_end *end = user_data;

	SAY(end, "%s", "is connected");
	if (s != end->s || end->connected || !end->connecting)
		FAIL(end, "%s", "is connected twice, or without having asked");
	end->connecting = false;
	end->connected = true;
	end->app->run->opened++;
	begin_streams(end);
	sim_end_write(end);
	maybe_in_callback(end);
}

static void on_disconnected(struct rt_socket *s, void *user_data)
{
	struct sim_end *end = user_data;
	const bool by_peer =
		rt_socket_error(s) == RT_SOCKET_ERROR_REMOTE_HOST_CLOSED;

	SAY(end, "%s", "is disconnected");
	if (s != end->s || !end->connected)
		FAIL(end, "%s", "is disconnected without being connected");
	end->connected = false;
	end->reads_left = UINT32_MAX;
	sim_end_read(end);
	if (!end->s)
		return;
	if (end->in && end->in != end->out && by_peer && !end->closing)
		end->in->read_to_end = true;
	if (end->out && end->closing && !end->failed)
		end->out->ended_in_order = true;
	maybe_in_callback(end);
}

static void on_error(struct rt_socket *s, enum rt_socket_error error,
		     void *user_data)
{
	struct sim_end *end = user_data;

	SAY(end, "error %d, %s", error, rt_socket_error_string(s));
	if (s != end->s)
		FAIL(end, "%s", "is told of a socket that it has freed");
	if (error == RT_SOCKET_ERROR_NONE ||
	    rt_socket_error_string(s)[0] == '\0')
		FAIL(end, "%s", "an error that is none, or has no sentence");
	if (!end->connecting && !end->connected)
		FAIL(end, "%s", "an error though nothing is under way");
	end->connecting = false;
	end->failed = true;
	maybe_in_callback(end);
}

static void on_readable(struct rt_socket *s, void *user_data)
{
	struct sim_end *end = user_data;

	if (s != end->s)
		FAIL(end, "%s", "is told of a socket that it has freed");
	if (!end->slow || in_quiet(end))
		sim_end_read(end);
	if (end->s)
		maybe_in_callback(end);
}

static void on_writable(struct rt_socket *s, void *user_data)
{
	struct sim_end *end = user_data;

	if (s != end->s)
		FAIL(end, "%s", "is told of a socket that it has freed");
	sim_end_write(end);
}

static const struct rt_socket_callbacks callbacks = {
	.size = sizeof(callbacks),
	.on_state_changed = on_state,
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_error = on_error,
	.on_readable = on_readable,
	.on_writable = on_writable,
};

/* --- its life ----------------------------------------------------------- */

void sim_end_attach(struct sim_end *end, struct rt_socket *s,
		    enum rt_protocol protocol, enum rt_l2cap_socket_mode mode)
{
	struct sim_app *const app = end->app;

	memset(end, 0, sizeof(*end));
	end->app = app;
	if (!s)
		return;
	end->s = s;
	end->protocol = protocol;
	end->mode = mode;
	end->heard = RT_SOCKET_UNCONNECTED;
	rt_socket_set_callbacks(s, &callbacks, end);
}

void sim_end_taken(struct sim_end *end)
{
	if (!end->s)
		return;
	SAY(end, "%s", "was taken from a server");
	/* It may be over already, and says so soon. */
	end->heard = RT_SOCKET_CONNECTED;
	end->connected = true;
	end->app->run->opened++;
	begin_streams(end);
}

void sim_end_connecting(struct sim_end *end, int err)
{
	SAY(end, "connects to port %u: %d", rt_socket_peer_port(end->s), err);
	if (err == 0)
		end->connecting = true;
	else
		sim_end_free(end);
}

void sim_end_close(struct sim_end *end)
{
	if (!end->s || end->closing)
		return;
	SAY(end, "%s", "closes");
	end->closing = true;
	/* A close before the end of a connect is its end. */
	end->connecting = false;
	rt_socket_close(end->s);
}

void sim_end_abort(struct sim_end *end)
{
	if (!end->s)
		return;
	SAY(end, "%s", "aborts");
	end->closing = true;
	end->failed = true;
	end->connecting = false;
	rt_socket_abort(end->s);
	if (rt_socket_state(end->s) != RT_SOCKET_UNCONNECTED)
		FAIL(end, "%s", "aborted, and not UNCONNECTED");
}

void sim_end_free(struct sim_end *end)
{
	struct rt_socket *s = end->s;

	if (!s)
		return;
	SAY(end, "%s", "is freed");
	end->s = NULL;
	rt_socket_free(s);
}

bool sim_end_is_quiet(const struct sim_end *end)
{
	const enum rt_socket_state state =
		end->s ? rt_socket_state(end->s) : RT_SOCKET_UNCONNECTED;

	return state == RT_SOCKET_UNCONNECTED || state == RT_SOCKET_CONNECTED;
}
