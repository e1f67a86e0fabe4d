/* SPDX-License-Identifier: MIT */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base.h"

/*
 * One-shot timers under injected time. A timer is a member of the object that
 * waits; it allocates nothing and cannot fail. Timers due at the same instant
 * fire in the order in which they were armed.
 *
 * An object stops its timers when it closes; a timer never outlives it.
 */
struct rt_timer {
	struct rt_timer *child; /* pairing heap */
	struct rt_timer *sibling;
	struct rt_timer *prev; /* parent or left sibling; NULL for the root */
	uint64_t due_us;
	uint64_t seq;
	bool armed;
	void (*fire)(struct rt_timer *timer); /* called unarmed */
};

struct rt_timers {
	struct rt_timer *root;
	uint64_t seq;
};

/* Prepares a timer that is not armed; `fire` runs when it is due. */
void rt_timer_init(struct rt_timer *timer, void (*fire)(struct rt_timer *));

/* Arms the timer for the instant `due_us`; one that was armed is moved. */
void rt_timer_arm_at(struct rt_timers *timers, struct rt_timer *timer,
		     uint64_t due_us);

/* Disarms the timer; does nothing if it is not armed. */
void rt_timer_stop(struct rt_timers *timers, struct rt_timer *timer);

/* True, and sets *ret_due_us, if any timer is armed: the next one's instant. */
bool rt_timers_next(const struct rt_timers *timers, uint64_t *ret_due_us);

/*
 * Fires the timers due at or before `now_us`, each once: what they arm for
 * now or earlier fires in the next run. Until the call returns, those that
 * are still to fire are armed but not seen by rt_timers_next(). Returns how
 * many have fired.
 */
size_t rt_timers_run(struct rt_timers *timers, uint64_t now_us);

#endif
