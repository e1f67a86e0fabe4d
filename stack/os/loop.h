/* SPDX-License-Identifier: MIT */
#ifndef RT_LOOP_H
#define RT_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "stack/base.h"

/*
 * Where a host waits: one epoll descriptor with the caller's descriptors, a
 * timer and a wakeup in it. The epoll descriptor is itself readable when
 * there is something to dispatch, so that it fits into any other loop.
 *
 * The timer and the wakeup have no callback: they make a dispatch return, and
 * the caller looks at its clock and at its queues after each.
 *
 * Everything but rt_loop_wakeup() belongs to one thread at a time.
 */

#define RT_LOOP_BATCH 32
#define RT_LOOP_NO_DEADLINE UINT64_MAX

/*
 * A descriptor that is watched: a member of the caller's object, which fills
 * in the first four fields and leaves the others zero. Adding, changing and
 * removing any watch is allowed at any time, also in a callback; a watch that
 * has been removed is not called any more, not even for what had already been
 * found, and its memory may go.
 */
struct rt_watch {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT; 0: not even a hangup */
	void (*fn)(struct rt_watch *watch, uint32_t events);
	void *user;
	bool added;
};

struct rt_loop {
	int epoll_fd;
	int timer_fd;
	int wakeup_fd;
	uint64_t deadline_us; /* what the timer is set to */
	int timer_err;	      /* the system has refused that; 0: it has not */
	size_t watches;
	bool dispatching;
	int batch_next; /* of those found, the first not called yet */
	int batch_count;
	struct epoll_event batch[RT_LOOP_BATCH];
};

/*
 * Prepares a loop that watches nothing. Returns 0 or a negative errno of
 * epoll_create1, timerfd_create or eventfd.
 */
int rt_loop_init(struct rt_loop *loop) RT_MUST_CHECK;

/* Closes the loop's own descriptors. No watch may be left. */
void rt_loop_fini(struct rt_loop *loop);

/* The epoll descriptor. It stays the loop's; nobody else closes it. */
int rt_loop_fd(const struct rt_loop *loop);

/*
 * Begins to watch. The descriptor stays the caller's, who removes the watch
 * before closing it.
 *
 * Returns 0, -EALREADY if the watch is added, or a negative errno of
 * epoll_ctl: -EPERM for a regular file, -EEXIST for a descriptor that is
 * watched already.
 */
int rt_loop_add(struct rt_loop *loop, struct rt_watch *watch) RT_MUST_CHECK;

/*
 * Watches for `events` instead. With 0 the watch rests: nothing is reported,
 * not even a hangup, which would come again and again.
 *
 * Returns 0, -ENOENT if the watch is not added, or a negative errno of
 * epoll_ctl; nothing has changed then.
 */
int rt_loop_change(struct rt_loop *loop, struct rt_watch *watch,
		   uint32_t events) RT_MUST_CHECK;

/* Ends watching; does nothing if the watch is not added. */
void rt_loop_remove(struct rt_loop *loop, struct rt_watch *watch);

/*
 * Sets the timer: a dispatch returns as soon as CLOCK_MONOTONIC has reached
 * `due_us`, at once if it has already. It does so once; RT_LOOP_NO_DEADLINE
 * stops the timer. If the system refuses that, the next dispatch returns at
 * once and says so: rather awake for nothing than asleep for ever.
 */
void rt_loop_set_deadline(struct rt_loop *loop, uint64_t due_us);

/*
 * Makes the running dispatch return, or the next one if none runs. May be
 * called by any thread and in a signal handler.
 */
void rt_loop_wakeup(struct rt_loop *loop);

/*
 * Waits at most `timeout_ms` (-1: without limit, 0: not at all) until a watch,
 * the timer or a wakeup is ready, and calls the watches that are.
 *
 * Returns how many were called, which may be 0: after the timer, a wakeup, a
 * signal, or for nothing. Returns -EBUSY inside a callback of this loop, or a
 * negative errno of epoll_wait, or of timerfd_settime (the watches have been
 * called then).
 */
int rt_loop_dispatch(struct rt_loop *loop, int timeout_ms) RT_MUST_CHECK;

#endif
