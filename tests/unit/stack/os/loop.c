/* SPDX-License-Identifier: MIT */
#include "stack/os/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stack/os/env_linux.h"
#include "tests/unit/stack/suite.h"

#define PEERS 8

/* One end of a socket pair that is watched, and the other end. */
struct peer {
	struct rt_watch watch;
	int far_fd;
	int calls;
	uint32_t events;
	void (*then)(struct peer *peer);
	struct peer *other;
};

static struct rt_loop loop;
static struct peer peers[PEERS];

static void on_ready(struct rt_watch *watch, uint32_t events)
{
	struct peer *p = watch->user;

	ck_assert_ptr_eq(&p->watch, watch);
	p->calls++;
	p->events = events;
	if (p->then)
		p->then(p);
}

static void setup(void)
{
	int pair[2];

	ck_assert_int_eq(rt_loop_init(&loop), 0);
	for (size_t i = 0; i < PEERS; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX,
					    SOCK_STREAM | SOCK_CLOEXEC |
						    SOCK_NONBLOCK,
					    0, pair),
				 0);
		peers[i] = (struct peer){
			.watch = { .fd = pair[0],
				   .events = EPOLLIN,
				   .fn = on_ready,
				   .user = &peers[i] },
			.far_fd = pair[1],
		};
	}
}

static void teardown(void)
{
	for (size_t i = 0; i < PEERS; i++) {
		rt_loop_remove(&loop, &peers[i].watch);
		close(peers[i].watch.fd);
		if (peers[i].far_fd >= 0)
			close(peers[i].far_fd);
	}
	ck_assert_uint_eq(loop.watches, 0);
	rt_loop_fini(&loop);
}

static void add(size_t i)
{
	ck_assert_int_eq(rt_loop_add(&loop, &peers[i].watch), 0);
}

/* Makes the watched end readable. */
static void poke(size_t i)
{
	ck_assert_int_eq(write(peers[i].far_fd, "x", 1), 1);
}

static void add_all_and_poke(void)
{
	for (size_t i = 0; i < PEERS; i++) {
		add(i);
		poke(i);
	}
}

/* How many of the peers have been called. */
static int called(void)
{
	int n = 0;

	for (size_t i = 0; i < PEERS; i++)
		n += peers[i].calls > 0;
	return n;
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

START_TEST(a_readable_descriptor_is_called)
{
	add(0);
	add(1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	poke(1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 1);
	ck_assert_int_eq(peers[0].calls, 0);
	ck_assert_int_eq(peers[1].calls, 1);
	ck_assert_uint_eq(peers[1].events, EPOLLIN);
}
END_TEST

START_TEST(a_descriptor_not_read_is_called_again)
{
	char octet;

	add(0);
	poke(0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(read(peers[0].watch.fd, &octet, 1), 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
}
END_TEST

START_TEST(a_change_of_events_takes_effect)
{
	add(0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	ck_assert_int_eq(rt_loop_change(&loop, &peers[0].watch, EPOLLOUT), 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_uint_eq(peers[0].events, EPOLLOUT);
	ck_assert_int_eq(rt_loop_change(&loop, &peers[0].watch, EPOLLIN), 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
}
END_TEST

START_TEST(a_hangup_is_reported)
{
	add(0);
	close(peers[0].far_fd);
	peers[0].far_fd = -1;
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_uint_eq(peers[0].events, EPOLLIN | EPOLLHUP);
}
END_TEST

START_TEST(a_resting_watch_hears_nothing_not_even_a_hangup)
{
	add(0);
	poke(0);
	ck_assert_int_eq(rt_loop_change(&loop, &peers[0].watch, 0), 0);
	close(peers[0].far_fd);
	peers[0].far_fd = -1;
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
	ck_assert_int_eq(rt_loop_change(&loop, &peers[0].watch, EPOLLIN), 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
}
END_TEST

START_TEST(a_watch_may_begin_at_rest)
{
	peers[0].watch.events = 0;
	add(0);
	poke(0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	rt_loop_remove(&loop, &peers[0].watch);
	ck_assert_uint_eq(loop.watches, 0);
}
END_TEST

START_TEST(a_removed_watch_is_not_called)
{
	add(0);
	poke(0);
	rt_loop_remove(&loop, &peers[0].watch);
	rt_loop_remove(&loop, &peers[0].watch);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	add(0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
	struct rt_watch twin = peers[0].watch;
	struct rt_watch file = { .events = EPOLLIN, .fn = on_ready };

	ck_assert_int_eq(rt_loop_change(&loop, &peers[0].watch, EPOLLOUT),
			 -ENOENT);
	add(0);
	ck_assert_int_eq(rt_loop_add(&loop, &peers[0].watch), -EALREADY);
	ck_assert_int_eq(rt_loop_add(&loop, &twin), -EEXIST);
	file.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(rt_loop_add(&loop, &file), -EPERM);
	close(file.fd);
	file.fd = -1;
	ck_assert_int_eq(rt_loop_add(&loop, &file), -EBADF);
	ck_assert(!twin.added && !file.added);
	ck_assert_uint_eq(loop.watches, 1);
}
END_TEST

static void remove_self(struct peer *p)
{
	rt_loop_remove(&loop, &p->watch);
}

START_TEST(a_watch_may_remove_itself_when_called)
{
	for (size_t i = 0; i < PEERS; i++)
		peers[i].then = remove_self;
	add_all_and_poke();
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), PEERS);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	ck_assert_uint_eq(loop.watches, 0);
}
END_TEST

/* Removes all watches and makes their memory worthless. */
static void remove_all(struct peer *p)
{
	(void)p;
	for (size_t i = 0; i < PEERS; i++) {
		rt_loop_remove(&loop, &peers[i].watch);
		peers[i].watch.fn = NULL;
		peers[i].watch.user = NULL;
		peers[i].watch.events = UINT32_MAX;
	}
}

START_TEST(a_watch_removed_by_one_of_the_same_batch_is_not_called)
{
	for (size_t i = 0; i < PEERS; i++)
		peers[i].then = remove_all;
	add_all_and_poke();
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(called(), 1);
}
END_TEST

static void replace_others(struct peer *p)
{
	for (size_t i = 0; i < PEERS; i++) {
		peers[i].then = NULL;
		if (&peers[i] == p)
			continue;
		rt_loop_remove(&loop, &peers[i].watch);
		ck_assert_int_eq(rt_loop_add(&loop, &peers[i].watch), 0);
	}
}

START_TEST(a_watch_removed_and_added_in_a_batch_is_called_in_the_next)
{
	for (size_t i = 0; i < PEERS; i++)
		peers[i].then = replace_others;
	add_all_and_poke();
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), PEERS);
}
END_TEST

static void rest_others(struct peer *p)
{
	for (size_t i = 0; i < PEERS; i++) {
		if (&peers[i] == p)
			continue;
		ck_assert_int_eq(rt_loop_change(&loop, &peers[i].watch, 0), 0);
	}
}

START_TEST(a_watch_put_to_rest_in_a_batch_is_not_called)
{
	for (size_t i = 0; i < PEERS; i++)
		peers[i].then = rest_others;
	add_all_and_poke();
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(called(), 1);
}
END_TEST

START_TEST(a_hangup_found_in_a_batch_is_not_told_to_a_resting_watch)
{
	for (size_t i = 0; i < PEERS; i++) {
		peers[i].then = rest_others;
		add(i);
		close(peers[i].far_fd);
		peers[i].far_fd = -1;
	}
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(called(), 1);
}
END_TEST

static void want_only_writing(struct peer *p)
{
	for (size_t i = 0; i < PEERS; i++) {
		if (&peers[i] == p)
			continue;
		ck_assert_int_eq(
			rt_loop_change(&loop, &peers[i].watch, EPOLLOUT), 0);
	}
}

START_TEST(events_no_longer_wanted_are_not_reported)
{
	for (size_t i = 0; i < PEERS; i++)
		peers[i].then = want_only_writing;
	add_all_and_poke();
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(called(), 1);
}
END_TEST

static void add_other(struct peer *p)
{
	if (!p->other->watch.added)
		ck_assert_int_eq(rt_loop_add(&loop, &p->other->watch), 0);
}

START_TEST(a_watch_added_when_one_is_called_is_called_next_time)
{
	peers[0].then = add_other;
	peers[0].other = &peers[1];
	add(0);
	poke(0);
	poke(1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(peers[1].calls, 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 2);
	ck_assert_int_eq(peers[1].calls, 1);
}
END_TEST

START_TEST(memory_of_a_removed_watch_may_go_at_once)
{
	struct rt_watch *watch = malloc(sizeof(*watch));

	ck_assert_ptr_nonnull(watch);
	*watch = (struct rt_watch){ .fd = peers[0].watch.fd,
				    .events = EPOLLIN,
				    .fn = on_ready };
	ck_assert_int_eq(rt_loop_add(&loop, watch), 0);
	poke(0);
	rt_loop_remove(&loop, watch);
	free(watch);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
}
END_TEST

static void dispatch_again(struct peer *p)
{
	(void)p;
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), -EBUSY);
}

START_TEST(dispatching_in_a_callback_is_refused)
{
	peers[0].then = dispatch_again;
	add(0);
	poke(0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
}
END_TEST

START_TEST(a_deadline_that_has_passed_ends_the_wait_once)
{
	rt_loop_set_deadline(&loop, 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
	rt_loop_set_deadline(&loop, 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	/* The same again is a new deadline. */
	rt_loop_set_deadline(&loop, 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
}
END_TEST

START_TEST(a_wait_lasts_until_its_deadline)
{
	const uint64_t due_us = rt_env_linux_now_us() + RT_MS(20);

	rt_loop_set_deadline(&loop, due_us);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	ck_assert_uint_ge(rt_env_linux_now_us(), due_us);
}
END_TEST

START_TEST(a_deadline_can_be_moved_and_stopped)
{
	rt_loop_set_deadline(&loop, 1);
	rt_loop_set_deadline(&loop, rt_env_linux_now_us() + RT_SECONDS(3600));
	ck_assert(!is_readable(rt_loop_fd(&loop)));
	rt_loop_set_deadline(&loop, 1);
	ck_assert(is_readable(rt_loop_fd(&loop)));
	rt_loop_set_deadline(&loop, RT_LOOP_NO_DEADLINE);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 0);
	rt_loop_set_deadline(&loop, RT_LOOP_NO_DEADLINE - 1);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
}
END_TEST

static void *wakeup_from_thread(void *arg)
{
	(void)arg;
	rt_loop_wakeup(&loop);
	return NULL;
}

START_TEST(a_timer_that_is_refused_is_told_by_a_dispatch_that_does_not_wait)
{
	/* Nothing that is a timer any more. */
	ck_assert_int_ge(dup2(peers[0].far_fd, loop.timer_fd), 0);
	rt_loop_set_deadline(&loop, rt_env_linux_now_us() + RT_SECONDS(1000));
	ck_assert_int_eq(rt_loop_add(&loop, &peers[1].watch), 0);
	ck_assert_int_eq(write(peers[1].far_fd, "x", 1), 1);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), -EINVAL);
	ck_assert_int_eq(peers[1].calls, 1);
	/* It is said once, and tried again the next time. */
	ck_assert_int_eq(rt_loop_dispatch(&loop, 0), 1);
	rt_loop_set_deadline(&loop, rt_env_linux_now_us() + RT_SECONDS(1000));
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), -EINVAL);
	rt_loop_remove(&loop, &peers[1].watch);
}
END_TEST

START_TEST(a_wakeup_of_another_thread_ends_the_wait_once)
{
	pthread_t thread;

	ck_assert_int_eq(
		pthread_create(&thread, NULL, wakeup_from_thread, NULL), 0);
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
}
END_TEST

START_TEST(many_wakeups_are_one_and_leave_errno_alone)
{
	errno = 77;
	for (int i = 0; i < 1000; i++)
		rt_loop_wakeup(&loop);
	ck_assert_int_eq(errno, 77);
	ck_assert(is_readable(rt_loop_fd(&loop)));
	ck_assert_int_eq(rt_loop_dispatch(&loop, -1), 0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
}
END_TEST

START_TEST(the_loop_is_readable_when_there_is_work)
{
	add(0);
	ck_assert(!is_readable(rt_loop_fd(&loop)));
	poke(0);
	ck_assert(is_readable(rt_loop_fd(&loop)));
}
END_TEST

START_TEST(descriptors_are_not_inherited)
{
	const int fds[] = { loop.epoll_fd, loop.timer_fd, loop.wakeup_fd };

	for (size_t i = 0; i < RT_ARRAY_SIZE(fds); i++)
		ck_assert_int_eq(fcntl(fds[i], F_GETFD) & FD_CLOEXEC,
				 FD_CLOEXEC);
}
END_TEST

START_TEST(more_descriptors_than_a_batch_are_all_called)
{
	struct peer many[RT_LOOP_BATCH + 5];
	size_t count = 0;

	memset(many, 0, sizeof(many));
	for (size_t i = 0; i < RT_ARRAY_SIZE(many); i++) {
		many[i].watch = (struct rt_watch){
			.fd = dup(peers[0].watch.fd),
			.events = EPOLLIN,
			.fn = on_ready,
			.user = &many[i],
		};
		ck_assert_int_eq(rt_loop_add(&loop, &many[i].watch), 0);
	}
	poke(0);
	for (int round = 0; round < 4; round++)
		ck_assert_int_gt(rt_loop_dispatch(&loop, 0), 0);
	for (size_t i = 0; i < RT_ARRAY_SIZE(many); i++) {
		count += many[i].calls > 0;
		rt_loop_remove(&loop, &many[i].watch);
		close(many[i].watch.fd);
	}
	ck_assert_uint_eq(count, RT_ARRAY_SIZE(many));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_readable_descriptor_is_called,
		a_descriptor_not_read_is_called_again,
		a_change_of_events_takes_effect,
		a_hangup_is_reported,
		a_resting_watch_hears_nothing_not_even_a_hangup,
		a_watch_may_begin_at_rest,
		a_removed_watch_is_not_called,
		wrong_calls_are_refused,
		a_watch_may_remove_itself_when_called,
		a_watch_removed_by_one_of_the_same_batch_is_not_called,
		a_watch_removed_and_added_in_a_batch_is_called_in_the_next,
		a_watch_put_to_rest_in_a_batch_is_not_called,
		a_hangup_found_in_a_batch_is_not_told_to_a_resting_watch,
		events_no_longer_wanted_are_not_reported,
		a_watch_added_when_one_is_called_is_called_next_time,
		memory_of_a_removed_watch_may_go_at_once,
		dispatching_in_a_callback_is_refused,
		a_deadline_that_has_passed_ends_the_wait_once,
		a_wait_lasts_until_its_deadline,
		a_deadline_can_be_moved_and_stopped,
		a_timer_that_is_refused_is_told_by_a_dispatch_that_does_not_wait,
		a_wakeup_of_another_thread_ends_the_wait_once,
		many_wakeups_are_one_and_leave_errno_alone,
		the_loop_is_readable_when_there_is_work,
		descriptors_are_not_inherited,
		more_descriptors_than_a_batch_are_all_called,
	};

	return suite_run("stack/os/loop", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
