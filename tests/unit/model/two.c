/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/support/suite.h"
#include "tests/unit/model/peer.h"
#include "tools/sim/model/parts.h"

/* Two models, and nobody of ours: they get along, and find nothing wrong. */

#define CHANNEL 5
#define PSM 0x1005
#define PSM_ECHO 0x1007
#define PSM_STREAMING 0x1009
#define BYTES 65536
#ifndef SEEDS
#define SEEDS 24
#endif

static struct world *w;
static struct peer a, b;
static uint8_t sent[2][BYTES], got[2][BYTES];

static struct model_options plain(void)
{
	const struct model_options options = {
		.seed = 7,
		.service = {
			{ .channel = CHANNEL },
			{ .psm = PSM, .mode = MODEL_ERTM, .mtu = 2000 },
			{ .psm = PSM_ECHO, .mode = MODEL_ERTM,
			  .role = MODEL_ECHO },
			{ .psm = PSM_STREAMING, .mode = MODEL_STREAMING,
			  .mtu = 1500 },
			{ .psm = 0x100b, .mtu = 300 },
			{ .channel = 6, .role = MODEL_ECHO },
			{ .channel = 7, .role = MODEL_SOURCE,
			  .source_bytes = 20000, .close_when_sent = true },
			{ .psm = 0x100d, .role = MODEL_SOURCE,
			  .source_bytes = 20000, .close_when_sent = true },
		},
		.service_count = 8,
		.record_channel = CHANNEL,
	};

	return options;
}

static void begin(const struct model_behaviour *behaviour, uint32_t latency_us)
{
	const struct world_options world_options = {
		.seed = 1,
		.empty = true,
		.latency_us = latency_us,
		.name = "models",
	};
	struct model_options options = plain();

	if (behaviour)
		options.behaviour = *behaviour;
	w = world_new(&world_options);
	peer_init(&a, w, &options);
	options.seed = 8;
	peer_init(&b, w, &options);
	world_random_bytes(w, sent, sizeof(sent));
	memset(got, 0, sizeof(got));
	b.rx_default = got[1];
	b.rx_default_cap = BYTES;
}

static void end(void)
{
	ck_assert(world_run_until(w, peer_is_idle, &a, RT_SECONDS(60)));
	ck_assert(world_run_until(w, peer_is_idle, &b, RT_SECONDS(60)));
	peer_finish(&a);
	peer_finish(&b);
	world_free(w);
}

/* 64 KiB each way over a channel that `a` has asked for, and its end. */
static void stream_both_ways(uint32_t number, size_t piece)
{
	struct peer_chan *ours = peer_chan(&a, number);
	struct peer_chan *theirs;

	peer_keep(ours, got[0], BYTES);
	ck_assert(world_run_until(w, peer_chan_is_open, ours, RT_SECONDS(30)));
	world_settle(w);
	world_run(w, RT_MS(50));
	theirs = peer_accepted(&b);
	ck_assert_ptr_nonnull(theirs);
	ours->piece = piece;
	theirs->piece = piece;
	peer_send(&a, ours, sent[0], BYTES);
	peer_send(&b, theirs, sent[1], BYTES);
	ck_assert(world_run_until(w, peer_chan_is_full, ours, RT_SECONDS(600)));
	ck_assert(
		world_run_until(w, peer_chan_is_full, theirs, RT_SECONDS(600)));
	ck_assert_mem_eq(got[0], sent[1], BYTES);
	ck_assert_mem_eq(got[1], sent[0], BYTES);
	/* The last acknowledgement takes its time. */
	world_run(w, RT_SECONDS(2));
	ck_assert_uint_eq(model_unsent(a.m, number), 0);
	model_close(a.m, number);
	ck_assert(world_run_until(w, peer_chan_is_over, ours, RT_SECONDS(30)));
	ck_assert(
		world_run_until(w, peer_chan_is_over, theirs, RT_SECONDS(30)));
	ck_assert_int_eq(ours->why, MODEL_END_OURS);
	ck_assert_int_eq(theirs->why, MODEL_END_PEER);
}

START_TEST(rfcomm_carries_streams_both_ways)
{
	static const uint32_t latencies[] = { 0, 5000 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(latencies); i++) {
		begin(NULL, latencies[i]);
		stream_both_ways(model_connect_rfcomm(a.m, b.addr, CHANNEL), 0);
		end();
	}
}
END_TEST

START_TEST(rfcomm_without_credits_carries_them_too)
{
	const struct model_behaviour behaviour = { .no_credits = true };

	begin(&behaviour, 1000);
	stream_both_ways(model_connect_rfcomm(a.m, b.addr, CHANNEL), 0);
	end();
}
END_TEST

START_TEST(rfcomm_with_one_credit_and_short_frames_carries_them_too)
{
	const struct model_behaviour behaviour = { .credits = 1, .n1 = 130 };

	begin(&behaviour, 1000);
	stream_both_ways(model_connect_rfcomm(a.m, b.addr, CHANNEL), 0);
	end();
}
END_TEST

START_TEST(ertm_carries_sdus_both_ways)
{
	static const struct model_behaviour behaviours[] = {
		{ 0 },
		{ .no_fcs = true },
		{ .window = 1, .mps = 100 },
		{ .mps = 48, .ack_ms = 200, .window = 63 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(behaviours); i++) {
		begin(&behaviours[i], i % 2 ? 2000 : 0);
		stream_both_ways(model_connect_l2cap(a.m, b.addr, PSM,
						     MODEL_ERTM, 2000),
				 1024);
		ck_assert_uint_eq(a.chan[0].sdus, BYTES / 1024);
		ck_assert_uint_eq(model_get_stats(a.m)->retransmitted, 0);
		end();
	}
}
END_TEST

static void lose_some(const struct world_node *node, bool from_controller,
		      enum rt_packet_type type, uint8_t *packet, size_t *bytes,
		      void *arg)
{
	const unsigned int *permille = arg;

	(void)node;
	/* A start, of a channel of its own. */
	if (!from_controller || type != RT_PACKET_ACL || *bytes < 8 ||
	    packet[6] == 1 || packet[6] == 3)
		return;
	if (world_random(w) % 1000 < *permille)
		*bytes = 0;
}

START_TEST(ertm_repairs_what_the_air_loses)
{
	const struct model_behaviour behaviour = {
		.lossy = true,
		.transmits = 255,
	};
	unsigned int permille = 100;
	uint32_t number;

	for (unsigned int round = 0; round < 5; round++) {
		begin(&behaviour, 1000);
		number =
			model_connect_l2cap(a.m, b.addr, PSM, MODEL_ERTM, 2000);
		world_run(w, RT_SECONDS(2));
		for (unsigned int i = 0; i < round; i++)
			(void)world_random(w);
		w->filter = lose_some;
		w->filter_arg = &permille;
		stream_both_ways(number, 500);
		ck_assert_uint_gt(model_get_stats(a.m)->retransmitted, 0);
		w->filter = NULL;
		end();
	}
}
END_TEST

START_TEST(streaming_carries_sdus)
{
	begin(NULL, 0);
	stream_both_ways(model_connect_l2cap(a.m, b.addr, PSM_STREAMING,
					     MODEL_STREAMING, 1500),
			 1024);
	end();
}
END_TEST

START_TEST(basic_mode_carries_sdus)
{
	begin(NULL, 0);
	stream_both_ways(model_connect_l2cap(a.m, b.addr, 0x100b, MODEL_BASIC,
					     300),
			 256);
	end();
}
END_TEST

START_TEST(an_echo_sends_back_all_of_it_however_slow_the_reader)
{
	struct peer_chan *chan;
	uint32_t number;

	for (unsigned int i = 0; i < 2; i++) {
		begin(NULL, 1000);
		number = i == 0 ? model_connect_rfcomm(a.m, b.addr, 6)
				: model_connect_l2cap(a.m, b.addr, PSM_ECHO,
						      MODEL_ERTM, 672);
		chan = peer_chan(&a, number);
		peer_keep(chan, got[0], BYTES);
		chan->piece = 512;
		peer_send(&a, chan, sent[0], BYTES);
		b.rx_default = NULL;
		ck_assert(world_run_until(w, peer_chan_is_open, chan,
					  RT_SECONDS(30)));
		model_pause(a.m, number, true);
		world_run(w, RT_SECONDS(20));
		ck_assert_uint_lt(chan->rx_bytes, BYTES / 2);
		model_pause(a.m, number, false);
		ck_assert(world_run_until(w, peer_chan_is_full, chan,
					  RT_SECONDS(600)));
		ck_assert_mem_eq(got[0], sent[0], BYTES);
		ck_assert_uint_eq(model_get_stats(b.m)->dropped, 0);
		model_close(a.m, number);
		end();
	}
}
END_TEST

START_TEST(a_source_sends_its_pattern_and_closes)
{
	struct peer_chan *chan;
	uint32_t number;

	for (unsigned int i = 0; i < 2; i++) {
		begin(NULL, 1000);
		number = i == 0 ? model_connect_rfcomm(a.m, b.addr, 7)
				: model_connect_l2cap(a.m, b.addr, 0x100d,
						      MODEL_BASIC, 672);
		chan = peer_chan(&a, number);
		peer_keep(chan, got[0], 20000);
		ck_assert(world_run_until(w, peer_chan_is_over, chan,
					  RT_SECONDS(60)));
		ck_assert_int_eq(chan->why, MODEL_END_PEER);
		ck_assert_uint_eq(chan->rx_bytes, 20000);
		for (size_t at = 0; at < 20000; at++)
			ck_assert_uint_eq(got[0][at], model_pattern(at));
		end();
	}
}
END_TEST

START_TEST(sdp_finds_the_record_in_one_part_and_in_many)
{
	static const struct model_behaviour behaviours[] = {
		{ 0 },
		{ .sdp_part = 10 },
		{ .sdp_ask = 7 },
		{ .sdp_part = 1 },
	};
	static const unsigned int parts_min[] = { 1, 8, 10, 80 };

	for (size_t i = 0; i < RT_ARRAY_SIZE(behaviours); i++) {
		begin(&behaviours[i], 0);
		ck_assert_uint_ne(model_sdp_search(a.m, b.addr, 0x1101), 0);
		ck_assert(world_run_until(w, peer_has_result, &a,
					  RT_SECONDS(30)));
		ck_assert(a.result.ok);
		ck_assert_uint_eq(a.result.records, 1);
		ck_assert_uint_eq(a.result.rfcomm_channel, CHANNEL);
		ck_assert_uint_ge(a.result.parts, parts_min[i]);
		ck_assert_uint_eq(model_get_stats(a.m)->pairings, 0);
		end();
	}
}
END_TEST

START_TEST(sdp_says_so_if_there_is_no_such_record)
{
	begin(NULL, 0);
	ck_assert_uint_ne(model_sdp_search(a.m, b.addr, 0x1105), 0);
	ck_assert(world_run_until(w, peer_has_result, &a, RT_SECONDS(30)));
	ck_assert(a.result.ok);
	ck_assert_uint_eq(a.result.records, 0);
	end();
}
END_TEST

/* Both connect at the same instant: pages, sessions and channels cross. */
START_TEST(two_that_connect_to_each_other_at_once_both_succeed)
{
	static const uint32_t latencies[] = { 0, 1000, 30000 };
	struct peer_chan *ours, *theirs;

	for (size_t i = 0; i < RT_ARRAY_SIZE(latencies); i++) {
		begin(NULL, latencies[i]);
		ours = peer_chan(&a,
				 model_connect_rfcomm(a.m, b.addr, CHANNEL));
		theirs = peer_chan(&b,
				   model_connect_rfcomm(b.m, a.addr, CHANNEL));
		ck_assert(world_run_until(w, peer_chan_is_open, ours,
					  RT_SECONDS(60)));
		ck_assert(world_run_until(w, peer_chan_is_open, theirs,
					  RT_SECONDS(60)));
		model_close(a.m, ours->number);
		model_close(b.m, theirs->number);
		end();
	}
}
END_TEST

START_TEST(what_is_not_served_is_refused)
{
	uint32_t rfcomm, l2cap, mode;

	begin(NULL, 0);
	rfcomm = model_connect_rfcomm(a.m, b.addr, 20);
	l2cap = model_connect_l2cap(a.m, b.addr, 0x1021, MODEL_BASIC, 0);
	mode = model_connect_l2cap(a.m, b.addr, PSM, MODEL_BASIC, 0);
	(void)peer_chan(&a, rfcomm);
	(void)peer_chan(&a, l2cap);
	(void)peer_chan(&a, mode);
	world_run(w, RT_SECONDS(30));
	for (unsigned int i = 0; i < 3; i++) {
		ck_assert_uint_eq(a.chan[i].failed, 1);
		ck_assert_int_eq(a.chan[i].why, MODEL_END_REFUSED);
	}
	end();
}
END_TEST

START_TEST(a_link_that_ends_ends_its_channels)
{
	struct peer_chan *chan, *other;

	begin(NULL, 0);
	chan = peer_chan(&a, model_connect_rfcomm(a.m, b.addr, CHANNEL));
	other = peer_chan(&a,
			  model_connect_l2cap(a.m, b.addr, PSM, MODEL_ERTM, 0));
	ck_assert(world_run_until(w, peer_chan_is_open, chan, RT_SECONDS(30)));
	ck_assert(world_run_until(w, peer_chan_is_open, other, RT_SECONDS(30)));
	model_disconnect_link(b.m, a.addr);
	ck_assert(world_run_until(w, peer_chan_is_over, chan, RT_SECONDS(5)));
	ck_assert_int_eq(chan->why, MODEL_END_LINK);
	ck_assert_int_eq(other->why, MODEL_END_LINK);
	ck_assert_uint_eq(a.links_down, 1);
	ck_assert_uint_eq(b.links_down, 1);
	end();
}
END_TEST

START_TEST(a_device_that_is_not_there_is_told_of)
{
	const struct rt_addr nobody = { { 1, 2, 3, 4, 5, 6 } };
	struct peer_chan *chan;

	begin(NULL, 0);
	chan = peer_chan(&a, model_connect_rfcomm(a.m, nobody, CHANNEL));
	ck_assert(world_run_until(w, peer_chan_is_over, chan, RT_SECONDS(30)));
	ck_assert_int_eq(chan->why, MODEL_END_NO_LINK);
	end();
}
END_TEST

START_TEST(one_that_is_given_up_at_once_fails_once)
{
	begin(NULL, 1000);
	for (uint32_t ms = 0; ms < 60; ms += 5) {
		uint32_t number = model_connect_rfcomm(a.m, b.addr, CHANNEL);

		memset(a.chan, 0, sizeof(a.chan));
		memset(b.chan, 0, sizeof(b.chan));
		a.chans = 0;
		b.chans = 0;
		(void)peer_chan(&a, number);
		world_run(w, RT_MS(ms));
		model_close(a.m, number);
		ck_assert(world_run_until(w, peer_chan_is_over, &a.chan[0],
					  RT_SECONDS(30)));
		ck_assert_int_eq(a.chan[0].why, MODEL_END_OURS);
		ck_assert(world_run_until(w, peer_is_idle, &b, RT_SECONDS(60)));
	}
	end();
}
END_TEST

/* --- controllers --- */

START_TEST(a_controller_that_fails_is_brought_up_anew)
{
	static const uint8_t hardware_error[] = { 0x10, 0x01, 0x42 };
	struct peer_chan *chan;

	begin(NULL, 0);
	chan = peer_chan(&a, model_connect_rfcomm(a.m, b.addr, CHANNEL));
	ck_assert(world_run_until(w, peer_chan_is_open, chan, RT_SECONDS(30)));
	rt_vctl_inject_event(w->node[a.node].vctl,
			     rt_bytes(hardware_error, sizeof(hardware_error)));
	world_run(w, RT_SECONDS(1));
	ck_assert_uint_eq(a.ups, 2);
	ck_assert_uint_eq(chan->closed, 1);
	ck_assert_int_eq(chan->why, MODEL_END_RESET);
	chan = peer_chan(&a, model_connect_rfcomm(a.m, b.addr, CHANNEL));
	ck_assert(world_run_until(w, peer_chan_is_open, chan, RT_SECONDS(60)));
	model_close(a.m, chan->number);
	end();
}
END_TEST

START_TEST(a_controller_that_says_nothing_is_reset_until_it_does)
{
	begin(NULL, 0);
	rt_vctl_set_fault(w->node[a.node].vctl, RT_VCTL_MUTE, true);
	(void)peer_chan(&a, model_connect_rfcomm(a.m, b.addr, CHANNEL));
	world_run(w, RT_SECONDS(60));
	ck_assert(!model_is_up(a.m));
	ck_assert_int_eq(a.chan[0].why, MODEL_END_RESET);
	rt_vctl_set_fault(w->node[a.node].vctl, RT_VCTL_MUTE, false);
	world_run(w, RT_SECONDS(30));
	ck_assert(model_is_up(a.m));
	end();
}
END_TEST

START_TEST(devices_from_before_simple_pairing_pair_with_a_pin)
{
	const struct world_options world_options = {
		.seed = 1,
		.empty = true,
		.security = { .no_ssp = true },
	};
	struct model_options options = plain();

	w = world_new(&world_options);
	peer_init(&a, w, &options);
	peer_init(&b, w, &options);
	world_random_bytes(w, sent, sizeof(sent));
	b.rx_default = got[1];
	b.rx_default_cap = BYTES;
	stream_both_ways(model_connect_rfcomm(a.m, b.addr, CHANNEL), 0);
	ck_assert_uint_eq(model_get_stats(a.m)->pairings, 1);
	end();
}
END_TEST

START_TEST(small_buffers_of_the_controller_are_enough)
{
	const struct world_options world_options = {
		.seed = 1,
		.empty = true,
		.acl_bytes = 27,
		.acl_packets = 1,
		.latency_us = 100,
	};
	struct model_options options = plain();

	w = world_new(&world_options);
	peer_init(&a, w, &options);
	peer_init(&b, w, &options);
	world_random_bytes(w, sent, sizeof(sent));
	b.rx_default = got[1];
	b.rx_default_cap = BYTES;
	stream_both_ways(
		model_connect_l2cap(a.m, b.addr, PSM, MODEL_ERTM, 2000), 1024);
	end();
}
END_TEST

/* --- lies --- */

START_TEST(models_that_lie_to_each_other_live_and_are_honest_again)
{
	static const unsigned int permilles[] = { 10, 100, 500, 1000 };
	const struct model_behaviour behaviour = { .noisy = true };
	const struct model_lies none = { 0 };
	const struct model_lies lies = { .permille = permilles[_i % 4] };
	struct peer_chan *chan;

	begin(&behaviour, _i % 2 ? 0 : 700);
	for (int i = 0; i < _i; i++)
		(void)model_random(b.m);
	a.forgetful = true;
	b.forgetful = true;
	b.rx_default = NULL;
	model_set_lies(a.m, &lies);
	model_set_lies(b.m, &lies);
	for (unsigned int i = 0; i < 40; i++) {
		(void)!model_connect_rfcomm(a.m, b.addr, i % 2 ? CHANNEL : 6);
		(void)!model_connect_l2cap(b.m, a.addr, i % 2 ? PSM : PSM_ECHO,
					   MODEL_ERTM, 0);
		(void)!model_connect_l2cap(a.m, b.addr, 0x100d, MODEL_BASIC, 0);
		(void)!model_connect_rfcomm(b.m, a.addr, 7);
		(void)!model_sdp_search(a.m, b.addr, 0x1101);
		world_run(w, RT_SECONDS(5));
	}
	ck_assert_uint_gt(model_get_stats(a.m)->lies, 0);
	model_set_lies(a.m, &none);
	model_set_lies(b.m, &none);
	world_run(w, RT_SECONDS(200));
	model_disconnect_link(a.m, b.addr);
	ck_assert(world_run_until(w, peer_is_idle, &a, RT_SECONDS(120)));
	ck_assert(world_run_until(w, peer_is_idle, &b, RT_SECONDS(120)));
	chan = peer_chan(&a, model_connect_rfcomm(a.m, b.addr, CHANNEL));
	ck_assert(world_run_until(w, peer_chan_is_open, chan, RT_SECONDS(60)));
	model_close(a.m, chan->number);
	end();
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
	struct model_options options = plain();

	options.service[1].psm = 2;
	ck_assert_ptr_null(model_new(&options, 0));
	options = plain();
	options.service[0].channel = 31;
	ck_assert_ptr_null(model_new(&options, 0));
	options = plain();
	options.service[1].mtu = MODEL_SDU_MAX + 1;
	ck_assert_ptr_null(model_new(&options, 0));
	options = plain();
	options.behaviour.window = 64;
	ck_assert_ptr_null(model_new(&options, 0));
	options = plain();
	options.behaviour.mps = 47;
	ck_assert_ptr_null(model_new(&options, 0));
	options = plain();
	options.behaviour.n1 = 41;
	ck_assert_ptr_null(model_new(&options, 0));
	model_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model/two");
	TCase *tcase = tcase_create("two");
	const TTest *const tests[] = {
		rfcomm_carries_streams_both_ways,
		rfcomm_without_credits_carries_them_too,
		rfcomm_with_one_credit_and_short_frames_carries_them_too,
		ertm_carries_sdus_both_ways,
		ertm_repairs_what_the_air_loses,
		streaming_carries_sdus,
		basic_mode_carries_sdus,
		an_echo_sends_back_all_of_it_however_slow_the_reader,
		a_source_sends_its_pattern_and_closes,
		sdp_finds_the_record_in_one_part_and_in_many,
		sdp_says_so_if_there_is_no_such_record,
		two_that_connect_to_each_other_at_once_both_succeed,
		what_is_not_served_is_refused,
		a_link_that_ends_ends_its_channels,
		a_device_that_is_not_there_is_told_of,
		one_that_is_given_up_at_once_fails_once,
		a_controller_that_fails_is_brought_up_anew,
		a_controller_that_says_nothing_is_reset_until_it_does,
		devices_from_before_simple_pairing_pair_with_a_pin,
		small_buffers_of_the_controller_are_enough,
		options_that_make_no_sense_are_refused,
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(
		tcase, models_that_lie_to_each_other_live_and_are_honest_again,
		0, SEEDS);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
