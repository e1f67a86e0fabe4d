/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define ERROR_BYTES 320

void rt_tool_error(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("rawtooth: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
}

uint64_t rt_tool_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Who started us may have had it ignored: a shell's background job, nohup. */
static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int rt_tool_catch_signals(struct rt_tool *tool)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	add_unless_ignored(&set, SIGINT);
	add_unless_ignored(&set, SIGTERM);
	add_unless_ignored(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	tool->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (tool->signal_fd < 0) {
		rt_tool_error("cannot watch for signals: %s", strerror(errno));
		return -errno;
	}
	return 0;
}

/* SIGCHLD only wakes: who has children looks after them. */
static void read_signals(struct rt_tool *tool)
{
	struct signalfd_siginfo info;

	while (read(tool->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			tool->interrupts++;
	}
}

static void dispatch(struct rt_tool *tool)
{
	int err;

	if (!tool->host)
		return;
	err = rt_host_dispatch(tool->host);
	if (err < 0) {
		rt_tool_error("the event loop failed: %s", strerror(-err));
		tool->broken = true;
	}
}

void rt_tool_wait(struct rt_tool *tool, struct pollfd *fds, nfds_t count,
		  int timeout_ms)
{
	struct pollfd all[2 + RT_TOOL_FDS] = {
		{ .fd = tool->signal_fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	if (tool->host)
		all[1].fd = rt_host_fd(tool->host);
	for (nfds_t i = 0; i < count; i++)
		all[2 + i] = fds[i];
	if (poll(all, 2 + count, timeout_ms) < 0) {
		tool->broken = errno != EINTR;
		if (tool->broken)
			rt_tool_error("poll failed: %s", strerror(errno));
		return;
	}
	for (nfds_t i = 0; i < count; i++)
		fds[i].revents = all[2 + i].revents;
	if (all[0].revents != 0)
		read_signals(tool);
	if (all[1].revents != 0)
		dispatch(tool);
}

static bool host_is_down(const struct rt_tool *tool)
{
	return tool->host && rt_host_state(tool->host) == RT_HOST_DOWN;
}

bool rt_tool_is_lost(const struct rt_tool *tool)
{
	return tool->broken || host_is_down(tool);
}

bool rt_tool_running(const struct rt_tool *tool)
{
	return tool->interrupts == 0 && !rt_tool_is_lost(tool);
}

/* `what` has happened to the controller; the host knows why. */
static void explain_down(struct rt_tool *tool, const char *what)
{
	struct rt_error_info info = { .size = sizeof(info) };
	char text[ERROR_BYTES];

	rt_host_error_info(tool->host, &info);
	rt_tool_error("%s: the controller %s: %s", tool->spec, what,
		      rt_error_format(&info, text, sizeof(text)));
	tool->explained = true;
}

bool rt_tool_explain_loss(struct rt_tool *tool)
{
	if (!tool->explained && !tool->broken && host_is_down(tool))
		explain_down(tool, "is gone");
	return rt_tool_is_lost(tool);
}

/* What -v, -vv and -vvv let through of the library's log. */
static bool is_wanted(enum rt_level level, unsigned int verbose)
{
	switch (level) {
	case RT_LEVEL_ERROR:
	case RT_LEVEL_WARNING:
		return verbose >= 1;
	case RT_LEVEL_INFO:
		return verbose >= 2;
	case RT_LEVEL_DEBUG:
		return verbose >= 3;
	}
	return false;
}

static void on_log(enum rt_level level, const char *line, void *user_data)
{
	const struct rt_tool *tool = user_data;

	if (is_wanted(level, tool->verbose))
		fprintf(stderr, "%s\n", line);
}

/* A bare index and a bare path are short for the usual transports. */
static const char *device_prefix(const char *device)
{
	if (device[0] == '/' || device[0] == '.')
		return "unix:";
	if (device[strspn(device, "0123456789")] == '\0')
		return "hci";
	return "";
}

static int choose_device(struct rt_tool *tool)
{
	const char *device = tool->device;
	int length;

	if (!device)
		device = getenv("RAWTOOTH_DEVICE");
	if (!device || device[0] == '\0')
		device = "hci0";
	length = snprintf(tool->spec, sizeof(tool->spec), "%s%s",
			  device_prefix(device), device);
	if ((size_t)length >= sizeof(tool->spec)) {
		rt_tool_error("the name of the controller is too long");
		return -EINVAL;
	}
	return 0;
}

static int open_host(struct rt_tool *tool)
{
	const struct rt_host_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_log = on_log,
	};
	const struct rt_host_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = tool,
		.name = tool->name,
		.page_timeout_ms = tool->page_timeout_ms,
		.supervision_ms = tool->supervision_ms,
		.idle_ms = tool->idle_ms,
		.snoop = tool->snoop,
		.capture_secrets = tool->snoop_secrets,
		.key_dir = tool->key_dir,
		.take = tool->take,
	};
	char message[RT_MESSAGE_BYTES] = "";
	int err;

	err = rt_host_open(tool->spec, &options, &tool->host, message);
	if (err < 0)
		rt_tool_error("%s: %s", tool->spec,
			      message[0] ? message : strerror(-err));
	return err;
}

int rt_tool_start(struct rt_tool *tool)
{
	int err;

	err = choose_device(tool);
	if (err == 0)
		err = rt_tool_catch_signals(tool);
	if (err == 0)
		err = open_host(tool);
	if (err < 0)
		return err;
	while (rt_tool_running(tool) && rt_host_state(tool->host) != RT_HOST_UP)
		rt_tool_wait(tool, NULL, 0, -1);
	if (rt_tool_running(tool))
		return 0;
	if (host_is_down(tool))
		explain_down(tool, "does not come up");
	else if (!tool->broken)
		rt_tool_error("interrupted");
	return -ECANCELED;
}

static void shut_down(struct rt_tool *tool)
{
	if (tool->interrupts < 2 && !tool->broken)
		rt_host_shutdown(tool->host);
	while (tool->interrupts < 2 && !tool->broken && !host_is_down(tool))
		rt_tool_wait(tool, NULL, 0, -1);
}

static int check_capture(const struct rt_tool *tool, int status)
{
	struct rt_host_stats stats = { .size = sizeof(stats) };

	rt_host_get_stats(tool->host, &stats);
	if (stats.capture_failed == 0)
		return status;
	rt_tool_error("the capture file lacks %" PRIu64
		      " packets that could not be written",
		      stats.capture_failed);
	return status == RT_EXIT_OK ? RT_EXIT_FAILED : status;
}

void rt_tool_explain_connect(const struct rt_tool *tool, struct rt_addr addr,
			     int err)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char text[RT_ADDR_STR_BYTES];

	rt_host_controller_info(tool->host, &info);
	rt_tool_error("cannot connect to %s: %s", rt_addr_format(addr, text),
		      err == -EINVAL && rt_addr_equal(addr, info.addr)
			      ? "it is the address of this controller"
			      : strerror(-err));
}

int rt_tool_finish(struct rt_tool *tool, int status)
{
	if (tool->host) {
		shut_down(tool);
		status = check_capture(tool, status);
		rt_host_close(tool->host);
		tool->host = NULL;
	}
	if (tool->signal_fd >= 0)
		close(tool->signal_fd);
	tool->signal_fd = -1;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		rt_tool_error("cannot write to standard output");
		status = status == RT_EXIT_OK ? RT_EXIT_FAILED : status;
	}
	return status;
}
