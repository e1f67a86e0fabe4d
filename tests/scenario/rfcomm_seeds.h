/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_SEEDS_H
#define TEST_RFCOMM_SEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/stack/fake_env.h"

/*
 * Stories that a seed tells: an assertion that fails ends the program.
 */

/* What all stories came to, lest chance get nowhere. */
struct seed_totals {
	uint64_t opened, closed, cut, bytes, frames, steps, stalls, checks;
};

extern struct seed_totals seed_totals;

/* Told what happens, if it is not NULL. */
extern bool seed_verbose;

/* Says what happens, in a story that is replayed. */
void seed_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for a frame. */
void seed_log_frame(uint64_t now_us, const char *who, const uint8_t *octets,
		    size_t len);

/* What the engine in this environment logs is said, too. */
void seed_log_engine(struct fake_env *fake);

/* Two engines, readers that read when they like, users that close. */
void seed_pair(uint64_t seed);

/* An engine and the peer of rfcomm_model.h. */
void seed_model(uint64_t seed);

/* A million frames one way, or both ways. */
void seed_million(bool both);

#endif
