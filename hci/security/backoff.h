/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_BACKOFF_H
#define RT_SEC_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/addr.h"
#include "stack/base.h"

/*
 * Failed pairings, by peer: after three in a row the next waits, twice as long
 * after each failure (Core Vol 3 Part C 5.2.2.5; Vol 2 Part C 4.2.3 repeated
 * attempts). So that digits, and users' patience, can't be tried at leisure.
 */

struct rt_env;

struct rt_sec_failure {
	struct rt_addr addr;
	uint32_t count;	   /* in a row; 0: the row is free */
	uint64_t last_us;  /* when the last one was */
	uint64_t until_us; /* what comes before this is refused */
};

struct rt_sec_backoff {
	struct rt_sec_failure *rows; /* limits.pairing_failures of them */
};

/* Takes the memory of the table. Returns 0 or -ENOMEM. */
int rt_sec_backoff_init(struct rt_env *env,
			struct rt_sec_backoff *backoff) RT_MUST_CHECK;

/* Gives it back. */
void rt_sec_backoff_fini(struct rt_env *env, struct rt_sec_backoff *backoff);

/*
 * A pairing with the peer has failed. If the table is full, the row whose last
 * failure is the longest ago goes.
 */
void rt_sec_backoff_failed(struct rt_env *env, struct rt_sec_backoff *backoff,
			   struct rt_addr addr);

/* A pairing with the peer has succeeded: its failures are forgotten. */
void rt_sec_backoff_clear(const struct rt_env *env,
			  struct rt_sec_backoff *backoff, struct rt_addr addr);

/* True while the peer has to wait. */
bool rt_sec_backoff_waits(const struct rt_env *env,
			  const struct rt_sec_backoff *backoff,
			  struct rt_addr addr);

#endif
