/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_TTY_H
#define RT_TOOL_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/rawtooth.h>

#include "tools/rawtooth/child.h"
#include "tools/rawtooth/guard.h"
#include "tools/rawtooth/port.h"
#include "tools/rawtooth/tool.h"

/* A serial port of rfcomm(1)'s kinds, and where it stands. */

enum rt_tty_verb {
	RT_TTY_CONNECT,
	RT_TTY_LISTEN,
	RT_TTY_WATCH,
	RT_TTY_BIND,
};

enum rt_tty_stage {
	RT_TTY_IDLE,	/* bind: nobody has it open */
	RT_TTY_WAITING, /* for a peer to connect */
	RT_TTY_CONNECTING,
	RT_TTY_CONNECTED,
	RT_TTY_CLOSING,
	RT_TTY_DRAINING, /* closed; a program is still reading */
	RT_TTY_ENDING,	 /* the command is asked to end */
	RT_TTY_OVER,
};

struct rt_tty {
	/* Set by the owner, zeroed otherwise; `pty` is RT_PTY_NONE. */
	struct rt_tool *tool;
	enum rt_tty_verb verb;
	const char *link;
	int number; /* of the device; -1: a free one */
	struct rt_addr addr;
	uint32_t channel;
	uint32_t frame_bytes;
	struct rt_guard guard;
	char **command; /* or NULL */

	enum rt_tty_stage stage;
	struct rt_pty pty;
	struct rt_port port;
	struct rt_server *server;
	struct rt_child child;
	bool has_child;
	bool was_connected;
	bool failed;
	uint64_t drain_until_us;
	uint64_t drained_us; /* since when nothing is unread; 0: something is */
};

/* Does it, from opening the controller on. Returns the exit status. */
int rt_tty_run(struct rt_tty *t);

#endif
