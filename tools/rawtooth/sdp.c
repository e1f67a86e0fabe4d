/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/record.h"

#define UUIDS_MAX 12
#define DEFAULT_SECONDS 10

enum verb {
	VERB_BROWSE,
	VERB_SEARCH,
	VERB_GET,
	VERB_SERVE,
};

struct sdp {
	struct rt_tool *tool;
	enum verb verb;
	enum rt_record_format format;
	struct rt_addr addr; /* zero: all devices nearby */
	struct rt_uuid uuids[UUIDS_MAX];
	const char *uuid_text;
	size_t uuid_count;
	uint32_t handle;
	uint32_t seconds;
	bool quiet;

	/* serve */
	const char *name;
	const char *provider;
	const char *description;
	const char *port_text;
	enum rt_protocol protocol;

	bool has_addr;
	struct rt_addr shown; /* whose records were announced last */
	unsigned int found;
	unsigned int failed;
	bool done;
};

/* "Browsing AA:BB:CC:DD:EE:FF ...", as sdptool says. */
static void announce(struct sdp *sdp, struct rt_addr addr)
{
	char str[RT_ADDR_STR_BYTES];

	if (sdp->format == RT_RECORD_JSON || sdp->format == RT_RECORD_XML ||
	    sdp->verb == VERB_GET || rt_addr_equal(addr, sdp->shown))
		return;
	sdp->shown = addr;
	rt_addr_format(addr, str);
	if (sdp->verb == VERB_SEARCH)
		printf("Searching for %s on %s ...\n", sdp->uuid_text, str);
	else
		printf("Browsing %s ...\n", str);
}

static void on_service(struct rt_service_search *search,
		       const struct rt_service *service, void *user_data)
{
	struct sdp *sdp = user_data;

	(void)search;
	announce(sdp, rt_service_address(service));
	if (sdp->format == RT_RECORD_JSON)
		fputs(sdp->found == 0 ? "\n" : ",\n", stdout);
	rt_record_print(service, sdp->format);
	sdp->found++;
}

static void on_device_done(struct rt_service_search *search,
			   struct rt_addr addr,
			   const struct rt_error_info *info, void *user_data)
{
	struct sdp *sdp = user_data;
	char str[RT_ADDR_STR_BYTES];
	char text[320];

	(void)search;
	if (info->err == 0)
		return;
	sdp->failed++;
	rt_tool_error("cannot ask %s for its services: %s",
		      rt_addr_format(addr, str),
		      rt_error_format(info, text, sizeof(text)));
}

static void on_done(struct rt_service_search *search,
		    const struct rt_error_info *info, void *user_data)
{
	struct sdp *sdp = user_data;
	char text[320];

	(void)search;
	sdp->done = true;
	if (info->err == 0 || sdp->failed > 0)
		return;
	sdp->failed++;
	rt_tool_error("the search failed: %s",
		      rt_error_format(info, text, sizeof(text)));
}

static int judge(const struct sdp *sdp)
{
	if (rt_tool_explain_loss(sdp->tool))
		return RT_EXIT_FAILED;
	if (sdp->format == RT_RECORD_JSON)
		puts(sdp->found == 0 ? "]" : "\n]");
	else if (sdp->format == RT_RECORD_XML)
		puts("</records>");
	if (!sdp->done)
		rt_tool_error("interrupted");
	else if (sdp->failed == 0 && sdp->found == 0 &&
		 sdp->verb != VERB_BROWSE)
		rt_tool_error("there is no such service");
	if (sdp->verb != VERB_BROWSE && sdp->found == 0)
		return RT_EXIT_FAILED;
	return sdp->done && (sdp->failed == 0 || !sdp->has_addr)
		       ? RT_EXIT_OK
		       : RT_EXIT_FAILED;
}

static int search(struct sdp *sdp)
{
	const struct rt_service_search_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_service = on_service,
		.on_device_done = on_device_done,
		.on_done = on_done,
	};
	const struct rt_service_search_options options = {
		.size = sizeof(options),
		.callbacks = &callbacks,
		.user_data = sdp,
		.addr = sdp->addr,
		.seconds = sdp->seconds,
		.uuids = sdp->uuids,
		.uuid_count = sdp->uuid_count,
		.handle = sdp->handle,
	};
	struct rt_service_search *running;
	int err;

	if (rt_tool_start(sdp->tool) < 0)
		return RT_EXIT_FAILED;
	if (!sdp->has_addr && sdp->format == RT_RECORD_TEXT)
		puts("Inquiring ...");
	else if (sdp->has_addr)
		announce(sdp, sdp->addr);
	err = rt_service_search_start(sdp->tool->host, &options, &running);
	if (err < 0) {
		rt_tool_error("cannot search: %s", strerror(-err));
		return RT_EXIT_FAILED;
	}
	if (sdp->format == RT_RECORD_JSON)
		putchar('[');
	else if (sdp->format == RT_RECORD_XML)
		puts("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<records>");
	while (!sdp->done && rt_tool_running(sdp->tool))
		rt_tool_wait(sdp->tool, NULL, 0, -1);
	rt_service_search_free(running);
	return judge(sdp);
}

/* ---- serve ------------------------------------------------------------- */

static int fill(const struct sdp *sdp, struct rt_service *service,
		uint16_t port)
{
	int err = rt_service_set_classes(service, sdp->uuids, sdp->uuid_count);

	if (err == 0 && port > 0)
		err = rt_service_set_port(service, sdp->protocol, port);
	if (err == 0 && sdp->name)
		err = rt_service_set_name(service, sdp->name);
	if (err == 0 && sdp->provider)
		err = rt_service_set_provider(service, sdp->provider);
	if (err == 0 && sdp->description)
		err = rt_service_set_description(service, sdp->description);
	return err == 0 ? rt_service_register(service) : err;
}

static int publish(struct sdp *sdp, uint16_t port)
{
	struct rt_service *service;
	int err = -ENOMEM;

	if (rt_tool_start(sdp->tool) < 0)
		return RT_EXIT_FAILED;
	service = rt_service_new(sdp->tool->host);
	if (service)
		err = fill(sdp, service, port);
	if (err < 0) {
		rt_tool_error("cannot publish the record: %s", strerror(-err));
	} else {
		rt_host_set_connectable(sdp->tool->host, true);
		rt_host_set_discoverable(sdp->tool->host, true);
		if (!sdp->quiet)
			fprintf(stderr, "Service RecHandle: 0x%x\n",
				rt_service_handle(service));
		while (rt_tool_running(sdp->tool))
			rt_tool_wait(sdp->tool, NULL, 0, -1);
	}
	rt_service_free(service);
	return err < 0 || rt_tool_explain_loss(sdp->tool) ? RT_EXIT_FAILED
							  : RT_EXIT_OK;
}

static int serve(struct sdp *sdp)
{
	uint16_t port = 0;

	if (sdp->port_text &&
	    rt_args_port(sdp->protocol, sdp->port_text, &port) < 0)
		return RT_EXIT_USAGE;
	return publish(sdp, port);
}

/* ---- arguments ---------------------------------------------------------- */

enum {
	OPT_XML = 0x100,
	OPT_TREE,
	OPT_JSON,
	OPT_BDADDR,
	OPT_NAME,
	OPT_PROVIDER,
	OPT_DESCRIPTION,
	OPT_L2CAP,
};

static const struct option long_options[] = {
	{ "xml", no_argument, NULL, OPT_XML },
	{ "tree", no_argument, NULL, OPT_TREE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "bdaddr", required_argument, NULL, OPT_BDADDR },
	{ "uuid", required_argument, NULL, 'U' },
	{ "time", required_argument, NULL, 't' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "provider", required_argument, NULL, OPT_PROVIDER },
	{ "description", required_argument, NULL, OPT_DESCRIPTION },
	{ "port", required_argument, NULL, 'P' },
	{ "channel", required_argument, NULL, 'P' },
	{ "l2cap", no_argument, NULL, OPT_L2CAP },
	{ NULL, 0, NULL, 0 },
};

static int add_uuid(struct sdp *sdp, const char *text)
{
	if (sdp->uuid_count == UUIDS_MAX) {
		rt_tool_error("at most %d services at once", UUIDS_MAX);
		return -EINVAL;
	}
	if (rt_uuid_by_name(text, &sdp->uuids[sdp->uuid_count]) < 0) {
		rt_tool_error("there is no service \"%s\": it is spp or the "
			      "like, or a UUID",
			      text);
		return -EINVAL;
	}
	sdp->uuid_text = text;
	sdp->uuid_count++;
	return 0;
}

static int take_addr(struct sdp *sdp, const char *text)
{
	sdp->has_addr = true;
	return rt_args_addr(text, &sdp->addr);
}

static int apply_text(struct sdp *sdp, int option)
{
	switch (option) {
	case OPT_NAME:
		sdp->name = optarg;
		return 0;
	case OPT_PROVIDER:
		sdp->provider = optarg;
		return 0;
	case OPT_DESCRIPTION:
		sdp->description = optarg;
		return 0;
	case 'P':
		sdp->port_text = optarg;
		return 0;
	case OPT_L2CAP:
		sdp->protocol = RT_PROTOCOL_L2CAP;
		return 0;
	}
	return -EINVAL;
}

static int apply(struct sdp *sdp, int option)
{
	switch (option) {
	case OPT_XML:
		sdp->format = RT_RECORD_XML;
		return 0;
	case OPT_TREE:
		sdp->format = RT_RECORD_TREE;
		return 0;
	case OPT_JSON:
		sdp->format = RT_RECORD_JSON;
		return 0;
	case OPT_BDADDR:
		return take_addr(sdp, optarg);
	case 'U':
		return add_uuid(sdp, optarg);
	case 't':
		return rt_args_number("the time of a scan in seconds", optarg,
				      1, 61, &sdp->seconds);
	case 'q':
		sdp->quiet = true;
		return 0;
	}
	return apply_text(sdp, option);
}

static int wrong(void)
{
	return rt_args_wrong(&rt_command_sdp,
			     "it takes browse [ADDRESS], search NAME "
			     "[ADDRESS], get ADDRESS HANDLE or serve");
}

static int read_get(struct sdp *sdp, int argc, char **argv)
{
	if (argc != 2)
		return wrong();
	if (take_addr(sdp, argv[0]) < 0 ||
	    rt_args_number("the record handle", argv[1], 0, UINT32_MAX,
			   &sdp->handle) < 0)
		return RT_EXIT_USAGE;
	return RT_EXIT_OK;
}

static int read_search(struct sdp *sdp, int argc, char **argv)
{
	int next = 0;

	if (sdp->uuid_count == 0) {
		if (argc == 0)
			return wrong();
		if (add_uuid(sdp, argv[next++]) < 0)
			return RT_EXIT_USAGE;
	}
	if (argc - next > (sdp->has_addr ? 0 : 1))
		return wrong();
	if (argc > next && take_addr(sdp, argv[next]) < 0)
		return RT_EXIT_USAGE;
	return RT_EXIT_OK;
}

static int read_browse(struct sdp *sdp, int argc, char **argv)
{
	if (argc > (sdp->has_addr ? 0 : 1))
		return wrong();
	if (argc == 1 && take_addr(sdp, argv[0]) < 0)
		return RT_EXIT_USAGE;
	return RT_EXIT_OK;
}

static int read_serve(const struct sdp *sdp, int argc)
{
	if (argc != 0)
		return wrong();
	if (sdp->uuid_count == 0)
		return rt_args_wrong(&rt_command_sdp,
				     "serve takes --uuid: which service?");
	return RT_EXIT_OK;
}

static int read_arguments(struct sdp *sdp, int argc, char **argv)
{
	if (argc == 0)
		return wrong();
	if (strcmp(argv[0], "browse") == 0) {
		sdp->verb = VERB_BROWSE;
		return read_browse(sdp, argc - 1, argv + 1);
	}
	if (strcmp(argv[0], "search") == 0) {
		sdp->verb = VERB_SEARCH;
		return read_search(sdp, argc - 1, argv + 1);
	}
	if (strcmp(argv[0], "get") == 0) {
		sdp->verb = VERB_GET;
		return read_get(sdp, argc - 1, argv + 1);
	}
	if (strcmp(argv[0], "serve") == 0) {
		sdp->verb = VERB_SERVE;
		return read_serve(sdp, argc - 1);
	}
	return wrong();
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct sdp sdp = {
		.tool = tool,
		.seconds = DEFAULT_SECONDS,
		.protocol = RT_PROTOCOL_RFCOMM,
	};
	struct rt_args args;
	int option;
	int status;

	rt_args_init(&args, tool, &rt_command_sdp, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&sdp, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	status = read_arguments(&sdp, argc - optind, argv + optind);
	if (status != RT_EXIT_OK)
		return status;
	return rt_tool_finish(tool, sdp.verb == VERB_SERVE ? serve(&sdp)
							   : search(&sdp));
}

static const char help_text[] =
	"Verbs:\n"
	"  browse [ADDRESS]    the public services of a device, or of all\n"
	"                      that a scan finds\n"
	"  search NAME [ADDRESS]\n"
	"                      those of a kind: spp, SP, OPUSH, 0x1101, ...\n"
	"  get ADDRESS HANDLE  one record\n"
	"  serve               publish a record, until Ctrl-C\n"
	"\n"
	"Options:\n"
	"      --bdaddr ADDRESS\n"
	"                      the device, as sdptool takes it\n"
	"      --tree, --xml, --json\n"
	"                      all attributes, in that form\n"
	"  -t, --time SECONDS  of the scan, 1 to 61 (default 10)\n"
	"  -U, --uuid UUID     serve: the class of the service; search: one\n"
	"                      more that has to be in a record\n"
	"  -P, --port PORT     serve: RFCOMM channel, or PSM with --l2cap\n"
	"      --name NAME, --provider NAME, --description TEXT\n"
	"                      serve: texts of the record\n"
	"  -q, --quiet         serve: no line for the record's handle\n"
	"\n"
	"A record alone does not make a service: see rawtooth serve.\n";

const struct rt_command rt_command_sdp = {
	.name = "sdp",
	.arguments = "[options] VERB ...",
	.summary = "Finds services of other devices by SDP, and publishes "
		   "records.",
	.help = help_text,
	.short_options = "U:t:qP:",
	.long_options = long_options,
	.run = run,
};
