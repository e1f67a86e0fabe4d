/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/send.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/pdu.h"

#define WAIT_MS_DEFAULT 1000
#define WAIT_MS_MAX 3600000
/* The stack counts its identifiers up from 1: far from these. */
#define IDENT_FIRST 0xc0
#define MCC_MAX 0x3f

enum {
	OPT_PSM = 0x100,
	OPT_CHANNEL,
	OPT_CID,
	OPT_FRAME,
	OPT_MCC,
	OPT_WAIT,
	OPT_DROP,
	OPT_MTU,
};

static int read_cid(struct rt_send *send)
{
	if (strcmp(optarg, "sig") == 0) {
		send->where = RT_SEND_TO_SIGNAL;
		return 0;
	}
	if (strcmp(optarg, "data") == 0) {
		send->where = RT_SEND_TO_DATA;
		return 0;
	}
	send->where = RT_SEND_TO_NUMBER;
	return rt_args_number("the channel id (or sig, or data)", optarg, 0,
			      0xffff, &send->cid);
}

/* "msc", "0x38,response" */
static int read_mcc(struct rt_send *send)
{
	char *comma = strchr(optarg, ',');
	uint32_t number = 0;
	int type;

	if (send->how == RT_SEND_FRAME) {
		rt_tool_error("--frame and --mcc exclude each other");
		return -EINVAL;
	}
	send->how = RT_SEND_MCC;
	if (comma) {
		if (strcmp(comma, ",response") != 0) {
			rt_tool_error("behind the type stands \",response\", "
				      "not \"%s\"",
				      comma);
			return -EINVAL;
		}
		*comma = '\0';
		send->mcc_response = true;
	}
	type = rt_pdu_find_mcc(optarg);
	if (type < 0 && rt_args_number("the type (or its name)", optarg, 0,
				       MCC_MAX, &number) < 0)
		return -EINVAL;
	send->mcc_type = (uint8_t)(type < 0 ? number : (uint32_t)type);
	return 0;
}

static int apply(struct rt_send *send, int option)
{
	switch (option) {
	case OPT_PSM:
		send->psm_text = optarg;
		return rt_args_port(RT_PROTOCOL_L2CAP, optarg, &send->psm);
	case OPT_CHANNEL:
		return rt_args_number("the channel", optarg, 1, 30,
				      &send->channel);
	case OPT_CID:
		return read_cid(send);
	case OPT_FRAME:
		if (send->how == RT_SEND_MCC)
			rt_tool_error("--frame and --mcc exclude each other");
		if (send->how == RT_SEND_MCC)
			return -EINVAL;
		send->how = RT_SEND_FRAME;
		return 0;
	case OPT_MCC:
		return read_mcc(send);
	case OPT_WAIT:
		return rt_args_number("the wait in ms", optarg, 0, WAIT_MS_MAX,
				      &send->wait_ms);
	case OPT_DROP:
		send->drop = true;
		return 0;
	case OPT_MTU:
		return rt_args_number("the MTU in octets", optarg, 48, 65535,
				      &send->mtu);
	}
	return rt_modes_apply(&send->modes, option);
}

/* The sentence on what does not go together, or NULL. */
static const char *conflict(const struct rt_send *send)
{
	if (send->psm && send->channel)
		return "--psm and --channel exclude each other";
	if (send->how != RT_SEND_PDU && !send->channel)
		return "--frame and --mcc need --channel: the session is "
		       "opened by a DLC";
	if (send->how != RT_SEND_PDU && send->where != RT_SEND_TO_DEFAULT)
		return "--frame and --mcc have no --cid: they go to the "
		       "session";
	if (send->where == RT_SEND_TO_DATA && !send->psm)
		return "--cid data is the channel of --psm";
	if ((send->modes.given || send->mtu) && !send->psm)
		return "modes and MTU are those of the channel of --psm";
	return NULL;
}

/* Wrong digits are found before anything is opened. */
static int check_items(struct rt_send *send)
{
	uint32_t ms;
	int err = 0;

	for (int i = 0; i < send->item_count && err == 0; i++) {
		if (!rt_send_read_pause(send->items[i], &ms, &err))
			err = rt_template_expand(send->items[i], &send->values,
						 &send->packet);
	}
	return err;
}

static int complete(struct rt_send *send, int count, char **argv)
{
	const char *wrong = conflict(send);

	if (wrong)
		return rt_args_wrong(&rt_command_send, "%s", wrong);
	if (count < 1)
		return rt_args_wrong(&rt_command_send,
				     "it takes an address and octets");
	if (rt_args_addr(argv[0], &send->addr) < 0)
		return RT_EXIT_USAGE;
	rt_addr_format(send->addr, send->peer);
	send->items = argv + 1;
	send->item_count = count - 1;
	send->values = (struct rt_template_values){
		.frame = send->how == RT_SEND_FRAME,
		.has_cids = send->psm != 0,
		.has_address = send->channel != 0,
		.ident = IDENT_FIRST,
	};
	return check_items(send) < 0 ? RT_EXIT_USAGE : RT_EXIT_OK;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	static const struct rt_send none;
	struct rt_send send = none;
	struct rt_args args;
	int option;
	int status;

	send.tool = tool;
	send.wait_ms = WAIT_MS_DEFAULT;
	rt_args_init(&args, tool, &rt_command_send, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&send, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	status = complete(&send, argc - optind, argv + optind);
	if (status != RT_EXIT_OK)
		return status;
	return rt_tool_finish(tool, rt_send_run(&send));
}

static const struct option long_options[] = {
	{ "psm", required_argument, NULL, OPT_PSM },
	{ "channel", required_argument, NULL, OPT_CHANNEL },
	{ "cid", required_argument, NULL, OPT_CID },
	{ "frame", no_argument, NULL, OPT_FRAME },
	{ "mcc", required_argument, NULL, OPT_MCC },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "drop", no_argument, NULL, OPT_DROP },
	{ "mtu", required_argument, NULL, OPT_MTU },
	RT_MODES_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"Options:\n"
	"      --psm PSM       open an L2CAP channel first\n"
	"      --channel N     open an RFCOMM session and this channel first\n"
	"      --cid sig|data|NUMBER\n"
	"                      where to: signalling, the channel of --psm,\n"
	"                      or any (default: data with --psm, else sig)\n"
	"      --frame         HEX is an RFCOMM frame\n"
	"      --mcc TYPE[,response]\n"
	"                      HEX is the value of a multiplexer message:\n"
	"                      pn, msc, rpn, rls, test, fcon, fcoff, nsc,\n"
	"                      cld, or a number of 6 bits\n"
	"      --wait MS       how long to go on listening (default 1000)\n"
	"      --drop          keep what comes from the stack\n"
	"      --mtu OCTETS    of the channel of --psm\n" RT_MODES_HELP "\n"
	"HEX is digits in pairs, blanks and colons between them as you like,\n"
	"and names of what you can't know:\n"
	"  {scid} {dcid}       ids of the channel: ours, the peer's\n"
	"  {ident}             a signalling identifier, a new one each time\n"
	"  {address}           address octet of the RFCOMM channel;\n"
	"                      {address0}: of DLCI 0\n"
	"  {len}               octets that follow, an FCS not counted: two\n"
	"                      octets, with --frame one\n"
	"  {fcs}               FCS of a frame, of RFCOMM or of L2CAP\n"
	"An argument @MS is a pause.\n"
	"\n"
	"A line for each packet: > sent or < received, the channel id or the\n"
	"DLCI, its name, its octets. -v also shows what the stack itself\n"
	"sends, and the way to the right state.\n"
	"\n"
	"An echo request, and a command with a code that nobody knows:\n"
	"  rawtooth send ADDRESS '08{ident}{len}cafe' 'ff{ident}0000'\n"
	"A configuration request with an unknown option on an open channel:\n"
	"  rawtooth send --psm 0x1011 --cid sig ADDRESS \\\n"
	"      '04{ident}{len}{dcid}0000 7f01aa'\n"
	"An acknowledgement of frames never sent, in ERTM:\n"
	"  rawtooth send --psm 0x1011 --mode ertm ADDRESS '0105{fcs}'\n"
	"Modem status, a frame with a wrong FCS, DISC:\n"
	"  rawtooth send --channel 1 --mcc msc ADDRESS 0b8d\n"
	"  rawtooth send --channel 1 --frame ADDRESS '{address}ef{len}6100'\n"
	"  rawtooth send --channel 1 --frame ADDRESS '{address}5301{fcs}'\n"
	"RFCOMM from its first frame on, without our own stack's:\n"
	"  rawtooth send --psm 3 ADDRESS 033f011c\n"
	"\n"
	"Exit status: 0 if everything was sent, whatever came; 1 if not; 2\n"
	"for wrong usage.\n";

const struct rt_command rt_command_send = {
	.name = "send",
	.arguments = "[options] ADDRESS HEX...",
	.summary = "Sends packets written by hand, and shows what comes back.",
	.help = help_text,
	.short_options = "",
	.long_options = long_options,
	.run = run,
};
