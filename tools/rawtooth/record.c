/* SPDX-License-Identifier: MIT */
#include "tools/rawtooth/record.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rawtooth/text.h"

#define L2CAP 0x0100
#define RFCOMM 0x0003
#define BNEP 0x000f
#define CLASSES_MAX 32

/* ---- values ------------------------------------------------------------ */

static void print_octets(const uint8_t *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		printf("%02x", octets[i]);
}

/* A text, which may hold zeros, as a string of ours. NULL: no memory. */
static char *copy_text(const struct rt_element *element)
{
	char *text = calloc(1, element->bytes + 1);

	if (text)
		memcpy(text, element->value, element->bytes);
	return text;
}

static void print_text(const struct rt_element *element)
{
	char *text = copy_text(element);

	if (text)
		rt_text_print(stdout, text);
	free(text);
}

/* "Serial Port" (0x1101) */
static void print_uuid(struct rt_uuid uuid)
{
	const char *name = rt_uuid_name(uuid);
	char str[RT_UUID_STR_BYTES];

	if (name)
		printf("\"%s\" (%s)", name, rt_uuid_format(uuid, str));
	else
		printf("UUID 128: %s", rt_uuid_format(uuid, str));
}

static bool is_row(const struct rt_element *element)
{
	return element->type == RT_ELEMENT_SEQUENCE ||
	       element->type == RT_ELEMENT_ALTERNATIVE;
}

/* ---- text -------------------------------------------------------------- */

static void print_classes(const struct rt_service *service)
{
	struct rt_uuid uuids[CLASSES_MAX];
	const size_t count = rt_service_classes(service, uuids, CLASSES_MAX);

	if (count == 0)
		return;
	puts("Service Class ID List:");
	for (size_t i = 0; i < count && i < CLASSES_MAX; i++) {
		fputs("  ", stdout);
		print_uuid(uuids[i]);
		putchar('\n');
	}
}

static void print_parameter(struct rt_uuid protocol, bool first,
			    const struct rt_element *value)
{
	uint32_t id = 0;
	uint64_t number;
	struct rt_uuid uuid;

	if (is_row(value))
		return;
	if (rt_element_uuid(value, &uuid)) {
		fputs("    ", stdout);
		print_uuid(uuid);
		putchar('\n');
		return;
	}
	if (!rt_element_uint(value, &number))
		return;
	if (!rt_uuid_to_short(protocol, &id))
		id = 0;
	if (first && id == L2CAP)
		printf("    PSM: %" PRIu64 "\n", number);
	else if (first && id == RFCOMM)
		printf("    Channel: %" PRIu64 "\n", number);
	else if (first && id == BNEP)
		printf("    Version: 0x%04" PRIx64 "\n", number);
	else
		printf("    uint%zu: 0x%0*" PRIx64 "\n", value->bytes * 8,
		       (int)value->bytes * 2, number);
}

static void print_protocol(const struct rt_element *descriptor)
{
	struct rt_elements row = rt_elements_in(descriptor);
	struct rt_element value;
	struct rt_uuid uuid;
	bool first = true;

	if (!rt_elements_next(&row, &value) || !rt_element_uuid(&value, &uuid))
		return;
	fputs("  ", stdout);
	print_uuid(uuid);
	putchar('\n');
	while (rt_elements_next(&row, &value)) {
		print_parameter(uuid, first, &value);
		first = false;
	}
}

static void print_stack(const struct rt_element *list)
{
	struct rt_elements row = rt_elements_in(list);
	struct rt_element descriptor;

	while (rt_elements_next(&row, &descriptor))
		print_protocol(&descriptor);
}

static void print_protocols(const struct rt_service *service)
{
	struct rt_element list, stack;
	struct rt_elements row;

	if (rt_service_attribute(service, RT_ATTRIBUTE_PROTOCOL_LIST, &list) <
	    0)
		return;
	puts("Protocol Descriptor List:");
	if (list.type == RT_ELEMENT_SEQUENCE) {
		print_stack(&list);
		return;
	}
	row = rt_elements_in(&list);
	while (rt_elements_next(&row, &stack))
		print_stack(&stack);
}

static void print_languages(const struct rt_service *service)
{
	static const char *const names[] = { "code_ISO639: 0x%02" PRIx64 "\n",
					     "encoding:    0x%02" PRIx64 "\n",
					     "base_offset: 0x%02" PRIx64 "\n" };
	struct rt_element list, value;
	struct rt_elements row;
	uint64_t number;

	if (rt_service_attribute(service, RT_ATTRIBUTE_LANGUAGE_BASE_LIST,
				 &list) < 0)
		return;
	puts("Language Base Attr List:");
	row = rt_elements_in(&list);
	for (unsigned int i = 0; rt_elements_next(&row, &value); i++) {
		if (!rt_element_uint(&value, &number))
			continue;
		fputs("  ", stdout);
		printf(names[i % 3], number);
	}
}

static void print_profile(const struct rt_element *profile)
{
	struct rt_elements row = rt_elements_in(profile);
	struct rt_element value;
	struct rt_uuid uuid;
	uint64_t version;

	/* Some write a UUID alone where a sequence belongs. */
	if (rt_element_uuid(profile, &uuid)) {
		fputs("  ", stdout);
		print_uuid(uuid);
		putchar('\n');
		return;
	}
	if (!rt_elements_next(&row, &value) || !rt_element_uuid(&value, &uuid))
		return;
	fputs("  ", stdout);
	print_uuid(uuid);
	putchar('\n');
	if (rt_elements_next(&row, &value) && rt_element_uint(&value, &version))
		printf("    Version: 0x%04" PRIx64 "\n", version);
}

static void print_profiles(const struct rt_service *service)
{
	struct rt_element list, profile;
	struct rt_elements row;

	if (rt_service_attribute(service, RT_ATTRIBUTE_PROFILE_LIST, &list) < 0)
		return;
	puts("Profile Descriptor List:");
	row = rt_elements_in(&list);
	while (rt_elements_next(&row, &profile))
		print_profile(&profile);
}

static void print_line(const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	printf("%s: ", what);
	rt_text_print(stdout, text);
	putchar('\n');
}

static void print_as_text(const struct rt_service *service)
{
	print_line("Service Name", rt_service_name(service));
	print_line("Service Description", rt_service_description(service));
	print_line("Service Provider", rt_service_provider(service));
	printf("Service RecHandle: 0x%" PRIx32 "\n",
	       rt_service_handle(service));
	print_classes(service);
	print_protocols(service);
	print_languages(service);
	print_profiles(service);
	putchar('\n');
}

/* ---- tree, XML and JSON: every element ---------------------------------- */

static void indent(unsigned int depth, const char *with)
{
	for (unsigned int i = 0; i < depth; i++)
		fputs(with, stdout);
}

static const char *const names[] = {
	[RT_ELEMENT_NIL] = "nil",
	[RT_ELEMENT_UINT] = "uint",
	[RT_ELEMENT_INT] = "int",
	[RT_ELEMENT_UUID] = "uuid",
	[RT_ELEMENT_TEXT] = "text",
	[RT_ELEMENT_BOOL] = "boolean",
	[RT_ELEMENT_SEQUENCE] = "sequence",
	[RT_ELEMENT_ALTERNATIVE] = "alternate",
	[RT_ELEMENT_URL] = "url",
};

static bool is_printable(const struct rt_element *element)
{
	for (size_t i = 0; i < element->bytes; i++) {
		if (!isprint(element->value[i]))
			return false;
	}
	return true;
}

static void print_xml_escaped(const struct rt_element *element)
{
	for (size_t i = 0; i < element->bytes; i++) {
		switch (element->value[i]) {
		case '&':
			fputs("&amp;", stdout);
			break;
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			putchar(element->value[i]);
		}
	}
}

static void print_xml_value(const struct rt_element *element)
{
	char str[RT_UUID_STR_BYTES];
	struct rt_uuid uuid;
	bool value;

	switch (element->type) {
	case RT_ELEMENT_UUID:
		if (rt_element_uuid(element, &uuid))
			fputs(rt_uuid_format(uuid, str), stdout);
		break;
	case RT_ELEMENT_BOOL:
		fputs(rt_element_bool(element, &value) && value ? "true"
								: "false",
		      stdout);
		break;
	case RT_ELEMENT_TEXT:
	case RT_ELEMENT_URL:
		if (is_printable(element))
			print_xml_escaped(element);
		else
			print_octets(element->value, element->bytes);
		break;
	case RT_ELEMENT_UINT:
	case RT_ELEMENT_INT:
		fputs("0x", stdout);
		print_octets(element->value, element->bytes);
		break;
	case RT_ELEMENT_NIL:
	case RT_ELEMENT_SEQUENCE:
	case RT_ELEMENT_ALTERNATIVE:
		break;
	}
}

static void print_xml_leaf(const struct rt_element *element, unsigned int depth)
{
	const bool number = element->type == RT_ELEMENT_UINT ||
			    element->type == RT_ELEMENT_INT;
	const bool text = element->type == RT_ELEMENT_TEXT ||
			  element->type == RT_ELEMENT_URL;

	indent(depth, "\t");
	printf("<%s", names[element->type]);
	if (number)
		printf("%zu", element->bytes * 8);
	if (element->type != RT_ELEMENT_NIL) {
		if (text && !is_printable(element))
			fputs(" encoding=\"hex\"", stdout);
		fputs(" value=\"", stdout);
		print_xml_value(element);
		putchar('"');
	}
	puts(" />");
}

/*
 * An element and what stands in it. No deeper than RT_ELEMENT_DEPTH_MAX: what
 * the library hands out is well formed.
 */
static void print_xml(const struct rt_element *element, unsigned int depth)
{
	struct rt_elements row = rt_elements_in(element);
	struct rt_element inner;

	if (!is_row(element)) {
		print_xml_leaf(element, depth);
		return;
	}
	indent(depth, "\t");
	printf("<%s>\n", names[element->type]);
	while (rt_elements_next(&row, &inner))
		print_xml(&inner, depth + 1);
	indent(depth, "\t");
	printf("</%s>\n", names[element->type]);
}

static void print_as_xml(const struct rt_service *service)
{
	struct rt_element value;

	puts("<record>");
	for (uint32_t id = 0;
	     rt_service_next_attribute(service, id, &id, &value) == 0; id++) {
		printf("\t<attribute id=\"0x%04" PRIx32 "\">\n", id);
		print_xml(&value, 2);
		puts("\t</attribute>");
	}
	puts("</record>");
}

static void print_tree(const struct rt_element *element, unsigned int depth)
{
	struct rt_elements row = rt_elements_in(element);
	struct rt_element inner;

	indent(depth, "  ");
	if (is_row(element)) {
		puts(element->type == RT_ELEMENT_SEQUENCE ? "Data Sequence"
							  : "Data Alternative");
		while (rt_elements_next(&row, &inner))
			print_tree(&inner, depth + 1);
		return;
	}
	printf("%s", names[element->type]);
	if (element->type == RT_ELEMENT_UINT || element->type == RT_ELEMENT_INT)
		printf("%zu", element->bytes * 8);
	putchar(' ');
	if (element->type == RT_ELEMENT_TEXT || element->type == RT_ELEMENT_URL)
		print_text(element);
	else
		print_xml_value(element);
	putchar('\n');
}

static void print_as_tree(const struct rt_service *service)
{
	struct rt_element value;

	for (uint32_t id = 0;
	     rt_service_next_attribute(service, id, &id, &value) == 0; id++) {
		printf("Attribute 0x%04" PRIx32 "\n", id);
		print_tree(&value, 1);
	}
	putchar('\n');
}

static void print_json_leaf(const struct rt_element *element)
{
	struct rt_uuid uuid;
	char str[RT_UUID_STR_BYTES];
	uint64_t number;
	int64_t integer;
	bool value;
	char *text;

	if (rt_element_uint(element, &number)) {
		printf("%" PRIu64, number);
	} else if (rt_element_int(element, &integer)) {
		printf("%" PRId64, integer);
	} else if (rt_element_bool(element, &value)) {
		fputs(value ? "true" : "false", stdout);
	} else if (rt_element_uuid(element, &uuid)) {
		printf("\"%s\"", rt_uuid_format(uuid, str));
	} else if (element->type == RT_ELEMENT_TEXT ||
		   element->type == RT_ELEMENT_URL) {
		text = copy_text(element);
		rt_text_json(stdout, text);
		free(text);
	} else if (element->type == RT_ELEMENT_NIL) {
		fputs("null", stdout);
	} else {
		/* 128 bits are more than a number of JSON holds. */
		fputs("\"0x", stdout);
		print_octets(element->value, element->bytes);
		putchar('"');
	}
}

static void print_json(const struct rt_element *element)
{
	struct rt_elements row = rt_elements_in(element);
	struct rt_element inner;
	bool first = true;

	printf("{\"%s\": ", names[element->type]);
	if (is_row(element)) {
		putchar('[');
		while (rt_elements_next(&row, &inner)) {
			fputs(first ? "" : ", ", stdout);
			first = false;
			print_json(&inner);
		}
		putchar(']');
	} else {
		print_json_leaf(element);
	}
	putchar('}');
}

static void print_as_json(const struct rt_service *service)
{
	char addr[RT_ADDR_STR_BYTES];
	struct rt_element value;
	bool first = true;

	printf("{\"address\": \"%s\", \"handle\": %" PRIu32 ", \"name\": ",
	       rt_addr_format(rt_service_address(service), addr),
	       rt_service_handle(service));
	rt_text_json(stdout, rt_service_name(service));
	switch (rt_service_protocol(service)) {
	case RT_PROTOCOL_RFCOMM:
		printf(", \"protocol\": \"rfcomm\", \"port\": %u",
		       rt_service_port(service));
		break;
	case RT_PROTOCOL_L2CAP:
		printf(", \"protocol\": \"l2cap\", \"port\": %u",
		       rt_service_port(service));
		break;
	case RT_PROTOCOL_UNKNOWN:
		fputs(", \"protocol\": null, \"port\": null", stdout);
		break;
	}
	fputs(", \"attributes\": {", stdout);
	for (uint32_t id = 0;
	     rt_service_next_attribute(service, id, &id, &value) == 0; id++) {
		printf("%s\"0x%04" PRIx32 "\": ", first ? "" : ", ", id);
		first = false;
		print_json(&value);
	}
	fputs("}}", stdout);
}

void rt_record_print(const struct rt_service *service,
		     enum rt_record_format format)
{
	switch (format) {
	case RT_RECORD_TEXT:
		print_as_text(service);
		break;
	case RT_RECORD_TREE:
		print_as_tree(service);
		break;
	case RT_RECORD_XML:
		print_as_xml(service);
		break;
	case RT_RECORD_JSON:
		print_as_json(service);
		break;
	}
}
