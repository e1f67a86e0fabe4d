/* SPDX-License-Identifier: MIT */
#ifndef TEST_REGRESS_L2CAP_TABLES_H
#define TEST_REGRESS_L2CAP_TABLES_H

#include "tests/conformance/l2cap/script.h"

/* The tests of each file; l2cap_main.c puts them together. */
extern const struct tagged_table acl_pdus_table;
extern const struct tagged_table l2c_options_table;
extern const struct tagged_table l2c_config_table;
extern const struct tagged_table l2c_connect_table;
extern const struct tagged_table l2c_commands_table;
extern const struct tagged_table l2c_life_table;
extern const struct tagged_table l2c_states_table;
extern const struct tagged_table ert_frames_table;
extern const struct tagged_table ert_live_table;

/* A table of rows, around each of which the lower tester is made. */
#define L2CAP_TABLE(rows)                                          \
	{                                                          \
		(rows), RT_ARRAY_SIZE(rows), lt_setup, lt_teardown \
	}

#endif
