/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/os/env_linux.h"
#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tests/support/wire.h"

/* The loop of a host: on real descriptors and in real time. */

static struct wire *wire;
static struct rt_host *host;

static void setup(void)
{
	wire = wire_new(NULL);
	host = wire->node[0].host;
}

static void teardown(void)
{
	wire_free(wire);
}

static bool is_readable(int fd)
{
	struct pollfd pfd = { fd, POLLIN, 0 };

	return poll(&pfd, 1, 0) == 1;
}

static void settle(void)
{
	wire_run(wire, 20);
}

START_TEST(what_cannot_be_opened_says_why)
{
	static const char *const specs[] = {
		"",
		"nonsense:1",
		"fd:",
		"fd:x",
		"fd:-1",
		"fd:99999",
		"unix:/no/where",
		"serial:/dev/null",
		"fd:0x10",
	};
	const unsigned int before = wire_count_descriptors();
	char message[RT_MESSAGE_BYTES] = "";
	struct rt_host *other = NULL;

	ck_assert_int_lt(rt_host_open(specs[_i], NULL, &other, message), 0);
	ck_assert_str_ne(message, "");
	ck_assert_int_lt(rt_host_open(specs[_i], NULL, &other, NULL), 0);
	ck_assert_ptr_null(other);
	ck_assert_uint_eq(wire_count_descriptors(), before);
}
END_TEST

/* On failure the descriptor is still the caller's. */
START_TEST(options_that_cannot_be_leave_the_descriptor_alone)
{
	struct rt_host_options options = { .size = sizeof(options) };
	const unsigned int before = wire_count_descriptors();
	char message[RT_MESSAGE_BYTES] = "";
	struct rt_host *other = NULL;
	char spec[32];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(spec, sizeof(spec), "fd:%d", fds[0]);
	options.page_timeout_ms = 1000000;
	ck_assert_int_eq(rt_host_open(spec, &options, &other, message),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "option"));
	options.page_timeout_ms = 0;
	options.snoop = "/no/where/at/all";
	ck_assert_int_eq(rt_host_open(spec, &options, &other, message),
			 -ENOENT);
	ck_assert_ptr_nonnull(strstr(message, "/no/where/at/all"));
	options.snoop = "btsnoop:pipe:x";
	ck_assert_int_eq(rt_host_open(spec, &options, &other, message),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "btsnoop:file:PATH"));
	ck_assert_ptr_null(other);
	close(fds[0]);
	close(fds[1]);
	ck_assert_uint_eq(wire_count_descriptors(), before);
}
END_TEST

START_TEST(a_quiet_host_is_quiet)
{
	settle();
	ck_assert(!is_readable(rt_host_fd(host)));
	ck_assert_int_eq(rt_host_timeout(host), -1);
}
END_TEST

START_TEST(a_call_makes_the_descriptor_readable)
{
	struct end end = { .s = NULL };

	settle();
	end_open(&end, host, RT_PROTOCOL_L2CAP);
	ck_assert(!is_readable(rt_host_fd(host)));
	ck_assert_int_eq(rt_socket_connect(end.s, wire_addr(wire, 1), 1), 0);
	ck_assert(is_readable(rt_host_fd(host)));
	ck_assert_int_eq(rt_host_timeout(host), 0);
	ck_assert_str_eq(end.log, "");
	ck_assert_int_eq(rt_host_dispatch(host), 0);
	ck_assert_str_eq(end.log, "C");
	ck_assert_int_gt(rt_host_timeout(host), 0);
	ck_assert_int_lt(rt_host_timeout(host), 60000);
	end_free(&end);
}
END_TEST

START_TEST(a_wakeup_makes_the_descriptor_readable_once)
{
	settle();
	rt_host_wakeup(host);
	rt_host_wakeup(host);
	ck_assert(is_readable(rt_host_fd(host)));
	ck_assert_int_eq(rt_host_dispatch(host), 0);
	ck_assert(!is_readable(rt_host_fd(host)));
}
END_TEST

static unsigned int posted;

static void count(void *arg)
{
	*(unsigned int *)arg += 1;
}

START_TEST(a_post_is_called_from_dispatch)
{
	settle();
	posted = 0;
	ck_assert_int_eq(rt_host_post(host, count, &posted), 0);
	ck_assert_uint_eq(posted, 0);
	ck_assert(is_readable(rt_host_fd(host)));
	ck_assert_int_eq(rt_host_dispatch(host), 0);
	ck_assert_uint_eq(posted, 1);
	ck_assert(!is_readable(rt_host_fd(host)));
}
END_TEST

START_TEST(one_post_more_than_the_limit_is_refused)
{
	settle();
	posted = 0;
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(rt_host_post(host, count, &posted), 0);
	ck_assert_int_eq(rt_host_post(host, count, &posted), -EAGAIN);
	ck_assert_int_eq(rt_host_dispatch(host), 0);
	ck_assert_uint_eq(posted, 256);
}
END_TEST

#define THREADS 4
#define POSTS_A_THREAD 2000

static void *post_many(void *arg)
{
	for (int i = 0; i < POSTS_A_THREAD; i++) {
		while (rt_host_post(arg, count, &posted) == -EAGAIN)
			sched_yield();
	}
	return NULL;
}

static bool all_posted(void *arg)
{
	(void)arg;
	return posted == THREADS * POSTS_A_THREAD;
}

START_TEST(posts_of_many_threads_all_arrive)
{
	pthread_t thread[THREADS];

	posted = 0;
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
			pthread_create(&thread[i], NULL, post_many, host), 0);
	ck_assert(wire_run_until(wire, all_posted, NULL));
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	settle();
	ck_assert_uint_eq(posted, THREADS * POSTS_A_THREAD);
}
END_TEST

static void quit(void *arg)
{
	rt_host_quit(arg);
}

static void *post_quit(void *arg)
{
	int err = rt_host_post(arg, quit, arg);

	return err < 0 ? arg : NULL;
}

START_TEST(a_run_ends_by_quit_or_by_time)
{
	pthread_t thread;

	ck_assert_int_eq(rt_host_run(host, 0), -ETIMEDOUT);
	ck_assert_int_eq(rt_host_run(host, 30), -ETIMEDOUT);
	ck_assert_int_eq(rt_host_post(host, quit, host), 0);
	ck_assert_int_eq(rt_host_run(host, -1), 0);
	/* A quit before it has begun does not count. */
	rt_host_quit(host);
	ck_assert_int_eq(rt_host_run(host, 10), -ETIMEDOUT);
	ck_assert_int_eq(pthread_create(&thread, NULL, post_quit, host), 0);
	ck_assert_int_eq(rt_host_run(host, 5000), 0);
	pthread_join(thread, NULL);
}
END_TEST

static void dispatch_again(void *arg)
{
	ck_assert_int_eq(rt_host_dispatch(arg), -EBUSY);
	ck_assert_int_eq(rt_host_run(arg, 0), -EBUSY);
	posted++;
}

START_TEST(a_dispatch_inside_a_dispatch_is_refused)
{
	posted = 0;
	ck_assert_int_eq(rt_host_post(host, dispatch_again, host), 0);
	ck_assert_int_eq(rt_host_dispatch(host), 0);
	ck_assert_uint_eq(posted, 1);
}
END_TEST

static void close_it(void *arg)
{
	rt_host_close(arg);
	/* Still there until the dispatch returns. */
	ck_assert_int_eq(rt_host_state(arg), RT_HOST_UP);
}

START_TEST(a_host_may_be_closed_in_a_callback)
{
	struct end end = { .s = NULL };

	end_open(&end, host, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, wire_addr(wire, 1), 1), 0);
	ck_assert_int_eq(rt_host_post(host, close_it, host), 0);
	if (_i == 0)
		ck_assert_int_eq(rt_host_dispatch(host), 0);
	else
		ck_assert_int_eq(rt_host_run(host, 5000), 0);
	wire->node[0].host = NULL;
	/* No callback after the close. */
	ck_assert_str_eq(end.log, "");
}
END_TEST

static void free_in_callback(struct end *end, char what)
{
	if (what == 'C') {
		rt_host_close(rt_socket_host(end->s));
		end->s = NULL;
	}
}

START_TEST(a_host_may_be_closed_by_its_socket)
{
	struct end end = { .then = free_in_callback };

	end_open(&end, host, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, wire_addr(wire, 1), 1), 0);
	ck_assert_int_eq(rt_host_run(host, 5000), 0);
	wire->node[0].host = NULL;
	ck_assert_str_eq(end.log, "C");
}
END_TEST

START_TEST(a_host_that_is_closed_resets_its_controller)
{
	static const uint8_t reset[] = { 1, 0x03, 0x0c, 0x00 };
	const uint64_t packets = wire->node[0].packets;

	settle();
	rt_host_close(host);
	wire->node[0].host = NULL;
	wire_turn_controllers(wire);
	ck_assert_uint_eq(wire->node[0].packets, packets + 1);
	ck_assert_mem_eq(wire->node[0].last, reset, sizeof(reset));
}
END_TEST

static bool is_down(void *arg)
{
	return rt_host_state(arg) == RT_HOST_DOWN;
}

START_TEST(a_transport_that_ends_takes_the_host_down)
{
	struct rt_error_info info = { .size = sizeof(info) };
	struct end end = { .s = NULL };

	end_open(&end, host, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(end.s, wire_addr(wire, 1), 1), 0);
	wire_run(wire, 5);
	close(wire->node[0].fd);
	wire->node[0].fd = -1;
	ck_assert(wire_run_until(wire, is_down, host));
	settle();
	rt_host_error_info(host, &info);
	ck_assert_str_eq(info.layer, "transport");
	ck_assert_uint_eq(end.errors, 1);
	ck_assert_int_eq(end.error, RT_SOCKET_ERROR_NETWORK);
	/* And a run ends at once. */
	ck_assert_int_eq(rt_host_run(host, -1), 0);
	ck_assert(!is_readable(rt_host_fd(host)));
	end_free(&end);
}
END_TEST

START_TEST(a_controller_that_does_not_read_is_waited_for)
{
	static uint8_t data[60000];
	static uint8_t received[60000];
	struct end client = { .s = NULL };
	struct end server = { .rx = received, .rx_cap = sizeof(received) };
	struct rt_server *listener;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	listener = rt_server_new(wire->node[1].host, RT_PROTOCOL_RFCOMM, NULL,
				 NULL);
	ck_assert_int_eq(rt_server_listen(listener, 1), 0);
	/* The controller shall know that it is connectable. */
	settle();
	end_open(&client, host, RT_PROTOCOL_RFCOMM);
	ck_assert_int_eq(rt_socket_connect(client.s, wire_addr(wire, 1), 1), 0);
	ck_assert(wire_run_until(wire, end_is_connected, &client));
	settle();
	end_attach(&server, rt_server_next_pending(listener));
	ck_assert_ptr_nonnull(server.s);
	/* Not even room for one packet. */
	wire->node[0].stalled = true;
	end_send(&client, data, sizeof(data));
	wire_run(wire, 50);
	wire->node[0].stalled = false;
	ck_assert(wire_run_until(wire, end_is_full, &server));
	ck_assert_mem_eq(received, data, sizeof(data));
	rt_server_free(listener);
	end_free(&client);
	end_free(&server);
}
END_TEST

START_TEST(a_capture_is_written)
{
	char path[] = "/tmp/rawtooth-test-XXXXXX";
	struct rt_host_options options = { .size = sizeof(options) };
	struct wire *other;
	uint8_t head[16];
	char spec[64];
	off_t size;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	snprintf(spec, sizeof(spec), _i ? "btsnoop:file:%s" : "%s", path);
	options.snoop = spec;
	other = wire_new(&options);
	/* Without a close: what a killed program leaves. */
	size = lseek(fd, 0, SEEK_END);
	ck_assert_int_gt(size, 1000);
	wire_free(other);
	ck_assert_int_gt(lseek(fd, 0, SEEK_END), size);
	ck_assert_int_eq(pread(fd, head, sizeof(head), 0), sizeof(head));
	ck_assert_mem_eq(head, "btsnoop\0\0\0\0\1\0\0\x07\xd1", sizeof(head));
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(the_environment_names_a_capture)
{
	char path[] = "/tmp/rawtooth-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	setenv("RAWTOOTH_SNOOP", path, 1);
	wire_free(wire_new(NULL));
	unsetenv("RAWTOOTH_SNOOP");
	ck_assert_int_gt(lseek(fd, 0, SEEK_END), 1000);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(a_full_disk_ends_the_capture_only)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };
	struct rt_host_options options = { .size = sizeof(options) };
	char message[RT_MESSAGE_BYTES];
	struct rt_host *other;
	char spec[32];
	int fds[2];
	int err;

	options.snoop = "/dev/full";
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(spec, sizeof(spec), "fd:%d", fds[0]);
	err = rt_host_open(spec, &options, &other, message);
	/* It is told from the start that nothing can be written. */
	ck_assert_int_eq(err, -ENOSPC);
	ck_assert_ptr_nonnull(strstr(message, "/dev/full"));
	close(fds[0]);
	close(fds[1]);
	rt_host_get_stats(host, &stats);
	ck_assert_uint_eq(stats.capture_failed, 0);
}
END_TEST

START_TEST(nothing_stays_open)
{
	unsigned int before = wire_count_descriptors();

	for (int i = 0; i < 10; i++)
		wire_free(wire_new(NULL));
	ck_assert_uint_eq(wire_count_descriptors(), before);
}
END_TEST

/* After a pause no time has passed for what comes next. */
START_TEST(a_pause_does_not_make_timers_late)
{
	struct end end = { .s = NULL };
	struct rt_error_info info = { .size = sizeof(info) };
	struct rt_server *other;
	uint64_t start_us;

	/* Strangers may come, but not for the port that is asked for. */
	other = rt_server_new(wire->node[1].host, RT_PROTOCOL_L2CAP, NULL,
			      NULL);
	ck_assert_int_eq(rt_server_listen(other, 0x1003), 0);
	settle();
	/* Nobody dispatches for a while. */
	ck_assert_int_eq(poll(NULL, 0, 50), 0);
	start_us = rt_env_linux_now_us();
	end_open(&end, host, RT_PROTOCOL_L2CAP);
	ck_assert_int_eq(rt_socket_connect(end.s, wire_addr(wire, 1), 0x1001),
			 0);
	ck_assert(wire_run_until(wire, end_has_failed, &end));
	rt_socket_error_info(end.s, &info);
	ck_assert_int_eq(info.err, -ECONNREFUSED);
	ck_assert_uint_le(info.elapsed_us, rt_env_linux_now_us() - start_us);
	end_free(&end);
	rt_server_free(other);
}
END_TEST

static TCase *tcase(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("unit/api/runtime");
	TCase *opening = tcase("open");
	TCase *loop = tcase("loop");

	tcase_add_loop_test(opening, what_cannot_be_opened_says_why, 0, 9);
	tcase_add_test(opening,
		       options_that_cannot_be_leave_the_descriptor_alone);
	tcase_add_loop_test(opening, a_capture_is_written, 0, 2);
	tcase_add_test(opening, the_environment_names_a_capture);
	tcase_add_test(opening, a_full_disk_ends_the_capture_only);
	tcase_add_test(opening, nothing_stays_open);
	suite_add_tcase(suite, opening);

	tcase_add_test(loop, a_quiet_host_is_quiet);
	tcase_add_test(loop, a_call_makes_the_descriptor_readable);
	tcase_add_test(loop, a_wakeup_makes_the_descriptor_readable_once);
	tcase_add_test(loop, a_post_is_called_from_dispatch);
	tcase_add_test(loop, one_post_more_than_the_limit_is_refused);
	tcase_add_test(loop, posts_of_many_threads_all_arrive);
	tcase_add_test(loop, a_run_ends_by_quit_or_by_time);
	tcase_add_test(loop, a_dispatch_inside_a_dispatch_is_refused);
	tcase_add_loop_test(loop, a_host_may_be_closed_in_a_callback, 0, 2);
	tcase_add_test(loop, a_host_may_be_closed_by_its_socket);
	tcase_add_test(loop, a_host_that_is_closed_resets_its_controller);
	tcase_add_test(loop, a_transport_that_ends_takes_the_host_down);
	tcase_add_test(loop, a_controller_that_does_not_read_is_waited_for);
	tcase_add_test(loop, a_pause_does_not_make_timers_late);
	suite_add_tcase(suite, loop);
	return suite_run(suite);
}
