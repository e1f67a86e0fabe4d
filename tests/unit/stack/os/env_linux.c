/* SPDX-License-Identifier: MIT */
#include "stack/os/env_linux.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/stack/suite.h"

static struct rt_env_linux self;
static struct rt_env env;
static char logged[2048];

/* Prepares the environment under RAWTOOTH_LOG=level; NULL: not set. */
static void init(const char *level)
{
	struct rt_env_hooks hooks;

	if (level)
		ck_assert_int_eq(setenv("RAWTOOTH_LOG", level, 1), 0);
	else
		ck_assert_int_eq(unsetenv("RAWTOOTH_LOG"), 0);
	ck_assert_int_eq(rt_env_linux_init(&self, &hooks), 0);
	rt_env_init(&env, &hooks, rt_env_linux_now_us());
}

/* Logs a line of each level and returns what came out at standard error. */
static const char *log_all(const char *text)
{
	const int saved = dup(STDERR_FILENO);
	int pipe_fd[2];
	ssize_t n;

	ck_assert_int_eq(pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_ge(dup2(pipe_fd[1], STDERR_FILENO), 0);
	rt_log(&env, RT_LOG_ERROR, "e%s", text);
	rt_log(&env, RT_LOG_WARNING, "w%s", text);
	rt_log(&env, RT_LOG_INFO, "i%s", text);
	rt_log(&env, RT_LOG_DEBUG, "d%s", text);
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	n = read(pipe_fd[0], logged, sizeof(logged) - 1);
	logged[n < 0 ? 0 : n] = '\0';
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	close(saved);
	return logged;
}

START_TEST(memory_is_zeroed)
{
	static const uint8_t zeros[4096];
	void *p;

	init(NULL);
	p = rt_env_alloc(&env, sizeof(zeros));
	ck_assert_ptr_nonnull(p);
	ck_assert_mem_eq(p, zeros, sizeof(zeros));
	rt_env_free(&env, p);
	ck_assert_uint_eq(env.live, 0);
}
END_TEST

START_TEST(random_octets_are_not_the_same_twice)
{
	uint8_t a[1000] = { 0 };
	uint8_t b[1000] = { 0 };

	init(NULL);
	env.hooks.random(env.hooks.ctx, a, sizeof(a));
	env.hooks.random(env.hooks.ctx, b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	/* The last octets have been filled too. */
	ck_assert_mem_ne(a + 984, b + 984, 16);
}
END_TEST

START_TEST(warnings_and_errors_are_logged_by_default)
{
	init(NULL);
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n"
				       "rawtooth: warning: wx\n");
	init("loud");
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n"
				       "rawtooth: warning: wx\n");
}
END_TEST

START_TEST(the_variable_says_what_is_logged)
{
	init("error");
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n");
	init("warning");
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n"
				       "rawtooth: warning: wx\n");
	init("info");
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n"
				       "rawtooth: warning: wx\n"
				       "rawtooth: info: ix\n");
	init("debug");
	ck_assert_str_eq(log_all("x"), "rawtooth: error: ex\n"
				       "rawtooth: warning: wx\n"
				       "rawtooth: info: ix\n"
				       "rawtooth: debug: dx\n");
}
END_TEST

START_TEST(the_longest_log_line_ends_with_a_newline)
{
	char text[400];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	init("error");
	log_all(text);
	ck_assert_uint_eq(strlen(logged), strlen("rawtooth: error: ") + 201);
	ck_assert_int_eq(logged[strlen(logged) - 1], '\n');
}
END_TEST

START_TEST(the_monotonic_clock_counts_microseconds)
{
	struct timespec ts;
	uint64_t before_us = rt_env_linux_now_us();
	uint64_t us;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	us = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	ck_assert_uint_le(before_us, us);
	ck_assert_uint_le(us, rt_env_linux_now_us());
	ck_assert_uint_lt(us - before_us, RT_SECONDS(30));
}
END_TEST

START_TEST(the_wall_clock_counts_from_1970)
{
	/* 2020 to 2100. */
	ck_assert_uint_gt(rt_env_linux_wall_us(), RT_SECONDS(1577836800));
	ck_assert_uint_lt(rt_env_linux_wall_us(), RT_SECONDS(4102444800));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		memory_is_zeroed,
		random_octets_are_not_the_same_twice,
		warnings_and_errors_are_logged_by_default,
		the_variable_says_what_is_logged,
		the_longest_log_line_ends_with_a_newline,
		the_monotonic_clock_counts_microseconds,
		the_wall_clock_counts_from_1970,
	};

	return suite_run("stack/os/env_linux", tests, RT_ARRAY_SIZE(tests),
			 NULL, NULL);
}
