/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/ertm_air.h"
#include "tests/unit/stack/suite.h"

/*
 * ERTM over an air that loses, repeats, delays and spoils frames: 10,000
 * seeds, each a transfer both ways. RAWTOOTH_TEST_SEEDS says how many others,
 * RAWTOOTH_TEST_SEED or --seed which alone; --seed prints the frames.
 */

#ifndef SEEDS
#define SEEDS 10000
#endif
#define BLOCK 100 /* seeds a test */

static uint64_t seeds;
static uint64_t only; /* 0: all */
static bool log_it;

static uint16_t mtu(struct air *dice)
{
	static const uint16_t usual[] = { 48, 672, 1011, 4096 };

	if (air_below(dice, 2) == 0)
		return usual[air_below(dice, RT_ARRAY_SIZE(usual))];
	return (uint16_t)(48 + air_below(dice, 3000));
}

static uint16_t window(struct air *dice, bool extended)
{
	static const uint16_t usual[] = { 1, 2, 3, 8, 31, 32, 33, 62, 63 };

	if (extended)
		return (uint16_t)(1 + air_below(dice, 1024));
	if (air_below(dice, 2) == 0)
		return usual[air_below(dice, RT_ARRAY_SIZE(usual))];
	return (uint16_t)(1 + air_below(dice, 63));
}

/* Mostly a few KiB; one in twenty writes up to 64 KiB. */
static uint32_t bytes(struct air *dice, uint16_t mps)
{
	const uint32_t frames = air_below(dice, 20) == 0 ? 700 : 90;
	const uint32_t most = RT_MIN(65536U, frames * mps);

	return 1024 + air_below(dice, most - 1024 + 1);
}

static void plan_side(struct air *dice, struct air_side_plan *side,
		      bool extended, bool fcs)
{
	struct rt_l2cap_params *p = &side->params;

	p->mode = RT_L2CAP_MODE_ERTM;
	p->mode_required = true;
	p->imtu = mtu(dice);
	p->fcs = fcs ? RT_L2CAP_FCS_16BIT : RT_L2CAP_FCS_NONE;
	p->extended_window = extended;
	p->window = window(dice, extended);
	p->max_transmit = RT_L2CAP_MAX_TRANSMIT_INFINITE;
	p->mps = (uint16_t)(20 + air_below(dice, 1000));
	p->retransmission_ms = (uint16_t)(1000 + air_below(dice, 2000));
	p->monitor_ms = (uint16_t)(3000 + air_below(dice, 9000));
	side->bytes = bytes(dice, RT_MIN(p->mps, p->imtu));
	if (air_below(dice, 2) == 0) {
		side->room = p->imtu * (1 + air_below(dice, 4)) +
			     air_below(dice, 200);
		side->pause_ms = 1 + air_below(dice, 300);
	}
}

static void make_plan(uint64_t seed, struct air_plan *plan)
{
	struct air dice = { .random = seed * UINT64_C(0xd1342543de82ef95) | 1 };
	const bool extended = air_below(&dice, 5) == 0;
	const bool fcs = air_below(&dice, 2) == 0;

	*plan = (struct air_plan){ .seed = seed, .log = log_it };
	for (int i = 0; i < 2; i++)
		plan_side(&dice, &plan->side[i], extended, fcs);
	plan->delay_us = air_below(&dice, 3000);
	plan->spike_us = air_below(&dice, 2) * 300000;
	plan->in_flight = 1 + air_below(&dice, 12);
	/* Every fourth air is a perfect one. */
	if (seed % 4 == 0)
		return;
	plan->loss = 100;
	plan->repeats = 20;
	plan->spoilt = 20;
}

static void run_seed(uint64_t seed)
{
	struct air_plan plan;
	static struct air air;

	make_plan(seed, &plan);
	air_begin(&air, &plan);
	air_run(&air);
	air_end(&air);
	if (plan.loss > 0)
		return;
	for (int i = 0; i < 2; i++) {
		ck_assert_msg(air.side[i].info.retransmitted == 0,
			      "seed %llu: needless retransmissions",
			      (unsigned long long)seed);
		ck_assert_msg(air.side[i].info.rx_duplicates == 0,
			      "seed %llu: duplicates",
			      (unsigned long long)seed);
	}
}

START_TEST(nothing_is_lost_repeated_or_out_of_order_whatever_the_air_does)
{
	const uint64_t first = (uint64_t)_i * BLOCK + 1;

	if (only > 0) {
		run_seed(only);
		return;
	}
	for (uint64_t seed = first; seed < first + BLOCK && seed <= seeds;
	     seed++)
		run_seed(seed);
}
END_TEST

/* Two hundred SDUs of an octet each, from side 0, to a peer as it should be. */
static void plan_quiet(struct air_plan *plan)
{
	*plan = (struct air_plan){
		.seed = 7,
		.in_flight = 8,
		.delay_us = 1000,
	};
	for (int i = 0; i < 2; i++) {
		plan->side[i].params.mode = RT_L2CAP_MODE_ERTM;
		plan->side[i].params.mode_required = true;
		plan->side[i].params.window = 8;
	}
	plan->side[0].bytes = 20000;
}

START_TEST(a_peer_that_acknowledges_late_and_in_one_lump_is_waited_for)
{
	struct air_plan plan;
	static struct air air;

	plan_quiet(&plan);
	plan.lump_us = RT_SECONDS(10);
	air_begin(&air, &plan);
	air_run(&air);
	air_end(&air);
	ck_assert_uint_eq(air.side[0].info.retransmitted, 0);
	ck_assert_uint_eq(air.side[0].info.polls, 0);
	ck_assert_uint_ge(air.fake.env.now_us, RT_SECONDS(10));
}
END_TEST

static void never(int silence)
{
	struct air_plan plan;
	static struct air air;

	plan_quiet(&plan);
	plan.silence = silence;
	plan.silent_us = RT_MS(20);
	plan.side[1].params.max_transmit = 4;
	air_begin(&air, &plan);
	air_run(&air);
	air.ended = true;
	while (!air.side[0].closed)
		air_end(&air);
	ck_assert_uint_eq(air.side[0].why.layer, RT_LAYER_L2CAP);
	ck_assert_uint_eq(air.side[0].why.code, RT_L2CAP_MAX_TRANSMIT);
	/* The retransmission timer, and four polls. */
	ck_assert_uint_ge(air.fake.env.now_us, RT_MS(2000 + 4 * 12000));
	ck_assert_uint_le(air.fake.env.now_us, RT_MS(3000 + 4 * 12000));
}

START_TEST(a_peer_that_never_acknowledges_is_given_up)
{
	never(1);
}
END_TEST

START_TEST(a_peer_that_never_sends_anything_is_given_up)
{
	never(2);
}
END_TEST

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("scenario/ertm_seeds");
	TCase *tcase = tcase_create("air");
	SRunner *runner;
	int failed;

	seeds = number(getenv("RAWTOOTH_TEST_SEEDS"));
	if (seeds == 0)
		seeds = SEEDS;
	only = number(getenv("RAWTOOTH_TEST_SEED"));
	if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
		only = number(argv[2]);
		log_it = true;
	}
	tcase_add_loop_test(
		tcase,
		nothing_is_lost_repeated_or_out_of_order_whatever_the_air_does,
		0, only > 0 ? 1 : (int)((seeds + BLOCK - 1) / BLOCK));
	if (only == 0) {
		tcase_add_test(
			tcase,
			a_peer_that_acknowledges_late_and_in_one_lump_is_waited_for);
		tcase_add_test(tcase,
			       a_peer_that_never_acknowledges_is_given_up);
		tcase_add_test(tcase,
			       a_peer_that_never_sends_anything_is_given_up);
	}
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
