/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/rfcomm/pair.h"
#include "tests/unit/stack/suite.h"

/*
 * Two engines move streams both ways on several DLCs, with readers that read
 * when chance has it. At each step: what arrived is what was sent, nothing
 * arrived that there was no room for, and no credit was lost or made.
 */

#define STREAM_BYTES 60000
#define STREAMS 6
#define SECONDS(n) RT_SECONDS(n)

static uint8_t pattern[2][STREAM_BYTES]; /* what host 0 and host 1 send */

/* One end of a DLC. */
struct end {
	size_t host;
	rt_handle dlc;
	size_t room_max;
	uint32_t read_max; /* octets read in a step at most */
	size_t length;	   /* to be sent */
	size_t pulled;
	size_t completed;
	size_t received;
	size_t unread;
	bool ragged; /* pulls are of any length */
	bool closes; /* when all is sent and received */
	bool opened;
	bool closed;
	struct rt_reason why;
};

/* end[0] is at the host that connects. */
struct stream {
	struct end end[2];
	uint8_t channel;
	bool used;
};

static struct stream streams[STREAMS];
static size_t checks;

static struct rt_rfcomm *engine_of(const struct end *end)
{
	return pair.host[end->host].rfcomm;
}

static void on_opened(void *user, rt_handle dlc)
{
	struct end *end = user;

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(!end->opened && !end->closed);
	end->opened = true;
	rt_rfcomm_ready(engine_of(end), dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct end *end = user;

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(!end->closed);
	ck_assert_uint_eq(end->completed, end->pulled);
	end->closed = true;
	end->why = *why;
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct end *end = user;
	const uint8_t *expected = pattern[1 - end->host] + end->received;

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(end->opened && !end->closed);
	ck_assert_uint_le(end->received + data.len, STREAM_BYTES);
	ck_assert(memcmp(data.ptr, expected, data.len) == 0);
	end->received += data.len;
	end->unread += data.len;
	ck_assert_uint_le(end->unread, end->room_max);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	struct end *end = user;
	size_t n = RT_MIN(max, end->length - end->pulled);

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(end->opened && !end->closed);
	if (n == 0)
		return false;
	if (end->ragged)
		n = 1 + pair_random((uint32_t)n);
	pdu->body[0] = rt_bytes(pattern[end->host] + end->pulled, n);
	pdu->done.bytes = (uint32_t)n;
	end->pulled += n;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	struct end *end = user;

	ck_assert_uint_eq(end->dlc, dlc);
	ck_assert(written);
	ck_assert(!end->closed);
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

/* Its user is the stream. */
static int on_incoming(void *user, rt_handle dlc)
{
	struct stream *stream = user;
	struct end *end = &stream->end[1];

	end->dlc = dlc;
	rt_rfcomm_set_user(engine_of(end), dlc, &ops, end);
	return 0;
}

static void setup(void)
{
	uint64_t random = 4711;

	for (size_t i = 0; i < STREAM_BYTES; i++) {
		pattern[0][i] = (uint8_t)suite_random(&random);
		pattern[1][i] = (uint8_t)suite_random(&random);
	}
	memset(streams, 0, sizeof(streams));
	checks = 0;
}

static struct stream *stream_new(size_t host, uint16_t frame_bytes, size_t room,
				 uint32_t read_max)
{
	struct rt_rfcomm_params params = {
		.ops = &ops,
		.frame_bytes = frame_bytes,
		.room_bytes = room,
	};
	struct stream *stream = NULL;
	uint8_t channel;

	for (size_t i = 0; i < STREAMS && !stream; i++) {
		if (!streams[i].used)
			stream = &streams[i];
	}
	ck_assert_ptr_nonnull(stream);
	stream->used = true;
	for (size_t i = 0; i < 2; i++) {
		stream->end[i] = (struct end){
			.host = i == 0 ? host : 1 - host,
			.room_max = room,
			.read_max = read_max,
			.length = STREAM_BYTES,
		};
	}
	params.user = stream;
	ck_assert_int_eq(rt_rfcomm_listen(pair.host[1 - host].rfcomm, 0,
					  &params, &channel),
			 0);
	stream->channel = channel;
	params.user = &stream->end[0];
	ck_assert_int_eq(rt_rfcomm_connect(pair.host[host].rfcomm,
					   pair_addr(1 - host), channel,
					   &params, &stream->end[0].dlc),
			 0);
	return stream;
}

/* What `from` may send is what `to` has granted and not seen used. */
static void check_credits(const struct end *from, const struct end *to)
{
	struct rt_rfcomm_info tx;
	struct rt_rfcomm_info rx;
	uint32_t frames;
	uint32_t credits;
	uint32_t unused;

	if (rt_rfcomm_get_info(engine_of(from), from->dlc, &tx) ||
	    rt_rfcomm_get_info(engine_of(to), to->dlc, &rx) || !tx.open ||
	    !rx.open || !tx.credit_flow)
		return;
	pair_in_flight(to->host, tx.dlci, &frames, &unused);
	pair_in_flight(from->host, tx.dlci, &unused, &credits);
	ck_assert_uint_eq(rx.rx_credits, tx.tx_credits + frames + credits);
	ck_assert_uint_le(rx.rx_credits, rt_limits_default.rfcomm_credits);
	/* The room for what may come is there. */
	ck_assert_uint_le((size_t)rx.rx_credits * rx.frame_bytes + to->unread,
			  to->room_max);
	checks++;
}

static void use(struct end *end)
{
	uint32_t n;

	if (!end->opened || end->closed)
		return;
	n = pair_random(end->read_max + 1);
	n = RT_MIN(n, (uint32_t)end->unread);
	if (n > 0) {
		end->unread -= n;
		rt_rfcomm_set_room(engine_of(end), end->dlc,
				   end->room_max - end->unread);
	}
	if (end->closes && end->completed == end->length &&
	    end->received == STREAM_BYTES)
		rt_rfcomm_close(engine_of(end), end->dlc);
}

static void check(void)
{
	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *stream = &streams[i];

		if (!stream->used)
			continue;
		check_credits(&stream->end[0], &stream->end[1]);
		check_credits(&stream->end[1], &stream->end[0]);
		use(&stream->end[0]);
		use(&stream->end[1]);
	}
}

static void assert_whole(const struct stream *stream)
{
	for (size_t i = 0; i < 2; i++) {
		const struct end *end = &stream->end[i];

		ck_assert(end->opened);
		ck_assert_uint_eq(end->completed, end->length);
		ck_assert_uint_eq(end->received, stream->end[1 - i].length);
	}
}

static void run(uint64_t seconds)
{
	pair.check = check;
	for (uint64_t i = 0; i < seconds && !pair_is_idle(); i++)
		pair_run_us(SECONDS(1));
}

START_TEST(a_stream_arrives_both_ways_and_closes_in_order)
{
	struct stream *stream;

	pair_setup(1);
	pair.lazy = true;
	stream = stream_new(0, 0, 65536, 65536);
	stream->end[0].closes = true;
	run(600);
	assert_whole(stream);
	ck_assert(stream->end[0].closed && stream->end[1].closed);
	ck_assert_uint_eq(stream->end[0].why.code, RT_RFCOMM_CLOSED);
	ck_assert_uint_eq(stream->end[1].why.code, RT_RFCOMM_PEER_DISC);
	ck_assert(pair_is_idle());
	ck_assert_uint_gt(checks, 100);
	pair_teardown();
}
END_TEST

START_TEST(slow_readers_hold_the_peer_back_and_lose_nothing)
{
	static const struct {
		uint16_t frame_bytes;
		size_t room;
		uint32_t read_max;
	} cases[] = {
		{ 0, 1011, 400 },    { 0, 2100, 300 },	 { 0, 65536, 2000 },
		{ 127, 127, 90 },    { 127, 1000, 250 }, { 23, 60, 60 },
		{ 500, 40000, 700 }, { 0, 33000, 1011 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		struct stream *stream;

		setup();
		pair_setup(100 + i);
		pair.lazy = true;
		pair.latency_us = 1000 + pair_random(5000);
		stream = stream_new(i % 2, cases[i].frame_bytes, cases[i].room,
				    cases[i].read_max);
		stream->end[0].ragged = i % 3 == 0;
		stream->end[1].ragged = i % 3 == 1;
		stream->end[1].closes = true;
		run(3600);
		assert_whole(stream);
		ck_assert(pair_is_idle());
		ck_assert_uint_gt(checks, 100);
		pair_teardown();
	}
}
END_TEST

START_TEST(several_dlcs_in_both_directions_share_one_session)
{
	pair_setup(7);
	pair.lazy = true;
	pair.latency_us = 3000;
	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *stream =
			stream_new(i % 2, i == 3 ? 200 : 0, 3000 + 2000 * i,
				   (uint32_t)(500 + 300 * i));

		stream->end[i % 2].closes = true;
		stream->end[0].ragged = i == 2;
		if (i == 1)
			pair_run_us(SECONDS(3));
	}
	run(3600);
	for (size_t i = 0; i < STREAMS; i++)
		assert_whole(&streams[i]);
	ck_assert(pair_is_idle());
	pair_teardown();
}
END_TEST

/* A user that closes when it has handed its last octet on. */
static struct end *closer;

static void close_when_pulled(void)
{
	check();
	if (closer->pulled == closer->length && !closer->closed)
		rt_rfcomm_close(engine_of(closer), closer->dlc);
}

START_TEST(what_was_pulled_before_the_close_arrives)
{
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct stream *stream;

		setup();
		pair_setup(seed);
		pair.lazy = true;
		stream = stream_new(0, 0, 4000, 1500);
		stream->end[1].length = 0;
		closer = &stream->end[0];
		pair.check = close_when_pulled;
		for (int i = 0; i < 600 && !pair_is_idle(); i++)
			pair_run_us(SECONDS(1));
		ck_assert_uint_eq(stream->end[1].received, STREAM_BYTES);
		ck_assert_uint_eq(stream->end[0].completed, STREAM_BYTES);
		ck_assert_uint_eq(stream->end[0].why.code, RT_RFCOMM_CLOSED);
		ck_assert(stream->end[1].closed);
		ck_assert(pair_is_idle());
		pair_teardown();
	}
}
END_TEST

/* A reader that stops gets what it has room for, and the writer waits. */
START_TEST(a_reader_that_stops_stops_the_writer)
{
	struct rt_rfcomm_info info;
	struct stream *stream;

	pair_setup(9);
	stream = stream_new(0, 0, 5000, 0);
	stream->end[1].length = 0;
	pair.check = check;
	pair_run_us(SECONDS(100));
	ck_assert_uint_ge(stream->end[1].received, 4 * 1010);
	ck_assert_uint_le(stream->end[1].received, 5000);
	ck_assert_int_eq(rt_rfcomm_get_info(pair.host[0].rfcomm,
					    stream->end[0].dlc, &info),
			 0);
	ck_assert_uint_eq(info.tx_credits, 0);
	ck_assert_uint_gt(info.stalled_us, SECONDS(90));

	stream->end[1].read_max = 1000;
	stream->end[0].closes = false;
	pair_run_us(SECONDS(100));
	ck_assert_uint_eq(stream->end[1].received, STREAM_BYTES);
	pair_teardown();
}
END_TEST

/* No chatter: a reader that keeps up costs few frames without information. */
START_TEST(credits_alone_are_few_where_the_reader_keeps_up)
{
	struct stream *stream;
	struct rt_rfcomm_info info;

	pair_setup(11);
	stream = stream_new(0, 0, 65536, 65536);
	stream->end[1].length = 0;
	pair.check = check;
	pair_run_us(SECONDS(60));
	ck_assert_uint_eq(stream->end[1].received, STREAM_BYTES);
	ck_assert_int_eq(rt_rfcomm_get_info(pair.host[1].rfcomm,
					    stream->end[1].dlc, &info),
			 0);
	/* 60 frames of data; 32 granted at first, the rest by halves. */
	ck_assert_uint_eq(info.rx_frames, (STREAM_BYTES + 1010) / 1011);
	ck_assert_uint_ge(info.rx_credits, 16);
	pair_teardown();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_stream_arrives_both_ways_and_closes_in_order,
		slow_readers_hold_the_peer_back_and_lose_nothing,
		several_dlcs_in_both_directions_share_one_session,
		what_was_pulled_before_the_close_arrives,
		a_reader_that_stops_stops_the_writer,
		credits_alone_are_few_where_the_reader_keeps_up,
	};

	return suite_run("stream", tests, RT_ARRAY_SIZE(tests), setup, NULL);
}
