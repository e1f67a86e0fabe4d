/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/rawtooth/args.h"

#define DEFAULT_CHANNEL 1
#define DEFAULT_PSM 0x1011

/*
 * Datagrams that come while the output is busy are lost beyond this; the
 * library's own default serves where the peer just waits.
 */
#define L2CAP_QUEUE_BYTES 1048576
#define CREDIT_MTU_MIN 64

enum {
	OPT_RFCOMM = 0x200,
	OPT_L2CAP,
	OPT_MTU,
	OPT_FRAME,
	OPT_LINGER,
	OPT_WAIT,
	OPT_RECEIVE_ONLY,
	OPT_STATS,
	OPT_JSON,
};

const struct option rt_plan_options[] = {
	{ "port", required_argument, NULL, 'P' },
	{ "rfcomm", no_argument, NULL, OPT_RFCOMM },
	{ "l2cap", no_argument, NULL, OPT_L2CAP },
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "exec", required_argument, NULL, 'e' },
	{ "block", required_argument, NULL, 'b' },
	{ "mtu", required_argument, NULL, OPT_MTU },
	{ "frame", required_argument, NULL, OPT_FRAME },
	{ "linger", required_argument, NULL, OPT_LINGER },
	{ "wait", no_argument, NULL, OPT_WAIT },
	{ "receive-only", no_argument, NULL, OPT_RECEIVE_ONLY },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "uuid", required_argument, NULL, 'U' },
	RT_MODES_OPTIONS,
	RT_GUARD_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

const char rt_plan_help[] =
	"  -P, -p, --port PORT RFCOMM channel, 1 to 30 (default 1), or\n"
	"                      PSM, 4113 or 0x1011 (default 0x1011)\n"
	"  -U, --uuid UUID     a service in place of a port: spp, 0x1101 or "
	"all\n"
	"                      of it; connect looks it up, listen publishes "
	"it\n"
	"      --rfcomm        a stream of octets (the default)\n"
	"      --l2cap         datagrams: each block that is read is one\n"
	"  -i, --input FILE    send this instead of standard input\n"
	"  -o, --output FILE   write what comes here, not to the output\n"
	"  -e, --exec COMMAND  run it by /bin/sh with the connection as\n"
	"                      input and output; RAWTOOTH_PEER,\n"
	"                      RAWTOOTH_PROTOCOL and RAWTOOTH_PORT are in\n"
	"                      its environment\n"
	"  -b, --block OCTETS  send so many at a time (l2cap: the size of\n"
	"                      a datagram; default: what the peer takes)\n"
	"      --wait          keep receiving when the input has ended\n"
	"      --receive-only  send nothing, do not read the input\n"
	"      --mtu OCTETS    l2cap: longest datagram we take\n" RT_MODES_HELP
	"      --frame OCTETS  rfcomm: frame size to propose\n"
	"      --linger SECONDS\n"
	"                      how long closing may take (default "
	"20)\n" RT_GUARD_HELP "  -q, --quiet         no line for a connection\n"
	"      --stats         at the end, figures of the connection on\n"
	"                      standard error, a line each\n"
	"      --json          the same as one object\n"
	"\n"
	"When the input ends, all of it is sent and the connection is\n"
	"closed: unlike TCP, Bluetooth can't close one direction alone.\n"
	"With --wait it is the peer that closes. An input that is /dev/null\n"
	"or closed counts as --receive-only.\n"
	"\n"
	"RFCOMM loses nothing, however slow a reader is, and so do the modes\n"
	"ertm and credit of L2CAP. The modes basic and streaming have no flow\n"
	"control: datagrams that the output does not take in time are lost,\n"
	"which is reported. A mode that is not --required may become another\n"
	"one that the peer wants: --stats tells.\n"
	"\n"
	"Ctrl-C closes in order, a second one at once. Exit status: 0 if\n"
	"the connection ended in order and nothing is missing, 1 otherwise,\n"
	"2 for wrong usage.\n";

static int choose_protocol(struct rt_plan *plan, enum rt_protocol protocol)
{
	if (plan->protocol != RT_PROTOCOL_UNKNOWN &&
	    plan->protocol != protocol) {
		rt_tool_error("--rfcomm and --l2cap exclude each other");
		return -EINVAL;
	}
	plan->protocol = protocol;
	return 0;
}

static int apply_number(struct rt_plan *plan, int option)
{
	switch (option) {
	case 'b':
		return rt_args_number("the block in octets", optarg, 1, 65535,
				      &plan->chunk_bytes);
	case OPT_MTU:
		return rt_args_number("the MTU in octets", optarg, 48, 65535,
				      &plan->mtu);
	case OPT_FRAME:
		return rt_args_number("the frame size in octets", optarg, 23,
				      32767, &plan->frame_bytes);
	case OPT_LINGER:
		return rt_args_seconds("the linger time", optarg, 3600,
				       &plan->linger_ms);
	}
	return -EINVAL;
}

static int apply_word(struct rt_plan *plan, int option)
{
	switch (option) {
	case 'P':
	case 'p':
		plan->port_text = optarg;
		return 0;
	case 'U':
		if (rt_uuid_by_name(optarg, &plan->uuid) < 0) {
			rt_tool_error("there is no service \"%s\": it is spp "
				      "or the like, or a UUID",
				      optarg);
			return -EINVAL;
		}
		plan->has_uuid = true;
		return 0;
	case 'i':
		plan->in_path = optarg;
		return 0;
	case 'o':
		plan->out_path = optarg;
		return 0;
	case 'e':
		plan->command = optarg;
		return 0;
	}
	return apply_number(plan, option);
}

int rt_plan_apply(struct rt_plan *plan, int option)
{
	switch (option) {
	case OPT_RFCOMM:
		return choose_protocol(plan, RT_PROTOCOL_RFCOMM);
	case OPT_L2CAP:
		return choose_protocol(plan, RT_PROTOCOL_L2CAP);
	case OPT_WAIT:
		plan->wait = true;
		return 0;
	case OPT_RECEIVE_ONLY:
		plan->receive_only = true;
		return 0;
	case 'q':
		plan->quiet = true;
		return 0;
	case OPT_JSON:
		plan->json = true;
		plan->stats = true;
		return 0;
	case OPT_STATS:
		plan->stats = true;
		return 0;
	}
	if (option >= RT_MODES_MODE && option <= RT_MODES_MONITOR)
		return rt_modes_apply(&plan->modes, option);
	if (rt_guard_has(option))
		return rt_guard_apply(&plan->guard, option);
	return apply_word(plan, option);
}

/* The sentence on what does not go together, or NULL. */
static const char *conflict(const struct rt_plan *plan)
{
	bool has_data_options = plan->in_path || plan->out_path ||
				plan->chunk_bytes || plan->wait ||
				plan->receive_only;

	if (plan->command && (has_data_options || plan->probe))
		return "--exec takes the place of -i, -o, -b, -z, --wait and "
		       "--receive-only";
	if (plan->receive_only && plan->in_path)
		return "--receive-only and -i exclude each other";
	if (plan->has_uuid && plan->port_text)
		return "a service and a port exclude each other";
	if (plan->mtu && plan->protocol != RT_PROTOCOL_L2CAP)
		return "--mtu is of --l2cap; for RFCOMM there is --frame";
	if (plan->modes.given && plan->protocol != RT_PROTOCOL_L2CAP)
		return "modes and what belongs to them are of --l2cap";
	if (plan->mtu && plan->mtu < CREDIT_MTU_MIN &&
	    plan->modes.mode == RT_SOCKET_MODE_CREDIT)
		return "the MTU of credit based channels is 64 or more";
	if (plan->frame_bytes && plan->protocol != RT_PROTOCOL_RFCOMM)
		return "--frame is of --rfcomm; for L2CAP there is --mtu";
	return NULL;
}

static int open_files(struct rt_plan *plan)
{
	int err = 0;

	if (plan->command || plan->probe)
		return 0;
	if (!plan->receive_only)
		err = rt_stream_open_input(plan->in_path, &plan->in);
	if (err == 0)
		err = rt_stream_open_output(plan->out_path, &plan->out);
	return err;
}

int rt_plan_complete(struct rt_plan *plan)
{
	const char *wrong;

	plan->in.fd = -1;
	plan->out.fd = -1;
	if (plan->protocol == RT_PROTOCOL_UNKNOWN)
		plan->protocol = RT_PROTOCOL_RFCOMM;
	wrong = conflict(plan);
	if (wrong) {
		rt_tool_error("%s", wrong);
		return -EINVAL;
	}
	plan->port = plan->protocol == RT_PROTOCOL_L2CAP ? DEFAULT_PSM
							 : DEFAULT_CHANNEL;
	if (plan->has_uuid)
		plan->port = 0;
	if (plan->port_text &&
	    rt_args_port(plan->protocol, plan->port_text, &plan->port) < 0)
		return -EINVAL;
	return open_files(plan);
}

/* True if in the mode that is asked for the peer waits for a slow reader. */
static bool peer_waits(const struct rt_plan *plan)
{
	return plan->modes.required &&
	       (plan->modes.mode == RT_SOCKET_MODE_ERTM ||
		plan->modes.mode == RT_SOCKET_MODE_CREDIT);
}

/* Calls `set` for each option that the plan has. */
static int set_up(const struct rt_plan *plan,
		  int (*set)(void *target, enum rt_option option,
			     int64_t value),
		  void *target)
{
	int err = 0;

	if (plan->protocol == RT_PROTOCOL_L2CAP && !peer_waits(plan))
		err = set(target, RT_OPTION_READ_QUEUE_BYTES,
			  L2CAP_QUEUE_BYTES);
	if (err == 0)
		err = rt_modes_set_up(&plan->modes, set, target);
	if (err == 0 && plan->mtu)
		err = set(target, RT_OPTION_MTU, plan->mtu);
	if (err == 0 && plan->frame_bytes)
		err = set(target, RT_OPTION_FRAME_BYTES, plan->frame_bytes);
	if (err == 0 && plan->linger_ms)
		err = set(target, RT_OPTION_LINGER_MS, plan->linger_ms);
	return err;
}

static int set_socket(void *target, enum rt_option option, int64_t value)
{
	return rt_socket_set_option(target, option, value);
}

static int set_server(void *target, enum rt_option option, int64_t value)
{
	return rt_server_set_option(target, option, value);
}

int rt_plan_set_up_socket(const struct rt_plan *plan, struct rt_socket *s)
{
	const int err = rt_guard_set_up_socket(&plan->guard, s);

	return err < 0 ? err : set_up(plan, set_socket, s);
}

int rt_plan_set_up_server(const struct rt_plan *plan, struct rt_server *server)
{
	const int err = rt_guard_set_up_server(&plan->guard, server);

	return err < 0 ? err : set_up(plan, set_server, server);
}

char *rt_plan_format_port(const struct rt_plan *plan, char *str)
{
	char uuid[RT_UUID_STR_BYTES];

	if (plan->has_uuid && plan->port == 0)
		snprintf(str, RT_PLAN_PORT_BYTES, "service %s",
			 rt_uuid_format(plan->uuid, uuid));
	else if (plan->protocol == RT_PROTOCOL_L2CAP)
		snprintf(str, RT_PLAN_PORT_BYTES, "PSM 0x%04x", plan->port);
	else
		snprintf(str, RT_PLAN_PORT_BYTES, "channel %u", plan->port);
	return str;
}

int rt_plan_finish(struct rt_plan *plan)
{
	int err;

	rt_stream_close(&plan->in);
	err = rt_stream_close(&plan->out);
	if (err == 0)
		return RT_EXIT_OK;
	rt_tool_error("%s: %s", plan->out_path, strerror(-err));
	return RT_EXIT_FAILED;
}
