/* SPDX-License-Identifier: MIT */
#ifndef TEST_L2CAP_TABLES_H
#define TEST_L2CAP_TABLES_H

#include "tests/conformance/l2cap/script.h"

/* The tests of each file of this folder; main.c puts them together. */
extern const struct tagged_table ced_table;
extern const struct tagged_table ced_bad_table;
extern const struct tagged_table cfd_table;
extern const struct tagged_table info_table;
extern const struct tagged_table cmc_table;
extern const struct tagged_table foc_table;
extern const struct tagged_table ofs_table;
extern const struct tagged_table erm_table;
extern const struct tagged_table erm_lost_table;
extern const struct tagged_table stm_table;
extern const struct tagged_table ewc_table;
extern const struct tagged_table ecf_table;
extern const struct tagged_table cls_table;
extern const struct tagged_table ecfc_data_table;
extern const struct tagged_table ecfc_connect_table;
extern const struct tagged_table ecfc_reconf_table;
extern const struct tagged_table quirks_table;

/* A table of rows, around each of which the lower tester is made. */
#define LT_TABLE(rows)                                             \
	{                                                          \
		(rows), RT_ARRAY_SIZE(rows), lt_setup, lt_teardown \
	}

#endif
