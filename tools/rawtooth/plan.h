/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_PLAN_H
#define RT_TOOL_PLAN_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/service.h>
#include <rawtooth/socket.h>

#include "tools/rawtooth/guard.h"
#include "tools/rawtooth/modes.h"
#include "tools/rawtooth/stream.h"
#include "tools/rawtooth/tool.h"

/* The options that `listen` and `connect` share: what to carry, and how. */
struct rt_plan {
	enum rt_protocol protocol; /* UNKNOWN: RFCOMM, nobody said */
	const char *port_text;	   /* NULL: the default */
	bool has_uuid;		   /* a service rather than a port */
	struct rt_uuid uuid;
	uint16_t port;
	const char *in_path;  /* NULL: standard input */
	const char *out_path; /* NULL: standard output */
	const char *command;  /* a program instead of both, or NULL */
	uint32_t chunk_bytes; /* of a write; 0: what fits */
	uint32_t mtu;	      /* L2CAP; 0: the library's default, as below */
	uint32_t frame_bytes; /* RFCOMM */
	uint32_t linger_ms;
	struct rt_modes modes; /* L2CAP */
	struct rt_guard guard;
	bool wait;	   /* the end of input does not close */
	bool receive_only; /* there is no input */
	bool probe;	   /* close as soon as it is open */
	bool quiet;
	bool stats; /* print the figures of a connection at its end */
	bool json;  /* the same, as JSON */

	struct rt_stream in;
	struct rt_stream out;
};

/* The options: letters, to be put into a command's own; long; and help. */
#define RT_PLAN_SHORT "P:p:U:i:o:e:b:q" RT_GUARD_SHORT
extern const struct option rt_plan_options[];
extern const char rt_plan_help[];

/*
 * Stores an option of the above. Returns 0, or -EINVAL after an error
 * message.
 */
int rt_plan_apply(struct rt_plan *plan, int option);

/*
 * Checks that the options go together, reads the port and opens the files.
 * Returns 0 or a negative errno after an error message.
 */
int rt_plan_complete(struct rt_plan *plan);

/* Sets the plan's options on a socket. Returns 0 or a negative errno. */
int rt_plan_set_up_socket(const struct rt_plan *plan, struct rt_socket *s);

/* Sets the plan's options on a server. Returns 0 or a negative errno. */
int rt_plan_set_up_server(const struct rt_plan *plan, struct rt_server *server);

/* Octets of what rt_plan_format_port() writes. */
#define RT_PLAN_PORT_BYTES 48

/*
 * Writes "channel 1", "PSM 0x1011" or "service 0x1101" to `str`. Returns `str`.
 */
char *rt_plan_format_port(const struct rt_plan *plan, char *str);

/*
 * Closes the files. Returns RT_EXIT_OK, or RT_EXIT_FAILED after an error
 * message if what was written did not reach the file.
 */
int rt_plan_finish(struct rt_plan *plan);

#endif
