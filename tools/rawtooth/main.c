/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/rawtooth/commands.h"

static const struct rt_command *const commands[] = {
	&rt_command_air,     &rt_command_info,	&rt_command_scan,
	&rt_command_name,    &rt_command_ping,	&rt_command_listen,
	&rt_command_connect, &rt_command_serve, &rt_command_tty,
	&rt_command_sdp,     &rt_command_pair,	&rt_command_unpair,
	&rt_command_keys,    &rt_command_send,	&rt_command_sim,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

enum {
	OPT_VERSION = 0x100,
};

static const struct option long_options[] = {
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"Commands:\n"
	"  air PATH            virtual controllers: try it without hardware\n"
	"  info                what the controller is and can do\n"
	"  scan                find devices nearby\n"
	"  name ADDRESS        ask a device for its name\n"
	"  ping ADDRESS        L2CAP echo, like l2ping\n"
	"  listen [PORT]       wait for a connection, like nc -l\n"
	"  connect ADDRESS [PORT]\n"
	"                      connect and carry data, like nc\n"
	"  serve KIND          a service of our own: echo or sink\n"
	"  sdp VERB ...        services, like sdptool\n"
	"  pair ADDRESS        bond with a device; pair --wait to be found\n"
	"  unpair ADDRESS      forget it\n"
	"  keys                link keys: list, export, import\n"
	"  tty VERB ...        a serial port that is far away, like rfcomm\n"
	"  send ADDRESS HEX... packets written by hand\n"
	"  sim                 a simulated world in which things go wrong\n"
	"  help COMMAND        more about one of them\n"
	"\n"
	"To try it, in three terminals:\n"
	"  rawtooth air /tmp/air\n"
	"  rawtooth -d /tmp/air listen          (prints its address)\n"
	"  rawtooth -d /tmp/air connect ADDRESS\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage.\n"
	"\n"
	"      --version       print the version\n";

static const struct rt_command program = {
	.name = "rawtooth",
	.arguments = "[options] COMMAND [options] ...",
	.summary = "Bluetooth Classic without the kernel's stack.",
	.help = help_text,
	.short_options = "",
	.long_options = long_options,
};

static const struct rt_command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int help(int argc, char **argv)
{
	const struct rt_command *command = &program;

	if (argc > 1)
		command = find(argv[1]);
	if (!command)
		return rt_args_wrong(&program, "there is no command \"%s\"",
				     argv[1]);
	rt_args_print_help(command);
	return RT_EXIT_OK;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	const struct rt_command *command;

	if (argc == 0)
		return rt_args_wrong(&program, "which command?");
	if (strcmp(argv[0], "help") == 0)
		return help(argc, argv);
	command = find(argv[0]);
	if (!command)
		return rt_args_wrong(&program, "there is no command \"%s\"",
				     argv[0]);
	return command->run(tool, argc, argv);
}

/*
 * A standard descriptor that is closed would be given to the next file or
 * socket. Open for reading alone, output to it still fails.
 */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct rt_tool tool = { .signal_fd = -1 };
	struct rt_args args;
	int option;

	hold_standard_descriptors();
	setvbuf(stdout, NULL, _IOLBF, 0);
	rt_args_init(&args, &tool, &program, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		printf("rawtooth %s\n", RT_TOOL_VERSION);
		return RT_EXIT_OK;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	return run(&tool, argc - optind, argv + optind);
}
