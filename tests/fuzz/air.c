/* SPDX-License-Identifier: MIT */
/*
 * Two hosts, and a link between them that loses, doubles, swaps and spoils the
 * frames of one L2CAP channel as the input decides (F-17). In ERTM what is
 * read is what was written, without a gap, as far as it goes; in Streaming
 * mode in that order, with gaps, unless the link itself has changed the order,
 * which six bits can't tell from a loss; an RFCOMM connection beside it never
 * notices. When the link is good again, all ends well: everything arrives, or
 * the channel has closed and a new one works. air.h has the layout of an input.
 */
#include "tests/fuzz/air.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/user.h"

#define PSM 0x1001
#define CHANNEL 1
#define CALM_S 200
#define CALM_STEP_S 8
#define MTU 600
#define DATAGRAM_MIN 4
#define LATE_MAX 3
#define FRAME_MAX 1100
#define DECISIONS_MAX 2048

/* One end of both connections. */
struct end {
	struct rt_socket *s; /* the channel; NULL: not yet */
	uint32_t sent;	     /* datagrams */
	uint32_t got;	     /* ... of the other end; the next one expected */
	bool paused;
	struct rt_socket *stream; /* RFCOMM */
	uint32_t stream_sent, stream_got;
	/* A frame to this end that is late. */
	size_t late_len;
	unsigned int late_by;
	uint8_t late[FRAME_MAX];
};

static struct {
	struct world *w;
	struct rt_server *listener;
	struct rt_server *stream_listener;
	struct end end[2];
	bool streaming; /* the mode */
	bool shuffled;	/* a frame came late or twice */
	size_t at, count;
	uint8_t decision[DECISIONS_MAX];
} now;

/* --- the link ------------------------------------------------------------ */

/* True if the packet is a frame of the channel, all of it. */
static bool is_ours(const struct end *end, enum rt_packet_type type,
		    struct rt_bytes packet)
{
	const uint8_t *p = packet.ptr;
	uint16_t ours;
	uint16_t peers;

	return type == RT_PACKET_ACL && packet.len > 8 + 2 && end->s &&
	       packet.len < FRAME_MAX &&
	       packet.len == 8U + p[4] + 256U * p[5] &&
	       rt_socket_channel_ids(end->s, &ours, &peers) == 0 &&
	       (p[6] | p[7] << 8) == ours;
}

static void release(struct world_node *node, struct end *end)
{
	uint8_t copy[FRAME_MAX];
	const size_t len = end->late_len;

	if (len == 0)
		return;
	end->late_len = 0;
	memcpy(copy, end->late, len);
	world_to_host(node, RT_PACKET_ACL, rt_bytes(copy, len));
}

static void decide(struct world_node *node, struct end *end,
		   struct rt_bytes packet)
{
	const uint8_t decision =
		now.at < now.count ? now.decision[now.at++] : 0;
	const uint8_t more = decision >> 3;
	uint8_t copy[FRAME_MAX];

	memcpy(copy, packet.ptr, packet.len);
	switch (decision & DECISION_MASK) {
	case DECIDE_DROP:
		break;
	case DECIDE_TWICE:
		now.shuffled = true;
		world_to_host(node, RT_PACKET_ACL, packet);
		world_to_host(node, RT_PACKET_ACL, packet);
		break;
	case DECIDE_LATE:
		now.shuffled = true;
		release(node, end);
		memcpy(end->late, packet.ptr, packet.len);
		end->late_len = packet.len;
		end->late_by = 1 + more % LATE_MAX;
		return;
	case DECIDE_SPOIL:
		copy[8 + more % (packet.len - 8)] ^= (uint8_t)(1 << more % 8);
		world_to_host(node, RT_PACKET_ACL, rt_bytes(copy, packet.len));
		break;
	default:
		world_to_host(node, RT_PACKET_ACL, packet);
		break;
	}
	if (end->late_len > 0 && --end->late_by == 0)
		release(node, end);
}

static bool meddle(void *user, struct world_node *node, bool from_controller,
		   enum rt_packet_type type, struct rt_bytes packet)
{
	struct end *end = &now.end[node->index];

	(void)user;
	if (!from_controller || !is_ours(end, type, packet))
		return false;
	decide(node, end, packet);
	return true;
}

/* --- what is sent, and read ---------------------------------------------- */

/* Datagram number `n`: its number, and octets that follow from it. */
static size_t make_datagram(uint32_t n, uint8_t buf[MTU])
{
	const uint32_t mixed = n * 2654435761U;
	const size_t len =
		DATAGRAM_MIN + (mixed >> 16) % (MTU - DATAGRAM_MIN + 1);

	for (size_t i = 0; i < DATAGRAM_MIN; i++)
		buf[i] = (uint8_t)(n >> 8 * i);
	for (size_t i = DATAGRAM_MIN; i < len; i++)
		buf[i] = (uint8_t)(mixed + i * 31);
	return len;
}

static void write_datagrams(struct end *end, unsigned int count)
{
	uint8_t buf[MTU];
	size_t len;

	while (count-- > 0 && end->s) {
		len = make_datagram(end->sent, buf);
		if (rt_socket_write(end->s, buf, len) != (ptrdiff_t)len)
			return;
		end->sent++;
	}
}

static void read_datagrams(struct end *end, const struct end *from)
{
	uint8_t buf[MTU];
	uint8_t want[MTU];
	ptrdiff_t n;
	uint32_t number;

	while (end->s && (n = rt_socket_read(end->s, buf, sizeof(buf))) > 0) {
		user_must(n >= DATAGRAM_MIN, "a datagram of ours");
		number = buf[0] | (uint32_t)buf[1] << 8 |
			 (uint32_t)buf[2] << 16 | (uint32_t)buf[3] << 24;
		user_must(number < from->sent, "one that was sent");
		if (now.streaming)
			user_must(now.shuffled || number >= end->got,
				  "none twice, and in order");
		else
			user_must(number == end->got, "and none missing");
		user_must((size_t)n == make_datagram(number, want) &&
				  memcmp(buf, want, (size_t)n) == 0,
			  "its octets");
		end->got = number + 1;
	}
}

static void write_stream(struct end *end, size_t bytes)
{
	uint8_t buf[256];
	ptrdiff_t n;

	for (size_t i = 0; i < bytes; i++)
		buf[i] = (uint8_t)((end->stream_sent + i) * 7 / 3);
	n = bytes ? rt_socket_write(end->stream, buf, bytes) : 0;
	if (n > 0)
		end->stream_sent += (uint32_t)n;
}

static void read_stream(struct end *end)
{
	uint8_t buf[256];
	ptrdiff_t n;

	while ((n = rt_socket_read(end->stream, buf, sizeof(buf))) > 0) {
		for (ptrdiff_t i = 0; i < n; i++)
			user_must(buf[i] ==
					  (uint8_t)(end->stream_got++ * 7 / 3),
				  "the octets of the stream");
	}
}

static void read_all(void)
{
	for (int i = 0; i < 2; i++) {
		if (!now.end[i].paused)
			read_datagrams(&now.end[i], &now.end[!i]);
		read_stream(&now.end[i]);
	}
}

/* Time passes, and both read; in steps, for reading makes room. */
static void wait(uint64_t us)
{
	const uint64_t step_us = us / 8 + 1;

	for (int i = 0; i < 8; i++) {
		world_run(now.w, step_us);
		read_all();
	}
	world_settle(now.w);
}

/* --- connections --------------------------------------------------------- */

static bool is_open(void *arg)
{
	const enum rt_socket_state state = rt_socket_state(arg);

	return state == RT_SOCKET_CONNECTED || state == RT_SOCKET_UNCONNECTED;
}

/* Both ends of a connection to that port of the second host. */
static void connect(struct rt_socket *s, struct rt_server *server,
		    struct rt_socket **ret_taken)
{
	user_must(rt_socket_connect(s, world_addr(now.w, 1),
				    rt_server_port(server)) == 0,
		  "connect");
	(void)world_run_until(now.w, is_open, s, RT_SECONDS(60));
	user_must(rt_socket_state(s) == RT_SOCKET_CONNECTED, "connected");
	*ret_taken = rt_server_next_pending(server);
	user_must(*ret_taken, "taken");
}

/* The options of both sides, from the head of the input. */
static const struct {
	enum rt_option option;
	uint8_t head, mask;
	uint16_t factor, add;
} options[] = {
	{ RT_OPTION_EXTENDED_WINDOW, 0, 4, 1, 0 },
	{ RT_OPTION_WINDOW, 1, 31, 2, 1 },
	{ RT_OPTION_MAX_TRANSMIT, 2, 7, 1, 0 },
	{ RT_OPTION_MPS, 3, 255, 2, 48 },
	{ RT_OPTION_MTU, 0, 0, 0, MTU },
	{ RT_OPTION_READ_QUEUE_BYTES, 0, 0, 0, 4096 },
	{ RT_OPTION_MODE_REQUIRED, 0, 0, 0, 1 },
};

static void open_channel(const uint8_t head[HEAD_BYTES])
{
	struct rt_socket *s =
		rt_socket_new(world_host(now.w, 0), RT_PROTOCOL_L2CAP);
	const int64_t mode =
		now.streaming ? RT_SOCKET_MODE_STREAMING : RT_SOCKET_MODE_ERTM;
	int64_t value;
	bool ok;

	rt_server_close(now.listener);
	ok = rt_socket_set_option(s, RT_OPTION_MODE, mode) == 0 &&
	     rt_server_set_option(now.listener, RT_OPTION_MODE, mode) == 0;
	for (size_t i = 0; i < RT_ARRAY_SIZE(options); i++) {
		value = (head[options[i].head] & options[i].mask) > 0;
		if (options[i].factor > 0 && options[i].mask != 4)
			value = (head[options[i].head] & options[i].mask) *
				options[i].factor;
		value += options[i].add;
		ok = ok &&
		     rt_socket_set_option(s, options[i].option, value) == 0 &&
		     rt_server_set_option(now.listener, options[i].option,
					  value) == 0;
	}
	user_must(ok && rt_server_listen(now.listener, PSM) == 0, "listen");
	connect(s, now.listener, &now.end[1].s);
	now.end[0].s = s;
}

static struct rt_server *new_server(enum rt_protocol protocol)
{
	struct rt_server *server =
		rt_server_new(world_host(now.w, 1), protocol, NULL, NULL);

	user_must(server, "memory");
	return server;
}

static void begin(const uint8_t head[HEAD_BYTES])
{
	static const struct world_hooks hooks = { .meddle = meddle };
	const struct world_options world_options = {
		.seed = 1,
		.hooks = &hooks,
		.latency_us = head[0] & 8 ? 1250 : 0,
	};

	memset(&now, 0, sizeof(now));
	now.w = world_new(&world_options);
	now.streaming = head[0] & 1;
	now.listener = new_server(RT_PROTOCOL_L2CAP);
	now.stream_listener = new_server(RT_PROTOCOL_RFCOMM);
	user_must(rt_server_listen(now.stream_listener, CHANNEL) == 0,
		  "listen");
	now.end[0].stream =
		rt_socket_new(world_host(now.w, 0), RT_PROTOCOL_RFCOMM);
	connect(now.end[0].stream, now.stream_listener, &now.end[1].stream);
	open_channel(head);
}

/* --- the story ----------------------------------------------------------- */

static void play(uint8_t what, struct rt_bytes body)
{
	struct rt_rd r = rt_rd_init(body);
	struct end *end;
	size_t n;

	if (what % RECORDS == RECORD_DECIDE) {
		n = RT_MIN(body.len, DECISIONS_MAX - now.count);
		if (n > 0)
			memcpy(now.decision + now.count, body.ptr, n);
		now.count += n;
		return;
	}
	if (what % RECORDS == RECORD_TIME) {
		wait(UINT64_C(1000) << rt_rd_u8(&r) % 15);
		return;
	}
	end = &now.end[rt_rd_u8(&r) & 1];
	switch ((enum record)(what % RECORDS)) {
	case RECORD_WRITE:
		write_datagrams(end, rt_rd_u8(&r) % 40);
		break;
	case RECORD_PAUSE:
		end->paused = !end->paused;
		break;
	case RECORD_CLOSE:
		rt_socket_close(end->s);
		break;
	case RECORD_STREAM:
		write_stream(end, rt_rd_u8(&r));
		break;
	case RECORD_DECIDE:
	case RECORD_TIME:
	case RECORDS:
		return;
	}
	world_settle(now.w);
	read_all();
}

static bool is_connected(const struct end *end)
{
	return rt_socket_state(end->s) == RT_SOCKET_CONNECTED;
}

/* The link is good from now on. */
static void end_well(const uint8_t head[HEAD_BYTES])
{
	now.at = now.count = 0;
	for (unsigned int i = 0; i < 2; i++) {
		now.end[i].paused = false;
		release(&now.w->node[i], &now.end[i]);
	}
	/* A full queue is read again and again. */
	for (int i = 0; i < CALM_S; i += CALM_STEP_S)
		wait(RT_SECONDS(CALM_STEP_S));
	for (int i = 0; i < 2; i++) {
		user_must(is_open(now.end[i].s), "connected, or not");
		user_must(now.end[i].stream_got == now.end[!i].stream_sent,
			  "the stream has all arrived");
		if (!now.streaming && is_connected(&now.end[0]) &&
		    is_connected(&now.end[1]))
			user_must(now.end[i].got == now.end[!i].sent,
				  "what was written has all arrived");
	}
	/* And a new channel works as if nothing had happened. */
	now.shuffled = false;
	for (int i = 0; i < 2; i++) {
		rt_socket_free(now.end[i].s);
		now.end[i].s = NULL;
		now.end[i].sent = now.end[i].got = 0;
	}
	world_run(now.w, RT_SECONDS(60));
	open_channel(head);
	/* As many as a reader has room for who reads late, in Streaming mode.
	 */
	write_datagrams(&now.end[0], 8);
	wait(RT_SECONDS(20));
	user_must(now.end[1].got == now.end[0].sent && now.end[1].got > 0,
		  "all arrives on the new one");
}

static void end(void)
{
	for (int i = 0; i < 2; i++) {
		rt_socket_free(now.end[i].s);
		rt_socket_free(now.end[i].stream);
		now.end[i].s = NULL;
	}
	rt_server_free(now.listener);
	rt_server_free(now.stream_listener);
	user_end_world(now.w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	uint8_t head[HEAD_BYTES];

	for (size_t i = 0; i < HEAD_BYTES; i++)
		head[i] = rt_rd_u8(&r);
	begin(head);
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(what, rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	end_well(head);
	end();
	return 0;
}
