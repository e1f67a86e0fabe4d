/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_TOOL_H
#define RT_TOOL_TOOL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

/*
 * What every command stands on: the options that all of them take, the
 * controller, and one loop over the controller's descriptor, the signals and
 * what the command adds.
 *
 * SIGINT, SIGTERM and SIGHUP ask for an orderly end; a second one, for an end
 * at once. SIGPIPE is ignored.
 */

/* Exit statuses. */
#define RT_EXIT_OK 0
#define RT_EXIT_FAILED 1
#define RT_EXIT_USAGE 2

/* Descriptors that a command may add to the loop. */
#define RT_TOOL_FDS 2

struct rt_tool {
	/* Options, set before rt_tool_start(). */
	const char *device;  /* NULL: RAWTOOTH_DEVICE, or else hci0 */
	const char *snoop;   /* capture file, or NULL */
	bool snoop_secrets;  /* it shows keys */
	const char *key_dir; /* of link keys; NULL: the library's default */
	const char *name;    /* local name, or NULL */
	bool take;
	unsigned int verbose;
	uint32_t page_timeout_ms;
	uint32_t supervision_ms;
	uint32_t idle_ms;

	struct rt_host *host; /* NULL outside of start and finish */
	char spec[160];	      /* of the controller, in full */
	int signal_fd;
	unsigned int interrupts; /* signals that ask for the end */
	bool broken;		 /* the loop itself has failed */
	bool explained;		 /* the user knows why it is over */
};

/* Prints "rawtooth: ", the sentence and a newline to standard error. */
void rt_tool_error(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* CLOCK_MONOTONIC in microseconds. */
uint64_t rt_tool_now_us(void);

/*
 * Takes the signals: they arrive in rt_tool_wait() from now on. Returns 0, or
 * a negative errno after an error message.
 */
int rt_tool_catch_signals(struct rt_tool *tool);

/*
 * Catches the signals, opens the controller and waits until it is up. Returns
 * 0, or a negative errno after an error message; rt_tool_finish() is due in
 * either case.
 */
int rt_tool_start(struct rt_tool *tool);

/*
 * Waits at most `timeout_ms` (-1: without limit) for the controller, a signal
 * or one of `count` descriptors, up to RT_TOOL_FDS, and lets the library call
 * back. Sets revents of each. A descriptor of -1 is left out.
 */
void rt_tool_wait(struct rt_tool *tool, struct pollfd *fds, nfds_t count,
		  int timeout_ms);

/*
 * False once nothing more can or shall be done: somebody asked for the end,
 * the controller is gone for good, or the loop has failed.
 */
bool rt_tool_running(const struct rt_tool *tool);

/* True if the controller is gone for good or the loop has failed. */
bool rt_tool_is_lost(const struct rt_tool *tool);

/*
 * If rt_tool_is_lost(), sees to it that standard error says why, once. Returns
 * rt_tool_is_lost().
 */
bool rt_tool_explain_loss(struct rt_tool *tool);

/*
 * Says why a connection, or a link, to `addr` could not even be begun: `err` is
 * what the library returned.
 */
void rt_tool_explain_connect(const struct rt_tool *tool, struct rt_addr addr,
			     int err);

/*
 * Ends: links are disconnected and the controller is reset, in order unless
 * two signals have come. Returns the exit status: `status`, or RT_EXIT_FAILED
 * with a message if the capture file or standard output has gaps.
 */
int rt_tool_finish(struct rt_tool *tool, int status);

#endif
