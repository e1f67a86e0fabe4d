/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_STREAM_H
#define RT_TOOL_STREAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A file, pipe or terminal that is read or written without ever waiting, and
 * without O_NONBLOCK: that flag belongs to everybody who has the file open.
 */
struct rt_stream {
	int fd;	      /* -1: none */
	bool owned;   /* closed by rt_stream_close() */
	bool regular; /* a file: never waits */
	bool socket;
};

/*
 * Opens `path`, or takes standard input if it is NULL. Standard input that is
 * /dev/null has nothing to say: fd is -1 then. Returns 0 or a negative errno
 * after an error message.
 */
int rt_stream_open_input(const char *path, struct rt_stream *ret_stream);

/*
 * Creates or empties `path`, or takes standard output if it is NULL. Returns 0
 * or a negative errno after an error message.
 */
int rt_stream_open_output(const char *path, struct rt_stream *ret_stream);

/* Begins a file anew. False if that can't be: a pipe is read only once. */
bool rt_stream_rewind(const struct rt_stream *stream);

/* True if it is a terminal. */
bool rt_stream_is_terminal(const struct rt_stream *stream);

/*
 * Reads what is there. Returns the octets read, 0 at the end, -EAGAIN if
 * nothing is there yet (poll for POLLIN), or another negative errno.
 */
ptrdiff_t rt_stream_read(const struct rt_stream *stream, void *buf,
			 size_t bytes);

/*
 * Writes what goes without waiting. Returns the octets written, -EAGAIN if
 * none can be (poll for POLLOUT), or another negative errno.
 */
ptrdiff_t rt_stream_write(const struct rt_stream *stream, const void *buf,
			  size_t bytes);

/* Closes what was opened. Returns 0, or the negative errno of close(). */
int rt_stream_close(struct rt_stream *stream);

#endif
