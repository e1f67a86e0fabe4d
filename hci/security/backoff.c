/* SPDX-License-Identifier: MIT */
#include "hci/security/backoff.h"

#include <errno.h>
#include <string.h>

#include "stack/env.h"

#define FREE_FAILURES 3 /* the last of them is the first to make it wait */
#define WAIT_MAX_S 300
#define FORGET_S 600 /* the next failure counts as the first again */

static struct rt_sec_failure *find(const struct rt_env *env,
				   const struct rt_sec_backoff *backoff,
				   struct rt_addr addr)
{
	for (uint32_t i = 0; i < env->limits.pairing_failures; i++) {
		if (backoff->rows[i].count > 0 &&
		    rt_addr_equal(backoff->rows[i].addr, addr))
			return &backoff->rows[i];
	}
	return NULL;
}

/* A row that is free, or else the one whose last failure is the oldest. */
static struct rt_sec_failure *oldest(const struct rt_env *env,
				     const struct rt_sec_backoff *backoff)
{
	struct rt_sec_failure *row = &backoff->rows[0];

	for (uint32_t i = 0; i < env->limits.pairing_failures; i++) {
		struct rt_sec_failure *it = &backoff->rows[i];

		if (it->count == 0)
			return it;
		if (it->last_us < row->last_us)
			row = it;
	}
	return row;
}

/* 2^n seconds after the n-th failure. */
static uint64_t wait_us(uint32_t failures)
{
	if (failures < FREE_FAILURES)
		return 0;
	if (failures >= 9) /* 2^9 is more than the most there is */
		return RT_SECONDS(WAIT_MAX_S);
	return RT_SECONDS(RT_MIN(1U << failures, WAIT_MAX_S));
}

int rt_sec_backoff_init(struct rt_env *env, struct rt_sec_backoff *backoff)
{
	backoff->rows = rt_env_alloc(env, env->limits.pairing_failures *
						  sizeof(*backoff->rows));
	return backoff->rows ? 0 : -ENOMEM;
}

void rt_sec_backoff_fini(struct rt_env *env, struct rt_sec_backoff *backoff)
{
	rt_env_free(env, backoff->rows);
	backoff->rows = NULL;
}

void rt_sec_backoff_failed(struct rt_env *env, struct rt_sec_backoff *backoff,
			   struct rt_addr addr)
{
	struct rt_sec_failure *row = find(env, backoff, addr);

	if (!row) {
		row = oldest(env, backoff);
		*row = (struct rt_sec_failure){ .addr = addr };
	}
	if (row->count > 0 &&
	    env->now_us - row->last_us >= RT_SECONDS(FORGET_S))
		row->count = 0;
	if (row->count < UINT32_MAX)
		row->count++;
	row->last_us = env->now_us;
	row->until_us = env->now_us + wait_us(row->count);
}

void rt_sec_backoff_clear(const struct rt_env *env,
			  struct rt_sec_backoff *backoff, struct rt_addr addr)
{
	struct rt_sec_failure *row = find(env, backoff, addr);

	if (row)
		memset(row, 0, sizeof(*row));
}

bool rt_sec_backoff_waits(const struct rt_env *env,
			  const struct rt_sec_backoff *backoff,
			  struct rt_addr addr)
{
	const struct rt_sec_failure *row = find(env, backoff, addr);

	return row && env->now_us < row->until_us;
}
