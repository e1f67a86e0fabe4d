/* SPDX-License-Identifier: MIT */
#ifndef RT_TOOL_RECORD_H
#define RT_TOOL_RECORD_H

#include <stdbool.h>

#include <rawtooth/service.h>

/* Service records on paper: as sdptool prints them, as XML, as JSON. */

enum rt_record_format {
	RT_RECORD_TEXT,
	RT_RECORD_TREE, /* every attribute, element by element */
	RT_RECORD_XML,
	RT_RECORD_JSON,
};

/* Prints a record to standard output. JSON is one object without a newline. */
void rt_record_print(const struct rt_service *service,
		     enum rt_record_format format);

#endif
