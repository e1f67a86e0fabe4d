/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/plan.h"
#include "tools/rawtooth/session.h"

/* Connections served at once by --exec, and waiting to be; the API's most. */
#define SESSIONS 16

struct listening {
	struct rt_tool *tool;
	struct rt_plan plan;
	bool keep;
	bool discoverable;

	struct rt_server *server;
	struct rt_session *sessions[SESSIONS];
	unsigned int served; /* so far */
	unsigned int most;   /* at once */
	int status;
};

static int open_server(struct listening *l)
{
	int err;

	l->server = rt_server_new(l->tool->host, l->plan.protocol, NULL, NULL);
	if (!l->server)
		return -ENOMEM;
	err = rt_plan_set_up_server(&l->plan, l->server);
	if (err == 0)
		err = rt_server_set_max_pending(l->server, l->most);
	if (err == 0 && l->plan.has_uuid)
		err = rt_server_listen_uuid(l->server, l->plan.uuid, NULL);
	else if (err == 0)
		err = rt_server_listen(l->server, l->plan.port);
	if (err == 0)
		l->plan.port = rt_server_port(l->server);
	return err;
}

static void announce(const struct listening *l)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char port[RT_PLAN_PORT_BYTES];
	char addr[RT_ADDR_STR_BYTES];

	if (l->plan.quiet)
		return;
	rt_host_controller_info(l->tool->host, &info);
	fprintf(stderr, "Listening on %s of %s\n",
		rt_plan_format_port(&l->plan, port),
		rt_addr_format(info.addr, addr));
}

static void finish_session(struct listening *l, struct rt_session **slot)
{
	if (rt_session_finish(*slot) != RT_EXIT_OK)
		l->status = RT_EXIT_FAILED;
	*slot = NULL;
	/* A file is served anew to the next one. */
	rt_stream_rewind(&l->plan.in);
}

/*
 * Lets all sessions work. Only one of them has descriptors: several at once
 * are there only for programs. Returns the time until the next work.
 */
static int work(struct listening *l, struct pollfd *fds)
{
	int timeout_ms = -1;

	for (unsigned int i = 0; i < l->most; i++) {
		if (!l->sessions[i])
			continue;
		timeout_ms = rt_session_work(l->sessions[i], fds);
		if (!rt_session_is_over(l->sessions[i]))
			continue;
		finish_session(l, &l->sessions[i]);
		timeout_ms = 0; /* the next one may be waiting */
	}
	return timeout_ms;
}

static struct rt_session **free_slot(struct listening *l)
{
	for (unsigned int i = 0; i < l->most; i++) {
		if (!l->sessions[i])
			return &l->sessions[i];
	}
	return NULL;
}

static bool takes_more(const struct listening *l)
{
	return rt_tool_running(l->tool) && (l->keep || l->served == 0);
}

static void take_connections(struct listening *l)
{
	struct rt_session **slot = free_slot(l);

	while (slot && takes_more(l) && rt_server_has_pending(l->server)) {
		*slot = rt_session_accept(l->tool, &l->plan,
					  rt_server_next_pending(l->server));
		if (!*slot)
			l->status = RT_EXIT_FAILED;
		l->served++;
		slot = free_slot(l);
	}
	if (!takes_more(l))
		rt_server_close(l->server);
}

static bool is_busy(const struct listening *l)
{
	for (unsigned int i = 0; i < l->most; i++) {
		if (l->sessions[i])
			return true;
	}
	return false;
}

static void serve(struct listening *l)
{
	int timeout_ms;

	while (takes_more(l) || is_busy(l)) {
		struct pollfd fds[RT_SESSION_FDS] = { { .fd = -1 },
						      { .fd = -1 } };

		take_connections(l);
		timeout_ms = work(l, fds);
		if (!takes_more(l) && !is_busy(l))
			break;
		rt_tool_wait(l->tool, fds, RT_SESSION_FDS, timeout_ms);
	}
}

static int judge(struct listening *l)
{
	if (rt_tool_explain_loss(l->tool))
		return RT_EXIT_FAILED;
	if (l->served == 0 && !l->keep) {
		rt_tool_error("interrupted before anybody connected");
		return RT_EXIT_FAILED;
	}
	return l->status;
}

static int run_listen(struct listening *l)
{
	char port[RT_PLAN_PORT_BYTES];
	int err;

	if (rt_tool_start(l->tool) < 0 ||
	    rt_person_start(&l->plan.guard.person, l->tool, false) < 0)
		return RT_EXIT_FAILED;
	err = open_server(l);
	if (err < 0) {
		rt_tool_error("cannot listen on %s: %s",
			      rt_plan_format_port(&l->plan, port),
			      strerror(-err));
		rt_server_free(l->server);
		return RT_EXIT_FAILED;
	}
	rt_host_set_discoverable(l->tool->host, l->discoverable);
	announce(l);
	serve(l);
	rt_server_free(l->server);
	return judge(l);
}

enum {
	OPT_DISCOVERABLE = 0x100,
	OPT_NAME,
};

static const struct option long_options[] = {
	{ "keep", no_argument, NULL, 'k' },
	{ "discoverable", no_argument, NULL, OPT_DISCOVERABLE },
	{ "name", required_argument, NULL, OPT_NAME },
	{ NULL, 0, NULL, 0 },
};

static int apply(struct listening *l, int option)
{
	switch (option) {
	case 'k':
		l->keep = true;
		return 0;
	case OPT_DISCOVERABLE:
		l->discoverable = true;
		return 0;
	case OPT_NAME:
		l->tool->name = optarg;
		return 0;
	}
	return rt_plan_apply(&l->plan, option);
}

static int read_port(struct rt_plan *plan, int count, char **argv)
{
	if (count > 1 || (count == 1 && plan->port_text))
		return rt_args_wrong(&rt_command_listen, "it takes one port");
	if (count == 1)
		plan->port_text = argv[0];
	return RT_EXIT_OK;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct listening listening = { .tool = tool };
	struct rt_args args;
	int option;
	int status;
	int err;

	rt_args_init(&args, tool, &rt_command_listen, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&listening, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	status = read_port(&listening.plan, argc - optind, argv + optind);
	if (status != RT_EXIT_OK)
		return status;
	err = rt_plan_complete(&listening.plan);
	if (err < 0)
		return err == -EINVAL ? RT_EXIT_USAGE : RT_EXIT_FAILED;
	listening.most =
		listening.keep && listening.plan.command ? SESSIONS : 1;
	status = rt_tool_finish(tool, run_listen(&listening));
	err = rt_plan_finish(&listening.plan);
	return status == RT_EXIT_OK ? err : status;
}

static const char help_text[] =
	"Options:\n"
	"  -k, --keep          go on after the first connection: one after\n"
	"                      the other, with --exec up to 16 at once\n"
	"      --discoverable  let scans find us\n"
	"      --name NAME     our name to others (default \"rawtooth\")\n";

const struct rt_command rt_command_listen = {
	.name = "listen",
	.arguments = "[options] [PORT]",
	.summary = "Waits for a connection; sends standard input, prints what "
		   "comes.",
	.help = help_text,
	.more_help = rt_plan_help,
	.short_options = RT_PLAN_SHORT "k",
	.long_options = long_options,
	.more_options = rt_plan_options,
	.run = run,
};
