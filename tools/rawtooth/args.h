/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_ARGS_H
#define RT_TOOL_ARGS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include <rawtooth/addr.h>
#include <rawtooth/socket.h>

#include "tools/rawtooth/tool.h"

/*
 * Options and arguments. The options that all commands take may stand before
 * and behind the command; where a command gives a letter another meaning
 * (ping, which follows l2ping) the long form still works behind it.
 */

struct rt_command {
	const char *name;
	const char *arguments; /* "[options] ADDRESS" */
	const char *summary;   /* one line */
	const char *help;      /* lines that explain options and use */
	const char *more_help; /* what it shares with others, or NULL */
	const char *short_options;
	const struct option *long_options; /* ends with a zeroed one, or NULL */
	const struct option *more_options; /* shared with others, or NULL */
	bool in_order; /* options end at the first argument */
	/* Gets the arguments from the command's name on. */
	int (*run)(struct rt_tool *tool, int argc, char **argv);
};

/* Results of rt_args_next() beside an option's value. */
#define RT_ARGS_END 0
#define RT_ARGS_STOP (-1)

#define RT_ARGS_OPTIONS 64

struct rt_args {
	struct rt_tool *tool;
	const struct rt_command *command;
	int argc;
	char **argv;
	char short_options[64];
	struct option long_options[RT_ARGS_OPTIONS];
	int status; /* exit status after RT_ARGS_STOP */
};

/*
 * Prepares to read the options of a command. One that has no run() is the
 * program itself: reading stops at the first argument.
 */
void rt_args_init(struct rt_args *args, struct rt_tool *tool,
		  const struct rt_command *command, int argc, char **argv);

/*
 * Takes the next option that is the command's own, with its argument in
 * `optarg`; those that all commands take are stored in the tool.
 *
 * Returns its value, RT_ARGS_END when all have been read (arguments begin at
 * `optind`), or RT_ARGS_STOP: help has been printed, or what is wrong has.
 */
int rt_args_next(struct rt_args *args);

/*
 * Prints the sentence and where help is to be had. Returns RT_EXIT_USAGE.
 */
int rt_args_wrong(const struct rt_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints the help text of a command to standard output. */
void rt_args_print_help(const struct rt_command *command);

/*
 * Reads a number, decimal or hexadecimal with 0x, within the limits. `what`
 * names it in the message, "the size". Returns 0, or -EINVAL after a message.
 */
int rt_args_number(const char *what, const char *str, uint32_t min,
		   uint32_t max, uint32_t *ret_number);

/*
 * Reads seconds with up to three decimals as milliseconds, up to `max_s`
 * seconds. Returns 0, or -EINVAL after a message.
 */
int rt_args_seconds(const char *what, const char *str, uint32_t max_s,
		    uint32_t *ret_ms);

/* Reads a device address. Returns 0, or -EINVAL after a message. */
int rt_args_addr(const char *str, struct rt_addr *ret_addr);

/*
 * Reads an RFCOMM server channel or a PSM, 4113 or 0x1011. Returns 0, or
 * -EINVAL after a message.
 */
int rt_args_port(enum rt_protocol protocol, const char *str,
		 uint16_t *ret_port);

#endif
