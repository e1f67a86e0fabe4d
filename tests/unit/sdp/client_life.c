/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/unit/sdp/asker.h"

/* Queries that are given up, begun and ended at any moment. */

static struct asker a;
static struct asker b;
static struct asker c;

#define FOUND_NOTHING "07 %04x 0005 0002 3500 00"

/* The answer to the request that is next to leave: nothing, or two records. */
static void answer(bool records)
{
	char rsp[128];
	unsigned int tid;

	ck_assert_uint_gt(tx_take(), 0);
	tid = (unsigned int)bench.got[1] << 8 | bench.got[2];
	if (records)
		snprintf(rsp, sizeof(rsp),
			 "07 %04x 0013 0010 350e 3505 090001 2801"
			 "3505 090002 2800 00",
			 tid);
	else
		snprintf(rsp, sizeof(rsp), FOUND_NOTHING, tid);
	rx(rsp);
}

static void cancel(struct asker *asker)
{
	rt_sdp_cancel(bench.sdp, asker->query);
}

START_TEST(a_query_given_up_while_the_channel_opens_closes_it)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	cancel(&a);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 1);
	cancel(&b);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
	ck_assert_uint_eq(a.done + b.done, 0);
}
END_TEST

START_TEST(a_query_given_up_before_its_request_left_makes_room_at_once)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	cancel(&a);
	answer(true);
	asker_assert_well(&b);
	ck_assert_uint_eq(b.records, 2);
	ck_assert_uint_eq(a.done, 0);
}
END_TEST

START_TEST(a_query_given_up_after_its_request_left_is_answered_first)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	cancel(&a);
	tx_nothing();
	rx("07 0001 0005 0002 3500 00");
	answer(true);
	asker_assert_well(&b);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
}
END_TEST

START_TEST(a_peer_that_does_not_answer_it_loses_the_channel)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	cancel(&a);
	bench_wait_us(RT_SECONDS(2));
	ck_assert_uint_eq(bench.l2cap.connects, 2);
	asker_open(MTU);
	answer(false);
	asker_assert_well(&b);
	/* Nobody else waits: then the channel just closes. */
	asker_ask(&a, 1);
	ck_assert_uint_gt(tx_take(), 0);
	cancel(&a);
	bench_wait_us(RT_SECONDS(2));
	ck_assert(rt_sdp_is_idle(bench.sdp));
	ck_assert_uint_eq(fake_count(&bench.l2cap), 0);
}
END_TEST

START_TEST(a_channel_closed_meanwhile_is_taken_anew)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	cancel(&a);
	bench_hang_up();
	asker_open(MTU);
	answer(false);
	asker_assert_well(&b);
}
END_TEST

START_TEST(a_query_in_line_is_given_up_without_a_trace)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	asker_open(MTU);
	cancel(&b);
	cancel(&b);
	answer(false);
	tx_nothing();
	asker_assert_well(&a);
	/* A stale handle names nothing. */
	cancel(&a);
	rt_sdp_cancel(bench.sdp, 0);
	rt_sdp_cancel(bench.sdp, 0xffffffff);
	ck_assert_uint_eq(b.done, 0);
}
END_TEST

static void cancel_itself(struct asker *asker)
{
	if (!asker->done)
		cancel(asker);
}

START_TEST(a_query_may_be_given_up_in_its_own_record)
{
	asker_ask(&a, 1);
	a.then = cancel_itself;
	asker_open(MTU);
	answer(true);
	ck_assert_uint_eq(a.records, 1);
	ck_assert_uint_eq(a.done, 0);
	asker_ask(&b, 1);
	answer(true);
	asker_assert_well(&b);
}
END_TEST

static void cancel_b(struct asker *asker)
{
	(void)asker;
	cancel(&b);
}

START_TEST(another_query_may_be_given_up_in_record_and_done)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	a.then = cancel_b;
	asker_open(MTU);
	answer(true);
	asker_assert_well(&a);
	ck_assert_uint_eq(b.done, 0);
	tx_nothing();
	bench_wait_us(RT_SECONDS(4));
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

static void ask_c(struct asker *asker)
{
	if (asker->done)
		asker_ask(&c, 1);
}

START_TEST(a_query_may_begin_when_another_ends)
{
	asker_ask(&a, 1);
	a.then = ask_c;
	asker_open(MTU);
	answer(true);
	asker_assert_well(&a);
	answer(true);
	asker_assert_well(&c);
	ck_assert_uint_eq(bench.l2cap.connects, 1);
}
END_TEST

START_TEST(a_query_may_begin_when_the_channel_has_been_lost)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	a.then = ask_c;
	asker_open(MTU);
	bench_hang_up();
	asker_assert_failed(&a, RT_LAYER_L2CAP, RT_L2CAP_PEER_DISCONNECTED);
	asker_assert_failed(&b, RT_LAYER_L2CAP, RT_L2CAP_PEER_DISCONNECTED);
	/* It is not drawn into what ended the others. */
	ck_assert_uint_eq(c.done, 0);
	asker_open(MTU);
	answer(true);
	asker_assert_well(&c);
}
END_TEST

START_TEST(a_query_may_be_given_up_while_the_channels_end_is_told)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	a.then = cancel_b;
	asker_open(MTU);
	bench_hang_up();
	ck_assert_uint_eq(a.done, 1);
	ck_assert_uint_eq(b.done, 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

static void shut_down(struct asker *asker)
{
	(void)asker;
	rt_sdp_shutdown(bench.sdp);
}

START_TEST(the_end_may_come_in_record)
{
	asker_ask(&a, 1);
	asker_ask(&b, 1);
	a.then = shut_down;
	asker_open(MTU);
	answer(true);
	asker_assert_well(&a);
	asker_assert_failed(&b, RT_LAYER_API, 0);
	ck_assert(rt_sdp_is_idle(bench.sdp));
}
END_TEST

/* Brings the engine into one of some states. */
static void begin_something(int which)
{
	asker_ask(&a, 1);
	if (which == 0)
		return;
	asker_ask(&b, 1);
	asker_open(MTU);
	if (which == 1)
		return;
	if (which == 2) {
		answer(false);
		answer(false);
		return;
	}
	ck_assert_uint_gt(tx_take(), 0);
	if (which == 3)
		rx("07 0001 000a 0007 3515 350b 090000 00");
	else if (which == 4)
		rx("07 0001 000b 0007 3515 350b 090000 01aa");
	else
		cancel(&a);
}

static void same(struct rt_limits *limits)
{
	(void)limits;
}

START_TEST(an_engine_is_freed_in_any_state)
{
	for (int i = 0; i < 6; i++) {
		begin_something(i);
		bench_accept(MTU);
		rx("02 0001 0008 3503191000 0010 00");
		bench_restart(same);
	}
}
END_TEST

static void two(struct rt_limits *limits)
{
	limits->sdp_queries = 2;
}

START_TEST(so_many_queries_and_no_more)
{
	const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = { .uuids = &uuid, .uuid_count = 1 };

	bench_restart(two);
	asker_ask(&a, 1);
	asker_ask(&b, 2);
	asker_init(&c);
	ck_assert_int_eq(asker_try(&c, 3, &query), -ENOSPC);
	cancel(&a);
	ck_assert_int_eq(asker_try(&c, 3, &query), 0);
}
END_TEST

/* Everything a query does, with the allocation `at` failing. True: it did. */
static bool fails_at(size_t at)
{
	const struct rt_uuid uuid = { { 1 } };
	const struct rt_sdp_query query = {
		.transaction = RT_SDP_SEARCH_ATTRIBUTES,
		.uuids = &uuid,
		.uuid_count = 1,
	};
	bool failed;

	asker_init(&a);
	bench.fake.allocs_left = at;
	if (asker_try(&a, 1, &query) < 0) {
		bench.fake.allocs_left = SIZE_MAX;
		ck_assert(rt_sdp_is_idle(bench.sdp));
		return true;
	}
	asker_open(MTU);
	if (tx_take() > 0)
		rx("07 0001 0005 0002 3500 00");
	else
		bench_wait_us(0);
	ck_assert_uint_eq(a.done, 1);
	failed = a.why.err == -ENOMEM;
	ck_assert_int_eq(a.why.err, failed ? -ENOMEM : 0);
	bench.fake.allocs_left = SIZE_MAX;
	bench_wait_us(RT_SECONDS(2));
	ck_assert(rt_sdp_is_idle(bench.sdp));
	return failed;
}

START_TEST(a_query_without_memory_ends_and_leaves_nothing)
{
	size_t at = 0;

	while (fails_at(at))
		at++;
	ck_assert_uint_ge(at, 4);
}
END_TEST

/* What the user does whenever it is told something. */
static void (*const deeds[])(struct asker *asker) = {
	cancel_itself,
	ask_c,
	cancel_b,
	shut_down,
};

/* An octet of the answer to the request that was taken last; part `state`. */
static void answer_octet(uint8_t octet, bool last, unsigned int state)
{
	const unsigned int tid = (unsigned int)bench.got[1] << 8 | bench.got[2];
	char rsp[64];

	if (last)
		snprintf(rsp, sizeof(rsp), "07 %04x 0004 0001 %02x 00", tid,
			 octet);
	else
		snprintf(rsp, sizeof(rsp), "07 %04x 0006 0001 %02x 02 %04x",
			 tid, octet, state);
	rx(rsp);
}

/* The answer comes octet by octet; the channel goes after so many. */
static void lose_after(size_t gone, void (*deed)(struct asker *asker))
{
	static const char record[] =
		"351b 3519 090000 0a00010001 090004 350c 3503190100 3505190003"
		"0803";
	uint8_t octets[32];
	const size_t n = hex_read(record, octets, sizeof(octets));

	asker_ask(&a, 1);
	a.then = deed;
	asker_open(MTU);
	ck_assert_uint_gt(tx_take(), 0);
	for (size_t i = 0; i < gone && i < n; i++) {
		answer_octet(octets[i], i + 1 == n, (unsigned int)i);
		tx_take();
	}
	if (fake_find(&bench.l2cap, bench.chan))
		bench_hang_up();
	ck_assert_uint_eq(a.records, gone >= n);
	/* Given up in its own record, it says no more. */
	ck_assert(a.done == 1 || (deed == cancel_itself && gone >= n));
}

/* SDP-11 of the known attacks, below the sockets. */
START_TEST(a_channel_may_go_after_any_octet_of_an_answer)
{
	for (size_t gone = 0; gone <= 29; gone++) {
		for (size_t i = 0; i < RT_ARRAY_SIZE(deeds); i++) {
			lose_after(gone, deeds[i]);
			bench_teardown();
			bench_setup();
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_query_given_up_while_the_channel_opens_closes_it,
		a_query_given_up_before_its_request_left_makes_room_at_once,
		a_query_given_up_after_its_request_left_is_answered_first,
		a_peer_that_does_not_answer_it_loses_the_channel,
		a_channel_closed_meanwhile_is_taken_anew,
		a_query_in_line_is_given_up_without_a_trace,
		a_query_may_be_given_up_in_its_own_record,
		another_query_may_be_given_up_in_record_and_done,
		a_query_may_begin_when_another_ends,
		a_query_may_begin_when_the_channel_has_been_lost,
		a_query_may_be_given_up_while_the_channels_end_is_told,
		the_end_may_come_in_record,
		an_engine_is_freed_in_any_state,
		so_many_queries_and_no_more,
		a_query_without_memory_ends_and_leaves_nothing,
		a_channel_may_go_after_any_octet_of_an_answer,
	};

	return suite_run("sdp/client_life", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
