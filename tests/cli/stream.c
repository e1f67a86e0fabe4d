/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/rawtooth/stream.h"
#include "tools/rawtooth/tool.h"

/* Messages are not what is tested here. */
void rt_tool_error(const char *format, ...)
{
	(void)format;
}

static struct rt_stream from_fd(int fd, bool socket)
{
	return (struct rt_stream){ .fd = fd, .socket = socket };
}

static size_t write_until_full(const struct rt_stream *stream, size_t bytes)
{
	static const char data[65536];
	size_t total = 0;
	ptrdiff_t count;

	while ((count = rt_stream_write(stream, data, bytes)) > 0)
		total += (size_t)count;
	ck_assert_int_eq(count, -EAGAIN);
	return total;
}

START_TEST(a_full_pipe_is_not_waited_for)
{
	struct rt_stream stream;
	char buf[PIPE_BUF];
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	stream = from_fd(fds[1], false);
	ck_assert_uint_ge(write_until_full(&stream, 65536), 4096);
	/* Room for one page again: just that much is written. */
	ck_assert_int_eq(read(fds[0], buf, sizeof(buf)), sizeof(buf));
	ck_assert_uint_eq(write_until_full(&stream, 65536), PIPE_BUF);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(a_full_socket_is_not_waited_for)
{
	struct rt_stream stream;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	stream = from_fd(fds[0], true);
	ck_assert_uint_gt(write_until_full(&stream, 65536), 0);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(an_empty_pipe_is_told_from_its_end)
{
	struct rt_stream stream;
	char buf[8];
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	stream = from_fd(fds[0], false);
	ck_assert_int_eq(rt_stream_read(&stream, buf, sizeof(buf)), -EAGAIN);
	ck_assert_int_eq(write(fds[1], "abc", 3), 3);
	ck_assert_int_eq(rt_stream_read(&stream, buf, sizeof(buf)), 3);
	close(fds[1]);
	ck_assert_int_eq(rt_stream_read(&stream, buf, sizeof(buf)), 0);
	close(fds[0]);
}
END_TEST

START_TEST(a_reader_that_has_gone_is_an_error)
{
	struct rt_stream stream;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	stream = from_fd(fds[1], false);
	close(fds[0]);
	ck_assert_int_eq(rt_stream_write(&stream, "x", 1), -EPIPE);
	close(fds[1]);
}
END_TEST

START_TEST(a_file_is_written_read_and_rewound)
{
	char path[] = "/tmp/rawtooth-stream-XXXXXX";
	struct rt_stream stream;
	char buf[8];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(rt_stream_open_output(path, &stream), 0);
	ck_assert(stream.regular);
	ck_assert_int_eq(rt_stream_write(&stream, "abcd", 4), 4);
	ck_assert_int_eq(rt_stream_close(&stream), 0);
	ck_assert_int_eq(stream.fd, -1);
	ck_assert_int_eq(rt_stream_open_input(path, &stream), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(rt_stream_read(&stream, buf, 8), 4);
		ck_assert_mem_eq(buf, "abcd", 4);
		ck_assert_int_eq(rt_stream_read(&stream, buf, 8), 0);
		ck_assert(rt_stream_rewind(&stream));
	}
	ck_assert_int_eq(rt_stream_close(&stream), 0);
	unlink(path);
}
END_TEST

START_TEST(a_null_device_as_standard_input_says_nothing)
{
	struct rt_stream stream;
	int fd = open("/dev/null", O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	ck_assert_int_eq(rt_stream_open_input(NULL, &stream), 0);
	ck_assert_int_eq(stream.fd, -1);
	ck_assert(!rt_stream_rewind(&stream));
	ck_assert(!rt_stream_is_terminal(&stream));
	close(fd);
}
END_TEST

START_TEST(a_path_that_is_not_there_is_an_error)
{
	struct rt_stream stream = { .fd = 77 };

	ck_assert_int_eq(rt_stream_open_input("/nonexistent/x", &stream),
			 -ENOENT);
	ck_assert_int_eq(rt_stream_open_output("/nonexistent/x", &stream),
			 -ENOENT);
	ck_assert_int_eq(stream.fd, 77);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli/stream");
	TCase *tcase = tcase_create("stream");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, a_full_pipe_is_not_waited_for);
	tcase_add_test(tcase, a_full_socket_is_not_waited_for);
	tcase_add_test(tcase, an_empty_pipe_is_told_from_its_end);
	tcase_add_test(tcase, a_reader_that_has_gone_is_an_error);
	tcase_add_test(tcase, a_file_is_written_read_and_rewound);
	tcase_add_test(tcase, a_null_device_as_standard_input_says_nothing);
	tcase_add_test(tcase, a_path_that_is_not_there_is_an_error);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
