/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/plan.h"
#include "tools/rawtooth/session.h"

static int carry(struct rt_tool *tool, struct rt_session *session)
{
	struct pollfd fds[RT_SESSION_FDS];
	int timeout_ms;

	for (;;) {
		timeout_ms = rt_session_work(session, fds);
		if (rt_session_is_over(session))
			return rt_session_finish(session);
		rt_tool_wait(tool, fds, RT_SESSION_FDS, timeout_ms);
	}
}

static int connect_and_carry(struct rt_tool *tool, struct rt_plan *plan,
			     struct rt_addr addr)
{
	struct rt_session *session;

	if (rt_tool_start(tool) < 0 ||
	    rt_person_start(&plan->guard.person, tool, false) < 0)
		return RT_EXIT_FAILED;
	session = rt_session_connect(tool, plan, addr);
	return session ? carry(tool, session) : RT_EXIT_FAILED;
}

static const struct option long_options[] = {
	{ "probe", no_argument, NULL, 'z' },
	{ NULL, 0, NULL, 0 },
};

static int read_arguments(struct rt_plan *plan, int count, char **argv,
			  struct rt_addr *ret_addr)
{
	if (count < 1 || count > 2)
		return rt_args_wrong(&rt_command_connect,
				     "it takes an address and a port");
	if (count == 2 && plan->port_text)
		return rt_args_wrong(&rt_command_connect,
				     "there are two ports, %s and %s",
				     plan->port_text, argv[1]);
	if (count == 2)
		plan->port_text = argv[1];
	if (rt_args_addr(argv[0], ret_addr) < 0)
		return RT_EXIT_USAGE;
	return RT_EXIT_OK;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct rt_plan plan = { .protocol = RT_PROTOCOL_UNKNOWN };
	struct rt_addr addr;
	struct rt_args args;
	int option;
	int status;
	int err;

	rt_args_init(&args, tool, &rt_command_connect, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (option == 'z')
			plan.probe = true;
		else if (rt_plan_apply(&plan, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	status = read_arguments(&plan, argc - optind, argv + optind, &addr);
	if (status != RT_EXIT_OK)
		return status;
	err = rt_plan_complete(&plan);
	if (err < 0)
		return err == -EINVAL ? RT_EXIT_USAGE : RT_EXIT_FAILED;
	status = rt_tool_finish(tool, connect_and_carry(tool, &plan, addr));
	err = rt_plan_finish(&plan);
	return status == RT_EXIT_OK ? err : status;
}

static const char help_text[] =
	"Options:\n"
	"  -z, --probe         only see whether it can be connected to\n";

const struct rt_command rt_command_connect = {
	.name = "connect",
	.arguments = "[options] ADDRESS [PORT]",
	.summary = "Connects to a device; sends standard input, prints what "
		   "comes back.",
	.help = help_text,
	.more_help = rt_plan_help,
	.short_options = RT_PLAN_SHORT "z",
	.long_options = long_options,
	.more_options = rt_plan_options,
	.run = run,
};
