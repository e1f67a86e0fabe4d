/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/args.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of the options that all commands take, above any character. */
enum {
	OPT_DEVICE = 0x1000,
	OPT_SNOOP,
	OPT_SNOOP_SECRETS,
	OPT_KEYS,
	OPT_TAKE,
	OPT_VERBOSE,
	OPT_PAGE_TIMEOUT,
	OPT_SUPERVISION,
	OPT_HELP,
};

static const char common_short[] = "d:vh";

static const struct option common_long[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "snoop", required_argument, NULL, OPT_SNOOP },
	{ "snoop-secrets", no_argument, NULL, OPT_SNOOP_SECRETS },
	{ "key-dir", required_argument, NULL, OPT_KEYS },
	{ "take", no_argument, NULL, OPT_TAKE },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "page-timeout", required_argument, NULL, OPT_PAGE_TIMEOUT },
	{ "supervision", required_argument, NULL, OPT_SUPERVISION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char common_help[] =
	"Options that all commands take:\n"
	"  -d, --device SPEC   controller: hci0, 0, unix:/path, /path,\n"
	"                      tcp-client:host:port, fd:N,\n"
	"                      serial:/dev/x,115200[,rtscts];\n"
	"                      default: $RAWTOOTH_DEVICE, or else hci0\n"
	"      --take          hciN: take it even if the kernel has it up\n"
	"      --snoop FILE    write a capture for btmon -r and Wireshark\n"
	"      --snoop-secrets the capture shows link keys, PINs and passkeys\n"
	"      --key-dir DIR   where link keys are kept (default:\n"
	"                      $XDG_STATE_HOME/rawtooth, or\n"
	"                      ~/.local/state/rawtooth)\n"
	"      --page-timeout SECONDS\n"
	"                      how long to look for a peer (5.12)\n"
	"      --supervision SECONDS\n"
	"                      silence until a link of ours counts as lost\n"
	"                      (default: the controller's, mostly 20)\n"
	"  -v, --verbose       summaries and warnings; twice: what happens;\n"
	"                      three times: everything\n"
	"  -h, --help          this text\n";

static void append_long(struct rt_args *args, const struct option *options)
{
	size_t used = 0;

	while (args->long_options[used].name)
		used++;
	for (; options && options->name; options++) {
		assert(used + 1 < RT_ARGS_OPTIONS);
		args->long_options[used++] = *options;
	}
}

void rt_args_init(struct rt_args *args, struct rt_tool *tool,
		  const struct rt_command *command, int argc, char **argv)
{
	*args = (struct rt_args){
		.tool = tool,
		.command = command,
		.argc = argc,
		.argv = argv,
	};
	/* getopt takes the first of two same letters: the command's. */
	snprintf(args->short_options, sizeof(args->short_options), "%s:%s%s",
		 command->run && !command->in_order ? "" : "+",
		 command->short_options, common_short);
	append_long(args, command->long_options);
	append_long(args, command->more_options);
	append_long(args, common_long);
	opterr = 0;
	optind = 0;
}

int rt_args_wrong(const struct rt_command *command, const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	rt_tool_error("%s; see rawtooth %s%s--help", text,
		      command->run ? command->name : "",
		      command->run ? " " : "");
	return RT_EXIT_USAGE;
}

void rt_args_print_help(const struct rt_command *command)
{
	printf("Usage: rawtooth %s%s%s\n%s\n\n%s%s\n%s",
	       command->run ? command->name : "", command->run ? " " : "",
	       command->arguments, command->summary, command->help,
	       command->more_help ? command->more_help : "", common_help);
}

static int apply_common(struct rt_tool *tool, int option)
{
	switch (option) {
	case OPT_DEVICE:
		tool->device = optarg;
		return 0;
	case OPT_SNOOP:
		tool->snoop = optarg;
		return 0;
	case OPT_SNOOP_SECRETS:
		tool->snoop_secrets = true;
		return 0;
	case OPT_KEYS:
		tool->key_dir = optarg;
		return 0;
	case OPT_TAKE:
		tool->take = true;
		return 0;
	case OPT_VERBOSE:
		tool->verbose++;
		return 0;
	case OPT_PAGE_TIMEOUT:
		return rt_args_seconds("the page timeout", optarg, 40,
				       &tool->page_timeout_ms);
	case OPT_SUPERVISION:
		return rt_args_seconds("the supervision timeout", optarg, 40,
				       &tool->supervision_ms);
	}
	return -EINVAL;
}

/* The long form's value of a common letter that the command leaves free. */
static int unify(const struct rt_command *command, int option)
{
	if (option > 0xff || strchr(command->short_options, option))
		return option;
	switch (option) {
	case 'd':
		return OPT_DEVICE;
	case 'v':
		return OPT_VERBOSE;
	case 'h':
		return OPT_HELP;
	}
	return option;
}

/*
 * What getopt did not understand. A long option stands before optind; a
 * letter is in optopt, and optind may not have moved past it yet.
 */
static int complain(const struct rt_args *args, bool lacks_argument)
{
	const char *word = args->argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = strncmp(word, "--", 2) == 0;
	bool has_argument = is_long && strchr(word, '=');

	if (lacks_argument)
		return rt_args_wrong(args->command, "%s needs an argument",
				     is_long ? word : letter);
	if (optopt != 0 && has_argument)
		return rt_args_wrong(args->command, "%s: there is no argument",
				     word);
	return rt_args_wrong(args->command, "unknown option %s",
			     optopt == 0 ? word : letter);
}

int rt_args_next(struct rt_args *args)
{
	int option;

	for (;;) {
		option =
			getopt_long(args->argc, args->argv, args->short_options,
				    args->long_options, NULL);
		if (option < 0)
			return RT_ARGS_END;
		if (option == '?' || option == ':') {
			args->status = complain(args, option == ':');
			return RT_ARGS_STOP;
		}
		option = unify(args->command, option);
		if (option == OPT_HELP) {
			rt_args_print_help(args->command);
			args->status = RT_EXIT_OK;
			return RT_ARGS_STOP;
		}
		if (option < OPT_DEVICE)
			return option;
		if (apply_common(args->tool, option) < 0) {
			args->status = RT_EXIT_USAGE;
			return RT_ARGS_STOP;
		}
	}
}

/* The whole string as a number; leading zeros do not mean octal. */
static bool read_number(const char *str, uint64_t *ret_number)
{
	int base = str[0] == '0' && (str[1] == 'x' || str[1] == 'X') ? 16 : 10;
	const char *digits = base == 16 ? str + 2 : str;
	unsigned long long number;
	char *end;

	if (!isxdigit((unsigned char)digits[0]))
		return false;
	errno = 0;
	number = strtoull(digits, &end, base);
	if (errno != 0 || end == digits || *end != '\0')
		return false;
	*ret_number = number;
	return true;
}

int rt_args_number(const char *what, const char *str, uint32_t min,
		   uint32_t max, uint32_t *ret_number)
{
	uint64_t number;

	if (!read_number(str, &number) || number < min || number > max) {
		rt_tool_error("%s is a number from %" PRIu32 " to %" PRIu32
			      ", not \"%s\"",
			      what, min, max, str);
		return -EINVAL;
	}
	*ret_number = (uint32_t)number;
	return 0;
}

int rt_args_seconds(const char *what, const char *str, uint32_t max_s,
		    uint32_t *ret_ms)
{
	double seconds = -1;
	char *end = NULL;

	if (isdigit((unsigned char)str[0]) || str[0] == '.')
		seconds = strtod(str, &end);
	if (!end || end == str || *end != '\0' || !(seconds >= 0.001) ||
	    seconds > max_s) {
		rt_tool_error("%s is in seconds, up to %" PRIu32 ", not \"%s\"",
			      what, max_s, str);
		return -EINVAL;
	}
	*ret_ms = (uint32_t)(seconds * 1000 + 0.5);
	return 0;
}

int rt_args_addr(const char *str, struct rt_addr *ret_addr)
{
	struct rt_addr addr;

	if (rt_addr_parse(str, &addr) < 0) {
		rt_tool_error("\"%s\" is not a device address such as "
			      "00:1A:7D:DA:71:13",
			      str);
		return -EINVAL;
	}
	if (rt_addr_is_zero(addr)) {
		rt_tool_error("no device has the address %s", str);
		return -EINVAL;
	}
	*ret_addr = addr;
	return 0;
}

/* The low octet is odd, the high one even (Core Vol 3 Part A 4.2). */
static bool is_psm(uint64_t psm)
{
	return psm <= 0xffff && (psm & 0x0101) == 0x0001;
}

int rt_args_port(enum rt_protocol protocol, const char *str, uint16_t *ret_port)
{
	uint64_t port;

	if (!read_number(str, &port)) {
		rt_tool_error("\"%s\" is not a port: a number such as 4113 or "
			      "0x1011",
			      str);
		return -EINVAL;
	}
	if (protocol == RT_PROTOCOL_RFCOMM && (port < 1 || port > 30)) {
		rt_tool_error("RFCOMM channels go from 1 to 30, not %s; with "
			      "--l2cap it would be a PSM",
			      str);
		return -EINVAL;
	}
	if (protocol == RT_PROTOCOL_L2CAP && !is_psm(port)) {
		rt_tool_error("%s is not a PSM: its low octet is odd and its "
			      "high octet even, as in 4113 (0x1011)",
			      str);
		return -EINVAL;
	}
	*ret_port = (uint16_t)port;
	return 0;
}
