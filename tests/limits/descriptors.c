/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/end.h"
#include "tests/support/suite.h"
#include "tests/support/wire.h"
#include "tools/vctl/model.h"

/*
 * What a host with a loop has open: nothing that a program it starts would
 * inherit, and nothing when it is closed. And what it leaves the controller.
 */

#define FIRST 3 /* descriptor behind those that everybody has */
#define LAST 256
#define PSM 0x1021
#define CHANNELS 16

static char folder[] = "/tmp/rawtooth-limits-XXXXXX";
static char capture[sizeof(folder) + 16];
static struct wire *wire;
static struct rt_server *server;
static struct rt_socket *taken[CHANNELS];
static struct end client[CHANNELS];
static int exported[2]; /* the first of each: the caller's to close */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static unsigned int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Descriptors that a program has which is started now. */
static unsigned int count_inherited(void)
{
	unsigned int n = 0;
	FILE *list = popen("ls /proc/self/fd", "r");
	char line[64];

	ck_assert_ptr_nonnull(list);
	while (fgets(line, sizeof(line), list))
		n++;
	ck_assert_int_eq(pclose(list), 0);
	return n;
}

static void forget_folder(void)
{
	char command[sizeof(folder) + 16];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

/* Everything that a host can have open, with as many channels as a link has. */
static void open_all(void)
{
	struct rt_host_options options = { .size = sizeof(options) };

	ck_assert_ptr_nonnull(mkdtemp(strcpy(folder, "/tmp/rawtooth-limits-"
						     "XXXXXX")));
	snprintf(capture, sizeof(capture), "%s/capture", folder);
	options.snoop = capture;
	options.key_dir = folder;
	wire = wire_new(&options);
	server = rt_server_new(wire->node[1].host, RT_PROTOCOL_L2CAP, NULL,
			       NULL);
	ck_assert_int_eq(rt_server_set_max_pending(server, CHANNELS), 0);
	ck_assert_int_eq(rt_server_listen(server, PSM), 0);
	memset(client, 0, sizeof(client));
	for (int i = 0; i < CHANNELS; i++) {
		end_open(&client[i], wire->node[0].host, RT_PROTOCOL_L2CAP);
		ck_assert_int_eq(rt_socket_connect(client[i].s,
						   wire_addr(wire, 1), PSM),
				 0);
		ck_assert(wire_run_until(wire, end_is_connected, &client[i]));
	}
	wire_run(wire, 5);
	for (int i = 0; i < CHANNELS; i++) {
		taken[i] = rt_server_next_pending(server);
		ck_assert_ptr_nonnull(taken[i]);
	}
	exported[0] = rt_socket_descriptor(taken[0]);
	exported[1] = rt_socket_descriptor(client[0].s);
	ck_assert_int_ge(exported[0], 0);
	ck_assert_int_ge(exported[1], 0);
}

static void close_exported(void)
{
	ck_assert_int_eq(close(exported[0]), 0);
	ck_assert_int_eq(close(exported[1]), 0);
}

static void close_all(void)
{
	close_exported();
	wire_free(wire);
	forget_folder();
}

START_TEST(no_program_inherits_a_descriptor)
{
	bool before[LAST];
	unsigned int inherited;
	unsigned int count = 0;

	for (int fd = FIRST; fd < LAST; fd++)
		before[fd] = is_open(fd);
	inherited = count_inherited();
	open_all();
	for (int fd = FIRST; fd < LAST; fd++) {
		if (before[fd] || !is_open(fd))
			continue;
		count++;
		ck_assert_msg(fcntl(fd, F_GETFD) & FD_CLOEXEC,
			      "descriptor %d is inherited", fd);
	}
	/* Loops, timers, events, transports, captures, exports: of both. */
	ck_assert_uint_ge(count, 2 * 7);
	ck_assert_uint_eq(count_inherited(), inherited);
	close_all();
	ck_assert_uint_eq(count_inherited(), inherited);
}
END_TEST

/* Whoever opened the descriptor of a controller did not think of it. */
START_TEST(a_descriptor_of_the_callers_is_inherited_no_more)
{
	const unsigned int inherited = count_inherited();
	struct rt_host_options options = {
		.size = sizeof(options),
		.forget_keys = true,
	};
	char message[RT_MESSAGE_BYTES];
	struct rt_host *host;
	char spec[32];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_uint_eq(count_inherited(), inherited + 2);
	snprintf(spec, sizeof(spec), "fd:%d", fds[1]);
	ck_assert_int_eq(rt_host_open(spec, &options, &host, message), 0);
	ck_assert_uint_eq(count_inherited(), inherited + 1);
	rt_host_close(host);
	close(fds[0]);
	ck_assert_uint_eq(count_inherited(), inherited);
}
END_TEST

START_TEST(nothing_is_open_or_runs_when_hosts_are_closed)
{
	unsigned int descriptors;
	unsigned int threads;

	/* What a library opens once is open then. */
	open_all();
	close_all();
	descriptors = wire_count_descriptors();
	threads = count_threads();
	for (int i = 0; i < 3; i++) {
		open_all();
		ck_assert_uint_gt(wire_count_descriptors(), descriptors);
		/* The library has no threads of its own. */
		ck_assert_uint_eq(count_threads(), threads);
		close_all();
		ck_assert_uint_eq(wire_count_descriptors(), descriptors);
		ck_assert_uint_eq(count_threads(), threads);
	}
}
END_TEST

START_TEST(a_host_that_is_closed_resets_its_controller)
{
	static const uint8_t reset[] = { 1, 3, 12, 0 };
	const struct wire_node *node;

	open_all();
	node = &wire->node[1];
	ck_assert_uint_ne(node->vctl->set.scan_enable, 0);
	rt_host_close(wire->node[1].host);
	wire->node[1].host = NULL;
	wire_turn_controllers(wire);
	ck_assert_mem_eq(node->last, reset, sizeof(reset));
	ck_assert_uint_eq(node->vctl->set.scan_enable, 0);
	ck_assert_uint_eq(rt_vctl_get_stats(node->vctl)->links, 0);
	close_exported();
	wire_free(wire);
	forget_folder();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits/descriptors");
	TCase *tc = tcase_create("descriptors");

	tcase_add_test(tc, no_program_inherits_a_descriptor);
	tcase_add_test(tc, a_descriptor_of_the_callers_is_inherited_no_more);
	tcase_add_test(tc, nothing_is_open_or_runs_when_hosts_are_closed);
	tcase_add_test(tc, a_host_that_is_closed_resets_its_controller);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
