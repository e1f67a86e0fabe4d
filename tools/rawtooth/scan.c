/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/names.h"
#include "tools/rawtooth/text.h"

#define DEVICES 1024
#define NAME_BYTES 249
#define EIR_BYTES 240
#define DEFAULT_SECONDS 10

enum format {
	FORMAT_TABLE,
	FORMAT_HCITOOL,
	FORMAT_JSON,
};

struct device {
	struct rt_addr addr;
	uint32_t class_of_device;
	uint16_t clock_offset;
	bool has_rssi;
	int8_t rssi;
	char name[NAME_BYTES];
	uint8_t eir[EIR_BYTES];
	size_t eir_bytes;
};

struct scan {
	struct rt_tool *tool;
	enum format format;
	uint32_t seconds;
	bool limited;
	bool names;

	struct device *devices;
	size_t count;
	struct device *asked; /* whose name we wait for */
	bool done;
	bool failed;
};

static struct device *find_or_add(struct scan *scan, struct rt_addr addr)
{
	struct device *device;

	for (size_t i = 0; i < scan->count; i++) {
		if (rt_addr_equal(scan->devices[i].addr, addr))
			return &scan->devices[i];
	}
	if (scan->count == DEVICES)
		return NULL;
	device = &scan->devices[scan->count++];
	device->addr = addr;
	return device;
}

static void on_device(struct rt_inquiry *inquiry, const struct rt_device *found,
		      void *user_data)
{
	struct device *device = find_or_add(user_data, found->addr);

	(void)inquiry;
	if (!device)
		return;
	device->class_of_device = found->class_of_device;
	device->clock_offset = found->clock_offset;
	device->has_rssi = found->has_rssi;
	device->rssi = found->rssi;
	if (found->name[0] != '\0')
		snprintf(device->name, sizeof(device->name), "%s", found->name);
	if (found->eir_bytes > 0 && found->eir_bytes <= sizeof(device->eir)) {
		memcpy(device->eir, found->eir, found->eir_bytes);
		device->eir_bytes = found->eir_bytes;
	}
}

static void on_done(struct rt_inquiry *inquiry,
		    const struct rt_error_info *info, void *user_data)
{
	struct scan *scan = user_data;
	char text[320];

	(void)inquiry;
	scan->done = true;
	if (info->err == 0)
		return;
	scan->failed = true;
	rt_tool_error("the scan failed: %s",
		      rt_error_format(info, text, sizeof(text)));
}

static void inquire(struct scan *scan)
{
	const struct rt_inquiry_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_device = on_device,
		.on_done = on_done,
	};
	struct rt_inquiry *inquiry;
	int err;

	err = rt_inquiry_start(scan->tool->host, scan->seconds, scan->limited,
			       &callbacks, scan, &inquiry);
	if (err < 0) {
		rt_tool_error("cannot scan: %s", strerror(-err));
		scan->failed = true;
		return;
	}
	while (!scan->done && rt_tool_running(scan->tool))
		rt_tool_wait(scan->tool, NULL, 0, -1);
	rt_inquiry_free(inquiry);
	if (!scan->done && rt_tool_explain_loss(scan->tool))
		scan->failed = true;
}

static void on_name(struct rt_name_request *request, const char *name,
		    const struct rt_error_info *info, void *user_data)
{
	struct scan *scan = user_data;

	(void)request;
	(void)info;
	if (name)
		snprintf(scan->asked->name, sizeof(scan->asked->name), "%s",
			 name);
	scan->asked = NULL;
}

/* A device that doesn't tell stays without a name: that is no failure. */
static void ask_name(struct scan *scan, struct device *device)
{
	const struct rt_name_callbacks callbacks = {
		.size = sizeof(callbacks),
		.on_name = on_name,
	};
	struct rt_name_request *request;

	scan->asked = device;
	if (rt_name_request_start(scan->tool->host, device->addr, &callbacks,
				  scan, &request) < 0)
		return;
	while (scan->asked && rt_tool_running(scan->tool))
		rt_tool_wait(scan->tool, NULL, 0, -1);
	rt_name_request_free(request);
}

static void print_table(const struct scan *scan)
{
	const struct device *device;
	char addr[RT_ADDR_STR_BYTES];
	char rssi[8];

	printf("%-17s  %4s  %-23s  %s\n", "ADDRESS", "RSSI", "CLASS", "NAME");
	for (size_t i = 0; i < scan->count; i++) {
		device = &scan->devices[i];
		snprintf(rssi, sizeof(rssi), "%d", device->rssi);
		printf("%s  %4s  0x%06x %-14s  ",
		       rt_addr_format(device->addr, addr),
		       device->has_rssi ? rssi : "-", device->class_of_device,
		       rt_names_class(device->class_of_device));
		rt_text_print(stdout, device->name);
		putchar('\n');
	}
}

static void print_hcitool(const struct scan *scan)
{
	char addr[RT_ADDR_STR_BYTES];

	for (size_t i = 0; i < scan->count; i++)
		printf("\t%s\tclock offset: 0x%04x\tclass: 0x%06x\n",
		       rt_addr_format(scan->devices[i].addr, addr),
		       scan->devices[i].clock_offset,
		       scan->devices[i].class_of_device);
}

static void print_json_device(const struct device *device)
{
	char addr[RT_ADDR_STR_BYTES];

	printf("{\"address\": \"%s\", ", rt_addr_format(device->addr, addr));
	if (device->has_rssi)
		printf("\"rssi\": %d, ", device->rssi);
	else
		printf("\"rssi\": null, ");
	printf("\"class\": %u, \"major_class\": \"%s\", ",
	       device->class_of_device,
	       rt_names_class(device->class_of_device));
	printf("\"clock_offset\": %u, \"name\": ", device->clock_offset);
	rt_text_json(stdout, device->name[0] ? device->name : NULL);
	fputs(", \"eir\": \"", stdout);
	for (size_t i = 0; i < device->eir_bytes; i++)
		printf("%02x", device->eir[i]);
	fputs("\"}", stdout);
}

static void print_json(const struct scan *scan)
{
	putchar('[');
	for (size_t i = 0; i < scan->count; i++) {
		fputs(i == 0 ? "\n  " : ",\n  ", stdout);
		print_json_device(&scan->devices[i]);
	}
	puts(scan->count == 0 ? "]" : "\n]");
}

static void print(const struct scan *scan)
{
	switch (scan->format) {
	case FORMAT_TABLE:
		print_table(scan);
		return;
	case FORMAT_HCITOOL:
		print_hcitool(scan);
		return;
	case FORMAT_JSON:
		print_json(scan);
		return;
	}
}

static int run_scan(struct scan *scan)
{
	struct device *device;

	if (rt_tool_start(scan->tool) < 0)
		return RT_EXIT_FAILED;
	if (scan->format == FORMAT_HCITOOL)
		puts("Inquiring ...");
	else if (isatty(STDERR_FILENO))
		fprintf(stderr, "Scanning for %u s ...\n", scan->seconds);
	inquire(scan);
	for (size_t i = 0; scan->names && i < scan->count; i++) {
		device = &scan->devices[i];
		if (device->name[0] == '\0' && rt_tool_running(scan->tool))
			ask_name(scan, device);
	}
	print(scan);
	return scan->failed ? RT_EXIT_FAILED : RT_EXIT_OK;
}

enum {
	OPT_HCITOOL = 0x100,
	OPT_LIMITED,
};

static const struct option long_options[] = {
	{ "time", required_argument, NULL, 't' },
	{ "names", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "hcitool", no_argument, NULL, OPT_HCITOOL },
	{ "limited", no_argument, NULL, OPT_LIMITED },
	{ NULL, 0, NULL, 0 },
};

static int apply(struct scan *scan, int option)
{
	switch (option) {
	case 't':
		return rt_args_number("the time of a scan in seconds", optarg,
				      1, 61, &scan->seconds);
	case 'n':
		scan->names = true;
		return 0;
	case 'j':
		scan->format = FORMAT_JSON;
		return 0;
	case OPT_HCITOOL:
		scan->format = FORMAT_HCITOOL;
		return 0;
	case OPT_LIMITED:
		scan->limited = true;
		return 0;
	}
	return 0;
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct scan scan = { .tool = tool, .seconds = DEFAULT_SECONDS };
	struct rt_args args;
	int option;
	int status;

	rt_args_init(&args, tool, &rt_command_scan, argc, argv);
	while ((option = rt_args_next(&args)) > 0) {
		if (apply(&scan, option) < 0)
			return RT_EXIT_USAGE;
	}
	if (option == RT_ARGS_STOP)
		return args.status;
	if (optind != argc)
		return rt_args_wrong(&rt_command_scan,
				     "there is no argument \"%s\"",
				     argv[optind]);
	scan.devices = calloc(DEVICES, sizeof(*scan.devices));
	if (!scan.devices) {
		rt_tool_error("out of memory");
		return RT_EXIT_FAILED;
	}
	status = rt_tool_finish(tool, run_scan(&scan));
	free(scan.devices);
	return status;
}

static const char help_text[] =
	"Options:\n"
	"  -t, --time SECONDS  how long, 1 to 61 (default 10), in steps of\n"
	"                      1.28 s\n"
	"  -n, --names         ask those for their name that did not tell it\n"
	"  -j, --json          a JSON array of objects\n"
	"      --hcitool       lines as hcitool inq prints them\n"
	"      --limited       only devices in limited discoverable mode\n";

const struct rt_command rt_command_scan = {
	.name = "scan",
	.arguments = "[options]",
	.summary = "Finds devices nearby (inquiry) and prints a table of them.",
	.help = help_text,
	.short_options = "t:nj",
	.long_options = long_options,
	.run = run,
};
