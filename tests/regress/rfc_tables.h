/* SPDX-License-Identifier: MIT */
#ifndef TEST_RFC_TABLES_H
#define TEST_RFC_TABLES_H

#include "tests/conformance/rfcomm/tables.h"

/* The tests of the rows RFC-*, a table a file. */
extern const struct tagged_table rfc_frames_table; /* rfc_frames.c */
extern const struct tagged_table rfc_mcc_table;	   /* rfc_mcc.c */
extern const struct tagged_table rfc_flow_table;   /* rfc_flow.c */
extern const struct tagged_table rfc_life_table;   /* rfc_life.c */
extern const struct tagged_table rfc_cross_table;  /* rfc_cross.c */

#endif
