/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/tty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/commands.h"

/*
 * rfcomm(1) without the kernel: its verbs and its lines, and a pseudo terminal
 * in place of /dev/rfcommN.
 */

#define CHANNEL_DEFAULT 1
#define CHANNEL_MAX 30
#define NUMBER_MAX 255

static const char *const verb_names[] = {
	[RT_TTY_CONNECT] = "connect",
	[RT_TTY_LISTEN] = "listen",
	[RT_TTY_WATCH] = "watch",
	[RT_TTY_BIND] = "bind",
};

#define VERBS (sizeof(verb_names) / sizeof(verb_names[0]))

enum {
	OPT_LINK = 0x100,
	OPT_SIGNALS,
	OPT_NO_RPN,
	OPT_FRAME,
};

static int apply(struct rt_tty *t, int option)
{
	if (rt_guard_has(option))
		return rt_guard_apply(&t->guard, option);
	switch (option) {
	case 'i':
		t->tool->device = optarg;
		return 0;
	case 'q':
		t->port.quiet = true;
		return 0;
	case OPT_LINK:
		t->link = optarg;
		return 0;
	case OPT_SIGNALS:
		return rt_port_read_signals(optarg, &t->port.signals);
	case OPT_NO_RPN:
		t->port.keeps_line = true;
		return 0;
	case OPT_FRAME:
		return rt_args_number("the frame size in octets", optarg, 23,
				      32767, &t->frame_bytes);
	}
	return 0; /* -r: there is no other than raw mode */
}

/* "3", "rfcomm3" or "/dev/rfcomm3": rfcomm's ways to name a device. */
static bool read_number(const char *word, int *ret_number)
{
	const char *prefixes[] = { "/dev/rfcomm", "rfcomm", "" };
	size_t length;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		length = strlen(prefixes[i]);
		if (strncmp(word, prefixes[i], length) != 0)
			continue;
		word += length;
		if (strspn(word, "0123456789") != strlen(word) ||
		    word[0] == '\0' || strlen(word) > 3)
			return false;
		*ret_number = atoi(word);
		return *ret_number <= NUMBER_MAX;
	}
	return false;
}

static int read_channel(struct rt_tty *t, const char *word)
{
	return rt_args_number("the channel", word, 1, CHANNEL_MAX, &t->channel);
}

/* [DEV] ADDRESS [CHANNEL] */
static int read_target(struct rt_tty *t, int count, char **argv)
{
	if (count > 0 && read_number(argv[0], &t->number)) {
		count--;
		argv++;
	}
	if (count < 1 || count > 2)
		return rt_args_wrong(&rt_command_tty,
				     "it takes a device, an address and a "
				     "channel");
	if (rt_args_addr(argv[0], &t->addr) < 0)
		return RT_EXIT_USAGE;
	if (count == 2 && read_channel(t, argv[1]) < 0)
		return RT_EXIT_USAGE;
	return RT_EXIT_OK;
}

/* [DEV [CHANNEL [COMMAND...]]] */
static int read_service(struct rt_tty *t, int count, char **argv)
{
	if (count > 0 && !read_number(argv[0], &t->number))
		return rt_args_wrong(&rt_command_tty,
				     "\"%s\" is not a device such as 0 or "
				     "rfcomm0",
				     argv[0]);
	if (count > 1 && read_channel(t, argv[1]) < 0)
		return RT_EXIT_USAGE;
	if (count > 2 && argv[2][0] == '-')
		return rt_args_wrong(&rt_command_tty,
				     "options stand before the device, unlike "
				     "\"%s\"",
				     argv[2]);
	if (count > 2)
		t->command = argv + 2;
	return RT_EXIT_OK;
}

static bool find_verb(const char *word, enum rt_tty_verb *ret_verb)
{
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verb_names[i], word) != 0)
			continue;
		*ret_verb = (enum rt_tty_verb)i;
		return true;
	}
	return false;
}

/* Reads options up to where they end. Returns an exit status, or -1: go on. */
static int read_options(struct rt_tty *t, struct rt_args *args)
{
	int option;

	while ((option = rt_args_next(args)) > 0) {
		if (apply(t, option) < 0)
			return RT_EXIT_USAGE;
	}
	return option == RT_ARGS_STOP ? args->status : -1;
}

static int read_arguments(struct rt_tty *t, int argc, char **argv)
{
	struct rt_command command = rt_command_tty;
	struct rt_args args;
	int status;

	/* Options may stand before the verb, and behind it. */
	command.in_order = true;
	rt_args_init(&args, t->tool, &command, argc, argv);
	status = read_options(t, &args);
	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	if (argc == 0 || !find_verb(argv[0], &t->verb))
		return rt_args_wrong(&rt_command_tty,
				     "connect, listen, watch or bind?");
	command.in_order = t->verb == RT_TTY_LISTEN || t->verb == RT_TTY_WATCH;
	rt_args_init(&args, t->tool, &command, argc, argv);
	status = read_options(t, &args);
	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	status = command.in_order ? read_service(t, argc, argv)
				  : read_target(t, argc, argv);
	return status == RT_EXIT_OK ? -1 : status;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct rt_tty t = {
		.tool = tool,
		.number = -1,
		.channel = CHANNEL_DEFAULT,
		.pty = RT_PTY_NONE,
		.port.signals = RT_MODEM_RTC | RT_MODEM_RTR | RT_MODEM_DV,
	};
	const int status = read_arguments(&t, argc, argv);

	if (status >= 0)
		return status;
	return rt_tool_finish(tool, rt_tty_run(&t));
}

static const struct option long_options[] = {
	{ "link", required_argument, NULL, OPT_LINK },
	{ "signals", required_argument, NULL, OPT_SIGNALS },
	{ "no-rpn", no_argument, NULL, OPT_NO_RPN },
	{ "frame", required_argument, NULL, OPT_FRAME },
	{ "quiet", no_argument, NULL, 'q' },
	{ "raw", no_argument, NULL, 'r' },
	RT_GUARD_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"  connect [DEV] ADDRESS [CHANNEL]\n"
	"                      connect; ends with the connection\n"
	"  bind [DEV] ADDRESS [CHANNEL]\n"
	"                      connect when a program opens the terminal,\n"
	"                      hang up when the last one closes it\n"
	"  listen [DEV [CHANNEL [COMMAND...]]]\n"
	"                      wait for a connection, and run the command;\n"
	"                      an argument {} becomes the terminal's path\n"
	"  watch [DEV [CHANNEL [COMMAND...]]]\n"
	"                      the same, again and again\n"
	"\n"
	"The terminal is a pseudo terminal behind the link rfcommN (N = DEV,\n"
	"or the first that is free) in $XDG_RUNTIME_DIR/rawtooth, or else in\n"
	"/tmp/rawtooth-UID. No root is needed. The link is there while there\n"
	"is a connection; with bind, always.\n"
	"\n"
	"Options:\n"
	"      --link PATH     make this link instead, whatever DEV says\n"
	"      --signals LIST  our modem signals, of dtr,rts,dcd,ri, or none\n"
	"                      (default dtr,rts,dcd)\n"
	"      --no-rpn        do not carry settings of the line\n"
	"      --frame OCTETS  frame size to propose\n"
	"  -q, --quiet         no lines about signals of the peer\n"
	"  -i DEVICE           as --device\n"
	"  -r, --raw           nothing: it is in raw mode in any "
	"case\n" RT_GUARD_HELP "\n"
	"Carried besides data: speed, stop bits and flow control that a\n"
	"program sets (within a quarter of a second) and that the peer sets\n"
	"(Linux lets a pseudo terminal have 8 bits without parity only); the\n"
	"peer's hangup as a hangup. What a pseudo terminal has no place for "
	"is\n"
	"printed: the peer's modem signals, breaks and line errors. If its "
	"DCD\n"
	"falls and a program has cleared CLOCAL, the program is hung up. Not\n"
	"carried: a program's own DTR, RTS and breaks (see --signals), and "
	"the\n"
	"size of a window, which RFCOMM has no word for.\n"
	"\n"
	"Nothing is lost: while nobody reads, the peer waits.\n"
	"\n"
	"Exit status: 0 if the connection ended in order, or by Ctrl-C; 1 if\n"
	"there was none or it was lost (bind and watch: the controller was\n"
	"lost); 2 for wrong usage.\n";

const struct rt_command rt_command_tty = {
	.name = "tty",
	.arguments = "[options] connect|bind|listen|watch ...",
	.summary = "A serial port over RFCOMM, as rfcomm has it.",
	.help = help_text,
	.short_options = "i:qr" RT_GUARD_SHORT,
	.long_options = long_options,
	.run = run,
};
