/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFCOMM_TABLES_H
#define TEST_RFCOMM_TABLES_H

#include "tests/support/tagged.h"

/* The tests of this folder, a table a file. */
extern const struct tagged_table session_table;	     /* session.c */
extern const struct tagged_table dlc_table;	     /* dlc.c */
extern const struct tagged_table mux_table;	     /* mux.c */
extern const struct tagged_table flow_table;	     /* flow.c */
extern const struct tagged_table invalid_table;	     /* invalid.c */
extern const struct tagged_table project_table;	     /* project.c */
extern const struct tagged_table quirks_setup_table; /* quirks_setup.c */
extern const struct tagged_table quirks_table;	     /* quirks.c */

/* The table of a file whose rows are in `rows`. */
#define TABLE(rows_)                                                \
	{                                                           \
		.rows = (rows_), .count = RT_ARRAY_SIZE(rows_),     \
		.setup = script_setup, .teardown = script_teardown, \
	}

#endif
