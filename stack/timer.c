/* SPDX-License-Identifier: MIT */
#include "stack/timer.h"

/*
 * A pairing heap. Each node knows its first child, its right sibling and, as
 * `prev`, its left sibling or, for a first child, its parent. `seq` numbers
 * the armings, so that no two timers are equal and equals keep their order.
 */

static bool earlier(const struct rt_timer *a, const struct rt_timer *b)
{
	if (a->due_us != b->due_us)
		return a->due_us < b->due_us;
	return a->seq < b->seq;
}

/* Joins two heaps, either of which may be empty. */
static struct rt_timer *meld(struct rt_timer *a, struct rt_timer *b)
{
	struct rt_timer *low;

	if (!a)
		return b;
	if (!b)
		return a;
	low = earlier(a, b) ? a : b;
	if (low == b)
		b = a;
	b->prev = low;
	b->sibling = low->child;
	if (low->child)
		low->child->prev = b;
	low->child = b;
	return low;
}

/* Makes a chain of siblings one heap: pairs first, then from the right. */
static struct rt_timer *meld_siblings(struct rt_timer *first)
{
	struct rt_timer *pairs = NULL;
	struct rt_timer *heap = NULL;
	struct rt_timer *a;
	struct rt_timer *b;

	while (first) {
		a = first;
		b = a->sibling;
		first = b ? b->sibling : NULL;
		a->prev = NULL;
		a->sibling = NULL;
		if (b) {
			b->prev = NULL;
			b->sibling = NULL;
		}
		a = meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->sibling;
		a->sibling = NULL;
		heap = meld(heap, a);
	}
	return heap;
}

/* Cuts a node that is not the root, with what is below it, off its place. */
static void cut(struct rt_timer *timer)
{
	if (timer->prev->child == timer)
		timer->prev->child = timer->sibling;
	else
		timer->prev->sibling = timer->sibling;
	if (timer->sibling)
		timer->sibling->prev = timer->prev;
	timer->prev = NULL;
	timer->sibling = NULL;
}

void rt_timer_init(struct rt_timer *timer, void (*fire)(struct rt_timer *))
{
	*timer = (struct rt_timer){ .fire = fire };
}

void rt_timer_arm_at(struct rt_timers *timers, struct rt_timer *timer,
		     uint64_t due_us)
{
	rt_timer_stop(timers, timer);
	timer->due_us = due_us;
	timer->seq = timers->seq++;
	timer->armed = true;
	timers->root = meld(timers->root, timer);
}

void rt_timer_stop(struct rt_timers *timers, struct rt_timer *timer)
{
	struct rt_timer *below;

	if (!timer->armed)
		return;
	below = meld_siblings(timer->child);
	timer->child = NULL;
	timer->armed = false;
	if (timer == timers->root) {
		timers->root = below;
		return;
	}
	cut(timer);
	timers->root = meld(timers->root, below);
}

bool rt_timers_next(const struct rt_timers *timers, uint64_t *ret_due_us)
{
	if (!timers->root)
		return false;
	*ret_due_us = timers->root->due_us;
	return true;
}

size_t rt_timers_run(struct rt_timers *timers, uint64_t now_us)
{
	/*
	 * What is due now becomes a chain of children of this node, apart from
	 * the heap, where what is armed meanwhile goes. In the chain a timer
	 * is still armed, and stopping it cuts it off like any other.
	 */
	struct rt_timer due = { .child = NULL };
	struct rt_timer *last = NULL;
	struct rt_timer *timer;
	size_t fired = 0;

	while (timers->root && timers->root->due_us <= now_us) {
		timer = timers->root;
		rt_timer_stop(timers, timer);
		timer->armed = true;
		timer->prev = last ? last : &due;
		if (last)
			last->sibling = timer;
		else
			due.child = timer;
		last = timer;
	}
	while (due.child) {
		timer = due.child;
		cut(timer);
		timer->armed = false;
		fired++;
		timer->fire(timer);
	}
	return fired;
}
