/* SPDX-License-Identifier: MIT */
#include "stack/os/loop.h"

#include <assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int control(const struct rt_loop *loop, int op, int fd, void *tag,
		   uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = tag };

	return epoll_ctl(loop->epoll_fd, op, fd, &event) < 0 ? -errno : 0;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int open_descriptors(struct rt_loop *loop)
{
	int err;

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		return -errno;
	loop->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->timer_fd < 0)
		return -errno;
	loop->wakeup_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->wakeup_fd < 0)
		return -errno;
	/* The loop's own descriptors go by the addresses of their fields. */
	err = control(loop, EPOLL_CTL_ADD, loop->timer_fd, &loop->timer_fd,
		      EPOLLIN);
	if (err < 0)
		return err;
	return control(loop, EPOLL_CTL_ADD, loop->wakeup_fd, &loop->wakeup_fd,
		       EPOLLIN);
}

int rt_loop_init(struct rt_loop *loop)
{
	int err;

	*loop = (struct rt_loop){
		.epoll_fd = -1,
		.timer_fd = -1,
		.wakeup_fd = -1,
		.deadline_us = RT_LOOP_NO_DEADLINE,
	};
	err = open_descriptors(loop);
	if (err < 0)
		rt_loop_fini(loop);
	return err;
}

void rt_loop_fini(struct rt_loop *loop)
{
	assert(loop->watches == 0);
	assert(!loop->dispatching);
	close_if_open(loop->wakeup_fd);
	close_if_open(loop->timer_fd);
	close_if_open(loop->epoll_fd);
	loop->wakeup_fd = -1;
	loop->timer_fd = -1;
	loop->epoll_fd = -1;
}

int rt_loop_fd(const struct rt_loop *loop)
{
	return loop->epoll_fd;
}

/*
 * Makes epoll watch for `to` where it watched for `from`. A watch for nothing
 * is kept out of epoll, which would report hangups and errors all the same.
 */
static int set_events(const struct rt_loop *loop, struct rt_watch *watch,
		      uint32_t from, uint32_t to)
{
	if (from == to)
		return 0;
	if (to == 0)
		return control(loop, EPOLL_CTL_DEL, watch->fd, NULL, 0);
	return control(loop, from == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		       watch->fd, watch, to);
}

int rt_loop_add(struct rt_loop *loop, struct rt_watch *watch)
{
	int err;

	if (watch->added)
		return -EALREADY;
	err = set_events(loop, watch, 0, watch->events);
	if (err < 0)
		return err;
	watch->added = true;
	loop->watches++;
	return 0;
}

int rt_loop_change(struct rt_loop *loop, struct rt_watch *watch,
		   uint32_t events)
{
	int err;

	if (!watch->added)
		return -ENOENT;
	err = set_events(loop, watch, watch->events, events);
	if (err < 0)
		return err;
	watch->events = events;
	return 0;
}

void rt_loop_remove(struct rt_loop *loop, struct rt_watch *watch)
{
	if (!watch->added)
		return;
	/* This fails only if the descriptor was closed, and so left epoll. */
	(void)set_events(loop, watch, watch->events, 0);
	watch->added = false;
	loop->watches--;
	for (int i = loop->batch_next; i < loop->batch_count; i++) {
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
	}
}

void rt_loop_set_deadline(struct rt_loop *loop, uint64_t due_us)
{
	struct itimerspec spec = { .it_value.tv_sec = 0 };

	if (due_us == loop->deadline_us)
		return;
	if (due_us != RT_LOOP_NO_DEADLINE) {
		spec.it_value.tv_sec = (time_t)(due_us / 1000000);
		spec.it_value.tv_nsec = (long)(due_us % 1000000) * 1000;
		/* All zero would stop the timer. */
		if (due_us == 0)
			spec.it_value.tv_nsec = 1;
	}
	loop->deadline_us = due_us;
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) ==
	    0)
		return;
	loop->timer_err = -errno;
	loop->deadline_us = RT_LOOP_NO_DEADLINE;
	rt_loop_wakeup(loop);
}

void rt_loop_wakeup(struct rt_loop *loop)
{
	const int saved = errno;
	const uint64_t one = 1;
	ssize_t n;

	do {
		n = write(loop->wakeup_fd, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
	/* EAGAIN: the counter is full, which wakes up as well. */
	errno = saved;
}

/* Makes a timerfd or an eventfd unreadable. */
static void drain(int fd)
{
	uint64_t count;
	ssize_t n;

	do {
		n = read(fd, &count, sizeof(count));
	} while (n < 0 && errno == EINTR);
}

/* Handles one event found. Returns true if a watch was called. */
static bool deliver(struct rt_loop *loop, const struct epoll_event *event)
{
	struct rt_watch *watch = event->data.ptr;
	uint32_t events;

	if (!watch)
		return false;
	if (event->data.ptr == &loop->timer_fd) {
		drain(loop->timer_fd);
		loop->deadline_us = RT_LOOP_NO_DEADLINE;
		return false;
	}
	if (event->data.ptr == &loop->wakeup_fd) {
		drain(loop->wakeup_fd);
		return false;
	}
	/* A callback before this one may have changed what is watched for. */
	if (watch->events == 0)
		return false;
	events = event->events & (watch->events | EPOLLERR | EPOLLHUP);
	if (events == 0)
		return false;
	watch->fn(watch, events);
	return true;
}

int rt_loop_dispatch(struct rt_loop *loop, int timeout_ms)
{
	const int timer_err = loop->timer_err;
	int called = 0;
	int n;

	if (loop->dispatching)
		return -EBUSY;
	loop->timer_err = 0;
	n = epoll_wait(loop->epoll_fd, loop->batch, RT_LOOP_BATCH, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	loop->dispatching = true;
	loop->batch_count = n;
	for (loop->batch_next = 0; loop->batch_next < n;) {
		if (deliver(loop, &loop->batch[loop->batch_next++]))
			called++;
	}
	loop->batch_count = 0;
	loop->batch_next = 0;
	loop->dispatching = false;
	return timer_err < 0 ? timer_err : called;
}
