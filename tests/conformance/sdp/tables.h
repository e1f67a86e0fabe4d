/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_SDP_TABLES_H
#define CONFORMANCE_SDP_TABLES_H

#include "tests/conformance/sdp/lower.h"
#include "tests/support/tagged.h"

/* The tests of this folder, a table a file. */
extern const struct tagged_table search_table;	  /* search.c */
extern const struct tagged_table attribute_table; /* attribute.c */
extern const struct tagged_table
	search_attribute_table;		       /* search_attribute.c */
extern const struct tagged_table client_table; /* client.c */

/* The table of a file whose rows are in `rows`. */
#define TABLE(rows_)                                              \
	{                                                         \
		.rows = (rows_), .count = RT_ARRAY_SIZE(rows_),   \
		.setup = lower_setup, .teardown = lower_teardown, \
	}

#endif
