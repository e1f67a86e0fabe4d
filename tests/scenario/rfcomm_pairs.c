/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "rfcomm/check.h"
#include "tests/scenario/rfcomm_seeds.h"
#include "tests/unit/rfcomm/pair.h"

/*
 * Two engines, streams between them, and users who read, close and go as
 * chance has it. After each step: what has arrived is the beginning of what was
 * sent, there was room for it, and no credit was lost or made.
 */

#define STREAMS 4

/* A user of one end of a DLC. */
struct end {
	struct stream *stream;
	size_t host;
	rt_handle dlc;
	uint8_t key; /* of the octets that it sends */
	bool used, opened, closed, abandoned;
	bool ragged;
	size_t length, pulled, completed, received, unread, room_max;
	uint32_t read_max;
	struct rt_reason why;
};

/* end[0] connects. */
struct stream {
	struct end end[2];
	uint8_t channel;
	uint64_t start_us;
	bool started;
};

static struct stream streams[STREAMS];
static size_t stream_count;
static bool was_cut; /* the link, at some time */
static bool calm;    /* readers read all, nobody acts any more */

static struct rt_rfcomm *engine_of(const struct end *end)
{
	return pair.host[end->host].rfcomm;
}

static struct end *other(const struct end *end)
{
	struct stream *stream = end->stream;

	return &stream->end[end == &stream->end[0]];
}

/* Octets are laid out once: octet `at` of a stream is pattern[key + at]. */
#define PATTERN (256 + 24000)
static uint8_t pattern[PATTERN];

static void make_pattern(void)
{
	if (pattern[1])
		return;
	for (size_t i = 0; i < PATTERN; i++)
		pattern[i] = (uint8_t)(i * 167 + (i >> 8) * 59 + 1);
}

static void on_opened(void *user, rt_handle dlc)
{
	struct end *end = user;

	ck_assert(end->dlc == dlc && !end->opened && !end->closed);
	end->opened = true;
	seed_totals.opened++;
	seed_log("host %zu, channel %u: open", end->host, end->stream->channel);
	rt_rfcomm_ready(engine_of(end), dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct end *end = user;

	ck_assert(end->dlc == dlc && !end->closed && !end->abandoned);
	ck_assert(end->completed == end->pulled);
	end->closed = true;
	end->why = *why;
	seed_totals.closed++;
	seed_log("host %zu, channel %u: closed, layer %d, code %u", end->host,
		 end->stream->channel, (int)why->layer, why->code);
	ck_assert(why->layer != RT_LAYER_RFCOMM ||
		  (why->code != RT_RFCOMM_CREDITS &&
		   why->code != RT_RFCOMM_BAD_PEER));
	/* Closed in order by the other side: all that it had sent. */
	if (why->layer == RT_LAYER_RFCOMM && why->code == RT_RFCOMM_PEER_DISC &&
	    end->opened && !was_cut)
		ck_assert_msg(end->received == other(end)->pulled,
			      "%zu of %zu octets before DISC", end->received,
			      other(end)->pulled);
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct end *end = user;
	const struct end *from = other(end);

	ck_assert(end->dlc == dlc && end->opened && !end->closed &&
		  !end->abandoned);
	ck_assert(end->received + data.len <= from->pulled);
	ck_assert(memcmp(data.ptr, pattern + from->key + end->received,
			 data.len) == 0);
	end->received += data.len;
	end->unread += data.len;
	ck_assert_msg(end->unread <= end->room_max,
		      "%zu octets in room for %zu", end->unread, end->room_max);
	seed_totals.frames++;
	seed_totals.bytes += data.len;
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	struct end *end = user;
	size_t n = RT_MIN(max, end->length - end->pulled);

	ck_assert(end->dlc == dlc && end->opened && !end->closed &&
		  !end->abandoned);
	if (n == 0)
		return false;
	if (end->ragged)
		n = 1 + pair_random((uint32_t)n);
	pdu->body[0] = rt_bytes(pattern + end->key + end->pulled, n);
	pdu->done.bytes = (uint32_t)n;
	end->pulled += n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	struct end *end = user;

	ck_assert(end->dlc == dlc && !end->closed && !end->abandoned);
	ck_assert(written || was_cut || end->why.layer || !end->closed);
	end->completed += done->bytes;
}

static int on_incoming(void *user, rt_handle dlc);

static const struct rt_rfcomm_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

/* Its user is the stream, of which the first attempt alone is taken. */
static int on_incoming(void *user, rt_handle dlc)
{
	struct stream *stream = user;
	struct end *end = &stream->end[1];

	if (end->used)
		return -ECONNREFUSED;
	end->used = true;
	end->dlc = dlc;
	rt_rfcomm_set_user(engine_of(end), dlc, &ops, end);
	return 0;
}

static void end_init(struct stream *stream, size_t i, size_t host)
{
	stream->end[i] = (struct end){
		.stream = stream,
		.host = host,
		.key = (uint8_t)(64 * i + 16 * (size_t)(stream - streams)),
		.ragged = pair_random(2),
		.length = pair_random(4) ? pair_random(20000) : 0,
		.room_max = 1011 * (1 + pair_random(1 + pair_random(20))),
		.read_max = 1 + pair_random(3000),
	};
}

static void listen_for(struct stream *stream)
{
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.user = stream,
		.room_bytes = stream->end[1].room_max,
	};
	uint8_t channel;

	ck_assert(rt_rfcomm_listen(engine_of(&stream->end[1]), 0, &params,
				   &channel) == 0);
	stream->channel = channel;
}

static void connect_stream(struct stream *stream)
{
	static const uint16_t sizes[] = { 0, 0, 0, 23, 100, 127, 500, 1011 };
	struct end *end = &stream->end[0];
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.user = end,
		.frame_bytes = sizes[pair_random(8)],
		.room_bytes = end->room_max,
	};

	stream->started = true;
	end->used = true;
	ck_assert(rt_rfcomm_connect(engine_of(end), pair_addr(1 - end->host),
				    stream->channel, &params, &end->dlc) == 0);
	seed_log("%.6f host %zu connects to channel %u",
		 (double)pair.now_us / 1e6, end->host, stream->channel);
}

/* What `from` may send is what `to` has granted and not seen used. */
static void check_credits(const struct end *from, const struct end *to)
{
	struct rt_rfcomm_info tx;
	struct rt_rfcomm_info rx;
	uint32_t frames;
	uint32_t credits;
	uint32_t unused;

	if (!from->opened || !to->opened || from->closed || to->closed ||
	    rt_rfcomm_get_info(engine_of(from), from->dlc, &tx) ||
	    rt_rfcomm_get_info(engine_of(to), to->dlc, &rx) || !tx.open ||
	    !rx.open || !tx.credit_flow)
		return;
	pair_in_flight(to->host, tx.dlci, &frames, &unused);
	pair_in_flight(from->host, tx.dlci, &unused, &credits);
	ck_assert_msg(rx.rx_credits == tx.tx_credits + frames + credits,
		      "%u granted, %u held, %u and %u on the way",
		      rx.rx_credits, tx.tx_credits, frames, credits);
	ck_assert(rx.rx_credits <= rt_limits_default.rfcomm_credits);
	ck_assert((size_t)rx.rx_credits * rx.frame_bytes + to->unread <=
		  to->room_max);
	seed_totals.checks++;
}

static void read_some(struct end *end)
{
	size_t n = end->unread;

	if (!end->opened || end->closed || end->abandoned || n == 0)
		return;
	if (!calm)
		n = pair_random(3) ? 0 : pair_random(end->read_max);
	n = RT_MIN(n, end->unread);
	if (n == 0)
		return;
	end->unread -= n;
	rt_rfcomm_set_room(engine_of(end), end->dlc,
			   end->room_max - end->unread);
}

static void each_step(void)
{
	seed_totals.steps++;
	for (size_t i = 0; i < stream_count; i++) {
		struct stream *stream = &streams[i];

		check_credits(&stream->end[0], &stream->end[1]);
		check_credits(&stream->end[1], &stream->end[0]);
		read_some(&stream->end[0]);
		read_some(&stream->end[1]);
	}
}

static bool log_tap(void *user, struct rt_addr peer, bool sent, uint16_t cid,
		    struct rt_bytes payload)
{
	(void)user;
	(void)peer;
	(void)cid;
	seed_log_frame(pair.now_us, sent ? "host 0" : "host 1", payload.ptr,
		       payload.len);
	return true;
}

static const struct rt_l2cap_tap tap = { .pdu = log_tap };

static void begin(uint64_t seed)
{
	make_pattern();
	was_cut = false;
	calm = false;
	pair_setup(seed * UINT64_C(0x9e3779b97f4a7c15) + 1);
	for (int i = 0; i < 8; i++)
		pair_random(2);
	pair.lazy = pair_random(4) > 0;
	pair.latency_us = 500 + pair_random(40000);
	pair.check = each_step;
	if (seed_verbose)
		rt_rfcomm_set_tap(pair.host[0].rfcomm, &tap, NULL);
	seed_log_engine(&pair.host[0].fake);
	seed_log_engine(&pair.host[1].fake);
	stream_count = 1 + pair_random(STREAMS);
	for (size_t i = 0; i < stream_count; i++) {
		struct stream *stream = &streams[i];
		const size_t host = pair_random(2);

		*stream = (struct stream){ .start_us = 0 };
		end_init(stream, 0, host);
		end_init(stream, 1, 1 - host);
		listen_for(stream);
		/* Half of them all at once: sessions cross. */
		if (pair_random(2))
			stream->start_us = pair_random(1500000);
	}
}

static void start_those_due(void)
{
	for (size_t i = 0; i < stream_count; i++) {
		if (!streams[i].started && streams[i].start_us <= pair.now_us)
			connect_stream(&streams[i]);
	}
	/* The pair sees a request only while it is one. */
	pair_run_us(0);
}

static struct end *some_end(void)
{
	struct stream *stream = &streams[pair_random((uint32_t)stream_count)];

	return &stream->end[pair_random(2)];
}

static bool is_there(const struct end *end)
{
	return end->used && !end->closed && !end->abandoned;
}

static void cut_link(void)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.code = 0x08, /* supervision timeout */
		.err = -ETIMEDOUT,
	};

	seed_log("%.6f the link is cut", (double)pair.now_us / 1e6);
	was_cut = true;
	seed_totals.cut++;
	pair_cut(&why);
}

static void act_on_port(const struct end *end)
{
	const struct rt_rfcomm_modem modem = {
		.signals = pair_random(2) ? RT_RFCOMM_RTC : RT_RFCOMM_DV,
		.has_break = pair_random(2),
	};
	const struct rt_rfcomm_line line = {
		.baud = (uint8_t)pair_random(9),
		.bits = 3,
		.xon = (uint8_t)pair_random(256),
	};

	(void)!rt_rfcomm_set_modem(engine_of(end), end->dlc, &modem);
	(void)!rt_rfcomm_set_line(engine_of(end), end->dlc, &line);
	(void)!rt_rfcomm_send_line_status(engine_of(end), end->dlc, 0x03);
}

/* What users do, mostly nothing. */
static void act(void)
{
	struct end *end = some_end();

	if (!is_there(end))
		return;
	switch (pair_random(60)) {
	case 0:
		seed_log("%.6f host %zu closes", (double)pair.now_us / 1e6,
			 end->host);
		rt_rfcomm_close(engine_of(end), end->dlc);
		return;
	case 1:
		seed_log("%.6f host %zu goes", (double)pair.now_us / 1e6,
			 end->host);
		end->abandoned = true;
		rt_rfcomm_abandon(engine_of(end), end->dlc);
		return;
	case 2:
	case 3:
	case 4:
		act_on_port(end);
		return;
	default:
		return;
	}
}

/* Readers read, nobody closes: all of every stream arrives. */
static void calm_down(void)
{
	calm = true;
	for (int i = 0; i < 120; i++) {
		bool done = true;

		start_those_due();
		pair_run_us(RT_SECONDS(1));
		for (size_t k = 0; k < 2 * stream_count; k++) {
			const struct end *end = &streams[k / 2].end[k % 2];

			done &= !is_there(end) ||
				(end->opened &&
				 (!is_there(other(end)) ||
				  end->received == other(end)->length));
		}
		if (done)
			break;
	}
	for (size_t k = 0; k < 2 * stream_count; k++) {
		const struct end *end = &streams[k / 2].end[k % 2];
		struct rt_rfcomm_info info;

		/* Nothing hangs. */
		ck_assert(!is_there(end) || end->opened);
		if (!is_there(end) || !is_there(other(end)))
			continue;
		ck_assert_msg(end->received == other(end)->length,
			      "%zu of %zu octets arrive", end->received,
			      other(end)->length);
		if (rt_rfcomm_get_info(engine_of(end), end->dlc, &info) == 0)
			seed_totals.stalls += info.stalls;
	}
}

static void close_all(void)
{
	for (size_t k = 0; k < 2 * stream_count; k++) {
		const struct end *end = &streams[k / 2].end[k % 2];

		if (is_there(end) && (pair_random(2) || !is_there(other(end))))
			rt_rfcomm_close(engine_of(end), end->dlc);
	}
}

void seed_pair(uint64_t seed)
{
	uint32_t acts;
	uint32_t cut_at;

	begin(seed);
	acts = 20 + pair_random(60);
	cut_at = pair_random(4) ? UINT32_MAX : pair_random(acts);
	for (uint32_t i = 0; i < acts; i++) {
		start_those_due();
		act();
		if (i == cut_at)
			cut_link();
		pair_run_us(pair_random(60000));
	}
	calm_down();
	for (int i = 0; i < 10 && !pair_is_idle(); i++) {
		close_all();
		pair_run_us(RT_SECONDS(30));
	}
	ck_assert(pair_is_idle());
	for (size_t k = 0; k < 2 * stream_count; k++) {
		const struct end *end = &streams[k / 2].end[k % 2];

		ck_assert(!end->used || end->closed || end->abandoned);
	}
	pair_teardown();
}
