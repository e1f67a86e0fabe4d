/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "tools/rawtooth/commands.h"
#include "tools/rawtooth/names.h"
#include "tools/rawtooth/text.h"

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static bool has_feature(const struct rt_controller_info *info, unsigned int bit)
{
	return info->features[bit / 8] & 1u << bit % 8;
}

static void print_features(const struct rt_controller_info *info)
{
	for (size_t i = 0; i < sizeof(info->features); i++)
		printf(" 0x%02x", info->features[i]);
	putchar('\n');
	for (unsigned int bit = 0; bit < RT_NAMES_FEATURES; bit++) {
		if (!has_feature(info, bit))
			continue;
		if (rt_names_feature(bit))
			printf("\t\t%s\n", rt_names_feature(bit));
		else
			printf("\t\treserved bit %u\n", bit);
	}
}

static void print_text(struct rt_host *host,
		       const struct rt_controller_info *info)
{
	char addr[RT_ADDR_STR_BYTES];

	rt_text_print(stdout, info->transport);
	printf("\n\tAddress: %s\n\tName: ", rt_addr_format(info->addr, addr));
	rt_text_print(stdout, rt_host_name(host));
	printf("\n\tHCI version: %s (0x%02x), revision 0x%04x\n",
	       info->hci_version_name ? info->hci_version_name : "unknown",
	       info->hci_version, info->hci_revision);
	printf("\tLMP version: %s (0x%02x), subversion 0x%04x\n",
	       rt_names_version(info->lmp_version), info->lmp_version,
	       info->lmp_subversion);
	printf("\tManufacturer: %s (%u)\n",
	       rt_names_company(info->manufacturer), info->manufacturer);
	printf("\tACL buffers: %u of %u octets\n", info->acl_packets,
	       info->acl_bytes);
	printf("\tController-to-host flow control: %s\n",
	       info->host_flow_control ? "on" : "off");
	printf("\tFeatures:");
	print_features(info);
}

static void print_json_features(const struct rt_controller_info *info)
{
	const char *separator = "";

	fputs("  \"features_hex\": \"", stdout);
	for (size_t i = 0; i < sizeof(info->features); i++)
		printf("%02x", info->features[i]);
	fputs("\",\n  \"features\": [", stdout);
	for (unsigned int bit = 0; bit < RT_NAMES_FEATURES; bit++) {
		if (!has_feature(info, bit) || !rt_names_feature(bit))
			continue;
		printf("%s\n    ", separator);
		rt_text_json(stdout, rt_names_feature(bit));
		separator = ",";
	}
	fputs("\n  ]\n", stdout);
}

static void print_json(struct rt_host *host,
		       const struct rt_controller_info *info)
{
	char addr[RT_ADDR_STR_BYTES];

	fputs("{\n  \"transport\": ", stdout);
	rt_text_json(stdout, info->transport);
	printf(",\n  \"address\": \"%s\",\n  \"name\": ",
	       rt_addr_format(info->addr, addr));
	rt_text_json(stdout, rt_host_name(host));
	fputs(",\n  \"hci_version\": ", stdout);
	rt_text_json(stdout, info->hci_version_name);
	printf(",\n  \"hci_version_number\": %u,\n  \"hci_revision\": %u,\n",
	       info->hci_version, info->hci_revision);
	printf("  \"lmp_version\": \"%s\",\n",
	       rt_names_version(info->lmp_version));
	printf("  \"lmp_version_number\": %u,\n  \"lmp_subversion\": %u,\n",
	       info->lmp_version, info->lmp_subversion);
	printf("  \"manufacturer\": \"%s\",\n  \"manufacturer_id\": %u,\n",
	       rt_names_company(info->manufacturer), info->manufacturer);
	printf("  \"acl_packets\": %u,\n  \"acl_bytes\": %u,\n",
	       info->acl_packets, info->acl_bytes);
	printf("  \"host_flow_control\": %s,\n",
	       info->host_flow_control ? "true" : "false");
	print_json_features(info);
	fputs("}\n", stdout);
}

static int run(struct rt_tool *tool, int argc, char **argv)
{
	struct rt_controller_info info = { .size = sizeof(info) };
	struct rt_args args;
	bool json = false;
	int option;

	rt_args_init(&args, tool, &rt_command_info, argc, argv);
	while ((option = rt_args_next(&args)) > 0)
		json = true;
	if (option == RT_ARGS_STOP)
		return args.status;
	if (optind != argc)
		return rt_args_wrong(&rt_command_info,
				     "there is no argument \"%s\"",
				     argv[optind]);
	if (rt_tool_start(tool) < 0)
		return rt_tool_finish(tool, RT_EXIT_FAILED);
	rt_host_controller_info(tool->host, &info);
	if (json)
		print_json(tool->host, &info);
	else
		print_text(tool->host, &info);
	return rt_tool_finish(tool, RT_EXIT_OK);
}

static const char help_text[] = "Options:\n"
				"  -j, --json          one JSON object\n";

const struct rt_command rt_command_info = {
	.name = "info",
	.arguments = "[options]",
	.summary = "Shows what the controller is and can do.",
	.help = help_text,
	.short_options = "j",
	.long_options = long_options,
	.run = run,
};
