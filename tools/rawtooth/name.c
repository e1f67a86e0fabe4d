/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/text.h"

struct asking {
	bool done;
	bool answered;
};

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	struct asking *asking = user_data;
	char text[320];

	(void)request;
	asking->done = true;
	if (!name) {
		rt_tool_error("%s", rt_error_format(info, text, sizeof(text)));
		return;
	}
	asking->answered = true;
	rt_text_print(stdout, name);
	putchar('\n');
}

static int ask(struct rt_tool *tool, struct rt_addr addr)
{
	const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name,
	};
	struct asking asking = { .done = false };
	struct rt_name_request *request;
	int err;

	err = rt_name_request_start(tool->host, addr, &callbacks, &asking,
				    &request);
	if (err < 0) {
		rt_tool_error("cannot ask for a name: %s", strerror(-err));
		return RT_EXIT_FAILED;
	}
	while (!asking.done && rt_tool_running(tool))
		rt_tool_wait(tool, NULL, 0, -1);
	rt_name_request_free(request);
	if (!asking.done && !rt_tool_explain_loss(tool))
		rt_tool_error("interrupted");
	return asking.answered ? RT_EXIT_OK : RT_EXIT_FAILED;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct rt_addr addr;
	struct rt_args args;

	rt_args_init(&args, tool, &rt_command_name, argc, argv);
	if (rt_args_next(&args) == RT_ARGS_STOP)
		return args.status;
	if (argc - optind != 1)
		return rt_args_wrong(&rt_command_name,
				     "it takes one address, not %d",
				     argc - optind);
	if (rt_args_addr(argv[optind], &addr) < 0)
		return RT_EXIT_USAGE;
	if (rt_tool_start(tool) < 0)
		return rt_tool_finish(tool, RT_EXIT_FAILED);
	return rt_tool_finish(tool, ask(tool, addr));
}

static const char help_text[] =
	"The device must be connectable; no scan need have found it.\n";

const struct rt_command rt_command_name = {
	.name = "name",
	.arguments = "[options] ADDRESS",
	.summary = "Asks a device for its name and prints it.",
	.help = help_text,
	.short_options = "",
	.run = run,
};
