/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/rawtooth/commands.h"
#include "tools/vctl/server.h"

#define CONTROLLERS_DEFAULT 16
#define CONTROLLERS_MAX 1024

struct air {
	struct rt_tool *tool;
	const char *path;
	uint32_t controllers;
	uint32_t latency_us;
	uint32_t page_ms;
	uint32_t acl_bytes;
	uint32_t acl_packets;

	struct rt_loop loop;
	struct rt_watch signals;
	struct rt_air *medium;
	struct rt_vctl_server *server;
};

static void on_log(void *user, const char *line)
{
	const struct air *air = user;

	if (air->tool->verbose > 0)
		printf("%s\n", line);
}

/* The loop returns; rt_tool_wait() then reads what has come. */
static void on_signal(struct rt_watch *watch, uint32_t events)
{
	(void)events;
	rt_tool_wait(watch->user, NULL, 0, 0);
}

static int open_loop(struct air *air)
{
	int err;

	err = rt_loop_init(&air->loop);
	if (err < 0) {
		rt_tool_error("cannot make an event loop: %s", strerror(-err));
		return err;
	}
	air->signals = (struct rt_watch){
		.fd = air->tool->signal_fd,
		.events = EPOLLIN,
		.fn = on_signal,
		.user = air->tool,
	};
	err = rt_loop_add(&air->loop, &air->signals);
	if (err < 0) {
		rt_tool_error("cannot watch for signals: %s", strerror(-err));
		rt_loop_fini(&air->loop);
	}
	return err;
}

static int open_server(struct air *air)
{
	const struct rt_air_options medium = { .latency_us = air->latency_us };
	struct rt_vctl_server_options options = {
		.controller = {
			.acl_bytes = (uint16_t)air->acl_bytes,
			.acl_packets = (uint16_t)air->acl_packets,
			.page_ms = air->page_ms,
		},
		.clients_max = air->controllers,
		.log = on_log,
		.user = air,
	};
	char message[256] = "";
	int err;

	air->medium = rt_air_new(&medium);
	if (!air->medium) {
		rt_tool_error("out of memory");
		return -ENOMEM;
	}
	options.air = air->medium;
	err = rt_vctl_server_open(&air->loop, air->path, &options, &air->server,
				  message, sizeof(message));
	if (err < 0)
		rt_tool_error("%s", message[0] ? message : strerror(-err));
	return err;
}

static int serve(struct air *air)
{
	uint64_t due_us;
	int err;

	printf("Serving virtual controllers on %s, up to %" PRIu32
	       " at a time\n",
	       air->path, air->controllers);
	while (rt_tool_running(air->tool)) {
		due_us = rt_vctl_server_step(air->server, rt_tool_now_us());
		rt_loop_set_deadline(&air->loop, due_us);
		err = rt_loop_dispatch(&air->loop, -1);
		if (err >= 0)
			continue;
		rt_tool_error("the event loop failed: %s", strerror(-err));
		return RT_EXIT_FAILED;
	}
	return RT_EXIT_OK;
}

static int run_air(struct air *air)
{
	int status = RT_EXIT_FAILED;

	if (rt_tool_catch_signals(air->tool) < 0 || open_loop(air) < 0)
		return status;
	if (open_server(air) == 0)
		status = serve(air);
	if (air->server)
		rt_vctl_server_close(air->server);
	if (air->medium)
		rt_air_free(air->medium);
	rt_loop_remove(&air->loop, &air->signals);
	rt_loop_fini(&air->loop);
	return status;
}

enum {
	OPT_ACL = 0x100,
	OPT_LATENCY,
	OPT_PAGE,
};

static const struct option long_options[] = {
	{ "controllers", required_argument, NULL, 'n' },
	{ "acl", required_argument, NULL, OPT_ACL },
	{ "latency", required_argument, NULL, OPT_LATENCY },
	{ "page", required_argument, NULL, OPT_PAGE },
	{ NULL, 0, NULL, 0 },
};

/* "1021x8": octets of a buffer, and how many there are. */
static int read_acl(struct air *air)
{
	char bytes[8] = "";
	size_t digits = strspn(optarg, "0123456789");

	if (digits == 0 || digits >= sizeof(bytes) || optarg[digits] != 'x') {
		rt_tool_error("ACL buffers are given as octets x number, such "
			      "as 1021x8, not \"%s\"",
			      optarg);
		return -EINVAL;
	}
	memcpy(bytes, optarg, digits);
	if (rt_args_number("the size of an ACL buffer", bytes, 27, 1021,
			   &air->acl_bytes) < 0)
		return -EINVAL;
	return rt_args_number("the number of ACL buffers", optarg + digits + 1,
			      1, 255, &air->acl_packets);
}

static int apply(struct air *air, int option)
{
	switch (option) {
	case 'n':
		return rt_args_number("the number of controllers", optarg, 1,
				      CONTROLLERS_MAX, &air->controllers);
	case OPT_ACL:
		return read_acl(air);
	case OPT_LATENCY:
		return rt_args_number("the latency in microseconds", optarg, 0,
				      1000000, &air->latency_us);
	case OPT_PAGE:
		return rt_args_number("the time of a page in milliseconds",
				      optarg, 0, 40000, &air->page_ms);
	}
	return 0;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct air air = {
		.tool = tool,
		.controllers = CONTROLLERS_DEFAULT,
	};
	struct rt_args args;
	int option;

	rt_args_init(&args, tool, &rt_command_air, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&air, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	if (argc - optind != 1)
		return rt_args_wrong(&rt_command_air,
				     "it takes the path of a socket to make");
	air.path = argv[optind];
	return rt_tool_finish(tool, run_air(&air));
}

static const char help_text[] =
	"Each connection to the unix socket PATH is one BR/EDR controller,\n"
	"spoken to in H4, and all of them hear each other. With it any\n"
	"command can be tried: rawtooth -d PATH info. Ctrl-C ends it.\n"
	"\n"
	"Options:\n"
	"  -n, --controllers N how many at a time (default 16)\n"
	"      --acl OCTETSxN  ACL buffers of each, down to 27x1 (default\n"
	"                      1021x8)\n"
	"      --latency US    microseconds that a packet takes between two\n"
	"                      controllers (default 0)\n"
	"      --page MS       milliseconds that a page takes (default 0)\n"
	"  -v                  tell who comes and goes\n"
	"\n"
	"Of the options below only -v and -h mean anything here.\n";

const struct rt_command rt_command_air = {
	.name = "air",
	.arguments = "[options] PATH",
	.summary = "Serves virtual controllers, for use without hardware.",
	.help = help_text,
	.short_options = "n:",
	.long_options = long_options,
	.run = run,
};
