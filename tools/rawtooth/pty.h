/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_PTY_H
#define RT_TOOL_PTY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <rawtooth/socket.h>

/*
 * A pseudo terminal under a name that stays: a symbolic link, which one
 * process at a time holds. What programs open is /dev/pts/N behind it, in raw
 * mode; ours is the other end.
 *
 * Whether anybody has it open can be seen: not by us holding it, and without
 * looking again and again, since opening it is reported (inotify).
 */

struct rt_pty {
	int fd;		/* our end; -1: there is none */
	int opens;	/* readable when somebody opens or closes the other */
	int lock;	/* holds the name */
	bool published; /* the link is there */
	struct rt_line fresh; /* the settings that no program has changed */
	char slave[64];
	char link[PATH_MAX];
};

/* A pseudo terminal that holds nothing. */
#define RT_PTY_NONE                               \
	{                                         \
		.fd = -1, .opens = -1, .lock = -1 \
	}

/*
 * Takes the name: `link`, or if that is NULL $XDG_RUNTIME_DIR/rawtooth/rfcommN
 * with N = `number`, the first free one if that is negative. Directories of the
 * latter are made. A link that nobody holds is left over from a process that
 * was killed, and is taken; any other file is not touched.
 *
 * Returns 0, or a negative errno after an error message.
 */
int rt_pty_reserve(struct rt_pty *pty, const char *link, int number);

/* Makes the pseudo terminal. Returns as rt_pty_reserve(). */
int rt_pty_open(struct rt_pty *pty);

/* Makes the link. Returns as rt_pty_reserve(). */
int rt_pty_publish(struct rt_pty *pty);

/* Removes the link if it is still ours. */
void rt_pty_withdraw(struct rt_pty *pty);

/*
 * Hangs up whoever has it open, and puts a fresh one behind the same name.
 * Returns as rt_pty_reserve().
 */
int rt_pty_hang_up(struct rt_pty *pty);

/* Nobody has it open any more: raw mode again, and what is unread is gone. */
void rt_pty_reset(struct rt_pty *pty);

enum rt_pty_users {
	RT_PTY_NOBODY,
	RT_PTY_LEFT, /* nobody, but something is to be read */
	RT_PTY_OPEN,
};

/* Who has it open. Takes notice of what made `opens` readable. */
enum rt_pty_users rt_pty_look(struct rt_pty *pty);

/* True if whoever has it open has read all that we wrote. */
bool rt_pty_is_drained(const struct rt_pty *pty);

/*
 * Reads what programs have written. Returns the octets, -EAGAIN if there are
 * none yet, -EIO if nobody has it open, or another negative errno.
 */
ptrdiff_t rt_pty_read(const struct rt_pty *pty, void *buf, size_t bytes);

/* Writes what goes. Returns the octets, -EAGAIN or another negative errno. */
ptrdiff_t rt_pty_write(const struct rt_pty *pty, const void *buf, size_t bytes);

/* Withdraws it, and lets everything go. */
void rt_pty_close(struct rt_pty *pty);

/*
 * Puts into *line what a program has set: all but data bits and parity, which
 * no pseudo terminal has. False, and nothing is changed, if RFCOMM has no word
 * for the speed.
 */
bool rt_pty_get_line(const struct rt_pty *pty, struct rt_line *line);

/* Gives it settings, for programs to see: speed, stop bits, RTS and CTS. */
void rt_pty_set_line(const struct rt_pty *pty, const struct rt_line *line);

/* True if programs are to be hung up when the carrier goes: not CLOCAL. */
bool rt_pty_heeds_carrier(const struct rt_pty *pty);

#endif
