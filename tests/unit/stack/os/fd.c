/* SPDX-License-Identifier: MIT */
#include "stack/os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/stack/suite.h"

START_TEST(all_octets_are_written)
{
	char got[8] = { 0 };
	int pair[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(rt_fd_write_all(pair[0], rt_bytes("abcdef", 6)), 0);
	ck_assert_int_eq(rt_fd_write_all(pair[0], rt_bytes(NULL, 0)), 0);
	ck_assert_int_eq(read(pair[1], got, sizeof(got)), 6);
	ck_assert_str_eq(got, "abcdef");
	close(pair[0]);
	close(pair[1]);
}
END_TEST

static void ignore_signal(int number)
{
	(void)number;
}

/* Writes all octets to the pipe in a process of its own. */
static pid_t fork_writer(int fd, struct rt_bytes view)
{
	/* Without SA_RESTART: each signal ends the write that waits. */
	const struct sigaction action = { .sa_handler = ignore_signal };
	pid_t child;

	ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
	child = fork();
	if (child == 0)
		_exit(rt_fd_write_all(fd, view) < 0);
	ck_assert_int_gt(child, 0);
	return child;
}

START_TEST(a_write_cut_short_by_signals_is_continued)
{
	static uint8_t octets[1 << 20];
	static uint8_t got[sizeof(octets)];
	uint64_t seed = 3;
	size_t total = 0;
	int pipe_fd[2];
	int status;
	pid_t child;
	ssize_t n;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)suite_random(&seed);
	ck_assert_int_eq(pipe2(pipe_fd, O_CLOEXEC), 0);
	child = fork_writer(pipe_fd[1], rt_bytes(octets, sizeof(octets)));
	close(pipe_fd[1]);
	/* The pipe fills up, and signals find the writer with nothing done. */
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(kill(child, SIGUSR1), 0);
		sched_yield();
	}
	while ((n = read(pipe_fd[0], got + total,
			 RT_MIN(sizeof(got) - total, 5000))) > 0) {
		total += (size_t)n;
		ck_assert_int_eq(kill(child, SIGUSR1), 0);
	}
	ck_assert_uint_eq(total, sizeof(octets));
	ck_assert_mem_eq(got, octets, sizeof(octets));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	close(pipe_fd[0]);
}
END_TEST

START_TEST(the_errno_of_a_failed_write_comes_back)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(rt_fd_write_all(fd, rt_bytes("a", 1)), -ENOSPC);
	close(fd);
	ck_assert_int_eq(rt_fd_write_all(-1, rt_bytes("a", 1)), -EBADF);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		all_octets_are_written,
		a_write_cut_short_by_signals_is_continued,
		the_errno_of_a_failed_write_comes_back,
	};

	return suite_run("stack/os/fd", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
