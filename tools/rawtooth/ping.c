/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rawtooth/research.h>

#include "tools/rawtooth/commands.h"

/*
 * l2ping: its options, lines and exit statuses, which scripts rely on. A lost
 * reply is a result and no failure; what can't be sent is one.
 */

#define DATA_BYTES 44 /* with 4 of the header: a C-frame of 48 octets */

struct ping {
	struct rt_tool *tool;
	struct rt_addr addr;
	char addr_text[RT_ADDR_STR_BYTES];
	uint32_t bytes;
	uint32_t count; /* 0: until interrupted */
	uint32_t timeout_s;
	uint32_t delay_s;
	bool verify;
	bool strict;

	uint8_t data[DATA_BYTES];
	uint32_t sent;
	uint32_t received;
	uint64_t sent_us;
	bool waiting;
	bool announced;
	bool failed;
};

/* The first line, as l2ping has it: once there is a link to ping over. */
static void announce(struct ping *ping)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	char local[RT_ADDR_STR_BYTES];

	if (ping->announced)
		return;
	ping->announced = true;
	rt_host_controller_info(ping->tool->host, &info);
	printf("Ping: %s from %s (data size %" PRIu32 ") ...\n",
	       ping->addr_text, rt_addr_format(info.addr, local), ping->bytes);
}

static uint64_t round_trip_us(const struct ping *ping,
			      const struct rt_error_info *info)
{
	/* The first one of ours also waits for the link: not its fault. */
	return info->elapsed_us > 0 ? info->elapsed_us
				    : rt_tool_now_us() - ping->sent_us;
}

static bool is_same(const struct ping *ping, const void *data, size_t bytes)
{
	return bytes == ping->bytes && memcmp(data, ping->data, bytes) == 0;
}

static void on_reply(struct rt_echo *echo, const struct rt_error_info *info,
		     const void *data, size_t bytes, void *user_data)
{
	struct ping *ping = user_data;
	uint32_t id = ping->sent - 1;
	char text[320];

	(void)echo;
	ping->waiting = false;
	if (info->err == 0) {
		announce(ping);
		ping->received++;
		printf("%zu bytes from %s id %" PRIu32 " time %.2fms\n", bytes,
		       ping->addr_text, id,
		       (double)round_trip_us(ping, info) / 1000);
		if (ping->verify && !is_same(ping, data, bytes)) {
			rt_tool_error("the reply to id %" PRIu32
				      " differs from what was sent",
				      id);
			ping->failed = true;
		}
		return;
	}
	if (info->err == -ETIMEDOUT && strcmp(info->layer, "L2CAP") == 0) {
		printf("no response from %s: id %" PRIu32 "\n", ping->addr_text,
		       id);
		return;
	}
	rt_tool_error("cannot ping %s: %s", ping->addr_text,
		      rt_error_format(info, text, sizeof(text)));
	ping->failed = true;
}

static void fill(struct ping *ping)
{
	for (size_t i = 0; i < sizeof(ping->data); i++)
		ping->data[i] = (uint8_t)('A' + (ping->sent + i) % 26);
}

static void ping_once(struct ping *ping)
{
	const struct rt_echo_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_reply = on_reply,
	};
	const struct rt_echo_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = ping,
		.data = ping->data,
		.bytes = ping->bytes,
		.timeout_ms = ping->timeout_s * 1000,
	};
	struct rt_echo *echo;
	int err;

	fill(ping);
	ping->sent_us = rt_tool_now_us();
	err = rt_echo_start(ping->tool->host, ping->addr, &options, &echo);
	if (err < 0) {
		rt_tool_error("cannot ping %s: %s", ping->addr_text,
			      strerror(-err));
		ping->failed = true;
		return;
	}
	ping->sent++;
	ping->waiting = true;
	while (ping->waiting && rt_tool_running(ping->tool)) {
		rt_tool_wait(ping->tool, NULL, 0, -1);
		if (rt_host_has_link(ping->tool->host, ping->addr))
			announce(ping);
	}
	rt_echo_free(echo);
	if (ping->waiting && rt_tool_explain_loss(ping->tool))
		ping->failed = true;
}

static bool is_complete(const struct ping *ping)
{
	return ping->count != 0 && ping->sent >= ping->count;
}

static void pause_between(struct ping *ping)
{
	uint64_t until_us = rt_tool_now_us() + ping->delay_s * 1000000ull;
	uint64_t now_us;

	if (is_complete(ping))
		return;
	while (rt_tool_running(ping->tool) &&
	       (now_us = rt_tool_now_us()) < until_us)
		rt_tool_wait(ping->tool, NULL, 0,
			     (int)((until_us - now_us + 999) / 1000));
}

static int summarize(const struct ping *ping)
{
	uint32_t lost = ping->sent - ping->received;

	if (ping->announced)
		printf("%" PRIu32 " sent, %" PRIu32 " received, %" PRIu32
		       "%% loss\n",
		       ping->sent, ping->received,
		       (uint32_t)(lost * 100ull / ping->sent));
	if (ping->failed || (ping->strict && ping->received == 0))
		return RT_EXIT_FAILED;
	return RT_EXIT_OK;
}

static int run_ping(struct ping *ping)
{
	/* The link stays between two echoes. */
	ping->tool->idle_ms = (ping->delay_s + 2) * 1000;
	if (rt_tool_start(ping->tool) < 0)
		return RT_EXIT_FAILED;
	while (!is_complete(ping) && !ping->failed &&
	       rt_tool_running(ping->tool)) {
		ping_once(ping);
		if (!ping->failed)
			pause_between(ping);
	}
	return summarize(ping);
}

enum {
	OPT_STRICT = 0x100,
};

static const struct option long_options[] = {
	{ "size", required_argument, NULL, 's' },
	{ "count", required_argument, NULL, 'c' },
	{ "timeout", required_argument, NULL, 't' },
	{ "delay", required_argument, NULL, 'd' },
	{ "flood", no_argument, NULL, 'f' },
	{ "verify", no_argument, NULL, 'v' },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ NULL, 0, NULL, 0 },
};

static int read_size(struct ping *ping)
{
	uint32_t bytes;

	if (rt_args_number("the size in octets", optarg, 0, 65535, &bytes) < 0)
		return -EINVAL;
	if (bytes > DATA_BYTES) {
		rt_tool_error("the size goes to 44 octets: with more, the "
			      "signalling packet passes 48, which Linux and "
			      "others refuse");
		return -EINVAL;
	}
	ping->bytes = bytes;
	return 0;
}

static int apply(struct ping *ping, int option)
{
	switch (option) {
	case 'i':
		ping->tool->device = optarg;
		return 0;
	case 's':
		return read_size(ping);
	case 'c':
		return rt_args_number("the count", optarg, 1, 0x7fffffff,
				      &ping->count);
	case 't':
		return rt_args_number("the timeout in seconds", optarg, 1, 3600,
				      &ping->timeout_s);
	case 'd':
		return rt_args_number("the delay in seconds", optarg, 0, 3600,
				      &ping->delay_s);
	case 'f':
		ping->delay_s = 0;
		return 0;
	case 'v':
		ping->verify = true;
		return 0;
	case OPT_STRICT:
		ping->strict = true;
		return 0;
	case 'r':
		rt_tool_error("-r is not supported: an echo response without "
			      "a request is no proper L2CAP");
		return -EINVAL;
	}
	return 0;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct ping ping = {
		.tool = tool,
		.bytes = DATA_BYTES,
		.timeout_s = 10,
		.delay_s = 1,
	};
	struct rt_args args;
	int option;

	rt_args_init(&args, tool, &rt_command_ping, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&ping, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	if (argc - optind != 1)
		return rt_args_wrong(&rt_command_ping,
				     "it takes one address, not %d",
				     argc - optind);
	if (rt_args_addr(argv[optind], &ping.addr) < 0)
		return RT_EXIT_USAGE;
	rt_addr_format(ping.addr, ping.addr_text);
	return rt_tool_finish(tool, run_ping(&ping));
}

static const char help_text[] =
	"Options:\n"
	"  -s, --size OCTETS   data in a request, 0 to 44 (default 44)\n"
	"  -c, --count N       how many (default: until Ctrl-C)\n"
	"  -t, --timeout SECONDS\n"
	"                      wait for each reply (default 10)\n"
	"  -d, --delay SECONDS between two requests (default 1)\n"
	"  -f, --flood         no delay\n"
	"  -v, --verify        a reply with other data is a failure\n"
	"      --strict        exit status 1 if no reply came at all\n"
	"  -i DEVICE           as --device\n"
	"\n"
	"Behind \"ping\", -d and -v mean delay and verify; --device and\n"
	"--verbose, or -d and -v before \"ping\", mean what they mean\n"
	"everywhere.\n"
	"Exit status: 0 even if replies are lost, 1 if the device can't be\n"
	"reached, 2 for wrong usage.\n";

const struct rt_command rt_command_ping = {
	.name = "ping",
	.arguments = "[options] ADDRESS",
	.summary = "Sends L2CAP echo requests: l2ping's options, lines and "
		   "exit status.",
	.help = help_text,
	.short_options = "i:s:c:t:d:fvr",
	.long_options = long_options,
	.run = run,
};
